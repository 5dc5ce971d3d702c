/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host managed live migration (Base 2.1 5.1.16, 5.1.17 and 8.1.12): one controller of the subsystem
 * suspends another one, takes the state of its I/O queues, gives a controller such a state, and
 * resumes it. What the clauses leave open, and what a suspended controller still does, unverified.
 *
 * A suspended controller fetches nothing from its I/O queues: each of them has EMU_HELD where the
 * command that deletes it would be, so that a doorbell only moves the tail and the last completion
 * is noticed, at no cost for queues that are not held. Its admin queue works. A reset ends it all.
 */
#include "emulator/core/identify.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW11 offsetof(struct nvme_sqe, cdw11)
#define CDW12 offsetof(struct nvme_sqe, cdw12)
#define CDW15 offsetof(struct nvme_sqe, cdw15)

static uint64_t offset_of(const struct emu_req *req)
{
	return nvme_cpu32(req->sqe.cdw12) | (uint64_t)nvme_cpu32(req->sqe.cdw13) << 32;
}

/* The controller that CNTLID names: another one than this. NULL: there is none. */
static struct emu_ctrl *target_of(struct emu *emu, const struct emu_req *req)
{
	uint32_t cntlid = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_MIGRATION_CNTLID);
	uint32_t index = cntlid - emu->config.cntlid;

	if (index >= emu->config.controllers || index == req->ctrl)
		return NULL;
	return &emu->ctrl[index];
}

/* There is one version, and no vendor specific state; index 0 names none (unverified). */
static bool is_format(uint32_t csvi, uint32_t csuuidi)
{
	return csvi <= 1 && csuuidi == 0;
}

static void trace(struct emu *emu, struct emu_ctrl *ctrl, enum nvme_trace_suspend state)
{
	emu_trace(emu, ctrl, CTRL_SUSPEND, state);
}

/* Suspend. */

static void hold_queues(struct emu *emu, struct emu_ctrl *ctrl)
{
	for (uint32_t qid = 1; qid <= emu->config.queues; qid++) {
		struct emu_sq *sq = &ctrl->sq[qid];

		ctrl->cq[qid].starved = false;
		if (!sq->created || sq->deleter != EMU_NONE)
			continue;
		sq->deleter = EMU_HELD;
		nvme_bitset_clear(ctrl->active, qid);
	}
	ctrl->burst = 0;
}

static bool is_drained(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	for (uint32_t qid = 1; qid <= emu->config.queues; qid++) {
		if (ctrl->sq[qid].created && ctrl->sq[qid].inflight > 0)
			return false;
	}
	return true;
}

static bool deletes_queue(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_MIGRATION_SEND_DUDMQ);
}

/* Changes that were tracked are told of to the end, and then that there will be no more. */
static void finish_suspend(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	trace(emu, ctrl, NVME_TRACE_SUSPENDED);
	emu_cdq_suspended(emu, ctrl->index, req && deletes_queue(req));
}

void emu_migration_drained(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_migration *migration = &ctrl->migration;
	struct emu_req *req = NULL;

	if (!is_drained(emu, ctrl))
		return;
	if (migration->suspender != EMU_NONE)
		req = &emu->req[migration->suspender];
	migration->draining = false;
	migration->suspender = EMU_NONE;
	finish_suspend(emu, ctrl, req);
	if (req)
		emu_finish(emu, req, NVME_SC_SUCCESS);
}

/* A notification changes nothing: there is nothing to prepare. */
static emu_verdict suspend(struct emu *emu, struct emu_ctrl *target, struct emu_req *req)
{
	uint32_t type = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_MIGRATION_SEND_STYPE);
	struct emu_migration *migration = &target->migration;

	if (type != NVME_SUSPEND_NOTIFICATION && type != NVME_SUSPEND_NOW)
		return emu_bad_field(req, CDW11 + 2, 0);
	if (migration->suspended)
		return emu_bad(req, NVME_SC_CTRL_SUSPENDED, CDW11, 0);
	if (type == NVME_SUSPEND_NOTIFICATION)
		return NVME_SC_SUCCESS;
	migration->suspended = true;
	migration->suspender = EMU_NONE;
	hold_queues(emu, target);
	if (is_drained(emu, target)) {
		finish_suspend(emu, target, req);
		return NVME_SC_SUCCESS;
	}
	trace(emu, target, NVME_TRACE_SUSPENDING);
	migration->draining = true;
	migration->suspender = req->tag;
	req->state = EMU_REQ_PARKED;
	return EMU_PARK;
}

/* Resume. */

static void release_sq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid)
{
	struct emu_sq *sq = &ctrl->sq[qid];

	if (!sq->created || sq->deleter != EMU_HELD)
		return;
	sq->deleter = EMU_NONE;
	if (sq->head != sq->tail)
		nvme_bitset_set(ctrl->active, qid);
	else if (ctrl->dbbuf)
		emu_dbbuf_arm(emu, ctrl, qid, false);
}

/* Whether the host was told of what is unread, the controller that had the queue has kept. */
static void tell_again(struct emu *emu, struct emu_ctrl *ctrl, uint32_t cqid)
{
	const struct emu_cq *cq = &ctrl->cq[cqid];

	if (cq->created && cq->interrupts && cq->head != cq->tail)
		emu_irq_want(emu, ctrl, cq->vector);
}

static emu_verdict resume(struct emu *emu, struct emu_ctrl *target, struct emu_req *req)
{
	struct emu_migration *migration = &target->migration;

	if (!migration->suspended || migration->draining)
		return emu_bad(req, NVME_SC_CTRL_NOT_SUSPENDED, CDW11, 0);
	migration->suspended = false;
	migration->receiving = false;
	trace(emu, target, NVME_TRACE_RESUMED);
	for (uint32_t qid = 1; qid <= emu->config.queues; qid++) {
		release_sq(emu, target, qid);
		if (migration->restored)
			tell_again(emu, target, qid);
	}
	migration->restored = false;
	return NVME_SC_SUCCESS;
}

/* Set Controller State. */

static uint32_t seqind_of(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_MIGRATION_SEND_SEQIND);
}

/* NUMD is not 0's based here (unverified). */
uint32_t emu_migration_send_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint64_t bytes = 4ull * nvme_cpu32(req->sqe.cdw15);

	(void)emu;
	(void)ctrl;
	return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

/* Pieces come in order, without gaps, from one controller (unverified). */
static emu_verdict set_state(struct emu *emu, struct emu_ctrl *target, struct emu_req *req)
{
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11);
	uint32_t bytes = emu_migration_send_bytes(emu, target, req);
	struct emu_migration *migration = &target->migration;

	if (!is_format(NVME_GET(cdw11, NVME_MIGRATION_SEND_CSVI),
		       NVME_GET(cdw11, NVME_MIGRATION_SEND_CSUUIDI)))
		return emu_bad_field(req, CDW11 + 2, 0);
	if (!migration->suspended || migration->draining)
		return emu_bad(req, NVME_SC_CTRL_NOT_SUSPENDED, CDW11, 0);
	if (seqind_of(req) & NVME_SEQIND_FIRST) {
		migration->receiving = false;
		migration->received = 0;
	} else if (!migration->receiving || migration->owner != req->ctrl) {
		return NVME_SC_COMMAND_SEQUENCE_ERROR | NVME_DNR;
	}
	if (offset_of(req) != migration->received)
		return emu_bad_field(req, CDW12, 0);
	if (bytes == 0)
		return emu_bad_field(req, CDW15, 0);
	if (bytes > emu_migration_bytes(&emu->config) - migration->received)
		return emu_bad(req, NVME_SC_NOT_ENOUGH_RESOURCES, CDW15, 0);
	return EMU_TRANSFER;
}

/* The last piece makes it the controller's; others may have resumed it while this one came. */
nvme_status emu_migration_send_part(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    uint32_t at, uint8_t *data, uint32_t bytes)
{
	struct emu_ctrl *target = target_of(emu, req);
	struct emu_migration *migration = &target->migration;
	uint32_t seqind = seqind_of(req);

	if (!migration->suspended || offset_of(req) != migration->received)
		return NVME_SC_COMMAND_SEQUENCE_ERROR | NVME_DNR;
	memcpy(migration->state + migration->received + at, data, bytes);
	if (at + bytes < req->data_bytes)
		return NVME_SC_SUCCESS;
	migration->received += req->data_bytes;
	migration->owner = ctrl->index;
	migration->receiving = !(seqind & NVME_SEQIND_LAST);
	return migration->receiving ? NVME_SC_SUCCESS : emu_migration_apply(emu, target);
}

emu_verdict emu_exec_migration_send(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_ctrl *target = target_of(emu, req);

	(void)ctrl;
	if (!target)
		return emu_bad(req, NVME_SC_INVALID_CTRL_ID, CDW11, 0);
	switch (NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_MIGRATION_SEL)) {
	case NVME_MIGRATION_SUSPEND:
		return suspend(emu, target, req);
	case NVME_MIGRATION_RESUME:
		return resume(emu, target, req);
	case NVME_MIGRATION_SET_STATE:
		return set_state(emu, target, req);
	default:
		return emu_bad_field(req, CDW10, 0);
	}
}

/* Get Controller State. */

uint32_t emu_migration_receive_bytes(struct emu *emu, struct emu_ctrl *ctrl,
				     const struct emu_req *req)
{
	uint64_t bytes = 4ull * nvme_cpu32(req->sqe.cdw15) + 4;

	(void)emu;
	(void)ctrl;
	return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

/* Doorbells that a host keeps in its memory, as they are now. */
static void look_at_shadows(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (!ctrl->dbbuf)
		return;
	for (uint32_t qid = 1; qid <= emu->config.queues; qid++) {
		emu_dbbuf_poll(emu, ctrl, qid, false);
		emu_dbbuf_poll(emu, ctrl, qid, true);
	}
}

/* What is asked for behind the end of the state is zero (unverified). */
emu_verdict emu_exec_migration_receive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10), cdw11 = nvme_cpu32(req->sqe.cdw11);
	struct emu_ctrl *target = target_of(emu, req);

	(void)ctrl;
	if (NVME_GET(cdw10, NVME_MIGRATION_SEL) != NVME_MIGRATION_GET_STATE)
		return emu_bad_field(req, CDW10, 0);
	if (!target)
		return emu_bad(req, NVME_SC_INVALID_CTRL_ID, CDW11, 0);
	if (!is_format(NVME_GET(cdw10, NVME_MIGRATION_RECV_CSVI),
		       NVME_GET(cdw11, NVME_MIGRATION_RECV_CSUUIDI)))
		return emu_bad_field(req, CDW10 + 2, 0);
	if (offset_of(req) % 4 != 0 || offset_of(req) >= emu_migration_size(emu, target))
		return emu_bad_field(req, CDW12, 0);
	look_at_shadows(emu, target);
	return EMU_TRANSFER;
}

nvme_status emu_migration_receive_part(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				       uint32_t at, uint8_t *data, uint32_t bytes)
{
	const struct emu_ctrl *target = target_of(emu, req);
	bool suspended = target->migration.suspended && !target->migration.draining;

	(void)ctrl;
	req->dw0 = NVME_PUT(NVME_MIGRATION_RECV_CSUP, suspended);
	emu_migration_fill(emu, target, offset_of(req) + at, data, bytes);
	return NVME_SC_SUCCESS;
}

void emu_migration_dropped(struct emu *emu, const struct emu_ctrl *ctrl)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_migration *migration = &emu->ctrl[i].migration;

		if (migration->draining && migration->suspender != EMU_NONE &&
		    emu->req[migration->suspender].ctrl == ctrl->index)
			migration->suspender = EMU_NONE;
		if (migration->owner == ctrl->index)
			migration->receiving = false;
	}
}

/* Who waits for it to be suspended hears that it is not (unverified). */
void emu_migration_reset(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_migration *migration = &ctrl->migration;
	uint32_t waits = migration->draining ? migration->suspender : EMU_NONE;

	if (migration->suspended)
		trace(emu, ctrl, NVME_TRACE_RESUMED);
	migration->suspended = false;
	migration->draining = false;
	migration->restored = false;
	migration->receiving = false;
	migration->suspender = EMU_NONE;
	if (waits != EMU_NONE)
		emu_finish(emu, &emu->req[waits], NVME_SC_CTRL_NOT_SUSPENDED);
}

void emu_fill_state_formats(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			    const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_ctrl_state_formats *formats = (void *)data;

	(void)emu;
	(void)ctrl;
	(void)req;
	(void)ns;
	formats->nv = 1;
	formats->version[0] = nvme_le16(NVME_CTRL_STATE_VERSION);
}
