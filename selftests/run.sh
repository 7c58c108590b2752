#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs built suites one program after the other and prints nested KTAP: one
# test per program, with the program's own tests below it. A program that
# hangs, dies or prints fewer results than it planned is a failed test.
# Exit code 0 means that all programs were run, whatever they found.
# Usage: run.sh DIRECTORY-OF-A-BUILT-SUITE...   TESTS="pattern..." for some only, REPEAT=N for N turns,
# TEST_TIMEOUT=SECONDS for what each may take, instead of what its suite says (four times
# that where SLOW_KERNEL is set)
# shellcheck disable=SC2317

runs() {
	while read -r name; do
		[ -n "$name" ] || continue
		for pattern in ${TESTS:-*}; do
			# shellcheck disable=SC2254
			case "$name" in
			$pattern) echo "$1/$name" && break ;;
			esac
		done
	done <"$1/list"
}

indent() {
	while IFS= read -r line; do
		printf '  %s\n' "$line"
	done
}

# The harness gives each test a process group of its own: only the session has them
# all. One left behind would hold the output open, and this script with it.
end_session() {
	for stat in /proc/[0-9]*/stat; do
		read -r fields 2>/dev/null <"$stat" || continue
		# Behind the name, which may have spaces: state, parent, group, session.
		rest=${fields##*) }
		# shellcheck disable=SC2086
		set -- "$1" $rest
		[ "$5" != "$1" ] || kill -KILL "${fields%% *}" 2>/dev/null
	done
}

# All that a program started ends with it.
run() {
	cd "${1%/*}" || return 1
	setsid timeout -s KILL "$2" "./${1##*/}" 2>&1 </dev/null &
	wait $!
	code=$?
	end_session $!
	return $code
}

set -f
turns=${REPEAT:-1}
programs=$(while [ "$turns" -gt 0 ]; do
	turns=$((turns - 1))
	for suite; do
		runs "${suite%/}"
	done
done)
set +f

nr_programs=$(echo "$programs" | grep -c .)
echo "KTAP version 1"
echo "1..$nr_programs"
number=0
exec 4>&1
for program in $programs; do
	number=$((number + 1))
	suite=${program%/*}
	title=${suite##*/}/${program##*/}
	limit=$(sed -n 's/^timeout=//p' "$suite/settings" 2>/dev/null)
	limit=${limit:-45}
	[ -z "${SLOW_KERNEL:-}" ] || limit=$((limit * 4))
	limit=${TEST_TIMEOUT:-$limit}
	echo "  # Subtest: $title"
	read -r began _ </proc/uptime
	# The exit code travels beside the output, which is shown as it comes.
	code=$({ { run "$program" "$limit" 3>&-; echo $? >&3; } | indent >&4; } 3>&1)
	case $code in
	0) echo "ok $number $title" ;;
	4) echo "ok $number $title # SKIP" ;;
	137) echo "not ok $number $title # killed, after $limit s if it hung" ;;
	*) echo "not ok $number $title # exit code $code" ;;
	esac
	read -r ended _ </proc/uptime
	echo "# $title took $((${ended%.*} - ${began%.*})) s"
done
echo "# all programs were run"
