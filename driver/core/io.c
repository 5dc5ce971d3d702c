/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Read, Write and Flush (NVM 1.0 3.2, unverified), and transfers that need more than one command.
 *
 * A transfer within the limit goes straight into its slot. A longer one becomes a join: as many
 * commands as fit the queue now, the others as completions make room, one callback at the end.
 * After the first error nothing more of it is submitted, and what is outstanding is awaited.
 */
#include "driver/core/submit.h"

/* CDW12: NLB, and the caller's flags, which are bits of their own there. */
static inline uint32_t cdw12_of(uint32_t flags, uint32_t nlb)
{
	uint32_t cdw12 = nlb - 1;

	if (__builtin_expect(flags != 0, 0))
		cdw12 |= NVME_PUT(NVME_RW_FUA, (flags & NVL_IO_FUA) != 0) |
			 NVME_PUT(NVME_RW_LR, (flags & NVL_IO_LIMITED_RETRY) != 0);
	return cdw12;
}

/*
 * One command of @nlb blocks from the start of @io, which is checked; they are @data.
 * All of @io is read before anything is written, which spares reading it again.
 * Return: 0 or -NVL_EAGAIN.
 */
static inline __attribute__((always_inline)) int submit_blocks(struct nvl_queue *queue,
							       uint8_t opcode,
							       const struct nvl_io *io,
							       uint32_t nlb, struct nvl_data data,
							       nvl_done_fn *done, void *arg)
{
	uint64_t command = opcode | (uint64_t)io->ns->nsid << 32;
	uint64_t slba = io->slba;
	uint32_t cdw12 = cdw12_of(io->flags, nlb);
	struct nvl_request *request = nvl_request_get(queue);
	struct nvl_prp prp;

	if (!request)
		return -NVL_EAGAIN;
	prp = nvl_prp(queue, request, data.buffer, data.offset, data.bytes);
	nvl_fill_slot(&queue->sq[queue->tail], command | (uint64_t)request->cid << 16, &prp, slba,
		      cdw12);
	nvl_submit_request(queue, request, data.buffer, data.offset, data.bytes, done, arg);
	return 0;
}

static void join_put(struct nvl_queue *queue, struct nvl_join *join)
{
	join->used = false;
	join->next = queue->join_free;
	queue->join_free = (uint32_t)(join - queue->joins);
}

/* Calls back when nothing of the transfer is outstanding or to come. */
static void join_settle(struct nvl_join *join)
{
	nvl_done_fn *done = join->done;
	void *arg = join->arg;
	struct nvl_completion completion = join->completion;

	if (join->outstanding > 0 || join->waiting)
		return;
	join_put(join->queue, join);
	if (done)
		done(arg, &completion);
}

static void join_done(void *arg, const struct nvl_completion *completion)
{
	struct nvl_join *join = arg;

	join->outstanding--;
	if (completion->result != 0 && join->completion.result == 0) {
		join->completion = *completion;
		join->io.nlb = 0;
	}
	join_settle(join);
}

/* Submits until nothing is left, or the queue is full: -NVL_EAGAIN. */
static int join_submit(struct nvl_queue *queue, struct nvl_join *join)
{
	struct nvl_io *io = &join->io;
	uint32_t limit = (uint32_t)(queue->io_max_bytes >> io->ns->block_shift);

	while (io->nlb > 0) {
		uint32_t nlb = io->nlb < limit ? io->nlb : limit;
		struct nvl_data data = {
			.buffer = io->buffer,
			.offset = io->offset,
			.bytes = (uint64_t)nlb << io->ns->block_shift,
		};
		int error = submit_blocks(queue, join->opcode, io, nlb, data, join_done, join);

		if (error)
			return error;
		join->outstanding++;
		io->nlb -= nlb;
		io->slba += nlb;
		io->offset += data.bytes;
	}
	return 0;
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

		if (join_submit(queue, join))
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
		join->io.nlb = 0;
		if (join->completion.result == 0)
			join->completion.result = queue->ctrl->cancel_result;
		join_settle(join);
	}
}

/** nvl_join_is - whether @request is a part of the transfer that @arg waits for */
bool nvl_join_is(const struct nvl_request *request, const void *arg)
{
	const struct nvl_join *join = request->arg;

	return request->done == join_done && join->arg == arg;
}

/** nvl_join_abandon - nobody waits for @arg's transfer any more; its commands are given up */
void nvl_join_abandon(struct nvl_queue *queue, const void *arg)
{
	for (uint32_t i = 0; i < queue->join_slots; i++) {
		struct nvl_join *join = &queue->joins[i];

		if (!join->used || join->arg != arg)
			continue;
		join->io.nlb = 0;
		join->outstanding = 0;
		join->done = NULL;
		/* One that waits for slots is settled, without a callback, when its turn comes. */
		join_settle(join);
	}
}

static int start_join(struct nvl_queue *queue, uint8_t opcode, const struct nvl_io *io,
		      nvl_done_fn *done, void *arg)
{
	struct nvl_join *join;
	int error;

	if (queue->join_free == NVL_NO_JOIN)
		return -NVL_EAGAIN;
	join = &queue->joins[queue->join_free];
	*join = (struct nvl_join){
		.io = *io,
		.ns = *io->ns,
		.done = done,
		.arg = arg,
		.queue = queue,
		.opcode = opcode,
		.next = join->next,
	};
	join->io.ns = &join->ns;
	error = join_submit(queue, join);
	if (error && join->outstanding == 0)
		return error; /* Still the first of the free ones. */
	queue->join_free = join->next;
	join->used = true;
	if (error)
		join_wait(queue, join);
	return 0;
}

/* What is not one command on contiguous memory: scattered, longer, or not right at all. */
static __attribute__((noinline)) int start_uncommon(struct nvl_queue *queue, uint8_t opcode,
						    const struct nvl_io *io, nvl_done_fn *done,
						    void *arg)
{
	const struct nvl_data data = {
		.buffer = io->buffer,
		.offset = io->offset,
		.bytes = (uint64_t)io->nlb << io->ns->block_shift,
	};

	if (io->ns->problem != 0 || queue->id == 0 || nvl_data_check(&data, UINT64_MAX))
		return -NVL_EINVAL;
	if (data.bytes > queue->io_max_bytes)
		return start_join(queue, opcode, io, done, arg);
	return submit_blocks(queue, opcode, io, io->nlb, data, done, arg);
}

/*
 * The short way: one command on two pages of contiguous memory at most, nothing else said. The
 * first comparison finds transfers of no block, of more than one command, of a namespace that has
 * more to it or is refused (its blocks are larger than any limit), on the admin queue (whose limit
 * is 0) and those that are traced. Nothing is called here that comes back, so no register has to be
 * saved.
 */
static inline __attribute__((always_inline)) int start_io(struct nvl_queue *queue, uint8_t opcode,
							  const struct nvl_io *io,
							  nvl_done_fn *done, void *arg)
{
	const struct nvl_buffer *buffer = io->buffer;
	uint32_t nlb = io->nlb;
	uint64_t offset = io->offset;
	uint64_t bytes = (uint64_t)nlb << io->ns->plain_shift;
	uint64_t start = buffer->iova + offset;
	uint64_t page = start & ~(uint64_t)(NVL_PAGE_BYTES - 1);
	uint64_t span = start - page + bytes;
	uint64_t uncommon = io->flags | (uintptr_t)buffer->page_iova | (start & 3);
	uint64_t command = opcode | (uint64_t)io->ns->nsid << 32;
	uint64_t slba = io->slba;
	struct nvl_request *request;
	struct nvl_prp prp;
	uint32_t slot;

	if (!nvl_gate_open(queue))
		return nvl_request_refusal(queue);
	if (__builtin_expect(bytes - 1 >= queue->plain_max_bytes || uncommon != 0 ||
				     offset > buffer->bytes || bytes > buffer->bytes - offset ||
				     span > 2ull * NVL_PAGE_BYTES || queue->credit == 0,
			     0))
		return start_uncommon(queue, opcode, io, done, arg);
	request = nvl_request_take(queue);
	prp.prp1 = start;
	prp.prp2 = span > NVL_PAGE_BYTES ? page + NVL_PAGE_BYTES : 0;
	slot = queue->tail;
	nvl_fill_slot(&queue->sq[slot], command | (uint64_t)request->cid << 16, &prp, slba,
		      nlb - 1);
	nvl_submit_plain(queue, request, slot, done, arg);
	return 0;
}

int nvl_read(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done, void *arg)
{
	return start_io(queue, NVME_CMD_READ, io, done, arg);
}

int nvl_write(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done, void *arg)
{
	return start_io(queue, NVME_CMD_WRITE, io, done, arg);
}

int nvl_flush(struct nvl_queue *queue, uint32_t nsid, nvl_done_fn *done, void *arg)
{
	const struct nvme_sqe sqe = { .opcode = NVME_CMD_FLUSH, .nsid = nvme_le32(nsid) };

	return nvl_submit(queue, &sqe, NULL, done, arg);
}

static int start_any(struct nvl_queue *queue, uint8_t opcode, const struct nvl_io *io,
		     nvl_done_fn *done, void *arg)
{
	if (!nvl_gate_open(queue))
		return nvl_request_refusal(queue);
	return start_uncommon(queue, opcode, io, done, arg);
}

static int io_wait(struct nvl_queue *queue, uint8_t opcode, const struct nvl_io *io)
{
	uint64_t deadline = nvl_later(nvl_now(queue->ctrl), queue->timeout_nsec);
	struct nvl_wait wait = { .done = false };
	int result;

	while ((result = start_any(queue, opcode, io, nvl_wait_done, &wait)) == -NVL_EAGAIN) {
		result = nvl_wait_slot(queue, deadline);
		if (result)
			return result;
	}
	if (result)
		return result;
	nvl_ring(queue);
	return nvl_wait_for(queue, &wait, deadline);
}

int nvl_read_wait(struct nvl_queue *queue, const struct nvl_io *io)
{
	return io_wait(queue, NVME_CMD_READ, io);
}

int nvl_write_wait(struct nvl_queue *queue, const struct nvl_io *io)
{
	return io_wait(queue, NVME_CMD_WRITE, io);
}

int nvl_flush_wait(struct nvl_queue *queue, uint32_t nsid)
{
	const struct nvme_sqe sqe = { .opcode = NVME_CMD_FLUSH, .nsid = nvme_le32(nsid) };

	return nvl_execute(queue, &sqe, NULL, NULL);
}
