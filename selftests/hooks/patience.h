/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * These tests stop tasks, start others and wait until all that came of it is gone. With
 * hooks, on a kernel that checks each access, on a busy machine, the half minute is too
 * short that the harness gives each.
 */
#ifndef HOOKS_PATIENCE_H
#define HOOKS_PATIENCE_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 120

#endif /* HOOKS_PATIENCE_H */
