/* SPDX-License-Identifier: BSD-3-Clause */
/* A volatile write cache: what a power cut may leave is exactly what it can leave. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "emulator/backend/cache.h"
#include "tests/harness/main.h"
#include "tests/unit/medium.h"

#define BLOCKS	 64u
#define STATES	 256u
#define SCRIPT	 16u
#define CACHE	 (8u * 520u)
#define IDENTITY (UINT64_C(7) << 48)

static struct th_medium m;
static uint8_t data[32 << 9];
static uint8_t meta[32 * 8];

/* Answers of choose(), and how many each question had: enough to ask all combinations in turn. */
static uint32_t script[SCRIPT];
static uint32_t choices[SCRIPT];
static uint64_t identities[SCRIPT];
static unsigned int asked;

static uint32_t choose(void *arg, uint64_t identity, uint32_t n)
{
	(void)arg;
	ck_assert_uint_lt(asked, SCRIPT);
	for (unsigned int i = 0; i < asked; i++)
		ck_assert_uint_ne(identities[i], identity);
	choices[asked] = n;
	identities[asked] = identity;
	return script[asked++];
}

/* The next combination of answers; Return: false after the last one. */
static bool next_script(void)
{
	for (unsigned int i = asked; i-- > 0;) {
		if (++script[i] < choices[i])
			return true;
		script[i] = 0;
	}
	return false;
}

static void start(void)
{
	struct emu_cache *cache;
	struct emu_backend *inner;
	const struct emu_geometry geometry = { BLOCKS, 9, 8 };

	th_medium_start(&m, false);
	cache = emu_cache_new(&m.host, CACHE);
	ck_assert_int_eq(emu_mem_open(emu_cache_host(cache), &geometry, &inner), 0);
	m.backend = emu_cache_wrap(cache, inner);
	memset(script, 0, sizeof(script));
}

static void end(void)
{
	th_medium_end(&m);
}

/* All bytes of a block, and of its metadata, are its version. */
static int write_version(uint64_t slba, uint32_t nlb, uint8_t version, bool fua)
{
	memset(data, version, nlb << 9);
	memset(meta, version, nlb * 8);
	return th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_WRITE,
						    .slba = slba,
						    .nlb = nlb,
						    .data = data,
						    .meta = meta,
						    .fua = fua });
}

static uint8_t read_version(uint64_t slba)
{
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_READ,
							      .slba = slba,
							      .nlb = 1,
							      .data = data,
							      .meta = meta }),
			 0);
	for (unsigned int i = 1; i < 512; i++)
		ck_assert_uint_eq(data[i], data[0]);
	for (unsigned int i = 0; i < 8; i++)
		ck_assert_uint_eq(meta[i], data[0]);
	return data[0];
}

static int change(enum emu_media_op op, uint64_t slba, uint32_t nlb)
{
	return th_medium_do(&m, (struct emu_media){ .op = op, .slba = slba, .nlb = nlb });
}

static int flush(void)
{
	return th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_FLUSH });
}

static void cut(enum emu_cut keep, uint32_t unit_blocks)
{
	const struct emu_power_cut power_cut = {
		.keep = keep, .unit_blocks = unit_blocks, .identity = IDENTITY, .choose = choose
	};

	asked = 0;
	ck_assert_int_eq(m.backend->ops->cut(m.backend, &power_cut), 0);
}

/* The versions of blocks 0 to 3 as one number, two bits each. */
static uint32_t state_of(void)
{
	uint32_t state = 0;

	for (uint64_t i = 0; i < 4; i++)
		state |= (uint32_t)read_version(i) << (2 * i);
	return state;
}

/* Blocks 0 and 1 get version 1, blocks 1 to 3 then version 2; version 3 was there before. */
static void write_two(void)
{
	ck_assert_int_eq(write_version(0, 4, 3, true), 0);
	ck_assert_int_eq(write_version(0, 2, 1, false), 0);
	ck_assert_int_eq(write_version(1, 3, 2, false), 0);
}

/* What blocks hold when the parts of @kept arrived: bit n is row n of the five. */
static uint32_t expected_state(uint32_t kept)
{
	static const struct {
		uint8_t block;
		uint8_t version;
	} parts[] = { { 0, 1 }, { 1, 1 }, { 1, 2 }, { 2, 2 }, { 3, 2 } };
	uint32_t state = 0xff;

	for (unsigned int i = 0; i < 5; i++) {
		if (kept & 1u << i)
			state = (state & ~(3u << (2 * parts[i].block))) |
				(uint32_t)parts[i].version << (2 * parts[i].block);
	}
	return state;
}

/* Cuts the power after the same two writes with every combination of answers. */
static void enumerate(enum emu_cut keep, uint32_t unit_blocks, bool seen[STATES])
{
	do {
		write_two();
		cut(keep, unit_blocks);
		seen[state_of()] = true;
	} while (next_script());
}

static void expect_states(const bool seen[STATES], const uint32_t *kept, unsigned int count)
{
	bool expected[STATES] = { false };

	for (unsigned int i = 0; i < count; i++)
		expected[expected_state(kept[i])] = true;
	for (unsigned int i = 0; i < STATES; i++)
		ck_assert_msg(seen[i] == expected[i], "state %02x: %s", i,
			      seen[i] ? "should not be" : "was not seen");
}

START_TEST(without_power_nothing_or_everything_may_be_left)
{
	write_two();
	cut(EMU_CUT_KEEP_NONE, 1);
	ck_assert_uint_eq(state_of(), expected_state(0));
	write_two();
	cut(EMU_CUT_KEEP_ALL, 1);
	ck_assert_uint_eq(state_of(), expected_state(0x1f));
	ck_assert_uint_eq(asked, 0);
}
END_TEST

START_TEST(a_prefix_is_any_number_of_blocks_in_order)
{
	static const uint32_t kept[] = { 0, 1, 3, 7, 15, 31 };
	bool seen[STATES] = { false };

	enumerate(EMU_CUT_KEEP_PREFIX, 1, seen);
	expect_states(seen, kept, 6);
}
END_TEST

START_TEST(a_subset_is_any_of_the_blocks)
{
	uint32_t kept[32];
	bool seen[STATES] = { false };

	for (uint32_t i = 0; i < 32; i++)
		kept[i] = i;
	enumerate(EMU_CUT_KEEP_SUBSET, 1, seen);
	expect_states(seen, kept, 32);
}
END_TEST

START_TEST(writes_up_to_the_atomic_unit_are_never_torn)
{
	/* The first write is one unit of two blocks, the second one of two and one of one. */
	static const uint32_t subsets[] = { 0, 0x03, 0x0c, 0x0f, 0x10, 0x13, 0x1c, 0x1f };
	static const uint32_t wholes[] = { 0, 0x03, 0x1c, 0x1f };
	static const uint32_t prefixes[] = { 0, 0x03, 0x1f };
	bool seen[STATES] = { false };

	enumerate(EMU_CUT_KEEP_SUBSET, 2, seen);
	expect_states(seen, subsets, 8);
	memset(seen, 0, sizeof(seen));
	enumerate(EMU_CUT_KEEP_SUBSET, 3, seen);
	expect_states(seen, wholes, 4);
	memset(seen, 0, sizeof(seen));
	enumerate(EMU_CUT_KEEP_PREFIX, 8, seen);
	expect_states(seen, prefixes, 3);
}
END_TEST

START_TEST(what_was_flushed_or_written_durably_survives)
{
	ck_assert_int_eq(write_version(0, 4, 1, false), 0);
	ck_assert_int_eq(flush(), 0);
	ck_assert_int_eq(write_version(1, 1, 2, true), 0);
	ck_assert_int_eq(write_version(2, 1, 3, false), 0);
	ck_assert_uint_eq(read_version(2), 3);
	cut(EMU_CUT_KEEP_NONE, 1);
	ck_assert_uint_eq(read_version(0), 1);
	ck_assert_uint_eq(read_version(1), 2);
	ck_assert_uint_eq(read_version(2), 1);
}
END_TEST

START_TEST(an_older_write_never_replaces_a_durable_one)
{
	ck_assert_int_eq(write_version(0, 4, 1, false), 0);
	ck_assert_int_eq(write_version(1, 1, 2, true), 0);
	cut(EMU_CUT_KEEP_ALL, 1);
	ck_assert_uint_eq(read_version(1), 2);
	ck_assert_uint_eq(read_version(0), 1);
}
END_TEST

START_TEST(a_full_cache_writes_the_oldest)
{
	for (uint8_t i = 0; i < 12; i++)
		ck_assert_int_eq(write_version(i, 1, i + 1, false), 0);
	cut(EMU_CUT_KEEP_NONE, 1);
	for (uint8_t i = 0; i < 12; i++)
		ck_assert_uint_eq(read_version(i), i < 4 ? i + 1 : 0);
	/* What is larger than the cache never is in it. */
	ck_assert_int_eq(write_version(20, 9, 5, false), 0);
	cut(EMU_CUT_KEEP_NONE, 1);
	ck_assert_uint_eq(read_version(28), 5);
}
END_TEST

START_TEST(reads_are_of_the_newest_of_everything)
{
	ck_assert_int_eq(write_version(0, 6, 1, true), 0);
	ck_assert_int_eq(write_version(1, 3, 2, false), 0);
	ck_assert_int_eq(write_version(2, 1, 3, false), 0);
	memset(data, 0xee, sizeof(data));
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_READ,
							      .slba = 0,
							      .nlb = 7,
							      .data = data,
							      .meta = meta }),
			 0);
	for (unsigned int i = 0; i < 7; i++) {
		static const uint8_t versions[] = { 1, 2, 3, 2, 1, 1, 0 };

		ck_assert_uint_eq(data[i << 9], versions[i]);
		ck_assert_uint_eq(meta[i * 8 + 7], versions[i]);
	}
}
END_TEST

START_TEST(what_is_cached_is_allocated)
{
	struct emu_media_status status;

	ck_assert_int_eq(write_version(3, 2, 1, false), 0);
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_READ,
							      .slba = 3,
							      .nlb = 2,
							      .data = data,
							      .meta = meta,
							      .dulbe = true }),
			 0);
	ck_assert_int_eq(write_version(5, 1, 1, false), 0);
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_STATUS,
							      .slba = 3,
							      .nlb = 9,
							      .ret_status = &status }),
			 0);
	ck_assert(status.nlb == 3 && status.allocated);
	ck_assert_int_eq(change(EMU_MEDIA_DEALLOCATE, 4, 1), 0);
	ck_assert_uint_eq(read_version(4), 0);
	cut(EMU_CUT_KEEP_ALL, 1);
	ck_assert_uint_eq(read_version(4), 0);
}
END_TEST

START_TEST(a_bad_block_that_was_written_stays_good)
{
	ck_assert_int_eq(change(EMU_MEDIA_UNCORRECTABLE, 8, 2), 0);
	ck_assert_int_eq(write_version(9, 1, 1, false), 0);
	ck_assert_uint_eq(read_version(9), 1);
	cut(EMU_CUT_KEEP_NONE, 1);
	ck_assert_uint_eq(read_version(9), 1);
	ck_assert_int_eq(write_version(10, 1, 2, false), 0);
	ck_assert_int_eq(change(EMU_MEDIA_UNCORRECTABLE, 10, 1), 0);
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_READ,
							      .slba = 10,
							      .nlb = 1,
							      .data = data,
							      .meta = meta }),
			 -EBADMSG);
}
END_TEST

START_TEST(a_format_forgets_what_was_cached)
{
	ck_assert_int_eq(write_version(0, 2, 1, false), 0);
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_FORMAT,
							      .lbads = 9,
							      .ms = 8,
							      .blocks = 2 * BLOCKS }),
			 0);
	ck_assert_uint_eq(read_version(0), 0);
	ck_assert_int_eq(write_version(2 * BLOCKS - 1, 1, 2, false), 0);
	ck_assert_uint_eq(read_version(2 * BLOCKS - 1), 2);
	cut(EMU_CUT_KEEP_ALL, 1);
	ck_assert_uint_eq(read_version(0), 0);
	ck_assert_uint_eq(read_version(2 * BLOCKS - 1), 2);
}
END_TEST

static Suite *cache_suite(void)
{
	Suite *suite = suite_create("cache");
	TCase *tcase = tcase_create("cache");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, without_power_nothing_or_everything_may_be_left);
	tcase_add_test(tcase, a_prefix_is_any_number_of_blocks_in_order);
	tcase_add_test(tcase, a_subset_is_any_of_the_blocks);
	tcase_add_test(tcase, writes_up_to_the_atomic_unit_are_never_torn);
	tcase_add_test(tcase, what_was_flushed_or_written_durably_survives);
	tcase_add_test(tcase, an_older_write_never_replaces_a_durable_one);
	tcase_add_test(tcase, a_full_cache_writes_the_oldest);
	tcase_add_test(tcase, reads_are_of_the_newest_of_everything);
	tcase_add_test(tcase, what_is_cached_is_allocated);
	tcase_add_test(tcase, a_bad_block_that_was_written_stays_good);
	tcase_add_test(tcase, a_format_forgets_what_was_cached);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ cache_suite }, 1);
}
