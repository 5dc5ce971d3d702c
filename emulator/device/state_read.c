/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading the state file. Its bytes are hostile.
 *
 * Each record says up to where the file was durable when it was written. So a record that cannot be
 * right is a torn tail, never promised to anybody, unless a good record behind it says that it had
 * been durable: then the file is damaged, and nothing of it is used.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/le.h"
#include "emulator/device/say.h"
#include "emulator/device/state_format.h"

struct reader {
	struct emu_state_file *state;
	uint8_t *bytes;
	uint64_t size;
	uint64_t durable; /* when the file got its name */
};

/* Whether a whole and good record is at @offset, later than the last one that was good. */
static bool is_good(const struct reader *reader, uint64_t offset)
{
	const uint8_t *record = reader->bytes + offset;
	uint32_t data_bytes;

	if (reader->size - offset < EMU_STATE_RECORD_BYTES ||
	    nvme_load_le32(record) != EMU_STATE_MAGIC || nvme_load_le16(record + EMU_STATE_ZERO) ||
	    nvme_load_le32(record + EMU_STATE_ZERO_2))
		return false;
	data_bytes = nvme_load_le32(record + EMU_STATE_DATA_BYTES);
	return data_bytes <= EMU_RECORD_BYTES &&
	       emu_state_room(data_bytes) <= reader->size - offset &&
	       nvme_load_le64(record + EMU_STATE_SEQUENCE) > reader->state->sequence &&
	       nvme_load_le64(record + EMU_STATE_DURABLE) <= offset &&
	       nvme_load_le32(record + EMU_STATE_CRC) ==
		       emu_state_crc(reader->state->salt, record, data_bytes);
}

static int take(struct reader *reader, uint64_t offset)
{
	struct emu_state_file *state = reader->state;
	const uint8_t *record = reader->bytes + offset;
	struct emu_state_entry entry = {
		.type = nvme_load_le16(record + EMU_STATE_TYPE),
		.id = nvme_load_le32(record + EMU_STATE_ID),
		.bytes = nvme_load_le32(record + EMU_STATE_DATA_BYTES),
		.offset = offset,
	};

	state->sequence = nvme_load_le64(record + EMU_STATE_SEQUENCE);
	state->marked = entry.type == EMU_STATE_MARK;
	if (state->marked)
		return 0;
	if (emu_state_reserve(&state->live, 1) != 0)
		return -ENOMEM;
	if (entry.bytes) {
		entry.data = malloc(entry.bytes);
		if (!entry.data)
			return -ENOMEM;
		memcpy(entry.data, record + EMU_STATE_RECORD_BYTES, entry.bytes);
	}
	emu_state_apply(state, entry);
	return 0;
}

/* A good record behind @offset that says that the bytes at @offset were durable; 0: none. */
static uint64_t find_witness(const struct reader *reader, uint64_t offset)
{
	for (uint64_t at = offset + 8; at < reader->size; at += 8) {
		if (is_good(reader, at) &&
		    nvme_load_le64(reader->bytes + at + EMU_STATE_DURABLE) > offset)
			return at;
	}
	return 0;
}

static int drop_tail(struct reader *reader, uint64_t offset, struct nvme_text *notice,
		     struct nvme_text *error)
{
	struct emu_state_file *state = reader->state;
	const struct emu_disk *disk = state->disk;
	uint64_t witness = offset < reader->durable ? 0 : find_witness(reader, offset);
	int result;

	if (offset < reader->durable)
		return emu_say(error, -EBADMSG, "state file %s: damaged at offset %llu",
			       state->path, (unsigned long long)offset);
	if (witness)
		return emu_say(error, -EBADMSG,
			       "state file %s: damaged at offset %llu (the record at offset %llu "
			       "is good and later)",
			       state->path, (unsigned long long)offset,
			       (unsigned long long)witness);
	emu_say(notice, 0,
		"state file %s: %llu bytes at offset %llu were being written when it ended; they "
		"are dropped, and nothing that was promised with them",
		state->path, (unsigned long long)(reader->size - offset),
		(unsigned long long)offset);
	result = disk->truncate(disk->arg, state->fd, offset);
	if (!result)
		result = disk->sync(disk->arg, state->fd);
	if (result)
		return emu_say(error, result, "state file %s: cannot be written: %s", state->path,
			       strerror(-result));
	return 0;
}

static int read_records(struct reader *reader, struct nvme_text *notice, struct nvme_text *error)
{
	struct emu_state_file *state = reader->state;
	uint64_t offset = EMU_STATE_HEADER_BYTES;
	int result = 0;

	while (offset < reader->size && is_good(reader, offset)) {
		if (take(reader, offset) != 0)
			return emu_say(error, -ENOMEM, "state file %s: no memory", state->path);
		offset += emu_state_room(
			nvme_load_le32(reader->bytes + offset + EMU_STATE_DATA_BYTES));
	}
	if (offset < reader->size)
		result = drop_tail(reader, offset, notice, error);
	state->end = offset;
	return result;
}

static int check_header(struct reader *reader, struct nvme_text *error)
{
	const char *path = reader->state->path;
	const uint8_t *header = reader->bytes;
	uint16_t version;

	if (reader->size < EMU_STATE_HEADER_BYTES ||
	    memcmp(header, emu_state_magic, sizeof(emu_state_magic)) != 0)
		return emu_say(error, -EBADMSG, "state file %s: not a state file (offset 0)", path);
	version = nvme_load_le16(header + EMU_STATE_HEADER_VERSION);
	if (nvme_load_le32(header + EMU_STATE_HEADER_CRC) != emu_state_header_crc(header))
		return emu_say(error, -EBADMSG, "state file %s: damaged at offset 0", path);
	if (version != EMU_STATE_VERSION)
		return emu_say(error, -EBADMSG,
			       "state file %s: version %u of the format; this program knows %d",
			       path, version, EMU_STATE_VERSION);
	reader->state->salt = nvme_load_le64(header + EMU_STATE_HEADER_SALT);
	reader->durable = nvme_load_le64(header + EMU_STATE_HEADER_DURABLE);
	if (reader->durable > reader->size)
		return emu_say(error, -EBADMSG,
			       "state file %s: cut at offset %llu, it had %llu bytes", path,
			       (unsigned long long)reader->size,
			       (unsigned long long)reader->durable);
	return 0;
}

int emu_state_read(struct emu_state_file *state, struct nvme_text *notice, struct nvme_text *error)
{
	const struct emu_disk *disk = state->disk;
	int64_t size = disk->size(disk->arg, state->fd);
	struct reader reader = { .state = state, .size = (uint64_t)size };
	int result;

	if (size < 0)
		return emu_say(error, (int)size, "state file %s: %s", state->path,
			       strerror((int)-size));
	if (reader.size > EMU_STATE_BYTES_MAX)
		return emu_say(error, -EBADMSG,
			       "state file %s: %llu bytes; a state file has at most %llu",
			       state->path, (unsigned long long)reader.size,
			       (unsigned long long)EMU_STATE_BYTES_MAX);
	reader.bytes = malloc((size_t)reader.size);
	if (!reader.bytes)
		return emu_say(error, -ENOMEM, "state file %s: no memory", state->path);
	result = disk->read(disk->arg, state->fd, 0, reader.bytes, (size_t)reader.size);
	if (result)
		emu_say(error, 0, "state file %s: cannot be read: %s", state->path,
			strerror(-result));
	if (!result)
		result = check_header(&reader, error);
	if (!result)
		result = read_records(&reader, notice, error);
	free(reader.bytes);
	return result;
}
