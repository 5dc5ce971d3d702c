/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Error Information log (Base 2.0 5.16.1.2, unverified): a ring of elpe + 1 entries, each
 * numbered from 1 on for the controller's life. Only complete.c and events without a command write
 * it.
 */
#include "emulator/core/internal.h"

#define ENTRY_VERSION 1

static struct nvme_error_log_entry *new_entry(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct nvme_error_log_entry *entry =
		&ctrl->errors[ctrl->error_count % (emu->config.elpe + 1)];

	ctrl->error_count++;
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
