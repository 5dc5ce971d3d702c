/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Gates: what refuses a command before its handler sees it, because of what goes on elsewhere in
 * the subsystem. One row a reason. The spine looks here only while emu->gates is not 0.
 */
#include "emulator/core/internal.h"

/* @ns: the namespace of NSID if it is active, or NULL. @return: EMU_TRANSFER to let it pass. */
typedef emu_verdict check_gate(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       struct emu_ns *ns, const struct emu_cmd *cmd);

/* Base 2.0 5.14, unverified: other commands to a namespace that is being formatted. */
static emu_verdict check_format(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				struct emu_ns *ns, const struct emu_cmd *cmd)
{
	(void)emu;
	(void)ctrl;
	(void)req;
	if (!ns || ns->job != EMU_JOB_FORMAT || cmd->flags & EMU_CMD_DURING_FORMAT)
		return EMU_TRANSFER;
	return NVME_SC_FORMAT_IN_PROGRESS;
}

/* Base 2.0 3.5.4, unverified: the controller is ready independent of its media. */
static emu_verdict check_media(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       struct emu_ns *ns, const struct emu_cmd *cmd)
{
	(void)emu;
	(void)ns;
	if (!ctrl->media_wait || cmd->flags & EMU_CMD_NO_MEDIA)
		return EMU_TRANSFER;
	return req->sqid ? NVME_SC_NS_NOT_READY : NVME_SC_ADMIN_MEDIA_NOT_READY;
}

/* Base 2.0 3.3.3.1, unverified: of two commands of a queue with one identifier the later one. */
static emu_verdict check_identifier(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    struct emu_ns *ns, const struct emu_cmd *cmd)
{
	(void)ctrl;
	(void)ns;
	(void)cmd;
	for (uint32_t tag = 0; tag < emu_requests(&emu->config); tag++) {
		const struct emu_req *other = &emu->req[tag];

		if (other->state == EMU_REQ_FREE || other->dropped || other->ctrl != req->ctrl ||
		    other->sqid != req->sqid || other->cid != req->cid ||
		    other->identity >= req->identity)
			continue;
		req->location = offsetof(struct nvme_sqe, cid);
		return NVME_SC_COMMAND_ID_CONFLICT;
	}
	return EMU_TRANSFER;
}

static const struct gate {
	enum emu_gate gate;
	check_gate *check;
} gates[] = {
	{ EMU_GATE_IDENTIFIER, check_identifier },
	{ EMU_GATE_MEDIA, check_media },
	{ EMU_GATE_SANITIZE, emu_check_sanitize },
	{ EMU_GATE_ERASED, emu_check_erased },
	{ EMU_GATE_FORMAT, check_format },
	{ EMU_GATE_ANA, emu_check_ana },
	{ EMU_GATE_RESERVATION, emu_check_resv },
	{ EMU_GATE_WRITE_PROTECT, emu_gate_write_protect },
	{ EMU_GATE_READ_ONLY, emu_gate_write_protect },
};

emu_verdict emu_check_gates(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    const struct emu_cmd *cmd)
{
	struct emu_ns *ns = emu_ns_find(emu, ctrl, nvme_cpu32(req->sqe.nsid));

	for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
		emu_verdict verdict;

		if (!(emu->gates & gates[i].gate))
			continue;
		verdict = gates[i].check(emu, ctrl, req, ns, cmd);
		if (verdict != EMU_TRANSFER)
			return verdict;
	}
	return EMU_TRANSFER;
}
