/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rotational media (Base 2.0 8.20, 5.16.1.22 and 5.27.1.22, unverified). They begin to turn when
 * power comes, and cannot be used until they have their speed. With spinup control saved they stay
 * still at power-on, until a host asks for an operational power state; controllers get ready
 * without them, and commands that need them are refused.
 */
#include "emulator/core/feature.h"
#include "emulator/core/log.h"

#define RECORD_VERSION	1
#define RECORD_BYTES	8
#define EINVAL_NEGATIVE (-22)
#define NOMINAL_RPM	7200
#define ACTUATORS	1

bool emu_is_rotational(const struct emu *emu)
{
	return emu->config.rotational;
}

static void turn(struct emu *emu, uint64_t since_nsec)
{
	uint8_t record[RECORD_BYTES] = { RECORD_VERSION };

	emu->spindle.turning = true;
	emu->spindle.ready_nsec = since_nsec + emu->config.spinup_time;
	emu->spindle.spinups++;
	nvme_store_le32(record + 4, emu->spindle.spinups);
	emu_save(emu, NULL, EMU_RECORD_SPINDLE, 0, record, sizeof(record));
}

uint64_t emu_spindle_ready(struct emu *emu)
{
	if (!emu->config.rotational)
		return 0;
	if (!emu->spindle.turning && !emu->features.spinup)
		turn(emu, emu->spindle.power_nsec);
	return emu->spindle.turning ? emu->spindle.ready_nsec : EMU_NEVER;
}

void emu_spindle_power_on(struct emu *emu)
{
	emu->spindle.turning = false;
	emu->spindle.power_nsec = emu->now_nsec;
}

void emu_spindle_start(struct emu *emu)
{
	if (!emu->config.rotational || emu->spindle.turning)
		return;
	turn(emu, emu->now_nsec);
	emu_media_turns(emu);
}

/* The bit that is saved is for the next power-on; the spindle of this one is decided at once. */
nvme_status emu_check_spinup(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_setting *setting)
{
	(void)ctrl;
	(void)req;
	(void)setting;
	emu_spindle_ready(emu);
	return NVME_SC_SUCCESS;
}

int emu_load_spindle(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	if (id != 0 || bytes != RECORD_BYTES || nvme_load_le16(data) != RECORD_VERSION)
		return EINVAL_NEGATIVE;
	emu->spindle.spinups += nvme_load_le32(data + 4);
	return 0;
}

/* The heads are loaded whenever the spindle has its speed; nothing ever fails. */
void emu_fill_rotational(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			 uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	struct nvme_rotational_log log;

	(void)ctrl;
	(void)req;
	memset(&log, 0, sizeof(log));
	log.endgid = nvme_le16(EMU_ENDGID);
	log.numa = nvme_le16(ACTUATORS);
	log.nrs = nvme_le16(NOMINAL_RPM);
	log.spinc = nvme_le32(emu->spindle.spinups);
	log.ldc = nvme_le32(emu->spindle.spinups - (emu->now_nsec < emu->spindle.ready_nsec));
	emu_log_put(&part, 0, &log, sizeof(log));
}
