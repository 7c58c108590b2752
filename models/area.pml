/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of an area.
 *
 * Two senders put a buffer each into the area, on one page whose slot nobody has
 * allocated yet, and free it. The file is released meanwhile. A reclaimer runs.
 *
 * Step of the model	stands for			order it relies on
 * --------------------	----------			------------------
 * new_buffer		take_range_locked(),		mapping lock
 *			binder_page_add_slots()		cmpxchg with release
 * give_back		give_back(),			mapping lock, one hold for pages and
 *			return_range_locked()		range
 * close		binder_alloc_close()		mapping lock
 * shutdown		binder_alloc_shutdown()		lock of the list; mapping lock, one
 *							hold to mark and to look
 * drain		binder_mapping_drain()		reclaim_mutex
 * scan			pin_next(), reclaim_mapping(),	lock of the list; reclaim_mutex,
 *			unpin()				mapping lock inside
 * put			binder_alloc_put(), unpin()	refcount
 *
 * What userspace has is taken back between close and shutdown, as a sender gives back
 * what failed. What scan does with a page is in slot.pml; here it takes it in one step.
 * refcount_inc_not_zero() in pin_next() is a plain increment here: what is on the
 * list has its owner's reference.
 *
 * without REFUSE_CLOSED [slots_are_there]: a closed area gives no buffer
 * without EMPTY_TEST [slots_are_there]: an area with buffers is not drained
 * without PAGES_FIRST [slots_are_there]: pages are given up no later than the range
 * without RESET_QUEUE [slots_are_there]: drained slots are in no queue
 * without DRAIN_MUTEX [page_freed_once]: draining waits for a reclaimer at work
 * without INSTALL_TEST [slots_stay]: slots are installed where none are
 * without FREE_SPARE [no_leak]: who comes second with slots frees them
 * without MARK_AND_LOOK [drained_once]: the area dies and is seen empty in one hold
 * without LAST_BUFFER [no_leak]: the last buffer of a dead area drains it
 * without UNLIST [no_use_after_free]: the area leaves the list before its owner lets go
 * without PIN [no_use_after_free]: a reclaimer holds the area it works on
 */
#include "model.inc"

#define no_use_after_free	1	/* nobody touches the area after it was freed */
#define slots_are_there		2	/* who looks at a slot finds it allocated */
#define slots_stay		3	/* slots are not replaced */
#define page_freed_once		4	/* a page is given up once */
#define drained_once		5	/* an area is drained once */
#define no_leak			6	/* in the end, slots, page and area are freed */

byte ref = 1;		/* of the area: its owner and reclaimers */
byte proc_refs = 3;	/* of its owner: the file and two senders */
bool on_list = 1;
bool freed;

/* Under the mapping lock */
bool closed;
bool dead;
byte ranges;
byte page;		/* its number, or 0 */
byte users;
bool queued;

byte chunk;		/* 0, or whose slots were installed */
byte spare;		/* slots that were allocated and not freed */
byte nr_pages;		/* that there ever were */
bool live[4];
bool drained;
bool reclaim_mutex;

inline touch()
{
	must(no_use_after_free, !freed)
}

inline slots()
{
	must(slots_are_there, chunk && !drained)
}

inline free_page(p)
{
	must(page_freed_once, live[p]);
	live[p] = 0
}

inline drain()
{
#ifndef WITHOUT_DRAIN_MUTEX
	LOCK(reclaim_mutex);
#endif
	touch();
	has = page;
	if
	:: has -> d_step { free_page(has) }
	:: else
	fi;
#ifndef WITHOUT_RESET_QUEUE
	LOCKED { queued = 0 };
#endif
#ifndef WITHOUT_DRAIN_MUTEX
	UNLOCK(reclaim_mutex);
#endif
	d_step {
		touch();
		must(drained_once, !drained);
		drained = 1;
		if
		:: chunk -> spare--
		:: else
		fi
	}
}

/* A reclaimer's work, and that of the release. */
inline reclaim_all()
{
	has = 0;
	LOCKED {
		touch();
		if
		:: queued ->
			slots();
			queued = 0;
			has = (users -> 0 : page)
		:: else
		fi
	};
	if
	:: has ->
		LOCKED {
			slots();
			if
			:: !users -> page = 0
			:: else -> has = 0
			fi
		};
		if
		:: has -> d_step { free_page(has) }
		:: else
		fi
	:: else
	fi
}

inline put()
{
	d_step {
		touch();
		ref--;
		freed = !ref
	}
}

inline put_proc()
{
	d_step { proc_refs--; last = !proc_refs };
	if
	:: last -> put()
	:: else
	fi
}

proctype release()
{
	byte has;
	bool none, last;

	LOCKED { closed = 1 };
#ifndef WITHOUT_UNLIST
	on_list = 0;
#endif
#ifdef WITHOUT_MARK_AND_LOOK
	LOCKED { dead = 1 };
	LOCKED { none = !ranges };
#else
	LOCKED { dead = 1; none = !ranges };
#endif
	if
#ifdef WITHOUT_EMPTY_TEST
	:: 1 -> drain()
#else
	:: none -> drain()
#endif
	:: else ->
		LOCK(reclaim_mutex);
		reclaim_all();
		UNLOCK(reclaim_mutex)
	fi;
	put_proc()
}

proctype sender(byte me)
{
	byte has;
	bool refused, last, lost;

	LOCKED {
		touch();
#ifndef WITHOUT_REFUSE_CLOSED
		refused = closed;
#endif
		ranges = ranges + !refused
	};
	if
	:: !refused ->
		/* binder_page_add_slots() */
		if
		:: chunk
		:: !chunk ->
			spare++;
			d_step {
				touch();
				lost = chunk != 0;
#ifdef WITHOUT_INSTALL_TEST
				must(slots_stay, !chunk);
				chunk = me
#else
				if
				:: !lost -> chunk = me
				:: else
				fi
#endif
			};
			if
#ifndef WITHOUT_FREE_SPARE
			:: lost -> spare--
#endif
			:: else
			fi
		fi;
		LOCKED {
			slots();
			users++;
			if
			:: !page -> nr_pages++; page = nr_pages; live[page] = 1
			:: else
			fi
		};
		/* The copy */
		d_step { slots(); must(page_freed_once, live[page]) };
#ifdef WITHOUT_PAGES_FIRST
		LOCKED { ranges--; last = dead && !ranges };
#endif
		LOCKED {
			slots();
			users--;
			if
			:: !users -> queued = 1
			:: else
			fi;
#ifndef WITHOUT_PAGES_FIRST
			ranges--;
			last = dead && !ranges
#endif
		};
		if
#ifndef WITHOUT_LAST_BUFFER
		:: last -> drain()
#endif
		:: else
		fi
	:: else
	fi;
	put_proc()
}

proctype reclaimer()
{
	byte has;
	bool found, locked;

	LOCKED {
		found = on_list;
		if
		:: found ->
			touch();
#ifndef WITHOUT_PIN
			ref++
#endif
		:: else
		fi
	};
	if
	:: found ->
		/* mutex_trylock() */
		atomic { touch(); locked = !reclaim_mutex; reclaim_mutex = 1 };
		if
		:: locked ->
			reclaim_all();
			atomic { touch(); UNLOCK(reclaim_mutex) }
		:: else
		fi;
#ifndef WITHOUT_PIN
		put()
#endif
	:: else
	fi
}

init {
	atomic {
		run release();
		run sender(1);
		run sender(2);
		run reclaimer();
		run reclaimer()
	};
	_nr_pr == 1;
	d_step {
		must(no_leak, freed && drained && !spare && !live[1] && !live[2])
	}
}
