/* SPDX-License-Identifier: BSD-3-Clause */
/* Two records that are not the same, in text and in JSON. */
#include "tests/sim/cli/differ.h"

void sim_differ_print_data(struct cli_output *out, const struct cli_record *a,
			   const struct cli_record *b)
{
	size_t at = 0;

	if (!a || !b || a->event != b->event || (a->data_bytes == 0 && b->data_bytes == 0))
		return;
	while (at < a->data_bytes && at < b->data_bytes && a->data[at] == b->data[at])
		at++;
	if (at < a->data_bytes || at < b->data_bytes)
		cli_print(out, "  the data differ from byte %zu on\n", at);
}

void sim_differ_add_record(JsonBuilder *builder, const char *key, const struct cli_record *record)
{
	g_autofree char *text = record ? cli_record_text(record) : NULL;

	json_builder_set_member_name(builder, key);
	if (!record) {
		json_builder_add_null_value(builder);
		return;
	}
	json_builder_begin_object(builder);
	if (record->line)
		cli_add_u64(builder, "line", record->line);
	cli_add_u64(builder, "seq", record->seq);
	cli_add_u64(builder, "time_ns", record->time_nsec);
	cli_add_u64(builder, "ctrl", record->ctrl);
	cli_add_text(builder, "event", nvme_trace_name(record->event));
	cli_add_text(builder, "text", text);
	json_builder_end_object(builder);
}
