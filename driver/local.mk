# SPDX-License-Identifier: BSD-3-Clause
# libnvmelab: the driver as a library. A new public function is a line in the map.
lib_LTLIBRARIES += libnvmelab.la
libnvmelab_la_CFLAGS = $(LIB_CFLAGS)
libnvmelab_la_LDFLAGS = $(LIB_LDFLAGS) -version-info 0:0:0 \
	-Wl,--version-script=$(srcdir)/driver/libnvmelab.map
libnvmelab_la_DEPENDENCIES = \
	$(libnvmelab_parts) libnvmelab-emulator.la driver/libnvmelab.map
libnvmelab_la_SOURCES =
libnvmelab_la_LIBADD = $(libnvmelab_parts) libnvmelab-emulator.la $(PCIACCESS_LIBS)
libnvmelab_parts = \
	libnvltransport.la \
	libnvlcore.la \
	libcommon.la \
	$(NULL)

pkgconfig_DATA += driver/libnvmelab.pc
EXTRA_DIST += driver/libnvmelab.map
