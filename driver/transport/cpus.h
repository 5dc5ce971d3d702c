/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queue pairs for each CPU: how many there are, which is whose, and a thread that takes one.
 *
 *	nvl_device_options_per_cpu(&options, 0);
 *	nvl_device_open(&options, &device, &error);
 *
 *	each thread:
 *		queue = nvl_take_queue(device);
 *		...
 *		nvl_give_queue(device, queue);
 *
 * I/O queue pair i belongs to the (i modulo n)-th of the n CPUs that the process may use, so that
 * however few the controller grants, they are spread. The memory of a pair's rings is taken from
 * the CPU's node, and its interrupt is sent there, where the system allows that; where it does not,
 * everything works all the same.
 */
#ifndef NVMELAB_DRIVER_TRANSPORT_CPUS_H
#define NVMELAB_DRIVER_TRANSPORT_CPUS_H

#include "driver/transport/device.h"

#pragma GCC visibility push(default)

#define NVL_NO_NODE (-1) /* the system knows of no nodes, or memory stays where it is */

/** nvl_cpu_count - CPUs that the calling thread may run on, 1 or more; sched_getaffinity(2) */
uint32_t nvl_cpu_count(void);

/**
 * nvl_device_options_per_cpu - have queue pairs for each CPU
 * @pairs: for each, 0 is one; all together NVL_MAX_QUEUES at most
 *
 * The controller may grant fewer (nvl_info()->queues). Context: CPUs are those of the calling
 * thread, here and in nvl_device_open().
 */
void nvl_device_options_per_cpu(struct nvl_device_options *options, uint32_t pairs);

/**
 * struct nvl_place - where an I/O queue pair is
 * @cpu: its CPU, as the system counts
 * @node: of the memory of its rings, NVL_NO_NODE if that was left to the system
 * @irq_error: 0 if its vector's interrupts are sent to @cpu, else the negative errno that says why
 *	not: -EOPNOTSUPP where there are none to send, or they are not the system's
 */
struct nvl_place {
	uint32_t cpu;
	int node;
	int irq_error;
};

/** nvl_queue_place - of I/O queue pair @index; -EINVAL: the device was opened with fewer */
int nvl_queue_place(const struct nvl_device *device, uint32_t index, struct nvl_place *ret_place);

/**
 * nvl_take_queue - claim the calling thread's queue pair
 *
 * One of the CPU that the thread runs on, if one is free, else any. A thread that stays on its CPU
 * (sched_setaffinity(2)) stays with its pair's memory. What nvl_queue_claim() asks of a thread
 * holds.
 * Context: any thread, but not while the owner calls nvl_set_queues().
 * Return: the pair, or NULL: all of them are taken.
 */
struct nvl_queue *nvl_take_queue(struct nvl_device *device);

/** nvl_give_queue - release a pair that nvl_take_queue() gave; nothing is outstanding */
void nvl_give_queue(struct nvl_device *device, struct nvl_queue *queue);

#pragma GCC visibility pop

#endif
