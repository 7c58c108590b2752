/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of the ABI in user memory. They have a few words, and a round trip has
 * a dozen of them: word by word, inline, costs half of copy_from_user() and
 * copy_to_user(), which are made for more.
 */
#ifndef _BINDER_USER_H
#define _BINDER_USER_H

#include <linux/types.h>
#include <linux/uaccess.h>

/* The longest record: a transaction with a security context. */
#define BINDER_USER_WORDS 9

/*
 * Read a record, between user_read_access_begin() and user_read_access_end(). The
 * compiler knows most sizes, but unrolls no loop: each word has a line.
 */
static __always_inline int binder_user_load(void *record,
					    const void __user *user, size_t size)
{
	const u64 __user *from = user;
	u64 *to = record;
	size_t words = size / sizeof(u64), i;

	if (__builtin_constant_p(size) && words <= BINDER_USER_WORDS) {
		if (words > 0)
			unsafe_get_user(to[0], from + 0, fault);
		if (words > 1)
			unsafe_get_user(to[1], from + 1, fault);
		if (words > 2)
			unsafe_get_user(to[2], from + 2, fault);
		if (words > 3)
			unsafe_get_user(to[3], from + 3, fault);
		if (words > 4)
			unsafe_get_user(to[4], from + 4, fault);
		if (words > 5)
			unsafe_get_user(to[5], from + 5, fault);
		if (words > 6)
			unsafe_get_user(to[6], from + 6, fault);
		if (words > 7)
			unsafe_get_user(to[7], from + 7, fault);
		if (words > 8)
			unsafe_get_user(to[8], from + 8, fault);
	} else {
		for (i = 0; i < words; i++)
			unsafe_get_user(to[i], from + i, fault);
	}
	if (size % sizeof(u64))
		unsafe_get_user(*(u32 *)(to + words),
				(const u32 __user *)(from + words), fault);
	return 0;
fault:
	return -EFAULT;
}

/* Write a record, between user_write_access_begin() and user_write_access_end(). */
static __always_inline int binder_user_save(void __user *user,
					    const void *record, size_t size)
{
	const u64 *from = record;
	u64 __user *to = user;
	size_t words = size / sizeof(u64), i;

	if (__builtin_constant_p(size) && words <= BINDER_USER_WORDS) {
		if (words > 0)
			unsafe_put_user(from[0], to + 0, fault);
		if (words > 1)
			unsafe_put_user(from[1], to + 1, fault);
		if (words > 2)
			unsafe_put_user(from[2], to + 2, fault);
		if (words > 3)
			unsafe_put_user(from[3], to + 3, fault);
		if (words > 4)
			unsafe_put_user(from[4], to + 4, fault);
		if (words > 5)
			unsafe_put_user(from[5], to + 5, fault);
		if (words > 6)
			unsafe_put_user(from[6], to + 6, fault);
		if (words > 7)
			unsafe_put_user(from[7], to + 7, fault);
		if (words > 8)
			unsafe_put_user(from[8], to + 8, fault);
	} else {
		for (i = 0; i < words; i++)
			unsafe_put_user(from[i], to + i, fault);
	}
	if (size % sizeof(u64))
		unsafe_put_user(*(const u32 *)(from + words),
				(u32 __user *)(to + words), fault);
	return 0;
fault:
	return -EFAULT;
}

/**
 * binder_user_get() - read a record
 * @record: receives it
 * @from: user address
 * @size: its size in bytes, a multiple of 4
 *
 * Return: 0, or -EFAULT when it cannot be read; then part of @record is written.
 */
static __always_inline int binder_user_get(void *record,
					   const void __user *from, size_t size)
{
	int ret;

	might_fault();
	if (!user_read_access_begin(from, size))
		return -EFAULT;
	ret = binder_user_load(record, from, size);
	user_read_access_end();
	return ret;
}

/**
 * binder_user_copy() - read a few bytes
 * @to: receives them
 * @from: user address
 * @size: how many
 *
 * Return: 0, or -EFAULT when they cannot be read; then part of @to is written.
 */
static inline int binder_user_copy(void *to, const void __user *from, size_t size)
{
	const size_t step = 4 * sizeof(u64);

	might_fault();
	if (!user_read_access_begin(from, size))
		return -EFAULT;
	for (; size >= step; size -= step) {
		if (binder_user_load(to, from, step))
			goto fault;
		to += step;
		from += step;
	}
	for (; size >= sizeof(u64); size -= sizeof(u64)) {
		unsafe_get_user(*(u64 *)to, (const u64 __user *)from, fault);
		to += sizeof(u64);
		from += sizeof(u64);
	}
	for (; size; size--)
		unsafe_get_user(*(u8 *)to++, (const u8 __user *)from++, fault);
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
}

/**
 * binder_user_put() - write a record
 * @to: user address
 * @record: the record
 * @size: its size in bytes, a multiple of 4
 *
 * Return: 0, or -EFAULT when it cannot be written; part of it may be.
 */
static __always_inline int binder_user_put(void __user *to, const void *record,
					   size_t size)
{
	int ret;

	might_fault();
	if (!user_write_access_begin(to, size))
		return -EFAULT;
	ret = binder_user_save(to, record, size);
	user_write_access_end();
	return ret;
}

/**
 * binder_user_put_code() - write a code and the record behind it
 * @to: user address
 * @code: the code
 * @record: the record, or NULL
 * @size: its size in bytes, a multiple of 4
 *
 * Return: 0, or -EFAULT when they cannot be written; part of them may be.
 */
static __always_inline int binder_user_put_code(char __user *to, u32 code,
						const void *record, size_t size)
{
	int ret;

	might_fault();
	if (!user_write_access_begin(to, sizeof(code) + size))
		return -EFAULT;
	unsafe_put_user(code, (u32 __user *)to, fault);
	ret = binder_user_save(to + sizeof(code), record, size);
	user_write_access_end();
	return ret;
fault:
	user_write_access_end();
	return -EFAULT;
}

#endif /* _BINDER_USER_H */
