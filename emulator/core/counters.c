/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counters of the SMART log that outlive the power, and with them the Error Information log: kept
 * when the controller is shut down, at the first I/O after that, ten seconds after something was
 * counted that was not yet kept (so much can be lost), and each hour, of which an idle controller
 * has nothing else to tell.
 */
#include "emulator/core/internal.h"

#define RECORD_VERSION	2
#define COUNTERS_AT	8
#define COUNTERS	9
#define ERRORS_AT	(COUNTERS_AT + 8 * COUNTERS) /* error_count */
#define HEAT_AT		(ERRORS_AT + 8)		     /* since version 2 */
#define HEAT		6
#define RECORD_BYTES	(HEAT_AT + 8 * HEAT)
#define EINVAL_NEGATIVE (-22)

/* The numbers of a record, in its order. */
static void list_counters(struct emu_ctrl *ctrl, uint64_t *ret_list[COUNTERS])
{
	struct emu_counters *counters = &ctrl->counters;
	uint64_t *const list[COUNTERS] = {
		&counters->sectors_read,     &counters->sectors_written, &counters->host_reads,
		&counters->host_writes,	     &counters->busy_nsec,	 &counters->power_cycles,
		&counters->unsafe_shutdowns, &counters->media_errors,	 &counters->power_on_nsec,
	};

	memcpy(ret_list, list, sizeof(list));
}

static void put_heat(const struct emu_heat *heat, uint8_t *to)
{
	const uint64_t list[HEAT] = {
		heat->warning_nsec, heat->critical_nsec, heat->tmt_nsec[0],
		heat->tmt_nsec[1],  heat->tmt_count[0],	 heat->tmt_count[1],
	};

	for (uint32_t i = 0; i < HEAT; i++)
		nvme_store_le64(to + 8 * (size_t)i, list[i]);
}

static void add_heat(struct emu_heat *heat, const uint8_t *from)
{
	heat->warning_nsec += nvme_load_le64(from);
	heat->critical_nsec += nvme_load_le64(from + 8);
	for (uint32_t i = 0; i < EMU_TMTS; i++) {
		heat->tmt_nsec[i] += nvme_load_le64(from + 16 + 8 * (size_t)i);
		heat->tmt_count[i] += (uint32_t)nvme_load_le64(from + 32 + 8 * (size_t)i);
	}
}

/** emu_save_counters - keep them now; whether the controller is shut down is one of them */
void emu_save_counters(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint8_t record[RECORD_BYTES] = { RECORD_VERSION, 0, ctrl->shut_down };
	uint64_t *list[COUNTERS];

	list_counters(ctrl, list);
	for (uint32_t i = 0; i < COUNTERS; i++)
		nvme_store_le64(record + COUNTERS_AT + 8 * (size_t)i, *list[i]);
	nvme_store_le64(record + COUNTERS_AT + 8ul * 4, emu_busy_nsec(emu, ctrl));
	nvme_store_le64(record + COUNTERS_AT + 8ul * 8, emu_power_on_nsec(emu, ctrl));
	nvme_store_le64(record + ERRORS_AT, ctrl->error_count);
	emu_heat_account(emu, ctrl);
	put_heat(&ctrl->heat, record + HEAT_AT);
	emu_save(emu, NULL, EMU_RECORD_SMART, ctrl->index, record, sizeof(record));
	emu_save_errors(emu, ctrl);
	ctrl->counters_due_nsec = emu->now_nsec + EMU_COUNTERS_NSEC;
	ctrl->counted = false;
}

/** emu_counters_later - something was counted that ten seconds may forget */
void emu_counters_later(struct emu *emu, struct emu_ctrl *ctrl)
{
	ctrl->counted = true;
	if (emu->ops.save && emu->timers[EMU_TIMER_COUNTERS] == EMU_NEVER)
		emu_sub_timer_set(emu, EMU_TIMER_COUNTERS, emu->now_nsec + EMU_COUNTERS_NSEC);
}

/** emu_counters_changed - the same of I/O, the first of which is told at once */
void emu_counters_changed(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (emu->ops.save && emu->now_nsec >= ctrl->counters_due_nsec)
		emu_save_counters(emu, ctrl);
	else
		emu_counters_later(emu, ctrl);
}

/** emu_counters_expired - of each controller that has something to keep */
void emu_counters_expired(struct emu *emu)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		if (emu->ctrl[i].counted)
			emu_save_counters(emu, &emu->ctrl[i]);
	}
}

void emu_keep_counters(struct emu *emu)
{
	for (uint32_t i = 0; emu->ops.save && i < emu->config.controllers; i++) {
		uint64_t due = emu->ctrl[i].counters_due_nsec;

		emu_save_counters(emu, &emu->ctrl[i]);
		emu->ctrl[i].counters_due_nsec =
			due; /* The first I/O is kept at once all the same. */
	}
}

/** emu_power_on_nsec - how long the controller had power in its life */
uint64_t emu_power_on_nsec(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	return ctrl->counters.power_on_nsec + emu->now_nsec;
}

/** emu_load_counters - what was counted since power-on goes on from what was kept */
int emu_load_counters(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	struct emu_ctrl *ctrl;
	uint64_t *list[COUNTERS];

	if (id >= emu->config.controllers || bytes < HEAT_AT || data[2] > 1 ||
	    bytes != (nvme_load_le16(data) == 1 ? HEAT_AT : RECORD_BYTES) ||
	    nvme_load_le16(data) > RECORD_VERSION)
		return EINVAL_NEGATIVE;
	for (uint32_t at = COUNTERS_AT; at < bytes; at += 8) {
		if (nvme_load_le64(data + at) > UINT64_MAX / 4)
			return EINVAL_NEGATIVE;
	}
	ctrl = &emu->ctrl[id];
	list_counters(ctrl, list);
	for (uint32_t i = 0; i < COUNTERS; i++)
		*list[i] += nvme_load_le64(data + COUNTERS_AT + 8 * (size_t)i);
	if (ctrl->error_count < nvme_load_le64(data + ERRORS_AT))
		ctrl->error_count = nvme_load_le64(data + ERRORS_AT);
	if (bytes > HEAT_AT)
		add_heat(&ctrl->heat, data + HEAT_AT);
	/* Power was lost without a shutdown. */
	ctrl->counters.unsafe_shutdowns += !data[2];
	return 0;
}
