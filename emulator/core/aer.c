/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asynchronous events (Base 2.0 5.2, unverified): a row an event. Requests wait here; an event
 * completes the oldest. A type that was reported is masked until the log page that the event named
 * is read without Retain Asynchronous Event.
 *
 * Nothing is lost: an event is remembered once until it is reported, and there is room for each.
 */
#include "emulator/core/feature.h"
#include "emulator/core/log.h"

typedef bool is_supported(const struct emu *emu);

static is_supported has_activation, has_telemetry, has_changed_list, has_ana, has_lba_status,
	has_groups, has_shutdown, has_data_queues, has_reservations, has_sanitize;

/* Critical warnings that say "reliability": degraded, read only, backup and PMR failed. */
#define RELIABILITY                                                                            \
	(NVME_MASK(NVME_SMART_WARNING_RELIABILITY) | NVME_MASK(NVME_SMART_WARNING_READ_ONLY) | \
	 NVME_MASK(NVME_SMART_WARNING_BACKUP) | NVME_MASK(NVME_SMART_WARNING_PMR))

/**
 * struct event - a row
 * @aer: enum nvme_aer
 * @wanted: bits of feature 0Bh of which one has to be set; 0: it cannot be switched off
 * @oaes: bit of Identify Controller's OAES
 * @supported: whether the configuration can cause it; NULL is always
 */
static const struct event {
	uint32_t aer;
	uint32_t wanted;
	uint32_t oaes;
	is_supported *supported;
} events[] = {
	/* clang-format off */
	{ NVME_AER_INVALID_DB_REGISTER, 0, 0, NULL },
	{ NVME_AER_INVALID_DB_VALUE, 0, 0, NULL },
	{ NVME_AER_DIAG_FAILURE, 0, 0, NULL },
	{ NVME_AER_PERSISTENT_INTERNAL, 0, 0, NULL },
	{ NVME_AER_TRANSIENT_INTERNAL, 0, 0, NULL },
	{ NVME_AER_FW_LOAD_ERROR, 0, 0, NULL },
	{ NVME_AER_SMART_RELIABILITY, RELIABILITY, 0, NULL },
	{ NVME_AER_SMART_TEMPERATURE, NVME_MASK(NVME_SMART_WARNING_TEMPERATURE), 0, NULL },
	{ NVME_AER_SMART_SPARE, NVME_MASK(NVME_SMART_WARNING_SPARE), 0, NULL },
	{ NVME_AER_NS_CHANGED, NVME_MASK(NVME_FEAT_AER_NS_ATTRIBUTE), NVME_MASK(NVME_ID_CTRL_OAES_NS_ATTRIBUTE), has_changed_list },
	{ NVME_AER_FW_ACTIVATION, NVME_MASK(NVME_FEAT_AER_FW_ACTIVATION), NVME_MASK(NVME_ID_CTRL_OAES_FW_ACTIVATION), has_activation },
	{ NVME_AER_TELEMETRY_CHANGED, NVME_MASK(NVME_FEAT_AER_TELEMETRY), 0, has_telemetry },
	{ NVME_AER_ANA_CHANGED, NVME_MASK(NVME_FEAT_AER_ANA), NVME_MASK(NVME_ID_CTRL_OAES_ANA), has_ana },
	{ NVME_AER_LBA_STATUS_ALERT, NVME_MASK(NVME_FEAT_AER_LBA_STATUS), NVME_MASK(NVME_ID_CTRL_OAES_LBA_STATUS), has_lba_status },
	{ NVME_AER_EG_CHANGED, NVME_MASK(NVME_FEAT_AER_EG_AGGREGATE), NVME_MASK(NVME_ID_CTRL_OAES_EG_AGGREGATE), has_groups },
	{ NVME_AER_SUBSYSTEM_SHUTDOWN, NVME_MASK(NVME_FEAT_AER_SUBSYSTEM_SHUTDOWN), NVME_MASK(NVME_ID_CTRL_OAES_SUBSYSTEM_SHUTDOWN), has_shutdown },
	{ NVME_AER_CDQ_TAIL, 0, 0, has_data_queues },
	{ NVME_AER_CDQ_FULL, 0, 0, has_data_queues },
	{ NVME_AER_RESV_LOG_AVAILABLE, 0, 0, has_reservations },
	{ NVME_AER_SANITIZE_COMPLETED, 0, 0, has_sanitize },
	{ NVME_AER_SANITIZE_DEALLOCATED, 0, 0, has_sanitize },
	/* clang-format on */
};

#define EVENTS (sizeof(events) / sizeof(events[0]))

_Static_assert(EVENTS <= EMU_EVENTS, "each event has a place to wait in");

static bool has_changed_list(const struct emu *emu)
{
	return emu_log_supported(emu, NVME_LID_CHANGED_NS);
}

static bool has_activation(const struct emu *emu)
{
	return emu_cmd_supported(emu, true, NVME_ADMIN_FW_COMMIT);
}

static bool has_telemetry(const struct emu *emu)
{
	return emu_log_supported(emu, NVME_LID_TELEMETRY_CTRL);
}

static bool has_ana(const struct emu *emu)
{
	return emu_log_supported(emu, NVME_LID_ANA);
}

static bool has_lba_status(const struct emu *emu)
{
	return emu_log_supported(emu, NVME_LID_LBA_STATUS);
}

static bool has_groups(const struct emu *emu)
{
	return emu_log_supported(emu, NVME_LID_EG_AGGREGATE);
}

/* Of the registers of any controller: they all have the same capabilities. */
static bool has_shutdown(const struct emu *emu)
{
	return NVME_GET64(emu_reg64(&emu->ctrl[0], NVME_REG_CAP), NVME_CAP_NSSS);
}

static bool has_data_queues(const struct emu *emu)
{
	return emu_cmd_supported(emu, true, NVME_ADMIN_CDQ);
}

static bool has_reservations(const struct emu *emu)
{
	return emu_log_supported(emu, NVME_LID_RESERVATION);
}

static bool has_sanitize(const struct emu *emu)
{
	return emu_log_supported(emu, NVME_LID_SANITIZE);
}

static const struct event *find_event(const struct emu *emu, uint32_t aer)
{
	for (size_t i = 0; i < EVENTS; i++) {
		if (events[i].aer == aer)
			return !events[i].supported || events[i].supported(emu) ? &events[i] : NULL;
	}
	return NULL;
}

/** emu_oaes - Identify Controller's OAES: the events that the rows offer */
uint32_t emu_oaes(const struct emu *emu)
{
	uint32_t oaes = 0;

	for (size_t i = 0; i < EVENTS; i++) {
		if (find_event(emu, events[i].aer))
			oaes |= events[i].oaes;
	}
	return oaes;
}

/* Base 2.0 5.27.1.8: what no event stands for stays 0 (unverified). */
nvme_status emu_check_events(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_setting *setting)
{
	uint32_t bits = NVME_MASK(NVME_FEAT_AER_SMART);

	(void)ctrl;
	(void)req;
	for (size_t i = 0; i < EVENTS; i++) {
		if (find_event(emu, events[i].aer))
			bits |= events[i].wanted;
	}
	setting->value &= bits;
	return NVME_SC_SUCCESS;
}

emu_verdict emu_exec_aer(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	if (ctrl->aers.count > emu_config_own(&emu->config, ctrl->index, EMU_OWN_AERL))
		return emu_bad(req, NVME_SC_AER_LIMIT_EXCEEDED, 0, 0);
	/*
	 * It may wait for ever, so its slot of the completion queue is free for others meanwhile.
	 */
	ctrl->cq[0].reserved--;
	req->state = EMU_REQ_PARKED;
	emu_list_push(emu, &ctrl->aers, req);
	emu_deliver_events(emu, ctrl);
	return EMU_PARK;
}

static bool is_wanted(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t aer)
{
	const struct event *event = find_event(emu, aer);

	return event && (!event->wanted || (event->wanted & ctrl->features.async_events));
}

static void remove_event(struct emu_ctrl *ctrl, uint32_t position)
{
	ctrl->event_count--;
	for (uint32_t i = position; i < ctrl->event_count; i++)
		ctrl->events[i] = ctrl->events[i + 1];
}

/** emu_deliver_events - complete waiting requests with waiting events while both exist */
void emu_deliver_events(struct emu *emu, struct emu_ctrl *ctrl)
{
	for (uint32_t i = 0; i < ctrl->event_count;) {
		uint32_t aer = ctrl->events[i];
		uint8_t *log = &ctrl->event_log[NVME_GET(aer, NVME_AER_TYPE)];
		struct emu_req *req;

		if (*log) {
			i++;
			continue;
		}
		if (!ctrl->aers.count || !emu_cq_has_room(&ctrl->cq[0]))
			return;
		req = emu_list_pop(emu, &ctrl->aers);
		ctrl->cq[0].reserved++;
		remove_event(ctrl, i);
		/* Immediate and one-shot events name no log: their types are never masked. */
		*log = (uint8_t)NVME_GET(aer, NVME_AER_LID);
		req->dw0 = aer;
		emu_finish(emu, req, NVME_SC_SUCCESS);
	}
}

/**
 * emu_raise_event - something happened that the host may want to know
 *
 * Remembered once, if the host asked for it (feature 0Bh) and the controller is ready. What happens
 * to a controller that is not enabled, its host finds out when it enables it.
 */
void emu_raise_event(struct emu *emu, struct emu_ctrl *ctrl, uint32_t aer)
{
	if (!emu_is_ready(ctrl) || !is_wanted(emu, ctrl, aer))
		return;
	if (emu_site(emu, EMU_SITE(AER_RAISE)) && !emu_fault_event(emu, ctrl, &aer))
		return;
	for (uint32_t i = 0; i < ctrl->event_count; i++) {
		if (ctrl->events[i] == aer)
			return;
	}
	emu_trace(emu, ctrl, AER_RAISE, NVME_GET(aer, NVME_AER_TYPE), NVME_GET(aer, NVME_AER_INFO),
		  NVME_GET(aer, NVME_AER_LID));
	ctrl->events[ctrl->event_count++] = aer;
	emu_deliver_events(emu, ctrl);
}

/** emu_raise_everywhere - an event of all controllers besides @except, which may be NULL */
void emu_raise_everywhere(struct emu *emu, uint32_t aer, const struct emu_ctrl *except)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		if (&emu->ctrl[i] != except)
			emu_raise_event(emu, &emu->ctrl[i], aer);
	}
}

/* What the host switched off while it waited is not reported any more (unverified). */
emu_verdict emu_apply_events(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting)
{
	(void)req;
	(void)setting;
	for (uint32_t i = ctrl->event_count; i-- > 0;) {
		if (!is_wanted(emu, ctrl, ctrl->events[i]))
			remove_event(ctrl, i);
	}
	return NVME_SC_SUCCESS;
}

/**
 * emu_rearm_events - the host has the log page that it asked for
 *
 * Without Retain Asynchronous Event the types whose last event named that page are reported again.
 */
void emu_rearm_events(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);

	if (NVME_GET(cdw10, NVME_GET_LOG_RAE))
		return;
	for (uint32_t type = 0; type < EMU_EVENT_TYPES; type++) {
		if (ctrl->event_log[type] == NVME_GET(cdw10, NVME_GET_LOG_LID))
			ctrl->event_log[type] = 0;
	}
	emu_deliver_events(emu, ctrl);
}

/** emu_reset_events - no event waits and no type is masked, as after a reset */
void emu_reset_events(struct emu_ctrl *ctrl)
{
	ctrl->event_count = 0;
	memset(ctrl->event_log, 0, sizeof(ctrl->event_log));
}

int emu_inject_event(struct emu *emu, uint32_t ctrl, uint32_t aer)
{
	if (ctrl >= emu->config.controllers)
		emu_panic(emu, "emu_inject_event: controller index out of range");
	if (!find_event(emu, aer))
		return -22; /* EINVAL */
	/* So that the log agrees with the event; the temperature is what it is. */
	if (aer == NVME_AER_SMART_SPARE)
		emu_warn(emu, NVME_MASK(NVME_SMART_WARNING_SPARE));
	else if (aer == NVME_AER_SMART_RELIABILITY)
		emu_warn(emu, NVME_MASK(NVME_SMART_WARNING_RELIABILITY));
	else
		emu_raise_event(emu, &emu->ctrl[ctrl], aer);
	return 0;
}
