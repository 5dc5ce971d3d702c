/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The controller's own life: enable, ready, shutdown, fatal status, and the four kinds of reset
 * (Base 2.0 3.5 to 3.7, unverified).
 *
 * A write to CC leaves a mark in ctrl->todo; each call of emu_control_stage() takes one step.
 * Commands that the medium still has keep a reset or shutdown waiting; nothing else does.
 */
#include "emulator/core/job.h"
#include "emulator/core/stage.h"
#include "emulator/core/window.h"

static void set_csts(struct emu *emu, struct emu_ctrl *ctrl, uint32_t csts)
{
	emu_set_reg32(emu, ctrl, NVME_REG_CSTS, csts);
	emu_update_running(emu, ctrl);
}

static uint32_t get_csts(const struct emu_ctrl *ctrl)
{
	return emu_reg32(ctrl, NVME_REG_CSTS);
}

static bool shutdown_done(const struct emu_ctrl *ctrl)
{
	return NVME_GET(get_csts(ctrl), NVME_CSTS_SHST) == NVME_CSTS_SHST_COMPLETE;
}

/* After a shutdown no command is processed until CC.EN goes to 0 and to 1 again. */
void emu_update_running(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t csts = get_csts(ctrl);

	(void)emu;
	ctrl->halted = !(NVME_GET(csts, NVME_CSTS_RDY) && !NVME_GET(csts, NVME_CSTS_CFS) &&
			 ctrl->pls < EMU_PLS_EPF_PROCESSING && !shutdown_done(ctrl) &&
			 !ctrl->stalled && !ctrl->resetting && !ctrl->gone &&
			 emu_pci_bus_master(ctrl));
}

bool emu_live(const struct emu *emu, uint32_t index)
{
	return emu_is_ready(&emu->ctrl[index]);
}

bool emu_busy(const struct emu *emu, uint32_t index)
{
	const uint32_t quiet = EMU_TODO_PAUSED | EMU_TODO_POWER_LOSS | EMU_TODO_CDQ;

	return (emu->ctrl[index].todo & ~quiet) != 0;
}

void emu_fatal(struct emu *emu, struct emu_ctrl *ctrl, unsigned int reason)
{
	emu_trace(emu, ctrl, CTRL_FATAL, reason);
	emu_pel_hw_error(emu, ctrl, EMU_HW_ERROR_FATAL_STATUS);
	emu_telemetry_capture(emu, ctrl, "controller fatal status");
	emu_timer_set(emu, ctrl, EMU_TIMER_ALIVE, EMU_NEVER);
	emu_timer_set(emu, ctrl, EMU_TIMER_STALL, EMU_NEVER);
	set_csts(emu, ctrl, get_csts(ctrl) | NVME_MASK(NVME_CSTS_CFS));
}

/* Memory of a queue is not there. A host that rearranges its mappings brings it back. */
void emu_stall(struct emu *emu, struct emu_ctrl *ctrl, uint64_t iova)
{
	emu_trace(emu, ctrl, CTRL_STALL, iova);
	ctrl->stalled = true;
	emu_timer_set(emu, ctrl, EMU_TIMER_STALL, emu->now_nsec + EMU_STALL_NSEC);
	emu_update_running(emu, ctrl);
}

void emu_dma_changed(struct emu *emu, uint32_t index)
{
	struct emu_ctrl *ctrl = &emu->ctrl[index];

	ctrl->stalled = false;
	emu_timer_set(emu, ctrl, EMU_TIMER_STALL, EMU_NEVER);
	emu_update_running(emu, ctrl);
}

void emu_write_cc(struct emu *emu, struct emu_ctrl *ctrl, uint32_t old, uint32_t value)
{
	bool was_enabled = NVME_GET(old, NVME_CC_EN);
	bool enabled = NVME_GET(value, NVME_CC_EN);

	(void)emu;
	if (was_enabled && !enabled)
		ctrl->todo = (ctrl->todo & ~(uint32_t)EMU_TODO_ENABLE) | EMU_TODO_DISABLE;
	if (!was_enabled && enabled)
		ctrl->todo |= EMU_TODO_ENABLE;
	if (NVME_GET(value, NVME_CC_SHN) &&
	    NVME_GET(value, NVME_CC_SHN) != NVME_GET(old, NVME_CC_SHN))
		ctrl->todo |= EMU_TODO_SHUTDOWN;
}

void emu_want_reset(struct emu *emu, struct emu_ctrl *ctrl, enum emu_reset_kind kind)
{
	static const uint32_t todo[] = {
		[EMU_RESET_CONTROLLER] = EMU_TODO_DISABLE,
		[EMU_RESET_FUNCTION] = EMU_TODO_FUNCTION,
		[EMU_RESET_SUBSYSTEM] = EMU_TODO_SUBSYSTEM,
		[EMU_RESET_POWER] = EMU_TODO_POWER,
	};
	bool all = kind == EMU_RESET_SUBSYSTEM || kind == EMU_RESET_POWER;

	if (all && emu->shared_reset < kind)
		emu->shared_reset = (uint8_t)kind;
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		if (all || i == ctrl->index)
			emu->ctrl[i].todo |= todo[kind];
	}
}

void emu_reset(struct emu *emu, uint32_t index, enum emu_reset_kind kind)
{
	struct emu_ctrl *ctrl = &emu->ctrl[index];
	uint32_t cc = emu_reg32(ctrl, NVME_REG_CC);

	/* As if the host had written it: it enables again with one write. */
	if (kind == EMU_RESET_CONTROLLER) {
		ctrl->todo &= ~(uint32_t)EMU_TODO_ENABLE;
		emu_set_reg32(emu, ctrl, NVME_REG_CC, NVME_WITH(cc, NVME_CC_EN, 0));
	}
	emu_want_reset(emu, ctrl, kind);
}

int emu_cut_power(struct emu *emu, enum emu_cut keep)
{
	int result = 0;

	if (emu_site(emu, EMU_SITE(POWER)))
		keep = emu_fault_power(emu, keep);
	if (emu->ops.cut)
		result = emu->ops.cut(emu->ops.arg, keep);
	emu_want_reset(emu, &emu->ctrl[0], EMU_RESET_POWER);
	return result;
}

/* A list may be shared by controllers; those of the others stay, in order. */
static void drop_own(struct emu *emu, struct emu_list *list, uint8_t index)
{
	struct emu_list all = *list;
	struct emu_req *req;

	/* What ends here may wake others, so the list is not walked where it is. */
	*list = (struct emu_list){ EMU_NONE, EMU_NONE, 0 };
	while ((req = emu_list_pop(emu, &all)) != NULL) {
		if (req->ctrl != index) {
			emu_list_push(emu, list, req);
			continue;
		}
		emu_stage_release(emu, req);
		emu_req_drop(emu, req);
	}
}

/** emu_drop_requests - commands end without a completion; those of the medium when it answers */
void emu_drop_requests(struct emu *emu, struct emu_ctrl *ctrl)
{
	emu_firmware_dropped(emu, ctrl);
	emu_migration_dropped(emu, ctrl);
	drop_own(emu, &ctrl->waiting, ctrl->index);
	drop_own(emu, &emu->blocked, ctrl->index); /* it is woken by those that follow */
	drop_own(emu, &emu->delay, ctrl->index);
	drop_own(emu, &ctrl->execute, ctrl->index);
	drop_own(emu, &ctrl->transfer, ctrl->index);
	drop_own(emu, &ctrl->retire, ctrl->index);
	drop_own(emu, &ctrl->aers, ctrl->index);
	drop_own(emu, &ctrl->preempting, ctrl->index);
	if (emu->faults) {
		drop_own(emu, &emu->faults->held, ctrl->index);
		drop_own(emu, &emu->faults->hung, ctrl->index);
		drop_own(emu, &emu->faults->later, ctrl->index);
	}
	emu_jobs_forget(emu, ctrl);
	for (uint32_t tag = 0; tag < emu_requests(&emu->config); tag++) {
		struct emu_req *req = &emu->req[tag];

		if (req->ctrl != ctrl->index)
			continue;
		if (req->state == EMU_REQ_MEDIA || req->state == EMU_REQ_SAVING)
			req->dropped = true;
		else if (req->state == EMU_REQ_PARKED)
			emu_req_drop(emu, req);
	}
}

static void set_media_wait(struct emu *emu, struct emu_ctrl *ctrl, bool wait)
{
	uint32_t waiting = 0;

	ctrl->media_wait = wait;
	for (uint32_t i = 0; i < emu->config.controllers; i++)
		waiting += emu->ctrl[i].media_wait;
	emu->gates = (emu->gates & ~(uint32_t)EMU_GATE_MEDIA) | (waiting ? EMU_GATE_MEDIA : 0);
}

/* What every reset does once nothing is in flight (Base 2.0 3.7.2, unverified). */
static void reset_state(struct emu *emu, struct emu_ctrl *ctrl)
{
	emu_busy_end(emu, ctrl, ctrl->io_busy);
	emu_close_queues(emu, ctrl);
	emu_irq_forget(emu, ctrl);
	ctrl->aborts = 0;
	emu_reset_features(emu, ctrl);
	emu_reset_events(ctrl);
	memset(&ctrl->resv_log, 0, sizeof(ctrl->resv_log));
	emu_timers_stop(ctrl);
	emu_coalesce_update(emu, ctrl);
	emu_power_reset(emu, ctrl);
	emu_heat_update(emu, ctrl);
	emu_ana_arm(emu, ctrl); /* Paths come and go whatever the controller does. */
	ctrl->stalled = false;
	ctrl->burst = 0;
	emu_power_loss_forget(emu, ctrl);
	emu_cdq_reset(emu, ctrl);
	emu_migration_reset(emu, ctrl);
	set_media_wait(emu, ctrl, false);
}

static void count_unsafe_shutdown(struct emu *emu, struct emu_ctrl *ctrl)
{
	ctrl->counters.unsafe_shutdowns++;
	emu_pel_hw_error(emu, ctrl, EMU_HW_ERROR_UNSAFE_SHUTDOWN);
}

static void power_on(struct emu *emu, struct emu_ctrl *ctrl)
{
	/* Losing power without a shutdown while enabled is unsafe (SMART, Base 2.0 5.16.1.3). */
	if (ctrl->counters.power_cycles > 0 && !ctrl->shut_down)
		count_unsafe_shutdown(emu, ctrl);
	ctrl->counters.power_cycles++;
	ctrl->shut_down = true;
}

/*
 * What controllers share is reset by the first one that comes back: the others may take longer, for
 * their media, and must not undo what its host has done since.
 */
static void reset_shared(struct emu *emu)
{
	enum emu_reset_kind kind = (enum emu_reset_kind)emu->shared_reset;

	if (!kind)
		return;
	emu->shared_reset = 0;
	emu_reset_shared_features(emu, kind);
	emu_pel_forget_context(emu);
	emu->attachments = 0;
	if (kind == EMU_RESET_POWER) {
		emu->warnings = 0;
		emu_power_loss_is_over(emu);
		emu->gates &= ~(uint32_t)EMU_GATE_READ_ONLY;
		emu_spindle_power_on(emu);
	}
}

/* The hardest reset that was asked for. */
static enum emu_reset_kind kind_wanted(const struct emu_ctrl *ctrl)
{
	return ctrl->todo & EMU_TODO_POWER	 ? EMU_RESET_POWER
	       : ctrl->todo & EMU_TODO_SUBSYSTEM ? EMU_RESET_SUBSYSTEM
	       : ctrl->todo & EMU_TODO_FUNCTION	 ? EMU_RESET_FUNCTION
						 : EMU_RESET_CONTROLLER;
}

static void finish_reset(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t todo = ctrl->todo & ~(uint32_t)(EMU_TODO_POWER_LOSS | EMU_TODO_CDQ);
	uint32_t csts = get_csts(ctrl);
	uint32_t keep = NVME_GET(csts, NVME_CSTS_NSSRO);
	enum emu_reset_kind kind = kind_wanted(ctrl);

	reset_state(emu, ctrl);
	if (kind == EMU_RESET_POWER || kind == EMU_RESET_SUBSYSTEM)
		reset_shared(emu);
	if (kind == EMU_RESET_POWER)
		power_on(emu, ctrl);
	if (kind == EMU_RESET_POWER || kind == EMU_RESET_FUNCTION)
		emu_pci_reset(emu, ctrl);
	if (kind != EMU_RESET_CONTROLLER) {
		emu_reset_registers(emu, ctrl);
		todo &= ~(uint32_t)(EMU_TODO_ENABLE | EMU_TODO_SHUTDOWN);
	}
	/* What the host does not ask for any more; the subsystem's own shutdown goes on. */
	if (!ctrl->shut_all && NVME_GET(emu_reg32(ctrl, NVME_REG_CC), NVME_CC_SHN) == 0)
		todo &= ~(uint32_t)EMU_TODO_SHUTDOWN;
	if (kind == EMU_RESET_SUBSYSTEM)
		keep = 1;
	if (kind == EMU_RESET_POWER || ctrl->gone)
		keep = 0;
	emu_set_reg32(emu, ctrl, NVME_REG_INTMS, 0);
	emu_set_reg32(emu, ctrl, NVME_REG_INTMC, 0);
	ctrl->intm = 0;
	ctrl->resetting = false;
	ctrl->todo = todo & ~(uint32_t)EMU_TODO_RESETS;
	/* A subsystem that was shut down stays so when CC.EN goes to 0. */
	csts = kind == EMU_RESET_CONTROLLER && ctrl->shut_all
		       ? csts & (NVME_MASK(NVME_CSTS_ST) | NVME_MASK(NVME_CSTS_SHST))
		       : 0;
	if (csts == 0)
		ctrl->shut_all = 0;
	set_csts(emu, ctrl, csts | NVME_PUT(NVME_CSTS_NSSRO, keep));
	emu_trace(emu, ctrl, CTRL_RESET, kind);
	emu_self_test_reset(emu, ctrl);
	emu_pel_reset(emu, ctrl, emu_firmware_reset(emu, ctrl, kind));
}

/* Two stages: stop, then, when media and records have been answered, finish. */
static bool reset_stage(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (!ctrl->resetting) {
		emu_trace(emu, ctrl, CTRL_DISABLE, emu_reg32(ctrl, NVME_REG_CC));
		if (emu_site(emu, EMU_SITE(CTRL_RESET) | EMU_MARKED))
			emu_fault_reset(emu, ctrl, kind_wanted(ctrl));
		ctrl->resetting = true;
		ctrl->halted = true;
		emu_drop_requests(emu, ctrl);
		return true;
	}
	if (ctrl->media_pending || ctrl->saves_pending)
		return false;
	if (emu_site(emu, EMU_MARKED) && emu_fault_reset_waits(emu, ctrl, kind_wanted(ctrl)))
		return false;
	finish_reset(emu, ctrl);
	return true;
}

/* Base 2.0 3.5.1: what a host must have set up before CC.EN (unverified). */
static bool may_enable(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	uint32_t cc = emu_reg32(ctrl, NVME_REG_CC);
	uint32_t aqa = emu_reg32(ctrl, NVME_REG_AQA);
	uint32_t css = NVME_GET(cc, NVME_CC_CSS);
	uint64_t page_mask = (4096ull << NVME_GET(cc, NVME_CC_MPS)) - 1;

	if (css != NVME_CC_CSS_NVM && !(css == NVME_CC_CSS_ALL && emu->config.vs >= EMU_VS_2_0))
		return false;
	if (NVME_GET(cc, NVME_CC_MPS) > emu->config.mpsmax)
		return false;
	if (NVME_GET(cc, NVME_CC_AMS) != NVME_CC_AMS_RR &&
	    !(NVME_GET(cc, NVME_CC_AMS) == NVME_CC_AMS_WRR && emu->config.wrr))
		return false;
	if (NVME_GET(aqa, NVME_AQA_ASQS) == 0 || NVME_GET(aqa, NVME_AQA_ACQS) == 0)
		return false;
	return ((emu_reg64(ctrl, NVME_REG_ASQ) | emu_reg64(ctrl, NVME_REG_ACQ)) & page_mask) == 0;
}

void emu_media_expired(struct emu *emu, struct emu_ctrl *ctrl)
{
	set_media_wait(emu, ctrl, false);
}

void emu_ready_expired(struct emu *emu, struct emu_ctrl *ctrl)
{
	set_csts(emu, ctrl, get_csts(ctrl) | NVME_MASK(NVME_CSTS_RDY));
	emu_trace(emu, ctrl, CTRL_READY, get_csts(ctrl));
	emu_firmware_ready(emu, ctrl);
}

/* When the media can be used: after their delay, when they turn; EMU_NEVER: nobody knows. */
static uint64_t media_ready(struct emu *emu)
{
	uint64_t delayed = emu->now_nsec + emu->config.media_delay;
	uint64_t turning = emu_spindle_ready(emu);

	return delayed > turning ? delayed : turning;
}

/** emu_media_turns - controllers that wait for media that were kept still wait for a time now */
void emu_media_turns(struct emu *emu)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];

		if (ctrl->media_wait && ctrl->timers[EMU_TIMER_MEDIA] == EMU_NEVER)
			emu_timer_set(emu, ctrl, EMU_TIMER_MEDIA, media_ready(emu));
	}
}

/*
 * CSTS.RDY comes with the media, or before them when CC.CRIME asks for that (Base 2.0 3.5.3 and
 * 3.5.4, unverified). For media that are kept still by spinup control it does not wait.
 */
static void start_ready(struct emu *emu, struct emu_ctrl *ctrl)
{
	bool crime = NVME_GET(emu_reg32(ctrl, NVME_REG_CC), NVME_CC_CRIME);
	uint64_t delay = emu_config_own(&emu->config, ctrl->index, EMU_OWN_READY_DELAY);
	uint64_t media = media_ready(emu);

	if (!crime && media != EMU_NEVER && media - emu->now_nsec > delay)
		delay = media - emu->now_nsec;
	if (media - emu->now_nsec > delay) {
		set_media_wait(emu, ctrl, true);
		emu_timer_set(emu, ctrl, EMU_TIMER_MEDIA, media);
	}
	if (emu_site(emu, EMU_SITE(CTRL_READY)))
		delay = emu_fault_ready(emu, ctrl, delay);
	if (delay == 0)
		emu_ready_expired(emu, ctrl);
	else if (delay != EMU_NEVER)
		emu_timer_set(emu, ctrl, EMU_TIMER_READY, emu->now_nsec + delay);
}

static void enable(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t cc = emu_reg32(ctrl, NVME_REG_CC);

	ctrl->todo &= ~(uint32_t)EMU_TODO_ENABLE;
	emu_trace(emu, ctrl, CTRL_ENABLE, cc, emu_reg32(ctrl, NVME_REG_AQA),
		  emu_reg64(ctrl, NVME_REG_ASQ), emu_reg64(ctrl, NVME_REG_ACQ));
	if (emu_site(emu, EMU_SITE(CTRL_ENABLE)))
		emu_fault_enable(emu, ctrl);
	/* Only a reset of the subsystem, or power, brings it back (Base 2.0 3.6.3, unverified). */
	if (ctrl->shut_all)
		return;
	if (!may_enable(emu, ctrl) || !emu_window_enable(emu, ctrl)) {
		emu_fatal(emu, ctrl, EMU_FATAL_ENABLE);
		return;
	}
	emu_pel_enabled(emu, ctrl);
	ctrl->page_bytes = 4096u << NVME_GET(cc, NVME_CC_MPS);
	ctrl->weighted = NVME_GET(cc, NVME_CC_AMS) == NVME_CC_AMS_WRR;
	memset(ctrl->credit, 0, sizeof(ctrl->credit));
	memset(ctrl->class_rr, 0, sizeof(ctrl->class_rr));
	ctrl->shut_down = false;
	set_csts(emu, ctrl, NVME_WITH(get_csts(ctrl), NVME_CSTS_SHST, NVME_CSTS_SHST_NONE));
	emu_open_admin_queues(emu, ctrl);
	start_ready(emu, ctrl);
}

/**
 * emu_start_flush - the controller's own Flush of everything
 *
 * When the host asks for a normal shutdown, or the power will go. It needs no host memory, so it
 * does not matter whether commands can be processed now.
 */
void emu_start_flush(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_req *req = emu_req_get(emu, ctrl, true);

	if (!req)
		emu_panic(emu, "no request is left for the flush of a shutdown");
	memset(&req->sqe, 0, sizeof(req->sqe));
	req->sqe.opcode = NVME_CMD_FLUSH;
	req->sqe.nsid = nvme_le32(NVME_NSID_ALL);
	req->sqid = EMU_INTERNAL_SQ;
	emu_start_media(emu, ctrl, req);
}

static bool has_own(const struct emu *emu, const struct emu_list *list, uint8_t index)
{
	for (uint32_t tag = list->head; tag != EMU_NONE; tag = emu->req[tag].next) {
		if (emu->req[tag].ctrl == index)
			return true;
	}
	return false;
}

/**
 * emu_commands_left - whether something was fetched and has not ended
 *
 * Its own, and records that nobody waits for; another controller's load is no reason to wait.
 */
bool emu_commands_left(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	if (ctrl->io_busy || ctrl->saves_pending || emu->nobodys_saves)
		return true;
	return !ctrl->halted &&
	       (ctrl->execute.count || ctrl->transfer.count || ctrl->retire.count ||
		ctrl->waiting.count || has_own(emu, &emu->blocked, ctrl->index));
}

/*
 * Fetching stops, what is in flight ends, a normal shutdown flushes the cache, then SHST says
 * complete (Base 2.0 3.6.1, unverified). False: the other stages have to work first.
 */
static bool shutdown_stage(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t csts = get_csts(ctrl);
	uint32_t shn = NVME_GET(emu_reg32(ctrl, NVME_REG_CC), NVME_CC_SHN);

	if (ctrl->shut_all)
		shn = ctrl->shut_all;
	if (NVME_GET(csts, NVME_CSTS_SHST) != NVME_CSTS_SHST_OCCURRING) {
		emu_trace(emu, ctrl, CTRL_SHUTDOWN, shn, NVME_CSTS_SHST_OCCURRING);
		if (emu_site(emu, EMU_SITE(CTRL_SHUTDOWN) | EMU_MARKED))
			emu_fault_shutdown_waits(emu, ctrl, true);
		emu_power_loss_forget(emu, ctrl);
		emu_timer_set(emu, ctrl, EMU_TIMER_ALIVE, EMU_NEVER); /* Base 2.0 3.9, unverified */
		ctrl->flush_wanted = shn == NVME_CC_SHN_NORMAL && emu->config.vwc;
		csts = NVME_WITH(csts, NVME_CSTS_ST, ctrl->shut_all > 0);
		set_csts(emu, ctrl, NVME_WITH(csts, NVME_CSTS_SHST, NVME_CSTS_SHST_OCCURRING));
		return true;
	}
	if (emu_commands_left(emu, ctrl))
		return false;
	if (emu_site(emu, EMU_MARKED) && emu_fault_shutdown_waits(emu, ctrl, false))
		return false;
	if (ctrl->flush_wanted) {
		ctrl->flush_wanted = false;
		emu_start_flush(emu, ctrl);
		return true;
	}
	ctrl->todo &= ~(uint32_t)EMU_TODO_SHUTDOWN;
	ctrl->shut_down = true;
	csts = NVME_WITH(csts, NVME_CSTS_ST, ctrl->shut_all > 0);
	emu_pel_smart(emu, ctrl);
	emu_save_counters(emu, ctrl);
	ctrl->counters_due_nsec = 0; /* What is next is no clean shutdown any longer. */
	set_csts(emu, ctrl, NVME_WITH(csts, NVME_CSTS_SHST, NVME_CSTS_SHST_COMPLETE));
	emu_trace(emu, ctrl, CTRL_SHUTDOWN, shn, NVME_CSTS_SHST_COMPLETE);
	return true;
}

/** emu_shut_subsystem - NVM subsystem shutdown: @shn normal or abrupt, as in CC */
void emu_shut_subsystem(struct emu *emu, uint32_t shn)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];

		if (ctrl->shut_all)
			continue;
		ctrl->shut_all = (uint8_t)shn;
		ctrl->todo |= EMU_TODO_SHUTDOWN;
		if (shn == NVME_CC_SHN_NORMAL)
			emu_raise_event(emu, ctrl, NVME_AER_SUBSYSTEM_SHUTDOWN);
	}
}

bool emu_control_stage(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (ctrl->todo & EMU_TODO_RESETS) {
		if (emu_site(emu, EMU_MARKED))
			emu_fault_cut(emu);
		return reset_stage(emu, ctrl);
	}
	if (ctrl->todo & EMU_TODO_ENABLE) {
		enable(emu, ctrl);
		return true;
	}
	if (ctrl->todo & EMU_TODO_CDQ && emu_cdq_stage(emu, ctrl))
		return true;
	if (ctrl->todo & EMU_TODO_SHUTDOWN)
		return shutdown_stage(emu, ctrl);
	return (ctrl->todo & EMU_TODO_POWER_LOSS) && emu_power_loss_stage(emu, ctrl);
}

void emu_stall_expired(struct emu *emu, struct emu_ctrl *ctrl)
{
	emu_fatal(emu, ctrl, EMU_FATAL_QUEUE);
}

/* Base 2.0 3.9: a controller whose timer expires fails (unverified). */
void emu_alive_expired(struct emu *emu, struct emu_ctrl *ctrl)
{
	/* Traffic based: any command that was fetched meanwhile is as good (unverified). */
	if (emu->config.tbkas && ctrl->fetched != ctrl->alive_fetched) {
		emu_restart_keep_alive(emu, ctrl);
		return;
	}
	emu_log_event_error(emu, ctrl, NVME_SC_KEEP_ALIVE_EXPIRED);
	emu_fatal(emu, ctrl, EMU_FATAL_KEEP_ALIVE);
}
