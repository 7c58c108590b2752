/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page slot: filled, mapped, idle, reclaimed.
 *
 * Two senders put messages on one page of the area, side by side. The receiver's
 * ioctl maps it and gives the buffers to user space, where two threads read and
 * free them; a third thread of user space touches the page and frees buffers
 * when it likes. Two reclaimers run.
 *
 * Step of the model	stands for				order it relies on
 * --------------------	----------				------------------
 * get			binder_page_get_locked()		mapping lock, one hold with
 *								taking the range
 * fill			binder_page_fill(), install_pages()	mapping lock; release of the
 *								page pointer after zeroing
 * copy			binder_page_copy_from_user()		none: a use is held
 * prefault		binder_mapping_prefault()		MAPPED read without the lock
 * collect		collect_slots()				mapping lock
 * insert		vm_insert_pages()			page table lock
 * give			binder_alloc_give_to_user()		release after all of it
 * fault		binder_vm_fault()			mapping lock, twice
 * take			binder_alloc_take_from_user()		mapping lock, acquire
 * put			binder_page_put_locked()		mapping lock, one hold with
 *								giving back the range
 * isolate, unmap,	the functions of that name in		reclaim_mutex over all three;
 * commit		binder_lru.c				mapping lock in the first and
 *								the last, i_mmap_rwsem between
 *
 * without CANCEL [page_is_stable]: a use clears RECLAIM
 * without COMMIT_TEST [page_is_stable]: only what is still RECLAIM is taken away
 * without ISOLATE_TEST [page_is_stable]: what has users is not isolated
 * without INSTALL_TEST [page_is_stable]: a page is only put where none is
 * without FREE_SPARE [no_leak]: who comes second with a page frees it
 * without PIN [maps_live_page]: a fault uses the page while it maps it
 * without FAULT_TEST [maps_live_page]: a fault leaves alone what nobody uses
 * without GIVE_LAST [maps_live_page]: user space has the buffer after it was mapped
 * without UNMAP [no_stale_entry]: reclaim removes the page table entry
 * without EXCLUSION [no_stale_entry]: one reclaimer at a time
 * without SET_MAPPED [no_stale_entry]: who maps a page says so
 * without CLEAR_FIRST [no_stale_entry]: MAPPED is cleared before the unmap, not behind it
 * without TAKE_ONCE [freed_once]: a buffer is taken from user space once
 * without ZERO_FIRST [no_old_content]: a page is zeroed before it can be found
 * without QUEUE [idle_is_queued]: what becomes idle is queued
 * without COUNT_REUSE [idle_is_counted]: what is used again is no longer idle
 * without REFAULT [sees_message]: a fault maps again what reclaim unmapped and then left
 *
 * LONG: SENDS=1 SCANS=2
 */
#include "model.inc"

#define page_is_stable	1	/* the page of a slot in use stays */
#define maps_live_page	2	/* a page that is being mapped is the slot's */
#define no_stale_entry	3	/* a page that is taken away is mapped nowhere */
#define sees_message	4	/* user space finds its message, and no SIGBUS */
#define freed_once	5	/* a buffer is freed once */
#define no_old_content	6	/* nobody finds what a page had before */
#define idle_is_queued	7	/* an idle page can be found by reclaim */
#define idle_is_counted	8	/* idle pages are counted */
#define no_leak		9	/* in the end, all pages are in the slot */

#ifndef SENDS
#define SENDS	1
#define SCANS	1
#endif
#define PAGES	4	/* number 0 is no page */

/* The slot */
byte page;
byte users;
bool reclaim;
bool mapped;
bool again;
bool queued;
byte nr_idle;

byte pte;		/* what the receiver's page table has */
bool reclaim_mutex;

/* Pages */
bool live[PAGES];
bool zeroed[PAGES];

typedef text_t { bool by[2] };
text_t text[PAGES];	/* which messages are written there */

/* Buffers */
bool taken[2];		/* the range */
bool sent[2];
bool user_owned[2];
bool given_up[2];	/* user space is done with it */
byte busy = 2;		/* senders that are not through */

inline use()
{
	if
	:: page && !users ->
#ifndef WITHOUT_COUNT_REUSE
		nr_idle--
#else
		skip
#endif
	:: else
	fi;
#ifndef WITHOUT_CANCEL
	reclaim = 0;
#endif
	users++
}

inline unuse()
{
	users--;
	if
	:: !users && page ->
		nr_idle++;
		if
		:: queued -> again = 1
#ifdef WITHOUT_QUEUE
		:: else
#else
		:: else -> queued = 1
#endif
		fi
	:: else
	fi
}

inline free_page(p)
{
	live[p] = 0;
	zeroed[p] = 0;
	text[p].by[0] = 0;
	text[p].by[1] = 0
}

inline fill(p)
{
	atomic {
		p = 1;
		do
		:: live[p] -> p++
		:: else -> break
		od;
		live[p] = 1;
#ifndef WITHOUT_ZERO_FIRST
		zeroed[p] = 1
#endif
	};
	LOCKED {
		if
#ifdef WITHOUT_INSTALL_TEST
		:: 1 -> page = p
#else
		:: !page -> page = p
#endif
		:: else ->
#ifndef WITHOUT_FREE_SPARE
			free_page(p)
#else
			skip
#endif
		fi
	};
#ifdef WITHOUT_ZERO_FIRST
	zeroed[p] = 1
#endif
}

proctype sender(bit b)
{
	byte p, i;
	bool missing;

	do
	:: i < SENDS ->
		i++;
		LOCKED { !taken[b] -> taken[b] = 1; use(); missing = !page };
		if
		:: missing -> fill(p)
		:: else
		fi;
		p = page;
		atomic {
			must(page_is_stable, page == p && live[p]);
			must(no_old_content, zeroed[p]);
			text[p].by[b] = 1
		};
		sent[b] = 1
	:: else -> break
	od;
	busy--
}

/* Into the page table, unless there is something already. */
inline insert(p)
{
	atomic {
		must(maps_live_page, live[p] && page == p);
		if
		:: !pte -> pte = p
		:: else
		fi
	}
}

inline set_mapped()
{
#ifndef WITHOUT_SET_MAPPED
	mapped = 1
#else
	skip
#endif
}

proctype receiver()
{
	byte p, n;
	bit b;

	do
	:: n < 2 * SENDS ->
		n++;
		atomic {
			if
			:: sent[0] -> b = 0
			:: sent[1] -> b = 1
			fi;
			sent[b] = 0
		};
#ifdef WITHOUT_GIVE_LAST
		user_owned[b] = 1;
#endif
		if
		:: mapped
		:: !mapped ->
			LOCKED {
				p = 0;
				if
				:: users && page && !mapped -> set_mapped(); p = page
				:: else
				fi
			};
			if
			:: p -> insert(p)
			:: else
			fi
		fi;
#ifndef WITHOUT_GIVE_LAST
		user_owned[b] = 1
#endif
	:: else -> break
	od
}

/* p is 0 for SIGBUS. */
inline fault(p)
{
	LOCKED {
		p = 0;
		if
#ifdef WITHOUT_REFAULT
		:: users && page && !mapped ->
#else
#ifdef WITHOUT_FAULT_TEST
		:: page ->
#else
		:: users && page ->
#endif
#endif
			set_mapped();
			p = page;
#ifndef WITHOUT_PIN
			users++
#endif
		:: else
		fi
	};
	if
	:: p ->
		insert(p);
#ifndef WITHOUT_PIN
		LOCKED { unuse() }
#endif
	:: else
	fi
}

/* BC_FREE_BUFFER */
inline free_buffer(b)
{
	LOCKED {
		mine = user_owned[b];
#ifndef WITHOUT_TAKE_ONCE
		user_owned[b] = 0
#endif
	};
	if
	:: mine ->
		d_step {
			must(freed_once, taken[b] && users);
			/* What comes next has other contents. */
			text[page].by[b] = 0;
			given_up[b] = 0;
			unuse();
			taken[b] = 0
		}
	:: else
	fi
}

proctype reader(bit b)
{
	byte p, i;
	bool mine, done;

	do
	:: i < SENDS ->
		i++;
		user_owned[b];
		done = 0;
		do
		:: done -> break
		:: else ->
			atomic {
				if
				:: pte ->
					must(sees_message, text[pte].by[b]);
					done = 1
				:: else
				fi
			};
			if
			:: done
			:: else ->
				fault(p);
				must(sees_message, p);
				done = !p
			fi
		od;
		given_up[b] = 1;
		free_buffer(b)
	:: else -> break
	od
}

/* User space does what it likes, as long as it does not take a buffer from itself. */
proctype other()
{
	byte p;
	bool mine;

	if
	:: fault(p)
	:: skip
	fi;
	if
	:: given_up[0] -> free_buffer(0)
	:: !busy
	fi
}

proctype reclaimer()
{
	byte p, i;
	bool isolated, was_mapped, locked;

	do
	:: i < SCANS ->
		i++;
#ifndef WITHOUT_EXCLUSION
		LOCK(reclaim_mutex);
#endif
		LOCKED {
			isolated = 0;
			was_mapped = 0;
			if
			:: queued && users ->
				queued = 0;
				again = 0;
#ifdef WITHOUT_ISOLATE_TEST
				isolated = 1
#endif
			:: queued && !users && again -> again = 0
			:: queued && !users && !again -> queued = 0; isolated = 1
			:: else
			fi;
			if
			:: isolated ->
				was_mapped = mapped;
#ifndef WITHOUT_CLEAR_FIRST
				mapped = 0;
#endif
				reclaim = 1
			:: else
			fi
		};
		if
		:: isolated ->
#ifndef WITHOUT_UNMAP
			if
			:: was_mapped -> pte = 0
			:: else
			fi;
#endif
			LOCKED {
#ifdef WITHOUT_CLEAR_FIRST
				mapped = 0;
#endif
				p = 0;
				if
#ifdef WITHOUT_COMMIT_TEST
				:: page ->
#else
				:: reclaim ->
#endif
					p = page;
					page = 0;
					reclaim = 0;
					nr_idle--
				:: else
				fi
			};
			if
			:: p -> atomic { must(no_stale_entry, pte != p); free_page(p) }
			:: else
			fi
		:: else
		fi;
#ifndef WITHOUT_EXCLUSION
		UNLOCK(reclaim_mutex)
#endif
	:: else -> break
	od
}

init {
	byte i = 1, n;

	atomic {
		run sender(0);
		run sender(1);
		run receiver();
		run reader(0);
		run reader(1);
		run other();
		run reclaimer();
		run reclaimer()
	};
	_nr_pr == 1;
	d_step {
		must(idle_is_queued, !page || queued);
		must(idle_is_counted, nr_idle == (page != 0));
		must(no_stale_entry, mapped || !pte);
		do
		:: i < PAGES -> n = n + live[i]; i++
		:: else -> break
		od;
		must(no_leak, n == (page != 0))
	}
}
