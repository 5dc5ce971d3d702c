/* SPDX-License-Identifier: BSD-3-Clause */
/* Buckets: values below 64 have one each; above, the highest bit and the six after it. */
#include "driver/cli/histogram.h"

#define SUB_BUCKETS (1u << CLI_HISTOGRAM_SHIFT)

static unsigned int bucket_of(uint64_t value)
{
	unsigned int shift;

	if (value < SUB_BUCKETS)
		return (unsigned int)value;
	shift = 63 - (unsigned int)__builtin_clzll(value) - CLI_HISTOGRAM_SHIFT;
	return (unsigned int)(((uint64_t)shift << CLI_HISTOGRAM_SHIFT) + (value >> shift));
}

static uint64_t largest_of(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < SUB_BUCKETS)
		return bucket;
	shift = (bucket >> CLI_HISTOGRAM_SHIFT) - 1;
	return ((uint64_t)(SUB_BUCKETS + bucket % SUB_BUCKETS) << shift) + (UINT64_C(1) << shift) -
	       1;
}

void cli_histogram_add(struct cli_histogram *histogram, uint64_t value)
{
	histogram->count++;
	histogram->sum += (double)value;
	if (value > histogram->max)
		histogram->max = value;
	histogram->buckets[bucket_of(value)]++;
}

uint64_t cli_histogram_at(const struct cli_histogram *histogram, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)histogram->count + 0.5), seen = 0;

	if (wanted < 1)
		wanted = 1;
	for (unsigned int i = 0; i < CLI_HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen >= wanted)
			return largest_of(i) < histogram->max ? largest_of(i) : histogram->max;
	}
	return histogram->max;
}

double cli_histogram_mean(const struct cli_histogram *histogram)
{
	return histogram->count > 0 ? histogram->sum / (double)histogram->count : 0;
}
