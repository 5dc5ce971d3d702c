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
