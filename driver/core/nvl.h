/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The host driver: one controller and its queue pairs, in one block of memory.
 *
 * A command is submitted into a slot of its queue, the doorbell is rung once for a batch, the
 * completion queue is polled, and each request is completed by its callback:
 *
 *   submit -> ring -> (the controller) -> poll -> complete
 *
 * The block holds no pointer to anything outside itself besides the ops, the DMA memory and what
 * the caller passes with its requests, so a copy of its nvl_size() bytes (and of the DMA memory) is
 * a snapshot that can be copied back to the same place.
 *
 * Results are int everywhere: 0 is success, a negative number is an errno of this side (enum
 * nvl_errno), a positive one is the controller's status, whole, with More and DNR (nvme_status).
 *
 * Context. The controller belongs to one thread, its owner: start, reset, shutdown and everything
 * that is called nvl_admin or takes a struct nvl_ctrl. A queue belongs to the owner too, unless a
 * thread claims it with nvl_queue_claim(). Queues share no written cache line and take no lock.
 * Nothing allocates, reads a clock or blocks except in ops->wait.
 *
 * The controller is not trusted: registers, completions and Identify data are checked before use.
 */
#ifndef NVMELAB_DRIVER_CORE_NVL_H
#define NVMELAB_DRIVER_CORE_NVL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/nvme_spec.h"
#include "common/text.h"
#include "common/trace.h"

#pragma GCC visibility push(default)

struct nvl_ctrl;
struct nvl_queue;

#define NVL_MAX_QUEUES	     2048	/* I/O queue pairs of one controller */
#define NVL_MAX_NAMESPACES   1024	/* rows of the namespace table */
#define NVL_MAX_BOUNCE_SLOTS 64		/* of a queue */
#define NVL_MAX_RETRIES	     15		/* of one command */
#define NVL_NO_VECTOR	     UINT32_MAX /* of a queue that is polled */
#define NVL_NEVER	     UINT64_MAX /* a time that does not come */
#define NVL_PAGE_BYTES	     4096u	/* page of the host; CC.MPS is never above it */

/** enum nvl_errno - the negative results, with the numbers that Linux has in <errno.h> */
enum nvl_errno {
	NVL_EAGAIN = 11,     /* no free slot or CID: poll, then try again */
	NVL_ENOMEM = 12,     /* the configured memory is too small for what was asked */
	NVL_EBUSY = 16,	     /* the controller is starting, resetting or already started */
	NVL_ENODEV = 19,     /* the device is gone: registers read all ones */
	NVL_EINVAL = 22,     /* an argument that cannot be right */
	NVL_EPROTO = 71,     /* the controller broke the protocol: nvl_failure_text() says how */
	NVL_EILSEQ = 84,     /* protection information does not fit the data: the status says how */
	NVL_EOPNOTSUPP = 95, /* the controller does not have what is needed */
	NVL_ECONNRESET = 104, /* the process behind the device went away */
	NVL_ESHUTDOWN = 108,  /* the controller is not started, was shut down or has failed */
	NVL_ETIMEDOUT = 110,  /* no answer in time; the controller counts as failed */
	NVL_ECANCELED = 125,  /* dropped by a reset of the controller */
};

/**
 * struct nvl_buffer - memory that the device can read and write
 * @data: the host's view, contiguous
 * @bytes: length
 * @iova: the device's view, of contiguous memory
 * @page_iova: NULL, or the device's view of each page of NVL_PAGE_BYTES, whose first is where @data
 *	begins, page aligned; @iova is not used then
 *
 * Belongs to whoever mapped it, and stays as it is until the last request that uses it is complete.
 */
struct nvl_buffer {
	void *data;
	uint64_t bytes;
	uint64_t iova;
	const uint64_t *page_iova;
};

/** struct nvl_data - a piece of a buffer; of one command alone, @offset is a multiple of 4 */
struct nvl_data {
	const struct nvl_buffer *buffer;
	uint64_t offset;
	uint64_t bytes;
};

/**
 * struct nvl_ops - the transport: how to reach a controller
 * @arg: first argument of every callback
 * @mapped: a part of BAR0 that can be accessed by loads and stores, or NULL
 * @mapped_offset: where in BAR0 it begins
 * @mapped_bytes: its length
 * @reg_read: read 4 or 8 bytes of BAR0 outside of @mapped. Return: the value; all ones if the
 *	device cannot be reached any more.
 * @reg_write: write 4 or 8 bytes of BAR0 outside of @mapped
 * @cfg_read: read 1, 2 or 4 bytes of PCI configuration space. Return: as @reg_read.
 * @cfg_write: write 1, 2 or 4 bytes of PCI configuration space
 * @dma_map: make @buffer->data (page aligned) visible to the device and fill in @iova or
 *	@page_iova.
 *	Return: 0 or a negative errno. Called by shells, not by this core.
 * @dma_unmap: the opposite; the device does not touch the memory any more when it returns
 * @irq_assign: enable MSI-X with @vectors vectors from 0 on, or disable it with 0. Return: how many
 *	there are now, which may be fewer, or a negative errno. NULL: there are no interrupts.
 * @reset: reset the function (FLR or the like). Return: 0 or a negative errno. May be NULL.
 * @now: nanoseconds of a clock that does not go back
 * @wait: return when @vector fired since it was last waited for, at once without a vector
 *	(NVL_NO_VECTOR), at the latest at @deadline_nsec. Under a virtual clock this is where time
 *	passes: to the device's next deadline, or to @deadline_nsec if that comes first.
 * @alive: 0, or the negative errno that ended the connection to the device; NULL: always 0
 * @crc64: nvme_crc64() of data for a trace record; NULL: this core does it. For a program that
 *	knows the data.
 * @panic: told what is wrong with the calling program; must not return
 */
struct nvl_ops {
	void *arg;
	volatile void *mapped;
	uint32_t mapped_offset;
	uint32_t mapped_bytes;
	uint64_t (*reg_read)(void *arg, uint32_t offset, uint32_t bytes);
	void (*reg_write)(void *arg, uint32_t offset, uint32_t bytes, uint64_t value);
	uint32_t (*cfg_read)(void *arg, uint32_t offset, uint32_t bytes);
	void (*cfg_write)(void *arg, uint32_t offset, uint32_t bytes, uint32_t value);
	int (*dma_map)(void *arg, struct nvl_buffer *buffer);
	int (*dma_unmap)(void *arg, struct nvl_buffer *buffer);
	int (*irq_assign)(void *arg, uint32_t vectors);
	int (*reset)(void *arg);
	uint64_t (*now)(void *arg);
	void (*wait)(void *arg, uint32_t vector, uint64_t deadline_nsec);
	int (*alive)(void *arg);
	uint64_t (*crc64)(void *arg, uint64_t crc, const void *data, size_t bytes);
	void (*panic)(void *arg, const char *what);
};

/** nvl_trace_fn - takes a record; from the thread of the queue or controller that it is about */
typedef void nvl_trace_fn(void *arg, const struct nvme_trace_record *record);

/**
 * struct nvl_config - what a controller gets at most; memory is sized by it. By name: nvl_keys.h.
 * @queues: I/O queue pairs, 0 .. NVL_MAX_QUEUES; fewer if the controller grants fewer
 * @entries: slots of an I/O queue, 2 .. 65536; one stays empty; clamped to CAP.MQES + 1
 * @admin_entries: slots of the admin queue, 2 .. 4096
 * @vectors: interrupt vectors to use; 0 polls. One for each queue, shared if there are fewer.
 * @max_transfer_bytes: of one command, a multiple of NVL_PAGE_BYTES; the controller's MDTS may
 *	lower it. Larger reads and writes are split.
 * @bounce_slots: of each I/O queue, 0 .. NVL_MAX_BOUNCE_SLOTS: commands at a time whose data has to
 *	be copied, because the device cannot be told of it where it is; with 0 there are none
 * @bounce_bytes: of a slot, a multiple of NVL_PAGE_BYTES; @max_transfer_bytes if that is less
 * @sgl_threshold_bytes: commands of at least so many bytes use an SGL where that is shorter than
 *	PRPs, if the controller has them; 0: PRPs alone
 * @stripe_bytes: reads and writes do not cross multiples of it, for drives that are slow then
 *	(quirk); 0: as the namespace says (NOIOB)
 * @split_at_atomic: writes do not cross the namespace's atomic boundary (NABSPF), either
 * @namespaces: rows of the namespace table, 1 .. NVL_MAX_NAMESPACES
 * @admin_timeout_nsec: how long an admin command may take
 * @io_timeout_nsec: how long an I/O command may take, and a park of claimed queues in a reset
 * @max_retries: how often a command is sent again, 0 .. NVL_MAX_RETRIES
 * @resend: what is outstanding at a reset, and not late, is sent again after it, where @policy has
 *	a retry for 3/71h and the command was not sent again @max_retries times; else it is canceled
 * @policy: which refused commands are: enum nvl_policy
 * @events: Asynchronous Event Requests; 0: no event is heard of, NVL_AERS at most are used
 * @max_power_latency_usec: power states from which the controller wakes up in that time are used
 *	when it is idle; 0 leaves them as they are
 * @mode: of its queues where there are vectors: enum nvl_mode, NVL_MODE_VECTOR by default
 * @spin_nsec: how long a hybrid queue is polled after a completion, before its vector is waited for
 * @weighted: weighted round robin, if the controller has it: nvl_set_priority() counts
 * @shadow: doorbells are written to memory, and to registers only when the controller asks for it,
 *	if it has Doorbell Buffer Config: for those where registers are slow
 * @stats: count by opcode and measure, which costs memory and a look at the clock for each command
 * @trace_ctrl: index of the controller in trace records
 */
struct nvl_config {
	uint32_t queues;
	uint32_t entries;
	uint32_t admin_entries;
	uint32_t vectors;
	uint32_t max_transfer_bytes;
	uint32_t bounce_slots;
	uint32_t bounce_bytes;
	uint32_t sgl_threshold_bytes;
	uint32_t stripe_bytes;
	bool split_at_atomic;
	uint32_t namespaces;
	uint64_t admin_timeout_nsec;
	uint64_t io_timeout_nsec;
	uint32_t max_retries;
	bool resend;
	uint32_t policy;
	uint32_t events;
	uint32_t max_power_latency_usec;
	uint32_t mode;
	uint64_t spin_nsec;
	bool weighted;
	bool shadow;
	bool stats;
	uint16_t trace_ctrl;
};

/** nvl_config_init - one polled queue pair of 128 slots, 1 MiB a command; 60 s admin, 30 s I/O */
void nvl_config_init(struct nvl_config *config);

/** nvl_size - bytes of the block for @config; 0 when a value is out of its range */
size_t nvl_size(const struct nvl_config *config);

/** nvl_dma_size - bytes of queues, PRP lists and buffers for @config; 0 as nvl_size() */
size_t nvl_dma_size(const struct nvl_config *config);

/**
 * nvl_init - set up the driver of one controller; touches no register
 * @memory: nvl_size(config) bytes, page aligned; the caller's, who may free it after
 *	nvl_shutdown(), nvl_stop() or a failed nvl_start()
 * @dma: nvl_dma_size(config) bytes, page aligned on both sides, contiguous for the device; must
 *	stay mapped until nvl_dma_safe()
 * @config: copied; a value out of range panics (nvl_size() told before)
 * @ops: copied
 * @trace: NULL to trace nothing, which costs one branch an event
 * Return: the driver, which is @memory.
 */
struct nvl_ctrl *nvl_init(void *memory, const struct nvl_buffer *dma,
			  const struct nvl_config *config, const struct nvl_ops *ops,
			  nvl_trace_fn *trace, void *trace_arg);

/** enum nvl_state - see nvl_life.h, which has the picture */
enum nvl_state {
	NVL_STATE_NEW,		 /* nvl_init() */
	NVL_STATE_STARTING,	 /* enabling: nvl_start(), nvl_resume() */
	NVL_STATE_LIVE,		 /* commands flow */
	NVL_STATE_RESETTING,	 /* nvl_reset(), or the driver by itself */
	NVL_STATE_FAILED,	 /* it has to be reset: nvl_step(), nvl_reset() or nvl_stop() */
	NVL_STATE_STOPPED,	 /* disabled or shut down; nvl_start() starts it again */
	NVL_STATE_GONE,		 /* removed: nothing touches registers any more; nvl_returned() */
	NVL_STATE_DEGRADED,	 /* admin commands alone: no I/O queue could be made */
	NVL_STATE_SHUTTING_DOWN, /* nvl_shutdown(), nvl_suspend(), nvl_stop() */
	NVL_STATE_SUSPENDED,	 /* nvl_suspend(); nvl_resume() follows */
	NVL_STATE_DEAD,		 /* no reset brought it back; nvl_reset() tries once more */
	NVL_STATES
};

/** nvl_state - where the controller is in its life */
enum nvl_state nvl_state(const struct nvl_ctrl *ctrl);

/** nvl_state_name - "live", "resetting" and so on; "?" for a number that is no state */
const char *nvl_state_name(enum nvl_state state);

/**
 * nvl_start - bring the controller up (Base 2.0 3.5.1, unverified)
 *
 * Disables it if it was enabled, sets up the admin queue, enables, identifies, creates the I/O
 * queues and reads the namespaces. Every wait is bounded, by CAP.TO or CRTO. Fewer queues than
 * configured are no error, nor is none: then only admin commands work.
 *
 * Context: the owner; waits.
 * Return: 0; -NVL_ENODEV, -NVL_ECONNRESET, -NVL_ETIMEDOUT, -NVL_EPROTO, -NVL_EOPNOTSUPP or a status
 * of an admin command that cannot be done without; -NVL_EBUSY if it is started. nvl_failure_text()
 * has the sentence. The controller is disabled again, as far as it can be.
 */
int nvl_start(struct nvl_ctrl *ctrl);

/**
 * nvl_reset - disable, enable, create the queues again, read the namespaces again
 *
 * Requests that are outstanding complete exactly once, after CSTS.RDY = 0: as usual if their
 * completion is there, else with -NVL_ETIMEDOUT if they were late, else with -NVL_ECANCELED, unless
 * they are sent again (config.resend): then they complete in a later nvl_poll(). Those
 * of a claimed queue do so in the next nvl_poll() of its thread; what completes there after the
 * thread has parked is dropped and counts as canceled.
 *
 * Context: the owner; waits, also for the threads of claimed queues to notice.
 * Return: as nvl_start(); on failure all requests are completed, and the state is FAILED or GONE.
 */
int nvl_reset(struct nvl_ctrl *ctrl);

/**
 * nvl_shutdown - orderly end: delete the I/O queues, CC.SHN, wait for CSTS.SHST, disable
 * @abrupt: CC.SHN = 10b, without deleting queues
 *
 * Bounded by RTD3E (5 s if the controller does not say). Outstanding requests complete as in
 * nvl_reset(). Base 2.0 3.6, unverified.
 *
 * Context: the owner; waits.
 * Return: 0; -NVL_ETIMEDOUT when SHST did not reach 10b (the controller is disabled all the same);
 * -NVL_ENODEV; -NVL_ESHUTDOWN when it was not started.
 */
int nvl_shutdown(struct nvl_ctrl *ctrl, bool abrupt);

/**
 * nvl_stop - disable without shutdown: CC.EN = 0, wait for RDY = 0, complete what is outstanding
 *
 * Context: the owner; waits, bounded.
 * Return: 0, -NVL_ETIMEDOUT, -NVL_ENODEV.
 */
int nvl_stop(struct nvl_ctrl *ctrl);

/**
 * nvl_dma_safe - whether the device cannot touch host memory any more
 *
 * Return: false while the controller is enabled, and after RDY did not become 0: then queue memory
 * and buffers must not be given to anyone else before the function was reset or unplugged.
 */
bool nvl_dma_safe(const struct nvl_ctrl *ctrl);

/** struct nvl_info - what bring-up found; all zero before */
struct nvl_info {
	uint64_t cap;
	uint32_t vs;
	uint32_t page_bytes;	     /* 2^(12 + CC.MPS) */
	uint32_t doorbell_stride;    /* bytes */
	uint32_t max_entries;	     /* CAP.MQES + 1 */
	uint32_t queues;	     /* I/O queue pairs that exist */
	uint32_t entries;	     /* slots of each */
	uint32_t vectors;	     /* interrupt vectors in use; 0: polled */
	uint64_t max_transfer_bytes; /* of one command */
	uint64_t ready_nsec;	     /* bound for CSTS.RDY */
	uint64_t shutdown_nsec;	     /* bound for CSTS.SHST */
	uint32_t quirks;	     /* NVL_QUIRK_* */
	uint32_t refused_features;   /* bit n: Set Features of FID n was refused, done without */
	bool volatile_write_cache;   /* Identify Controller VWC */
	bool shadow_doorbells;	     /* config.shadow, and the controller has them */
	bool retry_delays;	     /* CRD counts: Host Behavior Support has ACRE */
	bool by_scan;		     /* namespaces found by asking for each: no CNS 02h */
	bool more_namespaces;	     /* than rows in the table: the rest was left out */
};

/** nvl_info - what bring-up found */
const struct nvl_info *nvl_info(const struct nvl_ctrl *ctrl);

/** nvl_id_ctrl - Identify Controller as the controller sent it, all zero before */
const struct nvme_id_ctrl *nvl_id_ctrl(const struct nvl_ctrl *ctrl);

#define NVL_REFUSED_SHIFT 63

/**
 * struct nvl_ns - a namespace
 * @problem: 0, or why it is refused for I/O: enum nvl_reason, as text by nvl_reason_text()
 * @block_bytes: of data, 512 and more; 0 if refused
 * @block_shift: block_bytes is 2 to that; NVL_REFUSED_SHIFT if refused, which no transfer fits
 * @plain_shift: the same, and NVL_REFUSED_SHIFT also if there is more to a block than its bytes
 */
struct nvl_ns {
	uint32_t nsid;
	uint32_t problem;
	uint64_t nsze;
	uint64_t ncap;
	uint64_t nuse;
	uint32_t block_bytes;
	uint32_t block_shift;
	uint32_t plain_shift;
	uint32_t metadata_bytes;
	uint32_t boundary_blocks;	 /* that one command does not cross; 0: none */
	uint32_t atomic_boundary_blocks; /* the same of writes, with split_at_atomic */
	uint32_t atomic_boundary_first;	 /* block of the first one */
	uint32_t ana_group;		 /* 0: none */
	uint64_t storage_mask;		 /* bits of the storage tag that count */
	bool extended;			 /* metadata is interleaved with the data */
	bool pi_first;			 /* the tuple is the first of the metadata, else the last */
	uint8_t pi_type;		 /* enum nvme_pi_type */
	uint8_t pi_format;		 /* enum nvme_pi_format */
	uint8_t pi_bytes;		 /* of a tuple; 0 without protection information */
	uint8_t storage_bits;		 /* of the storage tag */
	uint8_t format;			 /* index of the LBA format in use */
	uint8_t nguid[16];
	uint8_t eui64[8];
};

/** nvl_ns_count - namespaces in the table */
uint32_t nvl_ns_count(const struct nvl_ctrl *ctrl);

/** nvl_ns_at - row @index of the table, ascending by NSID; NULL past the last one */
const struct nvl_ns *nvl_ns_at(const struct nvl_ctrl *ctrl, uint32_t index);

/** nvl_ns_find - the namespace with @nsid, or NULL */
const struct nvl_ns *nvl_ns_find(const struct nvl_ctrl *ctrl, uint32_t nsid);

/**
 * nvl_rescan - read the namespaces again
 * Context: the owner; waits. Rows move: pointers from before are void.
 * Return: 0, a status, or a negative errno; the table is unchanged then.
 */
int nvl_rescan(struct nvl_ctrl *ctrl);

/** nvl_reg_read - read a register of 4 or 8 @bytes at @offset of BAR0, below 1000h */
uint64_t nvl_reg_read(struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes);

/** nvl_reg_write - write @value to a register of 4 or 8 @bytes at @offset, below 1000h */
void nvl_reg_write(struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes, uint64_t value);

/*
 * Queues.
 */

/**
 * struct nvl_completion - how a request ended
 * @result: 0, a negative errno, or the status
 * @status: as the controller sent it; 0 with a negative @result
 * @dw0: command specific
 * @dw1: command specific
 */
struct nvl_completion {
	int result;
	nvme_status status;
	uint32_t dw0;
	uint32_t dw1;
};

/**
 * nvl_done_fn - a request is complete; its buffer is the caller's again
 *
 * Context: nvl_poll() of the queue, or the owner's nvl_reset(), nvl_stop() or nvl_shutdown(). It
 * may submit and ring, but neither poll nor wait.
 */
typedef void nvl_done_fn(void *arg, const struct nvl_completion *completion);

/** nvl_admin_queue - the admin queue; the owner's */
struct nvl_queue *nvl_admin_queue(struct nvl_ctrl *ctrl);

/** nvl_queue - I/O queue pair @index, 0 .. nvl_info()->queues - 1; NULL beyond */
struct nvl_queue *nvl_queue(struct nvl_ctrl *ctrl, uint32_t index);

/** nvl_queue_id - QID, 0 for the admin queue */
uint32_t nvl_queue_id(const struct nvl_queue *queue);

/** nvl_queue_vector - vector to wait for, or NVL_NO_VECTOR if polled */
uint32_t nvl_queue_vector(const struct nvl_queue *queue);

/** nvl_queue_depth - how many requests can be outstanding */
uint32_t nvl_queue_depth(const struct nvl_queue *queue);

/** nvl_queue_outstanding - how many are; split transfers count each of their commands */
uint32_t nvl_queue_outstanding(const struct nvl_queue *queue);

/**
 * nvl_queue_claim - the calling thread takes an I/O queue from the owner
 *
 * It must call nvl_poll() again and again until it releases the queue: that is where it learns that
 * the controller is being reset, and parks.
 */
void nvl_queue_claim(struct nvl_queue *queue);

/** nvl_queue_release - give the queue back to the owner; nothing is outstanding */
void nvl_queue_release(struct nvl_queue *queue);

/**
 * struct nvl_counters - of one queue, since nvl_init()
 *
 * The bad ones count completions that do not fit: they are traced, never used as an index, and
 * change nothing else.
 */
struct nvl_counters {
	uint64_t submitted;
	uint64_t completed;
	uint64_t errors; /* of the completed ones, with a status */
	uint64_t sq_doorbells;
	uint64_t cq_doorbells;
	uint64_t bad_cid;  /* no such CID */
	uint64_t idle_cid; /* a CID that is not outstanding: duplicate, or too late */
	uint64_t late;	   /* a completion after its request was given up */
	uint64_t bad_sqid; /* of another queue */
	uint64_t bad_sqhd; /* beyond the queue, backwards, or past the tail */
	uint64_t timeouts;
	uint64_t polled; /* found complete only when they were late: an interrupt was lost */
	uint64_t retries;
	uint64_t canceled;
	uint64_t waits; /* for its vector */
};

/** nvl_counters - what happened on a queue */
const struct nvl_counters *nvl_counters(const struct nvl_queue *queue);

/**
 * nvl_submit - put a command into the next slot; nvl_ring() tells the controller
 * @sqe: opcode, NSID, dwords 10 .. 15, fields of your own; CID is filled in here, and with @data
 *	PRP1 and PRP2 too
 * @data: what the command transfers, at most nvl_info()->max_transfer_bytes; or NULL
 * @done: called exactly once if 0 is returned
 *
 * Context: the queue's thread; does not wait.
 * Return: 0; -NVL_EAGAIN: poll first; -NVL_EINVAL: @data is not within its buffer, too long or not
 * aligned to 4; -NVL_ESHUTDOWN, -NVL_EBUSY, -NVL_ENODEV: not live.
 */
int nvl_submit(struct nvl_queue *queue, const struct nvme_sqe *sqe, const struct nvl_data *data,
	       nvl_done_fn *done, void *arg);

/** nvl_ring - tell the controller about everything submitted since; nothing if there is nothing */
void nvl_ring(struct nvl_queue *queue);

/**
 * nvl_poll - take completions off the queue and call back
 * @max: at most so many; 0 for all that are there
 *
 * Continues split transfers, which rings. Context: the queue's thread; does not wait.
 * Return: how many entries were taken.
 */
uint32_t nvl_poll(struct nvl_queue *queue, uint32_t max);

/** nvl_queue_deadline - when nvl_poll() has a command to send again; NVL_NEVER mostly */
uint64_t nvl_queue_deadline(const struct nvl_queue *queue);

/**
 * nvl_wait - wait until the queue's vector fires, or a moment if it is polled; then nvl_poll()
 * Context: the queue's thread; waits until @deadline_nsec of ops->now at the latest.
 */
void nvl_wait(struct nvl_queue *queue, uint64_t deadline_nsec);

/**
 * nvl_tick - look for requests that take too long
 *
 * A request's time starts with the first tick after it was submitted. When one is late, the queue
 * is polled once more; if it is still outstanding the owner is told, whose nvl_step() aborts it,
 * and resets the controller if that does not help. Until it completes its buffer belongs to the
 * device. nvl_step() does this for queues that no thread has claimed.
 *
 * Context: the queue's thread, a few times in each timeout; costs a pass over the queue's requests.
 * Return: how many requests are late.
 */
uint32_t nvl_tick(struct nvl_queue *queue);

/**
 * nvl_watch - look at the controller's health: CSTS, and whether the device is there
 *
 * A fatal status (CSTS.CFS), or a reset that nobody asked for, makes the state FAILED, for
 * nvl_step() or nvl_reset(). A device that is gone completes what is outstanding with the negative
 * errno and makes the state GONE. nvl_step() does this once a second.
 * Context: the owner, once in a while; does not wait.
 * Return: 0; -NVL_EPROTO for a fatal status; -NVL_ETIMEDOUT for a pause (CSTS.PP) without an end;
 * -NVL_ENODEV or what ops->alive says.
 */
int nvl_watch(struct nvl_ctrl *ctrl);

/**
 * nvl_execute - submit, ring, and wait for one command
 * @data: or NULL
 * @ret_completion: or NULL
 *
 * A command that is late is aborted, and the controller reset if that does not help, before this
 * returns: the buffer is safe. On a claimed queue the owner has to do so: see nvl_dma_safe().
 * Context: the queue's thread; waits, at most the queue's timeout if nothing has to be recovered.
 * Return: 0, a status (0/07h if it was aborted), or a negative errno: -NVL_ETIMEDOUT, or as
 * nvl_submit().
 */
int nvl_execute(struct nvl_queue *queue, const struct nvme_sqe *sqe, const struct nvl_data *data,
		struct nvl_completion *ret_completion);

#pragma GCC visibility pop

#include "driver/core/nvl_admin.h"
#include "driver/core/nvl_events.h"
#include "driver/core/nvl_io.h"
#include "driver/core/nvl_keys.h"
#include "driver/core/nvl_life.h"
#include "driver/core/nvl_mgmt.h"
#include "driver/core/nvl_multipath.h"
#include "driver/core/nvl_nvm.h"
#include "driver/core/nvl_policy.h"
#include "driver/core/nvl_queues.h"

#endif
