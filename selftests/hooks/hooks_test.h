/* SPDX-License-Identifier: GPL-2.0-only */
/* What every file of these tests begins with. */
#ifndef HOOKS_HOOKS_TEST_H
#define HOOKS_HOOKS_TEST_H

#include "patience.h"
#include "hooks.h"
#include "protocol_test.h"

/* No task stands anywhere and no rule is broken, before and after. */
static void hooks_begin(void)
{
	proceed_all();
	break_rules("");
	set_parameter("folio_order", "4");
	await_no_pages();
}

static void hooks_end(void)
{
	break_rules("");
	proceed_all();
}

#define HOOKS_FIXTURE(name) PEERS_FIXTURE(name, hooks_begin(), hooks_end())

#endif /* HOOKS_HOOKS_TEST_H */
