/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes that explore: memory of which snapshots are kept, and cases that end their process. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/sim/cli/explorer.h"
#include "tests/sim/cli/memory.h"

#define PAGES 5

static struct sim_file base; /* too large for a stack, as the bench is */
static struct sim_bench bench;
static struct sim_plan plan;
static uint64_t done;
static bool is_deadly;

enum sim_verdict __real_sim_judge(const struct sim_file *file, const struct sim_result *result,
				  struct nvme_text *text);
enum sim_verdict __wrap_sim_judge(const struct sim_file *file, const struct sim_result *result,
				  struct nvme_text *text);

/* The fifth fetch that is dropped ends its process by a signal, the sixth by itself. */
enum sim_verdict __wrap_sim_judge(const struct sim_file *file, const struct sim_result *result,
				  struct nvme_text *text)
{
	const struct nvme_fault_rule *rule = file->scenario.fault;

	if (is_deadly && rule->site == NVME_SITE_SQE_FETCH && rule->nth == 5)
		abort();
	if (is_deadly && rule->site == NVME_SITE_SQE_FETCH && rule->nth == 6)
		_exit(9);
	return __real_sim_judge(file, result, text);
}

static void note_progress(void *arg, uint64_t cases)
{
	(void)arg;
	done = cases;
}

static struct sim_arena *prepare(void)
{
	static const char text[] = "[scenario]\nformat = 1\n[namespace 1]\nsize = 64K\n"
				   "[workload]\nops = 8\n";
	struct nvme_ini_error error;
	struct sim_arena *arena;

	ck_assert_uint_eq(sim_file_load(&base, text, sizeof(text) - 1, &error), NVME_INI_OK);
	arena = sim_arena_new(sim_plan_bytes(&base, &bench.work), NULL);
	ck_assert_ptr_nonnull(arena);
	bench.memory = sim_arena_memory(arena);
	bench.snapshots = sim_arena_snapshots(arena);
	sim_plan_make(&plan, &base, SIM_SPACE_SINGLE, 0, &bench);
	return arena;
}

static GArray *explore(unsigned int jobs)
{
	GArray *failed = g_array_new(FALSE, FALSE, sizeof(struct sim_case));
	const struct sim_explorer explorer = {
		.plan = &plan,
		.bench = &bench,
		.step = 1,
		.jobs = jobs,
		.progress = note_progress,
	};

	ck_assert(sim_explorer_run(&explorer, failed, NULL));
	return failed;
}

START_TEST(a_snapshot_is_what_the_memory_was)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct sim_arena *arena = sim_arena_new(PAGES * page, NULL);
	const struct sim_snapshots *snapshots = sim_arena_snapshots(arena);
	char *memory = sim_arena_memory(arena);

	memset(memory, 1, PAGES * page);
	snapshots->keep(snapshots->arg, SIM_SNAPSHOT_BEGIN);
	memory[0] = 2;
	memory[2 * page] = 2;
	snapshots->keep(snapshots->arg, SIM_SNAPSHOT_TURN);
	memory[0] = 3;
	memory[3 * page + 7] = 3; /* first written behind both snapshots */
	snapshots->restore(snapshots->arg, SIM_SNAPSHOT_TURN);
	ck_assert_int_eq(memory[0], 2);
	ck_assert_int_eq(memory[2 * page], 2);
	ck_assert_int_eq(memory[3 * page + 7], 1);
	memory[4 * page] = 4;
	snapshots->restore(snapshots->arg, SIM_SNAPSHOT_BEGIN);
	for (size_t i = 0; i < PAGES * page; i++)
		ck_assert_msg(memory[i] == 1, "byte %zu is %d", i, memory[i]);
	memory[page] = 5;
	snapshots->keep(snapshots->arg, SIM_SNAPSHOT_BEGIN);
	memory[page] = 6;
	snapshots->restore(snapshots->arg, SIM_SNAPSHOT_BEGIN);
	ck_assert_int_eq(memory[page], 5);
	sim_arena_free(arena);
}
END_TEST

/* A fault of somebody else: the test ends as it would without an arena. */
START_TEST(a_fault_elsewhere_is_nobodys_snapshot)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *nothing = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct sim_snapshots *snapshots;
	struct sim_arena *arena;

	signal(SIGSEGV, SIG_DFL); /* sanitizers have a handler, which ends the process otherwise */
	arena = sim_arena_new(PAGES * page, NULL);
	snapshots = sim_arena_snapshots(arena);
	snapshots->keep(snapshots->arg, SIM_SNAPSHOT_BEGIN);
	*nothing = 1;
	sim_arena_free(arena);
}
END_TEST

START_TEST(all_processes_together_run_each_case_once)
{
	struct sim_arena *arena = prepare();
	GArray *failed;

	for (unsigned int jobs = 1; jobs <= 3; jobs += 2) {
		failed = explore(jobs);
		ck_assert_uint_eq(failed->len, 0);
		ck_assert_uint_eq(done, plan.cases);
		g_array_free(failed, TRUE);
	}
	sim_arena_free(arena);
}
END_TEST

START_TEST(a_case_that_ends_its_process_failed_and_the_others_go_on)
{
	struct sim_arena *arena = prepare();
	const struct sim_case *word;
	GArray *failed;

	is_deadly = true;
	for (unsigned int jobs = 1; jobs <= 2; jobs++) {
		failed = explore(jobs);
		ck_assert_uint_eq(failed->len, 2);
		ck_assert_uint_eq(done, plan.cases);
		for (unsigned int i = 0; i < 2; i++) {
			word = &g_array_index(failed, struct sim_case, i);
			ck_assert_str_eq(word->says, i == 0 ? "the process was ended by signal 6\n"
							    : "the process was ended by its exit "
							      "code 9\n");
			sim_plan_case(&plan, word->number, &bench);
			ck_assert_uint_eq(bench.work.scenario.fault->site, NVME_SITE_SQE_FETCH);
			ck_assert_uint_eq(bench.work.scenario.fault->nth, 5 + i);
		}
		g_array_free(failed, TRUE);
	}
	sim_arena_free(arena);
}
END_TEST

static Suite *explorer(void)
{
	Suite *suite = suite_create("explorer");
	TCase *tcase = tcase_create("explorer");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, a_snapshot_is_what_the_memory_was);
	tcase_add_test_raise_signal(tcase, a_fault_elsewhere_is_nobodys_snapshot, SIGSEGV);
	tcase_add_test(tcase, all_processes_together_run_each_case_once);
	tcase_add_test(tcase, a_case_that_ends_its_process_failed_and_the_others_go_on);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ explorer }, 1);
}
