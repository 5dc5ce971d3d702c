#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The library of scenarios: each file passes, with the same trace twice, says what it is about and why, and each fault of
# docs/recovery.md that a scenario can express has one.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
: "${tap_tmp:?}"
top=${top_srcdir:-.}
folder=$top/tests/scenarios
export LC_ALL=C

# What a reader looks for: class, title, clause, and three lines of why before the first group.
is_told()
{
	local key
	for key in class title clause; do
		grep -q "^$key = ." "$1" || { echo "$1: no $key" >&2; return 1; }
	done
	[ "$(sed '/^\[/q' "$1" | grep -c '^# ')" -ge 4 ] || { echo "$1: fewer than three lines of why" >&2; return 1; }
	grep -q '^\[expect\]$' "$1" || { echo "$1: expects nothing" >&2; return 1; }
}

all_are_told()
{
	local file bad=0
	for file in "$folder"/*.ini; do
		is_told "$file" || bad=1
	done
	return "$bad"
}
check "each file says what it is about, and why" all_are_told

all_have_one()
{
	local id bad=0
	for id in $(grep -oE '^\| [RQCDMPAE][0-9]{2} ' "$top/docs/recovery.md" | tr -d '| '); do
		if compgen -G "$folder/${id}[a-z-]*.ini" >/dev/null; then
			continue
		fi
		echo "$id: no scenario" >&2
		bad=1
	done
	return "$bad"
}
check "each fault has a scenario" all_have_one

nvmelab-sim run "$folder" >"$tap_tmp/run" 2>"$tap_tmp/said" </dev/null
count=$(find "$folder" -name '*.ini' | wc -l)
check "all files are run" test "$(grep -cE '^(not )?ok [0-9]+ - ' "$tap_tmp/run")" -eq "$count"
while IFS= read -r line; do
	name=${line#*ok * - }
	case $line in
	ok*) ok "$name" ;;
	*) not_ok "$name" "$(sed -n "\\|^not ok .* - ${name%%:*}|,/^  \\.\\.\\./p" "$tap_tmp/run")" ;;
	esac
done < <(grep -E '^(not )?ok [0-9]+ - ' "$tap_tmp/run")
tap_done
