/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rotational media: one spindle for all namespaces, which the endurance group is made of
 * (Base 2.0 8.20, unverified).
 */
#ifndef NVMELAB_EMULATOR_CORE_SPINDLE_H
#define NVMELAB_EMULATOR_CORE_SPINDLE_H

#include <stdbool.h>
#include <stdint.h>

struct emu;

/**
 * struct emu_spindle - of the subsystem
 * @turning: it was told to turn since power-on
 * @power_nsec: when that was
 * @ready_nsec: when it has its speed, if it turns
 * @spinups: in its life
 */
struct emu_spindle {
	bool turning;
	uint64_t power_nsec;
	uint64_t ready_nsec;
	uint32_t spinups;
};

/**
 * emu_spindle_ready - when the media turn at their speed: emu->now_nsec or earlier for now
 *
 * Return: EMU_NEVER while spinup control keeps them still.
 */
uint64_t emu_spindle_ready(struct emu *emu);

/** emu_spindle_power_on - it stands still; the next controller that is enabled decides */
void emu_spindle_power_on(struct emu *emu);

/** emu_spindle_start - a host wants an operational power state: what was kept still turns */
void emu_spindle_start(struct emu *emu);

/** emu_load_spindle - as emu_load() */
int emu_load_spindle(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);

/* ctrl.c: the time from which the media can be used is known now. */
void emu_media_turns(struct emu *emu);

#endif
