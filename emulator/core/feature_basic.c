/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hooks of the features that every controller has: what a value may be, and what it does at once.
 */
#include "emulator/core/feature.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW11 offsetof(struct nvme_sqe, cdw11)

uint32_t emu_initial_burst(const struct emu *emu, uint32_t index)
{
	(void)index;
	return emu->config.rab;
}

uint32_t emu_initial_cache(const struct emu *emu, uint32_t index)
{
	(void)index;
	return emu->config.vwc;
}

bool emu_has_cache(const struct emu *emu)
{
	return emu->config.vwc;
}

bool emu_has_keep_alive(const struct emu *emu)
{
	return emu->config.kas > 0;
}

/* Base 2.0 5.27.1.5. DULBE needs NSFEAT bit 2. */
nvme_status emu_check_recovery(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       struct emu_setting *setting)
{
	(void)ctrl;
	if (NVME_GET(setting->value, NVME_FEAT_ERR_DULBE) && !emu->config.dulbe)
		return emu_bad_field(req, CDW11 + 2, 0);
	return NVME_SC_SUCCESS;
}

/* Base 2.0 5.27.1.6: switching the cache off makes durable what is in it, hence the flush. */
emu_verdict emu_apply_cache(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    const struct emu_setting *setting)
{
	(void)emu;
	(void)ctrl;
	(void)req;
	return setting->old && !setting->value ? EMU_TRANSFER : NVME_SC_SUCCESS;
}

nvme_status emu_get_queues(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	bool current = sel == NVME_FEATURE_SEL_CURRENT;
	uint32_t sqs = current ? ctrl->sqs_granted : emu_queues_most(emu, ctrl);
	uint32_t cqs = current ? ctrl->cqs_granted : emu_queues_most(emu, ctrl);

	(void)setting;
	(void)data;
	req->dw0 = NVME_PUT(NVME_FEAT_NUM_QUEUES_NSQA, sqs - 1) |
		   NVME_PUT(NVME_FEAT_NUM_QUEUES_NCQA, cqs - 1);
	return NVME_SC_SUCCESS;
}

nvme_status emu_check_queues(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_setting *setting)
{
	(void)emu;
	if (NVME_GET(setting->value, NVME_FEAT_NUM_QUEUES_NSQR) == 0xffff)
		return emu_bad_field(req, CDW11, 0);
	if (NVME_GET(setting->value, NVME_FEAT_NUM_QUEUES_NCQR) == 0xffff)
		return emu_bad_field(req, CDW11 + 2, 0);
	if (ctrl->io_queues)
		return emu_bad(req, NVME_SC_COMMAND_SEQUENCE_ERROR, CDW10, 0);
	return NVME_SC_SUCCESS;
}

static uint32_t granted(uint32_t most, uint32_t wanted_z)
{
	return wanted_z < most ? wanted_z + 1 : most;
}

emu_verdict emu_apply_queues(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting)
{
	uint32_t most = emu_queues_most(emu, ctrl);

	ctrl->sqs_granted = granted(most, NVME_GET(setting->value, NVME_FEAT_NUM_QUEUES_NSQR));
	ctrl->cqs_granted = granted(most, NVME_GET(setting->value, NVME_FEAT_NUM_QUEUES_NCQR));
	return emu_get_queues(emu, ctrl, req, setting, NVME_FEATURE_SEL_CURRENT, NULL);
}

static nvme_status bad_vector(const struct emu *emu, struct emu_req *req, uint32_t vector)
{
	return vector < emu->layout.vectors ? NVME_SC_SUCCESS : emu_bad_field(req, CDW11, 0);
}

nvme_status emu_get_vector(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	uint32_t vector = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_IRQ_CONFIG_IV);
	nvme_status status = bad_vector(emu, req, vector);
	bool exempt;

	(void)setting;
	(void)data;
	if (status)
		return status;
	exempt = sel == NVME_FEATURE_SEL_CURRENT && nvme_bitset_test(ctrl->irq_exempt, vector);
	req->dw0 = vector | NVME_PUT(NVME_FEAT_IRQ_CONFIG_CD, exempt);
	return NVME_SC_SUCCESS;
}

nvme_status emu_check_vector(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_setting *setting)
{
	(void)ctrl;
	return bad_vector(emu, req, NVME_GET(setting->value, NVME_FEAT_IRQ_CONFIG_IV));
}

emu_verdict emu_apply_vector(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting)
{
	uint32_t vector = NVME_GET(setting->value, NVME_FEAT_IRQ_CONFIG_IV);

	(void)emu;
	(void)req;
	if (NVME_GET(setting->value, NVME_FEAT_IRQ_CONFIG_CD))
		nvme_bitset_set(ctrl->irq_exempt, vector);
	else
		nvme_bitset_clear(ctrl->irq_exempt, vector);
	emu_coalesce_update(emu, ctrl);
	return NVME_SC_SUCCESS;
}

/** emu_restart_keep_alive - the Keep Alive Timer starts again, if it has a timeout */
void emu_restart_keep_alive(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint64_t msec = ctrl->features.keep_alive;

	ctrl->alive_fetched = ctrl->fetched;
	emu_timer_set(emu, ctrl, EMU_TIMER_ALIVE,
		      msec ? emu->now_nsec + msec * 1000000 : EMU_NEVER);
}

/* KATO is rounded up to the granularity KAS, in units of 100 ms (Base 2.0 5.27.1.15). */
nvme_status emu_check_keep_alive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 struct emu_setting *setting)
{
	uint64_t unit = emu->config.kas * 100ull;
	uint64_t msec = (setting->value + unit - 1) / unit * unit;

	(void)ctrl;
	(void)req;
	setting->value = msec < UINT32_MAX ? (uint32_t)msec : UINT32_MAX;
	return NVME_SC_SUCCESS;
}

emu_verdict emu_apply_keep_alive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 const struct emu_setting *setting)
{
	(void)req;
	(void)setting;
	emu_restart_keep_alive(emu, ctrl);
	return NVME_SC_SUCCESS;
}
