/* SPDX-License-Identifier: BSD-3-Clause */
/* Timers: what each does is a row in timer.c, its handler a function of the file that sets it. */
#ifndef NVMELAB_EMULATOR_CORE_TIMER_H
#define NVMELAB_EMULATOR_CORE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct emu;
struct emu_ctrl;

/** enum emu_timer - timers of a controller; timer.c has what each does. A reset stops them. */
enum emu_timer {
	EMU_TIMER_READY,    /* CSTS.RDY after CC.EN */
	EMU_TIMER_STALL,    /* queue memory was away for too long */
	EMU_TIMER_ALIVE,    /* Keep Alive */
	EMU_TIMER_MEDIA,    /* the media are ready, CC.CRIME */
	EMU_TIMER_COALESCE, /* interrupts that were held back */
	EMU_TIMER_POWER,    /* the controller may have been idle for long enough */
	EMU_TIMER_FAULT,    /* a reset or shutdown that a fault rule put off */
	EMU_TIMER_ANA,	    /* the end of a transition of an ANA group */
	EMU_CTRL_TIMERS
};

/** enum emu_sub_timer - timers of the subsystem */
enum emu_sub_timer {
	EMU_TIMER_JOB, /* the next step of an operation on namespaces */
	EMU_TIMER_SELF_TEST,
	EMU_TIMER_FIRMWARE, /* activation without a reset */
	EMU_TIMER_SANITIZE, /* the next step of a sanitize operation */
	EMU_TIMER_COUNTERS, /* what was counted is kept */
	EMU_TIMER_PMR,	    /* the first Persistent Memory Region to become ready */
	EMU_SUB_TIMERS
};

/* timer.c: a timer that is set to EMU_NEVER is stopped. */
void emu_timer_set(struct emu *emu, struct emu_ctrl *ctrl, enum emu_timer timer, uint64_t due_nsec);
void emu_sub_timer_set(struct emu *emu, enum emu_sub_timer timer, uint64_t due_nsec);
void emu_timers_stop(struct emu_ctrl *ctrl);
void emu_timers_init(struct emu *emu);
bool emu_timers_expire(struct emu *emu);
uint64_t emu_timers_next(const struct emu *emu);

/* step.c: the check for deadlines has to know of a new one. */
void emu_arm(struct emu *emu, uint64_t due_nsec);

/* ctrl.c, job.c: the handlers. */
void emu_ready_expired(struct emu *emu, struct emu_ctrl *ctrl);
void emu_stall_expired(struct emu *emu, struct emu_ctrl *ctrl);
void emu_alive_expired(struct emu *emu, struct emu_ctrl *ctrl);
void emu_media_expired(struct emu *emu, struct emu_ctrl *ctrl);
void emu_job_expired(struct emu *emu);
void emu_counters_expired(struct emu *emu);
void emu_pmr_expired(struct emu *emu);

#endif
