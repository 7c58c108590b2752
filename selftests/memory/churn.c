// SPDX-License-Identifier: GPL-2.0-only
/* Many messages, many mappings and much reclaim at a time. Bounded by count. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "protocol_test.h"
#include "words.h"

#define OPENS 10000
#define SENDERS 4
#define MESSAGES 300
#define RECEIVERS 24
#define CHURN_AREA (256 * 1024)

PROTOCOL_FIXTURE(churn);

/* --- nothing is left of an open --- */

static long do_opens(struct port *p, void *arg)
{
	const struct bnd_msg m = { .handle = 0 };
	long n = (long)arg;
	int err = 0;

	(void)p;
	while (n-- && !err) {
		struct bnd_result res = { .code = BR_REPLY };
		struct bnd_conn c;

		err = bnd_open(&c, device(), n & 1 ? MAX_AREA : PAGE, 0);
		if (err)
			return err;
		/* Some have an answer in their area, some unmap it before they close. */
		if (!(n & 3))
			err = bnd_call(&c, &m, &res);
		if (!err && res.code != BR_REPLY)
			err = -EREMOTEIO;
		if (!err && n % 3)
			err = bnd_unmap(&c);
		bnd_close(&c);
	}
	return err;
}

/* Answers everything with nothing. */
static long do_serve(struct port *p, void *arg)
{
	const volatile bool never = false;

	(void)arg;
	return bnd_serve(p->conn, false, &never);
}

/* KASAN and kmemleak keep memory of the freed, how much does not depend on the driver. */
#define FREE_MEMORY_COUNTS()							\
	do {									\
		if (getenv("SLOW_KERNEL"))					\
			SKIP(return, "a debug kernel keeps free memory to itself"); \
	} while (0)

static long kept_before, free_before;

/* Less than 64 bytes for each, and not a page for every twentieth. */
static bool nothing_is_kept(void *arg)
{
	(void)arg;
	drop_caches();
	return meminfo("SUnreclaim") - kept_before < OPENS * 64 / 1024 &&
	       free_before - free_pages() < OPENS / 20;
}

/* Thousands of opens: a busy machine takes its time. */
TEST_F_TIMEOUT(churn, opening_and_mapping_leaves_nothing, 120)
{
	struct port *server, *p;

	FREE_MEMORY_COUNTS();
	server = receiver(AREA);
	p = process();
	run_start(server, do_serve, NULL);
	/* What the kernel keeps at hand, it has then. */
	ASSERT_EQ(0, run(p, do_opens, (void *)500L));
	drop_caches();
	kept_before = meminfo("SUnreclaim");
	free_before = free_pages();
	for (int i = 0; i < 10; i++)
		ASSERT_EQ(0, run(p, do_opens, (void *)(OPENS / 10L)));
	wait_until(nothing_is_kept, NULL, "memory of closed files is kept");
}

#define CHILDREN 300

static long do_children(struct port *p, void *arg)
{
	(void)p;
	for (long n = (long)arg; n; n--) {
		struct bnd_conn c;
		int status;
		pid_t pid = fork();

		if (!pid)
			_exit(bnd_open(&c, device(), MAX_AREA, 0) != 0);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			return -ECHILD;
	}
	return 0;
}

/* Each has a page table at least. */
static bool no_address_space_is_kept(void *arg)
{
	(void)arg;
	drop_caches();
	return free_before - free_pages() < CHILDREN / 2;
}

TEST_F(churn, processes_leave_no_address_space)
{
	struct port *p;

	FREE_MEMORY_COUNTS();
	p = process();
	ASSERT_EQ(0, run(p, do_children, (void *)50L));
	drop_caches();
	free_before = free_pages();
	ASSERT_EQ(0, run(p, do_children, (void *)(long)CHILDREN));
	wait_until(no_address_space_is_kept, NULL, "address spaces of the dead are kept");
}

/* --- payloads --- */

/* Until *@arg is set; how often. */
static long do_reclaim(struct port *p, void *arg)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	const bool *stop = arg;
	long rounds = 0;

	(void)p;
	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		if (write(fd, "2", 1) != 1)
			return -errno;
		rounds++;
		sched_yield();
	}
	return rounds;
}

static const uint8_t *bytes_of(const struct binder_transaction_data *txn)
{
	return (const uint8_t *)(uintptr_t)txn->data.ptr.buffer;
}

/* The code is the seed of the contents; the answer is the same, with its own seed. */
static bool serve_words(struct bnd_conn *c, const struct binder_transaction_data *txn,
			const char *secctx, struct bnd_msg *reply)
{
	static __thread uint8_t answer[WORDS_MAX];
	uint32_t seed = txn->code;

	(void)secctx;
	*(bool *)c->ctx = right_words(bytes_of(txn), txn->data_size, seed);
	/* Once more, after others ran. */
	sched_yield();
	if (!right_words(bytes_of(txn), txn->data_size, seed) ||
	    txn->data_size != size_of(seed))
		*(bool *)c->ctx = false;
	next_word(&seed);
	write_words(answer, size_of(seed), seed);
	*reply = (struct bnd_msg){ .code = seed, .data = answer, .size = size_of(seed) };
	return true;
}

static const struct bnd_ops word_ops = { .call = serve_words };

/* Serves until a message is wrong or the test ends. */
static long do_serve_words(struct port *p, void *arg)
{
	BND_CMDS(w, 16);
	struct bnd_conn c = *p->conn;
	bool *right = arg;
	int err;

	c.ops = &word_ops;
	c.ctx = right;
	*right = true;
	bnd_cmd_enter_looper(&w);
	err = bnd_write(&c, &w);
	while (!err && *right)
		err = bnd_serve_once(&c);
	return *right ? err : -EBADMSG;
}

struct sender {
	uint32_t seed;
	unsigned int n;
	unsigned int answered;
	bool may_fail;		/* receivers come and go */
};

static long do_send_words(struct port *p, void *arg)
{
	static __thread uint8_t data[WORDS_MAX];
	struct sender *s = arg;
	struct bnd_result res;
	int err;

	for (unsigned int i = 0; i < s->n; i++) {
		uint32_t seed = next_word(&s->seed);
		size_t size = size_of(seed);
		struct bnd_msg m = { .code = seed, .data = data, .size = size };

		write_words(data, size, seed);
		err = bnd_call(p->conn, &m, &res);
		if (err)
			return err;
		if (res.code != BR_REPLY) {
			if (!s->may_fail)
				return -EREMOTEIO;
			sched_yield();
			continue;
		}
		s->answered++;
		next_word(&seed);
		if (res.txn.data_size != size_of(seed) ||
		    !right_words(bytes_of(&res.txn), res.txn.data_size, seed))
			return -EBADMSG;
		sched_yield();
		if (!right_words(bytes_of(&res.txn), res.txn.data_size, seed))
			return -EBADMSG;
		err = bnd_free_buffer(p->conn, res.txn.data.ptr.buffer);
		if (err)
			return err;
	}
	return 0;
}

static struct sender *new_sender(int i, unsigned int n, bool may_fail)
{
	struct sender *s = shared(sizeof(*s));

	*s = (struct sender){ .seed = 0x9e3779b9u * (i + 1), .n = n, .may_fail = may_fail };
	return s;
}

/* Several senders, sizes mixed, replies as large, everything reclaimed all the time. */
TEST_F(churn, every_byte_arrives_under_reclaim)
{
	struct port *server = receiver(MIB), *t[3], *c[SENDERS], *reaper = process();
	bool *right = shared(3), *stop = shared(1);

	*stop = false;
	t[0] = server;
	t[1] = thread_of(server);
	t[2] = thread_of(server);
	for (int i = 0; i < SENDERS; i++)
		c[i] = process_on(device(), CHURN_AREA);
	for (int i = 0; i < 3; i++)
		run_start(t[i], do_serve_words, &right[i]);
	drop_caches();
	run_start(reaper, do_reclaim, stop);
	for (int i = 0; i < SENDERS; i++)
		run_start(c[i], do_send_words, new_sender(i, MESSAGES, false));
	for (int i = 0; i < SENDERS; i++)
		ASSERT_EQ(0, run_finish(c[i]));
	__atomic_store_n(stop, true, __ATOMIC_RELAXED);
	ASSERT_LT(0, run_finish(reaper));
	for (int i = 0; i < 3; i++)
		ASSERT_TRUE(right[i]);
}

/* --- areas that go while they are in use --- */

#define WAYS 6
#define REPLACED 3

static long do_end(struct port *p, void *arg)
{
	uint8_t *map = p->conn->map;
	size_t size = p->conn->map_size;
	long how = (long)arg;

	switch (how) {
	case 0:
		return munmap(map, size);
	case 1:
		return munmap(map + size / 2, PAGE);
	case 2:
		return mremap(map, size, size, MREMAP_MAYMOVE | 4 /* MREMAP_DONTUNMAP */,
			      NULL) == MAP_FAILED;
	case REPLACED:
		return mmap(map, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED;
	case 4:
		return madvise(map, size, MADV_DONTNEED);
	default:
		_exit(0);
	}
}

struct crowd {
	struct sender *senders[SENDERS];
	unsigned int answered;
};

static unsigned int answers(const struct crowd *crowd)
{
	unsigned int sum = 0;

	for (int i = 0; i < SENDERS; i++)
		sum += __atomic_load_n(&crowd->senders[i]->answered, __ATOMIC_RELAXED);
	return sum;
}

static bool answered_more(void *arg)
{
	struct crowd *crowd = arg;

	return answers(crowd) > crowd->answered + SENDERS;
}

static bool becomes_manager(void *arg)
{
	return !ioc_at(arg, BINDER_SET_CONTEXT_MGR, 0);
}

static bool through_or_ended(void *arg)
{
	return is_through(arg) || has_ended(arg);
}

/* Ends a receiver's area in the @how-th way while it is in use. */
static void end_receiver(struct port *server, struct port *t, long how)
{
	run_start(t, do_end, (void *)how);
	wait_until(through_or_ended, t, "the area does not end");
	if (is_through(t) && run_finish(t))
		fail("way %ld to end an area failed", how);
	die(server);
}

/*
 * Receivers follow each other. Each answers something; then its area is unmapped,
 * in part or whole, moved, replaced or emptied, with all senders at it and reclaim.
 * Who gets an answer gets the right one.
 *
 * R32, CVE-2019-1999, CVE-2023-52438, CVE-2023-52609; R33, CVE-2023-20928, CVE-2022-50240
 */
TEST_F(churn, areas_go_while_they_are_in_use)
{
	struct port *c[SENDERS], *reaper = process();
	bool *stop = shared(1);
	struct crowd crowd;

	*stop = false;
	for (int i = 0; i < SENDERS; i++) {
		c[i] = process_on(device(), CHURN_AREA);
		crowd.senders[i] = new_sender(i, 1u << 30, true);
		run_start(c[i], do_send_words, crowd.senders[i]);
	}
	drop_caches();
	run_start(reaper, do_reclaim, stop);
	for (long i = 0; i < RECEIVERS; i++) {
		struct port *server = process_on(device(), CHURN_AREA), *t = thread_of(server);
		bool *right = shared(1);

		wait_until(becomes_manager, server, "the manager does not go");
		crowd.answered = answers(&crowd);
		run_start(server, do_serve_words, right);
		wait_until(answered_more, &crowd, "the receiver does not answer");
		ASSERT_TRUE(*right);
		end_receiver(server, t, i % WAYS);
		/* Only other memory in its place makes a message look wrong. */
		ASSERT_TRUE(*right || i % WAYS == REPLACED);
	}
	for (int i = 0; i < SENDERS; i++)
		__atomic_store_n(&crowd.senders[i]->n, 0, __ATOMIC_RELAXED);
	for (int i = 0; i < SENDERS; i++)
		ASSERT_EQ(0, run_finish(c[i]));
	__atomic_store_n(stop, true, __ATOMIC_RELAXED);
	ASSERT_LT(0, run_finish(reaper));
}

TEST_HARNESS_MAIN
