/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The NVMe specification as data: registers, queue entries, commands, Identify data, log pages.
 *
 * NVM Express revision 2.0 with the NVM and Zoned Namespace command sets, and what later ones
 * added in places that were reserved. Offsets and codes were compared with public headers (see
 * tests/unit/test_offsets.c); clause numbers are from memory and unverified.
 *
 * Conventions:
 *  - A bit field is a pair "hi, lo" for the macros of common/bits.h; its comment or its heading
 *    names the dword, register or member that holds it.
 *  - Multi-byte members are wire types of common/le.h; members have the names that the
 *    specification gives them, reserved bytes are rsvd and the offset.
 *  - Values are as on the wire: many counts are 0's based (stored value = count - 1), and say so.
 *  - Every structure has its size asserted, and the offsets after each gap.
 *
 * May be included together with <linux/nvme_ioctl.h>.
 */
#ifndef NVMELAB_COMMON_NVME_SPEC_H
#define NVMELAB_COMMON_NVME_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bits.h"
#include "common/le.h"
#include "common/nvme_lists.h"

#define NVME_ASSERT_SIZE(type, bytes) \
	_Static_assert(sizeof(type) == (bytes), #type " has the size that the specification says")
#define NVME_ASSERT_OFFSET(type, member, offset) \
	_Static_assert(offsetof(type, member) == (offset), #type "." #member " is in its place")

/* For the few structures in which the specification puts an integer at an odd place. */
#define NVME_PACKED __attribute__((packed))

/*
 * ------------------------------------------------------------------------------------------------
 * Registers (properties) in BAR0, Base 2.0 3.1.3
 * ------------------------------------------------------------------------------------------------
 */

#define NVME_ROW(name, offset, bytes, clause) NVME_REG_##name = (offset),
/** enum nvme_register - byte offsets in BAR0 */
enum nvme_register {
	NVME_REGISTER_LIST(NVME_ROW)
};
#undef NVME_ROW

/* First doorbell: SQ y tail at 1000h + 2y strides, CQ y head at 1000h + (2y + 1) strides. */
#define NVME_DOORBELL_OFFSET 0x1000
/* Smallest distance of two doorbells, in bytes; the real one is this << CAP.DSTRD. */
#define NVME_DOORBELL_BYTES 4

/* The PCI class code of an NVM Express I/O controller: base class, sub-class, interface. */
#define NVME_PCI_CLASS_CODE 0x010802

/* CAP: controller capabilities, 64 bits, read only. */
#define NVME_CAP_MQES	    15, 0  /* most entries of a queue, 0's based */
#define NVME_CAP_CQR	    16, 16 /* queues must be physically contiguous */
#define NVME_CAP_AMS	    18, 17 /* arbitration besides round robin */
#define NVME_CAP_AMS_WRR    17, 17 /* weighted round robin with urgent class */
#define NVME_CAP_AMS_VENDOR 18, 18 /* vendor specific */
#define NVME_CAP_TO	    31, 24 /* worst time for RDY to follow EN, in 500 ms */
#define NVME_CAP_DSTRD	    35, 32 /* doorbell stride: 2^(2 + n) bytes */
#define NVME_CAP_NSSRS	    36, 36 /* NVM subsystem reset supported */
#define NVME_CAP_CSS	    44, 37 /* command sets supported */
#define NVME_CAP_CSS_NVM    37, 37 /* NVM command set */
#define NVME_CAP_CSS_IOCS   43, 43 /* one or more I/O command sets, see Identify CNS 1Ch */
#define NVME_CAP_CSS_ADMIN  44, 44 /* no I/O command set */
#define NVME_CAP_BPS	    45, 45 /* boot partitions supported */
#define NVME_CAP_CPS	    47, 46 /* scope of controller power: enum nvme_cps */
#define NVME_CAP_MPSMIN	    51, 48 /* smallest memory page: 2^(12 + n) bytes */
#define NVME_CAP_MPSMAX	    55, 52 /* largest memory page: 2^(12 + n) bytes */
#define NVME_CAP_PMRS	    56, 56 /* persistent memory region supported */
#define NVME_CAP_CMBS	    57, 57 /* controller memory buffer supported, see CMBMSC */
#define NVME_CAP_NSSS	    58, 58 /* NVM subsystem shutdown supported */
#define NVME_CAP_CRMS	    60, 59 /* controller ready modes supported */
#define NVME_CAP_CRWMS	    59, 59 /* ready with media */
#define NVME_CAP_CRIMS	    60, 60 /* ready independent of media */

enum nvme_cps {
	NVME_CPS_NOT_REPORTED = 0,
	NVME_CPS_CONTROLLER = 1,
	NVME_CPS_DOMAIN = 2,
	NVME_CPS_SUBSYSTEM = 3,
};

/* VS: version. */
#define NVME_VS_MJR 31, 16
#define NVME_VS_MNR 15, 8
#define NVME_VS_TER 7, 0
#define NVME_VERSION(mjr, mnr, ter) \
	(NVME_PUT(NVME_VS_MJR, mjr) | NVME_PUT(NVME_VS_MNR, mnr) | NVME_PUT(NVME_VS_TER, ter))

/* CC: controller configuration. */
#define NVME_CC_EN     0, 0   /* enable; 1 to 0 is a controller reset */
#define NVME_CC_CSS    6, 4   /* selected command set: enum nvme_cc_css */
#define NVME_CC_MPS    10, 7  /* memory page size: 2^(12 + n) bytes */
#define NVME_CC_AMS    13, 11 /* arbitration: enum nvme_cc_ams */
#define NVME_CC_SHN    15, 14 /* shutdown notification: enum nvme_cc_shn */
#define NVME_CC_IOSQES 19, 16 /* I/O SQ entry size, 2^n bytes: 6 */
#define NVME_CC_IOCQES 23, 20 /* I/O CQ entry size, 2^n bytes: 4 */
#define NVME_CC_CRIME  24, 24 /* ready independent of media enable */

enum nvme_cc_css {
	NVME_CC_CSS_NVM = 0,
	NVME_CC_CSS_ALL = 6, /* every I/O command set of the selected combination */
	NVME_CC_CSS_ADMIN = 7,
};

enum nvme_cc_ams {
	NVME_CC_AMS_RR = 0,
	NVME_CC_AMS_WRR = 1,
	NVME_CC_AMS_VENDOR = 7,
};

enum nvme_cc_shn {
	NVME_CC_SHN_NONE = 0,
	NVME_CC_SHN_NORMAL = 1,
	NVME_CC_SHN_ABRUPT = 2,
};

/* CSTS: controller status. */
#define NVME_CSTS_RDY	0, 0 /* ready */
#define NVME_CSTS_CFS	1, 1 /* controller fatal status */
#define NVME_CSTS_SHST	3, 2 /* shutdown status: enum nvme_csts_shst */
#define NVME_CSTS_NSSRO 4, 4 /* an NVM subsystem reset occurred; write 1 to clear */
#define NVME_CSTS_PP	5, 5 /* processing paused */
#define NVME_CSTS_ST	6, 6 /* SHST speaks of: 0 controller, 1 NVM subsystem shutdown */

enum nvme_csts_shst {
	NVME_CSTS_SHST_NONE = 0,
	NVME_CSTS_SHST_OCCURRING = 1,
	NVME_CSTS_SHST_COMPLETE = 2,
};

/* NSSR: written "NVMe" resets the NVM subsystem. */
#define NVME_NSSR_RESET 0x4e564d65

/* NSSD: written "Nrml" or "Abpt" shuts the NVM subsystem down. */
#define NVME_NSSD_NORMAL 0x4e726d6c
#define NVME_NSSD_ABRUPT 0x41627074

/* AQA: admin queue attributes, both sizes 0's based, 2 to 4096 entries. */
#define NVME_AQA_ASQS 11, 0
#define NVME_AQA_ACQS 27, 16

/* ASQ and ACQ: page-aligned base addresses, 64 bits. */
#define NVME_ASQ_ASQB 63, 12
#define NVME_ACQ_ACQB 63, 12

/* CMBLOC: controller memory buffer location. */
#define NVME_CMBLOC_BIR	    2, 0   /* BAR number */
#define NVME_CMBLOC_CQMMS   3, 3   /* queues may mix CMB and host memory */
#define NVME_CMBLOC_CQPDS   4, 4   /* queues need not be physically contiguous */
#define NVME_CMBLOC_CDPMLS  5, 5   /* PRP and SGL lists may point anywhere */
#define NVME_CMBLOC_CDPCILS 6, 6   /* lists in the CMB with data outside, and the reverse */
#define NVME_CMBLOC_CDMMMS  7, 7   /* data and metadata may mix CMB and host memory */
#define NVME_CMBLOC_CQDA    8, 8   /* queues need dword alignment only */
#define NVME_CMBLOC_OFST    31, 12 /* offset in the BAR, in units of CMBSZ.SZU */

/* CMBSZ: controller memory buffer size and what may lie in it. */
#define NVME_CMBSZ_SQS	 0, 0
#define NVME_CMBSZ_CQS	 1, 1
#define NVME_CMBSZ_LISTS 2, 2
#define NVME_CMBSZ_RDS	 3, 3
#define NVME_CMBSZ_WDS	 4, 4
#define NVME_CMBSZ_SZU	 11, 8	/* unit: 2^(12 + 4n) bytes, 4 KiB to 64 GiB */
#define NVME_CMBSZ_SZ	 31, 12 /* size, in units of SZU */

/* CMBMSC: controller memory buffer memory space control, 64 bits. */
#define NVME_CMBMSC_CRE	 0, 0	/* CMBLOC and CMBSZ are visible */
#define NVME_CMBMSC_CMSE 1, 1	/* the controller's address range CBA is enabled */
#define NVME_CMBMSC_CBA	 63, 12 /* base address as commands use it */

/* CMBSTS, CMBEBS, CMBSWTP: status, elasticity buffer, sustained write throughput. */
#define NVME_CMBSTS_CBAI     0, 0  /* CBA is invalid */
#define NVME_CMBEBS_CMBSZU   3, 0  /* unit of CMBWBZ */
#define NVME_CMBEBS_RBB	     4, 4  /* reads bypass the buffer */
#define NVME_CMBEBS_CMBWBZ   31, 8 /* buffer size */
#define NVME_CMBSWTP_CMBSWTU 3, 0  /* unit of CMBSWTV */
#define NVME_CMBSWTP_CMBSWTV 31, 8

/* BPINFO, BPRSEL, BPMBL: boot partitions. */
#define NVME_BPINFO_BPSZ  14, 0	 /* size of one partition, in 128 KiB */
#define NVME_BPINFO_BRS	  25, 24 /* read status: enum nvme_bpinfo_brs */
#define NVME_BPINFO_ABPID 31, 31 /* active partition */
#define NVME_BPRSEL_BPRSZ 9, 0	 /* bytes to read, in 4 KiB */
#define NVME_BPRSEL_BPROF 29, 10 /* offset, in 4 KiB */
#define NVME_BPRSEL_BPID  31, 31 /* which partition */
#define NVME_BPMBL_BMBBA  63, 12 /* host buffer, 4 KiB aligned */

enum nvme_bpinfo_brs {
	NVME_BPINFO_BRS_NONE = 0,
	NVME_BPINFO_BRS_IN_PROGRESS = 1,
	NVME_BPINFO_BRS_DONE = 2,
	NVME_BPINFO_BRS_ERROR = 3,
};

/* CRTO: controller ready timeouts, in 500 ms. */
#define NVME_CRTO_CRWMT 15, 0  /* ready with media */
#define NVME_CRTO_CRIMT 31, 16 /* ready independent of media */

/* PMRCAP: persistent memory region capabilities. */
#define NVME_PMRCAP_RDS	   3, 3	  /* commands may read data into it */
#define NVME_PMRCAP_WDS	   4, 4	  /* commands may write data out of it */
#define NVME_PMRCAP_BIR	   7, 5	  /* BAR number */
#define NVME_PMRCAP_PMRTU  9, 8	  /* unit of PMRTO: 0 500 ms, 1 minutes */
#define NVME_PMRCAP_PMRWBM 13, 10 /* write barriers: bit 0 any read, bit 1 a read of PMRSTS */
#define NVME_PMRCAP_PMRTO  23, 16 /* time from EN to not NRDY */
#define NVME_PMRCAP_CMSS   24, 24 /* controller memory space supported */

/* PMRCTL, PMRSTS, PMREBS, PMRSWTP, PMRMSCL, PMRMSCU. */
#define NVME_PMRCTL_EN	     0, 0
#define NVME_PMRSTS_ERR	     7, 0   /* 0 no error, else vendor specific */
#define NVME_PMRSTS_NRDY     8, 8   /* not ready */
#define NVME_PMRSTS_HSTS     11, 9  /* 0 normal, 1 restore error, 2 read only, 3 unreliable */
#define NVME_PMRSTS_CBAI     12, 12 /* CBA is invalid */
#define NVME_PMREBS_PMRSZU   3, 0   /* unit of PMRWBZ */
#define NVME_PMREBS_RBB	     4, 4   /* reads bypass the buffer */
#define NVME_PMREBS_PMRWBZ   31, 8  /* buffer size */
#define NVME_PMRSWTP_PMRSWTU 3, 0   /* unit of PMRSWTV */
#define NVME_PMRSWTP_PMRSWTV 31, 8
#define NVME_PMRMSCL_CMSE    1, 1   /* the controller's address range CBA is enabled */
#define NVME_PMRMSCL_CBA     31, 12 /* base address, bits 31:12 */
#define NVME_PMRMSCU_CBA     31, 0  /* base address, bits 63:32 */

/*
 * ------------------------------------------------------------------------------------------------
 * Opcodes, command sets and statuses
 * ------------------------------------------------------------------------------------------------
 */

#define NVME_ROW(name, opcode, text) NVME_ADMIN_##name = (opcode),
/** enum nvme_admin_opcode - commands of the admin submission queue */
enum nvme_admin_opcode {
	NVME_ADMIN_OPCODE_LIST(NVME_ROW)
};
#undef NVME_ROW

#define NVME_ROW(name, opcode, text) NVME_CMD_##name = (opcode),
/** enum nvme_io_opcode - I/O commands of the NVM and Zoned Namespace command sets */
enum nvme_io_opcode {
	NVME_NVM_OPCODE_LIST(NVME_ROW)
};
#undef NVME_ROW

#define NVME_ROW(name, opcode, text) NVME_KV_##name = (opcode),
/** enum nvme_kv_opcode - I/O commands of the Key Value command set */
enum nvme_kv_opcode {
	NVME_KV_OPCODE_LIST(NVME_ROW)
};
#undef NVME_ROW

#define NVME_ROW(name, csi, text) NVME_CSI_##name = (csi),
/** enum nvme_csi - I/O command sets */
enum nvme_csi {
	NVME_CSI_LIST(NVME_ROW)
};
#undef NVME_ROW

/* Opcode bits 1:0: which way data goes. */
#define NVME_OPCODE_DIRECTION 1, 0
enum nvme_direction {
	NVME_DIRECTION_NONE = 0,
	NVME_DIRECTION_TO_CTRL = 1,
	NVME_DIRECTION_FROM_CTRL = 2,
	NVME_DIRECTION_BOTH = 3,
};

/* Admin opcodes from here belong to the command set; from the second on, to the vendor. */
#define NVME_ADMIN_IOCS_FIRST	0x80
#define NVME_ADMIN_VENDOR_FIRST 0xc0
/* I/O opcodes from here on belong to the vendor. */
#define NVME_CMD_VENDOR_FIRST 0x80

/** enum nvme_sct - status code types */
enum nvme_sct {
	NVME_SCT_GENERIC = 0,
	NVME_SCT_COMMAND = 1, /* command specific */
	NVME_SCT_MEDIA = 2,   /* media and data integrity */
	NVME_SCT_PATH = 3,    /* path related */
	NVME_SCT_VENDOR = 7,
};

/*
 * A status: the completion's status field without the phase tag, as bits 14:0 of a number.
 * It holds SC, SCT, CRD, M and DNR, all of which a caller may want to see.
 */
typedef uint16_t nvme_status;
#define NVME_STATUS_SC	 7, 0	/* status code */
#define NVME_STATUS_SCT	 10, 8	/* status code type: enum nvme_sct */
#define NVME_STATUS_CODE 10, 0	/* both: enum nvme_status_code */
#define NVME_STATUS_CRD	 12, 11 /* command retry delay: 0 none, 1..3 Identify CRDT1..3 */
#define NVME_STATUS_M	 13, 13 /* more: the Error Information log has details */
#define NVME_STATUS_DNR	 14, 14 /* do not retry */
#define NVME_MORE	 0x2000
#define NVME_DNR	 0x4000

/* Status codes from here on belong to the vendor, in every type. */
#define NVME_STATUS_SC_VENDOR_FIRST 0xc0

#define NVME_ROW(name, sct, sc, text) NVME_SC_##name = ((sct) << 8) | (sc),
/** enum nvme_status_code - SCT << 8 | SC */
enum nvme_status_code {
	NVME_STATUS_LIST(NVME_ROW)
};
#undef NVME_ROW

/** nvme_status_code - what happened, without CRD, M and DNR: a value of enum nvme_status_code */
static inline uint16_t nvme_status_code(nvme_status status)
{
	return (uint16_t)NVME_GET(status, NVME_STATUS_CODE);
}

/*
 * ------------------------------------------------------------------------------------------------
 * Queue entries, Base 2.0 3.3.3
 * ------------------------------------------------------------------------------------------------
 */

/** struct nvme_sgl_desc - SGL descriptor, 16 bytes */
struct nvme_sgl_desc {
	nvme_u64le addr;
	nvme_u32le length; /* bytes; keyed data blocks: 23:0 length, the key's low byte above it */
	uint8_t rsvd12[3]; /* keyed data blocks: the key's other bytes */
	uint8_t type;	   /* NVME_SGL_TYPE, NVME_SGL_SUBTYPE */
};
NVME_ASSERT_SIZE(struct nvme_sgl_desc, 16);

#define NVME_SGL_TYPE	 7, 4 /* enum nvme_sgl_type */
#define NVME_SGL_SUBTYPE 3, 0 /* enum nvme_sgl_subtype */

enum nvme_sgl_type {
	NVME_SGL_DATA_BLOCK = 0x0,
	NVME_SGL_BIT_BUCKET = 0x1,   /* reads skip its length; writes ignore it */
	NVME_SGL_SEGMENT = 0x2,	     /* the next segment; last of its own */
	NVME_SGL_LAST_SEGMENT = 0x3, /* the next segment, which holds no further one */
	NVME_SGL_KEYED_DATA_BLOCK = 0x4,
	NVME_SGL_TRANSPORT_DATA_BLOCK = 0x5,
	NVME_SGL_VENDOR = 0xf,
};

enum nvme_sgl_subtype {
	NVME_SGL_SUBTYPE_ADDRESS = 0x0,
	NVME_SGL_SUBTYPE_OFFSET = 0x1,
	NVME_SGL_SUBTYPE_TRANSPORT = 0xa,
};

/** struct nvme_sqe - submission queue entry, 64 bytes */
struct nvme_sqe {
	uint8_t opcode;
	uint8_t flags; /* NVME_SQE_FUSE, NVME_SQE_PSDT */
	nvme_u16le cid;
	nvme_u32le nsid;
	nvme_u32le cdw2;
	nvme_u32le cdw3;
	nvme_u64le mptr; /* metadata: an address, or that of an SGL segment */
	union {
		struct {
			nvme_u64le prp1;
			nvme_u64le prp2;
		};
		struct nvme_sgl_desc sgl;
	};
	nvme_u32le cdw10;
	nvme_u32le cdw11;
	nvme_u32le cdw12;
	nvme_u32le cdw13;
	nvme_u32le cdw14;
	nvme_u32le cdw15;
};
NVME_ASSERT_SIZE(struct nvme_sqe, 64);
NVME_ASSERT_OFFSET(struct nvme_sqe, nsid, 4);
NVME_ASSERT_OFFSET(struct nvme_sqe, mptr, 16);
NVME_ASSERT_OFFSET(struct nvme_sqe, prp1, 24);
NVME_ASSERT_OFFSET(struct nvme_sqe, prp2, 32);
NVME_ASSERT_OFFSET(struct nvme_sqe, sgl, 24);
NVME_ASSERT_OFFSET(struct nvme_sqe, cdw10, 40);
NVME_ASSERT_OFFSET(struct nvme_sqe, cdw15, 60);

#define NVME_SQE_BYTES	64
#define NVME_SQE_DWORDS 16

/* sqe.flags */
#define NVME_SQE_FUSE 1, 0 /* enum nvme_fuse */
#define NVME_SQE_PSDT 7, 6 /* enum nvme_psdt */

enum nvme_fuse {
	NVME_FUSE_NORMAL = 0,
	NVME_FUSE_FIRST = 1,
	NVME_FUSE_SECOND = 2,
};

enum nvme_psdt {
	NVME_PSDT_PRP = 0,
	NVME_PSDT_SGL = 1,	/* MPTR is the address of a contiguous buffer */
	NVME_PSDT_SGL_MPTR = 2, /* MPTR is the address of one SGL segment */
};

/* Every namespace; which commands allow it is their matter. */
#define NVME_NSID_ALL 0xffffffff

/** struct nvme_cqe - completion queue entry, 16 bytes; the dword with P is written last */
struct nvme_cqe {
	nvme_u32le dw0; /* command specific */
	nvme_u32le dw1; /* command specific */
	nvme_u16le sqhd;
	nvme_u16le sqid;
	nvme_u16le cid;
	nvme_u16le status; /* NVME_CQE_P, NVME_CQE_STATUS */
};
NVME_ASSERT_SIZE(struct nvme_cqe, 16);
NVME_ASSERT_OFFSET(struct nvme_cqe, sqhd, 8);
NVME_ASSERT_OFFSET(struct nvme_cqe, status, 14);

#define NVME_CQE_BYTES	16
#define NVME_CQE_DWORDS 4

/* cqe.status */
#define NVME_CQE_P	0, 0  /* phase tag */
#define NVME_CQE_STATUS 15, 1 /* an nvme_status */

/** nvme_cqe_status - the status in the word @word of a completion */
static inline nvme_status nvme_cqe_status(uint16_t word)
{
	return (nvme_status)NVME_GET(word, NVME_CQE_STATUS);
}

/** nvme_cqe_word - the last word of a completion: the status @status and the phase tag @phase */
static inline uint16_t nvme_cqe_word(nvme_status status, bool phase)
{
	return (uint16_t)(NVME_PUT(NVME_CQE_STATUS, status) | NVME_PUT(NVME_CQE_P, phase));
}

/* A CID that no command should have: in the Error Information log it says "no command". */
#define NVME_CID_NONE  0xffff
#define NVME_SQID_NONE 0xffff

/*
 * ------------------------------------------------------------------------------------------------
 * Dwords of admin commands, Base 2.0 5
 * ------------------------------------------------------------------------------------------------
 */

/* Create I/O Submission Queue. cdw10: */
#define NVME_CREATE_SQ_QID   15, 0
#define NVME_CREATE_SQ_QSIZE 31, 16 /* entries, 0's based */
/* cdw11: */
#define NVME_CREATE_SQ_PC    0, 0 /* physically contiguous */
#define NVME_CREATE_SQ_QPRIO 2, 1 /* enum nvme_qprio, when CC.AMS is weighted */
#define NVME_CREATE_SQ_CQID  31, 16
/* cdw12: */
#define NVME_CREATE_SQ_NVMSETID 15, 0

enum nvme_qprio {
	NVME_QPRIO_URGENT = 0,
	NVME_QPRIO_HIGH = 1,
	NVME_QPRIO_MEDIUM = 2,
	NVME_QPRIO_LOW = 3,
};

/* Create I/O Completion Queue. cdw10: */
#define NVME_CREATE_CQ_QID   15, 0
#define NVME_CREATE_CQ_QSIZE 31, 16 /* entries, 0's based */
/* cdw11: */
#define NVME_CREATE_CQ_PC  0, 0	  /* physically contiguous */
#define NVME_CREATE_CQ_IEN 1, 1	  /* interrupts enabled */
#define NVME_CREATE_CQ_IV  31, 16 /* interrupt vector */

/* Delete I/O Submission or Completion Queue. cdw10: */
#define NVME_DELETE_QUEUE_QID 15, 0

/* Abort. cdw10: */
#define NVME_ABORT_SQID 15, 0
#define NVME_ABORT_CID	31, 16
/* completion dw0: */
#define NVME_ABORT_NOT_ABORTED 0, 0 /* 1: the command was not aborted */

/* Identify. cdw10: */
#define NVME_IDENTIFY_CNS   7, 0 /* enum nvme_cns */
#define NVME_IDENTIFY_CNTID 31, 16
/* cdw11: */
#define NVME_IDENTIFY_CNSSID 15, 0  /* NVM set, endurance group, domain or format index */
#define NVME_IDENTIFY_CSI    31, 24 /* enum nvme_csi */
/* cdw14: */
#define NVME_IDENTIFY_UIDX  6, 0
#define NVME_IDENTIFY_BYTES 4096

#define NVME_ROW(name, cns, text) NVME_CNS_##name = (cns),
/** enum nvme_cns - data structures of the Identify command */
enum nvme_cns {
	NVME_CNS_LIST(NVME_ROW)
};
#undef NVME_ROW

/* Get Log Page. cdw10: */
#define NVME_GET_LOG_LID   7, 0	  /* enum nvme_log */
#define NVME_GET_LOG_LSP   14, 8  /* log specific parameter */
#define NVME_GET_LOG_RAE   15, 15 /* retain asynchronous event */
#define NVME_GET_LOG_NUMDL 31, 16 /* dwords, 0's based, low half */
/* cdw11: */
#define NVME_GET_LOG_NUMDU 15, 0  /* dwords, 0's based, high half */
#define NVME_GET_LOG_LSI   31, 16 /* log specific identifier */
/* cdw12, cdw13: the byte offset (or index, see OT), low and high half */
#define NVME_GET_LOG_LPOL 31, 0
#define NVME_GET_LOG_LPOU 31, 0
/* cdw14: */
#define NVME_GET_LOG_UIDX 6, 0
#define NVME_GET_LOG_OT	  23, 23 /* the offset is: 0 bytes, 1 an index */
#define NVME_GET_LOG_CSI  31, 24 /* enum nvme_csi */

#define NVME_ROW(name, lid, text) NVME_LID_##name = (lid),
/** enum nvme_log - log page identifiers */
enum nvme_log {
	NVME_LOG_LIST(NVME_ROW)
};
#undef NVME_ROW
#define NVME_LID_VENDOR_FIRST 0xc0

/* LSP of some logs. */
#define NVME_GET_LOG_LSP_TELEMETRY_CREATE 0, 0 /* capture the host-initiated data anew */
#define NVME_GET_LOG_LSP_ANA_RGO	  0, 0 /* groups only, no namespaces */
#define NVME_GET_LOG_LSP_PEL_ACTION	  1, 0 /* enum nvme_pel_action */
#define NVME_GET_LOG_LSP_LOCKDOWN_SCP	  3, 0 /* enum nvme_lockdown_scope */
#define NVME_GET_LOG_LSP_LOCKDOWN_CNTTS	  5, 4 /* contents: enum nvme_lockdown_contents */
#define NVME_GET_LOG_LSP_BP_BPID	  0, 0 /* boot partition */
#define NVME_GET_LOG_LSP_FDP_EVENTS	  0, 0 /* 0 controller events, 1 host events */

enum nvme_pel_action {
	NVME_PEL_READ = 0,
	NVME_PEL_ESTABLISH_AND_READ = 1,
	NVME_PEL_RELEASE = 2,
	NVME_PEL_ESTABLISH_AND_READ_HEADER = 3,
};

/* Get Features. cdw10: */
#define NVME_GET_FEATURES_FID 7, 0  /* enum nvme_feature */
#define NVME_GET_FEATURES_SEL 10, 8 /* enum nvme_feature_sel */
/* cdw14: */
#define NVME_GET_FEATURES_UIDX 6, 0

enum nvme_feature_sel {
	NVME_FEATURE_SEL_CURRENT = 0,
	NVME_FEATURE_SEL_DEFAULT = 1,
	NVME_FEATURE_SEL_SAVED = 2,
	NVME_FEATURE_SEL_CAPABILITIES = 3,
};

/* completion dw0 for NVME_FEATURE_SEL_CAPABILITIES: */
#define NVME_FEATURE_CAP_SAVEABLE    0, 0
#define NVME_FEATURE_CAP_NS_SPECIFIC 1, 1
#define NVME_FEATURE_CAP_CHANGEABLE  2, 2

/* Set Features. cdw10: */
#define NVME_SET_FEATURES_FID 7, 0   /* enum nvme_feature */
#define NVME_SET_FEATURES_SV  31, 31 /* save */
/* cdw14: */
#define NVME_SET_FEATURES_UIDX 6, 0

#define NVME_ROW(name, fid, text) NVME_FID_##name = (fid),
/** enum nvme_feature - feature identifiers */
enum nvme_feature {
	NVME_FEATURE_LIST(NVME_ROW)
};
#undef NVME_ROW
#define NVME_FID_VENDOR_FIRST 0xc0
#define NVME_FID_OCP_ERRORS   0xc0 /* OCP Datacenter NVMe SSD Specification: Error Injection */

/* Asynchronous Event Request. completion dw0; dw1 is the event's parameter: */
#define NVME_AER_TYPE 2, 0 /* enum nvme_aer_type */
#define NVME_AER_INFO 15, 8
#define NVME_AER_LID  23, 16 /* the log page whose reading re-arms the type */

enum nvme_aer_type {
	NVME_AER_TYPE_ERROR = 0,
	NVME_AER_TYPE_SMART = 1,
	NVME_AER_TYPE_NOTICE = 2,
	NVME_AER_TYPE_IMMEDIATE = 3,
	NVME_AER_TYPE_ONE_SHOT = 4,
	NVME_AER_TYPE_IOCS = 6, /* specific to the I/O command set */
	NVME_AER_TYPE_VENDOR = 7,
};

#define NVME_ROW(name, type, info, lid, text) \
	NVME_AER_##name = (type) | ((info) << 8) | ((lid) << 16),
/** enum nvme_aer - dword 0 of an asynchronous event's completion */
enum nvme_aer {
	NVME_AER_LIST(NVME_ROW)
};
#undef NVME_ROW

/* Namespace Management. cdw10 and cdw11; completion dw0 is the new NSID: */
#define NVME_NS_MGMT_SEL 3, 0	/* enum nvme_ns_mgmt_sel */
#define NVME_NS_MGMT_CSI 31, 24 /* cdw11, enum nvme_csi */

enum nvme_ns_mgmt_sel {
	NVME_NS_MGMT_CREATE = 0,
	NVME_NS_MGMT_DELETE = 1,
};

/* Namespace Attachment. cdw10: */
#define NVME_NS_ATTACH_SEL 3, 0 /* enum nvme_ns_attach_sel */

enum nvme_ns_attach_sel {
	NVME_NS_ATTACH_ATTACH = 0,
	NVME_NS_ATTACH_DETACH = 1,
};

/* Firmware Image Download: cdw10 is NUMD (dwords, 0's based), cdw11 is OFST (dwords). */

/* Firmware Commit. cdw10: */
#define NVME_FW_COMMIT_FS   2, 0   /* slot; 0 lets the controller choose */
#define NVME_FW_COMMIT_CA   5, 3   /* enum nvme_fw_commit_action */
#define NVME_FW_COMMIT_BPID 31, 31 /* boot partition */
/* completion dw0: */
#define NVME_FW_COMMIT_MUD 1, 0 /* overlap: bit 0 firmware, bit 1 boot partition */

enum nvme_fw_commit_action {
	NVME_FW_COMMIT_REPLACE = 0,
	NVME_FW_COMMIT_REPLACE_AND_ACTIVATE_AT_RESET = 1,
	NVME_FW_COMMIT_ACTIVATE_AT_RESET = 2,
	NVME_FW_COMMIT_ACTIVATE_NOW = 3,
	NVME_FW_COMMIT_REPLACE_BP = 6,
	NVME_FW_COMMIT_ACTIVATE_BP = 7,
};

/* Device Self-test. cdw10; NSID 0 is the controller alone, NVME_NSID_ALL all namespaces: */
#define NVME_SELF_TEST_STC 3, 0 /* enum nvme_self_test_code */

enum nvme_self_test_code {
	NVME_SELF_TEST_SHORT = 0x1,
	NVME_SELF_TEST_EXTENDED = 0x2,
	NVME_SELF_TEST_HOST_REFRESH = 0x3, /* host-initiated refresh */
	NVME_SELF_TEST_VENDOR = 0xe,
	NVME_SELF_TEST_ABORT = 0xf,
};

/* Controller Data Queue (Base 2.1 5.1.4). cdw10: */
#define NVME_CDQ_SEL	   7, 0	  /* enum nvme_cdq_sel */
#define NVME_CDQ_CREATE_QT 23, 16 /* enum nvme_cdq_type */
/* cdw11; cdw12 of Create is the size in dwords: */
#define NVME_CDQ_CREATE_PC     0, 0   /* physically contiguous */
#define NVME_CDQ_CREATE_CNTLID 31, 16 /* the controller that the queue tells of */
#define NVME_CDQ_CDQID	       15, 0  /* of Delete, and of Track Send */

enum nvme_cdq_sel {
	NVME_CDQ_CREATE = 0,
	NVME_CDQ_DELETE = 1,
};

enum nvme_cdq_type {
	NVME_CDQ_USER_DATA = 0, /* user data migration queue */
};

/* Track Send (Base 2.1 5.1.27). cdw10; cdw11 as above: */
#define NVME_TRACK_SEND_SEL  7, 0   /* enum nvme_track */
#define NVME_TRACK_SEND_LACT 23, 16 /* enum nvme_lact */

enum nvme_track {
	NVME_TRACK_USER_DATA = 0,
	NVME_TRACK_MEMORY = 1,
};

enum nvme_lact {
	NVME_LACT_STOP = 0,
	NVME_LACT_START = 1,
};

/* Migration Send (Base 2.1 5.1.17) and Receive (Base 2.1 5.1.16). cdw10: */
#define NVME_MIGRATION_SEL	   7, 0	  /* enum nvme_migration_send, nvme_migration_recv */
#define NVME_MIGRATION_SEND_SEQIND 17, 16 /* Set Controller State: enum nvme_seqind */
#define NVME_MIGRATION_RECV_CSVI   23, 16 /* controller state version index */
/* cdw11; in cdw12 and cdw13 an offset in bytes, in cdw15 dwords, of Receive 0's based: */
#define NVME_MIGRATION_CNTLID	    15, 0  /* the controller that it is about */
#define NVME_MIGRATION_SEND_STYPE   23, 16 /* Suspend: enum nvme_suspend */
#define NVME_MIGRATION_SEND_DUDMQ   31, 31 /* Suspend: delete the user data migration queue */
#define NVME_MIGRATION_SEND_CSVI    23, 16 /* Set Controller State: as above */
#define NVME_MIGRATION_SEND_CSUUIDI 31, 24 /* index of a UUID of vendor specific state */
#define NVME_MIGRATION_RECV_CSUUIDI 23, 16 /* the same of Get Controller State */
/* dw0 of Get Controller State: */
#define NVME_MIGRATION_RECV_CSUP 0, 0 /* the controller is suspended */

enum nvme_migration_send {
	NVME_MIGRATION_SUSPEND = 0,
	NVME_MIGRATION_RESUME = 1,
	NVME_MIGRATION_SET_STATE = 2,
};

enum nvme_migration_recv {
	NVME_MIGRATION_GET_STATE = 0,
};

enum nvme_suspend {
	NVME_SUSPEND_NOTIFICATION = 0, /* a Suspend will come */
	NVME_SUSPEND_NOW = 1,
};

/** enum nvme_seqind - which of the commands that bring one state a command is; bits of a mask */
enum nvme_seqind {
	NVME_SEQIND_MIDDLE = 0,
	NVME_SEQIND_FIRST = 1,
	NVME_SEQIND_LAST = 2,
	NVME_SEQIND_ENTIRE = 3,
};

/** struct nvme_ctrl_state - the state of a controller begins with it, 48 bytes (Base 2.1 8.1.12) */
struct nvme_ctrl_state {
	nvme_u16le ver; /* NVME_CTRL_STATE_VERSION */
	uint8_t csattr; /* NVME_CTRL_STATE_* */
	uint8_t rsvd3[13];
	struct nvme_u128le nvmecss; /* of struct nvme_ctrl_queues and its lists, in dwords */
	struct nvme_u128le vss;	    /* of vendor specific state behind them, in dwords */
};
NVME_ASSERT_SIZE(struct nvme_ctrl_state, 48);

#define NVME_CTRL_STATE_VERSION	  0    /* of this structure and of the next (unverified) */
#define NVME_CTRL_STATE_SUSPENDED 0, 0 /* it was taken while the controller was suspended */

/** struct nvme_ctrl_queues - 8 bytes, followed by @niosq and then @niocq entries */
struct nvme_ctrl_queues {
	nvme_u16le ver;
	nvme_u16le niosq;
	nvme_u16le niocq;
	nvme_u16le rsvd6;
};
NVME_ASSERT_SIZE(struct nvme_ctrl_queues, 8);

/** struct nvme_sq_state - an I/O submission queue, as it was created and as it is, 24 bytes */
struct nvme_sq_state {
	nvme_u64le prp1;
	nvme_u16le qsize_z;
	nvme_u16le qid;
	nvme_u16le cqid;
	nvme_u16le attributes; /* NVME_SQ_STATE_* */
	nvme_u16le head;
	nvme_u16le tail;
	uint8_t rsvd20[4];
};
NVME_ASSERT_SIZE(struct nvme_sq_state, 24);

#define NVME_SQ_STATE_PC    0, 0
#define NVME_SQ_STATE_QPRIO 2, 1 /* enum nvme_qprio */

/** struct nvme_cq_state - an I/O completion queue, likewise, 24 bytes */
struct nvme_cq_state {
	nvme_u64le prp1;
	nvme_u16le qsize_z;
	nvme_u16le qid;
	nvme_u16le head;
	nvme_u16le tail;
	nvme_u32le attributes; /* NVME_CQ_STATE_* */
	uint8_t rsvd20[4];
};
NVME_ASSERT_SIZE(struct nvme_cq_state, 24);

#define NVME_CQ_STATE_PC   0, 0
#define NVME_CQ_STATE_IEN  1, 1
#define NVME_CQ_STATE_S0PT 2, 2 /* phase tag of slot 0 */
#define NVME_CQ_STATE_IV   31, 16

/** struct nvme_cdq_entry - LBA migration queue entry, type 0 (NVM 1.1 5.6.1), 32 bytes */
struct nvme_cdq_entry {
	nvme_u32le nsid;
	nvme_u32le nlb_z;
	nvme_u64le slba;
	uint8_t rsvd16[15];
	uint8_t lbamqa; /* NVME_CDQ_*, below */
};
NVME_ASSERT_SIZE(struct nvme_cdq_entry, 32);

#define NVME_CDQ_CDQP	0, 0 /* phase */
#define NVME_CDQ_ESA	3, 1 /* enum nvme_cdq_esa */
#define NVME_CDQ_DLBA	5, 5 /* the blocks are deallocated */
#define NVME_CDQ_LBACIR 7, 6 /* enum nvme_cdq_lbacir */

enum nvme_cdq_esa {
	NVME_CDQ_ESA_NONE = 0,
	NVME_CDQ_ESA_FIRST = 1,	    /* since logging was started */
	NVME_CDQ_ESA_STOPPED = 2,   /* last: a host stopped it */
	NVME_CDQ_ESA_SUSPENDED = 3, /* last: the controller is suspended */
	NVME_CDQ_ESA_FULL = 7,	    /* last: the queue is full */
};

enum nvme_cdq_lbacir {
	NVME_CDQ_RANGE = 0,
	NVME_CDQ_ALL = 1, /* all blocks of the namespace */
	NVME_CDQ_NO_RANGE = 2,
};

/* Format NVM. cdw10: */
#define NVME_FORMAT_LBAFL 3, 0	 /* LBA format index, low bits */
#define NVME_FORMAT_MSET  4, 4	 /* metadata: 1 interleaved with the data, 0 separate */
#define NVME_FORMAT_PI	  7, 5	 /* protection information type: enum nvme_pi_type */
#define NVME_FORMAT_PIL	  8, 8	 /* 1: first bytes of the metadata */
#define NVME_FORMAT_SES	  11, 9	 /* enum nvme_format_ses */
#define NVME_FORMAT_LBAFU 13, 12 /* LBA format index, high bits */

enum nvme_format_ses {
	NVME_FORMAT_SES_NONE = 0,
	NVME_FORMAT_SES_USER_DATA = 1,
	NVME_FORMAT_SES_CRYPTO = 2,
};

enum nvme_pi_type {
	NVME_PI_NONE = 0,
	NVME_PI_TYPE1 = 1,
	NVME_PI_TYPE2 = 2,
	NVME_PI_TYPE3 = 3,
};

/* Sanitize. cdw10; cdw11 is the overwrite pattern: */
#define NVME_SANITIZE_SANACT 2, 0   /* enum nvme_sanitize_action */
#define NVME_SANITIZE_AUSE   3, 3   /* allow unrestricted sanitize exit */
#define NVME_SANITIZE_OWPASS 7, 4   /* overwrite passes, 0 means 16 */
#define NVME_SANITIZE_OIPBP  8, 8   /* invert the pattern between passes */
#define NVME_SANITIZE_NDAS   9, 9   /* no deallocate after sanitize */
#define NVME_SANITIZE_EMVS   10, 10 /* enter media verification state */

enum nvme_sanitize_action {
	NVME_SANITIZE_EXIT_FAILURE = 1,
	NVME_SANITIZE_BLOCK_ERASE = 2,
	NVME_SANITIZE_OVERWRITE = 3,
	NVME_SANITIZE_CRYPTO_ERASE = 4,
	NVME_SANITIZE_EXIT_MEDIA_VERIFICATION = 5,
};

/* Security Send and Receive. cdw10; cdw11 is the transfer or allocation length in bytes: */
#define NVME_SECURITY_NSSF  7, 0
#define NVME_SECURITY_SPSP0 15, 8
#define NVME_SECURITY_SPSP1 23, 16
#define NVME_SECURITY_SECP  31, 24

/* Directive Send and Receive. cdw10 is NUMD (dwords, 0's based); cdw11: */
#define NVME_DIRECTIVE_DOPER 7, 0  /* enum nvme_directive_operation, by direction and type */
#define NVME_DIRECTIVE_DTYPE 15, 8 /* enum nvme_directive_type */
#define NVME_DIRECTIVE_DSPEC 31, 16
/* cdw12 of Identify - Enable Directive: */
#define NVME_DIRECTIVE_ENABLE_ENDIR  0, 0
#define NVME_DIRECTIVE_ENABLE_TDTYPE 15, 8
/* cdw12 of Streams - Allocate Resources: */
#define NVME_DIRECTIVE_ALLOCATE_NSR 15, 0

enum nvme_directive_type {
	NVME_DIRECTIVE_IDENTIFY = 0,
	NVME_DIRECTIVE_STREAMS = 1,
	NVME_DIRECTIVE_PLACEMENT = 2, /* data placement */
};

enum nvme_directive_operation {
	NVME_DIRECTIVE_IDENTIFY_RECV_PARAMS = 1,
	NVME_DIRECTIVE_IDENTIFY_SEND_ENABLE = 1,
	NVME_DIRECTIVE_STREAMS_RECV_PARAMS = 1,
	NVME_DIRECTIVE_STREAMS_RECV_STATUS = 2,
	NVME_DIRECTIVE_STREAMS_RECV_ALLOCATE = 3,
	NVME_DIRECTIVE_STREAMS_SEND_RELEASE_ID = 1,
	NVME_DIRECTIVE_STREAMS_SEND_RELEASE_RESOURCES = 2,
};

/* Virtualization Management. cdw10; cdw11 is NR; completion dw0 is the number of resources: */
#define NVME_VIRT_MGMT_ACT    3, 0  /* enum nvme_virt_mgmt_action */
#define NVME_VIRT_MGMT_RT     10, 8 /* 0 queues, 1 interrupts */
#define NVME_VIRT_MGMT_CNTLID 31, 16
#define NVME_VIRT_MGMT_NR     15, 0 /* cdw11 and completion dw0 */

enum nvme_virt_mgmt_action {
	NVME_VIRT_MGMT_PRIMARY_FLEXIBLE = 1,
	NVME_VIRT_MGMT_SECONDARY_OFFLINE = 7,
	NVME_VIRT_MGMT_SECONDARY_ASSIGN = 8,
	NVME_VIRT_MGMT_SECONDARY_ONLINE = 9,
};

/* Capacity Management. cdw10; cdw11 and cdw12 are the capacity in bytes, low and high half: */
#define NVME_CAPACITY_MGMT_OPER 3, 0 /* 0 select, 1/2 create/delete group, 3/4 create/delete set */
#define NVME_CAPACITY_MGMT_ELID 31, 16

/* Lockdown. cdw10: */
#define NVME_LOCKDOWN_SCP   3, 0  /* enum nvme_lockdown_scope */
#define NVME_LOCKDOWN_PRHBT 4, 4  /* 1 prohibit, 0 allow */
#define NVME_LOCKDOWN_IFC   6, 5  /* interface: 0 admin queue, 1 both, 2 management endpoint */
#define NVME_LOCKDOWN_OFI   15, 8 /* opcode or feature identifier */
/* cdw14: */
#define NVME_LOCKDOWN_UIDX 6, 0

enum nvme_lockdown_scope {
	NVME_LOCKDOWN_SCOPE_ADMIN = 0,
	NVME_LOCKDOWN_SCOPE_FEATURE = 2,
	NVME_LOCKDOWN_SCOPE_MI = 3,
	NVME_LOCKDOWN_SCOPE_PCIE = 4,
};

enum nvme_lockdown_contents {
	NVME_LOCKDOWN_SUPPORTED = 0,		  /* what can be prohibited */
	NVME_LOCKDOWN_PROHIBITED = 1,		  /* what is, on the admin queue */
	NVME_LOCKDOWN_PROHIBITED_OUT_OF_BAND = 2, /* what is, on a management endpoint */
};

/* Get LBA Status. cdw10, cdw11 are SLBA; cdw12 is MNDW (dwords, 0's based); cdw13: */
#define NVME_GET_LBA_STATUS_RL	  15, 0	 /* range length in blocks, 0 means to the end */
#define NVME_GET_LBA_STATUS_ATYPE 31, 24 /* enum nvme_lba_status_action */

enum nvme_lba_status_action {
	NVME_LBA_STATUS_ALLOCATED = 0x02,
	NVME_LBA_STATUS_SCAN = 0x10,	/* scan, then list untracked and tracked */
	NVME_LBA_STATUS_TRACKED = 0x11, /* list tracked */
};

/* Keep Alive has no dwords. Doorbell Buffer Config: prp1 shadow doorbells, prp2 event indices. */

/*
 * ------------------------------------------------------------------------------------------------
 * Features, Base 2.0 5.27.1: Set cdw11 and Get completion dw0, unless a comment says otherwise
 * ------------------------------------------------------------------------------------------------
 */

/* 01 Arbitration. Weights are 0's based. */
#define NVME_FEAT_ARB_AB	   2, 0 /* commands of one queue in a row: 2^n, 7 no limit */
#define NVME_FEAT_ARB_LPW	   15, 8
#define NVME_FEAT_ARB_MPW	   23, 16
#define NVME_FEAT_ARB_HPW	   31, 24
#define NVME_FEAT_ARB_AB_UNLIMITED 7

/* 02 Power Management. */
#define NVME_FEAT_POWER_PS 4, 0 /* power state */
#define NVME_FEAT_POWER_WH 7, 5 /* workload hint */

/* 03 LBA Range Type; data: struct nvme_lba_range. */
#define NVME_FEAT_LBA_RANGE_NUM 5, 0 /* ranges, 0's based */

/* 04 Temperature Threshold. */
#define NVME_FEAT_TEMP_TMPTH	  15, 0	 /* kelvin */
#define NVME_FEAT_TEMP_TMPSEL	  19, 16 /* 0 composite, 1..8 sensor, Fh all */
#define NVME_FEAT_TEMP_THSEL	  21, 20 /* 0 over, 1 under */
#define NVME_FEAT_TEMP_TMPTHH	  24, 22 /* hysteresis, kelvin */
#define NVME_FEAT_TEMP_TMPSEL_ALL 0xf

/* 05 Error Recovery. */
#define NVME_FEAT_ERR_TLER  15, 0  /* time limit of error recovery, 100 ms, 0 none */
#define NVME_FEAT_ERR_DULBE 16, 16 /* deallocated or unwritten blocks are errors */

/* 06 Volatile Write Cache. */
#define NVME_FEAT_VWC_WCE 0, 0

/* 07 Number of Queues, all 0's based. */
#define NVME_FEAT_NUM_QUEUES_NSQR 15, 0 /* cdw11: requested */
#define NVME_FEAT_NUM_QUEUES_NCQR 31, 16
#define NVME_FEAT_NUM_QUEUES_NSQA 15, 0 /* dw0: allocated */
#define NVME_FEAT_NUM_QUEUES_NCQA 31, 16

/* 08 Interrupt Coalescing. */
#define NVME_FEAT_IRQ_COALESCING_THR  7, 0  /* completions, 0's based */
#define NVME_FEAT_IRQ_COALESCING_TIME 15, 8 /* 100 microseconds, 0 none */

/* 09 Interrupt Vector Configuration. */
#define NVME_FEAT_IRQ_CONFIG_IV 15, 0
#define NVME_FEAT_IRQ_CONFIG_CD 16, 16 /* coalescing disabled */

/* 0A Write Atomicity Normal. */
#define NVME_FEAT_WRITE_ATOMICITY_DN 0, 0 /* disable normal: only AWUPF and NAWUPF hold */

/* 0B Asynchronous Event Configuration; Identify OAES has the same bits from 8 on. */
#define NVME_FEAT_AER_SMART		       7, 0 /* one bit for each critical warning */
#define NVME_FEAT_AER_NS_ATTRIBUTE	       8, 8
#define NVME_FEAT_AER_FW_ACTIVATION	       9, 9
#define NVME_FEAT_AER_TELEMETRY		       10, 10
#define NVME_FEAT_AER_ANA		       11, 11
#define NVME_FEAT_AER_PLM_AGGREGATE	       12, 12
#define NVME_FEAT_AER_LBA_STATUS	       13, 13
#define NVME_FEAT_AER_EG_AGGREGATE	       14, 14
#define NVME_FEAT_AER_SUBSYSTEM_SHUTDOWN       15, 15
#define NVME_FEAT_AER_TEMP_HYSTERESIS	       16, 16
#define NVME_FEAT_AER_REACHABILITY_GROUP       17, 17
#define NVME_FEAT_AER_REACHABILITY_ASSOCIATION 18, 18
#define NVME_FEAT_AER_ALLOC_NS_ATTRIBUTE       19, 19
#define NVME_FEAT_AER_ZONE_DESCRIPTOR	       27, 27
#define NVME_FEAT_AER_DISCOVERY		       31, 31

/* 0C Autonomous Power State Transition; data: 32 entries of 8 bytes. */
#define NVME_FEAT_APST_APSTE 0, 0
#define NVME_APST_ENTRY_ITPS 7, 3  /* power state to go to */
#define NVME_APST_ENTRY_ITPT 31, 8 /* idle time before, milliseconds, 0 disabled */

/* 0D Host Memory Buffer. cdw11; cdw12 is HSIZE in CC.MPS pages, 13, 14 the list, 15 its count. */
#define NVME_FEAT_HMB_EHM 0, 0 /* enable host memory */
#define NVME_FEAT_HMB_MR  1, 1 /* memory return: contents as before */

/* 0E Timestamp; data: struct nvme_timestamp. */

/* 0F Keep Alive Timer: KATO, all of cdw11, in milliseconds. */

/* 10 Host Controlled Thermal Management, kelvin, 0 disables. */
#define NVME_FEAT_HCTM_TMT2 15, 0
#define NVME_FEAT_HCTM_TMT1 31, 16

/* 11 Non-Operational Power State Config. */
#define NVME_FEAT_NOPSC_NOPPME 0, 0 /* permissive mode */

/* 12 Read Recovery Level. cdw11 and cdw12: */
#define NVME_FEAT_RRL_NVMSETID 15, 0
#define NVME_FEAT_RRL_RRL      3, 0 /* cdw12 */

/* 13, 14 Predictable Latency Mode. cdw11 and cdw12; data of 13: struct nvme_plm_config. */
#define NVME_FEAT_PLM_NVMSETID	    15, 0
#define NVME_FEAT_PLM_CONFIG_LPE    0, 0 /* cdw12: enable */
#define NVME_FEAT_PLM_WINDOW_WINSEL 2, 0 /* cdw12: 1 deterministic, 2 not */

/* 15 LBA Status Information Attributes, 100 ms. */
#define NVME_FEAT_LBA_STATUS_LSIRI 15, 0
#define NVME_FEAT_LBA_STATUS_LSIPI 31, 16

/* 16 Host Behavior Support; data: struct nvme_host_behavior. */

/* 17 Sanitize Config. */
#define NVME_FEAT_SANITIZE_NODRM 0, 0 /* No-Deallocate response: 1 warning, 0 error */

/* 18 Endurance Group Event Configuration. */
#define NVME_FEAT_EG_EVENT_ENDGID 15, 0
#define NVME_FEAT_EG_EVENT_EGCW	  23, 16 /* critical warnings that raise an event */

/* 19 I/O Command Set Profile. */
#define NVME_FEAT_IOCS_PROFILE_IOCSCI 8, 0 /* index of the combination, Identify CNS 1Ch */

/* 1A Spinup Control. */
#define NVME_FEAT_SPINUP_ENABLE 0, 0

/* 1B Power Loss Signaling Config (Base 2.1 5.1.25.1.19). */
#define NVME_FEAT_PLS_MODE 1, 0 /* enum nvme_pls_mode */

enum nvme_pls_mode {
	NVME_PLS_OFF = 0,
	NVME_PLS_EMERGENCY = 1, /* Emergency Power Fail */
	NVME_PLS_QUIESCENCE = 2,
};

/* 1C Performance Characteristics (NVM 1.1 4.1.3.7). Data, 4096 bytes: by the attribute. */
#define NVME_FEAT_PERF_ATTRI 7, 0 /* attribute index */
#define NVME_FEAT_PERF_RVSPA 8, 8 /* Set: the saved value of a vendor's attribute is deleted */

enum nvme_perf_attribute {
	NVME_PERF_STANDARD = 0x00,     /* struct nvme_perf_standard */
	NVME_PERF_LIST = 0xc0,	       /* struct nvme_perf_list */
	NVME_PERF_VENDOR_FIRST = 0xc1, /* to FFh: struct nvme_perf_vendor */
};

#define NVME_PERF_VENDOR_ATTRIBUTES 63

/** struct nvme_perf_standard - attribute 00h, which no host sets */
struct nvme_perf_standard {
	uint8_t rsvd0[4];
	uint8_t r4karl; /* average latency of a random read of 4 KiB: a class, 0 not reported */
	uint8_t rsvd5[4091];
};
NVME_ASSERT_SIZE(struct nvme_perf_standard, 4096);

/** struct nvme_perf_list - attribute C0h: what the vendor's attributes are */
struct nvme_perf_list {
	uint8_t attrtyp; /* 2:0: SEL of the command */
	uint8_t msvspa;	 /* attributes of the vendor that can be saved */
	uint8_t usvspa;	 /* how many more */
	uint8_t rsvd3[13];
	uint8_t paid[NVME_PERF_VENDOR_ATTRIBUTES][16]; /* of C1h, C2h, ...; 0: unused */
	uint8_t rsvd1024[3072];
};
NVME_ASSERT_SIZE(struct nvme_perf_list, 4096);
NVME_ASSERT_OFFSET(struct nvme_perf_list, rsvd1024, 1024);

/** struct nvme_perf_vendor - attribute C1h .. FFh */
struct nvme_perf_vendor {
	uint8_t paid[16]; /* what it is */
	uint8_t rsvd16[14];
	nvme_u16le attrl; /* bytes of vs that count, at most FE0h */
	uint8_t vs[4064];
};
NVME_ASSERT_SIZE(struct nvme_perf_vendor, 4096);
NVME_ASSERT_OFFSET(struct nvme_perf_vendor, attrl, 30);

/* 21 Controller Data Queue (Base 2.1 5.1.25.1.23). cdw12: head; cdw13: trigger. Get: data. */
#define NVME_FEAT_CDQ_CDQID 15, 0
#define NVME_FEAT_CDQ_ETPT  31, 31 /* an event when the slot of the trigger is posted */

/** struct nvme_cdq_pointers - data of Get Features, 512 bytes */
struct nvme_cdq_pointers {
	nvme_u32le hp;	/* slot of the head */
	nvme_u32le tpt; /* slot of the trigger */
	uint8_t rsvd8[504];
};
NVME_ASSERT_SIZE(struct nvme_cdq_pointers, 512);

/* 1D Flexible Data Placement. cdw11 and cdw12 (Get: completion dw0): */
#define NVME_FEAT_FDP_ENDGID 15, 0
#define NVME_FEAT_FDP_FDPE   0, 0  /* cdw12: enable */
#define NVME_FEAT_FDP_FDPCI  15, 8 /* cdw12: index of the configuration */

/* 1E FDP Events. cdw11 and cdw12; data: event types, or struct nvme_fdp_event_desc. */
#define NVME_FEAT_FDP_EVENTS_PHNDL 15, 0
#define NVME_FEAT_FDP_EVENTS_NOET  23, 16
#define NVME_FEAT_FDP_EVENTS_FDPEE 0, 0 /* cdw12: enable */

/* 80 Software Progress Marker. */
#define NVME_FEAT_SW_PROGRESS_PBSLC 7, 0 /* pre-boot software load count */

/* 81 Host Identifier; data: 8 bytes, or 16 with EXHID. */
#define NVME_FEAT_HOST_ID_EXHID 0, 0

/* 82 Reservation Notification Mask: 1 masks the notification. */
#define NVME_FEAT_RESV_MASK_REGPRE 1, 1 /* registration preempted */
#define NVME_FEAT_RESV_MASK_RESREL 2, 2 /* reservation released */
#define NVME_FEAT_RESV_MASK_RESPRE 3, 3 /* reservation preempted */

/* 83 Reservation Persistence. */
#define NVME_FEAT_RESV_PERSISTENCE_PTPL 0, 0 /* persist through power loss */

/* 84 Namespace Write Protection Config. */
#define NVME_FEAT_NS_WP_WPS 2, 0 /* enum nvme_ns_write_protect */

enum nvme_ns_write_protect {
	NVME_NS_WP_NONE = 0,
	NVME_NS_WP_PROTECTED = 1,
	NVME_NS_WP_UNTIL_POWER_CYCLE = 2,
	NVME_NS_WP_PERMANENT = 3,
};

/* 85 Boot Partition Write Protection Config. */
#define NVME_FEAT_BP_WP_BP0 2, 0 /* enum nvme_bp_write_protect */
#define NVME_FEAT_BP_WP_BP1 5, 3

enum nvme_bp_write_protect {
	NVME_BP_WP_NO_CHANGE = 0,
	NVME_BP_WP_UNLOCKED = 1,
	NVME_BP_WP_LOCKED = 2,
	NVME_BP_WP_UNTIL_POWER_CYCLE = 3,
	NVME_BP_WP_RPMB = 4,
};

/** struct nvme_lba_range - one range of feature 03, 64 bytes */
struct nvme_lba_range {
	uint8_t type;	    /* 0 general, 1 filesystem, 2 RAID, 3 cache, 4 swap */
	uint8_t attributes; /* NVME_LBA_RANGE_* */
	uint8_t rsvd2[14];
	nvme_u64le slba;
	nvme_u64le nlb; /* blocks, 0's based */
	uint8_t guid[16];
	uint8_t rsvd48[16];
};
NVME_ASSERT_SIZE(struct nvme_lba_range, 64);
NVME_ASSERT_OFFSET(struct nvme_lba_range, slba, 16);
#define NVME_LBA_RANGE_OVERWRITABLE 0, 0
#define NVME_LBA_RANGE_HIDDEN	    1, 1
#define NVME_LBA_RANGE_MAX	    64

/** struct nvme_timestamp - feature 0E, 8 bytes */
struct nvme_timestamp {
	uint8_t timestamp[6]; /* milliseconds since 1970, little-endian */
	uint8_t attr;	      /* NVME_TIMESTAMP_* */
	uint8_t rsvd7;
};
NVME_ASSERT_SIZE(struct nvme_timestamp, 8);
#define NVME_TIMESTAMP_SYNCH  0, 0 /* counting stopped at times, in a non-operational state */
#define NVME_TIMESTAMP_ORIGIN 3, 1 /* 0 cleared by a reset, 1 set by a host */

/** struct nvme_hmb_desc - one range of host memory, list of feature 0D, 16 bytes */
struct nvme_hmb_desc {
	nvme_u64le badd;  /* address, CC.MPS aligned */
	nvme_u32le bsize; /* in CC.MPS pages */
	uint8_t rsvd12[4];
};
NVME_ASSERT_SIZE(struct nvme_hmb_desc, 16);

/** struct nvme_hmb_attributes - what Get Features 0D returns, 4096 bytes */
struct nvme_hmb_attributes {
	nvme_u32le hsize; /* in CC.MPS pages */
	nvme_u32le hmdlal;
	nvme_u32le hmdlau;
	nvme_u32le hmdlec;
	uint8_t rsvd16[4080];
};
NVME_ASSERT_SIZE(struct nvme_hmb_attributes, 4096);

/**
 * struct nvme_ocp_error - entry of the Error Injection feature of the OCP Datacenter NVMe SSD
 *	Specification, C0, 32 bytes (unverified)
 * @type: enum nvme_ocp_error_type
 * @nrtdp: number of reads to trigger device panic
 */
struct nvme_ocp_error {
	uint8_t flags; /* NVME_OCP_ERROR_ENABLE, NVME_OCP_ERROR_SINGLE */
	uint8_t rsvd1;
	nvme_u16le type;
	nvme_u16le nrtdp;
	uint8_t rsvd6[26];
};
NVME_ASSERT_SIZE(struct nvme_ocp_error, 32);
#define NVME_OCP_ERROR_ENABLE 0, 0
#define NVME_OCP_ERROR_SINGLE 1, 1 /* single instance */
#define NVME_OCP_ERRORS_MAX   127
#define NVME_OCP_ERRORS_NUM   6, 0 /* cdw11 of Set Features, dw0 of Get Features */

/** enum nvme_ocp_error_type - what is injected (unverified) */
enum nvme_ocp_error_type {
	NVME_OCP_ERROR_CPU_HANG = 1,
	NVME_OCP_ERROR_NAND_HANG = 2,
	NVME_OCP_ERROR_PLP_DEFECT = 3,
	NVME_OCP_ERROR_FIRMWARE = 4,
	NVME_OCP_ERROR_DRAM_CRITICAL = 5,
	NVME_OCP_ERROR_DRAM_OTHER = 6,
	NVME_OCP_ERROR_NAND_CORRUPTION = 7,
	NVME_OCP_ERROR_SRAM_CORRUPTION = 8,
	NVME_OCP_ERROR_HARDWARE = 9,
	NVME_OCP_ERROR_NO_SPARES = 10,
	NVME_OCP_ERROR_SHUTDOWN = 11,
	NVME_OCP_ERROR_IO_FAILURE = 15,
	NVME_OCP_ERROR_IO_TIMEOUT = 16,
	NVME_OCP_ERROR_ADMIN_FAILURE = 17,
	NVME_OCP_ERROR_ADMIN_TIMEOUT = 18,
};

/** struct nvme_apst - feature 0C, 256 bytes */
struct nvme_apst {
	nvme_u64le entry[32]; /* NVME_APST_ENTRY_* */
};
NVME_ASSERT_SIZE(struct nvme_apst, 256);

/** struct nvme_host_behavior - feature 16, 512 bytes */
struct nvme_host_behavior {
	uint8_t acre;	 /* advanced command retry: the host obeys CRD */
	uint8_t etdas;	 /* extended telemetry data area 4 */
	uint8_t lbafee;	 /* more than 16 LBA formats */
	uint8_t hdisns;	 /* dispersed namespaces */
	nvme_u16le cdfe; /* copy descriptor formats enabled, one bit each */
	uint8_t rsvd6[506];
};
NVME_ASSERT_SIZE(struct nvme_host_behavior, 512);

/** struct nvme_plm_config - feature 13, 512 bytes */
struct nvme_plm_config {
	nvme_u16le ee; /* events enabled */
	uint8_t rsvd2[30];
	nvme_u64le dtwinrt; /* reads left at which to warn, 4 KiB */
	nvme_u64le dtwinwt; /* writes, in optimal write size */
	nvme_u64le dtwintt; /* time, milliseconds */
	uint8_t rsvd56[456];
};
NVME_ASSERT_SIZE(struct nvme_plm_config, 512);
NVME_ASSERT_OFFSET(struct nvme_plm_config, dtwinrt, 32);

/** struct nvme_fdp_event_desc - one event of Get Features 1E, 2 bytes */
struct nvme_fdp_event_desc {
	uint8_t evt;
	uint8_t evta; /* NVME_FDP_EVENT_ENABLED */
};
NVME_ASSERT_SIZE(struct nvme_fdp_event_desc, 2);
#define NVME_FDP_EVENT_ENABLED 0, 0

/** struct nvme_metadata_element - head of an element of features 7D to 7F, 4 bytes */
struct nvme_metadata_element {
	uint8_t type; /* bits 5:0 */
	uint8_t rev;  /* bits 3:0 */
	nvme_u16le len;
};
NVME_ASSERT_SIZE(struct nvme_metadata_element, 4);

/** struct nvme_host_metadata - features 7D to 7F, 4096 bytes */
struct nvme_host_metadata {
	uint8_t ndesc;
	uint8_t rsvd1;
	uint8_t descs[4094]; /* struct nvme_metadata_element and its value, repeated */
};
NVME_ASSERT_SIZE(struct nvme_host_metadata, 4096);
#define NVME_METADATA_TYPE    5, 0
#define NVME_FEAT_METADATA_EA 14, 13 /* enum nvme_metadata_action */

/** enum nvme_metadata_action - what Set Features does with the elements that it brings */
enum nvme_metadata_action {
	NVME_METADATA_UPDATE = 0, /* in place of those of the same type */
	NVME_METADATA_DELETE = 1,
	NVME_METADATA_ADD_MULTIPLE = 2, /* beside them: Enhanced Controller Metadata only */
};

/*
 * ------------------------------------------------------------------------------------------------
 * Dwords and data of I/O commands, NVM 1.0 3, ZNS 1.1 3
 * ------------------------------------------------------------------------------------------------
 */

/*
 * Read, Write, Compare, Verify, Write Zeroes, Write Uncorrectable, Zone Append: cdw10 and cdw11 are
 * SLBA (of the zone, for an append); cdw14 with cdw2 and cdw3 are the storage and reference tags.
 * cdw12:
 */
#define NVME_RW_NLB	    15, 0  /* blocks, 0's based */
#define NVME_RW_CETYPE	    19, 16 /* command extension type */
#define NVME_RW_DTYPE	    23, 20 /* directive type, writes only */
#define NVME_RW_STC	    24, 24 /* storage tag check */
#define NVME_RW_DEAC	    25, 25 /* Write Zeroes: deallocate */
#define NVME_RW_PIREMAP	    25, 25 /* Zone Append: remap the reference tag */
#define NVME_RW_PRINFO	    29, 26 /* protection information, the four bits below */
#define NVME_RW_PRCHK_REF   26, 26 /* check the reference tag */
#define NVME_RW_PRCHK_APP   27, 27 /* check the application tag */
#define NVME_RW_PRCHK_GUARD 28, 28 /* check the guard */
#define NVME_RW_PRACT	    29, 29 /* the controller inserts or strips */
#define NVME_RW_FUA	    30, 30 /* force unit access */
#define NVME_RW_LR	    31, 31 /* limited retry */
/* cdw13: */
#define NVME_RW_DSM	    7, 0   /* the four hints below */
#define NVME_RW_DSM_AF	    3, 0   /* access frequency */
#define NVME_RW_DSM_AL	    5, 4   /* access latency */
#define NVME_RW_DSM_SEQ	    6, 6   /* part of a sequential request */
#define NVME_RW_DSM_INCOMPR 7, 7   /* incompressible */
#define NVME_RW_DSPEC	    31, 16 /* directive specific, writes only */
/* cdw15: */
#define NVME_RW_LBAT  15, 0  /* application tag */
#define NVME_RW_LBATM 31, 16 /* its mask */

/* Dataset Management. cdw10: */
#define NVME_DSM_NR 7, 0 /* ranges, 0's based */
/* cdw11: */
#define NVME_DSM_IDR	    0, 0 /* integral dataset for read */
#define NVME_DSM_IDW	    1, 1 /* integral dataset for write */
#define NVME_DSM_AD	    2, 2 /* deallocate */
#define NVME_DSM_RANGES_MAX 256

/** struct nvme_dsm_range - one range of Dataset Management, 16 bytes */
struct nvme_dsm_range {
	nvme_u32le cattr; /* NVME_DSM_CATTR_* */
	nvme_u32le nlb;	  /* blocks, not 0's based */
	nvme_u64le slba;
};
NVME_ASSERT_SIZE(struct nvme_dsm_range, 16);
#define NVME_DSM_CATTR_AF  3, 0	  /* access frequency */
#define NVME_DSM_CATTR_AL  5, 4	  /* access latency */
#define NVME_DSM_CATTR_SR  8, 8	  /* sequential read */
#define NVME_DSM_CATTR_SW  9, 9	  /* sequential write */
#define NVME_DSM_CATTR_WP  10, 10 /* write prepare */
#define NVME_DSM_CATTR_CAS 31, 24 /* blocks of one command */

/* Copy. cdw10 and cdw11 are SDLBA, cdw14 with cdw2 and cdw3 the written tags; cdw12: */
#define NVME_COPY_NR	  7, 0	 /* source ranges, 0's based */
#define NVME_COPY_DESFMT  11, 8	 /* descriptor format */
#define NVME_COPY_PRINFOR 15, 12 /* protection of the read: ref, app, guard, PRACT from bit 12 */
#define NVME_COPY_CETYPE  19, 16
#define NVME_COPY_DTYPE	  23, 20
#define NVME_COPY_STCW	  24, 24 /* storage tag check of the write */
#define NVME_COPY_STCR	  25, 25 /* storage tag check of the read */
#define NVME_COPY_PRINFOW 29, 26 /* protection of the write: ref, app, guard, PRACT from bit 26 */
#define NVME_COPY_FUA	  30, 30
#define NVME_COPY_LR	  31, 31
/* cdw13: */
#define NVME_COPY_DSPEC 31, 16
/* cdw15: */
#define NVME_COPY_LBAT	15, 0
#define NVME_COPY_LBATM 31, 16

/* The four bits of a PRINFO field, taken out of its dword. */
#define NVME_PRINFO_PRCHK_REF	0, 0
#define NVME_PRINFO_PRCHK_APP	1, 1
#define NVME_PRINFO_PRCHK_GUARD 2, 2
#define NVME_PRINFO_PRACT	3, 3

/** struct nvme_copy_range - source range, formats 0 and 2, 32 bytes */
struct nvme_copy_range {
	nvme_u32le snsid; /* source NSID; format 2 only */
	uint8_t rsvd4[4];
	nvme_u64le slba;
	nvme_u16le nlb; /* blocks, 0's based */
	uint8_t rsvd18[4];
	nvme_u16le sopt;   /* source options; format 2 only */
	nvme_u32le eilbrt; /* expected initial reference tag */
	nvme_u16le elbat;  /* expected application tag */
	nvme_u16le elbatm; /* its mask */
};
NVME_ASSERT_SIZE(struct nvme_copy_range, 32);
NVME_ASSERT_OFFSET(struct nvme_copy_range, slba, 8);
NVME_ASSERT_OFFSET(struct nvme_copy_range, nlb, 16);
NVME_ASSERT_OFFSET(struct nvme_copy_range, sopt, 22);
NVME_ASSERT_OFFSET(struct nvme_copy_range, eilbrt, 24);
NVME_ASSERT_OFFSET(struct nvme_copy_range, elbat, 28);
NVME_ASSERT_OFFSET(struct nvme_copy_range, elbatm, 30);

/** struct nvme_copy_range_f1 - source range with wide tags, formats 1 and 3, 40 bytes */
struct nvme_copy_range_f1 {
	nvme_u32le snsid; /* source NSID; format 3 only */
	uint8_t rsvd4[4];
	nvme_u64le slba;
	nvme_u16le nlb; /* blocks, 0's based */
	uint8_t rsvd18[4];
	nvme_u16le sopt; /* source options; format 3 only */
	uint8_t rsvd24[2];
	uint8_t elbst[10]; /* expected storage and reference tag, big-endian */
	nvme_u16le elbat;
	nvme_u16le elbatm;
};
NVME_ASSERT_SIZE(struct nvme_copy_range_f1, 40);
NVME_ASSERT_OFFSET(struct nvme_copy_range_f1, elbst, 26);
NVME_ASSERT_OFFSET(struct nvme_copy_range_f1, elbat, 36);
NVME_ASSERT_OFFSET(struct nvme_copy_range_f1, elbatm, 38);

/* Reservation Register. cdw10: */
#define NVME_RESV_REGISTER_RREGA 2, 0	/* enum nvme_resv_register_action */
#define NVME_RESV_REGISTER_IEKEY 3, 3	/* ignore existing key */
#define NVME_RESV_REGISTER_CPTPL 31, 30 /* enum nvme_resv_cptpl */

enum nvme_resv_register_action {
	NVME_RESV_REGISTER_REGISTER = 0,
	NVME_RESV_REGISTER_UNREGISTER = 1,
	NVME_RESV_REGISTER_REPLACE = 2,
};

enum nvme_resv_cptpl {
	NVME_RESV_CPTPL_NO_CHANGE = 0,
	NVME_RESV_CPTPL_CLEAR = 2, /* released by a power loss */
	NVME_RESV_CPTPL_SET = 3,   /* persists through power loss */
};

/* Reservation Acquire. cdw10: */
#define NVME_RESV_ACQUIRE_RACQA 2, 0 /* enum nvme_resv_acquire_action */
#define NVME_RESV_ACQUIRE_IEKEY 3, 3
#define NVME_RESV_ACQUIRE_RTYPE 15, 8 /* enum nvme_resv_type */

enum nvme_resv_acquire_action {
	NVME_RESV_ACQUIRE_ACQUIRE = 0,
	NVME_RESV_ACQUIRE_PREEMPT = 1,
	NVME_RESV_ACQUIRE_PREEMPT_AND_ABORT = 2,
};

/* Reservation Release. cdw10: */
#define NVME_RESV_RELEASE_RRELA 2, 0 /* enum nvme_resv_release_action */
#define NVME_RESV_RELEASE_IEKEY 3, 3
#define NVME_RESV_RELEASE_RTYPE 15, 8

enum nvme_resv_release_action {
	NVME_RESV_RELEASE_RELEASE = 0,
	NVME_RESV_RELEASE_CLEAR = 1,
};

/* Reservation Report. cdw10 is NUMD (dwords, 0's based); cdw11: */
#define NVME_RESV_REPORT_EDS 0, 0 /* extended data structure */

enum nvme_resv_type {
	NVME_RESV_NONE = 0,
	NVME_RESV_WRITE_EXCLUSIVE = 1,
	NVME_RESV_EXCLUSIVE_ACCESS = 2,
	NVME_RESV_WRITE_EXCLUSIVE_RO = 3, /* registrants only */
	NVME_RESV_EXCLUSIVE_ACCESS_RO = 4,
	NVME_RESV_WRITE_EXCLUSIVE_AR = 5, /* all registrants */
	NVME_RESV_EXCLUSIVE_ACCESS_AR = 6,
};

/** struct nvme_resv_register - data of Reservation Register, 16 bytes */
struct nvme_resv_register {
	nvme_u64le crkey; /* current key */
	nvme_u64le nrkey; /* new key */
};
NVME_ASSERT_SIZE(struct nvme_resv_register, 16);

/** struct nvme_resv_acquire - data of Reservation Acquire, 16 bytes */
struct nvme_resv_acquire {
	nvme_u64le crkey; /* current key */
	nvme_u64le prkey; /* key to preempt */
};
NVME_ASSERT_SIZE(struct nvme_resv_acquire, 16);

/** struct nvme_resv_release - data of Reservation Release, 8 bytes */
struct nvme_resv_release {
	nvme_u64le crkey; /* current key */
};
NVME_ASSERT_SIZE(struct nvme_resv_release, 8);

/** struct nvme_registered_ctrl - registrant, 24 bytes */
struct nvme_registered_ctrl {
	nvme_u16le cntlid;
	uint8_t rcsts; /* NVME_RCSTS_HOLDER */
	uint8_t rsvd3[5];
	nvme_u64le hostid;
	nvme_u64le rkey;
};
NVME_ASSERT_SIZE(struct nvme_registered_ctrl, 24);
NVME_ASSERT_OFFSET(struct nvme_registered_ctrl, hostid, 8);

/** struct nvme_registered_ctrl_ext - registrant with a 128-bit host identifier, 64 bytes */
struct nvme_registered_ctrl_ext {
	nvme_u16le cntlid;
	uint8_t rcsts; /* NVME_RCSTS_HOLDER */
	uint8_t rsvd3[5];
	nvme_u64le rkey;
	uint8_t hostid[16];
	uint8_t rsvd32[32];
};
NVME_ASSERT_SIZE(struct nvme_registered_ctrl_ext, 64);
NVME_ASSERT_OFFSET(struct nvme_registered_ctrl_ext, hostid, 16);

#define NVME_RCSTS_HOLDER 0, 0 /* holds the reservation */

/** struct nvme_resv_status - head of Reservation Report data, 24 bytes, then registrants */
struct nvme_resv_status {
	nvme_u32le gen;	   /* changes of registrations */
	uint8_t rtype;	   /* enum nvme_resv_type */
	uint8_t regctl[2]; /* registrants, little-endian at an odd place */
	uint8_t rsvd7[2];
	uint8_t ptpls; /* persists through power loss */
	uint8_t rsvd10[14];
};
NVME_ASSERT_SIZE(struct nvme_resv_status, 24);
NVME_ASSERT_OFFSET(struct nvme_resv_status, regctl, 5);
NVME_ASSERT_OFFSET(struct nvme_resv_status, ptpls, 9);

/** struct nvme_resv_status_ext - head of the extended data, 64 bytes, then registrants */
struct nvme_resv_status_ext {
	struct nvme_resv_status status;
	uint8_t rsvd24[40];
};
NVME_ASSERT_SIZE(struct nvme_resv_status_ext, 64);

/* I/O Management Receive. cdw10; cdw11 is NUMD (dwords, 0's based): */
#define NVME_IO_MGMT_RECV_MO	   7, 0 /* NVME_IO_MGMT_MO_RUH_STATUS */
#define NVME_IO_MGMT_RECV_MOS	   31, 16
#define NVME_IO_MGMT_MO_RUH_STATUS 1
/* I/O Management Send. cdw10; data: placement identifiers, 16 bits each: */
#define NVME_IO_MGMT_SEND_MO	   7, 0	  /* NVME_IO_MGMT_MO_RUH_UPDATE */
#define NVME_IO_MGMT_SEND_MOS	   31, 16 /* identifiers, 0's based */
#define NVME_IO_MGMT_MO_RUH_UPDATE 1

/* Cancel. cdw10; cdw11: */
#define NVME_CANCEL_SQID   15, 0
#define NVME_CANCEL_CID	   31, 16
#define NVME_CANCEL_ACTION 1, 0 /* 0 single command, 1 several */

/* Zone Management Send. cdw10 and cdw11 are SLBA; cdw13: */
#define NVME_ZONE_SEND_ZSA    7, 0 /* enum nvme_zone_send_action */
#define NVME_ZONE_SEND_SELALL 8, 8 /* all zones in a fitting state */
#define NVME_ZONE_SEND_ZSASO  9, 9 /* action specific: open with ZRWA */

enum nvme_zone_send_action {
	NVME_ZONE_CLOSE = 0x01,
	NVME_ZONE_FINISH = 0x02,
	NVME_ZONE_OPEN = 0x03,
	NVME_ZONE_RESET = 0x04,
	NVME_ZONE_OFFLINE = 0x05,
	NVME_ZONE_SET_EXTENSION = 0x10,
	NVME_ZONE_FLUSH_ZRWA = 0x11,
};

/* Zone Management Receive. cdw10 and cdw11 are SLBA; cdw12 is NUMD (dwords, 0's based); cdw13: */
#define NVME_ZONE_RECV_ZRA     7, 0   /* 0 report, 1 extended report */
#define NVME_ZONE_RECV_ZRAS    15, 8  /* enum nvme_zone_report_filter */
#define NVME_ZONE_RECV_PARTIAL 16, 16 /* the count is that of zones returned */

enum nvme_zone_report_filter {
	NVME_ZONE_REPORT_ALL = 0,
	NVME_ZONE_REPORT_EMPTY = 1,
	NVME_ZONE_REPORT_IMPLICIT_OPEN = 2,
	NVME_ZONE_REPORT_EXPLICIT_OPEN = 3,
	NVME_ZONE_REPORT_CLOSED = 4,
	NVME_ZONE_REPORT_FULL = 5,
	NVME_ZONE_REPORT_READ_ONLY = 6,
	NVME_ZONE_REPORT_OFFLINE = 7,
};

/** struct nvme_zone_desc - zone descriptor, 64 bytes */
struct nvme_zone_desc {
	uint8_t zt;  /* NVME_ZONE_ZT */
	uint8_t zs;  /* NVME_ZONE_ZS */
	uint8_t za;  /* NVME_ZONE_ZA_* */
	uint8_t zai; /* attribute information */
	uint8_t rsvd4[4];
	nvme_u64le zcap; /* capacity, blocks */
	nvme_u64le zslba;
	nvme_u64le wp; /* write pointer */
	uint8_t rsvd32[32];
};
NVME_ASSERT_SIZE(struct nvme_zone_desc, 64);
NVME_ASSERT_OFFSET(struct nvme_zone_desc, zcap, 8);
NVME_ASSERT_OFFSET(struct nvme_zone_desc, wp, 24);

#define NVME_ZONE_ZT		  3, 0 /* type */
#define NVME_ZONE_TYPE_SEQUENTIAL 2    /* sequential write required */
#define NVME_ZONE_ZS		  7, 4 /* enum nvme_zone_state */
#define NVME_ZONE_ZA_ZFC	  0, 0 /* finished by the controller */
#define NVME_ZONE_ZA_FZR	  1, 1 /* finish recommended */
#define NVME_ZONE_ZA_RZR	  2, 2 /* reset recommended */
#define NVME_ZONE_ZA_ZRWAV	  3, 3 /* random write area valid */
#define NVME_ZONE_ZA_ZDEV	  7, 7 /* descriptor extension valid */

enum nvme_zone_state {
	NVME_ZONE_STATE_EMPTY = 0x1,
	NVME_ZONE_STATE_IMPLICIT_OPEN = 0x2,
	NVME_ZONE_STATE_EXPLICIT_OPEN = 0x3,
	NVME_ZONE_STATE_CLOSED = 0x4,
	NVME_ZONE_STATE_READ_ONLY = 0xd,
	NVME_ZONE_STATE_FULL = 0xe,
	NVME_ZONE_STATE_OFFLINE = 0xf,
};

/** struct nvme_zone_report - head of a zone report, 64 bytes, then descriptors */
struct nvme_zone_report {
	nvme_u64le nr_zones;
	uint8_t rsvd8[56];
};
NVME_ASSERT_SIZE(struct nvme_zone_report, 64);

/** struct nvme_lba_status_desc - one descriptor of Get LBA Status, 16 bytes */
struct nvme_lba_status_desc {
	nvme_u64le dslba;
	nvme_u32le nlb; /* blocks */
	uint8_t rsvd12;
	uint8_t status; /* 2:0: 0 may fail or unknown, 1 fails, 2 allocated, 3 both */
	uint8_t rsvd14[2];
};
NVME_ASSERT_SIZE(struct nvme_lba_status_desc, 16);

/** struct nvme_lba_status - head of Get LBA Status data, 8 bytes, then descriptors */
struct nvme_lba_status {
	nvme_u32le nlsd; /* descriptors */
	uint8_t cmpc;	 /* why it ended: 1 no more room, 2 all blocks looked at */
	uint8_t rsvd5[3];
};
NVME_ASSERT_SIZE(struct nvme_lba_status, 8);

/** struct nvme_fdp_ruh_status_desc - one handle of the RUH status, 32 bytes */
struct nvme_fdp_ruh_status_desc {
	nvme_u16le pid;	   /* placement identifier */
	nvme_u16le ruhid;  /* reclaim unit handle */
	nvme_u32le earutr; /* estimated active time remaining, seconds */
	nvme_u64le ruamw;  /* media writes left, blocks */
	uint8_t rsvd16[16];
};
NVME_ASSERT_SIZE(struct nvme_fdp_ruh_status_desc, 32);

/** struct nvme_fdp_ruh_status - head of the RUH status, 16 bytes, then descriptors */
struct nvme_fdp_ruh_status {
	uint8_t rsvd0[14];
	nvme_u16le nruhsd; /* descriptors */
};
NVME_ASSERT_SIZE(struct nvme_fdp_ruh_status, 16);

/*
 * Protection information, NVM 1.0 5.2: the tuple at the end or the start of the metadata. All of
 * it is big-endian, so its members are bytes.
 */

/** struct nvme_pi16 - tuple with a 16-bit guard, 8 bytes */
struct nvme_pi16 {
	uint8_t guard[2];
	uint8_t app_tag[2];
	uint8_t ref_tag[4]; /* storage tag above, reference tag below */
};
NVME_ASSERT_SIZE(struct nvme_pi16, 8);

/** struct nvme_pi32 - tuple with a 32-bit guard, 16 bytes */
struct nvme_pi32 {
	uint8_t guard[4];
	uint8_t app_tag[2];
	uint8_t ref_tag[10];
};
NVME_ASSERT_SIZE(struct nvme_pi32, 16);

/** struct nvme_pi64 - tuple with a 64-bit guard, 16 bytes */
struct nvme_pi64 {
	uint8_t guard[8];
	uint8_t app_tag[2];
	uint8_t ref_tag[6];
};
NVME_ASSERT_SIZE(struct nvme_pi64, 16);

enum nvme_pi_format {
	NVME_PIF_16 = 0,
	NVME_PIF_32 = 1,
	NVME_PIF_64 = 2,
	NVME_PIF_QUALIFIED = 3, /* see ELBAF.QPIF */
};

/*
 * ------------------------------------------------------------------------------------------------
 * Identify data, Base 2.0 5.17.2, NVM 1.0 4.1.5
 * ------------------------------------------------------------------------------------------------
 */

/** struct nvme_power_state - power state descriptor, 32 bytes */
struct nvme_power_state {
	nvme_u16le mp; /* maximum power, in 0.01 W or with MXPS in 0.0001 W */
	uint8_t rsvd2;
	uint8_t flags;	  /* NVME_PS_FLAGS_* */
	nvme_u32le enlat; /* entry latency, microseconds */
	nvme_u32le exlat; /* exit latency, microseconds */
	uint8_t rrt;	  /* relative read throughput, 4:0, 0 is best */
	uint8_t rrl;	  /* relative read latency, 4:0 */
	uint8_t rwt;	  /* relative write throughput, 4:0 */
	uint8_t rwl;	  /* relative write latency, 4:0 */
	nvme_u16le idlp;  /* idle power, in units of ips */
	uint8_t ips;	  /* NVME_PS_IPS */
	uint8_t rsvd19;
	nvme_u16le actp;     /* active power, in units of aps */
	uint8_t apws;	     /* NVME_PS_APW, NVME_PS_APS */
	uint8_t epfrt;	     /* recovery after Emergency Power Fail, 1 .. 99; 0: not reported */
	uint8_t fqvt;	     /* Forced Quiescence, likewise */
	uint8_t epfvt;	     /* Emergency Power Fail, likewise */
	uint8_t epfr_fqv_ts; /* 3:0 scale of epfrt, 7:4 of fqvt: NVME_TIME_SCALE_* */
	uint8_t epfvts;	     /* 3:0 scale of epfvt */
	uint8_t rsvd28[4];
};
NVME_ASSERT_SIZE(struct nvme_power_state, 32);
NVME_ASSERT_OFFSET(struct nvme_power_state, enlat, 4);
NVME_ASSERT_OFFSET(struct nvme_power_state, idlp, 16);
NVME_ASSERT_OFFSET(struct nvme_power_state, actp, 20);

#define NVME_PS_FLAGS_MXPS 0, 0 /* unit of mp: 0 0.01 W, 1 0.0001 W */
#define NVME_PS_FLAGS_NOPS 1, 1 /* non-operational */
#define NVME_PS_IPS	   7, 6 /* 1 0.0001 W, 2 0.01 W */
#define NVME_PS_EPFRTS	   3, 0
#define NVME_PS_FQVTS	   7, 4
#define NVME_PS_EPFVTS	   3, 0
#define NVME_PS_APW	   2, 0 /* workload of the active power */
#define NVME_PS_APS	   7, 6 /* 1 0.0001 W, 2 0.01 W */

#define NVME_TIME_SCALE_10_SEC 7 /* 0 is 1 us; each is ten times the one before */

#define NVME_POWER_STATES_MAX 32

/** struct nvme_id_ctrl - Identify Controller, CNS 01, 4096 bytes */
struct nvme_id_ctrl {
	/* Who it is. Strings are ASCII, padded with spaces, without a NUL. */
	nvme_u16le vid;	   /* PCI vendor */
	nvme_u16le ssvid;  /* PCI subsystem vendor */
	char sn[20];	   /* serial number */
	char mn[40];	   /* model number */
	char fr[8];	   /* firmware revision */
	uint8_t rab;	   /* recommended arbitration burst, 2^n commands */
	uint8_t ieee[3];   /* OUI, little-endian */
	uint8_t cmic;	   /* NVME_ID_CTRL_CMIC_* */
	uint8_t mdts;	   /* largest transfer, 2^n pages of CAP.MPSMIN, 0 no limit */
	nvme_u16le cntlid; /* controller ID */
	nvme_u32le ver;	   /* as register VS */
	nvme_u32le rtd3r;  /* RTD3 resume latency, microseconds */
	nvme_u32le rtd3e;  /* RTD3 entry latency, microseconds */
	nvme_u32le oaes;   /* optional events: NVME_ID_CTRL_OAES_* */
	nvme_u32le ctratt; /* attributes: NVME_ID_CTRL_CTRATT_* */
	nvme_u16le rrls;   /* read recovery levels, one bit each */
	uint8_t bpcap;	   /* boot partitions: NVME_ID_CTRL_BPCAP_* */
	uint8_t rsvd103;
	nvme_u32le nssl; /* NVM subsystem shutdown latency, microseconds */
	uint8_t rsvd108[2];
	uint8_t plsi;	   /* power loss signaling: NVME_ID_CTRL_PLSI_* */
	uint8_t cntrltype; /* enum nvme_cntrltype */
	uint8_t fguid[16]; /* FRU globally unique identifier */
	nvme_u16le crdt1;  /* command retry delay 1, 100 ms */
	nvme_u16le crdt2;  /* command retry delay 2, 100 ms */
	nvme_u16le crdt3;  /* command retry delay 3, 100 ms */
	uint8_t crcap;	   /* reachability: NVME_ID_CTRL_CRCAP_* */
	uint8_t rsvd135[118];
	uint8_t nvmsr; /* NVMe-MI: NVM subsystem report */
	uint8_t vwci;  /* NVMe-MI: vital product data writes left */
	uint8_t mec;   /* NVMe-MI: management endpoint */

	/* What it can do with admin commands. */
	nvme_u16le oacs;	    /* optional admin commands: NVME_ID_CTRL_OACS_* */
	uint8_t acl;		    /* Abort commands at once, 0's based */
	uint8_t aerl;		    /* Asynchronous Event Requests at once, 0's based */
	uint8_t frmw;		    /* firmware: NVME_ID_CTRL_FRMW_* */
	uint8_t lpa;		    /* log pages: NVME_ID_CTRL_LPA_* */
	uint8_t elpe;		    /* Error Information entries, 0's based */
	uint8_t npss;		    /* power states, 0's based */
	uint8_t avscc;		    /* vendor commands have the standard format, bit 0 */
	uint8_t apsta;		    /* autonomous power state transitions, bit 0 */
	nvme_u16le wctemp;	    /* warning temperature, kelvin */
	nvme_u16le cctemp;	    /* critical temperature, kelvin */
	nvme_u16le mtfa;	    /* longest firmware activation, 100 ms, 0 undefined */
	nvme_u32le hmpre;	    /* host memory buffer preferred, 4 KiB */
	nvme_u32le hmmin;	    /* host memory buffer minimum, 4 KiB */
	struct nvme_u128le tnvmcap; /* total capacity, bytes */
	struct nvme_u128le unvmcap; /* unallocated capacity, bytes */
	nvme_u32le rpmbs;	    /* replay protected memory: NVME_ID_CTRL_RPMBS_* */
	nvme_u16le edstt;	    /* extended self-test, minutes */
	uint8_t dsto;		    /* self-test options: NVME_ID_CTRL_DSTO_* */
	uint8_t fwug;		    /* firmware granularity, 4 KiB, 0 unknown, FFh any */
	nvme_u16le kas;		    /* keep alive granularity, 100 ms, 0 not supported */
	nvme_u16le hctma;	    /* host controlled thermal management, bit 0 */
	nvme_u16le mntmt;	    /* lowest thermal management temperature, kelvin */
	nvme_u16le mxtmt;	    /* highest thermal management temperature, kelvin */
	nvme_u32le sanicap;	    /* sanitize: NVME_ID_CTRL_SANICAP_* */
	nvme_u32le hmminds;	    /* smallest host memory descriptor, 4 KiB */
	nvme_u16le hmmaxd;	    /* most host memory descriptors */
	nvme_u16le nsetidmax;	    /* largest NVM set identifier */
	nvme_u16le endgidmax;	    /* largest endurance group identifier */
	uint8_t anatt;		    /* ANA transition time, seconds */
	uint8_t anacap;		    /* NVME_ID_CTRL_ANACAP_* */
	nvme_u32le anagrpmax;	    /* largest ANA group identifier */
	nvme_u32le nanagrpid;	    /* number of ANA groups */
	nvme_u32le pels;	    /* largest persistent event log, 64 KiB */
	nvme_u16le domainid;
	uint8_t kpioc; /* key per I/O: bit 0 supported, bit 1 scope */
	uint8_t rsvd359;
	nvme_u16le mptfawr; /* longest activation without reset, 100 ms */
	uint8_t rsvd362[6];
	struct nvme_u128le megcap; /* largest endurance group, bytes */
	uint8_t tmpthha;	   /* temperature threshold hysteresis, kelvin, 2:0 */
	uint8_t rsvd385;
	nvme_u16le cqt; /* command quiesce time, milliseconds */
	uint8_t rsvd388[124];

	/* What it can do with I/O commands. */
	uint8_t sqes;		   /* NVME_ID_CTRL_SQES_*, 2^n bytes */
	uint8_t cqes;		   /* NVME_ID_CTRL_CQES_*, 2^n bytes */
	nvme_u16le maxcmd;	   /* commands at once, 0 not said */
	nvme_u32le nn;		   /* largest NSID */
	nvme_u16le oncs;	   /* optional I/O commands: NVME_ID_CTRL_ONCS_* */
	nvme_u16le fuses;	   /* NVME_ID_CTRL_FUSES_* */
	uint8_t fna;		   /* Format NVM: NVME_ID_CTRL_FNA_* */
	uint8_t vwc;		   /* volatile write cache: NVME_ID_CTRL_VWC_* */
	nvme_u16le awun;	   /* atomic write unit, blocks, 0's based */
	nvme_u16le awupf;	   /* the same through a power loss */
	uint8_t icsvscc;	   /* vendor I/O commands have the standard format, bit 0 */
	uint8_t nwpc;		   /* namespace write protection: NVME_ID_CTRL_NWPC_* */
	nvme_u16le acwu;	   /* atomic compare and write unit, blocks, 0's based */
	nvme_u16le ocfs;	   /* copy descriptor formats, one bit each */
	nvme_u32le sgls;	   /* NVME_ID_CTRL_SGLS_* */
	nvme_u32le mnan;	   /* most namespaces allowed, 0: nn */
	struct nvme_u128le maxdna; /* most namespace attachments in the domain */
	nvme_u32le maxcna;	   /* most namespace attachments of the controller */
	nvme_u32le oaqd;	   /* optimal aggregated queue depth */
	uint8_t rhiri;		   /* host-initiated refresh, recommended interval */
	uint8_t hirt;		   /* host-initiated refresh time */
	uint8_t rsvd570[6];
	uint8_t trattr; /* tracking: NVME_ID_CTRL_TRATTR_* */
	uint8_t rsvd577;
	nvme_u16le mcudmq;  /* user data migration queues of the controller */
	nvme_u16le mnsudmq; /* of the NVM subsystem */
	nvme_u16le mcmr;    /* memory ranges of a controller data queue */
	nvme_u16le nmcmr;   /* of all of the NVM subsystem */
	nvme_u16le mcdqpc;  /* PRPs in the list of such a queue */
	uint8_t rsvd588[180];
	char subnqn[256]; /* NVM subsystem's qualified name, UTF-8, padded with NUL */
	uint8_t rsvd1024[768];

	/* NVMe over Fabrics. */
	nvme_u32le ioccsz; /* command capsule, 16 bytes */
	nvme_u32le iorcsz; /* response capsule, 16 bytes */
	nvme_u16le icdoff; /* in-capsule data offset, 16 bytes */
	uint8_t fcatt;	   /* bit 0: static controllers */
	uint8_t msdbd;	   /* most SGL data block descriptors */
	nvme_u16le ofcs;   /* bit 0: Disconnect */
	uint8_t dctype;	   /* discovery controller type */
	uint8_t rsvd1807[241];

	struct nvme_power_state psd[NVME_POWER_STATES_MAX];
	uint8_t vs[1024]; /* vendor specific */
};
NVME_ASSERT_SIZE(struct nvme_id_ctrl, 4096);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, rab, 72);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, cntlid, 78);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, ctratt, 96);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, nssl, 104);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, cntrltype, 111);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, crcap, 134);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, nvmsr, 253);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, oacs, 256);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, mtfa, 270);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, tnvmcap, 280);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, kas, 320);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, sanicap, 328);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, anatt, 342);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, domainid, 356);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, megcap, 368);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, cqt, 386);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, sqes, 512);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, awun, 526);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, sgls, 536);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, maxdna, 544);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, oaqd, 564);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, trattr, 576);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, mcdqpc, 586);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, subnqn, 768);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, ioccsz, 1792);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, psd, 2048);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl, vs, 3072);

/* id_ctrl.trattr: what Track Send and Track Receive can do. */
#define NVME_ID_CTRL_TRATTR_THMCS 0, 0 /* host memory changes */
#define NVME_ID_CTRL_TRATTR_TUDCS 1, 1 /* user data changes */

/* id_ctrl.plsi: modes of power loss signaling. */
#define NVME_ID_CTRL_PLSI_EPF 0, 0 /* Emergency Power Fail */
#define NVME_ID_CTRL_PLSI_FQ  1, 1 /* Forced Quiescence */

/* id_ctrl.cmic: what the NVM subsystem has. */
#define NVME_ID_CTRL_CMIC_MPORTS 0, 0 /* more than one port */
#define NVME_ID_CTRL_CMIC_MCTRS	 1, 1 /* more than one controller */
#define NVME_ID_CTRL_CMIC_FT	 2, 2 /* this is an SR-IOV virtual function */
#define NVME_ID_CTRL_CMIC_ANARS	 3, 3 /* ANA reporting */

/* id_ctrl.oaes */
#define NVME_ID_CTRL_OAES_NS_ATTRIBUTE	     8, 8
#define NVME_ID_CTRL_OAES_FW_ACTIVATION	     9, 9
#define NVME_ID_CTRL_OAES_ANA		     11, 11
#define NVME_ID_CTRL_OAES_PLM_AGGREGATE	     12, 12
#define NVME_ID_CTRL_OAES_LBA_STATUS	     13, 13
#define NVME_ID_CTRL_OAES_EG_AGGREGATE	     14, 14
#define NVME_ID_CTRL_OAES_SUBSYSTEM_SHUTDOWN 15, 15
#define NVME_ID_CTRL_OAES_TEMP_HYSTERESIS    16, 16
#define NVME_ID_CTRL_OAES_REACHABILITY	     17, 17
#define NVME_ID_CTRL_OAES_ALLOC_NS_ATTRIBUTE 19, 19
#define NVME_ID_CTRL_OAES_ZONE_DESCRIPTOR    27, 27
#define NVME_ID_CTRL_OAES_DISCOVERY	     31, 31

/* id_ctrl.ctratt */
#define NVME_ID_CTRL_CTRATT_HIDS   0, 0	  /* 128-bit host identifier */
#define NVME_ID_CTRL_CTRATT_NOPSPM 1, 1	  /* non-operational permissive mode */
#define NVME_ID_CTRL_CTRATT_NSETS  2, 2	  /* NVM sets */
#define NVME_ID_CTRL_CTRATT_RRLVLS 3, 3	  /* read recovery levels */
#define NVME_ID_CTRL_CTRATT_EGS	   4, 4	  /* endurance groups */
#define NVME_ID_CTRL_CTRATT_PLM	   5, 5	  /* predictable latency mode */
#define NVME_ID_CTRL_CTRATT_TBKAS  6, 6	  /* traffic based keep alive */
#define NVME_ID_CTRL_CTRATT_NG	   7, 7	  /* namespace granularity */
#define NVME_ID_CTRL_CTRATT_SQA	   8, 8	  /* SQ associations */
#define NVME_ID_CTRL_CTRATT_ULIST  9, 9	  /* UUID list */
#define NVME_ID_CTRL_CTRATT_MDS	   10, 10 /* several domains */
#define NVME_ID_CTRL_CTRATT_FCM	   11, 11 /* fixed capacity management */
#define NVME_ID_CTRL_CTRATT_VCM	   12, 12 /* variable capacity management */
#define NVME_ID_CTRL_CTRATT_DEG	   13, 13 /* delete endurance group */
#define NVME_ID_CTRL_CTRATT_DNVMS  14, 14 /* delete NVM set */
#define NVME_ID_CTRL_CTRATT_ELBAS  15, 15 /* more than 16 LBA formats, PI formats */
#define NVME_ID_CTRL_CTRATT_MEM	   16, 16 /* MDTS and limits without metadata */
#define NVME_ID_CTRL_CTRATT_HMBR   17, 17 /* HMB restricted in non-operational states */
#define NVME_ID_CTRL_CTRATT_RHII   18, 18 /* reservations and host identifier interaction */
#define NVME_ID_CTRL_CTRATT_FDPS   19, 19 /* flexible data placement */

/* id_ctrl.bpcap */
#define NVME_ID_CTRL_BPCAP_RPMBBPWPS 1, 0 /* write protection by RPMB: 0 not said, 1 no, 2 yes */
#define NVME_ID_CTRL_BPCAP_SFBPWPS   2, 2 /* write protection by Set Features */

/* id_ctrl.cntrltype */
enum nvme_cntrltype {
	NVME_CNTRLTYPE_NOT_REPORTED = 0,
	NVME_CNTRLTYPE_IO = 1,
	NVME_CNTRLTYPE_DISCOVERY = 2,
	NVME_CNTRLTYPE_ADMIN = 3,
};

/* id_ctrl.crcap */
#define NVME_ID_CTRL_CRCAP_RRSUP 0, 0 /* reachability reporting */
#define NVME_ID_CTRL_CRCAP_RGIDC 1, 1 /* group identifier changes only with a new attachment */

/* id_ctrl.nvmsr, id_ctrl.vwci, id_ctrl.mec: NVMe-MI */
#define NVME_ID_CTRL_NVMSR_NVMESD 0, 0 /* part of a storage device */
#define NVME_ID_CTRL_NVMSR_NVMEE  1, 1 /* part of an enclosure */
#define NVME_ID_CTRL_VWCI_VWCR	  6, 0 /* writes left */
#define NVME_ID_CTRL_VWCI_VWCRV	  7, 7 /* that number is valid */
#define NVME_ID_CTRL_MEC_TWPME	  0, 0 /* endpoint on a two-wire port */
#define NVME_ID_CTRL_MEC_PCIEME	  1, 1 /* endpoint on a PCIe port */

/* id_ctrl.oacs */
#define NVME_ID_CTRL_OACS_SECURITY   0, 0   /* Security Send and Receive */
#define NVME_ID_CTRL_OACS_FORMAT     1, 1   /* Format NVM */
#define NVME_ID_CTRL_OACS_FIRMWARE   2, 2   /* Firmware Commit and Download */
#define NVME_ID_CTRL_OACS_NS_MGMT    3, 3   /* Namespace Management and Attachment */
#define NVME_ID_CTRL_OACS_SELF_TEST  4, 4   /* Device Self-test */
#define NVME_ID_CTRL_OACS_DIRECTIVES 5, 5   /* Directive Send and Receive */
#define NVME_ID_CTRL_OACS_MI	     6, 6   /* NVMe-MI Send and Receive */
#define NVME_ID_CTRL_OACS_VIRT_MGMT  7, 7   /* Virtualization Management */
#define NVME_ID_CTRL_OACS_DBBUF	     8, 8   /* Doorbell Buffer Config */
#define NVME_ID_CTRL_OACS_LBA_STATUS 9, 9   /* Get LBA Status */
#define NVME_ID_CTRL_OACS_LOCKDOWN   10, 10 /* Lockdown */
#define NVME_ID_CTRL_OACS_MIGRATION  11, 11 /* host managed live migration */

/* id_ctrl.frmw */
#define NVME_ID_CTRL_FRMW_FFSRO 0, 0 /* slot 1 is read only */
#define NVME_ID_CTRL_FRMW_NOFS	3, 1 /* slots, 1 to 7 */
#define NVME_ID_CTRL_FRMW_FAWR	4, 4 /* activation without a reset */
#define NVME_ID_CTRL_FRMW_SMUD	5, 5 /* overlapping downloads are detected */

/* id_ctrl.lpa */
#define NVME_ID_CTRL_LPA_SMARTS 0, 0 /* SMART for each namespace */
#define NVME_ID_CTRL_LPA_CSES	1, 1 /* Commands Supported and Effects log */
#define NVME_ID_CTRL_LPA_LPEDS	2, 2 /* extended data: offset and 32-bit length */
#define NVME_ID_CTRL_LPA_TS	3, 3 /* telemetry logs and notice */
#define NVME_ID_CTRL_LPA_PES	4, 4 /* Persistent Event log */
#define NVME_ID_CTRL_LPA_MLPS	5, 5 /* logs 00, 12, 13 and LSP of 05 */
#define NVME_ID_CTRL_LPA_DA4S	6, 6 /* telemetry data area 4 */

/* id_ctrl.avscc, id_ctrl.apsta, id_ctrl.icsvscc, id_ctrl.hctma, id_ctrl.kpioc */
#define NVME_ID_CTRL_AVSCC_SAME	  0, 0
#define NVME_ID_CTRL_APSTA_APST	  0, 0
#define NVME_ID_CTRL_ICSVSCC_SAME 0, 0
#define NVME_ID_CTRL_HCTMA_HCTM	  0, 0
#define NVME_ID_CTRL_KPIOC_KPIOS  0, 0
#define NVME_ID_CTRL_KPIOC_KPIOSC 1, 1

/* id_ctrl.rpmbs */
#define NVME_ID_CTRL_RPMBS_NRPMBU 2, 0	 /* units */
#define NVME_ID_CTRL_RPMBS_AUTHM  5, 3	 /* authentication: 0 HMAC SHA-256 */
#define NVME_ID_CTRL_RPMBS_TSZ	  23, 16 /* size, 128 KiB, 0's based */
#define NVME_ID_CTRL_RPMBS_ASZ	  31, 24 /* access size, 512 bytes, 0's based */

/* id_ctrl.dsto */
#define NVME_ID_CTRL_DSTO_SDSO 0, 0 /* one self-test at a time in the NVM subsystem */
#define NVME_ID_CTRL_DSTO_HIRS 1, 1 /* host-initiated refresh */

/* id_ctrl.sanicap */
#define NVME_ID_CTRL_SANICAP_CES     0, 0   /* crypto erase */
#define NVME_ID_CTRL_SANICAP_BES     1, 1   /* block erase */
#define NVME_ID_CTRL_SANICAP_OWS     2, 2   /* overwrite */
#define NVME_ID_CTRL_SANICAP_VERS    3, 3   /* media verification */
#define NVME_ID_CTRL_SANICAP_NVERS   4, 4   /* the same for one namespace */
#define NVME_ID_CTRL_SANICAP_NDI     29, 29 /* No-Deallocate is inhibited */
#define NVME_ID_CTRL_SANICAP_NODMMAS 31, 30 /* media modified after: 0 not said, 1 no, 2 yes */

/* id_ctrl.anacap */
#define NVME_ID_CTRL_ANACAP_OPTIMIZED	    0, 0
#define NVME_ID_CTRL_ANACAP_NON_OPTIMIZED   1, 1
#define NVME_ID_CTRL_ANACAP_INACCESSIBLE    2, 2
#define NVME_ID_CTRL_ANACAP_PERSISTENT_LOSS 3, 3
#define NVME_ID_CTRL_ANACAP_CHANGE	    4, 4
#define NVME_ID_CTRL_ANACAP_GRPID_FIXED	    6, 6 /* ANAGRPID keeps while attached */
#define NVME_ID_CTRL_ANACAP_GRPID_MGMT	    7, 7 /* Namespace Management takes one */

/* id_ctrl.sqes, id_ctrl.cqes: 2^n bytes */
#define NVME_ID_CTRL_SQES_MIN 3, 0
#define NVME_ID_CTRL_SQES_MAX 7, 4
#define NVME_ID_CTRL_CQES_MIN 3, 0
#define NVME_ID_CTRL_CQES_MAX 7, 4

/* id_ctrl.oncs */
#define NVME_ID_CTRL_ONCS_COMPARE	      0, 0
#define NVME_ID_CTRL_ONCS_WRITE_UNCORRECTABLE 1, 1
#define NVME_ID_CTRL_ONCS_DSM		      2, 2
#define NVME_ID_CTRL_ONCS_WRITE_ZEROES	      3, 3
#define NVME_ID_CTRL_ONCS_SAVE_SELECT	      4, 4 /* SV of Set Features, SEL of Get Features */
#define NVME_ID_CTRL_ONCS_RESERVATIONS	      5, 5
#define NVME_ID_CTRL_ONCS_TIMESTAMP	      6, 6
#define NVME_ID_CTRL_ONCS_VERIFY	      7, 7
#define NVME_ID_CTRL_ONCS_COPY		      8, 8
#define NVME_ID_CTRL_ONCS_COPY_ATOMIC	      9, 9   /* one Copy command is one write */
#define NVME_ID_CTRL_ONCS_ALL_FAST_COPY	      10, 10 /* every Copy is fast */
#define NVME_ID_CTRL_ONCS_WZ_DEALLOCATE	      11, 11 /* Write Zeroes beyond limits with DEAC */
#define NVME_ID_CTRL_ONCS_NS_ZEROES	      12, 12 /* Write Zeroes of a whole namespace */

/* id_ctrl.fuses */
#define NVME_ID_CTRL_FUSES_COMPARE_WRITE 0, 0

/* id_ctrl.fna */
#define NVME_ID_CTRL_FNA_FORMAT_ALL   0, 0 /* a format applies to all namespaces */
#define NVME_ID_CTRL_FNA_ERASE_ALL    1, 1 /* a secure erase applies to all namespaces */
#define NVME_ID_CTRL_FNA_CRYPTO_ERASE 2, 2 /* cryptographic erase is supported */
#define NVME_ID_CTRL_FNA_NO_BROADCAST 3, 3 /* NSID FFFFFFFFh is not supported */

/* id_ctrl.vwc */
#define NVME_ID_CTRL_VWC_PRESENT 0, 0
#define NVME_ID_CTRL_VWC_FLUSH	 2, 1 /* Flush to NSID FFFFFFFFh: 0 not said, 2 no, 3 yes */

/* id_ctrl.nwpc */
#define NVME_ID_CTRL_NWPC_WP		    0, 0 /* no protection and write protection */
#define NVME_ID_CTRL_NWPC_UNTIL_POWER_CYCLE 1, 1
#define NVME_ID_CTRL_NWPC_PERMANENT	    2, 2

/* id_ctrl.sgls */
#define NVME_ID_CTRL_SGLS_SUPPORT    1, 0   /* 0 no, 1 any alignment, 2 dword aligned */
#define NVME_ID_CTRL_SGLS_KEYED	     2, 2   /* keyed data blocks */
#define NVME_ID_CTRL_SGLS_BIT_BUCKET 16, 16 /* bit buckets */
#define NVME_ID_CTRL_SGLS_MPTR_BYTE  17, 17 /* contiguous metadata at any byte */
#define NVME_ID_CTRL_SGLS_OVERSIZE   18, 18 /* an SGL may be longer than the transfer */
#define NVME_ID_CTRL_SGLS_MPTR_SGL   19, 19 /* metadata by an SGL */
#define NVME_ID_CTRL_SGLS_OFFSET     20, 20 /* addresses as offsets */
#define NVME_ID_CTRL_SGLS_TRANSPORT  21, 21 /* transport data blocks */

/** struct nvme_lbaf - LBA format, 4 bytes */
struct nvme_lbaf {
	nvme_u16le ms; /* metadata, bytes for each block */
	uint8_t lbads; /* data, 2^n bytes, 0 not available, else 9 or more */
	uint8_t rp;    /* relative performance, 1:0, 0 is best */
};
NVME_ASSERT_SIZE(struct nvme_lbaf, 4);
#define NVME_LBAF_RP 1, 0

#define NVME_LBA_FORMATS_MAX 64

/** struct nvme_id_ns - Identify Namespace of the NVM command set, CNS 00 and 11, 4096 bytes */
struct nvme_id_ns {
	nvme_u64le nsze;	   /* size, blocks */
	nvme_u64le ncap;	   /* capacity: blocks that may be allocated at once */
	nvme_u64le nuse;	   /* utilization: blocks allocated now */
	uint8_t nsfeat;		   /* NVME_ID_NS_NSFEAT_* */
	uint8_t nlbaf;		   /* LBA formats, 0's based */
	uint8_t flbas;		   /* NVME_ID_NS_FLBAS_*: the format in use */
	uint8_t mc;		   /* metadata: NVME_ID_NS_MC_* */
	uint8_t dpc;		   /* protection capabilities: NVME_ID_NS_DPC_* */
	uint8_t dps;		   /* protection in use: NVME_ID_NS_DPS_* */
	uint8_t nmic;		   /* NVME_ID_NS_NMIC_* */
	uint8_t rescap;		   /* reservations: NVME_ID_NS_RESCAP_* */
	uint8_t fpi;		   /* format progress: NVME_ID_NS_FPI_* */
	uint8_t dlfeat;		   /* deallocated blocks: NVME_ID_NS_DLFEAT_* */
	nvme_u16le nawun;	   /* atomic write unit, blocks, 0's based */
	nvme_u16le nawupf;	   /* the same through a power loss */
	nvme_u16le nacwu;	   /* atomic compare and write unit, blocks, 0's based */
	nvme_u16le nabsn;	   /* atomic boundary, blocks, 0's based */
	nvme_u16le nabo;	   /* first block of the first boundary, not 0's based */
	nvme_u16le nabspf;	   /* atomic boundary through a power loss, 0's based */
	nvme_u16le noiob;	   /* optimal I/O boundary, blocks, 0 none */
	struct nvme_u128le nvmcap; /* capacity, bytes */
	nvme_u16le npwg;	   /* preferred write granularity, blocks, 0's based */
	nvme_u16le npwa;	   /* preferred write alignment, 0's based */
	nvme_u16le npdg;	   /* preferred deallocate granularity, 0's based */
	nvme_u16le npda;	   /* preferred deallocate alignment, 0's based */
	nvme_u16le nows;	   /* optimal write size, 0's based */
	nvme_u16le mssrl;	   /* Copy: blocks in one range */
	nvme_u32le mcl;		   /* Copy: blocks in all */
	uint8_t msrc;		   /* Copy: ranges, 0's based */
	uint8_t kpios;		   /* key per I/O */
	uint8_t nulbaf;		   /* LBA formats with unique attributes */
	uint8_t rsvd83;
	nvme_u32le kpiodaag; /* key per I/O access alignment and granularity */
	uint8_t rsvd88[4];
	nvme_u32le anagrpid; /* ANA group, 0 none */
	uint8_t rsvd96[3];
	uint8_t nsattr; /* NVME_ID_NS_NSATTR_* */
	nvme_u16le nvmsetid;
	nvme_u16le endgid;
	uint8_t nguid[16]; /* big-endian, 0 none */
	uint8_t eui64[8];  /* big-endian, 0 none */
	struct nvme_lbaf lbaf[NVME_LBA_FORMATS_MAX];
	uint8_t vs[3712]; /* vendor specific */
};
NVME_ASSERT_SIZE(struct nvme_id_ns, 4096);
NVME_ASSERT_OFFSET(struct nvme_id_ns, nsfeat, 24);
NVME_ASSERT_OFFSET(struct nvme_id_ns, nawun, 34);
NVME_ASSERT_OFFSET(struct nvme_id_ns, nvmcap, 48);
NVME_ASSERT_OFFSET(struct nvme_id_ns, npwg, 64);
NVME_ASSERT_OFFSET(struct nvme_id_ns, mcl, 76);
NVME_ASSERT_OFFSET(struct nvme_id_ns, anagrpid, 92);
NVME_ASSERT_OFFSET(struct nvme_id_ns, nsattr, 99);
NVME_ASSERT_OFFSET(struct nvme_id_ns, nguid, 104);
NVME_ASSERT_OFFSET(struct nvme_id_ns, eui64, 120);
NVME_ASSERT_OFFSET(struct nvme_id_ns, lbaf, 128);
NVME_ASSERT_OFFSET(struct nvme_id_ns, vs, 384);

/* id_ns.nsfeat */
#define NVME_ID_NS_NSFEAT_THINP	   0, 0 /* thin provisioning */
#define NVME_ID_NS_NSFEAT_NSABP	   1, 1 /* nawun, nawupf and nacwu are valid */
#define NVME_ID_NS_NSFEAT_DAE	   2, 2 /* deallocated or unwritten block error */
#define NVME_ID_NS_NSFEAT_UIDREUSE 3, 3 /* nguid and eui64 are never used again */
#define NVME_ID_NS_NSFEAT_OPTPERF  5, 4 /* npwg to nows are valid */

/* id_ns.flbas: the format's index is FORMAT_HIGH << 4 | FORMAT_LOW */
#define NVME_ID_NS_FLBAS_FORMAT_LOW  3, 0
#define NVME_ID_NS_FLBAS_MSET	     4, 4 /* metadata is interleaved with the data */
#define NVME_ID_NS_FLBAS_FORMAT_HIGH 6, 5

/** nvme_id_ns_format - index in lbaf[] of the format in use, 0 to 63 */
static inline unsigned int nvme_id_ns_format(uint8_t flbas)
{
	return NVME_GET(flbas, NVME_ID_NS_FLBAS_FORMAT_HIGH) << 4 |
	       NVME_GET(flbas, NVME_ID_NS_FLBAS_FORMAT_LOW);
}

/* id_ns.mc */
#define NVME_ID_NS_MC_EXTENDED 0, 0 /* metadata interleaved with the data */
#define NVME_ID_NS_MC_SEPARATE 1, 1 /* metadata in a buffer of its own */

/* id_ns.dpc */
#define NVME_ID_NS_DPC_TYPE1 0, 0
#define NVME_ID_NS_DPC_TYPE2 1, 1
#define NVME_ID_NS_DPC_TYPE3 2, 2
#define NVME_ID_NS_DPC_FIRST 3, 3 /* in the first bytes of the metadata */
#define NVME_ID_NS_DPC_LAST  4, 4 /* in the last bytes of the metadata */

/* id_ns.dps */
#define NVME_ID_NS_DPS_PI    2, 0 /* enum nvme_pi_type */
#define NVME_ID_NS_DPS_FIRST 3, 3 /* in the first bytes of the metadata */

/* id_ns.nmic */
#define NVME_ID_NS_NMIC_SHARED 0, 0 /* may be attached to several controllers */

/* id_ns.rescap */
#define NVME_ID_NS_RESCAP_PTPL	0, 0 /* persist through power loss */
#define NVME_ID_NS_RESCAP_WE	1, 1 /* write exclusive */
#define NVME_ID_NS_RESCAP_EA	2, 2 /* exclusive access */
#define NVME_ID_NS_RESCAP_WERO	3, 3 /* write exclusive, registrants only */
#define NVME_ID_NS_RESCAP_EARO	4, 4 /* exclusive access, registrants only */
#define NVME_ID_NS_RESCAP_WEAR	5, 5 /* write exclusive, all registrants */
#define NVME_ID_NS_RESCAP_EAAR	6, 6 /* exclusive access, all registrants */
#define NVME_ID_NS_RESCAP_IEKEY 7, 7 /* ignore existing key as of 1.3 */

/* id_ns.fpi */
#define NVME_ID_NS_FPI_REMAINING 6, 0 /* percent still to format */
#define NVME_ID_NS_FPI_SUPPORTED 7, 7

/* id_ns.dlfeat */
#define NVME_ID_NS_DLFEAT_READ	2, 0 /* deallocated reads: 0 not said, 1 00h, 2 FFh */
#define NVME_ID_NS_DLFEAT_DEAC	3, 3 /* DEAC of Write Zeroes */
#define NVME_ID_NS_DLFEAT_GUARD 4, 4 /* guard of such a block: 1 CRC of the data, 0 FFFFh */

/* id_ns.nsattr */
#define NVME_ID_NS_NSATTR_WP 0, 0 /* write protected */

/** struct nvme_id_ns_nvm - NVM command set specific Identify Namespace, CNS 05, 4096 bytes */
struct nvme_id_ns_nvm {
	nvme_u64le lbstm; /* storage tag mask */
	uint8_t pic;	  /* protection information: NVME_ID_NS_NVM_PIC_* */
	uint8_t pifa;	  /* protection format attribute: 2:0 storage tag masking */
	uint8_t rsvd10[2];
	nvme_u32le elbaf[NVME_LBA_FORMATS_MAX]; /* NVME_ELBAF_* */
	nvme_u32le npdgl;			/* preferred deallocate granularity, large */
	nvme_u32le nprg;			/* preferred read granularity */
	nvme_u32le npra;			/* preferred read alignment */
	nvme_u32le nors;			/* optimal read size */
	nvme_u32le npdal;			/* preferred deallocate alignment, large */
	nvme_u32le lbapss;			/* LBA format placement shard size */
	nvme_u32le tlbaag;			/* tracked LBA allocation granularity */
	uint8_t rsvd296[3800];
};
NVME_ASSERT_SIZE(struct nvme_id_ns_nvm, 4096);
NVME_ASSERT_OFFSET(struct nvme_id_ns_nvm, elbaf, 12);
NVME_ASSERT_OFFSET(struct nvme_id_ns_nvm, npdgl, 268);
NVME_ASSERT_OFFSET(struct nvme_id_ns_nvm, tlbaag, 292);

#define NVME_ID_NS_NVM_PIC_16BPISTS 0, 0 /* storage tags with a 16-bit guard */
#define NVME_ID_NS_NVM_PIC_16BPISTM 1, 1 /* masks of them */
#define NVME_ID_NS_NVM_PIC_STCRS    2, 2 /* storage tag check on reads */
#define NVME_ID_NS_NVM_PIC_QPIFS    3, 3 /* qualified protection information format */

#define NVME_ELBAF_STS	6, 0  /* storage tag, bits */
#define NVME_ELBAF_PIF	8, 7  /* enum nvme_pi_format */
#define NVME_ELBAF_QPIF 12, 9 /* when PIF says so */

/** struct nvme_id_ctrl_nvm - NVM command set specific Identify Controller, CNS 06, 4096 bytes */
struct nvme_id_ctrl_nvm {
	uint8_t vsl;	  /* largest Verify, 2^n pages of CAP.MPSMIN, 0 no limit */
	uint8_t wzsl;	  /* largest Write Zeroes, the same */
	uint8_t wusl;	  /* largest Write Uncorrectable, the same */
	uint8_t dmrl;	  /* Dataset Management: ranges, 0 no limit */
	nvme_u32le dmrsl; /* blocks in one range, 0 no limit */
	nvme_u64le dmsl;  /* blocks in all ranges, 0 no limit */
	uint8_t kpiocap;  /* key per I/O */
	uint8_t wzdsl;	  /* largest Write Zeroes with DEAC, as wzsl */
	nvme_u16le aocs;  /* admin optional command support */
	nvme_u32le ver;	  /* version of the command set specification */
	uint8_t rsvd24[4072];
};
NVME_ASSERT_SIZE(struct nvme_id_ctrl_nvm, 4096);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl_nvm, dmrsl, 4);
NVME_ASSERT_OFFSET(struct nvme_id_ctrl_nvm, ver, 20);

/** struct nvme_id_ns_independent - what all command sets have, CNS 08, 4096 bytes */
struct nvme_id_ns_independent {
	uint8_t nsfeat; /* NVME_ID_NS_IND_NSFEAT_* */
	uint8_t nmic;	/* NVME_ID_NS_NMIC_* */
	uint8_t rescap; /* NVME_ID_NS_RESCAP_* */
	uint8_t fpi;	/* NVME_ID_NS_FPI_* */
	nvme_u32le anagrpid;
	uint8_t nsattr; /* NVME_ID_NS_NSATTR_* */
	uint8_t rsvd9;
	nvme_u16le nvmsetid;
	nvme_u16le endgid;
	uint8_t nstat;	  /* NVME_ID_NS_IND_NSTAT_* */
	uint8_t kpios;	  /* key per I/O */
	nvme_u16le maxkt; /* largest key tag */
	uint8_t rsvd18[2];
	nvme_u32le rgrpid; /* reachability group */
	uint8_t rsvd24[4072];
};
NVME_ASSERT_SIZE(struct nvme_id_ns_independent, 4096);
NVME_ASSERT_OFFSET(struct nvme_id_ns_independent, anagrpid, 4);
NVME_ASSERT_OFFSET(struct nvme_id_ns_independent, nvmsetid, 10);
NVME_ASSERT_OFFSET(struct nvme_id_ns_independent, maxkt, 16);
NVME_ASSERT_OFFSET(struct nvme_id_ns_independent, rgrpid, 20);

#define NVME_ID_NS_IND_NSFEAT_UIDREUSE 3, 3 /* identifiers are never used again */
#define NVME_ID_NS_IND_NSFEAT_RMEDIA   4, 4 /* rotational media */
#define NVME_ID_NS_IND_NSFEAT_VWCNP    5, 5 /* no volatile write cache */
#define NVME_ID_NS_IND_NSTAT_NRDY      0, 0 /* ready */

/** struct nvme_ns_id_desc - head of a namespace identification descriptor, CNS 03, 4 bytes */
struct nvme_ns_id_desc {
	uint8_t nidt; /* enum nvme_nidt */
	uint8_t nidl; /* bytes of identifier that follow; 0 ends the list */
	uint8_t rsvd2[2];
};
NVME_ASSERT_SIZE(struct nvme_ns_id_desc, 4);

enum nvme_nidt {
	NVME_NIDT_EUI64 = 1,
	NVME_NIDT_NGUID = 2,
	NVME_NIDT_UUID = 3,
	NVME_NIDT_CSI = 4,
};
#define NVME_NIDL_EUI64 8
#define NVME_NIDL_NGUID 16
#define NVME_NIDL_UUID	16
#define NVME_NIDL_CSI	1

#define NVME_NS_LIST_ENTRIES 1024
/** struct nvme_ns_list - ascending NSIDs, zero-filled, CNS 02, 07, 10, 1A and log 04, 4096 bytes */
struct nvme_ns_list {
	nvme_u32le nsid[NVME_NS_LIST_ENTRIES];
};
NVME_ASSERT_SIZE(struct nvme_ns_list, 4096);

#define NVME_CTRL_LIST_ENTRIES 2047
/** struct nvme_ctrl_list - ascending controller IDs, CNS 12, 13 and Namespace Attachment */
struct nvme_ctrl_list {
	nvme_u16le num;
	nvme_u16le id[NVME_CTRL_LIST_ENTRIES];
};
NVME_ASSERT_SIZE(struct nvme_ctrl_list, 4096);

/** struct nvme_eg_list - ascending endurance group identifiers, CNS 19, 4096 bytes */
struct nvme_eg_list {
	nvme_u16le num;
	nvme_u16le id[2047];
};
NVME_ASSERT_SIZE(struct nvme_eg_list, 4096);

/** struct nvme_underlying_entry - a namespace, reached by a controller; 320 bytes */
struct nvme_underlying_entry {
	char subnqn[256];
	nvme_u32le nsid;
	nvme_u16le cntlid;
	uint8_t rsvd262[58];
};
NVME_ASSERT_SIZE(struct nvme_underlying_entry, 320);

#define NVME_UNDERLYING_ENTRIES 12
/** struct nvme_underlying_list - namespaces that can be exported, CNS 1D, 4096 bytes */
struct nvme_underlying_list {
	nvme_u64le genctr; /* changes since the last reset of the subsystem */
	nvme_u64le nument;
	struct nvme_underlying_entry entry[NVME_UNDERLYING_ENTRIES];
	uint8_t rsvd3856[240];
};
NVME_ASSERT_SIZE(struct nvme_underlying_list, 4096);

/**
 * struct nvme_ctrl_state_formats - formats of a controller's state, CNS 20, 4096 bytes
 *
 * Behind @nv versions come @nuuid UUIDs of 16 bytes.
 */
struct nvme_ctrl_state_formats {
	uint8_t nv;
	uint8_t nuuid;
	nvme_u16le version[2047];
};
NVME_ASSERT_SIZE(struct nvme_ctrl_state_formats, 4096);

/** struct nvme_ports_entry - a port for NVMe over Fabrics, 576 bytes */
struct nvme_ports_entry {
	char traddr[256]; /* transport address */
	uint8_t tsas[256];
	nvme_u16le pidup; /* port ID */
	uint8_t trtype;
	uint8_t adrfam;
	uint8_t treq;
	uint8_t rsvd517[59];
};
NVME_ASSERT_SIZE(struct nvme_ports_entry, 576);

#define NVME_PORTS_ENTRIES 7
/** struct nvme_ports_list - ports that can be exported, CNS 1E, 4096 bytes */
struct nvme_ports_list {
	nvme_u64le genctr;
	nvme_u64le nument;
	struct nvme_ports_entry entry[NVME_PORTS_ENTRIES];
	uint8_t rsvd4048[48];
};
NVME_ASSERT_SIZE(struct nvme_ports_list, 4096);

#define NVME_IOCS_COMBINATIONS 512
/** struct nvme_id_iocs - combinations of I/O command sets, CNS 1C, 4096 bytes */
struct nvme_id_iocs {
	nvme_u64le iocsc[NVME_IOCS_COMBINATIONS]; /* bit n is CSI n */
};
NVME_ASSERT_SIZE(struct nvme_id_iocs, 4096);

/** struct nvme_nvm_set - entry of the NVM set list, 128 bytes */
struct nvme_nvm_set {
	nvme_u16le nvmsetid;
	nvme_u16le endgid;
	uint8_t rsvd4[4];
	nvme_u32le rr4kt;	       /* typical random 4 KiB read, 100 ns */
	nvme_u32le ows;		       /* optimal write size, bytes */
	struct nvme_u128le tnvmsetcap; /* capacity, bytes */
	struct nvme_u128le unvmsetcap; /* unallocated, bytes */
	uint8_t rsvd48[80];
};
NVME_ASSERT_SIZE(struct nvme_nvm_set, 128);
NVME_ASSERT_OFFSET(struct nvme_nvm_set, tnvmsetcap, 16);

#define NVME_NVM_SET_LIST_ENTRIES 31
/** struct nvme_nvm_set_list - NVM sets, CNS 04, 4096 bytes */
struct nvme_nvm_set_list {
	uint8_t nid;
	uint8_t rsvd1[127];
	struct nvme_nvm_set ent[NVME_NVM_SET_LIST_ENTRIES];
};
NVME_ASSERT_SIZE(struct nvme_nvm_set_list, 4096);

/** struct nvme_domain - entry of the domain list, 128 bytes */
struct nvme_domain {
	nvme_u16le dom_id;
	uint8_t rsvd2[14];
	struct nvme_u128le dom_cap;	     /* capacity, bytes */
	struct nvme_u128le unalloc_dom_cap;  /* unallocated, bytes */
	struct nvme_u128le max_egrp_dom_cap; /* largest endurance group, bytes */
	uint8_t rsvd64[64];
};
NVME_ASSERT_SIZE(struct nvme_domain, 128);

#define NVME_DOMAIN_LIST_ENTRIES 31
/** struct nvme_domain_list - domains, CNS 18, 4096 bytes */
struct nvme_domain_list {
	uint8_t num;
	uint8_t rsvd1[127];
	struct nvme_domain domain_attr[NVME_DOMAIN_LIST_ENTRIES];
};
NVME_ASSERT_SIZE(struct nvme_domain_list, 4096);

/** struct nvme_primary_ctrl_caps - primary controller capabilities, CNS 14, 4096 bytes */
struct nvme_primary_ctrl_caps {
	nvme_u16le cntlid;
	nvme_u16le portid;
	uint8_t crt; /* controller resource types: bit 0 queues, bit 1 interrupts */
	uint8_t rsvd5[27];
	nvme_u32le vqfrt;  /* queues: flexible in all */
	nvme_u32le vqrfa;  /* queues: flexible assigned to secondaries */
	nvme_u16le vqrfap; /* queues: flexible allocated to the primary */
	nvme_u16le vqprt;  /* queues: private to the primary */
	nvme_u16le vqfrsm; /* queues: most for one secondary */
	nvme_u16le vqgran; /* queues: preferred granularity */
	uint8_t rsvd48[16];
	nvme_u32le vifrt; /* the same for interrupts */
	nvme_u32le virfa;
	nvme_u16le virfap;
	nvme_u16le viprt;
	nvme_u16le vifrsm;
	nvme_u16le vigran;
	uint8_t rsvd80[4016];
};
NVME_ASSERT_SIZE(struct nvme_primary_ctrl_caps, 4096);
NVME_ASSERT_OFFSET(struct nvme_primary_ctrl_caps, vqfrt, 32);
NVME_ASSERT_OFFSET(struct nvme_primary_ctrl_caps, vifrt, 64);

#define NVME_PRIMARY_CTRL_CRT_VQ 0, 0
#define NVME_PRIMARY_CTRL_CRT_VI 1, 1

/** struct nvme_secondary_ctrl - entry of the secondary controller list, 32 bytes */
struct nvme_secondary_ctrl {
	nvme_u16le scid; /* secondary controller ID */
	nvme_u16le pcid; /* primary controller ID */
	uint8_t scs;	 /* bit 0: online */
	uint8_t rsvd5[3];
	nvme_u16le vfn; /* virtual function number, 0 none */
	nvme_u16le nvq; /* queues assigned */
	nvme_u16le nvi; /* interrupts assigned */
	uint8_t rsvd14[18];
};
NVME_ASSERT_SIZE(struct nvme_secondary_ctrl, 32);
NVME_ASSERT_OFFSET(struct nvme_secondary_ctrl, vfn, 8);
#define NVME_SECONDARY_CTRL_SCS_ONLINE 0, 0

#define NVME_SECONDARY_CTRL_LIST_ENTRIES 127
/** struct nvme_secondary_ctrl_list - secondary controllers, CNS 15, 4096 bytes */
struct nvme_secondary_ctrl_list {
	uint8_t num;
	uint8_t rsvd1[31];
	struct nvme_secondary_ctrl sc_entry[NVME_SECONDARY_CTRL_LIST_ENTRIES];
};
NVME_ASSERT_SIZE(struct nvme_secondary_ctrl_list, 4096);

/** struct nvme_ns_granularity - descriptor of namespace granularity, 16 bytes */
struct nvme_ns_granularity {
	nvme_u64le nszegran; /* size, bytes */
	nvme_u64le ncapgran; /* capacity, bytes */
};
NVME_ASSERT_SIZE(struct nvme_ns_granularity, 16);

#define NVME_NS_GRANULARITY_LIST_ENTRIES 16
/** struct nvme_ns_granularity_list - namespace granularity, CNS 16, 4096 bytes */
struct nvme_ns_granularity_list {
	nvme_u32le attributes;	 /* bit 0: descriptor n is for LBA format n */
	uint8_t num_descriptors; /* 0's based */
	uint8_t rsvd5[27];
	struct nvme_ns_granularity entry[NVME_NS_GRANULARITY_LIST_ENTRIES];
	uint8_t rsvd288[3808];
};
NVME_ASSERT_SIZE(struct nvme_ns_granularity_list, 4096);
NVME_ASSERT_OFFSET(struct nvme_ns_granularity_list, entry, 32);

/** struct nvme_uuid_entry - entry of the UUID list, 32 bytes */
struct nvme_uuid_entry {
	uint8_t header; /* NVME_UUID_ASSOCIATION */
	uint8_t rsvd1[15];
	uint8_t uuid[16]; /* big-endian, 0 ends the list */
};
NVME_ASSERT_SIZE(struct nvme_uuid_entry, 32);
#define NVME_UUID_ASSOCIATION 1, 0 /* 0 none, 1 the PCI vendor, 2 the PCI subsystem vendor */

#define NVME_UUID_LIST_ENTRIES 127
/** struct nvme_uuid_list - UUIDs, CNS 17, 4096 bytes; UUID index n is entry n - 1 */
struct nvme_uuid_list {
	uint8_t rsvd0[32];
	struct nvme_uuid_entry entry[NVME_UUID_LIST_ENTRIES];
};
NVME_ASSERT_SIZE(struct nvme_uuid_list, 4096);

/** struct nvme_zns_lbafe - LBA format extension of a zoned namespace, 16 bytes */
struct nvme_zns_lbafe {
	nvme_u64le zsze; /* zone size, blocks */
	uint8_t zdes;	 /* zone descriptor extension, 64 bytes */
	uint8_t rsvd9[7];
};
NVME_ASSERT_SIZE(struct nvme_zns_lbafe, 16);

/** struct nvme_zns_id_ns - zoned Identify Namespace, CNS 05 with CSI 2, 4096 bytes */
struct nvme_zns_id_ns {
	nvme_u16le zoc;	 /* NVME_ZNS_ZOC_* */
	nvme_u16le ozcs; /* NVME_ZNS_OZCS_* */
	nvme_u32le mar;	 /* active zones, 0's based, all-ones no limit */
	nvme_u32le mor;	 /* open zones, 0's based, all-ones no limit */
	nvme_u32le rrl;	 /* reset recommended limit, seconds */
	nvme_u32le frl;	 /* finish recommended limit, seconds */
	nvme_u32le rrl1;
	nvme_u32le rrl2;
	nvme_u32le rrl3;
	nvme_u32le frl1;
	nvme_u32le frl2;
	nvme_u32le frl3;
	nvme_u32le numzrwa; /* zones with a random write area, 0's based */
	nvme_u16le zrwafg;  /* flush granularity, blocks */
	nvme_u16le zrwasz;  /* size, blocks */
	uint8_t zrwacap;    /* bit 0: explicit flush */
	uint8_t rsvd53[2763];
	struct nvme_zns_lbafe lbafe[NVME_LBA_FORMATS_MAX];
	uint8_t vs[256];
};
NVME_ASSERT_SIZE(struct nvme_zns_id_ns, 4096);
NVME_ASSERT_OFFSET(struct nvme_zns_id_ns, numzrwa, 44);
NVME_ASSERT_OFFSET(struct nvme_zns_id_ns, lbafe, 2816);

#define NVME_ZNS_ZOC_VZC   0, 0 /* zone capacities vary */
#define NVME_ZNS_ZOC_ZAE   1, 1 /* zones may be finished by the controller */
#define NVME_ZNS_OZCS_RAZB 0, 0 /* reads across zone boundaries */
#define NVME_ZNS_OZCS_ZRWA 1, 1 /* zone random write area */

/** struct nvme_zns_id_ctrl - zoned Identify Controller, CNS 06 with CSI 2, 4096 bytes */
struct nvme_zns_id_ctrl {
	uint8_t zasl; /* largest append, 2^n pages of CAP.MPSMIN, 0: as mdts */
	uint8_t rsvd1[4095];
};
NVME_ASSERT_SIZE(struct nvme_zns_id_ctrl, 4096);

/** struct nvme_ns_mgmt_create - data of Namespace Management, create, 4096 bytes */
struct nvme_ns_mgmt_create {
	nvme_u64le nsze;
	nvme_u64le ncap;
	uint8_t rsvd16[10];
	uint8_t flbas;
	uint8_t rsvd27[2];
	uint8_t dps;
	uint8_t nmic;
	uint8_t rsvd31[61];
	nvme_u32le anagrpid;
	uint8_t rsvd96[4];
	nvme_u16le nvmsetid;
	nvme_u16le endgid;
	uint8_t rsvd104[280];
	nvme_u64le lbstm;   /* storage tag mask */
	nvme_u16le nphndls; /* placement handles */
	uint8_t rsvd394[105];
	uint8_t znsco; /* ZNS: bit 0, allocate a random write area */
	uint8_t rsvd500[12];
	nvme_u16le phndl[128];
	uint8_t rsvd768[3328];
};
NVME_ASSERT_SIZE(struct nvme_ns_mgmt_create, 4096);
NVME_ASSERT_OFFSET(struct nvme_ns_mgmt_create, flbas, 26);
NVME_ASSERT_OFFSET(struct nvme_ns_mgmt_create, dps, 29);
NVME_ASSERT_OFFSET(struct nvme_ns_mgmt_create, nmic, 30);
NVME_ASSERT_OFFSET(struct nvme_ns_mgmt_create, anagrpid, 92);
NVME_ASSERT_OFFSET(struct nvme_ns_mgmt_create, nvmsetid, 100);
NVME_ASSERT_OFFSET(struct nvme_ns_mgmt_create, lbstm, 384);
NVME_ASSERT_OFFSET(struct nvme_ns_mgmt_create, nphndls, 392);
NVME_ASSERT_OFFSET(struct nvme_ns_mgmt_create, znsco, 499);
NVME_ASSERT_OFFSET(struct nvme_ns_mgmt_create, phndl, 512);

/*
 * ------------------------------------------------------------------------------------------------
 * Log pages, Base 2.0 5.16.1
 * ------------------------------------------------------------------------------------------------
 */

/** struct nvme_supported_logs - log 00, 1024 bytes */
struct nvme_supported_logs {
	nvme_u32le lid_support[256]; /* NVME_SUPPORTED_LOG_*, by log page identifier */
};
NVME_ASSERT_SIZE(struct nvme_supported_logs, 1024);
#define NVME_SUPPORTED_LOG_LSUPP 0, 0	/* supported */
#define NVME_SUPPORTED_LOG_IOS	 1, 1	/* the offset may be an index */
#define NVME_SUPPORTED_LOG_LIDSP 31, 16 /* specific to the log page */

/** struct nvme_error_log_entry - log 01, 64 bytes each, newest first */
struct nvme_error_log_entry {
	nvme_u64le error_count; /* unique, ascending; 0: the entry is not used */
	nvme_u16le sqid;	/* NVME_SQID_NONE when not about a command */
	nvme_u16le cid;		/* NVME_CID_NONE when not about a command */
	nvme_u16le status;	/* as in the completion: NVME_CQE_P, NVME_CQE_STATUS */
	nvme_u16le location;	/* NVME_ERROR_LOCATION_* */
	nvme_u64le lba;		/* first block with the error */
	nvme_u32le nsid;
	uint8_t vendor_log; /* log page with vendor information, 0 none */
	uint8_t trtype;	    /* transport */
	uint8_t csi;	    /* command set of the opcode */
	uint8_t opcode;
	nvme_u64le command_specific;   /* command specific information */
	nvme_u16le transport_specific; /* transport specific information */
	uint8_t rsvd42[21];
	uint8_t version;
};
NVME_ASSERT_SIZE(struct nvme_error_log_entry, 64);
NVME_ASSERT_OFFSET(struct nvme_error_log_entry, lba, 16);
NVME_ASSERT_OFFSET(struct nvme_error_log_entry, vendor_log, 28);
NVME_ASSERT_OFFSET(struct nvme_error_log_entry, command_specific, 32);
NVME_ASSERT_OFFSET(struct nvme_error_log_entry, transport_specific, 40);

#define NVME_ERROR_LOCATION_BYTE 7, 0  /* of the SQE */
#define NVME_ERROR_LOCATION_BIT	 10, 8 /* of that byte */
#define NVME_ERROR_LOCATION_NONE 0xffff

/** struct nvme_smart_log - log 02, 512 bytes */
struct nvme_smart_log {
	uint8_t critical_warning;	   /* NVME_SMART_WARNING_* */
	uint8_t temperature[2];		   /* composite, kelvin, little-endian at an odd place */
	uint8_t available_spare;	   /* percent */
	uint8_t available_spare_threshold; /* percent */
	uint8_t percentage_used;	   /* percent, up to 255 */
	uint8_t endurance_group_warning;   /* critical warnings of endurance groups */
	uint8_t rsvd7[25];
	struct nvme_u128le data_units_read;	 /* 1000 * 512 bytes, rounded up */
	struct nvme_u128le data_units_written;	 /* 1000 * 512 bytes, rounded up */
	struct nvme_u128le host_read_commands;	 /* commands */
	struct nvme_u128le host_write_commands;	 /* commands */
	struct nvme_u128le controller_busy_time; /* minutes */
	struct nvme_u128le power_cycles;
	struct nvme_u128le power_on_hours;
	struct nvme_u128le unsafe_shutdowns;
	struct nvme_u128le media_errors;
	struct nvme_u128le error_log_entries; /* in the controller's life */
	nvme_u32le warning_temperature_time;  /* minutes above WCTEMP */
	nvme_u32le critical_temperature_time; /* minutes above CCTEMP */
	nvme_u16le temperature_sensor[8];     /* kelvin, 0 none */
	nvme_u32le tmt1_transitions;
	nvme_u32le tmt2_transitions;
	nvme_u32le tmt1_time; /* seconds */
	nvme_u32le tmt2_time; /* seconds */
	uint8_t rsvd232[280];
};
NVME_ASSERT_SIZE(struct nvme_smart_log, 512);
NVME_ASSERT_OFFSET(struct nvme_smart_log, data_units_read, 32);
NVME_ASSERT_OFFSET(struct nvme_smart_log, error_log_entries, 176);
NVME_ASSERT_OFFSET(struct nvme_smart_log, temperature_sensor, 200);
NVME_ASSERT_OFFSET(struct nvme_smart_log, tmt1_transitions, 216);

/* smart_log.critical_warning; feature 0B has the same bits */
#define NVME_SMART_WARNING_SPARE       0, 0 /* spare below the threshold */
#define NVME_SMART_WARNING_TEMPERATURE 1, 1 /* temperature beyond a threshold */
#define NVME_SMART_WARNING_RELIABILITY 2, 2 /* degraded */
#define NVME_SMART_WARNING_READ_ONLY   3, 3 /* media are read only */
#define NVME_SMART_WARNING_BACKUP      4, 4 /* volatile memory backup failed */
#define NVME_SMART_WARNING_PMR	       5, 5 /* persistent memory region unreliable */

#define NVME_FW_SLOTS_MAX 7
/** struct nvme_fw_slot_log - log 03, 512 bytes */
struct nvme_fw_slot_log {
	uint8_t afi; /* NVME_FW_SLOT_AFI_* */
	uint8_t rsvd1[7];
	char frs[NVME_FW_SLOTS_MAX][8]; /* revisions, ASCII, zero when the slot is empty */
	uint8_t rsvd64[448];
};
NVME_ASSERT_SIZE(struct nvme_fw_slot_log, 512);
NVME_ASSERT_OFFSET(struct nvme_fw_slot_log, frs, 8);
#define NVME_FW_SLOT_AFI_ACTIVE 2, 0 /* slot in use */
#define NVME_FW_SLOT_AFI_NEXT	6, 4 /* slot at the next reset, 0 no change */

/* Log 04 is a struct nvme_ns_list; its first entry is this when there are more. */
#define NVME_CHANGED_NS_OVERFLOW 0xffffffff

/** struct nvme_effects_log - log 05, 4096 bytes */
struct nvme_effects_log {
	nvme_u32le acs[256];  /* admin commands: NVME_EFFECTS_* */
	nvme_u32le iocs[256]; /* I/O commands: NVME_EFFECTS_* */
	uint8_t rsvd2048[2048];
};
NVME_ASSERT_SIZE(struct nvme_effects_log, 4096);

#define NVME_EFFECTS_CSUPP	   0, 0	  /* supported */
#define NVME_EFFECTS_LBCC	   1, 1	  /* logical block content changes */
#define NVME_EFFECTS_NCC	   2, 2	  /* namespace capabilities change */
#define NVME_EFFECTS_NIC	   3, 3	  /* namespace inventory changes */
#define NVME_EFFECTS_CCC	   4, 4	  /* controller capabilities change */
#define NVME_EFFECTS_CSER	   15, 14 /* submission and execution relaxations */
#define NVME_EFFECTS_CSE	   18, 16 /* enum nvme_effects_cse */
#define NVME_EFFECTS_USS	   19, 19 /* UUID selection */
#define NVME_EFFECTS_CSP	   31, 20 /* scope, the six bits below */
#define NVME_EFFECTS_CSP_NS	   20, 20
#define NVME_EFFECTS_CSP_CTRL	   21, 21
#define NVME_EFFECTS_CSP_NVM_SET   22, 22
#define NVME_EFFECTS_CSP_EG	   23, 23
#define NVME_EFFECTS_CSP_DOMAIN	   24, 24
#define NVME_EFFECTS_CSP_SUBSYSTEM 25, 25

enum nvme_effects_cse {
	NVME_EFFECTS_CSE_NONE = 0,
	NVME_EFFECTS_CSE_SAME_NS = 1, /* no other command to the namespace may be outstanding */
	NVME_EFFECTS_CSE_ANY_NS = 2,  /* nor to any namespace */
};

/** struct nvme_self_test_result - one result, 28 bytes */
struct NVME_PACKED nvme_self_test_result {
	uint8_t dsts;	/* NVME_SELF_TEST_RESULT, NVME_SELF_TEST_CODE */
	uint8_t seg;	/* first failed segment */
	uint8_t vdinfo; /* NVME_SELF_TEST_VALID_* */
	uint8_t rsvd3;
	nvme_u64le poh; /* power on hours */
	nvme_u32le nsid;
	nvme_u64le flba; /* failing block */
	uint8_t sct;
	uint8_t sc;
	uint8_t vs[2];
};
NVME_ASSERT_SIZE(struct nvme_self_test_result, 28);
NVME_ASSERT_OFFSET(struct nvme_self_test_result, poh, 4);
NVME_ASSERT_OFFSET(struct nvme_self_test_result, flba, 16);

#define NVME_SELF_TEST_RESULT	  3, 0 /* enum nvme_self_test_outcome */
#define NVME_SELF_TEST_CODE	  7, 4 /* enum nvme_self_test_code */
#define NVME_SELF_TEST_VALID_NSID 0, 0
#define NVME_SELF_TEST_VALID_FLBA 1, 1
#define NVME_SELF_TEST_VALID_SCT  2, 2
#define NVME_SELF_TEST_VALID_SC	  3, 3

enum nvme_self_test_outcome {
	NVME_SELF_TEST_PASSED = 0x0,
	NVME_SELF_TEST_ABORTED_COMMAND = 0x1,
	NVME_SELF_TEST_ABORTED_RESET = 0x2,
	NVME_SELF_TEST_ABORTED_NS_REMOVED = 0x3,
	NVME_SELF_TEST_ABORTED_FORMAT = 0x4,
	NVME_SELF_TEST_FATAL = 0x5,
	NVME_SELF_TEST_FAILED_UNKNOWN_SEGMENT = 0x6,
	NVME_SELF_TEST_FAILED_SEGMENT = 0x7,
	NVME_SELF_TEST_ABORTED_UNKNOWN = 0x8,
	NVME_SELF_TEST_ABORTED_SANITIZE = 0x9,
	NVME_SELF_TEST_UNUSED = 0xf,
};

#define NVME_SELF_TEST_RESULTS 20
/** struct nvme_self_test_log - log 06, 564 bytes, newest result first */
struct NVME_PACKED nvme_self_test_log {
	uint8_t current_operation; /* 3:0, enum nvme_self_test_code, 0 none */
	uint8_t completion;	   /* 6:0, percent */
	uint8_t rsvd2[2];
	struct nvme_self_test_result result[NVME_SELF_TEST_RESULTS];
};
NVME_ASSERT_SIZE(struct nvme_self_test_log, 564);
NVME_ASSERT_OFFSET(struct nvme_self_test_log, result, 4);
#define NVME_SELF_TEST_CURRENT 3, 0
#define NVME_SELF_TEST_PERCENT 6, 0

#define NVME_TELEMETRY_BLOCK_BYTES 512
/** struct nvme_telemetry_log - head of logs 07 and 08, 512 bytes, then data blocks */
struct nvme_telemetry_log {
	uint8_t lpi; /* the log's identifier */
	uint8_t rsvd1[4];
	uint8_t ieee[3];
	nvme_u16le dalb1; /* last block of data area 1 */
	nvme_u16le dalb2;
	nvme_u16le dalb3;
	uint8_t rsvd14[2];
	nvme_u32le dalb4;
	uint8_t rsvd20[360];
	uint8_t hostscope; /* scope of the host-initiated data */
	uint8_t hostdgn;   /* 07: host-initiated generation; 08: scope of this data */
	uint8_t ctrlavail; /* controller-initiated data exist */
	uint8_t ctrldgn;   /* controller-initiated generation */
	uint8_t rsnident[128];
};
NVME_ASSERT_SIZE(struct nvme_telemetry_log, 512);
NVME_ASSERT_OFFSET(struct nvme_telemetry_log, dalb4, 16);
NVME_ASSERT_OFFSET(struct nvme_telemetry_log, hostdgn, 381);
NVME_ASSERT_OFFSET(struct nvme_telemetry_log, rsnident, 384);

/** struct nvme_eg_log - endurance group information, log 09, 512 bytes */
struct nvme_eg_log {
	uint8_t critical_warning; /* bits 0, 2 and 3 of NVME_SMART_WARNING_* */
	uint8_t egfeat;		  /* features of the group */
	uint8_t rsvd2;
	uint8_t available_spare;	   /* percent */
	uint8_t available_spare_threshold; /* percent */
	uint8_t percentage_used;	   /* percent, up to 255 */
	nvme_u16le domainid;
	uint8_t rsvd8[24];
	struct nvme_u128le endurance_estimate;	/* 10^9 bytes */
	struct nvme_u128le data_units_read;	/* 10^9 bytes */
	struct nvme_u128le data_units_written;	/* 10^9 bytes */
	struct nvme_u128le media_units_written; /* 10^9 bytes */
	struct nvme_u128le host_read_commands;
	struct nvme_u128le host_write_commands;
	struct nvme_u128le media_errors;
	struct nvme_u128le error_log_entries;
	struct nvme_u128le total_capacity;	 /* bytes */
	struct nvme_u128le unallocated_capacity; /* bytes */
	uint8_t rsvd192[320];
};
NVME_ASSERT_SIZE(struct nvme_eg_log, 512);
NVME_ASSERT_OFFSET(struct nvme_eg_log, available_spare, 3);
NVME_ASSERT_OFFSET(struct nvme_eg_log, endurance_estimate, 32);
NVME_ASSERT_OFFSET(struct nvme_eg_log, total_capacity, 160);

#define NVME_EG_FEATURES_RMEDIA 0, 0 /* egfeat: rotational media */

/** struct nvme_plm_log - predictable latency of an NVM set, log 0A, 512 bytes */
struct nvme_plm_log {
	uint8_t status; /* 2:0: 0 not enabled, 1 deterministic window, 2 not */
	uint8_t rsvd1;
	nvme_u16le event_type;
	uint8_t rsvd4[28];
	nvme_u64le dtwin_rt;	  /* reads in a deterministic window, 4 KiB, typical */
	nvme_u64le dtwin_wt;	  /* writes, in optimal write size, typical */
	nvme_u64le dtwin_tmax;	  /* time, milliseconds, most */
	nvme_u64le ndwin_tmin_hi; /* time of a non-deterministic window, least, high wear */
	nvme_u64le ndwin_tmin_lo; /* the same, low wear */
	uint8_t rsvd72[56];
	nvme_u64le dtwin_re; /* estimates of what is left */
	nvme_u64le dtwin_we;
	nvme_u64le dtwin_te;
	uint8_t rsvd152[360];
};
NVME_ASSERT_SIZE(struct nvme_plm_log, 512);
NVME_ASSERT_OFFSET(struct nvme_plm_log, dtwin_rt, 32);
NVME_ASSERT_OFFSET(struct nvme_plm_log, dtwin_re, 128);

/** struct nvme_aggregate_log - head of logs 0B and 0F, 8 bytes, then 16-bit identifiers */
struct nvme_aggregate_log {
	nvme_u64le num_entries;
};
NVME_ASSERT_SIZE(struct nvme_aggregate_log, 8);

/** struct nvme_ana_log - head of log 0C, 16 bytes, then group descriptors */
struct nvme_ana_log {
	nvme_u64le chgcnt;
	nvme_u16le ngrps;
	uint8_t rsvd10[6];
};
NVME_ASSERT_SIZE(struct nvme_ana_log, 16);

/** struct nvme_ana_group_desc - head of an ANA group, 32 bytes, then its NSIDs */
struct nvme_ana_group_desc {
	nvme_u32le grpid;
	nvme_u32le nnsids;
	nvme_u64le chgcnt;
	uint8_t state; /* 3:0, enum nvme_ana_state */
	uint8_t rsvd17[15];
};
NVME_ASSERT_SIZE(struct nvme_ana_group_desc, 32);
#define NVME_ANA_STATE 3, 0

enum nvme_ana_state {
	NVME_ANA_OPTIMIZED = 0x1,
	NVME_ANA_NON_OPTIMIZED = 0x2,
	NVME_ANA_INACCESSIBLE = 0x3,
	NVME_ANA_PERSISTENT_LOSS = 0x4,
	NVME_ANA_CHANGE = 0xf,
};

/** struct nvme_pel_header - head of the Persistent Event log 0D, 512 bytes, then events */
struct NVME_PACKED nvme_pel_header {
	uint8_t lid;
	uint8_t rsvd1[3];
	nvme_u32le tnev; /* events */
	nvme_u64le tll;	 /* bytes of the whole log */
	uint8_t rv;	 /* revision of the header */
	uint8_t rsvd17;
	nvme_u16le lhl;		/* bytes of this header after the first 20 */
	nvme_u64le ts;		/* when the context was made, as struct nvme_timestamp */
	struct nvme_u128le poh; /* power on hours */
	nvme_u64le pcc;		/* power cycles */
	nvme_u16le vid;
	nvme_u16le ssvid;
	char sn[20];
	char mn[40];
	char subnqn[256];
	nvme_u16le gen_number; /* of the context */
	nvme_u32le rci;	       /* reporting context information: NVME_PEL_RCI_* */
	uint8_t rsvd378[102];
	uint8_t seb[32]; /* supported events, one bit for each type */
};
NVME_ASSERT_SIZE(struct nvme_pel_header, 512);
NVME_ASSERT_OFFSET(struct nvme_pel_header, ts, 20);
NVME_ASSERT_OFFSET(struct nvme_pel_header, sn, 56);
NVME_ASSERT_OFFSET(struct nvme_pel_header, gen_number, 372);
NVME_ASSERT_OFFSET(struct nvme_pel_header, seb, 480);
#define NVME_PEL_RCI_RCPID 15, 0  /* port of the context's owner */
#define NVME_PEL_RCI_RCPIT 17, 16 /* 0 no context, 1 an NVM subsystem port, 2 a management port */
#define NVME_PEL_RCI_RCE   18, 18 /* a context existed before this command */

#define NVME_ROW(name, type, text) NVME_PEL_EVENT_##name = (type),
/** enum nvme_pel_event - types of persistent events */
enum nvme_pel_event {
	NVME_PEL_EVENT_LIST(NVME_ROW)
};
#undef NVME_ROW

/** struct nvme_pel_event_header - head of one event, 24 bytes, then VSIL and event data */
struct NVME_PACKED nvme_pel_event_header {
	uint8_t etype; /* enum nvme_pel_event */
	uint8_t etype_rev;
	uint8_t ehl;  /* bytes of this header after the first 3 */
	uint8_t ehai; /* additional information: 1:0 port identifier type */
	nvme_u16le cntlid;
	nvme_u64le ets;	   /* when, as struct nvme_timestamp */
	nvme_u16le pelpid; /* port */
	uint8_t rsvd16[4];
	nvme_u16le vsil; /* bytes of vendor information, which come first */
	nvme_u16le el;	 /* bytes of vendor information and event data */
};
NVME_ASSERT_SIZE(struct nvme_pel_event_header, 24);
NVME_ASSERT_OFFSET(struct nvme_pel_event_header, ets, 6);
NVME_ASSERT_OFFSET(struct nvme_pel_event_header, vsil, 20);

/* Event data. The SMART snapshot's is a struct nvme_smart_log. */

/** struct nvme_pel_fw_commit - event 02, 22 bytes */
struct NVME_PACKED nvme_pel_fw_commit {
	uint8_t old_fw_rev[8];
	uint8_t new_fw_rev[8];
	uint8_t fw_commit_action;
	uint8_t fw_slot;
	uint8_t sct_fw; /* status code type of the command */
	uint8_t sc_fw;	/* status code of the command */
	nvme_u16le vndr_assign_fw_commit_rc;
};
NVME_ASSERT_SIZE(struct nvme_pel_fw_commit, 22);

/** struct nvme_pel_timestamp_change - event 03, 16 bytes */
struct nvme_pel_timestamp_change {
	nvme_u64le previous_timestamp;
	nvme_u64le ml_secs_since_reset; /* milliseconds */
};
NVME_ASSERT_SIZE(struct nvme_pel_timestamp_change, 16);

/** struct nvme_pel_reset_info - one controller of event 04, 36 bytes, after 8 bytes of revision */
struct NVME_PACKED nvme_pel_reset_info {
	nvme_u16le cid;	    /* controller */
	uint8_t fw_act;	    /* firmware activation: 1 none, 2 done, and so on */
	uint8_t op_in_prog; /* bit 0: a Format or Sanitize was in progress */
	uint8_t rsvd4[12];
	nvme_u32le ctrl_power_cycle;
	nvme_u64le power_on_ml_seconds;
	nvme_u64le ctrl_time_stamp;
};
NVME_ASSERT_SIZE(struct nvme_pel_reset_info, 36);

/** struct nvme_pel_hw_error - head of event 05, 4 bytes, then additional information */
struct nvme_pel_hw_error {
	nvme_u16le nss_hw_err_event_code;
	uint8_t rsvd2[2];
};
NVME_ASSERT_SIZE(struct nvme_pel_hw_error, 4);

/** struct nvme_pel_change_ns - event 06, 48 bytes */
struct nvme_pel_change_ns {
	nvme_u32le nsmgt_cdw10;
	uint8_t rsvd4[4];
	nvme_u64le nsze;
	uint8_t rsvd16[8];
	nvme_u64le nscap;
	uint8_t flbas;
	uint8_t dps;
	uint8_t nmic;
	uint8_t rsvd35;
	nvme_u32le ana_grp_id;
	nvme_u16le nvmset_id;
	uint8_t rsvd42[2];
	nvme_u32le nsid;
};
NVME_ASSERT_SIZE(struct nvme_pel_change_ns, 48);

/** struct nvme_pel_format_start - event 07, 12 bytes */
struct nvme_pel_format_start {
	nvme_u32le nsid;
	uint8_t fna;
	uint8_t rsvd5[3];
	nvme_u32le format_nvm_cdw10;
};
NVME_ASSERT_SIZE(struct nvme_pel_format_start, 12);

/** struct nvme_pel_format_completion - event 08, 12 bytes */
struct nvme_pel_format_completion {
	nvme_u32le nsid;
	uint8_t smallest_fpi;	   /* smallest percentage of the format progress seen */
	uint8_t format_nvm_status; /* bit 0: failed */
	nvme_u16le compln_info;
	nvme_u32le status_field;
};
NVME_ASSERT_SIZE(struct nvme_pel_format_completion, 12);

/** struct nvme_pel_sanitize_start - event 09, 12 bytes */
struct nvme_pel_sanitize_start {
	nvme_u32le sani_cap;
	nvme_u32le sani_cdw10;
	nvme_u32le sani_cdw11;
};
NVME_ASSERT_SIZE(struct nvme_pel_sanitize_start, 12);

/** struct nvme_pel_sanitize_completion - event 0A, 8 bytes */
struct nvme_pel_sanitize_completion {
	nvme_u16le sani_prog;
	nvme_u16le sani_status;
	nvme_u16le cmpln_info;
	uint8_t rsvd6[2];
};
NVME_ASSERT_SIZE(struct nvme_pel_sanitize_completion, 8);

/** struct nvme_pel_set_feature - head of event 0B, 4 bytes, then dwords and data */
struct nvme_pel_set_feature {
	nvme_u32le layout; /* 2:0 dwords, 3 dword 0 of the completion too, 31:16 data bytes */
};
NVME_ASSERT_SIZE(struct nvme_pel_set_feature, 4);

/** struct nvme_pel_thermal_excursion - event 0D, 2 bytes */
struct nvme_pel_thermal_excursion {
	uint8_t over_temp; /* kelvin above the threshold */
	uint8_t threshold; /* 0 back to normal, 1 warning, 2 critical, and so on */
};
NVME_ASSERT_SIZE(struct nvme_pel_thermal_excursion, 2);

/** struct nvme_lba_status_log - head of log 0E, 16 bytes, then namespace elements */
struct nvme_lba_status_log {
	nvme_u32le lslplen; /* bytes of the log */
	nvme_u32le nlslne;  /* namespace elements */
	nvme_u32le estulb;  /* estimate of unrecoverable blocks */
	uint8_t rsvd12[2];
	nvme_u16le lsgc; /* generation */
};
NVME_ASSERT_SIZE(struct nvme_lba_status_log, 16);

/** struct nvme_lba_status_ns - head of a namespace element, 16 bytes, then range descriptors */
struct nvme_lba_status_ns {
	nvme_u32le neid; /* NSID */
	nvme_u32le nlrd; /* range descriptors */
	uint8_t ratype;	 /* recommended action: enum nvme_lba_status_action */
	uint8_t rsvd9[7];
};
NVME_ASSERT_SIZE(struct nvme_lba_status_ns, 16);

/** struct nvme_lba_status_range - range descriptor, 16 bytes */
struct nvme_lba_status_range {
	nvme_u64le rslba;
	nvme_u32le rnlb; /* blocks */
	uint8_t rsvd12[4];
};
NVME_ASSERT_SIZE(struct nvme_lba_status_range, 16);

/** struct nvme_media_unit_log - head of log 10, 16 bytes, then descriptors */
struct nvme_media_unit_log {
	nvme_u16le nmu;	       /* media units */
	nvme_u16le cchans;     /* channels */
	nvme_u16le sel_config; /* selected capacity configuration */
	uint8_t rsvd6[10];
};
NVME_ASSERT_SIZE(struct nvme_media_unit_log, 16);

/** struct nvme_capacity_config_log - head of log 11, 16 bytes, then configurations */
struct nvme_capacity_config_log {
	uint8_t sccn; /* configurations */
	uint8_t rsvd1[15];
};
NVME_ASSERT_SIZE(struct nvme_capacity_config_log, 16);

/** struct nvme_fid_effects_log - log 12, 1024 bytes */
struct nvme_fid_effects_log {
	nvme_u32le fid_support[256]; /* NVME_FID_EFFECTS_*, by feature identifier */
};
NVME_ASSERT_SIZE(struct nvme_fid_effects_log, 1024);

#define NVME_FID_EFFECTS_FSUPP	       0, 0   /* supported */
#define NVME_FID_EFFECTS_UDCC	       1, 1   /* user data content changes */
#define NVME_FID_EFFECTS_NCC	       2, 2   /* namespace capabilities change */
#define NVME_FID_EFFECTS_NIC	       3, 3   /* namespace inventory changes */
#define NVME_FID_EFFECTS_CCC	       4, 4   /* controller capabilities change */
#define NVME_FID_EFFECTS_USS	       19, 19 /* UUID selection */
#define NVME_FID_EFFECTS_FSP	       31, 20 /* scope, the bits below */
#define NVME_FID_EFFECTS_FSP_NS	       20, 20
#define NVME_FID_EFFECTS_FSP_CTRL      21, 21
#define NVME_FID_EFFECTS_FSP_NVM_SET   22, 22
#define NVME_FID_EFFECTS_FSP_EG	       23, 23
#define NVME_FID_EFFECTS_FSP_DOMAIN    24, 24
#define NVME_FID_EFFECTS_FSP_SUBSYSTEM 25, 25
#define NVME_FID_EFFECTS_FSP_CDQ       26, 26

/** struct nvme_mi_effects_log - log 13, 4096 bytes */
struct nvme_mi_effects_log {
	nvme_u32le mi_cmd_support[256]; /* as NVME_FID_EFFECTS_*, by NVMe-MI opcode */
	uint8_t rsvd1024[3072];
};
NVME_ASSERT_SIZE(struct nvme_mi_effects_log, 4096);

/** struct nvme_lockdown_log - log 14, 512 bytes */
struct nvme_lockdown_log {
	uint8_t cfila; /* NVME_LOCKDOWN_LOG_* */
	uint8_t rsvd1[2];
	uint8_t lngth;	   /* identifiers that follow */
	uint8_t cfil[508]; /* opcodes or feature identifiers */
};
NVME_ASSERT_SIZE(struct nvme_lockdown_log, 512);
#define NVME_LOCKDOWN_LOG_SCOPE	   3, 0 /* enum nvme_lockdown_scope */
#define NVME_LOCKDOWN_LOG_CONTENTS 5, 4 /* enum nvme_lockdown_contents */

/** struct nvme_boot_partition_log - head of log 15, 16 bytes, then the partition */
struct nvme_boot_partition_log {
	uint8_t lid;
	uint8_t rsvd1[3];
	nvme_u32le bpinfo; /* NVME_BPINFO_BPSZ, NVME_BPINFO_ABPID */
	uint8_t rsvd8[8];
};
NVME_ASSERT_SIZE(struct nvme_boot_partition_log, 16);
NVME_ASSERT_OFFSET(struct nvme_boot_partition_log, bpinfo, 4);

/** struct nvme_rotational_log - rotational media of an endurance group, log 16, 512 bytes */
struct nvme_rotational_log {
	nvme_u16le endgid;
	nvme_u16le numa; /* actuators */
	nvme_u16le nrs;	 /* nominal speed, revolutions a minute */
	uint8_t rsvd6[2];
	nvme_u32le spinc;  /* spinups */
	nvme_u32le fspinc; /* those that failed */
	nvme_u32le ldc;	   /* loads of the heads */
	nvme_u32le fldc;   /* those that failed */
	uint8_t rsvd24[488];
};
NVME_ASSERT_SIZE(struct nvme_rotational_log, 512);
NVME_ASSERT_OFFSET(struct nvme_rotational_log, ldc, 16);

/** struct nvme_fdp_config_log - head of log 20, 16 bytes, then configurations */
struct nvme_fdp_config_log {
	nvme_u16le n; /* configurations, 0's based */
	uint8_t version;
	uint8_t rsvd3;
	nvme_u32le size; /* bytes of the log */
	uint8_t rsvd8[8];
};
NVME_ASSERT_SIZE(struct nvme_fdp_config_log, 16);

/** struct nvme_fdp_config_desc - head of a configuration, 64 bytes, then RUH descriptors */
struct nvme_fdp_config_desc {
	nvme_u16le size;    /* bytes of this descriptor */
	uint8_t fdpa;	    /* NVME_FDP_FDPA_* */
	uint8_t vss;	    /* bytes of vendor information */
	nvme_u32le nrg;	    /* reclaim groups */
	nvme_u16le nruh;    /* reclaim unit handles */
	nvme_u16le maxpids; /* placement identifiers, 0's based */
	nvme_u32le nnss;    /* namespaces */
	nvme_u64le runs;    /* nominal size of a reclaim unit, bytes */
	nvme_u32le erutl;   /* estimated time limit of a reclaim unit, seconds */
	uint8_t rsvd28[36];
};
NVME_ASSERT_SIZE(struct nvme_fdp_config_desc, 64);
NVME_ASSERT_OFFSET(struct nvme_fdp_config_desc, runs, 16);

#define NVME_FDP_FDPA_RGIF  3, 0 /* bits of a placement identifier for the reclaim group */
#define NVME_FDP_FDPA_VWC   4, 4 /* volatile write cache */
#define NVME_FDP_FDPA_VALID 7, 7

/** struct nvme_fdp_ruh_desc - reclaim unit handle of a configuration, 4 bytes */
struct nvme_fdp_ruh_desc {
	uint8_t ruht; /* 1 initially isolated, 2 persistently isolated */
	uint8_t rsvd1[3];
};
NVME_ASSERT_SIZE(struct nvme_fdp_ruh_desc, 4);

/** struct nvme_fdp_ruh_usage_log - head of log 21, 8 bytes, then descriptors */
struct nvme_fdp_ruh_usage_log {
	nvme_u16le nruh;
	uint8_t rsvd2[6];
};
NVME_ASSERT_SIZE(struct nvme_fdp_ruh_usage_log, 8);

/** struct nvme_fdp_ruh_usage_desc - 8 bytes */
struct nvme_fdp_ruh_usage_desc {
	uint8_t ruha; /* 0 unused, 1 given by a host, 2 by the controller */
	uint8_t rsvd1[7];
};
NVME_ASSERT_SIZE(struct nvme_fdp_ruh_usage_desc, 8);

/** struct nvme_fdp_stats_log - log 22, 64 bytes */
struct nvme_fdp_stats_log {
	struct nvme_u128le hbmw; /* bytes written by hosts with metadata */
	struct nvme_u128le mbmw; /* bytes written to media */
	struct nvme_u128le mbe;	 /* bytes erased */
	uint8_t rsvd48[16];
};
NVME_ASSERT_SIZE(struct nvme_fdp_stats_log, 64);

/** struct nvme_fdp_event - one event of log 23, 64 bytes */
struct nvme_fdp_event {
	uint8_t type;  /* enum nvme_fdp_event_type */
	uint8_t flags; /* NVME_FDP_EVENT_*V: what is valid */
	nvme_u16le pid;
	struct nvme_timestamp ts;
	nvme_u32le nsid;
	uint8_t type_specific[16];
	nvme_u16le rgid;
	uint8_t ruhid;
	uint8_t rsvd35[5];
	uint8_t vs[24];
};
NVME_ASSERT_SIZE(struct nvme_fdp_event, 64);
NVME_ASSERT_OFFSET(struct nvme_fdp_event, ts, 4);
NVME_ASSERT_OFFSET(struct nvme_fdp_event, nsid, 12);
NVME_ASSERT_OFFSET(struct nvme_fdp_event, rgid, 32);
#define NVME_FDP_EVENT_PIV   0, 0 /* placement identifier valid */
#define NVME_FDP_EVENT_NSIDV 1, 1 /* NSID valid */
#define NVME_FDP_EVENT_LV    2, 2 /* location (rgid, ruhid) valid */

enum nvme_fdp_event_type {
	NVME_FDP_EVENT_RU_NOT_FULLY_WRITTEN = 0x00,
	NVME_FDP_EVENT_RU_TIME_LIMIT = 0x01,
	NVME_FDP_EVENT_RUHS_RESET = 0x02,
	NVME_FDP_EVENT_INVALID_PID = 0x03,
	NVME_FDP_EVENT_MEDIA_REALLOCATED = 0x80,
	NVME_FDP_EVENT_RUH_MODIFIED = 0x81,
};

#define NVME_FDP_EVENTS_MAX 63
/** struct nvme_fdp_events_log - log 23, 4096 bytes */
struct nvme_fdp_events_log {
	nvme_u32le n; /* events */
	uint8_t rsvd4[60];
	struct nvme_fdp_event events[NVME_FDP_EVENTS_MAX];
};
NVME_ASSERT_SIZE(struct nvme_fdp_events_log, 4096);

/** struct nvme_resv_log - reservation notification, log 80, 64 bytes; reading removes it */
struct nvme_resv_log {
	nvme_u64le lpc; /* count, 0 when the log is empty */
	uint8_t rnlpt;	/* enum nvme_resv_notification */
	uint8_t nalp;	/* more that wait, 255 for 255 and more */
	uint8_t rsvd10[2];
	nvme_u32le nsid;
	uint8_t rsvd16[48];
};
NVME_ASSERT_SIZE(struct nvme_resv_log, 64);
NVME_ASSERT_OFFSET(struct nvme_resv_log, nsid, 12);

enum nvme_resv_notification {
	NVME_RESV_LOG_EMPTY = 0,
	NVME_RESV_LOG_REGISTRATION_PREEMPTED = 1,
	NVME_RESV_LOG_RELEASED = 2,
	NVME_RESV_LOG_PREEMPTED = 3,
};

/** struct nvme_sanitize_log - sanitize status, log 81, 512 bytes; estimates in seconds */
struct nvme_sanitize_log {
	nvme_u16le sprog;  /* progress in 65536ths, all-ones when idle */
	nvme_u16le sstat;  /* NVME_SANITIZE_SSTAT_* */
	nvme_u32le scdw10; /* cdw10 of the latest Sanitize */
	nvme_u32le eto;	   /* overwrite, one pass; NVME_SANITIZE_NO_ESTIMATE */
	nvme_u32le etbe;   /* block erase */
	nvme_u32le etce;   /* crypto erase */
	nvme_u32le etond;  /* the same three with No-Deallocate */
	nvme_u32le etbend;
	nvme_u32le etcend;
	nvme_u32le etpvds; /* post-verification deallocation */
	uint8_t ssi;	   /* NVME_SANITIZE_SSI_* */
	uint8_t rsvd37[475];
};
NVME_ASSERT_SIZE(struct nvme_sanitize_log, 512);
NVME_ASSERT_OFFSET(struct nvme_sanitize_log, eto, 8);
NVME_ASSERT_OFFSET(struct nvme_sanitize_log, ssi, 36);

#define NVME_SANITIZE_SPROG_IDLE    0xffff
#define NVME_SANITIZE_NO_ESTIMATE   0xffffffff
#define NVME_SANITIZE_SSTAT_STATUS  2, 0 /* enum nvme_sanitize_status */
#define NVME_SANITIZE_SSTAT_PASSES  7, 3 /* overwrite passes done */
#define NVME_SANITIZE_SSTAT_GDE	    8, 8 /* global data erased: nothing was written since */
#define NVME_SANITIZE_SSTAT_MVCNCLD 9, 9 /* media verification cancelled */
#define NVME_SANITIZE_SSI_SANS	    3, 0 /* enum nvme_sanitize_state */
#define NVME_SANITIZE_SSI_FAILS	    7, 4 /* state in which it failed */

enum nvme_sanitize_status {
	NVME_SANITIZE_NEVER = 0,
	NVME_SANITIZE_DONE = 1,
	NVME_SANITIZE_RUNNING = 2,
	NVME_SANITIZE_FAILURE = 3,
	NVME_SANITIZE_DONE_DEALLOCATED = 4, /* although No-Deallocate was asked for */
};

enum nvme_sanitize_state {
	NVME_SANITIZE_STATE_IDLE = 0,
	NVME_SANITIZE_STATE_RESTRICTED = 1,
	NVME_SANITIZE_STATE_RESTRICTED_FAILURE = 2,
	NVME_SANITIZE_STATE_UNRESTRICTED = 3,
	NVME_SANITIZE_STATE_UNRESTRICTED_FAILURE = 4,
	NVME_SANITIZE_STATE_MEDIA_VERIFICATION = 5,
	NVME_SANITIZE_STATE_DEALLOCATION = 6, /* post-verification */
};

#define NVME_CHANGED_ZONES_MAX	    511
#define NVME_CHANGED_ZONES_OVERFLOW 0xffff
/** struct nvme_changed_zones_log - log BF, 4096 bytes */
struct nvme_changed_zones_log {
	nvme_u16le nrzid; /* zones, or NVME_CHANGED_ZONES_OVERFLOW */
	uint8_t rsvd2[6];
	nvme_u64le zid[NVME_CHANGED_ZONES_MAX]; /* first block of each */
};
NVME_ASSERT_SIZE(struct nvme_changed_zones_log, 4096);

/*
 * ------------------------------------------------------------------------------------------------
 * Directive data, Base 2.0 8.7
 * ------------------------------------------------------------------------------------------------
 */

/** struct nvme_id_directives - Directive Receive, Identify, 4096 bytes; bit n is type n */
struct nvme_id_directives {
	uint8_t supported[32];
	uint8_t enabled[32];
	uint8_t persistent[32]; /* enabled ones that survive a controller reset */
	uint8_t rsvd96[4000];
};
NVME_ASSERT_SIZE(struct nvme_id_directives, 4096);

/** struct nvme_streams_params - Directive Receive, Streams, return parameters, 32 bytes */
struct nvme_streams_params {
	nvme_u16le msl;	 /* streams of the NVM subsystem */
	nvme_u16le nssa; /* of them available */
	nvme_u16le nsso; /* of them open */
	uint8_t nssc;	 /* capability: bit 0, identifiers are per host */
	uint8_t rsvd7[9];
	nvme_u32le sws; /* stream write size, blocks */
	nvme_u16le sgs; /* stream granularity, in sws */
	nvme_u16le nsa; /* streams allocated to the namespace */
	nvme_u16le nso; /* streams of the namespace that are open */
	uint8_t rsvd26[6];
};
NVME_ASSERT_SIZE(struct nvme_streams_params, 32);
NVME_ASSERT_OFFSET(struct nvme_streams_params, sws, 16);
NVME_ASSERT_OFFSET(struct nvme_streams_params, nso, 24);

/** struct nvme_streams_status - head of Streams get status, 2 bytes, then open stream ids */
struct nvme_streams_status {
	nvme_u16le osc; /* open streams */
};
NVME_ASSERT_SIZE(struct nvme_streams_status, 2);

#endif
