/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fault sites: part of internal.h, for which struct emu has to be complete. A stage asks
 * emu_site(), one test of a word that is 0 without rules, and calls the function of the site then.
 */
#ifndef NVMELAB_EMULATOR_CORE_SITES_H
#define NVMELAB_EMULATOR_CORE_SITES_H

#include "emulator/core/fault.h"

/* In emu->armed beside the sites: some request was marked by a rule that fired earlier. */
#define EMU_MARKED (1u << 31)

/** emu_site - whether a rule may fire at one of the sites in the mask @sites */
#define emu_site(emu, sites) __builtin_expect((emu)->armed &(sites), 0)

#define EMU_SITE(symbol) (1u << NVME_SITE_##symbol)
#define EMU_SITES_MEDIA                                                           \
	(EMU_SITE(MEDIA_READ) | EMU_SITE(MEDIA_WRITE) | EMU_SITE(MEDIA_DEALLOC) | \
	 EMU_SITE(MEDIA_FLUSH))
#define EMU_SITES_CMD  (EMU_SITE(CMD_DECODE) | EMU_SITE(CMD_EXECUTE))
#define EMU_SITES_XFER (EMU_SITE(XFER_IN) | EMU_SITE(XFER_OUT))
#define EMU_TAG_FAULT  0xfffffffc /* of requests to the medium that a rule makes */
#define EMU_PATCHES    8	  /* of the data of one command */

_Static_assert(NVME_SITES <= 31, "a bit of emu->armed for each");

/** enum emu_fault_mark - what rules have done to a request */
enum emu_fault_mark {
	EMU_MARK_EXECUTE = 1 << 0, /* the site was asked, and is not again */
	EMU_MARK_RETIRE = 1 << 1,
	EMU_MARK_POST = 1 << 2,
	EMU_MARK_HANG = 1 << 3, /* the medium has it for ever */
	EMU_MARK_DROP = 1 << 4, /* goes without a completion at its next turn */
	EMU_MARK_TWICE = 1 << 5,
	EMU_MARK_DW0 = 1 << 6, /* dword 0 of the completion is to be @dw0 */
	EMU_MARK_DW1 = 1 << 7,
	EMU_MARK_XFER = 1 << 8,
	EMU_MARK_DATA = 1 << 9,	 /* @patch and @moved are about its data */
	EMU_MARK_LATE = 1 << 10, /* the phase of its entry comes @split_nsec later */
	EMU_MARK_EARLY = 1 << 11,
	EMU_MARK_HALF = 1 << 12, /* the other half of its entry is to come, to @slot_iova */
	EMU_MARK_DECODE = 1 << 13,
	EMU_MARK_COMMIT = 1 << 14,
};

/** struct emu_fault_patch - @bytes bytes of @value from byte @at of the data on */
struct emu_fault_patch {
	uint64_t at;
	uint64_t value;
	uint8_t bytes;
	bool flips;
};

/** struct emu_fault_data - what becomes of the data of a command; only @moved bytes of it move */
struct emu_fault_data {
	uint64_t moved;
	uint32_t patches;
	struct emu_fault_patch patch[EMU_PATCHES];
};

/**
 * struct emu_req_fault - of a request, while somebody is interested in it
 * @marks: enum emu_fault_mark
 * @resume: enum emu_req_state that it goes on in
 * @delay_nsec: so much longer the medium has it
 * @assigns: bits of the fields of the completion that @value has
 * @hold: nvme_key() of the name under which it is held; 0: for ever
 */
struct emu_req_fault {
	uint16_t marks;
	uint8_t resume;
	uint32_t dw0;
	uint32_t dw1;
	uint64_t hold;
	uint64_t delay_nsec;
	uint64_t assigns;
	uint32_t cqe_dw0;
	uint32_t cqe_dw1;
	uint16_t sqhd;
	uint16_t sqid;
	uint16_t cid;
	uint16_t status;
	bool phase;
	uint64_t split_nsec;
	uint64_t slot_iova;
	struct nvme_cqe cqe; /* that is half there */
	struct emu_fault_data data;
};

/**
 * struct emu_ctrl_fault - of a controller; times until which something is put off
 * @injected: rules made of the errors that its host wants (error_injection.c)
 */
struct emu_ctrl_fault {
	uint64_t reset_due_nsec;
	uint64_t shutdown_due_nsec;
	uint64_t return_due_nsec; /* of a controller that was pulled out; 0: not by itself */
	uint8_t reset_kind;	  /* that was put off */
	struct nvme_fault_set injected;
	struct nvme_fault_rule *rule; /* of @injected */
	struct nvme_fault_state *state;
};

/**
 * struct emu_faults - rules and what they keep back
 * @acting: an action is being done; sites are not asked meanwhile
 * @cutting: the power is cut when the stage is over, and caches keep @keep (enum emu_cut)
 * @held: completions; @hung: commands that do not go on; @later: those that do when they are due
 */
struct emu_faults {
	struct nvme_fault_set set;
	bool acting;
	bool cutting;
	uint8_t keep;
	struct emu_list held;
	struct emu_list hung;
	struct emu_list later;
	struct nvme_fault_rule *rule;
	struct nvme_fault_state *state;
	struct emu_req_fault *req; /* by tag */
	struct emu_ctrl_fault *ctrl;
};

/** struct emu_fault_act - what the rules that fired at a site have asked for */
struct emu_fault_act {
	struct emu *emu;
	struct emu_ctrl *ctrl;
	struct nvme_fault_view view; /* assignments change it */
	uint64_t assigns;	     /* fields that were assigned */
	uint64_t does;		     /* bits of enum nvme_fault_action_kind */
	uint64_t delay_nsec;
	uint64_t hold;
	uint64_t torn_blocks;
	uint64_t split_nsec;
	nvme_status status;
	uint8_t error; /* enum nvme_fault_error */
	struct emu_fault_data data;
};

#define EMU_DOES(act, symbol) ((act)->does >> NVME_DO_##symbol & 1)

/** emu_fault_of - what rules know of a request; only with rules */
static inline struct emu_req_fault *emu_fault_of(const struct emu *emu, const struct emu_req *req)
{
	return &emu->faults->req[req->tag];
}

/* fault.c: asking a site. */
void emu_fault_begin(struct emu_fault_act *act, struct emu *emu, struct emu_ctrl *ctrl);
void emu_fault_ask(struct emu_fault_act *act, enum nvme_fault_site site);
void emu_fault_rearm(struct emu *emu);
void emu_fault_init(struct emu *emu);

/* fault_cmd.c: the sites of a command. */
void emu_fault_begin_cmd(struct emu_fault_act *act, struct emu *emu, const struct emu_req *req);
bool emu_fault_first(struct emu *emu, const struct emu_req *req, enum emu_fault_mark mark);
void emu_fault_fetched(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
bool emu_fault_execute(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
bool emu_fault_commit(struct emu *emu, struct emu_req *req, emu_verdict *ret_verdict);
nvme_status emu_fault_retire(struct emu *emu, struct emu_req *req, nvme_status status);
bool emu_fault_media(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
		     struct emu_media *media, int *ret_error);
bool emu_fault_media_over(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  nvme_status status);
bool emu_fault_is_dropped(const struct emu *emu, const struct emu_req *req);
bool emu_fault_post(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_fault_cqe(struct emu *emu, const struct emu_req *req, struct nvme_cqe *cqe);
void emu_fault_build(struct emu *emu, const struct emu_req *req, struct nvme_cqe *cqe);
bool emu_fault_again(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_fault_release(struct emu *emu, uint64_t hold);
bool emu_fault_due(struct emu *emu);
uint64_t emu_fault_deadline(const struct emu *emu);

/* fault_entry.c: entries that come in two halves. */
bool emu_fault_publish(struct emu *emu, struct emu_req *req, uint64_t iova, struct nvme_cqe *slot,
		       const struct nvme_cqe *cqe);
bool emu_fault_halved(struct emu *emu, struct emu_req *req);
bool emu_fault_second_half(struct emu *emu, struct emu_req *req);

/* fault_data.c: the data of commands. */
void emu_fault_keep_patch(struct emu_fault_act *act, const struct nvme_fault_action *action);
void emu_fault_xfer(struct emu *emu, struct emu_req *req);
void emu_fault_patch(const struct emu *emu, const struct emu_req *req, uint64_t at, uint8_t *data,
		     uint32_t bytes);
uint32_t emu_fault_moved(const struct emu *emu, const struct emu_req *req, uint64_t at,
			 uint32_t bytes);
void emu_fault_tear(struct emu_media *media, struct emu_req *req, uint64_t blocks);

/* fault_drive.c: namespaces, media and health. */
void emu_fault_do_ns_remove(struct emu_fault_act *act, const struct nvme_fault_action *action);
void emu_fault_do_ns_return(struct emu_fault_act *act, const struct nvme_fault_action *action);
void emu_fault_do_ns_resize(struct emu_fault_act *act, const struct nvme_fault_action *action);
void emu_fault_do_temperature(struct emu_fault_act *act, const struct nvme_fault_action *action);
void emu_fault_do_warn(struct emu_fault_act *act, const struct nvme_fault_action *action);
void emu_fault_do_spoil(struct emu_fault_act *act, const struct nvme_fault_action *action);
void emu_fault_spoiled(struct emu *emu, int result);
bool emu_fault_ns_change(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid);
uint64_t emu_fault_sanitize(struct emu *emu, bool *ret_failed);
bool emu_fault_load_record(struct emu *emu, uint16_t type, int *ret_result);
bool emu_fault_save(struct emu *emu, const struct emu_req *req, const struct emu_record *record,
		    int *ret_result);

/* fault_ctrl.c: the sites of a controller. */
uint64_t emu_fault_reg_read(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint32_t bytes,
			    uint64_t value);
bool emu_fault_reg_write(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint32_t bytes,
			 uint64_t *value);
uint64_t emu_fault_cfg_read(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t bytes,
			    uint64_t value);
bool emu_fault_doorbell(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq,
			uint32_t *value);
bool emu_fault_irq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t vector);
bool emu_fault_event(struct emu *emu, struct emu_ctrl *ctrl, uint32_t *aer);
void emu_fault_enable(struct emu *emu, struct emu_ctrl *ctrl);
uint64_t emu_fault_ready(struct emu *emu, struct emu_ctrl *ctrl, uint64_t delay_nsec);
void emu_fault_reset(struct emu *emu, struct emu_ctrl *ctrl, enum emu_reset_kind kind);
bool emu_fault_reset_waits(const struct emu *emu, const struct emu_ctrl *ctrl,
			   enum emu_reset_kind kind);
bool emu_fault_shutdown_waits(struct emu *emu, struct emu_ctrl *ctrl, bool begins);
void emu_fault_expired(struct emu *emu, struct emu_ctrl *ctrl);

/* fault_power.c: power cuts, and controllers that are pulled out. */
void emu_fault_do_cut(struct emu_fault_act *act, const struct nvme_fault_action *action);
void emu_fault_do_remove(struct emu_fault_act *act, const struct nvme_fault_action *action);
void emu_fault_do_return(struct emu_fault_act *act, const struct nvme_fault_action *action);
void emu_fault_cut(struct emu *emu);
enum emu_cut emu_fault_power(struct emu *emu, enum emu_cut keep);
uint64_t emu_fault_return_due(const struct emu *emu);
bool emu_fault_returned(struct emu *emu);

#endif
