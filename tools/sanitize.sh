#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# 'make sanitize': all tests with the address and undefined-behaviour sanitizers in build/sanitize, then the
# ring race test with the thread sanitizer in build/tsan. CC chooses the compiler. Left out are what 'make install'
# gives, because that test links programs of its own, which know no sanitizer, and other people's programs with our
# libraries, which those of the documentation are too.
set -euo pipefail

src=$(cd "$(dirname "$0")/.." && pwd)
out=${SANITIZE_DIR:-$src/build}
jobs=${JOBS:-$(nproc)}
race_test=tests/integration/test_ring_race
unset MAKEFLAGS MFLAGS MAKELEVEL
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1}
# Fork, threads and time-outs are slower under a sanitizer.
export CK_TIMEOUT_MULTIPLIER=${CK_TIMEOUT_MULTIPLIER:-5}

configure() # FOLDER OPTION...
{
	local dir=$1
	shift
	mkdir -p "$dir"
	[ -e "$dir/config.status" ] && [ ! "$src/configure" -nt "$dir/config.status" ] && return
	(cd "$dir" && "$src/configure" --quiet CFLAGS="-O1 -g" "$@") >"$dir/configure.log" 2>&1 && return
	cat "$dir/configure.log"
	return 1
}

status=0
configure "$out/sanitize" --enable-sanitize=address,undefined
make -C "$out/sanitize" Makefile >/dev/null # prints what it does, if it has to
mapfile -t all < <(make -s -C "$out/sanitize" list-tests)
mapfile -t tests < <(printf '%s\n' "${all[@]}" | grep -vxE 'tests/(embed/test_install|preload/test_programs|nbdkit/test_nbdkit)\.sh|docs/docs-test\.sh')
make -C "$out/sanitize" -k -j"$jobs" check TESTS="${tests[*]}" || status=$?

if [[ " ${all[*]} " == *" $race_test "* ]]; then
	configure "$out/tsan" --enable-sanitize=thread
	make -C "$out/tsan" -j"$jobs" "$race_test" || status=$?
	make -C "$out/tsan" check-TESTS TESTS="$race_test" || status=$?
else
	echo "sanitize: $race_test is not in this tree" >&2
	status=1
fi
exit "$status"
