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
#include "driver/core/data.h"

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

/** struct pages - the pages of memory in turn; @run is what is left of the present run */
struct pages {
	struct nvl_runs runs;
	struct nvl_run run;
};

/* The address of the next page, the first one with its offset. */
static uint64_t next_page(struct pages *pages)
{
	uint64_t iova, bytes;

	if (pages->run.bytes == 0 && !nvl_runs_next(&pages->runs, &pages->run))
		return 0;
	iova = pages->run.iova;
	bytes = PAGE - (iova & (PAGE - 1));
	if (bytes > pages->run.bytes)
		bytes = pages->run.bytes;
	pages->run.iova += bytes;
	pages->run.bytes -= bytes;
	return iova;
}

/* Writes the list of @entries pages. Return: its address. */
static uint64_t build_list(struct nvl_queue *queue, const struct nvl_request *request,
			   struct pages *pages, uint32_t entries)
{
	uint64_t at = (uint64_t)nvl_request_index(queue, request) * queue->ctrl->list_bytes;
	nvme_u64le *list = (nvme_u64le *)(void *)(queue->lists + at);
	uint64_t list_iova = queue->lists_iova + at;
	uint64_t first_iova = list_iova;
	uint32_t done = 0;

	while (done < entries) {
		uint32_t left = entries - done;
		uint32_t here = left <= ENTRIES_PER_PAGE ? left : ENTRIES_PER_PAGE - 1;

		for (uint32_t i = 0; i < here; i++)
			list[i] = nvme_le64(next_page(pages));
		done += here;
		if (done < entries)
			list[here++] = nvme_le64(list_iova + PAGE);
		nvl_trace_data(queue->ctrl, PRP_LIST, list, here * (uint32_t)sizeof(*list),
			       queue->id, request->cid, list_iova, here);
		list += ENTRIES_PER_PAGE;
		list_iova += PAGE;
	}
	return first_iova;
}

/** nvl_prp_runs - PRP1 and PRP2 of memory whose shape allows them, with the list of @request */
struct nvl_prp nvl_prp_runs(struct nvl_queue *queue, const struct nvl_request *request,
			    struct nvl_runs runs)
{
	struct pages pages = { .runs = runs };
	uint64_t bytes = runs.left;
	struct nvl_prp prp = { .prp1 = next_page(&pages) };
	uint64_t span = (prp.prp1 & (PAGE - 1)) + bytes;

	if (span > 2ull * PAGE)
		prp.prp2 = build_list(queue, request, &pages, (uint32_t)((span - 1) >> PAGE_SHIFT));
	else if (span > PAGE)
		prp.prp2 = next_page(&pages);
	return prp;
}

/** nvl_prp_list - what nvl_prp() leaves to more than a few instructions */
struct nvl_prp nvl_prp_list(struct nvl_queue *queue, const struct nvl_request *request,
			    const struct nvl_buffer *buffer, uint64_t offset, uint64_t bytes)
{
	const struct nvl_data piece = { .buffer = buffer, .offset = offset, .bytes = bytes };
	const struct nvl_memory_of memory = { .list = &piece, .count = 1 };

	return nvl_prp_runs(queue, request, nvl_runs(&memory, 0, bytes));
}
