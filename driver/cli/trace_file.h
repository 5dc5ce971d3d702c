/* SPDX-License-Identifier: BSD-3-Clause */
/* Trace files: reading them (docs/trace.md has the format), and what their records mean. */
#ifndef NVMELAB_DRIVER_CLI_TRACE_FILE_H
#define NVMELAB_DRIVER_CLI_TRACE_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/trace.h"
#include "driver/cli/output.h"

/**
 * struct cli_record - a record with its own copy of its data
 * @side: NVME_TRACE_CONTROLLER or NVME_TRACE_DRIVER
 * @line: of the file, from 1; 0 when it did not come from one
 * @data: NULL when it has none
 */
struct cli_record {
	uint64_t seq;
	uint64_t time_nsec;
	uint16_t event;
	uint16_t ctrl;
	uint8_t side;
	unsigned int line;
	uint64_t args[NVME_TRACE_ARGS];
	uint8_t *data;
	uint32_t data_bytes;
};

/**
 * struct cli_trace - a trace file
 * @side: enum nvme_trace_side, NVME_TRACE_BOTH too
 * @is_virtual: the clock of that recording stood still while the controller worked
 * @controllers: of the subsystem that @setup describes
 * @setup: a scenario with the configuration of the controllers; NULL when the header has none
 * @cut: the last line had no end, and is left out
 * @records: struct cli_record, in the order of the file
 */
struct cli_trace {
	unsigned int side;
	bool is_virtual;
	unsigned int controllers;
	char *setup;
	bool cut;
	GArray *records;
};

/**
 * cli_trace_read - read a whole file
 * @path: "-" for standard input; a file that gzip made is unpacked
 *
 * A record of an event that this program does not know is left out, with a warning; so is a last
 * line that has no end, as a trace that is being written has.
 * Return: the trace for cli_trace_free(), or NULL with an error that names file and line.
 */
struct cli_trace *cli_trace_read(const char *path, GError **error);

/** cli_trace_load - the same of an open file, which stays the caller's; @name is for errors */
struct cli_trace *cli_trace_load(FILE *file, const char *name, GError **error);

/** cli_trace_new - a trace without records, for cli_trace_free() */
struct cli_trace *cli_trace_new(unsigned int side);

/** cli_trace_add - append a copy of @record */
void cli_trace_add(struct cli_trace *trace, const struct nvme_trace_record *record);

/** cli_trace_free - what one of them gave; NULL is fine */
void cli_trace_free(struct cli_trace *trace);
typedef struct cli_trace CliTrace; /* for g_autoptr() */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliTrace, cli_trace_free)

/** cli_trace_record - record @index; NULL past the last one */
const struct cli_record *cli_trace_record(const struct cli_trace *trace, unsigned int index);

/**
 * cli_record_arg - the argument @name of a record
 * Return: false when its event has no such argument.
 */
bool cli_record_arg(const struct cli_record *record, const char *name, uint64_t *ret_value);

/** cli_record_value - the argument @name, or 0 */
uint64_t cli_record_value(const struct cli_record *record, const char *name);

/** cli_opcode_name - of a command on queue @qid: the admin commands for 0 */
const char *cli_opcode_name(uint64_t qid, uint64_t opcode);

/** cli_record_text - the arguments in words; freed by the caller */
char *cli_record_text(const struct cli_record *record);

/** cli_print_record - a line of a table: number, time since @first_nsec, controller, event, text */
void cli_print_record(struct cli_output *out, const struct cli_record *record, uint64_t first_nsec);

/** cli_print_life - the life of one command as a table; @select as --life takes it */
bool cli_print_life(struct cli_output *out, const struct cli_trace *trace, const char *select,
		    GError **error);

/** cli_print_perfetto - all records in the JSON form of Chrome's trace events */
void cli_print_perfetto(struct cli_output *out, const struct cli_trace *trace);

#endif
