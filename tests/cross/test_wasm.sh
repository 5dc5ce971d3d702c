#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Both cores as WebAssembly, 32 bits and no system: compiled unchanged, run under node, and the traces are those of a
# process. Part of 'make check'.
. "${top_srcdir:-.}/tests/cross/cross.sh"
need_all clang clang wasm-ld lld node nodejs

wasm=(clang --target=wasm32 -nostdlib -ffreestanding -fno-builtin -O2)
folder=$tap_tmp/wasm

reference
check "clang compiles both cores for wasm32" \
	compile "$folder" "$(cross_sources; printf '%s\n' tests/cross/{wasm_host,bare_memory,selftest}.c)" "${wasm[@]}"

# The compiler's arithmetic helpers, where the optimiser leaves any.
builtins=$(find /usr/lib/llvm-*/lib/clang /usr/lib/clang -name 'libclang_rt.builtins-wasm32.a' 2>/dev/null | sort -V | tail -n 1)
check "wasm-ld links them with nothing undefined" \
	wasm-ld --no-entry -z stack-size=262144 -o "$folder/selftest.wasm" "$folder"/*.o ${builtins:+"$builtins"}
check "the selftest holds under node, without imports" \
	node "$cross_src/tests/cross/wasm_run.mjs" "$folder/selftest.wasm" "$folder"
same_traces wasm32 "$folder"
tap_done
