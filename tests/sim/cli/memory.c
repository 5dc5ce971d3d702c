/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory for runs: see memory.h. */
#include "tests/sim/cli/memory.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "driver/cli/error.h"

/**
 * struct sim_arena - see memory.h
 * @kept: each as large as @memory; only pages of @written are in use
 * @written: numbers of pages that somebody wrote since the first snapshot, @count of them
 * @is_written: the same by page
 */
struct sim_arena {
	struct sim_snapshots snapshots;
	size_t bytes;
	size_t page_bytes;
	char *memory;
	char *kept[SIM_SNAPSHOTS];
	size_t *written;
	size_t count;
	bool *is_written;
	struct sigaction before;
};

static struct sim_arena *guarded; /* for the signal handler, which has no argument */

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

/* A page that nobody wrote is in all snapshots what it is now. */
static void note_written(struct sim_arena *arena, size_t page)
{
	size_t at = page * arena->page_bytes;

	for (unsigned int i = 0; i < SIM_SNAPSHOTS; i++)
		memcpy(arena->kept[i] + at, arena->memory + at, arena->page_bytes);
	arena->is_written[page] = true;
	arena->written[arena->count++] = page;
	mprotect(arena->memory + at, arena->page_bytes, PROT_READ | PROT_WRITE);
}

static void handle_fault(int signal, siginfo_t *info, void *context)
{
	size_t at = (size_t)((uintptr_t)info->si_addr - (uintptr_t)guarded->memory);

	(void)context;
	if (at < guarded->bytes && !guarded->is_written[at / guarded->page_bytes])
		note_written(guarded, at / guarded->page_bytes);
	else /* it comes again, to whom it belongs */
		sigaction(signal, &guarded->before, NULL);
}

static void keep(void *arg, enum sim_snapshot snapshot)
{
	struct sim_arena *arena = arg;

	if (snapshot == SIM_SNAPSHOT_BEGIN) {
		memset(arena->is_written, 0, arena->bytes / arena->page_bytes);
		arena->count = 0;
		mprotect(arena->memory, arena->bytes, PROT_READ);
	}
	for (size_t i = 0; i < arena->count; i++) {
		size_t at = arena->written[i] * arena->page_bytes;

		memcpy(arena->kept[snapshot] + at, arena->memory + at, arena->page_bytes);
	}
}

static void restore(void *arg, enum sim_snapshot snapshot)
{
	struct sim_arena *arena = arg;

	for (size_t i = 0; i < arena->count; i++) {
		size_t at = arena->written[i] * arena->page_bytes;

		memcpy(arena->memory + at, arena->kept[snapshot] + at, arena->page_bytes);
	}
}

struct sim_arena *sim_arena_new(size_t bytes, GError **error)
{
	struct sigaction action = { .sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO };
	struct sim_arena *arena = g_new0(struct sim_arena, 1);

	arena->snapshots = (struct sim_snapshots){ arena, keep, restore };
	arena->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	arena->bytes = (bytes + arena->page_bytes - 1) / arena->page_bytes * arena->page_bytes;
	arena->memory = sim_memory_new(arena->bytes * (1 + SIM_SNAPSHOTS), error);
	if (!arena->memory) {
		g_free(arena);
		return NULL;
	}
	for (unsigned int i = 0; i < SIM_SNAPSHOTS; i++)
		arena->kept[i] = arena->memory + arena->bytes * (1 + i);
	arena->written = g_new(size_t, arena->bytes / arena->page_bytes);
	arena->is_written = g_new0(bool, arena->bytes / arena->page_bytes);
	guarded = arena;
	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, &arena->before);
	return arena;
}

void *sim_arena_memory(struct sim_arena *arena)
{
	return arena->memory;
}

const struct sim_snapshots *sim_arena_snapshots(struct sim_arena *arena)
{
	return &arena->snapshots;
}

void sim_arena_free(struct sim_arena *arena)
{
	if (!arena)
		return;
	sigaction(SIGSEGV, &arena->before, NULL);
	guarded = NULL;
	sim_memory_free(arena->memory, arena->bytes * (1 + SIM_SNAPSHOTS));
	g_free(arena->written);
	g_free(arena->is_written);
	g_free(arena);
}
