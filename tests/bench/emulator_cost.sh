#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The controller's instructions a command, memory backend included: emu_step() and all below it, counted by callgrind
# and compared with emulator_cost.txt, whose numbers are of Debian 12's gcc with the flags of a plain configure.
#
#	emulator_cost.sh PROGRAM
#
# Exit code 1 when a count is more than 2 % off: a change that makes it better keeps the new number. With another
# compiler the counts are printed and not compared.
set -eu

program=$1
kept=${top_srcdir:-.}/tests/bench/emulator_cost.txt
tmp=$(mktemp -d "${TMPDIR:-/tmp}/nvmelab-cost.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

if ! command -v valgrind >/dev/null; then
	echo "emulator cost: not counted, valgrind is not installed"
	exit 0
fi

# The program may be libtool's script, whose children are counted.
count()
{
	valgrind --tool=callgrind --trace-children=yes --collect-atstart=no --toggle-collect=run_commands \
		--callgrind-out-file="$tmp/out" "$program" "$@" 2>"$tmp/log" || { cat "$tmp/log"; exit 1; }
}
instructions()
{
	callgrind_annotate --inclusive=yes --threshold=100 --auto=no "$tmp/out" |
		awk '/:emu_step( |$)/ { gsub(",", "", $1); print $1; exit }'
}

failed=0
while read -r expected compiler pattern bytes depth; do
	read -r commands have <<<"$(count "$pattern" "$bytes" "$depth")"
	cost=$(awk -v i="$(instructions)" -v c="$commands" 'BEGIN { printf "%.0f", i / c }')
	printf 'emulator cost: %5d instructions a command, %-7s of %4d bytes, depth %2d; kept: %d\n' \
		"$cost" "$pattern" "$bytes" "$depth" "$expected"
	if [ "$have" != "$compiler" ]; then
		echo "emulator cost: not compared, this is $have and the number is of $compiler"
	elif ! awk -v a="$cost" -v b="$expected" 'BEGIN { d = (a - b) / b * 100; exit d > 2 || d < -2 }'; then
		failed=1
	fi
done <"$kept"
[ "$failed" -eq 0 ] || echo "emulator cost: more than 2 % off; if that is meant, keep the new numbers in $kept"
exit "$failed"
