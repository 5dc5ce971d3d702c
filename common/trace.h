/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace records: what happened, on which side, when, in which order.
 *
 * A core fills a record on its stack and hands it to a callback; nothing is formatted there. A
 * record holds numbers of the protocol only: no pointer, host address or table order, so that two
 * runs of the same input give the same bytes (docs/trace.md has the format).
 */
#ifndef NVMELAB_COMMON_TRACE_H
#define NVMELAB_COMMON_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

#pragma GCC visibility push(default)

#define NVME_TRACE_FORMAT 3
#define NVME_TRACE_ARGS	  8

enum nvme_trace_side {
	NVME_TRACE_CONTROLLER,
	NVME_TRACE_DRIVER,
	NVME_TRACE_BOTH, /* of a file; a record has one of the others */
};

enum nvme_trace_event {
#define NVME_EVENT(symbol, name, args) NVME_TRACE_##symbol,
#include "common/trace_events.def"
#undef NVME_EVENT
	NVME_TRACE_EVENTS
};

/** enum nvme_trace_suspend - what ctrl.suspend tells of, in a migration */
enum nvme_trace_suspend {
	NVME_TRACE_RESUMED = 0,
	NVME_TRACE_SUSPENDING, /* nothing is fetched, and something has to complete */
	NVME_TRACE_SUSPENDED,
};

/** enum nvme_db_refusal - why nothing came of a doorbell: the reason in db.refused */
enum nvme_db_refusal {
	NVME_DB_NOT_READY = 1, /* CSTS.RDY is 0 */
	NVME_DB_NO_DOORBELL,   /* between the strides */
	NVME_DB_NO_QUEUE,      /* a queue that does not exist */
	NVME_DB_BAD_VALUE,     /* beyond the queue, or more than it holds */
};

/**
 * struct nvme_trace_record - one event
 * @time_nsec: the clock of the side that records
 * @seq: counts the records of this side from 0
 * @event: enum nvme_trace_event
 * @side: enum nvme_trace_side
 * @ctrl: index of the controller in its subsystem, from 0
 * @args: as many as the event's row names, in its order
 * @data: bytes that belong to the event, or NULL; valid during the callback only
 */
struct nvme_trace_record {
	uint64_t time_nsec;
	uint64_t seq;
	uint16_t event;
	uint8_t side;
	uint16_t ctrl;
	uint64_t args[NVME_TRACE_ARGS];
	const void *data;
	uint32_t data_bytes;
};

/** struct nvme_trace_arg - name and kind ('d', 'x' or 'q') of an argument */
struct nvme_trace_arg {
	char name[12];
	char kind;
};

/**
 * nvme_trace_name - name of an event
 * Return: the name, or NULL past the last event, so that a loop over all ends there.
 */
const char *nvme_trace_name(unsigned int event);

/**
 * nvme_trace_args - names and kinds of the arguments of @event
 * @ret_args: room for NVME_TRACE_ARGS
 * Return: how many the event has; 0 for an unknown event.
 */
unsigned int nvme_trace_args(unsigned int event, struct nvme_trace_arg *ret_args);

/** nvme_trace_side_name - "controller", "driver" or "both" */
const char *nvme_trace_side_name(unsigned int side);

/**
 * nvme_trace_json - append @record as one JSON object, without the newline
 *
 * Context: any; allocates nothing. What does not fit sets text->cut: a record needs at most
 * 512 + 2 * data_bytes characters.
 */
void nvme_trace_json(struct nvme_text *text, const struct nvme_trace_record *record);

/** nvme_trace_json_both - the same for a file of both sides, where each record says whose it is */
void nvme_trace_json_both(struct nvme_text *text, const struct nvme_trace_record *record);

/**
 * nvme_trace_header - append the object that is the first line of a trace file
 * @side: whose records follow
 */
void nvme_trace_header(struct nvme_text *text, unsigned int side);

/**
 * nvme_trace_header_setup - the same for a controller's trace that can be replayed
 * @clock: "real" or "virtual"
 * @controllers: of the subsystem
 * @setup: @bytes of a scenario file, whose [controller] and [namespace N] describe it
 */
void nvme_trace_header_setup(struct nvme_text *text, const char *clock, unsigned int controllers,
			     const char *setup, size_t bytes);

#pragma GCC visibility pop

#endif
