/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The state of a controller as hosts move it (Base 2.1 8.1.12): its I/O queues, where they are, how
 * far each side has come, and the phase. Nothing is vendor specific; features are set by the host
 * that moves the state. It is validated whole before the first queue is touched.
 */
#include "emulator/core/log.h"
#include "emulator/core/window.h"

#define ENTRIES_AT (sizeof(struct nvme_ctrl_state) + sizeof(struct nvme_ctrl_queues))
#define ENTRY	   sizeof(struct nvme_sq_state)
#define WRONG	   (NVME_SC_INVALID_FIELD | NVME_DNR)

_Static_assert(sizeof(struct nvme_sq_state) == sizeof(struct nvme_cq_state), "ENTRY is for both");

/* How many I/O queues there are. */
struct counts {
	uint32_t sqs;
	uint32_t cqs;
};

/* Whole pages: a host that sends more than it needs to is understood. */
uint32_t emu_migration_bytes(const struct emu_config *config)
{
	uint64_t bytes = ENTRIES_AT + 2 * ENTRY * (uint64_t)config->queues;

	return (uint32_t)((bytes + 4095) & ~4095ull);
}

static struct counts count(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	struct counts counts = { 0, 0 };

	for (uint32_t qid = 1; qid <= emu->config.queues; qid++) {
		counts.sqs += ctrl->sq[qid].created;
		counts.cqs += ctrl->cq[qid].created;
	}
	return counts;
}

static uint64_t bytes_of(struct counts counts)
{
	return ENTRIES_AT + ENTRY * ((uint64_t)counts.sqs + counts.cqs);
}

uint64_t emu_migration_size(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	return bytes_of(count(emu, ctrl));
}

static void put_sq(const struct emu_log_part *part, uint64_t at, const struct emu_sq *sq,
		   uint32_t qid)
{
	struct nvme_sq_state entry = {
		.prp1 = nvme_le64(sq->base),
		.qsize_z = nvme_le16((uint16_t)(sq->entries - 1)),
		.qid = nvme_le16((uint16_t)qid),
		.cqid = nvme_le16((uint16_t)sq->cqid),
		.attributes = nvme_le16((uint16_t)(NVME_PUT(NVME_SQ_STATE_PC, 1) |
						   NVME_PUT(NVME_SQ_STATE_QPRIO, sq->priority))),
		.head = nvme_le16((uint16_t)sq->head),
		.tail = nvme_le16((uint16_t)sq->tail),
	};

	emu_log_put(part, at, &entry, sizeof(entry));
}

/* Slot 0 has the phase of this round, unless this round has yet to write it (unverified). */
static void put_cq(const struct emu_log_part *part, uint64_t at, const struct emu_cq *cq,
		   uint32_t qid)
{
	bool slot0 = cq->tail > 0 ? cq->phase : !cq->phase;
	struct nvme_cq_state entry = {
		.prp1 = nvme_le64(cq->base),
		.qsize_z = nvme_le16((uint16_t)(cq->entries - 1)),
		.qid = nvme_le16((uint16_t)qid),
		.head = nvme_le16((uint16_t)cq->head),
		.tail = nvme_le16((uint16_t)cq->tail),
		.attributes = nvme_le32(NVME_PUT(NVME_CQ_STATE_PC, 1) |
					NVME_PUT(NVME_CQ_STATE_IEN, cq->interrupts) |
					NVME_PUT(NVME_CQ_STATE_S0PT, slot0) |
					NVME_PUT(NVME_CQ_STATE_IV, cq->vector)),
	};

	emu_log_put(part, at, &entry, sizeof(entry));
}

void emu_migration_fill(const struct emu *emu, const struct emu_ctrl *ctrl, uint64_t offset,
			uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	struct counts counts = count(emu, ctrl);
	bool suspended = ctrl->migration.suspended && !ctrl->migration.draining;
	uint64_t css = bytes_of(counts) - sizeof(struct nvme_ctrl_state), at = ENTRIES_AT;
	struct nvme_ctrl_state head = {
		.ver = nvme_le16(NVME_CTRL_STATE_VERSION),
		.csattr = (uint8_t)NVME_PUT(NVME_CTRL_STATE_SUSPENDED, suspended),
		.nvmecss.lo = nvme_le64(css / 4),
	};
	struct nvme_ctrl_queues queues = {
		.ver = nvme_le16(NVME_CTRL_STATE_VERSION),
		.niosq = nvme_le16((uint16_t)counts.sqs),
		.niocq = nvme_le16((uint16_t)counts.cqs),
	};

	emu_log_put(&part, 0, &head, sizeof(head));
	emu_log_put(&part, sizeof(head), &queues, sizeof(queues));
	for (uint32_t qid = 1; qid <= emu->config.queues; qid++) {
		if (!ctrl->sq[qid].created)
			continue;
		put_sq(&part, at, &ctrl->sq[qid], qid);
		at += ENTRY;
	}
	for (uint32_t qid = 1; qid <= emu->config.queues; qid++) {
		if (!ctrl->cq[qid].created)
			continue;
		put_cq(&part, at, &ctrl->cq[qid], qid);
		at += ENTRY;
	}
}

/* The entries of a state that was received: submission queues, then completion queues. */
static const struct nvme_sq_state *sq_at(const struct emu_migration *migration, uint32_t index)
{
	return (const void *)(migration->state + ENTRIES_AT + ENTRY * index);
}

static const struct nvme_cq_state *cq_at(const struct emu_migration *migration,
					 struct counts counts, uint32_t index)
{
	return (const void *)sq_at(migration, counts.sqs + index);
}

/* The headers: a version that is known, and sizes that fit to what came. */
static nvme_status check_headers(const struct emu_migration *migration, struct counts *ret_counts)
{
	const struct nvme_ctrl_state *head = (const void *)migration->state;
	const struct nvme_ctrl_queues *queues = (const void *)(head + 1);

	if (migration->received < ENTRIES_AT)
		return WRONG;
	if (nvme_cpu16(head->ver) != NVME_CTRL_STATE_VERSION ||
	    nvme_cpu16(queues->ver) != NVME_CTRL_STATE_VERSION)
		return WRONG;
	/* What was taken of a controller at work is out of date (unverified). */
	if (!NVME_GET(head->csattr, NVME_CTRL_STATE_SUSPENDED))
		return WRONG;
	*ret_counts = (struct counts){ nvme_cpu16(queues->niosq), nvme_cpu16(queues->niocq) };
	if (nvme_cpu64(head->nvmecss.hi) || nvme_cpu64(head->vss.hi) || nvme_cpu64(head->vss.lo) ||
	    nvme_cpu64(head->nvmecss.lo) !=
		    (bytes_of(*ret_counts) - sizeof(struct nvme_ctrl_state)) / 4 ||
	    bytes_of(*ret_counts) > migration->received)
		return WRONG;
	return NVME_SC_SUCCESS;
}

/* What queues of both kinds have, in bytes and entries. */
struct place {
	uint32_t qid;
	uint32_t granted;
	uint32_t qsize_z;
	uint32_t head;
	uint32_t tail;
	uint32_t entry_bytes;
	uint64_t base;
	bool contiguous;
};

/* As for the command that creates such a queue (Base 2.1 5.2.1 and 5.2.2, unverified). */
static nvme_status check_place(const struct emu *emu, const struct emu_ctrl *ctrl,
			       const struct place *place, struct nvme_bitset *named)
{
	uint64_t bytes = (place->qsize_z + 1ull) * place->entry_bytes;
	struct emu_spans whole = { .count = 1, .span = { { place->base, bytes } } };
	enum emu_window_use use = place->entry_bytes == NVME_SQE_BYTES ? EMU_USE_SQ : EMU_USE_CQ;

	if (place->qid == 0 || place->qid > place->granted || nvme_bitset_test(named, place->qid))
		return NVME_SC_INVALID_QUEUE_ID | NVME_DNR;
	nvme_bitset_set(named, place->qid);
	if (place->qsize_z == 0 ||
	    place->qsize_z > emu_config_own(&emu->config, ctrl->index, EMU_OWN_MQES))
		return NVME_SC_INVALID_QUEUE_SIZE | NVME_DNR;
	if (!place->contiguous || place->head > place->qsize_z || place->tail > place->qsize_z)
		return WRONG;
	if (place->base & (ctrl->page_bytes - 1))
		return NVME_SC_PRP_OFFSET_INVALID | NVME_DNR;
	return emu_window_allows_all(emu, ctrl, &whole, use)
		       ? NVME_SC_SUCCESS
		       : (nvme_status)(NVME_SC_CMB_USE_INVALID | NVME_DNR);
}

static nvme_status check_cq(const struct emu *emu, struct emu_ctrl *ctrl,
			    const struct nvme_cq_state *entry)
{
	uint32_t attributes = nvme_cpu32(entry->attributes);
	uint32_t vector = NVME_GET(attributes, NVME_CQ_STATE_IV);
	const struct place place = {
		.qid = nvme_cpu16(entry->qid),
		.granted = ctrl->cqs_granted,
		.qsize_z = nvme_cpu16(entry->qsize_z),
		.head = nvme_cpu16(entry->head),
		.tail = nvme_cpu16(entry->tail),
		.entry_bytes = NVME_CQE_BYTES,
		.base = nvme_cpu64(entry->prp1),
		.contiguous = NVME_GET(attributes, NVME_CQ_STATE_PC),
	};

	if (vector >= emu->layout.vectors ||
	    (NVME_GET(attributes, NVME_CQ_STATE_IEN) && vector >= emu_irq_vectors(emu, ctrl)))
		return NVME_SC_INVALID_INTERRUPT_VECTOR | NVME_DNR;
	return check_place(emu, ctrl, &place, ctrl->migration.cqs);
}

static nvme_status check_sq(const struct emu *emu, struct emu_ctrl *ctrl,
			    const struct nvme_sq_state *entry)
{
	uint32_t cqid = nvme_cpu16(entry->cqid);
	const struct place place = {
		.qid = nvme_cpu16(entry->qid),
		.granted = ctrl->sqs_granted,
		.qsize_z = nvme_cpu16(entry->qsize_z),
		.head = nvme_cpu16(entry->head),
		.tail = nvme_cpu16(entry->tail),
		.entry_bytes = NVME_SQE_BYTES,
		.base = nvme_cpu64(entry->prp1),
		.contiguous = NVME_GET(nvme_cpu16(entry->attributes), NVME_SQ_STATE_PC),
	};

	if (cqid > emu->config.queues || !nvme_bitset_test(ctrl->migration.cqs, cqid))
		return NVME_SC_CQ_INVALID | NVME_DNR;
	return check_place(emu, ctrl, &place, ctrl->migration.sqs);
}

/* Queues need a controller that is ready, and sizes of entries in its CC. */
static nvme_status check_ctrl(const struct emu_ctrl *ctrl, struct counts counts)
{
	uint32_t cc = emu_reg32(ctrl, NVME_REG_CC);

	if (counts.sqs + counts.cqs == 0)
		return NVME_SC_SUCCESS;
	if (!emu_is_ready(ctrl) || ctrl->resetting)
		return NVME_SC_COMMAND_SEQUENCE_ERROR | NVME_DNR;
	if (NVME_GET(cc, NVME_CC_IOSQES) != 6 || NVME_GET(cc, NVME_CC_IOCQES) != 4)
		return NVME_SC_INVALID_QUEUE_SIZE | NVME_DNR;
	return NVME_SC_SUCCESS;
}

static nvme_status check(const struct emu *emu, struct emu_ctrl *ctrl, struct counts *ret_counts)
{
	struct emu_migration *migration = &ctrl->migration;
	nvme_status status = check_headers(migration, ret_counts);

	if (!status)
		status = check_ctrl(ctrl, *ret_counts);
	nvme_bitset_init(migration->cqs, emu->config.queues + 1);
	nvme_bitset_init(migration->sqs, emu->config.queues + 1);
	for (uint32_t i = 0; i < ret_counts->cqs && !status; i++)
		status = check_cq(emu, ctrl, cq_at(migration, *ret_counts, i));
	for (uint32_t i = 0; i < ret_counts->sqs && !status; i++)
		status = check_sq(emu, ctrl, sq_at(migration, i));
	return status;
}

static void restore_cq(struct emu *emu, struct emu_ctrl *ctrl, const struct nvme_cq_state *entry)
{
	uint32_t attributes = nvme_cpu32(entry->attributes), tail = nvme_cpu16(entry->tail);
	bool slot0 = NVME_GET(attributes, NVME_CQ_STATE_S0PT);
	const struct emu_cq cq = {
		.base = nvme_cpu64(entry->prp1),
		.entries = nvme_cpu16(entry->qsize_z) + 1u,
		.head = nvme_cpu16(entry->head),
		.tail = tail,
		.vector = (uint16_t)NVME_GET(attributes, NVME_CQ_STATE_IV),
		.phase = tail > 0 ? slot0 : !slot0,
		.interrupts = NVME_GET(attributes, NVME_CQ_STATE_IEN),
	};

	emu_restore_cq(emu, ctrl, nvme_cpu16(entry->qid), cq);
}

static void restore_sq(struct emu *emu, struct emu_ctrl *ctrl, const struct nvme_sq_state *entry)
{
	const struct emu_sq sq = {
		.base = nvme_cpu64(entry->prp1),
		.entries = nvme_cpu16(entry->qsize_z) + 1u,
		.head = nvme_cpu16(entry->head),
		.tail = nvme_cpu16(entry->tail),
		.cqid = nvme_cpu16(entry->cqid),
		.priority = (uint8_t)NVME_GET(nvme_cpu16(entry->attributes), NVME_SQ_STATE_QPRIO),
	};

	emu_restore_sq(emu, ctrl, nvme_cpu16(entry->qid), sq);
}

nvme_status emu_migration_apply(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_migration *migration = &ctrl->migration;
	struct counts counts = { 0, 0 };
	nvme_status status = check(emu, ctrl, &counts);

	if (status)
		return status;
	emu_trace(emu, ctrl, CTRL_STATE, counts.sqs, counts.cqs);
	emu_close_io_queues(emu, ctrl);
	for (uint32_t i = 0; i < counts.cqs; i++)
		restore_cq(emu, ctrl, cq_at(migration, counts, i));
	for (uint32_t i = 0; i < counts.sqs; i++)
		restore_sq(emu, ctrl, sq_at(migration, i));
	migration->restored = true;
	return NVME_SC_SUCCESS;
}
