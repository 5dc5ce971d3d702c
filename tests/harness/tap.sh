# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Shared by the test scripts: each check prints one TAP line; tap_done prints the plan and ends the script.
#
#	. "${top_srcdir:-.}/tests/harness/tap.sh"
#	check "list exits 0" nvmelab list
#	check_status "an unknown command is a usage error" 2 nvmelab no-such-command
#	check_output "prints its version" '^nvmelab 0\.1' nvmelab --version
#	tap_done
#
# $tap_tmp is a private folder, removed at the end; tap_at_exit adds a command to the clean-up.
set -u

tap_count=0
tap_failed=0
tap_cleanup=()
tap_tmp=$(mktemp -d "${TMPDIR:-/tmp}/nvmelab-test.XXXXXX") || exit 99

tap_on_exit()
{
	local i
	for ((i = ${#tap_cleanup[@]} - 1; i >= 0; i--)); do
		eval "${tap_cleanup[i]}"
	done
	rm -rf "$tap_tmp"
}
trap tap_on_exit EXIT
trap 'exit 130' INT TERM

# tap_at_exit COMMAND: runs COMMAND (a string) when the script ends, last one first.
tap_at_exit() { tap_cleanup+=("$1"); }

# ok NAME, not_ok NAME [LINE...]: one result; the lines explain a failure.
ok() { tap_count=$((tap_count + 1)); printf 'ok %d - %s\n' "$tap_count" "$1"; }
not_ok()
{
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$1"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

# skip NAME REASON: a result that could not be had here.
skip() { tap_count=$((tap_count + 1)); printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"; }

# skip_all REASON: nothing of this script can run here; ends it.
skip_all() { printf '1..0 # SKIP %s\n' "$1"; exit 0; }

# bail_out REASON: the rest makes no sense.
bail_out() { printf 'Bail out! %s\n' "$1"; exit 1; }

# check NAME COMMAND...: the command succeeds. check_status NAME N COMMAND...: it exits with N.
# Standard output and error are left in $tap_tmp/out and $tap_tmp/err.
check() { local name=$1; shift; check_status "$name" 0 "$@"; }
check_status()
{
	local name=$1 want=$2 status=0
	shift 2
	"$@" >"$tap_tmp/out" 2>"$tap_tmp/err" </dev/null || status=$?
	if [ "$status" -eq "$want" ]; then
		ok "$name"
	else
		not_ok "$name" "command: $*" "exit status: $status, expected: $want" \
			"$(tail -n 20 "$tap_tmp/err" "$tap_tmp/out")"
	fi
}

# check_output NAME REGEX COMMAND...: it succeeds, and a line of its standard output matches (grep -E).
check_output()
{
	local name=$1 regex=$2 status=0
	shift 2
	"$@" >"$tap_tmp/out" 2>"$tap_tmp/err" </dev/null || status=$?
	if [ "$status" -eq 0 ] && grep -Eq -- "$regex" "$tap_tmp/out"; then
		ok "$name"
	else
		not_ok "$name" "command: $*" "exit status: $status; no line matches: $regex" \
			"$(tail -n 20 "$tap_tmp/err" "$tap_tmp/out")"
	fi
}

# check_file NAME REGEX FILE: a line of the file matches.
check_file()
{
	if grep -Eq -- "$2" "$3"; then
		ok "$1"
	else
		not_ok "$1" "no line of $3 matches: $2" "$(tail -n 20 "$3" 2>&1)"
	fi
}

# await_place N: until fewer than N of the jobs that were started with '&' are at work. wait_all: until none is. Both fail as
# soon as they meet a job that failed.
await_place()
{
	while [ "$(jobs -rp | wc -l)" -ge "$1" ]; do
		wait -n || return
	done
}
wait_all()
{
	local job
	for job in $(jobs -p); do
		wait "$job" || return
	done
}

# tap_done: prints the plan and ends the script; exit status 1 when something failed.
tap_done()
{
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ]
	exit
}
