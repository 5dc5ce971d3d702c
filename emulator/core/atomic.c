/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Atomicity (NVM 1.0 2.1.4, unverified): a write of at most AWUN blocks that crosses no atomic
 * boundary is never mixed with a command that overlaps it. While the medium has one of two such
 * commands, the other one waits.
 *
 * Ranges that are in work are found by a hash of the granule that they lie in; those that lie in
 * more than one are in a list of their own. Nothing is recorded of what the medium did at once. The
 * sources of a Copy are in its descriptors, so it is in a list, and they are looked through.
 */
#include "emulator/core/stage.h"

#define GRANULE_SHIFT 7 /* 128 blocks */
#define WRITES	      1
#define ATOMIC	      2

static uint32_t bucket_of(const struct emu_req *req)
{
	uint64_t first = req->slba >> GRANULE_SHIFT;
	uint64_t last = (req->slba + req->nlb - 1) >> GRANULE_SHIFT;

	if (first != last)
		return EMU_RANGE_WIDE;
	return (uint32_t)(first ^ (uint64_t)nvme_cpu32(req->sqe.nsid) * 37) % EMU_RANGE_WIDE;
}

/* Which segment between atomic boundaries a block is in: NABO is the first block of the second. */
static uint64_t segment_of(uint64_t lba, uint32_t nabo, uint32_t size)
{
	return lba < nabo ? 0 : 1 + (lba - nabo) / size;
}

/* Feature 0Ah, Disable Normal: then only what holds through a power failure is promised. */
static bool is_atomic(const struct emu *emu, const struct emu_req *req)
{
	const struct emu_config *config = &emu->config;
	bool dn = NVME_GET(emu->ctrl[req->ctrl].features.atomicity, NVME_FEAT_WRITE_ATOMICITY_DN);
	uint32_t unit_z = dn ? config->awupf : config->awun;
	uint32_t boundary_z = dn ? config->nabspf : config->nabsn;

	if (dn && config->nawupf)
		unit_z = config->nawupf;
	else if (!dn && config->nawun)
		unit_z = config->nawun;
	if (req->nlb > unit_z + 1)
		return false;
	return boundary_z == 0 ||
	       segment_of(req->slba, config->nabo, boundary_z + 1) ==
		       segment_of(req->slba + req->nlb - 1, config->nabo, boundary_z + 1);
}

static uint8_t kind_of(const struct emu *emu, const struct emu_req *req)
{
	if (req->partner != EMU_NONE)
		return WRITES | ATOMIC; /* the Compare of a Compare and Write */
	if (!(emu_cmd_of(req)->flags & EMU_CMD_WRITES))
		return 0;
	return is_atomic(emu, req) ? WRITES | ATOMIC : WRITES;
}

/* Blocks that a command would like to have: @of, or a source of the Copy @of. */
struct wish {
	const struct emu_req *of;
	uint32_t nsid;
	uint64_t slba;
	uint64_t nlb;
	uint8_t kind;
};

static bool excludes(const struct emu_req *a, const struct wish *wish)
{
	if (!((a->range_kind | wish->kind) & ATOMIC) || a == wish->of)
		return false;
	return nvme_cpu32(a->sqe.nsid) == wish->nsid && a->slba < wish->slba + wish->nlb &&
	       wish->slba < a->slba + a->nlb;
}

/* What a Copy reads is not mixed with atomic writes either, from its first piece to its last. */
static bool is_read_by(struct emu *emu, const struct emu_req *copy, const struct wish *wish)
{
	return (wish->kind & ATOMIC) && copy != wish->of &&
	       emu_copy_reads(emu, copy, wish->nsid, wish->slba, wish->nlb);
}

static bool chain_excludes(const struct emu *emu, uint32_t bucket, const struct wish *wish)
{
	for (uint32_t tag = emu->range_heads[bucket]; tag != EMU_NONE;
	     tag = emu->req[tag].range_next) {
		if (excludes(&emu->req[tag], wish))
			return true;
	}
	return false;
}

static bool must_wait(struct emu *emu, const struct wish *wish, uint32_t bucket)
{
	for (uint32_t tag = emu->blocked.head; tag != EMU_NONE; tag = emu->req[tag].next) {
		if (excludes(&emu->req[tag], wish) || is_read_by(emu, &emu->req[tag], wish))
			return true;
	}
	for (uint32_t tag = emu->copies; tag != EMU_NONE; tag = emu->req[tag].stage->next_copy) {
		if (is_read_by(emu, &emu->req[tag], wish))
			return true;
	}
	if (chain_excludes(emu, EMU_RANGE_WIDE, wish))
		return true;
	if (bucket != EMU_RANGE_WIDE)
		return chain_excludes(emu, bucket, wish);
	for (bucket = 0; bucket < EMU_RANGE_WIDE; bucket++) {
		if (chain_excludes(emu, bucket, wish))
			return true;
	}
	return false;
}

/** emu_range_conflicts - whether @req has to wait for one in work, or for one that waits already */
bool emu_range_conflicts(struct emu *emu, struct emu_req *req)
{
	const struct wish wish = { req, nvme_cpu32(req->sqe.nsid), req->slba, req->nlb,
				   kind_of(emu, req) };

	req->range_kind = wish.kind;
	return must_wait(emu, &wish, bucket_of(req));
}

/** emu_source_conflicts - whether the Copy @req has to wait before it reads these blocks */
bool emu_source_conflicts(struct emu *emu, const struct emu_req *req, uint32_t nsid, uint64_t slba,
			  uint32_t nlb)
{
	const struct wish wish = { req, nsid, slba, nlb, 0 };

	return must_wait(emu, &wish, EMU_RANGE_WIDE);
}

/** emu_sources_hold - the Copy @req reads its sources until emu_sources_release() */
void emu_sources_hold(struct emu *emu, struct emu_req *req)
{
	req->stage->copying = true;
	req->stage->next_copy = emu->copies;
	emu->copies = req->tag;
}

/** emu_sources_release - nothing for a command that holds none */
void emu_sources_release(struct emu *emu, struct emu_req *req)
{
	uint32_t *link = &emu->copies;

	if (!req->stage->copying)
		return;
	while (*link != req->tag)
		link = &emu->req[*link].stage->next_copy;
	*link = req->stage->next_copy;
	req->stage->copying = false;
}

/** emu_range_hold - @req is in work from now on */
void emu_range_hold(struct emu *emu, struct emu_req *req)
{
	uint32_t *head = &emu->range_heads[bucket_of(req)];

	req->range_kind = kind_of(emu, req);
	req->range_prev = EMU_NONE;
	req->range_next = *head;
	if (*head != EMU_NONE)
		emu->req[*head].range_prev = req->tag;
	*head = req->tag;
	req->ranged = true;
	emu->ranges++;
}

/** emu_range_release - @req is done; who waits for it is woken by emu_stage_release() */
void emu_range_release(struct emu *emu, struct emu_req *req)
{
	if (req->range_prev == EMU_NONE)
		emu->range_heads[bucket_of(req)] = req->range_next;
	else
		emu->req[req->range_prev].range_next = req->range_next;
	if (req->range_next != EMU_NONE)
		emu->req[req->range_next].range_prev = req->range_prev;
	req->ranged = false;
	emu->ranges--;
}

/** emu_range_pass - the range of @from is that of @to now, which names the same blocks */
void emu_range_pass(struct emu *emu, struct emu_req *from, struct emu_req *to)
{
	uint8_t kind = from->range_kind;

	emu_range_release(emu, from);
	emu_range_hold(emu, to);
	to->range_kind = kind;
}
