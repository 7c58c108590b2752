// SPDX-License-Identifier: GPL-2.0-only
/*
 * R17, CVE-2019-2181: the sum of the sizes of a message, that of the security context
 * among them, wrapped to a small one, and the message was larger than its buffer.
 */
#include "context_test.h"

PARTS_FIXTURE(sums);

#define PLAIN_REFUSED(m, why)						\
	do {								\
		call_msg(c, m);						\
		GO(c, "NOOP FAILED");					\
		EXTERR(c, "FAILED " why);				\
	} while (0)

TEST_F(sums, sizes_that_overflow)
{
	const uint64_t edge[] = { ~0ull, ~0ull - 3, ~0ull - 6 };
	void *data = shared(64);

	for (int i = 0; i < 3; i++) {
		PLAIN_REFUSED(plain_msg(0, data, edge[i], data, 0), "EINVAL");
		PLAIN_REFUSED(plain_msg(TF_ONE_WAY, data, edge[i], data, 0), "EINVAL");
	}
	/* The sum of two that are right by themselves. */
	PLAIN_REFUSED(plain_msg(0, data, 1ull << 63, data, 1ull << 60), "EINVAL");
	PLAIN_REFUSED(plain_msg(0, data, 16, data, ~0ull / 8), "EINVAL");
	ping(c, mgr, 0);
}

TEST_F(sums, sizes_that_are_merely_large)
{
	const uint64_t sizes[] = {
		1ull << 31, (1ull << 31) - 1, (1ull << 31) + 1, 1ull << 32, (1ull << 32) - 1,
		(1ull << 32) + 1, 1ull << 33, 1ull << 62, 1ull << 63, ~0ull - 7,
	};
	void *data = shared(64);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		PLAIN_REFUSED(plain_msg(0, data, sizes[i], data, 0), "ENOSPC");
		PLAIN_REFUSED(plain_msg(0, data, 0, data, sizes[i] / 8), "ENOSPC");
	}
	ping(c, mgr, 0);
}

/* The padded sizes of all parts, or 0 when they overflow. */
static uint64_t total(const uint64_t *part)
{
	uint64_t sum = 0;

	for (int i = 0; i < 3; i++) {
		uint64_t padded = (part[i] + 7) & ~(uint64_t)7;

		if (padded < part[i] || sum + padded < sum)
			return 0;
		sum += padded;
	}
	return sum;
}

TEST_F_TIMEOUT(sums, of_three_sizes, 300)
{
	static const uint64_t edge[] = {
		0, 8, 1ULL << 31, (1ULL << 31) - 8, 1ULL << 32, (1ULL << 32) - 8,
		(1ULL << 32) + 8, 1ULL << 62, 1ULL << 63, (1ULL << 63) - 8, -(1ULL << 32),
		-4096ULL, -8ULL, -7ULL, -1ULL,
	};
	for (size_t i = 0; i < ARRAY_SIZE(edge) * ARRAY_SIZE(edge) * ARRAY_SIZE(edge); i++) {
		uint64_t part[3] = {
			edge[i % ARRAY_SIZE(edge)],
			edge[i / ARRAY_SIZE(edge) % ARRAY_SIZE(edge)],
			edge[i / ARRAY_SIZE(edge) / ARRAY_SIZE(edge)],
		};
		struct binder_transaction_data_sg sg = {
			.transaction_data.target.handle = handle,
			.transaction_data.flags = TF_ONE_WAY,
			.transaction_data.data_size = part[0],
			.transaction_data.offsets_size = part[1],
			.buffers_size = part[2],
		};

		if (part[0] <= 8 && part[1] <= 8 && part[2] <= 8)
			continue;
		bnd_cmd(&c->w, BC_TRANSACTION_SG, &sg);
		GO(c, "NOOP FAILED");
		ASSERT_STREQ(total(part) ? "FAILED ENOSPC" : "FAILED EINVAL", exterr(c)) {
			TH_LOG("sizes %llx %llx %llx", (unsigned long long)part[0],
			       (unsigned long long)part[1], (unsigned long long)part[2]);
		}
	}
	ping(c, server, handle);
}

/* With the context of the sender. */
SECCTX_FIXTURE(sums_with_context);

TEST_F(sums_with_context, sizes_near_the_edges)
{
	const uint64_t edge[] = { 1ull << 31, 1ull << 32, 1ull << 63 };
	size_t size = pad8(strlen(context) + 1);
	struct parts m = parts(8);

	for (size_t i = 0; i < ARRAY_SIZE(edge); i++) {
		for (int64_t off = -64; off <= 64; off += 8) {
			m.extra = edge[i] + off;
			REFUSED_WITH(&m, "ENOSPC");
		}
	}
	/* Beyond the last edge the sum with the text wraps around. */
	for (uint64_t below = 8; below <= 256; below += 8) {
		const char *want = below <= size + m.size ? "FAILED EINVAL" :
							    "FAILED ENOSPC";

		m.extra = 0 - below;
		ASSERT_STREQ(want, deliver_with_context(c, server, &m, handle));
	}
	for (uint64_t below = 1; below < 8; below++) {
		m.extra = 0 - below;
		REFUSED_WITH(&m, "EINVAL");
	}
	m.extra = 0;
	OK_WITH(&m, context);
}

TEST_F(sums_with_context, sizes_of_data_and_offsets_near_the_edges)
{
	size_t size = pad8(strlen(context) + 1);

	for (uint64_t below = 8; below <= 256; below += 8) {
		const char *want = below <= size ? "FAILED EINVAL" : "FAILED ENOSPC";
		struct bnd_msg msg = { .flags = TF_ONE_WAY, .data = shared(8) };
		struct binder_transaction_data t = bnd_txn(&msg);

		t.data_size = 0 - below;
		bnd_cmd(&c->w, BC_TRANSACTION, &t);
		GO(c, "NOOP FAILED");
		EXTERR(c, want);
		t.data_size = 0;
		t.offsets_size = 0 - below;
		bnd_cmd(&c->w, BC_TRANSACTION, &t);
		GO(c, "NOOP FAILED");
		EXTERR(c, want);
	}
}

TEST_HARNESS_MAIN
