/* SPDX-License-Identifier: BSD-3-Clause */
/* LBA Range Type, and Namespace Write Protection: Base 2.0 5.27.1 and 8.12 (unverified). */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define GET    .opcode = NVME_ADMIN_GET_FEATURES
#define SET    .opcode = NVME_ADMIN_SET_FEATURES
#define RANGES 0x03
#define WP     0x84
#define SAVE   0x80000000u
#define SEL(s) ((uint32_t)(s) << 8)
#define CC_ON  (4 << 20 | 6 << 16 | 1)
#define ALL_NS 0xffffffffu

static void reset(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, CC_ON & ~1);
	th_run(h);
	th_enable(h, 16);
}

static void power_cycle(struct th_host *h)
{
	emu_reset(th_emu(h), 0, EMU_RESET_POWER);
	th_run(h);
	th_cfg_write(h, 4, 2, 0x0406);
	th_enable(h, 16);
}

static struct nvme_lba_range range(uint8_t type, uint64_t slba, uint64_t blocks)
{
	struct nvme_lba_range range = { .type = type, .attributes = 1 };

	range.slba = nvme_le64(slba);
	range.nlb = nvme_le64(blocks - 1);
	memset(range.guid, 0x31 + type, sizeof(range.guid));
	return range;
}

static uint16_t set_ranges(struct th_host *h, uint32_t nsid, const struct nvme_lba_range *ranges,
			   uint32_t count, uint32_t save)
{
	uint64_t page = th_alloc(h, 4096);

	memcpy(th_ptr(h, page), ranges, count * sizeof(*ranges));
	return th_code(h, SET, .nsid = nsid, .prp1 = page, .cdw10 = save | RANGES,
		       .cdw11 = count - 1);
}

/* How many ranges Get Features brings; they are at @ret_ranges. */
static uint32_t get_ranges(struct th_host *h, uint32_t nsid, uint32_t sel,
			   const struct nvme_lba_range **ret_ranges)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), 0xee, 4096);
	*ret_ranges = th_ptr(h, page);
	return th_do(h, GET, .nsid = nsid, .prp1 = page, .cdw10 = SEL(sel) | RANGES) + 1;
}

START_TEST(a_namespace_is_one_range_at_first)
{
	/* Base 2.0 5.27.1.3: the default, with the namespace's size. */
	struct th_host *h = th_enabled(.ns2_blocks = 100);
	const struct nvme_lba_range *ranges;

	for (uint32_t sel = 0; sel < 3; sel++) {
		ck_assert_uint_eq(get_ranges(h, 1, sel, &ranges), 1);
		ck_assert_uint_eq(nvme_cpu64(ranges[0].nlb), 2047);
		ck_assert_uint_eq(nvme_cpu64(ranges[0].slba), 0);
		ck_assert_uint_eq(ranges[0].type, 0);
		ck_assert_uint_eq(ranges[1].type, 0);
	}
	get_ranges(h, 3, 0, &ranges);
	ck_assert_uint_eq(nvme_cpu64(ranges[0].nlb), 99);
	th_free(h);
}
END_TEST

START_TEST(ranges_are_kept_through_resets_and_power_cycles)
{
	/* Base 2.0 5.27.1.3: each namespace has its own; the default stays what it is. */
	struct th_host *h = th_enabled(.ns2_blocks = 100);
	const struct nvme_lba_range mine[] = { range(1, 0, 100), range(4, 200, 50),
					       range(0x80, 100, 100) };
	const struct nvme_lba_range *ranges;

	ck_assert_uint_eq(set_ranges(h, 1, mine, 3, _i ? SAVE : 0), NVME_SC_SUCCESS);
	for (uint32_t turn = 0; turn < 4; turn++) {
		ck_assert_uint_eq(get_ranges(h, 1, 0, &ranges), 3);
		ck_assert_int_eq(memcmp(ranges, mine, sizeof(mine)), 0);
		ck_assert_uint_eq(ranges[3].type, 0);
		ck_assert_uint_eq(ranges[3].attributes, 0);
		ck_assert_uint_eq(get_ranges(h, 1, 1, &ranges), 1);
		ck_assert_uint_eq(get_ranges(h, 3, 0, &ranges), 1);
		if (turn == 0)
			reset(h);
		else if (turn == 1)
			power_cycle(h);
		else if (turn == 2)
			th_restart(h), th_enable(h, 16);
	}
	th_free(h);
}
END_TEST

START_TEST(there_can_be_64_ranges)
{
	/* Base 2.0 5.27.1.3: NUM has 6 bits. */
	struct th_host *h = th_enabled();
	struct nvme_lba_range mine[64];
	const struct nvme_lba_range *ranges;

	for (uint32_t i = 0; i < 64; i++)
		mine[i] = range(2, 63 - i, 1);
	ck_assert_uint_eq(set_ranges(h, 1, mine, 64, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(get_ranges(h, 1, 0, &ranges), 64);
	ck_assert_int_eq(memcmp(ranges, mine, sizeof(mine)), 0);
	mine[63] = range(2, 40, 1);
	ck_assert_uint_eq(set_ranges(h, 1, mine, 64, 0), NVME_SC_OVERLAPPING_RANGE);
	ck_assert_uint_eq(get_ranges(h, 1, 0, &ranges), 64);
	ck_assert_uint_eq(nvme_cpu64(ranges[63].slba), 0);
	th_free(h);
}
END_TEST

START_TEST(reserved_bytes_of_a_range_do_not_stay)
{
	struct th_host *h = th_enabled();
	struct nvme_lba_range mine = range(1, 0, 8);
	const struct nvme_lba_range *ranges;

	memset(mine.rsvd2, 0xff, sizeof(mine.rsvd2));
	memset(mine.rsvd48, 0xff, sizeof(mine.rsvd48));
	set_ranges(h, 1, &mine, 1, 0);
	get_ranges(h, 1, 0, &ranges);
	mine = range(1, 0, 8);
	ck_assert_int_eq(memcmp(ranges, &mine, sizeof(mine)), 0);
	th_free(h);
}
END_TEST

static const struct {
	uint8_t type;
	uint64_t slba, blocks;
	uint16_t sc;
} bad_ranges[] = {
	{ 5, 0, 8, NVME_SC_INVALID_FIELD }, /* reserved types */
	{ 0x7f, 0, 8, NVME_SC_INVALID_FIELD },
	{ 1, 2048, 1, NVME_SC_LBA_OUT_OF_RANGE }, /* behind the end */
	{ 1, 2047, 2, NVME_SC_LBA_OUT_OF_RANGE }, /* and across it */
	{ 1, 0, 0, NVME_SC_LBA_OUT_OF_RANGE },	  /* 2^64 blocks */
	{ 1, UINT64_MAX, 2, NVME_SC_LBA_OUT_OF_RANGE },
	{ 1, 1000, 8, NVME_SC_OVERLAPPING_RANGE }, /* 1000 to 1007 are the first range */
	{ 1, 993, 8, NVME_SC_OVERLAPPING_RANGE },
	{ 1, 1007, 8, NVME_SC_OVERLAPPING_RANGE },
	{ 1, 900, 200, NVME_SC_OVERLAPPING_RANGE },
	{ 1, 1003, 1, NVME_SC_OVERLAPPING_RANGE },
	{ 1, 992, 8, NVME_SC_SUCCESS },
	{ 1, 1008, 8, NVME_SC_SUCCESS },
	{ 1, 0, 0, NVME_SC_LBA_OUT_OF_RANGE },
};

START_TEST(ranges_lie_within_the_namespace_and_beside_each_other)
{
	/* Base 2.0 Figure 128: Overlapping Range is for this too. */
	struct th_host *h = th_enabled();
	const struct nvme_lba_range mine[] = {
		range(0, 1000, 8),
		range(bad_ranges[_i].type, bad_ranges[_i].slba, bad_ranges[_i].blocks),
	};
	const struct nvme_lba_range *ranges;

	ck_assert_uint_eq(set_ranges(h, 1, mine, 2, 0), bad_ranges[_i].sc);
	ck_assert_uint_eq(get_ranges(h, 1, 0, &ranges), bad_ranges[_i].sc ? 1 : 2);
	th_free(h);
}
END_TEST

START_TEST(all_namespaces_take_ranges_that_fit_into_each)
{
	/* Base 2.0 5.27: NSID FFFFFFFFh. */
	struct th_host *h = th_enabled(.ns2_blocks = 100);
	const struct nvme_lba_range fits = range(1, 0, 100), does_not = range(1, 0, 101);
	const struct nvme_lba_range *ranges;

	ck_assert_uint_eq(set_ranges(h, ALL_NS, &does_not, 1, 0), NVME_SC_LBA_OUT_OF_RANGE);
	ck_assert_uint_eq(set_ranges(h, ALL_NS, &fits, 1, 0), NVME_SC_SUCCESS);
	for (uint32_t nsid = 1; nsid <= 3; nsid += 2) {
		get_ranges(h, nsid, 0, &ranges);
		ck_assert_uint_eq(nvme_cpu64(ranges[0].nlb), 99);
	}
	th_restart(h);
	th_enable(h, 16);
	get_ranges(h, 3, 0, &ranges);
	ck_assert_uint_eq(nvme_cpu64(ranges[0].nlb), 99);
	th_free(h);
}
END_TEST

static const struct {
	uint8_t opcode;
	uint32_t nsid;
	uint16_t sc;
} nsids[] = {
	{ NVME_ADMIN_SET_FEATURES, 0, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_SET_FEATURES, 2, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_SET_FEATURES, 33, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_SET_FEATURES, 3, NVME_SC_SUCCESS },
	{ NVME_ADMIN_GET_FEATURES, 0, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_GET_FEATURES, 2, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_GET_FEATURES, ALL_NS, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_GET_FEATURES, 3, NVME_SC_SUCCESS },
};

START_TEST(features_of_namespaces_need_one)
{
	/* Base 2.0 5.15 and 5.27 */
	struct th_host *h = th_enabled(.ns2_blocks = 8);
	uint64_t page = th_alloc(h, 4096);

	ck_assert_uint_eq(th_code(h, .opcode = nsids[_i].opcode, .nsid = nsids[_i].nsid,
				  .cdw10 = RANGES, .prp1 = page),
			  nsids[_i].sc);
	ck_assert_uint_eq(th_code(h, .opcode = nsids[_i].opcode, .nsid = nsids[_i].nsid,
				  .cdw10 = WP, .prp1 = page),
			  nsids[_i].sc);
	th_free(h);
}
END_TEST

static uint16_t protect(struct th_host *h, uint32_t nsid, uint32_t state)
{
	return th_code(h, SET, .nsid = nsid, .cdw10 = WP, .cdw11 = state);
}

static uint32_t protection(struct th_host *h, uint32_t nsid)
{
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ns *id = th_ptr(h, page);
	const struct nvme_id_ns_independent *independent = th_ptr(h, page);
	uint32_t state = th_do(h, GET, .nsid = nsid, .cdw10 = WP);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .prp1 = page, .cdw10 = NVME_CNS_NS);
	ck_assert_uint_eq(id->nsattr & 1, state != 0);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .prp1 = page,
	      .cdw10 = NVME_CNS_NS_INDEPENDENT);
	ck_assert_uint_eq(independent->nsattr & 1, state != 0);
	return state;
}

static uint16_t io(struct th_host *h, uint8_t opcode, uint32_t nsid)
{
	return th_code_io(h, 1, .opcode = opcode, .nsid = nsid, .prp1 = th_alloc(h, 4096));
}

START_TEST(a_protected_namespace_can_be_read_and_not_written)
{
	/* Base 2.0 8.12: Namespace is Write Protected; other namespaces go on. */
	struct th_host *h = th_enabled(.io_queues = 1, .ns2_blocks = 8);

	ck_assert_uint_eq(protect(h, 1, NVME_NS_WP_PROTECTED), NVME_SC_SUCCESS);
	ck_assert_uint_eq(protection(h, 1), NVME_NS_WP_PROTECTED);
	ck_assert_uint_eq(protection(h, 3), NVME_NS_WP_NONE);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1), NVME_SC_NS_WRITE_PROTECTED);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, NVME_CMD_FLUSH, 1), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, NVME_CMD_FLUSH, ALL_NS), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 3), NVME_SC_SUCCESS);
	ck_assert_uint_eq(protect(h, 1, NVME_NS_WP_NONE), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1), NVME_SC_SUCCESS);
	ck_assert_uint_eq(protection(h, 1), NVME_NS_WP_NONE);
	th_free(h);
}
END_TEST

START_TEST(write_commands_of_all_kinds_are_refused)
{
	/* Base 2.0 8.12, for those that exist. */
	static const uint8_t opcodes[] = { NVME_CMD_WRITE, NVME_CMD_WRITE_UNCORRECTABLE,
					   NVME_CMD_WRITE_ZEROES, NVME_CMD_DSM, NVME_CMD_COPY };
	struct th_host *h = th_enabled(.io_queues = 1);

	protect(h, 1, NVME_NS_WP_PROTECTED);
	for (size_t i = 0; i < sizeof(opcodes); i++) {
		uint16_t sc = io(h, opcodes[i], 1);

		if (sc != NVME_SC_INVALID_OPCODE)
			ck_assert_msg(sc == NVME_SC_NS_WRITE_PROTECTED, "opcode %02x: %04x",
				      opcodes[i], sc);
	}
	th_free(h);
}
END_TEST

/* What is left of each state after a reset, a power cycle, and in a new process. */
static const struct {
	uint32_t state, after_reset, after_power;
	uint16_t change;
} states[] = {
	{ NVME_NS_WP_PROTECTED, 1, 1, NVME_SC_SUCCESS },
	{ NVME_NS_WP_UNTIL_POWER_CYCLE, 2, 0, NVME_SC_FEATURE_NOT_CHANGEABLE },
	{ NVME_NS_WP_PERMANENT, 3, 3, NVME_SC_FEATURE_NOT_CHANGEABLE },
};

START_TEST(a_state_lasts_as_long_as_it_is_meant_to)
{
	/* Base 2.0 8.12.1: the state machine; not changeable until power is cycled, or for ever. */
	struct th_host *h = th_enabled(.io_queues = 1);

	ck_assert_uint_eq(protect(h, 1, states[_i].state), NVME_SC_SUCCESS);
	reset(h);
	ck_assert_uint_eq(protection(h, 1), states[_i].after_reset);
	for (uint32_t state = 0; state < 4 && states[_i].change; state++)
		ck_assert_uint_eq(protect(h, 1, state), states[_i].change);
	ck_assert_uint_eq(protect(h, 1, 4), NVME_SC_INVALID_FIELD);
	power_cycle(h);
	ck_assert_uint_eq(protection(h, 1), states[_i].after_power);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1),
			  states[_i].after_power ? NVME_SC_NS_WRITE_PROTECTED : NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_state_is_there_in_a_new_process)
{
	/* Base 2.0 8.12.1 */
	struct th_host *h = th_enabled();

	protect(h, 1, states[_i].state);
	th_restart(h);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(protection(h, 1), states[_i].after_power);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1),
			  states[_i].after_power ? NVME_SC_NS_WRITE_PROTECTED : NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(one_permanent_namespace_keeps_all_from_changing_at_once)
{
	/* Base 2.0 5.27: FFFFFFFFh changes all or none (unverified). */
	struct th_host *h = th_enabled(.ns2_blocks = 8);

	protect(h, 3, NVME_NS_WP_PERMANENT);
	ck_assert_uint_eq(protect(h, ALL_NS, NVME_NS_WP_PROTECTED), NVME_SC_FEATURE_NOT_CHANGEABLE);
	ck_assert_uint_eq(protection(h, 1), NVME_NS_WP_NONE);
	th_free(h);
}
END_TEST

START_TEST(all_namespaces_are_protected_at_once)
{
	/* Base 2.0 5.27: FFFFFFFFh */
	struct th_host *h = th_enabled(.io_queues = 1, .ns2_blocks = 8);

	ck_assert_uint_eq(protect(h, ALL_NS, NVME_NS_WP_PROTECTED), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1), NVME_SC_NS_WRITE_PROTECTED);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 3), NVME_SC_NS_WRITE_PROTECTED);
	th_free(h);
}
END_TEST

START_TEST(protection_concerns_all_controllers)
{
	/* Base 2.0 8.12: it is the namespace's. */
	struct th_host *h = th_enabled(.controllers = 2);

	protect(h, 1, NVME_NS_WP_PROTECTED);
	th_ctrl(h, 1);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1), NVME_SC_NS_WRITE_PROTECTED);
	ck_assert_uint_eq(protection(h, 1), NVME_NS_WP_PROTECTED);
	th_free(h);
}
END_TEST

START_TEST(hosts_of_other_controllers_are_told)
{
	/* Base 2.0 5.2: an attribute of the namespace changed; its own host knows (unverified). */
	struct th_host *h = th_enabled(.controllers = 2);
	uint64_t page = th_alloc(h, 4096);

	for (uint32_t ctrl = 0; ctrl < 2; ctrl++) {
		th_ctrl(h, ctrl);
		if (ctrl)
			th_enable(h, 16);
		th_do(h, SET, .cdw10 = 0x0b, .cdw11 = 1 << 8);
		th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 7);
		th_run(h);
	}
	th_ctrl(h, 0);
	protect(h, 1, NVME_NS_WP_PROTECTED);
	th_expect_none(h, 0);
	th_ctrl(h, 1);
	th_expect_cqe(h, .cid = 7, .dw0 = NVME_AER_NS_CHANGED);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 1023u << 16 | NVME_LID_CHANGED_NS);
	ck_assert_uint_eq(nvme_load_le32(th_ptr(h, page)), 1);
	ck_assert_uint_eq(nvme_load_le32((uint8_t *)th_ptr(h, page) + 4), 0);
	th_free(h);
}
END_TEST

START_TEST(a_protected_namespace_is_not_erased_or_deleted)
{
	/* Base 2.0 8.12: Format NVM, Sanitize, and a deletion (unverified for the last). */
	static const struct {
		uint8_t opcode;
		uint32_t nsid, cdw10;
	} rows[] = {
		{ NVME_ADMIN_FORMAT_NVM, 1, 0 }, { NVME_ADMIN_FORMAT_NVM, ALL_NS, 0 },
		{ NVME_ADMIN_SANITIZE, 0, 2 },	 { NVME_ADMIN_SANITIZE, 3, 4 },
		{ NVME_ADMIN_NS_MGMT, 1, 1 },	 { NVME_ADMIN_NS_MGMT, ALL_NS, 1 },
	};
	struct th_host *h = th_enabled(.ns2_blocks = 8);

	protect(h, 1, NVME_NS_WP_PROTECTED);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(th_code(h, .opcode = rows[i].opcode, .nsid = rows[i].nsid,
				      .cdw10 = rows[i].cdw10,
				      .prp1 = th_alloc(h, 4096)) == NVME_SC_NS_WRITE_PROTECTED,
			      "row %zu", i);
	ck_assert_uint_ne(th_code(h, .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 3),
			  NVME_SC_NS_WRITE_PROTECTED);
	th_free(h);
}
END_TEST

START_TEST(a_new_namespace_knows_nothing_of_the_one_before)
{
	/* Base 2.0 5.23: what was set for a namespace goes with it, in the records too. */
	struct th_host *h = th_enabled();
	const struct nvme_lba_range mine = range(1, 0, 8);

	set_ranges(h, 1, &mine, 1, 0);
	ck_assert_ptr_nonnull(th_record(h, EMU_RECORD_NS_FEATURES, 1, NULL));
	th_do(h, .opcode = NVME_ADMIN_NS_MGMT, .nsid = 1, .cdw10 = NVME_NS_MGMT_DELETE);
	ck_assert_ptr_null(th_record(h, EMU_RECORD_NS_FEATURES, 1, NULL));
	ck_assert_uint_eq(th_code(h, GET, .nsid = 1, .cdw10 = WP), NVME_SC_INVALID_NS);
	th_free(h);
}
END_TEST

START_TEST(what_was_written_before_is_durable_first)
{
	/* Base 2.0 8.12: the volatile cache is flushed before the command completes. */
	struct th_host *h = th_enabled(.slow_media = true);

	th_admin(h, SET, .cid = 1, .nsid = 1, .cdw10 = WP, .cdw11 = 1);
	th_run(h);
	th_expect_none(h, 0);
	ck_assert_uint_eq(th_media_last(h)->op, EMU_MEDIA_FLUSH);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(identify_tells_the_states_that_exist)
{
	/* Base 2.0 5.17.2.1: NWPC */
	struct th_host *h = th_enabled(.controller = _i ? "write_protect=false" : "vs=2.0");
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(id->nwpc, _i ? 0 : 7);
	th_free(h);
}
END_TEST

static TCase *ranges(void)
{
	TCase *tcase = tcase_create("ranges");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_namespace_is_one_range_at_first);
	tcase_add_loop_test(tcase, ranges_are_kept_through_resets_and_power_cycles, 0, 2);
	tcase_add_test(tcase, there_can_be_64_ranges);
	tcase_add_test(tcase, reserved_bytes_of_a_range_do_not_stay);
	tcase_add_loop_test(tcase, ranges_lie_within_the_namespace_and_beside_each_other, 0,
			    sizeof(bad_ranges) / sizeof(bad_ranges[0]));
	tcase_add_test(tcase, all_namespaces_take_ranges_that_fit_into_each);
	tcase_add_loop_test(tcase, features_of_namespaces_need_one, 0,
			    sizeof(nsids) / sizeof(nsids[0]));
	return tcase;
}

static TCase *write_protection(void)
{
	TCase *tcase = tcase_create("write_protection");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_protected_namespace_can_be_read_and_not_written);
	tcase_add_test(tcase, write_commands_of_all_kinds_are_refused);
	tcase_add_loop_test(tcase, a_state_lasts_as_long_as_it_is_meant_to, 0, 3);
	tcase_add_loop_test(tcase, a_state_is_there_in_a_new_process, 0, 3);
	tcase_add_test(tcase, one_permanent_namespace_keeps_all_from_changing_at_once);
	tcase_add_test(tcase, all_namespaces_are_protected_at_once);
	tcase_add_test(tcase, protection_concerns_all_controllers);
	tcase_add_test(tcase, hosts_of_other_controllers_are_told);
	tcase_add_test(tcase, a_protected_namespace_is_not_erased_or_deleted);
	tcase_add_test(tcase, a_new_namespace_knows_nothing_of_the_one_before);
	tcase_add_test(tcase, what_was_written_before_is_durable_first);
	tcase_add_loop_test(tcase, identify_tells_the_states_that_exist, 0, 2);
	return tcase;
}

static Suite *namespaces(void)
{
	Suite *suite = suite_create("features_of_namespaces");

	suite_add_tcase(suite, ranges());
	suite_add_tcase(suite, write_protection());
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { namespaces };

	return th_main(suites, 1);
}
