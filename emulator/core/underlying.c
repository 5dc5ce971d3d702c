/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program asks for that offers the namespaces of this subsystem to others by NVMe over
 * Fabrics: the list of namespaces (CNS 1Dh), an entry for each controller that a namespace is
 * attached to, and the list of ports for fabrics (CNS 1Eh), of which there is none: ports of this
 * subsystem are PCI Express (Base 2.1 5.1.13.4.1 and 5.1.13.4.2; what NUMENT counts, unverified).
 */
#include "emulator/core/identify.h"

static void put_entry(const struct emu *emu, uint32_t nsid, uint32_t ctrl,
		      struct nvme_underlying_entry *entry)
{
	emu_put_subnqn(emu, entry->subnqn, sizeof(entry->subnqn));
	entry->nsid = nvme_le32(nsid);
	entry->cntlid = nvme_le16((uint16_t)(emu->config.cntlid + ctrl));
}

/* Entries from index CNSSID on, as many as fit. */
void emu_fill_underlying(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			 const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_underlying_list *list = (void *)data;
	uint32_t first = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_IDENTIFY_CNSSID);
	uint32_t index = 0, count = 0;

	(void)ctrl;
	(void)ns;
	for (uint32_t nsid = emu_ns_next_allocated(emu, 0); nsid;
	     nsid = emu_ns_next_allocated(emu, nsid)) {
		for (uint32_t i = 0; i < emu->config.controllers; i++) {
			if (!(emu->ns[nsid].attached >> i & 1) || index++ < first)
				continue;
			if (count < NVME_UNDERLYING_ENTRIES)
				put_entry(emu, nsid, i, &list->entry[count++]);
		}
	}
	list->genctr = nvme_le64(emu->attachments);
	list->nument = nvme_le64(count);
}

/* It never changes, so its generation stays 0. */
void emu_fill_ports(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		    const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_ports_list *list = (void *)data;

	(void)emu;
	(void)ctrl;
	(void)req;
	(void)ns;
	list->nument = nvme_le64(0);
}
