/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Get Log Page (Base 2.0 5.16, unverified): a row a page. The list of supported pages is the table.
 */
#include "emulator/core/log.h"
#include "emulator/core/feature.h"
#include "emulator/core/sanitize_log.h"
#include "emulator/core/stage.h"

#define CDW10	  offsetof(struct nvme_sqe, cdw10)
#define CDW12	  offsetof(struct nvme_sqe, cdw12)
#define CDW14	  offsetof(struct nvme_sqe, cdw14)
#define NSID	  offsetof(struct nvme_sqe, nsid)
#define EMU_UUIDS 1 /* entries of the UUID list that have log pages: the vendor's */

static emu_log_fill fill_supported, fill_error, fill_smart, fill_effects, fill_feature_effects;

static uint64_t error_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)ctrl;
	(void)req;
	return (emu->config.elpe + 1) * (uint64_t)sizeof(struct nvme_error_log_entry);
}

/* ID.LPA bit 0: there is no SMART log of a single namespace. */
static emu_verdict begin_smart(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	(void)emu;
	(void)ctrl;
	return nsid == 0 || nsid == NVME_NSID_ALL ? EMU_TRANSFER : emu_bad_field(req, NSID, 0);
}

static const struct emu_log logs[] = {
	/* clang-format off */
	{ NVME_LID_SUPPORTED_LOGS, EMU_VS_2_0, .bytes = sizeof(struct nvme_supported_logs), .fill = fill_supported },
	{ NVME_LID_ERROR, 0, .size = error_bytes, .fill = fill_error, .index_bytes = sizeof(struct nvme_error_log_entry) },
	{ NVME_LID_SMART, 0, .bytes = sizeof(struct nvme_smart_log), .fill = fill_smart, .begin = begin_smart },
	{ NVME_LID_FW_SLOT, 0, .bytes = sizeof(struct nvme_fw_slot_log), .fill = emu_fill_fw_slots },
	{ NVME_LID_CHANGED_NS, EMU_VS_1_2, .supported = emu_has_changed_ns, .bytes = sizeof(struct nvme_ns_list), .fill = emu_fill_changed_ns, .was_read = emu_changed_ns_read },
	{ NVME_LID_SANITIZE, EMU_VS_1_3, .supported = emu_has_sanitize_log, .bytes = sizeof(struct nvme_sanitize_log), .fill = emu_fill_sanitize },
	{ NVME_LID_EFFECTS, EMU_VS_1_2, .bytes = sizeof(struct nvme_effects_log), .fill = fill_effects, .flags = EMU_LOG_CSI },
	{ NVME_LID_LBA_STATUS, EMU_VS_1_4, emu_has_lba_status, .size = emu_lba_status_log_bytes, .fill = emu_fill_lba_status_log },
	{ NVME_LID_PERSISTENT_EVENT, EMU_VS_1_4, .key = EMU_KEY(pel), .size = emu_pel_bytes, .fill = emu_fill_pel, .begin = emu_begin_pel, .lidsp = 1 },
	{ NVME_LID_SELF_TEST, EMU_VS_1_3, .key = EMU_KEY(self_test), .bytes = sizeof(struct nvme_self_test_log), .fill = emu_fill_self_test },
	{ NVME_LID_TELEMETRY_HOST, EMU_VS_1_3, .key = EMU_KEY(telemetry), .size = emu_telemetry_bytes, .fill = emu_fill_telemetry, .begin = emu_begin_telemetry },
	{ NVME_LID_TELEMETRY_CTRL, EMU_VS_1_3, .key = EMU_KEY(telemetry), .size = emu_telemetry_bytes, .fill = emu_fill_telemetry, .begin = emu_begin_telemetry, .was_read = emu_telemetry_was_read },
	{ NVME_LID_EG_INFO, EMU_VS_1_4, .key = EMU_KEY(endurance), .bytes = sizeof(struct nvme_eg_log), .fill = emu_fill_endurance, .begin = emu_begin_endurance, .was_read = emu_endurance_was_read },
	{ NVME_LID_EG_AGGREGATE, EMU_VS_1_4, .key = EMU_KEY(endurance), .size = emu_aggregate_bytes, .fill = emu_fill_aggregate },
	{ NVME_LID_ROTATIONAL_MEDIA, EMU_VS_2_0, .key = EMU_KEY(rotational), .bytes = sizeof(struct nvme_rotational_log), .fill = emu_fill_rotational, .begin = emu_begin_endurance },
	{ NVME_LID_VENDOR_FIRST, 0, .key = EMU_KEY(telemetry), .bytes = sizeof(struct emu_telemetry_state), .fill = emu_fill_statistics, .flags = EMU_LOG_VENDOR },
	{ NVME_LID_ANA, EMU_VS_1_4, emu_has_ana, .size = emu_ana_log_bytes, .fill = emu_ana_log_fill },
	{ NVME_LID_RESERVATION, EMU_VS_1_1, emu_has_resv, .bytes = sizeof(struct nvme_resv_log), .fill = emu_resv_log_fill, .was_read = emu_resv_log_read },
	{ NVME_LID_FID_EFFECTS, EMU_VS_2_0, .bytes = sizeof(struct nvme_fid_effects_log), .fill = fill_feature_effects },
	/* clang-format on */
};

static const struct emu_log *find_log(const struct emu *emu, uint32_t lid)
{
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		if (logs[i].lid == lid && emu->config.vs >= logs[i].since &&
		    emu_offers(&emu->config, logs[i].key) &&
		    (!logs[i].supported || logs[i].supported(emu)))
			return &logs[i];
	}
	return NULL;
}

bool emu_log_supported(const struct emu *emu, uint32_t lid)
{
	return find_log(emu, lid) != NULL;
}

static const struct emu_log *log_of(const struct emu *emu, const struct emu_req *req)
{
	return find_log(emu, NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_LOG_LID));
}

uint32_t emu_log_lsp(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_LOG_LSP);
}

uint32_t emu_log_lsi(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_GET_LOG_LSI);
}

bool emu_log_retains(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_LOG_RAE);
}

static bool by_index(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw14), NVME_GET_LOG_OT);
}

static uint64_t size_of(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			const struct emu_log *log)
{
	return log->size ? log->size(emu, ctrl, req) : log->bytes;
}

/* In bytes; an index that overflows is as far out as can be. */
static uint64_t offset_of(const struct emu_req *req, const struct emu_log *log)
{
	uint64_t offset = nvme_cpu32(req->sqe.cdw12) | (uint64_t)nvme_cpu32(req->sqe.cdw13) << 32;

	if (!by_index(req))
		return offset;
	return offset > UINT32_MAX ? UINT64_MAX : offset * log->index_bytes;
}

/* CDW14: offset type, command set, UUID index (Base 2.0 5.16 and 8.25, unverified). */
static nvme_status check_selectors(const struct emu *emu, const struct emu_ctrl *ctrl,
				   struct emu_req *req, const struct emu_log *log)
{
	uint32_t cdw14 = nvme_cpu32(req->sqe.cdw14);
	bool all_sets = NVME_GET(emu_reg32(ctrl, NVME_REG_CC), NVME_CC_CSS) == NVME_CC_CSS_ALL;

	if ((log->flags & EMU_LOG_VENDOR) && emu->config.uuid_list &&
	    NVME_GET(cdw14, NVME_GET_LOG_UIDX) > EMU_UUIDS)
		return emu_bad_field(req, CDW14, 0);
	if (by_index(req) && !log->index_bytes)
		return emu_bad_field(req, CDW14 + 2, 7);
	if ((log->flags & EMU_LOG_CSI) && all_sets &&
	    NVME_GET(cdw14, NVME_GET_LOG_CSI) != NVME_CSI_NVM)
		return emu_bad_field(req, CDW14 + 3, 0);
	return NVME_SC_SUCCESS;
}

emu_verdict emu_exec_get_log(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	const struct emu_log *log = log_of(emu, req);
	emu_verdict verdict;

	if (!log)
		return emu_bad(req, NVME_SC_INVALID_LOG_PAGE, CDW10, 0);
	verdict = check_selectors(emu, ctrl, req, log);
	if (verdict)
		return verdict;
	if (!by_index(req) && offset_of(req, log) % 4 != 0)
		return emu_bad_field(req, CDW12, 0);
	if (log->begin)
		verdict = log->begin(emu, ctrl, req);
	if (log->begin && verdict != EMU_TRANSFER)
		return verdict;
	if (offset_of(req, log) >= size_of(emu, ctrl, req, log))
		return emu_bad_field(req, CDW12, 0);
	return EMU_TRANSFER;
}

/*
 * NUMD is 0's based, in dwords, 32 bits wide; what overflows 32 bits of bytes is too much anyway.
 */
uint32_t emu_log_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint64_t dwords = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_LOG_NUMDL) |
			  (uint64_t)NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_GET_LOG_NUMDU) << 16;
	uint64_t bytes = (dwords + 1) * 4;

	(void)emu;
	(void)ctrl;
	return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

nvme_status emu_fill_log(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req, uint32_t at,
			 uint8_t *data, uint32_t bytes)
{
	const struct emu_log *log = log_of(emu, req);
	uint64_t offset = offset_of(req, log) + at;
	uint64_t size = size_of(emu, ctrl, req, log);

	if (offset < size)
		log->fill(emu, ctrl, req, offset, data,
			  size - offset < bytes ? (uint32_t)(size - offset) : bytes);
	return NVME_SC_SUCCESS;
}

void emu_log_was_read(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	const struct emu_log *log = log_of(emu, req);

	if (log->was_read)
		log->was_read(emu, ctrl, req);
	emu_rearm_events(emu, ctrl, req);
}

void emu_log_put(const struct emu_log_part *part, uint64_t at, const void *from,
		 uint32_t from_bytes)
{
	uint64_t end = at + from_bytes, part_end = part->offset + part->bytes;
	uint64_t first = at > part->offset ? at : part->offset;
	uint64_t last = end < part_end ? end : part_end;

	if (first < last)
		memcpy(part->data + (first - part->offset), (const uint8_t *)from + (first - at),
		       (size_t)(last - first));
}

/** emu_log_lpa - ID.LPA: what the rows offer, and what grew with the versions (unverified) */
uint8_t emu_log_lpa(const struct emu *emu)
{
	uint32_t lpa = 0;

	if (emu_log_supported(emu, NVME_LID_EFFECTS))
		lpa |= NVME_MASK(NVME_ID_CTRL_LPA_CSES);
	if (emu->config.vs >= EMU_VS_1_2_1)
		lpa |= NVME_MASK(NVME_ID_CTRL_LPA_LPEDS);
	if (emu_log_supported(emu, NVME_LID_TELEMETRY_HOST))
		lpa |= NVME_MASK(NVME_ID_CTRL_LPA_TS);
	if (emu_log_supported(emu, NVME_LID_PERSISTENT_EVENT))
		lpa |= NVME_MASK(NVME_ID_CTRL_LPA_PES);
	if (emu_log_supported(emu, NVME_LID_SUPPORTED_LOGS))
		lpa |= NVME_MASK(NVME_ID_CTRL_LPA_MLPS);
	return (uint8_t)lpa;
}

static void fill_supported(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			   uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };

	(void)ctrl;
	(void)req;
	for (uint32_t lid = 0; lid < 256; lid++) {
		const struct emu_log *log = find_log(emu, lid);
		nvme_u32le entry;

		if (!log)
			continue;
		entry = nvme_le32(NVME_MASK(NVME_SUPPORTED_LOG_LSUPP) |
				  NVME_PUT(NVME_SUPPORTED_LOG_IOS, log->index_bytes > 0) |
				  NVME_PUT(NVME_SUPPORTED_LOG_LIDSP, log->lidsp));
		emu_log_put(&part, lid * sizeof(entry), &entry, sizeof(entry));
	}
}

/* Newest first; entries that were never used, or lost with the power, are zero. */
static void fill_error(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		       uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };

	(void)req;
	for (uint32_t i = 0; i <= emu->config.elpe; i++) {
		const struct nvme_error_log_entry *entry = emu_error_at(emu, ctrl, i);

		if (entry)
			emu_log_put(&part, i * sizeof(*entry), entry, sizeof(*entry));
	}
}

/* Base 2.0 5.16.1.3 */
static void fill_smart(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		       uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	struct nvme_smart_log smart;

	(void)req;
	emu_build_smart(emu, ctrl, &smart);
	emu_log_put(&part, 0, &smart, sizeof(smart));
}

/* What a UUID can select: the vendor's log pages, and the feature of OCP's. */
static uint32_t selects_uuid(const struct emu *emu, uint32_t opcode)
{
	bool feature = opcode == NVME_ADMIN_GET_FEATURES || opcode == NVME_ADMIN_SET_FEATURES;

	return NVME_PUT(NVME_EFFECTS_USS,
			(opcode == NVME_ADMIN_GET_LOG_PAGE && emu->config.uuid_list) ||
				(feature && emu_has_ocp_uuid(emu)));
}

static void fill_effects(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			 uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	const uint64_t iocs = offsetof(struct nvme_effects_log, iocs);

	(void)ctrl;
	(void)req;
	for (uint32_t opcode = 0; opcode < 256; opcode++) {
		nvme_u32le effects = nvme_le32(emu_admin_cmds[opcode].effects |
					       selects_uuid(emu, opcode));

		if (emu_cmd_supported(emu, true, opcode))
			emu_log_put(&part, opcode * sizeof(effects), &effects, sizeof(effects));
		effects = nvme_le32(emu_nvm_cmds[opcode].effects);
		if (emu_cmd_supported(emu, false, opcode))
			emu_log_put(&part, iocs + opcode * sizeof(effects), &effects,
				    sizeof(effects));
	}
}

static void fill_feature_effects(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
				 uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };

	(void)ctrl;
	(void)req;
	for (uint32_t fid = 0; fid < 256; fid++) {
		nvme_u32le effects = nvme_le32(emu_feature_effects(emu, fid));

		emu_log_put(&part, fid * sizeof(effects), &effects, sizeof(effects));
	}
}
