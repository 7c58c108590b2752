/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The name that everything this module registers is derived from. A build
 * under a second name (make BINDER_NAME=...) passes another one, so that it
 * loads beside the system's own binder.
 */
#ifndef _BINDER_NAME_H
#define _BINDER_NAME_H

#include <linux/stringify.h>

#ifndef BINDER_NAME
#define BINDER_NAME binder
#endif

#define BINDER_NAME_STR __stringify(BINDER_NAME)

/* What messages in the kernel's log begin with. */
#define pr_fmt(fmt) BINDER_NAME_STR ": " fmt

#endif /* _BINDER_NAME_H */
