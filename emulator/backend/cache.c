/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A volatile write cache: a list of writes, oldest first, that the medium behind it does not have.
 *
 * Reads see them. Whatever else touches their blocks (a durable write, zeros, deallocation, bad
 * blocks, status, a read that must know what is allocated) waits until they, and all that are
 * older, are written: always legal, because a cache may write what it has at any time. Every
 * request is done at once.
 */
#include "emulator/backend/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A write that the host was told is done. @bytes: its data, if any, and then its metadata. */
struct write {
	struct write *next;
	uint64_t sequence;
	uint64_t slba;
	uint32_t nlb;
	bool has_data;
	bool has_meta;
	size_t size;
	uint8_t bytes[];
};

/*
 * @dirty: blocks that may be in a write of the list; all that are, and maybe some that were
 */
struct emu_cache {
	struct emu_backend backend;
	struct emu_backend *inner;
	struct emu_backend_host host;
	uint64_t limit;
	uint64_t used;
	uint64_t sequence;
	struct write *first;
	struct write *last;
	struct emu_blockset dirty;
};

static struct emu_cache *of(struct emu_backend *backend)
{
	return (struct emu_cache *)(void *)backend;
}

static size_t data_bytes(const struct emu_cache *cache, uint32_t nlb)
{
	return (size_t)nlb << cache->backend.geometry.lbads;
}

static uint8_t *meta_of(const struct emu_cache *cache, struct write *write)
{
	return write->bytes + (write->has_data ? data_bytes(cache, write->nlb) : 0);
}

/* The list. */

static void drop_first(struct emu_cache *cache)
{
	struct write *write = cache->first;

	cache->first = write->next;
	cache->used -= write->size;
	free(write);
	if (cache->first)
		return;
	cache->last = NULL;
	emu_blockset_clear(&cache->dirty);
}

static void drop_all(struct emu_cache *cache)
{
	while (cache->first)
		drop_first(cache);
}

/* @nlb blocks of a write, from its block @skip on, go to the medium. */
static int write_part(struct emu_cache *cache, struct write *write, uint32_t skip, uint32_t nlb)
{
	const struct emu_geometry *geometry = &cache->backend.geometry;
	const struct emu_media media = {
		.op = EMU_MEDIA_WRITE,
		.slba = write->slba + skip,
		.nlb = nlb,
		.lbads = geometry->lbads,
		.ms = geometry->ms,
		.data = write->has_data ? write->bytes + data_bytes(cache, skip) : NULL,
		.meta = write->has_meta ? meta_of(cache, write) + (size_t)skip * geometry->ms
					: NULL,
	};

	return cache->inner->ops->submit(cache->inner, &media);
}

static int evict_first(struct emu_cache *cache)
{
	int error = write_part(cache, cache->first, 0, cache->first->nlb);

	if (!error)
		drop_first(cache);
	return error;
}

static int evict_all(struct emu_cache *cache)
{
	int error = 0;

	while (cache->first && !error)
		error = evict_first(cache);
	return error;
}

static bool overlaps(const struct write *write, const struct emu_media *media)
{
	return write->slba < media->slba + media->nlb && media->slba < write->slba + write->nlb;
}

static bool is_dirty(const struct emu_cache *cache, const struct emu_media *media)
{
	return cache->first && emu_blockset_has(&cache->dirty, media->slba, media->nlb, false);
}

/* The medium gets what the cache has of these blocks, and everything older. */
static int evict_overlap(struct emu_cache *cache, const struct emu_media *media)
{
	const struct write *newest = NULL;
	int error = 0;

	if (!is_dirty(cache, media))
		return 0;
	for (const struct write *write = cache->first; write; write = write->next) {
		if (overlaps(write, media))
			newest = write;
	}
	while (newest && !error) {
		bool end = cache->first == newest;

		error = evict_first(cache);
		if (end)
			break;
	}
	return error;
}

static int write_through(struct emu_cache *cache, const struct emu_media *media)
{
	int error = evict_overlap(cache, media);

	return error ? error : cache->inner->ops->submit(cache->inner, media);
}

/* Writing and reading. */

static int copy_in(struct emu_cache *cache, const struct emu_media *media, struct write *write)
{
	struct emu_cursor cursor;
	int error = 0;

	if (write->has_data) {
		emu_cursor_init(&cursor, cache->backend.host, media);
		error = emu_cursor_from_host(&cursor, write->bytes, data_bytes(cache, media->nlb));
	}
	if (write->has_meta)
		memcpy(meta_of(cache, write), media->meta, (size_t)media->nlb * media->ms);
	return error;
}

static int keep_write(struct emu_cache *cache, const struct emu_media *media)
{
	bool has_data = media->spans || media->data;
	size_t size = (has_data ? data_bytes(cache, media->nlb) : 0) +
		      (media->meta ? (size_t)media->nlb * media->ms : 0);
	struct write *write;
	int error = 0;

	/* To write a bad block is to make it good, which is nothing to be undone. */
	if (size > cache->limit ||
	    emu_blockset_has(&cache->inner->map.uncorrectable, media->slba, media->nlb, false))
		return write_through(cache, media);
	while (cache->used + size > cache->limit && !error)
		error = evict_first(cache);
	if (error)
		return error;
	write = malloc(sizeof(*write) + size);
	if (!write)
		return write_through(cache, media);
	*write = (struct write){ .sequence = cache->sequence++,
				 .slba = media->slba,
				 .nlb = media->nlb,
				 .has_data = has_data,
				 .has_meta = media->meta != NULL,
				 .size = size };
	error = copy_in(cache, media, write);
	if (!error && emu_blockset_add(&cache->dirty, media->slba, media->nlb))
		error = -ENOSPC;
	if (error) {
		free(write);
		return error;
	}
	if (cache->last)
		cache->last->next = write;
	else
		cache->first = write;
	cache->last = write;
	cache->used += size;
	return 0;
}

/* What a write has of the blocks that are read replaces what is there. */
static void overlay(struct emu_cache *cache, struct write *write, const struct emu_media *media,
		    uint8_t *data)
{
	uint64_t from = write->slba > media->slba ? write->slba : media->slba;
	uint64_t write_end = write->slba + write->nlb;
	uint64_t end = media->slba + media->nlb;
	uint32_t nlb;

	end = write_end < end ? write_end : end;
	nlb = (uint32_t)(end - from);
	if (data && write->has_data)
		memcpy(data + data_bytes(cache, (uint32_t)(from - media->slba)),
		       write->bytes + data_bytes(cache, (uint32_t)(from - write->slba)),
		       data_bytes(cache, nlb));
	if (media->meta && write->has_meta)
		memcpy((uint8_t *)media->meta + (from - media->slba) * media->ms,
		       meta_of(cache, write) + (from - write->slba) * media->ms,
		       (size_t)nlb * media->ms);
}

static int read_dirty(struct emu_cache *cache, const struct emu_media *media)
{
	bool has_data = media->spans || media->data;
	struct emu_media inner = *media;
	struct emu_cursor cursor;
	int error;

	inner.spans = NULL;
	inner.data = has_data ? malloc(data_bytes(cache, media->nlb)) : NULL;
	if (has_data && !inner.data)
		return -EIO;
	error = cache->inner->ops->submit(cache->inner, &inner);
	for (struct write *write = cache->first; write && !error; write = write->next) {
		if (overlaps(write, media))
			overlay(cache, write, media, inner.data);
	}
	if (has_data && !error) {
		emu_cursor_init(&cursor, cache->backend.host, media);
		error = emu_cursor_to_host(&cursor, inner.data, data_bytes(cache, media->nlb));
	}
	free(inner.data);
	return error;
}

static void take_geometry(struct emu_cache *cache)
{
	cache->backend.geometry = cache->inner->geometry;
	cache->backend.bytes = cache->inner->bytes;
	emu_blockset_init(&cache->dirty, cache->backend.geometry.blocks);
}

/* Written first: a format that cannot be leaves everything as it is. */
static int format_cache(struct emu_cache *cache, const struct emu_media *media)
{
	int error = evict_all(cache);

	if (!error)
		error = cache->inner->ops->submit(cache->inner, media);
	if (!error)
		take_geometry(cache);
	return error;
}

/* Before the first request, so there is nothing in the cache. */
static int adopt_cache(struct emu_backend *backend, const struct emu_geometry *geometry)
{
	struct emu_cache *cache = of(backend);
	int error = emu_backend_adopt(cache->inner, geometry);

	if (error)
		return error;
	take_geometry(cache);
	return 0;
}

static int submit_cache(struct emu_backend *backend, const struct emu_media *media)
{
	struct emu_cache *cache = of(backend);
	int error = 0;

	switch (media->op) {
	case EMU_MEDIA_FLUSH:
		error = evict_all(cache);
		return error ? error : cache->inner->ops->submit(cache->inner, media);
	case EMU_MEDIA_FORMAT:
		return format_cache(cache, media);
	case EMU_MEDIA_DELETE:
		drop_all(cache);
		return cache->inner->ops->submit(cache->inner, media);
	default:
		break;
	}
	if (!emu_backend_fits(backend, media))
		return -EIO;
	if (media->op == EMU_MEDIA_WRITE && !media->fua)
		return keep_write(cache, media);
	if (media->op == EMU_MEDIA_READ && !media->dulbe && is_dirty(cache, media))
		return read_dirty(cache, media);
	return write_through(cache, media);
}

/* When the power goes. */

/* The units of which each arrives or not; a write that is not longer than one is never torn. */
static uint32_t units_of(const struct write *write, uint32_t unit_blocks)
{
	return (write->nlb + unit_blocks - 1) / unit_blocks;
}

static int keep_unit(struct emu_cache *cache, struct write *write, uint32_t unit,
		     uint32_t unit_blocks)
{
	uint32_t skip = unit * unit_blocks;
	uint32_t left = write->nlb - skip;

	return write_part(cache, write, skip, left < unit_blocks ? left : unit_blocks);
}

static int keep_prefix(struct emu_cache *cache, const struct emu_power_cut *cut)
{
	uint32_t total = 0;
	uint32_t left;
	int error = 0;

	for (const struct write *write = cache->first; write; write = write->next)
		total += units_of(write, cut->unit_blocks);
	left = total - cut->choose(cut->arg,
				   cut->identity | (cache->sequence << 16 & 0xffffffff0000),
				   total + 1);
	for (struct write *write = cache->first; write && !error; write = write->next) {
		for (uint32_t i = 0; i < units_of(write, cut->unit_blocks) && left > 0 && !error;
		     i++, left--)
			error = keep_unit(cache, write, i, cut->unit_blocks);
	}
	return error;
}

static int keep_subset(struct emu_cache *cache, const struct emu_power_cut *cut)
{
	int error = 0;

	for (struct write *write = cache->first; write && !error; write = write->next) {
		uint64_t identity = cut->identity | (write->sequence << 16 & 0xffffffff0000);

		for (uint32_t i = 0; i < units_of(write, cut->unit_blocks) && !error; i++) {
			if (cut->choose(cut->arg, identity | (i & 0xffff), 2) == 0)
				error = keep_unit(cache, write, i, cut->unit_blocks);
		}
	}
	return error;
}

static int cut_cache(struct emu_backend *backend, const struct emu_power_cut *cut)
{
	struct emu_cache *cache = of(backend);
	int error = 0;

	switch (cut->keep) {
	case EMU_CUT_KEEP_NONE:
		break;
	case EMU_CUT_KEEP_ALL:
		error = evict_all(cache);
		break;
	case EMU_CUT_KEEP_PREFIX:
		error = keep_prefix(cache, cut);
		break;
	case EMU_CUT_KEEP_SUBSET:
		error = keep_subset(cache, cut);
		break;
	}
	drop_all(cache);
	return error;
}

/* Making and freeing. */

/* The end of the program is no power cut. */
static void close_cache(struct emu_backend *backend)
{
	struct emu_cache *cache = of(backend);

	evict_all(cache);
	cache->inner->ops->close(cache->inner);
	emu_cache_free(cache);
}

static const struct emu_backend_ops cache_ops = {
	.submit = submit_cache,
	.adopt = adopt_cache,
	.cut = cut_cache,
	.close = close_cache,
};

struct emu_cache *emu_cache_new(const struct emu_backend_host *host, uint64_t bytes)
{
	struct emu_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->backend.host = host;
	cache->limit = bytes;
	cache->host = *host;
	cache->host.synchronous = true;
	cache->host.epoll_fd = -1;
	return cache;
}

const struct emu_backend_host *emu_cache_host(const struct emu_cache *cache)
{
	return &cache->host;
}

struct emu_backend *emu_cache_wrap(struct emu_cache *cache, struct emu_backend *inner)
{
	emu_backend_init(&cache->backend, &cache_ops, cache->backend.host, &inner->geometry);
	cache->backend.inner = inner;
	cache->inner = inner;
	emu_blockset_init(&cache->dirty, inner->geometry.blocks);
	return &cache->backend;
}

void emu_cache_free(struct emu_cache *cache)
{
	if (!cache)
		return;
	drop_all(cache);
	emu_blockmap_done(&cache->backend.map);
	free(cache);
}
