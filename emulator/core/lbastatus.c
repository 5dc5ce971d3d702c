/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Get LBA Status (NVM 1.0 4.2.1, unverified): the runs of blocks that reading fails for, or that
 * are allocated. The medium is asked run by run.
 */
#include "emulator/core/stage.h"

#include "common/crc.h"

#define CDW13 offsetof(struct nvme_sqe, cdw13)
#define DESCRIPTORS \
	((EMU_BOUNCE_BYTES - sizeof(struct nvme_lba_status)) / sizeof(struct nvme_lba_status_desc))

/* Why the list ends. */
#define CMPC_FULL     1
#define CMPC_COMPLETE 2

/* Bits of a descriptor's status. */
#define STATUS_FAILS	 1
#define STATUS_ALLOCATED 2

static uint32_t action_of(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw13), NVME_GET_LBA_STATUS_ATYPE);
}

emu_verdict emu_exec_lba_status(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t rl = NVME_GET(nvme_cpu32(req->sqe.cdw13), NVME_GET_LBA_STATUS_RL);
	uint32_t action = action_of(req);
	nvme_status status;

	(void)emu;
	(void)ctrl;
	if (action != NVME_LBA_STATUS_ALLOCATED && action != NVME_LBA_STATUS_SCAN &&
	    action != NVME_LBA_STATUS_TRACKED)
		return emu_bad_field(req, CDW13 + 3, 0);
	req->slba = nvme_cpu32(req->sqe.cdw10) | (uint64_t)nvme_cpu32(req->sqe.cdw11) << 32;
	req->nlb = rl;
	req->lbads = (uint8_t)req->ns->lbads;
	status = emu_ns_check_range(req->ns, req, req->slba, rl ? rl : 1);
	req->staged = true;
	return status ? status : EMU_TRANSFER;
}

/* MNDW is 0's based, in dwords; what overflows is too much anyway. */
uint32_t emu_lba_status_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint64_t bytes = (nvme_cpu32(req->sqe.cdw12) + 1ull) * 4;

	(void)emu;
	(void)ctrl;
	return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

/* How many descriptors have room behind the header. */
static uint32_t capacity_of(const struct emu_req *req)
{
	size_t head = sizeof(struct nvme_lba_status);
	size_t room = req->data_bytes < head ? 0 : req->data_bytes - head;

	room /= sizeof(struct nvme_lba_status_desc);
	return (uint32_t)(room < DESCRIPTORS ? room : DESCRIPTORS);
}

static uint8_t status_of(const struct emu_req *req)
{
	const struct emu_media_status *run = &req->stage->run;
	uint8_t allocated = run->allocated ? STATUS_ALLOCATED : 0;

	if (action_of(req) == NVME_LBA_STATUS_ALLOCATED)
		return allocated;
	return run->uncorrectable ? STATUS_FAILS | allocated : 0;
}

static struct nvme_lba_status_desc *descriptor(struct emu_stage *stage, uint32_t index)
{
	return (struct nvme_lba_status_desc *)(void *)(stage->data +
						       sizeof(struct nvme_lba_status)) +
	       index;
}

/* False when there is no room for the run that the medium has told of. */
static bool add_run(const struct emu_req *req)
{
	struct emu_stage *stage = req->stage;
	uint8_t status = status_of(req);
	struct nvme_lba_status_desc *last;

	if (status == 0)
		return true;
	if (stage->used) {
		uint64_t nlb;

		last = descriptor(stage, stage->used - 1);
		nlb = (uint64_t)nvme_cpu32(last->nlb) + stage->run.nlb;
		if (last->status == status && nlb <= UINT32_MAX &&
		    nvme_cpu64(last->dslba) + nvme_cpu32(last->nlb) == stage->slba) {
			last->nlb = nvme_le32((uint32_t)nlb);
			return true;
		}
	}
	if (stage->used == capacity_of(req))
		return false;
	last = descriptor(stage, stage->used++);
	memset(last, 0, sizeof(*last));
	last->dslba = nvme_le64(stage->slba);
	last->nlb = nvme_le32(stage->run.nlb);
	last->status = status;
	return true;
}

/* The list, and zeros behind it. */
static nvme_status give(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req, uint8_t cmpc)
{
	struct emu_stage *stage = req->stage;
	struct nvme_lba_status *head = (void *)stage->data;
	uint32_t used = (uint32_t)(sizeof(*head) + stage->used * sizeof(*descriptor(stage, 0)));
	uint32_t done = 0;

	memset(head, 0, sizeof(*head));
	head->nlsd = nvme_le32(stage->used);
	head->cmpc = cmpc;
	memset(stage->data + used, 0, EMU_BOUNCE_BYTES - used);
	while (done < req->data_bytes) {
		uint32_t now = req->data_bytes - done;

		now = now < EMU_BOUNCE_BYTES ? now : EMU_BOUNCE_BYTES;
		if (emu_stage_move(emu, req, EMU_MOVE_OUT, done, stage->data, now) < 0)
			return NVME_SC_DATA_TRANSFER_ERROR;
		if (done == 0)
			emu_trace_data(emu, ctrl, XFER_OUT, stage->data, now < used ? now : used,
				       req->sqid, req->cid, req->data_bytes,
				       nvme_crc64(0, stage->data, now < used ? now : used));
		done += now;
		memset(stage->data, 0, used);
	}
	return NVME_SC_SUCCESS;
}

emu_verdict emu_turn_lba_status(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;

	if (stage->phase == 0) {
		stage->phase = 1;
		if (stage->left == 0)
			stage->left = req->ns->blocks - stage->slba;
	} else {
		if (stage->run.nlb == 0 || stage->run.nlb > stage->left)
			emu_panic(emu,
				  "the medium tells of a run of no length, or too many blocks");
		if (!add_run(req))
			return give(emu, ctrl, req, CMPC_FULL);
		stage->slba += stage->run.nlb;
		stage->left -= stage->run.nlb;
	}
	if (stage->left == 0)
		return give(emu, ctrl, req, CMPC_COMPLETE);
	return emu_stage_ask_run(emu, req, EMU_MEDIA_STATUS, stage->slba,
				 stage->left < INT32_MAX ? (uint32_t)stage->left : INT32_MAX);
}
