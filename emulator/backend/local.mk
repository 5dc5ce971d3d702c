# SPDX-License-Identifier: BSD-3-Clause
# Where the namespaces' data lies. Part of libnvmelab-emulator.
libemudevice_la_SOURCES += \
	emulator/backend/backend.c \
	emulator/backend/backend.h \
	emulator/backend/blockmap.c \
	emulator/backend/blockmap.h \
	emulator/backend/cache.c \
	emulator/backend/cache.h \
	emulator/backend/copy.c \
	emulator/backend/file.c \
	emulator/backend/file.h \
	emulator/backend/file_open.c \
	emulator/backend/job.c \
	emulator/backend/job.h \
	emulator/backend/mem.c \
	emulator/backend/nbd.c \
	emulator/backend/nbd.h \
	emulator/backend/nbd_link.c \
	emulator/backend/store.c \
	emulator/backend/store.h \
	emulator/backend/uring.c \
	$(NULL)
