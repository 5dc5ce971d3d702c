/* SPDX-License-Identifier: BSD-3-Clause */
/* Trace records: part of internal.h, for which struct emu has to be complete. */
#ifndef NVMELAB_EMULATOR_CORE_TRACE_H
#define NVMELAB_EMULATOR_CORE_TRACE_H

/* trace.c: one call an event; nothing is evaluated when nobody listens. */
void emu_trace_put(struct emu *emu, const struct emu_ctrl *ctrl, enum nvme_trace_event event,
		   const uint64_t *args, unsigned int count, const void *data, uint32_t bytes);

#define emu_tracing(emu) ((emu)->ops.trace != NULL)

#define emu_trace_data(emu, ctrl, event, data, bytes, ...)                                        \
	do {                                                                                      \
		if (__builtin_expect(emu_tracing(emu), 0)) {                                      \
			const uint64_t trace_args_[] = { __VA_ARGS__ };                           \
			emu_trace_put(emu, ctrl, NVME_TRACE_##event, trace_args_,                 \
				      sizeof(trace_args_) / sizeof(trace_args_[0]), data, bytes); \
		}                                                                                 \
	} while (0)

#define emu_trace(emu, ctrl, event, ...) emu_trace_data(emu, ctrl, event, NULL, 0, __VA_ARGS__)

#endif
