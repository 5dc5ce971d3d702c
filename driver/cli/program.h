/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program of commands: a row each. Dispatch, help, the manual page and the completion are made
 * from the rows. Each program has one table of its own, and the name cli_program for it.
 */
#ifndef NVMELAB_DRIVER_CLI_PROGRAM_H
#define NVMELAB_DRIVER_CLI_PROGRAM_H

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

/**
 * struct cli_program - what a program is besides its commands
 * @usage: what follows its name
 * @about: a paragraph for its help
 * @exit_codes: the last sentence of its help
 * @commands: ended by a row without a name
 * @groups: options of the groups, ended by a row without any, in the order in which commands have
 *	them
 * @shared: enum cli_group bits whose options the manual page has once, for all commands
 * @man_options: what the page says of those
 * @words: what completion offers in place of files, by its first letters; NULL-terminated
 * @run: runs a command that has no handler of its own; NULL if they all do
 * @topic: prints the help of something that is no command, if it knows @name; or NULL
 * @man: prints what the manual page has after the options; or NULL
 * @bash_values: prints cases of options whose values completion knows; or NULL
 */
struct cli_program {
	const char *name;
	const char *usage;
	const char *about;
	const char *exit_codes;
	const struct cli_command *commands;
	const struct cli_group_options *groups;
	unsigned int shared;
	const char *man_options;
	const char *const *words;
	cli_run_fn *run;
	bool (*topic)(struct cli_output *out, const char *name);
	void (*man)(struct cli_output *out);
	void (*bash_values)(struct cli_output *out);
};

extern const struct cli_program cli_program;

/** struct cli_group_options - the options of one bit of enum cli_group; NULL ends a table */
struct cli_group_options {
	enum cli_group bit;
	const struct cli_option *options;
};

extern const struct cli_option cli_common_options[]; /* of CLI_GROUP_COMMON, in every program */
extern const struct cli_option cli_help_options[];

/* Commands that every program has. */
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

/** cli_print_wrapped - append @text from @column on, in lines as wide as help is */
void cli_print_wrapped(struct cli_output *out, const char *text, int column);

/** cli_print_roff - append @text for a manual page */
void cli_print_roff(struct cli_output *out, const char *text);

/**
 * cli_main - the whole program
 * @argv: as main() has it
 * Return: enum cli_exit.
 */
int cli_main(int argc, char **argv);

#endif
