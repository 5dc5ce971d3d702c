/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory of the controller in the table of host memory, and the file that keeps a region. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emulator/device/barmem.h"
#include "tests/harness/main.h"

#define PAGE UINT64_C(4096)
#define RW   (EMU_DMA_READ | EMU_DMA_WRITE)

static struct emu_dma_table table;
static struct emu_barmem cmb, pmr;
static uint8_t memory[16 * 4096];
static char path[64], sentence[256];
static struct nvme_text error;

static void start(void)
{
	emu_dma_init(&table);
	memset(&cmb, 0, sizeof(cmb));
	memset(&pmr, 0, sizeof(pmr));
	nvme_text_init(&error, sentence, sizeof(sentence));
	snprintf(path, sizeof(path), "/tmp/nvmelab-barmem.%d", (int)getpid());
	ck_assert_int_eq(emu_barmem_open(&cmb, 4 * PAGE, NULL, 0, &error), 0);
}

static void end(void)
{
	emu_dma_done(&table);
	emu_barmem_close(&cmb);
	emu_barmem_close(&pmr);
	unlink(path);
}

START_TEST(a_window_lies_before_host_memory)
{
	const struct emu_dma_range *range;
	uint64_t bytes;

	ck_assert_int_eq(emu_dma_map(&table, 0, 16 * PAGE, RW, memory), 0);
	emu_barmem_place(&cmb, &table, EMU_WINDOW_CMB, 4 * PAGE, 4 * PAGE);
	ck_assert_ptr_eq(emu_dma_at(&table, 4 * PAGE, 4 * PAGE, RW), cmb.memory);
	ck_assert_ptr_eq(emu_dma_at(&table, 3 * PAGE, PAGE, RW), memory + 3 * PAGE);
	ck_assert_ptr_eq(emu_dma_at(&table, 8 * PAGE, PAGE, RW), memory + 8 * PAGE);
	ck_assert_ptr_null(emu_dma_at(&table, 4 * PAGE - 1, 2, RW));
	ck_assert_ptr_null(emu_dma_at(&table, 8 * PAGE - 1, 2, RW));
	ck_assert_ptr_eq(emu_dma_piece(&table, 2 * PAGE, 8 * PAGE, RW, &bytes, &range),
			 memory + 2 * PAGE);
	ck_assert_uint_eq(bytes, 2 * PAGE);
	emu_barmem_place(&cmb, &table, EMU_WINDOW_CMB, 0, 0);
	ck_assert_ptr_eq(emu_dma_at(&table, 4 * PAGE, 4 * PAGE, RW), memory + 4 * PAGE);
}
END_TEST

START_TEST(two_windows_do_not_know_each_other)
{
	ck_assert_int_eq(emu_barmem_open(&pmr, PAGE, NULL, 0, &error), 0);
	emu_barmem_place(&cmb, &table, EMU_WINDOW_CMB, UINT64_MAX - 4 * PAGE + 1, 4 * PAGE);
	emu_barmem_place(&pmr, &table, EMU_WINDOW_PMR, 0, PAGE);
	ck_assert_ptr_eq(emu_dma_at(&table, UINT64_MAX, 1, RW), cmb.memory + 4 * PAGE - 1);
	ck_assert_ptr_eq(emu_dma_at(&table, 0, PAGE, RW), pmr.memory);
	ck_assert_ptr_null(emu_dma_at(&table, PAGE, 1, RW));
	emu_barmem_place(&cmb, &table, EMU_WINDOW_CMB, 0, 0);
	ck_assert_ptr_null(emu_dma_at(&table, UINT64_MAX, 1, RW));
	ck_assert_ptr_eq(emu_dma_at(&table, 0, PAGE, RW), pmr.memory);
}
END_TEST

START_TEST(a_file_keeps_what_was_written)
{
	struct emu_barmem other = { 0 };
	struct stat file;

	ck_assert_int_eq(emu_barmem_open(&pmr, PAGE, path, PAGE, &error), 0);
	memset(pmr.memory, 0x42, PAGE);
	ck_assert_int_eq(stat(path, &file), 0);
	ck_assert_int_eq(file.st_size, 2 * PAGE);
	/* Another part is another controller's; the same one is taken. */
	ck_assert_int_eq(emu_barmem_open(&other, PAGE, path, 0, &error), 0);
	ck_assert_uint_eq(other.memory[0], 0);
	emu_barmem_close(&other);
	ck_assert_int_eq(emu_barmem_open(&other, PAGE, path, PAGE, &error), -EBUSY);
	ck_assert_ptr_nonnull(strstr(sentence, path));
	emu_barmem_close(&pmr);
	ck_assert_int_eq(emu_barmem_open(&pmr, PAGE, path, PAGE, &error), 0);
	ck_assert_uint_eq(pmr.memory[PAGE - 1], 0x42);
}
END_TEST

START_TEST(a_file_that_cannot_be_has_a_name)
{
	ck_assert_int_eq(emu_barmem_open(&pmr, PAGE, "/dev/null", 0, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sentence, "/dev/null"));
	ck_assert_int_eq(emu_barmem_open(&pmr, PAGE, "/nonexistent/file", 0, &error), -ENOENT);
	ck_assert_uint_eq(pmr.bytes, 0);
}
END_TEST

static Suite *barmem(void)
{
	Suite *suite = suite_create("barmem");
	TCase *tcase = tcase_create("barmem");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_test(tcase, a_window_lies_before_host_memory);
	tcase_add_test(tcase, two_windows_do_not_know_each_other);
	tcase_add_test(tcase, a_file_keeps_what_was_written);
	tcase_add_test(tcase, a_file_that_cannot_be_has_a_name);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { barmem };

	return th_main(suites, 1);
}
