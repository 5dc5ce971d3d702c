#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Several controllers of one subsystem, each behind a socket of its own, and the control socket.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh" || exit 99

say=${top_builddir:-.}/tests/cli/say
[ -x "$say" ] || skip_all "tests/cli/say is not built"
control=$tap_tmp/control
mkdir "$tap_tmp/a" "$tap_tmp/b"
a=vfio-user:$tap_tmp/a/cntrl
b=vfio-user:$tap_tmp/b/cntrl

start --socket "$tap_tmp/a/cntrl" --socket "$tap_tmp/b/cntrl" --control "$control" \
	--ns size=16M --ns size=1M,anagrp=2 --ns size=64K,cache=1G

# Two controllers: shared namespaces, numbers of their own.
check_output "the first controller" '^cntlid +: (0x)?1$' nvmelab id-ctrl "$a"
check_output "the second controller" '^cntlid +: (0x)?2$' nvmelab id-ctrl "$b"
head -c 65536 /dev/urandom >"$tap_tmp/data"
check "write by one" nvmelab write "$a" -s 3 -c 127 -d "$tap_tmp/data"
check "read by the other" nvmelab read "$b" -s 3 -c 127 -d "$tap_tmp/read"
check "it is the same data" cmp "$tap_tmp/data" "$tap_tmp/read"

# One client hangs, is killed, and resets, while the other works.
nvmelab perf "$a" --time 60 --queues 4 >/dev/null 2>&1 </dev/null &
perf=$!
while [ "$(awk '{ print $3 }' "/proc/$perf/stat" 2>/dev/null)" != R ] && kill -0 "$perf" 2>/dev/null; do :; done
kill -STOP "$perf"
check_output "the other works while one stands still" 'every byte is right$' nvmelab check-io "$b" --size 4M
kill -CONT "$perf"
check_output "and while it works" 'every byte is right$' nvmelab check-io "$b" --size 1M -n 2
kill -KILL "$perf"
wait "$perf" 2>/dev/null
check_output "and after it was killed" 'every byte is right$' nvmelab check-io "$b" --size 1M
check "a reset of one" nvmelab reset "$a"
check "does not concern the other" nvmelab id-ctrl "$b"

# The control socket.
check_output "help" '^ok: ana CTRL GROUP STATE, ' "$say" "$control" help
check_output "a path fails" '^ok$' "$say" "$control" ana 0 2 inaccessible
check_status "its namespace cannot be read there" 1 nvmelab read "$a" -n 2 -s 0 -c 0 -z 512 -d "$tap_tmp/read"
check_file "and the status says why" 'Asymmetric Access Inaccessible' "$tap_tmp/err"
check "the other path works" nvmelab read "$b" -n 2 -s 0 -c 0 -z 512 -d "$tap_tmp/read"
check "another namespace too" nvmelab read "$a" -n 1 -s 0 -c 0 -z 512 -d "$tap_tmp/read"
check_output "it comes back" '^ok$' "$say" "$control" ana 0 2 optimized
check "and the namespace can be read" nvmelab read "$a" -n 2 -s 0 -c 0 -z 512 -d "$tap_tmp/read"
check_output "a state that is none" "^error: state 'away': one of optimized" "$say" "$control" ana 0 2 away
check_output "a group that is none" '^error: group 9: ' "$say" "$control" ana 0 9 optimized
check_output "a controller that is none" "^error: controller '2': a number from 0 to 1$" "$say" "$control" ana 2 1 optimized
check_output "words that are missing" '^error: ana CTRL GROUP STATE is expected$' "$say" "$control" ana 0
check_output "a command that is none" '^error: no such command' "$say" "$control" explode
check_output "an empty line" '^error: no such command' "$say" "$control" ''
check_output "heat" '^ok$' "$say" "$control" temperature 0 360
check_output "is measured" '^temperature +: .*(360|87)' nvmelab smart-log "$a"
check_output "heat that is none" "^error: temperature 'warm': a number from 0 to 1000$" "$say" "$control" temperature 0 warm
check_output "an event" '^ok$' "$say" "$control" event 0 0x010200
check_output "an event that is none" '^error: event 0x00ff07: ' "$say" "$control" event 0 0xff07
check_output "power" '^ok$' "$say" "$control" power-cut
check_output "is counted" '^power_cycles +: 2$' nvmelab smart-log "$a"
check "durable data" nvmelab write "$a" -n 3 -s 0 -c 15 -z 8192 -d "$tap_tmp/data"
nvmelab perf "$a" -n 3 --pattern write -q 1 -b 512 --time 60 >/dev/null 2>&1 </dev/null &
perf=$!
# It has used the processor for a while; much less than the cache holds.
while ! awk '$14 < 10 { exit 1 }' "/proc/$perf/stat" 2>/dev/null && kill -0 "$perf" 2>/dev/null; do :; done
kill -KILL "$perf"
wait "$perf" 2>/dev/null
check_output "power that is cut after writes to a volatile cache" '^ok$' "$say" "$control" power-cut none
check "comes back" nvmelab read "$a" -n 3 -s 0 -c 15 -z 8192 -d "$tap_tmp/read"
check "with what was durable" cmp -n 8192 "$tap_tmp/data" "$tap_tmp/read"
check_output "the cache may be kept" '^ok$' "$say" "$control" power-cut all
check_output "what cannot be kept" "^error: 'some': one of none, all, prefix, subset$" "$say" "$control" power-cut some
check_output "too much of it" '^error: power-cut \[KEEP\] is expected$' "$say" "$control" power-cut all all
check_status "a line without end is cut off" 1 "$say" "$control" "$(printf '%05000d' 0)"
check_output "and others are served" '^ok: ' "$say" "$control" help
check_output "a signal that nobody heeds" '^error: no controller heeds it; ' "$say" "$control" power-loss asserted
check_output "and that there is not" '^ok: deasserted$' "$say" "$control" power-loss
check_output "a signal that is none" "^error: 'on': one of asserted, deasserted$" "$say" "$control" power-loss on
check_output "no faults" '^ok$' "$say" "$control" fault list
check_output "words of fault that are none" '^error: fault list, fault load FILE, fault arm NAME or fault disarm NAME is expected$' "$say" "$control" fault list all
check_output "words of fault that are missing" '^error: fault list, ' "$say" "$control" fault arm
kill "$pid"
wait "$pid"
pid=
if [ ! -e "$control" ]; then ok "the socket is removed at the end"; else not_ok "the socket is removed at the end"; fi
tap_done
