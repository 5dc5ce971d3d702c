/* SPDX-License-Identifier: BSD-3-Clause */
/* The NVM Command Set's own commands, NVM 1.0 3.2: Read, Write, Flush, and what goes wrong. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "common/random.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define BLOCKS	    2048
#define SECTOR	    512u
#define FUA	    (1u << 30)
#define MILLISECOND 1000000ull
#define PAGES	    40

/* Contiguous host memory with the list that a command of any size below PAGES pages needs. */
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

/* A command on @nlb blocks of 2^@lbads bytes. */
static struct th_command command(struct memory m, uint8_t opcode, uint64_t slba, uint32_t nlb,
				 uint32_t lbads)
{
	return (struct th_command){ .opcode = opcode,
				    .nsid = 1,
				    .prp1 = m.data,
				    .prp2 = (nlb << lbads) <= 8192 ? m.data + 4096 : m.list,
				    .cdw10 = (uint32_t)slba,
				    .cdw11 = (uint32_t)(slba >> 32),
				    .cdw12 = nlb - 1 };
}

static nvme_status io(struct th_host *h, struct memory m, uint8_t opcode, uint64_t slba,
		      uint32_t nlb)
{
	return th_try_(h, 1, command(m, opcode, slba, nlb, 9), __LINE__);
}

static void fill(struct th_host *h, struct memory m, uint64_t slba, uint32_t nlb, uint64_t version)
{
	for (uint32_t i = 0; i < nlb; i++)
		nvme_pattern_fill((uint8_t *)th_ptr(h, m.data) + i * SECTOR, SECTOR, version,
				  slba + i);
}

static bool holds(struct th_host *h, struct memory m, uint64_t slba, uint32_t nlb, uint64_t version)
{
	for (uint32_t i = 0; i < nlb; i++) {
		if (nvme_pattern_check((uint8_t *)th_ptr(h, m.data) + i * SECTOR, SECTOR, version,
				       slba + i) != SECTOR)
			return false;
	}
	return true;
}

static const uint64_t starts[] = { 0, 1, 7, 8, 1000, BLOCKS - 300 };

START_TEST(what_was_written_is_read_at_every_size)
{
	/* NVM 1.0 3.2.4 and 3.2.6: 1 to 256 blocks, at several places. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct memory m = memory(h);

	for (uint32_t nlb = 1; nlb <= 256; nlb += nlb < 20 ? 1 : 13) {
		fill(h, m, starts[_i], nlb, nlb);
		ck_assert_uint_eq(io(h, m, NVME_CMD_WRITE, starts[_i], nlb), NVME_SC_SUCCESS);
		memset(th_ptr(h, m.data), 0xa5, PAGES * 4096);
		ck_assert_uint_eq(io(h, m, NVME_CMD_READ, starts[_i], nlb), NVME_SC_SUCCESS);
		ck_assert(holds(h, m, starts[_i], nlb, nlb));
	}
	th_free(h);
}
END_TEST

START_TEST(a_write_touches_its_own_blocks_only)
{
	/* NVM 1.0 3.2.6, against a model that holds the version of each block */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct memory m = memory(h);
	uint32_t version[BLOCKS] = { 0 };

	for (uint32_t n = 1; n <= 400; n++) {
		uint32_t nlb = 1 + (uint32_t)nvme_draw_below(nvme_draw(1, 2, n, 0), 64);
		uint32_t slba = (uint32_t)nvme_draw_below(nvme_draw(1, 2, n, 1), BLOCKS - nlb);

		fill(h, m, slba, nlb, n);
		ck_assert_uint_eq(io(h, m, NVME_CMD_WRITE, slba, nlb), NVME_SC_SUCCESS);
		for (uint32_t i = 0; i < nlb; i++)
			version[slba + i] = n;
	}
	for (uint32_t lba = 0; lba < BLOCKS; lba++) {
		uint8_t expected[SECTOR] = { 0 };

		if (version[lba])
			nvme_pattern_fill(expected, SECTOR, version[lba], lba);
		io(h, m, NVME_CMD_READ, lba, 1);
		if (memcmp(th_ptr(h, m.data), expected, SECTOR) != 0)
			ck_abort_msg("block %u is not of version %u", lba, version[lba]);
	}
	th_free(h);
}
END_TEST

/* The namespace has 2048 blocks. */
static const struct {
	uint64_t slba;
	uint32_t nlb;
	uint16_t sc;
} ranges[] = {
	{ BLOCKS - 1, 1, NVME_SC_SUCCESS },
	{ BLOCKS, 1, NVME_SC_LBA_OUT_OF_RANGE },
	{ BLOCKS - 1, 2, NVME_SC_LBA_OUT_OF_RANGE },
	{ BLOCKS - 256, 256, NVME_SC_SUCCESS },
	{ BLOCKS - 255, 256, NVME_SC_LBA_OUT_OF_RANGE },
	{ 1ull << 32, 1, NVME_SC_LBA_OUT_OF_RANGE }, /* the upper half counts */
	{ 1ull << 55, 1, NVME_SC_LBA_OUT_OF_RANGE }, /* times 512 it would be 0 */
	{ UINT64_MAX, 1, NVME_SC_LBA_OUT_OF_RANGE },
	{ UINT64_MAX, 2, NVME_SC_LBA_OUT_OF_RANGE }, /* the sum would be 1 */
	{ UINT64_MAX - 99, 200, NVME_SC_LBA_OUT_OF_RANGE },
};
#define RANGES (sizeof(ranges) / sizeof(ranges[0]))

START_TEST(blocks_that_do_not_exist_are_out_of_range)
{
	/* NVM 1.0 3.2: LBA Out of Range, and nothing is transferred. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct memory m = memory(h);

	for (uint8_t opcode = NVME_CMD_WRITE; opcode <= NVME_CMD_READ; opcode++) {
		nvme_status status = io(h, m, opcode, ranges[_i].slba, ranges[_i].nlb);

		ck_assert_uint_eq(status, ranges[_i].sc ? ranges[_i].sc | NVME_MORE | NVME_DNR
							: NVME_SC_SUCCESS);
	}
	ck_assert_uint_eq(th_events(h, NVME_TRACE_MEDIA), ranges[_i].sc ? 0 : 2);
	th_free(h);
}
END_TEST

/* NSIDs 1 and 3 are active, 2 is not, 32 is NN. */
static const struct {
	uint32_t nsid;
	uint16_t data, flush;
} nsids[] = {
	{ 0, NVME_SC_INVALID_NS, NVME_SC_INVALID_NS },
	{ 1, NVME_SC_SUCCESS, NVME_SC_SUCCESS },
	{ 2, NVME_SC_INVALID_FIELD, NVME_SC_INVALID_FIELD },
	{ 3, NVME_SC_SUCCESS, NVME_SC_SUCCESS },
	{ 32, NVME_SC_INVALID_FIELD, NVME_SC_INVALID_FIELD },
	{ 33, NVME_SC_INVALID_NS, NVME_SC_INVALID_NS },
	{ 0x80000001, NVME_SC_INVALID_NS, NVME_SC_INVALID_NS },
	{ 0xfffffffe, NVME_SC_INVALID_NS, NVME_SC_INVALID_NS },
	{ 0xffffffff, NVME_SC_INVALID_NS, NVME_SC_SUCCESS },
};
#define NSIDS (sizeof(nsids) / sizeof(nsids[0]))

START_TEST(every_command_needs_a_namespace_that_exists)
{
	/* Base 2.0 3.2.1; NVM 1.0 3.2.2: Flush takes FFFFFFFFh, as VWC bits 2:1 say. */
	struct th_host *h = th_enabled(.io_queues = 1, .ns2_blocks = 8);
	struct memory m = memory(h);

	ck_assert_uint_eq(
		th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = nsids[_i].nsid, .prp1 = m.data),
		nsids[_i].data);
	ck_assert_uint_eq(
		th_code_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = nsids[_i].nsid, .prp1 = m.data),
		nsids[_i].data);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = nsids[_i].nsid),
			  nsids[_i].flush);
	th_free(h);
}
END_TEST

START_TEST(two_namespaces_with_different_blocks_do_not_mix)
{
	/* 512 and 4096 bytes */
	struct th_host *h = th_enabled(.io_queues = 1, .ns2_blocks = 16);
	struct memory m = memory(h);
	struct th_command big = command(m, NVME_CMD_WRITE, 15, 1, 12);

	big.nsid = 3;
	memset(th_ptr(h, m.data), 0x33, 4096);
	ck_assert_uint_eq(th_try_(h, 1, big, __LINE__), NVME_SC_SUCCESS);
	memset(th_ptr(h, m.data), 0x11, 4096);
	ck_assert_uint_eq(io(h, m, NVME_CMD_WRITE, 15, 1), NVME_SC_SUCCESS);
	big.opcode = NVME_CMD_READ;
	ck_assert_uint_eq(th_try_(h, 1, big, __LINE__), NVME_SC_SUCCESS);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(h, m.data + 4095), 0x33);
	ck_assert_uint_eq(*(uint8_t *)th_media_block(h, 1, 15), 0x11);
	ck_assert_uint_eq(*(uint8_t *)th_media_block(h, 1, 16), 0);
	big.cdw10 = 16;
	ck_assert_uint_eq(nvme_status_code(th_try_(h, 1, big, __LINE__)), NVME_SC_LBA_OUT_OF_RANGE);
	th_free(h);
}
END_TEST

START_TEST(fua_and_the_write_cache_decide_what_has_to_be_durable)
{
	/* NVM 1.0 3.2.6: FUA; without a volatile cache everything is durable. */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = _i ? "vwc=true" : "vwc=false");
	struct memory m = memory(h);
	struct th_command c = command(m, NVME_CMD_WRITE, 0, 1, 9);

	th_try_(h, 1, c, __LINE__);
	ck_assert_uint_eq(th_media_last(h)->fua, !_i);
	c.cdw12 |= FUA;
	th_try_(h, 1, c, __LINE__);
	ck_assert(th_media_last(h)->fua);
	c.opcode = NVME_CMD_READ;
	ck_assert_uint_eq(th_try_(h, 1, c, __LINE__), NVME_SC_SUCCESS);
	ck_assert(th_media_last(h)->fua);
	th_free(h);
}
END_TEST

START_TEST(a_flush_reaches_the_medium_when_there_is_a_cache)
{
	/* NVM 1.0 3.2.2: without one it does nothing and succeeds. */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = _i ? "vwc=true" : "vwc=false");

	ck_assert_uint_eq(th_try_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_MEDIA), (unsigned int)_i);
	ck_assert_uint_eq(th_try_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 0xffffffff),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_MEDIA), (unsigned int)_i);
	if (_i)
		ck_assert_uint_eq(th_media_last(h)->nsid, 0xffffffff);
	th_free(h);
}
END_TEST

/* Fields that are refused, and fields that do not matter on a namespace without metadata. */
static const struct {
	uint8_t opcode, flags;
	uint32_t cdw12, cdw13, cdw14, cdw15;
	uint16_t sc;
} fields[] = {
	{ NVME_CMD_WRITE, 0x01, 0, 0, 0, 0, NVME_SC_ABORTED_MISSING_FUSED }, /* first */
	{ NVME_CMD_READ, 0x02, 0, 0, 0, 0, NVME_SC_ABORTED_MISSING_FUSED },  /* second */
	{ NVME_CMD_READ, 0x03, 0, 0, 0, 0, NVME_SC_INVALID_FIELD },
	{ NVME_CMD_READ, 0x40, 0, 0, 0, 0, NVME_SC_INVALID_FIELD }, /* SGL, with sgls=0 */
	{ NVME_CMD_READ, 0x80, 0, 0, 0, 0, NVME_SC_INVALID_FIELD },
	{ NVME_CMD_READ, 0xc0, 0, 0, 0, 0, NVME_SC_INVALID_FIELD },
	{ NVME_CMD_READ, 0x3c, 0, 0, 0, 0, NVME_SC_SUCCESS },		 /* reserved bits */
	{ NVME_CMD_WRITE, 0, 1u << 20, 0, 0, 0, NVME_SC_INVALID_FIELD }, /* directive 1 */
	{ NVME_CMD_WRITE, 0, 15u << 20, 0, 0, 0, NVME_SC_INVALID_FIELD },
	{ NVME_CMD_READ, 0, 1u << 20, 0, 0, 0, NVME_SC_SUCCESS },     /* reserved for Read */
	{ NVME_CMD_WRITE, 0, 1u << 31, 0, 0, 0, NVME_SC_SUCCESS },    /* limited retry */
	{ NVME_CMD_READ, 0, 15u << 26, 0, 99, ~0u, NVME_SC_SUCCESS }, /* PRINFO and tags */
	{ NVME_CMD_WRITE, 0, 15u << 26, 0, 99, ~0u, NVME_SC_SUCCESS },
	{ NVME_CMD_READ, 0, 0, 0xff, 0, 0, NVME_SC_SUCCESS },	     /* DSM hints */
	{ NVME_CMD_WRITE, 0, 0, 0xffff00ff, 0, 0, NVME_SC_SUCCESS }, /* DSPEC without DTYPE */
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

START_TEST(fields_are_refused_or_do_not_matter)
{
	/* Base 2.0 3.3.3.1 and NVM 1.0 3.2, unverified where nothing is checked */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "sgls=0");
	struct memory m = memory(h);
	struct th_command c = command(m, fields[_i].opcode, 3, 1, 9);

	c.flags = fields[_i].flags;
	c.cdw12 |= fields[_i].cdw12;
	c.cdw13 = fields[_i].cdw13;
	c.cdw14 = fields[_i].cdw14;
	c.cdw15 = fields[_i].cdw15;
	ck_assert_uint_eq(th_try_(h, 1, c, __LINE__),
			  fields[_i].sc ? fields[_i].sc | NVME_MORE | NVME_DNR : NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

/* What the medium answers, and what the host is told: it may try again. */
static const struct {
	uint8_t opcode;
	int error;
	uint16_t sc;
} errors[] = {
	{ NVME_CMD_READ, -EIO, NVME_SC_UNRECOVERED_READ_ERROR },
	{ NVME_CMD_WRITE, -EIO, NVME_SC_WRITE_FAULT },
	{ NVME_CMD_FLUSH, -EIO, NVME_SC_WRITE_FAULT },
	{ NVME_CMD_WRITE, -ENOSPC, NVME_SC_CAPACITY_EXCEEDED },
	{ NVME_CMD_READ, -EFAULT, NVME_SC_DATA_TRANSFER_ERROR },
	{ NVME_CMD_WRITE, -EFAULT, NVME_SC_DATA_TRANSFER_ERROR },
	{ NVME_CMD_READ, -ENOMEM, NVME_SC_INTERNAL_ERROR },
	{ NVME_CMD_READ, -1, NVME_SC_INTERNAL_ERROR },
	{ NVME_CMD_READ, -4095, NVME_SC_INTERNAL_ERROR },
};
#define ERRORS (sizeof(errors) / sizeof(errors[0]))

START_TEST(an_errno_of_the_medium_becomes_a_status_that_may_be_retried)
{
	/* Base 2.0 3.3.3.2.1: DNR is clear; at once or later makes no difference. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_host *slow = th_enabled(.io_queues = 1, .slow_media = true);

	th_media_fail(h, errors[_i].error);
	ck_assert_uint_eq(th_try_(h, 1, command(memory(h), errors[_i].opcode, 0, 1, 9), __LINE__),
			  errors[_i].sc | NVME_MORE);
	th_submit_(slow, 1, command(memory(slow), errors[_i].opcode, 0, 1, 9), true);
	th_run(slow);
	th_media(slow, 0, errors[_i].error);
	th_run(slow);
	th_expect_cqe(slow, .cqid = 1, .sc = errors[_i].sc, .retry = true);
	th_free(h);
	th_free(slow);
}
END_TEST

START_TEST(completions_are_reordered_as_choose_says)
{
	/* Base 2.0 3.3.3.2: completions come in any order. */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "reorder=4",
				       .slow_media = true);
	struct memory m = memory(h);
	static const uint16_t orders[4][4] = {
		{ 0, 1, 2, 3 }, { 1, 2, 3, 0 }, { 2, 3, 0, 1 }, { 3, 0, 2, 1 }
	};

	for (uint16_t cid = 0; cid < 4; cid++)
		th_io(h, 1, .opcode = NVME_CMD_READ, .cid = cid, .nsid = 1, .prp1 = m.data);
	th_run(h);
	th_choose(h, (uint32_t)_i);
	while (th_media_pending(h))
		th_media(h, 0, 0);
	th_run(h);
	for (uint16_t i = 0; i < 4; i++)
		th_expect_cqe(h, .cqid = 1, .cid = orders[_i][i]);
	th_free(h);
}
END_TEST

START_TEST(a_reordering_controller_does_not_hold_back_what_is_alone)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "reorder=64");

	ck_assert_uint_eq(io(h, memory(h), NVME_CMD_READ, 0, 1), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(io_takes_the_service_time)
{
	/* Virtual time: nothing before, everything then; the deadline says when. */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1,
				       .controller = "service_time=3ms");
	struct memory m = memory(h);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = m.data);
	th_run(h);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), 3 * MILLISECOND);
	th_time(h, 2 * MILLISECOND);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 2, .nsid = 1, .prp1 = m.data);
	th_run(h);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE); /* admin commands do not wait */
	th_time(h, 1 * MILLISECOND - 1);
	th_expect_none(h, 1);
	th_time(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_expect_none(h, 1);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), 5 * MILLISECOND);
	th_time(h, 10 * MILLISECOND);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(a_reset_drops_what_the_service_time_delays)
{
	/* Base 2.0 3.7.2 */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "service_time=3ms");

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), EMU_NEVER);
	th_time(h, 10 * MILLISECOND);
	th_expect_none(h, 1);
	th_free(h);
}
END_TEST

START_TEST(one_controllers_load_does_not_keep_anothers_shutdown_waiting)
{
	/* Base 2.0 3.6.1: only its own commands have to end. */
	struct th_host *h = th_enabled(.io_queues = 1, .controllers = 2,
				       .controller = "service_time=3ms,spans=20");
	uint64_t page = th_alloc(h, 4096);

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_ctrl(h, 0);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = page);
	th_run(h);
	th_ctrl(h, 1);
	th_write32(h, NVME_REG_CC, 4 << 20 | 6 << 16 | 1 << 14 | 1);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 9);
	th_ctrl(h, 0);
	th_time(h, 3 * MILLISECOND);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(every_cid_is_echoed_and_the_rest_of_the_entry_is_zero)
{
	/* Base 2.0 3.3.3.2: dwords 0 and 1 of these commands, CRD and M. */
	struct th_host *h = th_enabled(.io_queues = 1, .entries = 256);
	struct nvme_cqe cqe;

	for (uint32_t cid = 0; cid < 65536; cid += 128) {
		for (uint32_t i = 0; i < 128; i++)
			th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .cid = (uint16_t)(cid + i),
				.nsid = 1);
		th_ring_sq(h, 1, th_tail(h, 1));
		th_run(h);
		for (uint32_t i = 0; i < 128; i++) {
			if (!th_next_cqe(h, 1, &cqe) || nvme_cpu16(cqe.cid) != cid + i ||
			    nvme_cpu32(cqe.dw0) || nvme_cpu32(cqe.dw1) ||
			    nvme_cqe_status(nvme_cpu16(cqe.status)))
				ck_abort_msg("cid %u", cid + i);
		}
		th_ring_cq(h, 1, (cid + 128) % 256);
	}
	th_free(h);
}
END_TEST

START_TEST(a_cid_in_use_twice_completes_twice)
{
	/* Base 2.0 3.3.3.1: a conflict may be reported (unverified); ours does not look. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);
	struct memory m = memory(h);

	for (int i = 0; i < 2; i++)
		th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 5, .nsid = 1, .prp1 = m.data);
	th_run(h);
	th_media(h, 1, 0);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 5);
	th_expect_cqe(h, .cqid = 1, .cid = 5);
	th_free(h);
}
END_TEST

static void checks(TCase *tcase)
{
	tcase_add_loop_test(tcase, blocks_that_do_not_exist_are_out_of_range, 0, RANGES);
	tcase_add_loop_test(tcase, every_command_needs_a_namespace_that_exists, 0, NSIDS);
	tcase_add_loop_test(tcase, fields_are_refused_or_do_not_matter, 0, FIELDS);
	tcase_add_loop_test(tcase, an_errno_of_the_medium_becomes_a_status_that_may_be_retried, 0,
			    ERRORS);
	tcase_add_test(tcase, every_cid_is_echoed_and_the_rest_of_the_entry_is_zero);
	tcase_add_test(tcase, a_cid_in_use_twice_completes_twice);
}

static Suite *io_suite(void)
{
	Suite *suite = suite_create("io");
	TCase *tcase = tcase_create("io");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, what_was_written_is_read_at_every_size, 0,
			    sizeof(starts) / sizeof(starts[0]));
	tcase_add_test(tcase, a_write_touches_its_own_blocks_only);
	tcase_add_test(tcase, two_namespaces_with_different_blocks_do_not_mix);
	checks(tcase);
	tcase_add_loop_test(tcase, fua_and_the_write_cache_decide_what_has_to_be_durable, 0, 2);
	tcase_add_loop_test(tcase, a_flush_reaches_the_medium_when_there_is_a_cache, 0, 2);
	tcase_add_loop_test(tcase, completions_are_reordered_as_choose_says, 0, 4);
	tcase_add_test(tcase, a_reordering_controller_does_not_hold_back_what_is_alone);
	tcase_add_test(tcase, io_takes_the_service_time);
	tcase_add_test(tcase, a_reset_drops_what_the_service_time_delays);
	tcase_add_test(tcase, one_controllers_load_does_not_keep_anothers_shutdown_waiting);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { io_suite };

	return th_main(suites, 1);
}
