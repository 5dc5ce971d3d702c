/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A volatile write cache in front of another medium, and what becomes of it when the power goes.
 *
 * Writes that need not be durable are kept, oldest first, until a flush, until there is no room, or
 * until something else wants their blocks. What has left the cache is durable.
 */
#ifndef NVMELAB_EMULATOR_BACKEND_CACHE_H
#define NVMELAB_EMULATOR_BACKEND_CACHE_H

#include "emulator/backend/backend.h"

struct emu_cache;

/** emu_cache_new - a cache of @bytes without its medium; Return: NULL without memory */
struct emu_cache *emu_cache_new(const struct emu_backend_host *host, uint64_t bytes);

/** emu_cache_host - what the medium gets instead of the device's; it has to be synchronous */
const struct emu_backend_host *emu_cache_host(const struct emu_cache *cache);

/** emu_cache_wrap - @inner becomes the cache's; Return: the cache as a medium */
struct emu_backend *emu_cache_wrap(struct emu_cache *cache, struct emu_backend *inner);

/** emu_cache_free - a cache that got no medium; NULL is fine */
void emu_cache_free(struct emu_cache *cache);

#endif
