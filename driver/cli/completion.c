/* SPDX-License-Identifier: BSD-3-Clause */
/* The command completion: scripts for bash and zsh, made from the rows of commands and options. */
#include <string.h>

#include "driver/cli/command.h"
#include "driver/cli/error.h"
#include "driver/core/nvl.h"

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

static void print_bash_parameters(struct cli_output *out)
{
	const struct nvl_key *key;

	cli_print(out, "\t--driver) COMPREPLY=($(compgen -W '");
	for (uint32_t i = 0; (key = nvl_config_key(i)) != NULL; i++)
		cli_print(out, "%s%s=", i > 0 ? " " : "", key->name);
	cli_print(out, "' -- \"$word\")); compopt -o nospace; return ;;\n");
}

/* An option of one name may be a choice in one command and a file in another: first come. */
static void print_bash_values(struct cli_output *out)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	const struct cli_option *option;

	for (const struct cli_command *command = cli_commands; command->name; command++) {
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

static void print_bash(struct cli_output *out)
{
	cli_print(out, "# Completion of nvmelab for bash.\n_nvmelab()\n{\n"
		       "\tlocal word=${COMP_WORDS[COMP_CWORD]} words\n"
		       "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords=\"");
	for (const struct cli_command *command = cli_commands; command->name; command++)
		cli_print(out, "%s%s", command == cli_commands ? "" : " ", command->name);
	cli_print(out,
		  "\"\n\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n\t\treturn\n\tfi\n"
		  "\tcase ${COMP_WORDS[COMP_CWORD - 1]} in\n");
	print_bash_values(out);
	print_bash_parameters(out);
	cli_print(out, "\tesac\n\tcase ${COMP_WORDS[1]} in\n");
	for (const struct cli_command *command = cli_commands; command->name; command++)
		print_bash_options(out, command);
	cli_print(out,
		  "\tesac\n\tcase $word in\n"
		  "\t-*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
		  "\tv*) COMPREPLY=($(compgen -W vfio-user: -- \"$word\")); compopt -o nospace ;;\n"
		  "\tp*) COMPREPLY=($(compgen -W pci: -- \"$word\")); compopt -o nospace ;;\n"
		  "\t*) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
		  "\tesac\n}\ncomplete -F _nvmelab nvmelab\n");
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

static void print_zsh_command(struct cli_output *out, const struct cli_command *command)
{
	const struct cli_option *option;

	cli_print(out, "\t%s)\n\t\t_arguments \\\n", command->name);
	for (unsigned int i = 0; (option = cli_options(command, i)) != NULL; i++)
		print_zsh_option(out, command, option);
	cli_print(out, "\t\t\t'*:");
	print_zsh_text(out, command->positional, ":[]\\");
	cli_print(out, ":_nvmelab_device'\n\t\t;;\n");
}

static void print_zsh(struct cli_output *out)
{
	cli_print(out, "#compdef nvmelab\n# Completion of nvmelab for zsh.\n"
		       "_nvmelab_device()\n{\n"
		       "\tcompadd -S '' -- vfio-user: pci:\n\t_files\n}\n"
		       "_nvmelab()\n{\n\tlocal -a commands\n\tcommands=(\n");
	for (const struct cli_command *command = cli_commands; command->name; command++) {
		cli_print(out, "\t\t'%s:", command->name);
		print_zsh_text(out, command->help, "");
		cli_print(out, "'\n");
	}
	cli_print(out, "\t)\n\tif ((CURRENT == 2)); then\n"
		       "\t\t_describe command commands\n\t\treturn\n\tfi\n"
		       "\tlocal command=${words[2]}\n\tshift words\n\t((CURRENT--))\n"
		       "\tcase $command in\n");
	for (const struct cli_command *command = cli_commands; command->name; command++)
		print_zsh_command(out, command);
	cli_print(out, "\tesac\n}\n"
		       "(($+functions[compdef])) && compdef _nvmelab nvmelab\n");
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
