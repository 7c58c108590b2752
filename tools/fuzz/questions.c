// SPDX-License-Identifier: GPL-2.0-only
/* What the differential fuzzer asks and tells the driver beside streams. */
#include <stdio.h>

#include "world.h"

int control(unsigned int cmd, const char *name)
{
	int error;

	print_start();
	now.desk->cmd = cmd;
	error = act(ACTOR_IOCTL);
	printf(" %s = %d", name, error);
	nr_commands++;
	return error;
}

void print_arg(unsigned int words)
{
	for (unsigned int i = 0; i < words; i++)
		printf(" %llx", (unsigned long long)now.desk->arg[i]);
	printf("\n");
}

void ask_extended_error(void)
{
	struct binder_extended_error error;

	memset(now.desk->arg, 0, sizeof(now.desk->arg));
	control(BINDER_GET_EXTENDED_ERROR, "GET_EXTENDED_ERROR");
	memcpy(&error, now.desk->arg, sizeof(error));
	/*
	 * Differs: a reply that failed leaves its error when that is read, and not in
	 * place of what has happened since.
	 */
	now.seat->blurred |= fuzz_stack_waits(&now.seat->stack);
	if (now.seat->blurred)
		memset(&error, 0, sizeof(error));
	now.seat->blurred = fuzz_stack_waits(&now.seat->stack);
	printf(" %s %s %d\n", error.id ? "id" : "0", bnd_br_name(error.command), error.param);
}

void ask_node(void)
{
	/* Others are asked when it is quiet. */
	if (!now.at->exact)
		return;
	memset(now.desk->arg, 0, sizeof(now.desk->arg));
	now.desk->arg[0] = fuzz_below(&rng, FUZZ_NODES + 1);
	control(BINDER_GET_NODE_DEBUG_INFO, "GET_NODE_DEBUG_INFO");
	print_arg(3);
}

void ask_ref(void)
{
	struct binder_node_info_for_ref info = { .handle = fuzz_below(&rng, 8) };

	memset(now.desk->arg, 0, sizeof(now.desk->arg));
	if (fuzz_once_in(&rng, 10))
		info.reserved1 = 1;
	memcpy(now.desk->arg, &info, sizeof(info));
	control(BINDER_GET_NODE_INFO_FOR_REF, "GET_NODE_INFO_FOR_REF");
	memcpy(&info, now.desk->arg, sizeof(info));
	/* Acknowledgments that are due count, too. */
	printf(" %u %d\n", info.handle, info.strong_count > 0);
}

void become_manager(void)
{
	struct flat_binder_object object = bnd_obj_binder(0, 0, FLAT_BINDER_FLAG_ACCEPTS_FDS);
	int error;

	memset(now.desk->arg, 0, sizeof(now.desk->arg));
	if (secctx && fuzz_once_in(&rng, 2))
		object.flags |= FLAT_BINDER_FLAG_TXN_SECURITY_CTX;
	memcpy(now.desk->arg, &object, sizeof(object));
	if (fuzz_once_in(&rng, 3))
		error = control(BINDER_SET_CONTEXT_MGR, "SET_CONTEXT_MGR");
	else
		error = control(BINDER_SET_CONTEXT_MGR_EXT, "SET_CONTEXT_MGR_EXT");
	if (!error)
		manager = (int)now.process;
	print_arg(0);
}

void set_a_number(void)
{
	now.desk->arg[0] = fuzz_below(&rng, 4);
	switch (fuzz_below(&rng, 4)) {
	case 0:
		/* A read may bring nothing but news, and ask for a thread. */
		now.desk->arg[0] = now.at->exact ? now.desk->arg[0] : 0;
		control(BINDER_SET_MAX_THREADS, "SET_MAX_THREADS");
		break;
	case 1:
		/* Differs: 6.12 leaves out the call that is being sent. */
		now.desk->arg[0] = cramped ? 0 : now.desk->arg[0];
		control(BINDER_ENABLE_ONEWAY_SPAM_DETECTION, "ENABLE_ONEWAY_SPAM_DETECTION");
		break;
	case 2:
		control(BINDER_VERSION, "VERSION");
		break;
	case 3:
		control(_IOW('b', 2 + fuzz_below(&rng, 16) % 3 * 4, uint32_t), "unassigned");
		break;
	}
	print_arg(1);
}

/* --- Freezing ------------------------------------------------------------------------- */

static bool anybody_watches(void)
{
	for (unsigned int p = 0; p < ACTOR_PROCESSES; p++)
		for (unsigned int o = 0; o < processes[p].nr_ports; o++) {
			const struct fuzz_session *s = &processes[p].ports[o].session;

			if (s->nr_frozen)
				return true;
			for (unsigned int i = 0; i < s->nr_handles; i++)
				if (s->handles[i].freeze.active)
					return true;
		}
	return false;
}

/* Is there a notice that was not read, or not acknowledged? */
static bool notices_pending(void)
{
	for (unsigned int p = 0; p < ACTOR_PROCESSES; p++)
		for (unsigned int o = 0; o < processes[p].nr_ports; o++) {
			const struct port *at = &processes[p].ports[o];

			if (at->flipped || at->session.nr_frozen)
				return true;
		}
	return false;
}

static void note_flip(void)
{
	for (unsigned int p = 0; p < ACTOR_PROCESSES; p++)
		for (unsigned int o = 0; o < processes[p].nr_ports; o++)
			processes[p].ports[o].flipped =
				processes[p].ports[o].open && anybody_watches();
}

void freeze(void)
{
	/*
	 * Differs: failures with two opens, and the right to freeze somebody. The
	 * last two processes have two opens, and another user.
	 */
	unsigned int whom = fuzz_below(&rng, ACTOR_PROCESSES - 2);
	struct binder_freeze_info info = {
		.pid = (uint32_t)stage->pids[whom], .enable = fuzz_below(&rng, 2),
		.timeout_ms = fuzz_below(&rng, 2),
	};
	bool again = info.enable == processes[whom].frozen;

	if (now.proc->uid)
		return;

	/* Differs: notices that repeat what the last one said, and none of failures. */
	if (anybody_watches() && (again || notices_pending()))
		return;
	memset(now.desk->arg, 0, sizeof(now.desk->arg));
	memcpy(now.desk->arg, &info, sizeof(info));
	fuzz_say(&maker, " %u %u", whom, info.enable);
	if (control(BINDER_FREEZE, "FREEZE"))
		processes[whom].frozen = false;
	else
		processes[whom].frozen = info.enable;
	print_arg(0);
	note_flip();
}

void ask_frozen(void)
{
	unsigned int whom = fuzz_below(&rng, ACTOR_PROCESSES);
	struct binder_frozen_status_info info = { .pid = (uint32_t)stage->pids[whom] };

	memset(now.desk->arg, 0, sizeof(now.desk->arg));
	memcpy(now.desk->arg, &info, sizeof(info));
	fuzz_say(&maker, " %u", whom);
	control(BINDER_GET_FROZEN_INFO, "GET_FROZEN_INFO");
	memcpy(&info, now.desk->arg, sizeof(info));
	printf(" %x %x\n", info.sync_recv, info.async_recv);
}
