/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Domains (Base 2.0 3.2.5, unverified): parts of the subsystem that communication with the others
 * may be lost to. Controllers are divided among them in turn. All media are in the first, in its
 * one endurance group; what the others see of them when that is lost, ANA states say.
 */
#include "emulator/core/identify.h"

#define MEDIA_DOMAIN 1

static uint16_t domain_of(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	return (uint16_t)(MEDIA_DOMAIN + ctrl->index % emu->config.domains);
}

uint16_t emu_media_domain(const struct emu *emu)
{
	return emu->config.domains ? MEDIA_DOMAIN : 0;
}

/** emu_identify_domain - the one that the controller is in, and that there are several */
void emu_identify_domain(const struct emu *emu, const struct emu_ctrl *ctrl,
			 struct nvme_id_ctrl *id)
{
	if (emu->config.domains == 0)
		return;
	id->ctratt = nvme_le32(nvme_cpu32(id->ctratt) | NVME_MASK(NVME_ID_CTRL_CTRATT_MDS));
	id->domainid = nvme_le16(domain_of(emu, ctrl));
}

/* What TNVMCAP and UNVMCAP say; without Namespace Management nothing can be allocated. */
static void put_capacity(const struct emu *emu, struct nvme_domain *domain)
{
	uint64_t used = emu_capacity_used(emu);
	uint64_t total = emu->config.ns_mgmt ? emu->config.capacity : used;

	domain->dom_cap.lo = nvme_le64(total);
	domain->unalloc_dom_cap.lo = nvme_le64(total - used);
	domain->max_egrp_dom_cap.lo = nvme_le64(total);
}

/* From the identifier in CNSSID on (Base 2.0 5.17.2.14, unverified). */
void emu_fill_domains(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		      const struct emu_ns *ns, uint8_t *data)
{
	uint32_t first = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_IDENTIFY_CNSSID);
	struct nvme_domain_list *list = (void *)data;

	(void)ctrl;
	(void)ns;
	for (uint32_t id = MEDIA_DOMAIN; id < MEDIA_DOMAIN + emu->config.domains; id++) {
		struct nvme_domain *domain = &list->domain_attr[list->num];

		if (id < first)
			continue;
		domain->dom_id = nvme_le16((uint16_t)id);
		if (id == MEDIA_DOMAIN)
			put_capacity(emu, domain);
		list->num++;
	}
}
