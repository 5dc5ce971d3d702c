# SPDX-License-Identifier: BSD-3-Clause
# How the driver reaches a controller. Part of libnvmelab.
noinst_LTLIBRARIES += libnvltransport.la
libnvltransport_la_CFLAGS = $(LIB_CFLAGS) $(PCIACCESS_CFLAGS)
libnvltransport_la_SOURCES = \
	$(NULL)

# Public headers only; private ones belong to the sources.
nobase_pkginclude_HEADERS += \
	$(NULL)
