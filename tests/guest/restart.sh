#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Data outlives the guest, its reboots and the emulator; the emulator outlives its guests: one that reboots, one that
# is reset from outside and one that is killed, all in the middle of their I/O.
. "${top_srcdir:-.}/tests/guest/host.sh"

# The first time a file system is made and the guest reboots; then the files are there.
reboots()
{
	mkdir -p /run/mnt
	if [ "$(blkid -o value -s LABEL /dev/nvme0n1)" != kept ]; then
		check "first boot: mkfs.ext4" mkfs.ext4 -q -L kept /dev/nvme0n1
		check "first boot: mount" mount /dev/nvme0n1 /run/mnt
		cp -r /etc /usr/share/doc /run/mnt/
		(cd /run/mnt && find . -type f -exec sha256sum {} + | sort -k 2) >/run/sums
		mv /run/sums /run/mnt/sums
		check "first boot: umount" umount /run/mnt
		kernel_is_content "first boot: the kernel has nothing to object to"
		/run/busybox reboot -f
		sleep 60
	fi
	kept "after the reboot"
}

# kept NAME: what the first boot wrote is there.
kept()
{
	mkdir -p /run/mnt
	check "$1: fsck.ext4 finds nothing" fsck.ext4 -f -n /dev/nvme0n1
	check "$1: mount" mount /dev/nvme0n1 /run/mnt
	check "$1: every file is as it was written" sh -c 'cd /run/mnt && sha256sum --quiet -c sums'
	check "$1: umount" umount /run/mnt
	device_is_content "$1" nvme0
	kernel_is_content "$1: the kernel has nothing to object to"
}

# The count of boots is in a block of the other half.
reset_from_outside()
{
	local boots
	boots=$(dd if=/dev/nvme0n1 bs=512 skip=100000 count=1 iflag=direct 2>/dev/null | tr -d '\0')
	boots=$((${boots:-0} + 1))
	printf '%-512s' "$boots" | dd of=/dev/nvme0n1 bs=512 seek=100000 oflag=direct conv=fsync 2>/dev/null
	pass "boot $boots: it counts itself on the disk"
	device_is_content "boot $boots" nvme0
	kernel_is_content "boot $boots: the kernel has nothing to object to"
	[ "$boots" -le 3 ] || return 0
	busy nvme0n1
	host reset
	sleep 60
}

# A mark that was written and flushed, then I/O until the host kills QEMU.
killed()
{
	printf '%-512s' mark | dd of=/dev/nvme0n1 bs=512 seek=100001 oflag=direct conv=fsync 2>/dev/null
	busy nvme0n1
	host kill
	sleep 60
}

after_kill()
{
	same "what was flushed is there" mark \
		"$(dd if=/dev/nvme0n1 bs=512 skip=100001 count=1 iflag=direct 2>/dev/null | tr -d ' ')"
	check "fio verifies" fio --name=verify --allow_file_create=0 --filename=/dev/nvme0n1 --direct=1 --rw=randrw --bsrange=512-64k \
		--iodepth=32 --ioengine=libaio --size=4m --verify=crc32c --verify_fatal=1 --serialize_overlap=1
	device_is_content "after the kill" nvme0
	kernel_is_content "after the kill: the kernel has nothing to object to"
}

guest_said()
{
	case $1 in
	reset) guest_qmp '{"execute":"system_reset"}' ;;
	kill) guest_kill ;;
	*) not_ok "the guest said something that nobody expects" "$*" ;;
	esac
}

disk=$tap_tmp/disk
guest_emulator file --ns "size=64M,file=$disk"
guest_device file
guest_send kept
MODULES=nvme,ext4 REBOOT=1 guest_run "reboot" reboots
guest_emulator_end file
check "the data is in the file" test "$(blkid -o value -s LABEL "$disk")" = kept
guest_emulator file --ns "size=64M,file=$disk"
guest_device file
MODULES=nvme,ext4 guest_run "another emulator" kept "after the emulator's restart"

for mode in trapped doorbells; do
	guest_emulator "$mode" --bar0 "$mode"
	guest_device "$mode"
	guest_send
	if [ "$mode" = trapped ]; then
		guest_qmp_begin
		REBOOT=1 guest_run "system_reset" reset_from_outside
		guest_qmp_end
		guest_device "$mode"
		guest_send
	fi
	GUEST_EXIT=137 guest_run "killed, $mode" killed
	guest_device "$mode"
	guest_run "after the kill, $mode" after_kill
	guest_emulator_end "$mode"
done
guest_emulator_end file
tap_done
