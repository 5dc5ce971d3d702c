#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The emulator outlives its guests: one that is reset from outside three times and then killed, each time in the middle
# of I/O on both kinds of doorbells. What was flushed is there, and the next guest notices nothing.
. "${top_srcdir:-.}/tests/guest/host.sh"

# Boots are counted in a block of the half of the disk that busy() leaves alone.
count()
{
	dd if="/dev/$1n1" bs=512 skip=100000 count=1 iflag=direct 2>/dev/null | tr -d ' \0'
}

inside()
{
	local boots device name
	for name in trapped doorbells; do
		device=$(controller "$name")
		boots=$(($(count "$device") + 1))
		printf '%-512s' "$boots" | dd of="/dev/${device}n1" bs=512 seek=100000 oflag=direct conv=fsync 2>/dev/null
		same "$name, boot $boots: it counts itself on the disk" "$boots" "$(count "$device")"
		device_is_content "$name, boot $boots" "$device"
		busy "${device}n1"
	done
	kernel_is_content "boot $boots: the kernel has nothing to object to"
	if ((boots <= 3)); then host reset; else host kill; fi
	sleep 300
}

afterwards()
{
	local device name
	for name in trapped doorbells; do
		device=$(controller "$name")
		same "$name: every boot counted" 4 "$(count "$device")"
		check "$name: fio verifies" fio --name=verify --allow_file_create=0 --filename="/dev/${device}n1" --direct=1 \
			--rw=randrw --bsrange=512-64k --iodepth=32 --ioengine=libaio --size=4m --verify=crc32c \
			--verify_fatal=1 --serialize_overlap=1
		device_is_content "$name" "$device"
	done
	kernel_is_content "the kernel has nothing to object to"
}

guest_said()
{
	case $1 in
	reset) guest_qmp '{"execute":"system_reset"}' ;;
	kill) guest_kill ;;
	*) not_ok "the guest said something that nobody expects" "$*" ;;
	esac
}

guest_emulator trapped --bar0 trapped --serial trapped
guest_emulator doorbells --bar0 doorbells --serial doorbells
guest_device trapped
guest_device doorbells
guest_qmp_begin
guest_send count
GUEST_EXIT=137 REBOOT=1 guest_run "reset and killed" inside
guest_qmp_end
guest_device trapped
guest_device doorbells
guest_send count
guest_run "next guest" afterwards
guest_emulator_end trapped
guest_emulator_end doorbells
tap_done
