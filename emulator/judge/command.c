/* SPDX-License-Identifier: BSD-3-Clause */
/* The judge on commands: submission queue entries as they are fetched (Base 2.0 3.3.3.1). */
#include "common/le.h"
#include "emulator/judge/shadow.h"

#define FLAGS_RESERVED 0x3c /* bits 13:10 of dword 0 */
#define PSDT_RESERVED  3
#define FUSE_RESERVED  3
#define CANCEL	       0x18 /* of a newer version; NSID may be FFFFFFFFh */

/* One row a command: the bits of CDW10 to CDW15 that are reserved in it. */
struct reserved {
	bool admin;
	uint8_t opcode;
	uint32_t bits[6];
};

#define ALL UINT32_MAX
static const struct reserved reserved_bits[] = {
	/* clang-format off */
	{ true, NVME_ADMIN_DELETE_IO_SQ, { 0xffff0000, ALL, ALL, ALL, ALL, ALL } },
	{ true, NVME_ADMIN_DELETE_IO_CQ, { 0xffff0000, ALL, ALL, ALL, ALL, ALL } },
	{ true, NVME_ADMIN_CREATE_IO_SQ, { 0, 0x0000fff8, 0xffff0000, ALL, ALL, ALL } },
	{ true, NVME_ADMIN_CREATE_IO_CQ, { 0, 0x0000fffc, ALL, ALL, ALL, ALL } },
	{ true, NVME_ADMIN_IDENTIFY, { 0x0000ff00, 0x00ff0000, ALL, ALL, 0xffffff80, ALL } },
	{ true, NVME_ADMIN_ABORT, { 0, ALL, ALL, ALL, ALL, ALL } },
	{ true, NVME_ADMIN_SET_FEATURES, { 0x7fffff00, 0, 0, 0, 0, 0 } },
	{ true, NVME_ADMIN_GET_FEATURES, { 0xfffff800, 0, 0, 0, 0, 0 } },
	{ true, NVME_ADMIN_ASYNC_EVENT_REQUEST, { ALL, ALL, ALL, ALL, ALL, ALL } },
	{ true, NVME_ADMIN_KEEP_ALIVE, { ALL, ALL, ALL, ALL, ALL, ALL } },
	{ false, NVME_CMD_FLUSH, { ALL, ALL, ALL, ALL, ALL, ALL } },
	{ false, NVME_CMD_DSM, { 0xffffff00, 0xfffffff8, ALL, ALL, ALL, ALL } },
	/* clang-format on */
};
#undef ALL

/* What a command does to blocks, where CDW10 to CDW12 say which. */
static bool names_blocks(uint8_t opcode)
{
	switch (opcode) {
	case NVME_CMD_WRITE:
	case NVME_CMD_READ:
	case NVME_CMD_WRITE_UNCORRECTABLE:
	case NVME_CMD_COMPARE:
	case NVME_CMD_WRITE_ZEROES:
	case NVME_CMD_VERIFY:
		return true;
	default:
		return false;
	}
}

static bool moves_blocks(uint8_t opcode)
{
	return opcode == NVME_CMD_WRITE || opcode == NVME_CMD_READ || opcode == NVME_CMD_COMPARE;
}

static void check_reserved(struct emu_judge *judge, const struct nvme_sqe *sqe, bool admin)
{
	const uint8_t *at = (const uint8_t *)&sqe->cdw10;

	if (sqe->flags & FLAGS_RESERVED)
		emu_judge_find(judge, EMU_RULE_SQE_RESERVED, 0, sqe->flags & FLAGS_RESERVED, 0);
	if (!admin && names_blocks(sqe->opcode)) /* the common case, without a row */
		return;
	for (size_t i = 0; i < sizeof(reserved_bits) / sizeof(reserved_bits[0]); i++) {
		const struct reserved *row = &reserved_bits[i];

		if (row->admin != admin || row->opcode != sqe->opcode)
			continue;
		for (uint32_t dword = 0; dword < 6; dword++) {
			uint32_t bits = nvme_load_le32(at + 4 * (size_t)dword) & row->bits[dword];

			if (bits)
				emu_judge_find(judge, EMU_RULE_SQE_RESERVED, 10 + dword, bits, 0);
		}
	}
}

static void check_pointer_kind(struct emu_judge *judge, const struct nvme_sqe *sqe, bool admin)
{
	uint32_t psdt = NVME_GET(sqe->flags, NVME_SQE_PSDT);

	if (psdt == PSDT_RESERVED)
		emu_judge_find(judge, EMU_RULE_PSDT_RESERVED, 0, 0, 0);
	else if (psdt && admin)
		emu_judge_find(judge, EMU_RULE_ADMIN_SGL, psdt, 0, 0);
	else if (psdt && judge->config.sgls == EMU_SGLS_NONE)
		emu_judge_find(judge, EMU_RULE_SGL_UNSUPPORTED, psdt, 0, 0);
}

/* First and second are neighbours in one queue (Base 2.0 3.4.2, unverified). */
static void check_fused(struct emu_judge *judge, struct judge_sq *sq, const struct nvme_sqe *sqe,
			bool admin)
{
	uint32_t fuse = NVME_GET(sqe->flags, NVME_SQE_FUSE);
	bool after_first = sq->fused;

	sq->fused = fuse == NVME_FUSE_FIRST;
	if (fuse == FUSE_RESERVED)
		emu_judge_find(judge, EMU_RULE_FUSE_RESERVED, 0, 0, 0);
	else if (fuse && admin)
		emu_judge_find(judge, EMU_RULE_ADMIN_FUSED, fuse, 0, 0);
	else if (fuse && !judge->config.fused)
		emu_judge_find(judge, EMU_RULE_FUSED_UNSUPPORTED, fuse, 0, 0);
	else if (after_first != (fuse == NVME_FUSE_SECOND))
		emu_judge_find(judge, EMU_RULE_FUSED_ORDER, fuse, 0, 0);
}

static bool find_ns(const struct emu_judge *judge, uint32_t nsid, struct emu_ns_config *ret_ns)
{
	if (judge->ops.ns)
		return judge->ops.ns(judge->ops.arg, nsid, ret_ns);
	for (uint32_t i = 0; i < judge->config.namespaces; i++) {
		*ret_ns = judge->config.ns[i];
		if (ret_ns->nsid == nsid)
			return true;
	}
	return false;
}

static void check_bytes(struct emu_judge *judge, uint64_t bytes)
{
	uint64_t most = 4096ull << judge->config.mdts;

	if (judge->config.mdts > 0 && bytes > most)
		emu_judge_find(judge, EMU_RULE_MDTS, bytes, most, 0);
}

static void check_blocks(struct emu_judge *judge, const struct nvme_sqe *sqe,
			 const struct emu_ns_config *ns)
{
	uint64_t slba = nvme_cpu32(sqe->cdw10) | (uint64_t)nvme_cpu32(sqe->cdw11) << 32;
	uint64_t nlb = NVME_GET(nvme_cpu32(sqe->cdw12), NVME_RW_NLB) + 1;

	if (slba >= ns->blocks || nlb > ns->blocks - slba)
		emu_judge_find(judge, EMU_RULE_LBA_RANGE, slba, nlb, ns->blocks);
	if (moves_blocks(sqe->opcode))
		check_bytes(judge, nlb << ns->lbads);
}

static bool is_of_all(uint8_t opcode)
{
	return opcode == NVME_CMD_FLUSH || opcode == CANCEL;
}

static void check_io(struct emu_judge *judge, const struct nvme_sqe *sqe)
{
	uint32_t nsid = nvme_cpu32(sqe->nsid);
	struct emu_ns_config ns;

	if (sqe->opcode & 0x80 || (nsid == NVME_NSID_ALL && is_of_all(sqe->opcode)))
		return;
	if (nsid == 0 || nsid > judge->config.nn) {
		emu_judge_find(judge, EMU_RULE_NSID, nsid, judge->config.nn, 0);
		return;
	}
	if (!find_ns(judge, nsid, &ns))
		emu_judge_find(judge, EMU_RULE_NSID_ABSENT, nsid, 0, 0);
	else if (names_blocks(sqe->opcode))
		check_blocks(judge, sqe, &ns);
}

static void check_feature(struct emu_judge *judge, const struct judge_ctrl *ctrl,
			  const struct nvme_sqe *sqe)
{
	uint32_t cdw11 = nvme_cpu32(sqe->cdw11);
	uint32_t queues = emu_judge_io_queues(judge, ctrl);

	if ((nvme_cpu32(sqe->cdw10) & 0xff) != NVME_FID_NUM_QUEUES)
		return;
	if (queues > 0)
		emu_judge_find(judge, EMU_RULE_QUEUE_COUNT_LATE, queues, 0, 0);
	if ((cdw11 & 0xffff) == 0xffff || cdw11 >> 16 == 0xffff)
		emu_judge_find(judge, EMU_RULE_QUEUE_COUNT, cdw11, 0, 0);
}

static uint64_t log_bytes(const struct nvme_sqe *sqe)
{
	uint64_t numd = nvme_cpu32(sqe->cdw10) >> 16 | (nvme_cpu32(sqe->cdw11) & 0xffff) << 16;

	return (numd + 1) * 4;
}

static void check_limit(struct emu_judge *judge, uint8_t opcode, uint64_t fetched, uint64_t most,
			enum emu_judge_rules rule)
{
	uint64_t count = emu_judge_outstanding(judge, judge->at.ctrl, opcode, fetched) + 1ull;

	if (count > most)
		emu_judge_find(judge, rule, count, most, 0);
}

static void check_admin(struct emu_judge *judge, struct judge_ctrl *ctrl, const struct judge_sq *sq,
			const struct nvme_sqe *sqe)
{
	switch (sqe->opcode) {
	case NVME_ADMIN_SET_FEATURES:
		check_feature(judge, ctrl, sqe);
		break;
	case NVME_ADMIN_GET_LOG_PAGE:
		check_bytes(judge, log_bytes(sqe));
		break;
	case NVME_ADMIN_ASYNC_EVENT_REQUEST:
		check_limit(judge, sqe->opcode, sq->fetched, judge->config.aerl + 1,
			    EMU_RULE_AER_LIMIT);
		break;
	case NVME_ADMIN_ABORT:
		check_limit(judge, sqe->opcode, sq->fetched, judge->config.acl + 1,
			    EMU_RULE_ABORT_LIMIT);
		break;
	default:
		emu_judge_check_queue(judge, ctrl, sqe);
		break;
	}
}

static void check_identifier(struct emu_judge *judge, const struct judge_sq *sq,
			     const struct judge_cmd *cmd)
{
	const struct judge_cmd *other = emu_judge_conflict(judge, cmd->ctrl, cmd->qid, cmd->cid,
							   sq->fetched);

	if (other)
		emu_judge_find(judge, EMU_RULE_CID_REUSED, other->opcode, 0, 0);
	if (cmd->cid == UINT16_MAX)
		emu_judge_find(judge, EMU_RULE_CID_ALL_ONES, 0, 0, 0);
}

static void check_entry(struct emu_judge *judge, struct judge_ctrl *ctrl, struct judge_sq *sq,
			const struct nvme_sqe *sqe)
{
	bool admin = judge->at.qid == 0;

	check_reserved(judge, sqe, admin);
	check_pointer_kind(judge, sqe, admin);
	check_fused(judge, sq, sqe, admin);
	if (admin)
		check_admin(judge, ctrl, sq, sqe);
	else
		check_io(judge, sqe);
}

/** emu_judge_fetched - sqe.fetch: qid, slot, cid, opcode, nsid, and the entry */
void emu_judge_fetched(struct emu_judge *judge, struct judge_ctrl *ctrl,
		       const struct nvme_trace_record *record)
{
	struct judge_sq *sq = emu_judge_sq(judge, ctrl, (uint32_t)record->args[0]);
	bool misread = ctrl->misread;
	struct judge_cmd cmd;
	struct nvme_sqe sqe;

	ctrl->misread = false;
	if (!sq || record->args[1] >= sq->entries || record->data_bytes != sizeof(sqe))
		return;
	memcpy(&sqe, record->data, sizeof(sqe));
	cmd = (struct judge_cmd){
		.ctrl = record->ctrl,
		.qid = (uint16_t)record->args[0],
		.cid = nvme_cpu16(sqe.cid),
		.opcode = sqe.opcode,
		.fua = NVME_GET(nvme_cpu32(sqe.cdw12), NVME_RW_FUA),
		.nsid = nvme_cpu32(sqe.nsid),
		.cdw10 = nvme_cpu32(sqe.cdw10),
		.cdw11 = nvme_cpu32(sqe.cdw11),
		.prp1 = nvme_cpu64(sqe.prp1),
		.mark = ctrl->writes,
	};
	emu_judge_about_command(judge, cmd.qid, cmd.cid, cmd.opcode);
	if (!misread) {
		check_identifier(judge, sq, &cmd);
		check_entry(judge, ctrl, sq, &sqe);
	} else {
		/* No rule changes FUSE, and the next entry belongs to this one. */
		sq->fused = NVME_GET(sqe.flags, NVME_SQE_FUSE) == NVME_FUSE_FIRST;
	}
	emu_judge_depart(judge, &cmd);
	sq->head = nvme_ring_next((uint32_t)record->args[1], sq->entries);
	sq->fetched++;
}
