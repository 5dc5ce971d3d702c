/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the driver tells its program: events of the controller and of its namespaces, and how far
 * recovery had to go. Included by nvl.h.
 */
#ifndef NVMELAB_DRIVER_CORE_NVL_EVENTS_H
#define NVMELAB_DRIVER_CORE_NVL_EVENTS_H

#include "driver/core/nvl.h"

#pragma GCC visibility push(default)

/** enum nvl_event_type - what happened; nvl_event_name() */
enum nvl_event_type {
	NVL_EVENT_ASYNC,	  /* the controller sent an asynchronous event */
	NVL_EVENT_NS_ADDED,	  /* @nsid is in the table now */
	NVL_EVENT_NS_REMOVED,	  /* @nsid is not any more: its I/O fails */
	NVL_EVENT_NS_RESIZED,	  /* from @before to @after blocks */
	NVL_EVENT_NS_REFORMATTED, /* its blocks are others: rows of before are refused */
	NVL_EVENT_NS_REPLACED,	  /* NGUID or EUI64 differ: another namespace with this NSID */
	NVL_EVENT_RESTARTED,	  /* not by the driver, after a power failure say: what was written
				     and not flushed may be gone; told before anything goes on */
	NVL_EVENT_TYPES
};

/**
 * struct nvl_event - one of them
 * @aer_type: of an asynchronous event: enum nvme_aer_type
 * @aer_info: its Asynchronous Event Information
 * @lid: the log page that the driver read, with @log_bytes at @log during the call
 * @nsid: of events about a namespace
 * @before: its NSZE
 * @after: its NSZE now
 */
struct nvl_event {
	uint32_t type;
	uint8_t aer_type;
	uint8_t aer_info;
	uint8_t lid;
	uint32_t nsid;
	uint64_t before;
	uint64_t after;
	const void *log;
	uint32_t log_bytes;
};

/** nvl_event_fn - takes an event; in nvl_step() or a call that waits: must not wait or step */
typedef void nvl_event_fn(void *arg, const struct nvl_event *event);

/** nvl_set_event_handler - who is told; NULL: nobody. Context: the owner. */
void nvl_set_event_handler(struct nvl_ctrl *ctrl, nvl_event_fn *event, void *arg);

/** nvl_event_name - "namespace added" and so on; "?" for a number that is no event */
const char *nvl_event_name(enum nvl_event_type type);

#define NVL_AERS 4 /* Asynchronous Event Requests outstanding at most, if AERL allows as many */

/** enum nvl_rung - rungs of the ladder of recovery; docs/recovery.md */
enum nvl_rung {
	NVL_RUNG_POLLED,	  /* the completion was there: an interrupt was lost */
	NVL_RUNG_REARMED,	  /* more late requests than can be aborted at a time: more time */
	NVL_RUNG_PAUSED,	  /* CSTS.PP: commands are held back, their time stands still */
	NVL_RUNG_FATAL,		  /* CSTS.CFS was seen: reset before any Abort */
	NVL_RUNG_SELF_RESET,	  /* RDY fell or NSSRO rose: the controller reset itself */
	NVL_RUNG_REMOVED,	  /* all ones, confirmed */
	NVL_RUNG_NOT_REMOVED,	  /* all ones for a moment */
	NVL_RUNG_ABORT,		  /* an Abort was sent */
	NVL_RUNG_ABORT_QUEUED,	  /* ACL allows no further Abort now */
	NVL_RUNG_ABORTED,	  /* the controller aborted the command */
	NVL_RUNG_ABORT_TOO_LATE,  /* it did not, but the command was complete meanwhile */
	NVL_RUNG_ABORT_REFUSED,	  /* it did not, and the command is outstanding: reset */
	NVL_RUNG_ABORT_TIMEOUT,	  /* no answer to an Abort, or to what it aborted: reset */
	NVL_RUNG_ADMIN_TIMEOUT,	  /* no answer to an admin command: reset */
	NVL_RUNG_ENABLE_AGAIN,	  /* CFS while enabling: once more */
	NVL_RUNG_RESET,		  /* a reset by the driver itself */
	NVL_RUNG_RESET_AGAIN,	  /* it failed and is tried again */
	NVL_RUNG_SUBSYSTEM_RESET, /* so does the whole subsystem */
	NVL_RUNG_DEAD,		  /* nothing helped */
	NVL_RUNG_RETRY,		  /* a command is sent again at once */
	NVL_RUNG_RETRY_DELAYED,	  /* after the delay that the controller asked for */
	NVL_RUNG_RETRIES_OVER,	  /* max_retries is used up: the status is reported */
	NVL_RUNG_RESENT,	  /* a command that was outstanding at a reset is sent again */
	NVL_RUNGS
};

/** nvl_rung_name - a few words; "?" for a number that is no rung */
const char *nvl_rung_name(enum nvl_rung rung);

/** nvl_rung_count - how often it was reached, since nvl_init() */
uint32_t nvl_rung_count(const struct nvl_ctrl *ctrl, enum nvl_rung rung);

#pragma GCC visibility pop

#endif
