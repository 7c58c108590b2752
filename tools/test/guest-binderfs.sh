#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the virtual machine: loads the module in many ways and mounts its file
# system. Prints KTAP. Found in /lib/modules as installed, in /modules-under-test
# beside others.
modules=/modules-under-test
dir=/tmp/binderfs
number=0
at_start=$(echo /sys/class/misc/*)
mkdir -p $dir

result() {
	number=$((number + 1))
	if [ "$2" = 0 ]; then
		echo "ok $number binderfs.$1"
	else
		echo "not ok $number binderfs.$1"
	fi
}

# program NAME COMMAND...: a program of tests of its own.
program() {
	name=$1
	shift
	echo "  # Subtest: binderfs.$name"
	code=$({ { (cd "$(dirname "$1")" && "$@" 2>&1 </dev/null; echo $? >&3) | sed 's/^/  /' >&4; } 3>&1; } 4>&5)
	result "$name" "$code"
}
exec 5>&1

load() {
	insmod $modules/binder_linux.ko "$@"
}

loaded() {
	[ -d /sys/module/binder_linux ]
}

# names: what is in the instance.
names() {
	(cd $dir && echo *)
}

# misc: devices in /dev that are ours.
misc() {
	for device in /sys/class/misc/*; do
		case " $at_start " in
		*" $device "*) ;;
		*) echo "${device##*/}" ;;
		esac
	done | tr '\n' ' '
}

# fresh PARAMETER...: loads the module and mounts.
fresh() {
	load "$@" && mount -t binder binder $dir
}

# The end of each test: all can be taken away.
end() {
	umount $dir && rmmod binder_linux && ! loaded
}

# said: what the module had to say, each line once (a failing insmod tries twice).
said() {
	dmesg | sed -n 's/.* binder: //p' | grep -v 'taints kernel\|verification failed' | sort -u
}

# is GOT WANTED
is() {
	[ "$1" = "$2" ] || {
		echo "# got '$1', wanted '$2'"
		return 1
	}
}

# --- A mount loads the module -------------------------------------------------------

! mount -t binder binder $dir 2>/dev/null
result without_a_module_there_is_nothing $?
echo /bin/modprobe >/proc/sys/kernel/modprobe
mount -t binder binder $dir && loaded && [ -n "$(cat /sys/module/binder_linux/version)" ]
result a_mount_loads_the_module $?
is "$(names)" "binder binder-control features hwbinder vndbinder"
result it_has_the_default_devices $?
end
result it_unloads $?
unshare -U -r -m mount -t binder binder $dir && loaded
result a_mount_in_a_user_namespace_loads_the_module $?
rmmod binder_linux
result the_end_of_the_namespace_lets_it_go $?

# --- Who keeps the module -------------------------------------------------------------

fresh && ! rmmod binder_linux 2>/dev/null && loaded && [ -c $dir/binder ]
result a_mount_keeps_the_module $?
mount -t binder binder $dir && umount $dir && ! rmmod binder_linux 2>/dev/null
result two_mounts_keep_it_twice $?
(exec 9<$dir/binder && echo >/tmp/open && exec sleep 1000) &
while [ ! -e /tmp/open ]; do usleep 1000; done
umount -l $dir && ! rmmod binder_linux 2>/dev/null
result an_open_device_of_a_detached_instance_keeps_it $?
kill -9 $! && wait $! 2>/dev/null
rmmod binder_linux
result its_last_close_lets_it_go $?
rm /tmp/open
fresh
(exec 9<$dir/binder-control && echo >/tmp/open && exec sleep 1000) &
while [ ! -e /tmp/open ]; do usleep 1000; done
umount -l $dir && ! rmmod binder_linux 2>/dev/null
result an_open_control_keeps_it $?
kill -9 $! && wait $! 2>/dev/null
rmmod binder_linux
result its_close_lets_it_go $?
i=0
while [ $i -lt 30 ] && fresh && : <$dir/binder && end; do
	i=$((i + 1))
done
is $i 30
result thirty_times $?

# --- Parameters ------------------------------------------------------------------------

fresh && is "$(misc)" "binder hwbinder vndbinder " && is "$(names)" "binder binder-control features hwbinder vndbinder" && end
result devices_are_in_both_places $?
fresh devices=one,two && is "$(misc)" "one two " && is "$(names)" "binder-control features one two" && end
result devices_of_the_parameter_are_in_both_places $?
fresh 'devices="one, two",one' && is "$(names)" "binder-control features one two" && end
result quotes_and_repetitions_do_no_harm $?
fresh misc_devices=0 && is "$(misc)" "" && is "$(names)" "binder binder-control features hwbinder vndbinder" && end
result misc_devices_can_be_left_out $?
fresh devices= && is "$(misc)" "" && is "$(names)" "binder-control features" && end
result devices_can_be_left_out $?
fresh misc_devices=0 devices= && is "$(names)" "binder-control features" && end
result both_can_be_left_out $?
load devices=a,b,c,d,e,f && ! mount -t binder -o max=5 binder $dir 2>/dev/null && mount -t binder -o max=6 binder $dir && end
result max_has_room_for_the_default_devices $?

# --- A kernel that has such a file system -----------------------------------------------

dmesg -c >/dev/null
insmod $modules/name_taken.ko && load && is "$(misc)" "binder hwbinder vndbinder " && : </dev/binder
result loads_where_the_name_is_taken $?
said >/tmp/said
grep -q "this kernel has a file system 'binder' of its own.*only the devices in /dev are ours" /tmp/said
result says_why_there_is_no_file_system $?
is "$(wc -l </tmp/said)" 1
result says_it_in_one_line $?
! mount -t binder binder $dir 2>/dev/null && ! grep -qw binder /proc/devices
result leaves_the_other_file_system_alone $?
rmmod binder_linux && grep -qw binder /proc/filesystems
result unloads_beside_the_other $?
dmesg -c >/dev/null
! load misc_devices=0 2>/dev/null && ! loaded && ! load devices= 2>/dev/null && ! loaded
result is_refused_with_nothing_left_to_serve $?
said | grep -q "'binder' of its own.*nothing is left to serve" && is "$(said | wc -l)" 1
result says_that_nothing_is_left $?
is "$(misc)" "" && ! grep -qw binder /proc/devices /proc/misc
result leaves_nothing_behind $?
rmmod name_taken && fresh && end
result takes_the_name_when_it_is_free $?

# --- Devices that run out, recipes, the kernel's own test ---------------------------------

insmod $modules/binder_linux-minors.ko
program minors /selftests/binderfs/minors
rmmod binder_linux
result the_build_with_few_minors_unloads $?
load devices=binder1,binder2,binder3,binder4,binder5,binder6
program fixed_nodes /selftests/binderfs/fixed_nodes
rmmod binder_linux
result fixed_nodes_unload $?
load
program upstream /binderfs_test
rmmod binder_linux
result upstream_unloads $?
echo "1..$number"
