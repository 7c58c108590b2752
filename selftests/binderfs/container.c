// SPDX-License-Identifier: GPL-2.0-only
/* What runs in a container, and how it is started and killed. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container.h"
#include "parcel.h"

#define MANAGER_INTERFACE "android.os.IServiceManager"
#define SERVICE "container.service"

/* Calls of the service manager. */
enum { CHECK = 2, ADD = 3 };

#define NR_NAMES (NR_DEFAULTS + 1)
static const char *const names[NR_NAMES] = { "binder", "hwbinder", "vndbinder", "anbox-binder" };

/* --- What runs inside ----------------------------------------------------------- */

static bool service_call(struct bnd_conn *c, const struct binder_transaction_data *txn,
			 const char *secctx, struct bnd_msg *reply)
{
	(void)c;
	(void)secctx;
	if (txn->code == HANG)
		for (;;)
			pause();
	reply->code = txn->code + 1;
	return true;
}

static struct bnd_parcel *question(const char *name)
{
	static struct bnd_parcel parcel;

	bnd_parcel_reset(&parcel);
	bnd_put_token(&parcel, BND_AIDL3, MANAGER_INTERFACE);
	bnd_put_string16(&parcel, name);
	return &parcel;
}

static void register_service(struct bnd_conn *conn)
{
	struct flat_binder_object obj = bnd_obj_binder(0x1000, 0x2000, 0);
	struct bnd_parcel *parcel = question(SERVICE);
	struct binder_transaction_data reply;
	struct bnd_msg m;

	bnd_put_object(parcel, &obj);
	bnd_put_int32(parcel, BND_STABILITY_SYSTEM);
	bnd_put_int32(parcel, 0);
	m = bnd_parcel_msg(parcel, 0, ADD, 0);
	need(!bnd_call_checked(conn, &m, &reply) && !(reply.flags & TF_STATUS_CODE));
	bnd_free_buffer(conn, reply.data.ptr.buffer);
}

int find_service(struct bnd_conn *conn)
{
	struct bnd_msg m = bnd_parcel_msg(question(SERVICE), 0, CHECK, 0);
	struct binder_transaction_data reply;
	uint32_t handle;
	int err = bnd_call_checked(conn, &m, &reply);

	if (err)
		return err;
	err = bnd_take_handle(conn, &reply, 0, &handle);
	bnd_free_buffer(conn, reply.data.ptr.buffer);
	return err ?: (int)handle;
}

int call_service(struct bnd_conn *conn, int handle, uint32_t code)
{
	struct bnd_msg m = { .handle = (uint32_t)handle, .code = code };
	struct binder_transaction_data reply;
	int err = bnd_call_checked(conn, &m, &reply);

	if (err)
		return err;
	bnd_free_buffer(conn, reply.data.ptr.buffer);
	return reply.code == code + 1 ? 0 : -EBADMSG;
}

static void start_manager(const char *device)
{
	char line[128] = "";
	int out[2];
	pid_t pid;

	need(!pipe(out));
	pid = fork();
	need(pid >= 0);
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		execl("./binder-servicemanager", "binder-servicemanager", device, NULL);
		_exit(127);
	}
	close(out[1]);
	need(read(out[0], line, sizeof(line) - 1) > 0 && !strncmp(line, "ready ", 6));
	close(out[0]);
}

static void start_service(const char *device)
{
	static const struct bnd_ops ops = { .call = service_call };
	struct bnd_conn conn;
	bool never = false;
	int ready[2];
	char byte;
	pid_t pid;

	need(!pipe(ready));
	pid = fork();
	need(pid >= 0);
	if (!pid) {
		need(!open_client(&conn, device));
		conn.ops = &ops;
		register_service(&conn);
		need(write(ready[1], "", 1) == 1);
		bnd_serve(&conn, false, &never);
		_exit(1);
	}
	close(ready[1]);
	need(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
}

/* Leaves a caller that waits for an answer, and messages nobody reads. */
static void start_hanging_call(const char *device)
{
	struct bnd_msg m = { .code = ECHO, .flags = TF_ONE_WAY, .data = names, .size = 8 };
	struct bnd_result res;
	struct bnd_conn conn;
	pid_t pid = fork();

	need(pid >= 0);
	if (!pid) {
		need(!open_client(&conn, device));
		call_service(&conn, find_service(&conn), HANG);
		_exit(1);
	}
	need(!open_client(&conn, device));
	m.handle = (uint32_t)find_service(&conn);
	for (int i = 0; i < 10; i++)
		need(!bnd_call(&conn, &m, &res) && res.code == BR_TRANSACTION_COMPLETE);
}

struct init {
	enum stage reached, last;
	int progress;
};

/* Tells that a stage is reached; the last one is never left. */
static void reached(struct init *init)
{
	need(write(init->progress, "", 1) == 1);
	while (init->reached == init->last)
		pause();
	init->reached++;
}

/* An instance of its own, with a device of its own. */
static void make_devices(struct init *init, const char *dir)
{
	char binderfs[128];
	int err;

	/* Kept longer than what in() returns. */
	snprintf(binderfs, sizeof(binderfs), "%s/binderfs", dir);
	need(!mkdir(binderfs, 0755));
	need(!mount_at(binderfs, "max=10"));
	reached(init);
	for (int i = 0; i < NR_NAMES; i++) {
		err = add_device(binderfs, names[i]);
		need(i < NR_DEFAULTS ? err == -EEXIST : !err);
		need(!chmod(in(binderfs, names[i]), 0666));
		need(!symlink(in(binderfs, names[i]), in(dir, names[i])));
	}
}

/* One that was there before, under the name everybody expects. */
static void bind_device(struct init *init, const char *dir, const char *node)
{
	const char *name = in(dir, "binder");
	int fd = creat(name, 0644);

	need(fd >= 0);
	close(fd);
	reached(init);
	need(!mount(node, name, NULL, MS_BIND, NULL));
}

static void run_init(struct init *init, const struct container *c)
{
	char device[128];
	struct bnd_conn conn;

	need(getpid() == 1);
	need(!mount("none", c->dir, "tmpfs", 0, NULL));
	snprintf(device, sizeof(device), "%s/%s", c->dir, c->node ? "binder" : "anbox-binder");
	reached(init);

	if (c->node)
		bind_device(init, c->dir, c->node);
	else
		make_devices(init, c->dir);
	reached(init);

	start_manager(device);
	reached(init);
	start_service(device);
	reached(init);

	need(!open_client(&conn, device));
	for (int i = 0; i < 20; i++)
		need(!call_service(&conn, find_service(&conn), ECHO));
	bnd_close(&conn);
	reached(init);

	start_hanging_call(device);
	reached(init);
}

/* --- What is done from outside ----------------------------------------------------- */

void start_container(struct container *c, enum stage last)
{
	int pid[2], progress[2], status;
	struct init init = { .last = last };

	need(!pipe(pid) && !pipe(progress));
	c->parent = fork();
	need(c->parent >= 0);
	if (!c->parent) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(progress[0]);
		need(!enter_userns(0, 2000, CLONE_NEWPID | CLONE_NEWIPC));
		c->init = fork();
		need(c->init >= 0);
		if (!c->init) {
			init.progress = progress[1];
			run_init(&init, c);
			_exit(1);
		}
		close(progress[1]);
		need(write(pid[1], &c->init, sizeof(c->init)) == sizeof(c->init));
		need(waitpid(c->init, &status, 0) == c->init);
		_exit(WIFSIGNALED(status) ? 0 : 1);
	}
	close(pid[1]);
	close(progress[1]);
	need(read(pid[0], &c->init, sizeof(c->init)) == sizeof(c->init));
	close(pid[0]);
	c->progress = progress[0];
}

void await_stage(struct container *c, enum stage stage)
{
	char byte;

	for (int i = 0; i <= (int)stage; i++)
		need(read(c->progress, &byte, 1) == 1);
}

void kill_container(struct container *c)
{
	int status;

	need(!kill(c->init, SIGKILL));
	need(waitpid(c->parent, &status, 0) == c->parent && !status);
	close(c->progress);
}

const char *inside(const struct container *c, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "/proc/%d/root%s/%s", c->init, c->dir, name);
	return path;
}
