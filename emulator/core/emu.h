/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The NVM subsystem: controllers, their namespaces and all state they share, in one block of
 * memory.
 *
 * A register or doorbell write only records; emu_step() does the work, one stage at a time:
 *
 *   regs -> doorbell -> fetch -> execute -> transfer (media) -> complete -> irq
 *
 * The block holds no pointer to anything outside itself besides the ops that emu_init() was given,
 * so a copy of its emu_size() bytes is a snapshot that can be copied back to the same place.
 *
 * Context of every call here: one thread at a time for a subsystem; nothing allocates, blocks or
 * reads a clock. Host memory, doorbells and messages are hostile input; a wrong argument of the
 * embedding program (a controller index out of range, say) is a programming error: ops->panic.
 */
#ifndef NVMELAB_EMULATOR_CORE_EMU_H
#define NVMELAB_EMULATOR_CORE_EMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trace.h"
#include "emulator/core/config.h"
#include "emulator/core/save.h"

#pragma GCC visibility push(default)

struct emu;

#define EMU_NEVER    UINT64_MAX	       /* a deadline that does not come */
#define EMU_TIME_MAX (UINT64_MAX >> 1) /* in nanoseconds, 292 years: no deadline overflows */
#define EMU_PENDING  1		       /* the answer comes by emu_media_done(), emu_save_done() */

enum emu_prot {
	EMU_DMA_READ = 1,  /* the controller reads host memory */
	EMU_DMA_WRITE = 2, /* the controller writes host memory */
};

/** What a medium is asked for; one that does not know an operation answers -ENOTSUP. */
enum emu_media_op {
	EMU_MEDIA_READ,
	EMU_MEDIA_WRITE,
	EMU_MEDIA_FLUSH,
	EMU_MEDIA_WRITE_ZEROES,	 /* data and metadata read as zeros then */
	EMU_MEDIA_DEALLOCATE,	 /* likewise, and the blocks are allocated no longer */
	EMU_MEDIA_UNCORRECTABLE, /* reads fail until the next write */
	EMU_MEDIA_STATUS,	 /* what @ret_status says */
	EMU_MEDIA_FORMAT,	 /* @blocks blocks of @lbads and @ms, all of them deallocated */
	EMU_MEDIA_DELETE,	 /* the namespace's medium goes */
	EMU_MEDIA_OPS
};

/** struct emu_span - a piece of host memory; @bytes is 1 or more; may cross pages and mappings */
struct emu_span {
	uint64_t iova;
	uint64_t bytes;
};

#define EMU_SPANS_PER_NODE 7
#define EMU_SPAN_BUCKET	   UINT64_MAX /* as iova: no memory; a read's bytes are left out there */

/** struct emu_spans - a list of pieces in the order of the data; @next is NULL at its end */
struct emu_spans {
	struct emu_spans *next;
	uint32_t count;
	struct emu_span span[EMU_SPANS_PER_NODE];
};

/**
 * struct emu_media_status - a run of blocks that are in one state
 * @nlb: how many, 1 .. what was asked for
 * @allocated: written since they were deallocated or the namespace was formatted
 * @uncorrectable: reading them fails
 */
struct emu_media_status {
	uint32_t nlb;
	bool allocated;
	bool uncorrectable;
};

/**
 * struct emu_media - one request to the medium of a namespace
 * @tag: names the request until it is done
 * @ctrl: index of the controller whose host memory @spans are in
 * @fua: the data is to be durable when the request is done
 * @deallocate: WRITE_ZEROES may deallocate the blocks
 * @dulbe: READ fails with -ENODATA when one of the blocks is deallocated
 * @nsid: of a namespace; for a flush also FFFFFFFFh, which means all of them
 * @slba: first logical block; with @nlb within the namespace
 * @nlb: blocks, 0 for FLUSH, FORMAT and DELETE
 * @lbads: block size is 2^lbads bytes
 * @ms: bytes of metadata of a block, 0 for none; @lbads and @ms are those of the last FORMAT, or of
 *	the namespace's configuration
 * @spans: READ and WRITE: host memory, exactly nlb << lbads bytes; valid until the request is done.
 *	NULL: the data is at @data.
 * @data: nlb << lbads bytes in the block of memory, for READ and WRITE without spans; NULL: only
 *	metadata is moved
 * @meta: nlb * ms bytes in the block of memory; NULL: metadata is not moved, and a WRITE keeps it
 * @blocks: FORMAT: the new size. The namespace's medium is made when there is none.
 * @ret_status: STATUS: set before the request is done; from @slba on, at most @nlb
 *
 * Blocks that were never written, or that are deallocated, read as zeros, their metadata too.
 * Requests that overlap and are under way at the same time may be done in either order.
 */
struct emu_media {
	uint32_t tag;
	enum emu_media_op op;
	uint16_t ctrl;
	bool fua;
	bool deallocate;
	bool dulbe;
	uint32_t nsid;
	uint64_t slba;
	uint32_t nlb;
	uint32_t lbads;
	uint32_t ms;
	const struct emu_spans *spans;
	void *data;
	void *meta;
	uint64_t blocks;
	struct emu_media_status *ret_status;
};

/** Memory of the controller that a host can map. */
enum emu_window {
	EMU_WINDOW_CMB, /* Controller Memory Buffer, BAR2 */
	EMU_WINDOW_PMR, /* Persistent Memory Region, BAR4 */
	EMU_WINDOWS
};

/** What choose() is asked for; 0 is always "nothing unusual". */
enum emu_choice {
	EMU_CHOOSE_RETIRE,    /* which of the finished commands completes next */
	EMU_CHOOSE_POWER_CUT, /* what a volatile write cache loses: how much, or whether */
	EMU_CHOICES
};

/** enum emu_cut - what a power cut leaves of the writes in volatile caches */
enum emu_cut {
	EMU_CUT_KEEP_NONE,
	EMU_CUT_KEEP_ALL,
	EMU_CUT_KEEP_PREFIX, /* the oldest part; how much, is chosen (EMU_CHOOSE_POWER_CUT) */
	EMU_CUT_KEEP_SUBSET, /* any part; each unit is chosen */
};

/**
 * struct emu_ops - what a subsystem needs from the program around it
 * @arg: first argument of every callback
 * @dma: pointer to @bytes of host memory at @iova that allows @prot, valid until the next op is
 *	called or the call into the subsystem returns; NULL when there is no such memory. @bytes
 *	never cross a memory page of the controller (CC.MPS).
 * @shared: the memory that backs @offset of BAR0 when the host maps it: offset 0 for the registers
 *	(one page), 1000h for the doorbells (emu_layout.doorbell_bytes); NULL when accesses arrive
 *	as calls
 * @window: the memory of BAR2 or BAR4 is the controller's for @bytes from @iova on, before host
 *	memory there; for 0 bytes nowhere. NULL when the configuration has neither.
 * @media: starts a request. Return: 0 when done, a negative errno when it failed, or EMU_PENDING;
 *	then exactly one emu_media_done() follows, never from inside a call into the subsystem.
 *	-EFAULT says that host memory was not there, -EIO that the medium failed, -ENOSPC that it is
 *	full, -EBADMSG that a block is uncorrectable, -ENODATA that one is deallocated (dulbe),
 *	-ENOTSUP that the medium does not know the operation, -ECANCELED that it was given up.
 * @cancel: gives a pending request up if that is still possible; it is answered by
 *	emu_media_done() all the same, never from inside; may be NULL
 * @prefetch: a hint, some commands ahead of media(): these bytes of namespace @nsid will be asked
 *	for; may be NULL
 * @irq: signals a vector that is neither masked nor disabled: of MSI-X, or a message of MSI, as
 *	emu_irq_mode() says. Return: false when nobody can be told now; the vector stays pending
 *	until emu_irq_changed().
 * @intx: the level of INTx is @asserted from now on; NULL when nobody wants to know
 * @trace: takes a record; NULL to trace nothing, which costs one branch a stage
 * @crc64: nvme_crc64() of data for a record; may be NULL. For a program that knows the data.
 * @choose: one of 0 .. n - 1, a function of its arguments; NULL answers 0
 * @save: keeps a record beyond the power. Return: 0 when it is durable, a negative errno when it
 *	was not kept (the command ends with Internal Error), or EMU_PENDING; then exactly one
 *	emu_save_done() follows, never from inside a call into the subsystem. NULL: nothing is kept,
 *	and everything counts as durable.
 * @cut: the power goes, and what volatile write caches hold with it, but for what @keep says; no
 *	request is answered from inside. Return: 0, or the negative errno of a medium that could not
 *	write what it should have kept. NULL: no cache is volatile.
 * @panic: told what is wrong with the embedding program; must not return
 */
struct emu_ops {
	void *arg;
	void *(*dma)(void *arg, uint32_t ctrl, uint64_t iova, size_t bytes, enum emu_prot prot);
	volatile void *(*shared)(void *arg, uint32_t ctrl, uint64_t offset);
	void (*window)(void *arg, uint32_t ctrl, enum emu_window window, uint64_t iova,
		       uint64_t bytes);
	int (*media)(void *arg, const struct emu_media *media);
	void (*cancel)(void *arg, uint32_t tag);
	void (*prefetch)(void *arg, uint32_t nsid, uint64_t offset, uint32_t bytes);
	bool (*irq)(void *arg, uint32_t ctrl, uint32_t vector);
	void (*intx)(void *arg, uint32_t ctrl, bool asserted);
	void (*trace)(void *arg, const struct nvme_trace_record *record);
	uint64_t (*crc64)(void *arg, uint64_t crc, const void *data, size_t bytes);
	uint32_t (*choose)(void *arg, enum emu_choice site, uint64_t identity, uint32_t n);
	int (*save)(void *arg, const struct emu_record *record);
	int (*cut)(void *arg, enum emu_cut keep);
	void (*panic)(void *arg, const char *what);
};

/**
 * emu_size - bytes of the block for @config
 * Return: the size, a multiple of 64; 0 when emu_config_check() would refuse @config.
 */
size_t emu_size(const struct emu_config *config);

/**
 * emu_init - set up a subsystem as after power-on
 * @memory: emu_size(config) bytes, aligned to 64; stays the caller's, who may free it at any time
 * @config: copied; must pass emu_config_check()
 * @ops: copied
 * Return: the subsystem, which is @memory.
 */
struct emu *emu_init(void *memory, const struct emu_config *config, const struct emu_ops *ops);

/**
 * emu_load - give back a record that ops->save() once kept
 * @type: with @id as it was saved; every record once, in any order
 * @data: @bytes bytes, copied
 *
 * Context: after emu_init() and before anything else is done with the subsystem.
 * Return: 0, or -EINVAL (-22) for a record that this subsystem cannot have saved with the
 * configuration it has; the state is then not changed.
 */
int emu_load(struct emu *emu, uint16_t type, uint32_t id, const void *data, uint32_t bytes);

/**
 * emu_draw_choice - what ops->choose() answers where nobody else does
 * @seed: of the configuration
 * @site: what is chosen
 * @identity: of whom; each has a draw of its own
 * @n: how many there are to choose from, not 0
 * Return: one of 0 .. @n - 1, always the same.
 */
uint32_t emu_draw_choice(uint64_t seed, enum emu_choice site, uint64_t identity, uint32_t n);

/** emu_config_of - the configuration of a subsystem */
const struct emu_config *emu_config_of(const struct emu *emu);

/** emu_layout_of - offsets and sizes in BAR0 */
const struct emu_layout *emu_layout_of(const struct emu *emu);

/**
 * emu_bar_read - the host reads BAR0
 * @offset: any; with @bytes beyond the BAR the missing part reads 0
 * @data: gets what is read
 * @bytes: any number; registers are read as one snapshot, byte for byte
 *
 * Base 2.0 3.1.3 (widths: reference "access rules", unverified).
 */
void emu_bar_read(struct emu *emu, uint32_t ctrl, uint64_t offset, void *data, uint32_t bytes);

/**
 * emu_bar_write - the host writes BAR0
 * @offset: any; what is beyond the BAR is ignored
 * @data: what is written
 * @bytes: 4 or 8, aligned, for registers and doorbells; other accesses are ignored there
 *
 * Records only: emu_step() does what the write asks for.
 */
void emu_bar_write(struct emu *emu, uint32_t ctrl, uint64_t offset, const void *data,
		   uint32_t bytes);

/**
 * emu_cfg_read - the host reads PCI configuration space
 * @offset: with @bytes beyond 4096 the missing part reads all ones
 * @data: gets what is read
 */
void emu_cfg_read(struct emu *emu, uint32_t ctrl, uint32_t offset, void *data, uint32_t bytes);

/**
 * emu_cfg_write - the host writes PCI configuration space; read-only bits keep their value
 * @offset: with @bytes what is written; beyond 4096 nothing is
 * @data: what is written
 */
void emu_cfg_write(struct emu *emu, uint32_t ctrl, uint32_t offset, const void *data,
		   uint32_t bytes);

/**
 * emu_poll_doorbells - look at doorbells in shared memory, ops->shared(ctrl, 1000h)
 *
 * Looks at pairs that were active lately; if nothing changed there, and now and then all the same,
 * at a few of all others in turn.
 * Return: how many changed values it recorded.
 */
unsigned int emu_poll_doorbells(struct emu *emu, uint32_t ctrl);

/**
 * emu_poll_registers - look at registers in shared memory, ops->shared(ctrl, 0)
 *
 * For a host that knows only loads and stores. A write-1-to-clear, and CC.EN 1 -> 0 -> 1 between
 * two polls, cannot be seen. The subsystem stores what it changes itself (CSTS, ...) there at once.
 * Return: how many changed values it recorded.
 */
unsigned int emu_poll_registers(struct emu *emu, uint32_t ctrl);

/** emu_share - shared memory of @ctrl is new: its registers are written, its doorbells cleared */
void emu_share(struct emu *emu, uint32_t ctrl);

/**
 * emu_step - move commands and controllers through their stages
 * @max: upper bound in stages; 1 single-steps
 *
 * The result of n stages does not depend on how they are divided among calls.
 * Return: stages done; fewer than @max when there is nothing left to do until something changes.
 */
unsigned int emu_step(struct emu *emu, unsigned int max);

/** emu_set_time - the time is now @now_nsec, at most EMU_TIME_MAX; going back is ignored */
void emu_set_time(struct emu *emu, uint64_t now_nsec);

/** emu_time - what emu_set_time() said last */
uint64_t emu_time(const struct emu *emu);

/**
 * emu_namespace_of - a namespace as it is now, however it came to be
 * @ret_created: whether a host created it; otherwise it is of the configuration
 * Return: false when there is none; nothing is set then.
 */
bool emu_namespace_of(const struct emu *emu, uint32_t nsid, struct emu_ns_config *ret_ns,
		      bool *ret_created);

/** emu_deadline - when emu_step() has to be called next even if nothing changes, or EMU_NEVER */
uint64_t emu_deadline(const struct emu *emu);

/**
 * emu_media_done - the answer to a request that was EMU_PENDING
 * @tag: of the request
 * @result: 0 or a negative errno, as media() returns it
 */
void emu_media_done(struct emu *emu, uint32_t tag, int result);

/**
 * emu_save_done - the answer to a record for which save() gave EMU_PENDING
 * @tag: of the record; records of one tag are answered as often as they were saved
 * @result: 0 or a negative errno, as save() returns it
 */
void emu_save_done(struct emu *emu, uint32_t tag, int result);

/** emu_dma_changed - host memory of @ctrl was mapped: what waited for it is tried again */
void emu_dma_changed(struct emu *emu, uint32_t ctrl);

/** emu_irq_changed - @vector of @ctrl can be signalled again: pending ones are raised */
void emu_irq_changed(struct emu *emu, uint32_t ctrl, uint32_t vector);

/**
 * emu_irq_settle - INTx of @ctrl is not asserted any more if the host has read everything
 *
 * For a transport that tells of a level and has to know that it is still there: without this,
 * emu_step() lets it go in its own time. ops->intx() is called when that happens.
 */
void emu_irq_settle(struct emu *emu, uint32_t ctrl);

/** enum emu_irq_mode - how a controller signals interrupts: what the host enabled, in this order */
enum emu_irq_mode {
	EMU_IRQ_NONE, /* nothing is enabled, and there is no INTx: vectors pend */
	EMU_IRQ_INTX, /* neither MSI nor MSI-X; the host may have INTx disabled */
	EMU_IRQ_MSI,
	EMU_IRQ_MSIX,
};

/** emu_irq_mode - how @ctrl signals interrupts now */
enum emu_irq_mode emu_irq_mode(const struct emu *emu, uint32_t ctrl);

/**
 * emu_set_ana - how @ctrl reaches the namespaces of ANA group @group, from now on
 * @group: 1 .. the key ana_groups
 * @state: enum nvme_ana_state. With the key ana_transition the group is in state Change for that
 *	long before.
 *
 * The host is told by an event. A reset keeps the state.
 * Return: 0, or -EINVAL (-22): no such group or state, or the key ana is off.
 */
int emu_set_ana(struct emu *emu, uint32_t ctrl, uint32_t group, uint32_t state);

enum emu_reset_kind {
	EMU_RESET_CONTROLLER, /* CC.EN 1 -> 0 */
	EMU_RESET_FUNCTION,   /* FLR, conventional reset: registers return to their defaults */
	EMU_RESET_SUBSYSTEM,  /* NSSR: every controller */
	EMU_RESET_POWER,      /* power cycle */
};

/**
 * emu_reset - ask for a reset of @ctrl from outside its registers
 * @kind: which
 *
 * Records only; finished once emu_step() returned less than asked for and emu_busy() is false.
 * Commands in flight are dropped without a completion (Base 2.0 3.7.2, unverified).
 */
void emu_reset(struct emu *emu, uint32_t ctrl, enum emu_reset_kind kind);

/**
 * emu_cut_power - the power goes and comes back
 * @keep: of the writes in volatile caches; fault rules at the site power may change it
 *
 * What is in flight is lost, and so is what ops->cut() does not keep. Then every controller goes
 * through EMU_RESET_POWER, which is finished as emu_reset() says.
 * Return: what ops->cut() answered.
 */
int emu_cut_power(struct emu *emu, enum emu_cut keep);

/**
 * emu_signal_power_loss - the signal that the power will go (PLN) is @asserted from now on, or not
 *
 * For all controllers; what they do about it feature 1Bh says (Base 2.1 8.2.5). It is done once
 * emu_power_loss_answer() says EMU_PLA_DEASSERTED.
 * Return: 0, or -EINVAL (-22): the key power_loss is off.
 */
int emu_signal_power_loss(struct emu *emu, bool asserted);

/** enum emu_pla - what controllers answer to that: the variable PLA */
enum emu_pla {
	EMU_PLA_DEASSERTED,  /* they do nothing about it, or have done it */
	EMU_PLA_FQ,	     /* one performs Forced Quiescence processing */
	EMU_PLA_EPF_ENABLED, /* one performs Emergency Power Fail processing; its port is enabled */
};

/** emu_power_loss_answer - PLA as the port has it, of all controllers together */
enum emu_pla emu_power_loss_answer(const struct emu *emu);

/**
 * emu_inject_event - let an asynchronous event happen that nothing caused
 * @aer: as in dword 0 of its completion: type, information, log page
 *
 * For tools and tests of a driver. The host is told if it asked for such events (Base 2.0 5.2). The
 * spare and the reliability are the subsystem's: all hosts are told, and the SMART log has the
 * critical warning until power is cycled.
 * Return: 0, or -EINVAL (-22) when the configuration has no such event.
 */
int emu_inject_event(struct emu *emu, uint32_t ctrl, uint32_t aer);

/** emu_busy - whether a reset or shutdown of @ctrl still waits for the medium or for records */
bool emu_busy(const struct emu *emu, uint32_t ctrl);

/**
 * emu_set_temperature - the composite temperature of @ctrl is @kelvin from now on
 *
 * Sensor n follows, n - 1 kelvin above it. Thresholds are looked at; events wait for emu_step().
 */
void emu_set_temperature(struct emu *emu, uint32_t ctrl, uint32_t kelvin);

/**
 * emu_keep_counters - save the SMART counters of all controllers as they are now
 *
 * What commands count is saved without that. Hours with power pass without a command, and no
 * deadline comes for them alone: a caller with a state file does this each hour. It calls
 * ops->save; nobody waits for the answers.
 */
void emu_keep_counters(struct emu *emu);

/**
 * struct emu_cq_info - a completion queue as the controller sees it
 * @entries: slots
 * @head: the first slot that the host has not released; @tail: the next one that is posted to
 */
struct emu_cq_info {
	uint32_t entries;
	uint32_t head;
	uint32_t tail;
};

/**
 * emu_cq_of - completion queue @cqid of @ctrl, for who watches the host's memory
 * @cqid: 0 for the admin queue; any
 * Return: false when there is none now; nothing is set then.
 */
bool emu_cq_of(const struct emu *emu, uint32_t ctrl, uint32_t cqid, struct emu_cq_info *ret_info);

/**
 * emu_cq_slot - where an entry of a completion queue lies
 * @cqid: of a queue that emu_cq_of() knows
 * @slot: less than its entries; entries up to the next multiple of 4096 bytes follow each other
 * Return: an I/O virtual address.
 */
uint64_t emu_cq_slot(const struct emu *emu, uint32_t ctrl, uint32_t cqid, uint32_t slot);

/** emu_live - whether @ctrl is ready and its doorbells have to be watched */
bool emu_live(const struct emu *emu, uint32_t ctrl);

#pragma GCC visibility pop

#endif
