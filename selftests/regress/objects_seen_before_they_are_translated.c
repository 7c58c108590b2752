// SPDX-License-Identifier: GPL-2.0-only
/*
 * R40: objects are copied as the sender wrote them and translated in their place. Until
 * then the receiver, who looks into its area, sees addresses, handles and descriptors of
 * the sender.
 */
#include <unistd.h>

#include "memory.h"
#include "parts.h"
#include "protocol_test.h"
#include "racers.h"

#define ACCEPTS FLAT_BINDER_FLAG_ACCEPTS_FDS

/* What a sender has and a receiver must not see. */
#define SECRET_PTR	0x5ec7e70000001100ull
#define SECRET_COOKIE	0x5ec7e70000002200ull
#define SECRET_FD	777

PROTOCOL_FIXTURE(secrets);

struct duplicate {
	int from;
	int to;
};

static long do_dup(struct port *p, void *arg)
{
	struct duplicate *d = arg;

	(void)p;
	return dup2(d->from, d->to);
}

/*
 * Objects of every kind, each with something of the sender's in it, and at the end
 * @page, which is not there yet.
 */
static struct parts secrets(struct port *c, uint8_t *page, uint64_t *patterns, int *n)
{
	struct flat_binder_object strong = bnd_obj_binder(SECRET_PTR, SECRET_COOKIE, 0);
	struct flat_binder_object weak = bnd_obj_weak_binder(SECRET_PTR + 8, SECRET_COOKIE + 8, 0);
	struct binder_fd_object fd = bnd_obj_fd(SECRET_FD, 0);
	struct duplicate *d = shared(sizeof(*d));
	uint64_t *parent = shared(64), *child = shared(64);
	uint32_t *numbers = (uint32_t *)(parent + 2);
	struct parts m = parts(16);
	uint64_t first;

	*d = (struct duplicate){ c->conn->fd, SECRET_FD };
	run(c, do_dup, d);
	parent[0] = (uintptr_t)child;
	parent[1] = 0;
	numbers[0] = SECRET_FD;
	numbers[1] = SECRET_FD;

	add_object(&m, &strong, sizeof(strong));
	add_object(&m, &weak, sizeof(weak));
	add_object(&m, &fd, sizeof(fd));
	first = add_ptr(&m, parent, 24);
	add_child(&m, child, 64, first, 0);
	add_fda(&m, 2, first, 16);
	add_ptr(&m, page, PAGE);

	*n = 0;
	patterns[(*n)++] = SECRET_PTR;
	patterns[(*n)++] = SECRET_COOKIE;
	patterns[(*n)++] = SECRET_PTR + 8;
	patterns[(*n)++] = SECRET_COOKIE + 8;
	patterns[(*n)++] = (uintptr_t)parent;
	patterns[(*n)++] = (uintptr_t)child;
	patterns[(*n)++] = (uintptr_t)page;
	/* The fd number with the zero behind it, alone and twice. */
	patterns[(*n)++] = SECRET_FD;
	patterns[(*n)++] = SECRET_FD | (uint64_t)SECRET_FD << 32;
	return m;
}

static struct port *fd_receiver(void)
{
	struct flat_binder_object obj = bnd_obj_binder(0, 0, ACCEPTS);
	struct port *p = process();
	int err = ioc(p, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj));

	if (err)
		fail("cannot become manager: %d", err);
	return p;
}

/* @c sends @msg, which needs the missing page: is anything seen of @patterns until it is read? */
static bool shows(struct port *server, struct port *c, const struct bnd_msg *msg,
		  const uint64_t *patterns, int n)
{
	bool found;

	bnd_cmd_transaction_sg(&c->w, msg);
	run_start(c, do_write, NULL);
	await_missing();
	found = find_in_area(server, patterns, n) != -1;
	/* What was there before the page was needed can be seen. */
	if (look(server, 0) != 0x11)
		fail("nothing is copied");
	provide('b');
	if (run_finish(c))
		fail("cannot write");
	found |= find_in_area(server, patterns, n) != -1;
	if (strcmp(go(server), "NOOP TXN:5ca7"))
		fail("got '%s'", server->got);
	return found || find_in_area(server, patterns, n) != -1;
}

/* All objects and all contents but the last are there. */
TEST_F(secrets, do_not_show_while_a_buffer_is_copied)
{
	struct port *server = fd_receiver(), *c = client();
	uint8_t *page = missing_page(c);
	uint64_t patterns[16];
	struct bnd_msg msg;
	struct parts m;
	int n;

	m = secrets(c, page, patterns, &n);
	msg = parts_msg(&m, 0, TF_ONE_WAY);
	ASSERT_FALSE(shows(server, c, &msg, patterns, n));
}

/* All objects are there, and the data behind them is not. */
TEST_F(secrets, do_not_show_while_data_is_copied)
{
	struct port *server = fd_receiver(), *c = client();
	uint8_t *page = missing_page(c);
	uint64_t patterns[16];
	struct bnd_msg msg;
	struct parts m;
	int n;

	m = secrets(c, filled('b', PAGE), patterns, &n);
	msg = parts_msg(&m, 0, TF_ONE_WAY);
	msg.data = memcpy(page - m.size, m.data, m.size);
	msg.size += 8;
	ASSERT_FALSE(shows(server, c, &msg, patterns, n));
}

struct scan {
	bool stop;
	uint64_t patterns[16];
	int n;
	unsigned long rounds;
};

/* In another thread of the receiver, which has no time to lose. */
static long do_scan(struct port *p, void *arg)
{
	struct scan *s = arg;
	const volatile uint64_t *map = p->conn->map;

	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
		for (size_t i = 0; i < PAGE / 8; i++) {
			uint64_t word = map[i];

			for (int k = 0; k < s->n; k++) {
				if (word == s->patterns[k])
					return (long)i + 1;
			}
		}
		s->rounds++;
	}
	return 0;
}

TEST_F(secrets, never_show)
{
	struct port *server = fd_receiver(), *c = client();
	struct port *t = thread_of(server);
	struct scan *s = shared(sizeof(*s));
	struct parts m = secrets(c, filled('b', PAGE), s->patterns, &s->n);
	struct bnd_msg msg = parts_msg(&m, 0, TF_ONE_WAY);

	s->stop = false;
	s->rounds = 0;
	/* The page is there before anybody looks. */
	release(server, keep(c, server, 0, PAGE));
	run_start(t, do_scan, s);
	for (int i = 0; i < 300; i++) {
		bnd_cmd_transaction_sg(&c->w, &msg);
		go(c);
		go(server);
		if (strcmp(server->got, "NOOP TXN:5ca7"))
			fail("message %d: got '%s'", i, server->got);
		free_last(server);
		only_write(server);
	}
	__atomic_store_n(&s->stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, run_finish(t));
	ASSERT_LT(0, s->rounds);
}

TEST_HARNESS_MAIN
