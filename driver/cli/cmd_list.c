/* SPDX-License-Identifier: BSD-3-Clause */
/* The command list: namespaces of devices, one a line. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/list_pci.h"
#include "driver/cli/print.h"
#include "driver/cli/session.h"

const struct cli_option cli_list_options[] = {
	/* clang-format off */
	{ "pci", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "list the NVMe functions of this machine instead, whoever uses them, without opening any" },
	{ 0 },
	/* clang-format on */
};

/* A namespace as one line; kept after its device is closed. */
struct line {
	char *node;
	char *sn;
	char *mn;
	char *fr;
	uint32_t nsid;
	uint64_t used_bytes;
	uint64_t blocks;
	uint64_t bytes;
	uint32_t block_bytes;
	uint32_t metadata_bytes;
	const char *problem;
};

static void free_line(gpointer data)
{
	struct line *line = data;

	g_free(line->node);
	g_free(line->sn);
	g_free(line->mn);
	g_free(line->fr);
	g_free(line);
}

static void add_namespaces(const struct cli_session *session, GPtrArray *lines)
{
	const struct nvme_id_ctrl *id = nvl_id_ctrl(session->ctrl);

	for (uint32_t i = 0; i < nvl_ns_count(session->ctrl); i++) {
		const struct nvl_ns *ns = nvl_ns_at(session->ctrl, i);
		struct line *line = g_new0(struct line, 1);

		line->node = g_strdup(session->path);
		line->sn = cli_trimmed(id->sn, sizeof(id->sn));
		line->mn = cli_trimmed(id->mn, sizeof(id->mn));
		line->fr = cli_trimmed(id->fr, sizeof(id->fr));
		line->nsid = ns->nsid;
		line->used_bytes = ns->nuse * ns->block_bytes;
		line->blocks = ns->nsze;
		line->bytes = ns->nsze * ns->block_bytes;
		line->block_bytes = ns->block_bytes;
		line->metadata_bytes = ns->metadata_bytes;
		line->problem = ns->problem ? nvl_reason_text(ns->problem) : NULL;
		g_ptr_array_add(lines, line);
	}
}

static void print_rule(struct cli_output *out, int width)
{
	for (int i = 0; i < width; i++)
		cli_print(out, "-");
	cli_print(out, " ");
}

/* Decimal units, as nvme-cli prints them. */
static char *decimal_size(uint64_t bytes)
{
	static const char *const units[] = { " B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < G_N_ELEMENTS(units)) {
		value /= 1000;
		unit++;
	}
	return g_strdup_printf("%6.2f %s", value, units[unit]);
}

static void print_line(struct cli_output *out, const struct line *line, int width)
{
	g_autofree char *used = decimal_size(line->used_bytes);
	g_autofree char *bytes = decimal_size(line->bytes);
	g_autofree char *usage = g_strdup_printf("%s / %s", used, bytes);
	g_autofree char *format = g_strdup_printf("%u B + %u B", line->block_bytes,
						  line->metadata_bytes);

	cli_print(out, "%-*s %-20s %-32s %#-10x %-22s %-16s %s\n", width, line->node, line->sn,
		  line->mn, line->nsid, usage, format, line->fr);
	if (line->problem)
		cli_print(out, "%*s namespace %u cannot be used: %s\n", width, "", line->nsid,
			  line->problem);
}

static void print_lines(struct cli_output *out, const GPtrArray *lines)
{
	static const int widths[] = { 20, 32, 10, 22, 16, 8 };
	int width = 16;

	for (guint i = 0; i < lines->len; i++) {
		const struct line *line = g_ptr_array_index(lines, i);

		width = MAX(width, (int)strlen(line->node));
	}
	cli_heading(out, "%-*s %-20s %-32s %-10s %-22s %-16s %s", width, "Node", "SN", "Model",
		    "Namespace", "Usage", "Format", "FW Rev");
	print_rule(out, width);
	for (size_t i = 0; i < G_N_ELEMENTS(widths); i++)
		print_rule(out, widths[i]);
	cli_print(out, "\n");
	for (guint i = 0; i < lines->len; i++)
		print_line(out, g_ptr_array_index(lines, i), width);
}

static void print_lines_json(struct cli_output *out, const GPtrArray *lines)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "Devices");
	json_builder_begin_array(builder);
	for (guint i = 0; i < lines->len; i++) {
		const struct line *line = g_ptr_array_index(lines, i);

		json_builder_begin_object(builder);
		cli_add_u64(builder, "NameSpace", line->nsid);
		cli_add_text(builder, "DevicePath", line->node);
		cli_add_text(builder, "GenericPath", line->node);
		cli_add_text(builder, "Firmware", line->fr);
		cli_add_text(builder, "ModelNumber", line->mn);
		cli_add_text(builder, "SerialNumber", line->sn);
		cli_add_u64(builder, "UsedBytes", line->used_bytes);
		cli_add_u64(builder, "MaximumLBA", line->blocks);
		cli_add_u64(builder, "PhysicalSize", line->bytes);
		cli_add_u64(builder, "SectorSize", line->block_bytes);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	cli_print_json(out, builder);
}

static bool list_device(struct cli *cli, const char *which, GPtrArray *lines, GError **error)
{
	struct cli_session *session = cli_open(cli, which, NULL, error);

	if (!session)
		return false;
	add_namespaces(session, lines);
	return cli_close(session, true, error);
}

/* One device that fails does not hide the others. */
bool cli_run_list(struct cli *cli, GError **error)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(free_line);
	g_autoptr(GError) first = NULL;
	const char *which = cli_positional(cli->args, 0);
	unsigned int i = 0;

	if (cli_given(cli->args, "pci"))
		return which ? cli_fail(error, CLI_EXIT_USAGE, "--pci lists all: no DEVICE")
			     : cli_list_pci(cli, error);
	do {
		g_autoptr(GError) failed = NULL;

		if (list_device(cli, which, lines, &failed))
			continue;
		if (first)
			cli_report(cli->command->name, failed);
		else
			first = g_steal_pointer(&failed);
	} while ((which = cli_positional(cli->args, ++i)) != NULL);
	if (cli->out->json)
		print_lines_json(cli->out, lines);
	else if (lines->len > 0 || !first)
		print_lines(cli->out, lines);
	if (!first)
		return true;
	g_propagate_error(error, g_steal_pointer(&first));
	return false;
}
