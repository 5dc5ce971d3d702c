#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The first thing to see: starts an emulated drive as a process of its own and uses it as a host does, over a
# socket and shared memory. './quickstart run' ends here.
#
# Exit status: 0; 1 something failed; 3 the programs are not built.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
build=${NVMELAB_BUILD:-$top/build}
trace=$build/first-run.trace
for program in nvmelab nvmelab-emulator; do
	if [ ! -x "$build/$program" ]; then
		echo "first-run: $build/$program is not built; './quickstart run' builds it" >&2
		exit 3
	fi
done

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(tput bold 2>/dev/null || true)
	plain=$(tput sgr0 2>/dev/null || true)
fi
heading() { printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"; }
indent() { sed 's/^\(.\)/  \1/'; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/nvmelab.XXXXXX")
emulator=
finish()
{
	local status=$?
	if [ -n "$emulator" ]; then
		kill "$emulator" 2>/dev/null || true
		wait "$emulator" 2>/dev/null || true
	fi
	if [ "$status" -ne 0 ] && [ -s "$dir/errors" ]; then
		echo "first-run: the emulator said:" >&2
		indent <"$dir/errors" >&2
	fi
	rm -rf "$dir"
	[ "$status" -eq 0 ] || echo "first-run: failed" >&2
}
trap finish EXIT
trap 'exit 130' INT TERM

nvmelab() { "$top/run" nvmelab "$@"; }

# The emulator says 'ready PATH' when it listens; the pipe stays open as long as it runs.
start_emulator()
{
	local ready=
	mkfifo "$dir/said"
	"$top/run" nvmelab-emulator --socket "$dir/nvme.sock" --trace "$trace" \
		>"$dir/said" 2>"$dir/errors" </dev/null &
	emulator=$!
	exec 3<"$dir/said"
	read -r -t 60 ready _ <&3 || true
	if [ "$ready" != ready ]; then
		echo "first-run: the emulator did not start" >&2
		exit 1
	fi
}

# It ends cleanly when it is told to, which completes its trace.
stop_emulator()
{
	local status=0
	kill "$emulator"
	wait "$emulator" || status=$?
	emulator=
	if [ "$status" -ne 0 ]; then
		echo "first-run: the emulator ended with status $status" >&2
		exit 1
	fi
}

start_emulator
device=vfio-user:$dir/nvme.sock
heading "An NVMe drive that is a process (64 MiB, in memory)"
nvmelab list "$device" -o json >"$dir/list"
nvmelab id-ctrl "$device" >"$dir/id-ctrl"
field() { sed -n "s/^ *\"$1\" : \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$dir/list"; }
id() { sed -n "s/^$1 *: *//p" "$dir/id-ctrl" | sed 's/ *$//'; }
printf '  %-12s %s, serial number %s, firmware %s\n' controller "$(field ModelNumber)" "$(field SerialNumber)" \
	"$(field Firmware)"
printf '  %-12s VS %s, MDTS %s, SQES %s, CQES %s, ONCS %s, VWC %s\n' identify "$(id ver)" "$(id mdts)" "$(id sqes)" \
	"$(id cqes)" "$(id oncs)" "$(id vwc)"
printf '  %-12s %s: %s blocks of %s bytes\n' namespace "$(field NameSpace)" "$(field MaximumLBA)" "$(field SectorSize)"

heading "Is it a drive? Write 16 MiB and read it back"
nvmelab check-io "$device" --interrupts --size 16M --queue-depth 32 --block-size 16K | indent

# A read of its own, so that its doorbell and its interrupt belong to no other.
heading "One read, step by step, as the controller saw it"
nvmelab read "$device" --interrupts --start-block 1000 --block-count 31 --data "$dir/data" 2>"$dir/read" ||
	{ cat "$dir/read" >&2; exit 1; }
stop_emulator
nvmelab trace "$trace" --life last-read | sed 1,2d

heading "Next"
next() { printf '  %-44s %s\n' "$1" "$2"; }
next "./run nvmelab help" "commands of nvme-cli, without a kernel; no DEVICE is needed"
next "./run nvmelab id-ctrl -H" "what the controller says about itself, bit by bit"
next "./run nvmelab perf --time 3" "commands a second, and their latency"
next "./run nvmelab trace ${trace#"$top"/}" "all that happened above"
next "./run nvmelab-emulator --help" "the drive: sizes, queues, delays, several controllers"
next "./run nvmelab qemu SOCKET" "a Linux guest that has it as a drive"
