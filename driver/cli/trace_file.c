/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads trace files: one JSON object a line, the first of which says what follows. */
#include "driver/cli/trace_file.h"

#include <errno.h>
#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "driver/cli/error.h"

#define LINE_BYTES (1u << 20) /* a record needs 512 characters and two for each byte of its data */

struct reader {
	const char *name;
	unsigned int line;
	FILE *file;
	char *buffer;
	struct cli_trace *trace;
	JsonParser *parser;
	GHashTable *events; /* name to number + 1 */
	unsigned int unknown;
};

static bool fail_line(const struct reader *reader, GError **error, const char *what)
{
	return cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s:%u: %s", reader->name, reader->line, what);
}

/* Return: 1 for a line, 0 at the end of the file, negative for an error. */
static int next_line(struct reader *reader, GError **error)
{
	size_t length;

	reader->line++;
	if (!fgets(reader->buffer, LINE_BYTES, reader->file)) {
		if (!ferror(reader->file))
			return 0;
		cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: %s", reader->name, g_strerror(errno));
		return -1;
	}
	length = strlen(reader->buffer);
	if (length > 0 && reader->buffer[length - 1] == '\n') {
		reader->buffer[length - 1] = '\0';
		return 1;
	}
	if (length + 1 < LINE_BYTES && feof(reader->file)) {
		cli_log(CLI_LOG_WARNING,
			"%s:%u: the last line has no end and is left out: is the trace still being "
			"written?",
			reader->name, reader->line);
		reader->trace->cut = true;
		return 0;
	}
	fail_line(reader, error,
		  length + 1 < LINE_BYTES ? "a NUL byte" : "a line that is too long");
	return -1;
}

static JsonObject *parse_line(struct reader *reader, GError **error)
{
	g_autoptr(GError) why = NULL;
	JsonNode *root;

	if (!json_parser_load_from_data(reader->parser, reader->buffer, -1, &why)) {
		fail_line(reader, error, "not JSON");
		cli_hint(error, "%s", why->message);
		return NULL;
	}
	root = json_parser_get_root(reader->parser);
	if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
		fail_line(reader, error, "not a JSON object");
		return NULL;
	}
	return json_node_get_object(root);
}

/* A number, or a text in hexadecimal: 64-bit values are texts. */
static bool get_number(JsonObject *object, const char *key, uint64_t *ret_value)
{
	JsonNode *node = json_object_get_member(object, key);
	const char *text;

	if (!node || !JSON_NODE_HOLDS_VALUE(node))
		return false;
	if (json_node_get_value_type(node) == G_TYPE_INT64) {
		*ret_value = (uint64_t)json_node_get_int(node);
		return json_node_get_int(node) >= 0;
	}
	text = json_node_get_string(node);
	return text && nvme_parse_u64(text, strlen(text), ret_value) == NVME_PARSE_OK;
}

static const char *get_text(JsonObject *object, const char *key)
{
	JsonNode *node = json_object_get_member(object, key);

	return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
}

/* Return: enum nvme_trace_side, or a number past its last one. */
static unsigned int find_side(const char *name)
{
	unsigned int side = NVME_TRACE_CONTROLLER;

	while (side <= NVME_TRACE_BOTH && strcmp(name, nvme_trace_side_name(side)) != 0)
		side++;
	return side;
}

/* Of a controller's trace that can be replayed. */
static bool read_setup(const struct reader *reader, JsonObject *object, GError **error)
{
	const char *setup = get_text(object, "setup");
	uint64_t controllers;

	if (!setup)
		return true;
	if (!get_number(object, "controllers", &controllers) || controllers == 0 ||
	    controllers > UINT16_MAX)
		return fail_line(reader, error,
				 "a first line with \"setup\" has \"controllers\", from 1 on");
	reader->trace->controllers = (unsigned int)controllers;
	reader->trace->is_virtual = g_strcmp0(get_text(object, "clock"), "virtual") == 0;
	reader->trace->setup = g_strdup(setup);
	return true;
}

static bool read_header(struct reader *reader, GError **error)
{
	const char *side;
	uint64_t format;
	JsonObject *object;
	int got = next_line(reader, error);

	if (got < 0)
		return false;
	if (got == 0)
		return fail_line(reader, error, "the file is empty");
	object = parse_line(reader, error);
	if (!object)
		return false;
	side = get_text(object, "side");
	if (!get_number(object, "format", &format) || !side)
		return fail_line(reader, error,
				 "not a trace: the first line has \"format\" and \"side\"");
	if (format != NVME_TRACE_FORMAT)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT,
				"%s: trace format %" G_GUINT64_FORMAT "; this program reads %d",
				reader->name, format, NVME_TRACE_FORMAT);
	reader->trace->side = find_side(side);
	if (!read_setup(reader, object, error))
		return false;
	if (reader->trace->side <= NVME_TRACE_BOTH)
		return true;
	return fail_line(reader, error,
			 "\"side\" is neither \"controller\", \"driver\" nor \"both\"");
}

/* In a file of both sides each record says whose it is. */
static bool read_side(const struct reader *reader, JsonObject *object, struct cli_record *record,
		      GError **error)
{
	const char *side = get_text(object, "side");
	unsigned int found = reader->trace->side;

	if (found == NVME_TRACE_BOTH)
		found = side ? find_side(side) : NVME_TRACE_BOTH;
	if (found >= NVME_TRACE_BOTH)
		return fail_line(
			reader, error,
			"a record of a trace of both sides has \"side\": \"controller\" or "
			"\"driver\"");
	record->side = (uint8_t)found;
	return true;
}

static bool read_data(const struct reader *reader, JsonObject *object, struct cli_record *record,
		      GError **error)
{
	const char *hex = get_text(object, "data");
	size_t digits = hex ? strlen(hex) : 0;

	if (!json_object_has_member(object, "data"))
		return true;
	if (digits == 0 || digits % 2 != 0 || strspn(hex, "0123456789abcdefABCDEF") != digits)
		return fail_line(reader, error, "\"data\" is not pairs of hexadecimal digits");
	record->data_bytes = (uint32_t)(digits / 2);
	record->data = g_malloc(record->data_bytes);
	for (size_t i = 0; i < record->data_bytes; i++)
		record->data[i] = (uint8_t)(g_ascii_xdigit_value(hex[2 * i]) << 4 |
					    g_ascii_xdigit_value(hex[2 * i + 1]));
	return true;
}

static bool read_record(struct reader *reader, GError **error)
{
	struct nvme_trace_arg args[NVME_TRACE_ARGS];
	struct cli_record record = { 0 };
	const char *event;
	unsigned int count;
	uint64_t ctrl;
	JsonObject *object = parse_line(reader, error);

	if (!object)
		return false;
	event = get_text(object, "event");
	if (!event || !get_number(object, "seq", &record.seq) ||
	    !get_number(object, "time", &record.time_nsec) || !get_number(object, "ctrl", &ctrl))
		return fail_line(reader, error,
				 "a record has \"seq\", \"time\", \"ctrl\" and \"event\"");
	if (!read_side(reader, object, &record, error))
		return false;
	if (ctrl > UINT16_MAX)
		return fail_line(reader, error, "\"ctrl\" is 0 to 65535");
	record.ctrl = (uint16_t)ctrl;
	record.line = reader->line;
	record.event = (uint16_t)(GPOINTER_TO_UINT(g_hash_table_lookup(reader->events, event)) - 1);
	if (record.event >= NVME_TRACE_EVENTS) {
		reader->unknown++;
		return true;
	}
	count = nvme_trace_args(record.event, args);
	for (unsigned int i = 0; i < count; i++) {
		if (!get_number(object, args[i].name, &record.args[i]))
			return cli_fail(error, CLI_EXIT_ENVIRONMENT,
					"%s:%u: event %s without a number \"%s\"", reader->name,
					reader->line, event, args[i].name);
	}
	if (!read_data(reader, object, &record, error))
		return false;
	g_array_append_val(reader->trace->records, record);
	return true;
}

static bool read_records(struct reader *reader, GError **error)
{
	int got;

	if (!read_header(reader, error))
		return false;
	while ((got = next_line(reader, error)) > 0) {
		if (!read_record(reader, error))
			return false;
	}
	if (got == 0 && reader->unknown > 0)
		cli_log(CLI_LOG_WARNING,
			"%s: %u records of events that this program does not know are left out",
			reader->name, reader->unknown);
	return got == 0;
}

static void clear_record(gpointer data)
{
	g_free(((struct cli_record *)data)->data);
}

struct cli_trace *cli_trace_new(unsigned int side)
{
	struct cli_trace *trace = g_new0(struct cli_trace, 1);

	trace->side = side;
	trace->records = g_array_new(FALSE, FALSE, sizeof(struct cli_record));
	g_array_set_clear_func(trace->records, clear_record);
	return trace;
}

void cli_trace_add(struct cli_trace *trace, const struct nvme_trace_record *record)
{
	struct cli_record copy = { .seq = record->seq,
				   .time_nsec = record->time_nsec,
				   .event = record->event,
				   .ctrl = record->ctrl,
				   .side = record->side,
				   .data_bytes = record->data_bytes };

	memcpy(copy.args, record->args, sizeof(copy.args));
	if (record->data_bytes > 0)
		copy.data = g_memdup2(record->data, record->data_bytes);
	g_array_append_val(trace->records, copy);
}

struct cli_trace *cli_trace_load(FILE *file, const char *name, GError **error)
{
	g_autoptr(CliTrace) trace = cli_trace_new(NVME_TRACE_CONTROLLER);
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GHashTable) events = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *buffer = g_malloc(LINE_BYTES);
	struct reader reader = { .name = name,
				 .file = file,
				 .buffer = buffer,
				 .trace = trace,
				 .parser = parser,
				 .events = events };

	for (unsigned int i = 0; nvme_trace_name(i); i++)
		g_hash_table_insert(events, (gpointer)nvme_trace_name(i), GUINT_TO_POINTER(i + 1));
	return read_records(&reader, error) ? g_steal_pointer(&trace) : NULL;
}

/* What gzip made, as a file that is read from its beginning to its end. */

static ssize_t read_unpacked(void *cookie, char *buffer, size_t bytes)
{
	g_autoptr(GError) why = NULL;
	gssize got = g_input_stream_read(cookie, buffer, bytes, NULL, &why);

	if (got < 0) {
		cli_log(CLI_LOG_ERROR, "%s", why->message);
		errno = EIO;
	}
	return got;
}

static int close_unpacked(void *cookie)
{
	g_object_unref(cookie);
	return 0;
}

static FILE *open_packed(const char *path)
{
	const cookie_io_functions_t functions = { .read = read_unpacked, .close = close_unpacked };
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileInputStream) packed = g_file_read(file, NULL, NULL);
	g_autoptr(GZlibDecompressor) unpacker = NULL;

	if (!packed)
		return NULL;
	unpacker = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP);
	return fopencookie(
		g_converter_input_stream_new(G_INPUT_STREAM(packed), G_CONVERTER(unpacker)), "r",
		functions);
}

/* A regular file that begins as gzip's do is unpacked; a pipe is read as it is. */
static FILE *open_any(const char *path, GError **error)
{
	FILE *file = fopen(path, "re");
	unsigned char magic[2] = { 0 };

	if (file && fseek(file, 0, SEEK_END) == 0) {
		rewind(file);
		if (fread(magic, 1, 2, file) == 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
			fclose(file);
			file = open_packed(path);
		} else {
			rewind(file);
		}
	}
	if (!file)
		cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot open %s: %s", path,
			 g_strerror(errno));
	return file;
}

struct cli_trace *cli_trace_read(const char *path, GError **error)
{
	struct cli_trace *trace;
	FILE *file;

	if (strcmp(path, "-") == 0)
		return cli_trace_load(stdin, "standard input", error);
	file = open_any(path, error);
	if (!file)
		return NULL;
	trace = cli_trace_load(file, path, error);
	fclose(file);
	return trace;
}

void cli_trace_free(struct cli_trace *trace)
{
	if (!trace)
		return;
	if (trace->records)
		g_array_free(trace->records, TRUE);
	g_free(trace->setup);
	g_free(trace);
}

const struct cli_record *cli_trace_record(const struct cli_trace *trace, unsigned int index)
{
	return index < trace->records->len
		       ? &g_array_index(trace->records, struct cli_record, index)
		       : NULL;
}

bool cli_record_arg(const struct cli_record *record, const char *name, uint64_t *ret_value)
{
	struct nvme_trace_arg args[NVME_TRACE_ARGS];
	unsigned int count = nvme_trace_args(record->event, args);

	for (unsigned int i = 0; i < count; i++) {
		if (strcmp(args[i].name, name) == 0) {
			*ret_value = record->args[i];
			return true;
		}
	}
	return false;
}

uint64_t cli_record_value(const struct cli_record *record, const char *name)
{
	uint64_t value = 0;

	cli_record_arg(record, name, &value);
	return value;
}
