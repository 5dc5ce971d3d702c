/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Uncorrectable blocks outlive the process: the medium knows which they are, the state file has a
 * record of them for each namespace, and a command that changed them completes after it is durable.
 */
#ifndef NVMELAB_EMULATOR_DEVICE_MARKS_H
#define NVMELAB_EMULATOR_DEVICE_MARKS_H

#include "emulator/device/keeper.h"
#include "emulator/device/media.h"

#define EMU_MARKS_MAX 4095u /* runs of bad blocks of a namespace that a record has room for */

/** struct emu_mark - what is known of the record of a namespace */
struct emu_mark {
	uint32_t changes; /* of the medium when it was made */
	bool kept;	  /* there may be one */
};

/** struct emu_marked - an answer of a medium that waits until records are durable */
struct emu_marked {
	uint32_t tag;
	int result;
	bool ready;
};

/**
 * struct emu_marks - all zero when there is no state file: then nothing happens here
 * @active: there are, or may be, bad blocks: each answer of a medium goes through here
 * @ns: by NSID
 * @held: @held_count answers
 * @done: gives one of them to the core; never called from inside a call into it
 */
struct emu_marks {
	bool active;
	struct emu_media_table *media;
	struct emu_keeper *keeper;
	struct emu_mark *ns;
	struct emu_marked *held;
	unsigned int held_count;
	void (*done)(void *arg, uint32_t tag, int result);
	void *arg;
};

/** emu_marks_init - for the media of @media and the file of @keeper; Return: 0 or -ENOMEM */
int emu_marks_init(struct emu_marks *marks, struct emu_media_table *media,
		   struct emu_keeper *keeper);

/** emu_marks_done - free what it has; answers that wait are forgotten */
void emu_marks_done(struct emu_marks *marks);

/**
 * emu_marks_load - mark what the state file names; all media are there
 * Return: 0, or -EINVAL with a sentence for blocks or a namespace that there are not.
 */
int emu_marks_load(struct emu_marks *marks, struct nvme_text *error);

/**
 * emu_marks_look - save the record of each namespace whose bad blocks have changed
 * Return: 0 when nothing has changed, or all is durable; EMU_PENDING; a negative errno when a
 * record cannot be kept.
 */
int emu_marks_look(struct emu_marks *marks);

/**
 * emu_marks_answer - a medium has answered request @tag with @result
 * Return: the answer for the core; EMU_PENDING: it comes by emu_marks_settle().
 */
int emu_marks_answer(struct emu_marks *marks, uint32_t tag, int result);

/** emu_marks_settle - give the core what waits no longer; Return: how many answers */
unsigned int emu_marks_settle(struct emu_marks *marks);

#endif
