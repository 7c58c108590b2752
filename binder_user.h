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
	const char __user *at = from;
	char *to = record;

	might_fault();
	if (!user_read_access_begin(from, size))
		return -EFAULT;
	for (; size >= sizeof(u64); size -= sizeof(u64)) {
		unsafe_get_user(*(u64 *)to, (const u64 __user *)at, fault);
		at += sizeof(u64);
		to += sizeof(u64);
	}
	if (size)
		unsafe_get_user(*(u32 *)to, (const u32 __user *)at, fault);
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
 * @size: its size in bytes
 *
 * Return: 0, or -EFAULT when it cannot be written; part of it may be.
 */
static __always_inline int binder_user_put(void __user *to, const void *record,
					   size_t size)
{
	might_fault();
	if (!user_write_access_begin(to, size))
		return -EFAULT;
	unsafe_copy_to_user(to, record, size, fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

/**
 * binder_user_put_code() - write a code and the record behind it
 * @to: user address
 * @code: the code
 * @record: the record, or NULL
 * @size: its size in bytes
 *
 * Return: 0, or -EFAULT when they cannot be written; part of them may be.
 */
static __always_inline int binder_user_put_code(char __user *to, u32 code,
						const void *record, size_t size)
{
	might_fault();
	if (!user_write_access_begin(to, sizeof(code) + size))
		return -EFAULT;
	unsafe_put_user(code, (u32 __user *)to, fault);
	unsafe_copy_to_user(to + sizeof(code), record, size, fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

#endif /* _BINDER_USER_H */
