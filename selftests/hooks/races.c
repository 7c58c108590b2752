// SPDX-License-Identifier: GPL-2.0-only
/* What others find while somebody stands in the middle of something. */
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "held.h"
#include "hooks_test.h"
#include "scenes.h"

#define ALL (1000000l)

HOOKS_FIXTURE(race);

/* --- the four rules of reclaim --- */

TEST_F(race, all_scenes_end_well)
{
	for (int i = 0; i < nr_scenes; i++) {
		ASSERT_STREQ("right", scenes[i].act()) {
			TH_LOG("%s", scenes[i].name);
		}
		peers_end();
		await_no_pages();
	}
}

/* --- reclaim under way --- */

static const char *const in_reclaim[] = { "after_isolate", "before_commit" };

/* It is the youngest then, so that the reclaimer is content with another one. */
TEST_F(race, used_and_freed_again_is_not_taken)
{
	for (int i = 0; i < 2; i++) {
		struct port *server = receiver(AREA), *c = client(), *reaper = client();
		size_t first = keep(c, server, 'a', PAGE), second = keep(c, server, 'b', PAGE);

		release(server, first);
		release(server, second);
		arm(in_reclaim[i]);
		start_reclaim(reaper, 1);
		await_stop(in_reclaim[i]);
		ASSERT_EQ(first, keep(c, server, 'c', PAGE));
		release(server, first);
		ASSERT_EQ(2, count().idle);
		proceed(in_reclaim[i]);
		run_finish(reaper);
		ASSERT_EQ(1, count().pages);
		ASSERT_EQ(1, count().idle);
		ASSERT_EQ(first, keep(c, server, 'd', PAGE));
		ASSERT_EQ(1, count().pages);
		ASSERT_TRUE(is_all(server, first, PAGE, 'd'));
		peers_end();
		await_no_pages();
	}
}

TEST_F(race, an_idle_page_is_seen_until_it_is_unmapped)
{
	struct port *server = receiver(AREA), *c = client(), *reaper = client();

	release(server, keep(c, server, 'a', PAGE));
	arm("after_isolate");
	start_reclaim(reaper, 1);
	await_stop("after_isolate");
	ASSERT_EQ('a', look(server, 0));
	arm("before_commit");
	proceed("after_isolate");
	await_stop("before_commit");
	/* A fault is no reason to keep it. */
	ASSERT_EQ(-SIGBUS, look(server, 0));
	ASSERT_EQ(1, count().pages);
	proceed("before_commit");
	run_finish(reaper);
	ASSERT_EQ(0, count().pages);
	ASSERT_EQ(-SIGBUS, look(server, 0));
}

TEST_F(race, only_some_of_the_chosen_are_used_again)
{
	struct port *server = receiver(AREA), *c = client(), *reaper = client();

	release(server, keep(c, server, 'a', 8 * PAGE));
	arm("before_commit");
	start_reclaim(reaper, 8);
	await_stop("before_commit");
	ASSERT_EQ(0, keep(c, server, 'b', 3 * PAGE));
	ASSERT_EQ(8, count().pages);
	ASSERT_EQ(5, count().idle);
	proceed("before_commit");
	run_finish(reaper);
	ASSERT_EQ(3, count().pages);
	ASSERT_EQ(0, count().idle);
	ASSERT_TRUE(is_all(server, 0, 3 * PAGE, 'b'));
}

TEST_F(race, a_second_reclaimer_goes_elsewhere)
{
	struct port *server = receiver(AREA), *c = client(), *reaper = client();
	struct port *other = process_on("/dev/hwbinder", AREA), *c2;

	ASSERT_EQ(0, ioc_at(other, BINDER_SET_CONTEXT_MGR, 0));
	c2 = process_on("/dev/hwbinder", 0);
	release(server, keep(c, server, 'a', 8 * PAGE));
	arm("after_isolate");
	start_reclaim(reaper, 1);
	await_stop("after_isolate");
	release(other, keep(c2, other, 'b', 8 * PAGE));
	reclaim(ALL);
	ASSERT_EQ(8, mapped_pages(server, AREA));
	ASSERT_EQ(0, mapped_pages(other, AREA));
	proceed("after_isolate");
	run_finish(reaper);
	ASSERT_EQ(7, mapped_pages(server, AREA));
}

/* --- faults and deliveries under way --- */

static long do_touch(struct port *p, void *arg)
{
	return *((volatile uint8_t *)p->conn->map + (size_t)arg);
}

TEST_F(race, a_fault_keeps_the_pages_around_it)
{
	struct port *server = receiver(AREA), *c = client(), *t = thread_of(server);

	/* Nobody read it, so all of it is to be mapped by the fault. */
	call_msg(c, (struct bnd_msg){
		.flags = TF_ONE_WAY, .data = filled('a', 4 * PAGE), .size = 4 * PAGE,
	});
	GO(c, "NOOP COMPLETE");
	arm("fault");
	run_start(t, do_touch, (void *)PAGE);
	await_stop("fault");
	GO(server, "NOOP TXN:0");
	free_last(server);
	WRITE(server, "");
	/* The page before it is nobody's, the others are the fault's. */
	ASSERT_EQ(4, count().pages);
	ASSERT_EQ(1, count().idle);
	reclaim(ALL);
	ASSERT_EQ(3, count().pages);
	proceed("fault");
	ASSERT_EQ('a', run_finish(t));
	ASSERT_EQ(3, count().idle);
	reclaim(ALL);
	ASSERT_EQ(0, count().pages);
	ASSERT_EQ(0, mapped_pages(server, AREA));
}

/* Between the look-up of the page and its mapping the area goes. */
TEST_F(race, a_fault_while_the_file_is_closed)
{
	struct port *server = receiver(AREA), *c = client(), *t = thread_of(server);

	call_msg(c, (struct bnd_msg){
		.flags = TF_ONE_WAY, .data = filled('a', 4 * PAGE), .size = 4 * PAGE,
	});
	GO(c, "NOOP COMPLETE");
	arm("fault");
	run_start(t, do_touch, NULL);
	await_stop("fault");
	kill(server->pid, SIGKILL);
	proceed("fault");
	die(server);
	await_no_pages();
	await_no_idle_pages();
}

static long do_read(struct port *p, void *arg)
{
	(void)arg;
	return bnd_read(p->conn, &p->r);
}

static long do_free_at(struct port *p, void *arg)
{
	return bnd_free_buffer(p->conn, (uintptr_t)p->conn->map + (size_t)arg);
}

static long do_map_something(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

/*
 * A receiver stands in its read with its mmap_lock held, and another of its threads
 * waits for that: senders and reclaim do not care.
 */
TEST_F(race, a_delivery_under_way_holds_up_nobody)
{
	struct port *server = receiver(AREA), *c = client(), *c2 = client(), *reaper = client();
	struct port *t = thread_of(server), *mapper = thread_of(server);
	size_t idle = keep(c, server, 'x', 4 * PAGE), live = keep(c, server, 'y', 4 * PAGE);

	release(server, idle);
	ASSERT_EQ(0, idle);
	/* On pages that were never mapped. */
	call_msg(c, (struct bnd_msg){
		.flags = TF_ONE_WAY, .data = filled('a', 5 * PAGE), .size = 5 * PAGE,
	});
	GO(c, "NOOP COMPLETE");
	/* What it touches is there: before 6.4 a fault of its own would wait, too. */
	ASSERT_EQ(0, run(t, do_free_at, (void *)(8 * PAGE)));
	arm("prefault");
	run_start(server, do_read, NULL);
	await_stop("prefault");
	run_start(mapper, do_map_something, NULL);
	ASSERT_FALSE(gets_through(mapper));

	/* It is not the receiver's yet. */
	ASSERT_EQ(0, run(t, do_free_at, (void *)(8 * PAGE)));
	start_reclaim(reaper, ALL);
	ASSERT_TRUE(gets_through(reaper));
	ASSERT_EQ(9, count().pages);
	ASSERT_EQ(0, count().idle);
	c2->w.consumed = 0;
	bnd_cmd_transaction(&c2->w, &(struct bnd_msg){
		.data = filled('b', 2 * PAGE), .size = 2 * PAGE, .code = 9,
	});
	run_start(c2, send_prepared, NULL);
	ASSERT_TRUE(gets_through(c2));
	ASSERT_EQ(11, count().pages);
	/* From now on others may lock. */
	proceed("prefault");
	ASSERT_EQ(0, run_finish(mapper));
	ASSERT_EQ(0, run_finish(server));
	ASSERT_TRUE(is_all(server, 8 * PAGE, 5 * PAGE, 'a'));
	ASSERT_TRUE(is_all(server, live, 4 * PAGE, 'y'));
	GO(t, "NOOP TXN:9");
	ASSERT_TRUE(is_all(server, 0, 2 * PAGE, 'b'));
	ASSERT_EQ(0, run(t, do_free_at, (void *)(8 * PAGE)));
	ASSERT_EQ(5, count().idle);
}

/* --- senders under way --- */

static bool areas_are(void *arg)
{
	return objects_of("binder_alloc") == (long)arg;
}

/* How many areas there are, those of closed files included, once that is settled. */
static void await_areas(long n)
{
	wait_until(areas_are, (void *)n, "the number of areas");
}

TEST_F(race, two_senders_fill_one_page)
{
	struct port *server = receiver(AREA), *c = client(), *c2 = client();

	start_sending(c, 'a', 100, "fill");
	/* The other one finds no page either, and is faster. */
	ASSERT_EQ(104, keep(c2, server, 'b', 100));
	ASSERT_EQ(1, count().pages);
	proceed("fill");
	ASSERT_EQ(0, run_finish(c));
	ASSERT_EQ(1, count().pages);
	ASSERT_TRUE(gets(server, 'a', 100));
	ASSERT_TRUE(is_all(server, 104, 100, 'b'));
	release(server, 0);
	ASSERT_EQ(0, count().idle);
	release(server, 104);
	ASSERT_EQ(1, count().idle);
}

/* Some of the pages of each are the other's, too. */
TEST_F(race, two_senders_fill_a_border)
{
	struct port *server = receiver(AREA), *c = client(), *c2 = client();
	const size_t size = 2 * PAGE + PAGE / 2;

	start_sending(c, 'a', size, "fill");
	ASSERT_EQ(size, keep(c2, server, 'b', size));
	ASSERT_EQ(3, count().pages);
	proceed("fill");
	ASSERT_EQ(0, run_finish(c));
	ASSERT_EQ(5, count().pages);
	ASSERT_TRUE(gets(server, 'a', size));
	ASSERT_TRUE(is_all(server, size, size, 'b'));
	release(server, size);
	ASSERT_EQ(2, count().idle);
	reclaim(ALL);
	ASSERT_EQ(3, count().pages);
	ASSERT_TRUE(is_all(server, 0, size, 'a'));
}

/* The first one's message is gone before the page comes for which it asked. */
TEST_F(race, the_other_sender_leaves_before_the_page_comes)
{
	struct port *server = receiver(AREA), *c = client(), *c2 = client();

	start_sending(c, 'a', 100, "fill");
	release(server, keep(c2, server, 'b', 100));
	/* In use by who is still about to fill it. */
	ASSERT_EQ(0, count().idle);
	reclaim(ALL);
	ASSERT_EQ(1, count().pages);
	proceed("fill");
	ASSERT_EQ(0, run_finish(c));
	ASSERT_TRUE(gets(server, 'a', 100));
}

TEST_F(race, two_senders_add_the_same_slots)
{
	struct port *server = receiver(MAX_AREA), *c = client(), *c2 = client();

	start_sending(c, 'a', 100, "slots");
	ASSERT_EQ(0, count().slots);
	ASSERT_EQ(104, keep(c2, server, 'b', 33 * PAGE));
	ASSERT_EQ(64, count().slots);
	proceed("slots");
	ASSERT_EQ(0, run_finish(c));
	ASSERT_EQ(64, count().slots);
	ASSERT_TRUE(gets(server, 'a', 100));
	ASSERT_TRUE(is_all(server, 104, 33 * PAGE, 'b'));
	ASSERT_EQ(34, count().pages);
}

TEST_F(race, the_receiver_dies_while_a_sender_fills)
{
	const char *const points[] = { "slots", "fill" };

	for (int i = 0; i < 2; i++) {
		struct port *server = receiver(AREA), *c = client();

		await_areas(2);
		start_sending(c, 'a', 100, points[i]);
		die(server);
		await_no_pages();
		/* It is still needed. */
		ASSERT_EQ(2, objects_of("binder_alloc"));
		proceed(points[i]);
		ASSERT_EQ(0, run_finish(c));
		GO(c, "NOOP DEAD");
		await_areas(1);
		ASSERT_EQ(0, count().counted);
		peers_end();
	}
}

/*
 * What the dead had not freed lies on both sides of what is sent: small messages, many
 * on a page, and large ones.
 */
TEST_F(race, the_receiver_dies_with_messages_around_one_that_is_sent)
{
	struct port *server = receiver(AREA), *c = client(), *c2 = client();

	await_areas(3);
	for (int i = 0; i < 2 * (int)PAGE / 64; i++)
		ASSERT_EQ(i * 64, keep(c2, server, 'a', 64));
	start_sending(c, 'b', 2 * PAGE, "fill");
	for (int i = 0; i < (int)PAGE / 64; i++)
		keep(c2, server, 'c', 64);
	keep(c2, server, 'd', 2 * PAGE);
	ASSERT_EQ(5, count().pages);
	ASSERT_EQ(0, count().idle);
	arm("after_isolate");
	die(server);
	await_stop("after_isolate");
	/* All of it is given back, and none of its pages is in use. */
	ASSERT_EQ(5, count().counted);
	proceed("after_isolate");
	await_no_idle_pages();
	ASSERT_EQ(3, objects_of("binder_alloc"));
	proceed("fill");
	ASSERT_EQ(0, run_finish(c));
	GO(c, "NOOP DEAD");
	await_areas(2);
	ASSERT_EQ(0, count().counted);
}

/* --- an object under way --- */

static bool nodes_are(void *arg)
{
	return objects_of("binder_node") == (long)arg;
}

/* Until RCU is through with what the driver left to it. */
static void await_rcu(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		fail("membarrier: %s", strerror(errno));
}

/*
 * Its receiver can guess the number. The object may end with the only count while its
 * owner is still sending it, who must not touch it any more.
 */
TEST_F(race, a_handle_is_given_up_before_it_arrives)
{
	struct port *server = receiver(AREA), *c = client(), *t = thread_of(server);
	long nodes = objects_of("binder_node");

	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x77, 0x78, 0));
	arm("handle");
	run_start(c, send_prepared, NULL);
	await_stop("handle");
	bnd_cmd_release(&t->w, 1);
	WRITE(t, "");
	await_rcu();
	proceed("handle");
	ASSERT_EQ(0, run_finish(c));
	/* It was told of no reference, so there is none to give back. */
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(1, got_obj(server, 0).handle);
	free_last(server);
	WRITE(server, "");
	wait_until(nodes_are, (void *)nodes, "the end of the object");
}

/* --- a free under way --- */

TEST_F(race, a_buffer_on_its_way_back_keeps_its_pages)
{
	struct port *server = receiver(AREA), *c = client(), *t = thread_of(server);
	size_t at = keep(c, server, 'a', 3 * PAGE), next;

	arm("free");
	run_start(t, do_free_at, (void *)at);
	await_stop("free");
	ASSERT_EQ(3, count().pages);
	ASSERT_EQ(0, count().idle);
	reclaim(ALL);
	ASSERT_TRUE(is_all(server, at, 3 * PAGE, 'a'));
	/* Nobody can free it a second time, nobody gets its place. */
	ASSERT_EQ(0, run(server, do_free_at, (void *)at));
	ASSERT_EQ(0, count().idle);
	next = keep(c, server, 'b', 3 * PAGE);
	ASSERT_EQ(3 * PAGE, next);
	proceed("free");
	ASSERT_EQ(0, run_finish(t));
	ASSERT_EQ(3, count().idle);
	reclaim(ALL);
	ASSERT_EQ(3, count().pages);
	ASSERT_TRUE(is_all(server, next, 3 * PAGE, 'b'));
}

TEST_F(race, the_owner_dies_while_a_buffer_is_on_its_way_back)
{
	struct port *server = receiver(AREA), *c = client(), *t = thread_of(server);
	size_t at = keep(c, server, 'a', 3 * PAGE);

	arm("free");
	run_start(t, do_free_at, (void *)at);
	await_stop("free");
	kill(server->pid, SIGKILL);
	proceed("free");
	die(server);
	await_no_pages();
	await_no_idle_pages();
}

/* The call that took its place ends with the receiver, and keeps that no more. */
TEST_F(race, the_receiver_dies_while_a_replaced_call_is_on_its_way_back)
{
	struct port *server = receiver(AREA), *c = client(), *other = client();
	struct binder_freeze_info info = { .pid = server->pid, .enable = 1 };

	await_areas(3);
	ASSERT_EQ(0, ioc(c, BINDER_FREEZE, &info, sizeof(info)));
	for (int i = 0; i < 2; i++) {
		call(c, 0, 1, TF_ONE_WAY | TF_UPDATE_TXN);
		GO(c, "NOOP PENDING_FROZEN");
	}
	call(c, 0, 1, TF_ONE_WAY | TF_UPDATE_TXN);
	arm("free");
	run_start(c, send_prepared, NULL);
	await_stop("free");
	die(server);
	await_no_pages();
	/* It is still needed when another, which ended later, has gone. */
	die(other);
	await_areas(2);
	proceed("free");
	ASSERT_EQ(0, run_finish(c));
	GO(c, "NOOP PENDING_FROZEN");
	await_areas(1);
	ASSERT_EQ(0, count().counted);
}

static bool pages_are(void *arg)
{
	return count().pages == (long)arg;
}

/* R31, CVE-2019-2213: what describes the buffer is the call's, too. */
TEST_F(race, a_call_ends_while_its_buffer_is_on_its_way_back)
{
	struct port *server = manager(), *c = process(), *t = thread_of(server);

	call_data(c, 0, 1, 0, filled('a', 3 * PAGE), 3 * PAGE);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	arm("free");
	bnd_cmd_free_buffer(&t->w, server->txn.data.ptr.buffer);
	run_start(t, send_prepared, NULL);
	await_stop("free");
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	die(c);
	wait_until(pages_are, (void *)3, "the end of the caller's area");
	ASSERT_EQ(0, count().idle);
	proceed("free");
	ASSERT_EQ(0, run_finish(t));
	ASSERT_EQ(3, count().idle);
	ping(process(), server, 0);
}

/* --- the end of an area --- */

/* R32, CVE-2019-1999, CVE-2023-52438, CVE-2023-52609 */
TEST_F(race, the_end_of_an_area_waits_for_its_reclaimer)
{
	for (int i = 0; i < 2; i++) {
		struct port *server = receiver(AREA), *c = client(), *reaper = client();

		release(server, keep(c, server, 'a', 8 * PAGE));
		await_areas(3);
		arm(in_reclaim[i]);
		start_reclaim(reaper, 4);
		await_stop(in_reclaim[i]);
		die(server);
		await_no_pages();
		/* No scan finds it, and its pages are still there. */
		reclaim(ALL);
		ASSERT_EQ(8, count().counted);
		ASSERT_EQ(3, objects_of("binder_alloc"));
		proceed(in_reclaim[i]);
		run_finish(reaper);
		await_areas(2);
		ASSERT_EQ(0, count().counted);
		peers_end();
	}
}

static bool two_owners(void *arg)
{
	(void)arg;
	return objects_of("binder_proc") == 2;
}

/*
 * R32, CVE-2019-1999, CVE-2023-52438, CVE-2023-52609: the last to hold it is a reclaimer,
 * who leaves its release to the workqueue.
 */
TEST_F(race, a_reclaimer_does_not_release_an_area_itself)
{
	struct port *server = receiver(AREA), *c = client(), *reaper = client();

	release(server, keep(c, server, 'a', 8 * PAGE));
	await_areas(3);
	arm("unpin");
	start_reclaim(reaper, 4);
	await_stop("unpin");
	die(server);
	wait_until(two_owners, NULL, "the owner is not gone");
	ASSERT_EQ(3, objects_of("binder_alloc"));
	ASSERT_EQ(0, count().counted);
	arm("release");
	proceed("unpin");
	/* The reclaimer is through while the work has not been done. */
	run_finish(reaper);
	await_stop("release");
	ASSERT_EQ(3, objects_of("binder_alloc"));
	proceed("release");
	await_areas(2);
}

TEST_HARNESS_MAIN
