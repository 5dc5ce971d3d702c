/* SPDX-License-Identifier: BSD-3-Clause */
/* The command explore: every case of a space of faults, or one, or a share of them. */
#include <string.h>

#include "driver/cli/error.h"
#include "tests/sim/cli/exploration.h"
#include "tests/sim/cli/explorer.h"
#include "tests/sim/cli/memory.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/cli/source.h"

#define JOBS_MAX  1024
#define RULES_MAX ((size_t)NVME_INI_BYTES_MAX)

const struct cli_option sim_explore_options[] = {
	/* clang-format off */
	{ "faults", 'f', 0, CLI_CHOICE, "single|pair|crash|order|swarm", 0, "single", false, "which cases there are" },
	{ "cases", 'c', 0, CLI_NUMBER, "NUM", UINT32_MAX, "1000", false, "how many, of order and swarm" },
	{ "only", 0, 0, CLI_STRING, "CASE", 0, NULL, false, "one case, as a report names it: \"single #417\"" },
	{ "write", 'w', 0, CLI_STRING, "FILE", 0, NULL, false, "with --only: write the case as a scenario" },
	{ "shard", 0, 0, CLI_STRING, "K/N", 0, "1/1", false, "share K of N: each N-th case" },
	{ "jobs", 'j', 0, CLI_NUMBER, "NUM", JOBS_MAX, "0", false, "cases that run at a time; 0: one a processor" },
	{ 0 },
	/* clang-format on */
};

/* What is explored where no scenario is named: all kinds of I/O, and power that stays on. */
static const char usual[] = "[scenario]\nformat = 1\nseed = 1\n[controller]\nvwc = true\n"
			    "[namespace 1]\nsize = 1M\n[workload]\nops = 64\nflush_every = 8\n"
			    "fua_every = 5\n";

struct job {
	struct cli *cli;
	struct sim_exploration told;
	struct sim_file base;
	struct sim_bench bench;
	struct sim_plan plan;
	struct sim_arena *arena;
	uint64_t *pairs;
	uint64_t *hashes;
};

static bool parse_shard(const char *text, struct sim_exploration *told, GError **error)
{
	const char *slash = strchr(text, '/');

	if (slash && nvme_parse_u64(text, (size_t)(slash - text), &told->shard) == NVME_PARSE_OK &&
	    nvme_parse_u64(slash + 1, strlen(slash + 1), &told->shards) == NVME_PARSE_OK &&
	    told->shard >= 1 && told->shard <= told->shards && told->shards <= UINT32_MAX)
		return true;
	return cli_fail(error, CLI_EXIT_USAGE,
			"--shard: '%s' is not K/N, such as 1/8, with K from 1 to N", text);
}

/* "417", "#417" or "single #417", where the first word has to be that of --faults. */
static bool parse_only(const char *text, const char *space, uint64_t *ret_number, GError **error)
{
	const char *digits = text;

	if (g_str_has_prefix(digits, space) && digits[strlen(space)] == ' ')
		digits += strlen(space) + 1;
	digits += digits[0] == '#';
	if (nvme_parse_u64(digits, strlen(digits), ret_number) == NVME_PARSE_OK)
		return true;
	return cli_fail(error, CLI_EXIT_USAGE,
			"--only: '%s' is not a case of '%s', such as '%s #417'", text, space,
			space);
}

static bool load_base(struct job *job, GError **error)
{
	const char *path = cli_positional(job->cli->args, 0);
	struct nvme_ini_error why;

	job->told.path = path ? path : "";
	if (path)
		return sim_source_load(path, &job->base, &why, error);
	sim_file_load(&job->base, usual, sizeof(usual) - 1, &why);
	return true;
}

static void show_pairs(void *arg, uint64_t done)
{
	const struct job *job = arg;

	cli_progress_bar(done, job->plan.singles,
			 "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " first faults", done,
			 job->plan.singles);
}

static bool make_plan(struct job *job, GError **error)
{
	struct sim_exploration *told = &job->told;
	unsigned int space = 0;

	while (strcmp(sim_space_name(space), cli_text(job->cli->args, "faults")) != 0)
		space++;
	told->space = sim_space_name(space);
	job->arena = sim_arena_new(sim_plan_bytes(&job->base, &job->bench.work), error);
	if (!job->arena)
		return false;
	job->bench.memory = sim_arena_memory(job->arena);
	job->bench.snapshots = sim_arena_snapshots(job->arena);
	sim_plan_make(&job->plan, &job->base, (enum sim_space)space,
		      cli_number(job->cli->args, "cases"), &job->bench);
	if (space == SIM_SPACE_PAIR) {
		job->pairs = g_new0(uint64_t, job->plan.singles + 1);
		job->hashes = g_new0(uint64_t, job->plan.singles);
		sim_plan_pairs(&job->plan, job->pairs, job->hashes, &job->bench, show_pairs, job);
		cli_progress_end();
	}
	told->cases = job->plan.cases;
	told->pruned = job->plan.pruned;
	told->seed = job->plan.seed;
	return true;
}

static void show_cases(void *arg, uint64_t done)
{
	const struct job *job = arg;

	cli_progress_bar(done, job->told.run, "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT, done,
			 job->told.run);
}

static char *rules_of(struct job *job, uint64_t number)
{
	g_autofree char *buffer = g_malloc(RULES_MAX);
	struct nvme_text text;

	sim_plan_case(&job->plan, number, &job->bench);
	nvme_text_init(&text, buffer, RULES_MAX);
	nvme_scenario_print_faults(&job->bench.work.scenario, &text);
	return g_strstrip(g_strdup(buffer));
}

static bool run_share(struct job *job, GError **error)
{
	const struct cli_args *args = job->cli->args;
	unsigned int jobs = cli_u32(args, "jobs");
	struct sim_explorer explorer = { .plan = &job->plan,
					 .bench = &job->bench,
					 .first = job->told.shard - 1,
					 .step = job->told.shards,
					 .jobs = jobs > 0 ? jobs : g_get_num_processors(),
					 .progress = show_cases,
					 .arg = job };
	g_autoptr(GArray) failed = g_array_new(FALSE, FALSE, sizeof(struct sim_case));

	job->told.run = sim_explorer_cases(&explorer);
	sim_exploration_begin(job->cli->out, &job->told);
	if (!sim_explorer_run(&explorer, failed, error))
		return false;
	cli_progress_end();
	for (guint i = 0; i < failed->len; i++) {
		const struct sim_case *word = &g_array_index(failed, struct sim_case, i);

		sim_exploration_add(&job->told, word->number, word->says,
				    rules_of(job, word->number));
	}
	return sim_exploration_end(job->cli->out, &job->told, error);
}

static bool run_only(struct job *job, const char *only, GError **error)
{
	const char *path = cli_text(job->cli->args, "write");
	char says[SIM_CASE_SAYS];
	struct sim_result result;
	struct nvme_text text;
	uint64_t number;

	if (!parse_only(only, job->told.space, &number, error))
		return false;
	if (number >= job->plan.cases)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--only: there are %" G_GUINT64_FORMAT " cases, from #0 on",
				job->plan.cases);
	sim_plan_case(&job->plan, number, &job->bench);
	sim_run(&job->bench.work, job->bench.memory, NULL, &result);
	nvme_text_init(&text, says, sizeof(says));
	job->told.run = 1;
	sim_exploration_begin(job->cli->out, &job->told);
	if (path && !sim_source_write(&job->bench.work, path, error))
		return false;
	if (sim_judge(&job->bench.work, &result, &text) != SIM_PASS)
		sim_exploration_add(&job->told, number, says, rules_of(job, number));
	return sim_exploration_end(job->cli->out, &job->told, error);
}

bool sim_cmd_explore(struct cli *cli, GError **error)
{
	const char *only = cli_text(cli->args, "only");
	struct job *job = g_new0(struct job, 1);
	bool fine;

	job->cli = cli;
	fine = parse_shard(cli_text(cli->args, "shard"), &job->told, error);
	if (fine && cli_text(cli->args, "write") && !only)
		fine = cli_fail(error, CLI_EXIT_USAGE, "--write is for one case: --only CASE");
	fine = fine && load_base(job, error) && make_plan(job, error) &&
	       (only ? run_only(job, only, error) : run_share(job, error));
	sim_arena_free(job->arena);
	sim_exploration_clear(&job->told);
	g_free(job->pairs);
	g_free(job->hashes);
	g_free(job);
	return fine;
}
