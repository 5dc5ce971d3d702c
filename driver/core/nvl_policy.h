/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of a command that the controller refused: a table by status and opcode. Included by
 * nvl.h.
 *
 * Two policies of other drivers are here for comparison, so that a test of a drive can say what
 * each of them would have done.
 */
#ifndef NVMELAB_DRIVER_CORE_NVL_POLICY_H
#define NVMELAB_DRIVER_CORE_NVL_POLICY_H

#include "driver/core/nvl.h"

#pragma GCC visibility push(default)

/** enum nvl_policy - the tables */
enum nvl_policy {
	NVL_POLICY_OURS,
	NVL_POLICY_SPDK,  /* its NVMe library: 0/82h, 0/84h and 3/00h */
	NVL_POLICY_LINUX, /* whatever has no Do Not Retry */
	NVL_POLICIES
};

/** enum nvl_action - what is done about a status; DNR makes a retry a report */
enum nvl_action {
	NVL_ACTION_SURFACE, /* the caller gets the status */
	NVL_ACTION_RETRY,   /* sent again, at most max_retries times; then the caller gets it */
	NVL_ACTION_RESCAN,  /* the caller gets it, and the namespaces are read again */
	NVL_ACTION_RESET,   /* the caller gets it, and the controller is reset */
	NVL_ACTIONS
};

#define NVL_CLASS_IDEMPOTENT 0x1u /* done twice, the same: reads, writes, Identify */
#define NVL_CLASS_OTHER	     0x2u /* Zone Append, reservations, fused commands, most of admin */
#define NVL_CLASS_ANY	     0x3u

/** struct nvl_policy_row - statuses @first .. @last (SCT << 8 | SC) of opcodes in @classes */
struct nvl_policy_row {
	uint16_t first;
	uint16_t last;
	uint8_t classes;
	uint8_t action; /* enum nvl_action */
};

/** nvl_policy_name - "ours", "spdk", "linux"; "?" */
const char *nvl_policy_name(enum nvl_policy policy);

/** nvl_policy_row - row @index of @policy, the first that fits counts; NULL past the last one */
const struct nvl_policy_row *nvl_policy_row(enum nvl_policy policy, uint32_t index);

/** nvl_action_name - "surface", "retry" and so on; "?" */
const char *nvl_action_name(enum nvl_action action);

/**
 * nvl_opcode_class - NVL_CLASS_IDEMPOTENT or NVL_CLASS_OTHER
 * @admin: whether @opcode is one of the admin queue
 * @flags: of the submission queue entry (FUSE)
 */
uint32_t nvl_opcode_class(bool admin, uint8_t opcode, uint8_t flags);

/** nvl_decide - what @policy does about @status, not 0, of a command of @opcode_class */
enum nvl_action nvl_decide(enum nvl_policy policy, nvme_status status, uint32_t opcode_class);

#pragma GCC visibility pop

#endif
