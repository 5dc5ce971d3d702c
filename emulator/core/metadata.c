/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads and writes of namespaces with metadata (NVM 1.0 2.1.5 and 5.2, unverified): through a
 * bounce buffer, because tuples of protection information are checked, inserted or stripped.
 */
#include "emulator/core/stage.h"

/**
 * emu_exec_metadata - what a command on blocks with metadata has to have right
 * Return: EMU_TRANSFER, or Invalid Protection Information.
 */
emu_verdict emu_exec_metadata(struct emu_req *req)
{
	struct emu_pi pi;
	nvme_status status;

	emu_pi_init(&pi, req->ns, req);
	status = emu_pi_check_command(req, &pi, req->slba);
	if (status)
		return status;
	if (req->ns->extended && emu_pi_is_moved(&pi))
		req->block_bytes += req->ns->ms;
	else if (emu_pi_is_moved(&pi) && req->sqe.opcode != NVME_CMD_VERIFY)
		req->meta_bytes = req->nlb * req->ns->ms;
	req->staged = true;
	return EMU_TRANSFER;
}

static emu_verdict turn_read(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;
	nvme_status status;

	if (stage->nlb) {
		status = emu_pi_check(req, &stage->pi, stage->data, stage->meta, stage->slba,
				      stage->nlb);
		if (!status)
			status = emu_stage_host(emu, ctrl, req, EMU_MOVE_OUT);
		if (status)
			return status;
		emu_stage_advance(stage);
	}
	return stage->left ? emu_stage_ask(emu, req, EMU_MEDIA_READ) : NVME_SC_SUCCESS;
}

static emu_verdict turn_write(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;
	nvme_status status;

	emu_stage_advance(stage);
	if (!stage->left)
		return NVME_SC_SUCCESS;
	stage->nlb = emu_stage_piece(stage);
	status = emu_stage_host(emu, ctrl, req, EMU_MOVE_IN);
	if (!status && stage->pi.type && NVME_GET(stage->pi.prinfo, NVME_PRINFO_PRACT))
		emu_pi_insert(&stage->pi, stage->data, stage->meta, stage->nlb);
	else if (!status)
		status = emu_pi_check(req, &stage->pi, stage->data, stage->meta, stage->slba,
				      stage->nlb);
	return status ? status : emu_stage_ask(emu, req, EMU_MEDIA_WRITE);
}

emu_verdict emu_turn_read_write(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	return req->sqe.opcode == NVME_CMD_READ ? turn_read(emu, ctrl, req)
						: turn_write(emu, ctrl, req);
}
