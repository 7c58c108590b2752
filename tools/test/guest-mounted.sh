#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the virtual machine: suites on a driver that has its devices in its file system
# only. They get the names in /dev that tests know.
set -e
mkdir -p /dev/binderfs
mount -t binder binder /dev/binderfs
for name in binder hwbinder vndbinder; do
	ln -s binderfs/$name /dev/$name
done
exec sh /run.sh "$@"
