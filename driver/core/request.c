/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CIDs: who may have one, and what becomes of requests that will not be answered.
 *
 * Getting and returning one is inline, in internal.h.
 */
#include "driver/core/internal.h"

/** nvl_request_refusal - why a queue whose gate is closed takes no requests */
int nvl_request_refusal(const struct nvl_queue *queue)
{
	switch (nvl_state(queue->ctrl)) {
	case NVL_STATE_LIVE:
		if (__atomic_load_n(&queue->gate, __ATOMIC_RELAXED) == &queue->ctrl->closed)
			return -NVL_ESHUTDOWN; /* There is no such queue any more. */
		/* Its thread has not seen the reset yet: nvl_poll() tells it. Or a short pause. */
		return -NVL_EAGAIN;
	case NVL_STATE_STARTING:
	case NVL_STATE_RESETTING:
		return -NVL_EBUSY;
	case NVL_STATE_GONE:
		return -NVL_ENODEV;
	case NVL_STATE_NEW:
	case NVL_STATE_FAILED:
	case NVL_STATE_STOPPED:
	case NVL_STATE_DEGRADED:
	case NVL_STATE_SHUTTING_DOWN:
	case NVL_STATE_SUSPENDED:
	case NVL_STATE_DEAD:
	case NVL_STATES:
		break;
	}
	return -NVL_ESHUTDOWN;
}

/**
 * nvl_request_credit - count how many requests can be had now, into the queue's credit
 *
 * What completes afterwards only adds to it, so the credit may be used up before the next count.
 */
uint32_t nvl_request_credit(struct nvl_queue *queue)
{
	uint32_t cids = queue->free_count > queue->reserve ? queue->free_count - queue->reserve : 0;
	uint32_t slots = queue->entries - 1 -
			 nvme_ring_used(queue->head, queue->tail, queue->entries);

	queue->credit = cids < slots ? cids : slots;
	return queue->credit;
}

static bool is_outstanding(const struct nvl_request *request)
{
	return request->state == NVL_REQUEST_SENT || request->state == NVL_REQUEST_LATE ||
	       request->state == NVL_REQUEST_AGAIN || request->state == NVL_REQUEST_RETRY;
}

static void cancel(struct nvl_queue *queue, struct nvl_request *request)
{
	struct nvl_completion completion = {
		.result = request->state == NVL_REQUEST_LATE ? -NVL_ETIMEDOUT
							     : queue->ctrl->cancel_result,
	};
	nvl_done_fn *done = request->done;
	void *arg = request->arg;

	queue->counters.canceled++;
	nvl_request_put(queue, request);
	done(arg, &completion);
}

static void drop_given_up(struct nvl_queue *queue, struct nvl_request *request)
{
	queue->given_up--;
	nvl_join_forget(queue, request);
	nvl_request_put(queue, request);
}

/**
 * nvl_request_cancel_sent - nvl_request_cancel_all() but of what will be sent again
 *
 * The gate is closed, so that no callback submits.
 */
void nvl_request_cancel_sent(struct nvl_queue *queue)
{
	nvl_join_cancel(queue);
	for (uint32_t i = 0; i < queue->slots; i++) {
		struct nvl_request *request = &queue->requests[i];

		if (request->state == NVL_REQUEST_GIVEN_UP)
			drop_given_up(queue, request);
		else if (request->state == NVL_REQUEST_SENT || request->state == NVL_REQUEST_LATE)
			cancel(queue, request);
	}
}

/**
 * nvl_request_cancel_all - complete what the controller will not complete any more
 *
 * Only when it cannot touch their buffers: after RDY became 0, or the device is gone. The callbacks
 * may submit only once the gate is open again, so this ends.
 */
void nvl_request_cancel_all(struct nvl_queue *queue)
{
	queue->resend = false;
	queue->kept = 0;
	nvl_join_cancel(queue);
	nvl_retry_drop(queue);
	for (uint32_t i = 0; i < queue->slots; i++) {
		if (queue->requests[i].state == NVL_REQUEST_GIVEN_UP)
			drop_given_up(queue, &queue->requests[i]);
		else if (is_outstanding(&queue->requests[i]))
			cancel(queue, &queue->requests[i]);
	}
}

/** nvl_request_mark_late - @arg's requests are late; Return: how many there are */
unsigned int nvl_request_mark_late(struct nvl_queue *queue, const void *arg)
{
	uint64_t now = nvl_now(queue->ctrl);
	unsigned int late = 0;

	for (uint32_t i = 0; i < queue->slots; i++) {
		struct nvl_request *request = &queue->requests[i];

		if ((request->state != NVL_REQUEST_SENT && request->state != NVL_REQUEST_RETRY) ||
		    (request->arg != arg && !nvl_join_is(request, arg)))
			continue;
		/* One that is sent again has all of its time again, from the next tick on. */
		if (request->state == NVL_REQUEST_SENT)
			nvl_request_late(queue, request, now);
		late++;
	}
	return late;
}

/**
 * nvl_request_abandon - nobody waits for @arg's requests any more, and @arg will not exist
 *
 * The CIDs stay out of use until the controller was disabled: a late completion must not complete
 * somebody else's request.
 */
void nvl_request_abandon(struct nvl_queue *queue, const void *arg)
{
	for (uint32_t i = 0; i < queue->slots; i++) {
		struct nvl_request *request = &queue->requests[i];

		if (!is_outstanding(request) || (request->arg != arg && !nvl_join_is(request, arg)))
			continue;
		if (request->state == NVL_REQUEST_RETRY)
			nvl_retry_forget(queue, request);
		request->state = NVL_REQUEST_GIVEN_UP;
		queue->given_up++;
	}
	nvl_join_abandon(queue, arg);
}

uint32_t nvl_queue_id(const struct nvl_queue *queue)
{
	return queue->id;
}

uint32_t nvl_queue_vector(const struct nvl_queue *queue)
{
	return queue->vector;
}

uint32_t nvl_queue_depth(const struct nvl_queue *queue)
{
	return queue->slots - queue->reserve;
}

uint32_t nvl_queue_outstanding(const struct nvl_queue *queue)
{
	return nvl_outstanding(queue);
}

const struct nvl_counters *nvl_counters(const struct nvl_queue *queue)
{
	return &queue->counters;
}

void nvl_queue_claim(struct nvl_queue *queue)
{
	if (queue->id == 0)
		nvl_panic(queue->ctrl, "the admin queue belongs to the controller's owner");
	__atomic_store_n(&queue->parked, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&queue->claimed, 1, __ATOMIC_RELEASE);
}

void nvl_queue_release(struct nvl_queue *queue)
{
	__atomic_store_n(&queue->claimed, 0, __ATOMIC_RELEASE);
}
