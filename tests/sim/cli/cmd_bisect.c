/* SPDX-License-Identifier: BSD-3-Clause */
/* The command bisect: where two traces differ first, on each side. */
#include <string.h>

#include "driver/cli/error.h"
#include "tests/sim/cli/differ.h"
#include "tests/sim/cli/program.h"

/* One side of one trace: the indices of its records. */
struct side {
	const struct cli_trace *trace;
	GArray *records;
};

static struct side pick_side(const struct cli_trace *trace, unsigned int side)
{
	struct side picked = { .trace = trace,
			       .records = g_array_new(FALSE, FALSE, sizeof(unsigned int)) };
	const struct cli_record *record;

	for (unsigned int i = 0; (record = cli_trace_record(trace, i)) != NULL; i++) {
		if (record->side == side)
			g_array_append_val(picked.records, i);
	}
	return picked;
}

static const struct cli_record *nth(const struct side *side, unsigned int index)
{
	if (index >= side->records->len)
		return NULL;
	return cli_trace_record(side->trace, g_array_index(side->records, unsigned int, index));
}

static bool is_equal(const struct cli_record *a, const struct cli_record *b)
{
	return a->seq == b->seq && a->time_nsec == b->time_nsec && a->event == b->event &&
	       a->ctrl == b->ctrl && memcmp(a->args, b->args, sizeof(a->args)) == 0 &&
	       a->data_bytes == b->data_bytes &&
	       (a->data_bytes == 0 || memcmp(a->data, b->data, a->data_bytes) == 0);
}

/* Return: the index of the first difference; how many there are when there is none. */
static unsigned int find_difference(const struct side *a, const struct side *b)
{
	const struct cli_record *left, *right;
	unsigned int i = 0;

	while ((left = nth(a, i)) && (right = nth(b, i)) && is_equal(left, right))
		i++;
	return i;
}

static void print_one(struct cli_output *out, const char *name, const struct cli_record *record)
{
	cli_print(out, "%-2s", name);
	if (record)
		cli_print_record(out, record, 0);
	else
		cli_print(out, " ends here\n");
}

static void print_text(struct cli_output *out, const char *name, const struct side *a,
		       const struct side *b, unsigned int at)
{
	const struct cli_record *left = nth(a, at), *right = nth(b, at);

	if (!left && !right) {
		cli_print(out, "%s: equal, %u records\n", name, at);
		return;
	}
	cli_heading(out, "%s: differs from record %u on", name, at);
	for (unsigned int i = at > SIM_CONTEXT ? at - SIM_CONTEXT : 0; i < at; i++)
		print_one(out, "", nth(a, i));
	print_one(out, "A", left);
	print_one(out, "B", right);
	sim_differ_print_data(out, left, right);
}

static void add_json(JsonBuilder *builder, const char *name, const struct side *a,
		     const struct side *b, unsigned int at)
{
	bool equal = !nth(a, at) && !nth(b, at);

	json_builder_begin_object(builder);
	cli_add_text(builder, "side", name);
	json_builder_set_member_name(builder, "equal");
	json_builder_add_boolean_value(builder, equal);
	cli_add_u64(builder, equal ? "records" : "record", at);
	if (!equal) {
		sim_differ_add_record(builder, "a", nth(a, at));
		sim_differ_add_record(builder, "b", nth(b, at));
	}
	json_builder_end_object(builder);
}

/* Return: whether @side is the same in both. */
static bool compare_side(struct cli_output *out, JsonBuilder *builder, unsigned int which,
			 const struct cli_trace *const *traces)
{
	struct side a = pick_side(traces[0], which), b = pick_side(traces[1], which);
	unsigned int at = find_difference(&a, &b);
	bool equal = !nth(&a, at) && !nth(&b, at);

	if (out->json)
		add_json(builder, nvme_trace_side_name(which), &a, &b, at);
	else
		print_text(out, nvme_trace_side_name(which), &a, &b, at);
	g_array_free(a.records, TRUE);
	g_array_free(b.records, TRUE);
	return equal;
}

static bool has_side(const struct cli_trace *trace, unsigned int side)
{
	return trace->side == side || trace->side == NVME_TRACE_BOTH;
}

static bool compare(struct cli *cli, const struct cli_trace *const *traces, GError **error)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	unsigned int compared = 0, different = 0;

	json_builder_begin_array(builder);
	for (unsigned int side = NVME_TRACE_CONTROLLER; side <= NVME_TRACE_DRIVER; side++) {
		if (!has_side(traces[0], side) || !has_side(traces[1], side))
			continue;
		compared++;
		different += !compare_side(cli->out, builder, side, traces);
	}
	json_builder_end_array(builder);
	if (compared == 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"one trace is the controller's and the other one the driver's");
	if (cli->out->json)
		cli_print_json(cli->out, builder);
	return different == 0 || cli_verdict(error, CLI_EXIT_FAILED, "the traces differ");
}

bool sim_cmd_bisect(struct cli *cli, GError **error)
{
	g_autoptr(CliTrace) a = cli_trace_read(cli_positional(cli->args, 0), error);
	g_autoptr(CliTrace) b = a ? cli_trace_read(cli_positional(cli->args, 1), error) : NULL;
	const struct cli_trace *const traces[] = { a, b };

	return a && b && compare(cli, traces, error);
}
