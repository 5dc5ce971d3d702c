/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Compare and Verify (NVM 1.0 3.2.1 and 3.2.5, unverified): both read what is there and check its
 * protection information; Compare also looks whether the host has the same.
 */
#include "emulator/core/stage.h"

#define CDW12 offsetof(struct nvme_sqe, cdw12)

/* Neither inserts or strips: PRACT makes no sense (unverified). */
static emu_verdict exec_reading(struct emu_req *req)
{
	emu_verdict verdict = emu_exec_blocks(req);

	if (verdict != EMU_TRANSFER)
		return verdict;
	if (req->ns->pi_type && NVME_GET(nvme_cpu32(req->sqe.cdw12), NVME_RW_PRACT))
		return emu_bad(req, NVME_SC_INVALID_PI, CDW12 + 3, 5);
	req->staged = true;
	return req->ns->ms ? emu_exec_metadata(req) : EMU_TRANSFER;
}

emu_verdict emu_exec_compare(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	return exec_reading(req);
}

emu_verdict emu_exec_verify(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	emu_verdict verdict = exec_reading(req);

	(void)ctrl;
	if (verdict == EMU_TRANSFER && emu_exceeds_limit(req, emu->config.vsl))
		return emu_bad_field(req, CDW12, 0);
	return verdict;
}

static nvme_status check_piece(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;
	nvme_status status = emu_pi_check(req, &stage->pi, stage->data, stage->meta, stage->slba,
					  stage->nlb);

	if (!status && req->sqe.opcode == NVME_CMD_COMPARE)
		status = emu_stage_host(emu, ctrl, req, EMU_MOVE_COMPARE);
	return status;
}

emu_verdict emu_turn_compare(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;

	if (stage->nlb) {
		nvme_status status = check_piece(emu, ctrl, req);

		if (status)
			return status;
		emu_stage_advance(stage);
	}
	return stage->left ? emu_stage_ask(emu, req, EMU_MEDIA_READ) : NVME_SC_SUCCESS;
}
