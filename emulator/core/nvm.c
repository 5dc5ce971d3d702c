/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of commands of the NVM Command Set (NVM 1.0 3), one row a command, and how they count.
 */
#include "emulator/core/internal.h"

#define SUPPORTED NVME_MASK(NVME_EFFECTS_CSUPP)
#define CHANGES	  NVME_MASK(NVME_EFFECTS_LBCC)

static uint64_t slba_of(const struct emu_req *req)
{
	return nvme_cpu32(req->sqe.cdw10) | (uint64_t)nvme_cpu32(req->sqe.cdw11) << 32;
}

static uint32_t nlb_of(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw12), NVME_RW_NLB) + 1;
}

/* NVM 1.0 3.2.4 Read, 3.2.6 Write (unverified). Directives are not supported. */
static emu_verdict exec_read_write(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	nvme_status status;

	(void)emu;
	(void)ctrl;
	if (req->sqe.opcode == NVME_CMD_WRITE &&
	    NVME_GET(nvme_cpu32(req->sqe.cdw12), NVME_RW_DTYPE))
		return emu_bad_field(req, offsetof(struct nvme_sqe, cdw12) + 2, 4);
	req->slba = slba_of(req);
	req->nlb = nlb_of(req);
	req->lbads = (uint8_t)req->ns->lbads;
	status = emu_ns_check_range(req->ns, req, req->slba, req->nlb);
	return status ? status : EMU_TRANSFER;
}

/* 65,536 blocks of 65,536 bytes are more than 32 bits hold, and than MDTS can allow. */
static uint32_t read_write_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint64_t bytes;

	(void)emu;
	(void)ctrl;
	bytes = (uint64_t)req->nlb << req->lbads;
	return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

/* NVM 1.0 3.2.2 Flush (unverified). FFFFFFFFh is all namespaces; ID.VWC says that we allow it. */
static emu_verdict exec_flush(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	if (nsid != NVME_NSID_ALL && !emu_ns_find(emu, ctrl, nsid))
		return emu_ns_bad(emu, req);
	return emu->config.vwc ? EMU_TRANSFER : NVME_SC_SUCCESS;
}

const struct emu_cmd emu_nvm_cmds[256] = {
	/* clang-format off */
	[NVME_CMD_FLUSH] = { exec_flush, NULL, NULL, SUPPORTED, EMU_CMD_WRITES },
	[NVME_CMD_WRITE] = { exec_read_write, NULL, read_write_bytes, SUPPORTED | CHANGES,
			     EMU_CMD_NS | EMU_CMD_WRITES },
	[NVME_CMD_READ]  = { exec_read_write, NULL, read_write_bytes, SUPPORTED,
			     EMU_CMD_NS | EMU_CMD_READS },
	/* clang-format on */
};

/* What the medium is asked for. Admin commands and the controller itself only ever flush. */
void emu_describe_media(struct emu *emu, struct emu_req *req, struct emu_media *ret_media)
{
	const struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];

	ret_media->op = EMU_MEDIA_FLUSH;
	ret_media->nsid = NVME_NSID_ALL;
	if (req->sqid == 0 || req->sqid == EMU_INTERNAL_SQ)
		return;
	ret_media->nsid = nvme_cpu32(req->sqe.nsid);
	if (req->sqe.opcode == NVME_CMD_FLUSH)
		return;
	ret_media->op = req->sqe.opcode == NVME_CMD_READ ? EMU_MEDIA_READ : EMU_MEDIA_WRITE;
	ret_media->slba = req->slba;
	ret_media->nlb = req->nlb;
	ret_media->lbads = req->lbads;
	ret_media->spans = &req->spans;
	ret_media->fua = NVME_GET(nvme_cpu32(req->sqe.cdw12), NVME_RW_FUA) ||
			 !NVME_GET(ctrl->features.cache, NVME_FEAT_VWC_WCE);
}

/** emu_count_io - what the SMART log counts of a command that the medium has answered */
void emu_count_io(struct emu_ctrl *ctrl, const struct emu_req *req, nvme_status status)
{
	uint64_t sectors = req->data_bytes / 512;

	if (NVME_GET(status, NVME_STATUS_SCT) == NVME_SCT_MEDIA)
		ctrl->counters.media_errors++;
	if (status || req->sqid == 0 || req->sqid == EMU_INTERNAL_SQ)
		return;
	if (req->sqe.opcode == NVME_CMD_READ) {
		ctrl->counters.host_reads++;
		ctrl->counters.sectors_read += sectors;
	} else if (req->sqe.opcode == NVME_CMD_WRITE) {
		ctrl->counters.host_writes++;
		ctrl->counters.sectors_written += sectors;
	}
}

/* Controller Busy Time: while any command is with the medium (Base 2.0 5.16.1.3, unverified). */
void emu_busy_begin(const struct emu *emu, struct emu_ctrl *ctrl)
{
	if (ctrl->io_busy++ == 0)
		ctrl->busy_since_nsec = emu->now_nsec;
}

void emu_busy_end(const struct emu *emu, struct emu_ctrl *ctrl, uint32_t commands)
{
	if (commands == 0)
		return;
	ctrl->io_busy -= commands;
	if (ctrl->io_busy == 0)
		ctrl->counters.busy_nsec += emu->now_nsec - ctrl->busy_since_nsec;
}

uint64_t emu_busy_nsec(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	uint64_t now = ctrl->io_busy ? emu->now_nsec - ctrl->busy_since_nsec : 0;

	return ctrl->counters.busy_nsec + now;
}
