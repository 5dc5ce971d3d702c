/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text without stdio: building it in a bounded buffer, and reading numbers, sizes and durations.
 *
 * A text is always NUL-terminated and always a prefix of what the additions would have built in an
 * endless buffer: once an addition did not fit, `cut` is set and every later one is dropped. What
 * is written by nvme_text_size() and nvme_text_duration() is read back to the same number by the
 * parsers below. A cut never falls inside a UTF-8 sequence or an escape.
 */
#ifndef NVMELAB_COMMON_TEXT_H
#define NVMELAB_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

/** struct nvme_slice - bytes of a text that someone else keeps; not NUL-terminated */
struct nvme_slice {
	const char *data;
	size_t bytes;
};

/**
 * struct nvme_text - a text in the caller's buffer
 * @data: the buffer; data[used] is NUL
 * @size: bytes of the buffer, with the NUL
 * @used: bytes of text, without the NUL
 * @cut: an addition did not fit
 */
struct nvme_text {
	char *data;
	size_t size;
	size_t used;
	bool cut;
};

/**
 * nvme_text_init - start an empty text in @buffer
 * @buffer: the caller's, kept as long as the text; may be NULL when @size is 0
 * @size: bytes of @buffer; with 0 every addition is cut and nothing is ever written
 */
void nvme_text_init(struct nvme_text *text, char *buffer, size_t size);

/** nvme_text_clear - make @text empty again; forgets that it was cut */
void nvme_text_clear(struct nvme_text *text);

/** nvme_text_add - append the NUL-terminated @str */
void nvme_text_add(struct nvme_text *text, const char *str);

/** nvme_text_add_bytes - append @bytes bytes of @str, NULs included */
void nvme_text_add_bytes(struct nvme_text *text, const char *str, size_t bytes);

/** nvme_text_slice - append @slice */
void nvme_text_slice(struct nvme_text *text, struct nvme_slice slice);

/** nvme_text_char - append the byte @c */
void nvme_text_char(struct nvme_text *text, char c);

/** nvme_text_u64 - append @value in decimal */
void nvme_text_u64(struct nvme_text *text, uint64_t value);

/** nvme_text_i64 - append @value in decimal, with a minus sign if it is negative */
void nvme_text_i64(struct nvme_text *text, int64_t value);

/** nvme_text_hex - append @value as 0x and as few lower-case digits as it needs, at least one */
void nvme_text_hex(struct nvme_text *text, uint64_t value);

/**
 * nvme_text_hex_width - append the low digits of @value in lower-case hexadecimal, without 0x
 * @digits: 1 to 16, other values are taken as the nearest of them; higher digits are not shown
 */
void nvme_text_hex_width(struct nvme_text *text, uint64_t value, unsigned int digits);

/**
 * nvme_text_bytes_hex - append @bytes bytes of @data as two lower-case digits each, in memory
 * order
 */
void nvme_text_bytes_hex(struct nvme_text *text, const void *data, size_t bytes);

/**
 * nvme_text_json - append @bytes bytes of @str as the inside of a JSON string, without the quotes
 *
 * Valid UTF-8 passes as it is. A quote, a backslash and control characters (DEL and U+0080 to
 * U+009F too, because terminals obey them) are escaped. A byte that is not part of valid UTF-8
 * (overlong forms and surrogates are not) becomes \u00XX, so that the result is valid JSON and fit
 * to be printed whatever the input.
 */
void nvme_text_json(struct nvme_text *text, const char *str, size_t bytes);

/** nvme_text_duration - append @nsec exactly, in the largest unit that divides it: "30s", "0" */
void nvme_text_duration(struct nvme_text *text, uint64_t nsec);

/** nvme_text_size - append @bytes exactly, in the largest power of 1024 that divides it: "64M" */
void nvme_text_size(struct nvme_text *text, uint64_t bytes);

/** nvme_slice - the NUL-terminated @str as a slice, without the NUL */
struct nvme_slice nvme_slice(const char *str);

/** nvme_slice_is - whether @slice is exactly the NUL-terminated @str */
bool nvme_slice_is(struct nvme_slice slice, const char *str);

/** nvme_slice_equal - whether @a and @b hold the same bytes */
bool nvme_slice_equal(struct nvme_slice a, struct nvme_slice b);

/** nvme_slice_trim - @slice without the blanks (space, tab) at both ends */
struct nvme_slice nvme_slice_trim(struct nvme_slice slice);

/** enum nvme_parse_result - what a parser found; on anything but OK its output is untouched */
enum nvme_parse_result {
	NVME_PARSE_OK,
	NVME_PARSE_INVALID, /* not of the form that the parser reads */
	NVME_PARSE_RANGE,   /* of that form, but above 2^64 - 1 (in bytes or nanoseconds) */
};

/**
 * nvme_parse_u64 - read the whole of @str as a number: decimal, or hexadecimal after 0x or 0X
 * @bytes: length of @str; no sign, blank or terminator is accepted in it
 *
 * Leading zeros are read as decimal, never as octal.
 */
enum nvme_parse_result nvme_parse_u64(const char *str, size_t bytes, uint64_t *ret_value);

/**
 * nvme_parse_size - read @str, a number with an optional K, M, G, T or P (powers of 1024):
 * "64M"
 */
enum nvme_parse_result nvme_parse_size(const char *str, size_t bytes, uint64_t *ret_bytes);

/**
 * nvme_parse_duration - read @str, a decimal number and its unit: ns, us, ms, s or m (minutes)
 *
 * A number without a unit is refused as ambiguous; only 0 needs none.
 */
enum nvme_parse_result nvme_parse_duration(const char *str, size_t bytes, uint64_t *ret_nsec);

/** nvme_parse_bool - read @str: true, yes, on, 1 or false, no, off, 0 (lower case); never RANGE */
enum nvme_parse_result nvme_parse_bool(const char *str, size_t bytes, bool *ret_value);

#pragma GCC visibility pop

#endif
