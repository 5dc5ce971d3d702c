/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A unit test with a controller in it: it writes registers and memory by its own hand, loads a
 * scenario with a fault, moves time, and sees the fault. No device, no root, no waiting.
 */
#include <stdio.h>
#include <string.h>

#include "common/nvme_spec.h"
#include "emulator/core/fault.h"
#include "emulator/device/scenario.h"

#define IOVA   0x10000u /* where the controller sees the memory: submissions, completions, data */
#define SECOND 1000000000u

static const char scenario_text[] = "[scenario]\n"
				    "format = 1\n"
				    "[fault slow]\n"
				    "at = cmd.execute\n"
				    "when = op == identify\n"
				    "do = delay 5s\n";
static _Alignas(4096) uint8_t memory[3 * 4096];
static struct emu_device *device;
static int failures;

static void check(bool holds, const char *what)
{
	static int number;

	printf("%s %d - %s\n", holds ? "ok" : "not ok", ++number, what);
	failures += !holds;
}

static void write32(uint64_t offset, uint32_t value)
{
	uint8_t data[4];

	nvme_store_le32(data, value);
	emu_bar_write(emu_device_core(device), 0, offset, data, sizeof(data));
	emu_device_run(device, EMU_DEVICE_STAGES);
}

static uint32_t read32(uint64_t offset)
{
	uint8_t data[4];

	emu_bar_read(emu_device_core(device), 0, offset, data, sizeof(data));
	return nvme_load_le32(data);
}

int main(void)
{
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL };
	struct nvme_sqe *sqe = (struct nvme_sqe *)(void *)memory;
	const struct nvme_cqe *cqe = (struct nvme_cqe *)(void *)(memory + 4096);
	const uint8_t bus_master[2] = { 6, 0 };
	struct emu_config config;
	struct emu_scenario *scenario;
	char sentence[4096] = "";
	struct nvme_text error;

	nvme_text_init(&error, sentence, sizeof(sentence));
	emu_config_init(&config);
	if (emu_scenario_parse("here", scenario_text, strlen(scenario_text), &config, &scenario,
			       &error) ||
	    emu_device_new(&config, NULL, 0, &options, &device, &error) ||
	    emu_scenario_load(scenario, emu_device_core(device), 1, &error) ||
	    emu_device_map(device, 0, IOVA, sizeof(memory), EMU_DMA_READ | EMU_DMA_WRITE, memory)) {
		printf("Bail out! %s\n", sentence);
		return 1;
	}
	emu_cfg_write(emu_device_core(device), 0, 4, bus_master, sizeof(bus_master));
	write32(NVME_REG_AQA, 15 << 16 | 15);
	write32(NVME_REG_ASQ, IOVA);
	write32(NVME_REG_ACQ, IOVA + 4096);
	write32(NVME_REG_CC, NVME_PUT(NVME_CC_EN, 1));
	check(NVME_GET(read32(NVME_REG_CSTS), NVME_CSTS_RDY) == 1, "the controller gets ready");

	sqe->opcode = NVME_ADMIN_IDENTIFY;
	sqe->prp1 = nvme_le64(IOVA + 8192);
	sqe->cdw10 = nvme_le32(1); /* Identify Controller */
	write32(0x1000, 1);
	emu_device_advance(device, 5ull * SECOND - 1);
	check(cqe->status.raw == 0, "a nanosecond before five seconds there is no completion");
	check(emu_device_deadline(device) == 5ull * SECOND, "the controller says when");
	emu_device_advance(device, 5ull * SECOND);
	check(nvme_cpu16(cqe->status) == nvme_cqe_word(NVME_SC_SUCCESS, true), "then there is one");
	check(emu_fault_set(emu_device_core(device))->state[0].fired == 1, "the rule has fired");
	printf("1..5\n");
	emu_device_free(device);
	emu_scenario_free(scenario);
	return failures ? 1 : 0;
}
