/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which rows of a diagram are worth seeing: commands that something happened to, with all of their
 * steps; one I/O command to which nothing did, so that it can be said of others that they are like
 * it; and events that belong to no command. The same thing is shown a few times only.
 */
#include <string.h>

#include "tests/sim/cli/diagram.h"

#define ALIKE_COMMANDS 3 /* commands to which the same happened */
#define ALIKE_EVENTS   6

/* What happened to a command, as a text that is the same for commands alike; NULL for nothing. */
static GString **tell_stories(const struct sim_diagram *diagram)
{
	GString **stories = g_new0(GString *, diagram->commands->len + 1);
	const struct sim_row *row;

	for (unsigned int i = 0; (row = sim_diagram_row(diagram, i)) != NULL; i++) {
		if (row->command == SIM_NO_COMMAND || row->rank != SIM_RANK_EVENT)
			continue;
		if (!stories[row->command])
			stories[row->command] = g_string_new(NULL);
		for (const char *at = row->text; *at; at++) {
			if (!g_ascii_isdigit(*at))
				g_string_append_c(stories[row->command], *at);
		}
	}
	return stories;
}

/* Whether @text was there less than @most times before; it is counted. */
static bool is_news(GHashTable *told, const char *text, unsigned int most)
{
	unsigned int times = GPOINTER_TO_UINT(g_hash_table_lookup(told, text));

	g_hash_table_insert(told, g_strdup(text), GUINT_TO_POINTER(times + 1));
	return times < most;
}

/* The first I/O command to which nothing happened. */
static uint32_t find_sample(const struct sim_diagram *diagram, GString *const *stories)
{
	for (uint32_t i = 0; i < diagram->commands->len; i++) {
		if (!stories[i] && g_array_index(diagram->commands, struct sim_command, i).qid > 0)
			return i;
	}
	return SIM_NO_COMMAND;
}

static bool *choose_commands(const struct sim_diagram *diagram)
{
	g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GString **stories = tell_stories(diagram);
	bool *chosen = g_new0(bool, diagram->commands->len + 1);
	uint32_t sample = find_sample(diagram, stories);

	for (uint32_t i = 0; i < diagram->commands->len; i++) {
		chosen[i] = i == sample ||
			    (stories[i] && is_news(told, stories[i]->str, ALIKE_COMMANDS));
		if (stories[i])
			g_string_free(stories[i], TRUE);
	}
	g_free(stories);
	return chosen;
}

/* Bring-up is of interest when something happened there. */
static bool is_start_troubled(const struct sim_diagram *diagram)
{
	const struct sim_row *row;

	for (unsigned int i = 0; (row = sim_diagram_row(diagram, i)) != NULL; i++) {
		if (row->start && row->mark != SIM_MARK_NONE)
			return true;
	}
	return false;
}

static void mark_shown(const struct sim_diagram *diagram, const bool *chosen)
{
	g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	bool troubled = is_start_troubled(diagram);
	struct sim_row *row;

	for (unsigned int i = 0; (row = sim_diagram_row(diagram, i)) != NULL; i++) {
		if (troubled && row->start && row->life)
			row->rank = SIM_RANK_EVENT;
		if (row->command != SIM_NO_COMMAND)
			row->shown = chosen[row->command] && row->rank >= SIM_RANK_STEP;
		else
			row->shown = row->rank == SIM_RANK_EVENT &&
				     (row->shape == SIM_ROW_FAILED ||
				      is_news(told, row->text, ALIKE_EVENTS));
	}
}

/* What is left out between two rows that are shown; @admin of @commands are on queue 0. */
struct gap {
	unsigned int steps;
	unsigned int commands;
	unsigned int admin;
	bool start;
};

static char *gap_text(const struct gap *gap)
{
	unsigned int io = gap->commands - gap->admin;

	if (gap->start && gap->commands > 0)
		return g_strdup_printf("... bring-up: %u steps, %u command%s ...", gap->steps,
				       gap->commands, CLI_PLURAL(gap->commands));
	if (io > 0 && gap->admin > 0)
		return g_strdup_printf("... %u command%s like this, %u admin command%s ...", io,
				       CLI_PLURAL(io), gap->admin, CLI_PLURAL(gap->admin));
	if (io > 0)
		return g_strdup_printf("... %u command%s like this ...", io, CLI_PLURAL(io));
	if (gap->admin > 0)
		return g_strdup_printf("... %u admin command%s ...", gap->admin,
				       CLI_PLURAL(gap->admin));
	return g_strdup_printf("... %u step%s ...", gap->steps, CLI_PLURAL(gap->steps));
}

static void add_to_gap(const struct sim_diagram *diagram, struct gap *gap,
		       const struct sim_row *row)
{
	gap->steps++;
	gap->start = gap->start && row->start;
	if (!row->begins)
		return;
	gap->commands++;
	gap->admin += g_array_index(diagram->commands, struct sim_command, row->command).qid == 0;
}

static void end_gap(GArray *rows, struct gap *gap, uint64_t time_nsec)
{
	struct sim_row row = { .shape = SIM_ROW_GAP,
			       .time_nsec = time_nsec,
			       .command = SIM_NO_COMMAND,
			       .shown = true };

	if (gap->steps > 0) {
		row.text = gap_text(gap);
		g_array_append_val(rows, row);
	}
	*gap = (struct gap){ .start = true };
}

/* Rows move to a new array, with gaps between them. */
static void add_gaps(struct sim_diagram *diagram)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct sim_row));
	struct gap gap = { .start = true };
	const struct sim_row *row;
	uint64_t last_nsec = 0;

	for (unsigned int i = 0; (row = sim_diagram_row(diagram, i)) != NULL; i++) {
		if (row->shown) {
			end_gap(rows, &gap, last_nsec);
		} else if (row->rank >= SIM_RANK_STEP) {
			add_to_gap(diagram, &gap, row);
		}
		g_array_append_vals(rows, row, 1);
		last_nsec = row->time_nsec;
	}
	end_gap(rows, &gap, last_nsec);
	g_array_set_clear_func(rows, sim_diagram_clear_row);
	g_array_set_clear_func(diagram->rows, NULL);
	g_array_free(diagram->rows, TRUE);
	diagram->rows = rows;
}

void sim_diagram_choose(struct sim_diagram *diagram)
{
	g_autofree bool *chosen = choose_commands(diagram);

	mark_shown(diagram, chosen);
	add_gaps(diagram);
}
