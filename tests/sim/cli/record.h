/* SPDX-License-Identifier: BSD-3-Clause */
/* Records of a run: into a trace file, or kept for who draws them. */
#ifndef TESTS_SIM_CLI_RECORD_H
#define TESTS_SIM_CLI_RECORD_H

#include "driver/cli/trace_file.h"
#include "tests/sim/sim.h"

struct sim_record_file;

/**
 * sim_record_open - create a trace file of both sides
 * @options: set so that a run writes its records there
 *
 * Every line is written when it is whole: a run that does not end leaves all that it did.
 * Return: for sim_record_close(), or NULL with errno.
 */
struct sim_record_file *sim_record_open(const char *path, struct sim_options *options);

/** sim_record_close - Return: errno of what could not be written, or 0; 0 for NULL */
int sim_record_close(struct sim_record_file *trace);

/** sim_record_keep - set @options so that a run's records are appended to @trace */
void sim_record_keep(struct cli_trace *trace, struct sim_options *options);

#endif
