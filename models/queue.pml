/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work of a process, and its threads that sleep for want of it.
 *
 * Two processes send oneway calls to one object, a third makes a call and then has
 * notices for the owner. Two threads of the owner read, and free what they have
 * read. A signal may end a wait; one of the threads may leave then. When all has
 * been read the file is flushed, and the threads end.
 *
 * Step of the model	stands for			order it relies on
 * --------------------	----------			------------------
 * send			binder_queue_async(), with	L: the object's mark, its list and the
 *			binder_oneway_start_locked()	choice of a thread in one hold
 * assign		binder_queue_assign_locked()	L
 * append		binder_queue_append_locked(),	L
 *			binder_death_tell_locked()
 * wake			binder_thread_wake()		after L
 * look			binder_return_pass(),		L: what it may take, whether that is
 *			binder_thread_wait_locked()	there, and to be idle and asleep if not
 * take			binder_thread_next_locked()	L, the hold in which the wait ended
 * free			binder_oneway_end()		L
 * rouse		binder_return_rouse()		looks without L, then L
 * leave		binder_release_hand_back()	L; the thread is dead already
 * flush		binder_proc_interrupt()		L
 *
 * Which of the idle is chosen is left open, and where in the process's list a
 * message comes to stand that is handed back.
 *
 * LONG: NOTICES=2
 *
 * without LEAVE_IDLE [chosen_once]: who is chosen leaves the idle ones
 * without JOIN_IN_ONE_HOLD [nobody_is_stuck]: a thread looks for work and joins the idle in one
 *	hold
 * without SLEEP_FIRST [nobody_is_stuck]: who can be chosen can be woken
 * without WAKE [nobody_is_stuck]: who was chosen is woken
 * without IDLE_ENDS [chosen_waits]: who stops waiting leaves the idle ones, whatever woke it
 * without ROUSE [nobody_is_stuck]: who was roused for work and did not take it rouses another
 * without HAND_BACK [nobody_is_stuck]: who leaves gives back what it was chosen for
 * without HAND_BACK_ROUSES [nobody_is_stuck]: and rouses another for it
 * without TAKE_IN_ONE_HOLD [read_once]: to find an item and to unlink it is one step
 * without OWN_FIRST [own_before_shared]: who finds work of its own takes none of the process's
 * without BUSY_IN_ONE_HOLD [one_at_a_time]: the object is marked busy where it is seen idle
 * without STAYS_BUSY [one_at_a_time]: it stays so for the next of its calls
 * without NEXT [nobody_is_stuck]: who frees a call lets the next one go
 * without TURN [in_order]: the next one is the oldest
 */
#include "model.inc"

#define chosen_once		1	/* nobody is handed a message before it took the last one */
#define chosen_waits		2	/* messages are handed to threads that wait */
#define own_before_shared	3	/* a read that begins with work of the thread ends with it */
#define read_once		4	/* what is queued is read once */
#define one_at_a_time		5	/* one oneway call to the object is queued or unfreed */
#define in_order		6	/* they are read in the order in which they were sent */

/* Oneway calls of each sender */
#define FIRST	2
#define LAST	1
#define CALLS	(FIRST + LAST)
#ifndef NOTICES
#define NOTICES	1
#endif
#define ALL	(CALLS + NOTICES + 1)
#define NOTICE	CALLS
#define CALL	(CALLS + NOTICES)
#define NOTHING	ALL

#define READERS	2
#define NOBODY	READERS

chan todo = [ALL] of { byte };
chan turn = [CALLS] of { byte };
chan own0 = [2] of { byte };
chan own1 = [2] of { byte };
bool idle[READERS];
bool asleep[READERS];
bool must_return[READERS];
bool busy;
byte signals = 1;

/* What only the properties look at */
byte sent;
byte nr_read;
bool seen[ALL];
bool waits[READERS];
bool out;

#define OWN(t)	((t == 0 && len(own0) > 0) || (t == 1 && len(own1) > 0))

inline pick(w)
{
	if
	:: idle[0] -> w = 0
	:: idle[1] -> w = 1
	:: !idle[0] && !idle[1] -> w = NOBODY
	fi;
	if
	:: w != NOBODY ->
#ifndef WITHOUT_LEAVE_IDLE
		idle[w] = 0
#endif
	:: else
	fi
}

inline queued(m)
{
	if
	:: m < CALLS -> must(one_at_a_time, !out); out = 1
	:: else
	fi
}

inline assign(m, w)
{
	queued(m);
	pick(w);
	if
	:: w != NOBODY ->
		must(chosen_once, !OWN(w));
		must(chosen_waits, waits[w]);
		if
		:: w == 0 -> own0!m
		:: else -> own1!m
		fi
	:: else -> todo!m
	fi
}

inline append(m, w)
{
	queued(m);
	todo!m;
	pick(w)
}

inline wake(w)
{
#ifndef WITHOUT_WAKE
	atomic {
		if
		:: w != NOBODY -> asleep[w] = 0
		:: else
		fi;
		w = NOBODY
	}
#else
	w = NOBODY
#endif
}

proctype sender(byte calls)
{
	byte w = NOBODY;
	bool was_busy;

	do
	:: calls ->
		calls--;
#ifdef WITHOUT_BUSY_IN_ONE_HOLD
		was_busy = busy;
#endif
		atomic {
#ifndef WITHOUT_BUSY_IN_ONE_HOLD
			was_busy = busy;
#endif
			busy = 1;
			if
			:: was_busy -> turn!sent
			:: else -> assign(sent, w)
			fi;
			sent++
		};
		wake(w)
	:: else -> break
	od
}

/* Another caller, and who drops its references. */
proctype other()
{
	byte i, w = NOBODY;

	atomic { assign(CALL, w) };
	wake(w);
	do
	:: i < NOTICES ->
		atomic {
			/* One thread is roused for several. */
			do
			:: i < NOTICES - 1 -> todo!(NOTICE + i); i++
			:: break
			od;
			append(NOTICE + i, w)
		};
		i++;
		wake(w)
	:: else -> break
	od
}

#define READY(t)	(OWN(t) || must_return[t] || (shared && len(todo) > 0))

inline unlink(m)
{
#ifdef WITHOUT_TAKE_IN_ONE_HOLD
	if
	:: todo??[eval(m)] -> todo??eval(m)
	:: else
	fi
#else
	todo?m
#endif
}

inline take(t, m)
{
	m = NOTHING;
	if
#ifdef WITHOUT_OWN_FIRST
	:: len(todo) > 0 -> must(own_before_shared, !had_own); todo?m
	:: else
	fi;
	if
	:: m != NOTHING
#endif
	:: t == 0 && len(own0) > 0 -> own0?m
	:: t == 1 && len(own1) > 0 -> own1?m
	:: else ->
		if
		:: shared && len(todo) > 0 ->
			must(own_before_shared, !had_own);
#ifdef WITHOUT_TAKE_IN_ONE_HOLD
			todo?<m>
#else
			todo?m
#endif
		:: else
		fi
	fi
}

/* The second half of what take() is one step of. */
inline taken(m)
{
#ifdef WITHOUT_TAKE_IN_ONE_HOLD
	if
	:: todo??[eval(m)] -> todo??eval(m)
	:: else
	fi
#else
	skip
#endif
}

inline look(t, m)
{
	atomic {
		had_own = OWN(t);
		shared = !had_own;
		looking = 1;
		signalled = 0
	};
	do
	:: atomic {
		looking ->
		if
		:: READY(t) || signalled ->
#ifndef WITHOUT_IDLE_ENDS
			idle[t] = 0;
#endif
			waits[t] = 0;
			looking = 0;
			m = NOTHING;
			if
			:: !signalled -> take(t, m)
			:: else
			fi
		:: else ->
#ifndef WITHOUT_JOIN_IN_ONE_HOLD
			waits[t] = 1;
			idle[t] = shared;
#ifndef WITHOUT_SLEEP_FIRST
			asleep[t] = 1
#endif
#endif
		fi
	   };
	   if
	   :: looking ->
#ifdef WITHOUT_JOIN_IN_ONE_HOLD
		atomic { waits[t] = 1; idle[t] = shared; asleep[t] = 1 };
#endif
#ifdef WITHOUT_SLEEP_FIRST
		asleep[t] = 1;
#endif
		if
		:: !asleep[t]
		:: atomic { signals -> signals--; asleep[t] = 0; signalled = 1 }
		fi
	   :: else
	   fi
	:: else -> break
	od
}

inline read(m)
{
	d_step {
		must(read_once, !seen[m]);
		seen[m] = 1;
		if
		:: m < CALLS ->
			must(in_order, m == 0 || seen[m - 1])
		:: else
		fi;
		nr_read++
	}
}

inline rouse(w)
{
#ifndef WITHOUT_ROUSE
	if
	:: len(todo) > 0 ->
		if
		:: idle[0] || idle[1] ->
			atomic {
				if
				:: len(todo) > 0 -> pick(w)
				:: else
				fi
			};
			wake(w)
		:: else
		fi
	:: else
	fi
#else
	skip
#endif
}

inline free(w, next)
{
	atomic {
		out = 0;
#ifndef WITHOUT_NEXT
		if
		:: len(turn) > 0 ->
			turn?next;
#ifdef WITHOUT_TURN
			if
			:: len(turn) > 0 -> turn!next; turn?next
			:: else
			fi;
#endif
#ifdef WITHOUT_STAYS_BUSY
			busy = 0;
#endif
			append(next, w)
		:: else -> busy = 0
		fi;
#endif
		next = 0
	};
	wake(w)
}

inline leave(t, m, w)
{
	atomic {
#ifndef WITHOUT_HAND_BACK
		if
		:: OWN(t) ->
			shared = 0;
			had_own = 1;
			take(t, m);
			todo!m;
#ifndef WITHOUT_HAND_BACK_ROUSES
			pick(w)
#endif
		:: else
		fi
#else
		skip
#endif
	};
	wake(w)
}

proctype reader(byte t)
{
	byte m, next, w = NOBODY;
	bool shared, had_own, looking, signalled;

	do
	:: 	look(t, m);
		/* A notice of death ends a read, others do not. */
		do
		:: m != NOTHING ->
			taken(m);
			read(m);
			if
			:: m >= NOTICE && m < CALL -> atomic { take(t, m) }
			:: break
			fi
		:: else -> break
		od;
		atomic { shared = 0; had_own = 0 };
		rouse(w);
		if
		:: m < CALLS -> m = 0; free(w, next)
		:: m == NOTHING && must_return[t] -> break
		:: m == NOTHING && signalled && t == 1 -> leave(t, m, w); break
		:: else
		fi
	od
}

init {
	atomic {
		run sender(FIRST);
		run sender(LAST);
		run other();
		run reader(0);
		run reader(1)
	};
	nr_read == ALL;
	atomic {
		must_return[0] = 1;
		must_return[1] = 1;
		asleep[0] = 0;
		asleep[1] = 0
	}
}
