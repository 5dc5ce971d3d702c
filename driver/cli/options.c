/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the arguments of a command by its rows. */
#include "driver/cli/options.h"

#include <string.h>

#include "common/text.h"
#include "driver/cli/error.h"
#include "driver/cli/program.h"

#define OPTIONS_MAX    64 /* of one command; tests/cli/test_options.c counts them */
#define MSEC_IN_NSEC   1000000u
#define NEAR_ENOUGH(n) ((n) / 3 + 1) /* edits that a mistyped word of n letters may have */

struct value {
	unsigned int given;
	uint64_t number;
	const char *text;
};

struct cli_args {
	const struct cli_command *command;
	struct value values[OPTIONS_MAX];
	GPtrArray *lists[OPTIONS_MAX];
	GArray *numbers[OPTIONS_MAX];
	GPtrArray *positional;
};

/* Row @*index of @table, or NULL with @*index made smaller by the table's rows. */
static const struct cli_option *row_at(const struct cli_option *table, unsigned int *index)
{
	for (; table && table->name; table++) {
		if ((*index)-- == 0)
			return table;
	}
	return NULL;
}

const struct cli_option *cli_options(const struct cli_command *command, unsigned int index)
{
	const struct cli_option *option = row_at(command->options, &index);
	const struct cli_group_options *group = cli_program.groups;

	for (; !option && group->options; group++) {
		if ((command->groups | CLI_GROUP_COMMON) & group->bit)
			option = row_at(group->options, &index);
	}
	return option;
}

char cli_option_letter(const struct cli_command *command, const struct cli_option *option)
{
	const struct cli_option *other;

	for (unsigned int i = 0; (other = cli_options(command, i)) != NULL && other != option;
	     i++) {
		if (option->letter &&
		    (other->letter == option->letter || other->alias == option->letter))
			return 0;
	}
	return option->letter;
}

static int find_long(const struct cli_command *command, const char *name, size_t bytes)
{
	const struct cli_option *option;

	for (unsigned int i = 0; (option = cli_options(command, i)) != NULL; i++) {
		if (strlen(option->name) == bytes && memcmp(option->name, name, bytes) == 0)
			return (int)i;
	}
	return -1;
}

static int find_letter(const struct cli_command *command, char letter)
{
	const struct cli_option *option;

	for (unsigned int i = 0; (option = cli_options(command, i)) != NULL; i++) {
		if (option->letter == letter || (option->alias && option->alias == letter))
			return (int)i;
	}
	return -1;
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, of words that are short. */
static unsigned int count_edits(const char *a, const char *b)
{
	size_t columns = strlen(b);
	g_autofree unsigned int *row = g_new(unsigned int, columns + 1);

	for (size_t i = 0; i <= columns; i++)
		row[i] = (unsigned int)i;
	for (unsigned int line = 1; *a; a++, line++) {
		unsigned int corner = row[0];

		row[0] = line;
		for (size_t i = 1; i <= columns; i++) {
			unsigned int replaced = corner + (*a != b[i - 1]);

			corner = row[i];
			row[i] = smaller(replaced, smaller(row[i], row[i - 1]) + 1);
		}
	}
	return row[columns];
}

const char *cli_nearest(const char *word, const char *const *names)
{
	unsigned int best = (unsigned int)NEAR_ENOUGH(strlen(word)) + 1;
	const char *nearest = NULL;

	if (strlen(word) > 64)
		return NULL;
	for (; *names; names++) {
		unsigned int edits = count_edits(word, *names);

		if (edits < best) {
			best = edits;
			nearest = *names;
		}
	}
	return nearest;
}

static bool fail_unknown(const struct cli_command *command, const char *name, GError **error)
{
	const char *names[OPTIONS_MAX + 1];
	const struct cli_option *option;
	const char *nearest;
	unsigned int i;

	for (i = 0; i < OPTIONS_MAX && (option = cli_options(command, i)) != NULL; i++)
		names[i] = option->name;
	names[i] = NULL;
	nearest = cli_nearest(name, names);
	cli_fail(error, CLI_EXIT_USAGE, "unknown option --%s", name);
	if (nearest)
		cli_hint(error, "did you mean --%s?", nearest);
	return false;
}

/* nvme-cli takes small letters after sizes, too. */
static enum nvme_parse_result parse_size(const char *text, uint64_t *ret_bytes)
{
	g_autofree char *upper = g_strdup(text);
	size_t length = strlen(upper);

	if (length > 0 && !g_str_has_prefix(text, "0x"))
		upper[length - 1] = g_ascii_toupper(upper[length - 1]);
	return nvme_parse_size(upper, length, ret_bytes);
}

/* A bare number is milliseconds, as nvme-cli's --timeout. */
static enum nvme_parse_result parse_time(const char *text, uint64_t *ret_nsec)
{
	uint64_t number;

	if (nvme_parse_u64(text, strlen(text), &number) == NVME_PARSE_OK) {
		if (number > UINT64_MAX / MSEC_IN_NSEC)
			return NVME_PARSE_RANGE;
		*ret_nsec = number * MSEC_IN_NSEC;
		return NVME_PARSE_OK;
	}
	return nvme_parse_duration(text, strlen(text), ret_nsec);
}

static const char *what_it_takes(enum cli_option_kind kind)
{
	switch (kind) {
	case CLI_SIZE:
		return "a number of bytes, such as 4096, 0x1000 or 4K";
	case CLI_TIME:
		return "a time, such as 500 (milliseconds), 500ms or 30s";
	case CLI_NUMBER:
	case CLI_FLAG:
	case CLI_STRING:
	case CLI_CHOICE:
	case CLI_LIST:
	case CLI_NUMBERS:
		break;
	}
	return "a number, decimal or hexadecimal after 0x";
}

static bool parse_number(const struct cli_option *option, const char *text, uint64_t *ret_number,
			 GError **error)
{
	enum nvme_parse_result result;
	char buffer[64];
	struct nvme_text limit;
	uint64_t number = 0;

	if (option->kind == CLI_NUMBER || option->kind == CLI_NUMBERS)
		result = nvme_parse_u64(text, strlen(text), &number);
	else
		result = (option->kind == CLI_SIZE ? parse_size : parse_time)(text, &number);
	if (result == NVME_PARSE_INVALID)
		return cli_fail(error, CLI_EXIT_USAGE, "--%s: '%s' is not %s", option->name, text,
				what_it_takes(option->kind));
	if (result == NVME_PARSE_RANGE || number > option->max) {
		nvme_text_init(&limit, buffer, sizeof(buffer));
		if (option->kind == CLI_TIME)
			nvme_text_duration(&limit, option->max);
		else if (option->kind == CLI_SIZE)
			nvme_text_size(&limit, option->max);
		else
			nvme_text_u64(&limit, option->max);
		return cli_fail(error, CLI_EXIT_USAGE, "--%s: '%s' is out of range: 0 to %s",
				option->name, text, buffer);
	}
	*ret_number = number;
	return true;
}

static bool parse_choice(const struct cli_option *option, const char *text, GError **error)
{
	g_auto(GStrv) choices = g_strsplit(option->metavar, "|", -1);
	const char *nearest;

	if (g_strv_contains((const char *const *)choices, text))
		return true;
	nearest = cli_nearest(text, (const char *const *)choices);
	cli_fail(error, CLI_EXIT_USAGE, "--%s: '%s' is not one of %s", option->name, text,
		 option->metavar);
	if (nearest)
		cli_hint(error, "did you mean %s?", nearest);
	return false;
}

/* Given twice, the later ones count. */
static bool parse_numbers(const struct cli_option *option, const char *text, GArray **numbers,
			  GError **error)
{
	g_auto(GStrv) words = g_strsplit(text, ",", -1);

	if (!*numbers)
		*numbers = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	g_array_set_size(*numbers, 0);
	for (char **word = words; *word; word++) {
		uint64_t number;

		if (!parse_number(option, *word, &number, error))
			return false;
		g_array_append_val(*numbers, number);
	}
	return true;
}

static bool set_value(struct cli_args *args, unsigned int index, const char *text, GError **error)
{
	const struct cli_option *option = cli_options(args->command, index);
	struct value *value = &args->values[index];

	value->text = text;
	switch (option->kind) {
	case CLI_NUMBER:
	case CLI_SIZE:
	case CLI_TIME:
		return parse_number(option, text, &value->number, error);
	case CLI_CHOICE:
		return parse_choice(option, text, error);
	case CLI_NUMBERS:
		return parse_numbers(option, text, &args->numbers[index], error);
	case CLI_LIST:
		if (!args->lists[index])
			args->lists[index] = g_ptr_array_new();
		g_ptr_array_add(args->lists[index], (gpointer)text);
		return true;
	case CLI_FLAG:
	case CLI_STRING:
		break;
	}
	return true;
}

struct reader {
	struct cli_args *args;
	int argc;
	const char *const *argv;
	int at;
};

/* The value is @inlined, or the next argument. */
static bool take_value(struct reader *reader, unsigned int index, const char *inlined,
		       GError **error)
{
	const struct cli_option *option = cli_options(reader->args->command, index);

	reader->args->values[index].given++;
	if (option->kind == CLI_FLAG) {
		if (inlined)
			return cli_fail(error, CLI_EXIT_USAGE, "--%s takes no value", option->name);
		return true;
	}
	if (!inlined && reader->at < reader->argc)
		inlined = reader->argv[reader->at++];
	if (!inlined)
		return cli_fail(error, CLI_EXIT_USAGE, "--%s needs a value: %s (%s)", option->name,
				option->metavar, option->help);
	return set_value(reader->args, index, inlined, error);
}

static bool take_long(struct reader *reader, const char *word, GError **error)
{
	const char *equals = strchr(word, '=');
	size_t bytes = equals ? (size_t)(equals - word) : strlen(word);
	g_autofree char *name = g_strndup(word, bytes);
	int index = find_long(reader->args->command, word, bytes);

	if (index < 0)
		return fail_unknown(reader->args->command, name, error);
	return take_value(reader, (unsigned int)index, equals ? equals + 1 : NULL, error);
}

/* "-rb", "-n 1", "-n1", "-n=1" */
static bool take_letters(struct reader *reader, const char *word, GError **error)
{
	const struct cli_command *command = reader->args->command;

	while (*word) {
		int index = find_letter(command, *word);
		const char *inlined = word[1] ? word + 1 : NULL;

		if (index < 0)
			return cli_fail(error, CLI_EXIT_USAGE, "unknown option -%c", *word);
		if (cli_options(command, (unsigned int)index)->kind != CLI_FLAG) {
			if (inlined && *inlined == '=')
				inlined++;
			return take_value(reader, (unsigned int)index, inlined, error);
		}
		if (!take_value(reader, (unsigned int)index, NULL, error))
			return false;
		word++;
	}
	return true;
}

static bool read_arguments(struct reader *reader, GError **error)
{
	bool options = true;

	while (reader->at < reader->argc) {
		const char *word = reader->argv[reader->at++];
		bool fine = true;

		if (options && strcmp(word, "--") == 0)
			options = false;
		else if (options && g_str_has_prefix(word, "--"))
			fine = take_long(reader, word + 2, error);
		else if (options && word[0] == '-' && word[1])
			fine = take_letters(reader, word + 1, error);
		else
			g_ptr_array_add(reader->args->positional, (gpointer)word);
		if (!fine)
			return false;
	}
	return true;
}

static bool check_arguments(struct cli_args *args, GError **error)
{
	const struct cli_command *command = args->command;
	const struct cli_option *option;

	if (cli_given(args, "help"))
		return true;
	if (args->positional->len > command->positional_max)
		return cli_fail(error, CLI_EXIT_USAGE, "unexpected argument '%s'",
				cli_positional(args, command->positional_max));
	if (args->positional->len < command->positional_min)
		return cli_fail(error, CLI_EXIT_USAGE, "%s is missing", command->positional);
	for (unsigned int i = 0; (option = cli_options(command, i)) != NULL; i++) {
		if (option->required && !args->values[i].given)
			return cli_fail(error, CLI_EXIT_USAGE, "--%s %s is missing (%s)",
					option->name, option->metavar, option->help);
	}
	return true;
}

struct cli_args *cli_parse(const struct cli_command *command, int argc, const char *const *argv,
			   GError **error)
{
	g_autoptr(CliArgs) args = g_new0(struct cli_args, 1);
	struct reader reader = { .args = args, .argc = argc, .argv = argv };
	const struct cli_option *option;

	args->command = command;
	args->positional = g_ptr_array_new();
	for (unsigned int i = 0; (option = cli_options(command, i)) != NULL; i++) {
		g_assert(i < OPTIONS_MAX);
		if (option->fallback && !set_value(args, i, option->fallback, error))
			g_error("%s: a default value is wrong: %s", command->name,
				(*error)->message);
	}
	if (!read_arguments(&reader, error) || !check_arguments(args, error))
		return NULL;
	return g_steal_pointer(&args);
}

void cli_args_free(struct cli_args *args)
{
	if (!args)
		return;
	for (size_t i = 0; i < OPTIONS_MAX; i++) {
		if (args->lists[i])
			g_ptr_array_free(args->lists[i], TRUE);
		if (args->numbers[i])
			g_array_free(args->numbers[i], TRUE);
	}
	g_ptr_array_free(args->positional, TRUE);
	g_free(args);
}

static unsigned int index_of(const struct cli_args *args, const char *name)
{
	int index = find_long(args->command, name, strlen(name));

	if (index < 0)
		g_error("%s has no option --%s", args->command->name, name);
	return (unsigned int)index;
}

unsigned int cli_given(const struct cli_args *args, const char *name)
{
	return args->values[index_of(args, name)].given;
}

bool cli_human(const struct cli_args *args)
{
	return (args->command->groups & CLI_GROUP_HUMAN) && cli_given(args, "human-readable");
}

uint64_t cli_number(const struct cli_args *args, const char *name)
{
	return args->values[index_of(args, name)].number;
}

uint32_t cli_u32(const struct cli_args *args, const char *name)
{
	uint64_t number = cli_number(args, name);

	g_assert(number <= UINT32_MAX);
	return (uint32_t)number;
}

const char *cli_text(const struct cli_args *args, const char *name)
{
	return args->values[index_of(args, name)].text;
}

const char *cli_list(const struct cli_args *args, const char *name, unsigned int index)
{
	const GPtrArray *list = args->lists[index_of(args, name)];

	return list && index < list->len ? g_ptr_array_index(list, index) : NULL;
}

unsigned int cli_count(const struct cli_args *args, const char *name)
{
	const GArray *numbers = args->numbers[index_of(args, name)];

	return numbers ? numbers->len : 0;
}

uint64_t cli_nth(const struct cli_args *args, const char *name, unsigned int index,
		 uint64_t otherwise)
{
	const GArray *numbers = args->numbers[index_of(args, name)];

	return numbers && index < numbers->len ? g_array_index(numbers, uint64_t, index)
					       : otherwise;
}

bool cli_has_option(const struct cli_command *command, const char *name)
{
	return find_long(command, name, strlen(name)) >= 0;
}

const char *cli_positional(const struct cli_args *args, unsigned int index)
{
	return index < args->positional->len ? g_ptr_array_index(args->positional, index) : NULL;
}
