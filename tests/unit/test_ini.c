/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader of scenario files: common/ini.c. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ini.h"
#include "common/random.h"
#include "tests/harness/main.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Writes what it hears: a group as "1[kind|name]", a value as "2{key|value}". */
struct listener {
	char text[65536];
	size_t used;
	uint32_t events;
};

static bool hear(void *arg, const char brackets[2], struct nvme_slice a, struct nvme_slice b,
		 uint32_t line)
{
	struct listener *listener = arg;
	int n = snprintf(listener->text + listener->used, sizeof(listener->text) - listener->used,
			 "%u%c%.*s|%.*s%c", line, brackets[0], (int)a.bytes, a.data, (int)b.bytes,
			 b.data, brackets[1]);

	listener->used += (size_t)n;
	ck_assert_uint_lt(listener->used, sizeof(listener->text));
	listener->events++;
	return true;
}

static bool hear_group(void *arg, struct nvme_slice kind, struct nvme_slice name, uint32_t line,
		       struct nvme_text *message)
{
	(void)message;
	return hear(arg, "[]", kind, name, line);
}

static bool hear_value(void *arg, struct nvme_slice key, struct nvme_slice value, uint32_t line,
		       struct nvme_text *message)
{
	(void)message;
	return hear(arg, "{}", key, value, line);
}

static struct listener heard;
static struct nvme_ini_error error;
static const struct nvme_ini_ops ops = { &heard, hear_group, hear_value };

/* Reads a copy without a byte to spare, so that the sanitizer sees a step beyond it. */
static enum nvme_ini_result parse_with(const struct nvme_ini_ops *with, const char *data,
				       size_t bytes)
{
	char *copy = malloc(bytes > 0 ? bytes : 1);
	enum nvme_ini_result result;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, data, bytes);
	memset(&heard, 0, sizeof(heard));
	memset(&error, 0xee, sizeof(error));
	result = nvme_ini_parse(copy, bytes, with, &error);
	ck_assert_int_eq(result, error.result);
	ck_assert_ptr_nonnull(memchr(error.message, '\0', sizeof(error.message)));
	ck_assert_int_eq(error.message[0] == '\0', result == NVME_INI_OK);
	free(copy);
	return result;
}

static enum nvme_ini_result parse(const char *text)
{
	return parse_with(&ops, text, strlen(text));
}

static const struct {
	const char *text, *events;
} good[] = {
	{ "", "" },
	{ "\n\r\n \t \n", "" },
	{ "# comment\n  # another\n#", "" },
	{ "[scenario]", "1[scenario|]" },
	{ "[scenario]\nformat = 1\n", "1[scenario|]2{format|1}" },
	{ "[scenario]\r\nformat = 1\r\n", "1[scenario|]2{format|1}" },
	{ "[scenario]\nformat = 1\r", "1[scenario|]2{format|1}" },
	{ "[fault lose]\nat = cqe.post", "1[fault|lose]2{at|cqe.post}" },
	{ " \t[ fault\t a  name ]\t", "1[fault|a  name]" },
	{ "[namespace 1]\n[namespace 2]", "1[namespace|1]2[namespace|2]" },
	{ "[fault ab]\n[fault a]\n[fault]\n[faul t]\n[fault abc]",
	  "1[fault|ab]2[fault|a]3[fault|]4[faul|t]5[fault|abc]" },
	{ "[ab c]\n[abc]\n[abcd]", "1[ab|c]2[abc|]3[abcd|]" },
	{ "[abc]\n[ab c]", "1[abc|]2[ab|c]" },
	{ "[a]\nk=v", "1[a|]2{k|v}" },
	{ "[a]\nk=", "1[a|]2{k|}" },
	{ "[a]\n\tk \t=\t v w \t", "1[a|]2{k|v w}" },
	{ "[a]\nwhen = q == 1 && op == write", "1[a|]2{when|q == 1 && op == write}" },
	{ "[a]\nk = # no comment", "1[a|]2{k|# no comment}" },
	{ "[a]\nk = [b]", "1[a|]2{k|[b]}" },
	{ "[a]\nk = v;w", "1[a|]2{k|v;w}" },
	{ "[a]\n; = v", "1[a|]2{;|v}" },
	{ "[a]\nk = a\rb", "1[a|]2{k|a\rb}" },
	{ "[a]\nk = caf\xc3\xa9 \xff", "1[a|]2{k|caf\xc3\xa9 \xff}" },
	{ "[a]\nk=1\nkk=2\nk k=3\n[b]\nk=4", "1[a|]2{k|1}3{kk|2}4{k k|3}5[b|]6{k|4}" },
	{ "[a]\nab=1\na=2\nabc=3", "1[a|]2{ab|1}3{a|2}4{abc|3}" },
	{ "\xef\xbb\xbf[a]\nk=1", "1[a|]2{k|1}" },
};

START_TEST(a_good_file_is_heard_line_by_line)
{
	ck_assert_int_eq(parse(good[_i].text), NVME_INI_OK);
	ck_assert_str_eq(heard.text, good[_i].events);
	ck_assert_uint_eq(error.line, 0);
}
END_TEST

static const struct {
	const char *text;
	enum nvme_ini_result result;
	uint32_t line, events;
	const char *message;
} bad[] = {
	{ "k = 1", NVME_INI_NO_GROUP, 1, 0, "a key before the first [group]" },
	{ "# c\n\nk = 1\n[a]", NVME_INI_NO_GROUP, 3, 0, "a key before the first [group]" },
	{ "[a]\nk", NVME_INI_NO_EQUALS, 2, 1,
	  "no '=': neither key = value, nor [group], nor # comment" },
	{ "[a]\n;k", NVME_INI_NO_EQUALS, 2, 1,
	  "no '=': neither key = value, nor [group], nor # comment" },
	{ "stray", NVME_INI_NO_EQUALS, 1, 0,
	  "no '=': neither key = value, nor [group], nor # comment" },
	{ "[a]\n = 1", NVME_INI_NO_KEY, 2, 1, "no key before the '='" },
	{ "[a]\n==", NVME_INI_NO_KEY, 2, 1, "no key before the '='" },
	{ "= 1", NVME_INI_NO_KEY, 1, 0, "no key before the '='" },
	{ "[a", NVME_INI_NO_BRACKET, 1, 0,
	  "a line that begins with '[' must have one ']', at its end" },
	{ "[", NVME_INI_NO_BRACKET, 1, 0,
	  "a line that begins with '[' must have one ']', at its end" },
	{ "[a]\n[b] x", NVME_INI_NO_BRACKET, 2, 1,
	  "a line that begins with '[' must have one ']', at its end" },
	{ "[a]\n[b] # c", NVME_INI_NO_BRACKET, 2, 1,
	  "a line that begins with '[' must have one ']', at its end" },
	{ "[a]]", NVME_INI_NO_BRACKET, 1, 0,
	  "a line that begins with '[' must have one ']', at its end" },
	{ "[]", NVME_INI_NO_KIND, 1, 0, "nothing between '[' and ']'" },
	{ "[ \t ]", NVME_INI_NO_KIND, 1, 0, "nothing between '[' and ']'" },
	{ "[a]\nk=1\n\nk =2", NVME_INI_KEY_TWICE, 4, 2, "key \"k\" is already on line 2" },
	{ "[a]\nk=1\n[b]\nk=1\n\tk\t=1", NVME_INI_KEY_TWICE, 5, 4,
	  "key \"k\" is already on line 4" },
	{ "[a]\nk k=1\nk k=1", NVME_INI_KEY_TWICE, 3, 2, "key \"k k\" is already on line 2" },
	{ "[a]\nk\"\x1b=1\nk\"\x1b=1", NVME_INI_KEY_TWICE, 3, 2,
	  "key \"k\\\"\\u001b\" is already on line 2" },
	{ "\n[a]\n[b]\n[ a ]", NVME_INI_GROUP_TWICE, 4, 2, "group \"a\" is already on line 2" },
	{ "[fault x y]\n[b]\n[fault\t x y]", NVME_INI_GROUP_TWICE, 3, 2,
	  "group \"fault x y\" is already on line 1" },
};

START_TEST(a_bad_line_is_named_with_its_error)
{
	ck_assert_int_eq(parse(bad[_i].text), bad[_i].result);
	ck_assert_uint_eq(error.line, bad[_i].line);
	ck_assert_uint_eq(heard.events, bad[_i].events);
	ck_assert_str_eq(error.message, bad[_i].message);
}
END_TEST

START_TEST(a_nul_byte_is_refused_wherever_it_is)
{
	char text[] = "# c\n[a b]\nkey = value\n";
	static const uint32_t lines[] = { 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3 };

	text[_i] = '\0';
	ck_assert_int_eq(parse_with(&ops, text, strlen("# c\n[a b]\nkey = value\n")),
			 NVME_INI_NUL_BYTE);
	ck_assert_uint_eq(error.line, lines[_i]);
	ck_assert_str_eq(error.message, "the line holds a NUL byte");
}
END_TEST

START_TEST(no_file_at_all_is_an_empty_file)
{
	ck_assert_int_eq(nvme_ini_parse(NULL, 0, &ops, &error), NVME_INI_OK);
	ck_assert_uint_eq(error.line, 0);
	ck_assert_str_eq(error.message, "");
}
END_TEST

/* The text of a long file. */
struct long_file {
	char *data;
	size_t bytes, room;
};

static void append(struct long_file *file, const char *text)
{
	size_t bytes = strlen(text);

	if (file->bytes + bytes > file->room) {
		file->room = 2 * (file->bytes + bytes);
		file->data = realloc(file->data, file->room);
		ck_assert_ptr_nonnull(file->data);
	}
	memcpy(file->data + file->bytes, text, bytes);
	file->bytes += bytes;
}

static void append_repeated(struct long_file *file, char c, size_t n)
{
	char *text = malloc(n + 1);

	ck_assert_ptr_nonnull(text);
	memset(text, c, n);
	text[n] = '\0';
	append(file, text);
	free(text);
}

/* A long name is shown with its beginning, so that the line number still fits the message. */
START_TEST(a_long_key_is_shortened_in_the_message)
{
	struct long_file file = { 0 };

	append(&file, "[a]\n");
	append_repeated(&file, 'k', 100);
	append(&file, "=1\n");
	append_repeated(&file, 'k', 100);
	append(&file, "=1\n");
	ck_assert_int_eq(parse_with(&ops, file.data, file.bytes), NVME_INI_KEY_TWICE);
	ck_assert_str_eq(error.message, "key \"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
					"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...\" is already on line 2");
	free(file.data);
}
END_TEST

static bool count_events(void *arg, struct nvme_slice a, struct nvme_slice b, uint32_t line,
			 struct nvme_text *message)
{
	(void)a;
	(void)b;
	(void)line;
	(void)message;
	++*(uint32_t *)arg;
	return true;
}

static uint32_t events;
static const struct nvme_ini_ops counting = { &events, count_events, count_events };

START_TEST(a_line_has_4096_bytes_and_no_more)
{
	/* Of '#', of a value, with CR LF or nothing after it. */
	static const char *const starts[] = { "#", "[a]\nk=", "[a]\nk=", "#" };
	static const char *const ends[] = { "\n", "\r\n", "", "\r\n" };
	struct long_file file = { 0 };
	size_t line_start = starts[_i][0] == '#' ? 1 : 2;

	append(&file, starts[_i]);
	append_repeated(&file, 'x', NVME_INI_LINE_MAX - line_start);
	append(&file, ends[_i]);
	ck_assert_int_eq(parse_with(&counting, file.data, file.bytes), NVME_INI_OK);
	file.bytes -= strlen(ends[_i]);
	append(&file, "x");
	append(&file, ends[_i]);
	ck_assert_int_eq(parse_with(&counting, file.data, file.bytes), NVME_INI_LINE_TOO_LONG);
	ck_assert_str_eq(error.message, "the line has more than 4096 bytes");
	ck_assert_uint_eq(error.line, starts[_i][0] == '#' ? 1 : 2);
	free(file.data);
}
END_TEST

START_TEST(a_file_has_a_mebibyte_and_no_more)
{
	struct long_file file = { 0 };

	while (file.bytes < NVME_INI_BYTES_MAX)
		append(&file, "# 345678901234567890123456789012\n"
			      "# 345678901234567890123456789\n");
	file.bytes = NVME_INI_BYTES_MAX;
	ck_assert_int_eq(parse_with(&counting, file.data, file.bytes), NVME_INI_OK);
	append(&file, "\n");
	ck_assert_int_eq(parse_with(&counting, file.data, file.bytes), NVME_INI_FILE_TOO_LONG);
	ck_assert_str_eq(error.message, "the file has more than 1048576 bytes");
	ck_assert_uint_eq(error.line, 0);
	free(file.data);
}
END_TEST

START_TEST(a_file_has_512_groups_and_no_more)
{
	struct long_file file = { 0 };
	char line[32];

	for (unsigned int i = 0; i < NVME_INI_GROUPS_MAX; i++) {
		snprintf(line, sizeof(line), "[fault %u]\n", i);
		append(&file, line);
	}
	events = 0;
	ck_assert_int_eq(parse_with(&counting, file.data, file.bytes), NVME_INI_OK);
	ck_assert_uint_eq(events, NVME_INI_GROUPS_MAX);
	append(&file, "[more]");
	ck_assert_int_eq(parse_with(&counting, file.data, file.bytes), NVME_INI_TOO_MANY_GROUPS);
	ck_assert_uint_eq(error.line, NVME_INI_GROUPS_MAX + 1);
	ck_assert_str_eq(error.message, "more than 512 groups");
	free(file.data);
}
END_TEST

static void append_keys(struct long_file *file, unsigned int n)
{
	char line[32];

	for (unsigned int i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "key-%u = %u\n", i, i);
		append(file, line);
	}
}

START_TEST(a_file_has_4096_keys_and_no_more)
{
	struct long_file file = { 0 };

	/* In one group, or in two that have the same keys. */
	append(&file, "[a]\n");
	append_keys(&file, NVME_INI_KEYS_MAX / (unsigned int)_i);
	if (_i == 2) {
		append(&file, "[b]\n");
		append_keys(&file, NVME_INI_KEYS_MAX / 2);
	}
	events = 0;
	ck_assert_int_eq(parse_with(&counting, file.data, file.bytes), NVME_INI_OK);
	ck_assert_uint_eq(events, NVME_INI_KEYS_MAX + (unsigned int)_i);
	append(&file, "more = 1\n");
	ck_assert_int_eq(parse_with(&counting, file.data, file.bytes), NVME_INI_TOO_MANY_KEYS);
	ck_assert_uint_eq(error.line, NVME_INI_KEYS_MAX + (unsigned int)_i + 1);
	ck_assert_str_eq(error.message, "more than 4096 keys");
	free(file.data);
}
END_TEST

START_TEST(the_last_of_many_keys_is_compared_with_all)
{
	struct long_file file = { 0 };
	char line[32];

	append(&file, "[a]\n");
	append_keys(&file, NVME_INI_KEYS_MAX - 1);
	snprintf(line, sizeof(line), "key-%d = 0\n", _i * 454);
	append(&file, line);
	ck_assert_int_eq(parse_with(&counting, file.data, file.bytes), NVME_INI_KEY_TWICE);
	snprintf(line, sizeof(line), "key-%d", _i * 454);
	ck_assert_ptr_nonnull(strstr(error.message, line));
	snprintf(line, sizeof(line), "line %d", _i * 454 + 2);
	ck_assert_ptr_nonnull(strstr(error.message, line));
	free(file.data);
}
END_TEST

static bool refuse_with_reason(void *arg, struct nvme_slice a, struct nvme_slice b, uint32_t line,
			       struct nvme_text *message)
{
	(void)arg;
	(void)line;
	nvme_text_add(message, "seed: ");
	nvme_text_json(message, b.data, b.bytes);
	nvme_text_add(message, " is no number");
	return nvme_slice_is(a, "fine");
}

static bool refuse_silently(void *arg, struct nvme_slice a, struct nvme_slice b, uint32_t line,
			    struct nvme_text *message)
{
	(void)message;
	ck_assert_uint_eq(line, 1);
	return hear(arg, "[]", a, b, line) && false;
}

START_TEST(a_callback_refuses_with_its_own_words)
{
	static const struct nvme_ini_ops refusing = { &heard, hear_group, refuse_with_reason };

	ck_assert_int_eq(parse_with(&refusing, "[a]\nfine=1\nseed=x\nmore=1", 24),
			 NVME_INI_REFUSED);
	ck_assert_uint_eq(error.line, 3);
	ck_assert_str_eq(error.message, "seed: x is no number");
}
END_TEST

START_TEST(what_an_accepting_callback_wrote_is_forgotten)
{
	static const struct nvme_ini_ops accepting = { &heard, hear_group, refuse_with_reason };

	ck_assert_int_eq(parse_with(&accepting, "[a]\nfine=1\n", 11), NVME_INI_OK);
	ck_assert_int_eq(parse_with(&accepting, "[a]\nfine=1\n[a]", 14), NVME_INI_GROUP_TWICE);
	ck_assert_str_eq(error.message, "group \"a\" is already on line 1");
}
END_TEST

START_TEST(a_callback_without_words_has_still_a_message)
{
	static const struct nvme_ini_ops refusing = { &heard, refuse_silently, hear_value };

	ck_assert_int_eq(parse_with(&refusing, "[a]\n[b]", 7), NVME_INI_REFUSED);
	ck_assert_uint_eq(heard.events, 1);
	ck_assert_str_eq(error.message, "refused");
}
END_TEST

static const char scenario[] = "[scenario]\nformat = 1\nseed = 0x5eed\n# T app sees nothing\n"
			       "class = C\n\n[controller]\nmqes = 63\nvwc = true\n\n"
			       "[namespace 1]\nsize = 64M\n\n[fault lose]\nat = cqe.post\n"
			       "when = q == 1 && op == write\nnth = 3\ndo = hold A\n\n"
			       "[fault late]\nat = ctrl.reset\nwithin = 1s of lose\n"
			       "do = release A\n";

/* A few bytes of a good file become other bytes that mean something, then it is read again. */
START_TEST(a_damaged_file_gives_events_or_an_error)
{
	static const char bytes[] = "[]=# \t\n\r\0kA\xff";
	char text[sizeof(scenario)];

	for (uint64_t n = 0; n < 500; n++) {
		enum nvme_ini_result result;

		memcpy(text, scenario, sizeof(text));
		for (uint64_t i = 0; i < 1 + n % 4; i++) {
			uint64_t draw = nvme_draw((uint64_t)_i, 1, n, i);

			text[nvme_draw_below(draw, sizeof(text) - 1)] =
				bytes[draw % (sizeof(bytes) - 1)];
		}
		result = parse_with(&ops, text, sizeof(text) - 1);
		ck_assert_int_eq(error.line == 0, result == NVME_INI_OK);
		ck_assert_uint_le(error.line, 60);
		ck_assert_uint_lt(heard.events, 24);
	}
}
END_TEST

/* Every beginning of a good file is good, unless it ends inside a line that needs its end. */
START_TEST(every_beginning_of_a_file_is_read)
{
	for (size_t bytes = 0; bytes < sizeof(scenario); bytes++) {
		enum nvme_ini_result result = parse_with(&ops, scenario, bytes);

		ck_assert(result == NVME_INI_OK || result == NVME_INI_NO_EQUALS ||
			  result == NVME_INI_NO_BRACKET);
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/ini");
	TCase *forms = tcase_create("forms");
	TCase *limits = tcase_create("limits");
	TCase *refusals = tcase_create("callbacks");
	TCase *damage = tcase_create("damage");

	tcase_add_loop_test(forms, a_good_file_is_heard_line_by_line, 0, (int)LENGTH(good));
	tcase_add_loop_test(forms, a_bad_line_is_named_with_its_error, 0, (int)LENGTH(bad));
	tcase_add_loop_test(forms, a_nul_byte_is_refused_wherever_it_is, 0, 11);
	tcase_add_test(forms, no_file_at_all_is_an_empty_file);
	tcase_add_test(forms, a_long_key_is_shortened_in_the_message);
	suite_add_tcase(suite, forms);
	tcase_add_loop_test(limits, a_line_has_4096_bytes_and_no_more, 0, 4);
	tcase_add_test(limits, a_file_has_a_mebibyte_and_no_more);
	tcase_add_test(limits, a_file_has_512_groups_and_no_more);
	tcase_add_loop_test(limits, a_file_has_4096_keys_and_no_more, 1, 3);
	tcase_add_loop_test(limits, the_last_of_many_keys_is_compared_with_all, 0, 10);
	suite_add_tcase(suite, limits);
	tcase_add_test(refusals, a_callback_refuses_with_its_own_words);
	tcase_add_test(refusals, what_an_accepting_callback_wrote_is_forgotten);
	tcase_add_test(refusals, a_callback_without_words_has_still_a_message);
	suite_add_tcase(suite, refusals);
	tcase_add_loop_test(damage, a_damaged_file_gives_events_or_an_error, 0, 4);
	tcase_add_test(damage, every_beginning_of_a_file_is_read);
	tcase_set_timeout(damage, 60);
	suite_add_tcase(suite, damage);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, LENGTH(suites));
}
