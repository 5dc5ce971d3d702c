# SPDX-License-Identifier: BSD-3-Clause
# The manual's pages.
EXTRA_DIST += \
	$(NULL)
