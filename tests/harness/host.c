/* SPDX-License-Identifier: BSD-3-Clause */
/* A host in memory: see host.h. */
#include "tests/harness/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE	     0x100000ull /* first IOVA */
#define MEMORY_BYTES (32u << 20)
#define PAGE	     4096u
#define PENDING_MAX  1024
#define TRACE_BYTES  (8u << 20)
#define SHARED_BYTES (1u << 20)
#define TAIL_LINES   32

/* One ring pair as the host keeps it. */
struct rings {
	uint64_t sq, cq;
	uint32_t sq_entries, cq_entries;
	uint32_t tail, head;
	bool phase;
};

struct th_host {
	struct th_options options;
	struct emu *emu;
	uint32_t ctrl;
	uint8_t *memory;
	uint64_t used;
	uint64_t unmapped;
	uint64_t time_nsec;
	struct rings rings[TH_CTRLS][TH_QUEUES];
	uint8_t *shared[TH_CTRLS];
	unsigned int irqs[TH_CTRLS][TH_VECTORS];
	bool irqs_refused;
	uint8_t *media[EMU_MAX_NAMESPACES];
	struct emu_media pending[PENDING_MAX];
	unsigned int pending_count;
	struct emu_media last;
	int media_error;
	uint32_t choice;
	unsigned int events[NVME_TRACE_EVENTS];
	char *trace;
	struct nvme_text trace_text;
};

static const struct emu_ns_config *ns_of(struct th_host *host, uint32_t nsid)
{
	const struct emu_config *config = emu_config_of(host->emu);

	for (uint32_t i = 0; i < config->namespaces; i++) {
		if (config->ns[i].nsid == nsid)
			return &config->ns[i];
	}
	ck_abort_msg("no namespace %u", nsid);
	return NULL;
}

/* The last lines of the trace, for a failed expectation. */
static const char *story(struct th_host *host)
{
	const char *end = host->trace + host->trace_text.used;
	unsigned int lines = 0;

	while (end > host->trace && lines <= TAIL_LINES)
		lines += *--end == '\n';
	return end;
}

static void *op_dma(void *arg, uint32_t ctrl, uint64_t iova, size_t bytes, enum emu_prot prot)
{
	struct th_host *host = arg;

	(void)ctrl;
	(void)prot;
	if (iova < BASE || iova - BASE > MEMORY_BYTES || bytes > MEMORY_BYTES - (iova - BASE))
		return NULL;
	if (host->unmapped && (iova & ~(uint64_t)(PAGE - 1)) == host->unmapped)
		return NULL;
	return host->memory + (iova - BASE);
}

static volatile void *op_shared(void *arg, uint32_t ctrl, uint64_t offset)
{
	struct th_host *host = arg;

	return host->shared[ctrl] ? host->shared[ctrl] + offset : NULL;
}

static int copy_media(struct th_host *host, const struct emu_media *media)
{
	uint8_t *at;

	if (media->op == EMU_MEDIA_FLUSH)
		return 0;
	at = host->media[media->nsid] + (media->slba << media->lbads);
	for (const struct emu_spans *node = media->spans; node; node = node->next) {
		for (uint32_t i = 0; i < node->count; i++) {
			size_t bytes = node->span[i].bytes;
			uint8_t *memory = op_dma(host, media->ctrl, node->span[i].iova, bytes,
						 EMU_DMA_READ);

			if (!memory)
				return -EFAULT;
			if (media->op == EMU_MEDIA_READ)
				memcpy(memory, at, bytes);
			else
				memcpy(at, memory, bytes);
			at += bytes;
		}
	}
	return 0;
}

static int op_media(void *arg, const struct emu_media *media)
{
	struct th_host *host = arg;
	int error = host->media_error;

	host->last = *media;
	host->media_error = 0;
	if (error)
		return error;
	if (!host->options.slow_media)
		return copy_media(host, media);
	ck_assert_uint_lt(host->pending_count, PENDING_MAX);
	host->pending[host->pending_count++] = *media;
	return EMU_PENDING;
}

static bool op_irq(void *arg, uint32_t ctrl, uint32_t vector)
{
	struct th_host *host = arg;

	ck_assert_uint_lt(vector, TH_VECTORS);
	if (host->irqs_refused)
		return false;
	host->irqs[ctrl][vector]++;
	return true;
}

static void op_trace(void *arg, const struct nvme_trace_record *record)
{
	struct th_host *host = arg;

	host->events[record->event]++;
	nvme_trace_json(&host->trace_text, record);
	nvme_text_char(&host->trace_text, '\n');
}

static uint32_t op_choose(void *arg, enum emu_choice site, uint64_t identity, uint32_t n)
{
	struct th_host *host = arg;

	(void)site;
	(void)identity;
	return host->choice % n;
}

static void op_panic(void *arg, const char *what)
{
	(void)arg;
	ck_abort_msg("the core says: %s", what);
}

static void set_keys(struct emu_config *config, const char *keys, struct nvme_text *error)
{
	while (keys && *keys) {
		size_t key = strcspn(keys, "=");
		size_t value = strcspn(keys + key + 1, ",");

		ck_assert_msg(emu_config_set(config, keys, key, keys + key + 1, value, error) == 0,
			      "%s", error->data);
		keys += key + 1 + value;
		keys += *keys == ',';
	}
}

static void add_ns(struct emu_config *config, uint32_t nsid, uint64_t blocks, uint32_t lbads,
		   struct nvme_text *error)
{
	struct emu_ns_config ns = { .nsid = nsid, .blocks = blocks, .lbads = lbads };

	ck_assert_msg(emu_config_add_ns(config, &ns, error) == 0, "%s", error->data);
}

static void configure(const struct th_options *options, struct emu_config *config)
{
	char buffer[256];
	struct nvme_text error;

	nvme_text_init(&error, buffer, sizeof(buffer));
	emu_config_init(config);
	if (options->profile)
		ck_assert_int_eq(emu_config_profile(config, options->profile, &error), 0);
	config->queues = config->queues < TH_QUEUES - 1 ? config->queues : TH_QUEUES - 1;
	config->max_requests = 64;
	config->controllers = options->controllers ? options->controllers : 1;
	set_keys(config, options->controller, &error);
	add_ns(config, 1, options->blocks ? options->blocks : 2048,
	       options->lbads ? options->lbads : 9, &error);
	if (options->ns2_blocks)
		add_ns(config, 3, options->ns2_blocks, 12, &error);
	ck_assert_msg(emu_config_check(config, &error) == 0, "%s", error.data);
}

static void make_media(struct th_host *host, const struct emu_config *config)
{
	for (uint32_t i = 0; i < config->namespaces; i++) {
		const struct emu_ns_config *ns = &config->ns[i];

		host->media[ns->nsid] = calloc(ns->blocks, 1u << ns->lbads);
		ck_assert_ptr_nonnull(host->media[ns->nsid]);
	}
}

struct th_host *th_new_(struct th_options options, bool enable)
{
	struct th_host *host = calloc(1, sizeof(*host));
	struct emu_config config;
	struct emu_ops ops = {
		.arg = host,
		.dma = op_dma,
		.media = op_media,
		.irq = op_irq,
		.trace = op_trace,
		.choose = op_choose,
		.panic = op_panic,
	};
	size_t bytes;

	ck_assert_ptr_nonnull(host);
	host->options = options;
	host->memory = calloc(1, MEMORY_BYTES);
	host->trace = malloc(TRACE_BYTES);
	nvme_text_init(&host->trace_text, host->trace, TRACE_BYTES);
	configure(&options, &config);
	make_media(host, &config);
	bytes = emu_size(&config);
	ck_assert_uint_gt(bytes, 0);
	for (uint32_t i = 0; options.shared && i < config.controllers; i++)
		host->shared[i] = calloc(1, SHARED_BYTES);
	if (options.shared)
		ops.shared = op_shared;
	host->emu = emu_init(aligned_alloc(64, bytes), &config, &ops);
	for (uint32_t i = 0; i < config.controllers; i++) {
		host->ctrl = i;
		th_cfg_write(host, 4, 2, 0x0406);
		if (!options.no_msix)
			th_cfg_write(host, 0xb2, 2, 0x8000);
	}
	host->ctrl = 0;
	if (!enable)
		return host;
	th_enable(host, options.entries ? options.entries : 16);
	for (uint32_t qid = 1; qid <= options.io_queues; qid++)
		th_create_queues(host, qid, options.entries ? options.entries : 16);
	memset(host->events, 0, sizeof(host->events));
	memset(host->irqs, 0, sizeof(host->irqs));
	return host;
}

void th_free(struct th_host *host)
{
	for (uint32_t i = 0; i < EMU_MAX_NAMESPACES; i++)
		free(host->media[i]);
	for (uint32_t i = 0; i < TH_CTRLS; i++)
		free(host->shared[i]);
	free(host->emu);
	free(host->memory);
	free(host->trace);
	free(host);
}

struct emu *th_emu(struct th_host *host)
{
	return host->emu;
}

void th_ctrl(struct th_host *host, uint32_t ctrl)
{
	host->ctrl = ctrl;
}

static struct rings *rings_of(struct th_host *host, uint32_t qid)
{
	ck_assert_uint_lt(qid, TH_QUEUES);
	return &host->rings[host->ctrl][qid];
}

static void new_rings(struct th_host *host, uint32_t qid, uint32_t entries)
{
	struct rings *rings = rings_of(host, qid);

	*rings = (struct rings){
		.sq = th_alloc(host, entries * 64),
		.cq = th_alloc(host, entries * 16),
		.sq_entries = entries,
		.cq_entries = entries,
		.phase = true,
	};
}

void th_enable(struct th_host *host, uint32_t entries)
{
	new_rings(host, 0, entries);
	th_write32(host, NVME_REG_AQA, (entries - 1) << 16 | (entries - 1));
	th_write64(host, NVME_REG_ASQ, rings_of(host, 0)->sq);
	th_write64(host, NVME_REG_ACQ, rings_of(host, 0)->cq);
	th_write32(host, NVME_REG_CC, 4 << 20 | 6 << 16 | 1);
	th_run(host);
}

void th_create_queues(struct th_host *host, uint32_t qid, uint32_t entries)
{
	new_rings(host, qid, entries);
	th_do(host, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = rings_of(host, qid)->cq,
	      .cdw10 = (entries - 1) << 16 | qid, .cdw11 = qid << 16 | 3);
	th_do(host, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = rings_of(host, qid)->sq,
	      .cdw10 = (entries - 1) << 16 | qid, .cdw11 = qid << 16 | 1);
}

void th_run(struct th_host *host)
{
	unsigned int changed;

	do {
		changed = 0;
		for (uint32_t i = 0;
		     host->options.shared && i < emu_config_of(host->emu)->controllers; i++) {
			changed += emu_poll_registers(host->emu, i);
			for (unsigned int turn = 0; turn < 64; turn++)
				changed += emu_poll_doorbells(host->emu, i);
		}
		changed += emu_step(host->emu, 1000000);
	} while (changed);
}

unsigned int th_step(struct th_host *host, unsigned int stages)
{
	return emu_step(host->emu, stages);
}

void th_time(struct th_host *host, uint64_t nsec)
{
	host->time_nsec += nsec;
	emu_set_time(host->emu, host->time_nsec);
	th_run(host);
}

uint32_t th_read32(struct th_host *host, uint32_t offset)
{
	uint8_t data[4];

	emu_bar_read(host->emu, host->ctrl, offset, data, 4);
	return nvme_load_le32(data);
}

uint64_t th_read64(struct th_host *host, uint32_t offset)
{
	uint8_t data[8];

	emu_bar_read(host->emu, host->ctrl, offset, data, 8);
	return nvme_load_le64(data);
}

void th_write32(struct th_host *host, uint32_t offset, uint32_t value)
{
	uint8_t data[4];

	nvme_store_le32(data, value);
	if (host->shared[host->ctrl])
		nvme_store_doorbell(host->shared[host->ctrl] + offset, value);
	else
		emu_bar_write(host->emu, host->ctrl, offset, data, 4);
}

void th_write64(struct th_host *host, uint32_t offset, uint64_t value)
{
	uint8_t data[8];

	if (host->shared[host->ctrl]) {
		th_write32(host, offset, (uint32_t)value);
		th_write32(host, offset + 4, (uint32_t)(value >> 32));
		return;
	}
	nvme_store_le64(data, value);
	emu_bar_write(host->emu, host->ctrl, offset, data, 8);
}

uint32_t th_cfg_read(struct th_host *host, uint32_t offset, uint32_t bytes)
{
	uint8_t data[4] = { 0 };

	emu_cfg_read(host->emu, host->ctrl, offset, data, bytes);
	return nvme_load_le32(data);
}

void th_cfg_write(struct th_host *host, uint32_t offset, uint32_t bytes, uint32_t value)
{
	uint8_t data[4];

	nvme_store_le32(data, value);
	emu_cfg_write(host->emu, host->ctrl, offset, data, bytes);
}

static uint32_t doorbell(struct th_host *host, uint32_t number)
{
	return NVME_DOORBELL_OFFSET + (number << (2 + emu_config_of(host->emu)->dstrd));
}

void th_ring_sq(struct th_host *host, uint32_t qid, uint32_t tail)
{
	th_write32(host, doorbell(host, 2 * qid), tail);
}

void th_ring_cq(struct th_host *host, uint32_t qid, uint32_t head)
{
	th_write32(host, doorbell(host, 2 * qid + 1), head);
}

const uint8_t *th_page(struct th_host *host)
{
	return host->shared[host->ctrl];
}

uint64_t th_alloc(struct th_host *host, uint32_t bytes)
{
	uint64_t iova = BASE + host->used;

	host->used += (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	ck_assert_uint_le(host->used, MEMORY_BYTES);
	return iova;
}

void *th_ptr(struct th_host *host, uint64_t iova)
{
	return host->memory + (iova - BASE);
}

void th_unmap(struct th_host *host, uint64_t iova)
{
	host->unmapped = iova & ~(uint64_t)(PAGE - 1);
}

void th_map(struct th_host *host)
{
	host->unmapped = 0;
	emu_dma_changed(host->emu, host->ctrl);
}

void th_submit_(struct th_host *host, uint32_t qid, struct th_command command, bool ring)
{
	struct rings *rings = rings_of(host, qid);
	struct nvme_sqe sqe = {
		.opcode = command.opcode,
		.flags = command.flags,
		.cid = nvme_le16(command.cid),
		.nsid = nvme_le32(command.nsid),
		.cdw10 = nvme_le32(command.cdw10),
		.cdw11 = nvme_le32(command.cdw11),
		.cdw12 = nvme_le32(command.cdw12),
		.cdw13 = nvme_le32(command.cdw13),
		.cdw14 = nvme_le32(command.cdw14),
		.cdw15 = nvme_le32(command.cdw15),
	};

	sqe.prp1 = nvme_le64(command.prp1);
	sqe.prp2 = nvme_le64(command.prp2);
	memcpy(th_ptr(host, rings->sq + rings->tail * 64), &sqe, sizeof(sqe));
	rings->tail = nvme_ring_next(rings->tail, rings->sq_entries);
	if (ring)
		th_ring_sq(host, qid, rings->tail);
}

uint32_t th_tail(struct th_host *host, uint32_t qid)
{
	return rings_of(host, qid)->tail;
}

bool th_next_cqe(struct th_host *host, uint32_t cqid, struct nvme_cqe *ret_cqe)
{
	struct rings *rings = rings_of(host, cqid);
	const struct nvme_cqe *slot = th_ptr(host, rings->cq + rings->head * 16);

	if (nvme_cqe_phase(slot) != rings->phase)
		return false;
	*ret_cqe = *slot;
	rings->head = nvme_ring_next(rings->head, rings->cq_entries);
	if (rings->head == 0)
		rings->phase = !rings->phase;
	return true;
}

void th_expect_cqe_(struct th_host *host, struct th_cqe want, int line)
{
	struct nvme_cqe cqe;
	uint32_t sqid = want.sqid ? want.sqid : want.cqid;
	nvme_status status = want.sc;

	if (want.sc && !want.unlogged)
		status |= NVME_MORE;
	if (want.sc && !want.retry)
		status |= NVME_DNR;
	ck_assert_msg(th_next_cqe(host, want.cqid, &cqe), "line %d: no completion in queue %u\n%s",
		      line, want.cqid, story(host));
	ck_assert_msg(nvme_cpu16(cqe.cid) == want.cid && nvme_cpu16(cqe.sqid) == sqid &&
			      nvme_cqe_status(nvme_cpu16(cqe.status)) == status &&
			      nvme_cpu32(cqe.dw0) == want.dw0,
		      "line %d: queue %u: got cid %u sqid %u status %04x dw0 %08x, "
		      "expected cid %u sqid %u status %04x dw0 %08x\n%s",
		      line, want.cqid, nvme_cpu16(cqe.cid), nvme_cpu16(cqe.sqid),
		      nvme_cqe_status(nvme_cpu16(cqe.status)), nvme_cpu32(cqe.dw0), want.cid, sqid,
		      status, want.dw0, story(host));
	th_ring_cq(host, want.cqid, rings_of(host, want.cqid)->head);
}

void th_expect_none_(struct th_host *host, uint32_t cqid, int line)
{
	struct nvme_cqe cqe;

	ck_assert_msg(!th_next_cqe(host, cqid, &cqe), "line %d: queue %u has a completion\n%s",
		      line, cqid, story(host));
}

uint32_t th_do_(struct th_host *host, struct th_command command, int line)
{
	struct nvme_cqe cqe;

	th_submit_(host, 0, command, true);
	th_run(host);
	ck_assert_msg(th_next_cqe(host, 0, &cqe), "line %d: no completion\n%s", line, story(host));
	ck_assert_msg(nvme_cqe_status(nvme_cpu16(cqe.status)) == 0, "line %d: status %04x\n%s",
		      line, nvme_cqe_status(nvme_cpu16(cqe.status)), story(host));
	th_ring_cq(host, 0, rings_of(host, 0)->head);
	return nvme_cpu32(cqe.dw0);
}

unsigned int th_irqs(struct th_host *host, uint32_t vector)
{
	unsigned int count = host->irqs[host->ctrl][vector];

	host->irqs[host->ctrl][vector] = 0;
	return count;
}

void th_refuse_irqs(struct th_host *host, bool refuse)
{
	host->irqs_refused = refuse;
}

void th_media(struct th_host *host, unsigned int position, int result)
{
	struct emu_media media;

	ck_assert_uint_lt(position, host->pending_count);
	media = host->pending[position];
	host->pending_count--;
	memmove(&host->pending[position], &host->pending[position + 1],
		(host->pending_count - position) * sizeof(media));
	emu_media_done(host->emu, media.tag, result ? result : copy_media(host, &media));
}

unsigned int th_media_pending(struct th_host *host)
{
	return host->pending_count;
}

void th_media_fail(struct th_host *host, int error)
{
	host->media_error = error;
}

const struct emu_media *th_media_last(struct th_host *host)
{
	return &host->last;
}

void *th_media_block(struct th_host *host, uint32_t nsid, uint64_t lba)
{
	return host->media[nsid] + (lba << ns_of(host, nsid)->lbads);
}

void th_choose(struct th_host *host, uint32_t answer)
{
	host->choice = answer;
}

unsigned int th_events(struct th_host *host, unsigned int event)
{
	unsigned int count = host->events[event];

	host->events[event] = 0;
	return count;
}

const char *th_trace(struct th_host *host)
{
	return host->trace;
}
