/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reader of scenario files: see common/ini.h.
 *
 * One pass over the lines. Two small tables of slots with open addressing remember where each group
 * and each key stands, so that a second one is found without memory of the caller or of the heap:
 *
 *	slot   31:21 some bits of the hash   20:0 offset in the file + 1, or 0 for a free slot
 *
 * A slot whose hash bits agree is compared with the file's own text.
 */
#include "common/ini.h"

#include "common/mem.h"
#include "common/random.h"

#define OFFSET_BITS 21
#define OFFSET_MASK ((1u << OFFSET_BITS) - 1)
/* Powers of two; the last key that is allowed still finds a free slot. */
#define GROUP_SLOTS (2 * NVME_INI_GROUPS_MAX)
#define KEY_SLOTS   NVME_INI_KEYS_MAX
/* Of a name that is shown in a message. */
#define SHOWN_BYTES_MAX 60

_Static_assert(NVME_INI_BYTES_MAX < OFFSET_MASK, "an offset fits its bits of a slot");
_Static_assert((GROUP_SLOTS & (GROUP_SLOTS - 1)) == 0, "a power of two");
_Static_assert((KEY_SLOTS & (KEY_SLOTS - 1)) == 0, "a power of two");

/**
 * struct reader - one pass over a file
 * @at: offset of the next line
 * @line: number of the present line, from 1
 * @group: offset of the present group's name; keys below it belong to others
 * @groups: groups so far
 * @keys: keys so far, of all groups
 */
struct reader {
	const char *data;
	size_t bytes;
	const struct nvme_ini_ops *ops;
	struct nvme_ini_error *error;
	struct nvme_text message;
	size_t at;
	size_t group;
	uint32_t line;
	uint32_t groups;
	uint32_t keys;
	uint32_t group_slots[GROUP_SLOTS];
	uint32_t key_slots[KEY_SLOTS];
};

/**
 * struct entry - what must not come twice: a key, or a group's kind and name
 * @at: offset in the file
 * @end: the character that ends it in the file: '=' or ']'
 */
struct entry {
	struct nvme_slice first;
	struct nvme_slice second;
	size_t at;
	char end;
};

static bool fail(struct reader *reader, enum nvme_ini_result result, const char *message)
{
	reader->error->result = result;
	reader->error->line = reader->line;
	nvme_text_add(&reader->message, message);
	return false;
}

static bool fail_limit(struct reader *reader, enum nvme_ini_result result, const char *what,
		       uint32_t limit, const char *unit)
{
	fail(reader, result, what);
	nvme_text_u64(&reader->message, limit);
	nvme_text_add(&reader->message, unit);
	return false;
}

static void show(struct nvme_text *text, struct nvme_slice name)
{
	bool whole = name.bytes <= SHOWN_BYTES_MAX;

	nvme_text_json(text, name.data, whole ? name.bytes : SHOWN_BYTES_MAX);
	if (!whole)
		nvme_text_add(text, "...");
}

static uint32_t line_of(const struct reader *reader, size_t offset)
{
	uint32_t line = 1;

	for (size_t i = 0; i < offset; i++)
		line += reader->data[i] == '\n';
	return line;
}

/* Takes @slice off the file's text at *@at, if it stands there. */
static bool take(const struct reader *reader, size_t *at, struct nvme_slice slice)
{
	if (slice.bytes > reader->bytes - *at)
		return false;
	if (slice.bytes > 0 && memcmp(reader->data + *at, slice.data, slice.bytes) != 0)
		return false;
	*at += slice.bytes;
	return true;
}

static bool take_blanks(const struct reader *reader, size_t *at)
{
	size_t from = *at;

	while (*at < reader->bytes && (reader->data[*at] == ' ' || reader->data[*at] == '\t'))
		(*at)++;
	return *at > from;
}

/* Whether the text at @at, which was accepted as an entry before, is the same as @entry. */
static bool is_same(const struct reader *reader, size_t at, const struct entry *entry)
{
	bool blanks;

	if (!take(reader, &at, entry->first))
		return false;
	blanks = take_blanks(reader, &at);
	/* Without a blank between them, "ab c" would be taken for "abc". */
	if (entry->second.bytes > 0 && (!blanks || !take(reader, &at, entry->second)))
		return false;
	take_blanks(reader, &at);
	return at < reader->bytes && reader->data[at] == entry->end;
}

static uint64_t hash_entry(const struct entry *entry, size_t scope)
{
	return nvme_draw(nvme_key_bytes(entry->first.data, entry->first.bytes),
			 nvme_key_bytes(entry->second.data, entry->second.bytes), scope, 0);
}

/*
 * Looks for an earlier @entry at or behind the offset @scope, and remembers this one if there is
 * none. The caller bounds the number of entries, so a free slot exists. Returns the earlier one's
 * offset + 1, or 0.
 */
static uint32_t find_or_add(const struct reader *reader, uint32_t *slots, uint32_t n, size_t scope,
			    const struct entry *entry)
{
	uint64_t hash = hash_entry(entry, scope);
	uint32_t tag = (uint32_t)(hash >> 32) & ~OFFSET_MASK;
	uint32_t i = (uint32_t)hash & (n - 1);

	for (; slots[i] != 0; i = (i + 1) & (n - 1)) {
		uint32_t offset = (slots[i] & OFFSET_MASK) - 1;

		if ((slots[i] & ~OFFSET_MASK) == tag && offset >= scope &&
		    is_same(reader, offset, entry))
			return offset + 1;
	}
	slots[i] = tag | ((uint32_t)entry->at + 1);
	return 0;
}

static bool fail_twice(struct reader *reader, enum nvme_ini_result result,
		       const struct entry *entry, uint32_t earlier)
{
	struct nvme_text *message = &reader->message;

	fail(reader, result, result == NVME_INI_GROUP_TWICE ? "group \"" : "key \"");
	show(message, entry->first);
	if (entry->second.bytes > 0) {
		nvme_text_char(message, ' ');
		show(message, entry->second);
	}
	nvme_text_add(message, "\" is already on line ");
	nvme_text_u64(message, line_of(reader, earlier - 1));
	return false;
}

static bool check_callback(struct reader *reader, bool accepted)
{
	if (accepted) {
		nvme_text_clear(&reader->message); /* Written in vain. */
		return true;
	}
	return fail(reader, NVME_INI_REFUSED, reader->message.used == 0 ? "refused" : "");
}

static size_t find_char(struct nvme_slice slice, char c)
{
	size_t i = 0;

	while (i < slice.bytes && slice.data[i] != c)
		i++;
	return i;
}

static struct nvme_slice cut_slice(struct nvme_slice slice, size_t from, size_t to)
{
	return (struct nvme_slice){ slice.data + from, to - from };
}

/* @line begins with '['. */
static bool read_group(struct reader *reader, struct nvme_slice line)
{
	struct nvme_slice inside = cut_slice(line, 1, find_char(line, ']'));
	struct entry entry = { .end = ']' };
	size_t kind_bytes = 0;
	uint32_t earlier;

	if (1 + inside.bytes + 1 != line.bytes)
		return fail(reader, NVME_INI_NO_BRACKET,
			    "a line that begins with '[' must have one ']', at its end");
	inside = nvme_slice_trim(inside);
	while (kind_bytes < inside.bytes && inside.data[kind_bytes] != ' ' &&
	       inside.data[kind_bytes] != '\t')
		kind_bytes++;
	if (kind_bytes == 0)
		return fail(reader, NVME_INI_NO_KIND, "nothing between '[' and ']'");
	if (reader->groups == NVME_INI_GROUPS_MAX)
		return fail_limit(reader, NVME_INI_TOO_MANY_GROUPS, "more than ",
				  NVME_INI_GROUPS_MAX, " groups");
	entry.first = cut_slice(inside, 0, kind_bytes);
	entry.second = nvme_slice_trim(cut_slice(inside, kind_bytes, inside.bytes));
	entry.at = (size_t)(inside.data - reader->data);
	earlier = find_or_add(reader, reader->group_slots, GROUP_SLOTS, 0, &entry);
	if (earlier != 0)
		return fail_twice(reader, NVME_INI_GROUP_TWICE, &entry, earlier);
	reader->groups++;
	reader->group = entry.at;
	return check_callback(reader,
			      reader->ops->group(reader->ops->arg, entry.first, entry.second,
						 reader->line, &reader->message));
}

static bool read_value(struct reader *reader, struct nvme_slice line)
{
	size_t equals = find_char(line, '=');
	struct entry entry = { .end = '=' };
	struct nvme_slice value;
	uint32_t earlier;

	if (equals == line.bytes)
		return fail(reader, NVME_INI_NO_EQUALS,
			    "no '=': neither key = value, nor [group], nor # comment");
	entry.first = nvme_slice_trim(cut_slice(line, 0, equals));
	entry.at = (size_t)(entry.first.data - reader->data);
	if (entry.first.bytes == 0)
		return fail(reader, NVME_INI_NO_KEY, "no key before the '='");
	if (reader->groups == 0)
		return fail(reader, NVME_INI_NO_GROUP, "a key before the first [group]");
	if (reader->keys == NVME_INI_KEYS_MAX)
		return fail_limit(reader, NVME_INI_TOO_MANY_KEYS, "more than ", NVME_INI_KEYS_MAX,
				  " keys");
	earlier = find_or_add(reader, reader->key_slots, KEY_SLOTS, reader->group, &entry);
	if (earlier != 0)
		return fail_twice(reader, NVME_INI_KEY_TWICE, &entry, earlier);
	reader->keys++;
	value = nvme_slice_trim(cut_slice(line, equals + 1, line.bytes));
	return check_callback(reader, reader->ops->value(reader->ops->arg, entry.first, value,
							 reader->line, &reader->message));
}

/* The next line without its end; false at the end of the file or for a line that is refused. */
static bool next_line(struct reader *reader, struct nvme_slice *ret_line)
{
	struct nvme_slice rest, line;

	if (reader->at == reader->bytes)
		return false;
	reader->line++;
	rest = (struct nvme_slice){ reader->data + reader->at, reader->bytes - reader->at };
	line = cut_slice(rest, 0, find_char(rest, '\n'));
	reader->at += line.bytes + (line.bytes < rest.bytes);
	if (line.bytes > 0 && line.data[line.bytes - 1] == '\r')
		line.bytes--;
	if (line.bytes > NVME_INI_LINE_MAX)
		return fail_limit(reader, NVME_INI_LINE_TOO_LONG, "the line has more than ",
				  NVME_INI_LINE_MAX, " bytes");
	if (find_char(line, '\0') < line.bytes)
		return fail(reader, NVME_INI_NUL_BYTE, "the line holds a NUL byte");
	*ret_line = nvme_slice_trim(line);
	return true;
}

static void read_lines(struct reader *reader)
{
	struct nvme_slice line;
	bool good = true;

	while (good && next_line(reader, &line)) {
		if (line.bytes == 0 || line.data[0] == '#')
			continue;
		good = line.data[0] == '[' ? read_group(reader, line) : read_value(reader, line);
	}
}

enum nvme_ini_result nvme_ini_parse(const char *data, size_t bytes, const struct nvme_ini_ops *ops,
				    struct nvme_ini_error *ret_error)
{
	struct reader reader;

	memset(&reader, 0, sizeof(reader));
	memset(ret_error, 0, sizeof(*ret_error));
	reader.data = data;
	reader.bytes = bytes;
	reader.ops = ops;
	reader.error = ret_error;
	nvme_text_init(&reader.message, ret_error->message, sizeof(ret_error->message));
	if (bytes > NVME_INI_BYTES_MAX) {
		fail_limit(&reader, NVME_INI_FILE_TOO_LONG, "the file has more than ",
			   NVME_INI_BYTES_MAX, " bytes");
		return ret_error->result;
	}
	take(&reader, &reader.at, (struct nvme_slice){ "\xef\xbb\xbf", 3 });
	read_lines(&reader);
	return ret_error->result;
}
