#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A namespace as a network block device, for the programs that people use with one.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh" || exit 99

plugin=${top_builddir:-build}/.libs/nbdkit-nvmelab-plugin.so
[ -e "$plugin" ] || skip_all "the plugin is not built (Debian: nbdkit-plugin-dev)"
for program in nbdkit nbdinfo nbdcopy; do
	command -v "$program" >/dev/null || skip_all "$program is not installed (Debian: nbdkit, libnbd-bin)"
done
cd "$tap_tmp" || exit 99

# serve PARAMETER... -- COMMAND: runs COMMAND, a shell line, with nbdkit serving at $uri.
serve()
{
	local -a parameters=()
	while [ "$1" != -- ]; do
		parameters+=("$1")
		shift
	done
	nbdkit -U - "$plugin" "${parameters[@]}" --run "$2"
}

# refused NAME REGEX PARAMETER...: nbdkit does not start, and its standard error says why.
refused()
{
	local name=$1 regex=$2
	shift 2
	check_output "$name" "$regex" bash -c '! nbdkit -U - "$@" --run true 2>&1' - "$plugin" "$@"
}

start --socket cntrl --ns size=64M --ns size=16M,lba=4096
device=device=vfio-user:cntrl
head -c 3000000 /dev/urandom >data

# Parameters.
refused "an unknown parameter" "unknown parameter 'depth': there are device, nsid and queues" "$device" depth=7
refused "a number that is none" 'nsid: .*number' "$device" nsid=one
refused "namespaces are counted from 1" 'nsid: namespaces are counted from 1' "$device" nsid=0
refused "queues have a range" 'queues: 1 to 64' "$device" queues=65
refused "a namespace that there is not" 'there is no active namespace 9' "$device" nsid=9
refused "a device that there is not" 'vfio-user:.*/nowhere: No such file or directory' device=vfio-user:nowhere

# What a client is told.
check_output "the size" 'export-size: 16777216 ' serve "$device" nsid=2 -- 'nbdinfo "$uri"'
for what in can_cache can_fast_zero can_flush can_fua can_multi_conn can_trim can_zero; do
	check_output "$what" "$what: true" serve "$device" -- 'nbdinfo "$uri"'
done
check_output "it can be written" 'is_read_only: false' serve "$device" -- 'nbdinfo "$uri"'

# Data.
check "nbdcopy writes" serve "$device" -- 'nbdcopy --flush data "$uri"'
check "nbdcopy reads what was written" serve "$device" -- 'nbdcopy "$uri" back && cmp -n 3000000 data back'
check "nvmelab reads the same" \
	sh -c 'nvmelab read vfio-user:cntrl -s 0 -c 255 -z 131072 -d first && cmp -n 131072 first data'
check_output "extents: first data" '^ *0 +[0-9]+ +0 +data' serve "$device" -- 'nbdinfo --map "$uri"'
check_output "then a hole of zeros" ' 3 +hole,zero' serve "$device" -- 'nbdinfo --map "$uri"'
if command -v qemu-img >/dev/null; then
	check "qemu-img copies between namespaces" serve "$device" nsid=1 -- \
		'qemu-img convert -f raw -O raw "$uri" copy.img && cmp -n 3000000 data copy.img'
	check_output "qemu-img finds them equal" 'Images are identical' serve "$device" -- \
		'qemu-img compare -f raw -F raw "$uri" copy.img'
	check "qemu-io zeroes, discards and verifies" serve "$device" nsid=2 -- \
		'qemu-io -f raw -c "write -P 0x5a 0 1M" -c "write -z 4k 8k" -c "read -P 0 4k 8k" -c "read -P 0x5a 12k 4k" \
			-c "discard 16k 16k" -c "write -f -P 0x11 100 300" -c "read -P 0x11 100 300" -c "read -P 0x5a 400 112" \
			-c flush "$uri"'
else
	skip "qemu-img" "it is not installed (Debian: qemu-utils)"
fi
if fio --enghelp 2>/dev/null | grep -qw nbd; then
	check "fio verifies at depth 16" serve "$device" queues=8 -- \
		'fio --name=nbd --ioengine=nbd --uri="$uri" --rw=randrw --bs=512-32k --bs_unaligned --size=8M \
			--iodepth=16 --verify=crc32c'
else
	skip "fio's nbd engine" "fio is not installed, or without it (Debian: fio)"
fi

# A disk with partitions and a file system.
if command -v nbdfuse >/dev/null && [ -w /dev/fuse ] && command -v sfdisk >/dev/null; then
	mkdir -p tree/folder
	cp data tree/folder/
	check "a disk gets two partitions and a file system" serve "$device" -- \
		'mkdir mount && nbdfuse mount/disk "$uri" & nbdfuse=$!
		until [ -e mount/disk ]; do kill -0 $nbdfuse || exit 1; done
		printf "label: gpt\nsize=20M\nsize=20M\n" | sfdisk -q --no-reread mount/disk &&
			mkfs.ext4 -q -F -d tree -E offset=1048576 mount/disk 20M
		status=$?
		fusermount3 -u mount && wait $nbdfuse && exit $status'
	check "the partition's file system is in order" bash -c "nbdkit -U - --filter=partition '$plugin' '$device' partition=1 \
		--run 'nbdcopy \"\$uri\" part && fsck.ext4 -f -n part && debugfs -R \"dump folder/data out\" part && cmp out data'"
	check_output "nbdkit finds the second partition too" '^20971520$' bash -c "nbdkit -U - --filter=partition \
		'$plugin' '$device' partition=2 --run 'nbdinfo --size \"\$uri\"'"
else
	skip "partitions through nbdfuse" "nbdfuse, sfdisk or /dev/fuse is missing (Debian: libnbd-bin, fdisk, fuse3)"
fi

# The emulator goes away: an error, not a hang. The program answers before that, so it has the device.
check_status "a dead device is an error" 1 serve "$device" -- \
	"nbdinfo --size \"\$uri\" && kill -9 $pid && nbdcopy --request-size=65536 \"\$uri\" null:"
stop

# It comes back, with its data: so do the calls.
start --socket cntrl --ns size=8M,file=media
cat >restart.sh <<'END'
nbdcopy --flush data "$uri" || exit 10
while nbdcopy "$uri" null: 2>>said; do :; done &
kill -9 "$1"
wait $!
nvmelab-emulator --socket cntrl --ns size=8M,file=media >ready 2>&1 &
until nbdcopy "$uri" back 2>>said; do kill -0 $! || exit 11; done
nbdcopy data "$uri" || exit 12
kill $!
wait $!
cmp -n 3000000 data back
END
check "calls fail when a device is gone, and succeed when it is back" serve "$device" -- "export uri; timeout 100 bash restart.sh $pid"
check_file "nbdkit's log says so" 'namespace 1: the controller is dead or gone' "$tap_tmp/err"
stop

# Base 2.0 3.7.1: another controller resets the whole subsystem, or changes the namespace.
start --socket cntrl --socket other --ns size=8M
cat >others.sh <<'END'
nbdcopy --flush data "$uri" || exit 10
nvmelab subsystem-reset vfio-user:other || exit 11
until nbdcopy "$uri" back; do kill -0 "$1" || exit 12; done
cmp -n 3000000 data back || exit 13
nvmelab format vfio-user:other -n 1 --lbaf=1 --force || exit 14
while nbdcopy "$uri" null: 2>>said; do kill -0 "$1" || exit 15; done
nvmelab format vfio-user:other -n 1 --lbaf=0 --force || exit 16
until nbdcopy data "$uri" 2>>said; do kill -0 "$1" || exit 17; done
END
check "a reset from outside is recovered from, a namespace with other blocks fails until it is as before" \
	serve "$device" -- "export uri; timeout 100 bash others.sh $pid"
stop

# Metadata, NVM 1.0 5.2: the controller inserts and strips what is protection information alone.
start --socket cntrl --ns size=16M,ms=8,pi=1 --ns size=16M,ms=8,pi=1,meta=extended --ns size=16M,ms=16,pi=1,meta=extended \
	--ns size=16M,ms=8
for nsid in 1 2; do
	check "nbdcopy writes to namespace $nsid with protection information" serve "$device" nsid=$nsid -- \
		'nbdcopy --flush data "$uri"'
	check "and reads what was written" serve "$device" nsid=$nsid -- \
		'nbdcopy "$uri" back && cmp -n 3000000 data back'
	check "the blocks of namespace $nsid are those that were written" \
		sh -c "nvmelab read vfio-user:cntrl -n $nsid -s 0 -c 255 -z 131072 -p 15 --ref-tag=0 -d first && cmp -n 131072 first data"
done
refused "other metadata with the data" 'namespace 3 cannot be used: metadata of 16 bytes a block, which are not' \
	"$device" nsid=3
refused "other metadata beside the data" 'namespace 4 cannot be used: metadata of 8 bytes a block, which are not' \
	"$device" nsid=4
stop
tap_done
