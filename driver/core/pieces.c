/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of a transfer: a list of pieces, as this side sees it and as the device does.
 *
 *   pieces   |-- buffer A, from an offset --|-- buffer B --|--- buffer C, page by page ---|
 *   runs     |------------------------------|--------------|---------|---------|----------|
 */
#include "driver/core/data.h"

#define PAGE	   NVL_PAGE_BYTES
#define PAGE_SHIFT 12

static bool is_mapped(const struct nvl_buffer *buffer)
{
	return buffer->page_iova || buffer->iova != NVL_NOT_MAPPED;
}

/** nvl_memory_bytes - of all pieces; UINT64_MAX if that is more than can be counted */
uint64_t nvl_memory_bytes(const struct nvl_memory_of *memory)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < memory->count; i++) {
		if (memory->list[i].bytes > UINT64_MAX - sum)
			return UINT64_MAX;
		sum += memory->list[i].bytes;
	}
	return sum;
}

/** nvl_memory_fits - whether there are @bytes, and each piece lies within its buffer */
bool nvl_memory_fits(const struct nvl_memory_of *memory, uint64_t bytes)
{
	for (uint32_t i = 0; i < memory->count; i++) {
		if (!nvl_piece_fits(&memory->list[i]))
			return false;
	}
	return nvl_memory_bytes(memory) >= bytes;
}

/** nvl_memory_at - this side's view of the byte at @at; @ret_bytes gets how many follow in a row */
uint8_t *nvl_memory_at(const struct nvl_memory_of *memory, uint64_t at, uint64_t *ret_bytes)
{
	const struct nvl_data *piece = memory->list;

	for (uint32_t i = 0; i < memory->count; i++, piece++) {
		if (at < piece->bytes) {
			*ret_bytes = piece->bytes - at;
			return (uint8_t *)piece->buffer->data + piece->offset + at;
		}
		at -= piece->bytes;
	}
	*ret_bytes = 0;
	return NULL;
}

/** nvl_memory_copy - @count bytes from @at on to or from @bytes; they are there */
void nvl_memory_copy(const struct nvl_memory_of *memory, uint64_t at, void *bytes, uint64_t count,
		     bool to_memory)
{
	uint8_t *other = bytes;

	while (count > 0) {
		uint64_t here;
		uint8_t *run = nvl_memory_at(memory, at, &here);

		if (!run)
			return;
		if (here > count)
			here = count;
		if (to_memory)
			memcpy(run, other, (size_t)here);
		else
			memcpy(other, run, (size_t)here);
		other += here;
		at += here;
		count -= here;
	}
}

/** nvl_runs - the device's view of @bytes from @at on, which are there */
struct nvl_runs nvl_runs(const struct nvl_memory_of *memory, uint64_t at, uint64_t bytes)
{
	struct nvl_runs runs = {
		.piece = memory->list,
		.count = memory->count,
		.at = at,
		.left = bytes,
	};

	while (runs.count > 0 && runs.at >= runs.piece->bytes) {
		runs.at -= runs.piece->bytes;
		runs.piece++;
		runs.count--;
	}
	return runs;
}

/* The run at @at of a buffer that is known page by page: pages that follow each other are one. */
static struct nvl_run run_of_pages(const struct nvl_buffer *buffer, uint64_t at, uint64_t max)
{
	uint64_t page = at >> PAGE_SHIFT;
	struct nvl_run run = {
		.iova = buffer->page_iova[page] + (at & (PAGE - 1)),
		.bytes = PAGE - (at & (PAGE - 1)),
	};

	while (run.bytes < max && buffer->page_iova[page + 1] == buffer->page_iova[page] + PAGE) {
		run.bytes += PAGE;
		page++;
	}
	if (run.bytes > max)
		run.bytes = max;
	return run;
}

/** nvl_runs_next - the next run; its address is NVL_NOT_MAPPED where the device reaches nothing */
bool nvl_runs_next(struct nvl_runs *runs, struct nvl_run *ret_run)
{
	const struct nvl_data *piece;
	uint64_t bytes;

	while (runs->count > 0 && runs->at >= runs->piece->bytes) {
		runs->at = 0;
		runs->piece++;
		runs->count--;
	}
	if (runs->count == 0 || runs->left == 0)
		return false;
	piece = runs->piece;
	bytes = piece->bytes - runs->at;
	if (bytes > runs->left)
		bytes = runs->left;
	if (piece->buffer->page_iova)
		*ret_run = run_of_pages(piece->buffer, piece->offset + runs->at, bytes);
	else
		*ret_run = (struct nvl_run){ .iova = NVL_NOT_MAPPED, .bytes = bytes };
	if (!piece->buffer->page_iova && is_mapped(piece->buffer))
		ret_run->iova = piece->buffer->iova + piece->offset + runs->at;
	runs->at += ret_run->bytes;
	runs->left -= ret_run->bytes;
	return true;
}

/** nvl_shape - what PRPs and SGLs have to know of memory before they describe it */
struct nvl_shape nvl_shape(struct nvl_runs runs)
{
	struct nvl_shape shape = { .reachable = true, .prp = true, .dword = true };
	struct nvl_run run;

	while (nvl_runs_next(&runs, &run)) {
		uint64_t in_page = run.iova & (PAGE - 1);

		if (run.iova == NVL_NOT_MAPPED) {
			shape.reachable = false;
			return shape;
		}
		if (shape.runs > 0 ? in_page != 0 : in_page % 4 != 0)
			shape.prp = false;
		if (runs.left > 0 && (in_page + run.bytes) % PAGE != 0)
			shape.prp = false;
		if ((in_page | run.bytes) % 4 != 0)
			shape.dword = false;
		shape.pages += (in_page + run.bytes + PAGE - 1) >> PAGE_SHIFT;
		shape.runs++;
	}
	return shape;
}
