/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Read and Write (NVM 1.0 3.2, unverified): the short way, and where the others begin.
 *
 * A transfer of one command goes straight into its slot, with PRPs or an SGL. What needs more than
 * one command, has metadata, or has to be copied becomes a join.
 */
#include "driver/core/data.h"
#include "driver/core/submit.h"

/* Whether @io is one command that ends where it ends, on memory that PRPs or an SGL can say. */
static bool is_one_command(const struct nvl_queue *queue, const struct nvl_io *io, uint64_t bytes)
{
	return !io->extra && io->ns->metadata_bytes == 0 && bytes <= queue->io_max_bytes &&
	       io->ns->boundary_blocks == 0 && io->ns->atomic_boundary_blocks == 0;
}

/* One or two pages of contiguous memory, which PRP1 and PRP2 say alone: the common case, too. */
static bool is_plain(const struct nvl_data *data)
{
	uint64_t start = data->buffer->iova + data->offset;

	return !data->buffer->page_iova && data->buffer->iova != NVL_NOT_MAPPED && start % 4 == 0 &&
	       (start & (NVL_PAGE_BYTES - 1)) + data->bytes <= 2ull * NVL_PAGE_BYTES;
}

/* Of memory that has that shape. */
static struct nvl_pointer pointer_of(struct nvl_queue *queue, const struct nvl_request *request,
				     const struct nvl_data *data, const struct nvl_shape *shape)
{
	const struct nvl_memory_of memory = { .list = data, .count = 1 };
	struct nvl_runs runs = nvl_runs(&memory, 0, data->bytes);
	struct nvl_pointer pointer = { .psdt = NVME_PSDT_PRP };

	if (!shape->prp || nvl_sgl_wanted(queue, shape, data->bytes))
		return nvl_sgl_build(queue, request, runs, shape->runs);
	pointer.words = nvl_prp_runs(queue, request, runs);
	return pointer;
}

/* One command without a join. Return: 0, -NVL_EAGAIN; -NVL_EOPNOTSUPP: it takes a bounce buffer. */
static int start_one(struct nvl_queue *queue, uint8_t opcode, const struct nvl_io *io,
		     const struct nvl_data *data, nvl_done_fn *done, void *arg)
{
	const struct nvl_memory_of memory = { .list = data, .count = 1 };
	uint64_t command = opcode | (uint64_t)io->ns->nsid << 32;
	bool plain = is_plain(data);
	struct nvl_request *request;
	struct nvl_pointer pointer = { .psdt = NVME_PSDT_PRP };
	struct nvl_shape shape;

	if (!plain) {
		shape = nvl_shape(nvl_runs(&memory, 0, data->bytes));
		if (!shape.reachable || (!shape.prp && !nvl_sgl_usable(queue, &shape)))
			return -NVL_EOPNOTSUPP;
	}
	request = nvl_request_get(queue);
	if (!request)
		return -NVL_EAGAIN;
	if (plain)
		pointer.words = nvl_prp(queue, request, data->buffer, data->offset, data->bytes);
	else
		pointer = pointer_of(queue, request, data, &shape);
	command |= NVME_PUT(NVME_SQE_PSDT, pointer.psdt) << 8;
	nvl_fill_slot(&queue->sq[queue->tail], command | (uint64_t)request->cid << 16,
		      &pointer.words, io->slba, nvl_io_cdw12(io->flags, io->nlb));
	nvl_submit_request(queue, request, data->buffer, data->offset, data->bytes, done, arg);
	return 0;
}

/* What is not one command on two pages of contiguous memory, or not right at all. */
static __attribute__((noinline)) int start_uncommon(struct nvl_queue *queue, uint8_t opcode,
						    const struct nvl_io *io, nvl_done_fn *done,
						    void *arg)
{
	const struct nvl_data data = {
		.buffer = io->buffer,
		.offset = io->offset,
		.bytes = (uint64_t)io->nlb << io->ns->block_shift,
	};
	int result;

	if (io->ns->problem != 0 || queue->id == 0 || io->nlb == 0)
		return -NVL_EINVAL;
	if (!is_one_command(queue, io, data.bytes))
		return nvl_join_start(queue, opcode, io, done, arg);
	if (!nvl_piece_fits(&data))
		return -NVL_EINVAL;
	result = start_one(queue, opcode, io, &data, done, arg);
	return result == -NVL_EOPNOTSUPP ? nvl_join_start(queue, opcode, io, done, arg) : result;
}

/* The short way ran out of credit: once more, if there is some. */
static __attribute__((noinline)) int start_with_credit(struct nvl_queue *queue, uint8_t opcode,
						       const struct nvl_io *io, nvl_done_fn *done,
						       void *arg)
{
	if (nvl_request_credit(queue) == 0)
		return -NVL_EAGAIN;
	return opcode == NVME_CMD_READ ? nvl_read(queue, io, done, arg)
				       : nvl_write(queue, io, done, arg);
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
	uint64_t command = opcode | (uint64_t)io->ns->nsid << 32;
	uint64_t slba = io->slba;
	uint64_t start, page, span;
	struct nvl_request *request;
	struct nvl_prp prp;
	uint32_t slot;

	if (!nvl_gate_open(queue))
		return nvl_request_refusal(queue);
	if (__builtin_expect((io->flags | (uintptr_t)io->extra) != 0, 0))
		return start_uncommon(queue, opcode, io, done, arg);
	start = buffer->iova + offset;
	page = start & ~(uint64_t)(NVL_PAGE_BYTES - 1);
	span = start - page + bytes;
	if (__builtin_expect(bytes - 1 >= queue->plain_max_bytes ||
				     ((uintptr_t)buffer->page_iova | (start & 3)) != 0 ||
				     offset > buffer->bytes || bytes > buffer->bytes - offset ||
				     span > 2ull * NVL_PAGE_BYTES,
			     0))
		return start_uncommon(queue, opcode, io, done, arg);
	if (__builtin_expect(queue->credit == 0, 0))
		return start_with_credit(queue, opcode, io, done, arg);
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

/** nvl_io_start - @io with an opcode that has the fields of Read; as nvl_read() */
int nvl_io_start(struct nvl_queue *queue, uint8_t opcode, const struct nvl_io *io,
		 nvl_done_fn *done, void *arg)
{
	if (!nvl_gate_open(queue))
		return nvl_request_refusal(queue);
	if (!nvl_moves_data(opcode))
		return nvl_join_start(queue, opcode, io, done, arg);
	return start_uncommon(queue, opcode, io, done, arg);
}

/**
 * nvl_call_wait - start something, ring, and wait for it, as nvl_execute()
 * @start: as nvl_submit(); called again while it answers -NVL_EAGAIN
 */
int nvl_call_wait(struct nvl_queue *queue, nvl_start_fn *start, const void *what,
		  struct nvl_completion *ret_completion)
{
	uint64_t deadline = nvl_later(nvl_now(queue->ctrl), queue->timeout_nsec);
	struct nvl_wait wait = { .done = false };
	int result;

	while ((result = start(queue, what, nvl_wait_done, &wait)) == -NVL_EAGAIN) {
		result = nvl_wait_slot(queue, deadline);
		if (result)
			return result;
	}
	if (result)
		return result;
	nvl_ring(queue);
	result = nvl_wait_for(queue, &wait, deadline);
	if (ret_completion && wait.done)
		*ret_completion = wait.completion;
	return result;
}

/** struct opcode_io - what start_opcode() starts */
struct opcode_io {
	const struct nvl_io *io;
	uint8_t opcode;
};

static int start_opcode(struct nvl_queue *queue, const void *what, nvl_done_fn *done, void *arg)
{
	const struct opcode_io *call = what;

	return nvl_io_start(queue, call->opcode, call->io, done, arg);
}

/** nvl_io_wait - nvl_io_start() and wait for it */
int nvl_io_wait(struct nvl_queue *queue, uint8_t opcode, const struct nvl_io *io)
{
	const struct opcode_io call = { .io = io, .opcode = opcode };

	return nvl_call_wait(queue, start_opcode, &call, NULL);
}

int nvl_read_wait(struct nvl_queue *queue, const struct nvl_io *io)
{
	return nvl_io_wait(queue, NVME_CMD_READ, io);
}

int nvl_write_wait(struct nvl_queue *queue, const struct nvl_io *io)
{
	return nvl_io_wait(queue, NVME_CMD_WRITE, io);
}
