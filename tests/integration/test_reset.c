/* SPDX-License-Identifier: BSD-3-Clause */
/* Resets with requests outstanding, threads that share a controller, and servers that die. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/integration/rig.h"

START_TEST(requests_end_exactly_once_in_a_reset)
{
	/* Base 2.0 3.7.2: commands are dropped without a completion. */
	struct th_ending ending = { 0 };
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	buffer = th_rig_buffer(&rig, 4096, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 8, .buffer = &buffer };

	/* Not rung, so the controller knows nothing of them. */
	for (unsigned int i = 0; i < 8; i++)
		th_ok(nvl_write(rig.queue, &io, th_count, &ending));
	th_ok(nvl_reset(rig.ctrl));
	ck_assert_uint_eq(ending.done, 8);
	ck_assert_uint_eq(ending.errors, 8);
	ck_assert_int_eq(ending.first_error, -NVL_ECANCELED);
	nvl_poll(rig.queue, 0);
	ck_assert_uint_eq(ending.done, 8);
	const struct nvl_io again = { .ns = nvl_ns_at(rig.ctrl, 0), .nlb = 8, .buffer = &buffer };

	th_ok(nvl_write_wait(rig.queue, &again));
	th_rig_close(&rig);
}
END_TEST

START_TEST(requests_that_were_rung_end_exactly_once_in_a_reset)
{
	/* Some of them completed before RDY became 0: those end as usual. */
	struct th_ending ending = { 0 };
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	buffer = th_rig_buffer(&rig, 1u << 20, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 2048, .buffer = &buffer };

	for (unsigned int round = 1; round <= 20; round++) {
		struct nvl_io here = io;

		here.ns = nvl_ns_at(rig.ctrl, 0);
		for (unsigned int i = 0; i < 10; i++)
			th_ok(nvl_write(rig.queue, &here, th_count, &ending));
		nvl_ring(rig.queue);
		th_ok(nvl_reset(rig.ctrl));
		ck_assert_uint_eq(ending.done, 10 * round);
		ck_assert_uint_eq(nvl_queue_outstanding(rig.queue), 0);
	}
	th_rig_close(&rig);
}
END_TEST

START_TEST(requests_are_sent_again_after_a_reset_and_do_what_they_say)
{
	/* With config.resend: writes that a medium of a second has not begun, and a split read. */
	struct th_ending writes = { 0 }, reads = { 0 };
	struct th_rig_options options;
	struct emu_config config;
	struct nvl_buffer from, to;
	struct th_rig rig;

	th_rig_options_init(&options);
	emu_config_init(&config);
	config.service_time = 1000000000u;
	options.config = &config;
	options.virtual_clock = true;
	options.driver.resend = true;
	options.driver.max_transfer_bytes = 8192;
	th_rig_open(&rig, (enum th_link)_i, &options);
	from = th_rig_buffer(&rig, 65536, 7);
	to = th_rig_buffer(&rig, 65536, 9);
	const struct nvl_io write = { .ns = rig.ns, .nlb = 128, .buffer = &from };

	th_ok(nvl_write(rig.queue, &write, th_count, &writes));
	nvl_ring(rig.queue);
	th_ok(nvl_reset(rig.ctrl));
	ck_assert_uint_eq(writes.done, 0);
	while (writes.done == 0) {
		nvl_poll(rig.queue, 0);
		nvl_wait(rig.queue, nvl_device_now(rig.device) + 100000000u);
	}
	ck_assert_uint_eq(writes.errors, 0);
	const struct nvl_io read = { .ns = nvl_ns_at(rig.ctrl, 0), .nlb = 128, .buffer = &to };

	th_ok(nvl_read(rig.queue, &read, th_count, &reads));
	th_ok(nvl_reset(rig.ctrl)); /* not rung yet */
	while (reads.done == 0) {
		nvl_poll(rig.queue, 0);
		nvl_wait(rig.queue, nvl_device_now(rig.device) + 100000000u);
	}
	ck_assert_uint_eq(reads.errors, 0);
	ck_assert_mem_eq(to.data, from.data, 65536);
	ck_assert_uint_eq(nvl_rung_count(rig.ctrl, NVL_RUNG_RESENT), 16);
	th_rig_close(&rig);
}
END_TEST

START_TEST(slow_media_do_not_hold_a_reset_up)
{
	/* With a virtual clock and a medium that takes a second: nothing has completed. */
	struct th_rig_options options;
	struct th_ending ending = { 0 };
	struct emu_config config;
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_options_init(&options);
	emu_config_init(&config);
	config.service_time = 1000000000u;
	options.config = &config;
	options.virtual_clock = true;
	th_rig_open(&rig, (enum th_link)_i, &options);
	buffer = th_rig_buffer(&rig, 4096, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 8, .buffer = &buffer };

	for (unsigned int i = 0; i < 8; i++)
		th_ok(nvl_read(rig.queue, &io, th_count, &ending));
	nvl_ring(rig.queue);
	ck_assert_uint_eq(nvl_poll(rig.queue, 0), 0);
	th_ok(nvl_reset(rig.ctrl));
	ck_assert_uint_eq(ending.done, 8);
	ck_assert_int_eq(ending.first_error, -NVL_ECANCELED);
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_command_that_takes_too_long_is_aborted)
{
	/* Base 2.0 5.1: Abort. The buffer is safe when the call returns. */
	struct th_rig_options options;
	struct emu_config config;
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_options_init(&options);
	emu_config_init(&config);
	config.service_time = 10000000000u;
	options.config = &config;
	options.virtual_clock = true;
	options.driver.io_timeout_nsec = 9999999999u;
	th_rig_open(&rig, (enum th_link)_i, &options);
	buffer = th_rig_buffer(&rig, 4096, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 8, .buffer = &buffer };

	ck_assert_int_eq(nvl_read_wait(rig.queue, &io), NVME_SC_ABORT_REQUESTED);
	ck_assert_uint_eq(nvl_queue_outstanding(rig.queue), 0);
	ck_assert_uint_eq(nvl_rung_count(rig.ctrl, NVL_RUNG_ABORTED), 1);
	ck_assert_int_eq(nvl_state(rig.ctrl), NVL_STATE_LIVE);
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_command_that_takes_just_the_timeout_succeeds)
{
	/* The last look at the completion queue comes after the deadline. */
	struct th_rig_options options;
	struct emu_config config;
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_options_init(&options);
	emu_config_init(&config);
	config.service_time = 10000000000u;
	options.config = &config;
	options.virtual_clock = true;
	options.driver.io_timeout_nsec = 10000000000u;
	th_rig_open(&rig, (enum th_link)_i, &options);
	buffer = th_rig_buffer(&rig, 4096, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 8, .buffer = &buffer };

	th_ok(nvl_read_wait(rig.queue, &io));
	th_rig_close(&rig);
}
END_TEST

struct worker {
	struct th_rig *rig;
	struct nvl_queue *queue;
	struct nvl_buffer buffer;
	struct th_ending ending;
	struct nvl_ns ns;
	unsigned int wanted;
};

/* Keeps four writes outstanding until all have ended, through resets. */
static void *work(void *arg)
{
	struct worker *worker = arg;
	const struct nvl_io io = { .ns = &worker->ns, .nlb = 8, .buffer = &worker->buffer };
	unsigned int started = 0;

	while (worker->ending.done < worker->wanted) {
		while (started < worker->wanted && started - worker->ending.done < 4 &&
		       nvl_write(worker->queue, &io, th_count, &worker->ending) == 0)
			started++;
		nvl_ring(worker->queue);
		nvl_poll(worker->queue, 0);
	}
	nvl_queue_release(worker->queue);
	return NULL;
}

static void live_through_resets(enum th_link link, bool resend)
{
	struct th_rig_options options;
	struct worker workers[2];
	pthread_t threads[2];
	struct th_rig rig;

	th_rig_options_init(&options);
	options.driver.resend = resend;
	options.driver.max_retries = NVL_MAX_RETRIES;
	th_rig_open(&rig, link, &options);
	for (uint32_t i = 0; i < 2; i++) {
		workers[i] = (struct worker){
			.rig = &rig,
			.queue = nvl_queue(rig.ctrl, i),
			.buffer = th_rig_buffer(&rig, 4096, i),
			.ns = *rig.ns,
			.wanted = 2000,
		};
		nvl_queue_claim(workers[i].queue);
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (unsigned int i = 0; i < 5; i++)
		th_ok(nvl_reset(rig.ctrl));
	for (uint32_t i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_uint_eq(workers[i].ending.done, 2000);
		ck_assert(workers[i].ending.errors == 0 ||
			  (!resend && workers[i].ending.first_error == -NVL_ECANCELED));
	}
	th_rig_close(&rig);
}

START_TEST(threads_with_queues_of_their_own_live_through_resets)
{
	live_through_resets((enum th_link)_i, false);
}
END_TEST

START_TEST(threads_with_queues_of_their_own_do_not_notice_resets)
{
	/* With config.resend no request ends with an error. */
	live_through_resets((enum th_link)_i, true);
}
END_TEST

START_TEST(a_server_that_dies_ends_a_wait_with_an_error)
{
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	buffer = th_rig_buffer(&rig, 4096, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 8, .buffer = &buffer };

	th_ok(nvl_write_wait(rig.queue, &io));
	th_rig_kill(&rig);
	ck_assert_int_eq(nvl_write_wait(rig.queue, &io), -NVL_ECONNRESET);
	ck_assert_int_eq(nvl_state(rig.ctrl), NVL_STATE_GONE);
	ck_assert_int_lt(nvl_write_wait(rig.queue, &io), 0);
	ck_assert_int_eq(nvl_reset(rig.ctrl), -NVL_ECONNRESET);
	th_rig_abandon(&rig);
}
END_TEST

START_TEST(a_server_that_dies_under_interrupts_ends_a_wait_with_an_error)
{
	struct th_rig_options options;
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.interrupts = true;
	th_rig_open(&rig, (enum th_link)_i, &options);
	buffer = th_rig_buffer(&rig, 4096, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 8, .buffer = &buffer };

	th_rig_kill(&rig);
	ck_assert_int_eq(nvl_write_wait(rig.queue, &io), -NVL_ECONNRESET);
	ck_assert_int_eq(nvl_state(rig.ctrl), NVL_STATE_GONE);
	th_rig_abandon(&rig);
}
END_TEST

START_TEST(requests_end_exactly_once_when_the_server_dies)
{
	struct th_ending ending = { 0 };
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	buffer = th_rig_buffer(&rig, 1u << 20, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 2048, .buffer = &buffer };

	th_rig_kill(&rig);
	for (unsigned int i = 0; i < 16; i++)
		th_ok(nvl_write(rig.queue, &io, th_count, &ending));
	nvl_ring(rig.queue);
	while (nvl_watch(rig.ctrl) == 0)
		nvl_wait(rig.queue, nvl_device_now(rig.device) + 1000000);
	ck_assert_uint_eq(ending.done, 16);
	ck_assert_uint_eq(ending.errors, 16);
	ck_assert_int_eq(ending.first_error, -NVL_ECONNRESET);
	th_rig_abandon(&rig);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("reset");
	TCase *tcase = tcase_create("links");

	tcase_set_timeout(tcase, 240);
	th_add_device_test(tcase, requests_end_exactly_once_in_a_reset, 1);
	th_add_device_test(tcase, requests_that_were_rung_end_exactly_once_in_a_reset, 1);
	th_add_emulator_test(tcase, requests_are_sent_again_after_a_reset_and_do_what_they_say, 0,
			     TH_TRAPPED + 1);
	th_add_emulator_test(tcase, slow_media_do_not_hold_a_reset_up, 0, TH_TRAPPED + 1);
	th_add_emulator_test(tcase, a_command_that_takes_too_long_is_aborted, 0, TH_TRAPPED + 1);
	th_add_emulator_test(tcase, a_command_that_takes_just_the_timeout_succeeds, 0,
			     TH_TRAPPED + 1);
	th_add_device_test(tcase, threads_with_queues_of_their_own_live_through_resets, 1);
	th_add_device_test(tcase, threads_with_queues_of_their_own_do_not_notice_resets, 1);
	th_add_emulator_test(tcase, a_server_that_dies_ends_a_wait_with_an_error, TH_TRAPPED,
			     TH_LINKS);
	th_add_emulator_test(tcase, a_server_that_dies_under_interrupts_ends_a_wait_with_an_error,
			     TH_TRAPPED, TH_LINKS);
	th_add_emulator_test(tcase, requests_end_exactly_once_when_the_server_dies, TH_TRAPPED,
			     TH_LINKS);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
