/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Part of stage 5 of 7: pieces of a command's data between host memory and a buffer of the block.
 */
#include "emulator/core/stage.h"

/* What there is in one go: within the span, and within a page of host memory. */
static uint32_t piece_of(const struct emu_span *span, uint64_t at, uint32_t page, uint32_t bytes)
{
	uint64_t now = span->bytes - at;
	uint32_t in_page = page - (uint32_t)((span->iova + at) & (page - 1));

	if (span->iova != EMU_SPAN_BUCKET && now > in_page)
		now = in_page;
	return now < bytes ? (uint32_t)now : bytes;
}

/* The cursor at the next byte there is; false at the end of the data. */
static bool settle(struct emu_cursor *cursor)
{
	while (cursor->index < cursor->node->count &&
	       cursor->at == cursor->node->span[cursor->index].bytes) {
		cursor->at = 0;
		cursor->index++;
	}
	if (cursor->index < cursor->node->count)
		return true;
	if (!cursor->node->next)
		return false;
	*cursor = (struct emu_cursor){ .node = cursor->node->next };
	return true;
}

int emu_move(struct emu *emu, uint32_t ctrl, const struct emu_spans *spans,
	     struct emu_cursor *cursor, enum emu_move how, void *data, uint32_t bytes)
{
	enum emu_prot prot = how == EMU_MOVE_OUT ? EMU_DMA_WRITE : EMU_DMA_READ;
	uint32_t page = emu->ctrl[ctrl].page_bytes;
	uint8_t *at = data;
	int result = 0;

	if (!cursor->node)
		cursor->node = spans;
	while (bytes > 0) {
		const struct emu_span *span;
		uint32_t now;
		void *host;

		if (!settle(cursor))
			emu_panic(emu, "a command's data is shorter than its blocks");
		span = &cursor->node->span[cursor->index];
		now = piece_of(span, cursor->at, page, bytes);
		if (span->iova != EMU_SPAN_BUCKET && how != EMU_MOVE_NOTHING) {
			host = emu->ops.dma(emu->ops.arg, ctrl, span->iova + cursor->at, now, prot);
			if (!host)
				return -1;
			if (how == EMU_MOVE_IN)
				memcpy(at, host, now);
			else if (how == EMU_MOVE_OUT)
				memcpy(host, at, now);
			else if (memcmp(host, at, now) != 0)
				result = 1;
		}
		cursor->at += now;
		at += now;
		bytes -= now;
	}
	return result;
}
