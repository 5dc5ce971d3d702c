/* SPDX-License-Identifier: BSD-3-Clause */
/* Identify Namespace (NVM 1.0 4.1.5.1, unverified): a row a field. */
#include <stddef.h>

#include "common/nvme_spec.h"
#include "driver/cli/fields.h"

#define BITS(field, ...)           \
	{                          \
		field, __VA_ARGS__ \
	}

static const char *const not_yes[] = { "no", "yes", NULL };
static const char *const reads[] = { "not said", "00h", "FFh", NULL };
static const char *const guard[] = { "FFFFh", "CRC of the data", NULL };
static const char *const metadata[] = { "in a buffer of its own", "interleaved with the data",
					NULL };
static const char *const place[] = { "last bytes of the metadata", "first bytes of the metadata",
				     NULL };
static const char *const pi[] = { "disabled", "Type 1", "Type 2", "Type 3", NULL };
static const char *const key[] = { "as of 1.2.1", "as of 1.3", NULL };

static const struct cli_bits nsfeat[] = {
	BITS(NVME_ID_NS_NSFEAT_OPTPERF, "NPWG, NPWA, NPDG, NPDA and NOWS are valid", NULL),
	BITS(NVME_ID_NS_NSFEAT_UIDREUSE, "NGUID and EUI64 are never used again", not_yes),
	BITS(NVME_ID_NS_NSFEAT_DAE, "Deallocated or Unwritten Block Error", NULL),
	BITS(NVME_ID_NS_NSFEAT_NSABP, "NAWUN, NAWUPF and NACWU are valid", not_yes),
	BITS(NVME_ID_NS_NSFEAT_THINP, "Thin Provisioning", NULL),
	{ 0 },
};

static const struct cli_bits flbas[] = {
	BITS(NVME_ID_NS_FLBAS_FORMAT_HIGH, "LBA format, high bits", NULL),
	BITS(NVME_ID_NS_FLBAS_MSET, "Metadata", metadata),
	BITS(NVME_ID_NS_FLBAS_FORMAT_LOW, "LBA format, low bits", NULL),
	{ 0 },
};

static const struct cli_bits mc[] = {
	BITS(NVME_ID_NS_MC_SEPARATE, "Metadata in a buffer of its own", NULL),
	BITS(NVME_ID_NS_MC_EXTENDED, "Metadata interleaved with the data", NULL),
	{ 0 },
};

static const struct cli_bits dpc[] = {
	BITS(NVME_ID_NS_DPC_LAST, "Protection Information in the last bytes of metadata", NULL),
	BITS(NVME_ID_NS_DPC_FIRST, "Protection Information in the first bytes of metadata", NULL),
	BITS(NVME_ID_NS_DPC_TYPE3, "Protection Information Type 3", NULL),
	BITS(NVME_ID_NS_DPC_TYPE2, "Protection Information Type 2", NULL),
	BITS(NVME_ID_NS_DPC_TYPE1, "Protection Information Type 1", NULL),
	{ 0 },
};

static const struct cli_bits dps[] = {
	BITS(NVME_ID_NS_DPS_FIRST, "Protection Information is in the", place),
	BITS(NVME_ID_NS_DPS_PI, "Protection Information", pi),
	{ 0 },
};

static const struct cli_bits nmic[] = {
	BITS(NVME_ID_NS_NMIC_SHARED, "Attached to several controllers", NULL),
	{ 0 },
};

const struct cli_bits cli_rescap_bits[] = {
	BITS(NVME_ID_NS_RESCAP_IEKEY, "Ignore Existing Key", key),
	BITS(NVME_ID_NS_RESCAP_EAAR, "Exclusive Access, All Registrants", NULL),
	BITS(NVME_ID_NS_RESCAP_WEAR, "Write Exclusive, All Registrants", NULL),
	BITS(NVME_ID_NS_RESCAP_EARO, "Exclusive Access, Registrants Only", NULL),
	BITS(NVME_ID_NS_RESCAP_WERO, "Write Exclusive, Registrants Only", NULL),
	BITS(NVME_ID_NS_RESCAP_EA, "Exclusive Access", NULL),
	BITS(NVME_ID_NS_RESCAP_WE, "Write Exclusive", NULL),
	BITS(NVME_ID_NS_RESCAP_PTPL, "Persist Through Power Loss", NULL),
	{ 0 },
};

static const struct cli_bits fpi[] = {
	BITS(NVME_ID_NS_FPI_SUPPORTED, "Format Progress Indicator", NULL),
	BITS(NVME_ID_NS_FPI_REMAINING, "Percent left to format", NULL),
	{ 0 },
};

static const struct cli_bits dlfeat[] = {
	BITS(NVME_ID_NS_DLFEAT_GUARD, "Guard of a deallocated block", guard),
	BITS(NVME_ID_NS_DLFEAT_DEAC, "Deallocate of Write Zeroes", NULL),
	BITS(NVME_ID_NS_DLFEAT_READ, "A deallocated block reads", reads),
	{ 0 },
};

static const struct cli_bits nsattr[] = {
	BITS(NVME_ID_NS_NSATTR_WP, "Write protected", not_yes),
	{ 0 },
};

/* clang-format off */

#define ROW(member, kind, bits) { #member, NULL, CLI_AT(struct nvme_id_ns, member), kind, false, bits }

const struct cli_field cli_id_ns_fields[] = {
	ROW(nsze, CLI_HEX, NULL),
	ROW(ncap, CLI_HEX, NULL),
	ROW(nuse, CLI_HEX, NULL),
	ROW(nsfeat, CLI_HEX, nsfeat),
	ROW(nlbaf, CLI_DEC, NULL),
	ROW(flbas, CLI_HEX, flbas),
	ROW(mc, CLI_HEX, mc),
	ROW(dpc, CLI_HEX, dpc),
	ROW(dps, CLI_HEX, dps),
	ROW(nmic, CLI_HEX, nmic),
	ROW(rescap, CLI_HEX, cli_rescap_bits),
	ROW(fpi, CLI_HEX, fpi),
	ROW(dlfeat, CLI_DEC, dlfeat),
	ROW(nawun, CLI_DEC, NULL),
	ROW(nawupf, CLI_DEC, NULL),
	ROW(nacwu, CLI_DEC, NULL),
	ROW(nabsn, CLI_DEC, NULL),
	ROW(nabo, CLI_DEC, NULL),
	ROW(nabspf, CLI_DEC, NULL),
	ROW(noiob, CLI_DEC, NULL),
	ROW(nvmcap, CLI_DEC, NULL),
	{ 0 },
};

const struct cli_field cli_id_ns_optperf_fields[] = {
	ROW(npwg, CLI_DEC, NULL),
	ROW(npwa, CLI_DEC, NULL),
	ROW(npdg, CLI_DEC, NULL),
	ROW(npda, CLI_DEC, NULL),
	ROW(nows, CLI_DEC, NULL),
	{ 0 },
};

const struct cli_field cli_id_ns_more_fields[] = {
	ROW(mssrl, CLI_DEC, NULL),
	ROW(mcl, CLI_DEC, NULL),
	ROW(msrc, CLI_DEC, NULL),
	ROW(kpios, CLI_DEC, NULL),
	ROW(nulbaf, CLI_DEC, NULL),
	ROW(kpiodaag, CLI_DEC, NULL),
	ROW(anagrpid, CLI_DEC, NULL),
	ROW(nsattr, CLI_DEC, nsattr),
	ROW(nvmsetid, CLI_DEC, NULL),
	ROW(endgid, CLI_DEC, NULL),
	ROW(nguid, CLI_BYTES, NULL),
	ROW(eui64, CLI_BYTES, NULL),
	{ 0 },
};
/* clang-format on */
