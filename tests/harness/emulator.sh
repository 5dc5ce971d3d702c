# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# For test scripts that need an emulator, one at a time; sourced behind tap.sh.
#
#	start --socket "$socket" --ns size=16M
#	stop
#
# start OPTION...: runs it in the background until it is ready. Its process is $pid, what it says
# goes to $tap_tmp/said and $tap_tmp/log.
# shellcheck disable=SC2154 # tap_tmp is from tap.sh
start()
{
	local line
	rm -f "$tap_tmp/said"
	mkfifo "$tap_tmp/said"
	nvmelab-emulator "$@" >"$tap_tmp/said" 2>"$tap_tmp/log" </dev/null &
	pid=$!
	exec 3<"$tap_tmp/said"
	IFS= read -r line <&3 || line=
	[ "${line%% *}" = ready ] || bail_out "the emulator is not ready: $(cat "$tap_tmp/log")"
}

# stop [SIGNAL]: ends it by SIGTERM, or by that; its exit status is in $status.
# shellcheck disable=SC2034 # for the script
stop()
{
	status=0
	kill -s "${1:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null || status=$?
	pid=
	exec 3<&-
}

command -v nvmelab-emulator >/dev/null || skip_all "nvmelab-emulator is not built"
# shellcheck disable=SC2016 # evaluated at the end
tap_at_exit '[ -z "${pid:-}" ] || kill "$pid" 2>/dev/null'
