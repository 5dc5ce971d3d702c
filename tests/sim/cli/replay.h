/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A controller that meets again what it met when a trace was recorded.
 *
 * Whatever the host did is taken from the trace, at the time that the records have: accesses to
 * registers and configuration space, doorbells, and what the controller read of host memory. What
 * the controller makes of it is compared with the trace, record by record, as far as a host can see
 * it; records of what goes on inside say only when something was done.
 */
#ifndef TESTS_SIM_CLI_REPLAY_H
#define TESTS_SIM_CLI_REPLAY_H

#include "driver/cli/trace_file.h"

struct sim_replay;

/**
 * struct sim_replayed - what came of a replay
 * @differs: the first difference is the next three
 * @at: index of the recorded record that it is about; how many there are where the trace ends
 * @replayed: what the controller did instead; NULL when it did nothing
 * @why: what there is to say beside the two; may be ""
 * @inputs: accesses of the host that were replayed
 * @outputs: records that were compared
 * @unknown: of these, checksums that cannot be compared: a read of a part of what one command
 *	wrote, of which the trace has only the checksum
 * @time_nsec: the last time that was reached
 */
struct sim_replayed {
	bool differs;
	unsigned int at;
	const struct cli_record *replayed;
	const char *why;
	uint64_t inputs;
	uint64_t outputs;
	uint64_t unknown;
	uint64_t time_nsec;
};

/**
 * sim_replay_new - the controller of a trace, as it was before its first record
 * @trace: stays the caller's, and is there until sim_replay_free()
 * @name: of the file, for errors
 * Return: the replay; NULL with an error that names the line, for a trace that cannot be replayed.
 */
struct sim_replay *sim_replay_new(const struct cli_trace *trace, const char *name, GError **error);

/** sim_replay_free - NULL is fine */
void sim_replay_free(struct sim_replay *replay);
typedef struct sim_replay SimReplay; /* for g_autoptr() */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimReplay, sim_replay_free)

/**
 * sim_replay_run - replay all of it, or what is before the first difference
 * @ret_replayed: valid until sim_replay_free()
 */
void sim_replay_run(struct sim_replay *replay, struct sim_replayed *ret_replayed);

#endif
