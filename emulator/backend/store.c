/* SPDX-License-Identifier: BSD-3-Clause */
/* Chunks of memory: making them, giving them back. */
#include "emulator/backend/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u

int emu_store_init(struct emu_store *store, uint64_t bytes)
{
	store->levels = 1;
	store->huge = bytes <= EMU_STORE_HUGE_BYTES;
	while (EMU_STORE_SHIFT(store->levels) < 64 &&
	       (bytes - 1) >> EMU_STORE_SHIFT(store->levels) != 0)
		store->levels++;
	store->root = calloc(1, sizeof(struct emu_store_table));
	return store->root ? 0 : -ENOMEM;
}

static void free_table(struct emu_store_table *table, unsigned int level)
{
	for (unsigned int i = 0; table && i < EMU_STORE_TABLE; i++) {
		if (level > 0)
			free_table(table->slot[i], level - 1);
		else if (table->slot[i])
			munmap(table->slot[i], EMU_CHUNK_BYTES);
	}
	free(table);
}

void emu_store_done(struct emu_store *store)
{
	if (store->root)
		free_table(store->root, store->levels - 1);
	store->root = NULL;
}

static uint8_t *map_memory(uint64_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* A chunk that may be a huge page, which has to be aligned; what is mapped beside it goes back. */
static uint8_t *map_huge_chunk(void)
{
	uint8_t *memory = map_memory(2 * EMU_CHUNK_BYTES);
	uint64_t before = -(uintptr_t)memory % EMU_CHUNK_BYTES;
	uint8_t *chunk = memory + before;

	if (!memory)
		return NULL;
	if (before)
		munmap(memory, before);
	munmap(chunk + EMU_CHUNK_BYTES, EMU_CHUNK_BYTES - before);
	madvise(chunk, EMU_CHUNK_BYTES, MADV_HUGEPAGE);
	return chunk;
}

uint8_t *emu_store_make(struct emu_store *store, uint64_t offset)
{
	struct emu_store_table *table = store->root;
	void **slot;

	for (unsigned int level = store->levels - 1; level > 0; level--) {
		slot = &table->slot[emu_store_slot(offset, level)];
		if (!*slot)
			*slot = calloc(1, sizeof(struct emu_store_table));
		if (!*slot)
			return NULL;
		table = *slot;
	}
	slot = &table->slot[emu_store_slot(offset, 0)];
	if (!*slot)
		*slot = store->huge ? map_huge_chunk() : map_memory(EMU_CHUNK_BYTES);
	return *slot;
}

/* Bytes @first to @last of a chunk become zeros; its whole pages go back to the system. */
static void drop_part(uint8_t *chunk, uint64_t first, uint64_t last)
{
	uint64_t from = (first + PAGE - 1) / PAGE * PAGE;
	uint64_t to = (last + 1) / PAGE * PAGE;

	if (from >= to || madvise(chunk + from, to - from, MADV_DONTNEED) < 0) {
		memset(chunk + first, 0, last - first + 1);
		return;
	}
	memset(chunk + first, 0, from - first);
	memset(chunk + to, 0, last + 1 - to);
}

/* @first and @last are counted from the first byte of @slot, which a slot of @level points from. */
static void drop(void **slot, unsigned int level, uint64_t first, uint64_t last)
{
	struct emu_store_table *table = *slot;
	uint64_t mask = (UINT64_C(1) << EMU_STORE_SHIFT(level)) - 1;

	if (!*slot)
		return;
	if (first == 0 && last == mask) {
		if (level > 0)
			free_table(table, level - 1);
		else
			munmap(*slot, EMU_CHUNK_BYTES);
		*slot = NULL;
	} else if (level == 0) {
		drop_part(*slot, first, last);
	} else {
		unsigned int shift = EMU_STORE_SHIFT(level - 1);

		mask = (UINT64_C(1) << shift) - 1;
		for (uint64_t i = first >> shift; i <= last >> shift; i++)
			drop(&table->slot[i], level - 1, i == first >> shift ? first & mask : 0,
			     i == last >> shift ? last & mask : mask);
	}
}

void emu_store_drop(struct emu_store *store, uint64_t offset, uint64_t bytes)
{
	unsigned int shift = EMU_STORE_SHIFT(store->levels - 1);
	uint64_t mask = (UINT64_C(1) << shift) - 1;
	uint64_t last = offset + bytes - 1;

	for (uint64_t i = offset >> shift; i <= last >> shift; i++)
		drop(&store->root->slot[i], store->levels - 1,
		     i == offset >> shift ? offset & mask : 0,
		     i == last >> shift ? last & mask : mask);
}
