/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * End-to-end protection information (NVM 1.0 5.2, unverified): a tuple in each block's metadata.
 *
 *	guard (CRC of the data, and of the metadata before the tuple) | application tag |
 *	storage tag and reference tag, together 32, 80 or 48 bits
 *
 * Everything in a tuple is big-endian. On the medium a tuple is kept inverted: blocks that were
 * never written, or zeroed, have zeros there, and those are to read as FFh, which is not checked.
 */
#include "emulator/core/stage.h"

#include "common/crc.h"

#define ESCAPE 0xffffu /* application tag of a block that is not checked */

/* Where the parts of a tuple are, by enum nvme_pi_format. */
static const struct {
	uint8_t guard_bytes;
	uint8_t tag_bytes;
} layouts[] = {
	[NVME_PIF_16] = { 2, 4 },
	[NVME_PIF_32] = { 4, 10 },
	[NVME_PIF_64] = { 8, 6 },
};

/* Bits of the reference tag: what the storage tag leaves. */
static uint32_t ref_bits(const struct emu_format *format)
{
	return layouts[format->pif].tag_bytes * 8u - format->sts;
}

static uint64_t low_bits(uint32_t bits)
{
	return bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;
}

static uint64_t ref_of(const struct emu_format *format, struct emu_tag tag)
{
	return tag.low & low_bits(ref_bits(format));
}

static uint64_t storage_of(const struct emu_format *format, struct emu_tag tag)
{
	uint32_t ref = ref_bits(format);

	if (ref >= 64)
		return tag.high & low_bits(format->sts);
	if (ref == 0)
		return tag.low;
	return (tag.low >> ref | (uint64_t)tag.high << (64 - ref)) & low_bits(format->sts);
}

static uint64_t load_big(const uint8_t *at, uint32_t bytes)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static void store_big(uint8_t *at, uint32_t bytes, uint64_t value)
{
	for (uint32_t i = bytes; i > 0; i--) {
		at[i - 1] = (uint8_t)value;
		value >>= 8;
	}
}

/** emu_pi_load_tag - a tag field of @bytes bytes, big-endian */
struct emu_tag emu_pi_load_tag(const uint8_t *at, uint32_t bytes)
{
	if (bytes <= 8)
		return (struct emu_tag){ 0, load_big(at, bytes) };
	return (struct emu_tag){ (uint16_t)load_big(at, bytes - 8), load_big(at + bytes - 8, 8) };
}

static void store_tag(uint8_t *at, uint32_t bytes, struct emu_tag tag)
{
	if (bytes > 8)
		store_big(at, bytes - 8, tag.high);
	store_big(at + (bytes > 8 ? bytes - 8 : 0), bytes > 8 ? 8 : bytes, tag.low);
}

/** emu_pi_format - what follows from the format of @ns; nothing is checked or inserted yet */
void emu_pi_format(struct emu_pi *pi, const struct emu_ns *ns)
{
	*pi = (struct emu_pi){
		.format = &emu_formats[ns->format],
		.block_bytes = 1u << ns->lbads,
		.ms = ns->ms,
		.type = ns->pi_type,
		.lbstm_clear = ns->lbstm_clear,
	};
	pi->tuple_at = ns->pi_type && !ns->pi_first ? ns->ms - pi->format->pi_bytes : 0;
}

/**
 * emu_pi_command_tag - storage and reference tag of a command: cdw14, with cdw2 and cdw3 above it
 *
 * As many bits count as the format has (NVM 1.0 5.2.1.4, unverified).
 */
struct emu_tag emu_pi_command_tag(const struct emu_ns *ns, const struct emu_req *req)
{
	struct emu_tag tag = { 0, nvme_cpu32(req->sqe.cdw14) };
	uint32_t bytes = layouts[emu_formats[ns->format].pif].tag_bytes;

	if (bytes > 4)
		tag.low |= (uint64_t)nvme_cpu32(req->sqe.cdw3) << 32;
	if (bytes == 6)
		tag.low &= low_bits(48);
	if (bytes > 8)
		tag.high = (uint16_t)nvme_cpu32(req->sqe.cdw2);
	return tag;
}

/** emu_pi_init - what a command with the fields of Read and Write says */
void emu_pi_init(struct emu_pi *pi, const struct emu_ns *ns, const struct emu_req *req)
{
	uint32_t cdw12 = nvme_cpu32(req->sqe.cdw12);
	uint32_t cdw15 = nvme_cpu32(req->sqe.cdw15);

	emu_pi_format(pi, ns);
	pi->prinfo = (uint8_t)NVME_GET(cdw12, NVME_RW_PRINFO);
	pi->stc = NVME_GET(cdw12, NVME_RW_STC);
	pi->app = (uint16_t)NVME_GET(cdw15, NVME_RW_LBAT);
	pi->app_mask = (uint16_t)NVME_GET(cdw15, NVME_RW_LBATM);
	pi->tag = emu_pi_command_tag(ns, req);
}

/** emu_pi_is_moved - whether the host's buffers have metadata: not when the tuple is all of it */
bool emu_pi_is_moved(const struct emu_pi *pi)
{
	if (pi->ms == 0)
		return false;
	return !(pi->type && NVME_GET(pi->prinfo, NVME_PRINFO_PRACT) &&
		 pi->ms == pi->format->pi_bytes);
}

/**
 * emu_pi_check_command - Invalid Protection Information: a reference tag to be checked that no
 *	block of type 1 at @slba can have, or one of type 3, which has none
 */
nvme_status emu_pi_check_command(struct emu_req *req, const struct emu_pi *pi, uint64_t slba)
{
	bool bad = false;

	if (!pi->type || !NVME_GET(pi->prinfo, NVME_PRINFO_PRCHK_REF))
		return NVME_SC_SUCCESS;
	if (pi->type == NVME_PI_TYPE1)
		bad = ref_of(pi->format, pi->tag) != (slba & low_bits(ref_bits(pi->format)));
	if (pi->type == NVME_PI_TYPE3 || bad)
		return emu_bad(req, NVME_SC_INVALID_PI, offsetof(struct nvme_sqe, cdw14), 0);
	return NVME_SC_SUCCESS;
}

/** emu_pi_skip - @nlb blocks further on: types 1 and 2 count in the reference tag */
void emu_pi_skip(struct emu_pi *pi, uint32_t nlb)
{
	uint64_t mask = low_bits(ref_bits(pi->format));

	if (pi->type != NVME_PI_TYPE3)
		pi->tag.low = (pi->tag.low & ~mask) | ((pi->tag.low + nlb) & mask);
}

static uint64_t guard_of(const struct emu_pi *pi, const uint8_t *data, const uint8_t *meta)
{
	switch (pi->format->pif) {
	case NVME_PIF_16:
		return nvme_crc16(nvme_crc16(0, data, pi->block_bytes), meta, pi->tuple_at);
	case NVME_PIF_32:
		return nvme_crc32c(nvme_crc32c(0, data, pi->block_bytes), meta, pi->tuple_at);
	default:
		return nvme_crc64(nvme_crc64(0, data, pi->block_bytes), meta, pi->tuple_at);
	}
}

/* One block, in the order guard, application tag, reference tag, storage tag (unverified). */
static nvme_status check_block(const struct emu_pi *pi, const uint8_t *data, const uint8_t *meta)
{
	const struct emu_format *format = pi->format;
	uint32_t guard_bytes = layouts[format->pif].guard_bytes;
	const uint8_t *tuple = meta + pi->tuple_at;
	uint16_t app = (uint16_t)load_big(tuple + guard_bytes, 2);
	struct emu_tag tag = emu_pi_load_tag(tuple + guard_bytes + 2,
					     layouts[format->pif].tag_bytes);
	uint64_t ref = ref_of(format, tag);

	if (app == ESCAPE && (pi->type != NVME_PI_TYPE3 || ref == low_bits(ref_bits(format))))
		return NVME_SC_SUCCESS;
	if (NVME_GET(pi->prinfo, NVME_PRINFO_PRCHK_GUARD) &&
	    load_big(tuple, guard_bytes) != guard_of(pi, data, meta))
		return NVME_SC_GUARD_CHECK_ERROR;
	if (NVME_GET(pi->prinfo, NVME_PRINFO_PRCHK_APP) && ((app ^ pi->app) & pi->app_mask))
		return NVME_SC_APP_TAG_CHECK_ERROR;
	if (NVME_GET(pi->prinfo, NVME_PRINFO_PRCHK_REF) && ref != ref_of(format, pi->tag))
		return NVME_SC_REF_TAG_CHECK_ERROR;
	if (pi->stc && ((storage_of(format, tag) ^ storage_of(format, pi->tag)) & ~pi->lbstm_clear))
		return NVME_SC_STORAGE_TAG_CHECK_ERROR;
	return NVME_SC_SUCCESS;
}

/** emu_pi_check - check @nlb blocks from @slba on, as the command says; counts on */
nvme_status emu_pi_check(struct emu_req *req, struct emu_pi *pi, const uint8_t *data,
			 const uint8_t *meta, uint64_t slba, uint32_t nlb)
{
	for (uint32_t i = 0; pi->type && i < nlb; i++) {
		nvme_status status = check_block(pi, data + (size_t)i * pi->block_bytes,
						 meta + (size_t)i * pi->ms);

		if (status) {
			req->error_lba = slba + i;
			return status;
		}
		emu_pi_skip(pi, 1);
	}
	return NVME_SC_SUCCESS;
}

/** emu_pi_insert - make the tuples of @nlb blocks; counts on */
void emu_pi_insert(struct emu_pi *pi, const uint8_t *data, uint8_t *meta, uint32_t nlb)
{
	uint32_t guard_bytes = layouts[pi->format->pif].guard_bytes;

	for (uint32_t i = 0; i < nlb; i++) {
		uint8_t *tuple = meta + (size_t)i * pi->ms + pi->tuple_at;

		store_big(tuple, guard_bytes,
			  guard_of(pi, data + (size_t)i * pi->block_bytes,
				   meta + (size_t)i * pi->ms));
		store_big(tuple + guard_bytes, 2, pi->app);
		store_tag(tuple + guard_bytes + 2, layouts[pi->format->pif].tag_bytes, pi->tag);
		emu_pi_skip(pi, 1);
	}
}

/**
 * emu_pi_flip - turn the tuples of @nlb blocks from what the medium keeps to what a host sees, or
 *	back
 */
void emu_pi_flip(const struct emu_ns *ns, uint8_t *meta, uint32_t nlb)
{
	struct emu_pi pi;

	emu_pi_format(&pi, ns);
	for (uint32_t i = 0; pi.type && i < nlb; i++) {
		uint8_t *tuple = meta + (size_t)i * pi.ms + pi.tuple_at;

		for (uint32_t byte = 0; byte < pi.format->pi_bytes; byte++)
			tuple[byte] = (uint8_t)~tuple[byte];
	}
}
