// SPDX-License-Identifier: GPL-2.0-only
/* What the sender changes after the driver has read it. */
#include <string.h>

#include "hooks_test.h"

HOOKS_FIXTURE(read_once);

/* Checked as one object, it must not be translated as another. */
TEST_F(read_once, subtle_objects)
{
	struct port *mgr = manager(), *c = process();
	struct flat_binder_object *obj = shared(sizeof(*obj));

	*obj = bnd_obj_binder(0x10, 0x20, 0);
	call_msg(c, (struct bnd_msg){
		.flags = TF_ONE_WAY, .data = obj, .size = sizeof(*obj),
		.offsets = shared(sizeof(uint64_t)), .noffsets = 1,
	});
	arm("object");
	run_start(c, send_prepared, NULL);
	await_stop("object");
	*obj = bnd_obj_weak_binder(0x30, 0x40, 0);
	proceed("object");
	ASSERT_EQ(0, run_finish(c));
	forget(c);
	GO(c, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	GO(mgr, "NOOP TXN:0");
	ASSERT_EQ(BINDER_TYPE_HANDLE, got_obj(mgr, 0).hdr.type);
}

TEST_HARNESS_MAIN
