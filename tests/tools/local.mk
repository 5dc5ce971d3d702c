# SPDX-License-Identifier: BSD-3-Clause
# The scripts of tools/, and quickstart.
test_scripts += \
	tests/tools/test_api.sh \
	tests/tools/test_coverage.sh \
	tests/tools/test_junit.sh \
	tests/tools/test_quickstart.sh \
	$(NULL)
