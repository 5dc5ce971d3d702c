/* SPDX-License-Identifier: BSD-3-Clause */
/* A trace as a file: one JSON object a line, written in large pieces. For either side. */
#ifndef NVMELAB_EMULATOR_DEVICE_TRACE_FILE_H
#define NVMELAB_EMULATOR_DEVICE_TRACE_FILE_H

#include <stddef.h>

#include "common/text.h"
#include "common/trace.h"
#include "emulator/core/config.h"

struct emu_scenario;

#pragma GCC visibility push(default)

/**
 * struct emu_trace_file - an open trace
 * @error: the negative errno of the first write that failed; nothing is written after it
 */
struct emu_trace_file {
	int fd;
	int error;
	char *buffer;
	size_t used;
	size_t size;
};

/**
 * emu_trace_file_open - create or truncate @path and write the header
 * @side: enum nvme_trace_side, whose records follow
 * @error: gets a sentence that names the file
 * Return: 0 or a negative errno.
 */
int emu_trace_file_open(struct emu_trace_file *file, const char *path, unsigned int side,
			struct nvme_text *error);

/**
 * emu_trace_file_open_setup - the same for the trace of a subsystem, whose header describes it
 * @clock: "real" or "virtual"
 * @config: with its namespaces
 * @scenario: with its faults; NULL for none
 * Return: as emu_trace_file_open().
 */
int emu_trace_file_open_setup(struct emu_trace_file *file, const char *path, const char *clock,
			      const struct emu_config *config, const struct emu_scenario *scenario,
			      struct nvme_text *error);

/** emu_trace_file_put - append a record */
void emu_trace_file_put(struct emu_trace_file *file, const struct nvme_trace_record *record);

/** emu_trace_file_flush - write what is buffered */
void emu_trace_file_flush(struct emu_trace_file *file);

/** emu_trace_file_close - flush and close; Return: 0 or file->error */
int emu_trace_file_close(struct emu_trace_file *file);

#pragma GCC visibility pop

#endif
