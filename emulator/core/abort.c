/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Abort (Base 2.0 5.1, unverified). A command is aborted wherever it is: fetched and not started,
 * waiting for something, an Asynchronous Event Request. What the medium has is cancelled if the
 * shell can still do that; the Abort waits for the answer then. What has its status ends with it.
 */
#include "emulator/core/stage.h"

/*
 * Aborts that wait for the medium, and one more to be answered at once: nothing else may use up
 * these admin requests, so that an Abort is always fetched.
 */
uint32_t emu_abort_reserve(const struct emu_config *config)
{
	return config->acl + 2;
}

static bool is_it(const struct emu_req *req, const struct emu_req *abort)
{
	uint32_t cdw10 = nvme_cpu32(abort->sqe.cdw10);

	return req->ctrl == abort->ctrl && req->sqid == NVME_GET(cdw10, NVME_ABORT_SQID) &&
	       req->cid == NVME_GET(cdw10, NVME_ABORT_CID) && req != abort && !req->cancelled;
}

/* Takes the request that @abort names out of the list, if it is there. */
static struct emu_req *take(struct emu *emu, struct emu_list *list, const struct emu_req *abort)
{
	struct emu_req *found = NULL;

	for (uint32_t left = list->count; left > 0; left--) {
		struct emu_req *req = emu_list_pop(emu, list);

		if (!found && is_it(req, abort))
			found = req;
		else
			emu_list_push(emu, list, req);
	}
	return found;
}

static struct emu_req *take_waiting(struct emu *emu, struct emu_ctrl *ctrl,
				    const struct emu_req *abort)
{
	struct emu_list *const lists[] = { &ctrl->waiting, &emu->blocked, &ctrl->execute,
					   &ctrl->transfer };
	struct emu_req *req = NULL;

	for (uint32_t i = 0; !req && i < sizeof(lists) / sizeof(lists[0]); i++)
		req = take(emu, lists[i], abort);
	if (req)
		return req;
	req = take(emu, &emu->delay, abort);
	if (req) {
		emu_busy_end(emu, ctrl, 1);
		return req;
	}
	if (!emu_cq_has_room(&ctrl->cq[0]))
		return NULL;
	req = take(emu, &ctrl->aers, abort);
	if (req)
		ctrl->cq[0].reserved++;
	return req;
}

/* What is in no list: the medium has it, or it is the second of two fused commands. */
static struct emu_req *find_elsewhere(struct emu *emu, const struct emu_req *abort)
{
	for (uint32_t tag = 0; tag < emu_requests(&emu->config); tag++) {
		struct emu_req *req = &emu->req[tag];
		bool second = req->state == EMU_REQ_PARKED && req->partner != EMU_NONE;

		if ((req->state == EMU_REQ_MEDIA || second) && !req->dropped && is_it(req, abort))
			return req;
	}
	return NULL;
}

static void complete_aborted(struct emu *emu, struct emu_req *req)
{
	emu_stage_release(emu, req);
	emu_fused_fail(emu, req, NVME_SC_ABORTED_FAILED_FUSED);
	emu_complete_now(emu, req, NVME_SC_ABORT_REQUESTED);
}

/* Asks the shell to give it up. False: it cannot, or somebody else has asked already. */
static bool cancel(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
		   struct emu_req *abort)
{
	if (!emu->ops.cancel || req->state != EMU_REQ_MEDIA || req->aborter != EMU_NONE)
		return false;
	req->aborter = abort->tag;
	abort->state = EMU_REQ_PARKED;
	ctrl->aborts++;
	emu->ops.cancel(emu->ops.arg, req->tag);
	return true;
}

/**
 * emu_abort_answered - the medium has answered a command that an Abort waits for
 *
 * A command that was given up ends at its next turn, for which the controller must be running; any
 * other has been too fast.
 */
void emu_abort_answered(struct emu *emu, struct emu_req *req, int error)
{
	struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	struct emu_req *abort = &emu->req[req->aborter];
	bool given_up = error && emu_status_from_errno(req, error) == NVME_SC_ABORT_REQUESTED;

	if (given_up) {
		ctrl->media_pending--;
		emu_busy_end(emu, ctrl, 1);
		emu_trace(emu, ctrl, MEDIA_DONE, (uint16_t)req->sqid, req->cid, (uint32_t)-error);
		req->cancelled = true;
		req->staged = true;
		req->state = EMU_REQ_TRANSFER;
		emu_list_push(emu, &ctrl->transfer, req);
		return;
	}
	req->aborter = EMU_NONE;
	if (req->staged) {
		emu_stage_answer(emu, req, error);
	} else {
		if (req->ranged)
			emu_stage_release(emu, req);
		emu_media_finished(emu, req, error);
	}
	ctrl->aborts--;
	abort->dw0 = NVME_PUT(NVME_ABORT_NOT_ABORTED, 1);
	emu_finish(emu, abort, NVME_SC_SUCCESS);
}

/** emu_abort_over - the turn of a command that the medium gave up: it ends, then the Abort does */
void emu_abort_over(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_req *abort = &emu->req[req->aborter];

	req->aborter = EMU_NONE;
	complete_aborted(emu, req);
	ctrl->aborts--;
	emu_finish(emu, abort, NVME_SC_SUCCESS);
}

emu_verdict emu_exec_abort(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_req *found;

	if (ctrl->aborts > emu->config.acl)
		return emu_bad(req, NVME_SC_ABORT_LIMIT_EXCEEDED, 0, 0);
	found = take_waiting(emu, ctrl, req);
	if (found) {
		complete_aborted(emu, found);
		return NVME_SC_SUCCESS;
	}
	found = find_elsewhere(emu, req);
	if (found && cancel(emu, ctrl, found, req))
		return EMU_PARK;
	req->dw0 = NVME_PUT(NVME_ABORT_NOT_ABORTED, 1);
	return NVME_SC_SUCCESS;
}
