/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory functions where there is no library. Built with -fno-builtin, else the loops become
 * calls of themselves.
 */
#include "common/mem.h"

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
