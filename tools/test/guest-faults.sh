#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the virtual machine: suites, with a trace of the stacks in which the kernel was
# made to fail left in /out/faults.
tracing=/sys/kernel/tracing
mount -t tracefs tracefs $tracing 2>/dev/null
# shellcheck disable=SC2016 # the kernel's $retval
echo 'r:fault should_fail_ex failed=$retval:u8' >$tracing/kprobe_events
echo 'stacktrace if failed == 1' >$tracing/events/kprobes/fault/trigger
echo 'failed == 1' >$tracing/events/kprobes/fault/filter
echo sym-offset >$tracing/trace_options
echo 16384 >$tracing/buffer_size_kb
echo 1 >$tracing/events/kprobes/fault/enable
sh /run.sh "$@"
code=$?
echo 0 >$tracing/tracing_on
cat $tracing/trace >/out/faults
exit $code
