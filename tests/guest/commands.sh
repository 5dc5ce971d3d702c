#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A stock Linux and its tools find nothing to object to: nvme-cli's commands, smartmontools, resets; with each way to
# reach the doorbells that a client can choose.
. "${top_srcdir:-.}/tests/guest/host.sh"

# commands DEVICE TEXT
commands()
{
	local device=/dev/$1 space=/dev/${1}n1 name=$2 fid oncs queues version select

	check "$name: id-ctrl" nvme id-ctrl "$device"
	same "$name: model and serial number" "nvmelab controller $name" \
		"$(nvme id-ctrl "$device" -o json | jq -r '"\(.mn) \(.sn)"' | words)"
	same "$name: the kernel has the same" "nvmelab controller $name" \
		"$(cat "/sys/class/nvme/$1/model" "/sys/class/nvme/$1/serial" | words)"
	check "$name: id-ns" nvme id-ns "$space"
	same "$name: size and block size" '131072 512' \
		"$(nvme id-ns "$space" -o json | jq -r '"\(.nsze) \(pow(2; .lbafs[(.flbas % 16)].ds))"')"
	same "$name: the kernel has the same size" 67108864 "$(blockdev --getsize64 "$space")"
	same "$name: list-ns" 1 "$(nvme list-ns "$device" -o json | jq -r '[.nsid_list[].nsid] | join(" ")')"
	check "$name: ns-descs" nvme ns-descs "$space"
	holds "$name: the namespace has a lasting name" \
		"$(nvme ns-descs "$space" -o json | jq '[."ns-descs"[] | select(.Type != "csi")] | length') > 0"

	same "$name: smart-log, nothing critical" '0 0' \
		"$(field "$device" smart-log '"\(.critical_warning) \(.media_errors)"')"
	holds "$name: smart-log, a temperature that can be" \
		"273 < $(field "$device" smart-log .temperature) && $(field "$device" smart-log .temperature) < 343"
	check "$name: error-log" nvme error-log "$device"
	check "$name: fw-log" nvme fw-log "$device"
	same "$name: the active firmware slot" 1 \
		"$(field "$device" fw-log '.[]."Active Firmware Slot (afi)" % 8')"
	check "$name: effects-log" nvme effects-log "$device" --csi=0
	version=$(field "$device" id-ctrl .ver)
	if ((version >= 0x20000)); then
		check "$name: supported-log-pages" nvme supported-log-pages "$device"
		check "$name: fid-support-effects-log" nvme fid-support-effects-log "$device"
	fi

	# Base 2.0 3.1.2.1.2: the features that an I/O controller has, and the volatile write cache that this one has.
	for fid in 1 2 4 6 7 8 9 0xa 0xb; do
		check "$name: get-feature $fid" nvme get-feature "$device" -f "$fid"
	done
	check "$name: get-feature 5, of a namespace" nvme get-feature "$device" -f 5 -n 1
	oncs=$(field "$device" id-ctrl .oncs)
	if ((oncs & 16)); then
		for fid in 1 2 4 6 7 8 9 0xa 0xb; do
			for select in 1 2 3; do
				nvme get-feature "$device" -f "$fid" -s "$select" >/dev/null || break 2
			done
		done
		same "$name: default and saved values and capabilities of each" "0xb 3" "$fid $select"
	fi
	nvme get-feature "$device" -f 7 -o json >/run/queues
	queues=$(jq '.[][0] | ."Number of IO Submission Queues Allocated (NSQA)" // empty' /run/queues)
	holds "$name: as many queues as the kernel asked for" "${queues:-0} >= 2"
	check "$name: set-feature, number of I/O completions to coalesce" nvme set-feature "$device" -f 8 -V 0x0103
	same "$name: it reads back" 0x00000103 "$(nvme get-feature "$device" -f 8 -o json | jq -r '[.[][0].Current | values][0]')"
	check "$name: set it back" nvme set-feature "$device" -f 8 -V 0
	check "$name: write cache off" nvme set-feature "$device" -f 6 -V 0
	check "$name: write cache on" nvme set-feature "$device" -f 6 -V 1
	check "$name: a new temperature threshold" nvme set-feature "$device" -f 4 -V 0x160
	check "$name: flush" nvme flush "$space"
}

# data_commands DEVICE TEXT: what ONCS says that there is, by nvme-cli's own commands.
data_commands()
{
	local space=/dev/${1}n1 name=$2 oncs
	oncs=$(field "/dev/$1" id-ctrl .oncs)
	head -c 8192 /dev/urandom >/run/written
	check "$name: write" nvme write "$space" -s 8 -c 15 -z 8192 -d /run/written
	check "$name: read" nvme read "$space" -s 8 -c 15 -z 8192 -d /run/read
	check "$name: the same data" cmp /run/written /run/read
	if ((oncs & 1)); then
		check "$name: compare" nvme compare "$space" -s 8 -c 15 -z 8192 -d /run/written
	fi
	if ((oncs & 0x80)); then
		check "$name: verify" nvme verify "$space" -s 8 -c 15
	fi
	if ((oncs & 0x100)); then
		check "$name: copy" nvme copy "$space" --sdlba=64 --slbs=8 --blocks=15
		check "$name: read the copy" nvme read "$space" -s 64 -c 15 -z 8192 -d /run/read
		check "$name: the copy is the same" cmp /run/written /run/read
	fi
	if ((oncs & 8)); then
		check "$name: write-zeroes" nvme write-zeroes "$space" -s 8 -c 15
		check "$name: read zeroes" nvme read "$space" -s 8 -c 15 -z 8192 -d /run/read
		check "$name: they are zeroes" cmp -n 8192 /dev/zero /run/read
	fi
	if ((oncs & 4)); then
		check "$name: dsm, deallocate" nvme dsm "$space" -d -s 64 -b 16
		check "$name: discard all" blkdiscard "$space"
	fi
}

inside()
{
	local device name status
	same "two controllers" 'nvme0 nvme1' "$(ls /sys/class/nvme | words)"
	check "nvme list" nvme list
	check "nvme list-subsys" nvme list-subsys
	same "nvme list shows both" '/dev/nvme0n1 /dev/nvme1n1' \
		"$(nvme list -o json | jq -r '.Devices[].DevicePath' | sort | words)"
	for name in trapped doorbells; do
		device=$(controller "$name")
		commands "$device" "$name"
		data_commands "$device" "$name"
	done
	for device in nvme0 nvme1; do
		status=0
		smartctl -a "/dev/$device" >/run/smartctl || status=$?
		same "$device: smartctl's status" 0 "$status"
		check "$device: smartctl calls it healthy" grep -q 'result: PASSED' /run/smartctl
		check "$device: smartctl finds no error" grep -q '^No Errors Logged' /run/smartctl
	done
	for device in nvme0 nvme1; do
		check "$device: nvme reset" nvme reset "/dev/$device"
		check "$device: live again" wait_for 120 is_live "$device"
		check "$device: it answers" nvme id-ctrl "/dev/$device"
		check "$device: once more" nvme reset "/dev/$device"
		check "$device: it does I/O" dd if=/dev/urandom of="/dev/${device}n1" bs=128k count=8 oflag=direct conv=fsync
		device_is_content "$device" "$device"
	done
	kernel_is_content "the kernel has nothing to object to"
}

guest_emulator trapped --bar0 trapped --serial trapped
guest_emulator doorbells --bar0 doorbells --serial doorbells
guest_device trapped
guest_device doorbells
guest_send commands data_commands
guest_run commands inside

# What 'nvmelab qemu' prints is a command line that QEMU takes, and its guest has the controller.
check_output "nvmelab qemu prints a command line" '^qemu-system-x86_64' nvmelab qemu "$guest_host_dir/trapped"
declare -a qemu
eval "qemu=($(sed "s,$guest_host_dir,$guest_dir,; s/\\\\$//" "$tap_tmp/out" | tr '\n' ' '))"
printf '%s\n' '{"execute":"qmp_capabilities"}' '{"execute":"query-pci"}' '{"execute":"quit"}' |
	chroot "$guest_tree" "${qemu[@]}" -nodefaults -display none -S -qmp stdio >"$tap_tmp/qmp" 2>"$tap_tmp/qemu"
check_file "QEMU takes it, and has the controller" '"class": 264.*"vendor": 20044' "$tap_tmp/qmp"
guest_emulator_end trapped
guest_emulator_end doorbells
tap_done
