/* SPDX-License-Identifier: BSD-3-Clause */
/* A device from its name to a controller in operation, and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/transport/transport.h"
#include "emulator/device/trace_file.h"

#define PCI_COMMAND	     0x04
#define PCI_COMMAND_MASTER   0x0004u
#define VECTORS_MAX	     2048u /* of an MSI-X table */
#define MEMORY_BYTES	     (64u << 20)
#define MESSAGE_TIMEOUT_NSEC UINT64_C(5000000000)

struct nvl_device {
	struct nvl_transport *transport;
	struct nvl_memory *memory;
	struct nvl_cpus *cpus;
	struct nvl_config config;
	struct nvl_ctrl *ctrl;
	void *block;
	bool has_trace_file;
	struct emu_trace_file trace_file;
	nvl_trace_fn *trace;
	void *trace_arg;
};

void nvl_device_options_init(struct nvl_device_options *options)
{
	*options = (struct nvl_device_options){
		.start = true,
		.message_timeout_nsec = MESSAGE_TIMEOUT_NSEC,
		.memory_bytes = MEMORY_BYTES,
	};
	nvl_config_init(&options->driver);
}

static void put_trace(void *arg, const struct nvme_trace_record *record)
{
	struct nvl_device *device = arg;

	if (device->has_trace_file)
		emu_trace_file_put(&device->trace_file, record);
	if (device->trace)
		device->trace(device->trace_arg, record);
}

static int open_trace(struct nvl_device *device, const struct nvl_device_options *options,
		      struct nvme_text *error)
{
	int result;

	device->trace = options->trace;
	device->trace_arg = options->trace_arg;
	if (!options->trace_path)
		return 0;
	result = emu_trace_file_open(&device->trace_file, options->trace_path, NVME_TRACE_DRIVER,
				     error);
	device->has_trace_file = result == 0;
	return result;
}

static uint64_t arena_bytes(const struct nvl_transport *transport,
			    const struct nvl_device_options *options)
{
	if (transport->arena_bytes && transport->arena_bytes < options->memory_bytes)
		return transport->arena_bytes;
	return options->memory_bytes;
}

static uint32_t vectors_of(const struct nvl_device_options *options)
{
	uint64_t wanted = options->driver.vectors;

	if (!options->interrupts)
		return 0;
	if (wanted == 0)
		wanted = (uint64_t)options->driver.queues + 1;
	return wanted < VECTORS_MAX ? (uint32_t)wanted : VECTORS_MAX;
}

/* The first parameter that is not what it may be, in the words of its row. */
static int say_out_of_range(const struct nvl_config *config, struct nvme_text *error)
{
	char value[64], why[256] = "";
	const struct nvl_key *key;
	struct nvl_config copy = { 0 };
	struct nvme_text text, sentence;

	for (uint32_t i = 0; (key = nvl_config_key(i)) != NULL; i++) {
		nvme_text_init(&text, value, sizeof(value));
		nvme_text_init(&sentence, why, sizeof(why));
		nvl_config_print(config, key, &text);
		if (nvl_config_set(&copy, nvme_slice(key->name), nvme_slice(value), &sentence) != 0)
			break;
	}
	return nvl_say(error, -EINVAL, "a parameter of the driver: %s", why);
}

/* The first arena begins with the memory of the queues. */
static void place_queues(void *arg, void *data, uint64_t bytes)
{
	struct nvl_device *device = arg;

	nvl_cpus_place(device->cpus, &device->config, data, bytes);
	nvl_memory_set_place(device->memory, NULL, NULL);
}

static int make_driver(struct nvl_device *device, const struct nvl_device_options *options,
		       struct nvme_text *error)
{
	struct nvl_config config = options->driver;
	struct nvl_buffer dma;
	size_t bytes;
	int result;

	config.vectors = vectors_of(options);
	bytes = nvl_size(&config);
	if (bytes == 0)
		return say_out_of_range(&config, error);
	device->memory = nvl_memory_new(&device->transport->ops, device->transport->arena,
					arena_bytes(device->transport, options));
	device->block = aligned_alloc(NVL_PAGE_BYTES, bytes);
	device->cpus = nvl_cpus_new(config.queues);
	device->config = config;
	if (!device->memory || !device->block || !device->cpus)
		return nvl_say(error, -ENOMEM, "out of memory");
	if (options->near_cpus && device->transport->arena == NVL_ARENA_SHARED)
		nvl_memory_set_place(device->memory, place_queues, device);
	result = nvl_memory_alloc(device->memory, nvl_dma_size(&config), &dma);
	if (result)
		return nvl_say(error, result, "memory for the device: %s%s", strerror(-result),
			       result == -ENOMEM ? "; 'ulimit -l' says how much may be locked"
						 : "");
	if (dma.page_iova)
		return nvl_say(
			error, -ENOMEM,
			"no %llu KiB of memory in one piece for the queues: without an IOMMU "
			"there may be fewer or shorter ones",
			(unsigned long long)(dma.bytes >> 10));
	device->ctrl = nvl_init(device->block, &dma, &config, &device->transport->ops,
				device->has_trace_file || device->trace ? put_trace : NULL, device);
	return 0;
}

static int start(struct nvl_device *device, bool near_cpus, struct nvme_text *error)
{
	int result = nvl_start(device->ctrl);

	if (result == 0 && near_cpus)
		nvl_cpus_steer(device->cpus, device->transport, device->ctrl);
	if (result == 0)
		return 0;
	if (error) {
		nvme_text_add(error, "the controller does not start: ");
		nvl_failure_text(device->ctrl, error);
	}
	return result > 0 ? -EIO : result;
}

int nvl_device_open(const struct nvl_device_options *options, struct nvl_device **ret_device,
		    struct nvme_text *error)
{
	struct nvl_device *device = calloc(1, sizeof(*device));
	int result;

	if (!device)
		return nvl_say(error, -ENOMEM, "out of memory");
	result = open_trace(device, options, error);
	if (!result)
		result = nvl_transport_open(options, &device->transport, error);
	if (!result)
		result = make_driver(device, options, error);
	if (!result && options->start)
		result = start(device, options->near_cpus, error);
	if (result) {
		nvl_device_close(device);
		return result;
	}
	*ret_device = device;
	return 0;
}

/* What is in operation is shut down in order; what has failed is at least disabled. */
static int end(struct nvl_ctrl *ctrl)
{
	if (nvl_is_up(ctrl))
		return nvl_shutdown(ctrl, false);
	if (nvl_state(ctrl) != NVL_STATE_NEW && !nvl_dma_safe(ctrl))
		return nvl_stop(ctrl);
	return 0;
}

/* Memory is given to others now: a controller that did not let go of it loses the bus. */
static void take_bus(const struct nvl_device *device)
{
	const struct nvl_ops *ops = &device->transport->ops;
	uint32_t command;

	if (nvl_dma_safe(device->ctrl) || nvl_state(device->ctrl) == NVL_STATE_GONE)
		return;
	command = ops->cfg_read(ops->arg, PCI_COMMAND, 2);
	ops->cfg_write(ops->arg, PCI_COMMAND, 2, command & 0xffff & ~PCI_COMMAND_MASTER);
}

int nvl_device_close(struct nvl_device *device)
{
	int result = 0;

	if (!device)
		return 0;
	if (device->ctrl) {
		result = end(device->ctrl);
		take_bus(device);
	}
	nvl_memory_free(device->memory);
	nvl_cpus_free(device->cpus);
	if (device->transport)
		device->transport->close(device->transport);
	if (device->has_trace_file) {
		int error = emu_trace_file_close(&device->trace_file);

		result = result ? result : error;
	}
	free(device->block);
	free(device);
	return result;
}

struct nvl_cpus *nvl_device_cpus(const struct nvl_device *device)
{
	return device->cpus;
}

struct nvl_ctrl *nvl_device_ctrl(struct nvl_device *device)
{
	return device->ctrl;
}

const char *nvl_device_name(const struct nvl_device *device)
{
	return device->transport->name;
}

const struct nvl_ops *nvl_device_ops(const struct nvl_device *device)
{
	return &device->transport->ops;
}

struct emu_device *nvl_device_emulator(struct nvl_device *device)
{
	return device->transport->emulator;
}

int nvl_device_alloc(struct nvl_device *device, uint64_t bytes, struct nvl_buffer *ret_buffer)
{
	return nvl_memory_alloc(device->memory, bytes, ret_buffer);
}

void nvl_device_free(struct nvl_device *device, struct nvl_buffer *buffer)
{
	nvl_memory_release(device->memory, buffer);
}

uint64_t nvl_device_now(struct nvl_device *device)
{
	const struct nvl_ops *ops = &device->transport->ops;

	return ops->now(ops->arg);
}
