/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How many I/O queues there are and how they are served; what went through them. Included by nvl.h.
 */
#ifndef NVMELAB_DRIVER_CORE_NVL_QUEUES_H
#define NVMELAB_DRIVER_CORE_NVL_QUEUES_H

#include "driver/core/nvl.h"

#pragma GCC visibility push(default)

/** enum nvl_mode - how completions of a queue are noticed */
enum nvl_mode {
	NVL_MODE_VECTOR, /* by its interrupt vector, if there is one */
	NVL_MODE_POLLED, /* by polling: it has no vector */
	NVL_MODE_HYBRID, /* polled for config.spin_nsec after a completion, then by its vector */
	NVL_MODES
};

/**
 * nvl_set_queues - have @count I/O queue pairs: delete the last ones, or create more
 * @count: 0 .. config.queues; also for later starts and resets
 *
 * Context: the owner; waits if the controller is live.
 * Return: 0 (nvl_info()->queues says how many there are: fewer if the controller grants or creates
 * fewer); -NVL_EINVAL; -NVL_EBUSY when a queue that would go is claimed or has requests
 * outstanding; a status of Delete I/O Submission Queue.
 */
int nvl_set_queues(struct nvl_ctrl *ctrl, uint32_t count);

/** nvl_set_mode - of I/O queue @index, from when it is created; -NVL_EINVAL: there is none */
int nvl_set_mode(struct nvl_ctrl *ctrl, uint32_t index, enum nvl_mode mode);

/** nvl_set_priority - as nvl_set_mode(); it counts with config.weighted. Base 2.0 5.5. */
int nvl_set_priority(struct nvl_ctrl *ctrl, uint32_t index, enum nvme_qprio priority);

/** struct nvl_opcode_stats - of one opcode; a command that is sent again counts again */
struct nvl_opcode_stats {
	uint64_t commands;
	uint64_t errors;
	uint64_t bytes;
};

/**
 * struct nvl_stats - of a queue, since nvl_init()
 * @latency: commands that took 2^n .. 2^(n+1) - 1 nanoseconds, for each n
 * @latency_nsec: sum of all
 */
struct nvl_stats {
	struct nvl_opcode_stats opcodes[256];
	uint64_t latency[64];
	uint64_t latency_nsec;
	uint64_t latency_max_nsec;
};

/** nvl_stats - what went through @queue; NULL without config.stats. Context: the queue's thread. */
const struct nvl_stats *nvl_stats(const struct nvl_queue *queue);

/** nvl_queue_aborts - Abort commands sent for commands of @queue */
uint32_t nvl_queue_aborts(const struct nvl_queue *queue);

#pragma GCC visibility pop

#endif
