/* SPDX-License-Identifier: BSD-3-Clause */
/* A BAR0 that faults: registers, doorbells, queues, time. */
#include <string.h>

#include "emulator/core/fault.h"
#include "tests/harness/main.h"
#include "tests/unit/trap_rig.h"

#define SECOND UINT64_C(1000000000)
#define MSEC   UINT64_C(1000000)
#define TICK   UINT64_C(1000)

static void start_driver(uint64_t jump_nsec)
{
	rig_open(jump_nsec);
	ck_assert_int_eq(trap_start(&rig.driver), 0);
	ck_assert_int_eq(trap_queues(&rig.driver), 0);
}

/* One rule, from lines of "key = value". */
static void load_rule(const char *const (*keys)[2], unsigned int count)
{
	struct nvme_fault_rule rule;
	char sentence[256] = "";
	struct nvme_text error;

	nvme_text_init(&error, sentence, sizeof(sentence));
	ck_assert(nvme_fault_begin(&rule, nvme_slice("rule"), &error));
	for (unsigned int i = 0; i < count; i++)
		ck_assert_msg(nvme_fault_set_key(&rule, nvme_slice(keys[i][0]),
						 nvme_slice(keys[i][1]), &error),
			      "%s", sentence);
	ck_assert_int_eq(emu_fault_load(emu_device_core(rig.device), &rule, 1, 1), 0);
}

/* Registers. */

START_TEST(a_load_is_one_read_of_its_width)
{
	rig_open(0);
	ck_assert_uint_eq(trap_read64(&rig.driver, NVME_REG_CAP) & 0xffff, rig.config.mqes);
	ck_assert(rig.seen.reads == 1 && rig.seen.offset == NVME_REG_CAP && rig.seen.bytes == 8);
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_VS), rig.config.vs);
	ck_assert(rig.seen.reads == 2 && rig.seen.offset == NVME_REG_VS && rig.seen.bytes == 4);
	ck_assert_uint_eq(*(volatile uint16_t *)(volatile void *)(rig.driver.bar + NVME_REG_CAP),
			  rig.config.mqes);
	ck_assert(rig.seen.reads == 3 && rig.seen.bytes == 2);
	ck_assert_uint_eq(rig.driver.bar[NVME_REG_VS + 2], rig.config.vs >> 16);
	ck_assert(rig.seen.reads == 4 && rig.seen.offset == NVME_REG_VS + 2 && rig.seen.bytes == 1);
	ck_assert_uint_eq(rig.seen.writes, 0);
	rig_close();
}
END_TEST

START_TEST(a_store_is_one_write_of_its_width)
{
	rig_open(0);
	trap_write64(&rig.driver, NVME_REG_ASQ, 0x123456789000);
	ck_assert(rig.seen.writes == 1 && rig.seen.offset == NVME_REG_ASQ && rig.seen.bytes == 8);
	trap_write32(&rig.driver, NVME_REG_ACQ + 4, 0x12);
	ck_assert(rig.seen.writes == 2 && rig.seen.offset == NVME_REG_ACQ + 4 &&
		  rig.seen.bytes == 4);
	ck_assert_uint_eq(rig.seen.reads, 0);
	ck_assert_uint_eq(trap_read64(&rig.driver, NVME_REG_ASQ), 0x123456789000);
	ck_assert_uint_eq(trap_read64(&rig.driver, NVME_REG_ACQ), 0x1200000000);
	rig_close();
}
END_TEST

START_TEST(stores_of_a_width_that_registers_do_not_have_are_ignored)
{
	/* As over any transport: emu_bar_write(). */
	rig_open(0);
	trap_write32(&rig.driver, NVME_REG_AQA, 0x00030003);
	*(volatile uint16_t *)(volatile void *)(rig.driver.bar + NVME_REG_AQA) = 7;
	rig.driver.bar[NVME_REG_AQA] = 9;
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_AQA), 0x00030003);
	rig_close();
}
END_TEST

START_TEST(read_only_registers_keep_their_value)
{
	uint64_t cap;

	rig_open(0);
	cap = trap_read64(&rig.driver, NVME_REG_CAP);
	trap_write64(&rig.driver, NVME_REG_CAP, ~cap);
	trap_write32(&rig.driver, NVME_REG_VS, 0);
	ck_assert_uint_eq(rig.seen.writes, 2);
	ck_assert_uint_eq(trap_read64(&rig.driver, NVME_REG_CAP), cap);
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_VS), rig.config.vs);
	rig_close();
}
END_TEST

START_TEST(storing_what_was_read_is_a_write)
{
	/* Base 2.0 3.1.3.4: what INTMC reads as is what has to be written to clear it. */
	rig_open(0);
	trap_write32(&rig.driver, NVME_REG_INTMS, 5);
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_INTMC), 5);
	trap_write32(&rig.driver, NVME_REG_INTMC, 5);
	ck_assert_uint_eq(rig.seen.writes, 2);
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_INTMS), 0);
	rig_close();
}
END_TEST

START_TEST(a_bit_is_cleared_by_writing_1)
{
	/* Base 2.0 3.1.3.6: NSSRO, after a subsystem reset. */
	rig_open(0);
	trap_write32(&rig.driver, NVME_REG_NSSR, NVME_NSSR_RESET);
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_CSTS), 0x10);
	trap_write32(&rig.driver, NVME_REG_CSTS, 0x10);
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_CSTS), 0);
	rig_close();
}
END_TEST

START_TEST(memcpy_reads_registers)
{
	uint8_t expected[4096], copy[4096];
	static const size_t sizes[] = { 3, 8, 16, 40, 64, 256, 4096 };

	rig_open(0);
	trap_write64(&rig.driver, NVME_REG_ASQ, 0x123456789000);
	emu_bar_read(emu_device_core(rig.device), 0, 0, expected, sizeof(expected));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(copy, 0x5a, sizeof(copy));
		memcpy(copy, (const void *)(uintptr_t)rig.driver.bar, sizes[i]);
		ck_assert_mem_eq(copy, expected, sizes[i]);
	}
	rig_close();
}
END_TEST

/* Instructions. */

START_TEST(arithmetic_on_a_register_reads_and_writes_it)
{
	volatile uint32_t *aqa;

	rig_open(0);
	aqa = (volatile uint32_t *)(volatile void *)(rig.driver.bar + NVME_REG_AQA);
	*aqa = 0x00070007;
	__asm__ volatile("orl $8,%0" : "+m"(*aqa));
	ck_assert(rig.seen.reads == 1 && rig.seen.writes == 2 && rig.seen.value == 0x0007000f);
	__asm__ volatile("lock addl $16,%0" : "+m"(*aqa));
	ck_assert(rig.seen.reads == 2 && rig.seen.writes == 3 && rig.seen.value == 0x0007001f);
	ck_assert_uint_eq(__atomic_exchange_n(aqa, 0x00030003, __ATOMIC_SEQ_CST), 0x0007001f);
	ck_assert_uint_eq(*aqa, 0x00030003);
	rig_close();
}
END_TEST

START_TEST(string_instructions_are_one_access_for_each_element)
{
	uint32_t copy[4] = { 0 };
	void *to = copy;
	const volatile void *from;
	unsigned long count = 4;

	rig_open(0);
	from = rig.driver.bar;
	__asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
	ck_assert(rig.seen.reads == 4 && rig.seen.offset == 12 && rig.seen.bytes == 4);
	ck_assert_uint_eq(copy[2], rig.config.vs);
	ck_assert(to == copy + 4 && count == 0);
	rig_close();
}
END_TEST

START_TEST(other_instructions_are_told_by_what_they_change)
{
	volatile uint64_t *asq;

	rig_open(0);
	asq = (volatile uint64_t *)(volatile void *)(rig.driver.bar + NVME_REG_ASQ);
	*asq = 0x123456789000;
	__asm__ volatile("fildll %0\n\tfistpll %1" : : "m"(*asq), "m"(asq[1]) : "memory");
	ck_assert_uint_eq(asq[1], 0x123456789000);
	ck_assert_uint_eq(asq[0], 0x123456789000);
	rig_close();
}
END_TEST

/* Time. */

START_TEST(an_access_takes_a_tick)
{
	rig_open(0);
	trap_read32(&rig.driver, NVME_REG_VS);
	ck_assert_uint_eq(emu_device_now(rig.device), TICK);
	trap_write32(&rig.driver, NVME_REG_AQA, 0);
	ck_assert_uint_eq(emu_device_now(rig.device), 2 * TICK);
	trap_read32(&rig.driver, NVME_REG_VS);
	trap_read32(&rig.driver, NVME_REG_VS);
	ck_assert_uint_eq(emu_device_now(rig.device), 4 * TICK);
	rig_close();
}
END_TEST

START_TEST(polling_for_ready_ends_when_the_controller_is_ready)
{
	rig_open(0);
	ck_assert_int_eq(trap_start(&rig.driver), 0);
	ck_assert_uint_le(rig.driver.polls, 1);
	ck_assert_uint_ge(emu_device_now(rig.device), rig.config.ready_delay);
	ck_assert_uint_lt(emu_device_now(rig.device), rig.config.ready_delay + 100 * TICK);
	rig_close();
}
END_TEST

START_TEST(polling_goes_in_steps_of_the_length_that_was_asked_for)
{
	rig_open(MSEC);
	ck_assert_int_eq(trap_start(&rig.driver), 0);
	ck_assert(rig.driver.polls >= 499 && rig.driver.polls <= 502);
	rig_close();
}
END_TEST

START_TEST(polling_a_completion_queue_ends_when_the_command_does)
{
	const char *const keys[][2] = { { "at", "cmd.execute" },
					{ "when", "op == read" },
					{ "do", "delay 5s" } };
	uint64_t before;

	start_driver(0);
	memset(trap_page(&rig.driver, TRAP_DATA), 0xa5, 512);
	ck_assert_int_eq(trap_command(&rig.driver, 1, NVME_CMD_WRITE, 3, 0), 0);
	memset(trap_page(&rig.driver, TRAP_DATA), 0, 512);
	load_rule(keys, 3);
	before = emu_device_now(rig.device);
	rig.driver.polls = 0;
	ck_assert_int_eq(trap_command(&rig.driver, 1, NVME_CMD_READ, 3, 0), 0);
	ck_assert(rig.driver.polls >= 1 && rig.driver.polls <= 2);
	ck_assert_uint_ge(emu_device_now(rig.device), before + 5 * SECOND);
	ck_assert_uint_eq(((uint8_t *)trap_page(&rig.driver, TRAP_DATA))[511], 0xa5);
	rig_close();
}
END_TEST

static const char *const never[][3][2] = {
	{ { "at", "cmd.execute" }, { "when", "op == flush" }, { "do", "hang" } },
	{ { "at", "cqe.post" }, { "when", "q == 1 && op == flush" }, { "do", "drop" } },
	{ { "at", "cmd.execute" }, { "when", "op == flush" }, { "do", "reset; hang" } },
	{ { "at", "cmd.execute" }, { "when", "op == flush" }, { "do", "fatal; hang" } },
	{ { "at", "cmd.execute" }, { "when", "op == flush" }, { "do", "delay 60s" } },
};

START_TEST(a_driver_that_waits_in_vain_runs_into_its_own_timeout)
{
	/* Hung, lost, reset, failed, or just too late; and it goes on from there. */
	uint64_t before;

	start_driver(MSEC);
	load_rule(never[_i], 3);
	before = emu_device_now(rig.device);
	ck_assert_int_eq(trap_command(&rig.driver, 1, NVME_CMD_FLUSH, 0, 0), -1);
	ck_assert_uint_ge(emu_device_now(rig.device), before + 30 * SECOND);
	ck_assert_uint_lt(emu_device_now(rig.device), before + 31 * SECOND);
	ck_assert_int_eq(emu_fault_load(emu_device_core(rig.device), NULL, 0, 0), 0);
	ck_assert_int_eq(trap_start(&rig.driver), 0);
	ck_assert_int_eq(trap_queues(&rig.driver), 0);
	ck_assert_int_eq(trap_command(&rig.driver, 1, NVME_CMD_FLUSH, 0, 0), 0);
	rig_close();
}
END_TEST

START_TEST(reading_an_entry_that_is_there_takes_no_time)
{
	const volatile struct nvme_cqe *ring;
	struct nvme_sqe sqe = { .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = nvme_le32(1) };
	uint64_t before;

	start_driver(0);
	sqe.prp1 = nvme_le64(trap_iova(&rig.driver, TRAP_DATA));
	sqe.cid = nvme_le16(77);
	trap_submit(&rig.driver, 0, &sqe);
	ring = trap_page(&rig.driver, 1);
	before = emu_device_now(rig.device);
	for (unsigned int i = 0; i < 10; i++)
		ck_assert_uint_eq(ring[rig.driver.head[0]].cid.raw, 77);
	ck_assert_uint_eq(emu_device_now(rig.device), before);
	ck_assert_int_eq(trap_reap(&rig.driver, 0), 0);
	rig_close();
}
END_TEST

START_TEST(what_else_is_in_the_page_of_a_queue_is_memory)
{
	volatile uint8_t *page;
	uint64_t before;

	start_driver(0);
	page = trap_page(&rig.driver, 3);
	before = emu_device_now(rig.device);
	for (unsigned int i = TRAP_ENTRIES * NVME_CQE_BYTES; i < TRAP_PAGE; i += 64)
		page[i] = (uint8_t)(i / 64);
	for (unsigned int i = TRAP_ENTRIES * NVME_CQE_BYTES; i < TRAP_PAGE; i += 64)
		ck_assert_uint_eq(page[i], i / 64);
	ck_assert_uint_eq(emu_device_now(rig.device), before);
	rig_close();
}
END_TEST

START_TEST(a_queue_of_scattered_pages_is_watched_in_each)
{
	/* Base 2.0 5.4, PC = 0: 512 entries in pages 9 and 7. */
	struct nvme_sqe sqe = { .opcode = NVME_ADMIN_CREATE_IO_CQ,
				.cdw10 = nvme_le32(511 << 16 | 2) };
	volatile uint32_t *entry;
	uint64_t before, *list;

	start_driver(0);
	list = trap_page(&rig.driver, TRAP_DATA);
	list[0] = trap_iova(&rig.driver, 9);
	list[1] = trap_iova(&rig.driver, 7);
	sqe.prp1 = nvme_le64(trap_iova(&rig.driver, TRAP_DATA));
	trap_submit(&rig.driver, 0, &sqe);
	ck_assert_int_eq(trap_reap(&rig.driver, 0), 0);
	before = emu_device_now(rig.device);
	entry = trap_page(&rig.driver, 8);
	ck_assert(*entry == 0 && emu_device_now(rig.device) == before);
	entry = trap_page(&rig.driver, 9);
	ck_assert(*entry == 0 && emu_device_now(rig.device) == before + TICK);
	entry = trap_page(&rig.driver, 7);
	ck_assert(*entry == 0 && emu_device_now(rig.device) == before + 2 * TICK);
	sqe.opcode = NVME_ADMIN_DELETE_IO_CQ;
	trap_submit(&rig.driver, 0, &sqe);
	ck_assert_int_eq(trap_reap(&rig.driver, 0), 0);
	before = emu_device_now(rig.device);
	ck_assert(*entry == 0 && emu_device_now(rig.device) == before);
	rig_close();
}
END_TEST

START_TEST(under_a_real_clock_accesses_run_the_device)
{
	const struct emu_device_options options = { .clock = EMU_CLOCK_REAL };

	rig.config.ready_delay = MSEC;
	rig_open_with(&options, 0);
	ck_assert_int_eq(trap_start(&rig.driver), 0);
	ck_assert_int_eq(trap_queues(&rig.driver), 0);
	ck_assert_int_eq(trap_command(&rig.driver, 1, NVME_CMD_FLUSH, 0, 0), 0);
	rig_close();
}
END_TEST

/* Doorbells and whole runs. */

START_TEST(a_doorbell_is_seen_each_time_it_is_written)
{
	start_driver(0);
	rig.seen.doorbells = 0;
	trap_write32(&rig.driver, 0x1000, rig.driver.tail[0]);
	trap_write32(&rig.driver, 0x1000, rig.driver.tail[0]);
	ck_assert_uint_eq(rig.seen.doorbells, 2);
	ck_assert_uint_eq(trap_read32(&rig.driver, 0x1000), 0);
	rig_close();
}
END_TEST

static uint64_t whole_run(void)
{
	uint64_t hash;

	memset(rig.memory, 0, TRAP_PAGES * TRAP_PAGE);
	rig_begin();
	start_driver(0);
	for (uint32_t i = 0; i < 20; i++) {
		memset(trap_page(&rig.driver, TRAP_DATA), (int)i, 512);
		ck_assert_int_eq(trap_command(&rig.driver, 1, NVME_CMD_WRITE, i, 0), 0);
		ck_assert_int_eq(trap_command(&rig.driver, 1, NVME_CMD_READ, i, 0), 0);
	}
	ck_assert_int_eq(trap_command(&rig.driver, 0, NVME_ADMIN_IDENTIFY, 1, 0), 0);
	ck_assert_int_ne(trap_command(&rig.driver, 1, NVME_CMD_READ, 1 << 30, 0), 0);
	hash = rig.seen.hash;
	rig_close();
	return hash;
}

START_TEST(two_runs_have_the_same_trace)
{
	uint64_t first = whole_run();

	ck_assert_uint_ne(first, 0);
	ck_assert_uint_eq(whole_run(), first);
}
END_TEST

static Suite *trapbars(void)
{
	Suite *suite = suite_create("trapbar");
	TCase *registers = tcase_create("registers"), *time = tcase_create("time");

	tcase_add_checked_fixture(registers, rig_begin, NULL);
	tcase_add_test(registers, a_load_is_one_read_of_its_width);
	tcase_add_test(registers, a_store_is_one_write_of_its_width);
	tcase_add_test(registers, stores_of_a_width_that_registers_do_not_have_are_ignored);
	tcase_add_test(registers, read_only_registers_keep_their_value);
	tcase_add_test(registers, storing_what_was_read_is_a_write);
	tcase_add_test(registers, a_bit_is_cleared_by_writing_1);
	tcase_add_test(registers, memcpy_reads_registers);
	tcase_add_test(registers, arithmetic_on_a_register_reads_and_writes_it);
	tcase_add_test(registers, string_instructions_are_one_access_for_each_element);
	tcase_add_test(registers, other_instructions_are_told_by_what_they_change);
	tcase_add_test(registers, a_doorbell_is_seen_each_time_it_is_written);
	suite_add_tcase(suite, registers);
	tcase_add_checked_fixture(time, rig_begin, NULL);
	tcase_set_timeout(time, 60);
	tcase_add_test(time, an_access_takes_a_tick);
	tcase_add_test(time, polling_for_ready_ends_when_the_controller_is_ready);
	tcase_add_test(time, polling_goes_in_steps_of_the_length_that_was_asked_for);
	tcase_add_test(time, polling_a_completion_queue_ends_when_the_command_does);
	tcase_add_loop_test(time, a_driver_that_waits_in_vain_runs_into_its_own_timeout, 0,
			    sizeof(never) / sizeof(never[0]));
	tcase_add_test(time, reading_an_entry_that_is_there_takes_no_time);
	tcase_add_test(time, what_else_is_in_the_page_of_a_queue_is_memory);
	tcase_add_test(time, a_queue_of_scattered_pages_is_watched_in_each);
	tcase_add_test(time, under_a_real_clock_accesses_run_the_device);
	tcase_add_test(time, two_runs_have_the_same_trace);
	suite_add_tcase(suite, time);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ trapbars }, 1);
}
