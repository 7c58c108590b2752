// SPDX-License-Identifier: GPL-2.0-only
/* What the tests of the binder file system share. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "instance.h"

#define HANG_SECONDS 30
#define AREA (64 * 1024)

const char *const default_devices[NR_DEFAULTS] = { "binder", "hwbinder", "vndbinder" };

void need_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "# %s:%d: needed %s (errno %d)\n", file, line, what, errno);
	_exit(1);
}

int result_of(long ret)
{
	return ret < 0 ? -errno : 0;
}

bool have_binderfs(void)
{
	FILE *file = fopen("/proc/filesystems", "r");
	char line[128];
	bool found = false;

	while (file && fgets(line, sizeof(line), file))
		found |= !strcmp(line, "nodev\tbinder\n");
	if (file)
		fclose(file);
	return found;
}

bool driver_is_ours(void)
{
	return !access("/sys/module/binder_linux/parameters/misc_devices", F_OK);
}

/* --- Instances ------------------------------------------------------------- */

static void make_mounts_private(void)
{
	static pid_t done;

	if (done == getpid())
		return;
	need(!unshare(CLONE_NEWNS));
	need(!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	done = getpid();
}

const char *new_dir(void)
{
	char *dir = strdup("/tmp/binderfs.XXXXXX");

	make_mounts_private();
	need(dir && mkdtemp(dir));
	need(!chmod(dir, 0755));
	return dir;
}

int mount_at(const char *dir, const char *options)
{
	return mount("binder", dir, "binder", 0, options) ? -errno : 0;
}

const char *new_instance(const char *options)
{
	const char *dir = new_dir();
	int err = mount_at(dir, options);

	errno = -err;
	return err ? NULL : dir;
}

int remount(const char *dir, const char *options)
{
	return mount("binder", dir, "binder", MS_REMOUNT, options) ? -errno : 0;
}

int detach(const char *dir)
{
	return umount2(dir, MNT_DETACH) ? -errno : 0;
}

const char *in(const char *dir, const char *name)
{
	static char buffers[16][512];
	static unsigned int next;
	char *buffer = buffers[next++ % 16];

	snprintf(buffer, sizeof(buffers[0]), "%s/%s", dir, name);
	return buffer;
}

const char *options_of(const char *dir)
{
	static char options[512];
	FILE *file = fopen("/proc/self/mounts", "r");
	char line[1024], where[256], type[64];

	need(file);
	options[0] = '\0';
	while (fgets(line, sizeof(line), file)) {
		char found[512];

		if (sscanf(line, "%*s %255s %63s %511s", where, type, found) == 3 &&
		    !strcmp(where, dir) && !strcmp(type, "binder"))
			strcpy(options, found);
	}
	fclose(file);
	return options;
}

/* --- Devices ---------------------------------------------------------------- */

int open_control(const char *dir)
{
	int fd = open(in(dir, "binder-control"), O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int ctl_add(int control, const char *name, struct binderfs_device *device)
{
	struct binderfs_device own = { .major = 0 };

	if (!device)
		device = &own;
	memset(device, 0, sizeof(*device));
	/* Not terminated if it is as long as the array, or longer. */
	memcpy(device->name, name, strnlen(name, sizeof(device->name)));
	return ioctl(control, BINDER_CTL_ADD, device) ? -errno : 0;
}

int add_device(const char *dir, const char *name)
{
	int control = open_control(dir);
	int err;

	if (control < 0)
		return control;
	err = ctl_add(control, name, NULL);
	close(control);
	return err;
}

int minor_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -errno : (int)minor(st.st_rdev);
}

int next_minor(void)
{
	static const char *scratch;
	static pid_t owner;
	int found;

	if (owner != getpid()) {
		scratch = new_instance(NULL);
		owner = getpid();
	}
	need(scratch);
	need(!add_device(scratch, "probe"));
	found = minor_of(in(scratch, "probe"));
	need(!unlink(in(scratch, "probe")));
	return found;
}

bool next_minor_is(void *arg)
{
	return next_minor() == *(int *)arg;
}

const char *numbered(int i)
{
	static __thread char name[32];

	snprintf(name, sizeof(name), "device%d", i);
	return name;
}

int room_in(const char *dir)
{
	char name[32];
	int nr = 0, err;

	for (;;) {
		snprintf(name, sizeof(name), "room%d", nr);
		err = add_device(dir, name);
		if (err)
			break;
		nr++;
	}
	for (int i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "room%d", i);
		need(!unlink(in(dir, name)));
	}
	return err == -ENOSPC ? nr : err;
}

/* --- Talking ---------------------------------------------------------------- */

static bool echo(struct bnd_conn *c, const struct binder_transaction_data *txn,
		 const char *secctx, struct bnd_msg *reply)
{
	(void)c;
	(void)secctx;
	reply->code = txn->code + 1;
	return true;
}

int serve(struct server *server, const char *path)
{
	static const struct bnd_ops ops = { .call = echo };
	struct bnd_conn conn;
	bool never = false;
	int ready[2], err = 0;

	need(!pipe(ready));
	server->pid = fork();
	need(server->pid >= 0);
	if (!server->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		err = bnd_open(&conn, path, AREA, 0) ?: bnd_become_manager(&conn);
		need(write(ready[1], &err, sizeof(err)) == sizeof(err));
		close(ready[1]);
		conn.ops = &ops;
		if (!err)
			bnd_serve(&conn, false, &never);
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &err, sizeof(err)) != sizeof(err))
		err = -ESRCH;
	close(ready[0]);
	return err;
}

void end_server(struct server *server)
{
	need(!kill(server->pid, SIGKILL));
	need(waitpid(server->pid, NULL, 0) == server->pid);
}

int open_client(struct bnd_conn *client, const char *path)
{
	return bnd_open(client, path, AREA, 0);
}

int call_manager(struct bnd_conn *client)
{
	struct bnd_msg m = { .handle = 0, .code = 41 };
	struct binder_transaction_data reply;
	int err = bnd_call_checked(client, &m, &reply);

	if (err)
		return err;
	bnd_free_buffer(client, reply.data.ptr.buffer);
	return reply.code == 42 ? 0 : -EBADMSG;
}

int call_once(const char *path)
{
	struct bnd_conn client;
	int err = open_client(&client, path);

	if (err)
		return err;
	err = call_manager(&client);
	bnd_close(&client);
	return err;
}

static bool has_no_manager(void *arg)
{
	struct binder_extended_error error = { .id = 0 };
	struct bnd_conn *client = arg;

	if (call_manager(client) != -EPIPE || bnd_extended_error(client, &error))
		return false;
	/* A dead manager is not gone yet: the error is another one. */
	return error.command == BR_DEAD_REPLY && error.param == -EINVAL;
}

bool await_no_manager(struct bnd_conn *client)
{
	return await(has_no_manager, client);
}

/* --- Namespaces and processes -------------------------------------------------- */

static void write_map(pid_t pid, const char *file, unsigned int inner, unsigned int outer)
{
	char path[64], line[64];
	int fd, len;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	len = snprintf(line, sizeof(line), "%u %u 1\n", inner, outer);
	fd = open(path, O_WRONLY);
	need(fd >= 0 && write(fd, line, (size_t)len) == len);
	close(fd);
}

int enter_userns(unsigned int inner, unsigned int outer, int flags)
{
	pid_t pid = getpid(), helper;
	int go[2], status;
	char byte = 0;

	need(!pipe(go));
	/* Any id can be mapped only from outside. */
	helper = fork();
	need(helper >= 0);
	if (!helper) {
		close(go[1]);
		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		write_map(pid, "uid_map", inner, outer);
		write_map(pid, "gid_map", inner, outer);
		_exit(0);
	}
	close(go[0]);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | flags))
		return -errno;
	need(write(go[1], &byte, 1) == 1);
	close(go[1]);
	need(waitpid(helper, &status, 0) == helper && !status);
	if (setgroups(0, NULL) || setresgid(inner, inner, inner) || setresuid(inner, inner, inner))
		return -errno;
	/* The changed ids have closed our /proc files to others. */
	prctl(PR_SET_DUMPABLE, 1);
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ? -errno : 0;
}

int in_child(void (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	need(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn(arg);
		_exit(0);
	}
	need(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

long module_users(void)
{
	FILE *file = fopen("/sys/module/binder_linux/refcnt", "r");
	long users = -1;

	need(file && fscanf(file, "%ld", &users) == 1);
	fclose(file);
	return users;
}

bool await(bool (*condition)(void *arg), void *arg)
{
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!condition(arg)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - start.tv_sec > HANG_SECONDS)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}
