/* SPDX-License-Identifier: BSD-3-Clause */
/* The command explain: a scenario that is run, or a trace that is read, as a sequence diagram. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/files.h"
#include "tests/sim/cli/diagram.h"
#include "tests/sim/cli/memory.h"
#include "tests/sim/cli/point.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/cli/record.h"
#include "tests/sim/cli/source.h"

const struct cli_option sim_explain_options[] = {
	/* clang-format off */
	{ "all", 'a', 0, CLI_FLAG, NULL, 0, NULL, false, "draw every record" },
	{ "seed", 's', 0, CLI_NUMBER, "NUM", UINT64_MAX, NULL, false, "the seed of all draws, instead of the scenario's" },
	{ "svg", 0, 0, CLI_STRING, "FILE", 0, NULL, false, "write the diagram as a picture; - is standard output" },
	{ 0 },
	/* clang-format on */
};

/* What is drawn; @file and @outcome only of a scenario. */
struct subject {
	struct cli_trace *trace;
	char *title;
	struct sim_file *file;
	struct sim_outcome *outcome;
};

static void clear_subject(struct subject *subject)
{
	cli_trace_free(subject->trace);
	g_free(subject->title);
	g_free(subject->file);
	g_free(subject->outcome);
}

/* The records are kept in memory: what is drawn has to be seen whole. */
static bool run_scenario(struct subject *subject, GError **error)
{
	size_t bytes = sim_memory_bytes(subject->file);
	void *memory = sim_memory_new(bytes, error);
	struct sim_options options;
	struct nvme_text says;

	if (!memory)
		return false;
	subject->trace = cli_trace_new(NVME_TRACE_BOTH);
	subject->outcome = g_new0(struct sim_outcome, 1);
	sim_record_keep(subject->trace, &options);
	sim_run(subject->file, memory, &options, &subject->outcome->result);
	sim_memory_free(memory, bytes);
	nvme_text_init(&says, subject->outcome->says, sizeof(subject->outcome->says));
	subject->outcome->verdict = sim_judge(subject->file, &subject->outcome->result, &says);
	return true;
}

static bool load_scenario(const struct cli_args *args, const char *path, struct subject *subject,
			  GError **error)
{
	struct nvme_ini_error why;

	subject->file = g_new0(struct sim_file, 1);
	if (!sim_source_load(path, subject->file, &why, error))
		return false;
	if (cli_given(args, "seed"))
		subject->file->scenario.seed = cli_number(args, "seed");
	subject->title = subject->file->scenario.title[0] ? g_strdup(subject->file->scenario.title)
							  : cli_escaped(path);
	return run_scenario(subject, error);
}

/* A trace begins with a brace, which no scenario does. */
static bool is_trace(const char *path, GError **error, bool *ret_trace)
{
	FILE *file = fopen(path, "re");
	int first;

	if (!file)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot open %s: %s", path,
				g_strerror(errno));
	first = getc(file);
	fclose(file);
	*ret_trace = first == '{';
	return true;
}

static bool load(const struct cli_args *args, struct subject *subject, GError **error)
{
	const char *path = cli_positional(args, 0);
	bool trace = false;

	if (!is_trace(path, error, &trace))
		return false;
	if (!trace)
		return load_scenario(args, path, subject, error);
	subject->title = cli_escaped(path);
	subject->trace = cli_trace_read(path, error);
	return subject->trace != NULL;
}

static void mark_failure(const struct subject *subject, struct sim_diagram *diagram)
{
	const struct sim_result *result = subject->outcome ? &subject->outcome->result : NULL;
	g_autofree char *text = NULL;

	if (!result || result->first >= SIM_ORACLES)
		return;
	text = g_strdup_printf("oracle %s failed: %s", sim_oracle_name(result->first),
			       result->message);
	sim_diagram_fail(diagram, result->first_records, text);
}

static bool write_svg(struct cli *cli, const struct sim_diagram *diagram, const char *title,
		      GError **error)
{
	const char *path = cli_text(cli->args, "svg");
	g_autoptr(GString) svg = g_string_new(NULL);

	sim_diagram_svg(diagram, title, svg);
	if (strcmp(path, "-") != 0)
		return cli_write_file(path, svg->str, svg->len, error);
	cli_write(cli->out, svg->str, svg->len);
	return true;
}

static void print_text(struct cli *cli, const struct subject *subject,
		       const struct sim_diagram *diagram)
{
	const struct nvme_scenario *scenario = subject->file ? &subject->file->scenario : NULL;

	cli_heading(cli->out, "%s", subject->title);
	if (scenario && scenario->kind != NVME_CLASS_NONE)
		cli_print(cli->out, "class %s: %s\n", nvme_scenario_class_name(scenario->kind),
			  nvme_scenario_class_help(scenario->kind));
	if (scenario && scenario->clause[0])
		cli_print(cli->out, "rests on %s\n", scenario->clause);
	cli_print(cli->out, "\n");
	sim_diagram_text(diagram, cli->out);
	if (subject->outcome)
		cli_print(cli->out, "\n%s\n%s", sim_verdict_text(subject->outcome->verdict),
			  subject->outcome->says);
}

bool sim_cmd_explain(struct cli *cli, GError **error)
{
	struct subject subject = { 0 };
	g_autoptr(SimDiagram) diagram = NULL;
	bool fine = load(cli->args, &subject, error);

	if (fine) {
		diagram = sim_diagram_new(subject.trace);
		mark_failure(&subject, diagram);
		if (!cli_given(cli->args, "all"))
			sim_diagram_choose(diagram);
		if (cli_text(cli->args, "svg"))
			fine = write_svg(cli, diagram, subject.title, error);
		else
			print_text(cli, &subject, diagram);
	}
	clear_subject(&subject);
	return fine;
}
