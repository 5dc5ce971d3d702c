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

/**
 * nvl_set_priority - of I/O queue @index, from when it is created, with config.weighted
 * @priority: urgent is served before all others (Base 2.0 5.5)
 * Return: 0; -NVL_EINVAL: there is no such queue or priority.
 */
int nvl_set_priority(struct nvl_ctrl *ctrl, uint32_t index, enum nvme_qprio priority);

/**
 * nvl_queue_memory - what of nvl_dma_size() bytes belongs to I/O queue @index, below config->queues
 * @ret_offset: a multiple of NVL_PAGE_BYTES
 *
 * For those who want it near the CPU that uses the queue.
 */
void nvl_queue_memory(const struct nvl_config *config, uint32_t index, uint64_t *ret_offset,
		      uint64_t *ret_bytes);

#define NVL_LATENCIES 40 /* of an opcode's histogram; the last one has what took longer, too */

/**
 * struct nvl_opcode_stats - of one opcode; a command that is sent again counts again
 * @latency_nsec: sum of all that were answered
 * @latency: those that took 2^n .. 2^(n+1) - 1 nanoseconds, for each n
 */
struct nvl_opcode_stats {
	uint64_t commands;
	uint64_t errors;
	uint64_t bytes;
	uint64_t latency_nsec;
	uint32_t latency[NVL_LATENCIES];
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

/**
 * struct nvl_vector_stats - of the queues that an interrupt vector serves, all together
 * @queues: how many there are, the admin queue with vector 0 too
 * @depth: requests that can be outstanding
 * @outstanding: that are: tags in use
 * @waits: how often one of them waited for the vector
 * @bytes: transferred; 0 without config.stats, as is what follows
 */
struct nvl_vector_stats {
	uint32_t queues;
	uint32_t depth;
	uint32_t outstanding;
	uint64_t submitted;
	uint64_t completed;
	uint64_t errors;
	uint64_t retries;
	uint64_t timeouts;
	uint64_t polled;
	uint64_t aborts;
	uint64_t waits;
	uint64_t bytes;
	uint64_t latency[64];
	uint64_t latency_nsec;
	uint64_t latency_max_nsec;
};

/**
 * nvl_vector_stats - what went through the queues of @vector, which may be NVL_NO_VECTOR
 *
 * Context: the owner. Numbers of queues that threads have claimed may be a moment old.
 * Return: 0; -NVL_EINVAL: there is no such vector, or no queue has it.
 */
int nvl_vector_stats(const struct nvl_ctrl *ctrl, uint32_t vector,
		     struct nvl_vector_stats *ret_stats);

/** nvl_queue_aborts - Abort commands sent for commands of @queue */
uint32_t nvl_queue_aborts(const struct nvl_queue *queue);

#pragma GCC visibility pop

#endif
