/* SPDX-License-Identifier: BSD-3-Clause */
/* Text building and parsing: common/text.c. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "common/text.h"
#include "tests/harness/main.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static char buffer[128];

static struct nvme_text make_text(size_t size)
{
	struct nvme_text text;

	memset(buffer, '#', sizeof(buffer));
	nvme_text_init(&text, buffer, size);
	return text;
}

START_TEST(pieces_are_appended_in_order)
{
	struct nvme_text text = make_text(sizeof(buffer));

	nvme_text_add(&text, "cid ");
	nvme_text_u64(&text, 7);
	nvme_text_char(&text, ' ');
	nvme_text_slice(&text, (struct nvme_slice){ "qid and more", 3 });
	ck_assert_str_eq(text.data, "cid 7 qid");
	ck_assert_uint_eq(text.used, 9);
	ck_assert(!text.cut);
}
END_TEST

START_TEST(a_text_that_just_fits_is_not_cut)
{
	struct nvme_text text = make_text(4);

	nvme_text_add(&text, "abc");
	ck_assert_str_eq(buffer, "abc");
	ck_assert(!text.cut);
	nvme_text_add(&text, "");
	ck_assert(!text.cut);
}
END_TEST

START_TEST(once_cut_a_text_takes_no_more)
{
	struct nvme_text text = make_text(4);

	nvme_text_add(&text, "ab");
	nvme_text_add(&text, "cd");
	ck_assert_str_eq(buffer, "abc");
	ck_assert(text.cut);
	nvme_text_clear(&text);
	ck_assert_str_eq(buffer, "");
	ck_assert(!text.cut);
}
END_TEST

/* Every size of buffer gives a prefix, a terminator, and no byte beyond. */
START_TEST(every_size_gives_a_terminated_prefix)
{
	static const char full[] = "-9223372036854775808 0xffff 00ff \\u0001\\n 90s";
	struct nvme_text text = make_text((size_t)_i);

	nvme_text_i64(&text, INT64_MIN);
	nvme_text_add(&text, " ");
	nvme_text_hex(&text, 0xffff);
	nvme_text_add(&text, " ");
	nvme_text_bytes_hex(&text, "\x00\xff", 2);
	nvme_text_add(&text, " ");
	nvme_text_json(&text, "\x01\n", 2);
	nvme_text_add(&text, " ");
	nvme_text_duration(&text, 90000000000);
	ck_assert_int_eq(text.cut, (size_t)_i < sizeof(full));
	ck_assert_int_eq(buffer[_i], '#');
	if (_i > 0) {
		ck_assert_int_eq(buffer[text.used], '\0');
		ck_assert_mem_eq(buffer, full, text.used);
		/* Only an escape, which is never split, leaves room unused. */
		ck_assert_uint_ge(text.used + 7, _i < (int)sizeof(full) ? (size_t)_i : text.used);
	}
}
END_TEST

START_TEST(a_buffer_of_no_bytes_is_never_written)
{
	struct nvme_text text = make_text(0);
	struct nvme_text none;

	nvme_text_add(&text, "x");
	ck_assert(text.cut);
	ck_assert_int_eq(buffer[0], '#');
	nvme_text_init(&none, NULL, 0);
	nvme_text_json(&none, "\n", 1);
	nvme_text_clear(&none);
	ck_assert(!none.cut);
}
END_TEST

START_TEST(a_cut_keeps_whole_utf8_sequences)
{
	/* "a", the euro sign (three bytes), "b". */
	static const size_t used[] = { 0, 0, 1, 1, 1, 4, 5 };
	struct nvme_text text = make_text((size_t)_i);

	nvme_text_add(&text, "a\xe2\x82\xac"
			     "b");
	ck_assert_uint_eq(text.used, used[_i]);
	text = make_text((size_t)_i);
	nvme_text_json(&text,
		       "a\xe2\x82\xac"
		       "b",
		       5);
	ck_assert_uint_eq(text.used, used[_i]);
}
END_TEST

START_TEST(a_cut_in_stray_continuation_bytes_still_shows_them)
{
	struct nvme_text text = make_text(6);

	nvme_text_add(&text, "\x80\x80\x80\x80\x80\x80\x80\x80");
	ck_assert_uint_eq(text.used, 5);
}
END_TEST

static const struct {
	uint64_t value;
	const char *decimal, *is_signed, *hex, *width4;
} numbers[] = {
	{ 0, "0", "0", "0x0", "0000" },
	{ 9, "9", "9", "0x9", "0009" },
	{ 10, "10", "10", "0xa", "000a" },
	{ 0xabcd, "43981", "43981", "0xabcd", "abcd" },
	{ 0x12345, "74565", "74565", "0x12345", "2345" },
	{ INT64_MAX, "9223372036854775807", "9223372036854775807", "0x7fffffffffffffff", "ffff" },
	{ 1ull << 63, "9223372036854775808", "-9223372036854775808", "0x8000000000000000", "0000" },
	{ UINT64_MAX, "18446744073709551615", "-1", "0xffffffffffffffff", "ffff" },
};

START_TEST(numbers_are_written_in_every_base)
{
	struct nvme_text text = make_text(sizeof(buffer));

	nvme_text_u64(&text, numbers[_i].value);
	ck_assert_str_eq(text.data, numbers[_i].decimal);
	nvme_text_clear(&text);
	nvme_text_i64(&text, (int64_t)numbers[_i].value);
	ck_assert_str_eq(text.data, numbers[_i].is_signed);
	nvme_text_clear(&text);
	nvme_text_hex(&text, numbers[_i].value);
	ck_assert_str_eq(text.data, numbers[_i].hex);
	nvme_text_clear(&text);
	nvme_text_hex_width(&text, numbers[_i].value, 4);
	ck_assert_str_eq(text.data, numbers[_i].width4);
}
END_TEST

START_TEST(a_width_out_of_range_is_the_nearest_one)
{
	struct nvme_text text = make_text(sizeof(buffer));

	nvme_text_hex_width(&text, 0x1f, 0);
	nvme_text_char(&text, ' ');
	nvme_text_hex_width(&text, 0x1f, 17);
	ck_assert_str_eq(text.data, "f 000000000000001f");
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
	uint64_t value = nvme_draw(1, 2, 3, (uint64_t)_i) >> _i % 64, back = ~value;
	struct nvme_text text = make_text(sizeof(buffer));

	nvme_text_u64(&text, value);
	ck_assert_int_eq(nvme_parse_u64(text.data, text.used, &back), NVME_PARSE_OK);
	ck_assert_uint_eq(back, value);
	nvme_text_clear(&text);
	nvme_text_hex(&text, value);
	ck_assert_int_eq(nvme_parse_u64(text.data, text.used, &back), NVME_PARSE_OK);
	ck_assert_uint_eq(back, value);
}
END_TEST

START_TEST(sizes_and_durations_are_read_back)
{
	static const uint64_t factors[] = { 1,		 1000,	     1000000,	 1000000000,
					    60000000000, 1ull << 10, 1ull << 20, 1ull << 50 };
	uint64_t value = nvme_draw(4, 5, 6, (uint64_t)_i) % 4096 * factors[_i % 8], back = ~value;
	struct nvme_text text = make_text(sizeof(buffer));

	nvme_text_size(&text, value);
	ck_assert_int_eq(nvme_parse_size(text.data, text.used, &back), NVME_PARSE_OK);
	ck_assert_uint_eq(back, value);
	nvme_text_clear(&text);
	nvme_text_duration(&text, value);
	ck_assert_int_eq(nvme_parse_duration(text.data, text.used, &back), NVME_PARSE_OK);
	ck_assert_uint_eq(back, value);
}
END_TEST

static const struct {
	uint64_t value;
	const char *size, *duration;
} exact[] = {
	{ 0, "0", "0" },
	{ 1, "1", "1ns" },
	{ 1023, "1023", "1023ns" },
	{ 1024, "1K", "1024ns" },
	{ 1536, "1536", "1536ns" },
	{ 100000, "100000", "100us" },
	{ 64 << 20, "64M", "67108864ns" },
	{ 3ull << 30, "3G", "3221225472ns" },
	{ 1ull << 40, "1T", "1099511627776ns" },
	{ 16383ull << 50, "16383P", "18445618173802708992ns" },
	{ UINT64_MAX, "18446744073709551615", "18446744073709551615ns" },
	{ 100000000, "100000000", "100ms" },
	{ 30000000000, "29296875K", "30s" },
	{ 120000000000, "117187500K", "2m" },
};

START_TEST(sizes_and_durations_are_exact)
{
	struct nvme_text text = make_text(sizeof(buffer));

	nvme_text_size(&text, exact[_i].value);
	ck_assert_str_eq(text.data, exact[_i].size);
	nvme_text_clear(&text);
	nvme_text_duration(&text, exact[_i].value);
	ck_assert_str_eq(text.data, exact[_i].duration);
}
END_TEST

static const struct {
	const char *input, *escaped;
} json[] = {
	{ "plain", "plain" },
	{ "a\"b\\c/", "a\\\"b\\\\c/" },
	{ "\b\f\n\r\t", "\\b\\f\\n\\r\\t" },
	{ "\x01\x1f\x7f~", "\\u0001\\u001f\\u007f~" },
	{ "\xc2\x80\xc2\x9b\xc2\xa0", "\\u0080\\u009b\xc2\xa0" },
	{ "\xc3\xa9", "\xc3\xa9" },
	{ "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	/* Not UTF-8: too short, overlong in 2, 3 and 4 bytes, surrogate, above 10FFFFh, never a
	   lead. */
	{ "\xc3", "\\u00c3" },
	{ "\xc3(", "\\u00c3(" },
	{ "\xe2\x82", "\\u00e2\\u0082" },
	{ "\xe2\x82z", "\\u00e2\\u0082z" },
	{ "\x80", "\\u0080" },
	{ "\xc1\xbf", "\\u00c1\\u00bf" },
	{ "\xe0\x9f\xbf", "\\u00e0\\u009f\\u00bf" },
	{ "\xf0\x8f\xbf\xbf", "\\u00f0\\u008f\\u00bf\\u00bf" },
	{ "\xed\xa0\x80", "\\u00ed\\u00a0\\u0080" },
	{ "\xf4\x90\x80\x80", "\\u00f4\\u0090\\u0080\\u0080" },
	{ "\xf5\x80\x80\x80", "\\u00f5\\u0080\\u0080\\u0080" },
	{ "\xff", "\\u00ff" },
};

START_TEST(any_bytes_become_the_inside_of_a_json_string)
{
	struct nvme_text text = make_text(sizeof(buffer));

	nvme_text_json(&text, json[_i].input, strlen(json[_i].input));
	ck_assert_str_eq(text.data, json[_i].escaped);
}
END_TEST

START_TEST(a_nul_is_escaped_in_json)
{
	struct nvme_text text = make_text(sizeof(buffer));

	nvme_text_json(&text, "a\0b", 3);
	ck_assert_str_eq(text.data, "a\\u0000b");
}
END_TEST

typedef enum nvme_parse_result parser(const char *str, size_t bytes, uint64_t *ret_value);

static const struct {
	parser *parse;
	const char *str;
	enum nvme_parse_result result;
	uint64_t value;
} parses[] = {
	{ nvme_parse_u64, "0", NVME_PARSE_OK, 0 },
	{ nvme_parse_u64, "007", NVME_PARSE_OK, 7 },
	{ nvme_parse_u64, "0x5eed", NVME_PARSE_OK, 0x5eed },
	{ nvme_parse_u64, "0XfF", NVME_PARSE_OK, 255 },
	{ nvme_parse_u64, "18446744073709551615", NVME_PARSE_OK, UINT64_MAX },
	{ nvme_parse_u64, "0x0000ffffffffffffffff", NVME_PARSE_OK, UINT64_MAX },
	{ nvme_parse_u64, "18446744073709551616", NVME_PARSE_RANGE, 0 },
	{ nvme_parse_u64, "99999999999999999999999999", NVME_PARSE_RANGE, 0 },
	{ nvme_parse_u64, "0x10000000000000000", NVME_PARSE_RANGE, 0 },
	{ nvme_parse_u64, "99999999999999999999999999z", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_u64, "", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_u64, "0x", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_u64, "x1", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_u64, "1f", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_u64, "0xfg", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_u64, "-1", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_u64, "+1", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_u64, " 1", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_u64, "1 ", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_u64, "\xb1", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_size, "0", NVME_PARSE_OK, 0 },
	{ nvme_parse_size, "512", NVME_PARSE_OK, 512 },
	{ nvme_parse_size, "0x200", NVME_PARSE_OK, 512 },
	{ nvme_parse_size, "4K", NVME_PARSE_OK, 4096 },
	{ nvme_parse_size, "0x10K", NVME_PARSE_OK, 16384 },
	{ nvme_parse_size, "64M", NVME_PARSE_OK, 64 << 20 },
	{ nvme_parse_size, "1G", NVME_PARSE_OK, 1 << 30 },
	{ nvme_parse_size, "2T", NVME_PARSE_OK, 2ull << 40 },
	{ nvme_parse_size, "16383P", NVME_PARSE_OK, 16383ull << 50 },
	{ nvme_parse_size, "16384P", NVME_PARSE_RANGE, 0 },
	{ nvme_parse_size, "18446744073709551616K", NVME_PARSE_RANGE, 0 },
	{ nvme_parse_size, "64m", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_size, "64MiB", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_size, "64KM", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_size, "64 M", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_size, "1.5G", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_size, "M", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_size, "", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_duration, "0", NVME_PARSE_OK, 0 },
	{ nvme_parse_duration, "000", NVME_PARSE_OK, 0 },
	{ nvme_parse_duration, "0s", NVME_PARSE_OK, 0 },
	{ nvme_parse_duration, "7ns", NVME_PARSE_OK, 7 },
	{ nvme_parse_duration, "5us", NVME_PARSE_OK, 5000 },
	{ nvme_parse_duration, "100ms", NVME_PARSE_OK, 100000000 },
	{ nvme_parse_duration, "30s", NVME_PARSE_OK, 30000000000 },
	{ nvme_parse_duration, "2m", NVME_PARSE_OK, 120000000000 },
	{ nvme_parse_duration, "18446744073709551615ns", NVME_PARSE_OK, UINT64_MAX },
	{ nvme_parse_duration, "18446744073709551616ns", NVME_PARSE_RANGE, 0 },
	{ nvme_parse_duration, "18446744073709551615us", NVME_PARSE_RANGE, 0 },
	{ nvme_parse_duration, "307445735m", NVME_PARSE_RANGE, 0 },
	{ nvme_parse_duration, "307445734m", NVME_PARSE_OK, 18446744040000000000ull },
	{ nvme_parse_duration, "18446744073709551616", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_duration, "30", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_duration, "30h", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_duration, "30 s", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_duration, "30sec", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_duration, "0x10ns", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_duration, "-1s", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_duration, "1.5s", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_duration, "s", NVME_PARSE_INVALID, 0 },
	{ nvme_parse_duration, "", NVME_PARSE_INVALID, 0 },
};

START_TEST(a_number_is_read_or_refused_whole)
{
	size_t bytes = strlen(parses[_i].str);
	/* Without a terminator: a parser that reads past the end shows itself under the sanitizer.
	 */
	char *copy = malloc(bytes > 0 ? bytes : 1);
	uint64_t value = 0xdead;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, parses[_i].str, bytes);
	ck_assert_int_eq(parses[_i].parse(copy, bytes, &value), parses[_i].result);
	ck_assert_uint_eq(value, parses[_i].result == NVME_PARSE_OK ? parses[_i].value : 0xdead);
	free(copy);
}
END_TEST

START_TEST(only_the_length_ends_a_number)
{
	uint64_t value = 5;

	ck_assert_int_eq(nvme_parse_u64("123", 2, &value), NVME_PARSE_OK);
	ck_assert_uint_eq(value, 12);
	ck_assert_int_eq(nvme_parse_u64("1\0", 2, &value), NVME_PARSE_INVALID);
	ck_assert_int_eq(nvme_parse_duration("7ns\0", 4, &value), NVME_PARSE_INVALID);
}
END_TEST

static const struct {
	const char *str;
	int value; /* -1: refused */
} bools[] = {
	{ "true", 1 },	 { "yes", 1 }, { "on", 1 },   { "1", 1 },   { "false", 0 }, { "no", 0 },
	{ "off", 0 },	 { "0", 0 },   { "", -1 },    { "T", -1 },  { "True", -1 }, { "tru", -1 },
	{ "truex", -1 }, { "2", -1 },  { "on ", -1 }, { "00", -1 },
};

START_TEST(a_boolean_is_one_of_eight_words)
{
	bool value = bools[_i].value != 1;

	ck_assert_int_eq(nvme_parse_bool(bools[_i].str, strlen(bools[_i].str), &value),
			 bools[_i].value < 0 ? NVME_PARSE_INVALID : NVME_PARSE_OK);
	ck_assert_int_eq(value, bools[_i].value < 0 ? true : bools[_i].value);
}
END_TEST

START_TEST(slices_are_trimmed_and_compared)
{
	struct nvme_slice slice = nvme_slice_trim(nvme_slice(" \t a b\t "));

	ck_assert(nvme_slice_is(slice, "a b"));
	ck_assert(!nvme_slice_is(slice, "a "));
	ck_assert(nvme_slice_equal(nvme_slice_trim(nvme_slice("  ")), nvme_slice("")));
	ck_assert(nvme_slice_equal((struct nvme_slice){ NULL, 0 }, nvme_slice("")));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/text");
	TCase *build = tcase_create("building");
	TCase *parse = tcase_create("parsing");

	tcase_add_test(build, pieces_are_appended_in_order);
	tcase_add_test(build, a_text_that_just_fits_is_not_cut);
	tcase_add_test(build, once_cut_a_text_takes_no_more);
	tcase_add_loop_test(build, every_size_gives_a_terminated_prefix, 0, 60);
	tcase_add_test(build, a_buffer_of_no_bytes_is_never_written);
	tcase_add_loop_test(build, a_cut_keeps_whole_utf8_sequences, 0, 7);
	tcase_add_test(build, a_cut_in_stray_continuation_bytes_still_shows_them);
	tcase_add_loop_test(build, numbers_are_written_in_every_base, 0, (int)LENGTH(numbers));
	tcase_add_test(build, a_width_out_of_range_is_the_nearest_one);
	tcase_add_loop_test(build, sizes_and_durations_are_exact, 0, (int)LENGTH(exact));
	tcase_add_loop_test(build, any_bytes_become_the_inside_of_a_json_string, 0,
			    (int)LENGTH(json));
	tcase_add_test(build, a_nul_is_escaped_in_json);
	suite_add_tcase(suite, build);
	tcase_add_loop_test(parse, what_is_written_is_read_back, 0, 128);
	tcase_add_loop_test(parse, sizes_and_durations_are_read_back, 0, 64);
	tcase_add_loop_test(parse, a_number_is_read_or_refused_whole, 0, (int)LENGTH(parses));
	tcase_add_test(parse, only_the_length_ends_a_number);
	tcase_add_loop_test(parse, a_boolean_is_one_of_eight_words, 0, (int)LENGTH(bools));
	tcase_add_test(parse, slices_are_trimmed_and_compared);
	suite_add_tcase(suite, parse);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, LENGTH(suites));
}
