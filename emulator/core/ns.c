/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Namespaces: which exist, which are attached to a controller, and whether a range of blocks lies
 * within one.
 */
#include "emulator/core/internal.h"

#define NSID   offsetof(struct nvme_sqe, nsid)
#define LBAFEE offsetof(struct nvme_host_behavior, lbafee)

/*
 * Formats without metadata first, so that a controller without metadata has a shorter table and no
 * holes. Guards of 32 and 64 bits need blocks of 4 KiB at least (NVM 1.0 5.2.1, unverified). They,
 * and indices from EMU_FORMATS_PLAIN on, are for hosts that said that they know them (LBAFEE).
 */
const struct emu_format emu_formats[EMU_FORMATS] = {
	{ .lbads = 9 },
	{ .lbads = 12 },
	{ .lbads = 11, .rp = 1 },
	{ .lbads = 10, .rp = 1 },
	{ .lbads = 13, .rp = 1 },
	{ .lbads = 14, .rp = 1 },
	{ .lbads = 15, .rp = 1 },
	{ .lbads = 16, .rp = 1 },
	{ .lbads = 9, .ms = 8, .pi_bytes = 8, .rp = 2 },
	{ .lbads = 9, .ms = 16, .pi_bytes = 8, .rp = 2 },
	{ .lbads = 9, .ms = 64, .pi_bytes = 8, .rp = 2 },
	{ .lbads = 12, .ms = 8, .pi_bytes = 8, .rp = 2 },
	{ .lbads = 12, .ms = 16, .pif = NVME_PIF_32, .pi_bytes = 16, .sts = 16, .rp = 2 },
	{ .lbads = 12, .ms = 64, .pi_bytes = 8, .rp = 2 },
	{ .lbads = 12, .ms = 16, .pi_bytes = 8, .rp = 2 },
	{ .lbads = 11, .ms = 8, .pi_bytes = 8, .rp = 2 },
	{ .lbads = 11, .ms = 16, .pi_bytes = 8, .rp = 2 },
	{ .lbads = 11, .ms = 64, .pi_bytes = 8, .rp = 2 },
	{ .lbads = 12, .ms = 16, .pif = NVME_PIF_64, .pi_bytes = 16, .sts = 16, .rp = 2 },
};

uint32_t emu_format_find(uint32_t lbads, uint32_t ms, uint32_t pif)
{
	uint32_t i = 0;

	while (i < EMU_FORMATS && (emu_formats[i].lbads != lbads || emu_formats[i].ms != ms ||
				   emu_formats[i].pif != pif))
		i++;
	return i;
}

bool emu_wide_formats(const struct emu_ctrl *ctrl)
{
	return ctrl->features.host_behavior[LBAFEE];
}

bool emu_format_available(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t index)
{
	const struct emu_format *format;

	if (index >= EMU_FORMATS)
		return false;
	format = &emu_formats[index];
	if (format->ms && !emu->config.metadata)
		return false;
	if (65536ull << format->lbads > emu->largest_bytes && !emu->config.mdts)
		return false;
	return (!format->pif && index < EMU_FORMATS_PLAIN) || emu_wide_formats(ctrl);
}

struct emu_ns *emu_ns_allocated(const struct emu *emu, uint32_t nsid)
{
	if (nsid == 0 || nsid > emu->config.nn || !emu->ns[nsid].allocated)
		return NULL;
	return &emu->ns[nsid];
}

bool emu_ns_valid(const struct emu *emu, uint32_t nsid)
{
	return nsid > 0 && nsid <= emu->config.nn;
}

uint32_t emu_ns_next(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t after)
{
	for (uint32_t nsid = after + 1; nsid <= emu->config.nn; nsid++) {
		if (emu->ns[nsid].attached >> ctrl->index & 1)
			return nsid;
	}
	return 0;
}

uint32_t emu_ns_next_allocated(const struct emu *emu, uint32_t after)
{
	for (uint32_t nsid = after + 1; nsid <= emu->config.nn; nsid++) {
		if (emu->ns[nsid].allocated)
			return nsid;
	}
	return 0;
}

/* An NSID that no namespace can have, or that none has here now (Base 2.0 3.2.1, unverified). */
nvme_status emu_ns_bad(const struct emu *emu, struct emu_req *req)
{
	if (emu_ns_valid(emu, nvme_cpu32(req->sqe.nsid)))
		return emu_bad_field(req, NSID, 0);
	return emu_bad(req, NVME_SC_INVALID_NS, NSID, 0);
}

void emu_ns_set_format(struct emu_ns *ns, uint32_t index)
{
	ns->format = (uint8_t)index;
	ns->lbads = emu_formats[index].lbads;
	ns->ms = emu_formats[index].ms;
}

/* Controllers that a namespace of the configuration is attached to. */
static uint16_t attached_of(const struct emu *emu, const struct emu_ns_config *config)
{
	uint32_t all = (1u << emu->config.controllers) - 1;

	if (config->detached)
		return 0;
	if (config->attached)
		return config->attached;
	return (uint16_t)(config->exclusive ? 1 : all);
}

void emu_ns_init(struct emu *emu)
{
	for (uint32_t i = 0; i < emu->config.namespaces; i++) {
		const struct emu_ns_config *config = &emu->config.ns[i];
		struct emu_ns *ns = &emu->ns[config->nsid];

		ns->allocated = true;
		ns->attached = attached_of(emu, config);
		ns->shared = !config->exclusive && emu->config.controllers > 1;
		ns->extended = config->extended;
		ns->pi_type = config->pi;
		ns->pi_first = config->pi_first;
		ns->blocks = config->blocks;
		ns->anagrpid = emu_ana_group(emu, config->anagrpid);
		ns->lbstm_clear = config->lbstm_clear;
		emu_ns_set_format(ns, emu_format_find(config->lbads, config->ms, config->pif));
	}
}

nvme_status emu_ns_check_range(const struct emu_ns *ns, struct emu_req *req, uint64_t slba,
			       uint32_t nlb)
{
	if (slba < ns->blocks && nlb <= ns->blocks - slba)
		return NVME_SC_SUCCESS;
	req->error_lba = slba;
	return emu_bad(req, NVME_SC_LBA_OUT_OF_RANGE, offsetof(struct nvme_sqe, cdw10), 0);
}
