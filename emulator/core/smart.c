/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Health: critical warnings and the SMART / Health Information log (Base 2.0 5.16.1.3, unverified).
 */
#include "emulator/core/internal.h"

#define HOUR_NSEC	3600000000000ull
#define SPARE_FULL	100 /* percent */
#define SPARE_THRESHOLD 10

/** emu_critical_warning - the SMART log's Critical Warning */
uint32_t emu_critical_warning(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	return emu->warnings |
	       NVME_PUT(NVME_SMART_WARNING_TEMPERATURE, emu_temperature_warning(ctrl));
}

/**
 * emu_warn - a critical warning of the whole subsystem begins and lasts until power is cycled
 * @bit: one of NVME_SMART_WARNING_*, but for the temperature, which is each controller's
 *
 * The hosts that want to know are told by an event, each time.
 */
void emu_warn(struct emu *emu, uint32_t bit)
{
	emu->warnings |= bit;
	if (bit == NVME_MASK(NVME_SMART_WARNING_READ_ONLY))
		emu->gates |= EMU_GATE_READ_ONLY;
	emu_endurance_warn(emu, bit);
	emu_raise_everywhere(emu,
			     bit == NVME_MASK(NVME_SMART_WARNING_SPARE)
				     ? NVME_AER_SMART_SPARE
				     : NVME_AER_SMART_RELIABILITY,
			     NULL);
}

static void put128(struct nvme_u128le *counter, uint64_t value)
{
	counter->lo = nvme_le64(value);
}

/** emu_build_smart - the SMART log as it is now; data units are 1,000 sectors, rounded up */
void emu_build_smart(struct emu *emu, struct emu_ctrl *ctrl, struct nvme_smart_log *smart)
{
	const struct emu_counters *counters = &ctrl->counters;

	memset(smart, 0, sizeof(*smart));
	smart->critical_warning = (uint8_t)emu_critical_warning(emu, ctrl);
	emu_heat_smart(emu, ctrl, smart);
	smart->endurance_group_warning = emu_endurance_warnings(emu);
	smart->available_spare_threshold = SPARE_THRESHOLD;
	smart->available_spare = SPARE_FULL;
	if (emu->warnings & NVME_MASK(NVME_SMART_WARNING_SPARE))
		smart->available_spare = SPARE_THRESHOLD - 1;
	put128(&smart->data_units_read, (counters->sectors_read + 999) / 1000);
	put128(&smart->data_units_written, (counters->sectors_written + 999) / 1000);
	put128(&smart->host_read_commands, counters->host_reads);
	put128(&smart->host_write_commands, counters->host_writes);
	put128(&smart->controller_busy_time, emu_busy_nsec(emu, ctrl) / (HOUR_NSEC / 60));
	put128(&smart->power_cycles, counters->power_cycles);
	put128(&smart->power_on_hours, emu_power_on_nsec(emu, ctrl) / HOUR_NSEC);
	put128(&smart->unsafe_shutdowns, counters->unsafe_shutdowns);
	put128(&smart->media_errors, counters->media_errors);
	put128(&smart->error_log_entries, ctrl->error_count);
}
