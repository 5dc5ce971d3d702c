/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault injection: which rules there are, what one sees, and actions that every site knows. */
#include "emulator/core/fault.h"

#include "common/random.h"
#include "emulator/core/internal.h"

#define ENOSPC_NEGATIVE (-28)

void emu_fault_rearm(struct emu *emu)
{
	const struct emu_faults *faults = emu->faults;

	emu->armed = (emu->armed & EMU_MARKED) | nvme_fault_armed(&faults->set);
	for (uint32_t i = 0; i < emu->config.controllers; i++)
		emu->armed |= nvme_fault_armed(&faults->ctrl[i].injected);
}

void emu_fault_init(struct emu *emu)
{
	struct emu_list empty = { EMU_NONE, EMU_NONE, 0 };
	struct emu_faults *faults = emu->faults;

	if (!faults)
		return;
	faults->held = empty;
	faults->hung = empty;
	faults->later = empty;
	faults->set.rule = faults->rule;
	faults->set.state = faults->state;
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		faults->ctrl[i].injected.rule = faults->ctrl[i].rule;
		faults->ctrl[i].injected.state = faults->ctrl[i].state;
	}
}

int emu_fault_load(struct emu *emu, const struct nvme_fault_rule *rules, uint32_t count,
		   uint64_t seed)
{
	struct emu_faults *faults = emu->faults;

	if (count > emu->config.faults)
		return ENOSPC_NEGATIVE;
	if (!faults)
		return 0;
	for (uint32_t i = 0; i < faults->set.count; i++) {
		for (uint32_t a = 0; a < faults->rule[i].actions; a++) {
			const struct nvme_fault_action *action = &faults->rule[i].action[a];

			if (action->kind == NVME_DO_HOLD)
				emu_fault_release(emu, nvme_key(action->name));
		}
	}
	if (count > 0)
		memcpy(faults->rule, rules, count * sizeof(*rules));
	faults->set.count = count;
	faults->set.seed = seed;
	faults->set.budget = (struct nvme_fault_budget){ .limits = 0 };
	nvme_fault_reset(&faults->set);
	emu_fault_rearm(emu);
	return 0;
}

int emu_fault_change(struct emu *emu, const struct nvme_fault_rule *rules,
		     const struct nvme_fault_state *states, uint32_t count)
{
	struct emu_faults *faults = emu->faults;

	if (count > emu->config.faults)
		return ENOSPC_NEGATIVE;
	if (!faults)
		return 0;
	memcpy(faults->rule, rules, count * sizeof(*rules));
	memcpy(faults->state, states, count * sizeof(*states));
	faults->set.count = count;
	emu_fault_rearm(emu);
	return 0;
}

void emu_fault_limit(struct emu *emu, const struct nvme_fault_budget *budget)
{
	if (emu->faults)
		emu->faults->set.budget = *budget;
}

const struct nvme_fault_set *emu_fault_set(const struct emu *emu)
{
	return emu->config.faults ? &emu->faults->set : NULL;
}

static bool arm(struct emu *emu, const char *name, bool armed)
{
	struct nvme_fault_set *set = &emu->faults->set;
	uint32_t index = nvme_fault_find(set, name);

	if (index == set->count)
		return false;
	set->state[index].armed = armed;
	emu_fault_rearm(emu);
	return true;
}

bool emu_fault_arm(struct emu *emu, const char *name, bool armed)
{
	char padded[NVME_FAULT_NAME_BYTES] = { 0 };

	for (uint32_t i = 0; i < sizeof(padded) - 1 && name[i]; i++)
		padded[i] = name[i];
	return emu->faults && arm(emu, padded, armed);
}

static enum nvme_fault_life life_of(const struct emu_ctrl *ctrl)
{
	uint32_t csts = emu_reg32(ctrl, NVME_REG_CSTS);

	if (ctrl->gone)
		return NVME_LIFE_GONE;
	if (ctrl->resetting || ctrl->todo & EMU_TODO_RESETS)
		return NVME_LIFE_RESET;
	if (!NVME_GET(emu_reg32(ctrl, NVME_REG_CC), NVME_CC_EN))
		return NVME_LIFE_OFF;
	if (NVME_GET(csts, NVME_CSTS_SHST) != NVME_CSTS_SHST_NONE)
		return NVME_LIFE_SHUTDOWN;
	return NVME_GET(csts, NVME_CSTS_RDY) ? NVME_LIFE_RUN : NVME_LIFE_INIT;
}

/** emu_fault_begin - what every site can see; the site adds its own */
void emu_fault_begin(struct emu_fault_act *act, struct emu *emu, struct emu_ctrl *ctrl)
{
	*act = (struct emu_fault_act){ .emu = emu, .ctrl = ctrl, .data = { .moved = UINT64_MAX } };
	nvme_fault_put(&act->view, NVME_FAULT_CTRL, ctrl->index);
	nvme_fault_put(&act->view, NVME_FAULT_LIFE, life_of(ctrl));
}

typedef void perform_fn(struct emu_fault_act *act, const struct nvme_fault_action *action);

static uint64_t time_of(const struct nvme_fault_action *action)
{
	return action->value < EMU_TIME_MAX ? action->value : EMU_TIME_MAX;
}

static void do_assign(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	uint64_t *value = &act->view.value[action->field];

	*value = nvme_fault_assign(action, *value);
	act->assigns |= 1ull << action->field;
}

static void do_hold(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	act->hold = nvme_key(action->name);
}

static void do_delay(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	act->delay_nsec = time_of(action);
}

static void do_status(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	act->status = (nvme_status)action->value;
}

static void do_fail(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	act->error = (uint8_t)action->value;
}

static void do_torn(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	act->torn_blocks = action->value;
}

static void do_split(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	act->split_nsec = time_of(action);
}

static void do_release(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	emu_fault_release(act->emu, nvme_key(action->name));
}

static void do_arm(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	arm(act->emu, action->name, action->kind == NVME_DO_ARM);
}

static void do_fatal(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	(void)action;
	emu_fatal(act->emu, act->ctrl, EMU_FATAL_FAULT);
}

static void do_reset(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	(void)action;
	emu_want_reset(act->emu, act->ctrl, EMU_RESET_SUBSYSTEM);
}

static void do_event(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	emu_raise_event(act->emu, act->ctrl, (uint32_t)action->value);
}

static void do_interrupt(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	if (action->value < act->emu->layout.vectors)
		emu_irq_want(act->emu, act->ctrl, (uint32_t)action->value);
}

/* What the site itself does is noted; what any site can do is done. Others are only noted. */
static perform_fn *const performs[NVME_DO_ACTIONS] = {
	[NVME_DO_ASSIGN] = do_assign,
	[NVME_DO_HOLD] = do_hold,
	[NVME_DO_DELAY] = do_delay,
	[NVME_DO_STATUS] = do_status,
	[NVME_DO_FAIL] = do_fail,
	[NVME_DO_FLIP] = emu_fault_keep_patch,
	[NVME_DO_PUT] = emu_fault_keep_patch,
	[NVME_DO_SHORT] = emu_fault_keep_patch,
	[NVME_DO_TORN] = do_torn,
	[NVME_DO_LATE_PHASE] = do_split,
	[NVME_DO_EARLY_PHASE] = do_split,
	[NVME_DO_RELEASE] = do_release,
	[NVME_DO_ARM] = do_arm,
	[NVME_DO_DISARM] = do_arm,
	[NVME_DO_FATAL] = do_fatal,
	[NVME_DO_RESET] = do_reset,
	[NVME_DO_EVENT] = do_event,
	[NVME_DO_INTERRUPT] = do_interrupt,
	[NVME_DO_CUT_POWER] = emu_fault_do_cut,
	[NVME_DO_REMOVE] = emu_fault_do_remove,
	[NVME_DO_RETURN] = emu_fault_do_return,
	[NVME_DO_UNCORRECTABLE] = emu_fault_do_spoil,
	[NVME_DO_NS_REMOVE] = emu_fault_do_ns_remove,
	[NVME_DO_NS_RETURN] = emu_fault_do_ns_return,
	[NVME_DO_NS_RESIZE] = emu_fault_do_ns_resize,
	[NVME_DO_TEMPERATURE] = emu_fault_do_temperature,
	[NVME_DO_WARN] = emu_fault_do_warn,
};

static void perform(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	act->does |= 1ull << action->kind;
	if (performs[action->kind])
		performs[action->kind](act, action);
}

static void ask(struct emu_fault_act *act, struct nvme_fault_set *set, enum nvme_fault_site site)
{
	struct emu *emu = act->emu;
	const struct nvme_fault_rule *rule;
	uint32_t at = 0;

	while ((rule = nvme_fault_next(set, &at, site, &act->view, emu->now_nsec))) {
		emu_trace_data(emu, act->ctrl, FAULT, rule->name, sizeof(rule->name), at - 1, site);
		for (uint32_t i = 0; i < rule->actions; i++)
			perform(act, &rule->action[i]);
	}
}

/**
 * emu_fault_ask - the rules at a site, one after the other; each sees what those before it did
 *
 * What hosts inject comes last: a scenario is not disturbed by it.
 */
void emu_fault_ask(struct emu_fault_act *act, enum nvme_fault_site site)
{
	struct emu_faults *faults = act->emu->faults;

	if (faults->acting)
		return;
	faults->acting = true;
	ask(act, &faults->set, site);
	ask(act, &faults->ctrl[act->ctrl->index].injected, site);
	faults->acting = false;
}
