# SPDX-License-Identifier: BSD-3-Clause
# What the tests share: the TAP main function (main.[ch]) and a host in memory.
check_LTLIBRARIES += libth.la
libth_la_SOURCES = \
	tests/harness/host.c \
	tests/harness/host.h \
	tests/harness/main.c \
	tests/harness/main.h \
	$(NULL)

EXTRA_DIST += \
	tests/harness/tap.sh \
	$(NULL)
