/* SPDX-License-Identifier: BSD-3-Clause */
/* Layout of the state file (docs/state.md), and what its writer and its reader share. */
#ifndef NVMELAB_EMULATOR_DEVICE_STATE_FORMAT_H
#define NVMELAB_EMULATOR_DEVICE_STATE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator/device/state_file.h"

#define EMU_STATE_VERSION      1
#define EMU_STATE_HEADER_BYTES 40u
#define EMU_STATE_RECORD_BYTES 40u	   /* before the data of a record */
#define EMU_STATE_MAGIC	       0x31524c4eu /* "NLR1" */
#define EMU_STATE_MARK	       0	   /* type of the record that a clean end leaves */

/* Offsets in the header of the file; it begins with emu_state_magic. */
enum {
	EMU_STATE_HEADER_VERSION = 8,
	EMU_STATE_HEADER_SALT = 16,
	EMU_STATE_HEADER_DURABLE = 24,
	EMU_STATE_HEADER_CRC = 36,
};

/* Offsets in a record; it begins with EMU_STATE_MAGIC. */
enum {
	EMU_STATE_TYPE = 4,
	EMU_STATE_ZERO = 6,
	EMU_STATE_ID = 8,
	EMU_STATE_DATA_BYTES = 12,
	EMU_STATE_SEQUENCE = 16,
	EMU_STATE_DURABLE = 24,
	EMU_STATE_CRC = 32,
	EMU_STATE_ZERO_2 = 36,
};

extern const uint8_t emu_state_magic[8];

/**
 * struct emu_state_entry - a record
 * @tag: who waits for it; of queued ones only
 * @offset: in the file that was read; 0 for one that was put since
 */
struct emu_state_entry {
	uint32_t tag;
	uint16_t type;
	uint32_t id;
	uint32_t bytes;
	uint64_t offset;
	uint8_t *data;
};

/** struct emu_state_table - entries; @room: for how many there is memory */
struct emu_state_table {
	struct emu_state_entry *entry;
	size_t count;
	size_t room;
};

/**
 * struct emu_state_file
 * @salt: of the checksums, so that a host cannot make data that looks like a record
 * @end: where the next record goes; all before it is durable
 * @sequence: of the last record
 * @retry_bytes: size from which on the file is worth writing anew
 * @live: the records, ordered by type and number; @live_bytes: a file with nothing else
 * @queue: put and not yet committed
 * @broken: what the file holds is in doubt: the next commit writes it anew
 * @marked: the last record is the mark of a clean end
 */
struct emu_state_file {
	const struct emu_disk *disk;
	char *path;
	char *new_path;
	int fd;
	uint64_t salt;
	uint64_t end;
	uint64_t sequence;
	uint64_t retry_bytes;
	uint64_t live_bytes;
	struct emu_state_table live;
	struct emu_state_table queue;
	bool broken;
	bool marked;
};

/** emu_state_room - bytes that a record with @data_bytes takes in the file */
uint64_t emu_state_room(uint32_t data_bytes);

/** emu_state_crc - checksum of a record with its data and padding, as they are in the file */
uint32_t emu_state_crc(uint64_t salt, const uint8_t *record, uint32_t data_bytes);

/** emu_state_header_crc - checksum of the header of the file */
uint32_t emu_state_header_crc(const uint8_t *header);

/** emu_state_reserve - memory for @more entries; Return: 0 or -ENOMEM */
int emu_state_reserve(struct emu_state_table *table, size_t more);

/** emu_state_apply - @entry is the newest of its kind; its data becomes the table's */
void emu_state_apply(struct emu_state_file *state, struct emu_state_entry entry);

/** emu_state_read - fill the table from the file; Return: as emu_state_open() */
int emu_state_read(struct emu_state_file *state, struct nvme_text *notice, struct nvme_text *error);

#endif
