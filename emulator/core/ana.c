/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asymmetric Namespace Access (Base 2.0 8.1, unverified): groups of namespaces, and how well each
 * controller reaches them. States are set from outside, as a failing path would.
 */
#include "emulator/core/log.h"

#define EINVAL_NEGATIVE (-22)
#define SECOND		1000000000ull
#define ANATT_SECONDS	10u /* beyond the transition itself */

/* Whether a host has a reason to go another way. */
static bool is_reached(uint8_t state)
{
	return state == NVME_ANA_OPTIMIZED || state == NVME_ANA_NON_OPTIMIZED;
}

static void update_gate(struct emu *emu)
{
	emu->gates &= ~(uint32_t)EMU_GATE_ANA;
	for (uint32_t c = 0; c < emu->config.controllers; c++) {
		for (uint32_t group = 1; group <= emu->config.ana_groups; group++) {
			if (!is_reached(emu->ctrl[c].ana.state[group]))
				emu->gates |= EMU_GATE_ANA;
		}
	}
}

/* One group of one controller; the host is told. */
static void enter_state(struct emu *emu, struct emu_ctrl *ctrl, uint32_t group, uint8_t state)
{
	ctrl->ana.state[group] = state;
	ctrl->ana.group_changes[group]++;
	ctrl->ana.changes++;
	update_gate(emu);
	emu_trace(emu, ctrl, ANA_STATE, group, state);
	emu_raise_event(emu, ctrl, NVME_AER_ANA_CHANGED);
}

static bool is_state(uint32_t state)
{
	return (state >= NVME_ANA_OPTIMIZED && state <= NVME_ANA_PERSISTENT_LOSS) ||
	       state == NVME_ANA_CHANGE;
}

void emu_ana_arm(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint64_t due = EMU_NEVER;

	for (uint32_t group = 1; group <= emu->config.ana_groups; group++) {
		if (ctrl->ana.target[group] && ctrl->ana.due_nsec[group] < due)
			due = ctrl->ana.due_nsec[group];
	}
	emu_timer_set(emu, ctrl, EMU_TIMER_ANA, due);
}

int emu_set_ana(struct emu *emu, uint32_t index, uint32_t group, uint32_t state)
{
	struct emu_ctrl *ctrl;

	if (index >= emu->config.controllers)
		emu_panic(emu, "emu_set_ana: controller index out of range");
	if (!emu->config.ana || group == 0 || group > emu->config.ana_groups || !is_state(state))
		return EINVAL_NEGATIVE;
	ctrl = &emu->ctrl[index];
	ctrl->ana.target[group] = 0;
	if (emu->config.ana_transition && state != NVME_ANA_CHANGE &&
	    state != ctrl->ana.state[group]) {
		ctrl->ana.target[group] = (uint8_t)state;
		ctrl->ana.due_nsec[group] = emu->now_nsec + emu->config.ana_transition;
		state = NVME_ANA_CHANGE;
	}
	if (state != ctrl->ana.state[group])
		enter_state(emu, ctrl, group, (uint8_t)state);
	emu_ana_arm(emu, ctrl);
	return 0;
}

void emu_ana_expired(struct emu *emu, struct emu_ctrl *ctrl)
{
	for (uint32_t group = 1; group <= emu->config.ana_groups; group++) {
		uint8_t target = ctrl->ana.target[group];

		if (!target || ctrl->ana.due_nsec[group] > emu->now_nsec)
			continue;
		ctrl->ana.target[group] = 0;
		enter_state(emu, ctrl, group, target);
	}
	emu_ana_arm(emu, ctrl);
}

void emu_ana_init(struct emu *emu)
{
	for (uint32_t c = 0; c < emu->config.controllers; c++) {
		for (uint32_t group = 1; group <= EMU_ANA_GROUPS; group++)
			emu->ctrl[c].ana.state[group] = NVME_ANA_OPTIMIZED;
	}
}

uint32_t emu_ana_group(const struct emu *emu, uint32_t wanted)
{
	if (!emu->config.ana)
		return 0;
	return wanted ? wanted : 1;
}

bool emu_ana_group_valid(const struct emu *emu, uint32_t wanted)
{
	return wanted <= (emu->config.ana ? emu->config.ana_groups : 0);
}

void emu_ana_ns_changed(struct emu *emu, uint32_t group)
{
	for (uint32_t c = 0; c < emu->config.controllers && group <= EMU_ANA_GROUPS; c++) {
		emu->ctrl[c].ana.group_changes[group]++;
		emu->ctrl[c].ana.changes++;
	}
}

void emu_ana_identify(const struct emu *emu, struct nvme_id_ctrl *id)
{
	uint64_t seconds = ANATT_SECONDS + (emu->config.ana_transition + SECOND - 1) / SECOND;

	if (!emu->config.ana)
		return;
	id->cmic |= (uint8_t)NVME_MASK(NVME_ID_CTRL_CMIC_ANARS);
	id->anatt = (uint8_t)seconds;
	id->anacap = (uint8_t)(NVME_MASK(NVME_ID_CTRL_ANACAP_OPTIMIZED) |
			       NVME_MASK(NVME_ID_CTRL_ANACAP_NON_OPTIMIZED) |
			       NVME_MASK(NVME_ID_CTRL_ANACAP_INACCESSIBLE) |
			       NVME_MASK(NVME_ID_CTRL_ANACAP_PERSISTENT_LOSS) |
			       NVME_MASK(NVME_ID_CTRL_ANACAP_CHANGE) |
			       NVME_MASK(NVME_ID_CTRL_ANACAP_GRPID_FIXED));
	id->anagrpmax = nvme_le32(emu->config.ana_groups);
	id->nanagrpid = nvme_le32(emu->config.ana_groups);
	id->mnan = nvme_le32(emu->config.nn); /* Not 0 with ANA (unverified). */
}

/*
 * I/O commands of the namespace, and admin commands that work on its data or its features
 * (Base 2.0 8.1.1.4 ff., unverified). Identify and Get Log Page answer in every state.
 */
emu_verdict emu_check_ana(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  struct emu_ns *ns, const struct emu_cmd *cmd)
{
	if (!ns || ns->anagrpid == 0 || ns->anagrpid > emu->config.ana_groups ||
	    (req->sqid == 0 && !(cmd->flags & (EMU_CMD_READS | EMU_CMD_WRITES | EMU_CMD_ANA))))
		return EMU_TRANSFER;
	switch (ctrl->ana.state[ns->anagrpid]) {
	case NVME_ANA_INACCESSIBLE:
		return NVME_SC_ANA_INACCESSIBLE;
	case NVME_ANA_PERSISTENT_LOSS:
		return NVME_SC_ANA_PERSISTENT_LOSS;
	case NVME_ANA_CHANGE:
		return NVME_SC_ANA_TRANSITION;
	default:
		return EMU_TRANSFER;
	}
}

/* Log 0Ch. Groups without a namespace that is attached to the controller are left out. */

bool emu_has_ana(const struct emu *emu)
{
	return emu->config.ana;
}

static uint32_t count_ns(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t group)
{
	uint32_t count = 0;

	for (uint32_t i = emu_ns_next(emu, ctrl, 0); i; i = emu_ns_next(emu, ctrl, i))
		count += emu->ns[i].anagrpid == group;
	return count;
}

static bool groups_only(const struct emu_req *req)
{
	return NVME_GET(emu_log_lsp(req), NVME_GET_LOG_LSP_ANA_RGO);
}

uint64_t emu_ana_log_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint64_t bytes = sizeof(struct nvme_ana_log);

	for (uint32_t group = 1; group <= emu->config.ana_groups; group++) {
		uint32_t count = count_ns(emu, ctrl, group);

		if (count)
			bytes += sizeof(struct nvme_ana_group_desc) +
				 (groups_only(req) ? 0 : 4ull * count);
	}
	return bytes;
}

/* The NSIDs of a group, from @at of the page on; returns where they end. */
static uint64_t put_nsids(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t group,
			  const struct emu_log_part *part, uint64_t at)
{
	for (uint32_t i = emu_ns_next(emu, ctrl, 0); i; i = emu_ns_next(emu, ctrl, i)) {
		nvme_u32le nsid = nvme_le32(i);

		if (emu->ns[i].anagrpid != group)
			continue;
		emu_log_put(part, at, &nsid, sizeof(nsid));
		at += sizeof(nsid);
	}
	return at;
}

void emu_ana_log_fill(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		      uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	struct nvme_ana_log head;
	uint64_t at = sizeof(head);
	uint16_t groups = 0;

	memset(&head, 0, sizeof(head));
	for (uint32_t group = 1; group <= emu->config.ana_groups; group++) {
		uint32_t count = count_ns(emu, ctrl, group);
		struct nvme_ana_group_desc desc;

		if (!count)
			continue;
		groups++;
		memset(&desc, 0, sizeof(desc));
		desc.grpid = nvme_le32(group);
		desc.nnsids = nvme_le32(groups_only(req) ? 0 : count);
		desc.chgcnt = nvme_le64(ctrl->ana.group_changes[group]);
		desc.state = ctrl->ana.state[group];
		emu_log_put(&part, at, &desc, sizeof(desc));
		at += sizeof(desc);
		if (!groups_only(req))
			at = put_nsids(emu, ctrl, group, &part, at);
	}
	head.chgcnt = nvme_le64(ctrl->ana.changes);
	head.ngrps = nvme_le16(groups);
	emu_log_put(&part, 0, &head, sizeof(head));
}
