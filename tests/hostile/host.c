/* SPDX-License-Identifier: BSD-3-Clause */
/* The least NVMe host: an admin and one I/O queue pair over a raw connection, polled. */
#include "tests/hostile/host.h"

#include <check.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_SEC 60
#define PAGE	     4096u

static int make_memory(uint64_t bytes, uint8_t **ret_memory)
{
	int fd = memfd_create("host", MFD_CLOEXEC);
	void *memory;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)bytes), 0);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	*ret_memory = memory;
	return fd;
}

/* Maps the doorbells when BAR0 has an area that can be mapped. */
static void map_doorbells(struct raw_host *host)
{
	struct {
		struct vfu_region_info info;
		struct vfu_cap_header cap;
		uint32_t areas[2]; /* their number, reserved */
		struct vfu_sparse_area area;
	} region = { .info = { .argsz = sizeof(region), .index = VFU_REGION_BAR0 } };
	void *page;

	host->doorbells = NULL;
	ck_assert_int_eq(raw_call(&host->client, VFU_DEVICE_GET_REGION_INFO, &region,
				  sizeof(region.info), NULL, 0, &region, sizeof(region)),
			 0);
	if (!(region.info.flags & VFU_REGION_MAPPABLE))
		return;
	ck_assert_int_ge(host->client.received_fd, 0);
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, host->client.received_fd,
		    (off_t)(region.info.offset + NVME_DOORBELL_OFFSET));
	ck_assert_ptr_ne(page, MAP_FAILED);
	host->doorbells = page;
}

void raw_host_connect(struct raw_host *host, const struct raw_server *server, const char *json)
{
	memset(host, 0, sizeof(*host));
	raw_connect(&host->client, server);
	ck_assert_int_eq(raw_version(&host->client, json), 0);
	host->queue_fd = make_memory(RAW_QUEUE_BYTES, &host->queues);
	host->data_fd = make_memory(RAW_DATA_BYTES, &host->data);
	ck_assert_int_eq(raw_map(&host->client, RAW_QUEUE_IOVA, RAW_QUEUE_BYTES, host->queue_fd, 0),
			 0);
	ck_assert_int_eq(raw_map(&host->client, RAW_DATA_IOVA, RAW_DATA_BYTES, host->data_fd, 0),
			 0);
	map_doorbells(host);
	for (unsigned int i = 0; i < 2; i++) {
		host->ring[i].sq = (void *)(host->queues + 2 * (uint64_t)i * PAGE);
		host->ring[i].cq = (void *)(host->queues + (2 * (uint64_t)i + 1) * PAGE);
		host->ring[i].phase = true;
	}
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static void create_pair(struct raw_host *host)
{
	const uint32_t size_qid = (RAW_ENTRIES - 1) << 16 | 1;

	ck_assert_uint_eq(
		raw_command(host, 0,
			    (struct nvme_sqe){ .opcode = 0x05, /* Create I/O Completion Queue */
					       .prp1 = nvme_le64(RAW_QUEUE_IOVA + 3 * PAGE),
					       .cdw10 = nvme_le32(size_qid),
					       .cdw11 = nvme_le32(1) }),
		0);
	ck_assert_uint_eq(
		raw_command(host, 0,
			    (struct nvme_sqe){ .opcode = 0x01, /* Create I/O Submission Queue */
					       .prp1 = nvme_le64(RAW_QUEUE_IOVA + 2 * PAGE),
					       .cdw10 = nvme_le32(size_qid),
					       .cdw11 = nvme_le32(1 << 16 | 1) }),
		0);
}

void raw_host_enable(struct raw_host *host)
{
	const uint16_t command = 0x0406; /* Memory, bus master, no INTx. */
	time_t end = now() + PATIENCE_SEC;

	ck_assert_int_eq(raw_write(&host->client, VFU_REGION_CONFIG, 4, &command, sizeof(command)),
			 0);
	raw_write32(&host->client, NVME_REG_AQA, (RAW_ENTRIES - 1) << 16 | (RAW_ENTRIES - 1));
	raw_write64(&host->client, NVME_REG_ASQ, RAW_QUEUE_IOVA);
	raw_write64(&host->client, NVME_REG_ACQ, RAW_QUEUE_IOVA + PAGE);
	raw_write32(&host->client, NVME_REG_CC, 4 << 20 | 6 << 16 | 1);
	while (!(raw_read32(&host->client, NVME_REG_CSTS) & 1))
		ck_assert_msg(now() < end, "the controller does not get ready");
	create_pair(host);
}

void raw_host_close(struct raw_host *host)
{
	raw_disconnect(&host->client);
	if (host->doorbells)
		munmap((void *)(uintptr_t)host->doorbells, PAGE);
	munmap(host->queues, RAW_QUEUE_BYTES);
	munmap(host->data, RAW_DATA_BYTES);
	close(host->queue_fd);
	close(host->data_fd);
}

void raw_fill(struct raw_host *host, unsigned int qid, const struct nvme_sqe *sqe)
{
	struct raw_ring *ring = &host->ring[qid];
	struct nvme_sqe *slot = &ring->sq[ring->tail];

	*slot = *sqe;
	slot->cid = nvme_le16((uint16_t)ring->tail);
	ring->tail = (ring->tail + 1) % RAW_ENTRIES;
}

static void write_doorbell(struct raw_host *host, unsigned int number, uint32_t value)
{
	if (host->doorbells)
		__atomic_store_n(
			(volatile uint32_t *)(volatile void *)(host->doorbells + 4 * number), value,
			__ATOMIC_RELEASE);
	else
		raw_write32(&host->client, NVME_DOORBELL_OFFSET + 4 * number, value);
}

void raw_ring(struct raw_host *host, unsigned int qid)
{
	write_doorbell(host, 2 * qid, host->ring[qid].tail);
}

bool raw_poll(struct raw_host *host, unsigned int qid, struct nvme_cqe *ret_cqe)
{
	struct raw_ring *ring = &host->ring[qid];
	const struct nvme_cqe *slot = &ring->cq[ring->head];
	uint16_t status = __atomic_load_n(&slot->status.raw, __ATOMIC_ACQUIRE);

	if ((status & 1) != ring->phase)
		return false;
	*ret_cqe = *slot;
	ring->head = (ring->head + 1) % RAW_ENTRIES;
	if (ring->head == 0)
		ring->phase = !ring->phase;
	write_doorbell(host, 2 * qid + 1, ring->head);
	return true;
}

uint16_t raw_command(struct raw_host *host, unsigned int qid, struct nvme_sqe sqe)
{
	time_t end = now() + PATIENCE_SEC;
	struct nvme_cqe cqe;

	raw_fill(host, qid, &sqe);
	raw_ring(host, qid);
	while (!raw_poll(host, qid, &cqe)) {
		ck_assert_msg(now() < end, "a command does not complete");
		sched_yield();
	}
	return (uint16_t)(nvme_cpu16(cqe.status) >> 1);
}

struct nvme_sqe raw_io(uint8_t opcode, uint64_t slba, uint32_t blocks, uint64_t offset)
{
	uint64_t prp1 = RAW_DATA_IOVA + offset;

	return (struct nvme_sqe){
		.opcode = opcode,
		.nsid = nvme_le32(1),
		.prp1 = nvme_le64(prp1),
		.prp2 = nvme_le64(blocks > 8 ? prp1 + PAGE : 0),
		.cdw10 = nvme_le32((uint32_t)slba),
		.cdw11 = nvme_le32((uint32_t)(slba >> 32)),
		.cdw12 = nvme_le32(blocks - 1),
	};
}
