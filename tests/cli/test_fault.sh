#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab fault: what an emulator injects is changed while it runs.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh" || exit 99

socket=$tap_tmp/socket
device=vfio-user:$socket
control="$tap_tmp/a socket"
file="$tap_tmp/a scenario"
cat >"$file" <<'END'
[scenario]
format = 1
[controller]
mqes = 1
[fault write]
at = cmd.retire
when = op == write
do = status 2/80 dnr
[fault read]
at = media.read
when = lba in 8..15
armed = false
do = fail uncorrectable
END

# refused NAME STATUS REGEX COMMAND...: on standard error.
refused()
{
	local name=$1 status=$2 regex=$3
	shift 3
	check_status "$name" "$status" "$@"
	check_file "is told" "$regex" "$tap_tmp/err"
}

# json NAME FILTER ARGUMENT...: what fault prints in JSON is that, by jq.
json()
{
	local name=$1 filter=$2
	shift 2
	if nvmelab fault "$control" "$@" -o json </dev/null 2>"$tap_tmp/err" >"$tap_tmp/out" && jq -e "$filter" <"$tap_tmp/out" >"$tap_tmp/jq"; then
		ok "$name"
	else
		not_ok "$name" "$(cat "$tap_tmp/err" "$tap_tmp/out")"
	fi
}

start --socket "$socket" --control "$control" --ns size=1M,cache=1M
json "there are none" '.faults == []' list
check "writes succeed" nvmelab write "$device" -s 0 -c 0 -z 512 -d "$file"
check_output "they are loaded" '^2 faults; ignores \[controller\]$' nvmelab fault "$control" load "$file"
json "they are there, in the order of the file" '.faults == [
	{name: "write", site: "cmd.retire", armed: true, matches: 0, fired: 0},
	{name: "read", site: "media.read", armed: false, matches: 0, fired: 0}]' list
check_status "writes fail" 1 nvmelab write "$device" -s 0 -c 0 -z 512 -d "$file"
check_output "that is counted" '^write +cmd.retire +armed +1 +1$' nvmelab fault "$control" list
check_file "under a heading" '^Fault +Site +State +Matches +Fired$' "$tap_tmp/out"
check "disarm" nvmelab fault "$control" disarm write
check "writes succeed" nvmelab write "$device" -s 0 -c 0 -z 512 -d "$file"
check "reads did" nvmelab read "$device" -s 8 -c 0 -z 512 -d "$tap_tmp/read"
check "arm" nvmelab fault "$control" arm read
check_status "reads fail" 1 nvmelab read "$device" -s 8 -c 0 -z 512 -d "$tap_tmp/read"
check_file "by the rule" 'Unrecovered Read Error' "$tap_tmp/err"
check_output "both have counted" '^write +cmd.retire +disarmed +1 +1$' nvmelab fault "$control" list
check_file "and go on to" '^read +media.read +armed +1 +1$' "$tap_tmp/out"

# What is refused changes nothing.
refused "an unknown name" 2 "fault: 'writes' is no fault; fault list has them$" nvmelab fault "$control" arm writes
refused "a name that is too long" 2 "is no fault" nvmelab fault "$control" arm "$(printf '%064d' 0)"
printf '[scenario]\nformat = 1\n[fault x]\nat = cqe\n' >"$tap_tmp/bad"
refused "a bad file" 2 "/bad:4: \[fault x\] at: 'cqe' is no site; allowed: reg.read" nvmelab fault "$control" load "$tap_tmp/bad"
refused "no file" 2 '/none: No such file or directory$' nvmelab fault "$control" load "$tap_tmp/none"
{
	printf '[scenario]\nformat = 1\n'
	for ((i = 0; i < 65; i++)); do printf '[fault f%d]\nat = cqe.post\ndo = drop\n' "$i"; done
} >"$tap_tmp/bad"
refused "too many" 2 '/bad:195: \[fault f64\] is one fault too many: there can be 64$' nvmelab fault "$control" load "$tap_tmp/bad"
check_output "they are as before" '^read +media.read +armed +1 +1$' nvmelab fault "$control" list
refused "a kind of power cut that is none" 2 "'some': one of none, all, prefix, subset$" nvmelab fault "$control" cut-power some
refused "an action that is none" 2 "unknown action 'lst'; one of list, load, arm, disarm, cut-power$" nvmelab fault "$control" lst
refused "an argument too many" 2 "list: unexpected argument 'x'$" nvmelab fault "$control" list x
refused "an argument that is missing" 2 'arm: NAME is missing$' nvmelab fault "$control" arm
refused "two lines" 2 'arm: NAME is empty, or has more than one line$' nvmelab fault "$control" arm 'a
power-cut'
refused "a socket of a drive" 2 'PATH is the socket of nvmelab-emulator --control, not vfio-user:' nvmelab fault "$device" list
refused "no socket" 3 'none: No such file or directory$' nvmelab fault "$tap_tmp/none" list
refused "a path that is too long" 2 'PATH has 1 to 107 bytes$' nvmelab fault "$(printf '%0120d' 0)" list

# As many as there may be.
{
	printf '[scenario]\nformat = 1\n'
	for ((i = 0; i < 64; i++)); do printf '[fault a-name-of-31-characters-%04d]\nat = ctrl.shutdown\ndo = hang\n' "$i"; done
} >"$tap_tmp/many"
check "64 faults" nvmelab fault "$control" load "$tap_tmp/many"
json "are listed" '.faults | length == 64 and .[63].name == "a-name-of-31-characters-0063"' list
printf '[scenario]\nformat = 1\n' >"$tap_tmp/none"
json "and none" '.load == "0 faults"' load "$tap_tmp/none"

# What was not flushed is lost, or kept.
head -c 512 /dev/zero | tr '\0' x >"$tap_tmp/data"
check "a write that stays in the cache" nvmelab write "$device" -s 3 -c 0 -z 512 -d "$tap_tmp/data"
check "power that keeps all" nvmelab fault "$control" cut-power all
check "has it afterwards" nvmelab read "$device" -s 3 -c 0 -z 512 -d "$tap_tmp/read"
check "as it was" cmp "$tap_tmp/data" "$tap_tmp/read"
check "power that keeps nothing by default" nvmelab fault "$control" cut-power
check_output "is counted" '^power_cycles +: 3$' nvmelab smart-log "$device"
stop TERM
tap_done
