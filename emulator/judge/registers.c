/* SPDX-License-Identifier: BSD-3-Clause */
/* The judge on registers: what a host writes, when, and how wide (Base 2.0 3.1.3). */
#include "emulator/judge/shadow.h"

#define AQA_RESERVED (~(NVME_MASK(NVME_AQA_ASQS) | NVME_MASK(NVME_AQA_ACQS)))
#define CC_RESERVED  0xfe00000eu
#define CC_FROZEN                                                                   \
	(NVME_MASK(NVME_CC_CSS) | NVME_MASK(NVME_CC_MPS) | NVME_MASK(NVME_CC_AMS) | \
	 NVME_MASK(NVME_CC_CRIME))
#define CC_ENTRY_SIZES (NVME_MASK(NVME_CC_IOSQES) | NVME_MASK(NVME_CC_IOCQES))

/* Dwords that a host may write, from the table of registers; the others are read-only. */
static const uint16_t writable[] = {
	NVME_REG_INTMS,	 NVME_REG_INTMC,  NVME_REG_CC,	      NVME_REG_CSTS,	NVME_REG_NSSR,
	NVME_REG_AQA,	 NVME_REG_ASQ,	  NVME_REG_ASQ + 4,   NVME_REG_ACQ,	NVME_REG_ACQ + 4,
	NVME_REG_BPRSEL, NVME_REG_BPMBL,  NVME_REG_BPMBL + 4, NVME_REG_CMBMSC,	NVME_REG_CMBMSC + 4,
	NVME_REG_NSSD,	 NVME_REG_PMRCTL, NVME_REG_PMRMSCL,   NVME_REG_PMRMSCU,
};

static const uint16_t wide[] = {
#define ROW(name, offset, bytes, clause) (bytes) == 8 ? (offset) : UINT16_MAX,
	NVME_REGISTER_LIST(ROW)
#undef ROW
};

static bool is_in(const uint16_t *list, size_t count, uint64_t value)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i] == value)
			return true;
	}
	return false;
}

static bool is_enabled(const struct judge_ctrl *ctrl)
{
	return NVME_GET(ctrl->cc, NVME_CC_EN);
}

static bool is_right_width(uint64_t offset, uint64_t bytes)
{
	return (bytes == 4 && offset % 4 == 0) ||
	       (bytes == 8 && is_in(wide, sizeof(wide) / sizeof(wide[0]), offset));
}

static bool has_command_set(const struct emu_judge *judge, uint32_t css)
{
	return css == NVME_CC_CSS_NVM || (css == NVME_CC_CSS_ALL && judge->config.vs >= 0x020000);
}

static bool has_arbitration(const struct emu_judge *judge, uint32_t ams)
{
	return ams == NVME_CC_AMS_RR || (ams == NVME_CC_AMS_WRR && judge->config.wrr);
}

/* CC.EN goes from 0 to 1: what has to be right by then (Base 2.0 3.5.1, unverified). */
static void check_enable(struct emu_judge *judge, const struct judge_ctrl *ctrl, uint32_t cc)
{
	uint32_t mps = NVME_GET(cc, NVME_CC_MPS);
	uint32_t asqs = NVME_GET(ctrl->aqa, NVME_AQA_ASQS);
	uint32_t acqs = NVME_GET(ctrl->aqa, NVME_AQA_ACQS);
	uint64_t page = 4096ull << mps;

	if (ctrl->resetting || (!ctrl->saw_idle && emu_judge_sees_reads(judge)))
		emu_judge_find(judge, EMU_RULE_ENABLE_EARLY, cc, 0, 0);
	if (!has_command_set(judge, NVME_GET(cc, NVME_CC_CSS)))
		emu_judge_find(judge, EMU_RULE_CC_CSS, NVME_GET(cc, NVME_CC_CSS), 0, 0);
	if (!has_arbitration(judge, NVME_GET(cc, NVME_CC_AMS)))
		emu_judge_find(judge, EMU_RULE_CC_AMS, NVME_GET(cc, NVME_CC_AMS), 0, 0);
	if (asqs == 0 || acqs == 0)
		emu_judge_find(judge, EMU_RULE_AQA_SIZE, asqs, acqs, 0);
	if (mps > judge->config.mpsmax) {
		emu_judge_find(judge, EMU_RULE_CC_MPS, mps, judge->config.mpsmax, 0);
		return;
	}
	if (ctrl->asq & (page - 1))
		emu_judge_find(judge, EMU_RULE_ASQ_ALIGN, ctrl->asq, page, 0);
	if (ctrl->acq & (page - 1))
		emu_judge_find(judge, EMU_RULE_ACQ_ALIGN, ctrl->acq, page, 0);
}

/** emu_judge_io_queues - I/O submission queues that exist */
uint32_t emu_judge_io_queues(const struct emu_judge *judge, const struct judge_ctrl *ctrl)
{
	uint32_t count = 0;

	for (uint32_t qid = 1; qid <= judge->config.queues; qid++)
		count += ctrl->sq[qid].created;
	return count;
}

static bool has_io_queues(const struct emu_judge *judge, const struct judge_ctrl *ctrl)
{
	for (uint32_t qid = 1; qid <= judge->config.queues; qid++) {
		if (ctrl->cq[qid].created)
			return true;
	}
	return false;
}

static void check_enabled(struct emu_judge *judge, const struct judge_ctrl *ctrl, uint32_t cc)
{
	uint32_t changed = ctrl->cc ^ cc;

	if (changed & CC_FROZEN)
		emu_judge_find(judge, EMU_RULE_CC_LATE, ctrl->cc, cc, 0);
	if (changed & CC_ENTRY_SIZES && has_io_queues(judge, ctrl))
		emu_judge_find(judge, EMU_RULE_ENTRY_SIZE_LATE, ctrl->cc, cc, 0);
}

/* The host asks for a shutdown (Base 2.0 3.6.1, unverified). */
static void check_shutdown(struct emu_judge *judge, const struct judge_ctrl *ctrl, uint32_t shn)
{
	uint32_t queues = emu_judge_io_queues(judge, ctrl);
	uint64_t writes = ctrl->writes - ctrl->flushed;

	if (shn == NVME_CC_SHN_NORMAL && queues > 0)
		emu_judge_find(judge, EMU_RULE_SHUTDOWN_QUEUES, queues, 0, 0);
	if (shn == NVME_CC_SHN_ABRUPT && ctrl->cached && writes > 0)
		emu_judge_find(judge, EMU_RULE_SHUTDOWN_UNFLUSHED, writes, 0, 0);
}

static void write_cc(struct emu_judge *judge, struct judge_ctrl *ctrl, uint32_t cc)
{
	bool enabled = NVME_GET(cc, NVME_CC_EN);
	uint32_t shn = NVME_GET(cc, NVME_CC_SHN);

	if (cc & CC_RESERVED)
		emu_judge_find(judge, EMU_RULE_REG_RESERVED, NVME_REG_CC, cc, 0);
	if (is_enabled(ctrl) && enabled)
		check_enabled(judge, ctrl, cc);
	if (enabled && shn && !NVME_GET(ctrl->cc, NVME_CC_SHN))
		check_shutdown(judge, ctrl, shn);
	if (!is_enabled(ctrl) && enabled) {
		check_enable(judge, ctrl, cc);
		ctrl->saw_ready = false;
	}
	if (is_enabled(ctrl) && !enabled) {
		if (!ctrl->ready && !ctrl->fatal)
			emu_judge_find(judge, EMU_RULE_DISABLE_EARLY, cc, 0, 0);
		ctrl->saw_ready = false;
		ctrl->saw_idle = false;
		ctrl->resetting = true;
	}
	ctrl->cc = cc;
}

static bool is_of_admin_queue(uint64_t offset)
{
	return offset >= NVME_REG_AQA && offset < NVME_REG_ACQ + 8;
}

static uint64_t with_dword(uint64_t old, uint64_t offset, uint32_t value)
{
	return offset % 8 ? (old & UINT32_MAX) | (uint64_t)value << 32
			  : (old & ~(uint64_t)UINT32_MAX) | value;
}

/* AQA, ASQ and ACQ; the low bits of an address are looked at when it is used. */
static void write_admin_queue(struct emu_judge *judge, struct judge_ctrl *ctrl, uint64_t offset,
			      uint32_t value)
{
	if (offset == NVME_REG_AQA) {
		if (value & AQA_RESERVED)
			emu_judge_find(judge, EMU_RULE_REG_RESERVED, offset, value, 0);
		ctrl->aqa = value;
	} else if (offset < NVME_REG_ACQ) {
		ctrl->asq = with_dword(ctrl->asq, offset - NVME_REG_ASQ, value);
	} else {
		ctrl->acq = with_dword(ctrl->acq, offset - NVME_REG_ACQ, value);
	}
}

static void write_dword(struct emu_judge *judge, struct judge_ctrl *ctrl, uint64_t offset,
			uint32_t value)
{
	if (offset == NVME_REG_CC)
		write_cc(judge, ctrl, value);
	else if (is_of_admin_queue(offset))
		write_admin_queue(judge, ctrl, offset, value);
	else if (!is_in(writable, sizeof(writable) / sizeof(writable[0]), offset))
		emu_judge_find(judge, EMU_RULE_REG_READ_ONLY, offset, value, 0);
}

/** emu_judge_reg_write - reg.write: offset, bytes, value */
void emu_judge_reg_write(struct emu_judge *judge, struct judge_ctrl *ctrl,
			 const struct nvme_trace_record *record)
{
	uint64_t offset = record->args[0], bytes = record->args[1], value = record->args[2];

	if (!is_right_width(offset, bytes))
		emu_judge_find(judge, EMU_RULE_REG_WIDTH, offset, bytes, 0);
	if (is_of_admin_queue(offset) && is_enabled(ctrl))
		emu_judge_find(judge, EMU_RULE_ADMIN_QUEUE_LATE, offset, value, 0);
	write_dword(judge, ctrl, offset, (uint32_t)value);
	if (bytes == 8)
		write_dword(judge, ctrl, offset + 4, (uint32_t)(value >> 32));
}

/** emu_judge_reg_refused - reg.refused: offset, bytes */
void emu_judge_reg_refused(struct emu_judge *judge, struct judge_ctrl *ctrl,
			   const struct nvme_trace_record *record)
{
	(void)ctrl;
	emu_judge_find(judge, EMU_RULE_REG_WIDTH, record->args[0], record->args[1], 0);
}

/** emu_judge_reg_read - reg.read: offset, bytes, value: what the host knows of CC and of RDY */
void emu_judge_reg_read(struct emu_judge *judge, struct judge_ctrl *ctrl,
			const struct nvme_trace_record *record)
{
	uint64_t offset = record->args[0], bytes = record->args[1];
	bool ready = NVME_GET(record->args[2], NVME_CSTS_RDY);

	if (!is_right_width(offset, bytes))
		emu_judge_find(judge, EMU_RULE_REG_WIDTH, offset, bytes, 0);
	if (offset == NVME_REG_CC && ctrl->doubted) {
		ctrl->doubted = false;
		ctrl->cc = (uint32_t)record->args[2];
	}
	if (offset != NVME_REG_CSTS || bytes < 4)
		return;
	if (is_enabled(ctrl) && ready)
		ctrl->saw_ready = true;
	if (!is_enabled(ctrl) && !ready)
		ctrl->saw_idle = true;
}
