/* SPDX-License-Identifier: BSD-3-Clause */
/* The admin commands of nvl_fake.h. */
#include "tests/unit/nvl_fake.h"

static void identify_list(struct th_fake *fake, uint32_t after_nsid, void *data)
{
	nvme_u32le *list = data;
	uint32_t count = 0;

	memset(data, 0, NVME_IDENTIFY_BYTES);
	for (uint32_t i = 0; fake->nsids[i] != 0 && count < 1024; i++) {
		if (fake->nsids[i] > after_nsid)
			list[count++] = nvme_le32(fake->nsids[i]);
	}
}

static uint16_t identify(struct th_fake *fake, const struct nvme_sqe *sqe)
{
	uint8_t cns = (uint8_t)nvme_cpu32(sqe->cdw10);
	void *data = th_fake_memory(fake, nvme_cpu64(sqe->prp1));

	if (fake->cns_status[cns]) {
		uint16_t status = fake->cns_status[cns];

		if (fake->cns_failures > 0 && --fake->cns_failures == 0)
			fake->cns_status[cns] = 0;
		return status;
	}
	switch (cns) {
	case NVME_CNS_CTRL:
		memcpy(data, &fake->id, sizeof(fake->id));
		return 0;
	case NVME_CNS_NS:
		fake->identified_ns++;
		memcpy(data, &fake->ns, sizeof(fake->ns));
		return 0;
	case NVME_CNS_ACTIVE_NS_LIST:
		identify_list(fake, nvme_cpu32(sqe->nsid), data);
		return 0;
	default:
		return NVME_SC_INVALID_FIELD;
	}
}

static uint16_t create_cq(struct th_fake *fake, const struct nvme_sqe *sqe)
{
	uint32_t qid = nvme_cpu32(sqe->cdw10) & 0xffff;

	ck_assert_uint_le(qid, TH_FAKE_QUEUES);
	fake->queues[qid] = (struct th_fake_queue){
		.has_cq = true,
		.cq_iova = nvme_cpu64(sqe->prp1),
		.entries = (nvme_cpu32(sqe->cdw10) >> 16) + 1,
		.iv = nvme_cpu32(sqe->cdw11) >> 16,
		.ien = nvme_cpu32(sqe->cdw11) & 2,
		.phase = true,
	};
	return 0;
}

static uint16_t create_sq(struct th_fake *fake, const struct nvme_sqe *sqe)
{
	uint32_t qid = nvme_cpu32(sqe->cdw10) & 0xffff;

	if (qid == fake->fail_qid)
		return NVME_SC_INVALID_QUEUE_ID;
	ck_assert(fake->queues[qid].has_cq);
	fake->queues[qid].has_sq = true;
	fake->queues[qid].priority = NVME_GET(nvme_cpu32(sqe->cdw11), NVME_CREATE_SQ_QPRIO);
	fake->queues[qid].sq_iova = nvme_cpu64(sqe->prp1);
	return 0;
}

static uint16_t set_feature(struct th_fake *fake, const struct nvme_sqe *sqe, uint32_t *ret_dw0)
{
	uint8_t fid = (uint8_t)nvme_cpu32(sqe->cdw10);

	if (fake->feature_status[fid])
		return fake->feature_status[fid];
	fake->features_set[fid]++;
	fake->feature_dw11[fid] = nvme_cpu32(sqe->cdw11);
	if (nvme_cpu64(sqe->prp1) != 0)
		memcpy(fake->feature_data, th_fake_memory(fake, nvme_cpu64(sqe->prp1)),
		       sizeof(fake->feature_data));
	if (fid == NVME_FID_NUM_QUEUES)
		*ret_dw0 = (fake->granted - 1) | (fake->granted - 1) << 16;
	return 0;
}

static uint16_t get_log(struct th_fake *fake, const struct nvme_sqe *sqe)
{
	uint32_t cdw10 = nvme_cpu32(sqe->cdw10);
	uint8_t lid = (uint8_t)cdw10;
	uint32_t bytes = ((cdw10 >> 16) + 1) * 4;

	fake->logs_read[lid]++;
	fake->last_rae = cdw10 >> 15 & 1;
	if (bytes > sizeof(fake->log[lid]))
		bytes = sizeof(fake->log[lid]);
	memcpy(th_fake_memory(fake, nvme_cpu64(sqe->prp1)), fake->log[lid], bytes);
	return 0;
}

static bool hold(struct th_fake_held *held, const struct nvme_sqe *sqe)
{
	for (unsigned int i = 0; i < TH_FAKE_HELD; i++) {
		if (held[i].used)
			continue;
		held[i] = (struct th_fake_held){ .sqe = *sqe, .used = true };
		return true;
	}
	return false;
}

static bool release(struct th_fake_held *held, struct nvme_sqe *ret_sqe)
{
	*ret_sqe = held[0].sqe;
	if (!held[0].used)
		return false;
	memmove(held, held + 1, (TH_FAKE_HELD - 1) * sizeof(*held));
	held[TH_FAKE_HELD - 1].used = false;
	return true;
}

/* The one that is to be aborted has to be in flight. Base 2.0 5.1: CDW10. */
static struct nvme_sqe aborted_command(struct th_fake *fake)
{
	struct th_fake_queue *queue = &fake->queues[fake->aborted_sqid];
	struct nvme_sqe *ring = th_fake_memory(fake, queue->sq_iova);

	for (uint32_t i = 0; i < queue->entries; i++) {
		if (nvme_cpu16(ring[i].cid) == fake->aborted_cid)
			return ring[i];
	}
	ck_abort_msg("an Abort of a command that was never sent");
}

static bool run_abort(struct th_fake *fake, const struct nvme_sqe *sqe)
{
	uint32_t cdw10 = nvme_cpu32(sqe->cdw10);
	struct nvme_sqe victim;

	fake->aborts_seen++;
	fake->aborted_sqid = cdw10 & 0xffff;
	fake->aborted_cid = (uint16_t)(cdw10 >> 16);
	ck_assert_uint_le(fake->aborted_sqid, TH_FAKE_QUEUES);
	victim = aborted_command(fake);
	if (fake->abort_slots > 0 && fake->abort_count >= fake->abort_slots) {
		th_fake_answer(fake, 0, sqe, NVME_SC_ABORT_LIMIT_EXCEEDED, 0);
		return true;
	}
	if (fake->abort == TH_ABORT_HELD) {
		ck_assert(hold(fake->aborts, sqe));
		fake->abort_count++;
		if (fake->abort_count > fake->aborts_most)
			fake->aborts_most = fake->abort_count;
		return true;
	}
	if (fake->abort == TH_ABORT_WORKS) {
		th_fake_take(fake, &fake->queues[fake->aborted_sqid]);
		th_fake_answer(fake, fake->aborted_sqid, &victim, NVME_SC_ABORT_REQUESTED, 0);
	}
	th_fake_answer(fake, 0, sqe, fake->abort == TH_ABORT_FAILS ? fake->abort_status : 0,
		       fake->abort == TH_ABORT_REFUSED);
	return true;
}

void th_fake_abort_end(struct th_fake *fake, uint16_t status, uint32_t dw0)
{
	struct nvme_sqe sqe;

	ck_assert(release(fake->aborts, &sqe));
	fake->abort_count--;
	th_fake_answer(fake, 0, &sqe, status, dw0);
}

bool th_fake_event(struct th_fake *fake, uint32_t dw0)
{
	struct nvme_sqe sqe;

	if (!release(fake->aers, &sqe))
		return false;
	fake->aer_count--;
	th_fake_answer(fake, 0, &sqe, 0, dw0);
	return true;
}

bool th_fake_event_error(struct th_fake *fake, uint16_t status)
{
	struct nvme_sqe sqe;

	if (!release(fake->aers, &sqe))
		return false;
	fake->aer_count--;
	th_fake_answer(fake, 0, &sqe, status, 0);
	return true;
}

/* Commands that are not answered at once. */
static bool is_held(struct th_fake *fake, const struct nvme_sqe *sqe)
{
	if (th_fake_fault_now(fake, TH_FAULT_SILENT))
		return true;
	if (th_fake_fault_now(fake, TH_FAULT_STATUS)) {
		th_fake_answer(fake, 0, sqe, NVME_SC_INTERNAL_ERROR, 0);
		return true;
	}
	if (fake->admin_silent_once != 0 && fake->admin_silent_once == sqe->opcode) {
		fake->admin_silent_once = 0;
		return true;
	}
	if (fake->admin_silent[sqe->opcode] ||
	    (sqe->opcode == NVME_ADMIN_SET_FEATURES &&
	     fake->features_silent[(uint8_t)nvme_cpu32(sqe->cdw10)]))
		return true;
	if (sqe->opcode == NVME_ADMIN_ABORT && !fake->admin_status[NVME_ADMIN_ABORT])
		return run_abort(fake, sqe);
	if (sqe->opcode != NVME_ADMIN_ASYNC_EVENT_REQUEST ||
	    fake->admin_status[NVME_ADMIN_ASYNC_EVENT_REQUEST] || fake->aer_count > fake->id.aerl)
		return false;
	fake->aer_count++;
	return hold(fake->aers, sqe);
}

static uint16_t execute(struct th_fake *fake, const struct nvme_sqe *sqe, uint32_t *ret_dw0)
{
	uint32_t qid = nvme_cpu32(sqe->cdw10) & 0xffff;

	if (fake->admin_status[sqe->opcode])
		return fake->admin_status[sqe->opcode];
	switch (sqe->opcode) {
	case NVME_ADMIN_IDENTIFY:
		return identify(fake, sqe);
	case NVME_ADMIN_SET_FEATURES:
		return set_feature(fake, sqe, ret_dw0);
	case NVME_ADMIN_GET_LOG_PAGE:
		return get_log(fake, sqe);
	case NVME_ADMIN_ASYNC_EVENT_REQUEST:
		return NVME_SC_AER_LIMIT_EXCEEDED;
	case NVME_ADMIN_CREATE_IO_CQ:
		return create_cq(fake, sqe);
	case NVME_ADMIN_CREATE_IO_SQ:
		return create_sq(fake, sqe);
	case NVME_ADMIN_DBBUF_CONFIG:
		fake->shadow = nvme_cpu64(sqe->prp1);
		fake->event = nvme_cpu64(sqe->prp2);
		return 0;
	case NVME_ADMIN_DELETE_IO_SQ:
		fake->queues[qid].has_sq = false;
		return 0;
	case NVME_ADMIN_DELETE_IO_CQ:
		ck_assert(!fake->queues[qid].has_sq);
		fake->queues[qid].has_cq = false;
		fake->deleted_cqs++;
		return 0;
	default:
		return NVME_SC_INVALID_OPCODE | NVME_DNR;
	}
}

void th_fake_run_admin(struct th_fake *fake)
{
	struct th_fake_queue *admin = &fake->queues[0];

	while (admin->sq_head != admin->sq_tail) {
		struct nvme_sqe sqe = th_fake_take(fake, admin);
		uint32_t dw0 = 0;
		uint16_t status;

		if (is_held(fake, &sqe))
			continue;
		status = execute(fake, &sqe, &dw0);
		th_fake_answer(fake, 0, &sqe, status, dw0);
	}
}
