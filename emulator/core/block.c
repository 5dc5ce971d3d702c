/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The block of memory: who lives where in it, lists of requests, and the pool of span nodes.
 *
 *	struct emu | ctrl[] | ns[] | ns_features[] | req[] | nodes[] | of each controller: sq[] ...
 */
#include "emulator/core/job.h"
#include "emulator/core/stage.h"

/* One pass of place() computes the size, a second one the pointers. */
struct cursor {
	uint8_t *memory; /* NULL while only measuring */
	size_t used;
};

/* Memory as it is, for what is written before it is read. */
static void *place_raw(struct cursor *cursor, size_t count, size_t bytes)
{
	void *result = cursor->memory ? cursor->memory + cursor->used : NULL;

	cursor->used += (count * bytes + 63) & ~(size_t)63;
	return result;
}

static void *place(struct cursor *cursor, size_t count, size_t bytes)
{
	size_t from = cursor->used;
	void *result = place_raw(cursor, count, bytes);

	if (result)
		memset(result, 0, cursor->used - from);
	return result;
}

/*
 * Event requests and Aborts may all wait; so may deletions of queues. The last ones are for Aborts
 * and what is refused at once (emu_abort_reserve()).
 */
static uint32_t admin_requests(const struct emu_config *config)
{
	uint32_t deletions = config->queues < 64 ? config->queues : 64;

	return config->aerl + 1 + emu_abort_reserve(config) + deletions + EMU_ADMIN_EXTRA +
	       EMU_ADMIN_OWN;
}

uint32_t emu_io_requests(const struct emu_config *config)
{
	return config->controllers * (config->max_requests + EMU_IO_OWN);
}

/* All requests: of each controller those for I/O, then of each those for admin commands. */
uint32_t emu_requests(const struct emu_config *config)
{
	return emu_io_requests(config) + config->controllers * admin_requests(config);
}

static void place_set(struct cursor *cursor, struct nvme_bitset **ret_set, uint32_t bits)
{
	*ret_set = place(cursor, 1, nvme_bitset_bytes(bits));
	if (*ret_set)
		nvme_bitset_init(*ret_set, bits);
}

static void place_ctrl(struct cursor *cursor, const struct emu_config *config,
		       const struct emu_layout *layout, struct emu_ctrl *ctrl)
{
	ctrl->queue_nodes = place(cursor, emu_scatter_nodes(config), sizeof(*ctrl->queue_nodes));
	ctrl->sq = place(cursor, config->queues + 1, sizeof(*ctrl->sq));
	ctrl->cq = place(cursor, config->queues + 1, sizeof(*ctrl->cq));
	ctrl->msix = place(cursor, layout->vectors, sizeof(*ctrl->msix));
	ctrl->held = place(cursor, layout->vectors, sizeof(*ctrl->held));
	if (config->telemetry)
		ctrl->telemetry = place(cursor, 1, sizeof(*ctrl->telemetry));
	if (config->migration) {
		ctrl->migration.state = place(cursor, 1, emu_migration_bytes(config));
		place_set(cursor, &ctrl->migration.sqs, config->queues + 1);
		place_set(cursor, &ctrl->migration.cqs, config->queues + 1);
	}
	ctrl->errors = place(cursor, config->elpe + 1, sizeof(*ctrl->errors));
	ctrl->ns_features = place(cursor, config->nn + 1, sizeof(*ctrl->ns_features));
	place_set(cursor, &ctrl->active, config->queues + 1);
	ctrl->unread.queues = place(cursor, layout->vectors, sizeof(*ctrl->unread.queues));
	place_set(cursor, &ctrl->unread.arm, config->queues + 1);
	place_set(cursor, &ctrl->irq_due, layout->vectors);
	place_set(cursor, &ctrl->irq_pending, layout->vectors);
	place_set(cursor, &ctrl->irq_exempt, layout->vectors);
	place_set(cursor, &ctrl->ns_changed, config->nn + 1);
}

static void place_faults(struct cursor *cursor, const struct emu_config *config, struct emu *emu)
{
	struct emu_faults measured = { 0 };
	struct emu_faults *faults;

	uint32_t injected = config->error_injection ? NVME_OCP_ERRORS_MAX : 0;

	if (config->faults + injected == 0)
		return;
	emu->faults = place(cursor, 1, sizeof(*emu->faults));
	faults = cursor->memory ? emu->faults : &measured;
	faults->rule = place(cursor, config->faults, sizeof(*faults->rule));
	faults->state = place(cursor, config->faults, sizeof(*faults->state));
	faults->req = place(cursor, emu_requests(config), sizeof(*faults->req));
	faults->ctrl = place(cursor, config->controllers, sizeof(*faults->ctrl));
	for (uint32_t i = 0; i < config->controllers; i++) {
		struct nvme_fault_rule *rule = place(cursor, injected, sizeof(*rule));
		struct nvme_fault_state *state = place(cursor, injected, sizeof(*state));

		if (!cursor->memory)
			continue;
		faults->ctrl[i].rule = rule;
		faults->ctrl[i].state = state;
	}
}

static void place_all(struct cursor *cursor, const struct emu_config *config,
		      const struct emu_layout *layout, struct emu *emu)
{
	place(cursor, 1, sizeof(*emu));
	emu->ctrl = place(cursor, config->controllers, sizeof(*emu->ctrl));
	emu->ns = place(cursor, config->nn + 1, sizeof(*emu->ns));
	emu->ns_features = place(cursor, config->nn + 1, sizeof(*emu->ns_features));
	emu->resv = place(cursor, config->reservations ? config->nn + 1 : 0, sizeof(*emu->resv));
	emu->req = place(cursor, emu_requests(config), sizeof(*emu->req));
	place_faults(cursor, config, emu);
	emu->nodes = place_raw(cursor, (size_t)config->controllers * emu_config_spans(config),
			       sizeof(*emu->nodes));
	emu->stages = place_raw(cursor, (size_t)config->controllers * config->bounces,
				sizeof(*emu->stages));
	emu->pel.events = place(cursor, config->pel, sizeof(*emu->pel.events));
	emu->pel.context = place(cursor, 1, config->pel ? emu_pel_context_bytes(config->pel) : 0);
	if (config->fw_update) {
		emu->firmware.image = place(cursor, config->fw_size, 4096);
		place_set(cursor, &emu->firmware.received, config->fw_size * (4096 / 4));
	}
	for (uint32_t i = 0; i < config->controllers; i++) {
		struct emu_ctrl measured;

		place_ctrl(cursor, config, layout, cursor->memory ? &emu->ctrl[i] : &measured);
	}
}

size_t emu_size(const struct emu_config *config)
{
	char buffer[200];
	struct nvme_text error;
	struct emu_layout layout;
	struct cursor cursor = { NULL, 0 };
	struct emu measured;

	nvme_text_init(&error, buffer, sizeof(buffer));
	if (emu_config_check(config, &error) != 0)
		return 0;
	emu_config_layout(config, &layout);
	place_all(&cursor, config, &layout, &measured);
	return cursor.used;
}

/* The nodes of a controller: its own part of the pool, so that nobody else can use them up. */
static void init_nodes(struct emu *emu, struct emu_ctrl *ctrl, uint32_t index)
{
	uint32_t count = emu_config_spans(&emu->config);

	ctrl->nodes_new = emu->nodes + (size_t)index * count;
	ctrl->nodes_free_count = count;
	for (uint32_t i = emu_scatter_nodes(&emu->config); i > 0; i--) {
		ctrl->queue_nodes[i - 1].next = ctrl->queue_nodes_free;
		ctrl->queue_nodes_free = &ctrl->queue_nodes[i - 1];
	}
}

/* Likewise its bounce buffers. */
static void init_stages(struct emu *emu, struct emu_ctrl *ctrl, uint32_t index)
{
	uint32_t count = emu->config.bounces;
	struct emu_stage *own = emu->stages + (size_t)index * count;

	for (uint32_t i = count; i > 0; i--) {
		memset(&own[i - 1], 0, offsetof(struct emu_stage, list));
		own[i - 1].next = ctrl->stages_free;
		ctrl->stages_free = &own[i - 1];
	}
}

static void init_lists(struct emu *emu)
{
	struct emu_list empty = { EMU_NONE, EMU_NONE, 0 };
	uint32_t io = 0, admin = emu->io_requests, requests = emu_requests(&emu->config);
	uint32_t admins = admin_requests(&emu->config);

	emu->delay = empty;
	emu->blocked = empty;
	for (uint32_t i = 0; i <= EMU_RANGE_WIDE; i++)
		emu->range_heads[i] = EMU_NONE;
	emu->copies = EMU_NONE;
	for (uint32_t i = 0; i < requests; i++)
		emu->req[i].tag = i;
	for (uint32_t c = 0; c < emu->config.controllers; c++) {
		struct emu_ctrl *ctrl = &emu->ctrl[c];

		ctrl->execute = empty;
		ctrl->transfer = empty;
		ctrl->retire = empty;
		ctrl->aers = empty;
		ctrl->preempting = empty;
		ctrl->waiting = empty;
		ctrl->free_io = empty;
		ctrl->free_admin = empty;
		for (uint32_t i = 0; i < emu->config.max_requests + EMU_IO_OWN; i++)
			emu_list_push(emu, &ctrl->free_io, &emu->req[io++]);
		for (uint32_t i = 0; i < admins; i++)
			emu_list_push(emu, &ctrl->free_admin, &emu->req[admin++]);
		init_nodes(emu, ctrl, c);
		init_stages(emu, ctrl, c);
	}
}

struct emu *emu_init(void *memory, const struct emu_config *config, const struct emu_ops *ops)
{
	struct emu *emu = memory;
	struct cursor cursor = { memory, 0 };
	struct emu_layout layout;
	size_t bytes = emu_size(config);

	if (bytes == 0 || ((uintptr_t)memory & 63) != 0)
		ops->panic(ops->arg, "emu_init: bad configuration or memory not aligned to 64");
	if ((config->cmb || config->pmr) && !ops->window)
		ops->panic(ops->arg, "emu_init: cmb and pmr need ops->window");
	emu_config_layout(config, &layout);
	place_all(&cursor, config, &layout, emu);
	emu->config = *config;
	emu_config_limit(&emu->config);
	emu->layout = layout;
	emu->largest_bytes = emu_config_largest(config);
	emu->io_requests = emu_io_requests(config);
	emu->ops = *ops;
	emu->next_due_nsec = EMU_NEVER;
	emu->gates = config->cid_check ? EMU_GATE_IDENTIFIER : 0;
	init_lists(emu);
	emu_fault_init(emu);
	emu_timers_init(emu);
	emu_cmds_init(emu);
	emu_jobs_init(emu);
	emu_ns_init(emu);
	emu_firmware_init(emu);
	emu_self_test_init(emu);
	emu_ana_init(emu);
	emu->shared_reset = EMU_RESET_POWER;
	for (uint32_t i = 0; i < config->controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];

		ctrl->index = (uint8_t)i;
		emu_timers_stop(ctrl);
		emu_init_features(emu, ctrl);
		emu_heat_init(emu, ctrl);
		ctrl->halted = true;
		ctrl->todo = EMU_TODO_POWER;
		while (ctrl->todo)
			emu_control_stage(emu, ctrl);
	}
	return emu;
}

const struct emu_config *emu_config_of(const struct emu *emu)
{
	return &emu->config;
}

const struct emu_layout *emu_layout_of(const struct emu *emu)
{
	return &emu->layout;
}

void emu_panic(struct emu *emu, const char *what)
{
	emu->ops.panic(emu->ops.arg, what);
	__builtin_trap();
}

/* The request at @position from the head; there must be one. */
struct emu_req *emu_list_take(struct emu *emu, struct emu_list *list, uint32_t position)
{
	uint32_t previous = list->head;
	struct emu_req *req;

	if (position == 0)
		return emu_list_pop(emu, list);
	while (--position > 0)
		previous = emu->req[previous].next;
	req = &emu->req[emu->req[previous].next];
	emu->req[previous].next = req->next;
	if (list->tail == req->tag)
		list->tail = previous;
	list->count--;
	return req;
}

/* Before the first request that is due later; most are due behind all others. */
void emu_list_insert(struct emu *emu, struct emu_list *list, struct emu_req *req)
{
	uint32_t *link = &list->head;

	if (list->tail == EMU_NONE || emu->req[list->tail].due_nsec <= req->due_nsec) {
		emu_list_push(emu, list, req);
		return;
	}
	while (emu->req[*link].due_nsec <= req->due_nsec)
		link = &emu->req[*link].next;
	req->next = *link;
	*link = req->tag;
	list->count++;
}

struct emu_req *emu_req_get(struct emu *emu, struct emu_ctrl *ctrl, bool admin)
{
	struct emu_req *req = emu_list_pop(emu, admin ? &ctrl->free_admin : &ctrl->free_io);

	if (!req)
		return NULL;
	req->ctrl = ctrl->index;
	req->ns = NULL;
	req->dropped = false;
	req->staged = false;
	req->ranged = false;
	req->cancelled = false;
	req->range_kind = 0;
	req->partner = EMU_NONE;
	req->aborter = EMU_NONE;
	req->unusual = 0;
	req->unlogged = false;
	req->location = EMU_NO_LOCATION;
	req->status = NVME_SC_SUCCESS;
	req->dw0 = 0;
	req->data_bytes = 0;
	req->error_lba = 0;
	req->due_nsec = 0;
	req->meta_bytes = 0;
	req->meta_spans = NULL;
	req->nodes_wanted = 0;
	req->spans.next = NULL;
	req->spans.count = 0;
	return req;
}

static void release_nodes(struct emu_ctrl *ctrl, struct emu_spans *node)
{
	while (node) {
		struct emu_spans *next = node->next;

		node->next = ctrl->nodes_free;
		ctrl->nodes_free = node;
		ctrl->nodes_free_count++;
		node = next;
	}
}

/** emu_release_nodes - the part of emu_release_spans() for those that have any */
void emu_release_nodes(struct emu *emu, struct emu_req *req)
{
	release_nodes(&emu->ctrl[req->ctrl], req->spans.next);
	release_nodes(&emu->ctrl[req->ctrl], req->meta_spans);
	req->spans.next = NULL;
	req->meta_spans = NULL;
}

/*
 * Who waits for nodes tries again when enough are free, the first one first. Any request that ends
 * is the occasion, with nodes or without: one that was woken may have needed fewer than it asked
 * for, or have been refused or dropped, and then nobody else would look after the next one.
 */
static void wake_waiters(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t left = ctrl->nodes_free_count;

	while (ctrl->waiting.count && emu->req[ctrl->waiting.head].nodes_wanted <= left) {
		struct emu_req *waiter = emu_list_pop(emu, &ctrl->waiting);

		left -= waiter->nodes_wanted;
		emu_list_push(emu, &ctrl->execute, waiter);
	}
}

void emu_req_put(struct emu *emu, struct emu_req *req)
{
	struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	bool admin = req->tag >= emu->io_requests;

	emu_release_spans(emu, req);
	req->state = EMU_REQ_FREE;
	emu_list_push_front(admin ? &ctrl->free_admin : &ctrl->free_io, req);
	if (__builtin_expect(ctrl->waiting.count | emu->job.kind | emu->sanitize.step, 0)) {
		wake_waiters(emu, ctrl);
		emu_drained(emu);
	}
}
