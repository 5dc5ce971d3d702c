/* SPDX-License-Identifier: BSD-3-Clause */
/* Uncorrectable blocks outlive the process that marked them, and so does what made them good. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emulator/device/marks.h"
#include "tests/harness/main.h"

#define NN	 4
#define REQUESTS 8
#define BLOCKS	 20000u

static struct emu_media_table table;
static struct emu_keeper keeper;
static struct emu_marks marks;
static struct emu_disk disk;
static bool sync_fails;
static char path[64], sentence[512];
static struct nvme_text error;
static int results[REQUESTS];
static uint8_t data[8 << 9];

static int sync_or_fail(void *arg, int fd)
{
	return sync_fails ? -EIO : emu_disk_system.sync(arg, fd);
}

static void take_answer(void *arg, uint32_t tag, int result)
{
	(void)arg;
	ck_assert_int_eq(results[tag], EMU_PENDING);
	results[tag] = result;
}

static void add_ns(uint32_t nsid, uint64_t blocks)
{
	const struct emu_geometry geometry = { .blocks = blocks, .lbads = 9 };
	struct emu_backend *backend;

	ck_assert_int_eq(emu_mem_open(&table.host, &geometry, &backend), 0);
	emu_media_table_add(&table, nsid, backend);
}

/* A process with namespaces 1 and 3; Return: as emu_marks_load(). */
static int begin(bool synchronous, uint64_t blocks)
{
	table = (struct emu_media_table){
		.host = { .requests = REQUESTS, .event_fd = -1, .epoll_fd = -1 }
	};
	keeper = (struct emu_keeper){ .synchronous = synchronous };
	nvme_text_init(&error, sentence, sizeof(sentence));
	ck_assert_int_eq(emu_media_table_init(&table, NN, NULL, &error), 0);
	add_ns(1, blocks);
	add_ns(3, BLOCKS);
	ck_assert_int_eq(emu_marks_init(&marks, &table, &keeper), 0);
	marks.done = take_answer;
	ck_assert_msg(emu_state_open(&disk, path, &keeper.file, NULL, &error) == 0, "%s", sentence);
	return emu_marks_load(&marks, &error);
}

static void end(void)
{
	emu_keeper_close(&keeper);
	emu_marks_done(&marks);
	emu_media_table_done(&table);
}

static void start_file(void)
{
	snprintf(path, sizeof(path), "/tmp/nvmelab-marks-XXXXXX");
	close(mkstemp(path));
	disk = emu_disk_system;
	disk.sync = sync_or_fail;
	sync_fails = false;
	ck_assert_int_eq(begin(false, BLOCKS), 0);
}

static void end_file(void)
{
	end();
	unlink(path);
}

static void again(void)
{
	end();
	ck_assert_msg(begin(false, BLOCKS) == 0, "%s", sentence);
}

/* As the device does it. */
static int ask(enum emu_media_op op, uint32_t nsid, uint64_t slba)
{
	struct emu_media media = {
		.tag = 1, .op = op, .nsid = nsid, .slba = slba, .nlb = 8, .lbads = 9, .data = data
	};

	if (op == EMU_MEDIA_FORMAT)
		media.blocks = BLOCKS;
	results[1] = emu_marks_answer(&marks, 1, emu_media_table_start(&table, &media));
	return results[1];
}

static int settle(void)
{
	emu_keeper_commit(&keeper);
	emu_marks_settle(&marks);
	return results[1];
}

static int do_one(enum emu_media_op op, uint32_t nsid, uint64_t slba)
{
	return ask(op, nsid, slba) == EMU_PENDING ? settle() : results[1];
}

static bool is_bad(uint32_t nsid, uint64_t slba, uint64_t blocks)
{
	uint64_t first = 0, count = 0;

	return emu_media_table_next_bad(&table, nsid, slba, &first, &count) && first == slba &&
	       count == blocks;
}

START_TEST(a_mark_is_answered_when_it_is_durable_and_is_there_afterwards)
{
	/* NVM 1.0 3.2.7 (unverified): until the blocks are written. */
	ck_assert_int_eq(ask(EMU_MEDIA_UNCORRECTABLE, 1, 16), EMU_PENDING);
	ck_assert_uint_eq(emu_marks_settle(&marks), 0);
	ck_assert_int_eq(settle(), 0);
	again();
	ck_assert(is_bad(1, 16, 8));
	ck_assert(!is_bad(3, 16, 8));
	ck_assert_int_eq(ask(EMU_MEDIA_READ, 1, 16), -EBADMSG);
}
END_TEST

START_TEST(a_mark_that_was_not_durable_was_never_answered)
{
	ck_assert_int_eq(ask(EMU_MEDIA_UNCORRECTABLE, 1, 16), EMU_PENDING);
	sync_fails = true; /* The process is killed before the file has it. */
	again();
	sync_fails = false;
	ck_assert_int_eq(results[1], EMU_PENDING);
}
END_TEST

START_TEST(what_makes_blocks_good_is_durable_first_too)
{
	static const enum emu_media_op ops[] = { EMU_MEDIA_WRITE, EMU_MEDIA_WRITE_ZEROES,
						 EMU_MEDIA_DEALLOCATE, EMU_MEDIA_FORMAT,
						 EMU_MEDIA_DELETE };

	ck_assert_int_eq(do_one(EMU_MEDIA_UNCORRECTABLE, 1, 16), 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_UNCORRECTABLE, 3, 100), 0);
	ck_assert_int_eq(ask(ops[_i], 1, 16), EMU_PENDING);
	ck_assert_int_eq(settle(), 0);
	again();
	ck_assert(!is_bad(1, 16, 8));
	ck_assert(is_bad(3, 100, 8));
}
END_TEST

START_TEST(a_write_keeps_the_rest_of_a_run)
{
	for (uint64_t slba = 16; slba < 40; slba += 8)
		ck_assert_int_eq(do_one(EMU_MEDIA_UNCORRECTABLE, 1, slba), 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, 1, 24), 0);
	again();
	ck_assert(is_bad(1, 16, 8));
	ck_assert(is_bad(1, 32, 8));
}
END_TEST

START_TEST(nothing_waits_for_what_changes_no_mark)
{
	ck_assert_int_eq(ask(EMU_MEDIA_WRITE, 1, 16), 0);
	ask(EMU_MEDIA_UNCORRECTABLE, 1, 16);
	ck_assert_int_eq(settle(), 0);
	ck_assert_int_eq(ask(EMU_MEDIA_WRITE, 1, 24), 0);
	ck_assert_int_eq(ask(EMU_MEDIA_READ, 3, 16), 0);
	ck_assert(marks.active);
	ask(EMU_MEDIA_WRITE, 1, 16);
	ck_assert_int_eq(settle(), 0);
	ck_assert_int_eq(ask(EMU_MEDIA_WRITE, 1, 16), 0);
	ck_assert(!marks.active);
}
END_TEST

START_TEST(a_mark_that_cannot_be_kept_is_an_error_and_is_tried_again)
{
	ask(EMU_MEDIA_UNCORRECTABLE, 1, 16);
	sync_fails = true;
	ck_assert_int_eq(settle(), -ENOTSUP);
	sync_fails = false;
	ck_assert_int_eq(ask(EMU_MEDIA_READ, 3, 0), EMU_PENDING);
	ck_assert_int_eq(settle(), 0);
	again();
	ck_assert(is_bad(1, 16, 8));
}
END_TEST

START_TEST(more_runs_than_a_record_has_room_for_are_refused)
{
	for (uint64_t run = 0; run < EMU_MARKS_MAX; run++)
		ck_assert_int_eq(emu_media_table_set_bad(&table, 1, run * 4, 2), 0);
	ask(EMU_MEDIA_UNCORRECTABLE, 1, 19000);
	ck_assert_int_eq(results[1], -ENOTSUP);
	ck_assert_int_eq(ask(EMU_MEDIA_WRITE, 1, 0), EMU_PENDING);
	ck_assert_int_eq(settle(), 0);
	again();
	ck_assert(is_bad(1, 19000, 8));
	ck_assert(is_bad(1, 4 * (EMU_MARKS_MAX - 1), 2));
}
END_TEST

START_TEST(with_a_virtual_clock_it_is_durable_at_once)
{
	end();
	ck_assert_int_eq(begin(true, BLOCKS), 0);
	ck_assert_int_eq(ask(EMU_MEDIA_UNCORRECTABLE, 1, 16), 0);
	sync_fails = true;
	ck_assert_int_eq(ask(EMU_MEDIA_UNCORRECTABLE, 1, 32), -ENOTSUP);
	sync_fails = false;
	again();
	ck_assert(is_bad(1, 16, 8));
}
END_TEST

START_TEST(marks_of_blocks_that_there_are_not_are_refused)
{
	/* The namespace became smaller. */
	ask(EMU_MEDIA_UNCORRECTABLE, 1, 4096);
	ck_assert_int_eq(settle(), 0);
	end();
	ck_assert_int_eq(begin(false, 4096), -EINVAL);
	ck_assert_msg(strstr(sentence, "type 12, number 1"), "%s", sentence);
}
END_TEST

static Suite *marks_suite(void)
{
	Suite *suite = suite_create("marks");
	TCase *tcase = tcase_create("marks");

	tcase_add_checked_fixture(tcase, start_file, end_file);
	tcase_add_test(tcase, a_mark_is_answered_when_it_is_durable_and_is_there_afterwards);
	tcase_add_test(tcase, a_mark_that_was_not_durable_was_never_answered);
	tcase_add_loop_test(tcase, what_makes_blocks_good_is_durable_first_too, 0, 5);
	tcase_add_test(tcase, a_write_keeps_the_rest_of_a_run);
	tcase_add_test(tcase, nothing_waits_for_what_changes_no_mark);
	tcase_add_test(tcase, a_mark_that_cannot_be_kept_is_an_error_and_is_tried_again);
	tcase_add_test(tcase, more_runs_than_a_record_has_room_for_are_refused);
	tcase_add_test(tcase, with_a_virtual_clock_it_is_durable_at_once);
	tcase_add_test(tcase, marks_of_blocks_that_there_are_not_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { marks_suite };

	return th_main(suites, 1);
}
