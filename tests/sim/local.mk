# SPDX-License-Identifier: BSD-3-Clause
# The simulator: both cores, their world, and the program nvmelab-sim.
noinst_HEADERS += \
	tests/sim/lists.h \
	tests/sim/sim.h \
	$(NULL)
