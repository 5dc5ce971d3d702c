/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 4 of 7: execute. The spine: find the row, check what all commands have in common, call the
 * handler, find out where the data is. The handler answers; only complete.c writes a completion.
 */
#include "emulator/core/spans.h"
#include "emulator/core/stage.h"
#include "emulator/core/window.h"

/* Note where the fault is, for the Error Information log (Base 2.0 5.16.1.2, unverified). */
nvme_status emu_bad(struct emu_req *req, nvme_status status, unsigned int byte, unsigned int bit)
{
	req->location = (uint16_t)(byte | bit << 8);
	return status | NVME_DNR;
}

nvme_status emu_bad_field(struct emu_req *req, unsigned int byte, unsigned int bit)
{
	return emu_bad(req, NVME_SC_INVALID_FIELD, byte, bit);
}

/* Admin commands use PRPs only; others what ID.SGLS says (Base 2.0 3.3.3.1, unverified). */
static bool may_use_sgl(const struct emu *emu, const struct emu_req *req)
{
	uint32_t psdt = NVME_GET(req->sqe.flags, NVME_SQE_PSDT);

	if (req->sqid == 0 || emu->config.sgls == EMU_SGLS_NONE)
		return false;
	return psdt == NVME_PSDT_SGL || (psdt == NVME_PSDT_SGL_MPTR && emu->config.sgl_meta);
}

static emu_verdict check_common(const struct emu *emu, const struct emu_ctrl *ctrl,
				struct emu_req *req)
{
	if (__builtin_expect(ctrl->asq_in_cmb, 0) && req->sqid == 0 && !emu->config.cmb_admin)
		return NVME_SC_CMB_QUEUE_NOT_SUPPORTED | NVME_DNR;
	if (emu_uses_sgl(req) && !may_use_sgl(emu, req))
		return emu_bad_field(req, offsetof(struct nvme_sqe, flags), 6);
	return EMU_TRANSFER;
}

/** emu_execute_checked - what is to be done for each command, fused or not, and its handler */
inline emu_verdict emu_execute_checked(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	const struct emu_cmd *cmd = emu_cmd_of(req);
	emu_verdict verdict;

	if (!emu_cmd_supported(emu, req->sqid == 0, req->sqe.opcode))
		return emu_bad(req, NVME_SC_INVALID_OPCODE, 0, 0);
	verdict = check_common(emu, ctrl, req);
	if (verdict != EMU_TRANSFER)
		return verdict;
	if (cmd->flags & EMU_CMD_NS) {
		req->ns = emu_ns_find(emu, ctrl, nvme_cpu32(req->sqe.nsid));
		if (!req->ns)
			return emu_ns_bad(emu, req);
	} else if (ctrl->hmb.enabled) {
		emu_hmb_visit(emu, ctrl);
	}
	if (__builtin_expect(emu->gates, 0)) {
		verdict = emu_check_gates(emu, ctrl, req, cmd);
		if (verdict != EMU_TRANSFER)
			return verdict;
	}
	return cmd->execute(emu, ctrl, req);
}

static emu_verdict execute(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	if (__builtin_expect(NVME_GET(req->sqe.flags, NVME_SQE_FUSE), 0))
		return emu_exec_fused(emu, ctrl, req);
	return emu_execute_checked(emu, ctrl, req);
}

/* The byte of the SQE that holds a command's length. */
static unsigned int length_location(const struct emu_req *req)
{
	return req->sqid == 0 ? offsetof(struct nvme_sqe, cdw10) + 2
			      : offsetof(struct nvme_sqe, cdw12);
}

/*
 * Span nodes that the data needs at worst; of an SGL, those that hosts' lists usually need, or what
 * the last try found to be needed.
 */
static uint32_t first_guess(const struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint32_t nodes = emu_prp_nodes(ctrl, req->data_bytes) + (req->meta_bytes > 0);

	return emu_uses_sgl(req) && nodes < req->nodes_wanted ? req->nodes_wanted : nodes;
}

/* Data and metadata, by the nodes that @req may have. */
static inline nvme_status try_resolve(struct emu *emu, const struct emu_ctrl *ctrl,
				      struct emu_req *req)
{
	nvme_status status = NVME_SC_SUCCESS;

	req->nodes_used = 0;
	if (req->data_bytes)
		status = emu_data_resolve(emu, req, req->data_bytes);
	if (__builtin_expect(req->meta_bytes, 0) && !status)
		status = emu_meta_resolve(emu, req, req->meta_bytes);
	if (__builtin_expect(ctrl->windows, 0) && !status &&
	    (!emu_window_check_spans(emu, req, &req->spans) ||
	     !emu_window_check_spans(emu, req, req->meta_spans)))
		status = emu_bad(req, NVME_SC_CMB_USE_INVALID, offsetof(struct nvme_sqe, prp1), 0);
	return status;
}

/* A list in more pieces than its size suggests gets all nodes it may have. */
static nvme_status resolve(struct emu *emu, const struct emu_ctrl *ctrl, struct emu_req *req)
{
	nvme_status status = try_resolve(emu, ctrl, req);

	if (__builtin_expect(status != EMU_MORE_NODES, 1))
		return status;
	emu_release_spans(emu, req);
	req->nodes_wanted = emu_sgl_nodes(emu);
	return req->nodes_wanted <= ctrl->nodes_free_count ? try_resolve(emu, ctrl, req) : status;
}

/** emu_measure_data - how much data @req has; more than MDTS allows is an error */
inline nvme_status emu_measure_data(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	const struct emu_cmd *cmd = emu_cmd_of(req);

	req->data_bytes = cmd->data_bytes ? cmd->data_bytes(emu, ctrl, req) : 0;
	if (req->data_bytes > emu->largest_bytes)
		return emu_bad_field(req, length_location(req), 0);
	return NVME_SC_SUCCESS;
}

/** emu_may_have_nodes - whether @nodes span nodes are there for @req now; else it has to wait */
bool emu_may_have_nodes(struct emu *emu, struct emu_req *req, uint32_t nodes)
{
	/* Who waits is not overtaken: else small commands could keep a large one for ever. */
	const struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	bool overtakes = ctrl->waiting.count && req->nodes_wanted == 0;

	req->nodes_wanted = nodes;
	return nodes <= (overtakes ? 0 : ctrl->nodes_free_count);
}

/** emu_locate_data - find where the data is; EMU_TRANSFER, EMU_MORE_NODES, or a status */
inline emu_verdict emu_locate_data(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	nvme_status status;

	emu_trace(emu, ctrl, CMD_EXECUTE, req->sqid, req->cid, req->sqe.opcode, req->data_bytes);
	status = resolve(emu, ctrl, req);
	return status ? status : EMU_TRANSFER;
}

/** emu_wait_for_nodes - @req is executed again when others have given back theirs */
void emu_wait_for_nodes(struct emu *emu, struct emu_req *req, bool waited)
{
	struct emu_list *waiting = &emu->ctrl[req->ctrl].waiting;

	if (waited)
		emu_list_push_front(waiting, req);
	else
		emu_list_push(emu, waiting, req);
}

/* False when the pool has too few span nodes now; the request then waits for others to end. */
static bool prepare_data(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			 emu_verdict *verdict)
{
	nvme_status status = emu_measure_data(emu, ctrl, req);

	if (status)
		*verdict = status;
	if (status || (req->data_bytes == 0 && req->meta_bytes == 0))
		return true;
	if (!emu_may_have_nodes(emu, req, first_guess(ctrl, req)))
		return false;
	*verdict = emu_locate_data(emu, ctrl, req);
	return *verdict != EMU_MORE_NODES;
}

static inline void begin_transfer(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	req->state = EMU_REQ_TRANSFER;
	emu_list_push(emu, &ctrl->transfer, req);
	if (req->sqid != 0 && req->data_bytes > 0 && emu->ops.prefetch)
		emu->ops.prefetch(emu->ops.arg, nvme_cpu32(req->sqe.nsid), req->slba << req->lbads,
				  req->data_bytes);
}

void emu_execute_stage(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_req *req = emu_list_pop(emu, &ctrl->execute);
	bool waited = req->nodes_wanted > 0;
	emu_verdict verdict;

	if (emu_site(emu, EMU_SITES_CMD | EMU_MARKED) && !emu_fault_execute(emu, ctrl, req))
		return;
	verdict = execute(emu, ctrl, req);
	if (verdict == EMU_TRANSFER && !prepare_data(emu, ctrl, req, &verdict)) {
		emu_wait_for_nodes(emu, req, waited);
		return;
	}
	if (req->data_bytes == 0)
		emu_trace(emu, ctrl, CMD_EXECUTE, req->sqid, req->cid, req->sqe.opcode, 0);
	if (verdict == EMU_TRANSFER)
		begin_transfer(emu, ctrl, req);
	else if (verdict != EMU_PARK)
		emu_finish(emu, req, verdict);
}
