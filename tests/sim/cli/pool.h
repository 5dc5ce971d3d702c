/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes that run test points, some at a time; results come in order. */
#ifndef TESTS_SIM_CLI_POOL_H
#define TESTS_SIM_CLI_POOL_H

#include <glib.h>
#include <stdbool.h>

#include "tests/sim/cli/point.h"

/** sim_pool_done_fn - takes the outcome of point @index; called in the order of the points */
typedef void sim_pool_done_fn(void *arg, unsigned int index, const struct sim_outcome *outcome);

/**
 * struct sim_pool - points to run
 * @point: gives point @index
 * @jobs: how many at a time, at least 1
 */
struct sim_pool {
	unsigned int points;
	unsigned int jobs;
	void (*point)(void *arg, unsigned int index, struct sim_point *ret_point);
	sim_pool_done_fn *done;
	void *arg;
};

/**
 * sim_pool_run - run them all
 *
 * Each point has a process of its own: one that crashes has failed, and the others go on.
 * Return: false with an error when no process could be made.
 */
bool sim_pool_run(const struct sim_pool *pool, GError **error);

#endif
