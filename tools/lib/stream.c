// SPDX-License-Identifier: GPL-2.0-only
/* Taking return streams apart, and the names of codes. */
#include <errno.h>

#include "binder_raw.h"

#define NAME(code) case code: return #code

void bnd_stream_reset(struct bnd_stream *s)
{
	s->len = 0;
	s->pos = 0;
}

int bnd_next(struct bnd_stream *s, struct bnd_rec *rec)
{
	size_t left = s->len - s->pos;
	uint32_t code;
	size_t size;

	if (!left)
		return 0;
	if (left < sizeof(code))
		return -EBADMSG;
	memcpy(&code, s->buf + s->pos, sizeof(code));
	size = _IOC_SIZE(code);
	if (size > left - sizeof(code) || size > sizeof(rec->sec))
		return -EBADMSG;
	memset(rec, 0, sizeof(*rec));
	rec->code = code;
	rec->size = size;
	memcpy(&rec->sec, s->buf + s->pos + sizeof(code), size);
	s->pos += sizeof(code) + size;
	return 1;
}

const char *bnd_br_name(uint32_t code)
{
	switch (code) {
	NAME(BR_ERROR);
	NAME(BR_OK);
	NAME(BR_TRANSACTION_SEC_CTX);
	NAME(BR_TRANSACTION);
	NAME(BR_REPLY);
	NAME(BR_ACQUIRE_RESULT);
	NAME(BR_DEAD_REPLY);
	NAME(BR_TRANSACTION_COMPLETE);
	NAME(BR_INCREFS);
	NAME(BR_ACQUIRE);
	NAME(BR_RELEASE);
	NAME(BR_DECREFS);
	NAME(BR_ATTEMPT_ACQUIRE);
	NAME(BR_NOOP);
	NAME(BR_SPAWN_LOOPER);
	NAME(BR_FINISHED);
	NAME(BR_DEAD_BINDER);
	NAME(BR_CLEAR_DEATH_NOTIFICATION_DONE);
	NAME(BR_FAILED_REPLY);
	NAME(BR_FROZEN_REPLY);
	NAME(BR_ONEWAY_SPAM_SUSPECT);
	NAME(BR_TRANSACTION_PENDING_FROZEN);
	NAME(BR_FROZEN_BINDER);
	NAME(BR_CLEAR_FREEZE_NOTIFICATION_DONE);
	}
	return "BR_?";
}

const char *bnd_bc_name(uint32_t code)
{
	switch (code) {
	NAME(BC_TRANSACTION);
	NAME(BC_REPLY);
	NAME(BC_ACQUIRE_RESULT);
	NAME(BC_FREE_BUFFER);
	NAME(BC_INCREFS);
	NAME(BC_ACQUIRE);
	NAME(BC_RELEASE);
	NAME(BC_DECREFS);
	NAME(BC_INCREFS_DONE);
	NAME(BC_ACQUIRE_DONE);
	NAME(BC_ATTEMPT_ACQUIRE);
	NAME(BC_REGISTER_LOOPER);
	NAME(BC_ENTER_LOOPER);
	NAME(BC_EXIT_LOOPER);
	NAME(BC_REQUEST_DEATH_NOTIFICATION);
	NAME(BC_CLEAR_DEATH_NOTIFICATION);
	NAME(BC_DEAD_BINDER_DONE);
	NAME(BC_TRANSACTION_SG);
	NAME(BC_REPLY_SG);
	NAME(BC_REQUEST_FREEZE_NOTIFICATION);
	NAME(BC_CLEAR_FREEZE_NOTIFICATION);
	NAME(BC_FREEZE_NOTIFICATION_DONE);
	}
	return "BC_?";
}
