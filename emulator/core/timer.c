/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Time: one row a timer of a controller, and one a timer of the subsystem. The least of all that
 * are set is the deadline that the caller is told.
 */
#include "emulator/core/internal.h"

typedef void expired_ctrl(struct emu *emu, struct emu_ctrl *ctrl);
typedef void expired_sub(struct emu *emu);

/* A timer is stopped before its handler runs, which may set it again. */
static expired_ctrl *const ctrl_timers[EMU_CTRL_TIMERS] = {
	[EMU_TIMER_READY] = emu_ready_expired,	     [EMU_TIMER_STALL] = emu_stall_expired,
	[EMU_TIMER_ALIVE] = emu_alive_expired,	     [EMU_TIMER_MEDIA] = emu_media_expired,
	[EMU_TIMER_COALESCE] = emu_coalesce_expired, [EMU_TIMER_POWER] = emu_power_expired,
	[EMU_TIMER_ANA] = emu_ana_expired,	     [EMU_TIMER_FAULT] = emu_fault_expired,
};

static expired_sub *const sub_timers[EMU_SUB_TIMERS] = {
	[EMU_TIMER_PMR] = emu_pmr_expired,	     [EMU_TIMER_SELF_TEST] = emu_self_test_expired,
	[EMU_TIMER_FIRMWARE] = emu_firmware_expired, [EMU_TIMER_JOB] = emu_job_expired,
	[EMU_TIMER_SANITIZE] = emu_sanitize_expired, [EMU_TIMER_COUNTERS] = emu_counters_expired,
};

void emu_timer_set(struct emu *emu, struct emu_ctrl *ctrl, enum emu_timer timer, uint64_t due_nsec)
{
	ctrl->timers[timer] = due_nsec;
	emu_arm(emu, due_nsec);
}

void emu_sub_timer_set(struct emu *emu, enum emu_sub_timer timer, uint64_t due_nsec)
{
	if (emu_power_loss_defers(emu, timer, due_nsec))
		return;
	emu->timers[timer] = due_nsec;
	emu_arm(emu, due_nsec);
}

void emu_timers_stop(struct emu_ctrl *ctrl)
{
	for (uint32_t i = 0; i < EMU_CTRL_TIMERS; i++)
		ctrl->timers[i] = EMU_NEVER;
}

/** emu_timers_init - none of the subsystem's is set */
void emu_timers_init(struct emu *emu)
{
	for (uint32_t i = 0; i < EMU_SUB_TIMERS; i++)
		emu->timers[i] = EMU_NEVER;
}

/** emu_timers_expire - one timer that is due; @return: false when there is none */
bool emu_timers_expire(struct emu *emu)
{
	for (uint32_t i = 0; i < EMU_SUB_TIMERS; i++) {
		if (emu->now_nsec >= emu->timers[i]) {
			emu->timers[i] = EMU_NEVER;
			sub_timers[i](emu);
			return true;
		}
	}
	for (uint32_t c = 0; c < emu->config.controllers; c++) {
		struct emu_ctrl *ctrl = &emu->ctrl[c];

		for (uint32_t i = 0; i < EMU_CTRL_TIMERS; i++) {
			if (emu->now_nsec >= ctrl->timers[i]) {
				ctrl->timers[i] = EMU_NEVER;
				ctrl_timers[i](emu, ctrl);
				return true;
			}
		}
	}
	return false;
}

/** emu_timers_next - the least of all */
uint64_t emu_timers_next(const struct emu *emu)
{
	uint64_t due = EMU_NEVER;

	for (uint32_t i = 0; i < EMU_SUB_TIMERS; i++)
		due = emu->timers[i] < due ? emu->timers[i] : due;
	for (uint32_t c = 0; c < emu->config.controllers; c++) {
		for (uint32_t i = 0; i < EMU_CTRL_TIMERS; i++) {
			uint64_t timer = emu->ctrl[c].timers[i];

			due = timer < due ? timer : due;
		}
	}
	return due;
}
