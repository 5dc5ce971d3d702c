# SPDX-License-Identifier: BSD-3-Clause
# The emulator as a process: the vfio-user server (libemuserver, which tests link too) and the program.
noinst_LTLIBRARIES += libemuserver.la
libemuserver_la_CFLAGS = $(LIB_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
libemuserver_la_SOURCES = \
	$(NULL)

# bin_PROGRAMS once emulator/app/main.c is there.
EXTRA_PROGRAMS += nvmelab-emulator
nvmelab_emulator_CFLAGS = $(APP_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
nvmelab_emulator_SOURCES = \
	$(NULL)
nvmelab_emulator_LDADD = \
	libemuserver.la \
	libemudevice.la \
	libemucore.la \
	libcommon.la \
	$(JSON_GLIB_LIBS) \
	$(GLIB_LIBS) \
	$(URING_LIBS) \
	$(NULL)
