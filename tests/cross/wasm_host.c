/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The selftest as a WebAssembly module: what the page around it may call. wasm_run.mjs is that
 * page.
 */
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
