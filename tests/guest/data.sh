#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Data comes back as it was written: a file system, fio with verification on every queue and on polled queues, and the
# driver taken off the device and put back. A kernel's driver breaks no rule that the judge has.
. "${top_srcdir:-.}/tests/guest/host.sh"

# A file system on DEVICE, its files read from the medium rather than from memory.
file_system()
{
	local device=$1 name=$2 i
	check "$name: mkfs.ext4" mkfs.ext4 -q -E nodiscard "$device"
	mkdir -p /run/mnt
	check "$name: mount" mount "$device" /run/mnt
	mkdir /run/mnt/files
	for i in 1 2 3 4 5 6 7 8; do
		head -c $((i * 150000 + i)) /dev/urandom >"/run/mnt/files/$i"
	done
	cp -r /etc /run/mnt/etc
	(cd /run/mnt && find . -type f -exec sha256sum {} + | sort -k 2) >/run/sums
	sync
	check "$name: umount" umount /run/mnt
	check "$name: fsck.ext4 finds nothing" fsck.ext4 -f -n "$device"
	echo 3 >/proc/sys/vm/drop_caches
	check "$name: mount again" mount "$device" /run/mnt
	check "$name: every file is as it was written" sh -c 'cd /run/mnt && sha256sum --quiet -c /run/sums'
	if [ "$(cat "/sys/block/$(basename "$device")/queue/discard_max_bytes")" -gt 0 ]; then
		check "$name: fstrim" fstrim /run/mnt
	fi
	check "$name: umount again" umount /run/mnt
	check "$name: fsck.ext4 once more" fsck.ext4 -f -n "$device"
}

# verify DEVICE NAME OPTION...: reads and writes of all sizes at depth 32 from both processors, hence on both queues.
verify()
{
	local device=$1 name=$2
	shift 2
	check "$name" fio --name=verify --allow_file_create=0 --filename="$device" --direct=1 --rw=randrw \
		--bsrange=512-128k --iodepth=32 --numjobs=2 --cpus_allowed=0-1 --cpus_allowed_policy=split --size=6m --offset_increment=16m \
		--verify=crc32c --verify_fatal=1 --serialize_overlap=1 --group_reporting --randseed=4711 "$@"
}

inside()
{
	local device name pci
	for name in trapped doorbells; do
		device=$(controller "$name")
		check "$name: two queues for interrupts and one for polling" \
			sh -c "dmesg | grep -q '$device: 2/0/1 default/read/poll queues'"
		verify "/dev/${device}n1" "$name: fio verifies at depth 32 on all queues" --ioengine=libaio
		same "$name: polling is on" 1 "$(cat "/sys/block/${device}n1/queue/io_poll")"
		verify "/dev/${device}n1" "$name: fio verifies on polled queues" --ioengine=io_uring --hipri=1
		file_system "/dev/${device}n1" "$name"
		pci=$(pci_of "$device")
		echo "$pci" >/sys/bus/pci/drivers/nvme/unbind
		check "$name: the driver let go" test ! -e "/sys/class/nvme/$device"
		echo "$pci" >/sys/bus/pci/drivers/nvme/bind
		check "$name: the driver is back" wait_for 120 test -e "/sys/bus/pci/devices/$pci/nvme"
		device=$(basename "/sys/bus/pci/devices/$pci/nvme"/*)
		check "$name: it is live" wait_for 120 is_live "$device"
		check "$name: its namespace too" wait_for 120 test -b "/dev/${device}n1"
		check "$name: the file system is still there" fsck.ext4 -f -n "/dev/${device}n1"
		device_is_content "$name" "$device"
	done
	kernel_is_content "the kernel has nothing to object to"
}

guest_emulator trapped --bar0 trapped --serial trapped --judge
guest_emulator doorbells --bar0 doorbells --serial doorbells --judge
guest_device trapped
guest_device doorbells
guest_send file_system verify
MODULES=nvme,ext4 APPEND=nvme.poll_queues=1 guest_run data inside
guest_emulator_end trapped
guest_emulator_end doorbells
tap_done
