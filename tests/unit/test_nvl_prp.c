/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/prp.c: what PRP entries point at, compared with the plain definition. */
#include <stdlib.h>

#include "driver/core/submit.h"
#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

#define PAGE	NVL_PAGE_BYTES
#define ENTRIES (PAGE / 8)

static nvme_u64le *entry_at(struct th_fake *fake, uint64_t iova)
{
	return th_fake_memory(fake, iova);
}

/* Follows PRP1, PRP2 and lists as a controller does, and gives the address of each page's data. */
static uint32_t resolve(struct th_fake *fake, const struct nvl_prp *prp, uint64_t bytes,
			uint64_t *pages)
{
	uint64_t first = prp->prp1;
	uint64_t left = bytes;
	uint64_t here = PAGE - first % PAGE;
	uint32_t count = 0;
	uint64_t list = prp->prp2;

	pages[count++] = first;
	left -= left < here ? left : here;
	if (left == 0)
		return count;
	if (left <= PAGE) {
		pages[count++] = list;
		return count;
	}
	while (left > 0) {
		uint64_t value = nvme_cpu64(*entry_at(fake, list));

		if (list % PAGE == PAGE - 8 && left > PAGE) {
			list = value;
			continue;
		}
		ck_assert_uint_eq(value % PAGE, 0);
		pages[count++] = value;
		left -= left < PAGE ? left : PAGE;
		list += 8;
	}
	return count;
}

static uint64_t iova_of(const struct nvl_buffer *buffer, uint64_t offset)
{
	if (buffer->page_iova)
		return buffer->page_iova[offset / PAGE] + offset % PAGE;
	return buffer->iova + offset;
}

static void check(struct th_fake *fake, const struct nvl_buffer *buffer, uint64_t offset,
		  uint64_t bytes)
{
	static uint64_t pages[16400];
	const struct nvl_data data = { .buffer = buffer, .offset = offset, .bytes = bytes };
	struct nvl_queue *queue = nvl_queue(fake->ctrl, 0);
	struct nvl_prp prp, fast;
	uint64_t at = offset;
	uint32_t count;

	memset(queue->lists, 0xee, fake->ctrl->list_bytes * 3);
	prp = nvl_prp_list(queue, &queue->requests[1], data.buffer, data.offset, data.bytes);
	fast = nvl_prp(queue, &queue->requests[1], buffer, offset, bytes);
	ck_assert_uint_eq(fast.prp1, prp.prp1);
	ck_assert_uint_eq(fast.prp2, prp.prp2);
	count = resolve(fake, &prp, bytes, pages);
	for (uint32_t i = 0; i < count; i++) {
		ck_assert_msg(pages[i] == iova_of(buffer, at), "offset %lu bytes %lu page %u",
			      (unsigned long)offset, (unsigned long)bytes, i);
		at += PAGE - pages[i] % PAGE;
	}
	ck_assert_uint_ge(at, offset + bytes);
	/* The lists of the requests beside it are as they were. */
	ck_assert_uint_eq(queue->lists[fake->ctrl->list_bytes - 1], 0xee);
	ck_assert_uint_eq(queue->lists[2 * fake->ctrl->list_bytes], 0xee);
}

static void open_with(struct th_fake *fake, uint32_t max_transfer_bytes)
{
	th_fake_init(fake);
	fake->config.queues = 1;
	fake->config.entries = 5;
	fake->config.max_transfer_bytes = max_transfer_bytes;
	ck_assert_int_eq(th_fake_start(fake), 0);
}

struct piece {
	uint64_t offset;
	uint64_t bytes;
};

static const struct piece pieces[] = {
	{ 0, 4 },	    { 0, PAGE },	 { 4092, 4 },		{ 4092, 8 },
	{ 4, PAGE },	    { 0, PAGE + 4 },	 { 0, 2 * PAGE },	{ 4, 2 * PAGE },
	{ 4092, 2 * PAGE }, { 0, 2 * PAGE + 4 }, { 512, 65536 },	{ 0, 131072 },
	{ 4, 131072 },	    { 0, 511 * PAGE },	 { 0, 512 * PAGE },	{ 0, 513 * PAGE },
	{ 4, 512 * PAGE },  { 4, 513 * PAGE },	 { 0, 514 * PAGE },	{ 4, 1023 * PAGE },
	{ 0, 1024 * PAGE }, { 4, 1024 * PAGE },	 { 4092, 1536 * PAGE }, { 4, 2048 * PAGE },
};

START_TEST(entries_name_the_pages_of_a_contiguous_buffer)
{
	/* Base 2.0 4.1.1: PRP1, PRP2, lists, and the pointer to the next list page. */
	const struct nvl_buffer buffer = { .bytes = 16u << 20, .iova = UINT64_C(0x7000000000) };
	struct th_fake fake;

	open_with(&fake, 16u << 20);
	check(&fake, &buffer, pieces[_i].offset, pieces[_i].bytes);
	check(&fake, &buffer, pieces[_i].offset + 3 * PAGE, pieces[_i].bytes);
	th_fake_done(&fake);
}
END_TEST

START_TEST(entries_name_the_pages_of_a_scattered_buffer)
{
	struct nvl_buffer buffer = { .bytes = 16u << 20 };
	uint64_t *pages = calloc(4096, sizeof(*pages));
	struct th_fake fake;

	for (uint64_t i = 0; i < 4096; i++)
		pages[i] = (i * 2654435761u % 65536 + 1) * PAGE;
	buffer.page_iova = pages;
	open_with(&fake, 16u << 20);
	check(&fake, &buffer, pieces[_i].offset, pieces[_i].bytes);
	check(&fake, &buffer, pieces[_i].offset + 5 * PAGE, pieces[_i].bytes);
	free(pages);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_contiguous_buffer_may_begin_anywhere_in_a_page)
{
	const struct nvl_buffer buffer = { .bytes = 16u << 20, .iova = UINT64_C(0x700000010c) };
	struct th_fake fake;

	open_with(&fake, 16u << 20);
	check(&fake, &buffer, 0, PAGE);
	check(&fake, &buffer, 4092, 3 * PAGE);
	th_fake_done(&fake);
}
END_TEST

static const uint32_t limits[] = { PAGE,       2 * PAGE,   8 * PAGE,   9 * PAGE,    32 * PAGE,
				   256 * PAGE, 512 * PAGE, 513 * PAGE, 1024 * PAGE, 16384 * PAGE };

START_TEST(the_longest_list_fits_its_room)
{
	/* Whatever the limit: the largest transfer, at the worst offset. */
	const struct nvl_buffer buffer = { .bytes = 128u << 20, .iova = UINT64_C(0x7000000000) };
	struct th_fake fake;

	open_with(&fake, limits[_i]);
	check(&fake, &buffer, 4092, limits[_i]);
	ck_assert_uint_eq(nvl_prp_list_bytes(limits[_i]) % NVL_CACHE_LINE, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(data_outside_of_its_buffer_is_refused)
{
	const struct nvl_buffer buffer = { .bytes = 8192, .iova = 0x1000 };
	const struct nvl_buffer odd = { .bytes = 8192, .iova = 0x1002 };

	ck_assert_int_eq(nvl_data_check(&(struct nvl_data){ &buffer, 0, 8192 }, 8192), 0);
	ck_assert_int_lt(nvl_data_check(&(struct nvl_data){ &buffer, 0, 0 }, 8192), 0);
	ck_assert_int_lt(nvl_data_check(&(struct nvl_data){ &buffer, 0, 8192 }, 4096), 0);
	ck_assert_int_lt(nvl_data_check(&(struct nvl_data){ &buffer, 4, 8192 }, 8192), 0);
	ck_assert_int_lt(nvl_data_check(&(struct nvl_data){ &buffer, 8196, 4 }, 8192), 0);
	ck_assert_int_lt(nvl_data_check(&(struct nvl_data){ &buffer, UINT64_MAX - 3, 8 }, 8192), 0);
	ck_assert_int_lt(nvl_data_check(&(struct nvl_data){ &buffer, 1, 4 }, 8192), 0);
	ck_assert_int_lt(nvl_data_check(&(struct nvl_data){ &odd, 0, 4 }, 8192), 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_prp");
	TCase *tcase = tcase_create("lists");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, entries_name_the_pages_of_a_contiguous_buffer, 0,
			    sizeof(pieces) / sizeof(pieces[0]));
	tcase_add_loop_test(tcase, entries_name_the_pages_of_a_scattered_buffer, 0,
			    sizeof(pieces) / sizeof(pieces[0]));
	tcase_add_test(tcase, a_contiguous_buffer_may_begin_anywhere_in_a_page);
	tcase_add_loop_test(tcase, the_longest_list_fits_its_room, 0,
			    sizeof(limits) / sizeof(limits[0]));
	tcase_add_test(tcase, data_outside_of_its_buffer_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
