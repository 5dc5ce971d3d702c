# SPDX-License-Identifier: BSD-3-Clause
# What the tests share: the TAP main function (main.[ch]) and a host in memory (host.h).
check_LTLIBRARIES += libth.la
libth_la_SOURCES = \
	tests/harness/buffer.c \
	tests/harness/buffer.h \
	tests/harness/faults.c \
	tests/harness/faults.h \
	tests/harness/host.c \
	tests/harness/host.h \
	tests/harness/internal.h \
	tests/harness/invariants.c \
	tests/harness/main.c \
	tests/harness/medium.c \
	tests/harness/main.h \
	tests/harness/ramdisk.c \
	tests/harness/ramdisk.h \
	tests/harness/rings.c \
	tests/harness/saves.c \
	tests/harness/snapshot.c \
	$(NULL)

EXTRA_DIST += \
	tests/harness/emulator.sh \
	tests/harness/sources.sh \
	tests/harness/tap.sh \
	$(NULL)
