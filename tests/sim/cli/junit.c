/* SPDX-License-Identifier: BSD-3-Clause */
/* Test points in JUnit's form, for services that show test results. */
#include "driver/cli/files.h"
#include "tests/sim/cli/report.h"

/* XML 1.0 holds no control characters but tab, CR and LF; GLib escapes them, which is no help. */
static char *escaped(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	for (char *at = valid; *at; at++) {
		if (g_ascii_iscntrl(*at) && *at != '\n')
			*at = ' ';
	}
	return g_markup_escape_text(valid, -1);
}

void sim_junit_add(GString *junit, const struct sim_point *point, const struct sim_outcome *outcome)
{
	g_autofree char *plain_name = sim_point_name(point);
	g_autofree char *plain_repeat = sim_point_repeat(point);
	g_autofree char *name = escaped(plain_name), *path = escaped(point->path);
	g_autofree char *says = escaped(outcome->says), *repeat = escaped(plain_repeat);

	g_string_append_printf(junit, "    <testcase classname=\"%s\" name=\"%s\"", path, name);
	if (outcome->verdict == SIM_PASS) {
		g_string_append(junit, "/>\n");
		return;
	}
	g_string_append_printf(junit, "><failure message=\"%s\">%s%s\n</failure></testcase>\n",
			       sim_verdict_text(outcome->verdict), says, repeat);
}

bool sim_report_junit(const struct sim_report *report, const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

	g_string_append_printf(
		text,
		"<testsuites>\n  <testsuite name=\"nvmelab-sim\" tests=\"%u\" failures=\"%u\" "
		"errors=\"0\" skipped=\"0\">\n%s  </testsuite>\n</testsuites>\n",
		report->told, report->told - report->count[SIM_PASS], report->junit->str);
	return cli_write_file(path, text->str, text->len, error);
}
