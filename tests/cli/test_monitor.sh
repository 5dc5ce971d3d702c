#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab monitor at one controller hears of what is done at another one of the NVM subsystem. Nothing here is timed: each
# line is waited for.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh"

one=vfio-user:$tap_tmp/one
two=vfio-user:$tap_tmp/two

# hears NAME REGEX: the monitor prints such a line, sooner or later.
hears()
{
	local line
	while IFS= read -r -t 60 line <&4; do
		if [[ $line =~ $2 ]]; then
			ok "$1"
			return
		fi
	done
	not_ok "$1" "no line matches: $2" "$(tail -n 5 "$tap_tmp/monitor.err")"
}

start --socket "$tap_tmp/one" --socket "$tap_tmp/two" --ns size=4M
mkfifo "$tap_tmp/lines"
nvmelab monitor "$one" --interval 50 >"$tap_tmp/lines" 2>"$tap_tmp/monitor.err" </dev/null &
monitor=$!
exec 4<"$tap_tmp/lines"
tap_at_exit 'kill "$monitor" 2>/dev/null'

hears "rates, when it is ready" '  live  [0-9]+ °C  read 0/s '
check "a namespace is made" nvmelab create-ns "$two" -s 2048 -m 1
check "and attached to both" nvmelab attach-ns "$two" -n 2 -c 1,2
hears "the controller says that namespaces changed" 'asynchronous event: Attached Namespace Attribute Changed \(type 2, information 00h, log page 04h'
hears "the driver says which" 'namespace added: 2$'
check "it is formatted" nvmelab format "$two" -n 2 -l 1
hears "the driver says so" 'namespace reformatted: 2$'
check "it is detached" nvmelab detach-ns "$two" -n 2 -c 1,2
hears "the driver says so, too" 'namespace removed: 2$'
check "work at the other controller" nvmelab check-io "$two" --size 4M -b 128K
kill -INT "$monitor"
wait "$monitor"
status=$?
if [ "$status" -eq 0 ]; then ok "an interrupt ends it"; else not_ok "an interrupt ends it" "exit status $status"; fi
exec 4<&-
check_status "a device that is not there" 3 nvmelab monitor "vfio-user:$tap_tmp/none"
stop
check_status "a server that went away" 3 nvmelab monitor "$one" --time 1
tap_done
