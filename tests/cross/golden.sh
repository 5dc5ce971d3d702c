#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The same bytes everywhere: the library of scenarios, and some of what exploration makes of one, give the same verdicts
# and the same hashes whatever compiler, optimization, sanitizer, word size and byte order there is. 'make check-golden'.
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

runner_sources()
{
	(cd "$cross_src" && printf '%s\n' common/*.c emulator/core/*.c driver/core/*.c tests/sim/*.c | grep -v '/test_')
}

# run FOLDER EMULATOR...: what the runner of FOLDER prints, in FOLDER/library, /explored and /fixtures.
run()
{
	local folder=$1
	shift
	"$@" "$folder/runner" "${library[@]}" >"$folder/library" &&
		"$@" "$folder/runner" --explore 41 "$golden/mixed.ini" >"$folder/explored" &&
		"$@" "$folder/runner" "$golden"/*.ini >"$folder/fixtures"
}

# variant NAME EMULATOR COMPILER...: EMULATOR may be empty.
variant()
{
	local name=$1 folder=$tap_tmp/$1
	local -a emulator
	read -r -a emulator <<<"$2"
	shift 2
	if ! compile "$folder" "$(runner_sources)" "$@" || ! "$@" -o "$folder/runner" "$folder"/*.o >>"$folder/log" 2>&1; then
		not_ok "$name: it builds" "$(tail -n 20 "$folder/log")"
		return
	fi
	rm -f "$folder"/*.o
	check "$name: it runs" run "$folder" "${emulator[@]}"
	[ -n "${reference:-}" ] || reference=$folder
	check "$name: the library gives the same bytes" diff "$reference/library" "$folder/library"
	check "$name: so does exploration" diff "$reference/explored" "$folder/explored"
}

variant gcc-O2 '' gcc -O2
if [ "${1:-}" = --write ]; then
	cp "$reference/fixtures" "$cross_src/tests/cross/golden.txt"
	exit
fi
check "every scenario of the library has passed" sh -c "! awk '\$2 != 0' '$reference/library' | grep ."
check "the library was run" [ "$(wc -l <"$reference/library")" -eq ${#library[@]} ]
check "exploration was, too" [ "$(wc -l <"$reference/explored")" -ge 50 ]
check "five scenarios have the hashes that are kept" diff "$cross_src/tests/cross/golden.txt" "$reference/fixtures"
variant gcc-O0 '' gcc -O0
variant clang-O0 '' clang -O0
variant clang-O2 '' clang -O2
variant sanitizers '' gcc -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
variant i686 '' i686-linux-gnu-gcc -O2 -static
variant aarch64 qemu-aarch64-static aarch64-linux-gnu-gcc -O2 -static
variant s390x qemu-s390x-static s390x-linux-gnu-gcc -O1 -static
tap_done
