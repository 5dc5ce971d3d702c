/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Identify data of the NVM command set, and those that all command sets have (NVM 1.0 4.1.5.3 and
 * 4.1.5.4, Base 2.0 5.17.2.8, unverified): a row a field.
 */
#include <stddef.h>

#include "common/nvme_spec.h"
#include "driver/cli/fields.h"

#define BITS(field, ...)           \
	{                          \
		field, __VA_ARGS__ \
	}

static const char *const no_yes[] = { "no", "yes", NULL };
static const char *const cache[] = { "as the controller says", "not there", NULL };

static const struct cli_bits pic[] = {
	BITS(NVME_ID_NS_NVM_PIC_QPIFS, "Qualified Protection Information Format", NULL),
	BITS(NVME_ID_NS_NVM_PIC_STCRS, "Storage Tag Check on reads", NULL),
	BITS(NVME_ID_NS_NVM_PIC_16BPISTM, "Masks of storage tags with a 16-bit guard", NULL),
	BITS(NVME_ID_NS_NVM_PIC_16BPISTS, "Storage tags with a 16-bit guard", NULL),
	{ 0 },
};

static const struct cli_bits nsfeat[] = {
	BITS(NVME_ID_NS_IND_NSFEAT_VWCNP, "Volatile Write Cache", cache),
	BITS(NVME_ID_NS_IND_NSFEAT_RMEDIA, "Rotational media", no_yes),
	BITS(NVME_ID_NS_IND_NSFEAT_UIDREUSE, "NGUID and EUI64 are never used again", no_yes),
	{ 0 },
};

static const struct cli_bits nmic[] = {
	BITS(NVME_ID_NS_NMIC_SHARED, "Attached to several controllers", NULL),
	{ 0 },
};

static const struct cli_bits nsattr[] = {
	BITS(NVME_ID_NS_NSATTR_WP, "Write protected", no_yes),
	{ 0 },
};

static const struct cli_bits nstat[] = {
	BITS(NVME_ID_NS_IND_NSTAT_NRDY, "Ready", no_yes),
	{ 0 },
};

/* clang-format off */

#define ROW(member, kind, bits) { #member, NULL, CLI_AT(struct nvme_id_ctrl_nvm, member), kind, false, bits }

const struct cli_field cli_id_ctrl_nvm_fields[] = {
	ROW(vsl, CLI_DEC, NULL),
	ROW(wzsl, CLI_DEC, NULL),
	ROW(wusl, CLI_DEC, NULL),
	ROW(dmrl, CLI_DEC, NULL),
	ROW(dmrsl, CLI_DEC, NULL),
	ROW(dmsl, CLI_DEC, NULL),
	ROW(kpiocap, CLI_DEC, NULL),
	ROW(wzdsl, CLI_DEC, NULL),
	ROW(aocs, CLI_DEC, NULL),
	ROW(ver, CLI_HEX, NULL),
	/* Defined after revision 1.0 in what was reserved; offset as libnvme 1.13 has it. */
	{ "lbamqf", NULL, 24, 1, CLI_DEC, false, NULL },
	{ 0 },
};

#undef ROW
#define ROW(member, kind, bits) { #member, NULL, CLI_AT(struct nvme_id_ns_nvm, member), kind, false, bits }

const struct cli_field cli_id_ns_nvm_fields[] = {
	ROW(lbstm, CLI_HEX, NULL),
	ROW(pic, CLI_HEX, pic),
	ROW(pifa, CLI_HEX, NULL),
	{ 0 },
};

const struct cli_field cli_id_ns_nvm_more_fields[] = {
	ROW(nprg, CLI_DEC, NULL),
	ROW(npra, CLI_DEC, NULL),
	ROW(nors, CLI_DEC, NULL),
	ROW(npdal, CLI_DEC, NULL),
	ROW(lbapss, CLI_DEC, NULL),
	ROW(tlbaag, CLI_DEC, NULL),
	{ 0 },
};

#undef ROW
#define ROW(member, kind, bits) { #member, NULL, CLI_AT(struct nvme_id_ns_independent, member), kind, false, bits }

const struct cli_field cli_id_ns_independent_fields[] = {
	ROW(nsfeat, CLI_HEX, nsfeat),
	ROW(nmic, CLI_HEX, nmic),
	ROW(rescap, CLI_HEX, cli_rescap_bits),
	ROW(fpi, CLI_HEX, NULL),
	ROW(anagrpid, CLI_DEC, NULL),
	ROW(nsattr, CLI_DEC, nsattr),
	ROW(nvmsetid, CLI_DEC, NULL),
	ROW(endgid, CLI_DEC, NULL),
	ROW(nstat, CLI_HEX, nstat),
	ROW(kpios, CLI_DEC, NULL),
	ROW(maxkt, CLI_DEC, NULL),
	ROW(rgrpid, CLI_DEC, NULL),
	{ 0 },
};
/* clang-format on */
