#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Drives of every kind side by side: each profile, each kind of BAR0, large blocks, several namespaces, a petabyte;
# and each kind of interrupt.
. "${top_srcdir:-.}/tests/guest/host.sh"

# examine DISK NAME BYTES BLOCK-BYTES: size, and data at both ends.
examine()
{
	local path=/dev/$1 name=$2 bytes=$3 block=$4
	same "$name: size" "$bytes" "$(blockdev --getsize64 "$path")"
	same "$name: block size" "$block" "$(blockdev --getss "$path")"
	head -c 131072 /dev/urandom >/run/data
	check "$name: write the first blocks" dd if=/run/data of="$path" bs=64k oflag=direct conv=fsync
	check "$name: write the last blocks" dd if=/run/data of="$path" bs=64k oflag=direct,seek_bytes conv=fsync \
		seek=$((bytes - 131072))
	check "$name: the first blocks are right" \
		sh -c "dd if='$path' bs=64k count=2 iflag=direct 2>/dev/null | cmp - /run/data"
	check "$name: the last blocks are right" sh -c "dd if='$path' bs=64k count=2 iflag=direct,skip_bytes \
		skip=$((bytes - 131072)) 2>/dev/null | cmp - /run/data"
	check "$name: fio verifies" fio --name=verify --allow_file_create=0 --filename="$path" --direct=1 --rw=randrw --iodepth=16 \
		--ioengine=libaio --bsrange="$block-64k" --size=2m --verify=crc32c --verify_fatal=1 --serialize_overlap=1
}

inside()
{
	local name minimal consumer enterprise petabyte first second
	same "four controllers" 4 "$(ls /sys/class/nvme | wc -l)"
	minimal=$(controller minimal) consumer=$(controller consumer) enterprise=$(controller enterprise)
	petabyte=$(controller petabyte)
	examine "$(disk "$minimal" 1)" minimal 67108864 512
	examine "$(disk "$consumer" 1)" consumer 268435456 4096
	first=$(disk "$enterprise" 1) second=$(disk "$enterprise" 2)
	examine "$first" "enterprise, first" 134217728 512
	examine "$second" "enterprise, second" 33554432 4096
	examine "$(disk "$petabyte" 1)" petabyte 1125899906842624 512
	check "a second namespace has data of its own" \
		sh -c "! cmp -s -n 131072 /dev/$first /dev/$second"
	same "nvme list shows five namespaces" 5 "$(nvme list -o json | jq '.Devices | length')"
	same "nvme list-ns shows two of them" '1 2' \
		"$(nvme list-ns "/dev/$enterprise" -o json | jq '.nsid_list[].nsid' | words)"
	same "a petabyte in blocks" 2199023255552 "$(field "/dev/${petabyte}n1" id-ns .nsze)"
	same "no two namespaces have the same name" '' "$(cat /sys/block/nvme*/wwid | sort | uniq -d)"
	for name in "$minimal" "$consumer" "$enterprise" "$petabyte"; do
		check "$name: smartctl calls it healthy" sh -c "smartctl -H /dev/$name | grep -q PASSED"
		check "$name: nvme reset" nvme reset "/dev/$name"
		check "$name: live again" wait_for 120 is_live "$name"
		device_is_content "$(cat "/sys/class/nvme/$name/serial" | words)" "$name"
	done
	kernel_is_content "the kernel has nothing to object to"
}

# interrupts SERIAL CHIP: the disk works, with interrupts of that kind, also when several queues have something to say.
interrupts()
{
	local device fio
	device=$(controller "$1")
	fio --name=verify --allow_file_create=0 --filename="/dev/$(disk "$device" 1)" --direct=1 --rw=randrw --iodepth=16 \
		--ioengine=libaio --bsrange=512-64k --size=4m --verify=crc32c --verify_fatal=1 --serialize_overlap=1 \
		>/run/fio 2>&1 &
	fio=$!
	while kill -0 "$fio" 2>/dev/null; do
		nvme smart-log "/dev/$device" >/run/log 2>&1 || fail "$1: admin commands beside it" "$(cat /run/log)"
	done
	check "$1: fio verifies, with admin commands beside it" wait "$fio" || sed 's/^/# /' /run/fio
	check "$1: nvme reset" nvme reset "/dev/$device"
	check "$1: live again" wait_for 120 is_live "$device"
	check "$1: another answer" nvme id-ctrl "/dev/$device"
	same "$1: the kind of interrupt" "$2" \
		"$(grep -E "\b${device}q[0-9]+" /proc/interrupts | grep -oE 'PCI-MSIX|PCI-MSI|IO-APIC' | sort -u | words)"
	device_is_content "$1" "$device"
}

inside_interrupts()
{
	local pair
	for pair; do
		interrupts "${pair%%:*}" "${pair#*:}"
	done
	kernel_is_content "the kernel has nothing to object to"
}

guest_emulator minimal --profile minimal --bar0 trapped --serial minimal
guest_emulator consumer --profile consumer --bar0 shared --serial consumer --ns size=256M,lba=4096
guest_emulator enterprise --profile enterprise --bar0 doorbells --serial enterprise --ns size=128M --ns size=32M,lba=4096
guest_emulator petabyte --serial petabyte --ns size=1P
for name in minimal consumer enterprise petabyte; do
	guest_device "$name"
done
guest_send examine
guest_run kinds inside
for name in minimal consumer enterprise petabyte; do
	guest_emulator_end "$name"
done

guest_emulator vectors --serial vectors
guest_emulator messages --serial messages --controller msix=false
guest_emulator pin --serial pin --controller msix=false,msi=false
for name in vectors messages pin; do
	guest_device "$name"
done
guest_send interrupts
guest_run "interrupts" inside_interrupts vectors:PCI-MSIX messages:PCI-MSI pin:IO-APIC
# QEMU has to wait for the replies to its writes where it uses a pin, and knows that by itself for a drive that has
# nothing else: see docs/architecture.md.
for name in vectors messages; do
	guest_device "$name" x-no-posted-writes:true
done
guest_send interrupts
APPEND=pci=nomsi guest_run "a kernel without messages" inside_interrupts vectors:IO-APIC messages:IO-APIC
for name in vectors messages pin; do
	guest_emulator_end "$name"
done
tap_done
