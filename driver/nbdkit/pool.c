/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queue pairs for threads, and the one that looks after the controller: see pool.h.
 *
 * Calls stay away (hold) while the keeper brings a controller back that failed, and fail at once
 * (down) when that did not help, until a later attempt does.
 */
#include "driver/nbdkit/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#define DLFEAT_ZEROS	1 /* deallocated blocks read as 00h */
#define CARE_SEC	1 /* how often the keeper looks, or tries again */
#define STEP_PAUSE_NSEC 100000
#define SENTENCE_BYTES	1024

struct pool_slot {
	struct nvl_disk disk;
	struct nvl_buffer buffer;
	struct pool_slot *next;
};

/**
 * struct pool - see pool.h
 * @name: of the device
 * @queues: wanted
 * @facts: as they were when the pool was opened; what comes back has to be the same namespace
 * @owner: whoever uses the controller itself; @device and @ctrl change under it, with @missing 0
 * @device: NULL while none could be opened
 * @slots: of @slot_count queue pairs
 * @lock: of what follows
 * @changed: something did
 * @free: slots that nobody has
 * @missing: calls under way: who has a slot, or pool_own()
 * @hold: no call begins
 * @down: calls fail
 * @closing: the keeper ends
 * @blocks: read by writers of whole blocks, written by those of parts
 */
struct pool {
	char *name;
	uint32_t queues;
	struct pool_facts facts;
	pthread_mutex_t owner;
	struct nvl_device *device;
	struct nvl_ctrl *ctrl;
	struct pool_slot *slots;
	uint32_t slot_count;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct pool_slot *free;
	uint32_t missing;
	bool hold;
	bool down;
	bool closing;
	bool has_keeper;
	pthread_t keeper;
	pthread_rwlock_t blocks;
};

static int open_device(struct pool *pool, char *sentence, size_t bytes)
{
	struct nvl_device_options options;
	struct nvme_text text;
	int result;

	nvme_text_init(&text, sentence, bytes);
	nvl_device_options_init(&options);
	options.device = pool->name;
	options.driver.queues = pool->queues;
	result = nvl_device_open(&options, &pool->device, &text);
	if (result == 0)
		pool->ctrl = nvl_device_ctrl(pool->device);
	return result;
}

/* A controller that does not say is one that promises nothing. */
static bool ask_reads_zeros(struct nvl_ctrl *ctrl, uint32_t nsid)
{
	struct nvme_id_ns id;

	return nvl_identify_ns(ctrl, nsid, &id) == 0 &&
	       NVME_GET(id.dlfeat, NVME_ID_NS_DLFEAT_READ) == DLFEAT_ZEROS;
}

static int find_facts(struct pool *pool, uint32_t nsid, char *sentence, size_t bytes)
{
	const struct nvl_ns *ns = nvl_ns_find(pool->ctrl, nsid);
	struct nvme_text why;
	char reason[256];
	int result;

	if (!ns) {
		snprintf(sentence, bytes, "there is no active namespace %u", nsid);
		return -ENOENT;
	}
	nvme_text_init(&why, reason, sizeof(reason));
	result = nvl_disk_check(ns, &why);
	if (result != 0) {
		snprintf(sentence, bytes, "namespace %u cannot be used: %s", nsid, reason);
		return result;
	}
	pool->facts = (struct pool_facts){
		.ns = *ns,
		.reads_zeros = ask_reads_zeros(pool->ctrl, nsid),
		.has_lba_status = (nvme_cpu16(nvl_id_ctrl(pool->ctrl)->oacs) &
				   NVME_MASK(NVME_ID_CTRL_OACS_LBA_STATUS)) != 0,
		.can_zero = nvl_disk_can_zero(pool->ctrl),
		.can_discard = nvl_disk_can_discard(pool->ctrl),
	};
	return 0;
}

/* As many as the controller has queue pairs: after a reset these may be others. */
static void link_slots(struct pool *pool)
{
	pool->free = NULL;
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		struct pool_slot *slot = &pool->slots[i];

		slot->disk = (struct nvl_disk){
			.ctrl = pool->ctrl,
			.ns = &pool->facts.ns,
			.queue = nvl_queue(pool->ctrl, i),
			.buffer = &slot->buffer,
		};
		if (!slot->disk.queue)
			break;
		slot->next = pool->free;
		pool->free = slot;
	}
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
		int result = nvl_device_alloc(pool->device, NVL_DISK_BUFFER_BYTES,
					      &pool->slots[i].buffer);

		if (result != 0)
			return result;
	}
	return 0;
}

static void drop_device(struct pool *pool)
{
	nvl_device_close(pool->device);
	free(pool->slots);
	pool->device = NULL;
	pool->ctrl = NULL;
	pool->slots = NULL;
	pool->slot_count = 0;
	pool->free = NULL;
}

/* What clients were told of the namespace still holds. */
static bool is_same(const struct nvl_ns *now, const struct nvl_ns *before)
{
	return now->problem == 0 && now->nsze == before->nsze &&
	       now->block_bytes == before->block_bytes &&
	       now->metadata_bytes == before->metadata_bytes && now->extended == before->extended &&
	       now->pi_type == before->pi_type && now->pi_format == before->pi_format &&
	       now->pi_first == before->pi_first && now->storage_bits == before->storage_bits &&
	       memcmp(now->nguid, before->nguid, sizeof(now->nguid)) == 0 &&
	       memcmp(now->eui64, before->eui64, sizeof(now->eui64)) == 0;
}

/* Context: the owner. */
static bool is_well(const struct pool *pool)
{
	const struct nvl_ns *ns;

	if (!pool->device || nvl_state(pool->ctrl) != NVL_STATE_LIVE)
		return false;
	ns = nvl_ns_find(pool->ctrl, pool->facts.ns.nsid);
	return ns && is_same(ns, &pool->facts.ns);
}

/*
 * A controller that failed, is dead or has no queues is reset; a device that is gone may be there
 * again under its name. Context: the owner; no call is under way.
 */
static void restore(struct pool *pool)
{
	char sentence[SENTENCE_BYTES];

	if (pool->device && nvl_state(pool->ctrl) != NVL_STATE_LIVE)
		nvl_reset(pool->ctrl);
	if (pool->device && nvl_state(pool->ctrl) == NVL_STATE_GONE)
		drop_device(pool);
	if (!pool->device && open_device(pool, sentence, sizeof(sentence)) == 0 &&
	    make_slots(pool) != 0)
		drop_device(pool);
	if (pool->device)
		link_slots(pool);
}

static void tell(const struct pool *pool, bool well)
{
	if (well && pool->down)
		nbdkit_debug("namespace %u is back", pool->facts.ns.nsid);
	else if (!well && !pool->down)
		nbdkit_error("namespace %u: the controller is dead or gone, or the namespace is "
			     "another one: calls fail until it is back",
			     pool->facts.ns.nsid);
}

/* Context: the keeper, from here to keep(). */
static void hold_calls(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->hold = true;
	pthread_mutex_unlock(&pool->lock);
}

static void await_calls(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	while (pool->missing > 0)
		pthread_cond_wait(&pool->changed, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

static void let_go(struct pool *pool, bool well)
{
	pthread_mutex_lock(&pool->lock);
	tell(pool, well);
	pool->down = !well;
	pool->hold = false;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

/* A controller that is @broken answers none of the calls under way: its reset ends them. */
static void recover(struct pool *pool, bool broken)
{
	bool well;

	hold_calls(pool);
	if (broken) {
		pthread_mutex_lock(&pool->owner);
		nvl_reset(pool->ctrl);
		pthread_mutex_unlock(&pool->owner);
	}
	await_calls(pool);
	pthread_mutex_lock(&pool->owner);
	restore(pool);
	well = is_well(pool) && pool->free;
	pthread_mutex_unlock(&pool->owner);
	let_go(pool, well);
}

/* The controller's health and its events; what nvl_step() begins is seen through. */
static bool look(struct pool *pool, bool *ret_broken)
{
	const struct timespec pause = { .tv_nsec = STEP_PAUSE_NSEC };
	bool well;

	*ret_broken = false;
	pthread_mutex_lock(&pool->owner);
	if (pool->device && nvl_is_up(pool->ctrl)) {
		*ret_broken = nvl_watch(pool->ctrl) != 0;
		while (!*ret_broken && nvl_step(pool->ctrl))
			nanosleep(&pause, NULL);
	}
	well = is_well(pool);
	pthread_mutex_unlock(&pool->owner);
	return well;
}

/* Until somebody finds that the controller failed, or for a while. Return: false at the end. */
static bool await_work(struct pool *pool)
{
	struct timespec until;
	bool closing;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += CARE_SEC;
	pthread_mutex_lock(&pool->lock);
	while (!pool->closing && !pool->hold &&
	       pthread_cond_timedwait(&pool->changed, &pool->lock, &until) == 0)
		;
	closing = pool->closing;
	pthread_mutex_unlock(&pool->lock);
	return !closing;
}

static bool is_needed(struct pool *pool)
{
	bool needed;

	pthread_mutex_lock(&pool->lock);
	needed = pool->hold || pool->down;
	pthread_mutex_unlock(&pool->lock);
	return needed;
}

static void *keep(void *arg)
{
	struct pool *pool = arg;
	bool broken;

	while (await_work(pool)) {
		if (!look(pool, &broken) || is_needed(pool))
			recover(pool, broken);
	}
	return NULL;
}

static struct pool *make_pool(const char *device, uint32_t queues)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	pthread_condattr_t clock;

	if (!pool)
		return NULL;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_mutex_init(&pool->owner, NULL);
	pthread_cond_init(&pool->changed, &clock);
	pthread_rwlock_init(&pool->blocks, NULL);
	pthread_condattr_destroy(&clock);
	pool->queues = queues;
	pool->name = device ? strdup(device) : NULL;
	if (!device || pool->name)
		return pool;
	pool_close(pool);
	return NULL;
}

int pool_open(const char *device, uint32_t nsid, uint32_t queues, struct pool **ret_pool,
	      char *sentence, size_t bytes)
{
	struct pool *pool = make_pool(device, queues);
	int result;

	if (!pool)
		return -ENOMEM;
	result = open_device(pool, sentence, bytes);
	if (result == 0)
		result = find_facts(pool, nsid, sentence, bytes);
	if (result == 0)
		result = make_slots(pool);
	if (result == 0) {
		link_slots(pool);
		result = -pthread_create(&pool->keeper, NULL, keep, pool);
		pool->has_keeper = result == 0;
	}
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
	if (pool->has_keeper) {
		pthread_mutex_lock(&pool->lock);
		pool->closing = true;
		pthread_cond_broadcast(&pool->changed);
		pthread_mutex_unlock(&pool->lock);
		pthread_join(pool->keeper, NULL);
	}
	drop_device(pool);
	pthread_rwlock_destroy(&pool->blocks);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->owner);
	pthread_mutex_destroy(&pool->lock);
	free(pool->name);
	free(pool);
}

const struct pool_facts *pool_facts(const struct pool *pool)
{
	return &pool->facts;
}

const struct nvl_disk *pool_disk(const struct pool_slot *slot)
{
	return &slot->disk;
}

/* A call begins, once it may. Return: false if it has failed. Context: locked. */
static bool begin(struct pool *pool, bool needs_slot)
{
	while (!pool->down && (pool->hold || (needs_slot && !pool->free)))
		pthread_cond_wait(&pool->changed, &pool->lock);
	if (!pool->down)
		pool->missing++;
	return !pool->down;
}

/* And ends: the keeper learns what became of the controller. Context: locked. */
static void end(struct pool *pool)
{
	pool->missing--;
	pool->hold = pool->hold || nvl_state(pool->ctrl) != NVL_STATE_LIVE;
	pthread_cond_broadcast(&pool->changed);
}

struct pool_slot *pool_take(struct pool *pool)
{
	struct pool_slot *slot = NULL;

	pthread_mutex_lock(&pool->lock);
	if (begin(pool, true)) {
		slot = pool->free;
		pool->free = slot->next;
	}
	pthread_mutex_unlock(&pool->lock);
	if (!slot)
		return NULL;
	/* Queues that nobody has are looked at by the owner: not while they change hands. */
	pthread_mutex_lock(&pool->owner);
	nvl_queue_claim(slot->disk.queue);
	pthread_mutex_unlock(&pool->owner);
	return slot;
}

void pool_give(struct pool *pool, struct pool_slot *slot)
{
	if (!slot)
		return;
	nvl_queue_release(slot->disk.queue);
	pthread_mutex_lock(&pool->lock);
	slot->next = pool->free;
	pool->free = slot;
	end(pool);
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
	bool begun;

	pthread_mutex_lock(&pool->lock);
	begun = begin(pool, false);
	pthread_mutex_unlock(&pool->lock);
	if (!begun)
		return NULL;
	pthread_mutex_lock(&pool->owner);
	return pool->ctrl;
}

void pool_disown(struct pool *pool)
{
	pthread_mutex_unlock(&pool->owner);
	pthread_mutex_lock(&pool->lock);
	end(pool);
	pthread_mutex_unlock(&pool->lock);
}
