/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Namespace Management and Namespace Attachment (Base 2.0 5.23, 5.22 and 8.11, unverified):
 * namespaces are created and deleted, attached and detached.
 */
#include "emulator/core/feature.h"
#include "emulator/core/job.h"
#include "emulator/core/stage.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW11 offsetof(struct nvme_sqe, cdw11)
#define NSID  offsetof(struct nvme_sqe, nsid)

static uint32_t sel_of(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_NS_MGMT_SEL);
}

/* Capacity. */

uint64_t emu_capacity_used(const struct emu *emu)
{
	uint64_t used = 0;

	for (uint32_t nsid = 1; nsid <= emu->config.nn; nsid++) {
		const struct emu_ns *ns = &emu->ns[nsid];

		if (ns->allocated || ns->job == EMU_JOB_CREATE)
			used += (ns->blocks + ns->hidden) << ns->lbads;
	}
	return used;
}

/* Namespace Management. */

uint32_t emu_ns_mgmt_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	return sel_of(req) == NVME_NS_MGMT_CREATE ? (uint32_t)sizeof(struct nvme_ns_mgmt_create)
						  : 0;
}

emu_verdict emu_exec_ns_mgmt(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t csi = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_NS_MGMT_CSI);
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	(void)ctrl;
	if (sel_of(req) == NVME_NS_MGMT_CREATE) {
		if (emu->config.vs >= EMU_VS_2_0 && csi != NVME_CSI_NVM)
			return emu_bad(req, NVME_SC_IOCS_NOT_SUPPORTED, CDW11 + 3, 0);
		return EMU_TRANSFER;
	}
	if (sel_of(req) != NVME_NS_MGMT_DELETE)
		return emu_bad_field(req, CDW10, 0);
	if (nsid != NVME_NSID_ALL && !emu_ns_allocated(emu, nsid))
		return emu_ns_bad(emu, req);
	return emu_job_queue(emu, req);
}

/* Size, format, and what else the data asks for that there is not. */
static nvme_status check_create(const struct emu *emu, const struct emu_ctrl *ctrl,
				const struct nvme_ns_mgmt_create *data)
{
	uint32_t format = nvme_id_ns_format(data->flbas);
	uint64_t blocks = nvme_cpu64(data->nsze), capacity = nvme_cpu64(data->ncap);

	if (!emu_format_available(emu, ctrl, format) ||
	    !emu_pi_possible(emu, format, NVME_GET(data->dps, NVME_ID_NS_DPS_PI)) ||
	    data->dps > NVME_MASK(NVME_ID_NS_DPS_PI) + NVME_MASK(NVME_ID_NS_DPS_FIRST))
		return NVME_SC_INVALID_FORMAT | NVME_DNR;
	if (blocks == 0 || capacity > blocks ||
	    data->nmic & (uint8_t)~NVME_MASK(NVME_ID_NS_NMIC_SHARED) || nvme_cpu16(data->nvmsetid))
		return NVME_SC_INVALID_FIELD | NVME_DNR;
	if (capacity < blocks)
		return NVME_SC_THIN_PROVISIONING_UNSUPPORTED | NVME_DNR;
	return NVME_SC_SUCCESS;
}

/* 0 is whichever group the controller takes; there is at most one endurance group. */
static nvme_status check_groups(const struct emu *emu, const struct nvme_ns_mgmt_create *data)
{
	uint32_t endgid = nvme_cpu16(data->endgid);

	if (!emu_ana_group_valid(emu, nvme_cpu32(data->anagrpid)))
		return NVME_SC_ANA_GROUP_ID_INVALID | NVME_DNR;
	return endgid && endgid != emu_endgid(emu) ? NVME_SC_INVALID_FIELD | NVME_DNR
						   : NVME_SC_SUCCESS;
}

/* The Error Information log tells how much would have been needed. */
static nvme_status check_capacity(const struct emu *emu, struct emu_req *req, uint64_t blocks,
				  uint32_t lbads)
{
	uint64_t left = emu->config.capacity - emu_capacity_used(emu);

	if (blocks <= left >> lbads)
		return NVME_SC_SUCCESS;
	req->slba = blocks > UINT64_MAX >> lbads ? UINT64_MAX : blocks << lbads;
	return NVME_SC_NS_INSUFFICIENT_CAPACITY | NVME_DNR;
}

static uint32_t free_nsid(const struct emu *emu)
{
	for (uint32_t nsid = 1; nsid <= emu->config.nn; nsid++) {
		if (!emu->ns[nsid].allocated && emu->ns[nsid].job == EMU_JOB_NONE)
			return nsid;
	}
	return 0;
}

/* A place in the table is taken at once, so that no other Create takes it or its capacity. */
nvme_status emu_transfer_ns_mgmt(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 uint8_t *bytes)
{
	const struct nvme_ns_mgmt_create *data = (const void *)bytes;
	uint32_t format = nvme_id_ns_format(data->flbas);
	uint32_t nsid = free_nsid(emu);
	nvme_status status = check_create(emu, ctrl, data);
	struct emu_ns *ns = &emu->ns[nsid];

	if (!status)
		status = check_groups(emu, data);
	if (!status)
		status = check_capacity(emu, req, nvme_cpu64(data->nsze),
					emu_formats[format].lbads);
	if (status)
		return status;
	if (!nsid)
		return NVME_SC_NS_ID_UNAVAILABLE | NVME_DNR;
	*ns = (struct emu_ns){
		.job = EMU_JOB_CREATE,
		.shared = NVME_GET(data->nmic, NVME_ID_NS_NMIC_SHARED),
		.extended = NVME_GET(data->flbas, NVME_ID_NS_FLBAS_MSET) && emu_formats[format].ms,
		.pi_type = (uint8_t)NVME_GET(data->dps, NVME_ID_NS_DPS_PI),
		.pi_first = NVME_GET(data->dps, NVME_ID_NS_DPS_FIRST),
		.blocks = nvme_cpu64(data->nsze),
		.anagrpid = emu_ana_group(emu, nvme_cpu32(data->anagrpid)),
		.endgid = emu_endgid(emu),
		.lbstm_clear = ~nvme_cpu64(data->lbstm),
		.generation = ++emu->ns_generation,
	};
	emu_ns_set_format(ns, format);
	req->ns = ns;
	req->dw0 = nsid;
	return emu_job_queue(emu, req);
}

/* Persistent event 06h: as the namespace is, or was. */
static void remember(struct emu *emu, const struct emu_ns *ns, enum nvme_ns_mgmt_sel sel)
{
	struct nvme_pel_change_ns event = {
		.nsmgt_cdw10 = nvme_le32(sel),
		.nsze = nvme_le64(ns->blocks),
		.nscap = nvme_le64(ns->blocks),
		.flbas = ns->format,
		.dps = ns->pi_type,
		.nmic = ns->shared,
		.ana_grp_id = nvme_le32(ns->anagrpid),
		.nsid = nvme_le32((uint32_t)(ns - emu->ns)),
	};

	emu_pel_add(emu, NULL, NVME_PEL_EVENT_CHANGE_NS, &event, sizeof(event));
}

static nvme_status start_create(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	(void)req;
	return NVME_SC_SUCCESS; /* It was marked when the data came. */
}

static void describe_create(struct emu *emu, const struct emu_ns *ns, struct emu_media *media)
{
	(void)emu;
	media->op = EMU_MEDIA_FORMAT;
	media->lbads = ns->lbads;
	media->ms = ns->ms;
	media->blocks = ns->blocks;
}

static void created(struct emu *emu, struct emu_req *req, struct emu_ns *ns)
{
	ns->allocated = true;
	remember(emu, ns, NVME_NS_MGMT_CREATE);
	emu_ns_save(emu, req, ns);
}

/* What could not be created leaves no trace. */
static void end_create(struct emu *emu, struct emu_req *req, struct emu_ns *ns, nvme_status status)
{
	(void)emu;
	(void)req;
	if (status)
		memset(ns, 0, sizeof(*ns));
}

const struct emu_job_ops emu_create_job = { start_create, describe_create, created, end_create };

void emu_ns_attach(struct emu *emu, struct emu_ns *ns, uint32_t attached)
{
	uint32_t concerned = ns->attached ^ attached;

	ns->attached = (uint16_t)attached;
	emu->attachments += concerned != 0;
	if (concerned && ns->anagrpid)
		emu_ana_ns_changed(emu, ns->anagrpid);
	emu_ns_tell(emu, (uint32_t)(ns - emu->ns), concerned);
}

/* From now on nothing new reaches it; what is under way ends first. */
static void mark_deleted(struct emu *emu, uint32_t nsid)
{
	struct emu_ns *ns = &emu->ns[nsid];

	emu_self_test_disturb(emu, nsid, NVME_SELF_TEST_ABORTED_NS_REMOVED);
	ns->job = EMU_JOB_DELETE;
	emu_ns_attach(emu, ns, 0);
}

static nvme_status start_delete(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	(void)ctrl;
	if (nsid != NVME_NSID_ALL && !emu_ns_allocated(emu, nsid))
		return emu_ns_bad(emu, req);
	if (nsid != NVME_NSID_ALL)
		mark_deleted(emu, nsid);
	else
		for (nsid = emu_ns_next_allocated(emu, 0); nsid;
		     nsid = emu_ns_next_allocated(emu, nsid))
			mark_deleted(emu, nsid);
	return NVME_SC_SUCCESS;
}

static void describe_delete(struct emu *emu, const struct emu_ns *ns, struct emu_media *media)
{
	(void)emu;
	(void)ns;
	media->op = EMU_MEDIA_DELETE;
}

/* The place stays, empty, with its mark until the operation ends. */
static void deleted(struct emu *emu, struct emu_req *req, struct emu_ns *ns)
{
	remember(emu, ns, NVME_NS_MGMT_DELETE);
	emu_suspect_forget(emu, (uint32_t)(ns - emu->ns));
	*ns = (struct emu_ns){ .job = EMU_JOB_DELETE, .generation = ns->generation };
	emu_forget_ns_features(emu, (uint32_t)(ns - emu->ns));
	emu_ns_save(emu, req, ns);
}

const struct emu_job_ops emu_delete_job = { start_delete, describe_delete, deleted, NULL };

/* Namespace Attachment. */

uint32_t emu_ns_attach_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	(void)req;
	return sizeof(struct nvme_ctrl_list);
}

emu_verdict emu_exec_ns_attach(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	const struct emu_ns *ns = emu_ns_allocated(emu, nsid);

	(void)ctrl;
	if (NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_NS_ATTACH_SEL) > NVME_NS_ATTACH_DETACH)
		return emu_bad_field(req, CDW10, 0);
	if (!ns || ns->job == EMU_JOB_DELETE)
		return emu_ns_bad(emu, req);
	return EMU_TRANSFER;
}

/* The list as bits; 0 for one that is empty, too long, not ascending, or of strangers. */
static uint32_t read_list(const struct emu *emu, const struct nvme_ctrl_list *list)
{
	uint32_t count = nvme_cpu16(list->num), which = 0;

	if (count > NVME_CTRL_LIST_ENTRIES)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t id = nvme_cpu16(list->id[i]);
		uint32_t index = id - emu->config.cntlid;

		if (id < emu->config.cntlid || index >= emu->config.controllers || which >> index)
			return 0;
		which |= 1u << index;
	}
	return which;
}

static nvme_status attach(struct emu *emu, struct emu_ns *ns, uint32_t which)
{
	if (ns->attached & which)
		return NVME_SC_NS_ALREADY_ATTACHED | NVME_DNR;
	if (!ns->shared && (ns->attached || (which & (which - 1))))
		return NVME_SC_NS_IS_PRIVATE | NVME_DNR;
	emu_ns_attach(emu, ns, ns->attached | which);
	return NVME_SC_SUCCESS;
}

/* Commands that are under way there end as if nothing had happened. */
static nvme_status detach(struct emu *emu, struct emu_ns *ns, uint32_t which)
{
	if (which & ~(uint32_t)ns->attached)
		return NVME_SC_NS_NOT_ATTACHED | NVME_DNR;
	emu_ns_attach(emu, ns, ns->attached & ~which);
	return NVME_SC_SUCCESS;
}

/* All controllers of the list, or none. */
nvme_status emu_transfer_ns_attach(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				   uint8_t *data)
{
	bool detaching = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_NS_ATTACH_SEL) ==
			 NVME_NS_ATTACH_DETACH;
	uint32_t which = read_list(emu, (const void *)data);
	struct emu_ns *ns = &emu->ns[nvme_cpu32(req->sqe.nsid)];
	nvme_status status;

	(void)ctrl;
	if (!which)
		return NVME_SC_CTRL_LIST_INVALID | NVME_DNR;
	if (!ns->allocated || ns->job == EMU_JOB_DELETE)
		return emu_ns_bad(emu, req);
	status = detaching ? detach(emu, ns, which) : attach(emu, ns, which);
	if (!status)
		emu_ns_save(emu, req, ns);
	return status;
}
