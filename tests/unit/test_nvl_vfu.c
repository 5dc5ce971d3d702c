/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/transport/vfu_*.c: a vfio-user server that answers wrongly, and one that asks back. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/transport/transport.h"
#include "tests/harness/main.h"
#include "tests/unit/nvl_vfu_server.h"

static int connect_to(struct th_vfu_server *server, struct nvl_device **ret_device,
		      struct nvme_text *error)
{
	struct nvl_device_options options;
	char name[128];

	snprintf(name, sizeof(name), "vfio-user:%s", server->path);
	nvl_device_options_init(&options);
	options.device = name;
	options.start = false;
	options.message_timeout_nsec = 300000000;
	return nvl_device_open(&options, ret_device, error);
}

static unsigned int open_fds(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static const uint32_t commands[] = {
	VFU_VERSION,
	VFU_DEVICE_GET_INFO,
	VFU_DEVICE_GET_REGION_INFO,
	VFU_DEVICE_GET_IRQ_INFO,
	VFU_DMA_MAP,
	VFU_DMA_UNMAP,
	VFU_REGION_READ,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

START_TEST(a_wrong_reply_is_an_error_and_leaks_nothing)
{
	/* Any reply to any command: an error with a sentence, or a device that can be closed. */
	unsigned int before = open_fds();
	struct nvl_device *device = NULL;
	struct th_vfu_server server = {
		.command = commands[_i / TWISTS],
		.twist = (enum th_twist)(_i % TWISTS),
	};
	char buffer[512];
	struct nvme_text error;
	int result;

	nvme_text_init(&error, buffer, sizeof(buffer));
	th_vfu_start(&server);
	result = connect_to(&server, &device, &error);
	ck_assert_msg(result == 0 || error.used > 0, "no sentence for %d", result);
	if (result == 0) {
		const struct nvl_ops *ops = nvl_device_ops(device);

		ops->reg_read(ops->arg, 0, 8);
		ops->reg_write(ops->arg, 0x14, 4, 0);
		nvl_device_close(device);
	}
	th_vfu_stop(&server);
	ck_assert_uint_eq(open_fds(), before);
}
END_TEST

struct fatal_case {
	uint32_t command;
	enum th_twist twist;
	int result;
};

static const struct fatal_case fatal_cases[] = {
	{ VFU_VERSION, SILENT, -ETIMEDOUT },
	{ VFU_VERSION, CLOSED, -ECONNRESET },
	{ VFU_VERSION, WRONG_ID, -EPROTO },
	{ VFU_VERSION, TINY, -EPROTO },
	{ VFU_VERSION, HUGE_SIZE, -EPROTO },
	{ VFU_VERSION, ERROR_PAYLOAD, -EBUSY },
	{ VFU_VERSION, ERROR_ZERO, -EIO },
	{ VFU_DEVICE_GET_INFO, SHORT, -EPROTO },
	{ VFU_DEVICE_GET_INFO, LONG, 0 },
	{ VFU_DEVICE_GET_INFO, IN_PIECES, 0 },
	{ VFU_DEVICE_GET_REGION_INFO, CUT, -ECONNRESET },
	{ VFU_DEVICE_GET_IRQ_INFO, ERROR_PAYLOAD, 0 },
	{ VFU_DMA_MAP, ERROR_PAYLOAD, -EBUSY },
	{ VFU_DMA_MAP, EXTRA_FDS, 0 },
};

START_TEST(the_error_says_what_was_wrong)
{
	const struct fatal_case *bad = &fatal_cases[_i];
	struct th_vfu_server server = { .command = bad->command, .twist = bad->twist };
	struct nvl_device *device = NULL;

	th_vfu_start(&server);
	ck_assert_int_eq(connect_to(&server, &device, NULL), bad->result);
	nvl_device_close(device);
	th_vfu_stop(&server);
}
END_TEST

START_TEST(registers_of_a_server_that_went_wrong_are_all_ones)
{
	struct th_vfu_server server = { .command = VFU_REGION_READ, .twist = WRONG_ID };
	struct nvl_device *device = NULL;
	const struct nvl_ops *ops;

	th_vfu_start(&server);
	ck_assert_int_eq(connect_to(&server, &device, NULL), 0);
	ops = nvl_device_ops(device);
	ck_assert_uint_eq(ops->reg_read(ops->arg, 0, 8), UINT64_MAX);
	ck_assert_uint_eq(ops->reg_read(ops->arg, 0x1c, 4), UINT32_MAX);
	ck_assert_uint_eq(ops->cfg_read(ops->arg, 4, 2), 0xffff);
	ck_assert_int_eq(ops->alive(ops->arg), -EPROTO);
	nvl_device_close(device);
	th_vfu_stop(&server);
}
END_TEST

START_TEST(a_mapping_is_checked_before_it_is_made)
{
	struct th_vfu_server server = { .has_area = true, .area_twist = (enum th_area_twist)_i };
	unsigned int before = open_fds();
	struct nvl_device *device = NULL;
	char buffer[512];
	struct nvme_text error;
	int result;

	nvme_text_init(&error, buffer, sizeof(buffer));
	th_vfu_start(&server);
	result = connect_to(&server, &device, &error);
	ck_assert_int_eq(result, _i == AREA_GOOD || _i == AREA_EMPTY ? 0 : -EPROTO);
	ck_assert(result == 0 || strstr(buffer, "BAR0"));
	ck_assert(result != 0 || (nvl_device_ops(device)->mapped != NULL) == (_i == AREA_GOOD));
	nvl_device_close(device);
	th_vfu_stop(&server);
	ck_assert_uint_eq(open_fds(), before);
}
END_TEST

struct ask_case {
	uint32_t command;
	uint64_t offset; /* in the memory that was mapped last */
	uint64_t count;
	uint32_t error;
};

static const struct ask_case asks[] = {
	{ VFU_DMA_READ, 0, 16, 0 },
	{ VFU_DMA_WRITE, 16, 16, 0 },
	{ VFU_DMA_WRITE, 16, 15, EINVAL },
	{ VFU_DMA_READ, 0, 0, E2BIG },
	{ VFU_DMA_READ, 0, UINT64_MAX, E2BIG },
	{ VFU_DMA_READ, UINT64_MAX - 7, 16, EFAULT },
	{ VFU_DMA_READ, (64u << 20) - 8, 16, EFAULT },
	{ VFU_DMA_READ, UINT64_C(1) << 40, 16, EFAULT },
	{ VFU_DIRTY_PAGES, 0, 16, EINVAL },
	{ 999, 0, 0, EINVAL },
};

START_TEST(the_server_may_ask_for_memory_while_we_wait)
{
	/* DMA_READ and DMA_WRITE come before the reply to DMA_MAP: the memory is known already. */
	const struct ask_case *ask = &asks[_i];
	struct th_vfu_server server = {
		.ask = ask->command,
		.access = { .addr = ask->offset, .count = ask->count },
	};
	struct nvl_device *device = NULL;

	th_vfu_start(&server);
	ck_assert_int_eq(connect_to(&server, &device, NULL), 0);
	nvl_device_close(device);
	th_vfu_stop(&server);
	ck_assert_uint_eq(server.answer.msg_id, 0x7777);
	ck_assert_uint_eq(server.answer.command, ask->command);
	ck_assert_uint_eq(server.answer.flags,
			  ask->error ? VFU_FLAG_REPLY | VFU_FLAG_ERROR : VFU_FLAG_REPLY);
	ck_assert_uint_eq(server.answer.error_no, ask->error);
	ck_assert_uint_eq(server.answered_bytes, ask->error			? 0
						 : ask->command == VFU_DMA_READ ? 32
										: 16);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_vfu");
	TCase *tcase = tcase_create("server");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_wrong_reply_is_an_error_and_leaks_nothing, 0,
			    (int)COMMANDS * TWISTS);
	tcase_add_loop_test(tcase, the_error_says_what_was_wrong, 0,
			    sizeof(fatal_cases) / sizeof(fatal_cases[0]));
	tcase_add_test(tcase, registers_of_a_server_that_went_wrong_are_all_ones);
	tcase_add_loop_test(tcase, a_mapping_is_checked_before_it_is_made, 0, AREA_TWISTS);
	tcase_add_loop_test(tcase, the_server_may_ask_for_memory_while_we_wait, 0,
			    sizeof(asks) / sizeof(asks[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
