# SPDX-License-Identifier: BSD-3-Clause
# Manual pages: one a program, one a plugin, one of the libraries.
man1_MANS += \
	man/nvmelab.1 \
	man/nvmelab-emulator.1 \
	man/nvmelab-sim.1 \
	man/nvmelab-with.1 \
	$(NULL)
man3_MANS += man/libnvmelab.3
if HAVE_NBDKIT
man1_MANS += man/nbdkit-nvmelab-plugin.1
endif
EXTRA_DIST += \
	man/libnvmelab.3 \
	man/nbdkit-nvmelab-plugin.1 \
	man/nvmelab.1 \
	man/nvmelab-emulator.1 \
	man/nvmelab-sim.1 \
	man/nvmelab-with.1 \
	$(NULL)
