/* SPDX-License-Identifier: BSD-3-Clause */
/* The command run: scenarios, each with its seed or with many, as test points. */
#include <string.h>

#include "driver/cli/error.h"
#include "tests/sim/cli/pool.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/cli/report.h"
#include "tests/sim/cli/source.h"

#define JOBS_MAX   1024
#define POINTS_MAX 100000000u

const struct cli_option sim_run_options[] = {
	/* clang-format off */
	{ "seed", 's', 0, CLI_NUMBER, "NUM", UINT64_MAX, NULL, false, "the seed of all draws, instead of the file's" },
	{ "seeds", 0, 0, CLI_STRING, "A..B", 0, NULL, false, "each seed from A to B, a point for each" },
	{ "jobs", 'j', 0, CLI_NUMBER, "NUM", JOBS_MAX, "0", false, "points that run at a time; 0: one a processor" },
	{ "junit", 0, 0, CLI_STRING, "FILE", 0, NULL, false, "write the results in JUnit's form, too" },
	{ "trace", 't', 0, CLI_STRING, "FILE", 0, NULL, false, "write the records of both sides, of one point" },
	{ "quiet", 'q', 0, CLI_FLAG, NULL, 0, NULL, false, "print what failed and nothing else: no plan, no progress" },
	{ 0 },
	/* clang-format on */
};

/* Files and seeds; point i is seed i modulo @seeds of file i divided by it. */
struct job {
	struct cli *cli;
	GPtrArray *paths;
	GPtrArray *files;
	bool seeded;
	uint64_t first_seed;
	uint64_t seeds;
	struct sim_report *report;
	int failure;
};

static void get_point(void *arg, unsigned int index, struct sim_point *ret_point)
{
	const struct job *job = arg;
	guint which = (guint)(index / job->seeds);
	const struct sim_file *file = g_ptr_array_index(job->files, which);

	*ret_point = (struct sim_point){ .path = g_ptr_array_index(job->paths, which),
					 .file = file,
					 .seed = job->seeded ? job->first_seed + index % job->seeds
							     : file->scenario.seed,
					 .seeded = job->seeded,
					 .trace = cli_text(job->cli->args, "trace") };
}

static void take_outcome(void *arg, unsigned int index, const struct sim_outcome *outcome)
{
	struct job *job = arg;
	struct sim_point point;

	get_point(job, index, &point);
	if (job->failure == 0)
		job->failure = outcome->failure;
	sim_report_point(job->report, &point, outcome);
	if (!job->report->quiet)
		cli_progress_bar(index + 1, job->report->points, "%u of %u, %u failed", index + 1,
				 job->report->points,
				 job->report->told - job->report->count[SIM_PASS]);
}

static bool parse_seeds(const char *text, struct job *job, GError **error)
{
	const char *dots = strstr(text, "..");
	uint64_t last;

	if (!dots ||
	    nvme_parse_u64(text, (size_t)(dots - text), &job->first_seed) != NVME_PARSE_OK ||
	    nvme_parse_u64(dots + 2, strlen(dots + 2), &last) != NVME_PARSE_OK)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--seeds: '%s' is not two numbers with .. between, such as 1..100",
				text);
	if (last < job->first_seed || last - job->first_seed >= POINTS_MAX)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--seeds: '%s' is out of range: 1 to %u seeds, upwards", text,
				POINTS_MAX);
	job->seeds = last - job->first_seed + 1;
	job->seeded = true;
	return true;
}

static bool read_options(struct job *job, GError **error)
{
	const struct cli_args *args = job->cli->args;
	const char *seeds = cli_text(args, "seeds");

	job->seeds = 1;
	job->seeded = cli_given(args, "seed") > 0;
	job->first_seed = cli_number(args, "seed");
	if (seeds && job->seeded)
		return cli_fail(error, CLI_EXIT_USAGE, "--seed and --seeds exclude each other");
	return !seeds || parse_seeds(seeds, job, error);
}

/* All files are read before the first one runs: a mistake in the last one costs nothing. */
static bool load_files(struct job *job, GError **error)
{
	unsigned int bad = 0;
	int code = CLI_EXIT_ENVIRONMENT;

	for (guint i = 0; i < job->paths->len; i++) {
		struct sim_file *file = g_new0(struct sim_file, 1);
		g_autoptr(GError) wrong = NULL;
		struct nvme_ini_error why;

		g_ptr_array_add(job->files, file);
		if (sim_source_load(g_ptr_array_index(job->paths, i), file, &why, &wrong))
			continue;
		fprintf(stderr, "%s\n", wrong->message);
		code = MIN(code, (int)cli_exit_code(wrong));
		bad++;
	}
	return bad == 0 ||
	       cli_verdict(error, code, "%u of %u file%s wrong, and nothing was run", bad,
			   job->paths->len, job->paths->len == 1 ? " is" : "s are");
}

static bool check_points(const struct job *job, GError **error)
{
	if (job->seeds > POINTS_MAX / job->paths->len)
		return cli_fail(error, CLI_EXIT_USAGE, "more than %u points", POINTS_MAX);
	if (cli_text(job->cli->args, "trace") && job->paths->len * job->seeds > 1)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--trace is for one point, and these are %" G_GUINT64_FORMAT,
				job->paths->len * job->seeds);
	return true;
}

static bool run_points(struct job *job, GError **error)
{
	const struct cli_args *args = job->cli->args;
	unsigned int jobs = cli_u32(args, "jobs");
	struct sim_pool pool = { .points = job->report->points,
				 .jobs = jobs > 0 ? jobs : g_get_num_processors(),
				 .point = get_point,
				 .done = take_outcome,
				 .arg = job };

	pool.jobs = MIN(pool.jobs, pool.points);
	sim_report_begin(job->report);
	if (!sim_pool_run(&pool, error))
		return false;
	cli_progress_end();
	sim_report_end(job->report);
	if (job->failure != 0)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: %s",
				cli_text(args, "trace") ? cli_text(args, "trace") : "the run",
				g_strerror(job->failure));
	return true;
}

static bool run_job(struct job *job, GError **error)
{
	const char *path = cli_text(job->cli->args, "junit");
	g_autoptr(GString) cases = path ? g_string_new(NULL) : NULL;
	g_autofree char *text = NULL;
	struct sim_report report = { .out = job->cli->out,
				     .points = (unsigned int)(job->paths->len * job->seeds),
				     .quiet = cli_given(job->cli->args, "quiet") > 0,
				     .junit = cases };
	uint32_t verdict;

	job->report = &report;
	if (!run_points(job, error) || (path && !sim_report_junit(&report, path, error)))
		return false;
	verdict = sim_report_verdict(&report);
	text = sim_report_text(&report);
	return verdict == SIM_PASS || cli_verdict(error, (int)verdict, "%s", text);
}

bool sim_cmd_run(struct cli *cli, GError **error)
{
	struct job job = { .cli = cli };
	bool fine;

	if (!read_options(&job, error))
		return false;
	job.paths = sim_source_paths(cli->args, error);
	if (!job.paths)
		return false;
	job.files = g_ptr_array_new_with_free_func(g_free);
	fine = load_files(&job, error) && check_points(&job, error) && run_job(&job, error);
	g_ptr_array_unref(job.files);
	g_ptr_array_unref(job.paths);
	return fine;
}
