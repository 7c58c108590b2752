/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways of ipc.c to call another process; one of them has a file of its own. */
#ifndef BENCH_IPC_H
#define BENCH_IPC_H

#include "bench.h"

#include <stdatomic.h>

enum {
	IPC_PIPE,
	IPC_STREAM,
	IPC_SEQPACKET,
	IPC_MQ,
	IPC_SHM1,	/* shared memory, the receiver uses it in place; futex */
	IPC_SHM2,	/* the same, and the receiver copies it out first */
	IPC_READV,	/* process_vm_readv() by the receiver; futex */
	IPC_EVENTFD,	/* as IPC_SHM1 with eventfds for futexes */
	IPC_FDS,	/* file descriptors over a seqpacket socket */
	IPC_DBUS,
};

/* The largest payload, and some room. */
#define IPC_MOST (1024 * 1024)

/*
 * Hand over a turn that another process waits for, or wait for one's own, in the kernel at once:
 * spinning pays on no busy machine.
 */
void turn_pass(_Atomic uint32_t *turn, uint32_t to);
void turn_await(_Atomic uint32_t *turn, uint32_t mine);

/* D-Bus: dbus_open() runs in the process that calls, the service has to be forked after it. */
bool dbus_open(const struct bench *b);
void dbus_call(size_t size);
void dbus_serve(size_t size);
void dbus_close(void);

#endif /* BENCH_IPC_H */
