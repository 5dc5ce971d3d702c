/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 of 7: doorbells. Find the queue, validate the value, record it; nothing is fetched here.
 *
 * Doorbell 2y is the tail of submission queue y, 2y + 1 the head of completion queue y, each
 * 4 << CAP.DSTRD bytes after the one before (Base 2.0 3.1.3.23, unverified).
 */
#include "emulator/core/internal.h"

/*
 * An idle turn looks at few doorbells, because the next command of a host that has one at a time
 * arrives during it: with 32 pairs it took 300 ns, a third of the whole round trip.
 */
#define SWEEP_PAIRS 8  /* of all: a cache line of doorbells at the usual stride */
#define SWEEP_TURNS 16 /* busy turns after which they are looked at all the same */

static uint32_t stride(const struct emu *emu)
{
	return 4u << emu->config.dstrd;
}

static volatile uint8_t *shared_doorbells(struct emu *emu, const struct emu_ctrl *ctrl)
{
	if (!emu->ops.shared)
		return NULL;
	return emu->ops.shared(emu->ops.arg, ctrl->index, NVME_DOORBELL_OFFSET);
}

static uint64_t offset_of(const struct emu *emu, uint32_t qid, bool is_cq)
{
	return (2ull * qid + is_cq) * stride(emu);
}

/* An event for the host, which did something that the specification forbids. */
static void refuse(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq, uint32_t value,
		   uint32_t aer)
{
	emu_trace(emu, ctrl, DB_REFUSED, qid, is_cq, value,
		  aer == NVME_AER_INVALID_DB_REGISTER ? NVME_DB_NO_QUEUE : NVME_DB_BAD_VALUE);
	emu_log_event_error(emu, ctrl, NVME_SC_SUCCESS); /* there is no status for it */
	emu_raise_event(emu, ctrl, aer);
}

/* Whether @tail is one that the queue can have; then it has it. */
static inline bool take_tail(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, uint32_t tail)
{
	struct emu_sq *sq = &ctrl->sq[qid];

	/*
	 * More than the queue holds: a tail that goes back over what was not fetched yet, say. One
	 * that goes back over what was fetched cannot be told from one that went all the way round.
	 */
	if (tail >= sq->entries || nvme_ring_used(sq->head, sq->tail, sq->entries) +
						   nvme_ring_used(sq->tail, tail, sq->entries) >=
					   sq->entries) {
		refuse(emu, ctrl, qid, false, tail, NVME_AER_INVALID_DB_VALUE);
		return false;
	}
	emu_trace(emu, ctrl, SQ_DOORBELL, qid, sq->tail, tail);
	sq->tail = tail;
	return true;
}

static void ring_sq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, uint32_t tail)
{
	struct emu_sq *sq = &ctrl->sq[qid];

	if (!sq->created || sq->deleter != EMU_NONE) {
		/* While the controller is suspended it only remembers. */
		if (sq->created && sq->deleter == EMU_HELD)
			take_tail(emu, ctrl, qid, tail);
		else
			refuse(emu, ctrl, qid, false, tail, NVME_AER_INVALID_DB_REGISTER);
		return;
	}
	if (take_tail(emu, ctrl, qid, tail) && sq->head != tail)
		nvme_bitset_set(ctrl->active, qid);
}

/* Queues that stopped because this one was full go on. */
static void wake_sqs(struct emu_ctrl *ctrl, const struct emu *emu, uint32_t cqid)
{
	struct emu_cq *cq = &ctrl->cq[cqid];

	cq->starved = false;
	for (uint32_t qid = 0; qid <= emu->config.queues; qid++) {
		const struct emu_sq *sq = &ctrl->sq[qid];

		if (sq->created && sq->cqid == cqid && sq->head != sq->tail)
			nvme_bitset_set(ctrl->active, qid);
	}
}

static void ring_cq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, uint32_t head)
{
	struct emu_cq *cq = &ctrl->cq[qid];

	if (!cq->created) {
		refuse(emu, ctrl, qid, true, head, NVME_AER_INVALID_DB_REGISTER);
		return;
	}
	/*
	 * The new head lies between the old one and the tail: entries are consumed once, in order.
	 */
	if (head >= cq->entries || nvme_ring_used(cq->head, head, cq->entries) >
					   nvme_ring_used(cq->head, cq->tail, cq->entries)) {
		refuse(emu, ctrl, qid, true, head, NVME_AER_INVALID_DB_VALUE);
		return;
	}
	emu_trace(emu, ctrl, CQ_DOORBELL, qid, cq->head, head);
	cq->head = head;
	if (__builtin_expect(ctrl->irq_watched, 0) && cq->interrupts)
		emu_irq_acknowledge(emu, ctrl, qid);
	if (cq->starved)
		wake_sqs(ctrl, emu, qid);
	if (qid == 0 && ctrl->event_count)
		emu_deliver_events(emu, ctrl);
}

void emu_doorbell_record(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq,
			 uint32_t value)
{
	if (emu_site(emu, EMU_SITE(DB_WRITE)) && !emu_fault_doorbell(emu, ctrl, qid, is_cq, &value))
		return;
	if (__builtin_expect(ctrl->dbbuf, 0) && qid <= emu->config.queues) {
		value = emu_dbbuf_value(emu, ctrl, qid, is_cq, value);
		*(is_cq ? &ctrl->cq[qid].shadow : &ctrl->sq[qid].shadow) = value;
	}
	if (qid > emu->config.queues)
		refuse(emu, ctrl, qid, is_cq, value, NVME_AER_INVALID_DB_REGISTER);
	else if (is_cq)
		ring_cq(emu, ctrl, qid, value);
	else
		ring_sq(emu, ctrl, qid, value);
}

void emu_doorbell_write(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint32_t value)
{
	volatile uint8_t *page = shared_doorbells(emu, ctrl);
	uint32_t number = (uint32_t)(offset / stride(emu));
	uint32_t qid = number / 2;
	bool is_cq = number % 2;

	/* Bits 31:16 are reserved; between strides there is no doorbell. */
	value &= 0xffff;
	if (offset % stride(emu) != 0 || !emu_is_ready(ctrl)) {
		emu_trace(emu, ctrl, DB_REFUSED, qid, is_cq, value,
			  emu_is_ready(ctrl) ? NVME_DB_NO_DOORBELL : NVME_DB_NOT_READY);
		return;
	}
	if (page && qid <= emu->config.queues) {
		/* The poll must not take the older value in the page for a new one. */
		nvme_store_doorbell(page + offset, value);
		if (is_cq)
			ctrl->cq[qid].seen = value;
		else
			ctrl->sq[qid].seen = value;
	}
	emu_doorbell_record(emu, ctrl, qid, is_cq, value);
}

/**
 * emu_doorbell_begin - a queue begins, or ends with @value 0: what its doorbell held before means
 *	nothing to it
 */
void emu_doorbell_begin(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq,
			uint32_t value)
{
	volatile uint8_t *page = shared_doorbells(emu, ctrl);

	if (is_cq)
		ctrl->cq[qid].seen = value;
	else
		ctrl->sq[qid].seen = value;
	if (page)
		nvme_store_doorbell(page + offset_of(emu, qid, is_cq), value);
}

static unsigned int poll_sq(struct emu *emu, struct emu_ctrl *ctrl, volatile uint8_t *page,
			    uint32_t qid)
{
	struct emu_sq *sq = &ctrl->sq[qid];
	uint32_t value = nvme_load_doorbell(page + offset_of(emu, qid, false));

	if (__builtin_expect(ctrl->dbbuf, 0) && emu_dbbuf_poll(emu, ctrl, qid, false))
		return 1;
	if (value == sq->seen)
		return 0;
	sq->seen = value;
	emu_doorbell_record(emu, ctrl, qid, false, value & 0xffff);
	return 1;
}

static unsigned int poll_cq(struct emu *emu, struct emu_ctrl *ctrl, volatile uint8_t *page,
			    uint32_t qid)
{
	struct emu_cq *cq = &ctrl->cq[qid];
	uint32_t value = nvme_load_doorbell(page + offset_of(emu, qid, true));

	if (__builtin_expect(ctrl->dbbuf, 0) && emu_dbbuf_poll(emu, ctrl, qid, true))
		return 1;
	if (value == cq->seen)
		return 0;
	cq->seen = value;
	emu_doorbell_record(emu, ctrl, qid, true, value & 0xffff);
	return 1;
}

/**
 * emu_doorbell_look - the head of queue @cqid now, where BAR0 is shared memory
 *
 * Host memory is not looked at: with shadow doorbells what is unread is rung (emu_unread_arm()).
 */
void emu_doorbell_look(struct emu *emu, struct emu_ctrl *ctrl, uint32_t cqid)
{
	volatile uint8_t *page = shared_doorbells(emu, ctrl);

	if (page && !ctrl->dbbuf)
		poll_cq(emu, ctrl, page, cqid);
}

static void remember(struct emu_ctrl *ctrl, uint32_t qid)
{
	for (uint32_t i = 0; i < ctrl->recent_count; i++) {
		if (ctrl->recent[i] == qid)
			return;
	}
	if (ctrl->recent_count < EMU_RECENT) {
		ctrl->recent[ctrl->recent_count++] = qid;
		return;
	}
	ctrl->recent[ctrl->recent_next] = qid;
	ctrl->recent_next = (ctrl->recent_next + 1) % EMU_RECENT;
}

/* A few of all pairs, and both doorbells of each. */
static unsigned int sweep(struct emu *emu, struct emu_ctrl *ctrl, volatile uint8_t *page)
{
	uint32_t step = stride(emu), queues = emu->config.queues, qid = ctrl->sweep;
	unsigned int changed = 0;

	for (uint32_t i = 0; i < SWEEP_PAIRS && i <= queues; i++) {
		const volatile uint8_t *at = page + 2ull * qid * step;

		if (__builtin_expect(nvme_load_doorbell(at) != ctrl->sq[qid].seen || ctrl->dbbuf,
				     0) &&
		    poll_sq(emu, ctrl, page, qid)) {
			changed++;
			remember(ctrl, qid);
		}
		if (__builtin_expect(
			    nvme_load_doorbell(at + step) != ctrl->cq[qid].seen || ctrl->dbbuf, 0))
			changed += poll_cq(emu, ctrl, page, qid);
		qid = qid == queues ? 0 : qid + 1;
	}
	ctrl->sweep = qid;
	return changed;
}

unsigned int emu_poll_doorbells(struct emu *emu, uint32_t index)
{
	struct emu_ctrl *ctrl = &emu->ctrl[index];
	volatile uint8_t *page = shared_doorbells(emu, ctrl);
	unsigned int changed = 0;

	if (!page || !emu_is_ready(ctrl) || ctrl->hidden)
		return 0;
	for (uint32_t i = 0; i < ctrl->recent_count; i++) {
		uint32_t qid = ctrl->recent[i];
		const struct emu_sq *sq = &ctrl->sq[qid];

		changed += poll_sq(emu, ctrl, page, qid);
		if (sq->created && ctrl->cq[sq->cqid].starved)
			changed += poll_cq(emu, ctrl, page, sq->cqid);
	}
	/* A pair that keeps ringing makes the others wait for a bounded number of turns. */
	if (changed == 0 || ++ctrl->sweep_skipped == SWEEP_TURNS) {
		ctrl->sweep_skipped = 0;
		changed += sweep(emu, ctrl, page);
	}
	return changed;
}
