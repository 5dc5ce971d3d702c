# SPDX-License-Identifier: BSD-3-Clause
# The host driver as a state machine; files are the stages of a command. Freestanding.
noinst_LTLIBRARIES += libnvlcore.la
libnvlcore_la_CFLAGS = $(CORE_CFLAGS)
libnvlcore_la_SOURCES = \
	$(NULL)

# Public headers only; private ones belong to the sources.
nobase_pkginclude_HEADERS += \
	$(NULL)
