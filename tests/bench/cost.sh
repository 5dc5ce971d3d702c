#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Instructions a command, counted by callgrind: of functions and all below them, or of one PART of these; compared with
# numbers that are kept, of Debian 12's gcc with the flags of a plain configure.
#
#	cost.sh KEPT FUNCTION[,FUNCTION...][:PART] PROGRAM [OPTION...]
#
# A row of KEPT is a number, its compiler, and what the program gets besides its options. The program prints how many commands
# there were, and its compiler. Exit code 1 when a count is more than 2 % off: a change that makes it better keeps the new
# number. With another compiler the counts are printed and not compared.
set -eu

kept=$1
part=${2#"${2%%:*}"}
part=${part#:}
read -r -a toggles <<<"$(tr , ' ' <<<"${2%%:*}")"
program=$3
shift 3
what=$(basename "$kept" .txt | tr _ ' ')
tmp=$(mktemp -d "${TMPDIR:-/tmp}/nvmelab-cost.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

if ! command -v valgrind >/dev/null; then
	echo "$what: not counted, valgrind is not installed"
	exit 0
fi

# A byte that 'rep stosb' stores counts as an instruction, so memset() is to do without. The program may be libtool's script,
# whose children are counted.
export GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=1000000000:glibc.cpu.x86_rep_movsb_threshold=1000000000
count()
{
	valgrind --tool=callgrind --trace-children=yes --collect-atstart=no "${toggles[@]/#/--toggle-collect=}" \
		--callgrind-out-file="$tmp/out" "$program" "$@" 2>"$tmp/log" || { cat "$tmp/log"; exit 1; }
}

instructions()
{
	callgrind_annotate --inclusive=yes --threshold=100 --auto=no "$tmp/out" |
		awk -v what="${part:+:$part( |\$)}" '$0 ~ (what ? what : "PROGRAM TOTALS") { gsub(",", "", $1); print $1; exit }'
}

failed=0
while read -r expected compiler words; do
	# shellcheck disable=SC2086 # words
	read -r commands have _ <<<"$(count "$@" $words)"
	cost=$(awk -v i="$(instructions)" -v n="$commands" 'BEGIN { printf "%.0f", i / n }')
	printf '%s: %5d instructions a command%s; kept: %d\n' "$what" "$cost" "${words:+, $words}" "$expected"
	if [ "$have" != "$compiler" ]; then
		echo "$what: not compared, this is $have and the number is of $compiler"
	elif ! awk -v a="$cost" -v b="$expected" 'BEGIN { d = (a - b) / b * 100; exit d > 2 || d < -2 }'; then
		failed=1
	fi
done <"$kept"
[ "$failed" -eq 0 ] || echo "$what: more than 2 % off; if that is meant, keep the new numbers in $kept"
exit "$failed"
