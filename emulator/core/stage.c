/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Part of stage 5 of 7: staged commands (stage.h), and commands that wait: for a bounce buffer, or
 * for an overlapping command that must not be mixed with them (atomic.c).
 *
 * Who holds a range needs nothing more but the medium, so nobody waits for one that waits.
 */
#include "emulator/core/stage.h"

#include "common/crc.h"

static uint32_t smaller(uint64_t a, uint32_t b)
{
	return a < b ? (uint32_t)a : b;
}

uint32_t emu_stage_piece(const struct emu_stage *stage)
{
	uint32_t blocks = EMU_BOUNCE_BYTES >> stage->ns->lbads;

	if (stage->ns->ms && EMU_BOUNCE_META / stage->ns->ms < blocks)
		blocks = EMU_BOUNCE_META / stage->ns->ms;
	return smaller(stage->left, blocks);
}

void emu_stage_advance(struct emu_stage *stage)
{
	stage->slba += stage->nlb;
	stage->left -= stage->nlb;
	stage->nlb = 0;
}

static bool is_durable(const struct emu_ctrl *ctrl, const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw12), NVME_RW_FUA) ||
	       !NVME_GET(ctrl->features.cache, NVME_FEAT_VWC_WCE);
}

emu_verdict emu_stage_ask(struct emu *emu, struct emu_req *req, enum emu_media_op op)
{
	const struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	struct emu_stage *stage = req->stage;
	uint32_t nsid = (uint32_t)(stage->ns - emu->ns);

	stage->nlb = emu_stage_piece(stage);
	stage->media = (struct emu_media){
		.tag = req->tag,
		.op = op,
		.ctrl = req->ctrl,
		.fua = op == EMU_MEDIA_WRITE && is_durable(ctrl, req),
		.dulbe = op == EMU_MEDIA_READ && emu_dulbe(ctrl, nsid),
		.nsid = nsid,
		.slba = stage->slba,
		.nlb = stage->nlb,
		.lbads = stage->ns->lbads,
		.ms = stage->ns->ms,
		.data = stage->data,
		.meta = stage->ns->ms ? stage->meta : NULL,
	};
	if (op == EMU_MEDIA_WRITE && stage->media.meta)
		emu_pi_flip(stage->ns, stage->meta, stage->nlb);
	return EMU_PARK;
}

emu_verdict emu_stage_ask_run(struct emu *emu, struct emu_req *req, enum emu_media_op op,
			      uint64_t slba, uint32_t nlb)
{
	struct emu_stage *stage = req->stage;

	stage->media = (struct emu_media){
		.tag = req->tag,
		.op = op,
		.ctrl = req->ctrl,
		.nsid = (uint32_t)(stage->ns - emu->ns),
		.slba = slba,
		.nlb = nlb,
		.lbads = stage->ns->lbads,
		.ms = stage->ns->ms,
		.ret_status = op == EMU_MEDIA_STATUS ? &stage->run : NULL,
	};
	return EMU_PARK;
}

emu_verdict emu_stage_expect_list(struct emu_req *req, uint64_t slba)
{
	req->lbads = (uint8_t)req->ns->lbads;
	req->slba = slba;
	req->nlb = 0; /* until the list is there */
	req->staged = true;
	return EMU_TRANSFER;
}

int emu_stage_move(struct emu *emu, struct emu_req *req, enum emu_move how, uint64_t at, void *data,
		   uint32_t bytes)
{
	struct emu_cursor *cursor = &req->stage->data_at;
	uint32_t moved = bytes;
	int result;

	if (!emu_site(emu, EMU_MARKED) || how == EMU_MOVE_COMPARE)
		return emu_move(emu, req->ctrl, &req->spans, cursor, how, data, bytes);
	moved = emu_fault_moved(emu, req, at, bytes);
	if (how == EMU_MOVE_OUT)
		emu_fault_patch(emu, req, at, data, bytes);
	else
		memset(data, 0, bytes);
	result = emu_move(emu, req->ctrl, &req->spans, cursor, how, data, moved);
	if (result >= 0 && moved < bytes)
		result = emu_move(emu, req->ctrl, &req->spans, cursor, EMU_MOVE_NOTHING, data,
				  bytes - moved);
	if (how == EMU_MOVE_IN)
		emu_fault_patch(emu, req, at, data, bytes);
	return result;
}

nvme_status emu_stage_fetch_list(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 uint32_t count)
{
	struct emu_stage *stage = req->stage;

	if (emu_stage_move(emu, req, EMU_MOVE_IN, 0, stage->list, req->data_bytes) < 0)
		return NVME_SC_DATA_TRANSFER_ERROR;
	stage->ranges = count;
	emu_trace_data(emu, ctrl, XFER_IN, stage->list, req->data_bytes, req->sqid, req->cid,
		       req->data_bytes, nvme_crc64(0, stage->list, req->data_bytes));
	return NVME_SC_SUCCESS;
}

/*
 * Metadata that is compared: all of it but the tuple, which is checked and not compared
 * (unverified).
 */
static int compare_meta(const struct emu_stage *stage, const uint8_t *host, uint32_t first,
			uint32_t nlb)
{
	const struct emu_pi *pi = &stage->pi;
	uint32_t skip = pi->type ? pi->format->pi_bytes : 0;
	uint32_t behind = pi->tuple_at + skip;

	for (uint32_t i = 0; i < nlb; i++) {
		const uint8_t *theirs = host + (size_t)i * pi->ms;
		const uint8_t *ours = stage->meta + (size_t)(first + i) * pi->ms;

		if (memcmp(theirs, ours, pi->tuple_at) != 0 ||
		    memcmp(theirs + behind, ours + behind, pi->ms - behind) != 0)
			return 1;
	}
	return 0;
}

/* @nlb blocks' metadata, from block @first of the piece on. */
static int move_meta(struct emu *emu, struct emu_req *req, struct emu_cursor *cursor,
		     const struct emu_spans *spans, enum emu_move how, uint32_t first, uint32_t nlb)
{
	struct emu_stage *stage = req->stage;
	uint32_t ms = stage->pi.ms;
	int result;

	if (how != EMU_MOVE_COMPARE)
		return emu_move(emu, req->ctrl, spans, cursor, how,
				stage->meta + (size_t)first * ms, nlb * ms);
	result = emu_move(emu, req->ctrl, spans, cursor, EMU_MOVE_IN, stage->list, nlb * ms);
	return result ? result : compare_meta(stage, stage->list, first, nlb);
}

/* Data and metadata of each block in turn: the extended LBA. */
static int move_interleaved(struct emu *emu, struct emu_req *req, enum emu_move how)
{
	struct emu_stage *stage = req->stage;
	uint32_t bytes = stage->pi.block_bytes;
	uint64_t at = (stage->slba - req->slba) * bytes;
	int different = 0;

	for (uint32_t i = 0; i < stage->nlb; i++) {
		int data = emu_stage_move(emu, req, how, at + (uint64_t)i * bytes,
					  stage->data + (size_t)i * bytes, bytes);
		int meta = data < 0 ? -1
				    : move_meta(emu, req, &stage->data_at, &req->spans, how, i, 1);

		if (data < 0 || meta < 0)
			return -1;
		different |= data | meta;
	}
	return different;
}

static int move_separate(struct emu *emu, struct emu_req *req, enum emu_move how)
{
	struct emu_stage *stage = req->stage;
	uint32_t bytes = stage->pi.block_bytes;
	int data = emu_stage_move(emu, req, how, (stage->slba - req->slba) * bytes, stage->data,
				  stage->nlb * bytes);
	int meta = 0;

	if (data >= 0 && emu_pi_is_moved(&stage->pi))
		meta = move_meta(emu, req, &stage->meta_at, req->meta_spans, how, 0, stage->nlb);
	return data < 0 || meta < 0 ? -1 : data | meta;
}

/* User data that came from the host, as emu_start_media() records it. */
static void record_in(struct emu *emu, const struct emu_ctrl *ctrl, const struct emu_req *req,
		      uint32_t bytes)
{
	const struct emu_stage *stage = req->stage;

	if (emu->config.trace_data)
		emu_trace_data(emu, ctrl, USER_DATA, stage->data, bytes, req->sqid, req->cid,
			       (stage->slba - req->slba) * stage->pi.block_bytes);
	emu_trace(emu, ctrl, XFER_IN, req->sqid, req->cid, bytes,
		  nvme_crc64(0, stage->data, bytes));
}

nvme_status emu_stage_host(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   enum emu_move how)
{
	const struct emu_stage *stage = req->stage;
	uint32_t bytes = stage->nlb * stage->pi.block_bytes;
	bool interleaved = stage->ns->extended && emu_pi_is_moved(&stage->pi);
	int result = interleaved ? move_interleaved(emu, req, how) : move_separate(emu, req, how);

	if (result < 0)
		return NVME_SC_DATA_TRANSFER_ERROR;
	if (how == EMU_MOVE_OUT)
		emu_trace(emu, ctrl, XFER_OUT, req->sqid, req->cid, bytes,
			  nvme_crc64(0, stage->data, bytes));
	else if (how == EMU_MOVE_IN)
		record_in(emu, ctrl, req, bytes);
	return result ? NVME_SC_COMPARE_FAILURE : NVME_SC_SUCCESS;
}

static void block(struct emu *emu, struct emu_req *req)
{
	emu_list_push(emu, &emu->blocked, req);
}

/* Who waits tries again, in the old order, before anything that came later. */
static void wake_blocked(struct emu *emu)
{
	struct emu_list reversed = { EMU_NONE, EMU_NONE, 0 };
	struct emu_req *req;

	while ((req = emu_list_pop(emu, &emu->blocked)) != NULL)
		emu_list_push_front(&reversed, req);
	while ((req = emu_list_pop(emu, &reversed)) != NULL)
		emu_list_push_front(&emu->ctrl[req->ctrl].transfer, req);
}

/** emu_stage_release - @req gives back its bounce buffer and its range, if it has any */
void emu_stage_release(struct emu *emu, struct emu_req *req)
{
	if (!req->stage && !req->ranged)
		return;
	if (req->stage) {
		struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];

		emu_sources_release(emu, req);
		req->stage->next = ctrl->stages_free;
		ctrl->stages_free = req->stage;
		req->stage = NULL;
	}
	if (req->ranged)
		emu_range_release(emu, req);
	wake_blocked(emu);
}

static void end(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req, nvme_status status)
{
	uint32_t partner = req->partner;

	if (partner != EMU_NONE && status == NVME_SC_SUCCESS)
		emu_fused_go_on(emu, ctrl, req);
	emu_stage_release(emu, req);
	emu_busy_begin(emu, ctrl); /* until it has taken the service time */
	emu_media_over(emu, ctrl, req, status);
	if (partner != EMU_NONE && status != NVME_SC_SUCCESS)
		emu_fused_fail(emu, req, NVME_SC_ABORTED_FAILED_FUSED);
}

/** emu_stage_answer - the medium has answered a staged command */
void emu_stage_answer(struct emu *emu, struct emu_req *req, int error)
{
	struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	struct emu_stage *stage = req->stage;

	ctrl->media_pending--;
	if (__builtin_expect(emu->watched, 0))
		emu_cdq_note(emu, req->ctrl, &stage->media);
	if (req->dropped) {
		emu_stage_release(emu, req);
		emu_req_drop(emu, req);
		return;
	}
	emu_trace(emu, ctrl, MEDIA_DONE, (uint16_t)req->sqid, req->cid, (uint32_t)-error);
	emu_busy_end(emu, ctrl, 1);
	if (error) {
		end(emu, ctrl, req, emu_status_from_errno(req, error));
		return;
	}
	if (stage->media.op == EMU_MEDIA_READ && stage->media.meta)
		emu_pi_flip(stage->ns, stage->meta, stage->media.nlb);
	req->state = EMU_REQ_TRANSFER;
	emu_list_push(emu, &ctrl->transfer, req);
}

static void start_media(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_media *media = &req->stage->media;
	int error;

	emu_trace(emu, ctrl, MEDIA, (uint16_t)req->sqid, req->cid, media->op, media->nsid,
		  media->slba, media->nlb);
	req->state = EMU_REQ_MEDIA;
	req->due_nsec = emu_service_end(emu, ctrl);
	req->error_lba = media->slba;
	ctrl->media_pending++;
	emu_busy_begin(emu, ctrl);
	if (!emu_site(emu, EMU_SITES_MEDIA) || emu_fault_media(emu, ctrl, req, media, &error))
		error = emu->ops.media(emu->ops.arg, media);
	if (error != EMU_PENDING)
		emu_stage_answer(emu, req, error);
}

static void turn(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	emu_verdict verdict = emu_cmd_of(req)->turn(emu, ctrl, req);

	if (verdict == EMU_PARK)
		start_media(emu, ctrl, req);
	else if (verdict == EMU_BLOCK)
		block(emu, req);
	else
		end(emu, ctrl, req, verdict);
}

static void begin(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;

	if (!stage) {
		stage = ctrl->stages_free;
		ctrl->stages_free = stage->next;
	}
	memset(stage, 0, offsetof(struct emu_stage, list));
	stage->ns = req->ns;
	stage->slba = req->slba;
	stage->left = req->nlb;
	emu_pi_init(&stage->pi, req->ns, req);
	req->stage = stage;
	if (!req->ranged && emu_cmd_of(req)->flags & EMU_CMD_RANGE)
		emu_range_hold(emu, req);
}

/*
 * A command without a machine of its own that waited, or that others have to wait for. The medium
 * may have it afterwards; then the range is given back when that answers.
 */
static void start_ranged(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	emu_start_media(emu, ctrl, req);
	if (req->state != EMU_REQ_MEDIA && req->ranged)
		emu_stage_release(emu, req);
}

/**
 * emu_stage_take - what the transfer stage does when something is unusual
 * Return: false for a command that goes to the medium like any other.
 */
bool emu_stage_take(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	bool ranged = emu_cmd_of(req)->flags & EMU_CMD_RANGE && req->sqid != 0;

	if (req->cancelled) {
		emu_abort_over(emu, ctrl, req);
		return true;
	}
	if (req->stage && req->stage->ns) {
		turn(emu, ctrl, req);
		return true;
	}
	if ((ranged && !req->ranged && emu_range_conflicts(emu, req)) ||
	    (req->staged && !req->stage && !ctrl->stages_free)) {
		block(emu, req);
		return true;
	}
	if (req->staged) {
		begin(emu, ctrl, req);
		turn(emu, ctrl, req);
		return true;
	}
	if (!req->ranged)
		return false;
	start_ranged(emu, ctrl, req);
	return true;
}
