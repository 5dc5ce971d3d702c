#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab against an nvmelab-emulator, a process of its own: the same commands over a socket.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh" || exit 99

socket=$tap_tmp/cntrl
device=vfio-user:$socket


# The same answers as the emulator inside the process gives, but for its name.
start --socket "$socket" --ns size=16M --controller serial=SAME --trace "$tap_tmp/trace"
for command in id-ctrl id-ns list-ns smart-log effects-log "get-feature -f 1" "error-log -e 2"; do
	# shellcheck disable=SC2086 # a command and its options
	nvmelab $command -o json --ns size=16M --controller serial=SAME >"$tap_tmp/inside" 2>&1
	# shellcheck disable=SC2086
	check "$command over a socket" nvmelab $command "$device" -o json
	cp "$tap_tmp/out" "$tap_tmp/outside"
	check "$command is as inside the process" cmp "$tap_tmp/inside" "$tap_tmp/outside"
done
check_output "list names the device" "^$device +SAME " nvmelab list "$device"
check_output "show-regs reads by messages" '^csts    : 1$' nvmelab show-regs "$device"
check "reset" nvmelab reset "$device"
head -c 65536 /dev/urandom >"$tap_tmp/data"
check "write" nvmelab write "$device" -s 3 -c 127 -d "$tap_tmp/data"
check "read" nvmelab read "$device" -s 3 -c 127 -d "$tap_tmp/read"
check "what was written by one connection is read by another" cmp "$tap_tmp/data" "$tap_tmp/read"
check "flush" nvmelab flush "$device"
check_output "check-io, polled" 'every byte is right$' nvmelab check-io "$device" --size 4M
check_output "check-io, with interrupts" 'every byte is right$' nvmelab check-io "$device" --size 4M --interrupts -b 64K
check_output "check-io, every doorbell a message" 'every byte is right$' nvmelab check-io "$device" --size 1M --no-mapping
check_output "perf on several queues" '^IOPS +[1-9]' nvmelab perf "$device" --time 1 --queues 4 --verify --size 1M --pattern randrw
check_status "a status over a socket" 1 nvmelab read "$device" -s 0x100000
check_status "usage is seen before the device is disturbed" 2 nvmelab perf "$device" --queue-depth 0
nvmelab read "$device" -c 31 -s 77 --interrupts >/dev/null 2>&1
stop
if [ "$status" -eq 0 ]; then ok "the emulator ends cleanly"; else not_ok "the emulator ends cleanly" "status $status"; fi
nvmelab trace "$tap_tmp/trace" --life last-read -o json >"$tap_tmp/life"
check_output "its trace holds the life of the last read" '^db\.sq sqe\.fetch .*cqe\.post irq\.raise db\.cq$' \
	jq -r '[.events[].event] | join(" ")' "$tap_tmp/life"
check "its trace has no error" nvmelab trace "$tap_tmp/trace"

# A server that does not answer is not waited for without end.
start --socket "$socket" --ns size=16M
kill -STOP "$pid"
check_status "a server that hangs ends a command with 3" 3 nvmelab id-ctrl "$device" --timeout 300
kill -CONT "$pid"
check "and is used again when it goes on" nvmelab id-ctrl "$device"
stop

# With trapped doorbells a drive with an enabled controller and an idle host sleeps until somebody wakes it: in
# epoll_pwait2 (441) without a time-out.
asleep='^441 (0x[0-9a-f]+ ){3}0x0 '
start --socket "$socket" --bar0 trapped
nvmelab perf "$device" --time 60 >/dev/null 2>&1 </dev/null &
perf=$!
while [ "$(awk '{ print $3 }' "/proc/$perf/stat" 2>/dev/null)" != R ] && kill -0 "$perf" 2>/dev/null; do :; done
kill -STOP "$perf"
if [ -r "/proc/$pid/syscall" ] && cat "/proc/$pid/syscall" >/dev/null 2>&1; then
	check "an idle drive with trapped doorbells sleeps" timeout 60 bash -c \
		'until grep -qE "$1" "/proc/$2/syscall"; do :; done' bash "$asleep" "$pid"
else
	skip "an idle drive with trapped doorbells sleeps" "/proc/PID/syscall cannot be read"
fi
kill -KILL "$perf"
wait "$perf" 2>/dev/null
stop

# Two devices in one list; the second emulator is in another folder.
mkdir "$tap_tmp/b"
first=$socket
start --socket "$socket" --ns size=16M
pid_first=$pid
socket=$tap_tmp/b/cntrl
start --socket "$socket" --ns size=1M --ns size=2M
check_output "list takes several devices" '^\[1,1,2\]$' sh -c 'nvmelab list "$1" "$2" -o json | jq -c "[.Devices[].NameSpace]"' \
	sh "vfio-user:$first" "vfio-user:$socket"
check_status "list goes on after one that fails" 3 nvmelab list "vfio-user:$first" "vfio-user:$tap_tmp/none" "vfio-user:$socket"
cp "$tap_tmp/out" "$tap_tmp/list"
check_output "and prints the others" '^3$' grep -c NVMELAB0001 "$tap_tmp/list"

# A server that dies under a command is an error with a name.
nvmelab perf "vfio-user:$socket" --time 60 >"$tap_tmp/out" 2>"$tap_tmp/err" </dev/null &
perf=$!
while [ "$(awk '{ print $3 }' "/proc/$perf/stat" 2>/dev/null)" != R ] && kill -0 "$perf" 2>/dev/null; do :; done
kill -9 "$pid"
wait "$pid" 2>/dev/null
status=0
wait "$perf" || status=$?
if [ "$status" -eq 3 ]; then ok "a server that dies ends perf with 3"; else not_ok "a server that dies ends perf with 3" "status $status"; fi
check_file "and says so" '^nvmelab: perf: ' "$tap_tmp/err"
pid=$pid_first
stop
tap_done
