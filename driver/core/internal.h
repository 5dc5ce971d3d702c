/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the driver's core share. Not installed.
 *
 * The block: struct nvl_ctrl, the namespace table, then for each queue struct nvl_queue, its
 * requests, its free CIDs and its joins, each on cache lines of its own. DMA memory: the admin data
 * buffer, then for each queue the SQ, the CQ and the PRP lists, each page aligned.
 */
#ifndef NVMELAB_DRIVER_CORE_INTERNAL_H
#define NVMELAB_DRIVER_CORE_INTERNAL_H

#include "common/bits.h"
#include "common/le.h"
#include "common/mem.h"
#include "common/nvme_spec.h"
#include "common/ring.h"
#include "driver/core/nvl.h"

#define NVL_CACHE_LINE 64

#define NVL_USEC 1000ull
#define NVL_MSEC 1000000ull
#define NVL_SEC	 1000000000ull

enum nvl_request_state {
	NVL_REQUEST_FREE,
	NVL_REQUEST_SENT,     /* outstanding */
	NVL_REQUEST_LATE,     /* outstanding beyond its time */
	NVL_REQUEST_GIVEN_UP, /* reported, but the controller may have it: CID quarantined */
	NVL_REQUEST_AGAIN,    /* outstanding at a reset, and waits to be sent again after it */
	NVL_REQUEST_RETRY,    /* answered with an error, and waits to be sent again */
};

/* struct nvl_request.flags: why a completion is more than a look-up and a call. */
#define NVL_REQUEST_TRACED  0x1u
#define NVL_REQUEST_COUNTED 0x2u  /* in struct nvl_stats */
#define NVL_REQUEST_ATTEMPT 0x10u /* the high half counts how often it was sent again */

/**
 * struct nvl_request - one CID
 * @cid: the next CID of this slot, whose low bits are its index and whose high bits count its uses,
 *	so that a completion that comes again, or too late, does not name the slot's next command
 * @state: enum nvl_request_state
 * @flags: NVL_REQUEST_TRACED; 0 is the plain way
 * @key: the three of them at once: see nvl_request_key()
 * @deadline_nsec: set by the first nvl_tick(); 0 before
 * @data: what the command transfers, with @data_bytes and @opcode for the trace alone
 */
struct nvl_request {
	_Alignas(NVL_CACHE_LINE) nvl_done_fn *done;
	void *arg;
	uint64_t deadline_nsec;
	union {
		struct {
			uint16_t cid;
			uint8_t state;
			uint8_t flags;
		};
		uint32_t key;
	};
	uint32_t data_bytes;
	const void *data;
	uint64_t submitted_nsec; /* where there are statistics */
	uint8_t opcode;
};

/** nvl_request_key - what @key is in a request of @cid and @state without flags */
static inline uint32_t nvl_request_key(uint32_t cid, enum nvl_request_state state)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return cid << 16 | (uint32_t)state << 8;
#else
	return cid | (uint32_t)state << 16;
#endif
}

#define NVL_ABORTS 4 /* Abort commands outstanding at most, if ACL allows as many */
#define NVL_LATES  4 /* late requests of a queue that are being aborted at a time */

/** struct nvl_retry - the command of the request with the same index; sent again at @due_nsec */
struct nvl_retry {
	struct nvme_sqe sqe;
	uint64_t due_nsec;
	bool used;
};

#define NVL_NO_CHORES UINT32_MAX

#define NVL_JOINS   64 /* split transfers of a queue at a time */
#define NVL_NO_JOIN UINT32_MAX

struct nvl_join; /* data.h */
struct nvl_part;

/**
 * struct nvl_queue - a queue pair
 *
 * The first part is written by bring-up only, the second by the queue's thread, the third by
 * whoever parks it.
 */
struct nvl_queue {
	_Alignas(NVL_CACHE_LINE) struct nvl_ctrl *ctrl;
	const uint32_t *gate; /* atomic: the queue takes requests while *gate == epoch */
	struct nvme_sqe *sq;
	struct nvme_cqe *cq;
	struct nvl_request *requests;
	uint16_t *free_cids;
	struct nvl_join *joins;
	struct nvl_part *parts;	    /* one for each request */
	struct nvl_retry *retries;  /* one for each request */
	struct nvl_stats *stats;    /* NULL: not counted */
	volatile void *sq_doorbell; /* NULL: through ops->reg_write() */
	volatile void *cq_doorbell;
	uint8_t *shadow; /* doorbells in memory, the event page after it; NULL: none */
	uint8_t *lists;
	uint8_t *bounce;
	uint64_t sq_iova;
	uint64_t cq_iova;
	uint64_t lists_iova;
	uint64_t bounce_iova;
	uint64_t max_transfer_bytes;
	uint64_t io_max_bytes;	  /* of one read or write; 0 for the admin queue */
	uint64_t plain_max_bytes; /* of one that takes the short way; 0 while there is a trace */
	uint64_t timeout_nsec;
	uint32_t sq_offset;
	uint32_t cq_offset;
	uint32_t id;
	uint32_t entries;
	uint32_t slots;	  /* CIDs there are: max_entries - 1 */
	uint32_t reserve; /* of them stay unused: the controller allows fewer entries */
	uint32_t cid_mask;
	uint32_t cid_step;
	uint32_t cq_lazy; /* consumed entries after which the CQ head is told */
	uint32_t join_slots;
	uint32_t vector;
	uint8_t mode;	      /* enum nvl_mode */
	uint8_t priority;     /* enum nvme_qprio */
	bool observed;	      /* there is a trace, or there are statistics */
	uint32_t max_entries; /* for which there is memory */

	_Alignas(NVL_CACHE_LINE) uint32_t tail;
	uint32_t tail_rung;
	uint32_t head;	     /* as SQHD said last */
	uint32_t sqhd_limit; /* to which it may go without a wrap */
	uint32_t credit;     /* requests that can be had without counting again */
	uint32_t cq_head;
	uint32_t cq_head_rung;
	uint32_t free_count;
	uint32_t given_up;
	uint64_t bounce_free; /* a bit for each slot */
	uint32_t join_free;
	union {
		struct {
			uint32_t join_first; /* of those that wait for slots */
			uint32_t chores;     /* NVL_NO_CHORES, or anything else */
		};
		uint64_t idle; /* both at once: all ones when a poll has nothing else to do */
	};
	uint32_t join_last;
	uint32_t epoch;
	bool phase;
	bool polling;
	struct nvl_counters counters;
	uint64_t spin_until_nsec; /* of a hybrid queue */
	uint64_t spin_completed;  /* as it was when that began */
	uint32_t retry_count;	  /* of retries that are used */

	_Alignas(NVL_CACHE_LINE) uint32_t claimed; /* atomic */
	uint32_t parked;	  /* atomic: the thread stays away from the rings */
	uint32_t late[NVL_LATES]; /* atomic: enum nvl_late << 16 | CID */
	uint32_t aborts;	  /* the owner's */
	uint32_t kept;		  /* entries at the start of the SQ that a reset left */
	bool resend;		  /* they are sent after it, by who has the queue */
};

#define NVL_SHADOW_BYTES ((size_t)2 * NVL_PAGE_BYTES)

#define NVL_NSIDS (NVME_IDENTIFY_BYTES / sizeof(nvme_u32le)) /* of one namespace list */

#define NVL_WATCH_NSEC NVL_SEC /* between looks at CSTS and at late requests */
#define NVL_PAUSE_NSEC (100 * NVL_MSEC)

/* What a step returns besides an errno or a status; neither is either. */
#define NVL_WAIT  INT32_MAX	  /* call again later */
#define NVL_AGAIN (INT32_MAX - 1) /* call again now, with an answer or in another place */

typedef int nvl_step_fn(struct nvl_ctrl *ctrl);

/** struct nvl_wait - argument of nvl_wait_done() */
struct nvl_wait {
	struct nvl_completion completion;
	bool done;
};

/**
 * struct nvl_life - the operation under way
 * @operation: enum nvl_operation, as the caller began it
 * @path: the one whose steps are taken, which a reset may change
 * @at: index of the step in its path
 * @phase: of the step, 0 when it is entered
 * @unwinding: the path failed, and what it began is undone
 * @asked: a command was sent whose answer the step is waiting for
 * @stepping: a step is being taken, so callbacks must not wait
 * @attempts: of a reset that failed
 * @enables: of the controller, that ended in a fatal status
 * @until: bound of the step's wait; 0 when it is entered
 * @asked_until: bound of the answer
 * @count: the step's own
 */
struct nvl_life {
	uint8_t operation;
	uint8_t path;
	uint8_t phase;
	bool unwinding;
	bool asked;
	bool stepping;
	uint8_t enables;
	uint32_t attempts;
	uint32_t at;
	uint32_t count;
	uint64_t until;
	uint64_t asked_until;
	int error;
	int halt_error;
	int result;
	struct nvl_wait answer;
};

/** struct nvl_scan - where nvl_step_scan() is: @nsid, at place @at of the list */
struct nvl_scan {
	uint32_t nsid;
	uint32_t at;
	uint32_t count;
	bool by_scan;
	bool more;
};

/** struct nvl_abort - an Abort that is outstanding: of what struct nvl_queue.late[@late] says */
struct nvl_abort {
	struct nvl_queue *queue;
	uint32_t late;
	bool used;
};

enum nvl_slot_state {
	NVL_SLOT_OFF,	/* not used, or the controller does not take so many */
	NVL_SLOT_ARMED, /* with the controller */
	NVL_SLOT_FIRED, /* came back, its log is to be read */
	NVL_SLOT_IDLE,	/* to be armed at due_nsec */
};

/** struct nvl_event_slot - one Asynchronous Event Request */
struct nvl_event_slot {
	struct nvl_queue *queue;
	uint64_t due_nsec;
	uint32_t dw0;
	uint32_t state;
};

/** enum nvl_late - high half of a word of struct nvl_queue.late; the CID is the low half */
enum nvl_late {
	NVL_LATE_NONE,
	NVL_LATE_WANTED,  /* by the queue's thread: the owner shall abort it */
	NVL_LATE_SENT,	  /* the owner did */
	NVL_LATE_REFUSED, /* the controller did not: if it is still outstanding, reset */
};

/** struct nvl_failure - why something failed, for nvl_failure_text() */
struct nvl_failure {
	uint32_t reason;
	int result;
	uint64_t value;
};

/**
 * struct nvl_ctrl - the controller
 * @gate: equals @epoch while I/O queues take requests, else 0. The one word of the owner that
 *	queues read for each request; it is written only when the controller's state changes.
 * @epoch: counts the times after which nothing that was outstanding can complete any more
 */
struct nvl_ctrl {
	struct nvl_ops ops;
	struct nvl_config config;
	nvl_trace_fn *trace;
	void *trace_arg;
	uint8_t *dma;
	uint64_t dma_iova;
	uint8_t *admin_data;
	uint64_t admin_data_iova;
	struct nvl_ns *ns; /* two tables of config.namespaces rows: in use, and being read */
	struct nvl_ns *ns_spare;
	uint32_t ns_count;
	uint32_t list_bytes; /* room for the PRP list of one request */
	uint32_t vectors;
	int cancel_result;
	bool enabled; /* CC.EN is 1, or RDY did not become 0 */
	struct nvl_failure failure;
	struct nvl_info info;
	uint8_t *work; /* a page for the data of steps and events */
	uint64_t work_iova;
	uint8_t *shadow; /* NVL_SHADOW_BYTES: shadow doorbells and event indexes */
	uint64_t shadow_iova;
	uint32_t granted;     /* queue pairs, by the controller */
	uint32_t wanted;      /* by nvl_set_queues() */
	uint32_t target;      /* the smaller one, and at most config.queues */
	uint32_t closed;      /* always 0: gate of queues that do not exist */
	uint32_t csts;	      /* as a step waited for it */
	uint32_t urgent;      /* slots of the admin queue for commands of our own */
	uint32_t event_limit; /* event requests at a time */
	uint32_t abort_limit; /* Aborts at a time; 0: none can be sent */
	uint32_t aborts_out;
	bool identified; /* @id and @ns are of a controller that was live */
	bool unflushed;	 /* it was live since, so its cache may hold what was written */
	bool paused;	 /* CSTS.PP: it asked for no commands */
	uint64_t pause_nsec;
	uint64_t watch_nsec;
	struct nvl_life life;
	struct nvl_scan scan;
	struct nvl_abort aborts[NVL_ABORTS];
	struct nvl_event_slot slots[NVL_AERS];
	uint32_t event_errors; /* in a row */
	uint32_t burst;
	uint64_t burst_nsec;
	nvl_event_fn *event;
	void *event_arg;
	uint32_t rungs[NVL_RUNGS];
	uint32_t moves[NVL_STATES][NVL_STATES]; /* atomic */
	struct nvl_limits limits;
	struct nvl_queue *queues[NVL_MAX_QUEUES + 1];

	_Alignas(NVL_CACHE_LINE) uint32_t gate; /* atomic */
	uint32_t admin_gate;
	uint32_t epoch;		/* atomic */
	uint32_t state;		/* atomic, enum nvl_state */
	uint32_t park_request;	/* atomic */
	uint32_t attention;	/* atomic: a queue has late requests */
	uint32_t rescan;	/* atomic: namespaces are not what they were */
	uint32_t failure_taken; /* atomic: who comes first writes @failure */

	_Alignas(NVL_CACHE_LINE) uint64_t trace_seq; /* atomic */
	struct nvme_id_ctrl id;
	struct nvme_id_ns id_ns;	 /* scratch of nvl_rescan() */
	nvme_u32le nsid_list[NVL_NSIDS]; /* scratch of nvl_rescan() */
};

/* config.c */
bool nvl_config_ok(const struct nvl_config *config);

/* block.c */
void nvl_queue_rewind(struct nvl_queue *queue, uint32_t entries);
void nvl_queue_limit(struct nvl_queue *queue, uint64_t bytes);
void nvl_panic(const struct nvl_ctrl *ctrl, const char *what);

/* A read or write has at most 65,536 blocks: no more bytes than that many of the smallest. */
#define NVL_IO_MAX_BYTES (UINT64_C(65536) << 9)

/* regs.c: BAR0 and configuration space, traced */
void nvl_doorbell_call(struct nvl_queue *queue, uint32_t offset, uint32_t value);
volatile void *nvl_mapped(const struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes);
uint32_t nvl_cfg_read(struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes);
void nvl_cfg_write(struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes, uint32_t value);

/* trace.c */
void nvl_trace_put(struct nvl_ctrl *ctrl, struct nvme_trace_record *record);

#define nvl_trace_data(of, what, from, count, ...)                            \
	do {                                                                  \
		if (__builtin_expect((of)->trace != NULL, 0))                 \
			nvl_trace_put(of, &(struct nvme_trace_record){        \
						  .event = NVME_TRACE_##what, \
						  .args = { __VA_ARGS__ },    \
						  .data = from,               \
						  .data_bytes = count,        \
					  });                                 \
	} while (0)
#define nvl_trace(ctrl, event, ...) nvl_trace_data(ctrl, event, NULL, 0, __VA_ARGS__)
void nvl_trace_transfer(struct nvl_queue *queue, uint16_t cid, const void *data, uint32_t bytes);

/* request.c */
int nvl_request_refusal(const struct nvl_queue *queue);
uint32_t nvl_request_credit(struct nvl_queue *queue);
void nvl_request_cancel_all(struct nvl_queue *queue);
void nvl_request_cancel_sent(struct nvl_queue *queue);
unsigned int nvl_request_mark_late(struct nvl_queue *queue, const void *arg);
void nvl_request_abandon(struct nvl_queue *queue, const void *arg);

/**
 * nvl_gate_open - whether the queue's rings are its thread's
 *
 * To be asked before anything of the queue is looked at that the owner sets up in a reset. The
 * answer holds until the thread's next nvl_poll(), because that is where it parks.
 */
static inline bool nvl_gate_open(const struct nvl_queue *queue)
{
	const uint32_t *gate = __atomic_load_n(&queue->gate, __ATOMIC_RELAXED);

	return __builtin_expect(__atomic_load_n(gate, __ATOMIC_ACQUIRE) == queue->epoch, 1);
}

/** nvl_request_take - the next request; there is credit */
static inline struct nvl_request *nvl_request_take(struct nvl_queue *queue)
{
	queue->credit--;
	return &queue->requests[queue->free_cids[--queue->free_count]];
}

/**
 * nvl_request_get - a free CID, if there is a free slot too; the gate is open
 *
 * A slot is free once SQHD passed it: the controller has read the entry that was there. A CID is
 * free once its completion was consumed. The CQ has as many entries as the SQ and there is one CID
 * less, so the controller never lacks room for a completion because of what this side submits.
 *
 * Return: its request, or NULL.
 */
static inline struct nvl_request *nvl_request_get(struct nvl_queue *queue)
{
	if (__builtin_expect(queue->credit == 0, 0) && nvl_request_credit(queue) == 0)
		return NULL;
	return nvl_request_take(queue);
}

/** nvl_request_index - place of @request in its queue, which is also that of its PRP list */
static inline uint32_t nvl_request_index(const struct nvl_queue *queue,
					 const struct nvl_request *request)
{
	return request->cid & queue->cid_mask;
}

/** nvl_sqhd_moved - after @head or @tail_rung changed: how far SQHD may go in one piece */
static inline void nvl_sqhd_moved(struct nvl_queue *queue)
{
	queue->sqhd_limit = queue->tail_rung >= queue->head ? queue->tail_rung : queue->entries - 1;
}

/** nvl_request_put - the CID is free again; its next use has another number */
static inline void nvl_request_put(struct nvl_queue *queue, struct nvl_request *request)
{
	uint32_t index = nvl_request_index(queue, request);

	request->state = NVL_REQUEST_FREE;
	request->cid = (uint16_t)(request->cid + queue->cid_step);
	queue->free_cids[queue->free_count++] = (uint16_t)index;
}

/** struct nvl_prp - the data pointers of a command, as numbers */
struct nvl_prp {
	uint64_t prp1;
	uint64_t prp2;
};

/* prp.c */
uint32_t nvl_prp_list_bytes(uint32_t max_transfer_bytes);
struct nvl_prp nvl_prp_list(struct nvl_queue *queue, const struct nvl_request *request,
			    const struct nvl_buffer *buffer, uint64_t offset, uint64_t bytes);

/** nvl_data_check - whether @data can be described: 0 or -NVL_EINVAL */
static inline int nvl_data_check(const struct nvl_data *data, uint64_t max_bytes)
{
	const struct nvl_buffer *buffer = data->buffer;
	uint64_t aligned = data->offset | (buffer->page_iova ? 0 : buffer->iova);

	if (data->bytes == 0 || data->bytes > max_bytes || data->offset > buffer->bytes ||
	    data->bytes > buffer->bytes - data->offset || aligned % 4 != 0)
		return -NVL_EINVAL;
	return 0;
}

/* submit.c; the rest of it is in submit.h */
void nvl_submit_trace(struct nvl_queue *queue, struct nvl_request *request, uint32_t slot,
		      const void *data, uint32_t bytes);

/** struct nvl_urgent - an admin command of the driver's own; see nvl_urgent() */
struct nvl_urgent {
	struct nvme_sqe sqe;
	uint32_t bytes;
	uint64_t deadline_nsec;
	nvl_done_fn *done;
	void *arg;
};

int nvl_urgent(struct nvl_ctrl *ctrl, const struct nvl_urgent *urgent);

/* ring.c */
void nvl_ring_cq(struct nvl_queue *queue);

/* complete.c; the rest of it is in complete.h */
void nvl_complete_uncommon(struct nvl_queue *queue, uint32_t slot, uint64_t lo, uint64_t hi);

/* join.c */
void nvl_join_forget(struct nvl_queue *queue, const struct nvl_request *request);
void nvl_join_continue(struct nvl_queue *queue);
void nvl_join_cancel(struct nvl_queue *queue);
bool nvl_join_is(const struct nvl_request *request, const void *arg);
void nvl_join_abandon(struct nvl_queue *queue, const void *arg);

/* timeout.c */

void nvl_wait_done(void *arg, const struct nvl_completion *completion);
int nvl_wait_for(struct nvl_queue *queue, struct nvl_wait *wait, uint64_t deadline_nsec);
int nvl_wait_slot(struct nvl_queue *queue, uint64_t deadline_nsec);
void nvl_fail(struct nvl_ctrl *ctrl, enum nvl_reason reason, int result, uint64_t value);
int nvl_lost(struct nvl_ctrl *ctrl);

void nvl_look_refused(struct nvl_queue *queue);
void nvl_request_late(struct nvl_queue *queue, struct nvl_request *request, uint64_t now);

/* retry.c */
bool nvl_retry(struct nvl_queue *queue, struct nvl_request *request, nvme_status status);
bool nvl_chores(struct nvl_queue *queue);
void nvl_retry_free(struct nvl_queue *queue, uint32_t index);
void nvl_retry_drop(struct nvl_queue *queue);
void nvl_retry_forget(struct nvl_queue *queue, const struct nvl_request *request);

/* shadow.c */
nvl_step_fn nvl_step_shadow;
void nvl_shadow_connect(struct nvl_queue *queue);
bool nvl_shadow_passes(const struct nvl_queue *queue, bool is_cq, uint32_t before, uint32_t value);
void nvl_shadow_doubt(struct nvl_queue *queue);

/* resend.c */
bool nvl_resends(const struct nvl_ctrl *ctrl);
void nvl_resend_keep(struct nvl_queue *queue);
void nvl_resend_check(struct nvl_ctrl *ctrl);
void nvl_resend(struct nvl_queue *queue);

/* stats.c */
void nvl_stats_submit(struct nvl_queue *queue, struct nvl_request *request);
void nvl_stats_complete(struct nvl_queue *queue, const struct nvl_request *request, bool error);

/** nvl_now - the transport's clock */
static inline uint64_t nvl_now(const struct nvl_ctrl *ctrl)
{
	return ctrl->ops.now(ctrl->ops.arg);
}

/** nvl_later - @nsec from @now, without wrapping */
static inline uint64_t nvl_later(uint64_t now, uint64_t nsec)
{
	return now > UINT64_MAX - nsec ? UINT64_MAX : now + nsec;
}

/** nvl_outstanding - requests that are; see nvl_queue_outstanding() */
static inline uint32_t nvl_outstanding(const struct nvl_queue *queue)
{
	return queue->slots - queue->free_count;
}

/** nvl_doorbell - write a doorbell; everything before it is visible to who reads the new value */
static inline void nvl_doorbell(struct nvl_queue *queue, volatile void *mapped, uint32_t offset,
				uint32_t value)
{
	if (mapped)
		nvme_store_doorbell(mapped, value);
	else
		nvl_doorbell_call(queue, offset, value);
}

/** nvl_is_claimed - whether a thread other than the owner has the queue */
static inline bool nvl_is_claimed(const struct nvl_queue *queue)
{
	return __atomic_load_n(&queue->claimed, __ATOMIC_ACQUIRE) != 0;
}

#include "driver/core/steps.h"

#endif
