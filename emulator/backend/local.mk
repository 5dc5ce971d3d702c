# SPDX-License-Identifier: BSD-3-Clause
# Where the namespaces' data lies. Part of libnvmelab-emulator.
libemudevice_la_SOURCES += \
	emulator/backend/backend.h \
	emulator/backend/copy.c \
	emulator/backend/file.c \
	emulator/backend/file.h \
	emulator/backend/mem.c \
	emulator/backend/uring.c \
	$(NULL)
