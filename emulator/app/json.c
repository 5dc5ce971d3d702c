/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The JSON text of VERSION: a parser that reads one known shape and skips the rest.
 *
 * It looks at each byte once, nests to a fixed depth and allocates nothing. The text is hostile.
 */
#include <string.h>

#include "emulator/app/session.h"

#define DEPTH_MAX 16u
#define KEY_BYTES 32u

struct parser {
	const char *at;
	const char *end;
	const char *wrong; /* the first mistake; nothing is read after it */
};

static bool fail(struct parser *parser, const char *why)
{
	if (!parser->wrong)
		parser->wrong = why;
	return false;
}

static void skip_blanks(struct parser *parser)
{
	while (parser->at < parser->end && strchr(" \t\r\n", *parser->at) && *parser->at != '\0')
		parser->at++;
}

/* Whether the next token is the character @c; it is consumed then. */
static bool take(struct parser *parser, char c)
{
	skip_blanks(parser);
	if (parser->at == parser->end || *parser->at != c)
		return false;
	parser->at++;
	return true;
}

static bool is_digit(const struct parser *parser)
{
	return parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9';
}

/* One escape after its backslash; what it stands for does not matter here. */
static bool skip_escape(struct parser *parser)
{
	if (parser->at == parser->end || *parser->at == '\0' || !strchr("\"\\/bfnrtu", *parser->at))
		return fail(parser, "bad escape in a string");
	if (*parser->at++ != 'u')
		return true;
	for (unsigned int i = 0; i < 4; i++, parser->at++) {
		if (parser->at == parser->end || *parser->at == '\0' ||
		    !strchr("0123456789abcdefABCDEF", *parser->at))
			return fail(parser, "bad escape in a string");
	}
	return true;
}

/* A string; @key (KEY_BYTES) gets it without escapes undone, or "" when it is longer. */
static bool read_string(struct parser *parser, char *key)
{
	const char *start;
	size_t bytes;

	if (!take(parser, '"'))
		return fail(parser, "a string is expected");
	start = parser->at;
	while (parser->at < parser->end && *parser->at != '"') {
		if ((unsigned char)*parser->at < ' ')
			return fail(parser, "control character in a string");
		if (*parser->at++ == '\\' && !skip_escape(parser))
			return false;
	}
	if (parser->at == parser->end)
		return fail(parser, "a string does not end");
	bytes = (size_t)(parser->at++ - start);
	if (bytes >= KEY_BYTES)
		bytes = 0;
	if (key) {
		memcpy(key, start, bytes);
		key[bytes] = '\0';
	}
	return true;
}

static bool skip_digits(struct parser *parser)
{
	if (!is_digit(parser))
		return fail(parser, "bad number");
	while (is_digit(parser))
		parser->at++;
	return true;
}

static bool skip_number(struct parser *parser)
{
	if (*parser->at == '-')
		parser->at++;
	if (parser->at < parser->end && *parser->at == '0')
		parser->at++;
	else if (!skip_digits(parser))
		return false;
	if (parser->at < parser->end && *parser->at == '.') {
		parser->at++;
		if (!skip_digits(parser))
			return false;
	}
	if (parser->at < parser->end && (*parser->at == 'e' || *parser->at == 'E')) {
		parser->at++;
		if (parser->at < parser->end && (*parser->at == '+' || *parser->at == '-'))
			parser->at++;
		return skip_digits(parser);
	}
	return true;
}

static bool take_word(struct parser *parser, const char *word)
{
	size_t bytes = strlen(word);

	if ((size_t)(parser->end - parser->at) < bytes || memcmp(parser->at, word, bytes) != 0)
		return false;
	parser->at += bytes;
	return true;
}

static bool skip_value(struct parser *parser, unsigned int depth);

static bool skip_members(struct parser *parser, char end, unsigned int depth)
{
	if (depth == DEPTH_MAX)
		return fail(parser, "nested too deeply");
	if (take(parser, end))
		return true;
	do {
		if (end == '}') {
			if (!read_string(parser, NULL))
				return false;
			if (!take(parser, ':'))
				return fail(parser, "':' is expected");
		}
		if (!skip_value(parser, depth + 1))
			return false;
	} while (take(parser, ','));
	return take(parser, end) || fail(parser, "an object or array does not end");
}

static bool skip_value(struct parser *parser, unsigned int depth)
{
	skip_blanks(parser);
	if (parser->at == parser->end)
		return fail(parser, "a value is expected");
	if (*parser->at == '"')
		return read_string(parser, NULL);
	if (*parser->at == '-' || is_digit(parser))
		return skip_number(parser);
	if (take(parser, '{'))
		return skip_members(parser, '}', depth);
	if (take(parser, '['))
		return skip_members(parser, ']', depth);
	return take_word(parser, "true") || take_word(parser, "false") ||
	       take_word(parser, "null") || fail(parser, "a value is expected");
}

/* A number that is neither negative nor broken, @min .. INT64_MAX. */
static bool read_number(struct parser *parser, uint64_t min, uint64_t *ret_value)
{
	const char *start;
	uint64_t value;

	skip_blanks(parser);
	start = parser->at;
	if (!is_digit(parser) || !skip_number(parser))
		return fail(parser, "a capability is not a whole number");
	if (nvme_parse_u64(start, (size_t)(parser->at - start), &value) != NVME_PARSE_OK ||
	    value > INT64_MAX || value < min)
		return fail(parser, "a capability is out of range");
	*ret_value = value;
	return true;
}

static bool read_bool(struct parser *parser, bool *ret_value)
{
	skip_blanks(parser);
	*ret_value = take_word(parser, "true");
	return *ret_value || take_word(parser, "false") ||
	       fail(parser, "a capability is not true or false");
}

static bool read_capability(struct parser *parser, const char *key, struct emu_json_caps *caps)
{
	if (strcmp(key, "max_msg_fds") == 0)
		return read_number(parser, 0, &caps->max_msg_fds);
	if (strcmp(key, "max_data_xfer_size") == 0)
		return read_number(parser, 1, &caps->max_data_xfer_size);
	if (strcmp(key, "max_dma_maps") == 0)
		return read_number(parser, 1, &caps->max_dma_maps);
	if (strcmp(key, "write_multiple") == 0)
		return read_bool(parser, &caps->write_multiple);
	if (strcmp(key, "pgsizes") == 0)
		return read_number(parser, 1, &caps->pgsizes) &&
		       (caps->pgsizes % VFU_DEFAULT_PGSIZES == 0 ||
			fail(parser, "pgsizes has a page smaller than 4096"));
	return skip_value(parser, 2);
}

/* The members of an object; those of "capabilities" are looked at, when @caps is that object. */
static bool read_object(struct parser *parser, bool is_caps, struct emu_json_caps *caps)
{
	char key[KEY_BYTES];
	bool ok;

	if (!take(parser, '{'))
		return fail(parser, is_caps ? "capabilities is not an object"
					    : "the text is not an object");
	if (take(parser, '}'))
		return true;
	do {
		if (!read_string(parser, key))
			return false;
		if (!take(parser, ':'))
			return fail(parser, "':' is expected");
		if (is_caps)
			ok = read_capability(parser, key, caps);
		else if (strcmp(key, "capabilities") == 0)
			ok = read_object(parser, true, caps);
		else
			ok = skip_value(parser, 1);
		if (!ok)
			return false;
	} while (take(parser, ','));
	return take(parser, '}') || fail(parser, "an object does not end");
}

const char *emu_json_caps_parse(const char *text, size_t bytes, struct emu_json_caps *ret_caps)
{
	struct parser parser = { .at = text, .end = text + bytes };

	*ret_caps = (struct emu_json_caps){
		.max_msg_fds = VFU_DEFAULT_MSG_FDS,
		.max_data_xfer_size = VFU_DEFAULT_DATA_XFER_SIZE,
		.max_dma_maps = VFU_DEFAULT_DMA_MAPS,
		.pgsizes = VFU_DEFAULT_PGSIZES,
	};
	if (!read_object(&parser, false, ret_caps))
		return parser.wrong;
	skip_blanks(&parser);
	if (parser.at != parser.end)
		fail(&parser, "something follows the object");
	return parser.wrong;
}
