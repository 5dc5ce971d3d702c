/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A driver that knows volatile loads and stores, for the tests of trap BARs: one admin and one I/O
 * queue pair, one command at a time, memory in one piece.
 */
#ifndef TESTS_UNIT_TRAP_DRIVER_H
#define TESTS_UNIT_TRAP_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/nvme_spec.h"

#define TRAP_PAGE    4096u
#define TRAP_PAGES   12u /* of a driver's memory: two queue pairs, then data */
#define TRAP_DATA    6u	 /* the first of its pages */
#define TRAP_ENTRIES 8u
#define TRAP_QUEUES  2u

/**
 * struct trap_driver - the driver's state
 * @bar: its registers
 * @memory: TRAP_PAGES pages, which the controller sees from @iova on
 * @now: its clock; @patience_nsec: how long it waits for something
 */
struct trap_driver {
	volatile uint8_t *bar;
	uint8_t *memory;
	uint64_t iova;
	uint64_t (*now)(void *arg);
	void *arg;
	uint64_t patience_nsec;
	uint16_t tail[TRAP_QUEUES];
	uint16_t head[TRAP_QUEUES];
	uint16_t phase[TRAP_QUEUES];
	uint64_t polls;
};

uint32_t trap_read32(const struct trap_driver *driver, uint32_t offset);
uint64_t trap_read64(const struct trap_driver *driver, uint32_t offset);
void trap_write32(const struct trap_driver *driver, uint32_t offset, uint32_t value);
void trap_write64(const struct trap_driver *driver, uint32_t offset, uint64_t value);

/** trap_page - page @index of the memory, for the driver; trap_iova - for the controller */
void *trap_page(const struct trap_driver *driver, uint32_t index);
uint64_t trap_iova(const struct trap_driver *driver, uint32_t index);

/** trap_start - enable the controller; Return: 0, -1 when it did not get ready in time */
int trap_start(struct trap_driver *driver);

/** trap_submit - put @sqe into queue @qid and ring its doorbell */
void trap_submit(struct trap_driver *driver, uint32_t qid, const struct nvme_sqe *sqe);

/** trap_reap - poll for a completion; Return: its status, -1 when none came in time */
int trap_reap(struct trap_driver *driver, uint32_t qid);

/** trap_command - both, with page TRAP_DATA for the data */
int trap_command(struct trap_driver *driver, uint32_t qid, uint8_t opcode, uint32_t cdw10,
		 uint32_t cdw11);

/** trap_queues - make I/O queue pair 1; Return: 0 or what went wrong */
int trap_queues(struct trap_driver *driver);

#endif
