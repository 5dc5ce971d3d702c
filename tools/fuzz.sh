#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# 'make fuzz': every target of tests/fuzz for FUZZ_SECONDS (60, less when all together would take more than eight
# minutes) with clang's libFuzzer and the sanitizers, in build/fuzz, starting from its corpus. Prints TAP. What it
# finds is left in build/fuzz/found/TARGET/, and the grown corpus in build/fuzz/corpus/TARGET/.
#
#	tools/fuzz.sh [TARGET...]	e.g. fuzz_registers; all by default
#
# FUZZ_SEED is what the search begins with, another one each time by default. With the same number, the same corpus
# and no grown one the same inputs are tried in the same order: so a change is not refused for what a search
# happens to find elsewhere.
set -euo pipefail

src=$(cd "$(dirname "$0")/.." && pwd)
out=${FUZZ_DIR:-$src/build/fuzz}
jobs=${JOBS:-$(nproc)}
unset MAKEFLAGS MFLAGS MAKELEVEL

mkdir -p "$out"
if [ ! -e "$out/config.status" ] || [ "$src/configure" -nt "$out/config.status" ]; then
	(cd "$out" && "$src/configure" --quiet CC=clang CFLAGS="-O1 -g" \
		--enable-fuzzer --enable-sanitize=address,undefined) >"$out/configure.log" 2>&1 ||
		{ cat "$out/configure.log"; exit 1; }
fi
make -C "$out" Makefile >"$out/make.log" 2>&1 || { cat "$out/make.log"; exit 1; }
read -r -a programs <<<"$(make -s -C "$out" list-fuzz | tr '\n' ' ')"
if [ ${#programs[@]} -gt 0 ]; then
	make -C "$out" -j"$jobs" "${programs[@]}" >"$out/make.log" 2>&1 || { tail -n 40 "$out/make.log"; exit 1; }
fi

# fuzz_one PROGRAM: one target; its result in OUT/results/TARGET.
fuzz_one()
{
	local target=${1##*/} status=0
	local grown=$out/corpus/$target found=$out/found/$target seeds=$src/tests/fuzz/corpus/$target
	mkdir -p "$grown" "$found"
	[ -d "$seeds" ] || seeds=
	"$out/$1" -seed="${FUZZ_SEED:-0}" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$found/" "$grown" ${seeds:+"$seeds"} >"$out/results/$target.log" 2>&1 </dev/null || status=$?
	echo "$status" >"$out/results/$target"
}

rm -rf "$out/results" "$out/found"
mkdir -p "$out/results"
wanted=()
for program in "${programs[@]}"; do
	[ $# -gt 0 ] && [[ " $* " != *" ${program##*/} "* ]] && continue
	wanted+=("$program")
done
seconds=$((480 * jobs / (${#wanted[@]} + jobs - 1)))
seconds=${FUZZ_SECONDS:-$((seconds < 60 ? seconds : 60))}
for program in "${wanted[@]}"; do
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
	fuzz_one "$program" &
done
wait

count=0
failed=0
for program in "${wanted[@]}"; do
	target=${program##*/}
	count=$((count + 1))
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/results/$target.log")
	if [ "$(cat "$out/results/$target")" -eq 0 ]; then
		echo "ok $count - $target: ${runs:-0} inputs in $seconds s"
	else
		failed=$((failed + 1))
		echo "not ok $count - $target"
		grep -vE '^#[0-9]|^NEW_FUNC' "$out/results/$target.log" | tail -n 30 | sed 's/^/# /'
		find "$out/found/$target" -type f | sed 's/^/# input: /'
	fi
done
echo "1..$count"
[ "$failed" -eq 0 ]
