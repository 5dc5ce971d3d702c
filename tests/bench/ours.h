/* SPDX-License-Identifier: BSD-3-Clause */
/* Our driver and emulator between two processes, measured as the bare rings are. */
#ifndef TESTS_BENCH_OURS_H
#define TESTS_BENCH_OURS_H

#include "tests/bench/limit.h"

/** struct bench_emulator - a running emulator process */
struct bench_emulator {
	int pid;
	char folder[64];
	char socket[96];
};

/**
 * bench_start - start the emulator program with `--bar0 doorbells` and wait for its line "ready"
 * @controller: value of --controller, or NULL
 *
 * A failure ends the program: a measurement that cannot be taken is an error.
 */
void bench_start(struct bench_emulator *emulator, const char *controller);

/** bench_stop - SIGTERM, and the exit status has to be 0 */
void bench_stop(struct bench_emulator *emulator);

/**
 * bench_ours - reads or writes at random blocks through driver and emulator
 * @idle_pairs: I/O queue pairs that exist besides and are not used
 */
struct bench_result bench_ours(const struct bench_emulator *emulator,
			       const struct bench_case *bench, uint32_t idle_pairs);

/** bench_first_command - nanoseconds from exec of the emulator to the first completed read */
uint64_t bench_first_command(void);

/** bench_true - nanoseconds to run the program `true` */
uint64_t bench_true(void);

#endif
