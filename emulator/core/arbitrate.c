/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Weighted round robin with urgent class (Base 2.0 3.4.4.2, unverified).
 *
 *	admin  >  urgent  >  high, medium, low in turns of their weights
 *
 * A weight is how many commands of its class go before the next class has its turn; queues of one
 * class take turns of an arbitration burst. A class without commands does not keep others waiting.
 */
#include "emulator/core/internal.h"

static uint32_t weight(const struct emu_ctrl *ctrl, uint32_t class)
{
	uint32_t value = ctrl->features.arbitration;

	if (class == NVME_QPRIO_HIGH)
		return NVME_GET(value, NVME_FEAT_ARB_HPW) + 1;
	if (class == NVME_QPRIO_MEDIUM)
		return NVME_GET(value, NVME_FEAT_ARB_MPW) + 1;
	return NVME_GET(value, NVME_FEAT_ARB_LPW) + 1;
}

/* The queue of @class whose turn it is, or NVME_BITSET_NONE. */
static uint32_t next_of(struct emu_ctrl *ctrl, uint32_t class)
{
	uint32_t first = nvme_bitset_next_wrap(ctrl->active, ctrl->class_rr[class]);
	uint32_t qid = first;

	if (first == NVME_BITSET_NONE)
		return first;
	do {
		if (qid != 0 && ctrl->sq[qid].priority == class) {
			ctrl->class_rr[class] = qid;
			return qid;
		}
		qid = nvme_bitset_next_wrap(ctrl->active, qid);
	} while (qid != first);
	return NVME_BITSET_NONE;
}

/**
 * emu_next_weighted - the I/O queue whose turn it is, or NVME_BITSET_NONE
 * @burst: in: the arbitration burst; out: how many commands the queue may have now
 */
uint32_t emu_next_weighted(struct emu_ctrl *ctrl, uint32_t *burst)
{
	uint32_t qid = next_of(ctrl, NVME_QPRIO_URGENT);

	if (qid != NVME_BITSET_NONE)
		return qid;
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t class = NVME_QPRIO_HIGH; class <= NVME_QPRIO_LOW; class ++) {
			if (ctrl->credit[class] == 0)
				continue;
			qid = next_of(ctrl, class);
			if (qid == NVME_BITSET_NONE)
				continue;
			if (*burst > ctrl->credit[class])
				*burst = ctrl->credit[class];
			return qid;
		}
		for (uint32_t class = NVME_QPRIO_HIGH; class <= NVME_QPRIO_LOW; class ++)
			ctrl->credit[class] = weight(ctrl, class);
	}
	return NVME_BITSET_NONE;
}

/** emu_charge_weighted - a command of queue @qid was fetched */
void emu_charge_weighted(struct emu_ctrl *ctrl, uint32_t qid)
{
	uint32_t class = ctrl->sq[qid].priority;

	if (qid != 0 && class != NVME_QPRIO_URGENT && ctrl->credit[class] > 0)
		ctrl->credit[class]--;
}
