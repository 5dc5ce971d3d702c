/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fault injection: rules (common/fault.h) that the stages consult at named sites.
 *
 * The configuration says for how many rules there is room; without any, a site costs one branch.
 * What a rule asks for is done by the one controller core: there is no other device that fails.
 */
#ifndef NVMELAB_EMULATOR_CORE_FAULT_H
#define NVMELAB_EMULATOR_CORE_FAULT_H

#include "common/fault.h"

#pragma GCC visibility push(default)

struct emu;

/**
 * emu_fault_load - replace all rules
 * @rules: @count rules that passed nvme_fault_check() and nvme_fault_check_set(); copied; may be
 *	NULL when there are none
 * @seed: of their random draws
 *
 * Counts begin anew; what the old rules held back is released.
 * Return: 0, or -ENOSPC (-28) for more rules than the configuration (key 'faults') has room for;
 * nothing is changed then.
 */
int emu_fault_load(struct emu *emu, const struct nvme_fault_rule *rules, uint32_t count,
		   uint64_t seed);

/**
 * emu_fault_change - other rules from now on, as if they had been there from the beginning
 * @rules: @count rules as of emu_fault_load()
 * @states: what has become of each of them, not NULL
 *
 * Seed and limits stay, and so does what is held back.
 * Return: as of emu_fault_load().
 */
int emu_fault_change(struct emu *emu, const struct nvme_fault_rule *rules,
		     const struct nvme_fault_state *states, uint32_t count);

/**
 * emu_fault_limit - what the rules that are loaded may touch: others than these never fire
 *
 * emu_fault_load() takes all limits away.
 */
void emu_fault_limit(struct emu *emu, const struct nvme_fault_budget *budget);

/**
 * struct emu_host_fault - what rules make of what a host asks of its own environment
 * @refused: it does not get it
 * @value: what it gets instead of what it asked for
 * @delay_nsec: how much later
 */
struct emu_host_fault {
	bool refused;
	uint64_t value;
	uint64_t delay_nsec;
};

/**
 * emu_fault_host - ask the rules at a site of the host (env.*); for a host that has rules, too
 * @ctrl: index of the controller that the host is about to use
 * @site: NVME_SITE_ENV_MAP, NVME_SITE_ENV_VECTORS or NVME_SITE_ENV_TIMER
 * @value: bytes, vectors, or 0
 *
 * Context: between calls of emu_step(); what rules do to the controller besides is done there.
 */
struct emu_host_fault emu_fault_host(struct emu *emu, uint32_t ctrl, enum nvme_fault_site site,
				     uint64_t value);

/** emu_fault_set - the rules, and what has become of them; NULL when there is no room for any */
const struct nvme_fault_set *emu_fault_set(const struct emu *emu);

/**
 * emu_fault_arm - look at rule @name from now on (@armed), or no longer
 * Return: false when there is no such rule.
 */
bool emu_fault_arm(struct emu *emu, const char *name, bool armed);

#pragma GCC visibility pop

#endif
