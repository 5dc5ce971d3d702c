# SPDX-License-Identifier: BSD-3-Clause
# The judge: what a host does wrong, from the controller's trace. Freestanding; part of libnvmelab-emulator.
noinst_LTLIBRARIES += libemujudge.la
libemujudge_la_CFLAGS = $(CORE_CFLAGS)
libemujudge_la_SOURCES = \
	emulator/judge/command.c \
	emulator/judge/creation.c \
	emulator/judge/data.c \
	emulator/judge/flight.c \
	emulator/judge/judge.c \
	emulator/judge/life.c \
	emulator/judge/registers.c \
	emulator/judge/rings.c \
	emulator/judge/shadow.h \
	emulator/judge/words.c \
	$(NULL)

nobase_pkginclude_HEADERS += \
	emulator/judge/judge.h \
	emulator/judge/rules.def \
	$(NULL)
