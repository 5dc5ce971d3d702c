# SPDX-License-Identifier: BSD-3-Clause
# Manual pages of the programs.
man1_MANS += \
	$(NULL)
EXTRA_DIST += \
	$(NULL)
