/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host memory as unkind as PRP allows: pages in no order, none beside another, with untouched pages
 * between them, and a list that may begin anywhere in its page (Base 2.0 4.1.1).
 */
#ifndef TESTS_HARNESS_BUFFER_H
#define TESTS_HARNESS_BUFFER_H

#include "tests/harness/host.h"

#define TH_BUFFER_PAGES 1100
#define TH_NOWHERE	0xdead0000beef0000ull /* no memory is there */

/**
 * struct th_buffer - a buffer and what a command needs to name it
 * @page: where each of its @pages is
 * @pool: where all its pages are, and those between them
 * @list: where its list begins; 0 when it needs none
 * @offset: of the data in the first page
 * @bytes: of the data; a test may make it smaller than it was built for
 */
struct th_buffer {
	uint64_t prp1, prp2;
	uint64_t page[TH_BUFFER_PAGES];
	uint64_t pool, list;
	uint32_t pages, page_bytes, offset, bytes;
};

/** th_buffer - @bytes from @offset of a page on; its list begins @list_offset bytes into a page */
struct th_buffer th_buffer(struct th_host *h, uint32_t page_bytes, uint32_t offset, uint32_t bytes,
			   uint32_t list_offset);

/** th_buffer_byte - the byte at position @at of the data */
uint8_t *th_buffer_byte(struct th_host *h, const struct th_buffer *b, uint32_t at);

/** th_buffer_poison - fill everything, the data and what is between */
void th_buffer_poison(struct th_host *h, const struct th_buffer *b);

/** th_buffer_is_alone - after th_buffer_poison(): only data was written. Clears the data. */
bool th_buffer_is_alone(struct th_host *h, const struct th_buffer *b);

#endif
