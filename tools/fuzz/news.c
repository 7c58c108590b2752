// SPDX-License-Identifier: GPL-2.0-only
/*
 * News: what owners are told of references to their objects.
 *
 * Differs: when they are told of what falls, and on which thread; if an object is
 * sent anew meanwhile, they are not told at all. So nothing else may depend on
 * it: news are left out of the text, and acknowledged behind the back of the
 * session, at times that have random numbers of their own. What has to be true all
 * the same is looked at: codes alternate, and when all was read and acknowledged
 * both drivers know the same objects and have said the same of them.
 */
#include <errno.h>
#include <stdio.h>

#include "world.h"

#define ROUNDS	40

static struct fuzz_random news_rng = { .state = 1 };

static void complain(const struct bnd_rec *rec)
{
	printf(" out of turn: %s %llx", bnd_br_name(rec->code), (unsigned long long)rec->node.ptr);
	nr_wrong++;
}

bool take_news(const struct bnd_rec *rec)
{
	bool rises = rec->code == BR_INCREFS || rec->code == BR_ACQUIRE;
	bool *said;

	if (!rises && rec->code != BR_RELEASE && rec->code != BR_DECREFS)
		return false;
	now.at->nr_news++;
	if (now.at->exact || rec->node.ptr > FUZZ_NODES ||
	    rec->node.cookie != rec->node.ptr * 256) {
		complain(rec);
		return true;
	}
	said = rec->code == BR_ACQUIRE || rec->code == BR_RELEASE ?
		       &now.at->told[rec->node.ptr].strong : &now.at->told[rec->node.ptr].weak;
	/* The weak side goes first and ends last. */
	if (*said == rises || (rec->code == BR_ACQUIRE && !now.at->told[rec->node.ptr].weak) ||
	    (rec->code == BR_DECREFS && now.at->told[rec->node.ptr].strong))
		complain(rec);
	*said = rises;
	return true;
}

void acknowledge_news(bool all)
{
	struct fuzz_session *s = &now.at->session;
	unsigned int i, before = s->nr_owed;
	struct binder_ptr_cookie node;
	struct fuzz_owed owed;

	if (!s->nr_owed || !(all || fuzz_once_in(&news_rng, 3)))
		return;
	bnd_cmds_reset(&stream);
	while (s->nr_owed && (all || !fuzz_once_in(&news_rng, 3))) {
		i = fuzz_below(&news_rng, s->nr_owed);
		owed = s->owed[i];
		s->owed[i] = s->owed[--s->nr_owed];
		s->owed[s->nr_owed] = owed;
		node = (struct binder_ptr_cookie){ .ptr = owed.ptr, .cookie = owed.cookie };
		bnd_cmd(&stream, owed.command, &node);
	}
	now.desk->bwr = (struct binder_write_read){
		.write_size = stream.len,
	};
	if (act(ACTOR_WRITE_READ)) {
		printf("refused: acknowledgments\n");
		nr_wrong++;
	}
	/* Nothing is taken from whoever has not read of an error. */
	if (!now.desk->bwr.write_consumed)
		s->nr_owed = before;
	bnd_cmds_reset(&stream);
}

/* Nothing but news is left. */
static void read_news(void)
{
	struct bnd_stream in = { .buf = now.desk->read };
	struct bnd_rec rec;

	while (!read_on()) {
		in.len = now.desk->bwr.read_consumed;
		in.pos = 0;
		while (bnd_next(&in, &rec) == 1) {
			fuzz_session_take(&now.at->session, &now.seat->stack, &rec,
					  now.desk->data, now.desk->offsets);
			if (rec.code != BR_NOOP && !take_news(&rec))
				printf(" unexpected: %s", bnd_br_name(rec.code));
		}
	}
}

static bool all_is_told(unsigned int process, unsigned int port)
{
	unsigned int before;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		before = now.at->nr_news;
		for (unsigned int t = 0; t < now.proc->threads; t++) {
			choose(process, port, t);
			read_news();
			acknowledge_news(true);
		}
		if (before == now.at->nr_news && round)
			return true;
	}
	return false;
}

void compare_news(void)
{
	struct binder_node_debug_info info = { .ptr = 0 };
	bool told = all_is_told(now.process, now.port);

	fuzz_maker_reset(&maker);
	print_start();
	printf(" quiet%s:", told ? "" : ", not");
	nr_quiet++;
	do {
		memset(now.desk->arg, 0, sizeof(now.desk->arg));
		memcpy(now.desk->arg, &info, sizeof(info));
		now.desk->cmd = BINDER_GET_NODE_DEBUG_INFO;
		if (act(ACTOR_IOCTL))
			break;
		memcpy(&info, now.desk->arg, sizeof(info));
		if (info.ptr)
			printf(" %llx,%llx,%u%u", (unsigned long long)info.ptr,
			       (unsigned long long)info.cookie, info.has_strong_ref,
			       info.has_weak_ref);
	} while (info.ptr);
	printf(" told");
	for (unsigned int i = 1; i <= FUZZ_NODES; i++)
		printf(" %d%d", now.at->told[i].strong, now.at->told[i].weak);
	printf("\n");
}
