/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * make bench: ours beside the limit, in turns, so that a noisy machine is noisy for both. Prints
 * the median of each and the median of the ratios pair by pair.
 *
 *	bench [--seconds S] [--rounds N]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/limit.h"
#include "tests/bench/ours.h"

#define ROUNDS_MAX 31
#define IDLE_PAIRS 1024u

struct options {
	double seconds;
	unsigned int rounds;
};

struct series {
	unsigned int count;
	double value[ROUNDS_MAX];
};

static void add(struct series *series, double value)
{
	series->value[series->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(struct series *series)
{
	qsort(series->value, series->count, sizeof(series->value[0]), compare);
	return series->value[series->count / 2];
}

static void measure_case(const struct bench_emulator *emulator, struct bench_case bench,
			 unsigned int rounds)
{
	struct series limit = { 0 }, ours = { 0 }, ratio = { 0 }, p50 = { 0 }, p99 = { 0 },
		      p99_9 = { 0 };

	for (unsigned int i = 0; i < rounds; i++) {
		struct bench_result rings = bench_rings(&bench);
		struct bench_result result = bench_ours(emulator, &bench, 0);

		add(&limit, rings.iops);
		add(&ours, result.iops);
		add(&ratio, result.iops / rings.iops);
		add(&p50, result.p50);
		add(&p99, result.p99);
		add(&p99_9, result.p99_9);
	}
	printf("%-9s %5u %6u %12.0f %12.0f %7.2f %9.0f %9.0f %9.0f\n",
	       bench.write ? "randwrite" : "randread", bench.depth, bench.bytes, median(&limit),
	       median(&ours), median(&ratio), median(&p50), median(&p99), median(&p99_9));
	fflush(stdout);
}

static void measure_rings(const struct options *options)
{
	static const uint32_t depths[] = { 1, 32, 128 };
	static const uint32_t sizes[] = { 512, 4096 };
	struct bench_emulator emulator;

	printf("Commands a second between two processes, memory backend, --bar0 doorbells;\n"
	       "latency in nanoseconds. The limit is bare rings with the copy and nothing else.\n\n"
	       "pattern   depth  bytes        limit         ours   ratio       p50       p99     "
	       "p99.9\n");
	bench_start(&emulator, NULL);
	for (unsigned int write = 0; write < 2; write++) {
		for (unsigned int s = 0; s < 2; s++) {
			for (unsigned int d = 0; d < 3; d++)
				measure_case(&emulator,
					     (struct bench_case){ .depth = depths[d],
								  .bytes = sizes[s],
								  .write = write,
								  .seconds = options->seconds },
					     options->rounds);
		}
	}
	bench_stop(&emulator);
}

static void measure_idle(const struct options *options)
{
	struct bench_case bench = { .bytes = 512, .seconds = options->seconds };
	struct bench_emulator emulator;

	bench_start(&emulator, "queues=1100");
	printf("\nThe cost of %u idle queue pairs, randread of 512 bytes:\n"
	       "depth        alone   with idle   ratio\n",
	       IDLE_PAIRS);
	for (bench.depth = 1; bench.depth <= 32; bench.depth *= 32) {
		struct series alone = { 0 }, idle = { 0 }, ratio = { 0 };

		for (unsigned int i = 0; i < options->rounds; i++) {
			double a = bench_ours(&emulator, &bench, 0).iops;
			double b = bench_ours(&emulator, &bench, IDLE_PAIRS).iops;

			add(&alone, a);
			add(&idle, b);
			add(&ratio, b / a);
		}
		printf("%5u %12.0f %11.0f %7.2f\n", bench.depth, median(&alone), median(&idle),
		       median(&ratio));
	}
	bench_stop(&emulator);
}

static void measure_start(const struct options *options)
{
	struct series first = { 0 }, program = { 0 };

	for (unsigned int i = 0; i < options->rounds * 3 && i < ROUNDS_MAX; i++) {
		add(&first, (double)bench_first_command() / 1e6);
		add(&program, (double)bench_true() / 1e6);
	}
	printf("\nFrom exec of the emulator to the first completed read: %.1f ms "
	       "(the program `true`: %.1f ms)\n",
	       median(&first), median(&program));
}

static int usage(void)
{
	fprintf(stderr, "usage: bench [--seconds S] [--rounds N]   (0.01..60, 1..%d)\n",
		ROUNDS_MAX);
	return 2;
}

int main(int argc, char **argv)
{
	struct options options = { .seconds = 0.5, .rounds = 5 };

	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			return usage();
		if (strcmp(argv[i], "--seconds") == 0)
			options.seconds = strtod(argv[i + 1], NULL);
		else if (strcmp(argv[i], "--rounds") == 0)
			options.rounds = (unsigned int)strtoul(argv[i + 1], NULL, 10);
		else
			return usage();
	}
	if (options.seconds < 0.01 || options.seconds > 60 || options.rounds < 1 ||
	    options.rounds > ROUNDS_MAX)
		return usage();
	printf("One cache line between two processes: %.0f round trips a second\n\n",
	       bench_cache_line(options.seconds));
	measure_rings(&options);
	measure_idle(&options);
	measure_start(&options);
	return 0;
}
