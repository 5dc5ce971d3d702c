/* SPDX-License-Identifier: BSD-3-Clause */
/* Records of a run: into a trace file, or kept for who draws them. */
#include "tests/sim/cli/record.h"

#include <errno.h>
#include <stdio.h>

#define RECORD_BYTES 512 /* of a record without its data; nvme_trace_json() */

struct sim_record_file {
	FILE *file;
	int error;
	char *buffer;
	size_t bytes;
};

static void write_line(struct sim_record_file *trace, struct nvme_text *text)
{
	nvme_text_char(text, '\n');
	errno = 0;
	if (trace->error == 0 && fwrite(text->data, 1, text->used, trace->file) != text->used)
		trace->error = errno ? errno : EIO;
}

static void write_record(void *arg, const struct nvme_trace_record *record)
{
	struct sim_record_file *trace = arg;
	size_t bytes = RECORD_BYTES + 2 * (size_t)record->data_bytes;
	struct nvme_text text;

	if (bytes > trace->bytes) {
		trace->buffer = g_realloc(trace->buffer, bytes);
		trace->bytes = bytes;
	}
	nvme_text_init(&text, trace->buffer, trace->bytes);
	nvme_trace_json_both(&text, record);
	write_line(trace, &text);
}

struct sim_record_file *sim_record_open(const char *path, struct sim_options *options)
{
	FILE *file = fopen(path, "we");
	struct sim_record_file *trace;
	struct nvme_text text;

	if (!file)
		return NULL;
	setvbuf(file, NULL, _IOLBF, BUFSIZ);
	trace = g_new0(struct sim_record_file, 1);
	trace->file = file;
	trace->bytes = RECORD_BYTES;
	trace->buffer = g_malloc(trace->bytes);
	nvme_text_init(&text, trace->buffer, trace->bytes);
	nvme_trace_header(&text, NVME_TRACE_BOTH);
	write_line(trace, &text);
	*options = (struct sim_options){ .trace = write_record, .trace_arg = trace };
	return trace;
}

int sim_record_close(struct sim_record_file *trace)
{
	int error;

	if (!trace)
		return 0;
	error = trace->error;
	if (fclose(trace->file) != 0 && error == 0)
		error = errno;
	g_free(trace->buffer);
	g_free(trace);
	return error;
}

static void keep_record(void *arg, const struct nvme_trace_record *record)
{
	cli_trace_add(arg, record);
}

void sim_record_keep(struct cli_trace *trace, struct sim_options *options)
{
	*options = (struct sim_options){ .trace = keep_record, .trace_arg = trace };
}
