/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instances of the binder file system, what is in them, and processes that talk
 * over their devices.
 *
 * A test mounts what it needs in a mount namespace of its own, so nothing it
 * leaves is in the way of the next. Functions return 0 (or what they are asked
 * for) or a negative errno. need() ends the process as failed.
 */
#ifndef BINDERFS_INSTANCE_H
#define BINDERFS_INSTANCE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <linux/android/binderfs.h>

#include "binder_raw.h"

/* The tests run on a module that was loaded with the default devices. */
#define NR_DEFAULTS 3
extern const char *const default_devices[NR_DEFAULTS];

#define need(cond) ((cond) ? (void)0 : need_failed(__FILE__, __LINE__, #cond))
void need_failed(const char *file, int line, const char *what) __attribute__((noreturn));

/* What a call returned that gives -1 and errno on failure: 0, or a negative errno. */
#define RESULT(call) ({ errno = 0; result_of(call); })
int result_of(long ret);

/* Does this kernel know the file system? Is the driver the one of this project? */
bool have_binderfs(void);
bool driver_is_ours(void);

/* Begins each fixture: a kernel without the file system has nothing to test. */
#define BINDERFS_OR_SKIP()							\
	do {									\
		if (!have_binderfs()) {						\
			ASSERT_FALSE(driver_is_ours());				\
			SKIP(return, "this driver has no binderfs");		\
		}								\
	} while (0)

/* --- Instances ------------------------------------------------------------- */

/* A new directory below /tmp that everybody may pass; mounts are private from now on. */
const char *new_dir(void);
int mount_at(const char *dir, const char *options);
/* A mount at a new directory, or NULL with errno set. */
const char *new_instance(const char *options);
int remount(const char *dir, const char *options);
int detach(const char *dir);
/* "DIR/NAME", in a buffer that serves again after 16 calls. */
const char *in(const char *dir, const char *name);
/* The options of the mount at @dir as /proc/mounts has them. */
const char *options_of(const char *dir);

/* --- Devices ---------------------------------------------------------------- */

int open_control(const char *dir);
/* BINDER_CTL_ADD; @device, if wanted, receives what the driver says. */
int ctl_add(int control, const char *name, struct binderfs_device *device);
int add_device(const char *dir, const char *name);
/* The minor number of a node, or of the one the next device would get. */
int minor_of(const char *path);
int next_minor(void);
bool next_minor_is(void *arg);	/* for await(), of an int */
/* The name of the @i-th of many devices, until this thread asks for the next. */
const char *numbered(int i);
/* The number of devices that fit into the instance still. */
int room_in(const char *dir);

/* --- Talking ---------------------------------------------------------------- */

/* A process that answers calls as context manager of the device until it is killed. */
struct server {
	pid_t pid;
};

int serve(struct server *server, const char *path);
void end_server(struct server *server);
/* Opens the device for calls. */
int open_client(struct bnd_conn *client, const char *path);
/* 0 when the manager of the device answers, -EPIPE when there is none. */
int call_manager(struct bnd_conn *client);
/* open_client(), call_manager() and close. */
int call_once(const char *path);
/* Waits until the device has no manager any more; false after 30 s. */
bool await_no_manager(struct bnd_conn *client);

/* --- Namespaces and processes -------------------------------------------------- */

/*
 * Enter a new user namespace that maps @outer as @inner and become @inner, with
 * all its capabilities; a new mount namespace and what @flags says with it.
 */
int enter_userns(unsigned int inner, unsigned int outer, int flags);
/* Runs @fn in a child that may end by need(); the child's exit code. */
int in_child(void (*fn)(void *arg), void *arg);
/* Users of the module: mounts and open files. */
long module_users(void);
/* Waits until @condition holds; false after 30 s. */
bool await(bool (*condition)(void *arg), void *arg);

#endif /* BINDERFS_INSTANCE_H */
