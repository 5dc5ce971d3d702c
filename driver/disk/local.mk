# SPDX-License-Identifier: BSD-3-Clause
# A namespace as bytes: shared by the preload library and the nbdkit plugin, on top of libnvmelab.
noinst_LTLIBRARIES += libnvldisk.la
libnvldisk_la_CFLAGS = $(LIB_CFLAGS)
libnvldisk_la_SOURCES = \
	driver/disk/disk.c \
	driver/disk/disk.h \
	driver/disk/zero.c \
	$(NULL)
