/* SPDX-License-Identifier: BSD-3-Clause */
/* Scatter gather lists for metadata, Base 2.0 4.1.2 and 3.3.3.1 (unverified): PSDT 10b. */
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"
#include "tests/protocol/sgl.h"

#define NLB   4u
#define MS    8u
#define BYTES (NLB * MS)

/* Blocks of 512 + 8 bytes; what MPTR points at is at @first, more descriptors at @list. */
struct bench {
	struct th_host *h;
	uint64_t data, meta, first, list;
};

static struct bench make(const char *keys)
{
	struct bench b = { .h = th_enabled(.io_queues = 1, .controller = keys,
					   .ns = { .ms = MS }) };

	b.data = th_alloc(b.h, 4096);
	b.meta = th_alloc(b.h, 8192);
	b.first = th_alloc(b.h, 4096);
	b.list = th_alloc(b.h, 4096);
	return b;
}

static void put(struct bench *b, uint64_t at, uint32_t type, uint64_t addr, uint32_t length)
{
	put_descriptor(b->h, at, type, addr, length);
}

static uint16_t io(struct bench *b, uint8_t opcode, uint64_t mptr, uint8_t psdt)
{
	return th_code_io(b->h, 1, .opcode = opcode, .flags = psdt, .nsid = 1, .prp1 = b->data,
			  .prp2 = rest(BLOCK, 512 * NLB), .mptr = mptr, .cdw12 = NLB - 1);
}

static void fill(struct bench *b, uint8_t from)
{
	for (uint32_t i = 0; i < 8192; i++)
		((uint8_t *)th_ptr(b->h, b->meta))[i] = (uint8_t)(from + i);
}

static uint8_t meta_of(struct bench *b, uint32_t byte)
{
	return ((uint8_t *)th_media_meta(b->h, 1, byte / MS))[byte % MS];
}

START_TEST(metadata_in_pieces_comes_in_order)
{
	struct bench b = make(NULL);

	fill(&b, 0);
	put(&b, b.first, LAST, b.list, 48);
	put(&b, b.list, BLOCK, b.meta + 100, 3);
	put(&b, b.list + 16, BLOCK, b.meta + 4090, 20); /* across a page */
	put(&b, b.list + 32, BLOCK, b.meta + 1, 9);
	ck_assert_uint_eq(io(&b, NVME_CMD_WRITE, b.first, PSDT2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(meta_of(&b, 0), 100);
	ck_assert_uint_eq(meta_of(&b, 2), 102);
	ck_assert_uint_eq(meta_of(&b, 3), (uint8_t)4090);
	ck_assert_uint_eq(meta_of(&b, 22), (uint8_t)4109);
	ck_assert_uint_eq(meta_of(&b, 23), 1);
	ck_assert_uint_eq(meta_of(&b, 31), 9);
	fill(&b, 77);
	ck_assert_uint_eq(io(&b, NVME_CMD_READ, b.first, PSDT2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(b.h, b.meta + 100), 100);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(b.h, b.meta + 4109), (uint8_t)4109);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(b.h, b.meta + 9), 9);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(b.h, b.meta + 10), 77 + 10);
	th_free(b.h);
}
END_TEST

START_TEST(a_read_leaves_metadata_out_that_falls_into_a_bucket)
{
	struct bench b = make(NULL);

	fill(&b, 0);
	put(&b, b.first, BLOCK, b.meta, BYTES);
	ck_assert_uint_eq(io(&b, NVME_CMD_WRITE, b.first, PSDT2), NVME_SC_SUCCESS);
	fill(&b, 77);
	put(&b, b.first, LAST, b.list, 32);
	put(&b, b.list, BUCKET, 0, MS);
	put(&b, b.list + 16, BLOCK, b.meta, BYTES - MS);
	ck_assert_uint_eq(io(&b, NVME_CMD_READ, b.first, PSDT2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(b.h, b.meta), MS);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(b.h, b.meta + BYTES - MS), (uint8_t)(77 + BYTES - MS));
	th_free(b.h);
}
END_TEST

START_TEST(one_buffer_lies_at_any_byte_with_an_sgl_for_the_data)
{
	/* ID.SGLS bit 17: with PRPs, or lists of dwords, on a dword only. */
	struct bench b = make(_i ? "sgls=2" : NULL);

	fill(&b, 0);
	ck_assert_uint_eq(io(&b, NVME_CMD_WRITE, b.meta + 1, PSDT1),
			  _i ? NVME_SC_INVALID_FIELD : NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, NVME_CMD_WRITE, b.meta + 4, PSDT1), NVME_SC_SUCCESS);
	ck_assert_uint_eq(meta_of(&b, 0), 4);
	th_free(b.h);
}
END_TEST

/* What MPTR points at, a list of two descriptors behind it, and what becomes of a write. */
static const struct {
	const char *keys;
	uint32_t type, bytes, type0, bytes0, type1, bytes1;
	uint16_t sc;
} lists[] = {
	{ "", BLOCK, 32, 0, 0, 0, 0, NVME_SC_SUCCESS },
	{ "", BLOCK, 31, 0, 0, 0, 0, NVME_SC_SGL_METADATA_LENGTH_INVALID },
	{ "", BLOCK, 33, 0, 0, 0, 0, NVME_SC_SUCCESS },
	{ "sgl_oversize=false", BLOCK, 33, 0, 0, 0, 0, NVME_SC_SGL_METADATA_LENGTH_INVALID },
	{ "", LAST, 32, BLOCK, 16, BLOCK, 16, NVME_SC_SUCCESS },
	{ "", LAST, 32, BLOCK, 16, BLOCK, 15, NVME_SC_SGL_METADATA_LENGTH_INVALID },
	{ "", LAST, 16, BLOCK, 16, BLOCK, 16, NVME_SC_SGL_METADATA_LENGTH_INVALID },
	{ "", LAST, 31, BLOCK, 16, BLOCK, 16, NVME_SC_SGL_SEGMENT_INVALID },
	{ "", LAST, 0, BLOCK, 16, BLOCK, 16, NVME_SC_SGL_SEGMENT_INVALID },
	{ "", SEGMENT, 32, BLOCK, 16, BLOCK, 16, NVME_SC_SGL_SEGMENT_INVALID },
	{ "", SEGMENT, 32, LAST, 16, BLOCK, 16, NVME_SC_SGL_COUNT_INVALID },
	{ "", LAST, 0xfffffff0, BLOCK, 16, BLOCK, 16, NVME_SC_SGL_COUNT_INVALID },
	{ "", BUCKET, 32, 0, 0, 0, 0, NVME_SC_SGL_SEGMENT_INVALID },
	{ "", NVME_SGL_KEYED_DATA_BLOCK, 32, 0, 0, 0, 0, NVME_SC_SGL_TYPE_INVALID },
	{ "", LAST, 32, BLOCK, 16, NVME_SGL_VENDOR, 16, NVME_SC_SGL_TYPE_INVALID },
	{ "sgls=2", LAST, 32, BLOCK, 14, BLOCK, 18, NVME_SC_SGL_GRANULARITY_INVALID },
	{ "sgl_meta=false", BLOCK, 32, 0, 0, 0, 0, NVME_SC_INVALID_FIELD },
};

START_TEST(a_wrong_list_for_metadata_gets_the_error_that_says_what_is_wrong)
{
	struct bench b = make(lists[_i].keys);
	bool pointer = lists[_i].type == LAST || lists[_i].type == SEGMENT;

	put(&b, b.first, lists[_i].type, pointer ? b.list : b.meta, lists[_i].bytes);
	put(&b, b.list, lists[_i].type0, b.meta, lists[_i].bytes0);
	put(&b, b.list + 16, lists[_i].type1, b.meta + 64, lists[_i].bytes1);
	ck_assert_uint_eq(io(&b, NVME_CMD_WRITE, b.first, PSDT2), lists[_i].sc);
	ck_assert_uint_eq(th_media_allocated(b.h, 1, 0), lists[_i].sc == NVME_SC_SUCCESS);
	th_free(b.h);
}
END_TEST

START_TEST(a_list_for_metadata_has_to_be_there)
{
	struct bench b = make(NULL);

	put(&b, b.first + 4, BLOCK, b.meta, BYTES);
	ck_assert_uint_eq(io(&b, NVME_CMD_WRITE, b.first + 4, PSDT2), NVME_SC_SGL_SEGMENT_INVALID);
	ck_assert_uint_eq(io(&b, NVME_CMD_WRITE, 1ull << 40, PSDT2), NVME_SC_DATA_TRANSFER_ERROR);
	put(&b, b.first, BLOCK, 1ull << 40, BYTES);
	ck_assert_uint_eq(io(&b, NVME_CMD_WRITE, b.first, PSDT2), NVME_SC_DATA_TRANSFER_ERROR);
	put(&b, b.first, LAST, 1ull << 40, 32);
	ck_assert_uint_eq(io(&b, NVME_CMD_WRITE, b.first, PSDT2), NVME_SC_DATA_TRANSFER_ERROR);
	th_free(b.h);
}
END_TEST

static Suite *metadata_sgl(void)
{
	Suite *suite = suite_create("metadata_sgl");
	TCase *tcase = tcase_create("metadata_sgl");

	tcase_add_test(tcase, metadata_in_pieces_comes_in_order);
	tcase_add_test(tcase, a_read_leaves_metadata_out_that_falls_into_a_bucket);
	tcase_add_loop_test(tcase, one_buffer_lies_at_any_byte_with_an_sgl_for_the_data, 0, 2);
	tcase_add_loop_test(tcase, a_wrong_list_for_metadata_gets_the_error_that_says_what_is_wrong,
			    0, sizeof(lists) / sizeof(lists[0]));
	tcase_add_test(tcase, a_list_for_metadata_has_to_be_there);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { metadata_sgl };

	return th_main(suites, 1);
}
