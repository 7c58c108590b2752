// SPDX-License-Identifier: GPL-2.0-only
/* Mounting the file system and adding devices while memory and copies fail. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "faults_test.h"
#include "instance.h"

FAULTS_FIXTURE(fault_place);

SWEEP(fault_place, in_a_mount)
{
	const char *dir = new_dir();

	FOR_EACH_FAULT() {
		int err;

		strike_here();
		err = mount_at(dir, "max=20,stats=global");
		struck_here();
		outcome(error_of(err), "0", "ENOMEM", NULL);
		if (err)
			ASSERT_EQ(0, mount_at(dir, NULL));
		ASSERT_EQ(-EPIPE, call_once(in(dir, "binder")));
		ASSERT_EQ(0, detach(dir));
	}
}

SWEEP(fault_place, in_adding_a_device)
{
	const char *dir = new_instance("max=10");

	ASSERT_TRUE(dir);
	FOR_EACH_FAULT() {
		int control = open_control(dir), err;
		struct binderfs_device device = { .name = "new" };

		strike_here();
		err = ioctl(control, BINDER_CTL_ADD, &device) ? -errno : 0;
		struck_here();
		outcome(error_of(err), "0", "ENOMEM", "EFAULT");
		/* What could not be told must not be left. */
		if (err) {
			ASSERT_EQ(-1, access(in(dir, "new"), F_OK));
			ASSERT_EQ(0, ctl_add(control, "new", NULL));
		}
		ASSERT_EQ(-EPIPE, call_once(in(dir, "new")));
		ASSERT_EQ(0, unlink(in(dir, "new")));
		/* Nor counted. */
		ASSERT_EQ(10 - NR_DEFAULTS, room_in(dir));
		close(control);
	}
	ASSERT_EQ(0, detach(dir));
}

/* Up to here the kernel keeps in one word which numbers are taken. */
#define LAST_IN_A_WORD 62

SWEEP(fault_place, in_adding_one_of_many_devices)
{
	FOR_EACH_FAULT() {
		struct binderfs_device device = { };
		const char *dir = new_instance(NULL);
		int control, err;
		char name[16];

		ASSERT_TRUE(dir);
		control = open_control(dir);
		for (int i = 0; device.minor != LAST_IN_A_WORD; i++) {
			ASSERT_LT(i, LAST_IN_A_WORD);
			snprintf(name, sizeof(name), "d%d", i);
			ASSERT_EQ(0, ctl_add(control, name, &device));
		}
		device = (struct binderfs_device){ .name = "new" };
		strike_here();
		err = ioctl(control, BINDER_CTL_ADD, &device) ? -errno : 0;
		struck_here();
		outcome(error_of(err), "0", "ENOMEM", "EFAULT");
		if (err)
			ASSERT_EQ(0, ctl_add(control, "new", &device));
		ASSERT_EQ(LAST_IN_A_WORD + 1, device.minor);
		close(control);
		ASSERT_EQ(0, detach(dir));
	}
}

static long do_open_place(struct port *p, void *arg)
{
	int fd = open(arg, O_RDWR | O_CLOEXEC);

	(void)p;
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

SWEEP(fault_place, in_opening_a_device)
{
	const char *dir = new_instance(NULL);

	ASSERT_TRUE(dir);
	FOR_EACH_FAULT() {
		struct port *p = process();
		char *path = strcpy(shared(64), in(dir, "binder"));

		strike(p);
		outcome(error_of(run(p, do_open_place, path)), "0", "ENOMEM", NULL);
		ASSERT_EQ(0, run(p, do_open_place, path));
	}
	ASSERT_EQ(0, detach(dir));
}

/* --- logs --- */

static long do_read_log(struct port *p, void *arg)
{
	static char text[65536];
	int fd = open(arg, O_RDONLY | O_CLOEXEC);
	long got;

	(void)p;
	if (fd < 0)
		return -errno;
	while ((got = read(fd, text, sizeof(text))) > 0)
		;
	got = got < 0 ? -errno : 0;
	close(fd);
	return got;
}

static void sweep_log(struct __test_metadata *_metadata, const char *name)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		char *path = shared(128);

		snprintf(path, 128, "/sys/kernel/debug/binder/%s", name);
		if (!*name)
			snprintf(path, 128, "/sys/kernel/debug/binder/proc/%d", p.server->pid);
		strike(p.c);
		outcome(error_of(run(p.c, do_read_log, path)), "0", "ENOMEM", NULL);
		ASSERT_EQ(0, run(p.c, do_read_log, path));
		still_works(&p);
	}
}

SWEEP(fault_place, in_reading_states) { sweep_log(_metadata, "state"); }
SWEEP(fault_place, in_reading_statistics) { sweep_log(_metadata, "stats"); }
SWEEP(fault_place, in_reading_a_history) { sweep_log(_metadata, "transaction_log"); }
SWEEP(fault_place, in_reading_of_a_process) { sweep_log(_metadata, ""); }

TEST_HARNESS_MAIN
