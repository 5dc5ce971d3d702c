/* SPDX-License-Identifier: BSD-3-Clause */
/* Identify for lists: of namespaces, of controllers, of granularities (Base 2.0 5.17.2). */
#include "emulator/core/identify.h"

typedef uint32_t next_ns(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t after);

static void fill_ns_list(struct emu *emu, const struct emu_ctrl *ctrl, const struct emu_req *req,
			 uint8_t *data, next_ns *next)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	for (uint32_t i = 0; i < NVME_IDENTIFY_BYTES / 4; i++) {
		nsid = next(emu, ctrl, nsid);
		if (!nsid)
			break;
		nvme_store_le32(data + 4 * (size_t)i, nsid);
	}
}

/* All namespaces belong to the NVM command set, so the list of that set is the same. */
void emu_fill_active(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		     const struct emu_ns *ns, uint8_t *data)
{
	(void)ns;
	fill_ns_list(emu, ctrl, req, data, emu_ns_next);
}

static uint32_t next_allocated(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t after)
{
	(void)ctrl;
	return emu_ns_next_allocated(emu, after);
}

void emu_fill_allocated(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			const struct emu_ns *ns, uint8_t *data)
{
	(void)ns;
	fill_ns_list(emu, ctrl, req, data, next_allocated);
}

/* Identifiers from CNTID on of the controllers whose bit is set in @which. */
static void fill_ctrl_list(const struct emu *emu, const struct emu_req *req, uint32_t which,
			   uint8_t *data)
{
	uint32_t first = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_IDENTIFY_CNTID);
	struct nvme_ctrl_list *list = (void *)data;
	uint16_t count = 0;

	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		uint32_t cntlid = emu->config.cntlid + i;

		if ((which >> i & 1) && cntlid >= first)
			list->id[count++] = nvme_le16((uint16_t)cntlid);
	}
	list->num = nvme_le16(count);
}

void emu_fill_attached_ctrls(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			     const struct emu_ns *ns, uint8_t *data)
{
	(void)ctrl;
	fill_ctrl_list(emu, req, ns->attached, data);
}

void emu_fill_ctrls(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		    const struct emu_ns *ns, uint8_t *data)
{
	(void)ctrl;
	(void)ns;
	fill_ctrl_list(emu, req, UINT32_MAX, data);
}

/* A namespace may have any number of blocks; descriptor n is for LBA format n. */
void emu_fill_granularity(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			  const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_ns_granularity_list *list = (void *)data;

	(void)req;
	(void)ns;
	list->attributes = nvme_le32(1);
	for (uint32_t i = 0; i < EMU_FORMATS && i < NVME_NS_GRANULARITY_LIST_ENTRIES; i++) {
		if (!emu_format_available(emu, ctrl, i))
			continue;
		list->entry[i].nszegran = nvme_le64(1ull << emu_formats[i].lbads);
		list->entry[i].ncapgran = list->entry[i].nszegran;
		list->num_descriptors = (uint8_t)i;
	}
}
