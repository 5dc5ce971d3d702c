/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The vfio-user client, in three files:
 *
 *   vfu_socket.c   messages: send, receive, serve what the server asks for
 *   vfu_setup.c    VERSION, regions, BAR0's mapping
 *   vfio_user.c    the transport: registers, memory, interrupts, time
 *
 * The server is not trusted: every length, index, offset and descriptor is checked before it is
 * used. One lock around each exchange, so that threads may share the connection.
 */
#ifndef NVMELAB_DRIVER_TRANSPORT_VFU_H
#define NVMELAB_DRIVER_TRANSPORT_VFU_H

#include <pthread.h>

#include "common/vfio_user.h"
#include "driver/transport/transport.h"

#define NVL_VFU_FDS	  16u			/* that we take with one message */
#define NVL_VFU_DATA	  (1u << 20)		/* bytes of data in one message */
#define NVL_VFU_MSG_BYTES (NVL_VFU_DATA + 4096) /* longest message */
#define NVL_VFU_AREAS	  16u			/* of a region that can be mapped */
#define NVL_VFU_MAPS	  1024u
#define NVL_VFU_VECTORS	  2048u

/** struct nvl_vfu_map - memory that the server knows */
struct nvl_vfu_map {
	uint64_t iova;
	uint64_t bytes;
	uint8_t *data;
};

/** struct nvl_vfu_region - what the server said of a region; size 0 when it has none */
struct nvl_vfu_region {
	uint32_t flags;
	uint64_t size;
};

/**
 * struct nvl_vfu - a connection
 * @fd: the socket, non-blocking
 * @lost: atomic: 0, or the negative errno that ended it
 * @buffer: of the message that is being received, NVL_VFU_MSG_BYTES
 * @server_fds: how many descriptors the server takes with a message
 * @bar0_map: what mmap() gave for @bar0_map_bytes of BAR0, or NULL
 * @lab: the clock is the server's, moved by us; it stands at @lab_now
 * @eventfds: of the first @vectors vectors
 * @spins: calls of wait() and alive() that did not look at the socket
 */
struct nvl_vfu {
	struct nvl_transport transport;
	int fd;
	int lost;
	pthread_mutex_t lock;
	uint16_t next_id;
	uint64_t timeout_nsec;
	uint64_t start_nsec;
	uint8_t *buffer;
	uint32_t server_fds;
	uint32_t device_flags;
	uint32_t regions;
	uint32_t irqs;
	uint32_t msix_vectors;
	struct nvl_vfu_region bar0;
	struct nvl_vfu_region config;
	void *bar0_map;
	uint64_t bar0_map_bytes;
	bool lab;
	uint64_t lab_now;
	struct nvl_iova iova;
	uint32_t map_count;
	struct nvl_vfu_map maps[NVL_VFU_MAPS];
	uint32_t vectors;
	int eventfds[NVL_VFU_VECTORS];
	uint32_t spins;
};

/**
 * struct nvl_vfu_call - a command and its reply
 * @request: payload
 * @data: more payload, behind it
 * @fds: @fd_count descriptors that go along; they stay the caller's
 * @reply: room for the first @reply_room bytes of the reply's payload; more is read and dropped
 * @reply_bytes: how long the payload was
 * @reply_fds: gets descriptors that came along, -1 for none; the caller closes them
 */
struct nvl_vfu_call {
	enum vfu_command command;
	const void *request;
	uint32_t request_bytes;
	const void *data;
	uint32_t data_bytes;
	const int *fds;
	uint32_t fd_count;
	void *reply;
	uint32_t reply_room;
	uint32_t reply_bytes;
	int reply_fds[NVL_VFU_FDS];
};

/**
 * nvl_vfu_exchange - send a command and wait for its reply, serving the server meanwhile
 *
 * Return: 0; the negative errno of an error reply (-EIO for one without a number); -ETIMEDOUT,
 * -ECONNRESET or -EPROTO when the connection is of no use any more: it stays so.
 */
int nvl_vfu_exchange(struct nvl_vfu *vfu, struct nvl_vfu_call *call);

/** nvl_vfu_close_fds - close the descriptors that came with a reply */
void nvl_vfu_close_fds(struct nvl_vfu_call *call);

/** nvl_vfu_connect - to the socket at @path; Return: 0 or a negative errno */
int nvl_vfu_connect(struct nvl_vfu *vfu, const char *path, struct nvme_text *error);

/** nvl_vfu_serve - handle what has arrived unasked, and notice an end; does not wait */
void nvl_vfu_serve(struct nvl_vfu *vfu);

/** nvl_vfu_lost - 0, or why the connection ended */
static inline int nvl_vfu_lost(const struct nvl_vfu *vfu)
{
	return __atomic_load_n(&vfu->lost, __ATOMIC_ACQUIRE);
}

/**
 * nvl_vfu_region_read - read @bytes, at most NVL_VFU_DATA, of a region
 * Return: 0; a negative errno, as nvl_vfu_exchange()
 */
int nvl_vfu_region_read(struct nvl_vfu *vfu, uint32_t region, uint64_t offset, void *data,
			uint32_t bytes);

/** nvl_vfu_region_write - write @bytes, at most NVL_VFU_DATA, of a region */
int nvl_vfu_region_write(struct nvl_vfu *vfu, uint32_t region, uint64_t offset, const void *data,
			 uint32_t bytes);

/**
 * nvl_vfu_set_up - VERSION, information about the device, BAR0's mapping, the lab
 * @map: map what can be mapped
 */
int nvl_vfu_set_up(struct nvl_vfu *vfu, bool map, struct nvme_text *error);

#endif
