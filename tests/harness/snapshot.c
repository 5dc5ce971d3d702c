/* SPDX-License-Identifier: BSD-3-Clause */
/* A copy of everything that a test has, to go back to: the core's part is a memcpy of its block. */
#include <stdlib.h>
#include <string.h>

#include "tests/harness/internal.h"

struct th_snapshot {
	struct th_state state;
	uint8_t *emu;
	uint8_t *memory;
	uint8_t *records;
	struct th_medium media[EMU_MAX_NAMESPACES + 1];
};

static void *duplicate(const void *from, size_t bytes)
{
	void *copy = malloc(bytes);

	ck_assert_ptr_nonnull(copy);
	return memcpy(copy, from, bytes);
}

struct th_snapshot *th_save(struct th_host *host)
{
	struct th_snapshot *snapshot = calloc(1, sizeof(*snapshot));

	ck_assert_ptr_nonnull(snapshot);
	snapshot->state = host->now;
	snapshot->emu = duplicate(host->emu, host->emu_bytes);
	snapshot->records = duplicate(host->records, host->now.records_used);
	snapshot->memory = duplicate(host->memory, host->now.used);
	th_media_copy_(snapshot->media, host->media);
	return snapshot;
}

void th_restore(struct th_host *host, const struct th_snapshot *snapshot)
{
	host->now = snapshot->state;
	memcpy(host->emu, snapshot->emu, host->emu_bytes);
	memcpy(host->records, snapshot->records, host->now.records_used);
	memcpy(host->memory, snapshot->memory, host->now.used);
	th_media_copy_(host->media, snapshot->media);
}

void th_discard(struct th_snapshot *snapshot)
{
	th_media_free_(snapshot->media);
	free(snapshot->emu);
	free(snapshot->memory);
	free(snapshot->records);
	free(snapshot);
}
