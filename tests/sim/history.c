/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a block may hold.
 *
 * The version of a block is the number of the operation that wrote it, and numbers are in the order
 * in which operations began. What an operation has written or found is certain once it is over:
 * a later one, which began after that, does not find a version whose operation had ended before the
 * certain one began. Anything else may be found: of operations that were in flight at the same time
 * either was first (NVM 1.0 2.1.4.1, unverified), and nobody knows of one that failed.
 *
 * A write of at most AWUN blocks is found whole or not at all: where a read found it, no other
 * block of the read that it covers is older (NVM 1.0 2.1.4.1, unverified). What a power cut left of
 * a write of at most AWUPF blocks is all of it or nothing (2.1.4.2, unverified), also where the
 * write was acknowledged and only the volatile cache had it. Either holds for a read or write that
 * is one command; those that are several commands promise nothing together.
 *
 * After a power cut anything from the floor on will do: the newest version that was flushed,
 * written with FUA, or acknowledged before a normal shutdown, or that a read had found after an
 * earlier cut. What a read finds is certain from then on.
 *
 * A controller forgets at a power cut what it had fetched. So an operation of one command that was
 * in flight then, and succeeds, was carried out on that side of the cut where the command was
 * fetched last, with all that was certain there and then: before the cut it finds nothing that the
 * floor alone would allow, after it what it finds or writes is certain as if it had just begun. Of
 * several commands nobody knows which were before the cut: anything that either side allows.
 *
 * What a cut may have taken, no later Flush can promise: so the application has to have heard of
 * the restart before one is acknowledged.
 */
#include "tests/sim/internal.h"

/** sim_history_begin - what is known of an operation's blocks when it begins */
void sim_history_begin(struct sim_slot *slot)
{
	const struct sim_app *app = &slot->world->app;
	const struct sim_op *op = &app->op[slot->op];

	for (uint32_t i = 0; i < op->nlb; i++)
		slot->before[i] = app->truth[op->slba + i];
}

/** sim_history_again - the command of an operation is fetched, after a power cut */
void sim_history_again(struct sim_slot *slot)
{
	struct sim_world *world = slot->world;
	struct sim_op *op = &world->app.op[slot->op];

	op->cuts = (uint32_t)world->medium.cuts;
	op->again = true;
	if (op->begun < world->app.next)
		op->begun = world->app.next - 1;
	sim_history_begin(slot);
}

/* The power went after the operation's command was fetched, or after the operation began. */
static bool is_before_cut(const struct sim_world *world, uint64_t number)
{
	return world->app.op[number].cuts != world->medium.cuts;
}

/* Operation @number is over, and knows that the block holds, or held, @version. */
static void settle(struct sim_world *world, uint32_t number, uint64_t lba, uint64_t version)
{
	struct sim_truth *truth = &world->app.truth[lba];
	uint32_t begun = world->app.op[number].begun;

	if (begun >= truth->sure) {
		truth->committed = version;
		truth->sure = begun;
	}
	if (!is_before_cut(world, number))
		truth->looked = (uint32_t)world->medium.cuts;
}

static void raise_floor(struct sim_app *app, uint64_t lba, uint64_t version)
{
	if (version > app->truth[lba].floor)
		app->truth[lba].floor = version;
}

/* Whether @version may be there after operation @number, which is not the one that wrote it. */
static bool may_follow(const struct sim_app *app, uint64_t version, uint64_t number)
{
	const struct sim_op *op = &app->op[version];
	uint32_t seen_at = op->sent > 1 ? 0 : op->seen_at; /* it may be written once more */

	if (number == 0 || version == 0)
		return number == 0;
	return (op->end_at == 0 || op->end_at > number) && (seen_at == 0 || seen_at > number);
}

/* Whether @version is one that an operation has begun to write to @lba. */
static bool is_written(const struct sim_world *world, uint64_t lba, uint64_t version)
{
	const struct sim_op *op;

	if (version == 0 || version > world->file->workload.ops)
		return version == 0;
	op = &world->app.op[version];
	return sim_op_writes(op) && op->state != SIM_OP_NEW && !(op->pair & SIM_PAIR_UNEQUAL) &&
	       lba >= op->slba && lba - op->slba < op->nlb;
}

/* The medium has to have what was acknowledged, or what came later. */
static void check_carried_out(struct sim_world *world, uint32_t number)
{
	const struct sim_op *op = &world->app.op[number];

	for (uint64_t lba = op->slba; lba < op->slba + op->nlb; lba++) {
		uint64_t version = world->medium.current[lba];

		if (version == number || (is_written(world, lba, version) &&
					  may_follow(&world->app, version, op->begun)))
			continue;
		sim_violation(world, SIM_ORACLE_HONEST,
			      "a write was acknowledged, and the medium does not have it", number,
			      lba);
		return;
	}
}

void sim_history_write(struct sim_world *world, uint32_t number)
{
	struct sim_app *app = &world->app;
	const struct sim_op *op = &app->op[number];

	if (!is_before_cut(world, number))
		check_carried_out(world, number);
	for (uint64_t lba = op->slba; lba < op->slba + op->nlb; lba++) {
		settle(world, number, lba, number);
		if (op->fua || !world->medium.cached)
			raise_floor(app, lba, number);
	}
	app->acked[app->acked_count++] = number;
}

/* What was acknowledged before entry @end of the list outlives a power cut from now on. */
static void make_durable(struct sim_world *world, uint32_t end)
{
	struct sim_app *app = &world->app;

	for (; app->floor_at < end; app->floor_at++) {
		uint32_t write = app->acked[app->floor_at];

		/* What a cut may have taken since is not there to be flushed. */
		if (is_before_cut(world, write))
			continue;
		for (uint32_t i = 0; i < app->op[write].nlb; i++)
			raise_floor(app, app->op[write].slba + i, write);
	}
}

void sim_history_flush(struct sim_world *world, uint32_t number)
{
	struct sim_app *app = &world->app;
	const struct sim_op *op = &app->op[number];

	if (is_before_cut(world, number))
		return;
	if (world->medium.cached && world->medium.flushes == op->flushes)
		sim_violation(world, SIM_ORACLE_HONEST,
			      "a flush was acknowledged, and the medium was not asked for one",
			      number, 0);
	if (app->told_at < app->lost_at)
		sim_violation(world, SIM_ORACLE_TOLD,
			      "a flush is acknowledged, and nobody heard of the cut before it",
			      number, 0);
	make_durable(world, op->acked_at);
}

/* A normal shutdown is complete: the volatile cache was written back (Base 2.0 3.6.1). */
void sim_history_shutdown(struct sim_world *world)
{
	const struct sim_medium *medium = &world->medium;
	const struct sim_app *app = &world->app;

	for (uint32_t i = 0; i < medium->logged; i++) {
		uint64_t version = medium->log[i].version;

		if (version == 0 || version & SIM_RAW || app->op[version].state != SIM_OP_OK)
			continue;
		sim_violation(world, SIM_ORACLE_DURABLE,
			      "a normal shutdown is complete, and a write is in the volatile cache",
			      version, medium->log[i].lba);
		break;
	}
	make_durable(world, app->acked_count);
}

/* The power goes: what was acknowledged and is in no floor may be gone. */
void sim_history_cut(struct sim_world *world)
{
	struct sim_app *app = &world->app;

	if (world->medium.cached && app->acked_count > app->floor_at)
		app->lost_at = app->acked_count;
}

/* The driver says that what was not flushed may be gone. */
void sim_history_told(struct sim_world *world)
{
	world->app.told_at = world->app.acked_count;
}

/*
 * So many blocks a write @op may have that a read, of which @cuts tells the side of each power cut,
 * finds it whole or not at all; see above. 0: that is not promised. What was written on both sides
 * may be found as the cut had left it.
 */
static uint32_t atomic_blocks(const struct sim_world *world, const struct sim_op *op, uint32_t cuts)
{
	const struct emu_config *config = &world->file->emulator;

	if (!op->whole || op->cuts > cuts)
		return 0;
	if (op->cuts < cuts || op->again)
		return config->nabspf ? 0 : (config->nawupf ? config->nawupf : config->awupf) + 1u;
	if (op->state == SIM_OP_FAILED || config->nabsn)
		return 0;
	return (config->nawun ? config->nawun : config->awun) + 1u;
}

/* Whether the controller promises that no read finds a part of operation @number. */
static bool is_atomic(const struct sim_world *world, uint64_t number, uint32_t cuts)
{
	const struct sim_op *op = &world->app.op[number];

	return number > 0 && op->nlb <= atomic_blocks(world, op, cuts);
}

/* Read @number found @version, which may be there. */
static void find(struct sim_world *world, uint32_t number, uint64_t lba, uint64_t version,
		 bool loose)
{
	struct sim_op *op = &world->app.op[version];

	if (loose && is_before_cut(world, version))
		world->app.truth[lba].floor = version;
	if (op->seen_at == 0 &&
	    (op->nlb == 1 || is_atomic(world, version, (uint32_t)world->medium.cuts)))
		op->seen_at = world->app.next;
	settle(world, number, lba, version);
}

/* Return: whether it may be there. */
static bool check_block(struct sim_world *world, uint32_t number, uint64_t lba,
			const struct sim_block *found, const struct sim_truth *before)
{
	const struct sim_app *app = &world->app;
	const struct sim_op *op = &app->op[number];
	uint64_t version = found->version;
	bool loose = before->looked != op->cuts, outlived;

	if (!found->strange && version && found->lba != lba) {
		sim_violation(world, SIM_ORACLE_DATA, "a read returned another block's data",
			      number, lba);
		return false;
	}
	if (found->strange || !is_written(world, lba, version)) {
		sim_violation(world, SIM_ORACLE_DATA, "a read returned what nobody wrote", number,
			      lba);
		return false;
	}
	outlived = version >= before->floor || may_follow(app, version, before->floor);
	if (version == before->committed || may_follow(app, version, before->sure) ||
	    (loose && outlived)) {
		if (!is_before_cut(world, number)) /* Otherwise it may have been lost since. */
			find(world, number, lba, version, loose);
		return true;
	}
	if (outlived && !op->whole && is_before_cut(world, number))
		return true;
	if (loose)
		sim_violation(world, SIM_ORACLE_DURABLE,
			      "a write that was durable did not outlive a power cut", number, lba);
	else
		sim_violation(world, SIM_ORACLE_DATA, "a read returned an older version", number,
			      lba);
	return false;
}

/*
 * Operation @whole is atomic and was found in block @lba, @other in block @beside. They are mixed
 * if the other one is older where both have been, or is atomic, too, and has been in both.
 */
static bool is_mixed(const struct sim_world *world, uint32_t cuts, uint64_t whole, uint64_t lba,
		     uint64_t other, uint64_t beside)
{
	if (whole == other || !is_written(world, beside, whole))
		return false;
	return !may_follow(&world->app, other, whole) ||
	       (is_atomic(world, other, cuts) && is_written(world, lba, other));
}

/* Whether a block of read @number has another version, which is mixed with that of its block @i. */
static bool has_mixed(struct sim_world *world, uint32_t number, const struct sim_block *found,
		      uint32_t i)
{
	const struct sim_op *read = &world->app.op[number];
	const struct sim_op *whole = &world->app.op[found[i].version];
	uint64_t lba = whole->slba > read->slba ? whole->slba : read->slba;

	for (; lba < whole->slba + whole->nlb && lba < read->slba + read->nlb; lba++) {
		if (!is_mixed(world, read->cuts, found[i].version, read->slba + i,
			      found[lba - read->slba].version, lba))
			continue;
		sim_violation(world, SIM_ORACLE_DATA, "a read found part of a write that is atomic",
			      number, lba);
		return true;
	}
	return false;
}

/* Most reads find one version, which is mixed with nothing. */
static void check_whole(struct sim_world *world, uint32_t number, const struct sim_block *found)
{
	const struct sim_op *read = &world->app.op[number];
	uint32_t nlb = read->nlb, same = 1;

	while (same < nlb && found[same].version == found[0].version)
		same++;
	if (same >= nlb)
		return;
	for (uint32_t i = 0; i < nlb; i++) {
		if (is_atomic(world, found[i].version, read->cuts) &&
		    has_mixed(world, number, found, i))
			return;
	}
}

/** sim_history_read - an operation has found @data in its blocks */
void sim_history_read(const struct sim_slot *slot, const void *data)
{
	struct sim_world *world = slot->world;
	const struct sim_op *op = &world->app.op[slot->op];
	size_t bytes = (size_t)1 << world->medium.lbads;
	const struct sim_contents *contents = sim_contents_of(world->medium.contents, bytes);
	struct sim_block found[SIM_OP_BLOCKS];
	bool sound = op->whole;

	for (uint32_t i = 0; i < op->nlb; i++) {
		found[i] = sim_block_of(contents, (const uint8_t *)data + i * bytes);
		sound &= check_block(world, slot->op, op->slba + i, &found[i], &slot->before[i]);
	}
	if (sound)
		check_whole(world, slot->op, found);
}

static const struct sim_slot *slot_of(const struct sim_world *world, uint64_t number)
{
	for (uint32_t i = 0; i < world->file->workload.queue_depth; i++) {
		if (world->app.slot[i].op == number)
			return &world->app.slot[i];
	}
	return NULL;
}

/**
 * sim_history_swap - @version takes the place of @replaced on the medium
 *
 * If it is of a fused pair, its Compare has to have found what it wanted, which is what was known
 * of the block when the operation began, and nobody may have written in between: the two are one
 * operation (Base 2.0 3.4.2 and NVM 1.0 2.1.2, unverified).
 */
void sim_history_swap(struct sim_world *world, uint64_t version, uint64_t lba, uint64_t replaced)
{
	const struct sim_op *op = &world->app.op[version];
	const struct sim_slot *slot;

	if (!is_written(world, lba, version) || op->kind != SIM_OP_FUSED)
		return;
	slot = slot_of(world, version);
	if (slot && slot->before[lba - op->slba].committed != replaced)
		sim_violation(world, SIM_ORACLE_FUSED,
			      "a fused Write replaces what its Compare was not to find", version,
			      lba);
}

/** sim_history_pair - a Compare and Write is over, as far as the driver says */
void sim_history_pair(struct sim_world *world, uint32_t number, bool success)
{
	const struct sim_op *op = &world->app.op[number];
	uint32_t pair = op->pair;

	if (pair & SIM_PAIR_LOST)
		return;
	if (success && pair != (SIM_PAIR_EQUAL | SIM_PAIR_WRITTEN))
		sim_violation(world, SIM_ORACLE_FUSED,
			      "a fused pair succeeded, and one of its commands did not", number,
			      op->slba);
	if (!(pair & SIM_PAIR_UNEQUAL))
		return;
	if (pair & SIM_PAIR_WRITTEN)
		sim_violation(world, SIM_ORACLE_FUSED,
			      "a fused Write succeeded, and its Compare failed", number, op->slba);
	for (uint64_t lba = op->slba; lba < op->slba + op->nlb; lba++) {
		if (world->medium.current[lba] != number)
			continue;
		sim_violation(world, SIM_ORACLE_FUSED,
			      "a fused Write took place, and its Compare failed", number, lba);
		return;
	}
}

static void forget(struct sim_world *world, uint64_t lba, size_t blocks)
{
	struct sim_truth *truth = world->app.truth + lba;

	for (size_t i = 0; i < blocks; i++) {
		truth[i].committed = 0;
		truth[i].floor = 0;
		truth[i].sure = world->app.next;
	}
}

void sim_history_clear(struct sim_world *world)
{
	sim_rows_each(world, forget);
	world->app.floor_at = world->app.acked_count;
}

static void doubt(struct sim_world *world, uint64_t lba, size_t blocks)
{
	struct sim_truth *truth = world->app.truth + lba;

	for (size_t i = 0; i < blocks; i++) {
		truth[i].floor = 0;
		truth[i].looked = UINT32_MAX;
	}
}

/*
 * Blocks are as they were, or zeros: what a read finds is certain from then on. Those that nobody
 * asked for are zeros.
 */
void sim_history_doubt(struct sim_world *world)
{
	sim_rows_each(world, doubt);
	world->app.floor_at = world->app.acked_count;
}
