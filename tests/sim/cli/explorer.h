/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes that run the cases of an exploration, or every N-th of them. */
#ifndef TESTS_SIM_CLI_EXPLORER_H
#define TESTS_SIM_CLI_EXPLORER_H

#include <glib.h>
#include <stdbool.h>

#include "tests/sim/explore.h"

#define SIM_CASE_SAYS 1024 /* bytes of the sentences of a case, with the NUL */

/** struct sim_case - what came of a case; holds no pointer, as it goes through a pipe */
struct sim_case {
	uint64_t number;
	uint32_t verdict;
	char says[SIM_CASE_SAYS];
};

/**
 * struct sim_explorer - what is to be run
 * @first: of the cases, and each @step-th from there on
 * @jobs: processes at a time, at least 1
 * @progress: told how many cases are done; may be NULL
 */
struct sim_explorer {
	const struct sim_plan *plan;
	struct sim_bench *bench;
	uint64_t first;
	uint64_t step;
	unsigned int jobs;
	void (*progress)(void *arg, uint64_t done);
	void *arg;
};

/** sim_explorer_cases - how many of the plan's cases these are */
uint64_t sim_explorer_cases(const struct sim_explorer *explorer);

/**
 * sim_explorer_run - run them
 * @ret_failed: struct sim_case, those that failed, in their order
 *
 * A process that is ended by a signal is a failure of the case that it had begun; its other cases
 * go on in a new one.
 * Return: false with an error when no process could be made.
 */
bool sim_explorer_run(const struct sim_explorer *explorer, GArray *ret_failed, GError **error);

#endif
