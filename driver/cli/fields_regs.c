/* SPDX-License-Identifier: BSD-3-Clause */
/* Registers of BAR0 (Base 2.0 3.1.3, unverified): titles, and what their bits are. */
#include <stddef.h>

#include "common/nvme_spec.h"
#include "driver/cli/fields.h"

#define BITS(field, ...)           \
	{                          \
		field, __VA_ARGS__ \
	}

static const char *const not_yes[] = { "no", "yes", NULL };
static const char *const power_scope[] = { "not reported", "controller", "domain", "NVM subsystem",
					   NULL };
static const char *const page[] = { "4 KiB",   "8 KiB",	  "16 KiB", "32 KiB",  "64 KiB", "128 KiB",
				    "256 KiB", "512 KiB", "1 MiB",  "2 MiB",   "4 MiB",	 "8 MiB",
				    "16 MiB",  "32 MiB",  "64 MiB", "128 MiB", NULL };
static const char *const stride[] = { "4 B",	"8 B",	  "16 B",   "32 B",    "64 B",	"128 B",
				      "256 B",	"512 B",  "1 KiB",  "2 KiB",   "4 KiB", "8 KiB",
				      "16 KiB", "32 KiB", "64 KiB", "128 KiB", NULL };
static const char *const entry[] = { "1 B",   "2 B",   "4 B",	 "8 B",	   "16 B",  "32 B",
				     "64 B",  "128 B", "256 B",	 "512 B",  "1 KiB", "2 KiB",
				     "4 KiB", "8 KiB", "16 KiB", "32 KiB", NULL };
static const char *const command_sets[] = { "NVM command set",
					    "Reserved",
					    "Reserved",
					    "Reserved",
					    "Reserved",
					    "Reserved",
					    "every supported command set",
					    "admin commands only",
					    NULL };
static const char *const arbitration[] = { "round robin", "weighted round robin with urgent class",
					   NULL };
static const char *const shutdown[] = { "none", "normal", "abrupt", NULL };
static const char *const shutdown_status[] = { "normal operation", "occurring", "complete", NULL };
static const char *const shutdown_type[] = { "controller", "NVM subsystem", NULL };
static const char *const partition[] = { "0", "1", NULL };
static const char *const boot_read[] = { "none", "in progress", "done", "error", NULL };

static const struct cli_bits cap[] = {
	BITS(NVME_CAP_CRIMS, "Ready Independent of Media (CRIMS)", NULL),
	BITS(NVME_CAP_CRWMS, "Ready With Media (CRWMS)", NULL),
	BITS(NVME_CAP_NSSS, "NVM Subsystem Shutdown (NSSS)", NULL),
	BITS(NVME_CAP_CMBS, "Controller Memory Buffer (CMBS)", NULL),
	BITS(NVME_CAP_PMRS, "Persistent Memory Region (PMRS)", NULL),
	BITS(NVME_CAP_MPSMAX, "Memory Page Size Maximum (MPSMAX)", page),
	BITS(NVME_CAP_MPSMIN, "Memory Page Size Minimum (MPSMIN)", page),
	BITS(NVME_CAP_CPS, "Controller Power Scope (CPS)", power_scope),
	BITS(NVME_CAP_BPS, "Boot Partitions (BPS)", NULL),
	BITS(NVME_CAP_CSS_ADMIN, "No I/O Command Set (CSS)", not_yes),
	BITS(NVME_CAP_CSS_IOCS, "One or more I/O Command Sets (CSS)", NULL),
	BITS(NVME_CAP_CSS_NVM, "NVM Command Set (CSS)", NULL),
	BITS(NVME_CAP_NSSRS, "NVM Subsystem Reset (NSSRS)", NULL),
	BITS(NVME_CAP_DSTRD, "Doorbell Stride (DSTRD)", stride),
	BITS(NVME_CAP_TO, "Timeout, 500 ms (TO)", NULL),
	BITS(NVME_CAP_AMS_WRR, "Weighted Round Robin (AMS)", NULL),
	BITS(NVME_CAP_CQR, "Contiguous Queues Required (CQR)", not_yes),
	BITS(NVME_CAP_MQES, "Maximum Queue Entries, 0's based (MQES)", NULL),
	{ 0 },
};

static const struct cli_bits vs[] = {
	BITS(NVME_VS_MJR, "Major", NULL),
	BITS(NVME_VS_MNR, "Minor", NULL),
	BITS(NVME_VS_TER, "Tertiary", NULL),
	{ 0 },
};

static const struct cli_bits cc[] = {
	BITS(NVME_CC_CRIME, "Ready Independent of Media Enable (CRIME)", not_yes),
	BITS(NVME_CC_IOCQES, "I/O Completion Queue Entry Size (IOCQES)", entry),
	BITS(NVME_CC_IOSQES, "I/O Submission Queue Entry Size (IOSQES)", entry),
	BITS(NVME_CC_SHN, "Shutdown Notification (SHN)", shutdown),
	BITS(NVME_CC_AMS, "Arbitration Mechanism (AMS)", arbitration),
	BITS(NVME_CC_MPS, "Memory Page Size (MPS)", page),
	BITS(NVME_CC_CSS, "I/O Command Set (CSS)", command_sets),
	BITS(NVME_CC_EN, "Enable (EN)", not_yes),
	{ 0 },
};

static const struct cli_bits csts[] = {
	BITS(NVME_CSTS_ST, "Shutdown Type (ST)", shutdown_type),
	BITS(NVME_CSTS_PP, "Processing Paused (PP)", not_yes),
	BITS(NVME_CSTS_NSSRO, "NVM Subsystem Reset Occurred (NSSRO)", not_yes),
	BITS(NVME_CSTS_SHST, "Shutdown Status (SHST)", shutdown_status),
	BITS(NVME_CSTS_CFS, "Controller Fatal Status (CFS)", not_yes),
	BITS(NVME_CSTS_RDY, "Ready (RDY)", not_yes),
	{ 0 },
};

static const struct cli_bits aqa[] = {
	BITS(NVME_AQA_ACQS, "Admin Completion Queue Size, 0's based (ACQS)", NULL),
	BITS(NVME_AQA_ASQS, "Admin Submission Queue Size, 0's based (ASQS)", NULL),
	{ 0 },
};

static const struct cli_bits cmbloc[] = {
	BITS(NVME_CMBLOC_OFST, "Offset (OFST)", NULL),
	BITS(NVME_CMBLOC_CQDA, "Queue Dword Alignment (CQDA)", not_yes),
	BITS(NVME_CMBLOC_CDMMMS, "Data Metadata Mixed Memory (CDMMMS)", NULL),
	BITS(NVME_CMBLOC_CDPCILS, "Data Pointer Independent Locations (CDPCILS)", NULL),
	BITS(NVME_CMBLOC_CDPMLS, "Data Pointer Mixed Locations (CDPMLS)", NULL),
	BITS(NVME_CMBLOC_CQPDS, "Queue Physically Discontiguous (CQPDS)", NULL),
	BITS(NVME_CMBLOC_CQMMS, "Queue Mixed Memory (CQMMS)", NULL),
	BITS(NVME_CMBLOC_BIR, "Base Indicator Register (BIR)", NULL),
	{ 0 },
};

static const struct cli_bits cmbsz[] = {
	BITS(NVME_CMBSZ_SZ, "Size (SZ)", NULL),
	BITS(NVME_CMBSZ_SZU, "Size Units, 4 KiB * 16^n (SZU)", NULL),
	BITS(NVME_CMBSZ_WDS, "Write Data (WDS)", NULL),
	BITS(NVME_CMBSZ_RDS, "Read Data (RDS)", NULL),
	BITS(NVME_CMBSZ_LISTS, "PRP and SGL Lists (LISTS)", NULL),
	BITS(NVME_CMBSZ_CQS, "Completion Queues (CQS)", NULL),
	BITS(NVME_CMBSZ_SQS, "Submission Queues (SQS)", NULL),
	{ 0 },
};

static const struct cli_bits bpinfo[] = {
	BITS(NVME_BPINFO_ABPID, "Active Boot Partition (ABPID)", partition),
	BITS(NVME_BPINFO_BRS, "Boot Read Status (BRS)", boot_read),
	BITS(NVME_BPINFO_BPSZ, "Boot Partition Size, 128 KiB (BPSZ)", NULL),
	{ 0 },
};

static const struct cli_bits cmbmsc[] = {
	BITS(NVME_CMBMSC_CMSE, "Memory Space Enable (CMSE)", not_yes),
	BITS(NVME_CMBMSC_CRE, "Capabilities Registers Enabled (CRE)", not_yes),
	{ 0 },
};

static const struct cli_bits crto[] = {
	BITS(NVME_CRTO_CRIMT, "Ready Independent of Media Timeout, 500 ms (CRIMT)", NULL),
	BITS(NVME_CRTO_CRWMT, "Ready With Media Timeout, 500 ms (CRWMT)", NULL),
	{ 0 },
};

static const struct cli_bits pmrcap[] = {
	BITS(NVME_PMRCAP_CMSS, "Controller Memory Space (CMSS)", NULL),
	BITS(NVME_PMRCAP_PMRTO, "Timeout (PMRTO)", NULL),
	BITS(NVME_PMRCAP_PMRWBM, "Write Barrier Mechanisms (PMRWBM)", NULL),
	BITS(NVME_PMRCAP_BIR, "Base Indicator Register (BIR)", NULL),
	BITS(NVME_PMRCAP_WDS, "Write Data (WDS)", NULL),
	BITS(NVME_PMRCAP_RDS, "Read Data (RDS)", NULL),
	{ 0 },
};

/* By register; the rows of the specification's list pick theirs. */
static const struct {
	uint32_t offset;
	const struct cli_bits *bits;
} known[] = {
	{ NVME_REG_CAP, cap },	   { NVME_REG_VS, vs },		{ NVME_REG_CC, cc },
	{ NVME_REG_CSTS, csts },   { NVME_REG_AQA, aqa },	{ NVME_REG_CMBLOC, cmbloc },
	{ NVME_REG_CMBSZ, cmbsz }, { NVME_REG_BPINFO, bpinfo }, { NVME_REG_CMBMSC, cmbmsc },
	{ NVME_REG_CRTO, crto },   { NVME_REG_PMRCAP, pmrcap },
};

static const struct cli_register registers[] = {
#define NVME_ROW(name, offset, bytes, clause) { #name, offset, bytes },
	NVME_REGISTER_LIST(NVME_ROW)
#undef NVME_ROW
};

const struct cli_register *cli_register_at(unsigned int index)
{
	return index < G_N_ELEMENTS(registers) ? &registers[index] : NULL;
}

const struct cli_bits *cli_register_bits(uint32_t offset)
{
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		if (known[i].offset == offset)
			return known[i].bits;
	}
	return NULL;
}
