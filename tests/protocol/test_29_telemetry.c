/* SPDX-License-Identifier: BSD-3-Clause */
/* Telemetry logs 07h and 08h, Base 2.0 8.24 (unverified where marked), and the vendor's log C0h. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECOND		1000000000ull
#define CREATE		(1u << 8)
#define RETAIN		(1u << 15)
#define LOG(lid, bytes) (((uint32_t)(bytes) / 4 - 1) << 16 | (lid))
#define WHOLE		4096u

static const uint8_t *get(struct th_host *h, uint32_t cdw10)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = cdw10);
	return th_ptr(h, page);
}

static const struct nvme_telemetry_log *head(struct th_host *h, uint32_t lid, uint32_t flags)
{
	return (const void *)get(h, LOG(lid, 512) | flags);
}

/* A fatal status, after which the controller is enabled again. */
static void break_down(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_write32(h, NVME_REG_AQA, 0);
	th_write32(h, NVME_REG_CC, 1);
	th_run(h);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
}

START_TEST(without_data_there_is_a_head_alone)
{
	/* Base 2.0 5.16.1.8 and 5.16.1.9 */
	struct th_host *h = th_enabled();
	uint32_t lid = _i ? NVME_LID_TELEMETRY_CTRL : NVME_LID_TELEMETRY_HOST;
	const struct nvme_telemetry_log *log = head(h, lid, 0);

	ck_assert_uint_eq(log->lpi, lid);
	ck_assert_uint_eq(log->ieee[2], 0x52);
	ck_assert_uint_eq(nvme_cpu16(log->dalb1), 0);
	ck_assert_uint_eq(nvme_cpu16(log->dalb3), 0);
	ck_assert_uint_eq(log->ctrlavail, 0);
	ck_assert_uint_eq(log->ctrldgn, 0);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = th_alloc(h, 4096),
				  .cdw10 = LOG(lid, 512), .cdw12 = 512),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(the_host_has_data_made_and_reads_it_until_it_asks_again)
{
	/* Base 2.0 5.16.1.8: LSP bit 0, generation number, last blocks of the areas. */
	struct th_host *h = th_enabled(.io_queues = 2);
	const struct nvme_telemetry_log *log = head(h, NVME_LID_TELEMETRY_HOST, CREATE);
	const uint8_t *first, *second;

	ck_assert_uint_eq(nvme_cpu16(log->dalb1), 1);
	ck_assert_uint_eq(nvme_cpu16(log->dalb2), 3);
	ck_assert_uint_eq(nvme_cpu16(log->dalb3), 7);
	ck_assert_uint_eq(log->hostdgn, 1);
	ck_assert_uint_eq(log->ctrlavail, 0);
	first = get(h, LOG(NVME_LID_TELEMETRY_HOST, WHOLE));
	ck_assert_mem_eq(first, log, 512);
	ck_assert_mem_eq(first + 512, "NVMELTM1", 8);
	ck_assert_uint_eq(nvme_load_le32(first + 512 + 108), 4); /* two pairs of queues */
	ck_assert_uint_eq(nvme_load_le32(first + 1024 + 4), 16); /* entries of the admin queue */
	ck_assert_uint_eq(nvme_load_le16(first + 1024 + 32), 1);
	th_try(h, .opcode = 0xc0);
	second = get(h, LOG(NVME_LID_TELEMETRY_HOST, WHOLE));
	ck_assert_mem_eq(second, first, WHOLE);
	second = get(h, LOG(NVME_LID_TELEMETRY_HOST, WHOLE) | CREATE);
	ck_assert_uint_eq(((const struct nvme_telemetry_log *)(const void *)second)->hostdgn, 2);
	ck_assert_uint_eq(nvme_load_le64(second + 2048), 1); /* the newest error */
	ck_assert_uint_gt(nvme_load_le64(second + 512 + 16), nvme_load_le64(first + 512 + 16));
	th_free(h);
}
END_TEST

static const struct {
	uint32_t bytes, offset;
	uint16_t sc;
} reads[] = {
	{ 512, 0, NVME_SC_SUCCESS },	     { 1024, 512, NVME_SC_SUCCESS },
	{ 512, 3584, NVME_SC_SUCCESS },	     { 4, 0, NVME_SC_INVALID_FIELD },
	{ 516, 0, NVME_SC_INVALID_FIELD },   { 512, 4, NVME_SC_INVALID_FIELD },
	{ 512, 256, NVME_SC_INVALID_FIELD }, { 512, 4096, NVME_SC_INVALID_FIELD },
};

START_TEST(reads_are_whole_blocks)
{
	/* Base 2.0 8.24, unverified: lengths and offsets are multiples of 512. */
	struct th_host *h = th_enabled();

	head(h, NVME_LID_TELEMETRY_HOST, CREATE);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = th_alloc(h, 4096),
				  .cdw10 = LOG(NVME_LID_TELEMETRY_HOST, reads[_i].bytes),
				  .cdw12 = reads[_i].offset),
			  reads[_i].sc);
	th_free(h);
}
END_TEST

START_TEST(the_controller_keeps_what_it_was_like_when_it_failed)
{
	/* Base 2.0 5.16.1.9: available until it is read without Retain Asynchronous Event. */
	struct th_host *h = th_enabled();
	const struct nvme_telemetry_log *log;

	break_down(h);
	ck_assert_uint_eq(head(h, NVME_LID_TELEMETRY_HOST, 0)->ctrlavail, 1);
	log = head(h, NVME_LID_TELEMETRY_CTRL, RETAIN);
	ck_assert_uint_eq(log->ctrlavail, 1);
	ck_assert_uint_eq(log->ctrldgn, 1);
	ck_assert_uint_eq(nvme_cpu16(log->dalb3), 7);
	ck_assert_str_eq((const char *)log->rsnident, "controller fatal status");
	break_down(h); /* not while the host has not read the first */
	ck_assert_uint_eq(head(h, NVME_LID_TELEMETRY_CTRL, 0)->ctrldgn, 1);
	ck_assert_uint_eq(head(h, NVME_LID_TELEMETRY_CTRL, 0)->ctrlavail, 0);
	break_down(h);
	log = head(h, NVME_LID_TELEMETRY_CTRL, 0);
	ck_assert_uint_eq(log->ctrldgn, 2);
	ck_assert_uint_eq(log->ctrlavail, 1);
	th_free(h);
}
END_TEST

START_TEST(a_failed_self_test_makes_data_and_an_event)
{
	/* Base 2.0 5.2: Telemetry Log Changed, when feature 0Bh bit 10 asks for it. */
	struct th_host *h = th_enabled(.controller = "self_test_time=1s");
	struct nvme_cqe cqe;

	th_media_spoil(h, 1, 0);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b, .cdw11 = (uint32_t)_i << 10);
	for (uint16_t cid = 50; cid < 52; cid++)
		th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = cid);
	th_do(h, .opcode = NVME_ADMIN_SELF_TEST, .nsid = 1, .cdw10 = NVME_SELF_TEST_SHORT);
	th_time(h, 1 * SECOND);
	th_expect_cqe(h, .cid = 50, .dw0 = NVME_AER_DIAG_FAILURE);
	ck_assert_int_eq(th_next_cqe(h, 0, &cqe), _i);
	if (_i)
		ck_assert_uint_eq(nvme_cpu32(cqe.dw0), NVME_AER_TELEMETRY_CHANGED);
	th_free(h);
}
END_TEST

START_TEST(the_vendors_page_has_the_numbers_of_now)
{
	/* The first block of docs/telemetry.md; selected by no UUID or the one of the list. */
	struct th_host *h = th_enabled(.controller = _i ? "uuid_list=true" : "uuid_list=false");
	const uint8_t *page = get(h, LOG(0xc0, 512));
	uint64_t fetched = nvme_load_le64(page + 16);

	ck_assert_mem_eq(page, "NVMELTM1", 8);
	ck_assert_uint_eq(nvme_load_le64(get(h, LOG(0xc0, 512)) + 16), fetched + 1);
	for (uint32_t uuid = 0; uuid < 128; uuid++)
		ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE,
					  .prp1 = th_alloc(h, 4096), .cdw10 = LOG(0xc0, 512),
					  .cdw14 = uuid),
				  _i && uuid > 1 ? NVME_SC_INVALID_FIELD : NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = th_alloc(h, 4096),
				  .cdw10 = LOG(2, 512), .cdw14 = 77),
			  NVME_SC_SUCCESS); /* a page that no UUID selects ignores it */
	th_free(h);
}
END_TEST

START_TEST(without_telemetry_there_are_no_such_pages)
{
	/* Base 2.0 5.17.2.1: LPA bit 3. */
	struct th_host *h = th_enabled(.controller = "telemetry=false");
	uint64_t page = th_alloc(h, 4096);
	static const uint8_t lids[] = { 7, 8, 0xc0 };

	for (size_t i = 0; i < sizeof(lids); i++)
		ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
					  .cdw10 = LOG(lids[i], 512)),
				  NVME_SC_INVALID_LOG_PAGE);
	break_down(h);
	th_free(h);
}
END_TEST

static Suite *telemetry(void)
{
	Suite *suite = suite_create("telemetry");
	TCase *tcase = tcase_create("telemetry");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, without_data_there_is_a_head_alone, 0, 2);
	tcase_add_test(tcase, the_host_has_data_made_and_reads_it_until_it_asks_again);
	tcase_add_loop_test(tcase, reads_are_whole_blocks, 0, sizeof(reads) / sizeof(reads[0]));
	tcase_add_test(tcase, the_controller_keeps_what_it_was_like_when_it_failed);
	tcase_add_loop_test(tcase, a_failed_self_test_makes_data_and_an_event, 0, 2);
	tcase_add_loop_test(tcase, the_vendors_page_has_the_numbers_of_now, 0, 2);
	tcase_add_test(tcase, without_telemetry_there_are_no_such_pages);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { telemetry };

	return th_main(suites, 1);
}
