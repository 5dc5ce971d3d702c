/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host memory of one controller: ranges of I/O virtual addresses and where they are in this
 * process.
 *
 * A sorted array of ranges [iova, iova + bytes) that do not overlap, searched by halves, with the
 * range of the last hit tried first. A range whose file lost its pages (SIGBUS) is poisoned: it
 * keeps its place until it is unmapped, but allows nothing any more.
 */
#ifndef NVMELAB_EMULATOR_DEVICE_DMA_H
#define NVMELAB_EMULATOR_DEVICE_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "emulator/device/remote.h"

/**
 * struct emu_dma_range - one mapping
 * @iova: first address; with @bytes it does not wrap
 * @memory: where it is in this process; NULL when it is reached through the table's @remote
 * @prot: enum emu_prot bits that are allowed now; 0 when poisoned
 * @asked: @prot as it was mapped
 * @map: what mmap() gave, @map_bytes long; NULL when the memory is somebody else's
 * @page_bytes: of the file behind it
 * @dev: with @ino and @offset what is mapped, to recognise a repetition
 */
struct emu_dma_range {
	uint64_t iova;
	uint64_t bytes;
	uint8_t *memory;
	volatile uint32_t prot;
	uint32_t asked;
	uint8_t *map;
	size_t map_bytes;
	size_t page_bytes;
	dev_t dev;
	ino_t ino;
	uint64_t offset;
};

/**
 * struct emu_dma_table - all mappings of a controller
 * @last: index of the last hit
 * @mapped_bytes: sum over ranges with a file
 * @windows: memory of the controller itself, by enum emu_window; looked at before the ranges, while
 *	@windowed says that one of them is somewhere
 * @remote: reaches ranges without memory; NULL: they allow nothing. @dirty: it has to settle.
 */
struct emu_dma_table {
	struct emu_dma_range *ranges;
	uint32_t count;
	uint32_t room;
	uint32_t last;
	uint64_t mapped_bytes;
	struct emu_dma_range windows[2];
	bool windowed;
	struct emu_remote *remote;
	bool dirty;
};

/** emu_dma_init - an empty table; it allocates nothing */
void emu_dma_init(struct emu_dma_table *table);

/** emu_dma_done - unmap everything and free the table's memory */
void emu_dma_done(struct emu_dma_table *table);

/** emu_dma_map - see emu_device_map() */
int emu_dma_map(struct emu_dma_table *table, uint64_t iova, uint64_t bytes, unsigned int prot,
		void *memory);

/** emu_dma_map_fd - see emu_device_map_fd() */
int emu_dma_map_fd(struct emu_dma_table *table, uint64_t iova, uint64_t bytes, unsigned int prot,
		   int fd, uint64_t offset);

/** emu_dma_unmap - see emu_device_unmap() */
int emu_dma_unmap(struct emu_dma_table *table, uint64_t iova, uint64_t bytes);

/** emu_dma_unmap_all - empty the table */
void emu_dma_unmap_all(struct emu_dma_table *table);

/** emu_dma_search - the range that has @iova, by halves; NULL for none. Remembers it. */
struct emu_dma_range *emu_dma_search(struct emu_dma_table *table, uint64_t iova);

/** emu_dma_window - the window that has @iova, NULL for none */
struct emu_dma_range *emu_dma_window(struct emu_dma_table *table, uint64_t iova);

/** emu_dma_before_window - how many of @bytes at @iova lie before the next window */
uint64_t emu_dma_before_window(const struct emu_dma_table *table, uint64_t iova, uint64_t bytes);

/** emu_dma_find - the range that has @iova, NULL for none */
static inline struct emu_dma_range *emu_dma_find(struct emu_dma_table *table, uint64_t iova)
{
	if (__builtin_expect(table->last < table->count, 1)) {
		struct emu_dma_range *range = &table->ranges[table->last];

		if (__builtin_expect(iova - range->iova < range->bytes, 1))
			return range;
	}
	return emu_dma_search(table, iova);
}

/**
 * emu_dma_piece - as much of @bytes at @iova as lies in one mapping
 * @prot: what the controller wants, enum emu_prot bits
 * @ret_bytes: 1 .. @bytes
 * @ret_range: the mapping, to see later whether it was poisoned meanwhile
 * Return: where it is, or NULL when nothing there allows @prot.
 */
static inline void *emu_dma_piece(struct emu_dma_table *table, uint64_t iova, uint64_t bytes,
				  unsigned int prot, uint64_t *ret_bytes,
				  const struct emu_dma_range **ret_range)
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

/** emu_dma_settle - what was written to pieces is with the host; Return: 0 or a negative errno */
static inline int emu_dma_settle(struct emu_dma_table *table)
{
	return __builtin_expect(table->dirty, 0) ? emu_remote_settle(table) : 0;
}

/** emu_dma_at - @bytes at @iova if they are all there and allow @prot, else NULL */
static inline void *emu_dma_at(struct emu_dma_table *table, uint64_t iova, size_t bytes,
			       unsigned int prot)
{
	const struct emu_dma_range *range;
	uint64_t got;
	void *memory = emu_dma_piece(table, iova, bytes, prot, &got, &range);

	return memory && got == bytes ? memory : NULL;
}

/**
 * emu_dma_guard - let the SIGBUS handler know whose host memory this thread is about to touch
 * @tables: @count of them; NULL when it has finished
 *
 * A fault in one of their files poisons its range and goes on with a page of zeros; every other
 * SIGBUS goes where it went before.
 */
void emu_dma_guard(struct emu_dma_table *tables, unsigned int count);

/** emu_dma_catch_sigbus - install the handler; once is enough for the process */
void emu_dma_catch_sigbus(void);

#endif
