// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery, faults and reclaim at random, for a while: several reclaimers by hand and
 * by the kernel, receivers that lose their page table entries, change their mappings
 * and look at pages that are not theirs to look at. Every word that arrives is checked.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "hooks_test.h"

#define SECONDS 15
#define SENDERS 3
#define SERVERS 3
#define REAPERS 3
#define SOAK_AREA (512 * 1024)
#define MOST_PAGES 12		/* of a message */

HOOKS_FIXTURE(soak);

struct state {
	bool stop;
	unsigned long messages;
	unsigned long wrong;
	unsigned long scans;
};

static struct state *state;

static bool over(void)
{
	return __atomic_load_n(&state->stop, __ATOMIC_RELAXED);
}

static void add(unsigned long *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static uint32_t next_word(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/*
 * Around a page most of the time, so that messages share pages. All that may be under way
 * or about to be freed has room in the area.
 */
static size_t size_of(uint32_t seed)
{
	return (seed >> 4) % (seed & 7 ? 2 * PAGE : MOST_PAGES * PAGE) & ~(size_t)7;
}

/* Each word says which message it is of, and where it lies. */
static uint64_t word_of(uint32_t seed, size_t at)
{
	return (uint64_t)seed << 32 | at;
}

static void check(const struct binder_transaction_data *txn)
{
	const volatile uint64_t *words = (void *)(uintptr_t)txn->data.ptr.buffer;

	if (txn->data_size != size_of(txn->code))
		add(&state->wrong);
	for (size_t at = 0; at < txn->data_size; at += 8) {
		if (words[at / 8] != word_of(txn->code, at))
			add(&state->wrong);
	}
}

static void *contents(uint32_t seed)
{
	static __thread uint64_t words[MOST_PAGES * PAGE / 8];

	for (size_t at = 0; at < size_of(seed); at += 8)
		words[at / 8] = word_of(seed, at);
	return words;
}

static bool serve(struct bnd_conn *c, const struct binder_transaction_data *txn,
		  const char *secctx, struct bnd_msg *reply)
{
	uint32_t seed = txn->code;

	(void)c;
	(void)secctx;
	check(txn);
	sched_yield();
	/* All of its entries gone: every page is faulted in again. */
	if (!(seed & 3))
		madvise(c->map, c->map_size, MADV_DONTNEED);
	check(txn);
	add(&state->messages);
	next_word(&seed);
	*reply = (struct bnd_msg){
		.code = seed, .data = contents(seed), .size = size_of(seed),
	};
	return true;
}

static const struct bnd_ops ops = { .call = serve };

static long do_serve(struct port *p, void *arg)
{
	BND_CMDS(w, 16);
	struct bnd_conn c = *p->conn;
	int err;

	(void)arg;
	c.ops = &ops;
	bnd_cmd_enter_looper(&w);
	err = bnd_write(&c, &w);
	while (!err || err == -EINTR)
		err = bnd_serve_once(&c);
	return err;
}

static long do_send(struct port *p, void *arg)
{
	uint32_t seed = (uint32_t)(uintptr_t)arg;
	struct binder_extended_error why = { .command = BR_OK };
	struct bnd_result res;
	int err;

	while (!over()) {
		struct bnd_msg m = { .code = next_word(&seed) };

		m.data = contents(m.code);
		m.size = size_of(m.code);
		err = bnd_call(p->conn, &m, &res);
		if (err)
			return err;
		if (res.code != BR_REPLY) {
			bnd_extended_error(p->conn, &why);
			return why.command == BR_OK ? (long)res.code : why.param;
		}
		check(&res.txn);
		sched_yield();
		check(&res.txn);
		err = bnd_free_buffer(p->conn, res.txn.data.ptr.buffer);
		if (err)
			return err;
	}
	return 0;
}

static long do_scan(struct port *p, void *arg)
{
	uint32_t seed = (uint32_t)(uintptr_t)arg;
	int fd = open("/sys/module/binder_linux/parameters/hook_scan", O_WRONLY | O_CLOEXEC);

	(void)p;
	while (!over()) {
		const char *n = next_word(&seed) & 1 ? "3" : "100";

		if (write(fd, n, strlen(n)) < 0)
			return -errno;
		add(&state->scans);
		sched_yield();
	}
	return 0;
}

static long do_drop(struct port *p, void *arg)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	(void)p;
	(void)arg;
	while (!over()) {
		if (write(fd, "2", 1) != 1)
			return -errno;
		usleep(20000);
	}
	return 0;
}

/* Touches pages at random, whatever they are. */
static long do_probe(struct port *p, void *arg)
{
	uint32_t seed = (uint32_t)(uintptr_t)arg;
	int fds[2];

	if (pipe(fds))
		return -errno;
	while (!over()) {
		const uint8_t *page = (uint8_t *)p->conn->map +
				      next_word(&seed) % (p->conn->map_size / PAGE) * PAGE;
		uint8_t byte;

		/* What is not there is an error of the call. */
		if (write(fds[1], page, 1) == 1 && read(fds[0], &byte, 1) != 1)
			return -errno;
		if (!(seed & 15))
			sched_yield();
	}
	return 0;
}

/* Holds the mmap_lock for writing much of the time and splits the area's mapping. */
static long do_remap(struct port *p, void *arg)
{
	uint8_t *map = p->conn->map;

	(void)arg;
	while (!over()) {
		void *other = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (other == MAP_FAILED || munmap(other, MIB) ||
		    mprotect(map + SOAK_AREA / 2, PAGE, PROT_READ | PROT_EXEC) ||
		    mprotect(map + SOAK_AREA / 2, PAGE, PROT_READ))
			return -errno;
		sched_yield();
	}
	return 0;
}

/* Opens, maps, and goes, with pages or without. */
static long do_come_and_go(struct port *p, void *arg)
{
	struct bnd_result res;
	struct bnd_conn c;
	int err = 0;

	(void)p;
	for (uint32_t seed = (uint32_t)(uintptr_t)arg; !over() && !err;) {
		struct bnd_msg m = { .code = next_word(&seed) };

		err = bnd_open(&c, device(), SOAK_AREA, 0);
		if (err)
			return err;
		m.data = contents(m.code);
		m.size = size_of(m.code);
		err = bnd_call(&c, &m, &res);
		if (!err && res.code == BR_REPLY)
			check(&res.txn);
		bnd_close(&c);
	}
	return err;
}

/* Until the time is up or a word is wrong. */
static void wait_a_while(void)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	struct timespec begin, now;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		nanosleep(&pause, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - begin.tv_sec < SECONDS &&
		 !__atomic_load_n(&state->wrong, __ATOMIC_RELAXED));
	__atomic_store_n(&state->stop, true, __ATOMIC_RELAXED);
}

static struct port *workers[16];
static int nr_workers;

static void put_to_work(struct port *p, long (*fn)(struct port *p, void *arg))
{
	workers[nr_workers++] = p;
	run_start(p, fn, (void *)(uintptr_t)(0x1234567u * (uint32_t)nr_workers));
}

TEST_F(soak, every_word_arrives)
{
	struct port *server, *servers[SERVERS], *prober, *mapper;

	/* Before those who shall see it. */
	state = memset(shared(sizeof(*state)), 0, sizeof(*state));
	server = receiver(SOAK_AREA);
	prober = thread_of(server);
	mapper = thread_of(server);
	drop_caches();
	for (int i = 0; i < SERVERS; i++)
		servers[i] = i ? thread_of(server) : server;
	for (int i = 0; i < SERVERS; i++)
		run_start(servers[i], do_serve, NULL);
	put_to_work(prober, do_probe);
	put_to_work(mapper, do_remap);
	for (int i = 0; i < SENDERS; i++)
		put_to_work(process_on(device(), SOAK_AREA), do_send);
	for (int i = 0; i < REAPERS; i++)
		put_to_work(client(), do_scan);
	put_to_work(client(), do_drop);
	put_to_work(client(), do_come_and_go);
	wait_a_while();
	for (int i = 0; i < nr_workers; i++) {
		ASSERT_EQ(0, run_finish(workers[i])) {
			TH_LOG("worker %d", i);
		}
	}
	ASSERT_EQ(0, state->wrong);
	TH_LOG("%lu messages, %lu scans", state->messages, state->scans);
	ASSERT_LT(100, state->messages);
	ASSERT_LT(100, state->scans);
	/* All is accounted for, and can go. */
	die(server);
	peers_end();
	await_no_pages();
	await_no_idle_pages();
}

TEST_HARNESS_MAIN
