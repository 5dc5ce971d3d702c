/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Structures of the specification as text and JSON: one row a field serves both.
 */
#ifndef NVMELAB_DRIVER_CLI_PRINT_H
#define NVMELAB_DRIVER_CLI_PRINT_H

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "driver/cli/output.h"

/* How a field's bytes are shown. Numbers are little-endian, of 1 to 8 or of 16 bytes. */
enum cli_kind {
	CLI_DEC,	/* decimal */
	CLI_HEX,	/* text: 0 or 0x and hexadecimal; JSON: a number */
	CLI_ASCII,	/* as it is, with its padding */
	CLI_NAME,	/* ASCII up to the first NUL */
	CLI_BYTES,	/* two hexadecimal digits for each byte */
	CLI_UUID,	/* 8-4-4-4-12 */
	CLI_OUI,	/* text: six hexadecimal digits */
	CLI_KELVIN,	/* text: degrees Celsius, and kelvin in parentheses */
	CLI_PERCENT,	/* text: with % */
	CLI_DATA_UNITS, /* text: with bytes, of 512 000 each, in parentheses */
	CLI_REVISION,	/* 8 bytes, of firmware: as a number, and as text in parentheses */
};

/**
 * struct cli_bits - a bit field, printed below its field for people
 * @name: NULL ends a table
 * @values: a text for each value from 0 on, ended by NULL. NULL: one bit is "Supported" or "Not
 *	Supported", more bits are a number.
 */
struct cli_bits {
	uint8_t hi;
	uint8_t lo;
	const char *name;
	const char *const *values;
};

/**
 * struct cli_field - a row
 * @key: in JSON; NULL ends a table
 * @label: in text; NULL: @key
 * @offset: in the structure
 * @bytes: length
 * @kind: enum cli_kind
 * @skip_zero: left out when all of it is zero
 * @bits: what it is made of, or NULL
 */
struct cli_field {
	const char *key;
	const char *label;
	uint16_t offset;
	uint16_t bytes;
	uint8_t kind;
	bool skip_zero;
	const struct cli_bits *bits;
};

/* The columns of a row that follow from the structure. */
#define CLI_AT(type, member) offsetof(type, member), sizeof(((type *)NULL)->member)

/**
 * cli_print_fields - a line for each field
 * @width: columns of the label
 * @human: with the meaning of bits
 */
void cli_print_fields(struct cli_output *out, const struct cli_field *fields, const void *data,
		      int width, bool human);

/** cli_add_fields - a member for each field, in the object that @builder has open */
void cli_add_fields(JsonBuilder *builder, const struct cli_field *fields, const void *data);

/**
 * cli_show_fields - a structure in the format of @out: JSON, as it came, or text below @heading
 * @heading: NULL for none
 * @bytes: of the structure
 */
void cli_show_fields(struct cli_output *out, const char *heading, const struct cli_field *fields,
		     const void *data, size_t bytes, int width, bool human);

/** cli_print_bits - a line for each bit field of @value, and an empty one */
void cli_print_bits(struct cli_output *out, const struct cli_bits *bits, uint64_t value);

/** cli_load - a little-endian number of 1 to 8 bytes */
uint64_t cli_load(const void *data, unsigned int bytes);

/** cli_decimal_u128 - 16 little-endian bytes in decimal; freed by the caller */
char *cli_decimal_u128(const void *data);

/** cli_revision_text - a firmware revision, "2314885530819571248 (0.1.....)"; likewise */
char *cli_revision_text(const void *data);

/** cli_uuid_text - 16 bytes as a UUID; freed by the caller */
char *cli_uuid_text(const void *data);

/**
 * cli_trimmed - ASCII of @bytes bytes without the blanks at its end, printable; freed by the caller
 */
char *cli_trimmed(const char *data, size_t bytes);

#endif
