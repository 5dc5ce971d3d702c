/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transport to a controller whose BAR0 the caller has mapped, without PCI and without a C library:
 * for systems on a chip, firmware, and kernels of all kinds. Fills in struct nvl_ops.
 *
 *	static struct nvl_mmio mmio;
 *	nvl_mmio_init(&mmio, &options);
 *	ctrl = nvl_init(block, &dma, &config, nvl_mmio_ops(&mmio), NULL, NULL);
 *
 * Freestanding as the core is. Registers and doorbells are loads and stores; interrupts arrive by
 * nvl_mmio_interrupt(), from any context; time and idling are the port's.
 */
#ifndef NVMELAB_DRIVER_TRANSPORT_MMIO_H
#define NVMELAB_DRIVER_TRANSPORT_MMIO_H

#include "driver/core/nvl.h"

#pragma GCC visibility push(default)

#define NVL_MMIO_VECTORS 64

/**
 * struct nvl_mmio_options - what a port has to say
 * @arg: first argument of every callback
 * @bar: where BAR0 is, at least 4 KiB; device memory
 * @bar_bytes: its length
 * @dma_offset: what the device adds to an address of this side to reach the same memory
 * @vectors: interrupts that the port can take; 0: everything is polled
 * @enable_irq: take @vectors interrupts from now on, or none with 0; NULL without vectors
 * @now: nanoseconds of a clock that does not go back
 * @idle: until an interrupt comes, or a moment; at the latest until @deadline_nsec. NULL: spin.
 * @panic: told what is wrong with the program; must not return
 */
struct nvl_mmio_options {
	void *arg;
	volatile void *bar;
	uint32_t bar_bytes;
	uint64_t dma_offset;
	uint32_t vectors;
	int (*enable_irq)(void *arg, uint32_t vectors);
	uint64_t (*now)(void *arg);
	void (*idle)(void *arg, uint64_t deadline_nsec);
	void (*panic)(void *arg, const char *what);
};

/** struct nvl_mmio - the transport; the caller's memory, as long as the driver lives */
struct nvl_mmio {
	struct nvl_mmio_options options;
	struct nvl_ops ops;
	uint32_t fired[NVL_MMIO_VECTORS]; /* atomic */
};

/** nvl_mmio_init - set up @mmio; @options are copied */
void nvl_mmio_init(struct nvl_mmio *mmio, const struct nvl_mmio_options *options);

/** nvl_mmio_ops - what nvl_init() takes */
const struct nvl_ops *nvl_mmio_ops(const struct nvl_mmio *mmio);

/** nvl_mmio_interrupt - interrupt @vector came. Context: any, an interrupt handler too. */
void nvl_mmio_interrupt(struct nvl_mmio *mmio, uint32_t vector);

/** nvl_mmio_buffer - @bytes at @data, contiguous for the device, as a buffer */
struct nvl_buffer nvl_mmio_buffer(const struct nvl_mmio *mmio, void *data, uint64_t bytes);

#pragma GCC visibility pop

#endif
