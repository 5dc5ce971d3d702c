#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# 'make sanitize': all tests with the address and undefined-behaviour sanitizers in build/sanitize, then those with threads
# of their own with the thread sanitizer in build/tsan. CC chooses the compiler. Left out are what 'make install' gives,
# because that test links programs of its own, which know no sanitizer, other people's programs with our libraries, which
# those of the documentation are too, and the scripts that compile the cores for other machines.
set -euo pipefail

src=$(cd "$(dirname "$0")/.." && pwd)
out=${SANITIZE_DIR:-$src/build}
jobs=${JOBS:-$(nproc)}
race_tests=(tests/integration/test_ring_race tests/integration/test_reset)
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
mapfile -t tests < <(printf '%s\n' "${all[@]}" | grep -vxE \
	'tests/(embed/test_(install|baremetal)|cross/.*|preload/test_programs|nbdkit/test_nbdkit)\.sh|docs/docs-test\.sh')
make -C "$out/sanitize" -k -j"$jobs" check TESTS="${tests[*]}" || status=$?

configure "$out/tsan" --enable-sanitize=thread
for test in "${race_tests[@]}"; do
	if [[ " ${all[*]} " != *" $test "* ]]; then
		echo "sanitize: $test is not in this tree" >&2
		status=1
		continue
	fi
	# Not by check-TESTS, which builds all tests first.
	rm -f "$out/tsan/$test".{log,trs}
	make -C "$out/tsan" -j"$jobs" "$test.log" || status=$?
	cat "$out/tsan/$test.log" || status=$?
	grep -q '^:global-test-result: PASS' "$out/tsan/$test.trs" || status=1
done
exit "$status"
