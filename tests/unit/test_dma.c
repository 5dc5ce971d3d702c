/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of host memory: what can be mapped, found and taken away; pages that vanish. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emulator/device/device.h"
#include "emulator/device/dma.h"
#include "tests/harness/main.h"

#define PAGE UINT64_C(4096)
#define RW   (EMU_DMA_READ | EMU_DMA_WRITE)

static struct emu_dma_table table;
static uint8_t memory[16 * 4096];

static void start(void)
{
	emu_dma_init(&table);
}

static void end(void)
{
	emu_dma_done(&table);
}

static int make_file(uint64_t bytes)
{
	int fd = memfd_create("memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)bytes), 0);
	return fd;
}

static int map(uint64_t page, uint64_t pages)
{
	return emu_dma_map(&table, page * PAGE, pages * PAGE, RW, memory + page * PAGE);
}

START_TEST(an_empty_table_has_nothing)
{
	ck_assert_ptr_null(emu_dma_at(&table, 0, 1, EMU_DMA_READ));
	ck_assert_ptr_null(emu_dma_at(&table, UINT64_MAX, 1, EMU_DMA_READ));
	ck_assert_int_eq(emu_dma_unmap(&table, 0, PAGE), -ENOENT);
}
END_TEST

START_TEST(every_byte_of_a_mapping_is_found_and_no_other)
{
	ck_assert_int_eq(map(4, 2), 0);
	ck_assert_ptr_eq(emu_dma_at(&table, 4 * PAGE, 2 * PAGE, RW), memory + 4 * PAGE);
	ck_assert_ptr_eq(emu_dma_at(&table, 6 * PAGE - 1, 1, RW), memory + 6 * PAGE - 1);
	ck_assert_ptr_null(emu_dma_at(&table, 6 * PAGE - 1, 2, RW));
	ck_assert_ptr_null(emu_dma_at(&table, 6 * PAGE, 1, RW));
	ck_assert_ptr_null(emu_dma_at(&table, 4 * PAGE - 1, 1, RW));
	ck_assert_ptr_null(emu_dma_at(&table, 4 * PAGE - 1, 2, RW));
	ck_assert_ptr_null(emu_dma_at(&table, 4 * PAGE, SIZE_MAX, RW));
}
END_TEST

START_TEST(the_last_page_of_the_address_space_can_be_mapped)
{
	const uint64_t last = UINT64_MAX - (PAGE - 1);

	ck_assert_int_eq(emu_dma_map(&table, last, PAGE, RW, memory), 0);
	ck_assert_ptr_eq(emu_dma_at(&table, UINT64_MAX, 1, RW), memory + PAGE - 1);
	ck_assert_ptr_null(emu_dma_at(&table, UINT64_MAX, 2, RW));
	ck_assert_ptr_null(emu_dma_at(&table, 0, 1, RW));
	ck_assert_int_eq(emu_dma_map(&table, 0, PAGE, RW, memory), 0);
	ck_assert_int_eq(emu_dma_unmap(&table, last, PAGE), 0);
	ck_assert_ptr_eq(emu_dma_at(&table, 0, 1, RW), memory);
}
END_TEST

static const struct {
	uint64_t iova;
	uint64_t bytes;
	unsigned int prot;
} bad[] = {
	{ 0, 0, RW },
	{ 0, PAGE, 0 },
	{ 0, PAGE, 4 },
	{ 0, PAGE, 7 },
	{ 1, PAGE, RW },
	{ 0, PAGE + 1, RW },
	{ 512, PAGE, RW },
	{ UINT64_MAX - 4095, 2 * PAGE, RW },
	{ 2 * PAGE, UINT64_MAX - 4095, RW },
};

START_TEST(numbers_that_make_no_sense_are_refused)
{
	ck_assert_int_eq(emu_dma_map(&table, bad[_i].iova, bad[_i].bytes, bad[_i].prot, memory),
			 -EINVAL);
	ck_assert_uint_eq(table.count, 0);
}
END_TEST

START_TEST(mappings_do_not_overlap_and_repetition_is_harmless)
{
	ck_assert_int_eq(map(4, 4), 0);
	ck_assert_int_eq(map(4, 4), 0);
	ck_assert_uint_eq(table.count, 1);
	ck_assert_int_eq(map(3, 2), -EEXIST);
	ck_assert_int_eq(map(7, 2), -EEXIST);
	ck_assert_int_eq(map(5, 1), -EEXIST);
	ck_assert_int_eq(map(0, 16), -EEXIST);
	ck_assert_int_eq(emu_dma_map(&table, 4 * PAGE, 4 * PAGE, EMU_DMA_READ, memory + 4 * PAGE),
			 -EEXIST);
	ck_assert_int_eq(map(8, 1), 0);
	ck_assert_int_eq(map(3, 1), 0);
}
END_TEST

START_TEST(rights_are_honoured)
{
	ck_assert_int_eq(emu_dma_map(&table, 0, PAGE, EMU_DMA_READ, memory), 0);
	ck_assert_int_eq(emu_dma_map(&table, PAGE, PAGE, EMU_DMA_WRITE, memory), 0);
	ck_assert_ptr_nonnull(emu_dma_at(&table, 0, 1, EMU_DMA_READ));
	ck_assert_ptr_null(emu_dma_at(&table, 0, 1, EMU_DMA_WRITE));
	ck_assert_ptr_null(emu_dma_at(&table, PAGE, 1, EMU_DMA_READ));
	ck_assert_ptr_nonnull(emu_dma_at(&table, PAGE, 1, EMU_DMA_WRITE));
}
END_TEST

START_TEST(what_nothing_backs_is_recorded_but_not_found)
{
	ck_assert_int_eq(emu_dma_map(&table, 0, PAGE, RW, NULL), 0);
	ck_assert_ptr_null(emu_dma_at(&table, 0, 1, EMU_DMA_READ));
	ck_assert_int_eq(map(0, 1), -EEXIST);
	ck_assert_int_eq(emu_dma_unmap(&table, 0, PAGE), 0);
}
END_TEST

START_TEST(unmap_takes_one_or_several_whole_mappings)
{
	ck_assert_int_eq(map(2, 2), 0);
	ck_assert_int_eq(map(4, 2), 0);
	ck_assert_int_eq(map(8, 2), 0);
	ck_assert_int_eq(emu_dma_unmap(&table, 2 * PAGE, PAGE), -EINVAL);
	ck_assert_int_eq(emu_dma_unmap(&table, 3 * PAGE, 3 * PAGE), -EINVAL);
	ck_assert_int_eq(emu_dma_unmap(&table, 2 * PAGE, 3 * PAGE), -EINVAL);
	ck_assert_int_eq(emu_dma_unmap(&table, 6 * PAGE, 2 * PAGE), -ENOENT);
	ck_assert_int_eq(emu_dma_unmap(&table, 2 * PAGE, 0), -EINVAL);
	ck_assert_int_eq(emu_dma_unmap(&table, 2 * PAGE, UINT64_MAX), -EINVAL);
	ck_assert_int_eq(emu_dma_unmap(&table, 2 * PAGE, 4 * PAGE), 0);
	ck_assert_ptr_null(emu_dma_at(&table, 2 * PAGE, 1, RW));
	ck_assert_ptr_nonnull(emu_dma_at(&table, 8 * PAGE, 1, RW));
	ck_assert_int_eq(emu_dma_unmap(&table, 0, 16 * PAGE), 0);
	ck_assert_uint_eq(table.count, 0);
}
END_TEST

START_TEST(a_thousand_mappings_in_any_order_are_all_found)
{
	for (uint64_t i = 0; i < 1000; i++)
		ck_assert_int_eq(emu_dma_map(&table, i * 7919 % 1000 * 2 * PAGE, PAGE, RW, memory),
				 0);
	for (uint64_t i = 0; i < 1000; i++) {
		ck_assert_ptr_nonnull(emu_dma_at(&table, i * 2 * PAGE, PAGE, RW));
		ck_assert_ptr_null(emu_dma_at(&table, (i * 2 + 1) * PAGE, 1, RW));
	}
	for (uint64_t i = 0; i < 1000; i++)
		ck_assert_int_eq(emu_dma_unmap(&table, i * 7919 % 1000 * 2 * PAGE, PAGE), 0);
	ck_assert_uint_eq(table.count, 0);
}
END_TEST

START_TEST(the_table_is_bounded)
{
	for (uint64_t i = 0; i < EMU_DMA_MAPS_MAX; i++)
		ck_assert_int_eq(emu_dma_map(&table, i * PAGE, PAGE, RW, NULL), 0);
	ck_assert_int_eq(emu_dma_map(&table, EMU_DMA_MAPS_MAX * PAGE, PAGE, RW, NULL), -ENOSPC);
	ck_assert_int_eq(emu_dma_map(&table, 0, PAGE, RW, NULL), 0); /* there already */
}
END_TEST

START_TEST(the_sum_of_files_is_bounded)
{
	const uint64_t bytes = EMU_DMA_BYTES_MAX / 2;
	int fd = make_file(bytes);

	ck_assert_int_eq(emu_dma_map_fd(&table, 0, bytes, RW, fd, 0), 0);
	ck_assert_int_eq(emu_dma_map_fd(&table, bytes, bytes, RW, fd, 0), 0);
	ck_assert_int_eq(emu_dma_map_fd(&table, 2 * bytes, PAGE, RW, fd, 0), -ENOSPC);
	ck_assert_int_eq(emu_dma_unmap(&table, 0, bytes), 0);
	ck_assert_int_eq(emu_dma_map_fd(&table, 2 * bytes, PAGE, RW, fd, 0), 0);
	close(fd);
}
END_TEST

START_TEST(a_file_is_shared_and_may_be_closed_at_once)
{
	int fd = make_file(4 * PAGE);
	int keep = dup(fd);
	char byte = 0;

	ck_assert_int_eq(emu_dma_map_fd(&table, 0, 2 * PAGE, RW, fd, PAGE), 0);
	close(fd);
	*(char *)emu_dma_at(&table, PAGE + 5, 1, RW) = 'x';
	ck_assert_int_eq(pread(keep, &byte, 1, 2 * 4096 + 5), 1);
	ck_assert_int_eq(byte, 'x');
	ck_assert_int_eq(emu_dma_map_fd(&table, 0, 2 * PAGE, RW, keep, PAGE), 0); /* the same */
	ck_assert_int_eq(emu_dma_map_fd(&table, 0, 2 * PAGE, RW, keep, 0), -EEXIST);
	close(keep);
}
END_TEST

START_TEST(a_file_has_to_be_long_enough_and_writable)
{
	int fd = make_file(4 * PAGE);
	int read_only = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(emu_dma_map_fd(&table, 0, 5 * PAGE, RW, fd, 0), -EINVAL);
	ck_assert_int_eq(emu_dma_map_fd(&table, 0, PAGE, RW, fd, 4 * PAGE), -EINVAL);
	ck_assert_int_eq(emu_dma_map_fd(&table, 0, PAGE, RW, fd, 1), -EINVAL);
	ck_assert_int_eq(emu_dma_map_fd(&table, 0, PAGE, RW, fd, UINT64_MAX - 4095), -EINVAL);
	ck_assert_int_eq(emu_dma_map_fd(&table, 0, PAGE, RW, read_only, 0), -EACCES);
	ck_assert_int_eq(emu_dma_map_fd(&table, 0, PAGE, EMU_DMA_READ, read_only, 0), 0);
	ck_assert_int_eq(emu_dma_map_fd(&table, PAGE, PAGE, RW, -1, 0), -EBADF);
	close(fd);
	close(read_only);
}
END_TEST

START_TEST(pages_that_vanish_read_as_zeros_and_poison_their_mapping)
{
	int fd = make_file(4 * PAGE);
	volatile uint8_t *first;

	ck_assert_int_eq(emu_dma_map_fd(&table, 0, 2 * PAGE, RW, fd, 0), 0);
	ck_assert_int_eq(emu_dma_map_fd(&table, 2 * PAGE, 2 * PAGE, RW, fd, 2 * PAGE), 0);
	first = emu_dma_at(&table, PAGE, 1, RW);
	*first = 1;
	ck_assert_int_eq(ftruncate(fd, PAGE), 0);
	emu_dma_guard(&table, 1);
	ck_assert_uint_eq(*first, 0);
	*first = 2;
	emu_dma_guard(NULL, 0);
	ck_assert_ptr_null(emu_dma_at(&table, 0, 1, EMU_DMA_READ));
	/* The other mapping is not known to be broken yet. */
	ck_assert_ptr_nonnull(emu_dma_at(&table, 2 * PAGE, 1, EMU_DMA_READ));
	ck_assert_int_eq(emu_dma_unmap(&table, 0, 4 * PAGE), 0);
	close(fd);
}
END_TEST

/* Ends by SIGBUS: a mapping of its own that no table knows. */
static void touch_own_memory(void)
{
	int fd = make_file(PAGE);
	volatile uint8_t *own = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	emu_dma_catch_sigbus();
	emu_dma_guard(&table, 1);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	_exit(*own);
}

START_TEST(a_fault_elsewhere_goes_where_it_went_before)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	pid_t pid;
	int status;

	pid = fork();
	if (pid == 0) {
		sigaction(SIGBUS, &action, NULL);
		touch_own_memory();
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGBUS);
}
END_TEST

static Suite *dma(void)
{
	Suite *suite = suite_create("dma");
	TCase *tcase = tcase_create("table");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_test(tcase, an_empty_table_has_nothing);
	tcase_add_test(tcase, every_byte_of_a_mapping_is_found_and_no_other);
	tcase_add_test(tcase, the_last_page_of_the_address_space_can_be_mapped);
	tcase_add_loop_test(tcase, numbers_that_make_no_sense_are_refused, 0,
			    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tcase, mappings_do_not_overlap_and_repetition_is_harmless);
	tcase_add_test(tcase, rights_are_honoured);
	tcase_add_test(tcase, what_nothing_backs_is_recorded_but_not_found);
	tcase_add_test(tcase, unmap_takes_one_or_several_whole_mappings);
	tcase_add_test(tcase, a_thousand_mappings_in_any_order_are_all_found);
	tcase_add_test(tcase, the_table_is_bounded);
	tcase_add_test(tcase, the_sum_of_files_is_bounded);
	tcase_add_test(tcase, a_file_is_shared_and_may_be_closed_at_once);
	tcase_add_test(tcase, a_file_has_to_be_long_enough_and_writable);
	tcase_add_test(tcase, pages_that_vanish_read_as_zeros_and_poison_their_mapping);
	tcase_add_test(tcase, a_fault_elsewhere_goes_where_it_went_before);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ dma }, 1);
}
