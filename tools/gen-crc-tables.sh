#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Writes common/crc16_table.h, common/crc32c_table.h and common/crc64_table.h. Its output is in the
# repository, so that a build needs no step for it.
#
# Entry i of row k is the checksum register after byte i and k bytes of zero. With eight rows, eight bytes
# of data are eight look-ups that do not wait for each other. tests/unit/test_crc.c computes every entry
# anew, one bit at a time.
set -euo pipefail

cd "$(dirname "$0")/.."

table=()

# Row 0 of a checksum that takes the most significant bit first: WIDTH POLYNOMIAL
first_row_msb()
{
	local i bit crc top=$((1 << ($1 - 1))) mask=$(((1 << $1) - 1))

	for ((i = 0; i < 256; i++)); do
		crc=$((i << ($1 - 8)))
		for ((bit = 0; bit < 8; bit++)); do
			((crc = ((crc << 1) & mask) ^ (crc & top ? $2 : 0), 1))
		done
		table[i]=$crc
	done
}

# Row 0 of a checksum that takes the least significant bit first: REFLECTED-POLYNOMIAL
# The shell's numbers are signed, so the sign that a shift to the right drags in is cut off.
first_row_lsb()
{
	local i bit crc

	for ((i = 0; i < 256; i++)); do
		crc=$i
		for ((bit = 0; bit < 8; bit++)); do
			((crc = ((crc >> 1) & 0x7fffffffffffffff) ^ (crc & 1 ? $1 : 0), 1))
		done
		table[i]=$crc
	done
}

# Rows 1 to 7, each from the one before it: WIDTH
next_rows_msb()
{
	local i crc mask=$(((1 << $1) - 1))

	for ((i = 256; i < 2048; i++)); do
		crc=${table[i - 256]}
		table[i]=$((((crc << 8) & mask) ^ table[crc >> ($1 - 8)]))
	done
}

next_rows_lsb()
{
	local i crc

	for ((i = 256; i < 2048; i++)); do
		crc=${table[i - 256]}
		table[i]=$((((crc >> 8) & 0x00ffffffffffffff) ^ table[crc & 255]))
	done
}

# Prints the header: NAME TITLE WIDTH ENTRIES-A-LINE
print_table()
{
	local i

	printf '/* SPDX-License-Identifier: BSD-3-Clause */\n'
	printf '/* %s; written by tools/gen-crc-tables.sh. */\n' "$2"
	printf '#ifndef NVMELAB_COMMON_%s_TABLE_H\n' "${1^^}"
	printf '#define NVMELAB_COMMON_%s_TABLE_H\n\n#include <stdint.h>\n\n' "${1^^}"
	printf '/* clang-format off */\nstatic const uint%d_t %s_table[8][256] = {' "$3" "$1"
	for ((i = 0; i < 2048; i++)); do
		((i % 256)) || printf '\n\t{'
		((i % $4)) || printf '\n\t'
		printf "0x%0$(($3 / 4))x," "${table[i]}"
		(((i + 1) % 256)) || printf '\n\t},'
	done
	printf '\n};\n/* clang-format on */\n\n#endif\n'
}

first_row_msb 16 0x8bb7
next_rows_msb 16
print_table crc16 'CRC-16/T10-DIF, polynomial 8BB7h' 16 8 >common/crc16_table.h

first_row_lsb 0x82f63b78
next_rows_lsb
print_table crc32c 'CRC-32C, polynomial 1EDC6F41h reflected' 32 8 >common/crc32c_table.h

first_row_lsb 0x9a6c9329ac4bc9b5
next_rows_lsb
print_table crc64 'CRC-64/NVME, polynomial AD93D23594C93659h reflected' 64 4 >common/crc64_table.h
