/* SPDX-License-Identifier: BSD-3-Clause */
/* A test point: one scenario with one seed, run twice. */
#ifndef TESTS_SIM_CLI_POINT_H
#define TESTS_SIM_CLI_POINT_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/sim.h"

#define SIM_SAYS_BYTES 8192 /* of the sentences of a point, with the NUL */

/**
 * struct sim_point - what is run
 * @path: where @file comes from
 * @seed: of all draws, instead of the file's; @seeded: the file has another one
 * @trace: file for the records of both sides, or NULL
 */
struct sim_point {
	const char *path;
	const struct sim_file *file;
	uint64_t seed;
	bool seeded;
	const char *trace;
};

/**
 * struct sim_outcome - what came of it; holds no pointer, as it goes through a pipe
 * @verdict: enum sim_verdict; of several the smallest that is not SIM_PASS
 * @result: of the first run
 * @failure: errno of what kept it from being run: memory, or the trace; 0 when it was run
 * @says: a sentence in each line
 */
struct sim_outcome {
	uint32_t verdict;
	int failure;
	struct sim_result result;
	char says[SIM_SAYS_BYTES];
};

/** sim_point_run - run it; everything about it is in @ret_outcome */
void sim_point_run(const struct sim_point *point, struct sim_outcome *ret_outcome);

/** sim_point_name - "FILE", "FILE (seed 0x2a)", and the title; for g_free() */
char *sim_point_name(const struct sim_point *point);

/** sim_point_repeat - the command that runs it again; for g_free() */
char *sim_point_repeat(const struct sim_point *point);

/** sim_verdict_text - a verdict in some words */
const char *sim_verdict_text(uint32_t verdict);

#endif
