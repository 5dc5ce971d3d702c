/* SPDX-License-Identifier: BSD-3-Clause */
/* The command shrink: the smallest scenario that fails in the same way. */
#include "driver/cli/error.h"
#include "tests/sim/cli/memory.h"
#include "tests/sim/cli/point.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/cli/source.h"
#include "tests/sim/shrink.h"

const struct cli_option sim_shrink_options[] = {
	/* clang-format off */
	{ "write", 'w', 0, CLI_STRING, "FILE", 0, NULL, false, "write the scenario there, instead of printing it" },
	{ 0 },
	/* clang-format on */
};

static void show_tries(void *arg, uint64_t tries)
{
	const struct sim_shrink *shrink = arg;

	cli_progress("%" G_GUINT64_FORMAT " runs: %u rules, %u operations", tries,
		     shrink->file->scenario.faults, shrink->file->workload.ops);
}

static bool put_scenario(struct cli *cli, const struct sim_file *file, GError **error)
{
	const char *path = cli_text(cli->args, "write");
	g_autofree char *text = NULL;

	if (path)
		return sim_source_write(file, path, error);
	text = sim_source_print(file);
	cli_print(cli->out, "%s", text);
	return true;
}

static bool shrink_file(struct cli *cli, struct sim_shrink *shrink, GError **error)
{
	const char *path = cli_positional(cli->args, 0);
	uint32_t rules = shrink->file->scenario.faults, ops = shrink->file->workload.ops;

	if (!sim_shrink(shrink))
		return cli_verdict(error, SIM_FAIL, "%s does not fail: there is nothing to keep",
				   path);
	cli_progress_end();
	fprintf(stderr,
		"%s: %s; %u rule%s of %u and %u operation%s of %u are left, after "
		"%" G_GUINT64_FORMAT " runs\n",
		path, sim_verdict_text(shrink->verdict), shrink->file->scenario.faults,
		CLI_PLURAL(shrink->file->scenario.faults), rules, shrink->file->workload.ops,
		CLI_PLURAL(shrink->file->workload.ops), ops, shrink->tries);
	return put_scenario(cli, shrink->file, error);
}

bool sim_cmd_shrink(struct cli *cli, GError **error)
{
	g_autofree struct sim_file *file = g_new0(struct sim_file, 1);
	g_autofree struct sim_file *work = g_new0(struct sim_file, 1);
	struct sim_shrink shrink = { .file = file, .work = work, .progress = show_tries };
	struct nvme_ini_error why;
	size_t bytes;
	bool fine;

	if (!sim_source_load(cli_positional(cli->args, 0), file, &why, error))
		return false;
	bytes = sim_memory_bytes(file);
	shrink.arg = &shrink;
	shrink.memory = sim_memory_new(bytes, error);
	fine = shrink.memory && shrink_file(cli, &shrink, error);
	sim_memory_free(shrink.memory, bytes);
	return fine;
}
