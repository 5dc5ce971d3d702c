/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device of the plugin, and its queue pairs, of which each call has one.
 *
 * A thread of the pool is the controller's owner: it watches it, hears its events, resets it, and
 * opens the device again when it was gone. If the namespace is another one then, calls fail.
 */
#ifndef NVMELAB_DRIVER_NBDKIT_POOL_H
#define NVMELAB_DRIVER_NBDKIT_POOL_H

#include <stddef.h>

#include "driver/disk/disk.h"
#include "driver/transport/device.h"

struct pool;

/** struct pool_slot - a queue pair with its buffer */
struct pool_slot;

/**
 * pool_open - open @device, NULL for an emulator in the process, with up to @queues queue pairs
 * @sentence: gets what went wrong, at most @bytes with the NUL
 * Return: 0 or a negative errno.
 */
int pool_open(const char *device, uint32_t nsid, uint32_t queues, struct pool **ret_pool,
	      char *sentence, size_t bytes);

/** pool_close - shut the device down; no call is under way; NULL is fine */
void pool_close(struct pool *pool);

/**
 * struct pool_facts - what clients are told, which stays so
 * @ns: the namespace, as the device had it first
 * @reads_zeros: blocks that are not allocated read as zeros (DLFEAT)
 * @has_lba_status: the controller has Get LBA Status
 * @can_zero: it has Write Zeroes
 * @can_discard: it has Dataset Management
 */
struct pool_facts {
	struct nvl_ns ns;
	bool reads_zeros;
	bool has_lba_status;
	bool can_zero;
	bool can_discard;
};

/** pool_facts - about the namespace and its controller */
const struct pool_facts *pool_facts(const struct pool *pool);

/**
 * pool_take - a queue pair of the caller's own; waits for one, and while the controller is reset
 * Return: it, for pool_give(); NULL while the controller is dead or gone.
 */
struct pool_slot *pool_take(struct pool *pool);

/** pool_disk - the namespace through a slot */
const struct nvl_disk *pool_disk(const struct pool_slot *slot);

/**
 * pool_give - the slot is free again; NULL is fine
 *
 * When a command was not answered in time the controller is reset before the next call begins, once
 * the calls that have the other slots have ended: that gives the buffers back.
 */
void pool_give(struct pool *pool, struct pool_slot *slot);

/**
 * pool_lock_blocks - keep those who write whole blocks from those who write parts of them
 * @parts: the caller reads blocks, changes and writes them
 */
void pool_lock_blocks(struct pool *pool, bool parts);
void pool_unlock_blocks(struct pool *pool);

/**
 * pool_own - the controller itself, for admin commands, until pool_disown()
 * Return: it; NULL, and then no pool_disown(), while it is dead or gone.
 */
struct nvl_ctrl *pool_own(struct pool *pool);
void pool_disown(struct pool *pool);

#endif
