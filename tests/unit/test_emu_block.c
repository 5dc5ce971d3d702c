/* SPDX-License-Identifier: BSD-3-Clause */
/* The block of a subsystem: its size, and what the embedding program must not do with it. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "common/le.h"
#include "common/nvme_spec.h"
#include "emulator/core/emu.h"
#include "tests/harness/main.h"

static jmp_buf panicked;
static const char *what;

static void panic(void *arg, const char *text)
{
	(void)arg;
	what = text;
	longjmp(panicked, 1);
}

static const struct emu_ops ops = { .panic = panic };

static struct emu_config small(void)
{
	struct emu_config config;

	emu_config_init(&config);
	config.queues = 1;
	config.max_requests = 4;
	return config;
}

static struct emu *start(struct emu_config config)
{
	void *memory = aligned_alloc(64, emu_size(&config));

	ck_assert_ptr_nonnull(memory);
	return emu_init(memory, &config, &ops);
}

START_TEST(memory_off_its_alignment_is_a_programming_error)
{
	static _Alignas(64) uint8_t memory[1 << 21];
	struct emu_config config = small();

	ck_assert_uint_lt(emu_size(&config), sizeof(memory) - 64);
	if (setjmp(panicked) == 0) {
		emu_init(memory + 8, &config, &ops);
		ck_abort_msg("no panic");
	}
	ck_assert_str_eq(what, "emu_init: bad configuration or memory not aligned to 64");
}
END_TEST

START_TEST(a_configuration_that_was_not_checked_is_a_programming_error)
{
	struct emu_config config = small();
	static _Alignas(64) uint8_t memory[64];

	config.queues = 0;
	ck_assert_uint_eq(emu_size(&config), 0);
	if (setjmp(panicked) == 0) {
		emu_init(memory, &config, &ops);
		ck_abort_msg("no panic");
	}
	ck_assert_str_eq(what, "emu_init: bad configuration or memory not aligned to 64");
}
END_TEST

START_TEST(a_controller_that_is_not_there_is_a_programming_error)
{
	struct emu *emu = start(small());
	uint8_t data[4] = { 0 };

	for (volatile int round = 0; round < 3; round++) {
		what = NULL;
		if (setjmp(panicked) == 0) {
			if (round == 0)
				emu_bar_read(emu, 1, 0, data, 4);
			else if (round == 1)
				emu_bar_write(emu, UINT32_MAX, 0, data, 4);
			else
				emu_poll_registers(emu, 1);
			ck_abort_msg("no panic");
		}
		ck_assert_str_eq(what, "controller index out of range");
	}
	free(emu);
}
END_TEST

START_TEST(an_answer_that_nobody_waits_for_is_a_programming_error)
{
	struct emu *emu = start(small());
	static const uint32_t tags[] = { 0, 3, 1000, UINT32_MAX };

	for (volatile int i = 0; i < 4; i++) {
		what = NULL;
		if (setjmp(panicked) == 0) {
			emu_media_done(emu, tags[i], 0);
			ck_abort_msg("no panic");
		}
		ck_assert_str_eq(what, "emu_media_done: the medium does not have this request");
	}
	free(emu);
}
END_TEST

START_TEST(a_new_subsystem_is_at_rest)
{
	struct emu *emu = start(small());

	ck_assert_uint_eq(emu_step(emu, 100), 0);
	ck_assert(!emu_busy(emu, 0));
	ck_assert(!emu_live(emu, 0));
	ck_assert_uint_eq(emu_time(emu), 0);
	ck_assert_uint_eq(emu_deadline(emu), EMU_NEVER);
	ck_assert_uint_eq(emu_config_of(emu)->max_requests, 4);
	ck_assert_uint_eq(emu_layout_of(emu)->bar0_bytes, 16384);
	free(emu);
}
END_TEST

START_TEST(time_does_not_go_back)
{
	struct emu *emu = start(small());

	emu_set_time(emu, 1000);
	emu_set_time(emu, 999);
	ck_assert_uint_eq(emu_time(emu), 1000);
	emu_set_time(emu, UINT64_MAX);
	ck_assert_uint_eq(emu_time(emu), EMU_TIME_MAX); /* or every deadline would have come */
	ck_assert_uint_eq(emu_step(emu, 100), 0);
	free(emu);
}
END_TEST

START_TEST(size_counts_what_the_configuration_adds)
{
	struct emu_config config = small();
	size_t base = emu_size(&config);

	ck_assert_uint_eq(base % 64, 0);
	config.max_requests = 5;
	ck_assert_uint_gt(emu_size(&config), base);
	config = small();
	config.spans = 10000;
	ck_assert_uint_gt(emu_size(&config), base + 9000 * sizeof(struct emu_spans));
	config = small();
	config.elpe = 62; /* 63 is the default */
	ck_assert_uint_eq(emu_size(&config), base - 64);
	config = small();
	config.controllers = 2;
	ck_assert_uint_gt(emu_size(&config), base + 4096);
	config = small();
	config.mqes = 65535;
	ck_assert_uint_eq(emu_size(&config), base);
}
END_TEST

static Suite *block(void)
{
	Suite *suite = suite_create("emu_block");
	TCase *tcase = tcase_create("emu_block");

	tcase_add_test(tcase, memory_off_its_alignment_is_a_programming_error);
	tcase_add_test(tcase, a_configuration_that_was_not_checked_is_a_programming_error);
	tcase_add_test(tcase, a_controller_that_is_not_there_is_a_programming_error);
	tcase_add_test(tcase, an_answer_that_nobody_waits_for_is_a_programming_error);
	tcase_add_test(tcase, a_new_subsystem_is_at_rest);
	tcase_add_test(tcase, time_does_not_go_back);
	tcase_add_test(tcase, size_counts_what_the_configuration_adds);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { block };

	return th_main(suites, 1);
}
