/* SPDX-License-Identifier: BSD-3-Clause */
/* Our driver and emulator between two processes: see ours.h. */
#include "tests/bench/ours.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/transport/device.h"

#define DEPTH_MAX   128u
#define ENTRIES	    256u
#define TRANSFER    (128u << 10)
#define SAMPLE_MASK 15u

struct worker;

/* One request of the queue's depth. */
struct slot {
	struct worker *worker;
	struct nvl_io io;
	uint64_t started;
};

struct worker {
	const struct bench_case *bench;
	struct nvl_queue *queue;
	struct bench_samples *samples;
	uint64_t blocks;
	uint32_t nlb;
	uint64_t random;
	uint64_t done;
	bool stop;
	struct slot slots[DEPTH_MAX];
};

static void fail(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(3);
}

static const char *emulator_path(void)
{
	const char *path = getenv("NVMELAB_EMULATOR");

	return path ? path : "./nvmelab-emulator";
}

/* The child's side of bench_start(); standard output is the pipe that the line "ready" comes by. */
static void run_emulator(const char *socket, const char *controller, int output)
{
	const char *argv[10];
	int argc = 0;

	argv[argc++] = emulator_path();
	argv[argc++] = "--socket";
	argv[argc++] = socket;
	argv[argc++] = "--bar0";
	argv[argc++] = "doorbells";
	if (controller) {
		argv[argc++] = "--controller";
		argv[argc++] = controller;
	}
	argv[argc] = NULL;
	bench_pin(1);
	dup2(output, STDOUT_FILENO);
	execv(argv[0], (char *const *)argv);
	perror(argv[0]);
	_exit(3);
}

void bench_start(struct bench_emulator *emulator, const char *controller)
{
	char line[256];
	int output[2];
	FILE *stream;

	snprintf(emulator->folder, sizeof(emulator->folder), "/tmp/nvmelab-bench.XXXXXX");
	if (!mkdtemp(emulator->folder) || pipe(output) != 0)
		fail("no temporary folder or pipe");
	snprintf(emulator->socket, sizeof(emulator->socket), "%s/cntrl", emulator->folder);
	emulator->pid = fork();
	if (emulator->pid < 0)
		fail("fork failed");
	if (emulator->pid == 0)
		run_emulator(emulator->socket, controller, output[1]);
	close(output[1]);
	stream = fdopen(output[0], "r");
	if (!stream || !fgets(line, sizeof(line), stream) || strncmp(line, "ready ", 6) != 0)
		fail("the emulator did not get ready");
	fclose(stream);
}

void bench_stop(struct bench_emulator *emulator)
{
	int status;

	kill(emulator->pid, SIGTERM);
	if (waitpid(emulator->pid, &status, 0) != emulator->pid || status != 0)
		fail("the emulator did not end with exit code 0");
	unlink(emulator->socket);
	rmdir(emulator->folder);
}

static struct nvl_device *open_device(const struct bench_emulator *emulator, uint32_t queues)
{
	char name[128], text[512];
	struct nvme_text error;
	struct nvl_device_options options;
	struct nvl_device *device;

	snprintf(name, sizeof(name), "vfio-user:%s", emulator->socket);
	nvme_text_init(&error, text, sizeof(text));
	nvl_device_options_init(&options);
	options.device = name;
	options.driver.entries = ENTRIES;
	options.driver.queues = queues;
	options.driver.max_transfer_bytes = TRANSFER;
	if (nvl_device_open(&options, &device, &error) != 0)
		fail(text);
	if (nvl_info(nvl_device_ctrl(device))->queues != queues)
		fail("the controller granted fewer queues");
	return device;
}

static void submit(struct slot *slot);

static void done(void *arg, const struct nvl_completion *completion)
{
	struct slot *slot = arg;
	struct worker *worker = slot->worker;

	if (completion->result != 0)
		fail("a command failed");
	worker->done++;
	if (slot->started)
		bench_add_sample(worker->samples, bench_now() - slot->started);
	if (!worker->stop)
		submit(slot);
}

static void submit(struct slot *slot)
{
	struct worker *worker = slot->worker;
	int result;

	slot->io.slba = bench_random(&worker->random) % worker->blocks * worker->nlb;
	slot->started = 0;
	if (worker->bench->depth == 1 || (worker->done & SAMPLE_MASK) == 0)
		slot->started = bench_now();
	result = worker->bench->write ? nvl_write(worker->queue, &slot->io, done, slot)
				      : nvl_read(worker->queue, &slot->io, done, slot);
	if (result != 0)
		fail("a command was not accepted");
}

static void prepare(struct worker *worker, struct nvl_device *device,
		    const struct nvl_buffer *buffer)
{
	const struct nvl_ns *ns = nvl_ns_at(nvl_device_ctrl(device), 0);

	if (!ns)
		fail("no namespace");
	worker->queue = nvl_queue(nvl_device_ctrl(device), 0);
	worker->nlb = worker->bench->bytes / 512;
	worker->blocks = BENCH_MEDIA_BYTES / worker->bench->bytes;
	worker->random = 88172645463325252u;
	for (uint32_t i = 0; i < worker->bench->depth; i++) {
		worker->slots[i].worker = worker;
		worker->slots[i].io = (struct nvl_io){
			.ns = ns,
			.nlb = worker->nlb,
			.buffer = buffer,
			.offset = (uint64_t)i * worker->bench->bytes,
		};
	}
}

static void work(struct worker *worker)
{
	uint64_t end = bench_now() + (uint64_t)(worker->bench->seconds * 1e9);

	for (uint32_t i = 0; i < worker->bench->depth; i++)
		submit(&worker->slots[i]);
	nvl_ring(worker->queue);
	while (bench_now() < end) {
		for (uint32_t turn = 0; turn < 64; turn++) {
			if (nvl_poll(worker->queue, 0))
				nvl_ring(worker->queue);
		}
	}
}

/* Every block is written once, so that reads find data. */
static void write_all(struct nvl_device *device, const struct nvl_buffer *buffer)
{
	const struct nvl_ns *ns = nvl_ns_at(nvl_device_ctrl(device), 0);
	struct nvl_io io = { .ns = ns, .nlb = 256, .buffer = buffer };

	for (uint64_t slba = 0; slba < BENCH_MEDIA_BYTES / 512; slba += io.nlb) {
		io.slba = slba;
		if (nvl_write_wait(nvl_queue(nvl_device_ctrl(device), 0), &io) != 0)
			fail("a write failed");
	}
}

struct bench_result bench_ours(const struct bench_emulator *emulator,
			       const struct bench_case *bench, uint32_t idle_pairs)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	struct nvl_device *device = open_device(emulator, 1 + idle_pairs);
	struct bench_result result = { 0 };
	struct nvl_buffer buffer;
	uint64_t begin, nsec;

	bench_pin(0);
	worker->bench = bench;
	worker->samples = calloc(1, sizeof(*worker->samples));
	if (nvl_device_alloc(device, DEPTH_MAX * 4096, &buffer) != 0)
		fail("no memory for buffers");
	memset(buffer.data, 0x5a, buffer.bytes);
	write_all(device, &buffer);
	prepare(worker, device, &buffer);
	begin = bench_now();
	work(worker);
	nsec = bench_now() - begin;
	result.iops = (double)worker->done / ((double)nsec / 1e9);
	worker->stop = true;
	while (nvl_queue_outstanding(worker->queue))
		nvl_poll(worker->queue, 0);
	if (nvl_device_close(device) != 0)
		fail("the controller did not shut down");
	bench_percentiles(worker->samples, &result);
	free(worker->samples);
	free(worker);
	return result;
}

uint64_t bench_first_command(void)
{
	uint64_t begin = bench_now(), nsec;
	struct bench_emulator emulator;
	struct nvl_device *device;
	struct nvl_buffer buffer;
	struct nvl_io io = { .nlb = 1, .buffer = &buffer };

	bench_start(&emulator, NULL);
	device = open_device(&emulator, 1);
	io.ns = nvl_ns_at(nvl_device_ctrl(device), 0);
	if (nvl_device_alloc(device, 4096, &buffer) != 0 ||
	    nvl_read_wait(nvl_queue(nvl_device_ctrl(device), 0), &io) != 0)
		fail("the first read failed");
	nsec = bench_now() - begin;
	nvl_device_close(device);
	bench_stop(&emulator);
	return nsec;
}

uint64_t bench_true(void)
{
	uint64_t begin = bench_now();
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	return bench_now() - begin;
}
