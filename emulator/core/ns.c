/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Namespaces: which exist, and whether a range of blocks lies within one.
 */
#include "emulator/core/internal.h"

/** emu_ns_find - the active namespace @nsid, or NULL */
struct emu_ns *emu_ns_find(const struct emu *emu, uint32_t nsid)
{
	if (nsid == 0 || nsid > emu->config.nn || !emu->ns[nsid].active)
		return NULL;
	return &emu->ns[nsid];
}

/** emu_ns_valid - whether @nsid could be one (Base 2.0 3.2.1.1): 1 .. NN */
bool emu_ns_valid(const struct emu *emu, uint32_t nsid)
{
	return nsid > 0 && nsid <= emu->config.nn;
}

/** emu_ns_next - the first active NSID greater than @after, or 0 */
uint32_t emu_ns_next(const struct emu *emu, uint32_t after)
{
	for (uint32_t nsid = after + 1; nsid <= emu->config.nn; nsid++) {
		if (emu->ns[nsid].active)
			return nsid;
	}
	return 0;
}

/** emu_ns_check_range - LBA Out of Range for blocks that the namespace does not have */
nvme_status emu_ns_check_range(const struct emu_ns *ns, struct emu_req *req, uint64_t slba,
			       uint32_t nlb)
{
	if (slba < ns->blocks && nlb <= ns->blocks - slba)
		return NVME_SC_SUCCESS;
	req->error_lba = slba;
	return emu_bad(req, NVME_SC_LBA_OUT_OF_RANGE, offsetof(struct nvme_sqe, cdw10), 0);
}
