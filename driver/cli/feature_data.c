/* SPDX-License-Identifier: BSD-3-Clause */
/* Data structures of features (Base 2.0 5.27.1, unverified) as text and JSON. */
#include "common/nvme_spec.h"
#include "driver/cli/fields.h"

/* Where values go: lines, or members of the object that is open. */
struct sink {
	struct cli_output *out;
	JsonBuilder *builder;
};

static void put_text(const struct sink *sink, const char *key, const char *value)
{
	if (sink->builder)
		cli_add_text(sink->builder, key, value);
	else
		cli_print(sink->out, "\t%s: %s\n", key, value);
}

static void put_number(const struct sink *sink, const char *key, uint64_t value)
{
	if (sink->builder)
		cli_add_u64(sink->builder, key, value);
	else
		cli_print(sink->out, "\t%s: %" G_GUINT64_FORMAT "\n", key, value);
}

static void put_hex(const struct sink *sink, const char *key, uint64_t value)
{
	g_autofree char *text = g_strdup_printf("%#" G_GINT64_MODIFIER "x", value);

	put_text(sink, key, text);
}

static void put_flag(const struct sink *sink, const char *key, bool value)
{
	put_text(sink, key, value ? "True" : "False");
}

static void open_list(const struct sink *sink, const char *key)
{
	if (sink->builder)
		cli_json_array(sink->builder, key);
}

static void close_list(const struct sink *sink)
{
	if (sink->builder)
		json_builder_end_array(sink->builder);
}

/* An entry of a list; text numbers them. */
static void open_entry(const struct sink *sink, const char *title, unsigned int index)
{
	if (sink->builder)
		json_builder_begin_object(sink->builder);
	else
		cli_print(sink->out, "\t%s[%2u]\n", title, index);
}

static void close_entry(const struct sink *sink)
{
	if (sink->builder)
		json_builder_end_object(sink->builder);
}

static void show_range(const struct sink *sink, const struct nvme_lba_range *range)
{
	static const char *const types[] = { "Reserved", "Filesystem", "RAID", "Cache",
					     "Page / swap file" };
	g_autoptr(GString) guid = g_string_new(NULL);
	const char *type = range->type < G_N_ELEMENTS(types) ? types[range->type] : "Reserved";

	for (size_t i = 0; i < sizeof(range->guid); i++)
		g_string_append_printf(guid, "%02x", range->guid[i]);
	put_hex(sink, "type", range->type);
	put_text(sink, "type description", type);
	put_hex(sink, "attributes", range->attributes);
	put_text(sink, "attribute[0]",
		 NVME_GET(range->attributes, NVME_LBA_RANGE_OVERWRITABLE)
			 ? "may be overwritten"
			 : "not to be overwritten");
	put_text(sink, "attribute[1]",
		 NVME_GET(range->attributes, NVME_LBA_RANGE_HIDDEN) ? "hidden" : "visible");
	put_hex(sink, "slba", nvme_cpu64(range->slba));
	put_hex(sink, "nlb", nvme_cpu64(range->nlb));
	put_text(sink, "guid", guid->str);
}

static void show_lba_ranges(const struct sink *sink, uint32_t dw0, const void *data)
{
	const struct nvme_lba_range *ranges = data;
	unsigned int count = NVME_GET(dw0, NVME_FEAT_LBA_RANGE_NUM) + 1;

	open_list(sink, "LBA Ranges");
	for (unsigned int i = 0; i < count && i < NVME_LBA_RANGE_MAX; i++) {
		open_entry(sink, "LBA range ", i);
		if (sink->builder)
			cli_add_u64(sink->builder, "LBA range", i);
		show_range(sink, &ranges[i]);
		close_entry(sink);
	}
	close_list(sink);
}

static void show_apst(const struct sink *sink, uint32_t dw0, const void *data)
{
	const struct nvme_apst *apst = data;

	(void)dw0;
	open_list(sink, "Auto PST Entries");
	for (unsigned int i = 0; i < G_N_ELEMENTS(apst->entry); i++) {
		uint64_t entry = nvme_cpu64(apst->entry[i]);
		g_autofree char *number = g_strdup_printf("%2u", i);
		g_autofree char *idle = g_strdup_printf(
			"%u ms", (unsigned int)NVME_GET(entry, NVME_APST_ENTRY_ITPT));

		open_entry(sink, "Entry", i);
		if (sink->builder)
			cli_add_text(sink->builder, "entry", number);
		put_text(sink, "Idle Time Prior to Transition (ITPT)", idle);
		put_number(sink, "Idle Transition Power State (ITPS)",
			   NVME_GET(entry, NVME_APST_ENTRY_ITPS));
		close_entry(sink);
	}
	close_list(sink);
}

/* Bits 2 and 3 were defined after revision 2.0. */
static void show_hmb(const struct sink *sink, uint32_t dw0, const void *data)
{
	const struct nvme_hmb_attributes *hmb = data;

	put_flag(sink, "Host Memory Non-operational Access Restriction Enable (HMNARE)",
		 dw0 >> 2 & 1);
	put_flag(sink, "Host Memory Non-operational Access Restricted (HMNAR)", dw0 >> 3 & 1);
	put_number(sink, "Host Memory Descriptor List Entry Count (HMDLEC)",
		   nvme_cpu32(hmb->hmdlec));
	put_hex(sink, "Host Memory Descriptor List Address (HMDLAU)", nvme_cpu32(hmb->hmdlau));
	put_hex(sink, "Host Memory Descriptor List Address (HMDLAL)", nvme_cpu32(hmb->hmdlal));
	put_number(sink, "Host Memory Buffer Size (HSIZE)", nvme_cpu32(hmb->hsize));
}

static void show_timestamp(const struct sink *sink, uint32_t dw0, const void *data)
{
	const struct nvme_timestamp *timestamp = data;
	uint64_t msec = cli_load(timestamp->timestamp, sizeof(timestamp->timestamp));
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc((gint64)(msec / 1000));
	g_autofree char *text = time ? g_date_time_format(time, "%a %b %e %H:%M:%S %Y UTC")
				     : g_strdup("");
	unsigned int origin = NVME_GET(timestamp->attr, NVME_TIMESTAMP_ORIGIN);

	(void)dw0;
	put_number(sink, "timestamp", msec);
	put_text(sink, "timestamp string", text);
	put_text(sink, "timestamp origin",
		 origin == 0   ? "cleared by a reset"
		 : origin == 1 ? "set by a host"
			       : "reserved");
	put_text(sink, "synch",
		 NVME_GET(timestamp->attr, NVME_TIMESTAMP_SYNCH)
			 ? "counting may have stopped at times"
			 : "counted without a stop");
}

static void show_host_behavior(const struct sink *sink, uint32_t dw0, const void *data)
{
	const struct nvme_host_behavior *host = data;
	uint16_t formats = nvme_cpu16(host->cdfe);

	(void)dw0;
	if (sink->builder)
		put_flag(sink, "Host Behavior Support", host->acre);
	put_flag(sink, "Advanced Command Retry Enable (ACRE)", host->acre);
	put_flag(sink, "Extended Telemetry Data Area 4 Supported (ETDAS)", host->etdas);
	put_flag(sink, "LBA Format Extension Enable (LBAFEE)", host->lbafee);
	put_text(sink, "Host Dispersed Namespace Support (HDISNS)",
		 host->hdisns ? "Enabled" : "Disabled");
	put_flag(sink, "Copy Descriptor Format 2h Enable (CDF2E)", formats >> 2 & 1);
	put_flag(sink, "Copy Descriptor Format 3h Enable (CDF3E)", formats >> 3 & 1);
	put_flag(sink, "Copy Descriptor Format 4h Enable (CDF4E)", formats >> 4 & 1);
}

static const char *const latencies[] = {
	"not reported",
	"greater than or equal to 100 seconds",
	"greater than or equal to 50 seconds and less than 100 seconds",
	"greater than or equal to 10 seconds and less than 50 seconds",
	"greater than or equal to 5 seconds and less than 10 seconds",
	"greater than or equal to 1 second and less than 5 seconds",
	"greater than or equal to 500 milliseconds and less than 1 second",
	"greater than or equal to 100 milliseconds and less than 500 milliseconds",
	"greater than or equal to 50 milliseconds and less than 100 milliseconds",
	"greater than or equal to 10 milliseconds and less than 50 milliseconds",
	"greater than or equal to 5 milliseconds and less than 10 milliseconds",
	"greater than or equal to 1 millisecond and less than 5 milliseconds",
	"greater than or equal to 500 microseconds and less than 1 millisecond",
	"greater than or equal to 100 microseconds and less than 500 microseconds",
	"greater than or equal to 50 microseconds and less than 100 microseconds",
	"greater than or equal to 10 microseconds and less than 50 microseconds",
	"greater than or equal to 5 microseconds and less than 10 microseconds",
	"greater than or equal to 1 microsecond and less than 5 microseconds",
	"greater than or equal to 500 nanoseconds and less than 1 microsecond",
	"greater than or equal to 100 nanoseconds and less than 500 nanoseconds",
	"greater than or equal to 50 nanoseconds and less than 100 nanoseconds",
	"greater than or equal to 10 nanoseconds and less than 50 nanoseconds",
	"greater than or equal to 5 nanoseconds and less than 10 nanoseconds",
	"greater than or equal to 1 nanosecond and less than 5 nanoseconds",
};

static void put_described(const struct sink *sink, const char *key, const char *text,
			  unsigned int value)
{
	g_autofree char *described = g_strdup_printf("%s (0x%02x)", text, value);

	put_text(sink, key, described);
}

static char *uuid_text(const uint8_t *uuid)
{
	GString *text = g_string_new(NULL);

	for (unsigned int i = 0; i < 16; i++)
		g_string_append_printf(text, "%s%02x",
				       i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	return g_string_free(text, FALSE);
}

static void show_perf_list(const struct sink *sink, const struct nvme_perf_list *list)
{
	static const char *const types[] = { "current attribute", "default attribute",
					     "saved attribute" };
	unsigned int type = list->attrtyp & 7;

	put_described(sink, "attribute type (ATTRTYP)",
		      type < G_N_ELEMENTS(types) ? types[type] : "reserved", type);
	put_number(sink, "maximum saveable vendor specific performance attributes (MSVSPA)",
		   list->msvspa);
	put_number(sink, "unused saveable vendor specific performance attributes (USVSPA)",
		   list->usvspa);
	for (unsigned int i = 0; i < NVME_PERF_VENDOR_ATTRIBUTES; i++) {
		unsigned int index = NVME_PERF_VENDOR_FIRST + i;
		g_autofree char *id = uuid_text(list->paid[i]);
		g_autofree char *key = g_strdup_printf(
			"performance attribute %02xh identifier (PA%02XHI)", index, index);

		put_text(sink, key, id);
	}
}

static void show_perf_vendor(const struct sink *sink, const struct nvme_perf_vendor *attribute)
{
	uint16_t bytes = MIN(nvme_cpu16(attribute->attrl), sizeof(attribute->vs));
	g_autofree char *id = uuid_text(attribute->paid);
	g_autoptr(GString) vs = g_string_new(NULL);

	for (unsigned int i = 0; i < bytes; i++)
		g_string_append_printf(vs, "%02x", attribute->vs[i]);
	put_text(sink, "performance attribute identifier (PAID)", id);
	put_number(sink, "attribute length (ATTRL)", nvme_cpu16(attribute->attrl));
	put_text(sink, "vendor specific (VS)", vs->str);
}

/* NVM 1.1 4.1.3.7: the completion tells which attribute it is. */
static void show_performance(const struct sink *sink, uint32_t dw0, const void *data)
{
	unsigned int index = NVME_GET(dw0, NVME_FEAT_PERF_ATTRI);
	const struct nvme_perf_standard *standard = data;

	put_described(sink, "attribute index (ATTRI)",
		      index == NVME_PERF_STANDARD	? "standard performance attribute"
		      : index == NVME_PERF_LIST		? "performance attribute identifier list"
		      : index >= NVME_PERF_VENDOR_FIRST ? "vendor specific performance attribute"
							: "reserved",
		      index);
	if (index == NVME_PERF_STANDARD)
		put_described(sink, "random 4 kib average read latency (R4KARL)",
			      standard->r4karl < G_N_ELEMENTS(latencies)
				      ? latencies[standard->r4karl]
				      : "reserved",
			      standard->r4karl);
	else if (index == NVME_PERF_LIST)
		show_perf_list(sink, data);
	else if (index >= NVME_PERF_VENDOR_FIRST)
		show_perf_vendor(sink, data);
}

static void show_data_queue(const struct sink *sink, uint32_t dw0, const void *data)
{
	const struct nvme_cdq_pointers *pointers = data;

	(void)dw0;
	put_number(sink, "Head Pointer (HP)", nvme_cpu32(pointers->hp));
	put_number(sink, "Tail Pointer Trigger (TPT)", nvme_cpu32(pointers->tpt));
}

static void show_host_id(const struct sink *sink, uint32_t dw0, const void *data)
{
	(void)dw0;
	put_number(sink, "Host Identifier (HOSTID)", cli_load(data, 8));
}

static const struct {
	uint8_t fid;
	uint16_t bytes;
	void (*show)(const struct sink *sink, uint32_t dw0, const void *data);
} features[] = {
	{ NVME_FID_LBA_RANGE, NVME_LBA_RANGE_MAX * sizeof(struct nvme_lba_range), show_lba_ranges },
	{ NVME_FID_APST, sizeof(struct nvme_apst), show_apst },
	{ NVME_FID_HOST_MEM_BUF, sizeof(struct nvme_hmb_attributes), show_hmb },
	{ NVME_FID_TIMESTAMP, sizeof(struct nvme_timestamp), show_timestamp },
	{ NVME_FID_HOST_BEHAVIOR, sizeof(struct nvme_host_behavior), show_host_behavior },
	{ NVME_FID_PERF_CHARACTERISTICS, sizeof(struct nvme_perf_vendor), show_performance },
	{ NVME_FID_CDQ, sizeof(struct nvme_cdq_pointers), show_data_queue },
	{ NVME_FID_HOST_ID, 8, show_host_id },
};

bool cli_show_feature_data(struct cli_output *out, JsonBuilder *builder, uint8_t fid, uint32_t dw0,
			   const void *data, size_t bytes)
{
	const struct sink sink = { .out = out, .builder = builder };

	for (size_t i = 0; i < G_N_ELEMENTS(features); i++) {
		if (features[i].fid == fid && bytes >= features[i].bytes) {
			features[i].show(&sink, dw0, data);
			return true;
		}
	}
	return false;
}
