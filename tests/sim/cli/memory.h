/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory for runs, aligned to pages; what nobody touches costs nothing. */
#ifndef TESTS_SIM_CLI_MEMORY_H
#define TESTS_SIM_CLI_MEMORY_H

#include <glib.h>
#include <stddef.h>

#include "tests/sim/trunk.h"

/** sim_memory_new - room for runs, for sim_memory_free(); NULL with an error of exit code 3 */
void *sim_memory_new(size_t bytes, GError **error);

/** sim_memory_free - NULL is fine */
void sim_memory_free(void *memory, size_t bytes);

/**
 * struct sim_arena - memory for a run of which snapshots are kept
 *
 * A page is copied for a snapshot, and back, from the time on at which it was written first: until
 * then it is write-protected. Runs of one scenario write the same pages, so the faults of that are
 * soon over, and a snapshot is a copy of a few hundred KiB.
 */
struct sim_arena;

/**
 * sim_arena_new - for sim_arena_free(); NULL with an error of exit code 3
 *
 * There is one at a time: SIGSEGV is the process's.
 */
struct sim_arena *sim_arena_new(size_t bytes, GError **error);

/** sim_arena_memory - what the run gets */
void *sim_arena_memory(struct sim_arena *arena);

/** sim_arena_snapshots - of that memory */
const struct sim_snapshots *sim_arena_snapshots(struct sim_arena *arena);

/** sim_arena_free - NULL is fine */
void sim_arena_free(struct sim_arena *arena);

#endif
