# SPDX-License-Identifier: BSD-3-Clause
# The simulator: both cores, their world, and the program nvmelab-sim. The library is freestanding.
noinst_LTLIBRARIES += libsim.la
libsim_la_CFLAGS = $(CORE_CFLAGS)
libsim_la_SOURCES = \
	driver/transport/msix.c \
	tests/sim/app.c \
	tests/sim/block.c \
	tests/sim/expect.c \
	tests/sim/explore.c \
	tests/sim/explore.h \
	tests/sim/file.c \
	tests/sim/history.c \
	tests/sim/internal.h \
	tests/sim/known.h \
	tests/sim/lists.h \
	tests/sim/medium.c \
	tests/sim/port.c \
	tests/sim/rows.c \
	tests/sim/shrink.c \
	tests/sim/shrink.h \
	tests/sim/sim.h \
	tests/sim/tables.c \
	tests/sim/task.c \
	tests/sim/trunk.c \
	tests/sim/trunk.h \
	tests/sim/watch.c \
	tests/sim/world.c \
	$(NULL)

# Built by tests/cross/golden.sh, with many compilers.
EXTRA_DIST += tests/sim/runner.c

test_programs += \
	tests/sim/test_block \
	tests/sim/test_explore \
	tests/sim/test_world \
	$(NULL)
tests_sim_test_block_LDADD = libsim.la $(test_libs)
tests_sim_test_explore_LDADD = libsim.la $(test_libs)
tests_sim_test_world_LDADD = libsim.la $(test_libs)
