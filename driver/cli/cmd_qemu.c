/* SPDX-License-Identifier: BSD-3-Clause */
/* The command qemu: a virtual machine that has the emulator as one of its drives. */
#include <string.h>

#include "common/text.h"
#include "driver/cli/command.h"
#include "driver/cli/error.h"

#define SOCKET_PATH_MAX 107 /* of struct sockaddr_un, without the NUL */

const struct cli_option cli_qemu_options[] = {
	/* clang-format off */
	{ "memory", 'm', 0, CLI_SIZE, "SIZE", UINT64_C(1) << 44, "2G", false, "memory of the virtual machine" },
	{ "program", 0, 0, CLI_STRING, "NAME", 0, "qemu-system-x86_64", false, "QEMU to run" },
	{ 0 },
	/* clang-format on */
};

/*
 * {"driver":"vfio-user-pci","socket":{"type":"unix","path":"..."}}: the only form that QEMU takes.
 */
static char *device_text(const char *path)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = NULL;

	json_builder_begin_object(builder);
	cli_add_text(builder, "driver", "vfio-user-pci");
	json_builder_set_member_name(builder, "socket");
	json_builder_begin_object(builder);
	cli_add_text(builder, "type", "unix");
	cli_add_text(builder, "path", path);
	json_builder_end_object(builder);
	json_builder_end_object(builder);
	root = json_builder_get_root(builder);
	json_generator_set_root(generator, root);
	return json_generator_to_data(generator, NULL);
}

/*
 * The guest's memory must be a shared memfd: the emulator maps it, and would need a message for
 * each piece of data otherwise.
 */
static GPtrArray *build_arguments(struct cli *cli, const char *path)
{
	GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);
	char buffer[32];
	struct nvme_text memory;

	nvme_text_init(&memory, buffer, sizeof(buffer));
	nvme_text_size(&memory, cli_number(cli->args, "memory"));
	g_ptr_array_add(arguments, g_strdup(cli_text(cli->args, "program")));
	g_ptr_array_add(arguments, g_strdup("-machine"));
	g_ptr_array_add(arguments, g_strdup("q35,accel=kvm:tcg,memory-backend=mem"));
	g_ptr_array_add(arguments, g_strdup("-m"));
	g_ptr_array_add(arguments, g_strdup(buffer));
	g_ptr_array_add(arguments, g_strdup("-object"));
	g_ptr_array_add(arguments,
			g_strdup_printf("memory-backend-memfd,id=mem,size=%s,share=on", buffer));
	g_ptr_array_add(arguments, g_strdup("-device"));
	g_ptr_array_add(arguments, device_text(path));
	return arguments;
}

/* Options and their values on a line of their own, quoted where a shell would take them apart. */
static void print_shell(struct cli_output *out, const GPtrArray *arguments)
{
	for (guint i = 0; i < arguments->len; i++) {
		const char *argument = g_ptr_array_index(arguments, i);
		bool plain = strspn(argument, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					      "0123456789_-=:,./+") == strlen(argument);
		g_autofree char *quoted = plain ? g_strdup(argument) : g_shell_quote(argument);

		if (i > 0)
			cli_print(out, argument[0] == '-' ? " \\\n\t" : " ");
		cli_print(out, "%s", quoted);
	}
	cli_print(out, "\n");
}

static void print_argv(struct cli_output *out, const GPtrArray *arguments)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "argv");
	json_builder_begin_array(builder);
	for (guint i = 0; i < arguments->len; i++)
		json_builder_add_string_value(builder, g_ptr_array_index(arguments, i));
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	cli_print_json(out, builder);
}

bool cli_run_qemu(struct cli *cli, GError **error)
{
	const char *given = cli_positional(cli->args, 0);
	g_autoptr(GPtrArray) arguments = NULL;
	g_autofree char *path = NULL;

	if (g_str_has_prefix(given, "vfio-user:"))
		given += strlen("vfio-user:");
	if (!*given)
		return cli_fail(error, CLI_EXIT_USAGE, "PATH is empty");
	if (!g_utf8_validate(given, -1, NULL))
		return cli_fail(error, CLI_EXIT_USAGE,
				"PATH is not UTF-8, which QEMU's JSON needs");
	path = g_canonicalize_filename(given, NULL);
	if (strlen(path) > SOCKET_PATH_MAX)
		return cli_fail(error, CLI_EXIT_USAGE,
				"%s is longer than a socket's path can be (%d bytes)", path,
				SOCKET_PATH_MAX);
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		cli_log(CLI_LOG_WARNING,
			"%s is not there yet: nvmelab-emulator --socket %s makes it", path, path);
	arguments = build_arguments(cli, path);
	if (cli->out->json)
		print_argv(cli->out, arguments);
	else
		print_shell(cli->out, arguments);
	return true;
}
