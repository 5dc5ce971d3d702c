/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile host against the controller: registers, configuration space, doorbells in BAR0 and in
 * memory, submission queue entries, PRPs, SGLs, CMB and PMR wherever the host puts them, and memory
 * as the fuzzer wants it, in any order, between single steps.
 *
 * The input is a configuration, whose first byte is the kind of drive, and then actions, a byte
 * each with operands. Some actions do what a sane host does (enable, create queues, consume), so
 * that the others reach deep. What is claimed is in subsystem.c: every completion legal, DMA in
 * bounds, and in the end no request lost.
 */
#include "tests/fuzz/subsystem.h"

#define ACTIONS_MAX 400u

/* The first byte. */
#define KIND_WINDOWS 0x01u /* CMB and PMR */
#define KIND_REFUSES 0x02u /* with it: not everything may lie in the CMB, and the PMR takes time */
#define KIND_SGL     0x04u /* SGLs in units of dwords; queues in scattered pages */
#define KIND_MINIMAL 0x08u /* the profile */
#define KIND_LINES   0x10u /* no MSI-X */
#define KIND_PRIVATE 0x20u /* namespaces of one controller, some of none */
#define KIND_LIMITS  0x40u /* every limit is small */
#define KIND_SLOW    0x80u /* whatever can take time does */

#define ASQ_PAGE    0u
#define QUEUE_PAGES 2u /* SQ and CQ of queue q are pages 2q and 2q + 1 */

struct host {
	struct th_subsystem sub;
	struct th_input in;
	uint32_t ctrl;
	uint32_t tail[TH_CTRLS][TH_QUEUES];
	uint32_t entries[TH_CTRLS][TH_QUEUES];
	uint64_t shadow[TH_CTRLS]; /* where shadow doorbells were asked for last */
};

typedef void action_fn(struct host *host);

static uint64_t queue_iova(const struct host *host, uint32_t number)
{
	return TH_BASE + (number + host->ctrl * QUEUE_PAGES * TH_QUEUES) * TH_PAGE;
}

/* Two bytes say most addresses that matter; eight more any other. */
static uint64_t address(struct host *host)
{
	uint16_t how = th_u16(&host->in);
	uint32_t low = how & 0x3fff;

	switch (how >> 14) {
	case 0:
		return TH_BASE + (uint64_t)(low % TH_PAGES) * TH_PAGE;
	case 1:
		return TH_BASE + low * 8;
	case 2:
		return TH_BASE + TH_BYTES - 64 + low % 128;
	default:
		return th_u64(&host->in);
	}
}

static uint64_t doorbell(const struct host *host, uint32_t number)
{
	return NVME_DOORBELL_OFFSET + ((uint64_t)number << (2 + host->sub.emu->config.dstrd));
}

static void act_select(struct host *host)
{
	host->ctrl = th_u8(&host->in) % host->sub.emu->config.controllers;
}

static void act_write(struct host *host)
{
	uint32_t offset = th_u16(&host->in);
	uint8_t bytes = th_u8(&host->in) % 16;
	uint8_t data[16] = { 0 };
	const uint8_t *from;
	size_t got = th_take(&host->in, bytes, &from);

	memcpy(data, from, got);
	emu_bar_write(host->sub.emu, host->ctrl, offset, data, bytes);
}

static void act_read(struct host *host)
{
	uint8_t data[64];
	uint64_t offset = th_u16(&host->in);
	uint8_t bytes = th_u8(&host->in);

	emu_bar_read(host->sub.emu, host->ctrl, bytes & 0x80 ? UINT64_MAX - offset : offset, data,
		     bytes % sizeof(data));
}

static void act_cfg_write(struct host *host)
{
	uint8_t data[8];
	uint32_t offset = th_u8(&host->in);

	nvme_store_le64(data, th_u32(&host->in));
	emu_cfg_write(host->sub.emu, host->ctrl, offset, data, 1 + offset % 4);
}

static void act_cfg_read(struct host *host)
{
	uint8_t data[64];
	uint32_t offset = th_u16(&host->in);
	uint8_t how = th_u8(&host->in);

	emu_cfg_read(host->sub.emu, host->ctrl, how & 0x80 ? UINT32_MAX - offset : offset, data,
		     how % sizeof(data));
}

static void act_enable(struct host *host)
{
	uint8_t how = th_u8(&host->in);
	uint32_t entries = 2 + how % 16;

	th_set_command(&host->sub, host->ctrl, true);
	memset(host->tail[host->ctrl], 0, sizeof(host->tail[0]));
	host->entries[host->ctrl][0] = entries;
	th_write32(&host->sub, host->ctrl, NVME_REG_AQA, (entries - 1) << 16 | (entries - 1));
	th_write64(&host->sub, host->ctrl, NVME_REG_ASQ, queue_iova(host, ASQ_PAGE));
	th_write64(&host->sub, host->ctrl, NVME_REG_ACQ, queue_iova(host, ASQ_PAGE + 1));
	th_write32(&host->sub, host->ctrl, NVME_REG_CC, 4 << 20 | 6 << 16 | 1);
	if (how & 0x80)
		th_run(&host->sub);
}

static void act_cc(struct host *host)
{
	th_write32(&host->sub, host->ctrl, NVME_REG_CC, th_u32(&host->in));
}

/* Into the slot that a sane host would use next; the queue need not be there. */
static void put_sqe(struct host *host, uint32_t qid, const struct nvme_sqe *sqe, bool ring)
{
	uint32_t entries = host->entries[host->ctrl][qid];
	uint32_t *tail = &host->tail[host->ctrl][qid];
	uint64_t iova = queue_iova(host, qid * QUEUE_PAGES) + (uint64_t)*tail * sizeof(*sqe);

	memcpy(host->sub.memory + (iova - TH_BASE), sqe, sizeof(*sqe));
	if (entries < 2)
		return;
	*tail = nvme_ring_next(*tail, entries);
	if (ring)
		th_write32(&host->sub, host->ctrl, doorbell(host, 2 * qid), *tail);
}

static void act_create(struct host *host)
{
	uint8_t how = th_u8(&host->in);
	uint32_t qid = how % TH_QUEUES;
	uint32_t entries = 2 + (how >> 4);
	struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_CREATE_IO_CQ,
		.cid = nvme_le16(how),
		.cdw10 = nvme_le32((entries - 1) << 16 | qid),
		.cdw11 = nvme_le32(qid % host->sub.emu->layout.vectors << 16 | 3),
	};

	sqe.prp1 = nvme_le64(queue_iova(host, qid * QUEUE_PAGES + 1));
	put_sqe(host, 0, &sqe, true);
	sqe.opcode = NVME_ADMIN_CREATE_IO_SQ;
	sqe.prp1 = nvme_le64(queue_iova(host, qid * QUEUE_PAGES));
	sqe.cdw11 = nvme_le32((how & 8 ? 1 : qid) << 16 | 1);
	put_sqe(host, 0, &sqe, true);
	if (qid == 0)
		return;
	host->tail[host->ctrl][qid] = 0;
	host->entries[host->ctrl][qid] = entries;
}

/* A command: what a fuzzer would have to guess comes from a table, unless it insists. */
static void act_submit(struct host *host)
{
	static const uint8_t admin[] = {
		NVME_ADMIN_DELETE_IO_SQ, NVME_ADMIN_DELETE_IO_CQ,
		NVME_ADMIN_GET_LOG_PAGE, NVME_ADMIN_IDENTIFY,
		NVME_ADMIN_ABORT,	 NVME_ADMIN_SET_FEATURES,
		NVME_ADMIN_GET_FEATURES, NVME_ADMIN_ASYNC_EVENT_REQUEST,
		NVME_ADMIN_KEEP_ALIVE,
	};
	static const uint8_t io[] = { NVME_CMD_READ, NVME_CMD_WRITE, NVME_CMD_FLUSH };
	uint8_t how = th_u8(&host->in);
	uint32_t qid = how % TH_QUEUES;
	struct nvme_sqe sqe = { 0 };
	uint8_t opcode = th_u8(&host->in);

	if (how & 0x10)
		sqe.opcode = opcode;
	else
		sqe.opcode = qid ? io[opcode % sizeof(io)] : admin[opcode % sizeof(admin)];
	if (how & 0x20)
		sqe.flags = th_u8(&host->in);
	sqe.cid = nvme_le16(th_u8(&host->in));
	sqe.nsid = nvme_le32(how & 0x40 ? th_u32(&host->in) : th_u8(&host->in) % 4);
	sqe.prp1 = nvme_le64(address(host));
	sqe.prp2 = nvme_le64(address(host));
	sqe.cdw10 = nvme_le32(th_u32(&host->in));
	sqe.cdw11 = nvme_le32(qid && !(how & 0x40) ? 0 : th_u32(&host->in));
	sqe.cdw12 = nvme_le32(th_u16(&host->in) | (uint32_t)th_u8(&host->in) << 24);
	if (how & 8) {
		sqe.cdw13 = nvme_le32(th_u32(&host->in));
		sqe.cdw14 = nvme_le32(th_u32(&host->in));
		sqe.cdw15 = nvme_le32(th_u32(&host->in));
	}
	put_sqe(host, qid, &sqe, how & 0x80);
}

static void act_ring(struct host *host)
{
	uint8_t number = th_u8(&host->in);
	uint16_t value = th_u16(&host->in);

	if (number & 0x80 && host->sub.shared[host->ctrl])
		nvme_store_doorbell(host->sub.shared[host->ctrl] + doorbell(host, number % 8),
				    value);
	else
		th_write32(&host->sub, host->ctrl, doorbell(host, number), value);
}

static void act_share(struct host *host)
{
	uint8_t *page = host->sub.shared[host->ctrl];
	uint32_t offset = th_u8(&host->in) & ~3u;
	uint32_t value = th_u32(&host->in);

	if (page)
		nvme_store_doorbell(page + offset, value);
	else
		emu_share(host->sub.emu, host->ctrl);
}

static void act_memory(struct host *host)
{
	uint64_t at = address(host) - TH_BASE;
	const uint8_t *from;
	size_t got = th_take(&host->in, th_u8(&host->in), &from);

	if (at < TH_BYTES && got <= TH_BYTES - at)
		memcpy(host->sub.memory + at, from, got);
}

/* A list of pages, as PRPs want it. */
static void act_list(struct host *host)
{
	uint64_t at = address(host) - TH_BASE;
	uint8_t count = th_u8(&host->in) % 64;

	for (uint32_t i = 0; i < count && at <= TH_BYTES - 8; i++, at += 8)
		nvme_store_le64(host->sub.memory + at, address(host));
}

/* An SGL descriptor: its type is one that there is, most of the time. */
static void take_descriptor(struct host *host, uint8_t *descriptor)
{
	static const uint8_t types[] = { 0x00, 0x10, 0x20, 0x30, 0x01, 0x40, 0x5a };
	uint8_t type = th_u8(&host->in);

	nvme_store_le64(descriptor, address(host));
	nvme_store_le64(descriptor + 8, type & 0x80 ? th_u32(&host->in) : th_u16(&host->in));
	descriptor[15] = type & 0x40 ? th_u8(&host->in) : types[type % sizeof(types)];
}

static void act_segment(struct host *host)
{
	uint64_t at = address(host) - TH_BASE;
	uint8_t count = th_u8(&host->in) % 32;

	for (uint32_t i = 0; i < count && at <= TH_BYTES - 16; i++, at += 16)
		take_descriptor(host, host->sub.memory + at);
}

/*
 * Any command that there is, by number of a table. Dwords are zeros but for those that the input
 * names, so that one is enough for a good command.
 */
static void act_command(struct host *host)
{
#define ROW(name, opcode, text) (opcode),
	static const uint8_t admin[] = { NVME_ADMIN_OPCODE_LIST(ROW) };
	static const uint8_t io[] = { NVME_NVM_OPCODE_LIST(ROW) };
#undef ROW
	uint8_t how = th_u8(&host->in);
	uint8_t which = th_u8(&host->in);
	uint8_t dwords = th_u8(&host->in);
	uint32_t qid = how % TH_QUEUES;
	struct nvme_sqe sqe = { .cid = nvme_le16(th_u8(&host->in)) };
	uint8_t *bytes = (uint8_t *)&sqe;

	sqe.opcode = qid ? io[which % sizeof(io)] : admin[which % sizeof(admin)];
	sqe.flags = how & 0x10 ? th_u8(&host->in) : 0;
	sqe.nsid = nvme_le32(how & 0x20 ? th_u32(&host->in) : 1u + 2u * (how >> 6 & 1));
	if (how & 4)
		sqe.mptr = nvme_le64(address(host));
	if (sqe.flags & 0xc0) {
		take_descriptor(host, bytes + 24);
	} else {
		sqe.prp1 = nvme_le64(address(host));
		sqe.prp2 = nvme_le64(how & 8 ? address(host) : 0);
	}
	for (uint32_t i = 0; i < 6; i++) {
		if (dwords >> i & 1)
			nvme_store_le32(bytes + 40 + 4 * i,
					dwords & 0x40 ? th_u32(&host->in) : th_u16(&host->in));
	}
	put_sqe(host, qid, &sqe, how & 0x80);
}

/* Doorbell Buffer Config, and what a host writes there. */
static void act_dbbuf(struct host *host)
{
	struct nvme_sqe sqe = { .opcode = NVME_ADMIN_DBBUF_CONFIG, .cid = nvme_le16(0xdb) };

	host->shadow[host->ctrl] = address(host);
	sqe.prp1 = nvme_le64(host->shadow[host->ctrl]);
	sqe.prp2 = nvme_le64(address(host));
	put_sqe(host, 0, &sqe, true);
	th_run(&host->sub);
}

static void act_shadow(struct host *host)
{
	uint8_t number = th_u8(&host->in);
	uint64_t offset = (uint64_t)(number % 16) << (2 + host->sub.emu->config.dstrd);
	uint8_t *at = th_memory(&host->sub, host->ctrl, host->shadow[host->ctrl] + offset, 4);
	uint32_t qid = number % 16 / 2 % TH_QUEUES;
	uint32_t value = number & 0x80 ? th_u32(&host->in) : host->tail[host->ctrl][qid];

	if (at)
		nvme_store_le32(at, value);
	if (number & 0x40)
		th_write32(&host->sub, host->ctrl, doorbell(host, number % 16), value);
}

/* CMB and PMR: on, off, somewhere else. */
static void act_window(struct host *host)
{
	uint8_t how = th_u8(&host->in);
	uint64_t base = how & 0x80 ? th_u64(&host->in) : address(host);

	base = how & 0x40 ? base : base / TH_PAGE * TH_PAGE;
	if (how & 1) {
		th_write64(&host->sub, host->ctrl, NVME_REG_CMBMSC, base | (how >> 1 & 3));
		return;
	}
	th_write32(&host->sub, host->ctrl, NVME_REG_PMRMSCU, (uint32_t)(base >> 32));
	th_write32(&host->sub, host->ctrl, NVME_REG_PMRMSCL, (uint32_t)base | (how >> 1 & 2));
	th_write32(&host->sub, host->ctrl, NVME_REG_PMRCTL, how >> 3 & 1);
}

/* The host writes into one of them. */
static void act_bar(struct host *host)
{
	uint8_t how = th_u8(&host->in);
	uint8_t *memory = host->sub.window[host->ctrl][how % EMU_WINDOWS];
	uint32_t at = th_u16(&host->in) % TH_WINDOW;
	const uint8_t *from;
	size_t got = th_take(&host->in, how >> 1, &from);

	if (memory && got <= TH_WINDOW - at)
		memcpy(memory + at, from, got);
}

static void act_heat(struct host *host)
{
	emu_set_temperature(host->sub.emu, host->ctrl, th_u16(&host->in));
}

static void act_inject(struct host *host)
{
	emu_inject_event(host->sub.emu, host->ctrl, th_u32(&host->in));
}

static void act_ana(struct host *host)
{
	uint8_t how = th_u8(&host->in);

	emu_set_ana(host->sub.emu, host->ctrl, how >> 4, how & 15);
}

static void act_step(struct host *host)
{
	th_step(&host->sub, th_u8(&host->in));
}

static void act_run(struct host *host)
{
	th_run(&host->sub);
}

static void act_time(struct host *host)
{
	uint8_t how = th_u8(&host->in);
	uint64_t due = emu_deadline(host->sub.emu);
	uint64_t now = emu_time(host->sub.emu);

	if (how & 1 && due != EMU_NEVER)
		emu_set_time(host->sub.emu, due);
	else
		emu_set_time(host->sub.emu, now + (1ull << how % 40));
}

static void act_answer(struct host *host)
{
	uint8_t how = th_u8(&host->in);

	th_answer_media(&host->sub, how >> 2, how & 3 ? 0 : -5);
}

static void act_medium(struct host *host)
{
	host->sub.answer = (enum th_answer)(th_u8(&host->in) % TH_ANSWERS);
}

static void act_unmap(struct host *host)
{
	uint8_t page = th_u8(&host->in);

	host->sub.unmapped[page % TH_PAGES] = !(page & 0x80);
	if (page & 0x80)
		emu_dma_changed(host->sub.emu, host->ctrl);
}

static void act_irqs(struct host *host)
{
	uint8_t how = th_u8(&host->in);

	host->sub.refuse_irqs = how & 0x80;
	emu_irq_changed(host->sub.emu, host->ctrl, how % host->sub.emu->layout.vectors);
}

static void act_reset(struct host *host)
{
	uint8_t how = th_u8(&host->in);

	emu_reset(host->sub.emu, host->ctrl, (enum emu_reset_kind)(how % (EMU_RESET_POWER + 1)));
}

static void act_settle(struct host *host)
{
	th_settle(&host->sub);
}

static void act_choose(struct host *host)
{
	host->sub.choice = th_u8(&host->in);
}

static action_fn *const actions[] = {
	act_select,  act_write,	  act_read,    act_cfg_write, act_cfg_read, act_enable, act_cc,
	act_create,  act_submit,  act_submit,  act_submit,    act_ring,	    act_ring,	act_share,
	act_memory,  act_list,	  act_step,    act_step,      act_run,	    act_time,	act_answer,
	act_medium,  act_unmap,	  act_irqs,    act_reset,     act_settle,   act_choose, act_command,
	act_command, act_command, act_segment, act_dbbuf,     act_shadow,   act_shadow, act_window,
	act_bar,     act_heat,	  act_inject,  act_ana,
};

static void configure_slow(struct emu_config *config)
{
	config->media_delay = 500;
	config->format_time = 2000;
	config->sanitize_time = 3000;
	config->self_test_time = 4000;
	config->pmr_delay = config->pmr ? 1000 : 0;
	config->ana_transition = config->ana ? 1000 : 0;
}

static void configure_limits(struct emu_config *config)
{
	config->nn = 3;
	config->mssrl = 4;
	config->mcl = 8;
	config->msrc = 1;
	config->awun = 1;
	config->acwu = 0;
	config->ana_groups = 1;
	config->pel = 2;
	config->fw_slots = 1;
	config->fw_slot1_ro = false;
	config->power_states = 1;
	config->apst = false;
	config->bounces = 1;
}

/* What the kind of drive says; the rest follows from the two bytes after it. */
static void configure_kind(uint8_t kind, struct emu_config *config)
{
	emu_config_init(config);
	if (kind & KIND_MINIMAL)
		emu_config_profile(config, "minimal", NULL);
	config->nn = config->nn < 3 ? 3 : config->nn;
	if (kind & KIND_LIMITS)
		configure_limits(config);
	if (kind & KIND_WINDOWS) {
		config->cmb = TH_WINDOW;
		config->pmr = TH_WINDOW;
	}
	if (kind & KIND_REFUSES) {
		config->cmb_lists = false;
		config->cmb_rds = false;
		config->cmb_admin = false;
	}
	if (kind & KIND_SGL)
		config->sgls = EMU_SGLS_DWORD;
	config->cqr = !(kind & KIND_SGL);
	config->msix = !(kind & KIND_LINES);
	config->msi = true;
	config->intx = true;
	if (kind & KIND_SLOW)
		configure_slow(config);
}

static void configure(struct th_input *in, struct emu_config *config)
{
	uint8_t kind = th_u8(in);
	uint8_t how = th_u8(in);
	uint8_t more = th_u8(in);

	configure_kind(kind, config);
	config->controllers = 1 + (how & 1);
	config->cdq = how & 1;
	config->migration = config->cdq && config->cqr;
	config->queues = TH_QUEUES - 1;
	config->mqes = 15;
	config->max_requests = how & 2 ? 2 : 12;
	config->mdts = how & 4 ? 1 : 5;
	config->spans = how & 8 ? (4096u << config->mdts) / 4096 / EMU_SPANS_PER_NODE + 2 : 0;
	config->reorder = how & 16 ? 4 : 1;
	config->vwc = how & 32;
	config->service_time = how & 64 ? 1000 : 0;
	config->ready_delay = how & 128 ? 1000 : 0;
	config->aerl = more & 1;
	config->acl = more >> 1 & 1;
	config->elpe = more & 4 ? 63 : 1;
	config->dstrd = more >> 3 & 1;
	config->vs = more & 16 ? NVME_VERSION(1, 0, 0) : NVME_VERSION(2, 0, 0);
	config->mpsmax = more >> 5 & 1;
	config->rab = more & 64 ? 0 : 7;
	config->namespaces = 2;
	config->ns[0] = (struct emu_ns_config){ .nsid = 1, .blocks = 256, .lbads = 9 };
	config->ns[1] = (struct emu_ns_config){ .nsid = 3, .blocks = 16, .lbads = 12 };
	config->ns[0].exclusive = kind & KIND_PRIVATE;
	config->ns[1].detached = kind & KIND_PRIVATE;
	if (!(more & 128))
		return;
	config->bounces = 1;
	config->metadata = true;
	config->pi = true;
	config->ns[0].ms = 8;
	config->ns[0].pi = NVME_PI_TYPE1;
	config->ns[1].ms = 16;
	config->ns[1].pif = NVME_PIF_64;
	config->ns[1].pi = NVME_PI_TYPE2;
	config->ns[1].extended = true;
}

/* The whole input; @single: stages one by one. Return: the trace's checksum. */
static uint64_t run(const uint8_t *data, size_t size, bool single)
{
	static struct host host;
	struct emu_config config;
	uint64_t crc;
	bool shared;

	memset(&host, 0, sizeof(host));
	host.in = (struct th_input){ data, size };
	configure(&host.in, &config);
	shared = th_u8(&host.in) & 1;
	th_open(&host.sub, &config, shared);
	host.sub.single = single;
	for (uint32_t i = 0; i < ACTIONS_MAX && host.in.bytes > 0; i++)
		actions[th_u8(&host.in) % (sizeof(actions) / sizeof(actions[0]))](&host);
	th_count_pools(&host.sub);
	th_settle(&host.sub);
	th_reset_all(&host.sub);
	crc = host.sub.crc;
	th_close(&host.sub);
	return crc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t crc = run(data, size, false);

	/* Some inputs twice: how stages are divided among calls makes no difference. */
	if (size > 3 && data[3] & 2)
		th_claim(run(data, size, true) == crc, "the same stages, the same trace");
	return 0;
}
