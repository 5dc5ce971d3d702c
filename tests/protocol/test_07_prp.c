/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Physical Region Pages, Base 2.0 4.1.1: entries, lists, lists of lists, and the nodes they take.
 */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "common/random.h"
#include "tests/harness/buffer.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECTOR 512u

static nvme_status run(struct th_host *h, uint8_t opcode, const struct th_buffer *b)
{
	return th_try_io(h, 1, .opcode = opcode, .nsid = 1, .prp1 = b->prp1, .prp2 = b->prp2,
			 .cdw12 = b->bytes / SECTOR - 1);
}

static uint32_t differences(struct th_host *h, const struct th_buffer *b, const uint8_t *medium)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < b->bytes; i++)
		count += *th_buffer_byte(h, b, i) != medium[i];
	return count;
}

/* One read and one write of the same blocks through @b; what arrives is what was sent. */
static void check_both_ways(struct th_host *h, const struct th_buffer *b, uint64_t seed)
{
	uint8_t *medium = th_media_block(h, 1, 0);

	nvme_pattern_fill(medium, b->bytes, seed, 0);
	th_buffer_poison(h, b);
	ck_assert_uint_eq(run(h, NVME_CMD_READ, b), NVME_SC_SUCCESS);
	ck_assert_uint_eq(differences(h, b, medium), 0);
	for (uint32_t i = 0; i < b->bytes; i++)
		*th_buffer_byte(h, b, i) = (uint8_t)~medium[i];
	ck_assert_uint_eq(run(h, NVME_CMD_WRITE, b), NVME_SC_SUCCESS);
	ck_assert_uint_eq(differences(h, b, medium), 0);
	ck_assert(th_buffer_is_alone(h, b));
}

START_TEST(every_dword_of_a_page_may_be_the_first)
{
	/* Base 2.0 4.1.1: one sector, in one page or in two. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_buffer two = th_buffer(h, 4096, 4092, SECTOR, 0);

	for (uint32_t offset = 0; offset < 4096; offset += 4) {
		struct th_buffer b = two;

		b.offset = offset;
		b.prp1 = b.page[0] + offset;
		if (offset <= 4096 - SECTOR)
			b.prp2 = TH_NOWHERE + 1;
		check_both_ways(h, &b, offset);
	}
	th_free(h);
}
END_TEST

static const struct {
	uint32_t offset, sectors, list_offset;
} shapes[] = {
	{ 0, 8, 0 },	    /* a whole page */
	{ 0, 16, 0 },	    /* exactly two: PRP2 is the second */
	{ 4, 16, 0 },	    /* three, by a dword */
	{ 4092, 9, 0 },	    /* two: 4 bytes and 4604 */
	{ 4092, 8, 0 },	    /* 4 bytes and 4092 */
	{ 512, 17, 0 },	    /* a list of two */
	{ 0, 24, 8 },	    /* a list that begins in the second slot */
	{ 0, 24, 2048 },    /* in the middle */
	{ 0, 24, 4080 },    /* whose two slots are the last: both data */
	{ 0, 32, 4080 },    /* one more: the last slot is a pointer */
	{ 0, 24, 4088 },    /* nothing but a pointer */
	{ 2048, 63, 4064 }, /* four slots, of which one points */
	{ 2044, 256, 4000 },
	{ 0, 256, 4096 - 31 * 8 }, /* as many slots as entries */
	{ 0, 256, 4096 - 30 * 8 }, /* one slot too few */
};

START_TEST(pages_and_lists_of_every_shape_carry_the_data)
{
	/* Base 2.0 4.1.1 */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_buffer b = th_buffer(h, 4096, shapes[_i].offset, shapes[_i].sectors * SECTOR,
				       shapes[_i].list_offset);

	check_both_ways(h, &b, (uint64_t)_i);
	th_free(h);
}
END_TEST

/* Entries behind PRP1 where a list page is just full, or one more. */
static const struct {
	uint32_t entries, list_offset;
} chains[] = {
	{ 512, 0 },    /* one page of list */
	{ 513, 0 },    /* two: 511 and a pointer, 2 */
	{ 1023, 0 },   /* two: 511 and a pointer, 512 */
	{ 1024, 0 },   /* three */
	{ 514, 4080 }, /* three: 1 and a pointer, 511 and a pointer, 2 */
	{ 511, 4088 }, /* two: a pointer, 511 */
};

START_TEST(lists_of_several_pages_are_chained)
{
	/* Base 2.0 4.1.1: the last slot of a page points when more than it holds is left. */
	struct th_host *h = th_enabled(.io_queues = 1, .blocks = 16384, .controller = "mdts=0");
	struct th_buffer b = th_buffer(h, 4096, 0, (chains[_i].entries + 1) * 4096,
				       chains[_i].list_offset);

	check_both_ways(h, &b, (uint64_t)_i);
	th_free(h);
}
END_TEST

START_TEST(larger_pages_of_the_host_work_alike)
{
	/* Base 2.0 3.1.3.5: CC.MPS 4 KiB to 64 KiB. */
	struct th_host *h = th_enabled(.io_queues = 1, .mps = (uint32_t)_i);
	uint32_t page = 4096u << _i;
	const uint32_t rows[][3] = {
		{ page - 4, 1, 0 },	     { 0, page / SECTOR, 0 },
		{ 0, 2 * page / SECTOR, 0 }, { 4, 2 * page / SECTOR, 0 },
		{ 0, 4 * page / SECTOR, 0 }, { 8, 4 * page / SECTOR, page - 16 }
	};

	for (uint32_t i = 0; i < 6; i++) {
		struct th_buffer b = th_buffer(h, page, rows[i][0], rows[i][1] * SECTOR,
					       rows[i][2]);

		check_both_ways(h, &b, i);
	}
	th_free(h);
}
END_TEST

START_TEST(an_offset_is_judged_by_the_page_size_of_the_host)
{
	/* Base 2.0 4.1.1: 4 KiB into an 8 KiB page is an offset. */
	struct th_host *h = th_enabled(.io_queues = 1, .mps = 1);
	struct th_buffer b = th_buffer(h, 8192, 0, 16384, 0);

	b.prp2 += 4096;
	ck_assert_uint_eq(nvme_status_code(run(h, NVME_CMD_READ, &b)), NVME_SC_PRP_OFFSET_INVALID);
	th_free(h);
}
END_TEST

START_TEST(prp2_is_ignored_when_the_data_fits)
{
	/* Base 2.0 4.1.1 */
	struct th_host *h = th_enabled(.io_queues = 1);
	static const uint64_t poisons[] = { 0, 1, UINT64_MAX, TH_NOWHERE };

	for (uint32_t i = 0; i < 4; i++) {
		struct th_buffer b = th_buffer(h, 4096, 2048, 2048, 0);

		b.prp2 = poisons[i];
		check_both_ways(h, &b, i);
	}
	th_free(h);
}
END_TEST

START_TEST(an_entry_off_a_dword_or_a_page_is_refused)
{
	/* Base 2.0 4.1.1: PRP Offset Invalid, and nothing is transferred. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_buffer b = th_buffer(h, 4096, 0, 8192, 0);
	nvme_status bad = NVME_SC_PRP_OFFSET_INVALID | NVME_MORE | NVME_DNR;

	th_buffer_poison(h, &b);
	for (uint32_t low = 1; low < 4; low++) {
		b.prp1 = b.page[0] + low;
		ck_assert_uint_eq(run(h, NVME_CMD_READ, &b), bad);
	}
	b.prp1 = b.page[0];
	for (uint32_t shift = 0; shift < 12; shift++) {
		b.prp2 = b.page[1] + (1u << shift);
		ck_assert_uint_eq(run(h, NVME_CMD_READ, &b), bad);
	}
	ck_assert(th_buffer_is_alone(h, &b));
	th_free(h);
}
END_TEST

START_TEST(a_list_off_a_qword_or_with_an_offset_in_it_is_refused)
{
	/* Base 2.0 4.1.1 */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_buffer b = th_buffer(h, 4096, 0, 5 * 4096, 0);
	uint8_t *list = th_ptr(h, b.list);

	for (uint32_t low = 1; low < 8; low++) {
		b.prp2 = b.list + low;
		ck_assert_uint_eq(nvme_status_code(run(h, NVME_CMD_READ, &b)),
				  NVME_SC_PRP_OFFSET_INVALID);
	}
	b.prp2 = b.list;
	for (uint32_t i = 0; i < 4; i++) {
		nvme_store_le64(list + 8 * i, b.page[i + 1] + (8u << 2 * i));
		ck_assert_uint_eq(nvme_status_code(run(h, NVME_CMD_READ, &b)),
				  NVME_SC_PRP_OFFSET_INVALID);
		nvme_store_le64(list + 8 * i, b.page[i + 1]);
	}
	ck_assert_uint_eq(run(h, NVME_CMD_READ, &b), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_pointer_to_a_list_is_at_the_start_of_a_page)
{
	/* Base 2.0 4.1.1, unverified for the pointer inside a list */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_buffer b = th_buffer(h, 4096, 0, 5 * 4096, 4088);
	uint64_t next = nvme_load_le64(th_ptr(h, b.list));

	nvme_store_le64(th_ptr(h, b.list), next + 8);
	ck_assert_uint_eq(nvme_status_code(run(h, NVME_CMD_READ, &b)), NVME_SC_PRP_OFFSET_INVALID);
	th_free(h);
}
END_TEST

START_TEST(a_list_that_points_to_itself_ends_with_the_data)
{
	/* A hostile host: the walk is bounded by the length of the command. */
	struct th_host *h = th_enabled(.io_queues = 1, .blocks = 16384, .controller = "mdts=0");
	struct th_buffer b = th_buffer(h, 4096, 0, 600 * 4096, 0);
	uint8_t *list = th_ptr(h, b.list);

	nvme_store_le64(list + 4088, b.list);
	ck_assert_uint_eq(run(h, NVME_CMD_WRITE, &b), NVME_SC_SUCCESS);
	for (uint32_t slot = 0; slot < 512; slot++)
		nvme_store_le64(list + 8 * slot, b.list);
	ck_assert_uint_eq(run(h, NVME_CMD_WRITE, &b), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

/* What is missing: PRP1's page, another one, the list, the second page of the list. */
START_TEST(memory_that_is_not_there_fails_the_command_and_nothing_else)
{
	/* Base 2.0 4.1: Data Transfer Error; without DNR, because memory may come back. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_buffer b = th_buffer(h, 4096, 512, 9 * 4096, 4096 - 5 * 8);
	uint64_t second = nvme_load_le64((uint8_t *)th_ptr(h, b.list) + 4 * 8);
	const uint64_t missing[] = { b.page[0], b.page[1], b.page[9], b.list, second };

	for (uint8_t opcode = NVME_CMD_WRITE; opcode <= NVME_CMD_READ; opcode++) {
		th_unmap(h, missing[_i]);
		ck_assert_uint_eq(run(h, opcode, &b), NVME_SC_DATA_TRANSFER_ERROR | NVME_MORE);
		th_map(h);
		ck_assert_uint_eq(run(h, opcode, &b), NVME_SC_SUCCESS);
	}
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_free(h);
}
END_TEST

START_TEST(a_pointer_in_memory_that_is_not_there_fails_the_command)
{
	/* Base 2.0 4.1: the list is nothing but a pointer, and that is missing. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_buffer b = th_buffer(h, 4096, 0, 5 * 4096, 4088);

	th_unmap(h, b.list);
	ck_assert_uint_eq(run(h, NVME_CMD_READ, &b), NVME_SC_DATA_TRANSFER_ERROR | NVME_MORE);
	th_map(h);
	ck_assert_uint_eq(run(h, NVME_CMD_READ, &b), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

static const uint64_t nowhere[][2] = {
	{ 0, 0 },
	{ 0xfffffffffffff000, 0 }, /* the second page would follow the last of all */
	{ 0xfffffffffffffffc, 0xfffffffffffff000 },
	{ 0x8000000000000000, 0x7ffffffffffff000 },
};

START_TEST(addresses_at_the_ends_of_the_world_are_only_errors)
{
	/* Base 2.0 4.1 */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_buffer b = { .prp1 = nowhere[_i][0], .prp2 = nowhere[_i][1], .bytes = 8192 };

	ck_assert_uint_eq(nvme_status_code(run(h, NVME_CMD_READ, &b)), NVME_SC_DATA_TRANSFER_ERROR);
	b.bytes = 65536;
	ck_assert_uint_eq(nvme_status_code(run(h, NVME_CMD_READ, &b)), NVME_SC_DATA_TRANSFER_ERROR);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = b.prp1, .prp2 = b.prp2,
				  .cdw10 = 1),
			  NVME_SC_DATA_TRANSFER_ERROR);
	th_free(h);
}
END_TEST

START_TEST(neighbours_across_the_end_of_addresses_are_no_neighbours)
{
	/* One piece that wraps around would be a trap for whoever adds its length to its start. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = 0xfffffffffffff000,
	      .prp2 = 0, .cdw12 = 15);
	th_run(h);
	ck_assert_uint_eq(th_media_last(h)->spans->count, 2);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1, .sc = NVME_SC_DATA_TRANSFER_ERROR, .retry = true);
	th_free(h);
}
END_TEST

START_TEST(neighbours_are_one_piece)
{
	/* What the medium gets is short for the hosts that there are. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);
	uint64_t data = th_alloc(h, 65536), list = th_alloc(h, 4096);

	for (uint32_t i = 0; i < 15; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, list) + 8 * i, data + 4096 * (i + 1));
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = data, .prp2 = list,
	      .cdw12 = 127);
	th_run(h);
	ck_assert_uint_eq(th_media_last(h)->spans->count, 1);
	ck_assert_uint_eq(th_media_last(h)->spans->span[0].bytes, 65536);
	ck_assert_ptr_null(th_media_last(h)->spans->next);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(mdts_is_exact)
{
	/* Base 2.0 5.17.2.1: 2^MDTS pages of CAP.MPSMIN, whatever CC.MPS. */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "mdts=3", .mps = (uint32_t)_i);
	struct th_buffer b = th_buffer(h, 4096u << _i, 0, 9 * 4096, 0);

	b.bytes = 8 * 4096;
	ck_assert_uint_eq(run(h, NVME_CMD_READ, &b), NVME_SC_SUCCESS);
	b.bytes = 8 * 4096 + SECTOR;
	ck_assert_uint_eq(run(h, NVME_CMD_READ, &b), NVME_SC_INVALID_FIELD | NVME_MORE | NVME_DNR);
	th_free(h);
}
END_TEST

START_TEST(mdts_refuses_what_32_bits_cannot_count)
{
	/* 65,536 blocks of 64 KiB are 4 GiB. */
	struct th_host *h = th_enabled(.io_queues = 1, .ns2_blocks = 70000, .ns2_lbads = 16);
	uint64_t page = th_alloc(h, 4096);

	for (uint32_t nlb_z = 0xffff; nlb_z > 7; nlb_z /= 2)
		ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 3,
					     .prp1 = page, .cdw12 = nlb_z),
				  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(memory_that_may_only_be_read_is_not_written)
{
	/* DMA_MAP's protection: the controller may fetch from there, and write data from there. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_buffer b = th_buffer(h, 4096, 0, 3 * 4096, 0);
	uint64_t queues = th_read64(h, NVME_REG_ACQ);

	ck_assert_uint_lt(queues, b.pool);
	ck_assert_uint_eq(run(h, NVME_CMD_WRITE, &b), NVME_SC_SUCCESS);
	th_buffer_poison(h, &b);
	ck_assert_uint_eq(th_try(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = b.page[0], .cdw10 = 1),
			  NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

static TCase *entries(void)
{
	TCase *tcase = tcase_create("entries");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, every_dword_of_a_page_may_be_the_first);
	tcase_add_loop_test(tcase, pages_and_lists_of_every_shape_carry_the_data, 0,
			    sizeof(shapes) / sizeof(shapes[0]));
	tcase_add_loop_test(tcase, lists_of_several_pages_are_chained, 0,
			    sizeof(chains) / sizeof(chains[0]));
	tcase_add_loop_test(tcase, larger_pages_of_the_host_work_alike, 0, 5);
	tcase_add_test(tcase, an_offset_is_judged_by_the_page_size_of_the_host);
	tcase_add_test(tcase, prp2_is_ignored_when_the_data_fits);
	tcase_add_test(tcase, an_entry_off_a_dword_or_a_page_is_refused);
	tcase_add_test(tcase, a_list_off_a_qword_or_with_an_offset_in_it_is_refused);
	tcase_add_test(tcase, a_pointer_to_a_list_is_at_the_start_of_a_page);
	tcase_add_test(tcase, a_list_that_points_to_itself_ends_with_the_data);
	tcase_add_loop_test(tcase, memory_that_is_not_there_fails_the_command_and_nothing_else, 0,
			    5);
	tcase_add_test(tcase, a_pointer_in_memory_that_is_not_there_fails_the_command);
	tcase_add_loop_test(tcase, addresses_at_the_ends_of_the_world_are_only_errors, 0, 4);
	tcase_add_test(tcase, neighbours_across_the_end_of_addresses_are_no_neighbours);
	tcase_add_test(tcase, neighbours_are_one_piece);
	tcase_add_loop_test(tcase, mdts_is_exact, 0, 3);
	tcase_add_test(tcase, mdts_refuses_what_32_bits_cannot_count);
	tcase_add_test(tcase, memory_that_may_only_be_read_is_not_written);
	return tcase;
}

static Suite *prp(void)
{
	Suite *suite = suite_create("prp");

	suite_add_tcase(suite, entries());
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { prp };

	return th_main(suites, 1);
}
