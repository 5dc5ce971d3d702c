/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Preempt and Abort (Base 2.0 8.19, unverified): commands of a preempted host that were fetched end
 * with Command Aborted due to Preempt and Abort. Those that the medium has are asked to end; the
 * command that preempts completes after the last of them.
 */
#include "emulator/core/internal.h"

/* Takes the host's commands out of a list of those that did not start. */
static void end_waiting(struct emu *emu, struct emu_list *list, uint32_t nsid)
{
	for (uint32_t left = list->count; left > 0; left--) {
		struct emu_req *req = emu_list_pop(emu, list);

		if (req->sqid != 0 && nvme_cpu32(req->sqe.nsid) == nsid)
			emu_finish(emu, req, NVME_SC_ABORTED_PREEMPT);
		else
			emu_list_push(emu, list, req);
	}
}

/* On its way somewhere, and not yet at its end. */
static bool is_under_way(const struct emu_req *req, const struct emu_ctrl *ctrl, uint32_t nsid)
{
	return req->ctrl == ctrl->index && !req->dropped && !req->preempted &&
	       req->state != EMU_REQ_FREE && req->state != EMU_REQ_RETIRE &&
	       req->state != EMU_REQ_SAVING && req->state != EMU_REQ_PARKED &&
	       nvme_cpu32(req->sqe.nsid) == nsid;
}

/** emu_resv_abort - end the commands of @host to namespace @nsid, on all its controllers */
void emu_resv_abort(struct emu *emu, const uint8_t *host, uint32_t nsid)
{
	for (uint32_t c = 0; c < emu->config.controllers; c++) {
		struct emu_ctrl *ctrl = &emu->ctrl[c];

		if (memcmp(ctrl->features.host_id, host, EMU_HOST_BYTES) != 0)
			continue;
		end_waiting(emu, &ctrl->waiting, nsid);
		end_waiting(emu, &ctrl->execute, nsid);
		end_waiting(emu, &ctrl->transfer, nsid);
		for (uint32_t tag = 0; tag < emu->io_requests; tag++) {
			struct emu_req *req = &emu->req[tag];

			if (!is_under_way(req, ctrl, nsid))
				continue;
			req->preempted = true;
			emu->resv[nsid].victims++;
			if (req->state == EMU_REQ_MEDIA && emu->ops.cancel)
				emu->ops.cancel(emu->ops.arg, req->tag);
		}
	}
}

/** emu_resv_wait - park @req while victims are left; false when there are none */
bool emu_resv_wait(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	if (emu->resv[nvme_cpu32(req->sqe.nsid)].victims == 0)
		return false;
	req->state = EMU_REQ_PARKED;
	emu_list_push(emu, &ctrl->preempting, req);
	return true;
}

/* Those that wait for namespace @nsid go on. */
static void wake(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid)
{
	for (uint32_t left = ctrl->preempting.count; left > 0; left--) {
		struct emu_req *req = emu_list_pop(emu, &ctrl->preempting);

		if (nvme_cpu32(req->sqe.nsid) == nsid)
			emu_finish(emu, req, NVME_SC_SUCCESS);
		else
			emu_list_push(emu, &ctrl->preempting, req);
	}
}

/** emu_resv_victim_gone - @req touches its namespace no longer */
void emu_resv_victim_gone(struct emu *emu, struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	req->preempted = false;
	if (--emu->resv[nsid].victims > 0)
		return;
	for (uint32_t c = 0; c < emu->config.controllers; c++)
		wake(emu, &emu->ctrl[c], nsid);
}
