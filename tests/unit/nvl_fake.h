/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A controller of registers and memory that does as a test says, right or wrong: the other end for
 * the tests of driver/core. Not a model of a controller: it answers what bring-up asks, and leaves
 * I/O commands to the test.
 */
#ifndef TESTS_UNIT_NVL_FAKE_H
#define TESTS_UNIT_NVL_FAKE_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "driver/core/internal.h"

#define TH_FAKE_QUEUES	 8
#define TH_FAKE_FOREVER	 UINT32_MAX
#define TH_FAKE_NO_REG	 UINT32_MAX
#define TH_FAKE_DMA_IOVA UINT64_C(0x100000000)
#define TH_FAKE_MSEC	 UINT64_C(1000000)

/** struct th_fake_queue - a queue pair as the controller sees it */
struct th_fake_queue {
	bool has_cq;
	bool has_sq;
	uint64_t sq_iova;
	uint64_t cq_iova;
	uint32_t entries;
	uint32_t sq_tail; /* as rung */
	uint32_t sq_head;
	uint32_t cq_tail;
	uint32_t cq_head; /* as rung */
	uint32_t iv;
	bool ien;
	bool phase;
	unsigned int sq_writes;
	unsigned int cq_writes;
};

/**
 * struct th_fake - the controller and the driver under test
 * @now: moves in wait() alone, to the next thing that happens or to the deadline
 * @ready_nsec: CSTS.RDY follows CC.EN after this time; NVL_NEVER for a controller that does not
 * @unready_nsec: the same for EN = 0
 * @fatal_enables: so many times EN = 1 ends in CFS
 * @all_ones: so many register reads are all ones
 * @config_gone: configuration space is all ones too
 * @lost_register: writes to it are lost
 * @shutdown_nsec: CSTS.SHST is complete after this time
 * @granted: queue pairs, by Set Features
 * @vectors: what irq_assign gives; negative fails
 * @lost: what alive() says
 * @admin_status: by opcode, the status of the command
 * @admin_silent: by opcode: no completion
 * @cns_status: by CNS
 * @fail_qid: creating the SQ of this QID fails with Invalid Queue Identifier; 0 for none
 * @admin_held: completions of commands that were silent
 * @writes: register writes seen
 * @now_calls: how often the driver asked for the time
 * @mapped: doorbells of I/O queues as memory, see struct nvl_ops; NULL: all are calls
 */
struct th_fake {
	struct nvl_config config;
	struct nvl_ctrl *ctrl;
	struct nvl_buffer dma;
	void *block;

	uint64_t now;
	uint64_t cap;
	uint64_t asq;
	uint64_t acq;
	uint32_t vs;
	uint32_t cc;
	uint32_t csts;
	uint32_t aqa;
	uint32_t crto;
	uint64_t ready_at;
	uint64_t unready_at;
	uint64_t shutdown_at;

	uint64_t ready_nsec;
	uint64_t unready_nsec;
	uint64_t shutdown_nsec;
	uint32_t fatal_enables;
	uint32_t all_ones;
	bool config_gone;
	uint32_t lost_register;
	uint32_t granted;
	int vectors;
	int lost;
	uint16_t admin_status[256];
	bool admin_silent[256];
	uint16_t cns_status[256];
	uint32_t fail_qid;

	struct nvme_id_ctrl id;
	struct nvme_id_ns ns;
	uint32_t nsids[2048];
	struct th_fake_queue queues[TH_FAKE_QUEUES + 1];
	unsigned int writes;
	unsigned int now_calls;
	unsigned int deleted_cqs;
	unsigned int identified_ns;
	uint32_t records;
	struct nvme_trace_record last_record;
	bool trace;
	volatile void *mapped;
	uint32_t mapped_offset;
	uint32_t mapped_bytes;
};

/** th_fake_init - a good controller: 64 entries, 4 queue pairs granted, one namespace of 1 MiB */
void th_fake_init(struct th_fake *fake);

/** th_fake_start - make the driver with fake->config; Return: what nvl_start() does */
int th_fake_start(struct th_fake *fake);

/** th_fake_open - th_fake_init() and th_fake_start(), which must succeed */
void th_fake_open(struct th_fake *fake);

/** th_fake_done - free the driver */
void th_fake_done(struct th_fake *fake);

/** th_fake_memory - where @iova is */
void *th_fake_memory(struct th_fake *fake, uint64_t iova);

/** th_fake_fetch - the next command of I/O queue @qid that was rung; fails the test without one */
struct nvme_sqe th_fake_fetch(struct th_fake *fake, uint32_t qid);

/** th_fake_post - an entry into completion queue @qid, with the phase of this pass */
void th_fake_post(struct th_fake *fake, uint32_t qid, struct nvme_cqe cqe);

/** th_fake_complete - fetch the next command of @qid and complete it with @status */
void th_fake_complete(struct th_fake *fake, uint32_t qid, uint16_t status);

/** struct th_fake_ending - counts; argument of th_fake_count() */
struct th_fake_ending {
	unsigned int done;
	int result;
	struct nvl_completion completion;
};

/** th_fake_count - nvl_done_fn */
void th_fake_count(void *arg, const struct nvl_completion *completion);

/** th_fake_io - one block at @slba, in the admin data buffer */
struct nvl_io th_fake_io(struct th_fake *fake, uint64_t slba);

/** th_fake_submit - submit and ring one read; fails the test if that fails */
void th_fake_submit(struct th_fake *fake, struct th_fake_ending *ending);

#endif
