/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands: a row each, in commands.c. Dispatch, help, the manual page and the completion are made
 * from the rows.
 */
#ifndef NVMELAB_DRIVER_CLI_COMMAND_H
#define NVMELAB_DRIVER_CLI_COMMAND_H

#include <glib.h>
#include <stdbool.h>

#include "driver/cli/options.h"
#include "driver/cli/output.h"

/**
 * struct cli - a command that runs
 * @args: as given on its command line
 * @out: where its result goes
 */
struct cli {
	const struct cli_command *command;
	const struct cli_args *args;
	struct cli_output *out;
};

/** cli_run_fn - do it. Return: true, or false with an error. */
typedef bool cli_run_fn(struct cli *cli, GError **error);

/**
 * struct cli_command - a row of the table
 * @name: first argument of the program; NULL ends the table
 * @area: heading under which the help lists it
 * @positional: what follows the name in the synopsis, "" for nothing
 * @positional_min: how many of those there must be
 * @positional_max: how many there may be
 * @groups: enum cli_group bits
 * @help: one line, a lower-case sentence without its full stop
 * @details: a paragraph for its own help and the manual page; NULL if the line says all
 * @options: its own, ended by a row without a name; NULL for none
 */
struct cli_command {
	const char *name;
	const char *area;
	const char *positional;
	unsigned int positional_min;
	unsigned int positional_max;
	unsigned int groups;
	const char *help;
	const char *details;
	const struct cli_option *options;
	cli_run_fn *run;
};

extern const struct cli_command cli_commands[];

/* Options of the groups; see enum cli_group. */
extern const struct cli_option cli_device_options[];
extern const struct cli_option cli_emulator_options[];
extern const struct cli_option cli_output_options[];
extern const struct cli_option cli_common_options[];

/* Options of the commands, beside their handlers. */
extern const struct cli_option cli_list_options[];
extern const struct cli_option cli_id_ctrl_options[];
extern const struct cli_option cli_id_ns_options[];
extern const struct cli_option cli_list_ns_options[];
extern const struct cli_option cli_show_regs_options[];
extern const struct cli_option cli_smart_log_options[];
extern const struct cli_option cli_error_log_options[];
extern const struct cli_option cli_fw_log_options[];
extern const struct cli_option cli_effects_log_options[];
extern const struct cli_option cli_get_feature_options[];
extern const struct cli_option cli_set_feature_options[];
extern const struct cli_option cli_read_options[];
extern const struct cli_option cli_write_options[];
extern const struct cli_option cli_flush_options[];
extern const struct cli_option cli_passthru_options[];
extern const struct cli_option cli_perf_options[];
extern const struct cli_option cli_check_io_options[];
extern const struct cli_option cli_trace_options[];
extern const struct cli_option cli_qemu_options[];
extern const struct cli_option cli_help_options[];

cli_run_fn cli_run_list, cli_run_id_ctrl, cli_run_id_ns, cli_run_list_ns;
cli_run_fn cli_run_show_regs, cli_run_reset;
cli_run_fn cli_run_smart_log, cli_run_error_log, cli_run_fw_log, cli_run_effects_log;
cli_run_fn cli_run_get_feature, cli_run_set_feature;
cli_run_fn cli_run_read, cli_run_write, cli_run_flush;
cli_run_fn cli_run_admin_passthru, cli_run_io_passthru;
cli_run_fn cli_run_perf, cli_run_check_io;
cli_run_fn cli_run_trace, cli_run_qemu, cli_run_with;
cli_run_fn cli_run_help, cli_run_completion, cli_run_version;

/** cli_find_command - the row with @name, or NULL */
const struct cli_command *cli_find_command(const char *name);

/** cli_fail_unknown_command - set an error that suggests the nearest command; Return: false */
bool cli_fail_unknown_command(const char *name, GError **error);

/** cli_help_all - the program's help: its commands by area */
void cli_help_all(struct cli_output *out);

/** cli_help_command - the help of one command */
void cli_help_command(struct cli_output *out, const struct cli_command *command);

/** cli_help_man - the commands as a part of the manual page */
void cli_help_man(struct cli_output *out);

/** cli_help_completion - a completion script; @shell: "bash" or "zsh" */
void cli_help_completion(struct cli_output *out, const char *shell);

/**
 * cli_main - the whole program
 * @argv: as main() has it
 * Return: enum cli_exit.
 */
int cli_main(int argc, char **argv);

#endif
