// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "registry.h"

/* --- remotes --- */

static int remote_get(struct registry *reg, uint32_t handle, struct remote **out)
{
	BND_CMDS(w, 16);
	struct remote *remote;
	int err;

	for (remote = reg->remotes; remote; remote = remote->next) {
		if (remote->handle == handle) {
			remote->users++;
			*out = remote;
			return 0;
		}
	}
	remote = calloc(1, sizeof(*remote));
	if (!remote)
		return -ENOMEM;
	remote->handle = handle;
	remote->cookie = ++reg->last_cookie;
	remote->users = 1;
	err = bnd_acquire(reg->conn, handle);
	if (!err) {
		/* Of an owner that is dead already the notice comes at once. */
		bnd_cmd_request_death(&w, handle, remote->cookie);
		err = bnd_write(reg->conn, &w);
	}
	if (err) {
		free(remote);
		return err;
	}
	remote->next = reg->remotes;
	reg->remotes = remote;
	*out = remote;
	return 0;
}

static void remote_put(struct registry *reg, struct remote *remote)
{
	struct remote **at;

	if (--remote->users)
		return;
	for (at = &reg->remotes; *at != remote; at = &(*at)->next)
		;
	*at = remote->next;
	/* The death notification goes with the last reference. */
	bnd_release(reg->conn, remote->handle);
	free(remote);
}

/* --- services --- */

static bool name_ok(const char *name)
{
	const char *c;

	for (c = name; *c; c++) {
		if (*c <= ' ' || *c > '~')
			return false;
	}
	return c > name;
}

/* Where the entry of that name is, or belongs. */
static struct service **service_place(struct service **at, const char *name)
{
	while (*at && strcmp((*at)->name, name) < 0)
		at = &(*at)->next;
	return at;
}

static void service_remove(struct registry *reg, struct service **at)
{
	struct service *service = *at;

	*at = service->next;
	remote_put(reg, service->remote);
	free(service);
}

int registry_add(struct registry *reg, const char *name, uint32_t handle, int32_t stability,
		 uid_t uid)
{
	struct service **at = service_place(&reg->services, name);
	struct service *old = *at && !strcmp((*at)->name, name) ? *at : NULL;
	struct service *service;
	int err;

	if (!name_ok(name))
		return -EINVAL;
	if (old && old->uid != uid && uid)
		return -EPERM;
	service = calloc(1, sizeof(*service));
	if (!service)
		return -ENOMEM;
	err = remote_get(reg, handle, &service->remote);
	if (err) {
		free(service);
		return err;
	}
	service->stability = stability;
	service->uid = uid;
	strcpy(service->name, name);
	if (old)
		service_remove(reg, at);
	service->next = *at;
	*at = service;
	return 0;
}

const struct service *registry_find(const struct registry *reg, const char *name)
{
	const struct service *service;

	for (service = reg->services; service; service = service->next) {
		if (!strcmp(service->name, name))
			return service;
	}
	return NULL;
}

const struct service *registry_nth(const struct registry *reg, unsigned int n)
{
	const struct service *service = reg->services;

	while (service && n--)
		service = service->next;
	return service;
}

/* --- watchers --- */

static void watcher_remove(struct registry *reg, struct watcher **at)
{
	struct watcher *watcher = *at;

	*at = watcher->next;
	remote_put(reg, watcher->callback);
	free(watcher);
}

static struct watcher **watcher_place(struct registry *reg, const char *name, uint32_t handle)
{
	struct watcher **at = &reg->watchers;

	while (*at && (strcmp((*at)->name, name) || (*at)->callback->handle != handle))
		at = &(*at)->next;
	return at;
}

int registry_watch(struct registry *reg, const char *name, uint32_t handle,
		   enum bnd_family family)
{
	struct watcher **at = watcher_place(reg, name, handle);
	struct watcher *watcher;
	int err;

	if (!name_ok(name))
		return -EINVAL;
	if (*at)
		return 0;
	watcher = calloc(1, sizeof(*watcher));
	if (!watcher)
		return -ENOMEM;
	err = remote_get(reg, handle, &watcher->callback);
	if (err) {
		free(watcher);
		return err;
	}
	watcher->family = family;
	strcpy(watcher->name, name);
	*at = watcher;
	return 0;
}

int registry_unwatch(struct registry *reg, const char *name, uint32_t handle)
{
	struct watcher **at = watcher_place(reg, name, handle);

	if (!*at)
		return -ENOENT;
	watcher_remove(reg, at);
	return 0;
}

void registry_died(struct registry *reg, uint64_t cookie, void (*gone)(const char *name))
{
	struct service **s = &reg->services;
	struct watcher **w = &reg->watchers;
	struct remote *remote;

	for (remote = reg->remotes; remote; remote = remote->next) {
		if (remote->cookie == cookie)
			break;
	}
	if (!remote)
		return;
	remote->users++;
	while (*s) {
		if ((*s)->remote == remote) {
			gone((*s)->name);
			service_remove(reg, s);
		} else {
			s = &(*s)->next;
		}
	}
	while (*w) {
		if ((*w)->callback == remote)
			watcher_remove(reg, w);
		else
			w = &(*w)->next;
	}
	remote_put(reg, remote);
}
