/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What blocks of the application's buffers hold, as far as it is known without a look at them.
 *
 * Whoever fills a block says so: the application, which has it written, and the medium, from which
 * it is read. Whoever else changes one has asked for its memory before, to write it. Checksums for
 * the trace, of which each command has two, are made of what is known; oracles look at all bytes.
 */
#ifndef TESTS_SIM_KNOWN_H
#define TESTS_SIM_KNOWN_H

#include "tests/sim/internal.h"

/* The place in @known of the block at byte @offset of the buffers. */
static inline struct sim_known *sim_known_at(const struct sim_world *world, uint64_t offset)
{
	return &world->known[offset >> world->medium.lbads];
}

/** sim_known_set - a block of the buffers was filled with version @version of block @lba */
static inline void sim_known_set(struct sim_world *world, const void *data, uint64_t lba,
				 uint64_t version)
{
	uint64_t offset = (uint64_t)((uintptr_t)data - (uintptr_t)world->data.data);

	if (offset < world->data.bytes && offset % ((uint64_t)1 << world->medium.lbads) == 0)
		*sim_known_at(world, offset) = (struct sim_known){ lba, version, 0, 0 };
}

/** sim_known_drop - @bytes from @offset on, which are in the buffers, may change */
static inline void sim_known_drop(struct sim_world *world, uint64_t offset, uint64_t bytes)
{
	uint32_t lbads = world->medium.lbads;

	for (uint64_t block = offset >> lbads; block << lbads < offset + bytes; block++)
		world->known[block] = (struct sim_known){ 0, SIM_UNKNOWN, 0, 0 };
}

/** sim_known_of - what is known of the blocks at @data on; NULL: these are no blocks of buffers */
static inline struct sim_known *sim_known_of(const struct sim_world *world, const void *data,
					     size_t bytes)
{
	uint64_t offset = (uint64_t)((uintptr_t)data - (uintptr_t)world->data.data);

	if (offset >= world->data.bytes || bytes > world->data.bytes - offset ||
	    offset % ((uint64_t)1 << world->medium.lbads) != 0)
		return NULL;
	return sim_known_at(world, offset);
}

#endif
