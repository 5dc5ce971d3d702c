#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A controller that leaves a running guest and comes back, behind a PCI Express port; idle and in the middle of I/O.
. "${top_srcdir:-.}/tests/guest/host.sh"

inside()
{
	check "nothing there at first" sh -c '! ls /dev/nvme* 2>/dev/null'
	for round in 1 2; do
		host plug
		check "round $round: it comes" wait_for 30 test -b /dev/nvme0n1
		check "round $round: it is live" wait_for 10 is_live nvme0
		check "round $round: fio verifies" fio --name=verify --filename=/dev/nvme0n1 --direct=1 --rw=randrw \
			--bsrange=512-64k --iodepth=32 --ioengine=libaio --size=4m --verify=crc32c --verify_fatal=1 \
			--serialize_overlap=1
		device_is_content "round $round" nvme0
		kernel_is_content "round $round: the kernel has nothing to object to"
		[ "$round" = 1 ] || break
		host unplug
		check "round $round: it goes" wait_for 30 test ! -e /sys/class/nvme/nvme0
	done
	kernel_is_content "the kernel has nothing to object to"
	# What the kernel says of I/O that is lost is its own affair.
	fio --name=busy --filename=/dev/nvme0n1 --direct=1 --rw=randread --iodepth=32 --ioengine=libaio --size=32m \
		--time_based --runtime=60 >/dev/null 2>&1 &
	host unplug
	check "while busy: it goes" wait_for 30 test ! -e /sys/class/nvme/nvme0
	host plug
	check "after that: it comes" wait_for 30 test -b /dev/nvme0n1
	check "after that: data can be read" dd if=/dev/nvme0n1 of=/dev/null bs=64k count=16 iflag=direct
	device_is_content "after that" nvme0
}

guest_said()
{
	case $1 in
	plug) guest_qmp "{\"execute\":\"device_add\",\"arguments\":$(guest_json drive id:drive bus:port)}" ;;
	unplug) guest_qmp '{"execute":"device_del","arguments":{"id":"drive"}}' ;;
	*) not_ok "the guest said something that nobody expects" "$*" ;;
	esac
}

guest_emulator drive
guest_qmp_begin
guest_args+=(-device "pcie-root-port,id=port,slot=1,chassis=1")
guest_run hotplug inside
guest_qmp_end
guest_emulator_end drive
tap_done
