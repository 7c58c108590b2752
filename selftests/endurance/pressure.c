// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages for SOAK_SECONDS while memory is short: in the group of processes that talk,
 * which has LIMIT MiB between them; in the machine; and with all that is idle
 * reclaimed all the time. Each byte is checked, in calls, answers and oneway calls, and
 * no message may be lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "binder_raw.h"
#include "endurance.h"
#include "squeeze.h"
#include "words.h"

#define DEFAULT_SECONDS 5
#define DEFAULT_LIMIT 16

#define AREA ((size_t)1024 * 1024)
#define PAGE 4096
#define SENDERS 4
#define THREADS 3
#define ONEWAY_MAX 4096
/* A oneway call instead of a call now and then; its object, so that each sender's keep order. */
#define NR_ONEWAY(seed) (((seed) & 7) == 7)
#define OBJECT(sender) (0x1000 * (uint64_t)((sender) + 1))

/* Other calls have what is in them for a code. */
#define CODE_OBJECTS 1
#define CODE_ONEWAY 2
#define CODE_END 3

static struct traffic {
	bool stop;		/* for senders */
	bool release;		/* for those who squeeze */
	bool end;		/* for the threads of the receiver */
	uint64_t sent[SENDERS];	/* oneway calls */
	uint64_t read[SENDERS];
	uint64_t calls[SENDERS], bytes[SENDERS], no_memory[SENDERS];
	long pages;		/* of the receiver's area in the end */
	char wrong[128];
} *t;

static void what_hangs(void)
{
	for (int i = 0; i < SENDERS; i++)
		printf(", sender %d: %llu calls, %llu oneway calls, %llu of them read", i,
		       (unsigned long long)t->calls[i], (unsigned long long)t->sent[i],
		       (unsigned long long)t->read[i]);
	printf("\n");
	print_driver();
}

static void wrong(const char *what, uint32_t number) __attribute__((noreturn));
static void wrong(const char *what, uint32_t number)
{
	if (!t->wrong[0])
		snprintf(t->wrong, sizeof(t->wrong), "%s (%#x)", what, number);
	_exit(1);
}

static const uint8_t *data_of(const struct binder_transaction_data *txn)
{
	return (const uint8_t *)(uintptr_t)txn->data.ptr.buffer;
}

/* Looked at twice, with others in between. */
static void check_words(const struct binder_transaction_data *txn, size_t size, uint32_t seed,
			const char *what)
{
	for (int i = 0; i < 2; i++) {
		if (txn->data_size != size || !right_words(data_of(txn), size, seed))
			wrong(what, seed);
		sched_yield();
	}
}

/* --- the receiver --- */

static bool give_objects(struct bnd_msg *reply)
{
	static struct flat_binder_object o[SENDERS];
	static uint64_t offsets[SENDERS];

	for (int i = 0; i < SENDERS; i++) {
		o[i] = bnd_obj_binder(OBJECT(i), 0, 0);
		offsets[i] = i * sizeof(*o);
	}
	*reply = (struct bnd_msg){
		.data = o, .size = sizeof(o), .offsets = offsets, .noffsets = SENDERS,
	};
	return true;
}

static void take_oneway(const struct binder_transaction_data *txn)
{
	int sender = txn->target.ptr / OBJECT(0) - 1;
	uint32_t seed;

	need(sender >= 0 && sender < SENDERS && txn->data_size >= sizeof(seed));
	memcpy(&seed, data_of(txn), sizeof(seed));
	/* They come one at a time and in order: nobody else counts these now. */
	t->read[sender]++;
	if (seed != (uint32_t)t->read[sender])
		wrong("a oneway call is missing, or comes twice", seed);
	check_words(&(struct binder_transaction_data){
			.data_size = txn->data_size - sizeof(seed),
			.data.ptr.buffer = txn->data.ptr.buffer + sizeof(seed),
		    }, size_of(seed) % ONEWAY_MAX, seed, "a oneway call is not what was sent");
}

static bool serve(struct bnd_conn *c, const struct binder_transaction_data *txn,
		  const char *secctx, struct bnd_msg *reply)
{
	static __thread uint8_t answer[WORDS_MAX];
	static unsigned int nr_calls;
	uint32_t seed;

	(void)secctx;
	switch (txn->code) {
	case CODE_OBJECTS:
		return give_objects(reply);
	case CODE_ONEWAY:
		take_oneway(txn);
		return false;
	case CODE_END:
		t->end = true;
		return false;
	}
	seed = txn->code;
	check_words(txn, size_of(seed), seed, "a call is not what was sent");
	if (!(__atomic_fetch_add(&nr_calls, 1, __ATOMIC_RELAXED) % 64))
		madvise(c->map, c->map_size, MADV_PAGEOUT);
	next_word(&seed);
	write_words(answer, size_of(seed), seed);
	*reply = (struct bnd_msg){ .data = answer, .size = size_of(seed) };
	return true;
}

static const struct bnd_ops ops = { .call = serve };

static void *serve_in_thread(void *conn)
{
	struct bnd_conn c = *(struct bnd_conn *)conn;

	bnd_serve(&c, false, &t->end);
	return NULL;
}

/* Pages that are mapped in the area. */
static long mapped_pages(const struct bnd_conn *c)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	long n = 0;

	need(fd >= 0);
	for (size_t at = 0; at < c->map_size; at += PAGE) {
		uint64_t entry;

		need(pread(fd, &entry, sizeof(entry), ((uintptr_t)c->map + at) / PAGE * 8) == 8);
		n += entry >> 63;
	}
	close(fd);
	return n;
}

static void receive(int ready)
{
	pthread_t thread[THREADS];
	struct bnd_conn c;
	int err;

	need(!bnd_open(&c, device(), AREA, 0));
	while ((err = bnd_become_manager(&c)) == -EBUSY)
		sched_yield();
	need(!err);
	c.ops = &ops;
	for (int i = 1; i < THREADS; i++)
		need(!pthread_create(&thread[i], NULL, serve_in_thread, &c));
	close(ready);
	need(!bnd_serve(&c, false, &t->end));
	for (int i = 1; i < THREADS; i++)
		need(!pthread_join(thread[i], NULL));
	/* Nobody uses any of it any more. */
	reclaim_all();
	t->pages = mapped_pages(&c);
	_exit(0);
}

/* --- senders --- */

/* Was a message refused for want of memory? Nothing else may be. */
static void refused(struct bnd_conn *c, int sender, const struct bnd_result *res)
{
	struct binder_extended_error err;

	need(!bnd_extended_error(c, &err));
	if (res->code != BR_FAILED_REPLY || err.param != -ENOMEM)
		wrong("a message is refused", res->code);
	t->no_memory[sender]++;
	sched_yield();
}

static void send_oneway(struct bnd_conn *c, int sender, uint32_t handle)
{
	static uint8_t data[ONEWAY_MAX + 4];
	uint32_t number = t->sent[sender] + 1;
	size_t size = size_of(number) % ONEWAY_MAX;
	struct bnd_msg m = {
		.handle = handle, .code = CODE_ONEWAY, .flags = TF_ONE_WAY,
		.data = data, .size = size + sizeof(number),
	};
	struct bnd_result res;

	/* Not more than fit in. */
	if (t->sent[sender] - __atomic_load_n(&t->read[sender], __ATOMIC_RELAXED) > 16)
		return;
	memcpy(data, &number, sizeof(number));
	write_words(data + sizeof(number), size, number);
	need(!bnd_call(c, &m, &res));
	if (res.code != BR_TRANSACTION_COMPLETE) {
		refused(c, sender, &res);
		return;
	}
	t->sent[sender]++;
	t->bytes[sender] += size;
}

static void send_call(struct bnd_conn *c, int sender, uint32_t seed)
{
	static uint8_t data[WORDS_MAX];
	struct bnd_msg m = { .code = seed, .data = data, .size = size_of(seed) };
	struct bnd_result res;

	write_words(data, m.size, seed);
	need(!bnd_call(c, &m, &res));
	if (res.code != BR_REPLY) {
		refused(c, sender, &res);
		return;
	}
	next_word(&seed);
	check_words(&res.txn, size_of(seed), seed, "an answer is not what was sent");
	need(!bnd_free_buffer(c, res.txn.data.ptr.buffer));
	t->calls[sender]++;
	t->bytes[sender] += m.size + size_of(seed);
}

static void send_all(int sender)
{
	uint32_t seed = 0x9e3779b9u * (sender + 1), handle;
	struct bnd_msg m = { .code = CODE_OBJECTS };
	struct binder_transaction_data reply;
	struct bnd_conn c;

	need(!bnd_open(&c, device(), AREA / 4, 0));
	need(!bnd_call_checked(&c, &m, &reply));
	need(!bnd_take_handle(&c, &reply, sender, &handle));
	need(!bnd_free_buffer(&c, reply.data.ptr.buffer));
	while (!__atomic_load_n(&t->stop, __ATOMIC_RELAXED)) {
		next_word(&seed);
		if (NR_ONEWAY(seed))
			send_oneway(&c, sender, handle);
		else if (seed > CODE_END)
			send_call(&c, sender, seed);
	}
	/* The receiver stays until it has them all. */
	while (__atomic_load_n(&t->read[sender], __ATOMIC_RELAXED) < t->sent[sender])
		sched_yield();
	_exit(0);
}

/* --- the test --- */

static struct group group;

static pid_t start_receiver(void)
{
	int ready[2];
	pid_t pid;
	char c;

	need(!pipe2(ready, O_CLOEXEC));
	pid = child();
	if (!pid) {
		close(ready[0]);
		join_group(&group);
		receive(ready[1]);
	}
	close(ready[1]);
	need(!read(ready[0], &c, 1));
	close(ready[0]);
	return pid;
}

static pid_t start_sender(int i)
{
	pid_t pid = child();

	if (!pid) {
		join_group(&group);
		send_all(i);
	}
	return pid;
}

static pid_t start_squeezer(int i)
{
	pid_t pid = child();

	if (pid)
		return pid;
	if (i == 0)
		fill_group(&group, &t->release);
	else if (i == 1)
		fill_machine(&t->release);
	else
		reclaim(&t->release);
	_exit(0);
}

static uint64_t sum(const uint64_t *n)
{
	uint64_t all = 0;

	for (int i = 0; i < SENDERS; i++)
		all += __atomic_load_n(&n[i], __ATOMIC_RELAXED);
	return all;
}

/* Until the time is up or something is wrong. */
static void let_them_talk(unsigned long seconds)
{
	uint64_t until = now_ns() + seconds * 1000000000ull, seen = 0;

	hang_after(what_hangs);
	while (now_ns() < until && !t->wrong[0]) {
		usleep(100000);
		if (sum(t->calls) != seen)
			hang_after(what_hangs);
		seen = sum(t->calls);
	}
}

static void end_receiver(void)
{
	struct bnd_msg m = { .code = CODE_END };
	struct binder_transaction_data reply;
	struct bnd_conn c;

	need(!bnd_open(&c, device(), PAGE, 0));
	for (int i = 0; i < THREADS; i++) {
		need(!bnd_call_checked(&c, &m, &reply));
		need(!bnd_free_buffer(&c, reply.data.ptr.buffer));
	}
	bnd_close(&c);
}

static unsigned long scanned_pages(void)
{
	return vmstat("pgscan_kswapd") + vmstat("pgscan_direct");
}

FIXTURE(pressure)
{
	unsigned long pages, objects;	/* looked at by reclaim */
	unsigned long huge;		/* pages given to whoever touched memory first */
};

FIXTURE_SETUP(pressure)
{
	t = shared(sizeof(*t));
	make_group(&group, count_of("LIMIT", DEFAULT_LIMIT));
	self->pages = scanned_pages();
	self->objects = vmstat("slabs_scanned");
	self->huge = vmstat("thp_fault_alloc");
}

FIXTURE_TEARDOWN(pressure)
{
	hang_after(NULL);
	remove_group(&group);
}

TEST_F_TIMEOUT(pressure, loses_and_changes_nothing, NO_TIMEOUT)
{
	unsigned long seconds = count_of("SOAK_SECONDS", DEFAULT_SECONDS);
	pid_t receiver = start_receiver(), sender[SENDERS], squeezer[3];

	for (int i = 0; i < SENDERS; i++)
		sender[i] = start_sender(i);
	for (int i = 0; i < 3; i++)
		squeezer[i] = start_squeezer(i);
	let_them_talk(seconds);
	__atomic_store_n(&t->stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < SENDERS; i++)
		EXPECT_EQ(0, status_of(sender[i]));
	hang_after(what_hangs);
	EXPECT_STREQ("", t->wrong);
	EXPECT_EQ(sum(t->sent), sum(t->read));
	printf("# %lu s: %llu calls, %llu oneway calls, %.1f MiB, %llu refused: no memory\n",
	       seconds, (unsigned long long)sum(t->calls), (unsigned long long)sum(t->sent),
	       sum(t->bytes) / 1048576.0, (unsigned long long)sum(t->no_memory));
	printf("# the group met its limit %lu times, %lu were killed for it\n",
	       group_events(&group, "max"), group_events(&group, "oom_kill"));
	printf("# reclaim looked at %lu pages and %lu objects; %lu huge pages were had\n",
	       scanned_pages() - self->pages, vmstat("slabs_scanned") - self->objects,
	       vmstat("thp_fault_alloc") - self->huge);
	t->release = true;
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, status_of(squeezer[i]));
	end_receiver();
	EXPECT_EQ(0, status_of(receiver));
	/* Idle and reclaimed: one may hold what is left of a message. */
	EXPECT_LE(t->pages, 1);
}

TEST_HARNESS_MAIN
