/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The owner's part of recovery: looks at CSTS, aborts what queues found late, and resets.
 *
 * The ladder: poll (the queue's thread did), look at CSTS, Abort within the controller's limit,
 * reset, reset again, reset the subsystem, give up. An Abort is never aborted. Each rung leaves a
 * mark (nvl_rung_count()).
 */
#include "driver/core/internal.h"

/* A pause has an end even where Identify Controller does not say one (MTFA = 0). */
#define PAUSE_DEFAULT_NSEC (10 * NVL_SEC)
#define PAUSE_UNIT_NSEC	   (100 * NVL_MSEC)

static void begin_pause(struct nvl_ctrl *ctrl, uint64_t now)
{
	uint64_t bound = nvme_cpu16(ctrl->id.mtfa) * PAUSE_UNIT_NSEC;

	nvl_mark(ctrl, NVL_RUNG_PAUSED);
	ctrl->pause_nsec = nvl_later(now, bound > 0 ? bound : PAUSE_DEFAULT_NSEC);
	__atomic_store_n(&ctrl->paused, true, __ATOMIC_RELEASE);
	__atomic_store_n(&ctrl->gate, 0, __ATOMIC_RELEASE);
}

/** nvl_end_pause - commands flow again, and what was submitted meanwhile is rung */
static void end_pause(struct nvl_ctrl *ctrl)
{
	__atomic_store_n(&ctrl->paused, false, __ATOMIC_RELEASE);
	__atomic_store_n(&ctrl->gate, ctrl->epoch, __ATOMIC_RELEASE);
	for (uint32_t id = 1; id <= ctrl->info.queues; id++) {
		if (!nvl_is_claimed(ctrl->queues[id]))
			nvl_ring(ctrl->queues[id]);
	}
}

/* CSTS.PP (Base 2.0 3.1.3.6): a firmware is being activated. Return: 0 or -NVL_ETIMEDOUT. */
static int look_at_pause(struct nvl_ctrl *ctrl, bool pp, uint64_t now)
{
	if (pp && !ctrl->paused) {
		begin_pause(ctrl, now);
	} else if (pp && now >= ctrl->pause_nsec) {
		nvl_fail(ctrl, NVL_REASON_PAUSE_STUCK, -NVL_ETIMEDOUT, 0);
		return -NVL_ETIMEDOUT;
	} else if (!pp && ctrl->paused) {
		end_pause(ctrl);
	}
	return 0;
}

static int fail_with(struct nvl_ctrl *ctrl, enum nvl_rung rung, enum nvl_reason reason,
		     uint32_t csts)
{
	nvl_mark(ctrl, rung);
	nvl_fail(ctrl, reason, -NVL_EPROTO, csts);
	return -NVL_EPROTO;
}

int nvl_watch(struct nvl_ctrl *ctrl)
{
	int lost = nvl_lost(ctrl);
	uint32_t csts;

	if (nvl_state(ctrl) == NVL_STATE_GONE)
		return lost ? lost : -NVL_ENODEV;
	if (lost)
		return nvl_gone(ctrl, lost);
	csts = (uint32_t)nvl_reg_read(ctrl, NVME_REG_CSTS, 4);
	if (csts == UINT32_MAX) {
		if (nvl_is_gone(ctrl))
			return nvl_gone(ctrl, nvl_gone_result(ctrl));
		nvl_mark(ctrl, NVL_RUNG_NOT_REMOVED);
		return 0;
	}
	if (NVME_GET(csts, NVME_CSTS_CFS))
		return fail_with(ctrl, NVL_RUNG_FATAL, NVL_REASON_FATAL, csts);
	if (!nvl_is_up(ctrl))
		return 0;
	if (!NVME_GET(csts, NVME_CSTS_RDY) || NVME_GET(csts, NVME_CSTS_NSSRO))
		return fail_with(ctrl, NVL_RUNG_SELF_RESET, NVL_REASON_SELF_RESET, csts);
	return look_at_pause(ctrl, NVME_GET(csts, NVME_CSTS_PP), nvl_now(ctrl));
}

static void set_late(struct nvl_queue *queue, uint32_t index, enum nvl_late state)
{
	uint32_t word = __atomic_load_n(&queue->late[index], __ATOMIC_ACQUIRE);

	if (state == NVL_LATE_NONE)
		word = 0;
	__atomic_store_n(&queue->late[index], (uint32_t)state << 16 | (word & 0xffff),
			 __ATOMIC_RELEASE);
}

/* The controller says that there are too many Aborts: there may be as many as it took. */
static bool lower_limit(struct nvl_ctrl *ctrl)
{
	if (ctrl->aborts_out == 0)
		return false;
	ctrl->abort_limit = ctrl->aborts_out;
	return true;
}

/* An Abort's own end. Dword 0, bit 0 is 0 if the command was aborted (Base 2.0 5.1). */
static void abort_done(void *arg, const struct nvl_completion *completion)
{
	struct nvl_abort *abort = arg;
	struct nvl_queue *queue = abort->queue;
	struct nvl_ctrl *ctrl = queue->ctrl;

	abort->used = false;
	ctrl->aborts_out--;
	__atomic_store_n(&ctrl->attention, 1, __ATOMIC_RELEASE);
	if (completion->result < 0) {
		set_late(queue, abort->late, NVL_LATE_NONE);
	} else if (completion->result == 0 && !NVME_GET(completion->dw0, NVME_ABORT_NOT_ABORTED)) {
		nvl_mark(ctrl, NVL_RUNG_ABORTED);
		set_late(queue, abort->late, NVL_LATE_NONE);
	} else if (nvme_status_code(completion->status) == NVME_SC_ABORT_LIMIT_EXCEEDED &&
		   lower_limit(ctrl)) {
		set_late(queue, abort->late, NVL_LATE_WANTED);
	} else {
		set_late(queue, abort->late, NVL_LATE_REFUSED);
	}
}

static void send_abort(struct nvl_ctrl *ctrl, struct nvl_queue *queue, uint32_t index, uint32_t cid)
{
	struct nvl_abort *abort = ctrl->aborts;
	struct nvl_urgent urgent = {
		.sqe = {
			.opcode = NVME_ADMIN_ABORT,
			.cdw10 = nvme_le32(NVME_PUT(NVME_ABORT_SQID, queue->id) |
					   NVME_PUT(NVME_ABORT_CID, cid)),
		},
		.deadline_nsec = nvl_later(nvl_now(ctrl), ctrl->config.admin_timeout_nsec),
		.done = abort_done,
	};

	while (abort->used)
		abort++;
	*abort = (struct nvl_abort){ .queue = queue, .late = index };
	urgent.arg = abort;
	if (nvl_urgent(ctrl, &urgent))
		return; /* The next look tries again. */
	abort->used = true;
	ctrl->aborts_out++;
	queue->aborts++;
	set_late(queue, index, NVL_LATE_SENT);
	nvl_mark(ctrl, NVL_RUNG_ABORT);
}

/* Whether a command of a queue that the owner has completed since it was found late. */
static bool is_over(struct nvl_queue *queue, uint32_t cid)
{
	const struct nvl_request *request = &queue->requests[cid & queue->cid_mask];

	return !nvl_is_claimed(queue) &&
	       (request->cid != cid || request->state != NVL_REQUEST_LATE);
}

static void abort_lates(struct nvl_ctrl *ctrl, struct nvl_queue *queue)
{
	for (uint32_t i = 0; i < NVL_LATES; i++) {
		uint32_t word = __atomic_load_n(&queue->late[i], __ATOMIC_ACQUIRE);

		if (word >> 16 != NVL_LATE_WANTED)
			continue;
		if (is_over(queue, word & 0xffff)) {
			set_late(queue, i, NVL_LATE_NONE);
		} else if (ctrl->aborts_out < ctrl->abort_limit) {
			send_abort(ctrl, queue, i, word & 0xffff);
		} else {
			nvl_mark(ctrl, NVL_RUNG_ABORT_QUEUED);
		}
	}
}

/* Queues found late requests, or Aborts ended. A broken controller is not asked to abort. */
static void recover(struct nvl_ctrl *ctrl)
{
	if (!__atomic_exchange_n(&ctrl->attention, 0, __ATOMIC_ACQ_REL))
		return;
	if (nvl_watch(ctrl) != 0 || ctrl->paused)
		return;
	for (uint32_t id = 1; id <= ctrl->info.queues && nvl_is_up(ctrl); id++) {
		struct nvl_queue *queue = ctrl->queues[id];

		if (!nvl_is_claimed(queue)) {
			nvl_poll(queue, 0);
			nvl_look_refused(queue);
		}
		abort_lates(ctrl, queue);
	}
}

static void tick_all(struct nvl_ctrl *ctrl)
{
	for (uint32_t id = 0; id <= ctrl->info.queues; id++) {
		if (!nvl_is_claimed(ctrl->queues[id]))
			nvl_tick(ctrl->queues[id]);
	}
}

static void watch(struct nvl_ctrl *ctrl, uint64_t now)
{
	if (now < ctrl->watch_nsec)
		return;
	nvl_watch(ctrl);
	if (nvl_is_up(ctrl))
		tick_all(ctrl);
	ctrl->watch_nsec = nvl_later(now, ctrl->paused ? NVL_PAUSE_NSEC : NVL_WATCH_NSEC);
}

static void follow_events(struct nvl_ctrl *ctrl)
{
	if (nvl_events_due(ctrl) == NVL_NEVER && !__atomic_load_n(&ctrl->rescan, __ATOMIC_ACQUIRE))
		return;
	nvl_events_arm(ctrl);
	if (nvl_events_fired(ctrl))
		nvl_begin(ctrl, NVL_OP_EVENT);
	else if (__atomic_load_n(&ctrl->rescan, __ATOMIC_ACQUIRE))
		nvl_begin(ctrl, NVL_OP_RESCAN);
}

/** nvl_look_after - a controller in operation; one that has failed is being reset after this */
void nvl_look_after(struct nvl_ctrl *ctrl)
{
	if (nvl_is_up(ctrl)) {
		nvl_poll(ctrl->queues[0], 0);
		watch(ctrl, nvl_now(ctrl));
	}
	if (nvl_is_up(ctrl)) {
		recover(ctrl);
		nvl_poll(ctrl->queues[0], 0);
	}
	if (nvl_is_up(ctrl))
		follow_events(ctrl);
	if (nvl_state(ctrl) != NVL_STATE_FAILED)
		return;
	if (nvl_lost(ctrl)) {
		nvl_gone(ctrl, nvl_gone_result(ctrl));
		return;
	}
	nvl_mark(ctrl, NVL_RUNG_RESET);
	nvl_begin(ctrl, NVL_OP_RESET);
}

/** nvl_look_deadline - when it has to be called again */
uint64_t nvl_look_deadline(const struct nvl_ctrl *ctrl)
{
	uint64_t due;

	if (nvl_state(ctrl) == NVL_STATE_FAILED)
		return 0;
	if (!nvl_is_up(ctrl))
		return NVL_NEVER;
	if (__atomic_load_n(&ctrl->attention, __ATOMIC_ACQUIRE) ||
	    __atomic_load_n(&ctrl->rescan, __ATOMIC_ACQUIRE))
		return 0;
	due = nvl_events_due(ctrl);
	return due < ctrl->watch_nsec ? due : ctrl->watch_nsec;
}
