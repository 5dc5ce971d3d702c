# SPDX-License-Identifier: BSD-3-Clause
# The host driver as a state machine; files are the stages of a command. Freestanding.
noinst_LTLIBRARIES += libnvlcore.la
libnvlcore_la_CFLAGS = $(CORE_CFLAGS)
libnvlcore_la_SOURCES = \
	driver/core/admin.c \
	driver/core/aer.c \
	driver/core/block.c \
	driver/core/bounce.c \
	driver/core/complete.c \
	driver/core/complete.h \
	driver/core/config.c \
	driver/core/ctrl.c \
	driver/core/data.h \
	driver/core/events.c \
	driver/core/firmware.c \
	driver/core/ident.c \
	driver/core/io.c \
	driver/core/join.c \
	driver/core/life.c \
	driver/core/logs.c \
	driver/core/meta.c \
	driver/core/mgmt.c \
	driver/core/multipath.c \
	driver/core/ns.c \
	driver/core/nvm.c \
	driver/core/pi.c \
	driver/core/pieces.c \
	driver/core/plan.c \
	driver/core/policy.c \
	driver/core/poll.c \
	driver/core/prp.c \
	driver/core/queues.c \
	driver/core/quirks.c \
	driver/core/recover.c \
	driver/core/regs.c \
	driver/core/request.c \
	driver/core/resend.c \
	driver/core/reset.c \
	driver/core/resv.c \
	driver/core/retry.c \
	driver/core/ring.c \
	driver/core/scan.c \
	driver/core/sgl.c \
	driver/core/shadow.c \
	driver/core/stats.c \
	driver/core/steps.h \
	driver/core/submit.c \
	driver/core/submit.h \
	driver/core/text.c \
	driver/core/timeout.c \
	driver/core/trace.c \
	driver/core/tune.c \
	driver/core/internal.h \
	$(NULL)

# Public headers only; private ones belong to the sources.
nobase_pkginclude_HEADERS += \
	driver/core/nvl.h \
	driver/core/nvl_admin.h \
	driver/core/nvl_events.h \
	driver/core/nvl_keys.h \
	driver/core/nvl_life.h \
	driver/core/nvl_io.h \
	driver/core/nvl_mgmt.h \
	driver/core/nvl_multipath.h \
	driver/core/nvl_nvm.h \
	driver/core/nvl_policy.h \
	driver/core/nvl_queues.h \
	$(NULL)
