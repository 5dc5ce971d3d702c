/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault rules in the controller: each site, and what can be done there. */
#include <stdio.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/faults.h"
#include "tests/harness/main.h"

#define SECOND		 1000000000ull
#define ABORT(sqid, cid) ((uint32_t)(cid) << 16 | (sqid))

static struct th_host *new_host(void)
{
	return th_enabled(.io_queues = 1, .controller = "faults=8,acl=1");
}

static struct th_host *host_with(const char *text)
{
	struct th_host *h = new_host();

	th_faults(h, text);
	return h;
}

START_TEST(a_completion_is_held_until_another_rule_releases_it)
{
	/* The third write's completion comes when an Abort is executed. */
	struct th_host *h = host_with("[fault lose]\nat = cqe.post\nwhen = q == 1 && op == write\n"
				      "nth = 3\ndo = hold A\n"
				      "[fault late]\nat = cmd.execute\nwhen = op == abort\n"
				      "do = release A\n");

	for (uint16_t cid = 1; cid <= 4; cid++)
		th_write_block(h, cid, cid, 0x11);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_expect_cqe(h, .cqid = 1, .cid = 4);
	th_expect_none(h, 1);
	ck_assert_uint_eq(th_block_byte(h, 3), 0x11);
	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 9, .cdw10 = ABORT(1, 3));
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 3);
	th_expect_cqe(h, .cqid = 0, .cid = 9, .dw0 = 1); /* it had ended */
	ck_assert_uint_eq(th_fired(h, "lose"), 1);
	th_free(h);
}
END_TEST

START_TEST(a_lost_completion_never_comes_and_nothing_else_is_lost)
{
	struct th_host *h = host_with("[fault lose]\nat = cqe.post\nwhen = q == 1 && cid == 2\n"
				      "do = drop\n");

	for (uint16_t cid = 1; cid <= 40; cid++) {
		th_read_block(h, cid, cid);
		if (cid != 2)
			th_expect_cqe(h, .cqid = 1, .cid = cid);
		else
			th_expect_none(h, 1);
	}
	/* Nor is the queue kept from being deleted. */
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = 1);
	th_free(h);
}
END_TEST

/* Assignments to a completion, and what the host finds then. */
static const struct {
	const char *action;
	uint32_t dw0, dw1;
	uint16_t sqhd, sqid, cid, word; /* @word without the phase */
	bool visible;
} cqes[] = {
	{ "dw0 = 7", 7, 0, 1, 1, 5, 0, true },
	{ "dw1 = 0xffffffff", 0, 0xffffffff, 1, 1, 5, 0, true },
	{ "sqhd = 77", 0, 0, 77, 1, 5, 0, true },
	{ "sqid ^= 2", 0, 0, 1, 3, 5, 0, true },
	{ "cid = 6", 0, 0, 1, 1, 6, 0, true },
	{ "status = 2/81", 0, 0, 1, 1, 5, 0x281 << 1, true },
	{ "cid |= 0x100; sqid = 0", 0, 0, 1, 0, 0x105, 0, true },
	{ "phase ^= 1", 0, 0, 1, 1, 5, 0, false },
};

START_TEST(an_entry_is_posted_as_a_rule_wants_it)
{
	struct th_host *h = new_host();
	struct nvme_cqe cqe;
	char keys[200];

	snprintf(keys, sizeof(keys), "at = cqe.post\nwhen = q == 1\ndo = %s\n", cqes[_i].action);
	th_fault(h, keys);
	th_read_block(h, 5, 0);
	ck_assert(th_next_cqe(h, 1, &cqe) == cqes[_i].visible);
	if (cqes[_i].visible) {
		ck_assert_uint_eq(nvme_cpu32(cqe.dw0), cqes[_i].dw0);
		ck_assert_uint_eq(nvme_cpu32(cqe.dw1), cqes[_i].dw1);
		ck_assert_uint_eq(nvme_cpu16(cqe.sqhd), cqes[_i].sqhd);
		ck_assert_uint_eq(nvme_cpu16(cqe.sqid), cqes[_i].sqid);
		ck_assert_uint_eq(nvme_cpu16(cqe.cid), cqes[_i].cid);
		ck_assert_uint_eq(nvme_cpu16(cqe.status) & ~1, cqes[_i].word);
	}
	th_free(h);
}
END_TEST

START_TEST(a_completion_comes_twice_if_its_queue_has_room)
{
	struct th_host *h = host_with("[fault twice]\nat = cqe.post\nwhen = q == 1\nnth = 1\n"
				      "do = duplicate\n");

	th_read_block(h, 5, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 5);
	th_expect_cqe(h, .cqid = 1, .cid = 5);
	th_expect_none(h, 1);
	th_free(h);
}
END_TEST

/* Things that happen later: nothing before, one completion then. */
static const char *const delays[] = {
	"at = cqe.post\nwhen = q == 1\ndo = delay 5s\n",
	"at = cmd.execute\nwhen = q == 1\ndo = delay 5s\n",
	"at = media.read\ndo = delay 5s\n",
};

START_TEST(a_command_takes_longer)
{
	struct th_host *h = new_host();

	th_fault(h, delays[_i]);
	th_read_block(h, 5, 0);
	th_time(h, 5 * SECOND - 1);
	th_expect_none(h, 1);
	ck_assert_uint_le(emu_deadline(th_emu(h)), emu_time(th_emu(h)) + 1);
	th_time(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 5);
	ck_assert_uint_eq(th_fired(h, "r"), 1);
	th_free(h);
}
END_TEST

static const struct {
	const char *rule;
	bool abortable;
} hangs[] = {
	{ "at = cqe.post\nwhen = q == 1\nnth = 1\ndo = hang\n", false },
	{ "at = cmd.execute\nwhen = q == 1\nnth = 1\ndo = hang\n", true },
	{ "at = media.read\nnth = 1\ndo = hang\n", true },
	{ "at = cmd.execute\nwhen = q == 1\nnth = 1\ndo = delay 99s\n", true },
	{ "at = cqe.post\nwhen = q == 1\nnth = 1\ndo = delay 99s\n", false },
};

START_TEST(a_command_that_hangs_can_be_aborted_unless_it_has_ended)
{
	/* Base 2.0 5.1 (unverified) */
	struct th_host *h = new_host();

	th_fault(h, hangs[_i].rule);
	th_read_block(h, 5, 0);
	th_read_block(h, 6, 0);
	th_time(h, 60 * SECOND);
	th_expect_cqe(h, .cqid = 1, .cid = 6);
	th_expect_none(h, 1);
	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 9, .cdw10 = ABORT(1, 5));
	th_run(h);
	th_expect_cqe(h, .cqid = 0, .cid = 9, .dw0 = !hangs[_i].abortable);
	if (hangs[_i].abortable)
		th_expect_cqe(h, .cqid = 1, .cid = 5, .sc = NVME_SC_ABORT_REQUESTED, .retry = true,
			      .unlogged = true);
	th_expect_none(h, 1);
	th_free(h);
}
END_TEST

START_TEST(a_reset_gives_up_what_hangs)
{
	struct th_host *h = new_host();

	th_fault(h, hangs[_i].rule);
	th_read_block(h, 5, 0);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	th_read_block(h, 7, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 7);
	th_time(h, 200 * SECOND);
	th_expect_none(h, 1);
	th_free(h);
}
END_TEST

START_TEST(a_command_ends_as_a_rule_says_without_being_executed)
{
	struct th_host *h = host_with("[fault fail]\nat = cmd.execute\nwhen = lba in 5..6\n"
				      "do = status 2/80 dnr crd=2\n"
				      "[fault skip]\nat = cmd.execute\nwhen = lba == 7\n"
				      "do = skip; dw0 = 3\n");
	struct nvme_cqe cqe;

	th_write_block(h, 1, 5, 0x11);
	ck_assert(th_next_cqe(h, 1, &cqe));
	ck_assert_uint_eq(nvme_cqe_status(nvme_cpu16(cqe.status)), 0x280 | NVME_DNR | 2 << 11);
	th_write_block(h, 2, 7, 0x11);
	th_expect_cqe(h, .cqid = 1, .cid = 2, .dw0 = 3);
	ck_assert_uint_eq(th_block_byte(h, 5), 0);
	ck_assert_uint_eq(th_block_byte(h, 7), 0);
	th_free(h);
}
END_TEST

START_TEST(a_command_that_was_executed_ends_as_a_rule_says)
{
	struct th_host *h = host_with("[fault lie]\nat = cmd.retire\n"
				      "when = op == write && status == 0/00\n"
				      "do = status 0/06\n");

	th_write_block(h, 1, 5, 0x11);
	th_expect_cqe(h, .cqid = 1, .cid = 1, .sc = NVME_SC_INTERNAL_ERROR, .retry = true,
		      .unlogged = true);
	ck_assert_uint_eq(th_block_byte(h, 5), 0x11);
	th_free(h);
}
END_TEST

START_TEST(a_command_is_changed_or_lost_after_it_was_fetched)
{
	struct th_host *h = host_with("[fault other]\nat = sqe.fetch\nwhen = cdw10 == 5\n"
				      "do = cdw10 = 6; cid ^= 0x80\n"
				      "[fault lost]\nat = sqe.fetch\nwhen = cid == 2\ndo = drop\n");

	th_write_block(h, 1, 5, 0x11);
	th_expect_cqe(h, .cqid = 1, .cid = 0x81);
	ck_assert_uint_eq(th_block_byte(h, 5), 0);
	ck_assert_uint_eq(th_block_byte(h, 6), 0x11);
	th_write_block(h, 2, 9, 0x11);
	th_expect_none(h, 1);
	ck_assert_uint_eq(th_block_byte(h, 9), 0);
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = 1);
	th_free(h);
}
END_TEST

START_TEST(the_medium_fails_lies_and_writes_elsewhere)
{
	struct th_host *h = host_with(
		"[fault bad]\nat = media.read\nwhen = lba in 100..199\n"
		"do = fail uncorrectable\n"
		"[fault full]\nat = media.write\nwhen = lba == 1\ndo = fail full\n"
		"[fault lost]\nat = media.write\nwhen = lba == 2\ndo = drop\n"
		"[fault astray]\nat = media.write\nwhen = lba == 3\ndo = lba = 4\n"
		"[fault beyond]\nat = media.write\nwhen = lba == 5\n"
		"do = lba = 0xffffffffffff\n"
		"[fault flush]\nat = media.flush\ndo = fail error\n");

	th_read_block(h, 1, 100);
	th_expect_cqe(h, .cqid = 1, .cid = 1, .sc = NVME_SC_UNRECOVERED_READ_ERROR, .retry = true);
	th_read_block(h, 2, 99);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_write_block(h, 3, 1, 0x11);
	th_expect_cqe(h, .cqid = 1, .cid = 3, .sc = NVME_SC_CAPACITY_EXCEEDED, .retry = true);
	for (uint16_t lba = 2; lba <= 5; lba++) {
		th_write_block(h, lba, lba, (uint8_t)(0x10 + lba));
		th_expect_cqe(h, .cqid = 1, .cid = lba);
	}
	ck_assert_uint_eq(th_block_byte(h, 2), 0);
	ck_assert_uint_eq(th_block_byte(h, 3), 0);
	ck_assert_uint_eq(th_block_byte(h, 4), 0x14); /* of the third, then its own */
	ck_assert_uint_eq(th_block_byte(h, 5), 0x15); /* elsewhere is still on the medium */
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = 7);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 7, .sc = NVME_SC_WRITE_FAULT, .retry = true);
	th_free(h);
}
END_TEST

START_TEST(rules_are_armed_and_disarmed_by_rules_and_by_hand)
{
	struct th_host *h = host_with("[fault a]\nat = cmd.execute\nwhen = cid == 1\ndo = arm b\n"
				      "[fault b]\nat = cmd.retire\nwhen = q == 1 && cid >= 2\n"
				      "armed = false\ndo = status 0/06; disarm b\n");

	th_read_block(h, 2, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_read_block(h, 1, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_read_block(h, 3, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 3, .sc = NVME_SC_INTERNAL_ERROR, .retry = true,
		      .unlogged = true);
	th_read_block(h, 4, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 4);
	ck_assert(emu_fault_arm(th_emu(h), "b", true));
	ck_assert(!emu_fault_arm(th_emu(h), "c", true));
	th_read_block(h, 5, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 5, .sc = NVME_SC_INTERNAL_ERROR, .retry = true,
		      .unlogged = true);
	th_free(h);
}
END_TEST

START_TEST(new_rules_take_the_place_of_the_old_ones)
{
	struct th_host *h = host_with("[fault a]\nat = cqe.post\nwhen = q == 1\ndo = hold A\n");
	struct nvme_fault_rule many[9];

	th_read_block(h, 1, 0);
	th_expect_none(h, 1);
	th_faults(h, "");
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_read_block(h, 2, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	memset(many, 0, sizeof(many));
	ck_assert_int_eq(emu_fault_load(th_emu(h), many, 9, 1), -28);
	th_free(h);
}
END_TEST

START_TEST(rules_that_are_changed_go_on_from_what_has_become_of_them)
{
	struct th_host *h = host_with(
		"[fault hold]\nat = cqe.post\nwhen = q == 1\nnth = 2\n"
		"do = hold A\n"
		"[fault fail]\nat = media.read\nnth = 9\ndo = fail uncorrectable\n");
	struct nvme_fault_state states[2];
	struct nvme_fault_rule rules[9];

	th_read_block(h, 1, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_read_block(h, 2, 0);
	th_expect_none(h, 1);
	memcpy(rules, emu_fault_set(th_emu(h))->rule, 2 * sizeof(*rules));
	memcpy(states, emu_fault_set(th_emu(h))->state, sizeof(states));
	ck_assert_uint_eq(states[1].matches, 2);
	rules[1].nth = 4;
	ck_assert_int_eq(emu_fault_change(th_emu(h), rules, states, 2), 0);
	th_run(h);
	th_expect_none(h, 1); /* what is held stays held */
	th_read_block(h, 3, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 3);
	th_read_block(h, 4, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 4, .sc = NVME_SC_UNRECOVERED_READ_ERROR, .retry = true);
	ck_assert_uint_eq(th_fired(h, "hold"), 1);
	ck_assert_uint_eq(th_fired(h, "fail"), 1);
	ck_assert_int_eq(emu_fault_change(th_emu(h), rules, states, 9), -28);
	ck_assert_uint_eq(th_fired(h, "fail"), 1);
	th_free(h);
}
END_TEST

START_TEST(rules_keep_to_the_budget_until_others_are_loaded)
{
	struct th_host *h = host_with("[fault a]\nat = media.read\ndo = fail uncorrectable\n");
	struct nvme_fault_budget budget = { 0 };

	budget.limits = 1u << NVME_LIMIT_LBA;
	budget.low[NVME_LIMIT_LBA] = 4;
	budget.high[NVME_LIMIT_LBA] = 5;
	emu_fault_limit(th_emu(h), &budget);
	th_read_block(h, 1, 3);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_read_block(h, 2, 4);
	th_expect_cqe(h, .cqid = 1, .cid = 2, .sc = NVME_SC_UNRECOVERED_READ_ERROR, .retry = true);
	ck_assert_uint_eq(th_fired(h, "a"), 1);
	th_faults(h, "[fault a]\nat = media.read\ndo = fail uncorrectable\n");
	th_read_block(h, 3, 3);
	th_expect_cqe(h, .cqid = 1, .cid = 3, .sc = NVME_SC_UNRECOVERED_READ_ERROR, .retry = true);
	th_free(h);
}
END_TEST

START_TEST(the_same_rules_and_seed_do_the_same)
{
	/* A snapshot taken in the middle of it all goes on as the original did. */
	struct th_host *h = host_with("[fault some]\nat = cqe.post\nwhen = q == 1\nchance = 1/2\n"
				      "do = hold A\n"
				      "[fault late]\nat = cmd.execute\nwhen = cid == 20\n"
				      "do = release A\n");
	struct th_snapshot *snapshot;
	uint16_t cids[2][32];
	uint32_t counts[2] = { 0 };
	struct nvme_cqe cqe;

	for (uint16_t cid = 1; cid <= 8; cid++)
		th_read_block(h, cid, cid);
	snapshot = th_save(h);
	for (int turn = 0; turn < 2; turn++) {
		th_restore(h, snapshot);
		th_read_block(h, 20, 0);
		while (th_next_cqe(h, 1, &cqe))
			cids[turn][counts[turn]++] = nvme_cpu16(cqe.cid);
	}
	ck_assert_uint_gt(counts[0], 7);
	ck_assert_uint_eq(counts[0], counts[1]);
	ck_assert_mem_eq(cids[0], cids[1], counts[0] * sizeof(cids[0][0]));
	th_discard(snapshot);
	th_free(h);
}
END_TEST

static Suite *faults(void)
{
	Suite *suite = suite_create("faults");
	TCase *tcase = tcase_create("faults");

	tcase_add_test(tcase, a_completion_is_held_until_another_rule_releases_it);
	tcase_add_test(tcase, a_lost_completion_never_comes_and_nothing_else_is_lost);
	tcase_add_loop_test(tcase, an_entry_is_posted_as_a_rule_wants_it, 0,
			    (int)(sizeof(cqes) / sizeof(cqes[0])));
	tcase_add_test(tcase, a_completion_comes_twice_if_its_queue_has_room);
	tcase_add_loop_test(tcase, a_command_takes_longer, 0,
			    (int)(sizeof(delays) / sizeof(delays[0])));
	tcase_add_loop_test(tcase, a_command_that_hangs_can_be_aborted_unless_it_has_ended, 0,
			    (int)(sizeof(hangs) / sizeof(hangs[0])));
	tcase_add_loop_test(tcase, a_reset_gives_up_what_hangs, 0,
			    (int)(sizeof(hangs) / sizeof(hangs[0])));
	tcase_add_test(tcase, a_command_ends_as_a_rule_says_without_being_executed);
	tcase_add_test(tcase, a_command_that_was_executed_ends_as_a_rule_says);
	tcase_add_test(tcase, a_command_is_changed_or_lost_after_it_was_fetched);
	tcase_add_test(tcase, the_medium_fails_lies_and_writes_elsewhere);
	tcase_add_test(tcase, rules_are_armed_and_disarmed_by_rules_and_by_hand);
	tcase_add_test(tcase, new_rules_take_the_place_of_the_old_ones);
	tcase_add_test(tcase, rules_that_are_changed_go_on_from_what_has_become_of_them);
	tcase_add_test(tcase, rules_keep_to_the_budget_until_others_are_loaded);
	tcase_add_test(tcase, the_same_rules_and_seed_do_the_same);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ faults }, 1);
}
