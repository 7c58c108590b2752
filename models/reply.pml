/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls, their answers, and threads that end meanwhile.
 *
 * A calls B, B calls C, C calls A, which waits and serves that. Each of them may
 * end before any of its steps, two in all, and whoever hears of an end goes on.
 *
 * Step of the model	stands for			order it relies on
 * --------------------	----------			------------------
 * send			binder_queue_sync()		the caller alone to push; L (callee)
 *							to look and to queue
 * read			binder_thread_next_locked(),	L: off the list and onto the stack
 *			binder_call_taken_locked()	in one hold
 * answer		binder_call_end_serving(),	L (callee), L (caller)
 *			binder_reply_queue()
 * fail			binder_call_fail()		L (caller)
 * resume		binder_stack_resume_locked()	L, in the hold of its caller
 * suspend		binder_stack_suspend_locked()	L, in the hold of read
 * end_thread		binder_proc_take_thread(),	L: marked dead before all else
 *			binder_stack_abandon(),
 *			binder_queue_drain()
 *
 * A call is in one hand at a time, which its hold stands for: its caller's and
 * callee's stacks, a list, or whoever has just taken it from there. Completions
 * of calls are left out, as nothing waits for them.
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
 * without SUSPEND [own_end_in_time]: who turns to a call waits again for what has ended meanwhile
 * without SUSPEND_UNLINKS [told_once]: and has it on the list no longer
 * without RESUME [nobody_is_stuck]: who is back at a call learns how it ended
 * without COMPLETION_FIRST [own_end_in_time]: the completion of an answer is queued before it
 *	is handed over, and before what the thread resumes
 * without FORGET [no_leak]: an answer that waits for a thread goes with it
 */
#include "model.inc"

#define own_end_in_time		1	/* the end of a call is read when its caller is back at it */
#define told_once		2	/* a caller is told how its call ended, once */
#define no_use_after_free	3	/* nobody touches a call that is over, nor ends it twice */
#define no_leak			4	/* in the end, all calls and answers are over */

#define A	0
#define B	1
#define C	2
#define THREADS	3
/* Call number i is made by thread i; its callee is the next one. */
#define NONE	THREADS
#define callee(c)	((c + 1) % THREADS)

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
	bool fixed;
	/* What only the properties look at */
	bool sent;
	bool over;
	bool answered;
	bool answer_over;
	byte told;
};
call_t call[THREADS];

chan todo[THREADS] = [5] of { mtype, byte };
byte stack[THREADS] = NONE;
bool dead[THREADS];
byte unread[THREADS];	/* completions of answers */
byte deaths = DEATHS;

#define SERVES(t)	(stack[t] != NONE && call[stack[t]].to_thread == t)

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
	:: stack[c] == c -> stack[c] = call[c].from_parent
	/* Below another one: only without a step. */
	:: else -> call[stack[c]].to_parent = call[c].from_parent
	fi;
	call[c].from_parent = NONE;
	call[c].waited = 0
}

inline push(c)
{
	call[c].from_parent = stack[c];
	call[c].waited = 1;
	stack[c] = c
}

inline resume(t)
{
#ifndef WITHOUT_RESUME
	if
	:: stack[t] == t && call[t].end != ALIVE ->
		pop_waited(t);
		todo[t]!end_item,t
	:: else
	fi
#else
	skip
#endif
}

inline suspend(t)
{
#ifndef WITHOUT_SUSPEND
	if
	:: todo[t]??[end_item,eval(t)] ->
#ifndef WITHOUT_SUSPEND_UNLINKS
		todo[t]??end_item,eval(t);
#endif
		push(t)
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
			:: !dead[c] ->
				pop_waited(c);
				todo[c]!end_item,c
#else
			:: !dead[c] && stack[c] == c ->
#ifdef WITHOUT_RESUME
				pop_waited(c);
				todo[c]!end_item,c
#else
				resume(c)
#endif
#endif
			:: else
			fi
		:: else -> finish(c)
		fi
	}
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
		:: !refused -> todo[callee(c)]!call_item,c
		:: else
		fi
	}
}

inline send(c)
{
	/* Does the callee wait for what the caller serves? */
	d_step {
		call[c].sent = 1;
		call[c].fixed = c == C && call[B].waited && call[B].from_parent == A &&
				call[A].waited && !dead[A]
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

#define UNREAD_CALL_BACK(t)	(t == A && call[C].fixed && todo[A]??[call_item,C])

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
		refused = dead[c];
		kept = 0;
		if
		:: refused
		:: !refused ->
#ifdef WITHOUT_KEEP
#elif defined(WITHOUT_KEEP_UNREAD)
			kept = stack[c] != c;
#else
			kept = stack[c] != c || UNREAD_CALL_BACK(c);
#endif
			if
			:: kept ->
				call[c].end = ANSWERED;
				resume(c)
			:: else ->
				pop_waited(c);
#ifndef WITHOUT_POP_AND_QUEUE
				todo[c]!reply_item,c
#endif
			fi
		fi
	};
#ifdef WITHOUT_POP_AND_QUEUE
	if
	:: !refused && !kept -> todo[c]!reply_item,c
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

inline read()
{
	d_step {
		todo[me]?what,c;
		if
		:: what == call_item ->
			touch(c);
			suspend(me);
			call[c].to_thread = me;
			call[c].to_parent = stack[me];
			stack[me] = c
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
	:: len(todo[me]) == 0 -> break
	od;
	dead[me] = 1
}

proctype thread(byte me)
{
	byte c;
	mtype what;
	bool called, refused, kept, serves, ended;
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
	:: SERVES(me) && (me == A || call[me].told) -> c = stack[me]; answer(c)
	:: (!SERVES(me) || called && !call[me].told) && len(todo[me]) > 0 -> read()
	:: stack[me] == NONE && !unread[me] && (!called || call[me].told) -> break
	od;
end_idle:
	if
	:: d_step { deaths -> deaths-- }; goto killed
	:: len(todo[me]) > 0 -> goto work
	fi;
killed:
	end_thread()
}

init {
	byte c;

	atomic {
		run thread(A);
		run thread(B);
		run thread(C)
	};
	timeout;
	d_step {
		do
		:: c < THREADS ->
			must(no_leak, !call[c].sent || call[c].over);
			must(no_leak, call[c].answered == call[c].answer_over);
			c++
		:: else -> break
		od
	}
}
