/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fault rules that take the power away, or the whole controller. Nothing of it happens inside the
 * stage of the rule: it is recorded like any reset.
 */
#include "emulator/core/internal.h"

_Static_assert((int)EMU_CUT_KEEP_NONE == (int)NVME_KEEP_NONE &&
		       (int)EMU_CUT_KEEP_ALL == (int)NVME_KEEP_ALL &&
		       (int)EMU_CUT_KEEP_PREFIX == (int)NVME_KEEP_PREFIX &&
		       (int)EMU_CUT_KEEP_SUBSET == (int)NVME_KEEP_SUBSET,
	       "rules and callers count alike");

/** emu_fault_do_cut - CUT_POWER: the power goes when this stage is over */
void emu_fault_do_cut(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	struct emu *emu = act->emu;

	emu->faults->cutting = true;
	emu->faults->keep = (uint8_t)action->value;
	emu->armed |= EMU_MARKED;
	emu_want_reset(emu, &emu->ctrl[0], EMU_RESET_POWER);
}

/** emu_fault_cut - a reset has its turn: the power goes if a rule wanted it to */
void emu_fault_cut(struct emu *emu)
{
	if (!emu->faults->cutting)
		return;
	emu->faults->cutting = false;
	emu_cut_power(emu, (enum emu_cut)emu->faults->keep);
}

/** emu_fault_power - the power is cut; returns what caches keep instead of @keep */
enum emu_cut emu_fault_power(struct emu *emu, enum emu_cut keep)
{
	struct emu_fault_act act;
	uint64_t assigned;

	emu_fault_begin(&act, emu, &emu->ctrl[0]);
	nvme_fault_put(&act.view, NVME_FAULT_KEEP, keep);
	emu_fault_ask(&act, NVME_SITE_POWER);
	assigned = act.view.value[NVME_FAULT_KEEP];
	return assigned < NVME_KEEPS ? (enum emu_cut)assigned : keep;
}

/** emu_fault_do_remove - REMOVE: the controller is pulled out; for ever if the time is 0 */
void emu_fault_do_remove(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	struct emu *emu = act->emu;
	struct emu_ctrl *ctrl = act->ctrl;
	struct emu_ctrl_fault *fault = &emu->faults->ctrl[ctrl->index];
	uint64_t away_nsec = action->value;

	fault->return_due_nsec = 0;
	if (away_nsec) {
		fault->return_due_nsec = emu->now_nsec +
					 (away_nsec < EMU_TIME_MAX ? away_nsec : EMU_TIME_MAX);
		emu->armed |= EMU_MARKED;
		emu_arm(emu, fault->return_due_nsec);
	}
	if (ctrl->gone)
		return;
	emu_pci_plug(emu, ctrl, true);
	emu_share_nothing(emu, ctrl);
	emu_want_reset(emu, ctrl, EMU_RESET_FUNCTION);
}

/* It is in its slot again; the reset when it was pulled out made it as new. */
static void come_back(struct emu *emu, struct emu_ctrl *ctrl)
{
	emu->faults->ctrl[ctrl->index].return_due_nsec = 0;
	if (!ctrl->gone)
		return;
	emu_pci_plug(emu, ctrl, false);
	if (emu->ops.shared)
		emu_share(emu, ctrl->index);
}

/** emu_fault_do_return - RETURN */
void emu_fault_do_return(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	(void)action;
	come_back(act->emu, act->ctrl);
}

/** emu_fault_return_due - when the next controller returns by itself, or EMU_NEVER */
uint64_t emu_fault_return_due(const struct emu *emu)
{
	uint64_t due = EMU_NEVER;

	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		uint64_t own = emu->faults->ctrl[i].return_due_nsec;

		due = own && own < due ? own : due;
	}
	return due;
}

/** emu_fault_returned - one controller whose time has come returns; false: there is none */
bool emu_fault_returned(struct emu *emu)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		uint64_t due = emu->faults->ctrl[i].return_due_nsec;

		if (due == 0 || due > emu->now_nsec)
			continue;
		come_back(emu, &emu->ctrl[i]);
		return true;
	}
	return false;
}
