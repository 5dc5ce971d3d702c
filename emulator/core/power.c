/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Power states (Base 2.0 8.15, unverified): a transition takes the exit latency of the state that
 * is left and the entry latency of the one that is entered. Commands that want the media wait for
 * its end; the loop never does. One that finds a non-operational state wakes the controller.
 *
 * Autonomous transitions: after the idle time that feature 0Ch has for the state, to the state that
 * it names.
 */
#include "emulator/core/power.h"

#include "emulator/core/feature.h"

#define USEC_NSEC 1000ull
#define MSEC_NSEC 1000000ull
#define CDW11	  offsetof(struct nvme_sqe, cdw11)

/**
 * struct state - a power state
 * @mp: maximum power in 0.01 W, or with @fine in 0.0001 W
 * @slow_nsec: how much longer a command takes than in state 0
 */
struct state {
	uint16_t mp;
	bool fine;
	uint32_t enlat_usec;
	uint32_t exlat_usec;
	uint32_t slow_nsec;
};

/* The first so many as the key power_states says. Relative throughput and latency: the number. */
static const struct state states[EMU_POWER_STATES] = {
	{ 2500, false, 0, 0, 0 },	/* 25 W */
	{ 1800, false, 5, 5, 10000 },	/* 18 W */
	{ 1200, false, 10, 10, 20000 }, /* 12 W */
	{ 500, true, 2000, 1000, 0 },	/* 50 mW, non-operational */
	{ 50, true, 5000, 10000, 0 },	/* 5 mW, non-operational */
};

static bool is_operational(uint32_t state)
{
	return state < EMU_POWER_OPERATIONAL;
}

/** emu_has_idle_states - whether there is a non-operational state */
bool emu_has_idle_states(const struct emu *emu)
{
	return emu->config.power_states > EMU_POWER_OPERATIONAL;
}

bool emu_has_apst(const struct emu *emu)
{
	return emu->config.apst && emu_has_idle_states(emu);
}

static bool apst_enabled(const struct emu_ctrl *ctrl)
{
	return NVME_GET(ctrl->features.apst.enable, NVME_FEAT_APST_APSTE);
}

static uint64_t apst_entry(const struct emu_ctrl *ctrl)
{
	return nvme_cpu64(ctrl->features.apst.table.entry[ctrl->power.state]);
}

/* When the state that the controller is in will have been idle for long enough; or EMU_NEVER. */
static uint64_t idle_end(const struct emu_ctrl *ctrl)
{
	const struct emu_power *power = &ctrl->power;
	uint64_t msec = NVME_GET64(apst_entry(ctrl), NVME_APST_ENTRY_ITPT);
	uint64_t since = power->active_nsec > power->ready_nsec ? power->active_nsec
								: power->ready_nsec;

	return apst_enabled(ctrl) && msec ? since + msec * MSEC_NSEC : EMU_NEVER;
}

static void watch_idleness(struct emu *emu, struct emu_ctrl *ctrl)
{
	emu_timer_set(emu, ctrl, EMU_TIMER_POWER, idle_end(ctrl));
}

static void go_to(struct emu *emu, struct emu_ctrl *ctrl, uint32_t to)
{
	struct emu_power *power = &ctrl->power;
	uint64_t begin = power->ready_nsec > emu->now_nsec ? power->ready_nsec : emu->now_nsec;

	if (to != power->state) {
		emu_trace(emu, ctrl, POWER_STATE, power->state, to);
		power->ready_nsec = begin + ((uint64_t)states[power->state].exlat_usec +
					     states[to].enlat_usec) *
						    USEC_NSEC;
		power->state = (uint8_t)to;
	}
	if (is_operational(to))
		power->operational = (uint8_t)to;
	emu_power_attend(ctrl);
	watch_idleness(emu, ctrl);
}

/** emu_power_attend - something besides state 0 may be in force */
void emu_power_attend(struct emu_ctrl *ctrl)
{
	ctrl->power.attention = true;
}

/** emu_power_reset - the state that feature 02h has after a reset, at once */
void emu_power_reset(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t state = NVME_GET(ctrl->features.power, NVME_FEAT_POWER_PS);

	ctrl->power = (struct emu_power){
		.state = (uint8_t)state,
		.operational = (uint8_t)(is_operational(state) ? state : 0),
		.active_nsec = emu->now_nsec,
		.attention = true,
	};
	watch_idleness(emu, ctrl);
}

/** emu_power_delay - how much longer than usual a command takes that wants the media now */
uint64_t emu_power_delay(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_power *power = &ctrl->power;
	uint64_t now = emu->now_nsec;
	uint64_t slow;

	power->active_nsec = now;
	if (!is_operational(power->state))
		go_to(emu, ctrl, power->operational);
	slow = states[power->state].slow_nsec + emu_heat_delay(ctrl);
	if (power->ready_nsec > now)
		return power->ready_nsec - now + slow;
	power->attention = slow || apst_enabled(ctrl);
	return slow;
}

/** emu_power_expired - it is time to look whether the controller was idle */
void emu_power_expired(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (ctrl->io_busy)
		ctrl->power.active_nsec = emu->now_nsec;
	if (emu->now_nsec < idle_end(ctrl)) {
		watch_idleness(emu, ctrl);
		return;
	}
	ctrl->power.active_nsec = emu->now_nsec;
	go_to(emu, ctrl, (uint32_t)NVME_GET64(apst_entry(ctrl), NVME_APST_ENTRY_ITPS));
}

/* Features. */

/* Base 2.0 5.27.1.2: PS beyond NPSS is invalid. */
nvme_status emu_check_power(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    struct emu_setting *setting)
{
	(void)ctrl;
	if (NVME_GET(setting->value, NVME_FEAT_POWER_PS) >= emu->config.power_states)
		return emu_bad_field(req, CDW11, 0);
	return NVME_SC_SUCCESS;
}

emu_verdict emu_apply_power(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    const struct emu_setting *setting)
{
	(void)req;
	ctrl->power.active_nsec = emu->now_nsec;
	if (is_operational(NVME_GET(setting->value, NVME_FEAT_POWER_PS)))
		emu_spindle_start(emu);
	go_to(emu, ctrl, NVME_GET(setting->value, NVME_FEAT_POWER_PS));
	return NVME_SC_SUCCESS;
}

/* The current value is where the controller is, however it came there. */
nvme_status emu_get_power(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	(void)emu;
	(void)setting;
	(void)data;
	if (sel == NVME_FEATURE_SEL_CURRENT)
		req->dw0 = NVME_WITH(ctrl->features.power, NVME_FEAT_POWER_PS, ctrl->power.state);
	else
		req->dw0 = sel == NVME_FEATURE_SEL_SAVED ? ctrl->saved.power : 0;
	return NVME_SC_SUCCESS;
}

uint32_t emu_apst_length(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	(void)req;
	return sizeof(struct nvme_apst);
}

/* Base 2.0 5.27.1.9: a transition goes to a non-operational state. Behind the table: APSTE. */
nvme_status emu_check_apst(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting, uint8_t *data)
{
	struct emu_apst *apst = (void *)data;

	(void)ctrl;
	(void)setting;
	for (uint32_t i = 0; i < sizeof(apst->table.entry) / sizeof(apst->table.entry[0]); i++) {
		uint64_t entry = nvme_cpu64(apst->table.entry[i]);
		uint64_t to = NVME_GET64(entry, NVME_APST_ENTRY_ITPS);

		if (NVME_GET64(entry, NVME_APST_ENTRY_ITPT) == 0)
			continue;
		if (i >= emu->config.power_states || to >= emu->config.power_states ||
		    is_operational((uint32_t)to))
			return emu_bad_field(req, offsetof(struct nvme_sqe, prp1), 0);
	}
	apst->enable = nvme_cpu32(req->sqe.cdw11) & NVME_MASK(NVME_FEAT_APST_APSTE);
	return NVME_SC_SUCCESS;
}

emu_verdict emu_apply_apst(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting)
{
	(void)req;
	(void)setting;
	ctrl->power.active_nsec = emu->now_nsec;
	emu_power_attend(ctrl);
	watch_idleness(emu, ctrl);
	return NVME_SC_SUCCESS;
}

nvme_status emu_get_apst(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			 const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	static const struct emu_apst off;
	const struct emu_apst *apst = sel == NVME_FEATURE_SEL_CURRENT ? &ctrl->features.apst
				      : sel == NVME_FEATURE_SEL_SAVED ? &ctrl->saved.apst
								      : &off;

	(void)emu;
	(void)setting;
	req->dw0 = apst->enable;
	if (data)
		memcpy(data, &apst->table, sizeof(apst->table));
	return NVME_SC_SUCCESS;
}

/** emu_power_identify - the descriptors, and what idle states make possible */
void emu_power_identify(const struct emu_config *config, struct nvme_id_ctrl *id)
{
	id->npss = (uint8_t)(config->power_states - 1);
	for (uint32_t i = 0; i < config->power_states; i++) {
		struct nvme_power_state *psd = &id->psd[i];

		psd->mp = nvme_le16(states[i].mp);
		psd->flags = (uint8_t)(NVME_PUT(NVME_PS_FLAGS_MXPS, states[i].fine) |
				       NVME_PUT(NVME_PS_FLAGS_NOPS, !is_operational(i)));
		psd->enlat = nvme_le32(states[i].enlat_usec);
		psd->exlat = nvme_le32(states[i].exlat_usec);
		psd->rrt = psd->rrl = psd->rwt = psd->rwl = (uint8_t)i;
	}
	if (config->apst && config->power_states > EMU_POWER_OPERATIONAL)
		id->apsta = (uint8_t)NVME_MASK(NVME_ID_CTRL_APSTA_APST);
}
