// SPDX-License-Identifier: GPL-2.0-only
/*
 * A service manager: the object at handle 0 that knows all others by name. It
 * speaks android.os.IServiceManager to clients of the aidl family.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "registry.h"

#define MANAGER_INTERFACE  "android.os.IServiceManager"
#define CALLBACK_INTERFACE "android.os.IServiceCallback"
#define CALLBACK_ON_REGISTRATION 1

/* How libbinder spells "no such call". */
#define UNKNOWN_TRANSACTION (-EBADMSG)

enum call { NONE, GET, CHECK, ADD, LIST, WATCH, UNWATCH, NR_CODES = 9 };

/* Which call a code means; it moved in Android 15 (API level 35) and again in 16. */
static const enum call codes_30[NR_CODES] = { NONE, GET, CHECK, ADD, LIST, WATCH, UNWATCH };
static const enum call codes_35[NR_CODES] = { NONE, GET, NONE, CHECK, ADD, LIST, WATCH, UNWATCH };
static const enum call codes_36[NR_CODES] = {
	NONE, GET, NONE, CHECK, NONE, ADD, LIST, WATCH, UNWATCH
};

static struct bnd_conn conn;
static struct registry registry = { .conn = &conn };
static struct bnd_parcel answer;	/* of the call being served */
static const enum call *codes = codes_30;
static bool verbose;
static volatile bool stop;

__attribute__((format(printf, 1, 2)))
static void tell(const char *format, ...)
{
	va_list args;

	if (!verbose)
		return;
	va_start(args, format);
	fputs("servicemanager: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

/* --- answering --- */

/* A failure is a reply of its own kind: a status instead of data. */
static struct bnd_msg status_reply(int32_t status)
{
	bnd_parcel_reset(&answer);
	bnd_put_int32(&answer, status);
	return bnd_parcel_msg(&answer, 0, 0, TF_STATUS_CODE);
}

static struct bnd_msg data_reply(void)
{
	return bnd_parcel_msg(&answer, 0, 0, 0);
}

/* Since Android 11 the data of a good reply starts with "no exception". */
static void answer_begin(enum bnd_family family)
{
	bnd_parcel_reset(&answer);
	if (family >= BND_AIDL3)
		bnd_put_int32(&answer, 0);
}

static void put_service(struct bnd_parcel *p, const struct service *service,
			enum bnd_family family)
{
	struct flat_binder_object obj;

	if (service) {
		obj = bnd_obj_handle(service->remote->handle);
		bnd_put_object(p, &obj);
	} else {
		bnd_put_null_object(p);
	}
	if (family >= BND_AIDL3)
		bnd_put_int32(p, service ? service->stability : 0);
}

static void notify(const struct watcher *watcher, const struct service *service)
{
	struct bnd_parcel p = { .data = NULL };
	struct bnd_result res;
	struct bnd_msg m;
	int err;

	bnd_put_token(&p, watcher->family, CALLBACK_INTERFACE);
	bnd_put_string16(&p, service->name);
	put_service(&p, service, watcher->family);
	m = bnd_parcel_msg(&p, watcher->callback->handle, CALLBACK_ON_REGISTRATION, TF_ONE_WAY);
	err = bnd_call(&conn, &m, &res);
	if (err || (res.code != BR_TRANSACTION_COMPLETE &&
		    res.code != BR_TRANSACTION_PENDING_FROZEN))
		tell("could not announce %s: %s", service->name,
		     err ? strerror(-err) : bnd_br_name(res.code));
	bnd_parcel_free(&p);
}

/* --- calls --- */

static struct bnd_msg do_get(struct bnd_reader *r, enum bnd_family family)
{
	char name[NAME_ROOM];

	if (!bnd_get_string16(r, name, sizeof(name)))
		return status_reply(-EINVAL);
	answer_begin(family);
	put_service(&answer, registry_find(&registry, name), family);
	return data_reply();
}

static struct bnd_msg do_add(struct bnd_reader *r, enum bnd_family family, uid_t uid)
{
	int32_t stability = BND_STABILITY_SYSTEM;
	struct flat_binder_object obj;
	const struct watcher *watcher;
	char name[NAME_ROOM];
	int err;

	if (!bnd_get_string16(r, name, sizeof(name)) || !bnd_get_object(r, &obj) ||
	    obj.hdr.type != BINDER_TYPE_HANDLE)
		return status_reply(-EINVAL);
	if (family >= BND_AIDL3)
		stability = bnd_get_int32(r);
	/* Flags on isolation and dump priority follow; neither exists here. */
	err = registry_add(&registry, name, obj.handle, stability, uid);
	tell("add %s by user %u: %s", name, uid, err ? strerror(-err) : "done");
	if (err)
		return status_reply(err);
	for (watcher = registry.watchers; watcher; watcher = watcher->next) {
		if (!strcmp(watcher->name, name))
			notify(watcher, registry_find(&registry, name));
	}
	answer_begin(family);
	if (family < BND_AIDL3)
		bnd_put_int32(&answer, 0);
	return data_reply();
}

/* Up to Android 10 one name per call, by number; all at once since. */
static struct bnd_msg do_list(struct bnd_reader *r, enum bnd_family family)
{
	const struct service *service;
	int32_t nr = 0;

	if (family < BND_AIDL3) {
		service = registry_nth(&registry, (unsigned int)bnd_get_int32(r));
		if (r->bad || !service)
			return status_reply(-ENOENT);
		answer_begin(family);
		bnd_put_string16(&answer, service->name);
		return data_reply();
	}
	answer_begin(family);
	for (service = registry.services; service; service = service->next)
		nr++;
	bnd_put_int32(&answer, nr);
	for (service = registry.services; service; service = service->next)
		bnd_put_string16(&answer, service->name);
	return data_reply();
}

static struct bnd_msg do_watch(struct bnd_reader *r, enum bnd_family family, bool on)
{
	const struct service *service;
	struct flat_binder_object obj;
	char name[NAME_ROOM];
	int err;

	if (!bnd_get_string16(r, name, sizeof(name)) || !bnd_get_object(r, &obj) ||
	    obj.hdr.type != BINDER_TYPE_HANDLE)
		return status_reply(-EINVAL);
	if (on)
		err = registry_watch(&registry, name, obj.handle, family);
	else
		err = registry_unwatch(&registry, name, obj.handle);
	tell("%s %s: %s", on ? "watch" : "unwatch", name, err ? strerror(-err) : "done");
	if (err)
		return status_reply(err);
	service = registry_find(&registry, name);
	if (on && service) {
		const struct watcher *watcher = registry.watchers;

		while (watcher->callback->handle != obj.handle || strcmp(watcher->name, name))
			watcher = watcher->next;
		notify(watcher, service);
	}
	answer_begin(family);
	return data_reply();
}

static struct bnd_msg serve(const struct binder_transaction_data *txn)
{
	enum bnd_family family;
	struct bnd_reader r;

	if (txn->code == BND_PING_TRANSACTION) {
		bnd_parcel_reset(&answer);
		return data_reply();
	}
	if (txn->code == BND_INTERFACE_TRANSACTION) {
		bnd_parcel_reset(&answer);
		bnd_put_string16(&answer, MANAGER_INTERFACE);
		return data_reply();
	}
	bnd_reader_init(&r, txn);
	if (!bnd_get_token(&r, MANAGER_INTERFACE, &family))
		return status_reply(-EPERM);
	switch (txn->code < NR_CODES ? codes[txn->code] : NONE) {
	case GET:
	case CHECK:
		return do_get(&r, family);
	case ADD:
		return do_add(&r, family, txn->sender_euid);
	case LIST:
		return do_list(&r, family);
	case WATCH:
		return do_watch(&r, family, true);
	case UNWATCH:
		return do_watch(&r, family, false);
	default:
		return status_reply(UNKNOWN_TRANSACTION);
	}
}

static bool on_call(struct bnd_conn *c, const struct binder_transaction_data *txn,
		    const char *secctx, struct bnd_msg *reply)
{
	(void)c;
	(void)secctx;
	*reply = serve(txn);
	return true;
}

static void on_gone(const char *name)
{
	tell("%s is gone with its owner", name);
}

static void on_death(struct bnd_conn *c, uint64_t cookie)
{
	(void)c;
	registry_died(&registry, cookie, on_gone);
}

/* --- the program --- */

static void on_signal(int number)
{
	(void)number;
	stop = true;
}

/* Signals are let in only while waiting, so that none is missed. */
static int loop(void)
{
	BND_CMDS(w, 4);
	struct pollfd pfd = { .fd = conn.fd, .events = POLLIN };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked, open;
	int err;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);

	bnd_cmd_enter_looper(&w);
	err = bnd_write(&conn, &w);
	while (!err && !stop) {
		if (ppoll(&pfd, 1, NULL, &open) < 0) {
			err = errno == EINTR ? 0 : -errno;
			continue;
		}
		err = bnd_serve_once(&conn);
		if (err == -EAGAIN)
			err = 0;
	}
	return err;
}

/* One that has just died takes a moment to be gone. */
static int become_manager(void)
{
	const struct timespec moment = { .tv_nsec = 20 * 1000 * 1000 };
	int tries = 100;
	int err;

	while ((err = bnd_become_manager(&conn)) == -EBUSY && --tries)
		nanosleep(&moment, NULL);
	return err;
}

static const char help[] =
"Usage: binder-servicemanager [OPTION]... [DEVICE]\n"
"\n"
"Becomes the context manager of a Binder device (/dev/binder): the object every\n"
"process reaches as handle 0, which knows the other objects by name. Processes\n"
"register objects under names, look names up, list them, and ask to be told when\n"
"one is registered. A name goes when the process that owns the object dies.\n"
"\n"
"  -a, --api LEVEL  speak as the service manager of this Android API level (28 to\n"
"                   36, default 34). The format of each call is recognised up to\n"
"                   level 34; 35 and 36 number the calls differently and must be\n"
"                   named, as in ApiLevel= of clients' /etc/gbinder.conf\n"
"  -v, --verbose    report what is registered and what goes, on standard error\n"
"  -h, --help       print this\n"
"\n"
"Anyone who may open the device may register a name; a name in use passes to\n"
"another object only by the same user or by root. Names are 1 to 127 printable\n"
"ASCII characters. Calls of android.os.IServiceManager: getService, checkService,\n"
"addService, listServices, registerForNotifications, unregisterForNotifications.\n"
"\n"
"Prints \"ready\" and the device on standard output once it is. Runs until SIGTERM\n"
"or SIGINT (exit code 0), or until the device fails (1). Names do not outlive it.\n"
"Where there is a context manager already it gives up after two seconds.\n";

static int options(int argc, char **argv, const char **device)
{
	static const struct option longs[] = {
		{ "api", required_argument, NULL, 'a' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, level;

	while ((option = getopt_long(argc, argv, "a:vh", longs, NULL)) != -1) {
		switch (option) {
		case 'a':
			level = atoi(optarg);
			if (level < 28 || level > 36) {
				fprintf(stderr, "servicemanager: API levels are 28 to 36\n");
				return 2;
			}
			codes = level == 36 ? codes_36 : level == 35 ? codes_35 : codes_30;
			break;
		case 'v':
			verbose = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		default:
			fputs("servicemanager: see --help\n", stderr);
			return 2;
		}
	}
	*device = optind < argc ? argv[optind++] : "/dev/binder";
	if (optind < argc) {
		fputs("servicemanager: one device at a time, see --help\n", stderr);
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct bnd_ops ops = { .call = on_call, .death = on_death };
	const char *device;
	int32_t version;
	int err = options(argc, argv, &device);

	if (err)
		return err;
	err = bnd_open(&conn, device, BND_DEFAULT_MAP, O_NONBLOCK);
	if (!err)
		err = bnd_version(&conn, &version);
	if (err) {
		fprintf(stderr, "servicemanager: %s: %s\n", device, strerror(-err));
		return 1;
	}
	if (version != BINDER_CURRENT_PROTOCOL_VERSION) {
		fprintf(stderr, "servicemanager: %s speaks protocol %d, not %d\n", device,
			version, BINDER_CURRENT_PROTOCOL_VERSION);
		return 1;
	}
	err = become_manager();
	if (err) {
		fprintf(stderr, "servicemanager: %s: %s\n", device, err == -EBUSY ?
			"there is a context manager already" : strerror(-err));
		return 1;
	}
	conn.ops = &ops;
	printf("ready %s\n", device);
	fflush(stdout);
	err = loop();
	if (err)
		fprintf(stderr, "servicemanager: %s: %s\n", device, strerror(-err));
	bnd_parcel_free(&answer);
	bnd_close(&conn);
	return err ? 1 : 0;
}
