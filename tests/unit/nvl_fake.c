/* SPDX-License-Identifier: BSD-3-Clause */
/* See nvl_fake.h. */
#include "tests/unit/nvl_fake.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t soonest(const struct th_fake *fake)
{
	uint64_t at = NVL_NEVER;

	if (fake->ready_at > fake->now && fake->ready_at < at)
		at = fake->ready_at;
	if (fake->unready_at > fake->now && fake->unready_at < at)
		at = fake->unready_at;
	if (fake->shutdown_at > fake->now && fake->shutdown_at < at)
		at = fake->shutdown_at;
	return at;
}

static void let_time_pass(struct th_fake *fake)
{
	if (fake->ready_at <= fake->now) {
		fake->csts |= NVME_MASK(NVME_CSTS_RDY);
		fake->ready_at = NVL_NEVER;
	}
	if (fake->unready_at <= fake->now) {
		fake->csts &= ~(NVME_MASK(NVME_CSTS_RDY) | NVME_MASK(NVME_CSTS_CFS) |
				NVME_MASK(NVME_CSTS_SHST));
		fake->unready_at = NVL_NEVER;
	}
	if (fake->shutdown_at <= fake->now) {
		fake->csts = NVME_WITH(fake->csts, NVME_CSTS_SHST, NVME_CSTS_SHST_COMPLETE);
		fake->shutdown_at = NVL_NEVER;
	}
}

static uint64_t after(const struct th_fake *fake, uint64_t nsec)
{
	return nsec == NVL_NEVER ? NVL_NEVER : fake->now + nsec;
}

void *th_fake_memory(struct th_fake *fake, uint64_t iova)
{
	ck_assert_uint_ge(iova, fake->dma.iova);
	ck_assert_uint_lt(iova, fake->dma.iova + fake->dma.bytes);
	return (uint8_t *)fake->dma.data + (iova - fake->dma.iova);
}

static struct nvme_sqe take(struct th_fake *fake, struct th_fake_queue *queue)
{
	struct nvme_sqe *ring = th_fake_memory(fake, queue->sq_iova);
	struct nvme_sqe sqe = ring[queue->sq_head];

	queue->sq_head = nvme_ring_next(queue->sq_head, queue->entries);
	return sqe;
}

void th_fake_post(struct th_fake *fake, uint32_t qid, struct nvme_cqe cqe)
{
	struct th_fake_queue *queue = &fake->queues[qid];
	struct nvme_cqe *ring = th_fake_memory(fake, queue->cq_iova);
	uint16_t word = nvme_cpu16(cqe.status);

	cqe.status = nvme_le16((uint16_t)((word & ~1u) | queue->phase));
	nvme_cqe_publish(&ring[queue->cq_tail], &cqe);
	queue->cq_tail = nvme_ring_next(queue->cq_tail, queue->entries);
	if (queue->cq_tail == 0)
		queue->phase = !queue->phase;
}

static void answer(struct th_fake *fake, uint32_t qid, const struct nvme_sqe *sqe, uint16_t status,
		   uint32_t dw0)
{
	th_fake_post(fake, qid,
		     (struct nvme_cqe){
			     .dw0 = nvme_le32(dw0),
			     .sqhd = nvme_le16((uint16_t)fake->queues[qid].sq_head),
			     .sqid = nvme_le16((uint16_t)qid),
			     .cid = sqe->cid,
			     .status = nvme_le16(nvme_cqe_word(status, false)),
		     });
}

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

	if (fake->cns_status[cns])
		return fake->cns_status[cns];
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
	fake->queues[qid].sq_iova = nvme_cpu64(sqe->prp1);
	return 0;
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
		*ret_dw0 = (fake->granted - 1) | (fake->granted - 1) << 16;
		return 0;
	case NVME_ADMIN_CREATE_IO_CQ:
		return create_cq(fake, sqe);
	case NVME_ADMIN_CREATE_IO_SQ:
		return create_sq(fake, sqe);
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

static void run_admin(struct th_fake *fake)
{
	struct th_fake_queue *admin = &fake->queues[0];

	while (admin->sq_head != admin->sq_tail) {
		struct nvme_sqe sqe = take(fake, admin);
		uint32_t dw0 = 0;
		uint16_t status = execute(fake, &sqe, &dw0);

		if (!fake->admin_silent[sqe.opcode])
			answer(fake, 0, &sqe, status, dw0);
	}
}

static void write_doorbell(struct th_fake *fake, uint32_t offset, uint32_t value)
{
	uint32_t stride = 4u << NVME_GET(fake->cap, NVME_CAP_DSTRD);
	uint32_t index = (offset - NVME_DOORBELL_OFFSET) / stride;
	struct th_fake_queue *queue = &fake->queues[index / 2];

	ck_assert_uint_eq((offset - NVME_DOORBELL_OFFSET) % stride, 0);
	ck_assert_uint_le(index / 2, TH_FAKE_QUEUES);
	ck_assert_uint_lt(value, queue->entries);
	ck_assert_msg(fake->csts & 1, "a doorbell before CSTS.RDY");
	if (index % 2) {
		queue->cq_head = value;
		queue->cq_writes++;
		return;
	}
	queue->sq_tail = value;
	queue->sq_writes++;
	if (index == 0)
		run_admin(fake);
}

static void enable(struct th_fake *fake)
{
	memset(fake->queues, 0, sizeof(fake->queues));
	fake->queues[0] = (struct th_fake_queue){
		.has_cq = true,
		.has_sq = true,
		.sq_iova = fake->asq,
		.cq_iova = fake->acq,
		.entries = (fake->aqa & 0xfff) + 1,
		.phase = true,
	};
	if (fake->fatal_enables > 0) {
		fake->fatal_enables -= fake->fatal_enables != TH_FAKE_FOREVER;
		fake->csts |= NVME_MASK(NVME_CSTS_CFS);
		return;
	}
	fake->ready_at = after(fake, fake->ready_nsec);
}

static void write_cc(struct th_fake *fake, uint32_t value)
{
	uint32_t changed = fake->cc ^ value;

	fake->cc = value;
	if ((changed & 1) && (value & 1))
		enable(fake);
	if ((changed & 1) && !(value & 1)) {
		fake->ready_at = NVL_NEVER;
		fake->shutdown_at = NVL_NEVER;
		fake->unready_at = after(fake, fake->unready_nsec);
	}
	if (NVME_GET(changed, NVME_CC_SHN) && NVME_GET(value, NVME_CC_SHN))
		fake->shutdown_at = after(fake, fake->shutdown_nsec);
	let_time_pass(fake);
}

static uint64_t reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct th_fake *fake = arg;

	if (fake->all_ones > 0) {
		fake->all_ones -= fake->all_ones != TH_FAKE_FOREVER;
		return bytes == 8 ? UINT64_MAX : UINT32_MAX;
	}
	switch (offset) {
	case NVME_REG_CAP:
		return fake->cap;
	case NVME_REG_VS:
		return fake->vs;
	case NVME_REG_CC:
		return fake->cc;
	case NVME_REG_CSTS:
		return fake->csts;
	case NVME_REG_AQA:
		return fake->aqa;
	case NVME_REG_ASQ:
		return fake->asq;
	case NVME_REG_ACQ:
		return fake->acq;
	case NVME_REG_CRTO:
		return fake->crto;
	default:
		return 0;
	}
}

static void reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	struct th_fake *fake = arg;

	ck_assert(bytes == 4 || bytes == 8);
	fake->writes++;
	if (offset == fake->lost_register)
		return;
	switch (offset) {
	case NVME_REG_CC:
		write_cc(fake, (uint32_t)value);
		break;
	case NVME_REG_AQA:
		fake->aqa = (uint32_t)value;
		break;
	case NVME_REG_ASQ:
		fake->asq = value;
		break;
	case NVME_REG_ACQ:
		fake->acq = value;
		break;
	default:
		ck_assert_uint_ge(offset, NVME_DOORBELL_OFFSET);
		write_doorbell(fake, offset, (uint32_t)value);
		break;
	}
}

static uint32_t cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct th_fake *fake = arg;

	if (fake->config_gone)
		return UINT32_MAX >> (32 - 8 * bytes);
	return offset == 0 ? 0x12345678 : 0;
}

static void cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	(void)arg;
	(void)offset;
	(void)bytes;
	(void)value;
}

static int irq_assign(void *arg, uint32_t vectors)
{
	struct th_fake *fake = arg;

	if (fake->vectors < 0 || vectors == 0)
		return fake->vectors < 0 ? fake->vectors : 0;
	return (int)vectors < fake->vectors ? (int)vectors : fake->vectors;
}

static uint64_t now(void *arg)
{
	struct th_fake *fake = arg;

	fake->now_calls++;
	return fake->now;
}

static void wait(void *arg, uint32_t vector, uint64_t deadline)
{
	struct th_fake *fake = arg;
	uint64_t next = soonest(fake);

	(void)vector;
	fake->now = next < deadline ? next : deadline;
	let_time_pass(fake);
}

static int alive(void *arg)
{
	struct th_fake *fake = arg;

	return fake->lost;
}

static void panic(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "panic: %s\n", what);
	abort();
}

static void trace(void *arg, const struct nvme_trace_record *record)
{
	struct th_fake *fake = arg;

	fake->records++;
	fake->last_record = *record;
}

void th_fake_init(struct th_fake *fake)
{
	memset(fake, 0, sizeof(*fake));
	nvl_config_init(&fake->config);
	fake->config.queues = 4;
	fake->config.entries = 64;
	fake->config.namespaces = 8;
	fake->cap = NVME_PUT64(NVME_CAP_MQES, 63) | NVME_PUT64(NVME_CAP_TO, 4) |
		    NVME_PUT64(NVME_CAP_CSS_NVM, 1);
	fake->vs = NVME_VERSION(1, 4, 0);
	fake->now = 1000;
	fake->ready_at = NVL_NEVER;
	fake->unready_at = NVL_NEVER;
	fake->shutdown_at = NVL_NEVER;
	fake->lost_register = TH_FAKE_NO_REG;
	fake->granted = 4;
	fake->vectors = TH_FAKE_QUEUES + 1;
	fake->id.sqes = 0x66;
	fake->id.cqes = 0x44;
	fake->id.nn = nvme_le32(4);
	fake->id.cntrltype = NVME_CNTRLTYPE_IO;
	fake->ns.nsze = nvme_le64(2048);
	fake->ns.ncap = nvme_le64(2048);
	fake->ns.lbaf[0].lbads = 9;
	fake->nsids[0] = 1;
}

int th_fake_start(struct th_fake *fake)
{
	const struct nvl_ops ops = {
		.arg = fake,
		.mapped = fake->mapped,
		.mapped_offset = fake->mapped_offset,
		.mapped_bytes = fake->mapped_bytes,
		.reg_read = reg_read,
		.reg_write = reg_write,
		.cfg_read = cfg_read,
		.cfg_write = cfg_write,
		.irq_assign = irq_assign,
		.now = now,
		.wait = wait,
		.alive = alive,
		.panic = panic,
	};
	size_t dma_bytes = nvl_dma_size(&fake->config);

	fake->dma = (struct nvl_buffer){
		.data = aligned_alloc(NVL_PAGE_BYTES, dma_bytes),
		.bytes = dma_bytes,
		.iova = TH_FAKE_DMA_IOVA,
	};
	memset(fake->dma.data, 0xa5, dma_bytes);
	fake->block = aligned_alloc(NVL_PAGE_BYTES, nvl_size(&fake->config));
	fake->ctrl = nvl_init(fake->block, &fake->dma, &fake->config, &ops,
			      fake->trace ? trace : NULL, fake);
	return nvl_start(fake->ctrl);
}

void th_fake_open(struct th_fake *fake)
{
	th_fake_init(fake);
	ck_assert_int_eq(th_fake_start(fake), 0);
}

void th_fake_done(struct th_fake *fake)
{
	free(fake->dma.data);
	free(fake->block);
}

struct nvme_sqe th_fake_fetch(struct th_fake *fake, uint32_t qid)
{
	struct th_fake_queue *queue = &fake->queues[qid];

	ck_assert_msg(queue->sq_head != queue->sq_tail, "nothing to fetch");
	return take(fake, queue);
}

void th_fake_complete(struct th_fake *fake, uint32_t qid, uint16_t status)
{
	struct nvme_sqe sqe = th_fake_fetch(fake, qid);

	answer(fake, qid, &sqe, status, 0);
}

void th_fake_count(void *arg, const struct nvl_completion *completion)
{
	struct th_fake_ending *ending = arg;

	ending->done++;
	ending->result = completion->result;
	ending->completion = *completion;
}

struct nvl_io th_fake_io(struct th_fake *fake, uint64_t slba)
{
	return (struct nvl_io){
		.ns = nvl_ns_at(fake->ctrl, 0),
		.slba = slba,
		.nlb = 1,
		.buffer = &fake->dma,
	};
}

void th_fake_submit(struct th_fake *fake, struct th_fake_ending *ending)
{
	const struct nvl_io io = th_fake_io(fake, 0);
	struct nvl_queue *queue = nvl_queue(fake->ctrl, 0);

	ck_assert_int_eq(nvl_read(queue, &io, th_fake_count, ending), 0);
	nvl_ring(queue);
}
