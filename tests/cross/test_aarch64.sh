#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A machine with weakly ordered memory: both cores and the ring test for aarch64, run by QEMU, and the barriers that
# common/ring.h promises looked for in the code. Part of 'make check'.
. "${top_srcdir:-.}/tests/cross/cross.sh"
need_all aarch64-linux-gnu-gcc 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross' qemu-aarch64-static qemu-user-static

# Without inline atomics gcc calls helpers of libgcc, which a core may not use.
arm=(aarch64-linux-gnu-gcc -static -O2 -mno-outline-atomics -fno-stack-protector -U_FORTIFY_SOURCE)
folder=$tap_tmp/aarch64

# code FUNCTION: its instructions.
code()
{
	aarch64-linux-gnu-objdump -d --no-show-raw-insn "$folder/ring_code.o" |
		awk -v name="<$1>:" '$2 == name { on = 1; next } /^$/ { on = 0 } on { print $2, $3, $4 }'
}

# has NAME FUNCTION REGEX: the function's instructions, as one line, match.
has()
{
	local text
	text=$(code "$2" | tr '\n' ';')
	if [[ $text =~ $3 ]]; then
		ok "$1"
	else
		not_ok "$1" "no $3 in $2: $text"
	fi
}

reference
if build "$folder" "${arm[@]}"; then
	ok "both cores build for aarch64"
	freestanding aarch64 "$folder" aarch64-linux-gnu-nm aarch64-linux-gnu-ld
	check "the selftest holds under QEMU" qemu-aarch64-static "$folder/selftest" "$folder"
	same_traces aarch64 "$folder"
else
	not_ok "both cores build for aarch64" "$(head -n 20 "$folder/log")"
fi

cd "$cross_src" || exit 99
check "the ring test builds for aarch64" \
	"${arm[@]}" -std=gnu17 -I. -pthread tests/cross/ring_threads.c -o "$folder/ring_threads"
check "two threads exchange commands under QEMU" qemu-aarch64-static "$folder/ring_threads" 20000

"${arm[@]}" -std=gnu17 -I. -fsyntax-only -x c emulator/device/trapbar.h 2>"$folder/trapbar"
check_file "the header of what there is for x86-64 only says so" 'error.*emu_trapbar needs x86-64 Linux' "$folder/trapbar"

"${arm[@]}" -std=gnu17 -I. -c tests/cross/ring_code.c -o "$folder/ring_code.o"
has "a doorbell is stored behind a barrier for devices, and releases" store_doorbell 'dmb oshst.*stlr '
has "a doorbell's load acquires" load_doorbell 'ldap?r '
has "a phase's load acquires" cqe_phase 'ldap?r '
has "a completion's last word is released after the others" cqe_publish 'st[rp] .*stlr '
tap_done
