/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The states of a controller, and the steps of bring-up: probe, enable, identify (Base 2.0 3.5.1,
 * unverified). The others are in queues.c and scan.c.
 *
 * Every value that the controller gives is judged before something is computed from it, every wait
 * has a bound, and all ones is recognised before any bit is decoded.
 */
#include "driver/core/internal.h"

/* Configuration space: the command register and the bits that a driver of ours needs. */
#define PCI_ID		    0x00
#define PCI_COMMAND	    0x04
#define PCI_COMMAND_MEMORY  0x0002u
#define PCI_COMMAND_MASTER  0x0004u
#define PCI_COMMAND_NO_INTX 0x0400u
#define PCI_COMMAND_WANTED  (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_NO_INTX)

#define TIMEOUT_UNIT_NSEC (500 * NVL_MSEC)  /* of CAP.TO and CRTO */
#define READY_DELAY_NSEC  (2300 * NVL_MSEC) /* NVL_QUIRK_READY_DELAY */

struct state_row {
	const char *name;
	uint32_t next; /* bits of the states that may follow */
};

#define TO(state) (1u << NVL_STATE_##state)
#define ANY_END	  (TO(SHUTTING_DOWN) | TO(GONE))

/* The life of a controller: every transition that there is. */
static const struct state_row states[NVL_STATES] = {
	[NVL_STATE_NEW] = { "new", TO(STARTING) | TO(GONE) },
	[NVL_STATE_STARTING] = { "enabling", TO(LIVE) | TO(DEGRADED) | TO(STOPPED) | ANY_END },
	[NVL_STATE_LIVE] = { "live", TO(RESETTING) | TO(FAILED) | ANY_END },
	[NVL_STATE_RESETTING] = { "resetting", TO(LIVE) | TO(DEGRADED) | TO(DEAD) | ANY_END },
	[NVL_STATE_FAILED] = { "failed", TO(RESETTING) | ANY_END },
	[NVL_STATE_STOPPED] = { "stopped", TO(STARTING) | ANY_END },
	[NVL_STATE_GONE] = { "removed", TO(STOPPED) },
	[NVL_STATE_DEGRADED] = { "degraded", TO(RESETTING) | TO(FAILED) | ANY_END },
	[NVL_STATE_SHUTTING_DOWN] = { "shutting down",
				      TO(STOPPED) | TO(SUSPENDED) | TO(DEAD) | TO(GONE) },
	[NVL_STATE_SUSPENDED] = { "suspended", TO(STARTING) | ANY_END },
	[NVL_STATE_DEAD] = { "dead", TO(RESETTING) | ANY_END },
};

const char *nvl_state_name(enum nvl_state state)
{
	return (uint32_t)state < NVL_STATES ? states[state].name : "?";
}

bool nvl_may_move(enum nvl_state from, enum nvl_state to)
{
	return (uint32_t)from < NVL_STATES && (uint32_t)to < NVL_STATES &&
	       (states[from].next >> to & 1) != 0;
}

uint32_t nvl_moves(const struct nvl_ctrl *ctrl, enum nvl_state from, enum nvl_state to)
{
	if ((uint32_t)from >= NVL_STATES || (uint32_t)to >= NVL_STATES)
		return 0;
	return __atomic_load_n(&ctrl->moves[from][to], __ATOMIC_RELAXED);
}

/** nvl_moved - the state went from @from to @to: counted, traced */
void nvl_moved(struct nvl_ctrl *ctrl, enum nvl_state from, enum nvl_state to)
{
	if (!nvl_may_move(from, to))
		nvl_panic(ctrl, "a state that cannot follow");
	__atomic_fetch_add(&ctrl->moves[from][to], 1, __ATOMIC_RELAXED);
	nvl_trace(ctrl, NVL_STATE, to);
}

void nvl_set_state(struct nvl_ctrl *ctrl, enum nvl_state state)
{
	enum nvl_state from = (enum nvl_state)__atomic_exchange_n(&ctrl->state, (uint32_t)state,
								  __ATOMIC_ACQ_REL);

	if (from != state)
		nvl_moved(ctrl, from, state);
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

/** nvl_pause_done - whether a device that must not be asked at once may be asked now */
bool nvl_pause_done(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;

	if (life->phase == 2 || !(ctrl->info.quirks & NVL_QUIRK_READY_DELAY))
		return true;
	if (life->phase == 0) {
		life->until = nvl_later(nvl_now(ctrl), READY_DELAY_NSEC);
		life->phase = 1;
	}
	if (nvl_now(ctrl) < life->until)
		return false;
	life->phase = 2;
	life->until = 0;
	return true;
}

/**
 * nvl_await_csts - part of a step: whether CSTS has @value in the bits of @mask
 *
 * All ones ends the wait only if the device is gone: there are drives whose registers read all ones
 * for a while in a reset. A fatal status ends the wait for RDY = 1, which would not come.
 *
 * Return: 0; NVL_WAIT; -NVL_ETIMEDOUT @bound_nsec after the first call of the step; -NVL_EPROTO for
 * a fatal status; -NVL_ENODEV or what ops->alive says.
 */
int nvl_await_csts(struct nvl_ctrl *ctrl, uint32_t mask, uint32_t value, uint64_t bound_nsec)
{
	struct nvl_life *life = &ctrl->life;
	bool becomes_ready = mask == NVME_MASK(NVME_CSTS_RDY) && value != 0;
	uint64_t now = nvl_now(ctrl);
	uint32_t csts;

	if (life->until == 0)
		life->until = nvl_later(now, bound_nsec);
	csts = (uint32_t)nvl_reg_read(ctrl, NVME_REG_CSTS, 4);
	if (csts == UINT32_MAX) {
		if (nvl_is_gone(ctrl))
			return nvl_gone_result(ctrl);
	} else if (becomes_ready && NVME_GET(csts, NVME_CSTS_CFS)) {
		return -NVL_EPROTO;
	} else if ((csts & mask) == value) {
		ctrl->csts = csts;
		return 0;
	}
	return now >= life->until ? -NVL_ETIMEDOUT : NVL_WAIT;
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

/* What reads all ones may pass, as in nvl_await_csts(). Return: 0, NVL_WAIT, -NVL_ENODEV. */
static int read_cap(struct nvl_ctrl *ctrl, uint64_t *ret_cap)
{
	struct nvl_life *life = &ctrl->life;
	uint64_t now = nvl_now(ctrl);

	if (life->until == 0)
		life->until = nvl_later(now, TIMEOUT_UNIT_NSEC);
	*ret_cap = nvl_reg_read(ctrl, NVME_REG_CAP, 8);
	if (*ret_cap != UINT64_MAX)
		return 0;
	return now >= life->until || nvl_is_gone(ctrl) ? -NVL_ENODEV : NVL_WAIT;
}

static int prepare_function(struct nvl_ctrl *ctrl)
{
	uint32_t command = nvl_cfg_read(ctrl, PCI_COMMAND, 2);

	if (nvl_lost(ctrl))
		return refuse(ctrl, NVL_REASON_GONE, nvl_gone_result(ctrl), 0);
	if ((command & PCI_COMMAND_WANTED) != PCI_COMMAND_WANTED) {
		nvl_cfg_write(ctrl, PCI_COMMAND, 2, (command | PCI_COMMAND_WANTED) & 0xffff);
		/* The whole function was reset, not only the controller: MSI-X is off. */
		nvl_release_vectors(ctrl);
	}
	ctrl->info.quirks = nvl_quirks_of(nvl_cfg_read(ctrl, PCI_ID, 4));
	return 0;
}

/** nvl_step_probe - configuration space and capabilities: whether this can be driven at all */
int nvl_step_probe(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;
	uint64_t cap;
	int result = life->phase == 0 ? prepare_function(ctrl) : 0;

	if (result)
		return result;
	life->phase = 1;
	result = read_cap(ctrl, &cap);
	if (result == -NVL_ENODEV)
		return refuse(ctrl, NVL_REASON_GONE, nvl_gone_result(ctrl), 0);
	if (result == 0)
		result = check_cap(ctrl, cap);
	if (result)
		return result;
	ctrl->info.vs = (uint32_t)nvl_reg_read(ctrl, NVME_REG_VS, 4);
	ctrl->info.ready_nsec = ready_bound(ctrl, cap);
	return 0;
}

/**
 * nvl_step_left - a controller that someone left enabled, or disabled a moment ago
 *
 * EN is not cleared while RDY has not followed it yet, unless it never does.
 */
int nvl_step_left(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;
	int result;

	if (life->phase == 0) {
		uint32_t cc = (uint32_t)nvl_reg_read(ctrl, NVME_REG_CC, 4);

		if (cc == UINT32_MAX && nvl_is_gone(ctrl))
			return refuse(ctrl, NVL_REASON_GONE, nvl_gone_result(ctrl), 0);
		ctrl->enabled = true;
		if (!NVME_GET(cc, NVME_CC_EN))
			return 0;
		life->phase = 1;
	}
	result = nvl_await_csts(ctrl, NVME_MASK(NVME_CSTS_RDY), NVME_MASK(NVME_CSTS_RDY),
				ctrl->info.ready_nsec);
	return result == -NVL_ETIMEDOUT || result == -NVL_EPROTO ? 0 : result;
}

/* What was written has to be there: a write that was lost would be a wait without an end. */
static bool admin_registers_hold(struct nvl_ctrl *ctrl, uint32_t aqa)
{
	const struct nvl_queue *admin = ctrl->queues[0];

	return nvl_reg_read(ctrl, NVME_REG_AQA, 4) == aqa &&
	       nvl_reg_read(ctrl, NVME_REG_ASQ, 8) == admin->sq_iova &&
	       nvl_reg_read(ctrl, NVME_REG_ACQ, 8) == admin->cq_iova;
}

/*
 * AQA outlives what the driver does to CC, and no failure of the power (Base 2.0 3.7.2,
 * unverified): if it is another one now, the volatile cache may be another one, too.
 */
static void tell_of_restart(struct nvl_ctrl *ctrl, uint32_t aqa)
{
	const struct nvl_event event = { .type = NVL_EVENT_RESTARTED };

	if (!ctrl->unflushed || nvl_reg_read(ctrl, NVME_REG_AQA, 4) == aqa)
		return;
	ctrl->unflushed = false;
	nvl_notify(ctrl, &event);
}

static int set_up_admin_queue(struct nvl_ctrl *ctrl)
{
	struct nvl_queue *admin = ctrl->queues[0];
	uint32_t size_z = ctrl->config.admin_entries - 1;
	uint32_t aqa = NVME_PUT(NVME_AQA_ASQS, size_z) | NVME_PUT(NVME_AQA_ACQS, size_z);

	nvl_queue_rewind(admin, ctrl->config.admin_entries);
	nvl_queue_connect(admin, ctrl->vectors > 0 ? 0 : NVL_NO_VECTOR);
	tell_of_restart(ctrl, aqa);
	nvl_reg_write(ctrl, NVME_REG_AQA, 4, aqa);
	nvl_reg_write(ctrl, NVME_REG_ASQ, 8, admin->sq_iova);
	nvl_reg_write(ctrl, NVME_REG_ACQ, 8, admin->cq_iova);
	if (!admin_registers_hold(ctrl, aqa))
		return refuse(ctrl, NVL_REASON_CC_LOST, -NVL_EPROTO, NVME_REG_AQA);
	return 0;
}

/** nvl_enabling_cc - CC as the driver writes it to enable the controller */
uint32_t nvl_enabling_cc(const struct nvl_ctrl *ctrl)
{
	uint32_t css = NVME_GET(ctrl->info.cap, NVME_CAP_CSS_NVM) ? NVME_CC_CSS_NVM
								  : NVME_CC_CSS_ALL;

	bool weighted = ctrl->config.weighted && NVME_GET(ctrl->info.cap, NVME_CAP_AMS_WRR);
	uint32_t ams = weighted ? NVME_CC_AMS_WRR : NVME_CC_AMS_RR;

	return NVME_PUT(NVME_CC_EN, 1) | NVME_PUT(NVME_CC_CSS, css) | NVME_PUT(NVME_CC_AMS, ams) |
	       NVME_PUT(NVME_CC_IOSQES, 6) | NVME_PUT(NVME_CC_IOCQES, 4);
}

/** nvl_step_enable - the admin queue, then CC.EN = 1 */
int nvl_step_enable(struct nvl_ctrl *ctrl)
{
	int error = set_up_admin_queue(ctrl);

	if (error)
		return error;
	ctrl->enabled = true;
	nvl_reg_write(ctrl, NVME_REG_CC, 4, nvl_enabling_cc(ctrl));
	return 0;
}

static int never_ready(struct nvl_ctrl *ctrl)
{
	if (nvl_reg_read(ctrl, NVME_REG_CC, 4) != nvl_enabling_cc(ctrl))
		return refuse(ctrl, NVL_REASON_CC_LOST, -NVL_EPROTO, NVME_REG_CC);
	return refuse(ctrl, NVL_REASON_NOT_READY, -NVL_ETIMEDOUT, ctrl->info.ready_nsec);
}

/** nvl_step_ready - wait for CSTS.RDY = 1; after a fatal status enable once more */
int nvl_step_ready(struct nvl_ctrl *ctrl)
{
	int result;

	if (!nvl_pause_done(ctrl))
		return NVL_WAIT;
	result = nvl_await_csts(ctrl, NVME_MASK(NVME_CSTS_RDY), NVME_MASK(NVME_CSTS_RDY),
				ctrl->info.ready_nsec);
	if (result == -NVL_ETIMEDOUT)
		return never_ready(ctrl);
	if (result == -NVL_EPROTO) {
		if (ctrl->life.enables++ == 0) {
			nvl_mark(ctrl, NVL_RUNG_ENABLE_AGAIN);
			nvl_life_again(ctrl, 3); /* nvl_step_disable */
			return NVL_AGAIN;
		}
		return refuse(ctrl, NVL_REASON_FATAL, result, nvl_reg_read(ctrl, NVME_REG_CSTS, 4));
	}
	if (result)
		return result;
	/* Write 1 to clear: seen again, it means that somebody reset the subsystem meanwhile. */
	if (NVME_GET(ctrl->csts, NVME_CSTS_NSSRO))
		nvl_reg_write(ctrl, NVME_REG_CSTS, 4, NVME_PUT(NVME_CSTS_NSSRO, 1));
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

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Of the urgent slots one is for steps; the rest is for event requests and Aborts. */
static void set_limits(struct nvl_ctrl *ctrl)
{
	uint32_t slots = ctrl->urgent > 0 ? ctrl->urgent - 1 : 0;

	ctrl->event_limit = smaller(smaller(slots / 2, ctrl->config.events),
				    smaller(ctrl->id.aerl + 1u, NVL_AERS));
	ctrl->abort_limit = smaller(slots - ctrl->event_limit,
				    smaller(ctrl->id.acl + 1u, NVL_ABORTS));
}

static int take_id(struct nvl_ctrl *ctrl)
{
	const struct nvme_id_ctrl *id = (const void *)ctrl->work;

	if (ctrl->identified && (memcmp(id->sn, ctrl->id.sn, sizeof(id->sn)) != 0 ||
				 memcmp(id->mn, ctrl->id.mn, sizeof(id->mn)) != 0))
		return refuse(ctrl, NVL_REASON_OTHER_CTRL, -NVL_EPROTO, 0);
	ctrl->id = *id;
	if (!entry_size_fits(ctrl->id.sqes, 6) || !entry_size_fits(ctrl->id.cqes, 4))
		return refuse(ctrl, NVL_REASON_SQES, -NVL_EPROTO,
			      (uint64_t)ctrl->id.sqes << 8 | ctrl->id.cqes);
	ctrl->info.max_transfer_bytes = max_transfer(ctrl);
	ctrl->info.volatile_write_cache = ctrl->id.vwc & 1;
	ctrl->info.shutdown_nsec = 0;
	set_limits(ctrl);
	for (uint32_t i = 0; i <= ctrl->config.queues; i++)
		nvl_queue_limit(ctrl->queues[i], ctrl->info.max_transfer_bytes);
	return 0;
}

/** nvl_step_identify - Identify Controller; after a reset it has to be the same one */
int nvl_step_identify(struct nvl_ctrl *ctrl)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_IDENTIFY,
		.cdw10 = nvme_le32(NVME_PUT(NVME_IDENTIFY_CNS, NVME_CNS_CTRL)),
	};
	int result;

	if (ctrl->life.phase == 0)
		return nvl_ask(ctrl, &sqe, NVME_IDENTIFY_BYTES);
	result = ctrl->life.answer.completion.result;
	if (result)
		return refuse(ctrl, NVL_REASON_IDENTIFY_CTRL, result, 0);
	return take_id(ctrl);
}

/**
 * nvl_step_vectors - MSI-X, which stays as it is through a controller reset: this is done once, and
 * again when the function was reset
 *
 * Without vectors queues are polled.
 */
int nvl_step_vectors(struct nvl_ctrl *ctrl)
{
	uint32_t wanted = ctrl->config.queues + 1;
	int got;

	if (ctrl->info.quirks & NVL_QUIRK_ONE_VECTOR)
		wanted = 1;
	if (wanted > ctrl->config.vectors)
		wanted = ctrl->config.vectors;
	if (wanted == 0 || ctrl->vectors > 0 || !ctrl->ops.irq_assign)
		return 0;
	got = ctrl->ops.irq_assign(ctrl->ops.arg, wanted);
	if (got > 0)
		ctrl->vectors = (uint32_t)got < wanted ? (uint32_t)got : wanted;
	ctrl->info.vectors = ctrl->vectors;
	return 0;
}

/** nvl_release_vectors - MSI-X off */
void nvl_release_vectors(struct nvl_ctrl *ctrl)
{
	if (ctrl->vectors > 0)
		ctrl->ops.irq_assign(ctrl->ops.arg, 0);
	ctrl->vectors = 0;
	ctrl->info.vectors = 0;
}
