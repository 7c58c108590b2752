/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The name that everything this module registers is derived from. A build
 * under a second name (make BINDER_NAME=...) passes another one, so that it
 * loads beside the system's own binder.
 */
#ifndef _BINDER_NAME_H
#define _BINDER_NAME_H

#ifndef BINDER_NAME_STR
#define BINDER_NAME_STR "binder"
#endif

#endif /* _BINDER_NAME_H */
