/* SPDX-License-Identifier: BSD-3-Clause */
/* Interrupts instead of polling, over every link; vectors shared when there are too few. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/integration/rig.h"

static void open_with_vectors(struct th_rig *rig, int link, struct emu_config *config,
			      uint32_t vectors)
{
	struct th_rig_options options;

	th_rig_options_init(&options);
	emu_config_init(config);
	config->vectors = vectors;
	options.config = config;
	options.interrupts = true;
	th_rig_open(rig, (enum th_link)link, &options);
}

static void write_on_every_queue(struct th_rig *rig)
{
	struct nvl_buffer buffer = th_rig_buffer(rig, 4096, 1);
	const struct nvl_io io = { .ns = rig->ns, .nlb = 8, .buffer = &buffer };

	for (uint32_t index = 0; index < nvl_info(rig->ctrl)->queues; index++)
		th_ok(nvl_write_wait(nvl_queue(rig->ctrl, index), &io));
}

START_TEST(each_queue_has_a_vector_of_its_own)
{
	/* Base 2.0 5.5: Create I/O Completion Queue, IV and IEN. */
	struct emu_config config;
	struct th_rig rig;

	open_with_vectors(&rig, _i, &config, 16);
	ck_assert_uint_eq(nvl_info(rig.ctrl)->vectors, 5);
	ck_assert_uint_eq(nvl_queue_vector(nvl_admin_queue(rig.ctrl)), 0);
	ck_assert_uint_eq(nvl_queue_vector(nvl_queue(rig.ctrl, 3)), 4);
	write_on_every_queue(&rig);
	th_rig_close(&rig);
}
END_TEST

START_TEST(queues_share_vectors_when_there_are_few)
{
	struct emu_config config;
	struct th_rig rig;

	open_with_vectors(&rig, _i, &config, 2);
	ck_assert_uint_eq(nvl_info(rig.ctrl)->vectors, 2);
	ck_assert_uint_eq(nvl_queue_vector(nvl_queue(rig.ctrl, 0)), 1);
	ck_assert_uint_eq(nvl_queue_vector(nvl_queue(rig.ctrl, 3)), 1);
	write_on_every_queue(&rig);
	th_rig_close(&rig);
}
END_TEST

START_TEST(one_vector_serves_all)
{
	struct emu_config config;
	struct th_rig rig;

	open_with_vectors(&rig, _i, &config, 1);
	ck_assert_uint_eq(nvl_info(rig.ctrl)->vectors, 1);
	ck_assert_uint_eq(nvl_queue_vector(nvl_queue(rig.ctrl, 3)), 0);
	write_on_every_queue(&rig);
	th_rig_close(&rig);
}
END_TEST

START_TEST(the_head_is_told_after_every_batch)
{
	/* A controller may hold back interrupts for entries that it thinks are not consumed. */
	const struct nvl_counters *counters;
	struct emu_config config;
	struct th_rig rig;

	open_with_vectors(&rig, _i, &config, 16);
	write_on_every_queue(&rig);
	counters = nvl_counters(nvl_queue(rig.ctrl, 0));
	ck_assert_uint_eq(counters->cq_doorbells, counters->completed);
	th_rig_close(&rig);
}
END_TEST

START_TEST(many_requests_are_waited_for_without_a_lost_wake_up)
{
	struct th_ending ending = { 0 };
	struct nvl_buffer buffer;
	struct emu_config config;
	struct th_rig rig;

	open_with_vectors(&rig, _i, &config, 16);
	buffer = th_rig_buffer(&rig, 4096, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 8, .buffer = &buffer };

	for (unsigned int batch = 1; batch <= 200; batch++) {
		for (unsigned int i = 0; i < 5; i++)
			th_ok(nvl_read(rig.queue, &io, th_count, &ending));
		nvl_ring(rig.queue);
		th_await(&rig, rig.queue, &ending, 5 * batch);
	}
	ck_assert_uint_eq(ending.errors, 0);
	th_rig_close(&rig);
}
END_TEST

START_TEST(interrupts_survive_a_reset)
{
	/* Base 2.0 3.7.2: MSI-X is not a matter of a controller reset. */
	struct emu_config config;
	struct th_rig rig;

	open_with_vectors(&rig, _i, &config, 16);
	th_ok(nvl_reset(rig.ctrl));
	ck_assert_uint_eq(nvl_info(rig.ctrl)->vectors, 5);
	rig.ns = nvl_ns_at(rig.ctrl, 0);
	write_on_every_queue(&rig);
	th_rig_close(&rig);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("interrupts");
	TCase *tcase = tcase_create("links");

	tcase_set_timeout(tcase, 120);
	th_add_device_test(tcase, each_queue_has_a_vector_of_its_own, 1);
	th_add_emulator_test(tcase, queues_share_vectors_when_there_are_few, 0, TH_LINKS);
	th_add_emulator_test(tcase, one_vector_serves_all, 0, TH_LINKS);
	th_add_device_test(tcase, the_head_is_told_after_every_batch, 1);
	th_add_device_test(tcase, many_requests_are_waited_for_without_a_lost_wake_up, 1);
	th_add_device_test(tcase, interrupts_survive_a_reset, 1);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
