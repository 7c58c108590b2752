// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU plugin that counts how often each guest instruction was executed while
 * the benchmark program took its samples. The program marks them with
 * no-operations (bench.h). Writes lines of "benchmark address count atomic" at the end,
 * where the last is 1 for an instruction that reads and writes memory at one go.
 *
 * QEMU's packages bring no header for plugins: what is used of the interface
 * (docs/devel/tcg-plugins of QEMU, version 1) is declared here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum qemu_plugin_cb_flags {
	QEMU_PLUGIN_CB_NO_REGS,
};

enum qemu_plugin_op {
	QEMU_PLUGIN_INLINE_ADD_U64,
};

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int, void *),
					    enum qemu_plugin_cb_flags flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
						enum qemu_plugin_op op, void *ptr, uint64_t add);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, void *),
				    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = 1;

/* One instruction. Never moves: translated code adds to @executed. */
struct site {
	struct site *next;	/* in its hash chain */
	uint64_t address;
	uint64_t executed;
	uint64_t before;	/* of @executed when the sample began */
	uint64_t sampled;	/* in samples of this benchmark */
	bool atomic;
};

#define CHAINS 0x100000

static struct site *chains[CHAINS];
static struct site **sites;
static size_t nr_sites;
static unsigned int benchmark;
static FILE *out;

static struct site *find_or_make(uint64_t address)
{
	struct site **chain = &chains[(address ^ address >> 20) % CHAINS], *site;

	for (site = *chain; site; site = site->next)
		if (site->address == address)
			return site;
	if (!(nr_sites % CHAINS))
		sites = realloc(sites, (nr_sites + CHAINS) * sizeof(*sites));
	site = calloc(1, sizeof(*site));
	if (!site || !sites)
		abort();
	sites[nr_sites++] = site;
	site->address = address;
	site->next = *chain;
	*chain = site;
	return site;
}

static void write_benchmark(void)
{
	for (size_t i = 0; i < nr_sites; i++) {
		if (sites[i]->sampled)
			fprintf(out, "%u %" PRIx64 " %" PRIu64 " %d\n", benchmark,
				sites[i]->address, sites[i]->sampled, sites[i]->atomic);
		sites[i]->sampled = 0;
	}
}

static void next_benchmark(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	write_benchmark();
	benchmark++;
}

static void begin_sample(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	for (size_t i = 0; i < nr_sites; i++)
		sites[i]->before = sites[i]->executed;
}

/* An instruction that is first met during the sample has before == 0, rightly. */
static void end_sample(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	for (size_t i = 0; i < nr_sites; i++) {
		sites[i]->sampled += sites[i]->executed - sites[i]->before;
		sites[i]->before = sites[i]->executed;
	}
}

/* Does it lock the bus: by its prefix, or as an exchange with memory always does? */
static bool is_atomic(const uint8_t *bytes, size_t size)
{
	size_t i = 0;

	/* Prefixes: operand size, segment, lock; then REX. */
	for (; i + 2 < size; i++) {
		if (bytes[i] == 0xf0)
			return true;
		if (bytes[i] != 0x66 && bytes[i] != 0x2e && bytes[i] != 0x3e && bytes[i] != 0x65)
			break;
	}
	if (i + 2 < size && (bytes[i] & 0xf0) == 0x40)
		i++;
	return i + 1 < size && (bytes[i] == 0x86 || bytes[i] == 0x87) && bytes[i + 1] < 0xc0;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	static const uint8_t nopl[] = { 0x0f, 0x1f, 0x80 };

	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *bytes = qemu_plugin_insn_data(insn);
		struct site *site = find_or_make(qemu_plugin_insn_vaddr(insn));
		void (*cb)(unsigned int, void *) = NULL;
		uint32_t what = 0;

		site->atomic = is_atomic(bytes, qemu_plugin_insn_size(insn));
		qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
							   &site->executed, 1);
		if (qemu_plugin_insn_size(insn) == sizeof(nopl) + sizeof(what) &&
		    !memcmp(bytes, nopl, sizeof(nopl)))
			memcpy(&what, bytes + sizeof(nopl), sizeof(what));
		if (what == MARK_BENCH)
			cb = next_benchmark;
		else if (what == MARK_BEGIN)
			cb = begin_sample;
		else if (what == MARK_END)
			cb = end_sample;
		if (cb)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, cb, QEMU_PLUGIN_CB_NO_REGS,
							       NULL);
	}
}

static void finish(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	write_benchmark();
	fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
