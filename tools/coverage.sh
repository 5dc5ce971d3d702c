#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# 'make coverage': runs the tests in build/coverage and prints, for each of the project's own files, the share of
# lines and branches that they reach; annotated sources are left in build/coverage/gcov/.
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

# gcov prints 'File', then 'Lines executed:P% of N' and 'Branches executed:P% of N' for each file.
cd "$out/gcov"
find "$out/common" "$out/emulator" "$out/driver" -name '*.gcda' -print0 |
	xargs -0 -r gcov --branch-probabilities --preserve-paths --source-prefix "$src" --relative-only |
	awk '
		/^File / { file = $2; gsub(/\047/, "", file) }
		/^Lines executed/ { split($2, part, ":"); sub(/%/, "", part[2]); line[file] = part[2]; lines[file] = $4 }
		/^Taken at least once/ { split($0, part, /[:%]/); taken[file] = part[2] }
		END {
			for (file in line)
				if (file ~ /^(common|emulator|driver)\//) {
					printf "%6.1f %% of %5d lines  %6s %% of branches taken  %s\n",
						line[file], lines[file], file in taken ? taken[file] : "-", file
					hit += line[file] * lines[file] / 100
					all += lines[file]
				}
			if (all)
				printf "%6.1f %% of %5d lines                            ~ total\n", 100 * hit / all, all
		}' | LC_ALL=C sort -k 10 | sed 's/~ total/total/'
