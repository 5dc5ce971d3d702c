#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Data in a file outlives the guest, its reboot and the emulator.
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
		sleep 300
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
guest_emulator_end file
tap_done
