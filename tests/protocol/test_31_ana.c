/* SPDX-License-Identifier: BSD-3-Clause */
/* Asymmetric Namespace Access: groups, states, log 0Ch and events. Base 2.0 8.1. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECOND	 1000000000ull
#define ANA_BIT	 (1u << 11)
#define CTRLS	 2
#define GROUP_NS 1 /* NSID of the namespace that is in group 2 */
#define OTHER_NS 3 /* one that is in group 1 */

/* Two controllers; namespaces 3, 5 and 7 are in group 1, 1 is in group 2. */
static struct th_host *start(const char *keys)
{
	struct th_host *h = th_enabled(.controllers = CTRLS, .io_queues = 1, .forgets = true,
				       .ns2_blocks = 8, .more_ns = 2, .ns = { .anagrpid = 2 },
				       .controller = keys);

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	th_ctrl(h, 0);
	return h;
}

static int set_state(struct th_host *h, uint32_t ctrl, uint32_t group, uint32_t state)
{
	int result = emu_set_ana(th_emu(h), ctrl, group, state);

	th_run(h);
	return result;
}

static const void *read_log(struct th_host *h, uint32_t lsp, uint32_t offset, uint32_t bytes)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = NVME_LID_ANA | lsp << 8 | (bytes / 4 - 1) << 16, .cdw12 = offset);
	return th_ptr(h, page);
}

static const struct nvme_ana_group_desc *first_group(const void *log)
{
	return (const void *)((const uint8_t *)log + sizeof(struct nvme_ana_log));
}

/* A copy: in the log a descriptor is not where its fields would be aligned. */
static const struct nvme_ana_group_desc *next_group(const struct nvme_ana_group_desc *desc)
{
	static struct nvme_ana_group_desc copy[4];

	memcpy(copy, (const uint8_t *)(desc + 1) + 4 * (size_t)nvme_cpu32(desc->nnsids),
	       sizeof(copy));
	return copy;
}

static uint32_t nsid_at(const struct nvme_ana_group_desc *desc, uint32_t index)
{
	return nvme_load_le32((const uint8_t *)(desc + 1) + 4 * (size_t)index);
}

static uint16_t read_block(struct th_host *h, uint32_t nsid)
{
	return th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = nsid, .prp1 = th_alloc(h, 4096));
}

START_TEST(identify_tells_of_groups_and_states)
{
	/* Base 2.0 5.17.2.1: CMIC bit 3, ANATT, ANACAP, ANAGRPMAX, NANAGRPID, MNAN (unverified). */
	struct th_host *h = start("ana_groups=7,ana_transition=3s");
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);
	const struct nvme_id_ns *ns = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(id->cmic, 0x0b);
	ck_assert_uint_eq(id->anatt, 13);
	ck_assert_uint_eq(id->anacap, 0x5f);
	ck_assert_uint_eq(nvme_cpu32(id->anagrpmax), 7);
	ck_assert_uint_eq(nvme_cpu32(id->nanagrpid), 7);
	ck_assert_uint_eq(nvme_cpu32(id->mnan), 32);
	ck_assert_uint_eq(nvme_cpu32(id->oaes) & ANA_BIT, ANA_BIT);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .nsid = OTHER_NS,
	      .cdw10 = NVME_CNS_NS);
	ck_assert_uint_eq(nvme_cpu32(ns->anagrpid), 1);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .nsid = GROUP_NS,
	      .cdw10 = NVME_CNS_NS);
	ck_assert_uint_eq(nvme_cpu32(ns->anagrpid), 2);
	th_free(h);
}
END_TEST

static const char *const without[] = { "ana=false", "vs=1.3" };

START_TEST(without_ana_nothing_tells_of_it)
{
	/* Base 2.0 5.17.2.1 (unverified) */
	struct th_host *h = th_enabled(.controller = without[_i]);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);
	const struct nvme_id_ns *ns = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(id->cmic & 8, 0);
	ck_assert_uint_eq(id->anatt | id->anacap, 0);
	ck_assert_uint_eq(nvme_cpu32(id->anagrpmax) | nvme_cpu32(id->nanagrpid), 0);
	ck_assert_uint_eq(nvme_cpu32(id->oaes) & ANA_BIT, 0);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .nsid = 1, .cdw10 = NVME_CNS_NS);
	ck_assert_uint_eq(nvme_cpu32(ns->anagrpid), 0);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
				  .cdw10 = NVME_LID_ANA | 3 << 16),
			  NVME_SC_INVALID_LOG_PAGE);
	ck_assert_int_eq(set_state(h, 0, 1, NVME_ANA_INACCESSIBLE), -EINVAL);
	th_free(h);
}
END_TEST

START_TEST(the_log_has_each_group_with_its_namespaces)
{
	/* Base 2.0 5.16.1.13 (unverified) */
	struct th_host *h = start(NULL);
	const struct nvme_ana_log *log = read_log(h, 0, 0, 256);
	const struct nvme_ana_group_desc *desc = first_group(log);

	ck_assert_uint_eq(nvme_cpu64(log->chgcnt), 0);
	ck_assert_uint_eq(nvme_cpu16(log->ngrps), 2);
	ck_assert_uint_eq(nvme_cpu32(desc->grpid), 1);
	ck_assert_uint_eq(nvme_cpu32(desc->nnsids), 3);
	ck_assert_uint_eq(desc->state, NVME_ANA_OPTIMIZED);
	ck_assert_uint_eq(nsid_at(desc, 0), 3);
	ck_assert_uint_eq(nsid_at(desc, 1), 5);
	ck_assert_uint_eq(nsid_at(desc, 2), 7);
	desc = next_group(desc);
	ck_assert_uint_eq(nvme_cpu32(desc->grpid), 2);
	ck_assert_uint_eq(nvme_cpu32(desc->nnsids), 1);
	ck_assert_uint_eq(nsid_at(desc, 0), GROUP_NS);
	th_free(h);
}
END_TEST

START_TEST(a_namespace_that_is_attached_or_detached_changes_its_group)
{
	/* Base 2.0 5.16.1.13: the counts of the page and of the group, its NSIDs (unverified). */
	struct th_host *h = start(NULL);
	const struct nvme_ana_log *log;
	uint64_t page = th_alloc(h, 4096);
	struct nvme_ctrl_list *list = th_ptr(h, page);

	list->num = nvme_le16(1);
	list->id[0] = nvme_le16(1);
	th_do(h, .opcode = NVME_ADMIN_NS_ATTACH, .nsid = OTHER_NS, .prp1 = page,
	      .cdw10 = NVME_NS_ATTACH_DETACH);
	log = read_log(h, 0, 0, 256);
	ck_assert_uint_eq(nvme_cpu64(log->chgcnt), 1);
	ck_assert_uint_eq(nvme_cpu64(first_group(log)->chgcnt), 1);
	ck_assert_uint_eq(nvme_cpu32(first_group(log)->nnsids), 2);
	ck_assert_uint_eq(nvme_cpu64(next_group(first_group(log))->chgcnt), 0);
	th_do(h, .opcode = NVME_ADMIN_NS_ATTACH, .nsid = OTHER_NS, .prp1 = page,
	      .cdw10 = NVME_NS_ATTACH_ATTACH);
	th_do(h, .opcode = NVME_ADMIN_NS_MGMT, .nsid = GROUP_NS, .cdw10 = NVME_NS_MGMT_DELETE);
	log = read_log(h, 0, 0, 256);
	ck_assert_uint_eq(nvme_cpu64(log->chgcnt), 3);
	ck_assert_uint_eq(nvme_cpu16(log->ngrps), 1);
	ck_assert_uint_eq(nvme_cpu32(first_group(log)->nnsids), 3);
	th_free(h);
}
END_TEST

START_TEST(with_rgo_the_log_has_groups_only)
{
	/* Base 2.0 5.16.1.13: Return Groups Only (unverified). */
	struct th_host *h = start(NULL);
	const struct nvme_ana_log *log = read_log(h, 1, 0, 256);
	const struct nvme_ana_group_desc *desc = first_group(log);

	ck_assert_uint_eq(nvme_cpu16(log->ngrps), 2);
	ck_assert_uint_eq(nvme_cpu32(desc[0].nnsids) | nvme_cpu32(desc[1].nnsids), 0);
	ck_assert_uint_eq(nvme_cpu32(desc[0].grpid), 1);
	ck_assert_uint_eq(nvme_cpu32(desc[1].grpid), 2);
	ck_assert_uint_eq(nvme_cpu32(desc[2].grpid), 0);
	th_free(h);
}
END_TEST

START_TEST(the_log_can_be_read_in_parts)
{
	/* Base 2.0 5.16: Log Page Offset. */
	struct th_host *h = start(NULL);
	const uint8_t *whole = read_log(h, 0, 0, 96);

	for (uint32_t at = 0; at < 96; at += 8)
		ck_assert_mem_eq(read_log(h, 0, at, 8), whole + at, 8);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = th_alloc(h, 4096),
				  .cdw10 = NVME_LID_ANA | 1 << 16, .cdw12 = 96),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

static const struct {
	uint32_t state;
	uint16_t sc;
} states[] = {
	{ NVME_ANA_OPTIMIZED, NVME_SC_SUCCESS },
	{ NVME_ANA_NON_OPTIMIZED, NVME_SC_SUCCESS },
	{ NVME_ANA_INACCESSIBLE, NVME_SC_ANA_INACCESSIBLE },
	{ NVME_ANA_PERSISTENT_LOSS, NVME_SC_ANA_PERSISTENT_LOSS },
	{ NVME_ANA_CHANGE, NVME_SC_ANA_TRANSITION },
};
#define STATES (int)(sizeof(states) / sizeof(states[0]))

START_TEST(io_of_a_group_ends_as_its_state_says)
{
	/* Base 2.0 8.1.3: of this controller and this group, and of no other (unverified). */
	struct th_host *h = start(NULL);

	ck_assert_int_eq(set_state(h, 0, 2, NVME_ANA_NON_OPTIMIZED), 0);
	ck_assert_int_eq(set_state(h, 0, 2, states[_i].state), 0);
	ck_assert_uint_eq(read_block(h, GROUP_NS), states[_i].sc);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = GROUP_NS,
				     .prp1 = th_alloc(h, 4096)),
			  states[_i].sc);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = GROUP_NS),
			  states[_i].sc);
	ck_assert_uint_eq(read_block(h, OTHER_NS), NVME_SC_SUCCESS);
	th_ctrl(h, 1);
	ck_assert_uint_eq(read_block(h, GROUP_NS), NVME_SC_SUCCESS);
	th_ctrl(h, 0);
	ck_assert_int_eq(set_state(h, 0, 2, NVME_ANA_OPTIMIZED), 0);
	ck_assert_uint_eq(read_block(h, GROUP_NS), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(such_a_status_is_one_that_may_be_retried)
{
	/* Base 2.0 3.3.3.2.1: path related status without DNR; another path may do (unverified). */
	struct th_host *h = start(NULL);

	set_state(h, 0, 1, NVME_ANA_INACCESSIBLE);
	ck_assert_uint_eq(th_try_io(h, 1, .opcode = NVME_CMD_READ, .nsid = OTHER_NS,
				    .prp1 = th_alloc(h, 4096)) &
				  NVME_DNR,
			  0);
	th_free(h);
}
END_TEST

START_TEST(features_of_a_namespace_need_its_path_and_others_do_not)
{
	/* Base 2.0 8.1.3 (unverified) */
	struct th_host *h = start(NULL);

	set_state(h, 0, 1, states[_i].state);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_GET_FEATURES, .nsid = OTHER_NS, .cdw10 = 5),
		states[_i].sc);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .nsid = OTHER_NS, .cdw10 = 5),
		states[_i].sc);
	th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = OTHER_NS, .cdw10 = NVME_CNS_NS,
	      .prp1 = th_alloc(h, 4096));
	th_free(h);
}
END_TEST

START_TEST(a_change_is_an_event_and_counts)
{
	/* Base 2.0 5.2: Notice, Asymmetric Namespace Access Change (unverified). */
	struct th_host *h = start(NULL);
	const struct nvme_ana_log *log;
	const struct nvme_ana_group_desc *desc;

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b, .cdw11 = ANA_BIT);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 1);
	th_run(h);
	th_expect_none(h, 0);
	set_state(h, 0, 1, NVME_ANA_NON_OPTIMIZED);
	th_expect_cqe(h, .cid = 1, .dw0 = NVME_AER_ANA_CHANGED);
	log = read_log(h, 0, 0, 256);
	desc = first_group(log);
	ck_assert_uint_eq(nvme_cpu64(log->chgcnt), 1);
	ck_assert_uint_eq(desc->state, NVME_ANA_NON_OPTIMIZED);
	ck_assert_uint_eq(nvme_cpu64(desc->chgcnt), 1);
	ck_assert_uint_eq(nvme_cpu64(next_group(desc)->chgcnt), 0);
	/* The log was read: the next change is told again. */
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 2);
	set_state(h, 0, 2, NVME_ANA_INACCESSIBLE);
	th_expect_cqe(h, .cid = 2, .dw0 = NVME_AER_ANA_CHANGED);
	th_free(h);
}
END_TEST

START_TEST(the_same_state_again_is_no_change_and_another_controller_hears_nothing)
{
	/* Base 2.0 5.2 (unverified) */
	struct th_host *h = start(NULL);

	for (uint32_t ctrl = 0; ctrl < CTRLS; ctrl++) {
		th_ctrl(h, ctrl);
		th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b, .cdw11 = ANA_BIT);
		th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 1);
	}
	set_state(h, 1, 1, NVME_ANA_OPTIMIZED);
	th_expect_none(h, 0);
	set_state(h, 0, 1, NVME_ANA_INACCESSIBLE);
	th_expect_none(h, 0);
	th_ctrl(h, 0);
	th_expect_cqe(h, .cid = 1, .dw0 = NVME_AER_ANA_CHANGED);
	th_free(h);
}
END_TEST

START_TEST(a_transition_takes_its_time_in_state_change)
{
	/* Base 2.0 8.1.3.5 (unverified) */
	struct th_host *h = start("ana_transition=2s");

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b, .cdw11 = ANA_BIT);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 1);
	set_state(h, 0, 1, NVME_ANA_INACCESSIBLE);
	th_expect_cqe(h, .cid = 1, .dw0 = NVME_AER_ANA_CHANGED);
	ck_assert_uint_eq(first_group(read_log(h, 0, 0, 64))->state, NVME_ANA_CHANGE);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 2);
	th_time(h, 2 * SECOND - 1);
	th_expect_none(h, 0);
	ck_assert_uint_eq(read_block(h, OTHER_NS), NVME_SC_ANA_TRANSITION);
	th_time(h, 1);
	th_expect_cqe(h, .cid = 2, .dw0 = NVME_AER_ANA_CHANGED);
	ck_assert_uint_eq(read_block(h, OTHER_NS), NVME_SC_ANA_INACCESSIBLE);
	th_free(h);
}
END_TEST

START_TEST(transitions_of_two_groups_end_each_at_its_time)
{
	/* Base 2.0 8.1.3.5 (unverified) */
	struct th_host *h = start("ana_transition=2s");

	set_state(h, 0, 1, NVME_ANA_INACCESSIBLE);
	th_time(h, SECOND);
	set_state(h, 0, 2, NVME_ANA_PERSISTENT_LOSS);
	th_time(h, SECOND);
	ck_assert_uint_eq(read_block(h, OTHER_NS), NVME_SC_ANA_INACCESSIBLE);
	ck_assert_uint_eq(read_block(h, GROUP_NS), NVME_SC_ANA_TRANSITION);
	th_time(h, SECOND);
	ck_assert_uint_eq(read_block(h, GROUP_NS), NVME_SC_ANA_PERSISTENT_LOSS);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(a_reset_keeps_states_and_a_transition_goes_on)
{
	/* Base 2.0 8.1.3: states are of paths, not of what the host set up (unverified). */
	struct th_host *h = start("ana_transition=2s");

	set_state(h, 0, 2, NVME_ANA_INACCESSIBLE);
	th_write32(h, NVME_REG_CC, 4 << 20 | 6 << 16);
	th_time(h, 2 * SECOND);
	th_rewind(h);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(read_block(h, GROUP_NS), NVME_SC_ANA_INACCESSIBLE);
	ck_assert_uint_eq(read_block(h, OTHER_NS), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

static const struct {
	uint32_t group, state;
} bad[] = {
	{ 0, NVME_ANA_OPTIMIZED },
	{ 5, NVME_ANA_OPTIMIZED },
	{ UINT32_MAX, NVME_ANA_OPTIMIZED },
	{ 1, 0 },
	{ 1, 5 },
	{ 1, 14 },
	{ 1, 16 },
	{ 1, UINT32_MAX },
};

START_TEST(what_is_no_group_or_state_is_refused)
{
	/* Base 2.0 8.1.3 (unverified) */
	struct th_host *h = start(NULL);

	ck_assert_int_eq(set_state(h, 0, bad[_i].group, bad[_i].state), -EINVAL);
	ck_assert_uint_eq(read_block(h, OTHER_NS), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

static Suite *ana(void)
{
	Suite *suite = suite_create("ana");
	TCase *tcase = tcase_create("ana");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, identify_tells_of_groups_and_states);
	tcase_add_loop_test(tcase, without_ana_nothing_tells_of_it, 0, 2);
	tcase_add_test(tcase, the_log_has_each_group_with_its_namespaces);
	tcase_add_test(tcase, a_namespace_that_is_attached_or_detached_changes_its_group);
	tcase_add_test(tcase, with_rgo_the_log_has_groups_only);
	tcase_add_test(tcase, the_log_can_be_read_in_parts);
	tcase_add_loop_test(tcase, io_of_a_group_ends_as_its_state_says, 0, STATES);
	tcase_add_test(tcase, such_a_status_is_one_that_may_be_retried);
	tcase_add_loop_test(tcase, features_of_a_namespace_need_its_path_and_others_do_not, 0,
			    STATES);
	tcase_add_test(tcase, a_change_is_an_event_and_counts);
	tcase_add_test(tcase,
		       the_same_state_again_is_no_change_and_another_controller_hears_nothing);
	tcase_add_test(tcase, a_transition_takes_its_time_in_state_change);
	tcase_add_test(tcase, transitions_of_two_groups_end_each_at_its_time);
	tcase_add_test(tcase, a_reset_keeps_states_and_a_transition_goes_on);
	tcase_add_loop_test(tcase, what_is_no_group_or_state_is_refused, 0,
			    (int)(sizeof(bad) / sizeof(bad[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { ana };

	return th_main(suites, 1);
}
