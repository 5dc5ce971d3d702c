# SPDX-License-Identifier: BSD-3-Clause
# Manual pages of the programs.
man1_MANS += \
	man/nvmelab.1 \
	man/nvmelab-emulator.1 \
	$(NULL)
EXTRA_DIST += \
	man/nvmelab.1 \
	man/nvmelab-emulator.1 \
	$(NULL)
