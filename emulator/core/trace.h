/* SPDX-License-Identifier: BSD-3-Clause */
/* Trace records: part of internal.h, for which struct emu has to be complete. */
#ifndef NVMELAB_EMULATOR_CORE_TRACE_H
#define NVMELAB_EMULATOR_CORE_TRACE_H

/* trace.c: one call an event; nothing is evaluated when nobody listens. */
void emu_trace_put(struct emu *emu, const struct emu_ctrl *ctrl, enum nvme_trace_event event,
		   const void *data, uint32_t bytes, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
		   uint64_t e, uint64_t f, uint64_t g, uint64_t h);

#define emu_tracing(emu) ((emu)->ops.trace != NULL)

/*
 * Eight arguments, the ones that are missing 0: an array of them on the stack would make compilers
 * guard the stack of every stage, which costs more than the stage's test for a listener.
 */
#define EMU_TRACE_PUT_(emu, ctrl, event, data, bytes, a, b, c, d, e, f, g, h, ...) \
	emu_trace_put(emu, ctrl, event, data, bytes, a, b, c, d, e, f, g, h)

#define emu_trace_data(emu, ctrl, event, data, bytes, ...)                                         \
	do {                                                                                       \
		if (__builtin_expect(emu_tracing(emu), 0))                                         \
			EMU_TRACE_PUT_(emu, ctrl, NVME_TRACE_##event, data, bytes, __VA_ARGS__, 0, \
				       0, 0, 0, 0, 0, 0, 0);                                       \
	} while (0)

#define emu_trace(emu, ctrl, event, ...) emu_trace_data(emu, ctrl, event, NULL, 0, __VA_ARGS__)

#endif
