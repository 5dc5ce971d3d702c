/* SPDX-License-Identifier: BSD-3-Clause */
/* Controller Data Queues (Base 2.1 8.1.6, NVM 1.1 5.6): part of internal.h. */
#ifndef NVMELAB_EMULATOR_CORE_CDQ_H
#define NVMELAB_EMULATOR_CORE_CDQ_H

#include <stdbool.h>
#include <stdint.h>

struct emu;
struct emu_config;
struct emu_ctrl;
struct emu_media;
struct emu_req;
struct nvme_id_ctrl;

#define EMU_CHANGES 64 /* ranges that wait to be posted */

/** struct emu_change - blocks whose data has changed; @blocks is 1 or more */
struct emu_change {
	uint32_t nsid;
	bool deallocated;
	uint64_t slba;
	uint64_t blocks;
};

/**
 * struct emu_cdq - the one queue that a controller can have: for changes that another one makes
 * @watched: index of the other controller
 * @first: the next entry is the first since logging was started
 * @overrun: there were more changes than wait; logging ends when these are posted
 * @trigger: an event when slot @trigger_slot is posted
 * @change: a ring of @changes from @change_at on
 */
struct emu_cdq {
	bool created;
	bool logging;
	bool first;
	bool overrun;
	bool trigger;
	bool phase;
	uint8_t watched;
	uint32_t trigger_slot;
	uint32_t entries;
	uint32_t head;
	uint32_t tail;
	uint64_t base;
	uint32_t change_at;
	uint32_t changes;
	struct emu_change change[EMU_CHANGES];
};

/** emu_cdq_note - the medium has done something for @ctrl; a queue may have to tell of it */
void emu_cdq_note(struct emu *emu, uint32_t ctrl, const struct emu_media *media);

/** emu_cdq_note_command - the same for a command without a machine of its own */
void emu_cdq_note_command(struct emu *emu, const struct emu_req *req);

/** emu_cdq_note_ns - blocks of a namespace changed for all who reach it; @blocks 0 is the rest */
void emu_cdq_note_ns(struct emu *emu, uint32_t nsid, uint64_t slba, uint64_t blocks);

/** emu_cdq_stage - post one entry of what waits; false: nothing to do now */
bool emu_cdq_stage(struct emu *emu, struct emu_ctrl *ctrl);

/** emu_cdq_reset - a reset of @ctrl deletes its queue */
void emu_cdq_reset(struct emu *emu, struct emu_ctrl *ctrl);

/**
 * emu_cdq_suspended - controller @index is suspended: the last entry about it says so
 * @delete: the queue with it goes, too
 */
void emu_cdq_suspended(struct emu *emu, uint32_t index, bool delete);

/** emu_cdq_identify - that changes are tracked, and how many queues there can be */
void emu_cdq_identify(const struct emu_config *config, struct nvme_id_ctrl *id);

#endif
