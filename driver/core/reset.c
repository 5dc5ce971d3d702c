/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Steps that end a controller's operation: disable, shutdown, the subsystem's reset; and the device
 * that is gone.
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
		if (queue->resend && nvl_resends(ctrl))
			nvl_request_cancel_sent(queue);
		else
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
	nvl_mark(ctrl, NVL_RUNG_REMOVED);
	nvl_set_state(ctrl, NVL_STATE_GONE);
	nvl_fail(ctrl, NVL_REASON_GONE, result, 0);
	nvl_close_gates(ctrl);
	ctrl->enabled = false;
	for (uint32_t id = 1; id <= ctrl->config.queues; id++) {
		if (!nvl_is_claimed(ctrl->queues[id]))
			ctrl->queues[id]->resend = false;
	}
	cancel_unclaimed(ctrl, result);
	return result;
}

static bool all_parked(const struct nvl_ctrl *ctrl)
{
	for (uint32_t id = 1; id <= ctrl->config.queues; id++) {
		const struct nvl_queue *queue = ctrl->queues[id];

		if (nvl_is_claimed(queue) && !__atomic_load_n(&queue->parked, __ATOMIC_SEQ_CST))
			return false;
	}
	return true;
}

/** nvl_step_close - no more requests */
int nvl_step_close(struct nvl_ctrl *ctrl)
{
	nvl_close_gates(ctrl);
	return 0;
}

/** nvl_step_close_io - no more I/O requests; admin commands are still needed */
int nvl_step_close_io(struct nvl_ctrl *ctrl)
{
	__atomic_store_n(&ctrl->gate, 0, __ATOMIC_RELEASE);
	return 0;
}

/** nvl_step_park - wait until no thread is in a ring; -NVL_EBUSY if one does not notice in time */
int nvl_step_park(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;
	uint64_t now = nvl_now(ctrl);

	if (life->phase == 0) {
		life->until = nvl_later(now, ctrl->config.io_timeout_nsec);
		life->phase = 1;
		__atomic_store_n(&ctrl->park_request, 1, __ATOMIC_SEQ_CST);
	}
	if (all_parked(ctrl))
		return 0;
	if (nvl_lost(ctrl))
		return nvl_lost(ctrl);
	if (now < life->until)
		return NVL_WAIT;
	nvl_fail(ctrl, NVL_REASON_PARK, -NVL_EBUSY, 0);
	return -NVL_EBUSY;
}

/** nvl_unpark - claimed queues may go on; the gate says whether with requests */
void nvl_unpark(struct nvl_ctrl *ctrl)
{
	__atomic_store_n(&ctrl->park_request, 0, __ATOMIC_RELEASE);
}

/* CC, to be written again with other bits. All ones are no value of it: what is enabled is ours. */
static uint32_t read_cc(struct nvl_ctrl *ctrl, bool *ret_gone)
{
	uint32_t cc = (uint32_t)nvl_reg_read(ctrl, NVME_REG_CC, 4);

	*ret_gone = cc == UINT32_MAX && nvl_is_gone(ctrl);
	return cc == UINT32_MAX ? nvl_enabling_cc(ctrl) : cc;
}

/**
 * nvl_step_disable - CC.EN = 0 if the controller may be enabled
 *
 * CC keeps its other fields. Base 2.0 3.7.2, unverified.
 */
int nvl_step_disable(struct nvl_ctrl *ctrl)
{
	uint32_t cc;
	bool gone;

	if (!ctrl->enabled)
		return 0;
	cc = read_cc(ctrl, &gone);
	if (gone)
		return nvl_gone_result(ctrl);
	if (NVME_GET(cc, NVME_CC_EN)) {
		cc = NVME_WITH(cc, NVME_CC_EN, 0);
		cc = NVME_WITH(cc, NVME_CC_SHN, NVME_CC_SHN_NONE);
		nvl_reg_write(ctrl, NVME_REG_CC, 4, cc);
	}
	return 0;
}

/** nvl_step_unready - wait for CSTS.RDY = 0: then the controller touches memory no more */
int nvl_step_unready(struct nvl_ctrl *ctrl)
{
	int result;

	if (!ctrl->enabled)
		return 0;
	if (!nvl_pause_done(ctrl))
		return NVL_WAIT;
	result = nvl_await_csts(ctrl, NVME_MASK(NVME_CSTS_RDY), 0, ctrl->info.ready_nsec);
	if (result == -NVL_ETIMEDOUT)
		nvl_fail(ctrl, NVL_REASON_READY_STUCK, result, ctrl->info.ready_nsec);
	else if (result == 0)
		ctrl->enabled = false;
	return result;
}

/**
 * nvl_step_reap - complete everything that is outstanding
 *
 * First what the controller completed before RDY became 0: the last chance to see that. What is
 * sent again after the reset stays outstanding.
 */
int nvl_step_reap(struct nvl_ctrl *ctrl)
{
	for (uint32_t id = 0; id <= ctrl->config.queues; id++) {
		if (!nvl_is_claimed(ctrl->queues[id]))
			nvl_poll(ctrl->queues[id], 0);
		if (nvl_resends(ctrl) && id > 0 && nvl_outstanding(ctrl->queues[id]) > 0)
			nvl_resend_keep(ctrl->queues[id]);
	}
	cancel_unclaimed(ctrl, -NVL_ECANCELED);
	return 0;
}

/** nvl_step_release - MSI-X off */
int nvl_step_release(struct nvl_ctrl *ctrl)
{
	nvl_release_vectors(ctrl);
	return 0;
}

static uint64_t shutdown_bound(const struct nvl_ctrl *ctrl)
{
	uint64_t nsec = nvme_cpu32(ctrl->id.rtd3e) * NVL_USEC;

	if (nsec < SHUTDOWN_MIN_NSEC)
		return SHUTDOWN_MIN_NSEC;
	return nsec < SHUTDOWN_MAX_NSEC ? nsec : SHUTDOWN_MAX_NSEC;
}

/** nvl_step_notify - CC.SHN, normal or abrupt (Base 2.0 3.6.1, unverified) */
int nvl_step_notify(struct nvl_ctrl *ctrl)
{
	bool abrupt = ctrl->life.operation == NVL_OP_ABRUPT;
	uint32_t shn = abrupt ? NVME_CC_SHN_ABRUPT : NVME_CC_SHN_NORMAL;
	bool gone;
	uint32_t cc = read_cc(ctrl, &gone);

	if (gone)
		return nvl_gone_result(ctrl);
	ctrl->info.shutdown_nsec = shutdown_bound(ctrl);
	nvl_reg_write(ctrl, NVME_REG_CC, 4, NVME_WITH(cc, NVME_CC_SHN, shn));
	return 0;
}

/** nvl_step_shut - wait for CSTS.SHST to say that the shutdown is complete */
int nvl_step_shut(struct nvl_ctrl *ctrl)
{
	int result = nvl_await_csts(ctrl, NVME_MASK(NVME_CSTS_SHST),
				    NVME_PUT(NVME_CSTS_SHST, NVME_CSTS_SHST_COMPLETE),
				    ctrl->info.shutdown_nsec);

	if (result == -NVL_ETIMEDOUT)
		nvl_fail(ctrl, NVL_REASON_SHUTDOWN_STUCK, result, ctrl->info.shutdown_nsec);
	if (result == 0 && ctrl->life.operation != NVL_OP_ABRUPT)
		ctrl->unflushed = false; /* Base 2.0 3.6.1, unverified */
	return result;
}

/**
 * nvl_step_nssr - reset the NVM subsystem: every controller of it becomes disabled
 *
 * The device may be away for as long: all ones for a while is not removal. Base 2.0 3.7.1,
 * unverified.
 */
int nvl_step_nssr(struct nvl_ctrl *ctrl)
{
	nvl_reg_write(ctrl, NVME_REG_NSSR, 4, NVME_NSSR_RESET);
	ctrl->enabled = true;
	return 0;
}

bool nvl_dma_safe(const struct nvl_ctrl *ctrl)
{
	return !ctrl->enabled;
}

int nvl_returned(struct nvl_ctrl *ctrl)
{
	if (nvl_state(ctrl) != NVL_STATE_GONE || nvl_lost(ctrl))
		return -NVL_EBUSY;
	nvl_clear_failure(ctrl);
	ctrl->vectors = 0; /* MSI-X of the new device is off. */
	ctrl->info.vectors = 0;
	ctrl->enabled = false;
	ctrl->life.result = 0;
	nvl_set_state(ctrl, NVL_STATE_STOPPED);
	return 0;
}
