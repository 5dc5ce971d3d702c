/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of the driver, in the help, the manual page and the completion. */
#include <string.h>

#include "driver/cli/command.h"
#include "driver/cli/params.h"

#define NAME_COLUMNS 24

bool cli_topic(struct cli_output *out, const char *name)
{
	const struct nvl_key *key;

	if (strcmp(name, "params") != 0)
		return false;
	cli_print(out, "usage: nvmelab COMMAND [DEVICE] --driver KEY=VALUE,...\n\n");
	cli_print_wrapped(
		out,
		"Parameters of the driver, for every command that takes DEVICE. They count "
		"more than what the command would have; vectors and mode=hybrid imply "
		"--interrupts.",
		0);
	cli_print(out, "\n");
	cli_heading(out, "Parameters");
	for (uint32_t i = 0; (key = nvl_config_key(i)) != NULL; i++) {
		g_autofree char *text = cli_parameter_text(key);

		cli_print(out, "  %-*s ", NAME_COLUMNS, key->name);
		cli_print_wrapped(out, text, NAME_COLUMNS + 3);
	}
	return true;
}

void cli_man_parameters(struct cli_output *out)
{
	const struct nvl_key *key;

	cli_print(out,
		  ".SH DRIVER PARAMETERS\nWhat \\fB\\-\\-driver\\fR sets. They count more than "
		  "what a command would have.\n");
	for (uint32_t i = 0; (key = nvl_config_key(i)) != NULL; i++) {
		g_autofree char *text = cli_parameter_text(key);

		cli_print(out, ".TP\n\\fB%s\\fR=\\fIVALUE\\fR\n", key->name);
		text[0] = g_ascii_toupper(text[0]);
		cli_print_roff(out, text);
		cli_print(out, ".\n");
	}
}

void cli_bash_parameters(struct cli_output *out)
{
	const struct nvl_key *key;

	cli_print(out, "\t--driver) COMPREPLY=($(compgen -W '");
	for (uint32_t i = 0; (key = nvl_config_key(i)) != NULL; i++)
		cli_print(out, "%s%s=", i > 0 ? " " : "", key->name);
	cli_print(out, "' -- \"$word\")); compopt -o nospace; return ;;\n");
}
