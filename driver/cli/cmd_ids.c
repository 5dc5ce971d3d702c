/* SPDX-License-Identifier: BSD-3-Clause */
/* Identify data about namespaces and command sets: ns-descs, nvm-id-ns, id-iocs and the like. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/send.h"

const struct cli_option cli_ns_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_nvm_id_ns_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	{ "uuid-index", 'U', 0, CLI_NUMBER, "NUM", 127, "0", false, "UUID index" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_id_iocs_options[] = {
	/* clang-format off */
	{ "controller-id", 'c', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0xffff", false, "the controller; 0xffff is the one that is asked" },
	{ 0 },
	/* clang-format on */
};

/* ns-descs */

struct descriptor {
	uint8_t nidt;
	uint8_t bytes;
	const char *name;
};

static const struct descriptor descriptors[] = {
	{ NVME_NIDT_EUI64, NVME_NIDL_EUI64, "eui64" },
	{ NVME_NIDT_NGUID, NVME_NIDL_NGUID, "nguid" },
	{ NVME_NIDT_UUID, NVME_NIDL_UUID, "uuid" },
	{ NVME_NIDT_CSI, NVME_NIDL_CSI, "csi" },
};

static const struct descriptor *find_descriptor(const struct nvme_ns_id_desc *desc)
{
	for (size_t i = 0; i < G_N_ELEMENTS(descriptors); i++) {
		if (descriptors[i].nidt == desc->nidt && descriptors[i].bytes == desc->nidl)
			return &descriptors[i];
	}
	return NULL;
}

static char *descriptor_text(const struct nvme_ns_id_desc *desc, const uint8_t *data)
{
	GString *text;

	if (desc->nidt == NVME_NIDT_UUID && desc->nidl == NVME_NIDL_UUID)
		return cli_uuid_text(data);
	if (desc->nidt == NVME_NIDT_CSI && desc->nidl == NVME_NIDL_CSI)
		return g_strdup_printf("%#x", *data);
	text = g_string_new(NULL);
	for (unsigned int i = 0; i < desc->nidl; i++)
		g_string_append_printf(text, "%02x", data[i]);
	return g_string_free(text, FALSE);
}

static void show_descriptor(struct cli_output *out, JsonBuilder *builder, uint64_t loc,
			    const struct nvme_ns_id_desc *desc, const uint8_t *data)
{
	const struct descriptor *known = find_descriptor(desc);
	g_autofree char *text = descriptor_text(desc, data);
	const char *name = known ? known->name : "unknown";

	if (!builder) {
		cli_print(out, "%-8s: %s\n", name, text);
		return;
	}
	json_builder_begin_object(builder);
	cli_add_u64(builder, "loc", loc);
	cli_add_u64(builder, "nidt", desc->nidt);
	cli_add_u64(builder, "nidl", desc->nidl);
	cli_add_text(builder, "Type", name);
	cli_add_text(builder, name, text);
	json_builder_end_object(builder);
}

/* The list ends with an entry of length 0, or where an entry would go beyond the data. */
static void show_descriptors(struct cli_output *out, JsonBuilder *builder, const uint8_t *data)
{
	struct nvme_ns_id_desc desc;
	size_t at = 0;

	while (at + sizeof(desc) < NVME_IDENTIFY_BYTES) {
		memcpy(&desc, data + at, sizeof(desc));
		if (desc.nidl == 0 || at + sizeof(desc) + desc.nidl > NVME_IDENTIFY_BYTES)
			break;
		show_descriptor(out, builder, at, &desc, data + at + sizeof(desc));
		at += sizeof(desc) + desc.nidl;
	}
}

bool cli_ns_descs(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_identify request = { .cns = NVME_CNS_NS_DESC_LIST,
					      .nsid = cli_pick_nsid(cli, session) };
	uint8_t data[NVME_IDENTIFY_BYTES];
	JsonBuilder *builder;

	if (!cli_identify(session, &request, data, error))
		return false;
	if (cli_write_binary(cli->out, data, sizeof(data)))
		return true;
	if (cli->out->json) {
		builder = cli_json_open();
		cli_json_array(builder, "ns-descs");
		show_descriptors(cli->out, builder, data);
		json_builder_end_array(builder);
		cli_json_close(cli->out, builder);
	} else {
		cli_heading(cli->out,
			    "NVME Namespace Identification Descriptors NS %u:", request.nsid);
		show_descriptors(cli->out, NULL, data);
	}
	return true;
}

/* nvm-id-ctrl, nvm-id-ns, cmdset-ind-id-ns */

bool cli_nvm_id_ctrl(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_identify request = { .cns = NVME_CNS_CTRL_CSI, .csi = NVME_CSI_NVM };
	struct nvme_id_ctrl_nvm id;

	if (!cli_identify(session, &request, &id, error))
		return false;
	cli_show_fields(cli->out, "NVMe Identify Controller NVM:", cli_id_ctrl_nvm_fields, &id,
			sizeof(id), 7, cli_human(cli->args));
	return true;
}

static void print_nvm_id_ns(struct cli *cli, const struct nvme_id_ns_nvm *id,
			    const struct nvme_id_ns *common, uint32_t nsid)
{
	unsigned int formats = MIN(common->nlbaf + 1u, NVME_LBA_FORMATS_MAX);

	cli_heading(cli->out, "NVMe NVM Identify Namespace %u:", nsid);
	cli_print_fields(cli->out, cli_id_ns_nvm_fields, id, 6, cli_human(cli->args));
	for (unsigned int i = 0; i < formats; i++) {
		uint32_t elbaf = nvme_cpu32(id->elbaf[i]);

		cli_print(cli->out, "elbaf %2u : qpif:%u pif:%u sts:%-2u %s\n", i,
			  NVME_GET(elbaf, NVME_ELBAF_QPIF), NVME_GET(elbaf, NVME_ELBAF_PIF),
			  NVME_GET(elbaf, NVME_ELBAF_STS),
			  i == nvme_id_ns_format(common->flbas) ? "(in use)" : "");
	}
	cli_print_fields(cli->out, cli_id_ns_nvm_more_fields, id, 6, cli_human(cli->args));
}

static void add_nvm_id_ns(JsonBuilder *builder, const struct nvme_id_ns_nvm *id,
			  const struct nvme_id_ns *common)
{
	unsigned int formats = MIN(common->nlbaf + 1u, NVME_LBA_FORMATS_MAX);

	cli_add_fields(builder, cli_id_ns_nvm_fields, id);
	cli_json_array(builder, "elbafs");
	for (unsigned int i = 0; i < formats; i++) {
		uint32_t elbaf = nvme_cpu32(id->elbaf[i]);

		json_builder_begin_object(builder);
		cli_add_u64(builder, "sts", NVME_GET(elbaf, NVME_ELBAF_STS));
		cli_add_u64(builder, "pif", NVME_GET(elbaf, NVME_ELBAF_PIF));
		cli_add_u64(builder, "qpif", NVME_GET(elbaf, NVME_ELBAF_QPIF));
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	cli_add_fields(builder, cli_id_ns_nvm_more_fields, id);
}

bool cli_nvm_id_ns(struct cli *cli, struct cli_session *session, GError **error)
{
	struct nvl_identify request = { .cns = NVME_CNS_NS, .nsid = cli_pick_nsid(cli, session) };
	g_autofree struct nvme_id_ns *common = g_new0(struct nvme_id_ns, 1);
	struct nvme_id_ns_nvm id;
	JsonBuilder *builder;

	if (!cli_identify(session, &request, common, error))
		return false;
	request.cns = NVME_CNS_NS_CSI;
	request.csi = NVME_CSI_NVM;
	request.uuid_index = (uint8_t)cli_number(cli->args, "uuid-index");
	if (!cli_identify(session, &request, &id, error))
		return false;
	if (cli_write_binary(cli->out, &id, sizeof(id)))
		return true;
	if (cli->out->json) {
		builder = cli_json_open();
		add_nvm_id_ns(builder, &id, common);
		cli_json_close(cli->out, builder);
	} else {
		print_nvm_id_ns(cli, &id, common, request.nsid);
	}
	return true;
}

bool cli_cmdset_ind_id_ns(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_identify request = { .cns = NVME_CNS_NS_INDEPENDENT,
					      .nsid = cli_pick_nsid(cli, session) };
	struct nvme_id_ns_independent id;
	g_autofree char *heading = NULL;

	if (!cli_identify(session, &request, &id, error))
		return false;
	heading = g_strdup_printf("NVME Identify Command Set Independent Namespace %u:",
				  request.nsid);
	cli_show_fields(cli->out, heading, cli_id_ns_independent_fields, &id, sizeof(id), 8,
			cli_human(cli->args));
	return true;
}

/* id-ns-granularity */

static void add_granularity(JsonBuilder *builder, const struct nvme_ns_granularity_list *list,
			    unsigned int count)
{
	cli_add_u64(builder, "attributes", nvme_cpu32(list->attributes));
	cli_add_u64(builder, "num-descriptors", list->num_descriptors);
	cli_json_array(builder, "namespace-granularity-list");
	for (unsigned int i = 0; i < count; i++) {
		json_builder_begin_object(builder);
		cli_add_u64(builder, "namespace-size-granularity",
			    nvme_cpu64(list->entry[i].nszegran));
		cli_add_u64(builder, "namespace-capacity-granularity",
			    nvme_cpu64(list->entry[i].ncapgran));
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
}

static void print_granularity(struct cli_output *out, const struct nvme_ns_granularity_list *list,
			      unsigned int count)
{
	cli_heading(out, "Identify Namespace Granularity List:");
	cli_print(out, "attributes      : %#x\n", nvme_cpu32(list->attributes));
	cli_print(out, "num-descriptors : %u\n", list->num_descriptors);
	for (unsigned int i = 0; i < count; i++)
		cli_print(out,
			  "[%2u] size: %#" G_GINT64_MODIFIER "x capacity: %#" G_GINT64_MODIFIER
			  "x\n",
			  i, nvme_cpu64(list->entry[i].nszegran),
			  nvme_cpu64(list->entry[i].ncapgran));
}

bool cli_id_ns_granularity(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_identify request = { .cns = NVME_CNS_NS_GRANULARITY_LIST };
	struct nvme_ns_granularity_list list;
	unsigned int count;
	JsonBuilder *builder;

	if (!cli_identify(session, &request, &list, error))
		return false;
	count = MIN(list.num_descriptors + 1u, NVME_NS_GRANULARITY_LIST_ENTRIES);
	if (cli_write_binary(cli->out, &list, sizeof(list)))
		return true;
	if (cli->out->json) {
		builder = cli_json_open();
		add_granularity(builder, &list, count);
		cli_json_close(cli->out, builder);
	} else {
		print_granularity(cli->out, &list, count);
	}
	return true;
}

/* id-uuid */

static bool is_empty(const uint8_t *uuid)
{
	static const uint8_t none[16];

	return memcmp(uuid, none, sizeof(none)) == 0;
}

static void show_uuid(struct cli *cli, JsonBuilder *builder, unsigned int index,
		      const struct nvme_uuid_entry *entry)
{
	static const char *const associations[] = { "none", "PCI vendor ID",
						    "PCI subsystem vendor ID", "reserved" };
	unsigned int association = NVME_GET(entry->header, NVME_UUID_ASSOCIATION);
	g_autofree char *text = cli_uuid_text(entry->uuid);

	if (builder) {
		json_builder_begin_object(builder);
		cli_add_u64(builder, "association", association);
		cli_add_text(builder, "uuid", text);
		json_builder_end_object(builder);
		return;
	}
	cli_print(cli->out, " Entry[%3u]\n.................\n", index);
	if (cli_human(cli->args))
		cli_print(cli->out, "association  : %#x (%s)\n", association,
			  associations[association]);
	else
		cli_print(cli->out, "association  : %#x\n", association);
	cli_print(cli->out, "UUID         : %s\n.................\n", text);
}

bool cli_id_uuid(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_identify request = { .cns = NVME_CNS_UUID_LIST };
	struct nvme_uuid_list list;
	JsonBuilder *builder = NULL;

	if (!cli_identify(session, &request, &list, error))
		return false;
	if (cli_write_binary(cli->out, &list, sizeof(list)))
		return true;
	if (cli->out->json) {
		builder = cli_json_open();
		cli_json_array(builder, "UUID-list");
	} else {
		cli_heading(cli->out, "NVME Identify UUID:");
	}
	for (unsigned int i = 0; i < NVME_UUID_LIST_ENTRIES && !is_empty(list.entry[i].uuid); i++)
		show_uuid(cli, builder, i + 1, &list.entry[i]);
	if (builder) {
		json_builder_end_array(builder);
		cli_json_close(cli->out, builder);
	}
	return true;
}

/* id-iocs */

/* Bit n is command set n. */
static const char *const command_sets[] = { "NVM Command Set", "Key Value Command Set",
					    "Zoned Namespace Command Set",
					    "Subsystem Local Memory Command Set",
					    "Computational Programs Namespace Command Set" };

static void show_combination(struct cli *cli, JsonBuilder *builder, unsigned int index,
			     uint64_t sets)
{
	g_autofree char *name = g_strdup_printf("I/O Command Set Combination[%u]", index);
	g_autofree char *key = g_strdup_printf("IOCSC%u", index);

	if (builder) {
		cli_add_u64(builder, name, sets);
		cli_json_object(builder, key);
	} else {
		cli_print(cli->out, "%s:%" G_GINT64_MODIFIER "x\n", name, sets);
	}
	for (size_t i = G_N_ELEMENTS(command_sets); i-- > 0;) {
		const char *text = sets >> i & 1 ? "Selected" : "Not selected";

		if (builder)
			cli_add_text(builder, command_sets[i], text);
		else if (cli_human(cli->args))
			cli_print(cli->out, "  [%zu:%zu]   : %s: %s\n", i, i, command_sets[i],
				  text);
	}
	if (builder)
		json_builder_end_object(builder);
}

bool cli_id_iocs(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_identify request = {
		.cns = NVME_CNS_IOCS, .cntid = (uint16_t)cli_u32(cli->args, "controller-id")
	};
	struct nvme_id_iocs iocs;
	JsonBuilder *builder = NULL;

	if (!cli_identify(session, &request, &iocs, error))
		return false;
	if (cli_write_binary(cli->out, &iocs, sizeof(iocs)))
		return true;
	if (cli->out->json)
		builder = cli_json_open();
	else
		cli_heading(cli->out, "NVMe Identify I/O Command Set:");
	for (unsigned int i = 0; i < NVME_IOCS_COMBINATIONS && nvme_cpu64(iocs.iocsc[i]); i++)
		show_combination(cli, builder, i, nvme_cpu64(iocs.iocsc[i]));
	if (builder)
		cli_json_close(cli->out, builder);
	return true;
}
