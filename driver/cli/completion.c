/* SPDX-License-Identifier: BSD-3-Clause */
/* The command completion: scripts for bash and zsh, made from the rows of commands and options. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/program.h"

/* The program's name as one of a shell's function. */
static char *function_name(void)
{
	return g_strdelimit(g_strdup(cli_program.name), "-", '_');
}

/* bash: words to choose from. */

static void print_bash_options(struct cli_output *out, const struct cli_command *command)
{
	const struct cli_option *option;

	cli_print(out, "\t%s) words=\"", command->name);
	for (unsigned int i = 0; (option = cli_options(command, i)) != NULL; i++)
		cli_print(out, "%s--%s", i > 0 ? " " : "", option->name);
	cli_print(out, "\" ;;\n");
}

/* What follows an option is a choice, a file or something that cannot be guessed. */
static bool is_file(const struct cli_option *option)
{
	return option->metavar && strcmp(option->metavar, "FILE") == 0;
}

/* An option of one name may be a choice in one command and a file in another: first come. */
static void print_bash_values(struct cli_output *out)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	const struct cli_option *option;

	for (const struct cli_command *command = cli_program.commands; command->name; command++) {
		for (unsigned int i = 0; (option = cli_options(command, i)) != NULL; i++) {
			g_autofree char *names = NULL;

			if ((option->kind != CLI_CHOICE && !is_file(option)) ||
			    !g_hash_table_add(seen, (gpointer)option->name))
				continue;
			cli_print(out, "\t--%s) COMPREPLY=($(compgen ", option->name);
			if (is_file(option)) {
				cli_print(out, "-f -- \"$word\")); return ;;\n");
				continue;
			}
			names = g_strdelimit(g_strdup(option->metavar), "|", ' ');
			cli_print(out, "-W '%s' -- \"$word\")); return ;;\n", names);
		}
	}
}

/* A word is offered to whoever typed its first letter. */
static void print_bash_words(struct cli_output *out)
{
	for (const char *const *word = cli_program.words; *word; word++)
		cli_print(
			out,
			"\t%c*) COMPREPLY=($(compgen -W %s -- \"$word\")); compopt -o nospace ;;\n",
			**word, *word);
}

static void print_bash(struct cli_output *out)
{
	g_autofree char *function = function_name();

	cli_print(out,
		  "# Completion of %s for bash.\n_%s()\n{\n"
		  "\tlocal word=${COMP_WORDS[COMP_CWORD]} words\n"
		  "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords=\"",
		  cli_program.name, function);
	for (const struct cli_command *command = cli_program.commands; command->name; command++)
		cli_print(out, "%s%s", command == cli_program.commands ? "" : " ", command->name);
	cli_print(out,
		  "\"\n\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n\t\treturn\n\tfi\n"
		  "\tcase ${COMP_WORDS[COMP_CWORD - 1]} in\n");
	print_bash_values(out);
	if (cli_program.bash_values)
		cli_program.bash_values(out);
	cli_print(out, "\tesac\n\tcase ${COMP_WORDS[1]} in\n");
	for (const struct cli_command *command = cli_program.commands; command->name; command++)
		print_bash_options(out, command);
	cli_print(out, "\tesac\n\tcase $word in\n"
		       "\t-*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n");
	print_bash_words(out);
	cli_print(out,
		  "\t*) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
		  "\tesac\n}\ncomplete -F _%s %s\n",
		  function, cli_program.name);
}

/* zsh: specifications for _describe and _arguments, between single quotes. */

/* A quote ends the text, says itself and begins it again; @special takes a backslash. */
static void print_zsh_text(struct cli_output *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			cli_print(out, "'\\''");
		else
			cli_print(out, "%s%c", strchr(special, *text) ? "\\" : "", *text);
	}
}

static void print_zsh_value(struct cli_output *out, const struct cli_option *option)
{
	g_autofree char *names = NULL;

	if (option->kind == CLI_FLAG)
		return;
	cli_print(out, ":");
	print_zsh_text(out, option->metavar, ":[]\\");
	if (option->kind == CLI_CHOICE) {
		names = g_strdelimit(g_strdup(option->metavar), "|", ' ');
		cli_print(out, ":(%s)", names);
	} else {
		cli_print(out, ":%s", is_file(option) ? "_files" : "");
	}
}

static void print_zsh_option(struct cli_output *out, const struct cli_command *command,
			     const struct cli_option *option)
{
	char letter = cli_option_letter(command, option);

	cli_print(out, "\t\t\t'*--%s[", option->name);
	print_zsh_text(out, option->help, ":[]\\");
	cli_print(out, "]");
	print_zsh_value(out, option);
	cli_print(out, "' \\\n");
	if (!letter)
		return;
	cli_print(out, "\t\t\t'*-%c[", letter);
	print_zsh_text(out, option->help, ":[]\\");
	cli_print(out, "]");
	print_zsh_value(out, option);
	cli_print(out, "' \\\n");
}

static void print_zsh_command(struct cli_output *out, const struct cli_command *command,
			      const char *function)
{
	const struct cli_option *option;

	cli_print(out, "\t%s)\n\t\t_arguments \\\n", command->name);
	for (unsigned int i = 0; (option = cli_options(command, i)) != NULL; i++)
		print_zsh_option(out, command, option);
	cli_print(out, "\t\t\t'*:");
	print_zsh_text(out, command->positional, ":[]\\");
	cli_print(out, ":_%s_word'\n\t\t;;\n", function);
}

/* What an argument that is no option can be. */
static void print_zsh_words(struct cli_output *out, const char *function)
{
	cli_print(out, "_%s_word()\n{\n", function);
	if (cli_program.words[0])
		cli_print(out, "\tcompadd -S '' --");
	for (const char *const *word = cli_program.words; *word; word++)
		cli_print(out, " %s%s", *word, word[1] ? "" : "\n");
	cli_print(out, "\t_files\n}\n");
}

static void print_zsh(struct cli_output *out)
{
	g_autofree char *function = function_name();

	cli_print(out, "#compdef %s\n# Completion of %s for zsh.\n", cli_program.name,
		  cli_program.name);
	print_zsh_words(out, function);
	cli_print(out, "_%s()\n{\n\tlocal -a commands\n\tcommands=(\n", function);
	for (const struct cli_command *command = cli_program.commands; command->name; command++) {
		cli_print(out, "\t\t'%s:", command->name);
		print_zsh_text(out, command->help, "");
		cli_print(out, "'\n");
	}
	cli_print(out, "\t)\n\tif ((CURRENT == 2)); then\n"
		       "\t\t_describe command commands\n\t\treturn\n\tfi\n"
		       "\tlocal command=${words[2]}\n\tshift words\n\t((CURRENT--))\n"
		       "\tcase $command in\n");
	for (const struct cli_command *command = cli_program.commands; command->name; command++)
		print_zsh_command(out, command, function);
	cli_print(out,
		  "\tesac\n}\n"
		  "(($+functions[compdef])) && compdef _%s %s\n",
		  function, cli_program.name);
}

bool cli_run_completion(struct cli *cli, GError **error)
{
	const char *shell = cli_positional(cli->args, 0);

	if (strcmp(shell, "bash") == 0)
		print_bash(cli->out);
	else if (strcmp(shell, "zsh") == 0)
		print_zsh(cli->out);
	else
		return cli_fail(error, CLI_EXIT_USAGE, "'%s' is not one of bash, zsh", shell);
	return true;
}
