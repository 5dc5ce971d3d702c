/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The four memory functions that freestanding code may use, declared without a C library's headers.
 *
 * The compiler emits calls to them by itself, so every environment provides them: the C library in
 * a process, compiler-rt or a few lines of glue in WebAssembly.
 */
#ifndef NVMELAB_COMMON_MEM_H
#define NVMELAB_COMMON_MEM_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

#endif
