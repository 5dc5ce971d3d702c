/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exploration: what a scenario does is known from a run without faults; then each fault of a table
 * is tried at each occurrence of its site, once (transient) and from there on (persistent).
 *
 * A case is a number. It says everything: "single 417" is the same fault of the same scenario for
 * ever, on any machine.
 */
#ifndef TESTS_SIM_EXPLORE_H
#define TESTS_SIM_EXPLORE_H

#include "tests/sim/trunk.h"

#define SIM_FAULT_NAME "explored" /* of the rule that a case adds; of the second one "explored-2" */

/** enum sim_space - which cases there are */
enum sim_space {
#define X(symbol, ...) SIM_SPACE_##symbol,
	SIM_SPACE_LIST(X)
#undef X
	SIM_SPACES
};

/**
 * struct sim_kind - a fault that a good driver survives: a row of the table
 * @site: enum nvme_fault_site
 * @action: text of 'do'
 * @persistent: it is also tried from an occurrence on
 * @crash: of SIM_SPACE_CRASH; else of all the others
 */
struct sim_kind {
	uint8_t site;
	bool persistent;
	bool crash;
	const char *action;
};

/**
 * struct sim_plan - the cases of a scenario
 * @base: the scenario, without expectations
 * @occurrences: how often each site is reached in a run without faults
 * @singles: single faults of those
 * @cases: how many there are
 * @pruned: SIM_SPACE_PAIR: first faults that were left out, because a run with an earlier one gives
 *	the same records
 * @pairs: SIM_SPACE_PAIR: of each single fault, how many cases there are before its own
 */
struct sim_plan {
	const struct sim_file *base;
	enum sim_space space;
	uint64_t seed;
	uint64_t occurrences[NVME_SITES];
	uint64_t singles;
	uint64_t cases;
	uint64_t pruned;
	uint64_t *pairs;
};

/**
 * struct sim_bench - what the runs of an exploration share, each as long as the plan
 * @memory: sim_plan_bytes()
 * @snapshots: of @memory; NULL: each case is run from its start
 * @trunk: of the cases that are run now
 * @first: SIM_SPACE_PAIR: 1 + the first fault that @trunk has; 0: none
 * @second: occurrences that it adds
 */
struct sim_bench {
	struct sim_file work;
	void *memory;
	const struct sim_snapshots *snapshots;
	struct sim_trunk trunk;
	uint64_t first;
	uint64_t second[NVME_SITES];
};

/** sim_space_name - "single" and so on; NULL past the last one */
const char *sim_space_name(unsigned int space);

/** sim_space_help - one sentence; NULL past the last one */
const char *sim_space_help(unsigned int space);

/** sim_kind_at - row @index of the table of faults; NULL past the last one */
const struct sim_kind *sim_kind_at(unsigned int index);

/** sim_plan_bytes - memory that a run of any case of @base takes; @work: room for a scenario */
size_t sim_plan_bytes(const struct sim_file *base, struct sim_file *work);

/**
 * sim_plan_make - count what there is to try, by a run of @base
 * @base: stays the caller's, as long as the plan; its rules stay in each case
 * @count: of SIM_SPACE_SWARM and SIM_SPACE_ORDER, how many cases; else not looked at
 */
void sim_plan_make(struct sim_plan *plan, const struct sim_file *base, enum sim_space space,
		   uint64_t count, struct sim_bench *bench);

/**
 * sim_plan_pairs - count the cases of SIM_SPACE_PAIR, by a run of each single fault
 * @pairs: room for plan->singles + 1 numbers, as long as the plan
 * @hashes: room for plan->singles numbers, for this call
 * @progress: told how many runs are done; may be NULL
 */
void sim_plan_pairs(struct sim_plan *plan, uint64_t *pairs, uint64_t *hashes,
		    struct sim_bench *bench, void (*progress)(void *arg, uint64_t done), void *arg);

/**
 * sim_plan_case - case @number, 0 .. cases - 1, as a scenario
 * @bench: the scenario is its @work: the base, the rules of the case, and nothing expected, so that
 *	the oracles alone judge
 */
void sim_plan_case(const struct sim_plan *plan, uint64_t number, struct sim_bench *bench);

/** sim_plan_trunk - of which trunk case @number is a branch: its first fault, or 0 */
uint64_t sim_plan_trunk(const struct sim_plan *plan, uint64_t number);

/**
 * sim_plan_note - where case @number branches off: cases of a trunk are best run in that order
 *
 * The bench's trunk becomes that of the case, if it was another.
 */
uint32_t sim_plan_note(const struct sim_plan *plan, uint64_t number, struct sim_bench *bench);

/** sim_plan_run - run case @number; the bench's @work is its scenario */
void sim_plan_run(const struct sim_plan *plan, uint64_t number, struct sim_bench *bench,
		  struct sim_result *ret_result);

#endif
