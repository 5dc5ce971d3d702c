/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands id-ctrl and id-ns. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/send.h"

#define VENDOR                                                             \
	{                                                                  \
		"vendor-specific", 'V', 0, CLI_FLAG, NULL, 0, NULL, false, \
			"dump the vendor specific bytes too"               \
	}

const struct cli_option cli_id_ctrl_options[] = {
	/* clang-format off */
	VENDOR,
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_id_ns_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	{ "force", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "an allocated namespace too, attached or not (CNS 11h)" },
	VENDOR,
	{ 0 },
	/* clang-format on */
};

/* id-ctrl */

static void print_power(struct cli_output *out, uint16_t value, unsigned int scale)
{
	if (scale == 1)
		cli_print(out, "%u.%04uW", value / 10000, value % 10000);
	else if (scale == 2)
		cli_print(out, "%u.%02uW", value / 100, value % 100);
	else
		cli_print(out, "-");
}

static void print_power_state(struct cli_output *out, unsigned int index,
			      const struct nvme_power_state *ps)
{
	bool fine = NVME_GET(ps->flags, NVME_PS_FLAGS_MXPS);
	unsigned int workload = NVME_GET(ps->apws, NVME_PS_APW);

	cli_print(out, "ps %6u : mp:", index);
	print_power(out, nvme_cpu16(ps->mp), fine ? 1 : 2);
	cli_print(out, " %soperational enlat:%u exlat:%u rrt:%u rrl:%u\n",
		  NVME_GET(ps->flags, NVME_PS_FLAGS_NOPS) ? "non-" : "", nvme_cpu32(ps->enlat),
		  nvme_cpu32(ps->exlat), ps->rrt, ps->rrl);
	cli_print(out, "            rwt:%u rwl:%u idle_power:", ps->rwt, ps->rwl);
	print_power(out, nvme_cpu16(ps->idlp), NVME_GET(ps->ips, NVME_PS_IPS));
	cli_print(out, " active_power:");
	print_power(out, nvme_cpu16(ps->actp), NVME_GET(ps->apws, NVME_PS_APS));
	cli_print(out, "\n            active_power_workload:");
	if (workload)
		cli_print(out, "%u\n", workload);
	else
		cli_print(out, "-\n");
}

/* Of revision 2.1, where 0 was reserved before. */
static void add_emergency_power(JsonBuilder *builder, const struct nvme_power_state *ps)
{
	cli_add_u64(builder, "emerg_power_fail_recover_time", ps->epfrt);
	cli_add_u64(builder, "emerg_power_fail_recover_scale",
		    NVME_GET(ps->epfr_fqv_ts, NVME_PS_EPFRTS));
	cli_add_u64(builder, "force_quiesce_vault_time", ps->fqvt);
	cli_add_u64(builder, "force_quiesce_vault_scale", NVME_GET(ps->epfr_fqv_ts, NVME_PS_FQVTS));
	cli_add_u64(builder, "emerg_power_fail_vault_time", ps->epfvt);
	cli_add_u64(builder, "emerg_power_fail_vault_scale", NVME_GET(ps->epfvts, NVME_PS_EPFVTS));
}

static void add_power_state(JsonBuilder *builder, const struct nvme_power_state *ps)
{
	json_builder_begin_object(builder);
	cli_add_u64(builder, "max_power", nvme_cpu16(ps->mp));
	cli_add_u64(builder, "max_power_scale", NVME_GET(ps->flags, NVME_PS_FLAGS_MXPS));
	cli_add_u64(builder, "non-operational_state", NVME_GET(ps->flags, NVME_PS_FLAGS_NOPS));
	cli_add_u64(builder, "entry_lat", nvme_cpu32(ps->enlat));
	cli_add_u64(builder, "exit_lat", nvme_cpu32(ps->exlat));
	cli_add_u64(builder, "read_tput", ps->rrt);
	cli_add_u64(builder, "read_lat", ps->rrl);
	cli_add_u64(builder, "write_tput", ps->rwt);
	cli_add_u64(builder, "write_lat", ps->rwl);
	cli_add_u64(builder, "idle_power", nvme_cpu16(ps->idlp));
	cli_add_u64(builder, "idle_scale", NVME_GET(ps->ips, NVME_PS_IPS));
	cli_add_u64(builder, "active_power", nvme_cpu16(ps->actp));
	cli_add_u64(builder, "active_power_work", NVME_GET(ps->apws, NVME_PS_APW));
	cli_add_u64(builder, "active_scale", NVME_GET(ps->apws, NVME_PS_APS));
	add_emergency_power(builder, ps);
	json_builder_end_object(builder);
}

static unsigned int power_states(const struct nvme_id_ctrl *id)
{
	return MIN(id->npss + 1u, NVME_POWER_STATES_MAX);
}

static void print_id_ctrl(struct cli *cli, const struct nvme_id_ctrl *id)
{
	cli_heading(cli->out, "NVME Identify Controller:");
	cli_print_fields(cli->out, cli_id_ctrl_fields, id, 10, cli_human(cli->args));
	for (unsigned int i = 0; i < power_states(id); i++)
		print_power_state(cli->out, i, &id->psd[i]);
	if (cli_given(cli->args, "vendor-specific")) {
		cli_print(cli->out, "vs[]:\n");
		cli_hexdump(cli->out, id->vs, sizeof(id->vs));
	}
}

static void print_id_ctrl_json(struct cli *cli, const struct nvme_id_ctrl *id)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	cli_add_fields(builder, cli_id_ctrl_fields, id);
	json_builder_set_member_name(builder, "psds");
	json_builder_begin_array(builder);
	for (unsigned int i = 0; i < power_states(id); i++)
		add_power_state(builder, &id->psd[i]);
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	cli_print_json(cli->out, builder);
}

bool cli_id_ctrl(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_identify request = { .cns = NVME_CNS_CTRL };
	g_autofree struct nvme_id_ctrl *id = g_new0(struct nvme_id_ctrl, 1);

	if (!cli_identify(session, &request, id, error))
		return false;
	if (cli_write_binary(cli->out, id, sizeof(*id)))
		return true;
	if (cli->out->json)
		print_id_ctrl_json(cli, id);
	else
		print_id_ctrl(cli, id);
	return true;
}

/* id-ns */

static unsigned int lba_formats(const struct nvme_id_ns *id)
{
	return MIN(id->nlbaf + 1u, NVME_LBA_FORMATS_MAX);
}

static void print_lba_format(struct cli_output *out, const struct nvme_id_ns *id,
			     unsigned int index, bool human)
{
	static const char *const performance[] = { "Best", "Better", "Good", "Degraded" };
	const struct nvme_lbaf *lbaf = &id->lbaf[index];
	const char *in_use = index == nvme_id_ns_format(id->flbas) ? "(in use)" : "";
	unsigned int rp = NVME_GET(lbaf->rp, NVME_LBAF_RP);

	if (human)
		cli_print(
			out,
			"LBA Format %2u : Metadata Size: %-3u bytes - Data Size: %" G_GUINT64_FORMAT
			" bytes - Relative Performance: %#x %s %s\n",
			index, nvme_cpu16(lbaf->ms), UINT64_C(1) << (lbaf->lbads & 63), rp,
			performance[rp], in_use);
	else
		cli_print(out, "lbaf %2u : ms:%-3u lbads:%-2u rp:%#x %s\n", index,
			  nvme_cpu16(lbaf->ms), lbaf->lbads, rp, in_use);
}

static bool has_optperf(const struct nvme_id_ns *id)
{
	return NVME_GET(id->nsfeat, NVME_ID_NS_NSFEAT_OPTPERF) != 0;
}

static void print_id_ns(struct cli *cli, const struct nvme_id_ns *id, uint32_t nsid)
{
	bool human = cli_human(cli->args);

	cli_heading(cli->out, "NVME Identify Namespace %u:", nsid);
	cli_print_fields(cli->out, cli_id_ns_fields, id, 8, human);
	if (has_optperf(id))
		cli_print_fields(cli->out, cli_id_ns_optperf_fields, id, 8, human);
	cli_print_fields(cli->out, cli_id_ns_more_fields, id, 8, human);
	for (unsigned int i = 0; i < lba_formats(id); i++)
		print_lba_format(cli->out, id, i, human);
	if (cli_given(cli->args, "vendor-specific")) {
		cli_print(cli->out, "vs[]:\n");
		cli_hexdump(cli->out, id->vs, sizeof(id->vs));
	}
}

/* As nvme-cli has them: up to the first zero, 16 a text, a dot for what is not printable. */
static void add_vendor(JsonBuilder *builder, const uint8_t *vs, size_t bytes)
{
	bytes = strnlen((const char *)vs, bytes);
	json_builder_set_member_name(builder, "vs");
	json_builder_begin_array(builder);
	for (size_t i = 0; i < bytes; i += 16) {
		char text[17] = "";

		for (size_t j = 0; j < 16 && i + j < bytes; j++)
			text[j] = g_ascii_isgraph(vs[i + j]) ? (char)vs[i + j] : '.';
		json_builder_add_string_value(builder, text);
	}
	json_builder_end_array(builder);
}

static void print_id_ns_json(struct cli *cli, const struct nvme_id_ns *id)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	cli_add_fields(builder, cli_id_ns_fields, id);
	if (has_optperf(id))
		cli_add_fields(builder, cli_id_ns_optperf_fields, id);
	cli_add_fields(builder, cli_id_ns_more_fields, id);
	json_builder_set_member_name(builder, "lbafs");
	json_builder_begin_array(builder);
	for (unsigned int i = 0; i < lba_formats(id); i++) {
		json_builder_begin_object(builder);
		cli_add_u64(builder, "ms", nvme_cpu16(id->lbaf[i].ms));
		cli_add_u64(builder, "ds", id->lbaf[i].lbads);
		cli_add_u64(builder, "rp", NVME_GET(id->lbaf[i].rp, NVME_LBAF_RP));
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	add_vendor(builder, id->vs, sizeof(id->vs));
	json_builder_end_object(builder);
	cli_print_json(cli->out, builder);
}

bool cli_id_ns(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autofree struct nvme_id_ns *id = g_new0(struct nvme_id_ns, 1);
	const struct nvl_identify request = {
		.cns = cli_given(cli->args, "force") ? NVME_CNS_ALLOCATED_NS : NVME_CNS_NS,
		.nsid = cli_pick_nsid(cli, session),
	};

	if (!cli_identify(session, &request, id, error)) {
		cli_hint(error, "'nvmelab list-ns' shows the active namespaces");
		return false;
	}
	if (cli_write_binary(cli->out, id, sizeof(*id)))
		return true;
	if (cli->out->json)
		print_id_ns_json(cli, id);
	else
		print_id_ns(cli, id, request.nsid);
	return true;
}
