/* SPDX-License-Identifier: BSD-3-Clause */
/* The command persistent-event-log. */
#include <string.h>

#include "common/nvme_names.h"
#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/send.h"

#define LOG_BYTES_MAX (16u << 20)
#define EHL_BASE      3u /* EHL counts from behind the third byte */

const struct cli_option cli_persistent_event_log_options[] = {
	/* clang-format off */
	{ "action", 'a', 0, CLI_NUMBER, "0-3", 3, "1", false, "0 read, 1 establish a context and read, 2 release it, 3 establish it and read the header" },
	{ "log_len", 'l', 0, CLI_SIZE, "SIZE", LOG_BYTES_MAX, "0", false, "bytes to read; 0 is all" },
	{ 0 },
	/* clang-format on */
};

/* One event of the log, whose lengths have been checked. */
struct event {
	unsigned int number;
	struct nvme_pel_event_header head;
	const uint8_t *data;
	size_t bytes;
};

/* Reads the event at *@at and moves it; false where the log has no whole one any more. */
static bool next_event(const uint8_t *log, size_t bytes, size_t *at, struct event *event)
{
	size_t head_bytes, vendor_bytes, length;

	if (bytes - *at < sizeof(event->head))
		return false;
	memcpy(&event->head, log + *at, sizeof(event->head));
	head_bytes = event->head.ehl + EHL_BASE;
	vendor_bytes = nvme_cpu16(event->head.vsil);
	length = nvme_cpu16(event->head.el);
	if (head_bytes < sizeof(event->head) || vendor_bytes > length ||
	    bytes - *at < head_bytes + length)
		return false;
	event->data = log + *at + head_bytes + vendor_bytes;
	event->bytes = length - vendor_bytes;
	*at += head_bytes + length;
	return true;
}

static void add_event(JsonBuilder *builder, const struct event *event)
{
	size_t needed = 0;
	const struct cli_field *fields = cli_pel_data_fields(event->head.etype, &needed);

	json_builder_begin_object(builder);
	cli_add_u64(builder, "event_number", event->number);
	cli_add_text(builder, "event_type", nvme_pel_event_name(event->head.etype));
	cli_add_fields(builder, cli_pel_event_fields, &event->head);
	if (fields && event->bytes >= needed)
		cli_add_fields(builder, fields, event->data);
	if (event->head.etype == NVME_PEL_EVENT_SET_FEATURE && event->bytes >= needed)
		cli_add_text(builder, "name", nvme_feature_name(event->data[4]));
	json_builder_end_object(builder);
}

static void print_event(struct cli_output *out, const struct event *event)
{
	size_t needed = 0;
	const struct cli_field *fields = cli_pel_data_fields(event->head.etype, &needed);

	cli_print(out, "Event %u: %s (%#x)\n", event->number,
		  nvme_pel_event_name(event->head.etype), event->head.etype);
	cli_print_fields(out, cli_pel_event_fields, &event->head, 42, false);
	if (fields && event->bytes >= needed)
		cli_print_fields(out, fields, event->data, 42, false);
	else if (event->bytes > 0)
		cli_hexdump(out, event->data, event->bytes);
}

static void print_supported(struct cli_output *out, const struct nvme_pel_header *head)
{
	cli_print(out, "Supported events:\n");
	for (unsigned int type = 0; type < 256; type++) {
		if (head->seb[type / 8] >> type % 8 & 1)
			cli_print(out, "  %s (%#x)\n", nvme_pel_event_name((uint8_t)type), type);
	}
}

static void add_supported(JsonBuilder *builder, const struct nvme_pel_header *head)
{
	for (unsigned int type = 0; type < 256; type++) {
		g_autofree char *key = g_strdup_printf("bitmap_%x", type);
		g_autofree char *text = g_strdup_printf("Support %s",
							nvme_pel_event_name((uint8_t)type));

		if (head->seb[type / 8] >> type % 8 & 1)
			cli_add_text(builder, key, text);
	}
}

static void show_log(struct cli *cli, const char *path, const uint8_t *log, size_t bytes)
{
	const struct nvme_pel_header *head = (const void *)log;
	JsonBuilder *builder = cli->out->json ? cli_json_open() : NULL;
	struct event event = { 0 };
	size_t at = sizeof(*head);

	if (builder) {
		cli_add_fields(builder, cli_pel_fields, head);
		add_supported(builder, head);
		cli_json_array(builder, "list_of_event_entries");
	} else {
		cli_heading(cli->out, "Persistent Event Log for device: %s", path);
		cli_print_fields(cli->out, cli_pel_fields, head, 30, false);
		print_supported(cli->out, head);
	}
	for (; event.number < nvme_cpu32(head->tnev) && next_event(log, bytes, &at, &event);
	     event.number++) {
		if (builder)
			add_event(builder, &event);
		else
			print_event(cli->out, &event);
	}
	if (builder) {
		json_builder_end_array(builder);
		cli_json_close(cli->out, builder);
	}
}

/* Only the first read has the action: it makes the context that the others read. */
static bool read_log(struct cli *cli, struct cli_session *session, uint8_t action,
		     uint8_t **ret_log, uint32_t *ret_bytes, GError **error)
{
	struct nvl_log log = { .lid = NVME_LID_PERSISTENT_EVENT,
			       .lsp = action,
			       .nsid = NVME_NSID_ALL };
	struct nvme_pel_header head;
	uint64_t bytes = cli_number(cli->args, "log_len");

	if (!cli_get_log(session, &log, &head, sizeof(head), error))
		return false;
	if (bytes == 0)
		bytes = nvme_cpu64(head.tll);
	if (action == NVME_PEL_ESTABLISH_AND_READ_HEADER)
		bytes = sizeof(head);
	bytes = CLAMP(bytes, sizeof(head), LOG_BYTES_MAX);
	*ret_bytes = (uint32_t)((bytes + 3) & ~UINT64_C(3));
	*ret_log = g_malloc0(*ret_bytes);
	memcpy(*ret_log, &head, sizeof(head));
	if (*ret_bytes == sizeof(head))
		return true;
	log.lsp = NVME_PEL_READ;
	log.offset = sizeof(head);
	return cli_get_log(session, &log, *ret_log + sizeof(head),
			   *ret_bytes - (uint32_t)sizeof(head), error);
}

bool cli_persistent_event_log(struct cli *cli, struct cli_session *session, GError **error)
{
	uint8_t action = (uint8_t)cli_number(cli->args, "action");
	const struct nvl_log release = { .lid = NVME_LID_PERSISTENT_EVENT,
					 .lsp = NVME_PEL_RELEASE,
					 .nsid = NVME_NSID_ALL };
	struct nvme_pel_header head;
	g_autofree uint8_t *log = NULL;
	uint32_t bytes = 0;

	if (action == NVME_PEL_RELEASE) {
		if (!cli_get_log(session, &release, &head, sizeof(head), error))
			return false;
		cli_done(cli, NULL, 0, "the context of the log is released");
		return true;
	}
	if (!read_log(cli, session, action, &log, &bytes, error))
		return false;
	/* What this run established it releases; contexts outlive resets, and there is one only. */
	if (action == NVME_PEL_ESTABLISH_AND_READ &&
	    !cli_get_log(session, &release, &head, sizeof(head), error))
		return false;
	if (!cli_write_binary(cli->out, log, bytes))
		show_log(cli, session->path, log, bytes);
	return true;
}
