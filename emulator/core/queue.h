/* SPDX-License-Identifier: BSD-3-Clause */
/* Queues: what the controller knows of them, and who works on them. A part of internal.h. */
#ifndef NVMELAB_EMULATOR_CORE_QUEUE_H
#define NVMELAB_EMULATOR_CORE_QUEUE_H

struct emu_ctrl;
struct emu_req;

/**
 * struct emu_scatter - the pages of a queue that is not contiguous; @first is NULL for one that is
 * @node: with @index the span that its index is in, @done bytes of which lie before that page
 */
struct emu_scatter {
	struct emu_spans *first;
	struct emu_spans *node;
	uint32_t index;
	uint64_t done;
};

#define EMU_HELD (UINT32_MAX - 1) /* not a tag: the queue's controller is suspended */

/**
 * struct emu_sq - a submission queue; the admin queue is number 0
 * @head: next slot to fetch
 * @tail: last doorbell value that was accepted
 * @seen: last doorbell value that was read from shared memory
 * @shadow: last value of its shadow doorbell
 * @priority: enum nvme_qprio, when arbitration is weighted
 * @inflight: requests fetched from it and not yet completed
 * @deleter: tag of the Delete I/O SQ that waits for @inflight to drain, EMU_HELD or EMU_NONE
 */
struct emu_sq {
	uint64_t base;
	uint32_t entries;
	uint32_t head;
	uint32_t tail;
	uint32_t seen;
	uint32_t shadow;
	uint32_t cqid;
	uint8_t priority;
	uint32_t inflight;
	uint32_t deleter;
	bool created;
	struct emu_scatter scatter;
};

/**
 * struct emu_cq - a completion queue
 * @tail: next slot to write
 * @reserved: slots promised to requests in flight; a request is fetched only when one is left, so
 *	that what was fetched can always complete
 * @starved: a submission queue waits for a slot
 * @unread: it is counted as that, see unread.c
 */
struct emu_cq {
	uint64_t base;
	uint32_t entries;
	uint32_t head;
	uint32_t tail;
	uint32_t seen;
	uint32_t shadow;
	uint32_t reserved;
	uint32_t sqs;
	uint16_t vector;
	bool phase;
	bool interrupts;
	bool created;
	bool starved;
	bool unread;
	struct emu_scatter scatter;
};

#define EMU_MESSAGES 32 /* the most that MSI has */

/**
 * struct emu_unread - completions that the host has not read, see unread.c
 * @messages: what vectors are told as: vector & (messages - 1); a power of two
 * @status: bit n: message n has something unread
 * @vectors: by message: vectors with something unread
 * @queues: by vector: completion queues with something unread
 * @arm: queues whose shadow doorbell has to be rung when the host moves it
 */
struct emu_unread {
	uint32_t messages;
	uint32_t status;
	uint32_t vectors[EMU_MESSAGES];
	uint32_t *queues;
	struct nvme_bitset *arm;
};

/** emu_sq_is_deleted - a Delete I/O SQ waits until what was fetched from it has completed */
static inline bool emu_sq_is_deleted(const struct emu_sq *sq)
{
	return sq->deleter < EMU_HELD;
}

static inline bool emu_cq_has_room(const struct emu_cq *cq)
{
	return nvme_ring_used(cq->head, cq->tail, cq->entries) + cq->reserved < cq->entries - 1;
}

/* doorbell.c */
void emu_doorbell_write(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint32_t value);
void emu_doorbell_look(struct emu *emu, struct emu_ctrl *ctrl, uint32_t cqid);
void emu_doorbell_begin(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq,
			uint32_t value);

void emu_doorbell_record(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq,
			 uint32_t value);

/* dbbuf.c */
emu_verdict emu_exec_dbbuf(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_dbbuf_open(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq);
bool emu_dbbuf_arm(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq);
bool emu_dbbuf_poll(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq);
uint32_t emu_dbbuf_value(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq,
			 uint32_t rung);

/* arbitrate.c */
uint32_t emu_next_weighted(struct emu_ctrl *ctrl, uint32_t *burst);
void emu_charge_weighted(struct emu_ctrl *ctrl, uint32_t qid);

/* scatter.c */
uint32_t emu_scatter_nodes(const struct emu_config *config);
nvme_status emu_scatter_open(struct emu *emu, struct emu_req *req, uint32_t bytes,
			     struct emu_scatter *ret_scatter, uint64_t *ret_base);
void emu_scatter_close(struct emu_ctrl *ctrl, struct emu_scatter *scatter);
uint64_t emu_scatter_at(const struct emu_scatter *scatter, uint64_t offset);
uint64_t emu_scatter_turn(struct emu_scatter *scatter, uint32_t page_bytes, uint64_t offset);

/* queue.c */
emu_verdict emu_exec_create_cq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_create_sq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_delete_cq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_delete_sq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_open_admin_queues(struct emu *emu, struct emu_ctrl *ctrl);
void emu_close_queues(struct emu *emu, struct emu_ctrl *ctrl);
void emu_close_io_queues(struct emu *emu, struct emu_ctrl *ctrl);
void emu_restore_cq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, struct emu_cq cq);
void emu_restore_sq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, struct emu_sq sq);
void emu_sq_drained(struct emu *emu, struct emu_ctrl *ctrl, uint32_t sqid);

#endif
