/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What runs have in common is run once: a trunk is a run without the fault that a case tries, and
 * the case is a branch of it, from the turn in which the fault's site is reached often enough.
 *
 *	sim_trunk_begin(&trunk, &base, memory, &snapshots);     a trunk of nothing yet
 *	sim_trunk_grow(&trunk, &base, &hash, occurrences);      how often it reaches each site
 *	note = sim_trunk_note(&trunk, site, occurrence);
 *	sim_trunk_branch(&trunk, &file, note, NULL, &result);   what sim_run(&file, …) gives
 *
 * Notes are best taken in their order: a trunk that is past one begins again.
 */
#ifndef TESTS_SIM_TRUNK_H
#define TESTS_SIM_TRUNK_H

#include "tests/sim/sim.h"

#define SIM_NOTES 512 /* turns of a trunk at which branches can begin, at most */

/** enum sim_snapshot - what is kept of the memory of a run; a later one is of the same run */
enum sim_snapshot {
	SIM_SNAPSHOT_BEGIN, /* before the first turn */
	SIM_SNAPSHOT_TURN,
	SIM_SNAPSHOTS
};

/**
 * struct sim_snapshots - who keeps them
 * @keep: the memory of the run is now what @restore brings back; of the BEGIN, for all of them
 */
struct sim_snapshots {
	void *arg;
	void (*keep)(void *arg, enum sim_snapshot snapshot);
	void (*restore)(void *arg, enum sim_snapshot snapshot);
};

/**
 * struct sim_trunk - a run, and how often it has reached each site at some of its turns
 * @file: its rules, and behind them counters, one for each site
 * @rules: of them, without the counters
 * @turn: turns that @world has made; @kept: there is a snapshot of that
 * @stride: turns from one note to the next
 * @reached: by note; the first one is the beginning
 */
struct sim_trunk {
	const struct sim_snapshots *snapshots;
	struct sim_file file;
	void *memory;
	struct sim_world *world;
	uint32_t rules;
	uint64_t turn;
	bool kept;
	uint64_t stride;
	uint32_t notes;
	uint32_t reached[SIM_NOTES][NVME_SITES];
};

/**
 * sim_trunk_begin - a trunk that has yet to grow
 * @memory: the trunk's alone, sim_plan_bytes()
 * @snapshots: NULL for a trunk that has no branches
 */
void sim_trunk_begin(struct sim_trunk *trunk, const struct sim_file *base, void *memory,
		     const struct sim_snapshots *snapshots);

/**
 * sim_trunk_grow - count what a run of @file does; it is the trunk from now on
 * @file: the base of sim_trunk_begin(), but for its rules
 * @ret_occurrences: of each site
 * Return: the hash of the controller's records.
 */
uint64_t sim_trunk_grow(struct sim_trunk *trunk, const struct sim_file *file,
			uint64_t *ret_occurrences);

/** sim_trunk_note - the last one before occurrence @occurrence, from 0 on, of @site */
uint32_t sim_trunk_note(const struct sim_trunk *trunk, unsigned int site, uint64_t occurrence);

/**
 * sim_trunk_branch - a run of @file from note @note on
 * @file: as the trunk's, with rules more; it is as it was afterwards
 * @ret_occurrences: of each site, in all of the run; NULL when nobody asks
 */
void sim_trunk_branch(struct sim_trunk *trunk, struct sim_file *file, uint32_t note,
		      uint64_t *ret_occurrences, struct sim_result *ret_result);

#endif
