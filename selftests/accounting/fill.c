// SPDX-License-Identifier: GPL-2.0-only
/* Filling and emptying areas; see fill.h. */
#include "fill.h"

const char *post_to(struct port *p, uint32_t handle, size_t size)
{
	/* What the data are does not matter, as long as they can be read. */
	static void *data;

	if (!data)
		data = shared(AREA);
	call_msg(p, (struct bnd_msg){
		.handle = handle, .code = 1, .flags = TF_ONE_WAY, .data = data, .size = size,
	});
	return go(p);
}

const char *post(struct port *p, size_t size)
{
	return post_to(p, 0, size);
}

void post_empty(struct port *p, int n)
{
	for (int i = 0; i < n; i++) {
		if (strcmp(post(p, 0), OK))
			fail("oneway %d of %d: got '%s'", i + 1, n, p->got);
	}
}

void take_one(struct port *server)
{
	if (strcmp(go(server), "NOOP TXN:1"))
		fail("taking a message: got '%s'", server->got);
	free_last(server);
	only_write(server);
}

int take_all(struct port *server)
{
	int n = 0;

	while (strcmp(go(server), "EAGAIN")) {
		if (strcmp(server->got, "NOOP TXN:1"))
			fail("taking all: got '%s'", server->got);
		free_last(server);
		only_write(server);
		n++;
	}
	return n;
}

void detect_spam(struct port *p, uint32_t on)
{
	if (ioc(p, BINDER_ENABLE_ONEWAY_SPAM_DETECTION, &on, sizeof(on)))
		fail("BINDER_ENABLE_ONEWAY_SPAM_DETECTION failed");
}

struct port *curious(void)
{
	struct port *p = process();

	detect_spam(p, 1);
	return p;
}

void squeeze(void)
{
	for (int i = 0; i < 2; i++) {
		struct port *p = process();

		if (strcmp(post(p, 13200), OK))
			fail("squeeze: got '%s'", p->got);
	}
}
