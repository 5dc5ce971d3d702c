/* SPDX-License-Identifier: BSD-3-Clause */
/* From the command line to a command, and from its error to an exit code. */
#include <locale.h>
#include <signal.h>
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/program.h"

const struct cli_option cli_common_options[] = {
	/* clang-format off */
	{ "log", 0, 0, CLI_CHOICE, "error|warning|info|debug", 0, "warning", false, "messages on standard error, up to this level" },
	{ "verbose", 'v', 0, CLI_FLAG, NULL, 0, NULL, false, "one level more of messages; may be repeated" },
	{ "help", 'h', 0, CLI_FLAG, NULL, 0, NULL, false, "show how the command is used" },
	{ 0 },
	/* clang-format on */
};

const struct cli_command *cli_find_command(const char *name)
{
	for (const struct cli_command *command = cli_program.commands; command->name; command++) {
		if (strcmp(command->name, name) == 0)
			return command;
	}
	return NULL;
}

bool cli_fail_unknown_command(const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	const char *nearest;

	for (const struct cli_command *command = cli_program.commands; command->name; command++)
		g_ptr_array_add(names, (gpointer)command->name);
	g_ptr_array_add(names, NULL);
	nearest = cli_nearest(name, (const char *const *)names->pdata);
	cli_fail(error, CLI_EXIT_USAGE, "unknown command '%s'", name);
	if (nearest)
		cli_hint(error, "did you mean %s?", nearest);
	return false;
}

static void set_log_level(const struct cli_args *args)
{
	static const char *const names[] = { "error", "warning", "info", "debug", NULL };
	const char *name = cli_text(args, "log");
	unsigned int level = 0;

	while (names[level] && strcmp(names[level], name) != 0)
		level++;
	level += cli_given(args, "verbose");
	cli_set_level(level > CLI_LOG_DEBUG ? CLI_LOG_DEBUG : (enum cli_level)level);
}

/* --raw-binary is the older way to say --output-format=binary. */
static bool pick_format(const struct cli *cli, GError **error)
{
	const struct cli_command *command = cli->command;
	const char *format;

	if (!(command->groups & CLI_GROUP_OUTPUT))
		return true;
	format = cli_text(cli->args, "output-format");
	cli->out->json = strcmp(format, "json") == 0;
	cli->out->binary = strcmp(format, "binary") == 0;
	if (cli->out->binary && !(command->groups & CLI_GROUP_RAW))
		return cli_fail(error, CLI_EXIT_USAGE,
				"--output-format: %s has no structure to write as binary",
				command->name);
	if ((command->groups & CLI_GROUP_RAW) && cli_given(cli->args, "raw-binary"))
		cli->out->binary = true;
	return true;
}

static bool run_row(struct cli *cli, GError **error)
{
	if (cli_given(cli->args, "help")) {
		cli_help_command(cli->out, cli->command);
		return true;
	}
	if (!pick_format(cli, error))
		return false;
	if (cli->command->run)
		return cli->command->run(cli, error);
	return cli_program.run(cli, error);
}

/* A status is a result too: readers of JSON get it where they look. */
static void print_json_status(struct cli_output *out, const GError *error)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_auto(GStrv) lines = g_strsplit(error->message, "\n", 2);
	const char *name = strstr(lines[0], "NVMe status: ");
	g_autofree char *text = g_strdup(name ? name + strlen("NVMe status: ") : lines[0]);
	char *code = strrchr(text, '(');

	if (code)
		*code = '\0';
	json_builder_begin_object(builder);
	cli_add_text(builder, "error", text);
	cli_add_text(builder, "type", "nvme");
	cli_add_u64(builder, "status", (uint64_t)error->code);
	json_builder_end_object(builder);
	cli_print_json(out, builder);
}

static void report(const struct cli_command *command, const GError *error)
{
	cli_report(command->name, error);
	if (error->domain == CLI_ERROR && error->code == CLI_EXIT_USAGE)
		fprintf(stderr, "  '%s %s --help' shows how it is used\n", cli_program.name,
			command->name);
}

static enum cli_exit run_command(const struct cli_command *command, int argc,
				 const char *const *argv)
{
	struct cli_output out = { .file = stdout, .colour = cli_wants_colour(stdout) };
	g_autoptr(GError) error = NULL, write_error = NULL;
	g_autoptr(CliArgs) args = cli_parse(command, argc, argv, &error);
	struct cli cli = { .command = command, .args = args, .out = &out };
	enum cli_exit code;

	if (!args) {
		report(command, error);
		return cli_exit_code(error);
	}
	set_log_level(args);
	if (!run_row(&cli, &error))
		report(command, error);
	if (error && error->domain == NVME_STATUS_ERROR && out.json)
		print_json_status(&out, error);
	cli_progress_end();
	code = cli_exit_code(error);
	if (!cli_finish(&out, &write_error)) {
		cli_report(command->name, write_error);
		code = CLI_EXIT_ENVIRONMENT;
	}
	return code;
}

/* "nvmelab --version" and "nvmelab -h" are what people try first. */
static const char *command_name(const char *word)
{
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return "version";
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return "help";
	return word;
}

int cli_main(int argc, char **argv)
{
	struct cli_output err = { .file = stderr, .colour = cli_wants_colour(stderr) };
	const struct cli_command *command;
	g_autoptr(GError) error = NULL;

	setlocale(LC_CTYPE, "");
	/* A reader that goes away is EPIPE, which is reported, and not a silent end. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		cli_help_all(&err);
		return CLI_EXIT_USAGE;
	}
	command = cli_find_command(command_name(argv[1]));
	if (!command) {
		cli_fail_unknown_command(argv[1], &error);
		cli_report(NULL, error);
		fprintf(stderr, "  '%s help' lists the commands\n", cli_program.name);
		return CLI_EXIT_USAGE;
	}
	return run_command(command, argc - 2, (const char *const *)argv + 2);
}
