/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The order of stages. Later stages go first, so that a command travels to its end before the next
 * one is fetched; interrupts are raised when a queue's turn ends, one for all its completions.
 */
#include "emulator/core/internal.h"

/* One stage of one controller, by what is there to do. */
static inline bool step_ctrl(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (__builtin_expect(ctrl->attention != 0, 0)) {
		if (ctrl->todo && emu_control_stage(emu, ctrl))
			return true;
		if (ctrl->halted)
			return emu_irq_stage(emu, ctrl);
	}
	if (ctrl->retire.count >= emu->config.reorder) {
		emu_complete_stage(emu, ctrl);
		return true;
	}
	if (ctrl->transfer.count >= EMU_PIPELINE) {
		emu_transfer_stage(emu, ctrl);
		return true;
	}
	if (ctrl->execute.count) {
		emu_execute_stage(emu, ctrl);
		return true;
	}
	if (ctrl->burst > 0 && !ctrl->todo && emu_fetch_stage(emu, ctrl))
		return true;
	if (ctrl->transfer.count) {
		emu_transfer_stage(emu, ctrl);
		return true;
	}
	if (ctrl->irq_any && emu_irq_stage(emu, ctrl))
		return true;
	if (!nvme_bitset_empty(ctrl->active) && !ctrl->todo && emu_fetch_stage(emu, ctrl))
		return true;
	if (ctrl->retire.count) {
		emu_complete_stage(emu, ctrl);
		return true;
	}
	return ctrl->irq_any && emu_irq_stage(emu, ctrl);
}

/*
 * Stages of one controller until a queue's turn ends; then the next controller, if there is one.
 * @ret_dry: this one has nothing to do now.
 */
static unsigned int step_turn(struct emu *emu, struct emu_ctrl *ctrl, unsigned int max,
			      bool *ret_dry)
{
	bool alone = emu->config.controllers == 1;
	unsigned int done = 0;

	*ret_dry = false;
	while (done < max && emu->now_nsec < emu->next_due_nsec) {
		if (!step_ctrl(emu, ctrl)) {
			*ret_dry = true;
			break;
		}
		done++;
		if (!alone && ctrl->burst == 0)
			break;
	}
	return done;
}

static void delay_over(struct emu *emu, struct emu_req *req)
{
	emu_busy_end(emu, &emu->ctrl[req->ctrl], 1);
	emu_finish(emu, req, req->status);
}

/* What is due by now; one thing a call. */
static bool step_timers(struct emu *emu)
{
	if (emu_timers_expire(emu))
		return true;
	if (emu_site(emu, EMU_MARKED) && emu_fault_due(emu))
		return true;
	if (emu->delay.count && emu->req[emu->delay.head].due_nsec <= emu->now_nsec) {
		delay_over(emu, emu_list_pop(emu, &emu->delay));
		return true;
	}
	emu->next_due_nsec = emu_deadline(emu);
	return false;
}

unsigned int emu_step(struct emu *emu, unsigned int max)
{
	uint32_t idle = 0; /* controllers in a row that have nothing to do */
	unsigned int done = 0;

	while (done < max && idle < emu->config.controllers) {
		struct emu_ctrl *ctrl = &emu->ctrl[emu->cur];
		unsigned int now;
		bool dry;

		if (__builtin_expect(emu->now_nsec >= emu->next_due_nsec, 0) && step_timers(emu)) {
			done++;
			idle = 0;
			continue;
		}
		now = step_turn(emu, ctrl, max - done, &dry);
		done += now;
		/* What it did may be something to do for the others. */
		idle = now ? dry : idle + 1;
		if ((now == 0 || dry || ctrl->burst == 0) && ++emu->cur == emu->config.controllers)
			emu->cur = 0;
	}
	return done;
}

void emu_set_time(struct emu *emu, uint64_t now_nsec)
{
	if (now_nsec > EMU_TIME_MAX)
		now_nsec = EMU_TIME_MAX;
	if (now_nsec > emu->now_nsec)
		emu->now_nsec = now_nsec;
}

uint64_t emu_time(const struct emu *emu)
{
	return emu->now_nsec;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t emu_deadline(const struct emu *emu)
{
	uint64_t due = emu_timers_next(emu);

	if (emu->delay.count)
		due = earlier(due, emu->req[emu->delay.head].due_nsec);
	if (emu_site(emu, EMU_MARKED))
		due = earlier(due, emu_fault_deadline(emu));
	return due;
}

/* A new deadline: the check in step_once() has to know it. */
void emu_arm(struct emu *emu, uint64_t due_nsec)
{
	emu->next_due_nsec = earlier(emu->next_due_nsec, due_nsec);
}
