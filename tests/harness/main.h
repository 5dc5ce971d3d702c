/* SPDX-License-Identifier: BSD-3-Clause */
/* The main function of a test program: Check suites in, TAP on standard output. */
#ifndef TESTS_HARNESS_MAIN_H
#define TESTS_HARNESS_MAIN_H

#include <check.h>
#include <stddef.h>

/**
 * th_main - run suites and print their results as TAP, one line a test and the plan at the end
 * @suites: functions that each make one suite; the runner frees it
 * @n: number of functions, at least 1
 *
 * Check's own environment applies: CK_FORK=no for a debugger, CK_RUN_SUITE, CK_RUN_CASE and
 * CK_INCLUDE_TAGS to select, CK_TIMEOUT_MULTIPLIER for a slow machine.
 *
 * Return: EXIT_SUCCESS when every test that ran passed, else EXIT_FAILURE; a program's exit code.
 */
int th_main(Suite *(*const suites[])(void), size_t n);

#endif
