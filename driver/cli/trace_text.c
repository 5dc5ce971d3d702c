/* SPDX-License-Identifier: BSD-3-Clause */
/* Records in words: names of opcodes, registers and statuses beside their numbers. */
#include <string.h>

#include "common/fault.h"
#include "common/nvme_names.h"
#include "driver/cli/trace_file.h"
#include "driver/core/nvl.h"

/* Of event media; the order of the emulator's operations is part of the format. */
static const char *const media_ops[] = { "read", "write", "flush" };

const char *cli_opcode_name(uint64_t qid, uint64_t opcode)
{
	return qid == 0 ? nvme_admin_opcode_name((uint8_t)opcode)
			: nvme_nvm_opcode_name((uint8_t)opcode);
}

static void add_status(GString *text, uint64_t value)
{
	nvme_status status = (nvme_status)value;

	g_string_append_printf(text, " status=%#x (%s%s)", status, nvme_status_name(status),
			       NVME_GET(status, NVME_STATUS_DNR) ? ", DNR" : "");
}

/* Registers come with their name; the number of their bytes says nothing new. */
static char *register_text(const struct cli_record *record)
{
	uint32_t offset = (uint32_t)cli_record_value(record, "offset");
	uint64_t value = cli_record_value(record, "value");

	if (offset < NVME_DOORBELL_OFFSET)
		return g_strdup_printf("%-7s = %#" G_GINT64_MODIFIER "x",
				       nvme_register_name(offset), value);
	return g_strdup_printf("BAR0+%#x = %#" G_GINT64_MODIFIER "x", offset, value);
}

static void add_arg(GString *text, const struct cli_record *record,
		    const struct nvme_trace_arg *arg, uint64_t value)
{
	if (strcmp(arg->name, "opcode") == 0)
		g_string_append_printf(text, " opcode=%02" G_GINT64_MODIFIER "Xh (%s)", value,
				       cli_opcode_name(cli_record_value(record, "qid"), value));
	else if (strcmp(arg->name, "status") == 0)
		add_status(text, value);
	else if (record->event == NVME_TRACE_MEDIA && strcmp(arg->name, "op") == 0 &&
		 value < G_N_ELEMENTS(media_ops))
		g_string_append_printf(text, " op=%s", media_ops[value]);
	else if (record->event == NVME_TRACE_NVL_STATE)
		g_string_append_printf(text, " state=%s", nvl_state_name((enum nvl_state)value));
	else if (strcmp(arg->name, "log") == 0)
		g_string_append_printf(text, " log=%02" G_GINT64_MODIFIER "Xh (%s)", value,
				       nvme_log_name((uint8_t)value));
	else if (arg->kind == 'd' || strcmp(arg->name, "slba") == 0)
		g_string_append_printf(text, " %s=%" G_GUINT64_FORMAT, arg->name, value);
	else
		g_string_append_printf(text, " %s=%#" G_GINT64_MODIFIER "x", arg->name, value);
}

/* The bytes of the record are the rule's name; its number says less. */
static char *fault_text(const struct cli_record *record)
{
	unsigned int site = (unsigned int)cli_record_value(record, "site");
	g_autofree char *name = g_strndup((const char *)record->data, record->data_bytes);
	g_autofree char *escaped = cli_escaped(name);

	return g_strdup_printf("%s at %s", escaped,
			       site < NVME_SITES ? nvme_fault_site_name(site) : "?");
}

char *cli_record_text(const struct cli_record *record)
{
	struct nvme_trace_arg args[NVME_TRACE_ARGS];
	unsigned int count = nvme_trace_args(record->event, args);
	g_autoptr(GString) text = NULL;

	if (record->event == NVME_TRACE_REG_READ || record->event == NVME_TRACE_REG_WRITE)
		return register_text(record);
	if (record->event == NVME_TRACE_FAULT && record->data_bytes > 0)
		return fault_text(record);
	text = g_string_new(NULL);
	for (unsigned int i = 0; i < count; i++)
		add_arg(text, record, &args[i], record->args[i]);
	if (record->data_bytes > 0)
		g_string_append_printf(text, " data=%u bytes", record->data_bytes);
	return g_strdup(text->len > 0 ? text->str + 1 : "");
}

void cli_print_record(struct cli_output *out, const struct cli_record *record, uint64_t first_nsec)
{
	g_autofree char *text = cli_record_text(record);

	cli_print(out, "%8" G_GUINT64_FORMAT " %13.3f %4u %-13s %s\n", record->seq,
		  (double)(record->time_nsec - first_nsec) / 1000.0, record->ctrl,
		  nvme_trace_name(record->event), text);
}
