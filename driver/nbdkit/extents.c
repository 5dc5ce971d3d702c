/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Extents from Get LBA Status (NVM 1.0 4.2.1, unverified): it lists what is allocated; the blocks
 * between are holes, which read as zeros if the namespace says so (DLFEAT).
 */
#include "driver/nbdkit/extents.h"

#include <errno.h>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#define LIST_BYTES    4096u
#define RANGE_BLOCKS  65535u /* RL has 16 bits */
#define ALLOCATED_BIT 2u
#define DESCRIPTORS \
	((LIST_BYTES - sizeof(struct nvme_lba_status)) / sizeof(struct nvme_lba_status_desc))

/* What one command said. */
union list {
	struct {
		struct nvme_lba_status head;
		struct nvme_lba_status_desc desc[DESCRIPTORS];
	};
	uint8_t bytes[LIST_BYTES];
};

static int get_list(struct pool *pool, uint64_t slba, uint16_t blocks, union list *list)
{
	const struct nvl_lba_status status = {
		.nsid = pool_facts(pool)->ns.nsid,
		.action = NVME_LBA_STATUS_ALLOCATED,
		.slba = slba,
		.nlb = blocks,
	};
	struct nvl_ctrl *ctrl = pool_own(pool);
	int result;

	if (!ctrl)
		return -EIO;
	result = nvl_get_lba_status(ctrl, &status, list, sizeof(*list));
	pool_disown(pool);
	return nvl_disk_errno(result);
}

static int add(const struct pool *pool, struct nbdkit_extents *extents, uint64_t slba, uint64_t end,
	       bool hole)
{
	uint32_t shift = pool_facts(pool)->ns.block_shift;
	uint32_t type = hole ? NBDKIT_EXTENT_HOLE |
					(pool_facts(pool)->reads_zeros ? NBDKIT_EXTENT_ZERO : 0)
			     : 0;

	if (slba >= end)
		return 0;
	return nbdkit_add_extent(extents, slba << shift, (end - slba) << shift, type) == 0 ? 0
											   : -errno;
}

/* Allocated runs come in order; whatever lies before each of them is a hole. */
static int add_list(const struct pool *pool, struct nbdkit_extents *extents, const union list *list,
		    uint64_t *slba, uint64_t end)
{
	uint32_t count = nvme_cpu32(list->head.nlsd);
	int result = 0;

	for (uint32_t i = 0; i < count && i < DESCRIPTORS && result == 0; i++) {
		uint64_t first = nvme_cpu64(list->desc[i].dslba);
		uint64_t last = first + nvme_cpu32(list->desc[i].nlb);

		if (!(list->desc[i].status & ALLOCATED_BIT) || first < *slba || last > end ||
		    first > last)
			return -EIO;
		result = add(pool, extents, *slba, first, true);
		if (result == 0)
			result = add(pool, extents, first, last, false);
		*slba = last;
	}
	/* Without an end of the list there may be more of both kinds behind it. */
	if (result == 0 && count < DESCRIPTORS) {
		result = add(pool, extents, *slba, end, true);
		*slba = end;
	}
	return result;
}

int extents_add(struct pool *pool, uint64_t offset, uint64_t bytes, bool one,
		struct nbdkit_extents *extents)
{
	uint32_t shift = pool_facts(pool)->ns.block_shift;
	uint64_t slba = offset >> shift;
	uint64_t end = (offset + bytes + pool_facts(pool)->ns.block_bytes - 1) >> shift;
	int result = 0;

	while (slba < end && result == 0) {
		uint16_t blocks = (uint16_t)(end - slba < RANGE_BLOCKS ? end - slba : RANGE_BLOCKS);
		uint64_t before = slba;
		union list list;

		result = get_list(pool, slba, blocks, &list);
		if (result == 0)
			result = add_list(pool, extents, &list, &slba, slba + blocks);
		if (result == 0 && (one || slba == before))
			break;
	}
	return result;
}
