/* SPDX-License-Identifier: BSD-3-Clause */
/* Text without stdio: see common/text.h. */
#include "common/text.h"

#include "common/mem.h"

static const char hex_digits[] = "0123456789abcdef";

/** struct unit - a suffix and what it multiplies by */
struct unit {
	const char *name;
	uint64_t factor;
};

/* Both from the largest to the smallest, so that the first that divides a value is the one to show.
 */
static const struct unit size_units[] = {
	{ "P", 1ull << 50 }, { "T", 1ull << 40 }, { "G", 1ull << 30 },
	{ "M", 1ull << 20 }, { "K", 1ull << 10 },
};

static const struct unit duration_units[] = {
	{ "m", 60000000000ull }, { "s", 1000000000 }, { "ms", 1000000 },
	{ "us", 1000 },		 { "ns", 1 },
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

void nvme_text_init(struct nvme_text *text, char *buffer, size_t size)
{
	*text = (struct nvme_text){ .data = buffer, .size = size };
	if (size > 0)
		buffer[0] = '\0';
}

void nvme_text_clear(struct nvme_text *text)
{
	nvme_text_init(text, text->data, text->size);
}

/* How many of the first @room bytes of @str end on a border between UTF-8 sequences. */
static size_t whole_sequences(const char *str, size_t room)
{
	size_t back = 0;

	while (back < 3 && back < room && ((uint8_t)str[room - back] & 0xc0) == 0x80)
		back++;
	return ((uint8_t)str[room - back] & 0xc0) == 0x80 ? room : room - back;
}

void nvme_text_add_bytes(struct nvme_text *text, const char *str, size_t bytes)
{
	size_t room = text->size > 0 ? text->size - 1 - text->used : 0;

	if (text->cut || bytes == 0)
		return;
	if (bytes > room) {
		text->cut = true;
		bytes = whole_sequences(str, room);
	}
	if (text->size == 0)
		return;
	memcpy(text->data + text->used, str, bytes);
	text->used += bytes;
	text->data[text->used] = '\0';
}

/* Appends all of @str or, when it does not fit, nothing. */
static void add_whole(struct nvme_text *text, const char *str, size_t bytes)
{
	if (text->size == 0 || bytes > text->size - 1 - text->used)
		text->cut = true;
	nvme_text_add_bytes(text, str, bytes);
}

void nvme_text_add(struct nvme_text *text, const char *str)
{
	nvme_text_slice(text, nvme_slice(str));
}

void nvme_text_slice(struct nvme_text *text, struct nvme_slice slice)
{
	nvme_text_add_bytes(text, slice.data, slice.bytes);
}

void nvme_text_char(struct nvme_text *text, char c)
{
	nvme_text_add_bytes(text, &c, 1);
}

void nvme_text_u64(struct nvme_text *text, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	nvme_text_add_bytes(text, digits + at, sizeof(digits) - at);
}

void nvme_text_i64(struct nvme_text *text, int64_t value)
{
	if (value < 0)
		nvme_text_char(text, '-');
	/* Negated as unsigned, because the most negative number has no positive counterpart. */
	nvme_text_u64(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void nvme_text_hex(struct nvme_text *text, uint64_t value)
{
	unsigned int digits = 1;

	while (digits < 16 && value >> 4 * digits != 0)
		digits++;
	nvme_text_add(text, "0x");
	nvme_text_hex_width(text, value, digits);
}

void nvme_text_hex_width(struct nvme_text *text, uint64_t value, unsigned int digits)
{
	char out[16];

	if (digits == 0)
		digits = 1;
	if (digits > sizeof(out))
		digits = sizeof(out);
	for (unsigned int i = digits; i-- > 0; value >>= 4)
		out[i] = hex_digits[value & 15];
	nvme_text_add_bytes(text, out, digits);
}

void nvme_text_bytes_hex(struct nvme_text *text, const void *data, size_t bytes)
{
	const uint8_t *byte = data;

	for (size_t i = 0; i < bytes && !text->cut; i++)
		nvme_text_hex_width(text, byte[i], 2);
}

/*
 * Length of the valid UTF-8 sequence at @byte, or 0. The second byte has the narrower range that
 * shuts out overlong forms, surrogates and what is above 10FFFFh.
 */
static size_t sequence_bytes(const uint8_t *byte, size_t bytes)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t n;

	if (byte[0] < 0x80)
		return 1;
	if (byte[0] < 0xc2 || byte[0] > 0xf4)
		return 0;
	n = byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
	if (n > bytes)
		return 0;
	if (byte[0] == 0xe0)
		low = 0xa0;
	else if (byte[0] == 0xed)
		high = 0x9f;
	else if (byte[0] == 0xf0)
		low = 0x90;
	else if (byte[0] == 0xf4)
		high = 0x8f;
	if (byte[1] < low || byte[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

/* The letter after the backslash for the bytes that have one, else 0. */
static char short_escape(uint8_t byte)
{
	switch (byte) {
	case '"':
	case '\\':
		return (char)byte;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

static void add_escaped(struct nvme_text *text, uint8_t byte)
{
	char letter = short_escape(byte);

	if (letter != 0)
		add_whole(text, (const char[]){ '\\', letter }, 2);
	else
		add_whole(text,
			  (const char[]){ '\\', 'u', '0', '0', hex_digits[byte >> 4],
					  hex_digits[byte & 15] },
			  6);
}

void nvme_text_json(struct nvme_text *text, const char *str, size_t bytes)
{
	const uint8_t *byte = (const uint8_t *)str;

	for (size_t i = 0; i < bytes && !text->cut;) {
		size_t n = sequence_bytes(byte + i, bytes - i);

		if (n == 2 && byte[i] == 0xc2 && byte[i + 1] < 0xa0) {
			add_escaped(text, byte[i + 1]); /* U+0080 to U+009F, terminals obey them. */
		} else if (n == 0 || byte[i] < 0x20 || byte[i] == 0x7f ||
			   short_escape(byte[i]) != 0) {
			add_escaped(text, byte[i]);
			n = 1;
		} else {
			add_whole(text, str + i, n);
		}
		i += n;
	}
}

/* Appends @value in the first of the units that divides it, or as a plain number. */
static void add_in_units(struct nvme_text *text, uint64_t value, const struct unit *units, size_t n)
{
	for (size_t i = 0; i < n && value != 0; i++) {
		if (value % units[i].factor == 0) {
			nvme_text_u64(text, value / units[i].factor);
			nvme_text_add(text, units[i].name);
			return;
		}
	}
	nvme_text_u64(text, value);
}

void nvme_text_duration(struct nvme_text *text, uint64_t nsec)
{
	add_in_units(text, nsec, duration_units, LENGTH(duration_units));
}

void nvme_text_size(struct nvme_text *text, uint64_t bytes)
{
	add_in_units(text, bytes, size_units, LENGTH(size_units));
}

struct nvme_slice nvme_slice(const char *str)
{
	struct nvme_slice slice = { .data = str };

	/* Volatile, or a compiler turns the loop into a call to strlen(), which may not be there.
	 */
	while (*(const volatile char *)(str + slice.bytes) != '\0')
		slice.bytes++;
	return slice;
}

bool nvme_slice_equal(struct nvme_slice a, struct nvme_slice b)
{
	return a.bytes == b.bytes && (a.bytes == 0 || memcmp(a.data, b.data, a.bytes) == 0);
}

bool nvme_slice_is(struct nvme_slice slice, const char *str)
{
	return nvme_slice_equal(slice, nvme_slice(str));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct nvme_slice nvme_slice_trim(struct nvme_slice slice)
{
	while (slice.bytes > 0 && is_blank(slice.data[0])) {
		slice.data++;
		slice.bytes--;
	}
	while (slice.bytes > 0 && is_blank(slice.data[slice.bytes - 1]))
		slice.bytes--;
	return slice;
}

/* The value of a digit in bases up to 16, or 16 for anything else. */
static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 16;
}

/* Digits of @base to the end of @str. A wrong character wins over a number that is too large. */
static enum nvme_parse_result parse_digits(const char *str, size_t bytes, unsigned int base,
					   uint64_t *ret_value)
{
	bool over = false;
	uint64_t value = 0;

	if (bytes == 0)
		return NVME_PARSE_INVALID;
	for (size_t i = 0; i < bytes; i++) {
		unsigned int digit = digit_value(str[i]);

		if (digit >= base)
			return NVME_PARSE_INVALID;
		if (value > (UINT64_MAX - digit) / base)
			over = true;
		value = value * base + digit;
	}
	if (over)
		return NVME_PARSE_RANGE;
	*ret_value = value;
	return NVME_PARSE_OK;
}

enum nvme_parse_result nvme_parse_u64(const char *str, size_t bytes, uint64_t *ret_value)
{
	if (bytes >= 2 && str[0] == '0' && (str[1] == 'x' || str[1] == 'X'))
		return parse_digits(str + 2, bytes - 2, 16, ret_value);
	return parse_digits(str, bytes, 10, ret_value);
}

static enum nvme_parse_result multiply(uint64_t value, uint64_t factor, uint64_t *ret_product)
{
	if (value > UINT64_MAX / factor)
		return NVME_PARSE_RANGE;
	*ret_product = value * factor;
	return NVME_PARSE_OK;
}

enum nvme_parse_result nvme_parse_size(const char *str, size_t bytes, uint64_t *ret_bytes)
{
	enum nvme_parse_result result;
	uint64_t factor = 1, value;

	for (size_t i = 0; i < LENGTH(size_units); i++) {
		if (bytes > 0 && str[bytes - 1] == size_units[i].name[0])
			factor = size_units[i].factor;
	}
	result = nvme_parse_u64(str, factor > 1 ? bytes - 1 : bytes, &value);
	return result == NVME_PARSE_OK ? multiply(value, factor, ret_bytes) : result;
}

enum nvme_parse_result nvme_parse_duration(const char *str, size_t bytes, uint64_t *ret_nsec)
{
	enum nvme_parse_result result;
	struct nvme_slice unit;
	uint64_t value = 0;
	size_t digits = 0;

	while (digits < bytes && digit_value(str[digits]) < 10)
		digits++;
	result = parse_digits(str, digits, 10, &value);
	if (result == NVME_PARSE_INVALID)
		return result;
	unit = (struct nvme_slice){ str + digits, bytes - digits };
	for (size_t i = 0; i < LENGTH(duration_units); i++) {
		if (!nvme_slice_is(unit, duration_units[i].name))
			continue;
		if (result != NVME_PARSE_OK)
			return result;
		return multiply(value, duration_units[i].factor, ret_nsec);
	}
	if (unit.bytes > 0 || result != NVME_PARSE_OK || value != 0)
		return NVME_PARSE_INVALID;
	*ret_nsec = 0;
	return NVME_PARSE_OK;
}

enum nvme_parse_result nvme_parse_bool(const char *str, size_t bytes, bool *ret_value)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on", "0", "1" };

	for (size_t i = 0; i < LENGTH(words); i++) {
		if (nvme_slice_is((struct nvme_slice){ str, bytes }, words[i])) {
			*ret_value = i % 2 == 1;
			return NVME_PARSE_OK;
		}
	}
	return NVME_PARSE_INVALID;
}
