/* SPDX-License-Identifier: BSD-3-Clause */
/* Power loss signaling (Base 2.1 8.2.5): part of internal.h. */
#ifndef NVMELAB_EMULATOR_CORE_POWER_LOSS_H
#define NVMELAB_EMULATOR_CORE_POWER_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/core/timer.h"

struct emu;
struct emu_config;
struct emu_ctrl;
struct nvme_id_ctrl;

/**
 * enum emu_pls - state of a controller
 *
 * Not Ready and Ready are told apart by CSTS. The port stays enabled in Emergency Power Fail.
 */
enum emu_pls {
	EMU_PLS_READY,
	EMU_PLS_FQ_PROCESSING,
	EMU_PLS_FQ_COMPLETE,
	EMU_PLS_EPF_PROCESSING,
	EMU_PLS_EPF_COMPLETE,
};

/**
 * struct emu_power_loss - of the subsystem
 * @asserted: variable PLN
 * @paused: self-test and sanitize operation stand still, since @since_nsec
 * @due_nsec: timers of theirs that were set meanwhile, or EMU_NEVER
 */
struct emu_power_loss {
	bool asserted;
	bool paused;
	uint64_t since_nsec;
	uint64_t due_nsec[EMU_SUB_TIMERS];
};

/** emu_power_loss_stage - one step of what @ctrl does about it; false: nothing to do now */
bool emu_power_loss_stage(struct emu *emu, struct emu_ctrl *ctrl);

/** emu_power_loss_forget - @ctrl is reset or shut down: it is not ready for the signal */
void emu_power_loss_forget(struct emu *emu, struct emu_ctrl *ctrl);

/** emu_power_loss_is_over - power came back: nothing is impending */
void emu_power_loss_is_over(struct emu *emu);

/** emu_power_loss_defers - whether @timer waits because its operation is paused; takes it then */
bool emu_power_loss_defers(struct emu *emu, enum emu_sub_timer timer, uint64_t due_nsec);

/** emu_power_loss_identify - PLSI, and the times of the power states */
void emu_power_loss_identify(const struct emu_config *config, struct nvme_id_ctrl *id);

#endif
