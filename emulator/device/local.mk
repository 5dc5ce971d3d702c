# SPDX-License-Identifier: BSD-3-Clause
# The device around the core, inside a process. Part of libnvmelab-emulator.
noinst_LTLIBRARIES += libemudevice.la
libemudevice_la_CFLAGS = $(LIB_CFLAGS)
libemudevice_la_SOURCES = \
	emulator/device/barmem.c \
	emulator/device/barmem.h \
	emulator/device/device.c \
	emulator/device/disk.c \
	emulator/device/disk.h \
	emulator/device/dma.c \
	emulator/device/dma.h \
	emulator/device/marks.c \
	emulator/device/marks.h \
	emulator/device/media.c \
	emulator/device/media.h \
	emulator/device/keeper.c \
	emulator/device/keeper.h \
	emulator/device/ns_spec.c \
	emulator/device/open_media.c \
	emulator/device/remote.c \
	emulator/device/remote.h \
	emulator/device/say.c \
	emulator/device/say.h \
	emulator/device/scenario.c \
	emulator/device/setup.c \
	emulator/device/setup.h \
	emulator/device/sigbus.c \
	emulator/device/state_file.c \
	emulator/device/state_file.h \
	emulator/device/state_format.h \
	emulator/device/state_read.c \
	emulator/device/trace_file.c \
	emulator/device/watch.c \
	emulator/device/watch.h \
	$(NULL)

# Signals and instructions of one kind of machine.
trapbar_sources = \
	emulator/device/trap.h \
	emulator/device/trap_decode.c \
	emulator/device/trap_decode.h \
	emulator/device/trap_signal.c \
	emulator/device/trapbar.c \
	$(NULL)
if HAVE_TRAPBAR
libemudevice_la_SOURCES += $(trapbar_sources)
nobase_pkginclude_HEADERS += \
	emulator/device/trapbar.h \
	$(NULL)
else
EXTRA_DIST += \
	$(trapbar_sources) \
	emulator/device/trapbar.h \
	$(NULL)
endif

# Public headers only; private ones belong to the sources.
nobase_pkginclude_HEADERS += \
	emulator/device/device.h \
	emulator/device/scenario.h \
	emulator/device/trace_file.h \
	$(NULL)
