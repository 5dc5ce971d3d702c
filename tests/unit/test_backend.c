/* SPDX-License-Identifier: BSD-3-Clause */
/* Media in memory and in files: data arrives, errors have names, only what was written costs. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/unit/medium.h"

#define MEMORY TH_MEDIUM_MEMORY
#define MIB    (UINT64_C(1) << 20)
#define SLOTS  TH_MEDIUM_SLOTS

static struct th_medium m;

static void start_asynchronous(void)
{
	th_medium_start(&m, false);
}

static void start_synchronous(void)
{
	th_medium_start(&m, true);
}

/* As in a container that does not allow it. The process of the test keeps the filter. */
static void start_without_io_uring(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
	ck_assert_int_eq(syscall(SYS_io_uring_setup, 1, NULL), -1);
	ck_assert_int_eq(errno, EPERM);
	th_medium_start(&m, false);
}

static void end(void)
{
	th_medium_end(&m);
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

	return th_medium_submit(&m, &media);
}

static int do_one(enum emu_media_op op, uint64_t slba, uint32_t nlb, uint64_t iova)
{
	const struct emu_spans spans = { .count = 1, .span = { { iova, (uint64_t)nlb << 9 } } };

	submit(0, op, slba, nlb, op == EMU_MEDIA_FLUSH ? NULL : &spans);
	th_medium_wait(&m);
	return m.results[0];
}

static void open_mem(uint64_t bytes)
{
	th_medium_open_mem(&m, (struct emu_geometry){ .blocks = bytes >> 9, .lbads = 9 });
}

static void open_file(uint64_t bytes)
{
	th_medium_open_file(&m, (struct emu_geometry){ .blocks = bytes >> 9, .lbads = 9 });
}

/* What both kinds do. */

static void expect_round_trip(void)
{
	uint8_t *copy = malloc(300 << 10);

	/* From the middle of one mapping into the other, and longer than a bounce buffer. */
	th_medium_fill(m.memory, MEMORY, 1);
	memcpy(copy, m.memory + (400 << 10), 300 << 10);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, 3, 600, 400 << 10), 0);
	memset(m.memory, 0xee, MEMORY);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 3, 600, 400 << 10), 0);
	ck_assert_mem_eq(m.memory + (400 << 10), copy, 300 << 10);
	ck_assert_uint_eq(m.memory[(400 << 10) - 1], 0xee);
	ck_assert_uint_eq(m.memory[700 << 10], 0xee);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 1, 4, 0), 0);
	for (unsigned int i = 0; i < 1024; i++)
		ck_assert_uint_eq(m.memory[i], 0);
	ck_assert_mem_eq(m.memory + 1024, copy, 1024);
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

	th_medium_fill(m.memory, MEMORY, 2);
	ck_assert_int_ge(submit(1, EMU_MEDIA_WRITE, 8, 2, &spans), 0);
	th_medium_wait(&m);
	ck_assert_int_eq(m.results[1], 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 8, 2, 16384), 0);
	ck_assert_mem_eq(m.memory + 16384, m.memory + MEMORY / 2 - 100, 200);
	ck_assert_mem_eq(m.memory + 16384 + 200, m.memory + 8192, 800);
	ck_assert_mem_eq(m.memory + 16384 + 1000, m.memory + 5000, 24);
}

/* A bit bucket has no memory; what a read would put there is left out. */
static void expect_buckets(void)
{
	const struct emu_spans spans = {
		.count = 4,
		.span = { { EMU_SPAN_BUCKET, 100 },
			  { 1000, 400 },
			  { EMU_SPAN_BUCKET, 12 },
			  { 0, 512 } },
	};
	const struct emu_spans lost = {
		.count = 2,
		.span = { { 0, 500 }, { EMU_SPAN_BUCKET, 524 } },
	};

	th_medium_fill(m.memory + 4096, 1024, 4);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, 20, 2, 4096), 0);
	memset(m.memory, 0, 4096);
	ck_assert_int_ge(submit(3, EMU_MEDIA_READ, 20, 2, &spans), 0);
	th_medium_wait(&m);
	ck_assert_mem_eq(m.memory + 1000, m.memory + 4096 + 100, 400);
	ck_assert_mem_eq(m.memory, m.memory + 4096 + 512, 512);
	ck_assert_uint_eq(m.memory[999] | m.memory[1400] | m.memory[512], 0);
	submit(4, EMU_MEDIA_WRITE, 20, 2, &lost);
	th_medium_wait(&m);
	ck_assert_int_eq(m.results[4], -EFAULT);
}

static void expect_limits(void)
{
	const uint64_t blocks = m.backend->bytes >> 9;

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
	expect_buckets();
	expect_limits();
}
END_TEST

START_TEST(a_file_keeps_what_was_written)
{
	open_file(16 * MIB);
	expect_round_trip();
	expect_scatter();
	expect_buckets();
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
	th_medium_fill(m.memory, 512, 3);
	for (uint64_t i = 0; i < 64; i++)
		ck_assert_int_eq(do_one(EMU_MEDIA_READ, last / 64 * i, 1, 512), 0);
	ck_assert_uint_eq(m.memory[512], 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, last, 1, 0), 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, last, 1, 1024), 0);
	ck_assert_mem_eq(m.memory + 1024, m.memory, 512);
	ck_assert_int_lt(resident_pages() - before, 1024 + 16);
}
END_TEST

START_TEST(a_large_medium_costs_the_pages_that_are_written)
{
	/* Chunks of small ones may be huge pages; here a write now and then must not cost that. */
	long before;

	open_mem((1 << 30) + 512);
	before = resident_pages();
	th_medium_fill(m.memory, 512, 3);
	for (uint64_t chunk = 0; chunk < 64; chunk++)
		ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, chunk * 4096, 1, 0), 0);
	ck_assert_int_lt(resident_pages() - before, 1024);
}
END_TEST

START_TEST(chunks_of_a_small_medium_are_apart)
{
	/* Each is aligned, and mapped where nothing else is. */
	open_mem(64 * MIB);
	for (uint64_t chunk = 0; chunk < 32; chunk++) {
		th_medium_fill(m.memory, 512, (uint8_t)chunk);
		ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, chunk * 4096, 1, 0), 0);
		ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, chunk * 4096 + 4095, 1, 0), 0);
	}
	for (uint64_t chunk = 0; chunk < 32; chunk++) {
		th_medium_fill(m.memory, 512, (uint8_t)chunk);
		ck_assert_int_eq(do_one(EMU_MEDIA_READ, chunk * 4096, 1, 1024), 0);
		ck_assert_mem_eq(m.memory + 1024, m.memory, 512);
		ck_assert_int_eq(do_one(EMU_MEDIA_READ, chunk * 4096 + 4095, 1, 1024), 0);
		ck_assert_mem_eq(m.memory + 1024, m.memory, 512);
	}
}
END_TEST

/* Files. */

START_TEST(requests_to_a_file_overlap_and_all_are_answered)
{
	struct emu_spans spans[64];
	unsigned int pending = 0;

	open_file(16 * MIB);
	th_medium_fill(m.memory, MEMORY, 4);
	for (uint32_t i = 0; i < 64; i++) {
		spans[i] = (struct emu_spans){ .count = 1, .span = { { 4096 * i, 4096 } } };
		pending += submit(i, EMU_MEDIA_WRITE, 8 * i, 8, &spans[i]) == EMU_PENDING;
	}
	/* Those without a slot are done at once. */
	ck_assert_uint_le(pending, SLOTS);
	ck_assert_uint_eq(m.backend->pending, pending);
	th_medium_wait(&m);
	ck_assert_uint_eq(m.answers, pending);
	for (uint32_t i = 0; i < 64; i++)
		ck_assert_int_eq(m.results[i], 0);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 0, 512, MEMORY / 2), 0);
	ck_assert_mem_eq(m.memory, m.memory + MEMORY / 2, 256 << 10);
}
END_TEST

START_TEST(host_memory_may_go_while_a_read_is_under_way)
{
	const struct emu_spans spans = { .count = 1, .span = { { 0, 256 << 10 } } };
	int first;

	open_file(16 * MIB);
	first = submit(0, EMU_MEDIA_READ, 0, 512, &spans);
	emu_dma_unmap_all(&m.table);
	th_medium_wait(&m);
	ck_assert_int_eq(m.results[0], first == EMU_PENDING ? -EFAULT : 0);
}
END_TEST

START_TEST(closing_waits_for_requests)
{
	const struct emu_spans spans = { .count = 1, .span = { { 0, 256 << 10 } } };

	open_file(16 * MIB);
	submit(0, EMU_MEDIA_WRITE, 0, 512, &spans);
	submit(1, EMU_MEDIA_FLUSH, 0, 0, NULL);
	m.backend->ops->close(m.backend);
	m.backend = NULL;
	ck_assert_uint_eq(m.answers, 0);
}
END_TEST

START_TEST(a_file_that_is_cut_is_an_io_error)
{
	open_file(MIB);
	ck_assert_int_eq(truncate(m.path, 4096), 0);
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
	ck_assert_int_eq(stat(m.path, &file), 0);
	ck_assert_int_eq(file.st_size, MIB);
	ck_assert_uint_eq(file.st_mode & 0777, 0600);
	th_medium_fill(m.memory, 512, 5);
	ck_assert_int_eq(do_one(EMU_MEDIA_WRITE, 0, 1, 0), 0);
	m.backend->ops->close(m.backend);
	open_file(2 * MIB);
	ck_assert_int_eq(do_one(EMU_MEDIA_READ, 0, 1, 512), 0);
	ck_assert_mem_eq(m.memory, m.memory + 512, 512);
	m.backend->ops->close(m.backend);
	open_file(0);
	ck_assert_uint_eq(m.backend->bytes, 2 * MIB);
	m.backend->ops->close(m.backend);
	open_file(4096); /* A part of it may be used, and nothing is cut off. */
	ck_assert_int_eq(stat(m.path, &file), 0);
	ck_assert_int_eq(file.st_size, 2 * MIB);
}
END_TEST

static void expect_refused(const char *name, uint64_t bytes, int error, const char *says)
{
	const struct emu_file_options options = {
		.path = name,
		.geometry = { .blocks = bytes >> 9, .lbads = 9 },
	};
	struct emu_backend *refused;
	char buffer[512];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	ck_assert_int_eq(emu_file_open(&m.host, &options, &refused, &text), error);
	ck_assert_msg(strstr(buffer, says) && strstr(buffer, name), "%s", buffer);
}

START_TEST(a_file_that_cannot_be_used_is_named)
{
	expect_refused("/", 0, -EINVAL, "not a regular file or block device");
	expect_refused("/dev/null", 4096, -EINVAL, "not a regular file or block device");
	expect_refused("/nonexistent/file", 4096, -ENOENT, "No such file");
	expect_refused(m.path, 0, -ENOENT, "size=BYTES");
	close(open(m.path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	expect_refused(m.path, 0, -EINVAL, "too small");
	ck_assert_int_eq(truncate(m.path, 511), 0);
	expect_refused(m.path, 0, -EINVAL, "too small");
	open_file(4096);
	expect_refused(m.path, 4096, -EBUSY, "another namespace or process");
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
	TCase *refused = tcase_create("file, io_uring refused");

	tcase_add_test(in_memory, memory_keeps_what_was_written);
	tcase_add_test(in_memory, a_large_medium_costs_the_pages_that_are_written);
	tcase_add_test(in_memory, chunks_of_a_small_medium_are_apart);
	tcase_add_loop_test(in_memory, a_medium_of_any_size_costs_what_is_written, 0,
			    (int)(sizeof(sizes) / sizeof(sizes[0])));
	add(suite, in_memory, start_asynchronous);
	add_file_tests(asynchronous);
	tcase_add_test(asynchronous, a_file_is_made_extended_and_kept);
	tcase_add_test(asynchronous, a_file_that_cannot_be_used_is_named);
	add(suite, asynchronous, start_asynchronous);
	add_file_tests(synchronous);
	add(suite, synchronous, start_synchronous);
	add_file_tests(refused);
	add(suite, refused, start_without_io_uring);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ backend }, 1);
}
