# SPDX-License-Identifier: BSD-3-Clause
# The NVM subsystem as a state machine; files are the stages of a command. Freestanding.
noinst_LTLIBRARIES += libemucore.la
libemucore_la_CFLAGS = $(CORE_CFLAGS)
libemucore_la_SOURCES = \
	$(NULL)

# Public headers only; private ones belong to the sources.
nobase_pkginclude_HEADERS += \
	$(NULL)
