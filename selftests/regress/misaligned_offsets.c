// SPDX-License-Identifier: GPL-2.0-only
/*
 * R14, CVE-2024-26926: the look at the alignment of offsets was lost when the code that
 * reads objects was written anew.
 */
#include "protocol_test.h"

PROTOCOL_FIXTURE(misaligned);

TEST_F(misaligned, offsets_are_refused)
{
	struct port *server = manager(), *c = process();
	struct flat_binder_object o = bnd_obj_binder(0x10, 0, 0);
	uint8_t *data = shared(128);
	uint64_t *offset = shared(8);

	for (int i = 0; i < 64; i++) {
		memset(data, 0, 128);
		memcpy(data + i, &o, sizeof(o));
		*offset = i;
		call_msg(c, plain_msg(0, data, 128, offset, 1));
		if (i % 4) {
			GO(c, "NOOP FAILED");
			EXTERR(c, "FAILED EINVAL");
			continue;
		}
		go(c);
		GO(server, "NOOP TXN:1");
		reply(server, 0, 0);
		free_last(server);
		GO(server, "NOOP COMPLETE");
		go(c);
	}
}

TEST_HARNESS_MAIN
