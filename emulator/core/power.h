/* SPDX-License-Identifier: BSD-3-Clause */
/* Power states and temperature of a controller, and interrupts that are held back. */
#ifndef NVMELAB_EMULATOR_CORE_POWER_H
#define NVMELAB_EMULATOR_CORE_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/nvme_spec.h"

#define EMU_POWER_STATES      5
#define EMU_POWER_OPERATIONAL 3 /* states below this one are operational */
#define EMU_SENSORS	      8
#define EMU_TMTS	      2 /* thermal management temperatures: light and heavy throttling */

/* The thermal management temperatures that a host can choose, in kelvin. */
#define EMU_MNTMT_KELVIN 303
#define EMU_MXTMT_KELVIN 373

struct emu;
struct emu_config;
struct emu_ctrl;

/** struct emu_held - completions of a vector that nobody was told of, and until when */
struct emu_held {
	uint64_t due_nsec; /* EMU_NEVER when there are none */
	uint32_t count;
};

/**
 * struct emu_power - where a controller is
 * @state: of the identified power states
 * @operational: the last one of those in which commands are processed
 * @attention: the next command has to ask emu_power_delay() how long it takes
 * @ready_nsec: end of the last transition
 * @active_nsec: idle since then, unless commands are in flight
 */
struct emu_power {
	uint8_t state;
	uint8_t operational;
	bool attention;
	uint64_t ready_nsec;
	uint64_t active_nsec;
};

/**
 * struct emu_heat - how warm a controller is, and was
 * @sensors: that exist; number n is n - 1 kelvin above the composite temperature
 * @throttle: 0, or how many of the thermal management temperatures are reached
 * @since_nsec: until then the times are counted
 */
struct emu_heat {
	uint16_t kelvin;
	uint8_t sensors;
	uint8_t zone; /* 0, 1 beyond WCTEMP, 2 beyond CCTEMP: the last event */
	uint8_t throttle;
	bool warned;
	uint64_t since_nsec;
	uint64_t warning_nsec;
	uint64_t critical_nsec;
	uint64_t tmt_nsec[EMU_TMTS];
	uint32_t tmt_count[EMU_TMTS];
};

/* power.c */
void emu_power_reset(struct emu *emu, struct emu_ctrl *ctrl);
void emu_power_expired(struct emu *emu, struct emu_ctrl *ctrl);
uint64_t emu_power_delay(struct emu *emu, struct emu_ctrl *ctrl);
void emu_power_attend(struct emu_ctrl *ctrl);
void emu_power_identify(const struct emu_config *config, struct nvme_id_ctrl *id);
bool emu_has_idle_states(const struct emu *emu);

/* heat.c */
void emu_heat_init(struct emu *emu, struct emu_ctrl *ctrl);
void emu_heat_account(struct emu *emu, struct emu_ctrl *ctrl);
void emu_heat_update(struct emu *emu, struct emu_ctrl *ctrl);
uint64_t emu_heat_delay(const struct emu_ctrl *ctrl);
void emu_heat_identify(const struct emu_config *config, struct nvme_id_ctrl *id);
void emu_heat_smart(struct emu *emu, struct emu_ctrl *ctrl, struct nvme_smart_log *smart);
bool emu_temperature_warning(const struct emu_ctrl *ctrl);

#endif
