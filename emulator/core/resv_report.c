/* SPDX-License-Identifier: BSD-3-Clause */
/* Reservation Report (Base 2.0 7.5, unverified) and the Reservation Notification log, 80h. */
#include "emulator/core/log.h"

#define CDW11	offsetof(struct nvme_sqe, cdw11)
#define NOBODYS 0xffff /* CNTLID of a registrant that has no controller now */

static bool is_extended(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_RESV_REPORT_EDS);
}

/* Identifiers of 16 bytes need the extended structure; those of 8 bytes the other. */
emu_verdict emu_exec_resv_report(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	const struct emu_resv *resv = emu_resv_of(emu, nvme_cpu32(req->sqe.nsid));
	uint32_t bytes = is_extended(req) ? 16 : 8;

	if (is_extended(req) && !emu_has_wide_host_id(emu))
		return emu_bad_field(req, CDW11, 0);
	if (emu_resv_has_id(ctrl) && ctrl->features.host_id_bytes != bytes)
		return emu_bad(req, NVME_SC_HOST_ID_INCONSISTENT, CDW11, 0);
	for (uint32_t i = 0; i < resv->count; i++) {
		if (resv->reg[i].id_bytes != bytes)
			return emu_bad(req, NVME_SC_HOST_ID_INCONSISTENT, CDW11, 0);
	}
	return EMU_TRANSFER;
}

/* NUMD is 0's based, in dwords; what overflows 32 bits of bytes is too much anyway. */
uint32_t emu_resv_report_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint64_t bytes = ((uint64_t)nvme_cpu32(req->sqe.cdw10) + 1) * 4;

	(void)emu;
	(void)ctrl;
	return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

static uint64_t put_entry(const struct emu_log_part *part, uint64_t at, bool extended,
			  const struct emu_registrant *reg, uint32_t cntlid, bool holds)
{
	struct nvme_registered_ctrl_ext ext = {
		.cntlid = nvme_le16((uint16_t)cntlid),
		.rcsts = (uint8_t)NVME_PUT(NVME_RCSTS_HOLDER, holds),
		.rkey = nvme_le64(reg->key),
	};
	struct nvme_registered_ctrl plain = {
		.cntlid = ext.cntlid,
		.rcsts = ext.rcsts,
		.hostid = nvme_le64(nvme_load_le64(reg->host)),
		.rkey = ext.rkey,
	};

	memcpy(ext.hostid, reg->host, sizeof(ext.hostid));
	if (extended)
		emu_log_put(part, at, &ext, sizeof(ext));
	else
		emu_log_put(part, at, &plain, sizeof(plain));
	return at + (extended ? sizeof(ext) : sizeof(plain));
}

/* One entry for each controller of each registrant. */
nvme_status emu_resv_report(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    uint32_t at, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { at, data, bytes };
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	const struct emu_resv *resv = emu_resv_of(emu, nsid);
	bool extended = is_extended(req);
	uint64_t place = extended ? sizeof(struct nvme_resv_status_ext)
				  : sizeof(struct nvme_resv_status);
	struct nvme_resv_status status = {
		.gen = nvme_le32(resv->generation),
		.rtype = resv->type,
		.ptpls = emu->ns_features[nsid].ptpl != 0,
	};
	uint16_t entries = 0;

	(void)ctrl;
	for (uint32_t i = 0; i < resv->count; i++) {
		const struct emu_registrant *reg = &resv->reg[i];
		uint16_t before = entries;

		for (uint32_t c = 0; c < emu->config.controllers; c++) {
			if (memcmp(emu->ctrl[c].features.host_id, reg->host, EMU_HOST_BYTES) != 0)
				continue;
			place = put_entry(&part, place, extended, reg, emu->config.cntlid + c,
					  emu_resv_holds(resv, i));
			entries++;
		}
		if (entries > before)
			continue;
		place = put_entry(&part, place, extended, reg, NOBODYS, emu_resv_holds(resv, i));
		entries++;
	}
	nvme_store_le16(status.regctl, entries);
	emu_log_put(&part, 0, &status, sizeof(status));
	return NVME_SC_SUCCESS;
}

bool emu_has_resv(const struct emu *emu)
{
	return emu->config.reservations;
}

/** emu_rescap - Identify Namespace's RESCAP: every type; IEKEY as version 1.3 defines it */
uint8_t emu_rescap(const struct emu *emu)
{
	uint32_t types = NVME_MASK(NVME_ID_NS_RESCAP_PTPL) | NVME_MASK(NVME_ID_NS_RESCAP_WE) |
			 NVME_MASK(NVME_ID_NS_RESCAP_EA) | NVME_MASK(NVME_ID_NS_RESCAP_WERO) |
			 NVME_MASK(NVME_ID_NS_RESCAP_EARO) | NVME_MASK(NVME_ID_NS_RESCAP_WEAR) |
			 NVME_MASK(NVME_ID_NS_RESCAP_EAAR);

	if (!emu->config.reservations)
		return 0;
	if (emu->config.vs >= EMU_VS_1_3)
		types |= NVME_MASK(NVME_ID_NS_RESCAP_IEKEY);
	return (uint8_t)types;
}

static bool is_masked(const struct emu_ctrl *ctrl, uint32_t nsid, uint8_t type)
{
	return ctrl->ns_features[nsid].resv_mask >> type & 1;
}

/** emu_resv_notify - a notification for each controller of @host that reaches @nsid */
void emu_resv_notify(struct emu *emu, const uint8_t *host, uint32_t nsid, uint8_t type)
{
	for (uint32_t c = 0; c < emu->config.controllers; c++) {
		struct emu_ctrl *ctrl = &emu->ctrl[c];
		struct emu_resv_log *log = &ctrl->resv_log;

		if (memcmp(ctrl->features.host_id, host, EMU_HOST_BYTES) != 0 ||
		    !emu_ns_find(emu, ctrl, nsid) || is_masked(ctrl, nsid, type))
			continue;
		log->total++;
		/* What finds no room is lost; the count tells (unverified). */
		if (log->count < EMU_RESV_LOGS) {
			log->entry[log->count].number = log->total;
			log->entry[log->count].nsid = nsid;
			log->entry[log->count].type = type;
			log->count++;
		}
		emu_raise_event(emu, ctrl, NVME_AER_RESV_LOG_AVAILABLE);
	}
}

void emu_resv_log_fill(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		       uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	const struct emu_resv_log *log = &ctrl->resv_log;
	struct nvme_resv_log page;

	(void)emu;
	(void)req;
	memset(&page, 0, sizeof(page));
	if (log->count) {
		page.lpc = nvme_le64(log->entry[0].number);
		page.rnlpt = log->entry[0].type;
		page.nalp = (uint8_t)(log->count - 1);
		page.nsid = nvme_le32(log->entry[0].nsid);
	}
	emu_log_put(&part, 0, &page, sizeof(page));
}

/* The host has the oldest one: the next read gives the next (unverified). */
void emu_resv_log_read(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	struct emu_resv_log *log = &ctrl->resv_log;

	if (emu_log_retains(req) || log->count == 0)
		return;
	log->count--;
	for (uint32_t i = 0; i < log->count; i++)
		log->entry[i] = log->entry[i + 1];
	if (log->count)
		emu_raise_event(emu, ctrl, NVME_AER_RESV_LOG_AVAILABLE);
}
