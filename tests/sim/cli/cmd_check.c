/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands check and print: scenarios that are read and not run. */
#include "driver/cli/error.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/cli/source.h"

static void add_json(JsonBuilder *builder, const char *path, const struct sim_file *file,
		     const struct nvme_ini_error *why, const GError *error)
{
	json_builder_begin_object(builder);
	cli_add_text(builder, "file", path);
	json_builder_set_member_name(builder, "valid");
	json_builder_add_boolean_value(builder, !error);
	if (!error) {
		cli_add_text(builder, "title", file->scenario.title);
		cli_add_u64(builder, "rules", file->scenario.faults);
		cli_add_u64(builder, "expectations", file->expects);
	} else if (why->result == NVME_INI_OK) {
		cli_add_text(builder, "message", error->message);
	} else {
		cli_add_u64(builder, "line", why->line);
		cli_add_text(builder, "message", why->message);
	}
	json_builder_end_object(builder);
}

static void print_line(struct cli_output *out, const char *path, const struct sim_file *file,
		       const GError *error)
{
	if (error) {
		fflush(out->file);
		fprintf(stderr, "%s\n", error->message);
		return;
	}
	cli_print(out, "%s: %u rule%s, %u expectation%s\n", path, file->scenario.faults,
		  CLI_PLURAL(file->scenario.faults), file->expects, CLI_PLURAL(file->expects));
}

/* What can be mended in the file counts more than what cannot be read. */
static int worse(int code, const GError *error)
{
	int other = (int)cli_exit_code(error);

	return code == 0 || (other != 0 && other < code) ? other : code;
}

bool sim_cmd_check(struct cli *cli, GError **error)
{
	g_autoptr(GPtrArray) paths = sim_source_paths(cli->args, error);
	g_autofree struct sim_file *file = g_new0(struct sim_file, 1);
	g_autoptr(JsonBuilder) builder = json_builder_new();
	unsigned int bad = 0;
	int code = 0;

	if (!paths)
		return false;
	json_builder_begin_array(builder);
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		struct nvme_ini_error why;
		g_autoptr(GError) wrong = NULL;

		bad += !sim_source_load(path, file, &why, &wrong);
		code = worse(code, wrong);
		if (cli->out->json)
			add_json(builder, path, file, &why, wrong);
		else
			print_line(cli->out, path, file, wrong);
	}
	json_builder_end_array(builder);
	if (cli->out->json)
		cli_print_json(cli->out, builder);
	return bad == 0 || cli_verdict(error, code, "%u of %u file%s wrong", bad, paths->len,
				       paths->len == 1 ? " is" : "s are");
}

bool sim_cmd_print(struct cli *cli, GError **error)
{
	g_autofree struct sim_file *file = g_new0(struct sim_file, 1);
	g_autofree char *text = NULL;
	struct nvme_ini_error why;

	if (!sim_source_load(cli_positional(cli->args, 0), file, &why, error))
		return false;
	text = sim_source_print(file);
	cli_print(cli->out, "%s", text);
	return true;
}
