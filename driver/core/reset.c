/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ends of a controller's life: disable, reset, shutdown, and the device that is gone.
 *
 * The order in a halt: no new commands (gates), no thread in a ring (park), no controller that
 * could touch memory (EN = 0, RDY = 0), what completed until then is consumed, and only then the
 * rest is cancelled.
 */
#include "driver/core/internal.h"

/* Shutdown without a word in Identify, and the limits of what a controller may ask for. */
#define SHUTDOWN_MIN_NSEC (5 * NVL_SEC)
#define SHUTDOWN_MAX_NSEC (60 * NVL_SEC)

/** nvl_close_gates - queues take no more requests */
void nvl_close_gates(struct nvl_ctrl *ctrl)
{
	__atomic_store_n(&ctrl->gate, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&ctrl->admin_gate, 0, __ATOMIC_RELEASE);
}

/** nvl_is_gone - whether all-ones registers mean that the device was removed (confirmed twice) */
bool nvl_is_gone(struct nvl_ctrl *ctrl)
{
	if (nvl_lost(ctrl))
		return true;
	return nvl_reg_read(ctrl, NVME_REG_CSTS, 4) == UINT32_MAX &&
	       nvl_cfg_read(ctrl, 0, 4) == UINT32_MAX;
}

static void cancel_unclaimed(struct nvl_ctrl *ctrl, int cancel_result)
{
	uint32_t epoch = ctrl->epoch + 1;

	ctrl->cancel_result = cancel_result;
	__atomic_store_n(&ctrl->epoch, epoch, __ATOMIC_RELEASE);
	for (uint32_t id = 0; id <= ctrl->config.queues; id++) {
		struct nvl_queue *queue = ctrl->queues[id];

		if (nvl_is_claimed(queue))
			continue;
		queue->epoch = epoch;
		nvl_request_cancel_all(queue);
	}
}

/**
 * nvl_gone - the device is gone: touch no register any more, complete everything
 * @result: what requests complete with
 * Return: @result.
 */
int nvl_gone(struct nvl_ctrl *ctrl, int result)
{
	nvl_fail(ctrl, NVL_REASON_GONE, result, 0);
	nvl_set_state(ctrl, NVL_STATE_GONE);
	nvl_close_gates(ctrl);
	ctrl->enabled = false;
	cancel_unclaimed(ctrl, result);
	return result;
}

static bool all_parked(const struct nvl_ctrl *ctrl)
{
	for (uint32_t id = 1; id <= ctrl->config.queues; id++) {
		const struct nvl_queue *queue = ctrl->queues[id];

		if (nvl_is_claimed(queue) && !__atomic_load_n(&queue->parked, __ATOMIC_ACQUIRE))
			return false;
	}
	return true;
}

/* Waits until no thread is in a ring. Return: false if one did not notice in time. */
static bool park(struct nvl_ctrl *ctrl)
{
	uint64_t deadline = nvl_later(nvl_now(ctrl), ctrl->config.io_timeout_nsec);

	__atomic_store_n(&ctrl->park_request, 1, __ATOMIC_RELEASE);
	while (!all_parked(ctrl)) {
		if (nvl_now(ctrl) >= deadline)
			return false;
		ctrl->ops.wait(ctrl->ops.arg, NVL_NO_VECTOR, deadline);
	}
	return true;
}

/** nvl_unpark - claimed queues may go on; the gate says whether with requests */
void nvl_unpark(struct nvl_ctrl *ctrl)
{
	__atomic_store_n(&ctrl->park_request, 0, __ATOMIC_RELEASE);
}

/**
 * nvl_disable - CC.EN = 0, and wait for CSTS.RDY = 0
 *
 * CC keeps its other fields. Base 2.0 3.7.2, unverified.
 * Return: 0, -NVL_ETIMEDOUT, or a negative errno if the device is gone.
 */
int nvl_disable(struct nvl_ctrl *ctrl)
{
	uint32_t cc = (uint32_t)nvl_reg_read(ctrl, NVME_REG_CC, 4);
	int error;

	if (cc == UINT32_MAX && nvl_is_gone(ctrl))
		return nvl_gone_result(ctrl);
	if (NVME_GET(cc, NVME_CC_EN)) {
		cc = NVME_WITH(cc, NVME_CC_EN, 0);
		cc = NVME_WITH(cc, NVME_CC_SHN, NVME_CC_SHN_NONE);
		nvl_reg_write(ctrl, NVME_REG_CC, 4, cc);
	}
	error = nvl_wait_csts(ctrl, NVME_MASK(NVME_CSTS_RDY), 0, ctrl->info.ready_nsec);
	if (error == -NVL_ETIMEDOUT)
		nvl_fail(ctrl, NVL_REASON_READY_STUCK, error, ctrl->info.ready_nsec);
	else if (!error)
		ctrl->enabled = false;
	return error;
}

/**
 * nvl_halt - disable, and complete everything that is outstanding
 * @cancel_result: of requests without a completion that are not late
 * Return: 0; -NVL_EBUSY if a thread did not park; as nvl_disable().
 */
int nvl_halt(struct nvl_ctrl *ctrl, int cancel_result)
{
	bool parked;
	int error = 0;

	nvl_close_gates(ctrl);
	parked = park(ctrl);
	if (ctrl->enabled)
		error = nvl_disable(ctrl);
	if (error == -NVL_ENODEV || nvl_lost(ctrl)) {
		nvl_unpark(ctrl);
		return nvl_gone(ctrl, nvl_gone_result(ctrl));
	}
	/* The last chance to see completions that were posted before RDY became 0. */
	for (uint32_t id = 0; id <= ctrl->config.queues; id++) {
		if (!nvl_is_claimed(ctrl->queues[id]))
			nvl_poll(ctrl->queues[id], 0);
	}
	cancel_unclaimed(ctrl, cancel_result);
	if (parked)
		return error;
	nvl_fail(ctrl, NVL_REASON_PARK, -NVL_EBUSY, 0);
	return error ? error : -NVL_EBUSY;
}

int nvl_stop(struct nvl_ctrl *ctrl)
{
	int error;

	if (nvl_state(ctrl) == NVL_STATE_GONE)
		return -NVL_ENODEV;
	nvl_clear_failure(ctrl);
	error = nvl_halt(ctrl, -NVL_ECANCELED);
	nvl_unpark(ctrl);
	if (nvl_state(ctrl) != NVL_STATE_GONE)
		nvl_set_state(ctrl, error ? NVL_STATE_FAILED : NVL_STATE_STOPPED);
	return error;
}

int nvl_reset(struct nvl_ctrl *ctrl)
{
	enum nvl_state state = nvl_state(ctrl);
	int error;

	if (state == NVL_STATE_GONE)
		return nvl_gone_result(ctrl);
	if (state != NVL_STATE_LIVE && state != NVL_STATE_FAILED)
		return -NVL_ESHUTDOWN;
	nvl_clear_failure(ctrl);
	nvl_set_state(ctrl, NVL_STATE_RESETTING);
	error = nvl_halt(ctrl, -NVL_ECANCELED);
	if (!error)
		error = nvl_bring_up(ctrl);
	return nvl_finish_start(ctrl, error, NVL_STATE_FAILED);
}

static uint64_t shutdown_bound(const struct nvl_ctrl *ctrl)
{
	uint64_t nsec = nvme_cpu32(ctrl->id.rtd3e) * NVL_USEC;

	if (nsec < SHUTDOWN_MIN_NSEC)
		return SHUTDOWN_MIN_NSEC;
	return nsec < SHUTDOWN_MAX_NSEC ? nsec : SHUTDOWN_MAX_NSEC;
}

/* Base 2.0 3.6.1, unverified: queues are deleted first, so that nothing is lost with them. */
static int notify_shutdown(struct nvl_ctrl *ctrl, bool abrupt)
{
	uint32_t cc = (uint32_t)nvl_reg_read(ctrl, NVME_REG_CC, 4);
	uint32_t shn = abrupt ? NVME_CC_SHN_ABRUPT : NVME_CC_SHN_NORMAL;
	int error;

	if (cc == UINT32_MAX && nvl_is_gone(ctrl))
		return -NVL_ENODEV;
	nvl_reg_write(ctrl, NVME_REG_CC, 4, NVME_WITH(cc, NVME_CC_SHN, shn));
	error = nvl_wait_csts(ctrl, NVME_MASK(NVME_CSTS_SHST),
			      NVME_PUT(NVME_CSTS_SHST, NVME_CSTS_SHST_COMPLETE),
			      ctrl->info.shutdown_nsec);
	if (error == -NVL_ETIMEDOUT)
		nvl_fail(ctrl, NVL_REASON_SHUTDOWN_STUCK, error, ctrl->info.shutdown_nsec);
	return error;
}

int nvl_shutdown(struct nvl_ctrl *ctrl, bool abrupt)
{
	enum nvl_state state = nvl_state(ctrl);
	int error = 0;
	int halted;

	if (state == NVL_STATE_GONE)
		return nvl_gone_result(ctrl);
	if (state != NVL_STATE_LIVE)
		return -NVL_ESHUTDOWN;
	nvl_clear_failure(ctrl);
	ctrl->info.shutdown_nsec = shutdown_bound(ctrl);
	__atomic_store_n(&ctrl->gate, 0, __ATOMIC_RELEASE);
	if (!park(ctrl)) {
		error = -NVL_EBUSY;
		nvl_fail(ctrl, NVL_REASON_PARK, error, 0);
	}
	if (!abrupt && !error)
		error = nvl_delete_queues(ctrl);
	if (!nvl_lost(ctrl) && ctrl->enabled && !error)
		error = notify_shutdown(ctrl, abrupt);
	halted = nvl_halt(ctrl, -NVL_ECANCELED);
	if (nvl_state(ctrl) != NVL_STATE_GONE) {
		nvl_release_vectors(ctrl);
		nvl_set_state(ctrl, halted ? NVL_STATE_FAILED : NVL_STATE_STOPPED);
	}
	nvl_unpark(ctrl);
	return halted ? halted : error;
}

bool nvl_dma_safe(const struct nvl_ctrl *ctrl)
{
	return !ctrl->enabled;
}
