/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A step that tells the controller what this host understands (Host Behavior Support):
 * what it would not show or accept otherwise. Base 2.0 5.27.1.18, unverified.
 */
#include "driver/core/internal.h"

#define COPY_FORMATS_NAMED 0xcu /* OCFS: formats 2 and 3, which name the source's namespace */

/* What there is to say; all zero: nothing. */
static struct nvme_host_behavior wanted(const struct nvl_ctrl *ctrl)
{
	const struct nvme_id_ctrl *id = &ctrl->id;
	uint32_t formats = nvme_cpu16(id->ocfs) & COPY_FORMATS_NAMED;
	bool delays = (nvme_cpu16(id->crdt1) | nvme_cpu16(id->crdt2) | nvme_cpu16(id->crdt3)) != 0;
	struct nvme_host_behavior behavior = {
		.acre = delays,
		.lbafee = NVME_GET(nvme_cpu32(id->ctratt), NVME_ID_CTRL_CTRATT_ELBAS) != 0,
	};

	if (NVME_GET(nvme_cpu16(id->oncs), NVME_ID_CTRL_ONCS_COPY))
		behavior.cdfe = nvme_le16((uint16_t)formats);
	return behavior;
}

/** nvl_step_behavior - Set Features 16h; a controller that refuses it is used without */
int nvl_step_behavior(struct nvl_ctrl *ctrl)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_SET_FEATURES,
		.cdw10 = nvme_le32(NVME_PUT(NVME_SET_FEATURES_FID, NVME_FID_HOST_BEHAVIOR)),
	};
	const struct nvme_host_behavior behavior = wanted(ctrl);
	int result;

	if (ctrl->life.phase == 0) {
		ctrl->info.retry_delays = false;
		if (!behavior.acre && !behavior.lbafee && nvme_cpu16(behavior.cdfe) == 0)
			return 0;
		memcpy(ctrl->work, &behavior, sizeof(behavior));
		return nvl_ask(ctrl, &sqe, sizeof(behavior));
	}
	result = ctrl->life.answer.completion.result;
	ctrl->info.retry_delays = result == 0 && behavior.acre;
	return result < 0 ? result : 0;
}
