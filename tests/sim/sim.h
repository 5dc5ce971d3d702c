/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The simulator: driver core, controller core, their memory and their medium, a workload and
 * oracles, in one thread with one virtual clock.
 *
 *	sim_file_load(&file, text, bytes, &error)    a scenario, from text
 *	sim_run(&file, memory, NULL, &result)        one run of it
 *	sim_judge(&file, &result, &text)             whether it went as it should
 *
 * A run is a function of the program and the file: no clock, no address, no order from elsewhere.
 * Freestanding but for the memory that sim_run() is given.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/scenario.h"
#include "common/trace.h"
#include "driver/core/nvl.h"
#include "emulator/core/config.h"
#include "emulator/judge/judge.h"

#include "tests/sim/lists.h"

struct sim_world;

#define SIM_EXPECTS   32
#define SIM_TASKS     8
#define SIM_MESSAGE   512		  /* bytes of a violation's sentence, with the NUL */
#define SIM_RUN_LIMIT 3600000000000000ull /* virtual nanoseconds after which a run is hung */

/** enum sim_pattern - what the workload does */
enum sim_pattern {
#define X(symbol, ...) SIM_PATTERN_##symbol,
	SIM_PATTERN_LIST(X)
#undef X
	SIM_PATTERNS
};

/** enum sim_task_kind - what can be done between operations */
enum sim_task_kind {
#define X(symbol, ...) SIM_TASK_##symbol,
	SIM_TASK_LIST(X)
#undef X
	SIM_TASK_KINDS
};

/** enum sim_oracle - what is always checked; behind these, the rules of the judge in their order */
enum sim_oracle {
#define X(symbol, ...) SIM_ORACLE_##symbol,
	SIM_ORACLE_LIST(X)
#undef X
	SIM_ORACLE_JUDGE,
	SIM_ORACLES = SIM_ORACLE_JUDGE + EMU_RULES
};

/** enum sim_counter - what a run counts, and [expect] can name */
enum sim_counter {
#define X(symbol, ...) SIM_##symbol,
	SIM_COUNTER_LIST(X)
#undef X
	SIM_COUNTERS
};

/** struct sim_task - before operation @before, do @kind (enum sim_task_kind) */
struct sim_task {
	uint32_t before;
	uint32_t kind;
};

/**
 * struct sim_workload - [workload]
 * @pattern: enum sim_pattern
 * @ops: operations, 0 .. 1000000
 * @queue_depth: of them at a time, 1 .. 1024
 * @blocks: of one operation, 1 .. 256
 * @range: blocks from 0 on that are used; 0: all of namespace 1
 * @flush_every: each so-many-th operation is a flush; 0: none
 * @fua_every: each so-many-th write has FUA; 0: none
 * @fused_every: each so-many-th operation is a Compare and Write; 0: none
 * @overlap: operations in flight may share blocks
 * @protect: the driver makes and verifies the protection information of namespace 1
 * @think_nsec: between the end of an operation and the next one
 * @linger_nsec: that passes after the last operation
 * @shutdown: the controller is shut down at the end
 * @task: what is done between operations, in their order: before.N = TASK
 */
struct sim_workload {
	uint32_t pattern;
	uint32_t ops;
	uint32_t queue_depth;
	uint32_t blocks;
	uint64_t range;
	uint32_t flush_every;
	uint32_t fua_every;
	uint32_t fused_every;
	bool overlap;
	bool protect;
	uint64_t think_nsec;
	uint64_t linger_nsec;
	bool shutdown;
	uint32_t tasks;
	struct sim_task task[SIM_TASKS];
};

/** enum sim_expect_kind - what a line of [expect] is about */
enum sim_expect_kind {
	SIM_EXPECT_COUNTER, /* enum sim_counter */
	SIM_EXPECT_FAULT,   /* how often rule @name fired */
	SIM_EXPECT_ORACLE,  /* how often an oracle was violated, which then is no failure */
	SIM_EXPECT_STATE,   /* enum nvl_state at the end, before the orderly shutdown */
};

/** struct sim_expect - low .. high, both included; @ctrl: of that controller, from 1; 0: all */
struct sim_expect {
	uint8_t kind;
	uint8_t index;
	uint8_t ctrl;
	char name[NVME_FAULT_NAME_BYTES];
	uint64_t low;
	uint64_t high;
};

/** struct sim_file - a scenario with everything that a simulator knows of it */
struct sim_file {
	struct nvme_scenario scenario;
	struct emu_config emulator;
	struct nvl_config driver;
	struct sim_workload workload;
	uint32_t expects;
	struct sim_expect expect[SIM_EXPECTS];
};

/** struct sim_of_ctrl - what came of one controller and its driver */
struct sim_of_ctrl {
	uint64_t counter[SIM_COUNTERS];
	uint32_t state;
};

/**
 * struct sim_result - what came of a run
 * @hash: of all records of each side (enum nvme_trace_side)
 * @records: of each side
 * @counter: of all controllers together
 * @of: of each, by its index
 * @fired: by rule, in the order of the file
 * @violations: by oracle
 * @first: the first violation's oracle; SIM_ORACLES for none
 * @first_records: of both sides, that were there before it
 * @message: its sentence
 * @state: enum nvl_state of the first driver before the orderly shutdown
 */
struct sim_result {
	uint64_t hash[2];
	uint64_t records[2];
	uint64_t counter[SIM_COUNTERS];
	struct sim_of_ctrl of[EMU_MAX_CONTROLLERS];
	uint64_t fired[NVME_SCENARIO_FAULTS];
	uint32_t violations[SIM_ORACLES];
	uint32_t first;
	uint64_t first_nsec;
	uint64_t first_records;
	char message[SIM_MESSAGE];
	uint32_t state;
};

/** enum sim_verdict - in the order of weight; the numbers are nvmelab-sim's exit codes */
enum sim_verdict {
	SIM_PASS = 0,
	SIM_FAIL = 1,		   /* an oracle */
	SIM_NOT_DETERMINISTIC = 4, /* the caller finds that */
	SIM_NEVER_FIRED = 5,	   /* a rule that is not optional */
	SIM_EXPECTATION_MISSED = 6,
};

/** sim_trace_fn - takes the records of both sides, in the order in which they happen */
typedef void sim_trace_fn(void *arg, const struct nvme_trace_record *record);

/** struct sim_options - what a run may be asked for; NULL for none of it */
struct sim_options {
	sim_trace_fn *trace;
	void *trace_arg;
};

/** sim_file_init - the default controller with one namespace of 16 MiB, driver and workload */
void sim_file_init(struct sim_file *file);

/**
 * sim_file_load - read a scenario
 * @file: set to sim_file_init() first
 * @ret_error: as nvme_scenario_parse()
 * Return: ret_error->result.
 */
enum nvme_ini_result sim_file_load(struct sim_file *file, const char *data, size_t bytes,
				   struct nvme_ini_error *ret_error);

/** sim_file_print - append the scenario as a file that sim_file_load() makes the same of */
void sim_file_print(const struct sim_file *file, struct nvme_text *text);

/** sim_memory_bytes - how much memory a run of @file takes; 0: it cannot run */
size_t sim_memory_bytes(const struct sim_file *file);

/**
 * sim_run - run a scenario from power-on to its end
 * @memory: sim_memory_bytes() bytes, aligned to 4096; what is in it before does not matter
 * @options: NULL for none
 */
void sim_run(const struct sim_file *file, void *memory, const struct sim_options *options,
	     struct sim_result *ret_result);

/**
 * sim_begin - a run that is done in turns: all that it is, is in @memory from now on
 *
 *	world = sim_begin(&file, memory, NULL);
 *	while (sim_turn(world)) ;
 *	sim_end(world, &result);
 *
 * @file, @options: stay the caller's, as long as the run
 */
struct sim_world *sim_begin(const struct sim_file *file, void *memory,
			    const struct sim_options *options);

/** sim_turn - go on until nothing of the run is on a stack again; false: it is over */
bool sim_turn(struct sim_world *world);

/** sim_end - what came of it */
void sim_end(struct sim_world *world, struct sim_result *ret_result);

/**
 * sim_judge - what a result says of its scenario
 * @text: gets one sentence for each thing that is not as it should be, each with its newline
 */
enum sim_verdict sim_judge(const struct sim_file *file, const struct sim_result *result,
			   struct nvme_text *text);

/** sim_oracle_name - NULL past the last one */
const char *sim_oracle_name(unsigned int oracle);
/** sim_oracle_help - one sentence; NULL past the last one */
const char *sim_oracle_help(unsigned int oracle);
/** sim_oracle_is_advice - it is counted, and fails no run: advice of the judge */
bool sim_oracle_is_advice(unsigned int oracle);
/** sim_counter_name - as in [expect]; NULL past the last one */
const char *sim_counter_name(unsigned int counter);
/** sim_counter_help - one sentence; NULL past the last one */
const char *sim_counter_help(unsigned int counter);
/** sim_task_name - as in [workload]; NULL past the last one */
const char *sim_task_name(unsigned int task);
/** sim_task_help - one sentence; NULL past the last one */
const char *sim_task_help(unsigned int task);
/** sim_pattern_name - as in [workload]; NULL past the last one */
const char *sim_pattern_name(unsigned int pattern);
/** sim_pattern_help - one sentence; NULL past the last one */
const char *sim_pattern_help(unsigned int pattern);

#endif
