/* SPDX-License-Identifier: BSD-3-Clause */
/* A device with a BAR0 that faults, and a driver for it, for tests. */
#ifndef TESTS_UNIT_TRAP_RIG_H
#define TESTS_UNIT_TRAP_RIG_H

#include "emulator/device/trapbar.h"
#include "tests/unit/trap_driver.h"

#define RIG_IOVA 0x40000000u

/** struct rig_seen - accesses that the controller saw, the last one, and a sum over its trace */
struct rig_seen {
	unsigned int reads, writes, doorbells;
	uint64_t offset, bytes, value;
	uint64_t hash;
};

/** struct rig - one for a test; @config is the test's until it opens the rig */
struct rig {
	struct emu_config config;
	struct emu_device *device;
	struct emu_trapbar *bar;
	struct trap_driver driver;
	struct rig_seen seen;
	uint8_t *memory; /* of the driver, TRAP_PAGES */
};

extern struct rig rig;

/** rig_begin - the configuration before a test changes it */
void rig_begin(void);

/** rig_open_with - a device by @options, whose @trace is the rig's unless it has one */
void rig_open_with(const struct emu_device_options *options, uint64_t jump_nsec);

/** rig_open - the same under a virtual clock */
void rig_open(uint64_t jump_nsec);

void rig_close(void);

#endif
