/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host memory of one controller: ranges of I/O virtual addresses and where they are in this
 * process.
 *
 * A sorted array of ranges [iova, iova + bytes) that do not overlap, searched by halves, with the
 * range of the last hit, which is hot, tried first. A range whose file lost its pages (SIGBUS) is
 * poisoned: it keeps its place until it is unmapped, but allows nothing any more.
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
 * @hot: the range of the last hit, if it has memory and @windowed is false; else one of no bytes
 * @mapped_bytes: sum over ranges with a file
 * @windows: memory of the controller itself, by enum emu_window; looked at before the ranges, while
 *	@windowed says that one of them is somewhere
 * @remote: reaches ranges without memory; NULL: they allow nothing. @dirty: it has to settle.
 */
struct emu_dma_table {
	struct emu_dma_range *ranges;
	uint32_t count;
	uint32_t room;
	struct emu_dma_range *hot;
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

/** emu_dma_cool - forget the last hit: ranges moved, or windows did */
void emu_dma_cool(struct emu_dma_table *table);

/** emu_dma_search - the range that has @iova, by halves; NULL for none. Remembers it. */
struct emu_dma_range *emu_dma_search(struct emu_dma_table *table, uint64_t iova);

/** emu_dma_window - the window that has @iova, NULL for none */
struct emu_dma_range *emu_dma_window(struct emu_dma_table *table, uint64_t iova);

/** emu_dma_before_window - how many of @bytes at @iova lie before the next window */
uint64_t emu_dma_before_window(const struct emu_dma_table *table, uint64_t iova, uint64_t bytes);

/** emu_dma_find - the range that has @iova, NULL for none */
static inline struct emu_dma_range *emu_dma_find(struct emu_dma_table *table, uint64_t iova)
{
	if (__builtin_expect(iova - table->hot->iova < table->hot->bytes, 1))
		return table->hot;
	return emu_dma_search(table, iova);
}

/**
 * emu_dma_piece - as much of @bytes at @iova as lies in one mapping
 * @prot: what the controller wants, enum emu_prot bits
 * @ret_bytes: 1 .. @bytes
 * @ret_range: the mapping, to see later whether it was poisoned meanwhile
 * Return: where it is, or NULL when nothing there allows @prot.
 */
void *emu_dma_piece(struct emu_dma_table *table, uint64_t iova, uint64_t bytes, unsigned int prot,
		    uint64_t *ret_bytes, const struct emu_dma_range **ret_range);

/**
 * emu_dma_hot - @bytes at @iova when they all are in the range of the last hit, which allows @prot
 *
 * Two comparisons instead of a search: nearly all accesses end here. NULL says nothing; ask
 * emu_dma_at() or emu_dma_piece().
 */
static inline void *emu_dma_hot(const struct emu_dma_table *table, uint64_t iova, uint64_t bytes,
				unsigned int prot)
{
	const struct emu_dma_range *range = table->hot;
	uint64_t offset = iova - range->iova;

	if (__builtin_expect(offset < range->bytes && bytes <= range->bytes - offset &&
				     (prot & ~range->prot) == 0,
			     1))
		return range->memory + offset;
	return NULL;
}

/** emu_dma_at_cold - as emu_dma_at(), when emu_dma_hot() found nothing */
void *emu_dma_at_cold(struct emu_dma_table *table, uint64_t iova, size_t bytes, unsigned int prot);

/** emu_dma_at - @bytes at @iova if they are all there and allow @prot, else NULL */
static inline void *emu_dma_at(struct emu_dma_table *table, uint64_t iova, size_t bytes,
			       unsigned int prot)
{
	void *memory = emu_dma_hot(table, iova, bytes, prot);

	return __builtin_expect(memory != NULL, 1) ? memory
						   : emu_dma_at_cold(table, iova, bytes, prot);
}

/** emu_dma_settle - what was written to pieces is with the host; Return: 0 or a negative errno */
static inline int emu_dma_settle(struct emu_dma_table *table)
{
	return __builtin_expect(table->dirty, 0) ? emu_remote_settle(table) : 0;
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
