#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The same bytes everywhere: the traces of the selftest, the library of scenarios, and some of what exploration makes of
# one, are the same whatever compiler, optimization, sanitizer, word size and byte order there is. 'make check-golden'.
#
# With --write the hashes of tests/cross/golden/*.ini in tests/cross/golden.txt are made anew: for a change that is meant
# to change what both sides do, or the format of the trace.
. "${top_srcdir:-.}/tests/cross/cross.sh"
need_all gcc gcc clang clang i686-linux-gnu-gcc 'gcc-i686-linux-gnu libc6-dev-i386-cross' \
	aarch64-linux-gnu-gcc 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross' \
	s390x-linux-gnu-gcc 'gcc-s390x-linux-gnu libc6-dev-s390x-cross' qemu-aarch64-static qemu-user-static
: "${tap_tmp:?}" "${cross_src:?}"
golden=$cross_src/tests/cross/golden
library=("$cross_src"/tests/scenarios/*.ini)

# What differs; the first is what all others are compared with.
variants=(gcc-O2 gcc-O0 clang-O0 clang-O2 sanitizers i686 aarch64 s390x)
declare -A compilers=(
	[gcc-O2]='gcc -O2'
	[gcc-O0]='gcc -O0'
	[clang-O0]='clang -O0'
	[clang-O2]='clang -O2'
	[sanitizers]='clang -O1 -fsanitize=address,undefined -fno-sanitize-recover=all'
	[i686]='i686-linux-gnu-gcc -O2 -static'
	[aarch64]='aarch64-linux-gnu-gcc -O2 -static'
	[s390x]='s390x-linux-gnu-gcc -O1 -static'
)
declare -A emulators=([aarch64]=qemu-aarch64-static [s390x]=qemu-s390x-static)
cross_jobs=1 # one compiler a variant; the variants go side by side

sources() { (cd "$cross_src" && runner_sources && printf '%s\n' tests/cross/{main,selftest}.c); }

# build_variant FOLDER COMPILER...: FOLDER/selftest, and FOLDER/runner.
build_variant()
{
	local folder=$1
	local -a core
	shift
	compile "$folder" "$(sources)" "$@" || return
	core=("$folder"/{common,emulator,driver}_*.o)
	"$@" -o "$folder/selftest" "${core[@]}" "$folder"/tests_cross_*.o >>"$folder/log" 2>&1 &&
		"$@" -o "$folder/runner" "${core[@]}" "$folder"/tests_sim_*.o >>"$folder/log" 2>&1 &&
		rm -f "$folder"/*.o
}

# run_variant FOLDER [EMULATOR]: what they print and write, in FOLDER/{library,explored,fixtures} and FOLDER/*.trace.
run_variant()
{
	local folder=$1
	shift
	"$@" "$folder/selftest" "$folder" &&
		"$@" "$folder/runner" "${library[@]}" >"$folder/library" &&
		"$@" "$folder/runner" --explore 41 "$golden/mixed.ini" >"$folder/explored" &&
		"$@" "$folder/runner" "$golden"/*.ini >"$folder/fixtures"
}

# try NAME: leaves FOLDER/built and FOLDER/ran, if so.
try()
{
	local folder=$tap_tmp/$1
	local -a compiler
	read -r -a compiler <<<"${compilers[$1]}"
	mkdir "$folder"
	build_variant "$folder" "${compiler[@]}" || return 0
	touch "$folder/built"
	run_variant "$folder" ${emulators[$1]:+"${emulators[$1]}"} >"$folder/said" 2>&1 || return 0
	touch "$folder/ran"
}

# report NAME
report()
{
	local folder=$tap_tmp/$1 file
	if [ ! -e "$folder/built" ]; then
		not_ok "$1: it builds" "$(tail -n 20 "$folder/log")"
	elif [ ! -e "$folder/ran" ]; then
		not_ok "$1: it runs" "$(tail -n 20 "$folder/said")"
	elif [ "$1" = "${variants[0]}" ]; then
		ok "$1: it builds and runs"
	else
		for file in controller.trace driver.trace library explored; do
			check "$1: the same bytes, $file" cmp "$tap_tmp/${variants[0]}/$file" "$folder/$file"
		done
	fi
}

if [ "${1:-}" = --write ]; then
	try "${variants[0]}"
	cp "$tap_tmp/${variants[0]}/fixtures" "$cross_src/tests/cross/golden.txt"
	exit
fi
for variant in "${variants[@]}"; do
	try "$variant" &
	await_place "$(nproc)"
done
wait_all
first=$tap_tmp/${variants[0]}
for variant in "${variants[@]}"; do
	report "$variant"
done
[ -e "$first/ran" ] || tap_done
check "every scenario of the library has passed" sh -c "! awk '\$2 != 0' '$first/library' | grep ."
check "the library was run" [ "$(wc -l <"$first/library")" -eq ${#library[@]} ]
check "exploration was, too" [ "$(wc -l <"$first/explored")" -ge 50 ]
check "the selftest has left events" [ "$(cat "$first"/*.trace | wc -l)" -ge 100 ]
check "five scenarios have the hashes that are kept" diff "$cross_src/tests/cross/golden.txt" "$first/fixtures"
tap_done
