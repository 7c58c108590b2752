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

/* Moves one word; between user_*_access_begin() and user_*_access_end(). */
#define binder_user_load(type, record, user, label)			\
	unsafe_get_user(*(type *)(record), (const type __user *)(user), label)
#define binder_user_save(type, record, user, label)			\
	unsafe_put_user(*(const type *)(record), (type __user *)(user), label)

#define binder_user_word(move, nr, record, user, size, label)		\
do {									\
	if ((size) >= ((nr) + 1) * sizeof(u64))				\
		move(u64, (record) + (nr) * sizeof(u64),		\
		     (user) + (nr) * sizeof(u64), label);		\
} while (0)

/*
 * Moves a record of a known size, up to that of a transaction with a security
 * context. Compilers do not unroll a loop over its words.
 */
#define binder_user_words(move, record, user, size, label)		\
do {									\
	binder_user_word(move, 0, record, user, size, label);		\
	binder_user_word(move, 1, record, user, size, label);		\
	binder_user_word(move, 2, record, user, size, label);		\
	binder_user_word(move, 3, record, user, size, label);		\
	binder_user_word(move, 4, record, user, size, label);		\
	binder_user_word(move, 5, record, user, size, label);		\
	binder_user_word(move, 6, record, user, size, label);		\
	binder_user_word(move, 7, record, user, size, label);		\
	binder_user_word(move, 8, record, user, size, label);		\
	if ((size) & sizeof(u32))					\
		move(u32, (record) + (size) - sizeof(u32),		\
		     (user) + (size) - sizeof(u32), label);		\
} while (0)

#define BINDER_USER_WORDS_MAX	(9 * sizeof(u64) + sizeof(u32))

/* Moves a record of any size that is a multiple of 4. */
#define binder_user_move(move, record, user, size, label)		\
do {									\
	size_t _done = 0;						\
									\
	if (__builtin_constant_p(size) && (size) <= BINDER_USER_WORDS_MAX) { \
		binder_user_words(move, record, user, size, label);	\
		break;							\
	}								\
	for (; _done + sizeof(u64) <= (size); _done += sizeof(u64))	\
		move(u64, (record) + _done, (user) + _done, label);	\
	if ((size) & sizeof(u32))					\
		move(u32, (record) + _done, (user) + _done, label);	\
} while (0)

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
	might_fault();
	if (!user_read_access_begin(from, size))
		return -EFAULT;
	binder_user_move(binder_user_load, record, from, size, fault);
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
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
	might_fault();
	if (!user_read_access_begin(from, size))
		return -EFAULT;
	for (; size >= sizeof(u64); size -= sizeof(u64)) {
		binder_user_load(u64, to, from, fault);
		to += sizeof(u64);
		from += sizeof(u64);
	}
	for (; size; size--)
		binder_user_load(u8, to++, from++, fault);
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
	might_fault();
	if (!user_write_access_begin(to, size))
		return -EFAULT;
	binder_user_move(binder_user_save, record, to, size, fault);
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
 * @size: its size in bytes, a multiple of 4
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
	binder_user_move(binder_user_save, record, to + sizeof(code), size,
			 fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

#endif /* _BINDER_USER_H */
