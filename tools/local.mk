# SPDX-License-Identifier: BSD-3-Clause
# Scripts for people and for CI.
test_scripts += \
	tools/symbols.sh \
	$(NULL)

EXTRA_DIST += \
	tools/api.awk \
	tools/coverage.awk \
	tools/coverage.sh \
	tools/docs.sh \
	tools/files.sh \
	tools/first-run.sh \
	tools/format.sh \
	tools/fuzz.sh \
	tools/gen-crc-tables.sh \
	tools/junit.sh \
	tools/lint.sh \
	tools/packages.sh \
	tools/sanitize.sh \
	tools/scenarios.awk \
	tools/test-totals.sh \
	$(NULL)

# What tools/first-run.sh leaves.
CLEANFILES += first-run.trace
