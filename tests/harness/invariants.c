/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The books of the subsystem: what has to hold between any two stages. The one part of the harness
 * that looks inside the core; all others use emu.h.
 */
#include <stdlib.h>
#include <string.h>

#include "emulator/core/stage.h"
#include "tests/harness/internal.h"

/* As Check's own, which write a note for each success: there are thousands. */
#define HOLDS(condition)                                                            \
	do {                                                                        \
		if (!(condition))                                                   \
			ck_abort_msg("the books of the subsystem: %s", #condition); \
	} while (0)
#define EQUAL(a, b)                                                                            \
	do {                                                                                   \
		uint64_t a_ = (a), b_ = (b);                                                   \
		if (a_ != b_)                                                                  \
			ck_abort_msg("the books of the subsystem: %s is %llu, %s is %llu", #a, \
				     (unsigned long long)a_, #b, (unsigned long long)b_);      \
	} while (0)

/* What was counted, to be compared with what the core says. */
struct books {
	const struct th_host *host;
	struct emu *emu;
	uint8_t *places;	  /* by tag: lists that the request is in */
	uint32_t nodes[TH_CTRLS]; /* span nodes that each controller's requests hold */
	const uint8_t *behind;	  /* the arrays looked at so far */
};

static void check_pointer(const struct books *books, const void *pointer)
{
	const uint8_t *start = (const void *)books->emu;

	HOLDS((const uint8_t *)pointer >= start &&
	      (const uint8_t *)pointer < start + books->host->emu_bytes);
}

static void check_list(struct books *books, const struct emu_list *list, uint32_t states)
{
	uint32_t count = 0, last = EMU_NONE;

	for (uint32_t tag = list->head; tag != EMU_NONE; tag = books->emu->req[tag].next) {
		HOLDS(tag < emu_requests(&books->emu->config));
		EQUAL(books->emu->req[tag].tag, tag);
		HOLDS(states >> books->emu->req[tag].state & 1);
		EQUAL(books->places[tag]++, 0);
		last = tag;
		count++;
	}
	EQUAL(count, list->count);
	EQUAL(last, list->tail);
}

static void check_lists(struct books *books)
{
	struct emu *emu = books->emu;

	check_list(books, &emu->delay, 1u << EMU_REQ_DELAY);
	check_list(books, &emu->blocked, 1u << EMU_REQ_TRANSFER);
	check_list(books, &emu->jobs, 1u << EMU_REQ_PARKED);
	if (emu->faults) {
		check_list(books, &emu->faults->held, 1u << EMU_REQ_PARKED);
		check_list(books, &emu->faults->hung, 1u << EMU_REQ_PARKED);
		check_list(books, &emu->faults->later, 1u << EMU_REQ_PARKED);
	}
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];

		check_list(books, &ctrl->free_io, 1u << EMU_REQ_FREE);
		check_list(books, &ctrl->waiting, 1u << EMU_REQ_EXECUTE);
		check_list(books, &ctrl->free_admin, 1u << EMU_REQ_FREE);
		check_list(books, &ctrl->execute, 1u << EMU_REQ_EXECUTE);
		check_list(books, &ctrl->transfer, 1u << EMU_REQ_TRANSFER);
		check_list(books, &ctrl->retire, 1u << EMU_REQ_RETIRE);
		check_list(books, &ctrl->aers, 1u << EMU_REQ_PARKED);
		check_list(books, &ctrl->preempting, 1u << EMU_REQ_PARKED);
	}
}

static bool is_deleter(const struct emu *emu, const struct emu_req *req)
{
	const struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];

	for (uint32_t qid = 1; qid <= emu->config.queues; qid++) {
		if (ctrl->sq[qid].created && ctrl->sq[qid].deleter == req->tag)
			return true;
	}
	return false;
}

/* An Abort that waits until the medium gives up the command that it names. */
static bool is_aborter(const struct emu *emu, const struct emu_req *abort)
{
	for (uint32_t tag = 0; tag < emu_requests(&emu->config); tag++) {
		const struct emu_req *req = &emu->req[tag];

		if (req->state != EMU_REQ_FREE && req->aborter == abort->tag)
			return req->ctrl == abort->ctrl && !req->dropped;
	}
	return false;
}

/* A Migration Send that waits until another controller is suspended. */
static bool is_suspender(const struct emu *emu, const struct emu_req *req)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		const struct emu_migration *migration = &emu->ctrl[i].migration;

		if (migration->draining && migration->suspender == req->tag)
			return req->ctrl != i;
	}
	return false;
}

/* The second of two fused commands, whose first one is at work. */
static bool is_second(const struct emu *emu, const struct emu_req *req)
{
	return req->partner != EMU_NONE && emu->req[req->partner].partner == req->tag &&
	       emu->req[req->partner].state != EMU_REQ_FREE;
}

static void check_requests(struct books *books)
{
	struct emu *emu = books->emu;

	for (uint32_t tag = 0; tag < emu_requests(&emu->config); tag++) {
		const struct emu_req *req = &emu->req[tag];
		bool listed = books->places[tag];

		HOLDS(req->saves == 0 || req->state != EMU_REQ_FREE);
		if (req->state == EMU_REQ_MEDIA || req->state == EMU_REQ_SAVING)
			HOLDS(!listed);
		else if (req->state == EMU_REQ_PARKED)
			HOLDS(listed || is_deleter(emu, req) || is_aborter(emu, req) ||
			      is_suspender(emu, req) || is_second(emu, req) ||
			      emu->firmware.committer == tag || emu->job.tag == tag);
		else
			HOLDS(listed);
		for (const struct emu_spans *node = req->spans.next; node; node = node->next) {
			check_pointer(books, node);
			HOLDS(req->state != EMU_REQ_FREE);
			books->nodes[req->ctrl]++;
		}
		for (const struct emu_spans *node = req->meta_spans; node; node = node->next) {
			check_pointer(books, node);
			HOLDS(req->state != EMU_REQ_FREE);
			books->nodes[req->ctrl]++;
		}
	}
}

/* Bounce buffers belong to somebody, and so do blocks in work. */
static void check_stages(struct books *books)
{
	struct emu *emu = books->emu;
	uint32_t stages = 0, ranges = 0;

	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		for (const struct emu_stage *stage = emu->ctrl[i].stages_free; stage;
		     stage = stage->next) {
			check_pointer(books, stage);
			stages++;
		}
	}
	for (uint32_t tag = 0; tag < emu_requests(&emu->config); tag++) {
		const struct emu_req *req = &emu->req[tag];

		if (req->state == EMU_REQ_FREE)
			continue;
		stages += req->stage != NULL;
		ranges += req->ranged;
	}
	EQUAL(stages, emu->config.controllers * emu->config.bounces);
	EQUAL(ranges, emu->ranges);
}

static void check_nodes(struct books *books, const struct emu_ctrl *ctrl)
{
	const struct emu *emu = books->emu;
	uint32_t own = emu_config_spans(&emu->config);
	uint32_t count = (uint32_t)(emu->nodes + (size_t)(ctrl->index + 1) * own - ctrl->nodes_new);

	for (const struct emu_spans *node = ctrl->nodes_free; node; node = node->next) {
		check_pointer(books, node);
		count++;
	}
	EQUAL(count, ctrl->nodes_free_count);
	EQUAL(count + books->nodes[ctrl->index], own);
}

/* A request that its submission queue counts; those dropped by a reset belong to nobody. */
static bool is_in_flight(const struct emu_req *req, const struct emu_ctrl *ctrl)
{
	return req->state != EMU_REQ_FREE && req->ctrl == ctrl->index && !req->dropped &&
	       req->sqid != EMU_INTERNAL_SQ;
}

static bool is_aer(const struct emu_req *req)
{
	return req->sqid == 0 && req->state == EMU_REQ_PARKED &&
	       req->sqe.opcode == NVME_ADMIN_ASYNC_EVENT_REQUEST;
}

static void check_queues(struct books *books, const struct emu_ctrl *ctrl)
{
	const struct emu *emu = books->emu;
	uint32_t queues = emu->config.queues + 1;
	uint32_t *inflight = calloc(3 * queues, sizeof(*inflight));
	uint32_t *reserved = inflight + queues;
	uint32_t *sqs = inflight + 2 * queues;

	for (uint32_t tag = 0; tag < emu_requests(&emu->config); tag++) {
		const struct emu_req *req = &emu->req[tag];

		if (!is_in_flight(req, ctrl))
			continue;
		HOLDS(ctrl->sq[req->sqid].created);
		inflight[req->sqid]++;
		reserved[ctrl->sq[req->sqid].cqid] += !is_aer(req);
	}
	for (uint32_t qid = 0; qid < queues; qid++) {
		const struct emu_sq *sq = &ctrl->sq[qid];

		if (!sq->created)
			continue;
		EQUAL(sq->inflight, inflight[qid]);
		HOLDS(ctrl->cq[sq->cqid].created);
		sqs[sq->cqid]++;
		HOLDS(sq->head < sq->entries && sq->tail < sq->entries);
		if (nvme_bitset_test(ctrl->active, qid))
			HOLDS(sq->head != sq->tail);
		else
			HOLDS(sq->head == sq->tail || ctrl->cq[sq->cqid].starved ||
			      sq->deleter == EMU_HELD);
		HOLDS((sq->deleter == EMU_HELD) <= (ctrl->migration.suspended && qid > 0));
	}
	for (uint32_t qid = 0; qid < queues; qid++) {
		const struct emu_cq *cq = &ctrl->cq[qid];

		if (!cq->created)
			continue;
		EQUAL(cq->sqs, sqs[qid]);
		EQUAL(cq->reserved, reserved[qid]);
		HOLDS(nvme_ring_used(cq->head, cq->tail, cq->entries) + cq->reserved < cq->entries);
	}
	free(inflight);
}

/* What is counted as unread is what is unread. */
static void check_unread(struct books *books, const struct emu_ctrl *ctrl)
{
	const uint32_t vectors = books->emu->layout.vectors;
	uint32_t *counts = calloc(vectors, sizeof(*counts));
	uint32_t status = 0;

	ck_assert_ptr_nonnull(counts);
	for (uint32_t qid = 0; qid <= books->emu->config.queues && ctrl->irq_watched; qid++) {
		const struct emu_cq *cq = &ctrl->cq[qid];
		bool unread = cq->created && cq->interrupts && cq->head != cq->tail;

		EQUAL(cq->unread, unread);
		counts[cq->vector] += unread;
		if (unread)
			status |= 1u << (cq->vector & (ctrl->unread.messages - 1));
	}
	if (ctrl->irq_watched)
		EQUAL(ctrl->unread.status, status);
	for (uint32_t vector = 0; vector < vectors && ctrl->irq_watched; vector++)
		EQUAL(ctrl->unread.queues[vector], counts[vector]);
	free(counts);
}

/* An array of the block, and that it lies within, behind all those that were looked at before. */
static void check_array(struct books *books, const void *array, size_t bytes)
{
	const uint8_t *start = array;

	HOLDS(start >= books->behind);
	HOLDS(start + bytes <= (const uint8_t *)books->emu + books->host->emu_bytes);
	books->behind = start + bytes;
}

static void check_layout(struct books *books)
{
	struct emu *emu = books->emu;
	const struct emu_config *config = &emu->config;
	uint32_t queues = config->queues + 1, vectors = emu->layout.vectors;

	check_array(books, emu, sizeof(*emu));
	check_array(books, emu->ctrl, config->controllers * sizeof(*emu->ctrl));
	check_array(books, emu->ns, (config->nn + 1) * sizeof(*emu->ns));
	check_array(books, emu->ns_features, (config->nn + 1) * sizeof(*emu->ns_features));
	if (config->reservations)
		check_array(books, emu->resv, (config->nn + 1) * sizeof(*emu->resv));
	check_array(books, emu->req, emu_requests(config) * sizeof(*emu->req));
	check_array(books, emu->nodes,
		    config->controllers * emu_config_spans(config) * sizeof(*emu->nodes));
	check_array(books, emu->stages,
		    config->controllers * config->bounces * sizeof(*emu->stages));
	for (uint32_t i = 0; i < config->controllers; i++) {
		const struct emu_ctrl *ctrl = &emu->ctrl[i];

		check_array(books, ctrl->queue_nodes,
			    emu_scatter_nodes(config) * sizeof(*ctrl->queue_nodes));
		check_array(books, ctrl->sq, queues * sizeof(*ctrl->sq));
		check_array(books, ctrl->cq, queues * sizeof(*ctrl->cq));
		check_array(books, ctrl->msix, vectors * sizeof(*ctrl->msix));
		check_array(books, ctrl->errors, (config->elpe + 1) * sizeof(*ctrl->errors));
		check_array(books, ctrl->ns_features,
			    (config->nn + 1) * sizeof(*ctrl->ns_features));
		check_array(books, ctrl->active, nvme_bitset_bytes(queues));
		check_array(books, ctrl->unread.queues, vectors * sizeof(*ctrl->unread.queues));
		check_array(books, ctrl->unread.arm, nvme_bitset_bytes(queues));
		check_array(books, ctrl->irq_due, nvme_bitset_bytes(vectors));
		check_array(books, ctrl->irq_pending, nvme_bitset_bytes(vectors));
		check_array(books, ctrl->irq_exempt, nvme_bitset_bytes(vectors));
		check_array(books, ctrl->ns_changed, nvme_bitset_bytes(config->nn + 1));
	}
}

void th_check(struct th_host *host)
{
	struct books books = { .host = host, .emu = host->emu };
	uint32_t media = 0, saves = 0;

	books.places = calloc(emu_requests(&host->emu->config), 1);
	ck_assert_ptr_nonnull(books.places);
	check_layout(&books);
	check_lists(&books);
	check_requests(&books);
	check_stages(&books);
	for (uint32_t i = 0; i < host->emu->config.controllers; i++) {
		const struct emu_ctrl *ctrl = &host->emu->ctrl[i];

		check_nodes(&books, ctrl);
		check_unread(&books, ctrl);
		media += ctrl->media_pending;
		saves += ctrl->saves_pending;
		HOLDS(ctrl->halted || !ctrl->resetting);
		if (!ctrl->resetting)
			check_queues(&books, ctrl);
	}
	for (uint32_t tag = 0; tag < emu_requests(&host->emu->config); tag++) {
		media -= host->emu->req[tag].state == EMU_REQ_MEDIA;
		saves -= host->emu->req[tag].saves;
	}
	EQUAL(media, 0);
	EQUAL(saves, 0);
	free(books.places);
}
