#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The determinism contract across compilers: gcc and clang, without optimisation, with it, and with the address and
# undefined-behaviour sanitizers, give the same bytes in the traces of both sides. Part of 'make check'.
. "${top_srcdir:-.}/tests/cross/cross.sh"

sanitizers=-fsanitize=address,undefined

# compare COMPILER FLAG...
compare()
{
	local name="$*" folder
	folder=$tap_tmp/$(echo "$name" | tr -c 'a-z0-9\n' _)
	if ! build "$folder" "$@" -fno-sanitize-recover=all; then
		not_ok "$name: builds the selftest" "$(head -n 20 "$folder/log")"
		return
	fi
	check "$name: the selftest holds" "$folder/selftest" "$folder"
	same_traces "$name" "$folder"
}

reference
for compiler in gcc clang; do
	if need "$compiler" "$compiler"; then
		compare "$compiler" -O0
		compare "$compiler" -O2
		compare "$compiler" -O1 "$sanitizers"
	elif [ "${CI:-}" = true ]; then
		not_ok "$compiler" "$cross_missing"
	else
		skip "$compiler" "$cross_missing"
	fi
done
tap_done
