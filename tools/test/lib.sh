# SPDX-License-Identifier: GPL-2.0-only
# For stages written in shell: KTAP from commands.
# shellcheck shell=bash disable=SC2034

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BINDER_CACHE=${BINDER_CACHE:-/var/cache/binder-linux}
kdir=$BINDER_CACHE/kernel/6.12/build
nr_results=0
nr_failed=0

# result NAME CODE: prints a result; 0 is a pass, 4 a skip.
result() {
	nr_results=$((nr_results + 1))
	case $2 in
	0) echo "ok $nr_results $1" ;;
	4) echo "ok $nr_results $1 # SKIP" ;;
	*)
		echo "not ok $nr_results $1"
		nr_failed=$((nr_failed + 1))
		;;
	esac
}

# try NAME COMMAND...: a test that passes if the command does; what it printed
# is shown only if it failed.
try() {
	local name=$1 output code
	shift
	# Not behind "||" or "if", where errexit does not work in the command.
	set +e
	output=$(set -e; "$@" 2>&1)
	code=$?
	set -e
	[ "$code" = 0 ] || printf '%s\n' "$output" | sed 's/^/# /'
	result "$name" "$code"
}

# make_without_hooks VARIANT MAKE...: a build of ours, by such a command, that looks for the hooks of
# security modules under names that no kernel has; prints the module.
make_without_hooks() {
	local hook flags='' variant=$1
	shift
	for hook in set_context_mgr transaction transfer_binder transfer_file; do
		flags+=" -Dsecurity_binder_$hook=no_hook_$hook"
	done
	"$@" VARIANT="$variant" BINDER_CPPFLAGS="$flags" >&2
	echo "$top/build/binder_linux-$variant/binder_linux.ko"
}

# suites_of_both: the suites that run on ours and on the in-tree driver alike. The logs come
# first: they see what is left of others, and the in-tree driver keeps some of it.
suites_of_both() {
	local dir
	echo logs
	for dir in "$top"/selftests/*/Makefile; do
		dir=$(basename "$(dirname "$dir")")
		case $dir in
		native | hooks | selinux | faults | logs) ;;
		*) echo "$dir" ;;
		esac
	done
}

# Half of what there is to run, and the other half, where one machine would take too long.
core_suites=(protocol lifetime memory regress)
other_suites() {
	suites_of_both | grep -vxF "$(printf '%s\n' "${core_suites[@]}")"
}

# A machine with SELinux, for the suite that needs it.
selinux_options='--env WANTED_LSM=selinux --append=security=selinux --append=selinux=1'

# Programs about the context of the sender, of protocol and regress: run with each security module.
context_tests='secctx further_buffers_overwrite_the_context sums_of_sizes_wrap'

# Programs that are built for 32 bits, too (R38): the parts of the interface with most structures.
bits32_suites=(protocol freezer regress)
bits32_tests='worked ioctls streams transactions objects nodes oneway death fds scatter fd_arrays'
bits32_tests+=' secctx freeze frozen notices'
bits32_tests+=' offsets_of_32_bit_programs array_of_no_descriptors call_to_who_never_mapped_an_area'
bits32_tests+=' frozen_with_a_call_under_way death_told_twice death_lists_changed_while_walked'
bits32_tests+=' manager_calls_itself death_acknowledged_by_no_looper'
bits32_tests+=' space_of_oneway_calls_drifts ioctl_closes_its_own_file files_of_messages_stay_open'
bits32_tests+=' threads_asked_for_without_end failed_message_gives_back_too_much'
bits32_tests+=' data_between_objects_overwrites_offsets misaligned_offsets'
bits32_tests+=' parent_that_was_not_checked further_buffers_overwrite_the_context sums_of_sizes_wrap'

# judged COMMAND...: a machine's KTAP as it comes. The exit code is the machine's, or else 1 if
# a test failed.
judged() {
	local codes
	set +e
	"$@" | "${judge[@]}"
	codes=("${PIPESTATUS[@]}")
	set -e
	return $((codes[0] ? codes[0] : codes[1]))
}
judge=("$top/tools/test/ktap.py")

# make_in_root DIR WORDS...: make in a root of tools/setup/release; fails on a warning, too.
make_in_root() {
	local log dir=$1
	shift
	log=$("$top/tools/setup/enter" "$dir" make -s BINDER_WITH_WERROR=1 "$@" 2>&1) || {
		echo "$log"
		return 1
	}
	! grep -iE 'warning|error:' <<<"$log"
}

# summed NAME COMMAND...: the KTAP of one machine, with a result that sums it up. Tests that failed,
# which 1 is about, tell of it themselves.
summed() {
	local name=$1
	shift
	nr_results=$((nr_results + 1))
	{
		"$@" 2>&1 || {
			code=$?
			[ "$code" = 1 ] || echo "not ok $name.machine # exit code $code"
		}
	} | "$top/tools/test/ktap.py" --below "$nr_results $name" || nr_failed=$((nr_failed + 1))
}

# run_suite NAME SUITE MODULE: a suite in a machine of its own.
run_suite() {
	summed "$1.$2" "$top/tools/test/vm-suites" "$3" "$2"
}

# debug_build KERNEL [VARIANT]: a build of ours for a kernel of tools/setup/debug-kernel, which
# is built first if it is missing. Sets debug_kernel and debug_module; the Makefile's variables
# may be in the environment. Calls stay calls, and have lines, so that the stack of a fault tells its place. Unit tests are in it, for tools/test/kunit:
# others start the kernel with $debug_append. Races need processors that run at the same time;
# one access of some 25 is watched.
debug_build() {
	local kunit='' name=${BINDER_NAME:-binder_linux}
	debug_kernel=$("$top/tools/setup/debug-kernel" "$1")
	case $1 in
	kasan*) kunit=1 debug_append="--append kunit.enable=0" ;;
	kcsan*) debug_append="--parallel --append kcsan.skip_watch=50" ;;
	esac
	make -s -C "$top" KDIR="$debug_kernel/build" VARIANT="${2:-$1}" BINDER_WITH_KUNIT=$kunit \
		BINDER_CPPFLAGS="-g1 -fno-optimize-sibling-calls ${BINDER_CPPFLAGS:-}" >&2
	debug_module=$top/build/$name-${2:-$1}/$name.ko
}

# finish: the plan, which KTAP allows at the end, and the stage's exit code.
finish() {
	echo "1..$nr_results"
	[ "$nr_failed" = 0 ]
	exit
}

# stock_modules DIR: as much of /lib/modules below DIR as a machine with the stock
# kernel has that matters here. Prints the kernel's release.
stock_modules() {
	local release in_tree=kernel/drivers/android stock=$BINDER_CACHE/kernel/6.12/modules
	release=$(<"$BINDER_CACHE/kernel/6.12/release")
	mkdir -p "$1/lib/modules/$release/$in_tree"
	cp "$stock"/modules.{order,builtin,builtin.modinfo} "$1/lib/modules/$release/"
	cp "$stock/$in_tree"/binder_linux.ko* "$1/lib/modules/$release/$in_tree/"
	depmod -b "$1" "$release"
	echo "$release"
}
