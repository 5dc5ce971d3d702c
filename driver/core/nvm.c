/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands of I/O queues by name (NVM 1.0 3.2, unverified): each is an entry, and data. */
#include "driver/core/data.h"

/** struct copied - a command whose data is copied */
struct copied {
	struct nvme_sqe sqe;
	void *data;
	uint32_t bytes;
};

static int start_copied(struct nvl_queue *queue, const void *what, nvl_done_fn *done, void *arg)
{
	const struct copied *call = what;

	return nvl_join_copy(queue, &call->sqe, call->data, call->bytes, done, arg);
}

static int wait_copied(struct nvl_queue *queue, const struct copied *call,
		       struct nvl_completion *ret_completion)
{
	return nvl_call_wait(queue, start_copied, call, ret_completion);
}

int nvl_submit_copied(struct nvl_queue *queue, const struct nvme_sqe *sqe, void *data,
		      uint32_t bytes, nvl_done_fn *done, void *arg)
{
	return nvl_join_copy(queue, sqe, data, bytes, done, arg);
}

int nvl_execute_copied(struct nvl_queue *queue, const struct nvme_sqe *sqe, void *data,
		       uint32_t bytes, struct nvl_completion *ret_completion)
{
	const struct copied call = { .sqe = *sqe, .data = data, .bytes = bytes };

	return wait_copied(queue, &call, ret_completion);
}

int nvl_flush(struct nvl_queue *queue, uint32_t nsid, nvl_done_fn *done, void *arg)
{
	const struct nvme_sqe sqe = { .opcode = NVME_CMD_FLUSH, .nsid = nvme_le32(nsid) };

	return nvl_submit(queue, &sqe, NULL, done, arg);
}

int nvl_flush_wait(struct nvl_queue *queue, uint32_t nsid)
{
	const struct nvme_sqe sqe = { .opcode = NVME_CMD_FLUSH, .nsid = nvme_le32(nsid) };

	return nvl_execute(queue, &sqe, NULL, NULL);
}

int nvl_compare(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done, void *arg)
{
	return nvl_io_start(queue, NVME_CMD_COMPARE, io, done, arg);
}

int nvl_compare_wait(struct nvl_queue *queue, const struct nvl_io *io)
{
	return nvl_io_wait(queue, NVME_CMD_COMPARE, io);
}

int nvl_verify(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done, void *arg)
{
	return nvl_io_start(queue, NVME_CMD_VERIFY, io, done, arg);
}

int nvl_verify_wait(struct nvl_queue *queue, const struct nvl_io *io)
{
	return nvl_io_wait(queue, NVME_CMD_VERIFY, io);
}

int nvl_write_zeroes(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done, void *arg)
{
	return nvl_io_start(queue, NVME_CMD_WRITE_ZEROES, io, done, arg);
}

int nvl_write_zeroes_wait(struct nvl_queue *queue, const struct nvl_io *io)
{
	return nvl_io_wait(queue, NVME_CMD_WRITE_ZEROES, io);
}

int nvl_write_uncorrectable(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done,
			    void *arg)
{
	return nvl_io_start(queue, NVME_CMD_WRITE_UNCORRECTABLE, io, done, arg);
}

int nvl_write_uncorrectable_wait(struct nvl_queue *queue, const struct nvl_io *io)
{
	return nvl_io_wait(queue, NVME_CMD_WRITE_UNCORRECTABLE, io);
}

/** struct fused - what start_fused() starts */
struct fused {
	const struct nvl_io *compare;
	const struct nvl_io *write;
};

static int start_fused(struct nvl_queue *queue, const void *what, nvl_done_fn *done, void *arg)
{
	const struct fused *call = what;

	if (!nvl_gate_open(queue))
		return nvl_request_refusal(queue);
	return nvl_join_fused(queue, call->compare, call->write, done, arg);
}

int nvl_compare_write(struct nvl_queue *queue, const struct nvl_io *compare,
		      const struct nvl_io *write, nvl_done_fn *done, void *arg)
{
	return start_fused(queue, &(struct fused){ compare, write }, done, arg);
}

int nvl_compare_write_wait(struct nvl_queue *queue, const struct nvl_io *compare,
			   const struct nvl_io *write)
{
	return nvl_call_wait(queue, start_fused, &(struct fused){ compare, write }, NULL);
}

/* A list of 1 to 256 items of @item_bytes. Nothing is written through the pointer. */
static int add_list(struct copied *call, const void *list, uint32_t count, uint32_t item_bytes)
{
	if (count == 0 || count > 256 || !list)
		return -NVL_EINVAL;
	call->data = (void *)(uintptr_t)list;
	call->bytes = count * item_bytes;
	return 0;
}

static int make_dsm(const struct nvl_dsm *dsm, struct copied *call)
{
	*call = (struct copied){
		.sqe = {
			.opcode = NVME_CMD_DSM,
			.nsid = nvme_le32(dsm->nsid),
			.cdw10 = nvme_le32(NVME_PUT(NVME_DSM_NR, dsm->range_count - 1)),
			.cdw11 = nvme_le32(NVME_PUT(NVME_DSM_IDR, dsm->integral_read) |
					   NVME_PUT(NVME_DSM_IDW, dsm->integral_write) |
					   NVME_PUT(NVME_DSM_AD, dsm->deallocate)),
		},
	};
	return add_list(call, dsm->ranges, dsm->range_count, sizeof(*dsm->ranges));
}

int nvl_dsm(struct nvl_queue *queue, const struct nvl_dsm *dsm, nvl_done_fn *done, void *arg)
{
	struct copied call;
	int error = make_dsm(dsm, &call);

	return error ? error : start_copied(queue, &call, done, arg);
}

int nvl_dsm_wait(struct nvl_queue *queue, const struct nvl_dsm *dsm)
{
	struct copied call;
	int error = make_dsm(dsm, &call);

	return error ? error : wait_copied(queue, &call, NULL);
}

static uint32_t copy_cdw12(const struct nvl_copy *copy)
{
	return NVME_PUT(NVME_COPY_NR, copy->range_count - 1) |
	       NVME_PUT(NVME_COPY_DESFMT, copy->format) |
	       NVME_PUT(NVME_COPY_PRINFOR, copy->read_pi & 0xfu) |
	       NVME_PUT(NVME_COPY_STCR, (copy->read_pi & NVL_PI_CHECK_STORAGE) != 0) |
	       NVME_PUT(NVME_COPY_FUA, (copy->flags & NVL_IO_FUA) != 0) |
	       NVME_PUT(NVME_COPY_LR, (copy->flags & NVL_IO_LIMITED_RETRY) != 0);
}

static int make_copy(const struct nvl_copy *copy, struct copied *call)
{
	uint32_t item_bytes = copy->format & 1 ? sizeof(struct nvme_copy_range_f1)
					       : sizeof(struct nvme_copy_range);

	if (copy->format > 3 || (copy->has_pi && copy->ns->pi_type == NVME_PI_NONE))
		return -NVL_EINVAL;
	*call = (struct copied){
		.sqe = {
			.opcode = NVME_CMD_COPY,
			.nsid = nvme_le32(copy->ns->nsid),
			.cdw10 = nvme_le32((uint32_t)copy->slba),
			.cdw11 = nvme_le32((uint32_t)(copy->slba >> 32)),
		},
	};
	if (copy->has_pi) {
		/* PRINFO and STC of the write are where they are in Write; so are the tags. */
		nvl_meta_fields(&call->sqe, copy->ns, &copy->pi, 0);
	}
	call->sqe.cdw12 = nvme_le32(nvme_cpu32(call->sqe.cdw12) | copy_cdw12(copy));
	return add_list(call, copy->ranges, copy->range_count, item_bytes);
}

int nvl_copy(struct nvl_queue *queue, const struct nvl_copy *copy, nvl_done_fn *done, void *arg)
{
	struct copied call;
	int error = make_copy(copy, &call);

	return error ? error : start_copied(queue, &call, done, arg);
}

int nvl_copy_wait(struct nvl_queue *queue, const struct nvl_copy *copy,
		  struct nvl_completion *ret_completion)
{
	struct copied call;
	int error = make_copy(copy, &call);

	return error ? error : wait_copied(queue, &call, ret_completion);
}

/* PRP1, PRP2 and MPTR of a raw command. */
int nvl_submit_command(struct nvl_queue *queue, const struct nvl_command *command,
		       nvl_done_fn *done, void *arg)
{
	const struct nvl_data *metadata = command->metadata;
	struct nvme_sqe sqe = *command->sqe;
	struct nvl_run run = { 0 };
	struct nvl_runs runs;

	if (metadata) {
		const struct nvl_memory_of memory = { .list = metadata, .count = 1 };
		struct nvl_shape shape;

		if (metadata->bytes == 0 || !nvl_memory_fits(&memory, metadata->bytes))
			return -NVL_EINVAL;
		runs = nvl_runs(&memory, 0, metadata->bytes);
		shape = nvl_shape(runs);
		if (!shape.reachable || shape.runs != 1 || !shape.prp)
			return -NVL_EINVAL;
		nvl_runs_next(&runs, &run);
		sqe.mptr = nvme_le64(run.iova);
	}
	return nvl_submit(queue, &sqe, command->data, done, arg);
}

static int start_command(struct nvl_queue *queue, const void *what, nvl_done_fn *done, void *arg)
{
	return nvl_submit_command(queue, what, done, arg);
}

int nvl_execute_command(struct nvl_queue *queue, const struct nvl_command *command,
			struct nvl_completion *ret_completion)
{
	return nvl_call_wait(queue, start_command, command, ret_completion);
}
