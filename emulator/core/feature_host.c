/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Features by which a host tells something about itself: the time, who it is, what it can do, how
 * far its software got (Base 2.0 5.27.1.13 and later, unverified).
 */
#include "emulator/core/feature.h"
#include "emulator/core/log.h"

#define CDW11	  offsetof(struct nvme_sqe, cdw11)
#define MSEC_NSEC 1000000ull

/* The clock, and behind it who set it. */
#define CLOCK_MSEC   47, 0
#define CLOCK_ORIGIN 51, 49
#define BY_HOST	     1

#define COPY_FORMATS (1u << 2 | 1u << 3) /* CDFE: descriptors with the source's NSID */

bool emu_has_timestamp(const struct emu *emu)
{
	return emu->config.timestamp;
}

/**
 * emu_timestamp - the controller's clock, as Get Features has it
 *
 * Milliseconds since 1970 in bits 47:0, and in 51:49 whether a host set it (Base 2.0 5.27.1.13). It
 * runs in the subsystem's time, in all power states, so "Synch" is 0.
 */
uint64_t emu_timestamp(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	uint64_t msec = nvme_load_le64(ctrl->features.timestamp);

	msec += (emu->now_nsec - ctrl->clock_set_nsec) / MSEC_NSEC;
	msec = NVME_GET64(msec, CLOCK_MSEC);
	return msec | NVME_PUT64(CLOCK_ORIGIN, ctrl->clock_by_host ? BY_HOST : 0);
}

nvme_status emu_get_timestamp(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	(void)setting;
	req->dw0 = 0;
	if (data && sel == NVME_FEATURE_SEL_CURRENT)
		nvme_store_le64(data, emu_timestamp(emu, ctrl));
	return NVME_SC_SUCCESS;
}

/* Only the time itself can be set. */
nvme_status emu_check_timestamp(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct emu_setting *setting, uint8_t *data)
{
	(void)req;
	(void)setting;
	emu_pel_timestamp(emu, ctrl); /* nothing refuses the command any more */
	data[6] = 0;
	data[7] = 0;
	return NVME_SC_SUCCESS;
}

emu_verdict emu_apply_timestamp(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct emu_setting *setting)
{
	(void)req;
	(void)setting;
	ctrl->clock_set_nsec = emu->now_nsec;
	ctrl->clock_by_host = true;
	return NVME_SC_SUCCESS;
}

bool emu_has_host_id(const struct emu *emu)
{
	return emu->config.host_id;
}

bool emu_has_progress(const struct emu *emu)
{
	return emu->config.progress;
}

static uint32_t id_bytes(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_HOST_ID_EXHID) ? 16 : 8;
}

uint32_t emu_host_id_length(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	return id_bytes(req);
}

static bool has_host_id(const struct emu_ctrl *ctrl)
{
	static const uint8_t none[sizeof(ctrl->features.host_id)];

	return memcmp(ctrl->features.host_id, none, sizeof(none)) != 0;
}

/* Whether identifiers of the other size are in use anywhere in the subsystem. */
static bool other_size_used(const struct emu *emu, const struct emu_ctrl *except, uint32_t bytes)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		const struct emu_ctrl *ctrl = &emu->ctrl[i];

		if (ctrl != except && has_host_id(ctrl) && ctrl->features.host_id_bytes != bytes)
			return true;
	}
	return false;
}

/* Of 8 or 16 bytes; the large one since 1.3, where CTRATT says so (Base 2.0 5.27.1.25). */
nvme_status emu_select_host_id(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       struct emu_setting *setting)
{
	(void)setting;
	if (id_bytes(req) == 16 && !emu_has_wide_host_id(emu))
		return emu_bad_field(req, CDW11, 0);
	if (emu_feature_is_set(req))
		return NVME_SC_SUCCESS;
	if (has_host_id(ctrl) && ctrl->features.host_id_bytes != id_bytes(req))
		return emu_bad(req, NVME_SC_HOST_ID_INCONSISTENT, CDW11, 0);
	return NVME_SC_SUCCESS;
}

nvme_status emu_check_host_id(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      struct emu_setting *setting)
{
	(void)setting;
	if (emu_resv_registered(emu, ctrl))
		return emu_bad(req, NVME_SC_COMMAND_SEQUENCE_ERROR, CDW11, 0);
	if (other_size_used(emu, ctrl, id_bytes(req)))
		return emu_bad(req, NVME_SC_HOST_ID_INCONSISTENT, CDW11, 0);
	return NVME_SC_SUCCESS;
}

emu_verdict emu_apply_host_id(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      const struct emu_setting *setting)
{
	(void)emu;
	(void)setting;
	ctrl->features.host_id_bytes = id_bytes(req);
	return NVME_SC_SUCCESS;
}

/** emu_has_wide_host_id - whether identifiers of 128 bits are taken (CTRATT bit 0) */
bool emu_has_wide_host_id(const struct emu *emu)
{
	return emu->config.vs >= EMU_VS_1_3 && emu_feature_find(emu, NVME_FID_HOST_ID);
}

/*
 * Base 2.0 5.27.1.18. What the host would be enabled to use has to exist: data area 4 of telemetry,
 * LBA formats with guards of 32 and 64 bits, copy formats. A disabled one is always fine.
 */
nvme_status emu_check_host_behavior(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    const struct emu_setting *setting, uint8_t *data)
{
	struct nvme_host_behavior *behavior = (void *)data;
	struct nvme_host_behavior known = { .acre = behavior->acre,
					    .etdas = behavior->etdas,
					    .lbafee = behavior->lbafee,
					    .cdfe = behavior->cdfe };
	uint32_t copies = emu->config.copy ? COPY_FORMATS : 0;
	bool area_4 = NVME_GET(emu_log_lpa(emu), NVME_ID_CTRL_LPA_DA4S);

	(void)ctrl;
	(void)req;
	(void)setting;
	if (behavior->acre > 1 || behavior->etdas > area_4 ||
	    behavior->lbafee > emu->config.metadata || behavior->hdisns ||
	    nvme_cpu16(behavior->cdfe) & ~copies)
		return NVME_SC_INVALID_FIELD | NVME_DNR;
	*behavior = known;
	return NVME_SC_SUCCESS;
}
