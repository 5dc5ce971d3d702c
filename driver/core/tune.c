/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Optional features that bring-up sets. One that is refused is done without: that is noted, and
 * everything else works.
 */
#include "driver/core/internal.h"

#define COPY_FORMATS_NAMED 0xcu /* OCFS: formats 2 and 3, which name the source's namespace */

/**
 * struct tuning - a feature
 * @wanted: whether it is set
 * @fill: its data, in ctrl->work, zeroed; Return: cdw11
 * @ended: told whether it was accepted; NULL: nobody
 */
struct tuning {
	uint8_t fid;
	uint32_t bytes;
	bool (*wanted)(const struct nvl_ctrl *ctrl);
	uint32_t (*fill)(struct nvl_ctrl *ctrl);
	void (*ended)(struct nvl_ctrl *ctrl, bool accepted);
};

static bool wants_events(const struct nvl_ctrl *ctrl)
{
	return ctrl->event_limit > 0;
}

/* All critical warnings, and what OAES offers. Base 2.0 5.27.1.8, unverified. */
static uint32_t fill_events(struct nvl_ctrl *ctrl)
{
	uint32_t known = NVME_MASK(NVME_FEAT_AER_NS_ATTRIBUTE) |
			 NVME_MASK(NVME_FEAT_AER_FW_ACTIVATION) | NVME_MASK(NVME_FEAT_AER_ANA) |
			 NVME_MASK(NVME_FEAT_AER_SUBSYSTEM_SHUTDOWN);

	return NVME_PUT(NVME_FEAT_AER_SMART, 0x3f) | (nvme_cpu32(ctrl->id.oaes) & known);
}

/* What this host understands, which the controller would not show or accept otherwise. */
static struct nvme_host_behavior behavior(const struct nvl_ctrl *ctrl)
{
	const struct nvme_id_ctrl *id = &ctrl->id;
	uint32_t formats = nvme_cpu16(id->ocfs) & COPY_FORMATS_NAMED;
	bool delays = (nvme_cpu16(id->crdt1) | nvme_cpu16(id->crdt2) | nvme_cpu16(id->crdt3)) != 0;
	struct nvme_host_behavior wanted = {
		.acre = delays,
		.lbafee = NVME_GET(nvme_cpu32(id->ctratt), NVME_ID_CTRL_CTRATT_ELBAS) != 0,
	};

	if (NVME_GET(nvme_cpu16(id->oncs), NVME_ID_CTRL_ONCS_COPY))
		wanted.cdfe = nvme_le16((uint16_t)formats);
	return wanted;
}

static bool wants_behavior(const struct nvl_ctrl *ctrl)
{
	const struct nvme_host_behavior wanted = behavior(ctrl);

	return wanted.acre || wanted.lbafee || nvme_cpu16(wanted.cdfe) != 0;
}

/* Base 2.0 5.27.1.18, unverified. */
static uint32_t fill_behavior(struct nvl_ctrl *ctrl)
{
	const struct nvme_host_behavior wanted = behavior(ctrl);

	memcpy(ctrl->work, &wanted, sizeof(wanted));
	return 0;
}

/* With ACRE the controller may ask for delays. */
static void behavior_ended(struct nvl_ctrl *ctrl, bool accepted)
{
	ctrl->info.retry_delays = accepted && behavior(ctrl).acre;
}

static bool wants_sleep(const struct nvl_ctrl *ctrl)
{
	return ctrl->config.max_power_latency_usec > 0 &&
	       NVME_GET(ctrl->id.apsta, NVME_ID_CTRL_APSTA_APST) &&
	       !(ctrl->info.quirks & NVL_QUIRK_NO_APST);
}

/* Whether the controller may go to sleep there: it wakes up in time. */
static bool may_sleep(const struct nvl_ctrl *ctrl, const struct nvme_power_state *state)
{
	uint64_t latency = (uint64_t)nvme_cpu32(state->enlat) + nvme_cpu32(state->exlat);

	return NVME_GET(state->flags, NVME_PS_FLAGS_NOPS) &&
	       latency <= ctrl->config.max_power_latency_usec;
}

/*
 * From each state to the deepest that wakes up in time, after it was idle for 50 times the
 * latency: then falling asleep costs 2 % at most. Base 2.0 5.27.1.9, unverified.
 */
static uint32_t fill_sleep(struct nvl_ctrl *ctrl)
{
	struct nvme_apst *apst = (void *)ctrl->work;
	uint32_t last = ctrl->id.npss < NVME_POWER_STATES_MAX ? ctrl->id.npss
							      : NVME_POWER_STATES_MAX - 1;
	uint64_t entry = 0;

	for (uint32_t i = last + 1; i-- > 0;) {
		const struct nvme_power_state *state = &ctrl->id.psd[i];
		uint64_t idle_msec =
			((uint64_t)nvme_cpu32(state->enlat) + nvme_cpu32(state->exlat) + 19) / 20;

		apst->entry[i] = nvme_le64(entry);
		if (!may_sleep(ctrl, state))
			continue;
		if (idle_msec > 0xffffff)
			idle_msec = 0xffffff;
		entry = NVME_PUT64(NVME_APST_ENTRY_ITPS, i) |
			NVME_PUT64(NVME_APST_ENTRY_ITPT, idle_msec > 0 ? idle_msec : 1);
	}
	return NVME_PUT(NVME_FEAT_APST_APSTE, 1);
}

static const struct tuning tunings[] = {
	{ NVME_FID_ASYNC_EVENT_CONFIG, 0, wants_events, fill_events, NULL },
	{ NVME_FID_HOST_BEHAVIOR, sizeof(struct nvme_host_behavior), wants_behavior, fill_behavior,
	  behavior_ended },
	{ NVME_FID_APST, sizeof(struct nvme_apst), wants_sleep, fill_sleep, NULL },
};

static int ask_for(struct nvl_ctrl *ctrl, const struct tuning *tuning)
{
	struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_SET_FEATURES,
		.cdw10 = nvme_le32(NVME_PUT(NVME_SET_FEATURES_FID, tuning->fid)),
	};

	memset(ctrl->work, 0, NVL_PAGE_BYTES);
	sqe.cdw11 = nvme_le32(tuning->fill(ctrl));
	return nvl_ask(ctrl, &sqe, tuning->bytes);
}

/** nvl_step_tune - set the optional features, each on its own */
int nvl_step_tune(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;
	const struct tuning *tuning = &tunings[life->count];
	bool accepted;

	if (life->phase == 0) {
		if (life->count == 0) {
			ctrl->info.refused_features = 0;
			ctrl->info.retry_delays = false;
		}
		if (tuning->wanted(ctrl))
			return ask_for(ctrl, tuning);
	} else {
		if (life->answer.completion.result < 0)
			return life->answer.completion.result;
		accepted = life->answer.completion.result == 0;
		if (!accepted)
			ctrl->info.refused_features |= 1u << tuning->fid;
		if (tuning->ended)
			tuning->ended(ctrl, accepted);
	}
	life->phase = 0;
	life->count++;
	return life->count < sizeof(tunings) / sizeof(tunings[0]) ? NVL_AGAIN : 0;
}
