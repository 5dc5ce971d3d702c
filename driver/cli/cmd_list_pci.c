/* SPDX-License-Identifier: BSD-3-Clause */
/* The option --pci of list: NVMe functions of this machine, from configuration space alone. */
#include "driver/cli/error.h"
#include "driver/cli/list_pci.h"
#include "driver/cli/print.h"
#include "driver/transport/pci_list.h"

#define ERROR_BYTES 512

static void keep(void *arg, const struct nvl_pci_info *info)
{
	g_array_append_vals(arg, info, 1);
}

static const char *or_none(const char *text)
{
	return text[0] ? text : "-";
}

static void print_functions(struct cli_output *out, const GArray *functions)
{
	cli_heading(out, "%-20s %-9s %-16s %-11s %s", "Device", "ID", "Driver", "IOMMU group",
		    "Use");
	for (guint i = 0; i < functions->len; i++) {
		const struct nvl_pci_info *info = &g_array_index(functions, struct nvl_pci_info, i);

		cli_print(out, "pci:%-16s %04x:%04x %-16s %-11s %s\n", info->name, info->vendor,
			  info->device, or_none(info->driver), or_none(info->group),
			  or_none(info->use));
	}
}

static void print_functions_json(struct cli_output *out, const GArray *functions)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "Functions");
	json_builder_begin_array(builder);
	for (guint i = 0; i < functions->len; i++) {
		const struct nvl_pci_info *info = &g_array_index(functions, struct nvl_pci_info, i);
		g_autofree char *device = g_strconcat("pci:", info->name, NULL);

		json_builder_begin_object(builder);
		cli_add_text(builder, "Device", device);
		cli_add_u64(builder, "Vendor", info->vendor);
		cli_add_u64(builder, "DeviceID", info->device);
		cli_add_u64(builder, "SubsystemVendor", info->subvendor);
		cli_add_u64(builder, "SubsystemID", info->subdevice);
		cli_add_text(builder, "Driver", info->driver);
		cli_add_text(builder, "IOMMUGroup", info->group);
		cli_add_text(builder, "Use", info->use);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	cli_print_json(out, builder);
}

bool cli_list_pci(struct cli *cli, GError **error)
{
	g_autoptr(GArray) functions = g_array_new(FALSE, FALSE, sizeof(struct nvl_pci_info));
	char buffer[ERROR_BYTES];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	if (nvl_pci_list(keep, functions, &text) < 0)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s", buffer);
	if (cli->out->json)
		print_functions_json(cli->out, functions);
	else
		print_functions(cli->out, functions);
	return true;
}
