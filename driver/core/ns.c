/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Namespaces: which there are, and whether what they say of themselves can be true.
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

static void describe(const struct nvl_ctrl *ctrl, uint32_t nsid, const struct nvme_id_ns *id,
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

struct scan {
	struct nvl_ns *rows;
	uint32_t count;
	bool more;
};

/* @listed: the controller named @nsid as active; else it is a guess and need not be there. */
static int scan_one(struct nvl_ctrl *ctrl, struct scan *scan, uint32_t nsid, bool listed)
{
	const struct nvl_identify identify = { .cns = NVME_CNS_NS, .nsid = nsid };
	struct nvl_ns *row = &scan->rows[scan->count];
	int result;

	if (scan->count == ctrl->config.namespaces) {
		scan->more = true;
		return 0;
	}
	result = nvl_identify(ctrl, &identify, &ctrl->id_ns);
	if (result < 0)
		return result;
	if (result > 0 && !listed)
		return 0;
	if (result > 0)
		*row = (struct nvl_ns){
			.nsid = nsid,
			.problem = NVL_REASON_NS_IDENTIFY,
			.block_shift = NVL_REFUSED_SHIFT,
			.plain_shift = NVL_REFUSED_SHIFT,
		};
	else
		describe(ctrl, nsid, &ctrl->id_ns, row);
	if (!listed && row->nsze == 0)
		return 0;
	scan->count++;
	return 0;
}

/*
 * Asks for lists until one is not full. A list has to ascend: one that does not would be read for
 * ever, or twice.
 * Return: 0; a status if there are no such lists; a negative errno.
 */
static int scan_lists(struct nvl_ctrl *ctrl, struct scan *scan)
{
	struct nvl_identify identify = { .cns = NVME_CNS_ACTIVE_NS_LIST, .nsid = 0 };

	for (;;) {
		int result = nvl_identify(ctrl, &identify, ctrl->nsid_list);

		if (result)
			return result;
		for (uint32_t i = 0; i < NVL_NSIDS; i++) {
			uint32_t nsid = nvme_cpu32(ctrl->nsid_list[i]);

			if (nsid <= identify.nsid || nsid == NVME_NSID_ALL)
				return 0;
			result = scan_one(ctrl, scan, nsid, true);
			if (result || scan->more)
				return result;
			identify.nsid = nsid;
		}
	}
}

/* For controllers of version 1.0: lists came with 1.1 (unverified). */
static int scan_each(struct nvl_ctrl *ctrl, struct scan *scan)
{
	uint32_t last = nvme_cpu32(ctrl->id.nn);
	int result = 0;

	if (last > NVL_MAX_NAMESPACES) {
		last = NVL_MAX_NAMESPACES;
		scan->more = true;
	}
	for (uint32_t nsid = 1; nsid <= last && result == 0; nsid++)
		result = scan_one(ctrl, scan, nsid, false);
	return result;
}

int nvl_rescan(struct nvl_ctrl *ctrl)
{
	struct scan scan = { .rows = ctrl->ns_spare };
	bool by_scan = false;
	int result = scan_lists(ctrl, &scan);

	if (result > 0) {
		scan = (struct scan){ .rows = ctrl->ns_spare };
		by_scan = true;
		result = scan_each(ctrl, &scan);
	}
	if (result) {
		nvl_fail(ctrl, NVL_REASON_NS_LIST, result, 0);
		return result;
	}
	ctrl->ns_spare = ctrl->ns;
	ctrl->ns = scan.rows;
	ctrl->ns_count = scan.count;
	ctrl->info.by_scan = by_scan;
	ctrl->info.more_namespaces = scan.more;
	return 0;
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
