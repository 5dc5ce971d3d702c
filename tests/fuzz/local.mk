# SPDX-License-Identifier: BSD-3-Clause
# libFuzzer targets with --enable-fuzzer; else 'make check' replays tests/fuzz/corpus/fuzz_X/ through each.
# Rows for a target, whose corpus has one input at least:
#
#	fuzz_programs += tests/fuzz/fuzz_X
#	tests_fuzz_fuzz_X_LDFLAGS = $(fuzz_ldflags)
#	tests_fuzz_fuzz_X_LDADD = $(fuzz_libs)
fuzz_programs += \
	$(NULL)

EXTRA_DIST += \
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
