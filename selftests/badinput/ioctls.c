// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, arguments and addresses of ioctls. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rows_test.h"

ROWS_FIXTURE(bad_ioctl)

struct known {
	const char *name;
	unsigned int cmd;
};

#define KNOWN(name) { #name, BINDER_##name }

static const struct known known[] = {
	KNOWN(WRITE_READ),
	KNOWN(SET_IDLE_TIMEOUT),
	KNOWN(SET_MAX_THREADS),
	KNOWN(SET_IDLE_PRIORITY),
	KNOWN(SET_CONTEXT_MGR),
	KNOWN(THREAD_EXIT),
	KNOWN(VERSION),
	KNOWN(GET_NODE_DEBUG_INFO),
	KNOWN(GET_NODE_INFO_FOR_REF),
	KNOWN(SET_CONTEXT_MGR_EXT),
	KNOWN(FREEZE),
	KNOWN(GET_FROZEN_INFO),
	KNOWN(ENABLE_ONEWAY_SPAM_DETECTION),
	KNOWN(GET_EXTENDED_ERROR),
};

static const char *directions[] = { "without an argument", "as a write", "as a read",
				    "as a write and read" };

static unsigned int with(unsigned int cmd, unsigned int dir, unsigned int type, unsigned int size)
{
	return _IOC(dir, type, _IOC_NR(cmd), size & _IOC_SIZEMASK);
}

static void sizes_of(struct port *p, const struct known *k, uint64_t arg)
{
	const unsigned int dir = _IOC_DIR(k->cmd), size = _IOC_SIZE(k->cmd);
	const unsigned int sizes[] = { 0, size - 1, size + 1, size / 2, size + 16, size * 2,
				       _IOC_SIZEMASK };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		row("%s of %u bytes", k->name, sizes[i]);
		got("%s", text_of(ioc_at(p, with(k->cmd, dir, 'b', sizes[i]), arg)));
	}
}

TEST_F_TIMEOUT(bad_ioctl, numbers, TABLE_SECONDS)
{
	static const unsigned int types[] = { 0, 'a', 'c', 'B', 'r', 0xff };
	struct port *p = process();
	uint64_t arg = (uintptr_t)memset(shared(1 << 15), 0, 1 << 15);

	rows_begin("ioctl-numbers");
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const struct known *k = &known[i];
		const unsigned int size = _IOC_SIZE(k->cmd);

		sizes_of(p, k, arg);
		for (unsigned int dir = 0; dir < 4; dir++) {
			if (dir == _IOC_DIR(k->cmd))
				continue;
			row("%s %s", k->name, directions[dir]);
			got("%s", text_of(ioc_at(p, with(k->cmd, dir, 'b', size), arg)));
		}
		for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
			row("%s of type %#x", k->name, types[t]);
			got("%s", text_of(ioc_at(p, with(k->cmd, _IOC_DIR(k->cmd), types[t], size),
						 arg)));
		}
	}
	ASSERT_EQ(0, rows_end());
}

static bool is_known(unsigned int nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (_IOC_NR(known[i].cmd) == nr)
			return true;
	}
	return false;
}

TEST_F_TIMEOUT(bad_ioctl, unassigned_numbers, TABLE_SECONDS)
{
	struct port *p = process();
	uint64_t arg = (uintptr_t)memset(shared(4096), 0, 4096);

	rows_begin("ioctl-unassigned");
	for (unsigned int nr = 0; nr < 256; nr = nr < 24 ? nr + 1 : nr * 2 - 1) {
		if (is_known(nr))
			continue;
		row("number %u without an argument", nr);
		got("%s", text_of(ioc_at(p, _IO('b', nr), arg)));
		row("number %u with 4 bytes", nr);
		got("%s", text_of(ioc_at(p, _IOW('b', nr, int32_t), arg)));
		row("number %u with 8 bytes there and back", nr);
		got("%s", text_of(ioc_at(p, _IOWR('b', nr, int64_t), arg)));
	}
	row("BINDER_CTL_ADD");
	got("%s", text_of(ioc_at(p, _IOC(_IOC_READ | _IOC_WRITE, 'b', 1, 264), arg)));
	row("0");
	got("%s", text_of(ioc_at(p, 0, arg)));
	row("~0");
	got("%s", text_of(ioc_at(p, ~0u, arg)));
	row("TCGETS");
	got("%s", text_of(ioc_at(p, 0x5401, arg)));
	row("FIONREAD");
	got("%s", text_of(ioc_at(p, 0x541b, arg)));
	ASSERT_EQ(0, rows_end());
}

/* At every place, and with each 4 of the last bytes missing. */
static void addresses_of(struct port *p, const struct known *k, const char *who)
{
	static const uint8_t zero[64];
	const size_t size = _IOC_SIZE(k->cmd);

	for (int i = 0; i < NR_PLACES; i++) {
		row("%s%s at %s", k->name, who, places[i].name);
		got("%s", text_of(ioc_at(p, k->cmd, places[i].address)));
	}
	for (size_t len = 4; len < size; len += 4) {
		row("%s%s, %zu bytes of %zu", k->name, who, len, size);
		got("%s", text_of(ioc_at(p, k->cmd, cut_off(zero, size, len))));
	}
	row("%s%s, a byte missing", k->name, who);
	got("%s", text_of(ioc_at(p, k->cmd, cut_off(zero, size, size - 1))));
}

/* R55, CVE-2013-6282 */
TEST_F_TIMEOUT(bad_ioctl, addresses, TABLE_SECONDS)
{
	struct port *mgr = manager(), *p = process();

	rows_begin("ioctl-addresses");
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		addresses_of(p, &known[i], "");
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].cmd == BINDER_GET_NODE_INFO_FOR_REF ||
		    known[i].cmd == BINDER_SET_CONTEXT_MGR_EXT)
			addresses_of(mgr, &known[i], " by the manager");
	}
	ASSERT_EQ(0, rows_end());
}

/* --- the manager --- */

static const char *become(struct port *p, uint32_t type, uint64_t ptr, uint64_t cookie,
			  uint32_t flags)
{
	struct flat_binder_object obj = {
		.hdr.type = type, .flags = flags, .binder = ptr, .cookie = cookie,
	};

	return text_of(ioc(p, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj)));
}

/* A manager that is made so, and what a call to it looks like. */
static void try_manager(uint32_t type, uint64_t ptr, uint64_t cookie, uint32_t flags)
{
	struct port *p = process(), *c;

	got("%s", become(p, type, ptr, cookie, flags));
	c = process();
	call(c, 0, 0x77, TF_ONE_WAY);
	got("%s", go(c));
	if (strstr(go(p), "TXN"))
		got("%s for %llx %llx", p->got, (unsigned long long)p->txn.target.ptr,
		    (unsigned long long)p->txn.cookie);
	peers_end();
}

TEST_F_TIMEOUT(bad_ioctl, managers, TABLE_SECONDS)
{
	static const uint32_t types[] = {
		BINDER_TYPE_BINDER, BINDER_TYPE_WEAK_BINDER, BINDER_TYPE_HANDLE,
		BINDER_TYPE_WEAK_HANDLE, BINDER_TYPE_FD, BINDER_TYPE_FDA, BINDER_TYPE_PTR, 0, ~0u,
	};
	static const uint64_t values[] = { 0, 1, 1ull << 63, ~0ull };
	struct port *p;

	rows_begin("managers");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		row("type %#x", types[i]);
		try_manager(types[i], 0, 0, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		row("ptr %#llx", (unsigned long long)values[i]);
		try_manager(BINDER_TYPE_BINDER, values[i], 0, 0);
		row("cookie %#llx", (unsigned long long)values[i]);
		try_manager(BINDER_TYPE_BINDER, 0, values[i], 0);
	}
	row("all flags but that for contexts");
	try_manager(BINDER_TYPE_BINDER, 0, 0, ~0x1000u);

	row("a second one");
	p = manager();
	got("%s", text_of(ioc_at(process(), BINDER_SET_CONTEXT_MGR, 0)));
	row("a second one with an object");
	got("%s", become(process(), BINDER_TYPE_BINDER, 0, 0, 0));
	row("the same again");
	got("%s", text_of(ioc_at(p, BINDER_SET_CONTEXT_MGR, 0)));
	row("the same again with an object");
	got("%s", become(p, BINDER_TYPE_BINDER, 0, 0, 0));
	row("the same by another open");
	got("%s", text_of(ioc_at(open_again(p, AREA), BINDER_SET_CONTEXT_MGR, 0)));
	row("the same on another device");
	got("%s", text_of(ioc_at(process_on("/dev/hwbinder", AREA), BINDER_SET_CONTEXT_MGR, 0)));
	ASSERT_EQ(0, rows_end());
}

/* --- values --- */

static void u32_values(struct port *p, const char *name, unsigned int cmd)
{
	static const uint32_t values[] = { 0, 1, 2, 15, 0x7fffffff, 0x80000000, 0xffffffff };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		uint32_t value = values[i];

		row("%s %#x", name, value);
		got("%s", text_of(ioc(p, cmd, &value, sizeof(value))));
	}
}

static void freeze_values(struct port *p, struct port *victim)
{
	static const uint32_t pids[] = { 0, 1, 0x3fffff, 0x7fffffff, 0x80000000, ~0u };
	static const uint32_t enables[] = { 0, 1, 2, 0x80000000, ~0u };
	static const uint32_t timeouts[] = { 1, 1000, 0x7fffffff };
	struct binder_frozen_status_info info;
	struct binder_freeze_info freeze;

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		for (int enable = 0; enable < 2; enable++) {
			freeze = (struct binder_freeze_info){ .pid = pids[i], .enable = enable };
			row("%s pid %#x", enable ? "freeze" : "thaw", pids[i]);
			got("%s", text_of(ioc(p, BINDER_FREEZE, &freeze, sizeof(freeze))));
		}
		info = (struct binder_frozen_status_info){ .pid = pids[i], .sync_recv = 7 };
		row("frozen info of pid %#x", pids[i]);
		got("%s", text_of(ioc(p, BINDER_GET_FROZEN_INFO, &info, sizeof(info))));
	}
	for (size_t i = 0; i < ARRAY_SIZE(enables); i++) {
		freeze = (struct binder_freeze_info){ .pid = victim->pid, .enable = enables[i] };
		row("freeze another with enable %#x", enables[i]);
		got("%s", text_of(ioc(p, BINDER_FREEZE, &freeze, sizeof(freeze))));
		call(p, 0, 1, 0);
		got("%s", go(p));
		freeze.enable = 0;
		ioc(p, BINDER_FREEZE, &freeze, sizeof(freeze));
		if (strstr(p->got, "EAGAIN")) {
			go(victim);
			answer(victim, p);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		freeze = (struct binder_freeze_info){ victim->pid, 1, timeouts[i] };
		row("freeze the idle with timeout %#x", timeouts[i]);
		got("%s", text_of(ioc(p, BINDER_FREEZE, &freeze, sizeof(freeze))));
	}
	row("frozen info with other fields set");
	info = (struct binder_frozen_status_info){ victim->pid, ~0u, ~0u };
	got("%s", text_of(ioc(p, BINDER_GET_FROZEN_INFO, &info, sizeof(info))));
	got("%u %u", info.sync_recv, info.async_recv);
	freeze = (struct binder_freeze_info){ .pid = victim->pid };
	row("thaw twice");
	got("%s", text_of(ioc(p, BINDER_FREEZE, &freeze, sizeof(freeze))));
	got("%s", text_of(ioc(p, BINDER_FREEZE, &freeze, sizeof(freeze))));
}

static void node_walk(struct port *p)
{
	static const uint64_t from[] = { 0, 0x0f, 0x10, 0x11, 0x1f, 0x20, 0x21, 1ull << 63, ~0ull };
	struct binder_node_debug_info info;

	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		info = (struct binder_node_debug_info){ from[i], ~0ull, ~0u, ~0u };
		row("node behind %#llx", (unsigned long long)from[i]);
		got("%s", text_of(ioc(p, BINDER_GET_NODE_DEBUG_INFO, &info, sizeof(info))));
		got("%llx %llx %u %u", (unsigned long long)info.ptr,
		    (unsigned long long)info.cookie, info.has_strong_ref, info.has_weak_ref);
	}
}

static void node_counts(struct port *p, const char *who, uint32_t good)
{
	const uint32_t handles[] = { 0, good, good + 1, 0x7fffffff, 0x80000000, ~0u };
	struct binder_node_info_for_ref info;

	for (size_t i = 0; i < ARRAY_SIZE(handles); i++) {
		info = (struct binder_node_info_for_ref){ .handle = handles[i] };
		row("counts of handle %#x by %s", handles[i], who);
		got("%s", text_of(ioc(p, BINDER_GET_NODE_INFO_FOR_REF, &info, sizeof(info))));
		got("%u %u", info.strong_count, info.weak_count);
	}
	for (size_t field = 4; field < sizeof(info); field += 4) {
		info = (struct binder_node_info_for_ref){ .handle = good };
		*(uint8_t *)((char *)&info + field) = 1;
		row("counts with byte %zu set by %s", field, who);
		got("%s", text_of(ioc(p, BINDER_GET_NODE_INFO_FOR_REF, &info, sizeof(info))));
		got("%u %u", info.strong_count, info.weak_count);
	}
}

/* R08 */
TEST_F_TIMEOUT(bad_ioctl, values, TABLE_SECONDS)
{
	struct port *mgr = manager(), *p = process();
	struct binder_extended_error error;
	uint32_t h = give(p, mgr, 0x10, 0x99, 0);

	rows_begin("ioctl-values");
	give(p, mgr, 0x20, 0x98, 0);
	u32_values(p, "SET_MAX_THREADS", BINDER_SET_MAX_THREADS);
	u32_values(p, "SET_IDLE_PRIORITY", BINDER_SET_IDLE_PRIORITY);
	u32_values(p, "SPAM_DETECTION", BINDER_ENABLE_ONEWAY_SPAM_DETECTION);
	u32_values(p, "VERSION", BINDER_VERSION);
	u32_values(p, "THREAD_EXIT", BINDER_THREAD_EXIT);
	freeze_values(p, mgr);
	node_walk(p);
	node_counts(p, "another", h);
	node_counts(mgr, "the manager", h);
	row("extended error twice after an error");
	call(p, 77, 1, 0);
	got("%s", go(p));
	got("%s", exterr(p));
	got("%s", exterr(p));
	row("extended error with fields set");
	error = (struct binder_extended_error){ 1, 2, 3 };
	got("%s", text_of(ioc(p, BINDER_GET_EXTENDED_ERROR, &error, sizeof(error))));
	got("%u %#x %d", error.id, error.command, error.param);
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
