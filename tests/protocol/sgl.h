/* SPDX-License-Identifier: BSD-3-Clause */
/* Descriptors of scatter gather lists, Base 2.0 4.1.2, for the suites about them. */
#ifndef TESTS_PROTOCOL_SGL_H
#define TESTS_PROTOCOL_SGL_H

#include "common/le.h"
#include "tests/harness/host.h"

#define BLOCK	NVME_SGL_DATA_BLOCK
#define BUCKET	NVME_SGL_BIT_BUCKET
#define SEGMENT NVME_SGL_SEGMENT
#define LAST	NVME_SGL_LAST_SEGMENT
#define PSDT1	(NVME_PSDT_SGL << 6)
#define PSDT2	(NVME_PSDT_SGL_MPTR << 6)

/* The second eight bytes, which prp2 holds when DPTR is a descriptor: length, type, subtype. */
static inline uint64_t rest(uint32_t type, uint32_t length)
{
	return length | (uint64_t)type << 60;
}

static inline void put_descriptor(struct th_host *h, uint64_t at, uint32_t type, uint64_t addr,
				  uint32_t length)
{
	nvme_store_le64(th_ptr(h, at), addr);
	nvme_store_le64(th_ptr(h, at + 8), rest(type, length));
}

#endif
