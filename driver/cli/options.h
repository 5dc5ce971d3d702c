/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options of commands: a row each. Parsing, help, the manual page and the completion read the rows.
 */
#ifndef NVMELAB_DRIVER_CLI_OPTIONS_H
#define NVMELAB_DRIVER_CLI_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum cli_option_kind {
	CLI_FLAG,   /* no value; counts how often it is given */
	CLI_NUMBER, /* decimal or 0x hexadecimal */
	CLI_SIZE,   /* the same, and K, M, G, T, P after it are powers of 1024 */
	CLI_TIME,   /* milliseconds, or with a unit (ns, us, ms, s, m); in nanoseconds */
	CLI_STRING,
	CLI_CHOICE,  /* one of the names in choices */
	CLI_LIST,    /* a text that may be given several times */
	CLI_NUMBERS, /* numbers separated by commas */
};

/**
 * struct cli_option - an option of a command
 * @name: long name without its dashes; NULL ends a table
 * @letter: short name, or 0
 * @alias: another short name, or 0; kept for those who know it from elsewhere, not in the help
 * @metavar: what the help calls the value; for CLI_CHOICE the names, separated by "|"
 * @max: greatest value of a number, size or time; the least is 0
 * @fallback: the value when it is not given, as text; NULL for none
 * @required: not to be left out
 * @help: one line, without its full stop
 */
struct cli_option {
	const char *name;
	char letter;
	char alias;
	enum cli_option_kind kind;
	const char *metavar;
	uint64_t max;
	const char *fallback;
	bool required;
	const char *help;
};

/* What a command has besides its own options. */
enum cli_group {
	CLI_GROUP_OUTPUT = 1,	/* --output-format */
	CLI_GROUP_DEVICE = 2,	/* DEVICE, and how it is used */
	CLI_GROUP_EMULATOR = 4, /* the emulator inside the process */
	CLI_GROUP_COMMON = 8,	/* --help, --log: every command */
	CLI_GROUP_HUMAN = 16,	/* --human-readable */
	CLI_GROUP_RAW = 32,	/* --raw-binary, --output-format=binary */
};

struct cli_command;
struct cli_args;

/**
 * cli_options - an option of a command, its own first, then those of its groups
 * @index: from 0
 * Return: the row, or NULL past the last one. An option whose letter a row before it has does not
 * have it: see cli_option_letter().
 */
const struct cli_option *cli_options(const struct cli_command *command, unsigned int index);

/** cli_option_letter - the letter under which @option works in @command, or 0 */
char cli_option_letter(const struct cli_command *command, const struct cli_option *option);

/**
 * cli_parse - read the arguments of a command
 * @argv: @argc texts after the command's name; kept as long as the result
 *
 * Options and positional arguments may be mixed; "--" ends the options. Numbers are checked against
 * their rows here.
 * Return: the arguments, for cli_args_free(), or NULL with an error that names the option and what
 * it takes.
 */
struct cli_args *cli_parse(const struct cli_command *command, int argc, const char *const *argv,
			   GError **error);

/** cli_args_free - what cli_parse() gave; NULL is fine */
void cli_args_free(struct cli_args *args);
typedef struct cli_args CliArgs; /* for g_autoptr() */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliArgs, cli_args_free)

/*
 * Values by the option's long name. Asking for one that the command does not have, or for another
 * kind than its row says, is a programming error.
 */

/** cli_human - whether --human-readable was given; false for a command that does not have it */
bool cli_human(const struct cli_args *args);

/** cli_given - how often the option was given */
unsigned int cli_given(const struct cli_args *args, const char *name);

/** cli_number - value of a number, size (bytes) or time (nanoseconds); its fallback, or 0 */
uint64_t cli_number(const struct cli_args *args, const char *name);

/** cli_u32 - the same for an option whose greatest value fits */
uint32_t cli_u32(const struct cli_args *args, const char *name);

/** cli_text - value of a text or choice; its fallback, or NULL */
const char *cli_text(const struct cli_args *args, const char *name);

/** cli_list - value @index of a list, or NULL past the last one */
const char *cli_list(const struct cli_args *args, const char *name, unsigned int index);

/** cli_count - how many numbers an option of that kind has; 0 if it is not given */
unsigned int cli_count(const struct cli_args *args, const char *name);

/** cli_nth - number @index of them, or @otherwise past the last one */
uint64_t cli_nth(const struct cli_args *args, const char *name, unsigned int index,
		 uint64_t otherwise);

/** cli_has_option - whether the command has an option of that name */
bool cli_has_option(const struct cli_command *command, const char *name);

/** cli_positional - positional argument @index, or NULL past the last one */
const char *cli_positional(const struct cli_args *args, unsigned int index);

/**
 * cli_nearest - the one of @names that @word is most likely to mean
 * @names: NULL-terminated
 * Return: a name, or NULL when none is near enough.
 */
const char *cli_nearest(const char *word, const char *const *names);

#endif
