#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# examples/baremetal.c is a whole program: with the core, common/ and the mmio transport, without a C library, start
# files or an operating system's headers, it links and leaves nothing undefined. Part of 'make check'.
. "${top_srcdir:-.}/tests/harness/tap.sh"

src=${top_srcdir:-.}
flags=(-std=gnu17 -O2 -Wall -Wextra -Werror -I"$src" -ffreestanding -fno-stack-protector -fno-pie -U_FORTIFY_SOURCE)
link=(-nostdlib -static -no-pie)
sources=("$src/examples/baremetal.c" "$src/driver/transport/mmio.c" "$src"/driver/core/*.c)
for file in crc nvme_names text; do
	sources+=("$src/common/$file.c")
done

# built NAME NM COMPILER...: the program links with this compiler, and needs nothing.
built()
{
	local name=$1 nm=$2 undefined
	shift 2
	if ! "$@" "${flags[@]}" "${link[@]}" -o "$tap_tmp/baremetal" "${sources[@]}" 2>"$tap_tmp/log"; then
		not_ok "$name links the driver without a C library" "$(head -n 20 "$tap_tmp/log")"
		return
	fi
	undefined=$("$nm" -u "$tap_tmp/baremetal")
	if [ -n "$undefined" ]; then
		not_ok "$name links the driver without a C library" "undefined: $undefined"
	else
		ok "$name links the driver without a C library"
	fi
}

read -r -a cc <<<"${CC:-gcc}"
built "${cc[-1]}" nm "${cc[@]}"
tap_done
