/* SPDX-License-Identifier: BSD-3-Clause */
/* From a disabled controller to commands and back, over every link. */
#include <errno.h>
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/integration/rig.h"

START_TEST(bring_up_finds_controller_queues_and_namespace)
{
	/* Base 2.0 3.5.1: initialization. */
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	ck_assert_uint_eq(nvl_info(rig.ctrl)->queues, 4);
	ck_assert_uint_eq(nvl_info(rig.ctrl)->entries, 64);
	ck_assert_uint_eq(nvl_ns_count(rig.ctrl), 1);
	ck_assert_uint_eq(rig.ns->nsze, 64u << 11);
	ck_assert_int_eq(nvl_state(rig.ctrl), NVL_STATE_LIVE);
	th_rig_close(&rig);
}
END_TEST

START_TEST(identify_controller_is_kept_as_sent)
{
	/* Base 2.0 5.17.2.1: Identify Controller. */
	const struct nvl_identify identify = { .cns = NVME_CNS_CTRL };
	struct nvme_id_ctrl id;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	th_ok(nvl_identify(rig.ctrl, &identify, &id));
	ck_assert_mem_eq(&id, nvl_id_ctrl(rig.ctrl), sizeof(id));
	ck_assert_uint_eq(nvme_cpu32(id.ver), nvl_info(rig.ctrl)->vs);
	th_rig_close(&rig);
}
END_TEST

START_TEST(features_and_logs_work_through_the_bounce_buffer)
{
	/* Base 2.0 5.15 Get Features, 5.27 Set Features, 5.16 Get Log Page. */
	struct nvl_feature threshold = { .fid = NVME_FID_TEMP_THRESHOLD, .cdw11 = 333 };
	const struct nvl_log smart = { .lid = NVME_LID_SMART, .nsid = NVME_NSID_ALL };
	uint8_t page[512];
	uint32_t dw0 = 0;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	th_ok(nvl_set_feature(rig.ctrl, &threshold, NULL));
	threshold.cdw11 = 0;
	th_ok(nvl_get_feature(rig.ctrl, &threshold, &dw0));
	ck_assert_uint_eq(dw0, 333);
	memset(page, 0xee, sizeof(page));
	th_ok(nvl_get_log(rig.ctrl, &smart, page, sizeof(page)));
	ck_assert_uint_ne(page[511], 0xee);
	th_rig_close(&rig);
}
END_TEST

START_TEST(an_unknown_admin_opcode_gets_its_status_whole)
{
	/* Base 2.0 3.3.3.2.1: Invalid Command Opcode; DNR is kept. */
	const struct nvme_sqe sqe = { .opcode = 0xff };
	struct nvl_completion completion = { 0 };
	struct th_rig rig;
	int result;

	th_rig_open_default(&rig, (enum th_link)_i);
	result = nvl_execute(nvl_admin_queue(rig.ctrl), &sqe, NULL, &completion);
	ck_assert_int_eq(result, completion.status);
	ck_assert_uint_eq(nvme_status_code(completion.status), NVME_SC_INVALID_OPCODE);
	ck_assert_uint_ne(completion.status & NVME_DNR, 0);
	th_rig_close(&rig);
}
END_TEST

START_TEST(sixteen_queues_are_created_and_work)
{
	/* Base 2.0 5.27.1.5: Number of Queues. */
	struct th_rig_options options;
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.driver.queues = 16;
	th_rig_open(&rig, (enum th_link)_i, &options);
	ck_assert_uint_eq(nvl_info(rig.ctrl)->queues, 16);
	buffer = th_rig_buffer(&rig, 4096, 1);
	for (uint32_t index = 0; index < 16; index++) {
		const struct nvl_io io = {
			.ns = rig.ns, .slba = index * 8, .nlb = 8, .buffer = &buffer
		};

		th_ok(nvl_write_wait(nvl_queue(rig.ctrl, index), &io));
	}
	th_rig_close(&rig);
}
END_TEST

START_TEST(more_queues_than_granted_are_clamped)
{
	/* Base 2.0 5.27.1.5: the controller may allocate fewer. */
	struct th_rig_options options;
	struct emu_config config;
	struct th_rig rig;

	th_rig_options_init(&options);
	emu_config_init(&config);
	config.queues = 2;
	options.config = &config;
	options.driver.queues = 8;
	th_rig_open(&rig, (enum th_link)_i, &options);
	ck_assert_uint_eq(nvl_info(rig.ctrl)->queues, 2);
	ck_assert_ptr_null(nvl_queue(rig.ctrl, 2));
	th_rig_close(&rig);
}
END_TEST

START_TEST(queues_are_no_deeper_than_mqes)
{
	/* Base 2.0 3.1.3.1: CAP.MQES. */
	struct th_rig_options options;
	struct emu_config config;
	struct th_rig rig;

	th_rig_options_init(&options);
	emu_config_init(&config);
	config.mqes = 7;
	options.config = &config;
	th_rig_open(&rig, (enum th_link)_i, &options);
	ck_assert_uint_eq(nvl_info(rig.ctrl)->entries, 8);
	ck_assert_uint_eq(nvl_queue_depth(rig.queue), 7);
	th_rig_close(&rig);
}
END_TEST

START_TEST(doorbells_are_found_by_their_stride)
{
	/* Base 2.0 3.1.3.1: CAP.DSTRD. */
	struct th_rig_options options;
	struct emu_config config;
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_options_init(&options);
	emu_config_init(&config);
	config.dstrd = 4;
	config.queues = 8;
	options.config = &config;
	th_rig_open(&rig, (enum th_link)_i, &options);
	buffer = th_rig_buffer(&rig, 512, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 1, .buffer = &buffer };

	ck_assert_uint_eq(nvl_info(rig.ctrl)->doorbell_stride, 64);
	th_ok(nvl_write_wait(nvl_queue(rig.ctrl, 3), &io));
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_controller_that_was_shut_down_starts_again)
{
	/* Base 2.0 3.6: after shutdown the controller is enabled anew. */
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	buffer = th_rig_buffer(&rig, 512, 1);
	th_ok(nvl_shutdown(rig.ctrl, _i % 2 != 0));
	ck_assert(nvl_dma_safe(rig.ctrl));
	ck_assert_int_eq(nvl_state(rig.ctrl), NVL_STATE_STOPPED);
	th_ok(nvl_start(rig.ctrl));
	const struct nvl_io io = { .ns = nvl_ns_at(rig.ctrl, 0), .nlb = 1, .buffer = &buffer };

	th_ok(nvl_write_wait(nvl_queue(rig.ctrl, 0), &io));
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_second_client_finds_the_controller_fresh)
{
	/* Base 2.0 3.7.2: whatever the last one left, bring-up starts from reset. */
	struct th_rig_options options;
	struct th_rig rig;

	th_rig_options_init(&options);
	th_rig_open(&rig, (enum th_link)_i, &options);
	th_ok(nvl_device_close(rig.device));
	th_ok(th_rig_connect(&rig, &options, NULL));
	ck_assert_uint_eq(nvl_info(rig.ctrl)->queues, 4);
	th_rig_close(&rig);
}
END_TEST

struct bad_name {
	const char *device;
	int error;
	const char *word; /* that the sentence has */
};

static const struct bad_name bad_names[] = {
	{ "vfio-user:", -EINVAL, "PATH" },
	{ "vfio-user:/nowhere/cntrl", -ENOENT, "nvmelab-emulator" },
	{ "vfio-user:/dev/null", -ECONNREFUSED, "/dev/null" },
	{ "usb:3", -EINVAL, "vfio-user:PATH" },
	{ "vfio-user:/0123456789012345678901234567890123456789012345678901234567890123456789012345"
	  "67890123456789012345678901234567890123456789",
	  -ENAMETOOLONG, "107" },
};

START_TEST(a_device_that_cannot_be_is_explained)
{
	const struct bad_name *bad = &bad_names[_i];
	struct nvl_device_options options;
	struct nvl_device *device = NULL;
	char buffer[512];
	struct nvme_text error;

	nvme_text_init(&error, buffer, sizeof(buffer));
	nvl_device_options_init(&options);
	options.device = bad->device;
	ck_assert_int_eq(nvl_device_open(&options, &device, &error), bad->error);
	ck_assert_msg(strstr(buffer, bad->word), "'%s' is not in: %s", bad->word, buffer);
	ck_assert_ptr_null(device);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("bring_up");
	TCase *links = tcase_create("links");
	TCase *names = tcase_create("names");

	tcase_set_timeout(links, 120);
	th_add_device_test(links, bring_up_finds_controller_queues_and_namespace, 1);
	th_add_device_test(links, identify_controller_is_kept_as_sent, 1);
	th_add_device_test(links, features_and_logs_work_through_the_bounce_buffer, 1);
	th_add_device_test(links, an_unknown_admin_opcode_gets_its_status_whole, 1);
	th_add_device_test(links, sixteen_queues_are_created_and_work, 1);
	th_add_emulator_test(links, more_queues_than_granted_are_clamped, 0, TH_LINKS);
	th_add_emulator_test(links, queues_are_no_deeper_than_mqes, 0, TH_LINKS);
	th_add_emulator_test(links, doorbells_are_found_by_their_stride, 0, TH_LINKS);
	th_add_device_test(links, a_controller_that_was_shut_down_starts_again, 1);
	th_add_emulator_test(links, a_second_client_finds_the_controller_fresh, TH_TRAPPED,
			     TH_LINKS);
	suite_add_tcase(suite, links);
	tcase_add_loop_test(names, a_device_that_cannot_be_is_explained, 0,
			    sizeof(bad_names) / sizeof(bad_names[0]));
	suite_add_tcase(suite, names);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
