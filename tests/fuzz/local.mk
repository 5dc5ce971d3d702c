# SPDX-License-Identifier: BSD-3-Clause
# libFuzzer targets with --enable-fuzzer; else 'make check' replays tests/fuzz/corpus/fuzz_X/ through each.
# Rows for a target, whose corpus has one input at least:
#
#	fuzz_programs += tests/fuzz/fuzz_X
#	tests_fuzz_fuzz_X_LDFLAGS = $(fuzz_ldflags)
#	tests_fuzz_fuzz_X_LDADD = $(fuzz_libs)
fuzz_programs += \
	tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_control \
	tests/fuzz/fuzz_cqe \
	tests/fuzz/fuzz_dma \
	tests/fuzz/fuzz_fault \
	tests/fuzz/fuzz_ini \
	tests/fuzz/fuzz_judge \
	tests/fuzz/fuzz_memory \
	tests/fuzz/fuzz_prp \
	tests/fuzz/fuzz_scenario \
	tests/fuzz/fuzz_sqe \
	tests/fuzz/fuzz_state \
	tests/fuzz/fuzz_vfio_user \
	$(NULL)

# A change of an entry of the corpus is a change of the folder.
EXTRA_DIST += \
	tests/fuzz/corpus \
	$(NULL)

if ENABLE_FUZZER
fuzz_ldflags = $(APP_LDFLAGS) $(FUZZER_LDFLAGS)
fuzz_libs = $(project_libs)
else
TESTS += $(fuzz_programs)
check_LTLIBRARIES += libfuzzreplay.la
libfuzzreplay_la_SOURCES = tests/fuzz/replay.c
fuzz_ldflags = $(APP_LDFLAGS)
fuzz_libs = libfuzzreplay.la $(project_libs)
endif

noinst_HEADERS += \
	tests/fuzz/device.h \
	tests/fuzz/input.h \
	tests/fuzz/subsystem.h \
	$(NULL)

tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_config_LDADD = $(fuzz_libs)

tests_fuzz_fuzz_control_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_control_LDADD = $(fuzz_libs)

tests_fuzz_fuzz_cqe_SOURCES = tests/fuzz/fuzz_cqe.c tests/fuzz/device.c
tests_fuzz_fuzz_cqe_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_cqe_LDADD = $(fuzz_libs)

tests_fuzz_fuzz_dma_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_dma_LDADD = $(fuzz_libs)

tests_fuzz_fuzz_fault_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_fault_LDADD = $(fuzz_libs)

tests_fuzz_fuzz_ini_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_ini_LDADD = $(fuzz_libs)

tests_fuzz_fuzz_judge_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_judge_LDADD = $(fuzz_libs)

# Where the server waits for a client, that of the fuzzer has its turn.
tests_fuzz_fuzz_memory_LDFLAGS = $(fuzz_ldflags) -Wl,--wrap=poll,--wrap=emu_server_nsec
tests_fuzz_fuzz_memory_LDADD = $(fuzz_libs)

tests_fuzz_fuzz_prp_SOURCES = tests/fuzz/fuzz_prp.c tests/fuzz/subsystem.c \
	tests/fuzz/medium.c tests/fuzz/pools.c
tests_fuzz_fuzz_prp_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_prp_LDADD = $(fuzz_libs)

tests_fuzz_fuzz_scenario_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_scenario_LDADD = $(fuzz_libs)

tests_fuzz_fuzz_sqe_SOURCES = tests/fuzz/fuzz_sqe.c tests/fuzz/subsystem.c \
	tests/fuzz/medium.c tests/fuzz/pools.c
tests_fuzz_fuzz_sqe_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_sqe_LDADD = $(fuzz_libs)

tests_fuzz_fuzz_state_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_state_LDADD = libth.la $(fuzz_libs)

tests_fuzz_fuzz_vfio_user_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_vfio_user_LDADD = $(fuzz_libs)
