/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The medium of namespace 1: a version for each block, from which its contents are made.
 *
 * What is not of that form (a bit was flipped on the way, half of a block arrived) is kept as it
 * is, in one of a few raw blocks.
 */
#include "tests/sim/known.h"

#define SIM_BAD	      1u
#define SIM_ALLOCATED 2u

enum {
	NO_ENTRY = 2,
	IO_ERROR = 5,
	BAD_ADDRESS = 14,
	NO_SPACE = 28,
	NO_DATA = 61,
	BAD_BLOCK = 74
};

/** sim_first_namespace - the one that is worked with; NULL: there is none */
const struct emu_ns_config *sim_first_namespace(const struct sim_file *file)
{
	for (uint32_t i = 0; i < file->emulator.namespaces; i++) {
		if (file->emulator.ns[i].nsid == 1)
			return &file->emulator.ns[i];
	}
	return NULL;
}

size_t sim_medium_bytes(const struct sim_file *file)
{
	const struct emu_ns_config *ns = sim_first_namespace(file);
	size_t blocks = ns ? (size_t)ns->blocks : 0;

	size_t bytes = sizeof(struct sim_contents) + blocks * (8 + 8 + SIM_META_BYTES + 1) + 8 +
		       (SIM_RAW_BLOCKS + 1) * SIM_BLOCK_BYTES +
		       SIM_UNFLUSHED * sizeof(struct sim_unflushed);

	return ns && ns->ms ? bytes + (blocks + SIM_UNFLUSHED) * SIM_META_BYTES : bytes;
}

/** sim_medium_clear - blocks that nobody has written */
void sim_medium_clear(struct sim_world *world, uint64_t lba, size_t blocks)
{
	struct sim_medium *medium = &world->medium;

	memset(medium->current + lba, 0, blocks * sizeof(*medium->current));
	memset(medium->durable + lba, 0, blocks * sizeof(*medium->durable));
	memset(medium->flags + lba, 0, blocks);
	if (medium->ms)
		memset(medium->meta + lba * SIM_META_BYTES, 0, blocks * SIM_META_BYTES);
	if (medium->durable_meta)
		memset(medium->durable_meta + lba * SIM_META_BYTES, 0, blocks * SIM_META_BYTES);
}

static void clear(struct sim_world *world)
{
	sim_rows_each(world, sim_medium_clear);
	world->medium.logged = 0;
}

void sim_medium_init(struct sim_world *world, void *memory)
{
	const struct emu_ns_config *ns = sim_first_namespace(world->file);
	struct sim_medium *medium = &world->medium;
	uint8_t *at = memory;

	medium->capacity = medium->blocks = ns ? ns->blocks : 0;
	medium->lbads = ns ? ns->lbads : 9;
	medium->ms = ns ? ns->ms : 0;
	medium->cached = world->file->emulator.vwc;
	medium->contents = (void *)at;
	medium->contents->bytes = 0;
	at += sizeof(struct sim_contents);
	medium->raw = at;
	medium->scratch = at + SIM_RAW_BLOCKS * SIM_BLOCK_BYTES;
	at = medium->scratch + SIM_BLOCK_BYTES;
	medium->log = (void *)at;
	at += SIM_UNFLUSHED * sizeof(struct sim_unflushed);
	medium->current = (void *)at;
	medium->durable = medium->current + medium->capacity;
	medium->meta = (void *)(medium->durable + medium->capacity);
	medium->flags = medium->meta + medium->capacity * SIM_META_BYTES;
	if (medium->ms) {
		medium->log_meta = medium->flags + medium->capacity;
		medium->durable_meta = medium->log_meta + SIM_UNFLUSHED * SIM_META_BYTES;
	}
}

static void *raw_block(const struct sim_medium *medium, uint64_t version)
{
	return medium->raw + (version & ~SIM_RAW) * SIM_BLOCK_BYTES;
}

/* The oldest is given up when there are too many: its block reads as the newest one's then. */
static uint64_t keep_raw(struct sim_medium *medium, const void *data, size_t bytes)
{
	uint64_t version = SIM_RAW | medium->raw_used++ % SIM_RAW_BLOCKS;

	memcpy(raw_block(medium, version), data, bytes);
	return version;
}

static void set_durable(struct sim_medium *medium, uint64_t lba, uint64_t version,
			const uint8_t *meta)
{
	medium->durable[lba] = version;
	if (medium->durable_meta)
		memcpy(medium->durable_meta + lba * SIM_META_BYTES, meta, SIM_META_BYTES);
}

/* An entry of the cache becomes durable. */
static void keep_entry(struct sim_medium *medium, uint32_t entry)
{
	const uint8_t *meta = medium->log_meta;

	if (meta)
		meta += (size_t)entry * SIM_META_BYTES;
	set_durable(medium, medium->log[entry].lba, medium->log[entry].version, meta);
}

static void flush(struct sim_medium *medium)
{
	for (uint32_t i = 0; i < medium->logged; i++)
		keep_entry(medium, i);
	medium->logged = 0;
}

static void set_block(struct sim_medium *medium, uint64_t lba, uint64_t version, bool durable,
		      bool first)
{
	const uint8_t *meta = medium->meta + lba * SIM_META_BYTES;

	medium->current[lba] = version;
	medium->flags[lba] = SIM_ALLOCATED;
	if (durable || !medium->cached)
		set_durable(medium, lba, version, meta);
	if (!medium->cached)
		return;
	/* A cache that is nearly full writes back, and no part of a command. */
	if (medium->logged > SIM_UNFLUSHED - SIM_OP_BLOCKS &&
	    (first || medium->logged == SIM_UNFLUSHED))
		flush(medium);
	if (medium->log_meta)
		memcpy(medium->log_meta + (size_t)medium->logged * SIM_META_BYTES, meta,
		       SIM_META_BYTES);
	medium->log[medium->logged++] = (struct sim_unflushed){ lba, version, first, durable };
}

/*
 * A walk over the host memory of a request, block by block.
 * @at: in the span, or in media->data
 * @page: the memory at @at in the span, where @page_bytes were asked for and are left
 */
struct walk {
	struct sim_world *world;
	const struct emu_media *media;
	const struct emu_spans *node;
	uint32_t span;
	uint64_t at;
	uint8_t *page;
	size_t page_bytes;
	bool failed;
};

/* How much of @span is asked for at a time: up to the end of a page. */
static size_t page_of(const struct walk *walk, const struct emu_span *span)
{
	uint64_t left = span->bytes - walk->at;
	uint64_t page = NVL_PAGE_BYTES - ((span->iova + walk->at) & (NVL_PAGE_BYTES - 1));

	return (size_t)(page < left ? page : left);
}

/* @bytes of @span in one piece. Where an oracle finds fault with a page it sees each block. */
static uint8_t *ask(struct walk *walk, const struct emu_span *span, size_t bytes,
		    enum emu_prot prot)
{
	struct sim_host *host = &walk->world->host[walk->media->ctrl];
	const uint32_t *faults = &walk->world->result->violations[SIM_ORACLE_OWNER];
	size_t all = span->bytes > bytes ? page_of(walk, span) : bytes;
	uint64_t iova = span->iova + walk->at;
	uint32_t before = *faults;
	uint8_t *piece = all > bytes ? sim_host_memory(host, iova, all, prot) : NULL;

	if (piece && *faults == before) {
		walk->page = piece + bytes;
		walk->page_bytes = all - bytes;
		return piece;
	}
	walk->page_bytes = 0;
	return piece ? piece : sim_host_memory(host, iova, bytes, prot);
}

static uint8_t *take(struct walk *walk, const struct emu_span *span, size_t bytes,
		     enum emu_prot prot)
{
	uint8_t *piece = walk->page;

	if (walk->page_bytes < bytes)
		return ask(walk, span, bytes, prot);
	walk->page += bytes;
	walk->page_bytes -= bytes;
	return piece;
}

/* Up to @bytes of the next piece; NULL: there is no such memory. */
static uint8_t *next_piece(struct walk *walk, size_t *bytes, enum emu_prot prot)
{
	const struct emu_span *span;
	uint8_t *piece;

	if (!walk->node) {
		piece = (uint8_t *)walk->media->data + walk->at;
		walk->at += *bytes;
		return piece;
	}
	span = &walk->node->span[walk->span];
	if (*bytes > span->bytes - walk->at)
		*bytes = (size_t)(span->bytes - walk->at);
	if (span->iova == EMU_SPAN_BUCKET)
		piece = walk->world->medium.scratch;
	else
		piece = take(walk, span, *bytes, prot);
	walk->at += *bytes;
	if (walk->at == span->bytes) {
		walk->at = 0;
		if (++walk->span == walk->node->count) {
			walk->node = walk->node->next;
			walk->span = 0;
		}
	}
	walk->failed |= piece == NULL;
	return piece;
}

/* A block of host memory in one piece: in place if it is, else gathered. */
static const uint8_t *gather(struct walk *walk, size_t bytes)
{
	uint8_t *scratch = walk->world->medium.scratch;
	size_t got = bytes;
	const uint8_t *piece = next_piece(walk, &got, EMU_DMA_READ);

	if (got == bytes || !piece)
		return piece;
	memcpy(scratch, piece, got);
	for (size_t at = got; at < bytes; at += got) {
		got = bytes - at;
		piece = next_piece(walk, &got, EMU_DMA_READ);
		if (!piece)
			return NULL;
		memcpy(scratch + at, piece, got);
	}
	return scratch;
}

/* Version @version of block @lba, at @to. */
static void make_block(const struct sim_medium *medium, const struct sim_contents *contents,
		       void *to, uint64_t lba, uint64_t version)
{
	if (version & SIM_RAW)
		memcpy(to, raw_block(medium, version), contents->bytes);
	else
		sim_block_fill(contents, to, lba, version);
}

/* A block to host memory: in place if it is in one piece there, else from the scratch block. */
static void scatter(struct walk *walk, const struct sim_contents *contents, uint64_t lba,
		    uint64_t version)
{
	const struct sim_medium *medium = &walk->world->medium;
	size_t bytes = contents->bytes, got = bytes;
	uint8_t *piece = next_piece(walk, &got, EMU_DMA_WRITE);

	if (got == bytes) {
		if (piece)
			make_block(medium, contents, piece, lba, version);
		if (piece && !(version & SIM_RAW))
			sim_known_set(walk->world, piece, lba, version);
		return;
	}
	make_block(medium, contents, medium->scratch, lba, version);
	for (size_t at = 0; at < bytes; at += got) {
		if (at > 0) {
			got = bytes - at;
			piece = next_piece(walk, &got, EMU_DMA_WRITE);
		}
		if (piece && piece != medium->scratch)
			memcpy(piece, medium->scratch + at, got);
	}
}

static struct walk walk_over(struct sim_world *world, const struct emu_media *media)
{
	return (struct walk){ .world = world, .media = media, .node = media->spans };
}

/* The metadata of block @i of a request. */
static void move_meta(struct sim_medium *medium, const struct emu_media *media, uint32_t i,
		      bool write)
{
	uint8_t *meta = medium->meta + (media->slba + i) * SIM_META_BYTES;
	uint8_t *host;

	if (!media->meta)
		return;
	host = (uint8_t *)media->meta + (size_t)i * media->ms;
	memcpy(write ? meta : host, write ? host : meta, media->ms);
}

static int write_blocks(struct sim_world *world, const struct emu_media *media)
{
	struct sim_medium *medium = &world->medium;
	size_t bytes = (size_t)1 << media->lbads;
	const struct sim_contents *contents = sim_contents_of(medium->contents, bytes);
	struct walk walk = walk_over(world, media);
	bool fused = world->file->workload.fused_every > 0;

	for (uint32_t i = 0; i < media->nlb && (media->spans || media->data); i++) {
		const uint8_t *data = gather(&walk, bytes);
		struct sim_block block;

		if (!data)
			return -BAD_ADDRESS;
		block = sim_block_of(contents, data);
		if (block.strange || (block.version && block.lba != media->slba + i))
			block.version = keep_raw(medium, data, bytes);
		else if (fused)
			sim_history_swap(world, block.version, media->slba + i,
					 medium->current[media->slba + i]);
		move_meta(medium, media, i, true);
		set_block(medium, media->slba + i, block.version, media->fua, i == 0);
	}
	return 0;
}

static int read_blocks(struct sim_world *world, const struct emu_media *media)
{
	struct sim_medium *medium = &world->medium;
	size_t bytes = (size_t)1 << media->lbads;
	const struct sim_contents *contents = sim_contents_of(medium->contents, bytes);
	struct walk walk = walk_over(world, media);

	for (uint32_t i = 0; i < media->nlb; i++) {
		uint64_t lba = media->slba + i;
		uint64_t version = medium->current[lba];

		if (medium->flags[lba] & SIM_BAD)
			return -BAD_BLOCK;
		if (media->dulbe && !(medium->flags[lba] & SIM_ALLOCATED))
			return -NO_DATA;
		move_meta(medium, media, i, false);
		if (!media->spans && !media->data)
			continue;
		scatter(&walk, contents, lba, version);
	}
	return walk.failed ? -BAD_ADDRESS : 0;
}

static int clear_blocks(struct sim_medium *medium, const struct emu_media *media)
{
	bool gone = media->op == EMU_MEDIA_DEALLOCATE || media->deallocate;

	if (medium->ms)
		memset(medium->meta + media->slba * SIM_META_BYTES, 0,
		       (size_t)media->nlb * SIM_META_BYTES);
	for (uint32_t i = 0; i < media->nlb; i++) {
		set_block(medium, media->slba + i, 0, media->fua, i == 0);
		if (gone)
			medium->flags[media->slba + i] = 0;
	}
	return 0;
}

static int tell_status(const struct sim_medium *medium, const struct emu_media *media)
{
	uint8_t first = medium->flags[media->slba];
	uint32_t nlb = 1;

	while (nlb < media->nlb && medium->flags[media->slba + nlb] == first)
		nlb++;
	*media->ret_status = (struct emu_media_status){
		.nlb = nlb,
		.allocated = first & SIM_ALLOCATED,
		.uncorrectable = first & SIM_BAD,
	};
	return 0;
}

static int format(struct sim_world *world, const struct emu_media *media)
{
	struct sim_medium *medium = &world->medium;

	if (media->blocks > medium->capacity)
		return -NO_SPACE;
	medium->blocks = media->blocks;
	medium->lbads = media->lbads;
	sim_known_drop(world, 0, world->data.bytes);
	medium->ms = media->ms;
	clear(world);
	return 0;
}

int sim_medium_do(struct sim_world *world, const struct emu_media *media)
{
	struct sim_medium *medium = &world->medium;

	if (media->op == EMU_MEDIA_FLUSH) {
		medium->flushes++;
		flush(medium);
		return 0;
	}
	if (media->nsid != 1)
		return -NO_ENTRY;
	if (media->op != EMU_MEDIA_FORMAT && media->op != EMU_MEDIA_DELETE)
		sim_touch(world, media->slba, media->nlb);
	switch (media->op) {
	case EMU_MEDIA_READ:
		return read_blocks(world, media);
	case EMU_MEDIA_WRITE:
		return write_blocks(world, media);
	case EMU_MEDIA_WRITE_ZEROES:
	case EMU_MEDIA_DEALLOCATE:
		return clear_blocks(medium, media);
	case EMU_MEDIA_UNCORRECTABLE:
		for (uint32_t i = 0; i < media->nlb; i++)
			medium->flags[media->slba + i] |= SIM_BAD;
		return 0;
	case EMU_MEDIA_STATUS:
		return tell_status(medium, media);
	case EMU_MEDIA_FORMAT:
		return format(world, media);
	case EMU_MEDIA_DELETE:
		clear(world);
		return 0;
	case EMU_MEDIA_FLUSH:
	case EMU_MEDIA_OPS:
		break;
	}
	return -IO_ERROR;
}

static uint64_t draw(const struct sim_world *world, uint64_t n, uint64_t limit)
{
	return nvme_draw_below(
		nvme_draw(world->file->scenario.seed, nvme_key("power.cut"), world->medium.cuts, n),
		limit);
}

/*
 * What a cut leaves of the cache. A write of at most AWUPF blocks is kept whole or not at all; of a
 * longer one each part of so many blocks (NVM 1.0 2.1.4, unverified).
 */
int sim_medium_cut(struct sim_world *world, enum emu_cut keep)
{
	struct sim_medium *medium = &world->medium;
	const struct emu_config *config = &world->file->emulator;
	uint32_t unit = (config->nawupf ? config->nawupf : config->awupf) + 1;
	uint64_t prefix = draw(world, 0, (uint64_t)medium->logged + 1);
	uint32_t in_unit = 0;
	bool kept = false;

	sim_history_cut(world);
	for (uint32_t i = 0; i < medium->logged; i++) {
		if (medium->log[i].first || ++in_unit == unit) {
			in_unit = 0;
			kept = keep == EMU_CUT_KEEP_ALL ||
			       (keep == EMU_CUT_KEEP_PREFIX && i < prefix) ||
			       (keep == EMU_CUT_KEEP_SUBSET && draw(world, i + 1, 2) == 1);
		}
		if (kept || medium->log[i].forced)
			keep_entry(medium, i);
	}
	for (uint32_t i = 0; i < medium->logged; i++) {
		uint64_t lba = medium->log[i].lba;

		medium->current[lba] = medium->durable[lba];
		if (medium->durable_meta)
			memcpy(medium->meta + lba * SIM_META_BYTES,
			       medium->durable_meta + lba * SIM_META_BYTES, SIM_META_BYTES);
	}
	medium->logged = 0;
	medium->cuts++;
	return 0;
}
