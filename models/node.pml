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
 * send				binder_ref_offer()		R (receiver), L (owner) over
 *								all of it
 * - tell			binder_node_count_first_locked()
 * dec				binder_ref_dec()		R, L inside it
 * unlink			binder_ref_unlink_locked()	L, later, R still held, for a ref that had
 *								requests for notices
 * put_strong			binder_node_put_strong()	to zero only under L
 * target			binder_ref_target()		RCU; refcount_inc_not_zero()
 * unlink_work			binder_thread_next_locked()	L
 * decide			binder_node_deliver()		L, flags and counts in one hold
 * ack				binder_node_ack()		L
 * settle			binder_node_settle_locked()	L
 * die				binder_node_die_locked(),	L
 *				binder_node_cancel()
 *
 * The strong count changes without L, too, but only between numbers above
 * zero. Nothing under L asks for more than whether it is zero, so that a hold
 * of L can be one step here. No step ends between taking R and dropping it.
 *
 * The memory of a node that was freed may be that of the next one; a new life
 * of it is counted.
 *
 * User space is modelled as libbinder has it: a sender keeps the object by a
 * reference of its own until its ioctl returns; BR_ACQUIRE takes a reference
 * for the driver, so that the object has to be there then.
 *
 * without ONE_STEP [object_is_there]: the strong count rises together with the promise of a
 *	notice, or a thread that stands before its decision would tell of it
 * without TELL_ELSEWHERE [object_is_there]: who took the notice before it was promised to a
 *	sender leaves it to that one
 * without ONE_NOTICE [object_is_there]: nothing is queued while a notice is on its way
 * without DECIDE_IN_ONE_HOLD [codes_alternate]: what is told and the flags for it are one step
 * without MOVE_NOTICE [object_is_there]: a notice moves to the thread that sends
 * without PENDING [codes_alternate]: an unacknowledged code holds its side
 * without INC_NOT_ZERO [call_finds_object]: a call never raises the strong count from zero
 * without PUT_UNDER_LOCK [no_use_after_free]: the strong count falls to zero under the lock
 * without LOOK_AGAIN [call_finds_its_node]: who holds a node looks whether it is still the one
 * without WORK_PIN [no_use_after_free]: a node is not freed while its notice is on its way
 * without UNLINK [no_leak]: a ref that had requests is taken off its node in the end
 * without QUEUE_FALL [owner_is_told]: a fall is told to the owner
 * without CANCEL [no_leak]: a notice that nobody will read gives up its pin
 */
#include "model.inc"

#define object_is_there		1	/* BR_ACQUIRE and BR_INCREFS come while their subject exists */
#define codes_alternate		2	/* BR_RELEASE follows an acknowledged BR_ACQUIRE; weak alike */
#define call_finds_object	3	/* a call is only delivered to an object the owner holds */
#define no_use_after_free	4	/* nobody touches a node that was freed, nor frees it twice */
#define call_finds_its_node	5	/* a call is for the node that the handle meant or means */
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
	bool freed;
	bit life;	/* which node this memory is */
};
node_t node[NR_NODES];
byte in_tree = NONE;
byte nr_made;

/* The receiver's table: one node, one ref. */
byte ref = NONE;
byte ref_strong;
byte ref_weak;

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
	must(no_use_after_free, !node[n].freed)
}

inline forget(n)
{
	touch(n);
	node[n].freed = 1;
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
		/* The notice has nothing to say any more. */
		:: !WEAK_ALIVE(n) && node[n].todo != NOWHERE ->
			node[n].todo = NOWHERE;
			node[n].work_pins--
		:: else
		fi;
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

/* A node for the object, in new memory or in that of one that was freed. */
inline find_node(n)
{
	if
	:: in_tree == NONE && nr_made && node[nr_made - 1].freed ->
		in_tree = nr_made - 1;
		node[in_tree].freed = 0;
		node[in_tree].life = 1 - node[in_tree].life
	:: in_tree == NONE && nr_made < NR_NODES -> in_tree = nr_made; nr_made++
	:: in_tree != NONE
	fi;
	n = in_tree
}

inline add_ref(n)
{
	if
	:: ref != n ->
		ref = n;
		node[n].nr_refs++
	:: else
	fi;
	if
	:: strong -> ref_strong++; first = ref_strong == 1
	:: else -> ref_weak++; first = ref_weak == 1
	fi;
	/* The buffer is the receiver's as soon as it likes. */
	if
	:: strong -> strong_sent++
	:: else -> weak_sent++
	fi
}

/* A ref got its first count of a kind. */
inline tell(n, whom)
{
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

inline send(n, from)
{
#ifdef WITHOUT_ONE_STEP
	atomic {
		find_node(n);
		if
		:: strong -> node[n].strong++
		:: else -> node[n].pins++
		fi
	};
	atomic {
		add_ref(n);
		if
		:: first -> tell(n, from)
		:: else
		fi
	};
	if
	:: strong && first
	:: strong && !first -> put_strong(n)
	:: else -> unpin(n)
	fi
#else
	atomic {
		find_node(n);
		add_ref(n);
		if
		:: first ->
			node[n].strong = node[n].strong + strong;
			tell(n, from)
		:: else
		fi
	}
#endif
}

proctype sender(byte me)
{
	byte n, got, i;
	bool strong, first, increfs, acquire, release, decrefs;

	do
	:: i < SENDS ->
		i++;
		own++;
		if
		:: strong = 1
		:: strong = 0
		fi;
		send(n, me);
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
		n = ref;
		if
		:: strong -> ref_strong--; last = ref_strong == 0
		:: else -> ref_weak--; last = 0
		fi;
		gone = !ref_strong && !ref_weak;
		requests = 0;
		if
		:: gone -> ref = NONE
		:: gone -> ref = NONE; requests = 1
		:: else
		fi;
#ifndef WITHOUT_PUT_UNDER_LOCK
		if
		:: gone && !requests ->
			touch(n);
			node[n].nr_refs--;
			node[n].strong = node[n].strong - last;
			settle(n)
		:: last && !(gone && !requests) -> put_strong(n)
		:: else
		fi
#endif
	};
#ifdef WITHOUT_PUT_UNDER_LOCK
	if
	:: last -> put_strong(n)
	:: else
	fi;
	if
	:: gone -> unlink(n)
	:: else
	fi
#else
	if
#ifndef WITHOUT_UNLINK
	:: requests -> unlink(n)
#endif
	:: else
	fi
#endif
}

proctype holder()
{
	byte n;
	bool strong, last, gone, requests;

	do
	:: atomic { strong_sent -> strong_sent--; strong = 1 }; dec(n)
	:: atomic { weak_sent -> weak_sent--; strong = 0 }; dec(n)
	:: senders == 0 && !strong_sent && !weak_sent -> break
	od
}

proctype caller()
{
	byte n;
	bit life;
	bool held;

	do
	:: atomic { ref != NONE && ref_strong -> n = ref; life = node[n].life };
		d_step {
			/* Perhaps it is not the one any more. */
			held = ALIVE(n);
#ifdef WITHOUT_INC_NOT_ZERO
			held = 1;
#endif
			node[n].strong = node[n].strong + held
		};
#ifndef WITHOUT_LOOK_AGAIN
		if
		:: held ->
			if
			:: atomic { ref != n || !ref_strong -> held = 0 };
				put_strong(n)
			:: atomic { ref == n && ref_strong -> life = node[n].life }
			fi
		:: else
		fi;
#endif
		if
		:: held ->
			must(call_finds_its_node, life == node[n].life);
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
