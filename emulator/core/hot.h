/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Small functions that every read and write passes through, inline because a call would cost more
 * than what they do. Part of internal.h, for which struct emu has to be complete.
 */
#ifndef NVMELAB_EMULATOR_CORE_HOT_H
#define NVMELAB_EMULATOR_CORE_HOT_H

/** emu_cmd_of - the row of a command */
static inline const struct emu_cmd *emu_cmd_of(const struct emu_req *req)
{
	return req->sqid == 0 ? &emu_admin_cmds[req->sqe.opcode] : &emu_nvm_cmds[req->sqe.opcode];
}

/** emu_cmd_supported - whether the configuration offers a command */
static inline bool emu_cmd_supported(const struct emu *emu, bool admin, uint32_t opcode)
{
	return emu->offered[admin][opcode];
}

/** emu_ns_find - namespace @nsid if it is attached to @ctrl (active), or NULL */
static inline struct emu_ns *emu_ns_find(const struct emu *emu, const struct emu_ctrl *ctrl,
					 uint32_t nsid)
{
	/* What does not exist is attached to nobody. */
	if (nsid == 0 || nsid > emu->config.nn || !(emu->ns[nsid].attached >> ctrl->index & 1))
		return NULL;
	return &emu->ns[nsid];
}

/* Controller Busy Time: while any command is with the medium (Base 2.0 5.16.1.3, unverified). */
static inline void emu_busy_begin(const struct emu *emu, struct emu_ctrl *ctrl)
{
	if (ctrl->io_busy++ == 0)
		ctrl->busy_since_nsec = emu->now_nsec;
}

static inline void emu_busy_end(const struct emu *emu, struct emu_ctrl *ctrl, uint32_t commands)
{
	ctrl->power.active_nsec = emu->now_nsec;
	if (commands == 0)
		return;
	ctrl->io_busy -= commands;
	if (ctrl->io_busy == 0)
		ctrl->counters.busy_nsec += emu->now_nsec - ctrl->busy_since_nsec;
}

/** emu_release_spans - a request has no host memory any more: its nodes go back to the pool */
static inline void emu_release_spans(struct emu *emu, struct emu_req *req)
{
	if (__builtin_expect(req->spans.next || req->meta_spans, 0))
		emu_release_nodes(emu, req);
	req->spans.count = 0;
}

#endif
