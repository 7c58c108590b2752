// SPDX-License-Identifier: GPL-2.0-only
/* Opens, threads and processes of the differential fuzzer that come and go. */
#include <stdio.h>

#include "world.h"

/*
 * Large enough that nobody ever lacks space, and small enough that oneway calls do,
 * but not that it matters where in an area free space is.
 */
#define SPACIOUS	(1024 * 1024)
#define CRAMPED		(256 * 1024)
static unsigned int nr_sessions;

void open_port(void)
{
	now.desk->map_size = cramped ? CRAMPED : SPACIOUS;
	*now.at = (struct port){ .open = true, .exact = fuzz_once_in(&rng, 4) };
	maker.offers_none = now.at->exact;
	fuzz_session_init(&now.at->session, ++nr_sessions);
	memset(now.proc->seats[now.port], 0, sizeof(now.proc->seats[now.port]));
	print_start();
	printf(" open = %d\n", act(ACTOR_OPEN));
	settle();
	if (now.process == MANAGER && !fuzz_once_in(&rng, 4)) {
		fuzz_maker_reset(&maker);
		become_manager();
	}
}

/* Whoever ends its calls gets its own priority back in some drivers. */
static void reset_nice(void)
{
	now.desk->nice_value = 0;
	act(ACTOR_NICE);
}

void set_nice(void)
{
	now.desk->nice_value = (int)fuzz_below(&rng, 30) - 10;
	print_start();
	printf(" nice %d = %d\n", now.desk->nice_value, act(ACTOR_NICE));
}

void exit_thread(void)
{
	/* Differs: what becomes of things the thread did not read, and of chains of calls. */
	if (!drain() || now.seat->tail_len || now.seat->entrusted ||
	    fuzz_stack_in_chain(&now.seat->stack))
		return;
	fuzz_maker_reset(&maker);
	now.desk->arg[0] = 0;
	control(BINDER_THREAD_EXIT, "THREAD_EXIT");
	print_arg(0);
	now.seat->stack = (struct fuzz_stack){ .depth = 0 };
	/* Differs: threads get their own nice value back. */
	reset_nice();
}

/* Differs: callers of who waits for somebody else are told. */
static bool in_chain(unsigned int port)
{
	for (unsigned int t = 0; t < now.proc->threads; t++)
		if (fuzz_stack_in_chain(&now.proc->seats[port][t].stack))
			return true;
	return false;
}

/* Answer all calls, or leave the last. */
static void answer(bool leave_one)
{
	while (fuzz_stack_top(&now.seat->stack) == 's' && now.seat->stack.depth > leave_one) {
		fuzz_maker_reset(&maker);
		maker.plain = true;
		fuzz_make_reply(&maker);
		maker.plain = false;
		transfer(FUZZ_STREAM);
	}
}

static void free_messages(void)
{
	const struct fuzz_session *s = &now.at->session;

	fuzz_maker_reset(&maker);
	while (s->nr_messages) {
		fuzz_say(&maker, " BC_FREE_BUFFER #%u", s->messages[0].id);
		bnd_cmd_free_buffer(&stream, s->messages[0].buffer);
		fuzz_drop_message(&now.at->session, 0);
	}
	transfer(0);
}

/*
 * Differs: when what unread messages hold is given back, before others are told of
 * the end or after it. So read all there is; false when it cannot be reached.
 */
bool empty_port(unsigned int port)
{
	unsigned int last = now.proc->threads - 1;

	for (unsigned int round = 0; round < 40; round++) {
		for (unsigned int t = 0; t <= last; t++) {
			choose(now.process, port, t);
			if (now.seat->tail_len || !drain())
				return false;
			answer(t < last);
		}
		/* The last one is idle now, or waits for somebody. */
		if (now.seat->stack.depth)
			return false;
		if (!now.at->session.nr_messages && now.seat->drained) {
			compare_news();
			return true;
		}
		free_messages();
	}
	return false;
}

/* Calls that the one who ends will not answer. */
static void last_calls(void)
{
	unsigned int process = now.process, port = now.port, thread = now.thread;

	for (unsigned int n = fuzz_below(&rng, 4); n; n--) {
		unsigned int p = fuzz_below(&rng, ACTOR_PROCESSES);

		choose(p, fuzz_below(&rng, processes[p].nr_ports),
		       fuzz_below(&rng, processes[p].threads));
		if (p == process || !now.at->open || now.seat->tail_len)
			continue;
		maker.plain = true;
		fuzz_make_call(&maker, fuzz_stack_top(&now.seat->stack) == 'w');
		maker.plain = false;
		transfer(FUZZ_STREAM);
	}
	choose(process, port, thread);
}

static void forget_port(unsigned int port)
{
	now.proc->ports[port].open = false;
	nr_ends++;
	if (manager == (int)now.process)
		manager = -1;
	fuzz_session_init(&now.proc->ports[port].session, 0);
	memset(now.proc->seats[port], 0, sizeof(now.proc->seats[port]));
}

void close_port(void)
{
	if (in_chain(now.port) || !empty_port(now.port))
		return;
	last_calls();
	print_start();
	printf(" close = %d\n", act(ACTOR_CLOSE));
	forget_port(now.port);
	settle();
	for (unsigned int t = 0; t < now.proc->threads; t++) {
		choose(now.process, now.port, t);
		reset_nice();
	}
}

void start_process(void)
{
	actor_start(stage, now.process, now.proc->threads, now.proc->uid);
	now.proc->frozen = false;
	for (unsigned int o = 0; o < now.proc->nr_ports; o++) {
		choose(now.process, o, 0);
		open_port();
	}
}

void kill_process(void)
{
	unsigned int open = 0;

	for (unsigned int o = 0; o < now.proc->nr_ports; o++) {
		open += now.proc->ports[o].open;
		if (in_chain(o))
			return;
	}
	/* Which of two opens goes first is nobody's business. */
	if (open > 1)
		return;
	for (unsigned int o = 0; o < now.proc->nr_ports; o++)
		if (now.proc->ports[o].open && !empty_port(o))
			return;
	last_calls();
	print_start();
	printf(" killed\n");
	actor_kill(stage, now.process);
	settle();
	for (unsigned int o = 0; o < now.proc->nr_ports; o++)
		forget_port(o);
	start_process();
}
