/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PRP entries and lists (Base 2.0 4.1.1, unverified): resolved once, at execute, into spans.
 *
 *	PRP1    may start anywhere in its page, on a dword
 *	PRP2    the second page when that is all; else a list, which may start mid-page, on a qword
 *	list    one page an entry; the last slot of a page points at the next list page when more
 *	        entries follow
 *
 * Each part of a list is copied out of host memory once and then parsed.
 */
#include "emulator/core/spans.h"
#include "emulator/core/window.h"

#define CHUNK_ENTRIES 64

/* A walk through the pages of one command. */
struct walk {
	struct emu *emu;
	struct emu_ctrl *ctrl;
	struct emu_req *req;
	struct emu_span_writer writer;
	uint32_t left; /* bytes not yet found */
};

/* The caller of emu_prp_resolve() has made sure that there are nodes enough; a queue's may not. */
static bool add_span(struct walk *walk, uint64_t iova, uint32_t bytes)
{
	walk->left -= bytes;
	return emu_span_add(&walk->writer, iova, bytes);
}

static nvme_status bad_prp(struct walk *walk, bool second)
{
	return emu_bad(walk->req, NVME_SC_PRP_OFFSET_INVALID,
		       second && !walk->writer.queue ? offsetof(struct nvme_sqe, prp2)
						     : offsetof(struct nvme_sqe, prp1),
		       0);
}

/* A list in memory of the controller that may not hold lists. */
static nvme_status bad_list(struct walk *walk)
{
	return emu_bad(walk->req, NVME_SC_CMB_USE_INVALID, offsetof(struct nvme_sqe, prp2), 0);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* @count entries of the list at @iova, all in one page. */
static nvme_status add_entries(struct walk *walk, uint64_t iova, uint32_t count)
{
	struct emu *emu = walk->emu;
	uint32_t page = walk->ctrl->page_bytes;
	nvme_u64le entries[CHUNK_ENTRIES];

	while (count > 0) {
		uint32_t now = smaller(count, CHUNK_ENTRIES);
		uint32_t bytes = now * (uint32_t)sizeof(entries[0]);
		const void *list = emu->ops.dma(emu->ops.arg, walk->ctrl->index, iova, bytes,
						EMU_DMA_READ);

		if (!emu_window_has_list(emu, walk->ctrl, iova, bytes))
			return bad_list(walk);
		if (!list)
			return NVME_SC_DATA_TRANSFER_ERROR;
		memcpy(entries, list, bytes);
		emu_trace_data(emu, walk->ctrl, PRP_LIST, entries, bytes, walk->req->sqid,
			       walk->req->cid, iova, now);
		for (uint32_t i = 0; i < now; i++) {
			uint64_t entry = nvme_cpu64(entries[i]);

			if (entry & (page - 1))
				return bad_prp(walk, true);
			if (!add_span(walk, entry, smaller(walk->left, page)))
				return NVME_SC_INTERNAL_ERROR;
		}
		iova += bytes;
		count -= now;
	}
	return NVME_SC_SUCCESS;
}

/* The pointer to the next list page, in the last slot of this one. */
static nvme_status next_list(struct walk *walk, uint64_t *iova)
{
	struct emu *emu = walk->emu;
	nvme_u64le entry;
	const void *slot = emu->ops.dma(emu->ops.arg, walk->ctrl->index, *iova, sizeof(entry),
					EMU_DMA_READ);

	if (!emu_window_has_list(emu, walk->ctrl, *iova, sizeof(entry)))
		return bad_list(walk);
	if (!slot)
		return NVME_SC_DATA_TRANSFER_ERROR;
	memcpy(&entry, slot, sizeof(entry));
	emu_trace_data(emu, walk->ctrl, PRP_LIST, &entry, sizeof(entry), walk->req->sqid,
		       walk->req->cid, *iova, 1);
	*iova = nvme_cpu64(entry);
	return *iova & (walk->ctrl->page_bytes - 1) ? bad_prp(walk, true) : NVME_SC_SUCCESS;
}

static nvme_status walk_list(struct walk *walk, uint64_t iova)
{
	uint32_t page = walk->ctrl->page_bytes;
	nvme_status status;

	if (iova & 7)
		return bad_prp(walk, true);
	while (walk->left > 0) {
		uint32_t pages = (walk->left - 1) / page + 1;
		uint32_t slots = (page - (uint32_t)(iova & (page - 1))) / 8;
		uint32_t now = pages <= slots ? pages : slots - 1;

		status = add_entries(walk, iova, now);
		if (status)
			return status;
		iova += (uint64_t)now * 8;
		if (walk->left > 0)
			status = next_list(walk, &iova);
		if (status)
			return status;
	}
	return NVME_SC_SUCCESS;
}

static nvme_status resolve(struct walk *walk)
{
	uint64_t prp1 = nvme_cpu64(walk->req->sqe.prp1);
	uint64_t prp2 = nvme_cpu64(walk->req->sqe.prp2);
	uint32_t page = walk->ctrl->page_bytes;

	if (prp1 & 3)
		return bad_prp(walk, false);
	add_span(walk, prp1, smaller(walk->left, page - (uint32_t)(prp1 & (page - 1))));
	if (walk->left == 0)
		return NVME_SC_SUCCESS;
	if (walk->left > page)
		return walk_list(walk, prp2);
	if (prp2 & (page - 1))
		return bad_prp(walk, true);
	add_span(walk, prp2, walk->left);
	return NVME_SC_SUCCESS;
}

/* The data is in more than one page, or PRP1 is wrong. */
static __attribute__((noinline)) nvme_status resolve_pages(struct emu *emu, struct emu_req *req,
							   uint32_t bytes)
{
	struct walk walk = {
		.emu = emu,
		.ctrl = &emu->ctrl[req->ctrl],
		.req = req,
		.writer = { &emu->ctrl[req->ctrl], &req->spans, req->nodes_wanted, 0, false },
		.left = bytes,
	};
	nvme_status status = resolve(&walk);

	req->nodes_used = req->nodes_wanted - walk.writer.nodes;
	emu_trace(emu, walk.ctrl, PRP_RESOLVED, req->sqid, req->cid, nvme_cpu64(req->sqe.prp1),
		  nvme_cpu64(req->sqe.prp2), bytes, walk.writer.count);
	return status;
}

nvme_status emu_prp_resolve(struct emu *emu, struct emu_req *req, uint32_t bytes)
{
	const struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	uint64_t prp1 = nvme_cpu64(req->sqe.prp1);
	uint32_t offset = (uint32_t)prp1 & (ctrl->page_bytes - 1);

	/* What lies in one page, as the commands of most hosts do, needs no walk. */
	if (prp1 & 3 || bytes > ctrl->page_bytes - offset)
		return resolve_pages(emu, req, bytes);
	req->spans.span[0] = (struct emu_span){ prp1, bytes };
	req->spans.count = 1;
	emu_trace(emu, ctrl, PRP_RESOLVED, req->sqid, req->cid, prp1, nvme_cpu64(req->sqe.prp2),
		  bytes, 1);
	return NVME_SC_SUCCESS;
}

/**
 * emu_prp_queue - the pages of a queue of @bytes, from the list that PRP1 points at
 * @first: an empty node of the queues' own pool
 */
nvme_status emu_prp_queue(struct emu *emu, struct emu_req *req, uint32_t bytes,
			  struct emu_spans *first)
{
	struct walk walk = {
		.emu = emu,
		.ctrl = &emu->ctrl[req->ctrl],
		.req = req,
		.writer = { &emu->ctrl[req->ctrl], first, 0, 0, true },
		.left = bytes,
	};

	return walk_list(&walk, nvme_cpu64(req->sqe.prp1));
}
