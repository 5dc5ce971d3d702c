# SPDX-License-Identifier: BSD-3-Clause
# The specification and small tools that both sides use. Freestanding.
noinst_LTLIBRARIES += libcommon.la
libcommon_la_CFLAGS = $(CORE_CFLAGS)
libcommon_la_SOURCES = \
	common/crc.c \
	common/crc16_table.h \
	common/crc32c_table.h \
	common/crc64_table.h \
	common/fault.c \
	common/fault_budget.c \
	common/fault_check.c \
	common/fault_print.c \
	common/fault_text.c \
	common/fault_words.c \
	common/fault_words.h \
	common/ini.c \
	common/nvme_names.c \
	common/scenario.c \
	common/text.c \
	common/trace.c \
	$(NULL)

# Installed: whatever a public header of either library includes.
nobase_pkginclude_HEADERS += \
	common/bits.h \
	common/fault.h \
	common/fault_lists.h \
	common/le.h \
	common/mem.h \
	common/nvme_lists.h \
	common/nvme_names.h \
	common/nvme_spec.h \
	common/ring.h \
	common/text.h \
	common/trace.h \
	common/trace_events.def \
	$(NULL)
noinst_HEADERS += \
	common/bitset.h \
	common/crc.h \
	common/ini.h \
	common/limits.h \
	common/random.h \
	common/scenario.h \
	common/vfio_user.h \
	$(NULL)
