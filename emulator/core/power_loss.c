/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Power loss signaling (Base 2.1 8.2.5): a host says that the power will go, each controller gets
 * ready for that and says when it is. Feature 1Bh says how.
 *
 * Forced Quiescence: nothing more is fetched, what was fetched completes, caches are flushed; when
 * the signal goes away, fetching goes on. Emergency Power Fail: what was fetched is dropped, caches
 * are flushed; only a reset or power brings the controller back. A self-test or sanitize operation
 * stands still during Forced Quiescence.
 */
#include "emulator/core/feature.h"

#define EINVAL_NEGATIVE (-22)
#define TEN_SECONDS	10000000000ull

/* Operations of the subsystem that stand still. */
static bool is_background(enum emu_sub_timer timer)
{
	return timer == EMU_TIMER_SELF_TEST || timer == EMU_TIMER_SANITIZE;
}

bool emu_has_power_loss(const struct emu *emu)
{
	return emu->config.power_loss;
}

static void set_state(struct emu *emu, struct emu_ctrl *ctrl, enum emu_pls state)
{
	ctrl->pls = state;
	ctrl->todo &= ~(uint32_t)EMU_TODO_POWER_LOSS;
	if (state != EMU_PLS_READY)
		ctrl->todo |= EMU_TODO_POWER_LOSS;
	emu_update_running(emu, ctrl);
}

static bool is_quiet(const struct emu_ctrl *ctrl)
{
	return ctrl->pls == EMU_PLS_FQ_PROCESSING || ctrl->pls == EMU_PLS_FQ_COMPLETE;
}

static void pause(struct emu *emu)
{
	struct emu_power_loss *loss = &emu->power_loss;

	loss->paused = true;
	loss->since_nsec = emu->now_nsec;
	for (uint32_t i = 0; i < EMU_SUB_TIMERS; i++) {
		loss->due_nsec[i] = is_background(i) ? emu->timers[i] : EMU_NEVER;
		if (is_background(i))
			emu->timers[i] = EMU_NEVER;
	}
}

/* As long as they stood still, all that they do is later. */
static void resume(struct emu *emu)
{
	struct emu_power_loss *loss = &emu->power_loss;
	uint64_t later = emu->now_nsec - loss->since_nsec;

	loss->paused = false;
	emu->self_test.start_nsec += later;
	emu->self_test.end_nsec += later;
	emu->sanitize.due_nsec += later;
	for (uint32_t i = 0; i < EMU_SUB_TIMERS; i++) {
		if (loss->due_nsec[i] != EMU_NEVER)
			emu_sub_timer_set(emu, (enum emu_sub_timer)i, loss->due_nsec[i] + later);
	}
}

bool emu_power_loss_defers(struct emu *emu, enum emu_sub_timer timer, uint64_t due_nsec)
{
	if (!emu->power_loss.paused || !is_background(timer))
		return false;
	emu->power_loss.due_nsec[timer] = due_nsec;
	return true;
}

/* Operations of the subsystem go on when no controller is quiet any more. */
static void look_at_background(struct emu *emu)
{
	bool quiet = false;

	for (uint32_t i = 0; i < emu->config.controllers; i++)
		quiet |= is_quiet(&emu->ctrl[i]);
	if (quiet && !emu->power_loss.paused)
		pause(emu);
	else if (!quiet && emu->power_loss.paused)
		resume(emu);
}

/* Nothing that was fetched completes any more, so nothing has a place in a queue. */
static void drop(struct emu *emu, struct emu_ctrl *ctrl)
{
	emu_drop_requests(emu, ctrl);
	for (uint32_t qid = 0; qid <= emu->config.queues; qid++) {
		ctrl->sq[qid].inflight = 0;
		ctrl->sq[qid].deleter = EMU_NONE;
		ctrl->cq[qid].reserved = 0;
	}
}

/* Base 2.1 Figure 663: from PLS Ready. While CSTS.RDY is 0 the signal is not heeded. */
static void begin(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t csts = emu_reg32(ctrl, NVME_REG_CSTS);

	if (ctrl->pls != EMU_PLS_READY || !NVME_GET(csts, NVME_CSTS_RDY) ||
	    NVME_GET(csts, NVME_CSTS_SHST) != NVME_CSTS_SHST_NONE ||
	    ctrl->todo & (EMU_TODO_RESETS | EMU_TODO_SHUTDOWN))
		return;
	ctrl->flush_wanted = emu->config.vwc;
	if (emu->features.pls == NVME_PLS_QUIESCENCE) {
		set_state(emu, ctrl, EMU_PLS_FQ_PROCESSING);
	} else if (emu->features.pls == NVME_PLS_EMERGENCY) {
		set_state(emu, ctrl, EMU_PLS_EPF_PROCESSING);
		drop(emu, ctrl);
	}
}

int emu_signal_power_loss(struct emu *emu, bool asserted)
{
	if (!emu->config.power_loss)
		return EINVAL_NEGATIVE;
	if (asserted && !emu->power_loss.asserted) {
		for (uint32_t i = 0; i < emu->config.controllers; i++)
			begin(emu, &emu->ctrl[i]);
	}
	emu->power_loss.asserted = asserted;
	look_at_background(emu);
	return 0;
}

enum emu_pla emu_power_loss_answer(const struct emu *emu)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		if (emu->ctrl[i].pls == EMU_PLS_FQ_PROCESSING)
			return EMU_PLA_FQ;
		if (emu->ctrl[i].pls == EMU_PLS_EPF_PROCESSING)
			return EMU_PLA_EPF_ENABLED;
	}
	return EMU_PLA_DEASSERTED;
}

/* What was fetched has ended, or, when it was dropped, the media have answered. */
static bool has_ended(const struct emu *emu, struct emu_ctrl *ctrl)
{
	if (ctrl->pls == EMU_PLS_FQ_PROCESSING)
		return !emu_commands_left(emu, ctrl);
	return !ctrl->media_pending && !ctrl->saves_pending;
}

bool emu_power_loss_stage(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (ctrl->pls == EMU_PLS_FQ_COMPLETE && !emu->power_loss.asserted) {
		set_state(emu, ctrl, EMU_PLS_READY);
		look_at_background(emu);
		return true;
	}
	if (ctrl->pls == EMU_PLS_FQ_COMPLETE || ctrl->pls == EMU_PLS_EPF_COMPLETE ||
	    !has_ended(emu, ctrl))
		return false;
	if (ctrl->flush_wanted) {
		ctrl->flush_wanted = false;
		if (ctrl->pls == EMU_PLS_EPF_PROCESSING)
			emu_busy_end(emu, ctrl, ctrl->io_busy);
		emu_start_flush(emu, ctrl);
		return true;
	}
	set_state(emu, ctrl,
		  ctrl->pls == EMU_PLS_FQ_PROCESSING ? EMU_PLS_FQ_COMPLETE : EMU_PLS_EPF_COMPLETE);
	return true;
}

void emu_power_loss_forget(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (ctrl->pls == EMU_PLS_READY)
		return;
	set_state(emu, ctrl, EMU_PLS_READY);
	look_at_background(emu);
}

void emu_power_loss_is_over(struct emu *emu)
{
	emu->power_loss.asserted = false;
}

/* A mode that is not there; while one is at work, another is refused (the status: unverified). */
nvme_status emu_check_power_loss(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 struct emu_setting *setting)
{
	(void)emu;
	if (setting->value > NVME_PLS_QUIESCENCE)
		return emu_bad_field(req, offsetof(struct nvme_sqe, cdw11), 0);
	return is_quiet(ctrl) ? NVME_SC_COMMAND_SEQUENCE_ERROR : NVME_SC_SUCCESS;
}

/*
 * Ten seconds for what commands and the flush of a cache take; recovery takes no longer than a
 * controller takes to get ready. The states do not differ.
 */
void emu_power_loss_identify(const struct emu_config *config, struct nvme_id_ctrl *id)
{
	uint64_t ready = config->ready_delay + config->media_delay + config->spinup_time;

	if (!config->power_loss)
		return;
	id->plsi = NVME_MASK(NVME_ID_CTRL_PLSI_EPF) | NVME_MASK(NVME_ID_CTRL_PLSI_FQ);
	for (uint32_t i = 0; i < config->power_states; i++) {
		struct nvme_power_state *psd = &id->psd[i];

		psd->fqvt = 1;
		psd->epfvt = 1;
		psd->epfrt = (uint8_t)(1 + ready / TEN_SECONDS);
		psd->epfr_fqv_ts = (uint8_t)(NVME_PUT(NVME_PS_EPFRTS, NVME_TIME_SCALE_10_SEC) |
					     NVME_PUT(NVME_PS_FQVTS, NVME_TIME_SCALE_10_SEC));
		psd->epfvts = NVME_PUT(NVME_PS_EPFVTS, NVME_TIME_SCALE_10_SEC);
	}
}
