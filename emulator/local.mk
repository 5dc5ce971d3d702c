# SPDX-License-Identifier: BSD-3-Clause
# libnvmelab-emulator: the subsystem as a library. A new public function is a line in the map.
lib_LTLIBRARIES += libnvmelab-emulator.la
libnvmelab_emulator_la_CFLAGS = $(LIB_CFLAGS)
libnvmelab_emulator_la_LDFLAGS = $(LIB_LDFLAGS) -version-info 0:0:0 \
	-Wl,--version-script=$(srcdir)/emulator/libnvmelab-emulator.map
libnvmelab_emulator_la_DEPENDENCIES = \
	$(libnvmelab_emulator_parts) emulator/libnvmelab-emulator.map
libnvmelab_emulator_la_SOURCES =
libnvmelab_emulator_la_LIBADD = $(libnvmelab_emulator_parts) $(URING_LIBS) $(NBD_LIBS)
libnvmelab_emulator_parts = \
	libemudevice.la \
	libemujudge.la \
	libemucore.la \
	libcommon.la \
	$(NULL)

pkgconfig_DATA += emulator/libnvmelab-emulator.pc
EXTRA_DIST += emulator/libnvmelab-emulator.map
