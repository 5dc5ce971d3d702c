/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A fixed number of commands, driver and controller in one process, for counting instructions of
 * emu_step() and all below it (cost.sh):
 *
 *	emulator_cost read|first|rewrite [BYTES [DEPTH]]
 *
 * "first" writes blocks that were never written; the others find all of them written. Prints how
 * many commands ran in run_commands(), and the compiler.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/transport/device.h"

#define DEPTH	 32u /* at most, and unless another one is asked for */
#define ENTRIES	 64u
#define COMMANDS 8192u
#define STRIDE	 2731u /* odd: visits all, and neighbours late */

struct slot {
	struct nvl_io io;
	bool write;
};

static struct nvl_device *device;
static struct nvl_queue *queue;
static struct slot slots[DEPTH];
static uint32_t begun, depth = DEPTH;

void run_commands(void);

static void fail(const char *what)
{
	fprintf(stderr, "emulator_cost: %s\n", what);
	exit(3);
}

static void submit(struct slot *slot);

static void done(void *arg, const struct nvl_completion *completion)
{
	if (completion->result != 0)
		fail("a command failed");
	if (begun < COMMANDS)
		submit(arg);
}

static void submit(struct slot *slot)
{
	slot->io.slba = (uint64_t)(begun++ * STRIDE % COMMANDS) * slot->io.nlb;
	if ((slot->write ? nvl_write(queue, &slot->io, done, slot)
			 : nvl_read(queue, &slot->io, done, slot)) != 0)
		fail("a command was not accepted");
}

/* All commands from submission to callback; not inline, so that it can be told apart. */
__attribute__((noinline)) void run_commands(void)
{
	begun = 0;
	for (uint32_t i = 0; i < depth; i++)
		submit(&slots[i]);
	nvl_ring(queue);
	while (nvl_queue_outstanding(queue)) {
		if (nvl_poll(queue, 0))
			nvl_ring(queue);
	}
}

static void open_device(uint32_t bytes)
{
	static struct nvl_buffer buffer;
	struct nvl_device_options options;
	struct nvme_text error;
	char text[256];

	nvme_text_init(&error, text, sizeof(text));
	nvl_device_options_init(&options);
	options.driver.entries = ENTRIES;
	options.driver.queues = 1;
	if (nvl_device_open(&options, &device, &error) != 0)
		fail(text);
	queue = nvl_queue(nvl_device_ctrl(device), 0);
	if (nvl_device_alloc(device, (uint64_t)DEPTH * bytes, &buffer) != 0)
		fail("no memory for buffers");
	memset(buffer.data, 0x5a, buffer.bytes);
	for (uint32_t i = 0; i < DEPTH; i++)
		slots[i].io = (struct nvl_io){
			.ns = nvl_ns_at(nvl_device_ctrl(device), 0),
			.nlb = bytes / 512,
			.buffer = &buffer,
			.offset = (uint64_t)i * bytes,
		};
}

static void set_pattern(bool write)
{
	for (uint32_t i = 0; i < DEPTH; i++)
		slots[i].write = write;
}

int main(int argc, char **argv)
{
	const char *pattern = argc > 1 ? argv[1] : "";
	unsigned long bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 512;
	unsigned long at_a_time = argc > 3 ? strtoul(argv[3], NULL, 10) : DEPTH;
	bool first = strcmp(pattern, "first") == 0;
	bool read = strcmp(pattern, "read") == 0;

	if ((!first && !read && strcmp(pattern, "rewrite") != 0) || bytes == 0 || bytes > 4096 ||
	    bytes % 512 || at_a_time == 0 || at_a_time > DEPTH) {
		fprintf(stderr,
			"usage: emulator_cost read|first|rewrite [BYTES [DEPTH]]"
			"   (512..4096, 1..%u)\n",
			DEPTH);
		return 2;
	}
	depth = (uint32_t)at_a_time;
	open_device((uint32_t)bytes);
	if (!first) {
		/* Not by run_commands(), which is counted. */
		struct nvl_io io = slots[0].io;

		for (uint32_t i = 0; i < COMMANDS; i++) {
			io.slba = (uint64_t)i * io.nlb;
			if (nvl_write_wait(queue, &io) != 0)
				fail("a write failed");
		}
	}
	set_pattern(!read);
	run_commands();
	printf("%u ", COMMANDS);
#ifdef __clang__
	printf("clang-%d\n", __clang_major__);
#else
	printf("gcc-%d\n", __GNUC__);
#endif
	return nvl_device_close(device) == 0 ? 0 : 3;
}
