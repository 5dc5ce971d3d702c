/* SPDX-License-Identifier: BSD-3-Clause */
/* Queue pairs for threads: see pool.h. */
#include "driver/nbdkit/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define DLFEAT_ZEROS 1 /* deallocated blocks read as 00h */

struct pool_slot {
	struct nvl_disk disk;
	struct nvl_buffer buffer;
	struct pool_slot *next;
};

/**
 * struct pool - see pool.h
 * @lock: of @free and @missing
 * @missing: slots that are taken
 * @failed: a reset is due; nobody gets a slot before it
 * @blocks: read by writers of whole blocks, written by those of parts
 * @reads_zeros: see pool_reads_zeros()
 * @owner: whoever uses the controller itself
 */
struct pool {
	struct nvl_device *device;
	struct nvl_ctrl *ctrl;
	const struct nvl_ns *ns;
	struct pool_slot *slots;
	uint32_t slot_count;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct pool_slot *free;
	uint32_t missing;
	bool failed;
	bool reads_zeros;
	pthread_rwlock_t blocks;
	pthread_mutex_t owner;
};

static int open_device(struct pool *pool, const char *name, uint32_t queues, char *sentence,
		       size_t bytes)
{
	struct nvl_device_options options;
	struct nvme_text text;

	nvme_text_init(&text, sentence, bytes);
	nvl_device_options_init(&options);
	options.device = name;
	options.driver.queues = queues;
	return nvl_device_open(&options, &pool->device, &text);
}

/* A controller that does not say is one that promises nothing. */
static bool ask_reads_zeros(struct nvl_ctrl *ctrl, uint32_t nsid)
{
	struct nvme_id_ns id;

	return nvl_identify_ns(ctrl, nsid, &id) == 0 &&
	       NVME_GET(id.dlfeat, NVME_ID_NS_DLFEAT_READ) == DLFEAT_ZEROS;
}

static int find_namespace(struct pool *pool, uint32_t nsid, char *sentence, size_t bytes)
{
	struct nvme_text why;
	char reason[256];
	int result;

	pool->ctrl = nvl_device_ctrl(pool->device);
	pool->ns = nvl_ns_find(pool->ctrl, nsid);
	if (!pool->ns) {
		snprintf(sentence, bytes, "there is no active namespace %u", nsid);
		return -ENOENT;
	}
	nvme_text_init(&why, reason, sizeof(reason));
	result = nvl_disk_check(pool->ns, &why);
	if (result != 0) {
		snprintf(sentence, bytes, "namespace %u cannot be used: %s", nsid, reason);
		return result;
	}
	pool->reads_zeros = ask_reads_zeros(pool->ctrl, nsid);
	return 0;
}

static int make_slots(struct pool *pool)
{
	pool->slot_count = nvl_info(pool->ctrl)->queues;
	if (pool->slot_count == 0)
		return -EIO;
	pool->slots = calloc(pool->slot_count, sizeof(*pool->slots));
	if (!pool->slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		struct pool_slot *slot = &pool->slots[i];
		int result = nvl_device_alloc(pool->device, NVL_DISK_BUFFER_BYTES, &slot->buffer);

		if (result != 0)
			return result;
		slot->disk = (struct nvl_disk){
			.ctrl = pool->ctrl,
			.ns = pool->ns,
			.queue = nvl_queue(pool->ctrl, i),
			.buffer = &slot->buffer,
		};
		slot->next = pool->free;
		pool->free = slot;
	}
	return 0;
}

int pool_open(const char *device, uint32_t nsid, uint32_t queues, struct pool **ret_pool,
	      char *sentence, size_t bytes)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	int result;

	if (!pool)
		return -ENOMEM;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_mutex_init(&pool->owner, NULL);
	pthread_cond_init(&pool->changed, NULL);
	pthread_rwlock_init(&pool->blocks, NULL);
	result = open_device(pool, device, queues, sentence, bytes);
	if (result == 0)
		result = find_namespace(pool, nsid, sentence, bytes);
	if (result == 0)
		result = make_slots(pool);
	if (result != 0) {
		pool_close(pool);
		return result;
	}
	*ret_pool = pool;
	return 0;
}

void pool_close(struct pool *pool)
{
	if (!pool)
		return;
	nvl_device_close(pool->device);
	pthread_rwlock_destroy(&pool->blocks);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->owner);
	pthread_mutex_destroy(&pool->lock);
	free(pool->slots);
	free(pool);
}

const struct nvl_ns *pool_ns(const struct pool *pool)
{
	return pool->ns;
}

const struct nvl_ctrl *pool_ctrl(const struct pool *pool)
{
	return pool->ctrl;
}

bool pool_reads_zeros(const struct pool *pool)
{
	return pool->reads_zeros;
}

bool pool_has_lba_status(const struct pool *pool)
{
	return (nvme_cpu16(nvl_id_ctrl(pool->ctrl)->oacs) &
		NVME_MASK(NVME_ID_CTRL_OACS_LBA_STATUS)) != 0;
}

const struct nvl_disk *pool_disk(const struct pool_slot *slot)
{
	return &slot->disk;
}

struct pool_slot *pool_take(struct pool *pool)
{
	struct pool_slot *slot;

	pthread_mutex_lock(&pool->lock);
	while (!pool->free || pool->failed)
		pthread_cond_wait(&pool->changed, &pool->lock);
	slot = pool->free;
	pool->free = slot->next;
	pool->missing++;
	pthread_mutex_unlock(&pool->lock);
	nvl_queue_claim(slot->disk.queue);
	return slot;
}

/* The last one that had a slot resets; if that fails, calls fail until one succeeds. */
static void reset(struct pool *pool)
{
	pthread_mutex_lock(&pool->owner);
	nvl_reset(pool->ctrl);
	pthread_mutex_unlock(&pool->owner);
	pool->failed = false;
}

void pool_give(struct pool *pool, struct pool_slot *slot)
{
	nvl_queue_release(slot->disk.queue);
	pthread_mutex_lock(&pool->lock);
	slot->next = pool->free;
	pool->free = slot;
	pool->missing--;
	pool->failed = pool->failed || nvl_state(pool->ctrl) == NVL_STATE_FAILED;
	if (pool->failed && pool->missing == 0)
		reset(pool);
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

void pool_lock_blocks(struct pool *pool, bool parts)
{
	if (parts)
		pthread_rwlock_wrlock(&pool->blocks);
	else
		pthread_rwlock_rdlock(&pool->blocks);
}

void pool_unlock_blocks(struct pool *pool)
{
	pthread_rwlock_unlock(&pool->blocks);
}

struct nvl_ctrl *pool_own(struct pool *pool)
{
	pthread_mutex_lock(&pool->owner);
	return pool->ctrl;
}

void pool_disown(struct pool *pool)
{
	pthread_mutex_unlock(&pool->owner);
}
