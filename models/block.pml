/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A block: compound pages that fill a window of slots, reclaimed as a whole.
 *
 * The window has two slots here. Two users use and stop using slots; a reclaimer
 * walks the queue. One slot by itself is in slot.pml; a page is taken away from
 * both slots here, or from none.
 *
 * Step of the model	stands for				order it relies on
 * --------------------	----------				------------------
 * fill			fill_block(), install_block()		mapping lock; the filler uses
 *								all slots of the window
 * use, unuse		binder_page_get_locked(),		mapping lock
 *			binder_page_put_locked()
 * isolate, commit	the functions of that name in		reclaim_mutex over both;
 *			binder_lru.c				mapping lock in each
 *
 * without ALL_IDLE [page_is_stable]: a block is isolated only if none of it is used
 * without ALL_ISOLATED [page_is_stable]: only what is isolated as a whole is taken away
 * without ALL_SPARED [reclaim_leaves_nothing]: a block that stays is isolated no more
 * without QUEUE [idle_can_be_found]: what becomes idle is queued
 * without PAGE_TEST [no_ghost]: a queued slot whose block went is dropped
 * without COUNT_ALL [counts_are_right]: all slots of a block cease to be idle with it
 * without ALL_EMPTY [page_is_stable]: a block is only put where no page is
 *
 * LONG: ROUNDS=3
 */
#include "model.inc"

#define page_is_stable		1	/* the page of a slot in use stays */
#define idle_can_be_found	2	/* of a block that is idle some slot is queued */
#define reclaim_leaves_nothing	3	/* no slot is isolated when no reclaimer is at work */
#define no_ghost		4	/* what is isolated has a page */
#define counts_are_right	5	/* idle slots are counted */

#define SLOTS	2
#ifndef ROUNDS
#define ROUNDS	2
#endif

byte page[SLOTS];		/* 0: none; 1: of a block; 2: a single page */
byte users[SLOTS];
bool reclaim[SLOTS];
bool queued[SLOTS];
short nr_idle;
bool at_work;			/* reclaim_mutex */
byte busy = 2;

#define IDLE(i)		(page[i] && !users[i])
#define IS_BLOCK	(page[0] == 1 || page[1] == 1)

inline use(i)
{
	if
	:: IDLE(i) -> nr_idle--
	:: else
	fi;
	reclaim[i] = 0;
	users[i]++
}

inline unuse(i)
{
	users[i]--;
	if
	:: IDLE(i) ->
		nr_idle++;
#ifndef WITHOUT_QUEUE
		queued[i] = 1
#endif
	:: else
	fi
}

/* What holds whenever the mapping lock is free. */
inline check()
{
	must(idle_can_be_found, at_work || !IS_BLOCK || !IDLE(0) || !IDLE(1) ||
	     queued[0] || queued[1]);
	must(reclaim_leaves_nothing, at_work || (!reclaim[0] && !reclaim[1]));
	must(counts_are_right, nr_idle == IDLE(0) + IDLE(1))
}

/* A message: on one of the slots, or on both, which gets a block if it can. */
proctype sender()
{
	byte round, had;
	bool block;
	byte i;

	do
	:: round < ROUNDS ->
		round++;
		if
		:: i = 0
		:: i = 1
		:: i = 2
		fi;
		if
		:: i == 2 ->
			LOCKED { use(0); use(1); block = !page[0] && !page[1] };
			LOCKED {
				if
#ifdef WITHOUT_ALL_EMPTY
				:: block ->
#else
				:: !page[0] && !page[1] ->
#endif
					must(page_is_stable, !page[0] && !page[1]);
					page[0] = 1;
					page[1] = 1
				:: else ->
					if
					:: !page[0] -> page[0] = 2
					:: else
					fi;
					if
					:: !page[1] -> page[1] = 2
					:: else
					fi
				fi;
				check()
			};
			must(page_is_stable, page[0] && page[1]);
			LOCKED { unuse(0); unuse(1); check() }
		:: else ->
			LOCKED { use(i); had = page[i]; check() };
			LOCKED {
				must(page_is_stable, !had || page[i] == had);
				if
				:: !page[i] -> page[i] = 2
				:: else
				fi;
				check()
			};
			LOCKED {
				must(page_is_stable, page[i]);
				unuse(i);
				check()
			}
		fi
	:: else -> break
	od;
	busy--
}

inline isolate(i)
{
	queued[i] = 0;
	if
	:: users[i] || reclaim[i]
#ifdef WITHOUT_PAGE_TEST
	:: !users[i] && !reclaim[i] && page[i] != 1 ->
#else
	:: !users[i] && !reclaim[i] && page[i] == 2 ->
#endif
		must(no_ghost, page[i]);
		reclaim[i] = 1
#ifdef WITHOUT_ALL_IDLE
	:: !users[i] && !reclaim[i] && page[i] == 1 ->
#else
	:: !users[i] && !reclaim[i] && page[i] == 1 && !users[1 - i] ->
#endif
		reclaim[0] = 1;
		reclaim[1] = 1
	:: else
	fi
}

inline take(i, counts)
{
	must(page_is_stable, !users[i]);
	nr_idle = nr_idle - (IDLE(i) && counts);
	page[i] = 0;
	reclaim[i] = 0
}

inline commit(i)
{
	if
	:: reclaim[i] && page[i] == 2 -> take(i, 1)
	:: reclaim[i] && page[i] == 1 ->
		if
#ifdef WITHOUT_ALL_ISOLATED
		:: 1 ->
#else
		:: reclaim[0] && reclaim[1] ->
#endif
			take(0, 1);
#ifdef WITHOUT_COUNT_ALL
			take(1, 0)
#else
			take(1, 1)
#endif
		:: else ->
#ifndef WITHOUT_ALL_SPARED
			reclaim[0] = 0;
			reclaim[1] = 0
#else
			skip
#endif
		fi
	:: else
	fi
}

proctype reclaimer()
{
	byte i;

	do
	:: queued[0] || queued[1] ->
		LOCKED {
			at_work = 1;
			if
			:: queued[0] -> i = 0
			:: else -> i = 1
			fi;
			isolate(i)
		};
		LOCKED {
			commit(0);
			commit(1);
			at_work = 0;
			check()
		}
	:: !busy && !queued[0] && !queued[1] -> break
	od
}

init {
	atomic {
		run sender();
		run sender();
		run reclaimer()
	};
	_nr_pr == 1;
	must(idle_can_be_found, !page[0] && !page[1])
}
