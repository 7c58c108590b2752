# SPDX-License-Identifier: GPL-2.0-only
# Shared by the scripts of tools/setup: where things are kept, how to say what
# happens, and an apt of our own that never changes the machine's sources.
# shellcheck shell=bash

BINDER_CACHE=${BINDER_CACHE:-/var/cache/binder-linux}

say() {
	printf 'setup: %s\n' "$*" >&2
}

die() {
	printf 'setup: error: %s\n' "$*" >&2
	exit 1
}

# One setup at a time in one cache; a second one waits and then finds all done.
cache_open() {
	mkdir -p "$BINDER_CACHE" 2>/dev/null || true
	[ -w "$BINDER_CACHE" ] ||
		die "cannot write to $BINDER_CACHE: run as root, or set BINDER_CACHE to a directory of yours"
	exec {cache_lock}>"$BINDER_CACHE/lock"
	flock "$cache_lock"
}

# The mirrors the machine's own apt is set up with, as "URI SUITE" lines. Works
# before the first "apt-get update".
apt_suites() {
	apt-get update --print-uris 2>/dev/null |
		sed -nE "s,^'([^']*)/dists/([^/']+)/InRelease'.*,\1 \2,p"
}

# apt_open SUITE...: lets apt_get and apt_cache below see these Debian suites,
# from the machine's mirror, with lists and archives kept in the cache.
apt_open() {
	local own mirror security suite uri dir=$BINDER_CACHE/apt
	own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	mirror=$(apt_suites | awk -v own="$own" '$2 == own { print $1; exit }')
	security=$(apt_suites | awk -v own="$own" '$2 == own "-security" { print $1; exit }')
	[ -n "$mirror" ] || die "apt has no source for Debian '$own'; cannot tell which mirror to use"

	mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/sources.list.d"
	for suite; do
		uri=$mirror
		case $suite in
		*-security) uri=${security:-$mirror-security} ;;
		esac
		printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n' "$uri" "$suite"
		if [ -r /usr/share/keyrings/debian-archive-keyring.gpg ]; then
			echo 'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg'
		fi
		echo
	done >"$dir/sources.list.d/binder.sources.new"
	cat >"$dir/apt.conf" <<-EOF
		Dir::Etc::sourcelist "/dev/null";
		Dir::Etc::sourceparts "$dir/sources.list.d";
		Dir::State::lists "$dir/lists";
		Dir::Cache "$dir";
		Dir::Cache::archives "$dir/archives";
		Acquire::Check-Valid-Until "false";
		Acquire::Languages "none";
		Acquire::Retries "3";
		APT::Sandbox::User "root";
	EOF
	if ! cmp -s "$dir/sources.list.d/binder.sources.new" "$dir/sources.list.d/binder.sources" ||
	   [ -z "$(find "$dir/stamp" -mmin -720 2>/dev/null)" ]; then
		mv "$dir/sources.list.d/binder.sources.new" "$dir/sources.list.d/binder.sources"
		say "reading the package lists of $*"
		apt_get -q update >"$dir/update.log" 2>&1 || {
			cat "$dir/update.log" >&2
			die "cannot read the package lists"
		}
		touch "$dir/stamp"
	else
		rm "$dir/sources.list.d/binder.sources.new"
	fi
}

apt_get() {
	APT_CONFIG=$BINDER_CACHE/apt/apt.conf apt-get "$@"
}

apt_cache() {
	APT_CONFIG=$BINDER_CACHE/apt/apt.conf apt-cache "$@"
}

# apt_depends PACKAGE PATTERN: the one package PACKAGE depends on that matches.
apt_depends() {
	apt_cache depends --important "$1" 2>/dev/null |
		sed -nE "s/^ *\|?Depends: ($2)\$/\1/p" | head -n 1
}

# apt_unpack DIR PACKAGE...: downloads and unpacks packages without installing.
apt_unpack() {
	local dir=$1 deb work
	shift
	work=$(mktemp -d "$BINDER_CACHE/apt/download.XXXXXX")
	say "downloading $*"
	(cd "$work" && apt_get -q download "$@" >log 2>&1) || {
		cat "$work/log" >&2
		rm -rf "$work"
		die "cannot download $*"
	}
	mkdir -p "$dir"
	for deb in "$work"/*.deb; do
		dpkg-deb -x "$deb" "$dir"
	done
	rm -rf "$work"
}
