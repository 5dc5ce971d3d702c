/* SPDX-License-Identifier: BSD-3-Clause */
/* Data of commands from and to files; "-" is standard input or output. */
#ifndef NVMELAB_DRIVER_CLI_FILES_H
#define NVMELAB_DRIVER_CLI_FILES_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * cli_read_file - read up to @bytes bytes
 * @path: NULL or "-" for standard input
 * @data: what the file does not have is left as it is
 * @ret_bytes: what it has, at most @bytes
 * Return: false with an error, also when there is nothing at all.
 */
bool cli_read_file(const char *path, void *data, size_t bytes, size_t *ret_bytes, GError **error);

/** cli_write_file - create or truncate @path and write @bytes bytes; false with an error */
bool cli_write_file(const char *path, const void *data, size_t bytes, GError **error);

#endif
