#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What a stock Linux does with features by itself, and nvme-cli on request: it lends a Host Memory Buffer, sets the clock,
# takes asynchronous events; a namespace is write protected under it. nvme-cli injects errors by OCP's feature for that.
. "${top_srcdir:-.}/tests/guest/host.sh"

# value DEVICE FID [NSID]: the current value, 0x00000005
value() { nvme get-feature "$1" -f "$2" -n "${3:-0}" -o json | jq -r '[.[][0].Current | values][0]'; }

# clock DEVICE: its seconds since 1970
clock()
{
	nvme get-feature "$1" -f 0xe -l 8 -b >/run/clock
	echo $(($(od -A n -t u8 /run/clock | tr -d ' ') % (1 << 48) / 1000))
}

# injected DEVICE: how many errors are still to be injected
injected() { nvme ocp get-error-injection "$1" 2>&1 | sed -n 's/^Number of Error Injec.*(Current: \([0-9]*\))$/\1/p'; }

# first_entry DEVICE: flags, type, reads
first_entry()
{
	nvme get-feature "$1" -f 0xc0 -l 4096 -b >/run/errors
	od -A n -t u2 -N 6 /run/errors | tr -s ' '
}

read_block() { dd if="$1" of=/dev/null bs=4k count=1 iflag=direct; }

inject()
{
	local device=$1
	same "no errors are injected" 0 "$(injected "/dev/$device")"
	check "one, by type" nvme ocp set-error-injection "/dev/$device" --type 15
	same "there is one" 1 "$(injected "/dev/$device")"
	same "a single instance of an I/O command's failure" " 3 15 0" "$(first_entry "/dev/$device")"
	check "a read fails" sh -c "! dd if=/dev/${device}n1 of=/dev/null bs=4k count=1 iflag=direct"
	same "that was it" 0 "$(injected "/dev/$device")"
	check "another read does not" read_block "/dev/${device}n1"
	check "a hang of the medium after two reads" nvme ocp set-error-injection "/dev/$device" --type 2 --nrtdp 2 --no-uuid
	check "the first read" read_block "/dev/${device}n1"
	same "one is left" " 3 2 1" "$(first_entry "/dev/$device")"
	echo 2000 >"/sys/block/${device}n1/queue/io_timeout"
	check "the kernel resets a controller that panics, and reads again" read_block "/dev/${device}n1"
	echo 30000 >"/sys/block/${device}n1/queue/io_timeout"
	check "the reset was one for a fatal status" sh -c "dmesg | grep -i 'nvme.*controller is down; will reset: CSTS=0x3'"
	same "nothing is left" 0 "$(injected "/dev/$device")"
	printf '\1\0\17\0\0\0%026d\0\0\21\0\0\0%026d' 0 0 | tr 0 '\0' >/run/two
	check "two from a file, one of them not enabled" nvme ocp set-error-injection "/dev/$device" -d /run/two -n 2
	same "one counts" 1 "$(injected "/dev/$device")"
	check "each read fails" sh -c "! dd if=/dev/${device}n1 of=/dev/null bs=4k count=1 iflag=direct"
	check "the next, too" sh -c "! dd if=/dev/${device}n1 of=/dev/null bs=4k count=1 iflag=direct"
	check "a reset ends it" nvme reset "/dev/$device"
	check "live" wait_for 120 is_live "$device"
	check "reads are read" read_block "/dev/${device}n1"
	check "a type that there is not is refused" sh -c "! nvme ocp set-error-injection /dev/$device --type 99"
}

inside()
{
	local device function now lent
	device=$(controller features) function=$(pci_of "$(controller features)")

	check "the kernel lends memory, and its log says so" sh -c "dmesg | grep 'nvme.*allocated.*host memory buffer'"
	same "the controller has it" 0x00000001 "$(value "/dev/$device" 0xd)"
	nvme get-feature "/dev/$device" -f 0xd -l 4096 -b >/run/hmb
	lent=$(od -A n -t u4 -N 4 /run/hmb | tr -d ' ')
	same "as much as HMPRE asks for" "$(field "/dev/$device" id-ctrl .hmpre)" "$lent"
	check "a reset" nvme reset "/dev/$device"
	check "live again" wait_for 120 is_live "$device"
	same "and lent again" 0x00000001 "$(value "/dev/$device" 0xd)"
	check "the kernel takes the memory back before it lets go" \
		sh -c "echo '$function' >/sys/bus/pci/drivers/nvme/unbind"
	check "and lends it again" sh -c "echo '$function' >/sys/bus/pci/drivers/nvme/bind"
	check "live once more" wait_for 120 is_live "$device"
	same "the controller has it" 0x00000001 "$(value "/dev/$device" 0xd)"

	now=$(date +%s)
	holds "the kernel has set the clock" "$(clock "/dev/$device") - $now < 60 && $now - $(clock "/dev/$device") < 60"

	same "the events that the kernel wants are those that there are" \
		"$(printf '0x%08x' $(($(field "/dev/$device" id-ctrl .oaes) & 0xb00)))" \
		"$(printf '0x%08x' $(($(value "/dev/$device" 0xb) & 0xffffff00)))"

	check "the namespace is write protected" nvme set-feature "/dev/$device" -n 1 -f 0x84 -V 1
	check "the kernel looks" nvme ns-rescan "/dev/$device"
	check "and finds it read-only" wait_for 60 sh -c "[ \$(blockdev --getro /dev/${device}n1) = 1 ]"
	check "it can be read" dd if="/dev/${device}n1" of=/dev/null bs=64k count=4 iflag=direct
	check "but not written" sh -c "! dd if=/dev/zero of=/dev/${device}n1 bs=64k count=1 oflag=direct"
	check "protection ends" nvme set-feature "/dev/$device" -n 1 -f 0x84 -V 0
	check "the kernel looks again" nvme ns-rescan "/dev/$device"
	check "and finds it writable" wait_for 60 sh -c "[ \$(blockdev --getro /dev/${device}n1) = 0 ]"
	check "it can be written" dd if=/dev/zero of="/dev/${device}n1" bs=64k count=4 oflag=direct

	check "a level of read recovery" nvme set-feature "/dev/$device" -f 0x12 -V 0 --cdw12=15
	same "it reads back" 0x0000000f "$(value "/dev/$device" 0x12)"
	check "LBA ranges" nvme get-feature "/dev/$device" -n 1 -f 3 -l 4096 -b
	check "a host identifier" sh -c "head -c 8 /dev/urandom >/run/id &&
		nvme set-feature /dev/$device -f 0x81 -l 8 -d /run/id &&
		nvme get-feature /dev/$device -f 0x81 -l 8 -b | cmp - /run/id"
	kernel_is_content "the kernel has nothing to object to"
	inject "$device"
}

guest_emulator features --serial features --controller error_injection=true
guest_device features
guest_send value clock injected first_entry read_block inject
guest_run features inside
guest_emulator_end features
tap_done
