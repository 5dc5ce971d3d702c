# SPDX-License-Identifier: BSD-3-Clause
# The program nvmelab-sim, around the simulator (libsim.la). Its commands are rows, as those of nvmelab.
# libsimcli is all of it but main(), for the tests.
noinst_LTLIBRARIES += libsimcli.la
libsimcli_la_CFLAGS = $(APP_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
libsimcli_la_LIBADD = libclibase.la
libsimcli_la_SOURCES = \
	tests/sim/cli/child.c \
	tests/sim/cli/child.h \
	tests/sim/cli/choose.c \
	tests/sim/cli/cmd_bisect.c \
	tests/sim/cli/cmd_check.c \
	tests/sim/cli/cmd_explain.c \
	tests/sim/cli/cmd_explore.c \
	tests/sim/cli/cmd_lists.c \
	tests/sim/cli/cmd_merge.c \
	tests/sim/cli/cmd_replay.c \
	tests/sim/cli/cmd_run.c \
	tests/sim/cli/cmd_shrink.c \
	tests/sim/cli/commands.c \
	tests/sim/cli/diagram.c \
	tests/sim/cli/diagram.h \
	tests/sim/cli/diagram_svg.c \
	tests/sim/cli/diagram_text.c \
	tests/sim/cli/differ.c \
	tests/sim/cli/differ.h \
	tests/sim/cli/exploration.c \
	tests/sim/cli/exploration.h \
	tests/sim/cli/explorer.c \
	tests/sim/cli/explorer.h \
	tests/sim/cli/junit.c \
	tests/sim/cli/memory.c \
	tests/sim/cli/memory.h \
	tests/sim/cli/point.c \
	tests/sim/cli/point.h \
	tests/sim/cli/pool.c \
	tests/sim/cli/pool.h \
	tests/sim/cli/program.h \
	tests/sim/cli/record.c \
	tests/sim/cli/record.h \
	tests/sim/cli/replay.c \
	tests/sim/cli/replay.h \
	tests/sim/cli/replay_data.c \
	tests/sim/cli/replay_host.c \
	tests/sim/cli/replay_new.c \
	tests/sim/cli/replay_parts.h \
	tests/sim/cli/report.c \
	tests/sim/cli/report.h \
	tests/sim/cli/source.c \
	tests/sim/cli/source.h \
	tests/sim/cli/words.c \
	$(NULL)

bin_PROGRAMS += nvmelab-sim
nvmelab_sim_CFLAGS = $(APP_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
nvmelab_sim_SOURCES = tests/sim/cli/main.c
nvmelab_sim_LDADD = \
	libsimcli.la \
	libsim.la \
	libnvlcore.la \
	libemudevice.la \
	libemujudge.la \
	libemucore.la \
	libcommon.la \
	$(JSON_GLIB_LIBS) \
	$(GLIB_LIBS) \
	$(URING_LIBS) \
	$(NBD_LIBS) \
	$(NULL)

# A simulator that is made to misbehave: --wrap puts the test's sim_run() before the real one.
test_programs += tests/sim/cli/test_points
tests_sim_cli_test_points_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
tests_sim_cli_test_points_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=sim_run
tests_sim_cli_test_points_LDADD = libsimcli.la libsim.la $(test_libs) $(JSON_GLIB_LIBS) $(GLIB_LIBS)

# Cases that end their process: --wrap puts the test's sim_judge() before the real one.
test_programs += tests/sim/cli/test_explorer
tests_sim_cli_test_explorer_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
tests_sim_cli_test_explorer_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=sim_judge
tests_sim_cli_test_explorer_LDADD = libsimcli.la libsim.la $(test_libs) $(JSON_GLIB_LIBS) $(GLIB_LIBS)

test_scripts += \
	tests/sim/cli/test_explain.sh \
	tests/sim/cli/test_explore.sh \
	tests/sim/cli/test_program.sh \
	tests/sim/cli/test_replay.sh \
	tests/sim/cli/test_shrink.sh \
	$(NULL)
EXTRA_DIST += \
	tests/sim/cli/.clang-tidy \
	tests/traces/guest.jsonl.gz \
	$(NULL)

# Traces that nobody recorded.
fuzz_programs += tests/fuzz/fuzz_replay
tests_fuzz_fuzz_replay_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
tests_fuzz_fuzz_replay_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_replay_LDADD = libsimcli.la libsim.la $(fuzz_libs) $(JSON_GLIB_LIBS) $(GLIB_LIBS)
