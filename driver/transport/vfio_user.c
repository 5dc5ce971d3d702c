/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transport to a vfio-user server: registers by message or through mapped memory, host memory by
 * memfd, interrupts by eventfd; time of our own, or the lab's.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/le.h"
#include "driver/transport/vfu.h"

/* How often a loop that polls memory looks at the socket, and lets others have the processor. */
#define SPINS 1024u

static uint64_t vfu_reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	uint8_t data[8] = { 0 };

	if (nvl_vfu_region_read(arg, VFU_REGION_BAR0, offset, data, bytes))
		return bytes == 8 ? UINT64_MAX : UINT32_MAX;
	return nvme_load_le64(data);
}

static void vfu_reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	uint8_t data[8];

	nvme_store_le64(data, value);
	nvl_vfu_region_write(arg, VFU_REGION_BAR0, offset, data, bytes);
}

static uint32_t vfu_cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	uint8_t data[4] = { 0 };

	if (nvl_vfu_region_read(arg, VFU_REGION_CONFIG, offset, data, bytes))
		return UINT32_MAX >> (32 - 8 * bytes);
	return nvme_load_le32(data);
}

static void vfu_cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	uint8_t data[4];

	nvme_store_le32(data, value);
	nvl_vfu_region_write(arg, VFU_REGION_CONFIG, offset, data, bytes);
}

static void forget_map(struct nvl_vfu *vfu, uint64_t iova)
{
	pthread_mutex_lock(&vfu->lock);
	for (uint32_t i = 0; i < vfu->map_count; i++) {
		if (vfu->maps[i].iova != iova)
			continue;
		vfu->maps[i] = vfu->maps[--vfu->map_count];
		break;
	}
	pthread_mutex_unlock(&vfu->lock);
}

/* Known to us before it is to the server, which may use it before it replies. */
static int remember_map(struct nvl_vfu *vfu, struct nvl_buffer *buffer)
{
	int result = -ENOSPC;

	pthread_mutex_lock(&vfu->lock);
	if (vfu->map_count < NVL_VFU_MAPS) {
		buffer->iova = nvl_iova_take(&vfu->iova, buffer->bytes);
		vfu->maps[vfu->map_count++] = (struct nvl_vfu_map){
			.iova = buffer->iova,
			.bytes = buffer->bytes,
			.data = buffer->data,
		};
		result = 0;
	}
	pthread_mutex_unlock(&vfu->lock);
	return result;
}

static int vfu_dma_map(void *arg, struct nvl_buffer *buffer)
{
	struct nvl_vfu *vfu = arg;
	struct vfu_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFU_DMA_MAP_READ | VFU_DMA_MAP_WRITE,
		.size = buffer->bytes,
	};
	struct nvl_vfu_call call = {
		.command = VFU_DMA_MAP,
		.request = &map,
		.request_bytes = sizeof(map),
		.fd_count = 1,
	};
	int fd, result;

	if (buffer->bytes == 0 || buffer->bytes % NVL_PAGE_BYTES != 0)
		return -EINVAL;
	result = nvl_arena_find(buffer->data, buffer->bytes, &fd, &map.offset);
	if (!result)
		result = remember_map(vfu, buffer);
	if (result)
		return result;
	call.fds = &fd;
	map.addr = buffer->iova;
	result = nvl_vfu_exchange(vfu, &call);
	nvl_vfu_close_fds(&call);
	if (result)
		forget_map(vfu, buffer->iova);
	return result;
}

static int vfu_dma_unmap(void *arg, struct nvl_buffer *buffer)
{
	struct nvl_vfu *vfu = arg;
	struct vfu_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.addr = buffer->iova,
		.size = buffer->bytes,
	};
	struct nvl_vfu_call call = {
		.command = VFU_DMA_UNMAP,
		.request = &unmap,
		.request_bytes = sizeof(unmap),
	};
	int result = nvl_vfu_exchange(vfu, &call);

	nvl_vfu_close_fds(&call);
	forget_map(vfu, buffer->iova);
	return result;
}

static int set_irqs(struct nvl_vfu *vfu, uint32_t flags, uint32_t start, uint32_t count,
		    const int *fds)
{
	struct vfu_set_irqs set = {
		.argsz = sizeof(set),
		.flags = flags,
		.index = VFU_IRQ_MSIX,
		.start = start,
		.count = count,
	};
	struct nvl_vfu_call call = {
		.command = VFU_DEVICE_SET_IRQS,
		.request = &set,
		.request_bytes = sizeof(set),
		.fds = fds,
		.fd_count = fds ? count : 0,
	};
	int result = nvl_vfu_exchange(vfu, &call);

	nvl_vfu_close_fds(&call);
	return result;
}

static void close_vectors(struct nvl_vfu *vfu)
{
	while (vfu->vectors > 0)
		close(vfu->eventfds[--vfu->vectors]);
}

static int disable_vectors(struct nvl_vfu *vfu)
{
	int result = 0;

	if (vfu->vectors > 0)
		result = set_irqs(vfu, VFU_SET_IRQS_DATA_NONE | VFU_SET_IRQS_ACTION_TRIGGER, 0, 0,
				  NULL);
	nvl_msix_enable(&vfu->transport.ops, false);
	close_vectors(vfu);
	return result;
}

/* In batches of as many descriptors as the server takes with a message. */
static int assign_eventfds(struct nvl_vfu *vfu, uint32_t vectors)
{
	uint32_t batch = vfu->server_fds > 0 ? vfu->server_fds : 1;

	while (vfu->vectors < vectors) {
		int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

		if (fd < 0)
			break;
		vfu->eventfds[vfu->vectors++] = fd;
	}
	for (uint32_t start = 0; start < vfu->vectors; start += batch) {
		uint32_t count = vfu->vectors - start < batch ? vfu->vectors - start : batch;
		int result = set_irqs(vfu, VFU_SET_IRQS_DATA_EVENTFD | VFU_SET_IRQS_ACTION_TRIGGER,
				      start, count, vfu->eventfds + start);

		if (result)
			return result;
	}
	return 0;
}

static int vfu_irq_assign(void *arg, uint32_t vectors)
{
	struct nvl_vfu *vfu = arg;
	int have, result;

	if (vectors == 0)
		return disable_vectors(vfu);
	close_vectors(vfu);
	have = nvl_msix_enable(&vfu->transport.ops, true);
	if (have < 0)
		return have;
	if (vectors > (uint32_t)have)
		vectors = (uint32_t)have;
	if (vectors > vfu->msix_vectors)
		vectors = vfu->msix_vectors;
	result = assign_eventfds(vfu, vectors);
	if (result || vfu->vectors == 0) {
		disable_vectors(vfu);
		return result ? result : -ENOSPC;
	}
	return (int)vfu->vectors;
}

static int vfu_reset(void *arg)
{
	struct nvl_vfu *vfu = arg;
	struct nvl_vfu_call call = { .command = VFU_DEVICE_RESET };
	int result;

	if (!(vfu->device_flags & VFU_DEVICE_RESETTABLE))
		return -EOPNOTSUPP;
	result = nvl_vfu_exchange(vfu, &call);
	nvl_vfu_close_fds(&call);
	return result;
}

static uint64_t vfu_now(void *arg)
{
	struct nvl_vfu *vfu = arg;

	return vfu->lab ? vfu->lab_now : nvl_real_now() - vfu->start_nsec;
}

static bool take_fired(struct nvl_vfu *vfu, uint32_t vector)
{
	return vector < vfu->vectors && nvl_eventfd_take(vfu->eventfds[vector]);
}

/*
 * The server has done all its work before each reply, so nothing is due now: the next thing to
 * happen is its deadline, or the caller's.
 */
static void wait_lab(struct nvl_vfu *vfu, uint32_t vector, uint64_t deadline)
{
	uint8_t word[8];
	uint64_t next = VFU_LAB_NEVER;

	if (take_fired(vfu, vector))
		return;
	if (nvl_vfu_region_read(vfu, VFU_REGION_LAB, VFU_LAB_OFF_NEXT, word, sizeof(word)) == 0)
		next = nvme_load_le64(word);
	if (next > deadline)
		next = deadline;
	if (next == NVL_NEVER)
		nvl_transport_panic(vfu, "waiting for ever, with a virtual clock");
	nvme_store_le64(word, next);
	if (nvl_vfu_region_write(vfu, VFU_REGION_LAB, VFU_LAB_OFF_ADVANCE, word, sizeof(word)) ==
	    0) {
		if (next > vfu->lab_now)
			vfu->lab_now = next;
	} else if (nvl_vfu_region_read(vfu, VFU_REGION_LAB, VFU_LAB_OFF_NOW, word, sizeof(word)) ==
		   0) {
		vfu->lab_now = nvme_load_le64(word);
	} else if (next > vfu->lab_now) {
		vfu->lab_now = next; /* A server that is gone must not stop time for its client. */
	}
	take_fired(vfu, vector);
}

/* Several threads may count here; a lost count does not matter. */
static bool is_due(struct nvl_vfu *vfu)
{
	uint32_t spins = __atomic_add_fetch(&vfu->spins, 1, __ATOMIC_RELAXED);

	return spins % SPINS == 0;
}

static void relax(struct nvl_vfu *vfu)
{
	if (is_due(vfu)) {
		nvl_vfu_serve(vfu);
		sched_yield();
	}
	nvl_relax();
}

static void wait_vector(struct nvl_vfu *vfu, uint32_t vector, uint64_t deadline)
{
	while (!nvl_vfu_lost(vfu)) {
		struct pollfd wait[2] = {
			{ .fd = vfu->eventfds[vector], .events = POLLIN },
			{ .fd = vfu->fd, .events = POLLIN },
		};
		struct timespec left;

		if (!nvl_time_left(vfu_now(vfu), deadline, &left) || take_fired(vfu, vector))
			return;
		if (ppoll(wait, 2, &left, NULL) > 0 && wait[1].revents)
			nvl_vfu_serve(vfu);
	}
}

static void vfu_wait(void *arg, uint32_t vector, uint64_t deadline)
{
	struct nvl_vfu *vfu = arg;

	if (vfu->lab)
		wait_lab(vfu, vector, deadline);
	else if (vector < vfu->vectors)
		wait_vector(vfu, vector, deadline);
	else
		relax(vfu);
}

static int vfu_alive(void *arg)
{
	struct nvl_vfu *vfu = arg;

	return nvl_vfu_lost(vfu);
}

static void vfu_close(struct nvl_transport *transport)
{
	struct nvl_vfu *vfu = (struct nvl_vfu *)(void *)transport;

	if (vfu->vectors > 0 && !nvl_vfu_lost(vfu))
		disable_vectors(vfu);
	close_vectors(vfu);
	if (vfu->bar0_map)
		munmap(vfu->bar0_map, vfu->bar0_map_bytes);
	if (vfu->fd >= 0)
		close(vfu->fd);
	pthread_mutex_destroy(&vfu->lock);
	free(vfu->buffer);
	free(vfu);
}

static struct nvl_vfu *make_client(const struct nvl_device_options *options)
{
	struct nvl_vfu *vfu = calloc(1, sizeof(*vfu));

	if (!vfu)
		return NULL;
	vfu->fd = -1;
	vfu->timeout_nsec = options->message_timeout_nsec;
	vfu->start_nsec = nvl_real_now();
	vfu->buffer = malloc(NVL_VFU_MSG_BYTES);
	if (!vfu->buffer) {
		free(vfu);
		return NULL;
	}
	pthread_mutex_init(&vfu->lock, NULL);
	vfu->transport = (struct nvl_transport){
		.name = "vfio-user",
		.close = vfu_close,
		.ops = {
			.arg = vfu,
			.reg_read = vfu_reg_read,
			.reg_write = vfu_reg_write,
			.cfg_read = vfu_cfg_read,
			.cfg_write = vfu_cfg_write,
			.dma_map = vfu_dma_map,
			.dma_unmap = vfu_dma_unmap,
			.irq_assign = vfu_irq_assign,
			.reset = vfu_reset,
			.now = vfu_now,
			.wait = vfu_wait,
			.alive = vfu_alive,
			.panic = nvl_transport_panic,
		},
	};
	return vfu;
}

int nvl_vfio_user_open(const struct nvl_device_options *options, const char *path,
		       struct nvl_transport **ret_transport, struct nvme_text *error)
{
	struct nvl_vfu *vfu = make_client(options);
	int result;

	if (!vfu)
		return nvl_say(error, -ENOMEM, "out of memory");
	result = nvl_vfu_connect(vfu, path, error);
	if (!result)
		result = nvl_vfu_set_up(vfu, !options->no_mapping, error);
	if (result) {
		vfu_close(&vfu->transport);
		return result;
	}
	*ret_transport = &vfu->transport;
	return 0;
}
