/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of security contexts begin with. */
#ifndef PROTOCOL_SECCTX_TEST_H
#define PROTOCOL_SECCTX_TEST_H

#include <fcntl.h>
#include <unistd.h>

#include "parts_test.h"

#define WANTS_CONTEXT FLAT_BINDER_FLAG_TXN_SECURITY_CTX

static size_t pad8(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

/*
 * The context that came with the last call, as @p sees it. No more is looked at
 * than has to be there: what follows may not be.
 */
static const char *got_context(struct port *p, const char *want)
{
	const uint64_t end = (uintptr_t)p->conn->map + p->conn->map_size;
	size_t size = strlen(want) + 1;
	const char *text;

	if (p->secctx < (uintptr_t)p->conn->map || p->secctx + size > end)
		fail("context at %llx is outside of the area", (unsigned long long)p->secctx);
	text = peek(p, p->secctx, size);
	return text[size - 1] ? "(no end)" : text;
}

#define CONTEXT(p, want) ASSERT_STREQ(want, got_context(p, want))

/* Where the context has to be behind @extra bytes of further buffers. */
static uint64_t context_place(struct port *p, uint64_t extra)
{
	return p->txn.data.ptr.buffer + pad8(p->txn.data_size) + pad8(p->txn.offsets_size) +
	       extra;
}

/* As deliver_parts(), to a node that wants contexts. */
static inline const char *deliver_with_context(struct port *from, struct port *to,
					       const struct parts *m, uint32_t at)
{
	struct bnd_msg msg = parts_msg(m, at, TF_ONE_WAY);

	bnd_cmd_transaction_sg(&from->w, &msg);
	go(from);
	if (!strcmp(from->got, "NOOP COMPLETE"))
		return strcmp(go(to), "NOOP TXN_SEC_CTX:5ca7") ? to->got : "OK";
	return strcmp(go(to), "EAGAIN") ? to->got : exterr(from);
}

#define OK_WITH(m, text)							\
	do {									\
		ASSERT_STREQ("OK", deliver_with_context(c, server, m, handle));		\
		ASSERT_EQ(context_place(server, (m)->extra), server->secctx);		\
		CONTEXT(server, text);				\
	} while (0)
#define REFUSED_WITH(m, why) \
	ASSERT_STREQ("FAILED " why, deliver_with_context(c, server, m, handle))

#endif /* PROTOCOL_SECCTX_TEST_H */
