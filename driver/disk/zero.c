/* SPDX-License-Identifier: BSD-3-Clause */
/* Zeros and discarded ranges, in pieces that the controller takes. */
#include <errno.h>
#include <string.h>

#include "driver/disk/disk.h"

#define ZERO_BLOCKS UINT64_C(65536) /* of one Write Zeroes command, whose NLB has 16 bits */

static bool has_command(struct nvl_ctrl *ctrl, uint32_t oncs_mask)
{
	return (nvme_cpu16(nvl_id_ctrl(ctrl)->oncs) & oncs_mask) != 0;
}

/* VS 2.0 has the limits in CNS 06h; a controller without it has none. NVM 1.0 4.1.5.2. */
void nvl_disk_limits_read(struct nvl_ctrl *ctrl, struct nvl_disk_limits *ret_limits)
{
	const struct nvl_identify identify = { .cns = NVME_CNS_CTRL_CSI };
	uint32_t page_shift = 12 + (uint32_t)NVME_GET64(nvl_info(ctrl)->cap, NVME_CAP_MPSMIN);
	struct nvme_id_ctrl_nvm nvm = { 0 };
	bool zeroes = has_command(ctrl, NVME_MASK(NVME_ID_CTRL_ONCS_WRITE_ZEROES));
	bool dsm = has_command(ctrl, NVME_MASK(NVME_ID_CTRL_ONCS_DSM));

	ret_limits->zero_bytes = zeroes ? UINT64_MAX : 0;
	ret_limits->discard_blocks = dsm ? UINT32_MAX : 0;
	if (nvl_identify(ctrl, &identify, &nvm) != 0)
		return;
	if (zeroes && nvm.wzsl > 0 && page_shift + nvm.wzsl < 63)
		ret_limits->zero_bytes = UINT64_C(1) << (page_shift + nvm.wzsl);
	if (dsm && nvme_cpu32(nvm.dmrsl) > 0)
		ret_limits->discard_blocks = nvme_cpu32(nvm.dmrsl);
}

static int check_range(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes)
{
	uint64_t size = nvl_disk_bytes(disk->ns);

	return nvl_disk_whole(disk->ns, offset, bytes) && bytes > 0 && offset <= size &&
			       bytes <= size - offset
		       ? 0
		       : -EINVAL;
}

/* A controller without Write Zeroes gets zeros as data. */
static int write_zeros(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes)
{
	static const char zeros[65536];
	uint64_t done;
	int result = 0;

	for (; bytes > 0 && result == 0; bytes -= done, offset += done)
		result = nvl_disk_write(disk, zeros, bytes < sizeof(zeros) ? bytes : sizeof(zeros),
					offset, false, &done);
	return result;
}

static int zero_blocks(const struct nvl_disk *disk, uint64_t slba, uint64_t nlb, bool deallocate)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_CMD_WRITE_ZEROES,
		.nsid = nvme_le32(disk->ns->nsid),
		.cdw10 = nvme_le32((uint32_t)slba),
		.cdw11 = nvme_le32((uint32_t)(slba >> 32)),
		.cdw12 = nvme_le32((uint32_t)(nlb - 1) | NVME_PUT(NVME_RW_DEAC, deallocate)),
	};

	return nvl_execute(disk->queue, &sqe, NULL, NULL);
}

static int discard_blocks(const struct nvl_disk *disk, uint64_t slba, uint64_t nlb)
{
	const struct nvl_data data = { disk->buffer, 0, sizeof(struct nvme_dsm_range) };
	const struct nvme_sqe sqe = {
		.opcode = NVME_CMD_DSM,
		.nsid = nvme_le32(disk->ns->nsid),
		.cdw11 = nvme_le32(NVME_PUT(NVME_DSM_AD, 1)),
	};

	*(struct nvme_dsm_range *)disk->buffer->data = (struct nvme_dsm_range){
		.nlb = nvme_le32((uint32_t)nlb),
		.slba = nvme_le64(slba),
	};
	return nvl_execute(disk->queue, &sqe, &data, NULL);
}

int nvl_disk_zero(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes, bool deallocate)
{
	uint64_t most = disk->limits->zero_bytes >> disk->ns->block_shift;
	uint64_t slba = offset >> disk->ns->block_shift;
	uint64_t end = slba + (bytes >> disk->ns->block_shift);
	int result = check_range(disk, offset, bytes);

	if (result != 0)
		return result;
	if (most == 0)
		return write_zeros(disk, offset, bytes);
	most = most < ZERO_BLOCKS ? most : ZERO_BLOCKS;
	for (; slba < end && result == 0; slba += most)
		result = zero_blocks(disk, slba, end - slba < most ? end - slba : most, deallocate);
	return nvl_disk_errno(result);
}

int nvl_disk_discard(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes)
{
	uint64_t most = disk->limits->discard_blocks;
	uint64_t slba = offset >> disk->ns->block_shift;
	uint64_t end = slba + (bytes >> disk->ns->block_shift);
	int result = check_range(disk, offset, bytes);

	if (result != 0)
		return result;
	if (most == 0)
		return -EOPNOTSUPP;
	for (; slba < end && result == 0; slba += most)
		result = discard_blocks(disk, slba, end - slba < most ? end - slba : most);
	return nvl_disk_errno(result);
}
