# SPDX-License-Identifier: BSD-3-Clause
# The device around the core, inside a process. Part of libnvmelab-emulator.
noinst_LTLIBRARIES += libemudevice.la
libemudevice_la_CFLAGS = $(LIB_CFLAGS)
libemudevice_la_SOURCES = \
	$(NULL)

# Public headers only; private ones belong to the sources.
nobase_pkginclude_HEADERS += \
	emulator/device/device.h \
	$(NULL)
