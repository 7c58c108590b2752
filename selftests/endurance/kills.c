// SPDX-License-Identifier: GPL-2.0-only
/*
 * SIGKILL at many points of each kind of trade between three processes (role.h).
 *
 * POINTS kills each of them that often in each kind, at moments spread evenly over
 * the time that an exchange takes. Whoever is left must get an answer for each call,
 * right or BR_DEAD_REPLY, serve calls afterwards, and have no descriptor too many;
 * the test must hear of each death once; and of the files in messages none may be open
 * in the end. How long it took to be told is printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "endurance.h"
#include "role.h"

#define AREA ((size_t)256 * 1024)
#define DEFAULT_POINTS 4
/* Exchanges of other lengths than those that were measured end a little later. */
#define SPREAD(ns) ((ns) + (ns) / 4)
#define MEASURED 2

static const char *const trades[] = {
	"plain", "objects", "files", "scatter", "oneway", "reply", "nested", "death",
	"freeze", "buffers", "opens",
};

static const char *const roles[] = { "sender", "receiver", "third" };

/* The test's side of one round. */
struct manager {
	struct bnd_conn conn;
	struct round *round;
	uint32_t handle[NR_ROLES];
	unsigned int said[CODE_END][NR_ROLES];
	unsigned int met, peers;
	unsigned int dead[NR_ROLES];
	uint64_t told_ns;	/* of the victim's death, after the kill */
	bool ending;
	const char *doing;
};

static struct manager mgr;

static unsigned long nr_kills;

static void what_hangs(void)
{
	const struct round *r = mgr.round;

	printf(": kill %lu, %s, %s dies after %.3f ms, %u exchanges, %s", nr_kills,
	       trades[r->trade], roles[r->victim], r->delay_ns / 1e6, r->exchanges, mgr.doing);
	if (r->wrong[0])
		printf("; %s", r->wrong);
	printf("\n");
	for (int i = 0; i < NR_ROLES; i++)
		print_task(roles[i], r->pid[i]);
	print_driver();
}

static void doing(const char *what)
{
	mgr.doing = what;
	hang_after(what_hangs);
}

static void fail(const char *who, const char *what, int number)
{
	printf("# the %s %s (%d)", who, what, number);
	what_hangs();
	fflush(stdout);
	_exit(1);
}

static enum who sender_of(const struct binder_transaction_data *txn)
{
	for (int i = 0; i < NR_ROLES; i++) {
		if (txn->sender_pid == mgr.round->pid[i])
			return i;
	}
	need(!"a stranger calls");
	return NR_ROLES;
}

static void hello(struct bnd_conn *c, const struct binder_transaction_data *txn)
{
	BND_CMDS(w, 32);
	enum who who = sender_of(txn);

	need(!bnd_take_handle(c, txn, 0, &mgr.handle[who]));
	/* The lowest that are free: nothing is left of the rounds before. */
	need(mgr.handle[who] <= NR_ROLES);
	bnd_cmd_request_death(&w, mgr.handle[who], who);
	need(!bnd_write(c, &w));
	if (++mgr.met == NR_ROLES) {
		for (int i = 0; i < NR_ROLES; i++)
			sem_post(&mgr.round->here);
	}
}

static bool serve(struct bnd_conn *c, const struct binder_transaction_data *txn,
		  const char *secctx, struct bnd_msg *reply)
{
	static struct letter l;

	(void)secctx;
	write_letter(&l, ~letter_number(txn));
	if (txn->code == CODE_HELLO) {
		hello(c, txn);
	} else if (txn->code == CODE_PEERS) {
		mgr.peers++;
		l.size = 0;
		for (int i = 0; i < NR_ROLES; i++) {
			struct flat_binder_object o = bnd_obj_handle(mgr.handle[i]);

			add_object(&l, &o, sizeof(o));
		}
	} else if (txn->code == CODE_DONE || txn->code == CODE_PONG) {
		mgr.said[txn->code][sender_of(txn)]++;
	}
	*reply = letter_msg(&l, 0, 0, 0);
	return true;
}

static void death(struct bnd_conn *c, uint64_t cookie)
{
	(void)c;
	need(cookie < NR_ROLES);
	mgr.dead[cookie]++;
	if (!mgr.ending && (cookie != mgr.round->victim || !mgr.round->delay_ns))
		fail(roles[cookie], "ended", 0);
	if (cookie == mgr.round->victim)
		mgr.told_ns = now_ns() - mgr.round->killed_ns;
}

static const struct bnd_ops ops = { .call = serve, .death = death };

/* Serve until @who is dead. */
static void await_death(enum who who)
{
	while (!mgr.dead[who])
		need(!bnd_serve_once(&mgr.conn));
}

/* A oneway call without anything in it. */
static void tell(enum who who, uint32_t code)
{
	struct bnd_msg m = { .handle = mgr.handle[who], .code = code, .flags = TF_ONE_WAY };
	struct bnd_result res;

	need(!bnd_call(&mgr.conn, &m, &res) && res.code == BR_TRANSACTION_COMPLETE);
}

/* Those that are left are called and call; the manager waits for no answer of theirs. */
static void talk_to_the_others(const struct round *r)
{
	for (int i = 0; i < NR_ROLES; i++) {
		if (mgr.dead[i])
			continue;
		/* Whoever froze it may have died before it could thaw it. */
		if (r->trade == FREEZE)
			need(!bnd_freeze(&mgr.conn, r->pid[i], false, 0));
		tell(i, CODE_PING);
		while (!mgr.said[CODE_PONG][i])
			need(!bnd_serve_once(&mgr.conn));
	}
}

static struct round *new_round(enum trade kind, enum who victim, uint64_t delay_ns, int fd)
{
	static struct round *r;

	if (!r)
		r = shared(sizeof(*r));
	*r = (struct round){
		.trade = kind, .victim = victim, .delay_ns = delay_ns, .fd = fd,
	};
	need(!sem_init(&r->arm, 1, 0) && !sem_init(&r->go, 1, 0) &&
	     !sem_init(&r->here, 1, 0) && !sem_init(&r->met, 1, 0));
	memset(mgr.dead, 0, sizeof(mgr.dead));
	memset(mgr.said, 0, sizeof(mgr.said));
	mgr.met = 0;
	mgr.peers = 0;
	mgr.ending = false;
	mgr.round = r;
	return r;
}

static void meet(struct round *r)
{
	for (int i = 0; i < NR_ROLES; i++) {
		r->pid[i] = child();
		if (!r->pid[i]) {
			close(mgr.conn.fd);
			r->pid[i] = getpid();
			play(r, i);
		}
	}
	doing("the three meet");
	while (mgr.peers < NR_ROLES)
		need(!bnd_serve_once(&mgr.conn));
	for (int i = 0; i < NR_ROLES; i++) {
		while (sem_wait(&r->met))
			need(errno == EINTR);
	}
}

/* All of them end, and nothing of them is left. */
static void part(struct round *r, int reader)
{
	struct pollfd pfd = { .fd = reader };

	mgr.ending = true;
	for (int i = 0; i < NR_ROLES; i++) {
		int status;

		if (!mgr.dead[i])
			tell(i, CODE_END);
		status = status_of(r->pid[i]);
		if (r->wrong[0] || (i == (int)r->victim && r->delay_ns ?
				    !WIFSIGNALED(status) : status))
			fail(roles[i], "ended otherwise", status);
	}
	doing("the other two die");
	for (int i = 0; i < NR_ROLES; i++)
		await_death(i);
	for (int i = 0; i < NR_ROLES; i++) {
		need(mgr.dead[i] == 1);
		need(!bnd_release(&mgr.conn, mgr.handle[i]));
	}
	doing("the last copy of a file is closed");
	need(poll(&pfd, 1, -1) == 1 && (pfd.revents & POLLHUP));
	close(reader);
	hang_after(NULL);
}

/* One life of the three. 0 for @delay_ns kills nobody. */
static struct round *play_round(enum trade kind, enum who victim, uint64_t delay_ns)
{
	struct round *r;
	int fds[2];

	need(!pipe2(fds, O_CLOEXEC));
	r = new_round(kind, victim, delay_ns, fds[1]);
	meet(r);
	close(fds[1]);
	r->over = !delay_ns;
	doing("the victim dies");
	sem_post(&r->arm);
	if (delay_ns) {
		await_death(victim);
		__atomic_store_n(&r->over, true, __ATOMIC_RELEASE);
	}
	doing("the others end their trade");
	while (victim != SENDER && !mgr.said[CODE_DONE][SENDER])
		need(!bnd_serve_once(&mgr.conn));
	doing("the others are called");
	talk_to_the_others(r);
	part(r, fds[0]);
	return r;
}

FIXTURE(kills)
{
};

FIXTURE_VARIANT(kills)
{
	enum trade kind;
};

FIXTURE_VARIANT_ADD(kills, plain) { .kind = PLAIN };
FIXTURE_VARIANT_ADD(kills, objects) { .kind = OBJECTS };
FIXTURE_VARIANT_ADD(kills, files) { .kind = FILES };
FIXTURE_VARIANT_ADD(kills, scatter) { .kind = SCATTER };
FIXTURE_VARIANT_ADD(kills, oneway) { .kind = ONEWAY };
FIXTURE_VARIANT_ADD(kills, reply) { .kind = REPLY };
FIXTURE_VARIANT_ADD(kills, nested) { .kind = NESTED };
FIXTURE_VARIANT_ADD(kills, death) { .kind = DEATH };
FIXTURE_VARIANT_ADD(kills, freeze) { .kind = FREEZE };
FIXTURE_VARIANT_ADD(kills, buffers) { .kind = BUFFERS };
FIXTURE_VARIANT_ADD(kills, opens) { .kind = OPENS };

FIXTURE_SETUP(kills)
{
	int err;

	need(!bnd_open(&mgr.conn, device(), AREA, 0));
	mgr.conn.ops = &ops;
	/* That of the test before may still be on its way out. */
	while ((err = bnd_become_manager(&mgr.conn)) == -EBUSY)
		sched_yield();
	need(!err);
}

FIXTURE_TEARDOWN(kills)
{
	bnd_close(&mgr.conn);
}

/* How long an exchange takes that nothing happens to: the longest of a few. */
static uint64_t measure(enum trade kind)
{
	uint64_t ns = 0;

	for (int i = 0; i < MEASURED; i++) {
		struct round *r = play_round(kind, THIRD, 0);

		if (r->first_ns > ns)
			ns = r->first_ns;
	}
	return ns;
}

static void kill_at_all_points(enum trade kind, enum who victim)
{
	uint64_t length = SPREAD(measure(kind));
	unsigned long points = count_of("POINTS", DEFAULT_POINTS);
	struct times told = { .n = 0 }, waited = { .n = 0 };
	unsigned long first = 0;
	char what[96];

	for (unsigned long i = 0; i < points; i++) {
		struct round *r = play_round(kind, victim, 1 + length * i / points);

		nr_kills++;
		first += !r->exchanges || (victim != SENDER && r->first_ns > r->delay_ns);
		add_time(&told, mgr.told_ns);
		if (r->wait_ns)
			add_time(&waited, r->wait_ns);
	}
	printf("# %s, %s dies: %lu kills within %.2f ms, %lu in the first exchange\n",
	       trades[kind], roles[victim], points, length / 1e6, first);
	snprintf(what, sizeof(what), "%s, %s dies: notices came after the kill", trades[kind],
		 roles[victim]);
	print_times(&told, what);
	snprintf(what, sizeof(what), "%s, %s dies: BR_DEAD_REPLY came after the kill",
		 trades[kind], roles[victim]);
	if (waited.n)
		print_times(&waited, what);
}

TEST_F_TIMEOUT(kills, of_the_sender, NO_TIMEOUT)
{
	kill_at_all_points(variant->kind, SENDER);
}

TEST_F_TIMEOUT(kills, of_the_receiver, NO_TIMEOUT)
{
	kill_at_all_points(variant->kind, RECEIVER);
}

TEST_F_TIMEOUT(kills, of_the_third, NO_TIMEOUT)
{
	kill_at_all_points(variant->kind, THIRD);
}

TEST_HARNESS_MAIN
