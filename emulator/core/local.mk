# SPDX-License-Identifier: BSD-3-Clause
# The NVM subsystem as a state machine; files are the stages of a command. Freestanding.
noinst_LTLIBRARIES += libemucore.la
libemucore_la_CFLAGS = $(CORE_CFLAGS)
libemucore_la_SOURCES = \
	emulator/core/abort.c \
	emulator/core/admin.c \
	emulator/core/aer.c \
	emulator/core/arbitrate.c \
	emulator/core/atomic.c \
	emulator/core/block.c \
	emulator/core/compare.c \
	emulator/core/coalesce.c \
	emulator/core/complete.c \
	emulator/core/config.c \
	emulator/core/copy.c \
	emulator/core/ctrl.c \
	emulator/core/dbbuf.c \
	emulator/core/doorbell.c \
	emulator/core/dsm.c \
	emulator/core/counters.c \
	emulator/core/endurance.c \
	emulator/core/errorlog.c \
	emulator/core/execute.c \
	emulator/core/feature.c \
	emulator/core/feature_basic.c \
	emulator/core/feature_host.c \
	emulator/core/feature_media.c \
	emulator/core/feature_ns.c \
	emulator/core/feature_rows.c \
	emulator/core/feature_save.c \
	emulator/core/fetch.c \
	emulator/core/fused.c \
	emulator/core/format.c \
	emulator/core/gate.c \
	emulator/core/heat.c \
	emulator/core/hmb.c \
	emulator/core/firmware.c \
	emulator/core/identify.c \
	emulator/core/identify_list.c \
	emulator/core/identify_logs.c \
	emulator/core/identify_ns.c \
	emulator/core/irq.c \
	emulator/core/lbastatus.c \
	emulator/core/limits.c \
	emulator/core/job.c \
	emulator/core/log.c \
	emulator/core/metadata.c \
	emulator/core/move.c \
	emulator/core/ns.c \
	emulator/core/ns_mgmt.c \
	emulator/core/ns_state.c \
	emulator/core/nvm.c \
	emulator/core/pci.c \
	emulator/core/pi.c \
	emulator/core/power.c \
	emulator/core/profile.c \
	emulator/core/pel.c \
	emulator/core/prp.c \
	emulator/core/queue.c \
	emulator/core/queue.h \
	emulator/core/regs.c \
	emulator/core/sanitize.c \
	emulator/core/sanitize_log.c \
	emulator/core/save.c \
	emulator/core/smart.c \
	emulator/core/scatter.c \
	emulator/core/security.c \
	emulator/core/selftest.c \
	emulator/core/sgl.c \
	emulator/core/spans.h \
	emulator/core/stage.c \
	emulator/core/suspect.c \
	emulator/core/step.c \
	emulator/core/telemetry.c \
	emulator/core/timer.c \
	emulator/core/trace.c \
	emulator/core/transfer.c \
	emulator/core/zeroes.c \
	emulator/core/feature.h \
	emulator/core/identify.h \
	emulator/core/feature_values.h \
	emulator/core/firmware.h \
	emulator/core/internal.h \
	emulator/core/list.h \
	emulator/core/job.h \
	emulator/core/log.h \
	emulator/core/ns.h \
	emulator/core/timer.h \
	emulator/core/pci.h \
	emulator/core/stage.h \
	emulator/core/trace.h \
	emulator/core/power.h \
	emulator/core/endurance.h \
	emulator/core/pel.h \
	emulator/core/security.h \
	emulator/core/selftest.h \
	emulator/core/telemetry.h \
	$(NULL)

# Public headers only; private ones belong to the sources.
nobase_pkginclude_HEADERS += \
	emulator/core/config.h \
	emulator/core/emu.h \
	emulator/core/sanitize.h \
	emulator/core/sanitize_log.h \
	emulator/core/save.h \
	$(NULL)
