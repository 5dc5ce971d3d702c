/* SPDX-License-Identifier: BSD-3-Clause */
/* Log pages that are lists: of other logs, of features, of namespaces, of groups, of blocks. */
#include <string.h>

#include "common/nvme_names.h"
#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/send.h"

#define LBA_STATUS_BYTES_MAX (1u << 20)
#define ANA_BYTES_MAX	     (1u << 20)

const struct cli_option cli_rae_options[] = {
	/* clang-format off */
	{ "rae", 'r', 0, CLI_FLAG, NULL, 0, NULL, false, "do not re-arm the asynchronous event of this log" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_ana_log_options[] = {
	/* clang-format off */
	{ "groups", 'g', 0, CLI_FLAG, NULL, 0, NULL, false, "groups only, without their namespaces" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_endurance_log_options[] = {
	/* clang-format off */
	{ "group-id", 'g', 0, CLI_NUMBER, "NUM", UINT16_MAX, "1", false, "the endurance group" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_endurance_event_agg_log_options[] = {
	/* clang-format off */
	{ "log-entries", 'e', 0, CLI_NUMBER, "NUM", 2044, "2044", false, "entries to print at most" },
	{ "rae", 'r', 0, CLI_FLAG, NULL, 0, NULL, false, "do not re-arm the asynchronous event of this log" },
	{ 0 },
	/* clang-format on */
};

/* supported-log-pages, fid-support-effects-log: 256 dwords; those with bit 0 set count */

static const struct cli_bits log_bits[] = {
	{ NVME_SUPPORTED_LOG_LIDSP, "Specific to the log page", NULL },
	{ NVME_SUPPORTED_LOG_IOS, "Index offset", NULL },
	{ NVME_SUPPORTED_LOG_LSUPP, "Log page", NULL },
	{ 0 },
};

static const char *const no_yes[] = { "no", "yes", NULL };

static const struct cli_bits fid_bits[] = {
	{ NVME_FID_EFFECTS_FSP_CDQ, "Scope: controller data queue", no_yes },
	{ NVME_FID_EFFECTS_FSP_SUBSYSTEM, "Scope: NVM subsystem", no_yes },
	{ NVME_FID_EFFECTS_FSP_DOMAIN, "Scope: domain", no_yes },
	{ NVME_FID_EFFECTS_FSP_EG, "Scope: endurance group", no_yes },
	{ NVME_FID_EFFECTS_FSP_NVM_SET, "Scope: NVM set", no_yes },
	{ NVME_FID_EFFECTS_FSP_CTRL, "Scope: controller", no_yes },
	{ NVME_FID_EFFECTS_FSP_NS, "Scope: namespace", no_yes },
	{ NVME_FID_EFFECTS_USS, "UUID selection", NULL },
	{ NVME_FID_EFFECTS_CCC, "Controller capabilities may change", no_yes },
	{ NVME_FID_EFFECTS_NIC, "Namespace inventory may change", no_yes },
	{ NVME_FID_EFFECTS_NCC, "Namespace capabilities may change", no_yes },
	{ NVME_FID_EFFECTS_UDCC, "User data content may change", no_yes },
	{ NVME_FID_EFFECTS_FSUPP, "Feature", NULL },
	{ 0 },
};

/* A log of 256 dwords. */
struct support_log {
	uint8_t lid;
	const char *heading;
	const char *list;
	const char *line;
	const struct cli_bits *bits;
	const char *(*name)(uint8_t number);
};

static void show_support(struct cli *cli, const struct support_log *log, const nvme_u32le *values)
{
	JsonBuilder *builder = cli->out->json ? cli_json_open() : NULL;

	if (builder)
		cli_json_array(builder, log->list);
	else
		cli_heading(cli->out, "%s", log->heading);
	for (unsigned int i = 0; i < 256; i++) {
		uint32_t value = nvme_cpu32(values[i]);
		g_autofree char *key = NULL;

		if (!(value & 1))
			continue;
		if (!builder) {
			cli_print(cli->out, "%s 0x%02x (%s): %08x\n", log->line, i,
				  log->name((uint8_t)i), value);
			if (cli_human(cli->args))
				cli_print_bits(cli->out, log->bits, value);
			continue;
		}
		if (log->lid == NVME_LID_FID_EFFECTS)
			key = g_strdup_printf("fid_%u", i);
		else
			key = g_strdup_printf("lid_0x%x ", i);
		json_builder_begin_object(builder);
		cli_add_u64(builder, key, value);
		json_builder_end_object(builder);
	}
	if (builder) {
		json_builder_end_array(builder);
		cli_json_close(cli->out, builder);
	}
}

static bool support_log(struct cli *cli, struct cli_session *session,
			const struct support_log *support, GError **error)
{
	const struct nvl_log log = { .lid = support->lid, .nsid = NVME_NSID_ALL };
	nvme_u32le values[256];

	if (!cli_get_log(session, &log, values, sizeof(values), error))
		return false;
	if (!cli_write_binary(cli->out, values, sizeof(values)))
		show_support(cli, support, values);
	return true;
}

bool cli_supported_log_pages(struct cli *cli, struct cli_session *session, GError **error)
{
	static const struct support_log support = {
		.lid = NVME_LID_SUPPORTED_LOGS,
		.heading = "Supported Log Pages:",
		.list = "supported_logs",
		.line = "LID",
		.bits = log_bits,
		.name = nvme_log_name,
	};

	return support_log(cli, session, &support, error);
}

bool cli_fid_support_effects_log(struct cli *cli, struct cli_session *session, GError **error)
{
	static const struct support_log support = {
		.lid = NVME_LID_FID_EFFECTS,
		.heading = "Feature Identifiers Supported and Effects:",
		.list = "fid_support",
		.line = "FID",
		.bits = fid_bits,
		.name = nvme_feature_name,
	};

	return support_log(cli, session, &support, error);
}

/* changed-ns-list-log */

static void show_changed(struct cli *cli, const char *path, const struct nvme_ns_list *list)
{
	bool overflow = nvme_cpu32(list->nsid[0]) == NVME_CHANGED_NS_OVERFLOW;
	JsonBuilder *builder = cli->out->json ? cli_json_open() : NULL;

	if (builder) {
		cli_add_text(builder, "Changed Attached Namespace List Log", path);
		cli_json_object(builder, path);
	} else if (!overflow && nvme_cpu32(list->nsid[0]) == 0) {
		cli_print(cli->out, "no ns changed\n");
	}
	if (overflow && builder)
		cli_add_text(builder, "result", "more than 1024 namespaces changed");
	else if (overflow)
		cli_print(cli->out, "more than 1024 namespaces changed\n");
	for (unsigned int i = 0; !overflow && i < NVME_NS_LIST_ENTRIES && nvme_cpu32(list->nsid[i]);
	     i++) {
		g_autofree char *key = g_strdup_printf("[%4u]", i + 1);
		g_autofree char *value = g_strdup_printf("%#x", nvme_cpu32(list->nsid[i]));

		if (builder)
			cli_add_text(builder, key, value);
		else
			cli_print(cli->out, "%s:%s\n", key, value);
	}
	if (builder) {
		json_builder_end_object(builder);
		cli_json_close(cli->out, builder);
	}
}

bool cli_changed_ns_list_log(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_CHANGED_NS,
				     .rae = cli_given(cli->args, "rae") > 0,
				     .nsid = NVME_NSID_ALL };
	struct nvme_ns_list list;

	if (!cli_get_log(session, &log, &list, sizeof(list), error))
		return false;
	if (!cli_write_binary(cli->out, &list, sizeof(list)))
		show_changed(cli, session->path, &list);
	return true;
}

/* ana-log */

static const char *ana_state(uint8_t state)
{
	switch (NVME_GET(state, NVME_ANA_STATE)) {
	case NVME_ANA_OPTIMIZED:
		return "optimized";
	case NVME_ANA_NON_OPTIMIZED:
		return "non-optimized";
	case NVME_ANA_INACCESSIBLE:
		return "inaccessible";
	case NVME_ANA_PERSISTENT_LOSS:
		return "persistent-loss";
	case NVME_ANA_CHANGE:
		return "change";
	default:
		return "invalid state";
	}
}

static void show_ana_group(struct cli_output *out, JsonBuilder *builder,
			   const struct nvme_ana_group_desc *group, const uint8_t *nsids,
			   uint32_t count)
{
	if (builder) {
		json_builder_begin_object(builder);
		cli_add_u64(builder, "grpid", nvme_cpu32(group->grpid));
		cli_add_u64(builder, "nnsids", nvme_cpu32(group->nnsids));
		cli_add_u64(builder, "chgcnt", nvme_cpu64(group->chgcnt));
		cli_add_text(builder, "state", ana_state(group->state));
		cli_json_array(builder, "NSIDS");
	} else {
		cli_print(out,
			  "grpid\t: %u\nnnsids\t: %u\nchgcnt\t: %" G_GUINT64_FORMAT
			  "\nstate\t: %s\n",
			  nvme_cpu32(group->grpid), nvme_cpu32(group->nnsids),
			  nvme_cpu64(group->chgcnt), ana_state(group->state));
	}
	for (uint32_t i = 0; i < count; i++) {
		uint64_t nsid = cli_load(nsids + (size_t)i * 4, 4);

		if (!builder) {
			cli_print(out, "\tnsid\t: %" G_GUINT64_FORMAT "\n", nsid);
			continue;
		}
		json_builder_begin_object(builder);
		cli_add_u64(builder, "nsid", nsid);
		json_builder_end_object(builder);
	}
	if (builder) {
		json_builder_end_array(builder);
		json_builder_end_object(builder);
	}
}

/* Counts in the log are the controller's word: the data's length decides. */
static void show_ana_groups(struct cli_output *out, JsonBuilder *builder, const uint8_t *data,
			    uint32_t bytes)
{
	const struct nvme_ana_log *head = (const void *)data;
	struct nvme_ana_group_desc group;
	uint32_t at = sizeof(*head);

	for (unsigned int i = 0; i < nvme_cpu16(head->ngrps) && bytes - at >= sizeof(group); i++) {
		uint32_t count;

		memcpy(&group, data + at, sizeof(group));
		at += (uint32_t)sizeof(group);
		count = MIN(nvme_cpu32(group.nnsids), (bytes - at) / 4);
		show_ana_group(out, builder, &group, data + at, count);
		at += count * 4;
	}
}

static void show_ana(struct cli *cli, const char *path, const uint8_t *data, uint32_t bytes)
{
	const struct nvme_ana_log *head = (const void *)data;
	JsonBuilder *builder;

	if (!cli->out->json) {
		cli_heading(cli->out, "Asymmetric Namespace Access Log for NVMe device: %s", path);
		cli_print(cli->out, "chgcnt\t: %" G_GUINT64_FORMAT "\nngrps\t: %u\n",
			  nvme_cpu64(head->chgcnt), nvme_cpu16(head->ngrps));
		show_ana_groups(cli->out, NULL, data, bytes);
		return;
	}
	builder = cli_json_open();
	cli_add_text(builder, "Asymmetric Namespace Access Log for NVMe device", path);
	cli_add_u64(builder, "chgcnt", nvme_cpu64(head->chgcnt));
	cli_add_u64(builder, "ngrps", nvme_cpu16(head->ngrps));
	cli_json_array(builder, "ANA DESC LIST ");
	show_ana_groups(cli->out, builder, data, bytes);
	json_builder_end_array(builder);
	cli_json_close(cli->out, builder);
}

/* The log has as many bytes as the controller's maxima allow. */
static uint32_t ana_bytes(const struct nvme_id_ctrl *id, bool groups_only)
{
	uint64_t groups = nvme_cpu32(id->nanagrpid);
	uint64_t namespaces = nvme_cpu32(id->mnan) ? nvme_cpu32(id->mnan) : nvme_cpu32(id->nn);
	uint64_t bytes = sizeof(struct nvme_ana_log) + groups * sizeof(struct nvme_ana_group_desc);

	if (!groups_only)
		bytes += namespaces * 4;
	return (uint32_t)MIN(bytes, ANA_BYTES_MAX);
}

bool cli_ana_log(struct cli *cli, struct cli_session *session, GError **error)
{
	bool groups = cli_given(cli->args, "groups") > 0;
	const struct nvl_log log = { .lid = NVME_LID_ANA,
				     .lsp = NVME_PUT(NVME_GET_LOG_LSP_ANA_RGO, groups),
				     .nsid = NVME_NSID_ALL };
	uint32_t bytes = ana_bytes(nvl_id_ctrl(session->ctrl), groups);
	g_autofree uint8_t *data = g_malloc0(bytes);

	if (!cli_get_log(session, &log, data, bytes, error))
		return false;
	if (!cli_write_binary(cli->out, data, bytes))
		show_ana(cli, session->path, data, bytes);
	return true;
}

/* endurance-log, endurance-event-agg-log */

bool cli_endurance_log(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_EG_INFO,
				     .lsi = (uint16_t)cli_u32(cli->args, "group-id"),
				     .nsid = NVME_NSID_ALL };
	struct nvme_eg_log group;
	g_autofree char *heading = NULL;

	if (!cli_get_log(session, &log, &group, sizeof(group), error))
		return false;
	heading = g_strdup_printf("Endurance Group Log for NVME device:%s Group ID:%u",
				  session->path, log.lsi);
	cli_show_fields(cli->out, heading, cli_eg_fields, &group, sizeof(group), 25,
			cli_human(cli->args));
	return true;
}

static void show_eg_events(struct cli *cli, const char *path, uint64_t available,
			   const uint8_t *entries, uint64_t count)
{
	JsonBuilder *builder = cli->out->json ? cli_json_open() : NULL;

	if (builder) {
		cli_add_u64(builder, "num_entries_avail", available);
		cli_json_array(builder, "list_of_entries");
	} else {
		cli_heading(cli->out, "Endurance Group Event Aggregate Log for device: %s", path);
		cli_print(cli->out, "Number of Entries Available: %" G_GUINT64_FORMAT "\n",
			  available);
	}
	for (uint64_t i = 0; i < count; i++) {
		uint64_t entry = cli_load(entries + 2 * i, 2);

		if (builder) {
			json_builder_begin_object(builder);
			cli_add_u64(builder, "entry", entry);
			json_builder_end_object(builder);
		} else {
			cli_print(cli->out, "Entry[%" G_GUINT64_FORMAT "]: %" G_GUINT64_FORMAT "\n",
				  i + 1, entry);
		}
	}
	if (builder) {
		json_builder_end_array(builder);
		cli_json_close(cli->out, builder);
	}
}

bool cli_endurance_event_agg_log(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_EG_AGGREGATE,
				     .rae = cli_given(cli->args, "rae") > 0,
				     .nsid = NVME_NSID_ALL };
	uint8_t data[4096];
	uint64_t available;

	if (!cli_get_log(session, &log, data, sizeof(data), error))
		return false;
	available = cli_load(data, 8);
	if (!cli_write_binary(cli->out, data, sizeof(data)))
		show_eg_events(cli, session->path, available, data + 8,
			       MIN(available, cli_number(cli->args, "log-entries")));
	return true;
}

/* lba-status-log */

static void show_element(struct cli_output *out, JsonBuilder *builder,
			 const struct nvme_lba_status_ns *ns, const uint8_t *ranges, uint32_t count)
{
	if (builder) {
		json_builder_begin_object(builder);
		cli_add_u64(builder, "neid", nvme_cpu32(ns->neid));
		cli_add_u64(builder, "nlrd", nvme_cpu32(ns->nlrd));
		cli_add_u64(builder, "ratype", ns->ratype);
		cli_json_array(builder, "descs");
	} else {
		cli_print(out, "Namespace %u: %u ranges, recommended action %#x\n",
			  nvme_cpu32(ns->neid), nvme_cpu32(ns->nlrd), ns->ratype);
	}
	for (uint32_t i = 0; i < count; i++) {
		uint64_t first = cli_load(ranges + (size_t)i * 16, 8);
		uint64_t blocks = cli_load(ranges + (size_t)i * 16 + 8, 4);

		if (builder) {
			json_builder_begin_object(builder);
			cli_add_u64(builder, "rslba", first);
			cli_add_u64(builder, "rnlb", blocks);
			json_builder_end_object(builder);
		} else {
			cli_print(out,
				  "  RSLBA[%u]: %" G_GUINT64_FORMAT " RNLB: %" G_GUINT64_FORMAT
				  "\n",
				  i, first, blocks);
		}
	}
	if (builder) {
		json_builder_end_array(builder);
		json_builder_end_object(builder);
	}
}

static void show_elements(struct cli_output *out, JsonBuilder *builder, const uint8_t *data,
			  uint32_t bytes)
{
	const struct nvme_lba_status_log *head = (const void *)data;
	struct nvme_lba_status_ns ns;
	uint32_t at = sizeof(*head);

	for (uint32_t i = 0; i < nvme_cpu32(head->nlslne) && bytes - at >= sizeof(ns); i++) {
		uint32_t count;

		memcpy(&ns, data + at, sizeof(ns));
		at += (uint32_t)sizeof(ns);
		/* All ones is a namespace whose ranges are not told. */
		count = nvme_cpu32(ns.nlrd) == UINT32_MAX
				? 0
				: MIN(nvme_cpu32(ns.nlrd),
				      (bytes - at) /
					      (uint32_t)sizeof(struct nvme_lba_status_range));
		show_element(out, builder, &ns, data + at, count);
		at += count * (uint32_t)sizeof(struct nvme_lba_status_range);
	}
}

static void show_lba_status(struct cli *cli, const char *path, const uint8_t *data, uint32_t bytes)
{
	JsonBuilder *builder;

	if (!cli->out->json) {
		cli_heading(cli->out, "LBA Status Log for device: %s", path);
		cli_print_fields(cli->out, cli_lba_status_fields, data, 33, false);
		show_elements(cli->out, NULL, data, bytes);
		return;
	}
	builder = cli_json_open();
	cli_add_fields(builder, cli_lba_status_fields, data);
	cli_json_array(builder, "ns_elements");
	show_elements(cli->out, builder, data, bytes);
	json_builder_end_array(builder);
	cli_json_close(cli->out, builder);
}

bool cli_lba_status_log(struct cli *cli, struct cli_session *session, GError **error)
{
	struct nvl_log log = { .lid = NVME_LID_LBA_STATUS, .rae = true, .nsid = NVME_NSID_ALL };
	struct nvme_lba_status_log head;
	g_autofree uint8_t *data = NULL;
	uint32_t bytes;

	if (!cli_get_log(session, &log, &head, sizeof(head), error))
		return false;
	bytes = CLAMP(nvme_cpu32(head.lslplen), (uint32_t)sizeof(head), LBA_STATUS_BYTES_MAX) & ~3u;
	data = g_malloc0(bytes);
	log.rae = cli_given(cli->args, "rae") > 0;
	if (!cli_get_log(session, &log, data, bytes, error))
		return false;
	if (!cli_write_binary(cli->out, data, bytes))
		show_lba_status(cli, session->path, data, bytes);
	return true;
}

/* resv-notif-log */

bool cli_resv_notif_log(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_RESERVATION, .nsid = NVME_NSID_ALL };
	struct nvme_resv_log notification;
	g_autofree char *heading = g_strdup_printf("Reservation Notification Log for device: %s",
						   session->path);

	if (!cli_get_log(session, &log, &notification, sizeof(notification), error))
		return false;
	cli_show_fields(cli->out, heading, cli_resv_log_fields, &notification, sizeof(notification),
			20, cli_human(cli->args));
	return true;
}
