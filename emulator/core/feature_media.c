/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Features about media and command sets: read recovery, LBA status, endurance groups, sanitize, the
 * I/O command set profile (Base 2.0 5.27.1, unverified).
 */
#include "emulator/core/feature.h"
#include "emulator/core/log.h"

#define CDW11 offsetof(struct nvme_sqe, cdw11)
#define CDW12 offsetof(struct nvme_sqe, cdw12)

#define RRL_DEFAULT 4
#define FIRST_SET   1 /* NVM set, when there are none */

/* ID.RRLS: the levels that every controller with levels has, and the one without recovery. */
#define RRL_LEVELS (1u << 0 | 1u << RRL_DEFAULT | 1u << 15)

bool emu_has_rrl(const struct emu *emu)
{
	return emu->config.rrl;
}

uint32_t emu_rrls(const struct emu *emu)
{
	return emu_feature_find(emu, NVME_FID_READ_RECOVERY_LEVEL) ? RRL_LEVELS : 0;
}

uint32_t emu_initial_rrl(const struct emu *emu, uint32_t index)
{
	(void)emu;
	(void)index;
	return RRL_DEFAULT;
}

/* Base 2.0 5.27.1.14: the level is in CDW12; without NVM sets their number says nothing. */
nvme_status emu_select_rrl(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   struct emu_setting *setting)
{
	uint32_t set = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_RRL_NVMSETID);

	(void)emu;
	(void)ctrl;
	if (set > FIRST_SET)
		return emu_bad_field(req, CDW11, 0);
	setting->value = NVME_GET(nvme_cpu32(req->sqe.cdw12), NVME_FEAT_RRL_RRL);
	return NVME_SC_SUCCESS;
}

nvme_status emu_check_rrl(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  struct emu_setting *setting)
{
	(void)ctrl;
	if (!(emu_rrls(emu) >> setting->value & 1))
		return emu_bad_field(req, CDW12, 0);
	return NVME_SC_SUCCESS;
}

bool emu_has_lba_status(const struct emu *emu)
{
	return emu_cmd_supported(emu, true, NVME_ADMIN_GET_LBA_STATUS);
}

/* LSIPI is the controller's: how often it looks by itself (Base 2.0 5.27.1.17). */
nvme_status emu_get_lba_status(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	const struct emu_feature_values *values = sel == NVME_FEATURE_SEL_SAVED ? &ctrl->saved
										: &ctrl->features;

	(void)emu;
	(void)setting;
	(void)data;
	req->dw0 = NVME_PUT(NVME_FEAT_LBA_STATUS_LSIPI, EMU_LSIPI);
	if (sel != NVME_FEATURE_SEL_DEFAULT)
		req->dw0 |= values->lba_status;
	return NVME_SC_SUCCESS;
}

bool emu_has_sanitize(const struct emu *emu)
{
	return emu_cmd_supported(emu, true, NVME_ADMIN_SANITIZE);
}

bool emu_has_group_events(const struct emu *emu)
{
	return emu_log_supported(emu, NVME_LID_EG_AGGREGATE);
}

/* Base 2.0 5.27.1.20: endurance groups count from 1. */
nvme_status emu_select_group_events(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    struct emu_setting *setting)
{
	uint32_t group = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_EG_EVENT_ENDGID);

	(void)emu;
	(void)ctrl;
	if (group == 0 || group > EMU_GROUPS)
		return emu_bad_field(req, CDW11, 0);
	setting->first = group - 1;
	return NVME_SC_SUCCESS;
}

uint32_t emu_initial_group_events(const struct emu *emu, uint32_t index)
{
	(void)emu;
	return NVME_PUT(NVME_FEAT_EG_EVENT_ENDGID, index + 1);
}

/* Base 2.0 5.27.1.21: the one combination that Identify CNS 1Ch tells is number 0. */
nvme_status emu_check_profile(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      struct emu_setting *setting)
{
	(void)emu;
	(void)ctrl;
	if (setting->value != 0)
		return emu_bad(req, NVME_SC_IOCS_COMBINATION_REJECTED, CDW11, 0);
	return NVME_SC_SUCCESS;
}
