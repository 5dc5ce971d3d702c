/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asymmetric Namespace Access: groups of namespaces and how a controller reaches them; part of
 * internal.h.
 */
#ifndef NVMELAB_EMULATOR_CORE_ANA_H
#define NVMELAB_EMULATOR_CORE_ANA_H

#define EMU_ANA_GROUPS 32 /* at most; index 0 is not used */

/**
 * struct emu_ana - the groups as one controller reaches them, by group identifier
 * @changes: of anything in the log page
 * @state: enum nvme_ana_state
 * @target: state at the end of a transition, at @due_nsec; 0: none is going on
 */
struct emu_ana {
	uint64_t changes;
	uint64_t group_changes[EMU_ANA_GROUPS + 1];
	uint64_t due_nsec[EMU_ANA_GROUPS + 1];
	uint8_t state[EMU_ANA_GROUPS + 1];
	uint8_t target[EMU_ANA_GROUPS + 1];
};

struct emu_cmd;

/** emu_ana_init - every group is optimized everywhere */
void emu_ana_init(struct emu *emu);

/** emu_ana_group - the group of a namespace that asked for @wanted, 0 for any; 0 without ANA */
uint32_t emu_ana_group(const struct emu *emu, uint32_t wanted);

/** emu_ana_group_valid - a namespace may ask for group @wanted, 0 for any */
bool emu_ana_group_valid(const struct emu *emu, uint32_t wanted);

/** emu_ana_arm - the timer of @ctrl is set to the first transition that ends */
void emu_ana_arm(struct emu *emu, struct emu_ctrl *ctrl);

/** emu_ana_expired - a transition of a group of @ctrl ends */
void emu_ana_expired(struct emu *emu, struct emu_ctrl *ctrl);

/** emu_ana_ns_changed - a namespace came to @group or left it, on any controller */
void emu_ana_ns_changed(struct emu *emu, uint32_t group);

/** emu_ana_identify - what Identify Controller says of it */
void emu_ana_identify(const struct emu *emu, struct nvme_id_ctrl *id);

/** emu_check_ana - the gate: whether the path of @ctrl to @ns allows the command */
emu_verdict emu_check_ana(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  struct emu_ns *ns, const struct emu_cmd *cmd);

/* Log 0Ch. */
bool emu_has_ana(const struct emu *emu);
uint64_t emu_ana_log_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
void emu_ana_log_fill(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		      uint64_t offset, uint8_t *data, uint32_t bytes);

#endif
