/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 1 of 4: submit, the part that every command runs through. Inline, so that a read or write
 * is a few loads, the stores of its entry, and nothing between.
 */
#ifndef NVMELAB_DRIVER_CORE_SUBMIT_H
#define NVMELAB_DRIVER_CORE_SUBMIT_H

#include "driver/core/internal.h"

#define NVL_PREFETCH 6 /* slots ahead */

/**
 * nvl_prp - PRP1 and PRP2 of @bytes at @offset of @buffer, which are checked
 *
 * One or two pages of contiguous memory, the common case, need no list and no look at pages.
 */
static inline struct nvl_prp nvl_prp(struct nvl_queue *queue, const struct nvl_request *request,
				     const struct nvl_buffer *buffer, uint64_t offset,
				     uint64_t bytes)
{
	uint64_t start = buffer->iova + offset;
	uint64_t page = start & ~(uint64_t)(NVL_PAGE_BYTES - 1);
	uint64_t span = start - page + bytes;

	if (__builtin_expect(!buffer->page_iova && span <= 2ull * NVL_PAGE_BYTES, 1))
		return (struct nvl_prp){ start, span > NVL_PAGE_BYTES ? page + NVL_PAGE_BYTES : 0 };
	return nvl_prp_list(queue, request, buffer, offset, bytes);
}

/* Eight bytes of an entry, whatever type it is seen as elsewhere. */
typedef uint64_t __attribute__((may_alias)) nvl_word64;

/**
 * nvl_fill_slot - a command as eight words, each stored once
 * @command: opcode, flags, CID and NSID: the first two dwords
 * @cdw10: and, above it, CDW11
 * @cdw12: and CDW13
 */
static inline void nvl_fill_slot(struct nvme_sqe *slot, uint64_t command, const struct nvl_prp *prp,
				 uint64_t cdw10, uint64_t cdw12)
{
	nvl_word64 *word = (nvl_word64 *)(void *)slot;

	word[0] = nvme_le64(command).raw;
	word[1] = 0;
	word[2] = 0;
	word[3] = nvme_le64(prp->prp1).raw;
	word[4] = nvme_le64(prp->prp2).raw;
	word[5] = nvme_le64(cdw10).raw;
	word[6] = nvme_le64(cdw12).raw;
	word[7] = 0;
}

/** nvl_submit_plain - nvl_submit_request() into @slot, the tail, without a trace */
static inline void nvl_submit_plain(struct nvl_queue *queue, struct nvl_request *request,
				    uint32_t slot, nvl_done_fn *done, void *arg)
{
	uint32_t next = slot + 1;

	/*
	 * A slot that was used before is in the controller's cache. Asking for a later one now lets
	 * it come back while others are filled; with one command at a time, while that is on its
	 * way. The first ones are not asked for. (In a function of its own, gcc takes this for
	 * nothing and drops it.)
	 */
	if (slot + NVL_PREFETCH < queue->entries)
		__builtin_prefetch(&queue->sq[slot + NVL_PREFETCH], 1);
	request->done = done;
	request->arg = arg;
	request->deadline_nsec = 0;
	request->state = NVL_REQUEST_SENT;
	request->flags = 0;
	if (__builtin_expect(next == queue->entries, 0))
		next = 0;
	queue->tail = next;
	queue->counters.submitted++;
}

/**
 * nvl_submit_request - the next slot holds the command of @request
 * @buffer: what it transfers, @bytes at @offset; or NULL
 *
 * Nothing is ordered here: the controller reads the slot after nvl_ring().
 */
static inline void nvl_submit_request(struct nvl_queue *queue, struct nvl_request *request,
				      const struct nvl_buffer *buffer, uint64_t offset,
				      uint64_t bytes, nvl_done_fn *done, void *arg)
{
	uint32_t slot = queue->tail;

	nvl_submit_plain(queue, request, slot, done, arg);
	if (__builtin_expect(queue->observed, 0))
		nvl_submit_trace(queue, request, slot,
				 buffer ? (const uint8_t *)buffer->data + offset : NULL,
				 (uint32_t)bytes);
}

#endif
