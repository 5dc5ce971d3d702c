/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of identifiers: list-ns, list-ctrl, list-endgrp. */
#include "driver/cli/error.h"
#include "driver/cli/send.h"

const struct cli_option cli_list_ns_options[] = {
	/* clang-format off */
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, "1", false, "begin with this identifier" },
	{ "csi", 'y', 0, CLI_NUMBER, "NUM", UINT8_MAX, NULL, false, "those of an I/O command set" },
	{ "all", 'a', 0, CLI_FLAG, NULL, 0, NULL, false, "allocated namespaces too, attached or not (CNS 10h)" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_list_ctrl_options[] = {
	/* clang-format off */
	{ "cntid", 'c', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "begin with this identifier" },
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, false, "those that this namespace is attached to" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_list_endgrp_options[] = {
	/* clang-format off */
	{ "endgrp-id", 'i', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "begin behind this identifier" },
	{ 0 },
	/* clang-format on */
};

/* What lists have in common: identifiers of 2 or 4 bytes, and names for them. */
struct ids {
	const char *heading;   /* NULL: the count is one */
	const char *count_key; /* NULL: there is none */
	const char *count_text;
	const char *list_key;
	const char *id_key;
	GArray *id; /* uint32_t */
};

/* @list is where the identifiers are from: what binary output is. */
static void show_ids(struct cli_output *out, const struct ids *ids, const void *list, size_t bytes)
{
	JsonBuilder *builder;

	if (cli_write_binary(out, list, bytes))
		return;
	if (!out->json) {
		if (ids->heading)
			cli_heading(out, "%s", ids->heading);
		else
			cli_print(out, "%s: %u\n", ids->count_text, ids->id->len);
		for (guint i = 0; i < ids->id->len; i++)
			cli_print(out, "[%4u]:%#x\n", i, g_array_index(ids->id, uint32_t, i));
		return;
	}
	builder = cli_json_open();
	if (ids->count_key)
		cli_add_u64(builder, ids->count_key, ids->id->len);
	cli_json_array(builder, ids->list_key);
	for (guint i = 0; i < ids->id->len; i++) {
		json_builder_begin_object(builder);
		cli_add_u64(builder, ids->id_key, g_array_index(ids->id, uint32_t, i));
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	cli_json_close(out, builder);
}

static GArray *short_ids(const nvme_u16le *id, unsigned int count, unsigned int max)
{
	GArray *array = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	for (unsigned int i = 0; i < count && i < max; i++) {
		uint32_t number = nvme_cpu16(id[i]);

		g_array_append_val(array, number);
	}
	return array;
}

/* Which list: active or allocated, of one command set or of all. */
static uint8_t pick_cns(const struct cli *cli)
{
	bool all = cli_given(cli->args, "all") > 0;

	if (cli_given(cli->args, "csi"))
		return all ? NVME_CNS_ALLOCATED_NS_LIST_CSI : NVME_CNS_ACTIVE_NS_LIST_CSI;
	return all ? NVME_CNS_ALLOCATED_NS_LIST : NVME_CNS_ACTIVE_NS_LIST;
}

/* The command lists what is greater than its NSID; --namespace-id is the first one shown. */
bool cli_list_ns(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autofree struct nvme_ns_list *list = g_new0(struct nvme_ns_list, 1);
	g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	const struct ids ids = { .heading = "NVME Namespace List:",
				 .list_key = "nsid_list",
				 .id_key = "nsid",
				 .id = array };
	struct nvl_identify request = { .cns = pick_cns(cli) };
	uint32_t first = cli_u32(cli->args, "namespace-id");

	if (first == 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--namespace-id: 0 is no namespace; the least is 1");
	request.nsid = first - 1;
	request.csi = (uint8_t)cli_number(cli->args, "csi");
	if (!cli_identify(session, &request, list, error))
		return false;
	for (unsigned int i = 0; i < NVME_NS_LIST_ENTRIES && nvme_cpu32(list->nsid[i]); i++) {
		uint32_t nsid = nvme_cpu32(list->nsid[i]);

		g_array_append_val(array, nsid);
	}
	show_ids(cli->out, &ids, list, sizeof(*list));
	return true;
}

bool cli_list_ctrl(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autofree struct nvme_ctrl_list *list = g_new0(struct nvme_ctrl_list, 1);
	bool of_ns = cli_given(cli->args, "namespace-id") > 0;
	const struct nvl_identify request = {
		.cns = of_ns ? NVME_CNS_NS_CTRL_LIST : NVME_CNS_CTRL_LIST,
		.cntid = (uint16_t)cli_u32(cli->args, "cntid"),
		.nsid = cli_u32(cli->args, "namespace-id"),
	};
	g_autoptr(GArray) array = NULL;
	struct ids ids = { .count_key = "num_ctrl",
			   .count_text = "num of ctrls present",
			   .list_key = "ctrl_list",
			   .id_key = "ctrl_id" };

	if (!cli_identify(session, &request, list, error))
		return false;
	array = short_ids(list->id, nvme_cpu16(list->num), NVME_CTRL_LIST_ENTRIES);
	ids.id = array;
	show_ids(cli->out, &ids, list, sizeof(*list));
	return true;
}

bool cli_list_endgrp(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autofree struct nvme_eg_list *list = g_new0(struct nvme_eg_list, 1);
	const struct nvl_identify request = {
		.cns = NVME_CNS_EG_LIST,
		.cns_specific = (uint16_t)cli_u32(cli->args, "endgrp-id"),
	};
	g_autoptr(GArray) array = NULL;
	struct ids ids = { .count_key = "num_endgrp_id",
			   .count_text = "num of endurance group ids",
			   .list_key = "endgrp_list",
			   .id_key = "endgrp_id" };

	if (!cli_identify(session, &request, list, error))
		return false;
	array = short_ids(list->id, nvme_cpu16(list->num), G_N_ELEMENTS(list->id));
	ids.id = array;
	show_ids(cli->out, &ids, list, sizeof(*list));
	return true;
}
