/* SPDX-License-Identifier: BSD-3-Clause */
/* What others are told of a namespace that changed: hosts by an event and a log, the state file. */
#include "emulator/core/log.h"
#include "emulator/core/save.h"

#define VERSION	       2
#define OLDEST_VERSION 1 /* without the last member */

/* A namespace as it is kept. A deleted one has allocated 0: it may be of the configuration. */
struct record {
	nvme_u16le version;
	uint8_t allocated;
	uint8_t flags;
	uint8_t format;
	uint8_t pi_type;
	nvme_u16le attached;
	nvme_u64le blocks;
	nvme_u32le anagrpid;
	nvme_u16le endgid;
	nvme_u16le reserved;
	nvme_u32le generation;
	nvme_u32le generations; /* of the subsystem */
	nvme_u64le lbstm_clear;
};

#define FLAG_SHARED   1
#define FLAG_EXTENDED 2
#define FLAG_PI_FIRST 4
#define FLAGS	      7

void emu_ns_save(struct emu *emu, struct emu_req *req, const struct emu_ns *ns)
{
	struct record record = {
		.version = nvme_le16(VERSION),
		.allocated = ns->allocated,
		.flags = (uint8_t)((ns->shared ? FLAG_SHARED : 0) |
				   (ns->extended ? FLAG_EXTENDED : 0) |
				   (ns->pi_first ? FLAG_PI_FIRST : 0)),
		.format = ns->format,
		.pi_type = ns->pi_type,
		.attached = nvme_le16(ns->attached),
		.blocks = nvme_le64(ns->blocks + ns->hidden),
		.anagrpid = nvme_le32(ns->anagrpid),
		.endgid = nvme_le16(ns->endgid),
		.generation = nvme_le32(ns->generation),
		.generations = nvme_le32(emu->ns_generation),
		.lbstm_clear = nvme_le64(ns->lbstm_clear),
	};

	emu_save(emu, req, EMU_RECORD_NAMESPACE, (uint32_t)(ns - emu->ns), &record, sizeof(record));
}

/* The configuration may have become smaller meanwhile: what no longer fits is refused. */
static bool is_possible(const struct emu *emu, const struct record *record)
{
	uint32_t attached = nvme_cpu16(record->attached), format = record->format;
	uint64_t blocks = nvme_cpu64(record->blocks);

	if (record->allocated > 1 || (record->flags & ~FLAGS) ||
	    attached >> emu->config.controllers)
		return false;
	if (!record->allocated)
		return attached == 0;
	if (format >= EMU_FORMATS || !emu_pi_possible(emu, format, record->pi_type) ||
	    (emu_formats[format].ms && !emu->config.metadata) ||
	    (emu->config.ana && !emu_ana_group_valid(emu, nvme_cpu32(record->anagrpid))))
		return false;
	return blocks > 0 && blocks <= UINT64_MAX >> emu_formats[format].lbads >> 1 &&
	       ((record->flags & FLAG_SHARED) || (attached & (attached - 1)) == 0);
}

/* Version 1 had fewer formats, and in another order. */
#define OLD_FORMAT_PIF_64 14
#define NEW_FORMAT_PIF_64 18

/* Return: whether it is a record of a version that we know; what an older one lacks is 0. */
static bool read_record(struct record *record, const uint8_t *data, uint32_t bytes)
{
	uint32_t version = nvme_load_le16(data);
	size_t length = version == OLDEST_VERSION ? offsetof(struct record, lbstm_clear)
						  : sizeof(*record);

	if (version < OLDEST_VERSION || version > VERSION || bytes != length)
		return false;
	memset(record, 0, sizeof(*record));
	memcpy(record, data, bytes);
	if (version == OLDEST_VERSION && record->format == OLD_FORMAT_PIF_64)
		record->format = NEW_FORMAT_PIF_64;
	return true;
}

int emu_load_ns(struct emu *emu, uint32_t nsid, const uint8_t *data, uint32_t bytes)
{
	struct record record;
	struct emu_ns *ns;

	if (!read_record(&record, data, bytes) || !emu_ns_valid(emu, nsid) ||
	    !is_possible(emu, &record))
		return -22;
	ns = &emu->ns[nsid];
	*ns = (struct emu_ns){
		.allocated = record.allocated,
		.shared = record.flags & FLAG_SHARED,
		.extended = record.flags & FLAG_EXTENDED,
		.pi_first = record.flags & FLAG_PI_FIRST,
		.pi_type = record.pi_type,
		.attached = nvme_cpu16(record.attached),
		.blocks = nvme_cpu64(record.blocks),
		.anagrpid = emu_ana_group(emu, nvme_cpu32(record.anagrpid)),
		.endgid = nvme_cpu16(record.endgid),
		.generation = nvme_cpu32(record.generation),
		.lbstm_clear = nvme_cpu64(record.lbstm_clear),
	};
	if (ns->allocated)
		emu_ns_set_format(ns, record.format);
	if (emu->ns_generation < nvme_cpu32(record.generations))
		emu->ns_generation = nvme_cpu32(record.generations);
	return 0;
}

bool emu_namespace_of(const struct emu *emu, uint32_t nsid, struct emu_ns_config *ret_ns,
		      bool *ret_created)
{
	const struct emu_ns *ns = emu_ns_allocated(emu, nsid);

	if (!ns)
		return false;
	*ret_ns = (struct emu_ns_config){
		.nsid = nsid,
		.blocks = ns->blocks,
		.lbads = ns->lbads,
		.ms = ns->ms,
		.pif = emu_formats[ns->format].pif,
		.pi = ns->pi_type,
		.pi_first = ns->pi_first,
		.extended = ns->extended,
		.exclusive = !ns->shared,
		.detached = ns->attached == 0,
		.attached = ns->attached,
		.anagrpid = ns->anagrpid,
		.lbstm_clear = ns->lbstm_clear,
	};
	*ret_created = ns->generation != 0;
	return true;
}

void emu_ns_tell(struct emu *emu, uint32_t nsid, uint32_t concerned)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];

		if (!(concerned >> i & 1))
			continue;
		if (emu_site(emu, EMU_SITE(NS_CHANGE)) && !emu_fault_ns_change(emu, ctrl, nsid))
			continue;
		nvme_bitset_set(ctrl->ns_changed, nsid);
		emu_raise_event(emu, ctrl, NVME_AER_NS_CHANGED);
	}
}

void emu_ns_changed(struct emu *emu, uint32_t nsid, const struct emu_ctrl *except)
{
	uint32_t concerned = emu->ns[nsid].attached;

	emu_ns_tell(emu, nsid, except ? concerned & ~(1u << except->index) : concerned);
}

bool emu_has_changed_ns(const struct emu *emu)
{
	return emu->config.ns_mgmt || emu->config.format;
}

/* Base 2.0 5.16.1.5: ascending; there are never more than the list holds. */
void emu_fill_changed_ns(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			 uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	uint64_t at = 0;

	(void)emu;
	(void)req;
	for (uint32_t nsid = nvme_bitset_next(ctrl->ns_changed, 1); nsid != NVME_BITSET_NONE;
	     nsid = nvme_bitset_next(ctrl->ns_changed, nsid + 1)) {
		uint8_t entry[4];

		nvme_store_le32(entry, nsid);
		emu_log_put(&part, at, entry, sizeof(entry));
		at += sizeof(entry);
	}
}

/* Reading clears the list, whether or not the event is retained. */
void emu_changed_ns_read(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)req;
	nvme_bitset_init(ctrl->ns_changed, emu->config.nn + 1);
}
