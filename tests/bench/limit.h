/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the machine allows: two processes exchanging one cache line, and bare rings with the copy
 * and nothing else. Measured in the same run as ours, on the same two processors.
 */
#ifndef TESTS_BENCH_LIMIT_H
#define TESTS_BENCH_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_MEDIA_BYTES (64u << 20)
#define BENCH_SAMPLES	  (1u << 18)

/** struct bench_case - one measurement; @seconds long */
struct bench_case {
	uint32_t depth;
	uint32_t bytes;
	bool write;
	double seconds;
};

/** struct bench_result - commands a second, and latencies in nanoseconds */
struct bench_result {
	double iops;
	double p50, p99, p99_9;
};

/** struct bench_samples - latencies of some of the commands */
struct bench_samples {
	uint32_t count;
	uint32_t nsec[BENCH_SAMPLES];
};

/** bench_now - nanoseconds of the monotonic clock */
uint64_t bench_now(void);

/** bench_pin - the calling process runs on processor @cpu, if the system has it */
void bench_pin(int cpu);

/** bench_random - the next of a sequence; @state is not 0 */
static inline uint64_t bench_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/** bench_add_sample - remember a latency while there is room */
static inline void bench_add_sample(struct bench_samples *samples, uint64_t nsec)
{
	if (samples->count < BENCH_SAMPLES)
		samples->nsec[samples->count++] = nsec < UINT32_MAX ? (uint32_t)nsec : UINT32_MAX;
}

/** bench_percentiles - sorts the samples and fills in the latencies */
void bench_percentiles(struct bench_samples *samples, struct bench_result *result);

/** bench_cache_line - round trips a second of one cache line between two processes */
double bench_cache_line(double seconds);

/** bench_rings - bare submission and completion rings between two processes */
struct bench_result bench_rings(const struct bench_case *bench);

#endif
