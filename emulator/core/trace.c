/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace records of the controller's side. The callers' macro has already found that somebody
 * listens.
 */
#include "emulator/core/internal.h"

/* Registers, not an array in memory, which would make compilers guard the stack of each stage. */
/* NOLINTNEXTLINE(readability-function-size) */
__attribute__((cold)) void emu_trace_put(struct emu *emu, const struct emu_ctrl *ctrl,
					 enum nvme_trace_event event, const void *data,
					 uint32_t bytes, uint64_t a, uint64_t b, uint64_t c,
					 uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h)
{
	const struct nvme_trace_record record = {
		.time_nsec = emu->now_nsec,
		.seq = emu->trace_seq++,
		.event = (uint16_t)event,
		.side = NVME_TRACE_CONTROLLER,
		.ctrl = ctrl->index,
		.args = { a, b, c, d, e, f, g, h },
		.data = data,
		.data_bytes = bytes,
	};

	emu->ops.trace(emu->ops.arg, &record);
}
