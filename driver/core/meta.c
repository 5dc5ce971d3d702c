/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Metadata: how long a block is in the caller's memory, and what a command says of the protection
 * information in it (NVM 1.0 5.2, unverified).
 *
 *	interleaved   | data | metadata | data | metadata | ...
 *	separate      | data | data | ...        | metadata | metadata | ...   (MPTR)
 *	PRACT, and the tuple is all the metadata: data alone, the controller inserts and strips
 */
#include "driver/core/data.h"

/* Bits of storage and reference tag together, by enum nvme_pi_format. */
static uint32_t tag_bits(const struct nvl_ns *ns)
{
	static const uint8_t bits[] = {
		[NVME_PIF_16] = 32, [NVME_PIF_32] = 80, [NVME_PIF_64] = 48
	};

	return bits[ns->pi_format];
}

static uint64_t low_bits(uint32_t bits)
{
	return bits < 64 ? (UINT64_C(1) << bits) - 1 : UINT64_MAX;
}

void nvl_pi_init(struct nvl_pi *pi, const struct nvl_ns *ns, uint64_t slba)
{
	*pi = (struct nvl_pi){ .flags = NVL_PI_CHECK_GUARD };
	if (ns->pi_type == NVME_PI_TYPE3)
		return;
	pi->flags |= NVL_PI_CHECK_REF;
	pi->ref_tag = slba;
}

/**
 * nvl_pi_of - the protection information of @io: what the caller says, or the namespace's default
 * Return: whether there is any.
 */
bool nvl_pi_of(const struct nvl_io *io, struct nvl_pi *ret_pi)
{
	const struct nvl_ns *ns = io->ns;

	*ret_pi = (struct nvl_pi){ 0 };
	if (ns->pi_type == NVME_PI_NONE)
		return false;
	if (io->extra && io->extra->has_pi) {
		*ret_pi = io->extra->pi;
	} else if ((!io->extra || !io->extra->metadata) && nvl_pi_alone(ns)) {
		nvl_pi_init(ret_pi, ns, io->slba);
		ret_pi->flags |= NVL_PI_ACTION;
	}
	return true;
}

/** nvl_layout - of blocks of @ns in a transfer with @pi */
struct nvl_layout nvl_layout(const struct nvl_ns *ns, const struct nvl_pi *pi)
{
	bool stripped = (pi->flags & NVL_PI_ACTION) && nvl_pi_alone(ns);
	uint32_t bytes = stripped ? 0 : ns->metadata_bytes;

	return (struct nvl_layout){
		.data_bytes = ns->block_bytes + (ns->extended ? bytes : 0),
		.meta_bytes = ns->extended ? 0 : bytes,
		.tuple_at = ns->pi_first || ns->pi_type == NVME_PI_NONE
				    ? 0
				    : ns->metadata_bytes - ns->pi_bytes,
		.tuple_bytes = ns->pi_bytes,
	};
}

/** nvl_pi_tag - storage and reference tag of the block @index of a transfer */
struct nvl_tag nvl_pi_tag(const struct nvl_ns *ns, const struct nvl_pi *pi, uint64_t index)
{
	uint32_t ref_bits = tag_bits(ns) - ns->storage_bits;
	uint64_t ref = pi->ref_tag + (ns->pi_type == NVME_PI_TYPE3 ? 0 : index);
	uint64_t storage = pi->storage_tag & low_bits(ns->storage_bits);
	struct nvl_tag tag = { .low = ref & low_bits(ref_bits) };

	if (ref_bits >= 64) {
		tag.high = (uint16_t)(storage << (ref_bits - 64));
		return tag;
	}
	tag.low |= storage << ref_bits;
	if (ref_bits > 0)
		tag.high = (uint16_t)(storage >> (64 - ref_bits));
	return tag;
}

/** nvl_meta_fields - PRINFO, STC and the tags of a command that begins with block @index */
void nvl_meta_fields(struct nvme_sqe *sqe, const struct nvl_ns *ns, const struct nvl_pi *pi,
		     uint64_t index)
{
	struct nvl_tag tag = nvl_pi_tag(ns, pi, index);
	uint32_t cdw12 = nvme_cpu32(sqe->cdw12);

	cdw12 |= NVME_PUT(NVME_RW_PRINFO, pi->flags & 0xfu);
	cdw12 |= NVME_PUT(NVME_RW_STC, (pi->flags & NVL_PI_CHECK_STORAGE) != 0);
	sqe->cdw12 = nvme_le32(cdw12);
	sqe->cdw14 = nvme_le32((uint32_t)tag.low);
	sqe->cdw3 = nvme_le32((uint32_t)(tag.low >> 32));
	sqe->cdw2 = nvme_le32(tag.high);
	sqe->cdw15 = nvme_le32(NVME_PUT(NVME_RW_LBAT, pi->app_tag) |
			       NVME_PUT(NVME_RW_LBATM, pi->app_mask));
}

/** nvl_io_memory - where the data and the separate metadata of @io are, as the caller says */
void nvl_io_memory(const struct nvl_io *io, const struct nvl_layout *layout,
		   struct nvl_memory_of *ret_data, struct nvl_memory_of *ret_meta)
{
	const struct nvl_io_extra *extra = io->extra;

	*ret_data = (struct nvl_memory_of){ .count = 1 };
	*ret_meta = (struct nvl_memory_of){ 0 };
	if (extra && extra->pieces) {
		ret_data->list = extra->pieces;
		ret_data->count = extra->piece_count;
	} else {
		ret_data->one = (struct nvl_data){
			.buffer = io->buffer,
			.offset = io->offset,
			.bytes = (uint64_t)io->nlb * layout->data_bytes,
		};
		ret_data->list = &ret_data->one;
	}
	if (!extra || !extra->metadata || layout->meta_bytes == 0)
		return;
	ret_meta->count = 1;
	ret_meta->one = (struct nvl_data){
		.buffer = extra->metadata,
		.offset = extra->metadata_offset,
		.bytes = (uint64_t)io->nlb * layout->meta_bytes,
	};
	ret_meta->list = &ret_meta->one;
}
