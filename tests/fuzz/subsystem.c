/* SPDX-License-Identifier: BSD-3-Clause */
/* A subsystem between a hostile host and a medium: see subsystem.h. */
#include "tests/fuzz/subsystem.h"

#include <errno.h>

#include "common/crc.h"
#include "common/nvme_names.h"

#define SHARED_BYTES (64u << 10)
#define PMCSR_OFFSET 0x44 /* where emulator/core/pci.c has it */

/* What the subsystem asks for by itself, of a namespace as a whole. */
static bool is_own(const struct emu_media *media)
{
	return media->tag == EMU_TAG_JOB || media->tag == EMU_TAG_SANITIZE;
}

static bool is_mapped(const struct th_subsystem *sub, uint64_t iova, size_t bytes)
{
	if (iova < TH_BASE || iova - TH_BASE > TH_BYTES || bytes > TH_BYTES - (iova - TH_BASE))
		return false;
	for (uint64_t at = iova - TH_BASE; at < iova - TH_BASE + bytes;
	     at = (at | (TH_PAGE - 1)) + 1) {
		if (sub->unmapped[at / TH_PAGE])
			return false;
	}
	return true;
}

static void *op_dma(void *arg, uint32_t index, uint64_t iova, size_t bytes, enum emu_prot prot)
{
	struct th_subsystem *sub = arg;
	const struct emu_ctrl *ctrl = &sub->emu->ctrl[index];

	th_claim(index < sub->emu->config.controllers, "DMA of a controller that there is");
	th_claim(prot == EMU_DMA_READ || prot == EMU_DMA_WRITE, "DMA reads or writes");
	th_claim(bytes > 0 && (iova & (ctrl->page_bytes - 1)) + bytes <= ctrl->page_bytes,
		 "DMA stays within a page");
	th_claim(emu_is_ready(ctrl) && !sub->judge[index].off, "DMA while ready only");
	return th_memory(sub, index, iova, bytes);
}

/* A range of the controller's own memory begins, ends or moves. */
static void op_window(void *arg, uint32_t index, enum emu_window window, uint64_t iova,
		      uint64_t bytes)
{
	struct th_subsystem *sub = arg;
	const struct emu_range *other;

	th_claim(index < sub->emu->config.controllers && window < EMU_WINDOWS,
		 "a window that there is");
	th_claim(bytes == 0 || (sub->window[index][window] && bytes == TH_WINDOW),
		 "all of it or nothing");
	th_claim(bytes == 0 || (iova % TH_PAGE == 0 && iova <= UINT64_MAX - (bytes - 1)),
		 "it does not wrap");
	other = &sub->placed[index][!window];
	th_claim(bytes == 0 || other->bytes == 0 || iova + (bytes - 1) < other->base ||
			 other->base + (other->bytes - 1) < iova,
		 "windows do not overlap");
	sub->placed[index][window] = (struct emu_range){ iova, bytes };
}

static volatile void *op_shared(void *arg, uint32_t index, uint64_t offset)
{
	struct th_subsystem *sub = arg;

	th_claim(offset < SHARED_BYTES, "a shared offset is within BAR0");
	return sub->shared[index] ? sub->shared[index] + offset : NULL;
}

/* The data of a request: as many bytes as its blocks, in pieces that are not empty. */
static void check_spans(const struct emu_media *media)
{
	uint64_t bytes = 0;

	for (const struct emu_spans *node = media->spans; node; node = node->next) {
		th_claim(node->count > 0 && node->count <= EMU_SPANS_PER_NODE, "a node's count");
		for (uint32_t i = 0; i < node->count; i++) {
			th_claim(node->span[i].bytes > 0, "a span is not empty");
			bytes += node->span[i].bytes;
		}
	}
	th_claim(bytes == (uint64_t)media->nlb << media->lbads, "spans hold the blocks");
}

static void check_range(const struct emu_ns *ns, const struct emu_media *media)
{
	th_claim(media->lbads == ns->lbads && media->ms == ns->ms, "the namespace's format");
	th_claim(media->nlb > 0 && media->slba < ns->blocks &&
			 media->nlb <= ns->blocks - media->slba,
		 "the range is within the namespace");
	th_claim(!media->ret_status == (media->op != EMU_MEDIA_STATUS), "a status has a place");
	if (media->op != EMU_MEDIA_READ && media->op != EMU_MEDIA_WRITE) {
		th_claim(!media->spans && !media->data && !media->meta, "nothing is moved");
		return;
	}
	if (media->spans)
		check_spans(media);
	th_claim(!media->spans || !media->data, "data is in one place");
	th_claim(!media->meta == !media->ms, "metadata goes with the data");
}

static void check_media(const struct th_subsystem *sub, const struct emu_media *media)
{
	const struct emu_ns *ns = emu_ns_allocated(sub->emu, media->nsid);

	th_claim(media->op < EMU_MEDIA_OPS, "an operation that there is");
	th_claim(media->ctrl < sub->emu->config.controllers, "a controller that there is");
	if (media->op == EMU_MEDIA_FORMAT || media->op == EMU_MEDIA_DELETE)
		return;
	if (media->op == EMU_MEDIA_FLUSH) {
		th_claim(media->nlb == 0 && !media->spans, "a flush has no data");
		th_claim(media->nsid == NVME_NSID_ALL || ns,
			 "a flush is of a namespace that there is");
		return;
	}
	th_claim(ns, "the namespace is there");
	check_range(ns, media);
}

/* Windows are looked up before host memory. What lies in both is in neither. */
void *th_memory(struct th_subsystem *sub, uint32_t ctrl, uint64_t iova, size_t bytes)
{
	for (uint32_t i = 0; i < EMU_WINDOWS; i++) {
		const struct emu_range *range = &sub->placed[ctrl][i];

		if (range->bytes && iova - range->base < range->bytes)
			return bytes <= range->bytes - (iova - range->base)
				       ? sub->window[ctrl][i] + (iova - range->base)
				       : NULL;
		if (range->bytes && range->base - iova < bytes)
			return NULL;
	}
	return is_mapped(sub, iova, bytes) ? sub->memory + (iova - TH_BASE) : NULL;
}

/* What an answer that is an error says; 0 for the others. */
static int error_of(unsigned int answer)
{
	static const int errors[TH_ANSWERS] = {
		[TH_ANSWER_EIO] = -EIO,
		[TH_ANSWER_EFAULT] = -EFAULT,
		[TH_ANSWER_ENOSPC] = -ENOSPC,
		[TH_ANSWER_OTHER] = -EPERM,
	};

	return errors[answer];
}

static int op_media(void *arg, const struct emu_media *media)
{
	struct th_subsystem *sub = arg;

	check_media(sub, media);
	/* A shutdown flushes, and an extended self-test reads, whether it is enabled or not. */
	th_claim(is_own(media) || !sub->judge[media->ctrl].off || media->op == EMU_MEDIA_FLUSH ||
			 (media->tag == sub->emu->self_test.tag && !media->spans),
		 "a controller that is off moves no data");
	if (sub->on_media)
		sub->on_media(sub->arg, media);
	if (sub->answer == TH_ANSWER_NOW)
		return th_medium_do(sub, media);
	if (sub->answer != TH_ANSWER_LATER)
		return error_of(sub->answer);
	th_claim(sub->pending_count < EMU_MAX_NAMESPACES, "the pools bound what is pending");
	for (uint32_t i = 0; i < sub->pending_count; i++)
		th_claim(sub->pending[i].tag != media->tag, "a tag is in use once");
	sub->pending[sub->pending_count++] = *media;
	return EMU_PENDING;
}

static int op_save(void *arg, const struct emu_record *record)
{
	struct th_subsystem *sub = arg;

	th_claim(record->type > 0 && record->type < EMU_RECORD_TYPES, "a type that there is");
	th_claim(record->bytes <= EMU_RECORD_BYTES && !record->data == !record->bytes,
		 "a record has data, or is deleted");
	sub->crc = nvme_crc64(sub->crc, record->data, record->bytes);
	if (sub->answer != TH_ANSWER_LATER || sub->saves_count == TH_SAVES)
		return error_of(sub->answer);
	sub->saves[sub->saves_count++] = record->tag;
	return EMU_PENDING;
}

static void answer_save(struct th_subsystem *sub, uint32_t index, int result)
{
	uint32_t tag;

	if (sub->saves_count == 0)
		return;
	index %= sub->saves_count;
	tag = sub->saves[index];
	sub->saves[index] = sub->saves[--sub->saves_count];
	emu_save_done(sub->emu, tag, result);
}

void th_answer_media(struct th_subsystem *sub, uint32_t index, int result)
{
	struct emu_media media;

	answer_save(sub, index, result);
	if (sub->pending_count == 0)
		return;
	index %= sub->pending_count;
	media = sub->pending[index];
	sub->pending[index] = sub->pending[--sub->pending_count];
	emu_media_done(sub->emu, media.tag, result ? result : th_medium_do(sub, &media));
}

static bool op_irq(void *arg, uint32_t index, uint32_t vector)
{
	struct th_subsystem *sub = arg;
	const struct emu_ctrl *ctrl = &sub->emu->ctrl[index];

	th_claim(vector < sub->emu->layout.vectors, "a vector that there is");
	if (emu_irq_mode(sub->emu, index) != EMU_IRQ_MSI)
		th_claim(emu_pci_msix_enabled(ctrl) && !emu_pci_msix_masked(ctrl), "MSI-X is on");
	return !sub->refuse_irqs;
}

static void op_intx(void *arg, uint32_t index, bool asserted)
{
	struct th_subsystem *sub = arg;

	th_claim(index < sub->emu->config.controllers, "a line that there is");
	th_claim(sub->line[index] != asserted, "a level changes");
	sub->line[index] = asserted;
}

static uint32_t op_choose(void *arg, enum emu_choice site, uint64_t identity, uint32_t n)
{
	const struct th_subsystem *sub = arg;

	th_claim(site < EMU_CHOICES && n > 1, "a choice has a site and something to choose");
	return (uint32_t)(sub->choice + identity) % n;
}

static void op_panic(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "the core says: %s\n", what);
	abort();
}

static void judge_fetch(struct th_subsystem *sub, struct th_judge *judge,
			const struct nvme_trace_record *record)
{
	uint32_t sqid = (uint32_t)record->args[0];
	const struct nvme_sqe *sqe = record->data;

	th_claim(sqid < TH_QUEUES && record->data_bytes == sizeof(*sqe), "a fetch has its SQE");
	for (uint32_t i = 0; i < TH_INFLIGHT; i++) {
		struct th_command *command = &judge->commands[i];

		if (command->used)
			continue;
		*command = (struct th_command){
			.used = true,
			.cid = nvme_cpu16(sqe->cid),
			.sqid = sqid,
			.cqid = sub->emu->ctrl[record->ctrl].sq[sqid].cqid,
			.opcode = sqe->opcode,
		};
		if (sqid == 0 && sqe->opcode == NVME_ADMIN_CREATE_IO_CQ &&
		    nvme_cpu32(sqe->cdw10) % 65536 < TH_QUEUES)
			judge->cq[nvme_cpu32(sqe->cdw10) % 65536].fresh = true;
		return;
	}
	th_claim(false, "the pools bound what is in flight");
}

static struct th_command *find_command(struct th_judge *judge, uint32_t sqid, uint32_t cid,
				       uint32_t cqid)
{
	for (uint32_t i = 0; i < TH_INFLIGHT; i++) {
		struct th_command *command = &judge->commands[i];

		if (command->used && command->sqid == sqid && command->cid == cid &&
		    command->cqid == cqid)
			return command;
	}
	return NULL;
}

/* The slot and phase follow the last ones, or begin anew in a queue that was created again. */
static void judge_slot(struct th_ring *ring, uint32_t slot, bool phase, uint32_t entries)
{
	if (ring->fresh && slot == 0 && phase) {
		ring->tail = 0;
		ring->head = 0;
		ring->phase = true;
		ring->fresh = false;
	}
	th_claim(slot == ring->tail && phase == ring->phase, "slot and phase follow the last ones");
	ring->tail = nvme_ring_next(slot, entries);
	th_claim(ring->tail != ring->head, "the queue has room");
	if (ring->tail == 0)
		ring->phase = !ring->phase;
}

static void judge_post(struct th_subsystem *sub, struct th_judge *judge,
		       const struct nvme_trace_record *record)
{
	const struct emu_ctrl *ctrl = &sub->emu->ctrl[record->ctrl];
	uint32_t cqid = (uint32_t)record->args[0];
	uint32_t sqid = (uint32_t)record->args[3];
	nvme_status status = (nvme_status)record->args[6];
	struct th_command *command;

	th_claim(!judge->off, "nothing completes while the controller is off");
	th_claim(cqid < TH_QUEUES && sqid < TH_QUEUES, "queues that there are");
	command = find_command(judge, sqid, (uint32_t)record->args[4], cqid);
	th_claim(command, "a completion is of a command that was fetched, once");
	command->used = false;
	judge_slot(&judge->cq[cqid], (uint32_t)record->args[1], record->args[2] != 0,
		   ctrl->cq[cqid].entries);
	th_claim(record->args[5] < ctrl->sq[sqid].entries, "SQHD is within the queue");
	th_claim(strcmp(nvme_status_identifier(status), "UNKNOWN") != 0, "the status has a name");
	th_claim(nvme_status_code(status) != NVME_SC_SUCCESS || status == NVME_SC_SUCCESS,
		 "success has neither More nor DNR");
	sub->posted++;
	sub->last_status = status;
}

static void judge_reset(struct th_subsystem *sub, struct th_judge *judge, uint32_t index)
{
	for (uint32_t i = 0; i < sub->pending_count; i++)
		th_claim(sub->pending[i].ctrl != index || is_own(&sub->pending[i]),
			 "a reset ends when the medium has answered");
	memset(judge, 0, sizeof(*judge));
	judge->off = true;
}

/* For people: what happens before a claim fails. */
static void print_record(const struct nvme_trace_record *record)
{
	static char line[8192];
	struct nvme_text text;

	nvme_text_init(&text, line, sizeof(line));
	nvme_trace_json(&text, record);
	fprintf(stderr, "%s\n", line);
}

/*
 * Each completion is of a command that was fetched and not yet completed, in the queue that belongs
 * to its submission queue, at the next slot with the right phase, with room for it, with a status
 * that the specification names; after a reset none comes from before it; DMA and the medium are
 * used only between ready and reset.
 */
static void judge_record(void *arg, const struct nvme_trace_record *record)
{
	struct th_subsystem *sub = arg;
	struct th_judge *judge = &sub->judge[record->ctrl];

	if (sub->print)
		print_record(record);
	sub->crc = nvme_crc64(sub->crc, &record->time_nsec, sizeof(record->time_nsec));
	sub->crc = nvme_crc64(sub->crc, &record->event, sizeof(record->event));
	sub->crc = nvme_crc64(sub->crc, record->args, sizeof(record->args));
	th_claim(record->event < NVME_TRACE_EVENTS && record->side == NVME_TRACE_CONTROLLER,
		 "an event of this side");
	if (record->event == NVME_TRACE_SQE_FETCH)
		judge_fetch(sub, judge, record);
	else if (record->event == NVME_TRACE_CQE_POST)
		judge_post(sub, judge, record);
	else if (record->event == NVME_TRACE_CQ_DOORBELL)
		judge->cq[record->args[0]].head = (uint32_t)record->args[2];
	else if (record->event == NVME_TRACE_CTRL_DISABLE)
		judge->off = true;
	else if (record->event == NVME_TRACE_CTRL_RESET)
		judge_reset(sub, judge, record->ctrl);
	else if (record->event == NVME_TRACE_CTRL_READY)
		*judge = (struct th_judge){ .cq[0].phase = true };
}

void th_open(struct th_subsystem *sub, const struct emu_config *config, bool shared)
{
	struct emu_ops ops = {
		.arg = sub,
		.dma = op_dma,
		.shared = shared ? op_shared : NULL,
		.media = op_media,
		.window = op_window,
		.irq = op_irq,
		.intx = op_intx,
		.trace = judge_record,
		.choose = op_choose,
		.save = op_save,
		.panic = op_panic,
	};
	size_t bytes = emu_size(config);

	memset(sub, 0, sizeof(*sub));
	th_claim(bytes > 0, "the configuration is valid");
	sub->block = aligned_alloc(64, bytes);
	sub->memory = calloc(1, TH_BYTES);
	th_claim(sub->block && sub->memory, "there is memory");
	sub->print = getenv("TH_TRACE") != NULL;
	for (uint32_t i = 0; i < config->namespaces; i++) {
		const struct emu_ns_config *ns = &config->ns[i];

		th_medium_format(&sub->media[ns->nsid], ns->blocks, ns->lbads, ns->ms);
	}
	for (uint32_t i = 0; shared && i < config->controllers; i++)
		sub->shared[i] = calloc(1, SHARED_BYTES);
	for (uint32_t i = 0; i < config->controllers; i++) {
		sub->window[i][EMU_WINDOW_CMB] = config->cmb ? calloc(1, TH_WINDOW) : NULL;
		sub->window[i][EMU_WINDOW_PMR] = config->pmr ? calloc(1, TH_WINDOW) : NULL;
	}
	sub->emu = sub->block;
	sub->emu = emu_init(sub->block, config, &ops);
}

void th_close(struct th_subsystem *sub)
{
	for (uint32_t i = 0; i <= EMU_MAX_NAMESPACES; i++)
		th_medium_free(&sub->media[i]);
	for (uint32_t i = 0; i < TH_CTRLS; i++) {
		free(sub->shared[i]);
		free(sub->window[i][EMU_WINDOW_CMB]);
		free(sub->window[i][EMU_WINDOW_PMR]);
	}
	free(sub->memory);
	free(sub->block);
}

unsigned int th_step(struct th_subsystem *sub, unsigned int max)
{
	unsigned int done = 0;

	if (!sub->single)
		return emu_step(sub->emu, max);
	while (done < max && emu_step(sub->emu, 1) > 0)
		done++;
	return done;
}

/* What commands write may ring shadow doorbells: such a host can give itself work for ever. */
static bool has_shadows(const struct th_subsystem *sub)
{
	for (uint32_t i = 0; i < sub->emu->config.controllers; i++) {
		if (sub->emu->ctrl[i].dbbuf)
			return true;
	}
	return false;
}

void th_run(struct th_subsystem *sub)
{
	unsigned int changed = 0;

	for (uint32_t i = 0; i < sub->emu->config.controllers; i++) {
		emu_poll_registers(sub->emu, i);
		for (uint32_t turn = 0; sub->shared[i] && turn < TH_QUEUES; turn++)
			emu_poll_doorbells(sub->emu, i);
	}
	changed = th_step(sub, has_shadows(sub) ? TH_SHADOW_STEPS : TH_STEPS);
	th_claim(has_shadows(sub) || changed < TH_STEPS, "the work of finite queues is finite");
}

uint32_t th_reg32(struct th_subsystem *sub, uint32_t ctrl, uint64_t offset)
{
	uint8_t data[4];

	emu_bar_read(sub->emu, ctrl, offset, data, 4);
	return nvme_load_le32(data);
}

void th_write32(struct th_subsystem *sub, uint32_t ctrl, uint64_t offset, uint32_t value)
{
	uint8_t data[4];

	nvme_store_le32(data, value);
	emu_bar_write(sub->emu, ctrl, offset, data, 4);
}

void th_write64(struct th_subsystem *sub, uint32_t ctrl, uint64_t offset, uint64_t value)
{
	uint8_t data[8];

	nvme_store_le64(data, value);
	emu_bar_write(sub->emu, ctrl, offset, data, 8);
}

/* A function in D3hot ignores its doorbells: what waits there would wait for ever. */
static void wake(struct th_subsystem *sub, uint32_t ctrl)
{
	static const uint8_t d0[2] = { 0x00, 0x00 };

	emu_cfg_write(sub->emu, ctrl, PMCSR_OFFSET, d0, 2);
}

void th_set_command(struct th_subsystem *sub, uint32_t ctrl, bool bus_master)
{
	static const uint8_t msix[2] = { 0x00, 0x80 };
	const uint8_t command[2] = { bus_master ? 0x06 : 0x02, 0x04 };

	emu_cfg_write(sub->emu, ctrl, 0x04, command, 2);
	emu_cfg_write(sub->emu, ctrl, 0xb2, msix, 2);
}

static void store_shadow(struct th_subsystem *sub, uint32_t index, uint32_t number, uint32_t value)
{
	uint64_t iova = sub->emu->ctrl[index].shadow_iova +
			((uint64_t)number << (2 + sub->emu->config.dstrd));
	void *shadow = th_memory(sub, index, iova, sizeof(uint32_t));

	if (shadow)
		nvme_store_doorbell(shadow, value);
}

/* The host consumes everything; returns how many queues had something. */
static unsigned int consume(struct th_subsystem *sub, uint32_t index)
{
	const struct emu_ctrl *ctrl = &sub->emu->ctrl[index];
	unsigned int count = 0;

	for (uint32_t qid = 0; qid <= sub->emu->config.queues; qid++) {
		const struct emu_cq *cq = &ctrl->cq[qid];
		uint32_t number = 2 * qid + 1;

		if (!cq->created || cq->head == cq->tail)
			continue;
		if (qid > 0 && ctrl->dbbuf)
			store_shadow(sub, index, number, cq->tail);
		th_write32(sub, index,
			   NVME_DOORBELL_OFFSET + (number << (2 + sub->emu->config.dstrd)),
			   cq->tail);
		count += cq->head == cq->tail; /* unless the controller does not listen */
	}
	return count;
}

static void advance(struct th_subsystem *sub)
{
	uint64_t due = emu_deadline(sub->emu);

	if (due != EMU_NEVER)
		emu_set_time(sub->emu, due);
}

static void check_settled(const struct th_subsystem *sub, uint32_t index)
{
	const struct emu_ctrl *ctrl = &sub->emu->ctrl[index];
	const struct th_judge *judge = &sub->judge[index];
	uint32_t left = 0;

	if (ctrl->halted)
		return; /* Failed, shut down, or disabled: its commands are nobody's. */
	/* A host that uses a CID twice cannot tell which one is left. */
	for (uint32_t i = 0; i < TH_INFLIGHT; i++)
		left += judge->commands[i].used;
	th_claim(left == ctrl->aers.count, "every command completes");
	for (uint32_t qid = 0; qid <= sub->emu->config.queues; qid++)
		th_claim(!ctrl->sq[qid].created || ctrl->sq[qid].head == ctrl->sq[qid].tail,
			 "every command is fetched");
}

/* A service time passes, or that of a job. */
static bool needs_time(const struct emu *emu)
{
	return emu->delay.count > 0 || emu->jobs.count > 0 || emu->job.tag != EMU_NONE;
}

void th_settle(struct th_subsystem *sub)
{
	unsigned int changed = 1;

	memset(sub->unmapped, 0, sizeof(sub->unmapped));
	sub->answer = TH_ANSWER_NOW;
	sub->refuse_irqs = false;
	for (uint32_t i = 0; i < sub->emu->config.controllers; i++) {
		wake(sub, i);
		th_set_command(sub, i, true);
		emu_dma_changed(sub->emu, i);
	}
	for (uint32_t turn = 0; changed; turn++) {
		if (turn == TH_SETTLE_TURNS && has_shadows(sub))
			return;
		th_claim(turn < TH_SETTLE_TURNS, "the end is near");
		while (sub->pending_count > 0 || sub->saves_count > 0)
			th_answer_media(sub, 0, 0);
		changed = th_step(sub, has_shadows(sub) ? TH_SHADOW_STEPS : TH_STEPS);
		for (uint32_t i = 0; i < sub->emu->config.controllers; i++)
			changed += consume(sub, i);
		changed += sub->pending_count + sub->saves_count;
		if (!changed && needs_time(sub->emu)) {
			advance(sub);
			changed = 1;
		}
	}
	for (uint32_t i = 0; i < sub->emu->config.controllers; i++)
		check_settled(sub, i);
	th_count_pools(sub);
}
