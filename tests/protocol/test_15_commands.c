/* SPDX-License-Identifier: BSD-3-Clause */
/* Compare, Verify, Write Zeroes, Write Uncorrectable and their limits, NVM 1.0 3.2. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "common/random.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECTOR 512u
#define PAGES  48u
#define DEAC   (1u << 25)

/* Contiguous host memory and the list that names it. */
struct memory {
	uint64_t data, list;
};

static struct memory memory(struct th_host *h)
{
	struct memory m = { th_alloc(h, PAGES * 4096), th_alloc(h, 4096) };

	for (uint32_t i = 1; i < PAGES; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, m.list) + 8 * (i - 1), m.data + 4096 * i);
	return m;
}

static struct th_command command(struct memory m, uint8_t opcode, uint64_t slba, uint32_t nlb)
{
	return (struct th_command){ .opcode = opcode,
				    .nsid = 1,
				    .prp1 = m.data,
				    .prp2 = nlb <= 16 ? m.data + 4096 : m.list,
				    .cdw10 = (uint32_t)slba,
				    .cdw11 = (uint32_t)(slba >> 32),
				    .cdw12 = nlb - 1 };
}

static uint16_t io(struct th_host *h, struct memory m, uint8_t opcode, uint64_t slba, uint32_t nlb)
{
	return nvme_status_code(th_try_(h, 1, command(m, opcode, slba, nlb), __LINE__));
}

static void fill(struct th_host *h, struct memory m, uint64_t slba, uint32_t nlb, uint64_t version)
{
	for (uint32_t i = 0; i < nlb; i++)
		nvme_pattern_fill((uint8_t *)th_ptr(h, m.data) + i * SECTOR, SECTOR, version,
				  slba + i);
}

static bool is_zero(struct th_host *h, struct memory m, uint32_t nlb)
{
	const uint8_t *data = th_ptr(h, m.data);

	for (uint32_t i = 0; i < nlb * SECTOR; i++) {
		if (data[i])
			return false;
	}
	return true;
}

/* A command for which a key says whether it exists. */
static const struct {
	uint8_t opcode;
	const char *off;
	uint16_t oncs;
} optional[] = {
	{ NVME_CMD_COMPARE, "compare=false", 1 << 0 },
	{ NVME_CMD_WRITE_UNCORRECTABLE, "write_uncorrectable=false", 1 << 1 },
	{ NVME_CMD_DSM, "dsm=false", 1 << 2 },
	{ NVME_CMD_WRITE_ZEROES, "write_zeroes=false", 1 << 3 },
	{ NVME_CMD_VERIFY, "verify=false", 1 << 7 },
	{ NVME_CMD_COPY, "copy=false", 1 << 8 },
	{ NVME_CMD_WRITE_ZEROES, "vs=1.0", 1 << 3 },
	{ NVME_CMD_VERIFY, "vs=1.3", 1 << 7 },
	{ NVME_CMD_COPY, "vs=1.4", 1 << 8 },
};
#define OPTIONAL (sizeof(optional) / sizeof(optional[0]))

START_TEST(a_command_and_its_bit_come_and_go_with_the_key)
{
	/* Base 2.0 5.17.2.1, ONCS */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct memory m = memory(h);
	const struct nvme_id_ctrl *id = th_ptr(h, m.data);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = m.data, .cdw10 = NVME_CNS_CTRL);
	ck_assert(nvme_cpu16(id->oncs) & optional[_i].oncs);
	ck_assert_uint_ne(io(h, m, optional[_i].opcode, 0, 1), NVME_SC_INVALID_OPCODE);
	th_free(h);
	h = th_enabled(.io_queues = 1, .controller = optional[_i].off);
	m = memory(h);
	id = th_ptr(h, m.data);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = m.data, .cdw10 = NVME_CNS_CTRL);
	ck_assert(!(nvme_cpu16(id->oncs) & optional[_i].oncs));
	ck_assert_uint_eq(io(h, m, optional[_i].opcode, 0, 1), NVME_SC_INVALID_OPCODE);
	th_free(h);
}
END_TEST

static const uint32_t sizes[] = { 1, 2, 127, 128, 129, 300 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

START_TEST(compare_finds_any_difference_and_only_that)
{
	/* NVM 1.0 3.2.1: Compare Failure; sizes around that of a bounce buffer. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct memory m = memory(h);
	uint32_t nlb = sizes[_i];
	uint8_t *data = th_ptr(h, m.data);
	const uint32_t places[] = { 0, nlb * SECTOR / 2, nlb * SECTOR - 1 };

	fill(h, m, 5, nlb, 1);
	ck_assert_uint_eq(io(h, m, NVME_CMD_WRITE, 5, nlb), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_COMPARE, 5, nlb), NVME_SC_SUCCESS);
	for (uint32_t i = 0; i < 3; i++) {
		data[places[i]] ^= 1;
		ck_assert_uint_eq(io(h, m, NVME_CMD_COMPARE, 5, nlb), NVME_SC_COMPARE_FAILURE);
		data[places[i]] ^= 1;
	}
	ck_assert_uint_eq(io(h, m, NVME_CMD_COMPARE, 5, nlb), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(compare_changes_neither_side)
{
	/* NVM 1.0 3.2.1 */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct memory m = memory(h);

	memset(th_ptr(h, m.data), 0x11, SECTOR);
	ck_assert_uint_eq(io(h, m, NVME_CMD_WRITE, 9, 1), NVME_SC_SUCCESS);
	memset(th_ptr(h, m.data), 0x22, SECTOR);
	ck_assert_uint_eq(io(h, m, NVME_CMD_COMPARE, 9, 1), NVME_SC_COMPARE_FAILURE);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(h, m.data), 0x22);
	ck_assert_uint_eq(*(uint8_t *)th_media_block(h, 1, 9), 0x11);
	th_free(h);
}
END_TEST

START_TEST(commands_without_data_check_their_blocks_too)
{
	/* NVM 1.0 3.2: LBA Out of Range; Base 2.0 3.2.1: the namespace has to be there. */
	static const uint8_t opcodes[] = { NVME_CMD_COMPARE, NVME_CMD_VERIFY, NVME_CMD_WRITE_ZEROES,
					   NVME_CMD_WRITE_UNCORRECTABLE };
	struct th_host *h = th_enabled(.io_queues = 1);
	struct memory m = memory(h);
	struct th_command c = command(m, opcodes[_i], 2047, 2);

	ck_assert_uint_eq(io(h, m, opcodes[_i], 2048, 1), NVME_SC_LBA_OUT_OF_RANGE);
	ck_assert_uint_eq(io(h, m, opcodes[_i], UINT64_MAX, 2), NVME_SC_LBA_OUT_OF_RANGE);
	ck_assert_uint_eq(nvme_status_code(th_try_(h, 1, c, __LINE__)), NVME_SC_LBA_OUT_OF_RANGE);
	c.nsid = 2;
	ck_assert_uint_eq(nvme_status_code(th_try_(h, 1, c, __LINE__)), NVME_SC_INVALID_FIELD);
	c.nsid = NVME_NSID_ALL;
	ck_assert_uint_eq(nvme_status_code(th_try_(h, 1, c, __LINE__)), NVME_SC_INVALID_NS);
	th_free(h);
}
END_TEST

START_TEST(write_zeroes_zeroes_its_own_blocks)
{
	/* NVM 1.0 3.2.8: with DEAC the blocks may be deallocated, without it they are not. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct memory m = memory(h);
	struct th_command c = command(m, NVME_CMD_WRITE_ZEROES, 11, 3);

	fill(h, m, 10, 5, 7);
	ck_assert_uint_eq(io(h, m, NVME_CMD_WRITE, 10, 5), NVME_SC_SUCCESS);
	c.cdw12 |= _i ? DEAC : 0;
	ck_assert_uint_eq(th_try_(h, 1, c, __LINE__), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_READ, 11, 3), NVME_SC_SUCCESS);
	ck_assert(is_zero(h, m, 3));
	for (uint64_t lba = 11; lba < 14; lba++)
		ck_assert_int_eq(th_media_allocated(h, 1, lba), !_i);
	ck_assert(*(uint64_t *)th_media_block(h, 1, 10) != 0);
	ck_assert(*(uint64_t *)th_media_block(h, 1, 14) != 0);
	th_free(h);
}
END_TEST

START_TEST(an_uncorrectable_block_is_so_until_it_is_written)
{
	/* NVM 1.0 3.2.7: Unrecovered Read Error for Read, Compare and Verify. */
	static const uint8_t heals[] = { NVME_CMD_WRITE, NVME_CMD_WRITE_ZEROES };
	struct th_host *h = th_enabled(.io_queues = 1);
	struct memory m = memory(h);

	ck_assert_uint_eq(io(h, m, NVME_CMD_WRITE_UNCORRECTABLE, 20, 4), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_READ, 18, 3), NVME_SC_UNRECOVERED_READ_ERROR);
	ck_assert_uint_eq(io(h, m, NVME_CMD_COMPARE, 23, 1), NVME_SC_UNRECOVERED_READ_ERROR);
	ck_assert_uint_eq(io(h, m, NVME_CMD_VERIFY, 20, 1), NVME_SC_UNRECOVERED_READ_ERROR);
	ck_assert_uint_eq(io(h, m, NVME_CMD_READ, 18, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_READ, 24, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, heals[_i], 20, 3), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_READ, 20, 3), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_VERIFY, 20, 3), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_READ, 23, 1), NVME_SC_UNRECOVERED_READ_ERROR);
	th_free(h);
}
END_TEST

START_TEST(verify_reads_everything_and_transfers_nothing)
{
	/* NVM 1.0 3.2.5 */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct memory m = memory(h);
	struct th_command c = command(m, NVME_CMD_VERIFY, 0, 2048);

	c.prp1 = 0xdead000;
	c.prp2 = 0xdead000;
	ck_assert_uint_eq(th_try_(h, 1, c, __LINE__), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_MEDIA), 2048 / 128);
	th_media_fail(h, -EIO);
	ck_assert_uint_eq(io(h, m, NVME_CMD_VERIFY, 0, 8), NVME_SC_UNRECOVERED_READ_ERROR);
	th_free(h);
}
END_TEST

/* Limits of 8 KiB: 16 blocks. */
static const struct {
	uint8_t opcode;
	const char *keys;
} limits[] = {
	{ NVME_CMD_VERIFY, "vsl=1" },
	{ NVME_CMD_WRITE_ZEROES, "wzsl=1" },
	{ NVME_CMD_WRITE_UNCORRECTABLE, "wusl=1" },
};

START_TEST(a_command_larger_than_its_own_limit_is_refused)
{
	/* NVM 1.0 4.1.5.4: VSL, WZSL, WUSL are told by CNS 06h. */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = limits[_i].keys);
	struct memory m = memory(h);
	const uint8_t *id = th_ptr(h, m.data);

	ck_assert_uint_eq(io(h, m, limits[_i].opcode, 0, 16), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, limits[_i].opcode, 0, 17), NVME_SC_INVALID_FIELD);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = m.data, .cdw10 = NVME_CNS_CTRL_CSI);
	ck_assert_uint_eq(id[_i], 1);
	ck_assert_uint_eq(id[0] + id[1] + id[2], 1);
	th_free(h);
}
END_TEST

START_TEST(without_a_limit_the_whole_field_counts)
{
	/* NVM 1.0 3.2.8: 65,536 blocks at once, whatever MDTS is */
	struct th_host *h = th_enabled(.io_queues = 1, .blocks = 70000, .controller = "mdts=1");
	struct memory m = memory(h);

	ck_assert_uint_eq(io(h, m, NVME_CMD_WRITE_ZEROES, 100, 65536), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_VERIFY, 100, 65536), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_COMPARE, 0, 17), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(reading_what_was_never_written_is_an_error_when_asked_for)
{
	/* Base 2.0 5.27.1.5, DULBE: Deallocated or Unwritten Logical Block. */
	struct th_host *h = th_enabled(.io_queues = 1, .ns2_blocks = 64);
	struct memory m = memory(h);

	ck_assert_uint_eq(io(h, m, NVME_CMD_READ, 0, 4), NVME_SC_SUCCESS);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .nsid = 1, .cdw10 = NVME_FID_ERROR_RECOVERY,
	      .cdw11 = 1u << 16);
	ck_assert_uint_eq(io(h, m, NVME_CMD_READ, 0, 4), NVME_SC_DEALLOCATED_BLOCK);
	ck_assert_uint_eq(io(h, m, NVME_CMD_COMPARE, 0, 4), NVME_SC_DEALLOCATED_BLOCK);
	ck_assert_uint_eq(io(h, m, NVME_CMD_VERIFY, 0, 4), NVME_SC_DEALLOCATED_BLOCK);
	ck_assert_uint_eq(io(h, m, NVME_CMD_WRITE, 0, 4), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_READ, 0, 4), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, m, NVME_CMD_READ, 3, 2), NVME_SC_DEALLOCATED_BLOCK);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 3, .prp1 = m.data),
			  NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(dulbe_needs_its_bit)
{
	/* Base 2.0 5.27.1.5; NSFEAT bit 2 */
	struct th_host *h = th_enabled(.controller = _i ? "dulbe=false" : "dulbe=true");
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ns *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = page);
	ck_assert_uint_eq(NVME_GET(id->nsfeat, NVME_ID_NS_NSFEAT_DAE), !_i);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .nsid = 1,
				  .cdw10 = NVME_FID_ERROR_RECOVERY, .cdw11 = 1u << 16),
			  _i ? NVME_SC_INVALID_FIELD : NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(few_buffers_are_enough_for_many_commands)
{
	/* NVM 1.0 3.2.1: they wait for each other, not for ever. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true, .entries = 32,
				       .controller = "bounces=1");
	struct memory m = memory(h);

	for (uint16_t cid = 0; cid < 20; cid++) {
		struct th_command c = command(m, NVME_CMD_COMPARE, cid * 8ull, 8);

		c.cid = cid;
		th_submit_(h, 1, c, true);
	}
	for (uint16_t cid = 0; cid < 20; cid++) {
		th_run(h);
		th_check(h);
		ck_assert_uint_eq(th_media_pending(h), 1);
		th_media(h, 0, 0);
		th_run(h);
		th_expect_cqe(h, .cqid = 1, .cid = cid);
	}
	th_free(h);
}
END_TEST

START_TEST(host_memory_that_is_not_there_ends_a_compare)
{
	/* Base 2.0 4.1.1, unverified: Data Transfer Error, and nothing is left behind. */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "bounces=1");
	struct memory m = memory(h);

	th_unmap(h, m.data + 4096);
	ck_assert_uint_eq(io(h, m, NVME_CMD_COMPARE, 0, 16), NVME_SC_DATA_TRANSFER_ERROR);
	th_map(h);
	ck_assert_uint_eq(io(h, m, NVME_CMD_COMPARE, 0, 16), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_reset_takes_everything_back)
{
	/* Base 2.0 3.7.2: with requests at the medium, waiting for buffers, and in between. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true,
				       .controller = "bounces=2");
	struct memory m = memory(h);

	for (uint32_t i = 0; i < 6; i++) {
		struct th_command c = command(m, i % 2 ? NVME_CMD_COMPARE : NVME_CMD_WRITE, 8, 8);

		th_submit_(h, 1, c, true);
	}
	for (int i = 0; i < _i; i++)
		th_step(h, 1);
	th_write32(h, NVME_REG_CC, 0x460000);
	th_run(h);
	th_check(h);
	while (th_media_pending(h))
		th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	m = memory(h);
	th_submit_(h, 1, command(m, NVME_CMD_COMPARE, 8, 8), true);
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1);
	th_free(h);
}
END_TEST

static Suite *commands(void)
{
	Suite *suite = suite_create("commands");
	TCase *tcase = tcase_create("commands");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_command_and_its_bit_come_and_go_with_the_key, 0, OPTIONAL);
	tcase_add_loop_test(tcase, compare_finds_any_difference_and_only_that, 0, SIZES);
	tcase_add_test(tcase, compare_changes_neither_side);
	tcase_add_loop_test(tcase, commands_without_data_check_their_blocks_too, 0, 4);
	tcase_add_loop_test(tcase, write_zeroes_zeroes_its_own_blocks, 0, 2);
	tcase_add_loop_test(tcase, an_uncorrectable_block_is_so_until_it_is_written, 0, 2);
	tcase_add_test(tcase, verify_reads_everything_and_transfers_nothing);
	tcase_add_loop_test(tcase, a_command_larger_than_its_own_limit_is_refused, 0, 3);
	tcase_add_test(tcase, without_a_limit_the_whole_field_counts);
	tcase_add_test(tcase, reading_what_was_never_written_is_an_error_when_asked_for);
	tcase_add_loop_test(tcase, dulbe_needs_its_bit, 0, 2);
	tcase_add_test(tcase, few_buffers_are_enough_for_many_commands);
	tcase_add_test(tcase, host_memory_that_is_not_there_ends_a_compare);
	tcase_add_loop_test(tcase, a_reset_takes_everything_back, 0, 30);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { commands };

	return th_main(suites, 1);
}
