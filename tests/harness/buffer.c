/* SPDX-License-Identifier: BSD-3-Clause */
/* Scattered buffers and their PRP lists: see buffer.h. */
#include "tests/harness/buffer.h"

#include <string.h>

#define POISON 0xa5

/*
 * The list of pages 1 .. from @list_offset of a page on; the last slot of a page may be a pointer.
 */
static uint64_t build_list(struct th_host *h, const struct th_buffer *b, uint32_t list_offset)
{
	uint64_t first = th_alloc(h, b->page_bytes) + list_offset, at = first;

	for (uint32_t i = 1; i < b->pages; i++) {
		bool last_slot = (at + 8) % b->page_bytes == 0;

		if (last_slot && i + 1 < b->pages) {
			uint64_t next = th_alloc(h, b->page_bytes);

			nvme_store_le64(th_ptr(h, at), next);
			at = next;
		}
		nvme_store_le64(th_ptr(h, at), b->page[i]);
		at += 8;
	}
	return first;
}

struct th_buffer th_buffer(struct th_host *h, uint32_t page_bytes, uint32_t offset, uint32_t bytes,
			   uint32_t list_offset)
{
	struct th_buffer b = { .page_bytes = page_bytes, .offset = offset, .bytes = bytes };

	b.pages = (offset + bytes + page_bytes - 1) / page_bytes;
	ck_assert_uint_le(b.pages, TH_BUFFER_PAGES);
	b.pool = th_alloc(h, (2 * b.pages + 1) * page_bytes);
	for (uint32_t i = 0; i < b.pages; i++)
		b.page[i] = b.pool + (2ull * (b.pages - 1 - i) + 1) * page_bytes;
	b.prp1 = b.page[0] + offset;
	b.prp2 = TH_NOWHERE + 1;
	if (b.pages == 2)
		b.prp2 = b.page[1];
	if (b.pages > 2)
		b.prp2 = b.list = build_list(h, &b, list_offset);
	return b;
}

uint8_t *th_buffer_byte(struct th_host *h, const struct th_buffer *b, uint32_t at)
{
	uint32_t where = b->offset + at;

	return (uint8_t *)th_ptr(h, b->page[where / b->page_bytes]) + where % b->page_bytes;
}

void th_buffer_poison(struct th_host *h, const struct th_buffer *b)
{
	memset(th_ptr(h, b->pool), POISON, (2 * b->pages + 1) * b->page_bytes);
}

bool th_buffer_is_alone(struct th_host *h, const struct th_buffer *b)
{
	const uint8_t *pool = th_ptr(h, b->pool);
	uint32_t pool_bytes = (2 * b->pages + 1) * b->page_bytes, poisoned = 0;

	for (uint32_t i = 0; i < b->bytes; i++)
		*th_buffer_byte(h, b, i) = 0; /* leaves the poison that is not data */
	for (uint32_t i = 0; i < pool_bytes; i++)
		poisoned += pool[i] == POISON;
	return poisoned == pool_bytes - b->bytes;
}
