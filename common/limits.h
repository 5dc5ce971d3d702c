/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Upper bounds that the specification sets, or that the width of a wire field does.
 *
 * Each is derived from the field that carries it where there is one, so a wrong number does not
 * compile. A program's own, smaller bounds live with the program.
 */
#ifndef NVMELAB_COMMON_LIMITS_H
#define NVMELAB_COMMON_LIMITS_H

#include "common/nvme_spec.h"

/* Queues, Base 2.0 3.3. A queue of n entries holds n - 1 commands. */
#define NVME_MAX_QUEUE_ENTRIES	     65536
#define NVME_MIN_QUEUE_ENTRIES	     2
#define NVME_MAX_ADMIN_QUEUE_ENTRIES 4096
#define NVME_MAX_QUEUE_ID	     65535
#define NVME_MAX_IO_QUEUES	     65535 /* feature 07 does not allow all-ones */
#define NVME_MAX_INTERRUPT_VECTORS   2048  /* of an MSI-X table */

/* Commands at once, Identify ACL and AERL, 0's based. */
#define NVME_MAX_ABORTS 256
#define NVME_MAX_AERS	256

/* Memory pages, 2^(12 + n) bytes. */
#define NVME_MIN_PAGE_SHIFT 12
#define NVME_MAX_PAGE_SHIFT 27

/* Names and lists. */
#define NVME_MAX_CONTROLLER_ID	   0xffef /* FFF0h and above have meanings of their own */
#define NVME_MAX_NSID		   0xfffffffe
#define NVME_MAX_ERROR_LOG_ENTRIES 256
#define NVME_MIN_LBA_SHIFT	   9
#define NVME_MAX_RW_BLOCKS	   65536
#define NVME_MAX_COPY_RANGES	   256
#define NVME_MAX_LOG_BYTES	   (UINT64_C(4) << 32)

_Static_assert(NVME_MAX_QUEUE_ENTRIES == NVME_FIELD_MAX(NVME_CAP_MQES) + 1, "0's based MQES");
_Static_assert(NVME_MAX_QUEUE_ENTRIES == NVME_FIELD_MAX(NVME_CREATE_SQ_QSIZE) + 1, "0's based");
_Static_assert(NVME_MAX_QUEUE_ENTRIES == NVME_FIELD_MAX(NVME_CREATE_CQ_QSIZE) + 1, "0's based");
_Static_assert(NVME_MAX_ADMIN_QUEUE_ENTRIES == NVME_FIELD_MAX(NVME_AQA_ASQS) + 1, "0's based");
_Static_assert(NVME_MAX_ADMIN_QUEUE_ENTRIES == NVME_FIELD_MAX(NVME_AQA_ACQS) + 1, "0's based");
_Static_assert(NVME_MAX_QUEUE_ID == NVME_FIELD_MAX(NVME_CREATE_SQ_QID), "QID");
_Static_assert(NVME_MAX_IO_QUEUES == NVME_FIELD_MAX(NVME_FEAT_NUM_QUEUES_NSQR),
	       "all-ones - 1, 0's based");
_Static_assert(NVME_MAX_INTERRUPT_VECTORS <= NVME_FIELD_MAX(NVME_CREATE_CQ_IV) + 1, "IV");
_Static_assert(NVME_MAX_PAGE_SHIFT == NVME_MIN_PAGE_SHIFT + NVME_FIELD_MAX(NVME_CAP_MPSMAX), "MPS");
_Static_assert(NVME_MAX_PAGE_SHIFT == NVME_MIN_PAGE_SHIFT + NVME_FIELD_MAX(NVME_CC_MPS), "MPS");
_Static_assert(NVME_MAX_RW_BLOCKS == NVME_FIELD_MAX(NVME_RW_NLB) + 1, "0's based NLB");
_Static_assert(NVME_MAX_COPY_RANGES == NVME_FIELD_MAX(NVME_COPY_NR) + 1, "0's based NR");
_Static_assert(NVME_DSM_RANGES_MAX == NVME_FIELD_MAX(NVME_DSM_NR) + 1, "0's based NR");
_Static_assert(NVME_LBA_RANGE_MAX == NVME_FIELD_MAX(NVME_FEAT_LBA_RANGE_NUM) + 1, "0's based NUM");
_Static_assert(NVME_POWER_STATES_MAX == NVME_FIELD_MAX(NVME_FEAT_POWER_PS) + 1, "PS");
_Static_assert(NVME_FW_SLOTS_MAX == NVME_FIELD_MAX(NVME_FW_COMMIT_FS), "FS");
_Static_assert(NVME_IOCS_COMBINATIONS == NVME_FIELD_MAX(NVME_FEAT_IOCS_PROFILE_IOCSCI) + 1,
	       "IOCSCI");
_Static_assert(NVME_LBA_FORMATS_MAX == NVME_MASK(NVME_ID_NS_FLBAS_FORMAT_LOW) + 1 +
					       (NVME_FIELD_MAX(NVME_ID_NS_FLBAS_FORMAT_HIGH) << 4),
	       "6 bits of format index");

#endif
