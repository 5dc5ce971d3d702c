/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core: sgl.c, meta.c, pi.c, bounce.c: what goes into commands and tuples, bit by bit. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

/* A namespace of one format, with storage tags where there may be some. */
struct format {
	uint8_t pif;
	uint8_t bytes;
	uint8_t guard_bytes;
	uint8_t tag_bytes;
	uint8_t storage_bits;
};

static const struct format formats[] = {
	{ NVME_PIF_16, 8, 2, 4, 0 },	{ NVME_PIF_16, 8, 2, 4, 12 },
	{ NVME_PIF_16, 8, 2, 4, 32 },	{ NVME_PIF_32, 16, 4, 10, 16 },
	{ NVME_PIF_32, 16, 4, 10, 40 }, { NVME_PIF_32, 16, 4, 10, 64 },
	{ NVME_PIF_64, 16, 8, 6, 0 },	{ NVME_PIF_64, 16, 8, 6, 20 },
	{ NVME_PIF_64, 16, 8, 6, 48 },
};

#define FORMATS ((int)(sizeof(formats) / sizeof(formats[0])))

static struct nvl_ns make_ns(const struct format *format)
{
	return (struct nvl_ns){
		.nsid = 1,
		.block_bytes = 512,
		.block_shift = 9,
		.metadata_bytes = format->bytes,
		.pi_type = NVME_PI_TYPE1,
		.pi_format = format->pif,
		.pi_bytes = format->bytes,
		.storage_bits = format->storage_bits,
		.storage_mask = UINT64_MAX,
	};
}

START_TEST(tags_are_storage_above_reference)
{
	/* NVM 1.0 5.2.1.3: their widths together are 32, 80 or 48 bits, big-endian in the tuple. */
	const struct format *format = &formats[_i];
	uint8_t data[1024], meta[32];
	struct nvl_ns ns = make_ns(format);
	struct nvl_buffer buffer = { .data = data, .bytes = sizeof(data) };
	struct nvl_buffer tuples = { .data = meta, .bytes = sizeof(meta) };
	struct nvl_io_extra extra = {
		.metadata = &tuples,
		.has_pi = true,
		.pi = { .flags = 0x17,
			.storage_tag = UINT64_MAX,
			.ref_tag = 0x11,
			.app_mask = 0xffff },
	};
	struct nvl_io io = { .ns = &ns, .nlb = 2, .buffer = &buffer, .extra = &extra };
	uint32_t ref_bits = format->tag_bytes * 8u - format->storage_bits;
	const uint8_t *tag = meta + format->guard_bytes + 2;
	nvme_status status;

	memset(data, 0x3c, sizeof(data));
	ck_assert_int_eq(nvl_pi_generate(&io), 0);
	for (uint32_t bit = 0; bit < format->tag_bytes * 8u; bit++) {
		bool is_set = tag[format->tag_bytes - 1 - bit / 8] >> bit % 8 & 1;

		ck_assert_int_eq(is_set, bit >= ref_bits || bit == 0 || bit == 4);
	}
	ck_assert_int_eq(nvl_pi_verify(&io, &status), 0);
	extra.pi.storage_tag = 1;
	ck_assert_int_eq(nvl_pi_verify(&io, &status), format->storage_bits > 0 ? -NVL_EILSEQ : 0);
	ck_assert_uint_eq(status, format->storage_bits > 0 ? NVME_SC_STORAGE_TAG_CHECK_ERROR : 0);
}
END_TEST

START_TEST(a_command_says_what_is_checked)
{
	/* NVM 1.0 3.2.6: PRINFO, the tags and MPTR of a Write. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_init(&fake);
	fake.ns.lbaf[0].ms = nvme_le16(8);
	fake.ns.dps = 2;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	struct nvl_io_extra extra = {
		.metadata = &fake.dma,
		.metadata_offset = 4096,
		.has_pi = true,
		.pi = { .flags = NVL_PI_CHECK_GUARD | NVL_PI_CHECK_REF,
			.ref_tag = 0x12345678,
			.app_tag = 0xabcd,
			.app_mask = 0xff00 },
	};
	struct nvl_io io = th_fake_io(&fake, 7);

	io.extra = &extra;
	ck_assert_int_eq(nvl_write(nvl_queue(fake.ctrl, 0), &io, th_fake_count, &ending), 0);
	nvl_ring(nvl_queue(fake.ctrl, 0));
	struct nvme_sqe sqe = th_fake_fetch(&fake, 1);

	ck_assert_uint_eq(NVME_GET(nvme_cpu32(sqe.cdw12), NVME_RW_PRINFO), 5);
	ck_assert_uint_eq(nvme_cpu32(sqe.cdw14), 0x12345678);
	ck_assert_uint_eq(nvme_cpu32(sqe.cdw15), 0xff00abcd);
	ck_assert_uint_eq(nvme_cpu64(sqe.mptr), fake.dma.iova + 4096);
	extra.metadata_offset = fake.dma.bytes;
	ck_assert_int_eq(nvl_write(nvl_queue(fake.ctrl, 0), &io, th_fake_count, &ending),
			 -NVL_EINVAL);
	th_fake_done(&fake);
}
END_TEST

START_TEST(pieces_become_a_last_segment)
{
	/* Base 2.0 4.1.2: the command has the segment, the list the data blocks. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.sgls = nvme_le32(1);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	const struct nvl_data pieces[] = { { &fake.dma, 1, 511 }, { &fake.dma, 8193, 513 } };
	const struct nvl_io_extra extra = { .pieces = pieces, .piece_count = 2 };
	struct nvl_io io = th_fake_io(&fake, 0);

	io.nlb = 2;
	io.extra = &extra;
	ck_assert_int_eq(nvl_read(nvl_queue(fake.ctrl, 0), &io, th_fake_count, &ending), 0);
	nvl_ring(nvl_queue(fake.ctrl, 0));
	struct nvme_sqe sqe = th_fake_fetch(&fake, 1);
	const struct nvme_sgl_desc *list = th_fake_memory(&fake, nvme_cpu64(sqe.sgl.addr));

	ck_assert_uint_eq(NVME_GET(sqe.flags, NVME_SQE_PSDT), NVME_PSDT_SGL);
	ck_assert_uint_eq(NVME_GET(sqe.sgl.type, NVME_SGL_TYPE), NVME_SGL_LAST_SEGMENT);
	ck_assert_uint_eq(nvme_cpu32(sqe.sgl.length), 32);
	ck_assert_uint_eq(nvme_cpu64(list[0].addr), fake.dma.iova + 1);
	ck_assert_uint_eq(nvme_cpu32(list[0].length), 511);
	ck_assert_uint_eq(nvme_cpu64(list[1].addr), fake.dma.iova + 8193);
	ck_assert_uint_eq(nvme_cpu32(list[1].length), 513);
	ck_assert_uint_eq(list[1].type, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(bounce_buffers_come_back)
{
	struct nvl_queue *queue;
	struct th_fake fake;
	uint32_t slots[4];

	th_fake_open(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	for (uint32_t i = 0; i < 4; i++)
		slots[i] = nvl_bounce_get(queue);
	ck_assert_uint_eq(nvl_bounce_get(queue), NVL_NO_BOUNCE);
	ck_assert_uint_ne(nvl_bounce_iova(queue, slots[0]), nvl_bounce_iova(queue, slots[1]));
	nvl_bounce_put(queue, slots[2]);
	nvl_bounce_put(queue, NVL_NO_BOUNCE);
	ck_assert_uint_eq(nvl_bounce_get(queue), slots[2]);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_copy_carries_its_ranges_in_each_format)
{
	/* NVM 1.0 3.2.1: of 32 bytes each in formats 0 and 2, of 40 in 1 and 3. */
	const struct nvme_copy_range narrow[2] = { nvl_copy_range(20, 4),
						   nvl_copy_range(16, 65536) };
	const struct nvme_copy_range_f1 wide[2] = {
		{ .slba = nvme_le64(20), .nlb = nvme_le16(3), .elbst = { 1, 2, 3 } },
		{ .snsid = nvme_le32(1), .slba = nvme_le64(16), .nlb = nvme_le16(3) },
	};
	bool is_wide = _i == 1 || _i == 3;
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct nvme_sqe sqe;
	struct th_fake fake;
	uint64_t free_slots;

	th_fake_open(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	free_slots = queue->bounce_free;
	const struct nvl_copy copy = { .ns = nvl_ns_at(fake.ctrl, 0),
				       .slba = 0x100000007,
				       .format = (uint8_t)_i,
				       .flags = NVL_IO_FUA,
				       .ranges = is_wide ? (const void *)wide : narrow,
				       .range_count = 2 };

	if (_i > 3) {
		ck_assert_int_eq(nvl_copy(queue, &copy, th_fake_count, &ending), -NVL_EINVAL);
		th_fake_done(&fake);
		return;
	}
	ck_assert_int_eq(nvl_copy(queue, &copy, th_fake_count, &ending), 0);
	nvl_ring(queue);
	sqe = th_fake_fetch(&fake, 1);
	ck_assert_uint_eq(sqe.opcode, NVME_CMD_COPY);
	ck_assert_uint_eq(nvme_cpu32(sqe.cdw10), 7);
	ck_assert_uint_eq(nvme_cpu32(sqe.cdw11), 1);
	ck_assert_uint_eq(NVME_GET(nvme_cpu32(sqe.cdw12), NVME_COPY_NR), 1);
	ck_assert_uint_eq(NVME_GET(nvme_cpu32(sqe.cdw12), NVME_COPY_DESFMT), (unsigned int)_i);
	ck_assert_uint_eq(NVME_GET(nvme_cpu32(sqe.cdw12), NVME_COPY_FUA), 1);
	ck_assert_mem_eq(th_fake_memory(&fake, nvme_cpu64(sqe.prp1)), copy.ranges,
			 is_wide ? sizeof(wide) : sizeof(narrow));
	th_fake_answer(&fake, 1, &sqe, 0, 0);
	nvl_poll(queue, 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_uint_eq(queue->bounce_free, free_slots);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_data");
	TCase *tcase = tcase_create("data");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, tags_are_storage_above_reference, 0, FORMATS);
	tcase_add_test(tcase, a_command_says_what_is_checked);
	tcase_add_test(tcase, pieces_become_a_last_segment);
	tcase_add_test(tcase, bounce_buffers_come_back);
	tcase_add_loop_test(tcase, a_copy_carries_its_ranges_in_each_format, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
