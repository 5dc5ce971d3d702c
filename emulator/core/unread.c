/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the host has not read yet: completion queues with interrupts whose head is not their tail,
 * counted by vector while somebody wants to know (irq_watched): MSI and INTx follow the counts, and
 * with MSI-X what pends or is held back ends when it was read. Each post and each read costs the
 * same however many queues there are.
 *
 * With shadow doorbells a host need not ring when it reads. It has to while something is unread
 * and MSI or INTx follow that: EventIdx is then the head that the controller knows.
 */
#include "emulator/core/internal.h"

/** emu_unread_bit - what stands for @vector in the status, of as many bits as there are messages */
uint32_t emu_unread_bit(const struct emu_ctrl *ctrl, uint32_t vector)
{
	return 1u << (vector & (ctrl->unread.messages - 1));
}

static void count(struct emu_ctrl *ctrl, struct emu_cq *cq)
{
	struct emu_unread *unread = &ctrl->unread;
	uint32_t message = cq->vector & (unread->messages - 1);
	bool is_unread = cq->created && cq->interrupts && cq->head != cq->tail;

	if (cq->unread == is_unread)
		return;
	cq->unread = is_unread;
	if (is_unread && unread->queues[cq->vector]++ == 0 && unread->vectors[message]++ == 0)
		unread->status |= 1u << message;
	if (!is_unread && --unread->queues[cq->vector] == 0 && --unread->vectors[message] == 0)
		unread->status &= ~(1u << message);
}

/** emu_unread_posted - queue @cqid has one entry more */
void emu_unread_posted(struct emu_ctrl *ctrl, uint32_t cqid)
{
	struct emu_cq *cq = &ctrl->cq[cqid];

	if (cq->unread)
		return;
	count(ctrl, cq);
	nvme_bitset_set(ctrl->unread.arm, cqid);
}

/** emu_unread_read - the head of queue @cqid moved, or the queue is going to be deleted */
void emu_unread_read(struct emu_ctrl *ctrl, uint32_t cqid)
{
	struct emu_cq *cq = &ctrl->cq[cqid];

	count(ctrl, cq);
	if (cq->unread)
		nvme_bitset_set(ctrl->unread.arm, cqid);
}

/** emu_unread_recount - begin, or go on with another number of @messages: a power of two */
void emu_unread_recount(struct emu *emu, struct emu_ctrl *ctrl, uint32_t messages)
{
	struct emu_unread *unread = &ctrl->unread;

	unread->messages = messages;
	unread->status = 0;
	memset(unread->vectors, 0, sizeof(unread->vectors));
	memset(unread->queues, 0, emu->layout.vectors * sizeof(*unread->queues));
	for (uint32_t qid = 0; qid <= emu->config.queues; qid++) {
		ctrl->cq[qid].unread = false;
		emu_unread_read(ctrl, qid);
	}
}

/** emu_unread_arm - the host rings when it reads what became unread since the last call */
void emu_unread_arm(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t qid = nvme_bitset_next(ctrl->unread.arm, 0);

	for (; qid != NVME_BITSET_NONE; qid = nvme_bitset_next(ctrl->unread.arm, qid + 1)) {
		nvme_bitset_clear(ctrl->unread.arm, qid);
		/* What was read meanwhile is as good as rung, and may need another look. */
		if (ctrl->cq[qid].unread)
			emu_dbbuf_arm(emu, ctrl, qid, true);
	}
}

/** emu_unread_look - heads that the host moved in shared memory count as if they had been rung */
void emu_unread_look(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (!emu_is_ready(ctrl) || ctrl->hidden)
		return;
	for (uint32_t qid = 0; qid <= emu->config.queues && ctrl->unread.status; qid++) {
		if (ctrl->cq[qid].unread)
			emu_doorbell_look(emu, ctrl, qid);
	}
}
