/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The state file: a journal of the records that outlive the power. Its format is docs/state.md.
 *
 *   emu_state_open()     read it, drop a torn tail
 *   emu_state_each()     what it holds, for emu_load()
 *   emu_state_put()      a record for the next commit
 *   emu_state_commit()   append, sync, answer
 *
 * Context: one thread; open and commit block for as long as the disk takes.
 */
#ifndef NVMELAB_EMULATOR_DEVICE_STATE_FILE_H
#define NVMELAB_EMULATOR_DEVICE_STATE_FILE_H

#include <stdint.h>

#include "common/text.h"
#include "emulator/core/save.h"
#include "emulator/device/disk.h"

#define EMU_STATE_BYTES_MAX (UINT64_C(256) << 20) /* a larger file is not read */

struct emu_state_file;

/**
 * emu_state_open - open a state file, or make one
 * @disk: stays the caller's until emu_state_close(); &emu_disk_system
 * @notice: gets a sentence when a torn tail was dropped; may be NULL
 * @error: gets a sentence that names the file, and the offset where it is damaged
 * Return: 0; -EBUSY when another process has it; -EBADMSG when it is damaged or no state file;
 * -ENOMEM; or what the disk said.
 */
int emu_state_open(const struct emu_disk *disk, const char *path, struct emu_state_file **ret_state,
		   struct nvme_text *notice, struct nvme_text *error);

/**
 * emu_state_each - hand every record over, in the order of type and number
 * @load: Return: 0, or a negative errno that ends the walk
 * @error: gets a sentence that names the file, the record and its offset
 */
int emu_state_each(const struct emu_state_file *state,
		   int (*load)(void *arg, uint16_t type, uint32_t id, const void *data,
			       uint32_t bytes),
		   void *arg, struct nvme_text *error);

/** emu_state_put - @record belongs to the next commit; copied. Return: 0 or -ENOMEM. */
int emu_state_put(struct emu_state_file *state, const struct emu_record *record);

/** emu_state_queued - records that wait for a commit */
unsigned int emu_state_queued(const struct emu_state_file *state);

/**
 * emu_state_commit - make what was put durable, and answer each record in the order of putting
 * @done: gets the tag and 0 or a negative errno, the same for all; what failed is forgotten
 * @error: gets a sentence that names the file when it failed
 * Return: how many records were answered.
 */
unsigned int emu_state_commit(struct emu_state_file *state,
			      void (*done)(void *arg, uint32_t tag, int result), void *arg,
			      struct nvme_text *error);

/** emu_state_close - frees everything; what waits for a commit is forgotten. NULL is fine. */
void emu_state_close(struct emu_state_file *state);

#endif
