/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scatter gather lists (Base 2.0 4.1.2, unverified): resolved once, at execute, into spans.
 *
 *	SGL1          a data block that is everything, or
 *	segment       -> descriptors ...; its last one points at the next segment
 *	last segment  -> descriptors ... of which none points anywhere
 *
 * Each part of a segment is copied out of host memory once and then parsed. How many descriptors a
 * command may have is bounded, so a list that points at itself ends.
 */
#include "emulator/core/spans.h"
#include "emulator/core/window.h"

#define CHUNK_DESCRIPTORS 32
#define DESCRIPTORS_MIN	  1024u /* of a command, at least that many */
#define DESCRIPTOR_BYTES  16u

/* A walk through the descriptors of one command. */
struct walk {
	struct emu *emu;
	struct emu_ctrl *ctrl;
	struct emu_req *req;
	struct emu_span_writer writer;
	uint64_t left;	      /* bytes not yet found */
	uint32_t descriptors; /* that may still come */
	bool meta;	      /* of the metadata, not of the data */
};

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* A page a descriptor is always possible; smaller pieces up to a limit. */
static uint32_t most_descriptors(const struct emu *emu)
{
	uint64_t pages = emu->largest_bytes / 4096 + 2;

	return pages > DESCRIPTORS_MIN ? (uint32_t)pages : DESCRIPTORS_MIN;
}

/** emu_sgl_nodes - the most span nodes that a command with an SGL can have */
uint32_t emu_sgl_nodes(const struct emu *emu)
{
	return smaller(most_descriptors(emu) / EMU_SPANS_PER_NODE + 1,
		       emu_config_spans(&emu->config));
}

static nvme_status bad_sgl(struct walk *walk, nvme_status status)
{
	return emu_bad(
		walk->req, status,
		walk->meta ? offsetof(struct nvme_sqe, mptr) : offsetof(struct nvme_sqe, sgl), 0);
}

static nvme_status bad_length(struct walk *walk)
{
	return bad_sgl(walk, walk->meta ? NVME_SC_SGL_METADATA_LENGTH_INVALID
					: NVME_SC_SGL_DATA_LENGTH_INVALID);
}

/* Too many pieces: more nodes have to be waited for, or there are no more for one command. */
static nvme_status no_node(struct walk *walk)
{
	if (walk->req->nodes_wanted < emu_sgl_nodes(walk->emu))
		return EMU_MORE_NODES;
	return bad_sgl(walk, NVME_SC_SGL_COUNT_INVALID);
}

static nvme_status add_piece(struct walk *walk, uint64_t iova, uint32_t bytes)
{
	if (bytes > walk->left && !walk->emu->config.sgl_oversize)
		return bad_length(walk);
	bytes = bytes < walk->left ? bytes : (uint32_t)walk->left;
	if (bytes == 0)
		return NVME_SC_SUCCESS;
	walk->left -= bytes;
	return emu_span_add(&walk->writer, iova, bytes) ? NVME_SC_SUCCESS : no_node(walk);
}

static nvme_status add_block(struct walk *walk, const struct nvme_sgl_desc *desc)
{
	uint64_t addr = nvme_cpu64(desc->addr);
	uint32_t bytes = nvme_cpu32(desc->length);

	if (walk->emu->config.sgls == EMU_SGLS_DWORD && ((addr | bytes) & 3))
		return bad_sgl(walk, NVME_SC_SGL_GRANULARITY_INVALID);
	if (bytes > 0 && addr > UINT64_MAX - bytes)
		return NVME_SC_DATA_TRANSFER_ERROR; /* Nobody has memory there. */
	return add_piece(walk, addr, bytes);
}

/* What a read leaves out; a write has nothing to leave out. */
static nvme_status add_bucket(struct walk *walk, const struct nvme_sgl_desc *desc)
{
	if (!walk->emu->config.sgl_bucket)
		return bad_sgl(walk, NVME_SC_SGL_TYPE_INVALID);
	if (NVME_GET(walk->req->sqe.opcode, NVME_OPCODE_DIRECTION) == NVME_DIRECTION_TO_CTRL)
		return NVME_SC_SUCCESS;
	return add_piece(walk, EMU_SPAN_BUCKET, nvme_cpu32(desc->length));
}

static bool is_pointer(const struct nvme_sgl_desc *desc)
{
	uint32_t type = NVME_GET(desc->type, NVME_SGL_TYPE);

	return type == NVME_SGL_SEGMENT || type == NVME_SGL_LAST_SEGMENT;
}

/* A descriptor inside a segment, where it may describe data but not point on. */
static nvme_status add_descriptor(struct walk *walk, const struct nvme_sgl_desc *desc)
{
	if (NVME_GET(desc->type, NVME_SGL_SUBTYPE) != NVME_SGL_SUBTYPE_ADDRESS)
		return bad_sgl(walk, NVME_SC_SGL_TYPE_INVALID);
	if (NVME_GET(desc->type, NVME_SGL_TYPE) == NVME_SGL_DATA_BLOCK)
		return add_block(walk, desc);
	if (NVME_GET(desc->type, NVME_SGL_TYPE) == NVME_SGL_BIT_BUCKET)
		return add_bucket(walk, desc);
	return bad_sgl(walk, NVME_SC_SGL_TYPE_INVALID);
}

/* Part of a segment: @count descriptors, of which the last one is @final in its segment. */
static nvme_status add_chunk(struct walk *walk, const struct nvme_sgl_desc *chunk, uint32_t count,
			     bool final, struct nvme_sgl_desc *pointer)
{
	bool in_last = NVME_GET(pointer->type, NVME_SGL_TYPE) == NVME_SGL_LAST_SEGMENT;

	for (uint32_t i = 0; i < count; i++) {
		bool end = final && i == count - 1;
		nvme_status status;

		if (is_pointer(&chunk[i])) {
			if (in_last)
				return bad_sgl(walk, NVME_SC_SGL_SEGMENT_INVALID);
			if (!end)
				return bad_sgl(walk, NVME_SC_SGL_COUNT_INVALID);
			*pointer = chunk[i];
			return NVME_SC_SUCCESS;
		}
		if (end && !in_last)
			return bad_sgl(walk, NVME_SC_SGL_SEGMENT_INVALID);
		status = add_descriptor(walk, &chunk[i]);
		if (status)
			return status;
	}
	return NVME_SC_SUCCESS;
}

/* The segment that @pointer points at; @pointer becomes the next one if there is one. */
static nvme_status walk_segment(struct walk *walk, struct nvme_sgl_desc *pointer)
{
	uint64_t iova = nvme_cpu64(pointer->addr);
	uint32_t bytes = nvme_cpu32(pointer->length);
	uint32_t left = bytes / DESCRIPTOR_BYTES;
	nvme_status status = NVME_SC_SUCCESS;

	if (NVME_GET(pointer->type, NVME_SGL_SUBTYPE) != NVME_SGL_SUBTYPE_ADDRESS)
		return bad_sgl(walk, NVME_SC_SGL_TYPE_INVALID);
	if (bytes == 0 || bytes % DESCRIPTOR_BYTES != 0 || (iova & 7))
		return bad_sgl(walk, NVME_SC_SGL_SEGMENT_INVALID);
	if (left > walk->descriptors)
		return bad_sgl(walk, NVME_SC_SGL_COUNT_INVALID);
	walk->descriptors -= left;
	while (left > 0 && !status) {
		struct nvme_sgl_desc chunk[CHUNK_DESCRIPTORS];
		uint32_t now = smaller(left, CHUNK_DESCRIPTORS);
		uint32_t bytes_now = now * DESCRIPTOR_BYTES;

		if (!emu_window_has_list(walk->emu, walk->ctrl, iova, bytes_now))
			return bad_sgl(walk, NVME_SC_CMB_USE_INVALID);
		if (!emu_copy_from_host(walk->emu, walk->ctrl, iova, chunk, bytes_now))
			return NVME_SC_DATA_TRANSFER_ERROR;
		emu_trace_data(walk->emu, walk->ctrl, SGL_SEGMENT, chunk, bytes_now,
			       walk->req->sqid, walk->req->cid, iova, now);
		left -= now;
		iova += bytes_now;
		status = add_chunk(walk, chunk, now, left == 0, pointer);
	}
	return status;
}

static nvme_status walk_segments(struct walk *walk, struct nvme_sgl_desc pointer)
{
	nvme_status status;
	bool last;

	do {
		last = NVME_GET(pointer.type, NVME_SGL_TYPE) == NVME_SGL_LAST_SEGMENT;
		status = walk_segment(walk, &pointer);
	} while (!status && !last);
	return status;
}

/* All of an SGL from its first descriptor on. */
static nvme_status walk_all(struct walk *walk, const struct nvme_sgl_desc *first)
{
	nvme_status status;

	if (is_pointer(first))
		status = walk_segments(walk, *first);
	else if (NVME_GET(first->type, NVME_SGL_TYPE) == NVME_SGL_BIT_BUCKET)
		status = bad_sgl(walk, NVME_SC_SGL_SEGMENT_INVALID);
	else
		status = add_descriptor(walk, first);
	if (!status && walk->left > 0)
		status = bad_length(walk);
	emu_trace(walk->emu, walk->ctrl, SGL_RESOLVED, walk->req->sqid, walk->req->cid,
		  nvme_cpu64(first->addr), nvme_cpu32(first->length), first->type,
		  walk->writer.count);
	return status;
}

/** emu_sgl_resolve - the data of a command with an SGL; EMU_MORE_NODES: nodes_wanted is too low */
nvme_status emu_sgl_resolve(struct emu *emu, struct emu_req *req, uint32_t bytes)
{
	struct walk walk = {
		.emu = emu,
		.ctrl = &emu->ctrl[req->ctrl],
		.req = req,
		.writer = { &emu->ctrl[req->ctrl], &req->spans, req->nodes_wanted - req->nodes_used,
			    0, false },
		.left = bytes,
		.descriptors = most_descriptors(emu),
	};
	nvme_status status = walk_all(&walk, &req->sqe.sgl);

	req->nodes_used = req->nodes_wanted - walk.writer.nodes;
	return status;
}

/* PSDT 10b: MPTR is the address of a segment of one descriptor (Base 2.0 4.1.2, unverified). */
static nvme_status resolve_meta_sgl(struct walk *walk)
{
	uint64_t mptr = nvme_cpu64(walk->req->sqe.mptr);
	struct nvme_sgl_desc first;

	if (mptr & 7)
		return bad_sgl(walk, NVME_SC_SGL_SEGMENT_INVALID);
	if (!emu_window_has_list(walk->emu, walk->ctrl, mptr, sizeof(first)))
		return bad_sgl(walk, NVME_SC_CMB_USE_INVALID);
	if (!emu_copy_from_host(walk->emu, walk->ctrl, mptr, &first, sizeof(first)))
		return NVME_SC_DATA_TRANSFER_ERROR;
	emu_trace_data(walk->emu, walk->ctrl, SGL_SEGMENT, &first, sizeof(first), walk->req->sqid,
		       walk->req->cid, mptr, 1);
	return walk_all(walk, &first);
}

/* One buffer; on a dword with PRPs, at any byte with an SGL (ID.SGLS bit 17). */
static nvme_status resolve_meta_buffer(struct walk *walk)
{
	const struct emu_req *req = walk->req;
	uint64_t mptr = nvme_cpu64(req->sqe.mptr);
	bool any = NVME_GET(req->sqe.flags, NVME_SQE_PSDT) != NVME_PSDT_PRP &&
		   walk->emu->config.sgls != EMU_SGLS_DWORD;

	if (!any && (mptr & 3))
		return emu_bad_field(walk->req, offsetof(struct nvme_sqe, mptr), 0);
	if (mptr > UINT64_MAX - walk->left)
		return NVME_SC_DATA_TRANSFER_ERROR;
	emu_span_add(&walk->writer, mptr, walk->left);
	walk->left = 0;
	return NVME_SC_SUCCESS;
}

nvme_status emu_meta_resolve(struct emu *emu, struct emu_req *req, uint32_t bytes)
{
	struct walk walk = {
		.emu = emu,
		.ctrl = &emu->ctrl[req->ctrl],
		.req = req,
		.left = bytes,
		.descriptors = most_descriptors(emu),
		.meta = true,
	};
	nvme_status status;

	if (req->nodes_used >= req->nodes_wanted)
		return no_node(&walk);
	req->meta_spans = emu_take_node(walk.ctrl);
	req->nodes_used++;
	walk.writer = (struct emu_span_writer){ walk.ctrl, req->meta_spans,
						req->nodes_wanted - req->nodes_used, 0, false };
	if (NVME_GET(req->sqe.flags, NVME_SQE_PSDT) == NVME_PSDT_SGL_MPTR)
		status = resolve_meta_sgl(&walk);
	else
		status = resolve_meta_buffer(&walk);
	req->nodes_used = req->nodes_wanted - walk.writer.nodes;
	return status;
}
