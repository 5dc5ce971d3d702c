/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Firmware Image Download and Commit, and what becomes of a slot (Base 2.0 5.11, 5.12 and 3.11,
 * unverified). An image is ours: docs/firmware.md; of one in a slot only its head is kept.
 */
#include "emulator/core/log.h"

#include "common/crc.h"

#define CDW10		offsetof(struct nvme_sqe, cdw10)
#define CDW11		offsetof(struct nvme_sqe, cdw11)
#define MSEC_NSEC	1000000ull
#define MTFA_MSEC	100
#define FWUG_UNIT	4096u
#define FWUG_ANY	255
#define REVISION_BYTES	8
#define RECORD_VERSION	1
#define SLOT_BYTES	20
#define ACTIVE_BYTES	4
#define EINVAL_NEGATIVE (-22)

/* What is left of a downloaded image once it proved to be one. */
struct commit {
	uint32_t slot;
	uint32_t action;
	bool stores;
	struct emu_fw_slot image;
};

void emu_firmware_init(struct emu *emu)
{
	struct emu_firmware *fw = &emu->firmware;

	emu_put_text(fw->running.revision, REVISION_BYTES, emu->config.firmware);
	fw->slot[1] = fw->running;
	fw->active = 1;
	fw->committer = EMU_NONE;
}

static void forget_download(struct emu *emu)
{
	struct emu_firmware *fw = &emu->firmware;

	if (!fw->partial)
		return;
	nvme_bitset_init(fw->received, emu->config.fw_size * (4096 / 4));
	fw->partial = false;
	fw->mixed = false;
}

static uint64_t download_offset(const struct emu_req *req)
{
	return (uint64_t)nvme_cpu32(req->sqe.cdw11) * 4;
}

uint32_t emu_firmware_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint64_t bytes = ((uint64_t)nvme_cpu32(req->sqe.cdw10) + 1) * 4;

	(void)emu;
	(void)ctrl;
	return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

/* Pieces are multiples of FWUG and start at one, and lie within what a slot can hold. */
static nvme_status check_piece(const struct emu *emu, struct emu_req *req, uint64_t offset,
			       uint32_t bytes)
{
	uint64_t unit = (uint64_t)emu->config.fwug * FWUG_UNIT;
	uint64_t capacity = emu->config.fw_size * 4096ull;

	if (emu->config.fwug == FWUG_ANY || unit == 0)
		unit = 4;
	if (bytes % unit)
		return emu_bad_field(req, CDW10, 0);
	if (offset % unit || bytes > capacity || offset > capacity - bytes)
		return emu_bad_field(req, CDW11, 0);
	return NVME_SC_SUCCESS;
}

/*
 * Who sends a part twice starts again: the parts so far are forgotten (unverified; the
 * specification leaves open what becomes of them).
 */
emu_verdict emu_exec_fw_download(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_firmware *fw = &emu->firmware;
	uint64_t offset = download_offset(req);
	uint32_t bytes = emu_firmware_bytes(emu, ctrl, req);
	nvme_status status = check_piece(emu, req, offset, bytes);

	if (status)
		return status;
	for (uint32_t dword = 0; dword < bytes / 4; dword++) {
		if (!nvme_bitset_test(fw->received, (uint32_t)(offset / 4) + dword))
			continue;
		forget_download(emu);
		return emu_bad(req, NVME_SC_OVERLAPPING_RANGE, CDW11, 0);
	}
	fw->mixed = fw->mixed || (fw->partial && fw->owner != ctrl->index);
	fw->partial = true;
	fw->owner = ctrl->index;
	return EMU_TRANSFER;
}

nvme_status emu_fw_download_part(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 uint32_t at, uint8_t *data, uint32_t bytes)
{
	struct emu_firmware *fw = &emu->firmware;
	uint32_t offset = (uint32_t)download_offset(req);

	(void)ctrl;
	memcpy(fw->image + offset + at, data, bytes);
	/* Only with the last byte: a transfer that fails can be sent again. */
	if (at + bytes == req->data_bytes) {
		for (uint32_t dword = 0; dword < req->data_bytes / 4; dword++)
			nvme_bitset_set(fw->received, offset / 4 + dword);
	}
	return NVME_SC_SUCCESS;
}

static bool is_printable(const char *text, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	}
	return true;
}

static bool all_received(const struct emu_firmware *fw, uint32_t bytes)
{
	for (uint32_t dword = 0; dword < bytes / 4; dword++) {
		if (!nvme_bitset_test(fw->received, dword))
			return false;
	}
	return true;
}

const char *emu_firmware_revision(const struct emu *emu)
{
	return emu->firmware.running.revision;
}

/* Whether the download is an image, whole and unharmed. */
static bool read_image(const struct emu *emu, struct emu_fw_slot *ret_slot)
{
	const struct emu_firmware *fw = &emu->firmware;
	const struct emu_fw_head *head = (const void *)fw->image;
	const uint32_t covered = offsetof(struct emu_fw_head, revision);
	uint32_t bytes;

	if (!fw->partial || !all_received(fw, sizeof(*head)))
		return false;
	bytes = nvme_cpu32(head->bytes);
	if (memcmp(head->magic, EMU_FW_MAGIC, sizeof(head->magic)) != 0 || bytes % 4 ||
	    bytes < sizeof(*head) || bytes > emu->config.fw_size * 4096 || !all_received(fw, bytes))
		return false;
	if (nvme_crc32c(0, fw->image + covered, bytes - covered) != nvme_cpu32(head->crc32c))
		return false;
	if (head->needs >= EMU_FW_NEEDS || (head->flags & ~EMU_FW_FLAGS) ||
	    !is_printable(head->revision, sizeof(head->revision)))
		return false;
	memset(ret_slot, 0, sizeof(*ret_slot));
	memcpy(ret_slot->revision, head->revision, REVISION_BYTES);
	ret_slot->activation_msec = nvme_cpu32(head->activation_msec);
	ret_slot->crc32c = nvme_cpu32(head->crc32c);
	ret_slot->needs = head->needs;
	ret_slot->flags = head->flags;
	return true;
}

static bool is_empty(const struct emu_fw_slot *slot)
{
	return slot->revision[0] == '\0';
}

static bool is_read_only(const struct emu *emu, uint32_t slot)
{
	return slot == 1 && emu->config.fw_slot1_ro;
}

/* Slot 0 leaves the choice to the controller: an empty one, or one that does not run. */
static uint32_t choose_slot(const struct emu *emu)
{
	const struct emu_firmware *fw = &emu->firmware;
	uint32_t choice = 0;

	for (uint32_t slot = 1; slot <= emu->config.fw_slots; slot++) {
		if (is_read_only(emu, slot))
			continue;
		if (is_empty(&fw->slot[slot]))
			return slot;
		if (choice == 0 || choice == fw->active)
			choice = slot;
	}
	return choice;
}

static nvme_status find_slot(const struct emu *emu, struct emu_req *req, struct commit *commit)
{
	uint32_t slot = commit->slot;

	if (slot == 0 && commit->stores)
		slot = choose_slot(emu);
	if (slot == 0 || slot > emu->config.fw_slots || (commit->stores && is_read_only(emu, slot)))
		return emu_bad(req, NVME_SC_INVALID_FW_SLOT, CDW10, 0);
	commit->slot = slot;
	return NVME_SC_SUCCESS;
}

/* The image to store or to activate; 1 and 3 differ in that 3 may go without a download. */
static nvme_status find_image(const struct emu *emu, struct emu_req *req, struct commit *commit)
{
	const struct emu_fw_slot *slot = &emu->firmware.slot[commit->slot];

	if (commit->stores && !read_image(emu, &commit->image))
		return emu_bad(req, NVME_SC_INVALID_FW_IMAGE, CDW10, 0);
	if (!commit->stores && is_empty(slot))
		return emu_bad(req, NVME_SC_INVALID_FW_IMAGE, CDW10, 0);
	if (!commit->stores)
		commit->image = *slot;
	if (commit->action != NVME_FW_COMMIT_REPLACE &&
	    NVME_GET(commit->image.flags, EMU_FW_FLAG_PROHIBITED))
		return emu_bad(req, NVME_SC_FW_ACTIVATION_PROHIBITED, CDW10, 0);
	return NVME_SC_SUCCESS;
}

/* Record 0: version, active, next. Record n: version, then what slot n has. */
static void save_slot(struct emu *emu, struct emu_req *req, uint32_t number)
{
	const struct emu_fw_slot *slot = &emu->firmware.slot[number];
	uint8_t record[SLOT_BYTES] = { RECORD_VERSION, 0, slot->needs, slot->flags };

	nvme_store_le32(record + 4, slot->activation_msec);
	nvme_store_le32(record + 8, slot->crc32c);
	memcpy(record + 12, slot->revision, REVISION_BYTES);
	emu_save(emu, req, EMU_RECORD_FIRMWARE, number, record, sizeof(record));
}

static void save_active(struct emu *emu, struct emu_req *req)
{
	const struct emu_firmware *fw = &emu->firmware;
	const uint8_t record[ACTIVE_BYTES] = { RECORD_VERSION, 0, fw->active, fw->next };

	emu_save(emu, req, EMU_RECORD_FIRMWARE, 0, record, sizeof(record));
}

/* As after power-on, which is enough for any image that waits; records come in any order. */
static void start_loaded(struct emu *emu)
{
	struct emu_firmware *fw = &emu->firmware;
	bool next = fw->kept_next && !is_empty(&fw->slot[fw->kept_next]) &&
		    !NVME_GET(fw->slot[fw->kept_next].flags, EMU_FW_FLAG_NO_LOAD);

	fw->active = next ? fw->kept_next : fw->kept_active ? fw->kept_active : 1;
	if (!is_empty(&fw->slot[fw->active]))
		fw->running = fw->slot[fw->active];
}

int emu_load_firmware(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	struct emu_firmware *fw = &emu->firmware;
	struct emu_fw_slot slot = { .revision = "" };

	if (id > emu->config.fw_slots || nvme_load_le16(data) != RECORD_VERSION ||
	    bytes != (id ? SLOT_BYTES : ACTIVE_BYTES))
		return EINVAL_NEGATIVE;
	if (id == 0) {
		if (data[2] == 0 || data[2] > emu->config.fw_slots ||
		    data[3] > emu->config.fw_slots)
			return EINVAL_NEGATIVE;
		fw->kept_active = data[2];
		fw->kept_next = data[3];
	} else {
		memcpy(slot.revision, data + 12, REVISION_BYTES);
		slot.needs = data[2];
		slot.flags = data[3];
		slot.activation_msec = nvme_load_le32(data + 4);
		slot.crc32c = nvme_load_le32(data + 8);
		if (slot.needs >= EMU_FW_NEEDS || (slot.flags & ~EMU_FW_FLAGS) ||
		    !is_printable(slot.revision, REVISION_BYTES))
			return EINVAL_NEGATIVE;
		fw->slot[id] = slot;
	}
	start_loaded(emu);
	return 0;
}

static void load(struct emu *emu, uint32_t slot)
{
	struct emu_firmware *fw = &emu->firmware;

	fw->running = fw->slot[slot];
	fw->active = (uint8_t)slot;
	emu_trace(emu, &emu->ctrl[0], FW_ACTIVE, slot);
}

static void set_paused(struct emu *emu, bool paused)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];
		uint32_t csts = emu_reg32(ctrl, NVME_REG_CSTS);

		emu_set_reg32(emu, ctrl, NVME_REG_CSTS, NVME_WITH(csts, NVME_CSTS_PP, paused));
		if (paused)
			ctrl->todo |= EMU_TODO_PAUSED;
		else
			ctrl->todo &= ~(uint32_t)EMU_TODO_PAUSED;
	}
}

/* Base 2.0 3.11.2, unverified: the event first, then commands wait until the new image runs. */
static emu_verdict activate_now(struct emu *emu, struct emu_req *req, const struct commit *commit)
{
	struct emu_firmware *fw = &emu->firmware;

	emu_raise_everywhere(emu, NVME_AER_FW_ACTIVATION, NULL);
	fw->next = 0;
	fw->activating = (uint8_t)commit->slot;
	fw->committer = req->tag;
	req->state = EMU_REQ_PARKED;
	set_paused(emu, true);
	emu_sub_timer_set(emu, EMU_TIMER_FIRMWARE,
			  emu->now_nsec + commit->image.activation_msec * MSEC_NSEC);
	return EMU_PARK;
}

static void finish_activation(struct emu *emu)
{
	struct emu_firmware *fw = &emu->firmware;

	load(emu, fw->activating);
	fw->activating = 0;
	set_paused(emu, false);
	emu_sub_timer_set(emu, EMU_TIMER_FIRMWARE, EMU_NEVER);
	save_active(emu, NULL);
}

void emu_firmware_expired(struct emu *emu)
{
	uint32_t tag = emu->firmware.committer;

	finish_activation(emu);
	emu->firmware.committer = EMU_NONE;
	if (tag != EMU_NONE)
		emu_finish(emu, &emu->req[tag], NVME_SC_SUCCESS);
}

/* The reset that activates an image that waits for one. */
static const nvme_status needs_reset[EMU_FW_NEEDS] = {
	[EMU_FW_NEEDS_NOTHING] = NVME_SC_FW_NEEDS_CONTROLLER_RESET,
	[EMU_FW_NEEDS_CONTROLLER_RESET] = NVME_SC_FW_NEEDS_CONTROLLER_RESET,
	[EMU_FW_NEEDS_CONVENTIONAL_RESET] = NVME_SC_FW_NEEDS_CONVENTIONAL_RESET,
	[EMU_FW_NEEDS_SUBSYSTEM_RESET] = NVME_SC_FW_NEEDS_SUBSYSTEM_RESET,
};

nvme_status emu_firmware_pending(const struct emu *emu)
{
	const struct emu_firmware *fw = &emu->firmware;

	return fw->next ? needs_reset[fw->slot[fw->next].needs] : NVME_SC_SUCCESS;
}

/* What the image needs besides this command; it is in its slot already. */
static emu_verdict activate(struct emu *emu, struct emu_req *req, const struct commit *commit)
{
	const struct emu_fw_slot *image = &commit->image;
	bool now = commit->action == NVME_FW_COMMIT_ACTIVATE_NOW;

	if (now && image->needs == EMU_FW_NEEDS_NOTHING) {
		if (image->activation_msec > emu->config.mtfa * MTFA_MSEC)
			return NVME_SC_FW_NEEDS_MAX_TIME_VIOLATION;
		return activate_now(emu, req, commit);
	}
	emu->firmware.next = (uint8_t)commit->slot;
	if (!now && image->needs <= EMU_FW_NEEDS_CONTROLLER_RESET)
		return NVME_SC_SUCCESS;
	return needs_reset[image->needs];
}

static void add_event(struct emu *emu, const struct emu_ctrl *ctrl, const struct commit *commit,
		      nvme_status status)
{
	struct nvme_pel_fw_commit event;

	memset(&event, 0, sizeof(event));
	memcpy(event.old_fw_rev, emu->firmware.running.revision, sizeof(event.old_fw_rev));
	memcpy(event.new_fw_rev, commit->image.revision, sizeof(event.new_fw_rev));
	event.fw_commit_action = (uint8_t)commit->action;
	event.fw_slot = (uint8_t)commit->slot;
	event.sct_fw = (uint8_t)NVME_GET(status, NVME_STATUS_SCT);
	event.sc_fw = (uint8_t)NVME_GET(status, NVME_STATUS_SC);
	emu_pel_add(emu, ctrl, NVME_PEL_EVENT_FW_COMMIT, &event, sizeof(event));
}

static emu_verdict run_commit(struct emu *emu, struct emu_req *req, struct commit *commit)
{
	struct emu_firmware *fw = &emu->firmware;
	nvme_status status = find_slot(emu, req, commit);
	emu_verdict verdict;

	if (!status)
		status = find_image(emu, req, commit);
	if (status)
		return status;
	if (commit->stores) {
		fw->slot[commit->slot] = commit->image;
		save_slot(emu, req, commit->slot);
	}
	if (commit->action == NVME_FW_COMMIT_REPLACE)
		return NVME_SC_SUCCESS;
	verdict = activate(emu, req, commit);
	save_active(emu, req);
	return verdict;
}

/* Boot partitions (actions 6 and 7) are not there. */
emu_verdict emu_exec_fw_commit(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_firmware *fw = &emu->firmware;
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	struct commit commit = {
		.slot = NVME_GET(cdw10, NVME_FW_COMMIT_FS),
		.action = NVME_GET(cdw10, NVME_FW_COMMIT_CA),
	};
	emu_verdict verdict;

	if (commit.action > NVME_FW_COMMIT_ACTIVATE_NOW ||
	    (commit.action == NVME_FW_COMMIT_ACTIVATE_NOW && emu->config.vs < EMU_VS_1_3))
		return emu_bad_field(req, CDW10, 3);
	if (fw->activating)
		return NVME_SC_FW_ACTIVATION_PROHIBITED | NVME_DNR;
	commit.stores = commit.action == NVME_FW_COMMIT_REPLACE ||
			commit.action == NVME_FW_COMMIT_REPLACE_AND_ACTIVATE_AT_RESET ||
			(commit.action == NVME_FW_COMMIT_ACTIVATE_NOW && fw->partial);
	if (emu_site(emu, EMU_SITE(FW_COMMIT)) && !emu_fault_commit(emu, req, &verdict))
		return verdict;
	req->dw0 = NVME_PUT(NVME_FW_COMMIT_MUD, fw->mixed && emu->config.vs >= EMU_VS_2_0);
	verdict = run_commit(emu, req, &commit);
	add_event(emu, ctrl, &commit, verdict == EMU_PARK ? NVME_SC_SUCCESS : verdict);
	forget_download(emu);
	return verdict;
}

void emu_firmware_dropped(struct emu *emu, const struct emu_ctrl *ctrl)
{
	struct emu_firmware *fw = &emu->firmware;

	if (fw->committer != EMU_NONE && emu->req[fw->committer].ctrl == ctrl->index)
		fw->committer = EMU_NONE;
	if (fw->owner == ctrl->index)
		forget_download(emu);
}

static bool is_enough(enum emu_fw_needs needs, enum emu_reset_kind kind)
{
	return needs <= EMU_FW_NEEDS_CONTROLLER_RESET || kind == EMU_RESET_SUBSYSTEM ||
	       kind == EMU_RESET_POWER;
}

static bool load_next(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_firmware *fw = &emu->firmware;
	uint32_t slot = fw->next;

	fw->next = 0;
	if (!NVME_GET(fw->slot[slot].flags, EMU_FW_FLAG_NO_LOAD)) {
		load(emu, slot);
		return true;
	}
	emu_log_event_error(emu, ctrl, NVME_SC_INVALID_FW_IMAGE);
	emu_telemetry_capture(emu, ctrl, "firmware did not load");
	fw->load_failed = true;
	fw->load_failed_at = ctrl->index;
	return false;
}

void emu_firmware_ready(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_firmware *fw = &emu->firmware;

	if (!fw->load_failed || fw->load_failed_at != ctrl->index)
		return;
	fw->load_failed = false;
	emu_raise_event(emu, ctrl, NVME_AER_FW_LOAD_ERROR);
}

/*
 * A reset ends an activation that is going on at once. After power-on the image that is in the
 * slot now is loaded, whatever it replaced.
 */
bool emu_firmware_reset(struct emu *emu, struct emu_ctrl *ctrl, enum emu_reset_kind kind)
{
	struct emu_firmware *fw = &emu->firmware;
	bool changed = false;

	if (fw->activating) {
		emu_firmware_expired(emu);
		changed = true;
	}
	if (fw->next && is_enough(fw->slot[fw->next].needs, kind)) {
		changed = load_next(emu, ctrl);
		save_active(emu, NULL);
	} else if (kind == EMU_RESET_POWER) {
		fw->running = fw->slot[fw->active];
	}
	return changed;
}

void emu_fill_fw_slots(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		       uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	const struct emu_firmware *fw = &emu->firmware;
	struct nvme_fw_slot_log log;

	(void)ctrl;
	(void)req;
	memset(&log, 0, sizeof(log));
	log.afi = (uint8_t)(NVME_PUT(NVME_FW_SLOT_AFI_ACTIVE, fw->active) |
			    NVME_PUT(NVME_FW_SLOT_AFI_NEXT, fw->next));
	for (uint32_t slot = 1; slot <= emu->config.fw_slots; slot++)
		memcpy(log.frs[slot - 1], fw->slot[slot].revision, sizeof(log.frs[0]));
	emu_log_put(&part, 0, &log, sizeof(log));
}
