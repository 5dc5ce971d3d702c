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

#include "driver/core/data.h"

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
	uint32_t priority;
	bool ien;
	bool phase;
	unsigned int sq_writes;
	unsigned int cq_writes;
};

#define TH_FAKE_HELD 16

/** struct th_fake_held - an admin command without a completion yet */
struct th_fake_held {
	struct nvme_sqe sqe;
	bool used;
};

/** enum th_fake_fault - what happens at the k-th call of the environment */
enum th_fake_fault {
	TH_FAULT_GONE,	 /* register or configuration access: all ones from then on */
	TH_FAULT_LOST,	 /* alive(): the connection is lost from then on */
	TH_FAULT_ONES,	 /* register read: all ones, once */
	TH_FAULT_SILENT, /* admin command: no completion, once */
	TH_FAULT_STATUS, /* admin command: Internal Error, once */
	TH_FAULT_IRQ,	 /* irq_assign(): none to be had, once */
};

/** enum th_fake_abort - what becomes of an Abort */
enum th_fake_abort {
	TH_ABORT_WORKS,	  /* the command completes with 0/07h, the Abort after it */
	TH_ABORT_LATE,	  /* the Abort completes first, th_fake_complete() does the rest */
	TH_ABORT_REFUSED, /* dword 0, bit 0 is 1 */
	TH_ABORT_FAILS,	  /* fake->abort_status */
	TH_ABORT_HELD,	  /* no completion until th_fake_abort_end() */
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
 * @fault: happens at the @fault_at-th call that it can happen to; 0: never, or it did
 * @admin_silent: by opcode: no completion
 * @admin_silent_once: this opcode, for one command; 0 for none
 * @cns_status: by CNS
 * @cns_failures: so many times; 0: always
 * @feature_status: by FID, of Set Features
 * @features_silent: by FID: Set Features without a completion
 * @pci_id: dword 0 of configuration space
 * @pci_command: its command register
 * @irq_assigns: times that vectors were asked for
 * @abort_slots: Aborts beyond so many at a time are refused with 1/03h; 0: any number
 * @nssr_nsec: how long registers read all ones after NSSR
 * @nssr_cures: @fatal_enables is 0 after NSSR
 * @aers: event requests that wait; th_fake_event() takes one
 * @aborts_most: outstanding at a time
 * @resets: times that EN became 0
 * @logs_read: by LID, commands; @log: what they return
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
	uint64_t away_until;

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
	uint8_t admin_silent_once;
	enum th_fake_fault fault;
	unsigned int fault_at;
	uint16_t cns_status[256];
	uint32_t cns_failures;
	uint16_t feature_status[256];
	uint32_t fail_qid;
	uint32_t pci_id;
	uint32_t pci_command;
	unsigned int irq_assigns;
	bool features_silent[256];
	enum th_fake_abort abort;
	uint16_t abort_status;
	uint32_t abort_slots;
	uint64_t nssr_nsec;
	bool nssr_cures;
	struct th_fake_held aers[TH_FAKE_HELD];
	uint32_t aer_count;
	struct th_fake_held aborts[TH_FAKE_HELD];
	uint32_t abort_count;
	unsigned int aborts_seen;
	unsigned int aborts_most;
	uint32_t aborted_sqid;
	uint16_t aborted_cid;
	unsigned int resets;
	unsigned int subsystem_resets;
	unsigned int logs_read[256];
	bool last_rae;
	uint8_t log[256][64];
	uint8_t features_set[256];
	uint32_t feature_dw11[256];
	uint8_t feature_data[512];

	struct nvme_id_ctrl id;
	struct nvme_id_ns ns;
	uint32_t nsids[2048];
	struct th_fake_queue queues[TH_FAKE_QUEUES + 1];
	uint64_t shadow; /* pages of Doorbell Buffer Config; 0: none */
	uint64_t event;
	unsigned int writes;
	unsigned int now_calls;
	uint32_t waited_vector;
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

/** th_fake_make - make the driver with fake->config, without starting it */
void th_fake_make(struct th_fake *fake);

/** th_fake_start - th_fake_make(), and start it; Return: what nvl_start() does */
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

/** th_fake_event - complete an event request that waits with @dw0; false if there is none */
bool th_fake_event(struct th_fake *fake, uint32_t dw0);

/** th_fake_event_error - complete an event request that waits with @status */
bool th_fake_event_error(struct th_fake *fake, uint16_t status);

/** th_fake_abort_end - complete the oldest Abort that is held */
void th_fake_abort_end(struct th_fake *fake, uint16_t status, uint32_t dw0);

/** th_fake_steps - nvl_step() and time, for @nsec */
void th_fake_steps(struct th_fake *fake, uint64_t nsec);

/** th_fake_settle - nvl_step() and time until no operation is under way */
void th_fake_settle(struct th_fake *fake);

/* What nvl_fake.c and nvl_fake_admin.c share. */
struct nvme_sqe th_fake_take(struct th_fake *fake, struct th_fake_queue *queue);
void th_fake_answer(struct th_fake *fake, uint32_t qid, const struct nvme_sqe *sqe, uint16_t status,
		    uint32_t dw0);
void th_fake_run_admin(struct th_fake *fake);
bool th_fake_fault_now(struct th_fake *fake, enum th_fake_fault fault);

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
