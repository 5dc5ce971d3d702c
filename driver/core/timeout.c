/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for commands, and noticing that one is late.
 *
 * This is the part of recovery that belongs to a queue's thread: it polls once more, marks what is
 * late and leaves word for the owner, who aborts and resets (recover.c).
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
	uint32_t state = (uint32_t)nvl_state(ctrl);

	if (!__atomic_exchange_n(&ctrl->failure_taken, 1, __ATOMIC_ACQ_REL)) {
		ctrl->failure.reason = reason;
		ctrl->failure.result = result;
		ctrl->failure.value = value;
	}
	if ((state != NVL_STATE_LIVE && state != NVL_STATE_DEGRADED) ||
	    !__atomic_compare_exchange_n(&ctrl->state, &state, NVL_STATE_FAILED, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	nvl_moved(ctrl, (enum nvl_state)state, NVL_STATE_FAILED);
	nvl_close_gates(ctrl);
}

/** nvl_lost - 0, or the negative errno with which the connection to the device ended */
int nvl_lost(struct nvl_ctrl *ctrl)
{
	return ctrl->ops.alive ? ctrl->ops.alive(ctrl->ops.arg) : 0;
}

/*
 * A thread that only has the queue cannot make the buffer safe: the owner has to reset the
 * controller, and until then the CID stays out of use.
 */
static int give_up(struct nvl_queue *queue, struct nvl_wait *wait, int result)
{
	enum nvl_reason reason = result == -NVL_ETIMEDOUT ? NVL_REASON_COMMAND_TIMEOUT
							  : NVL_REASON_GONE;

	nvl_fail(queue->ctrl, reason, result, queue->id);
	nvl_request_abandon(queue, wait);
	return result;
}

/* The connection is lost, or a claimed queue's command late. Return: the request's result. */
static int end_wait(struct nvl_queue *queue, struct nvl_wait *wait, int result)
{
	if (nvl_is_claimed(queue))
		return give_up(queue, wait, result);
	nvl_gone(queue->ctrl, result);
	return wait->done ? wait->completion.result : result;
}

/* What is late is recovered from now on, by the owner, which ends the request in some way. */
static void become_late(struct nvl_queue *queue, struct nvl_wait *wait)
{
	if (nvl_request_mark_late(queue, wait) == 0 && !wait->done)
		nvl_fail(queue->ctrl, NVL_REASON_COMMAND_TIMEOUT, -NVL_ETIMEDOUT, queue->id);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/**
 * nvl_wait_for - poll until a request is complete
 * @wait: argument of its nvl_wait_done()
 *
 * The owner recovers the controller meanwhile; that ends with the request complete, and what was
 * begun for it is finished.
 * Return: the request's result; -NVL_ETIMEDOUT on a claimed queue if it is still outstanding at
 * @deadline_nsec and after one more poll.
 */
int nvl_wait_for(struct nvl_queue *queue, struct nvl_wait *wait, uint64_t deadline_nsec)
{
	struct nvl_ctrl *ctrl = queue->ctrl;
	bool claimed = nvl_is_claimed(queue);
	uint64_t until = deadline_nsec;
	bool recovering = false;

	for (;;) {
		uint64_t now = nvl_now(ctrl);
		uint32_t taken = nvl_poll(queue, 0);
		int lost;

		if (wait->done) {
			if (recovering)
				nvl_finish(ctrl);
			return wait->completion.result;
		}
		lost = nvl_lost(ctrl);
		if (lost)
			return end_wait(queue, wait, lost);
		if (now >= until) {
			become_late(queue, wait);
			until = NVL_NEVER;
			if (claimed)
				return end_wait(queue, wait, -NVL_ETIMEDOUT);
		}
		if (!claimed && now >= nvl_deadline(ctrl)) {
			recovering = nvl_step(ctrl);
			if (nvl_poll(queue, 0) > 0 || wait->done)
				continue;
		}
		/* What was taken may have made this side send something again, with an answer. */
		if (taken == 0)
			nvl_wait(queue, claimed ? until : sooner(until, nvl_deadline(ctrl)));
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

/* Leave word for the owner. Return: false if there is no room for more. */
static bool want_abort(struct nvl_queue *queue, uint32_t cid)
{
	for (uint32_t i = 0; i < NVL_LATES; i++) {
		if (__atomic_load_n(&queue->late[i], __ATOMIC_ACQUIRE) != NVL_LATE_NONE)
			continue;
		__atomic_store_n(&queue->late[i], (uint32_t)NVL_LATE_WANTED << 16 | cid,
				 __ATOMIC_RELEASE);
		__atomic_store_n(&queue->ctrl->attention, 1, __ATOMIC_RELEASE);
		return true;
	}
	return false;
}

/**
 * nvl_request_late - a request's time is over, and a poll did not find it
 *
 * An I/O command is to be aborted, if that is possible, and has as much time again; an admin
 * command is not: it takes a reset.
 */
void nvl_request_late(struct nvl_queue *queue, struct nvl_request *request, uint64_t now)
{
	struct nvl_ctrl *ctrl = queue->ctrl;
	bool can_abort = queue->id != 0 && ctrl->abort_limit > 0;

	request->deadline_nsec = nvl_later(now, queue->timeout_nsec);
	if (can_abort && nvl_state(ctrl) == NVL_STATE_LIVE && !want_abort(queue, request->cid)) {
		nvl_mark(ctrl, NVL_RUNG_REARMED);
		return;
	}
	nvl_trace(ctrl, NVL_TIMEOUT, queue->id, request->cid, request->opcode);
	request->state = NVL_REQUEST_LATE;
	queue->counters.timeouts++;
	if (can_abort)
		return;
	if (queue->id == 0)
		nvl_mark(ctrl, NVL_RUNG_ADMIN_TIMEOUT);
	nvl_fail(ctrl, NVL_REASON_COMMAND_TIMEOUT, -NVL_ETIMEDOUT, queue->id);
}

/* It is to be sent again, and has no slot: a controller whose SQHD stands still gives none. */
static bool is_stuck(const struct nvl_queue *queue, const struct nvl_request *request)
{
	return request->state == NVL_REQUEST_RETRY &&
	       nvme_ring_full(queue->head, queue->tail, queue->entries);
}

static bool is_expired(const struct nvl_queue *queue, const struct nvl_request *request,
		       uint64_t now)
{
	return (request->state == NVL_REQUEST_SENT || request->state == NVL_REQUEST_LATE ||
		is_stuck(queue, request)) &&
	       request->deadline_nsec != 0 && now >= request->deadline_nsec;
}

/* Requests that were submitted since the last tick get their time. */
static bool any_expired(struct nvl_queue *queue, uint64_t now)
{
	bool expired = false;

	for (uint32_t i = 0; i < queue->slots; i++) {
		struct nvl_request *request = &queue->requests[i];

		if ((request->state == NVL_REQUEST_SENT || is_stuck(queue, request)) &&
		    request->deadline_nsec == 0)
			request->deadline_nsec = nvl_later(now, queue->timeout_nsec);
		expired |= is_expired(queue, request, now);
	}
	return expired;
}

static uint32_t mark_expired(struct nvl_queue *queue, uint64_t now)
{
	uint32_t late = 0;

	for (uint32_t i = 0; i < queue->slots; i++) {
		struct nvl_request *request = &queue->requests[i];

		if (is_expired(queue, request, now) && request->state == NVL_REQUEST_SENT) {
			nvl_request_late(queue, request, now);
		} else if (is_expired(queue, request, now)) {
			if (request->state == NVL_REQUEST_LATE)
				nvl_mark(queue->ctrl, NVL_RUNG_ABORT_TIMEOUT);
			nvl_fail(queue->ctrl, NVL_REASON_COMMAND_TIMEOUT, -NVL_ETIMEDOUT,
				 queue->id);
		}
		late += request->state == NVL_REQUEST_LATE;
	}
	return late;
}

/* The controller is busy with itself: nobody is late because of that. */
static void give_time(struct nvl_queue *queue, uint64_t now)
{
	for (uint32_t i = 0; i < queue->slots; i++) {
		struct nvl_request *request = &queue->requests[i];

		if (request->deadline_nsec != 0 && request->deadline_nsec != NVL_NEVER)
			request->deadline_nsec = nvl_later(now, queue->timeout_nsec);
	}
}

/**
 * nvl_look_refused - what the controller would not abort is complete, or takes a reset
 * Context: the queue's thread.
 */
void nvl_look_refused(struct nvl_queue *queue)
{
	for (uint32_t i = 0; i < NVL_LATES; i++) {
		uint32_t word = __atomic_load_n(&queue->late[i], __ATOMIC_ACQUIRE);
		uint32_t cid = word & 0xffff;
		const struct nvl_request *request;

		if (word >> 16 != NVL_LATE_REFUSED)
			continue;
		nvl_poll(queue, 0);
		request = &queue->requests[cid & queue->cid_mask];
		__atomic_store_n(&queue->late[i], NVL_LATE_NONE, __ATOMIC_RELEASE);
		if (request->cid != cid || request->state != NVL_REQUEST_LATE) {
			nvl_mark(queue->ctrl, NVL_RUNG_ABORT_TOO_LATE);
			continue;
		}
		nvl_mark(queue->ctrl, NVL_RUNG_ABORT_REFUSED);
		nvl_fail(queue->ctrl, NVL_REASON_COMMAND_TIMEOUT, -NVL_ETIMEDOUT, queue->id);
	}
}

uint32_t nvl_tick(struct nvl_queue *queue)
{
	struct nvl_ctrl *ctrl = queue->ctrl;
	uint64_t now = nvl_now(ctrl);

	if (nvl_lost(ctrl))
		nvl_fail(ctrl, NVL_REASON_GONE, nvl_lost(ctrl), 0);
	if (__atomic_load_n(&ctrl->paused, __ATOMIC_ACQUIRE))
		give_time(queue, now);
	if (any_expired(queue, now) && nvl_poll(queue, 0) > 0 && !any_expired(queue, now)) {
		nvl_mark(ctrl, NVL_RUNG_POLLED);
		queue->counters.polled++;
	}
	nvl_look_refused(queue);
	nvl_shadow_doubt(queue);
	return mark_expired(queue, now);
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
