/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asynchronous events: requests that wait in reserved slots of the admin queue, the log page whose
 * reading lets the controller send the next one, and what follows from an event.
 *
 * A slot is armed, then fired; its log is read, the program is told, and it is armed again: later
 * if there are too many events, or if the controller refuses requests.
 */
#include "driver/core/internal.h"

#define BURST		16 /* events in a second, after which slots wait for the next */
#define BURST_NSEC	NVL_SEC
#define BACK_OFF_NSEC	NVL_SEC /* after the first error; twice as long after each further one */
#define ERRORS_MAX	6	/* in a row, after which there are no more requests */
#define LOG_BYTES	512
#define LOG_BYTES_LISTS 4096

/* Commands fail with an errno in a reset only, after which all slots are armed anew. */
static void refused(struct nvl_ctrl *ctrl, struct nvl_event_slot *slot, nvme_status status)
{
	uint16_t code = nvme_status_code(status);

	slot->state = NVL_SLOT_IDLE;
	ctrl->event_errors++;
	if (code == NVME_SC_AER_LIMIT_EXCEEDED || code == NVME_SC_INVALID_OPCODE ||
	    ctrl->event_errors > ERRORS_MAX) {
		slot->state = NVL_SLOT_OFF;
		return;
	}
	slot->due_nsec = nvl_later(nvl_now(ctrl), BACK_OFF_NSEC << ctrl->event_errors);
}

static void event_done(void *arg, const struct nvl_completion *completion)
{
	struct nvl_event_slot *slot = arg;
	struct nvl_ctrl *ctrl = slot->queue->ctrl;

	if (completion->result < 0) {
		slot->state = NVL_SLOT_OFF;
	} else if (completion->result > 0) {
		refused(ctrl, slot, completion->status);
	} else {
		ctrl->event_errors = 0;
		slot->dw0 = completion->dw0;
		slot->state = NVL_SLOT_FIRED;
	}
}

static void arm(struct nvl_ctrl *ctrl, struct nvl_event_slot *slot)
{
	const struct nvl_urgent urgent = {
		.sqe = { .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST },
		.deadline_nsec = NVL_NEVER,
		.done = event_done,
		.arg = slot,
	};

	slot->queue = ctrl->queues[0];
	if (nvl_urgent(ctrl, &urgent) == 0)
		slot->state = NVL_SLOT_ARMED;
}

/** nvl_step_arm - as many event requests as the controller takes, in the slots that are for them */
int nvl_step_arm(struct nvl_ctrl *ctrl)
{
	ctrl->event_errors = 0;
	for (uint32_t i = 0; i < NVL_AERS; i++) {
		ctrl->slots[i] = (struct nvl_event_slot){ .state = NVL_SLOT_OFF };
		if (i < ctrl->event_limit)
			arm(ctrl, &ctrl->slots[i]);
	}
	return 0;
}

/* How much of a log is read: reading any of it clears the event. */
static uint32_t log_bytes(uint32_t lid)
{
	return lid == NVME_LID_CHANGED_NS || lid == NVME_LID_ANA ? LOG_BYTES_LISTS : LOG_BYTES;
}

/* Return: index of a slot whose event is to be handled, NVL_AERS if there is none. */
static uint32_t fired_slot(const struct nvl_ctrl *ctrl)
{
	uint32_t index = 0;

	while (index < NVL_AERS && ctrl->slots[index].state != NVL_SLOT_FIRED)
		index++;
	return index;
}

static int read_log(struct nvl_ctrl *ctrl, uint32_t lid)
{
	uint32_t numd_z = log_bytes(lid) / 4 - 1;
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_GET_LOG_PAGE,
		.nsid = nvme_le32(NVME_NSID_ALL),
		.cdw10 = nvme_le32(NVME_PUT(NVME_GET_LOG_LID, lid) |
				   NVME_PUT(NVME_GET_LOG_NUMDL, numd_z)),
	};

	return nvl_ask(ctrl, &sqe, log_bytes(lid));
}

/* Too many events in a second wait for the next one, and the controller keeps them meanwhile. */
static void arm_again(struct nvl_ctrl *ctrl, struct nvl_event_slot *slot)
{
	uint64_t now = nvl_now(ctrl);

	if (now >= ctrl->burst_nsec) {
		ctrl->burst_nsec = nvl_later(now, BURST_NSEC);
		ctrl->burst = 0;
	}
	slot->state = NVL_SLOT_IDLE;
	slot->due_nsec = ctrl->burst_nsec;
	if (ctrl->burst++ < BURST)
		arm(ctrl, slot);
}

static void act_upon(struct nvl_ctrl *ctrl, struct nvl_event_slot *slot, uint32_t bytes)
{
	const struct nvl_event event = {
		.type = NVL_EVENT_ASYNC,
		.aer_type = (uint8_t)NVME_GET(slot->dw0, NVME_AER_TYPE),
		.aer_info = (uint8_t)NVME_GET(slot->dw0, NVME_AER_INFO),
		.lid = (uint8_t)NVME_GET(slot->dw0, NVME_AER_LID),
		.log = bytes > 0 ? ctrl->work : NULL,
		.log_bytes = bytes,
	};
	uint32_t what = NVME_PUT(NVME_AER_TYPE, event.aer_type) |
			NVME_PUT(NVME_AER_INFO, event.aer_info);

	/* The list of changed namespaces may be short or all ones: all of them are looked at. */
	if (what == (NVME_AER_NS_CHANGED & 0xffff))
		__atomic_store_n(&ctrl->rescan, 1, __ATOMIC_RELEASE);
	if (what == (NVME_AER_FW_ACTIVATION & 0xffff))
		ctrl->watch_nsec = 0; /* CSTS.PP may be set. */
	arm_again(ctrl, slot);
	nvl_notify(ctrl, &event);
	/* The two sides do not agree about a queue any more (Base 2.0 5.2, unverified). */
	if (what == (NVME_AER_INVALID_DB_REGISTER & 0xffff) ||
	    what == (NVME_AER_INVALID_DB_VALUE & 0xffff))
		nvl_fail(ctrl, NVL_REASON_DOORBELL, -NVL_EPROTO, event.aer_info);
}

/** nvl_step_event - events that fired: read the log, tell the program, arm again */
int nvl_step_event(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;
	struct nvl_event_slot *slot;
	uint32_t lid;

	if (life->phase == 0)
		life->count = fired_slot(ctrl);
	if (life->count == NVL_AERS)
		return 0;
	slot = &ctrl->slots[life->count];
	lid = NVME_GET(slot->dw0, NVME_AER_LID);
	if (life->phase == 0 && lid != 0)
		return read_log(ctrl, lid);
	if (lid != 0 && life->answer.completion.result < 0)
		return life->answer.completion.result;
	act_upon(ctrl, slot, lid != 0 && life->answer.completion.result == 0 ? log_bytes(lid) : 0);
	life->phase = 0;
	return NVL_AGAIN;
}

/** nvl_events_fired - whether nvl_step_event() has something to do */
bool nvl_events_fired(const struct nvl_ctrl *ctrl)
{
	return fired_slot(ctrl) < NVL_AERS;
}

/** nvl_events_due - when a slot that waits is armed again; NVL_NEVER if none does */
uint64_t nvl_events_due(const struct nvl_ctrl *ctrl)
{
	uint64_t due = NVL_NEVER;

	for (uint32_t i = 0; i < NVL_AERS; i++) {
		if (ctrl->slots[i].state == NVL_SLOT_FIRED)
			return 0;
		if (ctrl->slots[i].state == NVL_SLOT_IDLE && ctrl->slots[i].due_nsec < due)
			due = ctrl->slots[i].due_nsec;
	}
	return due;
}

/** nvl_events_arm - slots whose wait is over */
void nvl_events_arm(struct nvl_ctrl *ctrl)
{
	uint64_t now = nvl_now(ctrl);

	for (uint32_t i = 0; i < NVL_AERS; i++) {
		struct nvl_event_slot *slot = &ctrl->slots[i];

		if (slot->state == NVL_SLOT_IDLE && now >= slot->due_nsec)
			arm(ctrl, slot);
	}
}
