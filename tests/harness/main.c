/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs Check suites and reports them as TAP, which Automake's driver reads. */
#include "tests/harness/main.h"

#include <stdio.h>
#include <stdlib.h>

int th_main(Suite *(*const suites[])(void), size_t n)
{
	SRunner *runner = srunner_create(suites[0]());
	int failed;

	for (size_t i = 1; i < n; i++)
		srunner_add_suite(runner, suites[i]());
	srunner_set_tap(runner, "-"); /* Standard output. */
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
