/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of an exploration: see exploration.h. */
#include "tests/sim/cli/exploration.h"

#include "driver/cli/error.h"
#include "tests/sim/sim.h"

void sim_exploration_begin(struct cli_output *out, const struct sim_exploration *told)
{
	if (out->json)
		return;
	cli_print(out, "%s: %" G_GUINT64_FORMAT " cases", told->space, told->cases);
	if (told->pruned)
		cli_print(out, ", without %" G_GUINT64_FORMAT " first faults that change nothing",
			  told->pruned);
	if (told->run != told->cases)
		cli_print(out, ", %" G_GUINT64_FORMAT " of them here", told->run);
	cli_print(out, "\n");
	fflush(out->file);
}

void sim_exploration_add(struct sim_exploration *told, uint64_t number, const char *says,
			 char *rules)
{
	struct sim_failed failed = { number, g_strstrip(g_strdup(says)), rules };

	if (!told->failed)
		told->failed = g_array_new(FALSE, FALSE, sizeof(struct sim_failed));
	g_array_append_val(told->failed, failed);
}

static guint failures(const struct sim_exploration *told)
{
	return told->failed ? told->failed->len : 0;
}

static void print_indented(struct cli_output *out, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++)
		cli_print(out, lines[i][0] ? "    %s\n" : "%s\n", lines[i]);
}

static void print_failed(struct cli_output *out, const struct sim_exploration *told,
			 const struct sim_failed *failed)
{
	g_autofree char *path = told->path[0] ? g_shell_quote(told->path) : g_strdup("");

	cli_print(out, "%s #%" G_GUINT64_FORMAT "\n", told->space, failed->number);
	print_indented(out, failed->says);
	print_indented(out, failed->rules);
	cli_print(out,
		  "    # again: nvmelab-sim explore --faults %s --only %" G_GUINT64_FORMAT "%s%s\n",
		  told->space, failed->number, path[0] ? " " : "", path);
}

static void print_json(struct cli_output *out, const struct sim_exploration *told)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	cli_add_text(builder, "scenario", told->path);
	cli_add_text(builder, "faults", told->space);
	cli_add_u64(builder, "seed", told->seed);
	cli_add_u64(builder, "cases", told->cases);
	cli_add_u64(builder, "pruned", told->pruned);
	cli_add_u64(builder, "shard", told->shard);
	cli_add_u64(builder, "shards", told->shards);
	cli_add_u64(builder, "run", told->run);
	json_builder_set_member_name(builder, "failed");
	json_builder_begin_array(builder);
	for (guint i = 0; i < failures(told); i++) {
		const struct sim_failed *failed = &g_array_index(told->failed, struct sim_failed,
								 i);

		json_builder_begin_object(builder);
		cli_add_u64(builder, "case", failed->number);
		cli_add_text(builder, "says", failed->says);
		cli_add_text(builder, "rules", failed->rules);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	cli_print_json(out, builder);
}

bool sim_exploration_end(struct cli_output *out, const struct sim_exploration *told, GError **error)
{
	if (out->json)
		print_json(out, told);
	for (guint i = 0; !out->json && i < failures(told); i++)
		print_failed(out, told, &g_array_index(told->failed, struct sim_failed, i));
	if (!out->json)
		cli_print(out, "%" G_GUINT64_FORMAT " run, %u failed\n", told->run, failures(told));
	if (failures(told) == 0)
		return true;
	return cli_verdict(error, SIM_FAIL, "%u of %" G_GUINT64_FORMAT " cases failed",
			   failures(told), told->run);
}

void sim_exploration_clear(struct sim_exploration *told)
{
	for (guint i = 0; i < failures(told); i++) {
		struct sim_failed *failed = &g_array_index(told->failed, struct sim_failed, i);

		g_free(failed->says);
		g_free(failed->rules);
	}
	g_clear_pointer(&told->failed, g_array_unref);
}
