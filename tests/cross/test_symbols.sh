#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The cores are freestanding: common/ alone, and each core with common/, leave nothing undefined but the memory functions
# and the compiler's own helpers: as they were built here, and by clang; test_aarch64.sh and test_wasm.sh look at the same
# in theirs. Part of 'make check'.
. "${top_srcdir:-.}/tests/cross/cross.sh"
: "${tap_tmp:?}"

# built_here FOLDER: what make left, under the names that compile gives.
built_here()
{
	local part folder object
	mkdir "$1"
	for part in common emulator/core emulator/judge driver/core; do
		folder=$(cd "${top_builddir:-$cross_src/build}/$part" && pwd) || return
		[ ! -d "$folder/.libs" ] || folder=$folder/.libs
		for object in "$folder"/lib*_la-*.o; do
			[ -e "$object" ] && ln -s "$object" "$1/${part//\//_}_${object##*/}" || return
		done
	done
}

read -r -a cc <<<"${CC:-gcc}"
check "the objects of this build are there" built_here "$tap_tmp/here"
freestanding "${cc[-1]}" "$tap_tmp/here" nm ld
if [ "${cc[-1]}" = clang ]; then
	:
elif need clang clang; then
	flags=(-O2 -fno-builtin-bcmp -fvisibility=hidden -fno-stack-protector -fno-pie -U_FORTIFY_SOURCE)
	check "clang compiles the cores" compile "$tap_tmp/clang" "$(cross_sources)" clang "${flags[@]}"
	freestanding clang "$tap_tmp/clang" nm ld
elif [ "${CI:-}" = true ]; then
	not_ok clang "${cross_missing:?}"
else
	skip clang "${cross_missing:?}"
fi
tap_done
