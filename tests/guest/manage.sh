#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A stock Linux manages the drive with nvme-cli: formats, namespaces that come and go, sanitize, self-test, firmware,
# reservations, logs; and the kernel follows by itself.
. "${top_srcdir:-.}/tests/guest/host.sh"

# formats: the index of each format whose metadata and block size are named, -1 when there is none.
format_of() # DISK MS LBADS
{
	nvme id-ns "/dev/$1" -o json | jq --argjson ms "$2" --argjson ds "$3" \
		'[.lbafs[] | .ms == $ms and .ds == $ds] | index(true) // -1'
}

# filled DISK BYTE: its first MiB is nothing but that byte (in octal).
filled()
{
	dd if="/dev/$1" bs=1M count=1 iflag=direct status=none |
		cmp -n 1048576 - <(head -c 1048576 /dev/zero | tr '\0' "\\$2")
}

has_blocks() { [ "$(blockdev --getss "/dev/$1")" = "$2" ]; }

has_profile() { [ "$(cat "/sys/block/$1/integrity/format")" = "$2" ]; }

scribble() { head -c 1048576 /dev/zero | tr '\0' '\245' | dd of="/dev/$1" bs=1M oflag=direct status=none; }

# verified DISK NAME: fio writes all of it and reads it back.
verified()
{
	check "$2: fio writes and verifies it" fio --name=verify --allow_file_create=0 --filename="/dev/$1" --direct=1 \
		--rw=randwrite --bs=16k --iodepth=16 --ioengine=libaio --size=8m --verify=crc32c --verify_fatal=1
}

formats()
{
	local ses index
	for ses in 0 1 2; do
		scribble nvme0n1
		check "format, secure erase $ses" nvme format /dev/nvme0n1 --lbaf=0 --ses="$ses" --force
		check "format $ses: nothing is left" filled nvme0n1 000
	done
	index=$(format_of nvme0n1 0 12)
	check "format with blocks of 4096 bytes" nvme format /dev/nvme0n1 --lbaf="$index" --force
	check "the kernel sees the block size" wait_for 60 has_blocks nvme0n1 4096
	same "and the same size" 67108864 "$(blockdev --getsize64 /dev/nvme0n1)"
	verified nvme0n1 "4096-byte blocks"
	index=$(format_of nvme0n1 8 9)
	check "format with protection information" nvme format /dev/nvme0n1 --lbaf="$index" --pi=1 --force
	check "the kernel has its profile" wait_for 60 has_profile nvme0n1 T10-DIF-TYPE1-CRC
	verified nvme0n1 "protection information"
	check "format back" nvme format /dev/nvme0n1 --lbaf=0 --force
	check "512-byte blocks again" wait_for 60 has_blocks nvme0n1 512
}

# namespaces CNTLID
namespaces()
{
	local nsid
	check "create-ns" nvme create-ns /dev/nvme0 --nsze=65536 --ncap=65536 --flbas=0
	nsid=$(nvme list-ns /dev/nvme0 --all -o json | jq '[.nsid_list[].nsid] | max')
	same "it has the next number" 2 "$nsid"
	check "attach-ns" nvme attach-ns /dev/nvme0 --namespace-id="$nsid" --controllers="$1"
	check "the kernel finds it by itself" wait_for 60 test -b /dev/nvme0n2
	same "its size" 33554432 "$(blockdev --getsize64 /dev/nvme0n2)"
	check "mkfs.ext4 on it" mkfs.ext4 -q /dev/nvme0n2
	check "fsck on it" fsck.ext4 -fn /dev/nvme0n2
	check "detach-ns" nvme detach-ns /dev/nvme0 --namespace-id="$nsid" --controllers="$1"
	check "the kernel lets it go" wait_for 60 test ! -b /dev/nvme0n2
	check "delete-ns" nvme delete-ns /dev/nvme0 --namespace-id="$nsid"
	same "one namespace is left" 1 "$(nvme list-ns /dev/nvme0 --all -o json | jq -r '[.nsid_list[].nsid] | join(" ")')"
}

# sanitize_status: of the most recent operation; 2 while it goes on. nvme-cli prints a number, or "(2) Sanitize in Progress.".
sanitize_status()
{
	field /dev/nvme0 sanitize-log '.[].sstat | if type == "object" then .status else . end | tostring' | grep -oE -m 1 '[0-9]+'
}

sanitize_is_over() { [ "$(sanitize_status)" = 1 ]; }

# sanitized NAME BYTE OPTION...
sanitized()
{
	local name=$1 byte=$2
	shift 2
	scribble nvme0n1
	check "sanitize, $name" nvme sanitize /dev/nvme0 "$@"
	check "sanitize, $name: it ends" wait_for 60 sanitize_is_over
	check "sanitize, $name: nothing is left" filled nvme0n1 "$byte"
}

sanitizes()
{
	sanitized "block erase" 000 --sanact=2
	sanitized "crypto erase" 000 --sanact=4
	sanitized "overwrite" 132 --sanact=3 --owpass=2 --ovrpat=0x5a5a5a5a --no-dealloc
	check "sanitize-log" nvme sanitize-log /dev/nvme0
}

self_test_is_over() { [ "$(field /dev/nvme0 self-test-log '."Current Device Self-Test Operation"')" = 0 ]; }

self_test_result()
{
	field /dev/nvme0 self-test-log '."List of Valid Reports"[0] | "\(."Self test result") \(."Self test code")"'
}

self_tests()
{
	check "device-self-test, short" nvme device-self-test /dev/nvme0 -n 0xffffffff -s 1
	check "device-self-test, short: it ends" wait_for 60 self_test_is_over
	same "device-self-test, short: it passed" "0 1" "$(self_test_result)"
	check "device-self-test, extended" nvme device-self-test /dev/nvme0 -n 0xffffffff -s 2
	same "device-self-test, extended: it is going on" 2 \
		"$(field /dev/nvme0 self-test-log '."Current Device Self-Test Operation"')"
	check "device-self-test, abort" nvme device-self-test /dev/nvme0 -n 0xffffffff -s 0xf
	same "device-self-test, extended: it was aborted" "1 2" "$(self_test_result)"
}

# firmware_image REVISION ACTIVATION-MSEC [FLAGS] >FILE: an image of two pages that needs nothing.
firmware_image()
{
	perl -e 'my ($bytes, $crc) = (8192, 0xffffffff);
		my $tail = pack("A8 V C C x34", $ARGV[0], $ARGV[1], 0, $ARGV[2]) . "\x5a" x ($bytes - 64);
		foreach my $byte (unpack("C*", $tail)) {
			$crc ^= $byte;
			$crc = $crc & 1 ? $crc >> 1 ^ 0x82f63b78 : $crc >> 1 for 1 .. 8;
		}
		print "NVMELFW1", pack("V V", $bytes, $crc ^ 0xffffffff), $tail;' "$1" "$2" "${3:-0}"
}

revision() { nvme id-ctrl /dev/nvme0 -o json | jq -r .fr | words; }

firmware()
{
	same "the firmware revision" 0.1 "$(revision)"
	firmware_image 2.0 0 >/run/firmware
	check "fw-download" nvme fw-download /dev/nvme0 --fw=/run/firmware
	check "fw-commit, for the next reset" nvme fw-commit /dev/nvme0 --slot=2 --action=1
	same "until then the old one runs" 0.1 "$(revision)"
	check "nvme reset" nvme reset /dev/nvme0
	check "it is live again" wait_for 60 is_live nvme0
	same "the new firmware revision" 2.0 "$(revision)"
	same "the kernel has it" 2.0 "$(words </sys/class/nvme/nvme0/firmware_rev)"
	firmware_image 3.0 200 >/run/firmware
	check "fw-download, in pieces" nvme fw-download /dev/nvme0 --fw=/run/firmware --xfer=4096
	check "fw-commit, at once" nvme fw-commit /dev/nvme0 --slot=3 --action=3
	same "without a reset, another revision" 3.0 "$(revision)"
	same "fw-log: the active slot" 3 "$(field /dev/nvme0 fw-log '.[]."Active Firmware Slot (afi)" % 8')"
	verified nvme0n1 "after the activation"
	head -c 4096 /dev/zero >/run/firmware
	check "fw-download of what is no image" nvme fw-download /dev/nvme0 --fw=/run/firmware
	check "fw-commit refuses it" sh -c '! nvme fw-commit /dev/nvme0 --slot=4 --action=1'
	check "fw-commit, slot 1 again" nvme fw-commit /dev/nvme0 --slot=1 --action=2
	check "nvme reset again" nvme reset /dev/nvme0
	check "it is live once more" wait_for 60 is_live nvme0
	same "the first firmware revision" 0.1 "$(revision)"
}

# The controller captures telemetry of its own when an image does not load. While it has none, nvme-cli 2.13 ends with
# "Bad address": it writes what it did not get. So it is not asked then.
telemetry()
{
	local area
	firmware_image 4.0 0 2 >/run/firmware
	check "fw-download of an image that will not load" nvme fw-download /dev/nvme0 --fw=/run/firmware
	check "fw-commit of it" nvme fw-commit /dev/nvme0 --slot=5 --action=1
	check "nvme reset, which does not load it" nvme reset /dev/nvme0
	check "it is live with the old one" wait_for 60 is_live nvme0
	same "the firmware revision is the same" 0.1 "$(revision)"
	for area in 1 2 3; do
		check "telemetry-log --controller-init, area $area" nvme telemetry-log /dev/nvme0 --controller-init --rae \
			--data-area="$area" --output-file=/run/telemetry
		same "its size" "$((512 << area))" "$(stat -c %s /run/telemetry)"
		same "it is the controller's" 08 "$(od -An -tx1 -N1 /run/telemetry | words)"
	done
	check "its reason" grep -aq "firmware did not load" /run/telemetry
	check "telemetry-log --controller-init, and done with" nvme telemetry-log /dev/nvme0 --controller-init \
		--data-area=3 --output-file=/run/telemetry
	same "none is left" "00" "$(nvme get-log /dev/nvme0 -i 8 -l 512 -b | od -An -tx1 -j 382 -N1 | words)"
}

reservations()
{
	head -c 16 /dev/urandom >/run/hostid
	check "a host identifier of 128 bits" nvme set-feature /dev/nvme0 -f 0x81 -V 1 -l 16 -d /run/hostid
	check "resv-register" nvme resv-register /dev/nvme0n1 --nrkey=0x1234 --rrega=0
	check "resv-acquire" nvme resv-acquire /dev/nvme0n1 --crkey=0x1234 --rtype=1 --racqa=0
	same "resv-report: the holder" "1 1" \
		"$(nvme resv-report /dev/nvme0n1 -o json | jq -r '"\(.rtype) \(.regctl // (.regctls | length))"')"
	check "the holder writes" dd if=/dev/zero of=/dev/nvme0n1 bs=4k count=1 oflag=direct
	check "resv-release" nvme resv-release /dev/nvme0n1 --crkey=0x1234 --rtype=1 --rrela=0
	check "resv-register, unregister" nvme resv-register /dev/nvme0n1 --crkey=0x1234 --rrega=1
}

logs()
{
	check "telemetry-log" nvme telemetry-log /dev/nvme0 --output-file=/run/telemetry --host-generate=1
	check "get-log, the controller's telemetry" nvme get-log /dev/nvme0 -i 8 -l 512
	check "persistent-event-log" nvme persistent-event-log /dev/nvme0 --action=1
	check "persistent-event-log, release" nvme persistent-event-log /dev/nvme0 --action=2
	check "endurance-log" nvme endurance-log /dev/nvme0 --group-id=1
	check "get-lba-status" nvme get-lba-status /dev/nvme0n1 -n 1 --start-lba=0 --max-dw=64 --action=0x10 --range-len=16
	check "dir-receive" nvme dir-receive /dev/nvme0n1 -n 1 -D 0 -O 1 -H
	check "security-recv, protocols" nvme security-recv /dev/nvme0 --secp=0 --size=16 --al=16
	check "write-uncor" nvme write-uncor /dev/nvme0n1 -s 100 -c 0
	check "its block is rewritten" dd if=/dev/zero of=/dev/nvme0n1 bs=4k count=16 oflag=direct
}

inside()
{
	formats
	namespaces "$1"
	sanitizes
	self_tests
	logs
	reservations
	firmware
	telemetry
	check "smartctl calls it healthy" grep -q PASSED <(smartctl -H /dev/nvme0)
	kernel_is_content "the kernel has nothing to object to"
}

guest_emulator manage --controller sanitize_time=200ms,self_test_time=200ms,format_time=50ms
guest_device manage
guest_send format_of filled has_blocks has_profile scribble verified formats namespaces sanitize_status sanitize_is_over sanitized sanitizes \
	self_test_is_over self_test_result self_tests firmware_image revision firmware telemetry reservations logs
guest_run manage inside 1
guest_emulator_end manage
tap_done
