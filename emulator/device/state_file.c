/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The journal: appending, and writing it anew. Reading is state_read.c.
 *
 * What a commit appends is synced before anybody is answered. When the file is mostly history, and
 * after any failure that leaves doubt about its contents, all records are written to a new file
 * that takes the place of the old one: synced, renamed, the folder synced.
 */
#include "emulator/device/state_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/crc.h"
#include "common/le.h"
#include "emulator/device/say.h"
#include "emulator/device/state_format.h"

#define COMPACT_BYTES	65536u /* a smaller file is not written anew */
#define COMPACT_HISTORY 4u     /* times the size that it would have */
#define OPEN_TRIES	8u

const uint8_t emu_state_magic[8] = { 'n', 'v', 'm', 'e', 'l', 'a', 'b', 0x1a };

/* The table of records, in the order of type and number. */

static uint64_t key_of(const struct emu_state_entry *entry)
{
	return (uint64_t)entry->type << 32 | entry->id;
}

static size_t place_of(const struct emu_state_file *state, uint64_t key)
{
	size_t low = 0, high = state->live.count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (key_of(&state->live.entry[middle]) < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int emu_state_reserve(struct emu_state_table *table, size_t more)
{
	size_t room = table->room ? table->room : 16;
	struct emu_state_entry *entry;

	if (table->count + more <= table->room)
		return 0;
	while (room < table->count + more)
		room *= 2;
	entry = realloc(table->entry, room * sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	table->entry = entry;
	table->room = room;
	return 0;
}

uint64_t emu_state_room(uint32_t data_bytes)
{
	return EMU_STATE_RECORD_BYTES + (((uint64_t)data_bytes + 7) & ~7ull);
}

void emu_state_apply(struct emu_state_file *state, struct emu_state_entry entry)
{
	size_t place = place_of(state, key_of(&entry));
	struct emu_state_entry *at = state->live.entry + place;
	bool there = place < state->live.count && key_of(at) == key_of(&entry);

	if (there) {
		state->live_bytes -= emu_state_room(at->bytes);
		free(at->data);
	}
	if (entry.bytes == 0) {
		free(entry.data);
		if (there)
			memmove(at, at + 1, (--state->live.count - place) * sizeof(*at));
		return;
	}
	if (!there)
		memmove(at + 1, at, (state->live.count++ - place) * sizeof(*at));
	*at = entry;
	state->live_bytes += emu_state_room(entry.bytes);
}

/* Bytes of the file. */

uint32_t emu_state_crc(uint64_t salt, const uint8_t *record, uint32_t data_bytes)
{
	uint8_t seed[8];
	uint32_t crc;

	nvme_store_le64(seed, salt);
	crc = nvme_crc32c(0, seed, sizeof(seed));
	crc = nvme_crc32c(crc, record, EMU_STATE_CRC);
	return nvme_crc32c(crc, record + EMU_STATE_RECORD_BYTES,
			   (size_t)(emu_state_room(data_bytes) - EMU_STATE_RECORD_BYTES));
}

uint32_t emu_state_header_crc(const uint8_t *header)
{
	return nvme_crc32c(0, header, EMU_STATE_HEADER_CRC);
}

/* A file that is being written. */
struct writer {
	const struct emu_disk *disk;
	int fd;
	uint64_t salt;
	uint64_t end;
	uint64_t sequence;
	uint64_t durable; /* of a new file: once it has the name of the old one */
};

static int write_record(struct writer *writer, const struct emu_state_entry *entry)
{
	static uint8_t record[EMU_STATE_RECORD_BYTES + EMU_RECORD_BYTES];
	uint64_t bytes = emu_state_room(entry->bytes);
	uint64_t at = writer->end;

	memset(record, 0, EMU_STATE_RECORD_BYTES);
	memset(record + bytes - 8, 0, 8);
	if (entry->bytes)
		memcpy(record + EMU_STATE_RECORD_BYTES, entry->data, entry->bytes);
	nvme_store_le32(record, EMU_STATE_MAGIC);
	nvme_store_le16(record + EMU_STATE_TYPE, entry->type);
	nvme_store_le32(record + EMU_STATE_ID, entry->id);
	nvme_store_le32(record + EMU_STATE_DATA_BYTES, entry->bytes);
	nvme_store_le64(record + EMU_STATE_SEQUENCE, ++writer->sequence);
	nvme_store_le64(record + EMU_STATE_DURABLE, writer->durable);
	nvme_store_le32(record + EMU_STATE_CRC, emu_state_crc(writer->salt, record, entry->bytes));
	writer->end += bytes;
	return writer->disk->write(writer->disk->arg, writer->fd, at, record, (size_t)bytes);
}

static int write_table(struct writer *writer, const struct emu_state_table *table)
{
	int result = 0;

	for (size_t i = 0; !result && i < table->count; i++)
		result = write_record(writer, &table->entry[i]);
	return result;
}

static uint64_t bytes_of(const struct emu_state_table *table)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < table->count; i++)
		bytes += emu_state_room(table->entry[i].bytes);
	return bytes;
}

static int write_header(struct writer *writer)
{
	uint8_t header[EMU_STATE_HEADER_BYTES] = { 0 };

	memcpy(header, emu_state_magic, sizeof(emu_state_magic));
	nvme_store_le16(header + EMU_STATE_HEADER_VERSION, EMU_STATE_VERSION);
	nvme_store_le64(header + EMU_STATE_HEADER_SALT, writer->salt);
	nvme_store_le64(header + EMU_STATE_HEADER_DURABLE, writer->durable);
	nvme_store_le32(header + EMU_STATE_HEADER_CRC, emu_state_header_crc(header));
	writer->end = sizeof(header);
	return writer->disk->write(writer->disk->arg, writer->fd, 0, header, sizeof(header));
}

/* The whole state and what is queued, durable in the new file. */
static int write_anew(struct emu_state_file *state, struct writer *writer)
{
	const struct emu_disk *disk = state->disk;
	int result;

	if (getrandom(&writer->salt, sizeof(writer->salt), 0) != sizeof(writer->salt))
		return -EIO;
	writer->durable = EMU_STATE_HEADER_BYTES + bytes_of(&state->live) + bytes_of(&state->queue);
	result = disk->lock(disk->arg, writer->fd);
	if (!result)
		result = write_header(writer);
	writer->durable = 0;
	if (!result)
		result = write_table(writer, &state->live);
	if (!result)
		result = write_table(writer, &state->queue);
	if (!result)
		result = disk->sync(disk->arg, writer->fd);
	return result;
}

/* The new file takes the place of the old one, which stays as it is when anything fails before. */
static int replace_file(struct emu_state_file *state)
{
	const struct emu_disk *disk = state->disk;
	struct writer writer = { .disk = disk, .fd = disk->open(disk->arg, state->new_path, true) };
	int result;

	if (writer.fd < 0)
		return writer.fd;
	result = write_anew(state, &writer);
	if (!result)
		result = disk->rename(disk->arg, state->new_path, state->path);
	if (result) {
		disk->unlink(disk->arg, state->new_path);
		disk->close(disk->arg, writer.fd);
		return result;
	}
	disk->close(disk->arg, state->fd);
	state->fd = writer.fd;
	state->salt = writer.salt;
	state->end = writer.end;
	state->sequence = writer.sequence;
	state->marked = false;
	result = disk->sync_folder(disk->arg, state->path);
	state->broken = result != 0;
	return result;
}

/* Behind what is there. A failure leaves the file as it was, or says that it is in doubt. */
static int append(struct emu_state_file *state, const struct emu_state_table *table)
{
	const struct emu_disk *disk = state->disk;
	struct writer writer = { disk,	     state->fd,	      state->salt,
				 state->end, state->sequence, state->end };
	int result = write_table(&writer, table);

	state->sequence = writer.sequence; /* Numbers of records that failed are not used again. */
	if (result) {
		if (disk->truncate(disk->arg, state->fd, state->end) != 0)
			state->broken = true;
		return result;
	}
	result = disk->sync(disk->arg, state->fd);
	if (result)
		state->broken = true; /* What reached the disk is anybody's guess. */
	else
		state->end = writer.end;
	return result;
}

int emu_state_put(struct emu_state_file *state, const struct emu_record *record)
{
	struct emu_state_entry entry = {
		.tag = record->tag, .type = record->type, .id = record->id, .bytes = record->bytes
	};

	if (emu_state_reserve(&state->queue, 1) != 0 ||
	    emu_state_reserve(&state->live, state->queue.count + 1) != 0)
		return -ENOMEM;
	if (record->bytes) {
		entry.data = malloc(record->bytes);
		if (!entry.data)
			return -ENOMEM;
		memcpy(entry.data, record->data, record->bytes);
	}
	state->queue.entry[state->queue.count++] = entry;
	return 0;
}

unsigned int emu_state_queued(const struct emu_state_file *state)
{
	return (unsigned int)state->queue.count;
}

static void compact(struct emu_state_file *state)
{
	uint64_t least = EMU_STATE_HEADER_BYTES + state->live_bytes;

	if (state->end < state->retry_bytes || state->end < COMPACT_HISTORY * least)
		return;
	/* If there is no room for a second file, the old one goes on growing for a while. */
	replace_file(state);
	state->retry_bytes = 2 * state->end > COMPACT_BYTES ? 2 * state->end : COMPACT_BYTES;
}

unsigned int emu_state_commit(struct emu_state_file *state,
			      void (*done)(void *arg, uint32_t tag, int result), void *arg,
			      struct nvme_text *error)
{
	struct emu_state_table queue = state->queue;
	int result = -EIO;

	if (queue.count == 0)
		return 0;
	state->marked = false;
	if (!state->broken)
		result = append(state, &queue);
	if (result) {
		int anew = replace_file(state);

		if (anew == 0 || state->broken)
			result = anew;
	}
	if (result)
		emu_say(error, 0, "state file %s: cannot be written: %s", state->path,
			strerror(-result));
	state->queue = (struct emu_state_table){ NULL, 0, 0 };
	for (size_t i = 0; i < queue.count; i++) {
		if (result)
			free(queue.entry[i].data);
		else
			emu_state_apply(state, queue.entry[i]);
	}
	if (!result)
		compact(state);
	for (size_t i = 0; i < queue.count; i++)
		done(arg, queue.entry[i].tag, result);
	free(queue.entry);
	return (unsigned int)queue.count;
}

int emu_state_each(const struct emu_state_file *state,
		   int (*load)(void *arg, uint16_t type, uint32_t id, const void *data,
			       uint32_t bytes),
		   void *arg, struct nvme_text *error)
{
	for (size_t i = 0; i < state->live.count; i++) {
		const struct emu_state_entry *entry = &state->live.entry[i];
		int result = load(arg, entry->type, entry->id, entry->data, entry->bytes);

		if (result)
			return emu_say(error, result,
				       "state file %s: the record at offset %llu (type %u, number "
				       "%u, %u bytes) does not fit this configuration",
				       state->path, (unsigned long long)entry->offset, entry->type,
				       entry->id, entry->bytes);
	}
	return 0;
}

/* Opens and locks; what was replaced meanwhile is let go. */
static int open_locked(struct emu_state_file *state, struct nvme_text *error)
{
	const struct emu_disk *disk = state->disk;

	for (unsigned int i = 0; i < OPEN_TRIES; i++) {
		int fd = disk->open(disk->arg, state->path, false);
		int result;

		if (fd == -ELOOP || fd == -EINVAL)
			return emu_say(error, fd, "state file %s: not a regular file", state->path);
		if (fd < 0)
			return emu_say(error, fd, "state file %s: cannot be opened: %s",
				       state->path, strerror(-fd));
		result = disk->lock(disk->arg, fd);
		if (!result && disk->same(disk->arg, fd, state->path)) {
			state->fd = fd;
			return 0;
		}
		disk->close(disk->arg, fd);
		if (result)
			return emu_say(error, result, "state file %s: %s", state->path,
				       result == -EBUSY ? "another process uses it"
							: strerror(-result));
	}
	return emu_say(error, -EBUSY, "state file %s: another process uses it", state->path);
}

static int start(struct emu_state_file *state, const char *path, struct nvme_text *notice,
		 struct nvme_text *error)
{
	int64_t size;
	int result;

	state->fd = -1;
	state->retry_bytes = COMPACT_BYTES;
	state->path = strdup(path);
	state->new_path = malloc(strlen(path) + sizeof(".new"));
	if (!state->path || !state->new_path)
		return emu_say(error, -ENOMEM, "no memory");
	snprintf(state->new_path, strlen(path) + sizeof(".new"), "%s.new", path);
	result = open_locked(state, error);
	if (result)
		return result;
	size = state->disk->size(state->disk->arg, state->fd);
	if (size < 0)
		return emu_say(error, (int)size, "state file %s: %s", path, strerror((int)-size));
	if (size > 0)
		return emu_state_read(state, notice, error);
	result = replace_file(state);
	if (result)
		emu_say(error, 0, "state file %s: cannot be made: %s", path, strerror(-result));
	return result;
}

int emu_state_open(const struct emu_disk *disk, const char *path, struct emu_state_file **ret_state,
		   struct nvme_text *notice, struct nvme_text *error)
{
	struct emu_state_file *state = calloc(1, sizeof(*state));
	int result;

	if (!state)
		return emu_say(error, -ENOMEM, "no memory");
	state->disk = disk;
	result = start(state, path, notice, error);
	if (result) {
		state->broken = true; /* No mark in what could not be read. */
		emu_state_close(state);
		return result;
	}
	*ret_state = state;
	return 0;
}

static void free_table(struct emu_state_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->entry[i].data);
	free(table->entry);
}

void emu_state_close(struct emu_state_file *state)
{
	static struct emu_state_entry mark = { .type = EMU_STATE_MARK };
	const struct emu_state_table marks = { &mark, 1, 1 };

	if (!state)
		return;
	/* From then on a damaged record is told from one that was being written. */
	if (!state->broken && !state->marked)
		append(state, &marks);
	if (state->fd >= 0)
		state->disk->close(state->disk->arg, state->fd);
	free_table(&state->live);
	free_table(&state->queue);
	free(state->path);
	free(state->new_path);
	free(state);
}
