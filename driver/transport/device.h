/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A controller ready to use, from the name of a device: transport, memory and driver in one.
 *
 *	struct nvl_device_options options;
 *	struct nvl_device *device;
 *
 *	nvl_device_options_init(&options);
 *	options.device = "vfio-user:/run/nvmelab.sock";
 *	if (nvl_device_open(&options, &device, &error) == 0) {
 *		queue = nvl_queue(nvl_device_ctrl(device), 0);
 *		...
 *		nvl_device_close(device);
 *	}
 *
 * Errors are negative errnos and a sentence that names what failed and what to try.
 */
#ifndef NVMELAB_DRIVER_TRANSPORT_DEVICE_H
#define NVMELAB_DRIVER_TRANSPORT_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/text.h"
#include "driver/core/nvl.h"

struct emu_config;
struct emu_device;
struct emu_ns_spec;

#pragma GCC visibility push(default)

struct nvl_device;

/**
 * struct nvl_emulator_options - the emulator inside the process
 * @config: NULL: the default configuration
 * @ns: @ns_count namespaces; NULL: one of 64 MiB in memory
 * @virtual_clock: time passes only where the driver waits, so that runs are repeatable
 * @trace_path: trace file of the controller, or NULL
 * @trace: takes the controller's records instead; NULL: nobody
 */
struct nvl_emulator_options {
	const struct emu_config *config;
	const struct emu_ns_spec *ns;
	unsigned int ns_count;
	bool virtual_clock;
	const char *trace_path;
	nvl_trace_fn *trace;
	void *trace_arg;
};

/**
 * struct nvl_device_options - what to open, and how
 * @device: "vfio-user:PATH", "pci:DOMAIN:BUS:DEV.FN"; NULL or "": an emulator in the process
 * @driver: queues, depth, timeouts; its vectors count with @interrupts, where 0 are one for each
 *	queue
 * @interrupts: wait for MSI-X vectors instead of polling
 * @near_cpus: have I/O queues near the CPUs they belong to: nvl_device_options_per_cpu()
 * @start: bring the controller up; without it only registers can be read: nothing is disturbed
 * @no_mapping: do not map parts of BAR0 that could be: every access is a message
 * @unsafe_dma: a PCI function without an IOMMU may be used, which can then write to all of memory
 * @rebind: a PCI function may be taken from its driver until nvl_device_close(), if not in use
 * @message_timeout_nsec: how long a vfio-user server may take to reply
 * @memory_bytes: of an arena of buffers; there may be several
 * @trace_path: trace file of the driver, or NULL
 * @trace: takes the driver's records instead; NULL: nobody
 * @emulator: for the emulator inside the process
 */
struct nvl_device_options {
	const char *device;
	struct nvl_config driver;
	bool interrupts;
	bool near_cpus;
	bool start;
	bool no_mapping;
	bool unsafe_dma;
	bool rebind;
	uint64_t message_timeout_nsec;
	uint64_t memory_bytes;
	const char *trace_path;
	nvl_trace_fn *trace;
	void *trace_arg;
	struct nvl_emulator_options emulator;
};

/** nvl_device_options_init - the default emulator, one polled queue pair, started, no trace */
void nvl_device_options_init(struct nvl_device_options *options);

/**
 * nvl_device_open - connect, give the device memory, bring the controller up
 * @options: used during the call; what its strings and @emulator point at too
 * @error: gets a sentence: what failed, why, and what to try
 *
 * Context: allocates and waits. The calling thread is the controller's owner.
 * Return: 0; -EINVAL for a device name or option that cannot be; what the system, the server or
 * nvl_start() said, where a status of the controller becomes -EIO.
 */
int nvl_device_open(const struct nvl_device_options *options, struct nvl_device **ret_device,
		    struct nvme_text *error);

/**
 * nvl_device_close - shut the controller down if it is in operation, and let everything go
 * @device: NULL is fine
 *
 * Buffers are freed with it. Memory that the controller could still touch (nvl_dma_safe()) is
 * unmapped from the device first.
 * Return: 0, or what nvl_shutdown() or a trace file that could not be written said.
 */
int nvl_device_close(struct nvl_device *device);

/** nvl_device_ctrl - the driver of the controller */
struct nvl_ctrl *nvl_device_ctrl(struct nvl_device *device);

/** nvl_device_name - what was opened: "emulator", "vfio-user", "pci" */
const char *nvl_device_name(const struct nvl_device *device);

/** nvl_device_ops - the transport, for those who work without the driver */
const struct nvl_ops *nvl_device_ops(const struct nvl_device *device);

/** nvl_device_emulator - the emulator inside the process; NULL for other devices */
struct emu_device *nvl_device_emulator(struct nvl_device *device);

/**
 * nvl_device_alloc - memory that the device can read and write, zeroed
 * @bytes: 1 or more; whole pages are given
 * @ret_buffer: bytes is as asked for, data and iova are page aligned; iova is contiguous, but for
 *	large buffers without an IOMMU, which have a page_iova
 *
 * Context: the owner; allocates.
 * Return: 0, -ENOMEM, or what mapping it said.
 */
int nvl_device_alloc(struct nvl_device *device, uint64_t bytes, struct nvl_buffer *ret_buffer);

/** nvl_device_free - give a buffer back; nothing outstanding uses it; NULL data is fine */
void nvl_device_free(struct nvl_device *device, struct nvl_buffer *buffer);

/** nvl_device_now - the transport's clock, nanoseconds */
uint64_t nvl_device_now(struct nvl_device *device);

#pragma GCC visibility pop

#endif
