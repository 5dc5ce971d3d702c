/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Persistent Event log 0Dh (Base 2.0 5.16.1.14, unverified). Whoever changes something that is
 * worth an event adds it; a host reads a copy that it has the controller make first.
 */
#include "emulator/core/feature.h"
#include "emulator/core/log.h"

#define HOUR_NSEC	   3600000000000ull
#define MILLISECOND_NSEC   1000000ull
#define CDW10		   offsetof(struct nvme_sqe, cdw10)
#define EVENT_HEADER_BYTES ((uint32_t)sizeof(struct nvme_pel_event_header))
#define EVENT_REVISION	   1
#define LOG_REVISION	   1
#define RCI_SUBSYSTEM_PORT 1
#define RECORD_VERSION	   1
#define RECORD_HEAD_BYTES  8
#define EINVAL_NEGATIVE	   (-22)

static const uint8_t event_types[] = {
	NVME_PEL_EVENT_SMART_SNAPSHOT,	  NVME_PEL_EVENT_FW_COMMIT,
	NVME_PEL_EVENT_TIMESTAMP_CHANGE,  NVME_PEL_EVENT_POWER_ON_RESET,
	NVME_PEL_EVENT_HW_ERROR,	  NVME_PEL_EVENT_CHANGE_NS,
	NVME_PEL_EVENT_FORMAT_START,	  NVME_PEL_EVENT_FORMAT_COMPLETION,
	NVME_PEL_EVENT_SANITIZE_START,	  NVME_PEL_EVENT_SANITIZE_COMPLETION,
	NVME_PEL_EVENT_SET_FEATURE,	  NVME_PEL_EVENT_TELEMETRY_CREATED,
	NVME_PEL_EVENT_THERMAL_EXCURSION,
};

uint32_t emu_pel_context_bytes(uint32_t events)
{
	return (uint32_t)sizeof(struct nvme_pel_header) +
	       events * (uint32_t)sizeof(struct emu_pel_event);
}

/* Of what happens to the subsystem, the first controller's clock says when. */
static uint64_t timestamp(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	return emu_timestamp(emu, ctrl ? ctrl : &emu->ctrl[0]);
}

static uint32_t event_bytes(const struct emu_pel_event *event)
{
	return EVENT_HEADER_BYTES + nvme_cpu16(event->head.el);
}

/* Version, reserved, number, then the event. The place in the ring is the record's identifier. */
static void save_event(struct emu *emu, uint32_t number)
{
	const struct emu_pel_event *event = &emu->pel.events[number % emu->config.pel];
	uint8_t record[RECORD_HEAD_BYTES + sizeof(*event)] = { RECORD_VERSION };

	if (!emu->ops.save)
		return;
	nvme_store_le32(record + 4, number);
	memcpy(record + RECORD_HEAD_BYTES, event, event_bytes(event));
	emu_save(emu, NULL, EMU_RECORD_PEL, number % emu->config.pel, record,
		 RECORD_HEAD_BYTES + event_bytes(event));
}

int emu_load_pel(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	struct emu_pel *pel = &emu->pel;
	struct emu_pel_event event;
	uint32_t number;

	(void)id;
	memset(&event, 0, sizeof(event));
	if (bytes < RECORD_HEAD_BYTES + EVENT_HEADER_BYTES ||
	    bytes > RECORD_HEAD_BYTES + sizeof(event) || nvme_load_le16(data) != RECORD_VERSION)
		return EINVAL_NEGATIVE;
	memcpy(&event, data + RECORD_HEAD_BYTES, bytes - RECORD_HEAD_BYTES);
	number = nvme_load_le32(data + 4);
	if (event_bytes(&event) != bytes - RECORD_HEAD_BYTES || number > UINT32_MAX / 2)
		return EINVAL_NEGATIVE;
	/* A log that is smaller now keeps the newest. */
	if (emu->config.pel == 0 || number + emu->config.pel < pel->count)
		return 0;
	pel->events[number % emu->config.pel] = event;
	pel->count = number >= pel->count ? number + 1 : pel->count;
	return 0;
}

void emu_pel_add(struct emu *emu, const struct emu_ctrl *ctrl, enum nvme_pel_event type,
		 const void *data, uint32_t bytes)
{
	struct emu_pel *pel = &emu->pel;
	struct emu_pel_event *event;

	if (emu->config.pel == 0)
		return;
	if (bytes > EMU_PEL_DATA_BYTES)
		bytes = EMU_PEL_DATA_BYTES;
	event = &pel->events[pel->count % emu->config.pel];
	memset(event, 0, sizeof(*event));
	event->head.etype = (uint8_t)type;
	event->head.etype_rev = EVENT_REVISION;
	event->head.ehl = (uint8_t)(EVENT_HEADER_BYTES - 3);
	if (ctrl)
		event->head.cntlid = nvme_le16((uint16_t)(emu->config.cntlid + ctrl->index));
	event->head.ets = nvme_le64(timestamp(emu, ctrl));
	event->head.el = nvme_le16((uint16_t)bytes);
	memcpy(event->data, data, bytes);
	pel->count++;
	emu_trace(emu, ctrl ? ctrl : &emu->ctrl[0], PEL_ADD, type, bytes);
	save_event(emu, pel->count - 1);
}

void emu_pel_hw_error(struct emu *emu, const struct emu_ctrl *ctrl, enum emu_hw_error code)
{
	struct nvme_pel_hw_error event = { .nss_hw_err_event_code = nvme_le16((uint16_t)code) };

	emu_pel_add(emu, ctrl, NVME_PEL_EVENT_HW_ERROR, &event, sizeof(event));
}

static void add_power_on(struct emu *emu, const struct emu_ctrl *ctrl, bool activated)
{
	struct {
		char revision[8];
		struct nvme_pel_reset_info info;
	} event;

	memset(&event, 0, sizeof(event));
	emu_put_text(event.revision, sizeof(event.revision), emu_firmware_revision(emu));
	event.info.cid = nvme_le16((uint16_t)(emu->config.cntlid + ctrl->index));
	event.info.fw_act = activated;
	event.info.ctrl_power_cycle = nvme_le32((uint32_t)ctrl->counters.power_cycles);
	event.info.power_on_ml_seconds = nvme_le64(emu_power_on_nsec(emu, ctrl) / MILLISECOND_NSEC);
	event.info.ctrl_time_stamp = nvme_le64(timestamp(emu, ctrl));
	emu_pel_add(emu, ctrl, NVME_PEL_EVENT_POWER_ON_RESET, &event, sizeof(event));
}

void emu_pel_reset(struct emu *emu, const struct emu_ctrl *ctrl, bool activated)
{
	if (emu->pel.started >> ctrl->index & 1)
		add_power_on(emu, ctrl, activated);
}

void emu_pel_enabled(struct emu *emu, const struct emu_ctrl *ctrl)
{
	if (emu->pel.started >> ctrl->index & 1)
		return;
	emu->pel.started |= (uint16_t)(1u << ctrl->index);
	add_power_on(emu, ctrl, false);
}

void emu_pel_smart(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct nvme_smart_log smart;

	if (emu->config.pel == 0)
		return;
	emu_build_smart(emu, ctrl, &smart);
	emu_pel_add(emu, ctrl, NVME_PEL_EVENT_SMART_SNAPSHOT, &smart, sizeof(smart));
}

/* Three dwords of the command, and what it answered (layout dword: counts; unverified). */
void emu_pel_set_feature(struct emu *emu, const struct emu_ctrl *ctrl, const struct emu_req *req)
{
	struct {
		struct nvme_pel_set_feature head;
		nvme_u32le cdw[3];
		nvme_u32le dw0;
	} event = {
		.head.layout = nvme_le32(3 | 1u << 3),
		.cdw = { req->sqe.cdw10, req->sqe.cdw11, req->sqe.cdw12 },
		.dw0 = nvme_le32(req->dw0),
	};

	emu_pel_add(emu, ctrl, NVME_PEL_EVENT_SET_FEATURE, &event, sizeof(event));
}

void emu_pel_timestamp(struct emu *emu, const struct emu_ctrl *ctrl)
{
	struct nvme_pel_timestamp_change event = {
		.previous_timestamp = nvme_le64(timestamp(emu, ctrl)),
		.ml_secs_since_reset = nvme_le64(emu->now_nsec / MILLISECOND_NSEC),
	};

	emu_pel_add(emu, ctrl, NVME_PEL_EVENT_TIMESTAMP_CHANGE, &event, sizeof(event));
}

void emu_pel_forget_context(struct emu *emu)
{
	emu->pel.context_bytes = 0;
}

static void fill_head(struct emu *emu, struct emu_ctrl *ctrl, struct nvme_pel_header *head)
{
	memset(head, 0, sizeof(*head));
	head->lid = NVME_LID_PERSISTENT_EVENT;
	head->rv = LOG_REVISION;
	head->lhl = nvme_le16((uint16_t)(sizeof(*head) - 20));
	head->ts = nvme_le64(timestamp(emu, ctrl));
	head->poh.lo = nvme_le64(emu_power_on_nsec(emu, ctrl) / HOUR_NSEC);
	head->pcc = nvme_le64(ctrl->counters.power_cycles);
	head->vid = nvme_le16((uint16_t)emu->config.vendor);
	head->ssvid = nvme_le16((uint16_t)emu->config.subvendor);
	emu_put_text(head->sn, sizeof(head->sn), emu->config.serial);
	emu_put_text(head->mn, sizeof(head->mn), emu->config.model);
	emu_put_subnqn(emu, head->subnqn, sizeof(head->subnqn));
	head->gen_number = nvme_le16(emu->pel.generation);
	head->rci = nvme_le32(NVME_PUT(NVME_PEL_RCI_RCPIT, RCI_SUBSYSTEM_PORT));
	for (size_t i = 0; i < sizeof(event_types); i++)
		head->seb[event_types[i] / 8] |= (uint8_t)(1u << event_types[i] % 8);
}

/* The copy, newest event first (order unverified). */
static void establish(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_pel *pel = &emu->pel;
	struct nvme_pel_header *head = (void *)pel->context;
	uint32_t kept = pel->count < emu->config.pel ? pel->count : emu->config.pel;
	uint32_t at = sizeof(*head);

	pel->generation++;
	fill_head(emu, ctrl, head);
	for (uint32_t i = 0; i < kept; i++) {
		const struct emu_pel_event *event =
			&pel->events[(pel->count - 1 - i) % emu->config.pel];

		memcpy(pel->context + at, event, event_bytes(event));
		at += event_bytes(event);
	}
	head->tnev = nvme_le32(kept);
	head->tll = nvme_le64(at);
	pel->context_bytes = at;
}

static void mark_existing(struct emu_pel *pel)
{
	struct nvme_pel_header *head = (void *)pel->context;

	head->rci = nvme_le32(nvme_cpu32(head->rci) | NVME_MASK(NVME_PEL_RCI_RCE));
}

/*
 * Base 2.0 5.16.1.14, unverified: read needs a context, establish needs none, establish with the
 * header alone takes either, release gives no data and is never wrong.
 */
emu_verdict emu_begin_pel(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_pel *pel = &emu->pel;
	uint32_t action = NVME_GET(emu_log_lsp(req), NVME_GET_LOG_LSP_PEL_ACTION);
	bool exists = pel->context_bytes > 0;

	switch (action) {
	case NVME_PEL_READ:
		if (!exists)
			return emu_bad(req, NVME_SC_COMMAND_SEQUENCE_ERROR, CDW10 + 1, 0);
		return EMU_TRANSFER;
	case NVME_PEL_ESTABLISH_AND_READ:
		if (exists)
			return emu_bad(req, NVME_SC_COMMAND_SEQUENCE_ERROR, CDW10 + 1, 0);
		establish(emu, ctrl);
		return EMU_TRANSFER;
	case NVME_PEL_RELEASE:
		emu_pel_forget_context(emu);
		return NVME_SC_SUCCESS;
	default:
		if (emu->config.vs < EMU_VS_2_0)
			return emu_bad_field(req, CDW10 + 1, 0);
		if (exists)
			mark_existing(pel);
		else
			establish(emu, ctrl);
		return EMU_TRANSFER;
	}
}

uint64_t emu_pel_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint32_t action = NVME_GET(emu_log_lsp(req), NVME_GET_LOG_LSP_PEL_ACTION);

	(void)ctrl;
	return action == NVME_PEL_ESTABLISH_AND_READ_HEADER ? sizeof(struct nvme_pel_header)
							    : emu->pel.context_bytes;
}

void emu_fill_pel(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		  uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };

	(void)ctrl;
	(void)req;
	emu_log_put(&part, 0, emu->pel.context, emu->pel.context_bytes);
}
