/* SPDX-License-Identifier: BSD-3-Clause */
/* A medium in memory: data and metadata in a store each. Every request is done at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/backend/backend.h"
#include "emulator/backend/store.h"

#define LINE_BYTES     64
#define PREFETCH_BYTES 512 /* the processor sees the pattern and goes on by itself */

struct mem {
	struct emu_backend backend;
	struct emu_store data;
	struct emu_store meta; /* no root without metadata */
};

static struct mem *of(struct emu_backend *backend)
{
	return (struct mem *)(void *)backend;
}

static int read_store(const struct emu_store *store, struct emu_cursor *cursor, uint64_t offset,
		      uint64_t bytes)
{
	while (bytes > 0) {
		uint64_t in_chunk = offset % EMU_CHUNK_BYTES;
		uint64_t part = EMU_CHUNK_BYTES - in_chunk;
		const uint8_t *chunk = emu_store_find(store, offset);
		int error;

		part = bytes < part ? bytes : part;
		error = emu_cursor_to_host(cursor, chunk ? chunk + in_chunk : NULL, part);
		if (error)
			return error;
		offset += part;
		bytes -= part;
	}
	return 0;
}

static int write_store(struct emu_store *store, struct emu_cursor *cursor, uint64_t offset,
		       uint64_t bytes)
{
	while (bytes > 0) {
		uint64_t in_chunk = offset % EMU_CHUNK_BYTES;
		uint64_t part = EMU_CHUNK_BYTES - in_chunk;
		uint8_t *chunk = emu_store_make(store, offset);
		int error;

		if (!chunk)
			return -ENOSPC;
		part = bytes < part ? bytes : part;
		error = emu_cursor_from_host(cursor, chunk + in_chunk, part);
		if (error)
			return error;
		offset += part;
		bytes -= part;
	}
	return 0;
}

static int read_meta(const struct mem *mem, const struct emu_media *media)
{
	struct emu_cursor cursor;

	emu_cursor_init_meta(&cursor, media);
	return read_store(&mem->meta, &cursor, media->slba * media->ms,
			  (uint64_t)media->nlb * media->ms);
}

static int write_meta(struct mem *mem, const struct emu_media *media)
{
	struct emu_cursor cursor;

	emu_cursor_init_meta(&cursor, media);
	return write_store(&mem->meta, &cursor, media->slba * media->ms,
			   (uint64_t)media->nlb * media->ms);
}

/* Data that is not one piece here or there, or has not been written, and metadata. */
static __attribute__((noinline)) int read_pieces(const struct mem *mem,
						 const struct emu_media *media)
{
	struct emu_cursor cursor;
	int error = 0;

	if (media->spans || media->data) {
		emu_cursor_init(&cursor, mem->backend.host, media);
		error = read_store(&mem->data, &cursor, media->slba << media->lbads,
				   (uint64_t)media->nlb << media->lbads);
	}
	if (media->meta && !error)
		error = read_meta(mem, media);
	return error;
}

static __attribute__((noinline)) int write_pieces(struct mem *mem, const struct emu_media *media)
{
	struct emu_cursor cursor;
	int error = 0;

	if (media->spans || media->data) {
		emu_cursor_init(&cursor, mem->backend.host, media);
		error = write_store(&mem->data, &cursor, media->slba << media->lbads,
				    (uint64_t)media->nlb << media->lbads);
	}
	if (media->meta && !error)
		error = write_meta(mem, media);
	return error;
}

/*
 * Both sides of a copy that is one piece here and there, as nearly all are: half of what cursors
 * cost. False when it is not.
 */
static inline bool is_one_piece(const struct mem *mem, const struct emu_media *media,
				enum emu_prot prot, uint8_t **ret_host, uint8_t **ret_ours)
{
	const struct emu_dma_table *table = &mem->backend.host->tables[media->ctrl];
	uint64_t bytes = (uint64_t)media->nlb << media->lbads;
	uint64_t offset = media->slba << media->lbads;
	uint64_t in_chunk = offset % EMU_CHUNK_BYTES;
	uint8_t *chunk = emu_store_find(&mem->data, offset);

	*ret_host = emu_media_piece(table, media, bytes, prot);
	if (!*ret_host || !chunk || bytes > EMU_CHUNK_BYTES - in_chunk || media->meta)
		return false;
	*ret_ours = chunk + in_chunk;
	return true;
}

/* The memory of the piece may have vanished during the copy. */
static int settle(const struct mem *mem, const struct emu_media *media)
{
	return mem->backend.host->tables[media->ctrl].hot->prot == 0 ? -EFAULT : 0;
}

static int read_mem(const struct mem *mem, const struct emu_media *media)
{
	uint8_t *host, *ours;

	if (!__builtin_expect(is_one_piece(mem, media, EMU_DMA_WRITE, &host, &ours), 1))
		return read_pieces(mem, media);
	memcpy(host, ours, (size_t)media->nlb << media->lbads);
	return settle(mem, media);
}

static int write_mem(struct mem *mem, const struct emu_media *media)
{
	int error = emu_blockmap_begin(&mem->backend.map, media);
	uint8_t *host, *ours;

	if (error)
		return error;
	if (__builtin_expect(is_one_piece(mem, media, EMU_DMA_READ, &host, &ours), 1)) {
		memcpy(ours, host, (size_t)media->nlb << media->lbads);
		error = settle(mem, media);
	} else {
		error = write_pieces(mem, media);
	}
	return error ? error : emu_blockmap_end(&mem->backend.map, media);
}

static int drop_blocks(struct mem *mem, const struct emu_media *media)
{
	struct emu_blockmap *map = &mem->backend.map;
	bool keep = media->op == EMU_MEDIA_WRITE_ZEROES && !media->deallocate;
	int error = keep ? emu_blockmap_begin(map, media) : emu_blockmap_deallocate(map, media);

	if (error)
		return error;
	emu_store_drop(&mem->data, media->slba << media->lbads,
		       (uint64_t)media->nlb << media->lbads);
	if (media->ms)
		emu_store_drop(&mem->meta, media->slba * media->ms,
			       (uint64_t)media->nlb * media->ms);
	return emu_blockmap_end(map, media);
}

static int make_stores(struct mem *mem, const struct emu_geometry *geometry)
{
	mem->meta.root = NULL;
	if (emu_store_init(&mem->data, geometry->blocks << geometry->lbads) < 0)
		return -ENOMEM;
	if (geometry->ms && emu_store_init(&mem->meta, geometry->blocks * geometry->ms) < 0) {
		emu_store_done(&mem->data);
		return -ENOMEM;
	}
	return 0;
}

static int format_mem(struct emu_backend *backend, const struct emu_media *media)
{
	const struct emu_geometry geometry = emu_geometry_of(media);
	struct mem *mem = of(backend);
	struct mem old = *mem;

	if (emu_geometry_bytes(&geometry) == 0)
		return -ENOSPC;
	if (make_stores(mem, &geometry) < 0) {
		*mem = old;
		return -ENOSPC;
	}
	emu_store_done(&old.data);
	emu_store_done(&old.meta);
	emu_backend_format(backend, &geometry);
	return 0;
}

/* All but reads and writes. Nothing is volatile, so there is nothing to flush. */
static int move_rare(struct emu_backend *backend, const struct emu_media *media)
{
	return media->op == EMU_MEDIA_FLUSH ? 0 : drop_blocks(of(backend), media);
}

/* Reads and writes on a way of their own, without a choice of what to do. */
static int submit_mem(struct emu_backend *backend, const struct emu_media *media)
{
	int error;

	if (__builtin_expect(media->op > EMU_MEDIA_WRITE, 0))
		return emu_backend_submit(backend, media);
	error = emu_backend_check(backend, media);
	if (error)
		return error;
	return media->op == EMU_MEDIA_READ ? read_mem(of(backend), media)
					   : write_mem(of(backend), media);
}

/* A random block is in no cache; its first lines arrive while earlier commands are worked on. */
static void prefetch_mem(struct emu_backend *backend, uint64_t offset, uint32_t bytes)
{
	const uint8_t *chunk = emu_store_find(&of(backend)->data, offset);
	uint64_t at = offset % EMU_CHUNK_BYTES;
	uint64_t end = at + (bytes < PREFETCH_BYTES ? bytes : PREFETCH_BYTES);

	for (; chunk && at < end; at += LINE_BYTES)
		__builtin_prefetch(chunk + at);
}

static void close_mem(struct emu_backend *backend)
{
	struct mem *mem = of(backend);

	emu_store_done(&mem->data);
	emu_store_done(&mem->meta);
	emu_blockmap_done(&backend->map);
	free(mem);
}

static const struct emu_backend_ops mem_ops = { .submit = submit_mem,
						.move = move_rare,
						.format = format_mem,
						.prefetch = prefetch_mem,
						.close = close_mem };

int emu_mem_open(const struct emu_backend_host *host, const struct emu_geometry *geometry,
		 struct emu_backend **ret_backend)
{
	struct mem *mem = calloc(1, sizeof(*mem));

	if (!mem)
		return -ENOMEM;
	if (make_stores(mem, geometry) < 0) {
		free(mem);
		return -ENOMEM;
	}
	emu_backend_init(&mem->backend, &mem_ops, host, geometry);
	*ret_backend = &mem->backend;
	return 0;
}
