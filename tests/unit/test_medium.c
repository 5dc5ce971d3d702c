/* SPDX-License-Identifier: BSD-3-Clause */
/* What media know beyond reading and writing: metadata, zeros, deallocation, bad blocks, format. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emulator/backend/cache.h"
#include "tests/harness/main.h"
#include "tests/unit/medium.h"
#include "tests/unit/nbd_server.h"

#define BLOCKS 4096u
#define PIB    (UINT64_C(1) << 50)

enum kind {
	IN_MEMORY,
	ASYNCHRONOUS,
	SYNCHRONOUS,
	NETWORK, /* either way */
	CACHED,	 /* in memory */
};

static struct th_medium m;
static struct th_nbd_server server;
static enum kind kind;
static uint8_t data[256 << 10];
static uint8_t meta[8192];

static const struct emu_geometry geometries[] = {
	{ BLOCKS, 9, 0 }, { BLOCKS, 9, 8 }, { BLOCKS, 12, 16 }, { BLOCKS, 11, 64 }
};
#define GEOMETRIES ((int)(sizeof(geometries) / sizeof(geometries[0])))

static void start_memory(void)
{
	kind = IN_MEMORY;
	th_medium_start(&m, false);
}

static void start_asynchronous(void)
{
	kind = ASYNCHRONOUS;
	th_medium_start(&m, false);
}

static void start_synchronous(void)
{
	kind = SYNCHRONOUS;
	th_medium_start(&m, true);
}

static void start_cached(void)
{
	kind = CACHED;
	th_medium_start(&m, false);
}

static void open_cached(struct emu_geometry geometry)
{
	struct emu_cache *cache = emu_cache_new(&m.host, 64 << 10);
	struct emu_backend *inner;

	ck_assert_int_eq(emu_mem_open(emu_cache_host(cache), &geometry, &inner), 0);
	m.backend = emu_cache_wrap(cache, inner);
}

static void start_server(void)
{
	kind = NETWORK;
	th_nbd_listen(&server);
	th_nbd_start(&server, (const char *const[]){ "memory", "1G", NULL });
}

static void start_network(void)
{
	th_medium_start(&m, false);
	start_server();
}

static void start_network_synchronous(void)
{
	th_medium_start(&m, true);
	start_server();
}

static void end(void)
{
	th_medium_end(&m);
	if (kind == NETWORK)
		th_nbd_end(&server);
}

static void open_geometry(struct emu_geometry geometry)
{
	if (kind == IN_MEMORY)
		th_medium_open_mem(&m, geometry);
	else if (kind == CACHED)
		open_cached(geometry);
	else if (kind == NETWORK)
		ck_assert_int_eq(emu_nbd_open(&m.host,
					      &(struct emu_nbd_options){
						      .uri = server.uri,
						      .geometry = geometry,
						      .patience_nsec = EMU_NBD_PATIENCE_NSEC },
					      &m.backend, NULL),
				 0);
	else
		th_medium_open_file(&m, geometry);
}

static void open_kind(int geometry)
{
	open_geometry(geometries[geometry]);
}

/* As after the end of the process: what is in memory only is gone. */
static void reopen(void)
{
	struct emu_geometry geometry = m.backend->geometry;

	m.backend->ops->close(m.backend);
	th_medium_open_file(&m, geometry);
}

static int move(enum emu_media_op op, uint64_t slba, uint32_t nlb)
{
	const uint32_t ms = m.backend->geometry.ms;

	return th_medium_do(&m, (struct emu_media){ .op = op,
						    .slba = slba,
						    .nlb = nlb,
						    .data = data,
						    .meta = ms ? meta : NULL,
						    .fua = slba % 2 });
}

static int write_blocks(uint64_t slba, uint32_t nlb, uint32_t seed)
{
	th_medium_fill(data, (size_t)nlb << m.backend->geometry.lbads, seed);
	th_medium_fill(meta, (size_t)nlb * m.backend->geometry.ms, seed + 1);
	return move(EMU_MEDIA_WRITE, slba, nlb);
}

static int read_blocks(uint64_t slba, uint32_t nlb)
{
	memset(data, 0xee, sizeof(data));
	memset(meta, 0xee, sizeof(meta));
	return move(EMU_MEDIA_READ, slba, nlb);
}

/* @nlb blocks from @slba on are what write_blocks() wrote there from @from on, with that seed. */
static void expect_written(uint64_t slba, uint32_t nlb, uint64_t from, uint32_t seed)
{
	static uint8_t expected[sizeof(data)];
	const struct emu_geometry *geometry = &m.backend->geometry;
	const uint64_t skip = slba - from;

	ck_assert_int_eq(read_blocks(slba, nlb), 0);
	th_medium_fill(expected, (size_t)(skip + nlb) << geometry->lbads, seed);
	ck_assert_mem_eq(data, expected + (skip << geometry->lbads), nlb << geometry->lbads);
	th_medium_fill(expected, (size_t)(skip + nlb) * geometry->ms, seed + 1);
	ck_assert_mem_eq(meta, expected + skip * geometry->ms, nlb * geometry->ms);
}

static void expect_zeros(uint64_t slba, uint32_t nlb)
{
	static const uint8_t zeros[sizeof(data)];

	ck_assert_int_eq(read_blocks(slba, nlb), 0);
	ck_assert_mem_eq(data, zeros, nlb << m.backend->geometry.lbads);
	ck_assert_mem_eq(meta, zeros, nlb * m.backend->geometry.ms);
}

static void expect_status(uint64_t slba, uint32_t nlb, bool allocated, bool uncorrectable)
{
	struct emu_media_status status = { 0 };

	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_STATUS,
							      .slba = slba,
							      .nlb = BLOCKS - (uint32_t)slba,
							      .ret_status = &status }),
			 0);
	ck_assert_uint_eq(status.nlb, nlb);
	ck_assert(status.allocated == allocated);
	ck_assert(status.uncorrectable == uncorrectable);
}

static int change(enum emu_media_op op, uint64_t slba, uint32_t nlb, bool deallocate)
{
	return th_medium_do(&m, (struct emu_media){ .op = op,
						    .slba = slba,
						    .nlb = nlb,
						    .deallocate = deallocate,
						    .fua = nlb % 2 });
}

START_TEST(metadata_stays_with_its_block)
{
	open_kind(_i);
	ck_assert_int_eq(write_blocks(0, 40, 1), 0);
	ck_assert_int_eq(write_blocks(BLOCKS - 9, 9, 2), 0);
	ck_assert_int_eq(write_blocks(5, 1, 3), 0);
	expect_written(0, 5, 0, 1);
	expect_written(5, 1, 5, 3);
	expect_written(6, 34, 0, 1);
	expect_written(BLOCKS - 3, 3, BLOCKS - 9, 2);
	expect_zeros(40, 8);
}
END_TEST

START_TEST(data_and_metadata_move_alone_too)
{
	const struct emu_spans spans = { .count = 1, .span = { { 8192, 4 << 12 } } };

	open_kind(2);
	ck_assert_int_eq(write_blocks(8, 4, 1), 0);
	/* Data from host memory, and the metadata stays what it was. */
	th_medium_fill(m.memory + 8192, 4 << 12, 7);
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_WRITE,
							      .slba = 8,
							      .nlb = 4,
							      .spans = &spans }),
			 0);
	ck_assert_int_eq(read_blocks(8, 4), 0);
	ck_assert_mem_eq(data, m.memory + 8192, 4 << 12);
	/* Metadata alone, and the data stays. */
	memset(meta, 0x5a, sizeof(meta));
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_WRITE,
							      .slba = 9,
							      .nlb = 1,
							      .meta = meta }),
			 0);
	ck_assert_int_eq(read_blocks(8, 4), 0);
	ck_assert_mem_eq(data, m.memory + 8192, 4 << 12);
	ck_assert_uint_eq(meta[16], 0x5a);
	ck_assert_uint_eq(meta[31], 0x5a);
	ck_assert_uint_ne(meta[15] << 8 | meta[14], 0x5a5a);
}
END_TEST

START_TEST(a_request_of_another_geometry_is_an_io_error)
{
	struct emu_media media = { .op = EMU_MEDIA_READ, .nlb = 1, .lbads = 9, .data = data };

	open_kind(1);
	ck_assert_int_eq(th_medium_do(&m, media), -EIO); /* without metadata */
	media.ms = 8;
	ck_assert_int_eq(th_medium_do(&m, media), 0);
	media.lbads = 12;
	ck_assert_int_eq(th_medium_do(&m, media), -EIO);
	ck_assert_int_eq(change(EMU_MEDIA_DEALLOCATE, BLOCKS, 1, false), -EIO);
	ck_assert_int_eq(change(EMU_MEDIA_STATUS, UINT64_MAX, 2, false), -EIO);
	ck_assert_int_eq(change(EMU_MEDIA_UNCORRECTABLE, 0, BLOCKS + 1, false), -EIO);
	media.op = EMU_MEDIA_OPS;
	media.lbads = 9;
	ck_assert_int_eq(th_medium_do(&m, media), -ENOTSUP);
}
END_TEST

START_TEST(written_zeros_are_allocated_unless_they_may_be_dropped)
{
	open_kind(_i);
	ck_assert_int_eq(write_blocks(10, 50, 1), 0);
	ck_assert_int_eq(change(EMU_MEDIA_WRITE_ZEROES, 20, 8, false), 0);
	expect_zeros(20, 8);
	expect_written(10, 10, 10, 1);
	expect_written(28, 32, 10, 1);
	expect_status(10, 50, true, false);
	ck_assert_int_eq(change(EMU_MEDIA_WRITE_ZEROES, 30, 9, true), 0);
	expect_zeros(30, 9);
	expect_status(10, 20, true, false);
	expect_status(30, 9, false, false);
	expect_status(39, 21, true, false);
	ck_assert_int_eq(change(EMU_MEDIA_WRITE_ZEROES, 100, 1000, false), 0);
	expect_status(100, 1000, true, false);
	expect_zeros(600, 8);
}
END_TEST

START_TEST(deallocated_blocks_are_zeros_and_not_there)
{
	open_kind(_i);
	expect_status(0, BLOCKS, false, false);
	ck_assert_int_eq(write_blocks(0, 64, 1), 0);
	ck_assert_int_eq(change(EMU_MEDIA_DEALLOCATE, 3, 50, false), 0);
	expect_written(0, 3, 0, 1);
	expect_zeros(3, 50);
	expect_written(53, 11, 0, 1);
	expect_status(0, 3, true, false);
	expect_status(3, 50, false, false);
	ck_assert_int_eq(write_blocks(8, 2, 2), 0);
	expect_written(8, 2, 8, 2);
	expect_status(8, 2, true, false);
	ck_assert_int_eq(change(EMU_MEDIA_DEALLOCATE, 0, BLOCKS, false), 0);
	ck_assert_int_eq(change(EMU_MEDIA_DEALLOCATE, 0, BLOCKS, false), 0);
	expect_status(0, BLOCKS, false, false);
	expect_zeros(0, 64);
}
END_TEST

START_TEST(reading_what_is_not_there_is_an_error_on_request)
{
	struct emu_media media = { .op = EMU_MEDIA_READ, .slba = 4, .nlb = 4, .data = data };

	open_kind(0);
	ck_assert_int_eq(write_blocks(0, 6, 1), 0);
	media.dulbe = true;
	memset(data, 0xee, sizeof(data));
	ck_assert_int_eq(th_medium_do(&m, media), -ENODATA);
	ck_assert_uint_eq(data[0], 0xee);
	media.nlb = 2;
	ck_assert_int_eq(th_medium_do(&m, media), 0);
	ck_assert_int_eq(change(EMU_MEDIA_DEALLOCATE, 5, 1, false), 0);
	ck_assert_int_eq(th_medium_do(&m, media), -ENODATA);
	ck_assert_int_eq(change(EMU_MEDIA_WRITE_ZEROES, 5, 1, false), 0);
	ck_assert_int_eq(th_medium_do(&m, media), 0);
}
END_TEST

START_TEST(uncorrectable_blocks_fail_until_they_are_written)
{
	open_kind(_i);
	ck_assert_int_eq(write_blocks(0, 32, 1), 0);
	ck_assert_int_eq(change(EMU_MEDIA_UNCORRECTABLE, 10, 4, false), 0);
	ck_assert_int_eq(read_blocks(0, 32), -EBADMSG);
	ck_assert_uint_eq(data[0], 0xee);
	expect_written(0, 10, 0, 1);
	expect_written(14, 18, 0, 1);
	expect_status(0, 10, true, false);
	expect_status(10, 4, true, true);
	ck_assert_int_eq(write_blocks(11, 1, 2), 0);
	expect_written(11, 1, 11, 2);
	ck_assert_int_eq(read_blocks(10, 1), -EBADMSG);
	ck_assert_int_eq(change(EMU_MEDIA_WRITE_ZEROES, 10, 1, false), 0);
	expect_zeros(10, 1);
	ck_assert_int_eq(change(EMU_MEDIA_DEALLOCATE, 12, 1, false), 0);
	expect_zeros(12, 1);
	expect_status(13, 1, true, true);
}
END_TEST

START_TEST(a_format_leaves_nothing_and_may_change_everything)
{
	const struct emu_media smaller = {
		.op = EMU_MEDIA_FORMAT, .lbads = 12, .ms = 8, .blocks = 100
	};
	const struct emu_media larger = {
		.op = EMU_MEDIA_FORMAT, .lbads = 9, .ms = 0, .blocks = 1 << 20
	};
	const struct emu_media impossible = {
		.op = EMU_MEDIA_FORMAT, .lbads = 9, .ms = 8, .blocks = UINT64_MAX >> 9
	};

	open_kind(0);
	ck_assert_int_eq(write_blocks(0, 256, 1), 0);
	ck_assert_int_eq(change(EMU_MEDIA_UNCORRECTABLE, 0, 1, false), 0);
	ck_assert_int_eq(th_medium_do(&m, smaller), 0);
	expect_zeros(0, 32);
	ck_assert_int_eq(write_blocks(99, 1, 2), 0);
	expect_written(99, 1, 99, 2);
	ck_assert_int_eq(read_blocks(100, 1), -EIO);
	ck_assert_int_eq(th_medium_do(&m, larger), 0);
	expect_zeros(0, 256);
	expect_zeros(99 << 3, 8);
	ck_assert_int_eq(write_blocks((1 << 20) - 8, 8, 3), 0);
	expect_written((1 << 20) - 8, 8, (1 << 20) - 8, 3);
	ck_assert_int_eq(th_medium_do(&m, impossible), -ENOSPC);
	expect_written((1 << 20) - 8, 8, (1 << 20) - 8, 3);
}
END_TEST

/* Memory. */

static uint64_t resident_pages(void)
{
	uint64_t kib = 0;
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		(void)sscanf(line, "RssAnon: %" SCNu64, &kib);
	fclose(file);
	return kib / 4;
}

START_TEST(deallocated_memory_is_given_back)
{
	uint64_t before;

	open_geometry((struct emu_geometry){ PIB >> 12, 12, 0 });
	before = resident_pages();
	for (uint32_t i = 0; i < 512; i++)
		ck_assert_int_eq(write_blocks((PIB >> 13) + 7 + i * 32, 32, i), 0);
	ck_assert_uint_ge(resident_pages(), before + 512 * 32);
	ck_assert_int_eq(change(EMU_MEDIA_DEALLOCATE, PIB >> 13, UINT32_MAX, false), 0);
	ck_assert_uint_le(resident_pages(), before + 512);
	expect_zeros((PIB >> 13) + 7, 32);
	ck_assert_int_eq(change(EMU_MEDIA_WRITE_ZEROES, 5, 65536, false), 0);
	ck_assert_uint_le(resident_pages(), before + 512);
}
END_TEST

/* Files. */

static uint64_t file_sectors(void)
{
	struct stat file;

	ck_assert_int_eq(stat(m.path, &file), 0);
	return (uint64_t)file.st_blocks;
}

START_TEST(a_deallocated_part_of_a_file_is_a_hole)
{
	uint64_t full;

	open_kind(2);
	for (uint32_t i = 0; i < 16; i++)
		ck_assert_int_eq(write_blocks(i * 32, 32, i), 0);
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_FLUSH }), 0);
	full = file_sectors();
	ck_assert_uint_ge(full, 512 * 8);
	ck_assert_int_eq(change(EMU_MEDIA_DEALLOCATE, 0, 256, false), 0);
	ck_assert_uint_le(file_sectors(), full - 256 * 8);
	ck_assert_int_eq(change(EMU_MEDIA_WRITE_ZEROES, 256, 256, true), 0);
	ck_assert_uint_le(file_sectors(), full - 512 * 8);
}
END_TEST

START_TEST(a_file_keeps_data_metadata_and_holes)
{
	open_kind(2);
	ck_assert_int_eq(write_blocks(0, 32, 1), 0);
	ck_assert_int_eq(write_blocks(1000, 32, 2), 0);
	ck_assert_int_eq(change(EMU_MEDIA_DEALLOCATE, 1008, 16, false), 0);
	ck_assert_int_eq(change(EMU_MEDIA_WRITE_ZEROES, 2000, 3, false), 0);
	reopen();
	expect_written(0, 32, 0, 1);
	expect_written(1000, 8, 1000, 2);
	expect_written(1024, 8, 1000, 2);
	expect_status(0, 32, true, false);
	expect_status(32, 968, false, false);
	expect_status(1000, 8, true, false);
	expect_status(1008, 16, false, false);
	expect_status(1024, 8, true, false);
	expect_status(2000, 3, true, false);
	expect_status(2003, BLOCKS - 2003, false, false);
}
END_TEST

START_TEST(a_format_cuts_nothing_off_a_file_that_is_not_its_own)
{
	struct emu_media format = { .op = EMU_MEDIA_FORMAT, .lbads = 9, .blocks = 64 };
	struct stat file;
	char byte = 0;
	int fd;

	open_kind(0);
	ck_assert_int_eq(write_blocks(0, 1, 1), 0);
	fd = open(m.path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(pwrite(fd, "x", 1, (BLOCKS << 9) + 5), 1);
	ck_assert_int_eq(th_medium_do(&m, format), 0);
	expect_zeros(0, 1);
	ck_assert_int_eq(fstat(fd, &file), 0);
	ck_assert_int_eq(file.st_size, (BLOCKS << 9) + 6);
	ck_assert_int_eq(pread(fd, &byte, 1, (BLOCKS << 9) + 5), 1);
	ck_assert_int_eq(byte, 'x');
	close(fd);
}
END_TEST

START_TEST(more_than_a_file_can_be_is_an_error_with_a_sentence)
{
	const struct rlimit limit = { 1 << 20, 1 << 20 };
	const struct emu_file_options options = { .path = m.path, .geometry = { BLOCKS, 9, 0 } };
	const struct emu_file_options monster = { .path = m.path,
						  .geometry = { UINT64_MAX >> 9, 9, 0 } };
	struct emu_backend *refused;
	char buffer[512] = "";
	struct nvme_text text;

	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, SIG_IGN);
	nvme_text_init(&text, buffer, sizeof(buffer));
	ck_assert_int_eq(emu_file_open(&m.host, &options, &refused, &text), -EFBIG);
	ck_assert_msg(strstr(buffer, "2097152 bytes are more than its file system"), "%s", buffer);
	ck_assert_int_eq(access(m.path, F_OK), -1); /* what was made for it is gone */
	nvme_text_clear(&text);
	ck_assert_int_eq(emu_file_open(&m.host, &monster, &refused, &text), -EFBIG);
	ck_assert_msg(strstr(buffer, "2^63"), "%s", buffer);
}
END_TEST

START_TEST(a_request_that_is_given_up_is_still_answered)
{
	unsigned int cancelled = 0;

	open_geometry((struct emu_geometry){ 1 << 20, 12, 0 });
	/* Zeros, part by part: long enough to be given up in the middle. */
	for (uint32_t tag = 0; tag < 4; tag++) {
		const struct emu_media media = {
			.tag = tag,
			.op = EMU_MEDIA_WRITE_ZEROES,
			.nsid = 1,
			.slba = tag * 4096u,
			.nlb = 4096,
			.lbads = 12,
			.fua = true,
		};

		ck_assert_int_ge(th_medium_submit(&m, &media), 0);
	}
	m.backend->ops->cancel(m.backend, 1);
	m.backend->ops->cancel(m.backend, 1);
	m.backend->ops->cancel(m.backend, 3);
	m.backend->ops->cancel(m.backend, 50);
	th_medium_wait(&m);
	for (uint32_t tag = 0; tag < 4; tag++)
		cancelled += m.results[tag] == -ECANCELED;
	ck_assert_int_eq(m.results[0], 0);
	ck_assert_int_eq(m.results[2], 0);
	/* Where nothing is asynchronous, everything was done before. */
	ck_assert_uint_eq(cancelled, m.answers == 0 ? 0 : 2);
	ck_assert_int_eq(write_blocks(0, 1, 1), 0);
	expect_written(0, 1, 0, 1);
}
END_TEST

static TCase *make_case(Suite *suite, const char *name, void (*begin)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, metadata_stays_with_its_block, 0, GEOMETRIES);
	tcase_add_test(tcase, data_and_metadata_move_alone_too);
	tcase_add_test(tcase, a_request_of_another_geometry_is_an_io_error);
	tcase_add_loop_test(tcase, written_zeros_are_allocated_unless_they_may_be_dropped, 0,
			    GEOMETRIES);
	tcase_add_loop_test(tcase, deallocated_blocks_are_zeros_and_not_there, 0, GEOMETRIES);
	tcase_add_test(tcase, reading_what_is_not_there_is_an_error_on_request);
	tcase_add_loop_test(tcase, uncorrectable_blocks_fail_until_they_are_written, 0, GEOMETRIES);
	tcase_add_test(tcase, a_format_leaves_nothing_and_may_change_everything);
	suite_add_tcase(suite, tcase);
	return tcase;
}

static void add_file_tests(TCase *tcase)
{
	tcase_add_test(tcase, a_deallocated_part_of_a_file_is_a_hole);
	tcase_add_test(tcase, a_file_keeps_data_metadata_and_holes);
	tcase_add_test(tcase, a_format_cuts_nothing_off_a_file_that_is_not_its_own);
	tcase_add_test(tcase, more_than_a_file_can_be_is_an_error_with_a_sentence);
	tcase_add_test(tcase, a_request_that_is_given_up_is_still_answered);
}

static Suite *medium(void)
{
	Suite *suite = suite_create("medium");

	tcase_add_test(make_case(suite, "memory", start_memory), deallocated_memory_is_given_back);
	make_case(suite, "cache", start_cached);
	add_file_tests(make_case(suite, "file, asynchronous", start_asynchronous));
	add_file_tests(make_case(suite, "file, synchronous", start_synchronous));
	if (th_nbd_missing())
		return suite;
	make_case(suite, "nbd, asynchronous", start_network);
	make_case(suite, "nbd, synchronous", start_network_synchronous);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ medium }, 1);
}
