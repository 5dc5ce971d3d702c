/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Features of namespaces: what their ranges of blocks are for, write protection, reservations
 * (Base 2.0 5.27.1, NVM 1.0 4.1.3, unverified).
 */
#include "emulator/core/feature.h"
#include "emulator/core/log.h"

#define CDW11	    offsetof(struct nvme_sqe, cdw11)
#define NSID	    offsetof(struct nvme_sqe, nsid)
#define RANGE_BYTES ((uint32_t)sizeof(struct nvme_lba_range))

#define COUNT_AT offsetof(struct nvme_lba_range, rsvd48)

/* Types of LBA ranges: those between are reserved. */
#define LAST_TYPE    4 /* swap */
#define FIRST_VENDOR 0x80

bool emu_has_lba_range(const struct emu *emu)
{
	return emu->config.lba_range;
}

bool emu_has_write_protect(const struct emu *emu)
{
	return emu->config.write_protect;
}

bool emu_has_reservations(const struct emu *emu)
{
	return emu_log_supported(emu, NVME_LID_RESERVATION);
}

/** emu_setting_next - the namespaces that a command is about: the first after 0, ..., then 0 */
uint32_t emu_setting_next(const struct emu *emu, const struct emu_ctrl *ctrl,
			  const struct emu_setting *setting, uint32_t after)
{
	if (setting->nsid == NVME_NSID_ALL)
		return emu_ns_next(emu, ctrl, after);
	return after == 0 ? setting->nsid : 0;
}

static uint32_t ranges_z(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_LBA_RANGE_NUM);
}

/* Set Features brings the ranges that there are; Get Features reads room for all. */
uint32_t emu_lba_range_length(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	return emu_feature_is_set(req) ? (ranges_z(req) + 1) * RANGE_BYTES
				       : NVME_LBA_RANGE_MAX * RANGE_BYTES;
}

/* The default: one range that is the whole namespace, and may be overwritten. */
static void put_whole(const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_lba_range *range = (void *)data;

	range->attributes = NVME_MASK(NVME_LBA_RANGE_OVERWRITABLE);
	range->nlb = nvme_le64(ns->blocks - 1);
}

/* How many ranges there are is kept in a reserved byte of the first; 0: none were set. */
nvme_status emu_get_lba_range(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	const uint8_t *ranges = emu->ns_features[setting->nsid].lba_range;
	bool told = sel != NVME_FEATURE_SEL_DEFAULT && ranges[COUNT_AT];

	req->dw0 = told ? ranges[COUNT_AT] - 1u : 0;
	if (!data)
		return NVME_SC_SUCCESS;
	if (!told) {
		put_whole(emu_ns_find(emu, ctrl, setting->nsid), data);
		return NVME_SC_SUCCESS;
	}
	memcpy(data, ranges, (size_t)NVME_LBA_RANGE_MAX * RANGE_BYTES);
	data[COUNT_AT] = 0;
	return NVME_SC_SUCCESS;
}

static nvme_status check_range(const struct emu_ns *ns, const struct nvme_lba_range *ranges,
			       uint32_t index)
{
	uint64_t slba = nvme_cpu64(ranges[index].slba);
	uint64_t nlb_z = nvme_cpu64(ranges[index].nlb);

	if (ranges[index].type > LAST_TYPE && ranges[index].type < FIRST_VENDOR)
		return NVME_SC_INVALID_FIELD;
	if (slba >= ns->blocks || nlb_z >= ns->blocks - slba)
		return NVME_SC_LBA_OUT_OF_RANGE;
	for (uint32_t i = 0; i < index; i++) {
		uint64_t other = nvme_cpu64(ranges[i].slba);

		if (slba <= other + nvme_cpu64(ranges[i].nlb) && other <= slba + nlb_z)
			return NVME_SC_OVERLAPPING_RANGE;
	}
	return NVME_SC_SUCCESS;
}

static void clear_reserved(struct nvme_lba_range *range)
{
	memset(range->rsvd2, 0, sizeof(range->rsvd2));
	memset(range->rsvd48, 0, sizeof(range->rsvd48));
}

/* For "all namespaces" the ranges have to fit into each. */
nvme_status emu_check_lba_range(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct emu_setting *setting, uint8_t *data)
{
	struct nvme_lba_range *ranges = (void *)data;
	uint32_t nsid = 0;

	while ((nsid = emu_setting_next(emu, ctrl, setting, nsid)) != 0) {
		for (uint32_t i = 0; i <= ranges_z(req); i++) {
			nvme_status status = check_range(emu_ns_find(emu, ctrl, nsid), ranges, i);

			if (status)
				return status | NVME_DNR;
		}
	}
	for (uint32_t i = 0; i <= ranges_z(req); i++)
		clear_reserved(&ranges[i]);
	data[COUNT_AT] = (uint8_t)(ranges_z(req) + 1);
	return NVME_SC_SUCCESS;
}

/* Base 2.0 5.27.1.31: a state that lasts until power is cycled, or for ever, is not left. */
nvme_status emu_check_write_protect(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    struct emu_setting *setting)
{
	uint32_t nsid = 0;

	if (setting->value > NVME_NS_WP_PERMANENT)
		return emu_bad_field(req, CDW11, 0);
	while ((nsid = emu_setting_next(emu, ctrl, setting, nsid)) != 0) {
		if (emu->ns_features[nsid].write_protect >= NVME_NS_WP_UNTIL_POWER_CYCLE)
			return emu_bad(req, NVME_SC_FEATURE_NOT_CHANGEABLE, CDW11, 0);
	}
	return NVME_SC_SUCCESS;
}

/** emu_update_protection - the spine looks at the gate only while some namespace is protected */
void emu_update_protection(struct emu *emu)
{
	emu->gates &= ~(uint32_t)EMU_GATE_WRITE_PROTECT;
	for (uint32_t nsid = 1; nsid <= emu->config.nn; nsid++) {
		if (emu->ns_features[nsid].write_protect)
			emu->gates |= EMU_GATE_WRITE_PROTECT;
	}
}

/*
 * What was written before is made durable before the command completes, hence the flush. Hosts of
 * other controllers are told that NSATTR is another.
 */
emu_verdict emu_apply_write_protect(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    const struct emu_setting *setting)
{
	uint32_t nsid = 0;

	(void)req;
	while ((nsid = emu_setting_next(emu, ctrl, setting, nsid)) != 0)
		emu_ns_changed(emu, nsid, ctrl);
	emu_update_protection(emu);
	return setting->value ? EMU_TRANSFER : NVME_SC_SUCCESS;
}

/* The reservations of these namespaces are kept from now on, or forgotten. */
emu_verdict emu_apply_resv_persistence(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				       const struct emu_setting *setting)
{
	for (uint32_t nsid = emu_setting_next(emu, ctrl, setting, 0); nsid;
	     nsid = emu_setting_next(emu, ctrl, setting, nsid))
		emu_resv_changed(emu, req, nsid);
	return NVME_SC_SUCCESS;
}

/** emu_power_up_protection - power came back: some namespaces are not protected any more */
void emu_power_up_protection(struct emu *emu)
{
	for (uint32_t nsid = 1; nsid <= emu->config.nn; nsid++) {
		uint32_t *state = &emu->ns_features[nsid].write_protect;

		if (*state == NVME_NS_WP_UNTIL_POWER_CYCLE)
			*state = NVME_NS_WP_NONE;
	}
	emu_update_protection(emu);
}

/* Commands that concern namespaces whether they are attached or not: Sanitize, and a deletion. */
static bool is_everywhere(const struct emu_req *req)
{
	if (req->sqid != 0)
		return false;
	if (req->sqe.opcode == NVME_ADMIN_NS_MGMT)
		return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_NS_MGMT_SEL) ==
		       NVME_NS_MGMT_DELETE;
	return req->sqe.opcode == NVME_ADMIN_SANITIZE;
}

/* Others with FFFFFFFFh concern the namespaces of the controller. */
static bool any_protected(const struct emu *emu, const struct emu_ctrl *ctrl, bool everywhere)
{
	for (uint32_t nsid = 1; nsid <= emu->config.nn; nsid++) {
		if (emu->ns_features[nsid].write_protect &&
		    (everywhere || emu_ns_find(emu, ctrl, nsid)))
			return true;
	}
	return false;
}

/**
 * emu_gate_write_protect - Namespace is Write Protected, because a host asked for it or the media
 *	are read only; a Flush changes nothing
 */
emu_verdict emu_gate_write_protect(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				   struct emu_ns *ns, const struct emu_cmd *cmd)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	bool everywhere = is_everywhere(req);
	bool refused = emu->gates & EMU_GATE_READ_ONLY;

	(void)ns;
	if (!(cmd->flags & EMU_CMD_WRITES) && !everywhere)
		return EMU_TRANSFER;
	if (req->sqid != 0 && req->sqe.opcode == NVME_CMD_FLUSH)
		return EMU_TRANSFER;
	if (nsid == NVME_NSID_ALL || (everywhere && req->sqe.opcode == NVME_ADMIN_SANITIZE))
		refused |= any_protected(emu, ctrl, everywhere);
	else
		refused |= emu_ns_valid(emu, nsid) && emu->ns_features[nsid].write_protect;
	return refused ? emu_bad(req, NVME_SC_NS_WRITE_PROTECTED, NSID, 0) : EMU_TRANSFER;
}
