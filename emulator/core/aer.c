/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asynchronous events (Base 2.0 5.2, unverified). Requests wait here; an event completes the
 * oldest. A type that was reported is masked until its log page is read without Retain Asynchronous
 * Event.
 */
#include "emulator/core/internal.h"

emu_verdict emu_exec_aer(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	if (ctrl->aers.count > emu->config.aerl)
		return emu_bad(req, NVME_SC_AER_LIMIT_EXCEEDED, 0, 0);
	/*
	 * It may wait for ever, so its slot of the completion queue is free for others meanwhile.
	 */
	ctrl->cq[0].reserved--;
	req->state = EMU_REQ_PARKED;
	emu_list_push(emu, &ctrl->aers, req);
	emu_deliver_events(emu, ctrl);
	return EMU_PARK;
}

/* Types 0 to 2 are masked by reporting them; the others are not (unverified). */
static bool is_masked(const struct emu_ctrl *ctrl, uint32_t aer)
{
	return ctrl->events_masked >> NVME_GET(aer, NVME_AER_TYPE) & 1;
}

static void remove_event(struct emu_ctrl *ctrl, uint32_t position)
{
	ctrl->event_count--;
	for (uint32_t i = position; i < ctrl->event_count; i++)
		ctrl->events[i] = ctrl->events[i + 1];
}

/** emu_deliver_events - complete waiting requests with waiting events while both exist */
void emu_deliver_events(struct emu *emu, struct emu_ctrl *ctrl)
{
	for (uint32_t i = 0; i < ctrl->event_count;) {
		uint32_t aer = ctrl->events[i];
		struct emu_req *req;

		if (is_masked(ctrl, aer)) {
			i++;
			continue;
		}
		if (!ctrl->aers.count || !emu_cq_has_room(&ctrl->cq[0]))
			return;
		req = emu_list_pop(emu, &ctrl->aers);
		ctrl->cq[0].reserved++;
		remove_event(ctrl, i);
		ctrl->events_masked |= 1u << NVME_GET(aer, NVME_AER_TYPE);
		req->dw0 = aer;
		emu_finish(emu, req, NVME_SC_SUCCESS);
	}
}

/** emu_raise_event - remember an event, once; it is lost only when EMU_EVENTS of them wait */
void emu_raise_event(struct emu *emu, struct emu_ctrl *ctrl, uint32_t aer)
{
	for (uint32_t i = 0; i < ctrl->event_count; i++) {
		if (ctrl->events[i] == aer)
			return;
	}
	if (ctrl->event_count == EMU_EVENTS)
		return;
	emu_trace(emu, ctrl, AER_RAISE, NVME_GET(aer, NVME_AER_TYPE), NVME_GET(aer, NVME_AER_INFO),
		  NVME_GET(aer, NVME_AER_LID));
	ctrl->events[ctrl->event_count++] = aer;
	emu_deliver_events(emu, ctrl);
}

/**
 * emu_rearm_events - the host has the log page that it asked for
 *
 * Without Retain Asynchronous Event the events of that page may be reported again.
 */
void emu_rearm_events(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	static const uint8_t log_of_type[] = { NVME_LID_ERROR, NVME_LID_SMART };
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);

	if (NVME_GET(cdw10, NVME_GET_LOG_RAE))
		return;
	for (uint32_t type = 0; type < sizeof(log_of_type); type++) {
		if (log_of_type[type] == NVME_GET(cdw10, NVME_GET_LOG_LID))
			ctrl->events_masked &= ~(1u << type);
	}
	emu_deliver_events(emu, ctrl);
}
