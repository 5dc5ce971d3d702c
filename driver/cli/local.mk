# SPDX-License-Identifier: BSD-3-Clause
# The command nvmelab. It uses the public libraries only.
# bin_PROGRAMS once driver/cli/main.c is there.
EXTRA_PROGRAMS += nvmelab
nvmelab_CFLAGS = $(APP_CFLAGS) $(GLIB_CFLAGS) $(JSON_GLIB_CFLAGS)
nvmelab_SOURCES = \
	$(NULL)
nvmelab_LDADD = \
	libnvmelab.la \
	libnvmelab-emulator.la \
	$(JSON_GLIB_LIBS) \
	$(GLIB_LIBS) \
	$(NULL)
