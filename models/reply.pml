/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls, their answers, and threads that end meanwhile.
 *
 * A calls B, B calls C, C calls A, which waits and serves that. Each of them may
 * end before any of its steps, at most two in all, and whoever hears of an end goes on. B
 * calls A once more before it answers.
 *
 * Step of the model	stands for			order it relies on
 * --------------------	----------			------------------
 * send			binder_queue_sync()		the caller alone to push; L (callee)
 *							to look and to queue
 * nested		binder_stack_queue_nested_locked() L, in the hold of send
 * read			binder_thread_next_locked(),	L: off the list and onto the stack
 *			binder_call_taken_locked()	in one hold
 * answer		binder_call_end_serving(),	L (callee), L (caller)
 *			binder_reply_queue()
 * fail			binder_call_fail()		L (caller)
 * resume		binder_stack_resume_locked()	L, in the hold of its caller
 * end_thread		binder_proc_take_thread(),	L: marked dead before all else
 *			binder_stack_abandon(),
 *			binder_queue_drain()
 *
 * A call is in one hand at a time, which its hold stands for: its caller's and
 * callee's stacks, a list, or whoever has just taken it from there. Completions
 * of calls are left out, as nothing waits for them. A has but one thread, which
 * takes a call that is nested in none of its own when it has nothing else to do.
 *
 * LONG: DEATHS=3
 *
 * without PUSH_FIRST [nobody_is_stuck]: a call is on its caller's stack before it is queued
 * without LOOK_DEAD [no_leak]: who queues looks in the same hold whether the thread is dead
 * without POP_AND_QUEUE [no_leak]: an answer leaves the stack and is queued in one hold
 * without DEAD_FIRST [no_leak]: a thread is marked dead before its stack and list are emptied
 * without ABANDON [nobody_is_stuck]: the callers of a dead thread are told
 * without DRAIN [nobody_is_stuck]: so are those whose calls it had not read
 * without UNWAIT [no_leak]: a dead thread's own calls are not on its stack any more
 * without LEAVE [no_use_after_free]: who answers a call serves it no longer
 * without KEEP [own_end_in_time]: an answer waits until its caller is back at the call
 * without KEEP_UNREAD [own_end_in_time]: it does so too if what comes between is unread
 * without KEEP_FAILURE [own_end_in_time]: so does the end of a call that failed
 * without KEEP_UNREAD_FAILURE [own_end_in_time]: also if what comes between is unread
 * without EARLY [call_in_time]: another nested call waits until its thread is back there
 * without EARLY_UNREAD [call_in_time]: it does so too if what comes between is unread
 * without EARLY_FIRST [no_leak]: who is back takes it before the end of its own call
 * without READ_NESTED [nobody_is_stuck]: who reads a nested call has it to read no longer
 * without LOOK_WAITED [nobody_is_stuck]: who queues a nested call looks whether it is still waited for
 * without DRAIN_EARLY [nobody_is_stuck]: callers of a thread that ends before it is back are told
 * without TELL_POPS [told_once]: who is told how a call ended waits for it no longer
 * without RESUME [nobody_is_stuck]: who is back at a call learns how it ended
 * without COMPLETION_FIRST [own_end_in_time]: the completion of an answer is queued before it
 *	is handed over, and before what the thread resumes
 * without FORGET [no_leak]: an answer that waits for a thread goes with it
 */
#include "model.inc"

#define own_end_in_time		1	/* the end of a call is read when its caller is back at it */
#define call_in_time		5	/* and so is a call that is nested in it */
#define told_once		2	/* a caller is told how its call ended, once */
#define no_use_after_free	3	/* nobody touches a call that is over, nor ends it twice */
#define no_leak			4	/* in the end, all calls and answers are over */

#define A	0
#define B	1
#define C	2
#define THREADS	3
/* Call number i is made by thread i; its callee is the next one. And B's second one, of A */
#define N	3
#define CALLS	4
#define NONE	CALLS
#define caller(c)	(c == N -> B : c)
#define callee(c)	(c == N -> A : (c + 1) % THREADS)

#ifndef DEATHS
#define DEATHS	2
#endif

/* How a call ended */
#define ALIVE	0
#define FAILED	1
#define ANSWERED 2

/* Items of a list: what it is, and of which call */
mtype = { call_item, end_item, reply_item, done_item };
typedef call_t {
	byte from_parent = NONE;
	byte to_parent = NONE;
	byte to_thread = NONE;
	byte end;
	bool waited;
	bool nested;
	/* What only the properties look at */
	bool sent;
	bool over;
	bool answered;
	bool answer_over;
	byte told;
};
call_t call[CALLS];

chan todo[THREADS] = [5] of { mtype, byte };
/* Of A: calls of the process that any of its threads may take, and those that wait. */
chan shared = [2] of { byte };
chan early = [2] of { byte };
bool nested_unread;
byte stack[THREADS] = NONE;
bool dead[THREADS];
byte unread[THREADS];	/* completions of answers */
byte deaths;

#define SERVES(t)	(stack[t] != NONE && call[stack[t]].to_thread == t)
#define HAS_NESTED(t)	(t == A && nested_unread)
#define IS_BACK(c)	(stack[caller(c)] == c && !HAS_NESTED(caller(c)))

inline touch(c)
{
	must(no_use_after_free, !call[c].over)
}

inline finish(c)
{
	touch(c);
	call[c].over = 1
}

inline finish_answer(c)
{
	must(no_use_after_free, call[c].answered && !call[c].answer_over);
	call[c].answer_over = 1
}

/* The call of a thread leaves its stack. */
inline pop_waited(c)
{
	if
	:: stack[caller(c)] == c -> stack[caller(c)] = call[c].from_parent
	/* Below another one: only without a step. */
	:: else -> call[stack[caller(c)]].to_parent = call[c].from_parent
	fi;
	call[c].from_parent = NONE;
	call[c].waited = 0
}

inline push(c)
{
	call[c].from_parent = stack[caller(c)];
	call[c].waited = 1;
	stack[caller(c)] = c
}

inline tell_end(c)
{
#ifndef WITHOUT_TELL_POPS
	pop_waited(c);
#endif
	todo[caller(c)]!end_item,c
}

inline tell_nested(c)
{
	nested_unread = 1;
	todo[A]!call_item,c
}

#ifdef WITHOUT_EARLY_FIRST
#define TAKES_EARLY(t)	(t == A && len(early) > 0 && call[A].end == ALIVE)
#else
#define TAKES_EARLY(t)	(t == A && len(early) > 0)
#endif
#ifdef WITHOUT_KEEP_UNREAD_FAILURE
#define MAY_RESUME(t)	1
#else
#define MAY_RESUME(t)	(!HAS_NESTED(t))
#endif

inline resume(t)
{
#ifndef WITHOUT_RESUME
	top = stack[t];
	if
	:: top != NONE && caller(top) == t && call[top].waited && MAY_RESUME(t) ->
		if
		:: TAKES_EARLY(t) ->
			early?top;
			tell_nested(top)
		:: !TAKES_EARLY(t) && call[top].end != ALIVE -> tell_end(top)
		:: else
		fi
	:: else
	fi
#else
	skip
#endif
}

inline fail(c)
{
	d_step {
		touch(c);
		if
		:: call[c].waited ->
			call[c].end = FAILED;
			if
#ifdef WITHOUT_KEEP_FAILURE
			:: !dead[caller(c)] -> tell_end(c)
#elif defined(WITHOUT_RESUME)
			:: !dead[caller(c)] && IS_BACK(c) -> tell_end(c)
#else
			:: !dead[caller(c)] -> resume(caller(c))
#endif
			:: else
			fi
		:: else -> finish(c)
		fi
	}
}

inline queue_nested(c)
{
	call[c].nested = 1;
	if
#ifdef WITHOUT_EARLY
	:: 1 -> tell_nested(c)
#elif defined(WITHOUT_EARLY_UNREAD)
	:: stack[A] == A -> tell_nested(c)
	:: else -> early!c
#else
	:: IS_BACK(A) -> tell_nested(c)
	:: else -> early!c
#endif
	fi
}

inline queue_call(c)
{
#ifdef WITHOUT_LOOK_DEAD
	refused = dead[callee(c)];
#endif
	d_step {
#ifndef WITHOUT_LOOK_DEAD
		refused = dead[callee(c)];
#endif
		if
		:: refused
#ifdef WITHOUT_LOOK_WAITED
		:: !refused && below -> queue_nested(c)
#else
		:: !refused && below && call[A].waited -> queue_nested(c)
#endif
		:: else ->
			if
			:: callee(c) == A -> shared!c
			:: else -> todo[callee(c)]!call_item,c
			fi
		fi
	}
}

inline send(c)
{
	/* Does the callee wait for what the caller serves? */
	d_step {
		call[c].sent = 1;
		below = call[A].waited && !dead[A] && (c == N ||
			c == C && call[B].waited && call[B].from_parent == A)
	};
#ifdef WITHOUT_PUSH_FIRST
	queue_call(c);
	if
	:: !refused -> d_step { push(c) }
	:: else
	fi;
#else
	d_step { push(c) };
	queue_call(c);
#endif
	if
	:: refused ->
		d_step {
#ifndef WITHOUT_PUSH_FIRST
			pop_waited(c);
#endif
			must(told_once, !call[c].told);
			call[c].told++;
			finish(c)
		}
	:: else
	fi
}

inline answer(c)
{
	d_step {
		touch(c);
		call[c].answered = 1;
#ifndef WITHOUT_LEAVE
		stack[me] = call[c].to_parent;
		call[c].to_parent = NONE;
		call[c].to_thread = NONE;
#endif
		unread[me]++;
#ifdef WITHOUT_COMPLETION_FIRST
		resume(me);
		todo[me]!done_item,c
#else
		todo[me]!done_item,c;
		resume(me)
#endif
	};
	d_step {
		touch(c);
		refused = dead[caller(c)];
		kept = 0;
		if
		:: refused
		:: !refused ->
#ifdef WITHOUT_KEEP
#elif defined(WITHOUT_KEEP_UNREAD)
			kept = stack[caller(c)] != c;
#else
			kept = !IS_BACK(c);
#endif
			if
			:: kept -> call[c].end = ANSWERED
			:: else ->
				pop_waited(c);
#ifndef WITHOUT_POP_AND_QUEUE
				todo[caller(c)]!reply_item,c
#endif
			fi
		fi
	};
#ifdef WITHOUT_POP_AND_QUEUE
	if
	:: !refused && !kept -> todo[caller(c)]!reply_item,c
	:: else
	fi;
#endif
	if
	:: refused ->
		d_step { finish_answer(c) };
		fail(c)
	:: !refused && !kept -> d_step { finish(c) }
	:: else
	fi
}

/* How it ended is read, or lost. */
inline end_call(c)
{
	finish(c);
	if
	:: call[c].end == ANSWERED -> finish_answer(c)
	:: else
	fi
}

inline serve(c)
{
	touch(c);
	call[c].to_thread = me;
	call[c].to_parent = stack[me];
	stack[me] = c
}

inline read()
{
	d_step {
		todo[me]?what,c;
		if
		:: what == call_item && call[c].nested ->
			must(call_in_time, !unread[me] && stack[me] == A);
#ifndef WITHOUT_READ_NESTED
			nested_unread = 0;
#endif
			serve(c)
		:: what == call_item && !call[c].nested -> serve(c)
		:: else
		fi
	};
	d_step {
		if
		:: what == done_item -> unread[me]--
		:: what == call_item
		:: else ->
			must(own_end_in_time, !unread[me] && stack[me] == base);
			must(told_once, !call[c].told);
			call[c].told++;
			if
			:: what == end_item -> end_call(c)
			:: else -> finish_answer(c)
			fi
		fi
	}
}

#ifdef WITHOUT_DRAIN_EARLY
#define NO_EARLY	1
#else
#define NO_EARLY	(len(early) == 0)
#endif

inline end_thread()
{
#ifndef WITHOUT_DEAD_FIRST
	d_step { dead[me] = 1 };
#endif
	do
	:: stack[me] == NONE -> break
	:: else ->
		d_step {
			c = stack[me];
			touch(c);
			serves = SERVES(me);
			ended = 0;
			if
			:: serves ->
				stack[me] = call[c].to_parent;
				call[c].to_parent = NONE;
				call[c].to_thread = NONE
			:: else ->
				ended = call[c].end != ALIVE;
#ifdef WITHOUT_UNWAIT
				stack[me] = call[c].from_parent
#else
				pop_waited(c)
#endif
			fi
		};
		if
		:: serves ->
#ifdef WITHOUT_ABANDON
			skip
#else
			fail(c)
#endif
		:: !serves && ended ->
#ifdef WITHOUT_FORGET
			d_step { finish(c) }
#else
			d_step { end_call(c) }
#endif
		:: else
		fi
	od;
	do
	:: d_step { me == A && len(shared) > 0 -> shared?c };
		fail(c)
#ifndef WITHOUT_DRAIN_EARLY
	:: d_step { me == A && len(early) > 0 -> early?c };
		fail(c)
#endif
	:: d_step { len(todo[me]) > 0 -> todo[me]?what,c };
		if
		:: what == call_item ->
#ifdef WITHOUT_DRAIN
			skip
#else
			fail(c)
#endif
		:: what == end_item -> d_step { end_call(c) }
		:: what == reply_item -> d_step { finish_answer(c) }
		:: else
		fi
	:: len(todo[me]) == 0 && (me != A || len(shared) == 0 && NO_EARLY) -> break
	od;
	dead[me] = 1
}

/* A thread has read the end of its call, and of the second one. */
#define ENDED(t)	(call[t].told && (t != B || !again || call[N].told))

proctype thread(byte me)
{
	byte c, top;
	mtype what;
	bool called, again, refused, kept, serves, ended, below;
	/* What its own call is made from */
	byte base = NONE;

	if
	:: me == A -> called = 1; send(A)
	:: else
	fi;
work:
	do
	:: d_step { deaths -> deaths-- }; goto killed
	:: SERVES(me) && !called -> called = 1; base = stack[me]; send(me)
	:: me == B && SERVES(B) && call[B].told && !again -> again = 1; send(N)
	:: SERVES(me) && (me == A || ENDED(me)) -> c = stack[me]; answer(c)
	:: (!SERVES(me) || called && !ENDED(me)) && len(todo[me]) > 0 -> read()
	:: d_step { me == A && stack[A] == NONE && len(todo[A]) == 0 && len(shared) > 0 ->
		shared?c; serve(c) }
	:: stack[me] == NONE && !unread[me] && (!called || ENDED(me)) -> break
	od;
end_idle:
	if
	:: d_step { deaths -> deaths-- }; goto killed
	:: len(todo[me]) > 0 || me == A && len(shared) > 0 -> goto work
	fi;
killed:
	end_thread()
}

init {
	byte c;

	do
	:: deaths < DEATHS -> deaths++
	:: break
	od;
	atomic {
		run thread(A);
		run thread(B);
		run thread(C)
	};
	timeout;
	d_step {
		do
		:: c < CALLS ->
			must(no_leak, !call[c].sent || call[c].over);
			must(no_leak, call[c].answered == call[c].answer_over);
			c++
		:: else -> break
		od
	}
}
