/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A test of somebody's driver (polling.c), as it is, with faults and without waiting: the first
 * read fails, the second takes a minute, for which the driver has no patience. x86-64 Linux.
 */
#include <stdio.h>
#include <string.h>

#include "emulator/core/fault.h"
#include "emulator/device/trapbar.h"
#include "polling.h"

#define READ  2
#define WRITE 1

static const char *const rules[2][5][2] = {
	/* clang-format off */
	{ { "fault", "bad" }, { "at", "cmd.execute" }, { "when", "op == read" }, { "nth", "1" }, { "do", "status 2/81" } },
	{ { "fault", "slow" }, { "at", "cmd.execute" }, { "when", "op == read" }, { "nth", "2" }, { "do", "delay 1m" } },
	/* clang-format on */
};
static _Alignas(4096) uint8_t memory[POLLING_BYTES];
static struct emu_device *device;
static int failures;

static uint64_t now(void)
{
	return emu_device_now(device);
}

static void check(bool holds, const char *what)
{
	static int number;

	printf("%s %d - %s\n", holds ? "ok" : "not ok", ++number, what);
	failures += !holds;
}

static int load_rules(struct nvme_text *error)
{
	struct nvme_fault_rule made[2];

	for (int i = 0; i < 2; i++) {
		if (!nvme_fault_begin(&made[i], nvme_slice(rules[i][0][1]), error))
			return -1;
		for (int k = 1; k < 5; k++) {
			if (!nvme_fault_set_key(&made[i], nvme_slice(rules[i][k][0]),
						nvme_slice(rules[i][k][1]), error))
				return -1;
		}
	}
	return emu_fault_load(emu_device_core(device), made, 2, 1);
}

int main(void)
{
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL };
	const struct emu_trapbar_options steps = { .jump_nsec = 1000000 };
	struct polling drive = { .memory = memory, .clock_nsec = now };
	struct emu_config config;
	struct emu_ns_spec ns;
	struct emu_trapbar *bar;
	char sentence[256] = "";
	struct nvme_text error;

	nvme_text_init(&error, sentence, sizeof(sentence));
	emu_config_init(&config);
	emu_ns_spec_init(&ns);
	config.faults = 2;
	if (emu_device_new(&config, &ns, 1, &options, &device, &error) || load_rules(&error) ||
	    emu_trapbar_new(device, 0, &steps, &bar, &error) ||
	    emu_trapbar_memory(bar, memory, sizeof(memory), EMU_TRAPBAR_SAME)) {
		printf("Bail out! %s\n", sentence);
		return 1;
	}
	drive.bar = emu_trapbar_base(bar);
	drive.address = (uintptr_t)memory;

	check(polling_start(&drive) == 0, "the controller gets ready");
	check(polling_command(&drive, 0, 6, 1) == 0, "it is identified");
	memset(memory + POLLING_DATA, 'x', 512);
	check(polling_command(&drive, 1, WRITE, 7) == 0, "a block is written");
	memset(memory + POLLING_DATA, 0, 512);
	check(polling_command(&drive, 1, READ, 7) == 0x281, "the first read fails");
	check(polling_command(&drive, 1, READ, 7) == -1 && now() < 40000000000u,
	      "the driver waits half a minute for the second");
	check(polling_start(&drive) == 0 && polling_command(&drive, 1, READ, 7) == 0 &&
		      memory[POLLING_DATA + 511] == 'x',
	      "after a reset the third has what was written");
	printf("1..6\n");
	emu_trapbar_free(bar);
	emu_device_free(device);
	return failures ? 1 : 0;
}
