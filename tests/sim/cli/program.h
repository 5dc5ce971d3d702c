/* SPDX-License-Identifier: BSD-3-Clause */
/* The program nvmelab-sim: what the rows of commands.c refer to. */
#ifndef TESTS_SIM_CLI_PROGRAM_H
#define TESTS_SIM_CLI_PROGRAM_H

#include "driver/cli/program.h"

/* Options of the commands, beside their handlers. */
extern const struct cli_option sim_run_options[], sim_explain_options[];
extern const struct cli_option sim_explore_options[], sim_shrink_options[];

/* Handlers. */
cli_run_fn sim_cmd_run, sim_cmd_check, sim_cmd_print, sim_cmd_bisect, sim_cmd_explain,
	sim_cmd_replay;
cli_run_fn sim_cmd_explore, sim_cmd_merge, sim_cmd_shrink;
cli_run_fn sim_cmd_sites, sim_cmd_fields, sim_cmd_actions;
cli_run_fn sim_cmd_oracles, sim_cmd_counters, sim_cmd_patterns, sim_cmd_tasks;

#endif
