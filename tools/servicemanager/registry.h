/* SPDX-License-Identifier: GPL-2.0-only */
/* What the service manager knows: names, who waits for them, and whose they are. */
#ifndef SERVICEMANAGER_REGISTRY_H
#define SERVICEMANAGER_REGISTRY_H

#include <sys/types.h>

#include "../lib/parcel.h"

/* Longest name of a service, with the terminating NUL. */
#define NAME_ROOM 128

/*
 * Somebody else's object we hold: acquired, and watched for its owner's death,
 * once, however many entries use it (the driver takes one death notification per
 * handle).
 */
struct remote {
	struct remote *next;
	uint32_t handle;
	uint64_t cookie;	/* never used twice: late notices find nothing */
	unsigned int users;
};

struct service {
	struct service *next;	/* by name */
	struct remote *remote;
	int32_t stability;	/* as given, for those who read it */
	uid_t uid;		/* who registered it */
	char name[NAME_ROOM];
};

struct watcher {
	struct watcher *next;
	struct remote *callback;
	enum bnd_family family;	/* to call it in */
	char name[NAME_ROOM];
};

struct registry {
	struct bnd_conn *conn;
	struct remote *remotes;
	struct service *services;
	struct watcher *watchers;
	uint64_t last_cookie;
};

/*
 * Give @name to the object behind @handle. A name passes to another object only
 * by its own user or by root (-EPERM). -EINVAL for what is no name.
 */
int registry_add(struct registry *reg, const char *name, uint32_t handle, int32_t stability,
		 uid_t uid);
const struct service *registry_find(const struct registry *reg, const char *name);
const struct service *registry_nth(const struct registry *reg, unsigned int n);

/* Tell the object behind @handle when @name is registered; twice is once. */
int registry_watch(struct registry *reg, const char *name, uint32_t handle,
		   enum bnd_family family);
int registry_unwatch(struct registry *reg, const char *name, uint32_t handle);

/* The owner of the remote with this cookie is gone, and so is all it had here. */
void registry_died(struct registry *reg, uint64_t cookie, void (*gone)(const char *name));

#endif /* SERVICEMANAGER_REGISTRY_H */
