/* SPDX-License-Identifier: BSD-3-Clause */
/* Help and manual page: all of it is made from the rows of commands and options. */
#include <string.h>

#include "config.h"
#include "driver/cli/program.h"

#define TEXT_COLUMNS 96
#define HELP_COLUMN  36
#define NAME_COLUMNS 24

const struct cli_option cli_help_options[] = {
	/* clang-format off */
	{ "man", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "print the commands as a part of a manual page" },
	{ 0 },
	/* clang-format on */
};

void cli_print_wrapped(struct cli_output *out, const char *text, int column)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	int at = column;

	for (char **word = words; *word; word++) {
		int length = (int)strlen(*word);

		if (at > column && at + 1 + length > TEXT_COLUMNS) {
			cli_print(out, "\n%*s", column, "");
			at = column;
		} else if (at > column) {
			cli_print(out, " ");
			at++;
		}
		cli_print(out, "%s", *word);
		at += length;
	}
	cli_print(out, "\n");
}

void cli_help_all(struct cli_output *out)
{
	const char *area = "";

	cli_print(out, "usage: %s %s\n\n", cli_program.name, cli_program.usage);
	cli_print_wrapped(out, cli_program.about, 0);
	for (const struct cli_command *command = cli_program.commands; command->name; command++) {
		if (strcmp(area, command->area) != 0) {
			cli_print(out, "\n");
			cli_heading(out, "%s", command->area);
		}
		area = command->area;
		cli_print(out, "  %-*s %s\n", NAME_COLUMNS, command->name, command->help);
	}
	cli_print(out,
		  "\n'%s COMMAND --help' has the options of a command, %s(1) all of them.\n%s\n",
		  cli_program.name, cli_program.name, cli_program.exit_codes);
}

static char *option_text(const struct cli_command *command, const struct cli_option *option)
{
	char letter = cli_option_letter(command, option);
	g_autofree char *value = option->metavar ? g_strdup_printf(" %s", option->metavar)
						 : g_strdup("");

	if (letter)
		return g_strdup_printf("-%c, --%s%s", letter, option->name, value);
	return g_strdup_printf("    --%s%s", option->name, value);
}

static char *option_help(const struct cli_option *option)
{
	if (option->required)
		return g_strdup_printf("%s (required)", option->help);
	if (option->fallback)
		return g_strdup_printf("%s (default %s)", option->help, option->fallback);
	return g_strdup(option->help);
}

static void print_option(struct cli_output *out, const struct cli_command *command,
			 const struct cli_option *option)
{
	g_autofree char *text = option_text(command, option);
	g_autofree char *help = option_help(option);

	cli_print(out, "  %-*s", HELP_COLUMN - 2, text);
	if (strlen(text) > HELP_COLUMN - 3)
		cli_print(out, "\n%*s", HELP_COLUMN, "");
	cli_print_wrapped(out, help, HELP_COLUMN);
}

void cli_help_command(struct cli_output *out, const struct cli_command *command)
{
	const struct cli_option *option;

	cli_print(out, "usage: %s %s%s%s [OPTION...]\n\n", cli_program.name, command->name,
		  command->positional[0] ? " " : "", command->positional);
	cli_print(out, "%c%s.\n", g_ascii_toupper(command->help[0]), command->help + 1);
	if (command->details) {
		cli_print(out, "\n");
		cli_print_wrapped(out, command->details, 0);
	}
	cli_print(out, "\n");
	cli_heading(out, "Options");
	for (unsigned int i = 0; (option = cli_options(command, i)) != NULL; i++)
		print_option(out, command, option);
}

/* Text for roff: a dash is a minus sign, a backslash is itself, a line never begins with a dot. */
void cli_print_roff(struct cli_output *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		cli_print(out, "\\&");
	for (; *text; text++) {
		if (*text == '-')
			cli_print(out, "\\-");
		else if (*text == '\\')
			cli_print(out, "\\e");
		else
			cli_print(out, "%c", *text);
	}
}

static void print_roff_option(struct cli_output *out, const struct cli_command *command,
			      const struct cli_option *option)
{
	char letter = cli_option_letter(command, option);
	g_autofree char *help = option_help(option);

	cli_print(out, ".TP\n");
	if (letter)
		cli_print(out, "\\fB\\-%c\\fR, ", letter);
	cli_print(out, "\\fB\\-\\-");
	cli_print_roff(out, option->name);
	cli_print(out, "\\fR");
	if (option->metavar) {
		cli_print(out, " \\fI");
		cli_print_roff(out, option->metavar);
		cli_print(out, "\\fR");
	}
	cli_print(out, "\n");
	help[0] = g_ascii_toupper(help[0]);
	cli_print_roff(out, help);
	cli_print(out, ".\n");
}

static bool is_shared(const struct cli_option *option)
{
	const struct cli_group_options *group = cli_program.groups;

	for (; group->options; group++) {
		for (const struct cli_option *row = group->options; row->name; row++) {
			if (row == option)
				return (cli_program.shared & group->bit) != 0;
		}
	}
	return false;
}

static void print_roff_command(struct cli_output *out, const struct cli_command *command)
{
	const struct cli_option *option;

	cli_print(out, ".SS ");
	cli_print_roff(out, command->name);
	cli_print(out, "%s", command->positional[0] ? " " : "");
	cli_print_roff(out, command->positional);
	cli_print(out, "\n%c", g_ascii_toupper(command->help[0]));
	cli_print_roff(out, command->help + 1);
	cli_print(out, ".\n");
	if (command->details) {
		cli_print_roff(out, command->details);
		cli_print(out, "\n");
	}
	for (unsigned int i = 0; (option = cli_options(command, i)) != NULL; i++) {
		if (!is_shared(option))
			print_roff_option(out, command, option);
	}
}

void cli_help_man(struct cli_output *out)
{
	const struct cli_command all = { .name = "all", .groups = cli_program.shared };
	const struct cli_option *option;

	cli_print(out, ".SH COMMANDS\n");
	for (const struct cli_command *command = cli_program.commands; command->name; command++)
		print_roff_command(out, command);
	cli_print(out, ".SH OPTIONS\n%s\n", cli_program.man_options);
	for (unsigned int i = 0; (option = cli_options(&all, i)) != NULL; i++)
		print_roff_option(out, &all, option);
	if (cli_program.man)
		cli_program.man(out);
}

bool cli_run_help(struct cli *cli, GError **error)
{
	const char *name = cli_positional(cli->args, 0);
	const struct cli_command *command;

	if (cli_given(cli->args, "man")) {
		cli_help_man(cli->out);
		return true;
	}
	if (!name) {
		cli_help_all(cli->out);
		return true;
	}
	if (cli_program.topic && cli_program.topic(cli->out, name))
		return true;
	command = cli_find_command(name);
	if (!command)
		return cli_fail_unknown_command(name, error);
	cli_help_command(cli->out, command);
	return true;
}

bool cli_run_version(struct cli *cli, GError **error)
{
	g_autoptr(JsonBuilder) builder = NULL;

	(void)error;
	if (!cli->out->json) {
		cli_print(cli->out, "%s %s\n", cli_program.name, PACKAGE_VERSION);
		return true;
	}
	builder = json_builder_new();
	json_builder_begin_object(builder);
	cli_add_text(builder, "version", PACKAGE_VERSION);
	json_builder_end_object(builder);
	cli_print_json(cli->out, builder);
	return true;
}
