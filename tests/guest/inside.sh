# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# The guest's side of the guest tests: read by bash in the guest before the function that host.sh sends there.
#
#	pass NAME, fail NAME [LINE...]		one result
#	check NAME COMMAND...			the command succeeds
#	same NAME WANTED FOUND			two texts are equal
#	holds NAME EXPRESSION			arithmetic that is true
#	host WORD...				something for the host to do
set -u
inside_tmp=$(mktemp -d) || exit 99

pass() { printf 'ok - %s\n' "$1"; }
fail()
{
	printf 'not ok - %s\n' "$1"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

check()
{
	local name=$1 status=0
	shift
	"$@" >"$inside_tmp/out" 2>&1 </dev/null || status=$?
	if [ "$status" -eq 0 ]; then
		pass "$name"
	else
		fail "$name" "command: $*" "exit status: $status" "$(tail -n 20 "$inside_tmp/out")"
	fi
	return "$status"
}

same()
{
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "wanted: $2" "found:  $3"; fi
}

holds()
{
	if (($2)); then pass "$1"; else fail "$1" "not so: $2"; fi
}

host() { printf 'host: %s\n' "$*"; }

# field DEVICE COMMAND KEY: a number out of nvme-cli's JSON, "none" when it is not there.
field() { nvme "$2" "$1" -o json 2>/dev/null | jq -r "$3 // \"none\" | tostring"; }

# words: standard input on one line.
words() { tr -s '[:space:]' ' ' | sed 's/^ //; s/ $//'; }

# controller SERIAL: nvme0, nvme1..., which the kernel hands out in no certain order.
controller()
{
	local file
	for file in /sys/class/nvme/*/serial; do
		[ "$(tr -d ' ' <"$file")" != "$1" ] || basename "$(dirname "$file")"
	done
}

# disk CONTROLLER NSID: nvme0n1..., which does not say the NSID.
disk()
{
	local path
	for path in "/sys/class/nvme/$1"/nvme*n*; do
		[ "$(cat "$path/nsid")" != "$2" ] || basename "$path"
	done
}

# wait_for SECONDS COMMAND...: until the command succeeds; the guest has no other way to see some changes.
wait_for()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

is_live() { [ "$(cat "/sys/class/nvme/$1/state" 2>/dev/null)" = live ]; }

# in_flight DISK N: at least N commands are.
in_flight()
{
	local reads writes
	read -r reads writes <"/sys/block/$1/inflight" && [ $((reads + writes)) -ge "$2" ]
}

# busy DISK: reads and writes without an end on the first half of a disk of 64 MiB, from both processors.
busy()
{
	fio --name=busy --allow_file_create=0 --filename="/dev/$1" --direct=1 --rw=randrw --bsrange=512-128k --iodepth=32 \
		--ioengine=libaio --numjobs=2 --cpus_allowed=0-1 --cpus_allowed_policy=split --size=32m --time_based \
		--runtime=300 >/dev/null 2>&1 &
	wait_for 120 in_flight "$1" 8 || fail "fio keeps $1 busy"
}

# pci_of CONTROLLER: its function, 0000:00:03.0.
pci_of() { basename "$(readlink -f "/sys/class/nvme/$1/device")"; }

# kernel_is_content NAME: the kernel has not warned about an NVMe device, nor found one odd, nor lost a block. Of the
# warnings two are no complaints: a reset that was asked for, and nvme-cli's own I/O on a device without SGLs.
kernel_is_content()
{
	{
		dmesg --level=emerg,alert,crit,err,warn | grep -iE '\bnvme[ 0-9]'
		dmesg | grep -iE '\bnvme[ 0-9]' | grep -iE 'bogus|quirk|timeout|missing or invalid|failed|error|duplicate|invalid'
		dmesg | grep -E 'I/O error|EXT4-fs (error|warning)|Buffer I/O|blocked for more than|nobody cared|Call Trace|BUG:|WARNING:'
	} | grep -vE 'ommand line|nvme[0-9]+: (resetting controller|using unchecked data buffer)$' | sort -u >"$inside_tmp/dmesg"
	if [ -s "$inside_tmp/dmesg" ]; then
		fail "$1" "$(cat "$inside_tmp/dmesg")"
	else
		pass "$1"
	fi
}

# device_is_content NAME CONTROLLER: its own logs know of no error.
device_is_content()
{
	same "$1: no entry in the error log" 0 \
		"$(field "/dev/$2" error-log '[.errors[].error_count] | max')"
	same "$1: no error counted, no warning" "0 0 0" \
		"$(field "/dev/$2" smart-log '"\(.critical_warning) \(.media_errors) \(.num_err_log_entries)"')"
}
