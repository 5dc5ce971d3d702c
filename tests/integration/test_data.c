/* SPDX-License-Identifier: BSD-3-Clause */
/* Where data is: pieces, SGLs, bounce buffers, boundaries, metadata, protection information. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/integration/rig.h"

#define BYTES 65536u

/* A rig in one process: @controller as --controller takes it, @ns as --ns does. */
static void open_with(struct th_rig *rig, struct th_rig_options *options, const char *key,
		      const char *value, const char *ns)
{
	static struct emu_config config;

	emu_config_init(&config);
	if (key)
		ck_assert_int_eq(
			emu_config_set(&config, key, strlen(key), value, strlen(value), NULL), 0);
	options->config = &config;
	options->ns = ns;
	th_rig_open(rig, TH_IN_PROCESS, options);
}

static void open_default(struct th_rig *rig, const char *key, const char *value, const char *ns)
{
	struct th_rig_options options;

	th_rig_options_init(&options);
	open_with(rig, &options, key, value, ns);
}

struct piece {
	uint32_t offset;
	uint32_t bytes;
};

/* Lists of pieces of one buffer, 16 KiB in all, that PRPs can or cannot say. */
static const struct piece lists[][4] = {
	{ { 0, 16384 } },
	{ { 4096, 8192 }, { 20480, 8192 } },
	{ { 512, 3584 }, { 8192, 12288 }, { 32768, 512 } },
	{ { 0, 512 }, { 1024, 512 }, { 8192, 15360 } },
	{ { 4, 4 }, { 100, 8 }, { 4096, 16372 } },
	{ { 1, 511 }, { 1024, 513 }, { 3000, 15360 } },
	{ { 3, 16384 } },
};

#define LISTS (sizeof(lists) / sizeof(lists[0]))

static uint32_t pieces_of(const struct piece *list, const struct nvl_buffer *buffer,
			  struct nvl_data *pieces)
{
	uint32_t count = 0;

	for (; count < 4 && list[count].bytes > 0; count++)
		pieces[count] = (struct nvl_data){ buffer, list[count].offset, list[count].bytes };
	return count;
}

START_TEST(pieces_are_read_and_written_whatever_their_shape)
{
	/* Base 2.0 4.1.1 and 4.1.2: PRPs where they can, an SGL where there are, else a copy. */
	static const char *const sgls[] = { "0", "1", "2" };
	const struct piece *list = lists[_i % (int)LISTS];
	struct nvl_data pieces[4];
	struct nvl_io_extra extra = { .pieces = pieces };
	struct nvl_buffer plain, odd;
	struct th_rig rig;

	open_default(&rig, "sgls", sgls[_i / (int)LISTS], NULL);
	plain = th_rig_buffer(&rig, BYTES, 1);
	odd = th_rig_buffer(&rig, BYTES, 2);
	struct nvl_io io = { .ns = rig.ns, .slba = 5, .nlb = 32, .buffer = &plain };

	extra.piece_count = pieces_of(list, &odd, pieces);
	th_ok(nvl_write_wait(rig.queue, &io));
	io.extra = &extra;
	th_ok(nvl_read_wait(rig.queue, &io));
	for (uint32_t i = 0, at = 0; i < extra.piece_count; at += list[i++].bytes)
		ck_assert_mem_eq((uint8_t *)odd.data + list[i].offset, (uint8_t *)plain.data + at,
				 list[i].bytes);
	io.slba = 500;
	th_ok(nvl_write_wait(rig.queue, &io));
	io.extra = NULL;
	io.offset = 32768;
	th_ok(nvl_read_wait(rig.queue, &io));
	ck_assert_mem_eq((uint8_t *)plain.data + 32768, plain.data, 16384);
	th_rig_close(&rig);
}
END_TEST

START_TEST(memory_that_no_device_reaches_is_copied)
{
	struct nvl_buffer heap = { .bytes = 1 << 20, .iova = NVL_NOT_MAPPED };
	uint8_t *expected = malloc(1 << 20);
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	heap.data = malloc(heap.bytes);
	th_pattern(heap.data, heap.bytes, 7);
	memcpy(expected, heap.data, heap.bytes);
	struct nvl_io io = { .ns = rig.ns, .nlb = 2000, .buffer = &heap, .offset = 77 };

	th_ok(nvl_write_wait(rig.queue, &io));
	memset(heap.data, 0, heap.bytes);
	th_ok(nvl_read_wait(rig.queue, &io));
	ck_assert_mem_eq((uint8_t *)heap.data + 77, expected + 77, 2000 * 512);
	free(heap.data);
	free(expected);
	th_rig_close(&rig);
}
END_TEST

START_TEST(without_bounce_buffers_what_needs_one_is_refused)
{
	struct nvl_buffer heap = { .bytes = 4096, .iova = NVL_NOT_MAPPED };
	struct th_rig_options options;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.driver.bounce_slots = 0;
	open_with(&rig, &options, NULL, NULL, NULL);
	heap.data = malloc(heap.bytes);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 1, .buffer = &heap };

	ck_assert_int_eq(nvl_write_wait(rig.queue, &io), -NVL_EINVAL);
	ck_assert_uint_eq(nvl_counters(rig.queue)->submitted, 0);
	free(heap.data);
	th_rig_close(&rig);
}
END_TEST

START_TEST(more_copies_than_bounce_buffers_take_turns)
{
	struct nvl_buffer heap = { .bytes = 40 * 8192, .iova = NVL_NOT_MAPPED };
	struct th_ending ending = { 0 };
	struct th_rig_options options;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.driver.bounce_slots = 2;
	options.driver.bounce_bytes = 4096;
	th_rig_open(&rig, (enum th_link)_i, &options);
	heap.data = malloc(heap.bytes);
	th_pattern(heap.data, heap.bytes, 9);
	for (uint32_t i = 0; i < 40; i++) {
		const struct nvl_io io = {
			.ns = rig.ns, .slba = 16 * i, .nlb = 16, .buffer = &heap, .offset = i * 8192
		};
		int result;

		while ((result = nvl_write(rig.queue, &io, th_count, &ending)) == -NVL_EAGAIN) {
			nvl_ring(rig.queue);
			th_await(&rig, rig.queue, &ending, ending.done + 1);
		}
		th_ok(result);
	}
	nvl_ring(rig.queue);
	th_await(&rig, rig.queue, &ending, 40);
	ck_assert_uint_eq(ending.errors, 0);
	uint8_t *expected = malloc(heap.bytes);

	memcpy(expected, heap.data, heap.bytes);
	memset(heap.data, 0, heap.bytes);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 640, .buffer = &heap };

	th_ok(nvl_read_wait(rig.queue, &io));
	ck_assert_mem_eq(heap.data, expected, heap.bytes);
	free(expected);
	free(heap.data);
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_stripe_is_not_crossed)
{
	/* NOIOB, or a drive's quirk: 8 blocks here; 3 + 8 + 8 + 1 of 20 from block 5 on. */
	struct th_rig_options options;
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.driver.stripe_bytes = 4096;
	open_with(&rig, &options, NULL, NULL, NULL);
	buffer = th_rig_buffer(&rig, BYTES, 1);
	const struct nvl_io io = { .ns = rig.ns, .slba = 5, .nlb = 20, .buffer = &buffer };

	ck_assert_uint_eq(rig.ns->boundary_blocks, 8);
	th_ok(nvl_write_wait(rig.queue, &io));
	ck_assert_uint_eq(nvl_counters(rig.queue)->submitted, 4);
	th_rig_close(&rig);
}
END_TEST

START_TEST(an_atomic_boundary_splits_writes_if_that_is_asked_for)
{
	/* NVM 1.0 2.1.4.1: NABSPF is 0's based, 8 blocks here. */
	struct th_rig_options options;
	struct nvl_buffer buffer;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.driver.split_at_atomic = true;
	open_with(&rig, &options, "nabspf", "7", NULL);
	buffer = th_rig_buffer(&rig, BYTES, 1);
	const struct nvl_io io = { .ns = rig.ns, .slba = 6, .nlb = 4, .buffer = &buffer };

	ck_assert_uint_eq(rig.ns->atomic_boundary_blocks, 8);
	th_ok(nvl_write_wait(rig.queue, &io));
	ck_assert_uint_eq(nvl_counters(rig.queue)->submitted, 2);
	th_ok(nvl_read_wait(rig.queue, &io));
	ck_assert_uint_eq(nvl_counters(rig.queue)->submitted, 3);
	th_rig_close(&rig);
}
END_TEST

/* Formats with metadata: with and without protection information, every type and guard. */
static const char *const formats[] = {
	"ms=8,meta=separate",
	"ms=64,meta=extended",
	"ms=8,pi=1,meta=separate",
	"ms=8,pi=2,meta=extended",
	"ms=16,pi=3,pil=first,meta=extended",
	"ms=64,pi=1,pil=first,meta=separate",
	"lba=4096,ms=16,pi=1,guard=32,meta=separate",
	"lba=4096,ms=16,pi=2,guard=64,meta=extended",
	"lba=4096,ms=16,pi=3,guard=64,meta=separate",
	"lba=4096,ms=16,pi=1,guard=32,pil=first,meta=extended",
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

/* 9 blocks with everything, in a buffer at a place that may be odd, and metadata in another. */
struct whole {
	struct nvl_buffer data;
	struct nvl_buffer meta;
	struct nvl_io_extra extra;
	struct nvl_io io;
};

static void make_whole(struct whole *whole, struct th_rig *rig, uint32_t offset, uint32_t seed)
{
	*whole = (struct whole){ .io = { .ns = rig->ns, .slba = 11, .nlb = 9 } };
	whole->data = th_rig_buffer(rig, BYTES, seed);
	whole->meta = th_rig_buffer(rig, BYTES, seed + 1);
	whole->extra.metadata = &whole->meta;
	whole->extra.metadata_offset = offset;
	whole->io.buffer = &whole->data;
	whole->io.offset = offset;
	whole->io.extra = &whole->extra;
	if (rig->ns->pi_type == NVME_PI_NONE)
		return;
	whole->extra.has_pi = true;
	nvl_pi_init(&whole->extra.pi, rig->ns, whole->io.slba);
	whole->extra.pi.flags |= NVL_PI_HOST | NVL_PI_CHECK_APP;
	whole->extra.pi.app_tag = 0x1234;
	whole->extra.pi.app_mask = 0xffff;
}

START_TEST(metadata_and_tuples_come_back_as_they_were)
{
	/* NVM 1.0 5.2: made here, checked by the controller, kept, sent back, verified here. */
	uint32_t offset = (uint32_t)(_i / (int)FORMATS);
	struct whole out, in;
	struct th_rig rig;

	open_default(&rig, NULL, NULL, formats[_i % (int)FORMATS]);
	make_whole(&out, &rig, 4 * offset + offset, 1);
	make_whole(&in, &rig, 8 * offset + offset, 5);
	th_ok(nvl_write_wait(rig.queue, &out.io));
	th_ok(nvl_read_wait(rig.queue, &in.io));
	uint32_t data_bytes = rig.ns->block_bytes + (rig.ns->extended ? rig.ns->metadata_bytes : 0);
	uint32_t meta_bytes = rig.ns->extended ? 0 : rig.ns->metadata_bytes;

	ck_assert_mem_eq((uint8_t *)in.data.data + in.io.offset,
			 (uint8_t *)out.data.data + out.io.offset, 9 * data_bytes);
	ck_assert_mem_eq((uint8_t *)in.meta.data + in.extra.metadata_offset,
			 (uint8_t *)out.meta.data + out.extra.metadata_offset, 9 * meta_bytes);
	ck_assert_uint_eq(nvl_counters(rig.queue)->submitted, 2);
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_tuple_that_does_not_fit_is_found_here_and_there)
{
	/* NVM 1.0 5.2.1.4: the guard is of the data. */
	struct nvl_completion completion = { 0 };
	nvme_status status;
	struct whole whole;
	struct th_rig rig;

	open_default(&rig, NULL, NULL, formats[_i]);
	make_whole(&whole, &rig, 0, 1);
	th_ok(nvl_pi_generate(&whole.io));
	th_ok(nvl_pi_verify(&whole.io, &status));
	((uint8_t *)whole.data.data)[100] ^= 1;
	ck_assert_int_eq(nvl_pi_verify(&whole.io, &status), -NVL_EILSEQ);
	ck_assert_uint_eq(status, NVME_SC_GUARD_CHECK_ERROR);
	whole.extra.pi.flags &= (uint8_t)~NVL_PI_HOST;
	ck_assert_int_eq(nvl_write_wait(rig.queue, &whole.io) & 0x7ff, NVME_SC_GUARD_CHECK_ERROR);
	((uint8_t *)whole.data.data)[100] ^= 1;
	th_ok(nvl_write_wait(rig.queue, &whole.io));
	whole.extra.pi.app_tag = 0x4321;
	whole.extra.pi.flags = NVL_PI_HOST | NVL_PI_CHECK_GUARD;
	th_ok(nvl_read_wait(rig.queue, &whole.io));
	whole.extra.pi.flags = NVL_PI_HOST;
	th_ok(nvl_read_wait(rig.queue, &whole.io));
	whole.extra.pi.flags = NVL_PI_CHECK_APP;
	ck_assert_int_eq(nvl_read_wait(rig.queue, &whole.io) & 0x7ff, NVME_SC_APP_TAG_CHECK_ERROR);
	ck_assert_int_eq(nvl_pi_verify(&whole.io, &status), -NVL_EILSEQ);
	ck_assert_uint_eq(status, NVME_SC_APP_TAG_CHECK_ERROR);
	(void)completion;
	th_rig_close(&rig);
}
END_TEST

START_TEST(tuples_alone_are_the_controllers_if_nobody_asks)
{
	/* NVM 1.0 5.2.2: PRACT, when the metadata is the tuple, leaves plain blocks. */
	struct nvl_buffer out, in;
	struct th_rig rig;

	open_default(&rig, NULL, NULL, "ms=8,pi=1,meta=extended");
	out = th_rig_buffer(&rig, BYTES, 1);
	in = th_rig_buffer(&rig, BYTES, 2);
	struct nvl_io io = { .ns = rig.ns, .slba = 3, .nlb = 100, .buffer = &out };

	th_ok(nvl_write_wait(rig.queue, &io));
	io.buffer = &in;
	th_ok(nvl_read_wait(rig.queue, &io));
	ck_assert_mem_eq(in.data, out.data, 51200);
	th_ok(nvl_write_zeroes_wait(rig.queue, &io));
	th_ok(nvl_verify_wait(rig.queue, &io));
	th_rig_close(&rig);
}
END_TEST

START_TEST(metadata_without_a_buffer_is_refused)
{
	struct nvl_buffer buffer;
	struct th_rig rig;

	open_default(&rig, NULL, NULL, "ms=8,meta=separate");
	buffer = th_rig_buffer(&rig, BYTES, 1);
	const struct nvl_io_extra extra = { .has_pi = true };
	struct nvl_io io = { .ns = rig.ns, .nlb = 1, .buffer = &buffer };

	ck_assert_int_eq(nvl_write_wait(rig.queue, &io), -NVL_EINVAL);
	io.extra = &extra;
	ck_assert_int_eq(nvl_write_wait(rig.queue, &io), -NVL_EINVAL);
	th_rig_close(&rig);
}
END_TEST

START_TEST(copies_end_once_in_a_reset)
{
	struct nvl_buffer heap = { .bytes = 65536, .iova = NVL_NOT_MAPPED };
	struct th_ending ending = { 0 };
	struct th_rig rig;

	th_rig_open_default(&rig, TH_IN_PROCESS);
	heap.data = malloc(heap.bytes);
	const struct nvl_io io = { .ns = rig.ns, .nlb = 128, .buffer = &heap };

	memset(heap.data, 0, heap.bytes);
	for (uint32_t round = 1; round <= 3; round++) {
		th_ok(nvl_write(rig.queue, &io, th_count, &ending));
		th_ok(nvl_read(rig.queue, &io, th_count, &ending));
		th_ok(nvl_reset(rig.ctrl));
		ck_assert_uint_eq(ending.done, 2 * round);
		ck_assert_int_eq(ending.first_error, -NVL_ECANCELED);
	}
	th_ok(nvl_write_wait(rig.queue, &io));
	free(heap.data);
	th_rig_close(&rig);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("data");
	TCase *tcase = tcase_create("data");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, pieces_are_read_and_written_whatever_their_shape, 0,
			    3 * (int)LISTS);
	tcase_add_loop_test(tcase, memory_that_no_device_reaches_is_copied, 0, TH_LINKS);
	tcase_add_test(tcase, without_bounce_buffers_what_needs_one_is_refused);
	tcase_add_loop_test(tcase, more_copies_than_bounce_buffers_take_turns, 0, TH_LINKS);
	tcase_add_test(tcase, a_stripe_is_not_crossed);
	tcase_add_test(tcase, an_atomic_boundary_splits_writes_if_that_is_asked_for);
	tcase_add_loop_test(tcase, metadata_and_tuples_come_back_as_they_were, 0, 2 * (int)FORMATS);
	tcase_add_loop_test(tcase, a_tuple_that_does_not_fit_is_found_here_and_there, 2,
			    (int)FORMATS);
	tcase_add_test(tcase, tuples_alone_are_the_controllers_if_nobody_asks);
	tcase_add_test(tcase, metadata_without_a_buffer_is_refused);
	tcase_add_test(tcase, copies_end_once_in_a_reset);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
