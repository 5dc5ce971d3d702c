/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands about log pages: smart-log, error-log, fw-log, effects-log. */
#include <string.h>

#include "common/nvme_names.h"
#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/send.h"

#define ERROR_ENTRIES_MAX 256 /* ELPE is a byte, 0's based */

const struct cli_option cli_smart_log_options[] = {
	/* clang-format off */
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0xffffffff", false, "the log of a namespace, where the controller keeps one" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_error_log_options[] = {
	/* clang-format off */
	{ "log-entries", 'e', 0, CLI_NUMBER, "NUM", ERROR_ENTRIES_MAX, "64", false, "entries to print at most, newest first" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_effects_log_options[] = {
	/* clang-format off */
	{ "csi", 'c', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "the I/O command set" },
	{ 0 },
	/* clang-format on */
};

/* smart-log */

bool cli_smart_log(struct cli *cli, struct cli_session *session, GError **error)
{
	struct nvme_smart_log smart;
	struct nvl_log log = { .lid = NVME_LID_SMART, .nsid = cli_u32(cli->args, "namespace-id") };
	g_autoptr(JsonBuilder) builder = NULL;

	if (!cli_get_log(session, &log, &smart, sizeof(smart), error))
		return false;
	if (cli_write_binary(cli->out, &smart, sizeof(smart)))
		return true;
	if (cli->out->json) {
		builder = json_builder_new();
		json_builder_begin_object(builder);
		cli_add_fields(builder, cli_smart_fields, &smart);
		json_builder_end_object(builder);
		cli_print_json(cli->out, builder);
	} else {
		cli_heading(cli->out, "Smart Log for NVME device:%s namespace-id:%x", session->path,
			    log.nsid);
		cli_print_fields(cli->out, cli_smart_fields, &smart, 40, cli_human(cli->args));
	}
	return true;
}

/* error-log */

static void print_error_entry(struct cli_output *out, unsigned int index,
			      const struct nvme_error_log_entry *entry)
{
	uint16_t word = nvme_cpu16(entry->status);
	nvme_status status = nvme_cqe_status(word);

	cli_print(out, ".................\n Entry[%2u]   \n.................\n", index);
	cli_print_fields(out, cli_error_fields, entry, 16, false);
	cli_print(out, "%-16s: %#x (%s)\n", "status_field", status, nvme_status_name(status));
	cli_print(out, "%-16s: %#x\n", "phase_tag", NVME_GET(word, NVME_CQE_P));
	cli_print_fields(out, cli_error_more_fields, entry, 16, false);
}

static void add_error_entry(JsonBuilder *builder, const struct nvme_error_log_entry *entry)
{
	uint16_t word = nvme_cpu16(entry->status);

	json_builder_begin_object(builder);
	cli_add_fields(builder, cli_error_fields, entry);
	cli_add_u64(builder, "status_field", nvme_cqe_status(word));
	cli_add_u64(builder, "phase_tag", NVME_GET(word, NVME_CQE_P));
	cli_add_fields(builder, cli_error_more_fields, entry);
	json_builder_end_object(builder);
}

static void print_errors_json(struct cli_output *out, const struct nvme_error_log_entry *entries,
			      unsigned int count)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "errors");
	json_builder_begin_array(builder);
	for (unsigned int i = 0; i < count; i++)
		add_error_entry(builder, &entries[i]);
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	cli_print_json(out, builder);
}

bool cli_error_log(struct cli *cli, struct cli_session *session, GError **error)
{
	struct nvme_error_log_entry entries[ERROR_ENTRIES_MAX];
	const struct nvl_log log = { .lid = NVME_LID_ERROR, .nsid = NVME_NSID_ALL };
	unsigned int count = MIN(cli_u32(cli->args, "log-entries"),
				 nvl_id_ctrl(session->ctrl)->elpe + 1u);

	if (count == 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--log-entries: 0 entries is nothing to print");
	if (!cli_get_log(session, &log, entries, count * (uint32_t)sizeof(entries[0]), error))
		return false;
	if (cli_write_binary(cli->out, entries, count * sizeof(entries[0])))
		return true;
	if (cli->out->json) {
		print_errors_json(cli->out, entries, count);
	} else {
		cli_heading(cli->out, "Error Log Entries for device:%s entries:%u", session->path,
			    count);
		for (unsigned int i = 0; i < count; i++)
			print_error_entry(cli->out, i, &entries[i]);
		cli_print(cli->out, ".................\n");
	}
	return true;
}

/* fw-log */

static void print_fw_log_json(struct cli *cli, const char *path, const struct nvme_fw_slot_log *log)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, path);
	json_builder_begin_object(builder);
	cli_add_u64(builder, "Active Firmware Slot (afi)", log->afi);
	for (unsigned int i = 0; i < NVME_FW_SLOTS_MAX; i++) {
		g_autofree char *key = g_strdup_printf("Firmware Rev Slot %u", i + 1);
		g_autofree char *value = cli_revision_text(log->frs[i]);

		if (log->frs[i][0])
			cli_add_text(builder, key, value);
	}
	json_builder_end_object(builder);
	json_builder_end_object(builder);
	cli_print_json(cli->out, builder);
}

bool cli_fw_log(struct cli *cli, struct cli_session *session, GError **error)
{
	struct nvme_fw_slot_log slots;
	const struct nvl_log log = { .lid = NVME_LID_FW_SLOT, .nsid = NVME_NSID_ALL };

	if (!cli_get_log(session, &log, &slots, sizeof(slots), error))
		return false;
	if (cli_write_binary(cli->out, &slots, sizeof(slots)))
		return true;
	if (cli->out->json) {
		print_fw_log_json(cli, session->path, &slots);
		return true;
	}
	cli_heading(cli->out, "Firmware Log for device:%s", session->path);
	cli_print(cli->out, "afi  : %#x\n", slots.afi);
	for (unsigned int i = 0; i < NVME_FW_SLOTS_MAX; i++) {
		g_autofree char *text = cli_revision_text(slots.frs[i]);

		if (slots.frs[i][0])
			cli_print(cli->out, "frs%u : %#" G_GINT64_MODIFIER "x %s\n", i + 1,
				  cli_load(slots.frs[i], 8), strchr(text, '('));
	}
	return true;
}

/* effects-log */

#define BITS(field, ...)           \
	{                          \
		field, __VA_ARGS__ \
	}

static const char *const no_yes[] = { "no", "yes", NULL };
static const char *const exclusive[] = { "none", "one command to the namespace at a time",
					 "one command to any namespace at a time", NULL };

static const struct cli_bits effects_bits[] = {
	BITS(NVME_EFFECTS_USS, "UUID selection", NULL),
	BITS(NVME_EFFECTS_CSE, "Execution restriction", exclusive),
	BITS(NVME_EFFECTS_CCC, "Controller capabilities may change", no_yes),
	BITS(NVME_EFFECTS_NIC, "Namespace inventory may change", no_yes),
	BITS(NVME_EFFECTS_NCC, "Namespace capabilities may change", no_yes),
	BITS(NVME_EFFECTS_LBCC, "Logical block contents may change", no_yes),
	BITS(NVME_EFFECTS_CSUPP, "Command", NULL),
	{ 0 },
};

typedef const char *title_fn(uint8_t opcode);

static void print_effects(struct cli *cli, const char *prefix, const nvme_u32le *effects,
			  title_fn *title)
{
	for (unsigned int opcode = 0; opcode < 256; opcode++) {
		uint32_t value = nvme_cpu32(effects[opcode]);
		g_autofree char *name = NULL;

		if (!NVME_GET(value, NVME_EFFECTS_CSUPP))
			continue;
		name = g_strdup_printf("%s%u", prefix, opcode);
		cli_print(cli->out, "%-9s[%-32s] %08x\n", name, title((uint8_t)opcode), value);
		if (cli_human(cli->args))
			cli_print_bits(cli->out, effects_bits, value);
	}
}

static void add_effects(JsonBuilder *builder, const char *key, const char *prefix,
			const nvme_u32le *effects, title_fn *title)
{
	json_builder_set_member_name(builder, key);
	json_builder_begin_object(builder);
	for (unsigned int opcode = 0; opcode < 256; opcode++) {
		uint32_t value = nvme_cpu32(effects[opcode]);
		g_autofree char *name = g_strdup_printf("%s_%u (%s)", prefix, opcode,
							title((uint8_t)opcode));

		if (NVME_GET(value, NVME_EFFECTS_CSUPP))
			cli_add_u64(builder, name, value);
	}
	json_builder_end_object(builder);
}

static void print_effects_json(struct cli *cli, const struct nvme_effects_log *log)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_array(builder);
	json_builder_begin_object(builder);
	cli_add_u64(builder, "command_set_identifier", cli_number(cli->args, "csi"));
	add_effects(builder, "admin_cmd_set", "ACS", log->acs, cli_admin_title);
	add_effects(builder, "io_cmd_set", "IOCS", log->iocs, cli_io_title);
	json_builder_end_object(builder);
	json_builder_end_array(builder);
	cli_print_json(cli->out, builder);
}

bool cli_effects_log(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autofree struct nvme_effects_log *effects = g_new0(struct nvme_effects_log, 1);
	const struct nvl_log log = { .lid = NVME_LID_EFFECTS,
				     .nsid = NVME_NSID_ALL,
				     .csi = (uint8_t)cli_number(cli->args, "csi") };

	if (!cli_get_log(session, &log, effects, sizeof(*effects), error))
		return false;
	if (cli_write_binary(cli->out, effects, sizeof(*effects)))
		return true;
	if (cli->out->json) {
		print_effects_json(cli, effects);
	} else {
		cli_heading(cli->out, "Admin Command Set");
		print_effects(cli, "ACS", effects->acs, cli_admin_title);
		cli_print(cli->out, "\n");
		cli_heading(cli->out, "%s Command Set", nvme_csi_name(log.csi));
		print_effects(cli, "IOCS", effects->iocs, cli_io_title);
	}
	return true;
}
