/* SPDX-License-Identifier: BSD-3-Clause */
/* The sanitize operation: see sanitize.h. The log page and the record are in sanitize_log.c. */
#include "emulator/core/job.h"
#include "emulator/core/sanitize_log.h"
#include "emulator/core/stage.h"

#define CDW10	 offsetof(struct nvme_sqe, cdw10)
#define ENOTSUP	 (-95)
#define ZERO_NLB 65536u /* blocks that are made zeros at a time */

/* draining -> [writing, each pass] -> erasing -> waiting; each namespace after the other */
enum step {
	STEP_IDLE,
	STEP_DRAIN,
	STEP_LOOK,    /* for the next blocks to overwrite */
	STEP_LOOKING, /* the medium says which were ever written */
	STEP_WRITE,
	STEP_WRITING,
	STEP_ERASE,
	STEP_ERASING,
	STEP_TIME,
};

uint32_t emu_sanicap(const struct emu *emu)
{
	if (!emu_cmd_supported(emu, true, NVME_ADMIN_SANITIZE))
		return 0;
	return NVME_MASK(NVME_ID_CTRL_SANICAP_CES) | NVME_MASK(NVME_ID_CTRL_SANICAP_BES) |
	       NVME_MASK(NVME_ID_CTRL_SANICAP_OWS) |
	       (emu->config.vs < EMU_VS_1_4
			? 0
			: NVME_PUT(NVME_ID_CTRL_SANICAP_NDI, emu->config.sanitize_ndi) |
				  NVME_PUT(NVME_ID_CTRL_SANICAP_NODMMAS, 1));
}

/* The next step is due now: each is a stage of its own. */
static void go_on(struct emu *emu)
{
	emu_sub_timer_set(emu, EMU_TIMER_SANITIZE, emu->now_nsec);
}

static uint32_t action_of(const struct emu_sanitize *sanitize)
{
	return NVME_GET(sanitize->cdw10, NVME_SANITIZE_SANACT);
}

/* No-Deallocate After Sanitize, unless it is inhibited: then only a warning says so. */
static bool stays_allocated(const struct emu *emu)
{
	return NVME_GET(emu->sanitize.cdw10, NVME_SANITIZE_NDAS) && !emu->config.sanitize_ndi;
}

static bool is_restricted(const struct emu_sanitize *sanitize)
{
	return !NVME_GET(sanitize->cdw10, NVME_SANITIZE_AUSE);
}

void emu_sanitize_start(struct emu *emu)
{
	struct emu_sanitize *sanitize = &emu->sanitize;
	uint32_t passes = NVME_GET(sanitize->cdw10, NVME_SANITIZE_OWPASS);

	sanitize->status = NVME_SANITIZE_RUNNING;
	sanitize->step = STEP_DRAIN;
	sanitize->failed = false;
	sanitize->erased = false;
	sanitize->pass = 0;
	sanitize->passes = 0;
	if (action_of(sanitize) == NVME_SANITIZE_OVERWRITE)
		sanitize->passes = (uint8_t)(passes ? passes : 16);
	sanitize->due_nsec = emu->now_nsec + emu->config.sanitize_time;
	emu->gates = (emu->gates & ~(uint32_t)EMU_GATE_ERASED) | EMU_GATE_SANITIZE;
	go_on(emu);
}

/* Base 2.0 5.24, unverified: what failed in restricted mode is not left but by the same. */
static nvme_status exit_failure(struct emu *emu, struct emu_req *req)
{
	if (!emu->sanitize.failed)
		return NVME_SC_SUCCESS;
	if (is_restricted(&emu->sanitize))
		return NVME_SC_SANITIZE_FAILED | NVME_DNR;
	emu->sanitize.failed = false;
	emu->gates &= ~(uint32_t)EMU_GATE_SANITIZE;
	emu_sanitize_save(emu, req);
	return NVME_SC_SUCCESS;
}

static void remember_start(struct emu *emu)
{
	struct nvme_pel_sanitize_start event = {
		.sani_cap = nvme_le32(emu_sanicap(emu)),
		.sani_cdw10 = nvme_le32(emu->sanitize.cdw10),
		.sani_cdw11 = nvme_le32(emu->sanitize.pattern),
	};

	emu_self_test_disturb(emu, NVME_NSID_ALL, NVME_SELF_TEST_ABORTED_SANITIZE);
	emu_pel_add(emu, NULL, NVME_PEL_EVENT_SANITIZE_START, &event, sizeof(event));
}

/* Base 2.0 5.24: the contents of the region would outlive the operation (unverified). */
static bool is_pmr_enabled(const struct emu *emu)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		if (NVME_GET(emu_reg32(&emu->ctrl[i], NVME_REG_PMRCTL), NVME_PMRCTL_EN))
			return true;
	}
	return false;
}

/* What keeps an operation from starting, though the command is well-formed. */
static nvme_status check_start(const struct emu *emu)
{
	nvme_status firmware = emu_firmware_pending(emu);

	if (is_pmr_enabled(emu))
		return NVME_SC_SANITIZE_PROHIBITED_PMR | NVME_DNR;
	if (firmware) /* Base 2.0 8.21, unverified: activate it first */
		return firmware | NVME_DNR;
	if (emu->job.kind == EMU_JOB_FORMAT)
		return NVME_SC_FORMAT_IN_PROGRESS;
	if (emu->job.kind != EMU_JOB_NONE || emu->jobs.count)
		return NVME_SC_COMMAND_INTERRUPTED;
	return NVME_SC_SUCCESS;
}

emu_verdict emu_exec_sanitize(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	uint32_t action = NVME_GET(cdw10, NVME_SANITIZE_SANACT);
	nvme_status status;

	(void)ctrl;
	if (action == NVME_SANITIZE_EXIT_FAILURE)
		return exit_failure(emu, req);
	if (action != NVME_SANITIZE_BLOCK_ERASE && action != NVME_SANITIZE_OVERWRITE &&
	    action != NVME_SANITIZE_CRYPTO_ERASE)
		return emu_bad_field(req, CDW10, 0);
	if (NVME_GET(cdw10, NVME_SANITIZE_NDAS) && emu->config.sanitize_ndi &&
	    !NVME_GET(emu->features.sanitize, NVME_FEAT_SANITIZE_NODRM))
		return emu_bad_field(req, CDW10 + 1, 1);
	if (emu->sanitize.failed && is_restricted(&emu->sanitize) &&
	    NVME_GET(cdw10, NVME_SANITIZE_AUSE))
		return NVME_SC_SANITIZE_FAILED | NVME_DNR;
	status = check_start(emu);
	if (status)
		return status;
	emu->sanitize.cdw10 = cdw10;
	emu->sanitize.pattern = nvme_cpu32(req->sqe.cdw11);
	emu_sanitize_start(emu);
	remember_start(emu);
	emu_sanitize_save(emu, req);
	return NVME_SC_SUCCESS;
}

emu_verdict emu_check_sanitize(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       struct emu_ns *ns, const struct emu_cmd *cmd)
{
	(void)ctrl;
	(void)ns;
	if (cmd->flags & EMU_CMD_DURING_SANITIZE)
		return EMU_TRANSFER;
	if (!emu->sanitize.failed)
		return NVME_SC_SANITIZE_IN_PROGRESS;
	if (req->sqid == 0 && req->sqe.opcode == NVME_ADMIN_SANITIZE)
		return EMU_TRANSFER;
	return NVME_SC_SANITIZE_FAILED | NVME_DNR;
}

/* The first write after it: from then on there is data again. */
emu_verdict emu_check_erased(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_ns *ns, const struct emu_cmd *cmd)
{
	(void)ctrl;
	(void)ns;
	if (req->sqid == 0 || req->sqe.opcode == NVME_CMD_FLUSH || !(cmd->flags & EMU_CMD_WRITES))
		return EMU_TRANSFER;
	emu->sanitize.erased = false;
	emu->gates &= ~(uint32_t)EMU_GATE_ERASED;
	emu_sanitize_save(emu, NULL);
	return EMU_TRANSFER;
}

static bool is_drained(const struct emu *emu)
{
	for (uint32_t nsid = emu_ns_next_allocated(emu, 0); nsid;
	     nsid = emu_ns_next_allocated(emu, nsid)) {
		if (!emu_ns_is_idle(emu, nsid))
			return false;
	}
	return true;
}

void emu_sanitize_drained(struct emu *emu)
{
	if (emu->sanitize.step == STEP_DRAIN)
		go_on(emu);
}

/* Before each pass; an even number of them begins inverted, so that the last one is not. */
static void fill_pattern(struct emu_sanitize *sanitize)
{
	uint32_t left = (uint32_t)sanitize->passes - sanitize->pass;
	bool inverted = NVME_GET(sanitize->cdw10, NVME_SANITIZE_OIPBP) && left % 2;
	uint32_t pattern = inverted ? ~sanitize->pattern : sanitize->pattern;

	for (uint32_t at = 0; at < EMU_SANITIZE_BYTES; at += 4)
		nvme_store_le32(sanitize->data + at, pattern);
	memset(sanitize->meta, 0xff, sizeof(sanitize->meta)); /* no check of what it protects */
}

/* The next pass over all namespaces, or what follows the passes. */
static void next_pass(struct emu *emu)
{
	struct emu_sanitize *sanitize = &emu->sanitize;

	sanitize->nsid = 0;
	sanitize->slba = 0;
	sanitize->nlb = 0;
	if (sanitize->pass < sanitize->passes) {
		sanitize->pass++;
		fill_pattern(sanitize);
		sanitize->step = STEP_LOOK;
	} else if (sanitize->passes && stays_allocated(emu)) {
		sanitize->step = STEP_TIME;
		emu_sub_timer_set(emu, EMU_TIMER_SANITIZE, sanitize->due_nsec);
		return;
	} else {
		sanitize->step = STEP_ERASE;
	}
	go_on(emu);
}

/* The namespace that is next, when @ns has no blocks left; false when there is none. */
static bool next_place(struct emu *emu)
{
	struct emu_sanitize *sanitize = &emu->sanitize;

	sanitize->slba += sanitize->nlb;
	sanitize->nlb = 0;
	if (sanitize->nsid && sanitize->slba < emu->ns[sanitize->nsid].blocks)
		return true;
	sanitize->nsid = emu_ns_next_allocated(emu, sanitize->nsid);
	sanitize->slba = 0;
	return sanitize->nsid != 0;
}

static void ask(struct emu *emu, enum emu_media_op op, uint64_t most)
{
	struct emu_sanitize *sanitize = &emu->sanitize;
	const struct emu_ns *ns = &emu->ns[sanitize->nsid];
	uint64_t left = ns->blocks - sanitize->slba;
	struct emu_media media = {
		.tag = EMU_TAG_SANITIZE,
		.op = op,
		.nsid = sanitize->nsid,
		.slba = sanitize->slba,
		.lbads = ns->lbads,
		.ms = ns->ms,
	};
	int result;

	sanitize->nlb = (uint32_t)(left < most ? left : most);
	media.nlb = op == EMU_MEDIA_FORMAT ? 0 : sanitize->nlb;
	media.blocks = op == EMU_MEDIA_FORMAT ? ns->blocks + ns->hidden : 0;
	media.data = op == EMU_MEDIA_WRITE ? sanitize->data : NULL;
	media.meta = op == EMU_MEDIA_WRITE && ns->ms ? sanitize->meta : NULL;
	media.ret_status = op == EMU_MEDIA_STATUS ? &sanitize->status_of : NULL;
	emu_trace(emu, &emu->ctrl[0], MEDIA, 0xffff, 0xffff, op, media.nsid, media.slba, media.nlb);
	result = emu->ops.media(emu->ops.arg, &media);
	if (result != EMU_PENDING)
		emu_sanitize_media_done(emu, result);
}

/* Blocks that were never written hold nothing, unless they are to be allocated in the end. */
static void look_step(struct emu *emu)
{
	struct emu_sanitize *sanitize = &emu->sanitize;

	if (!next_place(emu)) {
		next_pass(emu);
		return;
	}
	sanitize->status_of = (struct emu_media_status){ .nlb = UINT32_MAX, .allocated = true };
	if (stays_allocated(emu)) {
		sanitize->step = STEP_WRITE;
		go_on(emu);
		return;
	}
	sanitize->step = STEP_LOOKING;
	ask(emu, EMU_MEDIA_STATUS, UINT32_MAX);
}

static void write_step(struct emu *emu)
{
	struct emu_sanitize *sanitize = &emu->sanitize;
	uint32_t most = EMU_SANITIZE_BYTES >> emu->ns[sanitize->nsid].lbads;

	sanitize->step = STEP_WRITING;
	ask(emu, EMU_MEDIA_WRITE, most < sanitize->status_of.nlb ? most : sanitize->status_of.nlb);
}

static void erase_step(struct emu *emu)
{
	struct emu_sanitize *sanitize = &emu->sanitize;

	if (!next_place(emu)) {
		sanitize->step = STEP_TIME;
		emu_sub_timer_set(emu, EMU_TIMER_SANITIZE, sanitize->due_nsec);
		return;
	}
	sanitize->step = STEP_ERASING;
	if (stays_allocated(emu))
		ask(emu, EMU_MEDIA_WRITE_ZEROES, ZERO_NLB);
	else
		ask(emu, EMU_MEDIA_FORMAT, UINT64_MAX);
}

static void remember_end(struct emu *emu)
{
	struct nvme_pel_sanitize_completion event = {
		.sani_prog = nvme_le16(NVME_SANITIZE_SPROG_IDLE),
		.sani_status = nvme_le16(emu->sanitize.status),
	};

	emu_pel_add(emu, NULL, NVME_PEL_EVENT_SANITIZE_COMPLETION, &event, sizeof(event));
}

/* Nothing is left of what was written, and of what could not be read. */
static void erased(struct emu *emu)
{
	emu->gates = (emu->gates & ~(uint32_t)EMU_GATE_SANITIZE) | EMU_GATE_ERASED;
	for (uint32_t nsid = emu_ns_next_allocated(emu, 0); nsid;
	     nsid = emu_ns_next_allocated(emu, nsid))
		emu_suspect_forget(emu, nsid);
}

static void end(struct emu *emu, bool failed)
{
	struct emu_sanitize *sanitize = &emu->sanitize;
	bool unexpected = NVME_GET(sanitize->cdw10, NVME_SANITIZE_NDAS) && !stays_allocated(emu);

	sanitize->step = STEP_IDLE;
	sanitize->failed = failed;
	sanitize->erased = !failed;
	sanitize->status = failed	? NVME_SANITIZE_FAILURE
			   : unexpected ? NVME_SANITIZE_DONE_DEALLOCATED
					: NVME_SANITIZE_DONE;
	if (!failed)
		erased(emu);
	remember_end(emu);
	emu_sanitize_save(emu, NULL);
	emu_raise_everywhere(emu,
			     sanitize->status == NVME_SANITIZE_DONE_DEALLOCATED
				     ? NVME_AER_SANITIZE_DEALLOCATED
				     : NVME_AER_SANITIZE_COMPLETED,
			     NULL);
}

/* A medium that cannot tell which blocks were written has written all of them. */
static void looked(struct emu_sanitize *sanitize, int result)
{
	if (result != 0)
		sanitize->status_of = (struct emu_media_status){ .nlb = UINT32_MAX,
								 .allocated = true };
	if (sanitize->status_of.allocated) {
		sanitize->step = STEP_WRITE;
		sanitize->nlb = 0;
		return;
	}
	sanitize->step = STEP_LOOK;
	sanitize->nlb = sanitize->status_of.nlb < sanitize->nlb ? sanitize->status_of.nlb
								: sanitize->nlb;
}

/* What it did to data somebody may want to know: a part, or all that the namespace has. */
static void note(struct emu *emu)
{
	const struct emu_sanitize *sanitize = &emu->sanitize;
	bool all = sanitize->step == STEP_ERASING && !stays_allocated(emu);

	emu_cdq_note_ns(emu, sanitize->nsid, all ? 0 : sanitize->slba, all ? 0 : sanitize->nlb);
}

void emu_sanitize_media_done(struct emu *emu, int result)
{
	struct emu_sanitize *sanitize = &emu->sanitize;
	bool erasing = sanitize->step == STEP_ERASING;

	if (sanitize->step != STEP_LOOKING && sanitize->step != STEP_WRITING && !erasing)
		emu_panic(emu, "emu_media_done: the medium does not have this request");
	emu_trace(emu, &emu->ctrl[0], MEDIA_DONE, 0xffff, 0xffff, (uint32_t)-result);
	if (emu->watched && sanitize->step != STEP_LOOKING)
		note(emu);
	if (sanitize->step == STEP_LOOKING && (result == 0 || result == ENOTSUP)) {
		looked(sanitize, result);
	} else if (result != 0) {
		end(emu, true);
		return;
	} else if (erasing && !stays_allocated(emu)) {
		sanitize->slba = emu->ns[sanitize->nsid].blocks; /* all of it at once */
		sanitize->nlb = 0;
	}
	if (sanitize->step == STEP_WRITING)
		sanitize->step = STEP_LOOK;
	if (erasing)
		sanitize->step = STEP_ERASE;
	go_on(emu);
}

/* A fault rule has the operation fail, or take its next step later or never. */
static bool is_disturbed(struct emu *emu)
{
	bool failed;
	uint64_t due_nsec = emu_fault_sanitize(emu, &failed);

	if (failed)
		end(emu, true);
	else if (due_nsec)
		emu_sub_timer_set(emu, EMU_TIMER_SANITIZE, due_nsec);
	return failed || due_nsec;
}

void emu_sanitize_expired(struct emu *emu)
{
	if (emu_site(emu, EMU_SITE(SANITIZE_TICK)) && is_disturbed(emu))
		return;
	switch (emu->sanitize.step) {
	case STEP_DRAIN:
		if (is_drained(emu))
			next_pass(emu);
		return;
	case STEP_LOOK:
		look_step(emu);
		return;
	case STEP_WRITE:
		write_step(emu);
		return;
	case STEP_ERASE:
		erase_step(emu);
		return;
	case STEP_TIME:
		end(emu, false);
		return;
	default:
		return;
	}
}
