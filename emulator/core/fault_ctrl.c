/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault sites of a controller: registers, doorbells, interrupts, events, and its own life. */
#include "emulator/core/internal.h"

static const struct {
	uint16_t offset;
	uint16_t bytes;
} registers[] = {
#define X(name, offset, bytes, clause) { offset, bytes },
	NVME_REGISTER_LIST(X)
#undef X
};

/* Where the register begins that @offset is in; a place without one is its own. */
static uint64_t register_at(uint64_t offset)
{
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		if (offset - registers[i].offset < registers[i].bytes)
			return registers[i].offset;
	}
	return offset;
}

static uint64_t low_bytes(uint32_t bytes)
{
	return bytes >= 8 ? UINT64_MAX : (1ull << 8 * bytes) - 1;
}

static void begin_access(struct emu_fault_act *act, struct emu *emu, struct emu_ctrl *ctrl,
			 uint64_t reg, uint32_t bytes, uint64_t value)
{
	emu_fault_begin(act, emu, ctrl);
	nvme_fault_put(&act->view, NVME_FAULT_REG, reg);
	nvme_fault_put(&act->view, NVME_FAULT_BYTES, bytes);
	nvme_fault_put(&act->view, NVME_FAULT_VALUE, value);
}

static uint64_t value_read(const struct emu_fault_act *act, uint32_t bytes)
{
	uint64_t value = EMU_DOES(act, ALL_ONES) ? UINT64_MAX : act->view.value[NVME_FAULT_VALUE];

	return value & low_bytes(bytes);
}

/** emu_fault_reg_read - what the host reads instead of @value */
uint64_t emu_fault_reg_read(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint32_t bytes,
			    uint64_t value)
{
	struct emu_fault_act act;

	begin_access(&act, emu, ctrl, register_at(offset), bytes, value);
	emu_fault_ask(&act, NVME_SITE_REG_READ);
	return value_read(&act, bytes);
}

/** emu_fault_reg_write - the host writes *value; false: nothing is written */
bool emu_fault_reg_write(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint32_t bytes,
			 uint64_t *value)
{
	struct emu_fault_act act;

	begin_access(&act, emu, ctrl, register_at(offset), bytes, *value);
	emu_fault_ask(&act, NVME_SITE_REG_WRITE);
	*value = act.view.value[NVME_FAULT_VALUE] & low_bytes(bytes);
	return !EMU_DOES(&act, DROP);
}

/** emu_fault_cfg_read - likewise of configuration space */
uint64_t emu_fault_cfg_read(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t bytes,
			    uint64_t value)
{
	struct emu_fault_act act;

	begin_access(&act, emu, ctrl, offset, bytes, value);
	emu_fault_ask(&act, NVME_SITE_CFG_READ);
	return value_read(&act, bytes);
}

/** emu_fault_doorbell - the controller sees *value; false: it never does */
bool emu_fault_doorbell(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq,
			uint32_t *value)
{
	struct emu_fault_act act;

	emu_fault_begin(&act, emu, ctrl);
	nvme_fault_put(&act.view, NVME_FAULT_Q, qid);
	nvme_fault_put(&act.view, NVME_FAULT_HEAD, is_cq);
	nvme_fault_put(&act.view, NVME_FAULT_VALUE, *value);
	emu_fault_ask(&act, NVME_SITE_DB_WRITE);
	*value = (uint32_t)act.view.value[NVME_FAULT_VALUE];
	return !EMU_DOES(&act, DROP);
}

/** emu_fault_irq - sends a message, or another one, or two, or none; false: nobody can be told */
bool emu_fault_irq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t vector)
{
	const struct emu_ops *ops = &emu->ops;
	struct emu_fault_act act;
	uint64_t assigned;
	bool told;

	emu_fault_begin(&act, emu, ctrl);
	nvme_fault_put(&act.view, NVME_FAULT_VECTOR, vector);
	emu_fault_ask(&act, NVME_SITE_IRQ_RAISE);
	assigned = act.view.value[NVME_FAULT_VECTOR];
	if (EMU_DOES(&act, DROP))
		return true;
	vector = assigned < emu->layout.vectors ? (uint32_t)assigned : vector;
	told = ops->irq(ops->arg, ctrl->index, vector);
	if (told && EMU_DOES(&act, DUPLICATE))
		ops->irq(ops->arg, ctrl->index, vector);
	return told;
}

/** emu_fault_event - *aer happens; false: nobody hears of it */
bool emu_fault_event(struct emu *emu, struct emu_ctrl *ctrl, uint32_t *aer)
{
	struct emu_fault_act act;

	emu_fault_begin(&act, emu, ctrl);
	nvme_fault_put(&act.view, NVME_FAULT_EVENT, *aer);
	emu_fault_ask(&act, NVME_SITE_AER_RAISE);
	*aer = (uint32_t)act.view.value[NVME_FAULT_EVENT];
	return !EMU_DOES(&act, DROP);
}

struct emu_host_fault emu_fault_host(struct emu *emu, uint32_t ctrl, enum nvme_fault_site site,
				     uint64_t value)
{
	struct emu_host_fault fault = { .value = value };
	struct emu_fault_act act;
	uint64_t assigned;

	if (!emu_site(emu, 1u << site))
		return fault;
	emu_fault_begin(&act, emu, &emu->ctrl[ctrl]);
	nvme_fault_put(&act.view, site == NVME_SITE_ENV_MAP ? NVME_FAULT_BYTES : NVME_FAULT_VALUE,
		       value);
	emu_fault_ask(&act, site);
	assigned = act.view.value[NVME_FAULT_VALUE];
	if (act.assigns && assigned < value)
		fault.value = assigned;
	fault.refused = EMU_DOES(&act, REFUSE);
	fault.delay_nsec = act.delay_nsec;
	return fault;
}

/** emu_fault_enable - CC.EN was set, and nothing has come of it yet */
void emu_fault_enable(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_fault_act act;

	emu_fault_begin(&act, emu, ctrl);
	emu_fault_ask(&act, NVME_SITE_CTRL_ENABLE);
}

static uint64_t later(const struct emu *emu, const struct emu_fault_act *act)
{
	if (EMU_DOES(act, HANG))
		return EMU_NEVER;
	return EMU_DOES(act, DELAY) ? emu->now_nsec + act->delay_nsec : 0;
}

/** emu_fault_ready - the time that CSTS.RDY takes instead of @delay_nsec; EMU_NEVER: for ever */
uint64_t emu_fault_ready(struct emu *emu, struct emu_ctrl *ctrl, uint64_t delay_nsec)
{
	struct emu_fault_act act;

	emu_fault_begin(&act, emu, ctrl);
	emu_fault_ask(&act, NVME_SITE_CTRL_READY);
	if (EMU_DOES(&act, HANG))
		return EMU_NEVER;
	return delay_nsec + (EMU_DOES(&act, DELAY) ? act.delay_nsec : 0);
}

/** emu_fault_reset - a reset begins; commands and queues are still there */
void emu_fault_reset(struct emu *emu, struct emu_ctrl *ctrl, enum emu_reset_kind kind)
{
	struct emu_ctrl_fault *fault = &emu->faults->ctrl[ctrl->index];
	struct emu_fault_act act;

	if (ctrl->gone)
		return;
	emu_fault_begin(&act, emu, ctrl);
	nvme_fault_put(&act.view, NVME_FAULT_KIND, kind);
	emu_fault_ask(&act, NVME_SITE_CTRL_RESET);
	fault->reset_due_nsec = later(emu, &act);
	fault->reset_kind = (uint8_t)kind;
	if (fault->reset_due_nsec == 0)
		return;
	emu->armed |= EMU_MARKED;
	emu_timer_set(emu, ctrl, EMU_TIMER_FAULT, fault->reset_due_nsec);
}

/**
 * emu_fault_reset_waits - whether the reset that was put off has to wait; @kind is the one that is
 * asked for now: a harder one than that which was put off is not put off with it
 */
bool emu_fault_reset_waits(const struct emu *emu, const struct emu_ctrl *ctrl,
			   enum emu_reset_kind kind)
{
	const struct emu_ctrl_fault *fault = &emu->faults->ctrl[ctrl->index];

	return kind <= fault->reset_kind && emu->now_nsec < fault->reset_due_nsec;
}

/** emu_fault_shutdown_waits - asks the site once for each shutdown; whether it has to wait */
bool emu_fault_shutdown_waits(struct emu *emu, struct emu_ctrl *ctrl, bool begins)
{
	struct emu_ctrl_fault *fault = &emu->faults->ctrl[ctrl->index];
	struct emu_fault_act act;

	if (begins) {
		emu_fault_begin(&act, emu, ctrl);
		emu_fault_ask(&act, NVME_SITE_CTRL_SHUTDOWN);
		fault->shutdown_due_nsec = later(emu, &act);
		if (fault->shutdown_due_nsec) {
			emu->armed |= EMU_MARKED;
			emu_timer_set(emu, ctrl, EMU_TIMER_FAULT, fault->shutdown_due_nsec);
		}
	}
	return emu->now_nsec < fault->shutdown_due_nsec;
}

/** emu_fault_expired - what was put off is looked at again: the stages do that by themselves */
void emu_fault_expired(struct emu *emu, struct emu_ctrl *ctrl)
{
	(void)emu;
	(void)ctrl;
}
