/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of fields as text and as JSON. */
#include "driver/cli/print.h"

#include <string.h>

#include "common/bits.h"
#include "common/le.h"

#define KELVIN_AT_0_CELSIUS 273
#define DATA_UNIT_BYTES	    512000.0

uint64_t cli_load(const void *data, unsigned int bytes)
{
	const uint8_t *from = data;
	uint64_t value = 0;

	while (bytes > 0)
		value = value << 8 | from[--bytes];
	return value;
}

char *cli_decimal_u128(const void *data)
{
	unsigned __int128 value = (unsigned __int128)nvme_load_le64((const uint8_t *)data + 8)
					  << 64 |
				  nvme_load_le64(data);
	char digits[40];
	size_t at = sizeof(digits);

	digits[--at] = '\0';
	do {
		digits[--at] = (char)('0' + (int)(value % 10));
		value /= 10;
	} while (value > 0);
	return g_strdup(digits + at);
}

static char *hex_text(const uint8_t *data, size_t bytes)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < bytes; i++)
		g_string_append_printf(text, "%02x", data[i]);
	return g_string_free(text, FALSE);
}

char *cli_uuid_text(const void *data)
{
	g_autofree char *hex = hex_text(data, 16);

	return g_strdup_printf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
			       hex + 20);
}

char *cli_revision_text(const void *data)
{
	const char *from = data;
	char text[9] = "";

	for (size_t i = 0; i < 8; i++)
		text[i] = g_ascii_isgraph(from[i]) ? from[i] : '.';
	return g_strdup_printf("%" G_GUINT64_FORMAT " (%s)", cli_load(data, 8), text);
}

/* A device's text may hold anything, and a terminal obeys some of it. */
static char *ascii_text(const char *data, size_t bytes, bool stop)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < bytes && !(stop && data[i] == '\0'); i++)
		g_string_append_c(text, g_ascii_isprint(data[i]) ? data[i] : data[i] ? '?' : ' ');
	return g_string_free(text, FALSE);
}

char *cli_trimmed(const char *data, size_t bytes)
{
	return g_strchomp(ascii_text(data, bytes, false));
}

static bool is_zero(const uint8_t *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (data[i])
			return false;
	}
	return true;
}

static char *units_text(const uint8_t *data)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	g_autofree char *number = cli_decimal_u128(data);
	double bytes = g_ascii_strtod(number, NULL) * DATA_UNIT_BYTES;
	size_t unit = 0;

	while (bytes >= 1000 && unit + 1 < G_N_ELEMENTS(units)) {
		bytes /= 1000;
		unit++;
	}
	return g_strdup_printf("%s (%.2f %s)", number, bytes, units[unit]);
}

static char *number_text(const struct cli_field *field, const uint8_t *data)
{
	uint64_t value;

	if (field->kind == CLI_DATA_UNITS)
		return units_text(data);
	if (field->bytes == 16)
		return cli_decimal_u128(data);
	value = cli_load(data, field->bytes);
	switch (field->kind) {
	case CLI_HEX:
		return g_strdup_printf("%#" G_GINT64_MODIFIER "x", value);
	case CLI_OUI:
		return g_strdup_printf("%06" G_GINT64_MODIFIER "x", value);
	case CLI_KELVIN:
		return g_strdup_printf("%d °C (%d K)", (int)value - KELVIN_AT_0_CELSIUS,
				       (int)value);
	case CLI_PERCENT:
		return g_strdup_printf("%d%%", (int)value);
	default:
		return g_strdup_printf("%" G_GUINT64_FORMAT, value);
	}
}

static char *field_text(const struct cli_field *field, const uint8_t *data)
{
	switch (field->kind) {
	case CLI_ASCII:
		return ascii_text((const char *)data, field->bytes, false);
	case CLI_NAME:
		return ascii_text((const char *)data, field->bytes, true);
	case CLI_BYTES:
		return hex_text(data, field->bytes);
	case CLI_UUID:
		return cli_uuid_text(data);
	case CLI_REVISION:
		return cli_revision_text(data);
	default:
		return number_text(field, data);
	}
}

static const char *bits_value(const struct cli_bits *bits, uint64_t value)
{
	static const char *const supported[] = { "Not Supported", "Supported" };

	if (!bits->values)
		return bits->hi == bits->lo ? supported[value] : NULL;
	for (uint64_t i = 0; bits->values[i]; i++) {
		if (i == value)
			return bits->values[i];
	}
	return "Reserved";
}

void cli_print_bits(struct cli_output *out, const struct cli_bits *bits, uint64_t value)
{
	for (; bits->name; bits++) {
		uint64_t part = value >> bits->lo & NVME_FIELD_MAX(bits->hi, bits->lo);
		const char *text = bits_value(bits, part);
		g_autofree char *place = g_strdup_printf("[%u:%u]", bits->hi, bits->lo);

		cli_print(out, "  %-7s : %#" G_GINT64_MODIFIER "x\t%s%s%s\n", place, part,
			  bits->name, text ? ": " : "", text ? text : "");
	}
	cli_print(out, "\n");
}

void cli_print_fields(struct cli_output *out, const struct cli_field *fields, const void *data,
		      int width, bool human)
{
	for (; fields->key; fields++) {
		const uint8_t *at = (const uint8_t *)data + fields->offset;
		g_autofree char *text = NULL;

		if (fields->skip_zero && is_zero(at, fields->bytes))
			continue;
		text = field_text(fields, at);
		cli_print(out, "%-*s: %s\n", width, fields->label ? fields->label : fields->key,
			  text);
		if (human && fields->bits)
			cli_print_bits(out, fields->bits, cli_load(at, MIN(fields->bytes, 8)));
	}
}

static void add_u128(JsonBuilder *builder, const char *key, const uint8_t *data)
{
	g_autofree char *text = NULL;

	if (nvme_load_le64(data + 8) == 0) {
		cli_add_u64(builder, key, nvme_load_le64(data));
		return;
	}
	text = cli_decimal_u128(data);
	cli_add_text(builder, key, text);
}

void cli_add_fields(JsonBuilder *builder, const struct cli_field *fields, const void *data)
{
	for (; fields->key; fields++) {
		const uint8_t *at = (const uint8_t *)data + fields->offset;
		g_autofree char *text = NULL;

		if (fields->skip_zero && is_zero(at, fields->bytes))
			continue;
		switch (fields->kind) {
		case CLI_ASCII:
		case CLI_NAME:
		case CLI_BYTES:
		case CLI_UUID:
		case CLI_REVISION:
			text = field_text(fields, at);
			cli_add_text(builder, fields->key, text);
			break;
		default:
			if (fields->bytes == 16)
				add_u128(builder, fields->key, at);
			else
				cli_add_u64(builder, fields->key, cli_load(at, fields->bytes));
		}
	}
}

void cli_show_fields(struct cli_output *out, const char *heading, const struct cli_field *fields,
		     const void *data, size_t bytes, int width, bool human)
{
	JsonBuilder *builder;

	if (cli_write_binary(out, data, bytes))
		return;
	if (out->json) {
		builder = cli_json_open();
		cli_add_fields(builder, fields, data);
		cli_json_close(out, builder);
	} else {
		if (heading)
			cli_heading(out, "%s", heading);
		cli_print_fields(out, fields, data, width, human);
	}
}
