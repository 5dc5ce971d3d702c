/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Temperature (Base 2.0 5.16.1.3, 5.27.1.4 and 5.27.1.12, unverified): what a test or the program
 * around the subsystem says it is. Thresholds warn, host controlled thermal management throttles,
 * and the SMART log has the times.
 */
#include "emulator/core/power.h"

#include "emulator/core/feature.h"

#define MINUTE_NSEC 60000000000ull
#define SECOND_NSEC 1000000000ull
#define LIGHT_NSEC  50000ull  /* a command takes that much longer */
#define HEAVY_NSEC  500000ull /* from the second temperature on */
#define CDW11	    offsetof(struct nvme_sqe, cdw11)

/* Of the composite temperature (0) or a sensor. */
static uint32_t kelvin_of(const struct emu_ctrl *ctrl, uint32_t sensor)
{
	return ctrl->heat.kelvin + (sensor ? sensor - 1 : 0);
}

/** emu_temperature_warning - whether a temperature is beyond one of its thresholds */
bool emu_temperature_warning(const struct emu_ctrl *ctrl)
{
	const uint32_t *over =
		&ctrl->features.temperature[(size_t)EMU_TEMP_OVER * EMU_TEMP_SENSORS];
	const uint32_t *under =
		&ctrl->features.temperature[(size_t)EMU_TEMP_UNDER * EMU_TEMP_SENSORS];

	for (uint32_t i = 0; i <= ctrl->heat.sensors; i++) {
		if (kelvin_of(ctrl, i) >= over[i] || kelvin_of(ctrl, i) <= under[i])
			return true;
	}
	return false;
}

/** emu_heat_account - the time since the last look passed at the temperature that it was */
void emu_heat_account(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_heat *heat = &ctrl->heat;
	uint64_t passed = emu->now_nsec - heat->since_nsec;

	heat->since_nsec = emu->now_nsec;
	if (heat->kelvin >= EMU_CCTEMP_KELVIN)
		heat->critical_nsec += passed;
	else if (heat->kelvin >= EMU_WCTEMP_KELVIN)
		heat->warning_nsec += passed;
	if (heat->throttle)
		heat->tmt_nsec[heat->throttle - 1] += passed;
}

static uint8_t throttle_of(const struct emu_ctrl *ctrl)
{
	uint32_t tmt1 = NVME_GET(ctrl->features.hctm, NVME_FEAT_HCTM_TMT1);
	uint32_t tmt2 = NVME_GET(ctrl->features.hctm, NVME_FEAT_HCTM_TMT2);

	if (tmt2 && ctrl->heat.kelvin >= tmt2)
		return 2;
	return tmt1 && ctrl->heat.kelvin >= tmt1;
}

/* Beyond the warning or the critical temperature, or no longer: an event to remember. */
static void note_excursion(struct emu *emu, struct emu_ctrl *ctrl)
{
	static const uint16_t limits[] = { 0, EMU_WCTEMP_KELVIN, EMU_CCTEMP_KELVIN };
	uint32_t kelvin = ctrl->heat.kelvin;
	uint8_t zone = kelvin >= EMU_CCTEMP_KELVIN ? 2 : kelvin >= EMU_WCTEMP_KELVIN;
	uint32_t over = zone ? kelvin - limits[zone] : 0;
	struct nvme_pel_thermal_excursion event = {
		.over_temp = (uint8_t)(over < UINT8_MAX ? over : UINT8_MAX),
		.threshold = zone,
	};

	if (zone == ctrl->heat.zone)
		return;
	ctrl->heat.zone = zone;
	emu_pel_add(emu, ctrl, NVME_PEL_EVENT_THERMAL_EXCURSION, &event, sizeof(event));
}

/** emu_heat_update - the temperature, a threshold or a thermal management temperature changed */
void emu_heat_update(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_heat *heat = &ctrl->heat;
	uint8_t throttle = throttle_of(ctrl);
	bool warning = emu_temperature_warning(ctrl);

	emu_heat_account(emu, ctrl);
	note_excursion(emu, ctrl);
	if (throttle > heat->throttle)
		heat->tmt_count[throttle - 1]++;
	if (throttle != heat->throttle)
		emu_trace(emu, ctrl, THROTTLE, heat->throttle, throttle, heat->kelvin);
	heat->throttle = throttle;
	if (throttle)
		emu_power_attend(ctrl);
	if (warning && !heat->warned)
		emu_raise_event(emu, ctrl, NVME_AER_SMART_TEMPERATURE);
	heat->warned = warning;
}

void emu_heat_init(struct emu *emu, struct emu_ctrl *ctrl)
{
	ctrl->heat = (struct emu_heat){
		.kelvin = (uint16_t)emu->config.temperature,
		.sensors = (uint8_t)emu->config.sensors,
		.since_nsec = emu->now_nsec,
	};
}

void emu_set_temperature(struct emu *emu, uint32_t index, uint32_t kelvin)
{
	struct emu_ctrl *ctrl;

	if (index >= emu->config.controllers)
		emu_panic(emu, "controller index out of range");
	ctrl = &emu->ctrl[index];
	emu_heat_account(emu, ctrl);
	ctrl->heat.kelvin =
		(uint16_t)(kelvin < UINT16_MAX - EMU_SENSORS ? kelvin : UINT16_MAX - EMU_SENSORS);
	emu_heat_update(emu, ctrl);
}

/** emu_heat_delay - how much longer a command takes than when it is cool */
uint64_t emu_heat_delay(const struct emu_ctrl *ctrl)
{
	return ctrl->heat.throttle == 0 ? 0 : ctrl->heat.throttle == 1 ? LIGHT_NSEC : HEAVY_NSEC;
}

/* Features. */

/* Base 2.0 5.27.1.4: the upper threshold of the composite temperature; the others are far away. */
uint32_t emu_initial_temperature(const struct emu *emu, uint32_t index)
{
	(void)emu;
	if (index / EMU_TEMP_SENSORS == EMU_TEMP_UNDER)
		return 0;
	return index % EMU_TEMP_SENSORS == 0 ? EMU_WCTEMP_KELVIN : UINT16_MAX;
}

/* A sensor that does not exist has no threshold. */
nvme_status emu_select_temperature(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				   struct emu_setting *setting)
{
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11);
	uint32_t sensor = NVME_GET(cdw11, NVME_FEAT_TEMP_TMPSEL);
	uint32_t limit = NVME_GET(cdw11, NVME_FEAT_TEMP_THSEL);
	bool all = sensor == NVME_FEAT_TEMP_TMPSEL_ALL && emu_feature_is_set(req);

	(void)ctrl;
	if (sensor > emu->config.sensors && !all)
		return emu_bad_field(req, CDW11 + 2, 0);
	if (limit > EMU_TEMP_UNDER)
		return emu_bad_field(req, CDW11 + 2, 4);
	setting->first = limit * EMU_TEMP_SENSORS + (all ? 0 : sensor);
	setting->count = all ? EMU_TEMP_SENSORS : 1;
	return NVME_SC_SUCCESS;
}

emu_verdict emu_apply_temperature(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				  const struct emu_setting *setting)
{
	(void)req;
	(void)setting;
	ctrl->heat.warned = false; /* A threshold that is exceeded at once is told at once. */
	emu_heat_update(emu, ctrl);
	return NVME_SC_SUCCESS;
}

bool emu_has_hctm(const struct emu *emu)
{
	return emu->config.hctm;
}

static bool is_tmt(uint32_t kelvin)
{
	return kelvin == 0 || (kelvin >= EMU_MNTMT_KELVIN && kelvin <= EMU_MXTMT_KELVIN);
}

/* Base 2.0 5.27.1.12: within MNTMT and MXTMT, and TMT1 below TMT2; 0 is off. */
nvme_status emu_check_hctm(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   struct emu_setting *setting)
{
	uint32_t tmt1 = NVME_GET(setting->value, NVME_FEAT_HCTM_TMT1);
	uint32_t tmt2 = NVME_GET(setting->value, NVME_FEAT_HCTM_TMT2);

	(void)emu;
	(void)ctrl;
	if (!is_tmt(tmt1) || (tmt1 && tmt2 && tmt1 >= tmt2))
		return emu_bad_field(req, CDW11 + 2, 0);
	return is_tmt(tmt2) ? NVME_SC_SUCCESS : emu_bad_field(req, CDW11, 0);
}

emu_verdict emu_apply_hctm(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting)
{
	(void)req;
	(void)setting;
	emu_heat_update(emu, ctrl);
	return NVME_SC_SUCCESS;
}

/** emu_heat_identify - temperatures of warnings, and what a host can manage */
void emu_heat_identify(const struct emu_config *config, struct nvme_id_ctrl *id)
{
	if (config->vs >= EMU_VS_1_2) {
		id->wctemp = nvme_le16(EMU_WCTEMP_KELVIN);
		id->cctemp = nvme_le16(EMU_CCTEMP_KELVIN);
	}
	if (!config->hctm)
		return;
	id->hctma = nvme_le16(NVME_MASK(NVME_ID_CTRL_HCTMA_HCTM));
	id->mntmt = nvme_le16(EMU_MNTMT_KELVIN);
	id->mxtmt = nvme_le16(EMU_MXTMT_KELVIN);
}

/** emu_heat_smart - what the SMART log says of it */
void emu_heat_smart(struct emu *emu, struct emu_ctrl *ctrl, struct nvme_smart_log *smart)
{
	const struct emu_heat *heat = &ctrl->heat;

	emu_heat_account(emu, ctrl);
	nvme_store_le16(smart->temperature, heat->kelvin);
	for (uint32_t i = 0; i < heat->sensors; i++)
		smart->temperature_sensor[i] = nvme_le16((uint16_t)kelvin_of(ctrl, i + 1));
	smart->warning_temperature_time = nvme_le32((uint32_t)(heat->warning_nsec / MINUTE_NSEC));
	smart->critical_temperature_time = nvme_le32((uint32_t)(heat->critical_nsec / MINUTE_NSEC));
	smart->tmt1_transitions = nvme_le32(heat->tmt_count[0]);
	smart->tmt2_transitions = nvme_le32(heat->tmt_count[1]);
	smart->tmt1_time = nvme_le32((uint32_t)(heat->tmt_nsec[0] / SECOND_NSEC));
	smart->tmt2_time = nvme_le32((uint32_t)(heat->tmt_nsec[1] / SECOND_NSEC));
}
