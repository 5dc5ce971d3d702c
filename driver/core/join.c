/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transfers of several commands, or with something to do when they end.
 *
 * A join goes through its blocks: as many commands (parts) as fit the queue now, the others as
 * completions make room, one callback at the end. Each part goes straight to and from the caller's
 * memory if that can be described, else through a bounce buffer. After the first error nothing more
 * is submitted, and what is outstanding is awaited.
 */
#include "driver/core/data.h"
#include "driver/core/submit.h"

#define RANGE_BLOCKS 65536u /* of a command: NLB has 16 bits */

static bool from_ctrl(uint8_t opcode)
{
	return opcode & NVME_DIRECTION_FROM_CTRL;
}

static void join_put(struct nvl_queue *queue, struct nvl_join *join)
{
	join->used = false;
	join->next = queue->join_free;
	queue->join_free = (uint32_t)(join - queue->joins);
}

static struct nvl_join *join_get(struct nvl_queue *queue)
{
	struct nvl_join *join;

	if (queue->join_free == NVL_NO_JOIN)
		return NULL;
	join = &queue->joins[queue->join_free];
	queue->join_free = join->next;
	*join = (struct nvl_join){ .queue = queue, .used = true, .next = NVL_NO_JOIN };
	return join;
}

static void join_stop(struct nvl_join *join)
{
	join->position = join->io.nlb;
}

static struct nvl_blocks blocks_of(const struct nvl_join *join)
{
	return (struct nvl_blocks){
		.ns = &join->ns,
		.pi = &join->pi,
		.data = &join->data,
		.meta = join->layout.meta_bytes > 0 ? &join->meta : NULL,
		.layout = join->layout,
		.nlb = join->io.nlb,
	};
}

static void verify(struct nvl_join *join)
{
	const struct nvl_blocks blocks = blocks_of(join);

	join->completion.status = nvl_blocks_verify(&blocks);
	if (join->completion.status != NVME_SC_SUCCESS)
		join->completion.result = -NVL_EILSEQ;
}

/* Calls back when nothing of the transfer is outstanding or to come. */
static void join_settle(struct nvl_join *join)
{
	nvl_done_fn *done = join->done;
	void *arg = join->arg;
	struct nvl_completion completion;

	if (join->outstanding > 0 || join->waiting)
		return;
	if (join->completion.result == 0 && join->second.result != 0)
		join->completion = join->second;
	if (join->completion.result == 0 && done && (join->pi.flags & NVL_PI_HOST) &&
	    from_ctrl(join->opcode))
		verify(join);
	completion = join->completion;
	join_put(join->queue, join);
	if (done)
		done(arg, &completion);
}

static void move_bounced(struct nvl_join *join, const struct nvl_part *part, bool to_memory)
{
	uint8_t *bounce = nvl_bounce_data(join->queue, part->bounce);
	uint64_t bytes = (uint64_t)part->nlb * join->layout.data_bytes;

	if (join->copy && to_memory) {
		memcpy(join->copy, bounce, join->copy_bytes);
		return;
	}
	nvl_memory_copy(&join->data, (uint64_t)part->first * join->layout.data_bytes, bounce, bytes,
			to_memory);
	nvl_memory_copy(&join->meta, (uint64_t)part->first * join->layout.meta_bytes,
			bounce + bytes, (uint64_t)part->nlb * join->layout.meta_bytes, to_memory);
}

static void part_done(void *arg, const struct nvl_completion *completion)
{
	const struct nvl_part *part = arg;
	struct nvl_join *join = part->join;

	if (part->bounce != NVL_NO_BOUNCE) {
		if (completion->result == 0 && from_ctrl(join->opcode))
			move_bounced(join, part, true);
		nvl_bounce_put(join->queue, part->bounce);
	}
	join->outstanding--;
	if (join->completion.result == 0)
		join->completion = *completion;
	if (completion->result != 0)
		join_stop(join);
	join_settle(join);
}

static void submit_sqe(struct nvl_join *join, struct nvl_request *request, struct nvl_part *part,
		       struct nvme_sqe *sqe, uint64_t bytes)
{
	struct nvl_queue *queue = join->queue;
	uint32_t slot = queue->tail;

	sqe->cid = nvme_le16(request->cid);
	queue->sq[slot] = *sqe;
	nvl_submit_plain(queue, request, slot, part_done, part);
	if (__builtin_expect(queue->observed, 0)) {
		const void *data = nvl_part_traced(join, part, bytes);

		nvl_submit_trace(queue, request, slot, data, data ? (uint32_t)bytes : 0);
	}
	join->outstanding++;
}

/* Return: the part of a request, with a bounce buffer if @bounce; NULL when there is none now. */
static struct nvl_part *part_get(struct nvl_join *join, bool bounce, struct nvl_request **ret)
{
	struct nvl_queue *queue = join->queue;
	uint32_t slot = bounce ? nvl_bounce_get(queue) : NVL_NO_BOUNCE;
	struct nvl_part *part;

	if (bounce && slot == NVL_NO_BOUNCE)
		return NULL;
	*ret = nvl_request_get(queue);
	if (!*ret) {
		nvl_bounce_put(queue, slot);
		return NULL;
	}
	part = &queue->parts[nvl_request_index(queue, *ret)];
	*part = (struct nvl_part){ .join = join, .bounce = slot };
	return part;
}

/* Return: 0, -NVL_EAGAIN without a slot, -NVL_EINVAL for memory that cannot be described. */
static int submit_part(struct nvl_join *join)
{
	struct nvl_request *request;
	struct nvl_part *part;
	struct nvme_sqe sqe;
	struct nvl_plan plan;
	int error = nvl_plan_part(join, &plan);

	if (error)
		return error;
	part = part_get(join, plan.bounce, &request);
	if (!part)
		return -NVL_EAGAIN;
	part->first = join->position;
	part->nlb = plan.nlb;
	sqe = nvl_part_command(join, part);
	if (plan.bounce && !from_ctrl(join->opcode))
		move_bounced(join, part, false);
	if (join->layout.data_bytes > 0)
		nvl_part_describe(join, request, part, &plan, &sqe);
	submit_sqe(join, request, part, &sqe, (uint64_t)part->nlb * join->layout.data_bytes);
	join->position += plan.nlb;
	return 0;
}

/* Submits until nothing is left, or the queue is full: -NVL_EAGAIN. */
static int join_submit(struct nvl_join *join)
{
	int error = 0;

	while (join->position < join->io.nlb && !error)
		error = submit_part(join);
	if (error == 0 || error == -NVL_EAGAIN)
		return error;
	if (join->completion.result == 0)
		join->completion.result = error;
	join_stop(join);
	return join->outstanding > 0 ? 0 : error;
}

static void join_wait(struct nvl_queue *queue, struct nvl_join *join)
{
	uint32_t index = (uint32_t)(join - queue->joins);

	join->waiting = true;
	join->next = NVL_NO_JOIN;
	if (queue->join_first == NVL_NO_JOIN)
		queue->join_first = index;
	else
		queue->joins[queue->join_last].next = index;
	queue->join_last = index;
}

/** nvl_join_continue - transfers that wait for slots, in their order; rings */
void nvl_join_continue(struct nvl_queue *queue)
{
	while (queue->join_first != NVL_NO_JOIN) {
		struct nvl_join *join = &queue->joins[queue->join_first];

		if (join_submit(join) == -NVL_EAGAIN)
			break;
		queue->join_first = join->next;
		join->waiting = false;
		join_settle(join);
	}
	nvl_ring(queue);
}

/** nvl_join_cancel - transfers that wait for slots get no more */
void nvl_join_cancel(struct nvl_queue *queue)
{
	while (queue->join_first != NVL_NO_JOIN) {
		struct nvl_join *join = &queue->joins[queue->join_first];

		queue->join_first = join->next;
		join->waiting = false;
		join_stop(join);
		if (join->completion.result == 0)
			join->completion.result = queue->ctrl->cancel_result;
		join_settle(join);
	}
}

static void fused_done(void *arg, const struct nvl_completion *completion)
{
	struct nvl_join *first = arg;

	first->second = *completion;
	first->outstanding--;
	join_settle(first);
}

/* Who started a transfer: of the second of two fused ones, who started the first. */
static const struct nvl_join *root_of(const struct nvl_join *join)
{
	return join->done == fused_done ? join->arg : join;
}

/** nvl_join_is - whether @request is a part of the transfer that @arg waits for */
bool nvl_join_is(const struct nvl_request *request, const void *arg)
{
	const struct nvl_part *part = request->arg;

	return request->done == part_done && root_of(part->join)->arg == arg;
}

/** nvl_join_abandon - nobody waits for @arg's transfer any more; its commands are given up */
void nvl_join_abandon(struct nvl_queue *queue, const void *arg)
{
	for (uint32_t i = 0; i < queue->join_slots; i++) {
		struct nvl_join *join = &queue->joins[i];

		if (!join->used || root_of(join)->arg != arg)
			continue;
		join_stop(join);
		join->outstanding = 0;
		join->done = NULL;
		/* One that waits for slots is settled, without a callback, when its turn comes. */
		join_settle(join);
	}
}

/** nvl_join_forget - @request, which was given up, is over: what it held is free */
void nvl_join_forget(struct nvl_queue *queue, const struct nvl_request *request)
{
	const struct nvl_part *part = request->arg;

	if (request->done == part_done)
		nvl_bounce_put(queue, part->bounce);
}

/* PRINFO that a command with this opcode can have. */
static uint8_t pi_flags_of(uint8_t opcode, const struct nvl_io *io, uint8_t flags)
{
	if (io->extra && io->extra->has_pi)
		return flags;
	switch (opcode) {
	case NVME_CMD_VERIFY:
		return flags & (uint8_t)~NVL_PI_ACTION;
	case NVME_CMD_WRITE_ZEROES:
		return flags & NVL_PI_ACTION;
	case NVME_CMD_WRITE_UNCORRECTABLE:
		return 0;
	default:
		return flags;
	}
}

/* Blocks of one command, of a namespace whose commands are limited in bytes or not at all. */
static uint32_t limit_of(const struct nvl_join *join)
{
	const struct nvl_limits *limits = &join->queue->ctrl->limits;
	uint64_t bytes = join->queue->max_transfer_bytes;
	uint64_t unit = join->layout.data_bytes;

	if (unit == 0) {
		unit = join->ns.block_bytes;
		bytes = join->opcode == NVME_CMD_VERIFY		       ? limits->verify_bytes
			: join->opcode == NVME_CMD_WRITE_ZEROES	       ? limits->zeroes_bytes
			: join->opcode == NVME_CMD_WRITE_UNCORRECTABLE ? limits->uncorrectable_bytes
								       : 0;
		if (bytes == 0)
			return RANGE_BLOCKS;
	}
	bytes /= unit;
	return bytes < RANGE_BLOCKS ? (uint32_t)bytes : RANGE_BLOCKS;
}

/* What @io is, into @join. Return: 0 or -NVL_EINVAL. */
static int prepare(struct nvl_join *join, uint8_t opcode, const struct nvl_io *io)
{
	bool has_pi;

	if (io->ns->problem != 0 || join->queue->id == 0 || io->nlb == 0)
		return -NVL_EINVAL;
	join->io = *io;
	join->ns = *io->ns;
	join->io.ns = &join->ns;
	join->opcode = opcode;
	has_pi = nvl_pi_of(io, &join->pi);
	if (!has_pi && io->extra && io->extra->has_pi)
		return -NVL_EINVAL;
	join->pi.flags = pi_flags_of(opcode, io, join->pi.flags);
	if ((join->pi.flags & NVL_PI_ACTION) && (join->pi.flags & NVL_PI_HOST))
		return -NVL_EINVAL;
	if (nvl_moves_data(opcode)) {
		join->layout = nvl_layout(&join->ns, &join->pi);
		nvl_io_memory(io, &join->layout, &join->data, &join->meta);
		if (!nvl_memory_fits(&join->data, (uint64_t)io->nlb * join->layout.data_bytes) ||
		    !nvl_memory_fits(&join->meta, (uint64_t)io->nlb * join->layout.meta_bytes))
			return -NVL_EINVAL;
	}
	join->limit = limit_of(join);
	return join->limit > 0 ? 0 : -NVL_EINVAL;
}

static void generate(struct nvl_join *join)
{
	const struct nvl_blocks blocks = blocks_of(join);

	if ((join->pi.flags & NVL_PI_HOST) && nvl_moves_data(join->opcode) &&
	    !from_ctrl(join->opcode))
		nvl_blocks_generate(&blocks);
}

/** nvl_join_start - @io as so many commands as it takes; the gate is open */
int nvl_join_start(struct nvl_queue *queue, uint8_t opcode, const struct nvl_io *io,
		   nvl_done_fn *done, void *arg)
{
	struct nvl_join *join = join_get(queue);
	int error;

	if (!join)
		return -NVL_EAGAIN;
	join->done = done;
	join->arg = arg;
	error = prepare(join, opcode, io);
	if (!error) {
		generate(join);
		error = join_submit(join);
	}
	if (error && join->outstanding == 0) {
		join_put(queue, join);
		return error;
	}
	if (error)
		join_wait(queue, join);
	return 0;
}

/*
 * Both commands have their slots before one is submitted; the pair is rung at once, because nothing
 * rings in between.
 */
int nvl_join_fused(struct nvl_queue *queue, const struct nvl_io *compare,
		   const struct nvl_io *write, nvl_done_fn *done, void *arg)
{
	struct nvl_join *first = join_get(queue);
	struct nvl_join *second = first ? join_get(queue) : NULL;
	struct nvl_plan plans[2] = { 0 };
	int error = second && nvl_request_credit(queue) >= 2 ? 0 : -NVL_EAGAIN;

	if (!error)
		error = prepare(first, NVME_CMD_COMPARE, compare);
	if (!error)
		error = prepare(second, NVME_CMD_WRITE, write);
	if (!error)
		error = nvl_plan_part(first, &plans[0]);
	if (!error)
		error = nvl_plan_part(second, &plans[1]);
	if (!error && (plans[0].bounce || plans[1].bounce || plans[0].nlb != compare->nlb ||
		       plans[1].nlb != write->nlb))
		error = -NVL_EINVAL;
	if (error) {
		if (second)
			join_put(queue, second);
		if (first)
			join_put(queue, first);
		return error;
	}
	first->done = done;
	first->arg = arg;
	first->fuse = (uint8_t)NVME_PUT(NVME_SQE_FUSE, NVME_FUSE_FIRST);
	second->done = fused_done;
	second->arg = first;
	second->fuse = (uint8_t)NVME_PUT(NVME_SQE_FUSE, NVME_FUSE_SECOND);
	generate(first);
	generate(second);
	submit_part(first);
	submit_part(second);
	first->outstanding++;
	return 0;
}

/**
 * nvl_join_copy - one command whose @bytes of data go through a bounce buffer
 * @data: read now, or written when it succeeded; the opcode says which
 */
int nvl_join_copy(struct nvl_queue *queue, const struct nvme_sqe *sqe, void *data, uint32_t bytes,
		  nvl_done_fn *done, void *arg)
{
	struct nvme_sqe command = *sqe;
	struct nvl_buffer buffer = { .bytes = bytes };
	struct nvl_request *request;
	struct nvl_join *join;
	struct nvl_part *part;
	struct nvl_prp prp;

	if (bytes == 0)
		return nvl_submit(queue, sqe, NULL, done, arg);
	if (bytes > queue->ctrl->config.bounce_bytes || bytes > queue->max_transfer_bytes ||
	    queue->ctrl->config.bounce_slots == 0 || queue->id == 0)
		return -NVL_EINVAL;
	if (!nvl_gate_open(queue))
		return nvl_request_refusal(queue);
	join = join_get(queue);
	if (!join)
		return -NVL_EAGAIN;
	part = part_get(join, true, &request);
	if (!part) {
		join_put(queue, join);
		return -NVL_EAGAIN;
	}
	join->done = done;
	join->arg = arg;
	join->opcode = sqe->opcode;
	join->copy = data;
	join->copy_bytes = bytes;
	buffer.data = nvl_bounce_data(queue, part->bounce);
	buffer.iova = nvl_bounce_iova(queue, part->bounce);
	if (from_ctrl(sqe->opcode))
		memset(buffer.data, 0, bytes);
	else
		memcpy(buffer.data, data, bytes);
	prp = nvl_prp(queue, request, &buffer, 0, bytes);
	command.prp1 = nvme_le64(prp.prp1);
	command.prp2 = nvme_le64(prp.prp2);
	submit_sqe(join, request, part, &command, bytes);
	return 0;
}
