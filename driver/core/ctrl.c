/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bring-up of a controller: probe, enable, identify, queues, namespaces (Base 2.0 3.5.1,
 * unverified).
 *
 * Every value that the controller gives is judged before something is computed from it, every wait
 * has a bound, and all ones is recognised before any bit is decoded.
 */
#include "driver/core/internal.h"

/* Configuration space: the command register and the bits that a driver of ours needs. */
#define PCI_COMMAND	    0x04
#define PCI_COMMAND_MEMORY  0x0002u
#define PCI_COMMAND_MASTER  0x0004u
#define PCI_COMMAND_NO_INTX 0x0400u
#define PCI_COMMAND_WANTED  (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_NO_INTX)

#define TIMEOUT_UNIT_NSEC (500 * NVL_MSEC) /* of CAP.TO and CRTO */
#define ENABLE_ATTEMPTS	  2		   /* the second after a fatal status */

const char *nvl_state_name(enum nvl_state state)
{
	switch (state) {
	case NVL_STATE_NEW:
		return "new";
	case NVL_STATE_STARTING:
		return "starting";
	case NVL_STATE_LIVE:
		return "live";
	case NVL_STATE_RESETTING:
		return "resetting";
	case NVL_STATE_FAILED:
		return "failed";
	case NVL_STATE_STOPPED:
		return "stopped";
	case NVL_STATE_GONE:
		return "gone";
	}
	return "?";
}

void nvl_set_state(struct nvl_ctrl *ctrl, enum nvl_state state)
{
	if (nvl_state(ctrl) == state)
		return;
	__atomic_store_n(&ctrl->state, (uint32_t)state, __ATOMIC_RELEASE);
	nvl_trace(ctrl, NVL_STATE, state);
}

/** nvl_clear_failure - what comes next may fail for reasons of its own */
void nvl_clear_failure(struct nvl_ctrl *ctrl)
{
	ctrl->failure = (struct nvl_failure){ 0 };
	__atomic_store_n(&ctrl->failure_taken, 0, __ATOMIC_RELEASE);
}

/** nvl_gone_result - the errno for a device that is gone */
int nvl_gone_result(struct nvl_ctrl *ctrl)
{
	int lost = nvl_lost(ctrl);

	return lost ? lost : -NVL_ENODEV;
}

static int refuse(struct nvl_ctrl *ctrl, enum nvl_reason reason, int result, uint64_t value)
{
	nvl_fail(ctrl, reason, result, value);
	return result;
}

/**
 * nvl_wait_csts - wait until CSTS has @value in the bits of @mask
 *
 * All ones ends the wait only if the device is gone: there are drives whose registers read all ones
 * for a while in a reset. A fatal status ends the wait for RDY = 1, which would not come.
 *
 * Return: 0; -NVL_ETIMEDOUT after @bound_nsec; -NVL_EPROTO for a fatal status; -NVL_ENODEV or what
 * ops->alive says.
 */
int nvl_wait_csts(struct nvl_ctrl *ctrl, uint32_t mask, uint32_t value, uint64_t bound_nsec)
{
	uint64_t deadline = nvl_later(nvl_now(ctrl), bound_nsec);
	bool becomes_ready = mask == NVME_MASK(NVME_CSTS_RDY) && value != 0;

	for (;;) {
		bool late = nvl_now(ctrl) >= deadline;
		uint32_t csts = (uint32_t)nvl_reg_read(ctrl, NVME_REG_CSTS, 4);

		if (csts == UINT32_MAX) {
			if (nvl_is_gone(ctrl))
				return nvl_gone_result(ctrl);
		} else if (becomes_ready && NVME_GET(csts, NVME_CSTS_CFS)) {
			return -NVL_EPROTO;
		} else if ((csts & mask) == value) {
			return 0;
		}
		if (late)
			return -NVL_ETIMEDOUT;
		ctrl->ops.wait(ctrl->ops.arg, NVL_NO_VECTOR, deadline);
	}
}

/* Base 2.0 3.1.3.1 and 3.1.3.21, unverified. A controller that says 0 gets one unit. */
static uint64_t ready_bound(struct nvl_ctrl *ctrl, uint64_t cap)
{
	uint64_t units = NVME_GET(cap, NVME_CAP_TO);

	if (NVME_GET(cap, NVME_CAP_CRWMS)) {
		uint32_t crto = (uint32_t)nvl_reg_read(ctrl, NVME_REG_CRTO, 4);

		if (crto != UINT32_MAX && NVME_GET(crto, NVME_CRTO_CRWMT) > units)
			units = NVME_GET(crto, NVME_CRTO_CRWMT);
	}
	return (units > 0 ? units : 1) * TIMEOUT_UNIT_NSEC;
}

static int check_cap(struct nvl_ctrl *ctrl, uint64_t cap)
{
	uint64_t stride = (uint64_t)NVME_DOORBELL_BYTES << NVME_GET(cap, NVME_CAP_DSTRD);

	if (NVME_GET(cap, NVME_CAP_MQES) == 0)
		return refuse(ctrl, NVL_REASON_CAP_MQES, -NVL_EPROTO, cap);
	if (!NVME_GET(cap, NVME_CAP_CSS_NVM) && !NVME_GET(cap, NVME_CAP_CSS_IOCS))
		return refuse(ctrl, NVL_REASON_CAP_CSS, -NVL_EOPNOTSUPP, cap);
	if (NVME_GET(cap, NVME_CAP_MPSMIN) != 0)
		return refuse(ctrl, NVL_REASON_CAP_MPS, -NVL_EOPNOTSUPP, cap);
	ctrl->info.cap = cap;
	ctrl->info.page_bytes = NVL_PAGE_BYTES;
	ctrl->info.doorbell_stride = (uint32_t)stride;
	ctrl->info.max_entries = NVME_GET(cap, NVME_CAP_MQES) + 1;
	return 0;
}

/* All ones may pass, as in nvl_wait_csts(); configuration space tells a device that is gone. */
static uint64_t read_cap(struct nvl_ctrl *ctrl)
{
	uint64_t deadline = nvl_later(nvl_now(ctrl), TIMEOUT_UNIT_NSEC);

	for (;;) {
		bool late = nvl_now(ctrl) >= deadline;
		uint64_t cap = nvl_reg_read(ctrl, NVME_REG_CAP, 8);

		if (cap != UINT64_MAX || late || nvl_is_gone(ctrl))
			return cap;
		ctrl->ops.wait(ctrl->ops.arg, NVL_NO_VECTOR, deadline);
	}
}

static int probe(struct nvl_ctrl *ctrl)
{
	uint32_t command = nvl_cfg_read(ctrl, PCI_COMMAND, 2);
	uint64_t cap;
	int error;

	if (nvl_lost(ctrl))
		return refuse(ctrl, NVL_REASON_GONE, nvl_gone_result(ctrl), 0);
	if ((command & PCI_COMMAND_WANTED) != PCI_COMMAND_WANTED)
		nvl_cfg_write(ctrl, PCI_COMMAND, 2, (command | PCI_COMMAND_WANTED) & 0xffff);
	cap = read_cap(ctrl);
	if (cap == UINT64_MAX)
		return refuse(ctrl, NVL_REASON_GONE, nvl_gone_result(ctrl), 0);
	error = check_cap(ctrl, cap);
	if (error)
		return error;
	ctrl->info.vs = (uint32_t)nvl_reg_read(ctrl, NVME_REG_VS, 4);
	ctrl->info.ready_nsec = ready_bound(ctrl, cap);
	return 0;
}

/* A controller that someone left enabled, or disabled a moment ago, is brought to RDY = 0. */
static int quiesce(struct nvl_ctrl *ctrl)
{
	uint32_t cc = (uint32_t)nvl_reg_read(ctrl, NVME_REG_CC, 4);

	if (cc == UINT32_MAX && nvl_is_gone(ctrl))
		return refuse(ctrl, NVL_REASON_GONE, nvl_gone_result(ctrl), 0);
	/* EN is not cleared while RDY has not followed it yet, unless it never does. */
	if (NVME_GET(cc, NVME_CC_EN))
		nvl_wait_csts(ctrl, NVME_MASK(NVME_CSTS_RDY), NVME_MASK(NVME_CSTS_RDY),
			      ctrl->info.ready_nsec);
	ctrl->enabled = true;
	return nvl_disable(ctrl);
}

/* What was written has to be there: a write that was lost would be a wait without an end. */
static bool admin_registers_hold(struct nvl_ctrl *ctrl, uint32_t aqa)
{
	const struct nvl_queue *admin = ctrl->queues[0];

	return nvl_reg_read(ctrl, NVME_REG_AQA, 4) == aqa &&
	       nvl_reg_read(ctrl, NVME_REG_ASQ, 8) == admin->sq_iova &&
	       nvl_reg_read(ctrl, NVME_REG_ACQ, 8) == admin->cq_iova;
}

static int set_up_admin_queue(struct nvl_ctrl *ctrl)
{
	struct nvl_queue *admin = ctrl->queues[0];
	uint32_t size_z = ctrl->config.admin_entries - 1;
	uint32_t aqa = NVME_PUT(NVME_AQA_ASQS, size_z) | NVME_PUT(NVME_AQA_ACQS, size_z);

	nvl_queue_rewind(admin, ctrl->config.admin_entries);
	nvl_queue_connect(admin, ctrl->vectors > 0 ? 0 : NVL_NO_VECTOR);
	nvl_reg_write(ctrl, NVME_REG_AQA, 4, aqa);
	nvl_reg_write(ctrl, NVME_REG_ASQ, 8, admin->sq_iova);
	nvl_reg_write(ctrl, NVME_REG_ACQ, 8, admin->cq_iova);
	if (!admin_registers_hold(ctrl, aqa))
		return refuse(ctrl, NVL_REASON_CC_LOST, -NVL_EPROTO, NVME_REG_AQA);
	return 0;
}

static uint32_t enabling_cc(const struct nvl_ctrl *ctrl)
{
	uint32_t css = NVME_GET(ctrl->info.cap, NVME_CAP_CSS_NVM) ? NVME_CC_CSS_NVM
								  : NVME_CC_CSS_ALL;

	return NVME_PUT(NVME_CC_EN, 1) | NVME_PUT(NVME_CC_CSS, css) |
	       NVME_PUT(NVME_CC_AMS, NVME_CC_AMS_RR) | NVME_PUT(NVME_CC_IOSQES, 6) |
	       NVME_PUT(NVME_CC_IOCQES, 4);
}

static int enable_once(struct nvl_ctrl *ctrl)
{
	uint32_t cc = enabling_cc(ctrl);
	int error = set_up_admin_queue(ctrl);

	if (error)
		return error;
	ctrl->enabled = true;
	nvl_reg_write(ctrl, NVME_REG_CC, 4, cc);
	error = nvl_wait_csts(ctrl, NVME_MASK(NVME_CSTS_RDY), NVME_MASK(NVME_CSTS_RDY),
			      ctrl->info.ready_nsec);
	if (error == -NVL_ETIMEDOUT) {
		if (nvl_reg_read(ctrl, NVME_REG_CC, 4) != cc)
			return refuse(ctrl, NVL_REASON_CC_LOST, -NVL_EPROTO, NVME_REG_CC);
		return refuse(ctrl, NVL_REASON_NOT_READY, error, ctrl->info.ready_nsec);
	}
	return error;
}

static int enable(struct nvl_ctrl *ctrl)
{
	int error = -NVL_EPROTO;

	for (unsigned int attempt = 0; attempt < ENABLE_ATTEMPTS; attempt++) {
		if (attempt > 0 && nvl_disable(ctrl))
			break;
		error = enable_once(ctrl);
		if (error != -NVL_EPROTO || ctrl->failure.reason != NVL_REASON_NONE)
			break;
	}
	if (error == -NVL_EPROTO)
		nvl_fail(ctrl, NVL_REASON_FATAL, error, nvl_reg_read(ctrl, NVME_REG_CSTS, 4));
	if (error)
		return error;
	__atomic_store_n(&ctrl->admin_gate, ctrl->queues[0]->epoch, __ATOMIC_RELEASE);
	return 0;
}

/* MDTS is in units of the smallest page; 0 means no limit, and so does a shift beyond sense. */
static uint64_t max_transfer(const struct nvl_ctrl *ctrl)
{
	uint64_t limit = ctrl->config.max_transfer_bytes;
	uint32_t mdts = ctrl->id.mdts;

	if (mdts > 0 && mdts < 32 && (uint64_t)NVL_PAGE_BYTES << mdts < limit)
		return (uint64_t)NVL_PAGE_BYTES << mdts;
	return limit;
}

static bool entry_size_fits(uint8_t sizes, uint32_t wanted)
{
	return (sizes & 0xfu) <= wanted && wanted <= (uint32_t)sizes >> 4;
}

static int identify_ctrl(struct nvl_ctrl *ctrl)
{
	const struct nvl_identify identify = { .cns = NVME_CNS_CTRL };
	int result = nvl_identify(ctrl, &identify, &ctrl->id);

	if (result)
		return refuse(ctrl, NVL_REASON_IDENTIFY_CTRL, result, 0);
	if (!entry_size_fits(ctrl->id.sqes, 6) || !entry_size_fits(ctrl->id.cqes, 4))
		return refuse(ctrl, NVL_REASON_SQES, -NVL_EPROTO,
			      (uint64_t)ctrl->id.sqes << 8 | ctrl->id.cqes);
	ctrl->info.max_transfer_bytes = max_transfer(ctrl);
	ctrl->info.volatile_write_cache = ctrl->id.vwc & 1;
	ctrl->info.shutdown_nsec = 0;
	for (uint32_t id = 0; id <= ctrl->config.queues; id++)
		nvl_queue_limit(ctrl->queues[id], ctrl->info.max_transfer_bytes);
	return 0;
}

/* MSI-X stays as it is through a controller reset, so this is done once. Without it we poll. */
static void assign_vectors(struct nvl_ctrl *ctrl)
{
	uint32_t wanted = ctrl->config.queues + 1;
	int got;

	if (wanted > ctrl->config.vectors)
		wanted = ctrl->config.vectors;
	if (wanted == 0 || ctrl->vectors > 0 || !ctrl->ops.irq_assign)
		return;
	got = ctrl->ops.irq_assign(ctrl->ops.arg, wanted);
	if (got > 0)
		ctrl->vectors = (uint32_t)got < wanted ? (uint32_t)got : wanted;
	ctrl->info.vectors = ctrl->vectors;
}

/** nvl_release_vectors - MSI-X off */
void nvl_release_vectors(struct nvl_ctrl *ctrl)
{
	if (ctrl->vectors > 0)
		ctrl->ops.irq_assign(ctrl->ops.arg, 0);
	ctrl->vectors = 0;
	ctrl->info.vectors = 0;
}

/** nvl_bring_up - from whatever state it is in to one with queues and namespaces */
int nvl_bring_up(struct nvl_ctrl *ctrl)
{
	int error = probe(ctrl);

	if (error)
		return error;
	assign_vectors(ctrl);
	error = quiesce(ctrl);
	if (!error)
		error = enable(ctrl);
	if (!error)
		error = identify_ctrl(ctrl);
	if (!error)
		error = nvl_create_queues(ctrl);
	if (!error)
		error = nvl_rescan(ctrl);
	return error;
}

/**
 * nvl_finish_start - the state after bring-up
 * @error: how bring-up ended
 * @failed: the state if it failed
 * Return: @error.
 */
int nvl_finish_start(struct nvl_ctrl *ctrl, int error, enum nvl_state failed)
{
	if (!error) {
		nvl_set_state(ctrl, NVL_STATE_LIVE);
		nvl_unpark(ctrl);
		__atomic_store_n(&ctrl->gate, ctrl->epoch, __ATOMIC_RELEASE);
		return 0;
	}
	if (nvl_state(ctrl) != NVL_STATE_GONE && (error == -NVL_ENODEV || nvl_lost(ctrl)))
		nvl_gone(ctrl, nvl_gone_result(ctrl));
	if (nvl_state(ctrl) != NVL_STATE_GONE) {
		nvl_halt(ctrl, -NVL_ECANCELED);
		nvl_release_vectors(ctrl);
	}
	if (nvl_state(ctrl) != NVL_STATE_GONE)
		nvl_set_state(ctrl, failed);
	nvl_unpark(ctrl);
	return error;
}

int nvl_start(struct nvl_ctrl *ctrl)
{
	enum nvl_state state = nvl_state(ctrl);

	if (state == NVL_STATE_GONE)
		return nvl_gone_result(ctrl);
	if (state != NVL_STATE_NEW && state != NVL_STATE_STOPPED)
		return -NVL_EBUSY;
	nvl_clear_failure(ctrl);
	nvl_set_state(ctrl, NVL_STATE_STARTING);
	return nvl_finish_start(ctrl, nvl_bring_up(ctrl), NVL_STATE_STOPPED);
}
