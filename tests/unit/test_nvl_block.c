/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/block.c: sizes, and a block that is a snapshot. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

START_TEST(a_snapshot_of_the_block_goes_on_where_it_was)
{
	/* The block and the DMA memory, copied back to the same place. */
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	uint8_t *block, *dma;
	size_t bytes;
	struct th_fake fake, then;

	th_fake_open(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	th_fake_submit(&fake, &ending);
	bytes = nvl_size(&fake.config);
	block = malloc(bytes);
	dma = malloc(fake.dma.bytes);
	memcpy(block, fake.block, bytes);
	memcpy(dma, fake.dma.data, fake.dma.bytes);
	then = fake;
	for (unsigned int turn = 1; turn <= 3; turn++) {
		th_fake_complete(&fake, 1, 0);
		ck_assert_uint_eq(nvl_poll(queue, 0), 1);
		ck_assert_uint_eq(ending.done, turn);
		ck_assert_uint_eq(nvl_counters(queue)->completed, 1);
		memcpy(fake.block, block, bytes);
		memcpy(fake.dma.data, dma, fake.dma.bytes);
		fake = then;
	}
	free(block);
	free(dma);
	th_fake_done(&fake);
}
END_TEST

struct size_case {
	uint32_t queues;
	uint32_t entries;
	uint32_t admin_entries;
	uint32_t max_transfer_bytes;
	uint32_t namespaces;
};

static const struct size_case bad_sizes[] = {
	{ NVL_MAX_QUEUES + 1, 64, 32, 4096, 1 },
	{ 1, 1, 32, 4096, 1 },
	{ 1, 65537, 32, 4096, 1 },
	{ 1, 64, 1, 4096, 1 },
	{ 1, 64, 4097, 4096, 1 },
	{ 1, 64, 32, 0, 1 },
	{ 1, 64, 32, 4097, 1 },
	{ 1, 64, 32, UINT32_MAX, 1 },
	{ 1, 64, 32, 4096, 0 },
	{ 1, 64, 32, 4096, NVL_MAX_NAMESPACES + 1 },
};

START_TEST(a_configuration_out_of_range_has_no_size)
{
	const struct size_case *bad = &bad_sizes[_i];
	struct nvl_config config;

	nvl_config_init(&config);
	ck_assert_uint_gt(nvl_size(&config), 0);
	config.queues = bad->queues;
	config.entries = bad->entries;
	config.admin_entries = bad->admin_entries;
	config.max_transfer_bytes = bad->max_transfer_bytes;
	config.namespaces = bad->namespaces;
	ck_assert_uint_eq(nvl_size(&config), 0);
	ck_assert_uint_eq(nvl_dma_size(&config), 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_block");
	TCase *tcase = tcase_create("block");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_snapshot_of_the_block_goes_on_where_it_was);
	tcase_add_loop_test(tcase, a_configuration_out_of_range_has_no_size, 0,
			    sizeof(bad_sizes) / sizeof(bad_sizes[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
