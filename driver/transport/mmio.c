/* SPDX-License-Identifier: BSD-3-Clause */
/* See mmio.h. Nothing here needs a C library: only what the port gave is called. */
#include "driver/transport/mmio.h"

#include "common/mem.h"

/* What the driver's core asks of configuration space, where there is none. */
#define PCI_COMMAND	  0x04
#define PCI_COMMAND_READY 0x0406u /* memory, bus master, no INTx */

static bool inside(const struct nvl_mmio *mmio, uint32_t offset, uint32_t bytes)
{
	return offset <= mmio->options.bar_bytes && bytes <= mmio->options.bar_bytes - offset;
}

/* The core reaches what is mapped by itself; what comes here is beyond the end. */
static uint64_t reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	(void)arg;
	(void)offset;
	return bytes == 8 ? UINT64_MAX : UINT32_MAX;
}

static void reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	const struct nvl_mmio *mmio = arg;

	(void)value;
	if (!inside(mmio, offset, bytes))
		mmio->options.panic(mmio->options.arg, "a doorbell beyond the mapped BAR");
}

/* Identity is all ones: registers that read all ones alone decide whether the device is gone. */
static uint32_t cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	(void)arg;
	if (offset == PCI_COMMAND)
		return PCI_COMMAND_READY;
	return UINT32_MAX >> (32 - 8 * bytes);
}

static void cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	(void)arg;
	(void)offset;
	(void)bytes;
	(void)value;
}

static int dma_map(void *arg, struct nvl_buffer *buffer)
{
	const struct nvl_mmio *mmio = arg;

	*buffer = nvl_mmio_buffer(mmio, buffer->data, buffer->bytes);
	return 0;
}

static int dma_unmap(void *arg, struct nvl_buffer *buffer)
{
	(void)arg;
	(void)buffer;
	return 0;
}

static int irq_assign(void *arg, uint32_t vectors)
{
	struct nvl_mmio *mmio = arg;
	int error;

	if (vectors > mmio->options.vectors)
		vectors = mmio->options.vectors;
	if (vectors > NVL_MMIO_VECTORS)
		vectors = NVL_MMIO_VECTORS;
	error = mmio->options.enable_irq(mmio->options.arg, vectors);
	return error ? error : (int)vectors;
}

static uint64_t now(void *arg)
{
	const struct nvl_mmio *mmio = arg;

	return mmio->options.now(mmio->options.arg);
}

/* An interrupt that came before is not lost: it is asked for before there is any idling. */
static void wait(void *arg, uint32_t vector, uint64_t deadline_nsec)
{
	struct nvl_mmio *mmio = arg;

	for (;;) {
		if (vector < NVL_MMIO_VECTORS &&
		    __atomic_exchange_n(&mmio->fired[vector], 0, __ATOMIC_ACQ_REL))
			return;
		if (now(arg) >= deadline_nsec)
			return;
		if (mmio->options.idle)
			mmio->options.idle(mmio->options.arg, deadline_nsec);
		if (vector >= NVL_MMIO_VECTORS)
			return;
	}
}

static void panic(void *arg, const char *what)
{
	const struct nvl_mmio *mmio = arg;

	mmio->options.panic(mmio->options.arg, what);
}

void nvl_mmio_init(struct nvl_mmio *mmio, const struct nvl_mmio_options *options)
{
	memset(mmio, 0, sizeof(*mmio));
	mmio->options = *options;
	mmio->ops.arg = mmio;
	mmio->ops.mapped = options->bar;
	mmio->ops.mapped_bytes = options->bar_bytes;
	mmio->ops.reg_read = reg_read;
	mmio->ops.reg_write = reg_write;
	mmio->ops.cfg_read = cfg_read;
	mmio->ops.cfg_write = cfg_write;
	mmio->ops.dma_map = dma_map;
	mmio->ops.dma_unmap = dma_unmap;
	mmio->ops.irq_assign = options->vectors > 0 && options->enable_irq ? irq_assign : NULL;
	mmio->ops.now = now;
	mmio->ops.wait = wait;
	mmio->ops.panic = panic;
}

const struct nvl_ops *nvl_mmio_ops(const struct nvl_mmio *mmio)
{
	return &mmio->ops;
}

void nvl_mmio_interrupt(struct nvl_mmio *mmio, uint32_t vector)
{
	if (vector < NVL_MMIO_VECTORS)
		__atomic_store_n(&mmio->fired[vector], 1, __ATOMIC_RELEASE);
}

struct nvl_buffer nvl_mmio_buffer(const struct nvl_mmio *mmio, void *data, uint64_t bytes)
{
	return (struct nvl_buffer){
		.data = data,
		.bytes = bytes,
		.iova = (uint64_t)(uintptr_t)data + mmio->options.dma_offset,
	};
}
