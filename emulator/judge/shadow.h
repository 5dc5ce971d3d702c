/* SPDX-License-Identifier: BSD-3-Clause */
/* What the judge knows of a host: registers, queues, commands in flight. Private to the judge. */
#ifndef NVMELAB_EMULATOR_JUDGE_SHADOW_H
#define NVMELAB_EMULATOR_JUDGE_SHADOW_H

#include "common/bits.h"
#include "common/mem.h"
#include "common/nvme_spec.h"
#include "common/ring.h"
#include "emulator/core/emu.h"
#include "emulator/judge/judge.h"

#define JUDGE_NONE UINT32_MAX

/**
 * struct judge_sq - a submission queue
 * @bytes: of its memory at @base; 0 when that is scattered
 * @head: the next slot that the controller fetches
 * @known: how far the host knows that, by the last SQHD, or because nothing is outstanding
 * @submitted: entries that were rung so far; @fetched: taken out of the queue; @ended: completed
 * @fused: the last one that was fetched was the first of two
 * @deleting: its deletion was fetched
 */
struct judge_sq {
	bool created;
	bool deleting;
	bool fused;
	uint16_t cqid;
	uint32_t entries;
	uint32_t head;
	uint32_t tail;
	uint32_t known;
	uint64_t base;
	uint64_t bytes;
	uint64_t submitted;
	uint64_t fetched;
	uint64_t ended;
};

/**
 * struct judge_cq - a completion queue
 * @tail: the next slot to be posted
 * @late: entries of submission queues that were being deleted; the last ones before @tail
 */
struct judge_cq {
	bool created;
	uint32_t entries;
	uint32_t head;
	uint32_t tail;
	uint32_t late;
	uint64_t base;
	uint64_t bytes;
};

/**
 * struct judge_ctrl - a controller, as its host has set it up
 * @cc: what the host wrote; likewise @aqa, @asq, @acq
 * @ready: CSTS.RDY; @resetting: CC.EN went to 0, and the reset has not ended
 * @fatal: CSTS.CFS
 * @saw_ready: the host has read RDY as 1 since it set CC.EN, or was told that it did not
 * @saw_idle: the host has read RDY as 0 since it cleared CC.EN
 * @shadowed: doorbells are in host memory, which is not seen
 * @misled: a fault rule has changed what doorbells say
 * @doubted: a fault rule has changed what a register gets, and CC was not read since
 * @misread: a fault rule has changed the entry that is fetched next
 * @cached: the volatile write cache is in use; @writes: completed ones; @flushed: as many are safe
 * @low: every queue that is not scattered is from @low on and ends at @high at the latest
 */
struct judge_ctrl {
	uint32_t cc;
	uint32_t aqa;
	uint64_t asq;
	uint64_t acq;
	bool ready;
	bool resetting;
	bool fatal;
	bool saw_ready;
	bool saw_idle;
	bool shadowed;
	bool misled;
	bool doubted;
	bool misread;
	bool cached;
	uint32_t page_bytes;
	uint32_t sqs_granted;
	uint32_t cqs_granted;
	uint64_t writes;
	uint64_t flushed;
	uint64_t stall_iova;
	uint64_t low;
	uint64_t high;
	struct judge_sq *sq;
	struct judge_cq *cq;
};

/**
 * struct judge_cmd - a command in flight, or one that ended while later entries were rung already
 * @ended: it is completed; it only shows that entries before @barrier must not have its identifier
 * @told: that its data is in a queue
 * @mark: completed writes of the controller when it was fetched
 * @next: in its bucket or in the list of free ones
 */
struct judge_cmd {
	uint16_t ctrl;
	uint16_t qid;
	uint16_t cid;
	uint8_t opcode;
	bool used;
	bool ended;
	bool told;
	bool fua;
	uint32_t nsid;
	uint32_t cdw10;
	uint32_t cdw11;
	uint64_t prp1;
	uint64_t mark;
	uint64_t barrier;
	uint32_t next;
};

struct emu_judge {
	struct emu_config config;
	struct emu_layout layout;
	struct emu_judge_ops ops;
	uint64_t counts[EMU_RULES];
	uint64_t totals[EMU_JUDGE_LEVELS];
	struct emu_judge_finding
		at; /* what findings of the record that is looked at have in common */
	struct judge_ctrl *ctrl;
	struct judge_cmd *cmd;
	uint32_t *bucket;
	uint32_t cmds;
	uint32_t buckets; /* a power of two */
	uint32_t free_cmd;
};

/** emu_judge_sq - submission queue @qid, or NULL when it does not exist; likewise emu_judge_cq() */
static inline struct judge_sq *emu_judge_sq(const struct emu_judge *judge,
					    const struct judge_ctrl *ctrl, uint32_t qid)
{
	return qid <= judge->config.queues && ctrl->sq[qid].created ? &ctrl->sq[qid] : NULL;
}

static inline struct judge_cq *emu_judge_cq(const struct emu_judge *judge,
					    const struct judge_ctrl *ctrl, uint32_t qid)
{
	return qid <= judge->config.queues && ctrl->cq[qid].created ? &ctrl->cq[qid] : NULL;
}

/* judge.c */
void emu_judge_find(struct emu_judge *judge, enum emu_judge_rules rule, uint64_t a, uint64_t b,
		    uint64_t c);

/** emu_judge_about_queue - findings are about queue @qid */
static inline void emu_judge_about_queue(struct emu_judge *judge, uint16_t qid)
{
	judge->at.has_queue = true;
	judge->at.qid = qid;
}

/** emu_judge_about_command - findings are about this command */
static inline void emu_judge_about_command(struct emu_judge *judge, uint16_t qid, uint16_t cid,
					   uint8_t opcode)
{
	emu_judge_about_queue(judge, qid);
	judge->at.has_command = true;
	judge->at.cid = cid;
	judge->at.opcode = opcode;
}

bool emu_judge_sees_reads(const struct emu_judge *judge);

/* A row of what a record makes the judge do: the records of one event. */
typedef void judge_look(struct emu_judge *judge, struct judge_ctrl *ctrl,
			const struct nvme_trace_record *record);

/* registers.c */
judge_look emu_judge_reg_read, emu_judge_reg_write, emu_judge_reg_refused;
uint32_t emu_judge_io_queues(const struct emu_judge *judge, const struct judge_ctrl *ctrl);

/* life.c */
judge_look emu_judge_enable, emu_judge_ready, emu_judge_disable, emu_judge_reset, emu_judge_fatal,
	emu_judge_stall, emu_judge_fault;
void emu_judge_power_on(const struct emu_judge *judge, struct judge_ctrl *ctrl);

/* rings.c */
judge_look emu_judge_sq_doorbell, emu_judge_cq_doorbell, emu_judge_db_refused, emu_judge_posted;

/* command.c */
judge_look emu_judge_fetched;

/* creation.c */
judge_look emu_judge_state, emu_judge_restore_cq, emu_judge_restore_sq;
void emu_judge_check_queue(struct emu_judge *judge, struct judge_ctrl *ctrl,
			   const struct nvme_sqe *sqe);
void emu_judge_queue_done(struct emu_judge *judge, struct judge_ctrl *ctrl,
			  const struct judge_cmd *cmd);
void emu_judge_open_sq(struct judge_ctrl *ctrl, uint32_t qid, const struct judge_sq *sq);
void emu_judge_open_cq(struct judge_ctrl *ctrl, uint32_t qid, const struct judge_cq *cq);
bool emu_judge_overlaps(const struct emu_judge *judge, const struct judge_ctrl *ctrl, uint64_t base,
			uint64_t bytes, uint64_t *ret_other);

/* data.c */
judge_look emu_judge_prp_list, emu_judge_prp_resolved, emu_judge_sgl_segment;

/* flight.c */
struct judge_cmd *emu_judge_flight(struct emu_judge *judge, uint16_t ctrl, uint16_t qid,
				   uint16_t cid);
void emu_judge_depart(struct emu_judge *judge, const struct judge_cmd *like);
uint32_t emu_judge_outstanding(const struct emu_judge *judge, uint16_t ctrl, uint8_t opcode,
			       uint64_t fetched);
void emu_judge_land(struct emu_judge *judge, struct judge_cmd *cmd);
void emu_judge_ground(struct emu_judge *judge, uint16_t ctrl, uint32_t qid);
const struct judge_cmd *emu_judge_conflict(struct emu_judge *judge, uint16_t ctrl, uint16_t qid,
					   uint16_t cid, uint64_t fetched);

#endif
