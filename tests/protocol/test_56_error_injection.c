/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Errors that a host asks for in-band: feature C0h of the OCP Datacenter NVMe SSD Specification 2.0
 * (unverified throughout; numbers and layout are those that host software uses).
 */
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/faults.h"
#include "tests/harness/main.h"

#define GET	 .opcode = NVME_ADMIN_GET_FEATURES
#define SET	 .opcode = NVME_ADMIN_SET_FEATURES
#define FID	 NVME_FID_OCP_ERRORS
#define SEL(sel) ((uint32_t)(sel) << 8)
#define SAVE	 0x80000000u
#define CC_ON	 (4 << 20 | 6 << 16 | 1)
#define ENABLE	 1
#define SINGLE	 2
#define UNREAD	 0x281 /* Unrecovered Read Error */

struct entry {
	uint8_t flags;
	uint16_t type, nrtdp;
};

static struct th_host *new_host(void)
{
	return th_enabled(.io_queues = 1, .controller = "error_injection=true");
}

static uint64_t list_of(struct th_host *h, const struct entry *entry, uint32_t count)
{
	uint64_t page = th_alloc(h, 4096);
	struct nvme_ocp_error *to = th_ptr(h, page);

	for (uint32_t i = 0; i < count; i++) {
		to[i].flags = entry[i].flags;
		to[i].type = nvme_le16(entry[i].type);
		to[i].nrtdp = nvme_le16(entry[i].nrtdp);
	}
	return page;
}

static uint16_t try_arm(struct th_host *h, const struct entry *entry, uint32_t count)
{
	return th_code(h, SET, .cdw10 = FID, .cdw11 = count, .prp1 = list_of(h, entry, count));
}

static void arm(struct th_host *h, uint8_t flags, uint16_t type, uint16_t nrtdp)
{
	const struct entry entry = { flags, type, nrtdp };

	ck_assert_uint_eq(try_arm(h, &entry, 1), NVME_SC_SUCCESS);
}

/* How many are outstanding; the list is in the buffer then. */
static uint32_t outstanding(struct th_host *h, const struct nvme_ocp_error **ret_list)
{
	uint64_t page = th_alloc(h, 4096);
	uint32_t count;

	memset(th_ptr(h, page), 0xee, 4096);
	count = th_do(h, GET, .cdw10 = FID, .prp1 = page);
	*ret_list = th_ptr(h, page);
	for (size_t i = count * sizeof(**ret_list); i < 4096; i++)
		ck_assert_uint_eq(((const uint8_t *)*ret_list)[i], 0);
	return count;
}

static uint32_t count_of(struct th_host *h)
{
	const struct nvme_ocp_error *list;

	return outstanding(h, &list);
}

static void submit_read(struct th_host *h, uint16_t cid)
{
	th_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .cid = cid, .prp1 = th_alloc(h, 4096));
	th_run(h);
}

static uint16_t read_code(struct th_host *h)
{
	return th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = th_alloc(h, 4096));
}

static bool is_fatal(struct th_host *h)
{
	return NVME_GET(th_read32(h, NVME_REG_CSTS), NVME_CSTS_CFS);
}

static void reset(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, CC_ON & ~1);
	th_run(h);
	ck_assert(!is_fatal(h));
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
}

static uint8_t warnings(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL, .prp1 = page,
	      .cdw10 = 127 << 16 | NVME_LID_SMART);
	return ((const struct nvme_smart_log *)th_ptr(h, page))->critical_warning;
}

START_TEST(without_the_key_the_feature_is_unknown)
{
	/* Base 2.0 5.15 and 5.27 */
	struct th_host *h = th_enabled(.controller = _i ? "faults=8" : NULL);
	const struct entry entry = { ENABLE, NVME_OCP_ERROR_CPU_HANG, 0 };

	ck_assert_uint_eq(th_code(h, GET, .cdw10 = FID, .prp1 = th_alloc(h, 4096)),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(try_arm(h, &entry, 1), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(at_first_nothing_is_injected_and_the_feature_is_changeable)
{
	/* Base 2.0 5.15.1: current, default, saved, capabilities */
	struct th_host *h = new_host();

	ck_assert_uint_eq(count_of(h), 0);
	arm(h, ENABLE | SINGLE, NVME_OCP_ERROR_NAND_HANG, 5);
	ck_assert_uint_eq(count_of(h), 1);
	for (uint32_t sel = 1; sel <= 2; sel++)
		ck_assert_uint_eq(th_do(h, GET, .cdw10 = SEL(sel) | FID, .prp1 = th_alloc(h, 4096)),
				  0);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = SEL(3) | FID), 4);
	th_free(h);
}
END_TEST

/*
 * What a read meets. @status: of its completion; NONE for no completion. @warning: bits of the
 * SMART log that are new after the reset.
 */
#define NONE 0xffff
static const struct {
	uint16_t type, status;
	bool panics;
	uint8_t warning;
} types[] = {
	/* clang-format off */
	{ NVME_OCP_ERROR_CPU_HANG,        NONE,              true,  0 },
	{ NVME_OCP_ERROR_NAND_HANG,       NONE,              true,  0 },
	{ NVME_OCP_ERROR_PLP_DEFECT,      NVME_SC_SUCCESS,   true,  1 << 4 },
	{ NVME_OCP_ERROR_FIRMWARE,        NVME_SC_INTERNAL_ERROR,  true,  0 },
	{ NVME_OCP_ERROR_DRAM_CRITICAL,   NVME_SC_INTERNAL_ERROR,  true,  0 },
	{ NVME_OCP_ERROR_DRAM_OTHER,      NVME_SC_SUCCESS,   true,  0 },
	{ NVME_OCP_ERROR_NAND_CORRUPTION, UNREAD,            true,  0 },
	{ NVME_OCP_ERROR_SRAM_CORRUPTION, NVME_SC_INTERNAL_ERROR,  true,  0 },
	{ NVME_OCP_ERROR_HARDWARE,        NVME_SC_SUCCESS,   true,  1 << 2 },
	{ NVME_OCP_ERROR_NO_SPARES,       NVME_SC_SUCCESS,   true,  1 << 0 | 1 << 3 },
	{ NVME_OCP_ERROR_SHUTDOWN,        NVME_SC_SUCCESS,   false, 0 },
	{ NVME_OCP_ERROR_IO_FAILURE,      NVME_SC_INTERNAL_ERROR,  false, 0 },
	{ NVME_OCP_ERROR_IO_TIMEOUT,      NONE,              false, 0 },
	{ NVME_OCP_ERROR_ADMIN_FAILURE,   NVME_SC_SUCCESS,   false, 0 },
	{ NVME_OCP_ERROR_ADMIN_TIMEOUT,   NVME_SC_SUCCESS,   false, 0 },
	/* clang-format on */
};
#define TYPES (int)(sizeof(types) / sizeof(types[0]))

START_TEST(a_read_meets_each_type_and_a_reset_ends_it)
{
	struct th_host *h = new_host();
	struct nvme_cqe cqe;
	bool came;

	arm(h, ENABLE | SINGLE, types[_i].type, 0);
	submit_read(h, 7);
	came = th_next_cqe(h, 1, &cqe);
	ck_assert_int_eq(came, types[_i].status != NONE);
	if (came)
		ck_assert_uint_eq(nvme_status_code(nvme_cpu16(cqe.status) >> 1), types[_i].status);
	ck_assert_int_eq(is_fatal(h), types[_i].panics);
	reset(h);
	ck_assert_uint_eq(count_of(h), 0);
	ck_assert_uint_eq(read_code(h), NVME_SC_SUCCESS);
	ck_assert_uint_eq(warnings(h), types[_i].warning);
	th_free(h);
}
END_TEST

START_TEST(a_panic_comes_with_the_read_whose_number_was_given)
{
	struct th_host *h = new_host();
	const struct nvme_ocp_error *list;

	arm(h, ENABLE | SINGLE, NVME_OCP_ERROR_CPU_HANG, 3);
	for (uint16_t reads = 0; reads < 2; reads++) {
		ck_assert_uint_eq(outstanding(h, &list), 1);
		ck_assert_uint_eq(list[0].flags, ENABLE | SINGLE);
		ck_assert_uint_eq(nvme_cpu16(list[0].type), NVME_OCP_ERROR_CPU_HANG);
		ck_assert_uint_eq(nvme_cpu16(list[0].nrtdp), 3 - reads);
		ck_assert_uint_eq(read_code(h), NVME_SC_SUCCESS);
	}
	/* Other commands do not count. */
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1), NVME_SC_SUCCESS);
	ck_assert(!is_fatal(h));
	submit_read(h, 9);
	th_expect_none(h, 1);
	ck_assert(is_fatal(h));
	th_free(h);
}
END_TEST

START_TEST(a_single_instance_happens_once_and_others_go_on)
{
	struct th_host *h = new_host();

	arm(h, ENABLE | (_i ? SINGLE : 0), NVME_OCP_ERROR_IO_FAILURE, 0);
	ck_assert_uint_eq(read_code(h), NVME_SC_INTERNAL_ERROR);
	ck_assert_uint_eq(count_of(h), !_i);
	ck_assert_uint_eq(read_code(h), _i ? NVME_SC_SUCCESS : NVME_SC_INTERNAL_ERROR);
	th_free(h);
}
END_TEST

START_TEST(what_is_not_enabled_is_cleared)
{
	struct th_host *h = new_host();
	static const struct entry two[] = { { ENABLE, NVME_OCP_ERROR_IO_FAILURE, 0 },
					    { 0, NVME_OCP_ERROR_IO_TIMEOUT, 0 } };
	const struct nvme_ocp_error *list;

	ck_assert_uint_eq(try_arm(h, two, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(outstanding(h, &list), 1);
	ck_assert_uint_eq(nvme_cpu16(list[0].type), NVME_OCP_ERROR_IO_FAILURE);
	ck_assert_uint_eq(read_code(h), NVME_SC_INTERNAL_ERROR);
	arm(h, 0, NVME_OCP_ERROR_IO_FAILURE, 0);
	ck_assert_uint_eq(count_of(h), 0);
	ck_assert_uint_eq(read_code(h), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(no_entries_clear_all_and_need_no_buffer)
{
	struct th_host *h = new_host();

	arm(h, ENABLE, NVME_OCP_ERROR_IO_FAILURE, 0);
	th_do(h, SET, .cdw10 = FID, .cdw11 = 0);
	ck_assert_uint_eq(count_of(h), 0);
	ck_assert_uint_eq(read_code(h), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(as_many_entries_as_there_can_be)
{
	/* Each shutdown entry is one of 127; the read that the last one waits for is the first. */
	struct th_host *h = new_host();
	struct entry all[NVME_OCP_ERRORS_MAX];
	const struct nvme_ocp_error *list;

	for (uint32_t i = 0; i < NVME_OCP_ERRORS_MAX; i++)
		all[i] = (struct entry){ ENABLE, NVME_OCP_ERROR_SHUTDOWN, (uint16_t)i };
	all[NVME_OCP_ERRORS_MAX - 1].type = NVME_OCP_ERROR_IO_FAILURE;
	all[NVME_OCP_ERRORS_MAX - 1].nrtdp = 1;
	ck_assert_uint_eq(try_arm(h, all, NVME_OCP_ERRORS_MAX), NVME_SC_SUCCESS);
	ck_assert_uint_eq(outstanding(h, &list), NVME_OCP_ERRORS_MAX);
	ck_assert_uint_eq(nvme_cpu16(list[125].nrtdp), 125);
	ck_assert_uint_eq(read_code(h), NVME_SC_INTERNAL_ERROR);
	th_free(h);
}
END_TEST

/* Lists that are refused: a type that there is not, among others. */
static const uint16_t unknown[] = { 0, 12, 13, 14, 19, 22, 0x100, 0xffff };

START_TEST(an_unknown_type_is_refused_and_nothing_changes)
{
	struct th_host *h = new_host();
	struct entry two[] = { { ENABLE, NVME_OCP_ERROR_CPU_HANG, 0 }, { ENABLE, unknown[_i], 0 } };

	arm(h, ENABLE, NVME_OCP_ERROR_IO_FAILURE, 0);
	ck_assert_uint_eq(try_arm(h, two, 2), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(count_of(h), 1);
	ck_assert_uint_eq(read_code(h), NVME_SC_INTERNAL_ERROR);
	ck_assert(!is_fatal(h));
	/* That of an entry which is not enabled says nothing. */
	two[1].flags = SINGLE;
	ck_assert_uint_eq(try_arm(h, two, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(count_of(h), 1);
	th_free(h);
}
END_TEST

START_TEST(it_belongs_to_no_namespace_and_cannot_be_saved)
{
	/* Base 2.0 5.27: NSID, SV */
	struct th_host *h = new_host();
	uint64_t page = list_of(h, &(struct entry){ ENABLE, NVME_OCP_ERROR_IO_FAILURE, 0 }, 1);

	ck_assert_uint_eq(th_code(h, SET, .cdw10 = FID, .cdw11 = 1, .prp1 = page, .nsid = 1),
			  NVME_SC_FEATURE_NOT_NS_SPECIFIC);
	ck_assert_uint_eq(th_code(h, SET, .cdw10 = SAVE | FID, .cdw11 = 1, .prp1 = page),
			  NVME_SC_FEATURE_NOT_SAVEABLE);
	ck_assert_uint_eq(count_of(h), 0);
	th_do(h, SET, .cdw10 = FID, .cdw11 = 1, .prp1 = page, .nsid = NVME_NSID_ALL);
	ck_assert_uint_eq(count_of(h), 1);
	th_free(h);
}
END_TEST

/* UUID indexes: of the list, the vendor's is 1 and OCP's is 2. */
static const struct {
	const char *keys;
	uint32_t index;
	uint16_t sc;
} uuids[] = {
	{ "error_injection=true", 0, NVME_SC_SUCCESS },
	{ "error_injection=true", 2, NVME_SC_SUCCESS },
	{ "error_injection=true", 1, NVME_SC_INVALID_FIELD },
	{ "error_injection=true", 3, NVME_SC_INVALID_FIELD },
	{ "error_injection=true,uuid_list=false", 3, NVME_SC_SUCCESS },
};

START_TEST(its_uuid_selects_it)
{
	/* Base 2.0 8.25 (unverified) */
	struct th_host *h = th_enabled(.controller = uuids[_i].keys);

	ck_assert_uint_eq(
		th_code(h, GET, .cdw10 = FID, .cdw14 = uuids[_i].index, .prp1 = th_alloc(h, 4096)),
		uuids[_i].sc);
	ck_assert_uint_eq(th_code(h, SET, .cdw10 = FID, .cdw14 = uuids[_i].index), uuids[_i].sc);
	th_free(h);
}
END_TEST

START_TEST(the_uuid_list_and_the_logs_of_effects_tell_of_it)
{
	/* Base 2.0 5.17.2.13, 5.16.1.6 and 5.16.1.18 (unverified) */
	struct th_host *h = th_enabled(.controller = _i ? "error_injection=true" : NULL);
	static const uint8_t ocp[] = { 0xc1, 0x94, 0xd5, 0x5b, 0xe0, 0x94, 0x47, 0x94,
				       0xa2, 0x1d, 0x29, 0x99, 0x8f, 0x56, 0xbe, 0x6f };
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_uuid_list *list = th_ptr(h, page);
	const struct nvme_effects_log *effects = th_ptr(h, page);
	const struct nvme_fid_effects_log *fids = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_UUID_LIST);
	ck_assert_int_eq(memcmp(list->entry[1].uuid, ocp, sizeof(ocp)) == 0, _i);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 1023 << 16 | NVME_LID_EFFECTS);
	ck_assert_int_eq(
		NVME_GET(nvme_cpu32(effects->acs[NVME_ADMIN_SET_FEATURES]), NVME_EFFECTS_USS), _i);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 255 << 16 | NVME_LID_FID_EFFECTS);
	ck_assert_uint_eq(nvme_cpu32(fids->fid_support[FID]),
			  _i ? NVME_MASK(NVME_FID_EFFECTS_FSUPP) | NVME_MASK(NVME_FID_EFFECTS_USS) |
					  NVME_MASK(NVME_FID_EFFECTS_FSP_CTRL)
			     : 0);
	th_free(h);
}
END_TEST

START_TEST(an_incomplete_shutdown_never_ends)
{
	/* Base 2.0 3.1.3.6: CSTS.SHST stays "occurring" */
	struct th_host *h = new_host();

	arm(h, ENABLE | SINGLE, NVME_OCP_ERROR_SHUTDOWN, 0);
	th_write32(h, NVME_REG_CC, CC_ON | 1 << 14);
	th_run(h);
	th_time(h, 1000000000000ull);
	ck_assert_uint_eq(NVME_GET(th_read32(h, NVME_REG_CSTS), NVME_CSTS_SHST),
			  NVME_CSTS_SHST_OCCURRING);
	reset(h);
	ck_assert_uint_eq(read_code(h), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(administration_that_fails_can_still_be_cleared)
{
	struct th_host *h = new_host();
	uint64_t page = th_alloc(h, 4096);

	arm(h, ENABLE, NVME_OCP_ERROR_ADMIN_FAILURE, 0);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL),
		NVME_SC_INTERNAL_ERROR);
	ck_assert_uint_eq(read_code(h), NVME_SC_SUCCESS);
	th_do(h, SET, .cdw10 = FID, .cdw11 = 0);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL),
		NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_scenario_and_a_host_inject_side_by_side)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "faults=8,error_injection=1");

	arm(h, ENABLE, NVME_OCP_ERROR_IO_FAILURE, 2);
	th_faults(h, "[fault late]\nat = cmd.execute\nwhen = op == flush\ndo = status 0/04\n");
	ck_assert_uint_eq(read_code(h), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1),
			  NVME_SC_INTERNAL_ERROR);
	ck_assert_uint_eq(th_fired(h, "late"), 1);
	th_faults(h, "");
	ck_assert_uint_eq(count_of(h), 1);
	reset(h);
	ck_assert_uint_eq(count_of(h), 0);
	th_free(h);
}
END_TEST

START_TEST(each_controller_injects_what_its_own_host_wants)
{
	struct th_host *h = th_enabled(.controllers = 2, .io_queues = 1,
				       .controller = "error_injection=true");

	arm(h, ENABLE, NVME_OCP_ERROR_IO_FAILURE, 0);
	th_ctrl(h, 1);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(count_of(h), 0);
	ck_assert_uint_eq(read_code(h), NVME_SC_SUCCESS);
	reset(h);
	th_ctrl(h, 0);
	ck_assert_uint_eq(count_of(h), 1);
	ck_assert_uint_eq(read_code(h), NVME_SC_INTERNAL_ERROR);
	th_free(h);
}
END_TEST

static Suite *error_injection(void)
{
	Suite *suite = suite_create("protocol/error_injection");
	TCase *tcase = tcase_create("error injection");

	tcase_add_loop_test(tcase, without_the_key_the_feature_is_unknown, 0, 2);
	tcase_add_test(tcase, at_first_nothing_is_injected_and_the_feature_is_changeable);
	tcase_add_loop_test(tcase, a_read_meets_each_type_and_a_reset_ends_it, 0, TYPES);
	tcase_add_test(tcase, a_panic_comes_with_the_read_whose_number_was_given);
	tcase_add_loop_test(tcase, a_single_instance_happens_once_and_others_go_on, 0, 2);
	tcase_add_test(tcase, what_is_not_enabled_is_cleared);
	tcase_add_test(tcase, no_entries_clear_all_and_need_no_buffer);
	tcase_add_test(tcase, as_many_entries_as_there_can_be);
	tcase_add_loop_test(tcase, an_unknown_type_is_refused_and_nothing_changes, 0, 8);
	tcase_add_test(tcase, it_belongs_to_no_namespace_and_cannot_be_saved);
	tcase_add_loop_test(tcase, its_uuid_selects_it, 0, 5);
	tcase_add_loop_test(tcase, the_uuid_list_and_the_logs_of_effects_tell_of_it, 0, 2);
	tcase_add_test(tcase, an_incomplete_shutdown_never_ends);
	tcase_add_test(tcase, administration_that_fails_can_still_be_cleared);
	tcase_add_test(tcase, a_scenario_and_a_host_inject_side_by_side);
	tcase_add_test(tcase, each_controller_injects_what_its_own_host_wants);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ error_injection }, 1);
}
