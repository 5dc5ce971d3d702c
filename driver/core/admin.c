/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Admin commands, one at a time, through a data buffer in the DMA memory.
 *
 * The buffer is copied out before anyone looks at it: the controller could change it at any time.
 */
#include "driver/core/internal.h"

int nvl_admin_data(struct nvl_ctrl *ctrl, const struct nvme_sqe *sqe, void *data, uint32_t bytes,
		   struct nvl_completion *ret_completion)
{
	const struct nvl_buffer buffer = {
		.data = ctrl->admin_data,
		.bytes = NVL_ADMIN_DATA_BYTES,
		.iova = ctrl->admin_data_iova,
	};
	const struct nvl_data piece = { .buffer = &buffer, .bytes = bytes };
	uint32_t direction = NVME_GET(sqe->opcode, NVME_OPCODE_DIRECTION);
	int result;

	if (bytes > NVL_ADMIN_DATA_BYTES)
		return -NVL_EINVAL;
	if (bytes == 0)
		return nvl_execute(ctrl->queues[0], sqe, NULL, ret_completion);
	if (direction & NVME_DIRECTION_TO_CTRL)
		memcpy(ctrl->admin_data, data, bytes);
	else
		memset(ctrl->admin_data, 0, bytes);
	result = nvl_execute(ctrl->queues[0], sqe, &piece, ret_completion);
	if (result == 0 && (direction & NVME_DIRECTION_FROM_CTRL))
		memcpy(data, ctrl->admin_data, bytes);
	return result;
}

int nvl_identify(struct nvl_ctrl *ctrl, const struct nvl_identify *identify, void *data)
{
	struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_IDENTIFY,
		.nsid = nvme_le32(identify->nsid),
		.cdw10 = nvme_le32(NVME_PUT(NVME_IDENTIFY_CNS, identify->cns) |
				   NVME_PUT(NVME_IDENTIFY_CNTID, identify->cntid)),
		.cdw11 = nvme_le32(NVME_PUT(NVME_IDENTIFY_CNSSID, identify->cns_specific) |
				   NVME_PUT(NVME_IDENTIFY_CSI, identify->csi)),
		.cdw14 = nvme_le32(NVME_PUT(NVME_IDENTIFY_UIDX, identify->uuid_index)),
	};

	return nvl_admin_data(ctrl, &sqe, data, NVME_IDENTIFY_BYTES, NULL);
}

static int get_log_piece(struct nvl_ctrl *ctrl, const struct nvl_log *log, uint64_t offset,
			 bool retain, void *data, uint32_t bytes)
{
	uint32_t numd_z = bytes / 4 - 1;
	struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_GET_LOG_PAGE,
		.nsid = nvme_le32(log->nsid),
		.cdw10 = nvme_le32(NVME_PUT(NVME_GET_LOG_LID, log->lid) |
				   NVME_PUT(NVME_GET_LOG_LSP, log->lsp) |
				   NVME_PUT(NVME_GET_LOG_RAE, retain) |
				   NVME_PUT(NVME_GET_LOG_NUMDL, numd_z)),
		.cdw11 = nvme_le32(NVME_PUT(NVME_GET_LOG_NUMDU, numd_z >> 16) |
				   NVME_PUT(NVME_GET_LOG_LSI, log->lsi)),
		.cdw12 = nvme_le32((uint32_t)offset),
		.cdw13 = nvme_le32((uint32_t)(offset >> 32)),
		.cdw14 = nvme_le32(NVME_PUT(NVME_GET_LOG_UIDX, log->uuid_index) |
				   NVME_PUT(NVME_GET_LOG_CSI, log->csi)),
	};

	return nvl_admin_data(ctrl, &sqe, data, bytes, NULL);
}

int nvl_get_log(struct nvl_ctrl *ctrl, const struct nvl_log *log, void *data, uint32_t bytes)
{
	uint64_t limit = ctrl->queues[0]->max_transfer_bytes;
	uint32_t piece_bytes = limit < NVL_ADMIN_DATA_BYTES ? (uint32_t)limit
							    : NVL_ADMIN_DATA_BYTES;
	uint32_t done = 0;

	if (bytes == 0 || bytes % 4 != 0 || log->offset % 4 != 0)
		return -NVL_EINVAL;
	if (bytes > piece_bytes && !NVME_GET(ctrl->id.lpa, NVME_ID_CTRL_LPA_LPEDS))
		return -NVL_EOPNOTSUPP;
	while (done < bytes) {
		uint32_t here = bytes - done < piece_bytes ? bytes - done : piece_bytes;
		bool retain = log->rae || done + here < bytes;
		int result = get_log_piece(ctrl, log, log->offset + done, retain,
					   (uint8_t *)data + done, here);

		if (result)
			return result;
		done += here;
	}
	return 0;
}

static int feature_command(struct nvl_ctrl *ctrl, const struct nvl_feature *feature,
			   struct nvme_sqe *sqe, uint32_t *ret_dw0)
{
	struct nvl_completion completion = { 0 };
	uint32_t bytes = feature->data ? feature->data_bytes : 0;
	int result;

	sqe->nsid = nvme_le32(feature->nsid);
	sqe->cdw11 = nvme_le32(feature->cdw11);
	sqe->cdw12 = nvme_le32(feature->cdw12);
	sqe->cdw13 = nvme_le32(feature->cdw13);
	sqe->cdw14 = nvme_le32(feature->uuid_index & 0x7fu);
	sqe->cdw15 = nvme_le32(feature->cdw15);
	result = nvl_admin_data(ctrl, sqe, feature->data, bytes, &completion);
	if (result == 0 && ret_dw0)
		*ret_dw0 = completion.dw0;
	return result;
}

int nvl_get_feature(struct nvl_ctrl *ctrl, const struct nvl_feature *feature, uint32_t *ret_dw0)
{
	struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_GET_FEATURES,
		.cdw10 = nvme_le32(NVME_PUT(NVME_GET_FEATURES_FID, feature->fid) |
				   NVME_PUT(NVME_GET_FEATURES_SEL, feature->sel)),
	};

	return feature_command(ctrl, feature, &sqe, ret_dw0);
}

int nvl_set_feature(struct nvl_ctrl *ctrl, const struct nvl_feature *feature, uint32_t *ret_dw0)
{
	struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_SET_FEATURES,
		.cdw10 = nvme_le32(NVME_PUT(NVME_SET_FEATURES_FID, feature->fid) |
				   NVME_PUT(NVME_SET_FEATURES_SV, feature->save)),
	};

	return feature_command(ctrl, feature, &sqe, ret_dw0);
}
