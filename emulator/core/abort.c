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

static bool is_named(const struct emu_req *req, const struct emu_req *abort)
{
	uint32_t cdw10 = nvme_cpu32(abort->sqe.cdw10);

	return req->ctrl == abort->ctrl && req->sqid == NVME_GET(cdw10, NVME_ABORT_SQID) &&
	       req->cid == NVME_GET(cdw10, NVME_ABORT_CID);
}

static bool can_be_aborted(const struct emu_req *req)
{
	return req->state != EMU_REQ_FREE && req->state != EMU_REQ_RETIRE &&
	       req->state != EMU_REQ_SAVING && !req->dropped && !req->cancelled;
}

/* A command that has not ended. Of two with one identifier, which is the host's fault, any. */
static struct emu_req *find(struct emu *emu, const struct emu_req *abort)
{
	for (uint32_t tag = 0; tag < emu_requests(&emu->config); tag++) {
		struct emu_req *req = &emu->req[tag];

		if (req != abort && can_be_aborted(req) && is_named(req, abort))
			return req;
	}
	return NULL;
}

/* The second of two fused commands is in no list: the first does everything for both. */
static struct emu_req *worker_of(struct emu *emu, struct emu_req *req)
{
	bool second = req->state == EMU_REQ_PARKED && req->partner != EMU_NONE;

	return second ? &emu->req[req->partner] : req;
}

/* Takes @req out of the list. Return: whether it was there. */
static bool take(struct emu *emu, struct emu_list *list, const struct emu_req *req)
{
	bool found = false;

	for (uint32_t left = list->count; left > 0; left--) {
		struct emu_req *next = emu_list_pop(emu, list);

		if (next == req)
			found = true;
		else
			emu_list_push(emu, list, next);
	}
	return found;
}

/* Put off by a fault rule before its end; a completion that was put off has its status. */
static bool take_later(struct emu *emu, const struct emu_req *req)
{
	return emu->faults->req[req->tag].resume != EMU_REQ_RETIRE &&
	       take(emu, &emu->faults->later, req);
}

static bool take_waiting(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	struct emu_list *const lists[] = { &ctrl->waiting, &emu->blocked, &ctrl->execute,
					   &ctrl->transfer };

	for (uint32_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (take(emu, lists[i], req))
			return true;
	}
	if (req->state == EMU_REQ_DELAY && take(emu, &emu->delay, req)) {
		emu_busy_end(emu, ctrl, 1);
		return true;
	}
	if (emu->faults && (take(emu, &emu->faults->hung, req) || take_later(emu, req)))
		return true;
	if (!emu_cq_has_room(&ctrl->cq[0]) || !take(emu, &ctrl->aers, req))
		return false;
	ctrl->cq[0].reserved++;
	return true;
}

/*
 * Of two fused commands neither goes on without the other: the one that @abort names is aborted,
 * its partner fails with it, and both complete in their order (Base 2.0 3.4.2, unverified).
 */
static void complete_aborted(struct emu *emu, struct emu_req *req, const struct emu_req *abort)
{
	bool named = is_named(req, abort);
	struct emu_req *second = req->partner == EMU_NONE ? NULL : &emu->req[req->partner];

	emu_stage_release(emu, req);
	if (second)
		second->partner = EMU_NONE;
	req->partner = EMU_NONE;
	emu_complete_now(emu, req, named ? NVME_SC_ABORT_REQUESTED : NVME_SC_ABORTED_FAILED_FUSED);
	if (second && named)
		emu_finish(emu, second, NVME_SC_ABORTED_FAILED_FUSED);
	else if (second)
		emu_complete_now(emu, second, NVME_SC_ABORT_REQUESTED);
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
	complete_aborted(emu, req, abort);
	ctrl->aborts--;
	emu_finish(emu, abort, NVME_SC_SUCCESS);
}

emu_verdict emu_exec_abort(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_req *found = find(emu, req);

	if (ctrl->aborts > emu_config_own(&emu->config, ctrl->index, EMU_OWN_ACL))
		return emu_bad(req, NVME_SC_ABORT_LIMIT_EXCEEDED, 0, 0);
	if (found)
		found = worker_of(emu, found);
	if (found && take_waiting(emu, ctrl, found)) {
		complete_aborted(emu, found, req);
		return NVME_SC_SUCCESS;
	}
	if (found && cancel(emu, ctrl, found, req))
		return EMU_PARK;
	req->dw0 = NVME_PUT(NVME_ABORT_NOT_ABORTED, 1);
	return NVME_SC_SUCCESS;
}
