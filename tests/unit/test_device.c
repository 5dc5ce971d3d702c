/* SPDX-License-Identifier: BSD-3-Clause */
/* The device around the core: namespaces, time, trace files, and what cannot be. */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/nvme_spec.h"
#include "emulator/device/device.h"
#include "tests/harness/main.h"

#define HOUR	    3600000000000ull
#define MILLISECOND UINT64_C(1000000)

static struct emu_config config;
static struct emu_ns_spec specs[3];
static char sentence[512];
static struct nvme_text error;
static char path[64];

static void start(void)
{
	emu_config_init(&config);
	for (unsigned int i = 0; i < 3; i++)
		emu_ns_spec_init(&specs[i]);
	nvme_text_init(&error, sentence, sizeof(sentence));
	snprintf(path, sizeof(path), "/tmp/nvmelab-device.%d", (int)getpid());
}

static void end(void)
{
	unlink(path);
}

static struct emu_device *make(unsigned int count, const struct emu_device_options *options)
{
	struct emu_device *device = NULL;

	ck_assert_msg(emu_device_new(&config, specs, count, options, &device, &error) == 0, "%s",
		      sentence);
	return device;
}

static uint32_t read32(struct emu_device *device, uint64_t offset)
{
	uint32_t value;

	emu_bar_read(emu_device_core(device), 0, offset, &value, sizeof(value));
	return value;
}

static void write32(struct emu_device *device, uint64_t offset, uint32_t value)
{
	emu_bar_write(emu_device_core(device), 0, offset, &value, sizeof(value));
}

static void enable(struct emu_device *device)
{
	write32(device, NVME_REG_AQA, 31 << 16 | 31);
	write32(device, NVME_REG_CC, 0x00460001);
	emu_device_run(device, UINT_MAX);
}

START_TEST(namespaces_get_the_lowest_free_numbers)
{
	const struct emu_config *made;
	struct emu_device *device;

	specs[0].lba_bytes = 4096;
	specs[1].nsid = 1;
	specs[1].size_bytes = 4096;
	device = make(3, NULL);
	made = emu_config_of(emu_device_core(device));
	ck_assert_uint_eq(made->namespaces, 3);
	ck_assert_uint_eq(made->ns[0].nsid, 1);
	ck_assert_uint_eq(made->ns[0].blocks, 8);
	ck_assert_uint_eq(made->ns[1].nsid, 2);
	ck_assert_uint_eq(made->ns[1].lbads, 12);
	ck_assert_uint_eq(made->ns[2].nsid, 3);
	emu_device_free(device);
}
END_TEST

START_TEST(a_subsystem_may_have_no_namespace)
{
	emu_device_free(make(0, NULL));
}
END_TEST

static void expect_refused(unsigned int count, int result, const char *says)
{
	struct emu_device *device = NULL;

	nvme_text_clear(&error);
	ck_assert_int_eq(emu_device_new(&config, specs, count, NULL, &device, &error), result);
	ck_assert_msg(strstr(sentence, says), "%s", sentence);
	ck_assert_ptr_null(device);
}

START_TEST(what_cannot_be_is_refused_with_a_sentence)
{
	specs[0].nsid = 2;
	specs[1].nsid = 2;
	expect_refused(2, -EINVAL, "2");
	specs[1].nsid = config.nn + 1;
	expect_refused(2, -EINVAL, "nn");
	specs[1].nsid = 0;
	specs[1].lba_bytes = 1000;
	expect_refused(2, -EINVAL, "block size");
	specs[1].lba_bytes = 512;
	snprintf(specs[1].file, sizeof(specs[1].file), "/dev/null");
	expect_refused(2, -EINVAL, "/dev/null");
	config.queues = 65535;
	config.dstrd = 15;
	expect_refused(1, -EINVAL, "dstrd");
}
END_TEST

START_TEST(a_power_cut_is_a_power_cycle)
{
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL };
	struct emu_device *device;

	specs[0].cache_bytes = 1 << 20;
	device = make(1, &options);
	enable(device);
	ck_assert_uint_eq(read32(device, NVME_REG_CSTS), 1);
	for (int keep = EMU_CUT_KEEP_NONE; keep <= EMU_CUT_KEEP_SUBSET; keep++) {
		ck_assert_int_eq(emu_device_cut_power(device, (enum emu_cut)keep), 0);
		ck_assert_uint_eq(read32(device, NVME_REG_CSTS), 0);
		ck_assert_uint_eq(read32(device, NVME_REG_AQA), 0);
	}
	emu_device_free(device);
	config.vwc = false;
	expect_refused(1, -EINVAL, "vwc");
}
END_TEST

START_TEST(bad_blocks_of_an_earlier_process_are_restored)
{
	struct emu_device *device = make(1, NULL);
	uint64_t slba = 0, blocks = 0;

	ck_assert(!emu_device_next_uncorrectable(device, 1, 0, &slba, &blocks));
	ck_assert_int_eq(emu_device_set_uncorrectable(device, 1, 8, 16), 0);
	ck_assert(emu_device_next_uncorrectable(device, 1, 0, &slba, &blocks));
	ck_assert(slba == 8 && blocks == 16);
	ck_assert_int_eq(emu_device_set_uncorrectable(device, 2, 8, 16), -EINVAL);
	emu_device_free(device);
}
END_TEST

START_TEST(virtual_time_moves_when_it_is_told_and_stops_at_deadlines)
{
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL };
	struct emu_device *device;

	config.ready_delay = 5 * MILLISECOND;
	device = make(1, &options);
	enable(device);
	ck_assert_uint_eq(emu_device_now(device), 0);
	ck_assert_uint_eq(emu_device_deadline(device), 5 * MILLISECOND);
	ck_assert_int_eq(emu_device_advance(device, 5 * MILLISECOND - 1), 0);
	ck_assert_uint_eq(read32(device, NVME_REG_CSTS), 0);
	ck_assert_int_eq(emu_device_advance(device, EMU_TIME_MAX), 0);
	ck_assert_uint_eq(read32(device, NVME_REG_CSTS), 1);
	ck_assert_uint_eq(emu_device_now(device), EMU_TIME_MAX);
	ck_assert_int_eq(emu_device_advance(device, 0), 0);
	ck_assert_uint_eq(emu_device_now(device), EMU_TIME_MAX);
	emu_device_free(device);
}
END_TEST

static long long size_of_state(void)
{
	struct stat stat;

	ck_assert_int_eq(lstat(path, &stat), 0);
	return stat.st_size;
}

START_TEST(each_hour_of_an_idle_drive_is_kept)
{
	/* SMART's power-on hours; nothing else happens. */
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL,
						    .state_path = path };
	struct emu_device *device = make(1, &options);
	long long before = size_of_state();

	ck_assert(emu_device_deadline(device) == EMU_NEVER);
	ck_assert_int_eq(emu_device_advance(device, HOUR - 1), 0);
	ck_assert(size_of_state() == before);
	ck_assert_int_eq(emu_device_advance(device, HOUR), 0);
	ck_assert(size_of_state() > before);
	before = size_of_state();
	ck_assert_int_eq(emu_device_advance(device, 2 * HOUR - 1), 0);
	ck_assert(size_of_state() == before);
	emu_device_free(device);
}
END_TEST

START_TEST(a_real_clock_comes_back_for_an_hour)
{
	/* Only a drive with a state file has something to keep. */
	const struct emu_device_options options = { .clock = EMU_CLOCK_REAL, .state_path = path };
	struct emu_device *device = make(1, &options);

	ck_assert_uint_eq(emu_device_deadline(device), HOUR);
	emu_device_free(device);
	device = make(1, NULL);
	ck_assert(emu_device_deadline(device) == EMU_NEVER);
	emu_device_free(device);
}
END_TEST

START_TEST(real_time_moves_by_itself)
{
	struct emu_device *device;
	uint64_t before;

	config.ready_delay = MILLISECOND;
	device = make(1, NULL);
	ck_assert_int_eq(emu_device_advance(device, 1), -EINVAL);
	before = emu_device_now(device);
	enable(device);
	while (!(read32(device, NVME_REG_CSTS) & 1))
		emu_device_run(device, UINT_MAX); /* Check's time limit ends it. */
	ck_assert_uint_ge(emu_device_now(device) - before, MILLISECOND);
	emu_device_free(device);
}
END_TEST

START_TEST(a_trace_is_a_header_and_a_line_a_record)
{
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL,
						    .trace_path = path };
	struct emu_device *device = make(1, &options);
	char lines[2048];
	size_t bytes;
	FILE *file;

	read32(device, NVME_REG_VS);
	emu_device_flush_trace(device);
	ck_assert_int_eq(emu_device_trace_error(device), 0);
	emu_device_free(device);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	bytes = fread(lines, 1, sizeof(lines) - 1, file);
	fclose(file);
	lines[bytes] = '\0';
	ck_assert_int_eq(lines[0], '{');
	ck_assert_ptr_nonnull(strstr(lines, "controller"));
	ck_assert_ptr_nonnull(strstr(lines, "}\n{"));
	ck_assert_ptr_nonnull(strstr(lines, "reg.read"));
	ck_assert_int_eq(lines[bytes - 1], '\n');
}
END_TEST

START_TEST(a_trace_that_cannot_be_written_says_so)
{
	const struct emu_device_options options = { .trace_path = "/dev/full" };
	struct emu_device *device = make(1, &options);

	for (unsigned int i = 0; i < 5000; i++)
		read32(device, NVME_REG_VS);
	ck_assert_int_eq(emu_device_trace_error(device), -ENOSPC);
	emu_device_free(device);
}
END_TEST

START_TEST(a_trace_file_that_cannot_be_made_is_named)
{
	const struct emu_device_options options = { .trace_path = "/nonexistent/trace" };
	struct emu_device *device = NULL;

	ck_assert_int_eq(emu_device_new(&config, specs, 1, &options, &device, &error), -ENOENT);
	ck_assert_ptr_nonnull(strstr(sentence, "/nonexistent/trace"));
}
END_TEST

static Suite *devices(void)
{
	Suite *suite = suite_create("device");
	TCase *tcase = tcase_create("device");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, namespaces_get_the_lowest_free_numbers);
	tcase_add_test(tcase, a_subsystem_may_have_no_namespace);
	tcase_add_test(tcase, what_cannot_be_is_refused_with_a_sentence);
	tcase_add_test(tcase, a_power_cut_is_a_power_cycle);
	tcase_add_test(tcase, bad_blocks_of_an_earlier_process_are_restored);
	tcase_add_test(tcase, virtual_time_moves_when_it_is_told_and_stops_at_deadlines);
	tcase_add_test(tcase, each_hour_of_an_idle_drive_is_kept);
	tcase_add_test(tcase, a_real_clock_comes_back_for_an_hour);
	tcase_add_test(tcase, real_time_moves_by_itself);
	tcase_add_test(tcase, a_trace_is_a_header_and_a_line_a_record);
	tcase_add_test(tcase, a_trace_that_cannot_be_written_says_so);
	tcase_add_test(tcase, a_trace_file_that_cannot_be_made_is_named);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ devices }, 1);
}
