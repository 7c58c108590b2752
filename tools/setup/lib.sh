# SPDX-License-Identifier: GPL-2.0-only
# Shared by the scripts of tools/setup: where things are kept, how to say what
# happens, and an apt of our own that never changes the machine's sources.
# shellcheck shell=bash

BINDER_CACHE=${BINDER_CACHE:-/var/cache/binder-linux}
# Another one for what need not wait for the others, or reads other package lists.
cache_lock_file=$BINDER_CACHE/lock
apt_dir=$BINDER_CACHE/apt
apt_architecture=$(dpkg --print-architecture)

say() {
	printf 'setup: %s\n' "$*" >&2
}

die() {
	printf 'setup: error: %s\n' "$*" >&2
	exit 1
}

# One setup at a time holds the lock; a second one waits and then finds all done.
cache_open() {
	mkdir -p "$BINDER_CACHE" 2>/dev/null || true
	[ -w "$BINDER_CACHE" ] ||
		die "cannot write to $BINDER_CACHE: run as root, or set BINDER_CACHE to a directory of yours"
	exec {cache_lock}>"$cache_lock_file"
	flock "$cache_lock"
}

# The mirrors the machine's own apt is set up with, as "URI SUITE" lines. Works
# before the first "apt-get update".
apt_suites() {
	apt-get update --print-uris 2>/dev/null |
		sed -nE "s,^'([^']*)/dists/([^/']+)/InRelease'.*,\1 \2,p"
}

# apt_sources SUITE...: sources of these Debian suites on the machine's mirrors.
apt_sources() {
	local own mirror security suite uri
	own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	mirror=$(apt_suites | awk -v own="$own" '$2 == own { print $1; exit }')
	security=$(apt_suites | awk -v own="$own" '$2 == own "-security" { print $1; exit }')
	[ -n "$mirror" ] || die "apt has no source for Debian '$own'; cannot tell which mirror to use"

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
	done
}

# apt_open SUITE...: lets apt_get and apt_cache below see these Debian suites,
# with lists and archives kept in the cache.
apt_open() {
	local dir=$apt_dir
	mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/sources.list.d"
	apt_sources "$@" >"$dir/sources.list.d/binder.sources.new"
	cat >"$dir/apt.conf" <<-EOF
		Dir::Etc::sourcelist "/dev/null";
		Dir::Etc::sourceparts "$dir/sources.list.d";
		Dir::State::lists "$dir/lists";
		Dir::Cache "$dir";
		Dir::Cache::archives "$dir/archives";
		Acquire::Check-Valid-Until "false";
		Acquire::GzipIndexes "true";
		Acquire::Languages "none";
		Acquire::Retries "3";
		APT::Sandbox::User "root";
		APT::Architecture "$apt_architecture";
		APT::Architectures { "$apt_architecture"; };
	EOF
	if ! cmp -s "$dir/sources.list.d/binder.sources.new" "$dir/sources.list.d/binder.sources" ||
	   [ -z "$(find "$dir/stamp" -mmin -720 2>/dev/null)" ]; then
		mv "$dir/sources.list.d/binder.sources.new" "$dir/sources.list.d/binder.sources"
		say "reading the package lists of $*"
		rm -f "$dir/stamp"
		LC_ALL=C apt_get -q update >"$dir/update.log" 2>&1 || {
			cat "$dir/update.log" >&2
			die "cannot read the package lists"
		}
		# To apt a mirror that does not answer is no error. Lists of before serve, until
		# the next time.
		grep -q '^W: Failed to fetch' "$dir/update.log" || touch "$dir/stamp"
	else
		rm "$dir/sources.list.d/binder.sources.new"
	fi
}

apt_get() {
	APT_CONFIG=$apt_dir/apt.conf apt-get "$@"
}

# Dependencies that are in none of the suites of apt_open stand in angle brackets there.
apt_cache() {
	APT_CONFIG=$apt_dir/apt.conf apt-cache "$@" | sed -E '/^ *\|?Depends: /s/<(.*)>$/\1/'
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
	work=$(mktemp -d "$apt_dir/download.XXXXXX")
	say "downloading $*"
	(cd "$work" && apt_get -q download "$@" >log 2>&1) || {
		cat "$work/log" >&2
		# The mirror may have moved on since the lists were read.
		rm -rf "$work" "$apt_dir/stamp"
		die "cannot download $*"
	}
	mkdir -p "$dir"
	for deb in "$work"/*.deb; do
		# A directory of the package may be a link in a root.
		dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$dir"
	done
	rm -rf "$work"
}

# root_install DIR PACKAGE...: adds packages to a root of tools/setup/release.
root_install() {
	local dir=$1
	shift
	# The machine's mirror may have to be reached in the machine's way.
	cp /etc/resolv.conf "$dir/root/etc/"
	# shellcheck disable=SC2016 # for the inner shell
	"$(dirname "${BASH_SOURCE[0]}")/enter" "$dir" sh -ec '
		export DEBIAN_FRONTEND=noninteractive
		apt-get -q -o Acquire::Check-Valid-Until=false update
		apt-get -q -y --no-install-recommends -o Acquire::Retries=3 install "$@"
		apt-get clean
		rm -rf /var/lib/apt/lists/*' - "$@" >"$dir/install.log" 2>&1 || {
		tail -n 60 "$dir/install.log" >&2
		die "cannot install $*"
	}
}

# keep_modules DIR RELEASE: of the kernel's modules in DIR those that tools/vm may load.
keep_modules() {
	local kernel="/modules/$2/kernel/"
	find "$1" -path "*$kernel*" -name '*.ko*' -printf '%P\n' |
		grep -vE "${kernel//+/[+]}(arch|crypto|lib|fs/(ext4|fuse|jbd2|mbcache)|drivers/(android|block|char|virtio))" |
		sed "s,^,$1/," | xargs -d '\n' rm -f
}

# kernel_lay_out DIR RELEASE: what tools/vm/run wants of a kernel that was unpacked in DIR.
kernel_lay_out() {
	local dir=$1 release=$2 modules=usr/lib/modules image
	[ -d "$dir/$modules/$release/kernel" ] || modules=lib/modules
	image=$modules/$release/vmlinuz
	[ -e "$dir/$image" ] || image=boot/vmlinuz-$release
	ln -s "$modules/$release" "$dir/modules"
	ln -s "$image" "$dir/vmlinuz"
	case $release in
	*-amd64) "$(dirname "${BASH_SOURCE[0]}")/vmlinux" "$dir/vmlinuz" "$dir/vmlinux" ;;
	esac
	depmod -b "$dir/${modules%lib/modules}" "$release"
	echo "$release" >"$dir/release"
}

# headers_copy HEADERS COPY NAME=VALUE...: kernel headers as if configured in another way
# (n for not set). For what shows in a build; no kernel fits what is built there.
headers_copy() {
	local headers=$1 copy=$2 word name value auto_conf autoconf_h
	shift 2
	rm -rf "$copy"
	cp -a "$headers" "$copy"
	sed -i "s,/${headers##*/}\$,/${copy##*/}," "$copy/Makefile"
	auto_conf=$copy/include/config/auto.conf
	autoconf_h=$copy/include/generated/autoconf.h
	for word; do
		name=${word%%=*}
		value=${word#*=}
		sed -i "/^$name=/d" "$auto_conf"
		sed -i "/^#define $name /d" "$autoconf_h"
		case $value in
		n) continue ;;
		y) echo "#define $name 1" >>"$autoconf_h" ;;
		*) echo "#define $name $value" >>"$autoconf_h" ;;
		esac
		echo "$name=$value" >>"$auto_conf"
	done
}
