/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Blocks that reading may fail for: what Write Uncorrectable named, and what the medium could not
 * read, until they are written again. Log page LBA Status Information (NVM 1.0 4.1.4.5,
 * unverified).
 *
 * The table is small; what finds no place in it is not told of here, but by Get LBA Status.
 */
#include "emulator/core/log.h"
#include "emulator/core/stage.h"

static bool touches(const struct emu_suspect *suspect, uint32_t nsid, uint64_t slba, uint64_t nlb)
{
	return suspect->nsid == nsid && slba <= suspect->slba + suspect->nlb &&
	       suspect->slba <= slba + nlb;
}

static void drop(struct emu *emu, uint32_t index)
{
	emu->suspects[index] = emu->suspects[--emu->suspect_count];
}

static void add(struct emu *emu, uint32_t nsid, uint64_t slba, uint64_t nlb)
{
	for (uint32_t i = 0; i < emu->suspect_count;) {
		struct emu_suspect *suspect = &emu->suspects[i];
		uint64_t end = slba + nlb;

		if (!touches(suspect, nsid, slba, nlb)) {
			i++;
			continue;
		}
		end = end > suspect->slba + suspect->nlb ? end : suspect->slba + suspect->nlb;
		slba = slba < suspect->slba ? slba : suspect->slba;
		nlb = end - slba;
		drop(emu, i);
	}
	if (emu->suspect_count < EMU_SUSPECTS)
		emu->suspects[emu->suspect_count++] = (struct emu_suspect){ nsid, slba, nlb };
	emu->suspect_generation++;
}

/* What is written is suspect no longer; a range may lose its middle. */
static void clear(struct emu *emu, uint32_t nsid, uint64_t slba, uint64_t nlb)
{
	for (uint32_t i = emu->suspect_count; i > 0; i--) {
		struct emu_suspect old = emu->suspects[i - 1];
		uint64_t old_end = old.slba + old.nlb, end = slba + nlb;

		if (old.nsid != nsid || slba >= old_end || old.slba >= end)
			continue;
		drop(emu, i - 1);
		if (old.slba < slba)
			add(emu, nsid, old.slba, slba - old.slba);
		if (end < old_end)
			add(emu, nsid, end, old_end - end);
		emu->suspect_generation++;
	}
}

/** emu_suspect_note - a command on blocks has ended with @status */
void emu_suspect_note(struct emu *emu, const struct emu_req *req, nvme_status status)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	const struct emu_cmd *cmd = emu_cmd_of(req);

	if (!emu->config.lba_status || req->sqid == 0 || req->sqid == EMU_INTERNAL_SQ ||
	    !(cmd->flags & EMU_CMD_RANGE))
		return;
	if (nvme_status_code(status) == NVME_SC_UNRECOVERED_READ_ERROR ||
	    (!status && req->sqe.opcode == NVME_CMD_WRITE_UNCORRECTABLE)) {
		emu->suspecting = true;
		add(emu, nsid, req->slba, req->nlb);
		for (uint32_t i = 0; i < emu->config.controllers; i++)
			emu_raise_event(emu, &emu->ctrl[i], NVME_AER_LBA_STATUS_ALERT);
	} else if (!status && cmd->flags & EMU_CMD_WRITES) {
		clear(emu, nsid, req->slba, req->nlb);
	}
}

/** emu_suspect_forget - namespace @nsid is formatted, or no longer there */
void emu_suspect_forget(struct emu *emu, uint32_t nsid)
{
	clear(emu, nsid, 0, UINT64_MAX >> 1);
}

static uint32_t ranges_of(const struct emu *emu, uint32_t nsid)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < emu->suspect_count; i++)
		count += emu->suspects[i].nsid == nsid;
	return count;
}

uint64_t emu_lba_status_log_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint64_t bytes = sizeof(struct nvme_lba_status_log);

	(void)req;
	for (uint32_t nsid = emu_ns_next(emu, ctrl, 0); nsid; nsid = emu_ns_next(emu, ctrl, nsid)) {
		uint32_t count = ranges_of(emu, nsid);

		if (count)
			bytes += sizeof(struct nvme_lba_status_ns) +
				 count * sizeof(struct nvme_lba_status_range);
	}
	return bytes;
}

static uint64_t put_namespace(const struct emu *emu, uint32_t nsid, uint32_t count,
			      const struct emu_log_part *part, uint64_t at)
{
	struct nvme_lba_status_ns element = { .neid = nvme_le32(nsid),
					      .nlrd = nvme_le32(count),
					      .ratype = NVME_LBA_STATUS_TRACKED };

	emu_log_put(part, at, &element, sizeof(element));
	at += sizeof(element);
	for (uint32_t i = 0; i < emu->suspect_count; i++) {
		const struct emu_suspect *suspect = &emu->suspects[i];
		uint64_t nlb = suspect->nlb < UINT32_MAX ? suspect->nlb : UINT32_MAX;
		struct nvme_lba_status_range range = { .rslba = nvme_le64(suspect->slba),
						       .rnlb = nvme_le32((uint32_t)nlb) };

		if (suspect->nsid != nsid)
			continue;
		emu_log_put(part, at, &range, sizeof(range));
		at += sizeof(range);
	}
	return at;
}

void emu_fill_lba_status_log(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			     uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	struct nvme_lba_status_log head = { 0 };
	uint64_t at = sizeof(head), blocks = 0;
	uint32_t elements = 0;

	for (uint32_t nsid = emu_ns_next(emu, ctrl, 0); nsid; nsid = emu_ns_next(emu, ctrl, nsid)) {
		uint32_t count = ranges_of(emu, nsid);

		if (!count)
			continue;
		at = put_namespace(emu, nsid, count, &part, at);
		elements++;
		for (uint32_t i = 0; i < emu->suspect_count; i++)
			blocks += emu->suspects[i].nsid == nsid ? emu->suspects[i].nlb : 0;
	}
	head.lslplen = nvme_le32((uint32_t)emu_lba_status_log_bytes(emu, ctrl, req));
	head.nlslne = nvme_le32(elements);
	head.estulb = nvme_le32(blocks < UINT32_MAX ? (uint32_t)blocks : UINT32_MAX - 1);
	head.lsgc = nvme_le16((uint16_t)emu->suspect_generation);
	emu_log_put(&part, 0, &head, sizeof(head));
}
