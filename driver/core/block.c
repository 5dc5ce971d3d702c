/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver's block and its DMA memory: how large they are, and what lies where in them.
 *
 * Sizes and places come from the same walk, done without memory for the one and with it for the
 * other, so they cannot differ.
 */
#include "driver/core/data.h"

#define PAGE NVL_PAGE_BYTES

struct cursor {
	uint8_t *base; /* NULL: only count */
	size_t used;
};

static void *take(struct cursor *cursor, size_t bytes, size_t align)
{
	size_t at = (cursor->used + align - 1) & ~(align - 1);

	cursor->used = at + bytes;
	return cursor->base ? cursor->base + at : NULL;
}

void nvl_config_init(struct nvl_config *config)
{
	*config = (struct nvl_config){
		.queues = 1,
		.entries = 128,
		.admin_entries = 32,
		.max_transfer_bytes = 1u << 20,
		.bounce_slots = 4,
		.bounce_bytes = 64u << 10,
		.sgl_threshold_bytes = 32u << 10,
		.namespaces = 256,
		.admin_timeout_nsec = 60 * NVL_SEC,
		.io_timeout_nsec = 30 * NVL_SEC,
		.max_retries = 4,
		.events = NVL_AERS,
		.spin_nsec = 20 * NVL_USEC,
	};
}

static uint32_t entries_of(const struct nvl_config *config, uint32_t id)
{
	return id == 0 ? config->admin_entries : config->entries;
}

static uint32_t joins_of(const struct nvl_config *config, uint32_t id)
{
	uint32_t slots = entries_of(config, id) - 1;

	return id == 0 ? 0 : slots < NVL_JOINS ? slots : NVL_JOINS;
}

/* Bits of a CID's index. There is a request for each of its values, so that any CID names one. */
static uint32_t bits_for(uint32_t entries)
{
	uint32_t bits = 1;

	while ((1u << bits) < entries)
		bits++;
	return bits;
}

static struct nvl_queue *place_queue(struct cursor *cursor, const struct nvl_config *config,
				     uint32_t id)
{
	uint32_t slots = entries_of(config, id) - 1;
	struct nvl_queue *queue = take(cursor, sizeof(*queue), NVL_CACHE_LINE);
	size_t request_slots = (size_t)1 << bits_for(entries_of(config, id));
	struct nvl_request *requests = take(cursor, request_slots * sizeof(*requests),
					    NVL_CACHE_LINE);
	uint16_t *free_cids = take(cursor, slots * sizeof(*free_cids), NVL_CACHE_LINE);
	struct nvl_join *joins = take(cursor, joins_of(config, id) * sizeof(*joins),
				      NVL_CACHE_LINE);
	struct nvl_part *parts = take(cursor, (id > 0 ? slots : 0) * sizeof(*parts),
				      NVL_CACHE_LINE);

	struct nvl_retry *retries = take(cursor, slots * sizeof(*retries), NVL_CACHE_LINE);

	struct nvl_stats *stats = take(cursor, config->stats ? sizeof(*stats) : 0, NVL_CACHE_LINE);

	if (queue) {
		queue->stats = config->stats ? stats : NULL;
		queue->retries = retries;
		queue->requests = requests;
		queue->parts = parts;
		queue->free_cids = free_cids;
		queue->joins = joins;
		queue->join_slots = joins_of(config, id);
	}
	return queue;
}

static size_t place(struct cursor *cursor, const struct nvl_config *config)
{
	struct nvl_ctrl *ctrl = take(cursor, sizeof(*ctrl), NVL_CACHE_LINE);
	struct nvl_ns *ns = take(cursor, (size_t)2 * config->namespaces * sizeof(*ns),
				 NVL_CACHE_LINE);

	for (uint32_t id = 0; id <= config->queues; id++) {
		struct nvl_queue *queue = place_queue(cursor, config, id);

		if (ctrl)
			ctrl->queues[id] = queue;
	}
	if (ctrl) {
		ctrl->ns = ns;
		ctrl->ns_spare = ns + config->namespaces;
	}
	return (cursor->used + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* The DMA memory of queue @id. */
struct range {
	uint32_t id;
	size_t first;
	size_t end;
};

/* A slot is not larger than what a command may transfer. */
static uint32_t bounce_bytes_of(const struct nvl_config *config)
{
	return config->bounce_bytes < config->max_transfer_bytes ? config->bounce_bytes
								 : config->max_transfer_bytes;
}

static size_t place_dma(struct cursor *cursor, const struct nvl_config *config,
			struct nvl_ctrl *ctrl, struct range *range)
{
	uint32_t list_bytes = nvl_prp_list_bytes(config->max_transfer_bytes);
	uint8_t *base = cursor->base;
	uint8_t *data = take(cursor, NVL_ADMIN_DATA_BYTES, PAGE);
	uint8_t *work = take(cursor, PAGE, PAGE);
	uint8_t *shadow = take(cursor, config->shadow ? NVL_SHADOW_BYTES : 0, PAGE);

	if (ctrl) {
		ctrl->list_bytes = list_bytes;
		ctrl->admin_data = data;
		ctrl->admin_data_iova = ctrl->dma_iova + (uint64_t)(data - base);
		ctrl->work = work;
		ctrl->work_iova = ctrl->dma_iova + (uint64_t)(work - base);
		ctrl->shadow = shadow;
		ctrl->shadow_iova = ctrl->dma_iova + (uint64_t)(shadow - base);
	}
	for (uint32_t id = 0; id <= config->queues; id++) {
		size_t entries = entries_of(config, id);
		size_t first = cursor->used;
		uint8_t *sq = take(cursor, entries * sizeof(struct nvme_sqe), PAGE);
		uint8_t *cq = take(cursor, entries * sizeof(struct nvme_cqe), PAGE);
		uint8_t *lists = take(cursor, (entries - 1) * list_bytes, PAGE);
		size_t bounce_bytes = (size_t)config->bounce_slots * bounce_bytes_of(config);
		uint8_t *bounce = take(cursor, id > 0 ? bounce_bytes : 0, PAGE);

		if (range && range->id == id)
			*range = (struct range){ id, first, cursor->used };
		if (!ctrl)
			continue;
		ctrl->queues[id]->sq = (struct nvme_sqe *)(void *)sq;
		ctrl->queues[id]->cq = (struct nvme_cqe *)(void *)cq;
		ctrl->queues[id]->lists = lists;
		ctrl->queues[id]->sq_iova = ctrl->dma_iova + (uint64_t)(sq - base);
		ctrl->queues[id]->cq_iova = ctrl->dma_iova + (uint64_t)(cq - base);
		ctrl->queues[id]->lists_iova = ctrl->dma_iova + (uint64_t)(lists - base);
		ctrl->queues[id]->bounce = bounce;
		ctrl->queues[id]->bounce_iova = ctrl->dma_iova + (uint64_t)(bounce - base);
	}
	return (cursor->used + PAGE - 1) & ~(size_t)(PAGE - 1);
}

size_t nvl_size(const struct nvl_config *config)
{
	struct cursor cursor = { 0 };

	return nvl_config_ok(config) ? place(&cursor, config) : 0;
}

size_t nvl_dma_size(const struct nvl_config *config)
{
	struct cursor cursor = { 0 };

	return nvl_config_ok(config) ? place_dma(&cursor, config, NULL, NULL) : 0;
}

void nvl_queue_memory(const struct nvl_config *config, uint32_t index, uint64_t *ret_offset,
		      uint64_t *ret_bytes)
{
	struct range range = { .id = index + 1 };
	struct cursor cursor = { 0 };

	place_dma(&cursor, config, NULL, &range);
	range.first = (range.first + PAGE - 1) & ~(size_t)(PAGE - 1);
	range.end = (range.end + PAGE - 1) & ~(size_t)(PAGE - 1);
	*ret_offset = range.first;
	*ret_bytes = range.end - range.first;
}

void nvl_panic(const struct nvl_ctrl *ctrl, const char *what)
{
	ctrl->ops.panic(ctrl->ops.arg, what);
	__builtin_trap();
}

/**
 * nvl_queue_rewind - both rings empty, as the controller has them after a reset or Create
 * @entries: slots from now on
 *
 * The CQ is zeroed because a stale entry's phase would look new (Base 2.0 3.3.3.2.2, unverified).
 * CIDs need as many bits as @entries, one more than there are CIDs, so FFFFh is never one. Nothing
 * may be outstanding, or its epoch is over: outstanding requests keep their CIDs until they are
 * cancelled, and the free ones stay free. What nvl_resend() will send stays where it is.
 */
void nvl_queue_rewind(struct nvl_queue *queue, uint32_t entries)
{
	memset(queue->cq, 0, entries * sizeof(*queue->cq));
	if (queue->kept < entries)
		memset(queue->sq + queue->kept, 0, (entries - queue->kept) * sizeof(*queue->sq));
	queue->tail = 0;
	queue->tail_rung = 0;
	queue->head = 0;
	queue->sqhd_limit = 0;
	queue->credit = 0;
	queue->cq_head = 0;
	queue->cq_head_rung = 0;
	queue->phase = true;
	queue->cq_lazy = entries / 4;
	memset(queue->late, 0, sizeof(queue->late));
	if (queue->entries == entries)
		return; /* A thread that is parked may ask for nvl_queue_depth(). */
	queue->entries = entries;
	queue->reserve = queue->max_entries - entries;
	if (queue->id == 0)
		queue->reserve += queue->ctrl->urgent;
}

/** nvl_queue_limit - @bytes is what one command of the queue may transfer */
void nvl_queue_limit(struct nvl_queue *queue, uint64_t bytes)
{
	queue->max_transfer_bytes = bytes;
	queue->io_max_bytes = bytes < NVL_IO_MAX_BYTES ? bytes : NVL_IO_MAX_BYTES;
	if (queue->id == 0)
		queue->io_max_bytes = 0;
	queue->observed = queue->ctrl->trace || queue->stats;
	queue->plain_max_bytes = queue->observed ? 0 : queue->io_max_bytes;
}

static void init_requests(struct nvl_queue *queue)
{
	uint32_t bits = bits_for(queue->max_entries);

	queue->slots = queue->max_entries - 1;
	queue->cid_mask = (1u << bits) - 1;
	queue->cid_step = bits < 16 ? 1u << bits : 0;
	for (uint32_t i = 0; i < queue->slots; i++) {
		queue->requests[i].cid = (uint16_t)i;
		/* The stack's top is the lowest index. */
		queue->free_cids[queue->slots - 1 - i] = (uint16_t)i;
	}
	queue->free_count = queue->slots;
	if (queue->id > 0 && queue->ctrl->config.bounce_slots > 0)
		queue->bounce_free = UINT64_MAX >> (64 - queue->ctrl->config.bounce_slots);
	for (uint32_t i = 0; i < queue->join_slots; i++)
		queue->joins[i].next = i + 1 < queue->join_slots ? i + 1 : NVL_NO_JOIN;
	queue->join_free = queue->join_slots > 0 ? 0 : NVL_NO_JOIN;
	queue->join_first = NVL_NO_JOIN;
	queue->chores = NVL_NO_CHORES;
	queue->join_last = NVL_NO_JOIN;
}

static void init_queue(struct nvl_ctrl *ctrl, uint32_t id)
{
	struct nvl_queue *queue = ctrl->queues[id];

	queue->ctrl = ctrl;
	queue->id = id;
	queue->gate = id == 0 ? &ctrl->admin_gate : &ctrl->closed;
	queue->priority = NVME_QPRIO_MEDIUM;
	queue->max_entries = entries_of(&ctrl->config, id);
	queue->vector = NVL_NO_VECTOR;
	queue->mode = id == 0 ? (uint8_t)NVL_MODE_VECTOR : (uint8_t)ctrl->config.mode;
	queue->timeout_nsec = id == 0 ? ctrl->config.admin_timeout_nsec
				      : ctrl->config.io_timeout_nsec;
	nvl_queue_limit(queue, ctrl->config.max_transfer_bytes);
	queue->epoch = ctrl->epoch;
	init_requests(queue);
	nvl_queue_rewind(queue, queue->max_entries);
}

/* A step's command, Aborts and event requests; half of a queue that is too small for all. */
static uint32_t urgent_slots(const struct nvl_config *config)
{
	uint32_t wanted = 1 + NVL_ABORTS + NVL_AERS;
	uint32_t half = (config->admin_entries - 1) / 2;

	return half < wanted ? half : wanted;
}

struct nvl_ctrl *nvl_init(void *memory, const struct nvl_buffer *dma,
			  const struct nvl_config *config, const struct nvl_ops *ops,
			  nvl_trace_fn *trace, void *trace_arg)
{
	struct cursor cursor = { .base = memory };
	struct cursor dma_cursor = { .base = dma->data };
	size_t bytes = nvl_size(config);
	struct nvl_ctrl *ctrl = memory;

	if (bytes == 0 || dma->bytes < nvl_dma_size(config) || dma->page_iova ||
	    ((uintptr_t)memory | (uintptr_t)dma->data | dma->iova) % PAGE != 0) {
		ops->panic(ops->arg, "nvl_init: a configuration out of range, or bad DMA memory");
		__builtin_trap();
	}
	memset(memory, 0, bytes);
	ctrl->ops = *ops;
	ctrl->config = *config;
	ctrl->config.bounce_bytes = bounce_bytes_of(config);
	ctrl->trace = trace;
	ctrl->trace_arg = trace_arg;
	ctrl->dma = dma->data;
	ctrl->dma_iova = dma->iova;
	ctrl->epoch = 1;
	ctrl->urgent = urgent_slots(config);
	ctrl->wanted = config->queues;
	place(&cursor, config);
	place_dma(&dma_cursor, config, ctrl, NULL);
	for (uint32_t id = 0; id <= config->queues; id++)
		init_queue(ctrl, id);
	return ctrl;
}

enum nvl_state nvl_state(const struct nvl_ctrl *ctrl)
{
	return (enum nvl_state)__atomic_load_n(&ctrl->state, __ATOMIC_ACQUIRE);
}

const struct nvl_info *nvl_info(const struct nvl_ctrl *ctrl)
{
	return &ctrl->info;
}

const struct nvme_id_ctrl *nvl_id_ctrl(const struct nvl_ctrl *ctrl)
{
	return &ctrl->id;
}

struct nvl_queue *nvl_admin_queue(struct nvl_ctrl *ctrl)
{
	return ctrl->queues[0];
}

struct nvl_queue *nvl_queue(struct nvl_ctrl *ctrl, uint32_t index)
{
	return index < ctrl->info.queues ? ctrl->queues[index + 1] : NULL;
}
