/* SPDX-License-Identifier: BSD-3-Clause */
/* The command replay: a controller meets what a recorded one met; the first difference is shown. */
#include "driver/cli/error.h"
#include "tests/sim/cli/differ.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/cli/replay.h"

static void print_one(struct cli_output *out, const char *name, const struct cli_record *record)
{
	cli_print(out, "%-9s", name);
	if (record)
		cli_print_record(out, record, 0);
	else
		cli_print(out, " nothing\n");
}

static void print_difference(struct cli_output *out, const struct cli_trace *trace,
			     const struct sim_replayed *replayed, const char *name)
{
	const struct cli_record *recorded = cli_trace_record(trace, replayed->at);

	if (recorded)
		cli_heading(out, "%s:%u: the controller does something else", name, recorded->line);
	else
		cli_heading(out, "%s: the controller does something else at the end", name);
	for (unsigned int i = replayed->at > SIM_CONTEXT ? replayed->at - SIM_CONTEXT : 0;
	     i < replayed->at; i++)
		print_one(out, "", cli_trace_record(trace, i));
	print_one(out, "recorded", recorded);
	print_one(out, "replayed", replayed->replayed);
	sim_differ_print_data(out, recorded, replayed->replayed);
	if (replayed->why[0])
		cli_print(out, "  %s\n", replayed->why);
}

static void print_text(struct cli_output *out, const struct cli_trace *trace,
		       const struct sim_replayed *replayed, const char *name)
{
	if (replayed->differs)
		print_difference(out, trace, replayed, name);
	else
		cli_print(out,
			  "%s: as recorded: %" G_GUINT64_FORMAT " accesses, %" G_GUINT64_FORMAT
			  " records compared, %.3f s\n",
			  name, replayed->inputs, replayed->outputs,
			  (double)replayed->time_nsec / 1e9);
	if (replayed->unknown)
		cli_print(out,
			  "  %" G_GUINT64_FORMAT " reads could not be compared: the trace has "
			  "checksums of whole writes only "
			  "(key trace_data)\n",
			  replayed->unknown);
}

static void print_json(struct cli_output *out, const struct cli_trace *trace,
		       const struct sim_replayed *replayed)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "equal");
	json_builder_add_boolean_value(builder, !replayed->differs);
	cli_add_u64(builder, "accesses", replayed->inputs);
	cli_add_u64(builder, "compared", replayed->outputs);
	cli_add_u64(builder, "unknown", replayed->unknown);
	cli_add_u64(builder, "time_ns", replayed->time_nsec);
	if (replayed->differs) {
		sim_differ_add_record(builder, "recorded", cli_trace_record(trace, replayed->at));
		sim_differ_add_record(builder, "replayed", replayed->replayed);
		cli_add_text(builder, "why", replayed->why);
	}
	json_builder_end_object(builder);
	cli_print_json(out, builder);
}

bool sim_cmd_replay(struct cli *cli, GError **error)
{
	const char *name = cli_positional(cli->args, 0);
	g_autoptr(CliTrace) trace = cli_trace_read(name, error);
	g_autoptr(SimReplay) replay = trace ? sim_replay_new(trace, name, error) : NULL;
	struct sim_replayed replayed;

	if (!replay)
		return false;
	if (trace->cut)
		return cli_fail(error, CLI_EXIT_USAGE,
				"%s: the last line has no end: the trace was cut", name);
	sim_replay_run(replay, &replayed);
	if (cli->out->json)
		print_json(cli->out, trace, &replayed);
	else
		print_text(cli->out, trace, &replayed, name);
	return !replayed.differs ||
	       cli_verdict(error, CLI_EXIT_FAILED, "%s: not as recorded", name);
}
