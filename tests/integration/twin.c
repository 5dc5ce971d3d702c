/* SPDX-License-Identifier: BSD-3-Clause */
/* See twin.h: a transport to a controller of a subsystem that somebody else has made. */
#include "tests/integration/twin.h"

#include <limits.h>
#include <stdlib.h>

#define BUFFER_BYTES (1u << 20)
#define BUFFER_IOVA  UINT64_C(0x200000000)
#define DMA_IOVA     UINT64_C(0x100000000)

static uint64_t reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct th_side *side = arg;
	uint8_t data[8] = { 0 };

	if (side->gone)
		return bytes == 8 ? UINT64_MAX : UINT32_MAX;
	emu_bar_read(side->twin->core, side->index, offset, data, bytes);
	return nvme_load_le64(data);
}

static void reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	struct th_side *side = arg;
	uint8_t data[8];

	if (side->gone)
		return;
	nvme_store_le64(data, value);
	emu_bar_write(side->twin->core, side->index, offset, data, bytes);
	emu_device_run(side->twin->device, UINT_MAX);
}

static uint32_t cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct th_side *side = arg;
	uint8_t data[4] = { 0 };

	if (side->gone)
		return UINT32_MAX >> (32 - 8 * bytes);
	emu_cfg_read(side->twin->core, side->index, offset, data, bytes);
	return nvme_load_le32(data);
}

static void cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	struct th_side *side = arg;
	uint8_t data[4];

	nvme_store_le32(data, value);
	emu_cfg_write(side->twin->core, side->index, offset, data, bytes);
	emu_device_run(side->twin->device, UINT_MAX);
}

static uint64_t now(void *arg)
{
	const struct th_side *side = arg;

	return emu_device_now(side->twin->device);
}

static void wait(void *arg, uint32_t vector, uint64_t deadline)
{
	struct th_side *side = arg;
	uint64_t next = emu_device_deadline(side->twin->device);

	(void)vector;
	if (emu_device_run(side->twin->device, UINT_MAX) == 0)
		emu_device_advance(side->twin->device, next < deadline ? next : deadline);
}

static void panic(void *arg, const char *what)
{
	(void)arg;
	ck_abort_msg("%s", what);
	abort();
}

static void open_side(struct th_twin *twin, uint32_t index)
{
	struct th_side *side = &twin->side[index];
	const struct nvl_ops ops = {
		.arg = side,
		.reg_read = reg_read,
		.reg_write = reg_write,
		.cfg_read = cfg_read,
		.cfg_write = cfg_write,
		.now = now,
		.wait = wait,
		.panic = panic,
	};
	struct nvl_config config;

	nvl_config_init(&config);
	config.entries = 16;
	config.max_transfer_bytes = 65536;
	side->twin = twin;
	side->index = index;
	side->dma = (struct nvl_buffer){ .bytes = nvl_dma_size(&config), .iova = DMA_IOVA };
	side->dma.data = aligned_alloc(NVL_PAGE_BYTES, side->dma.bytes);
	side->block = aligned_alloc(NVL_PAGE_BYTES, nvl_size(&config));
	ck_assert_int_eq(emu_device_map(twin->device, index, DMA_IOVA, side->dma.bytes,
					EMU_DMA_READ | EMU_DMA_WRITE, side->dma.data),
			 0);
	ck_assert_int_eq(emu_device_map(twin->device, index, BUFFER_IOVA, BUFFER_BYTES,
					EMU_DMA_READ | EMU_DMA_WRITE, twin->buffer.data),
			 0);
	side->ctrl = nvl_init(side->block, &side->dma, &config, &ops, NULL, NULL);
	th_ok(nvl_start(side->ctrl));
}

void th_twin_open(struct th_twin *twin)
{
	static struct emu_config config;
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL };
	struct emu_ns_spec spec;

	*twin = (struct th_twin){
		.buffer = { .bytes = BUFFER_BYTES, .iova = BUFFER_IOVA },
	};
	emu_config_init(&config);
	config.controllers = TH_TWINS;
	config.ana = true;
	emu_ns_spec_init(&spec);
	ck_assert_int_eq(emu_device_new(&config, &spec, 1, &options, &twin->device, NULL), 0);
	twin->core = emu_device_core(twin->device);
	twin->buffer.data = aligned_alloc(NVL_PAGE_BYTES, BUFFER_BYTES);
	th_pattern(twin->buffer.data, BUFFER_BYTES, 1);
	for (uint32_t i = 0; i < TH_TWINS; i++)
		open_side(twin, i);
}

void th_twin_close(struct th_twin *twin)
{
	for (uint32_t i = 0; i < TH_TWINS; i++) {
		if (nvl_state(twin->side[i].ctrl) == NVL_STATE_LIVE)
			th_ok(nvl_shutdown(twin->side[i].ctrl, false));
		emu_device_unmap_all(twin->device, i);
	}
	emu_device_free(twin->device);
	for (uint32_t i = 0; i < TH_TWINS; i++) {
		free(twin->side[i].block);
		free(twin->side[i].dma.data);
	}
	free(twin->buffer.data);
}

void th_twin_ana(struct th_twin *twin, uint32_t side, uint32_t state)
{
	ck_assert_int_eq(emu_set_ana(twin->core, side, 1, state), 0);
	emu_device_run(twin->device, UINT_MAX);
}
