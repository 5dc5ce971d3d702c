#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The table of faults in docs/recovery.md: each fault has a row, and each test that a row names is there. Prints TAP.
set -u

src=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
table=$src/docs/recovery.md
count=0
failed=0

# say RESULT NAME: a line of TAP
say()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		failed=$((failed + 1))
		echo "not ok $count - $2"
	fi
}

# missing_tests ROW: names in backquotes that are no test or story of the file that the row names
missing_tests()
{
	local pair file name
	# shellcheck disable=SC2016 # the backquotes are Markdown's
	grep -oE '`[a-z0-9_]+:[a-z0-9_]+`' <<<"$1" | tr -d '`' | while read -r pair; do
		file=${pair%%:*}
		name=${pair#*:}
		grep -qsE "START_TEST\($name\)|^static void $name\(" "$src"/tests/*/"$file".c || echo "$pair"
	done
}

declare -A faults=([R]=16 [Q]=27 [C]=17 [D]=14 [M]=6 [P]=8 [A]=10 [E]=3)
for letter in R Q C D M P A E; do
	for ((number = 1; number <= ${faults[$letter]}; number++)); do
		id=$(printf '%s%02d' "$letter" "$number")
		row=$(grep -E "^\| $id \|" "$table")
		if [ "$(grep -c . <<<"$row")" -ne 1 ]; then
			say 1 "$id has one row"
			continue
		fi
		missing=$(missing_tests "$row")
		[ -z "$missing" ] || echo "# $id: no such test: $missing"
		if grep -q '`' <<<"$row"; then
			say "$([ -z "$missing" ] && echo 0 || echo 1)" "$id has its tests"
		else
			say "$(grep -qE '\| (not met|by scenario): .+ \|$' <<<"$row" && echo 0 || echo 1)" \
				"$id says why it has none"
		fi
	done
done
echo "1..$count"
[ "$failed" -eq 0 ]
