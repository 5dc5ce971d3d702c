/* SPDX-License-Identifier: BSD-3-Clause */
/* A driver that polls, for examples/trapbar.c: what its users see of it. */
#ifndef EXAMPLES_POLLING_H
#define EXAMPLES_POLLING_H

#include <stdint.h>

#define POLLING_BYTES 20480u /* of memory: an admin and an I/O queue pair of 16 entries, data */
#define POLLING_DATA  16384u /* where the data of commands is in it */

/** struct polling - a controller; the driver's user sets @bar, @memory, @address and @clock_nsec */
struct polling {
	volatile uint8_t *bar;
	uint8_t *memory;
	uint64_t address; /* of the memory, for the controller */
	uint64_t (*clock_nsec)(void);
	unsigned int tail[2], head[2], phase[2];
};

/** polling_start - reset, enable, make the queues; Return: 0, or the status of what failed */
int polling_start(struct polling *drive);

/** polling_command - Return: its status, -1 when there was none for 30 seconds */
int polling_command(struct polling *drive, uint32_t queue, uint32_t opcode, uint32_t cdw10);

#endif
