/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notices of freezing.
 *
 * A process holds a ref to a node; two others freeze and thaw the node's owner,
 * and an attempt to freeze may fail. One thread of the holder asks for notices,
 * takes the request back and asks again, one may give up the ref, one reads and
 * acknowledges.
 *
 * Step of the model	stands for			order it relies on
 * --------------------	----------			------------------
 * mark, unmark, thaw	the functions of that name in	L (owner)
 *			binder_freezer.c
 * announce		binder_freeze_announce(),	after the change; the freezer mutex,
 *			binder_freeze_correct()		which is not needed for this
 * tell			binder_visit_some(),		L (owner) to look for a request; then R:
 *			binder_freeze_tell()		L (owner) to look again, and at the
 *							state, L (holder)
 * request		binder_freeze_request()		R over all of it; L (owner) to look, L
 *							(holder) to queue
 * clear		binder_freeze_clear()		R, L (holder)
 * finish		binder_ref_finish_locked(),		R; L (holder)
 *			binder_freeze_detach_locked()
 * unlink, deliver	binder_thread_next_locked(),	L (holder), two holds
 *			binder_freeze_deliver()
 * ack			binder_freeze_ack()		L (holder)
 *
 * without STORE_FIRST [state_is_known]: a request is stored before the state is looked at
 * without MARK_FIRST [state_is_known]: the state changes before requests are looked for
 * without CORRECT [state_is_known]: who saw the mark of an attempt that failed is told better
 * without RESEND [state_is_known]: an acknowledgement of what is not true any more sends the next
 * without TELL_LOCK [one_list]: who makes a request has queued it before anybody tells
 * without IDLE_TEST [one_unacknowledged]: nothing is queued while a notice is not acknowledged
 * without CLEAR_WAITS [one_list]: a clear waits for a notice that is not acknowledged
 * without ACK_CLEARS [clear_completes]: the acknowledgement completes a clear that waited
 * without ORPHAN [no_use_after_free]: a request in a reader's hand is left to the reader
 * without SILENCE [dropped_is_silent]: the reader says nothing of an orphan
 * without UNLIST [no_use_after_free]: what goes with its ref leaves the list
 * without FREE [no_leak]: the last notice of a request frees it
 *
 * LONG: REQUESTS=2
 * LONG: TWO_FREEZE
 */
#include "model.inc"

#define state_is_known		1	/* in the end, who asks was told the owner's state */
#define one_unacknowledged	2	/* one notice of a request at a time */
#define one_list		3	/* a request is on one list */
#define clear_completes		4	/* each clear gets one CLEAR_DONE, and nothing behind it */
#define dropped_is_silent	5	/* a request that went with its ref is not heard of */
#define no_use_after_free	6	/* nobody touches what was freed, nor frees it twice */
#define no_leak			7	/* in the end, requests are gone or belong to a ref */

#ifndef REQUESTS
#define REQUESTS	1
#endif
#define LAST		(REQUESTS - 1)
#define NONE		REQUESTS

/* State of a request */
#define IDLE		0
#define QUEUED		1
#define DELIVERED	2
#define CLEARED		3

/* Its list: none, the process's todo, the delivered ones */
#define NOWHERE		0
#define TODO		1
#define DONE		2

typedef freeze_t {
	byte state;
	byte list;
	bool is_frozen;
	bool told;
	bool made;
	bool cleared;
	bool orphan;
	bool freed;
	/* What user space saw and did */
	bool reported;
	bool unacknowledged;
	bool taken_back;
	byte dones;
};
freeze_t freeze[REQUESTS];

bool refs_lock;
bool in_table = 1;
bool linked = 1;
byte ref_freeze = NONE;
bool frozen;
byte freezer;		/* who marked last */
byte at_work = 4;	/* all but the reader */

inline touch(d)
{
	must(no_use_after_free, !freeze[d].freed)
}

inline free_request(d)
{
	touch(d);
	freeze[d].freed = 1
}

inline queue(d, what)
{
	touch(d);
	must(one_list, freeze[d].list == NOWHERE);
	freeze[d].state = what;
	freeze[d].list = TODO
}

/* --- the freezer --- */

inline tell(announced)
{
	LOCKED { noted = linked && ref_freeze != NONE };
	if
	:: noted ->
#ifndef WITHOUT_TELL_LOCK
		LOCK(refs_lock);
#endif
		look = frozen;
		LOCKED {
			if
			:: in_table && ref_freeze != NONE ->
				touch(ref_freeze);
				freeze[ref_freeze].is_frozen = look;
				if
#ifdef WITHOUT_IDLE_TEST
				:: freeze[ref_freeze].list == NOWHERE || freeze[ref_freeze].list == DONE ->
					freeze[ref_freeze].list = NOWHERE;
#else
				:: freeze[ref_freeze].state == IDLE &&
				   (announced || freeze[ref_freeze].told != look) ->
#endif
					queue(ref_freeze, QUEUED)
				:: else
				fi
			:: else
			fi
		};
#ifndef WITHOUT_TELL_LOCK
		UNLOCK(refs_lock)
#endif
	:: else
	fi
}

proctype freezes(byte me)
{
	bool look, noted;

	LOCKED { frozen = 1; freezer = me };
	if
	:: tell(1)
	:: LOCKED {
		if
		:: freezer == me -> frozen = 0
		:: else
		fi };
#ifndef WITHOUT_CORRECT
		tell(0)
#endif
	fi;
	at_work--
}

proctype thaws()
{
	bool look, noted;

#ifdef WITHOUT_MARK_FIRST
	tell(1);
#endif
	LOCKED { frozen = 0; freezer = 0 };
#ifndef WITHOUT_MARK_FIRST
	tell(1);
#endif
	at_work--
}

/* --- the holder --- */

inline request(d)
{
	LOCK(refs_lock);
	if
	:: in_table ->
#ifdef WITHOUT_STORE_FIRST
		look = frozen;
#endif
		LOCKED {
			stored = ref_freeze == NONE;
			if
			:: stored ->
				ref_freeze = d;
				freeze[d].made = 1;
#ifdef WITHOUT_STORE_FIRST
				/* As if nobody could have seen it. */
				freeze[d].is_frozen = look;
				queue(d, QUEUED)
#endif
			:: else
			fi
		};
#ifndef WITHOUT_STORE_FIRST
		if
		:: stored ->
			look = frozen;
			LOCKED { freeze[d].is_frozen = look; queue(d, QUEUED) }
		:: else
		fi
#endif
	:: else
	fi;
	UNLOCK(refs_lock)
}

inline clear()
{
	atomic {
		!refs_lock;
		if
		:: in_table && ref_freeze != NONE ->
			d = ref_freeze;
			touch(d);
			ref_freeze = NONE;
			freeze[d].taken_back = 1;
			if
#ifdef WITHOUT_CLEAR_WAITS
			:: freeze[d].state == IDLE || freeze[d].state == DELIVERED ->
#else
			:: freeze[d].state == IDLE ->
#endif
				queue(d, CLEARED)
			:: freeze[d].state == QUEUED && freeze[d].list != NOWHERE ->
				freeze[d].state = CLEARED
			:: else -> freeze[d].cleared = 1
			fi
		:: else
		fi
	}
}

proctype asker()
{
	byte d, i;
	bool look, stored;

	do
	:: i < REQUESTS -> request(i); i++
	:: i > 0 -> clear()
	:: i == REQUESTS -> break
	od;
	at_work--
}

inline finish()
{
	LOCK(refs_lock);
	in_table = 0;
	LOCKED {
		d = ref_freeze;
		ref_freeze = NONE;
		if
		:: d != NONE ->
			touch(d);
			delivering = freeze[d].state == QUEUED && freeze[d].list == NOWHERE;
#ifdef WITHOUT_ORPHAN
			delivering = 0;
#endif
			freeze[d].orphan = delivering;
			if
			:: !delivering ->
#ifndef WITHOUT_UNLIST
				freeze[d].list = NOWHERE;
#endif
				free_request(d)
			:: else
			fi
		:: else
		fi
	};
	LOCKED { linked = 0 };
	UNLOCK(refs_lock)
}

proctype dropper()
{
	byte d;
	bool delivering;

	if
	:: finish()
	:: skip
	fi;
	at_work--
}

inline unlink(d)
{
	LOCKED {
		d = 0;
		do
		:: d < REQUESTS && freeze[d].list != TODO -> d++
		:: else -> break
		od;
		if
		:: d < REQUESTS -> touch(d); freeze[d].list = NOWHERE
		:: else
		fi
	}
}

inline deliver(d)
{
	LOCKED {
		touch(d);
		done = freeze[d].state == CLEARED;
#ifdef WITHOUT_SILENCE
		last = done;
#else
		last = done || freeze[d].orphan;
#endif
		if
		:: !last ->
			freeze[d].state = DELIVERED;
			freeze[d].told = freeze[d].is_frozen;
			must(one_list, freeze[d].list == NOWHERE);
			freeze[d].list = DONE;
			must(one_unacknowledged, !freeze[d].unacknowledged);
			must(dropped_is_silent, !freeze[d].orphan);
			must(clear_completes, !freeze[d].dones);
			freeze[d].unacknowledged = 1;
			freeze[d].reported = 1
		:: else
		fi
	};
	d_step {
		if
		:: done ->
			must(clear_completes, freeze[d].taken_back && !freeze[d].dones);
			freeze[d].dones++
		:: else
		fi;
		if
		:: last ->
#ifndef WITHOUT_FREE
			free_request(d)
#else
			skip
#endif
		:: else
		fi
	}
}

inline ack(d)
{
	LOCKED {
		if
		:: freeze[d].list == DONE ->
			touch(d);
			freeze[d].list = NOWHERE;
			freeze[d].unacknowledged = 0;
			if
#ifndef WITHOUT_ACK_CLEARS
			:: freeze[d].cleared -> queue(d, CLEARED)
#endif
#ifndef WITHOUT_RESEND
			:: !freeze[d].cleared && freeze[d].told != freeze[d].is_frozen ->
				queue(d, QUEUED)
#endif
			:: else -> freeze[d].state = IDLE
			fi
		:: else
		fi
	}
}

proctype reader()
{
	byte d;
	bool done, last;

	do
	:: freeze[0].list == TODO || freeze[LAST].list == TODO ->
		unlink(d);
		if
		:: d < REQUESTS -> deliver(d)
		:: else
		fi
	:: freeze[0].list == DONE -> ack(0)
	:: freeze[LAST].list == DONE -> ack(LAST)
	:: !at_work && freeze[0].list == NOWHERE && freeze[LAST].list == NOWHERE -> break
	od
}

init {
	byte i;

	atomic {
		run asker();
		run dropper();
		run reader();
		run freezes(1);
#ifdef TWO_FREEZE
		run freezes(2);
		at_work++;
#endif
		run thaws()
	};
	_nr_pr == 1;
	d_step {
		do
		:: i < REQUESTS ->
			must(state_is_known, ref_freeze != i || (freeze[i].reported && freeze[i].told == frozen));
			must(clear_completes, !freeze[i].taken_back || freeze[i].dones == 1);
			must(no_leak, !freeze[i].made || freeze[i].freed || ref_freeze == i);
			i++
		:: else -> break
		od
	}
}
