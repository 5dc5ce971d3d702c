/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fault rules about the drive as a whole: namespaces that go, return or have another size, blocks
 * that cannot be read, critical warnings; and sites of what it does without a command.
 */
#include "emulator/core/internal.h"

#define NOT_KEPT (-5) /* -EIO */

/* One that exists, and is neither being made nor going. */
static struct emu_ns *find_ns(const struct emu *emu, uint64_t nsid)
{
	struct emu_ns *ns = nsid <= UINT32_MAX ? emu_ns_allocated(emu, (uint32_t)nsid) : NULL;

	return ns && ns->job == EMU_JOB_NONE ? ns : NULL;
}

/** emu_fault_do_ns_remove - NS_REMOVE: commands that are under way end as usual */
void emu_fault_do_ns_remove(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	struct emu_ns *ns = find_ns(act->emu, action->value);

	if (ns)
		emu_ns_attach(act->emu, ns, 0);
}

/** emu_fault_do_ns_return - NS_RETURN: a namespace that is not shared goes to one controller */
void emu_fault_do_ns_return(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	struct emu_ns *ns = find_ns(act->emu, action->value);

	if (ns && (ns->shared || !ns->attached))
		emu_ns_attach(act->emu, ns, ns->attached | 1u << act->ctrl->index);
}

/** emu_fault_do_ns_resize - NS_RESIZE: within what the medium has */
void emu_fault_do_ns_resize(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	struct emu_ns *ns = find_ns(act->emu, action->at);
	uint64_t room = ns ? ns->blocks + ns->hidden : 0;

	if (action->value == 0 || action->value > room)
		return;
	ns->blocks = action->value;
	ns->hidden = room - action->value;
	emu_ns_changed(act->emu, (uint32_t)action->at, NULL);
}

/** emu_fault_do_temperature - TEMPERATURE */
void emu_fault_do_temperature(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	uint32_t kelvin = action->value < UINT32_MAX ? (uint32_t)action->value : UINT32_MAX;

	emu_set_temperature(act->emu, act->ctrl->index, kelvin);
}

/** emu_fault_do_warn - WARN */
void emu_fault_do_warn(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	emu_warn(act->emu, 1u << action->value);
}

/**
 * emu_fault_do_spoil - UNCORRECTABLE: the medium itself marks the blocks, so that a write heals
 *	them; only at sites that are not reached from an answer of the medium
 */
void emu_fault_do_spoil(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	const struct emu_ns *ns = find_ns(act->emu, act->view.value[NVME_FAULT_NSID]);
	struct emu_ops *ops = &act->emu->ops;
	struct emu_media media = { .tag = EMU_TAG_FAULT, .op = EMU_MEDIA_UNCORRECTABLE };
	uint64_t blocks;
	int result;

	if (!ns || action->at >= ns->blocks)
		return;
	blocks = action->value < ns->blocks ? action->value - action->at + 1
					    : ns->blocks - action->at;
	media.ctrl = act->ctrl->index;
	media.nsid = (uint32_t)(ns - act->emu->ns);
	media.slba = action->at;
	media.nlb = blocks < UINT32_MAX ? (uint32_t)blocks : UINT32_MAX;
	media.lbads = ns->lbads;
	media.ms = ns->ms;
	emu_trace(act->emu, act->ctrl, MEDIA, 0xffff, 0xffff, media.op, media.nsid, media.slba,
		  media.nlb);
	result = ops->media(ops->arg, &media);
	if (result != EMU_PENDING)
		emu_fault_spoiled(act->emu, result);
}

/** emu_fault_spoiled - the medium has answered; nobody waits for it */
void emu_fault_spoiled(struct emu *emu, int result)
{
	emu_trace(emu, &emu->ctrl[0], MEDIA_DONE, 0xffff, 0xffff, (uint32_t)-result);
}

/** emu_fault_ns_change - a namespace changed for @ctrl; false: its host does not hear of it */
bool emu_fault_ns_change(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid)
{
	struct emu_fault_act act;

	emu_fault_begin(&act, emu, ctrl);
	nvme_fault_put(&act.view, NVME_FAULT_NSID, nsid);
	emu_fault_ask(&act, NVME_SITE_NS_CHANGE);
	return !EMU_DOES(&act, DROP);
}

/**
 * emu_fault_sanitize - before the next step of a sanitize operation
 * @ret_failed: the operation fails
 * Return: when the step is to be taken, EMU_NEVER among them; 0: now.
 */
uint64_t emu_fault_sanitize(struct emu *emu, bool *ret_failed)
{
	struct emu_fault_act act;

	emu_fault_begin(&act, emu, &emu->ctrl[0]);
	emu_fault_ask(&act, NVME_SITE_SANITIZE_TICK);
	*ret_failed = EMU_DOES(&act, FAIL);
	if (EMU_DOES(&act, HANG))
		return EMU_NEVER;
	return act.delay_nsec ? emu->now_nsec + act.delay_nsec : 0;
}

/** emu_fault_load_record - before a record is taken up; false: it is not, *ret_result says why */
bool emu_fault_load_record(struct emu *emu, uint16_t type, int *ret_result)
{
	struct emu_fault_act act;

	emu_fault_begin(&act, emu, &emu->ctrl[0]);
	nvme_fault_put(&act.view, NVME_FAULT_RECORD, type);
	emu_fault_ask(&act, NVME_SITE_STATE_LOAD);
	*ret_result = EMU_DOES(&act, FAIL) ? NOT_KEPT : 0;
	return !EMU_DOES(&act, FAIL) && !EMU_DOES(&act, DROP);
}

/** emu_fault_save - before a record is kept; false: it is not, and *ret_result is the answer */
bool emu_fault_save(struct emu *emu, const struct emu_req *req, const struct emu_record *record,
		    int *ret_result)
{
	struct emu_fault_act act;

	emu_fault_begin(&act, emu, &emu->ctrl[req ? req->ctrl : 0]);
	nvme_fault_put(&act.view, NVME_FAULT_RECORD, record->type);
	emu_fault_ask(&act, NVME_SITE_STATE_SAVE);
	*ret_result = EMU_DOES(&act, FAIL) ? NOT_KEPT : 0;
	return !EMU_DOES(&act, FAIL) && !EMU_DOES(&act, DROP);
}
