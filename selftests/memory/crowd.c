// SPDX-License-Identifier: GPL-2.0-only
/* Senders and receivers of words, and reclaim; see crowd.h. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "crowd.h"
#include "words.h"

long do_reap(struct port *p, void *arg)
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

long do_serve_words(struct port *p, void *arg)
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

long do_send_words(struct port *p, void *arg)
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

struct sender *new_sender(int i, unsigned int n, bool may_fail)
{
	struct sender *s = shared(sizeof(*s));

	*s = (struct sender){ .seed = 0x9e3779b9u * (i + 1), .n = n, .may_fail = may_fail };
	return s;
}
