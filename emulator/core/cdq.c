/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Controller Data Queues (Base 2.1 5.1.4, 5.1.27 and 8.1.6, NVM 1.1 5.6): one controller's host is
 * told which blocks another controller's commands have changed, so that it can copy them.
 *
 * A change is noted when the medium has answered, and posted by the controller that has the queue,
 * in a stage of its own. Neighbouring changes are one entry. When the queue becomes full, or too
 * much waits, the last entry says that logging has stopped.
 */
#include "emulator/core/feature.h"
#include "emulator/core/stage.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW11 offsetof(struct nvme_sqe, cdw11)
#define CDW12 offsetof(struct nvme_sqe, cdw12)
#define CDW13 offsetof(struct nvme_sqe, cdw13)
#define PRP1  offsetof(struct nvme_sqe, prp1)
#define CDQID 0 /* of a controller's only queue */
#define ENTRY sizeof(struct nvme_cdq_entry)

/* Which controllers somebody wants to know of: the media's answers look here. */
static void look(struct emu *emu)
{
	emu->watched = 0;
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		if (emu->ctrl[i].cdq.logging)
			emu->watched |= 1u << emu->ctrl[i].cdq.watched;
	}
}

static void stop(struct emu *emu, struct emu_cdq *cdq)
{
	cdq->logging = false;
	look(emu);
}

static bool is_full(const struct emu_cdq *cdq)
{
	return nvme_ring_full(cdq->head, cdq->tail, cdq->entries);
}

/* The dword with the phase goes last. False when the queue's memory is not there. */
static bool publish(struct emu *emu, struct emu_ctrl *ctrl, const struct nvme_cdq_entry *entry)
{
	uint8_t *slot = emu->ops.dma(emu->ops.arg, ctrl->index,
				     ctrl->cdq.base + (uint64_t)ctrl->cdq.tail * ENTRY, ENTRY,
				     EMU_DMA_WRITE);

	if (!slot)
		return false;
	memcpy(slot, entry, ENTRY - 4);
	nvme_store_doorbell(slot + ENTRY - 4, (uint32_t)entry->lbamqa << 24);
	return true;
}

/*
 * @last: ESA of an entry after which logging has stopped, or 0. The one that fills the queue is
 * such an entry, too. A queue whose memory went away is as good as full (unverified).
 */
static void post(struct emu *emu, struct emu_ctrl *ctrl, struct nvme_cdq_entry *entry,
		 uint32_t lbacir, bool deallocated, uint32_t last)
{
	struct emu_cdq *cdq = &ctrl->cdq;
	uint32_t slot = cdq->tail, next = nvme_ring_next(slot, cdq->entries);
	bool fills = nvme_ring_full(cdq->head, next, cdq->entries);
	uint32_t esa = last ? last : cdq->first ? NVME_CDQ_ESA_FIRST : NVME_CDQ_ESA_NONE;

	if (fills && !last)
		esa = NVME_CDQ_ESA_FULL;
	entry->lbamqa = (uint8_t)(NVME_PUT(NVME_CDQ_CDQP, cdq->phase) |
				  NVME_PUT(NVME_CDQ_ESA, esa) |
				  NVME_PUT(NVME_CDQ_DLBA, deallocated) |
				  NVME_PUT(NVME_CDQ_LBACIR, lbacir));
	cdq->first = false;
	if (publish(emu, ctrl, entry)) {
		cdq->tail = next;
		cdq->phase ^= next == 0;
		if (cdq->trigger && cdq->trigger_slot == slot)
			emu_raise_event(emu, ctrl, NVME_AER_CDQ_TAIL);
	} else {
		esa = NVME_CDQ_ESA_FULL;
	}
	if (esa == NVME_CDQ_ESA_FULL) {
		cdq->changes = 0;
		emu_raise_event(emu, ctrl, NVME_AER_CDQ_FULL);
	}
	if (last || esa == NVME_CDQ_ESA_FULL)
		stop(emu, cdq);
}

static void post_mark(struct emu *emu, struct emu_ctrl *ctrl, uint32_t last)
{
	struct nvme_cdq_entry entry = { 0 };

	post(emu, ctrl, &entry, NVME_CDQ_NO_RANGE, false, last);
}

/* The oldest change, or as much of it as an entry can tell. */
static void post_change(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_cdq *cdq = &ctrl->cdq;
	struct emu_change *change = &cdq->change[cdq->change_at];
	uint64_t now = change->blocks > UINT32_MAX ? UINT32_MAX : change->blocks;
	struct nvme_cdq_entry entry = {
		.nsid = nvme_le32(change->nsid),
		.nlb_z = nvme_le32((uint32_t)(now - 1)),
		.slba = nvme_le64(change->slba),
	};
	bool deallocated = change->deallocated;

	change->slba += now;
	change->blocks -= now;
	if (change->blocks == 0) {
		cdq->change_at = (cdq->change_at + 1) % EMU_CHANGES;
		cdq->changes--;
	}
	post(emu, ctrl, &entry, NVME_CDQ_RANGE, deallocated, 0);
}

bool emu_cdq_stage(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_cdq *cdq = &ctrl->cdq;

	if (!cdq->logging || (cdq->changes == 0 && !cdq->overrun)) {
		ctrl->todo &= ~(uint32_t)EMU_TODO_CDQ;
		return true;
	}
	if (ctrl->halted)
		return false;
	if (cdq->changes > 0)
		post_change(emu, ctrl);
	else
		post_mark(emu, ctrl, NVME_CDQ_ESA_FULL);
	return true;
}

/* Whether what comes is a part of the newest change, or goes on where that ends. */
static bool joins(struct emu_cdq *cdq, uint32_t nsid, uint64_t slba, uint64_t blocks,
		  bool deallocated)
{
	struct emu_change *last;

	if (cdq->changes == 0)
		return false;
	last = &cdq->change[(cdq->change_at + cdq->changes - 1) % EMU_CHANGES];
	if (last->nsid != nsid || last->deallocated != deallocated || slba < last->slba ||
	    slba - last->slba > last->blocks)
		return false;
	if (slba - last->slba + blocks > last->blocks)
		last->blocks = slba - last->slba + blocks;
	return true;
}

static void add(struct emu_ctrl *ctrl, uint32_t nsid, uint64_t slba, uint64_t blocks,
		bool deallocated)
{
	struct emu_cdq *cdq = &ctrl->cdq;

	if (blocks == 0 || cdq->overrun)
		return;
	ctrl->todo |= EMU_TODO_CDQ;
	if (joins(cdq, nsid, slba, blocks, deallocated))
		return;
	if (cdq->changes == EMU_CHANGES) {
		cdq->overrun = true;
		return;
	}
	cdq->change[(cdq->change_at + cdq->changes++) % EMU_CHANGES] =
		(struct emu_change){ nsid, deallocated, slba, blocks };
}

/* A write that failed may have changed something, too. */
void emu_cdq_note(struct emu *emu, uint32_t index, const struct emu_media *media)
{
	if (media->op != EMU_MEDIA_WRITE && media->op != EMU_MEDIA_WRITE_ZEROES &&
	    media->op != EMU_MEDIA_DEALLOCATE && media->op != EMU_MEDIA_UNCORRECTABLE)
		return;
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];

		if (ctrl->cdq.logging && ctrl->cdq.watched == index)
			add(ctrl, media->nsid, media->slba, media->nlb,
			    media->op == EMU_MEDIA_DEALLOCATE);
	}
}

void emu_cdq_note_command(struct emu *emu, const struct emu_req *req)
{
	struct emu_media media;

	emu_describe_media(&emu->ctrl[req->ctrl], req, &media);
	emu_cdq_note(emu, req->ctrl, &media);
}

void emu_cdq_note_ns(struct emu *emu, uint32_t nsid, uint64_t slba, uint64_t blocks)
{
	const struct emu_ns *ns = &emu->ns[nsid];

	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];

		if (ctrl->cdq.logging && ns->attached >> ctrl->cdq.watched & 1)
			add(ctrl, nsid, slba, blocks ? blocks : ns->blocks - slba, false);
	}
}

void emu_cdq_reset(struct emu *emu, struct emu_ctrl *ctrl)
{
	memset(&ctrl->cdq, 0, sizeof(ctrl->cdq));
	ctrl->todo &= ~(uint32_t)EMU_TODO_CDQ;
	look(emu);
}

/* Base 2.1 5.1.4.1.1.1: another controller than this one, and one that no queue has yet. */
static nvme_status check_watched(const struct emu *emu, const struct emu_ctrl *ctrl,
				 struct emu_req *req, uint32_t *ret_index)
{
	uint32_t cntlid = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_CDQ_CREATE_CNTLID);
	uint32_t index = cntlid - emu->config.cntlid;

	if (index >= emu->config.controllers || index == ctrl->index)
		return emu_bad(req, NVME_SC_INVALID_CTRL_ID, CDW11 + 2, 0);
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		if (emu->ctrl[i].cdq.created && emu->ctrl[i].cdq.watched == index)
			return emu_bad_field(req, CDW11 + 2, 0);
	}
	*ret_index = index;
	return NVME_SC_SUCCESS;
}

/* Memory of the controller's own (CMB, PMR), a part of it at least. */
static bool is_ours(const struct emu_ctrl *ctrl, uint64_t base, uint64_t bytes)
{
	for (uint32_t i = 0; i < EMU_WINDOWS; i++) {
		const struct emu_range *range = &ctrl->window[i];

		if (range->bytes && base < range->base + range->bytes && range->base < base + bytes)
			return true;
	}
	return false;
}

/* Base 2.1 5.1.4.1.1: one range of host memory, of whole entries, two at least. */
static nvme_status find_memory(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       uint64_t *ret_base)
{
	uint64_t bytes = 4ull * nvme_cpu32(req->sqe.cdw12), base = nvme_cpu64(req->sqe.prp1);
	bool contiguous = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_CDQ_CREATE_PC);
	uint8_t list[8];

	if (bytes % ENTRY != 0 || bytes < 2 * ENTRY)
		return emu_bad_field(req, CDW12, 0);
	if (!contiguous && bytes > ctrl->page_bytes)
		return emu_bad_field(req, PRP1, 0); /* MCMR */
	if (base & (ctrl->page_bytes - 1))
		return emu_bad(req, NVME_SC_PRP_OFFSET_INVALID, PRP1, 0);
	if (!contiguous) {
		if (!emu_copy_from_host(emu, ctrl, base, list, sizeof(list)))
			return NVME_SC_DATA_TRANSFER_ERROR;
		base = nvme_load_le64(list);
	}
	if (base & (ctrl->page_bytes - 1))
		return emu_bad(req, NVME_SC_PRP_OFFSET_INVALID, PRP1, 0);
	if (bytes > UINT64_MAX - base || is_ours(ctrl, base, bytes))
		return emu_bad_field(req, PRP1, 0);
	*ret_base = base;
	return NVME_SC_SUCCESS;
}

static nvme_status create(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t watched = 0;
	uint64_t base = 0;
	nvme_status status;

	if (NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_CDQ_CREATE_QT) != NVME_CDQ_USER_DATA)
		return emu_bad_field(req, CDW10 + 2, 0);
	if (ctrl->cdq.created)
		return NVME_SC_NOT_ENOUGH_RESOURCES | NVME_DNR;
	status = check_watched(emu, ctrl, req, &watched);
	if (!status)
		status = find_memory(emu, ctrl, req, &base);
	if (status)
		return status;
	ctrl->cdq = (struct emu_cdq){
		.created = true,
		.phase = true,
		.watched = (uint8_t)watched,
		.entries = nvme_cpu32(req->sqe.cdw12) / (uint32_t)(ENTRY / 4),
		.base = base,
	};
	req->dw0 = CDQID;
	return NVME_SC_SUCCESS;
}

/* Whether the queue that a field of CDW11 names is there. */
static nvme_status check_id(const struct emu_ctrl *ctrl, struct emu_req *req)
{
	if (NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_CDQ_CDQID) != CDQID || !ctrl->cdq.created)
		return emu_bad(req, NVME_SC_INVALID_CDQ, CDW11, 0);
	return NVME_SC_SUCCESS;
}

emu_verdict emu_exec_cdq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t sel = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_CDQ_SEL);
	nvme_status status;

	if (sel == NVME_CDQ_CREATE)
		return create(emu, ctrl, req);
	if (sel != NVME_CDQ_DELETE)
		return emu_bad_field(req, CDW10, 0);
	status = check_id(ctrl, req);
	if (!status)
		emu_cdq_reset(emu, ctrl);
	return status;
}

static nvme_status start_logging(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_cdq *cdq = &ctrl->cdq;

	if (cdq->logging)
		return NVME_SC_COMMAND_SEQUENCE_ERROR | NVME_DNR;
	if (is_full(cdq))
		return emu_bad(req, NVME_SC_CDQ_FULL, CDW11, 0);
	cdq->logging = true;
	cdq->first = true;
	cdq->overrun = false;
	cdq->changes = 0;
	look(emu);
	post_mark(emu, ctrl, 0);
	return NVME_SC_SUCCESS;
}

/* What waits is posted before the last entry, which has @esa. */
static void end_logging(struct emu *emu, struct emu_ctrl *ctrl, uint32_t esa)
{
	struct emu_cdq *cdq = &ctrl->cdq;

	while (cdq->logging && cdq->changes > 0)
		post_change(emu, ctrl);
	if (cdq->logging)
		post_mark(emu, ctrl, cdq->overrun ? NVME_CDQ_ESA_FULL : esa);
}

static nvme_status stop_logging(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (!ctrl->cdq.logging)
		return NVME_SC_COMMAND_SEQUENCE_ERROR | NVME_DNR;
	end_logging(emu, ctrl, NVME_CDQ_ESA_STOPPED);
	return NVME_SC_SUCCESS;
}

void emu_cdq_suspended(struct emu *emu, uint32_t index, bool delete)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];

		if (!ctrl->cdq.created || ctrl->cdq.watched != index)
			continue;
		end_logging(emu, ctrl, NVME_CDQ_ESA_SUSPENDED);
		if (delete)
			emu_cdq_reset(emu, ctrl);
	}
}

/*
 * Base 2.1 5.1.27.1.1: Log User Data Changes alone. That logging is started when it goes on, or
 * stopped when it does not, is a Command Sequence Error (unverified).
 */
emu_verdict emu_exec_track_send(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	uint32_t action = NVME_GET(cdw10, NVME_TRACK_SEND_LACT);
	nvme_status status;

	if (NVME_GET(cdw10, NVME_TRACK_SEND_SEL) != NVME_TRACK_USER_DATA)
		return emu_bad_field(req, CDW10, 0);
	if (action != NVME_LACT_START && action != NVME_LACT_STOP)
		return emu_bad_field(req, CDW10 + 2, 0);
	status = check_id(ctrl, req);
	if (status)
		return status;
	return action == NVME_LACT_START ? start_logging(emu, ctrl, req) : stop_logging(emu, ctrl);
}

/* Feature 21h. */

bool emu_has_cdq(const struct emu *emu)
{
	return emu->config.cdq;
}

/*
 * Base 2.1 5.1.25.1.23: the head goes over what was posted, up to all of it (that this is allowed
 * follows from what an empty queue is, unverified).
 */
nvme_status emu_check_cdq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  struct emu_setting *setting)
{
	const struct emu_cdq *cdq = &ctrl->cdq;
	uint32_t head = nvme_cpu32(req->sqe.cdw12);
	nvme_status status = check_id(ctrl, req);

	(void)emu;
	if (status)
		return status;
	if (head >= cdq->entries || nvme_ring_used(cdq->head, head, cdq->entries) >
					    nvme_ring_used(cdq->head, cdq->tail, cdq->entries))
		return emu_bad_field(req, CDW12, 0);
	if (NVME_GET(setting->value, NVME_FEAT_CDQ_ETPT) &&
	    nvme_cpu32(req->sqe.cdw13) >= cdq->entries)
		return emu_bad_field(req, CDW13, 0);
	return NVME_SC_SUCCESS;
}

emu_verdict emu_apply_cdq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  const struct emu_setting *setting)
{
	struct emu_cdq *cdq = &ctrl->cdq;

	(void)emu;
	cdq->head = nvme_cpu32(req->sqe.cdw12);
	cdq->trigger = NVME_GET(setting->value, NVME_FEAT_CDQ_ETPT);
	cdq->trigger_slot = cdq->trigger ? nvme_cpu32(req->sqe.cdw13) : 0;
	return NVME_SC_SUCCESS;
}

nvme_status emu_get_cdq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	const struct emu_cdq *cdq = &ctrl->cdq;
	nvme_status status = check_id(ctrl, req);

	(void)emu;
	(void)setting;
	if (status || sel != NVME_FEATURE_SEL_CURRENT)
		return status;
	req->dw0 = NVME_PUT(NVME_FEAT_CDQ_ETPT, cdq->trigger);
	if (data) {
		nvme_store_le32(data, cdq->head);
		nvme_store_le32(data + 4, cdq->trigger_slot);
	}
	return NVME_SC_SUCCESS;
}

void emu_cdq_identify(const struct emu_config *config, struct nvme_id_ctrl *id)
{
	if (!config->cdq)
		return;
	id->trattr = NVME_MASK(NVME_ID_CTRL_TRATTR_TUDCS);
	id->mcudmq = nvme_le16(1);
	id->mnsudmq = nvme_le16((uint16_t)config->controllers);
	id->mcmr = nvme_le16(1);
	id->nmcmr = nvme_le16((uint16_t)config->controllers);
	id->mcdqpc = nvme_le16(1);
}
