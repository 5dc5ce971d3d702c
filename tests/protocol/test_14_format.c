/* SPDX-License-Identifier: BSD-3-Clause */
/* Format NVM, Base 2.0 5.14 (unverified): formats, erasing, what is refused, progress. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECOND 1000000000ull

static const struct nvme_id_ns *identify(struct th_host *h, uint32_t nsid)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .prp1 = page);
	return th_ptr(h, page);
}

static uint16_t format(struct th_host *h, uint32_t nsid, uint32_t cdw10)
{
	return th_code(h, .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = nsid, .cdw10 = cdw10);
}

static void write_block(struct th_host *h, uint32_t nsid, uint8_t byte)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), byte, 4096);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = nsid, .prp1 = page),
			  NVME_SC_SUCCESS);
}

static uint8_t read_byte(struct th_host *h, uint32_t nsid)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), 0xa5, 4096);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = nsid, .prp1 = page),
			  NVME_SC_SUCCESS);
	return *(const uint8_t *)th_ptr(h, page);
}

static void know_more_formats(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	((struct nvme_host_behavior *)th_ptr(h, page))->lbafee = 1;
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .prp1 = page, .cdw10 = NVME_FID_HOST_BEHAVIOR);
}

START_TEST(a_namespace_gets_each_format_and_keeps_its_size_in_bytes)
{
	struct th_host *h = th_enabled(.io_queues = 1, .blocks = 8192);
	const struct nvme_id_ns *id;
	uint32_t formats;

	if (_i)
		know_more_formats(h);
	id = identify(h, 1);
	formats = id->nlbaf + 1u;
	ck_assert_uint_eq(formats, _i ? 19 : 16);
	for (uint32_t i = 0; i < formats; i++) {
		if (id->lbaf[i].lbads == 0)
			continue; /* a wide guard, for hosts that say that they know it */
		memset(th_media_block(h, 1, 0), 0x11, 512);
		ck_assert_uint_eq(format(h, 1, (i & 15) | NVME_PUT(NVME_FORMAT_LBAFU, i >> 4)),
				  NVME_SC_SUCCESS);
		id = identify(h, 1);
		ck_assert_uint_eq(nvme_id_ns_format(id->flbas), i);
		ck_assert_uint_eq(nvme_cpu64(id->nsze) << id->lbaf[i].lbads, 4 << 20);
		ck_assert_uint_eq(nvme_cpu64(id->nvmcap.lo), 4 << 20);
		ck_assert_uint_eq(*(const uint8_t *)th_media_block(h, 1, 0), 0);
		ck_assert(!th_media_allocated(h, 1, 0));
	}
	th_free(h);
}
END_TEST

static const uint32_t erasing[] = {
	NVME_PUT(NVME_FORMAT_SES, NVME_FORMAT_SES_NONE),
	NVME_PUT(NVME_FORMAT_SES, NVME_FORMAT_SES_USER_DATA),
	NVME_PUT(NVME_FORMAT_SES, NVME_FORMAT_SES_CRYPTO),
};

START_TEST(the_data_goes_whatever_the_erase_settings_are)
{
	struct th_host *h = th_enabled(.io_queues = 1);

	write_block(h, 1, 0x77);
	ck_assert_uint_eq(read_byte(h, 1), 0x77);
	ck_assert_uint_eq(format(h, 1, erasing[_i]), NVME_SC_SUCCESS);
	ck_assert_uint_eq(read_byte(h, 1), 0);
	th_free(h);
}
END_TEST

START_TEST(all_namespaces_of_the_controller_are_formatted_at_once)
{
	struct th_host *h = th_enabled(.ns2_blocks = 8, .io_queues = 1);

	write_block(h, 1, 1);
	write_block(h, 3, 3);
	ck_assert_uint_eq(format(h, NVME_NSID_ALL, 1), NVME_SC_SUCCESS);
	ck_assert_uint_eq(identify(h, 1)->flbas, 1);
	ck_assert_uint_eq(identify(h, 3)->flbas, 1);
	ck_assert_uint_eq(read_byte(h, 1), 0);
	ck_assert_uint_eq(read_byte(h, 3), 0);
	th_free(h);
}
END_TEST

static const struct {
	uint32_t nsid, cdw10;
	uint16_t sc;
} wrong[] = {
	{ 1, 12, NVME_SC_INVALID_FORMAT }, /* a guard of 32 bits, without LBAFEE */
	{ 1, NVME_PUT(NVME_FORMAT_PI, 1), NVME_SC_INVALID_FORMAT },
	{ 1, NVME_PUT(NVME_FORMAT_PI, 4), NVME_SC_INVALID_FORMAT },
	{ 1, NVME_PUT(NVME_FORMAT_SES, 3), NVME_SC_INVALID_FIELD },
	{ 1, NVME_PUT(NVME_FORMAT_SES, 7), NVME_SC_INVALID_FIELD },
	{ 0, 0, NVME_SC_INVALID_NS },
	{ 2, 0, NVME_SC_INVALID_FIELD },
	{ 33, 0, NVME_SC_INVALID_NS },
	{ 1, 7, NVME_SC_INVALID_FORMAT }, /* not one block of 64 KiB */
	{ NVME_NSID_ALL, 7, NVME_SC_INVALID_FORMAT },
};

START_TEST(a_host_that_knows_more_formats_names_them_with_two_more_bits)
{
	/* Base 2.0 5.27.1.18, NVM 1.0 4.1.2 (unverified): LBAFU, with LBAFEE only. */
	struct th_host *h = th_enabled();
	const uint32_t beyond = NVME_PUT(NVME_FORMAT_LBAFU, 1);

	ck_assert_uint_eq(format(h, 1, beyond | 2), NVME_SC_SUCCESS); /* as if it were 2 */
	ck_assert_uint_eq(nvme_id_ns_format(identify(h, 1)->flbas), 2);
	know_more_formats(h);
	ck_assert_uint_eq(format(h, 1, beyond | 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(nvme_id_ns_format(identify(h, 1)->flbas), 18);
	ck_assert_uint_eq(format(h, 1, beyond | 3), NVME_SC_INVALID_FORMAT);
	ck_assert_uint_eq(format(h, 1, NVME_PUT(NVME_FORMAT_LBAFU, 3) | 15),
			  NVME_SC_INVALID_FORMAT);
	th_free(h);
}
END_TEST

START_TEST(a_format_that_cannot_be_is_refused)
{
	struct th_host *h = th_enabled(.blocks = 8);

	ck_assert_uint_eq(format(h, wrong[_i].nsid, wrong[_i].cdw10), wrong[_i].sc);
	ck_assert_uint_eq(identify(h, 1)->flbas, 0);
	th_free(h);
}
END_TEST

START_TEST(metadata_and_protection_information_are_set_and_taken_away)
{
	struct th_host *h = th_enabled(.controller = "metadata=true,pi=true");
	const struct nvme_id_ns *id;
	uint32_t with = 0;

	for (id = identify(h, 1); nvme_cpu16(id->lbaf[with].ms) != 64; with++)
		;
	ck_assert_uint_eq(format(h, 1,
				 with | NVME_PUT(NVME_FORMAT_MSET, 1) |
					 NVME_PUT(NVME_FORMAT_PI, 3) |
					 NVME_PUT(NVME_FORMAT_PIL, 1)),
			  NVME_SC_SUCCESS);
	id = identify(h, 1);
	ck_assert_uint_eq(id->flbas, with | 0x10);
	ck_assert_uint_eq(id->dps, NVME_PI_TYPE3 | 8);
	ck_assert_uint_eq(format(h, 1, 0), NVME_SC_SUCCESS);
	id = identify(h, 1);
	ck_assert_uint_eq(id->flbas, 0);
	ck_assert_uint_eq(id->dps, 0);
	th_free(h);
}
END_TEST

START_TEST(progress_is_told_and_other_commands_are_not_let_through)
{
	/* Base 2.0 5.14: 0/84; NVM 1.0 4.1.5.1: FPI */
	struct th_host *h = th_enabled(.controller = "format_time=100s", .ns2_blocks = 8,
				       .io_queues = 1);

	ck_assert_uint_eq(identify(h, 1)->fpi, 0x80);
	th_admin(h, .opcode = NVME_ADMIN_FORMAT_NVM, .cid = 9, .nsid = 1, .cdw10 = 1);
	th_run(h);
	th_expect_none(h, 0);
	th_time(h, 25 * SECOND);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1, .sc = NVME_SC_FORMAT_IN_PROGRESS, .retry = true);
	ck_assert_uint_eq(read_byte(h, 3), 0);
	ck_assert_uint_eq(identify(h, 1)->fpi, 0x80 | 75);
	ck_assert_uint_eq(identify(h, 3)->fpi, 0x80);
	th_time(h, 74 * SECOND + 1);
	ck_assert_uint_eq(identify(h, 1)->fpi, 0x80 | 1);
	th_expect_none(h, 0);
	th_time(h, SECOND);
	th_expect_cqe(h, .cid = 9);
	ck_assert_uint_eq(identify(h, 1)->fpi, 0x80);
	ck_assert_uint_eq(read_byte(h, 1), 0);
	th_free(h);
}
END_TEST

START_TEST(what_is_under_way_ends_before_the_format_begins)
{
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_WRITE, .cid = 1, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 2, .nsid = NVME_NSID_ALL);
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 2);
	th_admin(h, .opcode = NVME_ADMIN_FORMAT_NVM, .cid = 3, .nsid = 1);
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 2);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	ck_assert_uint_eq(th_media_pending(h), 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	ck_assert_uint_eq(th_media_last(h)->op, EMU_MEDIA_FORMAT);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 3);
	th_free(h);
}
END_TEST

START_TEST(a_format_goes_on_when_its_controller_is_reset)
{
	struct th_host *h = th_enabled(.controller = "format_time=10s");

	th_admin(h, .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 1, .cdw10 = 1);
	th_run(h);
	emu_reset(th_emu(h), 0, EMU_RESET_CONTROLLER);
	th_run(h);
	th_enable(h, 16);
	ck_assert_uint_eq(format(h, 1, 0), NVME_SC_FORMAT_IN_PROGRESS);
	th_time(h, 10 * SECOND);
	ck_assert_uint_eq(identify(h, 1)->flbas, 1);
	ck_assert_uint_eq(identify(h, 1)->fpi, 0x80);
	th_free(h);
}
END_TEST

START_TEST(a_medium_that_fails_leaves_the_format_as_it_was)
{
	struct th_host *h = th_enabled();

	th_media_fail(h, -EIO);
	ck_assert_uint_eq(format(h, 1, 1), NVME_SC_WRITE_FAULT);
	ck_assert_uint_eq(identify(h, 1)->flbas, 0);
	ck_assert_uint_eq(format(h, 1, 1), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_format_outlives_the_power)
{
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(format(h, 1, 1), NVME_SC_SUCCESS);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(identify(h, 1)->flbas, 1);
	ck_assert_uint_eq(nvme_cpu64(identify(h, 1)->nsze), 256);
	th_free(h);
}
END_TEST

START_TEST(without_the_key_there_is_nothing_of_it)
{
	struct th_host *h = th_enabled(.controller = "format=false");

	ck_assert_uint_eq(format(h, 1, 0), NVME_SC_INVALID_OPCODE);
	ck_assert_uint_eq(identify(h, 1)->fpi, 0);
	th_free(h);
}
END_TEST

static Suite *formatting(void)
{
	Suite *suite = suite_create("format");
	TCase *tcase = tcase_create("format");

	tcase_add_loop_test(tcase, a_namespace_gets_each_format_and_keeps_its_size_in_bytes, 0, 2);
	tcase_add_loop_test(tcase, the_data_goes_whatever_the_erase_settings_are, 0, 3);
	tcase_add_test(tcase, all_namespaces_of_the_controller_are_formatted_at_once);
	tcase_add_test(tcase, a_host_that_knows_more_formats_names_them_with_two_more_bits);
	tcase_add_loop_test(tcase, a_format_that_cannot_be_is_refused, 0,
			    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(tcase, metadata_and_protection_information_are_set_and_taken_away);
	tcase_add_test(tcase, progress_is_told_and_other_commands_are_not_let_through);
	tcase_add_test(tcase, what_is_under_way_ends_before_the_format_begins);
	tcase_add_test(tcase, a_format_goes_on_when_its_controller_is_reset);
	tcase_add_test(tcase, a_medium_that_fails_leaves_the_format_as_it_was);
	tcase_add_test(tcase, a_format_outlives_the_power);
	tcase_add_test(tcase, without_the_key_there_is_nothing_of_it);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ formatting }, 1);
}
