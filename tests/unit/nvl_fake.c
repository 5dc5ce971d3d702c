/* SPDX-License-Identifier: BSD-3-Clause */
/* See nvl_fake.h. */
#include "tests/unit/nvl_fake.h"

#include <stdio.h>
#include <stdlib.h>

#define PCI_COMMAND 0x04

static uint64_t soonest(const struct th_fake *fake)
{
	uint64_t at = NVL_NEVER;

	if (fake->ready_at > fake->now && fake->ready_at < at)
		at = fake->ready_at;
	if (fake->unready_at > fake->now && fake->unready_at < at)
		at = fake->unready_at;
	if (fake->shutdown_at > fake->now && fake->shutdown_at < at)
		at = fake->shutdown_at;
	if (fake->away_until > fake->now && fake->away_until < at)
		at = fake->away_until;
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

struct nvme_sqe th_fake_take(struct th_fake *fake, struct th_fake_queue *queue)
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

void th_fake_answer(struct th_fake *fake, uint32_t qid, const struct nvme_sqe *sqe, uint16_t status,
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
		th_fake_run_admin(fake);
}

static void enable(struct th_fake *fake)
{
	memset(fake->queues, 0, sizeof(fake->queues));
	memset(fake->aers, 0, sizeof(fake->aers));
	memset(fake->aborts, 0, sizeof(fake->aborts));
	fake->aer_count = 0;
	fake->abort_count = 0;
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
		fake->resets++;
		fake->ready_at = NVL_NEVER;
		fake->shutdown_at = NVL_NEVER;
		fake->unready_at = after(fake, fake->unready_nsec);
	}
	if (NVME_GET(changed, NVME_CC_SHN) && NVME_GET(value, NVME_CC_SHN))
		fake->shutdown_at = after(fake, fake->shutdown_nsec);
	let_time_pass(fake);
}

static void reset_subsystem(struct th_fake *fake, uint32_t value)
{
	ck_assert_uint_eq(value, NVME_NSSR_RESET);
	ck_assert_msg(NVME_GET(fake->cap, NVME_CAP_NSSRS), "NSSR without CAP.NSSRS");
	fake->subsystem_resets++;
	fake->cc = 0;
	fake->csts = NVME_PUT(NVME_CSTS_NSSRO, 1);
	fake->away_until = after(fake, fake->nssr_nsec);
	if (fake->nssr_cures) {
		fake->fatal_enables = 0;
		fake->unready_nsec = 0;
	}
}

/* Counts the calls that @fault can happen to. Return: whether it happens at this one. */
bool th_fake_fault_now(struct th_fake *fake, enum th_fake_fault fault)
{
	return fake->fault == fault && fake->fault_at > 0 && --fake->fault_at == 0;
}

static void go_away(struct th_fake *fake)
{
	fake->all_ones = TH_FAKE_FOREVER;
	fake->config_gone = true;
}

static uint64_t reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct th_fake *fake = arg;

	if (th_fake_fault_now(fake, TH_FAULT_GONE))
		go_away(fake);
	if (th_fake_fault_now(fake, TH_FAULT_ONES))
		fake->all_ones = 1;
	if (fake->now < fake->away_until)
		return bytes == 8 ? UINT64_MAX : UINT32_MAX;
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
	if (th_fake_fault_now(fake, TH_FAULT_GONE))
		go_away(fake);
	fake->writes++;
	if (fake->config_gone)
		return;
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
	case NVME_REG_CSTS:
		fake->csts &= ~((uint32_t)value & NVME_MASK(NVME_CSTS_NSSRO));
		break;
	case NVME_REG_NSSR:
		reset_subsystem(fake, (uint32_t)value);
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

	if (th_fake_fault_now(fake, TH_FAULT_GONE))
		go_away(fake);
	if (fake->config_gone)
		return UINT32_MAX >> (32 - 8 * bytes);
	if (offset == PCI_COMMAND)
		return fake->pci_command;
	return offset == 0 ? fake->pci_id : 0;
}

static void cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	struct th_fake *fake = arg;

	(void)bytes;
	if (offset == PCI_COMMAND)
		fake->pci_command = value;
}

static int irq_assign(void *arg, uint32_t vectors)
{
	struct th_fake *fake = arg;

	if (th_fake_fault_now(fake, TH_FAULT_IRQ))
		return -28;
	fake->irq_assigns += vectors > 0;
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

	fake->waited_vector = vector;
	fake->now = next < deadline ? next : deadline;
	let_time_pass(fake);
}

static int alive(void *arg)
{
	struct th_fake *fake = arg;

	if (th_fake_fault_now(fake, TH_FAULT_LOST))
		fake->lost = -NVL_ECONNRESET;
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
	fake->pci_id = 0x12345678;
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

void th_fake_make(struct th_fake *fake)
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
}

int th_fake_start(struct th_fake *fake)
{
	th_fake_make(fake);
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
	return th_fake_take(fake, queue);
}

void th_fake_complete(struct th_fake *fake, uint32_t qid, uint16_t status)
{
	struct nvme_sqe sqe = th_fake_fetch(fake, qid);

	th_fake_answer(fake, qid, &sqe, status, 0);
}

void th_fake_steps(struct th_fake *fake, uint64_t nsec)
{
	uint64_t end = fake->now + nsec;

	for (;;) {
		uint64_t next;

		nvl_step(fake->ctrl);
		if (fake->now >= end)
			return;
		next = nvl_deadline(fake->ctrl);
		if (next > fake->now)
			wait(fake, NVL_NO_VECTOR, next < end ? next : end);
	}
}

void th_fake_settle(struct th_fake *fake)
{
	for (unsigned int i = 0; i < 1000 && nvl_step(fake->ctrl); i++)
		wait(fake, NVL_NO_VECTOR, nvl_deadline(fake->ctrl));
	ck_assert(!nvl_step(fake->ctrl));
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
