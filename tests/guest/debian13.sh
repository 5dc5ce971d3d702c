#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The project builds without a warning on Debian 13, with that system's compiler, autotools and libraries, and its release
# tarball is whole there: distcheck runs all tests in it. What is committed (in a release tarball: what is there), in a copy
# of the guest's tree. 'make check-debian13'; needs root. NVMELAB_DEBIAN13 is the copy, /var/cache/nvmelab-debian13.
. "${top_srcdir:-.}/tests/harness/tap.sh"

top=$(cd "${top_srcdir:-.}" && pwd)
guest=${NVMELAB_GUEST:-/var/cache/nvmelab-guest}
tree=${NVMELAB_DEBIAN13:-/var/cache/nvmelab-debian13}
log=${top_builddir:-.}/debian13.log

make_tree()
{
	"$top/tests/guest/setup" || return
	mkdir -p "$tree"
	exec 8>"$tree.lock"
	flock 8
	[ "$(cat "$tree/.ready" 2>/dev/null)" != "$(cat "$guest/.ready")" ] || return 0
	rm -rf --one-file-system "$tree"
	mkdir -p "$tree" && tar -C "$guest" --one-file-system --exclude=./boot/* --exclude=./srv/* --exclude=./.ready \
		--exclude=./lib/modules --exclude=./usr/lib/modules --exclude=./usr/share/qemu -cf - . | tar -C "$tree" -xf - &&
		cp "$guest/.ready" "$tree/.ready"
}

put_sources()
{
	rm -rf "$tree/srv/nvmelab" && mkdir -p "$tree/srv/nvmelab" || return
	if git -C "$top" rev-parse --verify -q HEAD >/dev/null 2>&1; then
		git -C "$top" archive HEAD | tar -C "$tree/srv/nvmelab" -xf -
	else
		tar -C "$top" --exclude=./build --exclude='./build-*' --exclude=./autom4te.cache -cf - . |
			tar -C "$tree/srv/nvmelab" -xf -
		rm -f "$tree/srv/nvmelab/configure"
	fi
}

# inside COMMAND...: with mounts and processes that end with it.
inside()
{
	# shellcheck disable=SC2016 # the inner shell's variables
	unshare --mount --pid --fork --kill-child --propagation private -- bash -c '
		tree=$1
		shift
		mount --rbind /dev "$tree/dev" && mount -t proc proc "$tree/proc" && mount -t sysfs sys "$tree/sys" || exit
		exec chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
			CI="${CI:-}" JOBS="${JOBS:-$(nproc)}" CONFIGURE_FLAGS=--enable-werror "$@"' inside "$tree" "$@"
}

[ "$(id -u)" -eq 0 ] || bail_out "only root can build in $tree"
check "a Debian 13 tree to build in" make_tree
check "the sources are in it" put_sources
check "its packages are there" inside /srv/nvmelab/tools/packages.sh install base machines
check_output "its gcc is 14 or later" '^1[4-9]$' inside gcc -dumpversion
check "quickstart run works with --enable-werror" inside sh -c 'cd /srv/nvmelab && ./quickstart run'
[ -e "$tree/srv/nvmelab/build/make.log" ] || bail_out "nothing was built there"
if warnings=$(grep 'warning:' "$tree"/srv/nvmelab/build/{autoreconf,make}.log); then
	not_ok "no tool warned" "$warnings"
else
	ok "no tool warned"
fi
# shellcheck disable=SC2016 # the inner shell's variables
check "make distcheck passes" inside sh -c 'make -C /srv/nvmelab/build -j"$JOBS" distcheck \
	DISTCHECK_CONFIGURE_FLAGS=--enable-werror >/srv/nvmelab/build/distcheck.log 2>&1'
cat "$tree"/srv/nvmelab/build/{autoreconf,configure,make,distcheck}.log >"$log" 2>/dev/null
totals=$("$top/tools/test-totals.sh" "$tree/srv/nvmelab/build/distcheck.log" | tail -n 1)
printf '# %s\n' "$totals"
if [[ $totals =~ ^[1-9][0-9]*\ passed,\ 0\ failed ]]; then
	ok "tests have run there, and none failed"
else
	not_ok "tests have run there, and none failed" "$totals" "$(grep -E '^(FAIL|ERROR)|\*\*\*' "$log")"
fi
tap_done
