/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A namespace as bytes, for shells that offer it to programs which know nothing of blocks.
 *
 * Results are 0 or a negative errno, as Linux' block layer has it for the same status.
 *
 * Context. Whoever has the queue and the buffer; calls wait. Parts of blocks are read, changed and
 * written: callers see to it that nothing else writes the same blocks meanwhile.
 */
#ifndef NVMELAB_DRIVER_DISK_DISK_H
#define NVMELAB_DRIVER_DISK_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "driver/core/nvl.h"

#define NVL_DISK_BUFFER_BYTES (UINT64_C(1) << 20) /* what moves at a time */

/**
 * struct nvl_disk - a namespace, and what it takes to use it now
 * @ns: of @ctrl, as nvl_disk_check() wants it
 * @queue: of @ctrl
 * @buffer: NVL_DISK_BUFFER_BYTES that the device can reach
 */
struct nvl_disk {
	const struct nvl_ctrl *ctrl;
	const struct nvl_ns *ns;
	struct nvl_queue *queue;
	const struct nvl_buffer *buffer;
};

/**
 * nvl_disk_check - whether @ns can be bytes: not refused, and nothing to a block besides its data
 * @why: gets what is wrong with it
 * Return: 0 or -EIO.
 */
int nvl_disk_check(const struct nvl_ns *ns, struct nvme_text *why);

/** nvl_disk_bytes - size of a namespace; 0 for NULL and one that nvl_disk_check() refuses */
uint64_t nvl_disk_bytes(const struct nvl_ns *ns);

/** nvl_disk_errno - the negative errno for a result of the driver; 0 for success */
int nvl_disk_errno(int result);

/** nvl_disk_whole - whether @offset and @bytes are multiples of the block */
bool nvl_disk_whole(const struct nvl_ns *ns, uint64_t offset, uint64_t bytes);

/**
 * nvl_disk_read - bytes within the namespace, of any alignment
 * @ret_done: how many were read, also before an error
 */
int nvl_disk_read(const struct nvl_disk *disk, void *data, uint64_t bytes, uint64_t offset,
		  uint64_t *ret_done);

/** nvl_disk_write - the same for a write; @fua: durable on return */
int nvl_disk_write(const struct nvl_disk *disk, const void *data, uint64_t bytes, uint64_t offset,
		   bool fua, uint64_t *ret_done);

/** nvl_disk_flush - Flush */
int nvl_disk_flush(const struct nvl_disk *disk);

/** nvl_disk_can_zero - whether the controller has Write Zeroes */
bool nvl_disk_can_zero(const struct nvl_ctrl *ctrl);

/** nvl_disk_can_discard - whether it has Dataset Management */
bool nvl_disk_can_discard(const struct nvl_ctrl *ctrl);

/**
 * nvl_disk_zero - zeros, by Write Zeroes where there are whole blocks and the command
 * @deallocate: they need not take space (DEAC)
 * Return: -EINVAL unless the range is whole blocks within the namespace.
 */
int nvl_disk_zero(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes, bool deallocate);

/**
 * nvl_disk_discard - a hint that whole blocks are not needed (Dataset Management)
 * Return: also -EOPNOTSUPP.
 */
int nvl_disk_discard(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes);

#endif
