/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A driver that knows volatile loads and stores, and nothing of emulators: for a machine where a
 * BAR is at some address. It polls for everything.
 */
#include "polling.h"

#include <string.h>

#define ENTRIES	 16u
#define PATIENCE 30000000000u
#define PAGE	 4096u

/* Pages of the memory: submission queue 0, completion queue 0, the same of pair 1, data. */
static int run(struct polling *drive, uint32_t q, uint32_t opcode, uint32_t page, uint32_t cdw10,
	       uint32_t cdw11)
{
	uint8_t *sq = drive->memory + 2 * PAGE * q, *cq = sq + PAGE;
	const volatile uint32_t *cqe = (volatile uint32_t *)(void *)(cq + 16 * drive->head[q]);
	uint64_t prp1 = drive->address + page * PAGE, until = drive->clock_nsec() + PATIENCE;
	const uint32_t sqe[16] = {
		[0] = opcode, [1] = q,	   [6] = (uint32_t)prp1, [7] = (uint32_t)(prp1 >> 32),
		[10] = cdw10, [11] = cdw11
	};
	uint32_t status;

	memcpy(sq + 64 * drive->tail[q], sqe, sizeof(sqe));
	drive->tail[q] = (drive->tail[q] + 1) % ENTRIES;
	*(volatile uint32_t *)(volatile void *)(drive->bar + 0x1000 + 8 * q) = drive->tail[q];
	while ((cqe[3] >> 16 & 1) == drive->phase[q]) {
		if (drive->clock_nsec() > until)
			return -1;
	}
	status = cqe[3] >> 17;
	drive->head[q] = (drive->head[q] + 1) % ENTRIES;
	drive->phase[q] ^= drive->head[q] == 0;
	*(volatile uint32_t *)(volatile void *)(drive->bar + 0x1004 + 8 * q) = drive->head[q];
	return (int)status;
}

int polling_command(struct polling *drive, uint32_t queue, uint32_t opcode, uint32_t cdw10)
{
	return run(drive, queue, opcode, 4, cdw10, 0);
}

int polling_start(struct polling *drive)
{
	volatile uint32_t *cc = (volatile uint32_t *)(volatile void *)(drive->bar + 0x14);
	const volatile uint32_t *csts = (volatile uint32_t *)(volatile void *)(drive->bar + 0x1c);
	int status;

	*cc = 0;
	while (*csts & 1)
		;
	memset(drive->memory, 0, 4 * PAGE);
	for (int q = 0; q < 2; q++)
		drive->tail[q] = drive->head[q] = drive->phase[q] = 0;
	*(volatile uint32_t *)(volatile void *)(drive->bar + 0x24) = (ENTRIES - 1) << 16 |
								     (ENTRIES - 1);
	*(volatile uint64_t *)(volatile void *)(drive->bar + 0x28) = drive->address;
	*(volatile uint64_t *)(volatile void *)(drive->bar + 0x30) = drive->address + PAGE;
	*cc = 4 << 20 | 6 << 16 | 1;
	while (!(*csts & 1))
		;
	/* Create I/O Completion Queue, Create I/O Submission Queue. */
	status = run(drive, 0, 5, 3, (ENTRIES - 1) << 16 | 1, 1);
	return status ? status : run(drive, 0, 1, 2, (ENTRIES - 1) << 16 | 1, 1 << 16 | 1);
}
