/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Get Log Page (Base 2.0 5.16, unverified): a row a page. The list of supported pages is the table.
 */
#include "emulator/core/internal.h"

#define CDW10	  offsetof(struct nvme_sqe, cdw10)
#define CDW12	  offsetof(struct nvme_sqe, cdw12)
#define CDW14	  offsetof(struct nvme_sqe, cdw14)
#define NSID	  offsetof(struct nvme_sqe, nsid)
#define HOUR_NSEC 3600000000000ull

/* A page is built whole, zeroed before, in the scratch memory; none is larger than that. */
typedef void fill_log(struct emu *emu, struct emu_ctrl *ctrl, uint8_t *page);

static fill_log fill_supported, fill_error, fill_smart, fill_firmware, fill_effects,
	fill_feature_effects;

static const struct log {
	uint8_t lid;
	uint32_t since; /* version of the specification */
	uint32_t bytes; /* 0: elpe + 1 entries of the error log */
	fill_log *fill;
} logs[] = {
	/* clang-format off */
	{ NVME_LID_SUPPORTED_LOGS, EMU_VS_2_0, sizeof(struct nvme_supported_logs), fill_supported },
	{ NVME_LID_ERROR, 0, 0, fill_error },
	{ NVME_LID_SMART, 0, sizeof(struct nvme_smart_log), fill_smart },
	{ NVME_LID_FW_SLOT, 0, sizeof(struct nvme_fw_slot_log), fill_firmware },
	{ NVME_LID_EFFECTS, EMU_VS_1_2, sizeof(struct nvme_effects_log), fill_effects },
	{ NVME_LID_FID_EFFECTS, EMU_VS_2_0, sizeof(struct nvme_fid_effects_log), fill_feature_effects },
	/* clang-format on */
};

static const struct log *find_log(const struct emu *emu, uint32_t lid)
{
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		if (logs[i].lid == lid && emu->config.vs >= logs[i].since)
			return &logs[i];
	}
	return NULL;
}

static uint32_t size_of(const struct emu *emu, const struct log *log)
{
	uint32_t entries = emu->config.elpe + 1;

	return log->bytes ? log->bytes : entries * (uint32_t)sizeof(struct nvme_error_log_entry);
}

static uint64_t offset_of(const struct emu_req *req)
{
	return nvme_cpu32(req->sqe.cdw12) | (uint64_t)nvme_cpu32(req->sqe.cdw13) << 32;
}

emu_verdict emu_exec_get_log(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	const struct log *log = find_log(emu,
					 NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_LOG_LID));
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	(void)ctrl;
	if (!log)
		return emu_bad(req, NVME_SC_INVALID_LOG_PAGE, CDW10, 0);
	if (NVME_GET(nvme_cpu32(req->sqe.cdw14), NVME_GET_LOG_OT))
		return emu_bad_field(req, CDW14 + 2, 7); /* no page here has an index */
	if (offset_of(req) % 4 != 0 || offset_of(req) >= size_of(emu, log))
		return emu_bad_field(req, CDW12, 0);
	/* ID.LPA bit 0: there is no SMART log of a single namespace. */
	if (log->lid == NVME_LID_SMART && nsid != 0 && nsid != NVME_NSID_ALL)
		return emu_bad_field(req, NSID, 0);
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

nvme_status emu_fill_log(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req, uint8_t *data)
{
	const struct log *log = find_log(emu,
					 NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_LOG_LID));
	uint32_t offset = (uint32_t)offset_of(req);

	log->fill(emu, ctrl, data);
	if (offset) {
		memmove(data, data + offset, EMU_SCRATCH_BYTES - offset);
		memset(data + EMU_SCRATCH_BYTES - offset, 0, offset);
	}
	return NVME_SC_SUCCESS;
}

static void fill_supported(struct emu *emu, struct emu_ctrl *ctrl, uint8_t *page)
{
	struct nvme_supported_logs *supported = (void *)page;

	(void)ctrl;
	for (uint32_t lid = 0; lid < 256; lid++) {
		if (find_log(emu, lid))
			supported->lid_support[lid] = nvme_le32(
				NVME_MASK(NVME_SUPPORTED_LOG_LSUPP));
	}
}

/* Newest first; entries that were never used are zero. */
static void fill_error(struct emu *emu, struct emu_ctrl *ctrl, uint8_t *page)
{
	struct nvme_error_log_entry *entries = (void *)page;
	uint32_t size = emu->config.elpe + 1;

	for (uint32_t i = 0; i < size && i < ctrl->error_count; i++)
		entries[i] = ctrl->errors[(ctrl->error_count - 1 - i) % size];
}

static void put128(struct nvme_u128le *counter, uint64_t value)
{
	counter->lo = nvme_le64(value);
}

/* Base 2.0 5.16.1.3: data units are 1,000 sectors of 512 bytes, rounded up. */
static void fill_smart(struct emu *emu, struct emu_ctrl *ctrl, uint8_t *page)
{
	const struct emu_counters *counters = &ctrl->counters;
	struct nvme_smart_log *smart = (void *)page;

	smart->critical_warning = (uint8_t)NVME_PUT(NVME_SMART_WARNING_TEMPERATURE,
						    emu_temperature_warning(ctrl));
	nvme_store_le16(smart->temperature, EMU_TEMPERATURE_KELVIN);
	smart->available_spare = 100;
	smart->available_spare_threshold = 10;
	put128(&smart->data_units_read, (counters->sectors_read + 999) / 1000);
	put128(&smart->data_units_written, (counters->sectors_written + 999) / 1000);
	put128(&smart->host_read_commands, counters->host_reads);
	put128(&smart->host_write_commands, counters->host_writes);
	put128(&smart->controller_busy_time, emu_busy_nsec(emu, ctrl) / (HOUR_NSEC / 60));
	put128(&smart->power_cycles, counters->power_cycles);
	put128(&smart->power_on_hours, emu->now_nsec / HOUR_NSEC);
	put128(&smart->unsafe_shutdowns, counters->unsafe_shutdowns);
	put128(&smart->media_errors, counters->media_errors);
	put128(&smart->error_log_entries, ctrl->error_count);
}

/* One slot, read only. */
static void fill_firmware(struct emu *emu, struct emu_ctrl *ctrl, uint8_t *page)
{
	struct nvme_fw_slot_log *firmware = (void *)page;

	(void)ctrl;
	firmware->afi = (uint8_t)NVME_PUT(NVME_FW_SLOT_AFI_ACTIVE, 1);
	emu_put_text(firmware->frs[0], sizeof(firmware->frs[0]), emu->config.firmware);
}

static void fill_effects(struct emu *emu, struct emu_ctrl *ctrl, uint8_t *page)
{
	struct nvme_effects_log *effects = (void *)page;

	(void)ctrl;
	for (uint32_t opcode = 0; opcode < 256; opcode++) {
		if (emu_cmd_supported(emu, true, opcode))
			effects->acs[opcode] = nvme_le32(emu_admin_cmds[opcode].effects);
		if (emu_cmd_supported(emu, false, opcode))
			effects->iocs[opcode] = nvme_le32(emu_nvm_cmds[opcode].effects);
	}
}

static void fill_feature_effects(struct emu *emu, struct emu_ctrl *ctrl, uint8_t *page)
{
	struct nvme_fid_effects_log *effects = (void *)page;

	(void)ctrl;
	for (uint32_t fid = 0; fid < 256; fid++)
		effects->fid_support[fid] = nvme_le32(emu_feature_effects(emu, fid));
}
