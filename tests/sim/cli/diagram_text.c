/* SPDX-License-Identifier: BSD-3-Clause */
/* A sequence diagram in characters. */
#include <string.h>

#include "tests/sim/cli/diagram.h"

#define TIME_COLUMNS 14
#define LANE_COLUMNS 82 /* between the two lines */
#define ARROW_MIN    8	/* columns that an arrow has besides its text */

char *sim_diagram_time(uint64_t nsec)
{
	return g_strdup_printf("%" G_GUINT64_FORMAT ".%03" G_GUINT64_FORMAT " ms", nsec / 1000000,
			       nsec / 1000 % 1000);
}

static char mark_char(const struct sim_row *row)
{
	static const char marks[] = { ' ', '!', '*' };

	return marks[row->mark];
}

/* Between the lines: @text at one end of the lane, @fill in the rest. */
static void print_lane(struct cli_output *out, const char *before, const char *text,
		       const char *after, char fill, bool left)
{
	int used = (int)(strlen(before) + strlen(text) + strlen(after));
	g_autofree char *rest = g_strnfill((gsize)MAX(LANE_COLUMNS - used, 0), fill);

	cli_print(out, "|%s%s%s%s%s|\n", before, left ? text : "", rest, left ? "" : text, after);
}

static void print_line(struct cli_output *out, const struct sim_row *row, const char *text)
{
	switch (row->shape) {
	case SIM_ROW_TO_CONTROLLER:
		print_lane(out, "-- ", text, "", '-', true);
		break;
	case SIM_ROW_TO_HOST:
		print_lane(out, "<", text, " --", '-', false);
		break;
	case SIM_ROW_AT_HOST:
		print_lane(out, " ", text, "", ' ', true);
		break;
	case SIM_ROW_AT_CONTROLLER:
		print_lane(out, "", text, " ", ' ', false);
		break;
	case SIM_ROW_FAILED:
		print_lane(out, "## ", text, "", '#', true);
		break;
	case SIM_ROW_GAP:
		print_lane(out, "      ", text, "", ' ', true);
		break;
	}
}

/* The arrow's head goes into the fill, so that it touches the line. */
static char *arrow_text(const struct sim_row *row, const char *text)
{
	int rest = LANE_COLUMNS - 3 - (int)strlen(text) - 2;

	if (row->shape == SIM_ROW_TO_CONTROLLER) {
		g_autofree char *dashes = g_strnfill((gsize)MAX(rest, 1), '-');

		return g_strdup_printf("%s %s>", text, dashes);
	}
	if (row->shape == SIM_ROW_TO_HOST)
		return g_strdup_printf(" %s", text);
	return g_strdup_printf("%s%s", text, row->shape == SIM_ROW_FAILED ? " " : "");
}

char **sim_diagram_lines(const char *text, size_t columns)
{
	GPtrArray *lines = g_ptr_array_new();

	while (strlen(text) > columns) {
		size_t cut = columns;

		while (cut > 0 && text[cut] != ' ')
			cut--;
		cut = cut > 0 ? cut : columns;
		g_ptr_array_add(lines, g_strndup(text, cut));
		text += cut + (text[cut] == ' ');
	}
	g_ptr_array_add(lines, g_strdup(text));
	g_ptr_array_add(lines, NULL);
	return (char **)g_ptr_array_free(lines, FALSE);
}

static void print_row(struct cli_output *out, const struct sim_row *row, const char *time)
{
	g_auto(GStrv) lines = sim_diagram_lines(row->text, LANE_COLUMNS - ARROW_MIN);
	struct sim_row more = *row;

	if (row->shape == SIM_ROW_TO_CONTROLLER)
		more.shape = SIM_ROW_AT_HOST;
	else if (row->shape == SIM_ROW_TO_HOST)
		more.shape = SIM_ROW_AT_CONTROLLER;
	for (char **line = lines; *line; line++) {
		bool first = line == lines;
		g_autofree char *arrow = arrow_text(first ? row : &more, *line);

		cli_print(out, "%*s %c", TIME_COLUMNS, first ? time : "",
			  first ? mark_char(row) : ' ');
		print_line(out, first ? row : &more, arrow);
	}
}

static void print_legend(const struct sim_diagram *diagram, struct cli_output *out)
{
	const struct sim_row *row;
	bool marks[3] = { false };

	for (unsigned int i = 0; (row = sim_diagram_row(diagram, i)) != NULL; i++)
		marks[row->mark] |= row->shown;
	if (marks[SIM_MARK_FAULT] || marks[SIM_MARK_TROUBLE])
		cli_print(out, "\n%*s %s%s%s\n", TIME_COLUMNS, "",
			  marks[SIM_MARK_FAULT] ? "! a fault rule fired" : "",
			  marks[SIM_MARK_FAULT] && marks[SIM_MARK_TROUBLE] ? "   " : "",
			  marks[SIM_MARK_TROUBLE] ? "* an error, a timeout, an abort or a reset"
						  : "");
}

void sim_diagram_text(const struct sim_diagram *diagram, struct cli_output *out)
{
	const struct sim_row *first = sim_diagram_row(diagram, 0), *row;
	uint64_t last_nsec = UINT64_MAX;

	cli_heading(out, "%*s   host%*s", TIME_COLUMNS, "time", LANE_COLUMNS - 4, "controller");
	for (unsigned int i = 0; (row = sim_diagram_row(diagram, i)) != NULL; i++) {
		g_autofree char *time = sim_diagram_time(row->time_nsec - first->time_nsec);

		if (!row->shown || out->error)
			continue;
		/* A time that stands still says nothing new, and a gap has none. */
		print_row(out, row,
			  row->time_nsec == last_nsec || row->shape == SIM_ROW_GAP ? "" : time);
		if (row->shape != SIM_ROW_GAP)
			last_nsec = row->time_nsec;
	}
	print_legend(diagram, out);
}
