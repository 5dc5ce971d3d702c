/* SPDX-License-Identifier: BSD-3-Clause */
/* Scenario files, common/scenario.h: what is read, what is refused, and what is printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "common/scenario.h"
#include "tests/harness/main.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct nvme_scenario scenario;
static struct nvme_ini_error error;

/* What a program hears: "group nsid key=value" and so on, a line each. */
static char heard[4096];

static bool hear_group(void *arg, enum nvme_scenario_group group, uint32_t nsid,
		       struct nvme_text *message)
{
	size_t used = strlen(heard);

	ck_assert_ptr_eq(arg, heard);
	ck_assert_uint_eq(message->used, 0);
	snprintf(heard + used, sizeof(heard) - used, "%s %u\n", nvme_scenario_group_name(group),
		 nsid);
	return true;
}

static bool hear_value(void *arg, enum nvme_scenario_group group, uint32_t nsid,
		       struct nvme_slice key, struct nvme_slice value, struct nvme_text *message)
{
	size_t used = strlen(heard);

	ck_assert_ptr_eq(arg, heard);
	if (nvme_slice_is(key, "refused")) {
		nvme_text_add(message, "refused: why not");
		return false;
	}
	snprintf(heard + used, sizeof(heard) - used, "%s %u %.*s=%.*s\n",
		 nvme_scenario_group_name(group), nsid, (int)key.bytes, key.data, (int)value.bytes,
		 value.data);
	return true;
}

static enum nvme_ini_result parse(const char *text)
{
	const struct nvme_scenario_ops ops = { heard, hear_group, hear_value };
	size_t bytes = strlen(text);
	char *copy = malloc(bytes + 1);
	enum nvme_ini_result result;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, bytes);
	heard[0] = '\0';
	memset(&scenario, 0xee, sizeof(scenario));
	memset(&error, 0xee, sizeof(error));
	result = nvme_scenario_parse(&scenario, copy, bytes, &ops, &error);
	ck_assert_int_eq(result, error.result);
	ck_assert_int_eq(error.message[0] == '\0', result == NVME_INI_OK);
	free(copy);
	return result;
}

#define HEAD "[scenario]\nformat = 1\n"

START_TEST(a_whole_file_is_read)
{
	ck_assert_msg(parse("# why\n[scenario]\nformat = 1\nseed = 0x5eed\nclass = C\n"
			    "title = a late completion\nclause = a rule\n"
			    "[controller]\nmqes = 63\nvwc = true\n"
			    "[namespace 1]\nsize = 64M\n[namespace 0x10]\n"
			    "[driver]\nio_timeout = 30s\n[workload]\nops = 200\n"
			    "[fault lose]\nat = cqe.post\nnth = 3\ndo = hold A\n"
			    "[fault late]\nat = ctrl.reset\nwithin = 1s of lose\ndo = release A\n"
			    "[expect]\nfault.lose = 1\n") == NVME_INI_OK,
		      "%u: %s", error.line, error.message);
	ck_assert_uint_eq(error.line, 0);
	ck_assert_uint_eq(scenario.seed, 0x5eed);
	ck_assert_uint_eq(scenario.kind, NVME_CLASS_C);
	ck_assert_str_eq(scenario.title, "a late completion");
	ck_assert_str_eq(scenario.clause, "a rule");
	ck_assert_uint_eq(scenario.faults, 2);
	ck_assert_str_eq(scenario.fault[0].name, "lose");
	ck_assert_str_eq(scenario.fault[1].within, "lose");
	ck_assert_str_eq(heard, "controller 0\ncontroller 0 mqes=63\ncontroller 0 vwc=true\n"
				"namespace 1\nnamespace 1 size=64M\nnamespace 16\n"
				"driver 0\ndriver 0 io_timeout=30s\nworkload 0\n"
				"workload 0 ops=200\nexpect 0\nexpect 0 fault.lose=1\n");
}
END_TEST

START_TEST(a_controller_with_a_number_is_one_more)
{
	ck_assert_int_eq(parse(HEAD "[controller]\nacl = 1\n"), NVME_INI_OK);
	ck_assert_uint_eq(scenario.controllers, 1);
	ck_assert_msg(
		parse(HEAD "[controller 3]\nacl = 2\n[controller 2]\n[controller]\nacl = 3\n") ==
			NVME_INI_OK,
		"%s", error.message);
	ck_assert_uint_eq(scenario.controllers, 3);
	ck_assert_str_eq(heard, "controller 3\ncontroller 3 acl=2\ncontroller 2\ncontroller 0\n"
				"controller 0 acl=3\n");
}
END_TEST

START_TEST(nothing_but_the_format_is_needed)
{
	ck_assert_int_eq(parse(HEAD), NVME_INI_OK);
	ck_assert_uint_eq(scenario.seed, 0);
	ck_assert_uint_eq(scenario.kind, NVME_CLASS_NONE);
	ck_assert_str_eq(scenario.title, "");
	ck_assert_uint_eq(scenario.faults, 0);
	ck_assert_str_eq(heard, "");
}
END_TEST

START_TEST(a_program_need_not_hear_of_groups)
{
	const struct nvme_scenario_ops ops = { heard, NULL, hear_value };
	const char text[] = HEAD "[controller]\nmqes = 7\n";

	heard[0] = '\0';
	ck_assert_int_eq(nvme_scenario_parse(&scenario, text, strlen(text), &ops, &error),
			 NVME_INI_OK);
	ck_assert_str_eq(heard, "controller 0 mqes=7\n");
}
END_TEST

#define GROUPS "scenario, controller, namespace, driver, workload, budget, fault, expect"

static const struct {
	const char *text;
	uint32_t line;
	const char *message;
} bad[] = {
	{ "", 0, "there is no [scenario] with format = 1" },
	{ "[scenario]\n", 0, "[scenario] has no format = 1" },
	{ "[controller]\n", 1, "[controller] comes before [scenario] with format = 1" },
	{ "[scenario]\n[fault x]\n", 2, "[fault x] comes before [scenario] with format = 1" },
	{ "[scenario]\nseed = 1\nformat = 1\n", 2,
	  "[scenario] 'seed' comes before format = 1, which is the first key" },
	{ "[scenario]\nformat = 2\n", 2,
	  "[scenario] format: '2' is no format that this version reads; allowed: 1" },
	{ HEAD "seed = -1\n", 3,
	  "[scenario] seed: '-1' is not a number from 0 to 2^64 - 1, decimal or 0x hexadecimal" },
	{ HEAD "seed = 0x10000000000000000\n", 3,
	  "[scenario] seed: '0x10000000000000000' is not a number from 0 to 2^64 - 1, decimal or "
	  "0x hexadecimal" },
	{ HEAD "class = c\n", 3, "[scenario] class: 'c' is no class; allowed: T, R, C, F, X" },
	{ HEAD "class =\n", 3, "[scenario] class: '' is no class; allowed: T, R, C, F, X" },
	{ HEAD "title = a\tb\n", 3,
	  "[scenario] title: 'a\\tb' is no text of at most 127 bytes without control "
	  "characters" },
	{ HEAD "why = 1\n", 3,
	  "[scenario] 'why' is no key of this group; allowed: format, seed, class, title, clause" },
	{ HEAD "seed = 1\nseed = 2\n", 4, "[scenario] key \"seed\" is already on line 3" },
	{ HEAD "seed\n", 3, "[scenario] no '=': neither key = value, nor [group], nor # comment" },
	{ HEAD "[scenario x]\n", 3,
	  "[scenario x] has a name, and only controller, namespace and fault have one" },
	{ HEAD "[fualt x]\n", 3, "[fualt x] is no group; allowed: " GROUPS },
	{ HEAD "[\"\x1b]\n", 3, "[\\\"\\u001b] is no group; allowed: " GROUPS },
	{ HEAD "[scenario]\n", 3, "group \"scenario\" is already on line 1" },
	{ HEAD "[driver]\n[fault", 4, "a line that begins with '[' must have one ']', at its end" },
	{ HEAD "[namespace]\n", 3, "[namespace] '' is no NSID: a number from 1 to 4294967294" },
	{ HEAD "[namespace 0]\n", 3,
	  "[namespace 0] '0' is no NSID: a number from 1 to 4294967294" },
	{ HEAD "[namespace 4294967295]\n", 3,
	  "[namespace 4294967295] '4294967295' is no NSID: a number from 1 to 4294967294" },
	{ HEAD "[namespace 16]\n[namespace 0x10]\n", 4,
	  "[namespace 0x10] '0x10' is the NSID of an earlier group" },
	{ HEAD "[budget]\nctrl = 1\n", 4,
	  "[budget] 'ctrl' is no key of this group; allowed: controllers, queues, lba, faults" },
	{ HEAD "[budget]\ncontrollers = 0\n", 4,
	  "[budget] controllers: '0' is no range of controllers: N, LOW..HIGH or LOW.., from 1 to "
	  "16" },
	{ HEAD "[budget]\ncontrollers = 2..17\n", 4,
	  "[budget] controllers: '2..17' is no range of controllers: N, LOW..HIGH or LOW.., from 1 "
	  "to 16" },
	{ HEAD "[budget]\nqueues = 1-2\n", 4,
	  "[budget] queues: '1-2' is no range of queues: N, LOW..HIGH or LOW.., from 0 to 65535" },
	{ HEAD "[budget]\nqueues = 65536..\n", 4,
	  "[budget] queues: '65536..' is no range of queues: N, LOW..HIGH or LOW.., from 0 to "
	  "65535" },
	{ HEAD "[budget]\nlba = 8..7\n", 4,
	  "[budget] lba: '8..7' is no range of blocks: N, LOW..HIGH or LOW.." },
	{ HEAD "[budget]\nlba = ..7\n", 4,
	  "[budget] lba: '..7' is no range of blocks: N, LOW..HIGH or LOW.." },
	{ HEAD "[budget]\nlba =\n", 4,
	  "[budget] lba: '' is no range of blocks: N, LOW..HIGH or LOW.." },
	{ HEAD "[budget]\nfaults = 0\n", 4, "[budget] faults: '0' is not a number from 1 on" },
	{ HEAD "[budget]\nfaults = 1..2\n", 4,
	  "[budget] faults: '1..2' is not a number from 1 on" },
	{ HEAD "[budget 1]\n", 3,
	  "[budget 1] has a name, and only controller, namespace and fault have one" },
	{ HEAD "[controller 1]\n", 3,
	  "[controller 1] '1' is no controller beside the first one: a number from 2 to 16" },
	{ HEAD "[controller 17]\n", 3,
	  "[controller 17] '17' is no controller beside the first one: a number from 2 to 16" },
	{ HEAD "[controller two]\n", 3,
	  "[controller two] 'two' is no controller beside the first one: a number from 2 to 16" },
	{ HEAD "[controller 2]\n[controller 0x2]\n", 4,
	  "[controller 0x2] '0x2' is the controller of an earlier group" },
	{ HEAD "[controller 16]\nrefused = 1\n", 4, "[controller 16] refused: why not" },
	{ HEAD "[driver]\nrefused = 1\n", 4, "[driver] refused: why not" },
	{ HEAD "[namespace 7]\nrefused = 1\n", 4, "[namespace 7] refused: why not" },
	{ HEAD "[fault]\n", 3,
	  "[fault] '' is not a name: 1 to 31 letters, digits, '-', '_' and '.'" },
	{ HEAD "[fault a b]\n", 3,
	  "[fault a b] 'a b' is not a name: 1 to 31 letters, digits, '-', '_' and '.'" },
	{ HEAD "[fault a]\nnth = 0\n", 4, "[fault a] nth: '0' is not a number from 1 on" },
	{ HEAD "[fault a]\ndo = drop\n", 4,
	  "[fault a] 'do' needs 'at' before it: what is allowed depends on the site" },
	{ HEAD "[fault a]\n[driver]\n", 3, "[fault a] 'a' has no 'at': a fault needs a site" },
	{ HEAD "[fault a]\nat = cqe.post\n[driver]\n", 3,
	  "[fault a] 'a' has no 'do': a fault needs an action" },
	{ HEAD "[driver]\n[fault a]\nat = cqe.post\ndo = drop\n[fault b]\nat = cqe.post\n"
	       "within = 1s of c\ndo = drop\n",
	  7, "[fault b] 'c' is no fault: 'within' names one" },
	{ HEAD "[fault a]\nat = cqe.post\ndo = release A\n", 3,
	  "[fault a] 'A' is released, and no fault holds it" },
};

START_TEST(what_is_refused_says_where_and_what_is_allowed)
{
	ck_assert_msg(parse(bad[_i].text) != NVME_INI_OK, "%s was accepted", bad[_i].text);
	ck_assert_str_eq(error.message, bad[_i].message);
	ck_assert_uint_eq(error.line, bad[_i].line);
}
END_TEST

START_TEST(a_text_has_at_most_127_bytes)
{
	char text[256], longest[NVME_SCENARIO_TITLE];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	snprintf(text, sizeof(text), HEAD "clause = %s\n", longest);
	ck_assert_int_eq(parse(text), NVME_INI_OK);
	ck_assert_str_eq(scenario.clause, longest);
	snprintf(text, sizeof(text), HEAD "clause = %sx\n", longest);
	ck_assert_int_eq(parse(text), NVME_INI_REFUSED);
	ck_assert_str_eq(
		error.message,
		"[scenario] clause: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxx...' is no text of at most 127 bytes without control characters");
}
END_TEST

START_TEST(there_are_at_most_64_faults)
{
	static char text[8192];
	size_t used = (size_t)snprintf(text, sizeof(text), HEAD);

	for (unsigned int i = 0; i < NVME_SCENARIO_FAULTS; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "[fault f%u]\nat = cqe.post\ndo = drop\n", i);
	ck_assert_int_eq(parse(text), NVME_INI_OK);
	ck_assert_uint_eq(scenario.faults, NVME_SCENARIO_FAULTS);
	snprintf(text + used, sizeof(text) - used, "[fault last]\n");
	ck_assert_int_eq(parse(text), NVME_INI_REFUSED);
	ck_assert_str_eq(error.message, "[fault last] is one fault too many: there can be 64");
}
END_TEST

/* The longest list there is: of all commands. */
START_TEST(no_list_of_what_is_allowed_is_cut)
{
	ck_assert_int_eq(parse(HEAD "[fault a]\nat = cqe.post\nwhen = op == x\n"),
			 NVME_INI_REFUSED);
	ck_assert_uint_lt(strlen(error.message), NVME_INI_MESSAGE_MAX - 1);
	ck_assert_ptr_nonnull(strstr(error.message, "[fault a] when: 'x' is not known; allowed: "));
	ck_assert_int_eq(parse(HEAD "[fault a]\nat = x\n"), NVME_INI_REFUSED);
	ck_assert_ptr_nonnull(strstr(error.message, "[fault a] at: 'x' is no site; allowed: "));
	ck_assert_ptr_nonnull(strstr(error.message, nvme_fault_site_name(NVME_SITES - 1)));
}
END_TEST

static char *printed(void)
{
	static char buffer[65536];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	nvme_scenario_print(&scenario, &text);
	nvme_scenario_print_faults(&scenario, &text);
	ck_assert(!text.cut);
	return buffer;
}

START_TEST(what_is_printed_is_what_was_read)
{
	static const char text[] = HEAD
		"seed = 0x5eed\nclass = F\ntitle = x = [y] # z\nclause = another rule\n"
		"\n[fault a]\nat = cqe.post\ndo = drop\n\n[fault b]\nat = reg.read\ndo = "
		"all-ones\n";

	ck_assert_int_eq(parse(text), NVME_INI_OK);
	ck_assert_str_eq(printed(), text);
}
END_TEST

struct draws {
	uint64_t seed, n;
};

static uint32_t draw(struct draws *draws, uint64_t limit)
{
	return (uint32_t)nvme_draw_below(nvme_draw(draws->seed, 1, 2, draws->n++), limit);
}

/* Words between single blanks, at most @size - 1 bytes. */
static void draw_text(struct draws *d, char *to, size_t size)
{
	static const char *const words[] = { "=", "#", "[x]", "a", "5.1", "\xc3\xa4\xff", "\"\\" };
	uint32_t n = draw(d, 20);
	size_t used = 0;

	for (uint32_t i = 0; i < n; i++) {
		const char *word = words[draw(d, LENGTH(words))];

		if (used + strlen(word) + 2 <= size)
			used += (size_t)snprintf(to + used, size - used, "%s%s", used ? " " : "",
						 word);
	}
}

/* One of few rules, with any of the triggers that do not name another one. */
static void draw_rule(struct draws *d, struct nvme_fault_rule *rule, uint32_t index)
{
	static const char *const ats[] = { "cqe.post", "media.read", "ctrl.reset" };
	static const char *const dos[] = { "hang; fatal", "delay 5ms", "reset; event 0x20001" };
	struct nvme_text why;
	char name[16];

	nvme_text_init(&why, NULL, 0);
	snprintf(name, sizeof(name), "rule-%u", index);
	ck_assert(nvme_fault_begin(rule, nvme_slice(name), &why));
	ck_assert(nvme_fault_set_key(rule, nvme_slice("at"), nvme_slice(ats[draw(d, 3)]), &why));
	ck_assert(nvme_fault_set_key(rule, nvme_slice("do"), nvme_slice(dos[draw(d, 3)]), &why));
	rule->nth = draw(d, 3);
	rule->times = draw(d, 5);
	rule->optional = draw(d, 2);
	rule->disarmed = draw(d, 2);
	if (index > 0 && draw(d, 2)) {
		rule->within_nsec = 1 + draw(d, 1u << 30);
		snprintf(rule->within, sizeof(rule->within), "rule-%u", draw(d, index));
	}
}

/* Ranges with one number, two, or no end. */
static void draw_budget(struct draws *d, struct nvme_fault_budget *budget)
{
	static const uint64_t most[NVME_LIMITS] = { 16, 65535, UINT64_MAX, UINT64_MAX };

	budget->limits = draw(d, 2) ? draw(d, 1u << NVME_LIMITS) : 0;
	for (unsigned int i = 0; i < NVME_LIMITS; i++) {
		if (!(budget->limits >> i & 1))
			continue;
		budget->low[i] = 1 + draw(d, 16);
		budget->high[i] = budget->low[i];
		if (i != NVME_LIMIT_FAULTS && draw(d, 2))
			budget->high[i] = draw(d, 2)
						  ? most[i]
						  : budget->low[i] +
							    draw(d, 17 - (uint32_t)budget->low[i]);
	}
}

static void draw_scenario(uint64_t seed)
{
	struct draws d = { seed, 0 };

	memset(&scenario, 0, sizeof(scenario));
	scenario.seed = nvme_mix(seed) >> draw(&d, 64);
	scenario.kind = (uint8_t)draw(&d, NVME_CLASSES);
	draw_text(&d, scenario.title, sizeof(scenario.title));
	draw_text(&d, scenario.clause, sizeof(scenario.clause));
	draw_budget(&d, &scenario.budget);
	scenario.faults = draw(&d, draw(&d, 2) ? 4 : NVME_SCENARIO_FAULTS + 1);
	for (uint32_t i = 0; i < scenario.faults; i++)
		draw_rule(&d, &scenario.fault[i], i);
}

START_TEST(any_scenario_is_read_back_as_it_was_printed)
{
	static struct nvme_scenario drawn;
	static char once[65536];

	for (uint64_t seed = 0; seed < 1000; seed++) {
		draw_scenario(seed);
		drawn = scenario;
		snprintf(once, sizeof(once), "%s", printed());
		ck_assert_msg(parse(once) == NVME_INI_OK, "%s%u: %s", once, error.line,
			      error.message);
		ck_assert_str_eq(printed(), once);
		ck_assert_uint_eq(scenario.seed, drawn.seed);
		ck_assert_uint_eq(scenario.kind, drawn.kind);
		ck_assert_str_eq(scenario.title, drawn.title);
		ck_assert_str_eq(scenario.clause, drawn.clause);
		ck_assert_uint_eq(scenario.faults, drawn.faults);
		ck_assert_mem_eq(&scenario.budget, &drawn.budget, sizeof(drawn.budget));
	}
}
END_TEST

START_TEST(tables_end)
{
	ck_assert_str_eq(nvme_scenario_group_name(NVME_GROUP_EXPECT), "expect");
	ck_assert_ptr_null(nvme_scenario_group_name(NVME_GROUPS));
	ck_assert_ptr_null(nvme_scenario_group_help(NVME_GROUPS));
	ck_assert_str_eq(nvme_scenario_class_name(NVME_CLASS_X), "X");
	ck_assert_ptr_null(nvme_scenario_class_name(NVME_CLASSES));
	ck_assert_ptr_null(nvme_scenario_class_help(NVME_CLASSES));
	ck_assert_str_eq(nvme_scenario_key_name(0), "format");
	ck_assert_ptr_null(nvme_scenario_key_name(5));
	ck_assert_ptr_null(nvme_scenario_key_help(5));
	for (unsigned int i = 0; i < NVME_GROUPS; i++)
		ck_assert_uint_gt(strlen(nvme_scenario_group_help(i)), 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("scenario");
	TCase *tcase = tcase_create("files");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_whole_file_is_read);
	tcase_add_test(tcase, a_controller_with_a_number_is_one_more);
	tcase_add_test(tcase, nothing_but_the_format_is_needed);
	tcase_add_test(tcase, a_program_need_not_hear_of_groups);
	tcase_add_loop_test(tcase, what_is_refused_says_where_and_what_is_allowed, 0,
			    (int)LENGTH(bad));
	tcase_add_test(tcase, a_text_has_at_most_127_bytes);
	tcase_add_test(tcase, there_are_at_most_64_faults);
	tcase_add_test(tcase, no_list_of_what_is_allowed_is_cut);
	tcase_add_test(tcase, what_is_printed_is_what_was_read);
	tcase_add_test(tcase, any_scenario_is_read_back_as_it_was_printed);
	tcase_add_test(tcase, tables_end);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, LENGTH(suites));
}
