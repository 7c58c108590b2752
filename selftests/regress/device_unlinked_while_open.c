// SPDX-License-Identifier: GPL-2.0-only
/*
 * R60, CVE-2025-38175, CVE-2025-38176: a device that was unlinked, or whose instance was
 * unmounted, was freed and stayed on the list of all devices. Devices and instances end in
 * any order, and whoever has a device open goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instance.h"
#include "kselftest_harness.h"

FIXTURE(lifetime)
{
	const char *dir;
	int next;
	long users;
};

/* The instance that next_minor() works with stays and counts. */
FIXTURE_SETUP(lifetime)
{
	BINDERFS_OR_SKIP();
	self->next = next_minor();
	self->users = module_users();
	self->dir = new_instance(NULL);
	ASSERT_NE(NULL, self->dir);
}

static bool users_are(void *arg)
{
	return module_users() == *(long *)arg;
}

/* Whatever a test did: all is given back once it has closed and unmounted all. */
FIXTURE_TEARDOWN(lifetime)
{
	EXPECT_TRUE(await(users_are, &self->users)) {
		TH_LOG("%ld users of the module, not %ld", module_users(), self->users);
	}
	/* The mounts of who was killed end a little later. */
	EXPECT_TRUE(await(next_minor_is, &self->next));
}

TEST_F(lifetime, an_open_file_keeps_a_mount_busy)
{
	struct bnd_conn client;
	int control;

	ASSERT_EQ(0, open_client(&client, in(self->dir, "binder")));
	EXPECT_EQ(-1, umount(self->dir));
	EXPECT_EQ(EBUSY, errno);
	bnd_close(&client);
	control = open_control(self->dir);
	ASSERT_GE(control, 0);
	EXPECT_EQ(-1, umount(self->dir));
	EXPECT_EQ(EBUSY, errno);
	close(control);
	EXPECT_EQ(0, umount(self->dir));
}

TEST_F(lifetime, an_area_outlives_its_file_and_its_mount)
{
	struct bnd_conn client;
	char *area;

	ASSERT_EQ(0, open_client(&client, in(self->dir, "binder")));
	area = client.map;
	close(client.fd);
	EXPECT_EQ(-1, umount(self->dir));
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(0, detach(self->dir));
	EXPECT_EQ(0, munmap(area, client.map_size));
}

TEST_F(lifetime, calls_go_on_without_a_name)
{
	struct server server;
	struct bnd_conn client;

	ASSERT_EQ(0, serve(&server, in(self->dir, "binder")));
	ASSERT_EQ(0, open_client(&client, in(self->dir, "binder")));
	ASSERT_EQ(0, unlink(in(self->dir, "binder")));
	for (int i = 0; i < 100; i++)
		ASSERT_EQ(0, call_manager(&client));
	EXPECT_EQ(0, detach(self->dir));
	for (int i = 0; i < 100; i++)
		ASSERT_EQ(0, call_manager(&client));
	end_server(&server);
	/* Its death is told as ever. */
	EXPECT_TRUE(await_no_manager(&client));
	bnd_close(&client);
}

TEST_F(lifetime, a_manager_comes_again_on_a_detached_instance)
{
	struct bnd_conn client, manager;
	struct server server;

	ASSERT_EQ(0, serve(&server, in(self->dir, "binder")));
	ASSERT_EQ(0, open_client(&client, in(self->dir, "binder")));
	ASSERT_EQ(0, open_client(&manager, in(self->dir, "binder")));
	EXPECT_EQ(-EBUSY, bnd_become_manager(&manager));
	EXPECT_EQ(0, detach(self->dir));
	end_server(&server);
	EXPECT_TRUE(await_no_manager(&client));
	EXPECT_EQ(0, bnd_become_manager(&manager));
	bnd_close(&manager);
	EXPECT_TRUE(await_no_manager(&client));
	bnd_close(&client);
}

/* The links in /proc lead to the file itself, whatever became of its name. */
TEST_F(lifetime, an_open_device_can_be_opened_again)
{
	struct server server;
	struct bnd_conn client;
	char path[64];

	ASSERT_EQ(0, serve(&server, in(self->dir, "binder")));
	ASSERT_EQ(0, open_client(&client, in(self->dir, "binder")));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", client.fd);
	ASSERT_EQ(0, unlink(in(self->dir, "binder")));
	EXPECT_EQ(0, call_once(path));
	ASSERT_EQ(0, detach(self->dir));
	EXPECT_EQ(0, call_once(path));
	end_server(&server);
	bnd_close(&client);
}

TEST_F(lifetime, a_held_control_works_on)
{
	int control = open_control(self->dir), root = open(self->dir, O_PATH | O_DIRECTORY);
	struct bnd_conn client;
	char path[64];
	int fd;

	ASSERT_GE(control, 0);
	ASSERT_GE(root, 0);
	ASSERT_EQ(0, detach(self->dir));
	EXPECT_EQ(0, ctl_add(control, "late", NULL));
	EXPECT_EQ(-EEXIST, ctl_add(control, "late", NULL));
	fd = openat(root, "late", O_RDWR);
	ASSERT_GE(fd, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ASSERT_EQ(0, open_client(&client, path));
	close(fd);
	EXPECT_EQ(0, unlinkat(root, "late", 0));
	close(control);
	close(root);
	EXPECT_EQ(-EPIPE, call_manager(&client));
	bnd_close(&client);
}

TEST_F(lifetime, a_bound_node_keeps_the_instance)
{
	const char *dev = new_dir(), *node = in(dev, "binder");
	struct server server;
	int fd = creat(node, 0644);

	ASSERT_GE(fd, 0);
	close(fd);
	ASSERT_EQ(0, mount(in(self->dir, "binder"), node, NULL, MS_BIND, NULL));
	EXPECT_EQ(0, umount(self->dir));
	ASSERT_EQ(0, serve(&server, node));
	EXPECT_EQ(0, call_once(node));
	end_server(&server);
	EXPECT_EQ(0, umount(node));
}

enum step { OPEN, UNLINK, DETACH, CLOSE, NR_STEPS };

/* One device that goes through the steps, and who looks at it. */
struct device {
	const char *dir;
	const char *name;
	int root;		/* held, to open and to unlink when there is no mount */
	struct bnd_conn conn;	/* fd -1 while not open */
	bool linked;
};

static void check_use(struct device *d)
{
	int32_t version = 0;

	if (d->conn.fd < 0)
		return;
	need(!bnd_version(&d->conn, &version) && version == BINDER_CURRENT_PROTOCOL_VERSION);
	need(call_manager(&d->conn) == -EPIPE);
}

static void do_step(struct device *d, enum step step)
{
	char path[64];
	int fd;

	switch (step) {
	case OPEN:
		fd = openat(d->root, d->name, O_RDWR | O_CLOEXEC);
		if (!d->linked) {
			need(fd < 0 && errno == ENOENT);
			break;
		}
		need(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		need(!open_client(&d->conn, path));
		close(fd);
		break;
	case UNLINK:
		need(!unlinkat(d->root, d->name, 0));
		d->linked = false;
		break;
	case DETACH:
		need(!detach(d->dir));
		break;
	case CLOSE:
		if (d->conn.fd >= 0)
			bnd_close(&d->conn);
		break;
	default:
		break;
	}
	check_use(d);
}

struct order {
	enum step steps[NR_STEPS];
	const char *dir;
	bool let_go;	/* of the root as soon as nothing needs it */
	bool by_exit;	/* leave the last close to the end of the process */
};

static bool needs_root(enum step step)
{
	return step == OPEN || step == UNLINK;
}

static void run_order(void *arg)
{
	struct order *order = arg;
	struct device d = { .dir = order->dir, .name = "binder", .linked = true };
	int i, left = 2;

	d.conn.fd = -1;
	d.root = open(d.dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	need(d.root >= 0);
	for (i = 0; i < NR_STEPS; i++) {
		if (order->by_exit && order->steps[i] == CLOSE)
			continue;
		do_step(&d, order->steps[i]);
		if (needs_root(order->steps[i]) && !--left && order->let_go)
			close(d.root);
	}
}

/* All permutations in which nothing is closed before it is opened. */
static bool next_order(enum step *steps)
{
	int i = NR_STEPS - 2, j = NR_STEPS - 1;
	enum step swap;

	while (i >= 0 && steps[i] >= steps[i + 1])
		i--;
	if (i < 0)
		return false;
	while (steps[j] <= steps[i])
		j--;
	swap = steps[i], steps[i] = steps[j], steps[j] = swap;
	for (i++, j = NR_STEPS - 1; i < j; i++, j--)
		swap = steps[i], steps[i] = steps[j], steps[j] = swap;
	return true;
}

static bool opens_first(const enum step *steps)
{
	for (int i = 0; i < NR_STEPS; i++) {
		if (steps[i] == OPEN)
			return true;
		if (steps[i] == CLOSE)
			return false;
	}
	return false;
}

TEST_F_TIMEOUT(lifetime, every_order_of_open_unlink_unmount_close, 60)
{
	static const char letters[] = "OUDC";
	struct order order = { .steps = { OPEN, UNLINK, DETACH, CLOSE } };
	long users = self->users;
	int nr = 0;

	/* Each order has an instance of its own. */
	ASSERT_EQ(0, detach(self->dir));
	do {
		if (!opens_first(order.steps))
			continue;
		for (int variant = 0; variant < 4; variant++) {
			order.let_go = variant & 1;
			order.by_exit = variant & 2;
			order.dir = new_instance(NULL);
			ASSERT_NE(NULL, order.dir);
			EXPECT_EQ(0, in_child(run_order, &order)) {
				TH_LOG("order %c%c%c%c%s%s", letters[order.steps[0]],
				       letters[order.steps[1]], letters[order.steps[2]],
				       letters[order.steps[3]], order.let_go ? ", let go" : "",
				       order.by_exit ? ", by exit" : "");
			}
			EXPECT_TRUE(await(users_are, &users));
			EXPECT_EQ(self->next, next_minor());
			nr++;
		}
	} while (next_order(order.steps));
	EXPECT_EQ(12 * 4, nr);
}

static void open_and_hang(void *arg)
{
	struct bnd_conn conn[2];
	struct server server;
	int control;

	need(!open_client(&conn[0], in(arg, "binder")));
	need(!serve(&server, in(arg, "hwbinder")));
	need(!open_client(&conn[1], in(arg, "hwbinder")));
	control = open_control(arg);
	need(control >= 0);
	need(!unlink(in(arg, "hwbinder")));
	need(!detach(arg));
	kill(getpid(), SIGKILL);
}

TEST_F(lifetime, a_killed_process_closes_all)
{
	EXPECT_EQ(128 + SIGKILL, in_child(open_and_hang, (void *)self->dir));
	/* The child had a look at the same mounts. */
	EXPECT_EQ(-1, access(in(self->dir, "binder-control"), F_OK));
}

/* Many at once, so that ends overlap. */
#define CHILDREN 8
#define ROUNDS 25

static void come_and_go(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		const char *dir = new_instance("max=5");
		struct bnd_conn client;
		char path[64];
		int fd;

		need(dir);
		need(!add_device(dir, "one"));
		fd = open(in(dir, "one"), O_RDWR | O_CLOEXEC);
		need(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (i & 1)
			need(!unlink(in(dir, "one")));
		if (i & 2)
			need(!detach(dir));
		need(!open_client(&client, path));
		need(call_manager(&client) == -EPIPE);
		close(fd);
		if (i & 4)
			bnd_close(&client);
		if (!(i & 2))
			need(!detach(dir));
		if (!(i & 4))
			bnd_close(&client);
		need(!rmdir(dir));
	}
}

TEST_F_TIMEOUT(lifetime, instances_come_and_go_side_by_side, 90)
{
	pid_t children[CHILDREN];
	int status;

	ASSERT_EQ(0, detach(self->dir));
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		ASSERT_GE(children[i], 0);
		if (!children[i]) {
			come_and_go(NULL);
			_exit(0);
		}
	}
	for (int i = 0; i < CHILDREN; i++) {
		ASSERT_EQ(children[i], waitpid(children[i], &status, 0));
		EXPECT_EQ(0, status);
	}
}

#define NR_DEVICES 1000
#define NR_THREADS 4

/* Each thread uses all devices; they have one manager or none among them. */
static void *use_all(void *arg)
{
	const int *fds = arg;

	for (int i = 0; i < NR_DEVICES; i++) {
		struct bnd_conn conn = { .fd = fds[i] };
		int32_t version = 0;
		int err;

		need(!bnd_version(&conn, &version) && version == BINDER_CURRENT_PROTOCOL_VERSION);
		err = bnd_become_manager(&conn);
		need(!err || err == -EBUSY);
		need(bnd_become_manager(&conn) == -EBUSY);
		need(!bnd_thread_exit(&conn));
	}
	return NULL;
}

TEST_F_TIMEOUT(lifetime, a_thousand_devices_of_a_detached_instance, 90)
{
	pthread_t threads[NR_THREADS];
	static int fds[NR_DEVICES];
	const struct rlimit limit = { NR_DEVICES + 100, NR_DEVICES + 100 };
	int control = open_control(self->dir);

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	ASSERT_GE(control, 0);
	for (int i = 0; i < NR_DEVICES; i++) {
		ASSERT_EQ(0, ctl_add(control, numbered(i), NULL));
		fds[i] = open(in(self->dir, numbered(i)), O_RDWR | O_CLOEXEC);
		ASSERT_GE(fds[i], 0);
	}
	close(control);
	ASSERT_EQ(0, detach(self->dir));
	for (int i = 0; i < NR_THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, use_all, fds));
	for (int i = 0; i < NR_THREADS; i++)
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
	for (int i = 0; i < NR_DEVICES; i++)
		close(fds[i]);
}

#define NR_HANDS 4
#define NR_TURNS 400
#define NR_NAMES 6
#define MAX_DEVICES (NR_DEFAULTS + 4)

/* Adds, opens, renames and unlinks a few names that all hands use, without any order. */
static void meddle(const char *dir, unsigned int seed)
{
	for (int turn = 0; turn < NR_TURNS; turn++) {
		const char *one = in(dir, numbered((int)(rand_r(&seed) % NR_NAMES)));
		char other[64];
		int err;

		snprintf(other, sizeof(other), "%s/device%u", dir, rand_r(&seed) % NR_NAMES);
		switch (rand_r(&seed) % 4) {
		case 0:
			err = add_device(dir, strrchr(other, '/') + 1);
			need(!err || err == -EEXIST || err == -ENOSPC);
			break;
		case 1:
			need(!unlink(one) || errno == ENOENT);
			break;
		case 2:
			need(!rename(one, other) || errno == ENOENT);
			break;
		default:
			err = call_once(one);
			need(err == -EPIPE || err == -ENOENT);
		}
	}
}

static bool has_all_room(void *arg)
{
	return room_in(arg) == MAX_DEVICES - NR_DEFAULTS;
}

TEST_F_TIMEOUT(lifetime, hands_on_the_same_names, 90)
{
	pid_t children[NR_HANDS];
	int status;

	ASSERT_EQ(0, remount(self->dir, "max=7"));
	for (unsigned int i = 0; i < NR_HANDS; i++) {
		children[i] = fork();
		ASSERT_GE(children[i], 0);
		if (!children[i]) {
			meddle(self->dir, i + 1);
			_exit(0);
		}
	}
	for (int i = 0; i < NR_HANDS; i++) {
		ASSERT_EQ(children[i], waitpid(children[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	for (int i = 0; i < NR_NAMES; i++)
		unlink(in(self->dir, numbered(i)));
	EXPECT_TRUE(await(has_all_room, (void *)self->dir));
	ASSERT_EQ(0, detach(self->dir));
}

TEST_HARNESS_MAIN
