// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random sessions that depend on the seed alone, written down step by step.
 *
 * Four processes with up to two opens and two threads each talk to each other.
 * All files are non-blocking and one command is in flight at a time, so that the
 * seed fixes the interleaving: run on two drivers, the texts are the same, or the
 * drivers differ. What differs on purpose (Documentation/differences.md) is
 * avoided, each time with a comment that begins "Differs:".
 *
 * Usage: differential DEVICE SEED COMMANDS >TEXT
 */
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

#define PATIENCE	100	/* steps that a call may take */

static void flush(void)
{
	print_start();
	printf(" flush = %d\n", act(ACTOR_FLUSH));
	settle();
}

static void look(void)
{
	int events = act(ACTOR_POLL);

	print_start();
	/* There may be news. */
	if (now.at->exact)
		printf(" poll = %x\n", events);
	else
		printf(" poll\n");
}

static void do_something_else(void)
{
	switch (fuzz_below(&rng, 30)) {
	case 0 ... 4:
		ask_extended_error();
		break;
	case 5 ... 6:
		ask_node();
		break;
	case 7:
		empty_port(now.port);
		break;
	case 8 ... 10:
		ask_ref();
		break;
	case 11 ... 12:
		set_a_number();
		break;
	case 13 ... 16:
		freeze();
		break;
	case 17 ... 18:
		ask_frozen();
		break;
	case 19 ... 21:
		look();
		break;
	case 22 ... 23:
		set_nice();
		break;
	case 24 ... 25:
		exit_thread();
		break;
	case 26:
		if (now.process == MANAGER || fuzz_once_in(&rng, 4))
			become_manager();
		break;
	case 27:
		flush();
		break;
	case 28:
		close_port();
		break;
	case 29:
		kill_process();
		break;
	}
}

static void step(void)
{
	/* The manager has most to do. */
	unsigned int p = fuzz_once_in(&rng, 4) ? MANAGER : fuzz_below(&rng, ACTOR_PROCESSES);

	if (finish_tail())
		return;
	/* Who got something often goes on with it. */
	if (served && !fuzz_once_in(&rng, 3))
		choose(now.process, now.port, now.thread);
	else
		choose(p, fuzz_below(&rng, processes[p].nr_ports),
		       fuzz_below(&rng, processes[p].threads));
	served = false;
	if (!now.at->open) {
		if (fuzz_once_in(&rng, 4))
			open_port();
	} else if (fuzz_stack_waits(&now.seat->stack) && fuzz_once_in(&rng, 8) &&
		   nr_steps - now.seat->waits_since > PATIENCE) {
		exit_thread();
	} else if (manager < 0 && now.process == MANAGER && fuzz_once_in(&rng, 8)) {
		become_manager();
	} else if (fuzz_once_in(&rng, 8)) {
		do_something_else();
	} else {
		converse();
	}
}

int main(int argc, char **argv)
{
	static const int files[] = {
		ACTOR_FIRST_FILE, ACTOR_FIRST_FILE + 1, ACTOR_FIRST_FILE + 2, ACTOR_FIRST_FILE + 3,
	};
	unsigned long seed, commands;

	if (argc != 4) {
		fprintf(stderr, "usage: differential DEVICE SEED COMMANDS\n");
		return 2;
	}
	seed = strtoul(argv[2], NULL, 0);
	commands = strtoul(argv[3], NULL, 0);
	rng = fuzz_random_part(seed, 0);
	/* Odd seeds fight for space. */
	cramped = seed % 2;
	secctx = getenv("FUZZ_SECCTX");
	maker = (struct fuzz_maker){
		.random = &rng, .out = &stream, .wild = 16, .largest = cramped ? 16000 : 3000,
		.fds = files, .nr_fds = ACTOR_FILES, .secctx = secctx, .no_news = true,
	};
	stage = actor_stage(argv[1]);
	for (unsigned int p = 0; p < ACTOR_PROCESSES; p++) {
		choose(p, 0, 0);
		fflush(stdout);
		start_process();
	}
	while (nr_commands < commands)
		step();
	for (unsigned int p = 0; p < ACTOR_PROCESSES; p++)
		for (unsigned int o = 0; o < processes[p].nr_ports; o++) {
			choose(p, o, 0);
			if (now.at->open)
				empty_port(o);
		}
	printf("seed %lu: %lu commands in %lu steps, %lu messages read, ", seed, nr_commands,
	       nr_steps, nr_messages);
	printf("%lu ends of opens, quiet %lu times\n", nr_ends, nr_quiet);
	if (nr_wrong) {
		fprintf(stderr, "seed %lu: %lu notices or acknowledgments that are wrong\n", seed,
			nr_wrong);
		return 1;
	}
	if (nr_messages >= nr_commands / 100)
		return 0;
	fprintf(stderr, "seed %lu: they hardly talk to each other\n", seed);
	return 1;
}
