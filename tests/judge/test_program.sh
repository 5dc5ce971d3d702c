#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab-emulator --judge: what a good client is told, and a bad one; the file, the summary, the exit status.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh"

emulator=${NVMELAB_EMULATOR:-nvmelab-emulator}
socket=$tap_tmp/cntrl
device=vfio-user:$socket
findings=$tap_tmp/findings

# start OPTION...: runs it in the background until it is ready; $pid, standard error in $tap_tmp/log.
start()
{
	rm -f "$tap_tmp/ready"
	mkfifo "$tap_tmp/ready"
	"$emulator" --socket "$socket" "$@" >"$tap_tmp/ready" 2>"$tap_tmp/log" </dev/null &
	pid=$!
	IFS= read -r line <"$tap_tmp/ready" || line=
	[ "$line" = "ready $socket" ]
}

# stop: ends it; its exit status is in $status.
stop()
{
	status=0
	kill -s TERM "$pid"
	wait "$pid" || status=$?
}

# work: a session of this project's driver: bring-up, queues, data, features, logs, shutdown.
work()
{
	nvmelab id-ctrl "$device" >/dev/null && nvmelab smart-log "$device" >/dev/null &&
		head -c 65536 /dev/urandom >"$tap_tmp/data" &&
		nvmelab write "$device" -c 127 -z 65536 -d "$tap_tmp/data" >/dev/null &&
		nvmelab read "$device" -c 127 -z 65536 >"$tap_tmp/back" && cmp -s "$tap_tmp/data" "$tap_tmp/back" &&
		nvmelab flush "$device" >/dev/null && nvmelab show-regs "$device" >/dev/null &&
		nvmelab get-feature "$device" -f 7 >/dev/null
}

for mode in trapped doorbells shared; do
	check "$mode: it starts with a judge" start --bar0 "$mode" "--judge=$findings"
	check "$mode: a good client works" work
	stop
	check "$mode: and is told nothing: exit status 0" test "$status" -eq 0
	check "$mode: the file is empty" test ! -s "$findings"
	check_file "$mode: the summary says so" '^judge: in all, violations 0, advice 0$' "$tap_tmp/log"
done

check "it starts with a judge and a trace" start "--judge=$findings" --trace "$tap_tmp/trace"
# NVM 1.0 3.2.4: a namespace of 64 MiB ends before block 131072.
for _ in {1..12}; do
	check_status "a read beyond the end fails" 1 nvmelab read "$device" -s 131072 -z 512
done
stop
check "a violation makes the exit status 1" test "$status" -eq 1
check_file "it is said in words" '^judge: violation lba-range: ctrl 0 qid 1 cid [0-9]+ opcode 02h seq [0-9]+ slba=0x20000 nlb=1 nsze=0x20000: ' \
	"$tap_tmp/log"
check_file "the summary counts" '^judge: violation lba-range: 12 times$' "$tap_tmp/log"
check_file "in all" '^judge: in all, violations 12, advice 0$' "$tap_tmp/log"
check_output "standard error has the first ten, then says that it counts" '^10$' grep -c '^judge: violation lba-range: ctrl' "$tap_tmp/log"
check_output "the tenth says so" '^1$' grep -c 'more of these are only counted' "$tap_tmp/log"
check_output "the file has all of them" '^12$' grep -c '"rule":"lba-range","level":"violation"' "$findings"
if command -v jq >/dev/null; then
	check "each line is JSON" jq -e -s 'all(.numbers.slba == "0x20000" and .qid == 1 and .ctrl == 0)' "$findings"
	seq=$(jq -r .seq "$findings" | head -n 1)
	check_output "the record is that of the command" '^\["sqe.fetch",1,2\]$' \
		jq -c "select(.seq == $seq) | [.event, .qid, .opcode]" "$tap_tmp/trace"
else
	skip "each line is JSON" "jq is not installed"
	skip "the record is that of the command" "jq is not installed"
fi

check "without a file" start --judge
check_status "a read beyond the end" 1 nvmelab read "$device" -s 131072 -z 512
stop
check "the exit status is 1" test "$status" -eq 1
check_file "and it is said" '^judge: violation lba-range' "$tap_tmp/log"

got=0
"$emulator" --socket "$socket" --judge=/nonexistent/findings >"$tap_tmp/out" 2>"$tap_tmp/refused" </dev/null || got=$?
check "a file that cannot be: exit status 3" test "$got" -eq 3
check_file "it is named" '/nonexistent/findings' "$tap_tmp/refused"
if [ -w /dev/full ]; then
	check "it starts with a full disk" start --judge=/dev/full
	check_status "a read beyond the end" 1 nvmelab read "$device" -s 131072 -z 512
	stop
	check "a file that cannot be written: exit status 3" test "$status" -eq 3
	check_file "it is said" "judge's file /dev/full" "$tap_tmp/log"
else
	skip "a file that cannot be written" "there is no /dev/full"
fi
check_output "--help lists the rules" '^  sq-overrun +violation, Base 2.0' "$emulator" --help
tap_done
