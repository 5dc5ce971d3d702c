/* SPDX-License-Identifier: BSD-3-Clause */
/* A sequence diagram as a picture: SVG with its styles inside, for light and dark. */
#include "tests/sim/cli/diagram.h"

#define WIDTH	     960
#define HOST_X	     120
#define CTRL_X	     940
#define ROW_HEIGHT   22
#define TOP	     64 /* of the first row's text */
#define LINE_COLUMNS 96

static const char style[] =
	"<style>\n"
	"svg { background: #ffffff; }\n"
	"text { font: 13px ui-monospace, \"DejaVu Sans Mono\", monospace; fill: #1f2328; }\n"
	".title { font-size: 15px; font-weight: bold; }\n"
	".time, .gap { fill: #656d76; }\n"
	".line { stroke: #8c959f; }\n"
	".arrow { stroke: #1f2328; fill: #1f2328; }\n"
	".fault { fill: #9a6700; font-weight: bold; }\n"
	".trouble { fill: #0550ae; font-weight: bold; }\n"
	".failed { fill: #cf222e; font-weight: bold; }\n"
	".bar { fill: #ffebe9; }\n"
	"@media (prefers-color-scheme: dark) {\n"
	"svg { background: #0d1117; }\n"
	"text { fill: #e6edf3; }\n"
	".time, .gap { fill: #848d97; }\n"
	".line { stroke: #6e7681; }\n"
	".arrow { stroke: #e6edf3; fill: #e6edf3; }\n"
	".fault { fill: #d29922; }\n"
	".trouble { fill: #79c0ff; }\n"
	".failed { fill: #ff7b72; }\n"
	".bar { fill: #490202; }\n"
	"}\n</style>\n";

static const char *class_of(const struct sim_row *row)
{
	static const char *const marks[] = { "step", "fault", "trouble" };

	if (row->shape == SIM_ROW_GAP)
		return "gap";
	return row->shape == SIM_ROW_FAILED ? "failed" : marks[row->mark];
}

static void add_text(GString *svg, int x, int y, const char *anchor, const char *class,
		     const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *escaped = g_markup_escape_text(valid, -1);

	g_string_append_printf(
		svg, "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", class,
		x, y, anchor, escaped);
}

/* A line under the text, and its head at @to. */
static void add_arrow(GString *svg, int from, int to, int y)
{
	int back = to > from ? -8 : 8;

	g_string_append_printf(svg, "<path class=\"arrow\" d=\"M%d %dH%dM%d %dl%d -4v8z\"/>\n",
			       from, y, to, to, y, back);
}

/* Where the text of a row stands. */
static void add_line(GString *svg, const struct sim_row *row, const char *text, int y)
{
	switch (row->shape) {
	case SIM_ROW_TO_CONTROLLER:
	case SIM_ROW_AT_HOST:
		add_text(svg, HOST_X + 12, y, "start", class_of(row), text);
		break;
	case SIM_ROW_TO_HOST:
	case SIM_ROW_AT_CONTROLLER:
		add_text(svg, CTRL_X - 12, y, "end", class_of(row), text);
		break;
	case SIM_ROW_FAILED:
		g_string_append_printf(
			svg, "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
			HOST_X, y - 15, CTRL_X - HOST_X, ROW_HEIGHT);
		add_text(svg, HOST_X + 12, y, "start", class_of(row), text);
		break;
	case SIM_ROW_GAP:
		add_text(svg, (HOST_X + CTRL_X) / 2, y, "middle", class_of(row), text);
		break;
	}
}

/* Return: where the next row is. An arrow is under the last line of its text. */
static int add_row(GString *svg, const struct sim_row *row, int y)
{
	g_auto(GStrv) lines = sim_diagram_lines(row->text, LINE_COLUMNS);

	for (char **line = lines; *line; line++, y += ROW_HEIGHT)
		add_line(svg, row, *line, y);
	if (row->shape == SIM_ROW_TO_CONTROLLER)
		add_arrow(svg, HOST_X, CTRL_X, y - ROW_HEIGHT + 6);
	else if (row->shape == SIM_ROW_TO_HOST)
		add_arrow(svg, CTRL_X, HOST_X, y - ROW_HEIGHT + 6);
	return y;
}

/* Return: where the last row ends. */
static int add_rows(const struct sim_diagram *diagram, GString *svg)
{
	const struct sim_row *first = sim_diagram_row(diagram, 0), *row;
	uint64_t last_nsec = UINT64_MAX;
	int y = TOP;

	for (unsigned int i = 0; (row = sim_diagram_row(diagram, i)) != NULL; i++) {
		g_autofree char *time = sim_diagram_time(row->time_nsec - first->time_nsec);

		if (!row->shown)
			continue;
		if (row->shape != SIM_ROW_GAP && row->time_nsec != last_nsec) {
			add_text(svg, HOST_X - 12, y, "end", "time", time);
			last_nsec = row->time_nsec;
		}
		y = add_row(svg, row, y);
	}
	return y;
}

void sim_diagram_svg(const struct sim_diagram *diagram, const char *title, GString *svg)
{
	g_autoptr(GString) rows = g_string_new(NULL);
	int height = add_rows(diagram, rows);
	g_autofree char *valid = g_utf8_make_valid(title, -1);
	g_autofree char *escaped = g_markup_escape_text(valid, -1);

	g_string_append_printf(
		svg,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\">\n<title>%s</title>\n%s",
		WIDTH, height, WIDTH, height, escaped, style);
	add_text(svg, HOST_X, 20, "start", "title", title);
	add_text(svg, HOST_X, 42, "middle", "title", "host");
	add_text(svg, CTRL_X + 15, 42, "end", "title", "controller");
	for (int x = HOST_X; x <= CTRL_X; x += CTRL_X - HOST_X)
		g_string_append_printf(svg, "<path class=\"line\" d=\"M%d 48V%d\"/>\n", x,
				       height - 6);
	g_string_append_printf(svg, "%s</svg>\n", rows->str);
}
