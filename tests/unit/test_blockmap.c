/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of blocks: compared with an array of bools, and at sizes no array could have. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/backend/blockmap.h"
#include "tests/harness/main.h"

#define PIB    (UINT64_C(1) << 50)
#define ROUNDS 4000u

static struct emu_blockset set;
static struct emu_blockmap map;
static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % below;
}

static void start(void)
{
	seed = 1;
}

static void end(void)
{
	emu_blockset_clear(&set);
	emu_blockmap_done(&map);
}

/* Every run of the set is as long as in the array. */
static void expect_same(const bool *model, uint64_t blocks)
{
	for (uint64_t at = 0; at < blocks;) {
		bool member;
		uint64_t run = emu_blockset_run(&set, at, blocks - at, &member);
		uint64_t i;

		for (i = at; i < blocks && model[i] == model[at]; i++)
			;
		ck_assert_uint_eq(member, model[at]);
		ck_assert_uint_eq(run, i - at);
		at = i;
	}
}

static const uint32_t sizes[] = { 1, 63, 64, 4095, 4096, 4097, 20000, 300000 };

START_TEST(a_set_is_what_an_array_would_be)
{
	const uint32_t blocks = sizes[_i];
	bool *model = calloc(blocks, sizeof(*model));

	emu_blockset_init(&set, blocks);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint32_t first = draw(blocks);
		uint32_t most = draw(4) == 0 ? blocks - first : 1 + draw(9);
		uint32_t count = 1 + draw(most < blocks - first ? most : blocks - first);
		bool member = draw(5) < 3;

		if (member && draw(2))
			ck_assert_int_eq(emu_blockset_add(&set, first, count), 0);
		else
			ck_assert_int_eq(emu_blockset_put(&set, first, count, member), 0);
		memset(model + first, member, count);
		ck_assert(emu_blockset_has(&set, first, count, true) == member);
		ck_assert(emu_blockset_has(&set, first, count, false) == member);
		if (i % 64 == 0)
			expect_same(model, blocks);
	}
	expect_same(model, blocks);
	free(model);
}
END_TEST

START_TEST(what_is_alike_needs_no_memory)
{
	const uint32_t blocks = sizes[_i];

	emu_blockset_init(&set, blocks);
	for (uint32_t i = 0; i < blocks; i++)
		ck_assert_int_eq(emu_blockset_add(&set, i, 1), 0);
	ck_assert_ptr_eq(set.root, EMU_BLOCKSET_ALL);
	ck_assert_int_eq(emu_blockset_put(&set, 0, 1, false), 0);
	ck_assert(!emu_blockset_has(&set, 0, blocks, true));
	ck_assert_int_eq(emu_blockset_add(&set, 0, 1), 0);
	ck_assert_ptr_eq(set.root, EMU_BLOCKSET_ALL);
	for (uint32_t i = blocks; i-- > 0;)
		ck_assert_int_eq(emu_blockset_put(&set, i, 1, false), 0);
	ck_assert_ptr_null(set.root);
}
END_TEST

START_TEST(two_to_the_63_blocks_are_as_easy)
{
	const uint64_t blocks = UINT64_C(1) << 63;
	bool member;

	emu_blockset_init(&set, blocks);
	ck_assert_uint_eq(emu_blockset_run(&set, 0, blocks, &member), blocks);
	ck_assert(!member);
	ck_assert_int_eq(emu_blockset_add(&set, blocks - 1, 1), 0);
	ck_assert_uint_eq(emu_blockset_run(&set, 0, blocks, &member), blocks - 1);
	ck_assert_int_eq(emu_blockset_put(&set, PIB - 1, PIB + 2, true), 0);
	ck_assert_uint_eq(emu_blockset_run(&set, 1, blocks - 1, &member), PIB - 2);
	ck_assert_uint_eq(emu_blockset_run(&set, PIB, blocks - PIB, &member), PIB + 1);
	ck_assert(member);
	ck_assert_int_eq(emu_blockset_put(&set, 0, blocks, true), 0);
	ck_assert_ptr_eq(set.root, EMU_BLOCKSET_ALL);
}
END_TEST

static struct emu_media media_of(uint64_t slba, uint32_t nlb, struct emu_media_status *status)
{
	return (struct emu_media){ .slba = slba, .nlb = nlb, .ret_status = status };
}

START_TEST(status_tells_runs_of_one_state)
{
	struct emu_media_status status;
	struct emu_media media = media_of(10, 20, &status);

	emu_blockmap_init(&map, 100);
	ck_assert_int_eq(emu_blockmap_begin(&map, &media), 0);
	media = media_of(15, 2, &status);
	ck_assert_int_eq(emu_blockmap_spoil(&map, &media), 0);
	media = media_of(0, 100, &status);
	emu_blockmap_status(&map, &media);
	ck_assert(status.nlb == 10 && !status.allocated && !status.uncorrectable);
	media = media_of(10, 90, &status);
	emu_blockmap_status(&map, &media);
	ck_assert(status.nlb == 5 && status.allocated && !status.uncorrectable);
	media = media_of(15, 85, &status);
	emu_blockmap_status(&map, &media);
	ck_assert(status.nlb == 2 && status.allocated && status.uncorrectable);
	media = media_of(17, 4, &status);
	emu_blockmap_status(&map, &media);
	ck_assert(status.nlb == 4 && status.allocated && !status.uncorrectable);
	media = media_of(30, 70, &status);
	emu_blockmap_status(&map, &media);
	ck_assert(status.nlb == 70 && !status.allocated);
}
END_TEST

static Suite *blockmap(void)
{
	Suite *suite = suite_create("blockmap");
	TCase *tcase = tcase_create("blockmap");
	const int count = (int)(sizeof(sizes) / sizeof(sizes[0]));

	tcase_add_checked_fixture(tcase, start, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, a_set_is_what_an_array_would_be, 0, count);
	tcase_add_loop_test(tcase, what_is_alike_needs_no_memory, 0, count);
	tcase_add_test(tcase, two_to_the_63_blocks_are_as_easy);
	tcase_add_test(tcase, status_tells_runs_of_one_state);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ blockmap }, 1);
}
