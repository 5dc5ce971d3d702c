#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Adds up the test results in logs of 'make check' (the summaries that Automake prints), of scripts that print TAP,
# and of this script itself: one line, 'N passed, N failed[, N skipped]', after the names of the tests that failed.
#
#	tools/test-totals.sh LOG...
#
# Exit status: 0 whatever the results are; 2 usage.
set -eu

[ $# -ge 1 ] || { echo "usage: test-totals.sh LOG..." >&2; exit 2; }
sed -nE 's/^(FAIL|ERROR|XPASS): /\1 /p; s/^not ok [0-9]+ - /FAIL /p' "$@"
awk '
	/^# (PASS|XFAIL): +[0-9]+$/ { passed += $3 }
	/^# (FAIL|XPASS|ERROR): +[0-9]+$/ { failed += $3 }
	/^# SKIP: +[0-9]+$/ { skipped += $3 }
	/^ok [0-9]+ .*# SKIP/ { skipped++; next }
	/^ok [0-9]+/ { passed++ }
	/^not ok [0-9]+/ { failed++ }
	/^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ { passed += $1; failed += $3; skipped += $5 }
	END {
		printf "%d passed, %d failed", passed, failed
		if (skipped)
			printf ", %d skipped", skipped
		print ""
	}' "$@"
