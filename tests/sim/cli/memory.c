/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory for runs: see memory.h. */
#include "tests/sim/cli/memory.h"

#include <errno.h>
#include <sys/mman.h>

#include "driver/cli/error.h"

void *sim_memory_new(size_t bytes, GError **error)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	if (memory != MAP_FAILED)
		return memory;
	cli_fail(error, CLI_EXIT_ENVIRONMENT, "no memory for %zu bytes: %s", bytes,
		 g_strerror(errno));
	return NULL;
}

void sim_memory_free(void *memory, size_t bytes)
{
	if (memory)
		munmap(memory, bytes);
}
