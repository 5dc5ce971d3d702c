/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port to a machine without an operating system or C library: a BAR at a known address, memory
 * from a linker script, a counter for a clock. It reads the first block, and stops.
 *
 * What a real port replaces: BAR_ADDRESS, counter(), and halt(). Built and linked by
 * tests/embed/test_baremetal.sh with -ffreestanding -nostdlib.
 */
#include "common/mem.h"
#include "driver/transport/mmio.h"

#define BAR_ADDRESS 0x40000000u
#define BAR_BYTES   0x2000u

static _Alignas(4096) uint8_t block[64u << 10]; /* nvl_size() of them, or more */
static _Alignas(4096) uint8_t dma[64u << 10];
static _Alignas(4096) uint8_t data[4096];
static struct nvl_mmio mmio;
static volatile int status = -1; /* for a debugger: 0 is success */

/* The four functions that the compiler and the core ask for. */
void *memcpy(void *to, const void *from, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
	return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	if ((uintptr_t)to <= (uintptr_t)from)
		return memcpy(to, from, bytes);
	for (size_t i = bytes; i > 0; i--)
		((volatile uint8_t *)to)[i - 1] = ((const uint8_t *)from)[i - 1];
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		((volatile uint8_t *)to)[i] = (uint8_t)value;
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	int difference = 0;

	for (size_t i = 0; i < bytes && difference == 0; i++)
		difference = ((const uint8_t *)a)[i] - ((const uint8_t *)b)[i];
	return difference;
}

/* A timer of the machine; here each look at it is a microsecond. */
static uint64_t counter(void *arg)
{
	static uint64_t nsec;

	(void)arg;
	return nsec += 1000;
}

static void halt(void *arg, const char *what)
{
	(void)arg;
	(void)what;
	__builtin_trap();
}

void _start(void);
void _start(void)
{
	const struct nvl_mmio_options options = {
		.bar = (volatile void *)(uintptr_t)BAR_ADDRESS,
		.bar_bytes = BAR_BYTES,
		.now = counter,
		.panic = halt,
	};
	struct nvl_buffer memory, buffer;
	struct nvl_config config;
	struct nvl_ctrl *ctrl;

	nvl_config_init(&config);
	config.entries = 16;
	config.max_transfer_bytes = 65536;
	config.namespaces = 4;
	config.bounce_slots = 0;
	nvl_mmio_init(&mmio, &options);
	memory = nvl_mmio_buffer(&mmio, dma, sizeof(dma));
	buffer = nvl_mmio_buffer(&mmio, data, sizeof(data));
	ctrl = nvl_init(block, &memory, &config, nvl_mmio_ops(&mmio), NULL, NULL);
	status = nvl_start(ctrl);
	if (status == 0 && nvl_ns_at(ctrl, 0)) {
		const struct nvl_io io = { .ns = nvl_ns_at(ctrl, 0), .nlb = 1, .buffer = &buffer };

		status = nvl_read_wait(nvl_queue(ctrl, 0), &io);
	}
	halt(NULL, "done");
}
