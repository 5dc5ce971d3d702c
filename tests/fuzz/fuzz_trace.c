/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace files as the fuzzer wants them, against the reader of nvmelab and everything that prints.
 *
 * The input is the file. Whatever is read is printed in every form; nothing but memory errors and
 * assertions can go wrong, as a file may hold any records in any order.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver/cli/trace_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_lives(struct cli_output *out, const struct cli_trace *trace)
{
	const struct cli_record *record;

	for (unsigned int i = 0; i < 64 && (record = cli_trace_record(trace, i)) != NULL; i++) {
		g_autofree char *select = g_strdup_printf(
			"%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, cli_record_value(record, "qid"),
			cli_record_value(record, "cid"));

		cli_print_life(out, trace, select, NULL);
	}
	cli_print_life(out, trace, "last-read", NULL);
	cli_print_life(out, trace, "first-identify", NULL);
}

static void print_all(const struct cli_trace *trace)
{
	struct cli_output out = { .file = fopen("/dev/null", "we") };
	const struct cli_record *record;

	if (!out.file)
		abort();
	for (unsigned int i = 0; (record = cli_trace_record(trace, i)) != NULL; i++) {
		g_autofree char *text = cli_record_text(record);

		cli_print(&out, "%s\n", text);
	}
	cli_print_perfetto(&out, trace);
	print_lives(&out, trace);
	out.json = true;
	print_lives(&out, trace);
	fclose(out.file);
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
		print_all(trace);
	cli_trace_free(trace);
	return 0;
}
