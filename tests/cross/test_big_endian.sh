#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A machine of the other byte order: both cores for big-endian PowerPC, without a C library, run by QEMU, and the traces
# are those of this machine. Part of 'make check'.
. "${top_srcdir:-.}/tests/cross/cross.sh"
need_all clang clang ld.lld lld qemu-ppc64-static qemu-user-static

ppc=(clang --target=powerpc64-linux-gnu -mabi=elfv2 -ffreestanding -fno-builtin -fno-pic -O2)
folder=$tap_tmp/ppc64

reference
check "clang compiles both cores for powerpc64" \
	compile "$folder" "$(cross_sources; printf '%s\n' tests/cross/bare_{host,memory}.c)" "${ppc[@]}"
check "ld.lld links them with nothing undefined" ld.lld -static -o "$folder/selftest" "$folder"/*.o
# shellcheck disable=SC2016 # the inner shell's
check "the selftest holds under QEMU" bash -c 'exec qemu-ppc64-static "$1/selftest" 3>"$1/controller.trace" 4>"$1/driver.trace"' \
	bash "$folder"
same_traces powerpc64 "$folder"
tap_done
