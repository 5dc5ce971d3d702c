/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host in memory, for tests that poke registers and rings by hand.
 *
 * It owns host memory, a medium and the vectors that were raised; it knows rings and phases and
 * nothing of drivers. A test is a story: given th_enabled(...), when th_admin(...) and th_run(),
 * then th_expect_cqe(...). A failed expectation prints the last events of the controller's trace.
 */
#ifndef TESTS_HARNESS_HOST_H
#define TESTS_HARNESS_HOST_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/nvme_spec.h"
#include "common/ring.h"
#include "emulator/core/emu.h"

#define TH_QUEUES  8 /* most queue pairs that the harness keeps rings for, with the admin pair */
#define TH_VECTORS 16
#define TH_CTRLS   4

/**
 * struct th_options - what is different from the default controller
 * @controller: keys as on the command line: "mqes=63,vs=1.4"
 * @own: keys of the controller with index 1 alone, likewise
 * @profile: NULL for "default"
 * @controllers: 0 is 1
 * @blocks: of namespace 1; 0 is 2048
 * @lbads: of namespace 1; 0 is 9
 * @ns: of namespace 1: metadata, protection information, controllers; the rest does not count
 * @ns2_blocks: a second namespace with NSID 3; 0 is none
 * @ns2_lbads: of namespace 3; 0 is 12
 * @more_ns: that many more namespaces of 8 blocks, with NSID 5, 7, 9 ...
 * @mps: CC.MPS: host pages and what th_alloc() aligns to have 4096 << mps bytes
 * @entries: of every queue that th_enabled() makes; 0 is 16
 * @io_queues: pairs that th_enabled() creates; vector = queue number
 * @shared: BAR0 is shared memory; doorbells are rung there and polled by th_run()
 * @slow_media: requests stay pending until th_media()
 * @cancels: the medium can be asked to give up a request: th_cancelled()
 * @slow_saves: records stay pending until th_saved()
 * @forgets: nothing is kept, and no deadline comes of what would be
 * @no_msix: MSI-X stays disabled
 * @intx: MSI-X stays disabled and INTx may be asserted; queues use vector 0
 * @stages: of one call of emu_step() in th_run(); 0 is as many as there are
 * @css: CC.CSS: the command sets that the host selects
 */
struct th_options {
	const char *controller;
	const char *own;
	const char *profile;
	uint32_t controllers;
	uint64_t blocks;
	uint32_t lbads;
	struct emu_ns_config ns;
	uint64_t ns2_blocks;
	uint32_t ns2_lbads;
	uint32_t more_ns;
	uint32_t mps;
	uint32_t entries;
	uint32_t io_queues;
	bool shared;
	bool slow_media;
	bool cancels;
	bool slow_saves;
	bool forgets;
	bool no_msix;
	bool intx;
	unsigned int stages;
	uint32_t css;
};

struct th_host;

/** th_off - a host and a controller after power-on: bus master on, CC.EN = 0 */
#define th_off(...) th_new_((struct th_options){ __VA_ARGS__ }, false)

/** th_enabled - the same, brought up, with I/O queues 1 .. io_queues */
#define th_enabled(...) th_new_((struct th_options){ __VA_ARGS__ }, true)

struct th_host *th_new_(struct th_options options, bool enable);

/** th_free - checks that the subsystem kept its invariants, and frees everything */
void th_free(struct th_host *host);

/**
 * th_check - the subsystem's own books balance: each request is in one place, each span node and
 * each promised completion slot has an owner, no pointer leaves the block
 */
void th_check(struct th_host *host);

/**
 * th_save - everything as it is now: the subsystem's block, host memory, medium, rings, time
 * th_restore - the same again, in place; the trace goes on from there
 * th_discard - frees a snapshot
 */
struct th_snapshot;
struct th_snapshot *th_save(struct th_host *host);
void th_restore(struct th_host *host, const struct th_snapshot *snapshot);
void th_discard(struct th_snapshot *snapshot);

/** th_emu - the subsystem under test */
struct emu *th_emu(struct th_host *host);

/** th_ctrl - later calls are about controller @ctrl, 0 at first */
void th_ctrl(struct th_host *host, uint32_t ctrl);

/** th_enable - write AQA, ASQ, ACQ and CC, run; admin queues have @entries slots */
void th_enable(struct th_host *host, uint32_t entries);

/** th_create_queues - create I/O pair @qid with @entries slots and vector @qid, expect success */
void th_create_queues(struct th_host *host, uint32_t qid, uint32_t entries);

/** th_rings - queue pair @qid of @entries slots each is there; the test creates it */
void th_rings(struct th_host *host, uint32_t qid, uint64_t sq, uint64_t cq, uint32_t entries);

/** th_take_rings - pair @qid goes on with the rings that it has at controller @ctrl, as they are */
void th_take_rings(struct th_host *host, uint32_t ctrl, uint32_t qid);

/** th_read_block - submits a Read of block @lba with identifier @cid on queue 1, and runs */
void th_read_block(struct th_host *host, uint16_t cid, uint32_t lba);

/** th_write_block - the same for a Write; all bytes of the block are @byte */
void th_write_block(struct th_host *host, uint16_t cid, uint32_t lba, uint8_t byte);

/** th_run - poll shared memory if there is, step until nothing is left to do */
void th_run(struct th_host *host);

/** th_step - exactly @stages stages, or fewer when there is nothing to do; returns how many */
unsigned int th_step(struct th_host *host, unsigned int stages);

/** th_time - it is now @nsec later; run */
void th_time(struct th_host *host, uint64_t nsec);

/* Registers, doorbells and configuration space as the host sees them. */
uint32_t th_read32(struct th_host *host, uint32_t offset);
uint64_t th_read64(struct th_host *host, uint32_t offset);
void th_write32(struct th_host *host, uint32_t offset, uint32_t value);
void th_write64(struct th_host *host, uint32_t offset, uint64_t value);
uint32_t th_cfg_read(struct th_host *host, uint32_t offset, uint32_t bytes);
void th_cfg_write(struct th_host *host, uint32_t offset, uint32_t bytes, uint32_t value);
void th_ring_sq(struct th_host *host, uint32_t qid, uint32_t tail);
void th_ring_cq(struct th_host *host, uint32_t qid, uint32_t head);

/** th_page - BAR0 in shared memory */
const uint8_t *th_page(struct th_host *host);

/** th_alloc - @bytes of host memory, zeroed, from a page boundary on; @return its IOVA */
uint64_t th_alloc(struct th_host *host, uint32_t bytes);

/** th_rewind - all host memory is free again, and zero */
void th_rewind(struct th_host *host);

/** th_ptr - where the test finds the memory at @iova */
void *th_ptr(struct th_host *host, uint64_t iova);

/** th_window - the memory behind BAR2 or BAR4 of the controller that later calls are about */
void *th_window(struct th_host *host, enum emu_window window);

/** th_unmap - no DMA to or from the page at @iova until th_map() */
void th_unmap(struct th_host *host, uint64_t iova);
void th_map(struct th_host *host);

/** th_read_only - the controller may not write host memory below @end; 0: it may write all of it */
void th_read_only(struct th_host *host, uint64_t end);

/** struct th_command - a command; what is not named is 0 */
struct th_command {
	uint8_t opcode;
	uint8_t flags;
	uint16_t cid;
	uint32_t nsid;
	uint64_t prp1;
	uint64_t prp2;
	uint64_t mptr;
	uint32_t cdw2, cdw3;
	uint32_t cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
};

/** th_admin - put a command into the admin queue and ring */
#define th_admin(host, ...) th_submit_(host, 0, (struct th_command){ __VA_ARGS__ }, true)

/** th_io - put a command into I/O queue @qid and ring */
#define th_io(host, qid, ...) th_submit_(host, qid, (struct th_command){ __VA_ARGS__ }, true)

/** th_fill - put a command into queue @qid without ringing */
#define th_fill(host, qid, ...) th_submit_(host, qid, (struct th_command){ __VA_ARGS__ }, false)

void th_submit_(struct th_host *host, uint32_t qid, struct th_command command, bool ring);

/** th_tail - the next slot of submission queue @qid */
uint32_t th_tail(struct th_host *host, uint32_t qid);

/** th_head - the next slot of completion queue @cqid that the host looks at */
uint32_t th_head(struct th_host *host, uint32_t cqid);

/**
 * struct th_cqe - a completion that is expected in queue @cqid
 * @sqid: 0 is the same number as @cqid
 * @sc: enum nvme_status_code. An error has More set, and DNR unless @retry; without @unlogged.
 */
struct th_cqe {
	uint32_t cqid;
	uint32_t sqid;
	uint16_t cid;
	uint16_t sc;
	uint32_t dw0;
	bool retry;
	bool unlogged;
};

/** th_expect_cqe - the next completion of a queue is there and is this; consumes it and rings */
#define th_expect_cqe(host, ...) th_expect_cqe_(host, (struct th_cqe){ __VA_ARGS__ }, __LINE__)
void th_expect_cqe_(struct th_host *host, struct th_cqe want, int line);

/** th_expect_none - queue @cqid has no completion that was not consumed */
#define th_expect_none(host, cqid) th_expect_none_(host, cqid, __LINE__)
void th_expect_none_(struct th_host *host, uint32_t cqid, int line);

/** th_next_cqe - consumes the next completion without ringing, whatever it is; false for none */
bool th_next_cqe(struct th_host *host, uint32_t cqid, struct nvme_cqe *ret_cqe);

/** th_do - run an admin command and expect success; for the common case */
#define th_do(host, ...) th_do_(host, (struct th_command){ __VA_ARGS__ }, __LINE__)
uint32_t th_do_(struct th_host *host, struct th_command command, int line);

/**
 * th_try - run an admin command (th_try_io: one of queue @qid) whatever becomes of it
 * Return: its status without the phase: nvme_status_code(), NVME_MORE, NVME_DNR.
 */
#define th_try(host, ...)	  th_try_(host, 0, (struct th_command){ __VA_ARGS__ }, __LINE__)
#define th_try_io(host, qid, ...) th_try_(host, qid, (struct th_command){ __VA_ARGS__ }, __LINE__)
/** th_code - the same, but of the status only what happened: enum nvme_status_code */
#define th_code(host, ...)	   nvme_status_code(th_try(host, __VA_ARGS__))
#define th_code_io(host, qid, ...) nvme_status_code(th_try_io(host, qid, __VA_ARGS__))

nvme_status th_try_(struct th_host *host, uint32_t qid, struct th_command command, int line);

/** th_irqs - how often @vector was raised since the last call */
unsigned int th_irqs(struct th_host *host, uint32_t vector);

/** th_line - whether INTx is asserted */
bool th_line(struct th_host *host);

/** th_refuse_irqs - nobody can be told of interrupts, or again */
void th_refuse_irqs(struct th_host *host, bool refuse);

/** th_media - answer the @position-th pending request of the medium with @result (0 or -errno) */
void th_media(struct th_host *host, unsigned int position, int result);

/** th_media_pending - requests that the medium has not answered */
unsigned int th_media_pending(struct th_host *host);

/** th_cancelled - how many requests it was asked to give up since the last call */
unsigned int th_cancelled(struct th_host *host);

/** th_media_fail - the next request ends with @error */
void th_media_fail(struct th_host *host, int error);

/** th_media_last - what was asked for last */
const struct emu_media *th_media_last(struct th_host *host);

/** th_media_block - the bytes of block @lba of namespace @nsid */
void *th_media_block(struct th_host *host, uint32_t nsid, uint64_t lba);

/** th_block_byte - the first byte of block @lba of namespace 1 */
uint8_t th_block_byte(struct th_host *host, uint64_t lba);

/** th_media_meta - the metadata of that block */
void *th_media_meta(struct th_host *host, uint32_t nsid, uint64_t lba);

/** th_media_spoil - that block cannot be read until it is written */
void th_media_spoil(struct th_host *host, uint32_t nsid, uint64_t lba);

/** th_media_allocated - whether that block was written and not deallocated since */
bool th_media_allocated(struct th_host *host, uint32_t nsid, uint64_t lba);

/** th_media_blocks - size of the medium of namespace @nsid; 0 when there is none */
uint64_t th_media_blocks(struct th_host *host, uint32_t nsid);

/** th_saved - answer the @position-th pending record with @result (0 or -errno) */
void th_saved(struct th_host *host, unsigned int position, int result);

/** th_saves_pending - records that were not answered */
unsigned int th_saves_pending(struct th_host *host);

/** th_save_fail - the next record is not kept: @error */
void th_save_fail(struct th_host *host, int error);

/** th_record - the durable data of a record, or NULL; @ret_bytes may be NULL */
const uint8_t *th_record(struct th_host *host, uint16_t type, uint32_t id, uint32_t *ret_bytes);

/**
 * th_restart - the power fails and comes back: a new subsystem of the same configuration gets the
 * records that are durable; pending ones are lost with everything but the medium and host memory.
 * It is as after th_off().
 */
void th_restart(struct th_host *host);

/** th_cuts - how often the power was cut with @keep left of volatile caches since the last call */
unsigned int th_cuts(struct th_host *host, enum emu_cut keep);

/** th_choose - what choose() answers from now on, modulo n */
void th_choose(struct th_host *host, uint32_t answer);

/** th_events - how often @event (enum nvme_trace_event) was recorded since the last call */
unsigned int th_events(struct th_host *host, unsigned int event);

/** th_observe - @observe is told of every record from now on */
void th_observe(struct th_host *host,
		void (*observe)(void *arg, const struct nvme_trace_record *record), void *arg);

/** th_trace - all records so far as JSON lines; the host's buffer */
const char *th_trace(struct th_host *host);

#endif
