# SPDX-License-Identifier: BSD-3-Clause
# How the driver reaches a controller. Part of libnvmelab.
noinst_LTLIBRARIES += libnvltransport.la
libnvltransport_la_CFLAGS = $(LIB_CFLAGS) $(PCIACCESS_CFLAGS)
libnvltransport_la_SOURCES = \
	driver/transport/device.c \
	driver/transport/emu.c \
	driver/transport/memory.c \
	driver/transport/transport.c \
	driver/transport/transport.h \
	driver/transport/vfio_user.c \
	driver/transport/vfu.h \
	driver/transport/vfu_setup.c \
	driver/transport/vfu_socket.c \
	$(NULL)

# Public headers only; private ones belong to the sources.
nobase_pkginclude_HEADERS += \
	driver/transport/device.h \
	$(NULL)
