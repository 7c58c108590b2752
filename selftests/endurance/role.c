// SPDX-License-Identifier: GPL-2.0-only
/* The lives of the three; see role.h. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "endurance.h"
#include "role.h"

#define AREA ((size_t)256 * 1024)
#define MAX_FDS 64

void wrong(struct role *role, const char *what, uint32_t code)
{
	static const char *const name[] = { "sender", "receiver", "third" };

	if (!role->round->wrong[0])
		snprintf(role->round->wrong, sizeof(role->round->wrong), "%s: %s (%s, %d)",
			 name[role->who], what, bnd_br_name(code), (int)code);
	_exit(1);
}

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem))
		need(errno == EINTR);
}

static int open_files(void)
{
	int n = 0;

	for (int fd = 0; fd < MAX_FDS; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void tell_manager(struct role *role, uint32_t code)
{
	struct bnd_msg m = { .code = code };
	struct binder_transaction_data reply;

	need(!bnd_call_checked(&role->conn, &m, &reply));
	need(!bnd_free_buffer(&role->conn, reply.data.ptr.buffer));
}

static void exchange_handles(struct role *role)
{
	struct flat_binder_object o = bnd_obj_binder(0x1000, role->who,
						     FLAT_BINDER_FLAG_ACCEPTS_FDS);
	struct binder_transaction_data reply;
	struct letter l;
	struct bnd_msg m;

	write_letter(&l, role->who);
	add_object(&l, &o, sizeof(o));
	m = letter_msg(&l, 0, CODE_HELLO, 0);
	need(!bnd_call_checked(&role->conn, &m, &reply));
	need(!bnd_free_buffer(&role->conn, reply.data.ptr.buffer));

	wait_for(&role->round->here);
	m = (struct bnd_msg){ .code = CODE_PEERS };
	need(!bnd_call_checked(&role->conn, &m, &reply));
	for (int i = 0; i < NR_ROLES; i++) {
		if (i != (int)role->who)
			need(!bnd_take_handle(&role->conn, &reply, i, &role->peer[i]));
	}
	need(!bnd_free_buffer(&role->conn, reply.data.ptr.buffer));
	sem_post(&role->round->met);
}

/* Sends SIGKILL to this process when the time has come. */
static void *await_death(void *arg)
{
	struct sigevent kill = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };
	struct round *round = arg;
	struct itimerspec at = {
		.it_value = { round->delay_ns / 1000000000, round->delay_ns % 1000000000 },
	};
	timer_t timer;

	need(!timer_create(CLOCK_MONOTONIC, &kill, &timer));
	wait_for(&round->arm);
	round->killed_ns = now_ns() + round->delay_ns;
	/* First, or nobody would if the time is short. */
	sem_post(&round->go);
	if (round->delay_ns)
		need(!timer_settime(timer, 0, &at, NULL));
	pause();
	return NULL;
}

static bool serve_call(struct bnd_conn *c, const struct binder_transaction_data *txn,
		       const char *secctx, struct bnd_msg *reply)
{
	/* One may be served while another waits for an answer. */
	static struct letter letters[8];
	struct role *role = c->ctx;
	struct letter *l;

	(void)secctx;
	if (txn->code == CODE_END) {
		role->stop = true;
		return true;
	}
	if (txn->code == CODE_PING) {
		tell_manager(role, CODE_PONG);
		return true;
	}
	l = &letters[txn->code - CODE_TRADE];
	if (!right_letter(txn, letter_number(txn)))
		wrong(role, "the call is not what was sent", txn->code);
	write_letter(l, ~letter_number(txn));
	serve_trade(role, txn, txn->code - CODE_TRADE, l);
	*reply = letter_msg(l, 0, 0, 0);
	return true;
}

static const struct bnd_ops ops = { .call = serve_call };

void play(struct round *round, enum who who)
{
	struct role role = { .round = round, .who = who };
	int err, files;
	pthread_t thread;

	need(!bnd_open(&role.conn, device(), AREA, 0));
	role.conn.ops = &ops;
	role.conn.ctx = &role;
	if (who == round->victim)
		need(!pthread_create(&thread, NULL, await_death, round));
	files = open_files();
	exchange_handles(&role);
	if (who == SENDER) {
		uint64_t began;

		wait_for(&round->go);
		began = now_ns();
		do {
			trade(&role);
			if (!round->exchanges++)
				round->first_ns = now_ns() - began;
		} while (!__atomic_load_n(&round->over, __ATOMIC_ACQUIRE));
		/* Whoever is dead now is known to be. */
		trade(&role);
		tell_manager(&role, CODE_DONE);
	}
	err = bnd_serve(&role.conn, false, &role.stop);
	if (err)
		wrong(&role, "serving ended", err);
	if (open_files() != files)
		wrong(&role, "descriptors are left", open_files());
	bnd_close(&role.conn);
	_exit(0);
}
