#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The driver's own instructions for a read of 4 KiB at depth 32, from submit to callback, counted by callgrind and
# compared with the number in driver_cost.txt, which is of Debian 12's gcc with the flags of a plain configure.
#
#	driver_cost.sh PROGRAM
#
# Exit code 1 when the count is more than 2 % off: a change that makes it better keeps the new number. With another
# compiler the count is printed and not compared.
set -eu

program=$1
kept=${top_srcdir:-.}/tests/bench/driver_cost.txt
tmp=$(mktemp -d "${TMPDIR:-/tmp}/nvmelab-cost.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

if ! command -v valgrind >/dev/null; then
	echo "driver cost: not counted, valgrind is not installed"
	exit 0
fi
said=$(valgrind --tool=callgrind --collect-atstart=no --toggle-collect=submit_batch --toggle-collect=poll_batch \
	--callgrind-out-file="$tmp/out" "$program" 2>"$tmp/log") || { cat "$tmp/log"; exit 1; }
read -r commands have _ <<<"$said"
instructions=$(awk '$1 == "totals:" || $1 == "summary:" { print $2; exit }' "$tmp/out")
cost=$(awk -v i="$instructions" -v c="$commands" 'BEGIN { printf "%.1f", i / c }')
read -r expected compiler <"$kept"
printf 'driver cost: %s instructions a command (read of 4 KiB, depth 32, submit to callback); kept: %s\n' \
	"$cost" "$expected"
if [ "$have" != "$compiler" ]; then
	echo "driver cost: not compared, this is $have and the number is of $compiler"
	exit 0
fi
awk -v a="$cost" -v b="$expected" 'BEGIN { d = (a - b) / b * 100; exit d > 2 || d < -2 }' ||
	{ echo "driver cost: more than 2 % off; if that is meant, keep the new number in $kept"; exit 1; }
