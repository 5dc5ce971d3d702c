/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The host of a replay: memory that holds what the controller read when the trace was recorded,
 * interrupts that are taken or not as they were, and media in memory.
 *
 * The controller asks for a piece of memory before it records what it read there. So the piece is
 * filled with the data of the next record that the trace has.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/le.h"
#include "common/nvme_spec.h"
#include "tests/sim/cli/replay_parts.h"

#define CHUNK_BYTES 0x200000ull
#define CHUNKS_MAX  1024u
#define LOOK_AHEAD  65536u /* records in which an answer of the medium is looked for */

/* Host memory. */

static bool touch(struct sim_replay *replay, uint32_t ctrl, uint64_t iova, uint64_t bytes)
{
	struct emu_dma_table *table = &replay->tables[ctrl];
	uint64_t end = iova + bytes;

	for (uint64_t at = iova & ~(CHUNK_BYTES - 1); end > iova && at < end; at += CHUNK_BYTES) {
		void *memory;

		if (emu_dma_find(table, at))
			continue;
		if (replay->chunks->len == CHUNKS_MAX || at + CHUNK_BYTES < at) {
			sim_replay_differs(replay, NULL,
					   "there is no room for so much host memory: 2 GiB in "
					   "pieces of 2 MiB");
			return false;
		}
		memory = calloc(1, CHUNK_BYTES);
		if (!memory || emu_dma_map(table, at, CHUNK_BYTES, EMU_DMA_READ | EMU_DMA_WRITE,
					   memory) != 0) {
			free(memory);
			sim_replay_differs(replay, NULL, "there is no memory for the host's");
			return false;
		}
		g_ptr_array_add(replay->chunks, memory);
	}
	return end > iova;
}

/* Whether the memory is not what a command brings. */
static bool is_apart(const struct sim_replay_own *own, uint64_t iova)
{
	for (unsigned int i = 0; i < own->hmbs; i++) {
		if (iova - own->hmb[i].iova < own->hmb[i].bytes)
			return true;
	}
	return own->shadow && iova - own->shadow < EMU_DMA_PAGE;
}

void sim_replay_shadow(struct sim_replay *replay, uint32_t ctrl, uint64_t offset, uint32_t value)
{
	uint64_t iova = replay->own[ctrl].shadow + offset;
	void *memory = NULL;

	if (replay->own[ctrl].shadow && touch(replay, ctrl, iova, 4))
		memory = emu_dma_at(&replay->tables[ctrl], iova, 4, EMU_DMA_WRITE);
	if (memory)
		nvme_store_le32(memory, value);
}

/*
 * The controller looks at a shadow doorbell. If that it changed is what was recorded next, the host
 * wrote it just now.
 */
static void feed_shadow(const struct sim_replay *replay, const struct cli_record *record,
			uint64_t offset, uint8_t *memory)
{
	bool is_cq = record->event == NVME_TRACE_CQ_DOORBELL;
	uint64_t stride = 4ull << replay->config.dstrd;

	if ((is_cq || record->event == NVME_TRACE_SQ_DOORBELL) &&
	    (2 * record->args[0] + is_cq) * stride == offset)
		nvme_store_le32(memory, (uint32_t)record->args[2]);
}

/* The data of a record that brings some; made up when the trace has only the checksum. */
static const uint8_t *data_of(struct sim_replay *replay, const struct cli_record *record,
			      unsigned int index, uint64_t *ret_bytes)
{
	struct sim_replay_feed *feed = &replay->feed;

	*ret_bytes = record->data_bytes;
	if (record->data_bytes > 0 || record->event != NVME_TRACE_XFER_IN) {
		replay->made_up = false;
		return record->data;
	}
	*ret_bytes = cli_record_value(record, "bytes");
	if (!feed->made || feed->made_index != index) {
		g_free(feed->made);
		feed->made = g_malloc(*ret_bytes);
		feed->made_index = index;
		replay->made_up = sim_replay_make(feed->made, *ret_bytes,
						  cli_record_value(record, "crc64"),
						  ++replay->write << 20);
	}
	return feed->made;
}

/* The record behind @record that brings more data of the same command; NULL for none. */
static const struct cli_record *more_of(const struct sim_replay *replay,
					const struct cli_record *record, unsigned int *index)
{
	const struct cli_record *next = sim_replay_next(replay, *index + 1, index);

	if (!next || next->event != record->event || next->ctrl != record->ctrl ||
	    next->args[0] != record->args[0] || next->args[1] != record->args[1])
		return NULL;
	return next;
}

/* Pieces of a command's data, in their order, from the records that have them. */
static void feed_data(struct sim_replay *replay, const struct cli_record *record,
		      unsigned int index, uint8_t *memory, size_t bytes)
{
	struct sim_replay_feed *feed = &replay->feed;

	if (feed->index < index) {
		feed->index = index;
		feed->used = 0;
	} else if (feed->index > index) {
		index = feed->index;
		record = cli_trace_record(replay->trace, index);
	}
	while (record && bytes > 0) {
		uint64_t there = 0;
		const uint8_t *data = data_of(replay, record, index, &there);
		size_t now = MIN(bytes, there - feed->used);

		if (now > 0)
			memcpy(memory, data + feed->used, now);
		feed->used += now;
		memory += now;
		bytes -= now;
		if (bytes == 0)
			break;
		record = more_of(replay, record, &index);
		if (!record)
			break;
		feed->index = index;
		feed->used = 0;
	}
}

static void feed(struct sim_replay *replay, uint32_t ctrl, uint64_t iova, void *memory,
		 size_t bytes)
{
	unsigned int index;
	const struct cli_record *record = sim_replay_next(replay, replay->at, &index);
	const struct sim_replay_own *own = &replay->own[ctrl];
	uint64_t at;

	if (!record || record->ctrl != ctrl)
		return;
	if (is_apart(own, iova)) {
		if (own->shadow && bytes == sizeof(uint32_t))
			feed_shadow(replay, record, iova - own->shadow, memory);
		return;
	}
	switch (record->event) {
	case NVME_TRACE_SQE_FETCH:
		if (bytes == NVME_SQE_BYTES && record->data_bytes == bytes)
			memcpy(memory, record->data, bytes);
		break;
	case NVME_TRACE_PRP_LIST:
	case NVME_TRACE_SGL_SEGMENT:
	case NVME_TRACE_HMB_LIST:
		at = iova - record->args[2];
		if (at < record->data_bytes)
			memcpy(memory, record->data + at, MIN(bytes, record->data_bytes - at));
		break;
	case NVME_TRACE_XFER_IN:
	case NVME_TRACE_USER_DATA:
		feed_data(replay, record, index, memory, bytes);
		break;
	default:
		break;
	}
}

static void *find_dma(void *arg, uint32_t ctrl, uint64_t iova, size_t bytes, enum emu_prot prot)
{
	struct sim_replay *replay = arg;
	void *memory;

	if (!touch(replay, ctrl, iova, bytes))
		return NULL;
	memory = emu_dma_at(&replay->tables[ctrl], iova, bytes, (unsigned int)prot);
	if (memory && prot == EMU_DMA_READ)
		feed(replay, ctrl, iova, memory, bytes);
	return memory;
}

/* Media. */

static bool is_answer(const struct sim_replay *replay, const struct cli_record *record)
{
	return record->event == NVME_TRACE_MEDIA_DONE && record->args[0] == replay->qid &&
	       record->args[1] == replay->cid;
}

/* Whether the answer to the last request was recorded later than at once. */
static bool is_answered_later(const struct sim_replay *replay, unsigned int index)
{
	const struct cli_record *record;

	for (unsigned int i = 0; i < LOOK_AHEAD; i++) {
		record = cli_trace_record(replay->trace, index + i);
		if (!record)
			return false;
		if (is_answer(replay, record))
			return true;
	}
	return false;
}

static int perform(struct sim_replay *replay, const struct emu_media *media)
{
	for (const struct emu_spans *node = media->spans; node; node = node->next) {
		for (uint32_t i = 0; i < node->count; i++) {
			const struct emu_span *span = &node->span[i];

			if (span->iova != EMU_SPAN_BUCKET &&
			    !touch(replay, media->ctrl, span->iova, span->bytes))
				return -EFAULT;
		}
	}
	replay->unknown = media->op == EMU_MEDIA_READ && !sim_replay_is_known(replay, media);
	sim_replay_wrote(replay, media);
	return emu_media_table_start(&replay->media, media);
}

static int start_media(void *arg, const struct emu_media *media)
{
	struct sim_replay *replay = arg;
	struct sim_replay_pending pending;
	unsigned int index = 0;
	const struct cli_record *record = sim_replay_next(replay, replay->at, &index);

	if (record && is_answer(replay, record))
		return record->args[2] ? -(int)record->args[2] : perform(replay, media);
	if (!record || !is_answered_later(replay, index))
		return perform(replay, media);
	pending = (struct sim_replay_pending){ .tag = media->tag,
					       .qid = replay->qid,
					       .cid = replay->cid,
					       .result = perform(replay, media),
					       .unknown = replay->unknown };
	g_array_append_val(replay->pending, pending);
	return EMU_PENDING;
}

bool sim_replay_answer(struct sim_replay *replay, const struct cli_record *record)
{
	for (unsigned int i = 0; i < replay->pending->len; i++) {
		const struct sim_replay_pending pending = g_array_index(
			replay->pending, struct sim_replay_pending, i);

		if (pending.qid != record->args[0] || pending.cid != record->args[1])
			continue;
		g_array_remove_index(replay->pending, i);
		replay->unknown = pending.unknown;
		emu_media_done(replay->core, pending.tag,
			       record->args[2] ? -(int)record->args[2] : pending.result);
		return true;
	}
	return false;
}

/* Interrupts, and what is left. */

static bool raise_irq(void *arg, uint32_t ctrl, uint32_t vector)
{
	const struct sim_replay *replay = arg;
	unsigned int index;
	const struct cli_record *record = sim_replay_next(replay, replay->at, &index);

	return !(record && record->event == NVME_TRACE_IRQ_PEND && record->ctrl == ctrl &&
		 record->args[0] == vector);
}

static void set_intx(void *arg, uint32_t ctrl, bool asserted)
{
	struct sim_replay *replay = arg;

	replay->own[ctrl].intx = asserted;
}

/* As a device without anybody else's answer. */
static uint32_t choose(void *arg, enum emu_choice site, uint64_t identity, uint32_t n)
{
	const struct sim_replay *replay = arg;

	return emu_draw_choice(replay->config.seed, site, identity, n);
}

static void take_record(void *arg, const struct nvme_trace_record *record)
{
	sim_replay_take(arg, record);
}

static void panic(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "nvmelab-sim: programming error: %s\n", what);
	abort();
}

struct emu_ops sim_replay_ops(struct sim_replay *replay)
{
	return (struct emu_ops){
		.arg = replay,
		.dma = find_dma,
		.media = start_media,
		.irq = raise_irq,
		.intx = set_intx,
		.trace = take_record,
		.choose = choose,
		.panic = panic,
	};
}
