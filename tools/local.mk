# SPDX-License-Identifier: BSD-3-Clause
# Scripts for people and for CI.
EXTRA_DIST += \
	$(NULL)
