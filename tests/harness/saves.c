/* SPDX-License-Identifier: BSD-3-Clause */
/* Records that outlive the power, in the order in which they were saved: see host.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/internal.h"

static struct th_record *record_at(struct th_host *host, uint32_t offset)
{
	return (void *)(host->records + offset);
}

static uint32_t room_of(uint32_t bytes)
{
	return ((uint32_t)sizeof(struct th_record) + bytes + 7) & ~7u;
}

int th_op_save_(void *arg, const struct emu_record *record)
{
	struct th_host *host = arg;
	uint32_t offset = host->now.records_used;
	int error = host->now.save_error;

	ck_assert(record->type > 0 && record->type < EMU_RECORD_TYPES);
	ck_assert_uint_le(record->bytes, EMU_RECORD_BYTES);
	host->now.save_error = 0;
	if (error)
		return error;
	ck_assert_uint_le(offset + room_of(record->bytes), TH_RECORD_BYTES);
	*record_at(host, offset) = (struct th_record){
		.tag = record->tag,
		.type = record->type,
		.id = record->id,
		.bytes = record->bytes,
		.durable = !host->options.slow_saves,
	};
	if (record->bytes)
		memcpy(record_at(host, offset) + 1, record->data, record->bytes);
	host->now.records_used += room_of(record->bytes);
	if (!host->options.slow_saves)
		return 0;
	ck_assert_uint_lt(host->now.unsaved_count, TH_PENDING);
	host->now.unsaved[host->now.unsaved_count++] = offset;
	return EMU_PENDING;
}

void th_saved(struct th_host *host, unsigned int position, int result)
{
	struct th_record *record;

	ck_assert_uint_lt(position, host->now.unsaved_count);
	record = record_at(host, host->now.unsaved[position]);
	host->now.unsaved_count--;
	memmove(&host->now.unsaved[position], &host->now.unsaved[position + 1],
		(host->now.unsaved_count - position) * sizeof(host->now.unsaved[0]));
	record->durable = result == 0;
	emu_save_done(host->emu, record->tag, result);
}

unsigned int th_saves_pending(struct th_host *host)
{
	return host->now.unsaved_count;
}

void th_save_fail(struct th_host *host, int error)
{
	host->now.save_error = error;
}

/* The last durable one; NULL when there is none or it deletes. */
static struct th_record *find(struct th_host *host, uint32_t type, uint32_t id)
{
	struct th_record *found = NULL;
	uint32_t offset = 0;

	while (offset < host->now.records_used) {
		struct th_record *record = record_at(host, offset);

		if (record->durable && record->type == type && record->id == id)
			found = record;
		offset += room_of(record->bytes);
	}
	return found && found->bytes ? found : NULL;
}

const uint8_t *th_record(struct th_host *host, uint16_t type, uint32_t id, uint32_t *ret_bytes)
{
	struct th_record *record = find(host, type, id);

	if (!record)
		return NULL;
	if (ret_bytes)
		*ret_bytes = record->bytes;
	return (const uint8_t *)(record + 1);
}

void th_restart(struct th_host *host)
{
	struct emu_config config = *emu_config_of(host->emu);
	uint32_t offset = 0;

	host->now.unsaved_count = 0;
	host->now.pending_count = 0;
	host->now.time_nsec = 0;
	th_start_(host, &config);
	while (offset < host->now.records_used) {
		struct th_record *record = record_at(host, offset);

		offset += room_of(record->bytes);
		if (find(host, record->type, record->id) != record)
			continue;
		ck_assert_int_eq(emu_load(host->emu, (uint16_t)record->type, record->id, record + 1,
					  record->bytes),
				 0);
	}
}
