/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace records of the driver. Nothing here runs, nor is the clock read, when nobody listens.
 */
#include "common/crc.h"
#include "driver/core/internal.h"

/** nvl_trace_put - @record, which has its event, arguments and data, is the next one */
void nvl_trace_put(struct nvl_ctrl *ctrl, struct nvme_trace_record *record)
{
	record->time_nsec = nvl_now(ctrl);
	record->seq = __atomic_fetch_add(&ctrl->trace_seq, 1, __ATOMIC_RELAXED);
	record->side = NVME_TRACE_DRIVER;
	record->ctrl = ctrl->config.trace_ctrl;
	ctrl->trace(ctrl->trace_arg, record);
}

/** nvl_trace_transfer - data of a command: whole if it is an admin command's, else its checksum */
void nvl_trace_transfer(struct nvl_queue *queue, uint16_t cid, const void *data, uint32_t bytes)
{
	const struct nvl_ops *ops = &queue->ctrl->ops;
	bool whole = queue->id == 0;
	uint64_t crc = ops->crc64 ? ops->crc64(ops->arg, 0, data, bytes)
				  : nvme_crc64(0, data, bytes);

	nvl_trace_data(queue->ctrl, NVL_DATA, whole ? data : NULL, whole ? bytes : 0, queue->id,
		       cid, bytes, crc);
}
