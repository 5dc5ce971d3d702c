/* SPDX-License-Identifier: BSD-3-Clause */
/* Two records that are not the same, for who looks at them. */
#ifndef TESTS_SIM_CLI_DIFFER_H
#define TESTS_SIM_CLI_DIFFER_H

#include "driver/cli/output.h"
#include "driver/cli/trace_file.h"

#define SIM_CONTEXT 3 /* records that are shown before the one that differs */

/** sim_differ_print_data - where the data of both differ; their arguments are printed with them */
void sim_differ_print_data(struct cli_output *out, const struct cli_record *a,
			   const struct cli_record *b);

/** sim_differ_add_record - a member @key; null for no @record, "line" if it comes from a file */
void sim_differ_add_record(JsonBuilder *builder, const char *key, const struct cli_record *record);

#endif
