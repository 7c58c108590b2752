/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accounts: who holds how much of an area.
 *
 * An area keeps two books. One has an account for each user (effective uid of
 * the sending task) with messages in the area, replies included: for the quota.
 * The other has one for each process with oneway calls there: to tell who sends
 * too many. So neither question needs a walk over the buffers.
 *
 * Processes go by their number, as everywhere in this ABI. A new process that
 * got the number of a dead one inherits what is left of its calls.
 *
 * Lifetime: an account is opened by its first buffer and closed by its last.
 * Only the one used last stays open with nothing in it, which spares a sender
 * who is alone the allocation.
 *
 * Memory comes and goes outside of the lock. Who finds an account missing drops
 * the lock, allocates and comes again with accounts to spare. What is spare when
 * the lock is dropped, as accounts that were closed, is freed then.
 *
 * Lock: none here; the lock of the area (A) serialises all calls on its books.
 */
#ifndef _BINDER_ACCOUNT_H
#define _BINDER_ACCOUNT_H

#include <linux/cred.h>
#include <linux/jump_label.h>
#include <linux/pid.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/types.h>

/**
 * struct binder_account - what a user or a process holds of an area
 * @node: A: place in the book
 * @next: next one in a list of accounts that are in no book
 * @key: A: whose it is: uid or tgid, as the initial namespace has it
 * @bytes: A: size of its buffers
 * @nr_buffers: A: number of them
 */
struct binder_account {
	union {
		struct rb_node node;
		struct binder_account *next;
	};
	u32 key;
	u32 bytes;
	u32 nr_buffers;
};

/**
 * struct binder_book - accounts of one kind
 * @accounts: A: by key
 * @recent: A: the one used last, which alone may be empty; or NULL
 */
struct binder_book {
	struct rb_root accounts;
	struct binder_account *recent;
};

/**
 * struct binder_books - all accounts of an area; all zero at the beginning
 * @users: A: buffers of all kinds, by the sender's effective uid
 * @processes: A: buffers of oneway calls, by the sending process
 * @spare: A: list of accounts in no book; empty while nobody has the lock
 * @nr_refused: A: calls that the quota refused
 * @spam_reported: A: a sender was suspected since there was space last
 */
struct binder_books {
	struct binder_book users;
	struct binder_book processes;
	struct binder_account *spare;
	u32 nr_refused;
	bool spam_reported;
};

DECLARE_STATIC_KEY_FALSE(binder_quota_on);

int binder_account_init_slab(void);
void binder_account_exit_slab(void);
struct binder_account *binder_account_prepare(void);
void binder_account_free_list(struct binder_account *spare);
struct binder_account *binder_book_open(struct binder_books *books, struct binder_book *book,
					u32 key);
void binder_book_close(struct binder_books *books, struct binder_book *book,
		       struct binder_account *account);
struct binder_account *binder_book_next(struct binder_book *book, u32 key);
void binder_books_end(struct binder_books *books);
bool binder_quota_refuses(const struct binder_account *user, u32 size, u32 used, u32 area);
bool binder_spam_suspect(struct binder_books *books, const struct binder_account *process,
			 u32 left, u32 area);

/**
 * binder_account_free() - free accounts that are in no book
 * @spare: list of them, mostly empty
 */
static inline void binder_account_free(struct binder_account *spare)
{
	if (unlikely(spare))
		binder_account_free_list(spare);
}

/**
 * binder_books_take_spare() - take what is left over before the lock is dropped
 * @books: the books
 *
 * Return: list for binder_account_free().
 */
static inline struct binder_account *binder_books_take_spare(struct binder_books *books)
{
	struct binder_account *spare = books->spare;

	if (unlikely(spare))
		books->spare = NULL;
	return spare;
}

/* The account with @key: the one used last, or as binder_book_open(). */
static inline struct binder_account *binder_book_get(struct binder_books *books,
						     struct binder_book *book, u32 key)
{
	struct binder_account *account = book->recent;

	if (likely(account && account->key == key))
		return account;
	return binder_book_open(books, book, key);
}

/**
 * binder_account_of_user() - the account of the current task's user
 * @books: books of the receiver's area
 *
 * Return: the account, which may be empty; NULL if there is none to spare.
 */
static inline struct binder_account *binder_account_of_user(struct binder_books *books)
{
	return binder_book_get(books, &books->users, __kuid_val(current_euid()));
}

/**
 * binder_account_of_process() - the account of the current task's process
 * @books: books of the receiver's area
 *
 * Return: the account, which may be empty; NULL if there is none to spare.
 */
static inline struct binder_account *binder_account_of_process(struct binder_books *books)
{
	return binder_book_get(books, &books->processes, task_tgid_nr(current));
}

/**
 * binder_account_add() - charge a buffer
 * @account: the account
 * @size: bytes of the buffer
 */
static inline void binder_account_add(struct binder_account *account, u32 size)
{
	account->bytes += size;
	account->nr_buffers++;
}

/**
 * binder_account_take() - a buffer goes that was charged
 * @books: books of the area
 * @book: one of them
 * @account: the account; may be closed
 * @size: bytes of the buffer
 */
static inline void binder_account_take(struct binder_books *books, struct binder_book *book,
				       struct binder_account *account, u32 size)
{
	account->bytes -= size;
	account->nr_buffers--;
	if (!account->nr_buffers && account != book->recent)
		binder_book_close(books, book, account);
}

#endif /* _BINDER_ACCOUNT_H */
