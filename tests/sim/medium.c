/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The medium of namespace 1: a version for each block, from which its contents are made.
 *
 * What is not of that form (a bit was flipped on the way, half of a block arrived) is kept as it
 * is, in one of a few raw blocks.
 */
#include "tests/sim/internal.h"

#define SIM_BAD	      1u
#define SIM_ALLOCATED 2u
#define MAGIC	      0x6e766d656c616200ull

enum {
	NO_ENTRY = 2,
	IO_ERROR = 5,
	BAD_ADDRESS = 14,
	NO_SPACE = 28,
	NO_DATA = 61,
	BAD_BLOCK = 74
};

void sim_block_fill(void *data, size_t bytes, uint64_t lba, uint64_t version)
{
	uint64_t step = nvme_mix(version ^ lba << 40) | 1;
	uint64_t word = step;

	if (version == 0) {
		memset(data, 0, bytes);
		return;
	}
	nvme_store_le64(data, MAGIC ^ version);
	nvme_store_le64((uint8_t *)data + 8, lba);
	for (size_t at = 16; at < bytes; at += 8, word += step)
		nvme_store_le64((uint8_t *)data + at, word);
}

static bool is_zero(const void *data, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += 8) {
		if (nvme_load_le64((const uint8_t *)data + at) != 0)
			return false;
	}
	return true;
}

struct sim_block sim_block_of(const void *data, size_t bytes)
{
	struct sim_block block = { .version = nvme_load_le64(data) ^ MAGIC };
	uint64_t step, word, wrong = 0;

	block.lba = nvme_load_le64((const uint8_t *)data + 8);
	if (block.version >> 32 != 0 || block.version == 0) {
		block.version = 0;
		block.strange = !is_zero(data, bytes);
		return block;
	}
	word = step = nvme_mix(block.version ^ block.lba << 40) | 1;
	for (size_t at = 16; at < bytes; at += 8, word += step)
		wrong |= nvme_load_le64((const uint8_t *)data + at) ^ word;
	block.strange = wrong != 0;
	return block;
}

/** sim_first_namespace - the one that is worked with; NULL: there is none */
const struct emu_ns_config *sim_first_namespace(const struct sim_file *file)
{
	for (uint32_t i = 0; i < file->emulator.namespaces; i++) {
		if (file->emulator.ns[i].nsid == 1)
			return &file->emulator.ns[i];
	}
	return NULL;
}

/* A raw block has room for any format's. */
#define RAW_BYTES 65536u

size_t sim_medium_bytes(const struct sim_file *file)
{
	const struct emu_ns_config *ns = sim_first_namespace(file);
	size_t blocks = ns ? (size_t)ns->blocks : 0;

	return blocks * (8 + 8 + 64 + 1) + 8 + (SIM_RAW_BLOCKS + 1) * RAW_BYTES +
	       SIM_UNFLUSHED * sizeof(struct sim_unflushed);
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
	medium->raw = at;
	medium->scratch = at + SIM_RAW_BLOCKS * RAW_BYTES;
	at = medium->scratch + RAW_BYTES;
	medium->log = (void *)at;
	at += SIM_UNFLUSHED * sizeof(struct sim_unflushed);
	medium->current = (void *)at;
	medium->durable = medium->current + medium->capacity;
	medium->meta = (void *)(medium->durable + medium->capacity);
	medium->flags = medium->meta + medium->capacity * 64;
	memset(medium->current, 0, medium->capacity * (8 + 8 + 64 + 1));
}

static void *raw_block(struct sim_medium *medium, uint64_t version)
{
	return medium->raw + (version & ~SIM_RAW) * RAW_BYTES;
}

/* The oldest is given up when there are too many: its block reads as the newest one's then. */
static uint64_t keep_raw(struct sim_medium *medium, const void *data, size_t bytes)
{
	uint64_t version = SIM_RAW | medium->raw_used++ % SIM_RAW_BLOCKS;

	memcpy(raw_block(medium, version), data, bytes);
	return version;
}

static void set_durable(struct sim_medium *medium, uint64_t lba, uint64_t version)
{
	medium->durable[lba] = version;
}

static void flush(struct sim_medium *medium)
{
	for (uint32_t i = 0; i < medium->logged; i++)
		set_durable(medium, medium->log[i].lba, medium->log[i].version);
	medium->logged = 0;
}

static void set_block(struct sim_medium *medium, uint64_t lba, uint64_t version, bool durable,
		      bool first)
{
	medium->current[lba] = version;
	medium->flags[lba] = SIM_ALLOCATED;
	if (durable || !medium->cached)
		set_durable(medium, lba, version);
	if (!medium->cached)
		return;
	if (medium->logged == SIM_UNFLUSHED) /* a full cache writes back */
		flush(medium);
	medium->log[medium->logged++] = (struct sim_unflushed){ lba, version, first, durable };
}

/* A walk over the host memory of a request, block by block. */
struct walk {
	struct sim_world *world;
	const struct emu_media *media;
	const struct emu_spans *node;
	uint32_t span;
	uint64_t at; /* in the span, or in media->data */
	bool failed;
};

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
		piece = sim_host_memory(walk->world, span->iova + walk->at, *bytes, prot);
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

static void scatter(struct walk *walk, const uint8_t *block, size_t bytes)
{
	size_t got;

	for (size_t at = 0; at < bytes; at += got) {
		uint8_t *piece;

		got = bytes - at;
		piece = next_piece(walk, &got, EMU_DMA_WRITE);
		if (piece && piece != walk->world->medium.scratch)
			memcpy(piece, block + at, got);
	}
}

static struct walk walk_over(struct sim_world *world, const struct emu_media *media)
{
	return (struct walk){ .world = world, .media = media, .node = media->spans };
}

static void move_meta(struct sim_medium *medium, const struct emu_media *media, bool write)
{
	uint8_t *meta = medium->meta + media->slba * 64;

	for (uint32_t i = 0; media->meta && i < media->nlb; i++, meta += 64) {
		uint8_t *host = (uint8_t *)media->meta + (size_t)i * media->ms;

		memcpy(write ? meta : host, write ? host : meta, media->ms);
	}
}

static int write_blocks(struct sim_world *world, const struct emu_media *media)
{
	struct sim_medium *medium = &world->medium;
	size_t bytes = (size_t)1 << media->lbads;
	struct walk walk = walk_over(world, media);

	for (uint32_t i = 0; i < media->nlb && (media->spans || media->data); i++) {
		const uint8_t *data = gather(&walk, bytes);
		struct sim_block block;

		if (!data)
			return -BAD_ADDRESS;
		block = sim_block_of(data, bytes);
		if (block.strange || (block.version && block.lba != media->slba + i))
			block.version = keep_raw(medium, data, bytes);
		set_block(medium, media->slba + i, block.version, media->fua, i == 0);
	}
	move_meta(medium, media, true);
	return 0;
}

static int read_blocks(struct sim_world *world, const struct emu_media *media)
{
	struct sim_medium *medium = &world->medium;
	size_t bytes = (size_t)1 << media->lbads;
	struct walk walk = walk_over(world, media);

	for (uint32_t i = 0; i < media->nlb; i++) {
		uint64_t lba = media->slba + i;
		uint64_t version = medium->current[lba];

		if (medium->flags[lba] & SIM_BAD)
			return -BAD_BLOCK;
		if (media->dulbe && !(medium->flags[lba] & SIM_ALLOCATED))
			return -NO_DATA;
		if (!media->spans && !media->data)
			continue;
		if (!(version & SIM_RAW))
			sim_block_fill(medium->scratch, bytes, lba, version);
		scatter(&walk, version & SIM_RAW ? raw_block(medium, version) : medium->scratch,
			bytes);
	}
	move_meta(medium, media, false);
	return walk.failed ? -BAD_ADDRESS : 0;
}

static int clear_blocks(struct sim_medium *medium, const struct emu_media *media)
{
	bool gone = media->op == EMU_MEDIA_DEALLOCATE || media->deallocate;

	for (uint32_t i = 0; i < media->nlb; i++) {
		set_block(medium, media->slba + i, 0, media->fua, i == 0);
		if (gone)
			medium->flags[media->slba + i] = 0;
	}
	memset(medium->meta + media->slba * 64, 0, (size_t)media->nlb * 64);
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

static int format(struct sim_medium *medium, const struct emu_media *media)
{
	if (media->blocks > medium->capacity)
		return -NO_SPACE;
	medium->blocks = media->blocks;
	medium->lbads = media->lbads;
	medium->ms = media->ms;
	medium->logged = 0;
	memset(medium->current, 0, medium->capacity * (8 + 8 + 64 + 1));
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
		return format(medium, media);
	case EMU_MEDIA_DELETE:
		medium->logged = 0;
		memset(medium->current, 0, medium->capacity * (8 + 8 + 64 + 1));
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

	for (uint32_t i = 0; i < medium->logged; i++) {
		if (medium->log[i].first || ++in_unit == unit) {
			in_unit = 0;
			kept = keep == EMU_CUT_KEEP_ALL ||
			       (keep == EMU_CUT_KEEP_PREFIX && i < prefix) ||
			       (keep == EMU_CUT_KEEP_SUBSET && draw(world, i + 1, 2) == 1);
		}
		if (kept || medium->log[i].forced)
			set_durable(medium, medium->log[i].lba, medium->log[i].version);
	}
	for (uint32_t i = 0; i < medium->logged; i++)
		medium->current[medium->log[i].lba] = medium->durable[medium->log[i].lba];
	medium->logged = 0;
	medium->cuts++;
	return 0;
}
