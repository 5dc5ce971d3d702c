/* SPDX-License-Identifier: BSD-3-Clause */
/* Completions out of order (key reorder): drawn from the seed, so that they repeat. */
#include <string.h>

#include "driver/transport/device.h"
#include "emulator/core/config.h"
#include "tests/harness/main.h"

#define COMMANDS 16u

/* The order in which commands 0 .. COMMANDS - 1 completed. */
struct order {
	unsigned int count;
	unsigned int number[COMMANDS];
};

struct command {
	struct order *order;
	unsigned int number;
};

static void done(void *arg, const struct nvl_completion *completion)
{
	struct command *command = arg;

	ck_assert_int_eq(completion->result, 0);
	ck_assert_uint_lt(command->order->count, COMMANDS);
	command->order->number[command->order->count++] = command->number;
}

/* Sixteen reads in one batch against an emulator with that window and seed. */
static struct order run(uint32_t window, uint64_t seed)
{
	struct nvl_device_options options;
	struct command commands[COMMANDS];
	struct nvl_device *device = NULL;
	struct emu_config config;
	struct nvl_buffer buffer;
	struct nvl_queue *queue;
	struct order order = { 0 };
	struct nvme_text error;
	char text[256];

	nvme_text_init(&error, text, sizeof(text));
	emu_config_init(&config);
	config.reorder = window;
	config.seed = seed;
	nvl_device_options_init(&options);
	options.emulator.config = &config;
	options.emulator.virtual_clock = true;
	ck_assert_msg(nvl_device_open(&options, &device, &error) == 0, "%s", text);
	ck_assert_int_eq(nvl_device_alloc(device, COMMANDS * 512, &buffer), 0);
	queue = nvl_queue(nvl_device_ctrl(device), 0);
	for (unsigned int i = 0; i < COMMANDS; i++) {
		struct nvl_io io = { .ns = nvl_ns_at(nvl_device_ctrl(device), 0),
				     .slba = i,
				     .nlb = 1,
				     .buffer = &buffer,
				     .offset = i * 512ull };

		commands[i] = (struct command){ &order, i };
		ck_assert_int_eq(nvl_read(queue, &io, done, &commands[i]), 0);
	}
	nvl_ring(queue);
	while (nvl_queue_outstanding(queue))
		ck_assert_uint_gt(nvl_poll(queue, 0), 0);
	ck_assert_uint_eq(order.count, COMMANDS);
	ck_assert_int_eq(nvl_device_close(device), 0);
	return order;
}

START_TEST(a_window_of_one_keeps_the_order)
{
	struct order order = run(1, 7);

	for (unsigned int i = 0; i < COMMANDS; i++)
		ck_assert_uint_eq(order.number[i], i);
}
END_TEST

START_TEST(one_seed_gives_one_order)
{
	struct order first = run(4, 7);
	struct order second = run(4, 7);

	ck_assert_mem_eq(&first, &second, sizeof(first));
}
END_TEST

START_TEST(another_seed_gives_another_order)
{
	struct order first = run(4, 7);
	struct order second = run(4, 8);

	ck_assert_mem_ne(&first, &second, sizeof(first));
}
END_TEST

START_TEST(no_command_overtakes_more_than_the_window)
{
	/* Of four that are finished one is drawn, so at most three that are older wait. */
	struct order order = run(4, 7);

	for (unsigned int i = 0; i < COMMANDS; i++) {
		unsigned int overtaken = 0;

		for (unsigned int later = i + 1; later < COMMANDS; later++)
			overtaken += order.number[later] < order.number[i];
		ck_assert_uint_le(overtaken, 3);
	}
}
END_TEST

static Suite *reorder(void)
{
	Suite *suite = suite_create("reorder");
	TCase *tcase = tcase_create("reorder");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_window_of_one_keeps_the_order);
	tcase_add_test(tcase, one_seed_gives_one_order);
	tcase_add_test(tcase, another_seed_gives_another_order);
	tcase_add_test(tcase, no_command_overtakes_more_than_the_window);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { reorder };

	return th_main(suites, 1);
}
