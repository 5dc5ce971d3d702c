/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 5 of 7: transfer. Data of admin commands goes through a scratch page; user data goes
 * between host memory and the medium without passing here.
 */
#include "emulator/core/job.h"
#include "emulator/core/spans.h"
#include "emulator/core/stage.h"

#include "common/crc.h"

/** emu_copy_from_host - copy @bytes of host memory; false when it was not there */
bool emu_copy_from_host(struct emu *emu, struct emu_ctrl *ctrl, uint64_t iova, void *to,
			uint32_t bytes)
{
	uint8_t *at = to;

	while (bytes > 0) {
		uint32_t now = ctrl->page_bytes - (uint32_t)(iova & (ctrl->page_bytes - 1));
		const void *from;

		now = now > bytes ? bytes : now;
		from = emu->ops.dma(emu->ops.arg, ctrl->index, iova, now, EMU_DMA_READ);
		if (!from)
			return false;
		memcpy(at, from, now);
		at += now;
		iova += now;
		bytes -= now;
	}
	return true;
}

/* One piece of host memory within a page, for copying. */
typedef void piece_fn(void *host, uint32_t bytes, uint32_t at, void *arg);

/* A walk over the data of a request; @at of @bytes are done. */
struct pieces {
	struct emu *emu;
	struct emu_req *req;
	enum emu_prot prot;
	uint32_t bytes;
	uint32_t at;
	piece_fn *piece;
	void *arg;
};

static bool do_span(struct pieces *walk, const struct emu_span *span)
{
	const struct emu_ops *ops = &walk->emu->ops;
	uint32_t page = walk->emu->ctrl[walk->req->ctrl].page_bytes;
	uint32_t todo = walk->bytes - walk->at;
	uint64_t iova = span->iova;

	todo = span->bytes < todo ? (uint32_t)span->bytes : todo;
	if (__builtin_expect(iova == EMU_SPAN_BUCKET, 0)) {
		walk->at += todo;
		return true;
	}
	while (todo > 0) {
		uint32_t now = page - (uint32_t)(iova & (page - 1));
		void *host;

		now = now > todo ? todo : now;
		host = ops->dma(ops->arg, walk->req->ctrl, iova, now, walk->prot);
		if (!host)
			return false;
		walk->piece(host, now, walk->at, walk->arg);
		iova += now;
		todo -= now;
		walk->at += now;
	}
	return true;
}

/* Calls @piece for the data of @req, page by page. Return: false when host memory was not there. */
static bool for_each_piece(struct emu *emu, struct emu_req *req, enum emu_prot prot, uint32_t bytes,
			   piece_fn *piece, void *arg)
{
	struct pieces walk = { emu, req, prot, bytes, 0, piece, arg };

	for (struct emu_spans *node = &req->spans; node; node = node->next) {
		for (uint32_t i = 0; i < node->count; i++) {
			if (!do_span(&walk, &node->span[i]))
				return false;
		}
	}
	return true;
}

static uint64_t checksum(const struct emu *emu, uint64_t crc, const void *data, uint32_t bytes)
{
	return emu->ops.crc64 ? emu->ops.crc64(emu->ops.arg, crc, data, bytes)
			      : nvme_crc64(crc, data, bytes);
}

/* User data on its way into the trace. */
struct tracing {
	struct emu *emu;
	const struct emu_req *req;
	bool whole;
	uint64_t crc;
};

static void piece_traced(void *host, uint32_t bytes, uint32_t at, void *arg)
{
	struct tracing *tracing = arg;
	const struct emu_req *req = tracing->req;

	tracing->crc = checksum(tracing->emu, tracing->crc, host, bytes);
	if (tracing->whole)
		emu_trace_data(tracing->emu, &tracing->emu->ctrl[req->ctrl], USER_DATA, host, bytes,
			       req->sqid, req->cid, at);
}

/*
 * The checksum of user data, for the trace; regenerating the data is the reader's business, unless
 * the key trace_data asks for what the host sends.
 */
static __attribute__((noinline)) uint64_t user_crc(struct emu *emu, struct emu_req *req, bool in)
{
	struct tracing tracing = { emu, req, in && emu->config.trace_data, 0 };

	for_each_piece(emu, req, EMU_DMA_READ, req->data_bytes, piece_traced, &tracing);
	return tracing.crc;
}

/*
 * Data of an admin command on its way through the scratch page, which holds the bytes @base ..
 * @base + @used - 1 of it.
 */
struct passage {
	struct emu *emu;
	struct emu_ctrl *ctrl;
	struct emu_req *req;
	const struct emu_cmd *cmd;
	uint32_t base;
	uint32_t used;
	nvme_status status;
};

static uint32_t window_bytes(const struct passage *passage)
{
	uint32_t left = passage->req->data_bytes - passage->base;

	return left < EMU_SCRATCH_BYTES ? left : EMU_SCRATCH_BYTES;
}

/* The handler's part: it takes what the scratch page holds, or makes it. */
static nvme_status handle(struct passage *passage)
{
	const struct emu_cmd *cmd = passage->cmd;
	uint8_t *scratch = passage->emu->scratch;

	if (cmd->part)
		return cmd->part(passage->emu, passage->ctrl, passage->req, passage->base, scratch,
				 window_bytes(passage));
	/* A whole: what is longer than the scratch page is zero behind it. */
	return passage->base ? NVME_SC_SUCCESS
			     : cmd->transfer(passage->emu, passage->ctrl, passage->req, scratch);
}

/* What fault rules make of the window. */
static void change(struct passage *passage)
{
	if (emu_site(passage->emu, EMU_MARKED))
		emu_fault_patch(passage->emu, passage->req, passage->base, passage->emu->scratch,
				window_bytes(passage));
}

/* How many of @bytes from byte @at of the data on a fault rule lets pass. */
static uint32_t moved(const struct passage *passage, uint32_t at, uint32_t bytes)
{
	return emu_site(passage->emu, EMU_MARKED)
		       ? emu_fault_moved(passage->emu, passage->req, at, bytes)
		       : bytes;
}

/* The window is full, or the data is at its end. */
static void record_window(struct passage *passage, bool out)
{
	const struct emu_req *req = passage->req;
	const uint8_t *scratch = passage->emu->scratch;
	uint32_t bytes = passage->used;

	if (out)
		emu_trace_data(passage->emu, passage->ctrl, XFER_OUT, scratch, bytes, req->sqid,
			       req->cid, bytes, checksum(passage->emu, 0, scratch, bytes));
	else
		emu_trace_data(passage->emu, passage->ctrl, XFER_IN, scratch, bytes, req->sqid,
			       req->cid, bytes, checksum(passage->emu, 0, scratch, bytes));
}

/* The scratch page is made anew whenever the last window has gone out whole. */
static void piece_out(void *host, uint32_t bytes, uint32_t at, void *arg)
{
	struct passage *passage = arg;
	uint8_t *scratch = passage->emu->scratch;

	while (bytes > 0 && passage->status == NVME_SC_SUCCESS) {
		uint32_t now, within = at % EMU_SCRATCH_BYTES;

		if (within == 0) {
			memset(scratch, 0, EMU_SCRATCH_BYTES);
			passage->base = at;
			passage->used = 0;
			passage->status = handle(passage);
			if (passage->status)
				return;
			change(passage);
		}
		now = EMU_SCRATCH_BYTES - within < bytes ? EMU_SCRATCH_BYTES - within : bytes;
		memcpy(host, scratch + within, moved(passage, at, now));
		passage->used += now;
		host = (uint8_t *)host + now;
		at += now;
		bytes -= now;
		if (passage->used == window_bytes(passage))
			record_window(passage, true);
	}
}

/* Copied once, then handed over: a handler never looks at host memory. */
static void piece_in(void *host, uint32_t bytes, uint32_t at, void *arg)
{
	struct passage *passage = arg;

	while (bytes > 0 && passage->status == NVME_SC_SUCCESS) {
		uint32_t within = at % EMU_SCRATCH_BYTES;
		uint32_t room = EMU_SCRATCH_BYTES - within;
		uint32_t now = room < bytes ? room : bytes;

		memset(passage->emu->scratch + within, 0, now);
		memcpy(passage->emu->scratch + within, host, moved(passage, at, now));
		passage->used += now;
		host = (uint8_t *)host + now;
		at += now;
		bytes -= now;
		if (passage->used < window_bytes(passage))
			continue;
		change(passage);
		record_window(passage, false);
		passage->status = handle(passage);
		passage->base = at;
		passage->used = 0;
	}
}

static emu_verdict transfer_handled(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct passage passage = { emu, ctrl, req, emu_cmd_of(req), 0, 0, NVME_SC_SUCCESS };
	bool in = NVME_GET(req->sqe.opcode, NVME_OPCODE_DIRECTION) == NVME_DIRECTION_TO_CTRL;

	if (in && !passage.cmd->part && req->data_bytes > EMU_SCRATCH_BYTES)
		emu_panic(emu, "a command takes more data than the scratch page holds");
	memset(emu->scratch, 0, sizeof(emu->scratch));
	if (!for_each_piece(emu, req, in ? EMU_DMA_READ : EMU_DMA_WRITE, req->data_bytes,
			    in ? piece_in : piece_out, &passage))
		return NVME_SC_DATA_TRANSFER_ERROR;
	if (passage.status == NVME_SC_SUCCESS && req->sqid == 0 &&
	    req->sqe.opcode == NVME_ADMIN_GET_LOG_PAGE)
		emu_log_was_read(emu, ctrl, req);
	return passage.status;
}

/** emu_media_over - the medium has done all that @req needs, or has failed */
inline void emu_media_over(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   nvme_status status)
{
	emu_count_io(ctrl, req, status);
	if (__builtin_expect(!ctrl->counted, 0) && req->sqid != EMU_INTERNAL_SQ)
		emu_counters_changed(emu, ctrl);
	if (__builtin_expect(emu->suspecting | (status != NVME_SC_SUCCESS), 0))
		emu_suspect_note(emu, req, status);
	if (req->due_nsec == 0 || req->sqid == EMU_INTERNAL_SQ) {
		emu_busy_end(emu, ctrl, 1);
		emu_finish(emu, req, status);
		return;
	}
	if (emu_site(emu, EMU_MARKED) && emu_fault_media_over(emu, ctrl, req, status))
		return;
	req->status = status;
	req->state = EMU_REQ_DELAY;
	emu_list_insert(emu, &emu->delay, req);
	emu_arm(emu, req->due_nsec);
}

inline void emu_media_finished(struct emu *emu, struct emu_req *req, int error)
{
	struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	nvme_status status;

	ctrl->media_pending--;
	if (__builtin_expect(emu->watched, 0))
		emu_cdq_note_command(emu, req);
	if (req->dropped) {
		emu_req_drop(emu, req);
		return;
	}
	emu_trace(emu, ctrl, MEDIA_DONE, (uint16_t)req->sqid, req->cid, (uint32_t)-error);
	if (emu_tracing(emu) && req->sqe.opcode == NVME_CMD_READ && error == 0)
		emu_trace(emu, ctrl, XFER_OUT, req->sqid, req->cid, req->data_bytes,
			  user_crc(emu, req, false));
	status = error ? emu_status_from_errno(req, error) : NVME_SC_SUCCESS;
	emu_media_over(emu, ctrl, req, status);
}

void emu_media_done(struct emu *emu, uint32_t tag, int result)
{
	struct emu_req *req;

	if (tag == EMU_TAG_SANITIZE) {
		emu_sanitize_media_done(emu, result);
		return;
	}
	if (tag == EMU_TAG_FAULT) {
		emu_fault_spoiled(emu, result);
		return;
	}
	if (tag == EMU_TAG_JOB) {
		emu_job_media_done(emu, result);
		return;
	}
	if (tag >= emu_requests(&emu->config) || emu->req[tag].state != EMU_REQ_MEDIA)
		emu_panic(emu, "emu_media_done: the medium does not have this request");
	req = &emu->req[tag];
	if (__builtin_expect(tag == emu->self_test.tag, 0)) {
		emu_self_test_answered(emu, req, result);
		return;
	}
	if (req->aborter != EMU_NONE && !req->dropped) {
		emu_abort_answered(emu, req, result);
		return;
	}
	if (req->staged) {
		emu_stage_answer(emu, req, result);
		return;
	}
	if (req->ranged)
		emu_stage_release(emu, req);
	emu_media_finished(emu, req, result);
}

/** emu_service_end - when a command that begins now may complete; 0 for at once */
uint64_t emu_service_end(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint64_t nsec = emu->service_nsec;

	if (__builtin_expect(ctrl->power.attention, 0))
		nsec += emu_power_delay(emu, ctrl);
	return nsec ? emu->now_nsec + nsec : 0;
}

inline void emu_start_media(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_media media;
	int error;

	emu_describe_media(ctrl, req, &media);
	if (emu_tracing(emu) && media.op == EMU_MEDIA_WRITE)
		emu_trace(emu, ctrl, XFER_IN, req->sqid, req->cid, req->data_bytes,
			  user_crc(emu, req, true));
	emu_trace(emu, ctrl, MEDIA, (uint16_t)req->sqid, req->cid, media.op, media.nsid, media.slba,
		  media.nlb);
	req->state = EMU_REQ_MEDIA;
	req->due_nsec = emu_service_end(emu, ctrl);
	req->error_lba = media.slba;
	ctrl->media_pending++;
	emu_busy_begin(emu, ctrl);
	if (!emu_site(emu, EMU_SITES_MEDIA) || emu_fault_media(emu, ctrl, req, &media, &error))
		error = emu->ops.media(emu->ops.arg, &media);
	if (error != EMU_PENDING)
		emu_media_finished(emu, req, error);
	else if (!req->ranged && emu_cmd_of(req)->flags & EMU_CMD_RANGE && req->sqid != 0)
		emu_range_hold(emu, req);
}

/* Data for the handler of the command, not for the medium. */
static inline bool is_handled(const struct emu_req *req)
{
	const struct emu_cmd *cmd = emu_cmd_of(req);

	return cmd->transfer || cmd->part;
}

void emu_transfer_stage(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_req *req = emu_list_pop(emu, &ctrl->transfer);
	emu_verdict verdict;

	if (emu_site(emu, EMU_SITES_XFER))
		emu_fault_xfer(emu, req);
	if (__builtin_expect((req->staged | emu->ranges) != 0, 0) && emu_stage_take(emu, ctrl, req))
		return;
	/* An admin command without data that comes here wants its flush. */
	if (req->data_bytes == 0 || !is_handled(req)) {
		emu_start_media(emu, ctrl, req);
		return;
	}
	verdict = transfer_handled(emu, ctrl, req);
	if (verdict != EMU_PARK)
		emu_finish(emu, req, verdict);
}
