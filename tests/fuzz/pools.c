/* SPDX-License-Identifier: BSD-3-Clause */
/* Each request and each span node of a subsystem is in one place: see subsystem.h. */
#include "emulator/core/stage.h"
#include "tests/fuzz/subsystem.h"

static uint32_t count_list(const struct emu *emu, const struct emu_list *list, uint8_t *seen)
{
	uint32_t count = 0;
	uint32_t last = EMU_NONE;

	for (uint32_t tag = list->head; tag != EMU_NONE; tag = emu->req[tag].next) {
		th_claim(tag < emu_requests(&emu->config) && !seen[tag],
			 "a request is in one list");
		seen[tag] = 1;
		last = tag;
		count++;
	}
	th_claim(count == list->count && last == list->tail, "a list knows its length and end");
	return count;
}

static uint32_t count_nodes(const struct emu *emu)
{
	uint32_t count = 0, all = emu_config_spans(&emu->config);

	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		const struct emu_ctrl *ctrl = &emu->ctrl[i];
		uint32_t own = (uint32_t)(emu->nodes + (size_t)(i + 1) * all - ctrl->nodes_new);

		for (const struct emu_spans *node = ctrl->nodes_free; node; node = node->next)
			own++;
		th_claim(own == ctrl->nodes_free_count, "the pool of nodes knows its length");
		count += own;
	}
	for (uint32_t tag = 0; tag < emu_requests(&emu->config); tag++) {
		if (emu->req[tag].state == EMU_REQ_FREE)
			continue;
		for (const struct emu_spans *node = emu->req[tag].spans.next; node;
		     node = node->next)
			count++;
		for (const struct emu_spans *node = emu->req[tag].meta_spans; node;
		     node = node->next)
			count++;
	}
	return count;
}

static uint32_t count_stages(const struct emu_ctrl *ctrl)
{
	uint32_t count = 0;

	for (const struct emu_stage *stage = ctrl->stages_free; stage; stage = stage->next)
		count++;
	return count;
}

/* What jobs and sanitize ask the medium for belongs to no request. */
static uint32_t count_pending(const struct th_subsystem *sub, uint32_t total)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < sub->pending_count; i++)
		count += sub->pending[i].tag < total;
	return count;
}

void th_count_pools(struct th_subsystem *sub)
{
	const struct emu *emu = sub->emu;
	uint32_t total = emu_requests(&emu->config);
	uint8_t *seen = calloc(1, total);
	uint32_t count = count_list(emu, &emu->delay, seen);

	count += count_list(emu, &emu->blocked, seen);
	count += count_list(emu, &emu->jobs, seen);
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		const struct emu_ctrl *ctrl = &emu->ctrl[i];

		count += count_list(emu, &ctrl->free_admin, seen);
		count += count_list(emu, &ctrl->free_io, seen);
		count += count_list(emu, &ctrl->waiting, seen);
		count += count_list(emu, &ctrl->execute, seen);
		count += count_list(emu, &ctrl->transfer, seen);
		count += count_list(emu, &ctrl->retire, seen);
		count += count_list(emu, &ctrl->aers, seen);
		count += count_list(emu, &ctrl->preempting, seen);
	}
	/* Queue deletions, jobs, Aborts and Suspends that wait, seconds of fused commands. */
	for (uint32_t tag = 0; tag < total; tag++)
		count += emu->req[tag].state == EMU_REQ_SAVING ||
			 (emu->req[tag].state == EMU_REQ_PARKED && !seen[tag]);
	free(seen);
	th_claim(count + count_pending(sub, total) == total, "each request is in one place");
	th_claim(count_nodes(emu) == emu->config.controllers * emu_config_spans(&emu->config),
		 "each node is in one place");
}

void th_reset_all(struct th_subsystem *sub)
{
	const struct emu *emu = sub->emu;

	emu_reset(sub->emu, 0, EMU_RESET_POWER);
	for (uint32_t turn = 0; th_step(sub, TH_STEPS) || sub->pending_count || sub->saves_count;
	     turn++) {
		th_claim(turn < TH_SETTLE_TURNS, "the end is near");
		th_answer_media(sub, 0, 0);
	}
	th_count_pools(sub);
	th_claim(emu->ranges == 0, "no blocks are in work");
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		const struct emu_ctrl *ctrl = &emu->ctrl[i];

		th_claim(!emu_busy(emu, i) && !emu_live(emu, i), "the controllers are off");
		th_claim(ctrl->free_io.count == emu->config.max_requests + EMU_IO_OWN,
			 "all I/O requests are free");
		th_claim(ctrl->nodes_free_count == emu_config_spans(&emu->config),
			 "all nodes are free");
		th_claim(count_stages(ctrl) == emu->config.bounces, "all bounce buffers are free");
		th_claim(ctrl->free_admin.count + emu->config.max_requests + EMU_IO_OWN ==
				 emu_requests(&emu->config) / emu->config.controllers,
			 "all admin requests are free");
	}
}
