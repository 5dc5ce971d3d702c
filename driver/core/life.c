/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine behind start, reset, shutdown and the like: an operation is a path of steps, each in
 * the file of its subject (ctrl.c, queues.c, scan.c, reset.c).
 *
 * A step is called until it says that it is done; it may ask the controller one thing at a time and
 * is called again with the answer. A step that fails ends the path: what began is unwound, and a
 * reset is tried again, first as before, then with the whole subsystem, until the attempts are used
 * up. So every operation ends, whatever the controller does.
 */
#include "driver/core/internal.h"

#define ROUNDS	       4 /* of operations that follow from each other, in one call */
#define RESET_ATTEMPTS 2 /* before the subsystem's, if there is that, and the end */

/* clang-format off */
#define HALT_STEPS \
	nvl_step_close, nvl_step_park, nvl_step_disable, nvl_step_unready, nvl_step_reap

#define RISE_STEPS \
	nvl_step_probe, nvl_step_vectors, nvl_step_left, nvl_step_disable, nvl_step_unready, \
	nvl_step_enable, nvl_step_ready, nvl_step_identify, nvl_step_shadow, nvl_step_granted, \
	nvl_step_create, nvl_step_tune, nvl_step_scan, nvl_step_arm

static nvl_step_fn *const start_steps[] = { nvl_step_park, RISE_STEPS, NULL };
static nvl_step_fn *const reset_steps[] = { HALT_STEPS, RISE_STEPS, NULL };
static nvl_step_fn *const subsystem_steps[] = {
	nvl_step_close, nvl_step_park, nvl_step_nssr, nvl_step_disable, nvl_step_unready,
	nvl_step_reap, RISE_STEPS, NULL
};
static nvl_step_fn *const shutdown_steps[] = {
	nvl_step_close_io, nvl_step_park, nvl_step_delete, nvl_step_notify, nvl_step_shut,
	HALT_STEPS, nvl_step_release, NULL
};
static nvl_step_fn *const abrupt_steps[] = {
	nvl_step_close_io, nvl_step_park, nvl_step_notify, nvl_step_shut, HALT_STEPS,
	nvl_step_release, NULL
};
static nvl_step_fn *const stop_steps[] = { HALT_STEPS, nvl_step_release, NULL };
static nvl_step_fn *const rescan_steps[] = { nvl_step_scan, NULL };
static nvl_step_fn *const queue_steps[] = { nvl_step_shrink, nvl_step_create, NULL };
static nvl_step_fn *const event_steps[] = { nvl_step_event, NULL };
/* clang-format on */

/**
 * struct path - an operation
 * @during: the state meanwhile, unless it changes none
 * @end: the state after it, where bring-up does not say
 */
struct path {
	nvl_step_fn *const *steps;
	enum nvl_state during;
	enum nvl_state end;
};

static const struct path paths[NVL_OPS] = {
	[NVL_OP_START] = { start_steps, NVL_STATE_STARTING, NVL_STATE_LIVE },
	[NVL_OP_RESET] = { reset_steps, NVL_STATE_RESETTING, NVL_STATE_LIVE },
	[NVL_OP_SUBSYSTEM_RESET] = { subsystem_steps, NVL_STATE_RESETTING, NVL_STATE_LIVE },
	[NVL_OP_SHUTDOWN] = { shutdown_steps, NVL_STATE_SHUTTING_DOWN, NVL_STATE_STOPPED },
	[NVL_OP_ABRUPT] = { abrupt_steps, NVL_STATE_SHUTTING_DOWN, NVL_STATE_STOPPED },
	[NVL_OP_SUSPEND] = { shutdown_steps, NVL_STATE_SHUTTING_DOWN, NVL_STATE_SUSPENDED },
	[NVL_OP_STOP] = { stop_steps, NVL_STATE_SHUTTING_DOWN, NVL_STATE_STOPPED },
	[NVL_OP_RESCAN] = { rescan_steps, NVL_STATE_LIVE, NVL_STATE_LIVE },
	[NVL_OP_QUEUES] = { queue_steps, NVL_STATE_LIVE, NVL_STATE_LIVE },
	[NVL_OP_EVENT] = { event_steps, NVL_STATE_LIVE, NVL_STATE_LIVE },
};

static nvl_step_fn *current_step(const struct nvl_life *life)
{
	nvl_step_fn *const *steps = life->unwinding ? stop_steps : paths[life->path].steps;

	return steps[life->at];
}

static void enter(struct nvl_life *life, uint32_t at)
{
	life->at = at;
	life->phase = 0;
	life->count = 0;
	life->until = 0;
}

static void take_path(struct nvl_life *life, enum nvl_operation path, bool unwinding)
{
	life->path = (uint8_t)path;
	life->unwinding = unwinding;
	life->enables = 0;
	enter(life, 0);
}

/** nvl_life_again - the step of the path that is @steps before this one is next */
void nvl_life_again(struct nvl_ctrl *ctrl, uint32_t steps)
{
	enter(&ctrl->life, ctrl->life.at - steps);
}

static void end(struct nvl_ctrl *ctrl, enum nvl_state state)
{
	struct nvl_life *life = &ctrl->life;

	life->result = life->error ? life->error : life->halt_error;
	life->operation = NVL_OP_NONE;
	life->asked = false;
	if (state != NVL_STATE_GONE)
		nvl_set_state(ctrl, state);
	nvl_unpark(ctrl);
}

static void end_up(struct nvl_ctrl *ctrl)
{
	bool degraded = ctrl->info.queues == 0 && ctrl->config.queues > 0 && nvl_has_io(ctrl);

	ctrl->identified = true;
	ctrl->unflushed = true;
	if (ctrl->life.error) {
		/* Of an attempt before this one, which did it. */
		ctrl->life.error = 0;
		nvl_clear_failure(ctrl);
	}
	nvl_resend_check(ctrl);
	end(ctrl, degraded ? NVL_STATE_DEGRADED : NVL_STATE_LIVE);
	ctrl->watch_nsec = nvl_later(nvl_now(ctrl), NVL_WATCH_NSEC);
	__atomic_store_n(&ctrl->gate, ctrl->epoch, __ATOMIC_RELEASE);
	for (uint32_t id = 1; id <= ctrl->info.queues; id++) {
		if (!nvl_is_claimed(ctrl->queues[id]))
			nvl_ring(ctrl->queues[id]);
	}
}

/* Operations of a controller that stays up; any other one may begin before they are over. */
static bool keeps_state(uint32_t operation)
{
	return operation == NVL_OP_RESCAN || operation == NVL_OP_EVENT ||
	       operation == NVL_OP_QUEUES;
}

/* The path is at its end. */
static void finish(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;
	const struct path *path = &paths[life->operation];

	if (keeps_state(life->operation))
		end(ctrl, nvl_state(ctrl));
	else if (path->end == NVL_STATE_LIVE && !life->unwinding)
		end_up(ctrl);
	else if (life->halt_error || path->during == NVL_STATE_RESETTING)
		end(ctrl, path->during == NVL_STATE_STARTING ? NVL_STATE_STOPPED : NVL_STATE_DEAD);
	else
		end(ctrl, path->end == NVL_STATE_LIVE ? NVL_STATE_STOPPED : path->end);
}

static bool reset_again(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;

	if (paths[life->operation].during != NVL_STATE_RESETTING)
		return false;
	/* Once more will not bring a controller round that does not even stop. */
	life->attempts += ctrl->failure.reason == NVL_REASON_READY_STUCK ? RESET_ATTEMPTS : 1;
	if (life->path == NVL_OP_RESET && life->attempts < RESET_ATTEMPTS) {
		nvl_mark(ctrl, NVL_RUNG_RESET_AGAIN);
		take_path(life, NVL_OP_RESET, false);
		return true;
	}
	if (life->path == NVL_OP_RESET && NVME_GET(ctrl->info.cap, NVME_CAP_NSSRS)) {
		nvl_mark(ctrl, NVL_RUNG_SUBSYSTEM_RESET);
		take_path(life, NVL_OP_SUBSYSTEM_RESET, false);
		return true;
	}
	nvl_mark(ctrl, NVL_RUNG_DEAD);
	return false;
}

/* A step failed: a device that is gone ends it all, the rest is tried again or unwound. */
static void fail(struct nvl_ctrl *ctrl, int error)
{
	struct nvl_life *life = &ctrl->life;

	if (life->unwinding)
		life->halt_error = error;
	else
		life->error = error;
	life->asked = false;
	if (nvl_state(ctrl) == NVL_STATE_GONE || nvl_lost(ctrl) || error == -NVL_ENODEV) {
		life->error = nvl_gone(ctrl, nvl_gone_result(ctrl));
		end(ctrl, NVL_STATE_GONE);
	} else if (keeps_state(life->operation)) {
		if (error < 0)
			nvl_fail(ctrl, NVL_REASON_COMMAND_TIMEOUT, error, 0);
		end(ctrl, nvl_state(ctrl));
	} else if (life->unwinding) {
		enter(life, life->at + 1u);
	} else if (!reset_again(ctrl)) {
		take_path(life, (enum nvl_operation)life->path, true);
	}
}

/* What was asked is answered, or late. */
static int await_answer(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;
	bool late = nvl_now(ctrl) >= life->asked_until;

	/* What is sent again at once may be answered at once. */
	for (uint32_t i = 0; i <= NVL_MAX_RETRIES && !life->answer.done; i++) {
		if (nvl_poll(ctrl->queues[0], 0) == 0)
			break;
	}
	if (!life->answer.done) {
		int lost = nvl_lost(ctrl);

		if (lost || !late)
			return lost ? lost : NVL_WAIT;
		nvl_request_mark_late(ctrl->queues[0], &life->answer);
		nvl_fail(ctrl, NVL_REASON_COMMAND_TIMEOUT, -NVL_ETIMEDOUT, 0);
		return -NVL_ETIMEDOUT;
	}
	life->asked = false;
	return 0;
}

static bool run(struct nvl_ctrl *ctrl)
{
	struct nvl_life *life = &ctrl->life;

	while (life->operation != NVL_OP_NONE) {
		nvl_step_fn *step = current_step(life);
		int result = life->asked ? await_answer(ctrl) : 0;

		if (result == 0 && step)
			result = step(ctrl);
		if (result == NVL_WAIT)
			return true;
		if (result == NVL_AGAIN)
			continue;
		if (result != 0)
			fail(ctrl, result);
		else if (step)
			enter(life, life->at + 1u);
		else
			finish(ctrl);
	}
	return false;
}

/**
 * nvl_ask - an admin command of a step, which is called again, in the next phase, with the answer
 * @bytes: transferred through ctrl->work, at most a page
 * Return: NVL_AGAIN, NVL_WAIT, or a negative errno, for the step to return.
 */
int nvl_ask(struct nvl_ctrl *ctrl, const struct nvme_sqe *sqe, uint32_t bytes)
{
	struct nvl_life *life = &ctrl->life;
	uint64_t now = nvl_now(ctrl);
	const struct nvl_urgent urgent = {
		.sqe = *sqe,
		.bytes = bytes,
		.deadline_nsec = NVL_NEVER, /* await_answer() knows. */
		.done = nvl_wait_done,
		.arg = &life->answer,
	};
	int error;

	if (bytes > 0 && !(sqe->opcode & NVME_DIRECTION_TO_CTRL))
		memset(ctrl->work, 0, bytes);
	life->answer.done = false;
	error = nvl_urgent(ctrl, &urgent);
	if (error == -NVL_EAGAIN) {
		/* Only a tiny admin queue, full of the caller's commands, comes here. */
		if (life->until == 0)
			life->until = nvl_later(now, ctrl->config.admin_timeout_nsec);
		nvl_poll(ctrl->queues[0], 0);
		return now >= life->until ? -NVL_ETIMEDOUT : NVL_WAIT;
	}
	if (error)
		return error;
	life->asked_until = nvl_later(now, ctrl->config.admin_timeout_nsec);
	life->asked = true;
	life->phase++;
	return NVL_AGAIN;
}

static int refusal(const struct nvl_ctrl *ctrl, enum nvl_operation operation, enum nvl_state state)
{
	bool busy = ctrl->life.operation != NVL_OP_NONE && !keeps_state(ctrl->life.operation);

	if (operation == NVL_OP_STOP)
		return 0;
	if (busy)
		return -NVL_EBUSY;
	switch (operation) {
	case NVL_OP_START:
		return state == NVL_STATE_NEW || state == NVL_STATE_STOPPED ||
				       state == NVL_STATE_SUSPENDED
			       ? 0
			       : -NVL_EBUSY;
	case NVL_OP_SUBSYSTEM_RESET:
		if (!NVME_GET(ctrl->info.cap, NVME_CAP_NSSRS))
			return -NVL_EOPNOTSUPP;
		return nvl_is_up(ctrl) || state == NVL_STATE_FAILED || state == NVL_STATE_DEAD
			       ? 0
			       : -NVL_ESHUTDOWN;
	case NVL_OP_RESET:
		return nvl_is_up(ctrl) || state == NVL_STATE_FAILED || state == NVL_STATE_DEAD
			       ? 0
			       : -NVL_ESHUTDOWN;
	case NVL_OP_SHUTDOWN:
	case NVL_OP_ABRUPT:
	case NVL_OP_SUSPEND:
	case NVL_OP_RESCAN:
	case NVL_OP_EVENT:
	case NVL_OP_QUEUES:
		return nvl_is_up(ctrl) ? 0 : -NVL_ESHUTDOWN;
	case NVL_OP_NONE:
	case NVL_OP_STOP:
	case NVL_OPS:
		break;
	}
	return -NVL_EINVAL;
}

int nvl_begin(struct nvl_ctrl *ctrl, enum nvl_operation operation)
{
	struct nvl_life *life = &ctrl->life;
	enum nvl_state state = nvl_state(ctrl);
	int error;

	if (state == NVL_STATE_GONE)
		return nvl_gone_result(ctrl);
	error = refusal(ctrl, operation, state);
	if (error)
		return error;
	if (!keeps_state(operation))
		nvl_clear_failure(ctrl);
	if (operation == NVL_OP_START && state != NVL_STATE_SUSPENDED)
		ctrl->identified = false;
	if (paths[operation].steps[0] == nvl_step_close)
		life->asked = false; /* What was asked is dropped with the rest. */
	if (operation == NVL_OP_STOP) {
		life->result = 0;
		if (state == NVL_STATE_NEW)
			return 0;
	}
	life->operation = (uint8_t)operation;
	life->attempts = 0;
	life->error = 0;
	life->halt_error = 0;
	take_path(life, operation, operation == NVL_OP_STOP);
	if (operation == NVL_OP_RESCAN)
		__atomic_store_n(&ctrl->rescan, 0, __ATOMIC_RELEASE);
	if (!keeps_state(operation))
		nvl_set_state(ctrl, paths[operation].during);
	ctrl->paused = ctrl->paused && keeps_state(operation);
	return 0;
}

bool nvl_step(struct nvl_ctrl *ctrl)
{
	bool busy = false;

	if (ctrl->life.stepping)
		nvl_panic(ctrl, "nvl_step() in a callback");
	ctrl->life.stepping = true;
	/* An event leads to a rescan, a failure to a reset; but the controller does not keep us. */
	for (uint32_t i = 0; i < ROUNDS && !busy; i++) {
		if (ctrl->life.operation == NVL_OP_NONE)
			nvl_look_after(ctrl);
		busy = run(ctrl);
		if (nvl_look_deadline(ctrl) > 0)
			break;
	}
	ctrl->life.stepping = false;
	return busy;
}

uint64_t nvl_deadline(const struct nvl_ctrl *ctrl)
{
	if (ctrl->life.operation != NVL_OP_NONE)
		return ctrl->life.asked ? ctrl->life.asked_until : ctrl->life.until;
	return nvl_look_deadline(ctrl);
}

int nvl_result(const struct nvl_ctrl *ctrl)
{
	return ctrl->life.result;
}

bool nvl_is_up(const struct nvl_ctrl *ctrl)
{
	enum nvl_state state = nvl_state(ctrl);

	return state == NVL_STATE_LIVE || state == NVL_STATE_DEGRADED;
}

/* A command that is sent again may be due before its answer is late. */
static uint64_t wait_until(const struct nvl_ctrl *ctrl)
{
	uint64_t due = nvl_queue_deadline(ctrl->queues[0]);
	uint64_t until = nvl_deadline(ctrl);

	return due < until ? due : until;
}

/** nvl_finish - wait until the operation under way is over; Return: how it ended */
int nvl_finish(struct nvl_ctrl *ctrl)
{
	if (ctrl->life.stepping)
		nvl_panic(ctrl, "a callback that waits");
	ctrl->life.stepping = true;
	while (run(ctrl)) {
		uint32_t vector = ctrl->life.asked ? ctrl->queues[0]->vector : NVL_NO_VECTOR;

		ctrl->ops.wait(ctrl->ops.arg, vector, wait_until(ctrl));
	}
	ctrl->life.stepping = false;
	return ctrl->life.result;
}

static int perform(struct nvl_ctrl *ctrl, enum nvl_operation operation)
{
	int error = nvl_begin(ctrl, operation);

	return error ? error : nvl_finish(ctrl);
}

int nvl_start(struct nvl_ctrl *ctrl)
{
	return perform(ctrl, NVL_OP_START);
}

int nvl_resume(struct nvl_ctrl *ctrl)
{
	if (nvl_state(ctrl) != NVL_STATE_SUSPENDED)
		return -NVL_ESHUTDOWN;
	return perform(ctrl, NVL_OP_START);
}

int nvl_reset(struct nvl_ctrl *ctrl)
{
	return perform(ctrl, NVL_OP_RESET);
}

int nvl_subsystem_reset(struct nvl_ctrl *ctrl)
{
	return perform(ctrl, NVL_OP_SUBSYSTEM_RESET);
}

int nvl_shutdown(struct nvl_ctrl *ctrl, bool abrupt)
{
	return perform(ctrl, abrupt ? NVL_OP_ABRUPT : NVL_OP_SHUTDOWN);
}

int nvl_suspend(struct nvl_ctrl *ctrl)
{
	return perform(ctrl, NVL_OP_SUSPEND);
}

int nvl_stop(struct nvl_ctrl *ctrl)
{
	return perform(ctrl, NVL_OP_STOP);
}

int nvl_rescan(struct nvl_ctrl *ctrl)
{
	return perform(ctrl, NVL_OP_RESCAN);
}
