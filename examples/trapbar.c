/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A test of somebody's driver (polling.c), as it is, with faults and without waiting: the first
 * read fails, the second takes a minute, for which the driver has no patience. x86-64 Linux.
 */
#include <stdio.h>
#include <string.h>

#include "emulator/device/scenario.h"
#include "emulator/device/trapbar.h"
#include "polling.h"

#define READ  2
#define WRITE 1

static const char scenario_text[] = "[scenario]\n"
				    "format = 1\n"
				    "[controller]\n"
				    "ready_delay = 500ms\n"
				    "[namespace 1]\n"
				    "size = 1M\n"
				    "[fault bad]\n"
				    "at = cmd.execute\n"
				    "when = op == read\n"
				    "nth = 1\n"
				    "do = status 2/81\n"
				    "[fault slow]\n"
				    "at = cmd.execute\n"
				    "when = op == read\n"
				    "nth = 2\n"
				    "do = delay 1m\n";
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

int main(void)
{
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL };
	const struct emu_trapbar_options steps = { .jump_nsec = 1000000 };
	struct polling drive = { .memory = memory, .clock_nsec = now };
	const struct emu_ns_spec *namespaces;
	struct emu_scenario *scenario;
	struct emu_config config;
	struct emu_trapbar *bar;
	unsigned int count;
	char sentence[4096] = "";
	struct nvme_text error;

	nvme_text_init(&error, sentence, sizeof(sentence));
	emu_config_init(&config);
	if (emu_scenario_parse("here", scenario_text, strlen(scenario_text), &config, &scenario,
			       &error)) {
		printf("Bail out! %s\n", sentence);
		return 1;
	}
	namespaces = emu_scenario_namespaces(scenario, &count);
	if (emu_device_new(&config, namespaces, count, &options, &device, &error) ||
	    emu_scenario_load(scenario, emu_device_core(device), 1, &error) ||
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
	emu_scenario_free(scenario);
	return failures ? 1 : 0;
}
