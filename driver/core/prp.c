/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Physical Region Pages: how a command says where its data is (Base 2.0 4.1.1, unverified).
 *
 *   up to the end of the first page     PRP1                PRP2 is not used
 *   ... and within one more page        PRP1                PRP2 = that page
 *   more                                PRP1                PRP2 -> list of the other pages
 *
 * A list that fills its page ends in the address of the next list page instead of an entry. Every
 * request has room for the longest list, prepared beforehand; lists below a page start at a
 * multiple of their size, a power of two, so they never cross a page.
 */
#include "driver/core/internal.h"

#define PAGE		 NVL_PAGE_BYTES
#define PAGE_SHIFT	 12
#define ENTRIES_PER_PAGE (PAGE / (uint32_t)sizeof(nvme_u64le))

_Static_assert(1u << PAGE_SHIFT == PAGE, "a page is 4 KiB");

/** nvl_prp_list_bytes - room for the list of a command of @max_transfer_bytes at any offset */
uint32_t nvl_prp_list_bytes(uint32_t max_transfer_bytes)
{
	/* An offset in the first page costs one page more; PRP1 holds one of them. */
	uint32_t entries = max_transfer_bytes / PAGE;
	uint32_t bytes = NVL_CACHE_LINE;

	if (entries > ENTRIES_PER_PAGE)
		return (entries - 1 + ENTRIES_PER_PAGE - 2) / (ENTRIES_PER_PAGE - 1) * PAGE;
	while (bytes < entries * sizeof(nvme_u64le))
		bytes *= 2;
	return bytes;
}

/* The device's address of page @index of the data, which begins with page 0; not of its offset. */
static uint64_t page_iova(const struct nvl_data *data, uint64_t index)
{
	const struct nvl_buffer *buffer = data->buffer;

	if (buffer->page_iova)
		return buffer->page_iova[(data->offset >> PAGE_SHIFT) + index];
	return ((buffer->iova + data->offset) & ~(uint64_t)(PAGE - 1)) + (index << PAGE_SHIFT);
}

/* Writes the list of pages 1 .. @entries. Return: its address. */
static uint64_t build_list(struct nvl_queue *queue, uint32_t index, const struct nvl_data *data,
			   uint32_t entries, uint16_t cid)
{
	uint64_t at = (uint64_t)index * queue->ctrl->list_bytes;
	nvme_u64le *list = (nvme_u64le *)(void *)(queue->lists + at);
	uint64_t list_iova = queue->lists_iova + at;
	uint64_t first_iova = list_iova;
	uint32_t done = 0;

	while (done < entries) {
		uint32_t left = entries - done;
		uint32_t here = left <= ENTRIES_PER_PAGE ? left : ENTRIES_PER_PAGE - 1;

		for (uint32_t i = 0; i < here; i++)
			list[i] = nvme_le64(page_iova(data, done + i + 1));
		done += here;
		if (done < entries)
			list[here++] = nvme_le64(list_iova + PAGE);
		nvl_trace_data(queue->ctrl, PRP_LIST, list, here * (uint32_t)sizeof(*list),
			       queue->id, cid, list_iova, here);
		list += ENTRIES_PER_PAGE;
		list_iova += PAGE;
	}
	return first_iova;
}

/**
 * nvl_prp_build - PRP1 and PRP2 of @data, which is checked
 * @index: of the request, whose list memory is used
 */
struct nvl_prp nvl_prp_build(struct nvl_queue *queue, uint32_t index, const struct nvl_data *data,
			     uint16_t cid)
{
	const struct nvl_buffer *buffer = data->buffer;
	uint64_t start = buffer->page_iova ? data->offset : buffer->iova + data->offset;
	uint64_t in_page = start & (PAGE - 1);
	uint64_t span = in_page + data->bytes;
	struct nvl_prp prp = { .prp1 = page_iova(data, 0) + in_page };

	if (span > 2ull * PAGE)
		prp.prp2 = build_list(queue, index, data, (uint32_t)((span - 1) >> PAGE_SHIFT),
				      cid);
	else if (span > PAGE)
		prp.prp2 = page_iova(data, 1);
	return prp;
}

/** nvl_prp_list - what nvl_prp() leaves to more than a few instructions */
struct nvl_prp nvl_prp_list(struct nvl_queue *queue, const struct nvl_request *request,
			    const struct nvl_buffer *buffer, uint64_t offset, uint64_t bytes)
{
	const struct nvl_data data = { .buffer = buffer, .offset = offset, .bytes = bytes };

	return nvl_prp_build(queue, nvl_request_index(queue, request), &data, request->cid);
}
