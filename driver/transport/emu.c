/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transport to an emulator inside the process.
 *
 * Registers are calls, and each write does the controller's work before it returns, as a trapped
 * BAR0 does; host memory is the same memory. Under a virtual clock time passes in wait() alone.
 * Threads may share it: one lock around each call.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/le.h"
#include "driver/transport/transport.h"
#include "emulator/device/device.h"

#define VECTORS_MAX 2048
#define NSEC_PER_MS 1000000u

struct emu_transport {
	struct nvl_transport transport;
	struct emu_device *device;
	struct emu *core;
	pthread_mutex_t lock;
	struct nvl_iova iova;
	bool virtual_clock;
	uint32_t vectors; /* that are assigned */
	bool fired[VECTORS_MAX];
	nvl_trace_fn *trace;
	void *trace_arg;
};

static uint64_t emu_reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct emu_transport *self = arg;
	uint8_t data[8] = { 0 };

	pthread_mutex_lock(&self->lock);
	emu_bar_read(self->core, 0, offset, data, bytes);
	pthread_mutex_unlock(&self->lock);
	return nvme_load_le64(data);
}

static void emu_reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	struct emu_transport *self = arg;
	uint8_t data[8];

	nvme_store_le64(data, value);
	pthread_mutex_lock(&self->lock);
	emu_bar_write(self->core, 0, offset, data, bytes);
	emu_device_run(self->device, UINT_MAX);
	pthread_mutex_unlock(&self->lock);
}

static uint32_t emu_config_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct emu_transport *self = arg;
	uint8_t data[4] = { 0 };

	pthread_mutex_lock(&self->lock);
	emu_cfg_read(self->core, 0, offset, data, bytes);
	pthread_mutex_unlock(&self->lock);
	return nvme_load_le32(data);
}

static void emu_config_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	struct emu_transport *self = arg;
	uint8_t data[4];

	nvme_store_le32(data, value);
	pthread_mutex_lock(&self->lock);
	emu_cfg_write(self->core, 0, offset, data, bytes);
	emu_device_run(self->device, UINT_MAX);
	pthread_mutex_unlock(&self->lock);
}

static int emu_map(void *arg, struct nvl_buffer *buffer)
{
	struct emu_transport *self = arg;
	uint64_t iova;
	int result;

	if (buffer->bytes == 0 || buffer->bytes % NVL_PAGE_BYTES != 0)
		return -EINVAL;
	pthread_mutex_lock(&self->lock);
	iova = nvl_iova_take(&self->iova, buffer->bytes);
	result = emu_device_map(self->device, 0, iova, buffer->bytes, EMU_DMA_READ | EMU_DMA_WRITE,
				buffer->data);
	if (result == 0)
		buffer->iova = iova;
	pthread_mutex_unlock(&self->lock);
	return result;
}

static int emu_unmap(void *arg, struct nvl_buffer *buffer)
{
	struct emu_transport *self = arg;
	int result;

	pthread_mutex_lock(&self->lock);
	result = emu_device_unmap(self->device, 0, buffer->iova, buffer->bytes);
	pthread_mutex_unlock(&self->lock);
	return result;
}

static bool emu_irq(void *arg, uint32_t ctrl, uint32_t vector)
{
	struct emu_transport *self = arg;

	(void)ctrl;
	if (vector >= self->vectors)
		return false;
	self->fired[vector] = true;
	return true;
}

static int emu_irq_assign(void *arg, uint32_t vectors)
{
	struct emu_transport *self = arg;
	int have = nvl_msix_enable(&self->transport.ops, vectors > 0);

	if (have < 0)
		return have;
	if (vectors > (uint32_t)have)
		vectors = (uint32_t)have;
	pthread_mutex_lock(&self->lock);
	self->vectors = vectors;
	memset(self->fired, 0, sizeof(self->fired));
	for (uint32_t vector = 0; vector < vectors; vector++)
		emu_irq_changed(self->core, 0, vector);
	emu_device_run(self->device, UINT_MAX);
	pthread_mutex_unlock(&self->lock);
	return (int)vectors;
}

static int emu_function_reset(void *arg)
{
	struct emu_transport *self = arg;
	uint64_t deadline = nvl_real_now() + 2000 * (uint64_t)NSEC_PER_MS;

	pthread_mutex_lock(&self->lock);
	emu_reset(self->core, 0, EMU_RESET_FUNCTION);
	emu_device_run(self->device, UINT_MAX);
	while (emu_busy(self->core, 0) && nvl_real_now() < deadline)
		emu_device_run(self->device, UINT_MAX);
	deadline = emu_busy(self->core, 0);
	pthread_mutex_unlock(&self->lock);
	return deadline ? -ETIMEDOUT : 0;
}

static uint64_t emu_now(void *arg)
{
	struct emu_transport *self = arg;
	uint64_t now;

	pthread_mutex_lock(&self->lock);
	now = emu_device_now(self->device);
	pthread_mutex_unlock(&self->lock);
	return now;
}

static bool take_fired(struct emu_transport *self, uint32_t vector)
{
	bool fired = vector < VECTORS_MAX && self->fired[vector];

	if (fired)
		self->fired[vector] = false;
	return fired;
}

/* Nothing is due now, so the next thing to happen is a deadline: the device's, or the caller's. */
static void wait_virtual(struct emu_transport *self, uint64_t deadline)
{
	uint64_t next = emu_device_deadline(self->device);

	if (next > deadline)
		next = deadline;
	if (next == NVL_NEVER)
		nvl_transport_panic(self, "waiting for ever, with a virtual clock");
	emu_device_advance(self->device, next);
}

/* How long to sleep at most: media wake us, deadlines of the device and other threads do not. */
static int sleep_ms(struct emu_transport *self, uint64_t deadline)
{
	uint64_t now = emu_device_now(self->device);
	uint64_t next = emu_device_deadline(self->device);

	if (next > deadline)
		next = deadline;
	return next <= now ? 0 : 1;
}

static void emu_wait(void *arg, uint32_t vector, uint64_t deadline)
{
	struct emu_transport *self = arg;
	struct pollfd wake;
	int timeout;

	pthread_mutex_lock(&self->lock);
	wake = (struct pollfd){ .fd = emu_device_wait_fd(self->device), .events = POLLIN };
	for (;;) {
		emu_device_run(self->device, UINT_MAX);
		if (take_fired(self, vector))
			break;
		if (self->virtual_clock) {
			wait_virtual(self, deadline);
			take_fired(self, vector);
			break;
		}
		if (vector == NVL_NO_VECTOR || emu_device_now(self->device) >= deadline)
			break;
		timeout = sleep_ms(self, deadline);
		pthread_mutex_unlock(&self->lock);
		poll(&wake, 1, timeout);
		pthread_mutex_lock(&self->lock);
	}
	pthread_mutex_unlock(&self->lock);
}

static void emu_close(struct nvl_transport *transport)
{
	struct emu_transport *self = (struct emu_transport *)(void *)transport;

	/* What a server does when its client leaves: both end with the same trace. */
	emu_function_reset(self);
	emu_device_free(self->device);
	pthread_mutex_destroy(&self->lock);
	free(self);
}

static void put_trace(void *arg, const struct nvme_trace_record *record)
{
	struct emu_transport *self = arg;

	self->trace(self->trace_arg, record);
}

static int make_device(struct emu_transport *self, const struct nvl_emulator_options *options,
		       struct nvme_text *error)
{
	struct emu_device_options device_options = {
		.clock = options->virtual_clock ? EMU_CLOCK_VIRTUAL : EMU_CLOCK_REAL,
		.trace_path = options->trace_path,
		.trace = options->trace ? put_trace : NULL,
		.irq = emu_irq,
		.arg = self,
	};
	const struct emu_config *config = options->config;
	const struct emu_ns_spec *ns = options->ns;
	unsigned int ns_count = ns ? options->ns_count : 1;
	struct emu_config *default_config = NULL;
	struct emu_ns_spec default_ns;
	int result;

	if (!config) {
		default_config = malloc(sizeof(*default_config));
		if (!default_config)
			return nvl_say(error, -ENOMEM, "out of memory");
		emu_config_init(default_config);
		config = default_config;
	}
	if (!ns) {
		emu_ns_spec_init(&default_ns);
		ns = &default_ns;
	}
	result = emu_device_new(config, ns, ns_count, &device_options, &self->device, error);
	free(default_config);
	return result;
}

int nvl_emu_open(const struct nvl_device_options *options, struct nvl_transport **ret_transport,
		 struct nvme_text *error)
{
	struct emu_transport *self = calloc(1, sizeof(*self));
	int result;

	if (!self)
		return nvl_say(error, -ENOMEM, "out of memory");
	self->virtual_clock = options->emulator.virtual_clock;
	self->trace = options->emulator.trace;
	self->trace_arg = options->emulator.trace_arg;
	result = make_device(self, &options->emulator, error);
	if (result) {
		free(self);
		return result;
	}
	pthread_mutex_init(&self->lock, NULL);
	self->core = emu_device_core(self->device);
	self->transport = (struct nvl_transport){
		.name = "emulator",
		.close = emu_close,
		.emulator = self->device,
		.ops = {
			.arg = self,
			.reg_read = emu_reg_read,
			.reg_write = emu_reg_write,
			.cfg_read = emu_config_read,
			.cfg_write = emu_config_write,
			.dma_map = emu_map,
			.dma_unmap = emu_unmap,
			.irq_assign = emu_irq_assign,
			.reset = emu_function_reset,
			.now = emu_now,
			.wait = emu_wait,
			.panic = nvl_transport_panic,
		},
	};
	*ret_transport = &self->transport;
	return 0;
}
