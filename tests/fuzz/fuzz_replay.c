/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Traces as the fuzzer wants them, replayed.
 *
 * The input is the file. It is refused with a sentence, or replayed as far as it goes: nothing but
 * memory errors, assertions and the controller's own panic can go wrong.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/cli/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_all(const struct cli_trace *trace)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SimReplay) replay = sim_replay_new(trace, "trace", &error);
	struct sim_replayed replayed;

	if (!replay && !error)
		abort();
	if (replay)
		sim_replay_run(replay, &replayed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	struct cli_trace *trace;

	if (!file)
		return 0;
	cli_set_level(CLI_LOG_ERROR);
	trace = cli_trace_load(file, "trace", NULL);
	fclose(file);
	if (trace)
		replay_all(trace);
	cli_trace_free(trace);
	return 0;
}
