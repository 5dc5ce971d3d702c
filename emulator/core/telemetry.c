/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Telemetry logs 07h and 08h (Base 2.0 5.16.1.8, 5.16.1.9 and 8.24, unverified), and the vendor's
 * page of the same numbers as they are now. Reads are whole blocks.
 */
#include "emulator/core/identify.h"
#include "emulator/core/log.h"

#define CDW10		 offsetof(struct nvme_sqe, cdw10)
#define CDW12		 offsetof(struct nvme_sqe, cdw12)
#define SCOPE_CONTROLLER 1

/* Last blocks of the three data areas. */
#define AREA1_LAST 1
#define AREA2_LAST 3
#define AREA3_LAST 7

void emu_telemetry_state(const struct emu *emu, const struct emu_ctrl *ctrl,
			 struct emu_telemetry_state *ret_state)
{
	const struct emu_counters *counters = &ctrl->counters;
	struct emu_telemetry_state *state = ret_state;

	memset(state, 0, sizeof(*state));
	memcpy(state->magic, EMU_TELEMETRY_MAGIC, sizeof(state->magic));
	state->time_nsec = nvme_le64(emu->now_nsec);
	state->fetched = nvme_le64(ctrl->fetched);
	state->busy_nsec = nvme_le64(emu_busy_nsec(emu, ctrl));
	state->sectors_read = nvme_le64(counters->sectors_read);
	state->sectors_written = nvme_le64(counters->sectors_written);
	state->host_reads = nvme_le64(counters->host_reads);
	state->host_writes = nvme_le64(counters->host_writes);
	state->media_errors = nvme_le64(counters->media_errors);
	state->errors = nvme_le64(ctrl->error_count);
	state->power_cycles = nvme_le64(counters->power_cycles);
	state->unsafe_shutdowns = nvme_le64(counters->unsafe_shutdowns);
	state->cc = nvme_le32(emu_reg32(ctrl, NVME_REG_CC));
	state->csts = nvme_le32(emu_reg32(ctrl, NVME_REG_CSTS));
	state->aqa = nvme_le32(emu_reg32(ctrl, NVME_REG_AQA));
	state->io_queues = nvme_le32(ctrl->io_queues);
	state->media_pending = nvme_le32(ctrl->media_pending);
	state->nodes_free = nvme_le32(ctrl->nodes_free_count);
	state->free_io = nvme_le32(ctrl->free_io.count);
	state->events = nvme_le32(ctrl->event_count);
}

static void capture_queue(const struct emu_ctrl *ctrl, uint32_t qid,
			  struct emu_telemetry_queue *queue)
{
	const struct emu_sq *sq = &ctrl->sq[qid];
	const struct emu_cq *cq = &ctrl->cq[qid];

	queue->qid = nvme_le16((uint16_t)qid);
	if (sq->created) {
		queue->cqid = nvme_le16((uint16_t)sq->cqid);
		queue->sq_entries = nvme_le32(sq->entries);
		queue->sq_head = nvme_le32(sq->head);
		queue->sq_tail = nvme_le32(sq->tail);
		queue->inflight = nvme_le32(sq->inflight);
	}
	if (cq->created) {
		queue->cq_entries = nvme_le32(cq->entries);
		queue->cq_head = nvme_le32(cq->head);
		queue->cq_tail = nvme_le32(cq->tail);
	}
}

static void capture(const struct emu *emu, const struct emu_ctrl *ctrl, const char *reason,
		    struct emu_telemetry_capture *into)
{
	struct nvme_text text;

	memset(&into->data, 0, sizeof(into->data));
	memset(into->reason, 0, sizeof(into->reason));
	nvme_text_init(&text, into->reason, sizeof(into->reason));
	nvme_text_add(&text, reason);
	into->generation++;
	into->exists = true;
	emu_telemetry_state(emu, ctrl, &into->data.state);
	for (uint32_t qid = 0; qid <= emu->config.queues && qid < EMU_TELEMETRY_QUEUES; qid++)
		capture_queue(ctrl, qid, &into->data.queue[qid]);
	for (uint32_t i = 0; i < EMU_TELEMETRY_ERRORS; i++) {
		const struct nvme_error_log_entry *entry = emu_error_at(emu, ctrl, i);

		if (entry)
			into->data.error[i] = *entry;
	}
}

static void fill_head(const struct emu_ctrl *ctrl, bool host, struct nvme_telemetry_log *head)
{
	const struct emu_telemetry *telemetry = ctrl->telemetry;
	const struct emu_telemetry_capture *of = host ? &telemetry->host : &telemetry->ctrl;

	memset(head, 0, sizeof(*head));
	head->lpi = host ? NVME_LID_TELEMETRY_HOST : NVME_LID_TELEMETRY_CTRL;
	for (uint32_t i = 0; i < EMU_OUI_BYTES; i++)
		head->ieee[i] = emu_oui[EMU_OUI_BYTES - 1 - i];
	if (of->exists) {
		head->dalb1 = nvme_le16(AREA1_LAST);
		head->dalb2 = nvme_le16(AREA2_LAST);
		head->dalb3 = nvme_le16(AREA3_LAST);
	}
	head->hostscope = host ? SCOPE_CONTROLLER : 0;
	head->hostdgn = host ? telemetry->host.generation : SCOPE_CONTROLLER;
	head->ctrlavail = telemetry->available;
	head->ctrldgn = telemetry->ctrl.generation;
	memcpy(head->rsnident, of->reason, sizeof(head->rsnident));
}

static void add_event(struct emu *emu, const struct emu_ctrl *ctrl, bool host)
{
	struct nvme_telemetry_log head;

	fill_head(ctrl, host, &head);
	emu_pel_add(emu, ctrl, NVME_PEL_EVENT_TELEMETRY_CREATED, &head, sizeof(head));
}

void emu_telemetry_capture(struct emu *emu, struct emu_ctrl *ctrl, const char *reason)
{
	struct emu_telemetry *telemetry = ctrl->telemetry;

	if (!emu->config.telemetry || telemetry->available)
		return;
	capture(emu, ctrl, reason, &telemetry->ctrl);
	telemetry->available = true;
	add_event(emu, ctrl, false);
	emu_raise_event(emu, ctrl, NVME_AER_TELEMETRY_CHANGED);
}

static bool is_host(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_LOG_LID) == NVME_LID_TELEMETRY_HOST;
}

emu_verdict emu_begin_telemetry(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	if (emu_log_bytes(emu, ctrl, req) % NVME_TELEMETRY_BLOCK_BYTES)
		return emu_bad_field(req, CDW10 + 2, 0);
	if (nvme_cpu32(req->sqe.cdw12) % NVME_TELEMETRY_BLOCK_BYTES)
		return emu_bad_field(req, CDW12, 0);
	if (!is_host(req) || !NVME_GET(emu_log_lsp(req), NVME_GET_LOG_LSP_TELEMETRY_CREATE))
		return EMU_TRANSFER;
	capture(emu, ctrl, "asked for by the host", &ctrl->telemetry->host);
	add_event(emu, ctrl, true);
	return EMU_TRANSFER;
}

static const struct emu_telemetry_capture *capture_of(const struct emu_ctrl *ctrl,
						      const struct emu_req *req)
{
	return is_host(req) ? &ctrl->telemetry->host : &ctrl->telemetry->ctrl;
}

uint64_t emu_telemetry_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	return sizeof(struct nvme_telemetry_log) +
	       (capture_of(ctrl, req)->exists ? sizeof(struct emu_telemetry_data) : 0);
}

void emu_fill_telemetry(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	struct nvme_telemetry_log head;

	(void)emu;
	fill_head(ctrl, is_host(req), &head);
	emu_log_put(&part, 0, &head, sizeof(head));
	emu_log_put(&part, sizeof(head), &capture_of(ctrl, req)->data,
		    sizeof(struct emu_telemetry_data));
}

/* What the controller made may give way to something newer once the host has it. */
void emu_telemetry_was_read(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	if (!emu_log_retains(req))
		ctrl->telemetry->available = false;
}

void emu_fill_statistics(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			 uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	struct emu_telemetry_state state;

	(void)req;
	emu_telemetry_state(emu, ctrl, &state);
	emu_log_put(&part, 0, &state, sizeof(state));
}
