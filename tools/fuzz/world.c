// SPDX-License-Identifier: GPL-2.0-only
/* Steps of the differential fuzzer, and the streams that are written and read in them. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "world.h"

struct process processes[ACTOR_PROCESSES] = {
	{ .threads = 2, .nr_ports = 1 },
	{ .threads = 2, .nr_ports = 1 },
	{ .threads = 1, .nr_ports = 1, .uid = 1000 },
	{ .threads = 1, .nr_ports = 2 },
};

struct stage *stage;
struct fuzz_random rng;
unsigned long nr_steps, nr_commands, nr_messages, nr_ends, nr_quiet, nr_wrong;
bool cramped, secctx;
int manager = -1;
bool served;

struct turn now;
struct bnd_cmds stream;
struct fuzz_maker maker;

void choose(unsigned int process, unsigned int port, unsigned int thread)
{
	now.process = process;
	now.port = port;
	now.thread = thread;
	now.proc = &processes[process];
	now.at = &now.proc->ports[port];
	now.seat = &now.proc->seats[port][thread];
	now.desk = &stage->desks[process][thread];
	now.desk->port = port;
	stream = (struct bnd_cmds){ .buf = now.desk->written, .cap = sizeof(now.desk->written) };
	maker.session = &now.at->session;
	maker.stack = &now.seat->stack;
	maker.arena = (struct fuzz_arena){ .base = now.desk->arena, .size = FUZZ_ARENA };
	maker.manager = manager == (int)process;
	maker.offers_none = now.at->exact;
	maker.last_free = true;
	for (unsigned int t = 0; t < now.proc->threads; t++)
		if (t != thread && !fuzz_stack_waits(&now.proc->seats[port][t].stack))
			maker.last_free = false;
	fuzz_maker_reset(&maker);
}

int act(enum actor_op op)
{
	now.desk->op = op;
	actor_do(stage, now.process, now.thread);
	return now.desk->error;
}

void settle(void)
{
	usleep(SETTLE_US);
}

void print_start(void)
{
	printf("%lu %u.%u.%u%s", ++nr_steps, now.process, now.port, now.thread, maker.text);
}

/* --- Streams ------------------------------------------------------------------------ */

static void print_record(const struct bnd_rec *rec)
{
	printf(" %s", bnd_br_name(rec->code));
	switch (rec->code) {
	case BR_TRANSACTION:
	case BR_TRANSACTION_SEC_CTX:
	case BR_REPLY:
		printf(" #%u%s", fuzz_buffer_id(&now.at->session, rec->txn.data.ptr.buffer),
		       now.desk->text);
		break;
	case BR_DEAD_BINDER:
	case BR_CLEAR_DEATH_NOTIFICATION_DONE:
	case BR_CLEAR_FREEZE_NOTIFICATION_DONE:
		printf(" %llx", (unsigned long long)rec->cookie);
		break;
	case BR_FROZEN_BINDER:
		printf(" %llx,%u,%u", (unsigned long long)rec->frozen.cookie,
		       rec->frozen.is_frozen, rec->frozen.reserved);
		break;
	case BR_ERROR:
		printf(" %d", rec->error);
		break;
	}
}

/* Returns how many there are that others than the owners of objects care for. */
static unsigned int take_records(void)
{
	struct bnd_stream in = { .buf = now.desk->read, .len = now.desk->bwr.read_consumed };
	unsigned int nr = 0;
	struct bnd_rec rec;
	int more;

	while ((more = bnd_next(&in, &rec)) == 1) {
		if (rec.code == BR_NOOP)
			continue;
		fuzz_session_take(&now.at->session, &now.seat->stack, &rec, now.desk->data,
				  now.desk->offsets);
		if (take_news(&rec))
			continue;
		nr++;
		print_record(&rec);
		if (rec.code == BR_TRANSACTION || rec.code == BR_TRANSACTION_SEC_CTX ||
		    rec.code == BR_REPLY) {
			served = true;
			nr_messages++;
		}
	}
	if (more)
		printf(" no record");
	return nr;
}

/* What the driver did not take is written again, but for a command it cannot take. */
static void keep_tail(size_t from, bool refused)
{
	uint32_t code;

	if (refused && from + sizeof(code) <= stream.len) {
		memcpy(&code, stream.buf + from, sizeof(code));
		from += sizeof(code) + _IOC_SIZE(code);
		if (!strcmp(bnd_bc_name(code), "BC_?"))
			from = stream.len;
	} else if (refused) {
		from = stream.len;
	}
	now.seat->tail_len = from < stream.len ? stream.len - from : 0;
	memcpy(now.seat->tail, stream.buf + from, now.seat->tail_len);
}

int read_on(void)
{
	now.desk->bwr = (struct binder_write_read){
		.read_size = FUZZ_STREAM,
		.read_buffer = (uintptr_t)now.desk->read,
	};
	return act(ACTOR_WRITE_READ);
}

/*
 * Differs: when and where owners are told of their objects. So that is not written
 * down, and whoever reads nothing else reads on.
 */
static int take_what_counts(int error)
{
	const struct binder_write_read *bwr = &now.desk->bwr;

	while (!take_records() && !error && bwr->read_consumed) {
		error = read_on();
		fuzz_stack_exchange(&now.seat->stack, now.desk->written, 0, now.desk->read,
				    bwr->read_consumed);
	}
	return error;
}

int transfer(size_t read_size)
{
	struct binder_write_read *bwr = &now.desk->bwr;
	bool waited = fuzz_stack_waits(&now.seat->stack);
	unsigned int taken;
	int error;

	*bwr = (struct binder_write_read){
		.write_size = stream.len,
		.read_size = read_size,
		.read_buffer = (uintptr_t)now.desk->read,
	};
	/* A read that fails at its first word leaves everything where it was. */
	if (read_size && fuzz_once_in(&rng, 200))
		bwr->read_buffer = FUZZ_NOWHERE;
	print_start();
	error = act(ACTOR_WRITE_READ);
	printf(" wrote %llu/%zu read", (unsigned long long)bwr->write_consumed, stream.len);
	if (now.at->exact)
		printf(" %llu", (unsigned long long)bwr->read_consumed);
	printf("/%zu:", read_size);
	keep_tail(bwr->write_consumed, error && error != -EAGAIN &&
		  bwr->read_buffer != FUZZ_NOWHERE);
	taken = fuzz_stack_exchange(&now.seat->stack, now.desk->written, bwr->write_consumed,
				    now.desk->read, bwr->read_consumed);
	if (!fuzz_stack_waits(&now.seat->stack))
		now.seat->entrusted = false;
	else if (maker.made_binder)
		now.seat->entrusted = true;
	if (!waited)
		now.seat->waits_since = nr_steps;
	if (taken > !waited && (waited || fuzz_stack_waits(&now.seat->stack)))
		now.seat->blurred = true;
	error = take_what_counts(error);
	printf(" = %d n%d\n", error, now.desk->nice_now);
	if (read_size) {
		now.seat->drained = error == -EAGAIN;
		if (now.seat->drained && !now.seat->stack.depth)
			now.at->flipped = false;
	}
	acknowledge_news(false);
	return error;
}

static size_t pick_read_size(void)
{
	unsigned int how = fuzz_below(&rng, 10);

	if (how < 2)
		return 0;
	/* What is in the way of what else there is to read may be news. */
	if (how > 6 || !now.at->exact)
		return FUZZ_STREAM;
	/* Differs: sizes of 1 to 3. */
	return how == 2 ? 4 + 4 * fuzz_below(&rng, 50) : 256;
}

void converse(void)
{
	unsigned int n = fuzz_once_in(&rng, 3) ? 0 : 1 + fuzz_below(&rng, 4) * fuzz_below(&rng, 2);
	size_t read_size = pick_read_size();

	for (nr_commands += !n; n; n--, nr_commands++)
		if (!fuzz_make_command(&maker))
			break;
	transfer(read_size);
}

bool finish_tail(void)
{
	for (unsigned int p = 0; p < ACTOR_PROCESSES; p++)
		for (unsigned int o = 0; o < processes[p].nr_ports; o++)
			for (unsigned int t = 0; t < processes[p].threads; t++) {
				if (!processes[p].seats[o][t].tail_len)
					continue;
				choose(p, o, t);
				bnd_cmd_bytes(&stream, now.seat->tail, now.seat->tail_len);
				fuzz_say(&maker, " rest");
				nr_commands++;
				/* What it points to is still there. */
				transfer(FUZZ_STREAM);
				return true;
			}
	return false;
}

bool drain(void)
{
	for (unsigned int i = 0; i < 50; i++) {
		fuzz_maker_reset(&maker);
		transfer(FUZZ_STREAM);
		if (now.seat->drained)
			return true;
	}
	return false;
}
