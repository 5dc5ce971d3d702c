/* SPDX-License-Identifier: BSD-3-Clause */
/* Command lines: what the parser makes of them, and the rows of commands and options themselves. */
#include <string.h>

#include "driver/cli/command.h"
#include "driver/cli/error.h"
#include "tests/harness/main.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool run_nothing(struct cli *cli, GError **error)
{
	(void)cli;
	(void)error;
	return true;
}

static const struct cli_option options[] = {
	{ "count", 'c', 0, CLI_NUMBER, "NUM", 100, "7", false, "a number" },
	{ "big", 0, 0, CLI_NUMBER, "NUM", UINT64_MAX, NULL, false, "a number of 64 bits" },
	{ "size", 's', 0, CLI_SIZE, "SIZE", 1 << 20, "4K", false, "a size" },
	{ "wait", 'w', 0, CLI_TIME, "MSEC", UINT64_C(60000000000), NULL, false, "a time" },
	{ "file", 'f', 0, CLI_STRING, "FILE", 0, NULL, false, "a text" },
	{ "colour", 0, 0, CLI_CHOICE, "red|green", 0, "red", false, "a choice" },
	{ "item", 'i', 'I', CLI_LIST, "ITEM", 0, NULL, false, "a list" },
	{ "read", 'r', 0, CLI_FLAG, NULL, 0, NULL, false, "a flag" },
	{ 0 },
};

static const struct cli_option needy[] = {
	{ "opcode", 'v', 0, CLI_NUMBER, "NUM", 255, NULL, true, "needed" },
	{ 0 },
};

static const struct cli_command command = { .name = "try",
					    .positional = "[DEVICE]",
					    .positional_max = 1,
					    .options = options,
					    .run = run_nothing };
static const struct cli_command needy_command = { .name = "need",
						  .positional = "FILE",
						  .positional_min = 1,
						  .positional_max = 1,
						  .options = needy,
						  .run = run_nothing };

static struct cli_args *parse(const struct cli_command *row, const char *const *words,
			      GError **error)
{
	return cli_parse(row, (int)g_strv_length((char **)(uintptr_t)words), words, error);
}

static struct cli_args *parse_fine(const char *const *words)
{
	GError *error = NULL;
	struct cli_args *args = parse(&command, words, &error);

	ck_assert_msg(args != NULL, "%s", error ? error->message : "no error");
	return args;
}

/* The words are refused as a mistake of usage, in words that hold @part. */
static void expect_refused(const struct cli_command *row, const char *const *words,
			   const char *part)
{
	GError *error = NULL;
	struct cli_args *args = parse(row, words, &error);

	ck_assert_ptr_null(args);
	ck_assert_int_eq(cli_exit_code(error), CLI_EXIT_USAGE);
	ck_assert_msg(strstr(error->message, part) != NULL, "'%s' lacks '%s'", error->message,
		      part);
	g_error_free(error);
}

START_TEST(every_form_of_an_option_means_the_same)
{
	static const char *const forms[][3] = {
		{ "--count", "12" }, { "--count=12" }, { "-c", "12" },
		{ "-c12" },	     { "-c=12" },      { "--count", "0xc" },
	};
	struct cli_args *args = parse_fine(forms[_i]);

	ck_assert_uint_eq(cli_number(args, "count"), 12);
	ck_assert_uint_eq(cli_given(args, "count"), 1);
	cli_args_free(args);
}
END_TEST

START_TEST(what_is_not_given_has_its_default)
{
	struct cli_args *args = parse_fine(WORDS("--"));

	ck_assert_uint_eq(cli_number(args, "count"), 7);
	ck_assert_uint_eq(cli_number(args, "size"), 4096);
	ck_assert_uint_eq(cli_number(args, "wait"), 0);
	ck_assert_str_eq(cli_text(args, "colour"), "red");
	ck_assert_ptr_null(cli_text(args, "file"));
	ck_assert_ptr_null(cli_list(args, "item", 0));
	ck_assert_uint_eq(cli_given(args, "count"), 0);
	ck_assert_ptr_null(cli_positional(args, 0));
	cli_args_free(args);
}
END_TEST

START_TEST(letters_of_flags_can_stand_together)
{
	struct cli_args *args = parse_fine(WORDS("-rrc", "9", "-v"));

	ck_assert_uint_eq(cli_given(args, "read"), 2);
	ck_assert_uint_eq(cli_number(args, "count"), 9);
	ck_assert_uint_eq(cli_given(args, "verbose"), 1);
	cli_args_free(args);
}
END_TEST

START_TEST(a_list_keeps_the_order_in_which_it_was_given)
{
	struct cli_args *args = parse_fine(WORDS("-i", "a", "dev", "--item=b", "-Ic"));

	ck_assert_str_eq(cli_list(args, "item", 0), "a");
	ck_assert_str_eq(cli_list(args, "item", 1), "b");
	ck_assert_str_eq(cli_list(args, "item", 2), "c");
	ck_assert_ptr_null(cli_list(args, "item", 3));
	ck_assert_str_eq(cli_positional(args, 0), "dev");
	cli_args_free(args);
}
END_TEST

START_TEST(two_dashes_end_the_options_and_one_is_an_argument)
{
	struct cli_args *args = parse_fine(WORDS("-f", "-", "--", "-r"));

	ck_assert_str_eq(cli_text(args, "file"), "-");
	ck_assert_str_eq(cli_positional(args, 0), "-r");
	ck_assert_uint_eq(cli_given(args, "read"), 0);
	cli_args_free(args);
}
END_TEST

START_TEST(sizes_and_times_have_units)
{
	struct cli_args *args = parse_fine(WORDS("-s", "512k", "-w", "250"));

	ck_assert_uint_eq(cli_number(args, "size"), 512 << 10);
	ck_assert_uint_eq(cli_number(args, "wait"), 250000000);
	cli_args_free(args);
	args = parse_fine(WORDS("-s", "0x1000", "-w", "2s"));
	ck_assert_uint_eq(cli_number(args, "size"), 0x1000);
	ck_assert_uint_eq(cli_number(args, "wait"), 2000000000);
	cli_args_free(args);
}
END_TEST

START_TEST(a_mistake_is_named_with_what_is_allowed)
{
	expect_refused(&command, WORDS("--count", "101"),
		       "--count: '101' is out of range: 0 to 100");
	expect_refused(&command, WORDS("--count", "0x10000000000000000"), "out of range");
	expect_refused(&command, WORDS("--count", "-1"), "--count: '-1' is not a number");
	expect_refused(&command, WORDS("--count", ""), "is not a number");
	expect_refused(&command, WORDS("--count="), "is not a number");
	expect_refused(&command, WORDS("--count", "7x"), "is not a number");
	expect_refused(&command, WORDS("--count"), "--count needs a value: NUM");
	expect_refused(&command, WORDS("-c"), "--count needs a value");
	expect_refused(&command, WORDS("--read=yes"), "--read takes no value");
	expect_refused(&command, WORDS("--size", "2M"), "0 to 1M");
	expect_refused(&command, WORDS("--size", "4KB"), "is not a number of bytes");
	expect_refused(&command, WORDS("--wait", "61s"), "0 to 1m");
	expect_refused(&command, WORDS("--wait", "soon"), "is not a time");
	expect_refused(&command, WORDS("--wait", "18446744073709551615"), "out of range");
	expect_refused(&command, WORDS("--colour", "gren"), "did you mean green?");
	expect_refused(&command, WORDS("--colour", ""), "is not one of red|green");
	expect_refused(&command, WORDS("--cuont", "1"), "did you mean --count?");
	expect_refused(&command, WORDS("-x"), "unknown option -x");
	expect_refused(&command, WORDS("-rx"), "unknown option -x");
	expect_refused(&command, WORDS("a", "b"), "unexpected argument 'b'");
}
END_TEST

START_TEST(what_is_required_is_asked_for_unless_help_is_wanted)
{
	struct cli_args *args;

	expect_refused(&needy_command, WORDS("file"), "--opcode NUM is missing");
	expect_refused(&needy_command, WORDS("-v", "1"), "FILE is missing");
	args = parse(&needy_command, WORDS("--help"), NULL);
	ck_assert_ptr_nonnull(args);
	cli_args_free(args);
}
END_TEST

START_TEST(an_option_of_the_command_takes_a_letter_from_the_common_ones)
{
	struct cli_args *args = parse(&needy_command, WORDS("file", "-v", "9"), NULL);
	const struct cli_option *option;

	ck_assert_uint_eq(cli_number(args, "opcode"), 9);
	ck_assert_uint_eq(cli_given(args, "verbose"), 0);
	for (unsigned int i = 0; (option = cli_options(&needy_command, i)) != NULL; i++) {
		if (strcmp(option->name, "verbose") == 0)
			ck_assert_int_eq(cli_option_letter(&needy_command, option), 0);
	}
	cli_args_free(args);
}
END_TEST

START_TEST(the_nearest_word_is_near)
{
	static const char *const names[] = { "read", "reset", "id-ctrl", "write", NULL };

	ck_assert_str_eq(cli_nearest("raed", names), "read");
	ck_assert_str_eq(cli_nearest("id-crtl", names), "id-ctrl");
	ck_assert_str_eq(cli_nearest("wirte", names), "write");
	ck_assert_ptr_null(cli_nearest("format", names));
	ck_assert_ptr_null(cli_nearest("", names));
}
END_TEST

/* The rows themselves: a loop over the table. */

static unsigned int count_commands(void)
{
	unsigned int count = 0;

	while (cli_commands[count].name)
		count++;
	return count;
}

START_TEST(every_command_can_be_used_and_explained)
{
	const struct cli_command *row = &cli_commands[_i];

	ck_assert_ptr_eq(cli_find_command(row->name), row);
	ck_assert_msg((row->run != NULL) != (row->on_device != NULL), "%s: one handler", row->name);
	ck_assert_uint_gt(strlen(row->help), 10);
	ck_assert_int_ne(row->help[strlen(row->help) - 1], '.');
	ck_assert_uint_le(row->positional_min, row->positional_max);
	ck_assert_int_eq(row->positional_max > 0, row->positional[0] != '\0');
	ck_assert_msg(!row->details || g_str_has_suffix(row->details, ".") ||
			      strchr(row->details, ':') != NULL,
		      "%s: the details are sentences", row->name);
}
END_TEST

START_TEST(no_two_options_of_a_command_have_one_name)
{
	const struct cli_command *row = &cli_commands[_i];
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	const struct cli_option *option;

	for (unsigned int i = 0; (option = cli_options(row, i)) != NULL; i++) {
		ck_assert_msg(g_hash_table_add(names, (gpointer)option->name), "%s: --%s twice",
			      row->name, option->name);
		ck_assert_ptr_nonnull(option->help);
		ck_assert_int_eq(option->kind == CLI_FLAG, option->metavar == NULL);
	}
}
END_TEST

START_TEST(no_two_options_of_a_commands_own_have_one_letter)
{
	const struct cli_command *row = &cli_commands[_i];
	bool seen[128] = { false };

	for (const struct cli_option *option = row->options; option && option->name; option++) {
		if (!option->letter)
			continue;
		ck_assert_msg(!seen[(int)option->letter], "%s: -%c twice", row->name,
			      option->letter);
		seen[(int)option->letter] = true;
	}
}
END_TEST

/* A default that its own row refuses ends the program. */
START_TEST(every_default_is_one_that_the_option_takes)
{
	const struct cli_command *row = &cli_commands[_i];
	struct cli_args *args = parse(row, WORDS("--help"), NULL);

	ck_assert_ptr_nonnull(args);
	cli_args_free(args);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("driver/cli/options");
	TCase *parser = tcase_create("parser");
	TCase *rows = tcase_create("rows");
	int commands = (int)count_commands();

	tcase_add_loop_test(parser, every_form_of_an_option_means_the_same, 0, 6);
	tcase_add_test(parser, what_is_not_given_has_its_default);
	tcase_add_test(parser, letters_of_flags_can_stand_together);
	tcase_add_test(parser, a_list_keeps_the_order_in_which_it_was_given);
	tcase_add_test(parser, two_dashes_end_the_options_and_one_is_an_argument);
	tcase_add_test(parser, sizes_and_times_have_units);
	tcase_add_test(parser, a_mistake_is_named_with_what_is_allowed);
	tcase_add_test(parser, what_is_required_is_asked_for_unless_help_is_wanted);
	tcase_add_test(parser, an_option_of_the_command_takes_a_letter_from_the_common_ones);
	tcase_add_test(parser, the_nearest_word_is_near);
	suite_add_tcase(suite, parser);
	tcase_add_loop_test(rows, every_command_can_be_used_and_explained, 0, commands);
	tcase_add_loop_test(rows, no_two_options_of_a_command_have_one_name, 0, commands);
	tcase_add_loop_test(rows, no_two_options_of_a_commands_own_have_one_letter, 0, commands);
	tcase_add_loop_test(rows, every_default_is_one_that_the_option_takes, 0, commands);
	suite_add_tcase(suite, rows);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
