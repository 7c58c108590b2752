/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Freezing a process while calls come and go.
 *
 * Two calls arrive, are served and answered. Two attempts to freeze run at a
 * time, and somebody thaws. Attempts may have time and no signals, or not.
 *
 * Step of the model	stands for			order it relies on
 * --------------------	----------			------------------
 * admit		binder_queue_sync(),		L: the test and the count in one hold
 *			binder_queue_async()
 * settle		binder_queue_settle_locked()	L
 * mark, unmark, thaw	the functions of that name in	freezer mutex, L
 *			binder_freezer.c
 * wait			binder_freezer_wait()		wait_event: on the queue before the
 *							condition is read without a lock
 * check		binder_freezer_wait()		L: the count, and success with it
 *
 * Threads with a stack, which the check also looks for, are calls that were
 * admitted before and not answered, too.
 *
 * without ADMIT_IN_ONE_HOLD [frozen_is_quiet]: a call is counted where the mark is read
 * without CHECK [frozen_is_quiet]: an attempt looks at the count again after it waited
 * without COUNT [frozen_is_quiet]: a call counts until it is answered
 * without WAKE_AT_ZERO [nobody_is_stuck]: who ends the last call wakes those who wait
 * without WAKE_AT_THAW [nobody_is_stuck]: who thaws wakes those who wait
 * without QUEUE_FIRST [nobody_is_stuck]: who waits can be woken before it looks
 * without OWN_MARK [later_mark_stays]: an attempt that fails takes away its own mark only
 * without UNMARK [failure_thaws]: an attempt that fails leaves no mark
 */
#include "model.inc"

#define frozen_is_quiet		1	/* after success no call is under way until the mark goes */
#define later_mark_stays	2	/* a failing attempt leaves alone what another marked */
#define failure_thaws		3	/* after a failure the process is not frozen by it */

#define ATTEMPTS	2

byte outstanding;
bool frozen;
byte freezer;
bool mutex;
bool on_queue[ATTEMPTS + 1];
bool woken[ATTEMPTS + 1];
bool impatient;
byte holder;	/* the attempt that succeeded and whose mark stays */

#define QUIET	must(frozen_is_quiet, !holder || !outstanding)

inline wake_all()
{
	woken[1] = woken[1] || on_queue[1];
	woken[2] = woken[2] || on_queue[2]
}

proctype call()
{
	bool refused;

#ifdef WITHOUT_ADMIT_IN_ONE_HOLD
	refused = frozen;
#endif
	LOCKED {
#ifndef WITHOUT_ADMIT_IN_ONE_HOLD
		refused = frozen;
#endif
		if
		:: !refused -> outstanding++; QUIET
		:: else
		fi
	};
	if
	:: !refused ->
#ifdef WITHOUT_COUNT
		LOCKED { outstanding-- };
		/* Still served */
		must(frozen_is_quiet, !holder);
#else
		LOCKED {
			outstanding--;
			if
#ifndef WITHOUT_WAKE_AT_ZERO
			:: !outstanding && frozen -> wake_all()
#endif
			:: else
			fi
		}
#endif
	:: else
	fi
}

proctype attempt(byte me)
{
	bool failed;

	LOCK(mutex);
	LOCKED { frozen = 1; freezer = me; holder = 0 };
	UNLOCK(mutex);

#ifdef WITHOUT_QUEUE_FIRST
	if
	:: !outstanding || !frozen
	:: else ->
		atomic { on_queue[me] = 1; woken[me] = 0 };
		if
		:: woken[me]
		:: impatient -> failed = 1
		fi
	fi;
#else
	do
	:: on_queue[me] = 1;
		if
		:: !outstanding || !frozen -> break
		:: else
		fi;
		if
		:: woken[me] -> woken[me] = 0
		:: impatient -> failed = 1; break	/* a signal */
		:: impatient -> break			/* the time is up */
		fi
	od;
#endif
	on_queue[me] = 0;
	LOCKED {
#ifndef WITHOUT_CHECK
		failed = failed || outstanding;
#endif
		if
		:: !failed && frozen && freezer == me -> holder = me; QUIET
		:: else
		fi
	};

	LOCK(mutex);
	if
	:: failed ->
		LOCKED {
			if
#ifdef WITHOUT_UNMARK
			:: 0 -> skip
#else
#ifdef WITHOUT_OWN_MARK
			:: 1 ->
#else
			:: freezer == me ->
#endif
				must(later_mark_stays, !frozen || freezer == me);
				frozen = 0;
				holder = 0
#endif
			:: else
			fi;
			must(failure_thaws, !frozen || freezer != me)
		};
		wake_all()
	:: else
	fi;
	UNLOCK(mutex)
}

proctype thaw()
{
	LOCK(mutex);
	LOCKED { frozen = 0; freezer = 0; holder = 0 };
#ifndef WITHOUT_WAKE_AT_THAW
	d_step { wake_all() };
#endif
	UNLOCK(mutex)
}

init {
	atomic {
		if
		:: impatient = 1
		:: skip
		fi;
		run call();
		run call();
		run attempt(1);
		run attempt(2);
		run thaw()
	}
}
