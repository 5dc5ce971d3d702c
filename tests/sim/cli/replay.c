/* SPDX-License-Identifier: BSD-3-Clause */
/* The way of a replay through its trace: what the host did is done, what it saw is compared. */
#include "tests/sim/cli/replay.h"

#include <string.h>

#include "common/le.h"
#include "common/nvme_spec.h"
#include "tests/sim/cli/replay_parts.h"

#define ACCESS_BYTES SIM_REPLAY_ACCESS_BYTES
#define QUIET_STAGES (1u << 20) /* without a record: more than finite queues can give */

static const uint8_t kinds[NVME_TRACE_EVENTS] = {
	[NVME_TRACE_REG_READ] = SIM_REPLAY_INPUT,     [NVME_TRACE_REG_WRITE] = SIM_REPLAY_INPUT,
	[NVME_TRACE_REG_REFUSED] = SIM_REPLAY_INPUT,  [NVME_TRACE_CFG_READ] = SIM_REPLAY_INPUT,
	[NVME_TRACE_CFG_WRITE] = SIM_REPLAY_INPUT,    [NVME_TRACE_MSIX_READ] = SIM_REPLAY_INPUT,
	[NVME_TRACE_MSIX_WRITE] = SIM_REPLAY_INPUT,   [NVME_TRACE_SQ_DOORBELL] = SIM_REPLAY_INPUT,
	[NVME_TRACE_CQ_DOORBELL] = SIM_REPLAY_INPUT,  [NVME_TRACE_DB_REFUSED] = SIM_REPLAY_INPUT,
	[NVME_TRACE_SQE_FETCH] = SIM_REPLAY_OUTPUT,   [NVME_TRACE_PRP_LIST] = SIM_REPLAY_OUTPUT,
	[NVME_TRACE_SGL_SEGMENT] = SIM_REPLAY_OUTPUT, [NVME_TRACE_HMB_LIST] = SIM_REPLAY_OUTPUT,
	[NVME_TRACE_XFER_IN] = SIM_REPLAY_OUTPUT,     [NVME_TRACE_USER_DATA] = SIM_REPLAY_OUTPUT,
	[NVME_TRACE_XFER_OUT] = SIM_REPLAY_OUTPUT,    [NVME_TRACE_MEDIA_DONE] = SIM_REPLAY_OUTPUT,
	[NVME_TRACE_CQE_POST] = SIM_REPLAY_OUTPUT,    [NVME_TRACE_IRQ_RAISE] = SIM_REPLAY_OUTPUT,
	[NVME_TRACE_IRQ_PEND] = SIM_REPLAY_OUTPUT,    [NVME_TRACE_IRQ_LINE] = SIM_REPLAY_OUTPUT,
	[NVME_TRACE_CTRL_RESET] = SIM_REPLAY_OUTPUT,
};

enum sim_replay_kind sim_replay_kind(unsigned int event)
{
	return event < NVME_TRACE_EVENTS ? kinds[event] : SIM_REPLAY_INSIDE;
}

const struct cli_record *sim_replay_next(const struct sim_replay *replay, unsigned int from,
					 unsigned int *ret_index)
{
	const struct cli_record *record;

	while ((record = cli_trace_record(replay->trace, from)) != NULL &&
	       sim_replay_kind(record->event) == SIM_REPLAY_INSIDE)
		from++;
	*ret_index = from;
	return record;
}

void sim_replay_differs(struct sim_replay *replay, const struct nvme_trace_record *replayed,
			const char *why)
{
	struct sim_replayed *result = &replay->result;

	if (result->differs)
		return;
	result->differs = true;
	sim_replay_next(replay, replay->at, &result->at);
	result->why = why;
	if (!replayed)
		return;
	cli_trace_add(replay->other, replayed);
	result->replayed = cli_trace_record(replay->other, 0);
}

/* What the controller does. */

/* An event inside only says how far the trace is; those that another version has do not matter. */
static void pass_inside(struct sim_replay *replay, unsigned int event)
{
	const struct cli_record *record;

	for (unsigned int i = replay->at; (record = cli_trace_record(replay->trace, i)) != NULL &&
					  sim_replay_kind(record->event) == SIM_REPLAY_INSIDE;
	     i++) {
		if (record->event == event) {
			replay->at = i + 1;
			return;
		}
	}
}

/* Where the controller looks for what is its own, or what the host writes without telling. */
static void learn(struct sim_replay *replay, const struct nvme_trace_record *record)
{
	struct sim_replay_own *own = &replay->own[record->ctrl];
	struct nvme_hmb_desc desc;
	struct nvme_sqe sqe;

	switch (record->event) {
	case NVME_TRACE_MEDIA:
		replay->qid = record->args[0];
		replay->cid = record->args[1];
		break;
	case NVME_TRACE_CTRL_ENABLE:
		own->page_bytes = 4096u << NVME_GET(record->args[0], NVME_CC_MPS);
		break;
	case NVME_TRACE_HMB_LIST:
		memcpy(&desc, record->data, sizeof(desc));
		own->hmb[own->hmbs].iova = nvme_cpu64(desc.badd);
		own->hmb[own->hmbs].bytes = (uint64_t)nvme_cpu32(desc.bsize) * own->page_bytes;
		own->hmbs = (own->hmbs + 1) % SIM_REPLAY_RANGES;
		break;
	case NVME_TRACE_SQE_FETCH:
		memcpy(&sqe, record->data, sizeof(sqe));
		if (record->args[0] == 0 && sqe.opcode == NVME_ADMIN_DBBUF_CONFIG)
			own->shadow = replay->config.dbbuf ? nvme_cpu64(sqe.prp1) : 0;
		break;
	case NVME_TRACE_HMB_STOP:
		own->hmbs = 0;
		break;
	case NVME_TRACE_CTRL_RESET:
		own->hmbs = 0;
		own->shadow = 0;
		break;
	default:
		break;
	}
}

static const struct cli_record *next_fault(const struct sim_replay *replay, unsigned int *ret_index)
{
	const struct cli_record *record;
	unsigned int index = replay->fault;

	while ((record = cli_trace_record(replay->trace, index)) != NULL &&
	       record->event != NVME_TRACE_FAULT)
		index++;
	*ret_index = index;
	return record;
}

/* The same rules fire in the same order, at the same sites; NULL: there is no more to come. */
static void compare_fault(struct sim_replay *replay, const struct nvme_trace_record *record)
{
	unsigned int index;
	const struct cli_record *expected = next_fault(replay, &index);

	if (expected && record && expected->ctrl == record->ctrl &&
	    expected->data_bytes == record->data_bytes &&
	    memcmp(expected->args, record->args, sizeof(record->args)) == 0 &&
	    memcmp(expected->data, record->data, record->data_bytes) == 0) {
		replay->fault = index + 1;
		return;
	}
	if (!expected && !record)
		return;
	sim_replay_differs(replay, record, "the rules of faults do something else");
	replay->result.at = index;
}

static bool is_checksum_alone(const struct cli_record *a, const struct nvme_trace_record *b)
{
	return a->event == NVME_TRACE_XFER_OUT && a->data_bytes == 0 && b->data_bytes == 0 &&
	       memcmp(a->args, b->args, 3 * sizeof(a->args[0])) == 0;
}

void sim_replay_take(struct sim_replay *replay, const struct nvme_trace_record *record)
{
	const struct cli_record *expected;
	unsigned int index;
	bool unknown = replay->unknown;

	if (replay->result.differs || replay->ended)
		return;
	learn(replay, record);
	if (record->event == NVME_TRACE_FAULT)
		compare_fault(replay, record);
	if (sim_replay_kind(record->event) == SIM_REPLAY_INSIDE) {
		pass_inside(replay, record->event);
		return;
	}
	expected = sim_replay_next(replay, replay->at, &index);
	if (!expected) {
		replay->ended = true;
		return;
	}
	if (record->event == NVME_TRACE_XFER_OUT)
		replay->unknown = false;
	if (expected->event != record->event || expected->ctrl != record->ctrl)
		sim_replay_differs(replay, record, "");
	else if (unknown && is_checksum_alone(expected, record))
		replay->result.unknown++;
	else if (memcmp(expected->args, record->args, sizeof(record->args)) != 0)
		sim_replay_differs(replay, record, "");
	else if (expected->data_bytes != record->data_bytes ||
		 (record->data_bytes > 0 &&
		  memcmp(expected->data, record->data, record->data_bytes) != 0))
		sim_replay_differs(replay, record, "");
	replay->result.outputs++;
	replay->at = index + 1;
}

/* What the host did. */

static void ring(struct sim_replay *replay, const struct cli_record *record, uint32_t qid,
		 bool is_cq, uint32_t value, bool between)
{
	uint64_t stride = 4ull << replay->config.dstrd;
	uint64_t offset = (2ull * qid + is_cq) * stride;
	uint8_t data[4];

	if (qid > 0 && offset < EMU_DMA_PAGE)
		sim_replay_shadow(replay, record->ctrl, offset, value);
	nvme_store_le32(data, value);
	emu_bar_write(replay->core, record->ctrl, NVME_DOORBELL_OFFSET + offset + (between ? 4 : 0),
		      data, sizeof(data));
}

static void write_bar(struct sim_replay *replay, const struct cli_record *record)
{
	uint8_t data[ACCESS_BYTES] = { 0 };

	if (record->event != NVME_TRACE_REG_REFUSED)
		nvme_store_le64(data, record->args[2]);
	emu_bar_write(replay->core, record->ctrl, record->args[0], data, (uint32_t)record->args[1]);
}

static void run_dry(struct sim_replay *replay)
{
	for (unsigned int i = 0; i < QUIET_STAGES && !replay->result.differs; i++) {
		if (emu_step(replay->core, 1) == 0)
			return;
	}
}

static void do_input(struct sim_replay *replay, const struct cli_record *record)
{
	uint8_t data[ACCESS_BYTES];
	const uint64_t *args = record->args;

	switch (record->event) {
	case NVME_TRACE_REG_READ:
	case NVME_TRACE_MSIX_READ:
		emu_bar_read(replay->core, record->ctrl, args[0], data, (uint32_t)args[1]);
		break;
	case NVME_TRACE_CFG_READ:
		emu_cfg_read(replay->core, record->ctrl, (uint32_t)args[0], data,
			     (uint32_t)args[1]);
		break;
	case NVME_TRACE_CFG_WRITE:
		nvme_store_le64(data, args[2]);
		emu_cfg_write(replay->core, record->ctrl, (uint32_t)args[0], data,
			      (uint32_t)args[1]);
		break;
	case NVME_TRACE_SQ_DOORBELL:
	case NVME_TRACE_CQ_DOORBELL:
		ring(replay, record, (uint32_t)args[0], record->event == NVME_TRACE_CQ_DOORBELL,
		     (uint32_t)args[2], false);
		break;
	case NVME_TRACE_DB_REFUSED:
		ring(replay, record, (uint32_t)args[0], args[1], (uint32_t)args[2],
		     args[3] == NVME_DB_NO_DOORBELL);
		break;
	default:
		write_bar(replay, record);
		break;
	}
	if (replay->own[record->ctrl].intx)
		emu_irq_settle(replay->core, record->ctrl);
}

/*
 * What a host reads is what there is when all is done that is to do; unless the server handled
 * several messages before that: then a real clock stood still. What a host writes may always come
 * before.
 */
static void replay_input(struct sim_replay *replay, const struct cli_record *record, bool later)
{
	unsigned int at = replay->at;

	if (later &&
	    (record->event == NVME_TRACE_REG_READ || record->event == NVME_TRACE_MSIX_READ))
		run_dry(replay);
	if (replay->result.differs)
		return;
	/* Records of what went on inside may have been passed; not this one. */
	sim_replay_next(replay, replay->at, &at);
	replay->result.inputs++;
	do_input(replay, record);
	if (replay->at <= at)
		sim_replay_differs(replay, NULL, "the controller took no notice of the access");
}

/* Things that happen to a controller and that no record tells: what it did tells of them. */
static bool nudge(struct sim_replay *replay, const struct cli_record *record, unsigned int index)
{
	if (replay->nudged == index + 1)
		return false;
	replay->nudged = index + 1;
	switch (record->event) {
	case NVME_TRACE_IRQ_RAISE:
		emu_irq_changed(replay->core, record->ctrl, (uint32_t)record->args[0]);
		return true;
	case NVME_TRACE_CTRL_RESET:
		emu_reset(replay->core, record->ctrl, (enum emu_reset_kind)record->args[0]);
		return true;
	case NVME_TRACE_MEDIA_DONE:
		return sim_replay_answer(replay, record);
	default:
		return false;
	}
}

/* The record is not there yet: one stage, or what nobody recorded. */
static void work(struct sim_replay *replay, const struct cli_record *record)
{
	unsigned int index;

	if (emu_step(replay->core, 1) > 0)
		return;
	if (sim_replay_kind(record->event) == SIM_REPLAY_INSIDE) {
		replay->at++;
		return;
	}
	sim_replay_next(replay, replay->at, &index);
	if (!nudge(replay, record, index))
		sim_replay_differs(replay, NULL, "");
}

static void replay_record(struct sim_replay *replay, const struct cli_record *record)
{
	bool later = replay->trace->is_virtual || record->time_nsec > emu_time(replay->core);
	unsigned int at = replay->at;

	emu_set_time(replay->core, record->time_nsec);
	replay->result.time_nsec = record->time_nsec;
	if (sim_replay_kind(record->event) == SIM_REPLAY_INPUT) {
		replay_input(replay, record, later);
		return;
	}
	for (unsigned int i = 0; replay->at == at && !replay->result.differs; i++) {
		work(replay, record);
		if (i == QUIET_STAGES)
			sim_replay_differs(replay, NULL, "the controller works without an end");
	}
}

void sim_replay_run(struct sim_replay *replay, struct sim_replayed *ret_replayed)
{
	const struct cli_record *record;

	replay->result.why = "";
	while (!replay->result.differs &&
	       (record = cli_trace_record(replay->trace, replay->at)) != NULL)
		replay_record(replay, record);
	if (!replay->result.differs)
		compare_fault(replay, NULL);
	*ret_replayed = replay->result;
}
