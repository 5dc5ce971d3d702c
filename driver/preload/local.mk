# SPDX-License-Identifier: BSD-3-Clause
# The library that 'nvmelab with' puts before a program's C library. Its functions have the names of those of the C
# library, which _FORTIFY_SOURCE defines as macros and inline functions: so not here.
pkglib_LTLIBRARIES += libnvmelab-preload.la
libnvmelab_preload_la_CPPFLAGS = -D_GNU_SOURCE -U_FORTIFY_SOURCE
libnvmelab_preload_la_CFLAGS = $(LIB_CFLAGS)
libnvmelab_preload_la_LDFLAGS = $(LIB_LDFLAGS) -module -avoid-version
libnvmelab_preload_la_LIBADD = libnvldisk.la libnvmelab.la
libnvmelab_preload_la_SOURCES = \
	driver/preload/block.c \
	driver/preload/calls_io.c \
	driver/preload/calls_open.c \
	driver/preload/calls_stat.c \
	driver/preload/device.c \
	driver/preload/file.c \
	driver/preload/ioctl.c \
	driver/preload/node.c \
	driver/preload/passthru.c \
	driver/preload/preload.h \
	driver/preload/real.c \
	$(NULL)
