/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of commands of the NVM Command Set (NVM 1.0 3), one row a command, and how they count.
 */
#include "emulator/core/stage.h"

#define SUPPORTED NVME_MASK(NVME_EFFECTS_CSUPP)
#define CHANGES	  NVME_MASK(NVME_EFFECTS_LBCC)
#define READING	  (EMU_CMD_NS | EMU_CMD_READS | EMU_CMD_RANGE)
#define WRITING	  (EMU_CMD_NS | EMU_CMD_WRITES | EMU_CMD_RANGE)

static uint64_t slba_of(const struct emu_req *req)
{
	return nvme_cpu32(req->sqe.cdw10) | (uint64_t)nvme_cpu32(req->sqe.cdw11) << 32;
}

static uint32_t nlb_of(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw12), NVME_RW_NLB) + 1;
}

/** emu_exec_blocks - the blocks that a command names, and that they exist; EMU_TRANSFER */
emu_verdict emu_exec_blocks(struct emu_req *req)
{
	nvme_status status;

	req->slba = slba_of(req);
	req->nlb = nlb_of(req);
	req->lbads = (uint8_t)req->ns->lbads;
	req->block_bytes = 1u << req->ns->lbads;
	status = emu_ns_check_range(req->ns, req, req->slba, req->nlb);
	return status ? status : EMU_TRANSFER;
}

/* NVM 1.0 3.2.4 Read, 3.2.6 Write (unverified). Directives are not supported. */
static emu_verdict exec_read_write(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	emu_verdict verdict;

	(void)emu;
	(void)ctrl;
	if (req->sqe.opcode == NVME_CMD_WRITE &&
	    NVME_GET(nvme_cpu32(req->sqe.cdw12), NVME_RW_DTYPE))
		return emu_bad_field(req, offsetof(struct nvme_sqe, cdw12) + 2, 4);
	verdict = emu_exec_blocks(req);
	if (__builtin_expect(req->ns->ms != 0, 0) && verdict == EMU_TRANSFER)
		return emu_exec_metadata(req);
	return verdict;
}

/* 65,536 blocks of 65,536 bytes are more than 32 bits hold, and than MDTS can allow. */
static uint32_t block_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint64_t bytes;

	(void)emu;
	(void)ctrl;
	bytes = (uint64_t)req->nlb * req->block_bytes;
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

#define RESERVATION(exec, data, length, data_part)                                          \
	{                                                                                   \
		.execute = exec, .transfer = data, .data_bytes = length, .part = data_part, \
		.effects = SUPPORTED, .flags = EMU_CMD_NS, .key = EMU_KEY(reservations),    \
		.cap = NVME_MASK(NVME_ID_CTRL_ONCS_RESERVATIONS), .since = EMU_VS_1_1       \
	}

const struct emu_cmd emu_nvm_cmds[256] = {
	/* clang-format off */
	[NVME_CMD_RESV_REGISTER] = RESERVATION(emu_exec_resv_register, emu_resv_register,
					       emu_resv_bytes, NULL),
	[NVME_CMD_RESV_ACQUIRE] = RESERVATION(emu_exec_resv_acquire, emu_resv_acquire,
					      emu_resv_bytes, NULL),
	[NVME_CMD_RESV_RELEASE] = RESERVATION(emu_exec_resv_release, emu_resv_release,
					      emu_resv_bytes, NULL),
	[NVME_CMD_RESV_REPORT] = RESERVATION(emu_exec_resv_report, NULL, emu_resv_report_bytes,
					     emu_resv_report),
	[NVME_CMD_FLUSH] = { exec_flush, NULL, NULL, SUPPORTED, EMU_CMD_WRITES,
			     .media = EMU_MEDIA_FLUSH },
	[NVME_CMD_WRITE] = { exec_read_write, NULL, block_bytes, SUPPORTED | CHANGES, WRITING,
			     .turn = emu_turn_read_write, .media = EMU_MEDIA_WRITE },
	[NVME_CMD_READ]  = { exec_read_write, NULL, block_bytes, SUPPORTED, READING,
			     .turn = emu_turn_read_write, .media = EMU_MEDIA_READ },
	[NVME_CMD_WRITE_UNCORRECTABLE] = { emu_exec_write_uncorrectable, NULL, NULL,
			     SUPPORTED | CHANGES, WRITING, .media = EMU_MEDIA_UNCORRECTABLE,
			     .key = EMU_KEY(write_uncorrectable),
			     .cap = NVME_MASK(NVME_ID_CTRL_ONCS_WRITE_UNCORRECTABLE) },
	[NVME_CMD_COMPARE] = { emu_exec_compare, NULL, block_bytes, SUPPORTED, READING,
			     .turn = emu_turn_compare, .key = EMU_KEY(compare),
			     .cap = NVME_MASK(NVME_ID_CTRL_ONCS_COMPARE) },
	[NVME_CMD_WRITE_ZEROES] = { emu_exec_write_zeroes, NULL, NULL, SUPPORTED | CHANGES, WRITING,
			     .turn = emu_turn_write_zeroes, .media = EMU_MEDIA_WRITE_ZEROES,
			     .key = EMU_KEY(write_zeroes),
			     .cap = NVME_MASK(NVME_ID_CTRL_ONCS_WRITE_ZEROES) },
	[NVME_CMD_DSM] = { emu_exec_dsm, NULL, emu_dsm_bytes, SUPPORTED | CHANGES,
			     EMU_CMD_NS | EMU_CMD_WRITES, .turn = emu_turn_dsm,
			     .key = EMU_KEY(dsm), .cap = NVME_MASK(NVME_ID_CTRL_ONCS_DSM) },
	[NVME_CMD_VERIFY] = { emu_exec_verify, NULL, NULL, SUPPORTED, READING,
			     .turn = emu_turn_compare, .key = EMU_KEY(verify),
			     .cap = NVME_MASK(NVME_ID_CTRL_ONCS_VERIFY) },
	[NVME_CMD_COPY] = { emu_exec_copy, NULL, emu_copy_bytes, SUPPORTED | CHANGES,
			     EMU_CMD_NS | EMU_CMD_WRITES, .turn = emu_turn_copy,
			     .key = EMU_KEY(copy), .cap = NVME_MASK(NVME_ID_CTRL_ONCS_COPY) },
	/* clang-format on */
};

/** emu_dulbe - feature 05h: reading a deallocated block of namespace @nsid is an error */
bool emu_dulbe(const struct emu_ctrl *ctrl, uint32_t nsid)
{
	return NVME_GET(ctrl->ns_features[nsid].recovery, NVME_FEAT_ERR_DULBE);
}

/* Whether what @req writes has to be durable when it completes. */
static inline bool is_durable(const struct emu_ctrl *ctrl, uint32_t cdw12)
{
	return NVME_GET(cdw12, NVME_RW_FUA) || !NVME_GET(ctrl->features.cache, NVME_FEAT_VWC_WCE);
}

/*
 * What the medium is asked for. Admin commands and the controller itself only ever flush. Member by
 * member, since to clear the structure first takes longer than all the rest.
 */
void emu_describe_media(const struct emu_ctrl *ctrl, const struct emu_req *req,
			struct emu_media *ret_media)
{
	uint32_t cdw12 = nvme_cpu32(req->sqe.cdw12), nsid = nvme_cpu32(req->sqe.nsid);
	enum emu_media_op op = emu_nvm_cmds[req->sqe.opcode].media;
	bool io = req->sqid != 0 && req->sqid != EMU_INTERNAL_SQ;

	if (__builtin_expect(!io || op == EMU_MEDIA_FLUSH, 0)) {
		*ret_media = (struct emu_media){ .tag = req->tag,
						 .op = EMU_MEDIA_FLUSH,
						 .ctrl = ctrl->index,
						 .nsid = io ? nsid : NVME_NSID_ALL };
		return;
	}
	ret_media->tag = req->tag;
	ret_media->op = op;
	ret_media->ctrl = ctrl->index;
	ret_media->fua = is_durable(ctrl, cdw12);
	ret_media->deallocate = op == EMU_MEDIA_WRITE_ZEROES && NVME_GET(cdw12, NVME_RW_DEAC);
	ret_media->dulbe = emu_dulbe(ctrl, nsid);
	ret_media->nsid = nsid;
	ret_media->slba = req->slba;
	ret_media->nlb = req->nlb;
	ret_media->lbads = req->lbads;
	ret_media->ms = req->ns->ms;
	ret_media->spans = req->data_bytes ? &req->spans : NULL;
	ret_media->data = NULL;
	ret_media->meta = NULL;
	ret_media->blocks = 0;
	ret_media->ret_status = NULL;
}

/** emu_count_io - what the SMART log counts of a command that the medium has answered */
void emu_count_io(struct emu_ctrl *ctrl, const struct emu_req *req, nvme_status status)
{
	uint64_t sectors = (uint64_t)req->nlb << req->lbads >> 9;

	if (__builtin_expect(status != NVME_SC_SUCCESS, 0)) {
		ctrl->counters.media_errors += NVME_GET(status, NVME_STATUS_SCT) == NVME_SCT_MEDIA;
		return;
	}
	if (req->sqid == 0 || req->sqid == EMU_INTERNAL_SQ)
		return;
	if (req->sqe.opcode == NVME_CMD_READ || req->sqe.opcode == NVME_CMD_COMPARE ||
	    req->sqe.opcode == NVME_CMD_VERIFY) {
		ctrl->counters.host_reads++;
		ctrl->counters.sectors_read += sectors;
	} else if (req->sqe.opcode == NVME_CMD_WRITE) {
		ctrl->counters.host_writes++;
		ctrl->counters.sectors_written += sectors;
	}
}

uint64_t emu_busy_nsec(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	uint64_t now = ctrl->io_busy ? emu->now_nsec - ctrl->busy_since_nsec : 0;

	return ctrl->counters.busy_nsec + now;
}
