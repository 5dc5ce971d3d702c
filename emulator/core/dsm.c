/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dataset Management (NVM 1.0 3.2.3, unverified): up to 256 ranges. Their attributes are hints that
 * change nothing here; only Deallocate does something, range by range.
 */
#include "emulator/core/stage.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)

static uint32_t ranges_of(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_DSM_NR) + 1;
}

emu_verdict emu_exec_dsm(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	(void)ctrl;
	if (emu->config.dmrl && ranges_of(req) > emu->config.dmrl)
		return emu_bad(req, NVME_SC_COMMAND_SIZE_EXCEEDED, CDW10, 0);
	return emu_stage_expect_list(req, 0);
}

uint32_t emu_dsm_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	return ranges_of(req) * (uint32_t)sizeof(struct nvme_dsm_range);
}

/* All of them before any is worked on. */
static nvme_status check_ranges(const struct emu *emu, struct emu_req *req)
{
	const struct nvme_dsm_range *ranges = (const void *)req->stage->list;
	uint64_t blocks = 0;

	for (uint32_t i = 0; i < req->stage->ranges; i++) {
		uint32_t nlb = nvme_cpu32(ranges[i].nlb);
		nvme_status status = NVME_SC_SUCCESS;

		if (nlb)
			status = emu_ns_check_range(req->ns, req, nvme_cpu64(ranges[i].slba), nlb);
		if (status)
			return status;
		blocks += nlb;
		if ((emu->config.dmrsl && nlb > emu->config.dmrsl) ||
		    (emu->config.dmsl && blocks > emu->config.dmsl))
			return emu_bad(req, NVME_SC_COMMAND_SIZE_EXCEEDED, CDW10, 0);
	}
	return NVME_SC_SUCCESS;
}

static nvme_status fetch_ranges(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	nvme_status status = emu_stage_fetch_list(emu, ctrl, req, ranges_of(req));

	return status ? status : check_ranges(emu, req);
}

emu_verdict emu_turn_dsm(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;
	const struct nvme_dsm_range *ranges = (const void *)stage->list;
	nvme_status status;

	if (stage->ranges == 0) {
		status = fetch_ranges(emu, ctrl, req);
		if (status || !NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_DSM_AD))
			return status;
	}
	while (stage->range < stage->ranges) {
		const struct nvme_dsm_range *range = &ranges[stage->range++];

		if (nvme_cpu32(range->nlb))
			return emu_stage_ask_run(emu, req, EMU_MEDIA_DEALLOCATE,
						 nvme_cpu64(range->slba), nvme_cpu32(range->nlb));
	}
	return NVME_SC_SUCCESS;
}
