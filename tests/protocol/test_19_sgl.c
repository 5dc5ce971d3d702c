/* SPDX-License-Identifier: BSD-3-Clause */
/* Scatter gather lists, Base 2.0 4.1.2: every descriptor, every way to get one wrong. */
#include <string.h>

#include "common/bits.h"
#include "common/random.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"
#include "tests/protocol/sgl.h"

#define SECTOR 512u
#define MANY   1200u

static void put(struct th_host *h, uint64_t list, uint32_t index, uint32_t type, uint64_t addr,
		uint32_t length)
{
	put_descriptor(h, list + 16 * (uint64_t)index, type, addr, length);
}

/* @nlb blocks from LBA 0 on through the descriptor (@type, @addr, @length) in the command. */
static uint16_t io(struct th_host *h, uint8_t opcode, uint32_t nlb, uint32_t type, uint64_t addr,
		   uint32_t length)
{
	return th_code_io(h, 1, .opcode = opcode, .flags = PSDT1, .nsid = 1, .prp1 = addr,
			  .prp2 = rest(type, length), .cdw12 = nlb - 1);
}

static void fill_media(struct th_host *h, uint32_t nlb)
{
	for (uint32_t lba = 0; lba < nlb; lba++)
		nvme_pattern_fill(th_media_block(h, 1, lba), SECTOR, 7, lba);
}

START_TEST(one_descriptor_in_the_command_is_the_whole_buffer)
{
	/* Base 2.0 4.1.2: any address, across pages, in one piece */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t data = th_alloc(h, 5 * 4096) + 4093;

	fill_media(h, 16);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 16, BLOCK, data, 8192), NVME_SC_SUCCESS);
	ck_assert_mem_eq(th_ptr(h, data), th_media_block(h, 1, 0), 8192);
	memset(th_ptr(h, data), 0x5a, 8192);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 16, BLOCK, data, 8192), NVME_SC_SUCCESS);
	ck_assert_mem_eq(th_ptr(h, data), th_media_block(h, 1, 0), 8192);
	th_free(h);
}
END_TEST

START_TEST(pieces_of_any_length_at_any_byte_come_in_order)
{
	/* Base 2.0 4.1.2: segments chained by their last descriptors; empty blocks count nothing */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t data = th_alloc(h, 4096), list = th_alloc(h, 4096), more = th_alloc(h, 8192);
	uint64_t last = more + 4096 - 8; /* the descriptor lies on two pages */
	uint8_t *memory = th_ptr(h, data);

	fill_media(h, 2);
	put(h, list, 0, BLOCK, data + 1, 7);
	put(h, list, 1, BLOCK, data + 1000, 0);
	put(h, list, 2, SEGMENT, more, 32);
	put(h, more, 0, BLOCK, data + 3001, 513);
	put(h, more, 1, LAST, last, 16);
	put(h, last, 0, BLOCK, data + 2003, 504);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 2, SEGMENT, list, 48), NVME_SC_SUCCESS);
	ck_assert_mem_eq(memory + 1, th_media_block(h, 1, 0), 7);
	ck_assert_mem_eq(memory + 3001, (uint8_t *)th_media_block(h, 1, 0) + 7, 513);
	ck_assert_mem_eq(memory + 2003, (uint8_t *)th_media_block(h, 1, 0) + 520, 504);
	ck_assert_uint_eq(memory[0] | memory[8] | memory[1000] | memory[2507], 0);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_SGL_SEGMENT), 3);
	th_free(h);
}
END_TEST

START_TEST(neighbours_are_one_piece)
{
	/* Base 2.0 4.1.2: 32 descriptors of one page, as hosts with contiguous memory write them */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);
	uint64_t data = th_alloc(h, 32 * 4096), list = th_alloc(h, 4096);

	for (uint32_t i = 0; i < 32; i++)
		put(h, list, i, BLOCK, data + i * 4096, 4096);
	th_io(h, 1, .opcode = NVME_CMD_WRITE, .flags = PSDT1, .nsid = 1, .prp1 = list,
	      .prp2 = rest(LAST, 32 * 16), .cdw12 = 255);
	th_run(h);
	ck_assert_uint_eq(th_media_last(h)->spans->count, 1);
	ck_assert_uint_eq(th_media_last(h)->spans->span[0].bytes, 32 * 4096);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1);
	th_free(h);
}
END_TEST

START_TEST(a_read_leaves_out_what_falls_into_bit_buckets)
{
	/* Base 2.0 4.1.2, SGLS bit 16; a write does not count their length */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t data = th_alloc(h, 4096), list = th_alloc(h, 4096);

	fill_media(h, 2);
	put(h, list, 0, BUCKET, 0, 500);
	put(h, list, 1, BLOCK, data, 24);
	put(h, list, 2, BUCKET, 0, 476);
	put(h, list, 3, BUCKET, 0, 24);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 2, LAST, list, 64), NVME_SC_SUCCESS);
	ck_assert_mem_eq(th_ptr(h, data), (uint8_t *)th_media_block(h, 1, 0) + 500, 24);
	ck_assert_uint_eq(((uint8_t *)th_ptr(h, data))[24], 0);
	put(h, list, 1, BLOCK, data, 1024);
	memset(th_ptr(h, data), 0x77, 1024);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 2, LAST, list, 64), NVME_SC_SUCCESS);
	ck_assert_mem_eq(th_ptr(h, data), th_media_block(h, 1, 0), 1024);
	put(h, list, 1, BLOCK, data, 1000);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 2, LAST, list, 64),
			  NVME_SC_SGL_DATA_LENGTH_INVALID);
	th_free(h);
}
END_TEST

/* A list of two descriptors for a read of two blocks, and what becomes of it. */
struct bad {
	const char *keys;
	uint32_t type0, length0, type1, length1;
	uint32_t pointer, bytes;
	uint16_t sc;
};

static const struct bad bads[] = {
	/* lengths */
	{ "", BLOCK, 512, BLOCK, 512, LAST, 32, NVME_SC_SUCCESS },
	{ "", BLOCK, 512, BLOCK, 511, LAST, 32, NVME_SC_SGL_DATA_LENGTH_INVALID },
	{ "", BLOCK, 512, BLOCK, 513, LAST, 32, NVME_SC_SUCCESS },
	{ "", BLOCK, 1024, BLOCK, 0xffffffff, LAST, 32, NVME_SC_DATA_TRANSFER_ERROR },
	{ "sgl_oversize=false", BLOCK, 512, BLOCK, 513, LAST, 32, NVME_SC_SGL_DATA_LENGTH_INVALID },
	{ "sgl_oversize=false", BLOCK, 1025, BLOCK, 0, LAST, 32, NVME_SC_SGL_DATA_LENGTH_INVALID },
	{ "sgl_oversize=false", BLOCK, 1024, BUCKET, 1, LAST, 32, NVME_SC_SGL_DATA_LENGTH_INVALID },
	/* the segment's own descriptor */
	{ "", BLOCK, 512, BLOCK, 512, LAST, 0, NVME_SC_SGL_SEGMENT_INVALID },
	{ "", BLOCK, 512, BLOCK, 512, LAST, 31, NVME_SC_SGL_SEGMENT_INVALID },
	{ "", BLOCK, 512, BLOCK, 512, LAST, 33, NVME_SC_SGL_SEGMENT_INVALID },
	{ "", BLOCK, 512, BLOCK, 512, LAST, 16, NVME_SC_SGL_DATA_LENGTH_INVALID },
	{ "", BLOCK, 512, BLOCK, 512, SEGMENT, 32, NVME_SC_SGL_SEGMENT_INVALID },
	{ "", BLOCK, 512, BLOCK, 512, LAST, 0xfffffff0, NVME_SC_SGL_COUNT_INVALID },
	/* a pointer where none may be */
	{ "", SEGMENT, 16, BLOCK, 1024, SEGMENT, 32, NVME_SC_SGL_COUNT_INVALID },
	{ "", LAST, 16, BLOCK, 1024, SEGMENT, 32, NVME_SC_SGL_COUNT_INVALID },
	{ "", BLOCK, 512, SEGMENT, 16, LAST, 32, NVME_SC_SGL_SEGMENT_INVALID },
	{ "", BLOCK, 512, LAST, 16, LAST, 32, NVME_SC_SGL_SEGMENT_INVALID },
	/* types */
	{ "", NVME_SGL_KEYED_DATA_BLOCK, 512, BLOCK, 512, LAST, 32, NVME_SC_SGL_TYPE_INVALID },
	{ "", NVME_SGL_TRANSPORT_DATA_BLOCK, 512, BLOCK, 512, LAST, 32, NVME_SC_SGL_TYPE_INVALID },
	{ "", BLOCK, 512, NVME_SGL_VENDOR, 512, LAST, 32, NVME_SC_SGL_TYPE_INVALID },
	{ "", BLOCK, 512, 6, 512, LAST, 32, NVME_SC_SGL_TYPE_INVALID },
	{ "sgl_bucket=false", BLOCK, 512, BUCKET, 512, LAST, 32, NVME_SC_SGL_TYPE_INVALID },
	/* dwords */
	{ "sgls=2", BLOCK, 512, BLOCK, 512, LAST, 32, NVME_SC_SUCCESS },
	{ "sgls=2", BLOCK, 510, BLOCK, 514, LAST, 32, NVME_SC_SGL_GRANULARITY_INVALID },
	{ "sgls=0", BLOCK, 512, BLOCK, 512, LAST, 32, NVME_SC_INVALID_FIELD },
	{ "vs=1.0", BLOCK, 512, BLOCK, 512, LAST, 32, NVME_SC_INVALID_FIELD },
};

START_TEST(a_wrong_list_gets_the_error_that_says_what_is_wrong)
{
	/* Base 2.0 4.1.2 and 3.3.3.2.1: one list, one fault (unverified) */
	const struct bad *bad = &bads[_i];
	struct th_host *h = th_enabled(.io_queues = 1, .controller = bad->keys);
	uint64_t data = th_alloc(h, 8192), list = th_alloc(h, 4096);

	put(h, list, 0, bad->type0, data, bad->length0);
	put(h, list, 1, bad->type1, bad->length1 == 0xffffffff ? UINT64_MAX - 9 : data + 4096,
	    bad->length1);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 2, bad->pointer, list, bad->bytes), bad->sc);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_MEDIA), bad->sc == NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

/* The descriptor in the command itself: type and subtype, address, length. */
static const struct {
	uint32_t type, subtype;
	uint64_t offset;
	uint32_t length;
	uint16_t sc;
} firsts[] = {
	{ BLOCK, 0, 0, 1024, NVME_SC_SUCCESS },
	{ BLOCK, 0, 0, 1023, NVME_SC_SGL_DATA_LENGTH_INVALID },
	{ BLOCK, 0, 0, 0, NVME_SC_SGL_DATA_LENGTH_INVALID },
	{ BLOCK, NVME_SGL_SUBTYPE_OFFSET, 0, 1024, NVME_SC_SGL_TYPE_INVALID },
	{ LAST, NVME_SGL_SUBTYPE_OFFSET, 0, 16, NVME_SC_SGL_TYPE_INVALID },
	{ BUCKET, 0, 0, 1024, NVME_SC_SGL_SEGMENT_INVALID },
	{ LAST, 0, 4, 16, NVME_SC_SGL_SEGMENT_INVALID },
	{ LAST, 0, 1ull << 40, 16, NVME_SC_DATA_TRANSFER_ERROR },
	{ BLOCK, 0, 1ull << 40, 1024, NVME_SC_DATA_TRANSFER_ERROR },
	{ NVME_SGL_KEYED_DATA_BLOCK, 0, 0, 1024, NVME_SC_SGL_TYPE_INVALID },
};

START_TEST(the_descriptor_in_the_command_is_checked_too)
{
	/* Base 2.0 4.1.2: SGL1 is a data block or points at a segment (unverified) */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t data = th_alloc(h, 4096);

	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .flags = PSDT1, .nsid = 1,
				     .prp1 = data + firsts[_i].offset,
				     .prp2 = rest(firsts[_i].type, firsts[_i].length) |
					     (uint64_t)firsts[_i].subtype << 56,
				     .cdw12 = 1),
			  firsts[_i].sc);
	th_free(h);
}
END_TEST

START_TEST(a_list_that_points_at_itself_ends)
{
	/* Base 2.0 4.1.2: the number of descriptors of a command is bounded */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t list = th_alloc(h, 4096);

	put(h, list, 0, BLOCK, list, 0);
	put(h, list, 1, SEGMENT, list, 32);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, SEGMENT, list, 32), NVME_SC_SGL_COUNT_INVALID);
	put(h, list, 0, SEGMENT, list, 16);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, SEGMENT, list, 16), NVME_SC_SGL_COUNT_INVALID);
	th_free(h);
}
END_TEST

/* @count bytes, each a descriptor of its own that touches no other one. */
static uint64_t crumbs(struct th_host *h, uint64_t data, uint32_t count)
{
	uint64_t list = th_alloc(h, count * 16);

	for (uint32_t i = 0; i < count; i++)
		put(h, list, i, BLOCK, data + 2 * i, 1);
	return list;
}

START_TEST(a_list_of_crumbs_takes_the_nodes_it_needs)
{
	/* Base 2.0 4.1.2: 512 pieces; a small pool refuses them, and 1200 are too many */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t data = th_alloc(h, 8192);
	uint64_t list = crumbs(h, data, 512);

	fill_media(h, 3);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, LAST, list, 512 * 16), NVME_SC_SUCCESS);
	for (uint32_t i = 0; i < 512; i++)
		ck_assert_uint_eq(((uint8_t *)th_ptr(h, data))[2 * i],
				  ((uint8_t *)th_media_block(h, 1, 0))[i]);
	list = crumbs(h, data, MANY);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 3, LAST, list, MANY * 16),
			  NVME_SC_SGL_COUNT_INVALID);
	th_free(h);
	h = th_enabled(.io_queues = 1, .controller = "spans=40,mdts=1");
	data = th_alloc(h, 4096);
	list = crumbs(h, data, 512);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, LAST, list, 512 * 16), NVME_SC_SGL_COUNT_INVALID);
	th_free(h);
}
END_TEST

START_TEST(crumbs_wait_for_the_nodes_of_others)
{
	/* Base 2.0 4.1.2: each command takes more than half of the pool, and each completes */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "spans=100",
				       .slow_media = true);
	uint64_t data = th_alloc(h, 4096);
	uint64_t list = crumbs(h, data, 512);

	for (uint16_t cid = 0; cid < 3; cid++)
		th_io(h, 1, .opcode = NVME_CMD_WRITE, .flags = PSDT1, .cid = cid, .nsid = 1,
		      .prp1 = list, .prp2 = rest(LAST, 512 * 16));
	th_run(h);
	for (uint16_t cid = 0; cid < 3; cid++) {
		th_check(h);
		ck_assert_uint_eq(th_media_pending(h), 1);
		th_media(h, 0, 0);
		th_run(h);
		th_expect_cqe(h, .cqid = 1, .cid = cid);
	}
	th_free(h);
}
END_TEST

START_TEST(admin_commands_use_prps_only)
{
	/* Base 2.0 3.3.3.1: Invalid Field for PSDT other than 0 (unverified) */
	struct th_host *h = th_enabled();
	uint64_t data = th_alloc(h, 4096);

	for (uint32_t psdt = 1; psdt < 4; psdt++)
		ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY,
					  .flags = (uint8_t)(psdt << 6), .prp1 = data,
					  .prp2 = rest(BLOCK, 4096), .cdw10 = NVME_CNS_CTRL),
				  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(psdt_says_how_the_metadata_would_be_found)
{
	/* Base 2.0 3.3.3.1: PSDT 2 only with SGLS bit 19, PSDT 3 never */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t data = th_alloc(h, 4096);

	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .flags = PSDT2, .nsid = 1,
				     .prp1 = data, .prp2 = rest(BLOCK, 512)),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .flags = PSDT1 | PSDT2,
				     .nsid = 1, .prp1 = data, .prp2 = rest(BLOCK, 512)),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
	h = th_enabled(.io_queues = 1, .controller = "sgl_meta=false");
	data = th_alloc(h, 4096);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .flags = PSDT2, .nsid = 1,
				     .prp1 = data, .prp2 = rest(BLOCK, 512)),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

static const struct {
	const char *keys;
	uint32_t sgls;
} offers[] = {
	{ "", 0x000f0001 },
	{ "sgls=2", 0x000d0002 },
	{ "sgl_bucket=false", 0x000e0001 },
	{ "sgl_oversize=false", 0x000b0001 },
	{ "sgl_meta=false", 0x00070001 },
	{ "sgls=0", 0 },
	{ "vs=1.0", 0 },
};

START_TEST(identify_says_which_lists_are_possible)
{
	/* Base 2.0 5.17.2.1: SGLS (unverified) */
	struct th_host *h = th_enabled(.controller = offers[_i].keys);
	uint64_t data = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, data);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = data, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(nvme_cpu32(id->sgls), offers[_i].sgls);
	th_free(h);
}
END_TEST

static Suite *sgl(void)
{
	Suite *suite = suite_create("sgl");
	TCase *tcase = tcase_create("sgl");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, one_descriptor_in_the_command_is_the_whole_buffer);
	tcase_add_test(tcase, pieces_of_any_length_at_any_byte_come_in_order);
	tcase_add_test(tcase, neighbours_are_one_piece);
	tcase_add_test(tcase, a_read_leaves_out_what_falls_into_bit_buckets);
	tcase_add_loop_test(tcase, a_wrong_list_gets_the_error_that_says_what_is_wrong, 0,
			    sizeof(bads) / sizeof(bads[0]));
	tcase_add_loop_test(tcase, the_descriptor_in_the_command_is_checked_too, 0,
			    sizeof(firsts) / sizeof(firsts[0]));
	tcase_add_test(tcase, a_list_that_points_at_itself_ends);
	tcase_add_test(tcase, a_list_of_crumbs_takes_the_nodes_it_needs);
	tcase_add_test(tcase, crumbs_wait_for_the_nodes_of_others);
	tcase_add_test(tcase, admin_commands_use_prps_only);
	tcase_add_test(tcase, psdt_says_how_the_metadata_would_be_found);
	tcase_add_loop_test(tcase, identify_says_which_lists_are_possible, 0,
			    sizeof(offers) / sizeof(offers[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { sgl };

	return th_main(suites, 1);
}
