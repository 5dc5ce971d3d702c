#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab-emulator as a program: options, exit statuses, sockets, files, signals.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh"

emulator=${NVMELAB_EMULATOR:-nvmelab-emulator}
socket=$tap_tmp/cntrl

# start OPTION...: runs it in the background until it is ready; $pid, standard error in $tap_tmp/log.
start()
{
	rm -f "$tap_tmp/ready"
	mkfifo "$tap_tmp/ready"
	"$emulator" --socket "$socket" "$@" >"$tap_tmp/ready" 2>"$tap_tmp/log" &
	pid=$!
	IFS= read -r line <"$tap_tmp/ready" || line=
	[ "$line" = "ready $socket" ]
}

# stop SIGNAL: its exit status is in $status.
stop()
{
	status=0
	kill -s "$1" "$pid"
	wait "$pid" || status=$?
}

# refused NAME STATUS TEXT OPTION...: it does not start, exits with STATUS and says TEXT.
refused()
{
	local name=$1 want=$2 says=$3 got=0
	shift 3
	"$emulator" "$@" >"$tap_tmp/out" 2>"$tap_tmp/err" </dev/null || got=$?
	if [ "$got" -eq "$want" ] && grep -qF -- "$says" "$tap_tmp/err" && [ "$(wc -l <"$tap_tmp/err")" -eq 1 ]; then
		ok "$name"
	else
		not_ok "$name" "exit status $got instead of $want, or not: $says" "$(head -n 5 "$tap_tmp/err")"
	fi
}

check_output "--version prints name and version" '^nvmelab-emulator [0-9]+\.' "$emulator" --version
check_output "--help describes the keys of a namespace" '^  size=BYTES' "$emulator" --help
check_output "--help describes the keys of a controller" '^  mqes ' "$emulator" --help
check_output "--help describes the profiles" '^  minimal ' "$emulator" --help

refused "without a socket" 2 "--socket PATH is needed"
refused "an unknown option" 2 "Unknown option" --socket "$socket" --no-such-option
refused "an argument" 2 "unexpected argument 'extra'" --socket "$socket" extra
refused "an unknown profile" 2 "minimal" --socket "$socket" --profile no-such-profile
refused "an unknown controller key" 2 "colour" --socket "$socket" --controller colour=red
refused "a controller key without a value" 2 "KEY=VALUE" --socket "$socket" --controller mqes
refused "a controller key out of range" 2 "65535" --socket "$socket" --controller mqes=0
refused "keys that do not go together" 2 "dstrd" --socket "$socket" --controller queues=65535,dstrd=15
refused "a model that is too long" 2 "model" --socket "$socket" --model "$(printf 'x%.0s' {1..41})"
refused "a namespace key" 2 "size, file, nbd, cache, lba, nsid" --socket "$socket" --ns colour=red
refused "a namespace size" 2 "up to 8191P" --socket "$socket" --ns size=9999P
refused "two namespaces with one number" 2 "1" --socket "$socket" --ns nsid=1 --ns nsid=1
refused "a BAR0 mode" 2 "trapped, doorbells, shared" --socket "$socket" --bar0 magic
refused "a clock" 2 "real, virtual" --socket "$socket" --clock wall
refused "a log level" 2 "error, warning, info, debug" --socket "$socket" --log loud
refused "a seed" 2 "64 bits" --socket "$socket" --seed x
refused "the lab without a virtual clock" 2 "virtual clock" --socket "$socket" --lab
refused "a socket path that is too long" 2 "107 bytes" --socket "/tmp/$(printf 'x%.0s' {1..200})"
sockets=()
for i in {1..17}; do sockets+=(--socket "$tap_tmp/$i"); done
refused "seventeen sockets" 2 "16" "${sockets[@]}"

refused "a socket in a folder that is not there" 3 "/nonexistent/cntrl" --socket /nonexistent/cntrl
touch "$tap_tmp/file"
refused "a socket path that is a file" 3 "is not a socket" --socket "$tap_tmp/file"
refused "a medium that is not there" 3 "does not exist" --socket "$socket" --ns "file=$tap_tmp/none"
refused "a trace file in a folder that is not there" 3 "/nonexistent/trace" --socket "$socket" --trace /nonexistent/trace
check "nothing is left of those" test ! -e "$socket"

check "it says when it is ready" start
check "its socket is its user's alone" test "$(stat -c %a "$socket")" = 600
refused "a second emulator at the same socket" 3 "another process listens there" --socket "$socket"
stop TERM
check "SIGTERM ends it with 0" test "$status" -eq 0
check "it removes its socket" test ! -e "$socket"

start
kill -KILL "$pid"
wait "$pid" 2>/dev/null
check "a killed emulator leaves its socket" test -S "$socket"
check "the next one takes it over" start
stop INT
check "SIGINT ends it with 0" test "$status" -eq 0

start --ns "size=1M,file=$tap_tmp/medium" --ns "size=1M,file=$tap_tmp/a,,b"
check "a medium is made in its size" test "$(stat -c %s "$tap_tmp/medium")" -eq 1048576
check "two commas are one" test -f "$tap_tmp/a,b"
refused "a medium that another emulator uses" 3 "another namespace or process" --socket "$tap_tmp/other" --ns "file=$tap_tmp/medium"
stop TERM

start --ns size=1P --clock virtual --lab --trace "$tap_tmp/trace" --seed 0x10 --serial ABC --profile minimal
check "a virtual clock, a trace and 1 PiB of memory" test "$line" = "ready $socket"
stop TERM
check_file "the trace begins with its header" '^\{.*controller' "$tap_tmp/trace"

start --trace /dev/full
stop TERM
check "a trace that cannot be written is an error of the environment" test "$status" -eq 3
check "it is reported once" test "$(grep -c 'trace file /dev/full: No space left' "$tap_tmp/log")" -eq 1

mkfifo "$tap_tmp/ready2"
"$emulator" --socket "$tap_tmp/one" --socket "$tap_tmp/two" >"$tap_tmp/ready2" 2>"$tap_tmp/log" &
pid=$!
IFS= read -r line <"$tap_tmp/ready2"
check "two sockets, one line" test "$line" = "ready $tap_tmp/one $tap_tmp/two"
stop TERM
check "and a clean end" test "$status" -eq 0

tap_done
