/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Namespaces: the table (scan.c fills it), and whether what they say of themselves can be true.
 *
 * A namespace that cannot be used is kept in the table with the reason, so that people see it.
 */
#include "driver/core/internal.h"

#define LBADS_MIN 9
#define LBADS_MAX 24

static uint32_t judge(const struct nvl_ctrl *ctrl, const struct nvme_id_ns *id, struct nvl_ns *ns)
{
	struct nvme_lbaf lbaf;
	uint32_t lbads;

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
	if (ns->metadata_bytes > 0)
		return NVL_REASON_NS_METADATA;
	if (1u << lbads > ctrl->info.max_transfer_bytes)
		return NVL_REASON_NS_MDTS;
	ns->block_shift = lbads;
	ns->block_bytes = 1u << lbads;
	return NVL_REASON_NONE;
}

/** nvl_ns_describe - a row of the table from Identify Namespace */
void nvl_ns_describe(const struct nvl_ctrl *ctrl, uint32_t nsid, const struct nvme_id_ns *id,
		     struct nvl_ns *ns)
{
	*ns = (struct nvl_ns){
		.nsid = nsid,
		.nsze = nvme_cpu64(id->nsze),
		.ncap = nvme_cpu64(id->ncap),
		.nuse = nvme_cpu64(id->nuse),
	};
	memcpy(ns->nguid, id->nguid, sizeof(ns->nguid));
	memcpy(ns->eui64, id->eui64, sizeof(ns->eui64));
	ns->problem = judge(ctrl, id, ns);
	if (ns->problem)
		ns->block_shift = NVL_REFUSED_SHIFT;
	ns->plain_shift = ns->block_shift;
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
