#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The first thing to see: starts an emulated drive as a process of its own and uses it as a host does, over a
# socket and shared memory. './quickstart run' ends here.
#
# Exit status: 0; 1 a command failed; 3 the programs are not built.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
build=${NVMELAB_BUILD:-$top/build}
for program in nvmelab nvmelab-emulator; do
	if [ ! -x "$build/$program" ]; then
		echo "first-run: $build/$program is not built" >&2
		exit 3
	fi
done

dir=$(mktemp -d "${TMPDIR:-/tmp}/nvmelab.XXXXXX")
emulator=
finish()
{
	if [ -n "$emulator" ]; then
		kill "$emulator" 2>/dev/null || true
		wait "$emulator" 2>/dev/null || true
	fi
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

# The emulator says 'ready PATH' when it listens.
mkfifo "$dir/said"
"$top/run" nvmelab-emulator --socket "$dir/nvme.sock" --ns size=64M >"$dir/said" 2>"$dir/errors" </dev/null &
emulator=$!
ready=
read -r -t 30 ready _ <"$dir/said" || true
if [ "$ready" != ready ]; then
	echo "first-run: the emulator did not start:" >&2
	cat "$dir/errors" >&2
	exit 1
fi

"$top/run" nvmelab first-run "vfio-user:$dir/nvme.sock" --trace "$build/first-run.trace"
