/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel calls when it loads and unloads the module. Seen from outside
 * although all is compiled as one unit (Kbuild), in which nothing else is.
 */
#ifndef _BINDER_CORE_H
#define _BINDER_CORE_H

#include <linux/module.h>

extern typeof(init_module) init_module __visible;
extern typeof(cleanup_module) cleanup_module __visible;

#endif /* _BINDER_CORE_H */
