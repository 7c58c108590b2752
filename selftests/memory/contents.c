// SPDX-License-Identifier: GPL-2.0-only
/* What messages cost of the room for oneway calls. */
#include <fcntl.h>

#include "memory.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(contents);

/* R42, CVE-2026-43435 */

/* Is exactly half of the area there for them? */
static void whole_budget(struct __test_metadata *_metadata, struct port *server, struct port *c)
{
	call_data(c, 0, 1, TF_ONE_WAY, filled(0, AREA / 2 + 8), AREA / 2 + 8);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED ENOSPC");
	call_data(c, 0, 2, TF_ONE_WAY, filled(0, AREA / 2), AREA / 2);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:2");
	free_last(server);
	WRITE(server, "");
}

/* @arg oneway calls, read and freed one by one. */
static long do_serve_oneway(struct port *p, void *arg)
{
	long left = (long)arg;

	fcntl(p->conn->fd, F_SETFL, fcntl(p->conn->fd, F_GETFL) & ~O_NONBLOCK);
	while (left) {
		struct bnd_rec rec;
		int err = bnd_read(p->conn, &p->r);

		while (!err && bnd_next(&p->r, &rec) > 0) {
			if (rec.code != BR_TRANSACTION)
				continue;
			err = bnd_free_buffer(p->conn, rec.txn.data.ptr.buffer);
			left--;
		}
		if (err)
			return err;
	}
	return 0;
}

struct flood {
	unsigned int n;
	unsigned int modulus;
	const void *data;
};

static long do_flood(struct port *p, void *arg)
{
	struct flood *f = arg;
	struct bnd_result res;

	for (unsigned int i = 0; i < f->n; i++) {
		struct bnd_msg m = {
			.flags = TF_ONE_WAY, .data = f->data, .size = i % f->modulus,
		};
		int err = bnd_call(p->conn, &m, &res);

		if (err)
			return err;
		/* No room for the moment: once more. */
		if (res.code == BR_FAILED_REPLY)
			i--;
		else if (res.code != BR_TRANSACTION_COMPLETE)
			return res.code;
	}
	return 0;
}

TEST_F(contents, small_oneway_calls_cost_the_budget_nothing)
{
	struct port *server = receiver(AREA), *c = client();
	struct flood *f = shared(sizeof(*f));

	*f = (struct flood){ .n = 5000, .modulus = 9, .data = filled(1, 64) };
	whole_budget(_metadata, server, c);
	run_start(server, do_serve_oneway, (void *)(long)f->n);
	ASSERT_EQ(0, run(c, do_flood, f));
	ASSERT_EQ(0, run_finish(server));
	whole_budget(_metadata, server, c);
	ASSERT_EQ(0, keep(c, server, 'z', AREA));
}

TEST_F(contents, failed_oneway_calls_cost_the_budget_nothing)
{
	struct port *server = receiver(AREA), *c = client();

	for (int i = 0; i < 200; i++) {
		call_msg(c, (struct bnd_msg){
			.flags = TF_ONE_WAY, .data = (void *)PAGE, .size = AREA / 4 + i,
		});
		GO(c, "NOOP FAILED");
	}
	whole_budget(_metadata, server, c);
}

TEST_HARNESS_MAIN
