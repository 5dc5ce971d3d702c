/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a block may hold.
 *
 * Operations that are in flight at the same time share no block, so the versions of a block were
 * begun in the order of their numbers. A read returns the newest one that was acknowledged, or a
 * newer one whose operation failed (nobody knows then). After a power cut anything from the floor
 * on will do: the newest version that was flushed, or written with FUA, or that a read had found
 * after an earlier cut. What a read finds is certain from then on.
 */
#include "tests/sim/internal.h"

static bool is_loose(const struct sim_world *world, uint64_t lba)
{
	return world->app.looked[lba] != world->medium.cuts;
}

static void settle(struct sim_world *world, uint64_t lba, uint64_t version)
{
	struct sim_app *app = &world->app;

	if (is_loose(world, lba))
		app->floor[lba] = version;
	app->committed[lba] = version;
	app->looked[lba] = (uint32_t)world->medium.cuts;
}

static void raise_floor(struct sim_app *app, uint64_t lba, uint64_t version)
{
	if (version > app->floor[lba])
		app->floor[lba] = version;
}

/* The medium has to have what was acknowledged, unless the power went in the meantime. */
static void check_carried_out(struct sim_world *world, uint32_t number)
{
	const struct sim_op *op = &world->app.op[number];

	for (uint64_t lba = op->slba; lba < op->slba + op->nlb; lba++) {
		if (world->medium.current[lba] != number) {
			sim_violation(world, SIM_ORACLE_HONEST,
				      "a write was acknowledged, and the medium does not have it",
				      number, lba);
			return;
		}
	}
}

void sim_history_write(struct sim_world *world, uint32_t number)
{
	struct sim_app *app = &world->app;
	const struct sim_op *op = &app->op[number];
	bool through_cut = op->cuts != world->medium.cuts;

	if (!through_cut)
		check_carried_out(world, number);
	for (uint64_t lba = op->slba; lba < op->slba + op->nlb; lba++) {
		app->committed[lba] = number;
		if (!through_cut)
			app->looked[lba] = (uint32_t)world->medium.cuts;
		if (op->fua || !world->medium.cached)
			raise_floor(app, lba, number);
	}
	app->acked[app->acked_count++] = number;
}

void sim_history_flush(struct sim_world *world, uint32_t number)
{
	struct sim_app *app = &world->app;
	const struct sim_op *op = &app->op[number];

	if (op->cuts != world->medium.cuts)
		return;
	if (world->medium.cached && world->medium.flushes == op->flushes)
		sim_violation(world, SIM_ORACLE_HONEST,
			      "a flush was acknowledged, and the medium was not asked for one",
			      number, 0);
	for (; app->floor_at < op->acked_at; app->floor_at++) {
		uint32_t write = app->acked[app->floor_at];

		/* What a cut may have taken since is not there to be flushed. */
		if (app->op[write].cuts != world->medium.cuts)
			continue;
		for (uint32_t i = 0; i < app->op[write].nlb; i++)
			raise_floor(app, app->op[write].slba + i, write);
	}
}

/* Whether @version is one that an operation wrote to @lba and whose success nobody knows. */
static bool may_have_been_written(const struct sim_world *world, uint64_t lba, uint64_t version)
{
	const struct sim_op *op;

	if (version == 0 || version > world->file->workload.ops)
		return false;
	op = &world->app.op[version];
	return op->kind == SIM_OP_WRITE && lba >= op->slba && lba - op->slba < op->nlb;
}

/* The power went while the operation was under way. */
static bool through_cut(const struct sim_world *world, uint32_t number)
{
	return world->app.op[number].cuts != world->medium.cuts;
}

static void check_block(struct sim_world *world, uint32_t number, uint64_t lba,
			const struct sim_block *found)
{
	struct sim_app *app = &world->app;
	uint64_t version = found->version;

	if (found->strange || (version && found->lba != lba)) {
		sim_violation(world, SIM_ORACLE_DATA,
			      found->strange ? "a read returned what nobody wrote"
					     : "a read returned another block's data",
			      number, lba);
		return;
	}
	if (through_cut(world, number) && version >= app->floor[lba])
		return; /* What it found may have been lost since. */
	if (version == app->committed[lba])
		settle(world, lba, version);
	else if (version > app->committed[lba] && may_have_been_written(world, lba, version))
		settle(world, lba, version);
	else if (is_loose(world, lba) && version >= app->floor[lba])
		settle(world, lba, version);
	else if (is_loose(world, lba))
		sim_violation(world, SIM_ORACLE_DURABLE,
			      "a write that was durable did not outlive a power cut", number, lba);
	else
		sim_violation(world, SIM_ORACLE_DATA, "a read returned an older version", number,
			      lba);
}

void sim_history_read(struct sim_world *world, uint32_t number, const void *data)
{
	const struct sim_op *op = &world->app.op[number];
	size_t bytes = (size_t)1 << world->medium.lbads;

	for (uint32_t i = 0; i < op->nlb; i++) {
		struct sim_block found = sim_block_of((const uint8_t *)data + i * bytes, bytes);

		check_block(world, number, op->slba + i, &found);
	}
}

void sim_history_clear(struct sim_world *world)
{
	size_t bytes = (size_t)world->medium.capacity * sizeof(uint64_t);

	memset(world->app.committed, 0, bytes);
	memset(world->app.floor, 0, bytes);
	world->app.floor_at = world->app.acked_count;
}

/* Blocks are as they were, or zeros: what a read finds is certain from then on. */
void sim_history_doubt(struct sim_world *world)
{
	size_t blocks = (size_t)world->medium.capacity;

	memset(world->app.floor, 0, blocks * sizeof(uint64_t));
	memset(world->app.looked, 0xff, blocks * sizeof(uint32_t));
	world->app.floor_at = world->app.acked_count;
}
