/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The selftest as a WebAssembly module: what the page around it may call, and the memory functions,
 * which have no library here. wasm_run.mjs is that page. Built with -fno-builtin, else the loops
 * below become calls of themselves.
 */
#include "common/mem.h"
#include "tests/cross/selftest.h"

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("selftest") const char *export_selftest(void);
EXPORT("trace") const char *export_trace(unsigned int side);
EXPORT("trace_bytes") size_t export_trace_bytes(unsigned int side);

const char *export_selftest(void)
{
	return th_selftest();
}

const char *export_trace(unsigned int side)
{
	size_t bytes;

	return th_selftest_trace(side, &bytes);
}

size_t export_trace_bytes(unsigned int side)
{
	size_t bytes;

	th_selftest_trace(side, &bytes);
	return bytes;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	unsigned char *at = to;
	const unsigned char *source = from;

	while (bytes-- > 0)
		*at++ = *source++;
	return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	unsigned char *at = to;
	const unsigned char *source = from;

	if (at <= source)
		return memcpy(to, from, bytes);
	while (bytes-- > 0)
		at[bytes] = source[bytes];
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	unsigned char *at = to;

	while (bytes-- > 0)
		*at++ = (unsigned char)value;
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const unsigned char *left = a;
	const unsigned char *right = b;

	for (; bytes-- > 0; left++, right++) {
		if (*left != *right)
			return *left < *right ? -1 : 1;
	}
	return 0;
}
