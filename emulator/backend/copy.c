/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data between host memory, or the core's bounce buffers, and a medium.
 *
 * A piece never crosses a mapping. Whether its mapping was poisoned is looked at after the copy
 * too, because the pages may vanish during it.
 */
#include <errno.h>
#include <string.h>

#include "emulator/backend/backend.h"

void emu_cursor_init(struct emu_cursor *cursor, const struct emu_backend_host *host,
		     const struct emu_media *media)
{
	cursor->table = &host->tables[media->ctrl];
	cursor->node = media->spans;
	cursor->index = 0;
	cursor->done = 0;
	cursor->memory = media->spans ? NULL : media->data;
}

void emu_cursor_init_meta(struct emu_cursor *cursor, const struct emu_media *media)
{
	*cursor = (struct emu_cursor){ .memory = media->meta };
}

/* Stands for the memory of a bit bucket, which has none and no range. */
static uint8_t bucket[1];

/* The next piece of host memory, at most @bytes; moves on behind it. */
static uint8_t *next_piece(struct emu_cursor *cursor, uint64_t bytes, unsigned int prot,
			   uint64_t *ret_bytes, const struct emu_dma_range **ret_range)
{
	const struct emu_span *span;
	uint64_t left;
	uint8_t *memory;

	while (cursor->node && cursor->index == cursor->node->count) {
		cursor->node = cursor->node->next;
		cursor->index = 0;
	}
	if (!cursor->node)
		return NULL;
	span = &cursor->node->span[cursor->index];
	left = span->bytes - cursor->done;
	left = bytes < left ? bytes : left;
	if (__builtin_expect(span->iova == EMU_SPAN_BUCKET, 0)) {
		*ret_bytes = left;
		*ret_range = NULL;
		memory = bucket;
	} else {
		memory = emu_dma_piece(cursor->table, span->iova + cursor->done, left, prot,
				       ret_bytes, ret_range);
	}
	if (!memory)
		return NULL;
	cursor->done += *ret_bytes;
	if (cursor->done == span->bytes) {
		cursor->index++;
		cursor->done = 0;
	}
	return memory;
}

int emu_cursor_from_host(struct emu_cursor *cursor, void *to, uint64_t bytes)
{
	const struct emu_dma_range *range;
	uint8_t *target = to;
	uint64_t piece;

	if (__builtin_expect(cursor->memory != NULL, 0)) {
		memcpy(to, cursor->memory, bytes);
		cursor->memory += bytes;
		return 0;
	}
	while (bytes > 0) {
		const uint8_t *source = next_piece(cursor, bytes, EMU_DMA_READ, &piece, &range);

		if (!source || !range)
			return -EFAULT; /* A write has no bit buckets. */
		memcpy(target, source, piece);
		if (range->prot == 0)
			return -EFAULT;
		target += piece;
		bytes -= piece;
	}
	return 0;
}

int emu_cursor_to_host(struct emu_cursor *cursor, const void *from, uint64_t bytes)
{
	const struct emu_dma_range *range;
	const uint8_t *source = from;
	uint64_t piece;

	if (__builtin_expect(cursor->memory != NULL, 0)) {
		if (from)
			memcpy(cursor->memory, from, bytes);
		else
			memset(cursor->memory, 0, bytes);
		cursor->memory += bytes;
		return 0;
	}
	while (bytes > 0) {
		uint8_t *target = next_piece(cursor, bytes, EMU_DMA_WRITE, &piece, &range);

		if (!target)
			return -EFAULT;
		if (range && source)
			memcpy(target, source, piece);
		else if (range)
			memset(target, 0, piece);
		source = source ? source + piece : NULL;
		/* The host may change its mappings while it settles. */
		if (range && (range->prot == 0 || emu_dma_settle(cursor->table) < 0))
			return -EFAULT;
		bytes -= piece;
	}
	return 0;
}
