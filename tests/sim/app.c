/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The application: operations by number, some at a time.
 *
 * What an operation does is a function of the seed and its number. Only when the blocks it draws
 * are in use another place is drawn.
 */
#include "tests/sim/known.h"

#define DRAWS		64
#define POISON		0xa5
#define IDENTIFY_BYTES	4096
#define SEQUENTIAL_HALF 2

static uint64_t range_of(const struct sim_world *world)
{
	uint64_t range = world->file->workload.range;

	return range == 0 || range > world->medium.blocks ? world->medium.blocks : range;
}

static uint64_t meta_bytes(const struct sim_file *file)
{
	uint64_t bytes = (uint64_t)file->workload.blocks * SIM_META_BYTES;

	return file->workload.protect
		       ? (bytes + NVL_PAGE_BYTES - 1) / NVL_PAGE_BYTES * NVL_PAGE_BYTES
		       : 0;
}

static uint64_t slot_bytes(const struct sim_file *file)
{
	const struct emu_ns_config *ns = sim_first_namespace(file);
	uint64_t bytes = (uint64_t)file->workload.blocks << (ns ? ns->lbads : 9);

	bytes = (bytes + NVL_PAGE_BYTES - 1) / NVL_PAGE_BYTES * NVL_PAGE_BYTES;
	return (file->workload.fused_every ? 2 * bytes : bytes) + meta_bytes(file);
}

/* What is known of buffers has a row for each block, and there may be blocks of 512 bytes. */
static uint64_t known_bytes(uint64_t data_bytes)
{
	return data_bytes / 512 * sizeof(struct sim_known);
}

static uint64_t blocks_of(const struct sim_file *file)
{
	const struct emu_ns_config *ns = sim_first_namespace(file);

	return ns ? ns->blocks : 0;
}

size_t sim_app_bytes(const struct sim_file *file)
{
	const struct sim_workload *workload = &file->workload;
	uint64_t bytes = workload->queue_depth * slot_bytes(file);

	return (size_t)(NVL_PAGE_BYTES + bytes + known_bytes(bytes) +
			(workload->ops + 2ull) * (sizeof(struct sim_op) + 4) +
			workload->queue_depth * (sizeof(struct sim_slot) +
						 workload->blocks * sizeof(struct sim_truth)) +
			blocks_of(file) * (sizeof(struct sim_truth) + 4));
}

void sim_app_init(struct sim_world *world, void *memory)
{
	const struct sim_workload *workload = &world->file->workload;
	struct sim_app *app = &world->app;
	uint64_t blocks = world->medium.capacity;
	struct sim_truth *before;
	uint8_t *at = memory;

	world->slot_bytes = slot_bytes(world->file);
	world->data = (struct nvl_buffer){
		.data = memory,
		.bytes = workload->queue_depth * world->slot_bytes,
		.iova = SIM_IOVA_DATA,
	};
	at += world->data.bytes;
	world->known = (void *)at;
	at += known_bytes(world->data.bytes);
	app->truth = (void *)at;
	before = app->truth + blocks;
	app->op = (void *)(before + (uint64_t)workload->queue_depth * workload->blocks);
	app->slot = (void *)(app->op + workload->ops + 1);
	app->owner = (void *)(app->slot + workload->queue_depth);
	app->acked = app->owner + blocks;
	app->next = 1;
	app->draws = nvme_draws(world->file->scenario.seed, nvme_key("workload"));
	memset(world->data.data, 0, (size_t)world->data.bytes);
	sim_known_drop(world, 0, world->data.bytes);
	memset(app->op, 0, (workload->ops + 1) * sizeof(*app->op));
	memset(app->slot, 0, workload->queue_depth * sizeof(*app->slot));
	for (uint32_t i = 0; i < workload->queue_depth; i++) {
		app->slot[i].world = world;
		app->slot[i].host = &world->host[i % world->file->emulator.controllers];
		app->slot[i].before = before + (uint64_t)i * workload->blocks;
	}
}

/** sim_app_clear - blocks that no operation had */
void sim_app_clear(struct sim_world *world, uint64_t lba, size_t blocks)
{
	struct sim_app *app = &world->app;

	memset(app->truth + lba, 0, blocks * sizeof(*app->truth));
	memset(app->owner + lba, 0, blocks * sizeof(*app->owner));
}

static uint64_t draw(const struct sim_world *world, uint32_t number, uint64_t n, uint64_t limit)
{
	return nvme_draw_below(nvme_draw_from(world->app.draws, number, n), limit);
}

static enum sim_op_kind kind_of(const struct sim_world *world, uint32_t number)
{
	const struct sim_workload *workload = &world->file->workload;

	if (workload->pattern == SIM_PATTERN_ADMIN)
		return number % 2 ? SIM_OP_IDENTIFY : SIM_OP_LOG;
	if (workload->flush_every && number % workload->flush_every == 0)
		return SIM_OP_FLUSH;
	if (workload->fused_every && number % workload->fused_every == 0)
		return SIM_OP_FUSED;
	switch (workload->pattern) {
	case SIM_PATTERN_READ:
		return SIM_OP_READ;
	case SIM_PATTERN_WRITE:
		return SIM_OP_WRITE;
	case SIM_PATTERN_SEQUENTIAL:
		return number <= workload->ops / SEQUENTIAL_HALF ? SIM_OP_WRITE : SIM_OP_READ;
	default:
		return draw(world, number, 0, 2) ? SIM_OP_WRITE : SIM_OP_READ;
	}
}

static bool is_free(struct sim_world *world, uint64_t slba, uint32_t nlb)
{
	const struct sim_app *app = &world->app;

	sim_touch(world, slba, nlb);
	if (world->file->workload.overlap)
		return true;
	for (uint32_t i = 0; i < nlb; i++) {
		if (app->owner[slba + i])
			return false;
	}
	return true;
}

/* Of a sequential workload, whose second half has the places of the first. */
static uint64_t place_of(const struct sim_workload *workload, uint32_t number)
{
	uint32_t half = workload->ops / SEQUENTIAL_HALF;

	return (uint64_t)((number - 1) % (half ? half : 1)) * workload->blocks;
}

/* Blocks that nobody else uses now, unless that does not matter; false: wait for somebody. */
static bool find_blocks(struct sim_world *world, uint32_t number, struct sim_op *op)
{
	const struct sim_workload *workload = &world->file->workload;
	uint64_t range = range_of(world);

	op->nlb = (uint16_t)(range < workload->blocks ? range : workload->blocks);
	if (op->nlb == 0)
		return false;
	if (workload->pattern == SIM_PATTERN_SEQUENTIAL) {
		op->slba = place_of(workload, number) % (range - op->nlb + 1);
		return is_free(world, op->slba, op->nlb);
	}
	for (uint32_t n = 1; n <= DRAWS; n++) {
		op->slba = draw(world, number, n, range - op->nlb + 1);
		if (is_free(world, op->slba, op->nlb))
			return true;
	}
	return false;
}

static void set_owner(struct sim_world *world, const struct sim_op *op, uint32_t number)
{
	uint32_t *owner = world->app.owner + op->slba;

	if (world->file->workload.overlap)
		return;
	for (uint32_t i = 0; i < op->nlb; i++)
		owner[i] = number;
}

static uint8_t *data_of(struct sim_world *world, const struct sim_slot *slot)
{
	return (uint8_t *)world->data.data + (uint64_t)(slot - world->app.slot) * world->slot_bytes;
}

/* What a Compare compares with is behind what the Write writes; metadata is behind all. */
static uint64_t compared_at(const struct sim_world *world)
{
	return (world->slot_bytes - meta_bytes(world->file)) / 2;
}

static uint8_t *compared_of(struct sim_world *world, const struct sim_slot *slot)
{
	return data_of(world, slot) + compared_at(world);
}

static void look_at_success(struct sim_world *world, const struct sim_slot *slot)
{
	switch (world->app.op[slot->op].kind) {
	case SIM_OP_READ:
		sim_history_read(slot, data_of(world, slot));
		break;
	case SIM_OP_FUSED:
		sim_history_read(slot, compared_of(world, slot));
		sim_history_write(world, slot->op);
		break;
	case SIM_OP_WRITE:
		sim_history_write(world, slot->op);
		break;
	case SIM_OP_FLUSH:
		sim_history_flush(world, slot->op);
		break;
	default:
		break;
	}
}

/* The application is told what the controller said; of several commands, what one of them had. */
static void check_answer(struct sim_world *world, uint32_t number, int result)
{
	const struct sim_op *op = &world->app.op[number];
	bool alone = (uint64_t)op->nlb << world->medium.lbads <= NVL_PAGE_BYTES;

	if (op->kind > SIM_OP_WRITE || !alone || result < 0 || !op->answered ||
	    op->answer == result)
		return;
	sim_violation(world, SIM_ORACLE_HONEST,
		      result == 0 ? "success for a command that was refused"
				  : "an operation ended with another status than its command",
		      number, op->slba);
}

static void end(struct sim_world *world, struct sim_slot *slot, int result)
{
	struct sim_op *op = &world->app.op[slot->op];

	check_answer(world, slot->op, result);
	if (op->kind == SIM_OP_FUSED)
		sim_history_pair(world, slot->op, result == 0);
	op->state = result == 0 ? SIM_OP_OK : SIM_OP_FAILED;
	op->end_at = world->app.next;
	sim_count(world, slot->host->index, result == 0 ? SIM_APP_OK : SIM_APP_ERRORS, 1);
	if (result == 0)
		look_at_success(world, slot);
	set_owner(world, op, 0);
	slot->op = 0;
	slot->ready_nsec = world->now + world->file->workload.think_nsec;
	world->app.in_flight--;
	world->app.end_nsec = world->now;
}

static void done(void *arg, const struct nvl_completion *completion)
{
	struct sim_slot *slot = arg;

	if (slot->op == 0)
		sim_violation(slot->world, SIM_ORACLE_ONCE, "a request completed twice", 0, 0);
	else
		end(slot->world, slot, completion->result);
}

static int submit_admin(struct sim_world *world, const struct sim_op *op, struct sim_slot *slot)
{
	struct nvl_data data = { &world->data, 0, NVL_PAGE_BYTES };
	struct nvme_sqe sqe = { .opcode = NVME_ADMIN_IDENTIFY };

	data.offset = (uint64_t)(slot - world->app.slot) * world->slot_bytes;
	sqe.cdw10 = nvme_le32(1); /* CNS: the controller */
	if (op->kind == SIM_OP_LOG) {
		sqe.opcode = NVME_ADMIN_GET_LOG_PAGE;
		data.bytes = 512;
		sqe.nsid = nvme_le32(UINT32_MAX);
		sqe.cdw10 = nvme_le32((512 / 4 - 1) << 16 | NVME_LID_SMART);
	}
	return nvl_submit(nvl_admin_queue(slot->host->nvl), &sqe, &data, done, slot);
}

/* Who has no place for metadata leaves it to the controller. */
static const struct nvl_io_extra *protect(struct sim_world *world, struct sim_slot *slot,
					  const struct nvl_ns *ns)
{
	const struct sim_op *op = &world->app.op[slot->op];
	uint64_t at = (uint64_t)(slot - world->app.slot + 1) * world->slot_bytes;

	if (!world->file->workload.protect || ns->pi_bytes == 0 || op->kind > SIM_OP_WRITE)
		return NULL;
	slot->extra = (struct nvl_io_extra){
		.has_pi = true,
		.metadata = &world->data,
		.metadata_offset = at - meta_bytes(world->file),
	};
	nvl_pi_init(&slot->extra.pi, ns, op->slba);
	slot->extra.pi.flags |= NVL_PI_HOST;
	return &slot->extra;
}

/* The blocks of @op as version @version of each; 0: as the newest version that is certain. */
static void fill(struct sim_world *world, uint8_t *data, const struct sim_op *op, uint32_t version)
{
	size_t bytes = (size_t)1 << world->medium.lbads;
	const struct sim_contents *contents = sim_contents_of(world->medium.contents, bytes);

	for (uint64_t lba = op->slba; lba < op->slba + op->nlb; lba++, data += bytes) {
		uint64_t of = version ? version : world->app.truth[lba].committed;

		sim_block_fill(contents, data, lba, of);
		sim_known_set(world, data, lba, of);
	}
}

/* Compare and Write: as the newest version that is certain, and as this one. */
static int submit_fused(struct sim_world *world, struct nvl_queue *queue, const struct nvl_io *io,
			struct sim_slot *slot)
{
	struct nvl_io compared = *io;

	fill(world, compared_of(world, slot), &world->app.op[slot->op], 0);
	compared.offset += compared_at(world);
	return nvl_compare_write(queue, &compared, io, done, slot);
}

static int submit_flush(struct nvl_queue *queue, struct sim_slot *slot)
{
	struct nvme_sqe flush = { .opcode = NVME_CMD_FLUSH, .nsid = nvme_le32(1) };

	return nvl_submit(queue, &flush, NULL, done, slot);
}

static int submit_io(struct sim_world *world, struct nvl_queue *queue, const struct nvl_ns *ns,
		     struct sim_slot *slot)
{
	struct sim_op *op = &world->app.op[slot->op];
	struct nvl_io io = {
		.ns = ns,
		.slba = op->slba,
		.nlb = op->nlb,
		.flags = op->fua ? NVL_IO_FUA : 0,
		.buffer = &world->data,
		.offset = (uint64_t)(slot - world->app.slot) * world->slot_bytes,
		.extra = protect(world, slot, ns),
	};
	uint8_t *data = data_of(world, slot);

	if (op->kind == SIM_OP_READ) {
		sim_known_drop(world, io.offset, (uint64_t)op->nlb << world->medium.lbads);
		memset(data, POISON, (size_t)op->nlb << world->medium.lbads);
		return nvl_read(queue, &io, done, slot);
	}
	fill(world, data, op, slot->op);
	return op->kind == SIM_OP_WRITE ? nvl_write(queue, &io, done, slot)
					: submit_fused(world, queue, &io, slot);
}

/* There is a place for metadata, or none is needed. */
static bool is_usable(const struct sim_world *world, const struct nvl_ns *ns)
{
	bool own = world->file->workload.protect && ns->pi_bytes > 0 && !ns->extended;

	return own || nvl_data_alone(ns);
}

static int submit(struct sim_world *world, struct sim_slot *slot)
{
	const struct sim_op *op = &world->app.op[slot->op];
	struct nvl_ctrl *nvl = slot->host->nvl;
	uint32_t queues = nvl_info(nvl)->queues;
	const struct nvl_ns *ns = nvl_ns_find(nvl, 1);
	struct nvl_queue *queue = nvl_admin_queue(nvl);
	int result;

	if (op->kind >= SIM_OP_IDENTIFY) {
		result = submit_admin(world, op, slot);
	} else {
		queue = queues ? nvl_queue(nvl, slot->op % queues) : NULL;
		if (!queue || !ns || ns->problem || !is_usable(world, ns))
			return -NVL_ENODEV;
		result = op->kind == SIM_OP_FLUSH ? submit_flush(queue, slot)
						  : submit_io(world, queue, ns, slot);
	}
	if (result == 0)
		nvl_ring(queue);
	return result;
}

/* Whether the driver takes commands now, will later, or never again. */
enum outlook {
	NOW,
	LATER,
	NEVER
};

static enum outlook outlook(const struct sim_host *host)
{
	enum nvl_state state = nvl_state(host->nvl);

	if (state == NVL_STATE_LIVE || state == NVL_STATE_DEGRADED)
		return NOW;
	if (host->busy || state == NVL_STATE_FAILED)
		return LATER;
	return NEVER;
}

/* Begin the next operation in @slot, whose host is @live or fails it; false: not now. */
static bool begin(struct sim_world *world, struct sim_slot *slot, bool live)
{
	struct sim_app *app = &world->app;
	uint32_t number = app->next;
	struct sim_op *op = &app->op[number];
	const struct sim_workload *workload = &world->file->workload;
	int result = -NVL_ENODEV;

	op->kind = (uint8_t)kind_of(world, number);
	if (op->kind <= SIM_OP_FUSED && !find_blocks(world, number, op))
		return false;
	op->fua = sim_op_writes(op) && workload->fua_every && number % workload->fua_every == 0;
	op->cuts = (uint32_t)world->medium.cuts;
	op->flushes = world->medium.flushes;
	op->acked_at = app->acked_count;
	op->begun = number;
	op->state = SIM_OP_IN_FLIGHT;
	slot->op = number;
	app->in_flight++;
	sim_history_begin(slot);
	set_owner(world, op, number);
	if (live)
		result = submit(world, slot);
	if (result == -NVL_EAGAIN || result == -NVL_EBUSY) {
		set_owner(world, op, 0);
		slot->op = 0;
		app->in_flight--;
		return false;
	}
	app->next++;
	sim_count(world, slot->host->index, SIM_APP_OPS, 1);
	if (result)
		end(world, slot, result);
	return true;
}

bool sim_app_turn(struct sim_world *world)
{
	const struct sim_workload *workload = &world->file->workload;
	struct sim_app *app = &world->app;
	bool any = false;

	if (app->next > workload->ops)
		return false;
	if (sim_task_is_due(world)) {
		if (outlook(world->host) == LATER)
			return false;
		sim_task_do(world);
		return true;
	}
	for (uint32_t i = 0; i < workload->queue_depth && app->next <= workload->ops; i++) {
		struct sim_slot *slot = &app->slot[i];
		enum outlook now;

		if (sim_task_is_due(world))
			return true;
		if (slot->op || slot->ready_nsec > world->now)
			continue;
		now = outlook(slot->host);
		if (now != LATER)
			any |= begin(world, slot, now == NOW);
	}
	return any;
}

bool sim_app_over(const struct sim_world *world)
{
	const struct sim_workload *workload = &world->file->workload;
	const struct sim_app *app = &world->app;

	if (app->next <= workload->ops || app->in_flight > 0)
		return false;
	return world->now >= app->end_nsec + workload->linger_nsec;
}

uint64_t sim_app_deadline(const struct sim_world *world)
{
	const struct sim_workload *workload = &world->file->workload;
	const struct sim_app *app = &world->app;
	uint64_t deadline = NVL_NEVER;

	if (app->next > workload->ops) {
		deadline = app->end_nsec + workload->linger_nsec;
		return app->in_flight || deadline <= world->now ? NVL_NEVER : deadline;
	}
	for (uint32_t i = 0; i < workload->queue_depth; i++) {
		const struct sim_slot *slot = &app->slot[i];

		if (slot->op == 0 && slot->ready_nsec > world->now && slot->ready_nsec < deadline)
			deadline = slot->ready_nsec;
	}
	return deadline;
}
