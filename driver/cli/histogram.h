/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A histogram of durations with a fixed number of buckets: 64 for each power of two, so that a
 * value read back is at most 1/64 too large, whatever its magnitude.
 */
#ifndef NVMELAB_DRIVER_CLI_HISTOGRAM_H
#define NVMELAB_DRIVER_CLI_HISTOGRAM_H

#include <stdint.h>

#define CLI_HISTOGRAM_SHIFT   6
#define CLI_HISTOGRAM_BUCKETS ((64 - CLI_HISTOGRAM_SHIFT + 1) << CLI_HISTOGRAM_SHIFT)

struct cli_histogram {
	uint64_t count;
	uint64_t max;
	double sum;
	uint64_t buckets[CLI_HISTOGRAM_BUCKETS];
};

/** cli_histogram_add - count @value; any number, all-zero memory is an empty histogram */
void cli_histogram_add(struct cli_histogram *histogram, uint64_t value);

/**
 * cli_histogram_at - the value that a share of all values does not exceed
 * @share: 0 to 1: 0.5 is the median
 * Return: the largest value of its bucket, at most the maximum; 0 when nothing was counted.
 */
uint64_t cli_histogram_at(const struct cli_histogram *histogram, double share);

/** cli_histogram_mean - exact but for rounding; 0 when nothing was counted */
double cli_histogram_mean(const struct cli_histogram *histogram);

#endif
