#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Do the scenarios and the oracles notice bugs? Each row of the table beside this script plants one, in a copy of the
# sources, and the library of scenarios, or else an exploration, has to say so, in the words that the row expects.
#
#	tests/canaries/check.sh [NUMBER...]	these rows; without a number, all of them
#
# CC is the compiler, CANARY_JOBS how many rows are tried at a time.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
. "${top_srcdir:-.}/tests/harness/sources.sh" || exit 99
: "${tap_tmp:?}"
top=$(cd "${top_srcdir:-.}" && pwd) || exit 99
tree=$tap_tmp/tree
objects=$tap_tmp/objects
jobs=${CANARY_JOBS:-$(nproc)}
read -ra compiler <<<"${CC:-gcc} -std=gnu17 -O1 -w -I$tree"
export LC_ALL=C

library=("$top"/tests/scenarios/*.ini)
# What is explored if the library notices nothing: each seventh single fault.
exploration=(--explore 7 "$top"/tests/cross/golden/{mixed,lost}.ini)

# What the runner is made of, and all headers.
copy_sources()
{
	mkdir "$tree"
	cd "$top" || return
	find common driver emulator tests/sim \( -name '*.h' -o -name '*.def' \) -exec cp --parents -t "$tree" {} + &&
		runner_sources | xargs cp --parents -t "$tree"
}

object_of() { echo "$objects/${1//\//_}.o"; }

# compile SOURCE OBJECT
compile() { "${compiler[@]}" -c "$1" -o "$2"; }

compile_all()
{
	local source
	mkdir "$objects"
	for source in $(cd "$tree" && echo */*.c */*/*.c); do
		compile "$tree/$source" "$(object_of "$source")" &
		await_place "$jobs" || return
	done
	wait_all
}

# run PROGRAM OUTPUT ARGUMENT...: a line of output is complete even if the program crashes in the next one.
run()
{
	local program=$1 out=$2
	shift 2
	timeout 60 stdbuf -oL "$program" "$@" >"$out" 2>&1 </dev/null
}

# What the lines of standard input say that did not pass: NAME[ case NUMBER]: SENTENCE.
failures()
{
	awk '{
		name = $1; at = 2
		if ($2 ~ /^#/) { name = name " case " substr($2, 2); at = 3 }
		if ($at == "0") next
		sentence = $0
		sub(/^([^ ]+ )(#[0-9]+ )?[0-9]+ [0-9a-f]+ [0-9a-f]+ ?/, "", sentence)
		print name ": " sentence
	}'
}

build_clean()
{
	(copy_sources) && compile_all && "${compiler[@]}" "$objects"/*.o -o "$tap_tmp/runner"
}

# Without a bug nothing fails.
all_passes()
{
	run "$tap_tmp/runner" "$tap_tmp/library.out" "${library[@]}" &&
		run "$tap_tmp/runner" "$tap_tmp/explored.out" "${exploration[@]}" || return
	[ -z "$(failures <"$tap_tmp/library.out")$(failures <"$tap_tmp/explored.out")" ] && return
	failures <"$tap_tmp/library.out" >&2
	failures <"$tap_tmp/explored.out" >&2
	return 1
}

# plant FILE TEXT REPLACEMENT: the file with the bug; the text has to be there, once.
plant()
{
	local text before after
	text=$(<"$tree/$1")
	before=${text%%"$2"*}
	[ "$before" != "$text" ] || { echo "$1 does not have: $2"; return 1; }
	after=${text#*"$2"}
	[ "${after#*"$2"}" = "$after" ] || { echo "$1 has more than once: $2"; return 1; }
	printf '%s%s%s\n' "$before" "$3" "$after"
}

# build_canary FOLDER FILE TEXT REPLACEMENT
build_canary()
{
	local object others=() original
	plant "${@:2}" >"$1/canary.c" || { cat "$1/canary.c"; return 1; }
	compile "$1/canary.c" "$1/canary.o" || return
	original=$(object_of "$2")
	for object in "$objects"/*.o; do
		[ "$object" = "$original" ] || others+=("$object")
	done
	"${compiler[@]}" "$1/canary.o" "${others[@]}" -o "$1/runner"
}

# notice FOLDER WORDS ARGUMENT...: prints who says the words, or fails.
notice()
{
	local folder=$1 words=$2 status=0 first count
	shift 2
	run "$folder/runner" "$folder/out" "$@" || status=$?
	if [ "$words" = crash ] && [ "$status" -gt 128 ]; then
		echo "signal $((status - 128)), after $(wc -l <"$folder/out") runs"
		return
	fi
	failures <"$folder/out" >"$folder/failures"
	count=$(grep -cF -- ": $words" "$folder/failures")
	if [ "$count" -eq 0 ]; then
		[ "$status" -eq 0 ] || echo "exit status $status" >&2
		head -n 5 "$folder/failures" >&2
		return 1
	fi
	first=$(grep -m 1 -F -- ": $words" "$folder/failures")
	[ "$count" -eq 1 ] || first="${first%%: *} and $((count - 1)) more: ${first#*: }"
	echo "$first"
}

# try NUMBER FILE TEXT REPLACEMENT WORDS: leaves row.NUMBER/said, and row.NUMBER/caught if it is noticed.
try()
{
	local folder=$tap_tmp/row.$1
	mkdir "$folder"
	build_canary "$folder" "$2" "$3" "$4" >"$folder/said" 2>&1 || return 0
	if notice "$folder" "$5" "${library[@]}" >"$folder/caught" 2>"$folder/said" ||
		notice "$folder" "$5" "${exploration[@]}" >"$folder/caught" 2>>"$folder/said"; then
		rm -f "$folder/runner" "$folder/out"
		return 0
	fi
	rm -f "$folder/caught"
}

# report NUMBER SIDE WORDS WHAT
report()
{
	local folder=$tap_tmp/row.$1 name="$1 ($2): $4"
	if [ -f "$folder/caught" ]; then
		ok "$name; $(cat "$folder/caught")"
	else
		not_ok "$name" "nothing says: $3" "$(cat "$folder/said")"
	fi
}

# is_wanted NUMBER: rows of the command line, or all.
is_wanted() { [ "${#wanted[@]}" -eq 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]]; }

# Calls a function with the fields of each row: NUMBER SIDE FILE TEXT REPLACEMENT WORDS WHAT.
for_each_row()
{
	local row fields
	while IFS= read -r row; do
		[[ $row == [0-9]* ]] || continue
		mapfile -t fields < <(tr -s '\t' '\n' <<<"$row")
		if is_wanted "${fields[0]}"; then
			"$1" "${fields[@]}"
		fi
	done <"$top/tests/canaries/table"
}

# At least twelve of each side of the bus, with numbers from 1 on, and seven fields each. The medium is the simulator's.
table_is_whole()
{
	awk -F '\t' '
		/^#/ { next }
		{ rows++; sides[$2 " " substr($3, 1, index($3, "/core/"))]++; media += $2 " " $3 == "medium tests/sim/medium.c" }
		NF != 7 || $1 != rows { print "row " $1 ": " NF " fields, and it is the " rows ". row"; bad = 1 }
		END { exit bad || sides["driver driver/"] < 12 || sides["controller emulator/"] < 12 ||
			sides["driver driver/"] + sides["controller emulator/"] + media != rows }
	' "$top/tests/canaries/table" >&2
}

start_row()
{
	try "$1" "$3" "$4" "$5" "$6" &
	await_place "$jobs"
}
report_row() { report "$1" "$2" "$6" "$7"; }

wanted=("$@")
if ! table_is_whole 2>"$tap_tmp/err"; then
	bail_out "tests/canaries/table: $(head -n 1 "$tap_tmp/err")"
fi
check "the runner is built" build_clean
[ -x "$tap_tmp/runner" ] || tap_done
check "without a bug all scenarios pass, and so does what is explored" all_passes
for_each_row start_row
wait_all
for_each_row report_row
tap_done
