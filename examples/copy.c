/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies half of a namespace to the other half, with 32 transfers under way at any time. */
#include <stdio.h>

#include "driver/transport/device.h"

#define DEPTH 32
#define BYTES 65536u

/* One of the 32: it reads a piece, writes it, and takes the next. */
struct worker {
	struct copy *copy;
	struct nvl_io io;
};

struct copy {
	struct nvl_queue *queue;
	uint64_t next; /* block to be read */
	uint64_t half; /* where the other half begins */
	uint32_t busy;
	int error;
	struct worker workers[DEPTH];
};

static void read_next(struct worker *worker);
static void end(struct worker *worker, int error)
{
	worker->copy->busy--;
	worker->copy->error |= error;
}

static void written(void *arg, const struct nvl_completion *completion)
{
	completion->result ? end(arg, completion->result) : read_next(arg);
}

static void was_read(void *arg, const struct nvl_completion *completion)
{
	struct worker *worker = arg;
	int result = completion->result;

	worker->io.slba += worker->copy->half;
	if (result == 0)
		result = nvl_write(worker->copy->queue, &worker->io, written, worker);
	if (result)
		end(worker, result);
}

static void read_next(struct worker *worker)
{
	struct copy *copy = worker->copy;
	int result;

	if (copy->next >= copy->half || copy->error) {
		end(worker, 0);
		return;
	}
	worker->io.slba = copy->next;
	copy->next += worker->io.nlb;
	result = nvl_read(copy->queue, &worker->io, was_read, worker);
	if (result)
		end(worker, result);
}

int main(void)
{
	static struct copy copy;
	struct nvl_device_options options;
	struct nvl_device *device;
	struct nvl_buffer buffer;

	nvl_device_options_init(&options);
	if (nvl_device_open(&options, &device, NULL) ||
	    nvl_device_alloc(device, DEPTH * BYTES, &buffer)) {
		printf("1..1\nnot ok 1 - a device and memory\n");
		return 1;
	}
	const struct nvl_ns *ns = nvl_ns_at(nvl_device_ctrl(device), 0);

	copy.queue = nvl_queue(nvl_device_ctrl(device), 0);
	copy.half = ns->nsze / 2;
	copy.busy = DEPTH;
	for (uint32_t i = 0; i < DEPTH; i++) {
		copy.workers[i].copy = &copy;
		copy.workers[i].io = (struct nvl_io){ .ns = ns,
						      .nlb = BYTES / ns->block_bytes,
						      .buffer = &buffer,
						      .offset = i * BYTES };
		read_next(&copy.workers[i]);
	}
	while (copy.busy > 0) {
		nvl_ring(copy.queue);
		if (nvl_poll(copy.queue, 0) == 0)
			nvl_wait(copy.queue, nvl_device_now(device) + 1000000);
	}
	printf("1..1\n%s 1 - %llu blocks are copied\n", copy.error ? "not ok" : "ok",
	       (unsigned long long)copy.half);
	return nvl_device_close(device) || copy.error;
}
