/* SPDX-License-Identifier: BSD-3-Clause */
/* The Host Memory Buffer, Base 2.0 5.27.1.10 and 8.9 (unverified). */
#include <string.h>

#include "common/bits.h"
#include "common/trace.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define GET   .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 0x0d
#define SET   .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0d
#define EHM   1u
#define MR    2u
#define CC_ON (4 << 20 | 6 << 16 | 1)

/* The buffer of most tests: four pages in two ranges, and the list of them. */
struct lent {
	uint64_t pages, list;
};

static void describe(struct th_host *h, uint64_t list, uint32_t index, uint64_t iova,
		     uint32_t pages)
{
	struct nvme_hmb_desc *descs = th_ptr(h, list);

	descs[index].badd = nvme_le64(iova);
	descs[index].bsize = nvme_le32(pages);
}

static struct lent lend(struct th_host *h)
{
	struct lent lent = { th_alloc(h, 5 * 4096), th_alloc(h, 4096) };

	memset(th_ptr(h, lent.pages), 0xaa, 5 * 4096);
	describe(h, lent.list, 0, lent.pages + 3 * 4096, 2);
	describe(h, lent.list, 1, lent.pages, 2);
	return lent;
}

static uint16_t enable(struct th_host *h, struct lent lent, uint32_t flags, uint32_t pages,
		       uint32_t count)
{
	return th_code(h, SET, .cdw11 = EHM | flags, .cdw12 = pages, .cdw13 = (uint32_t)lent.list,
		       .cdw14 = (uint32_t)(lent.list >> 32), .cdw15 = count);
}

static void keep_alive(struct th_host *h, uint32_t times)
{
	for (uint32_t i = 0; i < times; i++)
		th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
}

/* Whether the controller has left the memory alone since it was filled with @byte. */
static bool is_untouched(struct th_host *h, uint64_t iova, uint32_t bytes, uint8_t byte)
{
	const uint8_t *memory = th_ptr(h, iova);

	for (uint32_t i = 0; i < bytes; i++) {
		if (memory[i] != byte)
			return false;
	}
	return true;
}

static void reset(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, CC_ON & ~1);
	th_run(h);
	th_enable(h, 16);
}

START_TEST(identify_asks_for_memory_when_the_feature_exists)
{
	/* Base 2.0 5.17.2.1: HMPRE, HMMIN, HMMINDS, HMMAXD; namespaces 1 .. nn, 64 bytes each. */
	static const struct {
		const char *keys;
		uint32_t units;
	} rows[] = { { "nn=32", 1 },  { "nn=64", 1 },	  { "nn=65", 2 },
		     { "nn=256", 4 }, { "hmb=false", 0 }, { "vs=1.1", 0 } };
	struct th_host *h = th_enabled(.controller = rows[_i].keys);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(nvme_cpu32(id->hmpre), rows[_i].units ? 256 : 0);
	ck_assert_uint_eq(nvme_cpu32(id->hmmin), rows[_i].units);
	ck_assert_uint_eq(nvme_cpu32(id->hmminds), rows[_i].units > 0);
	ck_assert_uint_eq(nvme_cpu16(id->hmmaxd), rows[_i].units ? 32 : 0);
	th_free(h);
}
END_TEST

START_TEST(the_controller_uses_what_it_was_lent_and_nothing_else)
{
	struct th_host *h = th_enabled(.controller = "nn=256");
	struct lent lent = lend(h);

	ck_assert_uint_eq(enable(h, lent, 0, 4, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_START), 1);
	keep_alive(h, 600);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_CORRUPT), 0);
	/* 256 entries of 64 bytes fill all four pages; the third of the five was not lent. */
	for (uint32_t page = 0; page < 5; page++)
		ck_assert(is_untouched(h, lent.pages + page * 4096, 64, 0xaa) == (page == 2));
	ck_assert(is_untouched(h, lent.pages + 2 * 4096, 4096, 0xaa));
	th_free(h);
}
END_TEST

START_TEST(get_features_tells_the_attributes)
{
	struct th_host *h = th_enabled();
	struct lent lent = lend(h);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_hmb_attributes *attributes = th_ptr(h, page);

	ck_assert_uint_eq(th_do(h, GET, .prp1 = page), 0);
	ck_assert_uint_eq(nvme_cpu32(attributes->hsize), 0);
	enable(h, lent, 0, 4, 2);
	memset(th_ptr(h, page), 0x55, 4096);
	ck_assert_uint_eq(th_do(h, GET, .prp1 = page), EHM);
	ck_assert_uint_eq(nvme_cpu32(attributes->hsize), 4);
	ck_assert_uint_eq(nvme_cpu32(attributes->hmdlal), (uint32_t)lent.list);
	ck_assert_uint_eq(nvme_cpu32(attributes->hmdlau), (uint32_t)(lent.list >> 32));
	ck_assert_uint_eq(nvme_cpu32(attributes->hmdlec), 2);
	ck_assert(is_untouched(h, page + 16, 4080, 0));
	th_do(h, SET, .cdw11 = 0);
	ck_assert_uint_eq(th_do(h, GET, .prp1 = page), 0);
	th_free(h);
}
END_TEST

START_TEST(it_cannot_be_enabled_twice)
{
	/* Command Sequence Error; once disabled, it can. */
	struct th_host *h = th_enabled();
	struct lent lent = lend(h);

	ck_assert_uint_eq(enable(h, lent, 0, 4, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(enable(h, lent, 0, 4, 2), NVME_SC_COMMAND_SEQUENCE_ERROR);
	th_do(h, SET, .cdw11 = 0);
	th_do(h, SET, .cdw11 = 0);
	ck_assert_uint_eq(enable(h, lent, 0, 4, 2), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

enum ending {
	DISABLED,
	RESET,
	FUNCTION,
	SUBSYSTEM,
	POWER,
	SHUTDOWN,
	ENDINGS
};

static void end_by(struct th_host *h, enum ending ending)
{
	static const enum emu_reset_kind kinds[] = {
		[FUNCTION] = EMU_RESET_FUNCTION,
		[SUBSYSTEM] = EMU_RESET_SUBSYSTEM,
		[POWER] = EMU_RESET_POWER,
	};

	if (ending == DISABLED)
		th_do(h, SET, .cdw11 = 0);
	else if (ending == RESET)
		th_write32(h, NVME_REG_CC, CC_ON & ~1);
	else if (ending == SHUTDOWN)
		th_write32(h, NVME_REG_CC, CC_ON | 1 << 14);
	else
		emu_reset(th_emu(h), 0, kinds[ending]);
	th_run(h);
}

START_TEST(memory_that_was_given_back_is_not_touched)
{
	/* After a disable, any reset, or a shutdown, the memory is the host's. */
	struct th_host *h = th_enabled();
	struct lent lent = lend(h);

	enable(h, lent, 0, 4, 2);
	keep_alive(h, 5);
	end_by(h, (enum ending)_i);
	memset(th_ptr(h, lent.pages), 0x77, 5 * 4096);
	if (_i == SHUTDOWN)
		end_by(h, RESET);
	if (_i != DISABLED) {
		th_cfg_write(h, 4, 2, 0x0406);
		th_enable(h, 16);
	}
	keep_alive(h, 100);
	th_time(h, 1000000000000ull);
	ck_assert(is_untouched(h, lent.pages, 5 * 4096, 0x77));
	ck_assert_uint_eq(th_do(h, GET, .prp1 = th_alloc(h, 4096)), 0);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_CORRUPT), 0);
	th_free(h);
}
END_TEST

START_TEST(contents_that_the_host_changed_are_found_and_survived)
{
	/* Nothing that is read there is believed: namespaces are what they were. */
	struct th_host *h = th_enabled();
	struct lent lent = lend(h);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ns *id = th_ptr(h, page);

	enable(h, lent, 0, 4, 2);
	th_events(h, NVME_TRACE_HMB_CORRUPT);
	memset(th_ptr(h, lent.pages), 0x77, 5 * 4096);
	keep_alive(h, 40);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_CORRUPT), 32); /* each entry once */
	keep_alive(h, 40);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_CORRUPT), 0); /* they were made anew */
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_NS, .nsid = 1);
	ck_assert_uint_eq(nvme_cpu64(id->nsze), 2048);
	th_free(h);
}
END_TEST

START_TEST(one_bit_is_enough_to_be_found)
{
	struct th_host *h = th_enabled();
	struct lent lent = lend(h);

	enable(h, lent, 0, 4, 2);
	((uint8_t *)th_ptr(h, lent.pages + 3 * 4096))[_i] ^= 1u << (_i % 8);
	keep_alive(h, 33);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_CORRUPT), 1);
	th_free(h);
}
END_TEST

START_TEST(memory_that_is_returned_has_its_contents)
{
	/* MR: what the controller had before a reset; whatever else the host returns is found. */
	struct th_host *h = th_enabled();
	struct lent lent = lend(h);

	enable(h, lent, 0, 4, 2);
	reset(h);
	ck_assert_uint_eq(enable(h, lent, MR, 4, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_CORRUPT), 0);
	reset(h);
	memset(th_ptr(h, lent.pages), 0, 5 * 4096);
	ck_assert_uint_eq(enable(h, lent, MR, 4, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_CORRUPT), 32);
	reset(h);
	memset(th_ptr(h, lent.pages), 0x12, 5 * 4096);
	ck_assert_uint_eq(enable(h, lent, 0, 4, 2), NVME_SC_SUCCESS);
	keep_alive(h, 40);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_CORRUPT), 0);
	th_free(h);
}
END_TEST

START_TEST(two_controllers_do_not_take_each_others_memory)
{
	/* A buffer that another controller wrote is no returned one. */
	struct th_host *h = th_enabled(.controllers = 2);
	struct lent lent = lend(h);

	enable(h, lent, 0, 4, 2);
	th_do(h, SET, .cdw11 = 0);
	th_ctrl(h, 1);
	th_enable(h, 16);
	th_events(h, NVME_TRACE_HMB_CORRUPT);
	ck_assert_uint_eq(enable(h, lent, MR, 4, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_CORRUPT), 32);
	th_free(h);
}
END_TEST

static const struct {
	uint32_t size, count;
	uint64_t list_offset;
	uint64_t badd; /* of the second range, from the first page on */
	uint32_t bsize;
	uint16_t sc;
} bad_lists[] = {
	{ 4, 0, 0, 0, 2, NVME_SC_INVALID_FIELD },	 /* no ranges */
	{ 0, 2, 0, 0, 2, NVME_SC_INVALID_FIELD },	 /* less than HMMIN */
	{ 5, 2, 0, 0, 2, NVME_SC_INVALID_FIELD },	 /* ranges have less than HSIZE */
	{ 4, 1, 0, 0, 2, NVME_SC_INVALID_FIELD },	 /* one of two */
	{ 4, 2, 8, 0, 2, NVME_SC_INVALID_FIELD },	 /* list not aligned to 16 bytes */
	{ 4, 2, 0, 512, 2, NVME_SC_INVALID_FIELD },	 /* range not aligned to a page */
	{ 4, 2, 0, 3 * 4096, 2, NVME_SC_INVALID_FIELD }, /* the same memory twice */
	{ 4, 2, 0, 2 * 4096, 2, NVME_SC_INVALID_FIELD }, /* and in part */
	{ 4, 2, 0, 0xfffffffff0000000, 0x10000000, NVME_SC_INVALID_FIELD }, /* beyond 2^64 */
	{ 4, 2, 0, 0, 0, NVME_SC_INVALID_FIELD },		 /* an empty one does not count */
	{ 4, 2, 1ull << 40, 0, 2, NVME_SC_DATA_TRANSFER_ERROR }, /* no such memory */
};

START_TEST(a_list_that_is_wrong_is_refused_whole)
{
	struct th_host *h = th_enabled();
	struct lent lent = lend(h);

	describe(h, lent.list, 1, lent.pages + bad_lists[_i].badd, bad_lists[_i].bsize);
	lent.list += bad_lists[_i].list_offset;
	ck_assert_uint_eq(enable(h, lent, 0, bad_lists[_i].size, bad_lists[_i].count),
			  bad_lists[_i].sc);
	keep_alive(h, 40);
	ck_assert(is_untouched(h, lent.pages, 5 * 4096, 0xaa));
	ck_assert_uint_eq(th_do(h, GET, .prp1 = th_alloc(h, 4096)), 0);
	th_free(h);
}
END_TEST

START_TEST(no_more_ranges_are_used_than_hmmaxd_says)
{
	/* The 33rd is not even looked at. */
	struct th_host *h = th_enabled(.controller = "nn=256");
	uint64_t pages = th_alloc(h, 40 * 4096);
	struct lent lent = { pages, th_alloc(h, 4096) };

	for (uint32_t i = 0; i < 40; i++)
		describe(h, lent.list, i, i < 32 ? pages + i * 4096 : 3, 1);
	ck_assert_uint_eq(enable(h, lent, 0, 40, 40), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(memory_that_goes_away_ends_its_use)
{
	/* A host that unmaps what it lent breaks nothing but the buffer. */
	struct th_host *h = th_enabled();
	struct lent lent = lend(h);

	enable(h, lent, 0, 4, 2);
	th_unmap(h, lent.pages + 3 * 4096);
	keep_alive(h, 3);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_STOP), 1);
	th_map(h);
	ck_assert_uint_eq(th_do(h, GET, .prp1 = th_alloc(h, 4096)), 0);
	ck_assert_uint_eq(enable(h, lent, 0, 4, 2), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(memory_that_is_not_there_is_refused)
{
	/* Data Transfer Error, and the buffer stays disabled. */
	struct th_host *h = th_enabled();
	struct lent lent = lend(h);

	th_unmap(h, lent.pages + 3 * 4096);
	ck_assert_uint_eq(enable(h, lent, 0, 4, 2), NVME_SC_DATA_TRANSFER_ERROR);
	th_map(h);
	ck_assert_uint_eq(th_do(h, GET, .prp1 = th_alloc(h, 4096)), 0);
	th_free(h);
}
END_TEST

START_TEST(sizes_are_in_memory_pages)
{
	/* CC.MPS = 1: pages of 8 KiB. */
	struct th_host *h = th_enabled(.mps = 1, .controller = "nn=256");
	struct lent lent = { th_alloc(h, 16384), th_alloc(h, 8192) };

	describe(h, lent.list, 0, lent.pages, 2);
	ck_assert_uint_eq(enable(h, lent, 0, 1, 1), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(enable(h, lent, 0, 2, 1), NVME_SC_SUCCESS);
	keep_alive(h, 300);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_HMB_CORRUPT), 0);
	th_free(h);
}
END_TEST

static Suite *hmb(void)
{
	Suite *suite = suite_create("hmb");
	TCase *tcase = tcase_create("hmb");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, identify_asks_for_memory_when_the_feature_exists, 0, 6);
	tcase_add_test(tcase, the_controller_uses_what_it_was_lent_and_nothing_else);
	tcase_add_test(tcase, get_features_tells_the_attributes);
	tcase_add_test(tcase, it_cannot_be_enabled_twice);
	tcase_add_loop_test(tcase, memory_that_was_given_back_is_not_touched, 0, ENDINGS);
	tcase_add_test(tcase, contents_that_the_host_changed_are_found_and_survived);
	tcase_add_loop_test(tcase, one_bit_is_enough_to_be_found, 0, 64);
	tcase_add_test(tcase, memory_that_is_returned_has_its_contents);
	tcase_add_test(tcase, two_controllers_do_not_take_each_others_memory);
	tcase_add_loop_test(tcase, a_list_that_is_wrong_is_refused_whole, 0,
			    sizeof(bad_lists) / sizeof(bad_lists[0]));
	tcase_add_test(tcase, no_more_ranges_are_used_than_hmmaxd_says);
	tcase_add_test(tcase, memory_that_goes_away_ends_its_use);
	tcase_add_test(tcase, memory_that_is_not_there_is_refused);
	tcase_add_test(tcase, sizes_are_in_memory_pages);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { hmb };

	return th_main(suites, 1);
}
