/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which blocks have rows in the arrays of the medium and of the application: those that somebody
 * asked for. The others are as new, and what is in memory in their place was never looked at.
 */
#include "tests/sim/internal.h"

static size_t groups_of(uint64_t blocks)
{
	return (size_t)((blocks + SIM_ROWS - 1) / SIM_ROWS);
}

size_t sim_rows_bytes(const struct sim_file *file)
{
	const struct emu_ns_config *ns = sim_first_namespace(file);

	return groups_of(ns ? ns->blocks : 0);
}

void sim_rows_init(struct sim_world *world, void *memory)
{
	world->made = memory;
	memset(memory, 0, sim_rows_bytes(world->file));
}

static size_t blocks_at(const struct sim_world *world, uint64_t lba)
{
	uint64_t left = world->medium.capacity - lba;

	return left < SIM_ROWS ? (size_t)left : SIM_ROWS;
}

/** sim_rows_make - of the group that begins with block @lba */
void sim_rows_make(struct sim_world *world, uint64_t lba)
{
	world->made[lba / SIM_ROWS] = true;
	sim_medium_clear(world, lba, blocks_at(world, lba));
	sim_app_clear(world, lba, blocks_at(world, lba));
}

/** sim_rows_each - call @clear for all that were made */
void sim_rows_each(struct sim_world *world,
		   void (*clear)(struct sim_world *world, uint64_t lba, size_t blocks))
{
	for (uint64_t lba = 0; lba < world->medium.capacity; lba += SIM_ROWS) {
		if (world->made[lba / SIM_ROWS])
			clear(world, lba, blocks_at(world, lba));
	}
}
