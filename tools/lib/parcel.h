/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Just enough of the parcel format of the aidl family to run a service manager
 * and to talk to one: 32-bit integers, UTF-16 strings, objects and the token that
 * starts a call. Strings are ASCII on our side.
 */
#ifndef BINDER_PARCEL_H
#define BINDER_PARCEL_H

#include "binder_raw.h"

/*
 * How a call starts and how objects end, by the Android release that brought it
 * in. libgbinder calls these protocols aidl, aidl2 and aidl3.
 */
enum bnd_family {
	BND_AIDL,	/* up to 9: policy, name */
	BND_AIDL2,	/* 10: policy, work source, name */
	BND_AIDL3,	/* since 11: policy, work source, tag, name; objects carry a stability */
};

/* Stability of an object that does not say: part of the system. */
#define BND_STABILITY_SYSTEM 12

/* Calls every object answers. */
#define BND_PING_TRANSACTION	  B_PACK_CHARS('_', 'P', 'N', 'G')
#define BND_INTERFACE_TRANSACTION B_PACK_CHARS('_', 'N', 'T', 'F')

/* --- writing ---------------------------------------------------------------- */

struct bnd_parcel {
	uint8_t *data;
	size_t size;
	size_t cap;
	uint64_t *offsets;
	size_t noffsets;
};

void bnd_parcel_reset(struct bnd_parcel *p);
void bnd_parcel_free(struct bnd_parcel *p);
void bnd_put_int32(struct bnd_parcel *p, int32_t value);
void bnd_put_string16(struct bnd_parcel *p, const char *string);
/* The null object is the parcel's own convention; the driver does not see it. */
void bnd_put_object(struct bnd_parcel *p, const struct flat_binder_object *obj);
void bnd_put_null_object(struct bnd_parcel *p);
void bnd_put_token(struct bnd_parcel *p, enum bnd_family family, const char *interface);
/* The message with that code; it points into the parcel. */
struct bnd_msg bnd_parcel_msg(const struct bnd_parcel *p, uint32_t handle, uint32_t code,
			      uint32_t flags);

/* --- reading ---------------------------------------------------------------- */

/* Reading beyond the end or something else than is there sets @bad, for good. */
struct bnd_reader {
	const uint8_t *data;
	size_t size;
	size_t pos;
	const uint64_t *offsets;
	size_t noffsets;
	bool bad;
};

void bnd_reader_init(struct bnd_reader *r, const struct binder_transaction_data *txn);
int32_t bnd_get_int32(struct bnd_reader *r);
/* False, and @r bad, when it does not fit, is no printable ASCII or absent. */
bool bnd_get_string16(struct bnd_reader *r, char *string, size_t room);
/* The object at this place, which must be listed among the offsets. */
bool bnd_get_object(struct bnd_reader *r, struct flat_binder_object *obj);
/* Reads the token of a call to @interface and tells the family it is written in. */
bool bnd_get_token(struct bnd_reader *r, const char *interface, enum bnd_family *family);

#endif /* BINDER_PARCEL_H */
