/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a device makes of a scenario file (docs/scenario.md): its controller, its namespaces and the
 * faults that are injected. [driver], [workload] and [expect] are for others.
 *
 *	emu_scenario_open()                 read it, before the device is made
 *	emu_device_new()                    with the configuration and its namespaces
 *	emu_scenario_load()                 the faults
 */
#ifndef NVMELAB_EMULATOR_DEVICE_SCENARIO_H
#define NVMELAB_EMULATOR_DEVICE_SCENARIO_H

#include "common/text.h"
#include "emulator/core/config.h"
#include "emulator/core/fault.h"
#include "emulator/device/device.h"

#pragma GCC visibility push(default)

/**
 * emu_scenario_parse - read a scenario that is in memory
 * @name: of the file, for sentences
 * @data: @bytes of it
 * @config: gets the keys of [controller] and [controller N], so many controllers at least, the
 *	seed, and room for the faults; unchanged on failure.
 *	NULL: only the faults are wanted, groups of controllers and namespaces are ignored too.
 * @ret_scenario: the caller's, to be freed with emu_scenario_free()
 * @error: gets "NAME:LINE: [group] ..." with what is wrong and what is allowed; it needs room for
 *	the name and 2048 bytes
 * Return: 0; -EINVAL for a scenario that is refused; -ENOMEM.
 */
int emu_scenario_parse(const char *name, const char *data, size_t bytes, struct emu_config *config,
		       struct emu_scenario **ret_scenario, struct nvme_text *error);

/**
 * emu_scenario_open - read a scenario from a file
 * @path: a regular file, of 1 MiB at most
 * Return: as emu_scenario_parse(), or what the system said of the file.
 */
int emu_scenario_open(const char *path, struct emu_config *config,
		      struct emu_scenario **ret_scenario, struct nvme_text *error);

/** emu_scenario_free - NULL is fine */
void emu_scenario_free(struct emu_scenario *scenario);

/** emu_scenario_namespaces - those of the file, in its order; the scenario's, NULL for none */
const struct emu_ns_spec *emu_scenario_namespaces(const struct emu_scenario *scenario,
						  unsigned int *ret_count);

/** emu_scenario_faults - how many faults the file has */
uint32_t emu_scenario_faults(const struct emu_scenario *scenario);

/** emu_scenario_print_faults - append the budget and the faults, as a file has them */
void emu_scenario_print_faults(const struct emu_scenario *scenario, struct nvme_text *text);

/** emu_scenario_controllers - how many the file wants at least, 1 .. EMU_MAX_CONTROLLERS */
uint32_t emu_scenario_controllers(const struct emu_scenario *scenario);

/** emu_scenario_seed - 0 when the file does not say */
uint64_t emu_scenario_seed(const struct emu_scenario *scenario);

/** emu_scenario_ignored - "[driver], [workload]", or "" when nothing of the file is ignored */
const char *emu_scenario_ignored(const struct emu_scenario *scenario);

/**
 * emu_scenario_load - replace the faults of a subsystem by those of the file
 * @seed: of their draws
 * Return: 0, or -ENOSPC with a sentence when the configuration has no room for so many.
 */
int emu_scenario_load(const struct emu_scenario *scenario, struct emu *emu, uint64_t seed,
		      struct nvme_text *error);

#pragma GCC visibility pop

#endif
