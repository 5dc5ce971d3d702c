/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fault sites of a command: fetched, executed, at the medium, retired, posted.
 *
 * A site is asked once for a command. What a rule leaves to be done later is marked in the
 * request's struct emu_req_fault; those that wait are in the lists held, hung and later.
 */
#include "common/random.h"
#include "emulator/core/internal.h"
#include "emulator/core/stage.h"

/* Values of errno that the medium answers; freestanding code has no <errno.h>. */
static const int errors[NVME_FAILS] = {
	[NVME_FAIL_ERROR] = -5,
	[NVME_FAIL_FULL] = -28,
	[NVME_FAIL_UNCORRECTABLE] = -74,
	[NVME_FAIL_DEALLOCATED] = -61,
};

/** emu_fault_first - mark it; false when the site was asked already, or the request is nobody's */
bool emu_fault_first(struct emu *emu, const struct emu_req *req, enum emu_fault_mark mark)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);

	if (req->sqid == EMU_INTERNAL_SQ || fault->marks & mark)
		return false;
	fault->marks |= (uint16_t)mark;
	emu->armed |= EMU_MARKED;
	return true;
}

static bool has_lba(const struct emu_req *req)
{
	return req->sqid != 0 && emu_cmd_of(req)->flags & EMU_CMD_RANGE;
}

static void see_dwords(struct nvme_fault_view *view, const struct nvme_sqe *sqe)
{
	nvme_fault_put(view, NVME_FAULT_PRP1, nvme_cpu64(sqe->prp1));
	nvme_fault_put(view, NVME_FAULT_PRP2, nvme_cpu64(sqe->prp2));
	nvme_fault_put(view, NVME_FAULT_CDW10, nvme_cpu32(sqe->cdw10));
	nvme_fault_put(view, NVME_FAULT_CDW11, nvme_cpu32(sqe->cdw11));
	nvme_fault_put(view, NVME_FAULT_CDW12, nvme_cpu32(sqe->cdw12));
	nvme_fault_put(view, NVME_FAULT_CDW13, nvme_cpu32(sqe->cdw13));
	nvme_fault_put(view, NVME_FAULT_CDW14, nvme_cpu32(sqe->cdw14));
	nvme_fault_put(view, NVME_FAULT_CDW15, nvme_cpu32(sqe->cdw15));
}

/* What FID, LID and CNS mean depends on the command: others have none. */
static void see_admin(struct nvme_fault_view *view, const struct nvme_sqe *sqe)
{
	uint64_t low = nvme_cpu32(sqe->cdw10) & 0xff;

	switch (sqe->opcode) {
	case NVME_ADMIN_GET_FEATURES:
	case NVME_ADMIN_SET_FEATURES:
		nvme_fault_put(view, NVME_FAULT_FID, low);
		break;
	case NVME_ADMIN_GET_LOG_PAGE:
		nvme_fault_put(view, NVME_FAULT_LID, low);
		break;
	case NVME_ADMIN_IDENTIFY:
		nvme_fault_put(view, NVME_FAULT_CNS, low);
		break;
	default:
		break;
	}
}

/** emu_fault_begin_cmd - what every site of a command can see */
void emu_fault_begin_cmd(struct emu_fault_act *act, struct emu *emu, const struct emu_req *req)
{
	struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	const struct nvme_sqe *sqe = &req->sqe;
	struct nvme_fault_view *view = &act->view;

	emu_fault_begin(act, emu, ctrl);
	view->identity = (uint64_t)req->ctrl << 56 | req->identity;
	nvme_fault_put(view, NVME_FAULT_Q, req->sqid);
	nvme_fault_put(view, NVME_FAULT_OP, sqe->opcode | (req->sqid == 0 ? 0x100 : 0));
	nvme_fault_put(view, NVME_FAULT_CID, req->cid);
	nvme_fault_put(view, NVME_FAULT_NSID, nvme_cpu32(sqe->nsid));
	nvme_fault_put(view, NVME_FAULT_NR, req->identity);
	nvme_fault_put(view, NVME_FAULT_INFLIGHT, ctrl->sq[req->sqid].inflight);
	see_dwords(view, sqe);
	if (req->sqid == 0)
		see_admin(view, sqe);
	if (!has_lba(req))
		return;
	nvme_fault_put(view, NVME_FAULT_LBA,
		       nvme_cpu32(sqe->cdw10) | (uint64_t)nvme_cpu32(sqe->cdw11) << 32);
	nvme_fault_put(view, NVME_FAULT_BLOCKS, (nvme_cpu32(sqe->cdw12) & 0xffff) + 1ull);
}

/* What was assigned to a field, as a dword of the command. */
static void assign_dwords(const struct emu_fault_act *act, struct nvme_sqe *sqe)
{
	const uint64_t *value = act->view.value;

	sqe->opcode = (uint8_t)value[NVME_FAULT_OP];
	sqe->cid = nvme_le16((uint16_t)value[NVME_FAULT_CID]);
	sqe->nsid = nvme_le32((uint32_t)value[NVME_FAULT_NSID]);
	sqe->prp1 = nvme_le64(value[NVME_FAULT_PRP1]);
	sqe->prp2 = nvme_le64(value[NVME_FAULT_PRP2]);
	sqe->cdw10 = nvme_le32((uint32_t)value[NVME_FAULT_CDW10]);
	sqe->cdw11 = nvme_le32((uint32_t)value[NVME_FAULT_CDW11]);
	sqe->cdw12 = nvme_le32((uint32_t)value[NVME_FAULT_CDW12]);
	sqe->cdw13 = nvme_le32((uint32_t)value[NVME_FAULT_CDW13]);
	sqe->cdw14 = nvme_le32((uint32_t)value[NVME_FAULT_CDW14]);
	sqe->cdw15 = nvme_le32((uint32_t)value[NVME_FAULT_CDW15]);
}

/** emu_fault_fetched - the command of a request that was just taken from the pool */
void emu_fault_fetched(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_fault_act act;

	(void)ctrl;
	memset(emu_fault_of(emu, req), 0, sizeof(struct emu_req_fault));
	if (!emu_site(emu, EMU_SITE(SQE_FETCH)))
		return;
	emu_fault_begin_cmd(&act, emu, req);
	emu_fault_ask(&act, NVME_SITE_SQE_FETCH);
	if (act.assigns)
		assign_dwords(&act, &req->sqe);
	req->cid = nvme_cpu16(req->sqe.cid);
	if (!EMU_DOES(&act, DROP))
		return;
	emu_fault_of(emu, req)->marks |= EMU_MARK_DROP;
	emu->armed |= EMU_MARKED;
}

/** emu_fault_is_dropped - it was fetched, and will not be executed */
bool emu_fault_is_dropped(const struct emu *emu, const struct emu_req *req)
{
	return emu->faults && emu_fault_of(emu, req)->marks & EMU_MARK_DROP;
}

/* Gone, as if it had never been fetched; its queues are none the wiser. */
static void drop(struct emu *emu, struct emu_req *req)
{
	emu_retire(emu, &emu->ctrl[req->ctrl], req);
}

static void put_off(struct emu *emu, struct emu_req *req, const struct emu_fault_act *act,
		    enum emu_req_state resume, struct emu_list *for_ever)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);

	fault->resume = (uint8_t)resume;
	fault->hold = act->hold;
	req->state = EMU_REQ_PARKED;
	if (!EMU_DOES(act, DELAY)) {
		emu_list_push(emu, for_ever, req);
		return;
	}
	req->due_nsec = emu->now_nsec + act->delay_nsec;
	emu_list_insert(emu, &emu->faults->later, req);
	emu_arm(emu, req->due_nsec);
}

/* What a rule says of a command before the controller looks at it; false: its status. */
static bool decode(struct emu *emu, struct emu_req *req)
{
	struct emu_fault_act act;

	if (!emu_site(emu, EMU_SITE(CMD_DECODE)) || !emu_fault_first(emu, req, EMU_MARK_DECODE))
		return true;
	emu_fault_begin_cmd(&act, emu, req);
	emu_fault_ask(&act, NVME_SITE_CMD_DECODE);
	if (act.assigns)
		assign_dwords(&act, &req->sqe);
	if (!EMU_DOES(&act, STATUS))
		return true;
	req->unlogged = true;
	emu_finish(emu, req, act.status);
	return false;
}

/** emu_fault_execute - before a command is executed; false: it is not, now or ever */
bool emu_fault_execute(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);
	struct emu_fault_act act;

	(void)ctrl;
	if (fault->marks & EMU_MARK_DROP) {
		drop(emu, req);
		return false;
	}
	/* Fused commands are one operation, which no rule takes apart. */
	if (req->partner != EMU_NONE)
		return true;
	if (!decode(emu, req))
		return false;
	if (!emu_site(emu, EMU_SITE(CMD_EXECUTE)) || !emu_fault_first(emu, req, EMU_MARK_EXECUTE))
		return true;
	emu_fault_begin_cmd(&act, emu, req);
	emu_fault_ask(&act, NVME_SITE_CMD_EXECUTE);
	if (act.assigns >> NVME_FAULT_DW0 & 1)
		fault->marks |= EMU_MARK_DW0;
	if (act.assigns >> NVME_FAULT_DW1 & 1)
		fault->marks |= EMU_MARK_DW1;
	fault->dw0 = (uint32_t)act.view.value[NVME_FAULT_DW0];
	fault->dw1 = (uint32_t)act.view.value[NVME_FAULT_DW1];
	if (EMU_DOES(&act, STATUS) || EMU_DOES(&act, SKIP)) {
		req->unlogged = true;
		emu_finish(emu, req, act.status);
		return false;
	}
	if (!EMU_DOES(&act, HANG) && !EMU_DOES(&act, DELAY))
		return true;
	put_off(emu, req, &act, EMU_REQ_EXECUTE, &emu->faults->hung);
	return false;
}

/** emu_fault_commit - before a Firmware Commit does anything; false: only *ret_verdict */
bool emu_fault_commit(struct emu *emu, struct emu_req *req, emu_verdict *ret_verdict)
{
	struct emu_fault_act act;

	if (!emu_fault_first(emu, req, EMU_MARK_COMMIT))
		return true;
	emu_fault_begin_cmd(&act, emu, req);
	emu_fault_ask(&act, NVME_SITE_FW_COMMIT);
	if (EMU_DOES(&act, STATUS) || EMU_DOES(&act, DROP)) {
		req->unlogged = true;
		*ret_verdict = act.status;
		return false;
	}
	if (!EMU_DOES(&act, HANG) && !EMU_DOES(&act, DELAY))
		return true;
	put_off(emu, req, &act, EMU_REQ_EXECUTE, &emu->faults->hung);
	*ret_verdict = EMU_PARK;
	return false;
}

/** emu_fault_retire - a command has its status; returns the one that it is to have */
nvme_status emu_fault_retire(struct emu *emu, struct emu_req *req, nvme_status status)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);
	struct emu_fault_act act;

	if (!emu_fault_first(emu, req, EMU_MARK_RETIRE))
		return status;
	emu_fault_begin_cmd(&act, emu, req);
	nvme_fault_put(&act.view, NVME_FAULT_STATUS, nvme_status_code(status));
	nvme_fault_put(&act.view, NVME_FAULT_DW0, req->dw0);
	emu_fault_ask(&act, NVME_SITE_CMD_RETIRE);
	if (act.assigns >> NVME_FAULT_DW0 & 1)
		req->dw0 = (uint32_t)act.view.value[NVME_FAULT_DW0];
	if (act.assigns >> NVME_FAULT_DW1 & 1) {
		fault->marks |= EMU_MARK_DW1;
		fault->dw1 = (uint32_t)act.view.value[NVME_FAULT_DW1];
	}
	if (!EMU_DOES(&act, STATUS))
		return status;
	req->unlogged = true;
	return act.status;
}

static bool site_of_media(enum emu_media_op op, enum nvme_fault_site *ret_site)
{
	switch (op) {
	case EMU_MEDIA_READ:
		*ret_site = NVME_SITE_MEDIA_READ;
		return true;
	case EMU_MEDIA_WRITE:
		*ret_site = NVME_SITE_MEDIA_WRITE;
		return true;
	case EMU_MEDIA_FLUSH:
		*ret_site = NVME_SITE_MEDIA_FLUSH;
		return true;
	case EMU_MEDIA_WRITE_ZEROES:
	case EMU_MEDIA_DEALLOCATE:
		*ret_site = NVME_SITE_MEDIA_DEALLOC;
		return true;
	case EMU_MEDIA_UNCORRECTABLE:
	case EMU_MEDIA_STATUS:
	case EMU_MEDIA_FORMAT:
	case EMU_MEDIA_DELETE:
	case EMU_MEDIA_OPS:
		break;
	}
	return false;
}

/* Within the namespace: a drive that writes elsewhere writes on its own medium. */
static void misdirect(const struct emu *emu, struct emu_media *media, uint64_t slba)
{
	uint64_t blocks = emu->ns[media->nsid].blocks;

	if (media->nlb <= blocks && slba <= blocks - media->nlb)
		media->slba = slba;
}

/** emu_fault_media - before the medium is asked; false: it is not, and has answered *ret_error */
bool emu_fault_media(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
		     struct emu_media *media, int *ret_error)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);
	enum nvme_fault_site site;
	struct emu_fault_act act;

	(void)ctrl;
	if (req->sqid == EMU_INTERNAL_SQ || !site_of_media(media->op, &site) ||
	    !emu_site(emu, 1u << site))
		return true;
	emu_fault_begin_cmd(&act, emu, req);
	if (media->op != EMU_MEDIA_FLUSH) {
		nvme_fault_put(&act.view, NVME_FAULT_LBA, media->slba);
		nvme_fault_put(&act.view, NVME_FAULT_BLOCKS, media->nlb);
	}
	emu_fault_ask(&act, site);
	if (act.assigns >> NVME_FAULT_LBA & 1)
		misdirect(emu, media, act.view.value[NVME_FAULT_LBA]);
	if (EMU_DOES(&act, TORN))
		emu_fault_tear(media, req, act.torn_blocks);
	if (EMU_DOES(&act, HANG))
		fault->marks |= EMU_MARK_HANG;
	fault->delay_nsec += act.delay_nsec;
	emu->armed |= EMU_MARKED;
	/* So that its end is no common one: emu_media_over(). */
	if ((EMU_DOES(&act, HANG) || act.delay_nsec) && req->due_nsec == 0)
		req->due_nsec = emu->now_nsec ? emu->now_nsec : 1;
	*ret_error = EMU_DOES(&act, FAIL) ? errors[act.error] : 0;
	return !EMU_DOES(&act, FAIL) && !EMU_DOES(&act, DROP) &&
	       !(EMU_DOES(&act, TORN) && act.torn_blocks == 0);
}

/** emu_fault_media_over - the medium has answered; true: that is not heard now, or ever */
bool emu_fault_media_over(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  nvme_status status)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);
	struct emu_fault_act act = { .delay_nsec = fault->delay_nsec };

	if (req->sqid == EMU_INTERNAL_SQ || !(fault->marks & EMU_MARK_HANG || fault->delay_nsec))
		return false;
	if (!(fault->marks & EMU_MARK_HANG))
		act.does = 1ull << NVME_DO_DELAY;
	fault->delay_nsec = 0;
	req->status = status;
	emu_busy_end(emu, ctrl, 1);
	put_off(emu, req, &act, EMU_REQ_MEDIA, &emu->faults->hung);
	return true;
}

static void keep_assigned(struct emu_req_fault *fault, const struct emu_fault_act *act)
{
	const uint64_t *value = act->view.value;

	fault->assigns = act->assigns;
	fault->cqe_dw0 = (uint32_t)value[NVME_FAULT_DW0];
	fault->cqe_dw1 = (uint32_t)value[NVME_FAULT_DW1];
	fault->sqhd = (uint16_t)value[NVME_FAULT_SQHD];
	fault->sqid = (uint16_t)value[NVME_FAULT_SQID];
	fault->cid = (uint16_t)value[NVME_FAULT_CID];
	fault->status = (uint16_t)value[NVME_FAULT_STATUS];
	fault->phase = value[NVME_FAULT_PHASE] & 1;
}

static void see_cqe(struct emu_fault_act *act, const struct emu *emu, const struct emu_req *req)
{
	const struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	const struct emu_sq *sq = &ctrl->sq[req->sqid];
	const struct emu_req_fault *fault = emu_fault_of(emu, req);
	struct nvme_fault_view *view = &act->view;

	nvme_fault_put(view, NVME_FAULT_DW0, fault->marks & EMU_MARK_DW0 ? fault->dw0 : req->dw0);
	nvme_fault_put(view, NVME_FAULT_DW1, fault->marks & EMU_MARK_DW1 ? fault->dw1 : 0);
	nvme_fault_put(view, NVME_FAULT_SQHD, sq->head);
	nvme_fault_put(view, NVME_FAULT_SQID, req->sqid);
	nvme_fault_put(view, NVME_FAULT_STATUS, nvme_status_code(req->status));
	nvme_fault_put(view, NVME_FAULT_PHASE, ctrl->cq[sq->cqid].phase);
}

/** emu_fault_post - before a completion is posted; false: it is not, now or ever */
bool emu_fault_post(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);
	struct emu_fault_act act;

	(void)ctrl;
	if (!emu_site(emu, EMU_SITE(CQE_POST)) || !emu_fault_first(emu, req, EMU_MARK_POST))
		return true;
	emu_fault_begin_cmd(&act, emu, req);
	see_cqe(&act, emu, req);
	emu_fault_ask(&act, NVME_SITE_CQE_POST);
	keep_assigned(fault, &act);
	if (EMU_DOES(&act, DUPLICATE))
		fault->marks |= EMU_MARK_TWICE;
	if (EMU_DOES(&act, LATE_PHASE))
		fault->marks |= EMU_MARK_LATE;
	else if (EMU_DOES(&act, EARLY_PHASE))
		fault->marks |= EMU_MARK_EARLY;
	fault->split_nsec = act.split_nsec;
	if (EMU_DOES(&act, DROP)) {
		drop(emu, req);
		return false;
	}
	if (!EMU_DOES(&act, HOLD) && !EMU_DOES(&act, DELAY) && !EMU_DOES(&act, HANG))
		return true;
	put_off(emu, req, &act, EMU_REQ_RETIRE, &emu->faults->held);
	return false;
}

static void change_entry(const struct emu_req_fault *fault, struct nvme_cqe *cqe)
{
	uint64_t assigns = fault->assigns;
	uint16_t word = nvme_cpu16(cqe->status);

	if (assigns >> NVME_FAULT_DW0 & 1)
		cqe->dw0 = nvme_le32(fault->cqe_dw0);
	if (assigns >> NVME_FAULT_DW1 & 1)
		cqe->dw1 = nvme_le32(fault->cqe_dw1);
	if (assigns >> NVME_FAULT_SQHD & 1)
		cqe->sqhd = nvme_le16(fault->sqhd);
	if (assigns >> NVME_FAULT_SQID & 1)
		cqe->sqid = nvme_le16(fault->sqid);
	if (assigns >> NVME_FAULT_CID & 1)
		cqe->cid = nvme_le16(fault->cid);
	if (assigns >> NVME_FAULT_STATUS & 1)
		word = nvme_cqe_word(fault->status, word & 1);
	if (assigns >> NVME_FAULT_PHASE & 1)
		word = (uint16_t)((word & ~1) | fault->phase);
	cqe->status = nvme_le16(word);
}

/** emu_fault_cqe - the entry as rules want it; @cqe has what the controller would post */
void emu_fault_cqe(struct emu *emu, const struct emu_req *req, struct nvme_cqe *cqe)
{
	const struct emu_req_fault *fault = emu_fault_of(emu, req);

	if (fault->marks & EMU_MARK_DW0)
		cqe->dw0 = nvme_le32(fault->dw0);
	if (fault->marks & EMU_MARK_DW1)
		cqe->dw1 = nvme_le32(fault->dw1);
	change_entry(fault, cqe);
}

/* The whole entry, as a rule sees it. */
static void see_entry(struct nvme_fault_view *view, const struct nvme_cqe *cqe)
{
	uint16_t word = nvme_cpu16(cqe->status);

	nvme_fault_put(view, NVME_FAULT_DW0, nvme_cpu32(cqe->dw0));
	nvme_fault_put(view, NVME_FAULT_DW1, nvme_cpu32(cqe->dw1));
	nvme_fault_put(view, NVME_FAULT_SQHD, nvme_cpu16(cqe->sqhd));
	nvme_fault_put(view, NVME_FAULT_SQID, nvme_cpu16(cqe->sqid));
	nvme_fault_put(view, NVME_FAULT_CID, nvme_cpu16(cqe->cid));
	nvme_fault_put(view, NVME_FAULT_STATUS, nvme_status_code(nvme_cqe_status(word)));
	nvme_fault_put(view, NVME_FAULT_PHASE, word & 1);
}

/** emu_fault_build - @cqe is what the host would find; each copy of an entry asks for itself */
void emu_fault_build(struct emu *emu, const struct emu_req *req, struct nvme_cqe *cqe)
{
	struct emu_req_fault built = { .marks = 0 };
	struct emu_fault_act act;

	emu_fault_begin_cmd(&act, emu, req);
	see_entry(&act.view, cqe);
	emu_fault_ask(&act, NVME_SITE_CQE_BUILD);
	keep_assigned(&built, &act);
	change_entry(&built, cqe);
}

/** emu_fault_again - whether the completion just posted is to be posted once more, and can be */
bool emu_fault_again(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);
	struct emu_cq *cq = &ctrl->cq[ctrl->sq[req->sqid].cqid];
	bool again = fault->marks & EMU_MARK_TWICE && emu_cq_has_room(cq);

	fault->marks &= (uint16_t)~EMU_MARK_TWICE;
	return again;
}

static void resume(struct emu *emu, struct emu_req *req)
{
	struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];

	req->state = emu_fault_of(emu, req)->resume;
	req->due_nsec = 0;
	if (req->state == EMU_REQ_EXECUTE)
		emu_list_push(emu, &ctrl->execute, req);
	else if (req->state == EMU_REQ_MEDIA)
		emu_finish(emu, req, req->status);
	else if (ctrl->gone)
		drop(emu, req);
	else if (emu_fault_of(emu, req)->marks & EMU_MARK_HALF)
		emu_complete_half(emu, req);
	else
		emu_complete_held(emu, req);
}

/** emu_fault_release - completions that are held under a name are posted, in their order */
void emu_fault_release(struct emu *emu, uint64_t hold)
{
	struct emu_list *held = &emu->faults->held;

	for (uint32_t left = held->count; left > 0; left--) {
		struct emu_req *req = emu_list_pop(emu, held);

		if (emu_fault_of(emu, req)->hold == hold)
			resume(emu, req);
		else
			emu_list_push(emu, held, req);
	}
}

/** emu_fault_deadline - when the next thing that was put off goes on, or EMU_NEVER */
uint64_t emu_fault_deadline(const struct emu *emu)
{
	const struct emu_list *later = &emu->faults->later;

	uint64_t due = emu_fault_return_due(emu);

	if (later->count && emu->req[later->head].due_nsec < due)
		due = emu->req[later->head].due_nsec;
	return due;
}

/** emu_fault_due - one thing whose time has come goes on; false: there is none */
bool emu_fault_due(struct emu *emu)
{
	struct emu_list *later = &emu->faults->later;

	if (emu_fault_returned(emu))
		return true;
	if (!later->count || emu->req[later->head].due_nsec > emu->now_nsec)
		return false;
	resume(emu, emu_list_pop(emu, later));
	return true;
}
