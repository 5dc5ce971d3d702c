/* SPDX-License-Identifier: BSD-3-Clause */
/* From a disabled controller to commands and back, over every link. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/integration/rig.h"

START_TEST(bring_up_finds_controller_queues_and_namespace)
{
	/* Base 2.0 3.5.1: initialization. */
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	ck_assert_uint_eq(nvl_info(rig.ctrl)->queues, 4);
	ck_assert_uint_eq(nvl_info(rig.ctrl)->entries, 64);
	ck_assert_uint_eq(nvl_ns_count(rig.ctrl), 1);
	ck_assert_uint_eq(rig.ns->nsze, 64u << 11);
	ck_assert_int_eq(nvl_state(rig.ctrl), NVL_STATE_LIVE);
	th_rig_close(&rig);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("bring_up");
	TCase *tcase = tcase_create("links");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, bring_up_finds_controller_queues_and_namespace, 0, TH_LINKS);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1) == EXIT_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}
