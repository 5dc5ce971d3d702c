/* SPDX-License-Identifier: BSD-3-Clause */
/* Operations on whole namespaces, one at a time: see job.h. */
#include "emulator/core/job.h"

enum job_state {
	JOB_DRAIN,
	JOB_MEDIA,
	JOB_ASKED,
	JOB_TIME,
	JOB_END
};

static const struct emu_job_ops *const kinds[] = {
	[EMU_JOB_CREATE] = &emu_create_job,
	[EMU_JOB_DELETE] = &emu_delete_job,
	[EMU_JOB_FORMAT] = &emu_format_job,
};

void emu_jobs_init(struct emu *emu)
{
	emu->jobs = (struct emu_list){ EMU_NONE, EMU_NONE, 0 };
	emu->job.tag = EMU_NONE;
}

/* The next step is due now: each is a stage of its own. */
static void go_on(struct emu *emu)
{
	emu_sub_timer_set(emu, EMU_TIMER_JOB, emu->now_nsec);
}

emu_verdict emu_job_queue(struct emu *emu, struct emu_req *req)
{
	req->state = EMU_REQ_PARKED;
	emu_list_push(emu, &emu->jobs, req);
	if (emu->job.kind == EMU_JOB_NONE)
		go_on(emu);
	return EMU_PARK;
}

/* What a namespace that waited to be created had taken. */
static void give_back(const struct emu_req *req)
{
	if (req->ns && req->ns->job == EMU_JOB_CREATE)
		memset(req->ns, 0, sizeof(*req->ns));
}

void emu_jobs_forget(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_list all = emu->jobs;
	struct emu_req *req;

	emu->jobs = (struct emu_list){ EMU_NONE, EMU_NONE, 0 };
	while ((req = emu_list_pop(emu, &all)) != NULL) {
		if (req->ctrl != ctrl->index) {
			emu_list_push(emu, &emu->jobs, req);
			continue;
		}
		give_back(req);
		emu_req_drop(emu, req);
	}
	if (emu->job.tag != EMU_NONE && emu->req[emu->job.tag].ctrl == ctrl->index) {
		emu_req_drop(emu, &emu->req[emu->job.tag]);
		emu->job.tag = EMU_NONE;
	}
}

/* A request that was let through and has not ended; admin ones that wait are jobs or events. */
static bool is_under_way(const struct emu_req *req)
{
	switch (req->state) {
	case EMU_REQ_FREE:
	case EMU_REQ_EXECUTE:
	case EMU_REQ_RETIRE:
	case EMU_REQ_SAVING:
		return false;
	case EMU_REQ_PARKED:
		return req->sqid != 0;
	default:
		return true;
	}
}

/* A flush may be of all namespaces. */
static bool works_on(const struct emu *emu, const struct emu_req *req, uint32_t nsid)
{
	if (req->ns == &emu->ns[nsid])
		return true;
	return req->sqid != 0 && req->sqe.opcode == NVME_CMD_FLUSH &&
	       (nvme_cpu32(req->sqe.nsid) == nsid || nvme_cpu32(req->sqe.nsid) == NVME_NSID_ALL);
}

bool emu_ns_is_idle(const struct emu *emu, uint32_t nsid)
{
	for (uint32_t tag = 0; tag < emu_requests(&emu->config); tag++) {
		if (is_under_way(&emu->req[tag]) && works_on(emu, &emu->req[tag], nsid))
			return false;
	}
	return true;
}

void emu_drained(struct emu *emu)
{
	if (emu->job.kind != EMU_JOB_NONE && emu->job.state == JOB_DRAIN)
		go_on(emu);
	emu_sanitize_drained(emu);
}

/* The first namespace after @nsid that the operation is about, or 0. */
static uint32_t next_target(const struct emu *emu, uint32_t nsid)
{
	while (++nsid <= emu->config.nn) {
		if (emu->ns[nsid].job == emu->job.kind)
			return nsid;
	}
	return 0;
}

static bool is_drained(const struct emu *emu)
{
	for (uint32_t nsid = next_target(emu, 0); nsid; nsid = next_target(emu, nsid)) {
		if (!emu_ns_is_idle(emu, nsid))
			return false;
	}
	return true;
}

static struct emu_req *command(struct emu *emu)
{
	return emu->job.tag == EMU_NONE ? NULL : &emu->req[emu->job.tag];
}

static enum emu_job_kind kind_of(const struct emu_req *req)
{
	if (req->sqe.opcode == NVME_ADMIN_FORMAT_NVM)
		return EMU_JOB_FORMAT;
	return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_NS_MGMT_SEL) == NVME_NS_MGMT_CREATE
		       ? EMU_JOB_CREATE
		       : EMU_JOB_DELETE;
}

static void start(struct emu *emu)
{
	struct emu_req *req = emu_list_pop(emu, &emu->jobs);
	struct emu_job *job = &emu->job;
	nvme_status status;

	if (!req)
		return;
	*job = (struct emu_job){ .kind = (uint8_t)kind_of(req),
				 .state = JOB_DRAIN,
				 .tag = req->tag };
	if (emu->gates & EMU_GATE_SANITIZE)
		status = NVME_SC_SANITIZE_IN_PROGRESS;
	else
		status = kinds[job->kind]->start(emu, &emu->ctrl[req->ctrl], req);
	if (status) {
		give_back(req);
		job->kind = EMU_JOB_NONE;
		job->tag = EMU_NONE;
		emu_finish(emu, req, status);
	}
	go_on(emu);
}

static nvme_status status_of(const struct emu_job *job, int error)
{
	static const struct emu_req nobody;
	nvme_status status = emu_status_from_errno(&nobody, error);

	if (job->kind == EMU_JOB_CREATE && status == NVME_SC_CAPACITY_EXCEEDED)
		return NVME_SC_NS_INSUFFICIENT_CAPACITY;
	return status;
}

void emu_job_media_done(struct emu *emu, int result)
{
	struct emu_job *job = &emu->job;

	if (job->kind == EMU_JOB_NONE || job->state != JOB_ASKED)
		emu_panic(emu, "emu_media_done: the medium does not have this request");
	emu_trace(emu, &emu->ctrl[0], MEDIA_DONE, 0xffff, 0xffff, (uint32_t)-result);
	if (emu->watched && job->kind == EMU_JOB_FORMAT)
		emu_cdq_note_ns(emu, job->at, 0, 0);
	if (result == 0) {
		job->state = JOB_MEDIA;
		kinds[job->kind]->changed(emu, command(emu), &emu->ns[job->at]);
	} else {
		job->state = JOB_END;
		job->status = status_of(job, result);
	}
	go_on(emu);
}

static void ask_medium(struct emu *emu)
{
	struct emu_job *job = &emu->job;
	struct emu_media media = { .tag = EMU_TAG_JOB };
	int result;

	job->at = next_target(emu, job->at);
	if (job->at == 0) {
		job->state = JOB_TIME;
		emu_sub_timer_set(emu, EMU_TIMER_JOB,
				  job->due_nsec > emu->now_nsec ? job->due_nsec : emu->now_nsec);
		return;
	}
	media.nsid = job->at;
	kinds[job->kind]->media(emu, &emu->ns[job->at], &media);
	emu_trace(emu, &emu->ctrl[0], MEDIA, 0xffff, 0xffff, media.op, media.nsid, 0, 0);
	job->state = JOB_ASKED;
	result = emu->ops.media(emu->ops.arg, &media);
	if (result != EMU_PENDING)
		emu_job_media_done(emu, result);
}

/* The command ends; so do the marks, and the gate if it was up. */
static void end(struct emu *emu)
{
	struct emu_job job = emu->job;
	struct emu_req *req = command(emu);

	for (uint32_t nsid = next_target(emu, 0); nsid; nsid = next_target(emu, nsid)) {
		struct emu_ns *ns = &emu->ns[nsid];

		if (kinds[job.kind]->end)
			kinds[job.kind]->end(emu, req, ns, job.status);
		ns->job = EMU_JOB_NONE;
	}
	emu->gates &= ~(uint32_t)EMU_GATE_FORMAT;
	emu->job = (struct emu_job){ .tag = EMU_NONE };
	if (req)
		emu_finish(emu, req, job.status);
	go_on(emu);
}

void emu_job_expired(struct emu *emu)
{
	struct emu_job *job = &emu->job;

	if (job->kind == EMU_JOB_NONE) {
		start(emu);
		return;
	}
	switch (job->state) {
	case JOB_DRAIN:
		if (is_drained(emu)) {
			job->state = JOB_MEDIA;
			go_on(emu);
		}
		return;
	case JOB_MEDIA:
		ask_medium(emu);
		return;
	case JOB_ASKED:
		return;
	default:
		end(emu);
	}
}
