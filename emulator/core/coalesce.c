/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupt coalescing (Base 2.0 5.27.1.8 and 5.27.1.9, unverified): completions of I/O queues are
 * counted by vector, and told together: when there are as many as feature 08h says, or when the
 * first of them has waited as long as it says.
 *
 * Never held back are completions of the admin queue, those with an error, those of a vector that
 * feature 09h exempts, and those that an interrupt which the host has still to serve will show.
 */
#include "emulator/core/feature.h"

#define UNIT_NSEC 100000ull /* of the aggregation time */

static void arm(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint64_t due = EMU_NEVER;

	for (uint32_t i = 0; i < emu->layout.vectors; i++)
		due = ctrl->held[i].due_nsec < due ? ctrl->held[i].due_nsec : due;
	emu_timer_set(emu, ctrl, EMU_TIMER_COALESCE, due);
}

static void forget(struct emu_held *held)
{
	*held = (struct emu_held){ .due_nsec = EMU_NEVER };
}

/* The vector's completions are told, or nobody wants them any more. */
static void let_go(struct emu *emu, struct emu_ctrl *ctrl, uint32_t vector)
{
	if (ctrl->held[vector].count == 0)
		return;
	forget(&ctrl->held[vector]);
	arm(emu, ctrl);
}

/** emu_coalesce - whether the completion just posted to queue @cqid is held back */
bool emu_coalesce(struct emu *emu, struct emu_ctrl *ctrl, uint32_t cqid, nvme_status status)
{
	uint32_t vector = ctrl->cq[cqid].vector;
	struct emu_held *held = &ctrl->held[vector];
	uint32_t threshold_z = NVME_GET(ctrl->features.coalescing, NVME_FEAT_IRQ_COALESCING_THR);
	uint64_t time = NVME_GET(ctrl->features.coalescing, NVME_FEAT_IRQ_COALESCING_TIME);

	if (cqid == 0 || status != NVME_SC_SUCCESS || emu_irq_is_told(ctrl, vector) ||
	    nvme_bitset_test(ctrl->irq_exempt, vector) || held->count >= threshold_z) {
		let_go(emu, ctrl, vector);
		return false;
	}
	if (held->count++ == 0) {
		held->due_nsec = emu->now_nsec + time * UNIT_NSEC;
		arm(emu, ctrl);
	}
	return true;
}

/** emu_coalesce_cancel - the host has read what was held back for @vector */
void emu_coalesce_cancel(struct emu *emu, struct emu_ctrl *ctrl, uint32_t vector)
{
	let_go(emu, ctrl, vector);
}

/** emu_coalesce_expired - the time of a vector is over, or of several */
void emu_coalesce_expired(struct emu *emu, struct emu_ctrl *ctrl)
{
	for (uint32_t i = 0; i < emu->layout.vectors; i++) {
		if (ctrl->held[i].due_nsec > emu->now_nsec)
			continue;
		forget(&ctrl->held[i]);
		emu_irq_want(emu, ctrl, i);
	}
	arm(emu, ctrl);
}

/**
 * emu_coalesce_update - feature 08h or 09h has another value, or the controller was reset
 *
 * With a count or a time of 0 nothing is held back. What was held back until now is told.
 */
void emu_coalesce_update(struct emu *emu, struct emu_ctrl *ctrl)
{
	ctrl->coalescing = emu->config.coalescing &&
			   NVME_GET(ctrl->features.coalescing, NVME_FEAT_IRQ_COALESCING_THR) &&
			   NVME_GET(ctrl->features.coalescing, NVME_FEAT_IRQ_COALESCING_TIME);
	for (uint32_t i = 0; i < emu->layout.vectors; i++) {
		if (ctrl->held[i].count)
			emu_irq_want(emu, ctrl, i);
		forget(&ctrl->held[i]);
	}
	emu_timer_set(emu, ctrl, EMU_TIMER_COALESCE, EMU_NEVER);
	emu_irq_look(ctrl);
	if (ctrl->coalescing)
		emu_irq_watch(emu, ctrl);
}

emu_verdict emu_apply_coalescing(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 const struct emu_setting *setting)
{
	(void)req;
	(void)setting;
	emu_coalesce_update(emu, ctrl);
	return NVME_SC_SUCCESS;
}
