/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One process of the chaos: opens devices, has threads that converse through them
 * and do other things to them, and ends in one way or the other. All it does comes
 * from the seed and the number of its life; when it happens does not.
 */
#ifndef FUZZ_CITIZEN_H
#define FUZZ_CITIZEN_H

#include <pthread.h>
#include <sys/types.h>

#include "maker.h"

#define CHAOS_DEVICES	8
#define CHAOS_PROCESSES	32
#define CHAOS_BINDERFS	"/tmp/fuzz-binderfs"
#define CHAOS_DEVICE_A	"a"
#define CHAOS_DEVICE_B	"b"
#define CHAOS_EXECED	"--execed"	/* all that a program does that is told so is to end */
#define CITIZEN_PORTS	3
#define CITIZEN_THREADS	4
#define CITIZEN_FILES	8

/* Shared by all. */
struct chaos {
	uint64_t seed;
	const char *program;
	const char *devices[CHAOS_DEVICES];
	unsigned int nr_devices;
	pid_t pids[CHAOS_PROCESSES];
	uint64_t ioctls, commands, messages, lives, refused;
};

struct citizen {
	struct chaos *chaos;
	struct bnd_conn ports[CITIZEN_PORTS];
	unsigned int nr_ports;
	bool broken[CITIZEN_PORTS];	/* the area is gone, or a part of it */
	int files[CITIZEN_FILES];	/* to be sent; the ports are among them */
};

/* One thread of it. */
struct citizen_thread {
	struct citizen *citizen;
	struct fuzz_random random;
	struct bnd_conn *at;		/* the port it is using */
	unsigned int port;
	int fail_nth;			/* a file, or -1 */
	int epoll;
	unsigned int idle;		/* conversations since it read a message */
	struct fuzz_session sessions[CITIZEN_PORTS];
	struct fuzz_stack stacks[CITIZEN_PORTS];
	struct fuzz_maker maker;
	struct bnd_cmds commands;
	uint8_t written[FUZZ_STREAM];
	uint8_t read[FUZZ_STREAM] __attribute__((aligned(8)));
	uint8_t data[64 * 1024] __attribute__((aligned(8)));
	uint64_t offsets[FUZZ_OBJECTS];
};

/* A life, number @life, in place @slot of the list of processes; returns to exit. */
void live(struct chaos *chaos, unsigned int slot, uint64_t life);

/* One more ioctl; sometimes an allocation in it fails. */
int citizen_ioctl(struct citizen_thread *t, unsigned int cmd, void *arg);

/* mischief.c: whatever is no conversation. */
void make_mischief(struct citizen_thread *t);
/* The thread begins anew: what it waited for is forgotten. */
void exit_thread(struct citizen_thread *t);

#endif /* FUZZ_CITIZEN_H */
