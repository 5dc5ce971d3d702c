/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Copy (NVM 1.0 3.2.2, unverified): source ranges of one or, with descriptor formats 2 and 3, of
 * several namespaces, one behind the other to one destination; piece by piece through a bounce
 * buffer. Everything is checked before anything is written.
 */
#include "emulator/core/stage.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW12 offsetof(struct nvme_sqe, cdw12)

/* Formats 2 and 3 name the source's namespace; formats 1 and 3 have room for wide tags. */
#define FORMATS		  4
#define HAS_SNSID(format) ((format) >= 2)
#define IS_WIDE(format)	  ((format)&1)

enum phase {
	PHASE_FETCH,
	PHASE_RESERVE,
	PHASE_NEXT,
	PHASE_READ,
	PHASE_WRITTEN,
};

/* A descriptor of any format. */
struct source {
	struct emu_ns *ns;
	uint64_t slba;
	uint32_t nlb;
	uint16_t app;
	uint16_t app_mask;
	struct emu_tag tag;
};

static uint32_t format_of(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw12), NVME_COPY_DESFMT);
}

static uint32_t ranges_of(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw12), NVME_COPY_NR) + 1;
}

/* Host Behavior Support, CDFE: the host knows formats 2 and 3 (Base 2.0 5.27.1.18, unverified). */
static bool is_enabled(const struct emu_ctrl *ctrl, uint32_t format)
{
	const struct nvme_host_behavior *behavior = (const void *)ctrl->features.host_behavior;

	return !HAS_SNSID(format) || (nvme_cpu16(behavior->cdfe) >> format & 1);
}

emu_verdict emu_exec_copy(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw12 = nvme_cpu32(req->sqe.cdw12);
	uint32_t format = format_of(req);
	uint32_t wide = req->ns->pi_type && emu_formats[req->ns->format].pif != NVME_PIF_16;

	if (format >= FORMATS || !is_enabled(ctrl, format))
		return emu_bad_field(req, CDW12 + 1, 0);
	if (NVME_GET(cdw12, NVME_COPY_DTYPE))
		return emu_bad_field(req, CDW12 + 2, 4);
	if (ranges_of(req) > emu->config.msrc + 1)
		return emu_bad(req, NVME_SC_COMMAND_SIZE_EXCEEDED, CDW12, 0);
	if (IS_WIDE(format) != wide)
		return emu_bad(req, NVME_SC_INVALID_FORMAT, CDW12 + 1, 0);
	if (req->ns->pi_type &&
	    NVME_GET(NVME_GET(cdw12, NVME_COPY_PRINFOR), NVME_PRINFO_PRACT) !=
		    NVME_GET(NVME_GET(cdw12, NVME_COPY_PRINFOW), NVME_PRINFO_PRACT))
		return emu_bad_field(req, CDW12 + 1, 4);
	return emu_stage_expect_list(req, nvme_cpu32(req->sqe.cdw10) |
						  (uint64_t)nvme_cpu32(req->sqe.cdw11) << 32);
}

uint32_t emu_copy_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	return ranges_of(req) * (uint32_t)(IS_WIDE(format_of(req))
						   ? sizeof(struct nvme_copy_range_f1)
						   : sizeof(struct nvme_copy_range));
}

/* Descriptor @index; @ns stays NULL when the namespace that it names is not active. */
static struct source source_of(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			       uint32_t index)
{
	const struct nvme_copy_range *narrow = (const void *)req->stage->list;
	const struct nvme_copy_range_f1 *wide = (const void *)req->stage->list;
	struct source source = { .ns = req->ns };
	uint32_t snsid;

	if (IS_WIDE(format_of(req))) {
		wide += index;
		snsid = nvme_cpu32(wide->snsid);
		source.slba = nvme_cpu64(wide->slba);
		source.nlb = nvme_cpu16(wide->nlb) + 1u;
		source.app = nvme_cpu16(wide->elbat);
		source.app_mask = nvme_cpu16(wide->elbatm);
		source.tag = emu_pi_load_tag(wide->elbst, sizeof(wide->elbst));
	} else {
		narrow += index;
		snsid = nvme_cpu32(narrow->snsid);
		source.slba = nvme_cpu64(narrow->slba);
		source.nlb = nvme_cpu16(narrow->nlb) + 1u;
		source.app = nvme_cpu16(narrow->elbat);
		source.app_mask = nvme_cpu16(narrow->elbatm);
		source.tag.low = nvme_cpu32(narrow->eilbrt);
	}
	if (HAS_SNSID(format_of(req)))
		source.ns = emu_ns_find(emu, ctrl, snsid);
	return source;
}

/* What the command says of the read from @source. */
static void init_source_pi(struct emu_pi *pi, const struct emu_req *req,
			   const struct source *source)
{
	uint32_t cdw12 = nvme_cpu32(req->sqe.cdw12);

	emu_pi_format(pi, source->ns);
	pi->prinfo = (uint8_t)NVME_GET(cdw12, NVME_COPY_PRINFOR);
	pi->stc = NVME_GET(cdw12, NVME_COPY_STCR);
	pi->app = source->app;
	pi->app_mask = source->app_mask;
	pi->tag = source->tag;
}

static bool are_compatible(const struct emu_ns *a, const struct emu_ns *b)
{
	return a->format == b->format && a->pi_type == b->pi_type && a->pi_first == b->pi_first;
}

static bool overlaps(const struct emu_req *req, const struct source *source, uint64_t nlb)
{
	return source->ns == req->ns && source->slba < req->slba + nlb &&
	       req->slba < source->slba + source->nlb;
}

static nvme_status check_source(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct source *source)
{
	struct emu_pi pi;
	nvme_status status;

	(void)ctrl;
	if (!source->ns)
		return emu_bad(req, NVME_SC_INVALID_NS, CDW12, 0);
	if (!are_compatible(source->ns, req->ns))
		return emu_bad(req, NVME_SC_COPY_INCOMPATIBLE_NS, CDW12, 0);
	if (source->nlb > emu->config.mssrl)
		return emu_bad(req, NVME_SC_COMMAND_SIZE_EXCEEDED, CDW12, 0);
	status = emu_ns_check_range(source->ns, req, source->slba, source->nlb);
	if (status)
		return status;
	init_source_pi(&pi, req, source);
	return emu_pi_check_command(req, &pi, source->slba);
}

static nvme_status check_sources(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint64_t nlb = 0;
	nvme_status status;

	for (uint32_t i = 0; i < req->stage->ranges; i++) {
		struct source source = source_of(emu, ctrl, req, i);

		status = check_source(emu, ctrl, req, &source);
		if (status)
			return status;
		nlb += source.nlb;
	}
	if (nlb > emu->config.mcl)
		return emu_bad(req, NVME_SC_COMMAND_SIZE_EXCEEDED, CDW12, 0);
	status = emu_ns_check_range(req->ns, req, req->slba, (uint32_t)nlb);
	if (status)
		return status;
	for (uint32_t i = 0; i < req->stage->ranges; i++) {
		struct source source = source_of(emu, ctrl, req, i);

		if (overlaps(req, &source, nlb))
			return emu_bad(req, NVME_SC_COPY_OVERLAPPING_RANGE, CDW10, 0);
	}
	req->nlb = (uint32_t)nlb;
	return NVME_SC_SUCCESS;
}

static nvme_status fetch_sources(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;
	uint32_t cdw12 = nvme_cpu32(req->sqe.cdw12);
	nvme_status status;

	status = emu_stage_fetch_list(emu, ctrl, req, ranges_of(req));
	if (status)
		return status;
	emu_pi_init(&stage->pi_out, req->ns, req);
	stage->pi_out.prinfo = (uint8_t)NVME_GET(cdw12, NVME_COPY_PRINFOW);
	stage->to = req->slba;
	status = emu_pi_check_command(req, &stage->pi_out, req->slba);
	return status ? status : check_sources(emu, ctrl, req);
}

static uint32_t nsid_of(const struct emu *emu, const struct source *source)
{
	return source->ns ? (uint32_t)(source->ns - emu->ns) : 0;
}

/** emu_copy_reads - whether @req is a Copy whose sources are known and have one of the blocks */
bool emu_copy_reads(struct emu *emu, const struct emu_req *req, uint32_t nsid, uint64_t slba,
		    uint64_t nlb)
{
	if (req->sqid == 0 || req->sqe.opcode != NVME_CMD_COPY || !req->stage)
		return false;
	for (uint32_t i = 0; i < req->stage->ranges; i++) {
		struct source source = source_of(emu, &emu->ctrl[req->ctrl], req, i);

		if (nsid_of(emu, &source) == nsid && source.slba < slba + nlb &&
		    slba < source.slba + source.nlb)
			return true;
	}
	return false;
}

/*
 * The destination is one range, and is not mixed with other commands if it is small enough. The
 * sources are read like by any Read: an atomic write comes before all of it or after all of it.
 */
static emu_verdict reserve(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	if (emu_range_conflicts(emu, req))
		return EMU_BLOCK;
	for (uint32_t i = 0; i < req->stage->ranges; i++) {
		struct source source = source_of(emu, ctrl, req, i);

		if (emu_source_conflicts(emu, req, nsid_of(emu, &source), source.slba, source.nlb))
			return EMU_BLOCK;
	}
	emu_range_hold(emu, req);
	emu_sources_hold(emu, req);
	return EMU_TRANSFER;
}

static emu_verdict read_next(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;
	struct source source;

	if (stage->range == stage->ranges)
		return NVME_SC_SUCCESS;
	source = source_of(emu, ctrl, req, stage->range);
	/* Format NVM and Namespace Management may have been there between two pieces. */
	if (!source.ns || !are_compatible(source.ns, req->ns) ||
	    emu_ns_check_range(source.ns, req, source.slba, source.nlb))
		return NVME_SC_COPY_INCOMPATIBLE_NS | NVME_DNR;
	if (stage->at == 0)
		init_source_pi(&stage->pi, req, &source);
	stage->ns = source.ns;
	stage->slba = source.slba + stage->at;
	stage->left = source.nlb - stage->at;
	stage->phase = PHASE_READ;
	return emu_stage_ask(emu, req, EMU_MEDIA_READ);
}

static emu_verdict write_piece(struct emu *emu, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;
	struct emu_pi *out = &stage->pi_out;
	nvme_status status = emu_pi_check(req, &stage->pi, stage->data, stage->meta, stage->slba,
					  stage->nlb);

	if (!status && out->type && NVME_GET(out->prinfo, NVME_PRINFO_PRACT))
		emu_pi_insert(out, stage->data, stage->meta, stage->nlb);
	else if (!status)
		status = emu_pi_check(req, out, stage->data, stage->meta, stage->to, stage->nlb);
	if (status)
		return status;
	stage->ns = req->ns;
	stage->slba = stage->to;
	stage->left = stage->nlb;
	stage->phase = PHASE_WRITTEN;
	return emu_stage_ask(emu, req, EMU_MEDIA_WRITE);
}

static void count_piece(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;
	struct source source = source_of(emu, ctrl, req, stage->range);

	stage->to += stage->nlb;
	stage->at += stage->nlb;
	if (stage->at == source.nlb) {
		stage->at = 0;
		stage->range++;
	}
}

emu_verdict emu_turn_copy(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_stage *stage = req->stage;
	emu_verdict verdict;

	if (stage->phase == PHASE_FETCH) {
		verdict = fetch_sources(emu, ctrl, req);
		if (verdict)
			return verdict;
		stage->phase = PHASE_RESERVE;
	}
	if (stage->phase == PHASE_RESERVE) {
		verdict = reserve(emu, ctrl, req);
		if (verdict != EMU_TRANSFER)
			return verdict;
		stage->phase = PHASE_NEXT;
	}
	if (stage->phase == PHASE_READ)
		return write_piece(emu, req);
	if (stage->phase == PHASE_WRITTEN)
		count_piece(emu, ctrl, req);
	return read_next(emu, ctrl, req);
}
