/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A medium in memory.
 *
 * A tree of tables with 512 entries, as deep as the size needs; its leaves are chunks of 2 MiB that
 * are mapped at the first write to them. A chunk's pages cost memory when they are written:
 *
 *   1 GiB: root -> chunk      512 GiB: root -> table -> chunk      256 TiB: one more level
 *
 * Reading what was never written gives zeros and maps nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "emulator/backend/backend.h"

#define CHUNK_BITS     21
#define CHUNK_BYTES    (UINT64_C(1) << CHUNK_BITS)
#define LINE_BYTES     64
#define PREFETCH_BYTES 512 /* the processor sees the pattern and goes on by itself */
#define TABLE_BITS     9
#define TABLE_SLOTS    (1u << TABLE_BITS)

/* A table's slots point to tables, those of the lowest level to chunks. */
struct table {
	void *slot[TABLE_SLOTS];
};

struct mem {
	struct emu_backend backend;
	unsigned int levels;
	struct table *root;
};

static unsigned int slot_of(uint64_t offset, unsigned int level)
{
	return (unsigned int)(offset >> (CHUNK_BITS + TABLE_BITS * level)) % TABLE_SLOTS;
}

/* The chunk that has @offset, or NULL when it was never written. */
static uint8_t *find_chunk(const struct mem *mem, uint64_t offset)
{
	const struct table *table = mem->root;

	for (unsigned int level = mem->levels - 1; level > 0 && table; level--)
		table = table->slot[slot_of(offset, level)];
	return table ? table->slot[slot_of(offset, 0)] : NULL;
}

/* The chunk that has @offset, made if need be; NULL without memory. */
static uint8_t *make_chunk(struct mem *mem, uint64_t offset)
{
	struct table *table = mem->root;
	void **slot;

	for (unsigned int level = mem->levels - 1; level > 0; level--) {
		slot = &table->slot[slot_of(offset, level)];
		if (!*slot)
			*slot = calloc(1, sizeof(struct table));
		if (!*slot)
			return NULL;
		table = *slot;
	}
	slot = &table->slot[slot_of(offset, 0)];
	if (!*slot) {
		void *chunk = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (chunk == MAP_FAILED)
			return NULL;
		*slot = chunk;
	}
	return *slot;
}

static int read_mem(const struct mem *mem, struct emu_cursor *cursor, uint64_t offset,
		    uint64_t bytes)
{
	while (bytes > 0) {
		uint64_t in_chunk = offset % CHUNK_BYTES;
		uint64_t part = bytes < CHUNK_BYTES - in_chunk ? bytes : CHUNK_BYTES - in_chunk;
		const uint8_t *chunk = find_chunk(mem, offset);
		int error = emu_cursor_to_host(cursor, chunk ? chunk + in_chunk : NULL, part);

		if (error)
			return error;
		offset += part;
		bytes -= part;
	}
	return 0;
}

static int write_mem(struct mem *mem, struct emu_cursor *cursor, uint64_t offset, uint64_t bytes)
{
	while (bytes > 0) {
		uint64_t in_chunk = offset % CHUNK_BYTES;
		uint64_t part = bytes < CHUNK_BYTES - in_chunk ? bytes : CHUNK_BYTES - in_chunk;
		uint8_t *chunk = make_chunk(mem, offset);
		int error;

		if (!chunk)
			return -ENOSPC;
		error = emu_cursor_from_host(cursor, chunk + in_chunk, part);
		if (error)
			return error;
		offset += part;
		bytes -= part;
	}
	return 0;
}

static int submit_mem(struct emu_backend *backend, const struct emu_media *media)
{
	struct mem *mem = (struct mem *)(void *)backend;
	uint64_t offset = media->slba << media->lbads;
	uint64_t bytes = (uint64_t)media->nlb << media->lbads;
	struct emu_cursor cursor;

	if (media->op == EMU_MEDIA_FLUSH)
		return 0;
	if (media->op > EMU_MEDIA_FLUSH || !media->spans)
		return -ENOTSUP;
	if (offset > backend->bytes || bytes > backend->bytes - offset)
		return -EIO;
	emu_cursor_init(&cursor, backend->host, media);
	if (media->op == EMU_MEDIA_READ)
		return read_mem(mem, &cursor, offset, bytes);
	return write_mem(mem, &cursor, offset, bytes);
}

/* A random block is in no cache; its first lines arrive while earlier commands are worked on. */
static void prefetch_mem(struct emu_backend *backend, uint64_t offset, uint32_t bytes)
{
	const uint8_t *chunk = find_chunk((struct mem *)(void *)backend, offset);
	uint64_t at = offset % CHUNK_BYTES;
	uint64_t end = at + (bytes < PREFETCH_BYTES ? bytes : PREFETCH_BYTES);

	for (; chunk && at < end; at += LINE_BYTES)
		__builtin_prefetch(chunk + at);
}

static void free_table(struct table *table, unsigned int level)
{
	for (unsigned int i = 0; table && i < TABLE_SLOTS; i++) {
		if (level > 0)
			free_table(table->slot[i], level - 1);
		else if (table->slot[i])
			munmap(table->slot[i], CHUNK_BYTES);
	}
	free(table);
}

static void close_mem(struct emu_backend *backend)
{
	struct mem *mem = (struct mem *)(void *)backend;

	free_table(mem->root, mem->levels - 1);
	free(mem);
}

static const struct emu_backend_ops mem_ops = { .submit = submit_mem,
						.prefetch = prefetch_mem,
						.close = close_mem };

int emu_mem_open(const struct emu_backend_host *host, uint64_t bytes,
		 struct emu_backend **ret_backend)
{
	struct mem *mem = calloc(1, sizeof(*mem));

	if (!mem)
		return -ENOMEM;
	mem->backend = (struct emu_backend){ .ops = &mem_ops, .host = host, .bytes = bytes };
	mem->levels = 1;
	while (CHUNK_BITS + TABLE_BITS * mem->levels < 64 &&
	       (bytes - 1) >> (CHUNK_BITS + TABLE_BITS * mem->levels) != 0)
		mem->levels++;
	mem->root = calloc(1, sizeof(struct table));
	if (!mem->root) {
		free(mem);
		return -ENOMEM;
	}
	*ret_backend = &mem->backend;
	return 0;
}
