/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory for runs, aligned to pages; what nobody touches costs nothing. */
#ifndef TESTS_SIM_CLI_MEMORY_H
#define TESTS_SIM_CLI_MEMORY_H

#include <glib.h>
#include <stddef.h>

/** sim_memory_new - room for runs, for sim_memory_free(); NULL with an error of exit code 3 */
void *sim_memory_new(size_t bytes, GError **error);

/** sim_memory_free - NULL is fine */
void sim_memory_free(void *memory, size_t bytes);

#endif
