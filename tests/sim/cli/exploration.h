/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of an exploration, as text or JSON; shares of it can be joined again. */
#ifndef TESTS_SIM_CLI_EXPLORATION_H
#define TESTS_SIM_CLI_EXPLORATION_H

#include <glib.h>
#include <stdbool.h>

#include "driver/cli/output.h"

/**
 * struct sim_exploration - an exploration, or a share of one
 * @path: of the scenario; "" for the usual one
 * @space: sim_space_name()
 * @cases: of the whole exploration; of them @pruned first faults were left out
 * @shard: from 1 on, of @shards
 * @run: cases of this share
 * @failed: struct sim_failed, by number
 */
struct sim_exploration {
	const char *path;
	const char *space;
	uint64_t seed;
	uint64_t cases;
	uint64_t pruned;
	uint64_t shard;
	uint64_t shards;
	uint64_t run;
	GArray *failed;
};

/** struct sim_failed - a case that failed: why, and its rules */
struct sim_failed {
	uint64_t number;
	char *says;
	char *rules;
};

/** sim_exploration_begin - how much there is to do, before it is done; nothing in JSON */
void sim_exploration_begin(struct cli_output *out, const struct sim_exploration *told);

/** sim_exploration_add - a case failed; takes @rules, which g_free() frees */
void sim_exploration_add(struct sim_exploration *told, uint64_t number, const char *says,
			 char *rules);

/** sim_exploration_end - print all of it; Return: false with an error if a case failed */
bool sim_exploration_end(struct cli_output *out, const struct sim_exploration *told,
			 GError **error);

/** sim_exploration_clear - free what it holds */
void sim_exploration_clear(struct sim_exploration *told);

#endif
