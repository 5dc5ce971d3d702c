/* SPDX-License-Identifier: BSD-3-Clause */
/* The media of a device: they come with a format and go, in memory or as files of a pool. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emulator/device/media.h"
#include "tests/harness/main.h"

#define NN	 16
#define REQUESTS 8
#define PIB	 (UINT64_C(1) << 50)

static struct emu_media_table table;
static char pool[32];
static char sentence[512];
static struct nvme_text error;
static int results[REQUESTS];
static uint8_t data[1 << 16];

static void take_answer(void *arg, uint32_t tag, int result)
{
	(void)arg;
	ck_assert_int_eq(results[tag], 1);
	results[tag] = result;
}

static void start_table(const char *folder)
{
	table = (struct emu_media_table){
		.host = { .requests = REQUESTS,
			  .event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
			  .epoll_fd = -1 },
		.done = take_answer,
	};
	nvme_text_init(&error, sentence, sizeof(sentence));
	ck_assert_msg(emu_media_table_init(&table, NN, folder, &error) == 0, "%s", sentence);
}

static void start_memory(void)
{
	start_table(NULL);
}

static void start_pool(void)
{
	snprintf(pool, sizeof(pool), "/tmp/nvmelab-pool-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(pool));
	start_table(pool);
}

static void end(void)
{
	emu_media_table_done(&table);
	close(table.host.event_fd);
	if (pool[0] == '\0')
		return;
	for (unsigned int nsid = 1; nsid <= NN; nsid++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/ns-%u", pool, nsid);
		unlink(path);
	}
	rmdir(pool);
}

static int do_one(struct emu_media media)
{
	results[media.tag] = 1;
	results[media.tag] = emu_media_table_start(&table, &media);
	while (results[media.tag] == EMU_PENDING)
		emu_media_table_poll(&table); /* Check's time limit ends it. */
	return results[media.tag];
}

static int format(uint32_t nsid, uint64_t blocks, uint32_t lbads, uint32_t ms)
{
	return do_one((struct emu_media){
		.op = EMU_MEDIA_FORMAT, .nsid = nsid, .blocks = blocks, .lbads = lbads, .ms = ms });
}

static int delete_ns(uint32_t nsid)
{
	return do_one((struct emu_media){ .op = EMU_MEDIA_DELETE, .nsid = nsid });
}

static int move(enum emu_media_op op, uint32_t nsid, uint64_t slba)
{
	return do_one((struct emu_media){
		.op = op, .nsid = nsid, .slba = slba, .nlb = 8, .lbads = 9, .data = data });
}

static bool exists(unsigned int nsid, off_t *ret_bytes)
{
	struct stat file;
	char path[64];

	snprintf(path, sizeof(path), "%s/ns-%u", pool, nsid);
	if (stat(path, &file) < 0)
		return false;
	*ret_bytes = file.st_size;
	return true;
}

START_TEST(a_namespace_comes_with_its_first_format_and_goes)
{
	ck_assert_int_eq(move(EMU_MEDIA_READ, 3, 0), -EIO);
	ck_assert_int_eq(format(3, 1000, 9, 0), 0);
	memset(data, 0x77, sizeof(data));
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 3, 8), 0);
	memset(data, 0, sizeof(data));
	ck_assert_int_eq(move(EMU_MEDIA_READ, 3, 8), 0);
	ck_assert_uint_eq(data[4095], 0x77);
	ck_assert_int_eq(delete_ns(3), 0);
	ck_assert_int_eq(move(EMU_MEDIA_READ, 3, 8), -EIO);
	ck_assert_int_eq(delete_ns(3), 0);
	ck_assert_int_eq(format(3, 1000, 9, 0), 0);
	ck_assert_int_eq(move(EMU_MEDIA_READ, 3, 8), 0);
	ck_assert_uint_eq(data[4095], 0);
}
END_TEST

START_TEST(numbers_out_of_range_are_errors)
{
	ck_assert_int_eq(format(0, 1000, 9, 0), -EIO);
	ck_assert_int_eq(format(NN + 1, 1000, 9, 0), -EIO);
	ck_assert_int_eq(delete_ns(UINT32_MAX), -EIO);
	ck_assert_int_eq(format(1, UINT64_MAX >> 9, 9, 64), -ENOSPC);
	ck_assert_int_eq(move(EMU_MEDIA_READ, UINT32_MAX, 0), -EIO);
	ck_assert_uint_eq(table.count, 0);
}
END_TEST

START_TEST(many_namespaces_are_flushed_together)
{
	for (uint32_t nsid = 1; nsid <= NN; nsid++)
		ck_assert_int_eq(format(nsid, 1000, 9, 0), 0);
	ck_assert_int_eq(delete_ns(7), 0);
	ck_assert_uint_eq(table.count, NN - 1);
	ck_assert_int_eq(do_one((struct emu_media){ .op = EMU_MEDIA_FLUSH, .nsid = UINT32_MAX }),
			 0);
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 16, 0), 0);
	ck_assert_uint_eq(emu_media_table_pending(&table), 0);
}
END_TEST

START_TEST(a_pebibyte_costs_nothing)
{
	ck_assert_int_eq(format(1, PIB >> 12, 12, 8), 0);
	ck_assert_int_eq(do_one((struct emu_media){ .op = EMU_MEDIA_WRITE,
						    .nsid = 1,
						    .slba = (PIB >> 12) - 1,
						    .nlb = 1,
						    .lbads = 12,
						    .ms = 8,
						    .data = data,
						    .meta = data }),
			 0);
}
END_TEST

START_TEST(a_pool_has_a_file_for_each_namespace)
{
	off_t bytes = 0;

	ck_assert_int_eq(format(2, 1000, 9, 8), 0);
	ck_assert(exists(2, &bytes));
	ck_assert_int_eq(bytes, 1000 * 520);
	ck_assert_int_eq(format(2, 10, 12, 0), 0);
	ck_assert(exists(2, &bytes));
	ck_assert_int_eq(bytes, 40960);
	ck_assert_int_eq(delete_ns(2), 0);
	ck_assert(!exists(2, &bytes));
}
END_TEST

START_TEST(a_pool_keeps_data_for_the_next_process)
{
	const struct emu_geometry geometry = { 1000, 9, 0 };

	ck_assert_int_eq(format(2, 1000, 9, 0), 0);
	memset(data, 0x31, sizeof(data));
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 2, 8), 0);
	emu_media_table_done(&table);
	close(table.host.event_fd);
	start_table(pool);
	ck_assert_int_eq(emu_media_table_restore(&table, 2, &geometry, &error), 0);
	ck_assert_int_eq(emu_media_table_restore(&table, 2, &geometry, &error), 0);
	memset(data, 0, sizeof(data));
	ck_assert_int_eq(move(EMU_MEDIA_READ, 2, 8), 0);
	ck_assert_uint_eq(data[100], 0x31);
	/* What an earlier namespace left there is gone with a format. */
	emu_media_table_done(&table);
	close(table.host.event_fd);
	start_table(pool);
	ck_assert_int_eq(format(2, 1000, 9, 0), 0);
	ck_assert_int_eq(move(EMU_MEDIA_READ, 2, 8), 0);
	ck_assert_uint_eq(data[100], 0);
}
END_TEST

START_TEST(a_medium_takes_the_geometry_that_a_namespace_had)
{
	const struct emu_geometry other = { 100, 12, 0 };
	const struct emu_geometry impossible = { UINT64_MAX >> 13, 12, 0 };

	ck_assert_int_eq(format(2, 1000, 9, 0), 0);
	memset(data, 0x31, sizeof(data));
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 2, 8), 0);
	ck_assert_int_eq(emu_media_table_restore(&table, 2, &other, &error), 0);
	memset(data, 0, sizeof(data));
	ck_assert_int_eq(do_one((struct emu_media){ .op = EMU_MEDIA_READ,
						    .nsid = 2,
						    .slba = 1,
						    .nlb = 1,
						    .lbads = 12,
						    .data = data,
						    .dulbe = true }),
			 0);
	ck_assert_uint_eq(data[4095], 0x31);
	ck_assert_int_eq(emu_media_table_restore(&table, 2, &impossible, &error), -ENOSPC);
	ck_assert_msg(strstr(sentence, "namespace 2"), "%s", sentence);
}
END_TEST

START_TEST(bad_blocks_are_listed_and_restored)
{
	uint64_t slba = 0, blocks = 0;

	ck_assert_int_eq(format(2, 1000, 9, 0), 0);
	ck_assert(!emu_media_table_next_bad(&table, 2, 0, &slba, &blocks));
	ck_assert_int_eq(emu_media_table_set_bad(&table, 2, 5, 3), 0);
	ck_assert_int_eq(move(EMU_MEDIA_UNCORRECTABLE, 2, 990), 0);
	ck_assert(emu_media_table_next_bad(&table, 2, 0, &slba, &blocks));
	ck_assert(slba == 5 && blocks == 3);
	ck_assert(emu_media_table_next_bad(&table, 2, 7, &slba, &blocks));
	ck_assert(slba == 7 && blocks == 1);
	ck_assert(emu_media_table_next_bad(&table, 2, 8, &slba, &blocks));
	ck_assert(slba == 990 && blocks == 8);
	ck_assert(!emu_media_table_next_bad(&table, 2, 998, &slba, &blocks));
	ck_assert_int_eq(move(EMU_MEDIA_READ, 2, 0), -EBADMSG);
	ck_assert_int_eq(emu_media_table_set_bad(&table, 2, 999, 2), -EINVAL);
	ck_assert_int_eq(emu_media_table_set_bad(&table, 3, 0, 1), -EINVAL);
}
END_TEST

START_TEST(a_deletion_waits_for_what_is_under_way)
{
	struct emu_media write = { .tag = 1,
				   .op = EMU_MEDIA_WRITE_ZEROES,
				   .nsid = 1,
				   .nlb = 4096,
				   .lbads = 12,
				   .fua = true };
	struct emu_media gone = { .tag = 2, .op = EMU_MEDIA_DELETE, .nsid = 1 };
	struct emu_media late = { .tag = 3, .op = EMU_MEDIA_FORMAT, .nsid = 1 };

	ck_assert_int_eq(format(1, 1 << 20, 12, 0), 0);
	results[1] = results[2] = 1;
	if (emu_media_table_start(&table, &write) != EMU_PENDING)
		return; /* Where the system refuses io_uring nothing is ever under way. */
	ck_assert_int_eq(emu_media_table_start(&table, &gone), EMU_PENDING);
	ck_assert_int_eq(emu_media_table_start(&table, &late), -EIO);
	ck_assert_int_eq(move(EMU_MEDIA_READ, 1, 0), -EIO);
	ck_assert_uint_eq(emu_media_table_pending(&table), 2);
	while (emu_media_table_pending(&table) > 0)
		emu_media_table_poll(&table);
	ck_assert_int_eq(results[1], 0);
	ck_assert_int_eq(results[2], 0);
	ck_assert_uint_eq(table.count, 0);
}
END_TEST

START_TEST(a_pool_that_is_no_folder_is_named)
{
	struct emu_media_table other = { .host = { .requests = REQUESTS } };

	ck_assert_int_eq(emu_media_table_init(&other, NN, "/dev/null", &error), -ENOTDIR);
	ck_assert_msg(strstr(sentence, "/dev/null"), "%s", sentence);
	emu_media_table_done(&other);
}
END_TEST

static TCase *make_case(Suite *suite, const char *name, void (*begin)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_namespace_comes_with_its_first_format_and_goes);
	tcase_add_test(tcase, numbers_out_of_range_are_errors);
	tcase_add_test(tcase, bad_blocks_are_listed_and_restored);
	tcase_add_test(tcase, many_namespaces_are_flushed_together);
	suite_add_tcase(suite, tcase);
	return tcase;
}

static Suite *media_table(void)
{
	Suite *suite = suite_create("media_table");
	TCase *in_pool;

	tcase_add_test(make_case(suite, "memory", start_memory), a_pebibyte_costs_nothing);
	in_pool = make_case(suite, "pool", start_pool);
	tcase_add_test(in_pool, a_pool_has_a_file_for_each_namespace);
	tcase_add_test(in_pool, a_pool_keeps_data_for_the_next_process);
	tcase_add_test(in_pool, a_medium_takes_the_geometry_that_a_namespace_had);
	tcase_add_test(in_pool, a_deletion_waits_for_what_is_under_way);
	tcase_add_test(in_pool, a_pool_that_is_no_folder_is_named);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ media_table }, 1);
}
