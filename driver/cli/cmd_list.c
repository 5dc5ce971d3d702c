/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands list and list-subsys: namespaces of devices, controllers of NVM subsystems. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/host.h"
#include "driver/cli/list_pci.h"
#include "driver/cli/print.h"
#include "driver/cli/session.h"

const struct cli_option cli_list_options[] = {
	/* clang-format off */
	{ "pci", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "list the NVMe functions of this machine instead, whoever uses them, without opening any" },
	{ 0 },
	/* clang-format on */
};

/* A namespace; kept after its device is closed. */
struct space {
	uint32_t nsid;
	uint64_t used_bytes;
	uint64_t blocks;
	uint64_t bytes;
	uint32_t block_bytes;
	uint32_t metadata_bytes;
	const char *problem;
};

/* A controller and its namespaces, likewise. */
struct controller {
	char *path;
	const char *transport;
	char *address;
	char *sn;
	char *mn;
	char *fr;
	char *nqn;
	uint32_t cntlid;
	const char *state;
	GArray *spaces; /* struct space */
};

static void free_controller(gpointer data)
{
	struct controller *ctrl = data;

	g_free(ctrl->path);
	g_free(ctrl->address);
	g_free(ctrl->sn);
	g_free(ctrl->mn);
	g_free(ctrl->fr);
	g_free(ctrl->nqn);
	g_array_free(ctrl->spaces, TRUE);
	g_free(ctrl);
}

/* "pci:0000:01:00.0" is of transport pcie, and its address follows; so with "vfio-user:PATH". */
static void split_path(struct controller *ctrl)
{
	const char *colon = strchr(ctrl->path, ':');

	if (g_str_has_prefix(ctrl->path, "pci:"))
		ctrl->transport = "pcie";
	else
		ctrl->transport = colon ? "vfio-user" : "emulator";
	ctrl->address = g_strdup(colon ? colon + 1 : "");
}

static void add_spaces(const struct cli_session *session, GArray *spaces)
{
	for (uint32_t i = 0; i < nvl_ns_count(session->ctrl); i++) {
		const struct nvl_ns *ns = nvl_ns_at(session->ctrl, i);
		const struct space space = {
			.nsid = ns->nsid,
			.used_bytes = ns->nuse * ns->block_bytes,
			.blocks = ns->nsze,
			.bytes = ns->nsze * ns->block_bytes,
			.block_bytes = ns->block_bytes,
			.metadata_bytes = ns->metadata_bytes,
			.problem = ns->problem ? nvl_reason_text(ns->problem) : NULL,
		};

		g_array_append_val(spaces, space);
	}
}

static struct controller *look_at(const struct cli_session *session)
{
	const struct nvme_id_ctrl *id = nvl_id_ctrl(session->ctrl);
	struct controller *ctrl = g_new0(struct controller, 1);

	ctrl->path = g_strdup(session->path);
	split_path(ctrl);
	ctrl->sn = cli_trimmed(id->sn, sizeof(id->sn));
	ctrl->mn = cli_trimmed(id->mn, sizeof(id->mn));
	ctrl->fr = cli_trimmed(id->fr, sizeof(id->fr));
	ctrl->nqn = cli_trimmed(id->subnqn, strnlen(id->subnqn, sizeof(id->subnqn)));
	ctrl->cntlid = nvme_cpu16(id->cntlid);
	ctrl->state = nvl_state_name(nvl_state(session->ctrl));
	ctrl->spaces = g_array_new(FALSE, FALSE, sizeof(struct space));
	add_spaces(session, ctrl->spaces);
	return ctrl;
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

static void print_space(struct cli_output *out, const struct controller *ctrl,
			const struct space *space, int width)
{
	g_autofree char *used = decimal_size(space->used_bytes);
	g_autofree char *bytes = decimal_size(space->bytes);
	g_autofree char *usage = g_strdup_printf("%s / %s", used, bytes);
	g_autofree char *format = g_strdup_printf("%u B + %u B", space->block_bytes,
						  space->metadata_bytes);

	cli_print(out, "%-*s %-20s %-32s %#-10x %-22s %-16s %s\n", width, ctrl->path, ctrl->sn,
		  ctrl->mn, space->nsid, usage, format, ctrl->fr);
	if (space->problem)
		cli_print(out, "%*s namespace %u cannot be used: %s\n", width, "", space->nsid,
			  space->problem);
}

/* Columns for the paths. */
static int path_width(const GPtrArray *ctrls)
{
	size_t width = 16;

	for (guint i = 0; i < ctrls->len; i++) {
		const struct controller *ctrl = g_ptr_array_index(ctrls, i);

		width = MAX(width, strlen(ctrl->path));
	}
	return (int)width;
}

static void print_spaces(struct cli_output *out, const GPtrArray *ctrls)
{
	static const int widths[] = { 20, 32, 10, 22, 16, 8 };
	int width = path_width(ctrls);

	cli_heading(out, "%-*s %-20s %-32s %-10s %-22s %-16s %s", width, "Node", "SN", "Model",
		    "Namespace", "Usage", "Format", "FW Rev");
	print_rule(out, width);
	for (size_t i = 0; i < G_N_ELEMENTS(widths); i++)
		print_rule(out, widths[i]);
	cli_print(out, "\n");
	for (guint i = 0; i < ctrls->len; i++) {
		const struct controller *ctrl = g_ptr_array_index(ctrls, i);

		for (guint j = 0; j < ctrl->spaces->len; j++)
			print_space(out, ctrl, &g_array_index(ctrl->spaces, struct space, j),
				    width);
	}
}

static void add_size(JsonBuilder *builder, const struct space *space)
{
	cli_add_u64(builder, "UsedBytes", space->used_bytes);
	cli_add_u64(builder, "MaximumLBA", space->blocks);
	cli_add_u64(builder, "PhysicalSize", space->bytes);
	cli_add_u64(builder, "SectorSize", space->block_bytes);
}

static void print_spaces_json(struct cli_output *out, const GPtrArray *ctrls)
{
	JsonBuilder *builder = cli_json_open();

	cli_json_array(builder, "Devices");
	for (guint i = 0; i < ctrls->len; i++) {
		const struct controller *ctrl = g_ptr_array_index(ctrls, i);

		for (guint j = 0; j < ctrl->spaces->len; j++) {
			const struct space *space = &g_array_index(ctrl->spaces, struct space, j);

			json_builder_begin_object(builder);
			cli_add_u64(builder, "NameSpace", space->nsid);
			cli_add_text(builder, "DevicePath", ctrl->path);
			cli_add_text(builder, "GenericPath", ctrl->path);
			cli_add_text(builder, "Firmware", ctrl->fr);
			cli_add_text(builder, "ModelNumber", ctrl->mn);
			cli_add_text(builder, "SerialNumber", ctrl->sn);
			add_size(builder, space);
			json_builder_end_object(builder);
		}
	}
	json_builder_end_array(builder);
	cli_json_close(out, builder);
}

/* NVM subsystems: controllers with the same name belong to one. */

/* Whether no controller before @index has the name of its subsystem. */
static bool is_first(const GPtrArray *ctrls, guint index)
{
	const struct controller *ctrl = g_ptr_array_index(ctrls, index);

	for (guint i = 0; i < index; i++) {
		const struct controller *other = g_ptr_array_index(ctrls, i);

		if (strcmp(other->nqn, ctrl->nqn) == 0)
			return false;
	}
	return true;
}

static void add_controller(JsonBuilder *builder, const struct controller *ctrl)
{
	g_autofree char *cntlid = g_strdup_printf("%u", ctrl->cntlid);

	json_builder_begin_object(builder);
	cli_add_text(builder, "Controller", ctrl->path);
	cli_add_text(builder, "Cntlid", cntlid);
	cli_add_text(builder, "SerialNumber", ctrl->sn);
	cli_add_text(builder, "ModelNumber", ctrl->mn);
	cli_add_text(builder, "Firmware", ctrl->fr);
	cli_add_text(builder, "Transport", ctrl->transport);
	cli_add_text(builder, "Address", ctrl->address);
	cli_add_text(builder, "Slot", "");
	cli_json_array(builder, "Namespaces");
	for (guint i = 0; i < ctrl->spaces->len; i++) {
		const struct space *space = &g_array_index(ctrl->spaces, struct space, i);
		g_autofree char *name = g_strdup_printf("%s n%u", ctrl->path, space->nsid);

		json_builder_begin_object(builder);
		cli_add_text(builder, "NameSpace", name);
		cli_add_text(builder, "Generic", name);
		cli_add_u64(builder, "NSID", space->nsid);
		add_size(builder, space);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	cli_json_array(builder, "Paths");
	json_builder_end_array(builder);
	json_builder_end_object(builder);
}

static void add_path(JsonBuilder *builder, const struct controller *ctrl)
{
	json_builder_begin_object(builder);
	cli_add_text(builder, "Name", ctrl->path);
	cli_add_text(builder, "Transport", ctrl->transport);
	cli_add_text(builder, "Address", ctrl->address);
	cli_add_text(builder, "State", ctrl->state);
	json_builder_end_object(builder);
}

/* @add adds each controller of the subsystem of controller @first. */
static void add_members(JsonBuilder *builder, const GPtrArray *ctrls, guint first,
			void (*add)(JsonBuilder *, const struct controller *))
{
	const struct controller *leader = g_ptr_array_index(ctrls, first);

	for (guint i = first; i < ctrls->len; i++) {
		const struct controller *ctrl = g_ptr_array_index(ctrls, i);

		if (strcmp(ctrl->nqn, leader->nqn) == 0)
			add(builder, ctrl);
	}
	json_builder_end_array(builder);
}

static void add_host(JsonBuilder *builder)
{
	g_autofree char *nqn = cli_host_nqn(), *id = cli_host_id();

	json_builder_begin_object(builder);
	cli_add_text(builder, "HostNQN", nqn);
	cli_add_text(builder, "HostID", id);
	cli_json_array(builder, "Subsystems");
}

static void print_verbose_json(struct cli_output *out, const GPtrArray *ctrls)
{
	JsonBuilder *builder = cli_json_open();
	unsigned int count = 0;

	cli_json_array(builder, "Devices");
	add_host(builder);
	for (guint i = 0; i < ctrls->len; i++) {
		const struct controller *ctrl = g_ptr_array_index(ctrls, i);
		g_autofree char *name = NULL;

		if (!is_first(ctrls, i))
			continue;
		name = g_strdup_printf("nvme-subsys%u", count++);
		json_builder_begin_object(builder);
		cli_add_text(builder, "Subsystem", name);
		cli_add_text(builder, "SubsystemNQN", ctrl->nqn);
		cli_json_array(builder, "Controllers");
		add_members(builder, ctrls, i, add_controller);
		cli_json_array(builder, "Namespaces");
		json_builder_end_array(builder);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	json_builder_end_array(builder);
	cli_json_close(out, builder);
}

static void print_verbose(struct cli_output *out, const GPtrArray *ctrls)
{
	int width = path_width(ctrls);
	unsigned int count = 0;

	cli_heading(out, "%-16s %-72s %s", "Subsystem", "Subsystem-NQN", "Controllers");
	for (guint i = 0; i < ctrls->len; i++) {
		const struct controller *ctrl = g_ptr_array_index(ctrls, i);

		if (!is_first(ctrls, i))
			continue;
		cli_print(out, "nvme-subsys%-5u %-72s", count++, ctrl->nqn);
		for (guint j = i; j < ctrls->len; j++) {
			const struct controller *other = g_ptr_array_index(ctrls, j);

			if (strcmp(ctrl->nqn, other->nqn) == 0)
				cli_print(out, " %s", other->path);
		}
		cli_print(out, "\n");
	}
	cli_print(out, "\n");
	cli_heading(out, "%-*s %-6s %-20s %-32s %-8s %-9s %s", width, "Device", "Cntlid", "SN",
		    "Model", "FR", "TxPort", "Address");
	for (guint i = 0; i < ctrls->len; i++) {
		const struct controller *ctrl = g_ptr_array_index(ctrls, i);

		cli_print(out, "%-*s %-6u %-20s %-32s %-8s %-9s %s\n", width, ctrl->path,
			  ctrl->cntlid, ctrl->sn, ctrl->mn, ctrl->fr, ctrl->transport,
			  ctrl->address);
	}
	cli_print(out, "\n");
	print_spaces(out, ctrls);
}

/* One device that fails does not hide the others: its error becomes *@ret_first, or is reported. */
static GPtrArray *look_at_all(struct cli *cli, GError **ret_first)
{
	GPtrArray *ctrls = g_ptr_array_new_with_free_func(free_controller);
	const char *which = cli_positional(cli->args, 0);
	unsigned int i = 0;

	do {
		g_autoptr(GError) failed = NULL;
		struct cli_session *session = cli_open(cli, which, NULL, &failed);

		if (session) {
			g_ptr_array_add(ctrls, look_at(session));
			if (cli_close(session, true, &failed))
				continue;
		}
		if (*ret_first)
			cli_report(cli->command->name, failed);
		else
			*ret_first = g_steal_pointer(&failed);
	} while ((which = cli_positional(cli->args, ++i)) != NULL);
	return ctrls;
}

static bool pass_on(GError *first, GError **error)
{
	if (!first)
		return true;
	g_propagate_error(error, first);
	return false;
}

static bool list_devices(struct cli *cli, GError **error)
{
	GError *first = NULL;
	g_autoptr(GPtrArray) ctrls = look_at_all(cli, &first);
	bool verbose = cli_given(cli->args, "verbose") > 0;

	if (cli->out->json)
		(verbose ? print_verbose_json : print_spaces_json)(cli->out, ctrls);
	else if (ctrls->len > 0 || !first)
		(verbose ? print_verbose : print_spaces)(cli->out, ctrls);
	return pass_on(first, error);
}

bool cli_run_list(struct cli *cli, GError **error)
{
	if (!cli_given(cli->args, "pci"))
		return list_devices(cli, error);
	if (cli_positional(cli->args, 0))
		return cli_fail(error, CLI_EXIT_USAGE, "--pci lists all: no DEVICE");
	return cli_list_pci(cli, error);
}

/* list-subsys */

static void add_subsystem(JsonBuilder *builder, const GPtrArray *ctrls, guint index,
			  unsigned int number, bool verbose)
{
	const struct controller *ctrl = g_ptr_array_index(ctrls, index);
	g_autofree char *name = g_strdup_printf("nvme-subsys%u", number);

	json_builder_begin_object(builder);
	cli_add_text(builder, "Name", name);
	cli_add_text(builder, "NQN", ctrl->nqn);
	if (verbose) {
		cli_add_text(builder, "Model", ctrl->mn);
		cli_add_text(builder, "Firmware", ctrl->fr);
		cli_add_text(builder, "IOPolicy", "none");
		cli_add_text(builder, "Type", "nvm");
	}
	cli_json_array(builder, "Paths");
	add_members(builder, ctrls, index, add_path);
	json_builder_end_object(builder);
}

static void print_subsystems_json(struct cli_output *out, const GPtrArray *ctrls, bool verbose)
{
	g_autoptr(JsonBuilder) builder = json_builder_begin_array(json_builder_new());
	unsigned int count = 0;

	add_host(builder);
	for (guint i = 0; i < ctrls->len; i++) {
		if (is_first(ctrls, i))
			add_subsystem(builder, ctrls, i, count++, verbose);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	json_builder_end_array(builder);
	cli_print_json(out, builder);
}

static void print_subsystems(struct cli_output *out, const GPtrArray *ctrls)
{
	g_autofree char *host = cli_host_nqn();
	unsigned int count = 0;

	for (guint i = 0; i < ctrls->len; i++) {
		const struct controller *leader = g_ptr_array_index(ctrls, i);

		if (!is_first(ctrls, i))
			continue;
		cli_print(out, "nvme-subsys%u - NQN=%s\n               hostnqn=%s\n\\\n", count++,
			  leader->nqn, host);
		for (guint j = i; j < ctrls->len; j++) {
			const struct controller *ctrl = g_ptr_array_index(ctrls, j);

			if (strcmp(ctrl->nqn, leader->nqn) == 0)
				cli_print(out, " +- %s %s %s %s\n", ctrl->path, ctrl->transport,
					  ctrl->address, ctrl->state);
		}
	}
}

bool cli_run_list_subsys(struct cli *cli, GError **error)
{
	GError *first = NULL;
	g_autoptr(GPtrArray) ctrls = look_at_all(cli, &first);

	if (cli->out->json)
		print_subsystems_json(cli->out, ctrls, cli_given(cli->args, "verbose") > 0);
	else
		print_subsystems(cli->out, ctrls);
	return pass_on(first, error);
}
