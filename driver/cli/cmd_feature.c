/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands about features: get-feature, set-feature. */
#include <string.h>

#include "common/nvme_names.h"
#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/files.h"
#include "driver/cli/session.h"

#define UUID_INDEX                                                                     \
	{                                                                              \
		"uuid-index", 'U', 0, CLI_NUMBER, "NUM", 127, "0", false, "UUID index" \
	}

const struct cli_option cli_get_feature_options[] = {
	/* clang-format off */
	{ "feature-id", 'f', 0, CLI_NUMBER, "NUM", UINT8_MAX, NULL, false, "the feature; all that there are if not given" },
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "the namespace, for features of namespaces" },
	{ "sel", 's', 0, CLI_NUMBER, "0-3", 3, "0", false, "which value: 0 current, 1 default, 2 saved, 3 supported capabilities" },
	{ "data-len", 'l', 0, CLI_SIZE, "SIZE", NVL_ADMIN_DATA_BYTES, NULL, false, "length of the data structure; known for the specification's features" },
	{ "cdw11", 'c', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "dword 11, for features with a selector" },
	UUID_INDEX,
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_set_feature_options[] = {
	/* clang-format off */
	{ "feature-id", 'f', 0, CLI_NUMBER, "NUM", UINT8_MAX, NULL, true, "the feature" },
	{ "value", 'V', 'v', CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "dword 11: the new value of most features" },
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "the namespace, for features of namespaces" },
	{ "cdw12", 'c', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "dword 12, for features that use it" },
	{ "save", 's', 0, CLI_FLAG, NULL, 0, NULL, false, "keep the value through resets and power cycles" },
	{ "data-len", 'l', 0, CLI_SIZE, "SIZE", NVL_ADMIN_DATA_BYTES, NULL, false, "length of the data structure; known for the specification's features" },
	{ "data", 'd', 0, CLI_STRING, "FILE", 0, NULL, false, "file with the data structure; standard input if not given" },
	UUID_INDEX,
	{ 0 },
	/* clang-format on */
};

static const char *const selections[] = { "Current", "Default", "Saved", "Supported capabilities" };

/* Features with a data structure; the host identifier's length is chosen by a bit. */
static uint32_t data_length(const struct cli *cli, uint8_t fid, uint32_t cdw11)
{
	const struct cli_feature *known = cli_find_feature(fid);

	if (cli_given(cli->args, "data-len"))
		return cli_u32(cli->args, "data-len");
	if (fid == NVME_FID_HOST_ID && NVME_GET(cdw11, NVME_FEAT_HOST_ID_EXHID))
		return 16;
	return known ? known->data_bytes : 0;
}

/* printf's %#x leaves the prefix of zero out; so does nvme-cli, and those who parse it know. */
static char *value_text(uint32_t value)
{
	return g_strdup_printf(value ? "%#010x" : "%08x", value);
}

struct answer {
	uint8_t fid;
	uint8_t sel;
	uint32_t dw0;
	uint8_t *data;
	uint32_t data_bytes;
};

static void print_capabilities(struct cli_output *out, uint32_t dw0)
{
	if (NVME_GET(dw0, NVME_FEATURE_CAP_SAVEABLE))
		cli_print(out, "  Feature is saveable\n");
	if (NVME_GET(dw0, NVME_FEATURE_CAP_NS_SPECIFIC))
		cli_print(out, "  Feature is per-namespace\n");
	if (NVME_GET(dw0, NVME_FEATURE_CAP_CHANGEABLE))
		cli_print(out, "  Feature is changeable\n");
}

static void print_parts(struct cli_output *out, const struct answer *answer)
{
	const struct cli_feature *known = cli_find_feature(answer->fid);

	for (const struct cli_part *part = known ? known->parts : NULL; part && part->name;
	     part++) {
		g_autofree char *text = cli_part_text(part, answer->dw0);

		cli_print(out, "\t%s: %s\n", part->name, text);
	}
	if (!cli_show_feature_data(out, NULL, answer->fid, answer->dw0, answer->data,
				   answer->data_bytes) &&
	    answer->data_bytes > 0)
		cli_hexdump(out, answer->data, answer->data_bytes);
}

static void print_answer(struct cli *cli, const struct answer *answer)
{
	g_autofree char *value = value_text(answer->dw0);

	cli_print(cli->out, "get-feature:0x%02x (%s), %s value:%s\n", answer->fid,
		  nvme_feature_name(answer->fid), selections[answer->sel], value);
	if (answer->sel == NVME_FEATURE_SEL_CAPABILITIES)
		print_capabilities(cli->out, answer->dw0);
	else if (cli_human(cli->args))
		print_parts(cli->out, answer);
	else if (answer->data_bytes > 0)
		cli_hexdump(cli->out, answer->data, answer->data_bytes);
}

static void add_capabilities(JsonBuilder *builder, uint32_t dw0)
{
	json_builder_begin_array(builder);
	if (NVME_GET(dw0, NVME_FEATURE_CAP_SAVEABLE))
		json_builder_add_string_value(builder, "saveable");
	if (NVME_GET(dw0, NVME_FEATURE_CAP_NS_SPECIFIC))
		json_builder_add_string_value(builder, "per-namespace");
	if (NVME_GET(dw0, NVME_FEATURE_CAP_CHANGEABLE))
		json_builder_add_string_value(builder, "changeable");
	json_builder_end_array(builder);
}

static void add_parts(JsonBuilder *builder, const struct answer *answer)
{
	const struct cli_feature *known = cli_find_feature(answer->fid);

	json_builder_begin_array(builder);
	json_builder_begin_object(builder);
	for (const struct cli_part *part = known ? known->parts : NULL; part && part->name;
	     part++) {
		g_autofree char *text = cli_part_text(part, answer->dw0);
		uint64_t number;

		if (cli_part_is_number(part, answer->dw0, &number))
			cli_add_u64(builder, part->name, number);
		else
			cli_add_text(builder, part->name, text);
	}
	cli_show_feature_data(NULL, builder, answer->fid, answer->dw0, answer->data,
			      answer->data_bytes);
	json_builder_end_object(builder);
	json_builder_end_array(builder);
}

/* Two members for each feature, whose keys differ by a letter's case: that is nvme-cli's form. */
static void add_answer(JsonBuilder *builder, const struct answer *answer)
{
	bool capabilities = answer->sel == NVME_FEATURE_SEL_CAPABILITIES;
	g_autofree char *value = value_text(answer->dw0);
	g_autofree char *lower = g_strdup_printf("feature: 0x%02x", answer->fid);
	g_autofree char *upper = g_strdup_printf("Feature: 0x%02x%s", answer->fid,
						 capabilities ? ": select" : "");

	json_builder_set_member_name(builder, lower);
	json_builder_begin_array(builder);
	json_builder_begin_object(builder);
	cli_add_text(builder, "name", nvme_feature_name(answer->fid));
	cli_add_text(builder, selections[answer->sel], value);
	json_builder_end_object(builder);
	json_builder_end_array(builder);
	json_builder_set_member_name(builder, upper);
	if (capabilities)
		add_capabilities(builder, answer->dw0);
	else
		add_parts(builder, answer);
}

static int ask(struct cli *cli, struct cli_session *session, struct answer *answer)
{
	struct nvl_feature feature = {
		.fid = answer->fid,
		.sel = answer->sel,
		.uuid_index = (uint8_t)cli_number(cli->args, "uuid-index"),
		.nsid = cli_u32(cli->args, "namespace-id"),
		.cdw11 = cli_u32(cli->args, "cdw11"),
	};

	answer->data_bytes = answer->sel == NVME_FEATURE_SEL_CAPABILITIES
				     ? 0
				     : data_length(cli, answer->fid, feature.cdw11);
	feature.data = answer->data_bytes > 0 ? answer->data : NULL;
	feature.data_bytes = answer->data_bytes;
	memset(answer->data, 0, NVL_ADMIN_DATA_BYTES);
	return nvl_get_feature(session->ctrl, &feature, &answer->dw0);
}

/* What the controller does not have is no error when everything was asked for. */
static bool ask_all(struct cli *cli, struct cli_session *session, JsonBuilder *builder,
		    struct answer *answer, GError **error)
{
	for (unsigned int fid = 1; fid < 256; fid++) {
		int result;

		answer->fid = (uint8_t)fid;
		if (fid < 0xc0 && strcmp(nvme_feature_name(answer->fid), "Unknown") == 0)
			continue;
		result = ask(cli, session, answer);
		if (result < 0)
			return cli_fail_result(error, result, "%s: get feature %02Xh",
					       session->name, fid);
		if (result > 0)
			continue;
		if (cli->out->json)
			add_answer(builder, answer);
		else
			print_answer(cli, answer);
	}
	return true;
}

static bool ask_one(struct cli *cli, struct cli_session *session, JsonBuilder *builder,
		    struct answer *answer, GError **error)
{
	int result = ask(cli, session, answer);

	if (result != 0)
		return cli_fail_result(error, result, "%s: get feature %02Xh (%s)", session->name,
				       answer->fid, nvme_feature_name(answer->fid));
	if (cli_write_binary(cli->out, answer->data, answer->data_bytes))
		return true;
	if (cli->out->json)
		add_answer(builder, answer);
	else
		print_answer(cli, answer);
	return true;
}

bool cli_get_feature(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autofree uint8_t *data = g_malloc0(NVL_ADMIN_DATA_BYTES);
	struct answer answer = { .fid = (uint8_t)cli_number(cli->args, "feature-id"),
				 .sel = (uint8_t)cli_number(cli->args, "sel"),
				 .data = data };
	g_autoptr(JsonBuilder) builder = json_builder_new();
	bool all = cli_given(cli->args, "feature-id") == 0, done;

	if (all && cli->out->binary)
		return cli_fail(error, CLI_EXIT_USAGE, "--raw-binary needs --feature-id");
	json_builder_begin_object(builder);
	done = (all ? ask_all : ask_one)(cli, session, builder, &answer, error);
	json_builder_end_object(builder);
	if (done && cli->out->json && !cli->out->binary)
		cli_print_json(cli->out, builder);
	return done;
}

static void print_set(struct cli *cli, const struct nvl_feature *feature, uint32_t dw0)
{
	g_autofree char *value = value_text(feature->cdw11);
	g_autofree char *result = value_text(dw0);
	g_autoptr(JsonBuilder) builder = NULL;

	if (!cli->out->json) {
		cli_print(cli->out, "set-feature:0x%02x (%s), value:%s, cdw12:%08x, save:%u\n",
			  feature->fid, nvme_feature_name(feature->fid), value, feature->cdw12,
			  feature->save);
		return;
	}
	builder = json_builder_new();
	json_builder_begin_object(builder);
	cli_add_u64(builder, "feature", feature->fid);
	cli_add_text(builder, "name", nvme_feature_name(feature->fid));
	cli_add_text(builder, "value", value);
	cli_add_u64(builder, "save", feature->save);
	cli_add_text(builder, "result", result);
	json_builder_end_object(builder);
	cli_print_json(cli->out, builder);
}

bool cli_set_feature(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autofree uint8_t *data = g_malloc0(NVL_ADMIN_DATA_BYTES);
	struct nvl_feature feature = {
		.fid = (uint8_t)cli_number(cli->args, "feature-id"),
		.uuid_index = (uint8_t)cli_number(cli->args, "uuid-index"),
		.save = cli_given(cli->args, "save") > 0,
		.nsid = cli_u32(cli->args, "namespace-id"),
		.cdw11 = cli_u32(cli->args, "value"),
		.cdw12 = cli_u32(cli->args, "cdw12"),
	};
	uint32_t dw0 = 0;
	size_t got;
	int result;

	feature.data_bytes = data_length(cli, feature.fid, feature.cdw11);
	if (feature.data_bytes == 0 && !cli_given(cli->args, "value") &&
	    !cli_given(cli->args, "data"))
		return cli_fail(error, CLI_EXIT_USAGE, "--value NUM is missing (the new value)");
	if (feature.data_bytes == 0 && cli_given(cli->args, "data"))
		return cli_fail(
			error, CLI_EXIT_USAGE,
			"--data: feature %02Xh has no data structure; --data-len says otherwise",
			feature.fid);
	if (feature.data_bytes > 0) {
		if (!cli_read_file(cli_text(cli->args, "data"), data, feature.data_bytes, &got,
				   error))
			return false;
		feature.data = data;
	}
	result = nvl_set_feature(session->ctrl, &feature, &dw0);
	if (result != 0)
		return cli_fail_result(error, result, "%s: set feature %02Xh (%s) to %#x",
				       session->name, feature.fid, nvme_feature_name(feature.fid),
				       feature.cdw11);
	print_set(cli, &feature, dw0);
	return true;
}
