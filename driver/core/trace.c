/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace records of the driver. Nothing here runs, nor is the clock read, when nobody listens.
 */
#include "common/crc.h"
#include "driver/core/internal.h"

void nvl_trace_put(struct nvl_ctrl *ctrl, enum nvme_trace_event event, const uint64_t *args,
		   unsigned int count, const void *data, uint32_t data_bytes)
{
	struct nvme_trace_record record = {
		.time_nsec = nvl_now(ctrl),
		.seq = __atomic_fetch_add(&ctrl->trace_seq, 1, __ATOMIC_RELAXED),
		.event = (uint16_t)event,
		.side = NVME_TRACE_DRIVER,
		.ctrl = ctrl->config.trace_ctrl,
		.data = data,
		.data_bytes = data_bytes,
	};

	for (unsigned int i = 0; i < count && i < NVME_TRACE_ARGS; i++)
		record.args[i] = args[i];
	ctrl->trace(ctrl->trace_arg, &record);
}

/** nvl_trace_transfer - data of a command: whole if it is an admin command's, else its checksum */
void nvl_trace_transfer(struct nvl_queue *queue, uint16_t cid, const void *data, uint32_t bytes)
{
	bool whole = queue->id == 0;

	nvl_trace_data(queue->ctrl, NVL_DATA, whole ? data : NULL, whole ? bytes : 0, queue->id,
		       cid, bytes, nvme_crc64(0, data, bytes));
}
