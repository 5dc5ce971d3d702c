/* SPDX-License-Identifier: BSD-3-Clause */
/* What a device makes of scenario files, emulator/device/scenario.h. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/device/scenario.h"
#include "tests/harness/main.h"

#define HEAD "[scenario]\nformat = 1\n"
#define RULE "at = cqe.post\ndo = drop\n"

static struct emu_config config;
static struct emu_scenario *scenario;
static char sentence[4096];
static struct nvme_text error;

static void begin(void)
{
	emu_config_init(&config);
	nvme_text_init(&error, sentence, sizeof(sentence));
	scenario = NULL;
}

static void end(void)
{
	emu_scenario_free(scenario);
}

static int parse(const char *text)
{
	return emu_scenario_parse("file", text, strlen(text), &config, &scenario, &error);
}

START_TEST(a_file_makes_a_configuration_and_namespaces)
{
	const struct emu_ns_spec *specs;
	unsigned int count;

	ck_assert_int_eq(parse(HEAD "seed = 9\n[controller]\nmqes = 63\nserial = X Y\n"
				    "[namespace 7]\nfile = /a,b = c\nlba = 4K\n[namespace 2]\n"
				    "[driver]\nx = 1\n[fault a]\n" RULE "[fault b]\n" RULE),
			 0);
	ck_assert_uint_eq(config.mqes, 63);
	ck_assert_str_eq(config.serial, "X Y");
	ck_assert_uint_eq(config.seed, 9);
	ck_assert_uint_eq(config.faults, 2);
	specs = emu_scenario_namespaces(scenario, &count);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(specs[0].nsid, 7);
	ck_assert_str_eq(specs[0].file, "/a,b = c");
	ck_assert_uint_eq(specs[0].lba_bytes, 4096);
	ck_assert_uint_eq(specs[0].size_bytes, 0);
	ck_assert_uint_eq(specs[1].nsid, 2);
	ck_assert_uint_eq(specs[1].size_bytes, 64 << 20);
	ck_assert_str_eq(emu_scenario_ignored(scenario), "[driver]");
	ck_assert_uint_eq(emu_scenario_faults(scenario), 2);
	ck_assert_uint_eq(emu_scenario_seed(scenario), 9);
}
END_TEST

START_TEST(room_that_there_is_for_faults_stays)
{
	config.faults = 5;
	ck_assert_int_eq(parse(HEAD "[fault a]\n" RULE), 0);
	ck_assert_uint_eq(config.faults, 5);
}
END_TEST

START_TEST(a_refused_file_changes_nothing)
{
	struct emu_config before = config;

	ck_assert_int_eq(parse(HEAD "seed = 9\n[controller]\nmqes = 63\nmdts = 99\n"), -EINVAL);
	ck_assert_str_eq(sentence,
			 "file:6: [controller] mdts = '99': allowed is a number from 0 to 15");
	ck_assert_mem_eq(&config, &before, sizeof(config));
	ck_assert_ptr_null(scenario);
}
END_TEST

START_TEST(for_the_faults_alone_the_rest_is_ignored)
{
	const char text[] = HEAD "[controller]\nnone = 1\n[namespace 1]\nnone = 1\n[workload]\n"
				 "[expect]\n[fault a]\n" RULE;

	ck_assert_int_eq(emu_scenario_parse("file", text, strlen(text), NULL, &scenario, &error),
			 0);
	ck_assert_str_eq(emu_scenario_ignored(scenario),
			 "[controller], [namespace], [workload], [expect]");
	ck_assert_uint_eq(emu_scenario_faults(scenario), 1);
}
END_TEST

START_TEST(faults_are_loaded_where_there_is_room)
{
	struct emu_device *device;
	const struct nvme_fault_set *set;

	ck_assert_int_eq(parse(HEAD "[fault a]\n" RULE), 0);
	ck_assert_int_eq(emu_device_new(&config, NULL, 0, NULL, &device, &error), 0);
	ck_assert_int_eq(emu_scenario_load(scenario, emu_device_core(device), 3, &error), 0);
	set = emu_fault_set(emu_device_core(device));
	ck_assert_uint_eq(set->count, 1);
	ck_assert_uint_eq(set->seed, 3);
	ck_assert_str_eq(set->rule[0].name, "a");
	emu_scenario_free(scenario);
	ck_assert_int_eq(parse(HEAD "[fault a]\n" RULE "[fault b]\n" RULE), 0);
	ck_assert_int_eq(emu_scenario_load(scenario, emu_device_core(device), 3, &error), -ENOSPC);
	ck_assert_str_eq(sentence, "2 faults, and the key faults (--controller faults=N) has no "
				   "room for so many");
	ck_assert_uint_eq(set->count, 1);
	emu_device_free(device);
}
END_TEST

START_TEST(there_are_at_most_256_namespaces)
{
	static char text[8192];
	size_t used = (size_t)snprintf(text, sizeof(text), HEAD);

	for (unsigned int i = 1; i <= EMU_MAX_NAMESPACES; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "[namespace %u]\n", i);
	ck_assert_int_eq(parse(text), 0);
	snprintf(text + used, sizeof(text) - used, "[namespace 257]\n");
	emu_scenario_free(scenario);
	scenario = NULL;
	ck_assert_int_eq(parse(text), -EINVAL);
	ck_assert_str_eq(sentence,
			 "file:259: [namespace 257] is one namespace too many: there can be 256");
}
END_TEST

/* They are made for the simulator, and a drive for real clients has to take them, too. */
START_TEST(every_scenario_of_the_library_is_one_for_a_device)
{
	const char *top = getenv("top_srcdir");
	char pattern[4096];
	glob_t files;

	snprintf(pattern, sizeof(pattern), "%s/tests/scenarios/*.ini", top ? top : ".");
	ck_assert_int_eq(glob(pattern, 0, NULL, &files), 0);
	ck_assert_uint_gt(files.gl_pathc, 100);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		begin();
		ck_assert_msg(emu_scenario_open(files.gl_pathv[i], &config, &scenario, &error) == 0,
			      "%s", sentence);
		ck_assert_msg(emu_config_check(&config, &error) == 0, "%s: %s", files.gl_pathv[i],
			      sentence);
		emu_scenario_free(scenario);
		scenario = NULL;
	}
	globfree(&files);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("emu_scenario");
	TCase *tcase = tcase_create("files");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, a_file_makes_a_configuration_and_namespaces);
	tcase_add_test(tcase, room_that_there_is_for_faults_stays);
	tcase_add_test(tcase, a_refused_file_changes_nothing);
	tcase_add_test(tcase, for_the_faults_alone_the_rest_is_ignored);
	tcase_add_test(tcase, faults_are_loaded_where_there_is_room);
	tcase_add_test(tcase, there_are_at_most_256_namespaces);
	tcase_add_test(tcase, every_scenario_of_the_library_is_one_for_a_device);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
