/* SPDX-License-Identifier: BSD-3-Clause */
/* The host's side of the rings: commands in, completions out, and what was expected of them. */
#include <string.h>

#include "tests/harness/internal.h"

#define TAIL_LINES 32
#define TAIL_BYTES 4000 /* Check has no room for much more */

/* The last lines of the trace, for a failed expectation. */
static const char *story(struct th_host *host)
{
	const char *at = host->trace + host->trace_text.used;
	const char *start = host->trace;
	unsigned int lines = 0;

	if (host->trace_text.used > TAIL_BYTES)
		start = at - TAIL_BYTES;
	while (at > start && lines <= TAIL_LINES)
		lines += *--at == '\n';
	return at;
}

static struct th_rings *rings_of(struct th_host *host, uint32_t qid)
{
	ck_assert_uint_lt(qid, TH_QUEUES);
	return &host->now.rings[host->now.ctrl][qid];
}

void th_rings(struct th_host *host, uint32_t qid, uint64_t sq, uint64_t cq, uint32_t entries)
{
	*rings_of(host, qid) = (struct th_rings){
		.sq = sq,
		.cq = cq,
		.sq_entries = entries,
		.cq_entries = entries,
		.phase = true,
	};
}

void th_take_rings(struct th_host *host, uint32_t ctrl, uint32_t qid)
{
	*rings_of(host, qid) = host->now.rings[ctrl][qid];
}

static void new_rings(struct th_host *host, uint32_t qid, uint32_t entries)
{
	uint64_t sq = th_alloc(host, entries * 64);
	uint64_t cq = th_alloc(host, entries * 16);

	th_rings(host, qid, sq, cq, entries);
}

void th_enable(struct th_host *host, uint32_t entries)
{
	new_rings(host, 0, entries);
	th_write32(host, NVME_REG_AQA, (entries - 1) << 16 | (entries - 1));
	th_write64(host, NVME_REG_ASQ, rings_of(host, 0)->sq);
	th_write64(host, NVME_REG_ACQ, rings_of(host, 0)->cq);
	/* Bits 13:11, the arbitration, are the test's. */
	th_write32(host, NVME_REG_CC,
		   (th_read32(host, NVME_REG_CC) & NVME_MASK(NVME_CC_AMS)) | 4 << 20 | 6 << 16 |
			   host->options.mps << 7 | host->options.css << 4 | 1);
	th_run(host);
}

void th_create_queues(struct th_host *host, uint32_t qid, uint32_t entries)
{
	uint32_t vector = host->options.intx ? 0 : qid;

	new_rings(host, qid, entries);
	th_do(host, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = rings_of(host, qid)->cq,
	      .cdw10 = (entries - 1) << 16 | qid, .cdw11 = vector << 16 | 3);
	th_do(host, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = rings_of(host, qid)->sq,
	      .cdw10 = (entries - 1) << 16 | qid, .cdw11 = qid << 16 | 1);
}

void th_submit_(struct th_host *host, uint32_t qid, struct th_command command, bool ring)
{
	struct th_rings *rings = rings_of(host, qid);
	struct nvme_sqe sqe = {
		.opcode = command.opcode,
		.flags = command.flags,
		.cid = nvme_le16(command.cid),
		.nsid = nvme_le32(command.nsid),
		.cdw2 = nvme_le32(command.cdw2),
		.cdw3 = nvme_le32(command.cdw3),
		.cdw10 = nvme_le32(command.cdw10),
		.cdw11 = nvme_le32(command.cdw11),
		.cdw12 = nvme_le32(command.cdw12),
		.cdw13 = nvme_le32(command.cdw13),
		.cdw14 = nvme_le32(command.cdw14),
		.cdw15 = nvme_le32(command.cdw15),
	};

	sqe.prp1 = nvme_le64(command.prp1);
	sqe.prp2 = nvme_le64(command.prp2);
	sqe.mptr = nvme_le64(command.mptr);
	memcpy(th_ptr(host, rings->sq + rings->tail * 64), &sqe, sizeof(sqe));
	rings->tail = nvme_ring_next(rings->tail, rings->sq_entries);
	if (ring)
		th_ring_sq(host, qid, rings->tail);
}

uint32_t th_tail(struct th_host *host, uint32_t qid)
{
	return rings_of(host, qid)->tail;
}

uint32_t th_head(struct th_host *host, uint32_t cqid)
{
	return rings_of(host, cqid)->head;
}

bool th_next_cqe(struct th_host *host, uint32_t cqid, struct nvme_cqe *ret_cqe)
{
	struct th_rings *rings = rings_of(host, cqid);
	const struct nvme_cqe *slot = th_ptr(host, rings->cq + rings->head * 16);

	if (nvme_cqe_phase(slot) != rings->phase)
		return false;
	*ret_cqe = *slot;
	rings->head = nvme_ring_next(rings->head, rings->cq_entries);
	if (rings->head == 0)
		rings->phase = !rings->phase;
	return true;
}

void th_expect_cqe_(struct th_host *host, struct th_cqe want, int line)
{
	struct nvme_cqe cqe;
	uint32_t sqid = want.sqid ? want.sqid : want.cqid;
	nvme_status status = want.sc;

	if (want.sc && !want.unlogged)
		status |= NVME_MORE;
	if (want.sc && !want.retry)
		status |= NVME_DNR;
	ck_assert_msg(th_next_cqe(host, want.cqid, &cqe), "line %d: no completion in queue %u\n%s",
		      line, want.cqid, story(host));
	ck_assert_msg(nvme_cpu16(cqe.cid) == want.cid && nvme_cpu16(cqe.sqid) == sqid &&
			      nvme_cqe_status(nvme_cpu16(cqe.status)) == status &&
			      nvme_cpu32(cqe.dw0) == want.dw0,
		      "line %d: queue %u: got cid %u sqid %u status %04x dw0 %08x, "
		      "expected cid %u sqid %u status %04x dw0 %08x\n%s",
		      line, want.cqid, nvme_cpu16(cqe.cid), nvme_cpu16(cqe.sqid),
		      nvme_cqe_status(nvme_cpu16(cqe.status)), nvme_cpu32(cqe.dw0), want.cid, sqid,
		      status, want.dw0, story(host));
	th_ring_cq(host, want.cqid, rings_of(host, want.cqid)->head);
}

void th_expect_none_(struct th_host *host, uint32_t cqid, int line)
{
	struct nvme_cqe cqe;

	ck_assert_msg(!th_next_cqe(host, cqid, &cqe), "line %d: queue %u has a completion\n%s",
		      line, cqid, story(host));
}

nvme_status th_try_(struct th_host *host, uint32_t qid, struct th_command command, int line)
{
	struct nvme_cqe cqe;

	th_submit_(host, qid, command, true);
	th_run(host);
	ck_assert_msg(th_next_cqe(host, qid, &cqe), "line %d: no completion in queue %u\n%s", line,
		      qid, story(host));
	ck_assert_msg(nvme_cpu16(cqe.cid) == command.cid && nvme_cpu16(cqe.sqid) == qid,
		      "line %d: queue %u: a completion of cid %u sqid %u\n%s", line, qid,
		      nvme_cpu16(cqe.cid), nvme_cpu16(cqe.sqid), story(host));
	th_ring_cq(host, qid, rings_of(host, qid)->head);
	return nvme_cqe_status(nvme_cpu16(cqe.status));
}

uint32_t th_do_(struct th_host *host, struct th_command command, int line)
{
	struct nvme_cqe cqe;

	th_submit_(host, 0, command, true);
	th_run(host);
	ck_assert_msg(th_next_cqe(host, 0, &cqe), "line %d: no completion\n%s", line, story(host));
	ck_assert_msg(nvme_cqe_status(nvme_cpu16(cqe.status)) == 0, "line %d: status %04x\n%s",
		      line, nvme_cqe_status(nvme_cpu16(cqe.status)), story(host));
	th_ring_cq(host, 0, rings_of(host, 0)->head);
	return nvme_cpu32(cqe.dw0);
}

void th_read_block(struct th_host *host, uint16_t cid, uint32_t lba)
{
	th_io(host, 1, .opcode = NVME_CMD_READ, .nsid = 1, .cid = cid, .prp1 = th_alloc(host, 4096),
	      .cdw10 = lba);
	th_run(host);
}

void th_write_block(struct th_host *host, uint16_t cid, uint32_t lba, uint8_t byte)
{
	uint64_t data = th_alloc(host, 4096);

	memset(th_ptr(host, data), byte, 512);
	th_io(host, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .cid = cid, .prp1 = data, .cdw10 = lba);
	th_run(host);
}
