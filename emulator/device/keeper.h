/* SPDX-License-Identifier: BSD-3-Clause */
/* Records of the core on their way to the state file: collected for a turn, durable at its end. */
#ifndef NVMELAB_EMULATOR_DEVICE_KEEPER_H
#define NVMELAB_EMULATOR_DEVICE_KEEPER_H

#include <stdbool.h>

#include "emulator/core/emu.h"
#include "emulator/device/state_file.h"

#define EMU_RECORD_DEVICE 0xfffffffeu /* tag of a record of the device's own, not of the core's */

/**
 * struct emu_keeper - the state file of a device; all zero when there is none
 * @synchronous: each record is durable before emu_keeper_save() returns
 * @hours: since power-on, that the counters were kept of
 * @notice: told what people should know; may be NULL
 * @kept: told of the answer to a record with EMU_RECORD_DEVICE; @kept_arg its first argument
 */
struct emu_keeper {
	struct emu_state_file *file;
	struct emu *core;
	bool synchronous;
	int result;
	uint64_t hours;
	void (*notice)(void *arg, const char *sentence);
	void *arg;
	void (*kept)(void *arg, int result);
	void *kept_arg;
};

/**
 * emu_keeper_open - open the state file at @path
 * @keeper: its other members are set
 * Return: as emu_state_open()
 */
int emu_keeper_open(struct emu_keeper *keeper, const char *path, struct nvme_text *error);

/**
 * emu_keeper_load - give everything in the file to @core, which was just made
 * Return: 0, or -EINVAL with a sentence for a record that does not fit.
 */
int emu_keeper_load(struct emu_keeper *keeper, struct emu *core, struct nvme_text *error);

/**
 * emu_keeper_each - hand the records of the device's own to @load, when the media are there
 * Return: 0, or what @load said, with a sentence.
 */
int emu_keeper_each(const struct emu_keeper *keeper,
		    int (*load)(void *arg, uint16_t type, uint32_t id, const void *data,
				uint32_t bytes),
		    void *arg, struct nvme_text *error);

/** emu_keeper_save - ops->save of the core */
int emu_keeper_save(struct emu_keeper *keeper, const struct emu_record *record);

/** emu_keeper_due - when an hour has passed that emu_keeper_turn() keeps; EMU_NEVER: no file */
uint64_t emu_keeper_due(const struct emu_keeper *keeper);

/** emu_keeper_commit - make durable and answer what was saved; Return: how many records */
unsigned int emu_keeper_commit(struct emu_keeper *keeper);

/** emu_keeper_turn - between two steps of the core: save what the time asks for, then commit */
unsigned int emu_keeper_turn(struct emu_keeper *keeper);

/** emu_keeper_pending - records without an answer */
unsigned int emu_keeper_pending(const struct emu_keeper *keeper);

/** emu_keeper_close - make durable what was saved, without answering, and close the file */
void emu_keeper_close(struct emu_keeper *keeper);

#endif
