/* SPDX-License-Identifier: BSD-3-Clause */
/* Log pages by name (Base 2.0 5.16, unverified). */
#include "driver/core/internal.h"

#define TELEMETRY_BLOCK 512u

static int get(struct nvl_ctrl *ctrl, uint8_t lid, void *data, size_t bytes)
{
	const struct nvl_log log = { .lid = lid, .nsid = NVME_NSID_ALL };

	return nvl_get_log(ctrl, &log, data, (uint32_t)bytes);
}

int nvl_log_supported(struct nvl_ctrl *ctrl, struct nvme_supported_logs *ret)
{
	return get(ctrl, NVME_LID_SUPPORTED_LOGS, ret, sizeof(*ret));
}

int nvl_log_smart(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvme_smart_log *ret)
{
	const struct nvl_log log = { .lid = NVME_LID_SMART, .nsid = nsid };

	return nvl_get_log(ctrl, &log, ret, sizeof(*ret));
}

int nvl_log_fw_slot(struct nvl_ctrl *ctrl, struct nvme_fw_slot_log *ret)
{
	return get(ctrl, NVME_LID_FW_SLOT, ret, sizeof(*ret));
}

int nvl_log_changed_ns(struct nvl_ctrl *ctrl, struct nvme_ns_list *ret)
{
	return get(ctrl, NVME_LID_CHANGED_NS, ret, sizeof(*ret));
}

int nvl_log_effects(struct nvl_ctrl *ctrl, uint8_t csi, struct nvme_effects_log *ret)
{
	const struct nvl_log log = { .lid = NVME_LID_EFFECTS, .csi = csi, .nsid = NVME_NSID_ALL };

	return nvl_get_log(ctrl, &log, ret, sizeof(*ret));
}

int nvl_log_fid_effects(struct nvl_ctrl *ctrl, struct nvme_fid_effects_log *ret)
{
	return get(ctrl, NVME_LID_FID_EFFECTS, ret, sizeof(*ret));
}

int nvl_log_self_test(struct nvl_ctrl *ctrl, struct nvme_self_test_log *ret)
{
	return get(ctrl, NVME_LID_SELF_TEST, ret, sizeof(*ret));
}

int nvl_log_sanitize(struct nvl_ctrl *ctrl, struct nvme_sanitize_log *ret)
{
	return get(ctrl, NVME_LID_SANITIZE, ret, sizeof(*ret));
}

int nvl_log_reservation(struct nvl_ctrl *ctrl, struct nvme_resv_log *ret)
{
	return get(ctrl, NVME_LID_RESERVATION, ret, sizeof(*ret));
}

int nvl_log_eg(struct nvl_ctrl *ctrl, uint16_t endgid, struct nvme_eg_log *ret)
{
	const struct nvl_log log = { .lid = NVME_LID_EG_INFO,
				     .lsi = endgid,
				     .nsid = NVME_NSID_ALL };

	return nvl_get_log(ctrl, &log, ret, sizeof(*ret));
}

int nvl_log_errors(struct nvl_ctrl *ctrl, struct nvme_error_log_entry *ret, uint32_t count)
{
	if (count == 0 || count > (uint32_t)ctrl->id.elpe + 1)
		return -NVL_EINVAL;
	return get(ctrl, NVME_LID_ERROR, ret, count * sizeof(*ret));
}

int nvl_log_ana(struct nvl_ctrl *ctrl, bool groups_only, void *data, uint32_t bytes)
{
	const struct nvl_log log = {
		.lid = NVME_LID_ANA,
		.lsp = (uint8_t)NVME_PUT(NVME_GET_LOG_LSP_ANA_RGO, groups_only),
		.nsid = NVME_NSID_ALL,
	};

	return nvl_get_log(ctrl, &log, data, bytes);
}

/* A piece at a time: a log that is created is created by the first alone. */
int nvl_log_telemetry(struct nvl_ctrl *ctrl, const struct nvl_telemetry *telemetry, void *data,
		      uint32_t bytes)
{
	struct nvl_log log = {
		.lid = telemetry->host ? NVME_LID_TELEMETRY_HOST : NVME_LID_TELEMETRY_CTRL,
		.lsp = telemetry->create,
		.nsid = NVME_NSID_ALL,
		.offset = telemetry->offset,
		.rae = true,
	};
	uint32_t first = bytes < TELEMETRY_BLOCK ? bytes : TELEMETRY_BLOCK;
	int result;

	if (bytes == 0 || bytes % TELEMETRY_BLOCK != 0 || log.offset % TELEMETRY_BLOCK != 0 ||
	    (telemetry->create && !telemetry->host))
		return -NVL_EINVAL;
	if (telemetry->create && bytes > first) {
		result = nvl_get_log(ctrl, &log, data, first);
		if (result)
			return result;
		log.lsp = 0;
		log.offset += first;
		return nvl_get_log(ctrl, &log, (uint8_t *)data + first, bytes - first);
	}
	return nvl_get_log(ctrl, &log, data, bytes);
}

int nvl_log_events(struct nvl_ctrl *ctrl, enum nvme_pel_action action, uint64_t offset, void *data,
		   uint32_t bytes)
{
	struct nvl_log log = {
		.lid = NVME_LID_PERSISTENT_EVENT,
		.lsp = (uint8_t)NVME_PUT(NVME_GET_LOG_LSP_PEL_ACTION, (uint32_t)action),
		.nsid = NVME_NSID_ALL,
		.offset = offset,
	};
	uint8_t nothing[4];

	/* A command to release the context has no use for data, but a length it has. */
	if (bytes == 0 && action == NVME_PEL_RELEASE)
		return nvl_get_log(ctrl, &log, nothing, sizeof(nothing));
	return nvl_get_log(ctrl, &log, data, bytes);
}
