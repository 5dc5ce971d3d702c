/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Both cores in one program without a system below it, for compilers, machines and WebAssembly to
 * be compared by: first the controller with rings written by hand, then with the driver on top.
 *
 * Freestanding, as the cores are. What it does depends on nothing but its own text, so the traces
 * of both sides have to be the same bytes everywhere.
 */
#ifndef TESTS_CROSS_SELFTEST_H
#define TESTS_CROSS_SELFTEST_H

#include <stddef.h>
#include <stdint.h>

/**
 * th_selftest - run everything; once in a process
 * Return: NULL, or what did not hold.
 */
const char *th_selftest(void);

/** th_selftest_trace - the trace of @side (enum nvme_trace_side) so far, as lines of JSON */
const char *th_selftest_trace(unsigned int side, size_t *ret_bytes);

/** th_selftest_crc - the trace's CRC-64 */
uint64_t th_selftest_crc(unsigned int side);

#endif
