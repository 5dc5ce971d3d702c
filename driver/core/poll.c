/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 3 of 4: poll. Entries with the phase of this pass are new; each is copied once, then looked
 * at.
 */
#include "driver/core/complete.h"

/*
 * The gate is closed, or it was since the last poll. A claimed queue stays away from its rings
 * while the owner sets them up anew, and then completes what was lost with the reset.
 *
 * Return: whether there is a completion queue to look at.
 */
static bool catch_up(struct nvl_queue *queue)
{
	struct nvl_ctrl *ctrl = queue->ctrl;
	enum nvl_state state;
	uint32_t epoch;

	if (__atomic_load_n(&queue->claimed, __ATOMIC_RELAXED)) {
		/*
		 * In one order with nvl_step_park(), of which the stores and loads are the other
		 * way round: this thread sees that it has to park, or the owner that it has not.
		 */
		__atomic_store_n(&queue->parked, 0, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&ctrl->park_request, __ATOMIC_SEQ_CST)) {
			__atomic_store_n(&queue->parked, 1, __ATOMIC_RELEASE);
			return false;
		}
	}
	epoch = __atomic_load_n(&ctrl->epoch, __ATOMIC_ACQUIRE);
	if (epoch == queue->epoch)
		return true; /* A controller that has failed may still complete commands. */
	state = nvl_state(ctrl);
	/* The next reset began, or has to, before this thread came: it has what that one kept. */
	if (queue->resend && (state == NVL_STATE_RESETTING || state == NVL_STATE_FAILED))
		return false;
	if (queue->resend && nvl_is_up(ctrl)) {
		nvl_resend(queue);
		queue->epoch = epoch;
		nvl_ring(queue);
		return false;
	}
	queue->epoch = epoch;
	nvl_request_cancel_all(queue);
	return false;
}

/*
 * Each write of the CQ head moves a cache line to the controller, or is a message. With interrupts
 * it is written after every batch, because a controller may hold back interrupts for entries that
 * it thinks are not consumed. A polled queue tells it after a quarter of the ring; nvl_ring() makes
 * sure that the ring never looks full before.
 */
static void tell_head(struct nvl_queue *queue)
{
	uint32_t untold = nvme_ring_used(queue->cq_head_rung, queue->cq_head, queue->entries);

	if (untold >= queue->cq_lazy || (untold > 0 && queue->vector != NVL_NO_VECTOR))
		nvl_ring_cq(queue);
}

static uint32_t take_entries(struct nvl_queue *queue, uint32_t max)
{
	uint32_t taken = 0;

	while (taken < max) {
		const struct nvme_cqe *slot = &queue->cq[queue->cq_head];
		uint32_t index = queue->cq_head;
		nvme_u64le words[2];

		if (nvme_cqe_phase(slot) != queue->phase)
			break;
		memcpy(words, slot, sizeof(words));
		queue->cq_head = nvme_ring_next(index, queue->entries);
		if (queue->cq_head == 0)
			queue->phase = !queue->phase;
		taken++;
		nvl_complete(queue, index, nvme_cpu64(words[0]), nvme_cpu64(words[1]));
	}
	return taken;
}

uint32_t nvl_poll(struct nvl_queue *queue, uint32_t max)
{
	bool open = nvl_gate_open(queue);
	uint32_t limit = max > 0 && max < queue->entries ? max : queue->entries;
	uint32_t taken;

	if (queue->polling)
		nvl_panic(queue->ctrl, "nvl_poll() in a callback of nvl_poll()");
	if (!open && !catch_up(queue))
		return 0;
	queue->polling = true;
	/* A bound, so that a controller that posts without end does not keep the caller here. */
	taken = take_entries(queue, limit);
	if (taken > 0 && open)
		tell_head(queue);
	if (__builtin_expect(queue->idle != UINT64_MAX, 0) && open) {
		nvl_join_continue(queue);
		if (nvl_chores(queue))
			taken += take_entries(queue, limit - taken);
	}
	queue->polling = false;
	return taken;
}

/* A hybrid queue is polled for a while after its last completion. */
static bool spins(struct nvl_queue *queue)
{
	uint64_t now = nvl_now(queue->ctrl);

	if (queue->counters.completed != queue->spin_completed || queue->spin_until_nsec == 0) {
		queue->spin_completed = queue->counters.completed;
		queue->spin_until_nsec = nvl_later(now, queue->ctrl->config.spin_nsec);
	}
	return now < queue->spin_until_nsec;
}

void nvl_wait(struct nvl_queue *queue, uint64_t deadline_nsec)
{
	uint32_t vector = queue->vector;

	const struct nvl_ops *ops = &queue->ctrl->ops;
	bool open = nvl_gate_open(queue);

	/* Nothing interrupts a thread that is parked: it has to poll to learn that it is over. */
	if (nvl_queue_deadline(queue) < deadline_nsec)
		deadline_nsec = nvl_queue_deadline(queue);
	if ((!open && nvl_is_claimed(queue)) || (queue->mode == NVL_MODE_HYBRID && spins(queue)))
		vector = NVL_NO_VECTOR;
	if (vector != NVL_NO_VECTOR)
		queue->counters.waits++;
	ops->wait(ops->arg, vector, deadline_nsec);
}
