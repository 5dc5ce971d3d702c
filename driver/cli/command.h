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

struct cli_session;

/** cli_with_session_fn - what a command does with its device, which is open. Return: likewise. */
typedef bool cli_with_session_fn(struct cli *cli, struct cli_session *session, GError **error);

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
 * @run: does it; NULL: the device of the command line is opened, for @on_device
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
	cli_with_session_fn *on_device;
};

extern const struct cli_command cli_commands[];

/* Options of the groups; see enum cli_group. */
extern const struct cli_option cli_device_options[];
extern const struct cli_option cli_emulator_options[];
extern const struct cli_option cli_output_options[];
extern const struct cli_option cli_human_options[];
extern const struct cli_option cli_raw_options[];
extern const struct cli_option cli_common_options[];

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

/**
 * cli_main - the whole program
 * @argv: as main() has it
 * Return: enum cli_exit.
 */
int cli_main(int argc, char **argv);

#include "driver/cli/rows.h"

#endif
