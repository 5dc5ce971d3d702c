/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Namespaces: the table (scan.c fills it), and whether what they say of themselves can be true.
 *
 * A namespace that cannot be used is kept in the table with the reason, so that people see it.
 */
#include "driver/core/internal.h"

#define LBADS_MIN 9
#define LBADS_MAX 24

/* 2^@exponent pages, 0 for no limit; so is what cannot be meant. */
static uint64_t pages_of(uint8_t exponent)
{
	return exponent > 0 && exponent < 40 ? (uint64_t)NVL_PAGE_BYTES << exponent : 0;
}

/* Where the tuple is and what it is like. Return: the reason for refusing it. */
static uint32_t judge_pi(const struct nvme_id_ns *id, uint32_t elbaf, struct nvl_ns *ns)
{
	static const struct {
		uint8_t bytes;
		uint8_t storage_min;
		uint8_t storage_max;
	} formats[] = {
		[NVME_PIF_16] = { sizeof(struct nvme_pi16), 0, 32 },
		[NVME_PIF_32] = { sizeof(struct nvme_pi32), 16, 64 },
		[NVME_PIF_64] = { sizeof(struct nvme_pi64), 0, 48 },
	};
	uint32_t format = NVME_GET(elbaf, NVME_ELBAF_PIF);

	ns->pi_type = (uint8_t)NVME_GET(id->dps, NVME_ID_NS_DPS_PI);
	ns->pi_first = NVME_GET(id->dps, NVME_ID_NS_DPS_FIRST);
	if (ns->pi_type == NVME_PI_NONE)
		return NVL_REASON_NONE;
	if (ns->pi_type > NVME_PI_TYPE3 || format > NVME_PIF_64)
		return NVL_REASON_NS_METADATA;
	ns->pi_format = (uint8_t)format;
	ns->storage_bits = (uint8_t)NVME_GET(elbaf, NVME_ELBAF_STS);
	ns->pi_bytes = formats[format].bytes;
	if (ns->pi_bytes > ns->metadata_bytes || ns->storage_bits < formats[format].storage_min ||
	    ns->storage_bits > formats[format].storage_max)
		return NVL_REASON_NS_METADATA;
	return NVL_REASON_NONE;
}

/* Boundaries that one command does not cross. */
static void set_boundaries(const struct nvl_ctrl *ctrl, const struct nvme_id_ns *id,
			   struct nvl_ns *ns)
{
	uint32_t stripe = ctrl->config.stripe_bytes >> ns->block_shift;
	uint32_t atomic = nvme_cpu16(id->nabspf);

	ns->boundary_blocks = stripe > 0 ? stripe : nvme_cpu16(id->noiob);
	if (!ctrl->config.split_at_atomic || atomic == 0)
		return;
	ns->atomic_boundary_blocks = atomic + 1;
	ns->atomic_boundary_first = nvme_cpu16(id->nabo);
}

static uint32_t judge(const struct nvl_ctrl *ctrl, const struct nvme_id_ns *id,
		      const struct nvme_id_ns_nvm *nvm, struct nvl_ns *ns)
{
	struct nvme_lbaf lbaf;
	uint32_t lbads, reason;

	ns->format = (uint8_t)nvme_id_ns_format(id->flbas);
	if (ns->format > id->nlbaf)
		return NVL_REASON_NS_FORMAT;
	lbaf = id->lbaf[ns->format];
	lbads = lbaf.lbads;
	if (lbads < LBADS_MIN || lbads > LBADS_MAX)
		return NVL_REASON_NS_LBADS;
	if (ns->nsze == 0 || ns->nsze > UINT64_MAX >> lbads)
		return NVL_REASON_NS_SIZE;
	ns->metadata_bytes = nvme_cpu16(lbaf.ms);
	ns->extended = ns->metadata_bytes > 0 && NVME_GET(id->flbas, NVME_ID_NS_FLBAS_MSET);
	reason = judge_pi(id, nvm ? nvme_cpu32(nvm->elbaf[ns->format]) : 0, ns);
	if (reason != NVL_REASON_NONE)
		return reason;
	ns->storage_mask = nvm && nvme_cpu64(nvm->lbstm) > 0 ? nvme_cpu64(nvm->lbstm) : UINT64_MAX;
	if ((1u << lbads) + (ns->extended ? ns->metadata_bytes : 0) > ctrl->info.max_transfer_bytes)
		return NVL_REASON_NS_MDTS;
	ns->block_shift = lbads;
	ns->block_bytes = 1u << lbads;
	set_boundaries(ctrl, id, ns);
	return NVL_REASON_NONE;
}

/**
 * nvl_ns_describe - a row of the table from Identify Namespace
 * @nvm: the command set's part of it; NULL without protection information, or when there is none
 */
void nvl_ns_describe(const struct nvl_ctrl *ctrl, uint32_t nsid, const struct nvme_id_ns *id,
		     const struct nvme_id_ns_nvm *nvm, struct nvl_ns *ns)
{
	*ns = (struct nvl_ns){
		.nsid = nsid,
		.nsze = nvme_cpu64(id->nsze),
		.ncap = nvme_cpu64(id->ncap),
		.nuse = nvme_cpu64(id->nuse),
		.ana_group = nvme_cpu32(id->anagrpid),
	};
	memcpy(ns->nguid, id->nguid, sizeof(ns->nguid));
	memcpy(ns->eui64, id->eui64, sizeof(ns->eui64));
	ns->problem = judge(ctrl, id, nvm, ns);
	if (ns->problem)
		ns->block_shift = NVL_REFUSED_SHIFT;
	ns->plain_shift = ns->block_shift;
	if (ns->metadata_bytes > 0 || ns->boundary_blocks > 0 || ns->atomic_boundary_blocks > 0)
		ns->plain_shift = NVL_REFUSED_SHIFT;
}

/** nvl_ns_limits - limits of commands without data, from Identify CNS 06h; NULL: there are none */
void nvl_ns_limits(struct nvl_ctrl *ctrl, const struct nvme_id_ctrl_nvm *nvm)
{
	ctrl->limits = (struct nvl_limits){ 0 };
	if (!nvm)
		return;
	ctrl->limits = (struct nvl_limits){
		.verify_bytes = pages_of(nvm->vsl),
		.zeroes_bytes = pages_of(nvm->wzsl),
		.uncorrectable_bytes = pages_of(nvm->wusl),
		.dsm_ranges = nvm->dmrl,
		.dsm_range_blocks = nvme_cpu32(nvm->dmrsl),
		.dsm_blocks = nvme_cpu64(nvm->dmsl),
	};
}

const struct nvl_limits *nvl_limits(const struct nvl_ctrl *ctrl)
{
	return &ctrl->limits;
}

uint32_t nvl_ns_count(const struct nvl_ctrl *ctrl)
{
	return ctrl->ns_count;
}

const struct nvl_ns *nvl_ns_at(const struct nvl_ctrl *ctrl, uint32_t index)
{
	return index < ctrl->ns_count ? &ctrl->ns[index] : NULL;
}

const struct nvl_ns *nvl_ns_find(const struct nvl_ctrl *ctrl, uint32_t nsid)
{
	for (uint32_t i = 0; i < ctrl->ns_count; i++) {
		if (ctrl->ns[i].nsid == nsid)
			return &ctrl->ns[i];
	}
	return NULL;
}
