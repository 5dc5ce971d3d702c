/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several controllers of one subsystem as one: reads and writes go where the namespace can be
 * reached best, and to another controller when a path fails.
 *
 * The layer knows nothing of the inside of a controller. It has a request for each transfer, asks a
 * policy for a path, and takes a transfer that ended with a path error, or with a reset, to another
 * one. Whether a path is good comes from the Asymmetric Namespace Access log (Base 2.0 8.1,
 * unverified); a controller without it reaches everything.
 *
 * The block holds no pointer to anything but what the caller gave, so a copy of it is a snapshot.
 * Context of all: one thread, the owner of all controllers and queues. Only nvl_mp_update() waits.
 */
#ifndef NVMELAB_DRIVER_CORE_NVL_MULTIPATH_H
#define NVMELAB_DRIVER_CORE_NVL_MULTIPATH_H

#include "driver/core/nvl_io.h"

#pragma GCC visibility push(default)

struct nvl_mp;
struct nvl_event;

#define NVL_MP_PATHS  16
#define NVL_MP_GROUPS 128 /* ANA groups of a path */

/** enum nvl_mp_policy - which of the best paths */
enum nvl_mp_policy {
	NVL_MP_ROUND_ROBIN, /* one after the other */
	NVL_MP_QUEUE_DEPTH, /* the one with the fewest commands outstanding */
	NVL_MP_FAILOVER,    /* always the same, until it fails or there is a better one */
	NVL_MP_POLICIES
};

/** nvl_mp_policy_name - "round-robin" and so on; "?" for a number that is no policy */
const char *nvl_mp_policy_name(enum nvl_mp_policy policy);

/**
 * struct nvl_mp_config - a subsystem with paths
 * @requests: transfers at a time, 1 .. 65536
 * @tries: paths that a transfer is sent to, one after the other, before its error is reported
 */
struct nvl_mp_config {
	enum nvl_mp_policy policy;
	uint32_t requests;
	uint32_t tries;
};

/** nvl_mp_config_init - round robin, 256 requests, 8 tries */
void nvl_mp_config_init(struct nvl_mp_config *config);

/** nvl_mp_size - bytes of the block; 0 when a value is out of its range */
size_t nvl_mp_size(const struct nvl_mp_config *config);

/** nvl_mp_init - a subsystem without paths; @memory is nvl_mp_size() bytes, aligned to 64 */
struct nvl_mp *nvl_mp_init(void *memory, const struct nvl_mp_config *config);

/**
 * nvl_mp_add - a path: a queue of a controller that is live
 * Return: its index; -NVL_EINVAL for a controller of another subsystem (SUBNQN), or one that is
 * there already; -NVL_ENOMEM beyond NVL_MP_PATHS.
 */
int nvl_mp_add(struct nvl_mp *mp, struct nvl_ctrl *ctrl, struct nvl_queue *queue);

/** nvl_mp_set_policy - from the next transfer on */
void nvl_mp_set_policy(struct nvl_mp *mp, enum nvl_mp_policy policy);

/**
 * struct nvl_mp_io - a transfer
 * @buffers: the memory, as each path's device sees it, by the index of the path; NULL: the caller
 *	cannot use that path for it
 */
struct nvl_mp_io {
	uint32_t nsid;
	uint64_t slba;
	uint32_t nlb;
	uint32_t flags;
	const struct nvl_buffer *const *buffers;
	uint64_t offset;
};

/**
 * nvl_mp_read - start a read on some path; nvl_mp_poll() rings and goes on with it
 * @io: copied; @buffers and what they point at stay until @done
 * @done: called once, with what the last path said, or -NVL_ENODEV if there was none
 * Return: 0; -NVL_EAGAIN: poll first; -NVL_EINVAL.
 */
int nvl_mp_read(struct nvl_mp *mp, const struct nvl_mp_io *io, nvl_done_fn *done, void *arg);
int nvl_mp_write(struct nvl_mp *mp, const struct nvl_mp_io *io, nvl_done_fn *done, void *arg);
int nvl_mp_flush(struct nvl_mp *mp, uint32_t nsid, nvl_done_fn *done, void *arg);

/**
 * nvl_mp_poll - poll all paths, send again what failed on one, ring
 * Return: completions that were taken.
 */
uint32_t nvl_mp_poll(struct nvl_mp *mp);

/** nvl_mp_event - an event of path @path: an ANA log that came with it is used at once */
void nvl_mp_event(struct nvl_mp *mp, uint32_t path, const struct nvl_event *event);

/**
 * nvl_mp_stale - whether the ANA log of some path has to be read: nvl_mp_update() does it
 *
 * So after a path said that it does not reach a namespace, and while a group changes.
 */
bool nvl_mp_stale(const struct nvl_mp *mp);

/** nvl_mp_update - read the ANA logs of the paths that need it (all with @all); waits */
int nvl_mp_update(struct nvl_mp *mp, bool all);

/** enum nvl_mp_state - of a path, for a namespace; the best comes first */
enum nvl_mp_state {
	NVL_MP_OPTIMIZED,
	NVL_MP_NON_OPTIMIZED,
	NVL_MP_UNUSABLE, /* not live, without the namespace, or it does not reach it */
};

/** nvl_mp_state - how path @path reaches @nsid now */
enum nvl_mp_state nvl_mp_state(const struct nvl_mp *mp, uint32_t path, uint32_t nsid);

/** struct nvl_mp_counters - of one path */
struct nvl_mp_counters {
	uint64_t started;  /* transfers */
	uint64_t failed;   /* taken to another path */
	uint64_t reported; /* errors that the caller got */
};

/** nvl_mp_counters - of @path, from 0; NULL past the last one */
const struct nvl_mp_counters *nvl_mp_counters(const struct nvl_mp *mp, uint32_t path);

/** nvl_mp_outstanding - transfers that have not called back */
uint32_t nvl_mp_outstanding(const struct nvl_mp *mp);

#pragma GCC visibility pop

#endif
