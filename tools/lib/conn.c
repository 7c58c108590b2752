// SPDX-License-Identifier: GPL-2.0-only
/* Opening a device and its plain ioctls. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "binder_raw.h"

int bnd_open(struct bnd_conn *c, const char *path, size_t map_size, int flags)
{
	int err = 0;

	*c = (struct bnd_conn){ .fd = open(path, O_RDWR | O_CLOEXEC | flags) };
	if (c->fd < 0)
		return -errno;
	if (map_size)
		err = bnd_map(c, map_size);
	if (err)
		bnd_close(c);
	return err;
}

int bnd_map(struct bnd_conn *c, size_t map_size)
{
	void *map = mmap(NULL, map_size, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, c->fd, 0);

	if (map == MAP_FAILED)
		return -errno;
	c->map = map;
	c->map_size = map_size;
	return 0;
}

int bnd_unmap(struct bnd_conn *c)
{
	if (!c->map)
		return 0;
	if (munmap(c->map, c->map_size))
		return -errno;
	c->map = NULL;
	c->map_size = 0;
	return 0;
}

void bnd_close(struct bnd_conn *c)
{
	bnd_unmap(c);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

int bnd_ioctl(const struct bnd_conn *c, unsigned int cmd, void *arg)
{
	return ioctl(c->fd, cmd, arg) < 0 ? -errno : 0;
}

int bnd_version(const struct bnd_conn *c, int32_t *version)
{
	struct binder_version v = { .protocol_version = 0 };
	int err = bnd_ioctl(c, BINDER_VERSION, &v);

	if (!err)
		*version = v.protocol_version;
	return err;
}

int bnd_set_max_threads(const struct bnd_conn *c, uint32_t n)
{
	return bnd_ioctl(c, BINDER_SET_MAX_THREADS, &n);
}

int bnd_become_manager(const struct bnd_conn *c)
{
	int32_t unused = 0;

	return bnd_ioctl(c, BINDER_SET_CONTEXT_MGR, &unused);
}

int bnd_become_manager_ext(const struct bnd_conn *c, const struct flat_binder_object *obj)
{
	struct flat_binder_object copy = *obj;

	return bnd_ioctl(c, BINDER_SET_CONTEXT_MGR_EXT, &copy);
}

int bnd_thread_exit(const struct bnd_conn *c)
{
	int32_t unused = 0;

	return bnd_ioctl(c, BINDER_THREAD_EXIT, &unused);
}

int bnd_node_debug_info(const struct bnd_conn *c, struct binder_node_debug_info *info)
{
	return bnd_ioctl(c, BINDER_GET_NODE_DEBUG_INFO, info);
}

int bnd_node_info_for_ref(const struct bnd_conn *c, struct binder_node_info_for_ref *info)
{
	return bnd_ioctl(c, BINDER_GET_NODE_INFO_FOR_REF, info);
}

int bnd_freeze(const struct bnd_conn *c, uint32_t pid, bool enable, uint32_t timeout_ms)
{
	struct binder_freeze_info info = {
		.pid = pid, .enable = enable, .timeout_ms = timeout_ms,
	};

	return bnd_ioctl(c, BINDER_FREEZE, &info);
}

int bnd_frozen_info(const struct bnd_conn *c, struct binder_frozen_status_info *info)
{
	return bnd_ioctl(c, BINDER_GET_FROZEN_INFO, info);
}

int bnd_spam_detection(const struct bnd_conn *c, bool enable)
{
	uint32_t on = enable;

	return bnd_ioctl(c, BINDER_ENABLE_ONEWAY_SPAM_DETECTION, &on);
}

int bnd_extended_error(const struct bnd_conn *c, struct binder_extended_error *err)
{
	return bnd_ioctl(c, BINDER_GET_EXTENDED_ERROR, err);
}

int bnd_write_read(const struct bnd_conn *c, struct binder_write_read *bwr)
{
	return bnd_ioctl(c, BINDER_WRITE_READ, bwr);
}

int bnd_xfer(const struct bnd_conn *c, struct bnd_cmds *w, struct bnd_stream *r)
{
	struct binder_write_read bwr = { 0 };
	int err;

	/* Nothing left to write must not even look like a write. */
	if (w && w->consumed < w->len) {
		bwr.write_buffer = (uintptr_t)w->buf;
		bwr.write_size = w->len;
		bwr.write_consumed = w->consumed;
	}
	if (r) {
		bnd_stream_reset(r);
		bwr.read_buffer = (uintptr_t)r->buf;
		bwr.read_size = r->cap;
	}
	err = bnd_write_read(c, &bwr);
	if (w && bwr.write_size)
		w->consumed = bwr.write_consumed;
	if (r)
		r->len = bwr.read_consumed;
	return err;
}

int bnd_write(const struct bnd_conn *c, struct bnd_cmds *w)
{
	return bnd_xfer(c, w, NULL);
}

int bnd_read(const struct bnd_conn *c, struct bnd_stream *r)
{
	return bnd_xfer(c, NULL, r);
}
