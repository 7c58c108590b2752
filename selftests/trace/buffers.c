// SPDX-License-Identifier: GPL-2.0-only
/* The events of buffers and of the pages they lie on. */
#include <fcntl.h>

#include "trace_test.h"

PROTOCOL_FIXTURE(memory);

#define PAGE 4096

#define BUSY "alloc_lru_start alloc_lru_end alloc_page_start alloc_page_end"
#define IDLE "free_lru_start free_lru_end"

static const char *times(const char *words, int n)
{
	static char all[1024];

	all[0] = '\0';
	while (n--) {
		strcat(all, words);
		strcat(all, n ? " " : "");
	}
	return all;
}

TEST_F(memory, sizes_of_a_buffer)
{
	struct port *server = manager(), *c = process();
	struct flat_binder_object obj = bnd_obj_binder(0x1000, 0x2000, 0);
	struct bnd_msg m = objects(0, 1, TF_ONE_WAY, 1, &obj);
	const char *const names[] = {
		"binder_transaction_alloc_buf", "binder_transaction_buffer_release",
	};

	m.extra = 40;
	TRACE_BEGIN();
	bnd_cmd_transaction_sg(&c->w, &m);
	go(c);
	GO(server, "NOOP TXN:1");
	free_last(server);
	WRITE(server, "");
	TRACE_END();

	for (int i = 0; i < 2; i++) {
		const struct event *e = only(names[i], i ? server->tid : c->tid);

		ASSERT_EQ(value(only("binder_transaction", c->tid), "debug_id"),
			  value(e, "debug_id"));
		ASSERT_EQ(sizeof(obj), value(e, "data_size"));
		ASSERT_EQ(8, value(e, "offsets_size"));
		ASSERT_EQ(40, value(e, "extra_buffers_size"));
	}
}

TEST_F(memory, new_pages)
{
	struct port *server = manager(), *c = process();
	static uint8_t data[3 * PAGE];

	TRACE_BEGIN();
	call_data(c, 0, 1, TF_ONE_WAY, data, sizeof(data));
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	free_last(server);
	WRITE(server, "");
	TRACE_END();

	ASSERT_EQ(3, count("binder_alloc_page_start", c->tid));
	ASSERT_EQ(3, count("binder_alloc_page_end", c->tid));
	ASSERT_EQ(0, count("binder_alloc_lru_start", 0));
	ASSERT_STREQ(times(IDLE, 3), told(server->tid, BUSY " " IDLE));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(server->pid, value(nth("binder_alloc_page_start", c->tid, i), "proc"));
		ASSERT_EQ(i, value(nth("binder_alloc_page_start", c->tid, i), "page_index"));
		ASSERT_EQ(i, value(nth("binder_alloc_page_end", c->tid, i), "page_index"));
		ASSERT_EQ(server->pid, value(nth("binder_free_lru_start", server->tid, i), "proc"));
		ASSERT_EQ(i, value(nth("binder_free_lru_end", server->tid, i), "page_index"));
	}
}

TEST_F(memory, pages_used_again)
{
	struct port *server = manager(), *c = process();
	static uint8_t data[3 * PAGE];

	call_data(c, 0, 1, TF_ONE_WAY, data, sizeof(data));
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	free_last(server);
	WRITE(server, "");
	TRACE_BEGIN();
	call_data(c, 0, 1, TF_ONE_WAY, data, sizeof(data));
	GO(c, "NOOP COMPLETE");
	TRACE_END();

	ASSERT_STREQ(times("alloc_lru_start alloc_lru_end", 3), told(c->tid, BUSY " " IDLE));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(server->pid, value(nth("binder_alloc_lru_start", c->tid, i), "proc"));
		ASSERT_EQ(i, value(nth("binder_alloc_lru_start", c->tid, i), "page_index"));
		ASSERT_EQ(i, value(nth("binder_alloc_lru_end", c->tid, i), "page_index"));
	}
}

/* It is neither new nor idle. */
TEST_F(memory, page_that_two_buffers_share)
{
	struct port *server = manager(), *c = process();

	deliver(process(), server, 0, 1);
	TRACE_BEGIN();
	call(c, 0, 2, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	free_last(server);
	WRITE(server, "");
	TRACE_END();
	ASSERT_STREQ("", told(c->tid, BUSY " " IDLE));
	ASSERT_STREQ("", told(server->tid, BUSY " " IDLE));
}

/* The pages a buffer lies on begin and end to be used by it. */
TEST_F(memory, range_of_pages)
{
	struct port *server = manager(), *c = process();
	static uint8_t data[2 * PAGE];
	const struct event *e;

	TRACE_BEGIN();
	call_data(c, 0, 1, TF_ONE_WAY, data, sizeof(data));
	GO(c, "NOOP COMPLETE");
	TRACE_END();
	e = only("binder_update_page_range", c->tid);
	ASSERT_EQ(server->pid, value(e, "proc"));
	ASSERT_EQ(1, value(e, "allocate"));
	ASSERT_EQ(0, value(e, "offset"));
	ASSERT_EQ(2 * PAGE, value(e, "size"));

	GO(server, "NOOP TXN:1");
	TRACE_BEGIN();
	free_last(server);
	WRITE(server, "");
	TRACE_END();
	ASSERT_LE(1, count("binder_update_page_range", server->tid));
	e = nth("binder_update_page_range", server->tid, 0);
	ASSERT_EQ(server->pid, value(e, "proc"));
	ASSERT_EQ(0, value(e, "allocate"));
	ASSERT_EQ(0, value(e, "offset"));
}

TEST_F(memory, range_of_pages_ends_once)
{
	struct port *server = manager(), *c = process();
	static uint8_t data[2 * PAGE];

	TRACE_BEGIN();
	call_data(c, 0, 1, TF_ONE_WAY, data, sizeof(data));
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	free_last(server);
	WRITE(server, "");
	TRACE_END();

	ASSERT_EQ(2 * PAGE, value(only("binder_update_page_range", server->tid), "size"));
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	if (fd < 0 || write(fd, "2", 1) != 1)
		fail("cannot drop caches");
	close(fd);
}

/* The event's name if there is one about that page. */
static const char *names_page(const char *name, pid_t proc, int index)
{
	const struct event *e;

	for (int i = 0; (e = nth(name, 0, i)); i++)
		if (value(e, "proc") == proc && value(e, "page_index") == index)
			return name;
	return "none";
}

/* As many as ours fills with one block. */
TEST_F(memory, pages_of_a_large_message)
{
	struct port *mgr = manager(), *c = process();
	static uint8_t data[16 * PAGE];

	(void)mgr;
	TRACE_BEGIN();
	call_data(c, 0, 1, 0, data, sizeof(data));
	GO(c, "EAGAIN");
	TRACE_END();
	ASSERT_EQ(16, count("binder_alloc_page_end", c->tid));
}

TEST_F(memory, pages_taken_away)
{
	static const char *const names[] = {
		"binder_unmap_user_start", "binder_unmap_user_end",
		"binder_unmap_kernel_start", "binder_unmap_kernel_end",
	};
	struct port *server = manager(), *c = process();
	static uint8_t data[2 * PAGE];

	call_data(c, 0, 1, TF_ONE_WAY, data, sizeof(data));
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	free_last(server);
	WRITE(server, "");
	TRACE_BEGIN();
	/* Those used since they were idle are spared once. */
	drop_caches();
	drop_caches();
	TRACE_END();

	for (int n = 0; n < 4; n++)
		for (int i = 0; i < 2; i++)
			ASSERT_STREQ(names[n], names_page(names[n], server->pid, i));

	TRACE_BEGIN();
	call_data(c, 0, 1, TF_ONE_WAY, data, sizeof(data));
	GO(c, "NOOP COMPLETE");
	TRACE_END();
	ASSERT_EQ(2, count("binder_alloc_page_end", c->tid));
}

TEST_F(memory, buffers_of_a_process_that_died)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);

	(void)mgr;
	call_data(c, h, 1, 0, "123", 3);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	TRACE_BEGIN();
	die(server);
	ASSERT_STREQ("NOOP COMPLETE DEAD", go_blocking(c));
	/* The buffer outlives the call by a little. */
	wait_until(tracer_shows, "binder_free_lru_end", "its page does not become idle");
	tracer_end();

	ASSERT_EQ(1, count("binder_transaction_buffer_release", 0));
	ASSERT_EQ(3, value(only("binder_transaction_buffer_release", 0), "data_size"));
}

TEST_HARNESS_MAIN
