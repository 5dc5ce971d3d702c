/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Format NVM (Base 2.0 5.14, unverified). The data of a namespace goes, whatever Secure Erase
 * Settings say: a block that was formatted reads as zeros.
 */
#include "emulator/core/job.h"
#include "emulator/core/stage.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)

static uint32_t cdw10_of(const struct emu_req *req)
{
	return nvme_cpu32(req->sqe.cdw10);
}

/* The high bits are of controllers with more than 16 formats (LBAFEE); others ignore them. */
static uint32_t format_of(const struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint32_t high = NVME_GET(cdw10_of(req), NVME_FORMAT_LBAFU);

	return NVME_GET(cdw10_of(req), NVME_FORMAT_LBAFL) |
	       (emu_wide_formats(ctrl) ? high << 4 : 0);
}

bool emu_pi_possible(const struct emu *emu, uint32_t format, uint32_t pi)
{
	return pi == NVME_PI_NONE ||
	       (emu->config.pi && pi <= NVME_PI_TYPE3 && emu_formats[format].ms > 0);
}

/* The size in bytes stays; a block more than that has no room. */
static uint64_t new_blocks(const struct emu_ns *ns, uint32_t format)
{
	return ((ns->blocks + ns->hidden) << ns->lbads) >> emu_formats[format].lbads;
}

static nvme_status check_target(const struct emu *emu, const struct emu_ctrl *ctrl,
				struct emu_req *req, uint32_t nsid)
{
	const struct emu_ns *ns = emu_ns_find(emu, ctrl, nsid);

	if (!ns)
		return emu_ns_bad(emu, req);
	if (new_blocks(ns, format_of(ctrl, req)) == 0)
		return emu_bad(req, NVME_SC_INVALID_FORMAT, CDW10, 0);
	return NVME_SC_SUCCESS;
}

static nvme_status check_targets(const struct emu *emu, const struct emu_ctrl *ctrl,
				 struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	nvme_status status = NVME_SC_SUCCESS;

	if (nsid != NVME_NSID_ALL)
		return check_target(emu, ctrl, req, nsid);
	for (nsid = emu_ns_next(emu, ctrl, 0); nsid && !status; nsid = emu_ns_next(emu, ctrl, nsid))
		status = check_target(emu, ctrl, req, nsid);
	return status;
}

emu_verdict emu_exec_format(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t format = format_of(ctrl, req);
	nvme_status status;

	if (NVME_GET(cdw10_of(req), NVME_FORMAT_SES) > NVME_FORMAT_SES_CRYPTO)
		return emu_bad_field(req, CDW10 + 1, 1);
	if (!emu_format_available(emu, ctrl, format))
		return emu_bad(req, NVME_SC_INVALID_FORMAT, CDW10, 0);
	if (!emu_pi_possible(emu, format, NVME_GET(cdw10_of(req), NVME_FORMAT_PI)))
		return emu_bad(req, NVME_SC_INVALID_FORMAT, CDW10, 5);
	if (NVME_GET(cdw10_of(req), NVME_FORMAT_MSET) && !emu->config.metadata)
		return emu_bad(req, NVME_SC_INVALID_FORMAT, CDW10, 4);
	status = check_targets(emu, ctrl, req);
	return status ? status : emu_job_queue(emu, req);
}

static void mark(struct emu *emu, uint32_t nsid)
{
	struct nvme_pel_format_start event = {
		.nsid = nvme_le32(nsid),
		.fna = NVME_MASK(NVME_ID_CTRL_FNA_CRYPTO_ERASE),
		.format_nvm_cdw10 = nvme_le32(emu->job.cdw10),
	};

	emu->ns[nsid].job = EMU_JOB_FORMAT;
	emu_self_test_disturb(emu, nsid, NVME_SELF_TEST_ABORTED_FORMAT);
	emu_pel_add(emu, NULL, NVME_PEL_EVENT_FORMAT_START, &event, sizeof(event));
}

/* Of the namespaces that the command is about, those that its controller has. */
static nvme_status start_format(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	nvme_status status = check_targets(emu, ctrl, req);

	if (status)
		return status;
	emu->job.cdw10 = cdw10_of(req);
	emu->job.format = (uint8_t)format_of(ctrl, req);
	emu->job.due_nsec = emu->now_nsec + emu->config.format_time;
	emu->gates |= EMU_GATE_FORMAT;
	if (nsid != NVME_NSID_ALL) {
		mark(emu, nsid);
		return NVME_SC_SUCCESS;
	}
	for (nsid = emu_ns_next(emu, ctrl, 0); nsid; nsid = emu_ns_next(emu, ctrl, nsid))
		mark(emu, nsid);
	return NVME_SC_SUCCESS;
}

static void describe_format(struct emu *emu, const struct emu_ns *ns, struct emu_media *media)
{
	uint32_t format = emu->job.format;

	media->op = EMU_MEDIA_FORMAT;
	media->lbads = emu_formats[format].lbads;
	media->ms = emu_formats[format].ms;
	media->blocks = new_blocks(ns, format);
}

static void formatted(struct emu *emu, struct emu_req *req, struct emu_ns *ns)
{
	uint32_t cdw10 = emu->job.cdw10;

	ns->blocks = new_blocks(ns, emu->job.format);
	ns->hidden = 0;
	emu_ns_set_format(ns, emu->job.format);
	ns->extended = NVME_GET(cdw10, NVME_FORMAT_MSET) && ns->ms;
	ns->pi_type = (uint8_t)NVME_GET(cdw10, NVME_FORMAT_PI);
	ns->pi_first = ns->pi_type && NVME_GET(cdw10, NVME_FORMAT_PIL);
	emu_suspect_forget(emu, (uint32_t)(ns - emu->ns));
	emu_ns_save(emu, req, ns);
}

static void end_format(struct emu *emu, struct emu_req *req, struct emu_ns *ns, nvme_status status)
{
	struct nvme_pel_format_completion event = {
		.nsid = nvme_le32((uint32_t)(ns - emu->ns)),
		.format_nvm_status = status != NVME_SC_SUCCESS,
		.status_field = nvme_le32(status),
	};

	(void)req;
	emu_pel_add(emu, NULL, NVME_PEL_EVENT_FORMAT_COMPLETION, &event, sizeof(event));
	emu_ns_changed(emu, (uint32_t)(ns - emu->ns), NULL);
}

const struct emu_job_ops emu_format_job = { start_format, describe_format, formatted, end_format };

/* FPI: what is left of the time, in percent rounded up; the medium's part has no measure. */
uint8_t emu_format_remaining(const struct emu *emu, const struct emu_ns *ns)
{
	uint64_t time = emu->config.format_time, left;

	if (ns->job != EMU_JOB_FORMAT)
		return 0;
	if (time == 0 || emu->job.due_nsec <= emu->now_nsec)
		return 1;
	left = emu->job.due_nsec - emu->now_nsec;
	return (uint8_t)((left * 100 + time - 1) / time);
}
