/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The life of a controller, step by step. Included by nvl.h.
 *
 *            start              found            reset, failed
 *   new --------> enabling -------------> live <--------------> resetting ---> dead
 *                    |   \-- no queues -> degraded <-----------/    |
 *                    v                      |  shutdown, suspend    v
 *                 stopped <---- shutting down ----> suspended    removed
 *
 * Nothing here waits: an operation is begun, nvl_step() takes it as far as it goes, nvl_deadline()
 * says when to come back at the latest. nvl_start(), nvl_reset() and their like are loops around
 * the two. A program with a loop of its own calls them there; then the controller is also watched,
 * recovered and reset by itself.
 */
#ifndef NVMELAB_DRIVER_CORE_NVL_LIFE_H
#define NVMELAB_DRIVER_CORE_NVL_LIFE_H

#include "driver/core/nvl.h"

#pragma GCC visibility push(default)

/** enum nvl_operation - what changes the state of a controller; nvl_begin() */
enum nvl_operation {
	NVL_OP_NONE,
	NVL_OP_START,		/* see nvl_start(); also from suspended */
	NVL_OP_RESET,		/* see nvl_reset() */
	NVL_OP_SUBSYSTEM_RESET, /* see nvl_subsystem_reset() */
	NVL_OP_SHUTDOWN,	/* see nvl_shutdown() */
	NVL_OP_ABRUPT,		/* nvl_shutdown() with abrupt */
	NVL_OP_SUSPEND,		/* see nvl_suspend() */
	NVL_OP_STOP,		/* see nvl_stop() */
	NVL_OP_RESCAN,		/* see nvl_rescan() */
	NVL_OP_QUEUES,		/* see nvl_set_queues() */
	NVL_OP_EVENT,		/* the driver's own: read the log of an asynchronous event */
	NVL_OPS
};

/**
 * nvl_begin - start an operation; nvl_step() does it
 *
 * Context: the owner; does not wait.
 * Return: 0; -NVL_EBUSY when another one is under way (which NVL_OP_STOP ends instead) or the
 * controller is in operation already; -NVL_ESHUTDOWN when it is not; -NVL_EOPNOTSUPP for a
 * subsystem reset without CAP.NSSRS; -NVL_ENODEV or what ops->alive says when it is removed.
 */
int nvl_begin(struct nvl_ctrl *ctrl, enum nvl_operation operation);

/**
 * nvl_step - take the operation under way as far as it goes; else look after the controller
 *
 * Polls the admin queue, and so calls back. In operation it reads CSTS once a second, looks for
 * late requests on queues that no thread has claimed, and resets a controller that failed.
 * Context: the owner; does not wait; not in a callback.
 * Return: whether an operation is under way. Registers are polled at every call then: come back
 * within a millisecond or so where time is real.
 */
bool nvl_step(struct nvl_ctrl *ctrl);

/** nvl_deadline - when nvl_step() has something to do, at the latest; NVL_NEVER: only if asked */
uint64_t nvl_deadline(const struct nvl_ctrl *ctrl);

/** nvl_result - how the last operation ended. Return: as nvl_start(), nvl_reset() and so on. */
int nvl_result(const struct nvl_ctrl *ctrl);

/** nvl_is_up - whether admin commands work: live or degraded */
bool nvl_is_up(const struct nvl_ctrl *ctrl);

/**
 * nvl_suspend - shut the controller down, to be started again with the same namespaces
 *
 * As nvl_shutdown() without abrupt, but the state is SUSPENDED, and nvl_resume() takes a
 * controller or namespaces that are others for a failure.
 * Return: as nvl_shutdown().
 */
int nvl_suspend(struct nvl_ctrl *ctrl);

/** nvl_resume - nvl_start() for a suspended controller; -NVL_ESHUTDOWN if it is not suspended */
int nvl_resume(struct nvl_ctrl *ctrl);

/**
 * nvl_subsystem_reset - NSSR, then as nvl_reset(): other controllers of the subsystem are reset too
 * Return: as nvl_reset(); -NVL_EOPNOTSUPP without CAP.NSSRS. Base 2.0 3.7.1, unverified.
 */
int nvl_subsystem_reset(struct nvl_ctrl *ctrl);

/**
 * nvl_returned - a device that was removed is back, perhaps another one
 *
 * Context: the owner, once the transport reaches a device again and DMA memory is mapped for it as
 * before. No thread has claimed a queue, or each has polled since the removal.
 * Return: 0, and nvl_start() may follow; -NVL_EBUSY when the state is not GONE.
 */
int nvl_returned(struct nvl_ctrl *ctrl);

/** nvl_moves - how often the controller went from one state to another; for tests and statistics */
uint32_t nvl_moves(const struct nvl_ctrl *ctrl, enum nvl_state from, enum nvl_state to);

/** nvl_may_move - whether there is such a transition */
bool nvl_may_move(enum nvl_state from, enum nvl_state to);

#define NVL_QUIRK_READY_DELAY 0x1u /* wait before CSTS.RDY is looked at after EN changed */
#define NVL_QUIRK_NO_LIST     0x2u /* CNS 02h is not asked for: namespaces one by one */
#define NVL_QUIRK_ONE_VECTOR  0x4u /* a single interrupt vector works */
#define NVL_QUIRK_NO_APST     0x8u /* autonomous power states lose the device */

/** struct nvl_quirk - a device that needs to be treated in a special way; row of quirks.c */
struct nvl_quirk {
	uint16_t vendor;
	uint16_t device;
	uint32_t quirks;
	const char *name;
};

/** nvl_quirk_at - row @index of the table; NULL past the last one */
const struct nvl_quirk *nvl_quirk_at(uint32_t index);

#pragma GCC visibility pop

#endif
