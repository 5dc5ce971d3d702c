#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Puts the generated parts of the documentation in their places, or with --check says which are out of date.
#
#	tools/docs.sh [--check]
#
# The programs docs/generate, nvmelab and nvmelab-sim are taken from $NVMELAB_BUILD, the current folder or build/.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
for build in "${NVMELAB_BUILD:-}" . "$top/build"; do
	[ -n "$build" ] && [ -x "$build/docs/generate" ] && break
	build=
done
[ -n "$build" ] || { echo "docs.sh: no docs/generate; 'make docs' builds it" >&2; exit 3; }
check=${1:-}
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT

# splice FILE PART...: FILE with what stands between the markers of each PART replaced by that part.
splice()
{
	local file=$1 part
	shift
	cp "$top/$file" "$new/whole"
	for part in "$@"; do
		if [ "$part" = commands ]; then
			"$build/$(basename "$file" .1)" help --man > "$new/part"
		elif [ "$part" = scenarios ]; then
			(cd "$top" && LC_ALL=C && awk -f tools/scenarios.awk tests/scenarios/*.ini) > "$new/part"
		else
			"$build/docs/generate" "$part" > "$new/part"
		fi
		mv "$new/whole" "$new/before"
		awk -v part="$part" -v file="$new/part" '
			$0 == "<!-- end " part " -->" || $0 == ".\\\" " part ": end" { inside = 0; ends++ }
			!inside
			$0 == "<!-- begin " part " -->" || $0 == ".\\\" " part ": begin" {
				inside = 1
				begins++
				while ((getline line < file) > 0) print line
			}
			END { exit begins != 1 || ends != 1 }' "$new/before" > "$new/whole" ||
			{ echo "docs.sh: $file does not have one pair of markers for '$part'" >&2; exit 1; }
	done
}

stale=0
place()
{
	cmp -s "$new/whole" "$top/$1" && return
	if [ "$check" = --check ]; then
		echo "$1 is out of date: run 'make docs' and commit it" >&2
		stale=1
	else
		cp "$new/whole" "$top/$1"
		echo "$1 is new"
	fi
}

"$build/docs/generate" config > "$new/whole"
place docs/config.md
mapfile -t headers < <(bash "$top/tools/files.sh" public)
(cd "$top" && awk -f tools/api.awk docs/api-words pass=1 "${headers[@]}" pass=2 "${headers[@]}") > "$new/whole"
place docs/api.md
splice docs/trace.md events
place docs/trace.md
splice docs/faults.md fault-sites fault-fields fault-actions
place docs/faults.md
splice docs/scenario.md scenario-groups scenario-keys scenario-budget scenario-classes scenario-patterns scenario-tasks scenario-counters scenario-oracles
place docs/scenario.md
splice docs/judge.md judge-rules
place docs/judge.md
splice docs/nvmelab.md driver-keys
place docs/nvmelab.md
splice README.md implemented
place README.md
splice man/nvmelab-emulator.1 namespace-keys keys profiles
place man/nvmelab-emulator.1
splice man/nvmelab.1 commands
place man/nvmelab.1
splice man/nvmelab-sim.1 commands
place man/nvmelab-sim.1
splice man/libnvmelab.3 parameters
place man/libnvmelab.3
splice tests/scenarios/README.md scenarios
place tests/scenarios/README.md
exit $stale
