#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Records the session of a stock Linux guest that 'make check' replays: boot, nvme-cli, a file system, fio, a reset,
# shutdown. A test of this folder that leaves something behind:
#
#	tests/guest/record.sh [FILE]		default: tests/traces/guest.jsonl.gz
#
# Needed when the controller is meant to answer such a guest in another way: 'nvmelab-sim replay' says what differs.
. "${top_srcdir:-.}/tests/guest/host.sh"
file=${1:-${top_srcdir:-.}/tests/traces/guest.jsonl.gz}

# shellcheck disable=SC2317 # called in the guest
inside()
{
	local device=/dev/nvme0n1
	check "nvme list" nvme list
	check "nvme smart-log" nvme smart-log /dev/nvme0
	check "mkfs.ext4" mkfs.ext4 -q -b 4096 -O ^has_journal "$device"
	mkdir -p /run/mnt
	check "mount" mount "$device" /run/mnt
	cp /etc/*.conf /run/mnt/
	sync
	check "umount" umount /run/mnt
	echo 3 >/proc/sys/vm/drop_caches
	check "mount again" mount "$device" /run/mnt
	check "every file is as it was written" sh -c 'cd /run/mnt && for file in *.conf; do cmp "$file" "/etc/$file" || exit 1; done'
	check "fstrim" fstrim /run/mnt
	check "umount again" umount /run/mnt
	check "fio verifies" fio --name=verify --allow_file_create=0 --filename="$device" --direct=1 --rw=randrw \
		--bsrange=512-64k --iodepth=16 --ioengine=libaio --size=2m --verify=pattern --verify_pattern=%o \
		--verify_fatal=1 --serialize_overlap=1 --randseed=4711
	check "a reset" nvme reset /dev/nvme0
	check "it is live again" wait_for 120 is_live nvme0
	check "fio verifies after the reset" fio --name=again --allow_file_create=0 --filename="$device" --direct=1 \
		--rw=randwrite --bs=4k --iodepth=8 --ioengine=libaio --size=256k --offset=4m --verify=pattern \
		--verify_pattern=%o --verify_fatal=1 --randseed=4711
	device_is_content "at the end" nvme0
	kernel_is_content "the kernel has nothing to object to"
}

guest_emulator recorded --bar0 trapped --ns size=16M --controller trace_data=true --trace "$tap_tmp/guest.jsonl"
guest_device recorded
MODULES=nvme,ext4 guest_run record inside
guest_emulator_end recorded
check "the recording is replayed" nvmelab-sim replay "$tap_tmp/guest.jsonl"
mkdir -p "$(dirname "$file")"
gzip -9n <"$tap_tmp/guest.jsonl" >"$file"
check "packed it is below 1 MB" test "$(stat -c %s "$file")" -lt 1000000
printf '# %s: %s bytes, unpacked %s\n' "$file" "$(stat -c %s "$file")" "$(stat -c %s "$tap_tmp/guest.jsonl")"
tap_done
