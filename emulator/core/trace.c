/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace records of the controller's side. The callers' macro has already found that somebody
 * listens.
 */
#include "emulator/core/internal.h"

void emu_trace_put(struct emu *emu, const struct emu_ctrl *ctrl, enum nvme_trace_event event,
		   const uint64_t *args, unsigned int count, const void *data, uint32_t bytes)
{
	struct nvme_trace_record record = {
		.time_nsec = emu->now_nsec,
		.seq = emu->trace_seq++,
		.event = (uint16_t)event,
		.side = NVME_TRACE_CONTROLLER,
		.ctrl = ctrl->index,
		.data = data,
		.data_bytes = bytes,
	};

	memcpy(record.args, args, count * sizeof(*args));
	emu->ops.trace(emu->ops.arg, &record);
}
