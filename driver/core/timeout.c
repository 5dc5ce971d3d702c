/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for commands, and what happens when one is not answered.
 *
 * Here a command that is late makes the controller FAILED, and its owner disables it: the seam
 * where a ladder of recovery (Abort first, then a reset) belongs.
 */
#include "driver/core/internal.h"

/** nvl_wait_done - nvl_done_fn of the calls that wait */
void nvl_wait_done(void *arg, const struct nvl_completion *completion)
{
	struct nvl_wait *wait = arg;

	wait->completion = *completion;
	wait->done = true;
}

/**
 * nvl_fail - the controller is not to be used any more until its owner has reset it
 * @reason: with @result and @value for nvl_failure_text(); the first one counts
 *
 * Context: any thread that has a queue. While the owner starts or resets the controller the state
 * stays: it sees the result itself.
 */
void nvl_fail(struct nvl_ctrl *ctrl, enum nvl_reason reason, int result, uint64_t value)
{
	uint32_t live = NVL_STATE_LIVE;

	if (!__atomic_exchange_n(&ctrl->failure_taken, 1, __ATOMIC_ACQ_REL)) {
		ctrl->failure.reason = reason;
		ctrl->failure.result = result;
		ctrl->failure.value = value;
	}
	if (!__atomic_compare_exchange_n(&ctrl->state, &live, NVL_STATE_FAILED, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	nvl_trace(ctrl, NVL_STATE, NVL_STATE_FAILED);
	nvl_close_gates(ctrl);
}

/** nvl_lost - 0, or the negative errno with which the connection to the device ended */
int nvl_lost(struct nvl_ctrl *ctrl)
{
	return ctrl->ops.alive ? ctrl->ops.alive(ctrl->ops.arg) : 0;
}

/*
 * The owner can make the buffer safe before it says that the command timed out: the controller is
 * disabled, which completes everything. A thread that only has the queue cannot.
 */
static int give_up(struct nvl_queue *queue, struct nvl_wait *wait, int lost)
{
	struct nvl_ctrl *ctrl = queue->ctrl;
	int result = lost ? lost : -NVL_ETIMEDOUT;

	if (nvl_is_claimed(queue)) {
		nvl_fail(ctrl, lost ? NVL_REASON_GONE : NVL_REASON_COMMAND_TIMEOUT, result,
			 queue->id);
		nvl_request_abandon(queue, wait);
		return result;
	}
	if (lost) {
		nvl_gone(ctrl, lost);
	} else {
		nvl_fail(ctrl, NVL_REASON_COMMAND_TIMEOUT, result, queue->id);
		nvl_halt(ctrl, -NVL_ECANCELED);
		nvl_unpark(ctrl);
	}
	return wait->done ? wait->completion.result : result;
}

/**
 * nvl_wait_for - poll until a request is complete
 * @wait: argument of its nvl_wait_done()
 * Return: the request's result, which is -NVL_ETIMEDOUT if it is still outstanding at
 * @deadline_nsec and after one more poll.
 */
int nvl_wait_for(struct nvl_queue *queue, struct nvl_wait *wait, uint64_t deadline_nsec)
{
	for (;;) {
		bool late = nvl_now(queue->ctrl) >= deadline_nsec;
		int lost;

		nvl_poll(queue, 0);
		if (wait->done)
			return wait->completion.result;
		lost = nvl_lost(queue->ctrl);
		if (lost)
			return give_up(queue, wait, lost);
		if (late) {
			nvl_request_mark_late(queue, wait);
			return give_up(queue, wait, 0);
		}
		nvl_wait(queue, deadline_nsec);
	}
}

/** nvl_wait_slot - wait until something completes; -NVL_EAGAIN if nothing does in time */
int nvl_wait_slot(struct nvl_queue *queue, uint64_t deadline_nsec)
{
	for (;;) {
		bool late = nvl_now(queue->ctrl) >= deadline_nsec;
		int lost;

		if (nvl_poll(queue, 0) > 0)
			return 0;
		lost = nvl_lost(queue->ctrl);
		if (lost)
			return lost;
		if (late)
			return -NVL_EAGAIN;
		nvl_wait(queue, deadline_nsec);
	}
}

static bool any_expired(struct nvl_queue *queue, uint64_t now, bool stamp)
{
	bool expired = false;

	for (uint32_t i = 0; i < queue->slots; i++) {
		struct nvl_request *request = &queue->requests[i];

		if (request->state != NVL_REQUEST_SENT)
			continue;
		if (request->deadline_nsec != 0 && now >= request->deadline_nsec)
			expired = true;
		else if (stamp && request->deadline_nsec == 0)
			request->deadline_nsec = nvl_later(now, queue->timeout_nsec);
	}
	return expired;
}

static uint32_t mark_expired(struct nvl_queue *queue, uint64_t now)
{
	uint32_t late = 0;

	for (uint32_t i = 0; i < queue->slots; i++) {
		struct nvl_request *request = &queue->requests[i];

		if (request->state == NVL_REQUEST_SENT && request->deadline_nsec != 0 &&
		    now >= request->deadline_nsec) {
			nvl_trace(queue->ctrl, NVL_TIMEOUT, queue->id, request->cid,
				  request->opcode);
			request->state = NVL_REQUEST_LATE;
			queue->counters.timeouts++;
		}
		late += request->state == NVL_REQUEST_LATE;
	}
	return late;
}

uint32_t nvl_tick(struct nvl_queue *queue)
{
	uint64_t now = nvl_now(queue->ctrl);
	uint32_t late;

	if (nvl_lost(queue->ctrl))
		nvl_fail(queue->ctrl, NVL_REASON_GONE, nvl_lost(queue->ctrl), 0);
	if (any_expired(queue, now, true))
		nvl_poll(queue, 0);
	late = mark_expired(queue, now);
	if (late > 0)
		nvl_fail(queue->ctrl, NVL_REASON_COMMAND_TIMEOUT, -NVL_ETIMEDOUT, queue->id);
	return late;
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
	if (csts == UINT32_MAX)
		return nvl_is_gone(ctrl) ? nvl_gone(ctrl, nvl_gone_result(ctrl)) : 0;
	if (!NVME_GET(csts, NVME_CSTS_CFS))
		return 0;
	nvl_fail(ctrl, NVL_REASON_FATAL, -NVL_EPROTO, csts);
	return -NVL_EPROTO;
}

int nvl_execute(struct nvl_queue *queue, const struct nvme_sqe *sqe, const struct nvl_data *data,
		struct nvl_completion *ret_completion)
{
	uint64_t deadline = nvl_later(nvl_now(queue->ctrl), queue->timeout_nsec);
	struct nvl_wait wait = { .done = false };
	int result;

	while ((result = nvl_submit(queue, sqe, data, nvl_wait_done, &wait)) == -NVL_EAGAIN) {
		result = nvl_wait_slot(queue, deadline);
		if (result)
			return result;
	}
	if (result)
		return result;
	nvl_ring(queue);
	result = nvl_wait_for(queue, &wait, deadline);
	if (ret_completion && wait.done)
		*ret_completion = wait.completion;
	return result;
}
