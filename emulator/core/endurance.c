/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Endurance Group Information 09h and the Event Aggregate 0Fh (Base 2.0 5.16.1.10 and 5.16.1.16,
 * unverified). The group's counters are the sums of the controllers'.
 */
#include "emulator/core/log.h"

#define CDW11 offsetof(struct nvme_sqe, cdw11)

/* Warnings that a group has; the others are about controllers. */
#define WARNINGS                                                                           \
	(NVME_MASK(NVME_SMART_WARNING_SPARE) | NVME_MASK(NVME_SMART_WARNING_RELIABILITY) | \
	 NVME_MASK(NVME_SMART_WARNING_READ_ONLY))

/* 10^9 bytes, rounded up. */
#define UNITS(sectors) (((sectors)*512 + 999999999) / 1000000000)

uint16_t emu_endgid(const struct emu *emu)
{
	return emu->config.endurance ? EMU_ENDGID : 0;
}

uint8_t emu_endurance_warnings(const struct emu *emu)
{
	return emu->config.endurance && emu->config.vs >= EMU_VS_1_4
		       ? (uint8_t)(emu->warnings & WARNINGS)
		       : 0;
}

static bool is_wanted(const struct emu_ctrl *ctrl, uint32_t bit)
{
	return NVME_GET(ctrl->features.group_events[EMU_ENDGID - 1], NVME_FEAT_EG_EVENT_EGCW) & bit;
}

void emu_endurance_warn(struct emu *emu, uint32_t bit)
{
	if (!emu->config.endurance || !(bit & WARNINGS))
		return;
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];

		if (!is_wanted(ctrl, bit))
			continue;
		emu->endurance.pending |= (uint16_t)(1u << i);
		emu_raise_event(emu, ctrl, NVME_AER_EG_CHANGED);
	}
}

emu_verdict emu_begin_endurance(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	return emu_log_lsi(req) == EMU_ENDGID ? EMU_TRANSFER : emu_bad_field(req, CDW11 + 2, 0);
}

static uint64_t capacity(const struct emu *emu)
{
	uint64_t bytes = 0;

	for (uint32_t nsid = 1; nsid <= emu->config.nn; nsid++) {
		const struct emu_ns *ns = emu_ns_allocated(emu, nsid);

		if (ns)
			bytes += ns->blocks << ns->lbads;
	}
	return bytes;
}

static void build(struct emu *emu, struct nvme_eg_log *log)
{
	struct emu_counters sum = { 0 };
	struct nvme_smart_log smart;
	uint64_t errors = 0;

	memset(log, 0, sizeof(*log));
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		const struct emu_counters *counters = &emu->ctrl[i].counters;

		sum.sectors_read += counters->sectors_read;
		sum.sectors_written += counters->sectors_written;
		sum.host_reads += counters->host_reads;
		sum.host_writes += counters->host_writes;
		sum.media_errors += counters->media_errors;
		errors += emu->ctrl[i].error_count;
	}
	log->critical_warning = emu_endurance_warnings(emu);
	log->egfeat = (uint8_t)NVME_PUT(NVME_EG_FEATURES_RMEDIA, emu->config.rotational);
	log->domainid = nvme_le16(emu_media_domain(emu));
	emu_build_smart(emu, &emu->ctrl[0], &smart);
	log->available_spare = smart.available_spare;
	log->available_spare_threshold = smart.available_spare_threshold;
	log->data_units_read.lo = nvme_le64(UNITS(sum.sectors_read));
	log->data_units_written.lo = nvme_le64(UNITS(sum.sectors_written));
	log->media_units_written = log->data_units_written;
	log->host_read_commands.lo = nvme_le64(sum.host_reads);
	log->host_write_commands.lo = nvme_le64(sum.host_writes);
	log->media_errors.lo = nvme_le64(sum.media_errors);
	log->error_log_entries.lo = nvme_le64(errors);
	log->total_capacity.lo = nvme_le64(capacity(emu));
}

void emu_fill_endurance(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	struct nvme_eg_log log;

	(void)ctrl;
	(void)req;
	build(emu, &log);
	emu_log_put(&part, 0, &log, sizeof(log));
}

/* The group leaves the aggregate when its own page is read (Base 2.0 5.16.1.16, unverified). */
void emu_endurance_was_read(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	if (!emu_log_retains(req))
		emu->endurance.pending &= (uint16_t) ~(1u << ctrl->index);
}

static bool is_pending(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	return emu->endurance.pending >> ctrl->index & 1;
}

uint64_t emu_aggregate_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)req;
	return sizeof(struct nvme_aggregate_log) + (is_pending(emu, ctrl) ? sizeof(nvme_u16le) : 0);
}

void emu_fill_aggregate(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	bool pending = is_pending(emu, ctrl);
	struct nvme_aggregate_log head = { .num_entries = nvme_le64(pending) };
	nvme_u16le id = nvme_le16(EMU_ENDGID);

	(void)req;
	emu_log_put(&part, 0, &head, sizeof(head));
	if (pending)
		emu_log_put(&part, sizeof(head), &id, sizeof(id));
}
