# SPDX-License-Identifier: BSD-3-Clause
# The emulator as a process: the vfio-user server (libemuserver, which tests link too) and the program.
noinst_LTLIBRARIES += libemuserver.la
libemuserver_la_CFLAGS = $(LIB_CFLAGS)
libemuserver_la_SOURCES = \
	emulator/app/bar0.c \
	emulator/app/control.c \
	emulator/app/control.h \
	emulator/app/intx.c \
	emulator/app/irqs.c \
	emulator/app/json.c \
	emulator/app/lab.c \
	emulator/app/log.c \
	emulator/app/log.h \
	emulator/app/loop.c \
	emulator/app/memory.c \
	emulator/app/messages.c \
	emulator/app/region.c \
	emulator/app/server.h \
	emulator/app/session.c \
	emulator/app/session.h \
	emulator/app/verdict.c \
	emulator/app/verdict.h \
	emulator/app/version.c \
	$(NULL)

bin_PROGRAMS += nvmelab-emulator
nvmelab_emulator_CFLAGS = $(APP_CFLAGS) $(GLIB_CFLAGS)
nvmelab_emulator_SOURCES = \
	emulator/app/main.c \
	$(NULL)
nvmelab_emulator_LDADD = \
	libemuserver.la \
	libemudevice.la \
	libemujudge.la \
	libemucore.la \
	libcommon.la \
	$(GLIB_LIBS) \
	$(URING_LIBS) \
	$(NBD_LIBS) \
	$(NULL)
EXTRA_DIST += emulator/app/.clang-tidy
