#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the virtual machine: suites on a driver that has its devices in its file system
# only. They are mounted where tests look for them.
set -e
mkdir -p /dev/binderfs
mount -t binder binder /dev/binderfs
for name in binder hwbinder vndbinder; do
	: >/dev/$name
	mount --bind /dev/binderfs/$name /dev/$name
done
exec sh /run.sh "$@"
