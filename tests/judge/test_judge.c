/* SPDX-License-Identifier: BSD-3-Clause */
/* The judge: a bad little driver is told what it did wrong, and a good one is told nothing. */
#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "tests/harness/main.h"
#include "tests/judge/crimes.h"

static const struct crime *const lists[] = { register_crimes, ring_crimes, command_crimes,
					     queue_crimes, data_crimes };

/* A judge beside the harness's own host, and what it found last. */
struct court {
	void *block;
	struct emu_judge *judge;
	struct th_host *h;
	bool shared;
	bool frozen; /* SQHD stands still */
	struct emu_judge_finding last;
	uint64_t found;
};

static void take_finding(void *arg, const struct emu_judge_finding *finding)
{
	struct court *court = arg;

	court->last = *finding;
	court->found++;
}

static bool find_ns(void *arg, uint32_t nsid, struct emu_ns_config *ret_ns)
{
	struct court *court = arg;
	bool created;

	return emu_namespace_of(th_emu(court->h), nsid, ret_ns, &created);
}

static bool is_shared(void *arg, uint32_t ctrl)
{
	const struct court *court = arg;

	(void)ctrl;
	return court->shared;
}

static void take_record(void *arg, const struct nvme_trace_record *record)
{
	struct court *court = arg;
	struct nvme_trace_record seen = *record;

	if (court->frozen && seen.event == NVME_TRACE_CQE_POST)
		seen.args[5] = 0;
	emu_judge_record(court->judge, &seen);
}

/* Opens after th_off(), when nothing has happened yet. */
static void open_court(struct court *court, struct th_host *h)
{
	const struct emu_judge_ops ops = { court, take_finding, find_ns, is_shared };
	const struct emu_config *config = emu_config_of(th_emu(h));
	size_t bytes = emu_judge_size(config);

	*court = (struct court){ .h = h };
	ck_assert_uint_gt(bytes, 0);
	court->block = aligned_alloc(64, bytes);
	ck_assert_ptr_nonnull(court->block);
	court->judge = emu_judge_init(court->block, config, &ops);
	th_observe(h, take_record, court);
}

static void close_court(struct court *court)
{
	th_free(court->h);
	free(court->block);
}

/* What a good driver does: enables, waits for CSTS.RDY, creates queues. */
static void bring_up(struct th_host *h, const struct th_options *options)
{
	uint32_t entries = options->entries ? options->entries : 16;

	th_enable(h, entries);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 1, 1);
	for (uint32_t qid = 1; qid <= options->io_queues; qid++)
		th_create_queues(h, qid, entries);
}

static void expect_counts(const struct court *court, enum emu_judge_rules rule, uint64_t count)
{
	const struct emu_judge_rule *row;

	for (unsigned int i = 0; (row = emu_judge_rule(i)); i++)
		ck_assert_msg(emu_judge_count(court->judge, i) == (i == rule ? count : 0),
			      "%s: %s was said %u times", emu_judge_rule(rule)->id, row->id,
			      (unsigned int)emu_judge_count(court->judge, i));
}

static const struct crime *crime_of(unsigned int rule)
{
	const struct crime *found = NULL;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (const struct crime *crime = lists[i]; crime->commit; crime++) {
			ck_assert_msg(crime->rule != rule || !found, "%s has two tests",
				      emu_judge_rule(rule)->id);
			found = crime->rule == rule ? crime : found;
		}
	}
	return found;
}

START_TEST(no_rule_is_without_a_bad_driver)
{
	for (unsigned int rule = 0; rule < EMU_RULES; rule++)
		ck_assert_msg(crime_of(rule) != NULL, "nobody breaks %s", emu_judge_rule(rule)->id);
}
END_TEST

START_TEST(the_bad_driver_is_told_what_it_did_and_nothing_else)
{
	/* Once for each rule: its clause is in emulator/judge/rules.def. */
	const struct crime *crime = crime_of((unsigned int)_i);
	const struct emu_judge_rule *rule = emu_judge_rule((unsigned int)_i);
	struct th_host *h = th_new_(crime->options, false);
	struct court court;

	open_court(&court, h);
	if (!crime->off)
		bring_up(h, &crime->options);
	ck_assert_uint_eq(court.found, 0);
	crime->commit(h);
	expect_counts(&court, crime->rule, 1);
	ck_assert_uint_eq(court.found, 1);
	ck_assert_uint_eq(court.last.rule, crime->rule);
	ck_assert_uint_eq(emu_judge_total(court.judge, rule->level), 1);
	close_court(&court);
}
END_TEST

START_TEST(rules_have_distinct_names_clauses_and_sentences)
{
	const struct emu_judge_rule *rule;

	for (unsigned int i = 0; (rule = emu_judge_rule(i)); i++) {
		size_t length = strlen(rule->sentence);

		ck_assert_uint_lt(rule->level, EMU_JUDGE_LEVELS);
		ck_assert(strncmp(rule->clause, "Base ", 5) == 0 ||
			  strncmp(rule->clause, "NVM ", 4) == 0);
		ck_assert(length > 20 && rule->sentence[length - 1] == '.');
		ck_assert_ptr_null(strpbrk(rule->sentence, "\"\\"));
		for (unsigned int j = 0; j < i; j++)
			ck_assert_str_ne(rule->id, emu_judge_rule(j)->id);
	}
	ck_assert_ptr_null(emu_judge_rule(EMU_RULES));
	ck_assert_ptr_null(emu_judge_level_name(EMU_JUDGE_LEVELS));
}
END_TEST

START_TEST(a_finding_names_rule_command_record_and_numbers)
{
	struct emu_judge_finding finding = {
		.rule = EMU_RULE_LBA_RANGE,
		.seq = 41,
		.time_nsec = 255,
		.ctrl = 1,
		.has_queue = true,
		.has_command = true,
		.qid = 2,
		.cid = 3,
		.opcode = NVME_CMD_READ,
		.number = { 2047, 2, 2048 },
	};
	char buffer[EMU_JUDGE_TEXT_BYTES];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	emu_judge_text(&text, &finding);
	ck_assert_str_eq(buffer, "violation lba-range: ctrl 1 qid 2 cid 3 opcode 02h seq 41 "
				 "slba=0x7ff nlb=2 nsze=0x800: The driver asked for logical blocks "
				 "beyond the end of the namespace (NSZE). (NVM 1.0 3.2)");
	nvme_text_init(&text, buffer, sizeof(buffer));
	emu_judge_json(&text, &finding);
	ck_assert_str_eq(buffer,
			 "{\"rule\":\"lba-range\",\"level\":\"violation\","
			 "\"clause\":\"NVM 1.0 3.2\","
			 "\"seq\":41,\"time\":\"0xff\",\"ctrl\":1,"
			 "\"qid\":2,\"cid\":3,\"opcode\":2,\"numbers\":{\"slba\":\"0x7ff\","
			 "\"nlb\":2,\"nsze\":\"0x800\"},\"sentence\":\"The driver asked for "
			 "logical blocks beyond the end of the namespace (NSZE).\"}");
}
END_TEST

START_TEST(the_longest_finding_fits_its_buffer)
{
	struct emu_judge_finding finding = {
		.seq = UINT64_MAX,
		.time_nsec = UINT64_MAX,
		.ctrl = UINT16_MAX,
		.has_queue = true,
		.has_command = true,
		.qid = UINT16_MAX,
		.cid = UINT16_MAX,
		.opcode = UINT8_MAX,
		.number = { UINT64_MAX, UINT64_MAX, UINT64_MAX },
	};
	char buffer[EMU_JUDGE_TEXT_BYTES];
	struct nvme_text text;

	for (finding.rule = 0; finding.rule < EMU_RULES; finding.rule++) {
		nvme_text_init(&text, buffer, sizeof(buffer));
		emu_judge_text(&text, &finding);
		ck_assert(!text.cut && text.used + 64 < sizeof(buffer));
		nvme_text_init(&text, buffer, sizeof(buffer));
		emu_judge_json(&text, &finding);
		ck_assert(!text.cut);
	}
}
END_TEST

START_TEST(a_finding_says_which_command_it_is_about)
{
	/* NVM 1.0 3.2.4: Read. */
	const struct th_options options = { .io_queues = 2 };
	struct th_host *h = th_new_(options, false);
	struct court court;

	open_court(&court, h);
	bring_up(h, &options);
	th_io(h, 2, .opcode = NVME_CMD_READ, .cid = 77, .nsid = 1, .prp1 = th_alloc(h, 4096),
	      .cdw10 = 4000);
	th_run(h);
	ck_assert_uint_eq(court.last.rule, EMU_RULE_LBA_RANGE);
	ck_assert(court.last.has_command);
	ck_assert_uint_eq(court.last.qid, 2);
	ck_assert_uint_eq(court.last.cid, 77);
	ck_assert_uint_eq(court.last.opcode, NVME_CMD_READ);
	ck_assert_uint_eq(court.last.number[0], 4000);
	close_court(&court);
}
END_TEST

START_TEST(two_entries_with_one_identifier_in_the_ring_are_found)
{
	/* Base 2.0 3.3.3.1: the first has ended when the second is fetched; both were submitted. */
	const struct th_options options = { .io_queues = 1 };
	struct th_host *h = th_new_(options, false);
	struct court court;

	open_court(&court, h);
	bring_up(h, &options);
	th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 5, .nsid = 1);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 5, .nsid = 1);
	th_run(h);
	expect_counts(&court, EMU_RULE_CID_REUSED, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 5);
	th_expect_cqe(h, .cqid = 1, .cid = 5);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 5, .nsid = 1);
	th_run(h);
	expect_counts(&court, EMU_RULE_CID_REUSED, 1);
	close_court(&court);
}
END_TEST

static void flush_and_reap(struct th_host *h, uint32_t qid, uint16_t cid)
{
	th_io(h, qid, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
	th_run(h);
	th_expect_cqe(h, .cqid = qid, .cid = cid);
}

static void write_and_read(struct th_host *h, uint32_t qid, uint64_t pages, uint64_t list)
{
	th_io(h, qid, .opcode = NVME_CMD_WRITE, .cid = 1, .nsid = 1, .prp1 = pages + 512,
	      .prp2 = pages + 4096, .cdw12 = 8);
	th_io(h, qid, .opcode = NVME_CMD_READ, .cid = 2, .nsid = 1, .prp1 = pages, .prp2 = list,
	      .cdw10 = 2024, .cdw12 = 23);
	th_run(h);
	th_expect_cqe(h, .cqid = qid, .cid = 1);
	th_expect_cqe(h, .cqid = qid, .cid = 2);
}

/* Queues are used until they wrap several times, deleted and made again. */
static void live(struct th_host *h, const struct th_options *options)
{
	uint64_t pages = th_alloc(h, 4 * 4096), list = th_alloc(h, 4096);
	nvme_u64le *slots = th_ptr(h, list);

	slots[0] = nvme_le64(pages + 4096);
	slots[1] = nvme_le64(pages + 8192);
	bring_up(h, options);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 0x100);
	for (uint32_t round = 0; round < 40; round++) {
		for (uint32_t qid = 1; qid <= options->io_queues; qid++)
			write_and_read(h, qid, pages, list);
		flush_and_reap(h, 1, (uint16_t)round);
	}
	for (uint32_t qid = options->io_queues; qid >= 1; qid--) {
		th_do(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = qid);
		th_do(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cdw10 = qid);
	}
	th_create_queues(h, 1, 8);
	flush_and_reap(h, 1, 1);
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = 1);
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cdw10 = 1);
}

START_TEST(a_good_driver_is_told_nothing)
{
	/* Base 2.0 3.5.1, 3.6.1 and 3.7: bring-up, work, shutdown, reset, and all of it again. */
	const struct th_options options = { .io_queues = 7,
					    .entries = 8,
					    .shared = _i == 1,
					    .controller = _i == 2 ? "dstrd=3,vwc=true" : NULL };
	struct th_host *h = th_new_(options, false);
	uint32_t shut_down = CC_GOOD | 1u << 14;
	struct court court;

	open_court(&court, h);
	court.shared = options.shared;
	for (unsigned int life = 0; life < 3; life++) {
		live(h, &options);
		th_write32(h, NVME_REG_CC, shut_down);
		th_run(h);
		ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 0xf, 0x9);
		th_write32(h, NVME_REG_CC, shut_down & ~1u);
		th_run(h);
		ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 1, 0);
		th_rewind(h);
	}
	ck_assert_uint_eq(court.found, 0);
	close_court(&court);
}
END_TEST

START_TEST(a_driver_whose_reads_are_not_seen_is_not_suspected)
{
	/* Base 2.0 3.5.1: BAR0 is shared memory; some reads were messages before it was mapped. */
	struct th_host *h = th_off(.shared = true);
	struct court court;

	open_court(&court, h);
	court.shared = true;
	th_read64(h, NVME_REG_CAP);
	for (unsigned int life = 0; life < 2; life++) {
		th_enable(h, 16);
		th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 1);
		th_run(h);
		th_write32(h, NVME_REG_CC, CC_GOOD & ~1u);
		th_run(h);
	}
	ck_assert_uint_eq(court.found, 0);
	close_court(&court);
}
END_TEST

START_TEST(what_a_fault_rule_did_to_a_doorbell_is_not_the_drivers)
{
	/* The rule drops the doorbell; the driver rings again with the next command. */
	const struct nvme_trace_record fault = { .event = NVME_TRACE_FAULT,
						 .side = NVME_TRACE_CONTROLLER,
						 .args = { 0, NVME_SITE_DB_WRITE } };
	const struct th_options options = { .io_queues = 1 };
	struct th_host *h = th_new_(options, false);
	struct court court;

	open_court(&court, h);
	bring_up(h, &options);
	emu_judge_record(court.judge, &fault);
	th_ring_sq(h, 1, 99);
	th_ring_sq(h, 1, 0);
	ck_assert_uint_eq(court.found, 0);
	close_court(&court);
}
END_TEST

START_TEST(a_write_that_was_lost_did_not_enable_the_controller)
{
	/* Base 2.0 3.1.3.5: who reads EN as 0 may begin anew, and who does not look may not. */
	const struct nvme_trace_record lost = { .event = NVME_TRACE_REG_WRITE,
						.side = NVME_TRACE_CONTROLLER,
						.args = { NVME_REG_CC, 4, CC_GOOD } };
	const struct nvme_trace_record fault = { .event = NVME_TRACE_FAULT,
						 .side = NVME_TRACE_CONTROLLER,
						 .args = { 0, NVME_SITE_REG_WRITE } };
	struct th_host *h = th_off();
	struct court court;

	open_court(&court, h);
	th_read32(h, NVME_REG_CSTS);
	th_write32(h, NVME_REG_AQA, 0x000f000f);
	th_write64(h, NVME_REG_ASQ, th_alloc(h, 4096));
	th_write64(h, NVME_REG_ACQ, th_alloc(h, 4096));
	emu_judge_record(court.judge, &lost);
	emu_judge_record(court.judge, &fault);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC), 0);
	th_write32(h, NVME_REG_AQA, 0x000f000f);
	ck_assert_uint_eq(court.found, 0);
	emu_judge_record(court.judge, &lost);
	th_write32(h, NVME_REG_AQA, 0x000f000f);
	ck_assert_uint_eq(court.found, 1);
	close_court(&court);
}
END_TEST

START_TEST(queues_that_came_with_a_state_were_created)
{
	/* Base 2.1 8.1.12: controller 1 goes on where controller 2 was (CNTLIDs 2 and 3). */
	const uint32_t suspend = 1 << 16;
	const struct th_options options = { .controllers = 3,
					    .controller = "migration=true",
					    .io_queues = 1 };
	struct th_host *h = th_new_(options, false);
	struct court court;
	uint64_t state;

	open_court(&court, h);
	for (uint32_t i = 0; i < 3; i++) {
		th_ctrl(h, i);
		bring_up(h, &options);
	}
	flush_and_reap(h, 1, 1);
	state = th_alloc(h, 4096);
	th_ctrl(h, 0);
	th_do(h, .opcode = NVME_ADMIN_MIGRATION_SEND, .cdw11 = suspend | 2);
	th_do(h, .opcode = NVME_ADMIN_MIGRATION_SEND, .cdw11 = suspend | 3);
	th_do(h, .opcode = NVME_ADMIN_MIGRATION_RECV, .prp1 = state, .cdw11 = 3, .cdw15 = 25);
	th_do(h, .opcode = NVME_ADMIN_MIGRATION_SEND, .prp1 = state, .cdw11 = 2, .cdw15 = 26,
	      .cdw10 = NVME_MIGRATION_SET_STATE |
		       NVME_PUT(NVME_MIGRATION_SEND_SEQIND, NVME_SEQIND_ENTIRE));
	th_do(h, .opcode = NVME_ADMIN_MIGRATION_SEND, .cdw10 = NVME_MIGRATION_RESUME, .cdw11 = 2);
	th_ctrl(h, 1);
	th_take_rings(h, 2, 1);
	for (uint16_t cid = 0; cid < 20; cid++)
		flush_and_reap(h, 1, cid);
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = 1);
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cdw10 = 1);
	ck_assert_uint_eq(court.found, 0);
	close_court(&court);
}
END_TEST

START_TEST(a_queue_with_nothing_outstanding_is_empty_whatever_sqhd_says)
{
	/* Base 2.0 3.3.1.2: what has completed was fetched. */
	const struct th_options options = { .io_queues = 1, .entries = 4 };
	struct th_host *h = th_new_(options, false);
	struct court court;

	open_court(&court, h);
	bring_up(h, &options);
	court.frozen = true;
	for (uint16_t cid = 0; cid < 10; cid++)
		flush_and_reap(h, 1, cid);
	ck_assert_uint_eq(court.found, 0);
	close_court(&court);
}
END_TEST

START_TEST(what_a_fault_rule_did_to_one_of_two_fused_commands_is_not_the_drivers)
{
	/* Base 2.0 3.4.2: the pair was submitted in order, whatever became of its first. */
	const struct nvme_trace_record fault = { .event = NVME_TRACE_FAULT,
						 .side = NVME_TRACE_CONTROLLER,
						 .args = { 0, NVME_SITE_SQE_FETCH } };
	const struct th_options options = { .io_queues = 1, .controller = "fused=true" };
	struct th_host *h = th_new_(options, false);
	uint64_t page;
	struct court court;

	open_court(&court, h);
	bring_up(h, &options);
	page = th_alloc(h, 4096);
	emu_judge_record(court.judge, &fault);
	th_fill(h, 1, .opcode = NVME_CMD_COMPARE, .flags = NVME_FUSE_FIRST, .cid = 1, .nsid = 1,
		.prp1 = page);
	th_io(h, 1, .opcode = NVME_CMD_WRITE, .flags = NVME_FUSE_SECOND, .cid = 2, .nsid = 1,
	      .prp1 = page);
	th_run(h);
	ck_assert_uint_eq(court.found, 0);
	close_court(&court);
}
END_TEST

START_TEST(records_of_a_driver_or_of_nobody_are_ignored)
{
	struct nvme_trace_record record = { .event = NVME_TRACE_DB_REFUSED,
					    .side = NVME_TRACE_DRIVER,
					    .args = { 1, 0, 1, NVME_DB_NO_QUEUE } };
	struct th_host *h = th_off();
	struct court court;

	open_court(&court, h);
	emu_judge_record(court.judge, &record);
	record.side = NVME_TRACE_CONTROLLER;
	record.ctrl = 9;
	emu_judge_record(court.judge, &record);
	record.ctrl = 0;
	record.event = NVME_TRACE_EVENTS;
	emu_judge_record(court.judge, &record);
	ck_assert_uint_eq(court.found, 0);
	ck_assert_uint_eq(emu_judge_count(court.judge, EMU_RULES), 0);
	close_court(&court);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("judge");
	TCase *tcase = tcase_create("rules");

	tcase_add_loop_test(tcase, the_bad_driver_is_told_what_it_did_and_nothing_else, 0,
			    EMU_RULES);
	tcase_add_test(tcase, no_rule_is_without_a_bad_driver);
	tcase_add_test(tcase, rules_have_distinct_names_clauses_and_sentences);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("findings");
	tcase_add_test(tcase, a_finding_names_rule_command_record_and_numbers);
	tcase_add_test(tcase, the_longest_finding_fits_its_buffer);
	tcase_add_test(tcase, a_finding_says_which_command_it_is_about);
	tcase_add_test(tcase, two_entries_with_one_identifier_in_the_ring_are_found);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("innocence");
	tcase_add_loop_test(tcase, a_good_driver_is_told_nothing, 0, 3);
	tcase_add_test(tcase, a_driver_whose_reads_are_not_seen_is_not_suspected);
	tcase_add_test(tcase, what_a_fault_rule_did_to_a_doorbell_is_not_the_drivers);
	tcase_add_test(tcase, a_write_that_was_lost_did_not_enable_the_controller);
	tcase_add_test(tcase, queues_that_came_with_a_state_were_created);
	tcase_add_test(tcase, a_queue_with_nothing_outstanding_is_empty_whatever_sqhd_says);
	tcase_add_test(tcase,
		       what_a_fault_rule_did_to_one_of_two_fused_commands_is_not_the_drivers);
	tcase_add_test(tcase, records_of_a_driver_or_of_nobody_are_ignored);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
