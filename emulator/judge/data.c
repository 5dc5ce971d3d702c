/* SPDX-License-Identifier: BSD-3-Clause */
/* The judge on data pointers: PRPs, their lists, SGLs, and buffers where queues are. */
#include "common/le.h"
#include "emulator/judge/shadow.h"

#define SGL_BYTES 16

/* The command of a record that begins with qid and cid; NULL when it is not in flight. */
static struct judge_cmd *command_of(struct emu_judge *judge, const struct nvme_trace_record *record)
{
	struct judge_cmd *cmd = emu_judge_flight(judge, record->ctrl, (uint16_t)record->args[0],
						 (uint16_t)record->args[1]);

	if (cmd)
		emu_judge_about_command(judge, cmd->qid, cmd->cid, cmd->opcode);
	return cmd;
}

static bool is_creation(const struct judge_cmd *cmd)
{
	return cmd->qid == 0 &&
	       (cmd->opcode == NVME_ADMIN_CREATE_IO_CQ || cmd->opcode == NVME_ADMIN_CREATE_IO_SQ);
}

/* Told once a command. The pages of a queue that is created are judged elsewhere. */
static void check_buffer(struct emu_judge *judge, const struct judge_ctrl *ctrl,
			 struct judge_cmd *cmd, uint64_t iova, uint64_t bytes)
{
	uint64_t queue;

	if (cmd->told || is_creation(cmd) || !emu_judge_overlaps(judge, ctrl, iova, bytes, &queue))
		return;
	cmd->told = true;
	emu_judge_find(judge, EMU_RULE_BUFFER_QUEUE, iova, bytes, queue);
}

/** emu_judge_prp_list - prp.list: qid, cid, iova, entries, and the entries */
void emu_judge_prp_list(struct emu_judge *judge, struct judge_ctrl *ctrl,
			const struct nvme_trace_record *record)
{
	struct judge_cmd *cmd = command_of(judge, record);
	const uint8_t *list = record->data;

	for (uint32_t at = 0; cmd && at + 8 <= record->data_bytes; at += 8) {
		uint64_t entry = nvme_load_le64(list + at);

		if (entry & (ctrl->page_bytes - 1)) {
			emu_judge_find(judge, EMU_RULE_PRP_LIST_ENTRY, entry, ctrl->page_bytes, 0);
			return;
		}
		/* The last page may be used in part; queues begin with a page, too. */
		check_buffer(judge, ctrl, cmd, entry, 1);
	}
}

/** emu_judge_prp_resolved - prp.resolved: qid, cid, prp1, prp2, bytes, spans */
void emu_judge_prp_resolved(struct emu_judge *judge, struct judge_ctrl *ctrl,
			    const struct nvme_trace_record *record)
{
	struct judge_cmd *cmd = command_of(judge, record);
	uint64_t prp1 = record->args[2], prp2 = record->args[3], bytes = record->args[4];
	uint64_t page = ctrl->page_bytes, first = page - (prp1 & (page - 1));

	if (!cmd)
		return;
	if (prp1 & 3) {
		emu_judge_find(judge, EMU_RULE_PRP1_OFFSET, prp1, 0, 0);
		return;
	}
	check_buffer(judge, ctrl, cmd, prp1, bytes < first ? bytes : first);
	if (bytes <= first) {
		if (prp2)
			emu_judge_find(judge, EMU_RULE_PRP2_UNUSED, prp2, bytes, 0);
	} else if (bytes - first > page) {
		if (prp2 & 7)
			emu_judge_find(judge, EMU_RULE_PRP_LIST_ALIGN, prp2, 0, 0);
	} else {
		if (prp2 & (page - 1))
			emu_judge_find(judge, EMU_RULE_PRP2_OFFSET, prp2, page, 0);
		check_buffer(judge, ctrl, cmd, prp2, bytes - first);
	}
}

/** emu_judge_sgl_segment - sgl.segment: qid, cid, iova, entries, and the descriptors */
void emu_judge_sgl_segment(struct emu_judge *judge, struct judge_ctrl *ctrl,
			   const struct nvme_trace_record *record)
{
	struct judge_cmd *cmd = command_of(judge, record);
	const uint8_t *list = record->data;

	for (uint32_t at = 0; cmd && at + SGL_BYTES <= record->data_bytes; at += SGL_BYTES) {
		if (list[at + 15] >> 4 == NVME_SGL_DATA_BLOCK)
			check_buffer(judge, ctrl, cmd, nvme_load_le64(list + at),
				     nvme_load_le32(list + at + 8));
	}
}
