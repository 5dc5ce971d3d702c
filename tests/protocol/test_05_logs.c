/* SPDX-License-Identifier: BSD-3-Clause */
/* Get Log Page, Base 2.0 5.16: which pages exist, how much of them is read, and what they say. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define LOG(lid, bytes)	   ((((uint32_t)(bytes) / 4 - 1) & 0xffff) << 16 | (lid)) /* cdw10 */
#define SIZE(entries, qid) ((((uint32_t)(entries)-1) << 16) | (qid))
#define POISON		   0xa5

static const void *read_log(struct th_host *h, uint32_t lid, uint32_t bytes)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), POISON, 4096);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = LOG(lid, bytes));
	return th_ptr(h, page);
}

static const struct nvme_smart_log *smart(struct th_host *h)
{
	return read_log(h, NVME_LID_SMART, 512);
}

static const struct nvme_error_log_entry *errors(struct th_host *h, uint32_t entries)
{
	return read_log(h, NVME_LID_ERROR, entries * 64);
}

static bool is_filled(const void *data, size_t bytes, uint8_t with)
{
	const uint8_t *byte = data;

	for (size_t i = 0; i < bytes; i++) {
		if (byte[i] != with)
			return false;
	}
	return true;
}

/* Pages by the version that has them (unverified for 05). */
static const struct {
	const char *keys;
	uint8_t count, lid[24];
} supported[] = {
	{ "vs=1.0", 3, { 1, 2, 3 } },
	{ "vs=1.2", 6, { 1, 2, 3, 4, 5, 0x80 } },
	{ "vs=1.4", 16, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0c, 0x0d, 0x0e, 0x0f, 0x80, 0x81, 0xc0 } },
	{ "vs=2.0",
	  18,
	  { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0c, 0x0d, 0x0e, 0x0f, 0x12, 0x80, 0x81, 0xc0 } },
};

START_TEST(the_pages_of_the_version_answer_and_no_other)
{
	/* Base 2.0 5.16.1, all 256 identifiers */
	struct th_host *h = th_enabled(.controller = supported[_i].keys);
	uint64_t page = th_alloc(h, 4096);

	for (uint32_t lid = 0; lid < 256; lid++) {
		nvme_status status = th_try(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
					    .cdw10 = LOG(lid, 4));
		bool exists = memchr(supported[_i].lid, (int)lid, supported[_i].count);

		ck_assert_msg((nvme_status_code(status) != NVME_SC_INVALID_LOG_PAGE) == exists,
			      "LID %02x: status %04x", lid, status);
	}
	th_free(h);
}
END_TEST

START_TEST(the_list_of_pages_has_exactly_those_that_answer)
{
	/* Base 2.0 5.16.1.1 */
	struct th_host *h = th_enabled();
	const struct nvme_supported_logs *list = read_log(h, NVME_LID_SUPPORTED_LOGS, 1024);
	uint64_t page = th_alloc(h, 4096);

	for (uint32_t lid = 0; lid < 256; lid++) {
		nvme_status status = th_try(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
					    .cdw10 = LOG(lid, 4));

		ck_assert_uint_eq(
			NVME_GET(nvme_cpu32(list->lid_support[lid]), NVME_SUPPORTED_LOG_LSUPP),
			nvme_status_code(status) != NVME_SC_INVALID_LOG_PAGE);
	}
	th_free(h);
}
END_TEST

static const uint32_t lengths[] = { 4, 8, 60, 64, 68, 508, 512 };

START_TEST(as_many_dwords_as_numd_says_are_written)
{
	/* Base 2.0 5.16: NUMD is 0's based. */
	struct th_host *h = th_enabled();
	struct nvme_smart_log whole = *smart(h);
	uint32_t bytes = lengths[_i];
	const uint8_t *data = read_log(h, NVME_LID_SMART, bytes);

	ck_assert_mem_eq(data, &whole, bytes);
	ck_assert(is_filled(data + bytes, 4096 - bytes, POISON));
	th_free(h);
}
END_TEST

START_TEST(behind_the_end_of_a_page_are_zeros)
{
	/* Base 2.0 5.16, unverified: more than the page has is no error. */
	struct th_host *h = th_enabled();
	const uint8_t *data = read_log(h, NVME_LID_FW_SLOT, 4096);

	ck_assert(is_filled(data + 512, 4096 - 512, 0));
	th_free(h);
}
END_TEST

START_TEST(a_length_of_several_pages_takes_a_list)
{
	/* Base 2.0 4.1.1: 12 KiB and one dword, PRP1 in the middle of a page. */
	struct th_host *h = th_enabled();
	uint64_t pages = th_alloc(h, 5 * 4096), list = th_alloc(h, 4096);
	struct nvme_smart_log whole = *smart(h);
	uint8_t *data = th_ptr(h, pages);

	memset(data, POISON, 5 * 4096);
	for (uint32_t i = 0; i < 4; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, list) + 8 * i, pages + 4096 * (i + 1));
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = pages + 2048, .prp2 = list,
	      .cdw10 = LOG(NVME_LID_SMART, 12288 + 4));
	ck_assert_mem_eq(data + 2048, &whole, sizeof(whole));
	ck_assert(is_filled(data + 2048 + 512, 12288 + 4 - 512, 0));
	ck_assert(is_filled(data, 2048, POISON));
	ck_assert(is_filled(data + 2048 + 12288 + 4, 5 * 4096 - 2048 - 12288 - 4, POISON));
	th_free(h);
}
END_TEST

static const struct {
	uint32_t lid, bytes;
} pages[] = {
	{ NVME_LID_SUPPORTED_LOGS, 1024 }, { NVME_LID_ERROR, 4096 },
	{ NVME_LID_SMART, 512 },	   { NVME_LID_FW_SLOT, 512 },
	{ NVME_LID_EFFECTS, 4096 },	   { NVME_LID_FID_EFFECTS, 1024 },
};
#define PAGES (sizeof(pages) / sizeof(pages[0]))

START_TEST(parts_read_by_offset_make_the_whole)
{
	/* Base 2.0 5.16: LPO in bytes, on a dword. */
	struct th_host *h = th_enabled();
	uint32_t lid = pages[_i].lid, bytes = pages[_i].bytes;
	const uint8_t *whole = read_log(h, lid, bytes);
	uint64_t page = th_alloc(h, 4096);
	uint32_t part = 60; /* does not divide any size */

	memset(th_ptr(h, page), POISON, 4096);
	for (uint32_t at = 0; at < bytes; at += part) {
		uint32_t now = bytes - at < part ? bytes - at : part;

		th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = LOG(lid, now),
		      .cdw12 = at);
		ck_assert_mem_eq(th_ptr(h, page), whole + at, now);
	}
	th_free(h);
}
END_TEST

START_TEST(an_offset_at_or_behind_the_end_is_refused)
{
	/* Base 2.0 5.16 */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);
	uint32_t lid = pages[_i].lid, bytes = pages[_i].bytes;
	static const uint16_t bad = NVME_SC_INVALID_FIELD;

	ck_assert_uint_eq(th_try(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
				 .cdw10 = LOG(lid, 4), .cdw12 = bytes - 4),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
				  .cdw10 = LOG(lid, 4), .cdw12 = bytes),
			  bad);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
				  .cdw10 = LOG(lid, 4), .cdw13 = 1),
			  bad);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
				  .cdw10 = LOG(lid, 4), .cdw12 = 0xfffffffc, .cdw13 = 0xffffffff),
			  bad);
	th_free(h);
}
END_TEST

START_TEST(an_offset_between_dwords_or_of_an_index_is_refused)
{
	/* Base 2.0 5.16: LPO 1:0 are zero; OT needs a page with an index. */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);

	for (uint32_t low = 1; low < 4; low++)
		ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
					  .cdw10 = LOG(2, 4), .cdw12 = low),
				  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
				  .cdw10 = LOG(2, 4), .cdw14 = 1u << 23),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(a_log_longer_than_mdts_is_refused)
{
	/* Base 2.0 5.17.2.1: MDTS is about every command with data. */
	struct th_host *h = th_enabled(.controller = "mdts=1");
	uint64_t data = th_alloc(h, 8192);

	ck_assert_uint_eq(th_try(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = data,
				 .prp2 = data + 4096, .cdw10 = LOG(2, 8192)),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = data, .cdw10 = LOG(2, 8196)),
		NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = data,
				  .cdw10 = LOG(2, 4), .cdw11 = 1),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = data,
				  .cdw10 = LOG(2, 0), .cdw11 = 0xffff),
			  NVME_SC_INVALID_FIELD); /* 16 GiB, which 32 bits do not hold */
	th_free(h);
}
END_TEST

/* What went wrong, and where in the command (Base 2.0 5.16.1.2). */
static const struct {
	uint16_t qid, sc;
	struct th_command command;
	uint8_t byte, bit;
	uint64_t lba;
} faults[] = {
	/* clang-format off */
	{ 0, NVME_SC_INVALID_OPCODE, { .opcode = 0xc7 }, 0, 0, 0 },
	{ 0, NVME_SC_INVALID_FIELD, { .opcode = NVME_ADMIN_KEEP_ALIVE, .flags = 0x40 }, 1, 6, 0 },
	{ 0, NVME_SC_INVALID_FIELD, { .opcode = NVME_ADMIN_KEEP_ALIVE, .flags = 2 }, 1, 0, 0 },
	{ 0, NVME_SC_INVALID_FIELD, { .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = 0xff }, 40, 0, 0 },
	{ 0, NVME_SC_INVALID_FIELD, { .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = 6, .cdw11 = 2u << 24 }, 43 + 4, 0, 0 },
	{ 0, NVME_SC_INVALID_NS, { .opcode = NVME_ADMIN_IDENTIFY, .nsid = 99 }, 4, 0, 0 },
	{ 0, NVME_SC_INVALID_LOG_PAGE, { .opcode = 2, .cdw10 = 0xee }, 40, 0, 0 },
	{ 0, NVME_SC_INVALID_FIELD, { .opcode = 2, .cdw10 = 2, .cdw12 = 2 }, 48, 0, 0 },
	{ 0, NVME_SC_INVALID_FIELD, { .opcode = 2, .cdw10 = 2, .cdw14 = 1u << 23 }, 58, 7, 0 },
	{ 0, NVME_SC_INVALID_FIELD, { .opcode = 2, .cdw10 = 2, .nsid = 1 }, 4, 0, 0 },
	{ 0, NVME_SC_INVALID_FIELD, { .opcode = 2, .cdw10 = 2, .cdw11 = 99 }, 42, 0, 0 },
	{ 0, NVME_SC_INVALID_FIELD, { .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0xb0 }, 40, 0, 0 },
	{ 0, NVME_SC_FEATURE_NOT_SAVEABLE, { .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 1u << 31 | 7 }, 43, 7, 0 },
	{ 0, NVME_SC_INVALID_QUEUE_ID, { .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = 5 }, 40, 0, 0 },
	{ 0, NVME_SC_INVALID_QUEUE_SIZE, { .opcode = NVME_ADMIN_CREATE_IO_CQ, .cdw10 = SIZE(1, 3), .cdw11 = 1 }, 42, 0, 0 },
	{ 0, NVME_SC_PRP_OFFSET_INVALID, { .opcode = 6, .cdw10 = 1, .prp1 = 0x100002 }, 24, 0, 0 },
	{ 0, NVME_SC_PRP_OFFSET_INVALID, { .opcode = 6, .cdw10 = 1, .prp1 = 0x100004, .prp2 = 0x101004 }, 32, 0, 0 },
	{ 1, NVME_SC_INVALID_OPCODE, { .opcode = 0x7d, .nsid = 1 }, 0, 0, 0 },
	{ 1, NVME_SC_INVALID_NS, { .opcode = NVME_CMD_READ, .prp1 = 0x100000 }, 4, 0, 0 },
	{ 1, NVME_SC_INVALID_FIELD, { .opcode = NVME_CMD_READ, .nsid = 2, .prp1 = 0x100000 }, 4, 0, 0 },
	{ 1, NVME_SC_LBA_OUT_OF_RANGE, { .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = 0x100000, .cdw10 = 7, .cdw11 = 0x80000000 }, 40, 0, 0x8000000000000007 },
	{ 1, NVME_SC_INVALID_FIELD, { .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = 0x100000, .cdw12 = 1u << 20 }, 50, 4, 0 },
	{ 1, NVME_SC_INVALID_FIELD, { .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = 0x100000, .cdw12 = 1040 }, 48, 0, 0 },
	/* clang-format on */
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

START_TEST(an_error_leaves_an_entry_that_says_where)
{
	/* Base 2.0 5.16.1.2; More is set exactly then. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_command command = faults[_i].command;
	const struct nvme_error_log_entry *entry;
	nvme_status status;

	command.cid = 0x1234;
	status = th_try_(h, faults[_i].qid, command, __LINE__);
	ck_assert_uint_eq(status, faults[_i].sc | NVME_MORE | NVME_DNR);
	entry = errors(h, 2);
	ck_assert_uint_eq(nvme_cpu64(entry[0].error_count), 1);
	ck_assert_uint_eq(nvme_cpu16(entry[0].sqid), faults[_i].qid);
	ck_assert_uint_eq(nvme_cpu16(entry[0].cid), 0x1234);
	ck_assert_uint_eq(nvme_cqe_status(nvme_cpu16(entry[0].status)), status);
	ck_assert_uint_eq(nvme_cpu16(entry[0].location), faults[_i].byte | faults[_i].bit << 8);
	ck_assert_uint_eq(nvme_cpu64(entry[0].lba), faults[_i].lba);
	ck_assert_uint_eq(nvme_cpu32(entry[0].nsid), command.nsid);
	ck_assert_uint_eq(entry[0].opcode, command.opcode);
	ck_assert(is_filled(&entry[1], 64, 0));
	th_free(h);
}
END_TEST

START_TEST(a_media_error_is_logged_without_a_place_in_the_command)
{
	/* Base 2.0 5.16.1.2: FFFFh is "not in the command". */
	struct th_host *h = th_enabled(.io_queues = 1);
	const struct nvme_error_log_entry *entry;

	th_media_fail(h, -EIO);
	ck_assert_uint_eq(th_try_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1,
				    .prp1 = th_alloc(h, 4096), .cdw10 = 5),
			  NVME_SC_UNRECOVERED_READ_ERROR | NVME_MORE);
	entry = errors(h, 1);
	ck_assert_uint_eq(nvme_cpu16(entry->location), 0xffff);
	ck_assert_uint_eq(nvme_cpu64(entry->lba), 5);
	ck_assert_uint_eq(nvme_cpu32(entry->nsid), 1);
	th_free(h);
}
END_TEST

START_TEST(the_error_log_is_newest_first_and_counts_on_when_it_wraps)
{
	/* Base 2.0 5.16.1.2: ELPE + 1 entries; the count never goes back. */
	struct th_host *h = th_enabled(.controller = "elpe=2");
	const struct nvme_error_log_entry *entry;

	for (uint16_t cid = 1; cid <= 8; cid++) {
		th_try(h, .opcode = 0xc0, .cid = cid);
		entry = errors(h, 3);
		for (uint16_t i = 0; i < 3; i++) {
			uint16_t age = cid > i ? cid - i : 0;

			ck_assert_uint_eq(nvme_cpu64(entry[i].error_count), age);
			ck_assert_uint_eq(nvme_cpu16(entry[i].cid), age);
		}
	}
	ck_assert_uint_eq(nvme_cpu64(smart(h)->error_log_entries.lo), 8);
	th_free(h);
}
END_TEST

START_TEST(the_error_log_survives_every_reset)
{
	/* Base 2.0 5.16.1.2, unverified */
	struct th_host *h = th_enabled();

	th_try(h, .opcode = 0xc0, .cid = 77);
	th_write32(h, NVME_REG_NSSR, NVME_NSSR_RESET);
	th_run(h);
	th_enable(h, 16);
	ck_assert_uint_eq(nvme_cpu16(errors(h, 1)->cid), 77);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->error_log_entries.lo), 1);
	th_free(h);
}
END_TEST

START_TEST(success_and_aborts_leave_no_entry)
{
	/* Base 2.0 5.16.1.2, unverified: what the host asked for is not an error. */
	struct th_host *h = th_enabled();

	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 9);
	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 10, .cdw10 = 9u << 16);
	th_run(h);
	th_expect_cqe(h, .cid = 9, .sc = NVME_SC_ABORT_REQUESTED, .retry = true, .unlogged = true);
	th_expect_cqe(h, .cid = 10);
	ck_assert(is_filled(errors(h, 64), 4096, 0));
	th_free(h);
}
END_TEST

START_TEST(the_firmware_log_has_the_revision_of_identify)
{
	/* Base 2.0 5.16.1.4 */
	struct th_host *h = th_enabled(.controller = "firmware=7.5");
	const struct nvme_fw_slot_log *log = read_log(h, NVME_LID_FW_SLOT, 512);

	ck_assert_uint_eq(log->afi, 1);
	ck_assert_mem_eq(log->frs[0], "7.5     ", 8);
	ck_assert(is_filled(log->frs[1], 512 - 16, 0));
	th_free(h);
}
END_TEST

START_TEST(the_effects_log_has_exactly_the_admin_commands_that_exist)
{
	/*
	 * Base 2.0 5.16.1.6, all 256 opcodes; an event request does not answer, so it is left out.
	 */
	struct th_host *h = th_enabled(.controller = _i ? "kas=0" : "kas=10");
	const struct nvme_effects_log *log = read_log(h, NVME_LID_EFFECTS, 4096);

	for (uint32_t opcode = 0; opcode < 256; opcode++) {
		bool exists = NVME_GET(nvme_cpu32(log->acs[opcode]), NVME_EFFECTS_CSUPP);

		if (opcode == NVME_ADMIN_ASYNC_EVENT_REQUEST) {
			ck_assert(exists);
			continue;
		}
		ck_assert_msg((th_code(h, .opcode = (uint8_t)opcode) != NVME_SC_INVALID_OPCODE) ==
				      exists,
			      "admin opcode %02x", opcode);
		if (!exists)
			ck_assert_uint_eq(nvme_cpu32(log->acs[opcode]), 0);
	}
	ck_assert_uint_eq(nvme_cpu32(log->acs[NVME_ADMIN_KEEP_ALIVE]) & 1, !_i);
	ck_assert(is_filled((const uint8_t *)log + 2048, 2048, 0));
	th_free(h);
}
END_TEST

START_TEST(the_effects_log_has_exactly_the_io_commands_that_exist)
{
	/* Base 2.0 5.16.1.6, all 256 opcodes */
	struct th_host *h = th_enabled(.io_queues = 1);
	const struct nvme_effects_log *log = read_log(h, NVME_LID_EFFECTS, 4096);

	for (uint32_t opcode = 0; opcode < 256; opcode++) {
		uint32_t effects = nvme_cpu32(log->iocs[opcode]);

		ck_assert_msg((th_code_io(h, 1, .opcode = (uint8_t)opcode) !=
			       NVME_SC_INVALID_OPCODE) == NVME_GET(effects, NVME_EFFECTS_CSUPP),
			      "I/O opcode %02x", opcode);
		ck_assert_msg(NVME_GET(effects, NVME_EFFECTS_LBCC) ==
				      (opcode == NVME_CMD_WRITE ||
				       opcode == NVME_CMD_WRITE_UNCORRECTABLE ||
				       opcode == NVME_CMD_WRITE_ZEROES || opcode == NVME_CMD_DSM ||
				       opcode == NVME_CMD_COPY),
			      "I/O opcode %02x", opcode);
	}
	th_free(h);
}
END_TEST

static void read_parts(TCase *tcase)
{
	tcase_add_loop_test(tcase, as_many_dwords_as_numd_says_are_written, 0,
			    sizeof(lengths) / sizeof(lengths[0]));
	tcase_add_test(tcase, behind_the_end_of_a_page_are_zeros);
	tcase_add_test(tcase, a_length_of_several_pages_takes_a_list);
	tcase_add_loop_test(tcase, parts_read_by_offset_make_the_whole, 0, PAGES);
	tcase_add_loop_test(tcase, an_offset_at_or_behind_the_end_is_refused, 0, PAGES);
	tcase_add_test(tcase, an_offset_between_dwords_or_of_an_index_is_refused);
	tcase_add_test(tcase, a_log_longer_than_mdts_is_refused);
}

static Suite *logs(void)
{
	Suite *suite = suite_create("logs");
	TCase *tcase = tcase_create("logs");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, the_pages_of_the_version_answer_and_no_other, 0,
			    sizeof(supported) / sizeof(supported[0]));
	tcase_add_test(tcase, the_list_of_pages_has_exactly_those_that_answer);
	read_parts(tcase);
	tcase_add_loop_test(tcase, an_error_leaves_an_entry_that_says_where, 0, FAULTS);
	tcase_add_test(tcase, a_media_error_is_logged_without_a_place_in_the_command);
	tcase_add_test(tcase, the_error_log_is_newest_first_and_counts_on_when_it_wraps);
	tcase_add_test(tcase, the_error_log_survives_every_reset);
	tcase_add_test(tcase, success_and_aborts_leave_no_entry);
	tcase_add_test(tcase, the_firmware_log_has_the_revision_of_identify);
	tcase_add_loop_test(tcase, the_effects_log_has_exactly_the_admin_commands_that_exist, 0, 2);
	tcase_add_test(tcase, the_effects_log_has_exactly_the_io_commands_that_exist);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { logs };

	return th_main(suites, 1);
}
