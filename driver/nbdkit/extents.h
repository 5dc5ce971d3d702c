/* SPDX-License-Identifier: BSD-3-Clause */
/* Which parts of a namespace are allocated, for nbdkit. */
#ifndef NVMELAB_DRIVER_NBDKIT_EXTENTS_H
#define NVMELAB_DRIVER_NBDKIT_EXTENTS_H

#include "driver/nbdkit/pool.h"

struct nbdkit_extents;

/**
 * extents_add - tell nbdkit about the bytes from @offset on
 * @one: one extent is enough
 * Return: 0 or a negative errno.
 */
int extents_add(struct pool *pool, uint64_t offset, uint64_t bytes, bool one,
		struct nbdkit_extents *extents);

#endif
