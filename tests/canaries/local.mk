# SPDX-License-Identifier: BSD-3-Clause
# Planted bugs, and who notices them: 'make check-canaries'.
EXTRA_DIST += \
	tests/canaries/check.sh \
	tests/canaries/table \
	$(NULL)
