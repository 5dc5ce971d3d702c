/* SPDX-License-Identifier: BSD-3-Clause */
/* Results on standard output; messages and progress on standard error. */
#include "driver/cli/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/text.h"
#include "driver/cli/error.h"
#include "driver/cli/program.h"

#define BOLD   "\033[1m"
#define RED    "\033[1;31m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

#define BAR_COLUMNS 24

static enum cli_level level_now = CLI_LOG_WARNING;
static bool progress_shown;

static void note_error(struct cli_output *out)
{
	if (!out->error && ferror(out->file))
		out->error = errno ? errno : EIO;
}

void cli_write(struct cli_output *out, const void *data, size_t bytes)
{
	if (out->error)
		return;
	errno = 0;
	fwrite(data, 1, bytes, out->file);
	note_error(out);
}

bool cli_write_binary(struct cli_output *out, const void *data, size_t bytes)
{
	if (out->binary)
		cli_write(out, data, bytes);
	return out->binary;
}

static void print_list(struct cli_output *out, const char *format, va_list list)
	G_GNUC_PRINTF(2, 0);

static void print_list(struct cli_output *out, const char *format, va_list list)
{
	if (out->error)
		return;
	errno = 0;
	vfprintf(out->file, format, list);
	note_error(out);
}

void cli_print(struct cli_output *out, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	print_list(out, format, list);
	va_end(list);
}

void cli_heading(struct cli_output *out, const char *format, ...)
{
	va_list list;

	if (out->colour)
		cli_print(out, BOLD);
	va_start(list, format);
	print_list(out, format, list);
	va_end(list);
	cli_print(out, "%s\n", out->colour ? PLAIN : "");
}

static void dump_line(struct cli_output *out, size_t offset, const uint8_t *data, size_t bytes)
{
	char ascii[17] = "";

	cli_print(out, "%04zx:", offset);
	for (size_t i = 0; i < 16; i++) {
		if (i < bytes) {
			cli_print(out, " %02x", data[i]);
			ascii[i] = g_ascii_isgraph(data[i]) ? (char)data[i] : '.';
		} else {
			cli_print(out, "   ");
		}
	}
	cli_print(out, " \"%s\"\n", ascii);
}

void cli_hexdump(struct cli_output *out, const void *data, size_t bytes)
{
	const uint8_t *from = data;

	cli_print(out, "       0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f\n");
	for (size_t i = 0; i < bytes; i += 16)
		dump_line(out, i, from + i, MIN(bytes - i, 16));
}

void cli_print_json(struct cli_output *out, JsonBuilder *builder)
{
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = json_builder_get_root(builder);
	g_autofree char *text = NULL;

	json_generator_set_pretty(generator, TRUE);
	json_generator_set_root(generator, root);
	text = json_generator_to_data(generator, NULL);
	cli_print(out, "%s\n", text);
}

JsonBuilder *cli_json_open(void)
{
	return json_builder_begin_object(json_builder_new());
}

void cli_json_array(JsonBuilder *builder, const char *key)
{
	json_builder_set_member_name(builder, key);
	json_builder_begin_array(builder);
}

void cli_json_object(JsonBuilder *builder, const char *key)
{
	json_builder_set_member_name(builder, key);
	json_builder_begin_object(builder);
}

void cli_json_close(struct cli_output *out, JsonBuilder *builder)
{
	json_builder_end_object(builder);
	cli_print_json(out, builder);
	g_object_unref(builder);
}

bool cli_finish(struct cli_output *out, GError **error)
{
	if (!out->error && fflush(out->file) != 0)
		out->error = errno;
	if (!out->error)
		return true;
	return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot write to standard output: %s",
			g_strerror(out->error));
}

void cli_add_u64(JsonBuilder *builder, const char *key, uint64_t value)
{
	g_autofree char *text = NULL;

	json_builder_set_member_name(builder, key);
	if (value <= INT64_MAX) {
		json_builder_add_int_value(builder, (gint64)value);
		return;
	}
	text = g_strdup_printf("%" G_GUINT64_FORMAT, value);
	json_builder_add_string_value(builder, text);
}

void cli_add_text(JsonBuilder *builder, const char *key, const char *value)
{
	g_autofree char *valid = g_utf8_make_valid(value, -1);

	json_builder_set_member_name(builder, key);
	json_builder_add_string_value(builder, valid);
}

void cli_add_dump(JsonBuilder *builder, const char *key, const void *data, size_t bytes)
{
	const uint8_t *from = data;

	cli_json_array(builder, key);
	for (size_t i = 0; i < bytes; i += 16) {
		g_autoptr(GString) row = g_string_new(NULL);

		for (size_t j = i; j < bytes && j < i + 16; j++)
			g_string_append_printf(row, "%02x", from[j]);
		json_builder_add_string_value(builder, row->str);
	}
	json_builder_end_array(builder);
}

char *cli_escaped(const char *text)
{
	size_t bytes = strlen(text), room = 6 * bytes + 1;
	char *buffer = g_malloc(room);
	struct nvme_text json;

	nvme_text_init(&json, buffer, room);
	nvme_text_json(&json, text, bytes);
	return buffer;
}

void cli_set_level(enum cli_level level)
{
	level_now = level;
}

bool cli_is_terminal(FILE *file)
{
	const char *term = g_getenv("TERM");

	return isatty(fileno(file)) && term && strcmp(term, "dumb") != 0;
}

/* NO_COLOR counts if it is set and not empty: no-color.org. */
bool cli_wants_colour(FILE *file)
{
	const char *no_colour = g_getenv("NO_COLOR");

	return cli_is_terminal(file) && (!no_colour || !*no_colour);
}

void cli_log(enum cli_level level, const char *format, ...)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };
	g_autofree char *text = NULL;
	va_list list;

	if (level > level_now)
		return;
	va_start(list, format);
	text = g_strdup_vprintf(format, list);
	va_end(list);
	cli_progress_end();
	if (cli_wants_colour(stderr) && level <= CLI_LOG_WARNING)
		fprintf(stderr, "%s: " YELLOW "%s" PLAIN ": %s\n", cli_program.name, names[level],
			text);
	else
		fprintf(stderr, "%s: %s: %s\n", cli_program.name, names[level], text);
}

/* The first line is the error, the others are hints. */
void cli_report(const char *command, const GError *error)
{
	g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
	bool colour = cli_wants_colour(stderr);

	cli_progress_end();
	fprintf(stderr, "%s%s: ", colour ? RED : "", cli_program.name);
	if (command)
		fprintf(stderr, "%s: ", command);
	fprintf(stderr, "%s%s\n", lines[0], colour ? PLAIN : "");
	for (char **line = lines + 1; *line; line++)
		fprintf(stderr, "  %s\n", *line);
}

void cli_progress(const char *format, ...)
{
	va_list list;

	if (!cli_is_terminal(stderr))
		return;
	fprintf(stderr, "\r\033[K");
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fflush(stderr);
	progress_shown = true;
}

void cli_progress_bar(uint64_t done, uint64_t all, const char *format, ...)
{
	double share = all > 0 && done < all ? (double)done / (double)all : 1;
	unsigned int full = (unsigned int)(share * BAR_COLUMNS);
	g_autofree char *text = NULL;
	char bar[BAR_COLUMNS + 1];
	va_list list;

	va_start(list, format);
	text = g_strdup_vprintf(format, list);
	va_end(list);
	memset(bar, '#', full);
	memset(bar + full, '-', BAR_COLUMNS - full);
	bar[BAR_COLUMNS] = '\0';
	cli_progress("[%s] %3u %%  %s", bar, (unsigned int)(share * 100), text);
}

void cli_progress_end(void)
{
	if (progress_shown)
		fprintf(stderr, "\r\033[K");
	progress_shown = false;
}

char *cli_size_text(uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < G_N_ELEMENTS(units)) {
		value /= 1024;
		unit++;
	}
	if (value == (double)(uint64_t)value)
		return g_strdup_printf("%.0f %s", value, units[unit]);
	return g_strdup_printf("%.*f %s", value < 10 ? 2 : value < 100 ? 1 : 0, value, units[unit]);
}

char *cli_time_text(uint64_t nsec)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = (double)nsec;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < G_N_ELEMENTS(units)) {
		value /= 1000;
		unit++;
	}
	return g_strdup_printf("%.*f %s",
			       unit == 0     ? 0
			       : value < 10  ? 2
			       : value < 100 ? 1
					     : 0,
			       value, units[unit]);
}
