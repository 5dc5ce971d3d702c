/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Error Information log (Base 2.0 5.16.1.2, unverified): a ring of elpe + 1 entries, each
 * numbered from 1 on for the controller's life. Only complete.c and events without a command write
 * it. It outlives the power, as the counters do and together with them (counters.c).
 */
#include "emulator/core/internal.h"

#define ENTRY_VERSION	1
#define RECORD_VERSION	1
#define RECORD_HEAD	8
#define ENTRIES_MAX	64
#define ENTRY_BYTES	sizeof(struct nvme_error_log_entry)
#define EINVAL_NEGATIVE (-22)

static struct nvme_error_log_entry *new_entry(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct nvme_error_log_entry *entry =
		&ctrl->errors[ctrl->error_count % (emu->config.elpe + 1)];

	ctrl->error_count++;
	if (!ctrl->counted)
		emu_counters_later(emu, ctrl);
	memset(entry, 0, sizeof(*entry));
	entry->error_count = nvme_le64(ctrl->error_count);
	entry->version = ENTRY_VERSION;
	return entry;
}

void emu_log_error(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	struct nvme_error_log_entry *entry = new_entry(emu, ctrl);

	entry->sqid = nvme_le16((uint16_t)req->sqid);
	entry->cid = nvme_le16(req->cid);
	entry->status = nvme_le16(nvme_cqe_word(req->status, false));
	entry->location = nvme_le16(req->location);
	entry->lba = nvme_le64(req->error_lba);
	entry->nsid = req->sqe.nsid;
	entry->opcode = req->sqe.opcode;
	if (nvme_status_code(req->status) == NVME_SC_NS_INSUFFICIENT_CAPACITY)
		entry->command_specific = nvme_le64(req->slba);
}

/* What went wrong was no command: a doorbell, a timer. */
void emu_log_event_error(struct emu *emu, struct emu_ctrl *ctrl, nvme_status status)
{
	struct nvme_error_log_entry *entry = new_entry(emu, ctrl);

	entry->sqid = nvme_le16(NVME_SQID_NONE);
	entry->cid = nvme_le16(NVME_CID_NONE);
	entry->status = nvme_le16(nvme_cqe_word(status, false));
	entry->location = nvme_le16(EMU_NO_LOCATION);
}

/**
 * emu_error_at - entry @position of the log, 0 being the newest
 * Return: NULL when there are fewer, or when this one was lost with the power.
 */
const struct nvme_error_log_entry *emu_error_at(const struct emu *emu, const struct emu_ctrl *ctrl,
						uint32_t position)
{
	uint32_t size = emu->config.elpe + 1;
	const struct nvme_error_log_entry *entry;

	if (position >= size || position >= ctrl->error_count)
		return NULL;
	entry = &ctrl->errors[(ctrl->error_count - 1 - position) % size];
	return nvme_cpu64(entry->error_count) == ctrl->error_count - position ? entry : NULL;
}

/** emu_save_errors - keep the log if it has new entries: version, 6 zeros, entries, newest first */
void emu_save_errors(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint8_t record[RECORD_HEAD + ENTRIES_MAX * ENTRY_BYTES] = { RECORD_VERSION };
	uint32_t used = RECORD_HEAD;

	if (ctrl->errors_kept == ctrl->error_count)
		return;
	for (uint32_t i = 0; i <= emu->config.elpe && i < ENTRIES_MAX; i++) {
		const struct nvme_error_log_entry *entry = emu_error_at(emu, ctrl, i);

		if (!entry)
			continue;
		memcpy(record + used, entry, ENTRY_BYTES);
		used += (uint32_t)ENTRY_BYTES;
	}
	ctrl->errors_kept = ctrl->error_count;
	emu_save(emu, NULL, EMU_RECORD_ERROR_LOG, ctrl->index, record, used);
}

/* Newest first, and none twice. */
static bool are_entries(const uint8_t *data, uint32_t count)
{
	uint64_t newer = UINT64_MAX / 4;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t number = nvme_load_le64(data + i * ENTRY_BYTES);

		if (number == 0 || number >= newer)
			return false;
		newer = number;
	}
	return true;
}

/** emu_load_errors - the log as it was; of a longer one the newest entries */
int emu_load_errors(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	uint32_t count = (uint32_t)((bytes - RECORD_HEAD) / ENTRY_BYTES);
	uint32_t size = emu->config.elpe + 1;
	struct emu_ctrl *ctrl;

	if (id >= emu->config.controllers || bytes < RECORD_HEAD ||
	    (bytes - RECORD_HEAD) % ENTRY_BYTES || count > ENTRIES_MAX ||
	    nvme_load_le16(data) != RECORD_VERSION || !are_entries(data + RECORD_HEAD, count))
		return EINVAL_NEGATIVE;
	ctrl = &emu->ctrl[id];
	for (uint32_t i = count; i > 0; i--) {
		const uint8_t *entry = data + RECORD_HEAD + (i - 1) * ENTRY_BYTES;
		uint64_t number = nvme_load_le64(entry);

		memcpy(&ctrl->errors[(number - 1) % size], entry, ENTRY_BYTES);
		if (ctrl->error_count < number)
			ctrl->error_count = number;
	}
	ctrl->errors_kept = ctrl->error_count;
	return 0;
}
