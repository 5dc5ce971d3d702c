/* SPDX-License-Identifier: BSD-3-Clause */
/* Two commands of one queue on blocks of namespace 1, for the suites about such. */
#ifndef TESTS_PROTOCOL_TWO_H
#define TESTS_PROTOCOL_TWO_H

#include <string.h>

#include "tests/harness/host.h"

struct bench {
	struct th_host *h;
	uint64_t old, new;
};

static inline struct bench make(struct th_host *h)
{
	struct bench b = { h, th_alloc(h, 16384), th_alloc(h, 16384) };

	memset(th_ptr(h, b.old), 0, 16384);
	memset(th_ptr(h, b.new), 0x22, 16384);
	return b;
}

static inline struct th_command command(struct bench *b, uint8_t opcode, uint16_t cid,
					uint64_t slba, uint32_t nlb)
{
	uint64_t data = opcode == NVME_CMD_COMPARE ? b->old : b->new;

	return (struct th_command){ .opcode = opcode,
				    .cid = cid,
				    .nsid = 1,
				    .prp1 = data,
				    .prp2 = data + 4096,
				    .cdw10 = (uint32_t)slba,
				    .cdw12 = nlb - 1 };
}

static inline void put(struct bench *b, struct th_command c, uint8_t fuse, bool ring)
{
	c.flags = fuse;
	th_submit_(b->h, 1, c, ring);
}

static inline void put_pair(struct bench *b, uint64_t slba, uint32_t nlb)
{
	put(b, command(b, NVME_CMD_COMPARE, 1, slba, nlb), NVME_FUSE_FIRST, false);
	put(b, command(b, NVME_CMD_WRITE, 2, slba, nlb), NVME_FUSE_SECOND, true);
	th_run(b->h);
}

static inline uint8_t block(struct bench *b, uint64_t lba)
{
	return *(uint8_t *)th_media_block(b->h, 1, lba);
}

/* What became of command @cid, which is the next to complete: enum nvme_status_code. */
static inline uint16_t next_code(struct bench *b, uint16_t cid)
{
	struct nvme_cqe cqe;

	ck_assert(th_next_cqe(b->h, 1, &cqe));
	ck_assert_uint_eq(nvme_cpu16(cqe.cid), cid);
	return nvme_status_code(nvme_cqe_status(nvme_cpu16(cqe.status)));
}

#endif
