#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The emulator ends, cleanly or not, and starts again with the same state file: what it promised is there.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh" || exit 99

socket=$tap_tmp/cntrl
device=vfio-user:$socket
state=$tap_tmp/state
disk=$tap_tmp/disk

# begin: an emulator with the state file that $state names now.
begin() { start --socket "$socket" --state "$state" --ns "size=16M,file=$disk"; }

head -c 65536 /dev/urandom >"$tap_tmp/data"
begin
check "write" nvmelab write "$device" -s 3 -c 127 -d "$tap_tmp/data"
check "save a feature" nvmelab set-feature "$device" -f 1 -v 0x01020303 --save
check "change another" nvmelab set-feature "$device" -f 8 -v 0x0303
stop TERM
if [ "$status" -eq 0 ]; then ok "it ends cleanly"; else not_ok "it ends cleanly" "status $status"; fi

for signal in KILL TERM; do
	begin
	check "read after $signal" nvmelab read "$device" -s 3 -c 127 -d "$tap_tmp/read"
	check "the data is there" cmp "$tap_tmp/data" "$tap_tmp/read"
	check_output "the saved feature is there" 'value:(0x)?01020303$' nvmelab get-feature "$device" -f 1
	check_output "the other one has its default" 'value:(0x)?00000000$' nvmelab get-feature "$device" -f 8
	stop "$signal"
done

# One process has the file.
begin
check_status "a second emulator is refused" 3 nvmelab-emulator --socket "$tap_tmp/other" --state "$state"
check_file "and names the file" "state file $state: another process uses it" "$tap_tmp/err"
stop TERM

# Damage is named; nothing is changed.
cp "$state" "$tap_tmp/good"
size=$(stat -c %s "$state")
printf '\377' | dd of="$state" bs=1 seek=45 conv=notrunc status=none
check_status "a damaged file is refused" 3 nvmelab-emulator --socket "$socket" --state "$state"
check_file "with its offset" "state file $state: damaged at offset 40" "$tap_tmp/err"
check_output "and left alone" "^$size\$" stat -c %s "$state"
cp "$tap_tmp/good" "$state"
printf 'NLR1torn' >>"$state"
begin
check_output "a torn tail is no reason not to start" 'value:(0x)?01020303$' nvmelab get-feature "$device" -f 1
check_file "and is reported" "8 bytes at offset $size were being written when it ended" "$tap_tmp/log"
stop TERM

# A drive that forgets what it kept, or cannot read it.
printf '[scenario]\nformat = 1\n[fault forget]\nat = state.load\nwhen = record == 2\ndo = drop\n' >"$tap_tmp/forget.ini"
sed 's/do = drop/do = fail error/' "$tap_tmp/forget.ini" >"$tap_tmp/unreadable.ini"
start --socket "$socket" --state "$state" --ns "size=16M,file=$disk" --scenario "$tap_tmp/forget.ini"
check_output "the default of a feature is there" 'value:(0x)?00000005$' nvmelab get-feature "$device" -f 1 --sel 1
check_output "a rule at state.load forgets what was saved" 'value:(0x)?00000005$' nvmelab get-feature "$device" -f 1
stop TERM
check_status "or makes the file one that cannot be used" 3 nvmelab-emulator --socket "$socket" --state "$state" --scenario "$tap_tmp/unreadable.ini"
check_file "with its name" "state file $state: " "$tap_tmp/err"

# A folder where nothing can be made.
check_status "a file that cannot be made is an error" 3 nvmelab-emulator --socket "$socket" --state "$tap_tmp/none/state"
check_file "with a name" "state file $tap_tmp/none/state: cannot be opened" "$tap_tmp/err"

# A full disk: the command fails, the emulator goes on.
if mkdir "$tap_tmp/small" && mount -t tmpfs -o size=64k tmpfs "$tap_tmp/small" 2>/dev/null; then
	tap_at_exit 'umount "$tap_tmp/small" 2>/dev/null'
	state=$tap_tmp/small/state
	begin
	check "save while there is room" nvmelab set-feature "$device" -f 1 -v 1 --save
	head -c 65536 /dev/zero >"$tap_tmp/small/full" 2>/dev/null
	failed=0
	for n in $(seq 200); do
		nvmelab set-feature "$device" -f 1 -v 2 --save >/dev/null 2>"$tap_tmp/err" || { failed=1; break; }
	done
	if [ $failed -eq 1 ]; then ok "a full disk fails a command"; else not_ok "a full disk fails a command" "$n commands"; fi
	check_file "with Internal Error" 'INTERNAL_ERROR|Internal Error' "$tap_tmp/err"
	check_file "and a sentence" "state file $state: cannot be written: No space left on device" "$tap_tmp/log"
	rm "$tap_tmp/small/full"
	check "and goes on when there is room" nvmelab set-feature "$device" -f 1 -v 3 --save
	stop KILL
	begin
	check_output "with what was promised" 'value:(0x)?00000003$' nvmelab get-feature "$device" -f 1
	stop TERM
else
	skip "a full disk" "cannot mount"
fi
tap_done
