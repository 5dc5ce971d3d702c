/* SPDX-License-Identifier: BSD-3-Clause */
/* Get Log Page, Base 2.0 5.16: offsets by index, selectors of CDW14, data of many pages. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define LOG(lid, bytes) ((((uint32_t)(bytes) / 4 - 1) & 0xffff) << 16 | (lid)) /* cdw10 */
#define INDEX		(1u << 23)					       /* OT, cdw14 */

/* Errors with CIDs 1 .. @count. */
static void make_errors(struct th_host *h, uint16_t count)
{
	for (uint16_t cid = 1; cid <= count; cid++)
		th_try(h, .opcode = 0xc0, .cid = cid);
}

START_TEST(an_index_counts_entries_of_the_error_log)
{
	/* Base 2.0 5.16, unverified which pages have an index: entry 2 is the third newest. */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_error_log_entry *entry = th_ptr(h, page);

	make_errors(h, 5);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = LOG(NVME_LID_ERROR, 128),
	      .cdw12 = 2, .cdw14 = INDEX);
	ck_assert_uint_eq(nvme_cpu16(entry[0].cid), 3);
	ck_assert_uint_eq(nvme_cpu16(entry[1].cid), 2);
	th_free(h);
}
END_TEST

/* The log has 64 entries. */
static const struct {
	uint32_t low, high;
	uint16_t sc;
} indexes[] = {
	{ 1, 0, NVME_SC_SUCCESS }, /* on no dword as a byte offset */
	{ 63, 0, NVME_SC_SUCCESS },
	{ 64, 0, NVME_SC_INVALID_FIELD },
	{ 0, 1, NVME_SC_INVALID_FIELD },
	{ 0xffffffff, 0xffffffff, NVME_SC_INVALID_FIELD },
	{ 0, 0x04000000, NVME_SC_INVALID_FIELD }, /* times 64 it would be 0 */
};

START_TEST(an_index_behind_the_last_entry_is_refused)
{
	/* Base 2.0 5.16, unverified */
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = th_alloc(h, 4096),
				  .cdw10 = LOG(NVME_LID_ERROR, 64), .cdw12 = indexes[_i].low,
				  .cdw13 = indexes[_i].high, .cdw14 = INDEX),
			  indexes[_i].sc);
	th_free(h);
}
END_TEST

START_TEST(pages_with_an_index_say_so_in_the_list_and_others_refuse_one)
{
	/* Base 2.0 5.16.1.1: IOS */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096), data = th_alloc(h, 4096);
	const struct nvme_supported_logs *list = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = LOG(0, 1024));
	for (uint32_t lid = 0; lid < 256; lid++) {
		uint32_t entry = nvme_cpu32(list->lid_support[lid]);

		if (!NVME_GET(entry, NVME_SUPPORTED_LOG_LSUPP))
			continue;
		ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = data,
					  .cdw10 = LOG(lid, 512), .cdw11 = 1u << 16,
					  .cdw14 = INDEX),
				  NVME_GET(entry, NVME_SUPPORTED_LOG_IOS) ? NVME_SC_SUCCESS
									  : NVME_SC_INVALID_FIELD);
	}
	th_free(h);
}
END_TEST

START_TEST(the_effects_of_another_command_set_are_asked_for_in_vain)
{
	/* Base 2.0 5.16.1.6, unverified: CSI counts when CC.CSS says all command sets. */
	struct th_host *h = th_enabled(.css = _i ? 6 : 0);
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = LOG(5, 4096));
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
				  .cdw10 = LOG(5, 4096), .cdw14 = 2u << 24),
			  _i ? NVME_SC_INVALID_FIELD : NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_long_transfer_ends_where_numd_says_at_any_place_in_memory)
{
	/* Base 2.0 5.16 and 4.1.1: 64 entries, then zeros, over pages cut at any dword. */
	struct th_host *h = th_enabled();
	uint64_t pages = th_alloc(h, 6 * 4096), list = th_alloc(h, 4096);
	uint8_t *data = th_ptr(h, pages), whole[4096];
	uint32_t at = (uint32_t)_i * 516, bytes = 4 * 4096 + 12;

	make_errors(h, 70);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = pages, .cdw10 = LOG(1, 4096));
	memcpy(whole, data, sizeof(whole));
	memset(data, 0xa5, 6 * 4096);
	for (uint32_t i = 0; i < 5; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, list) + 8 * i, pages + 4096 * (i + 1));
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = pages + at, .prp2 = list,
	      .cdw10 = LOG(1, bytes), .cdw12 = 64);
	ck_assert_mem_eq(data + at, whole + 64, sizeof(whole) - 64);
	for (uint32_t i = at + 4096 - 64; i < at + bytes; i++)
		ck_assert_uint_eq(data[i], 0);
	ck_assert_uint_eq(data[at + bytes], 0xa5);
	th_free(h);
}
END_TEST

START_TEST(memory_that_goes_away_in_the_middle_is_an_error)
{
	/* Base 2.0 4.1.1: Data Transfer Error; the command may be sent again. */
	struct th_host *h = th_enabled();
	uint64_t pages = th_alloc(h, 3 * 4096), list = th_alloc(h, 4096);

	for (uint32_t i = 0; i < 2; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, list) + 8 * i, pages + 4096 * (i + 1));
	th_unmap(h, pages + 4096);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = pages, .prp2 = list,
				  .cdw10 = LOG(1, 3 * 4096)),
			  NVME_SC_DATA_TRANSFER_ERROR);
	th_map(h);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = pages, .prp2 = list,
	      .cdw10 = LOG(1, 3 * 4096));
	th_free(h);
}
END_TEST

static Suite *paging(void)
{
	Suite *suite = suite_create("paging");
	TCase *tcase = tcase_create("paging");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_index_counts_entries_of_the_error_log);
	tcase_add_loop_test(tcase, an_index_behind_the_last_entry_is_refused, 0,
			    sizeof(indexes) / sizeof(indexes[0]));
	tcase_add_test(tcase, pages_with_an_index_say_so_in_the_list_and_others_refuse_one);
	tcase_add_loop_test(tcase, the_effects_of_another_command_set_are_asked_for_in_vain, 0, 2);
	tcase_add_loop_test(tcase, a_long_transfer_ends_where_numd_says_at_any_place_in_memory, 0,
			    8);
	tcase_add_test(tcase, memory_that_goes_away_in_the_middle_is_an_error);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { paging };

	return th_main(suites, 1);
}
