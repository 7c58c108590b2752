#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the virtual machine: loads and unloads the modules in /modules-under-test
# in many ways, all of them or ours alone. Prints KTAP.
modules=/modules-under-test
number=0

result() {
	number=$((number + 1))
	if [ "$2" = 0 ]; then
		echo "ok $number load.$1"
	else
		echo "not ok $number load.$1"
	fi
}

load() {
	module=$1
	shift
	insmod "$modules/$module.ko" "$@"
}

# The character devices of the misc class that were not there at the start.
devices() {
	for device in /sys/class/misc/*; do
		case " $at_start " in
		*" $device "*) ;;
		*) echo "${device##*/}" ;;
		esac
	done | tr '\n' ' '
}

at_start=$(echo /sys/class/misc/*)

# with PARAMETERS WANTED: the devices there are while it is loaded, and none after.
with() {
	load binder_linux "$1" || return 1
	got=$(devices)
	rmmod binder_linux || return 1
	[ "$got" = "$2" ] || {
		echo "# $1: got '$got', wanted '$2'"
		return 1
	}
	[ -z "$(devices)" ] || {
		echo "# left behind: $(devices)"
		return 1
	}
}

# refused PARAMETERS MESSAGE [MODULE]: it does not load, says why and leaves nothing.
refused() {
	dmesg -c >/dev/null
	if load "${3:-binder_linux}" "$1" 2>/dev/null; then
		rmmod binder_linux
		echo "# $1 was accepted"
		return 1
	fi
	if ! dmesg | grep -q "$2"; then
		dmesg | sed 's/^/# /'
		return 1
	fi
	[ -z "$(devices)" ] && [ ! -e /sys/module/binder_linux ]
}

with "debug_mask=0" "binder hwbinder vndbinder "
result default_devices $?
with "devices=one,two" "one two "
result named_devices $?
with 'devices="anbox-binder,anbox-hwbinder"' "anbox-binder anbox-hwbinder "
result quoted_list $?
with "devices='one','two'" "one two "
result quoted_names $?
with 'devices=" one , two "' "one two "
result spaces $?
with "devices=,one,,two," "one two "
result empty_names $?
with "devices=" ""
result no_devices $?
dmesg -c >/dev/null
with "devices=one,two,one" "one two "
result repeated_name $?
dmesg | grep -q "'one' is named twice"
result repeated_name_is_said $?
refused "devices=one,a/b" "a/b"
result slash_is_refused $?
refused "devices=one,.." "'..'"
result dots_are_refused $?
with "devices=one" "one "
result loads_after_refusal $?

# As administrators see it.
load binder_linux
test -n "$(cat /sys/module/binder_linux/version)"
result has_version $?
test "$(cat /sys/module/binder_linux/parameters/devices)" = binder,hwbinder,vndbinder
result shows_devices $?

# What the kernel lets security modules decide: all on Debian's.
with_hooks() {
	dmesg -c >/dev/null
	load "$1" "$2" || return 1
	got=$(cat /sys/module/binder_linux/parameters/lsm_hooks)
	said=$(dmesg | grep -c 'does not export the hooks security_binder_')
	rmmod binder_linux
	[ "$got $said" = "$3" ] || {
		echo "# $1 $2: lsm_hooks and lines in the log '$got $said', wanted '$3'"
		return 1
	}
}

rmmod binder_linux
with_hooks binder_linux devices=one "Y 0"
result shows_hooks $?
with_hooks binder_linux require_lsm_hooks=1 "Y 0"
result required_hooks_are_there $?
with_hooks binder_linux lsm_hooks=0 "Y 0"
result hooks_shown_are_those_there_are $?
if [ -e $modules/no_hooks.ko ]; then
	with_hooks no_hooks devices=one "N 1"
	result missing_hooks_are_said_once $?
	with_hooks no_hooks lsm_hooks=1 "N 1"
	result missing_hooks_cannot_be_claimed $?
	refused require_lsm_hooks=1 "does not export .*security_binder_.* require_lsm_hooks" no_hooks
	result missing_hooks_are_refused $?
fi
load binder_linux

# An open file keeps the module, and nothing else does.
(exec 9</dev/binder && echo >/tmp/open && exec sleep 1000) &
while [ ! -e /tmp/open ]; do usleep 1000; done
rm /tmp/open
! rmmod binder_linux 2>/dev/null
result open_file_keeps_module $?
killall -9 sleep
wait $! 2>/dev/null
rmmod binder_linux
result goes_when_file_is_closed $?

# So does an open log, and all of them go with the module.
logs=/sys/kernel/debug/binder
load binder_linux
(exec 9<$logs/state && echo >/tmp/open && exec sleep 1000) &
while [ ! -e /tmp/open ]; do usleep 1000; done
rm /tmp/open
! rmmod binder_linux 2>/dev/null
result open_log_keeps_module $?
killall -9 sleep
wait $! 2>/dev/null
rmmod binder_linux && test ! -e $logs
result logs_go_with_the_module $?
load binder_linux && grep -q . $logs/state $logs/stats && rmmod binder_linux
result logs_come_with_the_module $?
load binder_linux debug_mask=0x7fff alloc_debug_mask=15 stop_on_user_error=1 &&
	test "$(cat /sys/module/binder_linux/parameters/debug_mask)" = 32767 &&
	: </dev/binder && rmmod binder_linux
result debug_parameters $?

i=0
while [ $i -lt "${TIMES:-50}" ] && load binder_linux && : </dev/binder && rmmod binder_linux; do
	i=$((i + 1))
done
test $i = "${TIMES:-50}"
result fifty_times $?

MODULE=$modules/binder_linux.ko /cycles >/tmp/cycles 2>&1
code=$?
sed 's/^/# /' /tmp/cycles
result cycles_under_traffic $code

if [ ! -e $modules/binder_t.ko ]; then
	echo "1..$number"
	exit
fi

# The second name beside the first, and beside the kernel's own.
load binder_linux && load binder_t && test -c /dev/binder -a -c /dev/binder_t -a -c /dev/hwbinder_t &&
	test -e $logs/state -a -e ${logs}_t/state
result second_name_beside_ours $?
mount -t tracefs tracefs /sys/kernel/tracing
events=/sys/kernel/tracing/events
test -d $events/binder/binder_transaction -a -d $events/binder_t/binder_transaction
result second_name_has_trace_events_of_its_own $?
rmmod binder_t && test -c /dev/binder -a -d $events/binder -a ! -e $events/binder_t && rmmod binder_linux
result second_name_goes_alone $?
test ! -e $events/binder
result trace_events_go_with_the_module $?
# A copy of it that calls itself and its netlink family like one that is there.
dmesg -c >/dev/null
load nlctrl && test -c /dev/binder_t && rmmod nlctrl && dmesg | grep -q "a netlink family .* of its own"
result netlink_family_that_is_taken_is_said $?
if [ ! -e $modules/in_tree.ko ]; then
	echo "1..$number"
	exit
fi
load in_tree devices=binder && load binder_t && test -c /dev/binder -a -c /dev/binder_t && : </dev/binder_t
result second_name_beside_in_tree $?
# It can never be unloaded, so this comes last.
! load binder_linux devices=other 2>/dev/null && [ ! -e /dev/other ] && test -c /dev/binder
result ours_does_not_replace_in_tree $?
rmmod binder_t
result second_name_unloads $?
echo "1..$number"
