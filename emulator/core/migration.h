/* SPDX-License-Identifier: BSD-3-Clause */
/* Host managed live migration (Base 2.1 5.1.16, 5.1.17 and 8.1.12): part of internal.h. */
#ifndef NVMELAB_EMULATOR_CORE_MIGRATION_H
#define NVMELAB_EMULATOR_CORE_MIGRATION_H

#include <stdbool.h>
#include <stdint.h>

struct emu;
struct emu_config;
struct emu_ctrl;
struct nvme_bitset;

/**
 * struct emu_migration - what another controller of the subsystem has done to this one
 * @suspended: nothing is fetched from its I/O queues
 * @draining: not all that was fetched before has completed; @suspender: tag of the command of
 *	another controller that waits for that, or EMU_NONE
 * @restored: its queues came by Set Controller State, and it was not resumed since
 * @receiving: a sequence of Set Controller State goes on, of controller @owner
 * @received: bytes of it in @state, of emu_migration_bytes()
 * @sqs: identifiers that a state names; likewise @cqs
 */
struct emu_migration {
	bool suspended;
	bool draining;
	bool restored;
	bool receiving;
	uint8_t owner;
	uint32_t suspender;
	uint32_t received;
	uint8_t *state;
	struct nvme_bitset *sqs;
	struct nvme_bitset *cqs;
};

/* migration.c */

/** emu_migration_drained - a queue of @ctrl, which is to be suspended, has nothing in flight */
void emu_migration_drained(struct emu *emu, struct emu_ctrl *ctrl);

/** emu_migration_dropped - the commands of @ctrl are dropped: no controller waits for them */
void emu_migration_dropped(struct emu *emu, const struct emu_ctrl *ctrl);

/** emu_migration_reset - after a reset @ctrl is not suspended */
void emu_migration_reset(struct emu *emu, struct emu_ctrl *ctrl);

/* migration_state.c */

/** emu_migration_bytes - the most that a state may have, with what is not looked at behind it */
uint32_t emu_migration_bytes(const struct emu_config *config);

/** emu_migration_size - the state of @ctrl as it is now */
uint64_t emu_migration_size(const struct emu *emu, const struct emu_ctrl *ctrl);

/** emu_migration_fill - its bytes @offset .. @offset + @bytes - 1 into @data, which is zero */
void emu_migration_fill(const struct emu *emu, const struct emu_ctrl *ctrl, uint64_t offset,
			uint8_t *data, uint32_t bytes);

/**
 * emu_migration_apply - @ctrl, which is suspended, gets the I/O queues of the state that came
 * Return: a status for what is wrong with it; nothing has changed then.
 */
uint16_t emu_migration_apply(struct emu *emu, struct emu_ctrl *ctrl);

#endif
