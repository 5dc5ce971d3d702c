#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The parameters of the driver, as users set them: --driver KEY=VALUE.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99

nvmelab help params >"$tap_tmp/params"
mapfile -t keys < <(sed -nE 's/^  ([a-z_]+) .*/\1/p' "$tap_tmp/params")
if [ "${#keys[@]}" -ge 20 ]; then ok "help lists the parameters"; else not_ok "help lists the parameters" "${keys[@]}"; fi
for key in admin_timeout io_timeout max_retries max_power_latency policy mode queues entries; do
	check_file "$key is one of them" "^  $key  " "$tap_tmp/params"
done

# Every key is taken with its default, and refused by name with what it takes.
for key in "${keys[@]}"; do
	default=$(sed -n "/^  $key /,\$p" "$tap_tmp/params" | tr -s ' \n' ' ' | grep -oE '\(default [^)]*' | head -n 1)
	default=${default#*default }
	check "$key=$default is taken" nvmelab list-ns --driver "$key=$default"
	check_status "$key=? is refused" 2 nvmelab list-ns --driver "$key=?"
	check_file "and it is said why" "^nvmelab: list-ns: --driver: $key = '\?': allowed is " "$tap_tmp/err"
done
check_status "a key that is not there" 2 nvmelab id-ctrl --driver timeout=5
check_file "the error has those that are" "unknown parameter 'timeout'; there are queues, .*io_timeout" "$tap_tmp/err"
check_status "a key without a value" 2 nvmelab id-ctrl --driver stats
check_file "it is said that one is missing" "'stats' is not KEY=VALUE" "$tap_tmp/err"
check_status "out of range" 2 nvmelab id-ctrl --driver entries=64,max_retries=16
check_file "the error has the range" "max_retries = '16': allowed is a number from 0 to 15" "$tap_tmp/err"

# They do what they say.
live() { nvmelab list-ns -v "$@" 2>&1; }
check_output "queues and entries" ': live: 3 queue pairs of 64 entries, 0 vectors' live --driver queues=3,entries=64
check_output "vectors imply interrupts" ': live: 3 queue pairs of 128 entries, 2 vectors' live --driver queues=3 --driver vectors=2
check_output "so does a hybrid queue" ', 2 vectors' live --driver mode=hybrid
check_output "polled queues need none, but the admin queue has one" ', 2 vectors' live --driver mode=polled --interrupts
check_output "a command is as large as allowed" ', 64 KiB a command' live --driver max_transfer=64K
for mode in polled hybrid vector; do
	check_output "$mode: every byte is right" 'every byte is right$' nvmelab check-io --size 1M --interrupts --driver "mode=$mode,spin=5us"
done
check_output "APST is set" 'Autonomous Power State Transition Enable.*Enabled' \
	nvmelab get-feature -f 0xc -H --driver max_power_latency=60m
check_status "fewer slots than a command wants" 2 nvmelab perf --time 1 --driver entries=8
check_file "it is said" "the controller's queues take 7 commands" "$tap_tmp/err"
check_output "they are completed" '^io_timeout=$' bash -c \
	'source <(nvmelab completion bash); COMP_WORDS=(nvmelab perf --driver io_); COMP_CWORD=3; _nvmelab 2>/dev/null
	printf "%s\n" "${COMPREPLY[@]}"'
tap_done
