/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts of a node, and what its owner is told of them.
 *
 * Two threads of the owner send the object to one process, as BINDER or as
 * WEAK_BINDER; a third reads what the process is told. Two threads of the
 * receiver free the buffers, another one makes a call. In the end the owner
 * closes its file, or lives on.
 *
 * Step of the model		stands for			order it relies on
 * --------------------		----------			------------------
 * offer			binder_node_offer()		one hold of L (owner)
 * make, unlink			binder_ref_make(),		L (owner), each once
 *				binder_ref_unlink()
 * take				binder_ref_take()		R (receiver) over all of it
 * - tell			binder_node_count_first()	L inside that R: the count and
 *								the notice are one step
 * dec				binder_ref_dec()		R
 * put_strong			binder_node_put_strong()	to zero only under L
 * target			binder_ref_target()		RCU; refcount_inc_not_zero()
 * unlink_work			binder_thread_next_locked()	L
 * decide			binder_node_deliver()		L, flags and counts in one hold
 * ack				binder_node_ack()		L
 * settle			binder_node_settle_locked()	L
 * die				binder_node_die_next(),		L
 *				binder_node_cancel()
 *
 * The strong count changes without L, too, but only between numbers above
 * zero. Nothing under L asks for more than whether it is zero, so that a hold
 * of L can be one step here.
 *
 * binder_ref_dec() pins the node while it drops the strong side of a ref that
 * stays. Nothing here needs that.
 *
 * User space is modelled as libbinder has it: a sender keeps the object by a
 * reference of its own until its ioctl returns; BR_ACQUIRE takes a reference
 * for the driver, so that the object has to be there then.
 *
 * without EARLY_STRONG [object_is_there]: the offer takes no strong count, which would let a
 *	thread that stands before its decision tell of it
 * without TELL_ELSEWHERE [object_is_there]: who took the notice before it was promised to a
 *	sender leaves it to that one
 * without ONE_NOTICE [object_is_there]: nothing is queued while a notice is on its way
 * without DECIDE_IN_ONE_HOLD [codes_alternate]: what is told and the flags for it are one step
 * without MOVE_NOTICE [object_is_there]: a notice moves to the thread that sends
 * without PENDING [codes_alternate]: an unacknowledged code holds its side
 * without INC_NOT_ZERO [call_finds_object]: a call never raises the strong count from zero
 * without PUT_UNDER_LOCK [no_use_after_free]: the strong count falls to zero under the lock
 * without RCU [no_use_after_free]: nodes are freed after a grace period
 * without WORK_PIN [no_use_after_free]: a node is not freed while its notice is on its way
 * without FIND_AGAIN [one_ref]: the table is searched again after a ref was made
 * without UNLINK [no_leak]: the loser of two refs is taken off its node
 * without QUEUE_FALL [owner_is_told]: a fall is told to the owner
 * without CANCEL [no_leak]: a notice that nobody will read gives up its pin
 */
#include "model.inc"

#define object_is_there		1	/* BR_ACQUIRE and BR_INCREFS come while their subject exists */
#define codes_alternate		2	/* BR_RELEASE follows an acknowledged BR_ACQUIRE; weak alike */
#define call_finds_object	3	/* a call is only delivered to an object the owner holds */
#define no_use_after_free	4	/* nobody touches a node that was freed, nor frees it twice */
#define one_ref			5	/* a process has one ref to a node */
#define owner_is_told		6	/* in the end, the owner was told of every fall */
#define no_leak			7	/* in the end, a node that nobody refers to is gone */

#ifndef SENDS
#define SENDS	1
#endif

/* A second one is made when the first was forgotten and the object is sent again. */
#define NR_NODES	(2 * SENDS)
#define NONE		NR_NODES

/* Where node.work is: nowhere, on the todo list of sender 1 or 2, of the process */
#define NOWHERE		0
#define PROC		3

typedef node_t {
	byte strong;
	byte local_weak;
	byte pins;
	byte work_pins;
	byte nr_refs;
	byte promised;	/* the thread that is to tell */
	byte todo;
	bool has_strong;
	bool has_weak;
	bool pending_strong;
	bool pending_weak;
	bool dead;
	bool freed;	/* call_rcu() */
	bool gone;	/* kmem_cache_free() */
};
node_t node[NR_NODES];
byte in_tree = NONE;
byte nr_made;

/* The receiver's table: one node, one ref. */
bool refs_lock;
byte ref = NONE;
byte ref_strong;
byte ref_weak;
bool looking;		/* a call is in its RCU read section */

byte strong_sent;	/* buffers of the receiver, by what they hold */
byte weak_sent;
byte senders = 2;
bool closes;		/* the owner closes its file in the end */
bool closed;
bool calling = 1;

/* User space of the owner */
byte own;		/* references of senders */
byte acquired;
byte increfed;

#define ALIVE(n)	(node[n].strong > 0)
#define WEAK_ALIVE(n)	(node[n].nr_refs || node[n].local_weak || node[n].pins || ALIVE(n))

inline touch(n)
{
	must(no_use_after_free, !node[n].gone && !node[n].freed)
}

inline forget(n)
{
	touch(n);
	node[n].freed = 1;
#ifdef WITHOUT_RCU
	node[n].gone = 1;
#else
	node[n].gone = !looking;
#endif
	if
	:: in_tree == n -> in_tree = NONE
	:: else
	fi
}

inline settle(n)
{
	touch(n);
	if
	:: !node[n].dead && ((node[n].has_strong && !ALIVE(n)) ||
			     (node[n].has_weak && !WEAK_ALIVE(n))) ->
#ifndef WITHOUT_QUEUE_FALL
		if
#ifdef WITHOUT_ONE_NOTICE
		:: node[n].todo == NOWHERE -> node[n].todo = PROC; node[n].work_pins++
#else
		:: !node[n].work_pins -> node[n].todo = PROC; node[n].work_pins++
#endif
		:: else
		fi
#else
		skip
#endif
	:: else ->
		if
#ifdef WITHOUT_WORK_PIN
		:: !WEAK_ALIVE(n) -> forget(n)
#else
		:: !WEAK_ALIVE(n) && !node[n].work_pins -> forget(n)
#endif
		:: else
		fi
	fi
}

inline put_strong(n)
{
#ifdef WITHOUT_PUT_UNDER_LOCK
	d_step { touch(n); node[n].strong-- };
	LOCKED {
		if
		:: !ALIVE(n) -> settle(n)
		:: else
		fi
	}
#else
	LOCKED {
		touch(n);
		node[n].strong--;
		if
		:: !ALIVE(n) -> settle(n)
		:: else
		fi
	}
#endif
}

inline unlink(n)
{
	LOCKED { node[n].nr_refs--; settle(n) }
}

inline unpin(n)
{
	LOCKED { node[n].pins--; settle(n) }
}

/* --- the owner reads --- */

inline decide(n, reading)
{
	touch(n);
	node[n].work_pins--;
	increfs = 0;
	acquire = 0;
	release = 0;
	decrefs = 0;
	if
#ifndef WITHOUT_TELL_ELSEWHERE
	:: node[n].promised && node[n].promised != reading && node[n].work_pins
#endif
	:: else ->
		node[n].promised = 0;
		increfs = WEAK_ALIVE(n) && !node[n].has_weak;
		acquire = ALIVE(n) && !node[n].has_strong;
		release = !ALIVE(n) && node[n].has_strong;
		decrefs = !WEAK_ALIVE(n) && node[n].has_weak;
	fi
}

inline turn_flags(n)
{
	if
	:: increfs ->
		node[n].has_weak = 1;
#ifndef WITHOUT_PENDING
		node[n].pending_weak = 1;
		node[n].local_weak++
#endif
	:: else
	fi;
	if
	:: acquire ->
		node[n].has_strong = 1;
#ifndef WITHOUT_PENDING
		node[n].pending_strong = 1;
		node[n].strong++
#endif
	:: else
	fi;
	if :: release -> node[n].has_strong = 0 :: else fi;
	if :: decrefs -> node[n].has_weak = 0 :: else fi;
	if
	:: !WEAK_ALIVE(n) && !node[n].work_pins -> forget(n)
	:: else
	fi
}

inline ack_weak(n)
{
	LOCKED {
		if
		:: in_tree == n && node[n].pending_weak ->
			node[n].pending_weak = 0;
			node[n].local_weak--;
			settle(n)
		:: else
		fi
	}
}

inline ack_strong(n)
{
	LOCKED {
		if
		:: in_tree == n && node[n].pending_strong ->
			node[n].pending_strong = 0;
			node[n].strong--;
			if
			:: !ALIVE(n) -> settle(n)
			:: else
			fi
		:: else
		fi
	}
}

/* One item off a todo list, and what user space does about it. */
inline read_one(list)
{
	LOCKED {
		got = 0;
		do
		:: got < NR_NODES && node[got].todo != list -> got++
		:: else -> break
		od;
		if
		:: got < NR_NODES -> node[got].todo = NOWHERE
		:: else
		fi
	};
	if
	:: got < NR_NODES ->
#ifdef WITHOUT_DECIDE_IN_ONE_HOLD
		LOCKED { decide(got, list) };
		LOCKED { turn_flags(got) };
#else
		LOCKED { decide(got, list); turn_flags(got) };
#endif
		if
		:: increfs ->
			atomic {
				must(object_is_there, own || acquired || increfed);
				increfed++
			};
			ack_weak(got)
		:: else
		fi;
		if
		:: acquire ->
			atomic {
				must(object_is_there, own || acquired);
				acquired++
			};
			ack_strong(got)
		:: else
		fi;
		if
		:: release ->
			atomic { must(codes_alternate, acquired); acquired-- }
		:: else
		fi;
		if
		:: decrefs ->
			atomic { must(codes_alternate, increfed); increfed-- }
		:: else
		fi;
		got = 0
	:: else -> got = 0
	fi
}

/* --- the owner sends --- */

inline offer(n)
{
	LOCKED {
		if
		:: in_tree == NONE -> in_tree = nr_made; nr_made++
		:: else
		fi;
		n = in_tree;
#ifdef WITHOUT_EARLY_STRONG
		if
		:: strong -> node[n].strong++
		:: else -> node[n].pins++
		fi
#else
		node[n].pins++
#endif
	}
}

/* A ref got its first count of a kind. */
inline tell(n, whom)
{
	LOCKED {
		touch(n);
#ifndef WITHOUT_EARLY_STRONG
		if
		:: strong -> node[n].strong++
		:: else
		fi;
#endif
		if
#ifdef WITHOUT_MOVE_NOTICE
		:: (strong && !node[n].has_strong && node[n].todo == NOWHERE) ||
#else
		:: (strong && !node[n].has_strong) ||
#endif
		   (!strong && !node[n].has_weak && node[n].todo == NOWHERE) ->
			if
			:: node[n].todo == NOWHERE -> node[n].work_pins++
			:: else
			fi;
			node[n].todo = whom;
			node[n].promised = whom
		:: else
		fi
	}
}

/* R is held from the last search to the end. Only a call looks in between. */
inline take(n, from)
{
	atomic { !refs_lock -> made = ref != n; refs_lock = !made };
	if
	:: made -> LOCKED { node[n].nr_refs++ }; LOCK(refs_lock)
	:: else
	fi;
	atomic {
		if
#ifdef WITHOUT_FIND_AGAIN
		:: made ->
#else
		:: ref != n ->
#endif
			must(one_ref, ref == NONE);
			ref = n;
			made = 0
		:: else
		fi;
		if
		:: strong -> ref_strong++; first = ref_strong == 1
		:: else -> ref_weak++; first = ref_weak == 1
		fi
	};
	atomic {
		if
		:: first -> tell(n, from)
		:: else
		fi;
		/* The buffer is the receiver's as soon as it likes. */
		if
		:: strong -> strong_sent++
		:: else -> weak_sent++
		fi;
		refs_lock = 0
	};
	if
#ifndef WITHOUT_UNLINK
	:: made -> unlink(n)
#endif
	:: else
	fi
}

proctype sender(byte me)
{
	byte n, got, i;
	bool strong, made, first, increfs, acquire, release, decrefs;

	do
	:: i < SENDS ->
		i++;
		own++;
		if
		:: strong = 1
		:: strong = 0
		fi;
		offer(n);
		take(n, me);
#ifdef WITHOUT_EARLY_STRONG
		if
		:: strong && !first -> put_strong(n)
		:: strong && first
		:: else -> unpin(n)
		fi;
#else
		unpin(n);
#endif
		/* The same ioctl reads before it returns. */
		do
		:: node[0].todo == me || node[NR_NODES - 1].todo == me -> read_one(me)
		:: else -> break
		od;
		own--
	:: else -> break
	od;
	senders--
}

proctype reader()
{
	byte got;
	bool increfs, acquire, release, decrefs;

	do
	:: node[0].todo == PROC || node[NR_NODES - 1].todo == PROC -> read_one(PROC)
	:: senders == 0 && closes -> closed = 1; break
	:: timeout -> break
	od;
	/* binder_release_nodes(), then the todo list is drained */
	if
	:: closed ->
		got = in_tree;
		if
		:: got != NONE ->
			LOCKED {
				node[got].pins++;
				node[got].dead = 1;
				if
				:: node[got].pending_weak -> node[got].local_weak--
				:: else
				fi;
				if
				:: node[got].pending_strong ->
					node[got].strong--;
					if
					:: !ALIVE(got) -> settle(got)
					:: else
					fi
				:: else
				fi;
				node[got].pending_weak = 0;
				node[got].pending_strong = 0
			};
			unpin(got)
		:: else
		fi;
		got = 0;
		do
		:: got < NR_NODES ->
			LOCKED {
				if
				:: node[got].todo != NOWHERE ->
					node[got].todo = NOWHERE;
#ifndef WITHOUT_CANCEL
					node[got].work_pins--;
					if
					:: node[got].dead -> settle(got)
					:: else
					fi
#endif
				:: else
				fi
			};
			got++
		:: else -> break
		od
	:: else
	fi
}

/* --- the receiver --- */

inline dec(n)
{
	atomic {
		!refs_lock;
		n = ref;
		if
		:: strong -> ref_strong--; last = ref_strong == 0
		:: else -> ref_weak--; last = 0
		fi;
		gone = !ref_strong && !ref_weak;
		if
		:: gone -> ref = NONE
		:: else
		fi
	};
	if
	:: last -> put_strong(n)
	:: else
	fi;
	if
	:: gone -> unlink(n)
	:: else
	fi
}

proctype holder()
{
	byte n;
	bool strong, last, gone;

	do
	:: atomic { strong_sent -> strong_sent--; strong = 1 }; dec(n)
	:: atomic { weak_sent -> weak_sent--; strong = 0 }; dec(n)
	:: senders == 0 && !strong_sent && !weak_sent -> break
	od
}

proctype caller()
{
	byte n;
	bool held;

	do
	:: atomic { ref != NONE && ref_strong -> looking = 1; n = ref };
		d_step {
			must(no_use_after_free, !node[n].gone);
#ifdef WITHOUT_INC_NOT_ZERO
			held = 1;
#else
			held = ALIVE(n);
#endif
			node[n].strong = node[n].strong + held
		};
		d_step {
			looking = 0;
			/* The grace period of what was freed meanwhile is over. */
			node[n].gone = node[n].freed
		};
		if
		:: held ->
			must(call_finds_object, closed || own || acquired);
			put_strong(n)
		:: else
		fi;
		break
	:: senders == 0 -> break
	od;
	calling = 0
}

init {
	byte i;

	atomic {
		if
		:: closes = 1
		:: closes = 0
		fi;
		run sender(1);
		run sender(2);
		run reader();
		run holder();
		run holder();
		run caller()
	};
	_nr_pr == 1;
	d_step {
		must(owner_is_told, closed || (!acquired && !increfed));
		do
		:: i < NR_NODES ->
			must(no_leak, i >= nr_made || node[i].freed);
			i++
		:: else -> break
		od
	}
}
