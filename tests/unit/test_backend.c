/* SPDX-License-Identifier: BSD-3-Clause */
/* Media in memory and in files: data arrives, errors have names, only what was written costs. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emulator/backend/backend.h"
#include "tests/harness/main.h"

#define MEMORY	 (1u << 20)
#define MIB	 (UINT64_C(1) << 20)
#define PATIENCE 60000
#define SLOTS	 8

static struct emu_dma_table table;
static struct emu_backend_host host;
static struct emu_backend *medium;
static uint8_t *memory;
static char path[64];
static int results[64]; /* by tag; 1 is no answer yet */
static unsigned int answers;

static void take_answer(void *arg, uint32_t tag, int result)
{
	(void)arg;
	ck_assert_int_eq(results[tag], 1);
	results[tag] = result;
	answers++;
}

static void start_host(bool synchronous)
{
	memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	emu_dma_init(&table);
	/* Two mappings, so that spans cross from one to the other. */
	ck_assert_int_eq(emu_dma_map(&table, 0, MEMORY / 2, 3, memory), 0);
	ck_assert_int_eq(emu_dma_map(&table, MEMORY / 2, MEMORY / 2, 3, memory + MEMORY / 2), 0);
	host = (struct emu_backend_host){
		.tables = &table,
		.done = take_answer,
		.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.requests = SLOTS,
		.synchronous = synchronous,
	};
	snprintf(path, sizeof(path), "/tmp/nvmelab-medium.%d", (int)getpid());
	answers = 0;
}

static void start_asynchronous(void)
{
	start_host(false);
}

static void start_synchronous(void)
{
	start_host(true);
}

static void end(void)
{
	if (medium)
		medium->ops->close(medium);
	medium = NULL;
	emu_dma_done(&table);
	munmap(memory, MEMORY);
	close(host.event_fd);
	unlink(path);
}

/* Waits until every request is answered. */
static void wait_all(void)
{
	while (medium->pending > 0) {
		struct pollfd in = { .fd = host.event_fd, .events = POLLIN };
		eventfd_t count;

		if (medium->ops->poll(medium) > 0)
			continue;
		ck_assert_int_eq(poll(&in, 1, PATIENCE), 1);
		eventfd_read(host.event_fd, &count);
	}
}

static int submit(uint32_t tag, enum emu_media_op op, uint64_t slba, uint32_t nlb,
		  const struct emu_spans *spans)
{
	const struct emu_media media = {
		.tag = tag,
		.op = op,
		.nsid = 1,
		.slba = slba,
		.nlb = nlb,
		.lbads = 9,
		.spans = spans,
		.fua = tag % 2,
	};

	results[tag] = 1;
	results[tag] = medium->ops->submit(medium, &media);
	return results[tag];
}

static int do_one(enum emu_media_op op, uint64_t slba, uint32_t nlb, uint64_t iova)
{
	const struct emu_spans spans = { .count = 1, .span = { { iova, (uint64_t)nlb << 9 } } };

	submit(0, op, slba, nlb, op == EMU_MEDIA_FLUSH ? NULL : &spans);
	wait_all();
	return results[0];
}

static void fill(uint8_t *at, size_t bytes, uint32_t seed)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
}

static void open_mem(uint64_t bytes)
{
	ck_assert_int_eq(emu_mem_open(&host, bytes, &medium), 0);
}

static void open_file(uint64_t bytes)
{
	char buffer[512] = "";
	struct nvme_text error;

	nvme_text_init(&error, buffer, sizeof(buffer));
	ck_assert_msg(emu_file_open(&host, path, bytes, 512, &medium, &error) == 0, "%s", buffer);
}

/* What both kinds do. */

static void expect_round_trip(void)
{
	uint8_t *copy = malloc(300 << 10);

	/* From the middle of one mapping into the other, and longer than a bounce buffer. */
	fill(memory, MEMORY, 1);
	memcpy(copy, memory + (400 << 10), 300 << 10);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, 3, 600, 400 << 10), 0);
	memset(memory, 0xee, MEMORY);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 3, 600, 400 << 10), 0);
	ck_assert_mem_eq(memory + (400 << 10), copy, 300 << 10);
	ck_assert_uint_eq(memory[(400 << 10) - 1], 0xee);
	ck_assert_uint_eq(memory[700 << 10], 0xee);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 1, 4, 0), 0);
	for (unsigned int i = 0; i < 1024; i++)
		ck_assert_uint_eq(memory[i], 0);
	ck_assert_mem_eq(memory + 1024, copy, 1024);
	ck_assert_int_eq(do_one(EMU_MEDIA_FLUSH, 0, 0, 0), 0);
	free(copy);
}

static void expect_scatter(void)
{
	const struct emu_spans last = { .count = 1, .span = { { 5000, 24 } } };
	const struct emu_spans spans = {
		.next = (struct emu_spans *)(uintptr_t)&last,
		.count = 2,
		.span = { { MEMORY / 2 - 100, 200 }, { 8192, 800 } },
	};

	fill(memory, MEMORY, 2);
	ck_assert_int_ge(submit(1, EMU_MEDIA_WRITE, 8, 2, &spans), 0);
	wait_all();
	ck_assert_int_eq(results[1], 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 8, 2, 16384), 0);
	ck_assert_mem_eq(memory + 16384, memory + MEMORY / 2 - 100, 200);
	ck_assert_mem_eq(memory + 16384 + 200, memory + 8192, 800);
	ck_assert_mem_eq(memory + 16384 + 1000, memory + 5000, 24);
}

static void expect_limits(void)
{
	const uint64_t blocks = medium->bytes >> 9;

	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, blocks - 1, 1, 0), 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, blocks, 1, 0), -EIO);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, blocks - 1, 2, 0), -EIO);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 0, 8, MEMORY), -EFAULT);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, 0, 8, MEMORY - 512), -EFAULT);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 0, 8, UINT64_MAX - 100), -EFAULT);
}

START_TEST(memory_keeps_what_was_written)
{
	open_mem(16 * MIB);
	expect_round_trip();
	expect_scatter();
	expect_limits();
}
END_TEST

START_TEST(a_file_keeps_what_was_written)
{
	open_file(16 * MIB);
	expect_round_trip();
	expect_scatter();
	expect_limits();
}
END_TEST

/* Memory. */

static const uint64_t sizes[] = { 512,	      2 * MIB,	  1 << 30,	(1 << 30) + 512,
				  1ull << 40, 1ull << 50, 8191ull << 50 };

static long resident_pages(void)
{
	long size;
	long resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%ld %ld", &size, &resident), 2);
	fclose(file);
	return resident;
}

START_TEST(a_medium_of_any_size_costs_what_is_written)
{
	const uint64_t last = (sizes[_i] >> 9) - 1;
	long before;

	open_mem(sizes[_i]);
	before = resident_pages();
	fill(memory, 512, 3);
	for (uint64_t i = 0; i < 64; i++)
		ck_assert_int_eq(do_one(EMU_MEDIA_READ, last / 64 * i, 1, 512), 0);
	ck_assert_uint_eq(memory[512], 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, last, 1, 0), 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, last, 1, 1024), 0);
	ck_assert_mem_eq(memory + 1024, memory, 512);
	ck_assert_int_lt(resident_pages() - before, 1024 + 16);
}
END_TEST

/* Files. */

START_TEST(requests_to_a_file_overlap_and_all_are_answered)
{
	struct emu_spans spans[64];
	unsigned int pending = 0;

	open_file(16 * MIB);
	fill(memory, MEMORY, 4);
	for (uint32_t i = 0; i < 64; i++) {
		spans[i] = (struct emu_spans){ .count = 1, .span = { { 4096 * i, 4096 } } };
		pending += submit(i, EMU_MEDIA_WRITE, 8 * i, 8, &spans[i]) == EMU_PENDING;
	}
	/* Those without a slot are done at once. */
	ck_assert_uint_le(pending, SLOTS);
	ck_assert_uint_eq(medium->pending, pending);
	wait_all();
	ck_assert_uint_eq(answers, pending);
	for (uint32_t i = 0; i < 64; i++)
		ck_assert_int_eq(results[i], 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 0, 512, MEMORY / 2), 0);
	ck_assert_mem_eq(memory, memory + MEMORY / 2, 256 << 10);
}
END_TEST

START_TEST(host_memory_may_go_while_a_read_is_under_way)
{
	const struct emu_spans spans = { .count = 1, .span = { { 0, 256 << 10 } } };
	int first;

	open_file(16 * MIB);
	first = submit(0, EMU_MEDIA_READ, 0, 512, &spans);
	emu_dma_unmap_all(&table);
	wait_all();
	ck_assert_int_eq(results[0], first == EMU_PENDING ? -EFAULT : 0);
}
END_TEST

START_TEST(closing_waits_for_requests)
{
	const struct emu_spans spans = { .count = 1, .span = { { 0, 256 << 10 } } };

	open_file(16 * MIB);
	submit(0, EMU_MEDIA_WRITE, 0, 512, &spans);
	submit(1, EMU_MEDIA_FLUSH, 0, 0, NULL);
	medium->ops->close(medium);
	medium = NULL;
	ck_assert_uint_eq(answers, 0);
}
END_TEST

START_TEST(a_file_that_is_cut_is_an_io_error)
{
	open_file(MIB);
	ck_assert_int_eq(truncate(path, 4096), 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 8, 8, 0), -EIO);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 0, 8, 0), 0);
}
END_TEST

START_TEST(a_full_medium_is_enospc)
{
	const struct rlimit limit = { 8192, 8192 };

	open_file(MIB);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, 0, 16, 0), 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, 16, 8, 0), -ENOSPC);
}
END_TEST

START_TEST(a_file_is_made_extended_and_kept)
{
	struct stat file;

	open_file(MIB);
	ck_assert_int_eq(stat(path, &file), 0);
	ck_assert_int_eq(file.st_size, MIB);
	ck_assert_uint_eq(file.st_mode & 0777, 0600);
	fill(memory, 512, 5);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, 0, 1, 0), 0);
	medium->ops->close(medium);
	open_file(2 * MIB);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 0, 1, 512), 0);
	ck_assert_mem_eq(memory, memory + 512, 512);
	medium->ops->close(medium);
	open_file(0);
	ck_assert_uint_eq(medium->bytes, 2 * MIB);
	medium->ops->close(medium);
	open_file(4096); /* A part of it may be used, and nothing is cut off. */
	ck_assert_int_eq(stat(path, &file), 0);
	ck_assert_int_eq(file.st_size, 2 * MIB);
}
END_TEST

static void expect_refused(const char *name, uint64_t bytes, int error, const char *says)
{
	struct emu_backend *refused;
	char buffer[512];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	ck_assert_int_eq(emu_file_open(&host, name, bytes, 512, &refused, &text), error);
	ck_assert_msg(strstr(buffer, says) && strstr(buffer, name), "%s", buffer);
}

START_TEST(a_file_that_cannot_be_used_is_named)
{
	expect_refused("/", 0, -EINVAL, "not a regular file or block device");
	expect_refused("/dev/null", 4096, -EINVAL, "not a regular file or block device");
	expect_refused("/nonexistent/file", 4096, -ENOENT, "No such file");
	expect_refused(path, 0, -ENOENT, "size=BYTES");
	close(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	expect_refused(path, 0, -EINVAL, "too small");
	ck_assert_int_eq(truncate(path, 511), 0);
	expect_refused(path, 0, -EINVAL, "too small");
	open_file(4096);
	expect_refused(path, 4096, -EBUSY, "another namespace or process");
}
END_TEST

static void add(Suite *suite, TCase *tcase, void (*begin)(void))
{
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
}

static void add_file_tests(TCase *tcase)
{
	tcase_add_test(tcase, a_file_keeps_what_was_written);
	tcase_add_test(tcase, requests_to_a_file_overlap_and_all_are_answered);
	tcase_add_test(tcase, host_memory_may_go_while_a_read_is_under_way);
	tcase_add_test(tcase, closing_waits_for_requests);
	tcase_add_test(tcase, a_file_that_is_cut_is_an_io_error);
	tcase_add_test(tcase, a_full_medium_is_enospc);
}

static Suite *backend(void)
{
	Suite *suite = suite_create("backend");
	TCase *in_memory = tcase_create("memory");
	TCase *asynchronous = tcase_create("file, asynchronous");
	TCase *synchronous = tcase_create("file, synchronous");

	tcase_add_test(in_memory, memory_keeps_what_was_written);
	tcase_add_loop_test(in_memory, a_medium_of_any_size_costs_what_is_written, 0,
			    (int)(sizeof(sizes) / sizeof(sizes[0])));
	add(suite, in_memory, start_asynchronous);
	add_file_tests(asynchronous);
	tcase_add_test(asynchronous, a_file_is_made_extended_and_kept);
	tcase_add_test(asynchronous, a_file_that_cannot_be_used_is_named);
	add(suite, asynchronous, start_asynchronous);
	add_file_tests(synchronous);
	add(suite, synchronous, start_synchronous);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ backend }, 1);
}
