/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Write Zeroes and Write Uncorrectable (NVM 1.0 3.2.8 and 3.2.7, unverified): one request to the
 * medium, without data. Only where Write Zeroes is to make protection information are there blocks
 * to be built.
 */
#include "emulator/core/stage.h"

#define CDW12 offsetof(struct nvme_sqe, cdw12)

/**
 * emu_exceeds_limit - whether a command without data is larger than a limit of its own
 * @limit: VSL, WZSL, WUSL: 2^n pages of 4096 bytes; 0 is no limit
 */
bool emu_exceeds_limit(const struct emu_req *req, uint32_t limit)
{
	return limit && (uint64_t)req->nlb << req->lbads > 4096ull << limit;
}

/*
 * Without PRACT the tuples become FFh, what blocks that are not checked have. With it they are
 * made, and DEAC cannot be granted: a block that is not allocated has no tuple of its own.
 */
emu_verdict emu_exec_write_zeroes(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	emu_verdict verdict = emu_exec_blocks(req);
	struct emu_pi pi;

	(void)ctrl;
	if (verdict != EMU_TRANSFER)
		return verdict;
	if (emu_exceeds_limit(req, emu->config.wzsl))
		return emu_bad_field(req, CDW12, 0);
	if (!req->ns->pi_type)
		return EMU_TRANSFER;
	emu_pi_init(&pi, req->ns, req);
	req->staged = NVME_GET(pi.prinfo, NVME_PRINFO_PRACT);
	verdict = emu_pi_check_command(req, &pi, req->slba);
	return verdict ? verdict : EMU_TRANSFER;
}

emu_verdict emu_turn_write_zeroes(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;

	(void)ctrl;
	emu_stage_advance(stage);
	if (!stage->left)
		return NVME_SC_SUCCESS;
	stage->nlb = emu_stage_piece(stage);
	memset(stage->data, 0, (size_t)stage->nlb << stage->ns->lbads);
	memset(stage->meta, 0, (size_t)stage->nlb * stage->ns->ms);
	emu_pi_insert(&stage->pi, stage->data, stage->meta, stage->nlb);
	return emu_stage_ask(emu, req, EMU_MEDIA_WRITE);
}

emu_verdict emu_exec_write_uncorrectable(struct emu *emu, struct emu_ctrl *ctrl,
					 struct emu_req *req)
{
	emu_verdict verdict = emu_exec_blocks(req);

	(void)ctrl;
	if (verdict == EMU_TRANSFER && emu_exceeds_limit(req, emu->config.wusl))
		return emu_bad_field(req, CDW12, 0);
	emu->suspecting = true;
	return verdict;
}
