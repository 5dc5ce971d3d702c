/* SPDX-License-Identifier: BSD-3-Clause */
/* The judge: its block, the table of rules, and which record is looked at where. */
#include "emulator/judge/shadow.h"

#define ALIGN 64u
#define ADMIN_SLACK \
	80u /* admin commands in flight besides Aborts and event requests, and ended ones */

static const struct emu_judge_rule rules[EMU_RULES] = {
#define JUDGE_RULE(symbol, id, level, clause, numbers, sentence) \
	[EMU_RULE_##symbol] = { id, EMU_JUDGE_##level, clause, numbers, sentence },
#include "emulator/judge/rules.def"
#undef JUDGE_RULE
};

static judge_look *const looks[NVME_TRACE_EVENTS] = {
	[NVME_TRACE_REG_READ] = emu_judge_reg_read,
	[NVME_TRACE_REG_WRITE] = emu_judge_reg_write,
	[NVME_TRACE_REG_REFUSED] = emu_judge_reg_refused,
	[NVME_TRACE_SQ_DOORBELL] = emu_judge_sq_doorbell,
	[NVME_TRACE_CQ_DOORBELL] = emu_judge_cq_doorbell,
	[NVME_TRACE_DB_REFUSED] = emu_judge_db_refused,
	[NVME_TRACE_SQE_FETCH] = emu_judge_fetched,
	[NVME_TRACE_PRP_LIST] = emu_judge_prp_list,
	[NVME_TRACE_PRP_RESOLVED] = emu_judge_prp_resolved,
	[NVME_TRACE_SGL_SEGMENT] = emu_judge_sgl_segment,
	[NVME_TRACE_CQE_POST] = emu_judge_posted,
	[NVME_TRACE_CTRL_ENABLE] = emu_judge_enable,
	[NVME_TRACE_CTRL_READY] = emu_judge_ready,
	[NVME_TRACE_CTRL_DISABLE] = emu_judge_disable,
	[NVME_TRACE_CTRL_RESET] = emu_judge_reset,
	[NVME_TRACE_CTRL_FATAL] = emu_judge_fatal,
	[NVME_TRACE_CTRL_STALL] = emu_judge_stall,
	[NVME_TRACE_FAULT] = emu_judge_fault,
	[NVME_TRACE_CTRL_STATE] = emu_judge_state,
	[NVME_TRACE_CQ_RESTORE] = emu_judge_restore_cq,
	[NVME_TRACE_SQ_RESTORE] = emu_judge_restore_sq,
};

/* Where the parts of the block are, from its beginning. */
struct plan {
	size_t ctrl;
	size_t sq;
	size_t cq;
	size_t cmd;
	size_t bucket;
	size_t bytes;
	uint32_t cmds;
	uint32_t buckets;
};

static size_t reserve(struct plan *plan, size_t bytes)
{
	size_t at = plan->bytes;

	plan->bytes += (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	return at;
}

static void make_plan(const struct emu_config *config, struct plan *plan)
{
	size_t controllers = config->controllers;
	size_t queues = controllers * (config->queues + 1u);

	*plan = (struct plan){ .buckets = 1 };
	plan->cmds = config->controllers *
		     (config->max_requests + config->aerl + config->acl + ADMIN_SLACK);
	while (plan->buckets < plan->cmds)
		plan->buckets *= 2;
	reserve(plan, sizeof(struct emu_judge));
	plan->ctrl = reserve(plan, controllers * sizeof(struct judge_ctrl));
	plan->sq = reserve(plan, queues * sizeof(struct judge_sq));
	plan->cq = reserve(plan, queues * sizeof(struct judge_cq));
	plan->cmd = reserve(plan, plan->cmds * sizeof(struct judge_cmd));
	plan->bucket = reserve(plan, plan->buckets * sizeof(uint32_t));
}

size_t emu_judge_size(const struct emu_config *config)
{
	struct nvme_text nobody;
	struct plan plan;

	nvme_text_init(&nobody, NULL, 0);
	if (emu_config_check(config, &nobody))
		return 0;
	make_plan(config, &plan);
	return plan.bytes;
}

/* Sets @judge up in its block; the parts are empty. */
static void init_parts(struct emu_judge *judge, const struct plan *plan)
{
	uint8_t *memory = (uint8_t *)judge;
	struct judge_sq *sq = (void *)(memory + plan->sq);
	struct judge_cq *cq = (void *)(memory + plan->cq);

	judge->ctrl = (void *)(memory + plan->ctrl);
	judge->cmd = (void *)(memory + plan->cmd);
	judge->bucket = (void *)(memory + plan->bucket);
	judge->cmds = plan->cmds;
	judge->buckets = plan->buckets;
	for (uint32_t i = 0; i < plan->buckets; i++)
		judge->bucket[i] = JUDGE_NONE;
	for (uint32_t i = 0; i < plan->cmds; i++)
		judge->cmd[i].next = i + 1 < plan->cmds ? i + 1 : JUDGE_NONE;
	for (uint32_t i = 0; i < judge->config.controllers; i++) {
		judge->ctrl[i].sq = sq + (size_t)i * (judge->config.queues + 1u);
		judge->ctrl[i].cq = cq + (size_t)i * (judge->config.queues + 1u);
		emu_judge_power_on(judge, &judge->ctrl[i]);
	}
}

struct emu_judge *emu_judge_init(void *memory, const struct emu_config *config,
				 const struct emu_judge_ops *ops)
{
	struct emu_judge *judge = memory;
	struct plan plan;

	make_plan(config, &plan);
	memset(memory, 0, plan.bytes);
	judge->config = *config;
	judge->ops = *ops;
	emu_config_layout(config, &judge->layout);
	init_parts(judge, &plan);
	return judge;
}

void emu_judge_record(struct emu_judge *judge, const struct nvme_trace_record *record)
{
	judge_look *look = record->event < NVME_TRACE_EVENTS ? looks[record->event] : NULL;

	if (!look || record->side != NVME_TRACE_CONTROLLER ||
	    record->ctrl >= judge->config.controllers)
		return;
	judge->at = (struct emu_judge_finding){
		.seq = record->seq,
		.time_nsec = record->time_nsec,
		.ctrl = record->ctrl,
	};
	look(judge, &judge->ctrl[record->ctrl], record);
}

/** emu_judge_sees_reads - whether what the host reads of this record's controller is traced */
bool emu_judge_sees_reads(const struct emu_judge *judge)
{
	return !judge->ops.unseen || !judge->ops.unseen(judge->ops.arg, judge->at.ctrl);
}

/** emu_judge_find - the host broke @rule; the numbers are as its row has them */
void emu_judge_find(struct emu_judge *judge, enum emu_judge_rules rule, uint64_t a, uint64_t b,
		    uint64_t c)
{
	judge->counts[rule]++;
	judge->totals[rules[rule].level]++;
	judge->at.rule = rule;
	judge->at.number[0] = a;
	judge->at.number[1] = b;
	judge->at.number[2] = c;
	if (judge->ops.found)
		judge->ops.found(judge->ops.arg, &judge->at);
}

uint64_t emu_judge_count(const struct emu_judge *judge, unsigned int rule)
{
	return rule < EMU_RULES ? judge->counts[rule] : 0;
}

uint64_t emu_judge_total(const struct emu_judge *judge, enum emu_judge_level level)
{
	return level < EMU_JUDGE_LEVELS ? judge->totals[level] : 0;
}

const struct emu_judge_rule *emu_judge_rule(unsigned int rule)
{
	return rule < EMU_RULES ? &rules[rule] : NULL;
}
