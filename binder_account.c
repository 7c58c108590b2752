// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accounts, where they have to be searched for, and the quota. See
 * binder_account.h.
 */
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "binder_account.h"
#include "binder_name.h"

/* One buffer needs this many accounts. */
#define ACCOUNTS_OF_A_BUFFER 2
/* ABI: more oneway calls of a process than this are too many. */
#define SPAM_CALLS 50

static struct kmem_cache *account_cache;

/**
 * binder_account_init_slab() - make the slab of accounts
 *
 * Return: 0 or -ENOMEM.
 */
int binder_account_init_slab(void)
{
	account_cache = kmem_cache_create(BINDER_NAME_STR "_account", sizeof(struct binder_account),
					  0, SLAB_ACCOUNT, NULL);
	return account_cache ? 0 : -ENOMEM;
}

/**
 * binder_account_exit_slab() - drop the slab
 */
void binder_account_exit_slab(void)
{
	kmem_cache_destroy(account_cache);
}

/**
 * binder_account_free_list() - free accounts that are in no book
 * @spare: list of them
 */
void binder_account_free_list(struct binder_account *spare)
{
	while (spare) {
		struct binder_account *next = spare->next;

		kmem_cache_free(account_cache, spare);
		spare = next;
	}
}

static void push(struct binder_account **list, struct binder_account *account)
{
	account->next = *list;
	*list = account;
}

/**
 * binder_account_prepare() - allocate as many accounts as a buffer may need
 *
 * Return: list of them, or NULL without memory.
 */
struct binder_account *binder_account_prepare(void)
{
	struct binder_account *list = NULL;
	int i;

	for (i = 0; i < ACCOUNTS_OF_A_BUFFER; i++) {
		struct binder_account *account = kmem_cache_alloc(account_cache, GFP_KERNEL);

		if (!account) {
			binder_account_free(list);
			return NULL;
		}
		push(&list, account);
	}
	return list;
}

/* Where the account with @key is, or is to be linked below *@parent. */
static struct rb_node **find_link(struct binder_book *book, u32 key, struct rb_node **parent)
{
	struct rb_node **link = &book->accounts.rb_node;

	*parent = NULL;
	while (*link) {
		u32 other = rb_entry(*link, struct binder_account, node)->key;

		if (other == key)
			break;
		*parent = *link;
		link = key < other ? &(*link)->rb_left : &(*link)->rb_right;
	}
	return link;
}

/**
 * binder_book_open() - find or make an account that was not the last one used
 * @books: books of the area
 * @book: one of them
 * @key: whose account
 *
 * Return: the account, which may be empty; NULL if there is none to spare.
 */
struct binder_account *binder_book_open(struct binder_books *books, struct binder_book *book,
					u32 key)
{
	struct binder_account *account;
	struct rb_node **link, *parent;

	/* No other one is empty, so this one goes or becomes another's. */
	if (book->recent && !book->recent->nr_buffers) {
		binder_book_close(books, book, book->recent);
		book->recent = NULL;
	}
	link = find_link(book, key, &parent);
	if (*link) {
		account = rb_entry(*link, struct binder_account, node);
	} else {
		account = books->spare;
		if (!account)
			return NULL;
		books->spare = account->next;
		account->key = key;
		account->bytes = 0;
		account->nr_buffers = 0;
		rb_link_node(&account->node, parent, link);
		rb_insert_color(&account->node, &book->accounts);
	}
	book->recent = account;
	return account;
}

/**
 * binder_book_close() - take an empty account out of its book
 * @books: books of the area
 * @book: one of them
 * @account: the account
 */
void binder_book_close(struct binder_books *books, struct binder_book *book,
		       struct binder_account *account)
{
	rb_erase(&account->node, &book->accounts);
	push(&books->spare, account);
}

/**
 * binder_book_next() - go through the accounts of a book by key
 * @book: the book
 * @key: smallest one to look for
 *
 * Return: the account with the smallest key of at least @key that is not empty,
 * or NULL.
 */
struct binder_account *binder_book_next(struct binder_book *book, u32 key)
{
	struct rb_node *parent, *node = *find_link(book, key, &parent);

	if (!node)
		node = parent;
	while (node) {
		struct binder_account *account = rb_entry(node, struct binder_account, node);

		if (account->key >= key && account->nr_buffers)
			return account;
		node = rb_next(node);
	}
	return NULL;
}

/* All buffers were given back: at most the recent account is left. */
static void end_book(struct binder_book *book)
{
	if (!book->recent)
		return;
	WARN_ON_ONCE(book->recent->nr_buffers || book->recent->bytes);
	kmem_cache_free(account_cache, book->recent);
	book->recent = NULL;
}

/**
 * binder_books_end() - free what the books of an area have
 * @books: the books; nothing is charged to anybody any more
 */
void binder_books_end(struct binder_books *books)
{
	end_book(&books->users);
	end_book(&books->processes);
}

/**
 * binder_spam_suspect() - is the sender of a oneway call the first to report?
 * @books: books of the area
 * @process: account of the sender, with the call
 * @left: bytes that are left to oneway calls
 * @area: bytes of the area
 *
 * ABI: while less than a tenth of the area is left, the first call is suspect
 * whose process has more than 50 of them there, or more than a quarter of the
 * area. Once a call found space the next one can be the first again.
 *
 * Return: true if it is, and is to be told.
 */
bool binder_spam_suspect(struct binder_books *books, const struct binder_account *process,
			 u32 left, u32 area)
{
	if (left >= area / 10) {
		books->spam_reported = false;
		return false;
	}
	if (books->spam_reported ||
	    (process->nr_buffers <= SPAM_CALLS && process->bytes <= area / 4))
		return false;
	books->spam_reported = true;
	return true;
}

/* Percent of an area that a user may hold while others hold some; 0 for no limit. */
static unsigned int quota;

DEFINE_STATIC_KEY_FALSE(binder_quota_on);

/**
 * binder_quota_refuses() - would a call take its user over the quota?
 * @user: account of the sender
 * @size: bytes of the call's buffer
 * @used: bytes of the area that are in use without it
 * @area: bytes of the area
 *
 * Whoever is alone may have the whole area. Who had more than the share when
 * another one came keeps it, and gets nothing until enough of it was freed.
 *
 * Return: true if it would, and others have messages there.
 */
bool binder_quota_refuses(const struct binder_account *user, u32 size, u32 used, u32 area)
{
	u32 share = READ_ONCE(quota);

	/* An area has 4 MiB at most: the product does not overflow. */
	return share && used > user->bytes && user->bytes + size > area * share / 100;
}

static int set_quota(const char *val, const struct kernel_param *kp)
{
	unsigned int share;
	int ret = kstrtouint(val, 0, &share);

	if (ret)
		return ret;
	if (share > 100)
		return -EINVAL;
	/* The kernel sets one parameter at a time. */
	WRITE_ONCE(quota, share);
	if (share)
		static_branch_enable(&binder_quota_on);
	else
		static_branch_disable(&binder_quota_on);
	return 0;
}

static const struct kernel_param_ops quota_ops = {
	.set = set_quota,
	.get = param_get_uint,
};

module_param_cb(buffer_quota, &quota_ops, &quota, 0644);
MODULE_PARM_DESC(buffer_quota, "Percent of a receiver's buffer that calls of one user may fill while there are messages of others in it (default 0: no limit)");
