/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Abort (Base 2.0 5.1, unverified). Aborts what waits: an Asynchronous Event Request, a command
 * that is fetched and not started. What the medium has ends by itself, and the answer says "not
 * aborted".
 */
#include "emulator/core/internal.h"

/* Takes the request with that identifier out of the list, if it is there. */
static struct emu_req *take(struct emu *emu, const struct emu_ctrl *ctrl, struct emu_list *list,
			    uint32_t sqid, uint32_t cid)
{
	struct emu_req *found = NULL;

	for (uint32_t left = list->count; left > 0; left--) {
		struct emu_req *req = emu_list_pop(emu, list);

		if (!found && req->ctrl == ctrl->index && req->sqid == sqid && req->cid == cid)
			found = req;
		else
			emu_list_push(emu, list, req);
	}
	return found;
}

static bool abort_command(struct emu *emu, struct emu_ctrl *ctrl, uint32_t sqid, uint32_t cid)
{
	struct emu_req *req = take(emu, ctrl, &ctrl->waiting, sqid, cid);

	if (!req)
		req = take(emu, ctrl, &ctrl->execute, sqid, cid);
	if (!req)
		req = take(emu, ctrl, &ctrl->transfer, sqid, cid);
	if (!req && sqid == 0 && emu_cq_has_room(&ctrl->cq[0])) {
		req = take(emu, ctrl, &ctrl->aers, sqid, cid);
		if (req)
			ctrl->cq[0].reserved++;
	}
	if (!req)
		return false;
	emu_complete_now(emu, req, NVME_SC_ABORT_REQUESTED);
	return true;
}

/* ACL is never exceeded: an Abort ends before the next command is fetched. */
emu_verdict emu_exec_abort(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	bool aborted = abort_command(emu, ctrl, NVME_GET(cdw10, NVME_ABORT_SQID),
				     NVME_GET(cdw10, NVME_ABORT_CID));

	req->dw0 = NVME_PUT(NVME_ABORT_NOT_ABORTED, !aborted);
	return NVME_SC_SUCCESS;
}
