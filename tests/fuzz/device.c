/* SPDX-License-Identifier: BSD-3-Clause */
/* A device that lies where the fuzzer says so: see device.h. */
#include "tests/fuzz/device.h"

#define PAGE	      NVL_PAGE_BYTES
#define TICK_NSEC     10000000ull
#define DOORBELL_AREA 4096u

bool th_is_honest(struct th_device *device)
{
	return device->trusted || device->in->bytes == 0 || th_u8(device->in) < TH_HONEST;
}

/* Memory that the driver may name: its own block, or the application's buffer. */
static uint8_t *memory_at(const struct th_device *device, uint64_t iova, uint64_t bytes)
{
	if (iova >= TH_DMA_IOVA && iova - TH_DMA_IOVA <= TH_DMA_BYTES &&
	    bytes <= TH_DMA_BYTES - (iova - TH_DMA_IOVA))
		return device->dma + (iova - TH_DMA_IOVA);
	if (iova >= TH_DATA_IOVA && iova - TH_DATA_IOVA <= TH_DATA_BYTES &&
	    bytes <= TH_DATA_BYTES - (iova - TH_DATA_IOVA))
		return device->data + (iova - TH_DATA_IOVA);
	return NULL;
}

static void enable(struct th_device *device)
{
	struct th_pair *admin = &device->pairs[0];

	memset(device->pairs, 0, sizeof(device->pairs));
	*admin = (struct th_pair){
		.sq = device->asq,
		.cq = device->acq,
		.sq_entries = (device->aqa & 0xfff) + 1,
		.cq_entries = (device->aqa >> 16 & 0xfff) + 1,
		.phase = true,
	};
	th_claim(memory_at(device, admin->sq, admin->sq_entries * 64), "ASQ is memory");
	th_claim(memory_at(device, admin->cq, admin->cq_entries * 16), "ACQ is memory");
	if (device->page)
		memset(device->page, 0, DOORBELL_AREA);
}

static void write_cc(struct th_device *device, uint32_t value)
{
	bool was = device->cc & 1;

	device->cc = value;
	if (!was && value & 1)
		enable(device);
	if (!th_is_honest(device)) {
		device->csts = th_u8(device->in) & 0x3f;
		return;
	}
	device->csts = (device->csts & ~1u) | (value & 1);
	if (!(value & 1))
		device->csts = 0;
	if (value >> 14 & 3)
		device->csts |= 2 << 2;
}

static void ring(struct th_device *device, uint32_t offset, uint32_t value)
{
	uint32_t stride = nvl_info(device->ctrl)->doorbell_stride;
	uint32_t number = stride ? (offset - NVME_DOORBELL_OFFSET) / stride : UINT32_MAX;
	struct th_pair *pair = &device->pairs[number / 2 % TH_QUEUES];

	th_claim(number / 2 < TH_QUEUES && (offset - NVME_DOORBELL_OFFSET) % stride == 0,
		 "a doorbell of a queue");
	if (!(device->cc & 1) || pair->sq_entries == 0)
		return; /* The driver has been told something else. */
	if (number % 2) {
		th_claim(value < pair->cq_entries, "a CQ head is within the queue");
		pair->cq_head = value;
	} else {
		th_claim(value < pair->sq_entries, "an SQ tail is within the queue");
		pair->tail = value;
	}
}

static uint64_t honest_reg(const struct th_device *device, uint32_t offset)
{
	switch (offset) {
	case NVME_REG_CAP:
		return NVME_PUT64(NVME_CAP_MQES, 15) | NVME_PUT64(NVME_CAP_CQR, 1) |
		       NVME_PUT64(NVME_CAP_TO, 2) | NVME_PUT64(NVME_CAP_CSS_NVM, 1);
	case NVME_REG_VS:
		return NVME_VERSION(1, 4, 0);
	case NVME_REG_CC:
		return device->cc;
	case NVME_REG_CSTS:
		return device->csts;
	case NVME_REG_AQA:
		return device->aqa;
	case NVME_REG_ASQ:
		return device->asq;
	case NVME_REG_ACQ:
		return device->acq;
	default:
		return 0;
	}
}

static uint64_t op_reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct th_device *device = arg;
	uint64_t value = honest_reg(device, offset);
	uint8_t how;

	th_claim((bytes == 4 || bytes == 8) && offset % bytes == 0, "an access that BAR0 takes");
	if (device->gone)
		return bytes == 8 ? UINT64_MAX : UINT32_MAX;
	if (!th_is_honest(device)) {
		how = th_u8(device->in);
		if (how == 0)
			value = UINT64_MAX;
		else if (how < 128)
			value ^= 1ull << how % 64;
		else
			value = th_u64(device->in);
	}
	return bytes == 8 ? value : (uint32_t)value;
}

static void op_reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	struct th_device *device = arg;

	th_claim((bytes == 4 || bytes == 8) && offset % bytes == 0, "an access that BAR0 takes");
	th_claim(!device->gone || nvl_state(device->ctrl) != NVL_STATE_GONE,
		 "nothing touches a device that is known to be gone");
	if (offset == NVME_REG_CC)
		write_cc(device, (uint32_t)value);
	else if (offset == NVME_REG_AQA)
		device->aqa = (uint32_t)value & 0x0fff0fff;
	else if (offset == NVME_REG_ASQ)
		device->asq = value;
	else if (offset == NVME_REG_ACQ)
		device->acq = value;
	else if (offset >= NVME_DOORBELL_OFFSET)
		ring(device, offset, (uint32_t)value);
}

static uint32_t op_cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct th_device *device = arg;

	th_claim(bytes == 1 || bytes == 2 || bytes == 4, "an access of configuration space");
	if (device->gone)
		return UINT32_MAX >> (32 - 8 * bytes);
	return th_is_honest(device) ? offset : th_u32(device->in);
}

static void op_cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	(void)arg;
	(void)offset;
	(void)value;
	th_claim(bytes == 1 || bytes == 2 || bytes == 4, "an access of configuration space");
}

static int op_irq_assign(void *arg, uint32_t vectors)
{
	struct th_device *device = arg;

	return th_is_honest(device) ? (int)vectors : (int8_t)th_u8(device->in);
}

static uint64_t op_now(void *arg)
{
	const struct th_device *device = arg;

	return device->now;
}

static int op_alive(void *arg)
{
	const struct th_device *device = arg;

	return device->lost;
}

static void op_panic(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "the core says: %s\n", what);
	abort();
}

/* Time passes here alone. */
static void op_wait(void *arg, uint32_t vector, uint64_t deadline_nsec)
{
	struct th_device *device = arg;
	uint64_t left = deadline_nsec > device->now ? deadline_nsec - device->now : 0;

	(void)vector;
	th_claim(deadline_nsec != NVL_NEVER, "every wait has a bound");
	th_claim(++device->waits < TH_WAITS_MAX, "every call ends");
	if (!th_is_honest(device))
		th_device_post(device);
	th_device_work(device);
	if (device->on_wait)
		device->on_wait(device->arg);
	/* Long waits pass faster: CRTO allows hours. */
	if (left <= TICK_NSEC)
		device->now += left;
	else
		device->now += left / 64 > TICK_NSEC ? left / 64 : TICK_NSEC;
}

static void post(struct th_device *device, uint32_t cqid, struct nvme_cqe cqe, uint16_t status,
		 bool phase)
{
	struct th_pair *pair = &device->pairs[cqid];
	uint64_t iova = pair->cq + (uint64_t)pair->cq_tail * sizeof(cqe);
	uint8_t *slot = memory_at(device, iova, sizeof(cqe));

	if (pair->cq_entries == 0)
		return;
	th_claim(slot, "a CQ is memory");
	cqe.status = nvme_le16(nvme_cqe_word(status, phase));
	memcpy(slot, &cqe, sizeof(cqe));
}

static void advance(struct th_pair *pair)
{
	if (pair->cq_entries == 0)
		return;
	pair->cq_tail = nvme_ring_next(pair->cq_tail, pair->cq_entries);
	if (pair->cq_tail == 0)
		pair->phase = !pair->phase;
}

void th_device_post(struct th_device *device)
{
	uint8_t how = th_u8(device->in);
	uint32_t cqid = how % TH_QUEUES;
	struct nvme_cqe cqe = {
		.sqid = nvme_le16(how & 16 ? th_u16(device->in) : cqid),
		.cid = nvme_le16(th_u16(device->in)),
		.sqhd = nvme_le16(how & 32 ? th_u16(device->in) : device->pairs[cqid].head),
		.dw0 = nvme_le32(how & 64 ? th_u32(device->in) : 0),
	};

	device->lied = true;
	post(device, cqid, cqe, how & 128 ? th_u16(device->in) : 0,
	     device->pairs[cqid].phase != (how >> 2 & 1));
	if (how & 8)
		advance(&device->pairs[cqid]);
}

/* @bytes at @iova are the data's next ones: at @expected, or for 0 anywhere in memory. */
static uint64_t check_piece(const struct th_device *device, uint64_t iova, uint64_t bytes,
			    uint64_t expected)
{
	th_claim(memory_at(device, iova, bytes), "a PRP is memory");
	th_claim(expected == 0 || device->lied || iova == expected, "a PRP is where the data is");
	return expected ? expected + bytes : 0;
}

static void check_list(const struct th_device *device, uint64_t list, uint64_t bytes,
		       uint64_t expected)
{
	while (bytes > 0) {
		const uint8_t *slot = memory_at(device, list, 8);
		uint64_t here = bytes < PAGE ? bytes : PAGE;
		uint64_t entry;

		th_claim(slot && list % 8 == 0, "a PRP list is memory");
		entry = nvme_load_le64(slot);
		th_claim(entry % PAGE == 0, "a PRP entry is a page");
		if (list % PAGE == PAGE - 8 && bytes > PAGE) {
			list = entry;
			continue;
		}
		expected = check_piece(device, entry, here, expected);
		bytes -= here;
		list += 8;
	}
}

/* The data's pages, as PRPs say: all of them memory that the driver was given. */
static void check_prps(const struct th_device *device, const struct nvme_sqe *sqe, uint64_t bytes,
		       uint64_t expected)
{
	uint64_t prp1 = nvme_cpu64(sqe->prp1);
	uint64_t prp2 = nvme_cpu64(sqe->prp2);
	uint64_t here = PAGE - prp1 % PAGE;

	if (here > bytes)
		here = bytes;
	expected = check_piece(device, prp1, here, expected);
	bytes -= here;
	if (bytes > PAGE) {
		check_list(device, prp2, bytes, expected);
	} else if (bytes > 0) {
		th_claim(prp2 % PAGE == 0, "PRP2 is a page");
		check_piece(device, prp2, bytes, expected);
	}
}

static void identify(struct th_device *device, const struct nvme_sqe *sqe)
{
	uint8_t *data = memory_at(device, nvme_cpu64(sqe->prp1), NVME_IDENTIFY_BYTES);
	uint32_t cns = nvme_cpu32(sqe->cdw10) & 0xff;
	struct nvme_id_ctrl *ctrl = (void *)data;
	struct nvme_id_ns *ns = (void *)data;

	check_prps(device, sqe, NVME_IDENTIFY_BYTES, 0);
	if (!data)
		return;
	memset(data, 0, NVME_IDENTIFY_BYTES);
	if (cns == NVME_CNS_CTRL) {
		ctrl->sqes = 0x66;
		ctrl->cqes = 0x44;
		ctrl->mdts = 3;
		ctrl->nn = nvme_le32(2);
		ctrl->vwc = 1;
	} else if (cns == NVME_CNS_ACTIVE_NS_LIST) {
		nvme_store_le32(data, nvme_cpu32(sqe->nsid) < 1 ? 1 : 0);
		nvme_store_le32(data + 4, nvme_cpu32(sqe->nsid) < 1 ? 2 : 0);
	} else {
		ns->nsze = nvme_le64(1000);
		ns->ncap = ns->nsze;
		ns->lbaf[0].lbads = 9;
	}
	while (!th_is_honest(device)) {
		uint32_t at = th_u16(device->in) % (NVME_IDENTIFY_BYTES - 4);

		/* What matters is in the first bytes of most structures. */
		if (at & 0x800)
			at &= 0xff;
		nvme_store_le32(data + at, th_u32(device->in));
	}
}

static void create(struct th_device *device, const struct nvme_sqe *sqe, bool is_cq)
{
	uint32_t cdw10 = nvme_cpu32(sqe->cdw10);
	uint32_t qid = cdw10 & 0xffff;
	uint32_t entries = (cdw10 >> 16) + 1;
	struct th_pair *pair = &device->pairs[qid % TH_QUEUES];

	th_claim(qid > 0 && qid < TH_QUEUES, "a queue that was configured");
	th_claim(memory_at(device, nvme_cpu64(sqe->prp1), entries * (is_cq ? 16 : 64)),
		 "a queue is memory");
	if (is_cq) {
		*pair = (struct th_pair){ .cq = nvme_cpu64(sqe->prp1), .cq_entries = entries };
		pair->phase = true;
	} else {
		pair->sq = nvme_cpu64(sqe->prp1);
		pair->sq_entries = entries;
		pair->head = 0;
		pair->tail = 0;
	}
}

static uint32_t admin(struct th_device *device, const struct nvme_sqe *sqe)
{
	switch (sqe->opcode) {
	case NVME_ADMIN_IDENTIFY:
		identify(device, sqe);
		return 0;
	case NVME_ADMIN_CREATE_IO_CQ:
	case NVME_ADMIN_CREATE_IO_SQ:
		create(device, sqe, sqe->opcode == NVME_ADMIN_CREATE_IO_CQ);
		return 0;
	case NVME_ADMIN_DELETE_IO_SQ:
		device->pairs[nvme_cpu32(sqe->cdw10) % TH_QUEUES].sq_entries = 0;
		return 0;
	case NVME_ADMIN_SET_FEATURES:
		return 2 << 16 | 2;
	case NVME_ADMIN_GET_LOG_PAGE:
		check_prps(device, sqe,
			   4ull * (1 + (nvme_cpu32(sqe->cdw10) >> 16) +
				   (nvme_cpu32(sqe->cdw11) << 16)),
			   0);
		return 0;
	default:
		return 0;
	}
}

/* A part of a transfer, of its blocks and memory, whatever the namespace is said to be by now. */
static void io(struct th_device *device, const struct nvme_sqe *sqe)
{
	uint64_t slba = nvme_cpu32(sqe->cdw10) | (uint64_t)nvme_cpu32(sqe->cdw11) << 32;
	uint32_t blocks = (nvme_cpu32(sqe->cdw12) & 0xffff) + 1;
	const struct th_transfer *transfer = &device->transfers[(slba >> 16) % TH_TRANSFERS];
	uint32_t first = slba & 0xffff;

	if (sqe->opcode != NVME_CMD_READ && sqe->opcode != NVME_CMD_WRITE)
		return;
	th_claim(slba >> 16 < TH_TRANSFERS && first + blocks <= transfer->nlb,
		 "blocks that were asked for");
	check_prps(device, sqe, (uint64_t)blocks << transfer->block_shift,
		   transfer->iova + ((uint64_t)first << transfer->block_shift));
}

/* One command, answered as it should be, or not. */
static void execute(struct th_device *device, uint32_t qid)
{
	struct th_pair *pair = &device->pairs[qid];
	const uint8_t *slot = memory_at(device, pair->sq + (uint64_t)pair->head * 64, 64);
	struct nvme_sqe sqe;
	struct nvme_cqe cqe = { 0 };
	uint16_t status = 0;
	uint8_t how;

	th_claim(slot, "an SQ is memory");
	memcpy(&sqe, slot, sizeof(sqe));
	pair->head = nvme_ring_next(pair->head, pair->sq_entries);
	if (qid == 0)
		cqe.dw0 = nvme_le32(admin(device, &sqe));
	else
		io(device, &sqe);
	cqe.cid = sqe.cid;
	cqe.sqid = nvme_le16(qid);
	cqe.sqhd = nvme_le16(pair->head);
	how = th_is_honest(device) ? 0 : th_u8(device->in);
	if (how & 1)
		return; /* never answered */
	if (how & 2)
		status = th_u16(device->in) & 0x7fff;
	if (how & 4)
		cqe.sqhd = nvme_le16(th_u16(device->in));
	if (how & 8)
		cqe.dw0 = nvme_le32(th_u32(device->in));
	if (how & 16)
		cqe.cid = nvme_le16(nvme_cpu16(cqe.cid) ^ (uint16_t)(1 << th_u8(device->in) % 16));
	device->lied = device->lied || (how & (16 | 32));
	post(device, qid, cqe, status, pair->phase);
	advance(pair);
	if (how & 32) { /* and once more */
		post(device, qid, cqe, status, pair->phase);
		advance(pair);
	}
	if (how & 64)
		device->silent = true;
}

static void poll_page(struct th_device *device)
{
	uint32_t stride = nvl_info(device->ctrl)->doorbell_stride;

	for (uint32_t number = 0; stride && number < 2 * TH_QUEUES; number++) {
		if ((number + 1) * stride <= DOORBELL_AREA)
			ring(device, NVME_DOORBELL_OFFSET + number * stride,
			     nvme_load_doorbell(device->page + number * stride));
	}
}

static bool has_room(const struct th_pair *pair)
{
	return pair->cq_entries > 0 &&
	       nvme_ring_next(pair->cq_tail, pair->cq_entries) != pair->cq_head;
}

void th_device_work(struct th_device *device)
{
	if (device->page)
		poll_page(device);
	if (device->silent || device->gone || device->lost || !(device->csts & 1) ||
	    !(device->cc & 1))
		return;
	for (uint32_t qid = 0; qid < TH_QUEUES; qid++) {
		struct th_pair *pair = &device->pairs[qid];

		while (pair->sq_entries > 0 && pair->head != pair->tail && has_room(pair) &&
		       !device->silent)
			execute(device, qid);
	}
}

void th_device_ops(struct th_device *device, bool mapped, struct nvl_ops *ret_ops)
{
	if (mapped) {
		device->page = calloc(1, DOORBELL_AREA);
		th_claim(device->page, "there is memory");
	}
	*ret_ops = (struct nvl_ops){
		.arg = device,
		.mapped = device->page,
		.mapped_offset = NVME_DOORBELL_OFFSET,
		.mapped_bytes = mapped ? DOORBELL_AREA : 0,
		.reg_read = op_reg_read,
		.reg_write = op_reg_write,
		.cfg_read = op_cfg_read,
		.cfg_write = op_cfg_write,
		.irq_assign = op_irq_assign,
		.now = op_now,
		.wait = op_wait,
		.alive = op_alive,
		.panic = op_panic,
	};
}
