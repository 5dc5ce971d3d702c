/* SPDX-License-Identifier: BSD-3-Clause */
/* Exploration: what cases there are, that each of them is a scenario, and that our driver lives. */
#include <stdlib.h>
#include <string.h>

#include "tests/harness/main.h"
#include "tests/sim/explore.h"

#define SAMPLE 53 /* each so-many-th case is run here; nvmelab-sim runs all of them */

static struct sim_file base; /* too large for a stack, as the benches are */
static struct sim_bench bench;
static struct sim_bench branching; /* whose cases are branches of a trunk */
static size_t memory_bytes;
static void *kept[SIM_SNAPSHOTS];

static void *new_memory(void)
{
	void *memory = aligned_alloc(4096, memory_bytes);

	ck_assert_ptr_nonnull(memory);
	memset(memory, 0, memory_bytes);
	return memory;
}

static void prepare_text(const char *text)
{
	struct nvme_ini_error error;

	ck_assert_uint_eq(sim_file_load(&base, text, strlen(text), &error), NVME_INI_OK);
	memory_bytes = sim_plan_bytes(&base, &bench.work);
	bench.memory = new_memory();
}

static void prepare(void)
{
	prepare_text("[scenario]\nformat = 1\nseed = 3\n[controller]\nvwc = true\n"
		     "[namespace 1]\nsize = 256K\n[workload]\nops = 32\n"
		     "flush_every = 8\nfua_every = 5\n");
}

/* Snapshots at their simplest: all of the memory. */
static void keep(void *arg, enum sim_snapshot snapshot)
{
	memcpy(kept[snapshot], arg, memory_bytes);
}

static void restore(void *arg, enum sim_snapshot snapshot)
{
	memcpy(arg, kept[snapshot], memory_bytes);
}

static void prepare_branches(void)
{
	static struct sim_snapshots snapshots = { .keep = keep, .restore = restore };

	branching.memory = snapshots.arg = new_memory();
	branching.snapshots = &snapshots;
	for (unsigned int i = 0; i < SIM_SNAPSHOTS; i++)
		kept[i] = new_memory();
}

static void run_case(const struct sim_plan *plan, uint64_t number)
{
	struct sim_result result;
	char sentences[2000], rules[2000];
	struct nvme_text text, faults;

	sim_plan_case(plan, number, &bench);
	sim_run(&bench.work, bench.memory, NULL, &result);
	nvme_text_init(&text, sentences, sizeof(sentences));
	nvme_text_init(&faults, rules, sizeof(rules));
	nvme_scenario_print_faults(&bench.work.scenario, &faults);
	ck_assert_msg(sim_judge(&bench.work, &result, &text) == SIM_PASS, "case %llu: %s%s",
		      (unsigned long long)number, sentences, rules);
}

START_TEST(single_faults_are_each_fault_at_each_occurrence_once_and_from_there_on)
{
	struct sim_plan plan;
	uint64_t cases = 0;

	prepare();
	sim_plan_make(&plan, &base, SIM_SPACE_SINGLE, 0, &bench);
	ck_assert_uint_ge(plan.occurrences[NVME_SITE_SQE_FETCH], 32);
	ck_assert_uint_eq(plan.occurrences[NVME_SITE_MEDIA_FLUSH], 4);
	ck_assert_uint_eq(plan.occurrences[NVME_SITE_CTRL_READY], 1);
	for (unsigned int i = 0; sim_kind_at(i); i++)
		cases += sim_kind_at(i)->crash ? 0
					       : plan.occurrences[sim_kind_at(i)->site] *
							 (sim_kind_at(i)->persistent ? 2 : 1);
	ck_assert_uint_eq(plan.cases, cases);
	ck_assert_uint_gt(cases, 1000);
	for (uint64_t number = 0; number < plan.cases; number++) {
		const struct nvme_fault_rule *rule = bench.work.scenario.fault;

		sim_plan_case(&plan, number, &bench);
		ck_assert_uint_eq(bench.work.scenario.faults, 1);
		ck_assert_uint_le(rule->nth, plan.occurrences[rule->site]);
		ck_assert_uint_lt(rule->after, plan.occurrences[rule->site]);
	}
}
END_TEST

START_TEST(a_case_is_a_scenario_that_can_be_printed_and_read)
{
	static char text[4096];
	static struct sim_file read; /* too large for a stack */
	struct nvme_text out;
	struct nvme_ini_error error;
	struct sim_result first, again;
	struct sim_plan plan;

	prepare();
	sim_plan_make(&plan, &base, SIM_SPACE_SINGLE, 0, &bench);
	sim_plan_case(&plan, plan.cases / 2, &bench);
	nvme_text_init(&out, text, sizeof(text));
	sim_file_print(&bench.work, &out);
	sim_run(&bench.work, bench.memory, NULL, &first);
	ck_assert_uint_eq(sim_file_load(&read, text, out.used, &error), NVME_INI_OK);
	sim_run(&read, bench.memory, NULL, &again);
	ck_assert(memcmp(&first, &again, sizeof(first)) == 0);
}
END_TEST

START_TEST(our_driver_survives_single_faults)
{
	struct sim_plan plan;

	prepare();
	sim_plan_make(&plan, &base, SIM_SPACE_SINGLE, 0, &bench);
	for (uint64_t number = 0; number < plan.cases; number += SAMPLE)
		run_case(&plan, number);
}
END_TEST

START_TEST(a_pair_is_a_fault_and_one_in_what_it_caused)
{
	struct nvme_fault_rule alone[2];
	struct sim_plan plan;
	uint64_t *pairs, *hashes;

	prepare();
	sim_plan_make(&plan, &base, SIM_SPACE_PAIR, 0, &bench);
	pairs = calloc(plan.singles + 1, sizeof(*pairs));
	hashes = calloc(plan.singles, sizeof(*hashes));
	ck_assert(pairs && hashes);
	sim_plan_pairs(&plan, pairs, hashes, &bench, NULL, NULL);
	ck_assert_uint_gt(plan.pruned, 0);
	ck_assert_uint_gt(plan.cases, 10000);
	for (uint64_t number = 0; number < plan.cases; number += plan.cases / 50) {
		const struct nvme_fault_rule *second = &bench.work.scenario.fault[1];

		sim_plan_case(&plan, number, &bench);
		ck_assert_uint_eq(bench.work.scenario.faults, 2);
		ck_assert(second->nth > plan.occurrences[second->site] ||
			  second->after >= plan.occurrences[second->site]);
		memcpy(alone, bench.work.scenario.fault, sizeof(alone));
		sim_plan_case(&plan, number, &bench); /* the first fault is known now */
		ck_assert_uint_eq(bench.work.scenario.faults, 2);
		ck_assert_mem_eq(alone, bench.work.scenario.fault, sizeof(alone));
		run_case(&plan, number);
	}
	free(pairs);
	free(hashes);
}
END_TEST

START_TEST(the_power_goes_at_each_step_of_the_medium)
{
	struct sim_plan plan;

	prepare();
	sim_plan_make(&plan, &base, SIM_SPACE_CRASH, 0, &bench);
	ck_assert_uint_ge(plan.cases, 4 * (plan.occurrences[NVME_SITE_MEDIA_WRITE] + 32));
	for (uint64_t number = 0; number < plan.cases; number += 3) {
		run_case(&plan, number);
		ck_assert_uint_eq(bench.work.scenario.fault[0].action[0].kind, NVME_DO_CUT_POWER);
	}
}
END_TEST

START_TEST(orders_and_swarms_are_a_seed_each)
{
	struct sim_plan plan;
	uint64_t seed;

	prepare();
	for (unsigned int space = SIM_SPACE_ORDER; space <= SIM_SPACE_SWARM; space++) {
		sim_plan_make(&plan, &base, (enum sim_space)space, 1000, &bench);
		ck_assert_uint_eq(plan.cases, 1000);
		sim_plan_case(&plan, 7, &bench);
		seed = bench.work.scenario.seed;
		sim_plan_case(&plan, 8, &bench);
		ck_assert_uint_ne(seed, bench.work.scenario.seed);
		sim_plan_case(&plan, 7, &bench);
		ck_assert_uint_eq(seed, bench.work.scenario.seed);
		for (uint64_t number = 0; number < 30; number++)
			run_case(&plan, number);
	}
}
END_TEST

/* Each @step-th case, whose numbers go to and fro in the run: the results are all the same. */
static void compare_cases(const struct sim_plan *plan, const struct sim_plan *branches,
			  uint64_t step)
{
	struct sim_result alone, branch;

	ck_assert_uint_eq(plan->cases, branches->cases);
	ck_assert_mem_eq(plan->occurrences, branches->occurrences, sizeof(plan->occurrences));
	for (uint64_t number = 0; number < plan->cases; number += step) {
		sim_plan_run(branches, number, &branching, &branch);
		sim_plan_run(plan, number, &bench, &alone);
		ck_assert_msg(memcmp(&alone, &branch, sizeof(alone)) == 0, "%s #%llu",
			      sim_space_name(plan->space), (unsigned long long)number);
	}
}

static void compare(enum sim_space space, uint64_t step)
{
	struct sim_plan plan, branches;

	prepare_branches();
	sim_plan_make(&plan, &base, space, 0, &bench);
	sim_plan_make(&branches, &base, space, 0, &branching);
	compare_cases(&plan, &branches, step);
}

START_TEST(a_case_is_the_same_as_a_branch_and_from_the_start)
{
	prepare();
	compare(SIM_SPACE_SINGLE, 7);
}
END_TEST

START_TEST(a_power_cut_is_the_same_as_a_branch_and_from_the_start)
{
	prepare();
	compare(SIM_SPACE_CRASH, 5);
}
END_TEST

START_TEST(a_branch_has_the_rules_of_its_base_and_what_became_of_them)
{
	prepare_text("[scenario]\nformat = 1\nseed = 4\n[namespace 1]\nsize = 256K\n"
		     "[workload]\nops = 32\nbefore.9 = reset\nbefore.20 = suspend\n"
		     "[fault some]\nat = cmd.execute\nwhen = q == 1\nchance = 1/5\n"
		     "do = status 0/82 crd=1\n"
		     "[fault back]\nat = cqe.post\nwhen = q == 1\nnth = 3\ndo = hold A; arm go\n"
		     "[fault go]\nat = cmd.execute\nafter = 5\narmed = false\n"
		     "do = release A; disarm go\n"
		     "[fault close]\nat = media.write\nwithin = 1ms of back\ntimes = 2\n"
		     "do = delay 1ms\n"
		     "[budget]\nqueues = 1..2\nfaults = 9\n");
	compare(SIM_SPACE_SINGLE, 11);
}
END_TEST

START_TEST(a_long_trunk_has_branches_at_some_of_its_turns)
{
	prepare_text("[scenario]\nformat = 1\n[namespace 1]\nsize = 256K\n"
		     "[workload]\nops = 700\nqueue_depth = 1\nthink = 1us\n");
	compare(SIM_SPACE_CRASH, 211);
	ck_assert_uint_gt(branching.trunk.stride, 1);
	ck_assert_uint_le(branching.trunk.notes, SIM_NOTES);
}
END_TEST

START_TEST(a_pair_is_the_same_as_a_branch_of_its_first_fault)
{
	struct sim_plan plan, branches;
	uint64_t *numbers[4];

	prepare();
	prepare_branches();
	sim_plan_make(&plan, &base, SIM_SPACE_PAIR, 0, &bench);
	sim_plan_make(&branches, &base, SIM_SPACE_PAIR, 0, &branching);
	for (unsigned int i = 0; i < 4; i++) {
		numbers[i] = calloc(plan.singles + 1, sizeof(**numbers));
		ck_assert_ptr_nonnull(numbers[i]);
	}
	sim_plan_pairs(&plan, numbers[0], numbers[1], &bench, NULL, NULL);
	sim_plan_pairs(&branches, numbers[2], numbers[3], &branching, NULL, NULL);
	ck_assert_uint_eq(plan.pruned, branches.pruned);
	ck_assert_mem_eq(numbers[0], numbers[2], (plan.singles + 1) * sizeof(**numbers));
	ck_assert_mem_eq(numbers[1], numbers[3], plan.singles * sizeof(**numbers));
	compare_cases(&plan, &branches, plan.cases / 40);
	for (unsigned int i = 0; i < 4; i++)
		free(numbers[i]);
}
END_TEST

START_TEST(every_row_has_a_name_and_a_sentence)
{
	for (unsigned int i = 0; i < SIM_SPACES; i++)
		ck_assert(sim_space_name(i) && sim_space_help(i));
	ck_assert_ptr_null(sim_space_name(SIM_SPACES));
	ck_assert_ptr_null(sim_space_help(SIM_SPACES));
}
END_TEST

static Suite *explore(void)
{
	Suite *suite = suite_create("explore");
	TCase *tcase = tcase_create("explore");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase,
		       single_faults_are_each_fault_at_each_occurrence_once_and_from_there_on);
	tcase_add_test(tcase, a_case_is_a_scenario_that_can_be_printed_and_read);
	tcase_add_test(tcase, our_driver_survives_single_faults);
	tcase_add_test(tcase, a_pair_is_a_fault_and_one_in_what_it_caused);
	tcase_add_test(tcase, the_power_goes_at_each_step_of_the_medium);
	tcase_add_test(tcase, orders_and_swarms_are_a_seed_each);
	tcase_add_test(tcase, a_case_is_the_same_as_a_branch_and_from_the_start);
	tcase_add_test(tcase, a_power_cut_is_the_same_as_a_branch_and_from_the_start);
	tcase_add_test(tcase, a_branch_has_the_rules_of_its_base_and_what_became_of_them);
	tcase_add_test(tcase, a_long_trunk_has_branches_at_some_of_its_turns);
	tcase_add_test(tcase, a_pair_is_the_same_as_a_branch_of_its_first_fault);
	tcase_add_test(tcase, every_row_has_a_name_and_a_sentence);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ explore }, 1);
}
