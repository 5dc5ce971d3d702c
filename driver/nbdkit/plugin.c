/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nbdkit-nvmelab-plugin.so: a namespace as a network block device.
 *
 *	nbdkit ./nbdkit-nvmelab-plugin.so device=vfio-user:/run/nvmelab.sock nsid=1
 *
 * nbdkit calls from many threads at once. Each call takes one of the queue pairs, with its buffer,
 * for as long as it needs it (pool.c); calls that use the controller itself take turns. Errors are
 * errnos, with a sentence in nbdkit's log.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#include "driver/nbdkit/extents.h"
#include "driver/nbdkit/pool.h"

#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL
#define MOST_QUEUES  64

static const char socket_kind[] = "vfio-user:";

static struct {
	char *device;
	unsigned int nsid;
	unsigned int queues;
} wanted = { .nsid = 1, .queues = 4 };

static struct pool *pool;

static int fail(int result)
{
	if (result == 0)
		return 0;
	nbdkit_set_error(-result);
	nbdkit_error("namespace %u: %s", wanted.nsid, strerror(-result));
	return -1;
}

/* nbdkit goes to another folder before the device is opened. */
static char *whole_name(const char *device)
{
	char *path, *name = NULL;

	if (strncmp(device, socket_kind, sizeof(socket_kind) - 1) != 0)
		return strdup(device);
	path = nbdkit_absolute_path(device + sizeof(socket_kind) - 1);
	if (path && asprintf(&name, "%s%s", socket_kind, path) < 0)
		name = NULL;
	free(path);
	return name;
}

static int plugin_config(const char *key, const char *value)
{
	if (strcmp(key, "device") == 0) {
		free(wanted.device);
		wanted.device = whole_name(value);
		return wanted.device ? 0 : -1;
	}
	if (strcmp(key, "nsid") == 0) {
		if (nbdkit_parse_unsigned(key, value, &wanted.nsid) != 0)
			return -1;
		if (wanted.nsid > 0)
			return 0;
		nbdkit_error("nsid: namespaces are counted from 1");
		return -1;
	}
	if (strcmp(key, "queues") == 0) {
		if (nbdkit_parse_unsigned(key, value, &wanted.queues) != 0)
			return -1;
		if (wanted.queues >= 1 && wanted.queues <= MOST_QUEUES)
			return 0;
		nbdkit_error("queues: 1 to %d", MOST_QUEUES);
		return -1;
	}
	nbdkit_error("unknown parameter '%s': there are device, nsid and queues", key);
	return -1;
}

static int open_pool(void)
{
	char sentence[1024] = "";
	int result = pool_open(wanted.device, wanted.nsid, wanted.queues, &pool, sentence,
			       sizeof(sentence));

	if (result == 0)
		return 0;
	nbdkit_error("%s", *sentence ? sentence : strerror(-result));
	return -1;
}

/*
 * nbdkit may go to the background after this: whoever started it hears what is wrong only now. What
 * was opened cannot be kept: nbdkit does not say whether it will fork, a device's memory is copied
 * on write then, so that the controller would go on with pages that the child does not see, and the
 * pool's thread stays behind.
 */
static int plugin_get_ready(void)
{
	if (open_pool() != 0)
		return -1;
	pool_close(pool);
	pool = NULL;
	return 0;
}

static int plugin_after_fork(void)
{
	return open_pool();
}

static void plugin_unload(void)
{
	pool_close(pool);
	free(wanted.device);
}

static void *plugin_open(int readonly)
{
	(void)readonly;
	return pool;
}

static int64_t plugin_get_size(void *handle)
{
	return (int64_t)nvl_disk_bytes(&pool_facts(handle)->ns);
}

static int plugin_block_size(void *handle, uint32_t *minimum, uint32_t *preferred,
			     uint32_t *maximum)
{
	*minimum = 1; /* parts of blocks are read, changed and written */
	*preferred = pool_facts(handle)->ns.block_bytes;
	if (*preferred < 4096)
		*preferred = 4096;
	*maximum = UINT32_MAX;
	return 0;
}

static int yes(void *handle)
{
	(void)handle;
	return 1;
}

static int plugin_can_fua(void *handle)
{
	(void)handle;
	return NBDKIT_FUA_NATIVE;
}

/* There is nothing to read ahead into; nbdkit answers for itself. */
static int plugin_can_cache(void *handle)
{
	(void)handle;
	return NBDKIT_CACHE_EMULATE;
}

static int plugin_can_trim(void *handle)
{
	return pool_facts(handle)->can_discard;
}

static int plugin_can_fast_zero(void *handle)
{
	return pool_facts(handle)->can_zero;
}

static int plugin_can_extents(void *handle)
{
	return pool_facts(handle)->has_lba_status;
}

static int plugin_pread(void *handle, void *data, uint32_t bytes, uint64_t offset, uint32_t flags)
{
	struct pool_slot *slot = pool_take(handle);
	uint64_t done;
	int result = slot ? nvl_disk_read(pool_disk(slot), data, bytes, offset, &done) : -EIO;

	(void)flags;
	pool_give(handle, slot);
	return fail(result);
}

static int plugin_pwrite(void *handle, const void *data, uint32_t bytes, uint64_t offset,
			 uint32_t flags)
{
	bool whole = nvl_disk_whole(&pool_facts(handle)->ns, offset, bytes);
	struct pool_slot *slot;
	uint64_t done;
	int result;

	pool_lock_blocks(handle, !whole);
	slot = pool_take(handle);
	result = slot ? nvl_disk_write(pool_disk(slot), data, bytes, offset,
				       flags & NBDKIT_FLAG_FUA, &done)
		      : -EIO;
	pool_give(handle, slot);
	pool_unlock_blocks(handle);
	return fail(result);
}

static int plugin_flush(void *handle, uint32_t flags)
{
	struct pool_slot *slot = pool_take(handle);
	int result = slot ? nvl_disk_flush(pool_disk(slot)) : -EIO;

	(void)flags;
	pool_give(handle, slot);
	return fail(result);
}

/* A hint: parts of blocks at either end are left alone. */
static int plugin_trim(void *handle, uint32_t bytes, uint64_t offset, uint32_t flags)
{
	uint64_t mask = pool_facts(handle)->ns.block_bytes - 1;
	uint64_t first = (offset + mask) & ~mask, end = (offset + bytes) & ~mask;
	struct pool_slot *slot = pool_take(handle);
	int result = slot ? 0 : -EIO;

	if (result == 0 && first < end)
		result = nvl_disk_discard(pool_disk(slot), first, end - first);
	if (result == 0 && (flags & NBDKIT_FLAG_FUA))
		result = nvl_disk_flush(pool_disk(slot));
	pool_give(handle, slot);
	return fail(result);
}

/* Parts of blocks: nbdkit writes zeros itself when it is told that this is not supported. */
static int plugin_zero(void *handle, uint32_t bytes, uint64_t offset, uint32_t flags)
{
	struct pool_slot *slot;
	int result;

	if (!nvl_disk_whole(&pool_facts(handle)->ns, offset, bytes)) {
		nbdkit_set_error(EOPNOTSUPP);
		return -1;
	}
	pool_lock_blocks(handle, false);
	slot = pool_take(handle);
	result = slot ? nvl_disk_zero(pool_disk(slot), offset, bytes, flags & NBDKIT_FLAG_MAY_TRIM)
		      : -EIO;
	if (result == 0 && (flags & NBDKIT_FLAG_FUA))
		result = nvl_disk_flush(pool_disk(slot));
	pool_give(handle, slot);
	pool_unlock_blocks(handle);
	return fail(result);
}

static int plugin_extents(void *handle, uint32_t bytes, uint64_t offset, uint32_t flags,
			  struct nbdkit_extents *extents)
{
	return fail(extents_add(handle, offset, bytes, flags & NBDKIT_FLAG_REQ_ONE, extents));
}

static struct nbdkit_plugin plugin = {
	.name = "nvmelab",
	.longname = "nvmelab NVMe namespace",
	.version = PACKAGE_VERSION,
	.description = "A namespace of an NVMe controller, emulated or real",
	.config = plugin_config,
	.config_help =
		"device=DEVICE   vfio-user:PATH or pci:DOMAIN:BUS:DEV.FN; an emulator in the "
		"process by default\n"
		"nsid=N          namespace (1)\n"
		"queues=N        queue pairs, one for each call at a time (4)",
	.magic_config_key = "device",
	.get_ready = plugin_get_ready,
	.after_fork = plugin_after_fork,
	.unload = plugin_unload,
	.open = plugin_open,
	.get_size = plugin_get_size,
	.block_size = plugin_block_size,
	.can_write = yes,
	.can_flush = yes,
	.can_multi_conn = yes,
	.can_zero = yes,
	.can_fua = plugin_can_fua,
	.can_cache = plugin_can_cache,
	.can_trim = plugin_can_trim,
	.can_fast_zero = plugin_can_fast_zero,
	.can_extents = plugin_can_extents,
	.pread = plugin_pread,
	.pwrite = plugin_pwrite,
	.flush = plugin_flush,
	.trim = plugin_trim,
	.zero = plugin_zero,
	.extents = plugin_extents,
	.errno_is_preserved = 1,
};

/* The header's macro defines it without having declared it. */
NBDKIT_DLL_PUBLIC struct nbdkit_plugin *plugin_init(void);

NBDKIT_REGISTER_PLUGIN(plugin)
