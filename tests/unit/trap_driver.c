/* SPDX-License-Identifier: BSD-3-Clause */
/* See trap_driver.h. Nothing in here knows of emulators. */
#include "tests/unit/trap_driver.h"

#include <string.h>

#define ENABLE	     0x00460001u
#define DOORBELL(n)  (0x1000u + 4 * (n))
#define PAGE_SQ(qid) (2 * (qid))
#define PAGE_CQ(qid) (2 * (qid) + 1)

uint32_t trap_read32(const struct trap_driver *driver, uint32_t offset)
{
	return *(volatile uint32_t *)(volatile void *)(driver->bar + offset);
}

uint64_t trap_read64(const struct trap_driver *driver, uint32_t offset)
{
	return *(volatile uint64_t *)(volatile void *)(driver->bar + offset);
}

void trap_write32(const struct trap_driver *driver, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(volatile void *)(driver->bar + offset) = value;
}

void trap_write64(const struct trap_driver *driver, uint32_t offset, uint64_t value)
{
	*(volatile uint64_t *)(volatile void *)(driver->bar + offset) = value;
}

void *trap_page(const struct trap_driver *driver, uint32_t index)
{
	return driver->memory + index * TRAP_PAGE;
}

uint64_t trap_iova(const struct trap_driver *driver, uint32_t index)
{
	return driver->iova + (uint64_t)index * TRAP_PAGE;
}

int trap_start(struct trap_driver *driver)
{
	uint64_t until = driver->now(driver->arg) + driver->patience_nsec;

	trap_write32(driver, NVME_REG_CC, 0);
	memset(trap_page(driver, PAGE_CQ(0)), 0, TRAP_PAGE);
	trap_write32(driver, NVME_REG_AQA, (TRAP_ENTRIES - 1) << 16 | (TRAP_ENTRIES - 1));
	trap_write64(driver, NVME_REG_ASQ, trap_iova(driver, PAGE_SQ(0)));
	trap_write64(driver, NVME_REG_ACQ, trap_iova(driver, PAGE_CQ(0)));
	trap_write32(driver, NVME_REG_CC, ENABLE);
	driver->tail[0] = driver->head[0] = 0;
	driver->phase[0] = 1;
	while (!(trap_read32(driver, NVME_REG_CSTS) & 1)) {
		driver->polls++;
		if (driver->now(driver->arg) >= until)
			return -1;
	}
	return 0;
}

void trap_submit(struct trap_driver *driver, uint32_t qid, const struct nvme_sqe *sqe)
{
	struct nvme_sqe *ring = trap_page(driver, PAGE_SQ(qid));

	ring[driver->tail[qid]] = *sqe;
	driver->tail[qid] = (uint16_t)((driver->tail[qid] + 1) % TRAP_ENTRIES);
	trap_write32(driver, DOORBELL(2 * qid), driver->tail[qid]);
}

int trap_reap(struct trap_driver *driver, uint32_t qid)
{
	uint64_t until = driver->now(driver->arg) + driver->patience_nsec;
	const volatile uint16_t *ring = trap_page(driver, PAGE_CQ(qid));
	uint16_t status;

	for (;;) {
		status = ring[driver->head[qid] * 8 + 7];
		if ((status & 1) == driver->phase[qid])
			break;
		driver->polls++;
		if (driver->now(driver->arg) >= until)
			return -1;
	}
	driver->head[qid] = (uint16_t)((driver->head[qid] + 1) % TRAP_ENTRIES);
	driver->phase[qid] ^= driver->head[qid] == 0;
	trap_write32(driver, DOORBELL(2 * qid + 1), driver->head[qid]);
	return status >> 1;
}

int trap_command(struct trap_driver *driver, uint32_t qid, uint8_t opcode, uint32_t cdw10,
		 uint32_t cdw11)
{
	struct nvme_sqe sqe = {
		.opcode = opcode,
		.nsid = nvme_le32(qid > 0),
		.prp1 = nvme_le64(trap_iova(driver, TRAP_DATA)),
		.cdw10 = nvme_le32(cdw10),
		.cdw11 = nvme_le32(cdw11),
	};

	trap_submit(driver, qid, &sqe);
	return trap_reap(driver, qid);
}

int trap_queues(struct trap_driver *driver)
{
	struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_CREATE_IO_CQ,
		.prp1 = nvme_le64(trap_iova(driver, PAGE_CQ(1))),
		.cdw10 = nvme_le32((TRAP_ENTRIES - 1) << 16 | 1),
		.cdw11 = nvme_le32(1),
	};
	int status;

	memset(trap_page(driver, PAGE_CQ(1)), 0, TRAP_PAGE);
	trap_submit(driver, 0, &sqe);
	status = trap_reap(driver, 0);
	if (status)
		return status;
	sqe.opcode = NVME_ADMIN_CREATE_IO_SQ;
	sqe.prp1 = nvme_le64(trap_iova(driver, PAGE_SQ(1)));
	sqe.cdw11 = nvme_le32(1u << 16 | 1);
	driver->tail[1] = driver->head[1] = 0;
	driver->phase[1] = 1;
	trap_submit(driver, 0, &sqe);
	return trap_reap(driver, 0);
}
