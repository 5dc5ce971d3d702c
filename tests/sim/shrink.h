/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shrinking: a scenario that fails is made smaller for as long as it fails in the same way.
 *
 * Rules, terms, actions, tasks, expectations and keys are removed, counts and times halved, chances
 * become numbers. What is left fails for the same reason, has no chance in it, and nothing more can
 * be taken from it by any one of these steps.
 */
#ifndef TESTS_SIM_SHRINK_H
#define TESTS_SIM_SHRINK_H

#include "tests/sim/sim.h"

#define SIM_WHAT 64 /* bytes of the name of what went wrong, with the NUL */

/**
 * struct sim_shrink - what is made smaller
 * @file: the scenario; after sim_shrink() the smallest one that was found
 * @work: room for a scenario
 * @memory: sim_memory_bytes(file) bytes; no smaller scenario takes more
 * @progress: told of each try; may be NULL
 * @verdict: how it fails; of SIM_FAIL also @oracle, the first one that was violated; else @what,
 *	the rule or expectation that is named first
 * @tries: runs so far
 */
struct sim_shrink {
	struct sim_file *file;
	struct sim_file *work;
	void *memory;
	void (*progress)(void *arg, uint64_t tries);
	void *arg;
	enum sim_verdict verdict;
	uint32_t oracle;
	char what[SIM_WHAT];
	uint64_t tries;
};

/**
 * sim_shrink - make shrink->file smaller
 * Return: false when it does not fail: there is nothing to keep.
 */
bool sim_shrink(struct sim_shrink *shrink);

#endif
