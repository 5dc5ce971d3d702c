/* SPDX-License-Identifier: BSD-3-Clause */
/* What nvmelab-sim makes of runs that differ, crash or end early: its simulator is made to. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/cli/error.h"
#include "tests/harness/main.h"
#include "tests/sim/cli/point.h"
#include "tests/sim/cli/pool.h"
#include "tests/sim/cli/program.h"

static const char scenario[] = "[scenario]\nformat = 1\ntitle = Little\n[workload]\nops = 8\n";

/* What the simulator does otherwise than it should. */
static enum {
	GOOD,
	FORGETFUL,
	CRASHING,
	ENDING
} mood;
static unsigned int runs;
static void *places[2];

void __real_sim_run(const struct sim_file *file, void *memory, const struct sim_options *options,
		    struct sim_result *ret_result);
void __wrap_sim_run(const struct sim_file *file, void *memory, const struct sim_options *options,
		    struct sim_result *ret_result);

void __wrap_sim_run(const struct sim_file *file, void *memory, const struct sim_options *options,
		    struct sim_result *ret_result)
{
	if (mood == CRASHING)
		abort();
	if (mood == ENDING)
		_exit(9);
	places[runs % 2] = memory;
	__real_sim_run(file, memory, options, ret_result);
	if (mood == FORGETFUL && runs % 2 == 1)
		ret_result->hash[NVME_TRACE_DRIVER]++;
	runs++;
}

static struct sim_file *load_little(void)
{
	struct sim_file *file = g_new0(struct sim_file, 1);
	struct nvme_ini_error error;

	sim_file_init(file);
	sim_file_load(file, scenario, sizeof(scenario) - 1, &error);
	ck_assert_str_eq(error.message, "");
	return file;
}

static void expect_outcome(uint32_t verdict, const char *part)
{
	g_autofree struct sim_file *file = load_little();
	struct sim_point point = { .path = "little.ini", .file = file, .seed = 3 };
	struct sim_outcome outcome;

	sim_point_run(&point, &outcome);
	ck_assert_uint_eq(outcome.verdict, verdict);
	ck_assert_int_eq(outcome.failure, 0);
	ck_assert_msg(strstr(outcome.says, part) != NULL, "'%s' lacks '%s'", outcome.says, part);
}

START_TEST(a_point_is_run_twice_at_two_addresses)
{
	expect_outcome(SIM_PASS, "");
	ck_assert_uint_eq(runs, 2);
	ck_assert_ptr_ne(places[0], places[1]);
}
END_TEST

START_TEST(runs_that_differ_are_not_deterministic_and_the_side_is_named)
{
	mood = FORGETFUL;
	expect_outcome(SIM_NOT_DETERMINISTIC, "the driver side differs between two runs: ");
}
END_TEST

/* The program as a child; what it prints is thrown away. */
static int run_program(const char *path)
{
	const char *argv[] = { "nvmelab-sim", "run", path, "--jobs=2" };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(null, 0);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
	return cli_main(4, (char **)argv);
}

static int exit_code_in(int in_mood)
{
	char path[] = "/tmp/nvmelab-test-points-XXXXXX.ini";
	int fd = mkstemps(path, 4), code;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, scenario, sizeof(scenario) - 1), sizeof(scenario) - 1);
	close(fd);
	mood = in_mood;
	code = run_program(path);
	unlink(path);
	return code;
}

START_TEST(a_program_whose_runs_are_equal_exits_0)
{
	ck_assert_int_eq(exit_code_in(GOOD), SIM_PASS);
}
END_TEST

START_TEST(a_program_whose_runs_differ_exits_4)
{
	ck_assert_int_eq(exit_code_in(FORGETFUL), SIM_NOT_DETERMINISTIC);
}
END_TEST

START_TEST(a_run_that_crashes_has_failed_and_the_program_goes_on)
{
	ck_assert_int_eq(exit_code_in(CRASHING), SIM_FAIL);
}
END_TEST

struct tally {
	unsigned int told;
	struct sim_file *file;
	uint32_t verdicts[8];
	char says[8][64];
};

static void get_point(void *arg, unsigned int index, struct sim_point *ret_point)
{
	struct tally *tally = arg;

	/* In the child: every other point's run ends by itself. */
	mood = index % 2 ? ENDING : GOOD;
	*ret_point = (struct sim_point){ .path = "little.ini", .file = tally->file, .seed = index };
}

static void take_outcome(void *arg, unsigned int index, const struct sim_outcome *outcome)
{
	struct tally *tally = arg;

	ck_assert_uint_eq(index, tally->told);
	tally->verdicts[index] = outcome->verdict;
	g_strlcpy(tally->says[index], outcome->says, sizeof(tally->says[index]));
	tally->told++;
}

START_TEST(outcomes_come_in_the_order_of_the_points_whatever_becomes_of_them)
{
	g_autofree struct sim_file *file = load_little();
	struct tally tally = { .file = file };
	struct sim_pool pool = {
		.points = 8, .jobs = 3, .point = get_point, .done = take_outcome, .arg = &tally
	};

	ck_assert(sim_pool_run(&pool, NULL));
	ck_assert_uint_eq(tally.told, 8);
	ck_assert_uint_eq(tally.verdicts[6], SIM_PASS);
	ck_assert_uint_eq(tally.verdicts[7], SIM_FAIL);
	ck_assert_str_eq(tally.says[7], "the run ended by itself, with exit code 9\n");
}
END_TEST

static Suite *points_suite(void)
{
	Suite *suite = suite_create("tests/sim/cli/points");
	TCase *points = tcase_create("points");

	tcase_add_test(points, a_point_is_run_twice_at_two_addresses);
	tcase_add_test(points, runs_that_differ_are_not_deterministic_and_the_side_is_named);
	tcase_add_test(points, a_program_whose_runs_are_equal_exits_0);
	tcase_add_test(points, a_program_whose_runs_differ_exits_4);
	tcase_add_test(points, a_run_that_crashes_has_failed_and_the_program_goes_on);
	tcase_add_test(points, outcomes_come_in_the_order_of_the_points_whatever_becomes_of_them);
	suite_add_tcase(suite, points);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { points_suite };

	return th_main(suites, 1);
}
