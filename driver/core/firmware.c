/* SPDX-License-Identifier: BSD-3-Clause */
/* Firmware: an image in pieces, and what is to become of it (Base 2.0 5.11, 5.12, unverified). */
#include "driver/core/internal.h"

#define FWUG_BYTES   4096u /* unit of FWUG */
#define FWUG_UNKNOWN 0x00  /* nothing is said: pieces of a page are what every controller takes */
#define FWUG_ANY     0xff

/* Bytes of a piece; 0 if none of ours is allowed. */
static uint32_t piece_bytes(const struct nvl_ctrl *ctrl)
{
	uint64_t limit = ctrl->queues[0]->max_transfer_bytes;
	uint32_t unit = ctrl->id.fwug * FWUG_BYTES;

	if (limit > NVL_ADMIN_DATA_BYTES)
		limit = NVL_ADMIN_DATA_BYTES;
	if (ctrl->id.fwug == FWUG_ANY || ctrl->id.fwug == FWUG_UNKNOWN)
		unit = FWUG_BYTES;
	return (uint32_t)limit / unit * unit;
}

int nvl_fw_piece(struct nvl_ctrl *ctrl, const void *piece, uint32_t bytes, uint32_t offset)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_FW_DOWNLOAD,
		.cdw10 = nvme_le32(bytes / 4 - 1),
		.cdw11 = nvme_le32(offset / 4),
	};

	if (bytes == 0 || (bytes | offset) % 4 != 0)
		return -NVL_EINVAL;
	/* Data of this direction is only read. */
	return nvl_admin_data(ctrl, &sqe, (void *)(uintptr_t)piece, bytes, NULL);
}

int nvl_fw_download(struct nvl_ctrl *ctrl, const void *image, uint32_t bytes)
{
	uint32_t piece = piece_bytes(ctrl);
	const uint8_t *data = image;

	if (bytes == 0 || bytes % 4 != 0)
		return -NVL_EINVAL;
	if (piece == 0)
		return -NVL_EOPNOTSUPP;
	for (uint32_t at = 0; at < bytes;) {
		uint32_t here = bytes - at < piece ? bytes - at : piece;
		int result = nvl_fw_piece(ctrl, data + at, here, at);

		if (result)
			return result;
		at += here;
	}
	return 0;
}

int nvl_fw_commit(struct nvl_ctrl *ctrl, const struct nvl_fw_commit *commit,
		  struct nvl_completion *ret_completion)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_FW_COMMIT,
		.cdw10 = nvme_le32(NVME_PUT(NVME_FW_COMMIT_FS, commit->slot) |
				   NVME_PUT(NVME_FW_COMMIT_CA, (uint32_t)commit->action) |
				   NVME_PUT(NVME_FW_COMMIT_BPID, commit->boot_partition)),
	};

	return nvl_execute(ctrl->queues[0], &sqe, NULL, ret_completion);
}
