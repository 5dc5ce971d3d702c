/* SPDX-License-Identifier: BSD-3-Clause */
/* The command trace: records of a trace file, as text, JSON, one command's life or for Perfetto. */
#include <string.h>

#include "driver/cli/command.h"
#include "driver/cli/error.h"
#include "driver/cli/trace_file.h"

const struct cli_option cli_trace_options[] = {
	/* clang-format off */
	{ "event", 'e', 0, CLI_LIST, "NAME", 0, NULL, false, "records of this event; * stands for anything; may be repeated" },
	{ "qid", 'q', 0, CLI_NUMBER, "NUM", UINT16_MAX, NULL, false, "records of this queue" },
	{ "cid", 'c', 0, CLI_NUMBER, "NUM", UINT16_MAX, NULL, false, "records of this command identifier" },
	{ "data", 'd', 0, CLI_FLAG, NULL, 0, NULL, false, "dump the bytes that records carry" },
	{ "life", 'l', 0, CLI_STRING, "COMMAND", 0, NULL, false, "the life of one command: last-OPCODE, first-OPCODE or QUEUE:CID" },
	{ "perfetto", 'p', 0, CLI_FLAG, NULL, 0, NULL, false, "all records as Chrome trace events, for ui.perfetto.dev" },
	{ 0 },
	/* clang-format on */
};

static bool event_wanted(const struct cli_args *args, const char *name)
{
	const char *pattern;

	for (unsigned int i = 0; (pattern = cli_list(args, "event", i)) != NULL; i++) {
		if (g_pattern_match_simple(pattern, name))
			return true;
	}
	return cli_given(args, "event") == 0;
}

static bool arg_wanted(const struct cli_args *args, const struct cli_record *record,
		       const char *name)
{
	uint64_t value;

	if (!cli_given(args, name))
		return true;
	return cli_record_arg(record, name, &value) && value == cli_number(args, name);
}

static bool is_wanted(const struct cli_args *args, const struct cli_record *record)
{
	return event_wanted(args, nvme_trace_name(record->event)) &&
	       arg_wanted(args, record, "qid") && arg_wanted(args, record, "cid");
}

/* A pattern that no event can match is a mistake, and silence would hide it. */
static bool check_events(const struct cli_args *args, GError **error)
{
	const char *pattern, *name;

	for (unsigned int i = 0; (pattern = cli_list(args, "event", i)) != NULL; i++) {
		g_autoptr(GPtrArray) names = g_ptr_array_new();
		bool found = false;

		for (unsigned int event = 0; (name = nvme_trace_name(event)) != NULL; event++) {
			found = found || g_pattern_match_simple(pattern, name);
			g_ptr_array_add(names, (gpointer)name);
		}
		g_ptr_array_add(names, NULL);
		if (found)
			continue;
		name = cli_nearest(pattern, (const char *const *)names->pdata);
		cli_fail(error, CLI_EXIT_USAGE, "--event: there is no event '%s'", pattern);
		if (name)
			cli_hint(error, "did you mean %s?", name);
		return false;
	}
	return true;
}

static void print_text(struct cli *cli, const struct cli_trace *trace)
{
	static const char *const titles[] = { "what the controller saw and did",
					      "what the driver did", "what both sides did" };
	const struct cli_record *record = cli_trace_record(trace, 0);
	uint64_t first_nsec = record ? record->time_nsec : 0;

	cli_heading(cli->out, "%8s %13s %4s %-13s %s", "seq", "time us", "ctrl", "event",
		    titles[trace->side]);
	for (unsigned int i = 0; (record = cli_trace_record(trace, i)) != NULL; i++) {
		if (!is_wanted(cli->args, record) || cli->out->error)
			continue;
		cli_print_record(cli->out, record, first_nsec);
		if (cli_given(cli->args, "data") && record->data_bytes > 0)
			cli_hexdump(cli->out, record->data, record->data_bytes);
	}
}

static void add_record(JsonBuilder *builder, const struct cli_record *record)
{
	struct nvme_trace_arg args[NVME_TRACE_ARGS];
	unsigned int count = nvme_trace_args(record->event, args);
	g_autofree char *text = cli_record_text(record);

	json_builder_begin_object(builder);
	cli_add_u64(builder, "seq", record->seq);
	cli_add_u64(builder, "time_ns", record->time_nsec);
	cli_add_u64(builder, "ctrl", record->ctrl);
	cli_add_text(builder, "event", nvme_trace_name(record->event));
	for (unsigned int i = 0; i < count; i++)
		cli_add_u64(builder, args[i].name, record->args[i]);
	cli_add_text(builder, "text", text);
	json_builder_end_object(builder);
}

/* A record at a time, as traces can be long. */
static void print_json(struct cli *cli, const struct cli_trace *trace)
{
	const struct cli_record *record;
	bool any = false;

	cli_print(cli->out, "[");
	for (unsigned int i = 0; (record = cli_trace_record(trace, i)) != NULL; i++) {
		g_autoptr(JsonBuilder) builder = NULL;

		if (!is_wanted(cli->args, record) || cli->out->error)
			continue;
		builder = json_builder_new();
		add_record(builder, record);
		cli_print(cli->out, any ? "," : "");
		cli_print_json(cli->out, builder);
		any = true;
	}
	cli_print(cli->out, "]\n");
}

bool cli_run_trace(struct cli *cli, GError **error)
{
	const char *life = cli_text(cli->args, "life");
	g_autoptr(CliTrace) trace = NULL;

	if (life && cli_given(cli->args, "perfetto"))
		return cli_fail(error, CLI_EXIT_USAGE, "--life and --perfetto exclude each other");
	if (!check_events(cli->args, error))
		return false;
	trace = cli_trace_read(cli_positional(cli->args, 0), error);
	if (!trace)
		return false;
	if (life)
		return cli_print_life(cli->out, trace, life, error);
	if (cli_given(cli->args, "perfetto"))
		cli_print_perfetto(cli->out, trace);
	else if (cli->out->json)
		print_json(cli, trace);
	else
		print_text(cli, trace);
	return true;
}
