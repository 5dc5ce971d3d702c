#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The JSON of nvmelab has every key that a stock nvme-cli prints for the same controller, but for those named here.
. "${top_srcdir:-.}/tests/guest/host.sh"

# Commands that both have, and which device they want: - none, c the controller, n its first namespace. Two are not here:
# nvme-cli 2.13 ends with a signal instead of JSON for persistent-event-log, and for get-lba-status with a descriptor.
# Without --csi its effects-log maps BAR0 to look at CAP.CSS, which a kernel may refuse.
commands=$(
	cat <<'EOT'
- list
- list -v
- list-subsys
- list-subsys -v
c id-ctrl
n id-ns
n ns-descs
c nvm-id-ctrl
n nvm-id-ns
n cmdset-ind-id-ns
c id-ns-granularity
c id-uuid
c id-iocs
c list-ns
c list-ns -a
c list-ctrl
c list-ctrl -n 1
c list-endgrp
c smart-log
c error-log -e 2
c fw-log
c effects-log --csi=0
c supported-log-pages
c fid-support-effects-log
c changed-ns-list-log
c self-test-log
c sanitize-log
c ana-log
c endurance-log -g 1
c lba-status-log
c resv-notif-log
n resv-report
n dir-receive -D 0 -O 1
EOT
	for fid in 1 2 4 6 7 8 9 0xa 0xb 0xc 0xd 0xe 0xf 0x10 0x11 0x15 0x16 0x17 0x19 0x80 0x81; do
		echo "c get-feature -f $fid"
		echo "c get-feature -f $fid -s 3"
	done
	for fid in 3 5 0x82 0x83 0x84; do
		echo "c get-feature -f $fid -n 1"
	done
	echo "c get-feature -f 0x12 -c 1"
	echo "c get-feature -f 0x18 -c 1"
)

# Keys that nvmelab leaves out, as COMMAND|PATH: none today.
allowed='(none)'

# paths DEVICE: the paths of the keys of the JSON on standard input, [] for elements of arrays.
paths()
{
	jq -r --arg device "$1" \
		'[paths | map(if type == "number" then "[]" elif . == $device then "DEVICE" else . end) | join("/")] | unique[]'
}

# inside COMMANDS: what nvme-cli says, in base64. Some commands print text before their JSON.
inside()
{
	local device kind command number=0
	device=$(controller keys)
	while read -r kind command; do
		case $kind in
		c) set -- "/dev/$device" ;;
		n) set -- "/dev/${device}n1" ;;
		*) set -- ;;
		esac
		number=$((number + 1))
		# shellcheck disable=SC2046,SC2086 # words
		nvme ${command%% *} "$@" $(cut -s -d ' ' -f 2- <<<"$command") -o json 2>/run/err | sed -n '/^[[{]/,$p' >/run/json
		echo "host: said $number $(paths "$device" </run/json | gzip | base64 -w 0)"
	done <<<"$1"
	pass "nvme-cli was asked $number times"
}

guest_said() { base64 -d <<<"$3" | gzip -d >"$tap_tmp/theirs.$2"; }

guest_emulator keys --bar0 trapped --serial keys
guest_device keys
guest_send paths
guest_run keys inside "$commands"
guest_emulator_end keys

number=0
while read -r kind command; do
	number=$((number + 1))
	# shellcheck disable=SC2086 # words
	nvmelab $command --controller serial=keys -o json 2>"$tap_tmp/err" </dev/null | paths emulator | sort >"$tap_tmp/ours"
	sort "$tap_tmp/theirs.$number" >"$tap_tmp/theirs" 2>/dev/null
	missing=$(comm -23 "$tap_tmp/theirs" "$tap_tmp/ours" | sed "s#^#$command|#" | grep -vxF -- "$allowed")
	if [ -s "$tap_tmp/theirs" ] && [ -z "$missing" ]; then
		ok "$command: every key of nvme-cli's"
	else
		not_ok "$command: every key of nvme-cli's" "$(wc -l <"$tap_tmp/theirs") keys of nvme-cli; missing: $missing" \
			"$(head -n 3 "$tap_tmp/err")"
	fi
done <<<"$commands"
tap_done
