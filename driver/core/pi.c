/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Protection information made and verified on this side (NVM 1.0 5.2, unverified): what a
 * controller does, done before data leaves and after it arrived, so that the way between is
 * covered too.
 *
 *	guard (CRC of the data, and of the metadata before the tuple) | application tag |
 *	storage tag and reference tag, together 32, 80 or 48 bits		     big-endian
 */
#include "common/crc.h"
#include "driver/core/data.h"

#define ESCAPE	  0xffffu /* application tag of a block that is not checked */
#define TUPLE_MAX 16

/* Bytes of guard and of the tags, by enum nvme_pi_format. */
static const struct {
	uint8_t guard_bytes;
	uint8_t tag_bytes;
} parts[] = {
	[NVME_PIF_16] = { 2, 4 },
	[NVME_PIF_32] = { 4, 10 },
	[NVME_PIF_64] = { 8, 6 },
};

static uint64_t crc(uint8_t format, uint64_t seed, const void *data, size_t bytes)
{
	switch (format) {
	case NVME_PIF_16:
		return nvme_crc16((uint16_t)seed, data, bytes);
	case NVME_PIF_32:
		return nvme_crc32c((uint32_t)seed, data, bytes);
	default:
		return nvme_crc64(seed, data, bytes);
	}
}

static uint64_t crc_of(uint8_t format, uint64_t seed, const struct nvl_memory_of *memory,
		       uint64_t at, uint64_t bytes)
{
	while (bytes > 0) {
		uint64_t here;
		const uint8_t *run = nvl_memory_at(memory, at, &here);

		if (!run)
			break;
		if (here > bytes)
			here = bytes;
		seed = crc(format, seed, run, (size_t)here);
		at += here;
		bytes -= here;
	}
	return seed;
}

/* Where the metadata of block @index is. */
static const struct nvl_memory_of *metadata_of(const struct nvl_blocks *blocks, uint64_t index,
					       uint64_t *ret_at)
{
	if (blocks->meta) {
		*ret_at = index * blocks->layout.meta_bytes;
		return blocks->meta;
	}
	*ret_at = index * blocks->layout.data_bytes + blocks->ns->block_bytes;
	return blocks->data;
}

static uint64_t guard_of(const struct nvl_blocks *blocks, uint64_t index)
{
	uint8_t format = blocks->ns->pi_format;
	uint64_t at;
	const struct nvl_memory_of *meta = metadata_of(blocks, index, &at);
	uint64_t guard = crc_of(format, 0, blocks->data, index * blocks->layout.data_bytes,
				blocks->ns->block_bytes);

	return crc_of(format, guard, meta, at, blocks->layout.tuple_at);
}

static void store_big(uint8_t *at, uint32_t bytes, uint64_t value)
{
	for (uint32_t i = bytes; i > 0; i--) {
		at[i - 1] = (uint8_t)value;
		value >>= 8;
	}
}

static uint64_t load_big(const uint8_t *at, uint32_t bytes)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static void store_tag(uint8_t *at, uint32_t bytes, struct nvl_tag tag)
{
	uint32_t wide = bytes > 8 ? bytes - 8 : 0;

	store_big(at, wide, tag.high);
	store_big(at + wide, bytes - wide, tag.low);
}

static struct nvl_tag load_tag(const uint8_t *at, uint32_t bytes)
{
	uint32_t wide = bytes > 8 ? bytes - 8 : 0;

	return (struct nvl_tag){
		.high = (uint16_t)load_big(at, wide),
		.low = load_big(at + wide, bytes - wide),
	};
}

/** nvl_blocks_generate - the tuples of all blocks */
void nvl_blocks_generate(const struct nvl_blocks *blocks)
{
	uint32_t guard_bytes = parts[blocks->ns->pi_format].guard_bytes;
	uint32_t tag_bytes = parts[blocks->ns->pi_format].tag_bytes;

	for (uint32_t i = 0; i < blocks->nlb; i++) {
		uint8_t tuple[TUPLE_MAX];
		uint64_t at;
		const struct nvl_memory_of *meta = metadata_of(blocks, i, &at);

		store_big(tuple, guard_bytes, guard_of(blocks, i));
		store_big(tuple + guard_bytes, 2, blocks->pi->app_tag);
		store_tag(tuple + guard_bytes + 2, tag_bytes,
			  nvl_pi_tag(blocks->ns, blocks->pi, i));
		nvl_memory_copy(meta, at + blocks->layout.tuple_at, tuple,
				blocks->layout.tuple_bytes, true);
	}
}

/* The tag without its storage part, and that alone. */
static void split_tag(const struct nvl_ns *ns, struct nvl_tag tag, uint64_t *ret_ref,
		      uint64_t *ret_storage)
{
	uint32_t bits = parts[ns->pi_format].tag_bytes * 8u - ns->storage_bits;
	uint64_t mask = ns->storage_bits < 64 ? (UINT64_C(1) << ns->storage_bits) - 1 : UINT64_MAX;

	if (bits >= 64) {
		*ret_ref = tag.low;
		*ret_storage = (uint64_t)tag.high >> (bits - 64) & mask;
		return;
	}
	*ret_ref = tag.low & ((UINT64_C(1) << bits) - 1);
	*ret_storage = (tag.low >> bits | (bits > 0 ? (uint64_t)tag.high << (64 - bits) : 0)) &
		       mask;
}

/* All ones of the reference tag, as far as a number of 64 bits has them. */
static uint64_t ref_ones(const struct nvl_ns *ns)
{
	uint32_t bits = parts[ns->pi_format].tag_bytes * 8u - ns->storage_bits;

	return bits < 64 ? (UINT64_C(1) << bits) - 1 : UINT64_MAX;
}

/* In the order guard, application tag, reference tag, storage tag (unverified). */
static nvme_status verify_block(const struct nvl_blocks *blocks, uint32_t index)
{
	const struct nvl_ns *ns = blocks->ns;
	const struct nvl_pi *pi = blocks->pi;
	uint32_t guard_bytes = parts[ns->pi_format].guard_bytes;
	uint64_t at, ref, storage, expected_ref, expected_storage;
	const struct nvl_memory_of *meta = metadata_of(blocks, index, &at);
	uint8_t tuple[TUPLE_MAX] = { 0 };
	uint64_t app;

	nvl_memory_copy(meta, at + blocks->layout.tuple_at, tuple, blocks->layout.tuple_bytes,
			false);
	app = load_big(tuple + guard_bytes, 2);
	split_tag(ns, load_tag(tuple + guard_bytes + 2, parts[ns->pi_format].tag_bytes), &ref,
		  &storage);
	split_tag(ns, nvl_pi_tag(ns, pi, index), &expected_ref, &expected_storage);
	if (app == ESCAPE && (ns->pi_type != NVME_PI_TYPE3 || ref == ref_ones(ns)))
		return NVME_SC_SUCCESS;
	if ((pi->flags & NVL_PI_CHECK_GUARD) &&
	    load_big(tuple, guard_bytes) != guard_of(blocks, index))
		return NVME_SC_GUARD_CHECK_ERROR;
	if ((pi->flags & NVL_PI_CHECK_APP) && ((app ^ pi->app_tag) & pi->app_mask))
		return NVME_SC_APP_TAG_CHECK_ERROR;
	if ((pi->flags & NVL_PI_CHECK_REF) && ns->pi_type != NVME_PI_TYPE3 && ref != expected_ref)
		return NVME_SC_REF_TAG_CHECK_ERROR;
	if ((pi->flags & NVL_PI_CHECK_STORAGE) && ((storage ^ expected_storage) & ns->storage_mask))
		return NVME_SC_STORAGE_TAG_CHECK_ERROR;
	return NVME_SC_SUCCESS;
}

/** nvl_blocks_verify - the first check that fails, or success */
nvme_status nvl_blocks_verify(const struct nvl_blocks *blocks)
{
	for (uint32_t i = 0; i < blocks->nlb; i++) {
		nvme_status status = verify_block(blocks, i);

		if (status != NVME_SC_SUCCESS)
			return status;
	}
	return NVME_SC_SUCCESS;
}

/** struct view - the memory of an io for its tuples */
struct view {
	struct nvl_memory_of data;
	struct nvl_memory_of meta;
	struct nvl_blocks blocks;
};

static int look_at(const struct nvl_io *io, struct view *view)
{
	const struct nvl_io_extra *extra = io->extra;
	struct nvl_blocks *blocks = &view->blocks;

	if (io->ns->problem != 0 || io->ns->pi_type == NVME_PI_NONE || !extra || io->nlb == 0)
		return -NVL_EINVAL;
	*blocks = (struct nvl_blocks){ .ns = io->ns, .pi = &extra->pi, .nlb = io->nlb };
	blocks->layout = nvl_layout(io->ns, &(struct nvl_pi){ 0 });
	nvl_io_memory(io, &blocks->layout, &view->data, &view->meta);
	blocks->data = &view->data;
	blocks->meta = blocks->layout.meta_bytes > 0 ? &view->meta : NULL;
	if (!nvl_memory_fits(&view->data, (uint64_t)io->nlb * blocks->layout.data_bytes) ||
	    !nvl_memory_fits(&view->meta, (uint64_t)io->nlb * blocks->layout.meta_bytes))
		return -NVL_EINVAL;
	return 0;
}

int nvl_pi_generate(const struct nvl_io *io)
{
	struct view view;
	int error = look_at(io, &view);

	if (!error)
		nvl_blocks_generate(&view.blocks);
	return error;
}

int nvl_pi_verify(const struct nvl_io *io, nvme_status *ret_status)
{
	struct view view;
	int error = look_at(io, &view);

	if (error)
		return error;
	*ret_status = nvl_blocks_verify(&view.blocks);
	return *ret_status == NVME_SC_SUCCESS ? 0 : -NVL_EILSEQ;
}
