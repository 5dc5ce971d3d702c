/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/transport/memory.c: buffers of a device that sees pages apart from each other. */
#include <stdlib.h>

#include "driver/transport/transport.h"
#include "tests/harness/main.h"

/* A transport whose addresses are those of pages that lie apart, two and two together. */
static int map_scattered(void *arg, struct nvl_buffer *buffer)
{
	uint64_t count = buffer->bytes / NVL_PAGE_BYTES;
	uint64_t *pages = calloc(count, sizeof(*pages));

	(void)arg;
	for (uint64_t i = 0; i < count; i++)
		pages[i] = (i / 2 * 16 + i % 2 + 256) * NVL_PAGE_BYTES;
	buffer->page_iova = pages;
	buffer->iova = pages[0];
	return 0;
}

static int unmap_scattered(void *arg, struct nvl_buffer *buffer)
{
	(void)arg;
	free((void *)(uintptr_t)buffer->page_iova);
	return 0;
}

START_TEST(buffers_are_in_one_piece_for_the_device_where_that_is_possible)
{
	const struct nvl_ops ops = { .dma_map = map_scattered, .dma_unmap = unmap_scattered };
	struct nvl_memory *memory = nvl_memory_new(&ops, NVL_ARENA_SHARED, 65536);
	struct nvl_buffer one, two, three;

	ck_assert_int_eq(nvl_memory_alloc(memory, 4096, &one), 0);
	ck_assert_int_eq(nvl_memory_alloc(memory, 8192, &two), 0);
	ck_assert_int_eq(nvl_memory_alloc(memory, 12000, &three), 0);
	ck_assert_ptr_null(one.page_iova);
	ck_assert_ptr_null(two.page_iova);
	ck_assert_uint_eq(two.iova, UINT64_C(272) * NVL_PAGE_BYTES);
	ck_assert_ptr_nonnull(three.page_iova);
	ck_assert_uint_eq(three.page_iova[0], three.iova);
	nvl_memory_release(memory, &two);
	ck_assert_int_eq(nvl_memory_alloc(memory, 8192, &two), 0);
	ck_assert_uint_eq(two.iova, UINT64_C(272) * NVL_PAGE_BYTES);
	nvl_memory_free(memory);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_memory");
	TCase *tcase = tcase_create("memory");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, buffers_are_in_one_piece_for_the_device_where_that_is_possible);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
