/* SPDX-License-Identifier: BSD-3-Clause */
/* Identify, for the suites about it. */
#ifndef TESTS_PROTOCOL_IDENTIFY_H
#define TESTS_PROTOCOL_IDENTIFY_H

#include <string.h>

#include "tests/harness/host.h"

/* A structure, in a page that held something else before. */
static inline const void *identify_csi(struct th_host *h, uint32_t cns, uint32_t nsid,
				       uint32_t cdw11)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), 0xa5, 4096);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .prp1 = page, .cdw10 = cns,
	      .cdw11 = cdw11);
	return th_ptr(h, page);
}

static inline const void *identify(struct th_host *h, uint32_t cns, uint32_t nsid)
{
	return identify_csi(h, cns, nsid, 0);
}

static inline bool is_zero(const void *data, size_t bytes)
{
	const uint8_t *byte = data;

	for (size_t i = 0; i < bytes; i++) {
		if (byte[i])
			return false;
	}
	return true;
}

#endif
