/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host Memory Buffer (Base 2.0 5.27.1.10 and 8.9, unverified): host memory that is the controller's
 * until the host takes it back or resets the controller.
 *
 * The controller keeps a map of its namespaces there, 64 bytes an entry with a checksum. Every
 * command that names no namespace looks at one entry, compares it with what it ought to be, and
 * writes it anew; so a host that uses memory that it lent is found out soon, and nothing that is
 * read there is believed.
 */
#include "emulator/core/feature.h"

#include "common/crc.h"
#include "common/random.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW11 offsetof(struct nvme_sqe, cdw11)
#define CDW12 offsetof(struct nvme_sqe, cdw12)
#define CDW13 offsetof(struct nvme_sqe, cdw13)
#define CDW15 offsetof(struct nvme_sqe, cdw15)

#define UNIT_BYTES 4096u /* of HMMIN */

/** struct entry - of the map; @crc is over all before it, begun with the controller's key */
struct entry {
	nvme_u32le magic;
	nvme_u32le nsid;
	nvme_u64le blocks;
	nvme_u32le lbads;
	nvme_u32le ms;
	nvme_u64le visits; /* how often the entry was written */
	uint8_t rsvd32[24];
	nvme_u64le crc;
};

_Static_assert(sizeof(struct entry) == 64, "entries do not cross pages");

#define MAGIC 0x424d484eu /* "NHMB" */

bool emu_has_hmb(const struct emu *emu)
{
	return emu->config.hmb;
}

/** emu_hmb_units - HMMIN: what the map needs, in units of 4 KiB */
uint32_t emu_hmb_units(const struct emu *emu)
{
	return (emu->config.nn * (uint32_t)sizeof(struct entry) + UNIT_BYTES - 1) / UNIT_BYTES;
}

static uint64_t crc_of(const struct emu *emu, const struct emu_ctrl *ctrl,
		       const struct entry *entry)
{
	uint64_t key = nvme_mix(nvme_key(emu->config.serial) ^ ctrl->index);

	return nvme_crc64(key, entry, offsetof(struct entry, crc));
}

/* Where entry @nsid is, or 0: the buffer is smaller than the map. */
static uint64_t place_of(const struct emu_hmb *hmb, uint32_t nsid)
{
	uint64_t at = (nsid - 1) * (uint64_t)sizeof(struct entry);

	for (uint32_t i = 0; i < hmb->ranges; i++) {
		if (at < hmb->range[i].bytes)
			return hmb->range[i].iova + at;
		at -= hmb->range[i].bytes;
	}
	return 0;
}

static void make_entry(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t nsid,
		       uint64_t visits, struct entry *ret_entry)
{
	const struct emu_ns *ns = emu_ns_find(emu, ctrl, nsid);

	memset(ret_entry, 0, sizeof(*ret_entry));
	ret_entry->magic = nvme_le32(MAGIC);
	ret_entry->nsid = nvme_le32(nsid);
	if (ns) {
		ret_entry->blocks = nvme_le64(ns->blocks);
		ret_entry->lbads = nvme_le32(ns->lbads);
		ret_entry->ms = nvme_le32(ns->ms);
	}
	ret_entry->visits = nvme_le64(visits);
	ret_entry->crc = nvme_le64(crc_of(emu, ctrl, ret_entry));
}

static bool is_intact(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t nsid,
		      const struct entry *entry)
{
	return nvme_cpu32(entry->magic) == MAGIC && nvme_cpu32(entry->nsid) == nsid &&
	       nvme_cpu64(entry->crc) == crc_of(emu, ctrl, entry);
}

/* False when the memory is not there any more. */
static bool move(struct emu *emu, struct emu_ctrl *ctrl, uint64_t iova, struct entry *entry,
		 enum emu_prot prot)
{
	void *host = emu->ops.dma(emu->ops.arg, ctrl->index, iova, sizeof(*entry), prot);

	if (host && prot == EMU_DMA_READ)
		memcpy(entry, host, sizeof(*entry));
	else if (host)
		memcpy(host, entry, sizeof(*entry));
	return host != NULL;
}

/* How often the entry was visited before; 0 for one that is not as it was written. */
static uint64_t check_entry(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid, uint64_t iova,
			    const struct entry *entry)
{
	if (is_intact(emu, ctrl, nsid, entry))
		return nvme_cpu64(entry->visits) + 1;
	ctrl->hmb.corrupt++;
	emu_trace(emu, ctrl, HMB_CORRUPT, nsid, iova);
	return 0;
}

/* Reads entry @nsid unless @fresh, writes it. Return: false when the memory was not there. */
static bool visit(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid, bool fresh)
{
	uint64_t iova = place_of(&ctrl->hmb, nsid);
	struct entry entry;
	uint64_t visits = 0;

	if (!iova)
		return true;
	if (!fresh) {
		if (!move(emu, ctrl, iova, &entry, EMU_DMA_READ))
			return false;
		visits = check_entry(emu, ctrl, nsid, iova, &entry);
	}
	make_entry(emu, ctrl, nsid, visits, &entry);
	return move(emu, ctrl, iova, &entry, EMU_DMA_WRITE);
}

/** emu_hmb_stop - the memory is the host's again: nothing touches it from now on */
void emu_hmb_stop(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (ctrl->hmb.enabled)
		emu_trace(emu, ctrl, HMB_STOP, ctrl->hmb.corrupt);
	ctrl->hmb.enabled = false;
}

/** emu_hmb_reset - after a reset the controller knows no buffer (Base 2.0 8.9, unverified) */
void emu_hmb_reset(struct emu *emu, struct emu_ctrl *ctrl)
{
	emu_hmb_stop(emu, ctrl);
	memset(&ctrl->hmb, 0, sizeof(ctrl->hmb));
}

/** emu_hmb_visit - a command is executed, with the buffer enabled: check the next entry */
void emu_hmb_visit(struct emu *emu, struct emu_ctrl *ctrl)
{
	ctrl->hmb.next = ctrl->hmb.next % emu->config.nn + 1;
	/* Memory that went away is a host that forgot to disable: go on without. */
	if (!visit(emu, ctrl, ctrl->hmb.next, false))
		emu_hmb_stop(emu, ctrl);
}

nvme_status emu_get_hmb(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	bool current = sel == NVME_FEATURE_SEL_CURRENT;

	(void)emu;
	(void)setting;
	req->dw0 = NVME_PUT(NVME_FEAT_HMB_EHM, current && ctrl->hmb.enabled);
	if (data && current)
		memcpy(data, &ctrl->hmb.attributes, sizeof(ctrl->hmb.attributes));
	return NVME_SC_SUCCESS;
}

static bool overlaps(const struct emu_hmb *hmb, uint64_t iova, uint64_t bytes)
{
	for (uint32_t i = 0; i < hmb->ranges; i++) {
		if (iova < hmb->range[i].iova + hmb->range[i].bytes &&
		    hmb->range[i].iova < iova + bytes)
			return true;
	}
	return false;
}

/* One descriptor of the list; a size of 0 is none. */
static nvme_status add_range(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_hmb *hmb, uint64_t iova)
{
	const struct nvme_hmb_desc *host;
	struct nvme_hmb_desc desc;
	uint64_t bytes, start;

	host = emu->ops.dma(emu->ops.arg, ctrl->index, iova, sizeof(desc), EMU_DMA_READ);
	if (!host)
		return NVME_SC_DATA_TRANSFER_ERROR;
	memcpy(&desc, host, sizeof(desc));
	emu_trace_data(emu, ctrl, HMB_LIST, &desc, sizeof(desc), req->sqid, req->cid, iova, 1);
	start = nvme_cpu64(desc.badd);
	bytes = (uint64_t)nvme_cpu32(desc.bsize) * ctrl->page_bytes;
	if (bytes == 0)
		return NVME_SC_SUCCESS;
	if (start % ctrl->page_bytes || start > UINT64_MAX - bytes || overlaps(hmb, start, bytes))
		return emu_bad_field(req, CDW13, 0);
	hmb->range[hmb->ranges].iova = start;
	hmb->range[hmb->ranges].bytes = bytes;
	hmb->ranges++;
	hmb->bytes += bytes;
	return NVME_SC_SUCCESS;
}

/* The list, as far as HMMAXD says that the controller uses it. */
static nvme_status read_list(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_hmb *hmb)
{
	uint64_t list = nvme_cpu32(req->sqe.cdw13) | (uint64_t)nvme_cpu32(req->sqe.cdw14) << 32;
	uint32_t count = nvme_cpu32(req->sqe.cdw15);
	uint64_t wanted = (uint64_t)nvme_cpu32(req->sqe.cdw12) * ctrl->page_bytes;
	nvme_status status = NVME_SC_SUCCESS;

	if (list % sizeof(struct nvme_hmb_desc) || list > UINT64_MAX - NVME_IDENTIFY_BYTES)
		return emu_bad_field(req, CDW13, 0);
	if (count == 0)
		return emu_bad_field(req, CDW15, 0);
	for (uint32_t i = 0; !status && i < count && i < EMU_HMB_RANGES; i++)
		status = add_range(emu, ctrl, req, hmb, list + i * sizeof(struct nvme_hmb_desc));
	if (status)
		return status;
	if (count <= EMU_HMB_RANGES && hmb->bytes < wanted)
		return emu_bad_field(req, CDW12, 0);
	if (wanted < (uint64_t)emu_hmb_units(emu) * UNIT_BYTES)
		return emu_bad_field(req, CDW12, 0);
	return NVME_SC_SUCCESS;
}

/*
 * Whatever is wrong is found before anything changes. The memory's contents are undefined, unless
 * the host says that it returns what the controller had before (MR).
 */
nvme_status emu_check_hmb(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  struct emu_setting *setting)
{
	bool returned = NVME_GET(setting->value, NVME_FEAT_HMB_MR);
	struct emu_hmb hmb = { .enabled = true };
	nvme_status status;

	if (!NVME_GET(setting->value, NVME_FEAT_HMB_EHM))
		return NVME_SC_SUCCESS;
	if (ctrl->hmb.enabled)
		return emu_bad(req, NVME_SC_COMMAND_SEQUENCE_ERROR, CDW11, 0);
	status = read_list(emu, ctrl, req, &hmb);
	if (status)
		return status;
	hmb.attributes.hsize = req->sqe.cdw12;
	hmb.attributes.hmdlal = req->sqe.cdw13;
	hmb.attributes.hmdlau = req->sqe.cdw14;
	hmb.attributes.hmdlec = req->sqe.cdw15;
	ctrl->hmb = hmb;
	for (uint32_t nsid = 1; nsid <= emu->config.nn; nsid++) {
		if (visit(emu, ctrl, nsid, !returned))
			continue;
		memset(&ctrl->hmb, 0, sizeof(ctrl->hmb));
		return NVME_SC_DATA_TRANSFER_ERROR;
	}
	emu_trace(emu, ctrl, HMB_START, hmb.ranges, hmb.bytes, returned, ctrl->hmb.corrupt);
	return NVME_SC_SUCCESS;
}

emu_verdict emu_apply_hmb(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  const struct emu_setting *setting)
{
	(void)req;
	if (!NVME_GET(setting->value, NVME_FEAT_HMB_EHM))
		emu_hmb_stop(emu, ctrl);
	return NVME_SC_SUCCESS;
}
