#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The Debian packages that the project needs: the one list, for quickstart and for CI.
#
#	tools/packages.sh list SET...		prints their names
#	tools/packages.sh missing SET...	prints those that are not installed
#	tools/packages.sh install SET...	installs those; calls apt-get only if there are any
#
# SET is base (build, run and check), machines (what check needs to skip nothing: other compilers and processors, man,
# programs that use a drive; and what makes a tarball) or ci (those, and lint, sanitizers with clang, fuzzing, guest).
# OS_RELEASE names another file than /etc/os-release, for tests.
# Exit status: 0; 1 an installation failed; 2 usage; 3 no permission, or a system that is not known here.
set -euo pipefail

base_packages()
{
	echo gcc libc6-dev make autoconf automake libtool pkg-config
	echo libglib2.0-dev libjson-glib-dev libpciaccess-dev liburing-dev libnbd-dev nbdkit nbdkit-plugin-dev libnvme-dev check
}

# machines_packages CLANG: CLANG is the version of the system's own clang, for the runtimes that carry it in their names.
machines_packages()
{
	echo clang lld "libclang-rt-$1-dev" "libclang-rt-$1-dev-wasm32" nodejs man-db
	echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
	echo nvme-cli smartmontools fio e2fsprogs fdisk
	echo libnbd-bin qemu-utils fuse3 zsh libxml2-utils xz-utils
}

ci_packages()
{
	machines_packages "$1"
	echo clang-format clang-tidy
	echo cppcheck shellcheck universal-ctags valgrind jq
	echo debootstrap cpio busybox-static
	echo slurmctld slurmd slurm-client munge
	echo gcc-i686-linux-gnu libc6-dev-i386-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross
}

die()
{
	echo "packages.sh: $2" >&2
	exit "$1"
}

# clang_version: prints it for the systems that this list is known to be right for.
clang_version()
{
	local id='' version='' os_release=${OS_RELEASE:-/etc/os-release}
	if [ -r "$os_release" ]; then
		# shellcheck source=/dev/null
		id=$(. "$os_release" && echo "${ID:-}")
		# shellcheck source=/dev/null
		version=$(. "$os_release" && echo "${VERSION_ID:-}")
	fi
	case $id-$version in
	debian-12) echo 14 ;;
	debian-13) echo 19 ;;
	ubuntu-24.04) echo 18 ;;
	*)
		{
			echo "packages.sh: package names are known for Debian 12, Debian 13 and Ubuntu 24.04,"
			echo "not for this system (${id:-unknown} ${version}). What is needed, by Debian's names:"
			base_packages | sed 's/^/    /'
			echo "and for 'make lint', 'make fuzz', 'make check-guest':"
			ci_packages VERSION | sed 's/^/    /'
		} >&2
		return 3
		;;
	esac
}

list()
{
	local set clang
	clang=$(clang_version) || exit 3
	for set in "$@"; do
		case $set in
		base) base_packages ;;
		machines) machines_packages "$clang" ;;
		ci) ci_packages "$clang" ;;
		*) die 2 "no such set: $set (base, machines, ci)" ;;
		esac
	done | tr ' ' '\n'
}

missing()
{
	local names name
	names=$(list "$@") || exit
	for name in $names; do
		# shellcheck disable=SC2016 # dpkg-query's own variable
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
	done
}

install()
{
	local names
	names=$(missing "$@") || exit
	[ -n "$names" ] || return 0
	# shellcheck disable=SC2086 # a list
	set -- $names
	if [ "$(id -u)" -ne 0 ]; then
		die 3 "packages are missing and you are not root; run:
    sudo apt-get install --no-install-recommends $*"
	fi
	export DEBIAN_FRONTEND=noninteractive
	echo "packages.sh: installing $*"
	apt-get install -y -q --no-install-recommends "$@" && return
	echo "packages.sh: that failed; once more with fresh package lists"
	apt-get update -q || die 1 "apt-get update failed"
	apt-get install -y -q --no-install-recommends "$@" || die 1 "apt-get could not install: $*"
}

[ $# -ge 2 ] || die 2 "usage: packages.sh list|missing|install base|ci..."
verb=$1
shift
case $verb in
list | missing | install) "$verb" "$@" ;;
*) die 2 "no such verb: $verb (list, missing, install)" ;;
esac
