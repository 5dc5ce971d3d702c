/* SPDX-License-Identifier: BSD-3-Clause */
/* Where scenarios come from: files, folders, patterns. */
#ifndef TESTS_SIM_CLI_SOURCE_H
#define TESTS_SIM_CLI_SOURCE_H

#include <glib.h>
#include <stdbool.h>

#include "driver/cli/options.h"
#include "tests/sim/sim.h"

/**
 * sim_source_paths - the files that positional arguments name
 *
 * A folder is all of its *.ini and those below it, a name that is no file and has *, ? or [ in it a
 * pattern; what comes of either is sorted. A file that is named twice is there once.
 * Return: texts, for g_ptr_array_unref(), or NULL with an error.
 */
GPtrArray *sim_source_paths(const struct cli_args *args, GError **error);

/**
 * sim_source_text - read a file whole
 * @path: "-" for standard input
 * @limit: bytes that it may have
 * @ret_bytes: of what is returned
 * Return: for g_free(), or NULL with an error of exit code 3.
 */
char *sim_source_text(const char *path, size_t limit, size_t *ret_bytes, GError **error);

/**
 * sim_source_load - read a scenario
 * @file: set to all defaults first
 * @ret_why: line and sentence, when the file could be read and is wrong; else its result is
 *	NVME_INI_OK
 * Return: false with an error whose message is "FILE:LINE: sentence".
 */
bool sim_source_load(const char *path, struct sim_file *file, struct nvme_ini_error *ret_why,
		     GError **error);

/** sim_source_print - a scenario as text; for g_free() */
char *sim_source_print(const struct sim_file *file);

/** sim_source_write - write it as a file; false with an error of exit code 3 */
bool sim_source_write(const struct sim_file *file, const char *path, GError **error);

#endif
