/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one endurance group, which all namespaces are in (Base 2.0 3.2.3, unverified).
 */
#ifndef NVMELAB_EMULATOR_CORE_ENDURANCE_H
#define NVMELAB_EMULATOR_CORE_ENDURANCE_H

#include <stdbool.h>
#include <stdint.h>

struct emu;

#define EMU_ENDGID 1

/** struct emu_endurance - @pending: bit n: controller n's aggregate log names the group */
struct emu_endurance {
	uint16_t pending;
};

/** emu_endgid - the group that every namespace is in; 0 without groups */
uint16_t emu_endgid(const struct emu *emu);

/** emu_media_domain - the domain that the group is in; 0 without domains */
uint16_t emu_media_domain(const struct emu *emu);

/** emu_endurance_warnings - those of the group now; without groups there are none */
uint8_t emu_endurance_warnings(const struct emu *emu);

/** emu_endurance_warn - a critical warning of the subsystem is new; it may be the group's too */
void emu_endurance_warn(struct emu *emu, uint32_t bit);

#endif
