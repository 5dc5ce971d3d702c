/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program of somebody else's, who has nothing but what was installed: it embeds an emulated
 * drive, drives it through a transport of its own, and then lets the library do both. C11, no
 * extensions.
 *
 * Exit status: 0; 1 with a line that says what did not hold.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nvme_names.h"
#include "driver/core/nvl.h"
#include "driver/transport/device.h"
#include "emulator/device/device.h"

#define IOVA	   0x80000000u
#define DATA_BYTES 16384u
#define BLOCK	   512u

#define CHECK(condition)                                                           \
	do {                                                                       \
		if (!(condition)) {                                                \
			fprintf(stderr, "embed.c:%d: %s\n", __LINE__, #condition); \
			exit(1);                                                   \
		}                                                                  \
	} while (0)

struct drive {
	struct emu_device *device;
	unsigned long records; /* of the trace */
};

static uint64_t reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct drive *drive = arg;
	uint8_t data[8] = { 0 };

	emu_bar_read(emu_device_core(drive->device), 0, offset, data, bytes);
	return nvme_load_le64(data);
}

static void reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	struct drive *drive = arg;
	uint8_t data[8];

	nvme_store_le64(data, value);
	emu_bar_write(emu_device_core(drive->device), 0, offset, data, bytes);
	emu_device_run(drive->device, UINT_MAX);
}

static uint32_t cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct drive *drive = arg;
	uint8_t data[4] = { 0 };

	emu_cfg_read(emu_device_core(drive->device), 0, offset, data, bytes);
	return nvme_load_le32(data);
}

static void cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	struct drive *drive = arg;
	uint8_t data[4];

	nvme_store_le32(data, value);
	emu_cfg_write(emu_device_core(drive->device), 0, offset, data, bytes);
}

static uint64_t now(void *arg)
{
	struct drive *drive = arg;

	return emu_device_now(drive->device);
}

static void wait_for(void *arg, uint32_t vector, uint64_t deadline_nsec)
{
	struct drive *drive = arg;
	uint64_t due = emu_device_deadline(drive->device);

	(void)vector;
	CHECK(emu_device_advance(drive->device, due < deadline_nsec ? due : deadline_nsec) == 0);
	emu_device_run(drive->device, UINT_MAX);
}

static void panic(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "panic: %s\n", what);
	abort();
}

static void count_record(void *arg, const struct nvme_trace_record *record)
{
	struct drive *drive = arg;

	CHECK(nvme_trace_name(record->event) != NULL);
	drive->records++;
}

static void open_drive(struct drive *drive)
{
	const struct emu_device_options options = {
		.clock = EMU_CLOCK_VIRTUAL,
		.trace = count_record,
		.arg = drive,
	};
	struct emu_ns_spec spec;
	struct emu_config config;
	char buffer[200];
	struct nvme_text error;

	nvme_text_init(&error, buffer, sizeof(buffer));
	emu_config_init(&config);
	CHECK(emu_config_set(&config, "serial", 6, "EMBED", 5, &error) == 0);
	CHECK(emu_config_set(&config, "mqes", 4, "0", 1, &error) == -22 && error.used > 0);
	nvme_text_clear(&error);
	CHECK(emu_ns_spec_parse(&spec, "size=1M", &error) == 0);
	CHECK(emu_device_new(&config, &spec, 1, &options, &drive->device, &error) == 0);
}

static void write_and_read(struct nvl_queue *queue, const struct nvl_ns *ns,
			   const struct nvl_buffer *data)
{
	struct nvl_io io = { .ns = ns, .slba = 5, .nlb = DATA_BYTES / BLOCK, .buffer = data };
	uint8_t *bytes = data->data;

	CHECK(ns->block_bytes == BLOCK);
	for (unsigned int i = 0; i < DATA_BYTES; i++)
		bytes[i] = (uint8_t)(i * 7);
	CHECK(nvl_write_wait(queue, &io) == 0);
	memset(bytes, 0, DATA_BYTES);
	CHECK(nvl_read_wait(queue, &io) == 0);
	for (unsigned int i = 0; i < DATA_BYTES; i++)
		CHECK(bytes[i] == (uint8_t)(i * 7));
	io.slba = ns->nsze;
	CHECK(nvme_status_code((nvme_status)nvl_read_wait(queue, &io)) == NVME_SC_LBA_OUT_OF_RANGE);
}

/* Everything by the caller's own hands: memory, transport, clock. */
static void embed(void)
{
	struct drive drive = { 0 };
	const struct nvl_ops ops = {
		.arg = &drive,
		.reg_read = reg_read,
		.reg_write = reg_write,
		.cfg_read = cfg_read,
		.cfg_write = cfg_write,
		.now = now,
		.wait = wait_for,
		.panic = panic,
	};
	struct nvl_config config;
	struct nvl_buffer dma = { .iova = IOVA };
	struct nvl_buffer data = { .bytes = DATA_BYTES };
	struct nvl_ctrl *ctrl;

	open_drive(&drive);
	nvl_config_init(&config);
	config.namespaces = 4;
	dma.bytes = nvl_dma_size(&config);
	dma.data = aligned_alloc(NVL_PAGE_BYTES, dma.bytes + DATA_BYTES);
	data.data = (uint8_t *)dma.data + dma.bytes;
	data.iova = IOVA + dma.bytes;
	CHECK(emu_device_map(drive.device, 0, IOVA, dma.bytes + DATA_BYTES,
			     EMU_DMA_READ | EMU_DMA_WRITE, dma.data) == 0);
	ctrl = nvl_init(aligned_alloc(NVL_PAGE_BYTES, nvl_size(&config)), &dma, &config, &ops, NULL,
			NULL);
	CHECK(nvl_start(ctrl) == 0);
	CHECK(memcmp(nvl_id_ctrl(ctrl)->sn, "EMBED ", 6) == 0);
	write_and_read(nvl_queue(ctrl, 0), nvl_ns_find(ctrl, 1), &data);
	CHECK(nvl_shutdown(ctrl, false) == 0 && nvl_dma_safe(ctrl));
	CHECK(drive.records > 0);
	emu_device_free(drive.device);
	free(dma.data);
	free(ctrl);
}

/* The same through the library's own device. */
static void open_device(void)
{
	struct nvl_device_options options;
	struct nvl_device *device;
	struct nvl_buffer data;
	char buffer[200];
	struct nvme_text error;

	nvme_text_init(&error, buffer, sizeof(buffer));
	nvl_device_options_init(&options);
	options.device = "no-such-transport:1";
	CHECK(nvl_device_open(&options, &device, &error) < 0 && error.used > 0);
	nvme_text_clear(&error);
	options.device = NULL;
	CHECK(nvl_device_open(&options, &device, &error) == 0);
	CHECK(nvl_device_emulator(device) != NULL);
	CHECK(nvl_device_alloc(device, DATA_BYTES, &data) == 0);
	write_and_read(nvl_queue(nvl_device_ctrl(device), 0),
		       nvl_ns_find(nvl_device_ctrl(device), 1), &data);
	nvl_device_free(device, &data);
	CHECK(nvl_device_close(device) == 0);
}

int main(void)
{
	embed();
	open_device();
	printf("embedded: %s, %s\n", nvme_status_name(0), nvl_state_name(NVL_STATE_LIVE));
	return 0;
}
