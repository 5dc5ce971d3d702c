/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads and writes over every link: sizes, depths, wraps, errors, and buffers of every shape. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/integration/rig.h"

struct transfer {
	uint32_t nlb;
	uint64_t from; /* offset in the buffer that is written */
	uint64_t to;   /* offset in the buffer that is read */
};

/* One page, two, a list, several commands; aligned and not. MDTS is 512 KiB by default. */
static const struct transfer transfers[] = {
	{ 1, 0, 0 },	   { 1, 4, 4092 }, { 8, 0, 0 },		{ 8, 512, 3584 },
	{ 16, 4, 8 },	   { 17, 0, 0 },   { 255, 1028, 516 },	{ 1024, 0, 0 },
	{ 1024, 2052, 4 }, { 1025, 0, 0 }, { 6000, 516, 1028 },
};

#define TRANSFERS (sizeof(transfers) / sizeof(transfers[0]))

START_TEST(what_was_written_is_read_back)
{
	/* NVM 1.0 3.2.4 Read, 3.2.6 Write; Base 2.0 4.1.1: PRP entries and lists. */
	const struct transfer *transfer = &transfers[_i % (int)TRANSFERS];
	uint64_t bytes = (uint64_t)transfer->nlb * 512;
	struct nvl_buffer out, in;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)(_i / (int)TRANSFERS));
	out = th_rig_buffer(&rig, bytes + 8192, 1);
	in = th_rig_buffer(&rig, bytes + 8192, 2);
	uint8_t *expected = malloc(bytes + 8192);
	struct nvl_io io = { .ns = rig.ns, .slba = 77, .nlb = transfer->nlb };

	th_pattern(expected, bytes + 8192, 2);
	memcpy(expected + transfer->to, (uint8_t *)out.data + transfer->from, bytes);
	io.buffer = &out;
	io.offset = transfer->from;
	th_ok(nvl_write_wait(rig.queue, &io));
	io.buffer = &in;
	io.offset = transfer->to;
	th_ok(nvl_read_wait(rig.queue, &io));
	ck_assert_msg(memcmp(in.data, expected, bytes + 8192) == 0,
		      "wrong data, or bytes around it changed");
	free(expected);
	th_rig_close(&rig);
}
END_TEST

/* Where a buffer of 64 KiB begins in its first page; PRP entry 1 is a multiple of 4. */
static const uint64_t misaligned[] = { 4, 512, 2044, 3584, 4092 };

START_TEST(buffers_of_64_kib_begin_anywhere_in_a_page)
{
	/* Base 2.0 4.1.1: an offset in PRP entry 1 alone; 17 pages, so a list of 16. */
	const unsigned int count = sizeof(misaligned) / sizeof(misaligned[0]);
	const uint64_t bytes = 64u << 10, room = (64u << 10) + 8192;
	struct nvl_buffer out, in;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	out = th_rig_buffer(&rig, room, 1);
	in = th_rig_buffer(&rig, room, 2);
	uint8_t *expected = malloc(room);
	struct nvl_io io = { .ns = rig.ns, .nlb = 128 };

	for (unsigned int i = 0; i < count * count; i++) {
		uint64_t from = misaligned[i % count], to = misaligned[i / count];

		th_pattern(out.data, room, i);
		th_pattern(in.data, room, i + 100);
		th_pattern(expected, room, i + 100);
		memcpy(expected + to, (uint8_t *)out.data + from, bytes);
		io.slba = 128 * i;
		io.buffer = &out;
		io.offset = from;
		th_ok(nvl_write_wait(rig.queue, &io));
		io.buffer = &in;
		io.offset = to;
		th_ok(nvl_read_wait(rig.queue, &io));
		ck_assert_msg(memcmp(in.data, expected, room) == 0, "from %u to %u",
			      (unsigned int)from, (unsigned int)to);
	}
	free(expected);
	th_rig_close(&rig);
}
END_TEST

static const unsigned int depths[] = { 1, 2, 8, 32, 63 };

#define DEPTHS (sizeof(depths) / sizeof(depths[0]))

START_TEST(a_batch_of_any_depth_completes_with_its_own_data)
{
	/* Base 2.0 3.3.1: queues; one doorbell write for the batch. */
	unsigned int depth = depths[_i % (int)DEPTHS];
	struct th_ending ending = { 0 };
	struct nvl_buffer out, in;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)(_i / (int)DEPTHS));
	out = th_rig_buffer(&rig, depth * 4096, 3);
	in = th_rig_buffer(&rig, depth * 4096, 4);
	for (unsigned int i = 0; i < depth; i++) {
		const struct nvl_io io = {
			.ns = rig.ns, .slba = i * 8, .nlb = 8, .buffer = &out, .offset = i * 4096
		};

		th_ok(nvl_write(rig.queue, &io, th_count, &ending));
	}
	uint64_t rung = nvl_counters(rig.queue)->sq_doorbells;

	nvl_ring(rig.queue);
	ck_assert_uint_eq(nvl_counters(rig.queue)->sq_doorbells, rung + 1);
	th_await(&rig, rig.queue, &ending, depth);
	for (unsigned int i = 0; i < depth; i++) {
		const struct nvl_io io = {
			.ns = rig.ns, .slba = i * 8, .nlb = 8, .buffer = &in, .offset = i * 4096
		};

		th_ok(nvl_read(rig.queue, &io, th_count, &ending));
	}
	nvl_ring(rig.queue);
	th_await(&rig, rig.queue, &ending, 2 * depth);
	ck_assert_uint_eq(ending.errors, 0);
	ck_assert_mem_eq(in.data, out.data, depth * 4096);
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_full_queue_says_so_and_goes_on)
{
	/* Base 2.0 3.3.1.5: a queue of n entries holds n - 1 commands. */
	struct th_rig_options options;
	struct th_ending ending = { 0 };
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.driver.entries = 4;
	th_rig_open(&rig, (enum th_link)_i, &options);
	buffer = th_rig_buffer(&rig, 512, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 1, .buffer = &buffer };

	th_ok(nvl_write(rig.queue, &io, th_count, &ending));
	th_ok(nvl_write(rig.queue, &io, th_count, &ending));
	th_ok(nvl_write(rig.queue, &io, th_count, &ending));
	ck_assert_int_eq(nvl_write(rig.queue, &io, th_count, &ending), -NVL_EAGAIN);
	nvl_ring(rig.queue);
	th_await(&rig, rig.queue, &ending, 3);
	th_ok(nvl_write_wait(rig.queue, &io));
	th_rig_close(&rig);
}
END_TEST

START_TEST(queues_wrap_many_times)
{
	/* Base 2.0 3.3.3.2.2: the phase tag inverts with each pass. */
	struct th_rig_options options;
	struct nvl_buffer out, in;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.driver.entries = 3;
	th_rig_open(&rig, (enum th_link)_i, &options);
	out = th_rig_buffer(&rig, 4096, 1);
	in = th_rig_buffer(&rig, 4096, 2);
	for (uint32_t i = 0; i < 200; i++) {
		struct nvl_io io = { .ns = rig.ns, .slba = i, .nlb = 8, .buffer = &out };

		th_pattern(out.data, 4096, i);
		th_ok(nvl_write_wait(rig.queue, &io));
		io.buffer = &in;
		th_ok(nvl_read_wait(rig.queue, &io));
		ck_assert_mem_eq(in.data, out.data, 4096);
	}
	ck_assert_uint_eq(nvl_counters(rig.queue)->completed, 400);
	th_rig_close(&rig);
}
END_TEST

static void use_shadow_doorbells(enum th_link link, bool interrupts)
{
	struct th_rig_options options;
	struct th_ending ending = { 0 };
	struct nvl_buffer out, in;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.driver.entries = 7;
	options.driver.shadow = true;
	options.interrupts = interrupts;
	th_rig_open(&rig, link, &options);
	ck_assert(nvl_info(rig.ctrl)->shadow_doorbells);
	out = th_rig_buffer(&rig, 4096, 1);
	in = th_rig_buffer(&rig, 4096, 2);
	for (uint32_t i = 0; i < 200; i++) {
		struct nvl_io io = {
			.ns = nvl_ns_at(rig.ctrl, 0), .slba = i, .nlb = 8, .buffer = &out
		};

		th_pattern(out.data, 4096, i);
		th_ok(nvl_write_wait(rig.queue, &io));
		io.buffer = &in;
		for (uint32_t k = 0; k < i % 5; k++)
			th_ok(nvl_read(rig.queue, &io, th_count, &ending));
		th_ok(nvl_read_wait(rig.queue, &io));
		ck_assert_mem_eq(in.data, out.data, 4096);
		if (i % 64 == 63)
			th_ok(nvl_reset(rig.ctrl));
	}
	ck_assert_uint_eq(ending.done, 400);
	th_rig_close(&rig);
}

START_TEST(queues_wrap_many_times_with_shadow_doorbells)
{
	/* Base 2.0 5.8: Doorbell Buffer Config, polled and by interrupts, through resets. */
	use_shadow_doorbells((enum th_link)_i, false);
	use_shadow_doorbells((enum th_link)_i, true);
}
END_TEST

START_TEST(flush_and_forced_unit_access_succeed)
{
	/* NVM 1.0 3.2.1 Flush; 3.2.6: FUA. */
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	buffer = th_rig_buffer(&rig, 512, 1);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 1, .flags = NVL_IO_FUA, .buffer = &buffer };

	th_ok(nvl_write_wait(rig.queue, &io));
	th_ok(nvl_flush_wait(rig.queue, rig.ns->nsid));
	th_ok(nvl_read_wait(rig.queue, &io));
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_block_beyond_the_end_gets_the_exact_status)
{
	/* NVM 1.0 3.2.4: LBA Out of Range. */
	struct th_rig_options options;
	struct nvl_buffer buffer;
	struct th_rig rig;
	int result;

	th_rig_options_init(&options);
	options.misbehaves = true;
	th_rig_open(&rig, (enum th_link)_i, &options);
	buffer = th_rig_buffer(&rig, 1024, 1);
	const struct nvl_io io = {
		.ns = rig.ns, .slba = rig.ns->nsze - 1, .nlb = 2, .buffer = &buffer
	};

	result = nvl_read_wait(rig.queue, &io);
	ck_assert_int_gt(result, 0);
	ck_assert_uint_eq(nvme_status_code((nvme_status)result), NVME_SC_LBA_OUT_OF_RANGE);
	ck_assert_uint_ne((unsigned int)result & NVME_DNR, 0);
	ck_assert_uint_eq(nvl_counters(rig.queue)->errors, 1);
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_split_transfer_that_ends_beyond_the_end_fails_once)
{
	/* The part within the namespace succeeds, the other has the status of the whole. */
	struct th_ending ending = { 0 };
	struct th_rig_options options;
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.misbehaves = true;
	th_rig_open(&rig, (enum th_link)_i, &options);
	buffer = th_rig_buffer(&rig, 4u << 20, 1);
	const struct nvl_io io = {
		.ns = rig.ns, .slba = rig.ns->nsze - 4096, .nlb = 8192, .buffer = &buffer
	};

	th_ok(nvl_read(rig.queue, &io, th_count, &ending));
	nvl_ring(rig.queue);
	th_await(&rig, rig.queue, &ending, 1);
	nvl_poll(rig.queue, 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_uint_eq(nvme_status_code((nvme_status)ending.first_error),
			  NVME_SC_LBA_OUT_OF_RANGE);
	ck_assert_uint_eq(nvl_queue_outstanding(rig.queue), 0);
	th_rig_close(&rig);
}
END_TEST

START_TEST(split_transfers_share_a_small_queue)
{
	/* Four transfers of 8 commands each, in a queue that holds three. */
	struct th_rig_options options;
	struct th_ending ending = { 0 };
	struct nvl_buffer out, in;
	struct th_rig rig;
	int result;

	th_rig_options_init(&options);
	options.driver.entries = 4;
	options.driver.max_transfer_bytes = 65536;
	th_rig_open(&rig, (enum th_link)_i, &options);
	out = th_rig_buffer(&rig, 4u << 19, 5);
	in = th_rig_buffer(&rig, 4u << 19, 6);
	for (unsigned int i = 0; i < 8; i++) {
		const struct nvl_io io = { .ns = rig.ns,
					   .slba = (i % 4) * 1024,
					   .nlb = 1024,
					   .buffer = i < 4 ? &out : &in,
					   .offset = (uint64_t)(i % 4) << 19 };

		if (i == 4)
			th_await(&rig, rig.queue, &ending, 4);
		while ((result = i < 4 ? nvl_write(rig.queue, &io, th_count, &ending)
				       : nvl_read(rig.queue, &io, th_count, &ending)) ==
		       -NVL_EAGAIN)
			nvl_poll(rig.queue, 0);
		th_ok(result);
		nvl_ring(rig.queue);
	}
	th_await(&rig, rig.queue, &ending, 8);
	ck_assert_uint_eq(ending.errors, 0);
	ck_assert_mem_eq(in.data, out.data, 4u << 19);
	th_rig_close(&rig);
}
END_TEST

START_TEST(pages_may_be_scattered)
{
	/* Base 2.0 4.1.1: each PRP entry is a page; odd pages come from another buffer. */
	uint64_t pages[8];
	struct nvl_buffer even, odd, in;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	even = th_rig_buffer(&rig, 8 * 4096, 1);
	odd = th_rig_buffer(&rig, 8 * 4096, 2);
	in = th_rig_buffer(&rig, 8 * 4096, 3);
	for (uint64_t i = 0; i < 8; i++)
		pages[i] = (i % 2 ? odd.iova : even.iova) + i * 4096;
	const struct nvl_buffer scattered = { .data = even.data,
					      .bytes = 8 * 4096,
					      .page_iova = pages };
	struct nvl_io io = { .ns = rig.ns, .nlb = 63, .buffer = &scattered, .offset = 512 };

	th_ok(nvl_write_wait(rig.queue, &io));
	io.buffer = &in;
	th_ok(nvl_read_wait(rig.queue, &io));
	for (size_t i = 0; i < 8; i++) {
		const struct nvl_buffer *source = i % 2 ? &odd : &even;
		size_t at = i == 0 ? 512 : i * 4096;

		ck_assert_mem_eq((uint8_t *)in.data + at, (uint8_t *)source->data + at,
				 (i + 1) * 4096 - at);
	}
	th_rig_close(&rig);
}
END_TEST

START_TEST(arguments_that_cannot_be_right_are_refused)
{
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_open_default(&rig, TH_IN_PROCESS);
	buffer = th_rig_buffer(&rig, 4096, 1);
	struct nvl_io io = { .ns = rig.ns, .nlb = 9, .buffer = &buffer };

	ck_assert_int_eq(nvl_read_wait(rig.queue, &io), -NVL_EINVAL);
	io.nlb = 0;
	ck_assert_int_eq(nvl_read_wait(rig.queue, &io), -NVL_EINVAL);
	io.nlb = 1;
	io.offset = 3585;
	ck_assert_int_eq(nvl_read_wait(rig.queue, &io), -NVL_EINVAL);
	io.offset = UINT64_MAX - 3;
	ck_assert_int_eq(nvl_read_wait(rig.queue, &io), -NVL_EINVAL);
	ck_assert_uint_eq(nvl_counters(rig.queue)->submitted, 0);
	th_rig_close(&rig);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("io");
	TCase *tcase = tcase_create("links");

	tcase_set_timeout(tcase, 120);
	th_add_device_test(tcase, what_was_written_is_read_back, (int)TRANSFERS);
	th_add_device_test(tcase, buffers_of_64_kib_begin_anywhere_in_a_page, 1);
	th_add_device_test(tcase, a_batch_of_any_depth_completes_with_its_own_data, (int)DEPTHS);
	th_add_device_test(tcase, a_full_queue_says_so_and_goes_on, 1);
	th_add_device_test(tcase, queues_wrap_many_times, 1);
	th_add_emulator_test(tcase, queues_wrap_many_times_with_shadow_doorbells, 0, TH_LINKS);
	th_add_device_test(tcase, flush_and_forced_unit_access_succeed, 1);
	th_add_device_test(tcase, a_block_beyond_the_end_gets_the_exact_status, 1);
	th_add_device_test(tcase, a_split_transfer_that_ends_beyond_the_end_fails_once, 1);
	th_add_device_test(tcase, split_transfers_share_a_small_queue, 1);
	th_add_device_test(tcase, pages_may_be_scattered, 1);
	tcase_add_test(tcase, arguments_that_cannot_be_right_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
