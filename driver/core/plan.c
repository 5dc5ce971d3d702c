/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The next part of a join: how many blocks it has, how its data can be described, and its command.
 */
#include "driver/core/data.h"
#include "driver/core/submit.h"

/* How many blocks there are from @slba to the next multiple of @boundary, counted from @first. */
static uint32_t to_boundary(uint64_t slba, uint32_t boundary, uint32_t first)
{
	uint64_t past = slba >= first ? (slba - first) % boundary : boundary - (first - slba);

	return boundary - (uint32_t)past;
}

/* The next part is not longer than a command may be, and crosses no boundary. */
static uint32_t part_blocks(const struct nvl_join *join)
{
	const struct nvl_ns *ns = &join->ns;
	uint64_t slba = join->io.slba + join->position;
	uint32_t nlb = join->io.nlb - join->position;
	uint32_t room = nlb;

	if (nlb > join->limit)
		nlb = join->limit;
	if (ns->boundary_blocks > 0)
		room = to_boundary(slba, ns->boundary_blocks, 0);
	if (nlb > room)
		nlb = room;
	if (ns->atomic_boundary_blocks > 0 && join->opcode == NVME_CMD_WRITE)
		room = to_boundary(slba, ns->atomic_boundary_blocks, ns->atomic_boundary_first);
	return nlb > room ? room : nlb;
}

/* Separate metadata is described by one address: it has to be contiguous, and of whole dwords. */
static bool meta_fits(const struct nvl_join *join, uint32_t nlb)
{
	struct nvl_shape shape;

	if (join->layout.meta_bytes == 0)
		return true;
	shape = nvl_shape(nvl_runs(&join->meta, (uint64_t)join->position * join->layout.meta_bytes,
				   (uint64_t)nlb * join->layout.meta_bytes));
	return shape.reachable && shape.runs == 1 && shape.prp;
}

/**
 * nvl_plan_part - how the next part of @join is to be described
 * Return: 0 with @plan; -NVL_EINVAL when a bounce buffer is needed that a block does not fit.
 */
int nvl_plan_part(const struct nvl_join *join, struct nvl_plan *plan)
{
	const struct nvl_queue *queue = join->queue;
	uint64_t unit = (uint64_t)join->layout.data_bytes + join->layout.meta_bytes;
	uint32_t room = nvl_sgl_room(queue);
	uint64_t bytes;

	plan->nlb = part_blocks(join);
	plan->bounce = false;
	if (unit == 0)
		return 0;
	for (;; plan->nlb = (plan->nlb + 1) / 2) {
		bytes = (uint64_t)plan->nlb * join->layout.data_bytes;
		plan->data = nvl_shape(nvl_runs(
			&join->data, (uint64_t)join->position * join->layout.data_bytes, bytes));
		if (plan->nlb == 1 || plan->data.prp || plan->data.runs <= room || room == 0)
			break;
	}
	plan->sgl = nvl_sgl_wanted(queue, &plan->data, bytes) ||
		    (!plan->data.prp && nvl_sgl_usable(queue, &plan->data));
	if (plan->data.reachable && (plan->data.prp || plan->sgl) && meta_fits(join, plan->nlb))
		return 0;
	plan->bounce = true;
	plan->nlb = part_blocks(join);
	if (queue->ctrl->config.bounce_slots == 0 || unit > queue->ctrl->config.bounce_bytes)
		return -NVL_EINVAL;
	if (plan->nlb > queue->ctrl->config.bounce_bytes / unit)
		plan->nlb = (uint32_t)(queue->ctrl->config.bounce_bytes / unit);
	return 0;
}

static uint64_t metadata_iova(const struct nvl_join *join, const struct nvl_part *part)
{
	struct nvl_runs runs = nvl_runs(&join->meta,
					(uint64_t)part->first * join->layout.meta_bytes,
					(uint64_t)part->nlb * join->layout.meta_bytes);
	struct nvl_run run = { 0 };

	nvl_runs_next(&runs, &run);
	return run.iova;
}

/** nvl_part_describe - where the data of @part is, into the command */
void nvl_part_describe(struct nvl_join *join, struct nvl_request *request,
		       const struct nvl_part *part, const struct nvl_plan *plan,
		       struct nvme_sqe *sqe)
{
	struct nvl_queue *queue = join->queue;
	uint64_t bytes = (uint64_t)part->nlb * join->layout.data_bytes;
	uint64_t mptr = 0;
	struct nvl_pointer pointer;

	if (plan->bounce) {
		const struct nvl_buffer buffer = {
			.data = nvl_bounce_data(queue, part->bounce),
			.bytes = queue->ctrl->config.bounce_bytes,
			.iova = nvl_bounce_iova(queue, part->bounce),
		};

		pointer = (struct nvl_pointer){ .words = nvl_prp(queue, request, &buffer, 0,
								 bytes) };
		mptr = buffer.iova + bytes;
	} else {
		struct nvl_runs runs = nvl_runs(
			&join->data, (uint64_t)part->first * join->layout.data_bytes, bytes);

		pointer = plan->sgl ? nvl_sgl_build(queue, request, runs, plan->data.runs)
				    : (struct nvl_pointer){ .words = nvl_prp_runs(queue, request,
										  runs) };
		if (join->layout.meta_bytes > 0)
			mptr = metadata_iova(join, part);
	}
	sqe->flags |= (uint8_t)NVME_PUT(NVME_SQE_PSDT, pointer.psdt);
	sqe->prp1 = nvme_le64(pointer.words.prp1);
	sqe->prp2 = nvme_le64(pointer.words.prp2);
	sqe->mptr = nvme_le64(join->layout.meta_bytes > 0 ? mptr : 0);
}

/** nvl_part_command - the command of @part without its data */
struct nvme_sqe nvl_part_command(const struct nvl_join *join, const struct nvl_part *part)
{
	const struct nvl_io *io = &join->io;
	const struct nvl_io_extra *extra = io->extra;
	uint64_t slba = io->slba + part->first;
	struct nvme_sqe sqe = {
		.opcode = join->opcode,
		.flags = join->fuse,
		.nsid = nvme_le32(join->ns.nsid),
		.cdw10 = nvme_le32((uint32_t)slba),
		.cdw11 = nvme_le32((uint32_t)(slba >> 32)),
		.cdw12 = nvme_le32(nvl_io_cdw12(io->flags, part->nlb)),
	};

	if (extra) {
		bool write = join->opcode == NVME_CMD_WRITE;
		uint32_t cdw12 = nvme_cpu32(sqe.cdw12);

		if (write)
			cdw12 |= NVME_PUT(NVME_RW_DTYPE, extra->directive_type);
		sqe.cdw12 = nvme_le32(cdw12);
		sqe.cdw13 = nvme_le32(NVME_PUT(NVME_RW_DSM, extra->dsm) |
				      NVME_PUT(NVME_RW_DSPEC, write ? extra->directive : 0));
	}
	if (join->ns.pi_type != NVME_PI_NONE)
		nvl_meta_fields(&sqe, &join->ns, &join->pi, part->first);
	return sqe;
}

/** nvl_part_traced - for the trace: a part's data, where this side has it in a row; or NULL */
const void *nvl_part_traced(const struct nvl_join *join, const struct nvl_part *part,
			    uint64_t bytes)
{
	uint64_t in_a_row;
	const uint8_t *data;

	if (part->bounce != NVL_NO_BOUNCE)
		return nvl_bounce_data(join->queue, part->bounce);
	if (bytes == 0)
		return NULL;
	data = nvl_memory_at(&join->data, (uint64_t)part->first * join->layout.data_bytes,
			     &in_a_row);
	return in_a_row >= bytes ? data : NULL;
}
