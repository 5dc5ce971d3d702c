/* SPDX-License-Identifier: BSD-3-Clause */
/* Host memory of one controller: the table of mappings. */
#include "emulator/device/dma.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "emulator/device/device.h"

#define PROT_BITS ((unsigned int)EMU_DMA_READ | (unsigned int)EMU_DMA_WRITE)

/* Stands for the last hit where there was none. */
static struct emu_dma_range nowhere;

void emu_dma_cool(struct emu_dma_table *table)
{
	table->hot = &nowhere;
}

void emu_dma_init(struct emu_dma_table *table)
{
	memset(table, 0, sizeof(*table));
	emu_dma_cool(table);
}

/* Index of the first range that ends behind @iova; table->count when there is none. */
static uint32_t find_first(const struct emu_dma_table *table, uint64_t iova)
{
	uint32_t low = 0;
	uint32_t high = table->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct emu_dma_range *range = &table->ranges[middle];

		if (range->iova + (range->bytes - 1) < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct emu_dma_range *emu_dma_window(struct emu_dma_table *table, uint64_t iova)
{
	for (unsigned int i = 0; i < 2; i++) {
		if (iova - table->windows[i].iova < table->windows[i].bytes)
			return &table->windows[i];
	}
	return NULL;
}

uint64_t emu_dma_before_window(const struct emu_dma_table *table, uint64_t iova, uint64_t bytes)
{
	for (unsigned int i = 0; i < 2; i++) {
		const struct emu_dma_range *window = &table->windows[i];

		if (window->bytes && window->iova > iova && window->iova - iova < bytes)
			bytes = window->iova - iova;
	}
	return bytes;
}

struct emu_dma_range *emu_dma_search(struct emu_dma_table *table, uint64_t iova)
{
	uint32_t index = find_first(table, iova);
	struct emu_dma_range *range;

	if (index == table->count)
		return NULL;
	range = &table->ranges[index];
	if (range->iova > iova)
		return NULL;
	if (range->memory && !table->windowed)
		table->hot = range;
	return range;
}

void *emu_dma_piece(struct emu_dma_table *table, uint64_t iova, uint64_t bytes, unsigned int prot,
		    uint64_t *ret_bytes, const struct emu_dma_range **ret_range)
{
	struct emu_dma_range *range = NULL;
	uint64_t left;

	if (__builtin_expect(table->windowed, 0)) {
		range = emu_dma_window(table, iova);
		if (!range)
			bytes = emu_dma_before_window(table, iova, bytes);
	}
	if (__builtin_expect(!range, 1))
		range = emu_dma_find(table, iova);
	if (!range || (range->prot & prot) != prot)
		return NULL;
	left = range->bytes - (iova - range->iova);
	*ret_bytes = bytes < left ? bytes : left;
	*ret_range = range;
	if (__builtin_expect(!range->memory, 0))
		return emu_remote_piece(table, iova, prot, ret_bytes, ret_range);
	return range->memory + (iova - range->iova);
}

void *emu_dma_at_cold(struct emu_dma_table *table, uint64_t iova, size_t bytes, unsigned int prot)
{
	const struct emu_dma_range *range;
	uint64_t got;
	void *memory = emu_dma_piece(table, iova, bytes, prot, &got, &range);

	return memory && got == bytes ? memory : NULL;
}

/* Whether the numbers of a mapping make sense at all. */
static bool is_valid(uint64_t iova, uint64_t bytes, unsigned int prot)
{
	return bytes != 0 && (iova | bytes) % EMU_DMA_PAGE == 0 && iova + (bytes - 1) >= iova &&
	       prot != 0 && (prot & ~PROT_BITS) == 0;
}

/* Whether @a and @b are the same mapping of the same thing. */
static bool is_same(const struct emu_dma_range *a, const struct emu_dma_range *b)
{
	if (a->iova != b->iova || a->bytes != b->bytes || a->asked != b->asked)
		return false;
	if (a->map_bytes != 0 || b->map_bytes != 0)
		return a->map_bytes == b->map_bytes && a->dev == b->dev && a->ino == b->ino &&
		       a->offset == b->offset;
	return a->memory == b->memory;
}

/*
 * Whether @range can be added.
 * Return: 1 when it can, at *ret_index; 0 when it is there already; or a negative errno.
 */
static int find_place(const struct emu_dma_table *table, const struct emu_dma_range *range,
		      uint32_t *ret_index)
{
	uint32_t index = find_first(table, range->iova);

	*ret_index = index;
	if (index < table->count) {
		const struct emu_dma_range *next = &table->ranges[index];

		if (is_same(next, range))
			return 0;
		if (next->iova <= range->iova + (range->bytes - 1))
			return -EEXIST;
	}
	if (table->count >= EMU_DMA_MAPS_MAX)
		return -ENOSPC;
	if (range->map_bytes > EMU_DMA_BYTES_MAX - table->mapped_bytes)
		return -ENOSPC;
	return 1;
}

static int grow(struct emu_dma_table *table)
{
	uint32_t room = table->room ? table->room * 2 : 16;
	struct emu_dma_range *ranges;

	if (table->count < table->room)
		return 0;
	ranges = realloc(table->ranges, room * sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	table->ranges = ranges;
	table->room = room;
	emu_dma_cool(table);
	return 0;
}

static void insert(struct emu_dma_table *table, uint32_t index, const struct emu_dma_range *range)
{
	struct emu_dma_range *place = &table->ranges[index];

	memmove(place + 1, place, (table->count - index) * sizeof(*place));
	*place = *range;
	table->count++;
	table->mapped_bytes += range->map_bytes;
	emu_dma_cool(table);
}

int emu_dma_map(struct emu_dma_table *table, uint64_t iova, uint64_t bytes, unsigned int prot,
		void *memory)
{
	struct emu_dma_range range = {
		.iova = iova, .bytes = bytes, .prot = prot, .asked = prot, .memory = memory
	};
	uint32_t index;
	int error;

	if (!is_valid(iova, bytes, prot))
		return -EINVAL;
	error = find_place(table, &range, &index);
	if (error <= 0)
		return error;
	error = grow(table);
	if (error)
		return error;
	insert(table, index, &range);
	return 0;
}

/*
 * Fills in what to map of @fd: @range->offset is given; whole pages of the file around the range,
 * from *ret_start on.
 */
static int look_at_file(struct emu_dma_range *range, int fd, uint64_t *ret_start)
{
	struct statfs fs;
	struct stat file;
	uint64_t start;
	uint64_t end;

	if (fstat(fd, &file) < 0 || fcntl(fd, F_GETFL) < 0)
		return -errno;
	if (!S_ISREG(file.st_mode))
		return -EINVAL;
	if (range->offset % EMU_DMA_PAGE != 0 || range->offset > INT64_MAX ||
	    range->bytes > INT64_MAX - range->offset ||
	    range->offset + range->bytes > (uint64_t)file.st_size)
		return -EINVAL;
	range->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	if (fstatfs(fd, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC)
		range->page_bytes = (size_t)fs.f_bsize;
	start = range->offset / range->page_bytes * range->page_bytes;
	end = range->offset + range->bytes;
	end = (end + range->page_bytes - 1) / range->page_bytes * range->page_bytes;
	range->map_bytes = end - start;
	range->dev = file.st_dev;
	range->ino = file.st_ino;
	*ret_start = start;
	return 0;
}

static int map_file(struct emu_dma_range *range, int fd, uint64_t start)
{
	int prot = PROT_READ;
	void *map;

	if (range->asked & EMU_DMA_WRITE)
		prot |= PROT_WRITE;
	map = mmap(NULL, range->map_bytes, prot, MAP_SHARED | MAP_NORESERVE, fd, (off_t)start);
	if (map == MAP_FAILED)
		return -errno;
	/* The host's memory does not belong into a core file of ours. */
	madvise(map, range->map_bytes, MADV_DONTDUMP);
	range->map = map;
	range->memory = range->map + (range->offset - start);
	return 0;
}

int emu_dma_map_fd(struct emu_dma_table *table, uint64_t iova, uint64_t bytes, unsigned int prot,
		   int fd, uint64_t offset)
{
	struct emu_dma_range range = {
		.iova = iova, .bytes = bytes, .prot = prot, .asked = prot, .offset = offset
	};
	uint64_t start = 0;
	uint32_t index;
	int error;

	if (!is_valid(iova, bytes, prot))
		return -EINVAL;
	error = look_at_file(&range, fd, &start);
	if (error)
		return error;
	error = find_place(table, &range, &index);
	if (error <= 0)
		return error;
	error = grow(table);
	if (error)
		return error;
	emu_dma_catch_sigbus();
	error = map_file(&range, fd, start);
	if (error)
		return error;
	insert(table, index, &range);
	return 0;
}

static void release(struct emu_dma_table *table, struct emu_dma_range *range)
{
	if (range->map)
		munmap(range->map, range->map_bytes);
	table->mapped_bytes -= range->map_bytes;
}

int emu_dma_unmap(struct emu_dma_table *table, uint64_t iova, uint64_t bytes)
{
	uint64_t last = iova + (bytes - 1);
	uint32_t first = find_first(table, iova);
	uint32_t end = first;

	if (bytes == 0 || last < iova)
		return -EINVAL;
	while (end < table->count && table->ranges[end].iova <= last)
		end++;
	if (end == first)
		return -ENOENT;
	if (table->ranges[first].iova < iova ||
	    table->ranges[end - 1].iova + (table->ranges[end - 1].bytes - 1) > last)
		return -EINVAL;
	for (uint32_t i = first; i < end; i++)
		release(table, &table->ranges[i]);
	memmove(&table->ranges[first], &table->ranges[end],
		(table->count - end) * sizeof(*table->ranges));
	table->count -= end - first;
	emu_dma_cool(table);
	return 0;
}

void emu_dma_unmap_all(struct emu_dma_table *table)
{
	for (uint32_t i = 0; i < table->count; i++)
		release(table, &table->ranges[i]);
	table->count = 0;
	emu_dma_cool(table);
}

void emu_dma_done(struct emu_dma_table *table)
{
	emu_dma_unmap_all(table);
	emu_remote_free(table->remote);
	free(table->ranges);
	emu_dma_init(table);
}
