#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# tools/coverage.awk: a table of what gcov prints.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99

script=$(cd "${top_srcdir:-.}" && pwd)/tools/coverage.awk
cd "$tap_tmp" || exit 99

# expect NAME LINE...: the table of the file said has these lines.
expect()
{
	local name=$1
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" >wanted
	[ $# -gt 0 ] || : >wanted
	awk -f "$script" said >found 2>&1 || echo "exit $?" >>found
	if cmp -s wanted found; then ok "$name"; else not_ok "$name" "$(diff wanted found)"; fi
}

cat >said <<'END'
File 'driver/core/ring.c'
Lines executed:50.00% of 10
Branches executed:100.00% of 4
Taken at least once:25.00% of 4
No calls
Creating 'driver#core#ring.c.gcov'

File 'tests/unit/test_ring.c'
Lines executed:10.00% of 90
No branches
No calls

File 'common/le.h'
Lines executed:100.00% of 30
No branches
No calls
Creating 'common#le.h.gcov'

File 'emulator/core/emu.h'
No executable lines
Removing 'emulator#core#emu.h.gcov'

Lines executed:92.00% of 999
END
expect "files are by name, with the total of theirs behind them" \
	' 100.0 % of     30 lines       - % of      0 branches  common/le.h' \
	'  50.0 % of     10 lines    25.0 % of      4 branches  driver/core/ring.c' \
	'  87.5 % of     40 lines    25.0 % of      4 branches  total'
: >said
expect "nothing is said of nothing"
tap_done
