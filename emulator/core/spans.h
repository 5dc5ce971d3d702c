/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a command's data is: PRPs and SGLs, and the nodes of the pool that the walks write to.
 */
#ifndef NVMELAB_EMULATOR_CORE_SPANS_H
#define NVMELAB_EMULATOR_CORE_SPANS_H

#include "emulator/core/internal.h"

/* What resolving data returns besides a status: try again with more nodes_wanted. */
#define EMU_MORE_NODES 0x8002

/**
 * struct emu_span_writer - where the next piece goes
 * @node: the last node of the list
 * @nodes: how many more it may take from the pool; that many are free
 * @count: pieces so far
 * @queue: of a queue's pages, which have a pool of their own; @nodes does not matter then
 */
struct emu_span_writer {
	struct emu_ctrl *ctrl;
	struct emu_spans *node;
	uint32_t nodes;
	uint32_t count;
	bool queue;
};

/* A node of the controller's pool; the caller knows that there is one. */
static inline struct emu_spans *emu_take_node(struct emu_ctrl *ctrl)
{
	struct emu_spans *node = ctrl->nodes_free;

	if (node)
		ctrl->nodes_free = node->next;
	else
		node = ctrl->nodes_new++;
	ctrl->nodes_free_count--;
	node->next = NULL;
	node->count = 0;
	return node;
}

/* One for the pages of a queue, or NULL. */
static inline struct emu_spans *emu_take_queue_node(struct emu_ctrl *ctrl)
{
	struct emu_spans *node = ctrl->queue_nodes_free;

	if (!node)
		return NULL;
	ctrl->queue_nodes_free = node->next;
	node->next = NULL;
	node->count = 0;
	return node;
}

/* Neighbours become one span: most hosts' pages are contiguous. None wraps around to address 0. */
static inline bool emu_spans_touch(const struct emu_span *last, uint64_t iova)
{
	if (last->iova == EMU_SPAN_BUCKET || iova == EMU_SPAN_BUCKET)
		return last->iova == iova;
	return iova != 0 && last->iova + last->bytes == iova;
}

/* False when the writer may not take the node that it needs. */
static inline bool emu_span_add(struct emu_span_writer *writer, uint64_t iova, uint64_t bytes)
{
	struct emu_spans *node = writer->node;

	if (node->count && emu_spans_touch(&node->span[node->count - 1], iova)) {
		node->span[node->count - 1].bytes += bytes;
		return true;
	}
	if (node->count == EMU_SPANS_PER_NODE) {
		if (writer->queue)
			node->next = emu_take_queue_node(writer->ctrl);
		else if (writer->nodes > 0)
			node->next = emu_take_node(writer->ctrl);
		node = node->next;
		if (!node)
			return false;
		writer->nodes--;
		writer->node = node;
	}
	node->span[node->count++] = (struct emu_span){ iova, bytes };
	writer->count++;
	return true;
}

/* transfer.c */
bool emu_copy_from_host(struct emu *emu, struct emu_ctrl *ctrl, uint64_t iova, void *to,
			uint32_t bytes);

/* prp.c */
nvme_status emu_prp_resolve(struct emu *emu, struct emu_req *req, uint32_t bytes);
nvme_status emu_prp_queue(struct emu *emu, struct emu_req *req, uint32_t bytes,
			  struct emu_spans *first);

/** emu_prp_nodes - at worst: every page a span of its own, and one more when PRP1 has an offset */
static inline uint32_t emu_prp_nodes(const struct emu_ctrl *ctrl, uint32_t bytes)
{
	/* Most commands: the first node, which every request has, holds them. Spares a division. */
	if (__builtin_expect(bytes < (EMU_SPANS_PER_NODE - 1) * ctrl->page_bytes, 1))
		return 0;
	return (bytes / ctrl->page_bytes + 1) / EMU_SPANS_PER_NODE;
}

/* sgl.c */
nvme_status emu_sgl_resolve(struct emu *emu, struct emu_req *req, uint32_t bytes);
uint32_t emu_sgl_nodes(const struct emu *emu);

/** emu_uses_sgl - whether a command's data pointer is an SGL: PSDT is not 0 */
static inline bool emu_uses_sgl(const struct emu_req *req)
{
	return __builtin_expect(NVME_GET(req->sqe.flags, NVME_SQE_PSDT), 0);
}

/**
 * emu_data_resolve - find the host memory of a command's @bytes of data, by PRPs or an SGL
 *
 * @req has nodes_wanted of the pool. Return: a status, or EMU_MORE_NODES.
 */
static inline nvme_status emu_data_resolve(struct emu *emu, struct emu_req *req, uint32_t bytes)
{
	return emu_uses_sgl(req) ? emu_sgl_resolve(emu, req, bytes)
				 : emu_prp_resolve(emu, req, bytes);
}

/**
 * emu_meta_resolve - find the host memory of @bytes of metadata that MPTR says, as PSDT has it
 *
 * req->meta_spans gets it. Return: as emu_data_resolve().
 */
nvme_status emu_meta_resolve(struct emu *emu, struct emu_req *req, uint32_t bytes);

#endif
