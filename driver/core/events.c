/* SPDX-License-Identifier: BSD-3-Clause */
/* Telling the program: events, and the names of what recovery does. */
#include "driver/core/internal.h"

static const char *const event_names[NVL_EVENT_TYPES] = {
	[NVL_EVENT_ASYNC] = "asynchronous event",
	[NVL_EVENT_NS_ADDED] = "namespace added",
	[NVL_EVENT_NS_REMOVED] = "namespace removed",
	[NVL_EVENT_NS_RESIZED] = "namespace resized",
	[NVL_EVENT_NS_REFORMATTED] = "namespace reformatted",
	[NVL_EVENT_NS_REPLACED] = "namespace replaced",
	[NVL_EVENT_RESTARTED] = "controller restarted",
};

static const char *const rung_names[NVL_RUNGS] = {
	[NVL_RUNG_POLLED] = "completion found by polling",
	[NVL_RUNG_REARMED] = "more time, too many are late",
	[NVL_RUNG_PAUSED] = "processing paused",
	[NVL_RUNG_FATAL] = "fatal status",
	[NVL_RUNG_SELF_RESET] = "the controller reset itself",
	[NVL_RUNG_REMOVED] = "removed",
	[NVL_RUNG_NOT_REMOVED] = "all ones for a moment",
	[NVL_RUNG_ABORT] = "abort",
	[NVL_RUNG_ABORT_QUEUED] = "abort waits for the limit",
	[NVL_RUNG_ABORTED] = "aborted",
	[NVL_RUNG_ABORT_TOO_LATE] = "abort too late, completed",
	[NVL_RUNG_ABORT_REFUSED] = "abort refused",
	[NVL_RUNG_ABORT_TIMEOUT] = "abort without an effect",
	[NVL_RUNG_ADMIN_TIMEOUT] = "admin command timed out",
	[NVL_RUNG_ENABLE_AGAIN] = "enabled again",
	[NVL_RUNG_RESET] = "reset",
	[NVL_RUNG_RESET_AGAIN] = "reset again",
	[NVL_RUNG_SUBSYSTEM_RESET] = "subsystem reset",
	[NVL_RUNG_DEAD] = "given up",
	[NVL_RUNG_RETRY] = "retry",
	[NVL_RUNG_RETRY_DELAYED] = "retry after a delay",
	[NVL_RUNG_RETRIES_OVER] = "retries used up",
	[NVL_RUNG_RESENT] = "sent again after a reset",
};

/** nvl_notify - tell the program, if it wants to know */
void nvl_notify(struct nvl_ctrl *ctrl, const struct nvl_event *event)
{
	if (ctrl->event)
		ctrl->event(ctrl->event_arg, event);
}

void nvl_set_event_handler(struct nvl_ctrl *ctrl, nvl_event_fn *event, void *arg)
{
	ctrl->event = event;
	ctrl->event_arg = arg;
}

const char *nvl_event_name(enum nvl_event_type type)
{
	return (uint32_t)type < NVL_EVENT_TYPES ? event_names[type] : "?";
}

const char *nvl_rung_name(enum nvl_rung rung)
{
	return (uint32_t)rung < NVL_RUNGS ? rung_names[rung] : "?";
}

uint32_t nvl_rung_count(const struct nvl_ctrl *ctrl, enum nvl_rung rung)
{
	return (uint32_t)rung < NVL_RUNGS ? __atomic_load_n(&ctrl->rungs[rung], __ATOMIC_RELAXED)
					  : 0;
}

/** nvl_mark - a rung was reached; any thread that has a queue */
void nvl_mark(struct nvl_ctrl *ctrl, enum nvl_rung rung)
{
	__atomic_fetch_add(&ctrl->rungs[rung], 1, __ATOMIC_RELAXED);
}
