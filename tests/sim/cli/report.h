/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of test points: TAP 14 or JSON as they come, JUnit at the end. */
#ifndef TESTS_SIM_CLI_REPORT_H
#define TESTS_SIM_CLI_REPORT_H

#include <glib.h>
#include <stdbool.h>

#include "driver/cli/output.h"
#include "tests/sim/cli/point.h"

#define SIM_VERDICTS 7 /* enum sim_verdict's numbers are below */

/**
 * struct sim_report - a report that is being written
 * @points: how many there will be
 * @quiet: points that passed are not printed
 * @junit: test cases so far, as XML; NULL for none
 * @told: so far; @count: of them, by verdict
 */
struct sim_report {
	struct cli_output *out;
	unsigned int points;
	bool quiet;
	GString *junit;
	unsigned int told;
	unsigned int count[SIM_VERDICTS];
};

/** sim_report_begin - what stands before the first point */
void sim_report_begin(struct sim_report *report);

/** sim_report_point - the next point */
void sim_report_point(struct sim_report *report, const struct sim_point *point,
		      const struct sim_outcome *outcome);

/** sim_report_end - what stands behind the last one */
void sim_report_end(struct sim_report *report);

/** sim_report_verdict - enum sim_verdict: the smallest that is not SIM_PASS, if any */
uint32_t sim_report_verdict(const struct sim_report *report);

/** sim_report_text - "2 of 9 points failed; 1 of them: ..." by verdict; for g_free() */
char *sim_report_text(const struct sim_report *report);

/** sim_report_junit - write the file of JUnit's form; false with an error */
bool sim_report_junit(const struct sim_report *report, const char *path, GError **error);

/** sim_junit_add - append @point as a test case */
void sim_junit_add(GString *junit, const struct sim_point *point,
		   const struct sim_outcome *outcome);

#endif
