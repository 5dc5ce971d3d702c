#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A controller that comes to a running guest, behind a PCI Express port; that the guest lets go and finds again, idle
# and busy; and that is pulled out in the end. QEMU (up to 11.1 at least) does not survive that itself: it takes
# the pending bits of MSI-X out of a BAR that has let them go before (with msix=false it does survive). The emulator has
# to, and serves the next guest.
. "${top_srcdir:-.}/tests/guest/host.sh"

verify()
{
	check "$1: fio verifies" fio --name=verify --allow_file_create=0 --filename=/dev/nvme0n1 --direct=1 \
		--rw=randrw --bsrange=512-64k --iodepth=32 --ioengine=libaio --size=4m --verify=crc32c --verify_fatal=1 \
		--serialize_overlap=1
	device_is_content "$1" nvme0
}

inside()
{
	local pci
	check "no controller at first" test ! -e /sys/class/nvme/nvme0
	host plug
	check "plugged: it comes" wait_for 120 test -b /dev/nvme0n1
	check "plugged: it is live" wait_for 120 is_live nvme0
	verify plugged
	pci=/sys/bus/pci/devices/$(pci_of nvme0)
	echo 1 >"$pci/remove"
	check "removed: it is gone" test ! -e /sys/class/nvme/nvme0
	echo 1 >/sys/bus/pci/rescan
	check "found again: it comes" wait_for 120 test -b /dev/nvme0n1
	verify "found again"
	kernel_is_content "the kernel has nothing to object to"

	# What the kernel says of I/O that it has to give up is its own affair.
	busy nvme0n1
	echo 1 >"$pci/remove"
	check "removed while busy: it is gone" test ! -e /sys/class/nvme/nvme0
	wait
	echo 1 >/sys/bus/pci/rescan
	check "found once more: it comes" wait_for 120 test -b /dev/nvme0n1
	verify "found once more"
	host unplug
	wait_for 120 test ! -e /sys/class/nvme/nvme0
}

guest_said()
{
	case $1 in
	plug) guest_qmp "{\"execute\":\"device_add\",\"arguments\":$(guest_json drive id:drive bus:root0)}" ;;
	unplug) guest_qmp '{"execute":"device_del","arguments":{"id":"drive"}}' ;;
	*) not_ok "the guest said something that nobody expects" "$*" ;;
	esac
}

guest_emulator drive
guest_qmp_begin
guest_args+=(-device "pcie-root-port,id=root0,slot=1,chassis=1")
guest_send verify
GUEST_EXIT='0|134' guest_run "first guest" inside
guest_qmp_end
guest_device drive
guest_run "next guest" verify "after that"
guest_emulator_end drive
tap_done
