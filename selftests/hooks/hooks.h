/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test hooks of the module (binder_hooks.h): stopping a task at a point of the
 * driver, breaking its rules, reclaiming by hand, and its own count of pages.
 *
 * The clients of these tests have no area, so all pages are the receivers'.
 */
#ifndef HOOKS_HOOKS_H
#define HOOKS_HOOKS_H

#include "memory.h"

/* --- delay points --- */

/* The next task that comes to @point stops there. */
void arm(const char *point);
/* Returns once a task stands at @point. */
void await_stop(const char *point);
bool stands(const char *point);
/* Who stands at @point goes on; nobody stops there any more. */
void proceed(const char *point);
void proceed_all(void);

/* --- defects --- */

/* Names, comma separated; "" for none. */
void break_rules(const char *defects);

/* Sets a parameter of the module: 0 or a negative errno. */
int set_parameter(const char *name, const char *value);

/* --- reclaim --- */

/* Up to @n pages, at once. */
void reclaim(long n);
/* The same in @p, which may be stopped. */
void start_reclaim(struct port *p, long n);

/* --- counts --- */

struct counts {
	long pages;	/* of all areas of open files */
	long idle;	/* of those */
	long counted;	/* idle ones, as the shrinker counts */
	long slots;	/* places for pages */
};

struct counts count(void);
/* Waits until the areas of former tests are gone. */
void await_no_pages(void);
/* Those of a closed file are in no area any more, and idle until its release is over. */
void await_no_idle_pages(void);
/* Objects of one of the module's slab caches. */
long objects_of(const char *cache);

/* --- messages --- */

/* For run_start(): writes the commands of the port. */
long send_prepared(struct port *p, void *arg);
/* Starts a oneway call of @size bytes, which is stopped at @point. */
void start_sending(struct port *c, uint8_t value, size_t size, const char *point);
/* The next message is @size bytes of @value. */
bool gets(struct port *server, uint8_t value, size_t size);

#endif /* HOOKS_HOOKS_H */
