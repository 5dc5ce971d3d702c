/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Atomicity (NVM 1.0 2.1.4, unverified): a write of at most AWUN blocks that crosses no atomic
 * boundary is never mixed with a command that overlaps it. While the medium has one of two such
 * commands, the other one waits.
 *
 * Ranges that are in work are found by a hash of the granule that they lie in; those that lie in
 * more than one are in a list of their own. Nothing is recorded of what the medium did at once.
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
	if (!(emu_cmd_of(emu, req)->flags & EMU_CMD_WRITES))
		return 0;
	return is_atomic(emu, req) ? WRITES | ATOMIC : WRITES;
}

static bool excludes(const struct emu_req *a, const struct emu_req *b)
{
	if (!((a->range_kind | b->range_kind) & ATOMIC) || a == b)
		return false;
	return nvme_cpu32(a->sqe.nsid) == nvme_cpu32(b->sqe.nsid) && a->slba < b->slba + b->nlb &&
	       b->slba < a->slba + a->nlb;
}

static bool chain_excludes(const struct emu *emu, uint32_t bucket, const struct emu_req *req)
{
	for (uint32_t tag = emu->range_heads[bucket]; tag != EMU_NONE;
	     tag = emu->req[tag].range_next) {
		if (excludes(&emu->req[tag], req))
			return true;
	}
	return false;
}

/** emu_range_conflicts - whether @req has to wait for one in work, or for one that waits already */
bool emu_range_conflicts(struct emu *emu, struct emu_req *req)
{
	uint32_t bucket = bucket_of(req);

	req->range_kind = kind_of(emu, req);
	for (uint32_t tag = emu->blocked.head; tag != EMU_NONE; tag = emu->req[tag].next) {
		if (excludes(&emu->req[tag], req))
			return true;
	}
	if (chain_excludes(emu, EMU_RANGE_WIDE, req))
		return true;
	if (bucket != EMU_RANGE_WIDE)
		return chain_excludes(emu, bucket, req);
	for (bucket = 0; bucket < EMU_RANGE_WIDE; bucket++) {
		if (chain_excludes(emu, bucket, req))
			return true;
	}
	return false;
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
