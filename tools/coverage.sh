#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# 'make coverage': runs the tests in build/coverage and prints, for each of the project's own files and for all of them,
# the share of lines and branches that they reach; annotated sources are left in build/coverage/gcov/.
set -euo pipefail

src=$(cd "$(dirname "$0")/.." && pwd)
out=${COVERAGE_DIR:-$src/build/coverage}
jobs=${JOBS:-$(nproc)}
unset MAKEFLAGS MFLAGS MAKELEVEL

mkdir -p "$out/gcov"
if [ ! -e "$out/config.status" ] || [ "$src/configure" -nt "$out/config.status" ]; then
	(cd "$out" && "$src/configure" --quiet CC=gcc CFLAGS="-O0 -g" --disable-hardening --enable-coverage) \
		>"$out/configure.log" 2>&1 || { cat "$out/configure.log"; exit 1; }
fi
find "$out" -name '*.gcda' -delete
make -C "$out" -k -j"$jobs" check >"$out/check.log" 2>&1 || echo "coverage: some tests failed, see $out/check.log" >&2

cd "$out/gcov"
find "$out/common" "$out/emulator" "$out/driver" -name '*.gcda' -print0 |
	xargs -0 -r gcov --branch-probabilities --preserve-paths --source-prefix "$src" --relative-only |
	awk -f "$src/tools/coverage.awk"
