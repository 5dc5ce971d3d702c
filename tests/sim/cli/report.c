/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of test points: TAP 14, or JSON, as they come. */
#include "tests/sim/cli/report.h"

#include "driver/core/nvl.h"

#define HEX "0x%" G_GINT64_MODIFIER "x"

void sim_report_begin(struct sim_report *report)
{
	if (report->out->json)
		cli_print(report->out, "{\n\"results\" : [\n");
	else if (!report->quiet)
		cli_print(report->out, "TAP version 14\n1..%u\n", report->points);
}

/* In the name of a point '#' begins a directive, and '\' escapes. */
static char *tap_name(const struct sim_point *point)
{
	g_autofree char *name = sim_point_name(point);
	GString *text = g_string_new(NULL);

	for (const char *at = name; *at; at++) {
		if (*at == '#' || *at == '\\')
			g_string_append_c(text, '\\');
		g_string_append_c(text, g_ascii_iscntrl(*at) ? ' ' : *at);
	}
	return g_string_free(text, FALSE);
}

/* The sentences, without the end of the last line. */
static char **sentences(const struct sim_outcome *outcome)
{
	g_autofree char *says = g_strchomp(g_strdup(outcome->says));

	return g_strsplit(says, "\n", -1);
}

/* What JSON has between quotes, YAML has too. */
static void print_yaml(struct cli_output *out, const struct sim_point *point,
		       const struct sim_outcome *outcome)
{
	g_autofree char *repeat = sim_point_repeat(point);
	g_autofree char *repeat_text = cli_escaped(repeat);
	g_auto(GStrv) lines = sentences(outcome);

	cli_print(out, "  ---\n  verdict: %s\n  says:\n", sim_verdict_text(outcome->verdict));
	for (char **line = lines; *line; line++) {
		g_autofree char *text = cli_escaped(*line);

		cli_print(out, "    - \"%s\"\n", text);
	}
	cli_print(out,
		  "  seed: \"" HEX "\"\n  hash:\n    controller: \"" HEX "\"\n    driver: \"" HEX
		  "\"\n  repeat: \"%s\"\n  ...\n",
		  point->seed, outcome->result.hash[NVME_TRACE_CONTROLLER],
		  outcome->result.hash[NVME_TRACE_DRIVER], repeat_text);
}

static void print_tap(const struct sim_report *report, const struct sim_point *point,
		      const struct sim_outcome *outcome)
{
	bool passed = outcome->verdict == SIM_PASS;
	g_autofree char *name = NULL;

	if (passed && report->quiet)
		return;
	name = tap_name(point);
	cli_print(report->out, "%sok %u - %s\n", passed ? "" : "not ", report->told, name);
	if (!passed)
		print_yaml(report->out, point, outcome);
}

static void add_hex(JsonBuilder *builder, const char *key, uint64_t value)
{
	g_autofree char *text = g_strdup_printf("0x%" G_GINT64_MODIFIER "x", value);

	cli_add_text(builder, key, text);
}

static void add_sides(JsonBuilder *builder, const struct sim_result *result)
{
	cli_json_object(builder, "hash");
	for (unsigned int side = 0; side < 2; side++)
		add_hex(builder, nvme_trace_side_name(side), result->hash[side]);
	json_builder_end_object(builder);
	cli_json_object(builder, "records");
	for (unsigned int side = 0; side < 2; side++)
		cli_add_u64(builder, nvme_trace_side_name(side), result->records[side]);
	json_builder_end_object(builder);
}

static void add_counts(JsonBuilder *builder, const struct sim_file *file,
		       const struct sim_result *result)
{
	cli_json_object(builder, "counters");
	for (unsigned int i = 0; sim_counter_name(i); i++)
		cli_add_u64(builder, sim_counter_name(i), result->counter[i]);
	json_builder_end_object(builder);
	cli_json_object(builder, "fired");
	for (unsigned int i = 0; i < file->scenario.faults; i++)
		cli_add_u64(builder, file->scenario.fault[i].name, result->fired[i]);
	json_builder_end_object(builder);
	cli_json_object(builder, "violations");
	for (unsigned int i = 0; sim_oracle_name(i); i++) {
		if (result->violations[i] > 0)
			cli_add_u64(builder, sim_oracle_name(i), result->violations[i]);
	}
	json_builder_end_object(builder);
}

static void print_json(const struct sim_report *report, const struct sim_point *point,
		       const struct sim_outcome *outcome)
{
	g_autofree char *repeat = sim_point_repeat(point);
	g_auto(GStrv) lines = sentences(outcome);
	g_autoptr(JsonBuilder) builder = json_builder_new();

	if (report->told > 1)
		cli_print(report->out, ",\n");
	json_builder_begin_object(builder);
	cli_add_text(builder, "file", point->path);
	cli_add_text(builder, "title", point->file->scenario.title);
	cli_add_text(builder, "class", nvme_scenario_class_name(point->file->scenario.kind));
	add_hex(builder, "seed", point->seed);
	cli_add_u64(builder, "verdict", outcome->verdict);
	cli_add_text(builder, "text", sim_verdict_text(outcome->verdict));
	cli_json_array(builder, "says");
	for (char **line = lines; *line; line++)
		json_builder_add_string_value(builder, *line);
	json_builder_end_array(builder);
	cli_add_text(builder, "repeat", repeat);
	cli_add_text(builder, "state", nvl_state_name((enum nvl_state)outcome->result.state));
	add_sides(builder, &outcome->result);
	add_counts(builder, point->file, &outcome->result);
	json_builder_end_object(builder);
	cli_print_json(report->out, builder);
}

void sim_report_point(struct sim_report *report, const struct sim_point *point,
		      const struct sim_outcome *outcome)
{
	report->told++;
	report->count[outcome->verdict]++;
	if (report->junit)
		sim_junit_add(report->junit, point, outcome);
	if (report->out->json)
		print_json(report, point, outcome);
	else
		print_tap(report, point, outcome);
}

uint32_t sim_report_verdict(const struct sim_report *report)
{
	for (uint32_t i = SIM_PASS + 1; i < SIM_VERDICTS; i++) {
		if (report->count[i] > 0)
			return i;
	}
	return SIM_PASS;
}

char *sim_report_text(const struct sim_report *report)
{
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "%u of %u point%s failed", report->told - report->count[0],
			       report->told, CLI_PLURAL(report->told));
	for (uint32_t i = SIM_PASS + 1; i < SIM_VERDICTS; i++) {
		if (report->count[i] > 0)
			g_string_append_printf(text, "; %u of them: %s", report->count[i],
					       sim_verdict_text(i));
	}
	return g_string_free(text, FALSE);
}

void sim_report_end(struct sim_report *report)
{
	if (report->out->json)
		cli_print(report->out,
			  "],\n\"summary\" : {\n  \"points\" : %u,\n  \"passed\" : %u,\n"
			  "  \"exit\" : %u\n}\n}\n",
			  report->told, report->count[SIM_PASS], sim_report_verdict(report));
	else if (!report->quiet)
		cli_print(report->out, "# %u passed, %u failed\n", report->count[SIM_PASS],
			  report->told - report->count[SIM_PASS]);
}
