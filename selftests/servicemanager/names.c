// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names are registered, found, listed, announced and freed, whatever is asked in
 * between. The clients here write their own parcels; tools/story runs real ones.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "parcel.h"

#define INTERFACE "android.os.IServiceManager"
#define CALLBACK  "android.os.IServiceCallback"
#define MAP	  (128 * 1024)

enum { GET = 1, CHECK, ADD, LIST, WATCH, UNWATCH };

/* A process as the driver sees it, and the parcel it is about to send. */
struct peer {
	struct bnd_conn conn;
	struct bnd_parcel out;
};

static void peer_open(struct peer *p)
{
	*p = (struct peer){ .out.data = NULL };
	if (bnd_open(&p->conn, "/dev/binder", MAP, 0)) {
		perror("/dev/binder");
		exit(KSFT_FAIL);
	}
}

static void peer_close(struct peer *p)
{
	bnd_close(&p->conn);
	bnd_parcel_free(&p->out);
}

static struct bnd_parcel *begin(struct peer *p, enum bnd_family family)
{
	bnd_parcel_reset(&p->out);
	bnd_put_token(&p->out, family, INTERFACE);
	return &p->out;
}

/* An answer: a status, or data to be read and then freed. */
struct answer {
	uint32_t br;
	int32_t status;
	struct binder_transaction_data txn;
	struct bnd_reader data;
};

static struct answer ask(struct peer *p, uint32_t code)
{
	struct bnd_msg m = bnd_parcel_msg(&p->out, 0, code, 0);
	struct answer a = { .status = 0 };
	struct bnd_result res = { .code = 0 };

	if (bnd_call(&p->conn, &m, &res) || res.code != BR_REPLY) {
		a.br = res.code;
		a.status = 1;
		a.data.bad = true;
		return a;
	}
	a.br = BR_REPLY;
	a.txn = res.txn;
	bnd_reader_init(&a.data, &a.txn);
	if (a.txn.flags & TF_STATUS_CODE)
		a.status = bnd_get_int32(&a.data);
	return a;
}

static void done(struct peer *p, struct answer *a)
{
	if (a->br == BR_REPLY)
		bnd_free_buffer(&p->conn, a->txn.data.ptr.buffer);
}

/* For questions of which only the status is of interest. */
static int32_t status_of(struct peer *p, uint32_t code)
{
	struct answer a = ask(p, code);

	done(p, &a);
	return a.status;
}

static int32_t with_object(struct peer *p, uint32_t code, enum bnd_family family,
			   const char *name, uint64_t ptr)
{
	struct flat_binder_object obj = bnd_obj_binder(ptr, ptr + 1, 0);
	struct bnd_parcel *out = begin(p, family);

	bnd_put_string16(out, name);
	bnd_put_object(out, &obj);
	if (family >= BND_AIDL3)
		bnd_put_int32(out, BND_STABILITY_SYSTEM);
	bnd_put_int32(out, 0);
	return status_of(p, code);
}

static int32_t add(struct peer *p, const char *name, uint64_t ptr)
{
	return with_object(p, ADD, BND_AIDL3, name, ptr);
}

/* The handle behind a name, acquired; 0 when there is none, -1 on nonsense. */
static int find(struct peer *p, enum bnd_family family, const char *name)
{
	struct flat_binder_object obj;
	struct answer a;
	int handle = -1;

	bnd_put_string16(begin(p, family), name);
	a = ask(p, CHECK);
	if (family >= BND_AIDL3 && bnd_get_int32(&a.data))
		a.status = 1;
	if (!a.status && a.txn.offsets_size && bnd_get_object(&a.data, &obj) &&
	    obj.hdr.type == BINDER_TYPE_HANDLE) {
		handle = (int)obj.handle;
		bnd_acquire(&p->conn, obj.handle);
	} else if (!a.status && !a.txn.offsets_size && a.data.size - a.data.pos >= sizeof(obj)) {
		memcpy(&obj, a.data.data + a.data.pos, sizeof(obj));
		handle = obj.binder ? -1 : 0;
	}
	done(p, &a);
	return handle;
}

/* Waits until a name is gone: the notice of a death takes its time. */
static void wait_gone(struct peer *p, const char *name)
{
	int handle;

	while ((handle = find(p, BND_AIDL3, name)) > 0) {
		bnd_release(&p->conn, (uint32_t)handle);
		usleep(1000);
	}
}

/* All names in one string, each followed by a space. */
static void list(struct peer *p, enum bnd_family family, char *names, size_t room)
{
	struct answer a = { .status = 0 };
	int32_t i, nr = 1;
	char name[128];

	*names = '\0';
	if (family >= BND_AIDL3) {
		bnd_put_int32(begin(p, family), 15);
		a = ask(p, LIST);
		bnd_get_int32(&a.data);
		nr = bnd_get_int32(&a.data);
	}
	for (i = 0; i < nr; i++) {
		if (family < BND_AIDL3) {
			bnd_put_int32(begin(p, family), i);
			a = ask(p, LIST);
			if (a.status)
				break;
			nr++;
		}
		if (!bnd_get_string16(&a.data, name, sizeof(name)))
			break;
		strncat(names, name, room - strlen(names) - 2);
		strcat(names, " ");
		if (family < BND_AIDL3)
			done(p, &a);
	}
	if (family >= BND_AIDL3 || a.status)
		done(p, &a);
}

/* The next announcement made to an object of @p: "name" and what it was sent to. */
static uint64_t announced(struct peer *p, char *name, size_t room)
{
	BND_STREAM(r, 512);
	enum bnd_family family;
	struct bnd_reader in;
	struct bnd_rec rec;
	uint64_t ptr = 0;

	while (!ptr) {
		if (bnd_read(&p->conn, &r))
			return 0;
		while (bnd_next(&r, &rec) > 0) {
			if (rec.code != BR_TRANSACTION) {
				bnd_handle(&p->conn, &rec);
				continue;
			}
			bnd_reader_init(&in, &rec.txn);
			if (rec.txn.code == 1 && (rec.txn.flags & TF_ONE_WAY) &&
			    bnd_get_token(&in, CALLBACK, &family) &&
			    bnd_get_string16(&in, name, room))
				ptr = rec.txn.target.ptr;
			bnd_free_buffer(&p->conn, rec.txn.data.ptr.buffer);
		}
	}
	return ptr;
}

FIXTURE(names)
{
	pid_t manager;
	struct peer one, two;
};

FIXTURE_SETUP(names)
{
	char line[64] = "";
	int out[2];

	ASSERT_EQ(0, pipe(out));
	self->manager = fork();
	ASSERT_GE(self->manager, 0);
	if (!self->manager) {
		/* A test that hangs must not leave it to the next. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		execl("./binder-servicemanager", "binder-servicemanager", NULL);
		_exit(127);
	}
	close(out[1]);
	ASSERT_LT(0, read(out[0], line, sizeof(line) - 1));
	ASSERT_STREQ("ready /dev/binder\n", line);
	close(out[0]);
	peer_open(&self->one);
	peer_open(&self->two);
}

FIXTURE_TEARDOWN(names)
{
	int status = -1;

	peer_close(&self->one);
	peer_close(&self->two);
	kill(self->manager, SIGTERM);
	ASSERT_EQ(self->manager, waitpid(self->manager, &status, 0));
	/* It lived to the end and went in order. */
	EXPECT_EQ(0, status);
}

TEST_F(names, answers_ping_and_interface)
{
	struct answer a;
	char name[64];

	bnd_parcel_reset(&self->one.out);
	a = ask(&self->one, BND_PING_TRANSACTION);
	EXPECT_EQ(0, a.status);
	EXPECT_EQ(0, a.txn.data_size);
	done(&self->one, &a);
	a = ask(&self->one, BND_INTERFACE_TRANSACTION);
	ASSERT_TRUE(bnd_get_string16(&a.data, name, sizeof(name)));
	EXPECT_STREQ(INTERFACE, name);
	done(&self->one, &a);
}

TEST_F(names, unknown_name_is_a_null_object)
{
	EXPECT_EQ(0, find(&self->one, BND_AIDL, "nothing"));
	EXPECT_EQ(0, find(&self->one, BND_AIDL2, "nothing"));
	EXPECT_EQ(0, find(&self->one, BND_AIDL3, "nothing"));
}

TEST_F(names, a_found_object_can_be_called)
{
	BND_STREAM(r, 512);
	struct bnd_msg m = { .code = 77, .flags = TF_ONE_WAY };
	struct bnd_result res;
	struct bnd_rec rec;
	int handle;

	ASSERT_EQ(0, add(&self->one, "first", 0x1000));
	ASSERT_EQ(0, add(&self->one, "second", 0x2000));
	handle = find(&self->two, BND_AIDL3, "second");
	ASSERT_GT(handle, 0);
	m.handle = (uint32_t)handle;
	ASSERT_EQ(0, bnd_call(&self->two.conn, &m, &res));
	ASSERT_EQ(BR_TRANSACTION_COMPLETE, res.code);
	do {
		ASSERT_EQ(0, bnd_read(&self->one.conn, &r));
		while (bnd_next(&r, &rec) > 0 && rec.code != BR_TRANSACTION)
			bnd_handle(&self->one.conn, &rec);
	} while (rec.code != BR_TRANSACTION);
	EXPECT_EQ(77, rec.txn.code);
	EXPECT_EQ(0x2000, rec.txn.target.ptr);
	EXPECT_EQ(0x2001, rec.txn.cookie);
}

TEST_F(names, families_see_the_same_names)
{
	char names[256];

	ASSERT_EQ(0, with_object(&self->one, ADD, BND_AIDL, "b", 0x1000));
	ASSERT_EQ(0, with_object(&self->one, ADD, BND_AIDL2, "a", 0x2000));
	ASSERT_EQ(0, with_object(&self->one, ADD, BND_AIDL3, "c", 0x3000));
	list(&self->two, BND_AIDL, names, sizeof(names));
	EXPECT_STREQ("a b c ", names);
	list(&self->two, BND_AIDL2, names, sizeof(names));
	EXPECT_STREQ("a b c ", names);
	list(&self->two, BND_AIDL3, names, sizeof(names));
	EXPECT_STREQ("a b c ", names);
	EXPECT_LT(0, find(&self->two, BND_AIDL, "c"));
	EXPECT_LT(0, find(&self->two, BND_AIDL3, "b"));
}

TEST_F(names, all_names_of_a_dead_owner_go)
{
	char names[256];

	ASSERT_EQ(0, add(&self->one, "object", 0x1000));
	ASSERT_EQ(0, add(&self->one, "same.object", 0x1000));
	ASSERT_EQ(0, add(&self->one, "another", 0x2000));
	ASSERT_EQ(0, add(&self->two, "survivor", 0x1000));
	peer_close(&self->one);
	peer_open(&self->one);
	wait_gone(&self->two, "object");
	wait_gone(&self->two, "same.object");
	wait_gone(&self->two, "another");
	list(&self->one, BND_AIDL3, names, sizeof(names));
	EXPECT_STREQ("survivor ", names);
	EXPECT_EQ(0, add(&self->one, "object", 0x1000));
}

TEST_F(names, a_replaced_object_is_let_go)
{
	BND_STREAM(r, 512);
	bool released = false, dropped = false;
	struct bnd_rec rec;

	ASSERT_EQ(0, add(&self->one, "name", 0x1000));
	ASSERT_EQ(0, add(&self->one, "name", 0x1000));
	ASSERT_EQ(0, add(&self->one, "name", 0x2000));
	while (!released || !dropped) {
		ASSERT_EQ(0, bnd_read(&self->one.conn, &r));
		while (bnd_next(&r, &rec) > 0) {
			if (rec.code == BR_RELEASE || rec.code == BR_DECREFS)
				ASSERT_EQ(0x1000, rec.node.ptr);
			released |= rec.code == BR_RELEASE;
			dropped |= rec.code == BR_DECREFS;
			bnd_handle(&self->one.conn, &rec);
		}
	}
	/* The name lives on with its new object. */
	EXPECT_LT(0, find(&self->two, BND_AIDL3, "name"));
}

TEST_F(names, bad_questions_get_an_error)
{
	struct flat_binder_object handle0 = bnd_obj_handle(0);
	struct bnd_parcel *out;
	char name[130];

	/* Not meant for a service manager. */
	bnd_parcel_reset(&self->one.out);
	bnd_put_token(&self->one.out, BND_AIDL3, "android.os.ISomethingElse");
	EXPECT_EQ(-EPERM, status_of(&self->one, LIST));
	bnd_parcel_reset(&self->one.out);
	EXPECT_EQ(-EPERM, status_of(&self->one, LIST));

	begin(&self->one, BND_AIDL3);
	EXPECT_EQ(-EBADMSG, status_of(&self->one, 0));
	EXPECT_EQ(-EBADMSG, status_of(&self->one, 100));
	EXPECT_EQ(-EBADMSG, status_of(&self->one, 0xffffffff));
	EXPECT_EQ(-EINVAL, status_of(&self->one, CHECK));

	EXPECT_EQ(-EINVAL, add(&self->one, "", 0x1000));
	EXPECT_EQ(-EINVAL, add(&self->one, "two words", 0x1000));
	EXPECT_EQ(-EINVAL, add(&self->one, "control\001", 0x1000));
	memset(name, 'n', sizeof(name));
	name[128] = '\0';
	EXPECT_EQ(-EINVAL, add(&self->one, name, 0x1000));
	name[127] = '\0';
	EXPECT_EQ(0, add(&self->one, name, 0x1000));

	/* No object, no listed object, the manager itself. */
	out = begin(&self->one, BND_AIDL3);
	bnd_put_string16(out, "name");
	EXPECT_EQ(-EINVAL, status_of(&self->one, ADD));
	bnd_put_null_object(out);
	EXPECT_EQ(-EINVAL, status_of(&self->one, ADD));
	out = begin(&self->one, BND_AIDL3);
	bnd_put_string16(out, "name");
	bnd_put_object(out, &handle0);
	/* Whoever has not acquired handle 0 may not send it. */
	ASSERT_EQ(0, bnd_acquire(&self->one.conn, 0));
	EXPECT_EQ(-EINVAL, status_of(&self->one, ADD));

	bnd_put_int32(begin(&self->one, BND_AIDL), -1);
	EXPECT_EQ(-ENOENT, status_of(&self->one, LIST));
	/* A string that says it is longer than the parcel, and one without end. */
	bnd_put_int32(begin(&self->one, BND_AIDL), 50);
	EXPECT_EQ(-EINVAL, status_of(&self->one, CHECK));
	bnd_put_int32(begin(&self->one, BND_AIDL), 0x7fffffff);
	EXPECT_EQ(-EINVAL, status_of(&self->one, CHECK));
	bnd_put_int32(begin(&self->one, BND_AIDL), -1);
	EXPECT_EQ(-EINVAL, status_of(&self->one, CHECK));
}

TEST_F(names, watchers_are_told)
{
	char name[128];

	ASSERT_EQ(0, add(&self->one, "old", 0x1000));
	/* At once of what is there, later of what comes. */
	ASSERT_EQ(0, with_object(&self->two, WATCH, BND_AIDL3, "old", 0x8000));
	EXPECT_EQ(0x8000, announced(&self->two, name, sizeof(name)));
	EXPECT_STREQ("old", name);
	ASSERT_EQ(0, with_object(&self->two, WATCH, BND_AIDL, "new", 0x9000));
	ASSERT_EQ(0, add(&self->one, "unasked", 0x2000));
	ASSERT_EQ(0, add(&self->one, "new", 0x3000));
	EXPECT_EQ(0x9000, announced(&self->two, name, sizeof(name)));
	EXPECT_STREQ("new", name);
}

TEST_F(names, watchers_are_told_once_and_no_more_when_they_leave)
{
	char name[128];

	ASSERT_EQ(0, with_object(&self->two, WATCH, BND_AIDL3, "name", 0x8000));
	ASSERT_EQ(0, with_object(&self->two, WATCH, BND_AIDL3, "name", 0x8000));
	ASSERT_EQ(0, with_object(&self->two, WATCH, BND_AIDL3, "end", 0x8000));
	ASSERT_EQ(0, add(&self->one, "name", 0x1000));
	EXPECT_EQ(0x8000, announced(&self->two, name, sizeof(name)));
	EXPECT_STREQ("name", name);
	ASSERT_EQ(0, with_object(&self->two, UNWATCH, BND_AIDL3, "name", 0x8000));
	EXPECT_EQ(-ENOENT, with_object(&self->two, UNWATCH, BND_AIDL3, "name", 0x8000));
	ASSERT_EQ(0, add(&self->one, "name", 0x2000));
	/* Announcements to one object keep their order: this is the second. */
	ASSERT_EQ(0, add(&self->one, "end", 0x3000));
	EXPECT_EQ(0x8000, announced(&self->two, name, sizeof(name)));
	EXPECT_STREQ("end", name);
}

TEST_F(names, a_dead_watcher_is_forgotten)
{
	ASSERT_EQ(0, with_object(&self->two, WATCH, BND_AIDL3, "name", 0x8000));
	ASSERT_EQ(0, add(&self->two, "theirs", 0x9000));
	peer_close(&self->two);
	peer_open(&self->two);
	wait_gone(&self->one, "theirs");
	EXPECT_EQ(0, add(&self->one, "name", 0x1000));
	EXPECT_LT(0, find(&self->two, BND_AIDL3, "name"));
}

TEST_F_TIMEOUT(names, survives_noise, 120)
{
	uint8_t noise[256];
	struct bnd_msg m;
	struct bnd_result res;
	int i, j;

	srand(1);
	for (i = 0; i < 3000; i++) {
		begin(&self->one, (enum bnd_family)(rand() % 3));
		/* Noise alone, or behind a good beginning. */
		if (i % 3 == 0)
			bnd_parcel_reset(&self->one.out);
		for (j = 0; j < (int)sizeof(noise); j++)
			noise[j] = rand() % 4 ? 0 : (uint8_t)rand();
		for (j = rand() % 32; j > 0; j--)
			bnd_put_int32(&self->one.out, ((int32_t *)noise)[j]);
		m = bnd_parcel_msg(&self->one.out, 0, (uint32_t)rand() % 8, 0);
		ASSERT_EQ(0, bnd_call(&self->one.conn, &m, &res));
		ASSERT_EQ(BR_REPLY, res.code);
		bnd_free_buffer(&self->one.conn, res.txn.data.ptr.buffer);
	}
	EXPECT_EQ(0, add(&self->one, "name", 0x1000));
	EXPECT_LT(0, find(&self->two, BND_AIDL3, "name"));
}

TEST_F(names, only_one_manager)
{
	int status = -1;
	pid_t pid = fork();

	ASSERT_GE(pid, 0);
	if (!pid) {
		freopen("/dev/null", "w", stderr);
		execl("./binder-servicemanager", "binder-servicemanager", NULL);
		_exit(127);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(1, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN
