#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Puts the generated parts of the documentation in their places, or with --check says which are out of date.
#
#	tools/docs.sh [--check]
#
# The program docs/generate is taken from $NVMELAB_BUILD, the current folder or build/.
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

# splice FILE PART: FILE with what stands between the markers of PART replaced by that part.
splice()
{
	"$build/docs/generate" "$2" > "$new/part"
	awk -v part="$2" -v file="$new/part" '
		$0 == "<!-- end " part " -->" { inside = 0; ends++ }
		!inside
		$0 == "<!-- begin " part " -->" { inside = 1; begins++; while ((getline line < file) > 0) print line }
		END { exit begins != 1 || ends != 1 }' "$top/$1" > "$new/whole" ||
		{ echo "docs.sh: $1 does not have one pair of markers for '$2'" >&2; exit 1; }
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
splice docs/trace.md events
place docs/trace.md
splice README.md implemented
place README.md
exit $stale
