/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues that are not contiguous in host memory: PC = 0 (Base 2.0 5.4 and 5.5, unverified).
 *
 * PRP1 of the command that creates such a queue points at a list of its pages, which is copied then
 * and not looked at again. A queue is worked through in order, so where it stands in its pages only
 * ever moves to the next one, and the address of an entry stays base + index * its size.
 */
#include "emulator/core/spans.h"

#define NODES_PER_PAIR 4u   /* a pair of 1024 entries in pages of 4 KiB, none beside another */
#define NODES_MIN      256u /* one pair of any size */
#define NODES_MAX      16384u

/**
 * emu_scatter_nodes - span nodes for the pages of a controller's queues
 *
 * Whatever depth queues may have: who makes many that are deep and scattered finds the pool empty.
 */
uint32_t emu_scatter_nodes(const struct emu_config *config)
{
	uint32_t nodes = NODES_PER_PAIR * config->queues;

	if (config->cqr)
		return 0;
	if (nodes > NODES_MAX)
		return NODES_MAX;
	return nodes > NODES_MIN ? nodes : NODES_MIN;
}

void emu_scatter_close(struct emu_ctrl *ctrl, struct emu_scatter *scatter)
{
	while (scatter->first) {
		struct emu_spans *node = scatter->first;

		scatter->first = node->next;
		node->next = ctrl->queue_nodes_free;
		ctrl->queue_nodes_free = node;
	}
}

/**
 * emu_scatter_open - copy the list of pages of a new queue
 * @bytes: of the queue
 * @ret_base: where its first entry is
 * Return: a status; Internal Error when the pool of the queues is used up.
 */
nvme_status emu_scatter_open(struct emu *emu, struct emu_req *req, uint32_t bytes,
			     struct emu_scatter *ret_scatter, uint64_t *ret_base)
{
	struct emu_spans *first = emu_take_queue_node(&emu->ctrl[req->ctrl]);
	nvme_status status;

	*ret_scatter = (struct emu_scatter){ first, first, 0, 0 };
	if (!first)
		return NVME_SC_INTERNAL_ERROR;
	status = emu_prp_queue(emu, req, bytes, first);
	if (status)
		emu_scatter_close(&emu->ctrl[req->ctrl], ret_scatter);
	else
		*ret_base = first->span[0].iova;
	return status;
}

/**
 * emu_scatter_turn - the queue's index moved to the entry at @offset, the first one of a page
 * Return: the base from which this page's entries are counted.
 */
uint64_t emu_scatter_turn(struct emu_scatter *scatter, uint32_t page_bytes, uint64_t offset)
{
	if (offset == 0) {
		scatter->node = scatter->first;
		scatter->index = 0;
		scatter->done = 0;
	} else {
		scatter->done += page_bytes;
	}
	if (scatter->done == scatter->node->span[scatter->index].bytes) {
		scatter->done = 0;
		if (++scatter->index == scatter->node->count) {
			scatter->node = scatter->node->next;
			scatter->index = 0;
		}
	}
	return scatter->node->span[scatter->index].iova + scatter->done - offset;
}

/** emu_scatter_at - where byte @offset of the queue lies */
uint64_t emu_scatter_at(const struct emu_scatter *scatter, uint64_t offset)
{
	const struct emu_spans *node = scatter->first;
	uint32_t i = 0;

	while (offset >= node->span[i].bytes) {
		offset -= node->span[i].bytes;
		if (++i == node->count) {
			node = node->next;
			i = 0;
		}
	}
	return node->span[i].iova + offset;
}
