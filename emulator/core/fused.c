/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fused operations (Base 2.0 3.4.2, NVM 1.0 2.1.2, unverified): Compare and Write as one command.
 *
 * fetch.c takes both out of the queue in one stage and makes them partners. The second is parked
 * while the first does everything: both are checked before anything is done, the blocks are
 * reserved for the two together, and a Compare that fails takes the Write with it.
 */
#include "emulator/core/stage.h"

#define FLAGS offsetof(struct nvme_sqe, flags)
#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW12 offsetof(struct nvme_sqe, cdw12)

/** emu_fused_fail - @req ends otherwise than with success: so does its partner, with @status */
void emu_fused_fail(struct emu *emu, struct emu_req *req, nvme_status status)
{
	struct emu_req *second;

	if (req->partner == EMU_NONE)
		return;
	second = &emu->req[req->partner];
	req->partner = EMU_NONE;
	second->partner = EMU_NONE;
	emu_finish(emu, second, status);
}

/* One of the two is at fault; the other one is aborted. Both complete in their order. */
static emu_verdict refuse(struct emu *emu, struct emu_req *first, nvme_status status,
			  nvme_status second)
{
	struct emu_req *partner = &emu->req[first->partner];

	first->partner = EMU_NONE;
	partner->partner = EMU_NONE;
	emu_finish(emu, first, status);
	emu_finish(emu, partner, second);
	return EMU_PARK;
}

/* What the two have to have in common, and how large they may be. */
static nvme_status check_pair(struct emu *emu, const struct emu_req *first, struct emu_req *second)
{
	uint32_t acwu_z = emu->config.nacwu ? emu->config.nacwu : emu->config.acwu;

	if (first->slba != second->slba || first->ns != second->ns)
		return emu_bad_field(second, CDW10, 0);
	if (first->nlb != second->nlb)
		return emu_bad_field(second, CDW12, 0);
	if (second->nlb > acwu_z + 1)
		return emu_bad(second, NVME_SC_ATOMIC_WRITE_UNIT_EXCEEDED, CDW12, 0);
	return NVME_SC_SUCCESS;
}

static emu_verdict execute_second(struct emu *emu, struct emu_ctrl *ctrl,
				  const struct emu_req *first, struct emu_req *second)
{
	emu_verdict verdict = emu_execute_checked(emu, ctrl, second);

	if (verdict != EMU_TRANSFER)
		return verdict;
	verdict = check_pair(emu, first, second);
	if (!verdict)
		verdict = emu_measure_data(emu, ctrl, second);
	return verdict ? verdict : EMU_TRANSFER;
}

static uint32_t nodes_of(const struct emu_ctrl *ctrl, const struct emu_req *req)
{
	return emu_prp_nodes(ctrl, req->data_bytes) + (req->meta_bytes > 0);
}

/*
 * The data of both, with the span nodes of both: neither waits while the other one has some;
 * @ret_second says that the verdict is about the second. The
 * pool of a controller that is too small for two SGLs of that size does not allow them at all.
 */
static emu_verdict locate_pair(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *first,
			       struct emu_req *second, bool *ret_second)
{
	uint32_t behind = nodes_of(ctrl, second), pool = emu_config_spans(&emu->config);
	uint32_t nodes = nodes_of(ctrl, first) + behind, most = 2 * emu_sgl_nodes(emu);
	emu_verdict verdict;

	nodes = nodes < first->nodes_wanted ? first->nodes_wanted : nodes;
	if (nodes > pool)
		return emu_bad(first, NVME_SC_ATOMIC_WRITE_UNIT_EXCEEDED, CDW12, 0);
	if (!emu_may_have_nodes(emu, first, nodes))
		return EMU_MORE_NODES;
	first->nodes_wanted = nodes - behind;
	verdict = emu_locate_data(emu, ctrl, first);
	second->nodes_wanted = nodes - first->nodes_used;
	*ret_second = verdict == EMU_TRANSFER;
	if (*ret_second)
		verdict = emu_locate_data(emu, ctrl, second);
	if (verdict != EMU_MORE_NODES)
		return verdict;
	emu_release_spans(emu, first);
	emu_release_spans(emu, second);
	first->nodes_wanted = most < pool ? most : pool;
	return nodes < first->nodes_wanted
		       ? EMU_MORE_NODES
		       : emu_bad(first, NVME_SC_ATOMIC_WRITE_UNIT_EXCEEDED, CDW12, 0);
}

static emu_verdict execute_pair(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *first,
				struct emu_req *second)
{
	bool waited = first->nodes_wanted > 0, at_second = false;
	emu_verdict verdict = emu_execute_checked(emu, ctrl, first);
	if (verdict == EMU_TRANSFER && emu_measure_data(emu, ctrl, first))
		verdict = emu_bad_field(first, CDW12, 0);
	if (verdict != EMU_TRANSFER)
		return refuse(emu, first, verdict, NVME_SC_ABORTED_FAILED_FUSED);
	verdict = execute_second(emu, ctrl, first, second);
	if (verdict != EMU_TRANSFER)
		return refuse(emu, first, NVME_SC_ABORTED_FAILED_FUSED, verdict);
	verdict = locate_pair(emu, ctrl, first, second, &at_second);
	if (verdict == EMU_MORE_NODES) {
		emu_wait_for_nodes(emu, first, waited);
		return EMU_PARK;
	}
	if (verdict != EMU_TRANSFER && at_second)
		return refuse(emu, first, NVME_SC_ABORTED_FAILED_FUSED, verdict);
	if (verdict != EMU_TRANSFER)
		return refuse(emu, first, verdict, NVME_SC_ABORTED_FAILED_FUSED);
	first->state = EMU_REQ_TRANSFER;
	emu_list_push(emu, &ctrl->transfer, first);
	return EMU_PARK;
}

/** emu_exec_fused - a command whose FUSE is not 0 */
emu_verdict emu_exec_fused(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t fuse = NVME_GET(req->sqe.flags, NVME_SQE_FUSE);
	struct emu_req *second;
	nvme_status status;

	if (req->sqid == 0 || !emu->config.fused || fuse > NVME_FUSE_SECOND) {
		status = emu_bad_field(req, FLAGS, 0);
		if (req->partner == EMU_NONE)
			return status;
		return refuse(emu, req, status, status);
	}
	if (req->partner == EMU_NONE)
		return emu_bad(req, NVME_SC_ABORTED_MISSING_FUSED, FLAGS, 0);
	second = &emu->req[req->partner];
	if (req->sqe.opcode == NVME_CMD_COMPARE && second->sqe.opcode == NVME_CMD_WRITE)
		return execute_pair(emu, ctrl, req, second);
	return refuse(emu, req, emu_bad_field(req, 0, 0), emu_bad_field(second, 0, 0));
}

/**
 * emu_fused_go_on - the first has succeeded: the second has its range now, and its bounce buffer if
 *	it needs one, and goes on where commands do that are checked
 */
void emu_fused_go_on(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *first)
{
	struct emu_req *second = &emu->req[first->partner];

	first->partner = EMU_NONE;
	second->partner = EMU_NONE;
	emu_range_pass(emu, first, second);
	if (second->staged) {
		second->stage = first->stage;
		second->stage->ns = NULL;
		first->stage = NULL;
	}
	second->state = EMU_REQ_TRANSFER;
	emu_list_push_front(&ctrl->transfer, second);
}
