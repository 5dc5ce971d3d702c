/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of host memory, emulator/device/dma.h, against a model that has a row for each page.
 *
 * The input is a series of operations on a small part of the address space (two parts: one ends
 * where the address space does): map, with memory or a file, unmap, put a window (CMB, PMR)
 * somewhere, look for a piece. Pieces are what the model says: windows before mappings, never
 * across the end of either, with the rights that were asked for.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emulator/device/device.h"
#include "emulator/device/dma.h"
#include "tests/fuzz/input.h"

#define PAGE	    4096ull
#define PAGES	    64u
#define HIGH	    (UINT64_MAX - PAGES * PAGE + 1) /* the last pages that there are */
#define LOW	    0x10000ull
#define FILE_PAGES  16u
#define ACTIONS_MAX 500u

/** struct page - what is mapped there; @memory: its first byte, NULL for nothing */
struct page {
	uint8_t *memory;
	uint32_t prot;
	uint32_t mapping; /* the same number: the same range */
	bool file;
};

struct model {
	struct th_input in;
	struct emu_dma_table table;
	struct page page[2 * PAGES];
	uint32_t count; /* of mappings ever */
};

static uint8_t memory[2 * PAGES * PAGE];
static uint8_t window_memory[2][PAGES * PAGE];
static int file = -1;

static uint64_t iova_of(uint32_t page)
{
	return page < PAGES ? LOW + page * PAGE : HIGH + (page - PAGES) * PAGE;
}

/* Index of the page that has @iova; 2 * PAGES for none. */
static uint32_t page_of(uint64_t iova)
{
	if (iova - LOW < PAGES * PAGE)
		return (uint32_t)((iova - LOW) / PAGE);
	if (iova >= HIGH)
		return PAGES + (uint32_t)((iova - HIGH) / PAGE);
	return 2 * PAGES;
}

/* One operand says where: a page, a part of one with the highest bit, or anything at all. */
static uint64_t take_iova(struct model *model)
{
	uint8_t how = th_u8(&model->in);

	if (how == 0xff)
		return th_u64(&model->in);
	return iova_of(how % (2 * PAGES)) + (how & 0x80 ? th_u16(&model->in) % PAGE : 0);
}

static uint64_t take_bytes(struct model *model)
{
	uint8_t how = th_u8(&model->in);

	if (how == 0xff)
		return th_u64(&model->in);
	return (how & 0x80 ? th_u16(&model->in) % PAGE : 0) + (how & 0x7f) * PAGE;
}

/* Whether [iova, iova + bytes) is whole pages of the model, and which. */
static bool find_pages(uint64_t iova, uint64_t bytes, uint32_t *ret_first, uint32_t *ret_count)
{
	*ret_first = page_of(iova);
	if (bytes == 0 || (iova | bytes) % PAGE != 0 || iova > UINT64_MAX - (bytes - 1))
		return false;
	if (*ret_first == 2 * PAGES || bytes / PAGE > PAGES - *ret_first % PAGES)
		return false;
	*ret_count = (uint32_t)(bytes / PAGE);
	return true;
}

static void claim_error(int error)
{
	th_claim(error == 0 || error == -EINVAL || error == -EEXIST || error == -ENOSPC ||
			 error == -ENOENT,
		 "an error that the table knows");
}

/* What the table took has to be a range that nobody had, or exactly the one that was there. */
static void remember(struct model *model, uint64_t iova, uint64_t bytes, uint32_t prot,
		     uint8_t *where)
{
	uint32_t first, count;
	bool again;

	if (!find_pages(iova, bytes, &first, &count)) {
		emu_dma_unmap(&model->table, iova, bytes); /* elsewhere: nobody looks there */
		return;
	}
	again = model->page[first].prot != 0;
	model->count++;
	for (uint32_t i = 0; i < count; i++) {
		struct page *page = &model->page[first + i];

		th_claim((page->prot != 0) == again, "a range is new, or was there as a whole");
		th_claim(!again || page->prot == prot, "with the same rights");
		if (again)
			continue;
		*page = (struct page){ .prot = prot,
				       .mapping = model->count,
				       .file = !where,
				       .memory = where ? where + i * PAGE : NULL };
	}
}

static bool is_free(const struct model *model, uint64_t iova, uint64_t bytes)
{
	uint32_t first, count;

	if (!find_pages(iova, bytes, &first, &count))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (model->page[first + i].prot)
			return false;
	}
	return true;
}

static void act_map(struct model *model)
{
	uint64_t iova = take_iova(model);
	uint64_t bytes = take_bytes(model);
	uint32_t prot = th_u8(&model->in) & 7;
	uint8_t *where = memory + th_u8(&model->in) % PAGES * PAGE;
	bool possible = is_free(model, iova, bytes) && prot >= 1 && prot <= 3;
	int error;

	error = emu_dma_map(&model->table, iova, bytes, prot, where);
	claim_error(error);
	th_claim(!possible || error == 0, "free pages can be mapped");
	if (error == 0)
		remember(model, iova, bytes, prot, where);
}

static void act_map_file(struct model *model)
{
	uint64_t iova = take_iova(model);
	uint64_t bytes = take_bytes(model);
	uint32_t prot = th_u8(&model->in) & 7;
	uint8_t how = th_u8(&model->in);
	uint64_t offset = how == 0xff ? th_u64(&model->in) : how % FILE_PAGES * PAGE;
	int error = emu_dma_map_fd(&model->table, iova, bytes, prot, file, offset);

	claim_error(error);
	if (error == 0) {
		th_claim(offset <= FILE_PAGES * PAGE && bytes <= FILE_PAGES * PAGE - offset,
			 "only what the file has");
		remember(model, iova, bytes, prot, NULL);
	}
}

/* Whole ranges only: where the model's run of one mapping begins or goes on, nothing may happen. */
static bool cuts(const struct model *model, uint32_t first, uint32_t count)
{
	uint32_t last = first + count - 1;
	uint32_t begin = model->page[first].mapping;
	uint32_t end = model->page[last].mapping;

	return (begin && first % PAGES > 0 && model->page[first - 1].mapping == begin) ||
	       (end && last % PAGES < PAGES - 1 && model->page[last + 1].mapping == end);
}

static void act_unmap(struct model *model)
{
	uint64_t iova = take_iova(model);
	uint64_t bytes = take_bytes(model);
	uint32_t first, count;
	int error = emu_dma_unmap(&model->table, iova, bytes);

	claim_error(error);
	if (!find_pages(iova, bytes, &first, &count)) {
		if (error == 0)
			emu_dma_unmap_all(&model->table);
		if (error == 0)
			memset(model->page, 0, sizeof(model->page));
		return;
	}
	th_claim((error == -EINVAL) == cuts(model, first, count), "no mapping is cut in two");
	if (error == 0)
		memset(&model->page[first], 0, count * sizeof(model->page[0]));
}

static void act_unmap_all(struct model *model)
{
	emu_dma_unmap_all(&model->table);
	memset(model->page, 0, sizeof(model->page));
}

/* As emu_barmem_place() does, of a range that the core checked: it neither wraps nor overlaps. */
static void act_window(struct model *model)
{
	uint8_t which = th_u8(&model->in) & 1;
	const struct emu_dma_range *other = &model->table.windows[!which];
	uint64_t iova = take_iova(model) / PAGE * PAGE;
	uint64_t bytes = (uint64_t)(th_u8(&model->in) % PAGES) * PAGE;

	if (bytes && (iova > UINT64_MAX - (bytes - 1) ||
		      (other->bytes && iova <= other->iova + (other->bytes - 1) &&
		       other->iova <= iova + (bytes - 1))))
		return;
	model->table.windows[which] = (struct emu_dma_range){
		.iova = iova, .bytes = bytes, .prot = 3, .asked = 3, .memory = window_memory[which]
	};
	model->table.windowed = model->table.windows[0].bytes || model->table.windows[1].bytes;
}

/* The window that has @iova, or NULL. */
static const struct emu_dma_range *window_at(const struct model *model, uint64_t iova)
{
	for (uint32_t i = 0; i < 2; i++) {
		const struct emu_dma_range *window = &model->table.windows[i];

		if (window->bytes && iova >= window->iova &&
		    iova <= window->iova + (window->bytes - 1))
			return window;
	}
	return NULL;
}

/* How far the piece at @iova goes, in pages that are alike. */
static void check_piece(const struct model *model, uint64_t iova, uint64_t got,
			const uint8_t *found, const struct emu_dma_range *range)
{
	const struct emu_dma_range *window = window_at(model, iova);
	const struct page *page = page_of(iova) < 2 * PAGES ? &model->page[page_of(iova)] : NULL;

	if (window) {
		th_claim(range == window && found == window->memory + (iova - window->iova),
			 "a window comes first");
		th_claim(got <= window->bytes - (iova - window->iova), "to its end at most");
		return;
	}
	th_claim(page && page->prot, "a piece is of a mapping that there is");
	th_claim(page->file || found == page->memory + iova % PAGE, "at its place");
	for (uint64_t at = iova; got > 0; at += PAGE - at % PAGE) {
		uint64_t part = PAGE - at % PAGE < got ? PAGE - at % PAGE : got;

		th_claim(page_of(at) < 2 * PAGES &&
				 model->page[page_of(at)].mapping == page->mapping,
			 "it ends with the mapping");
		th_claim(!window_at(model, at), "or where a window begins");
		got -= part;
	}
}

static void act_find(struct model *model)
{
	uint64_t iova = take_iova(model);
	uint64_t bytes = take_bytes(model) | 1;
	uint32_t prot = 1 + th_u8(&model->in) % 3;
	const struct emu_dma_range *range = NULL;
	const struct emu_dma_range *window = window_at(model, iova);
	uint32_t page = page_of(iova);
	uint64_t got = 0;
	uint8_t *found = emu_dma_piece(&model->table, iova, bytes, prot, &got, &range);
	uint32_t allowed = window ? 3 : page < 2 * PAGES ? model->page[page].prot : 0;

	th_claim((found != NULL) == ((allowed & prot) == prot), "found if it allows what is asked");
	if (!found)
		return;
	th_claim(got > 0 && got <= bytes, "a piece is something");
	check_piece(model, iova, got, found, range);
	/* Both ends can be used. */
	((volatile uint8_t *)found)[0];
	((volatile uint8_t *)found)[got - 1];
}

static void act_use(struct model *model)
{
	uint64_t iova = take_iova(model);
	uint64_t bytes = 1 + th_u16(&model->in) % (2 * PAGE);
	uint8_t *found = emu_dma_at(&model->table, iova, bytes, EMU_DMA_WRITE);

	if (found)
		memset(found, 0x5a, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const actions[])(struct model * model) = {
		act_map,  act_map_file, act_unmap, act_window,	  act_window,
		act_find, act_find,	act_use,   act_unmap_all,
	};
	static struct model model;

	if (file < 0) {
		file = memfd_create("memory", MFD_CLOEXEC);
		th_claim(ftruncate(file, FILE_PAGES * PAGE) == 0, "there is memory");
	}
	memset(&model, 0, sizeof(model));
	model.in = (struct th_input){ data, size };
	emu_dma_init(&model.table);
	for (uint32_t i = 0; i < ACTIONS_MAX && model.in.bytes > 0; i++)
		actions[th_u8(&model.in) % (sizeof(actions) / sizeof(actions[0]))](&model);
	emu_dma_done(&model.table);
	return 0;
}
