/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Persistent Event log: a ring of events of the subsystem, and the copy of it that a reporting
 * context keeps unchanged while a host reads (Base 2.0 5.16.1.14, unverified).
 */
#ifndef NVMELAB_EMULATOR_CORE_PEL_H
#define NVMELAB_EMULATOR_CORE_PEL_H

#include "common/nvme_spec.h"

struct emu;
struct emu_ctrl;
struct emu_req;

#define EMU_PEL_DATA_BYTES 512 /* of an event at most: the SMART log is the longest */

/** struct emu_pel_event - an event as the host reads it: head, then data of head.el bytes */
struct emu_pel_event {
	struct nvme_pel_event_header head;
	uint8_t data[EMU_PEL_DATA_BYTES];
};

/**
 * struct emu_pel - the log of a subsystem
 * @count: events ever; event n is in slot n % config.pel
 * @started: bit n: controller n was enabled since the subsystem exists
 * @events: config.pel slots
 * @context: head and events as they were when the context was established; NULL without a log
 * @context_bytes: 0: there is no context
 * @generation: of the context
 */
struct emu_pel {
	uint32_t count;
	uint16_t started;
	struct emu_pel_event *events;
	uint8_t *context;
	uint32_t context_bytes;
	uint16_t generation;
};

/** enum emu_hw_error - codes of event 05 */
enum emu_hw_error {
	EMU_HW_ERROR_UNSAFE_SHUTDOWN = 8,
	EMU_HW_ERROR_FATAL_STATUS = 9,
};

/**
 * emu_pel_add - remember an event; the oldest one gives way when the log is full
 * @ctrl: where it happened, or NULL
 * @data: of the event, @bytes long; what exceeds EMU_PEL_DATA_BYTES is left out
 */
void emu_pel_add(struct emu *emu, const struct emu_ctrl *ctrl, enum nvme_pel_event type,
		 const void *data, uint32_t bytes);

/** emu_pel_hw_error - event 05 with @code */
void emu_pel_hw_error(struct emu *emu, const struct emu_ctrl *ctrl, enum emu_hw_error code);

/** emu_pel_reset - event 04: a reset of @ctrl or power-on; @activated: with new firmware */
void emu_pel_reset(struct emu *emu, const struct emu_ctrl *ctrl, bool activated);

/**
 * emu_pel_enabled - @ctrl is enabled; the first time is its power-on, event 04
 *
 * Not when the subsystem is made: then the records are not loaded yet that come before it.
 */
void emu_pel_enabled(struct emu *emu, const struct emu_ctrl *ctrl);

/** emu_load_pel - record EMU_RECORD_PEL; @return: 0, or -22 for a bad one */
int emu_load_pel(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);

/** emu_pel_smart - event 01: a snapshot of the SMART log */
void emu_pel_smart(struct emu *emu, struct emu_ctrl *ctrl);

/** emu_pel_set_feature - event 0B: a Set Features that succeeded */
void emu_pel_set_feature(struct emu *emu, const struct emu_ctrl *ctrl, const struct emu_req *req);

/** emu_pel_timestamp - event 03: the clock of @ctrl is about to be set */
void emu_pel_timestamp(struct emu *emu, const struct emu_ctrl *ctrl);

/** emu_pel_forget_context - a power cycle or a subsystem reset ends the context */
void emu_pel_forget_context(struct emu *emu);

/** emu_pel_context_bytes - most bytes of a context of @events events */
uint32_t emu_pel_context_bytes(uint32_t events);

#endif
