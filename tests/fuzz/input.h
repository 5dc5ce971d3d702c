/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A fuzzer's bytes, read as numbers: little-endian, zeros once they are used up.
 *
 * th_claim() states what must hold whatever the bytes are; it stays in every build.
 */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fuzzer, or tests/fuzz/replay.c, calls it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define th_claim(condition, what)                                                                  \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, what, #condition); \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct th_input {
	const uint8_t *data;
	size_t bytes;
};

/** th_take - the next @bytes bytes, fewer at the end; @return how many, with @ret_data */
static inline size_t th_take(struct th_input *input, size_t bytes, const uint8_t **ret_data)
{
	if (bytes > input->bytes)
		bytes = input->bytes;
	*ret_data = input->data;
	input->data += bytes;
	input->bytes -= bytes;
	return bytes;
}

static inline uint64_t th_number(struct th_input *input, size_t bytes)
{
	const uint8_t *data;
	uint64_t value = 0;

	bytes = th_take(input, bytes, &data);
	while (bytes > 0)
		value = value << 8 | data[--bytes];
	return value;
}

static inline uint8_t th_u8(struct th_input *input)
{
	return (uint8_t)th_number(input, 1);
}

static inline uint16_t th_u16(struct th_input *input)
{
	return (uint16_t)th_number(input, 2);
}

static inline uint32_t th_u32(struct th_input *input)
{
	return (uint32_t)th_number(input, 4);
}

static inline uint64_t th_u64(struct th_input *input)
{
	return th_number(input, 8);
}

#endif
