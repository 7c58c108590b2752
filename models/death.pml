/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests for death notices.
 *
 * A process holds a ref to a node whose owner dies. One of its threads asks for
 * a notice, takes the request back and asks again, also when that makes no
 * sense; one reads and acknowledges. The last count of the ref may be given up, by
 * a sender who takes back a message, too. The owner is released meanwhile, and
 * the holder may be.
 *
 * Step of the model	stands for			order it relies on
 * --------------------	----------			------------------
 * request		binder_death_request()		R (holder) over all of it; L (owner) to
 *							look, L (holder) to queue
 * clear		binder_death_clear()		R, L (holder)
 * finish		binder_ref_dec(),		R (holder) over all of it; L (holder);
 *			binder_ref_finish_locked()	L (owner)
 * die			binder_node_die_locked()	L (owner) to mark
 * visit		binder_visit_some()		L (owner) to look for a request and note
 *							the holder; R (holder) over the rest:
 *							L (owner) to look again, then fire
 * fire			binder_death_tell_locked()	R; L (holder)
 * release		binder_release_refs(), then	R; L (holder)
 *			binder_queue_drain(),
 *			binder_notices_forget()
 * unlink, deliver	binder_thread_next_locked(),	L (holder), two holds
 *			binder_death_deliver()
 * ack			binder_death_ack()		L (holder)
 *
 * The visitor looks for refs in the node's tree, so it does not take another's for one.
 *
 * without STORE_FIRST [death_is_reported]: a request is stored before the node is looked at
 * without MARK_FIRST [death_is_reported]: the node is marked before requests are looked for
 * without LOOK [death_is_reported]: who makes a request looks whether the node is dead
 * without ARMED_ONCE [reported_once]: a request leaves the armed state once
 * without CLEAR_WAITS [clear_follows_report]: a clear waits for a notice on its way
 * without ACK_CLEARS [clear_completes]: the acknowledgement completes a clear that waited
 * without CLEAR_QUEUES [clear_completes]: a clear of what is on no list is queued at once
 * without ORPHAN [no_use_after_free]: a request in a reader's hand is left to the reader
 * without SILENCE [dropped_is_silent]: the reader says nothing of an orphan
 * without UNLIST [no_use_after_free]: what goes with its ref leaves the list
 * without VISITOR_LOCK [no_use_after_free]: the ref stays in the table while a visitor is at it
 * without VISITOR_LOOK [no_use_after_free]: a visitor that has R looks again for the ref
 * without TABLE_LOCK [no_use_after_free]: the ref stays in the table while a request is made
 * without TOGETHER [no_use_after_free]: a ref leaves the table and its requests go in one hold of R
 * without FREE [no_leak]: the last notice of a request frees it
 */
#include "model.inc"

#define death_is_reported	1	/* in the end, who asked knows of the death */
#define reported_once		2	/* one BR_DEAD_BINDER a request */
#define clear_completes		3	/* each clear gets one CLEAR_DONE, in the end */
#define clear_follows_report	4	/* no BR_DEAD_BINDER behind CLEAR_DONE, CLEAR_DONE behind its ack */
#define dropped_is_silent	5	/* a request that went with its ref is not heard of */
#define no_use_after_free	6	/* nobody touches what was freed, nor frees it twice */
#define no_leak			7	/* in the end, requests are gone or belong to a ref */

#define REQUESTS	2
#define NONE		REQUESTS

/* State of a request */
#define ARMED		0
#define QUEUED		1
#define DELIVERED	2
#define ACKED		3
#define CLEARED		4

/* Its list: none, the process's or a thread's todo, the delivered ones */
#define NOWHERE		0
#define TODO		1
#define OWN		2
#define DONE		3

typedef death_t {
	byte state;
	byte list;
	bool made;
	bool cleared;
	bool orphan;
	bool freed;
	/* What user space saw and did */
	byte reports;
	byte dones;
	bool acked;
	bool taken_back;
	bool dropped;
};
death_t death[REQUESTS];

bool refs_lock;
bool in_table = 1;
bool linked = 1;
bool ref_freed;
byte ref_death = NONE;
bool node_dead;
byte at_work = 3;	/* all but the reader */
byte threads = 2;	/* of the holder */
bool killed;

inline touch(d)
{
	must(no_use_after_free, !death[d].freed)
}

inline free_request(d)
{
	touch(d);
	death[d].freed = 1
}

inline fire()
{
	LOCKED {
		must(no_use_after_free, !ref_freed);
		if
#ifdef WITHOUT_ARMED_ONCE
		:: ref_death != NONE && death[ref_death].list == NOWHERE ->
#else
		:: ref_death != NONE && death[ref_death].state == ARMED ->
#endif
			touch(ref_death);
			death[ref_death].state = QUEUED;
			death[ref_death].list = TODO
		:: else
		fi
	}
}

inline request(d)
{
	LOCK(refs_lock);
	if
	:: in_table ->
		dead = 0;
#ifdef WITHOUT_STORE_FIRST
		dead = node_dead;
#endif
		d_step {
			stored = ref_death == NONE;
			if
			:: stored -> ref_death = d; death[d].made = 1
			:: else
			fi
		};
#ifdef WITHOUT_TABLE_LOCK
		UNLOCK(refs_lock);
#endif
		if
		:: stored ->
#ifndef WITHOUT_STORE_FIRST
#ifndef WITHOUT_LOOK
			atomic { must(no_use_after_free, !ref_freed); dead = node_dead };
#endif
#endif
			if
			:: dead -> fire()
			:: else
			fi
		:: else
		fi
	:: else
	fi;
#ifndef WITHOUT_TABLE_LOCK
	UNLOCK(refs_lock)
#else
	skip
#endif
}

inline clear()
{
	atomic {
		!refs_lock;
		if
		:: in_table && ref_death != NONE ->
			d = ref_death;
			touch(d);
			ref_death = NONE;
			death[d].taken_back = 1;
			if
#ifdef WITHOUT_CLEAR_WAITS
			:: death[d].list == TODO ->
				death[d].state = CLEARED
			:: death[d].state == DELIVERED ->
				death[d].state = CLEARED;
				death[d].list = OWN
			:: death[d].state != DELIVERED && death[d].list == NOWHERE ->
#else
			:: death[d].state == ARMED || death[d].state == ACKED ->
#endif
				death[d].state = CLEARED;
#ifndef WITHOUT_CLEAR_QUEUES
				death[d].list = OWN
#endif
			:: else -> death[d].cleared = 1
			fi
		:: else
		fi
	}
}

inline drop_requests()
{
	LOCKED {
		d = ref_death;
		ref_death = NONE;
		if
		:: d != NONE ->
			touch(d);
			death[d].dropped = 1;
			delivering = death[d].state == QUEUED && death[d].list == NOWHERE;
#ifndef WITHOUT_UNLIST
			death[d].list = NOWHERE;
#endif
#ifdef WITHOUT_ORPHAN
			delivering = 0;
#endif
			death[d].orphan = delivering;
			if
			:: !delivering -> free_request(d)
			:: else
			fi
		:: else
		fi
	};
	LOCKED {
		must(no_use_after_free, !ref_freed);
		linked = 0;
		ref_freed = 1
	}
}

inline finish()
{
	LOCK(refs_lock);
	mine = in_table;
	in_table = 0;
#ifdef WITHOUT_TOGETHER
	UNLOCK(refs_lock);
#endif
	if
	:: mine -> drop_requests()
	:: else
	fi;
#ifndef WITHOUT_TOGETHER
	UNLOCK(refs_lock)
#else
	skip
#endif
}

proctype asker()
{
	byte d, i;
	bool dead, stored;

	do
	:: killed -> break
	:: i < REQUESTS -> request(i); i++
	:: i > 0 -> clear()
	:: i == REQUESTS -> break
	od;
	at_work--;
	threads--
}

proctype dropper()
{
	byte d;
	bool delivering, mine;

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
		:: d < REQUESTS && death[d].list != TODO && death[d].list != OWN -> d++
		:: else -> break
		od;
		if
		:: d < REQUESTS -> touch(d); death[d].list = NOWHERE
		:: else
		fi
	}
}

inline deliver(d)
{
	LOCKED {
		touch(d);
		done = death[d].state == CLEARED;
#ifdef WITHOUT_SILENCE
		last = done;
#else
		last = done || death[d].orphan;
#endif
		if
		:: !last ->
			death[d].state = DELIVERED;
			death[d].list = DONE
		:: else
		fi
	};
	/* What the record says. */
	d_step {
		if
		:: done ->
			must(clear_completes, death[d].taken_back && !death[d].dones);
			must(clear_follows_report, !death[d].reports || death[d].acked);
			death[d].dones++
		:: !done && !last ->
			must(reported_once, !death[d].reports && node_dead);
			must(clear_follows_report, !death[d].dones);
			/* Who dropped the ref meanwhile may still read it. */
			must(dropped_is_silent, !death[d].orphan);
			death[d].reports++
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
		:: death[d].list == DONE ->
			touch(d);
			death[d].list = NOWHERE;
			death[d].acked = 1;
			if
#ifdef WITHOUT_ACK_CLEARS
			:: 0 -> skip
#else
			:: death[d].cleared ->
				death[d].state = CLEARED;
				death[d].list = OWN
#endif
			:: else -> death[d].state = ACKED
			fi
		:: else
		fi
	}
}

#define TO_READ	(death[0].list == TODO || death[0].list == OWN || \
		 death[1].list == TODO || death[1].list == OWN)

proctype reader()
{
	byte d;
	bool done, last;

	do
	:: killed -> break
	:: TO_READ ->
		unlink(d);
		if
		:: d < REQUESTS -> deliver(d)
		:: else
		fi
	:: death[0].list == DONE -> ack(0)
	:: death[1].list == DONE -> ack(1)
	:: !at_work && !TO_READ && death[0].list != DONE && death[1].list != DONE -> break
	od;
	threads--
}

/* The holder may be killed: its threads end, then what it has. */
proctype release()
{
	byte d;
	bool delivering, mine;

	if
	:: killed = 1;
		!threads;
		finish();
		/* Nothing is on its way: what is queued or delivered is nobody's. */
		d = 0;
		do
		:: d < REQUESTS ->
			LOCKED {
				if
				:: death[d].list != NOWHERE ->
					death[d].list = NOWHERE;
					free_request(d)
				:: else
				fi
			};
			d++
		:: else -> break
		od
	:: skip
	fi
}

proctype owner()
{
	bool visiting;

#ifndef WITHOUT_MARK_FIRST
	LOCKED { node_dead = 1 };
#endif
	LOCKED { visiting = linked && ref_death != NONE };
	if
	:: visiting ->
		LOCK(refs_lock);
#ifndef WITHOUT_VISITOR_LOOK
		LOCKED { visiting = linked && ref_death != NONE };
#endif
#ifdef WITHOUT_VISITOR_LOCK
		UNLOCK(refs_lock);
#endif
		if
		:: visiting -> fire()
		:: else
		fi;
#ifndef WITHOUT_VISITOR_LOCK
		UNLOCK(refs_lock)
#endif
	:: else
	fi;
#ifdef WITHOUT_MARK_FIRST
	node_dead = 1;
#endif
	at_work--
}

init {
	byte i;

	atomic {
		run asker();
		run dropper();
		run reader();
		run owner();
		run release()
	};
	_nr_pr == 1;
	d_step {
		do
		:: i < REQUESTS ->
			must(death_is_reported, killed || ref_death != i || death[i].reports == 1);
			must(clear_completes, killed || !death[i].taken_back || death[i].dones == 1);
			must(no_leak, !death[i].made || death[i].freed || ref_death == i);
			i++
		:: else -> break
		od
	}
}
