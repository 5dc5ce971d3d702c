/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The least NVMe host: an admin and one I/O queue pair over a raw connection, polled.
 *
 * Queues and data lie in memory files of their own, so that a test can take either away.
 */
#ifndef TESTS_HOSTILE_HOST_H
#define TESTS_HOSTILE_HOST_H

#include "common/nvme_spec.h"
#include "tests/hostile/client.h"

#define RAW_QUEUE_IOVA	UINT64_C(0x100000)
#define RAW_QUEUE_BYTES UINT64_C(0x10000)
#define RAW_DATA_IOVA	UINT64_C(0x40000000)
#define RAW_DATA_BYTES	UINT64_C(0x100000)
#define RAW_ENTRIES	32u

/** struct raw_ring - one queue pair */
struct raw_ring {
	struct nvme_sqe *sq;
	struct nvme_cqe *cq;
	uint32_t tail;
	uint32_t head;
	bool phase;
};

/**
 * struct raw_host - a connected host
 * @doorbells: the mapped page, or NULL when doorbells are messages
 * @ring: 0 admin, 1 I/O
 */
struct raw_host {
	struct raw_client client;
	int queue_fd;
	int data_fd;
	uint8_t *queues;
	uint8_t *data;
	volatile uint8_t *doorbells;
	struct raw_ring ring[2];
};

/** raw_host_connect - connect, map host memory, and the doorbells if they are offered */
void raw_host_connect(struct raw_host *host, const struct raw_server *server, const char *json);

/** raw_host_enable - enable the controller and create I/O pair 1 without interrupts */
void raw_host_enable(struct raw_host *host);

/** raw_host_close - disconnect and free everything */
void raw_host_close(struct raw_host *host);

/** raw_fill - put a command into queue @qid without ringing; cid is the slot */
void raw_fill(struct raw_host *host, unsigned int qid, const struct nvme_sqe *sqe);

/** raw_ring - write the tail doorbell of queue @qid */
void raw_ring(struct raw_host *host, unsigned int qid);

/** raw_poll - take the next completion of queue @qid; false when there is none now */
bool raw_poll(struct raw_host *host, unsigned int qid, struct nvme_cqe *ret_cqe);

/** raw_command - submit one command and wait for its completion; Return: its status, 15 bits */
uint16_t raw_command(struct raw_host *host, unsigned int qid, struct nvme_sqe sqe);

/** raw_io - the SQE of a read or write of @blocks 512-byte blocks at data offset @offset */
struct nvme_sqe raw_io(uint8_t opcode, uint64_t slba, uint32_t blocks, uint64_t offset);

#endif
