/* SPDX-License-Identifier: BSD-3-Clause */
/* A subsystem as the text of a scenario, from which emu_scenario_parse() makes the same one. */
#ifndef NVMELAB_EMULATOR_DEVICE_SETUP_H
#define NVMELAB_EMULATOR_DEVICE_SETUP_H

#include "common/text.h"
#include "emulator/core/config.h"
#include "emulator/device/scenario.h"

#define EMU_SETUP_BYTES 262144u /* as many keys, namespaces and rules as there can be need less */

/**
 * emu_setup_print - append the seed, the keys that are not the defaults, the namespaces, the faults
 * @scenario: whose faults they are; NULL for none
 *
 * Where the data of a namespace lies is not said: it is memory, as large as it was.
 */
void emu_setup_print(const struct emu_config *config, const struct emu_scenario *scenario,
		     struct nvme_text *text);

#endif
