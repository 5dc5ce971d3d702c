/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Operations on whole namespaces. They are done one at a time, in the order of their commands:
 *
 *   start -> drain (commands in flight end) -> media (each namespace) -> time -> end
 *
 * A command waits, parked, until its operation ends. An operation that has started goes on when the
 * controller of its command is reset.
 */
#ifndef NVMELAB_EMULATOR_CORE_JOB_H
#define NVMELAB_EMULATOR_CORE_JOB_H

#include "emulator/core/internal.h"

/** emu_jobs_init - none */
void emu_jobs_init(struct emu *emu);

/** emu_job_queue - @req waits for its turn; Return: EMU_PARK */
emu_verdict emu_job_queue(struct emu *emu, struct emu_req *req);

/** emu_jobs_forget - a reset of @ctrl: its commands that wait are dropped, one under way goes on */
void emu_jobs_forget(struct emu *emu, struct emu_ctrl *ctrl);

/** emu_job_expired - handler of EMU_TIMER_JOB: one step */
void emu_job_expired(struct emu *emu);

/** emu_job_media_done - the medium's answer to a request with tag EMU_TAG_JOB */
void emu_job_media_done(struct emu *emu, int result);

/** emu_ns_is_idle - no command that was let through works on namespace @nsid */
bool emu_ns_is_idle(const struct emu *emu, uint32_t nsid);

/** emu_drained - something that a drain waits for may have ended */
void emu_drained(struct emu *emu);

/* ns_mgmt.c and format.c: what is different for each kind. */

/**
 * struct emu_job_ops - a row
 * @start: checks once more, marks the namespaces with ns->job. Return: a status to end at once.
 * @media: what the medium is asked for; tag, nsid, op, lbads, ms and blocks
 * @changed: the medium has done it for @ns
 * @end: everything is done, or failed; @ns->job of all is cleared after it
 */
struct emu_job_ops {
	nvme_status (*start)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
	void (*media)(struct emu *emu, const struct emu_ns *ns, struct emu_media *media);
	void (*changed)(struct emu *emu, struct emu_req *req, struct emu_ns *ns);
	void (*end)(struct emu *emu, struct emu_req *req, struct emu_ns *ns, nvme_status status);
};

/* ns_mgmt.c and format.c: the commands. */
emu_verdict emu_exec_ns_mgmt(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
nvme_status emu_transfer_ns_mgmt(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 uint8_t *bytes);
uint32_t emu_ns_mgmt_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
emu_verdict emu_exec_ns_attach(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
nvme_status emu_transfer_ns_attach(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				   uint8_t *data);
uint32_t emu_ns_attach_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
emu_verdict emu_exec_format(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);

extern const struct emu_job_ops emu_create_job, emu_delete_job, emu_format_job;

#endif
