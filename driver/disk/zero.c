/* SPDX-License-Identifier: BSD-3-Clause */
/* Zeros and discarded ranges, in pieces that the controller takes. */
#include <errno.h>

#include "driver/disk/disk.h"

/*
 * Of one call, which the driver cuts into commands: few enough that a long range is not late as a
 * whole, many enough to keep the controller busy.
 */
#define ZERO_BLOCKS (UINT64_C(16) * 65536)

static bool has_command(const struct nvl_ctrl *ctrl, uint32_t oncs_mask)
{
	return (nvme_cpu16(nvl_id_ctrl(ctrl)->oncs) & oncs_mask) != 0;
}

bool nvl_disk_can_zero(const struct nvl_ctrl *ctrl)
{
	return has_command(ctrl, NVME_MASK(NVME_ID_CTRL_ONCS_WRITE_ZEROES));
}

bool nvl_disk_can_discard(const struct nvl_ctrl *ctrl)
{
	return has_command(ctrl, NVME_MASK(NVME_ID_CTRL_ONCS_DSM));
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/** struct blocks - of a range, those that are left */
struct blocks {
	uint64_t slba;
	uint64_t nlb;
};

static int find_blocks(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes,
		       struct blocks *ret_blocks)
{
	uint64_t size = nvl_disk_bytes(disk->ns);

	if (!nvl_disk_whole(disk->ns, offset, bytes) || bytes == 0 || offset > size ||
	    bytes > size - offset)
		return -EINVAL;
	*ret_blocks = (struct blocks){ offset >> disk->ns->block_shift,
				       bytes >> disk->ns->block_shift };
	return 0;
}

/* A controller without Write Zeroes gets zeros as data. */
static int write_zeros(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes)
{
	static const char zeros[65536];
	uint64_t done;
	int result = 0;

	for (; bytes > 0 && result == 0; bytes -= done, offset += done)
		result = nvl_disk_write(disk, zeros, smaller(bytes, sizeof(zeros)), offset, false,
					&done);
	return result;
}

int nvl_disk_zero(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes, bool deallocate)
{
	struct nvl_io io = { .ns = disk->ns, .flags = deallocate ? NVL_IO_DEALLOCATE : 0 };
	struct blocks left;
	int result = find_blocks(disk, offset, bytes, &left);

	if (result != 0)
		return result;
	if (!nvl_disk_can_zero(disk->ctrl))
		return write_zeros(disk, offset, bytes);
	for (; left.nlb > 0 && result == 0; left.nlb -= io.nlb, left.slba += io.nlb) {
		io.slba = left.slba;
		io.nlb = (uint32_t)smaller(left.nlb, ZERO_BLOCKS);
		result = nvl_write_zeroes_wait(disk->queue, &io);
	}
	return nvl_disk_errno(result);
}

/* Blocks of a Dataset Management of one range: a limit of 0 is none. */
static uint32_t most_discarded(const struct nvl_ctrl *ctrl)
{
	const struct nvl_limits *limits = nvl_limits(ctrl);
	uint64_t most = UINT32_MAX;

	if (limits->dsm_range_blocks > 0)
		most = limits->dsm_range_blocks;
	if (limits->dsm_blocks > 0)
		most = smaller(most, limits->dsm_blocks);
	return (uint32_t)most;
}

int nvl_disk_discard(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes)
{
	struct nvme_dsm_range range;
	const struct nvl_dsm dsm = {
		.nsid = disk->ns->nsid,
		.deallocate = true,
		.ranges = &range,
		.range_count = 1,
	};
	struct blocks left;
	int result = find_blocks(disk, offset, bytes, &left);

	if (result != 0)
		return result;
	if (!nvl_disk_can_discard(disk->ctrl))
		return -EOPNOTSUPP;
	while (left.nlb > 0 && result == 0) {
		uint32_t nlb = (uint32_t)smaller(left.nlb, most_discarded(disk->ctrl));

		range = nvl_dsm_range(left.slba, nlb);
		result = nvl_dsm_wait(disk->queue, &dsm);
		left.slba += nlb;
		left.nlb -= nlb;
	}
	return nvl_disk_errno(result);
}
