/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Steps about I/O queue pairs: how many the controller grants, their creation and deletion
 * (Base 2.0 5.4, 5.5, 5.27.1.5, unverified).
 *
 * A pair shares its number: SQ n completes into CQ n. The CQ comes first, because the SQ names it.
 */
#include "driver/core/internal.h"

/**
 * nvl_queue_connect - where the queue's doorbells are, and which vector it has
 * @vector: or NVL_NO_VECTOR
 */
void nvl_queue_connect(struct nvl_queue *queue, uint32_t vector)
{
	const struct nvl_ctrl *ctrl = queue->ctrl;
	uint32_t stride = ctrl->info.doorbell_stride;

	queue->sq_offset = NVME_DOORBELL_OFFSET + 2 * queue->id * stride;
	queue->cq_offset = queue->sq_offset + stride;
	queue->sq_doorbell = nvl_mapped(ctrl, queue->sq_offset, 4);
	queue->cq_doorbell = nvl_mapped(ctrl, queue->cq_offset, 4);
	queue->vector = vector;
	nvl_shadow_connect(queue);
}

/* The admin queue has vector 0; I/O queues share the others in turn, or that one. */
static uint32_t vector_of(const struct nvl_ctrl *ctrl, uint32_t id)
{
	if (ctrl->vectors == 0 || ctrl->queues[id]->mode == NVL_MODE_POLLED)
		return NVL_NO_VECTOR;
	return ctrl->vectors == 1 ? 0 : 1 + (id - 1) % (ctrl->vectors - 1);
}

static struct nvme_sqe create_cq(const struct nvl_queue *queue)
{
	bool irq = queue->vector != NVL_NO_VECTOR;

	return (struct nvme_sqe){
		.opcode = NVME_ADMIN_CREATE_IO_CQ,
		.prp1 = nvme_le64(queue->cq_iova),
		.cdw10 = nvme_le32(NVME_PUT(NVME_CREATE_CQ_QID, queue->id) |
				   NVME_PUT(NVME_CREATE_CQ_QSIZE, queue->entries - 1)),
		.cdw11 = nvme_le32(NVME_PUT(NVME_CREATE_CQ_PC, 1) |
				   NVME_PUT(NVME_CREATE_CQ_IEN, irq) |
				   NVME_PUT(NVME_CREATE_CQ_IV, irq ? queue->vector : 0)),
	};
}

static struct nvme_sqe create_sq(const struct nvl_queue *queue)
{
	return (struct nvme_sqe){
		.opcode = NVME_ADMIN_CREATE_IO_SQ,
		.prp1 = nvme_le64(queue->sq_iova),
		.cdw10 = nvme_le32(NVME_PUT(NVME_CREATE_SQ_QID, queue->id) |
				   NVME_PUT(NVME_CREATE_SQ_QSIZE, queue->entries - 1)),
		.cdw11 = nvme_le32(NVME_PUT(NVME_CREATE_SQ_PC, 1) |
				   NVME_PUT(NVME_CREATE_SQ_QPRIO, queue->priority) |
				   NVME_PUT(NVME_CREATE_SQ_CQID, queue->id)),
	};
}

static struct nvme_sqe delete_queue(enum nvme_admin_opcode opcode, uint32_t id)
{
	return (struct nvme_sqe){
		.opcode = (uint8_t)opcode,
		.cdw10 = nvme_le32(NVME_PUT(NVME_DELETE_QUEUE_QID, id)),
	};
}

/** nvl_has_io - whether the controller is of a type that has I/O queues at all */
bool nvl_has_io(const struct nvl_ctrl *ctrl)
{
	uint8_t type = ctrl->id.cntrltype;

	return type != NVME_CNTRLTYPE_DISCOVERY && type != NVME_CNTRLTYPE_ADMIN;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* A thread that has the queue may look at it while it is parked. */
static void set_gate(struct nvl_queue *queue, const uint32_t *gate)
{
	__atomic_store_n(&queue->gate, gate, __ATOMIC_RELAXED);
}

/* Queues from @id on do not exist: whoever still has a pointer to one gets an error from it. */
static void close_from(struct nvl_ctrl *ctrl, uint32_t id)
{
	for (; id <= ctrl->config.queues; id++)
		set_gate(ctrl->queues[id], &ctrl->closed);
}

/**
 * nvl_step_granted - Number of Queues: how many pairs the controller grants of those wanted
 *
 * None when it refuses to say: admin commands still work, which may be what it takes to repair the
 * drive.
 */
int nvl_step_granted(struct nvl_ctrl *ctrl)
{
	const struct nvl_completion *answer = &ctrl->life.answer.completion;
	uint32_t wanted = ctrl->config.queues;
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_SET_FEATURES,
		.cdw10 = nvme_le32(NVME_FID_NUM_QUEUES),
		.cdw11 = nvme_le32(NVME_PUT(NVME_FEAT_NUM_QUEUES_NSQR, wanted - 1) |
				   NVME_PUT(NVME_FEAT_NUM_QUEUES_NCQR, wanted - 1)),
	};

	if (ctrl->life.phase == 0) {
		close_from(ctrl, 1);
		ctrl->info.queues = 0;
		ctrl->granted = 0;
		ctrl->target = 0;
		ctrl->info.entries = smaller(ctrl->config.entries, ctrl->info.max_entries);
		return wanted > 0 && nvl_has_io(ctrl) ? nvl_ask(ctrl, &sqe, 0) : 0;
	}
	if (answer->result < 0)
		nvl_fail(ctrl, NVL_REASON_NUM_QUEUES, answer->result, 0);
	if (answer->result != 0)
		return answer->result < 0 ? answer->result : 0;
	ctrl->granted = smaller(NVME_GET(answer->dw0, NVME_FEAT_NUM_QUEUES_NSQA) + 1,
				NVME_GET(answer->dw0, NVME_FEAT_NUM_QUEUES_NCQA) + 1);
	ctrl->granted = smaller(ctrl->granted, wanted);
	ctrl->target = smaller(ctrl->granted, ctrl->wanted);
	return 0;
}

enum create_phase {
	CREATE_CQ,
	CREATE_SQ,
	CREATED,
	ORPHAN_DELETED,
};

static int next_pair(struct nvl_ctrl *ctrl)
{
	struct nvl_queue *queue;
	struct nvme_sqe sqe;

	if (ctrl->info.queues >= ctrl->target)
		return 0;
	queue = ctrl->queues[ctrl->info.queues + 1];
	nvl_queue_rewind(queue, ctrl->info.entries);
	nvl_queue_connect(queue, vector_of(ctrl, queue->id));
	sqe = create_cq(queue);
	return nvl_ask(ctrl, &sqe, 0);
}

/**
 * nvl_step_create - as many of the granted queue pairs as can be made
 *
 * A refusal ends it with the pairs that are there. A CQ without its SQ is deleted.
 */
int nvl_step_create(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;
	uint32_t id = ctrl->info.queues + 1;
	int result = life->phase == CREATE_CQ ? 0 : life->answer.completion.result;
	struct nvme_sqe sqe;

	if (result < 0)
		return result;
	switch ((enum create_phase)life->phase) {
	case CREATE_CQ:
		return next_pair(ctrl);
	case CREATE_SQ:
		if (result > 0)
			return 0;
		sqe = create_sq(ctrl->queues[id]);
		return nvl_ask(ctrl, &sqe, 0);
	case CREATED:
		if (result > 0) {
			sqe = delete_queue(NVME_ADMIN_DELETE_IO_CQ, id);
			return nvl_ask(ctrl, &sqe, 0);
		}
		ctrl->info.queues = id;
		set_gate(ctrl->queues[id], &ctrl->gate);
		life->phase = CREATE_CQ;
		return next_pair(ctrl);
	case ORPHAN_DELETED:
		break;
	}
	return 0;
}

/** nvl_step_delete - delete the I/O queue pairs; what is refused is left to CC.EN = 0 */
int nvl_step_delete(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;
	enum nvme_admin_opcode opcode;
	struct nvme_sqe sqe;
	int result;

	if (life->phase > 0) {
		result = life->answer.completion.result;
		if (result < 0)
			return result;
		/* An SQ that is not deleted keeps its CQ. */
		if (life->count % 2 == 1 && result > 0)
			life->count++;
		life->phase = 0;
	}
	if (life->count / 2 >= ctrl->info.queues)
		return 0;
	opcode = life->count % 2 == 0 ? NVME_ADMIN_DELETE_IO_SQ : NVME_ADMIN_DELETE_IO_CQ;
	sqe = delete_queue(opcode, ctrl->info.queues - life->count / 2);
	result = nvl_ask(ctrl, &sqe, 0);
	if (result == NVL_AGAIN)
		life->count++;
	return result;
}

/** nvl_step_shrink - delete queue pairs, the last first, until there are no more than wanted */
int nvl_step_shrink(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;
	uint32_t id = ctrl->info.queues;
	struct nvme_sqe sqe = delete_queue(NVME_ADMIN_DELETE_IO_SQ, id);
	int result = life->phase == 0 ? 0 : life->answer.completion.result;

	if (result < 0)
		return result;
	if (life->phase == 0) {
		if (id <= ctrl->target)
			return 0;
		close_from(ctrl, id);
		return nvl_ask(ctrl, &sqe, 0);
	}
	if (life->phase == 1 && result > 0) {
		set_gate(ctrl->queues[id], &ctrl->gate);
		return result;
	}
	if (life->phase == 1) {
		sqe = delete_queue(NVME_ADMIN_DELETE_IO_CQ, id);
		return nvl_ask(ctrl, &sqe, 0);
	}
	ctrl->info.queues--;
	life->phase = 0;
	return NVL_AGAIN;
}

/* Whether the queues from @count on are nobody's, and nothing of them is outstanding. */
static bool are_idle(const struct nvl_ctrl *ctrl, uint32_t count)
{
	for (uint32_t id = count + 1; id <= ctrl->info.queues; id++) {
		if (nvl_is_claimed(ctrl->queues[id]) || nvl_outstanding(ctrl->queues[id]) > 0)
			return false;
	}
	return true;
}

int nvl_set_queues(struct nvl_ctrl *ctrl, uint32_t count)
{
	int error;

	if (count > ctrl->config.queues)
		return -NVL_EINVAL;
	if (nvl_state(ctrl) == NVL_STATE_LIVE && !are_idle(ctrl, count))
		return -NVL_EBUSY;
	ctrl->wanted = count;
	if (nvl_state(ctrl) != NVL_STATE_LIVE)
		return 0;
	ctrl->target = smaller(count, ctrl->granted);
	error = nvl_begin(ctrl, NVL_OP_QUEUES);
	return error ? error : nvl_finish(ctrl);
}

static struct nvl_queue *configured(struct nvl_ctrl *ctrl, uint32_t index)
{
	return index < ctrl->config.queues ? ctrl->queues[index + 1] : NULL;
}

int nvl_set_mode(struct nvl_ctrl *ctrl, uint32_t index, enum nvl_mode mode)
{
	struct nvl_queue *queue = configured(ctrl, index);

	if (!queue || (uint32_t)mode >= NVL_MODES)
		return -NVL_EINVAL;
	queue->mode = (uint8_t)mode;
	return 0;
}

int nvl_set_priority(struct nvl_ctrl *ctrl, uint32_t index, enum nvme_qprio priority)
{
	struct nvl_queue *queue = configured(ctrl, index);

	if (!queue || (uint32_t)priority > NVME_QPRIO_LOW)
		return -NVL_EINVAL;
	queue->priority = (uint8_t)priority;
	return 0;
}
